"""Chapter `gradient-descent`: a step, when it stops, what it cannot do."""

from __future__ import annotations

# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
# --8<-- [end:imports]
from numerical_gradient import numerical_gradient
from views import views_series


# --8<-- [start:one_step]
def loss(w: float) -> float:
    return 2 * (w - 1) ** 2


def slope(w: float) -> float:
    return 4 * (w - 1)


for w in (0.0, 1.5):
    w_new = w - 0.1 * slope(w)
    print(f"w = {w}, slope {slope(w):+.1f}: w becomes {w_new:.1f},",
          f"loss {loss(w):.2f} -> {loss(w_new):.2f}")

w, g = 0.0, slope(0.0)
for lr in (0.1, 0.01, 0.001):
    drop = loss(w) - loss(w - lr * g)
    print(f"lr {lr}: drop {drop:.6f}, lr * g**2 = {lr * g**2:.4f},",
          f"ratio {drop / (lr * g**2):.3f}")
# --8<-- [end:one_step]


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
    print(f"budget {budget}: {reason} after {stops[budget]} steps,",
          f"w = {path[-1]:.7f}")

derivatives = {
    "x**2": lambda x: 2 * x,
    "-x**2": lambda x: -2 * x,
    "x**3": lambda x: 3 * x**2,
}
for name, grad in derivatives.items():
    path, reason = descend(grad, 0.0, 0.1, 1000)
    print(f"{name} from 0: {reason} after {len(path) - 1} steps")
# --8<-- [end:stopping]


# --8<-- [start:limit]
lam, steps = 4.0, 50
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
for lr in (0.05, 0.25, 0.45, 0.49, 0.51):
    path, _ = descend(lambda w: lam * w, 1.0, lr, steps)
    print(f"lr {lr}: factor {1 - lr * lam:+.2f},",
          f"|w| = {abs(path[-1]):.2g} at the end")
    left.plot(path, label=rf"$\eta$ = {lr}")
left.set(xlabel="step", ylabel="$w$", xlim=(0, 20), ylim=(-3.6, 2.4))
left.legend(fontsize="small", ncols=2, loc="lower right")

rates = np.arange(1, 55) / 100
w = np.ones_like(rates)
for _ in range(steps):
    w = w - rates * lam * w
fastest = rates[np.argmin(abs(w))]
right.plot(rates, abs(w) ** (1 / steps), "o", markersize=4,
           label="measured")
right.plot(rates, abs(1 - rates * lam), color="black", linewidth=1,
           label=r"$|1-\eta\lambda|$")
right.axhline(1, color="0.5", linestyle=":")
right.set(xlabel=r"$\eta$", ylabel="factor per step")
right.legend(loc="lower left", fontsize="small")
print(f"smallest |w| of {rates.size} rates: at lr {fastest}")
# --8<-- [end:limit]


# --8<-- [start:limit_matrix]
H = np.array([[2.5, 1.5], [1.5, 2.5]])
lams, V = np.linalg.eigh(H)
start = np.array([2.0, 0.0])
check = numerical_gradient(lambda w: 0.5 * w @ H @ w, start)
print("eigenvalues", lams.round(6))
print("Hw", H @ start, "by finite differences", check.round(6))
for lr in (0.49, 0.51):
    path, _ = descend(lambda w: H @ w, start, lr, 50)
    t = np.arange(51)[:, None]
    formula = (1 - lr * lams) ** t * (V.T @ start)
    agree = np.allclose(path @ V, formula, atol=1e-12)
    print(f"lr {lr}: norm of w {np.linalg.norm(path[-1]):.3f} at the end;",
          f"equal to the formula: {agree}")
# --8<-- [end:limit_matrix]


# --8<-- [start:direction]
def bowl(w: np.ndarray) -> np.ndarray:
    return 0.5 * np.sum(w @ H * w, axis=-1)


g = H @ start
downhill = -g / np.linalg.norm(g)
across = np.array([-downhill[1], downhill[0]])
angle = np.sort(np.random.default_rng(0).uniform(-180, 180, 500))
turn = np.radians(angle)[:, None]
u = np.cos(turn) * downhill + np.sin(turn) * across

