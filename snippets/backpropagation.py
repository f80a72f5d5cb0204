"""Chapter `backpropagation`: one network by hand, the recursion, its checks, its price, and what it is not."""

from __future__ import annotations

from mlp import backward, cross_entropy, forward, init_mlp, mse
from numerical_gradient import numerical_gradient

# --8<-- [start:by_hand]
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def net(theta, x):
    """All z and all a of the 2-2-1 network, each of shape (3,)."""
    w11, w21, b1, w12, w22, b2, v1, v2, b3 = theta
    z1 = x[0] * w11 + x[1] * w21 + b1
    z2 = x[0] * w12 + x[1] * w22 + b2
    a1, a2 = sigmoid(z1), sigmoid(z2)
    z3 = a1 * v1 + a2 * v2 + b3
    return np.array([z1, z2, z3]), np.array([a1, a2, sigmoid(z3)])


names = ["w11", "w21", "b1", "w12", "w22", "b2", "v1", "v2", "b3"]
theta = np.array([0.3, 0.2, 0.3, 0.5, -1.0, 1.0, 2.0, -1.0, -1.0])
x, y = np.array([1.0, 2.0]), 1.0
z, a = net(theta, x)
loss = (a[2] - y) ** 2
print("z", z.round(5))
print("a", a.round(5))
print(f"loss {loss:.4f}")
# --8<-- [end:by_hand]

# --8<-- [start:forward_figure]
places = np.array([[0, 1], [0, 0], [1, 1], [1, 0], [2, 0.5]])
wires = {"w11": (0, 2), "w21": (1, 2), "w12": (0, 3), "w22": (1, 3),
         "v1": (2, 4), "v2": (3, 4)}
weight = dict(zip(names, theta))
plain = {"facecolor": "white", "edgecolor": "none", "pad": 1}


def draw_wires(ax, numbers, color, late=0.3):
    """The six wires, each with its number part of the way along."""
    for name, (start, end) in wires.items():
        way = late if end == 4 else 0.3
        ax.plot(*places[[start, end]].T, color="0.6", lw=1.2, zorder=1)
        ax.text(*((1 - way) * places[start] + way * places[end]),
                numbers[name], color=color, bbox=plain,
                ha="center", va="center")
    ax.set(xlim=(-0.2, 2.75), ylim=(-0.5, 1.5))
    ax.axis("off")


fig, ax = plt.subplots(figsize=(5.2, 3.4))
draw_wires(ax, {name: f"{weight[name]:g}" for name in wires}, "0.3")
ax.plot(*places.T, "o", markersize=45, markerfacecolor="white",
        markeredgecolor="black")
for place, value in zip(places, [*x, *a]):
    ax.text(*place, f"{value:.4g}", color="C0", ha="center", va="center")
for (px, py), bias, value in zip(places[2:], theta[[2, 5, 8]], z):
    above = py > 0
    ax.text(px, py + (0.36 if above else -0.36),
            f"b = {bias:g}\nz = {value:.4g}", ha="center", va="center")
result = ax.text(2.3, 0.5, r"$\hat{y}$", color="C0", va="center")
# --8<-- [end:forward_figure]

# --8<-- [start:sigma_prime]
def sigmoid_slope(z):
    return sigmoid(z) * (1 - sigmoid(z))


def numeric_slope(z):
    return numerical_gradient(lambda z: sigmoid(z).sum(), z)


gains = {}
for here in ([1.0, 2.0], [3.0, 1.0]):
    z_here, _ = net(theta, here)
    gains[tuple(here)] = sigmoid_slope(z_here)
    right = np.allclose(numeric_slope(z_here), sigmoid_slope(z_here))
    print(f"x = {here}: z = {z_here.round(4)}")
    print(f"  slopes {gains[tuple(here)].round(4)}, checked: {right}")
# --8<-- [end:sigma_prime]

# --8<-- [start:two_cases]
g1, g2, g3 = sigmoid_slope(z)  # z was stored by the forward pass
v1, v2 = theta[6:8]
d3 = g3 * 2 * (a[2] - y)  # output case
d1 = g1 * v1 * d3  # hidden case
d2 = g2 * v2 * d3
by_hand = np.array([x[0] * d1, x[1] * d1, d1, x[0] * d2, x[1] * d2, d2,
                    a[0] * d3, a[1] * d3, d3])


