"""Chapter `critical-points`: where the gradient vanishes, where training only looks so, and steps that adapt."""

from __future__ import annotations

from views import views_series

# --8<-- [start:surface]
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits


def L(w):
    return (1 - w[0] * w[1]) ** 2


t = np.linspace(-1.45, 1.45, 59)
fig, (top, low) = plt.subplots(2, 1, figsize=(4.6, 6.6),
                               height_ratios=[3, 2])
axis = np.linspace(-2, 2, 35)
top.contour(axis, axis, L(np.meshgrid(axis, axis)), colors="0.6",
            levels=[0.1, 0.5, 1, 3, 8], linewidths=0.7)
side = np.linspace(0.5, 2, 30)
for sign in (1, -1):
    top.plot(sign * side, sign / side, color="black", linewidth=2)
top.plot(t, t, color="C3")
top.plot(t, -t, "--", color="C4")
low.plot(t, L((t, t)), color="C3")
low.plot(t, L((t, -t)), "--", color="C4")
for ax, height in ((top, 0), (low, 1)):
    ax.plot(0, height, "o", color="black")
top.set(xlabel="$w_1$", ylabel="$w_2$", aspect="equal")
_ = low.set(xlabel="$t$", ylabel="$L$", ylim=(-0.2, 4.5))
# --8<-- [end:surface]


# --8<-- [start:taylor_figure]
w, u = np.array([0.5, -1.0]), np.array([0.6, 0.8])
d, h = np.linspace(-1.2, 1.6, 57), 1e-4
f = L(w[:, None] + np.outer(u, d))
middle, ahead, behind = L(w), L(w + h * u), L(w - h * u)
tangent = middle + d * (ahead - behind) / (2 * h)
parabola = tangent + d**2 / 2 * (ahead - 2 * middle + behind) / h**2
fig, ax = plt.subplots(figsize=(4.6, 3.2))
ax.plot(d, f, color="black")
ax.plot(d, tangent, ":", color="0.5")
ax.plot(d, parabola, "--", color="0.5")
ax.plot(0, middle, "o", color="black")
_ = ax.set(xlabel=r"$\Delta$", ylabel="$L$", ylim=(-0.7, 3.7))
# --8<-- [end:taylor_figure]


# --8<-- [start:taylor]
def gradient(w):
    return -2 * (1 - w[0] * w[1]) * np.array([w[1], w[0]])


def hessian(w):
    mixed = 4 * w[0] * w[1] - 2
    return np.array([[2 * w[1] ** 2, mixed], [mixed, 2 * w[0] ** 2]])


g, H = gradient(w), hessian(w)
h = 1e-5
check = [[(f(w + h * e) - f(w - h * e)) / (2 * h) for e in np.eye(2)]
         for f in (L, gradient)]
print("g", g, " checked:", np.allclose(check[0], g))
print("H", *H.tolist(), " checked:", np.allclose(check[1], H))

sizes = np.array([0.1, 0.01, 0.001])
for name, point in (("(0.5, -1)", w), ("(0, 0)", np.zeros(2))):
    g, H = gradient(point), hessian(point)
    rest = [abs(L(point + d * u) - L(point) - d * g @ u
                - d**2 / 2 * u @ H @ u) for d in sizes]
    print(name, *(f"{r:.1e}" for r in rest), "falls",
          *(f"{rest[i] / rest[i + 1]:.0f}-fold" for i in (0, 1)))
# --8<-- [end:taylor]


# --8<-- [start:hessian_test]
def kind(H, tol=1e-6):
    """What the eigenvalues say about a critical point.

    Those smaller than tol times the largest in size count as zero.
    """
    lams = np.linalg.eigvalsh(H)
    zero = tol * abs(lams).max()
    if lams.min() < -zero and lams.max() > zero:
        return "saddle"
    if lams.min() > zero:
        return "minimum"
    return "maximum" if lams.max() < -zero else "undecided"


for w in ((0.0, 0.0), (1.0, 1.0), (2.0, 0.5)):
    lams = np.linalg.eigvalsh(hessian(w)) + 0.0
    print(w, "|g|", np.linalg.norm(gradient(w)), "eigenvalues",
          lams.round(6), kind(hessian(w)))
