"""Chapter `notation`: symbols, shapes and layouts, broadcasting and its traps, products, loops against vectors."""

from __future__ import annotations

# --8<-- [start:symbols]
from itertools import product
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np

a = 3.0  # scalar
v = np.array([1.0, -2.0, 2.0])  # vector
A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])  # 2 rows
B = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, -1.0]])
I3 = np.eye(3)  # identity matrix
arrays = {"a": a, "v": v, "A": A, "I3": I3, "A.T": A.T,
          "A * B": A * B, "A @ B.T": A @ B.T}
for name, value in arrays.items():
    print(f"{name:7} {np.shape(value)}")
print("A * B   =", (A * B).tolist())
print("A @ B.T =", (A @ B.T).tolist())
print("A @ I3 equals A:", np.array_equal(A @ I3, A))
# --8<-- [end:symbols]


def fails(code: str, error: type[Exception]) -> None:
    """Runs code that the page shows failing, so that this script gets past it; it must raise `error`."""
    try:
        exec(code, globals())
    except error:
        return
    raise AssertionError(f"ran without {error.__name__}: {code}")


# --8<-- [start:operations]
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


values, p = np.array([0, 1, 2]), np.array([0.5, 0.3, 0.2])
f = values**2
mean = np.sum(p * f)
var = np.sum(p * (f - mean) ** 2)
rng = np.random.default_rng(0)
draws = rng.choice(values, p=p, size=6)
print(f"expectation {mean:.2f}, variance {var:.2f}")
print("six draws of x:", draws)

grid = np.linspace(-2, 4, 601)
lowest = grid[np.argmin((grid - 1) ** 2 + 3)]
print(f"(a - 1)**2 + 3 is lowest at a = {lowest:.2f}")
# --8<-- [end:operations]

# --8<-- [start:images]
r, c = np.mgrid[-1:1:64j, -1:1:64j]
shapes = [r**2 + c**2 < 0.5, np.maximum(abs(r), abs(c)) < 0.6,
          abs(r) + abs(c) < 0.9,
          np.minimum(abs(r), abs(c)) < 0.25]
colours = [(0.8, 0.3, 0.1), (0.1, 0.6, 0.4),
           (0.2, 0.3, 0.8), (0.8, 0.7, 0)]
images = np.full((4, 64, 64, 3), 0.9)  # light grey
for image, shape, colour in zip(images, shapes, colours):
    image[shape] = colour

x = images[0].reshape(-1)
row, column, channel = np.indices((64, 64, 3))
j = (row * 64 + column) * 3 + channel
print("one picture:", images[0].shape, "->", x.shape)
back = x.reshape(64, 64, 3)
print("every x[j] as computed:", np.array_equal(x[j], images[0]))
print("and back:", np.array_equal(back, images[0]))
# --8<-- [end:images]

# --8<-- [start:scrambled]
X_ng = images.reshape(4, -1).T  # one picture per column
wrong = images.reshape(-1, 4)  # same shape, no complaint
source = np.arange(images.size).reshape(-1, 4) // x.size
print(X_ng.shape, wrong.shape)
print("column 0 of wrong takes", np.bincount(source[:, 0]))
# --8<-- [end:scrambled]

# --8<-- [start:scrambled_figure]
fig, axes = plt.subplots(2, 4, figsize=(7, 3.6))
for axis_row, X_columns in zip(axes, (X_ng, wrong)):
    for n, ax in enumerate(axis_row):
        picture = X_columns[:, n].reshape(64, 64, 3)
        ax.imshow(picture, interpolation="none")
        ax.axis("off")
# --8<-- [end:scrambled_figure]

# --8<-- [start:rows_columns]
N, d_in, d_out = 5, 3, 2
X = rng.normal(size=(N, d_in))
W = rng.normal(size=(d_in, d_out))
b = rng.normal(size=d_out)
Z = X @ W + b
one_by_one = [[sum(x[j] * W[j, k] for j in range(d_in)) + b[k]
               for k in range(d_out)] for x in X]
print("rows:   ", Z.shape, np.allclose(Z, one_by_one))

X_ng, W_ng, b_ng = X.T, W.T, b.reshape(d_out, 1)
Z_ng = W_ng @ X_ng + b_ng
print("columns:", Z_ng.shape, np.allclose(Z_ng, Z.T))

weight = W.T  # as PyTorch and scikit-learn store it
print("(out, in) weights:", np.allclose(X @ weight.T + b, Z))
# --8<-- [end:rows_columns]