def loss_of(theta):
    return (net(theta, x)[1][2] - y) ** 2


numeric = numerical_gradient(loss_of, theta)
for name, hand, check in zip(names, by_hand, numeric):
    print(f"dL/d{name:3} = {hand:+.4f}, finite difference {check:+.4f}")
print("largest gap below 1e-8:", abs(by_hand - numeric).max() < 1e-8)
# --8<-- [end:two_cases]

# --8<-- [start:backward_figure]
x1 = 1
x = np.array([x1, 2.0])
z, a = net(theta, x)
g1, g2, g3 = sigmoid_slope(z)
d3 = g3 * 2 * (a[2] - y)
d1, d2 = g1 * v1 * d3, g2 * v2 * d3
arrived, delta = [*x, *a[:2]], {2: d1, 3: d2, 4: d3}
fig, ax = plt.subplots(figsize=(5.2, 3.6))
partial = {name: arrived[start] * delta[end] + 0.0
           for name, (start, end) in wires.items()}
draw_wires(ax, {name: f"{partial[name]:+.4f}" for name in wires}, "C2",
           late=0.42)
for place, gain, d in zip(places[2:], (g1, g2, g3), (d1, d2, d3)):
    corners = place + np.array([[-0.2, 0], [0.2, 0.22], [0.2, -0.22]])
    ax.add_patch(plt.Polygon(corners, facecolor="white", edgecolor="black"))
    ax.text(place[0] + 0.05, place[1], f"{gain:.4f}", fontsize=9,
            ha="center", va="center")
    ax.text(place[0] - 0.05, place[1] + (0.33 if place[1] else -0.33),
            rf"$\delta$ = {d:+.4f}", color="C1", ha="center", va="center")
for place, v in zip(places[2:4], (v1, v2)):
    ax.text(*(0.28 * place + 0.72 * places[4]), f"× {v:g}", color="0.3",
            bbox=plain, ha="center", va="center", fontsize=9)
for place, value in zip(places[:2], x):
    ax.text(*place, f"{value:g}", color="C0", bbox=plain, ha="center",
            va="center")
ax.plot([2.2, 2.3], [0.5, 0.5], color="0.6", lw=1.2, zorder=1)
entering = ax.text(2.24, 0.68, f"{2 * (a[2] - y):.4f}", color="C1")
# --8<-- [end:backward_figure]

# --8<-- [start:witnesses]
def flat(pairs):
    """All weights and biases in one vector."""
    return np.concatenate([part.ravel() for pair in pairs for part in pair])


def unflat(theta, params):
    """The vector theta cut into arrays shaped like params."""
    pairs, start = [], 0
    for W, b in params:
        middle, end = start + W.size, start + W.size + b.size
        pairs.append((theta[start:middle].reshape(W.shape),
                      theta[middle:end]))
        start = end
    return pairs


def loss_at(theta, params, X, Y, activation="sigmoid", loss=mse):
    return loss(forward(unflat(theta, params), X, activation)[0], Y)[0]


def by_differences(theta, *setting):
    return numerical_gradient(lambda t: loss_at(t, *setting), theta)


def by_backprop(theta, params, X, Y, activation="sigmoid", loss=mse):
    params = unflat(theta, params)
    A, cache = forward(params, X, activation)
    return flat(backward(params, cache, loss(A, Y)[1]))


def relative_error(g, h):
    size = np.linalg.norm(g) + np.linalg.norm(h)
    return np.linalg.norm(g - h) / size if size > 0 else 0.0


small = [(np.array([[0.3, 0.5], [0.2, -1.0]]), np.array([0.3, 1.0])),
         (np.array([[2.0], [-1.0]]), np.array([-1.0]))]
A, cache = forward(small, x[None, :], output="sigmoid")
grads = backward(small, cache, mse(A, np.array([[y]]))[1])
for dW, db in grads:
    print(dW.round(4).tolist(), db.round(4).tolist())

