"""Chapter `finding-a-function`: three kinds of output, data as arrays, tied weights, learning without labels."""

from __future__ import annotations

from mlp import backward, forward, init_mlp
from views import views_series

# --8<-- [start:table]
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits


def clashes(pairs):
    """The inputs for which a list of (input, output) has several."""
    first, found = {}, set()
    for x, y in pairs:
        if first.setdefault(x, y) != y:
            found.add(x)
    return found


days = [("Wed", 5, 5), ("Sun", 4, 5), ("Fri", 5, 4), ("Mon", 6, 6)]
plain = [(x, y) for _, x, y in days]
dated = [((day, x), y) for day, x, y in days]
print("yesterday alone:", sorted(clashes(plain)))
print("with the weekday:", sorted(clashes(dated)))
print("as a dict:", dict(plain))
# --8<-- [end:table]
# --8<-- [start:arrows]
fig, axes = plt.subplots(1, 2, figsize=(5.6, 2.6))
for ax, table in zip(axes, (plain, dated)):
    bad = clashes(table)
    inputs = sorted({x for x, _ in table}, key=str)
    height = np.linspace(0, 3, len(inputs))
    for x, y in table:
        color = "C1" if x in bad else "C0"
        ends = [height[inputs.index(x)], (y - 4) * 1.5]
        ax.annotate("", (1, ends[1]), (0, ends[0]),
                    arrowprops={"arrowstyle": "->", "color": color, "lw": 1.8})
    for x, h in zip(inputs, height):
        label = str(x) if isinstance(x, int) else f"{x[0]}, {x[1]}"
        ax.text(-0.06, h, label, ha="right", va="center")
    for y in (4, 5, 6):
        ax.text(1.06, (y - 4) * 1.5, str(y), va="center")
    ax.set(xlim=(-0.6, 1.3), ylim=(-0.4, 3.6))
    ax.set_title("not a function" if bad else "a function")
    ax.axis("off")
# --8<-- [end:arrows]

# --8<-- [start:finding]
dates, views = views_series()
v = views / 1000  # thousands of views
x, y = v[:-1], v[1:]  # yesterday, today
rounded = list(zip(x.round(1).tolist(), y.round(1).tolist()))
inputs = {x for x, _ in rounded}
print(f"{len(clashes(rounded))} of {len(inputs)} inputs clash")

early, late = slice(0, -365), slice(-365, None)
known = set(x[early].round(1).tolist())
found_in_table = sum(x in known for x in x[late].round(1).tolist())
print(f"last year: {found_in_table} of 365 inputs in the table")

miss, w, b = min(
    (np.abs(y[early] - (b + w * x[early])).mean(), w, b)
    for w in np.linspace(0, 1.2, 61) for b in np.linspace(0, 2, 41))
late_miss = np.abs(y[late] - (b + w * x[late])).mean()
print(f"found: w = {w:.2f}, b = {b:.2f}")
print(f"mean miss {miss:.2f}, in the last year {late_miss:.2f}")
# --8<-- [end:finding]


# --8<-- [start:heads]
def fit(X, Y):
    """Weights and, in the last row, biases by least squares."""
    ones = np.ones((len(X), 1))
    return np.linalg.lstsq(np.hstack([X, ones]), Y, rcond=None)[0]


def head(X, W):
    return X @ W[:-1] + W[-1]


window = np.array([v[t:t + 5] for t in range(v.size - 4)])
X, y = window[:, :4], window[:, 4]  # four days, the fifth
change = y / X[:, 3] - 1
kind = np.digitize(change, [-0.03, 0.03])  # falls, stays, rises
number = fit(X[early], y[early])
scores = fit(X[early], np.eye(3)[kind[early]])

x = X[-1]
print("number:", head(x, number).round(2))
z = head(x, scores)
print("scores:", z.round(2), "largest:", z.argmax())
week = list(x)
for _ in range(7):  # append the prediction, predict again
    week.append(head(np.array(week[-4:]), number))
print("sequence:", np.round(week[4:], 1))
# --8<-- [end:heads]

