"""Chapter `gradient-descent`: a step, when it stops, what it cannot do."""

from __future__ import annotations

# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
# --8<-- [end:imports]
from numerical_gradient import numerical_gradient
from views import views_series


# --8<-- [start:first_steps]
def loss(w):
    return 2 * (w - 1) ** 2


def slope(w):
    return 4 * (w - 1)


fig, axes = plt.subplots(2, 1, figsize=(4.8, 5.4), sharex=True, sharey=True)
curve = np.linspace(-0.2, 2.2, 121)
for ax, lr in zip(axes, (0.1, 0.4)):
    ax.plot(curve, loss(curve), color="0.5", linewidth=1)
    w = 0.0
    for _ in range(3):
        w_new = w - lr * slope(w)
        near = np.array([w - 0.15, w + 0.15])
        ax.plot(near, loss(w) + slope(w) * (near - w), color="C2")
        ax.annotate("", (w_new, loss(w)), (w, loss(w)),
                    arrowprops={"arrowstyle": "->", "color": "C0"})
        ax.plot([w_new, w_new], [loss(w), loss(w_new)], ":", color="C0")
        ax.plot(w, loss(w), "o", color="C0")
        w = w_new
    ax.plot(w, loss(w), "o", color="C0")
    ax.set(ylabel=rf"$L(w)$,  $\eta$ = {lr}", ylim=(-0.3, 2.9))
axes[-1].set_xlabel("$w$")

for w in (0.0, 1.5):
    w_new = w - 0.1 * slope(w)
    print(f"w {w}: slope {slope(w):+.1f}, w -> {w_new:.1f},",
          f"loss {loss(w):.2f} -> {loss(w_new):.2f}")
w, g = 0.0, slope(0.0)
for lr in (0.1, 0.01, 0.001):
    drop = loss(w) - loss(w - lr * g)
    print(f"lr {lr}: drop {drop:.6f}, ratio {drop / (lr * g**2):.3f}")
# --8<-- [end:first_steps]


# --8<-- [start:two_parameters]
def mse(params, x, y):
    w, b = params
    return np.mean((y - (b + w * x)) ** 2)


def mse_grad(params, x, y):
    w, b = params
    r = y - (b + w * x)
    return np.array([-2 * np.mean(r * x), -2 * np.mean(r)])


x, y = np.array([4.8, 4.9]), np.array([4.9, 7.5])
old = np.array([1.0, 0.5])
g = mse_grad(old, x, y)
check = numerical_gradient(lambda p: mse(p, x, y), old)
print("gradient", g.round(6), "check", check.round(6))

new = old - 0.01 * g
print("w, b:", old, "->", new.round(4))
print(f"loss: {mse(old, x, y):.4f} -> {mse(new, x, y):.4f}")

mixed = mse_grad(np.array([new[0], old[1]]), x, y)
print(f"b by the new w instead: {old[1] - 0.01 * mixed[1]:.4f}")
# --8<-- [end:two_parameters]


# --8<-- [start:stopping]
def descend(grad, start, lr: float, budget: int, tol: float = 0.0):
    """Gradient descent from start, a number or an array.

    Returns the path, one entry per point, and the stop that fired:
    "zero slope" (the norm of the gradient is at most tol) or
    "budget" (that many steps are done).
    """
    path = [np.asarray(start, dtype=np.float64)]
    for _ in range(budget):
        g = grad(path[-1])
        if np.linalg.norm(g) <= tol:
            return np.array(path), "zero slope"
        path.append(path[-1] - lr * g)
    return np.array(path), "budget"


stops = {}
for budget in (20, 1000):
    path, reason = descend(slope, 0.0, 0.1, budget, tol=1e-6)
    stops[budget] = len(path) - 1
    print(f"budget {budget}: {reason}, {stops[budget]} steps,",
          f"w {path[-1]:.7f}")

derivatives = {
    "w**2": lambda w: 2 * w,
    "-w**2": lambda w: -2 * w,
    "w**3": lambda w: 3 * w**2,
}
for name, grad in derivatives.items():
    path, reason = descend(grad, 0.0, 0.1, 1000)
    print(f"{name} from 0: {reason}, {len(path) - 1} steps")
# --8<-- [end:stopping]


