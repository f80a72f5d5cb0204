"""Chapter `backpropagation`: one network by hand, the recursion, its checks, its price, and what it is not."""

from __future__ import annotations

# --8<-- [start:imports]
import time

import matplotlib.pyplot as plt
import numpy as np
# --8<-- [end:imports]
from autodiff import Value
from mlp import backward, forward, init_mlp, mse
from numerical_gradient import numerical_gradient

# --8<-- [start:by_hand]
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


def draw_wires(ax, color):
    """The six wires, each with its weight a third of the way along."""
    for name, (start, end) in wires.items():
        ax.plot(*places[[start, end]].T, color="0.6", lw=1.2, zorder=1)
        ax.text(*(0.7 * places[start] + 0.3 * places[end]),
                f"{weight[name]:g}", color=color, bbox=plain,
                ha="center", va="center")
    ax.set(xlim=(-0.3, 2.6), ylim=(-0.5, 1.5))
    ax.axis("off")


fig, ax = plt.subplots(figsize=(6.4, 3.4))
draw_wires(ax, "0.4")
ax.plot(*places.T, "o", markersize=45, markerfacecolor="white",
        markeredgecolor="black")
for place, value in zip(places, [*x, *a]):
    ax.text(*place, f"{value:.4g}", color="C0", ha="center", va="center")
for (px, py), bias, value in zip(places[2:], theta[[2, 5, 8]], z):
    above = py > 0
    ax.text(px, py + (0.34 if above else -0.34),
            f"b = {bias:g}\nz = {value:.4g}", ha="center", va="center")
result = ax.text(2.25, 0.5, r"$\hat{y}$", va="center")
# --8<-- [end:forward_figure]

# --8<-- [start:on_the_wire]
def z_of(i):
    return lambda theta: net(theta, x)[0][i]


partials = np.array([numerical_gradient(z_of(i), theta) for i in range(3)])
arriving = [*x, 1, *x, 1, a[0], a[1], 1]
for i, name in enumerate(names):
    k = i // 3
    print(f"dz{k + 1}/d{name} = {partials[k, i]:.4f},",
          f"on the wire {arriving[i]:.4f}")
# --8<-- [end:on_the_wire]

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
    print(f"x = {here}: z = {z_here.round(4)},",
          f"slopes {sigmoid_slope(z_here).round(4)}, checked: {right}")
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
fig, ax = plt.subplots(figsize=(6.4, 3.4))
draw_wires(ax, "0.4")
for place, gain, d in zip(places[2:], (g1, g2, g3), (d1, d2, d3)):
    corners = place + np.array([[-0.2, 0], [0.18, 0.2], [0.18, -0.2]])
    ax.add_patch(plt.Polygon(corners, facecolor="white", edgecolor="black"))
    ax.text(place[0] + 0.05, place[1], f"{gain:.4f}", fontsize=9,
            ha="center", va="center")
    ax.text(place[0] - 0.05, place[1] + (0.3 if place[1] else -0.3),
            rf"$\delta$ = {d:+.4f}", color="C1", ha="center", va="center")
for place, value in zip(places[:2], x):
    ax.text(*place, f"x = {value:g}", bbox=plain, ha="center", va="center")
ax.plot([2.18, 2.32], [0.5, 0.5], color="0.6", lw=1.2, zorder=1)
entering = ax.text(2.34, 0.5, f"{2 * (a[2] - y):.4f}", color="C1",
                   va="center")
# --8<-- [end:backward_figure]

# --8<-- [start:three_witnesses]
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


def loss_at(theta, params, X, Y):
    A, _ = forward(unflat(theta, params), X, output="sigmoid")
    return mse(A, Y)[0]


def by_differences(theta, params, X, Y):
    return numerical_gradient(lambda t: loss_at(t, params, X, Y), theta)


def by_autodiff(theta, params, X, Y):
    leaves, A = np.array([Value(t) for t in theta]), X
    for W, b in unflat(leaves, params):
        A = 1 / (1 + np.exp(-(A @ W + b)))
    (((A - Y) ** 2).sum() / len(Y)).backward()
    return np.array([leaf.grad for leaf in leaves])


def by_backprop(theta, params, X, Y):
    params = unflat(theta, params)
    A, cache = forward(params, X, output="sigmoid")
    return flat(backward(params, cache, mse(A, Y)[1]))


def relative_error(g, h):
    return np.linalg.norm(g - h) / (np.linalg.norm(g) + np.linalg.norm(h))


