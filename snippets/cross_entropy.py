"""Chapter `cross-entropy`: from scores to probabilities, from likelihood to the loss of a classifier."""

from __future__ import annotations

# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
# --8<-- [end:imports]
from numerical_gradient import numerical_gradient


# --8<-- [start:softmax]
def softmax(z: np.ndarray) -> np.ndarray:
    """Probabilities from scores of shape (..., K), one example per row."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


classes = np.array([2, 0, 4])  # three examples, five colours
Y = np.eye(5)[classes]
print(Y)
print("row sums", Y.sum(axis=1), "argmax", Y.argmax(axis=1))

z = np.log([1.0, 3, 4, 1, 1])
for shift in (0, 1000):
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(z + shift)
        print(f"shift {shift}: as written {e / e.sum()}")
    print(f"  largest subtracted {softmax(z + shift).round(12)}")
# --8<-- [end:softmax]

# --8<-- [start:scores]
third = 1.4
scores = np.array([0, 1.1, third, 0, 0])
p = softmax(scores)
assert np.isclose(p.sum(), 1) and np.allclose(p[0], p[3:])
fig, (top, bottom) = plt.subplots(2, 1, figsize=(4.8, 4.6), sharex=True)
colors = ["C0", "C0", "C1", "C0", "C0"]
bars = top.bar(range(1, 6), scores, color=colors)
bars += bottom.bar(range(1, 6), p, color=colors)
top.axhline(0, color="0.5", linewidth=1)
top.set(ylabel="$z_i$", ylim=(-3.4, 5.4))
bottom.set(xlabel="$i$", ylabel="$p_i$", ylim=(0, 1))
text = bottom.set_title(f"$p_3$ = {p[2]:.3f}", color="C1")
# --8<-- [end:scores]


# --8<-- [start:minus]
def cross_entropy(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The loss of each example; scores z and labels y end in K classes."""
    z = z - z.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return -(y * log_p).sum(axis=-1)


C = cross_entropy(z, Y)  # the same scores for all three examples
likelihood = softmax(z)[classes].prod()
print(f"C = {C.round(4)}, sum {C.sum():.4f}")
print(f"-ln(likelihood) = {-np.log(likelihood):.4f}")
thousand = np.full(1000, 0.4)
print(f"1000 examples: likelihood {thousand.prod()},",
      f"loss {-np.log(thousand).sum():.1f}")
sure = cross_entropy(np.array([1000.0, 0.0]), np.array([0.0, 1.0]))
print(f"scores 1000 and 0, second class true: C = {sure}")
# --8<-- [end:minus]


# --8<-- [start:chance]
p = np.linspace(0.005, 1, 200)
fig, ax = plt.subplots(figsize=(5.2, 2.9))
ax.plot(p, -np.log(p))
ax.set(xlabel="$p_k$", ylabel=r"$-\ln p_k$", ylim=(0, None))
for K in (2, 5, 10):
    chance = cross_entropy(np.zeros(K), np.eye(K)[0])
    print(f"K = {K}: equal scores cost {chance:.4f}")
    ax.plot(1 / K, chance, "o", color="black")
    ax.text(1 / K + 0.02, chance + 0.1, f"$K$ = {K}")
# --8<-- [end:chance]


