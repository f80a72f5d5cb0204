"""Chapter `training-guide`: what its code prints, draws and claims, by a second way where there is one."""

from __future__ import annotations

import datetime
import functools
import re
from fractions import Fraction
from math import comb, exp, log

import numpy as np
import pytest
from asked import answers_of
from matplotlib.colors import same_color  # noqa: E402
from shown import curve, size
from sklearn.datasets import load_digits
from states import states_of
from views import views_series  # noqa: E402

SERIES = [views_series(seed)[1] / 1000 for seed in range(20)]
REMEDIES = ("decay", "dropout", "shift", "mirror")


def after(chapter, start):
    found = [line for line in chapter.out if line.startswith(start)]
    assert len(found) == 1, (start, chapter.out)
    return found[0]


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", text)]


def colors(ax):
    return [line.get_color() for line in ax.lines]


# the flowchart


def test_flowchart_figure(chapter):
    (ax,) = chapter.figures[0].axes
    texts = {text.get_text().replace("\n", " "): text.get_position() for text in ax.texts if text.get_text()}
    for patch in ax.patches:
        middle = patch.get_x() + patch.get_width() / 2, patch.get_y() + patch.get_height() / 2
        assert any(np.allclose(middle, place) for place in texts.values())
    edges = {text: patch.get_edgecolor() for patch in ax.patches for text, place in texts.items()
             if np.allclose(place, (patch.get_x() + patch.get_width() / 2, patch.get_y() + patch.get_height() / 2))}
    for text, color in edges.items():
        asks = text.endswith("?") and text != "model bias?"
        assert same_color(color, "C0" if asks else "C2" if text == "done" else "C1")
    assert len(edges) == 9 and sum(t.get_text() in ("yes", "no") for t in ax.texts) == 8
    answers = {(round(x, 1), round(y, 2)): t.get_text() for t in ax.texts if t.get_text() in ("yes", "no")
               for x, y in [t.get_position()]}
    right = [answer for (x, _), answer in answers.items() if x == 1.4]
    assert right == ["no"] * 3
    assert [answers[3.0, y] for y in sorted((y for x, y in answers if x == 3.0), reverse=True)] == ["yes", "no"]
    down = [answer for (x, _), answer in answers.items() if x == 0.1]
    assert down == ["yes"] * 3 and size(chapter.figures[0]) == [4.8, 5]


@pytest.mark.parametrize(("losses", "verdict"), [
    (dict(train=[2, 2, 2]), "model bias?"),
    (dict(train=[2, 2, 2], simpler=[3, 1]), "optimisation"),
    (dict(train=[2, 2, 2], simpler=[1, 2]), "model bias?"),
    (dict(train=[2, 2, 2], simpler=[1, 3]), "model bias?"),
    (dict(train=[2, 1, np.nan]), "optimisation"),
    (dict(train=[2, 1, np.inf]), "optimisation"),
    (dict(train=np.linspace(3, 2, 50)), "train on"),
    (dict(train=[3] * 35 + [2.001] * 14 + [2]), "model bias?"),
    (dict(train=[3] * 35 + [2.2] * 14 + [2]), "train on"),
    (dict(train=np.linspace(3, 2, 50), simpler=[1]), "optimisation"),
    (dict(train=[2, 1]), "hold out more data"),
    (dict(train=[2, 1], valid=[3, 0.5]), "hold out more data"),
    (dict(train=[2, 1], valid=[0.5, 1.1]), "overfitting"),
    (dict(train=[2, 1], valid=[3, 1], use=[0.5, 1.1]), "mismatch"),
    (dict(train=[2, 1], valid=[3, 1.1], use=[3, 3]), "overfitting"),
    (dict(train=[2, 1], valid=[3, np.nan], use=[3, 1]), "overfitting"),
    (dict(train=[2, 1], use=[3, 3]), "mismatch"),
    (dict(train=[2, 1], valid=[3, 1], use=[3, 1]), "done"),
    (dict(train=[2, 1], valid=[3, 1], use=[3, 1], simpler=[0.1]), "done"),
])
def test_diagnose(names, losses, verdict):
    assert names.diagnose(**losses, target=1) == verdict


def test_diagnose_wants_the_training_loss(names):
    with pytest.raises(ValueError, match="training loss first"):
        names.diagnose([], [1.0], target=1)


def test_the_first_two_verdicts(chapter):
    assert chapter.out[:2] == ["model bias?", "overfitting"]


# one loss, two faults


def features(views, d):
    return np.array([[*views[t - d:t][::-1], 1.0] for t in range(56, views.size)])


def test_past_and_standardised(names):
    for d in (1, 28, 56):
        assert np.array_equal(names.past(SERIES[2], d), features(SERIES[2], d))
    X, like = features(SERIES[0], 3)[:50], features(SERIES[0], 3)[50:90]
    Z = names.standardised(X, like)
    for j in range(3):
        assert Z[:, j] == pytest.approx((X[:, j] - np.mean(like[:, j])) / np.std(like[:, j]))
    assert (Z[:, 3] == 1).all()


def test_descend_and_rmse(names):
    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(30, 3)), rng.normal(size=30)
    path = names.descend(X, y, 40)
    top = np.linalg.svd(X, compute_uv=False)[0] ** 2 * 2 / 30
    w = np.zeros(3)
    for k in range(40):
        w = w - 1.9 / top * (-2 / 30) * X.T @ (y - X @ w)
        assert path[k] == pytest.approx(w)
    assert path.shape == (40, 3)
    assert names.rmse(X, y, path)[7] == pytest.approx(np.linalg.norm(y - X @ path[7]) / 30**0.5)


@pytest.fixture(scope="module")
def exact():
    """Lowest training RMSE from one day and from 28, by the normal equations."""
    rows = []
    for v in SERIES:
        y = v[56:-365]
        row = []
        for d in (1, 28):
            X = features(v, d)[:-365]
            w = np.linalg.solve(X.T @ X, X.T @ y)
            row.append(np.sqrt(np.mean((y - X @ w) ** 2)))
        rows.append(row)
    return np.array(rows)