errors = {}
for name in ("sigmoid", "tanh", "relu", "relu, b = 0"):
    activation, errors[name] = name.split(",")[0], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        params = init_mlp([3, 4, 4, 4, 2][seed % 3:], rng, scale=2)
        theta_0 = flat(params)
        if name != "relu, b = 0":
            theta_0 = theta_0 + rng.normal(0, 0.3, theta_0.size)
        X = rng.normal(size=(6, params[0][0].shape[0]))
        setting = params, X, rng.normal(size=(6, 2)), activation
        g, h = (engine(theta_0, *setting)
                for engine in (by_backprop, by_differences))
        errors[name].append(relative_error(g, h))
    print(f"{name:11} errors from {min(errors[name]):.0e}",
          f"to {max(errors[name]):.0e}")
# --8<-- [end:witnesses]

# --8<-- [start:faults]
def faulty(params, cache, dA, fault, stale):
    """backward with one fault; stale is the cache of an older step."""
    grads = []
    for layer in reversed(range(len(params))):
        W, (A_in, slope) = params[layer][0], cache[layer]
        if fault == "stale activation":
            A_in = stale[layer][0]
        delta = dA if fault == "missing slope" else dA * slope
        grads.append((A_in.T @ delta, delta.sum(axis=0)))
        dA = delta @ (W if fault == "lost transpose" else W.T)
    return grads[::-1]


rng = np.random.default_rng(0)
params = init_mlp([4, 4, 4, 4], rng, scale=2)  # square: shapes agree
X, Y = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
older = [(1.01 * W, b) for W, b in params]
_, stale = forward(older, X)
A, cache = forward(params, X)
theta_0 = flat(params)
numeric = unflat(by_differences(theta_0, params, X, Y), params)
caught = {}
print(f"{'':16}     W1       W2       W3")
for fault in ("none", "lost transpose", "missing slope",
              "stale activation"):
    grads = faulty(params, cache, mse(A, Y)[1], fault, stale)
    caught[fault] = [relative_error(dW, check) for (dW, _), (check, _)
                     in zip(grads, numeric)]
    print(f"{fault:16}", *(f"{error:8.1g}" for error in caught[fault]))
# --8<-- [end:faults]

# --8<-- [start:xor]
corners = np.array([[1.0, 1], [-1, -1], [1, -1], [-1, 1]])
noise = np.random.default_rng(4).normal(0, 0.25, (100, 2))
X_xor = np.repeat(corners, 25, axis=0) + noise
Y_xor = np.eye(2)[np.repeat([0, 0, 1, 1], 25)]


def train(sizes, X, Y, activation, seed, lr=1.0, steps=150, scale=1):
    """Parameters after training; softmax on the last layer's Z."""
    params = init_mlp(sizes, np.random.default_rng(seed), scale)
    for _ in range(steps):
        Z, cache = forward(params, X, activation)
        _, dZ = cross_entropy(Z, Y)  # (P - Y) / N
        grads = backward(params, cache, dZ)
        params = [(W - lr * dW, b - lr * db)
                  for (W, b), (dW, db) in zip(params, grads)]
    return params


def accuracy(params, X, Y, activation):
    Z, _ = forward(params, X, activation)
    return np.mean(Z.argmax(axis=1) == Y.argmax(axis=1))


params = init_mlp([2, 3, 2], np.random.default_rng(0))
setting = params, X_xor, Y_xor, "tanh", cross_entropy
off = relative_error(by_backprop(flat(params), *setting),
                     by_differences(flat(params), *setting))
print(f"with softmax: error below 1e-8: {off < 1e-8}")
learnt, solved = {}, {}
for hidden, activation in ((8, "linear"), (2, "tanh"), (2, "relu"),
                           (8, "relu")):
    runs = [train([2, hidden, 2], X_xor, Y_xor, activation, seed)
            for seed in range(20)]
    hits = [accuracy(params, X_xor, Y_xor, activation) for params in runs]
    good = [params for params, hit in zip(runs, hits) if hit > 0.98]
    learnt[hidden, activation], solved[hidden, activation] = good, len(good)
    print(f"{hidden} {activation:6}: {len(good)} of 20 starts,",
          f"best accuracy {max(hits):.2f}")
