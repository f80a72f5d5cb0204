"""Chapter `networks`: sums as matrices, counting, one vector of parameters, depth, how many units, how much data."""

from __future__ import annotations

from mlp import backward, forward, init_mlp, mse
from views import views_series

# --8<-- [start:wires]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits


def draw_net(ax, columns, wires, gap=1.0):
    """Circles with texts in columns; wires[l][i][j] between them."""
    places = [[(x, gap * (len(texts) - 1) / 2 - gap * i)
               for i in range(len(texts))] for x, texts in enumerate(columns)]
    for start, end, weights in zip(places, places[1:], wires):
        for i, (x0, y0) in enumerate(start):
            for j, (x1, y1) in enumerate(end):
                if weights[i][j] == 0:
                    continue
                ax.plot([x0, x1], [y0, y1], color="0.6", lw=1.2, zorder=1)
                t = 0.22 if i % 2 else 0.78
                ax.text(x0 + t * (x1 - x0), y0 + t * (y1 - y0), f"{weights[i][j]:g}",
                        ha="center", va="center", fontsize=9, color="0.4",
                        bbox={"boxstyle": "circle,pad=0.12", "fc": "white", "ec": "none"})
    for column, texts in zip(places, columns):
        for (x, y), text in zip(column, texts):
            ax.text(x, y, text, ha="center", va="center", fontsize=10, zorder=3,
                    bbox={"boxstyle": "circle,pad=0.35", "fc": "white", "ec": "C0", "lw": 1.6})
    ax.set(xlim=(-0.3, len(columns) - 0.7), ylim=(-1.5 * gap, 1.5 * gap))
    ax.axis("off")


fig, ax = plt.subplots(figsize=(5.6, 3.2))
draw_net(ax, [["$x_1$", "$x_2$"], ["$a_1$", "$a_2$", "$a_3$"], [r"$\hat{y}$"]],
         [[[1, 2, 1], [-1, 1, -2]], [[4], [1], [1]]])
# --8<-- [end:wires]


# --8<-- [start:sums]
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


W = np.array([[1.0, 2, 1], [-1, 1, -2]])  # feature i to unit j
b = np.array([1.0, -2, 1])  # one bias per unit
c, b_out = np.array([4.0, 1, 1]), 1.0
X = np.array([[1.0, 2], [0, 1], [3, -1]])  # one example per row


def by_sums(x):
    y_hat = b_out
    for j in range(3):
        z = b[j]
        for i in range(2):
            z += x[i] * W[i, j]
        y_hat += c[j] * sigmoid(z)
    return y_hat


Z = X @ W + b
A = sigmoid(Z)
y_hat = A @ c + b_out
print("z:", Z[0], "a:", A[0].round(2))
print("sums:  ", np.array([by_sums(x) for x in X]).round(4))
print("matrix:", y_hat.round(4))
# --8<-- [end:sums]

# --8<-- [start:weight]
a = A[0]
parts = c * a * (1 - a) * W[0]  # what each unit adds along x_1
step = np.array([1e-5, 0])
quotient = (by_sums(X[0] + step) - by_sums(X[0] - step)) / 2e-5
print("weights w_1j:", W[0])
print("slopes:      ", parts.round(3))
print("sum:", parts.sum().round(4), "difference:", quotient.round(4))

x = np.linspace(-2, 2, 201)
fig, ax = plt.subplots(figsize=(5.6, 3.2))
ax.plot(x, 2 * sigmoid(3 * x), color="C0")
for at in (-1.2, 0, 0.7):
    s = sigmoid(3 * at)
    slope = 2 * s * (1 - s) * 3
    ends = at + np.array([-0.45, 0.45])
    ax.plot(ends, 2 * s + slope * (ends - at), color="C1", lw=2.5)
    ax.annotate(f"{slope:.2f}", (at, 2 * s), (8, -14), textcoords="offset points", color="C1")
ax.plot([-0.3, 0.35], [0.1, 2.05], color="0.5", ls=":")
ax.annotate("3", (0.35, 2.05), (-12, -14), textcoords="offset points", color="0.5")
box = ax.set(xlabel="$x$", ylabel=r"$2\,\sigma(3x)$", xticks=[-2, 0, 2], yticks=[0, 1, 2])
# --8<-- [end:weight]

# --8<-- [start:count]
def n_params(sizes):
    return sum((d_in + 1) * d_out
               for d_in, d_out in zip(sizes, sizes[1:]))


for d in (1, 2, 3, 7):
    print(f"{d}-3-1: {n_params([d, 3, 1])}")
