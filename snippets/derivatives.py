"""Chapter `derivatives`: slopes, the gradient, the computation graph, the V of finite differences."""

from __future__ import annotations

# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
# --8<-- [end:imports]
from autodiff import Value
from numerical_gradient import numerical_gradient

# --8<-- [start:quotients]
functions = {
    "3a": lambda a: 3 * a,
    "a**2": lambda a: a**2,
    "a**3": lambda a: a**3,
    "ln a": np.log,
}
for name, f in functions.items():
    quotients = [(f(2 + h) - f(2)) / h for h in (1, 0.1, 0.001)]
    print(f"{name:5}", *[f"{q:9.6f}" for q in quotients])
# --8<-- [end:quotients]

# --8<-- [start:tangents]
derivatives = {
    "3a": lambda a: 3 + 0 * a,
    "a**2": lambda a: 2 * a,
    "a**3": lambda a: 3 * a**2,
    "ln a": lambda a: 1 / a,
}
places = np.array([0.5, 1.0, 2.0])
for name, f in functions.items():
    numeric = [numerical_gradient(f, p) for p in places]
    print(f"{name:5} slopes {derivatives[name](places)},",
          f"numerically {np.round(numeric, 6)}")

a = np.linspace(0.25, 3, 56)
fig, axes = plt.subplots(1, 3, figsize=(8, 3.3))
for ax, name in zip(axes, ("3a", "a**2", "ln a")):
    f = functions[name]
    ax.plot(a, f(a), color="0.5", linewidth=1)
    for p in places:
        slope, run = derivatives[name](p), np.array([-0.7, 0.7])
        ax.plot(p + run, f(p) + slope * run, label=f"{slope:g}")
        ax.plot(p, f(p), "o", color="black", markersize=4)
    ax.legend(title="slope")
    ax.set(title=name, xlabel="a")
# --8<-- [end:tangents]


# --8<-- [start:steepest]
def f(w):
    return w[..., 0] ** 2 * w[..., 1] + np.exp(w[..., 2])


w = np.array([1.0, 2.0, 0.0])
g = np.array([4.0, 1.0, 1.0])  # by hand
norm = np.linalg.norm(g)
print("by hand", g, "numerically", numerical_gradient(f, w).round(6))

u = np.random.default_rng(0).normal(size=(20_000, 3))
u /= np.linalg.norm(u, axis=1, keepdims=True)
h = 1e-5
slopes = (f(w + h * u) - f(w - h * u)) / (2 * h)
best = slopes.argmax()
print(f"largest slope {slopes[best]:.4f}, norm of g {norm:.4f}")
print(f"found along {u[best].round(2)}, g / norm = {(g / norm).round(2)}")

angle = np.degrees(np.arccos(u @ g / norm))
fig, ax = plt.subplots()
ax.plot(angle[:60], slopes[:60], "o", markersize=4, label="measured")
t = np.linspace(0, 180, 181)
ax.plot(t, norm * np.cos(np.radians(t)), color="black", linewidth=1,
        label=r"$\Vert g\Vert\cos\varphi$")
ax.axhline(0, color="0.5", linestyle=":")
ax.set(xlabel=r"angle $\varphi$ to the gradient (degrees)", ylabel="slope")
legend = ax.legend()
# --8<-- [end:steepest]

# --8<-- [start:graph]
a, b, c = 5.0, 3.0, 2.0
u = b * c  # forward, from left to right
v = a + u
J = 3 * v
print(f"forward:  u = {u:g}, v = {v:g}, J = {J:g}")

dJ = 1.0  # backward, from right to left
dv = dJ * 3  # because J = 3v
da = dv * 1  # because v = a + u
du = dv * 1
db = du * c  # because u = bc
dc = du * b
print(f"backward: {dv = :g}, {du = :g}, {da = :g}, {db = :g}, {dc = :g}")

numeric = numerical_gradient(
    lambda p: 3 * (p[0] + p[1] * p[2]), np.array([a, b, c])
)
print("da, db, dc by finite differences:", numeric.round(6))
# --8<-- [end:graph]

