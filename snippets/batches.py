"""Chapter `batches`: what a batch's gradient knows, costs and changes."""

from __future__ import annotations

# --8<-- [start:counting]
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits


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
    print(f"N = {N}, B = {B}: {updates} updates, last {len(batch)}")
# --8<-- [end:counting]


# --8<-- [start:two_paths]
size = 1
rng = np.random.default_rng(5)
x = rng.normal(size=20)
x = (x - x.mean()) / x.std()
y = 0.5 + x + rng.normal(0, 0.6, 20)
best = np.array([np.mean(x * y), y.mean()])  # least squares: (w, b)


def descend(batch_size: int, epochs: int, lr: float = 0.1) -> np.ndarray:
    """Paths (updates + 1, 20, 2) of (w, b) from 0: 20 random orders."""
    rng, p = np.random.default_rng([0, batch_size]), np.zeros((20, 2))
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


walks = {B: descend(B, 30) for B in sorted({1, 5, 20, size})}
fig, (top, low) = plt.subplots(2, 1, figsize=(5, 6.4))
excess = {}
for B, path in walks.items():
    excess[B] = np.sum((path - best) ** 2, axis=2)[::20 // B]
    median = np.median(excess[B], axis=1)
    print(f"B = {B}: {median[1]:.3f} above the minimum after",
          f"1 epoch, {median[-1]:.1g} after 30")
for B, color in ((1, "C1"), (5, "C2"), (20, "C0")):
    band = np.quantile(excess[B], [0.1, 0.9], axis=1)
    low.fill_between(range(31), *band, color=color, alpha=0.25,
                     linewidth=0)
    low.semilogy(np.median(excess[B], axis=1), color=color,
                 label=f"$B$ = {B}")
above = np.median(excess[size], axis=1)
assert size == 20 or above[1] < 0.75 and above[30] > 1e-6
top.plot(*walks[size][:5 * 20 // size + 1, 0].T, ".-", color="C3",
         linewidth=0.8)
low.semilogy(above, "--", color="C3", linewidth=3)
w, b = np.meshgrid(np.linspace(-0.2, 1.9, 50), np.linspace(-0.3, 1.2, 50))
top.contour(w, b, (w - best[0]) ** 2 + (b - best[1]) ** 2,
            levels=[0.02, 0.1, 0.25], colors="0.6",
            linewidths=0.7)
top.plot(*best, "*", color="black", markersize=11)
top.set(xlabel="$w$", ylabel="$b$", xlim=(-0.2, 1.9), ylim=(-0.3, 1.2),
        xticks=[0, 1], yticks=[0, 1])
low.set(xlabel="epoch", ylabel="loss above minimum", ylim=(1e-6, 3))
low.set_yticks([1e-6, 1e-4, 0.01, 1], ["1e-6", "1e-4", 0.01, 1])
low.minorticks_off()
legend = low.legend(loc="lower left", ncols=3)
# --8<-- [end:two_paths]


# --8<-- [start:all_pairs]
g = np.array([1.0, 2, 3, 6])
N, B = 4, 2
pairs = np.array([(g[i] + g[j]) / 2 for i in range(4) for j in range(i)])
law = g.var() / B * (N - B) / (N - 1)
print("without replacement:", pairs)
print(f"mean {pairs.mean():.4f}, variance {pairs.var():.4f}, law {law:.4f}")
pairs = np.array([(u + v) / 2 for u in g for v in g])
print(f"with replacement: mean {pairs.mean():.4f},")
print(f"  variance {pairs.var():.4f}, law {g.var() / B:.4f}")
# --8<-- [end:all_pairs]


# --8<-- [start:net]
R, N = 8, 300  # runs, and training images of each
images, digits = load_digits(return_X_y=True)
rng = np.random.default_rng(1)
shuffled = np.array([rng.permutation(len(digits)) for _ in range(R)])
train, test = shuffled[:, :N], shuffled[:, -500:]
X, y = images[train] / 16, digits[train]  # pixels between 0 and 1
X_test, y_test = images[test] / 16, digits[test]


def start(rng) -> list[np.ndarray]:
    """W1, b1, W2, b2 of R networks 64-32-10; first axis: the run."""
    W1 = rng.normal(0, np.sqrt(2 / 64), (R, 64, 32))
    W2 = rng.normal(0, np.sqrt(1 / 32), (R, 32, 10))
    return [W1, np.zeros((R, 1, 32)), W2, np.zeros((R, 1, 10))]


def probabilities(params, X):
    """Hidden (R, B, 32) and probabilities (R, B, 10), X (R, B, 64)."""
    W1, b1, W2, b2 = params
    hidden = X @ W1
    hidden += b1  # in place: a new array would cost more than the sum
    np.maximum(hidden, 0, out=hidden)
    P = hidden @ W2 + b2
    P -= P.max(axis=2, keepdims=True)
    np.exp(P, out=P)
    P /= np.einsum("rbk->rb", P)[:, :, None]
    return hidden, P


def gradients(params, X, y, times=1.0) -> list[np.ndarray]:
    """Of each run's mean cross-entropy over its batch, y (R, B);
    times: a factor, which costs least where the arrays are small."""
    hidden, dZ = probabilities(params, X)
    dZ -= np.eye(10)[y]
    dZ *= times / y.shape[1]
    d_hidden = dZ @ params[2].mT
    d_hidden *= hidden > 0
    db1, db2 = (np.einsum("rbk->rk", d)[:, None] for d in (d_hidden, dZ))
    return [X.mT @ d_hidden, db1, hidden.mT @ dZ, db2]


def evaluate(params, X, y) -> tuple[np.ndarray, np.ndarray]:
    """Loss and accuracy of each run, (R,) each."""
    _, P = probabilities(params, X)
    right = np.take_along_axis(P, y[:, :, None], axis=2)
    loss = -np.log(np.maximum(right, 1e-300)).mean(axis=(1, 2))
    return loss, (P.argmax(axis=2) == y).mean(axis=1)


params = start(np.random.default_rng(2))
way = [rng.normal(size=p.shape) for p in params]  # any direction
up, down = (evaluate([p + h * d for p, d in zip(params, way)], X, y)[0]
            for h in (1e-6, -1e-6))
slope = sum((g * d).sum(axis=(1, 2))
            for g, d in zip(gradients(params, X, y), way))
print(f"initial loss {evaluate(params, X, y)[0].mean():.2f},",
      f"ln 10 = {np.log(10):.2f}")
print("gradients are the measured slopes:",
      np.allclose((up - down) / 2e-6, slope))
# --8<-- [end:net]


# --8<-- [start:noise]
def single_gradients(params, X, y) -> np.ndarray:
    """(N, 2410): row n is the gradient of example n, for one network
    and X (N, 64); every example is a batch of 1."""
    each = gradients(params, X[:, None], y[:, None])
    return np.concatenate([d.reshape(len(y), -1) for d in each], axis=1)


G = single_gradients([p[:1] for p in params], X[0], y[0])
g = G.mean(axis=0)
variance = np.sum((G - g) ** 2, axis=1).mean()
epoch = [G[k].mean(axis=0) for k in batches(N, 10, rng)]
print("G:", G.shape, "mean over an epoch's batches = g:",
      np.allclose(np.mean(epoch, axis=0), g))

sizes = np.array([1, 3, 10, 30, 100, 200, 270, 299])
measured = {True: [], False: []}  # with, without replacement
products = (G - g) @ (G - g).T  # of each two examples' deviations
for replace in measured:
    for B in sizes:
        weights = np.array([  # 200 batches, one per row
            np.bincount(rng.choice(N, B, replace), minlength=N) / B
            for _ in range(200)])
        off = np.sum(weights @ products * weights, axis=1)
        measured[replace].append(off.mean())
law = {True: variance / sizes,
       False: variance / sizes * (N - sizes) / (N - 1)}
for replace in measured:
    ratio = np.array(measured[replace]) / law[replace]
    print(f"replace={replace}: measured / law",
          f"{ratio.min():.2f} to {ratio.max():.2f}")
# --8<-- [end:noise]


# --8<-- [start:noise_figure]
fig, ax = plt.subplots(figsize=(5, 3.6))
B = np.append(np.arange(1, 299), [299, 299.5])
ax.loglog(B, variance / B, "--", color="C3")
ax.loglog(B, variance / B * (N - B) / (N - 1), color="C5")
ax.loglog(sizes, measured[True], "o", color="C3", markerfacecolor="none",
          label="with")
ax.loglog(sizes, measured[False], "o", color="C5", label="without")
ax.set(xlabel="$B$", ylabel="variance")
ax.set_xticks([1, 10, 100], [1, 10, 100])
ax.set_yticks([0.001, 0.1, 10], [0.001, 0.1, 10])
ax.minorticks_off()
legend = ax.legend(title="replacement")
# --8<-- [end:noise_figure]


# --8<-- [start:training]
def training(X, y, B: int, rates, last: int):
    """R runs for each rate, side by side: rate rates[j // R], run j % R.
    Yields after every update its number and all parameters."""
    j = np.arange(len(rates) * R)
    lr, run = np.repeat(rates, R)[:, None, None], j[:, None] % R
    params = [p[j % R] for p in start(np.random.default_rng(3))]
    rng, done, N = np.random.default_rng([4, B]), 0, X.shape[1]
    k = np.arange(N)[None]  # the full batch needs no shuffling
    batch = X[run, k], y[run, k]
    while True:
        if B < N:
            order = rng.permuted(np.tile(k, (len(j), 1)), axis=1)
        for i in range(0, N, B):
            if B < N:
                part = order[:, i:i + B]
                batch = X[run, part], y[run, part]
            for p, d in zip(params, gradients(params, *batch, lr)):
                p -= d
            done += 1
            yield done, params
            if done == last:
                return


def updates_to(target: float, labels, B: int, rates, last: int):
    """Updates until each run's training loss is at most target, (R,),
    inf for a run not there yet, and the best of the rates: the one
    that first brings three quarters of the runs there."""
    reached = np.full((len(rates), R), np.inf)
    marks = set(np.geomspace(last / 7, last, 13).astype(int))
    then, before = 0, np.full((len(rates), R), 2.5)
    X_all, y_all = (np.tile(a, (len(rates), *[1] * (a.ndim - 1)))
                    for a in (X, labels))
    for done, params in training(X, labels, B, rates, last):
        if done in marks:
            loss = evaluate(params, X_all, y_all)[0].reshape(-1, R)
            part = (before - target) / (before - loss)
            new = (loss <= target) & np.isinf(reached)
            reached[new] = (then + part * (done - then))[new]
            then, before = done, loss
            if np.isfinite(reached).mean(axis=1).max() >= 0.75:
                best = np.median(reached, axis=1).argmin()
                return reached[best], rates[best]
    raise ValueError(f"loss {target} not reached in {last} updates")
# --8<-- [end:training]


# --8<-- [start:noise_scale]
def noise_scale(G) -> float:
    """Variance of single gradients over the squared mean gradient."""
    g = G.mean(axis=0)
    return np.vdot(G, G) / len(G) / (g @ g) - 1


scale = {}
for B, marks in ((10, (1, 50, 300)), (300, (1, 40, 100))):
    for done, params in training(X, y, B, [0.3], marks[-1]):
        if done in marks:
            loss = evaluate(params, X, y)[0].mean()
            scale[B, done] = np.median([
                noise_scale(single_gradients(
                    [p[r:r + 1] for p in params], X[r], y[r]))
                for r in range(4)])
            print(f"B = {B}, update {done}: loss {loss:.2f},",
                  f"noise scale {scale[B, done]:.0f}")
# --8<-- [end:noise_scale]


# --8<-- [start:time]
def seconds(B: int, repeats: int = 8) -> float:
    """Time of one update of one network, the best of all repeats:
    other programs can only make it longer. Five go together,
    for a browser's clock ticks only 10,000 times a second."""
    params = [p[:1].copy() for p in start(np.random.default_rng(0))]
    X_batch, y_batch = images[None, :B] / 16, digits[None, :B]
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        for _ in range(5):
            for p, d in zip(params, gradients(params, X_batch, y_batch)):
                p -= 0.1 * d
        times.append((time.perf_counter() - begin) / 5)
    return min(times)


t = {B: seconds(B)
     for B in (1, 3, 6, 10, 20, 30, 60, 100, 200, 300)}
B, T = np.array(list(t)), np.array(list(t.values()))
A = np.column_stack([np.ones(len(B)), B])  # least relative error
fixed, each = np.linalg.lstsq(A / T[:, None], np.ones(len(B)))[0]
print(f"t = {1e6 * fixed:.0f} µs + {1e6 * each:.2f} µs · B,",
      f"knee at B = {fixed / each:.0f}")
print("update, 300 under 60 times 1:", t[300] < 60 * t[1])

fig, (top, low) = plt.subplots(2, 1, figsize=(5, 5.6), sharex=True)
top.loglog(B, 1e6 * T, "o", color="black")
top.loglog(B, 1e6 * (fixed + each * B), color="0.6")
top.axvline(fixed / each, color="0.6", linestyle=":")
low.loglog(B, T * np.ceil(60_000 / B), "o-", color="black")
for ax, ticks, label in ((top, [50, 100, 200], "µs per update"),
                         (low, [0.03, 0.1, 0.3, 1, 3], "s per epoch")):
    ax.minorticks_off()
    ax.set_yticks(ticks, ticks)
    ax.set(xlabel="$B$", ylabel=label)
# --8<-- [end:time]


# --8<-- [start:budgets]
wrong = (y + rng.integers(1, 10, y.shape)
         * (rng.random(y.shape) < 0.2)) % 10  # 20% wrong labels
rates = {1: [0.04, 0.08, 0.16], 3: [0.1, 0.2, 0.4],
         10: [0.2, 0.4, 0.8], 30: [0.3, 0.6, 1.2],
         100: [0.4, 0.8, 1.6], 300: [0.4, 0.8, 1.6]}
steps, own, critical = {}, {}, {}
for name, labels, target in (("right", y, 0.4), ("wrong", wrong, 1.2)):
    print(f"{name} labels, loss {target}")
    for B in rates:
        steps[name, B], own[name, B] = updates_to(
            target, labels, B, rates[B], last=2000 // B + 70)
    S = {B: np.median(steps[name, B]) for B in rates}
    critical[name] = {B: (S[B] / S[300] - 1) * B * (N - 1) / (N - B)
                      for B in rates if B < 300}
    for B in rates:
        print(f"  B = {B}: {S[B]:.0f} updates, {S[B] * B / N:.1f}",
              f"epochs, rate {own[name, B]}",
              f"B_c {critical[name][B]:.0f}" if B < 300 else "")
# --8<-- [end:budgets]


# --8<-- [start:budgets_figure]
fig, axes = plt.subplots(2, 2, figsize=(6, 5.4), sharex=True)
B = np.geomspace(1, 300, 200)
noise = (N - B) / (N - 1) / B  # of the batch, relative to B = 1
for name, color, fill in (("right", "C5", "C5"), ("wrong", "C3", "none")):
    found = np.array([steps[name, b] for b in rates])
    b, tb = np.array(list(rates)), np.array([t[b] for b in rates])
    Bc = np.median(list(critical[name].values()))
    law = np.median(found[-1]) * (1 + Bc * noise)
    for ax, unit, curve in (
            (axes[0, 0], np.ones(6), law), (axes[0, 1], b / N, law * B / N),
            (axes[1, 0], 1e3 * tb, law * 1e3 * (fixed + each * B))):
        low, mid, high = unit * np.quantile(
            found, [0.25, 0.5, 0.75], axis=1, method="lower")
        ax.errorbar(b, mid, [mid - low, high - mid], fmt="o", color=color,
                    markerfacecolor=fill, markersize=5)
        ax.loglog(B, curve, color=color, linewidth=0.9)
    axes[1, 1].loglog(b, [own[name, k] for k in rates], "o", color=color,
                      markerfacecolor=fill)
    axes[1, 1].loglog(B, 1.1 / (1 + Bc / B), color=color, linewidth=0.9)
    cost = dict(zip(rates, np.median(found, axis=1) * tb))
    fast = min(cost, key=cost.get)
    print(f"{name} labels: fastest is B = {fast}; formula",
          f"{np.sqrt(Bc * fixed / each):.0f}")
    print("  1.2 times its time or more:",
          {k: bool(cost[k] > 1.2 * cost[fast]) for k in (1, 300)})
for ax, label in zip(axes.flat, ("updates", "epochs", "ms", "best rate")):
    ax.set_title(label)
    ax.minorticks_off()
    low, high = ax.get_ylim()
    ticks = [k for k in (0.1, 0.3, 1, 3, 10, 30, 100, 300) if low < k < high]
    ax.set_yticks(ticks, ticks)
for ax in axes[1]:
    ax.set_xticks([1, 10, 100], [1, 10, 100])
    ax.set_xlabel("$B$")
# --8<-- [end:budgets_figure]


# --8<-- [start:three_epochs]
after = {"rate 0.1": [], "own rate": []}
for B in rates:
    pair = [0.1, own["right", B]]
    for _, params in training(X, y, B, pair, 3 * N // B):
        pass
    for j, found in enumerate(after.values()):
        part = [p[j * R:(j + 1) * R] for p in params]
        found.append([evaluate(part, X, y)[1].mean(),
                      evaluate(part, X_test, y_test)[1].mean()])

fig, axes = plt.subplots(1, 2, figsize=(6, 3), sharey=True)
axes[0].set_ylabel("accuracy")
for ax, (name, found) in zip(axes, after.items()):
    fitted, tested = np.transpose(found)
    ax.semilogx(list(rates), fitted, "o-", color="black")
    ax.semilogx(list(rates), tested, "s--", color="black",
                markerfacecolor="none")
    ax.set_title(name)
    ax.set(xlabel="$B$", ylim=(0, 1.05))
    ax.set_xticks([1, 10, 100], [1, 10, 100])
    ax.minorticks_off()
    print(f"{name}, test:", *(f"{value:.2f}" for value in tested))
# --8<-- [end:three_epochs]


# --8<-- [start:saddle]
tilts = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) / 4


def leave(batch_size: int, begin: float = 0.0) -> np.ndarray:
    """Paths (401, 20, 2) with lr 0.05 from (begin, begin)."""
    rng = np.random.default_rng([0, batch_size])
    w = np.full((20, 2), begin)
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
fig, (top, low) = plt.subplots(2, 1, figsize=(5, 6.8))
axis = np.linspace(-1.7, 1.7, 35)
top.contour(axis, axis, (1 - axis * axis[:, None]) ** 2, colors="0.6",
            levels=[0.1, 0.5, 1, 3], linewidths=0.7)
top.plot(*paths["B = 1"][::2, :6].transpose(2, 0, 1), color="C1",
         linewidth=0.8)
top.plot(0, 0, "o", color="black")
top.set(xlabel="$w_1$", ylabel="$w_2$", aspect=1)
stuck, shown = {}, slice(0, 401, 4)
for (name, path), look in zip(paths.items(), ("C0-", "C1-", "C0--")):
    stuck[name] = (1 - path[:, :, 0] * path[:, :, 1]) ** 2
    first, last = stuck[name].min(axis=1), stuck[name].max(axis=1)
    low.fill_between(np.arange(401)[shown], first[shown], last[shown],
                     color=look[:2], alpha=0.3, linewidth=0)
    low.plot(np.arange(401)[shown],
             np.median(stuck[name], axis=1)[shown], look)
    print(f"{name}: ends at {first[-1]:.4f} to {last[-1]:.4f}")
low.set(xlabel="updates", ylabel="loss")
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
    """Where 200 runs stand after 150 updates with batches of B."""
    rng = np.random.default_rng([0, B, begin > 0])
    x = np.full(200, begin)
    for _ in range(150):
        noise = 0.0
        if B < 100:
            orders = rng.permuted(np.tile(slopes, (2 * B, 1)), axis=1)
            noise = orders.reshape(200, B).mean(axis=1)
        x = x - lr * (d_wells(x) + noise)
    return x


print(f"shifted by 0.2: sharp {wells(-0.8):.2f}, flat {wells(1.2):.2f}")
rim = (1 - np.sqrt(40)) / (1 + np.sqrt(40))  # where the wells meet
out, spread, expected = {}, {}, {}
for B in (1, 2, 4, 100):
    sharp, flat = shake(-1.0, B), shake(1.0, B)
    out[B] = [np.mean(sharp > rim), np.mean(flat < rim)]
    spread[B] = flat[flat > rim].var()  # of those that stayed
    noise = slopes.var() / B * (100 - B) / 99
    expected[B] = 0.04 * noise / (2 - 0.04)
    print(f"B = {B}: left sharp {out[B][0]:.2f}, flat {out[B][1]:.2f};",
          f"spread {spread[B]:.3f}, law {expected[B]:.3f}")
x = shake(-0.999, 100, lr=0.06)[0]
print(f"lr 0.06, no noise: from -0.999 to {x:.3f}")

fig, (top, low) = plt.subplots(2, 1, figsize=(5, 5.6))
x = np.linspace(-1.6, 2.4, 401)
top.plot(x, wells(x), color="black")
top.plot(x, wells(x - 0.2), "--", color="0.5")
top.plot(-1, wells(-1.2), "s", 1, wells(0.8), "D", color="0.5")
top.set(xlabel="$x$", ylabel="loss", ylim=(-0.1, 2.6))
for well, mark, label in ((0, "s-", "sharp"), (1, "D-", "flat")):
    low.plot(range(4), [share[well] for share in out.values()], mark,
             color="black", label=label)
low.set_xticks(range(4), out)
low.set(xlabel="$B$", ylabel="share that left")
legend = low.legend()
# --8<-- [end:wells]


# --8<-- [start:scaling]
bases = np.array([0.02, 0.1, 0.5])  # rates at B = 10
print("loss after 20 epochs, rate in brackets")
finals = {}
for B in (10, 30, 100, 300):
    scaled = bases * B / 10
    for _, params in training(X, y, B, scaled, 20 * N // B):
        pass
    loss = evaluate(params, np.tile(X, (3, 1, 1)), np.tile(y, (3, 1)))[0]
    finals[B] = loss.reshape(3, R).mean(axis=1)
    print(f"B = {B}:", ", ".join(
        f"{a:.3f} ({rate:g})" for a, rate in zip(finals[B], scaled)))
# --8<-- [end:scaling]


# --8<-- [start:gap]
few, two = 100, np.tile(np.arange(R), 2)  # B = 100 is the full batch
plan = {10: ([0.1, 0.4], (30, 60, 100, 150, 200, 300, 450)),
        100: ([0.2, 0.8], (10, 20, 30, 60, 100, 150, 225))}
unseen = X_test[two], y_test[two]
tested = {}  # accuracy in %, (marks, R)
for name, labels in (("right", y), ("wrong", wrong)):
    few_X, few_y = X[:, :few], labels[:, :few]
    for B, (pair, marks) in plan.items():
        history = []
        for done, params in training(few_X, few_y, B, pair, marks[-1]):
            if done in marks:
                hit = evaluate(params, *unseen)[1]
                history.append(100 * hit.reshape(2, R))
        fit = evaluate(params, few_X[two], few_y[two])[1].reshape(2, R)
        for j, rate in enumerate(pair):
            tested[name, B, rate] = a = np.array(history)[:, j]
            print(f"{name}, B = {B}, rate {rate}: fitted",
                  f"{100 * fit[j].mean():.0f}%, best",
                  f"{a.mean(axis=1).max():.1f}, last {a[-1].mean():.1f}")
gaps = {}
for name in ("right", "wrong"):
    print(f"{name}: B = 10 minus full batch, in the end")
    for a in plan[10][0]:
        for b in plan[100][0]:
            d = tested[name, 10, a][-1] - tested[name, 100, b][-1]
            margin = 2 * d.std(ddof=1) / np.sqrt(R)
            gaps[name, a, b] = d.mean(), margin
            print(f"  {a} against {b}: {d.mean():+.1f} ± {margin:.1f}")
# --8<-- [end:gap]


# --8<-- [start:gap_figure]
fig, axes = plt.subplots(2, 1, figsize=(5, 5.6), sharex=True)
for ax, name in zip(axes, ("right", "wrong")):
    for B, color in ((10, "C4"), (100, "C0")):
        pair, marks = plan[B]
        for rate, line in zip(pair, ("-", "--")):
            ax.semilogx(np.array(marks) * B / few,
                        tested[name, B, rate].mean(axis=1), line,
                        color=color, label=f"$B$ = {B}, {rate}")
    top = max(tested[name, *key].mean(axis=1).max()
              for key in ((10, 0.1), (10, 0.4), (100, 0.2), (100, 0.8)))
    ax.set(title=f"{name} labels", ylabel="test accuracy, %",
           ylim=(top - 14, top + 2))
    ax.set_xticks([3, 10, 30, 100], [3, 10, 30, 100])
    ax.minorticks_off()
axes[1].set_xlabel("epochs")
legend = axes[0].legend(loc="upper left")
# --8<-- [end:gap_figure]


# --8<-- [start:exercise_1]
rng = np.random.default_rng(0)
g = np.arange(1.0, 11)
plain, weighted = [], []
for _ in range(1000):
    epoch = batches(10, 4, rng)
    means, shares = [g[k].mean() for k in epoch], [len(k) for k in epoch]
    plain.append(np.mean(means))
    weighted.append(np.dot(shares, means) / 10)
print(f"{5 * len(batches(1000, 300, rng))} updates in 5 epochs")
print(f"mean of g: {g.mean()}; plain means between {min(plain):.2f}")
print(f"and {max(plain):.2f}, on average {np.mean(plain):.2f}")
print("weighted by length, always right:", np.allclose(weighted, g.mean()))
# --8<-- [end:exercise_1]


# --8<-- [start:exercise_2]
rng = np.random.default_rng(0)
x = rng.normal(size=100)
y = x + rng.normal(size=100)
w = np.zeros(2)
for epoch in range(20):
    for k in batches(100, 1, rng):
        error = y[k] - w[0] * w[1] * x[k]
        w = w - 0.05 * np.mean(-2 * error * x[k]) * w[::-1]
print("after 2000 noisy updates:", w)
w = np.array([1e-6, 1e-6])
for _ in range(400):
    error = y - w[0] * w[1] * x
    w = w - 0.05 * np.mean(-2 * error * x) * w[::-1]
print("full batch from 1e-6 beside it:", w.round(3))
# --8<-- [end:exercise_2]


# --8<-- [start:exercise_3]
B = np.arange(1, 100_001)
for noise_size, knee in [(16, 100), (16, 10_000), (1600, 100)]:
    cost = (1 + noise_size / B) * (1 + B / knee)  # S times t
    fast = B[cost <= 1.2 * cost.min()]  # within 20% of the best
    print(f"B_c {noise_size}, knee {knee}: best {B[cost.argmin()]},",
          f"root {np.sqrt(noise_size * knee):.0f},",
          f"{fast[0]} to {fast[-1]}")
# --8<-- [end:exercise_3]