params = init_mlp([56, 100, 100, 1], np.random.default_rng(0))
held = sum(W.size + b.size for W, b in params)
print("56-100-100-1:", n_params([56, 100, 100, 1]), held)

fig, ax = plt.subplots(figsize=(5.6, 2.4))
left = 0
for W_l, b_l in params:
    rows, columns = W_l.shape
    ax.add_patch(plt.Rectangle((left, -rows), columns, rows, fc="C0", alpha=0.35, ec="C0"))
    ax.add_patch(plt.Rectangle((left, 8), columns, 6, fc="C1", ec="C1"))
    ax.text(left + columns / 2, 20, f"{W_l.size} + {b_l.size}", ha="center")
    left += columns + 40
ax.set(xlim=(-5, left), ylim=(-104, 40), aspect="equal")
box = ax.axis("off")
# --8<-- [end:count]

# --8<-- [start:theta]
def flatten(params):
    return np.concatenate([p.ravel() for pair in params for p in pair])


def unflatten(theta, sizes):
    params, at = [], 0
    for d_in, d_out in zip(sizes, sizes[1:]):
        W = theta[at:at + d_in * d_out].reshape(d_in, d_out)
        at += W.size + d_out
        params.append((W, theta[at - d_out:at]))
    return params


sizes = [2, 3, 1]
rng = np.random.default_rng(0)
theta = rng.normal(size=n_params(sizes))
y = np.array([[4.0], [2], [5]])
print("there and back:",
      np.array_equal(flatten(unflatten(theta, sizes)), theta))


def L(theta):
    return mse(forward(unflatten(theta, sizes), X)[0], y)[0]


out, cache = forward(unflatten(theta, sizes), X)
g = flatten(backward(unflatten(theta, sizes), cache, mse(out, y)[1]))
h = 1e-5
quotients = [(L(theta + h * e) - L(theta - h * e)) / (2 * h)
             for e in np.eye(theta.size)]
print(f"g: {g.size} numbers, off by",
      f"{np.abs(g - quotients).max():.0e}")
print(f"L: {L(theta):.3f}, after one step {L(theta - 0.02 * g):.3f}")
# --8<-- [end:theta]

# --8<-- [start:lecture]
layers = [([[1, -1], [-2, 1]], [1, 0]),
          ([[2, -2], [-1, -1]], [0, 0]),
          ([[3, -1], [-1, 4]], [-2, 2])]


def run_lecture(x):
    values = [np.array(x)]
    for W_l, b_l in layers:
        values.append(sigmoid(values[-1] @ np.array(W_l) + b_l))
    return values


for x in ([1, -1], [0, 0]):
    print(*[f"{p:.2f} {q:.2f}" for p, q in run_lecture(x)[1:]], sep=" | ")

fig, axes = plt.subplots(2, 1, figsize=(6.4, 5.4))
for ax, x in zip(axes, ([1, -1], [0, 0])):
    columns = [[f"{value:.2f}" if place else f"{value:g}" for value in v]
               for place, v in enumerate(run_lecture(x))]
    draw_net(ax, columns, [W_l for W_l, _ in layers], gap=1.6)
    for place, (_, b_l) in enumerate(layers, start=1):
        for up, bias in zip((1, -1), b_l):
            ax.text(place, 1.55 * up, f"{bias:+d}" if bias else "0", color="C1",
                    ha="center", va="center")
    ax.set_ylim(-1.8, 1.8)
# --8<-- [end:lecture]

# --8<-- [start:collapse]
rng = np.random.default_rng(0)
net = [(rng.normal(size=(d_in, d_out)), rng.normal(size=d_out))
       for d_in, d_out in ((6, 8), (8, 2), (2, 5))]
W_all, b_all = np.eye(6), np.zeros(6)
for W_l, b_l in net:
    W_all, b_all = W_all @ W_l, b_all @ W_l + b_l
rows = rng.normal(size=(100, 6))
deep = forward(net, rows, "linear")[0]
print(f"off by {np.abs(deep - (rows @ W_all + b_all)).max():.0e}")
print("parameters:", n_params([6, 8, 2, 5]), "or", n_params([6, 5]))
print("rank:", np.linalg.matrix_rank(W_all), "of", min(6, 5))
# --8<-- [end:collapse]

# --8<-- [start:loop]
def start(sizes, R, rng, b=0.0):
    """R networks at once: W (R, d_in, d_out), b (R, 1, d_out)."""
    return [(rng.normal(0, 1.4 / np.sqrt(d_in), (R, d_in, d_out)),
             rng.normal(0, b, (R, 1, d_out)))
            for d_in, d_out in zip(sizes, sizes[1:])]


