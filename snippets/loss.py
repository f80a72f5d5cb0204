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

fig, (top, bottom) = plt.subplots(2, 1, figsize=(4.8, 6.2),
                                  height_ratios=[2, 3])
last = slice(-42, None)
top.plot(dates[last], views[last], color="0.5")
marked = low_days[last]
top.plot(dates[last][marked], views[last][marked], "o", color="C4")
top.set(xticks=dates[[-39, -22, -5]], ylabel="views")
bottom.plot(yesterday[::3], today[::3], "o", color="0.6", markersize=1.5)
ends = np.array([1500, 8500])
for b, color in ((250, "C3"), (0, "C5")):
    bottom.plot(ends, b + 1 * ends, color=color, label=f"w = 1, b = {b}")
bottom.set(xlabel="x (yesterday)", ylabel="y (today)",
           xlim=(1500, 8600), ylim=(1500, 8900))
legend = bottom.legend(loc="upper left")
print(f"{views.size} days, {views.mean():.0f} views on average")
print(f"Fridays and Saturdays {views[low_days].mean():.0f}")
print(f"other days {views[~low_days].mean():.0f}")
# --8<-- [end:channel]

# --8<-- [start:by_hand]
three_days = np.array([4.8, 4.9, 7.5])  # thousands of views
x, y = three_days[:-1], three_days[1:]
for w, b in [(1.0, 0.5), (1.0, 0.0), (1.0, 1.35)]:
    r = y - (b + w * x)
    mae = np.abs(r).mean()
    print(f"{w=} {b=}: r = {r.round(2)}, MAE {mae:.2f}")
# --8<-- [end:by_hand]

# --8<-- [start:losses]
delta = 5.0


def huber(r, delta=delta):
    far = delta * (np.abs(r) - delta / 2)
    return np.where(np.abs(r) <= delta, r**2 / 2, far)


def loss(penalty, w, b, x, y):
    """Mean penalty of the line b + w x over data x, y of shape (N,).

    w and b: numbers or arrays that broadcast; the result has
    their shape.
    """
    y_hat = np.multiply.outer(w, x) + np.asarray(b)[..., None]
    return penalty(y - y_hat).mean(axis=-1)


penalties = {"MAE": np.abs, "MSE": np.square, "Huber": huber}
slopes = {
    "MAE": np.sign,
    "MSE": lambda r: 2 * r,
    "Huber": lambda r: np.clip(r, -delta, delta),
}
for name, penalty in penalties.items():
    print(f"{name:5} {loss(penalty, 1.0, 0.5, x, y):.4f}")
# --8<-- [end:losses]

# --8<-- [start:slopes]
r = np.linspace(-10, 10, 401)
fig, (top, bottom) = plt.subplots(2, 1, figsize=(4.8, 5), sharex=True)
for name in penalties:
    top.plot(r, penalties[name](r), label=name)
    bottom.plot(r, slopes[name](r), label=name)
top.set(ylabel="penalty", ylim=(0, 40))
bottom.set(xlabel="r", ylabel="slope", ylim=(-12, 12))
legend = bottom.legend(loc="upper left")
# --8<-- [end:slopes]

# --8<-- [start:gradient]
def gradient(slope, w, b, x, y):
    """Partial derivatives of the mean penalty: by w, by b."""
    s = slope(y - (b + w * x))
    return np.array([(-s * x).mean(), (-s).mean()])


rng = np.random.default_rng(0)
x_days, y_days = yesterday[::15] / 1000, today[::15] / 1000
for name, penalty in penalties.items():
    worst = 0.0
    for p in rng.normal(1, 2, size=(100, 2)):
        exact = gradient(slopes[name], *p, x_days, y_days)
        numeric = numerical_gradient(
            lambda p: loss(penalty, *p, x_days, y_days), p
        )
        worst = max(worst, np.abs(exact - numeric).max())
    by_hand = gradient(slopes[name], 1.0, 0.5, x, y).round(3)
    print(f"{name:5} {by_hand}; 100 checks within {worst:.0e}")
# --8<-- [end:gradient]

# --8<-- [start:best_constant]
def balance(slope, labels, halvings=45):
    """The c at which the pulls slope(labels - c) add up to 0.

    Bisection along the last axis of labels; each row is a problem
    of its own. Where the sum jumps past 0: the place of the jump.
    """
    low, high = labels.min(axis=-1), labels.max(axis=-1)
    for _ in range(halvings):
        c = (low + high) / 2
        up = slope(labels - c[..., None]).sum(axis=-1) > 0
        low = np.where(up, c, low)
        high = np.where(up, high, c)
    return (low + high) / 2


labels = np.array([1.0, 2, 3, 4, 100])
best = {}
for name in penalties:
    best[name] = balance(slopes[name], labels).round(9)
    pulls = slopes[name](labels - best[name])
    print(f"{name:5} c {best[name]:g}: {pulls}")
