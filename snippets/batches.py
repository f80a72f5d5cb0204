"""Chapter `batches`: what a batch's gradient knows, costs and changes."""

from __future__ import annotations

# --8<-- [start:imports]
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
# --8<-- [end:imports]
from mlp import backward, cross_entropy, forward


# --8<-- [start:counting]
def batches(N: int, batch_size: int, rng) -> list[np.ndarray]:
    """One epoch: the indices 0 to N - 1 in random order, in pieces
    of batch_size; the last piece is shorter if N does not divide."""
    order = rng.permutation(N)
    return [order[i:i + batch_size] for i in range(0, N, batch_size)]


rng = np.random.default_rng(0)
for N, B in [(10_000, 10), (1000, 100), (60_000, 1), (60_000, 1000),
             (1000, 300)]:
    updates = 0
    for batch in batches(N, B, rng):
        updates += 1  # a training loop takes its step here
    print(f"N = {N}, B = {B}: {updates} updates in one epoch,",
          f"the last with {len(batch)}")
# --8<-- [end:counting]


# --8<-- [start:two_paths]
rng = np.random.default_rng(5)
x = rng.normal(size=20)
x = (x - x.mean()) / x.std()
y = 0.5 + x + rng.normal(0, 0.6, 20)
best = np.array([np.mean(x * y), y.mean()])  # least squares: (w, b)


def descend(batch_size: int, epochs: int, lr: float = 0.1) -> np.ndarray:
    """Paths (updates + 1, 20, 2) of (w, b) from 0: 20 random orders."""
    rng, p = np.random.default_rng(0), np.zeros((20, 2))
    path = [p]
    for _ in range(epochs):
        order = rng.permuted(np.tile(np.arange(20), (20, 1)), axis=1)
        for i in range(0, 20, batch_size):
            k = order[:, i:i + batch_size]
            r = y[k] - p[:, :1] * x[k] - p[:, 1:]
            g = -2 * np.stack([(r * x[k]).mean(1), r.mean(1)], axis=1)
            p = p - lr * g
            path.append(p)
    return np.array(path)


fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
excess, length = {}, {}
for B, color in ((1, "C1"), (5, "C2"), (20, "C0")):
    path = descend(B, 30)
    excess[B] = np.sum((path - best) ** 2, axis=2)[::20 // B]
    length[B] = np.linalg.norm(np.diff(path, axis=0), axis=2).sum(axis=0)
    low, median, high = np.quantile(excess[B], [0.1, 0.5, 0.9], axis=1)
    right.fill_between(range(31), low, high, color=color, alpha=0.25,
                       linewidth=0)
    right.semilogy(median, color=color, label=f"$B$ = {B}")
    print(f"B = {B}: {20 // B} updates per epoch; loss above the minimum:",
          f"{median[1]:.3f} after 1 epoch, {median[-1]:.1g} after 30")
    if B != 5:
        five = path[:5 * 20 // B + 1, 0]
        left.plot(*five.T, ".-", color=color, linewidth=0.8)
w, b = np.meshgrid(np.linspace(-0.2, 1.9, 50), np.linspace(-0.3, 1.2, 50))
left.contour(w, b, (w - best[0]) ** 2 + (b - best[1]) ** 2,
             levels=[0.02, 0.1, 0.3, 0.7, 1.3], colors="0.6",
             linewidths=0.7)
left.plot(*best, "*", color="black", markersize=11)
left.set(xlabel="$w$", ylabel="$b$")
right.set(xlabel="epoch", ylabel="loss above the minimum")
right.legend(loc="lower left")
print(f"path of B = 1: {np.mean(length[1] / length[20]):.0f} times as long")
# --8<-- [end:two_paths]


# --8<-- [start:all_pairs]
g = np.array([1.0, 2, 3, 6])
N, B = 4, 2
pairs = np.array([(g[i] + g[j]) / 2 for i in range(4) for j in range(i)])
law = g.var() / B * (N - B) / (N - 1)
print("without replacement:", pairs)
print(f"mean {pairs.mean():.4f}, variance {pairs.var():.4f}, law {law:.4f}")
pairs = np.array([(u + v) / 2 for u in g for v in g])
print(f"with replacement: mean {pairs.mean():.4f},",
      f"variance {pairs.var():.4f}, law {g.var() / B:.4f}")
# --8<-- [end:all_pairs]


# --8<-- [start:net]
R, N = 20, 300  # runs, and training images of each
X, y = load_digits(return_X_y=True)
X = X / 16  # pixels between 0 and 1
rng = np.random.default_rng(1)
shuffled = np.array([rng.permutation(len(y)) for _ in range(R)])
X_train, y_train = X[shuffled[:, :N]], y[shuffled[:, :N]]
X_test, y_test = X[shuffled[:, N:]], y[shuffled[:, N:]]


def start(rng) -> list[np.ndarray]:
    """W1, b1, W2, b2 of R networks 64-32-10; first axis: the run."""
    W1 = rng.normal(0, np.sqrt(2 / 64), (R, 64, 32))
    W2 = rng.normal(0, np.sqrt(1 / 32), (R, 32, 10))
    return [W1, np.zeros((R, 1, 32)), W2, np.zeros((R, 1, 10))]


def probabilities(params, X):
    """Hidden (R, B, 32) and probabilities (R, B, 10), X (R, B, 64)."""
    W1, b1, W2, b2 = params
    hidden = np.maximum(X @ W1 + b1, 0)
    Z = hidden @ W2 + b2
    P = np.exp(Z - Z.max(axis=2, keepdims=True))
    return hidden, P / P.sum(axis=2, keepdims=True)


def gradients(params, X, y) -> list[np.ndarray]:
    """Of each run's mean cross-entropy over its batch, y (R, B)."""
    hidden, P = probabilities(params, X)
    dZ = (P - np.eye(10)[y]) / y.shape[1]
    d_hidden = dZ @ params[2].mT * (hidden > 0)
    return [X.mT @ d_hidden, d_hidden.sum(axis=1, keepdims=True),
            hidden.mT @ dZ, dZ.sum(axis=1, keepdims=True)]


params = start(np.random.default_rng(2))
W1, b1, W2, b2 = (p[3] for p in params)
layers = [(W1, b1[0]), (W2, b2[0])]
scores, cache = forward(layers, X_train[3], "relu")
loss, dZ = cross_entropy(scores, np.eye(10)[y_train[3]])
alone = [d for pair in backward(layers, cache, dZ) for d in pair]
at_once = gradients(params, X_train, y_train)
print(f"initial loss {loss:.2f}, ln 10 = {np.log(10):.2f};",
      "run 3 equals mlp:",
      all(np.allclose(a[3], b) for a, b in zip(at_once, alone)))
# --8<-- [end:net]


# --8<-- [start:noise]
one = [p[:1] for p in params]  # every example as a run of its own
each = gradients(one, X_train[0][:, None], y_train[0][:, None])
G = np.concatenate([d.reshape(N, -1) for d in each], axis=1)
full = np.concatenate([d[0].ravel() for d in at_once])
g = G.mean(axis=0)
variance = np.sum((G - g) ** 2, axis=1).mean()
print("G:", G.shape, "mean equals the gradient:", np.allclose(g, full))

rng = np.random.default_rng(0)
epoch = [G[batch].mean(axis=0) for batch in batches(N, 10, rng)]
print(f"so does the mean of the {len(epoch)} batches of an epoch:",
      np.allclose(np.mean(epoch, axis=0), g))


def draw(B: int, replace: bool) -> np.ndarray:
    """Gradients of 400 random batches, one per row."""
    weights = np.zeros((400, N))
    for row in weights:
        np.add.at(row, rng.choice(N, B, replace=replace), 1 / B)
    return weights @ G


sizes = np.array([1, 2, 5, 10, 30, 100, 200, 270, 299, 300])
measured = {}
for replace in (True, False):
    off = [np.sum((draw(B, replace) - g) ** 2, axis=1) for B in sizes]
    measured[replace] = np.mean(off, axis=1)
law = {True: variance / sizes,
       False: variance / sizes * (N - sizes) / (N - 1)}

fig, ax = plt.subplots()
for replace, color, label in ((True, "C1", "with replacement"),
                              (False, "C0", "without")):
    some = slice(None) if replace else slice(-1)  # the last one is 0
    ax.loglog(sizes[some], measured[replace][some], "o", color=color)
    B = sizes if replace else np.append(np.arange(1, 299), [299, 299.5])
    shrink = 1 if replace else (N - B) / (N - 1)
    ax.loglog(B, variance / B * shrink, color=color, label=label)
ax.set(xlabel="$B$", ylabel="variance of the batch gradient")
ax.legend()
for B in (10, 100, 300):
    i = np.flatnonzero(sizes == B)[0]
    print(f"B = {B}: with {measured[True][i]:.4f}, law {law[True][i]:.4f};",
          f"without {measured[False][i]:.4f}, law {law[False][i]:.4f}")
# --8<-- [end:noise]


# --8<-- [start:time]
def update(params, X, y, lr: float) -> None:
    """One step, in place."""
    for p, d in zip(params, gradients(params, X, y)):
        p -= lr * d


def seconds(B: int, repeats: int = 40) -> float:
    """Time of one update of one network, the best of all repeats:
    other programs can only make it longer."""
    params = [p[:1].copy() for p in start(np.random.default_rng(0))]
    X_batch, y_batch = X[None, :B], y[None, :B]
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        update(params, X_batch, y_batch, 0.1)
        times.append(time.perf_counter() - begin)
    return min(times)


t = {B: seconds(B) for B in (1, 10, 100, 1000)}
epoch = {B: t[B] * -(-60_000 // B) for B in t}
for B in t:
    print(f"B = {B}: update {t[B] / t[1]:.1f} times B = 1,",
          f"epoch {epoch[B] / epoch[1]:.4f} times")
print("1000 examples cost under 200 times 1:", t[1000] < 200 * t[1])
print("an epoch of B = 1 costs over 5 of B = 1000:",
      epoch[1] > 5 * epoch[1000])
# --8<-- [end:time]


# --8<-- [start:train]
def evaluate(params, X, y) -> tuple[np.ndarray, np.ndarray]:
    """Loss and accuracy of each run, (R,) each."""
    _, P = probabilities(params, X)
    right = np.take_along_axis(P, y[:, :, None], axis=2)
    correct = P.argmax(axis=2) == y
    return -np.log(right).mean(axis=(1, 2)), correct.mean(axis=1)


def train(batch_size: int, lr: float, marks) -> dict[int, np.ndarray]:
    """All R runs, each on its own images from its own start.

    marks: counts of updates, ascending; training stops at the last.
    Returns for each mark training loss and accuracy, test loss and
    accuracy, (4, R).
    """
    rng = np.random.default_rng(3)
    params, history, done = start(rng), {}, 0
    runs = np.arange(R)[:, None]
    while done < marks[-1]:
        order = rng.permuted(np.tile(np.arange(N), (R, 1)), axis=1)
        for i in range(0, N, batch_size):
            k = order[:, i:i + batch_size]
            update(params, X_train[runs, k], y_train[runs, k], lr)
            done += 1
            if done in marks:
                history[done] = np.array(
                    [*evaluate(params, X_train, y_train),
                     *evaluate(params, X_test, y_test)])
            if done == marks[-1]:
                break
    return history
# --8<-- [end:train]


# --8<-- [start:budgets]
marks = [5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 400, 500]
history = {B: train(B, 0.1, marks + [1500] * (B == 1))
           for B in (1, 10, 50, 300)}
fig, axes = plt.subplots(1, 2, figsize=(8, 3.4), sharey=True)
for color, (B, scores) in enumerate(history.items()):
    updates = np.array(list(scores))
    losses = np.array([s[0] for s in scores.values()])
    low, median, high = np.quantile(losses, [0.1, 0.5, 0.9], axis=1)
    for ax, at in zip(axes, (updates * B / N, updates)):
        ax.fill_between(at, low, high, color=f"C{color}", alpha=0.25,
                        linewidth=0)
        ax.loglog(at, median, color=f"C{color}", label=f"$B$ = {B}")
axes[0].set(xlabel="epochs", ylabel="training loss", xlim=(0.1, 500))
axes[1].set(xlabel="updates")
axes[0].legend()

same_epochs = {B: history[B][5 * N // B] for B in history}
same_updates = {B: history[B][500] for B in history}
for name, rows in (("5 epochs", same_epochs),
                   ("500 updates", same_updates)):
    print(name)
    for B, (loss, _, _, accuracy) in rows.items():
        print(f"  B = {B}: training loss {loss.mean():.3f} ±",
              f"{loss.std():.3f}, test accuracy {accuracy.mean():.3f} ±",
              f"{accuracy.std():.3f}")
# --8<-- [end:budgets]


# --8<-- [start:equal_time]
cost = {B: seconds(B) for B in history}
budget = 300 * cost[10]
same_time = {}
for B, scores in history.items():
    done = budget / cost[B]
    losses = [s[0].mean() for s in scores.values()]
    same_time[B] = np.interp(done, list(scores), losses)
    print(f"B = {B}: {done:.0f} updates, training loss {same_time[B]:.2f}")
print("1.5 times the loss of B = 10, or more:",
      {B: bool(same_time[B] > 1.5 * same_time[10]) for B in (1, 300)})
# --8<-- [end:equal_time]


# --8<-- [start:saddle]
tilts = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) / 4


def leave(batch_size: int, begin: float = 0.0) -> np.ndarray:
    """Paths (401, 20, 2) with lr 0.05 from (begin, begin)."""
    rng, w = np.random.default_rng(0), np.full((20, 2), begin)
    path = [w]
    while len(path) <= 400:
        order = rng.permuted(np.tile(np.arange(4), (20, 1)), axis=1)
        for i in range(0, 4, batch_size):
            c = tilts[order[:, i:i + batch_size]].mean(axis=1)
            error = 1 - w[:, :1] * w[:, 1:]
            w = w - 0.05 * (-2 * error * w[:, ::-1] + c)
            path.append(w)
    return np.array(path)


paths = {"B = 4": leave(4), "B = 1": leave(1),
         "B = 4, 1e-6 off": leave(4, 1e-6)}
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
axis = np.linspace(-1.7, 1.7, 80)
left.contour(axis, axis, (1 - axis * axis[:, None]) ** 2, colors="0.6",
             levels=[0.03, 0.3, 1, 2, 4, 7], linewidths=0.7)
for run in range(6):
    left.plot(*paths["B = 1"][:, run].T, color=f"C{run}", linewidth=0.8)
left.plot(0, 0, "o", color="black")
left.set(xlabel="$w_1$", ylabel="$w_2$", aspect=1)
stuck = {}
for name, path in paths.items():
    stuck[name] = (1 - path[:, :, 0] * path[:, :, 1]) ** 2
    low, median, high = np.quantile(stuck[name], [0, 0.5, 1], axis=1)
    right.fill_between(range(401), low, high, alpha=0.3, linewidth=0)
    right.plot(median, label=f"${name[0]}$" + name[1:])
    print(f"{name}: loss after 400 updates from {low[-1]:.4f}",
          f"to {high[-1]:.4f}")
right.set(xlabel="updates", ylabel="loss")
right.legend()
side = int(np.sum(paths["B = 1"][-1, :, 0] > 0))
print(f"{side} of 20 runs near (1, 1), {20 - side} near (-1, -1)")
# --8<-- [end:saddle]


# --8<-- [start:wells]
def wells(x):
    return np.minimum(20 * (x + 1) ** 2, 0.5 * (x - 1) ** 2)


def d_wells(x):
    sharp = 20 * (x + 1) ** 2 < 0.5 * (x - 1) ** 2
    return np.where(sharp, 40 * (x + 1), x - 1)


slopes = np.linspace(-5.5, 5.5, 100)  # one per example, adding up to 0


def shake(begin: float, B: int, lr: float = 0.04) -> np.ndarray:
    """Where 400 runs stand after 300 updates with batches of B."""
    rng, x = np.random.default_rng(0), np.full(400, begin)
    for _ in range(300):
        noise = 0.0
        if B < 100:
            order = rng.permuted(np.tile(slopes, (400, 1)), axis=1)
            noise = order[:, :B].mean(axis=1)
        x = x - lr * (d_wells(x) + noise)
    return x


print(f"shifted by 0.2: sharp {wells(-0.8):.2f}, flat {wells(1.2):.2f}")
rim = (1 - np.sqrt(40)) / (1 + np.sqrt(40))  # where the wells meet
out, spread, expected = {}, {}, {}
for B in (1, 2, 4, 8, 16, 100):
    sharp, flat = shake(-1.0, B), shake(1.0, B)
    out[B] = [np.mean(sharp > rim), np.mean(flat < rim)]
    spread[B] = flat.var()
    noise = slopes.var() / B * (100 - B) / 99
    expected[B] = 0.04 * noise / (2 - 0.04)
    print(f"B = {B}: left the sharp well {out[B][0]:.3f}, the flat one",
          f"{out[B][1]:.3f}; spread in the flat one {spread[B]:.4f},",
          f"law {expected[B]:.4f}")

fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
x = np.linspace(-1.6, 2.4, 401)
left.plot(x, wells(x), label="training")
left.plot(x, wells(x - 0.2), "--", color="C1", label="shifted by 0.2")
left.plot([-1, 1], [wells(-1.2), wells(0.8)], "o", color="C1")
left.set(xlabel="$x$", ylabel="loss", ylim=(-0.1, 2.6))
left.legend(loc="upper right")
for well, color, label in ((0, "C3", "sharp"), (1, "C2", "flat")):
    right.plot(range(6), [share[well] for share in out.values()], "o-",
               color=color, label=label)
right.set_xticks(range(6), out)
right.set(xlabel="$B$", ylabel="share of runs that left the well")
right.legend()
x = shake(-0.999, 100, lr=0.06)[0]
print(f"lr 0.06, no noise: from -0.999 to {x:.3f}")
# --8<-- [end:wells]


# --8<-- [start:scaling]
finals = {}
for B, lr in [(10, 0.1), (20, 0.2), (50, 0.5), (100, 1.0), (300, 3.0)]:
    last = 20 * N // B
    for rate in sorted({0.1, lr}):
        finals[B, rate] = train(B, rate, [last])[last][0]
    scaled, fixed = finals[B, lr], finals[B, 0.1]
    print(f"B = {B}: training loss with lr 0.1 {fixed.mean():.3f},",
          f"with lr {lr} {scaled.mean():.3f} ± {scaled.std():.3f}")

turned = {}
for lr in (0.1, 0.5, 1.0, 3.0):
    params = start(np.random.default_rng(3))
    before = gradients(params, X_train, y_train)
    update(params, X_train, y_train, lr)
    after = gradients(params, X_train, y_train)
    change, size = 0.0, 0.0
    for a, b in zip(after, before):
        change = change + np.sum((a - b) ** 2, axis=(1, 2))
        size = size + np.sum(b**2, axis=(1, 2))
    turned[lr] = np.sqrt(change / size).mean()
    print(f"one full step with lr {lr} changes the gradient by",
          f"{100 * turned[lr]:.0f}%")
# --8<-- [end:scaling]


# --8<-- [start:gap]
small = train(10, 0.1, [1800])[1800]
large = train(300, 0.5, [400])[400]
for name, (_, fitted, _, tested) in (("B = 10", small), ("B = 300", large)):
    print(f"{name}: training accuracy {100 * fitted.mean():.2f} ±",
          f"{100 * fitted.std():.2f}, test {100 * tested.mean():.2f} ±",
          f"{100 * tested.std():.2f}")
difference = 100 * (small[3] - large[3])
gap, margin = difference.mean(), 2 * difference.std(ddof=1) / np.sqrt(R)
print(f"test gap {gap:+.2f} ± {margin:.2f} points")
# --8<-- [end:gap]


# --8<-- [start:exercise_1]
rng = np.random.default_rng(0)
g = np.arange(1.0, 11)
plain, weighted = [], []
for _ in range(4000):
    epoch = batches(10, 4, rng)
    means, shares = [g[k].mean() for k in epoch], [len(k) for k in epoch]
    plain.append(np.mean(means))
    weighted.append(np.average(means, weights=shares))
print(f"{5 * len(batches(1000, 300, rng))} updates in 5 epochs")
print(f"mean of g: {g.mean()}; plain means between {min(plain):.2f} and",
      f"{max(plain):.2f}, on average {np.mean(plain):.2f}")
print("weighted by length, always right:", np.allclose(weighted, g.mean()))
# --8<-- [end:exercise_1]


# --8<-- [start:exercise_2]
g = np.array([1.0, 2, 3, 6])
triples = (g.sum() - g) / 3  # each triple leaves one number out
print("means:", triples.round(4), f"variance {triples.var():.4f}")
print(f"law {g.var() / 3 * (4 - 3) / (4 - 1):.4f}; without the factor",
      f"{g.var() / 3:.4f}")
# --8<-- [end:exercise_2]


# --8<-- [start:exercise_3]
rng = np.random.default_rng(0)
x = rng.normal(size=100)
y = x + rng.normal(size=100)
w = np.zeros(2)
for batch in range(20):
    for k in batches(100, 1, rng):
        error = y[k] - w[0] * w[1] * x[k]
        w = w - 0.05 * np.mean(-2 * error * x[k]) * w[::-1]
print("after 2000 noisy updates:", w)
w = np.array([1e-6, 1e-6])
for _ in range(400):
    error = y - w[0] * w[1] * x
    w = w - 0.05 * np.mean(-2 * error * x) * w[::-1]
print("full batch from 1e-6 beside it:", w.round(3))
# --8<-- [end:exercise_3]


# --8<-- [start:exercise_4]
rng = np.random.default_rng(0)
bowl = {}
for lr, B in [(0.01, 1), (0.04, 4), (0.16, 16), (1.6, 160)]:
    x = np.zeros(4000)
    for _ in range(int(8 / lr) + 50):
        x = x - lr * (x + rng.normal(0, 1 / np.sqrt(B), 4000))
    bowl[B] = x.var()
    print(f"lr {lr}, B = {B}: variance {bowl[B]:.5f},",
          f"law {lr / B / (2 - lr):.5f}, for small lr {lr / B / 2:.5f}")
# --8<-- [end:exercise_4]