def values(params, X, bend):
    A = [X]
    for layer, (W, b) in enumerate(params):
        Z = A[-1] @ W + b
        last = layer == len(params) - 1
        A.append(Z if last or not bend else np.maximum(Z, 0))
    return A


def train(params, X, Y, dL, lr, updates, bend=True, B=50):
    params = list(params)
    moves = [(0 * W, 0 * b) for W, b in params]
    for t in range(updates):
        rate = lr * (1 - t / updates)  # falls to 0
        k = np.arange(t * B, t * B + min(B, X.shape[1])) % X.shape[1]
        A = values(params, X[:, k], bend)  # forward
        delta = dL(A[-1], Y[:, k])  # backward, layer by layer
        for i in reversed(range(len(params))):
            W, b = params[i]
            dW = A[i].transpose(0, 2, 1) @ delta
            db = delta.sum(axis=1, keepdims=True)
            if i > 0:
                delta = delta @ W.transpose(0, 2, 1)
                delta = delta * (A[i] > 0) if bend else delta
            for move, d in zip(moves[i], (dW, db)):
                move *= 0.9  # a step, with momentum
                move -= rate * d
            params[i] = W + moves[i][0], b + moves[i][1]
    return params


def squares(Y_hat, Y):
    return 2 * (Y_hat - Y) / Y.shape[1]


x = np.linspace(0, 1, 65)
tent = 1 - np.abs(2 * x - 1)
X, Y = x[None, :, None], tent[None, :, None]
fits = {}
for bend, lr in ((False, 0.01), (True, 0.03)):
    nets = start([1, 8, 8, 1], 20, np.random.default_rng(0), b=0.5)
    nets = train(nets, X, Y, squares, lr, 300, bend, B=65)
    fits[bend] = values(nets, X, bend)[-1][:, :, 0]
    miss = ((fits[bend] - tent) ** 2).mean(axis=1)
    print(f"bend {bend}: median miss {np.median(miss):.4f}")

fig, axes = plt.subplots(1, 2, figsize=(6, 2.6), sharey=True)
for ax, bend in zip(axes, (False, True)):
    ax.plot(x, tent, color="0.6", lw=4, alpha=0.6)
    ax.plot(x, fits[bend][:5].T, color="C0", lw=1)
    ax.set(title="with bend" if bend else "no bend",
           xticks=[0, 0.5, 1], yticks=[0, 1])
# --8<-- [end:loop]

# --8<-- [start:fold]
depth = 3
def folds(k):
    """k layers of two ReLUs each, and an output: 6k + 1 numbers."""
    first = np.array([[1.0, 1]]), np.array([0, -0.5])
    again = np.array([[2.0, 2], [-4, -4]]), np.array([0, -0.5])
    last = np.array([[2.0], [-4]]), np.zeros(1)
    return [first] + [again] * (k - 1) + [last]


def pieces(y):
    """Straight pieces of a curve given on an even grid."""
    return 1 + np.count_nonzero(np.diff(y, 2))


x = np.arange(4097) / 4096  # exact binary fractions
for k in (1, 2, 3, 6, 10):
    y = forward(folds(k), x[:, None], "relu")[0][:, 0]
    P = flatten(folds(k)).size
    print(f"k = {k:2}: P = {P}, deep {pieces(y)},",
          f"wide {(P - 1) // 3 + 1} at most")

y = forward(folds(depth), x[:, None], "relu")[0][:, 0]
assert pieces(y) == 2**depth
place = 0.3
for _ in range(depth):
    place = 1 - abs(2 * place - 1)
fig, ax = plt.subplots(figsize=(4.8, 3.2))
ax.plot(x, y, color="C0", linewidth=1.2)
ax.plot([0.3, 0.3], [0, place], color="C1", ls=":")
ax.plot(0.3, place, "o", color="C1")
_ = ax.set(title=f"{pieces(y)}", xlabel="$x$", ylim=(-0.05, 1.08),
           xticks=[0, 0.3, 1], yticks=[0, 1])
# --8<-- [end:fold]

# --8<-- [start:promise]
x = np.linspace(0, 1, 2001)
for sizes in ([1, 120, 1], [1, 17, 17, 1], [1, 10, 10, 10, 10, 1]):
    nets = start(sizes, 20, np.random.default_rng(0), b=0.5)
    on = [A > 0 for A in values(nets, x[None, :, None], True)[1:-1]]
    on = np.concatenate(on, axis=2)  # (networks, places, units)
    count = 1 + (on[:, 1:] != on[:, :-1]).any(axis=2).sum(axis=1)
    print(f"P = {n_params(sizes)}, {on.shape[2]:3} units:",
          f"{np.median(count):.0f} pieces ({count.min()}-{count.max()})")