fig, ax = plt.subplots()
best_angle, downhill_drop = {}, {}
for r in (0.001, 1.0, 2.0, 3.5):
    drop = (bowl(start) - bowl(start + r * u)) / r
    best_angle[r] = abs(angle[np.argmax(drop)])
    downhill_drop[r] = (bowl(start) - bowl(start + r * downhill)) / r
    print(f"r {r}: best {drop.max():.3f}, {best_angle[r]:.0f} degrees",
          f"from -g; along -g {downhill_drop[r]:+.3f}")
    ax.plot(angle, drop, label=f"$r$ = {r}")
ax.axhline(0, color="0.5", linestyle=":")
ax.legend()
ax.set_xlabel(r"angle from $-\mathbf{g}$ (degrees)")
ax.set_ylabel("drop of the loss / $r$")
print(f"norm of g: {np.linalg.norm(g):.3f}")
# --8<-- [end:direction]


# --8<-- [start:local_minimum]
def f(x: np.ndarray) -> np.ndarray:
    return x**4 - 2 * x**2 + 0.3 * x


def df(x: np.ndarray) -> np.ndarray:
    return 4 * x**3 - 4 * x + 0.3


critical = np.sort(np.roots([4, 0, -4, 0.3]).real)
best, top, local = critical
for x in critical:
    flat = abs(df(x)) < 1e-12 and abs(numerical_gradient(f, x)) < 1e-8
    print(f"x = {x:+.3f}: f = {f(x):+.3f}, f'' = {12 * x**2 - 4:+.1f},",
          f"zero slope: {flat}")
path, reason = descend(df, 2.0, 0.01, 10_000, tol=1e-8)
print(f"from 2: {reason} after {len(path) - 1} steps,",
      f"x = {path[-1]:.3f}, f = {f(path[-1]):.3f}")
# --8<-- [end:local_minimum]


# --8<-- [start:momentum]
def settle(df, x: np.ndarray, lr, beta: float, steps: int) -> np.ndarray:
    """Where runs from x end; each entry of x (and lr) is its own run.

    beta = 0 is plain gradient descent.
    """
    m = np.zeros_like(x)
    for _ in range(steps):
        m = beta * m - lr * df(x)
        x = x + m
    return x


zero = np.float64(0)
a, b = (settle(lambda x: 1, zero, 0.01, 0.9, t) for t in (200, 201))
print(f"slope 1 everywhere, lr 0.01: the step grows to {b - a:.4f}")

fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
for beta, label in ((0.0, "plain"), (0.9, "momentum")):
    x_t = [settle(df, zero + 2, 0.01, beta, t) for t in range(121)]
    left.plot(x_t, label=label)
for x in critical:
    left.axhline(x, color="0.5", linestyle=":")
left.set(xlabel="step", ylabel="$x$")
left.legend(loc="upper center")

rates = np.arange(1, 51) / 500
runs = {"plain\nfrom 2": (2.0, 0.0), "plain\nfrom −2": (-2.0, 0.0),
        "momentum\nfrom 2": (2.0, 0.9), "momentum\nfrom −2": (-2.0, 0.9)}
right.set(xlabel=r"$\eta$", ylim=(3.6, -0.6))
right.set_yticks(range(4), runs)
ends, wins = {}, {}
for row, (start, beta) in enumerate(runs.values()):
    with np.errstate(over="ignore", invalid="ignore"):  # some diverge
        x = settle(df, np.full(50, start), rates, beta, 3000)
    won, lost = rates[abs(x - best) < 1e-3], rates[~np.isfinite(x)]
    right.plot(won, 0 * won + row, "s", color="C0", markersize=4)
    right.plot(lost, 0 * lost + row, "x", color="C1", markersize=5)
    ends[start, beta], wins[start, beta] = x[4], won.size
    print(f"from {start:+}, beta {beta}: x = {x[4]:+.3f} at lr {rates[4]};",
          f"global for {won.size} rates, {lost.size} diverge")
# --8<-- [end:momentum]


# --8<-- [start:multi_start]
def wells(x: np.ndarray, depth: float) -> np.ndarray:
    inside = np.maximum(0, 1 - 16 * (x - 2.8) ** 2)  # 0 outside the hole
    return 0.1 * x**2 + np.sin(5 * x) - depth * inside**3