# --8<-- [end:best_constant]

# --8<-- [start:best_constant_figure]
outlier = 100
moved, c = np.array([1.0, 2, 3, 4, outlier]), np.linspace(0, 30, 121)
assert balance(slopes["MAE"], moved).round(9) == 3  # the median
fig, axes = plt.subplots(3, 1, figsize=(4.8, 5.4), sharex=True)
axes[-1].set_xlabel("c")
for ax, color, top, tick, (name, penalty) in zip(
        axes, ("C0", "C1", "C2"), (30, 2100, 140), (20, 2000, 100),
        penalties.items()):
    L = loss(penalty, 0.0, c, np.zeros(5), moved)  # w = 0, bias c
    at = balance(slopes[name], moved).round(9)
    lowest = loss(penalty, 0.0, at, np.zeros(5), moved)
    ax.plot(c, L, color=color)
    ax.plot(at, lowest, "o", color="black")
    ax.set(title=f"{at:g}", ylabel=name, xlim=(0, 30), ylim=(0, top),
           xticks=[0, 10, 20, 30], yticks=[0, tick])
# --8<-- [end:best_constant_figure]

# --8<-- [start:noise]
rng = np.random.default_rng(0)
pulls = {**slopes, "Huber": lambda r: np.clip(r, -1, 1)}
samples = {"Gaussian": rng.normal(size=(2000, 101)),
           "Laplace": rng.laplace(size=(2000, 101))}
spread = {}
for noise, labels_2000 in samples.items():
    for name, slope in pulls.items():
        c = balance(slope, labels_2000, 25)  # 2000 best constants
        spread[noise, name] = np.sqrt(101) * c.std()
    print(f"{noise:8}", *(f"{name} {spread[noise, name]:.2f}"
                          for name in pulls))
# --8<-- [end:noise]

# --8<-- [start:notes_surface]
def notes_surface(w, b):
    return np.abs(w - 1) + np.abs(b - 250)


w = np.linspace(-0.75, 1.25, 100)
b = np.linspace(-1000, 1000, 100)
W, B = np.meshgrid(w, b)
L = notes_surface(W, B)
at = np.unravel_index(L.argmin(), L.shape)
print(f"grid: {L[at]:.4f} at w = {W[at]:.4f}, b = {B[at]:.2f}")
print(f"true minimum: {notes_surface(1, 250)} at w = 1, b = 250")
# --8<-- [end:notes_surface]

# --8<-- [start:swings]
def true_surface(w, b):
    return loss(np.abs, w, b, yesterday, yesterday + 250)


w = np.linspace(-0.75, 1.25, 9)
b = np.linspace(-1000, 1000, 9)
swing = {}
for surface in (notes_surface, true_surface):
    along_w, along_b = np.ptp(surface(w, 250)), np.ptp(surface(1, b))
    swing[surface] = along_w, along_b
    name = surface.__name__
    print(f"{name}: {along_w:.2f} along w, {along_b:.2f} along b")
print(f"1.75 times the mean of x: {1.75 * yesterday.mean():.2f}")
# --8<-- [end:swings]

# --8<-- [start:two_surfaces]
w = np.linspace(-0.75, 1.25, 41)
b = np.linspace(-1000, 1000, 41)
W, B = np.meshgrid(w, b)
mean_x = yesterday.mean()
creases = [250 + 0 * w, 250 + (1 - w) * mean_x]
scenes = [(notes_surface, "C3", [200, 500, 800, 1100],
           [(0.25, b) for b in (-850, -550, -250, 50, 450, 750)]),
          (true_surface, "C0", [1000, 3000, 5000, 7000],
           [(w, -500) for w in (-0.24, 0.16, 0.55, 0.95)])]
fig, axes = plt.subplots(2, 1, figsize=(4.8, 7), sharex=True)
axes[-1].set_xlabel("w")
for ax, crease, scene in zip(axes, creases, scenes):
    surface, color, levels, places = scene
    lines = ax.contour(W, B, surface(W, B), levels, colors=color,
                       linewidths=1.2)
    ax.clabel(lines, fontsize=10.5, manual=places)
    ax.plot(w, crease, "--", color="black", linewidth=1.5)
    ax.plot(1, 250, "o", color="black")
    ax.set(ylabel="b", xlim=(-0.75, 1.25), ylim=(-1000, 1000),
           xticks=[-0.5, 0, 0.5, 1])
# --8<-- [end:two_surfaces]

