"""Chapter `linear-models`: baselines, least squares, more days, what a line cannot fit, what a weight says."""

from __future__ import annotations

# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
# --8<-- [end:imports]
from views import views_series


# --8<-- [start:one_day]
def rmse(r):
    """Root mean squared residual, in the unit of the labels."""
    return np.sqrt(np.mean(r**2, axis=-1))


train, test = slice(56, -365), slice(-365, None)  # days
series = [views_series(seed)[1] for seed in range(20)]
miss, too_low = [], []
for views in series:
    yesterday, last_week = np.roll(views, 1), np.roll(views, 7)
    w, b = np.polyfit(yesterday[train], views[train], 1)
    r = views - np.array([yesterday, last_week, b + w * yesterday])
    miss.append((rmse(r[:, train]), rmse(r[:, test])))
    too_low.append(r[2, test].mean())  # the line
miss = np.array(miss)  # series, (train, test), guess
for k, name in enumerate(["yesterday", "last week", "line"]):
    on_train, on_test = miss[:, :, k].mean(axis=0)
    print(f"{name:9} train {on_train:.0f}, test {on_test:.0f}")
worse = (miss[:, :, 2] > miss[:, :, 0]).sum(axis=0)
print(f"line worse: train {worse[0]}, test {worse[1]} of 20")
# --8<-- [end:one_day]

# --8<-- [start:copy]
dates, views = views_series()
w, b = np.polyfit(views[55:-366], views[train], 1)
y_hat = b + w * views[:-1]
shown = slice(-35, None)
days = dates[shown]
sundays = days[(days.astype(int) + 3) % 7 == 6]
fig, (top, bottom) = plt.subplots(2, 1, figsize=(4.8, 5.4), sharex=True)
top.plot(days, views[shown], "o-", color="0.5", label="$y$")
top.plot(days, y_hat[shown], color="C0", label=r"$\hat{y}$")
top.set(ylabel="views", ylim=(5800, 9200))
top.set_xticks(sundays, ["Sun"] * sundays.size)
legend = top.legend(loc="upper left", ncols=2)
bottom.axhline(0, color="0.5", linewidth=1)
bottom.plot(days, (views[1:] - y_hat)[shown], "o-", color="C1")
label = bottom.set_ylabel("$r$")
pull = 1 - w
print(f"w = {w:.3f}, b = {b:.0f}")
# --8<-- [end:copy]

# --8<-- [start:projection]
def on_paper(v):
    """Oblique view of a point of three-dimensional space."""
    ones, slant, normal = (np.array([1, 1, 1]) / 3**0.5,
                           np.array([-1, 0, 1]) / 2**0.5,
                           np.array([-1, 2, -1]) / 6**0.5)
    return np.array([v @ ones + 0.75 * (v @ slant),
                     0.65 * (v @ slant) + 1.1 * (v @ normal)])


X_small = np.array([[1.0, 1], [2, 1], [3, 1]])
y_small = np.array([1.0, 3, 2])
foot = np.array([1.5, 2, 2.5])
fig, ax = plt.subplots(figsize=(4.8, 2.2))
corners = [np.array([1, 1, 1]) * s + np.array([-1, 0, 1]) * t
           for s, t in [(-0.3, -0.5), (2.6, -0.5), (2.6, 1.6), (-0.3, 1.6)]]
ax.fill(*np.transpose([on_paper(v) for v in corners]), color="0.5", alpha=0.2,
        linewidth=0)
origin = on_paper(np.zeros(3))
for v, color, label, shift in [
    (X_small[:, 1], "0.5", r"$\mathbf{1}$", (0.1, -0.16)),
    (X_small[:, 0], "0.5", r"$\mathbf{x}$", (0.1, 0.03)),
    (y_small, "black", r"$\mathbf{y}$", (0.08, 0.02)),
    (foot, "C0", r"$\hat{\mathbf{y}}$", (0.1, -0.14)),
]:
    ax.annotate("", on_paper(v), origin,
                arrowprops={"arrowstyle": "->", "color": color, "lw": 1.8})
    ax.text(*(on_paper(v) + shift), label, fontsize=13)