def test_needle(chapter, names, exact):
    """Q23, Q37: nearly the same training loss, once at the lowest possible, once far above it."""
    assert names.lowest[:, 0] == pytest.approx(exact[:, 0]) and names.lowest[:, 1] == pytest.approx(exact[:, 1])
    assert names.lowest[:, 2] == pytest.approx(exact[:, 1])
    ends = names.ends
    assert (ends >= names.lowest).all()
    assert (ends[:, 0] < 1.005 * exact[:, 0]).all()
    assert (ends[:, 1] > ends[:, 0]).all() and (ends[:, 1] > 1.8 * exact[:, 1]).all()
    assert (ends[:, 2] < 1.25 * exact[:, 1]).all() and (abs(ends[:, :2] - 0.5) < 0.06).all()
    means = list(zip(ends.mean(axis=0), names.lowest.mean(axis=0), strict=True))
    for row, (name, (end, least)) in enumerate(zip(("1 day", "28 days", "28 days, standardised"), means), 2):
        assert chapter.out[row] == f"{name:21} {end:.3f}, lowest {least:.3f}"
    assert chapter.out[5] == "28 days above 1 day in 20 of 20 series"
    padded = np.r_[1.1, np.zeros(27), 0.2]  # 27 weights at zero: the large model is the small one
    assert features(SERIES[0], 28) @ padded == pytest.approx(features(SERIES[0], 1) @ [1.1, 0.2])


def test_needle_figure(chapter, names, exact):
    (ax,) = chapter.figures[1].axes
    v = SERIES[-1]
    X = features(v, 28)[:-365]
    for index, (color, least, d) in enumerate([("0.5", exact[-1, 0], 1), ("C0", exact[-1, 1], 28),
                                               ("C2", exact[-1, 1], 28)]):
        x, y = curve(ax, 2 * index)
        assert x.tolist() == list(range(1, 101)) and y[-1] == pytest.approx(names.ends[-1, index])
        assert colors(ax)[2 * index] == colors(ax)[2 * index + 1] == color
        assert curve(ax, 2 * index + 1)[1].tolist() == pytest.approx([least] * 2)
        if color != "C2":
            path = names.descend(features(v, d)[:-365], v[56:-365])
            assert y == pytest.approx(names.rmse(features(v, d)[:-365], v[56:-365], path))
    assert [t.get_text() for t in ax.texts] == ["28 days", "1 day", "28 days, standardised"]
    assert [t.get_color() for t in ax.texts] == ["C0", "0.5", "C2"] and X.shape[1] == 29
    assert ax.get_ylim() == (0.15, 0.9) and size(chapter.figures[1]) == [4.8, 3.4]
    blue = curve(ax, 2)[1]
    assert 0.99 > blue[99] / blue[79] > 0.9  # nearly flat, though far from its floor


# networks


@pytest.mark.parametrize("bend", ["relu", "sigmoid"])
@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("dropped", [False, True])
def test_gradients_against_finite_differences(names, bend, skip, dropped):
    rng = np.random.default_rng(3)
    net = [(W, b + rng.normal(size=b.shape)) for W, b in names.start([4, 5, 5, 5, 10], 2, 1.0)]
    X, Y = rng.normal(size=(2, 6, 4)), np.eye(10)[rng.integers(0, 10, (2, 6))]
    keep = [(rng.random((2, 6, 5)) >= 0.3) / 0.7 for _ in range(3)] if dropped else None
    grads = names.gradients(net, X, Y, bend, skip, keep)

    def loss():
        return names.cross_entropy(names.forward(net, X, bend, skip, keep)[0], Y).sum()

    for (W, b), (dW, db) in zip(net, grads, strict=True):
        for p, g in ((W, dW), (b, db)):
            for _ in range(6):
                at = tuple(rng.integers(0, n) for n in p.shape)
                old, h = p[at], 1e-6
                p[at] = old + h
                up = loss()
                p[at] = old - h
                down = loss()
                p[at] = old
                assert g[at] == pytest.approx((up - down) / (2 * h), abs=1e-7)


def test_forward_is_what_it_says(names):
    rng = np.random.default_rng(5)
    net = names.start([4, 3, 3, 10], 2, 1.0)
    X = rng.normal(size=(2, 7, 4))
    plain = np.maximum(np.maximum(X[1] @ net[0][0][1], 0) @ net[1][0][1], 0) @ net[2][0][1]
    assert names.forward(net, X)[0][1] == pytest.approx(plain)
    first = 1 / (1 + np.exp(-X[0] @ net[0][0][0]))
    second = 1 / (1 + np.exp(-first @ net[1][0][0])) + first
    assert names.forward(net, X, "sigmoid", skip=True)[0][0] == pytest.approx(second @ net[2][0][0])
    Z = rng.normal(size=(2, 7, 10)) + 1000
    Y = np.eye(10)[rng.integers(0, 10, (2, 7))]
    by_hand = [-np.log((np.exp(z - 1000) / np.exp(z - 1000).sum())[y == 1][0]) for z, y in zip(Z[1], Y[1])]
    assert names.cross_entropy(Z, Y)[1] == pytest.approx(np.mean(by_hand))


def test_train_is_momentum_with_a_falling_rate(names):
    rng = np.random.default_rng(6)
    X, Y = rng.normal(size=(2, 5, 4)), np.eye(10)[rng.integers(0, 10, (2, 5))]
    net = names.start([4, 3, 10], 2)
    decay = np.array([0.0, 0.3])[:, None, None]
    done, path = names.train(net, X, Y, 0.2, 3, 2, decay=decay, watch=list)
    p, m = [(W.copy(), b.copy()) for W, b in net], [(0 * W, 0 * b) for W, b in net]
    for t, k in enumerate(([0, 1], [2, 3], [4, 0])):
        assert path[t][0][0] == pytest.approx(p[0][0], abs=1e-12)
        grads = names.gradients(p, X[:, k], Y[:, k])
        rate = 0.2 * (1 - t / 3)
        m = [(0.9 * mW - rate * (dW + decay * W), 0.9 * mb - rate * db)
             for (mW, mb), (dW, db), (W, _) in zip(m, grads, p)]
        p = [(W + mW, b + mb) for (W, b), (mW, mb) in zip(p, m)]
    assert len(path) == 3
    for (W, b), (W2, b2) in zip(done, p):
        assert W == pytest.approx(W2) and b == pytest.approx(b2)


def test_start(names):
    net = names.start([400, 300, 10], 3, 1.4)
    assert net[0][0].std() == pytest.approx(1.4 / 20, rel=0.02) and net[1][0].std() == pytest.approx(
        1.4 / 300**0.5, rel=0.03)
    assert all((b == 0).all() for _, b in net) and net[0][0].shape == (3, 400, 300)