# --8<-- [start:go]
print(19 * 3 + 15, divmod(72, 19))
corners = [(3, 15)] * 60 + [(15, 3)] * 40  # an expert's moves
print("two numbers:", np.mean(corners, axis=0))
votes = np.zeros(361)
for i, j in corners:
    votes[19 * i + j] += 1
print("a class:", divmod(int(votes.argmax()), 19))
print(*["".join(word) for word in product("ab", repeat=3)])
# --8<-- [end:go]

# --8<-- [start:kinds]
digits = load_digits()
row = X[-1]
image = digits.images[3]
sound = np.sin(2 * np.pi * 440 * np.arange(160) / 8000)
letters = sorted(set("banana"))
text = np.eye(3)[[letters.index(c) for c in "banana"]]
arrays = {"row": row, "image": image, "sound": sound, "text": text}
for name, values in arrays.items():
    print(f"{name:5} {values.shape}")

D = digits.data / 16  # one image per row, brightness 0 to 1
mixed = np.random.default_rng(0).permutation(64)
one_hot = np.eye(10)[digits.target]
normal, shuffled = [
    head(Z, fit(Z[:1000], one_hot[:1000])) for Z in (D, D[:, mixed])]
print(f"scores differ by at most {np.abs(normal - shuffled).max():.0e}")
# --8<-- [end:kinds]

# --8<-- [start:kinds_picture]
fig, axes = plt.subplots(2, 2, figsize=(5.2, 4.6))
pictures = {"image": image, "image, shuffled": image.ravel()[mixed].reshape(8, 8),
            "text": text.T}
for ax, (name, values) in zip(axes.flat, pictures.items()):
    ax.pcolormesh(values[::-1], cmap="gray_r")
    ax.set(title=name, aspect="equal", xticks=[], yticks=[])
axes[1, 0].set_yticks([0.5, 1.5, 2.5], letters[::-1])
axes[1, 0].set_xticks(np.arange(6) + 0.5, "banana")
axes[1, 1].plot(np.arange(160) / 8, sound, color="C0")
box = axes[1, 1].set(title="sound", xlabel="ms", xticks=[0, 10, 20], yticks=[-1, 0, 1])
# --8<-- [end:kinds_picture]

# --8<-- [start:sliding]
x = np.array([0.0, 0, 1, 3, 3, 3, 1, 0])
w = np.array([-1.0, 0, 1])
slid = [w @ x[k:k + 3] for k in range(6)]
i = 2
fig, (signal, matrix, output) = plt.subplots(3, 1, figsize=(4, 5.2))
tie = {-1.0: "C1", 0.0: "0.75", 1.0: "C0"}
colors = ["0.6"] * 8
colors[i:i + 3] = [tie[value] for value in w]
signal.bar(range(8), x, color=colors)
signal.axvspan(i - 0.5, i + 2.5, color="C4", alpha=0.2, lw=0, zorder=0)
signal.set(xlim=(-0.6, 7.6), ylim=(0, 3.4), xticks=[], yticks=[0, 3], ylabel="x")
for r in range(6):
    for k in range(3):
        box = plt.Rectangle((r + k, 5 - r), 1, 1, ec="white",
                            fc=tie[w[k]], alpha=1 if r == i else 0.3)
        matrix.add_patch(box)
matrix.axhspan(5 - i, 6 - i, color="C4", alpha=0.2, lw=0, zorder=0)
matrix.set(xlim=(-0.1, 8.1), ylim=(0, 6), xticks=[], yticks=[], ylabel="matrix")
output.axhline(0, color="0.6", lw=0.7)
output.bar(range(i + 1), slid[:i + 1], color=["C2"] * i + ["C4"])
box = output.set(xlim=(-0.6, 7.6), ylim=(-3.4, 3.4), xticks=[], yticks=[-3, 0, 3], ylabel="z")
# --8<-- [end:sliding]

# --8<-- [start:convolution]
x = np.array([0.0, 0, 1, 3, 3, 3, 1, 0])
w = np.array([-1.0, 0, 1])
slid = np.array([w @ x[i:i + 3] for i in range(6)])

M = np.zeros((6, 8))
for i in range(6):
    M[i, i:i + 3] = w  # the same three numbers in every row