ax.plot(*np.transpose([on_paper(foot), on_paper(y_small)]), "--", color="C1")
ax.text(*(on_paper((foot + y_small) / 2) + [0.08, 0]), r"$\mathbf{r}$",
        fontsize=13)
corner = [foot - 0.14 * foot / 3.5, (y_small - foot) * 0.16]
ax.plot(*np.transpose([on_paper(v) for v in (
    corner[0], corner[0] + corner[1], foot + corner[1])]), color="C1")
ax.set_aspect("equal")
ax.axis("off")
print(f"r . 1 = {(y_small - foot) @ X_small[:, 1]:g},",
      f"r . x = {(y_small - foot) @ X_small[:, 0]:g}")
# --8<-- [end:projection]


# --8<-- [start:least_squares]
def least_squares(X, y):
    """The w with the smallest mean squared residual y - X @ w.

    X: (N, d + 1) with a column of ones, whose weight is the
    bias; its columns must be independent. y: (N,).
    """
    return np.linalg.solve(X.T @ X, X.T @ y)


print("by hand:", least_squares(X_small, y_small))

x, y = views[55:-366], views[train]
X = np.column_stack([x, np.ones(x.size)])
w_normal = least_squares(X, y)
w_lstsq = np.linalg.lstsq(X, y, rcond=None)[0]
for name, fit in [("normal", w_normal), ("lstsq", w_lstsq)]:
    print(f"{name:6} w = {fit[0]:.6f}, b = {fit[1]:.4f}")

best = np.mean((y - X @ w_normal) ** 2)
moves = np.random.default_rng(0).normal(0, [0.1, 500], (1000, 2))
growth = [np.mean((y - X @ (w_normal + v)) ** 2) - best for v in moves]
pythagoras = [np.mean((X @ v) ** 2) for v in moves]
print("1000 moves agree:", np.allclose(growth, pythagoras))
# --8<-- [end:least_squares]


# --8<-- [start:days]
def lags(views, d, first=56):
    """Features for the days from `first` on: column j holds the
    views of j + 1 days ago; the last column is ones."""
    days = np.arange(first, views.size)
    past = [views[days - j] for j in range(1, d + 1)]
    return np.column_stack([*past, np.ones(days.size)])


table = {}
for d in (1, 7, 28, 56):
    rows = []
    for views in series:
        X, y = lags(views, d), views[56:]
        w = least_squares(X[:-365], y[:-365])
        r = y - X @ w
        rows.append((rmse(r[:-365]), rmse(r[-365:])))
    table[d] = np.array(rows)
    on_train, on_test = table[d].mean(axis=0)
    print(f"{d:2} days, {w.size:2} parameters:",
          f"train {on_train:.0f}, test {on_test:.0f}")
for few, more in [(1, 7), (7, 28), (28, 56)]:
    better = (table[more] < table[few]).sum(axis=0)
    print(f"{more} beats {few}: train {better[0]}, test {better[1]}")
# --8<-- [end:days]

# --8<-- [start:hurt]
numbers = (1, 3, 7, 14, 21, 28, 42, 56)
sizes = (70, 100, 200, 1085)  # days to train on
curves = np.zeros((len(sizes), len(numbers), 20, 2))
for seed, views in enumerate(series):
    all_lags, y = lags(views, 56), views[56:]
    for i, N in enumerate(sizes):
        part = slice(y.size - 365 - N, y.size - 365)
        for j, d in enumerate(numbers):
            X = all_lags[:, [*range(d), 56]]
            r = y - X @ least_squares(X[part], y[part])
            curves[i, j, seed] = rmse(r[part]), rmse(r[-365:])
worse_than_7 = (curves[:, -1] > curves[:, 2]).sum(axis=1)
for i, N in enumerate(sizes):
    d = numbers[curves[i, :, :, 1].mean(axis=1).argmin()]
    print(f"N {N:4}: best d {d:2};",
          f"56 worse than 7: {worse_than_7[i, 1]:2} of 20")
# --8<-- [end:hurt]