def test_dropout_in_training(names):
    seen = []

    def change(X, rng):
        seen.append(X.shape)
        return X

    X, Y = np.ones((1, 4, 3)), np.eye(10)[np.zeros((1, 4), int)]
    names.train(names.start([3, 4, 10], 1), X, Y, 0.1, 2, 2, change=change)
    assert seen == [(1, 2, 3)] * 2
    keeps = []
    real = names.gradients
    try:
        names.train.__globals__["gradients"] = lambda *a: keeps.append(a[5]) or real(*a)
        names.train(names.start([3, 400, 10], 1), X, Y, 0.1, 20, 4, drop=np.full((1, 1, 1), 0.25))
    finally:
        names.train.__globals__["gradients"] = real
    values = np.concatenate([keep[0].ravel() for keep in keeps])
    assert set(np.unique(values).round(9)) == {0, round(4 / 3, 9)}
    assert np.mean(values == 0) == pytest.approx(0.25, abs=0.01) and values.mean() == pytest.approx(1, abs=0.01)


def test_shifted_and_mirrored(names):
    rng = np.random.default_rng(0)
    image = np.zeros((8, 8))
    image[3, 4] = 1
    X = np.tile(image.reshape(64), (1, 500, 1))
    moved = names.shifted(X, rng, np.full((1, 1, 1), 1.5)).reshape(500, 8, 8)
    assert moved.sum(axis=(1, 2)) == pytest.approx(1)
    down = (moved.sum(axis=2) * np.arange(8)).sum(axis=1) - 3
    side = (moved.sum(axis=1) * np.arange(8)).sum(axis=1) - 4
    for by in (down, side):
        assert abs(by).max() <= 1.5 and abs(by).max() > 1.4 and abs(by.mean()) < 0.1
        assert by.std() == pytest.approx(1.5 / 3**0.5, rel=0.1)
    assert abs(np.corrcoef(down, side)[0, 1]) < 0.15
    assert np.array_equal(names.shifted(X, rng, np.zeros((1, 1, 1))), X)
    turned = names.mirrored(X, rng, np.full((1, 1, 1), 0.3)).reshape(500, 8, 8)
    assert set(turned.argmax(axis=2).max(axis=1)) == {3, 4}
    assert turned[:, 3, 3].mean() == pytest.approx(0.3, abs=0.06)


# the ladder


def climbed(names, depth, rates, updates, bend="sigmoid", scale=1.0, skip=False):
    k = np.tile(names.order[:3, :200], (len(rates), 1))
    X, Y = names.pixels[k], np.eye(10)[names.label[k]]
    net = names.start([64] + [16] * depth + [10], len(k), scale)
    net = names.train(net, X, Y, np.repeat(rates, 3)[:, None, None], updates, 20, bend, skip)
    Z = names.forward(net, X, bend, skip)[0]
    return names.cross_entropy(Z, Y).reshape(-1, 3)


def test_ladder(chapter, names):
    ladder = names.ladder
    assert list(ladder) == ["1 sigmoid", "2 sigmoid", "4 sigmoid", "6 sigmoid", "6 sigmoid, skip", "6 ReLU"]
    assert ladder["1 sigmoid"].min() < 0.15 and ladder["2 sigmoid"].min() < 0.5
    for stuck in ("4 sigmoid", "6 sigmoid"):
        assert abs(ladder[stuck] - log(10)).max() < 0.02
    assert ladder["6 sigmoid, skip"].min() < 0.75 and ladder["6 ReLU"].min() < 0.5
    for name, losses in ladder.items():
        assert chapter.out[chapter.out.index(after(chapter, f"{name:16} "))] == (
            f"{name:16} " + " ".join(f"{L:5.2f}" for L in losses))
    assert after(chapter, "rates") == f"{'rates':16} " + " ".join(f"{r:5}" for r in (0.01, 0.03, 0.1, 0.3))
    assert after(chapter, "ln 10") == f"ln 10 = {log(10):.2f}"
    again = np.median(climbed(names, 2, [0.1, 0.3], 200), axis=1)
    assert again[1] < again[0]  # the best rate lies at the edge; still higher ones do no better for the deep ones:
    assert climbed(names, 6, [1, 3], 200).min() > 2.2
    assert climbed(names, 6, [0.1, 0.3], 1000).min() > 2.2
    assert climbed(names, 4, [0.3], 1000).min() < 2


def test_identity(chapter, names):
    """E72: the deep network contains the shallow one."""
    rng = np.random.default_rng(0)
    layers = [rng.normal(0, 0.7, (8, 8)) for _ in range(20)]
    a = rng.normal(size=(1000, 8))
    for W in layers:
        a = np.where(a @ W > 0, a @ W, 0)
    assert np.array_equal(names.out_20, a) and np.array_equal(names.out_56, a) and a.max() > 1
    assert len(names.copy) == 36 and len(names.layers) == 20
    assert after(chapter, "outputs up to") == f"outputs up to {a.max():.1f}, the same: True"


def test_a_sigmoid_layer_can_nearly_copy():
    x = np.linspace(-1, 1, 101)
    gaps = []
    for small in (1, 0.1, 0.01):
        copy = (1 / (1 + np.exp(-small * x)) - 0.5) * 4 / small
        gaps.append(abs(copy - x).max())
    assert gaps[0] > 10 * gaps[1] > 100 * gaps[2]


# overfitting


def test_overfit(chapter, names):
    for n in (10, 30, 100):
        rows = []
        for seed in range(50):
            rng = np.random.default_rng(seed)
            x = np.linspace(0, 1, n)
            y = np.sin(2 * np.pi * x) + rng.normal(0, 0.2, n)
            x_new = np.linspace(0, 1, 299)
            y_new = np.sin(2 * np.pi * x_new) + rng.normal(0, 0.2, 299)
            V, V_new = (np.polynomial.legendre.legvander(2 * v - 1, 9) for v in (x, x_new))
            c = np.linalg.lstsq(V, y, rcond=None)[0]
            guess = rng.choice(y, 299)
            known = {float(v): label for v, label in zip(x, y)}
            recall = [known.get(float(v), g) for v, g in zip(x_new, guess)]
            rows.append([np.mean((y - V @ c) ** 2), np.mean((y_new - V_new @ c) ** 2),
                         np.mean((y_new - recall) ** 2)])
        assert names.table[n] == pytest.approx(np.median(rows, axis=0), abs=1e-8)
        train, new, recall = names.table[n]
        assert after(chapter, f"N {n:3}:") == f"N {n:3}: train {train:.3f}, new {new:.3f}, memory {recall:.2f}"
    table = names.table
    assert table[10][0] < 1e-9 and table[10][1] > 5 * 0.04
    assert 0.04 < table[100][1] < table[30][1] < table[10][1] and table[30][1] < 0.06 and table[100][1] < 0.045
    assert 2 * (0.5 + 0.04) == pytest.approx(1.08) and table[100][2] == pytest.approx(1.08, abs=0.04)