# --8<-- [start:limit]
lr = 0.45
lam, steps = 4.0, 50
path, _ = descend(lambda w: lam * w, 1.0, lr, 8)
assert (abs(path[-1]) < 1) == (lr < 2 / lam)
curve = np.linspace(-1.9, 1.9, 61)
fig, (top_panel, bottom) = plt.subplots(2, 1, figsize=(4.8, 5.4))
top_panel.plot(curve, lam / 2 * curve**2, color="0.5", linewidth=1)
top_panel.plot(path, lam / 2 * path**2, "o-", markersize=4, linewidth=1)
top_panel.set(xlabel="$w$", ylabel="$L(w)$", xlim=(-2.1, 2.1),
              ylim=(-0.3, 7.3), xticks=[-2, 0, 2], yticks=[0, 2, 4, 6])
bottom.axhline(0, color="0.5", linewidth=1)
bottom.plot(path, "o-", markersize=4, linewidth=1)
bottom.set(xlabel="$t$", ylabel="$w_t$", xlim=(-0.4, 8.4),
           ylim=(-2.1, 2.1), xticks=[0, 2, 4, 6, 8], yticks=[-2, 0, 2])

for rate in (0.05, 0.25, 0.45, 0.51):
    path, _ = descend(lambda w: lam * w, 1.0, rate, steps)
    print(f"lr {rate}: factor {1 - rate * lam:+.2f},",
          f"last |w| {abs(path[-1]):.2g}")
rates = np.arange(1, 55) / 100
w = np.ones_like(rates)
for _ in range(steps):
    w = w - rates * lam * w
fastest = rates[np.argmin(abs(w))]
wrong = abs(abs(w) ** (1 / steps) - abs(1 - rates * lam)).max()
print(f"fastest of {rates.size}: lr {fastest};",
      f"as the formula: {wrong < 1e-12}")
# --8<-- [end:limit]


# --8<-- [start:limit_matrix]
H = np.array([[2.5, 1.5], [1.5, 2.5]])
lams, V = np.linalg.eigh(H)
start = np.array([2.0, 0.0])
check = numerical_gradient(lambda w: 0.5 * w @ H @ w, start)
print("eigenvalues", lams.round(6))
print("Hw", H @ start, "check", check.round(6))
for lr in (0.49, 0.51):
    path, _ = descend(lambda w: H @ w, start, lr, 50)
    t = np.arange(51)[:, None]
    formula = (1 - lr * lams) ** t * (V.T @ start)
    agree = np.allclose(path @ V, formula, atol=1e-12)
    print(f"lr {lr}: norm {np.linalg.norm(path[-1]):.3f},",
          f"as the formula: {agree}")
# --8<-- [end:limit_matrix]


# --8<-- [start:local_minimum]
def f(w):
    return w**4 - 2 * w**2 + 0.3 * w


def df(w):
    return 4 * w * (w**2 - 1) + 0.3


critical = np.sort(np.roots([4, 0, -4, 0.3]).real)
best, top, local = critical
for w in critical:
    flat = abs(numerical_gradient(f, w)) < 1e-8
    print(f"w {w:+.3f}: f {f(w):+.3f}, f'' {12 * w**2 - 4:+.1f},",
          f"flat: {flat}")
path, reason = descend(df, 2.0, 0.01, 10_000, tol=1e-8)
print(f"from 2: {reason}, w {path[-1]:.3f}, f {f(path[-1]):.3f}")
# --8<-- [end:local_minimum]


# --8<-- [start:hill]
def momentum_path(df, w, lr, beta: float, steps: int) -> np.ndarray:
    """Points of runs with momentum; each entry of w (and lr) is a run.

    beta = 0 is plain gradient descent.
    """
    path, m = [w], np.zeros_like(w)
    for _ in range(steps):
        m = beta * m - lr * df(path[-1])
        path.append(path[-1] + m)
    return np.array(path)


pushed = momentum_path(lambda w: 1.0, np.float64(0), 0.01, 0.9, 200)
print(f"slope 1 everywhere: the step grows to {np.diff(pushed)[-1]:.4f}")

curve = np.linspace(-1.75, 2.05, 200)
fig, axes = plt.subplots(3, 1, figsize=(4.8, 7), sharex=True, sharey=True)
scenes = [(0.01, 0.0, "C0"), (0.085, 0.0, "C0"), (0.01, 0.9, "C1")]
for ax, (lr, beta, color) in zip(axes, scenes):
    path = momentum_path(df, np.float64(2), lr, beta, 150)
    ax.plot(curve, f(curve), color="0.5", linewidth=1)
    ax.plot(path, f(path), "o-", color=color, markersize=3, linewidth=0.8)
    ax.plot(path[-1], f(path[-1]), "*", color="black", markersize=10)
    ax.set(ylabel=rf"$\eta$ = {lr}, $\beta$ = {beta}", ylim=(-2, 9.3))
axes[-1].set_xlabel("$w$")