print("slid:  ", slid)
print("matrix:", M @ x)
print("later: ", M @ np.r_[0, x[:-1]])
print(np.correlate(x, w), "np.correlate")
print(np.convolve(x, w, "valid"), "np.convolve")
# --8<-- [end:convolution]


# --8<-- [start:recurrent]
def recurrent(x, w=1.0, v=0.5):
    h, states = 0.0, []
    for value in x:
        h = w * value + v * h  # the same w and v at every step
        states.append(h)
    return np.array(states)


print(recurrent([1, 0, 0, 0]))
age = np.arange(8)[:, None] - np.arange(8)
R = np.where(age >= 0, 0.5 ** np.maximum(age, 0), 0)
print("matrix and loop:", np.array_equal(R @ x, recurrent(x)))
print("order matters:", recurrent([1, 3])[-1], recurrent([3, 1])[-1])
# --8<-- [end:recurrent]

# --8<-- [start:fill]
order = np.random.default_rng(0).permutation(1797)
D, y = D[order], digits.target[order]
D = D - D[:1297].mean(axis=0)  # 0 is now the average brightness
left = np.arange(64) % 8 < 4
filler = fit(D[:1297, left], D[:1297, ~left])
truth = D[1297:, ~left]
filled = head(D[1297:, left], filler)
print(f"filled in: {((filled - truth) ** 2).mean():.4f}")
print(f"average:   {(truth**2).mean():.4f}")
# --8<-- [end:fill]

# --8<-- [start:fill_picture]
mean_image = digits.data[order[:1297]].mean(axis=0) / 16
fig, axes = plt.subplots(3, 5, figsize=(5.6, 3.6))
for n, column in enumerate(axes.T, start=1297):
    whole = D[n] + mean_image
    half, guess = whole.copy(), whole.copy()
    half[~left] = np.nan
    guess[~left] = filled[n - 1297] + mean_image[~left]
    for ax, picture in zip(column, (half, guess, whole)):
        ax.pcolormesh(picture.reshape(8, 8)[::-1], cmap="gray_r", vmin=0, vmax=1)
        ax.axvline(4, color="C4", lw=1.5)
        ax.set(aspect="equal", xticks=[], yticks=[])
for ax, label in zip(axes[:, 0], ("seen", "filled", "truth")):
    ax.set_ylabel(label)
# --8<-- [end:fill_picture]


# --8<-- [start:pretext]
def learn(f, lr, seed, epochs=20):
    """A 64-128-64 network, trained to fill hidden pixels in."""
    rng = np.random.default_rng(seed)
    params = init_mlp([64, 128, 64], rng, 1.4)
    for _ in range(epochs):
        for k in np.array_split(rng.permutation(1297), 26):
            hide = rng.random((len(k), 64)) < 0.5
            guess, cache = forward(params, np.where(hide, 0, D[k]), f)
            miss = np.where(hide, guess - D[k], 0)
            grads = backward(params, cache, 2 * miss / len(k))
            params = [(W - lr * dW, b - lr * db)
                      for (W, b), (dW, db) in zip(params, grads)]
    return params


def features(params, f):
    return forward(params[:1], D, output=f)[0]  # the 128 in the middle


sets = {"raw pixels": [D], "untrained": [], "trained": [], "no bend": []}
for seed in range(3):
    start = learn("relu", 0.5, seed, epochs=0)
    sets["untrained"].append(features(start, "relu"))
    sets["trained"].append(features(learn("relu", 0.5, seed), "relu"))
    sets["no bend"].append(features(learn("linear", 0.1, seed), "linear"))

for name in ("no bend", "trained"):
    F = sets[name][0]
    rest = np.abs(F - head(D, fit(D, F))).max()
    print(f"{name}: pixels times weights, but for {rest:.0e}")
# --8<-- [end:pretext]

# --8<-- [start:probe]
strengths = np.array([3.0, 10, 30, 100, 300])


def probe(F, labels, draw):
    """Shares right, (strengths, 2): on 200 images, on 300 others."""
    k = np.random.default_rng(draw).permutation(1297)[:labels]
    A, Y = F[k], np.eye(10)[y[k]]
    inner = A @ A.T + strengths[:, None, None] * np.eye(labels)
    scores = F[1297:] @ A.T @ np.linalg.solve(inner, Y[None])
    right = scores.argmax(axis=2) == y[1297:]
    return np.array([right[:, :200].mean(1), right[:, 200:].mean(1)]).T