@functools.cache
def losses_by_degree(n):
    """Median of 50 draws, one polynomial at a time: on the n points, and on 299 new ones."""
    x, fine, rows = np.linspace(0, 1, n), np.linspace(0, 1, 299), []
    for seed in range(50):
        rng = np.random.default_rng(seed)
        y, y_new = (np.sin(2 * np.pi * v) + rng.normal(0, 0.2, v.size) for v in (x, fine))
        fits = [np.polynomial.Polynomial.fit(x, y, d) for d in range(10)]
        rows.append([[np.mean((y - f(x)) ** 2) for f in fits], [np.mean((y_new - f(fine)) ** 2) for f in fits]])
    return np.median(rows, axis=0)


@pytest.mark.parametrize("degree", [1, 3, 9])
def test_every_state_of_the_degree(names, degree):
    states = states_of("training-guide", "overfit", vars(names))
    assert list(states) == ["1", "3", "9"]
    figure, losses = states[str(degree)].figure, {}
    low = figure.axes[2]
    for k, (ax, n) in enumerate(zip(figure.axes, (10, 30))):
        assert colors(ax) == ["0.5", "C1", "C0"] and ax.get_title() == f"$N$ = {n}"
        x, y = curve(ax, 2)
        assert x == pytest.approx(np.linspace(0, 1, n))
        assert y == pytest.approx(np.sin(2 * np.pi * x) + np.random.default_rng(2).normal(0, 0.2, n))
        fine, truth = curve(ax, 0)
        assert truth == pytest.approx(np.sin(2 * np.pi * fine))
        V = np.polynomial.chebyshev.chebvander(2 * x - 1, degree)
        fit = np.polynomial.chebyshev.chebvander(2 * fine - 1, degree) @ np.linalg.lstsq(V, y, rcond=None)[0]
        assert curve(ax, 1)[1] == pytest.approx(fit, abs=1e-6)
        assert ax.get_ylim() == (-1.8, 1.8)
        assert (abs(fit - truth).max() > 0.5) == (degree == 1 or (degree, n) == (9, 10))
        train, new = losses_by_degree(n)
        assert curve(low, 2 * k)[1] == pytest.approx(train, abs=1e-6)
        assert curve(low, 2 * k + 1)[1] == pytest.approx(new, abs=1e-6)
        assert [low.lines[2 * k + i].get_linestyle() for i in (0, 1)] == ["--" if k else "-"] * 2
        assert (np.diff(train) < 1e-9).all() and 3 <= new.argmin() <= 5
        losses[n] = new
    assert min(losses[10][:3].min(), losses[30][:3].min()) > 0.2  # a straight line is too stiff for both
    assert losses[10][9] > 2.5 * losses[10].min() and losses[30][9] < 1.2 * losses[30].min()  # "stay level with 30"
    assert colors(low) == ["C0", "C1", "C0", "C1", "C4"] and set(curve(low, 4)[0]) == {degree}
    assert size(figure) == [4.8, 6.6]


# remedies


STRENGTHS = {"0": 0, "0.003": 0.003, "0.03": 0.03, "0.3": 0.3, "3": 3}


@functools.cache
def decayed(strength):
    """Legendre coefficients of degree 9 for each of 50 draws of ten points: least squares with further rows, which ask
    that all but the constant be 0; the losses in training and on new data."""
    x, x_new = np.linspace(0, 1, 10), np.linspace(0, 1, 299)
    V, V_new = (np.polynomial.legendre.legvander(2 * v - 1, 9) for v in (x, x_new))
    rows, fits = [], []
    for seed in range(50):
        rng = np.random.default_rng(seed)
        y, y_new = (np.sin(2 * np.pi * v) + rng.normal(0, 0.2, v.size) for v in (x, x_new))
        asked = np.sqrt(10 * strength / 2) * np.eye(10)[1:]  # N times the loss has the same minimum
        c = np.linalg.lstsq(np.vstack([V, asked]), np.r_[y, np.zeros(9)], rcond=None)[0]
        rows.append([np.mean((y - V @ c) ** 2), np.mean((y_new - V_new @ c) ** 2)])
        fits.append(c)
    return np.array(fits), np.median(rows, axis=0)


@pytest.fixture(scope="module")
def strength_states(names):
    return states_of("training-guide", "ridge", vars(names))


@pytest.mark.parametrize("value", STRENGTHS)
def test_every_state_of_the_strength(strength_states, value):
    assert list(strength_states) == list(STRENGTHS)
    state = strength_states[value]
    top, low = state.figure.axes
    fine, truth = curve(top, 0)
    x, y = curve(top, 2)
    assert truth == pytest.approx(np.sin(2 * np.pi * fine)) and colors(top) == ["0.5", "C1", "C0"]
    assert y == pytest.approx(np.sin(2 * np.pi * x) + np.random.default_rng(2).normal(0, 0.2, 10))
    c = decayed(STRENGTHS[value])[0][2]
    assert curve(top, 1)[1] == pytest.approx(np.polynomial.legendre.legval(2 * fine - 1, c), abs=1e-6)
    expected = np.transpose([decayed(s)[1] for s in STRENGTHS.values()])
    for index, color in enumerate(("C0", "C1")):
        assert curve(low, index)[1] == pytest.approx(expected[index], abs=1e-7) and colors(low)[index] == color
    assert state.by_strength == pytest.approx(expected, abs=1e-7)
    assert set(curve(low, 2)[0]) == {list(STRENGTHS).index(value)} and colors(low)[2] == "C4"
    assert [text.get_text() for text in low.get_xticklabels()] == list(STRENGTHS)
    assert size(state.figure) == [4.8, 4.6] and top.get_ylim() == (-1.8, 1.8)


def test_what_decay_does_to_the_polynomial():
    """What the page says of its states, and that it is not the luck of three strengths."""
    train, new = np.transpose([decayed(s)[1] for s in STRENGTHS.values()])
    assert (np.diff(train) > 0).all() and (np.diff(new[:3]) < 0).all() and (np.diff(new[2:]) > 0).all()
    assert new[2] < 0.5 * new[0] and new[4] > 1.5 * new[0] and train[4] > 0.3
    fine = np.linspace(0, 1, 299)
    wave, points = np.sin(2 * np.pi * fine), np.linspace(0, 1, 10)
    y = np.sin(2 * np.pi * points) + np.random.default_rng(2).normal(0, 0.2, 10)

    def curve_of(strength, at=fine):
        return np.polynomial.legendre.legval(2 * at - 1, decayed(strength)[0][2])

    off = [abs(curve_of(s) - wave).max() for s in STRENGTHS.values()]
    assert off[0] > 1 and off[1] < 0.7 * off[0] and off[2] < 0.6  # swings, smaller swings, none
    assert abs(curve_of(0, points) - y).max() < 1e-6 and abs(curve_of(0.03, points) - y).max() > 0.1
    assert curve_of(0.3).max() < 0.6 and np.ptp(curve_of(3)) < 0.3
    finer = [decayed(s)[1][1] for s in (0.01, 0.03, 0.1)]
    assert max(finer) < 0.7 * new[0]  # not only at 0.03