# --8<-- [end:xor]

# --8<-- [start:xor_figure]
params = learnt[2, "tanh"][0]
hidden = forward(params[:1], X_xor, output="tanh")[0]
grid = np.linspace(-2, 2, 81)
plane = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
box = 0.6 * plane  # h between -1.2 and 1.2
fig, axes = plt.subplots(1, 2, figsize=(5.2, 2.9))
for ax, points, inputs, layers, name in (
        (axes[0], X_xor, plane, params, "x"),
        (axes[1], hidden, box, params[1:], "h")):
    Z, _ = forward(layers, inputs, "tanh")
    axis = inputs[:81, 0]
    ax.contour(axis, axis, (Z[:, 0] - Z[:, 1]).reshape(81, 81), [0],
               colors="0.5")
    for k, mark, color in ((0, "o", "C3"), (1, "x", "C4")):
        ax.plot(*points[Y_xor[:, k] == 1].T, mark, markersize=4,
                color=color)
    ax.set(xlabel=f"${name}_1$", ylabel=f"${name}_2$", aspect="equal",
           xticks=[-1, 0, 1], yticks=[-1, 0, 1])
# --8<-- [end:xor_figure]

# --8<-- [start:vanishing]
for bias in (-1.0, -5.0, -9.0):
    _, (_, _, y_hat) = net(np.append(theta[:8], bias), x)
    square = y_hat * (1 - y_hat) * 2 * (y_hat - y)
    print(f"b3 = {bias:g}: delta_3 {square:+.4f},",
          f"cross-entropy {y_hat - y:+.4f}")


def deltas(activation, scale, seed, depth=10, width=30):
    """Norm of Delta in each hidden layer; the output passes back 1."""
    rng = np.random.default_rng(seed)
    params = init_mlp([width] * (depth + 1) + [1], rng, scale)
    A, cache = forward(params, rng.normal(size=(20, width)), activation)
    grads, dA = [], np.ones_like(A)
    for (W, _), (_, slope) in zip(params[::-1], cache[::-1]):
        delta = dA * slope
        grads.append(np.linalg.norm(delta))
        dA = delta @ W.T
    return np.array(grads[:0:-1])


def best_loss(hidden, activation, seed):
    """Lowest training loss of five rates: 100 digits, 100 steps."""
    sizes, losses = [64] + [16] * hidden + [10], []
    for lr in (0.1, 0.3, 1, 3, 10):
        params = train(sizes, pixels, labels, activation, seed, lr, 100,
                       usual[activation])
        Z, _ = forward(params, pixels, activation)
        losses.append(cross_entropy(Z, labels)[0])
    return min(losses)


images, numbers = load_digits(return_X_y=True)
pixels, labels = images[:100] / 16, np.eye(10)[numbers[:100]]
usual = {"sigmoid": 1, "tanh": 1, "relu": np.sqrt(2)}
passed, best = {}, {}
for name, scale in usual.items():
    passed[name] = [deltas(name, scale, seed) for seed in range(20)]
    print(f"{name:7}: delta times",
          f"{np.median([d[0] / d[-1] for d in passed[name]]):.1g}")
for name in ("sigmoid", "relu"):
    best[name] = [np.median([best_loss(hidden, name, seed)
                             for seed in range(3)]) for hidden in (1, 4)]
    print(f"{name:7}: loss {best[name][0]:.2f},",
          f"four hidden layers {best[name][1]:.2f}")
# --8<-- [end:vanishing]

# --8<-- [start:vanishing_figure]
fig, (top, bottom) = plt.subplots(2, 1, figsize=(5.2, 5.8))
scales = np.array([0.5, 1, 1.4, 2, 3, 4, 6, 8, 12, 16])
for name, color in (("sigmoid", "C1"), ("tanh", "C4"), ("relu", "C5")):
    d = np.array(passed[name])
    low, middle, high = np.quantile(d / d[:, -1:], [0.1, 0.5, 0.9], axis=0)
    top.fill_between(range(1, 11), low, high, color=color, alpha=0.25, lw=0)
    top.semilogy(range(1, 11), middle, color=color, label=name)
    factor = [np.median([(n[0] / n[-1]) ** (1 / 9) for n in
                         (deltas(name, s, seed) for seed in range(5))])
              for s in scales]
    bottom.semilogx(scales, factor, "o-", color=color)
