"""Chapter `derivatives`: slopes, rules, the gradient, the computation graph, the V of finite differences, checks."""

from __future__ import annotations

from autodiff import Value
from numerical_gradient import numerical_gradient

# --8<-- [start:secants]
import matplotlib.pyplot as plt
import numpy as np

functions = {
    "3a": lambda a: 3 * a,
    "a**2": lambda a: a**2,
    "a**3": lambda a: a**3,
}
for name, f in functions.items():
    ratios = [(f(2 + h) - f(2)) / h for h in (1, 0.1, 0.001)]
    print(f"{name:5}", *[f"{ratio:9.6f}" for ratio in ratios])
# --8<-- [end:secants]

# --8<-- [start:secants_figure]
h = 1
rise = (2 + h) ** 2 - 4
assert np.isclose(rise / h, 4 + h)
a = np.linspace(0.9, 3.2, 47)
fig, ax = plt.subplots(figsize=(4.8, 4))
ax.plot(a, a**2, color="black", linewidth=1)
ax.plot(a, 4 + 4 * (a - 2), color="C1", linestyle="--")
ax.plot(a, 4 + rise / h * (a - 2), color="C0")
ax.plot([2, 2 + h, 2 + h], [4, 4, 4 + rise], color="C2")
ax.plot([2, 2 + h], [4, 4 + rise], "o", color="black")
_ = ax.set(title=f"{rise / h:g}", xlabel="$a$", xlim=(0.8, 3.3),
           ylim=(0, 10.5), xticks=[1, 2, 3], yticks=[0, 4, 9])
# --8<-- [end:secants_figure]

# --8<-- [start:rules]
for base in (2, np.e, 3):
    factors = [(base**h - 1) / h for h in (0.1, 1e-3, 1e-6)]
    print(f"base {base:.3f}:", *[f"{x:.4f}" for x in factors])


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


by_rules = {  # a function and its derivative
    "a**3": (lambda a: a**3, lambda a: 3 * a**2),
    "a**0.5": (np.sqrt, lambda a: 0.5 * a**-0.5),
    "ln a": (np.log, lambda a: 1 / a),
    "a e**a": (lambda a: a * np.exp(a),
               lambda a: np.exp(a) + a * np.exp(a)),
    "ln a / a": (lambda a: np.log(a) / a,
                 lambda a: (1 - np.log(a)) / a**2),
    "sigmoid": (sigmoid,
                lambda a: sigmoid(a) * (1 - sigmoid(a))),
    "ln(1+e**a)": (lambda a: np.log(1 + np.exp(a)), sigmoid),
    "log10 a": (np.log10, lambda a: 1 / (a * np.log(10))),
}
for name, (f, slope) in by_rules.items():
    gaps = [abs(slope(a) - numerical_gradient(f, np.array(a)))
            for a in (0.5, 1.0, 2.0)]
    print(f"{name:10} at 2: {slope(2.0):9.6f},",
          f"off by {max(gaps):.0e}")
# --8<-- [end:rules]


# --8<-- [start:steepest]
def f(w):
    return w[..., 0] ** 2 + 2 * w[..., 1] ** 2


w = np.array([1.0, 1.0])
g = np.array([2.0, 4.0])  # by hand
norm = np.linalg.norm(g)
numeric = numerical_gradient(f, w)
print("by hand", g, "numerically", numeric.round(6))

way = np.radians(np.arange(360))
u = np.stack([np.cos(way), np.sin(way)], axis=1)
h = 1e-5
slopes = (f(w + h * u) - f(w - h * u)) / (2 * h)
best = slopes.argmax()
print(f"largest slope {slopes[best]:.4f}, norm of g {norm:.4f}")
print(f"along {u[best].round(2)};",
      f"g / norm = {(g / norm).round(2)}")
# --8<-- [end:steepest]

# --8<-- [start:contours]
fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.3))
x = np.linspace(-2.1, 2.1, 85)
grid = np.stack(np.meshgrid(x, x), axis=-1)
places = np.array([[1, 1], [-1.2, 0.2], [0.4, -0.4], [-1.4, -0.85]])
left.contour(x, x, f(grid), sorted(f(places)), colors="0.5",
             linewidths=1)
for place in places:
    left.annotate("", place + 0.2 * place * [2, 4], place,
                  arrowprops={"arrowstyle": "->", "color": "C1",
                              "linewidth": 2})
left.plot(*places.T, "o", color="black")
left.set(aspect="equal", xlabel="$w_1$", ylabel="$w_2$",
         xticks=[-2, 0, 2], yticks=[-2, 0, 2])

