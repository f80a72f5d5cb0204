"""Chapter `logistic-regression`: log-odds, likelihood, gradient, convexity, separable data, thresholds, calibration."""

from __future__ import annotations

# --8<-- [start:imports]
import math
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
# --8<-- [end:imports]
from numerical_gradient import numerical_gradient
from views import views_series


# --8<-- [start:lead]
def week_lead(views):
    """For each day: yesterday's lead over the week before, x, in
    thousands of views, and whether there is a lead today, y."""
    lead = (views[7:] - views[:-7]) / 1000
    return lead[:-1], (lead[1:] > 0).astype(float)


x, y = week_lead(views_series()[1])
x, y = x[:-365], y[:-365]  # the last year is for the test
groups = np.array_split(np.argsort(x), 10)
middle = np.array([x[g].mean() for g in groups])
share = np.array([y[g].mean() for g in groups])
print("lead ", middle.round(2))
print("share", share.round(2))

w = 4
fig, (top, bottom) = plt.subplots(2, 1, figsize=(4.8, 5.4), sharex=True)
line = np.linspace(-1.6, 1.6, 161)
for label, color in ((1, "C0"), (0, "C1")):
    some = x[y == label]
    top.plot(some, np.full(some.size, label), "|", color=color, alpha=0.3)
top.plot(line, 1 / (1 + np.exp(-w * line)), color="black")
top.plot(middle, share, "o", color="0.5")
top.set(ylabel=r"$\hat{y}$", yticks=[0, 0.5, 1])
bottom.plot(line, w * line, color="black")
bottom.plot(middle, np.log(share / (1 - share)), "o", color="0.5")
limits = bottom.set(xlabel="$x$", ylabel="$z$", xlim=(-1.6, 1.6),
                    ylim=(-7.1, 7.1), xticks=[-1, 0, 1], yticks=[-5, 0, 5])
# --8<-- [end:lead]


# --8<-- [start:sigmoid]
def sigmoid(z):
    """1 / (1 + exp(-z)) of each entry; it cannot overflow."""
    small = np.exp(-np.abs(z))  # 0 to 1, whatever z is
    return np.where(z >= 0, 1, small) / (1 + small)


far = np.array([-800.0, -40, 0, 2, 40])
with np.errstate(over="ignore"):  # else NumPy warns of the first
    power = np.exp(-far)
    as_written = 1 / (1 + power)
print("as written", *(f"{a:.3g}" for a in as_written))
print("  exp(800) =", power[0])
print("safe      ", *(f"{a:.3g}" for a in sigmoid(far)))
print(f"1 - sigmoid(40) = {1 - sigmoid(40.0)},",
      f"sigmoid(-40) = {sigmoid(-40.0):.1e}")
# --8<-- [end:sigmoid]


# --8<-- [start:likelihood]
def losses(z, y):
    """Cross-entropy of each example, from its score z and label y."""
    return np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))


z4, y4 = np.array([-2.0, 0.5, 1, 3]), np.array([0.0, 1, 0, 1])
a4 = sigmoid(z4)
bernoulli = a4**y4 * (1 - a4) ** (1 - y4)
print("likelihood of four labels", bernoulli.prod().round(6))
print("-ln / 4 =", (-np.log(bernoulli.prod()) / 4).round(6),
      " mean loss =", losses(z4, y4).mean().round(6))
print("views, w = b = 0:", losses(0 * x, y).mean().round(6))
print("score 800: label 1 costs", losses(800.0, 1),
      " label 0 costs", losses(800.0, 0))
# --8<-- [end:likelihood]


# --8<-- [start:one_example]
def backward(x, y, a):
    """Derivatives of one example's loss C, by the course's names:
    with respect to a, z, w (as long as x) and b."""
    da = -y / a + (1 - y) / (1 - a)
    dz = da * a * (1 - a)
    return da, dz, dz * x, dz


by_hand = np.array([2.0, 1.0]), 1.0, 0.5  # x, y, a
print("by hand: da {}, dz {}, dw {}, db {}".format(*backward(*by_hand)))

