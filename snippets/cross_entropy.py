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
        print(f"shift {shift}: as written {e / e.sum()},",
              f"stable {softmax(z + shift).round(12)}")
# --8<-- [end:softmax]


# --8<-- [start:minus]
def cross_entropy(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The loss of each example; scores z and labels y end in K classes."""
    z = z - z.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return -(y * log_p).sum(axis=-1)


C = cross_entropy(z, Y)  # the same scores for all three examples
likelihood = softmax(z)[classes].prod()
print(f"C = {C.round(4)}, sum {C.sum():.4f};",
      f"-ln(likelihood) = {-np.log(likelihood):.4f}")
thousand = np.full(1000, 0.4)
print(f"1000 such examples: likelihood {thousand.prod()},",
      f"loss {-np.log(thousand).sum():.1f}")
sure = cross_entropy(np.array([1000.0, 0.0]), np.array([0.0, 1.0]))
print(f"sure and wrong, scores 1000 and 0: C = {sure}")
# --8<-- [end:minus]


# --8<-- [start:chance]
p = np.linspace(0.005, 1, 200)
fig, ax = plt.subplots(figsize=(6.4, 3.2))
ax.plot(p, -np.log(p))
ax.set(xlabel="p (true class)", ylabel="−ln p", ylim=(0, None))
for K in (2, 5, 10):
    chance = cross_entropy(np.zeros(K), np.eye(K)[0])
    print(f"K = {K}: equal scores cost {chance:.4f}")
    ax.plot(1 / K, chance, "o", color="C1")
    ax.text(1 / K + 0.02, chance + 0.1, f"K = {K}")
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
# --8<-- [end:entropy]


# --8<-- [start:entropy_figure]
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
p1 = np.linspace(0.02, 0.98, 97)
truth = np.array([0.7, 0.3])
left.plot(p1, H(truth, np.column_stack([p1, 1 - p1])))
left.axhline(H(truth, truth), color="0.5", linestyle=":")
left.plot(0.7, H(truth, truth), "o", color="C1")
left.set(xlabel="$p_1$", ylabel="H(y, p)", ylim=(0, 3))
right.set(xlabel="H(p)", ylabel="C", ylim=(-0.4, 9))
some = P[:500]
correct = some.argmax(axis=1) == 2
for group, color in ((correct, "C0"), (~correct, "C3")):
    right.plot(H(some[group], some[group]), H(label, some[group]), "o",
               color=color, markersize=2.5)
for p, mark in zip(guesses.values(), "osX"):
    right.plot(H(p, p), H(label, p), mark, color="C1", markersize=9)
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
print(f"100 random scores: gradient within {off_gradient:.0e},",
      f"Hessian within {off_hessian:.0e}")
print(f"lowest eigenvalue of all {lowest:.0e}")
print("eigenvalues at z", np.linalg.eigvalsh(hessian(z)).round(6) + 0.0)
print("Hessian times ones", (hessian(z) @ np.ones(5)).round(12) + 0.0)
# --8<-- [end:gradient]


# --8<-- [start:squared]
def squared_gradient(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 2 * hessian(z) @ (softmax(z) - y)


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


# --8<-- [start:deaf]
def p_true(slope, lr: float) -> np.ndarray:
    """Probability of class 0 at the start and after each of 200 steps."""
    scores, path = start, [softmax(start)[0]]
    for _ in range(200):
        scores = scores - lr * slope(scores, first)
        path.append(softmax(scores)[0])
    return np.array(path)


d = np.linspace(-8, 8, 81)  # two classes, scores d and 0, label (1, 0)
paths = {name: p_true(slope, 1.0) for name, slope in slopes.items()}
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
for name, slope in slopes.items():
    print(f"{name}: p(true) {paths[name][0]:.1e} -> {paths[name][-1]:.3g}")
    left.semilogy(paths[name])
    pull = [-slope(np.array([d_i, 0.0]), np.eye(2)[0])[0] for d_i in d]
    right.plot(d, pull, label=name)
left.set(xlabel="step", ylabel="p (true class)")
right.set(xlabel="$z_1 - z_2$", ylabel="pull on $z_1$")
right.legend()
for lr in (5, 100):
    p = p_true(squared_gradient, lr)[-1]
    print(f"squared error with lr {lr}: p(true) -> {p:.1e}")
# --8<-- [end:deaf]


# --8<-- [start:classifier]
def loss(W, b, X, Y) -> float:
    """Mean loss; X is (N, D), W (D, K), b (K,), Y (N, K)."""
    return cross_entropy(X @ W + b, Y).mean()


def sum_gradients(W, b, X, Y):
    """Gradients of the sum of all losses: for W, for b."""
    error = softmax(X @ W + b) - Y
    return X.T @ error, error.sum(axis=0)


def descend(X, Y, lr, steps: int, reduce: str):
    """Gradient descent on the "sum" or the "mean", from zero."""
    W, b = np.zeros((X.shape[1], Y.shape[1])), np.zeros(Y.shape[1])
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
order = np.random.default_rng(3).permutation(len(images))
X, Y = images[order] / 16, np.eye(10)[numbers[order]]  # pixels 0 to 16
N = 1200
train, test = (X[:N], Y[:N]), (X[N:], Y[N:])
start_loss = loss(np.zeros((64, 10)), np.zeros(10), *train)
print(f"before: loss {start_loss:.4f}, ln 10 = {np.log(10):.4f}")
fits = {}
for reduce, lr in (("mean", 0.5), ("sum", 0.5 / N), ("sum", 0.5)):
    early = loss(*descend(*train, lr, 10, reduce), *train)
    fits[reduce, lr] = W, b = descend(*train, lr, 30, reduce)
    print(f"{reduce}, lr {lr:.3g}: after 10 steps loss {early:.3f},",
          f"after 30 {loss(W, b, *train):.3f},",
          f"test accuracy {accuracy(W, b, *test):.3f}")
apart = abs(fits["mean", 0.5][0] - fits["sum", 0.5 / N][0]).max()
print(f"weights of the first two apart by at most {apart:.0e}")
# --8<-- [end:digits]


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
print("norm of each gradient", norms.round(2))
frequency = Y.mean(axis=0)
print(f"mean loss {cross_entropy(b_only, Y).mean():.4f},",
      f"H(frequencies) {H(frequency, frequency):.4f}")
# --8<-- [end:balance]


# --8<-- [start:features]
def hidden(X: np.ndarray, W1: np.ndarray) -> np.ndarray:
    return np.maximum(0, X @ W1)


corners = np.array([[1.0, 1], [-1, -1], [1, -1], [-1, 1]])
noise = np.random.default_rng(4).normal(0, 0.25, (200, 2))
X = np.repeat(corners, 50, axis=0) + noise
Y = np.eye(2)[np.repeat([0, 0, 1, 1], 50)]
W1 = np.array([[1.0, -1.0], [1.0, -1.0]])  # chosen by hand
outputs = {}
for name, inputs in {"raw": X, "features": hidden(X, W1)}.items():
    outputs[name] = W, b = descend(inputs, Y, 1.0, 500, "mean")
    print(f"{name}: loss {loss(W, b, inputs, Y):.4f},",
          f"accuracy {accuracy(W, b, inputs, Y):.3f}")


def network_loss(v: np.ndarray) -> float:
    """Loss with all ten parameters in one vector: W1, W, b."""
    W1, W, b = v[:4].reshape(2, 2), v[4:8].reshape(2, 2), v[8:]
    return loss(W, b, hidden(X, W1), Y)


flat = abs(numerical_gradient(network_loss, np.zeros(10))).max()
print(f"all ten zero: slope {flat:.0e},",
      f"loss {network_loss(np.zeros(10)):.4f}")
# --8<-- [end:features]


# --8<-- [start:features_figure]
W, b = outputs["features"]
grid = np.linspace(-2, 2, 81)
plane = np.stack(np.meshgrid(grid, grid), axis=-1)
h_grid = np.linspace(-0.2, 3.2, 81)
h_plane = np.stack(np.meshgrid(h_grid, h_grid), axis=-1)
panels = [(X, outputs["raw"], grid, plane, "raw"),
          (hidden(X, W1), (W, b), h_grid, h_plane, "features"),
          (X, (W, b), grid, hidden(plane, W1), "features, raw axes")]
fig, axes = plt.subplots(1, 3, figsize=(8, 2.9))
for ax, (points, (V, c), axis, inputs, title) in zip(axes, panels):
    for k, mark in ((0, "o"), (1, "x")):
        ax.plot(*points[Y[:, k] == 1].T, mark, markersize=3)
    levels = softmax(inputs @ V + c)[..., 0]
    ax.contour(axis, axis, levels, [0.1, 0.5, 0.9], colors="0.5",
               linestyles=["dotted", "solid", "dotted"])
    ax.set(title=title, aspect="equal")
# --8<-- [end:features_figure]


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
losses = cross_entropy(scores, np.array([0.0, 1.0]))
print("sigmoid:", np.allclose(softmax(scores)[:, 1], sigmoid, rtol=1e-12))
print("loss:", np.allclose(losses, np.log1p(np.exp(-d)), rtol=1e-9))
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
needed = {}
for a in (1, 2, 3, 4, 5):
    for name, slope in slopes.items():
        scores, steps = np.array([-a, a, 0.0]), 0
        while softmax(scores)[0] < 0.9:
            scores, steps = scores - slope(scores, first), steps + 1
        needed[a, name] = steps
    print(f"a = {a}: cross-entropy {needed[a, 'cross-entropy']} steps,",
          f"squared error {needed[a, 'squared error']}")
# --8<-- [end:exercise_4]