# the remedies on networks


def test_splits_and_labels(names):
    parts = np.hstack([names.fit, names.valid, names.test])
    assert [p.shape for p in (names.fit, names.valid, names.test)] == [(10, 100), (10, 200), (10, 500)]
    assert all(np.unique(row).size == 800 for row in parts)
    right = load_digits().target[names.fit]
    changed = np.mean(names.wrong != right)
    assert 0.15 < changed < 0.21  # a fifth is drawn anew, and one in ten of those comes out right
    assert names.pixels.max() == 1


def choice_again(names, kind, name):
    """Strength by validation loss and its test errors, from networks trained one strength at a time."""
    answers = names.wrong if kind == "wrong" else names.label[names.fit]
    values, way = names.remedies[name]
    rows = []
    for s in values:
        net = names.train(names.start([64, 32, 10], 10), names.pixels[names.fit], np.eye(10)[answers], 0.2, 80, 25,
                          **way(np.full((10, 1, 1), s)))
        rows.append([names.judged(net, names.pixels[k], names.label[k]) for k in (names.valid, names.test)])
    return np.array(rows)


def test_decay_by_itself(names):
    """Without chance in it, one strength at a time gives what the page's run gives side by side."""
    rows = choice_again(names, "wrong", "decay")
    _, on_valid, pick = names.curves["wrong", "decay"]
    assert on_valid[1:] == pytest.approx(rows[:, 0, 0])
    assert np.array_equal(pick, on_valid.argmin(axis=0))
    loss, errors = names.outcome["wrong"]["decay"]
    for draw in range(10):
        if pick[draw]:
            assert loss[draw] == pytest.approx(rows[pick[draw] - 1, 1, 0, draw])
            assert errors[draw] == pytest.approx(rows[pick[draw] - 1, 1, 1, draw])


def test_judged(names):
    net = names.start([64, 5, 10], 2)
    X, y = names.pixels[names.order[:2, :30]], names.label[names.order[:2, :30]]
    loss, errors = names.judged(net, X, y)
    Z = names.forward(net, X)[0]
    assert errors == pytest.approx([np.mean([z.argmax() != t for z, t in zip(Z[r], y[r])]) for r in (0, 1)])
    assert loss == pytest.approx(names.cross_entropy(Z, np.eye(10)[y]))


def test_remedies(chapter, names):
    lines = iter(chapter.out[chapter.out.index(next(v for v in chapter.out if v.startswith("wrong labels"))):])
    for kind in ("wrong", "right"):
        rows = names.outcome[kind]
        base = rows["none"]
        assert next(lines) == f"{kind} labels: {base[0].mean():.2f}, {100 * base[1].mean():.1f}% errors"
        for name in (*REMEDIES, "low rate", "early stop"):
            loss, errors = rows[name]
            up, down = (errors < base[1]).sum(), (errors > base[1]).sum()
            assert next(lines) == (f"  {name:10} {loss.mean():.2f}, {100 * errors.mean():.1f}%, "
                                   f"{up} fewer, {down} more")
    wrong, right = names.outcome["wrong"], names.outcome["right"]
    saved = {name: 100 * (wrong["none"][1] - wrong[name][1]).mean() for name in wrong}
    four = [saved[name] for name in ("decay", "dropout", "shift", "low rate", "early stop")]
    assert min(four) > 2 and max(four) < 5 and max(four) - min(four) < 2 and 3.3 < np.mean(four) < 4.5
    assert 0 < saved["mirror"] < min(four)
    for name in ("decay", "dropout", "shift", "low rate", "early stop"):
        assert (wrong[name][1] < wrong["none"][1]).sum() >= 8
    change = {name: 100 * (right[name][1] - right["none"][1]).mean() for name in right}
    assert -1 < change["decay"] < 0 and (right["decay"][1] < right["none"][1]).sum() == 8
    assert abs(change["shift"]) < 0.5 and abs(change["dropout"]) < 0.5
    assert change["mirror"] > 0 and change["early stop"] > 0.3
    for name in ("early stop", "low rate"):
        assert change[name] > 0.2 and right[name][0].mean() < right["none"][0].mean()
    for name in ("decay", "dropout", "shift", "low rate"):
        assert right[name][0].mean() < right["none"][0].mean()
    assert right["early stop"][0].mean() < right["none"][0].mean()
    assert (right["early stop"][1] > right["none"][1]).sum() >= 7


def test_early_stop_by_hand(names):
    answers = names.wrong
    net, path = names.ten_draws(answers, watch=list)
    path = path[::6]
    values = np.array([names.judged(n, names.pixels[names.valid], names.label[names.valid])[0] for n in path])
    tests = np.array([names.judged(n, names.pixels[names.test], names.label[names.test]) for n in path])
    for draw in range(10):
        at = values[:, draw].argmin()
        assert names.outcome["wrong"]["early stop"][:, draw] == pytest.approx(tests[at, :, draw])
    assert names.outcome["wrong"]["none"] == pytest.approx(
        names.judged(net, names.pixels[names.test], names.label[names.test]))
    assert 0 < np.median(values.argmin(axis=0)) < len(path) - 1


def test_strengths_are_chosen_inside(names):
    for name in ("decay", "dropout", "shift"):
        on_fit, on_valid, pick = names.curves["wrong", name]
        mean = on_valid.mean(axis=1)
        assert 0 < mean.argmin() < 3 and mean[0] > mean.min() + 0.1 and mean[3] > mean.min() + 0.1
        assert (np.diff(on_fit.mean(axis=1)) > 0).all()
        assert np.isin(pick, (1, 2)).sum() >= 8
    assert (np.diff(names.curves["wrong", "mirror"][0].mean(axis=1)) > 0).all()
    mirror = names.curves["wrong", "mirror"][1].mean(axis=1)
    assert mirror[0] - mirror.min() < 0.1