rates = np.arange(1, 51) / 500
ends, wins, leap, above = {}, {}, {}, {}
for start in (2.0, -2.0):
    leap[start] = (start - top) / df(start)
    above[start] = (rates > leap[start]).sum()
    print(f"from {start:+}: leaps if lr > {leap[start]:.4f},",
          f"{above[start]} of 50")
    for beta in (0.0, 0.9):
        with np.errstate(over="ignore", invalid="ignore"):
            end = momentum_path(df, np.full(50, start), rates, beta, 1000)[-1]
        ends[start, beta] = end[rates == 0.01][0]
        wins[start, beta] = (abs(end - best) < 1e-3).sum()
        print(f"  beta {beta}: {wins[start, beta]} global,",
              f"{(~np.isfinite(end)).sum()} diverge;",
              f"0.01: {ends[start, beta]:+.3f}")
# --8<-- [end:hill]


# --8<-- [start:multi_start]
def wells(w, depth):
    inside = np.maximum(0, 1 - 16 * (w - 2.8) ** 2)  # 0 off the hole
    return 0.1 * w**2 + np.sin(5 * w) - depth * inside**3


def d_wells(w, depth):
    inside = np.maximum(0, 1 - 16 * (w - 2.8) ** 2)
    d_hole = 96 * depth * (w - 2.8) * inside**2
    return 0.2 * w + 5 * np.cos(5 * w) + d_hole


def valleys(w, depth):
    for _ in range(300):
        w = w - 0.006 * d_wells(w, depth)
    return w


w = np.linspace(-4, 4, 401)
check = numerical_gradient(lambda w: wells(w, 3).sum(), w)
print("gradient checked:", np.allclose(check, d_wells(w, 3), atol=1e-6))
fig, (top_panel, bottom) = plt.subplots(2, 1, figsize=(4.8, 5.6))
for depth, color in ((3, "C3"), (0, "0.5")):
    top_panel.plot(w, wells(w, depth), color=color, linewidth=1.2)
top_panel.set(xlabel="$w$")

p = np.mean(abs(valleys(np.linspace(-4, 4, 4001), 3) - 2.8) < 0.25)
starts = np.random.default_rng(0).uniform(-4, 4, (2000, 10))
holed = valleys(starts, 3)
all_missed = np.all(abs(holed - 2.8) > 0.25, axis=1)
missed = all_missed.mean()
alike = np.all(valleys(starts[:500], 0) == holed[:500], axis=1)
best_of_k = np.minimum.accumulate(wells(holed, 3).reshape(500, 40), axis=1)
low, median, high = np.quantile(best_of_k, [0.1, 0.5, 0.9], axis=0)
k = np.arange(1, 41)
bottom.fill_between(k, low, high, color="C3", alpha=0.3)
bottom.plot(k, median, color="C3")
bottom.set(xlabel="starts $k$", ylabel="lowest of the first $k$")
print(f"p {p:.3f}; ten miss: formula {(1 - p) ** 10:.3f},",
      f"found {missed:.3f}")
print(f"of 500: {all_missed[:500].sum()} miss, {alike.sum()} end alike")
# --8<-- [end:multi_start]


# --8<-- [start:stall]
limits = {"best": 2 / (12 * best**2 - 4), "local": 2 / (12 * local**2 - 4)}
for ratio in (0.98, 1.02, 1.1, 1.2):
    path, _ = descend(df, best + 0.01, ratio * limits["best"], 1000)
    a, b = np.sort(path[-2:])
    print(f"{ratio:4}: w {a:.3f}, {b:.3f};",
          f"slopes {df(a):+.3f}, {df(b):+.3f}")

fig, (top_panel, bottom) = plt.subplots(2, 1, figsize=(4.8, 6))
curve = np.linspace(-1.32, -0.6, 100)
top_panel.plot(curve, f(curve), color="0.5", linewidth=1)
path, _ = descend(df, best + 0.01, 1.1 * limits["best"], 60)
top_panel.plot(path, f(path), "o-", color="C0", markersize=4, linewidth=0.8)
top_panel.plot(best, f(best), "*", color="black", markersize=10)
top_panel.set(xlabel="$w$", ylabel="$f(w)$")

ratios, sizes = np.linspace(0.9, 1.3, 81), {}
for (name, limit), at, color in zip(limits.items(), (best, local),
                                    ("C0", "C4")):
    path = momentum_path(df, np.full(81, at + 0.01), ratios * limit, 0, 800)
    sizes[name] = abs(df(path[-16:])).round(3).T  # a row for each rate
    dots = [(q, size) for q, row in zip(ratios, sizes[name])
            for size in set(row)]
    bottom.plot(*np.array(sorted(dots)).T, ".", color=color, markersize=4,
                label=name)