for step in ((0.1, 0.1), (-0.1, -0.1), (0.1, -0.1)):
    print("from (0, 0) by", step, f"to L = {L(step):.4f}")
# --8<-- [end:hessian_test]


# --8<-- [start:undecided]
def bent(a, b):
    return [a**2 + b**4, a**2 - b**4, a**2 + b**3]


axis = np.linspace(-1, 1, 21)
A, B = np.meshgrid(axis, axis)
fig, axes = plt.subplots(2, 3, figsize=(4.8, 3.9), sharex=True,
                         sharey="row", height_ratios=[3, 2])
for (ax, below), values, cut in zip(axes.T, bent(A, B), bent(0, axis)):
    for color, levels in (("C3", [-0.6, -0.2, -0.02]),
                          ("C4", [0.02, 0.2, 0.6])):
        ax.contour(A, B, values, levels, colors=color, linewidths=1)
    ax.plot(0, 0, "o", color="black", markersize=4)
    ax.set_aspect("equal")
    below.plot(axis, cut, color="black")
    below.set(ylim=(-1.1, 1.1), xticks=[0])
axes[0, 0].set_ylabel("$w_2$")
_ = axes[1, 0].set_ylabel("$f(0, w_2)$")
# --8<-- [end:undecided]


# --8<-- [start:manifold]
def descend(w, lr=0.05, steps=400):
    path = [w]
    for _ in range(steps):
        path.append(path[-1] - lr * gradient(path[-1]))
    return np.array(path)


beside = 0.02
fig, (top, low) = plt.subplots(2, 1, figsize=(4.6, 6.8), height_ratios=[3, 2])
axis = np.linspace(-1.7, 1.7, 25)
top.contour(axis, axis, L(np.meshgrid(axis, axis)), colors="0.6",
            levels=[0.1, 0.5, 1, 3], linewidths=0.7)
for a in (1.4, -1.4):
    shifts = np.array([0, beside, -beside])  # the three together
    exact, *others = descend(
        np.array([a + shifts, -a + shifts])).transpose(2, 0, 1)
    top.plot(*exact[:60].T, "o-", color="C4", markersize=3,
             linewidth=1)
    for path in others:
        top.plot(*path[:100:2].T, color="C0", linewidth=1.2)
top.plot(0, 0, "o", color="black")
top.set(xlabel="$w_1$", ylabel="$w_2$", aspect="equal")
print(f"from (-1.4, 1.4): ends {np.linalg.norm(exact[-1]):.0e}",
      f"from (0, 0), L = {L(exact[-1]):.0f}")

tens = np.arange(-12, 0)
small = 10.0**tens
leaving = (L(descend(small * np.ones((2, 12))).transpose(1, 0, 2)) > 0.5
           ).sum(axis=0)
per_decade = np.log(10) / np.log(1.1)
low.plot(tens, leaving, "o", color="C0")
low.plot(tens, leaving[0] - per_decade * (tens + 12), color="0.5",
         linewidth=1)
low.plot(np.log10(beside), np.sum(L(path.T) > 0.5), "D", color="C0",
         markerfacecolor="none", markersize=8)
low.set(xlabel=r"$\log_{10}\,\varepsilon$", ylabel="updates",
        xlim=(-12.6, -0.1), ylim=(0, 300))
more = -np.diff(leaving)
print(f"ten times nearer: {more.min()} to {more.max()} updates more,",
      f"law {per_decade:.1f}")

rng = np.random.default_rng(0)
ends = L(descend(rng.uniform(-1.5, 1.5, (2, 2000)))[-1])
print(f"2000 random starts: {np.sum(ends > 0.5)} near the saddle,",
      f"{np.sum(ends < 1e-6)} with L < 1e-6")
# --8<-- [end:manifold]


# --8<-- [start:network]
images, digits = load_digits(return_X_y=True)
N, hidden = 200, 16
X, Y = images[:N] / 16, np.eye(10)[digits[:N]]
cuts = np.cumsum([64 * hidden, hidden, hidden * 10])
P = cuts[-1] + 10


