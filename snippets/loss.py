"""Chapter `loss`: a model, three losses, what each one favours, and the surface that the notes drew."""

from __future__ import annotations

# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
# --8<-- [end:imports]
from numerical_gradient import numerical_gradient
from views import views_series

# --8<-- [start:channel]
dates, views = views_series()
yesterday, today = views[:-1], views[1:]
low_days = np.isin((dates.astype(int) + 3) % 7, [4, 5])  # Friday, Saturday

fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2))
last = slice(-42, None)
left.plot(dates[last], views[last], color="0.5")
marked = low_days[last]
left.plot(dates[last][marked], views[last][marked], "o", color="C1")
left.set(xticks=dates[-41::20], ylabel="views")
right.plot(yesterday[::3], today[::3], "o", color="0.5", markersize=1.5)
right.plot([1500, 8500], [1750, 8750], color="C1")  # w = 1, b = 250
right.set(xlabel="x (yesterday)", ylabel="y (today)")
print(f"{views.size} days, {views.mean():.0f} views on average")
print(f"Fridays and Saturdays {views[low_days].mean():.0f}")
print(f"other days {views[~low_days].mean():.0f}")
# --8<-- [end:channel]

# --8<-- [start:by_hand]
three_days = np.array([4.8, 4.9, 7.5])  # thousands of views
x, y = three_days[:-1], three_days[1:]
for w, b in [(1.0, 0.5), (1.0, 0.0), (1.0, 1.35)]:
    y_hat = b + w * x
    e = np.abs(y - y_hat)
    print(f"{w=} {b=}: predict {y_hat}, errors {e}, MAE {e.mean():.2f}")
# --8<-- [end:by_hand]

# --8<-- [start:losses]
delta = 5.0


def huber(r, delta=delta):
    far = delta * (np.abs(r) - delta / 2)
    return np.where(np.abs(r) <= delta, r**2 / 2, far)


def loss(penalty, w, b, x, y):
    """Mean penalty of the line b + w x over data x, y of shape (N,).

    w and b: numbers or arrays that broadcast; the result has their shape.
    """
    y_hat = np.multiply.outer(w, x) + np.asarray(b)[..., None]
    return penalty(y - y_hat).mean(axis=-1)


penalties = {"MAE": np.abs, "MSE": np.square, "Huber": huber}
for name, penalty in penalties.items():
    print(f"{name:5} {loss(penalty, 1.0, 0.5, x, y):.4f}")
# --8<-- [end:losses]

# --8<-- [start:slopes]
slopes = {
    "MAE": np.sign,
    "MSE": lambda r: 2 * r,
    "Huber": lambda r: np.clip(r, -delta, delta),
}
r = np.linspace(-10, 10, 401)
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
for name in penalties:
    left.plot(r, penalties[name](r), label=name)
    right.plot(r, slopes[name](r), label=name)
left.set(xlabel="r", ylabel="penalty", ylim=(0, 50))
right.set(xlabel="r", ylabel="slope", ylim=(-12, 12))
legend = right.legend()
# --8<-- [end:slopes]

# --8<-- [start:gradient]
def gradient(slope, w, b, x, y):
    """Partial derivatives of the mean penalty: with respect to w, to b."""
    s = slope(y - (b + w * x))
    return np.array([(-s * x).mean(), (-s).mean()])


rng = np.random.default_rng(0)
x_days, y_days = yesterday[::15] / 1000, today[::15] / 1000
for name, penalty in penalties.items():
    worst = 0.0
    for p in rng.normal(1, 2, size=(100, 2)):
        formula = gradient(slopes[name], *p, x_days, y_days)
        numeric = numerical_gradient(
            lambda p: loss(penalty, *p, x_days, y_days), p
        )
        worst = max(worst, np.abs(formula - numeric).max())
    by_hand = gradient(slopes[name], 1.0, 0.5, x, y)
    print(f"{name:5} {by_hand.round(3)}; 100 checks within {worst:.0e}")
# --8<-- [end:gradient]

# --8<-- [start:best_constant]
labels = np.array([1.0, 2, 3, 4, 100])
c = np.linspace(0, 30, 3001)
best = {}
fig, axes = plt.subplots(1, 3, figsize=(8, 2.8))
for ax, (name, penalty) in zip(axes, penalties.items()):
    L = loss(penalty, 0.0, c, np.zeros(5), labels)  # w = 0: the bias alone
    best[name] = c[L.argmin()]
    ax.plot(c[::20], L[::20])
    ax.plot(best[name], L.min(), "o", color="C1")
    ax.set(title=name, xlabel="c", ylim=(0, None))
    pulls = slopes[name](labels - best[name])
    print(f"{name:5} c = {best[name]:g}, slopes {pulls}")
# --8<-- [end:best_constant]

# --8<-- [start:notes_surface]
def notes_surface(w, b):
    return np.abs(w - 1) + np.abs(b - 250)


w, b = np.linspace(-0.75, 1.25, 100), np.linspace(-1000, 1000, 100)
W, B = np.meshgrid(w, b)
L = notes_surface(W, B)
lowest = np.unravel_index(L.argmin(), L.shape)
print(f"grid: {L[lowest]:.4f} at w = {W[lowest]:.4f}, b = {B[lowest]:.2f}")
print(f"true minimum: {notes_surface(1, 250)} at w = 1, b = 250")
# --8<-- [end:notes_surface]

# --8<-- [start:swings]
def true_surface(w, b):
    return loss(np.abs, w, b, yesterday, yesterday + 250)