angle = np.degrees(way) - np.degrees(np.arctan2(g[1], g[0]))
angle = (angle + 180) % 360 - 180
turn = np.linspace(-180, 180, 181)
right.plot(turn, norm * np.cos(np.radians(turn)), color="C1")
right.plot(angle[::15], slopes[::15], "o", color="C0")
right.set(xlabel=r"$\varphi$", xticks=[-180, -90, 0, 90, 180],
          yticks=[-4, -2, 0, 2, 4])
zero = right.axhline(0, color="0.5", linestyle=":")
# --8<-- [end:contours]

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
print(f"backward: {dv = :g}, {du = :g},",
      f"{da = :g}, {db = :g}, {dc = :g}")

numeric = numerical_gradient(
    lambda p: 3 * (p[0] + p[1] * p[2]), np.array([a, b, c])
)
print("by finite differences:", numeric.round(6))
# --8<-- [end:graph]

# --8<-- [start:graph_figure]
boxes = {  # place, value from the left, derivative from the right
    "a": (0, 2.6, a, da),
    "b": (0, 1.3, b, db),
    "c": (0, 0, c, dc),
    "u = bc": (2.1, 0.65, u, du),
    "v = a + u": (4.2, 1.6, v, dv),
    "J = 3v": (6.3, 1.6, J, dJ),
}
arrows = [  # tail, head, local derivative
    ("a", "v = a + u", 1), ("b", "u = bc", c), ("c", "u = bc", b),
    ("u = bc", "v = a + u", 1), ("v = a + u", "J = 3v", 3),
]
fig, ax = plt.subplots(figsize=(6.6, 3.6))
for name, (x, y, value, d) in boxes.items():
    ax.add_patch(plt.Rectangle((x - 0.7, y - 0.45), 1.4, 0.9,
                               fill=False))
    ax.text(x, y + 0.13, name, ha="center")
    ax.text(x - 0.6, y - 0.3, f"{value:g}", color="C0")
    ax.text(x + 0.6, y - 0.3, f"{d:g}", color="C1", ha="right")
for tail, head, slope in arrows:
    (x0, y0, *_), (x1, y1, *_) = boxes[tail], boxes[head]
    ax.annotate("", (x1 - 0.7, y1), (x0 + 0.7, y0),
                arrowprops={"arrowstyle": "->"})
    ax.text((x0 + x1) / 2, (y0 + y1) / 2 + 0.08, f"{slope:g}",
            ha="center", color="C2", bbox={
                "facecolor": "white", "edgecolor": "none", "pad": 1})
ax.set(xlim=(-0.75, 7.05), ylim=(-0.5, 3.1))
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

w, x, b = Value(2), Value(1.5), Value(-2)
z = w * x + b
t = (-z).exp()
p = 1 / (1 + t)
p.backward()
values = {"p": p, "t": t, "z": z, "w": w, "x": x, "b": b}
for name, value in values.items():
    print(f"{name} = {value.data:7.4f}, d{name} = {value.grad:7.4f}")
print(f"p (1 - p) = {p.data * (1 - p.data):.4f}")
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
def numerical_jacobian(f, x: np.ndarray, h: float = 1e-5):
    """Entry i, j: how fast f(x)[i] grows with x[j].

    By centred differences. x has shape (n,), f(x) has shape (m,),
    the result has shape (m, n).
    """
    columns = [(f(x + e) - f(x - e)) / (2 * h)
               for e in h * np.eye(x.size)]
    return np.stack(columns, axis=1)


W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
x = np.array([0.5, -1.0, 2.0])
y = np.array([4.0, 10.0])
jac = numerical_jacobian(lambda x: W @ x, x)
print("Jacobian of Wx:", *jac.round(6))
for i in (0, 1):
    by_W = numerical_gradient(lambda W: (W @ x)[i], W)
    print(f"f[{i}] by W:", *by_W.round(6))


def L(W, x):
    return np.sum((W @ x - y) ** 2) / 2


delta = W @ x - y
dx = numerical_gradient(lambda x: L(W, x), x)
dW = numerical_gradient(lambda W: L(W, x), W)
print("W.T @ delta:", W.T @ delta)
print("numerically:", dx.round(6))
print("dW = outer(delta, x):",
      np.allclose(dW, np.outer(delta, x)))
# --8<-- [end:jacobian]

# --8<-- [start:step_size]
eps = np.finfo(np.float64).eps
h = 2.0 ** -np.arange(1, 51)
x = 1 + np.arange(64)[:, None] / 64  # x + h and x - h are exact
f, up, down = np.exp(x), np.exp(x + h), np.exp(x - h)
measured = {
    "forward": (up - f) / h,
    "centred": (up - down) / (2 * h),
}
bounds = {
    "forward": h / 2 + eps / h,
    "centred": h**2 / 6 + eps / (2 * h),
}
best_h = {"forward": np.sqrt(2 * eps),
          "centred": np.cbrt(1.5 * eps)}