# --8<-- [start:layouts]
def cells(ax, left, M, title, marked=False, fill="C1", text=""):
    """Draws M; marked broadcasts to its shape."""
    rows, columns = M.shape
    marked = np.broadcast_to(marked, M.shape)
    for i, k in np.ndindex(M.shape):
        low = (left + k, rows / 2 - i - 1)
        face = fill if marked[i, k] else "white"
        ax.add_patch(plt.Rectangle(low, 1, 1, fc=face, ec="0.5"))
        if text:
            ax.text(low[0] + 0.5, low[1] + 0.5,
                    format(M[i, k], text),
                    ha="center", va="center", fontsize=10)
    ax.text(left + columns / 2, rows / 2 + 0.25, title, ha="center")


n = 1
one = np.arange(N) == n  # the example to be marked
by_row = [("$X$", X, one.reshape(N, 1)), ("$W$", W, False),
          ("$Z$", Z, one.reshape(N, 1))]
by_column = [("$W^T$", W.T, False), ("$X^T$", X.T, one),
             ("$Z^T$", Z.T, one)]
fig, axes = plt.subplots(2, 1, figsize=(6, 4.6), height_ratios=[5.9, 4.2])
for ax, group in zip(axes, (by_row, by_column)):
    left, tall = 0.0, max(M.shape[0] for _, M, _ in group) / 2
    for (name, M, marked), sign in zip(group, ("@", "=", "")):
        cells(ax, left, M, f"{name} {M.shape}", marked)
        left += M.shape[1] + 2
        ax.text(left - 1, 0, sign, ha="center", va="center")
    middle = (left - 2) / 2
    ax.set(xlim=(middle - 8.7, middle + 8.7), aspect="equal",
           ylim=(-tall - 0.1, tall + 0.9))
    ax.axis("off")
# --8<-- [end:layouts]

# --8<-- [start:calories]
# columns: apples, beef, eggs, potatoes
calories = np.array([
    [56.0, 0.0, 4.4, 68.0],  # from carbohydrate
    [1.2, 104.0, 52.0, 8.0],  # from protein
    [1.8, 135.0, 99.0, 0.9],  # from fat
])
total = calories.sum(axis=0)
percent = 100 * calories / total
print("sums:", total, " shape", total.shape)
print("apples:", percent[:, 0].round(1))
print("columns add up to", percent.sum(axis=0).round(9))
# --8<-- [end:calories]

# --8<-- [start:calories_figure]
ghosts = [[False], [True], [True]]
stretched = np.broadcast_to(total, calories.shape)
fig, (above, below) = plt.subplots(2, 1, figsize=(6, 4.6))
cells(above, 0, calories, "(3, 4)", text=".4g")
cells(above, 5.2, stretched, "(4,) as (3, 4)", ghosts, "0.8", ".4g")
above.text(4.6, 0, "/", ha="center", va="center")
cells(below, 5.2, percent, "(3, 4), in %", text=".1f")
below.text(4.6, 0, "=", ha="center", va="center")
for ax in (above, below):
    ax.set(xlim=(-0.1, 9.3), ylim=(-1.6, 2.4), aspect="equal")
    ax.axis("off")
# --8<-- [end:calories_figure]

# --8<-- [start:rank_one]
a = rng.normal(size=5)  # one axis
a_column = rng.normal(size=(5, 1))  # two axes
assert a_column.shape == (5, 1)
print(a.shape, a.T.shape, np.shape(a @ a.T))
outer = a_column @ a_column.T
print(a_column.shape, a_column.T.shape, outer.shape)

y = np.array([1.0, 2.0, 3.0])
y_hat = y.reshape(3, 1)  # perfect predictions, in a column
wrong_mse = np.mean((y_hat - y) ** 2)
spread = y.var() + y_hat.var() + (y.mean() - y_hat.mean()) ** 2
print(y_hat - y)
print(f"'MSE' {wrong_mse:.4f}, by the formula {spread:.4f}")
# --8<-- [end:rank_one]

FAILS_WITH_TUPLE = """
# --8<-- [start:randn_tuple]
a = np.random.randn((5, 1))
# --8<-- [end:randn_tuple]
"""
fails(FAILS_WITH_TUPLE, TypeError)

FAILS_TO_COMPILE = """
# --8<-- [start:assert_assigns]
compile("assert(a.shape = (5, 1))", "notes.py", "exec")
# --8<-- [end:assert_assigns]
"""
fails(FAILS_TO_COMPILE, SyntaxError)

# --8<-- [start:probability]
Y = np.array([[0.0, 1.0, 1.0, 1.0]])  # a column per example
z = np.array([[-3.0, -0.5, 0.2, 4.0]])
A = sigmoid(z)
label = (A > 0.5).astype(int)
print("probabilities", A.round(3))
print("labels       ", label)
print("z > 0        ", z > 0)
print("sigmoid(40) == 1:", sigmoid(40.0) == 1)
# --8<-- [end:probability]