# --8<-- [start:hurt_figure]
days = 70
both = curves[sizes.index(days)]
assert (both[:, :, 0].mean(axis=1)[1:] < both[0, :, 0].mean()).all()
fig, ax = plt.subplots(figsize=(4.8, 3.6))
for k, (color, name) in enumerate([("C2", "train"), ("C3", "test")]):
    low, middle, high = np.quantile(both[:, :, k], [0.1, 0.5, 0.9],
                                    axis=1)
    ax.fill_between(numbers, low, high, color=color, alpha=0.25,
                    linewidth=0)
    ax.plot(numbers, middle, color=color, label=name)
ax.set(xlabel="$d$", ylabel="RMSE", xticks=[1, 7, 28, 56], ylim=(0, 1000))
legend = ax.legend(loc="upper left")
# --8<-- [end:hurt_figure]

# --8<-- [start:tent]
x = (np.arange(40) + 0.5) / 20 - 1  # -0.975, ..., 0.975
tent = 1 - np.abs(x)
X = np.column_stack([x, np.ones(x.size)])
w_tent = least_squares(X, tent)
best_line = np.mean((tent - X @ w_tent) ** 2)
print(f"best line: w = {w_tent[0]:.3f}, b = {w_tent[1]:.3f},",
      f"MSE {best_line:.4f}")
W, B = np.meshgrid(np.linspace(-2, 2, 81), np.linspace(-1, 2, 61))
lines = W[..., None] * x + B[..., None]
grid = np.mean((tent - lines) ** 2, axis=-1)
print(f"lowest of {grid.size} lines: {grid.min():.4f}")

fig, ax = plt.subplots(figsize=(4.8, 2.9))
ax.plot([-1, 0, 1], [0, 1, 0], color="0.5", linewidth=2)
for w, b in [(0.6, 0.6), (-0.3, 0.9)]:
    ax.plot([-1, 1], [b - w, b + w], color="C0", linewidth=1, alpha=0.6)
ax.plot([-1, 1], [0.5, 0.5], color="C0", linewidth=2)
ax.set(xlabel="$x$", ylabel="$y$", ylim=(-0.1, 1.35), xticks=[-1, 0, 1])
for at in (-1, -0.75, -0.25, 0, 0.25, 0.75, 1):
    ax.plot([at, at], [0.5, 1 - abs(at)], ":", color="C1")
# --8<-- [end:tent]


# --8<-- [start:network]
def hidden(params, x):
    w, b, _, _ = params
    return (1 + np.tanh((w * x[:, None] + b) / 2)) / 2


def network(params, x):
    """b + sum of c_i sigmoid(w_i x + b_i); x (runs, N)."""
    _, _, c, bias = params
    return (c * hidden(params, x)).sum(axis=1) + bias


def train_network(x, y, steps, scale, lr=0.3, beta=0.9):
    """Gradient descent with momentum, a start for each row of x."""
    rng = np.random.default_rng(0)
    runs, N = x.shape
    params = [rng.normal(0, s, (runs, 3, 1)) for s in (scale, scale, 1)]
    params.append(np.zeros((runs, 1)))
    moves = [0 * p for p in params]
    for _ in range(steps):
        a = hidden(params, x)
        dy = 2 / N * (network(params, x) - y)
        dz = dy[:, None] * params[2] * a * (1 - a)
        grads = [(dz * x[:, None]).sum(2, keepdims=True),
                 dz.sum(2, keepdims=True),
                 (dy[:, None] * a).sum(2, keepdims=True),
                 dy.sum(1, keepdims=True)]
        moves = [beta * m - lr * g for m, g in zip(moves, grads)]
        params = [p + m for p, m in zip(params, moves)]
    return params


x_runs = np.tile(x, (20, 1))
bent = train_network(x_runs, tent, steps=2000, scale=2)
on_tent = np.mean((network(bent, x_runs) - tent) ** 2, axis=1)
print(f"tent: MSE {on_tent.min():.4f} to {on_tent.max():.4f}")

y = np.array(series)[:, 56:-365:3]
x = np.array(series)[:, 55:-366:3]
s, z = ((v - v.mean(1, keepdims=True)) / v.std(1, keepdims=True)
        for v in (x, y))