def measured(x, y, w, b):
    """The same four by finite differences."""
    def C(a):
        return -y * np.log(a) - (1 - y) * np.log(1 - a)

    steps = [(C, sigmoid(x @ w + b)),
             (lambda z: C(sigmoid(z)), x @ w + b),
             (lambda w: C(sigmoid(x @ w + b)), w),
             (lambda b: C(sigmoid(x @ w + b)), np.array(b))]
    return [numerical_gradient(f, at) for f, at in steps]


rng, off = np.random.default_rng(0), []
for y1 in [0.0, 1.0] * 50:
    x1, w, b = rng.normal(size=2), rng.normal(size=2), rng.normal()
    derived = backward(x1, y1, sigmoid(x1 @ w + b))
    for d, m in zip(derived, measured(x1, y1, w, b)):
        off.append(np.max(abs(d / m - 1)))
print(f"{len(off) // 4} examples: all four within {max(off):.0e}",
      "of finite differences")
# --8<-- [end:one_example]

# --8<-- [start:slopes]
z = np.linspace(-5, 5, 101)
fig, (top, bottom) = plt.subplots(2, 1, figsize=(4.8, 5), sharex=True)
for label, color in ((1, "C0"), (0, "C1")):
    top.plot(z, losses(z, label), color=color, label=f"$y$ = {label}")
    bottom.plot(z, sigmoid(z) - label, color=color)
top.plot(0, np.log(2), "o", color="black")
top.set(ylabel="$C$", ylim=(0, 5))
legend = top.legend(loc="upper center")
limits = bottom.set(xlabel="$z$", ylabel=r"$\hat{y} - y$", ylim=(-1.1, 1.1))
# --8<-- [end:slopes]


# --8<-- [start:examples]
def loss(w, X, y):
    return losses(X @ w, y).mean()


def gradient(w, X, y):
    return X.T @ (sigmoid(X @ w) - y) / len(y)


def descend(w, X, y, lr, steps):
    """Gradient descent from w; X is (N, d + 1), its last column ones."""
    for _ in range(steps):
        w = w - lr * gradient(w, X, y)
    return w


X_ng = np.array([[1, 3, 1], [2, 4, 1], [-1, -3.2, 1]])  # last: ones
y_ng, w_ng = np.array([1.0, 0, 1]), np.array([1.0, 2, 2])  # last: b
with np.printoptions(precision=8):
    print("loss", loss(w_ng, X_ng, y_ng))
    print("gradient", gradient(w_ng, X_ng, y_ng))
    print("100 steps", descend(w_ng, X_ng, y_ng, 0.009, 100))
numeric = numerical_gradient(lambda w: loss(w, X_ng, y_ng), w_ng)
off = np.max(abs(gradient(w_ng, X_ng, y_ng) - numeric))
print(f"within {off:.0e} of finite differences")
# --8<-- [end:examples]


# --8<-- [start:hessian]
def hessian(w, X):
    a = sigmoid(X @ w)
    return X.T @ (X * (a * (1 - a))[:, None]) / len(X)


X, at = np.column_stack([x, np.ones(x.size)]), np.array([3.0, 0.5])
rows = [numerical_gradient(lambda w: gradient(w, X, y)[k], at)
        for k in (0, 1)]
print(f"Hessian within {np.max(abs(hessian(at, X) - rows)):.0e}",
      "of finite differences")

limit = 8 / np.linalg.eigvalsh(X.T @ X / len(X))[-1]
starts = np.array([[0.0, 0], [-6, 5], [-6, -5], [12, -6], [8, 6]])
paths = [[w] for w in starts]
for path in paths:
    for _ in range(300):
        path.append(descend(path[-1], X, y, 7.0, 1))
L = np.array([[loss(w, X, y) for w in path] for path in paths])
print(f"limit {limit:.2f}; with 7 every step lowers L:",
      np.all(np.diff(L[:, :60]) < 0))
print(f"five ends: {min(L[:, -1]):.9f} to {max(L[:, -1]):.9f}")
w_hat = paths[0][-1]
print("w, b:", w_hat.round(4))
print("lowest curvature there:",
      np.linalg.eigvalsh(hessian(w_hat, X))[0].round(4))