rng = np.random.default_rng(0)
witness = {}
for sizes in ([3, 2], [3, 4, 2], [3, 4, 5, 2], [3, 4, 5, 4, 2]):
    params = init_mlp(sizes, rng, scale=2)
    start = flat(params) + 0.1  # biases other than zero
    X, Y = rng.normal(size=(6, 3)), rng.uniform(size=(6, 2))
    g = by_backprop(start, params, X, Y)
    witness[len(params)] = [relative_error(g, engine(start, params, X, Y))
                            for engine in (by_differences, by_autodiff)]
    to_differences, to_autodiff = witness[len(params)]
    print(f"depth {len(params)}, {g.size} partials:",
          f"differences within 1e-7: {to_differences < 1e-7},",
          f"autodiff within 1e-12: {to_autodiff < 1e-12}")
# --8<-- [end:three_witnesses]

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


params = init_mlp([4, 4, 4, 4], rng, scale=2)  # square: shapes agree
X, Y = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
older = [(1.01 * W, b) for W, b in params]
_, stale = forward(older, X)
A, cache = forward(params, X)
theta_0 = flat(params)
numeric = unflat(numerical_gradient(
    lambda t: mse(forward(unflat(t, params), X)[0], Y)[0], theta_0), params)
caught = {}
for fault in ("none", "lost transpose", "missing slope",
              "stale activation"):
    grads = faulty(params, cache, mse(A, Y)[1], fault, stale)
    caught[fault] = [relative_error(dW, check) for (dW, _), (check, _)
                     in zip(grads, numeric)]
# --8<-- [end:faults]

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
print("both below 1e-8:", abs(gap_2).max() < 1e-8, abs(gap_1).max() < 1e-8)

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
    print(f"depth {depth}: {alone} alone, {sweep} in one sweep,",
          f"same numbers: {same}")
# --8<-- [end:reuse]

# --8<-- [start:cost]
def seconds(work, times):
    """Time of one call: mean over `times` calls, best of three such."""
    best = np.inf
    for _ in range(3):
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
    numerical_gradient(
        lambda t: count.append(1) or loss_at(t, params, X, Y), at)
    evaluations[at.size] = len(count)
    slow = seconds(lambda: by_differences(at, params, X, Y), 1)
    fast = seconds(lambda: by_backprop(at, params, X, Y), len(count))
    ratio[at.size] = slow / fast
    print(f"P = {at.size}: {len(count)} forward passes against 1,",
          f"time {ratio[at.size]:.0f} : 1")
assert min(ratio[441], ratio[1101]) > 20

P = np.array(list(ratio))
fig, ax = plt.subplots()
ax.loglog(P, 2 * P, color="0.6", label="forward passes, $2P$")
ax.loglog(P, list(ratio.values()), "o", color="C1", label="time, measured")
ax.set(xlabel="parameters $P$", ylabel="differences : backpropagation",
       xticks=P, xticklabels=P, ylim=(30, 5000))
ax.minorticks_off()
legend = ax.legend()
# --8<-- [end:cost]

# --8<-- [start:same_path]
X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([[0.0], [1], [1], [0]])  # exclusive or
params = init_mlp([2, 3, 1], np.random.default_rng(1), scale=3)
engines = {"finite differences": by_differences, "autodiff": by_autodiff,
           "backpropagation": by_backprop}
paths = {}
for name, gradient in engines.items():
    at = flat(params)
    paths[name] = [at]
    for _ in range(600):
        at = at - 2.0 * gradient(at, params, X, Y)
        paths[name].append(at)

fig, ax = plt.subplots()
for (name, path), width, style in zip(paths.items(), (7, 4, 1.5),
                                      ("-", "--", "-")):
    losses = [loss_at(at, params, X, Y) for at in path[::10]]
    ax.plot(range(0, 601, 10), losses, style, lw=width, label=name)
    gap = abs(np.array(path) - paths["backpropagation"]).max()
    print(f"{name}: loss {losses[0]:.4f}, at the end {losses[-1]:.4f},",
          f"path within 1e-6: {gap < 1e-6}")
ax.set(xlabel="step", ylabel="loss")
legend = ax.legend()
# --8<-- [end:same_path]

# --8<-- [start:two_two_one]
params = [(np.array([[0.3, 0.5], [0.2, -1.0]]), np.array([0.3, 1.0])),
          (np.array([[2.0], [-1.0]]), np.array([-1.0]))]
A, cache = forward(params, x[None, :], output="sigmoid")
value, dA = mse(A, np.array([[y]]))
grads = backward(params, cache, dA)
for dW, db in grads:
    print(dW.round(4).tolist(), db.round(4).tolist())
at = flat(params) - 0.1 * flat(grads)
lower = loss_at(at, params, x[None, :], np.array([[y]]))
print(f"loss {value:.5f}, after a step {lower:.5f},",
      f"expected {value - 0.1 * flat(grads) @ flat(grads):.5f}")
# --8<-- [end:two_two_one]

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
