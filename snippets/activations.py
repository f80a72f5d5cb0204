"""Chapter `activations`: polylines from ramps, the sigmoid and its knobs, ReLU, saturation, initialisation."""

from __future__ import annotations

# --8<-- [start:adding]
from math import erf, sqrt

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

knots, heights = np.array([0, 1, 3, 4.0]), np.array([1, 3, 2, 4.0])
x = np.linspace(-1, 5, 241)
total = np.full_like(x, heights[0])
fig, axes = plt.subplots(4, 1, figsize=(4.8, 7.2), sharex=True, sharey=True)
for i, ax in enumerate(axes):
    part = np.full_like(x, heights[0])
    if i:
        inside = (x - knots[i - 1]) / (knots[i] - knots[i - 1])
        part = (heights[i] - heights[i - 1]) * np.clip(inside, 0, 1)
        total = total + part
    ax.plot(x, np.interp(x, knots, heights), ":", color="0.5")
    ax.plot(x, total, color="C1")
    ax.plot(x, part, color="C0")
    ax.set(ylabel="+".join(map(str, range(i + 1))), ylim=(-1.4, 4.4),
           xticks=[0, 1, 3, 4], yticks=[0, 2, 4])
label = axes[-1].set_xlabel("$x$")
# --8<-- [end:adding]

# --8<-- [start:polyline]
def ramp(z):
    """0 up to z = 0, then rising to 1, from z = 1 on level."""
    return np.clip(z, 0, 1)


def polyline(x, knots, heights):
    """Constant plus one ramp per piece; level outside the knots."""
    y = np.full_like(x, heights[0])
    for i in range(1, len(knots)):
        width = knots[i] - knots[i - 1]
        rise = heights[i] - heights[i - 1]
        y += rise * ramp((x - knots[i - 1]) / width)
    return y


print("at 2:", polyline(np.array([2.0]), knots, heights))

rng, off = np.random.default_rng(0), []
for _ in range(200):
    some = np.sort(rng.uniform(0, 10, 12))
    high = rng.normal(size=12)
    x = np.linspace(-1, 11, 500)
    gap = polyline(x, some, high) - np.interp(x, some, high)
    off.append(np.abs(gap).max())
print(f"200 polylines: off by at most {max(off):.0e}")
# --8<-- [end:polyline]

# --8<-- [start:pieces]
pieces = 4
curves = {
    "smooth": lambda x: np.sin(2 * np.pi * x),
    "kink": lambda x: np.abs(x - 1 / 3),
    "root": np.sqrt,
    "jump": lambda x: np.where(x > 1 / 3, 1.0, 0.0),
}


def worst(f, knots):
    """Largest gap between f and the polyline through its points."""
    x = np.linspace(0, 1, 4_001) ** 2  # close together near 0
    return np.abs(f(x) - polyline(x, knots, f(knots))).max()


K = np.array([10, 20, 40, 80])
errors = {name: np.array([worst(f, np.linspace(0, 1, k + 1)) for k in K])
          for name, f in curves.items()}
print("pieces ", *(f"{k:7}" for k in K), "  per doubling")
for name, e in errors.items():
    ratio = e[-2] / e[-1]
    print(f"{name:7}", *(f"{v:7.4f}" for v in e), f"  / {ratio:.2f}")
bound = (2 * np.pi) ** 2 / (8 * K**2)
print("law    ", *(f"{v:7.4f}" for v in bound))

x, at = np.linspace(0, 1, 241), np.linspace(0, 1, pieces + 1)
sine, line = curves["smooth"](x), polyline(x, at, curves["smooth"](at))
assert abs(sine - line).max() <= (2 * np.pi) ** 2 / (8 * pieces**2)
fig, ax = plt.subplots(figsize=(4.8, 3.4))
ax.fill_between(x, sine, line, color="C1", alpha=0.3, lw=0)
ax.plot(x, sine, color="0.5")
ax.plot(at, curves["smooth"](at), "o-", color="C1", markersize=4)
_ = ax.set(title=f"{abs(sine - line).max():.3f}", xlabel="$x$",
           ylim=(-1.1, 1.1), xticks=[0, 0.5, 1], yticks=[-1, 0, 1])
# --8<-- [end:pieces]

# --8<-- [start:taylor]
def bell(x):
    return 1 / (1 + x**2)


