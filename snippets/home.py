"""The home page: how large may a learning rate be, and the map of the chapters."""

from __future__ import annotations

# --8<-- [start:limit]
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(6.4, 2.7))
w_end = {}
for lr in (0.2, 1.9, 2.1):
    w = [1.0]
    for _ in range(20):
        w.append(w[-1] - lr * w[-1])  # the slope at w is w
    ax.plot(w, label=rf"$\eta = {lr}$")
    w_end[lr] = w[-1]
ax.set(xlabel="step", ylabel="$w$", xticks=[0, 10, 20])
ax.legend()
assert abs(w_end[1.9]) < 1 < abs(w_end[2.1])
# --8<-- [end:limit]

# --8<-- [start:chapters]
needs = {  # each chapter and those that it builds on, directly
    "finding-a-function": [],
    "notation": [],
    "derivatives": ["notation"],
    "loss": ["finding-a-function", "derivatives"],
    "gradient-descent": ["loss"],
    "linear-models": ["gradient-descent"],
    "activations": ["linear-models"],
    "networks": ["activations"],
    "cross-entropy": ["gradient-descent"],
    "logistic-regression": ["cross-entropy"],
    "backpropagation": ["networks", "cross-entropy"],
    "batches": ["backpropagation"],
    "critical-points": ["gradient-descent"],
    "training-guide": ["batches", "critical-points"],
}
number = {chapter: n for n, chapter in enumerate(needs, 1)}
before = {chapter: ", ".join(str(number[one]) for one in ones) or "–"
          for chapter, ones in needs.items()}

row = {1: 0.8, 2: -0.4, 3: -0.4, 6: 0.8, 7: 0.8, 8: 0.8,
       10: -0.9, 13: -1.4, 14: -0.4}
place = {}
fig, ax = plt.subplots(figsize=(8, 2.1))
for chapter, n in number.items():
    ones = [place[one] for one in needs[chapter]]
    x, y = 1 + max((a for a, _ in ones), default=-1), row.get(n, 0)
    place[chapter] = x, y
    for a, b in ones:
        ax.plot([a, x], [b, y], color="0.5", lw=1, zorder=1)
    ax.plot(x, y, "o", markersize=21, color="C0")
    ax.text(x, y, n, ha="center", va="center", color="white")
ax.set(xlim=(-0.3, 9.3), ylim=(-1.8, 1.2))
ax.set_axis_off()
# --8<-- [end:chapters]