bottom.set(xlabel=r"$\eta\lambda\,/\,2$", ylabel="$|g|$")
legend = bottom.legend(loc="upper left")
# --8<-- [end:stall]


# --8<-- [start:ravine]
beta = 0
lams, start = np.array([25.0, 1.0]), np.array([1.0, 5.0])
path = momentum_path(lambda w: lams * w, start, 0.076, beta, 25)
short = np.linalg.norm(path[-1])  # of the star
assert (short < 0.1) == (0.4 < beta < 0.8)
W2, W1 = np.meshgrid(np.linspace(-3.2, 5.5, 88), np.linspace(-1.3, 1.3, 53))
fig, ax = plt.subplots(figsize=(4.8, 3.2))
ax.contour(W2, W1, 0.5 * (25 * W1**2 + W2**2), [0.5, 2, 5, 9, 14],
           colors="0.6", linewidths=0.8)
ax.plot(path[:, 1], path[:, 0], "o-", color="C1" if beta else "C0",
        markersize=3.5, linewidth=1)
ax.plot(0, 0, "*", color="black", markersize=10)
_ = ax.set(xlabel="$w_2$", ylabel="$w_1$", xlim=(-3.2, 5.5),
           ylim=(-1.3, 1.3), xticks=[-2, 0, 2, 4], yticks=[-1, 0, 1])
# --8<-- [end:ravine]


# --8<-- [start:sweep]
def steps_needed(lr, beta, lams, budget: int):
    """Steps until every w stays within 1/100 of its start.

    lr and beta broadcast; a run that takes longer gets the budget.
    """
    lr, beta = np.broadcast_arrays(lr, beta)
    w = np.ones((lams.size, *lr.shape))  # one coordinate per lambda
    m, needed = np.zeros_like(w), np.zeros(lr.shape, dtype=int)
    curvature = lams.reshape(-1, *(1,) * lr.ndim)
    for t in range(1, budget + 1):
        m = beta * m - lr * curvature * w
        w = w + m
        needed[~(abs(w).max(axis=0) <= 0.01)] = t + 1
    return np.minimum(needed, budget)


betas = np.array([0.9, 0.94, 0.96, 0.97, 0.98, 0.99])
some_lr = np.array([0.01, 0.02, 0.03, 0.035, 0.039])
lams = np.array([100.0, 0.01])
table = steps_needed(some_lr, betas[:, None], lams, 1500)
print("beta  lr", *(f"{lr:6}" for lr in some_lr))
for beta, row in zip(betas, table):
    cells = (str(n) if n < 1500 else "-" for n in row)
    print(f"{beta:7} ", *(f"{cell:>6}" for cell in cells))

tuned = {}
for kappa in (100, 10_000):
    lams = np.array([1.0, 1 / kappa])
    root = np.sqrt(kappa)
    plain = 2 / (1 + 1 / kappa)  # best for plain descent
    budget = 3 * kappa
    polyak = 4 / (1 + 1 / root) ** 2, ((root - 1) / (root + 1)) ** 2
    lr = np.linspace(2, 4, 41)[:, None]
    beta = 1 - np.linspace(1, 8, 57) / root
    counts = steps_needed(lr, beta, lams, 12 * int(root))
    tuned[kappa] = {
        "plain": steps_needed(plain, 0.0, lams, budget),
        "formula": steps_needed(*polyak, lams, 12 * int(root)),
        "grid": counts.min(),
    }
    print(f"kappa {kappa}:", *(f"{name} {n}" for name, n in
                               tuned[kappa].items()))
# --8<-- [end:sweep]


# --8<-- [start:scaling]
dates, views = views_series()
x, y = views[:-1], views[1:]
mu, sigma = x.mean(), x.std()
kappas, limit, paths, losses = {}, {}, {}, {}
for name, feature in {"raw": x, "scaled": (x - mu) / sigma}.items():
    X = np.column_stack([feature, np.ones_like(feature)])
    low, high = np.linalg.eigvalsh(2 / len(X) * X.T @ X)
    kappas[name], limit[name] = high / low, 2 / high
    paths[name], _ = descend(lambda p: mse_grad(p, feature, y),
                             np.zeros(2), 1 / high, 1000)
    losses[name] = [mse(paths[name][t], feature, y) for t in (1, 1000)]
    print(f"{name}: kappa {high / low:.3g}, limit {2 / high:.3g}")
    print(f"  loss after 1 step {losses[name][0]:.0f},",
          f"after 1000 {losses[name][1]:.0f}")