straight = z - (s * z).mean(1, keepdims=True) * s
curved = z - network(train_network(s, z, steps=500, scale=1), s)
gain = 1 - np.sqrt((curved**2).mean(1) / (straight**2).mean(1))
print(f"views: RMSE lower by {100 * gain.mean():.1f}%",
      f"({100 * gain.min():.1f}% to {100 * gain.max():.1f}%)")

fig, ax = plt.subplots(figsize=(4.8, 2.9))
ax.plot([-1, 0, 1], [0, 1, 0], color="0.5", linewidth=2)
ax.set(xlabel="$x$", ylabel="$y$", ylim=(-0.1, 1.1), xticks=[-1, 0, 1])
curves_20 = network(bent, x_runs)
for run, width in [(on_tent.argmax(), 1), (on_tent.argsort()[10], 2)]:
    ax.plot(x_runs[0], curves_20[run], color="C4", linewidth=width)
# --8<-- [end:network]

# --8<-- [start:melons]
color = np.repeat([0, 1, 2], 20)  # 60 melons
sse = {}
fig, axes = plt.subplots(1, 3, figsize=(4.8, 2.4), sharey=True)
for ax, good in zip(axes, (0, 1, 2)):  # the code of the good colour
    y = (color == good).astype(float)
    X = np.column_stack([color, np.ones(60)])
    w = least_squares(X, y)
    one_hot = np.eye(3)[color]
    sse[good] = (np.sum((y - X @ w) ** 2),
                 np.sum((y - one_hot @ least_squares(one_hot, y)) ** 2))
    print(f"good = {good}: w {w[0]:+.2f}, SSE {sse[good][0]:.2f},",
          f"one-hot {sse[good][1]:.2f}")
    ax.plot([0, 1, 2], np.eye(3)[good], "o", color="0.5")
    ax.plot([0, 2], [w[1], w[1] + 2 * w[0]], color="C0")
    ax.set(xticks=[0, 1, 2], xlabel="$x$", ylim=(-0.3, 1.2))
label = axes[0].set_ylabel("$y$")
# --8<-- [end:melons]

# --8<-- [start:weekday]
weekday = ((dates.astype(int) + 3) % 7)[56:]  # Monday is 0
encodings = {"0 to 6": np.column_stack([weekday, np.ones(weekday.size)]),
             "one-hot": np.eye(7)[weekday]}
by_code = {}
for name, columns in encodings.items():
    rows = []
    for views in series:
        X, y = np.column_stack([views[55:-1], columns]), views[56:]
        w = least_squares(X[:-365], y[:-365])
        rows.append(rmse((y - X @ w)[-365:]))
    by_code[name] = np.array(rows)
    print(f"{name:7}: {w.size} parameters,",
          f"test {by_code[name].mean():.0f}")
beats_56 = (by_code["one-hot"] < table[56][:, 1]).sum()
print(f"one-hot beats 56 days in {beats_56} of 20")
# --8<-- [end:weekday]

# --8<-- [start:importance]
X, y = lags(series[0], 7)[:-365], series[0][56:-365]
w = least_squares(X, y)
print(f"all seven: RMSE {rmse(y - X @ w):.0f}")
X_units = X * [1, 0.001, 1, 1, 1, 1, 1, 1]  # day 2 in thousands
w_units = least_squares(X_units, y)
same = np.abs(X_units @ w_units - X @ w).max()
print(f"day 2 in thousands: weight {w[1]:.2f} -> {w_units[1]:.0f}")
print(f"predictions the same: {same < 1e-6}")
without = []
for j in range(7):
    X_less = np.delete(X, j, axis=1)
    r = y - X_less @ least_squares(X_less, y)
    without.append(rmse(r))
    correlation = np.corrcoef(X[:, j], y)[0, 1]
    print(f"{j + 1}: correlation {correlation:.2f},",
          f"weight {w[j]:+.2f}, without {without[j]:.0f}")
# --8<-- [end:importance]