top.set(xlabel="layer $l$", ylabel=r"norm of $\Delta$, last = 1")
top.set_yticks([1e-6, 0.001, 1], ["1e-6", 0.001, 1])
top.minorticks_off()
top.legend(loc="lower right")
bottom.axhline(1, color="0.5", linestyle=":")
bottom.set(xlabel="scale of the weights", ylabel="factor per layer",
           ylim=(0, 2), xticks=[0.5, 1, 2, 4, 8, 16],
           xticklabels=[0.5, 1, 2, 4, 8, 16])
bottom.minorticks_off()
# --8<-- [end:vanishing_figure]

# --8<-- [start:two_linear_layers]
W1, W2 = rng.normal(size=(3, 4)), rng.normal(size=(2, 3))
x_col, y_col = rng.normal(size=4), rng.normal(size=2)
h = W1 @ x_col
e = 2 * (W2 @ h - y_col)  # dL/df for L = |f - y|^2


def squared(W1, W2):
    return np.sum((W2 @ (W1 @ x_col) - y_col) ** 2)


gap_2 = np.outer(e, h) - numerical_gradient(lambda W: squared(W1, W), W2)
numeric_1 = numerical_gradient(lambda W: squared(W, W2), W1)
gap_1 = np.outer(W2.T @ e, x_col) - numeric_1
print("below 1e-8:", abs(gap_2).max() < 1e-8, abs(gap_1).max() < 1e-8)

df_dh, dh_dW1 = W2, np.kron(np.eye(3), x_col)
df_dW2, dW2_dW1 = np.kron(np.eye(2), h), np.zeros((6, 12))
right = e @ df_dh @ dh_dW1
slide = e @ df_dW2 @ dW2_dW1
print(f"finite difference {numeric_1.ravel()[:3].round(3)} ...")
print(f"through h         {right[:3].round(3)} ...")
print(f"through W2        {slide[:3].round(3)} ...")
# --8<-- [end:two_linear_layers]

# --8<-- [start:reuse]
def one_delta(params, slopes, dA, layer, j):
    """delta of neuron j in a layer and the multiplications it took,
    when every neuron works out anew what it needs."""
    if layer == len(params) - 1:
        return dA[j] * slopes[layer][j], 1
    total, spent = 0.0, 1
    for k, w in enumerate(params[layer + 1][0][j]):
        delta, more = one_delta(params, slopes, dA, layer + 1, k)
        total, spent = total + w * delta, spent + 1 + more
    return total * slopes[layer][j], spent


multiplications = {}
for depth in range(2, 8):
    params = init_mlp([4] * (depth + 1), rng, scale=2)
    A, cache = forward(params, rng.normal(size=(1, 4)))
    slopes = [slope[0] for _, slope in cache]
    found = [one_delta(params, slopes, A[0], 0, j) for j in range(4)]
    alone = sum(spent for _, spent in found)
    sweep = 4 + (depth - 1) * (4 * 4 + 4)  # per layer: weights and slopes
    multiplications[depth] = alone, sweep
    same = np.allclose([delta for delta, _ in found],
                       backward(params, cache, A)[0][1])
    print(f"depth {depth}: {alone} alone, {sweep} in one sweep, {same}")
# --8<-- [end:reuse]

# --8<-- [start:cost]
def seconds(work, times, series=3):
    """Time of one call: mean over `times` calls, the best series."""
    best = np.inf
    for _ in range(series):
        start = time.perf_counter()
        for _ in range(times):
            work()
        best = min(best, (time.perf_counter() - start) / times)
    return best


X, Y = rng.normal(size=(20, 9)), rng.uniform(size=(20, 1))
evaluations, ratio = {}, {}
for hidden in (10, 20, 40, 100):
    params = init_mlp([9, hidden, 1], rng)
    at, count = flat(params), []
    slow = seconds(lambda: numerical_gradient(
        lambda t: count.append(1) or loss_at(t, params, X, Y), at), 1, 2)
    evaluations[at.size] = len(count) // 2  # of each of two series
    fast = seconds(lambda: by_backprop(at, params, X, Y), 60)
    ratio[at.size] = slow / fast
    print(f"P = {at.size}: {evaluations[at.size]} forward passes,",
          f"time {ratio[at.size]:.0f} : 1")