# --8<-- [start:graph_figure]
boxes = {  # place, value from the left, derivative from the right
    "a": (0, 2, a, da),
    "b": (0, 1, b, db),
    "c": (0, 0, c, dc),
    "u = bc": (2, 0.5, u, du),
    "v = a + u": (4, 1.25, v, dv),
    "J = 3v": (6, 1.25, J, dJ),
}
arrows = [
    ("a", "v = a + u", 1), ("b", "u = bc", c), ("c", "u = bc", b),
    ("u = bc", "v = a + u", 1), ("v = a + u", "J = 3v", 3),
]
fig, ax = plt.subplots(figsize=(8, 3.6))
for name, (x, y, value, d) in boxes.items():
    ax.add_patch(plt.Rectangle((x - 0.6, y - 0.38), 1.2, 0.76, fill=False))
    ax.text(x, y + 0.16, name, ha="center")
    ax.text(x, y - 0.07, f"{value:g}", ha="center", color="C0")
    ax.text(x, y - 0.3, f"d{name[0]} = {d:g}", ha="center", color="C1")
for tail, head, slope in arrows:
    (x0, y0, *_), (x1, y1, *_) = boxes[tail], boxes[head]
    there, back = np.array([[x0, y0], [x1, y1]]) + [[0.65, 0], [-0.65, 0]]
    for start, end, colour, shift in (
        (there, back, "C0", 0.07), (back, there, "C1", -0.07)
    ):
        ax.annotate("", end + [0, shift], start + [0, shift],
                    arrowprops={"arrowstyle": "->", "color": colour})
    x, y = (there + back) / 2
    ax.text(x, y - 0.18, f"×{slope:g}", ha="center", color="C1",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
ax.set(xlim=(-0.65, 6.65), ylim=(-0.45, 2.45))
ax.set_axis_off()
# --8<-- [end:graph_figure]

# --8<-- [start:engine]
a, b, c = Value(5), Value(3), Value(2)
u = b * c
v = a + u
J = 3 * v
J.backward()
for name, x in {"v": v, "u": u, "a": a, "b": b, "c": c}.items():
    print(f"d{name} = {x.grad:g}", end="; ")
print(f"J = {J.data:g}")

x = Value(3)
y = x * x + x
y.backward()
print(f"x*x + x at 3: {y.data:g}, slope {x.grad:g}")
# --8<-- [end:engine]


# --8<-- [start:engine_check]
def expression(x, y, z):
    s = x * y  # used three times
    return (s.exp() + z / s) ** 0.5 - s * (z * z + 1).log()


def as_number(p):
    return expression(*[Value(x) for x in p]).data


worst = 0.0
for p in np.random.default_rng(0).uniform(0.5, 2, size=(20, 3)):
    inputs = [Value(x) for x in p]
    expression(*inputs).backward()
    engine = np.array([x.grad for x in inputs])
    gap = np.abs(engine - numerical_gradient(as_number, p))
    worst = max(worst, gap.max())
print(f"20 points, 3 derivatives each: within {worst:.0e}")
# --8<-- [end:engine_check]


# --8<-- [start:jacobian]
def numerical_jacobian(f, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """Entry i, j: how fast f(x)[i] grows with x[j], centred differences.

    x has shape (n,), f(x) has shape (m,), the result has shape (m, n).
    """
    columns = [(f(x + e) - f(x - e)) / (2 * h) for e in h * np.eye(x.size)]
    return np.stack(columns, axis=1)


W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
x = np.array([0.5, -1.0, 2.0])
y = np.array([4.0, 10.0])
print("Jacobian of Wx:", *numerical_jacobian(lambda x: W @ x, x).round(6))

error = W @ x - y
numeric = numerical_gradient(lambda x: np.sum((W @ x - y) ** 2) / 2, x)
print("gradient of L:", numeric.round(6), "W.T @ error:", W.T @ error)
# --8<-- [end:jacobian]

# --8<-- [start:step_size]
eps = np.finfo(np.float64).eps
h = 2.0 ** -np.arange(1, 51)
x = 1 + np.arange(64)[:, None] / 64  # so x + h and x - h are exact
f, up, down = np.exp(x), np.exp(x + h), np.exp(x - h)
errors = {
    "forward": np.abs((up - f) / h / f - 1).max(axis=0),
    "centred": np.abs((up - down) / (2 * h) / f - 1).max(axis=0),
}
bounds = {
    "forward": h / 2 + eps / h,
    "centred": h**2 / 6 + eps / (2 * h),
}
best_h = {"forward": np.sqrt(2 * eps), "centred": np.cbrt(1.5 * eps)}
fig, ax = plt.subplots()
for name, error in errors.items():
    ax.loglog(h, error, "o", markersize=4, label=name)
    ax.loglog(h, bounds[name], color="black", linewidth=1)
    ax.axvline(best_h[name], color="0.5", linestyle=":")
    lowest = error.argmin()
    print(f"{name}: best h {best_h[name]:.1e} by the formula,",
          f"{h[lowest]:.1e} measured, error {error[lowest]:.1e}")
    for low, high in ((1e-14, 1e-11), (1e-4, 1e-2)):
        part = (h > low) & (h < high)
        slope = np.polyfit(np.log(h[part]), np.log(error[part]), 1)[0]
        print(f"  h from {low:g} to {high:g}: error ~ h**{slope:.2f}")
ax.set(xlabel="h", ylabel="largest relative error")
legend = ax.legend()
# --8<-- [end:step_size]

# --8<-- [start:kink]
kinks = {"|x|": abs, "relu": lambda x: max(x, 0.0)}
for name, f in kinks.items():
    for h in (0.01, 1e-8):
        left, right = (f(0.0) - f(-h)) / h, (f(h) - f(0.0)) / h
        print(f"{name:4} at 0, {h = :g}: left {left:g}, right {right:g},",
              f"centred {(f(h) - f(-h)) / (2 * h):g}")
# --8<-- [end:kink]

# --8<-- [start:exercise_1]
a, b = Value(3), Value(2)
s = a * b
t = b * b
J = 2 * (s + t)
J.backward()
print(f"s = {s.data:g}, t = {t.data:g}, J = {J.data:g}")
print(f"ds = {s.grad:g}, dt = {t.grad:g}, da = {a.grad:g}, db = {b.grad:g}")
# --8<-- [end:exercise_1]

# --8<-- [start:exercise_2]
for base in (2, np.e, 10):
    numeric = numerical_gradient(
        lambda a: np.log(a) / np.log(base), np.array(2.0)
    )
    print(f"base {base:.3g}: {numeric:.6f}, 1 / (a ln base) =",
          f"{1 / (2 * np.log(base)):.6f}")
# --8<-- [end:exercise_2]


# --8<-- [start:exercise_3]
def tanh(v):
    y = np.tanh(v.data)
    return Value(y, (v,), (1 - y**2,))


def relu(v):
    return Value(max(v.data, 0.0), (v,), (float(v.data > 0),))


for function in (tanh, relu):
    for at in (-0.7, 0.3):
        x = Value(at)
        function(x).backward()
        numeric = numerical_gradient(
            lambda p: function(Value(p)).data, np.array(at)
        )
        print(f"{function.__name__} at {at}: {x.grad:.6f}, {numeric:.6f}")
# --8<-- [end:exercise_3]


# --8<-- [start:exercise_4]
def softmax(z):
    scores = [s.exp() for s in z]
    total = sum(scores)
    return [s / total for s in scores]


at = np.array([1.0, 0.0, -1.0])
z = [Value(s) for s in at]
p = softmax(z)
rows = []
for output in p:
    output.backward()
    rows.append([s.grad for s in z])
jac = np.array(rows)
p = np.array([output.data for output in p])
print(jac.round(4))
same = np.allclose(jac, np.diag(p) - np.outer(p, p))
print("equal to diag(p) - outer(p, p):", same)
# --8<-- [end:exercise_4]

# --8<-- [start:exercise_5]
for h in (1e-2, 1e-5, 1e-20, 1e-200):
    slope = np.exp(1 + 1j * h).imag / h
    print(f"h = {h:g}: relative error {abs(slope / np.e - 1):.1e}")
# --8<-- [end:exercise_5]