# --8<-- [start:copies]
rng = np.random.default_rng(0)
fig, axes = plt.subplots(1, 3, figsize=(4.8, 2.2), sharex=True, sharey=True)
spread = {}
for ax, rho in zip(axes, (0, 0.9, 0.99)):
    fits = []
    for _ in range(200):
        x = rng.normal(size=(50, 2))
        x[:, 1] = rho * x[:, 0] + np.sqrt(1 - rho**2) * x[:, 1]
        y = x[:, 0] + x[:, 1] + rng.normal(size=50)
        fits.append(least_squares(np.column_stack([x, np.ones(50)]), y))
    w1, w2, _ = np.transpose(fits)
    spread[rho] = np.std(w1 + w2), np.std(w1 - w2)
    ax.plot(w1, w2, "o", color="C0", markersize=1.5)
    ax.plot(1, 1, "*", color="C4", markersize=9)
    ax.set(title=rf"$\rho$ = {rho}", xlabel="$w_1$", aspect="equal",
           xlim=(-3, 5), ylim=(-3, 5), xticks=[-2, 1, 4], yticks=[-2, 1, 4])
    negative = np.mean((w1 < 0) | (w2 < 0))
    print(f"{rho}: sum {spread[rho][0]:.2f},",
          f"difference {spread[rho][1]:.2f},",
          f"negative {100 * negative:.0f}%")
label = axes[0].set_ylabel("$w_2$")
# --8<-- [end:copies]

# --8<-- [start:exercise_1]
shapes = {}
for d in (1, 7, 28):
    shapes[d] = lags(series[0], d, first=d).shape
    print(f"d = {d}: {shapes[d][0]} examples, {shapes[d][1]} parameters")
# --8<-- [end:exercise_1]

# --8<-- [start:exercise_2]
x = (np.arange(1000) + 0.5) / 1000
parabola = np.column_stack([x, np.ones(1000)])
w_parabola = least_squares(parabola, x**2)
loss_parabola = np.mean((x**2 - parabola @ w_parabola) ** 2)
print(f"w = {w_parabola[0]:.4f}, b = {w_parabola[1]:.4f}")
print(f"MSE {loss_parabola:.6f}, 1/180 = {1 / 180:.6f}")
with_square = np.column_stack([x**2, parabola])
rest = x**2 - with_square @ least_squares(with_square, x**2)
print("with the feature x squared: exact", np.allclose(rest, 0))
# --8<-- [end:exercise_2]

# --8<-- [start:exercise_3]
rng = np.random.default_rng(0)
noise_columns = {}
for k in (0, 10, 20, 40):
    rows = []
    for _ in range(100):
        X = np.column_stack([rng.normal(size=(1060, k + 1)),
                             np.ones(1060)])
        y = X[:, 0] + rng.normal(size=1060)
        r = y - X @ least_squares(X[:60], y[:60])
        rows.append((np.mean(r[:60] ** 2), np.mean(r[60:] ** 2)))
    seen, new = noise_columns[k] = np.mean(rows, axis=0)
    print(f"k {k:2}: train {seen:.2f},",
          f"1 - {k + 2}/60 = {1 - (k + 2) / 60:.2f}, new {new:.2f}")
# --8<-- [end:exercise_3]

# --8<-- [start:exercise_4]
y_melons = 4.0 + (color == 1)
three = np.eye(3)[color]
with_ones = np.column_stack([three, np.ones(60)])
rank = np.linalg.matrix_rank(with_ones)
print(f"{with_ones.shape[1]} columns, rank {rank}")
shortest = np.linalg.lstsq(with_ones, y_melons, rcond=None)[0]
for w in (shortest, np.array([4, 5, 4, 0]), np.array([0, 1, 0, 4])):
    print(w.round(2), f"SSE {np.sum((y_melons - with_ones @ w) ** 2):.2f}")
two = with_ones[:, [1, 2, 3]]
print("without colour 0:", least_squares(two, y_melons).round(2))
# --8<-- [end:exercise_4]

# --8<-- [start:exercise_5]
floor = []
for views in series:
    time = np.arange(weekday.size) / 365
    X = np.column_stack([views[55:-1], np.eye(7)[weekday], time])
    y = views[56:]
    w = least_squares(X[:-365], y[:-365])
    floor.append(rmse((y - X @ w)[-365:]))
print(f"test {np.mean(floor):.0f}, weight of yesterday {w[0]:.2f}")
# --8<-- [end:exercise_5]
