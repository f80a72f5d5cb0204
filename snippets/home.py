"""The example of the home page: how large may a learning rate be?"""

from __future__ import annotations

# --8<-- [start:limit]
import matplotlib.pyplot as plt

w_end = {}
for lr in (0.2, 1.9, 2.1):
    w = [1.0]
    for _ in range(20):
        w.append(w[-1] - lr * w[-1])  # the slope at w is w
    plt.plot(w, "o-", label=rf"$\eta = {lr}$")
    w_end[lr] = w[-1]
plt.gca().set(xlabel="step", ylabel="$w$", xticks=[0, 10, 20])
plt.legend()
assert abs(w_end[1.9]) < 1 < abs(w_end[2.1])
# --8<-- [end:limit]