# --8<-- [start:entropy]
def H(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Cross-entropy of y and p; H(y, y) is the entropy. 0 ln 0 = 0."""
    return -(y * np.log(np.where(y > 0, p, 1))).sum(axis=-1)


y = np.array([0.1, 0.3, 0.4, 0.1, 0.1])  # a truth that is not certain
P = np.random.default_rng(0).dirichlet(np.full(5, 0.3), 2000)
excess = H(y, P) - H(y, y)
KL = (y * np.log(y / P)).sum(axis=1)
print(f"H(y) = {H(y, y):.4f}; lowest H(y, p) of 2000: {H(y, P).min():.4f}")
print(f"H(y, p) - H(y) equals KL within {abs(excess - KL).max():.0e}")

label = np.eye(5)[2]
guesses = {"sure, right": np.array([0.001, 0.001, 0.996, 0.001, 0.001]),
           "no idea": np.full(5, 0.2),
           "sure, wrong": np.array([0.996, 0.001, 0.001, 0.001, 0.001])}
for name, p in guesses.items():
    print(f"{name:11}: H(p) = {H(p, p):.3f}, C = {H(label, p):.3f}")
some = P[:500]  # to be drawn
correct = some.argmax(axis=1) == 2
# --8<-- [end:entropy]


# --8<-- [start:entropy_figure]
fig, (top, bottom) = plt.subplots(2, 1, figsize=(5.2, 6))
p1 = np.linspace(0.02, 0.98, 97)
truth = np.array([0.7, 0.3])
top.plot(p1, H(truth, np.column_stack([p1, 1 - p1])))
top.axhline(H(truth, truth), color="0.5", linestyle=":")
top.plot(0.7, H(truth, truth), "o", color="black")
top.set(xlabel="$p_1$", ylabel="H(y, p)", ylim=(0, 3))
bottom.set(xlabel="H(p)", ylabel="C", ylim=(-0.4, 9))
for group, color in ((correct, "C2"), (~correct, "C3")):
    bottom.plot(H(some[group], some[group]), H(label, some[group]), "o",
                color=color, markersize=2.5)
for p, mark in zip(guesses.values(), "osX"):
    bottom.plot(H(p, p), H(label, p), mark, color="black", markersize=9)
# --8<-- [end:entropy_figure]


# --8<-- [start:gradient]
def gradient(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    return softmax(z) - y


def hessian(z: np.ndarray) -> np.ndarray:
    p = softmax(z)
    return np.diag(p) - np.outer(p, p)


print("gradient", gradient(z, label).round(6))
off_gradient, off_hessian, lowest = 0.0, 0.0, 0.0
for scores in np.random.default_rng(1).normal(0, 3, (100, 5)):
    numeric = numerical_gradient(lambda z: cross_entropy(z, label), scores)
    off = abs(gradient(scores, label) - numeric).max()
    off_gradient = max(off_gradient, off)
    rows = [numerical_gradient(lambda z: gradient(z, label)[i], scores)
            for i in range(5)]
    off_hessian = max(off_hessian, abs(hessian(scores) - rows).max())
    lowest = min(lowest, np.linalg.eigvalsh(hessian(scores))[0])
print(f"100 random scores: gradient within {off_gradient:.0e},")
print(f"  Hessian within {off_hessian:.0e},",
      f"lowest eigenvalue {lowest:.0e}")
print("eigenvalues at z", np.linalg.eigvalsh(hessian(z)).round(6) + 0.0)
print("Hessian times ones", (hessian(z) @ np.ones(5)).round(12) + 0.0)
# --8<-- [end:gradient]


# --8<-- [start:squared]
def squared_gradient(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    p = softmax(z)
    r = p - y
    return 2 * p * (r - (p * r).sum(axis=-1, keepdims=True))


start, first = np.array([-6.0, 6.0, 0.0]), np.eye(3)[0]
numeric = numerical_gradient(
    lambda z: ((softmax(z) - first) ** 2).sum(), start)
off = abs(squared_gradient(start, first) - numeric).max()
print(f"gradient of the squared error within {off:.0e}")
slopes = {"cross-entropy": gradient, "squared error": squared_gradient}
for name, slope in slopes.items():
    print(f"{name}: slopes",
          *(f"{g:+.1e}" for g in slope(start, first)))
# --8<-- [end:squared]


# --8<-- [start:rates]
def steps_to(slope, rates, a=6.0, cap=10_000) -> np.ndarray:
    """For each rate the steps from the scores (-a, a, 0), first class
    true, until p_1 is 0.9; infinity if the cap comes first."""
    rates = np.array(rates, dtype=float)
    z = np.tile([-a, a, 0.0], (rates.size, 1))
    needed = np.full(rates.size, np.inf)
    for step in range(cap + 1):
        there = softmax(z)[:, 0] >= 0.9
        needed[there & np.isinf(needed)] = step
        if np.isfinite(needed).all():
            break
        z = z - rates[:, None] * slope(z, first)
    return needed


some_rates = [0.5, 1, 2, 5, 10, 13, 16, 20, 25, 30, 35, 50, 70, 100]
needed = {name: steps_to(slope, some_rates)
          for name, slope in slopes.items()}
for lr, fast, slow in zip(some_rates, *needed.values()):
    print(f"lr {lr:5}: {fast:2.0f} steps, squared error {slow:.0f}")
# --8<-- [end:rates]


# --8<-- [start:deaf]
d = np.linspace(-8, 8, 81)  # two classes, scores d and 0, label (1, 0)
fig, (top, bottom) = plt.subplots(2, 1, figsize=(5.2, 5.6))
top.set(xlabel="$z_1 - z_2$", ylabel="pull on $z_1$")
bottom.set(xlabel=r"$\eta$", ylabel="steps to $p_1 = 0.9$")
for name, slope in slopes.items():
    two = slope(np.column_stack([d, 0 * d]), np.eye(2)[0])
    top.plot(d, -two[:, 0], label=name)
    bottom.loglog(some_rates, needed[name], "o-")
bottom.set_xticks([1, 10, 100], [1, 10, 100])
bottom.set_yticks([1, 100, 10_000], [1, 100, 10_000])
bottom.minorticks_off()
legend = top.legend(loc="center left")
cap = bottom.axhline(10_000, color="0.5", linestyle=":")
# --8<-- [end:deaf]


# --8<-- [start:classifier]
def loss(W, b, X, Y) -> float:
    """Mean loss; X is (N, D), W (D, K), b (K,), Y (N, K)."""
    return cross_entropy(X @ W + b, Y).mean()


def sum_gradients(W, b, X, Y):
    """Gradients of the sum of all losses: for W, for b."""
    error = softmax(X @ W + b) - Y
    return X.T @ error, error.sum(axis=0)


def descend(X, Y, lr, steps: int, reduce: str, start=None):
    """Gradient descent on the "sum" or the "mean", from zero."""
    D, K = X.shape[1], Y.shape[1]
    W, b = start or (np.zeros((D, K)), np.zeros(K))
    for _ in range(steps):
        dW, db = sum_gradients(W, b, X, Y)
        if reduce == "mean":
            dW, db = dW / len(X), db / len(X)
        W, b = W - lr * dW, b - lr * db
    return W, b


def accuracy(W, b, X, Y) -> float:
    return np.mean((X @ W + b).argmax(axis=1) == Y.argmax(axis=1))


rng = np.random.default_rng(2)
X, Y = rng.normal(size=(6, 4)), np.eye(3)[[0, 1, 2, 2, 1, 0]]
W, b = rng.normal(size=(4, 3)), rng.normal(size=3)
dW, db = sum_gradients(W, b, X, Y)
numeric_W = numerical_gradient(lambda W: 6 * loss(W, b, X, Y), W)
numeric_b = numerical_gradient(lambda b: 6 * loss(W, b, X, Y), b)
off = max(abs(dW - numeric_W).max(), abs(db - numeric_b).max())
print(f"gradients of W and b within {off:.0e}")
# --8<-- [end:classifier]


# --8<-- [start:digits]
images, numbers = load_digits(return_X_y=True)
pixels, digits, N = images / 16, np.eye(10)[numbers], 1200


def split(seed: int):
    """1200 digits to train on, the other 597 for testing."""
    order = np.random.default_rng(seed).permutation(len(pixels))
    X, Y = pixels[order], digits[order]
    return (X[:N], Y[:N]), (X[N:], Y[N:])


train, test = split(0)
start_loss = loss(np.zeros((64, 10)), np.zeros(10), *train)
print(f"before: loss {start_loss:.4f}, ln 10 = {np.log(10):.4f}")
by_mean = descend(*train, 0.5, 30, "mean")
by_sum = descend(*train, 0.5 / N, 30, "sum")
apart = abs(by_mean[0] - by_sum[0]).max()
print(f"weights apart by at most {apart:.0e} after 30 steps")
# --8<-- [end:digits]


# --8<-- [start:splits]
seen = {10: [], 30: []}  # loss and accuracy with 0.5 / N, then with 0.5
for seed in range(20):
    train, test = split(seed)
    small = large = None
    for step, more in ((10, 10), (30, 20)):
        small = descend(*train, 0.5 / N, more, "sum", small)
        large = descend(*train, 0.5, more, "sum", large)
        seen[step].append([loss(*small, *train), accuracy(*small, *test),
                           loss(*large, *train), accuracy(*large, *test)])
for step, rows in seen.items():
    a, b, c, e = np.mean(rows, axis=0)
    ahead = sum(row[3] > row[1] for row in rows)
    print(f"step {step}, lr 0.5 / N: loss {a:.2f}, test {b:.3f}")
    print(f"step {step}, lr 0.5: loss {c:.2f}, test {e:.3f},",
          f"ahead {ahead}")
longer = descend(*train, 0.5 / N, 270, "sum", small)
print(f"last split, step 30: {accuracy(*small, *test):.3f},",
      f"step 300: {accuracy(*longer, *test):.3f}")
# --8<-- [end:splits]


# --8<-- [start:balance]
print("squares:", 2 * (3 - np.array([1, 2, 6])))  # slopes at c = 3

Y = np.repeat(np.eye(5), [1, 3, 4, 1, 1], axis=0)  # ten labels
b_only = np.zeros(5)
for _ in range(500):
    b_only = b_only - (softmax(b_only) - Y).mean(axis=0)
G = softmax(b_only) - Y  # one gradient per example
norms = np.linalg.norm(G, axis=1)
print("p", softmax(b_only).round(6))
print(f"largest entry of the sum {abs(G.sum(axis=0)).max():.0e}")
print("norms", norms.round(2))
frequency = Y.mean(axis=0)
print(f"mean loss {cross_entropy(b_only, Y).mean():.4f},",
      f"H(f) {H(frequency, frequency):.4f}")
# --8<-- [end:balance]


# --8<-- [start:exercise_1]
z3, y3 = np.log([2.0, 5.0, 3.0]), np.array([0.0, 0.0, 1.0])
print("p", softmax(z3), "gradient", gradient(z3, y3).round(6))
print(f"C before {cross_entropy(z3, y3):.4f},",
      f"after a step {cross_entropy(z3 - gradient(z3, y3), y3):.4f}")
# --8<-- [end:exercise_1]


# --8<-- [start:exercise_2]
d = np.linspace(-30, 30, 13)
scores = np.column_stack([np.zeros(13), d])  # z_2 - z_1 = d
sigmoid = 1 / (1 + np.exp(-d))
print("sigmoid:", np.allclose(softmax(scores)[:, 1], sigmoid, rtol=1e-12))
for true in (0.0, 1.0):
    costs = cross_entropy(scores, np.array([1 - true, true]))
    binary = true * np.log1p(np.exp(-d)) + (1 - true) * np.log1p(np.exp(d))
    print(f"y = {true:g}:", np.allclose(costs, binary, rtol=1e-9))
# --8<-- [end:exercise_2]


# --8<-- [start:exercise_3]
twice = (np.concatenate([train[0]] * 2), np.concatenate([train[1]] * 2))
for reduce, lr in (("mean", 0.5), ("sum", 0.5 / N)):
    once_W, _ = descend(*train, lr, 1, reduce)
    twice_W, _ = descend(*twice, lr, 1, reduce)
    ratio = np.linalg.norm(twice_W) / np.linalg.norm(once_W)
    print(f"{reduce}: first step {ratio:.3f} times as long")
# --8<-- [end:exercise_3]


# --8<-- [start:exercise_4]
waits = {}
for a in range(1, 7):
    waits[a] = [steps_to(slope, [1.0], a)[0] for slope in slopes.values()]
    print(f"a = {a}: {waits[a][0]:.0f} steps,",
          f"squared error {waits[a][1]:.0f}")
growth = waits[6][1] / waits[5][1]
print(f"last factor {growth:.2f}, exp(3/2) = {np.exp(1.5):.2f}")
# --8<-- [end:exercise_4]