def d_wells(x: np.ndarray, depth: float) -> np.ndarray:
    inside = np.maximum(0, 1 - 16 * (x - 2.8) ** 2)
    d_hole = 96 * depth * (x - 2.8) * inside**2
    return 0.2 * x + 5 * np.cos(5 * x) + d_hole


def valleys(starts: np.ndarray, depth: float) -> np.ndarray:
    return settle(lambda x: d_wells(x, depth), starts, 0.004, 0.0, 600)


x = np.linspace(-4, 4, 801)
check = numerical_gradient(lambda x: wells(x, 3).sum(), x)
print("gradient checked:", np.allclose(check, d_wells(x, 3), atol=1e-6))
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
for depth, color, label in ((3, "C1", "with a hole"), (0, "C0", "without")):
    left.plot(x, wells(x, depth), color=color, linewidth=1.2, label=label)
left.set(xlabel="$x$", ylabel="$f$")
left.legend()

p = np.mean(abs(valleys(np.linspace(-4, 4, 4001), 3) - 2.8) < 0.25)
starts = np.random.default_rng(0).uniform(-4, 4, (400, 40))
smooth, holed = valleys(starts, 0), valleys(starts, 3)
missed = np.mean(np.all(abs(holed[:, :10] - 2.8) > 0.25, axis=1))
same = np.mean(np.all(smooth[:, :10] == holed[:, :10], axis=1))
best_of_k = np.minimum.accumulate(wells(holed, 3), axis=1)
low, median, high = np.quantile(best_of_k, [0.1, 0.5, 0.9], axis=0)
k = np.arange(1, 41)
right.fill_between(k, low, high, alpha=0.3)
right.plot(k, median)
right.set(xlabel="starts $k$", ylabel="lowest of the first $k$")
print(f"p = {p:.3f}; ten miss: formula {(1 - p) ** 10:.3f},",
      f"measured {missed:.3f}; same ends {same:.3f}")
# --8<-- [end:multi_start]


# --8<-- [start:ravine]
lams = np.array([100.0, 0.01])
losses, norms = {}, {}
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4))
for lr, color in ((0.02, "C0"), (0.01, "C1")):
    path, reason = descend(lambda w: lams * w, np.ones(2), lr, 200)
    losses[lr] = 0.5 * path**2 @ lams
    norms[lr] = np.linalg.norm(lams * path, axis=1)
    for t in (1, 200):
        print(f"lr {lr}, step {t}: loss {losses[lr][t]:.3f},",
              f"norm of g {norms[lr][t]:.3f}")
    label = rf"$\eta$ = {lr}"
    left.plot(*path.T, "o-", color=color, markersize=3, linewidth=1,
              label=label)
    right.semilogy(losses[lr], color=color, label="loss, " + label)
    right.semilogy(norms[lr], "--", color=color, label="norm, " + label)
left.plot(0, 0, "*", color="black", markersize=10)
left.set(xlabel="$w_1$", ylabel="$w_2$", ylim=(-0.1, 1.1))
left.legend(loc="lower right")
right.set(xlabel="step")
right.legend(fontsize="small")

kappa = lams.max() / lams.min()
path, _ = descend(lambda w: lams * w, np.ones(2), 0.0199, 25_000)
needed = np.argmax(abs(path).max(axis=1) <= 0.01)
print(f"kappa {kappa:.0f}, lr 0.0199: {needed} steps to 1/100;",
      f"formula {kappa / 2 * np.log(100):.0f}")
# --8<-- [end:ravine]