def test_remedies_figure(chapter, names):
    axes = chapter.figures[4].axes
    two = np.flatnonzero(load_digits().target == 2)[1]
    image = np.asarray(axes[0].images[0].get_array())
    assert image == pytest.approx(load_digits().images[two] / 16)
    assert np.asarray(axes[2].images[0].get_array()) == pytest.approx(image[:, ::-1])
    moved = np.asarray(axes[1].images[0].get_array())
    assert 0.5 < moved.sum() / image.sum() <= 1.01 and abs(moved - image).max() > 0.3
    for ax, name in zip(axes[3:], REMEDIES):
        on_fit, on_valid, pick = names.curves["wrong", name]
        assert ax.get_title() == name and colors(ax)[:2] == ["C0", "C1"]
        assert curve(ax, 0)[1] == pytest.approx(on_fit.mean(axis=1))
        assert curve(ax, 1)[1] == pytest.approx(on_valid.mean(axis=1))
        discs = {int(curve(ax, k)[0][0]): ax.lines[k] for k in range(2, len(ax.lines))}
        assert set(discs) == set(np.unique(pick)) and all(line.get_color() == "C2" for line in discs.values())
        for at, line in discs.items():
            assert line.get_markersize() == pytest.approx(5 + 1.2 * (pick == at).sum())
        shown = [text.get_text() for text in ax.get_xticklabels()]
        assert shown == [str(v) for v in (0, *names.remedies[name][0])]
    assert len(axes) == 7 and size(chapter.figures[4]) == [4.8, 6.4]


def test_decay_shrinks_each_step(names):
    """The penalty's slope, by finite differences, is what \\eqref{tg-decay} adds."""
    W, lam, h = np.array([[0.5, -2.0], [1.0, 3.0]]), 0.3, 1e-6
    step = np.array([[0, 1], [0, 0]]) * h
    slope = (lam / 2 * np.sum((W + step) ** 2) - lam / 2 * np.sum((W - step) ** 2)) / (2 * h)
    assert slope == pytest.approx(lam * W[0, 1])


# validation


def test_winners(chapter, names):
    assert names.public.shape == (100, 10_000) and names.public.mean() == pytest.approx(0.5, abs=1e-3)
    for row, m in enumerate((1, 10, 100, 1000, 10_000)):
        best = np.mean(names.seen[row])
        below = [sum(comb(30, k) for k in range(c)) / 2**30 for c in range(1, 31)]
        expected = sum(1 - p**m for p in below) / 30  # of the best of m, by the sum of its tail
        assert best == pytest.approx(expected, abs=0.03 if m == 1 else 0.015)
        assert np.mean(names.true[row]) == pytest.approx(0.5, abs=0.04)
        assert after(chapter, f"best of {m:5}:") == (
            f"best of {m:5}: public {best:.2f}, private {np.mean(names.true[row]):.2f}")
    assert f"{np.mean(names.seen[-1]):.2f}" == "0.84"
    (ax,) = chapter.figures[5].axes
    assert ax.get_xscale() == "log" and colors(ax) == ["C0", "C1"] and ax.get_ylim() == (0.3, 1)
    assert curve(ax, 0)[1] == pytest.approx(np.mean(names.seen, axis=1))
    assert curve(ax, 1)[1] == pytest.approx(np.mean(names.true, axis=1))
    band = ax.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(np.quantile(names.seen[-1], 0.9))
    low = ax.collections[1].get_paths()[0].vertices[:, 1].min()
    assert low == pytest.approx(min(np.quantile(v, 0.1) for v in names.true))


def test_kfold(chapter, names):
    x = np.random.default_rng(1).uniform(0, 1, 21)
    y = np.sin(5 * x)
    parts = np.array_split(np.random.default_rng(2).permutation(21), 3)
    L = names.each_part(x, y, parts)
    for i, part in enumerate(parts):
        rest = np.setdiff1d(np.arange(21), part)
        for degree in (1, 3, 9):
            c = np.polyfit(x[rest], y[rest], degree)
            assert L[i, degree - 1] == pytest.approx(np.mean((y[part] - np.polyval(c, x[part])) ** 2))
    assert names.picks.shape == (20, 6, 2)
    spread = names.picks.std(axis=1).mean(axis=0)
    assert names.spread == pytest.approx(spread) and spread[1] < 0.65 * spread[0]
    gain = names.end[:, :, 0].mean(axis=1) - names.end[:, :, 1].mean(axis=1)
    assert names.gain == pytest.approx(gain) and (gain > 0).sum() >= 14
    assert after(chapter, "degree") == f"degree: +-{spread[0]:.1f} by one part, +-{spread[1]:.1f} by all"
    assert after(chapter, "lower loss") == (
        f"lower loss: by all {(gain > 0).sum()}, by one part {(gain < 0).sum()} of 20")


def test_kfold_choices_one_by_one(names):
    for seed in (0, 7):
        rng = np.random.default_rng(seed)
        x = rng.uniform(0, 1, 30)
        y = np.sin(2 * np.pi * x) + rng.normal(0, 0.3, 30)
        grid = np.linspace(0, 1, 500)
        for split in range(6):
            parts = np.array_split(rng.permutation(30), 5)
            L = names.each_part(x, y, parts)
            one, whole = L[0].argmin(), L.mean(axis=0).argmin()
            assert names.picks[seed, split].tolist() == [one, whole]
            for k, pick in enumerate((one, whole)):
                fit = np.polynomial.Polynomial.fit(x, y, pick + 1)
                off = np.mean((fit(grid) - np.sin(2 * np.pi * grid)) ** 2)
                assert names.end[seed, split, k] == pytest.approx(off, rel=1e-4)


def test_kfold_on_other_data_sets(names):
    """Not the luck of the twenty: fifty others."""
    gains, spreads = [], []
    for seed in range(100, 150):
        rng = np.random.default_rng(seed)
        x = rng.uniform(0, 1, 30)
        y = np.sin(2 * np.pi * x) + rng.normal(0, 0.3, 30)
        grid = np.linspace(0, 1, 200)
        refit = names.losses(x, y, grid, np.sin(2 * np.pi * grid))
        picks = []
        for _ in range(3):
            L = names.each_part(x, y, np.array_split(rng.permutation(30), 5))
            picks.append((L[0].argmin(), L.mean(axis=0).argmin()))
        one, whole = np.transpose(picks)
        gains.append(refit[one].mean() - refit[whole].mean())
        spreads.append((one.std(), whole.std()))
    one, whole = np.mean(spreads, axis=0)
    assert np.sum(np.array(gains) > 0) >= 1.5 * np.sum(np.array(gains) < 0) and whole < 0.65 * one


# mismatch


