"""Chapter `training-guide`: a flowchart that runs, and a real training run for each of its branches."""

from __future__ import annotations

from views import views_series

# --8<-- [start:flowchart]
from datetime import date
from math import comb

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

fig, ax = plt.subplots(figsize=(4.8, 5))
boxes = {  # place, half the width, colour
    r"$L_\mathrm{train}$ small?": (0, 5.3, 0.95, "C0"), r"$L_\mathrm{valid}$ small?": (0, 3, 0.95, "C0"),
    r"$L_\mathrm{use}$ small?": (0, 1.6, 0.95, "C0"), "smaller model\nlower?": (2.9, 5.3, 1.05, "C0"),
    "optimisation": (2.9, 6.7, 1.05, "C1"), "model bias?": (2.9, 4, 1.05, "C1"),
    "overfitting": (2.9, 3, 1.05, "C1"), "mismatch": (2.9, 1.6, 1.05, "C1"), "done": (0, 0.3, 0.95, "C2")}
for text, (x, y, half, color) in boxes.items():
    high = 0.42 if "\n" in text else 0.27
    ax.add_patch(plt.Rectangle((x - half, y - high), 2 * half, 2 * high, fc="none", ec=color, lw=1.6))
    ax.text(x, y, text, ha="center", va="center", fontsize=10)
for x, top, bottom, answer in ((0, 5.03, 3.27, "yes"), (0, 2.73, 1.87, "yes"), (0, 1.33, 0.57, "yes"),
                               (2.9, 5.72, 6.43, "yes"), (2.9, 4.88, 4.27, "no")):
    ax.annotate("", (x, bottom), (x, top), arrowprops={"arrowstyle": "->", "color": "0.5"})
    ax.text(x + 0.1, (top + bottom) / 2, answer, color="0.5", fontsize=10, va="center")
for y in (5.3, 3, 1.6):
    ax.annotate("", (1.85, y), (0.95, y), arrowprops={"arrowstyle": "->", "color": "0.5"})
    ax.text(1.4, y + 0.1, "no", color="0.5", fontsize=10, ha="center")
ax.set(xlim=(-1, 4), ylim=(0, 7))
box = ax.axis("off")
# --8<-- [end:flowchart]