# --8<-- [end:hessian]

# --8<-- [start:bowls]
ws, bs = np.linspace(-8, 14, 45), np.linspace(-8, 8, 33)
heights = [[loss(np.array([w, b]), X, y) for w in ws] for b in bs]
fig, (top, bottom) = plt.subplots(2, 1, figsize=(4.8, 6.6))
top.contour(ws, bs, heights, [0.46, 0.6, 1, 1.5, 2, 3, 4], colors="0.6",
            linewidths=1)
for path in paths:
    top.plot(*np.transpose(path), ".-", color="C4", markersize=3)
    top.plot(*path[0], "o", color="C4")
top.plot(*w_hat, "*", color="black", markersize=10)
labels = top.set(xlabel="$w$", ylabel="$b$", xticks=[-5, 0, 5, 10])

x_few, y_few = np.array([0.25, 0.5, 1, 10]), np.array([0.0, 1, 1, 0])
w_line = np.linspace(-3, 6, 3001)
z_few = np.outer(w_line, x_few)
curves = {"cross-entropy": losses(z_few, y_few).mean(axis=1),
          "squared error": ((sigmoid(z_few) - y_few) ** 2).mean(axis=1)}
for (name, curve), color in zip(curves.items(), ("black", "C3")):
    bottom.plot(w_line, curve, color=color, label=name)
    lows = 1 + np.flatnonzero((curve[1:-1] < curve[:-2])
                              & (curve[1:-1] < curve[2:]))
    bottom.plot(w_line[lows], curve[lows], "o", color=color)
    print(f"{name}: minima at w =", *(f"{v:.2f}" for v in w_line[lows]))
bottom.set(xlabel="$w$", ylim=(0, 1.5))
legend = bottom.legend(loc=(0.43, 0.6))
# --8<-- [end:bowls]

# --8<-- [start:separable]
X_six = np.array([[0.0, 0, 1], [-1, -3, 1], [-0.5, -2, 1],
                  [2, 0, 1], [3, 3, 1], [2.5, 2, 1]])
y_six = np.repeat([0.0, 1], 3)
grown, w = {0: np.zeros(3)}, np.zeros(3)
for t in range(1, 20_001):
    w = w - 1.0 * gradient(w, X_six, y_six)
    grown[t] = w
print("     t        L  length  tilt")
for t in (20, 200, 2000, 20_000):
    tilt = np.degrees(np.arctan2(grown[t][1], grown[t][0]))
    print(f"{t:6} {loss(grown[t], X_six, y_six):8.5f}",
          f"{np.linalg.norm(grown[t][:2]):7.2f} {tilt:4.1f}°")

fig, (top, bottom) = plt.subplots(2, 1, figsize=(4.8, 6.4))
for label, color, mark in ((1, "C0", "o"), (0, "C1", "s")):
    top.plot(*X_six[y_six == label, :2].T, mark, color=color)
for t, style in ((2, ":"), (20, "--"), (20_000, "-")):
    w1, w2, b = grown[t]
    height = np.array([-4.0, 4.0])
    top.plot(-(b + w2 * height) / w1, height, style, color="black",
             label=f"$t$ = {t}")
top.axvline(1, color="C4", alpha=0.5, linewidth=5)
top.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-3, 8), ylim=(-4, 4))
legend = top.legend(loc="center right")
steps = np.unique(np.geomspace(1, 20_000, 60).astype(int))
bottom.semilogx(steps, [np.linalg.norm(grown[t][:2]) for t in steps],
                color="black")
bottom.set(xlabel="$t$", ylabel="length of $(w_1, w_2)$")
bottom.set_xticks([1, 100, 10_000], [1, 100, 10_000])
bottom.minorticks_off()
# --8<-- [end:separable]

# --8<-- [start:digits]
images, numbers = load_digits(return_X_y=True)
pixels = np.column_stack([images / 16, np.ones(len(images))])
eight = (numbers == 8).astype(float)
order = np.array([np.random.default_rng(seed).permutation(1797)
                  for seed in range(20)])