def loss_and_grad(w):
    """Mean cross-entropy of a 64-16-10 tanh network, and gradient."""
    W1, b1, W2, b2 = np.split(w, cuts)
    W1, W2 = W1.reshape(64, hidden), W2.reshape(hidden, 10)
    a = np.tanh(X @ W1 + b1)
    scores = a @ W2 + b2
    scores -= scores.max(axis=1, keepdims=True)
    q = np.exp(scores)
    total = q.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(total[:, 0]) - (scores * Y).sum(axis=1))
    dz = (q / total - Y) / N
    da = dz @ W2.T * (1 - a**2)
    return loss, np.concatenate([(X.T @ da).ravel(), da.sum(axis=0),
                                 (a.T @ dz).ravel(), dz.sum(axis=0)])


rng = np.random.default_rng(0)
w, v = rng.normal(0, 0.3, P), rng.normal(size=P)
up, down = (loss_and_grad(w + h * v)[0] for h in (1e-6, -1e-6))
print("gradient checked:",
      np.isclose((up - down) / 2e-6, loss_and_grad(w)[1] @ v))

# --8<-- [end:network]


# --8<-- [start:flat]
w_flat = np.zeros(P)
w_flat[cuts[-1]:] = np.log(Y.mean(axis=0))
loss, g = loss_and_grad(w_flat)
print(f"P = {P}, loss {loss:.3f}, gradient 0:", np.allclose(g, 0))
# --8<-- [end:flat]


# --8<-- [start:lanczos]
def times_hessian(v, w=w_flat, h=1e-4):
    """Hv at w: how the gradient changes along v, with two gradients."""
    return (loss_and_grad(w + h * v)[1]
            - loss_and_grad(w - h * v)[1]) / (2 * h)


def lanczos(times_H, v, k):
    """k estimates of eigenvalues of H, smallest first, eigenvectors."""
    Q, HQ = [], []
    for _ in range(k):
        for q in Q + Q:  # twice, against rounding
            v = v - (q @ v) * q
        Q.append(v / np.linalg.norm(v))
        v = times_H(Q[-1])
        HQ.append(v)
    Q, HQ = np.array(Q), np.array(HQ)
    lams, C = np.linalg.eigh((Q @ HQ.T + HQ @ Q.T) / 2)
    return lams, C.T @ Q


M = X.T @ (np.exp(w_flat[cuts[-1]:]) - Y) / N
exact = -np.linalg.svd(M, compute_uv=False)[0]
for k in (5, 10, 15, 20):
    lams, vectors = lanczos(times_hessian, rng.normal(size=P), k)
    print(f"{k} products: {lams[0]:.7f} (exact {exact:.7f})")
down = vectors[0]
for step in (0.5, -0.5):
    print(f"{step:+} along it: {loss_and_grad(w_flat + step * down)[0]:.3f}")
# --8<-- [end:lanczos]


# --8<-- [start:plateau]
fig, (top, low) = plt.subplots(2, 1, figsize=(4.8, 6.2))
t = np.linspace(-3, 3, 41)
for v, look in ((down, "C3-"), (vectors[-1], "C4--")):
    top.plot(t, [loss_and_grad(w_flat + s * v)[0] for s in t], look)
for _ in range(5):
    v = rng.normal(size=P)
    v = v / np.linalg.norm(v)
    top.plot(t, [loss_and_grad(w_flat + s * v)[0] for s in t],
             color="0.6", linewidth=1)
top.plot(0, loss, "o", color="black")
top.set(xlabel="$t$", ylabel="$L$", ylim=(2.0, 2.75))

leave, slopes = {}, {}
for scale in (1e-1, 1e-3, 1e-5, 1e-7):
    for seed in range(3):
        w, curve = np.random.default_rng(seed).normal(0, scale, P), []
        while not curve or (curve[-1] > 1 and len(curve) < 400):
            now, g = loss_and_grad(w)
            curve.append(now)
            w = w - 0.5 * g
        leave[scale, seed] = sum(value > 2 for value in curve)
        low.plot(np.arange(0, len(curve), 2), curve[::2], color="C0",
                 linewidth=0.8)
    row = [leave[scale, seed] for seed in range(3)]
    print(f"start {scale:.0e}: on the plateau {min(row)} to {max(row)}")