# --8<-- [start:two_parameters]
def mse(params: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    w, b = params
    return np.mean((w * x + b - y) ** 2)


def mse_grad(params: np.ndarray, x: np.ndarray, y: np.ndarray):
    w, b = params
    error = w * x + b - y
    return np.array([2 * np.mean(error * x), 2 * np.mean(error)])


dates, views = views_series()
x, y = views[:-1], views[1:]
for params in np.array([[0.0, 0.0], [0.5, 100.0], [2.0, -3000.0]]):
    grad = mse_grad(params, x, y)
    check = numerical_gradient(lambda p: mse(p, x, y), params, h=1e-3)
    print(f"w {params[0]}, b {params[1]}: {grad[0]:.4g}, {grad[1]:.4g};",
          f"agrees to 1e-6: {np.allclose(grad, check, rtol=1e-6)}")
# --8<-- [end:two_parameters]


# --8<-- [start:scaling]
mu, sigma = x.mean(), x.std()
kappas, limits, fits, losses = {}, {}, {}, {}
for name, feature in {"raw": x, "scaled": (x - mu) / sigma}.items():
    X = np.column_stack([feature, np.ones_like(feature)])
    low, high = np.linalg.eigvalsh(2 / len(X) * X.T @ X)
    kappas[name], limits[name] = high / low, 2 / high
    path, _ = descend(lambda p: mse_grad(p, feature, y),
                      np.zeros(2), 1 / high, 1000)
    fits[name], losses[name] = path[-1], mse(path[-1], feature, y)
    print(f"{name}: kappa {high / low:.3g}, limit {2 / high:.3g}")
    print(f"  loss after 1 step {mse(path[1], feature, y):.0f},",
          f"after 1000 {losses[name]:.0f}")

w_s, b_s = fits["scaled"]
fits["scaled back"] = np.array([w_s / sigma, b_s - w_s * mu / sigma])
X = np.column_stack([x, np.ones_like(x)])
fits["lstsq"] = np.linalg.lstsq(X, y, rcond=None)[0]
for name in ("raw", "scaled back", "lstsq"):
    print(f"{name}: w = {fits[name][0]:.4f}, b = {fits[name][1]:.3f}")
# --8<-- [end:scaling]


# --8<-- [start:exercise_1]
w = 0.0
for step in (1, 2):
    w = w - 0.25 * 2 * (w - 3)
    print(f"step {step}: w = {w}, loss = {(w - 3) ** 2}")
for lr in (0.5, 0.99, 1.01):
    path, _ = descend(lambda w: 2 * (w - 3), 0.0, lr, 100)
    print(f"lr {lr}: distance {abs(path[1] - 3):.2f} after 1 step,",
          f"{abs(path[-1] - 3):.2f} at the end")
# --8<-- [end:exercise_1]


# --8<-- [start:exercise_2]
for x0 in (best, local):
    limit = 2 / (12 * x0**2 - 4)
    print(f"minimum {x0:+.3f}: limit {limit:.4f}")
    for ratio in (0.98, 1.02):
        path, _ = descend(df, x0 + 0.01, ratio * limit, 100)
        a, b = path[-2:] - x0
        print(f"  {ratio} of it: {a:+.4f}, then {b:+.4f} from the minimum")
# --8<-- [end:exercise_2]


# --8<-- [start:exercise_3]
hop = {}
for lr in (0.1, 0.01, 0.001):
    path, reason = descend(np.sign, np.pi / 3, lr, 5000)
    hop[lr] = abs(path[-100:]).max()
    print(f"lr {lr}: {reason}; last 100 points within {hop[lr]:.6f}")

w = np.pi / 3
for t in range(2000):
    w = w - 0.1 * 0.5 ** (t // 100) * np.sign(w)
print(f"0.1, halved every 100 steps: |w| = {abs(w):.1e}")
# --8<-- [end:exercise_3]


# --8<-- [start:exercise_4]
rng = np.random.default_rng(0)
grid = np.linspace(-2, 2, 4001)
share = np.mean(settle(df, grid, 0.05, 0.0, 300) < 0)
hits = {}
for d in (1, 2, 5, 10):
    end = settle(df, rng.uniform(-2, 2, (4000, d)), 0.05, 0.0, 300)
    hits[d] = np.mean(np.all(end < 0, axis=1))
    print(f"d {d}: {2**d} minima, share of the best {hits[d]:.4f},",
          f"formula {share**d:.4f}")
print(f"d 50: {2**50} minima, formula {share**50:.0e}")
# --8<-- [end:exercise_4]


# --8<-- [start:exercise_5]
lams = np.array([100.0, 0.01])
counts = {}
for lr, beta in [(0.0199, 0.0), (0.02, 0.5), (0.02, 0.9),
                 (0.02, 0.96), (0.02, 0.99), (0.039, 0.961)]:
    w, m, t = np.ones(2), np.zeros(2), 0
    while max(abs(w).max(), abs(m).max()) > 0.01:
        m = beta * m - lr * lams * w
        w = w + m
        t += 1
    counts[lr, beta] = t
    print(f"lr {lr}, beta {beta}: {t} steps")
# --8<-- [end:exercise_5]