x = np.linspace(0, 1, 65)
saw = forward(folds(3), x[:, None], "relu")[0][:, 0]
X, Y = x[None, :, None], saw[None, :, None]
print(f"constant 1/2: {((saw - 0.5) ** 2).mean():.4f}")
for sizes, lr in (([1, 2, 2, 2, 1], 0.03), ([1, 6, 1], 0.2)):
    nets = start(sizes, 20, np.random.default_rng(0), b=0.5)
    nets = train(nets, X, Y, squares, lr, 600, B=65)
    miss = ((values(nets, X, True)[-1][:, :, 0] - saw) ** 2).mean(axis=1)
    print(f"depth {len(sizes) - 1}, P = {n_params(sizes)}:",
          f"median {np.median(miss):.4f}, best {miss.min():.4f}")
# --8<-- [end:promise]

# --8<-- [start:relus]
def case(name, seed):
    """Features and label, the change from one day to the next."""
    dates, views = views_series(seed)
    change = np.diff(views / 1000)  # in thousands
    weekday = (dates.astype(int) + 3)[2:] % 7  # Monday is 0
    if name == "weekday, last change":
        return np.column_stack([weekday, change[:-1]]), change[1:]
    past = [change[t - 6:t] for t in range(6, change.size)]
    return np.array(past), change[6:]


hs = [0, 3, 10, 30, 100, 300]


def misses(X, y, seed, strength=1e-6):
    """Mean absolute miss, (sizes, 3): training, validation, test."""
    parts = slice(0, -730), slice(-730, -365), slice(-365, None)
    rng = np.random.default_rng(seed)
    X = (X - X[parts[0]].mean(axis=0)) / X[parts[0]].std(axis=0)
    d = X.shape[1]
    W = rng.normal(0, 1 / np.sqrt(d), (d, 300))
    b = rng.normal(size=300)
    F = np.hstack([np.ones((len(X), 1)), X, np.maximum(X @ W + b, 0)])
    G, r = F[parts[0]].T @ F[parts[0]], F[parts[0]].T @ y[parts[0]]
    rows = []
    for n in 1 + d + np.array(hs):  # constant, features, h units
        w = np.linalg.solve(G[:n, :n] + strength * np.eye(n), r[:n])
        miss = np.abs(y - F[:, :n] @ w)
        rows.append([miss[part].mean() for part in parts])
    return np.array(rows)


curves = {}
for name in ("weekday, last change", "last six changes"):
    runs = np.array([misses(*case(name, s), s) for s in range(20)])
    picks = runs[:, :, 1].argmin(axis=1)
    gain = runs[:, 0, 2] - runs[np.arange(20), picks, 2]
    curves[name] = np.median(runs, axis=0)
    print(f"{name}: h, training, validation")
    for h, row in zip(hs, curves[name].round(3)):
        print(f"  {h:3}  {row[0]:.3f}  {row[1]:.3f}")
    print("  chosen:", *np.array(hs)[np.unique(picks)],
          f"gain {gain.mean():.3f} in {(gain > 0).sum()}/20")
# --8<-- [end:relus]

# --8<-- [start:relus_picture]
fig, axes = plt.subplots(1, 2, figsize=(6.4, 3), sharey=True)
for ax, (name, curve) in zip(axes, curves.items()):
    place = np.arange(len(hs))
    ax.plot(place, curve[:, 0], "o-", color="C0")
    ax.plot(place, curve[:, 1], "o-", color="C1")
    ax.axhline(0.24 * np.sqrt(2 / np.pi), color="0.6", ls=":")
    ax.set(title=name, xlabel="h", xticks=place, ylim=(0.13, 0.4))
    ax.set_xticklabels(hs)
axes[0].set_ylabel("mean absolute miss")
axes[0].text(1.4, 0.155, "training", color="C0")
label = axes[0].text(2.3, 0.3, "validation", color="C1")
# --8<-- [end:relus_picture]

# --8<-- [start:data]
digits = load_digits()
pixels, label = digits.data / 16, digits.target
order = np.array([np.random.default_rng(seed).permutation(1797)
                  for seed in range(10)])
test = order[:, 1297:]


def dscores(Z, Y):  # of softmax with cross-entropy
    P = np.exp(Z - Z.max(axis=2, keepdims=True))
    return (P / P.sum(axis=2, keepdims=True) - Y) / Y.shape[1]