# --8<-- [start:level_sets]
power = 1
x = np.array([0.5, 1.0, 2.0])  # thousands of views
y = x + 0.25
shapes = {
    "notes": lambda w, b: np.abs(w - 1) + np.abs(b - 0.25),
    "MAE": lambda w, b: loss(np.abs, w, b, x, y),
    "MSE": lambda w, b: loss(np.square, w, b, x, y),
    "cone": lambda w, b: np.hypot(w - 1, b - 0.25),
}


def between(w, b):  # MAE for the power 1, MSE for 2
    return loss(lambda r: np.abs(r) ** power, w, b, x, y)


angle = np.linspace(0, 2 * np.pi, 361)
u, v = np.cos(angle), np.sin(angle)
W, B = np.meshgrid(np.linspace(0, 2, 61), np.linspace(-0.75, 1.25, 61))
fig, axes = plt.subplots(2, 2, figsize=(4.8, 5), sharex=True, sharey=True)
for ax, color, (name, surface) in zip(axes.flat, ("C3", "C0", "C1", "0.5"),
                                      shapes.items()):
    moves = name == "MAE"
    L = between(W, B) if moves else surface(W, B)
    levels = np.quantile(L, [0.04, 0.16, 0.36, 0.64])
    ax.contour(W, B, L, levels, colors=color)
    ax.plot(1, 0.25, "o", color="black", markersize=4)
    ax.set(title=f"$|r|^p$, $p$ = {power}" if moves else name,
           aspect="equal", xticks=[0, 1, 2], yticks=[0, 1])
    near, far = surface(1 + u, 0.25 + v), surface(1 + 2 * u, 0.25 + 2 * v)
    low, high, ratio = near.min(), near.max(), (far / near).mean()
    print(f"{name:5} {low:.2f} to {high:.2f}; twice as far: x {ratio:.2f}")
for ax in axes[1]:
    ax.set_xlabel("w")
for ax in axes[:, 0]:
    ax.set_ylabel("b")
# --8<-- [end:level_sets]

# --8<-- [start:minimum]
delta_views = 300.0
w = np.linspace(0.94, 1.02, 161)
rest = today - np.multiply.outer(w, yesterday)  # labels for b
in_views = {
    "MAE": (np.abs, np.sign),
    "MSE": (np.square, lambda r: 2 * r),
    "Huber": (lambda r: huber(r, delta_views),
              lambda r: np.clip(r, -delta_views, delta_views)),
}
lowest = {}
print("      (1, 250)  (1, 0)  lowest at w,  b")
for name, (penalty, slope) in in_views.items():
    b = balance(slope, rest)  # the best b for each w
    L = loss(penalty, w, b, yesterday, today)
    i = L.argmin()
    lowest[name] = L[i], w[i], b[i]
    notes, same = loss(penalty, 1, np.array([250, 0]), yesterday, today)
    print(f"{name:5} {notes:8.0f} {same:7.0f} {L[i]:7.0f}",
          f"{w[i]:.4f} {b[i]:.0f}")
line = np.polyfit(yesterday, today, 1)
print(f"least squares: w = {line[0]:.4f}, b = {line[1]:.0f}")
# --8<-- [end:minimum]

# --8<-- [start:convex]
def violations(surface):
    """How many midpoints lie above the middle of their chord."""
    middle = surface(*(P + Q) / 2)
    return int((middle > (surface(*P) + surface(*Q)) / 2 + 1e-9).sum())


P, Q = np.random.default_rng(1).normal(1, 3, size=(2, 2, 10_000))
for name, penalty in penalties.items():
    broken = violations(
        lambda w, b: loss(penalty, w, b, x_days, y_days)
    )
    print(f"{name}: {broken}")
print(f"notes: {violations(notes_surface)}")
in_a_row = violations(lambda u, v: (1 - u * v) ** 2)
print(f"two weights in a row: {in_a_row}")
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
    c = balance(lambda r: np.clip(r, -d, d), labels)
    print(f"delta = {d:g}: best c = {c:g}")

uneven = np.array([-3.0, -3, 0, 1, 5])
c = balance(lambda r: np.clip(r, -2, 2), uneven)
print(f"median {np.median(uneven):g}, mean {uneven.mean():g},",
      f"Huber with delta 2: {c:g}")
# --8<-- [end:from_median_to_mean]

# --8<-- [start:pinball]
def pinball(r, q=0.8):
    return np.where(r >= 0, q * r, (q - 1) * r)


year = today[-365:]
best_c = balance(lambda r: np.where(r > 0, 0.8, -0.2), year)
near = best_c + np.array([-20, 0, 20])
L = loss(pinball, 0.0, near, 0 * year, year)
share = (year <= best_c).mean()
print(f"best c = {best_c:.0f}, days at or below: {share:.3f}")
print(f"20 below, at c, 20 above: {L.round(1)}")
print(f"0.8 quantile = {np.quantile(year, 0.8):.0f}")
# --8<-- [end:pinball]