FAILS_TO_ALIGN = """
# --8<-- [start:dot_fails]
np.dot(Y, np.log(A))
# --8<-- [end:dot_fails]
"""
fails(FAILS_TO_ALIGN, ValueError)

# --8<-- [start:dot_or_star]
m = Y.shape[1]
log_p, log_q = np.log(A), np.log(1 - A)
by_star = -np.sum(Y * log_p + (1 - Y) * log_q) / m
by_dot = -(Y @ log_p.T + (1 - Y) @ log_q.T) / m
print(f"J by * and sum {by_star:.6f}; by @ {by_dot.round(6)}")

w = W[:, 0]
scores = np.einsum("j,jn->n", w, X.T)  # j vanishes, n stays
pairs = np.einsum("in,in->in", Y, log_p)  # nothing vanishes
print(np.allclose(scores, w @ X.T),
      np.allclose(pairs, Y * log_p))

S = np.array([[1, 2], [3, 4]])
print("S * S =", (S * S).tolist(), " S @ S =", (S @ S).tolist())
# --8<-- [end:dot_or_star]

# --8<-- [start:loops]
def scores_loop(X, w, b):
    z = []
    for x in X:
        total = b
        for j in range(len(w)):
            total += x[j] * w[j]
        z.append(total)
    return z


def scores_vector(X, w, b):
    return X @ w + b


def fastest(f, *arguments):
    times = []
    for _ in range(5):
        start, calls, spent = perf_counter(), 0, 0
        while spent < 0.002:  # a browser's clock ticks 10,000 times a second
            f(*arguments)
            calls, spent = calls + 1, perf_counter() - start
        times.append(spent / calls)
    return min(times)


ratio = {}
for shape in [(2, 2), (30, 30), (1000, 100)]:
    X, w = rng.normal(size=shape), rng.normal(size=shape[1])
    lists = X.tolist(), w.tolist()
    gap = scores_loop(X, w, 1.0) - scores_vector(X, w, 1.0)
    assert np.abs(gap).max() < 1e-12
    unit = fastest(scores_vector, X, w, 1.0)
    ratio[shape] = (fastest(scores_loop, X, w, 1.0) / unit,
                    fastest(scores_loop, *lists, 1.0) / unit)
    print(f"X {shape}: {ratio[shape][0]:.1f} times as long;",
          f"on lists {ratio[shape][1]:.1f}")
assert max(ratio[2, 2]) < 10 < min(ratio[1000, 100])
assert ratio[1000, 100][1] < ratio[1000, 100][0]
# --8<-- [end:loops]

# --8<-- [start:pencil]
X, y = np.ones((200, 30)), np.ones(200)
W, b = np.ones((30, 10)), np.ones(10)
for line in ("X @ W + b", "W @ X", "X.T @ y", "X * y",
             "X * y.reshape(200, 1)", "y - y.reshape(200, 1)"):
    try:
        print(f"{line:22}", eval(line).shape)
    except ValueError as error:
        print(f"{line:22}", type(error).__name__)
# --8<-- [end:pencil]

# --8<-- [start:other_shares]
by_food = 100 * calories / calories.sum(axis=1, keepdims=True)
print("fat:", by_food[2].round(1))
three = calories[:, :3]
silent = 100 * three / three.sum(axis=1)
meant = 100 * three / three.sum(axis=1, keepdims=True)
print("rows of silent add up to", silent.sum(axis=1).round(1))
print("rows of meant add up to", meant.sum(axis=1).round(9))
# --8<-- [end:other_shares]

# --8<-- [start:translated]
X = np.array([[1, 3], [2, 4], [-1, -3.2]])  # transposed
w, b, y = np.array([1.0, 2.0]), 2.0, np.array([1, 0, 1])
p = sigmoid(X @ w + b)
cost = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
print(f"p {p.round(6)}, cost {cost:.12f}")
assert abs(cost - 5.801545319394553) < 1e-12  # the course's
# --8<-- [end:translated]

# --8<-- [start:broadcast_rule]
def broadcast(s, t):
    """Shape of the result, or None if the rule forbids it."""
    length = max(len(s), len(t))
    s, t = ((1,) * (length - len(u)) + u for u in (s, t))
    if any(p != q and 1 not in (p, q) for p, q in zip(s, t)):
        return None
    return tuple(q if p == 1 else p for p, q in zip(s, t))


def numpy_says(s, t):
    try:
        return (np.ones(s) + np.ones(t)).shape
    except ValueError:
        return None


shapes = [s for k in range(4)
          for s in product((1, 2, 3), repeat=k)]
same = [broadcast(s, t) == numpy_says(s, t)
        for s in shapes for t in shapes]
print(f"{sum(same)} of {len(same)} pairs as NumPy says")
# --8<-- [end:broadcast_rule]