def taylor(x, degree):
    """1 - x^2 + x^4 - ... up to that (even) degree."""
    return sum((-(x**2)) ** m for m in range(degree // 2 + 1))


x = np.linspace(-2, 2, 2001)
degrees = (4, 8, 16)
for d in degrees:
    at = np.linspace(-2, 2, d + 1)
    cheb = np.polynomial.Chebyshev.interpolate(bell, d, [-2, 2])
    gaps = [np.abs(bell(x) - guess).max() for guess in
            (taylor(x, d), polyline(x, at, bell(at)), cheb(x))]
    print(f"degree {d:2}: at 2 it is {taylor(2.0, d):.0f};", "worst",
          *(f"{g:.2g}" for g in gaps))

fig, axes = plt.subplots(2, 1, figsize=(4.8, 5.2), sharex=True)
for ax, d in zip(axes, (4, 16)):
    at = np.linspace(-2, 2, d + 1)
    ax.plot(x, bell(x), color="0.5")
    ax.plot(x, taylor(x, d), "--", color="C3")
    ax.plot(at, bell(at), "o-", color="C1", markersize=4, lw=1)
    ax.set(ylim=(-0.5, 1.5), ylabel=f"{d}")
label = axes[-1].set_xlabel("$x$")
# --8<-- [end:taylor]

# --8<-- [start:origin]
def sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2  # 1 / (1 + e^-z), no overflow


def grow(p, dt, until):
    """Euler steps of p' = p (1 - p): one small step after another."""
    path = [p]
    for _ in range(round(until / dt)):
        path.append(path[-1] + dt * path[-1] * (1 - path[-1]))
    return np.array(path)


log_odds = np.log(0.2 / 0.8)
miss = {}
for dt in (0.2, 0.1, 0.05):
    path = grow(0.2, dt, 6)
    t = dt * np.arange(path.size)
    miss[dt] = np.abs(path - sigmoid(log_odds + t)).max()
    print(f"steps of {dt}: off by {miss[dt]:.4f}")
t = np.log(2) * np.arange(5)
print("every ln 2:", sigmoid(log_odds + t).round(4))
p = np.linspace(0.01, 0.99, 99)
back = sigmoid(np.log(p / (1 - p)))
print("back from the log-odds:", np.abs(back - p).max() < 1e-15)

fig, (top, bottom) = plt.subplots(2, 1, figsize=(4.8, 5.2), sharex=True)
fine = np.linspace(-1.5, 6, 151)
p = sigmoid(log_odds + fine)
top.plot(fine, p, color="C2")
top.plot(t, sigmoid(log_odds + t), "o", color="C2")
for when in t:
    p0 = sigmoid(log_odds + when)
    aside = np.array([-0.6, 0.6])
    top.plot(when + aside, p0 + aside * p0 * (1 - p0), color="0.5")
top.set(ylabel="$p$", yticks=[0, 0.2, 0.5, 0.8, 1])
bottom.plot(fine, np.log(p / (1 - p)), color="C2")
bottom.plot(t, log_odds + t, "o", color="C2")
bottom.set_ylabel("log-odds")
label = bottom.set_xlabel("$t$")
# --8<-- [end:origin]

# --8<-- [start:soft_ramp]
x = np.linspace(-2, 3, 10_001)
sharp = np.linspace(3, 9, 121)
gap_of_ramp = np.array([
    np.abs(ramp(x) - sigmoid(w * (x - 0.5))).max() for w in sharp])
a = (1 + np.sqrt(1 - 4 / sharp[sharp > 4])) / 2
inner = a - 0.5 - np.log(a / (1 - a)) / sharp[sharp > 4]
formula = sigmoid(-sharp / 2)
formula[sharp > 4] = np.maximum(formula[sharp > 4], inner)
best = sharp[gap_of_ramp.argmin()]
same = np.abs(gap_of_ramp - formula).max() < 1e-6
print("formula and search agree:", same)
print(f"w = 4: gap {gap_of_ramp[sharp == 4][0]:.4f}")
print(f"best, w = {best:.2f}: gap {gap_of_ramp.min():.4f}")

fig, axes = plt.subplots(3, 1, figsize=(4.8, 6.6), sharex=True, sharey=True)
x = np.linspace(-1, 2, 241)
for ax, w in zip(axes, (4, 5.65, 20)):
    soft = sigmoid(w * (x - 0.5))
    ax.fill_between(x, ramp(x), soft, color="C2", alpha=0.3, lw=0)
    ax.plot(x, ramp(x), color="C0")
    ax.plot(x, soft, color="C2")
    ax.set(ylabel=f"$w = {w}$", yticks=[0, 1])
label = axes[-1].set_xlabel("$x$")
# --8<-- [end:soft_ramp]

# --8<-- [start:knobs]
def bump(x, w, b, c):
    return c * sigmoid(b + w * x)


step = 1e-5
for w, b, c in [(2, -6, 5), (4, -6, 5), (2, -8, 5), (2, -6, 3)]:
    centre = -b / w
    rise = bump(centre + step, w, b, c) - bump(centre - step, w, b, c)
    slope = rise / (2 * step)
    ends = bump(np.array([-40.0, 40.0]), w, b, c)
    print(f"w {w}, b {b}, c {c}: at {centre:g},",
          f"{bump(centre, w, b, c):g}; slope {slope:.4g};",
          f"ends {ends[0]:.0f}, {ends[1]:.0f}")

fig, axes = plt.subplots(3, 1, figsize=(4.8, 7.2), sharex=True, sharey=True)
x = np.linspace(-1, 7, 241)
turns = {"w": [(1, -6, 5), (4, -6, 5)], "b": [(2, -2, 5), (2, -10, 5)],
         "c": [(2, -6, 2), (2, -6, -2)]}
for ax, (name, settings) in zip(axes, turns.items()):
    ax.plot(x, bump(x, 2, -6, 5), color="C2")
    for setting, style in zip(settings, ("--", ":")):
        ax.plot(x, bump(x, *setting), style, color="C2")
        ax.plot(-setting[1] / setting[0],
                setting[2] / 2, "o", color="C2", markersize=5)
    ax.plot(3, 2.5, "o", color="C2", markersize=5)
    ax.set(ylabel=f"${name}$", yticks=[-2, 0, 2, 5], ylim=(-2.5, 5.5))
label = axes[-1].set_xlabel("$x$")
# --8<-- [end:knobs]

# --8<-- [start:sum]
def added(x, c0, w, b, c):
    """c0 + c1 sigmoid(b1 + w1 x) + c2 sigmoid(b2 + w2 x) + ..."""
    return c0 + sigmoid(b + x[:, None] * w) @ c


x = np.linspace(-1, 5, 6001)
red = polyline(x, knots, heights)
middle = (knots[1:] + knots[:-1]) / 2
c, found = np.diff(heights), {}
for q in (4, 20, 5.65):
    w_sum = q / np.diff(knots)
    b_sum = -w_sum * middle
    guess = added(x, heights[0], w_sum, b_sum, c)
    found[q] = np.abs(red - guess).max()
    print(f"sharpness {q}: largest gap {found[q]:.3f}")
print("w", w_sum.round(2), "b", b_sum.round(2), "c", c)
promised = 0.0561 * np.abs(c).sum()
print(f"promised: at most {promised:.3f}")

fig, (top, bottom) = plt.subplots(2, 1, figsize=(4.8, 5.6), sharex=True)
x = np.linspace(-1, 5, 241)
for w_i, b_i, c_i in zip(w_sum, b_sum, c):
    top.plot(x, c_i * sigmoid(b_i + w_i * x), color="C2")
top.axhline(heights[0], color="0.5", lw=1)
bottom.plot(x, polyline(x, knots, heights), color="C1")
bottom.plot(x, added(x, heights[0], w_sum, b_sum, c),
            color="C2")
top.set(yticks=[-1, 0, 1, 2])
bottom.set(yticks=[1, 2, 3, 4])
label = bottom.set_xlabel("$x$")
# --8<-- [end:sum]

# --8<-- [start:two_relus]
def relu(z):
    return np.maximum(0, z)


z = np.linspace(-3, 4, 1401)
two = relu(z) - relu(z - 1)
print("ramp - two ReLUs:", np.abs(ramp(z) - two).max())

slopes = np.diff(heights) / np.diff(knots)
turns = np.diff(np.concatenate([[0], slopes, [0]]))
print("slopes", slopes, "turns", turns)
x = np.linspace(-1, 5, 6001)
bent = heights[0] + relu(x[:, None] - knots) @ turns
print(f"off by {np.abs(bent - polyline(x, knots, heights)).max():.0e}")

fig, axes = plt.subplots(3, 1, figsize=(4.8, 6), sharex=True)
z = np.linspace(-1, 3, 161)
axes[0].plot(z, relu(z), color="C5")
axes[0].plot(z, -relu(z - 1), "--", color="C5")
axes[1].plot(z, relu(z) - relu(z - 1), color="C0")
axes[2].plot(z, relu(z) + relu(z - 1), color="C0")
axes[0].set(yticks=[-2, 0, 1, 3])
axes[1].set(yticks=[0, 1], ylim=(-0.4, 1.6))
axes[2].set(yticks=[0, 1, 3, 5])
label = axes[2].set_xlabel("$z$")
# --8<-- [end:two_relus]

# --8<-- [start:house]
rng = np.random.default_rng(0)
size = rng.uniform(20, 140, 80)  # square metres
price = relu(4 * (size - 60) + rng.normal(0, 20, 80))  # thousands
w, b = np.polyfit(size, price, 1)
line = b + w * size
errors_of = {"line": line, "clipped": relu(line)}


def descend(w, b, steps):
    """Gradient descent on the mean squared error of relu(b + w u)."""
    for _ in range(steps):
        z = b + w * u
        r = (price - relu(z)) * (z > 0)  # a silent unit passes nothing
        w, b = w + 0.2 * 2 * np.mean(r * u), b + 0.2 * 2 * np.mean(r)
    return w, b


u = (size - size.mean()) / size.std()  # standardised
start = np.polyfit(u, price, 1)
w_u, b_u = descend(*start, 500)
errors_of["trained"] = relu(b_u + w_u * u)
for name, guess in errors_of.items():
    print(f"{name}: lowest {guess.min():.1f},",
          f"mean square {np.mean((price - guess) ** 2):.0f}")
stuck = descend(1.0, -70.0, 500)
print(f"from w = 1, b = -70: w = {stuck[0]:g}, b = {stuck[1]:g}")

fig, ax = plt.subplots(figsize=(4.8, 3.2))
at = np.linspace(20, 140, 121)
ax.plot(size, price, ".", color="0.5")
ax.plot(at, b + w * at, "--", color="C1")
ax.plot(at, relu(b_u + w_u * (at - size.mean()) / size.std()), color="C5")
ax.set(ylabel="price", yticks=[-100, 0, 100, 200, 300])
label = ax.set_xlabel("size")
# --8<-- [end:house]

# --8<-- [start:saturation]
z_sat = np.array([-10.0, -5.0, -2.0, 0.0, 2.0, 5.0, 10.0])
slope_of_sigmoid = sigmoid(z_sat) * (1 - sigmoid(z_sat))
check = (sigmoid(z_sat + 1e-5) - sigmoid(z_sat - 1e-5)) / 2e-5
print("checked:", np.abs(slope_of_sigmoid - check).max() < 1e-10)
print("   z   sigmoid'   e^-|z|   relu'")
for value, d in zip(z_sat, slope_of_sigmoid):
    print(f"{value:4.0f}   {d:.6f}  {np.exp(-abs(value)):.6f}   "
          f"{int(value > 0)}")
for depth in (4, 8, 20):
    print(f"{depth} layers: at most {0.25**depth:.0e}")
# --8<-- [end:saturation]

# --8<-- [start:growth]
SHAPES = {  # name: (a = f(z), its slope, written with a)
    "sigmoid": (sigmoid, lambda a: a * (1 - a)),
    "centred": (lambda z: sigmoid(z) - 0.5, lambda a: 0.25 - a**2),
    "tanh": (np.tanh, lambda a: 1 - a**2),
    "relu": (relu, lambda a: 1.0 * (a > 0)),
}


def growth(name, s, seed, depth=8, width=100):
    """Factor per layer of a tiny change: moved, and by the law."""
    f, slope = SHAPES[name]
    rng = np.random.default_rng(seed)
    z, dz = rng.normal(size=width), 1e-6 * rng.normal(size=width)
    moved, law = 1 / np.linalg.norm(dz), 1.0
    for _ in range(depth):
        W = rng.normal(0, s / np.sqrt(width), (width, width))
        law *= s * np.sqrt(np.mean(slope(f(z)) ** 2))
        dz, z = (f(z + dz) - f(z)) @ W, f(z) @ W
    moved *= np.linalg.norm(dz)
    return moved ** (1 / depth), law ** (1 / depth)


factor = {}
for name, s in [("sigmoid", 1), ("sigmoid", 4), ("centred", 4),
                ("tanh", 1), ("relu", 1), ("relu", 2**0.5)]:
    factor[name, s] = np.mean([growth(name, s, k) for k in range(20)],
                              axis=0)
    moved, law = factor[name, s]
    print(f"{name}, s = {s:.2f}: {moved:.3f}, law {law:.3f}")
# --8<-- [end:growth]

# --8<-- [start:translate]
rng = np.random.default_rng(0)
sizes = [64, 16, 16, 16, 10]
Ws = [rng.normal(0, 1 / np.sqrt(m), (m, n))
      for m, n in zip(sizes, sizes[1:])]
X = rng.normal(size=(50, 64))

A = X
for W in Ws[:-1]:
    A = np.tanh(A @ W)
by_tanh = A @ Ws[-1]

A = sigmoid(X @ (2 * Ws[0]))
for W in Ws[1:-1]:
    A = sigmoid(A @ (4 * W) - 2 * W.sum(axis=0))
by_sigmoid = A @ (2 * Ws[-1]) - Ws[-1].sum(axis=0)
print("same outputs:", np.abs(by_tanh - by_sigmoid).max() < 1e-13)
# --8<-- [end:translate]

# --8<-- [start:contest]
images, numbers = load_digits(return_X_y=True)
X, Y = images[:100] / 16, np.eye(10)[numbers[:100]]


def softmax(Z):
    E = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return E / np.einsum("...k->...", E)[..., None]


def losses(name, s, lr, seed, centred, hidden=4, width=16, steps=100):
    """Training loss after so many steps of gradient descent.

    s, lr, seed: one entry per run; all runs go side by side. Weights
    start with deviation s / sqrt(inputs), biases at 0, or centred.
    """
    f, slope = SHAPES[name]
    sizes, layers = [64] + [width] * hidden + [10], []
    for m, n in zip(sizes, sizes[1:]):
        W = np.stack([q * np.random.default_rng([k, len(layers)])
                      .normal(0, 1 / np.sqrt(m), (m, n))
                      for k, q in zip(seed, s)])
        b = np.zeros((len(s), 1, n))
        if centred and layers:  # the inputs lie around 1/2
            b = -W.sum(axis=1, keepdims=True) / 2
        layers.append([W, b])
    lr, ones = np.reshape(lr, (-1, 1, 1)), np.ones((1, len(X)))
    for done in range(steps + 1):
        A = [X[None]]
        for W, b in layers[:-1]:
            A.append(f(A[-1] @ W + b))
        p = softmax(A[-1] @ layers[-1][0] + layers[-1][1])
        if done == steps:
            return -np.log((Y * p).sum(axis=2) + 1e-300).mean(axis=1)
        delta = (p - Y) / len(Y)
        for i in range(hidden, -1, -1):
            W, b = layers[i]
            layers[i] = [W - lr * A[i].swapaxes(1, 2) @ delta,
                         b - lr * ones @ delta]
            if i:
                delta = delta @ W.swapaxes(1, 2) * slope(A[i])


entries = {  # activation, centred, scales, the best rate of each
    "sigmoid": ("sigmoid", False, (1, 2, 4, 6), (2, 2, 2, 1)),
    "centred": ("sigmoid", True, (1, 2, 4, 6), (2, 2, 2, 1)),
    "tanh": ("tanh", False, (0.5, 1, 1.4, 2), (0.5, 1, 1, 0.2)),
    "relu": ("relu", False, (0.5, 1, 1.4, 1.8), (0.5, 0.2, 0.2, 0.1)),
}
result, final = {}, {}
for label, (name, centred, scales, rates) in entries.items():
    ran = losses(name, np.repeat(scales, 3), np.repeat(rates, 3),
                 [0, 1, 2] * 4, centred)
    result[label] = np.median(ran.reshape(4, 3), axis=1)
    print(f"{label:8}", *(f"{q}: {v:.2f} " for q, v in
                          zip(scales, result[label])))
    low = result[label].argmin()
    ran = losses(name, [scales[low]] * 10, [rates[low]] * 10,
                 range(10, 20), centred)
    final[label] = np.sort(ran)
    print(f"   at {scales[low]}, ten fresh seeds:",
          f"median {np.median(ran):.2f},",
          f"from {ran.min():.2f} to {ran.max():.2f}")
# --8<-- [end:contest]

# --8<-- [start:contest_figure]
fig, ax = plt.subplots(figsize=(4.8, 3.8))
looks = {"sigmoid": ("C2", "o--"), "centred": ("C2", "o-"),
         "tanh": ("C4", "o-"), "relu": ("C5", "o-")}
for label, (color, style) in looks.items():
    ax.semilogx(entries[label][2], result[label], style, color=color)
ax.axhline(np.log(10), color="0.5", linestyle=":")
ax.set(xlabel="scale $s$ of the first weights", ylabel="loss",
       ylim=(0, 2.5), xticks=[0.5, 1, 2, 4, 6],
       xticklabels=[0.5, 1, 2, 4, 6])
ax.minorticks_off()
for label, at in [("sigmoid", (3.7, 0.9)), ("centred", (2.05, 0.3)),
                  ("tanh", (0.52, 0.3)), ("relu", (1.05, 1.2))]:
    ax.text(*at, label, color=looks[label][0])
# --8<-- [end:contest_figure]

# --8<-- [start:silu]
def normal_cdf(z):
    return np.array([(1 + erf(v / sqrt(2))) / 2 for v in z])


z = np.linspace(-6, 6, 1201)
silu, gelu = z * sigmoid(z), z * normal_cdf(z)
print("at -1 and 1:", silu[[500, 700]].round(3), gelu[[500, 700]].round(3))
print(f"lowest: SiLU {silu.min():.3f} at {z[silu.argmin()]:.2f},",
      f"GELU {gelu.min():.3f} at {z[gelu.argmin()]:.2f}")
close = np.abs(gelu - z * sigmoid(1.702 * z)).max()
print(f"GELU is z sigmoid(1.702 z), up to {close:.3f}")

fig, ax = plt.subplots(figsize=(4.8, 3.2))
ax.plot(z, relu(z), color="C5")
ax.plot(z, silu, color="C3")
ax.plot(z, gelu, "--", color="C3")
ax.set(xlim=(-4, 2.5), ylim=(-0.5, 2.5), yticks=[0, 1, 2])
label = ax.set_xlabel("$z$")
# --8<-- [end:silu]

# --8<-- [start:exercise_1]
tent, up = np.array([0, 1, 3.0]), np.array([0, 2, 0.0])
x = np.linspace(-1, 4, 5001)
by_ramps = 2 * ramp(x) - 2 * ramp((x - 1) / 2)
by_relus = 2 * relu(x) - 3 * relu(x - 1) + relu(x - 3)
print("ramps:", np.abs(by_ramps - polyline(x, tent, up)).max() < 1e-12)
print("ReLUs:", np.abs(by_ramps - by_relus).max() < 1e-12)
print("at 2:", polyline(np.array([2.0]), tent, up))
# --8<-- [end:exercise_1]

# --8<-- [start:exercise_2]
for c in (1, 2, 4):
    e = [worst(np.sqrt, np.linspace(0, 1, k + 1) ** c) for k in K]
    print(f"power {c}:", *(f"{v:.5f}" for v in e),
          f" / {e[-2] / e[-1]:.2f}")
# --8<-- [end:exercise_2]

# --8<-- [start:exercise_3]
s = sigmoid(z)
d_silu = s * (1 + z * (1 - s))
d_gelu = normal_cdf(z) + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
h = 1e-5
for name, f, d in [("SiLU", lambda z: z * sigmoid(z), d_silu),
                   ("GELU", lambda z: z * normal_cdf(z), d_gelu)]:
    gap = np.abs((f(z + h) - f(z - h)) / (2 * h) - d).max()
    print(f"{name}: checked {gap < 1e-9}, slope between",
          f"{d.min():.3f} and {d.max():.3f}")
# --8<-- [end:exercise_3]

# --8<-- [start:exercise_4]
deep = {}
for label, s, lr in [("sigmoid", 6, 0.3), ("centred", 8, 0.3),
                     ("tanh", 1.4, 0.3), ("relu", 1.4, 0.1)]:
    name, centred, *_ = entries[label]
    deep[label] = losses(name, [s] * 3, [lr] * 3, range(3), centred,
                         hidden=8, width=32)
    print(f"{label:8}", deep[label].round(2))
# --8<-- [end:exercise_4]
