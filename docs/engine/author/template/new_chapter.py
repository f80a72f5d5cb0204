"""Code of the chapter `new-chapter`, in the order of the page."""

from __future__ import annotations

# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
# --8<-- [end:imports]

# --8<-- [start:one_step]
lr, w = 0.25, 1.0
grad = 2 * (w - 3)
w = w - lr * grad
print(f"slope {grad:g}, then w = {w:g}")
# --8<-- [end:one_step]

# --8<-- [start:picture]
lr = 0.25
steps = [1.0]
for _ in range(4):
    steps.append(steps[-1] - lr * 2 * (steps[-1] - 3))
path, weights = np.array(steps), np.linspace(-1, 7, 81)
assert abs(path[-1] - 3) < 2
fig, ax = plt.subplots()
ax.plot(weights, (weights - 3) ** 2)
ax.plot(path, (path - 3) ** 2, "o-")
_ = ax.set(xlabel="$w$", ylabel="$L$", ylim=(-1, 17))
# --8<-- [end:picture]

# --8<-- [start:check]
h = 1e-5
quotient = ((1 + h - 3) ** 2 - (1 - h - 3) ** 2) / (2 * h)
print(f"finite difference {quotient:.4f}, formula {grad:.4f}")
assert np.isclose(quotient, grad)
# --8<-- [end:check]

# --8<-- [start:exercise_1]
second = 2 - lr * 2 * (2 - 3)
second
# --8<-- [end:exercise_1]

# --8<-- [start:exercise_2]
enough = [start - 0.5 * 2 * (start - 3) for start in (1, 7, -20)]
enough
# --8<-- [end:exercise_2]

# --8<-- [start:exercise_3]
path = [1]
for _ in range(4):
    path.append(path[-1] - 1 * 2 * (path[-1] - 3))
path
# --8<-- [end:exercise_3]