known, new = order[:, :200], order[:, 200:]  # for training, for the test
y_new, seen = eight[new], {}
X8, y8 = (v.astype(np.float32)  # half as long: twice as fast
          for v in (pixels[known], eight[known][..., None]))
w8 = np.zeros((20, 65, 1), np.float32)  # 20 splits side by side
for step in range(3001):
    if step in (50, 500, 3000):
        seen[step] = sigmoid((pixels[new] @ w8)[..., 0])
    r = y8 - sigmoid(X8 @ w8)
    w8 = w8 + 0.6 / 200 * np.swapaxes(X8, 1, 2) @ r


def scored(y_hat, y, threshold=0.5):
    """Accuracy, precision and recall, split by split."""
    said = y_hat > threshold
    hits = (said & (y == 1)).sum(axis=-1)
    with np.errstate(invalid="ignore"):  # 0 / 0: nothing was called 1
        return np.array([np.mean(said == y, axis=-1),
                         hits / said.sum(axis=-1), hits / y.sum(axis=-1)])


print("step  accuracy  precision  recall")
print(f"no 8 {np.mean(y_new == 0):9.3f}          -    0.00")
for step, y_hat in seen.items():
    right, precision, recall = np.nanmean(scored(y_hat, y_new), axis=1)
    print(f"{step:4} {right:9.3f} {precision:10.2f} {recall:7.2f}")
# --8<-- [end:digits]

# --8<-- [start:threshold]
levels = np.linspace(0.02, 0.98, 49)
by_level = np.array([scored(seen[500], y_new, level) for level in levels])
fig, ax = plt.subplots(figsize=(4.8, 3.2))
for k, color, name in ((1, "C2", "precision"), (2, "C5", "recall")):
    low, mid, high = np.quantile(by_level[:, k], [0.1, 0.5, 0.9], axis=1)
    ax.fill_between(levels, low, high, color=color, alpha=0.25)
    ax.plot(levels, mid, color=color, label=name)
ax.set(xlabel="threshold", ylim=(0, 1.02))
legend = ax.legend(loc="lower center")
print("k  bill at 0.1  at 0.5  lowest")
for k in (1, 9):  # a miss costs as much as k false alarms
    miss = (1 - by_level[:, 2]) * y_new.sum(axis=1)
    wrong = (1 - by_level[:, 0]) * y_new.shape[1]
    bill = (k * miss + wrong - miss).mean(axis=1)
    at = {v: bill[abs(levels - v).argmin()] for v in (0.1, 0.5)}
    print(f"{k} {at[0.1]:12.0f} {at[0.5]:7.0f} {bill.min():7.0f}",
          f"at {levels[bill.argmin()]:.2f}")
# --8<-- [end:threshold]

# --8<-- [start:calibration]
leads = [week_lead(views_series(seed)[1]) for seed in range(20)]
ones = [np.column_stack([x, np.ones(x.size)]) for x, _ in leads]
fits = [descend(np.zeros(2), X[:-365], y[:-365], 7.0, 150)
        for X, (_, y) in zip(ones, leads)]
judged = {"views": (
    np.concatenate([sigmoid(X[-365:] @ w) for X, w in zip(ones, fits)]),
    np.concatenate([y[-365:] for _, y in leads]))}
for step, y_hat in seen.items():
    judged[f"8, step {step}"] = y_hat.ravel(), y_new.ravel()
print("              stated  right   loss")
for name, (y_hat, label) in judged.items():
    of_label = np.where(label == 1, y_hat, 1 - y_hat)
    stated = np.maximum(y_hat, 1 - y_hat).mean()
    right = np.mean((y_hat > 0.5) == label)
    print(f"{name:12} {stated:7.3f} {right:6.3f}",
          f"{-np.log(of_label).mean():6.3f}")
# --8<-- [end:calibration]