def test_best_lines_by_hand():
    """x normal around s: the best line for x**2 misses 2, the flat line of training s**4 + 4 s**2 + 2."""
    nodes, weight = np.polynomial.hermite_e.hermegauss(20)
    weight = weight / weight.sum()
    for s in (0.0, 1, 2, 3):
        x = nodes + s
        X = np.column_stack([np.ones(20), x])
        b, w = np.linalg.solve(X.T @ (weight[:, None] * X), X.T @ (weight * x**2))
        assert (b, w) == (pytest.approx(1 - s**2), pytest.approx(2 * s, abs=1e-9))
        assert weight @ (x**2 - b - w * x) ** 2 == pytest.approx(2)
        assert weight @ (x**2 - 1) ** 2 == pytest.approx(s**4 + 4 * s**2 + 2)
        v = np.exp(s * nodes - s**2 / 2)
        assert v == pytest.approx(np.exp(-((nodes - s) ** 2) / 2) / np.exp(-(nodes**2) / 2))
    nodes, weight = np.polynomial.hermite_e.hermegauss(60)
    weight = weight / weight.sum()
    for s in (1.0, 2):
        v = np.exp(s * nodes - s**2 / 2)
        assert weight @ v == pytest.approx(1) and weight @ v**2 == pytest.approx(exp(s**2), rel=1e-4)
    assert [round(1000 * exp(-(s**2)), 1) for s in (1, 2, 3)] == [367.9, 18.3, 0.1]
    assert 2**4 + 4 * 2**2 + 2 == 34


def test_line(names):
    rng = np.random.default_rng(0)
    x, y, v = rng.normal(size=(3, 40))
    v = v**2
    w, b = np.polyfit(x, y, 1, w=np.sqrt(v))
    assert names.line(x, y, v) == pytest.approx([b, w])


def test_mismatch(chapter, names):
    plain, weighted = names.found["plain"], names.found["weighted"]
    s = names.shifts
    assert s.tolist() == [0, 0.5, 1, 1.5, 2, 2.5, 3]
    for N in (1000, 10_000):
        assert plain[N] == pytest.approx(s**4 + 4 * s**2 + 2, rel=0.06)
        assert weighted[N][:3] == pytest.approx(2, abs=0.1)
        assert (weighted[N][1:] < plain[N][1:]).all()
    x = np.random.default_rng(39).normal(size=10_000)  # of the last run, at s = 3
    assert names.v == pytest.approx(np.exp(-((x - 3) ** 2) / 2) / np.exp(-(x**2) / 2))
    assert (weighted[10_000][3:] < weighted[1000][3:]).all() and weighted[1000][-1] > 5
    for seed, N, k in ((3, 1000, 4),):
        rng = np.random.default_rng(seed)
        x, new = rng.normal(size=N), rng.normal(size=2000)
        y = x**2 + rng.normal(0, 0.3, N)
        v = np.exp(s[k] * x - s[k] ** 2 / 2)
        slope, b = np.polyfit(x, y, 1, w=np.sqrt(v))
        miss = np.mean(((new + s[k]) ** 2 - b - slope * (new + s[k])) ** 2)
        assert 2 <= miss < 10
    worth = {}
    for N in (1000, 10_000):
        for shift in (0, 1, 2, 3):
            line = after(chapter, f"{N:5}  {shift} ")
            worth[N, shift] = int(numbers(line)[-1])
            at = 2 * shift
            assert line == f"{N:5}  {shift} {plain[N][at]:8.2f} {weighted[N][at]:8.2f} {worth[N, shift]:6}"
    assert worth[1000, 0] == 1000 and worth[10_000, 1] == pytest.approx(10_000 * exp(-1), rel=0.05)
    for N in (1000, 10_000):
        for shift in (2, 3):
            assert worth[N, shift] > 1.3 * N * exp(-(shift**2))
    assert datetime.date(2021, 2, 26).strftime("%A") == "Friday"
    assert after(chapter, "2021-02-26") == "2021-02-26: weekday 4 (Monday is 0)"


def test_worth_one_by_one(chapter, names):
    rows = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=1000)
        v = np.exp(2 * x - 2)
        rows.append(v.sum() ** 2 / np.sum(v**2))
    assert int(numbers(after(chapter, " 1000  2 "))[-1]) == round(np.median(rows))


def test_no_weights_needed_if_the_model_holds_the_truth():
    rng = np.random.default_rng(1)
    x = rng.normal(size=1000)
    c = np.polyfit(x, x**2 + rng.normal(0, 0.3, 1000), 2)
    new = rng.normal(size=2000) + 2
    assert np.mean((np.polyval(c, new) - new**2) ** 2) < 0.02


def test_mismatch_figure(chapter, names):
    top, bottom = chapter.figures[6].axes
    x, y = curve(top, 0)
    assert y == pytest.approx(x**2) and colors(top) == ["0.5", "C0", "C2"]
    assert curve(top, 1)[1] == pytest.approx(1) and curve(top, 2)[1] == pytest.approx(4 * x - 3)
    train, use = (c.get_paths()[0].vertices for c in top.collections)
    assert train[train[:, 1].argmax(), 0] == pytest.approx(0, abs=0.05)
    assert use[use[:, 1].argmax(), 0] == pytest.approx(2, abs=0.05)
    assert same_color(top.collections[0].get_facecolor()[0][:3], "C0")
    assert same_color(top.collections[1].get_facecolor()[0][:3], "C1")
    s, law = curve(bottom, 0)
    assert law == pytest.approx(s**4 + 4 * s**2 + 2) and curve(bottom, 1)[1].tolist() == [2, 2]
    for index, (kind, N) in enumerate([("plain", 1000), ("weighted", 1000), ("plain", 10_000), ("weighted", 10_000)]):
        line = bottom.lines[2 + index]
        assert curve(bottom, 2 + index)[1] == pytest.approx(names.found[kind][N])
        assert line.get_color() == ("C0" if kind == "plain" else "C2")
        assert line.get_marker() == ("o" if N == 1000 else "s")
    assert bottom.get_yscale() == "log" and size(chapter.figures[6]) == [4.8, 5.2]


# the walk