# --8<-- [start:diagnose]
def diagnose(train, valid=None, use=None, simpler=None,
             *, target):
    """Name what to work on, from the losses of a run in order.

    train, valid, use: on its training data, on held-out data
    of the same kind, on data of use. simpler: the training
    losses of a model that this one contains. target: the loss
    that would do. Raises ValueError without a training loss.
    """
    if len(train) == 0:
        raise ValueError("look at the training loss first")
    if not train[-1] <= target:  # also if it is nan
        if not np.isfinite(train[-1]):
            return "optimisation"
        if simpler is not None and simpler[-1] < train[-1]:
            return "optimisation"
        if train[-1] < 0.95 * train[-1 - len(train) // 5]:
            return "train on"
        return "model bias?"
    for losses, fault in ((valid, "overfitting"),
                          (use, "mismatch")):
        if losses is not None and not losses[-1] <= target:
            return fault
    return "done" if use is not None else "hold out more data"


for losses in ([2.3, 2.2, 2.2],), ([2.3, 0.1], [2.3, 0.9]):
    print(diagnose(*losses, target=0.3))
# --8<-- [end:diagnose]


# --8<-- [start:needle]
def past(views, d):
    """Rows for the days from 56 on: the d days before, and a one."""
    windows = np.lib.stride_tricks.sliding_window_view(views, d)
    X = windows[56 - d:-1, ::-1]
    return np.column_stack([X, np.ones(len(X))])


def standardised(X, like):
    """Each column but the last, by mean and deviation of `like`."""
    mu, sigma = like[:, :-1].mean(axis=0), like[:, :-1].std(axis=0)
    return np.column_stack([(X[:, :-1] - mu) / sigma, X[:, -1]])


def descend(X, y, steps=100):
    """All w on the way, one per row; the mean squared error, at
    nearly the largest rate for which gradient descent converges."""
    H, c = 2 / len(y) * X.T @ X, 2 / len(y) * X.T @ y
    lr = 1.9 / np.linalg.eigvalsh(H)[-1]
    path = [np.zeros(X.shape[1])]
    for _ in range(steps):
        path.append(path[-1] - lr * (H @ path[-1] - c))
    return np.array(path[1:])


def rmse(X, y, path):
    return np.sqrt(np.mean((y - path @ X.T) ** 2, axis=1))


series = [views_series(seed)[1] / 1000 for seed in range(20)]
ends, lowest = [], []
for views in series:
    y = views[56:-365]
    X1, X28 = past(views, 1)[:-365], past(views, 28)[:-365]
    three = X1, X28, standardised(X28, X28)
    runs = [rmse(X, y, descend(X, y)) for X in three]
    ends.append([run[-1] for run in runs])
    lowest.append([rmse(X, y, np.linalg.lstsq(X, y, rcond=None)[
        0][None])[0] for X in three])
ends, lowest = np.array(ends), np.array(lowest)
names = "1 day", "28 days", "28 days, standardised"
for name, end, least in zip(names, ends.mean(0), lowest.mean(0)):
    print(f"{name:21} {end:.3f}, lowest {least:.3f}")
above = (ends[:, 1] > ends[:, 0]).sum()
print(f"28 days above 1 day in {above} of 20 series")

fig, ax = plt.subplots(figsize=(4.8, 3.4))
for run, least, color in zip(runs, lowest[-1], ("0.5", "C0", "C2")):
    ax.plot(np.arange(1, 101), run, color=color)
    ax.axhline(least, color=color, ls=":", lw=1.5)
for at, name, color in ((0.57, names[1], "C0"), (0.44, names[0], "0.5"), (0.2, names[2], "C2")):
    ax.text(100, at, name, color=color, ha="right")
box = ax.set(xlabel="step", ylabel="RMSE", ylim=(0.15, 0.9), xticks=[1, 50, 100])
# --8<-- [end:needle]

# --8<-- [start:nets]
BENDS = {"relu": (lambda z: np.maximum(z, 0), lambda a: a > 0),
         "sigmoid": (lambda z: (1 + np.tanh(z / 2)) / 2,
                     lambda a: a * (1 - a))}


def start(sizes, R, scale=1.4, seed=0):
    """R networks side by side: W (R, d_in, d_out), b (R, 1, d_out)."""
    rng = np.random.default_rng(seed)
    return [(rng.normal(0, scale / np.sqrt(d_in), (R, d_in, d_out)),
             np.zeros((R, 1, d_out)))
            for d_in, d_out in zip(sizes, sizes[1:])]


def together(*nets):
    """Those of several calls of `start` or `train`, as one."""
    return [tuple(map(np.concatenate, zip(*layers)))
            for layers in zip(*nets)]


def forward(net, X, bend="relu", skip=False, keep=None):
    """Scores (R, N, 10), what each layer received, slopes.

    skip: hidden layers after the first add what they received.
    keep: factors for the hidden activations (dropout).
    """
    (f, slope), received, slopes = BENDS[bend], [X], []
    for i, (W, b) in enumerate(net[:-1]):
        a = f(received[-1] @ W + b)
        bent = slope(a)
        if keep:
            a, bent = a * keep[i], bent * keep[i]
        if skip and i > 0:
            a = a + received[-1]
        slopes.append(bent)
        received.append(a)
    return received[-1] @ net[-1][0] + net[-1][1], received, slopes


def cross_entropy(Z, Y):
    """Mean over the examples, one number per network."""
    Z = Z - Z.max(axis=-1, keepdims=True)
    log_p = Z - np.log(np.exp(Z).sum(axis=-1, keepdims=True))
    return -(Y * log_p).sum(axis=-1).mean(axis=-1)


def gradients(net, X, Y, bend="relu", skip=False, keep=None,
              times=1.0):
    """Slopes, times a factor: the scores are few, so it costs least
    there. Same shapes as the network."""
    Z, received, slopes = forward(net, X, bend, skip, keep)
    P = np.exp(Z - Z.max(axis=2, keepdims=True))
    P /= np.einsum("rnk->rn", P)[..., None]
    d, ones = (P - Y) * (times / len(Y[0])), np.ones((1, len(Y[0])))
    grads, g = [], 0
    for i in reversed(range(len(net))):
        if i < len(slopes):
            d = g * slopes[i]
        grads.append((received[i].transpose(0, 2, 1) @ d, ones @ d))
        back = d @ net[i][0].transpose(0, 2, 1) if i else 0
        g = back + g if skip and 0 < i < len(slopes) else back
    return grads[::-1]


def train(net, X, Y, lr, updates, B=50, bend="relu", skip=False,
          decay=0.0, drop=None, change=None, watch=None):
    """Batches in order, momentum 0.9, a rate that falls to 0.

    decay: adds decay * W to the slope. drop: share of hidden
    activations set to 0. change(X, rng): new versions of a batch.
    watch(net): kept before each update. The first three may hold
    one number per network, in shape (R, 1, 1), as may lr.
    """
    rng, net, seen = np.random.default_rng(1), list(net), []
    moves, decays = [(0 * W, 0 * b) for W, b in net], np.any(decay)
    for t in range(updates):
        if watch:
            seen.append(watch(net))
        k = np.arange(t * B, (t + 1) * B) % X.shape[1]
        X_t = change(X[:, k], rng) if change else X[:, k]
        keep = drop if drop is None else [
            (rng.random((len(X), B, W.shape[2])) >= drop) / (1 - drop)
            for W, _ in net[:-1]]
        rate = lr * (1 - t / updates)
        steps = gradients(net, X_t, Y[:, k], bend, skip, keep, rate)
        for i, ((W, b), (dW, db)) in enumerate(zip(net, steps)):
            if decays:
                dW += rate * decay * W
            for move, d in zip(moves[i], (dW, db)):
                move *= 0.9
                move -= d
            net[i] = W + moves[i][0], b + moves[i][1]
    return (net, seen) if watch else net


def shifted(X, rng, s):
    """Each image moved by up to s pixels, up or down and sideways."""
    to, place = np.arange(8)[:, None], np.arange(8)
    by = s[..., None] * rng.uniform(-1, 1, (2, *X.shape[:2], 1, 1))
    up, side = np.maximum(0, 1 - np.abs(to - place - by))
    images = X.reshape(*X.shape[:2], 8, 8)
    return (up @ images @ side.swapaxes(2, 3)).reshape(X.shape)


def mirrored(X, rng, s):
    """A share s of the images with left and right exchanged."""
    images = X.reshape(*X.shape[:2], 8, 8)[..., ::-1]
    turn = rng.random((*X.shape[:2], 1)) < s
    return np.where(turn, images.reshape(X.shape), X)


def judged(net, X, answers):
    """Loss and share of errors, (2, R); X (R, N, 64)."""
    Z = forward(net, X)[0]
    return np.array([cross_entropy(Z, np.eye(10)[answers]),
                     (Z.argmax(axis=-1) != answers).mean(axis=-1)])


digits = load_digits()
pixels, label = digits.data / 16, digits.target
order = np.array([np.random.default_rng(seed).permutation(1797)
                  for seed in range(10)])
# --8<-- [end:nets]

# --8<-- [start:ladder]
rates = [0.01, 0.03, 0.1, 0.3]
k = np.tile(order[:3, :200], (len(rates), 1))  # three draws
X, Y = pixels[k], np.eye(10)[label[k]]
lr = np.repeat(rates, 3)[:, None, None]


def climb(depth, bend="sigmoid", scale=1.0, skip=False):
    """Training loss, median of three, for each rate."""
    net = start([64] + [16] * depth + [10], len(k), scale)
    net = train(net, X, Y, lr, 200, 20, bend, skip)
    Z = forward(net, X, bend, skip)[0]
    return np.median(cross_entropy(Z, Y).reshape(-1, 3), axis=1)


ladder = {f"{depth} sigmoid": climb(depth) for depth in (1, 2, 4, 6)}
ladder["6 sigmoid, skip"] = climb(6, skip=True)
ladder["6 ReLU"] = climb(6, "relu", 1.4)
print(f"{'rates':16}", *[f"{rate:5}" for rate in rates])
for name, losses in ladder.items():
    print(f"{name:16}", *[f"{L:5.2f}" for L in losses])
print(f"ln 10 = {np.log(10):.2f}")
# --8<-- [end:ladder]

# --8<-- [start:identity]
def relu_layers(layers, x):
    for W in layers:
        x = np.maximum(x @ W, 0)
    return x


rng = np.random.default_rng(0)
layers = [rng.normal(0, 0.7, (8, 8)) for _ in range(20)]
copy = [np.eye(8)] * 36
x = rng.normal(size=(1000, 8))
out_20, out_56 = relu_layers(layers, x), relu_layers(layers + copy, x)
print(f"outputs up to {out_20.max():.1f},",
      "the same:", np.array_equal(out_20, out_56))
# --8<-- [end:identity]

# --8<-- [start:overfit]
def wave(x):
    return np.sin(2 * np.pi * x)


def noisy(x, rngs):
    """Labels for x, one column per generator."""
    return wave(x)[:, None] + np.transpose(
        [rng.normal(0, 0.2, x.size) for rng in rngs])


def powers(x):
    """Legendre polynomials up to degree 9, one per column."""
    return np.polynomial.legendre.legvander(2 * x - 1, 9)


def squares(y, y_hat):
    return np.median(np.mean((y - y_hat) ** 2, axis=0))


x_new = np.linspace(0, 1, 299)
table, curves_of = {}, {}
for n in (10, 30, 100):
    rngs = [np.random.default_rng(seed) for seed in range(50)]
    x = np.linspace(0, 1, n)
    y, y_new = noisy(x, rngs), noisy(x_new, rngs)
    rows = []
    for d in range(10):
        V, V_new = powers(x)[:, :d + 1], powers(x_new)[:, :d + 1]
        c = np.linalg.lstsq(V, y, rcond=None)[0]
        rows.append((squares(y, V @ c), squares(y_new, V_new @ c)))
    curves_of[n] = np.transpose(rows)
    recall = np.transpose([rng.choice(known, x_new.size)
                           for rng, known in zip(rngs, y.T)])
    recall[[0, -1]] = y[[0, -1]]  # of x_new, only 0 and 1 are known
    table[n] = *rows[9], squares(y_new, recall)
    print(f"N {n:3}: train {table[n][0]:.3f},",
          f"new {table[n][1]:.3f}, memory {table[n][2]:.2f}")

degree = 9
fig, (*axes, low) = plt.subplots(3, 1, figsize=(4.8, 6.6))
fine = np.linspace(0, 1, 151)
for ax, n, style in zip(axes, (10, 30), ("-", "--")):
    x = np.linspace(0, 1, n)
    y = noisy(x, [np.random.default_rng(2)])
    c = np.linalg.lstsq(powers(x)[:, :degree + 1], y, rcond=None)[0]
    ax.plot(fine, wave(fine), color="0.5")
    ax.plot(fine, powers(fine)[:, :degree + 1] @ c, color="C1")
    ax.plot(x, y, "o", color="C0")
    ax.set(xlim=(-0.05, 1.05), ylim=(-1.8, 1.8), ylabel="$y$", title=f"$N$ = {n}",
           xticks=[0, 0.5, 1], yticks=[-1, 0, 1])
    for losses, color in zip(curves_of[n], ("C0", "C1")):
        low.plot(losses, style, color=color)
low.axvline(degree, color="C4", alpha=0.4, lw=6, zorder=0)
label_x = low.set(xlabel="degree", ylabel="$L$", ylim=(0, 0.6), xticks=[1, 3, 5, 7, 9])
# --8<-- [end:overfit]

# --8<-- [start:ridge]
strengths = [0, 0.003, 0.03, 0.3, 3]
x, x_new = np.linspace(0, 1, 10), np.linspace(0, 1, 299)
V, V_new = powers(x), powers(x_new)
rngs = [np.random.default_rng(seed) for seed in range(50)]
y, y_new = noisy(x, rngs), noisy(x_new, rngs)


def fitted(decay):
    """Least squares + decay / 2 * sum of c**2, c[0] (a bias) aside."""
    penalty = decay * np.diag([0] + [1] * 9)
    return np.linalg.solve(2 / 10 * V.T @ V + penalty, 2 / 10 * V.T @ y)


decay = 0
fig, (ax, low) = plt.subplots(2, 1, figsize=(4.8, 4.6))
ax.plot(x_new, wave(x_new), color="0.5")
ax.plot(x_new, V_new @ fitted(decay)[:, 2], color="C1")
ax.plot(x, y[:, 2], "o", color="C0")
ax.set(xlim=(-0.05, 1.05), ylim=(-1.8, 1.8), ylabel="$y$", xticks=[0, 0.5, 1], yticks=[-1, 0, 1])
by_strength = np.transpose([(squares(y, V @ fitted(s)), squares(y_new, V_new @ fitted(s)))
                            for s in strengths])
for losses, color in zip(by_strength, ("C0", "C1")):
    low.plot(losses, "o-", color=color)
low.axvline(strengths.index(decay), color="C4", alpha=0.4, lw=6, zorder=0)
low.set(xlabel=r"$\lambda$", ylabel="$L$", ylim=(-0.02, 0.5))
place = low.set_xticks(range(5), strengths)
# --8<-- [end:ridge]

# --8<-- [start:remedies]
remedies = {  # strengths, and what each means for `train`
    "decay": ([0.003, 0.01, 0.03], lambda s: {"decay": s}),
    "dropout": ([0.1, 0.3, 0.5], lambda s: {"drop": s}),
    "shift": ([0.5, 1, 1.5], lambda s: {
        "change": lambda X, rng: shifted(X, rng, s)}),
    "mirror": ([0.1, 0.2, 0.4], lambda s: {
        "change": lambda X, rng: mirrored(X, rng, s)}),
    "low rate": ([0.1, 0.05, 0.025], lambda s: {"lr": s})}
fit, valid, test = order[:, :100], order[:, 100:300], order[:, 300:800]
rng = np.random.default_rng(0)
wrong = np.where(rng.random(fit.shape) < 0.2,
                 rng.integers(0, 10, fit.shape), label[fit])


def ten_draws(answers, V=1, lr=0.2, **remedy):
    """V strengths of a remedy, each on ten draws of 100 images."""
    net = [(np.tile(W, (V, 1, 1)), np.tile(b, (V, 1, 1)))
           for W, b in start([64, 32, 10], 10)]
    Y = np.eye(10)[np.tile(answers, (V, 1))]
    return train(net, np.tile(pixels[fit], (V, 1, 1)), Y,
                 lr, 80, 25, **remedy)


def judge(net, V, *sets):
    """Losses of V networks for each draw, (V, 10) on each set."""
    net = [(W.reshape(V, 10, *W.shape[1:]), b.reshape(V, 10, 1, -1))
           for W, b in net]
    return [judged(net, pixels[k], y)[0] for k, y in sets]


def chosen(nets, on_valid):
    """For each draw: which network has the least validation loss;
    its loss and share of errors in the test, (2, 10)."""
    pick, draw = on_valid.argmin(axis=0), np.arange(10)
    net = [(W.reshape(-1, 10, *W.shape[1:])[pick, draw],
            b.reshape(-1, 10, *b.shape[1:])[pick, draw])
           for W, b in nets]
    return pick, judged(net, pixels[test], label[test])


curves, outcome = {}, {}
for kind, answers in (("wrong", wrong), ("right", label[fit])):
    sets = (fit, answers), (valid, label[valid])
    plain, path = ten_draws(answers, watch=list)
    none = judge(plain, 1, *sets)
    rows = {}
    for name, (values, way) in remedies.items():
        net = ten_draws(answers, 3, **way(np.repeat(
            values, 10)[:, None, None]))
        on_fit, on_valid = [np.concatenate(pair) for pair in zip(
            none, judge(net, 3, *sets))]  # none is choice 0
        pick, rows[name] = chosen(together(plain, net), on_valid)
        curves[kind, name] = on_fit, on_valid, pick
    stages = together(*path[::6])
    on_valid, = judge(stages, len(path[::6]), sets[1])
    _, rows["early stop"] = chosen(stages, on_valid)
    base = judged(plain, pixels[test], label[test])
    print(f"{kind} labels: {base[0].mean():.2f},",
          f"{100 * base[1].mean():.1f}% errors")
    for name, (loss, errors) in rows.items():
        change = errors - base[1]
        print(f"  {name:10} {loss.mean():.2f},",
              f"{100 * errors.mean():.1f}%,",
              f"{(change < 0).sum()} fewer, {(change > 0).sum()} more")
    outcome[kind] = rows | {"none": base}
# --8<-- [end:remedies]

# --8<-- [start:remedies_figure]
fig = plt.figure(figsize=(4.8, 6.4))
top = fig.add_gridspec(2, 1, height_ratios=[1, 2.6])
one = pixels[np.flatnonzero(label == 2)[1]][None, None]
rng = np.random.default_rng(3)
shown = [("$x$", one), ("shift 1", shifted(one, rng, np.ones((1, 1, 1)))),
         ("mirror", mirrored(one, rng, np.ones((1, 1, 1))))]
for place, (name, image) in zip(top[0].subgridspec(1, 3), shown):
    ax = fig.add_subplot(place)
    ax.imshow(image.reshape(8, 8), cmap="gray_r")
    ax.set_title(name)
    ax.set(xticks=[], yticks=[])
rest = top[1].subgridspec(2, 2)
for k, (name, (values, _)) in enumerate(list(remedies.items())[:4]):
    ax = fig.add_subplot(rest[k // 2, k % 2])
    on_fit, on_valid, pick = curves["wrong", name]
    place = np.arange(4)
    ax.plot(place, on_fit.mean(axis=1), "o-", color="C0")
    ax.plot(place, on_valid.mean(axis=1), "o-", color="C1")
    counts = np.bincount(pick, minlength=4)
    for at, count in zip(place, counts):
        if count:
            ax.plot(at, on_valid.mean(axis=1)[at], "o", color="C2", markersize=5 + 1.2 * count, zorder=0)
    ax.set(title=name, xticks=place, ylim=(0, 1.3), yticks=[0, 0.5, 1])
    ax.set_xticklabels([0, *values])
    if k % 2 == 0:
        ax.set_ylabel("$L$")
# --8<-- [end:remedies_figure]

# --8<-- [start:winners]
rng = np.random.default_rng(0)
public = rng.binomial(30, 0.5, (100, 10_000)) / 30
tries = [1, 10, 100, 1000, 10_000]
seen, true = [], []
for m in tries:
    seen.append(public[:, :m].max(axis=1))  # the winner, here
    true.append(rng.binomial(30, 0.5, 100) / 30)  # and anew
    print(f"best of {m:5}: public {seen[-1].mean():.2f},",
          f"private {true[-1].mean():.2f}")

fig, ax = plt.subplots(figsize=(4.8, 2.8))
for scores, color in ((seen, "C0"), (true, "C1")):
    low, high = np.quantile(scores, [0.1, 0.9], axis=1)
    ax.fill_between(tries, low, high, color=color, alpha=0.25, linewidth=0)
    ax.plot(tries, np.mean(scores, axis=1), "o-", color=color)
ax.text(900, 0.87, "public", color="C0", ha="right")
ax.text(900, 0.56, "private", color="C1", ha="right")
ax.set(xscale="log", xlabel="models tried", ylabel="share right", ylim=(0.3, 1))
ax.set_xticks([1, 100, 10_000], [1, 100, 10_000])
ax.minorticks_off()
# --8<-- [end:winners]

# --8<-- [start:kfold]
def losses(x, y, x_new, y_new):
    """Loss on new examples after a fit of each degree."""
    V, V_new = (np.polynomial.chebyshev.chebvander(2 * v - 1, 9)
                for v in (x, x_new))
    Q, R = np.linalg.qr(V)  # orthogonal: each degree adds one term
    terms = V_new @ np.linalg.inv(R) * (Q.T @ y)
    fits = terms.cumsum(axis=1)[:, 1:]
    return np.mean((y_new[:, None] - fits) ** 2, axis=0)


def each_part(x, y, parts):
    """Loss of each degree on each part, fitted to the others."""
    rest = [np.concatenate(parts[:i] + parts[i + 1:])
            for i in range(len(parts))]
    return np.array([losses(x[r], y[r], x[p], y[p])
                     for r, p in zip(rest, parts)])


picks = np.zeros((20, 6, 2), int)
end = np.zeros((20, 6, 2))
x_new = np.linspace(0, 1, 500)
for seed in range(20):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, 30)
    y = np.sin(2 * np.pi * x) + rng.normal(0, 0.3, 30)
    refit = losses(x, y, x_new, np.sin(2 * np.pi * x_new))
    for split in range(6):  # the same data, split anew
        parts = np.array_split(rng.permutation(30), 5)
        L = each_part(x, y, parts)
        picks[seed, split] = L[0].argmin(), L.mean(0).argmin()
        end[seed, split] = refit[picks[seed, split]]
spread = picks.std(axis=1).mean(axis=0)
gain = end[:, :, 0].mean(axis=1) - end[:, :, 1].mean(axis=1)
print(f"degree: +-{spread[0]:.1f} by one part,",
      f"+-{spread[1]:.1f} by all")
print(f"lower loss: by all {(gain > 0).sum()},",
      f"by one part {(gain < 0).sum()} of 20")
# --8<-- [end:kfold]

# --8<-- [start:mismatch]
def line(x, y, v):
    """Intercept and slope that minimise the sum of v * r**2."""
    X = np.column_stack([np.ones(x.size), x])
    return np.linalg.solve(X.T @ (v[:, None] * X), X.T @ (v * y))


shifts = np.arange(0, 3.01, 0.5)
found = {"plain": {}, "weighted": {}}
print("    N  s    plain weighted  worth")
for N in (1000, 10_000):
    rows = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x, new = rng.normal(size=N), rng.normal(size=2000)
        y = x**2 + rng.normal(0, 0.3, N)
        plain = line(x, y, np.ones(N))
        for s in shifts:
            v = np.exp(s * x - s**2 / 2)  # how much oftener in use
            fits = plain, line(x, y, v / v.sum())
            rows.append([np.mean(((new + s) ** 2 - b - w * (new + s)) ** 2)
                         for b, w in fits] + [v.sum()**2 / (v**2).sum()])
    rows = np.median(np.reshape(rows, (40, shifts.size, 3)), axis=0)
    found["plain"][N], found["weighted"][N], effective = rows.T
    for s, row in zip(shifts[::2], rows[::2]):
        print(f"{N:5} {s:2.0f} {row[0]:8.2f} {row[1]:8.2f}",
              f"{row[2]:6.0f}")
day = date(2021, 2, 26)
print(f"{day}: weekday {day.weekday()} (Monday is 0)")
# --8<-- [end:mismatch]

# --8<-- [start:mismatch_figure]
fig, axes = plt.subplots(2, 1, figsize=(4.8, 5.2))
x = np.linspace(-3, 5.2, 200)
for mean, color, name in ((0, "C0", "train"), (2, "C1", "use")):
    axes[0].fill_between(x, 7 * np.exp(-((x - mean) ** 2) / 2), color=color, alpha=0.25, linewidth=0)
    axes[0].text(mean, 7.4, name, color=color, ha="center")
axes[0].plot(x, x**2, color="0.5")
for b, w, color in ((1, 0, "C0"), (-3, 4, "C2")):
    axes[0].plot(x, b + w * x, color=color)
axes[0].set(xlabel="$x$", ylabel="$y$", ylim=(-2, 14), xticks=[0, 2], yticks=[0, 10])
s = np.linspace(0, 3, 100)
axes[1].plot(s, s**4 + 4 * s**2 + 2, color="C0", lw=1)
axes[1].axhline(2, color="0.5", ls=":", lw=1.5)
for (N, losses_plain), losses_weighted, marker in zip(
        found["plain"].items(), found["weighted"].values(), "os"):
    axes[1].plot(shifts, losses_plain, marker, color="C0", mfc="none", ls="")
    axes[1].plot(shifts, losses_weighted, marker + "-", color="C2", mfc="none")
box = axes[1].set(xlabel="$s$", ylabel="$L$", yscale="log", xticks=[0, 1, 2, 3], yticks=[2, 10, 100],
                  yticklabels=[2, 10, 100])
# --8<-- [end:mismatch_figure]

# --8<-- [start:walk]
def walk(views):
    """Train, validation and use: RMSE of six runs, verdicts."""
    y, every = views[56:], slice(0, -365)
    few, year = slice(-400, -365), slice(-365, None)
    friday = np.arange(views.size)[year] % 7 == 5  # day 0: Sunday

    def run(d, part, scaled, lift=0.0):
        X = past(views, d)
        X = standardised(X, X[part]) if scaled else X
        path = descend(X[part], y[part])
        return (rmse(X[part], y[part], path),
                rmse(X[year], y[year], path),
                rmse(X[year][friday], y[year][friday] + lift, path))

    day = run(1, every, False)
    runs = [run(28, every, False), run(28, few, True),
            run(28, every, True), run(28, every, True, lift=2)]
    soon = [curve[:30] for curve in day]  # without comparison
    verdicts = [diagnose(*r, target=0.4) for r in (soon, day)] + [
        diagnose(*r, simpler=day[0], target=0.4) for r in runs]
    return [[curve[-1] for curve in r]
            for r in (soon, day, *runs)], verdicts


walks = [walk(views) for views in series]
steps = ["30 steps", "1 day", "28 days", "scaled, few",
         "scaled, all", "26 February"]
for k, name in enumerate(steps):
    numbers = np.mean([ends[k] for ends, _ in walks], axis=0)
    names = [verdicts[k] for _, verdicts in walks]
    print(f"{name:11}", *[f"{v:.2f}" for v in numbers],
          f"{names[0]} {names.count(names[0])}/20")
# --8<-- [end:walk]

# --8<-- [start:quiz]
k_train, k_held = order[:1, :300], order[:1, 300:600]
Y, Y_held = np.eye(10)[label[k_train]], np.eye(10)[label[k_held]]
X, X_held = pixels[k_train], pixels[k_held]
mixed = Y[:, np.random.default_rng(0).permutation(300)]
wide, deep = [64, 32, 10], [64] + [16] * 8 + [10]
broken = {  # sizes, bend, scale, labels, rate
    "A": (wide, "relu", 1.4, Y, 0.001),
    "B": (deep, "sigmoid", 1.0, Y, 0.3),
    "C": (wide, "relu", 1.4, mixed, 0.1),
    "E": (wide, "relu", 1.4, Y, 0.1),  # and D, on other X
    "F": (wide, "relu", 1.4, Y, 2.0)}
quiz = dict.fromkeys("ABCDEF")
for name, (sizes, bend, scale, labels, lr) in broken.items():
    _, nets = train(start(sizes, 1, scale), X, labels, lr, 120, 50,
                    bend, watch=list)
    nets = together(*nets[::4])  # the stages side by side

    def loss(A, B):
        return cross_entropy(forward(nets, A, bend)[0], B)

    quiz[name] = np.array([loss(X, labels), loss(X_held, Y_held)])
    if name == "E":
        quiz["D"] = np.array([quiz["E"][0], loss(16 * X_held, Y_held)])
fig, axes = plt.subplots(3, 2, figsize=(4.8, 6), sharex=True, sharey=True)
for ax, (name, (on_train, on_held)) in zip(axes.flat, quiz.items()):
    ax.axhline(np.log(10), color="0.5", ls=":", lw=1)
    for losses_of, color in ((on_held, "C1"), (on_train, "C0")):
        ax.plot(np.arange(0, 120, 4), losses_of, color=color)
    ax.set(title=name, ylim=(0, 5), xticks=[0, 60, 120], yticks=[0, 2.3, 4])
# --8<-- [end:quiz]

# --8<-- [start:quiz_solution]
simpler = {}  # no hidden layer, the same images and labels
for kind, labels in (("right", Y), ("mixed", mixed)):
    _, nets = train(start([64, 10], 1), X, labels, 0.3, 120, 50,
                    watch=list)
    nets = together(*nets[::4])
    simpler[kind] = cross_entropy(forward(nets, X)[0], labels)
for name, (on_train, on_held) in quiz.items():
    small = simpler["mixed" if name == "C" else "right"]
    print(f"{name}: {on_train[0]:.1f} {on_held[0]:.1f} ->",
          f"{on_train[-1]:.2f} {on_held[-1]:.2f},",
          diagnose(on_train, on_held, simpler=small, target=0.4))
# --8<-- [end:quiz_solution]

# --8<-- [start:keep_the_mean]
rng = np.random.default_rng(0)
a, w = np.array([1.0, 2, 3, 4]), np.array([0.5, -1, 1, 2])
q = 0.4
m = rng.random((100_000, 4)) >= q
for name, dropped in (("a m", a * m), ("a m / (1 - q)", a * m / (1 - q))):
    z = dropped @ w
    print(f"{name:13} mean {z.mean():.2f}, variance {z.var():.2f}")
print(f"by the formula: {w @ a:.2f},",
      f"{q / (1 - q) * np.sum((w * a) ** 2):.2f}")
# --8<-- [end:keep_the_mean]

# --8<-- [start:luck]
for right in (24, 25, 26):
    p = sum(comb(30, k) for k in range(right, 31)) / 2**30
    print(f"{right} or more: one {p:.1e},",
          f"best of 10000 {1 - (1 - p)**10_000:.2f}")
# --8<-- [end:luck]