w, b = np.linspace(-0.75, 1.25, 9), np.linspace(-1000, 1000, 9)
swing = {}
for surface in (notes_surface, true_surface):
    swing[surface] = np.ptp(surface(w, 250)), np.ptp(surface(1, b))
    name, (along_w, along_b) = surface.__name__, swing[surface]
    print(f"{name}: {along_w:.2f} along w, {along_b:.2f} along b")
print(f"1.75 times the mean of x: {1.75 * yesterday.mean():.2f}")
# --8<-- [end:swings]

# --8<-- [start:two_surfaces]
scenes = [
    (notes_surface, [0, 500, 1000]),
    (true_surface, [0, 5000, 10_000]),
]
low_to_high = ["C0", "C2", "C4", "C1"]
W, B = np.meshgrid(w, b)
fig = plt.figure(figsize=(8, 3.6))
for place, (surface, ticks) in enumerate(scenes, start=1):
    L = surface(W, B)
    floor, levels = -0.6 * L.max(), np.array([0.2, 0.4, 0.6, 0.8]) * L.max()
    ax = fig.add_subplot(1, 2, place, projection="3d")
    ax.plot_surface(W, B, L, cmap="viridis", edgecolor="white", lw=0.3)
    ax.contour(W, B, L, levels, offset=floor, colors=low_to_high)
    ax.plot([1], [250], [0], "o", color="C1", zorder=5)
    ax.set(xlabel="w", ylabel="b", zlabel="L", zticks=ticks)
    ax.set(zlim=(floor, L.max()))
    ax.set_box_aspect(None, zoom=0.95)
# --8<-- [end:two_surfaces]

# --8<-- [start:level_sets]
x = np.array([0.5, 1.0, 2.0])  # thousands of views
y = x + 0.25
shapes = {
    "notes": lambda w, b: np.abs(w - 1) + np.abs(b - 0.25),
    "MAE": lambda w, b: loss(np.abs, w, b, x, y),
    "MSE": lambda w, b: loss(np.square, w, b, x, y),
    "cone": lambda w, b: np.hypot(w - 1, b - 0.25),
}
angle = np.linspace(0, 2 * np.pi, 361)
u, v = np.cos(angle), np.sin(angle)
W, B = np.meshgrid(np.linspace(0, 2, 61), np.linspace(-0.75, 1.25, 61))
fig, axes = plt.subplots(1, 4, figsize=(8, 2.5), sharey=True)
for ax, (name, surface) in zip(axes, shapes.items()):
    L = surface(W, B)
    levels = np.quantile(L, [0.04, 0.16, 0.36, 0.64])
    ax.contour(W, B, L, levels, colors=low_to_high)
    ax.set(title=name, aspect="equal", xlabel="w")
    near, far = surface(1 + u, 0.25 + v), surface(1 + 2 * u, 0.25 + 2 * v)
    low, high, ratio = near.min(), near.max(), (far / near).mean()
    print(f"{name:5} {low:.2f} to {high:.2f}; twice as far: x {ratio:.2f}")
# --8<-- [end:level_sets]

# --8<-- [start:convex]
def violations(surface):
    """How many of the midpoints lie above the middle of their chord."""
    middle = surface(*(P + Q) / 2)
    return int((middle > (surface(*P) + surface(*Q)) / 2 + 1e-9).sum())


P, Q = np.random.default_rng(1).normal(1, 3, size=(2, 2, 10_000))
for name, penalty in penalties.items():
    broken = violations(lambda w, b: loss(penalty, w, b, x_days, y_days))
    print(f"{name}: {broken}")
print(f"notes: {violations(notes_surface)}")
print(f"two weights in a row: {violations(lambda u, v: (1 - u * v) ** 2)}")
# --8<-- [end:convex]

# --8<-- [start:flat_bottom]
b = np.linspace(0, 3, 301)
L = loss(np.abs, 1.0, b, three_days[:-1], three_days[1:])
flat = b[L < L.min() + 1e-9]
first, last = flat.min(), flat.max()
print(f"MAE {L.min():.2f} from b = {first:.2f} to b = {last:.2f}")
L = loss(np.square, 1.0, b, three_days[:-1], three_days[1:])
print(f"MSE lowest at b = {b[L.argmin()]:.2f}")
# --8<-- [end:flat_bottom]

# --8<-- [start:from_median_to_mean]
for d in (0.5, 5, 50, 77, 78, 200):
    L = loss(lambda r: huber(r, d), 0.0, c, np.zeros(5), labels)
    print(f"delta = {d:g}: best c = {c[L.argmin()]:g}")

uneven = np.array([-3.0, -3, 0, 1, 5])
grid = np.linspace(-4, 6, 1001)
L = loss(lambda r: huber(r, 2), 0.0, grid, np.zeros(5), uneven)
print(f"median {np.median(uneven):g}, mean {uneven.mean():g},",
      f"Huber with delta 2: {grid[L.argmin()]:g}")
# --8<-- [end:from_median_to_mean]

# --8<-- [start:pinball]
def pinball(r, q=0.8):
    return np.where(r >= 0, q * r, (q - 1) * r)


year = today[-365:]
guesses = np.linspace(4000, 10_000, 601)
L = loss(pinball, 0.0, guesses, np.zeros(365), year)
best_c = guesses[L.argmin()]
share = (year <= best_c).mean()
print(f"best c = {best_c:.0f}, days at or below: {share:.3f}")
print(f"0.8 quantile = {np.quantile(year, 0.8):.0f}")
# --8<-- [end:pinball]

# --8<-- [start:centred]
for name, feature in {"x": x, "z": (x - x.mean()) / x.std()}.items():
    mixed = feature.mean()
    hessian = 2 * np.array([[(feature**2).mean(), mixed], [mixed, 1.0]])
    print(f"{name}: {(hessian.round(2) + 0.0).tolist()}")  # no -0.0
# --8<-- [end:centred]