# --8<-- [start:calibration_figure]
fig, axes = plt.subplots(2, 2, figsize=(4.8, 5), sharex=True, sharey=True)
for ax, (name, (y_hat, label)) in zip(axes.flat, judged.items()):
    ax.plot([0, 1], [0, 1], ":", color="0.5")
    fifth = np.minimum((5 * y_hat).astype(int), 4)
    used = np.unique(fifth)
    ax.plot([y_hat[fifth == k].mean() for k in used],
            [label[fifth == k].mean() for k in used], "o-", color="black")
    ax.set(title=name, xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
labels = axes[1, 0].set(xlabel=r"$\hat{y}$", ylabel="share of 1")
# --8<-- [end:calibration_figure]


# --8<-- [start:exercise_1]
X_two, y_two = np.array([[1.0, 1], [3, 1]]), np.array([0.0, 1])
g = gradient(np.zeros(2), X_two, y_two)
print("gradient", g, f"L {loss(np.zeros(2), X_two, y_two):.3f}",
      f"-> {loss(-g, X_two, y_two):.3f}")
s = np.array([-1.0, 1])  # the labels 0 and 1 as -1 and 1
z = X_two @ -g
print("ln(1 + exp(-s z)):", np.allclose(
    np.log(1 + np.exp(-s * z)), losses(z, y_two), rtol=1e-12))
# --8<-- [end:exercise_1]


# --8<-- [start:exercise_2]
def course_loops(w, b, X, y):
    """dw and db by loops over lists, as in the course."""
    dw, db = [0.0] * len(w), 0.0
    for features, label in zip(X, y):
        z = b
        for j in range(len(w)):
            z += w[j] * features[j]
        dz = 1 / (1 + math.exp(-z)) - label
        for j in range(len(w)):
            dw[j] += features[j] * dz
        db += dz
    return [v / len(y) for v in dw] + [db / len(y)]


def best_time(f):
    times = []
    for _ in range(5):
        calls, start = 0, time.perf_counter()
        while time.perf_counter() - start < 0.002:  # clocks are coarse
            f()
            calls += 1
        times.append((time.perf_counter() - start) / calls)
    return min(times)


for N, d in ((3, 2), (30, 8), (1200, 64)):
    rng = np.random.default_rng(0)
    X_N = np.column_stack([rng.normal(size=(N, d)), np.ones(N)])
    y_N, w_N = rng.integers(0, 2, N), rng.normal(0, 0.1, d + 1)
    lists = w_N[:-1].tolist(), w_N[-1], X_N.tolist(), y_N.tolist()
    same = np.allclose(course_loops(*lists), gradient(w_N, X_N, y_N))
    ratio = (best_time(lambda: course_loops(*lists))
             / best_time(lambda: gradient(w_N, X_N, y_N)))
    print(f"N = {N}, d = {d}: the same {same}, time ratio {ratio:.1f}")
# --8<-- [end:exercise_2]


# --8<-- [start:exercise_3]
def newton(w, X, y):
    return w - np.linalg.solve(hessian(w, X), gradient(w, X, y))


w, taken = np.zeros(2), 0
while abs(gradient(w, X, y)).max() > 1e-8:
    w, taken = newton(w, X, y), taken + 1
print(f"Newton: {taken} steps to", w.round(4))
w, taken = np.zeros(2), 0
while abs(gradient(w, X, y)).max() > 1e-8:
    w, taken = descend(w, X, y, 7.0, 1), taken + 1
print(f"descent: {taken} steps to", w.round(4))
for start in starts[1:]:
    print(f"from {start}: L {loss(start, X, y):.1f}",
          f"-> {loss(newton(start, X, y), X, y):.1f}")
# --8<-- [end:exercise_3]


# --8<-- [start:exercise_4]
no_bias = np.array([1.0, 1, 0])
for strength in (0.1, 0.01):
    w = np.zeros(3)
    for _ in range(3000):
        w = w - 0.5 * (gradient(w, X_six, y_six) + strength * no_bias * w)
    library = LogisticRegression(C=1 / (6 * strength), tol=1e-8)
    library.fit(X_six[:, :2], y_six)
    theirs = np.append(library.coef_, library.intercept_)
    print(f"{strength}: ours {w.round(4)}, theirs {theirs.round(4)}")
# --8<-- [end:exercise_4]