assert min(ratio[441], ratio[1101]) > 20

params = init_mlp([256, 512, 512, 10], rng)
X = rng.normal(size=(128, 256))
Y = np.eye(10)[rng.integers(10, size=128)]


def there():  # what a prediction needs, and no more
    A = X
    for W, b in params:
        A = np.tanh(A @ W + b)


def there_and_back():
    Z, cache = forward(params, X, "tanh")
    backward(params, cache, cross_entropy(Z, Y)[1])


large = seconds(there_and_back, 1) / seconds(there, 2)
print(f"P = {flat(params).size}: there and back takes",
      f"{large:.1f} predictions")

P = np.array(list(ratio))
fig, ax = plt.subplots(figsize=(5.2, 3.4))
ax.loglog(P, 2 * P, ":", color="0.5", label="$2P$")
ax.loglog(P, 2 * P / 3, color="0.5", label=r"$\frac{2}{3}P$")
ax.loglog(P, list(ratio.values()), "o", color="C1", label="time")
ax.set(xlabel="$P$", ylabel="ratio",
       xticks=P, xticklabels=P, ylim=(30, 5000))
ax.minorticks_off()
legend = ax.legend()
# --8<-- [end:cost]

# --8<-- [start:same_path]
engines = {"backpropagation": by_backprop,
           "finite differences": by_differences}
setting = (init_mlp([2, 3, 2], np.random.default_rng(0)), X_xor, Y_xor,
           "tanh", cross_entropy)
paths = {}
for name, gradient in engines.items():
    at = flat(setting[0])
    paths[name] = [at]
    for _ in range(200):
        at = at - 1.0 * gradient(at, *setting)
        paths[name].append(at)
    gap = abs(np.array(paths[name]) - paths["backpropagation"]).max()
    print(f"{name}: loss {loss_at(paths[name][0], *setting):.4f} ->",
          f"{loss_at(at, *setting):.4f}")
print(f"paths within 1e-6 of each other: {gap < 1e-6}")
# --8<-- [end:same_path]

# --8<-- [start:two_wires]
params = [(np.array([[1.0]]), np.array([-1.0])),
          (np.array([[2.0, -1.0]]), np.zeros(2))]
A, cache = forward(params, np.array([[1.0]]))
value, dA = mse(A, np.zeros((1, 2)))
(dW1, db1), (dW2, db2) = backward(params, cache, dA)
print("outputs", A, "loss", value)
print("hidden delta", db1, "dL/dW1", dW1, "dL/dW2", dW2)
# --8<-- [end:two_wires]

# --8<-- [start:to_the_input]
params = init_mlp([3, 4, 2], rng)
X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
A, cache = forward(params, X, "tanh")
dA = mse(A, Y)[1]
for (W, _), (_, slope) in zip(params[::-1], cache[::-1]):
    dA = (dA * slope) @ W.T
check = numerical_gradient(
    lambda X: mse(forward(params, X, "tanh")[0], Y)[0], X)
print(dA.shape, "below 1e-8:", abs(dA - check).max() < 1e-8)
# --8<-- [end:to_the_input]

# --8<-- [start:blind_check]
draw = init_mlp([4, 4, 4, 4], rng, scale=2)
settings = {"random": draw,
            "symmetric": [(W + W.T, b) for W, b in draw],
            "zero": [(0 * W, b) for W, b in draw]}
X, Y = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
blind = {}
for name, params in settings.items():
    A, cache = forward(params, X)
    dA = mse(A, Y)[1]
    sound = flat(backward(params, cache, dA))
    for fault in ("lost transpose", "missing slope"):
        wrong = flat(faulty(params, cache, dA, fault, cache))
        blind[name, fault] = relative_error(wrong, sound)
        print(f"{name:9} {fault}: {blind[name, fault]:.0e}")
# --8<-- [end:blind_check]