def test_walk(chapter, names):
    verdicts = ["train on", "model bias?", "optimisation", "overfitting", "done", "mismatch"]
    titles = ["30 steps", "1 day", "28 days", "scaled, few", "scaled, all", "26 February"]
    assert all(v == verdicts for _, v in names.walks)
    means = np.mean([ends for ends, _ in names.walks], axis=0)
    for title, row, verdict in zip(titles, means, verdicts):
        assert f"{title:11} {row[0]:.2f} {row[1]:.2f} {row[2]:.2f} {verdict} 20/20" in chapter.out
    dates = views_series()[0]
    friday = np.array([d.astype(object).weekday() == 4 for d in dates[-365:]])
    v = SERIES[6]
    X, y = features(v, 28), v[56:]
    mu, sigma = X[:-365, :-1].mean(axis=0), X[:-365, :-1].std(axis=0)
    Z = np.column_stack([(X[:, :-1] - mu) / sigma, np.ones(len(X))])
    w = names.descend(Z[:-365], y[:-365])[-1]
    r = y - Z @ w
    ends = names.walks[6][0]
    for part, k in ((r[:-365], 0), (r[-365:], 1), (r[-365:][friday], 2)):
        assert ends[4][k] == pytest.approx(np.sqrt(np.mean(part**2)))
    assert ends[5] == pytest.approx([ends[4][0], ends[4][1], np.sqrt(np.mean((r[-365:][friday] + 2) ** 2))])
    X, y = features(v, 28)[-400:-365], v[-400:-365]
    Z = np.column_stack([(X[:, :-1] - X[:, :-1].mean(axis=0)) / X[:, :-1].std(axis=0), np.ones(35)])
    w = names.descend(Z, y)[-1]
    assert ends[3][0] == pytest.approx(np.sqrt(np.mean((y - Z @ w) ** 2)))
    assert ends[1][0] == pytest.approx(names.ends[6, 0]) and ends[2][0] == pytest.approx(names.ends[6, 1])
    early = names.rmse(features(v, 1)[:-365], v[56:-365], names.descend(features(v, 1)[:-365], v[56:-365]))
    assert ends[0][0] == pytest.approx(early[29]) and early[29] > 0.5


# exercises


def test_quiz(chapter, names):
    quiz = names.quiz
    assert list(quiz) == list("ABCDEF")
    ln10 = log(10)
    A, B, C, D, E, F = quiz.values()
    for name, (on_train, on_held) in quiz.items():
        assert abs(on_train[0] - ln10) < 0.25 and (abs(on_held[0] - ln10) < 0.25) == (name != "D")
    assert 2 < A[0, -1] < 2.2 and abs(A[0, -1] - A[1, -1]) < 0.05 and (np.diff(A[0]) < 0).all()
    assert abs(B[:, 3:] - ln10).max() < 0.1
    assert C[0, -1] < 2 and C[1, -1] > ln10 + 0.1
    assert D[1, 0] > 5 and D[0, -1] < 0.1 and D[1, -1] > 2
    assert E[0, -1] < 0.1 and E[1, -1] < 0.35
    assert F.max() > 3 and abs(F[:, -1] - ln10).max() < 0.1
    labels = names.label[names.order[0, :300]]
    assert not np.array_equal(names.mixed[0].argmax(axis=1), labels)
    assert np.array_equal(names.mixed[0].sum(axis=0), np.bincount(labels))
    figure = chapter.figures[7]
    for ax, (name, both) in zip(figure.axes, quiz.items()):
        assert ax.get_title() == name and colors(ax) == ["0.5", "C1", "C0"] and ax.get_ylim() == (0, 5)
        assert curve(ax, 0)[1][0] == pytest.approx(ln10)
        assert curve(ax, 1)[1] == pytest.approx(both[1]) and curve(ax, 2)[1] == pytest.approx(both[0])
    assert size(figure) == [4.8, 6] and len(chapter.figures) == 8


def test_quiz_solution(chapter, names):
    verdicts = {"A": "optimisation", "B": "optimisation", "C": "optimisation", "D": "overfitting",
                "E": "hold out more data", "F": "optimisation"}
    for name, (on_train, on_held) in names.quiz.items():
        assert after(chapter, f"{name}: ") == (
            f"{name}: {on_train[0]:.1f} {on_held[0]:.1f} -> {on_train[-1]:.2f} {on_held[-1]:.2f}, {verdicts[name]}")
    assert names.simpler["right"][-1] < 0.4 and 1.5 < names.simpler["mixed"][-1] < names.quiz["C"][0, -1]


def test_dropout_keeps_the_mean(chapter):
    """Mean and variance by all sixteen masks."""
    terms, q = np.array([0.5, -2, 3, 8]), 0.4
    values, chances = [], []
    for mask in range(16):
        m = np.array([mask >> k & 1 for k in range(4)])
        values.append(m @ terms / (1 - q))
        chances.append(np.prod(np.where(m, 1 - q, q)))
    mean = np.dot(chances, values)
    variance = np.dot(chances, (np.array(values) - mean) ** 2)
    assert after(chapter, "by the formula") == f"by the formula: {mean:.2f}, {variance:.2f}"
    assert variance == pytest.approx(q / (1 - q) * np.sum(terms**2))
    measured = numbers(after(chapter, "a m / (1 - q)").split("mean")[1])
    assert measured == pytest.approx([mean, variance], rel=0.01)
    undivided = numbers(after(chapter, "a m  ").split("mean")[1])
    assert undivided == pytest.approx([mean * (1 - q), variance * (1 - q) ** 2], rel=0.01)


def test_luck(chapter, names):
    for right in (24, 25, 26):
        p = Fraction(sum(comb(30, k) for k in range(right, 31)), 2**30)
        best = 1 - float(1 - p) ** 10_000
        assert after(chapter, f"{right} or more") == f"{right} or more: one {float(p):.1e}, best of 10000 {best:.2f}"
    assert names.p == pytest.approx(float(p), rel=1e-9)
    assert [round(100 * k / 30) for k in (25, 26)] == [83, 87]
    assert len(chapter.out) == 2 + 4 + 8 + 1 + 3 + 14 + 5 + 2 + 10 + 6 + 6 + 3 + 3


# what the page asks


def test_questions(names):
    fault, memory, luck = answers_of("training-guide")
    verdict = names.diagnose([0.9] * 9, [1.1] * 9, target=0.3)
    assert fault == 1 and verdict == "model bias?" and names.diagnose([0.2], [1.1], target=0.3) == "overfitting"
    rng = np.random.default_rng(8)
    labels = np.sin(2 * np.pi * rng.uniform(size=(2, 400_000))) + rng.normal(0, 0.2, (2, 400_000))
    miss, still = np.mean((labels[0] - labels[1]) ** 2), np.var(labels[0])
    assert [float(value) for value in memory] == pytest.approx([miss, still, 0.2**2, 0], abs=0.006)
    shares = np.cumsum([comb(30, right) / 2**30 for right in range(31)]) ** 10_000  # P(best has at most that many)
    best = np.sum(np.arange(31) * np.diff(shares, prepend=0)) / 30
    assert luck == 2 and best == pytest.approx(0.84, abs=0.01)
    one = sum(comb(30, right) for right in range(25, 31)) / 2**30
    assert 1 / one == pytest.approx(6000, rel=0.05)
    ten = np.sum(np.arange(31) * np.diff(shares ** (1 / 1000), prepend=0)) / 30
    assert ten == pytest.approx(0.65, abs=0.02)