law = 2 * np.log(10) / np.log(1 - 0.5 * exact)
print(f"law: a hundred times nearer, {law:.1f} updates more")
low.axhline(np.log(10), color="0.5", linestyle=":", linewidth=1)
_ = low.set(xlabel="updates", ylabel="$L$", ylim=(0.9, 2.5))
# --8<-- [end:plateau]


# --8<-- [start:ratio]
rng = np.random.default_rng(4)
x = np.linspace(-2, 2, 12)
y = np.sin(2 * x) + 0.3 * rng.normal(size=(20, 12))
y = (y - y.mean(axis=1, keepdims=True)) / y.std(axis=1, keepdims=True)


def small_net(w):
    """Loss and gradient of networks 1-2-1 (tanh), w of (R, 7), the
    same number on each of the 20 data sets: mean squared error plus
    0.003 times the sum of squares of w."""
    u, b, c, d = np.split(w[:, :, None], [2, 4, 6], axis=1)
    a = np.tanh(u * x + b)
    labels = np.repeat(y, len(w) // 20, axis=0)
    r = labels - (c * a).sum(axis=1) - d[:, 0]
    dz = r[:, None] * c * (1 - a**2)
    slopes = np.concatenate([dz @ x, dz.sum(axis=2),
                             (r[:, None] * a).sum(axis=2),
                             r.sum(axis=1, keepdims=True)], axis=1)
    loss = (r**2).mean(axis=1) + 0.003 * (w**2).sum(axis=1)
    return loss, -2 / x.size * slopes + 0.006 * w


def hessians(w, h=1e-5):
    H = np.stack([small_net(w + h * e)[1] - small_net(w - h * e)[1]
                  for e in np.eye(7)], axis=2) / (2 * h)
    return (H + H.mT) / 2


def seek(w, steps=50):
    """Make |g| small, wherever that leads: damped Newton steps."""
    damping = np.full((len(w), 1), 0.01)
    for _ in range(steps):
        g = small_net(w)[1]
        lams, V = np.linalg.eigh(hessians(w))
        part = (V.mT @ g[:, :, None])[:, :, 0]
        step = V @ (lams * part / (lams**2 + damping))[:, :, None]
        new = w - step[:, :, 0]
        better = (np.linalg.norm(small_net(new)[1], axis=1)
                  < np.linalg.norm(g, axis=1))[:, None]
        w = np.where(better, new, w)
        damping = np.where(better, damping / 4, damping * 4)
    return w


def train(w, steps=1200, lr=0.05, beta=0.95):
    m = 0
    for _ in range(steps):
        m = beta * m - lr * small_net(w)[1]
        w = w + m
    return w


starts, found = rng.normal(0, 2, (120, 7)), {}
for name, search in (("seek |g| = 0", seek), ("train", train)):
    w = search(starts)
    loss, g = small_net(w)
    there = np.linalg.norm(g, axis=1) < 1e-5
    lams = np.linalg.eigvalsh(hessians(w))[there]
    found[name] = np.mean(lams > 1e-5, axis=1), loss[there]
    print(f"{name}: {there.sum()} of 120 arrive,",
          f"{np.sum(lams[:, 0] < -1e-5)} at a saddle,",
          f"{np.sum(lams[:, 0] > 1e-5)} at a minimum")
lowest = np.where(there, loss, np.inf).reshape(20, 6).min(axis=1)
higher = np.sum(there & (loss > np.repeat(lowest, 6) + 1e-3))
print(f"trained, but above another run on the same data: {higher}")

fig, axes = plt.subplots(2, 1, figsize=(4.8, 5), sharex=True,
                         sharey=True)
jitter = np.random.default_rng(0).uniform(-0.03, 0.03, 120)
for ax, (ratio, loss), color in zip(axes, found.values(), ("0.4", "C0")):
    ax.plot(ratio + jitter[:ratio.size], loss, "o", color=color,
            markersize=4, alpha=0.5)
    ax.set(xlim=(0.63, 1.07), ylabel="$L$", ylim=(0.1, 1.1))
_ = axes[1].set(xlabel="minimum ratio",
                xticks=[5 / 7, 6 / 7, 1], xticklabels=["5/7", "6/7", "7/7"])
# --8<-- [end:ratio]


# --8<-- [start:stall]
_, views = views_series()
x, y = views[:-1:3] / 1000, views[1::3] / 1000
X_line = np.column_stack([x, np.ones_like(x)])


def huber_line(p, delta=0.5):
    """Mean Huber loss and gradient of lines p = (w, b), (..., 2)."""
    r = y - p @ X_line.T
    c = np.clip(r, -delta, delta)
    return np.mean(c * (r - c / 2), axis=-1), -c @ X_line / y.size


p = np.zeros(2)
for _ in range(3000):
    p = p - 0.09 * huber_line(p)[1]
bottom, g = huber_line(p)
inside = X_line[abs(y - X_line @ p) < 0.5]
limit = 2 / np.linalg.eigvalsh(inside.T @ inside / y.size)[-1]
print(f"minimum {bottom:.4f}, limit {limit:.4f}")
ratios = np.array([0.9, 1.1, 1.5, 2.0, 4.0, 8.0])
rng = np.random.default_rng(0)
p = np.repeat(rng.uniform(-1, 1, (1, 20, 2)), ratios.size, axis=0)
for _ in range(150):
    height, g = huber_line(p)
    p = p - (ratios * limit)[:, None, None] * g
stuck = height.min(axis=1) / bottom, np.linalg.norm(g, axis=2).min(axis=1)
for ratio, low, size in zip(ratios, *stuck):
    print(f"{ratio} x limit: L >= {low:.2f} x minimum, |g| >= {size:.3f}")

traces = [[], []]
w = w_flat + np.random.default_rng(0).normal(0, 1e-5, P)
for _ in range(160):
    now, g = loss_and_grad(w)
    traces[0].append((now, np.linalg.norm(g)))
    w = w - 0.5 * g
p = np.zeros(2)
for t in range(160):
    now, g = huber_line(p)
    traces[1].append((now, np.linalg.norm(g)))
    p = p - (2 * limit if t < 110 else 0.2 * limit) * g
fig, axes = plt.subplots(2, 2, figsize=(4.8, 4.4), sharex=True)
for (top, low), trace in zip(axes.T, traces):
    top.plot([now for now, _ in trace], color="C0")
    low.plot([np.log10(size) for _, size in trace], color="C0")
    top.set_ylim(0, None)
    low.set(xlabel="updates", ylim=(-5.5, 1))
axes[0, 0].set_ylabel("$L$")
_ = axes[1, 0].set_ylabel(r"$\log_{10}\,\Vert g\Vert$")
# --8<-- [end:stall]


# --8<-- [start:adaptive]
def plain(g, s, lr):
    return -lr * g


def momentum(g, s, lr, beta):
    s["m"] = beta * s["m"] - lr * g
    return s["m"]


def adagrad(g, s, lr):
    s["v"] = s["v"] + g**2
    return -lr * g / (np.sqrt(s["v"]) + 1e-8)


def rmsprop(g, s, lr, beta2):
    s["v"] = beta2 * s["v"] + (1 - beta2) * g**2
    return -lr * g / (np.sqrt(s["v"]) + 1e-8)


def adam(g, s, lr, beta1, beta2):
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["v"] = beta2 * s["v"] + (1 - beta2) * g**2
    m = s["m"] / (1 - beta1 ** s["t"])
    v = s["v"] / (1 - beta2 ** s["t"])
    return -lr * m / (np.sqrt(v) + 1e-8)


def walk(rule, grad, w, steps, **settings):
    path, s = [w], {"t": 0, "m": 0.0, "v": 0.0}
    for _ in range(steps):
        s["t"] += 1
        path.append(path[-1] + rule(grad(path[-1]), s, **settings))
    return np.array(path)


start = np.array([1.0, 0.3])
steep = walk(adagrad, lambda w: [100, 0.01] * w, start, 50, lr=0.7)
round_ = walk(adagrad, lambda w: w, start, 50, lr=0.7)
print(f"Adagrad, ravine and round bowl: {abs(steep - round_).max():.0e}")
for scale in (1e-3, 1e-5, 1e-7):
    w = np.random.default_rng(0).normal(0, scale, P)
    path = walk(adam, lambda w: loss_and_grad(w)[1], w, 20, lr=0.01,
                beta1=0.9, beta2=0.999)
    out = [loss_and_grad(w)[0] > 2 for w in path].index(False)
    print(f"start {scale:.0e}: on the plateau {leave[scale, 0]} updates,",
          f"Adam {out}")
# --8<-- [end:adaptive]


# --8<-- [start:race]
kappa, budget = 100, 350
rng = np.random.default_rng(1)
angle = rng.uniform(0, 2 * np.pi, 20)
start = np.stack([np.cos(angle), np.sin(angle)], axis=1)
turns = {"along the axes": np.zeros(20), "45 degrees": np.full(20, np.pi / 4),
         "any angle": rng.uniform(0, np.pi, 20)}
phi = np.concatenate(list(turns.values()))
R = np.array([[np.cos(phi), -np.sin(phi)],
              [np.sin(phi), np.cos(phi)]]).transpose(2, 0, 1)
H = R @ np.diag([1, 1 / kappa]) @ R.mT
begin = (R @ np.tile(start, (3, 1))[:, :, None])[:, None, :, 0]


def grid(**values):
    names, cells = list(values), np.meshgrid(*values.values())
    return {name: cell.reshape(-1, 1) for name, cell in zip(names, cells)}


sixty_four = {
    plain: grid(lr=np.linspace(0.05, 2, 64)),
    momentum: grid(lr=np.linspace(1, 4, 8), beta=np.linspace(0.2, 0.9, 8)),
    adagrad: grid(lr=np.geomspace(0.02, 4, 64)),
    rmsprop: grid(lr=np.geomspace(0.005, 1, 8),
                  beta2=[0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999]),
    adam: grid(lr=np.geomspace(0.05, 4, 8), beta1=[0, 0.5, 0.8, 0.9],
               beta2=[0.9, 0.999]),
}
needed, chosen = {}, {}
for rule, settings in sixty_four.items():
    w, s = np.repeat(begin, 64, axis=1), {"t": 0, "m": 0.0, "v": 0.0}
    last = np.zeros((60, 64), dtype=int)
    for t in range(1, budget + 1):
        s["t"] = t
        w = w + rule(w @ H, s, **settings)
        last[~(np.hypot(w[..., 0], w[..., 1]) < 0.01)] = t + 1
    last = last.reshape(3, 20, 64)
    for k, turn in enumerate(turns):
        middle = np.median(last[k], axis=0)
        best = middle.argmin()
        needed[rule.__name__, turn] = last[k, :, best]
        chosen[rule.__name__, turn] = {
            name: float(values[best, 0]) for name, values in settings.items()}
names = [rule.__name__ for rule in sixty_four]
print(" " * 14, *names)
for turn in turns:
    print(f"{turn:14}", *(f"{np.median(needed[name, turn]):{len(name)}.4g}"
                          for name in names))

fig, axes = plt.subplots(2, 1, figsize=(4.8, 6.4))
axis = np.linspace(-1.15, 1.15, 31)
for ax, turn, angle in zip(axes, turns, (0.0, np.pi / 4)):
    c, s = np.cos(angle), np.sin(angle)
    A, B = np.meshgrid(axis, axis)
    W1, W2 = c * A - s * B, s * A + c * B
    turn_2 = np.array([[c, -s], [s, c]])
    H_2 = turn_2 @ np.diag([1, 1 / kappa]) @ turn_2.T
    ax.contour(W1, W2, A**2 / 2 + B**2 / 200,
               [0.01, 0.06, 0.2, 0.5], colors="0.6",
               linewidths=0.7)
    w = turn_2 @ [0.6, 0.8]
    for rule, color in ((momentum, "C1"), (adam, "C2"), (adagrad, "C5")):
        path = walk(rule, lambda w: w @ H_2, w, 40,
                    **chosen[rule.__name__, turn])
        ax.plot(*path.T, "o-", color=color, markersize=2.5, linewidth=1)
    ax.plot(0, 0, "*", color="black", markersize=9)
    ax.set(aspect="equal", ylabel="$w_2$")
_ = axes[1].set_xlabel("$w_1$")
# --8<-- [end:race]


# --8<-- [start:exercise_1]
def deep(w):
    return (1 - np.prod(w, axis=0)) ** 2


def deep_gradient(w):
    others = np.array([w[1] * w[2], w[0] * w[2], w[0] * w[1]])
    return -2 * (1 - np.prod(w, axis=0)) * others


moved = [deep_gradient(1e-5 * e) - deep_gradient(-1e-5 * e)
         for e in np.eye(3)]
print("Hessian at 0:", kind(np.array(moved)), abs(np.array(moved)).max())
print("0.1 along (1, 1, 1):", round(deep(np.full(3, 0.1)), 6),
      " along (1, 1, -1):", round(deep(np.array([0.1, 0.1, -0.1])), 6))
deep_leaving = {}
for start in (0.04, 0.02, 0.01):
    w, updates = np.full(3, start), 0
    while deep(w) > 0.5:
        w = w - 0.05 * deep_gradient(w)
        updates += 1
    deep_leaving[start] = updates
    print(f"from {start}: {updates} updates, law {10 / start:.0f}")
# --8<-- [end:exercise_1]


# --8<-- [start:exercise_2]
rng = np.random.default_rng(0)
positive = {}
for d in range(1, 5):
    A = rng.normal(size=(10_000, d, d))
    lams = np.linalg.eigvalsh(A + A.mT)
    positive[d] = np.mean(lams[:, 0] > 0)
    print(f"d = {d}: all positive {positive[d]:.4f}, coins {0.5**d:.4f}")
# --8<-- [end:exercise_2]


# --8<-- [start:exercise_3]
one = np.float64(0)
slope = 3.0
steps = np.diff(walk(adagrad, lambda w: slope, one, 100, lr=0.1))
print("Adagrad, steps 1, 4, 100:", steps[[0, 3, 99]].round(4))
steps = np.diff(walk(adam, lambda w: slope, one, 100, lr=0.1,
                     beta1=0.9, beta2=0.999))
print("Adam, steps 1, 4, 100:", steps[[0, 3, 99]].round(4))
bare = [(1 - 0.9**t) / np.sqrt(1 - 0.999**t) for t in (1, 4, 100)]
print("without the correction, times lr:", np.round(bare, 2))
# --8<-- [end:exercise_3]


# --8<-- [start:exercise_4]
def updates_to(rule, seed, goal=0.05, cap=40, **settings):
    w, s = np.random.default_rng(seed).normal(0, 1 / 8, P), {
        "t": 0, "m": 0.0, "v": 0.0}
    for t in range(cap):
        now, g = loss_and_grad(w)
        if now < goal:
            return t
        s["t"] += 1
        w = w + rule(g, s, **settings)
    return cap


tries = {
    momentum: [{"lr": lr, "beta": beta} for lr in (0.6, 1.2, 2.4)
               for beta in (0.8, 0.9, 0.95)],
    adam: [{"lr": lr, "beta1": beta, "beta2": 0.99}
           for lr in (0.04, 0.08, 0.16) for beta in (0.7, 0.8, 0.9)],
}
digit_race, double = {}, {}
for rule, settings in tries.items():
    best = min(settings, key=lambda s: sum(
        updates_to(rule, seed, **s) for seed in range(2)))
    print(rule.__name__, *(f"{k} {v}" for k, v in best.items()))
    twice = {**best, "lr": 2 * best["lr"]}
    for text, record, chosen_one in (("best", digit_race, best),
                                     ("twice the rate", double, twice)):
        record[rule.__name__] = [updates_to(rule, seed, **chosen_one)
                                 for seed in range(100, 120)]
        print(f"  {text}: median {np.median(record[rule.__name__]):.0f},",
              f"{min(record[rule.__name__])} to",
              f"{max(record[rule.__name__])}")
# --8<-- [end:exercise_4]