w_s, b_s = paths["scaled"][-1]
fits = {"raw": paths["raw"][-1]}
fits["scaled back"] = w_s / sigma, b_s - w_s * mu / sigma
X = np.column_stack([x, np.ones_like(x)])
fits["lstsq"] = np.linalg.lstsq(X, y, rcond=None)[0]
for name, (w, b) in fits.items():
    print(f"{name}: w = {w:.4f}, b = {b:.3f}")
# --8<-- [end:scaling]


# --8<-- [start:bowls]
fig, axes = plt.subplots(2, 1, figsize=(4.8, 7.6), height_ratios=[3, 4])
goals = {"raw": fits["lstsq"], "scaled": paths["scaled"][-1]}
boxes = {"raw": ([-0.1, 1.25], [-60, 290]),
         "scaled": ([-2600, 5400], [-800, 8000])}
axes[0].set(xlabel="$w$", ylabel="$b$")
axes[1].set(xlabel="$w_s$", ylabel="$b_s$", aspect="equal")
for ax, name in zip(axes, boxes):
    feature = x if name == "raw" else (x - mu) / sigma
    W, B = np.meshgrid(*(np.linspace(*side, 61) for side in boxes[name]))
    rest = y[::5] - B[..., None] - W[..., None] * feature[::5]
    L = np.square(rest).mean(axis=-1)
    ax.contour(W, B, L, np.quantile(L, [0.05, 0.15, 0.3, 0.5, 0.75]),
               colors="0.6", linewidths=0.8)
    shown = paths[name][[0, 1, -1]]
    ax.plot(*shown.T, "o-", color="C0", markersize=4, linewidth=1)
    ax.plot(*goals[name], "*", color="black", markersize=10)
# --8<-- [end:bowls]


# --8<-- [start:exercise_1]
w = 0.0
for step in (1, 2):
    w = w - 0.25 * 2 * (w - 3)
    print(f"step {step}: w = {w}, loss = {(w - 3) ** 2}")
for lr in (0.5, 0.99, 1.01):
    path, _ = descend(lambda w: 2 * (w - 3), 0.0, lr, 100)
    print(f"lr {lr}: distance {abs(path[1] - 3):.2f},",
          f"at the end {abs(path[-1] - 3):.2f}")
# --8<-- [end:exercise_1]


# --8<-- [start:exercise_2]
hop = {}
for lr in (0.1, 0.01, 0.001):
    path, _ = descend(np.sign, np.pi / 3, lr, 5000)
    hop[lr] = abs(path[-100:]).max()
    print(f"lr {lr}: last 100 points within {hop[lr]:.6f}")

w = np.pi / 3
for t in range(2000):
    w = w - 0.1 * 0.5 ** (t // 100) * np.sign(w)
print(f"0.1, halved every 100 steps: |w| = {abs(w):.1e}")
# --8<-- [end:exercise_2]


# --8<-- [start:exercise_3]
rng = np.random.default_rng(0)


def left_valley(w):
    for _ in range(60):
        w = w - 0.05 * df(w)
    return w < 0


share = np.mean(left_valley(np.linspace(-2, 2, 4001)))
hits = {}
for d in (1, 2, 5, 10):
    good = left_valley(rng.uniform(-2, 2, (4000, d)))
    hits[d] = np.mean(np.all(good, axis=1))
    print(f"d {d}: {2**d} minima, best {hits[d]:.4f},",
          f"formula {share**d:.4f}")
print(f"d 50: {2**50} minima, formula {share**50:.0e}")
# --8<-- [end:exercise_3]


# --8<-- [start:exercise_4]
stop, excess = [], []
for seed in range(20):
    rng = np.random.default_rng(seed)
    w_true = rng.normal(size=20) / np.sqrt(20)
    X = rng.normal(size=(230, 20))
    y = X @ w_true + rng.normal(size=230)
    train, valid = slice(30), slice(30, 230)
    path, _ = descend(
        lambda w: -2 / 30 * X[train].T @ (y[train] - X[train] @ w),
        np.zeros(20), 0.05, 500,
    )
    r = y - path @ X.T  # one row of residuals per point of the path
    training = (r[:, train] ** 2).mean(axis=1)
    validation = (r[:, valid] ** 2).mean(axis=1)
    stop.append(validation.argmin())
    excess.append(validation[-1] / validation.min())
    assert np.all(np.diff(training) <= 0)
print(f"lowest on validation after {min(stop)} to {max(stop)} steps;")
print(f"after 500 steps {min(excess):.2f} to {max(excess):.2f} times it")
# --8<-- [end:exercise_4]