def accuracy(F, labels=50):
    """Strength chosen on 20 draws, accuracy on 20 others, (20,)."""
    F = (F - F[:1297].mean(axis=0)) / F[:1297].std()
    F = np.hstack([F, np.ones((len(F), 1))])
    tuning = np.mean([probe(F, labels, 100 + i) for i in range(20)], axis=0)
    best = tuning[:, 0].argmax()
    return np.array([probe(F, labels, i)[best, 1] for i in range(20)])


result = {}
for name, group in sets.items():
    result[name] = np.mean([accuracy(F) for F in group], axis=0)
    gain = 100 * (result[name] - result["raw pixels"])
    print(f"{name:10} {result[name].mean():.3f} gain {gain.mean():+.1f}",
          f"± {gain.std():.1f}, ahead {(gain > 0).sum()}/20")
# --8<-- [end:probe]

# --8<-- [start:probe_picture]
fig, ax = plt.subplots(figsize=(5.6, 2.8), layout="constrained")
fig.get_layout_engine().set(rect=(0.04, 0, 0.96, 1))
ax.axvline(0, color="0.6", lw=0.8)
for place, (name, color) in enumerate(
        {"no bend": "C1", "untrained": "0.5", "trained": "C0"}.items()):
    gain = 100 * (result[name] - result["raw pixels"])
    up = np.linspace(-0.25, 0.25, 20)
    ax.plot(gain, place + up, "o", color=color, markersize=4)
    ax.plot([gain.mean()] * 2, [place - 0.38, place + 0.38], color=color)
box = ax.set(yticks=range(3), xlabel="points gained over raw pixels",
             yticklabels=["no bend", "untrained", "trained"])
# --8<-- [end:probe_picture]

# --8<-- [start:relations]
tables = {
    "square": [(x, x**2) for x in (-2, -1, 0, 1, 2)],
    "root": [(x**2, x) for x in (-2, -1, 0, 1, 2)],
    "photos": [("img1", "cat"), ("img2", "cat"), ("img3", "dog")],
    "names": [("cat", "img1"), ("cat", "img2"), ("dog", "img3")],
}
for name, pairs in tables.items():
    print(f"{name}: {sorted(clashes(pairs))}")
# --8<-- [end:relations]

# --8<-- [start:few_or_many]
rng = np.random.default_rng(0)
for N in (10, 30, 100):
    off = {"tied": [], "free": []}
    for _ in range(100):
        S = rng.normal(size=(N, 8))
        Z = S @ M.T + rng.normal(0, 0.5, (N, 6))
        places = np.concatenate([S[:, i:i + 3] for i in range(6)])
        tied = np.linalg.lstsq(places, Z.T.ravel(), rcond=None)[0]
        free = np.linalg.lstsq(S, Z, rcond=None)[0].T
        guess = np.array([np.r_[np.zeros(i), tied, np.zeros(5 - i)]
                          for i in range(6)])
        off["tied"].append(((guess - M) ** 2).sum(axis=1).mean())
        off["free"].append(((free - M) ** 2).sum(axis=1).mean())
    print(f"N = {N:3}: tied {np.mean(off['tied']):.4f},",
          f"free {np.mean(off['free']):.4f}")
# --8<-- [end:few_or_many]

# --8<-- [start:nearest]
def nearest(F, labels, draw):
    """Share right on the 300 if the most similar image answers."""
    k = np.random.default_rng(draw).permutation(1297)[:labels]
    T, A = F[1497:], F[k]
    distance = (A**2).sum(axis=1) - 2 * T @ A.T  # up to a constant
    return np.mean(y[k][distance.argmin(axis=1)] == y[1497:])


trained = sets["trained"][0]
for labels in (20, 50, 200):
    near = np.mean([nearest(D, labels, i) for i in range(20)])
    print(f"{labels:3} labels: nearest {near:.3f}, probes",
          f"{accuracy(D, labels).mean():.3f} raw,",
          f"{accuracy(trained, labels).mean():.3f} trained")
# --8<-- [end:nearest]