def accuracy(hidden, n, lr):
    nets = start([64, *hidden, 10], 10, np.random.default_rng(n))
    k = order[:, :n]
    nets = train(nets, pixels[k], np.eye(10)[label[k]],
                 dscores, lr, 300)
    Z = values(nets, pixels[test], True)[-1]
    return (Z.argmax(axis=2) == label[test]).mean(axis=1)


ns = [20, 160, 1280]
right = {}
for name, hidden, lr in (
        ("none", [], 1), ("8", [8], 0.1), ("64", [64], 0.3)):
    right[name] = np.array([accuracy(hidden, n, lr) for n in ns])
    print(f"{name:7}", *right[name].mean(axis=1).round(3))
ahead = (right["64"] > right["none"]).sum(axis=1)
print("64 ahead of none:", *[f"{a}/10" for a in ahead])


def nearest(n):
    """Answer with the label of the most similar image."""
    shares = []
    for k, t in zip(order[:, :n], test):
        d = (pixels[k] ** 2).sum(axis=1) - 2 * pixels[t] @ pixels[k].T
        shares.append((label[k][d.argmin(axis=1)] == label[t]).mean())
    return np.array(shares)


right["nearest"] = np.array([nearest(n) for n in ns])
print("nearest", *right["nearest"].mean(axis=1).round(3))
# --8<-- [end:data]

# --8<-- [start:data_picture]
fig, ax = plt.subplots(figsize=(5.6, 3.6))
colors = {"none": "C2", "8": "C4", "64": "C0", "nearest": "0.5"}
for shift, (name, color) in zip((-0.24, -0.08, 0.08, 0.24), colors.items()):
    for place, shares in enumerate(right[name]):
        ax.plot([place + shift] * 10, 1 - shares, "o", color=color, markersize=3)
        ax.plot(place + shift, 1 - shares.mean(), "_", color=color, markersize=16, mew=2.5)
    ax.text(0.61, 0.94 - 0.09 * list(colors).index(name), name, color=color,
            va="center", transform=ax.transAxes)
ax.set(yscale="log", xticks=[0, 1, 2], xticklabels=ns, xlabel="N", ylabel="share wrong")
ax.set_yticks([0.01, 0.03, 0.1, 0.3, 0.8], ["0.01", "0.03", "0.1", "0.3", "0.8"])
ax.minorticks_off()
# --8<-- [end:data_picture]

# --8<-- [start:how_wide]
print("64-32-10:", n_params([64, 32, 10]))
P = n_params([64, 100, 100, 10])
h = (P - 10) // (64 + 1 + 10)
print("64-100-100-10:", P)
for width in (h, h + 1):
    print(f"64-{width}-10:", n_params([64, width, 10]))
# --8<-- [end:how_wide]

# --8<-- [start:same_function]
rng = np.random.default_rng(0)
(W1, b1), (W2, b2) = net = init_mlp([2, 3, 1], rng)
p = [2, 0, 1]  # another order of the units
swapped = [(W1[:, p], b1[p]), (W2[p], b2)]
s = np.array([2.0, 0.5, 10])  # each unit larger, its exit smaller
scaled = [(W1 * s, b1 * s), (W2 / s[:, None], b2)]
rows = rng.normal(size=(50, 2))
for other in (swapped, scaled):
    same = np.allclose(forward(net, rows, "relu")[0],
                       forward(other, rows, "relu")[0])
    print("same function:", same, "theta moved:",
          np.linalg.norm(flatten(net) - flatten(other)).round(2))
# --8<-- [end:same_function]

# --8<-- [start:threefold]
out = np.array([3.0, -6, 6])
bends = np.array([0, -1 / 3, -2 / 3])


def threefold(k):
    again = np.outer(out, np.ones(3)), bends
    return ([(np.ones((1, 3)), bends)] + [again] * (k - 1)
            + [(out[:, None], np.zeros(1))])


x = np.arange(3**6 + 1) / 3**6
for k in (1, 2, 5):
    y = forward(threefold(k), x[:, None], "relu")[0][:, 0]
    n = 1 + np.sum(np.abs(np.diff(y, 2)) > 1e-6)
    print(f"k = {k}: {flatten(threefold(k)).size} parameters, {n} pieces")
# --8<-- [end:threefold]

# --8<-- [start:penalty]
for strength in (1e-6, 0.1, 1, 10):
    row = np.median([misses(*case("last six changes", s), s, strength)
                     for s in range(5)], axis=0)
    print(f"{strength:5g}: {row[4, 1]:.3f} (h = 100),",
          f"{row[5, 1]:.3f} (h = 300)")
# --8<-- [end:penalty]