errors = {}
for name, slope in measured.items():
    errors[name] = error = np.abs(slope / f - 1).max(axis=0)
    lowest = error.argmin()
    print(f"{name}: best h {best_h[name]:.1e},",
          f"measured {h[lowest]:.1e}, error {error[lowest]:.1e}")
    for low, high in ((1e-14, 1e-11), (1e-4, 1e-2)):
        part = (h > low) & (h < high)
        x, y = np.log(h[part]), np.log(error[part])
        power = np.polyfit(x, y, 1)[0]
        print(f"  h from {low:g} to {high:g}: as h**{power:.2f}")
# --8<-- [end:step_size]

# --8<-- [start:step_size_figure]
fig, ax = plt.subplots()
for name, colour in (("forward", "C0"), ("centred", "C1")):
    ax.loglog(h, errors[name], "o", markersize=4, color=colour)
    ax.loglog(h, bounds[name], color=colour, linewidth=1)
    ax.axvline(best_h[name], color=colour, linestyle=":")
ax.text(2e-5, 5e-2, "forward", color="C0")
ax.text(2e-3, 1e-10, "centred", color="C1")
labels = ax.set(xlabel="$h$", ylabel="largest relative error")
# --8<-- [end:step_size_figure]


# --8<-- [start:gradient_check]
def gradient_check(f, grad, x, rng, samples=20, h=1e-5):
    """The largest relative error among sampled entries."""
    claimed, worst = grad(x), 0.0
    samples = min(samples, x.size)
    for i in rng.choice(x.size, samples, replace=False):
        step = np.zeros(x.size)
        step[i] = h
        number = (f(x + step) - f(x - step)) / (2 * h)
        scale = max(abs(claimed[i]), abs(number))
        if scale > 0:  # 0 against 0 is no error
            worst = max(worst, abs(claimed[i] - number) / scale)
    return worst


rng = np.random.default_rng(0)
X, y = rng.normal(size=(50, 200)), rng.random(50)


def loss(w):
    p = sigmoid(X @ w)
    return np.mean((p - y) ** 2) + 1e-6 * np.sum(w**2)


def data_part(w):
    p = sigmoid(X @ w)
    return X.T @ (2 * (p - y) * p * (1 - p)) / len(y)


def right(w):
    return data_part(w) + 2e-6 * w


cases = {
    "right": (loss, right),
    "penalty lost": (loss, data_part),
    "1% too large": (loss, lambda w: 1.01 * right(w)),
    "factor 2 lost": (loss, lambda w: right(w) / 2),
    "sign wrong": (loss, lambda w: -right(w)),
    "in float32": (lambda w: np.float32(loss(w)), right),
}
w = 0.1 * rng.normal(size=200)
for name, (f, grad) in cases.items():
    print(f"{name:14} {gradient_check(f, grad, w, rng):.0e}")

at = np.array([0.0, 1e-6, 0.5])  # relu, at and near its kink
number = numerical_gradient(lambda x: np.maximum(x, 0).sum(), at)
print("relu:", 1.0 * (at > 0), "numerically", number.round(2))
# --8<-- [end:gradient_check]

# --8<-- [start:exercise_1]
a, b = Value(3), Value(2)
s = a * b
t = b * b
J = 2 * (s + t)
J.backward()
print(f"s = {s.data:g}, t = {t.data:g}, J = {J.data:g}")
print(f"ds = {s.grad:g}, dt = {t.grad:g},",
      f"da = {a.grad:g}, db = {b.grad:g}")
# --8<-- [end:exercise_1]


# --8<-- [start:exercise_2]
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
        print(f"{function.__name__} at {at}: {x.grad:.6f},",
              f"numerically {numeric:.6f}")
# --8<-- [end:exercise_2]

# --8<-- [start:exercise_3]
X = np.array([[1, 3], [2, 4], [-1, -3.2]])  # in rows
w, b, y = np.array([1.0, 2.0]), 2.0, np.array([1.0, 0.0, 1.0])


def cost(w, b):
    z = X @ w + b
    return np.mean(y * np.log(1 + np.exp(-z))
                   + (1 - y) * np.log(1 + np.exp(z)))


p = sigmoid(X @ w + b)
dw, db = X.T @ (p - y) / len(y), np.mean(p - y)
print(f"dw {dw.round(8)}, db {db:.14f}")
assert np.abs(dw - [0.99845601, 2.39507239]).max() < 5e-9
assert abs(db - 0.00145557813678) < 1e-14  # the course's

numeric_w = numerical_gradient(lambda w: cost(w, b), w)
numeric_b = numerical_gradient(lambda b: cost(w, b), np.array(b))
print(f"dw off by {np.abs(dw - numeric_w).max():.0e},",
      f"db by {abs(db - numeric_b):.0e}")
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
    error = abs(slope / np.e - 1)
    print(f"h = {h:g}: relative error {error:.1e}")
# --8<-- [end:exercise_5]
