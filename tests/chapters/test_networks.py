"""Chapter `networks`: what its code prints, draws and claims, by a second way where there is one."""

from __future__ import annotations

import re
from itertools import pairwise, permutations

import matplotlib
import numpy as np
import pytest
from asked import answers_of
from matplotlib.colors import to_hex  # noqa: E402
from mlp import backward, cross_entropy, forward, init_mlp, mse  # noqa: E402
from numerical_gradient import numerical_gradient  # noqa: E402
from sklearn.datasets import load_digits
from states import states_of
from views import views_series  # noqa: E402

HIDDEN = ["0", "3", "10", "30", "100", "300"]


def after(chapter, start: str) -> list[str]:
    found = [line[len(start):].strip() for line in chapter.out if line.startswith(start)]
    assert found, start
    return found


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", text)]


def cycle(place: int) -> str:
    return to_hex(matplotlib.rcParams["axes.prop_cycle"].by_key()["color"][place])


def sigmoid(z):
    return 0.5 * (1 + np.tanh(z / 2))


def test_panels_of_each_figure(chapter):
    assert [len(figure.axes) for figure in chapter.figures] == [1, 1, 1, 2, 2, 1, 2, 1]
    sizes = [tuple(figure.get_size_inches().tolist()) for figure in chapter.figures]
    assert sizes == [(5.6, 3.2), (5.6, 3.2), (5.6, 2.4), (6.4, 5.4), (6, 2.6), (4.8, 3.2), (6.4, 3), (5.6, 3.6)]
    assert [chapter.figures[k].axes[0].get_gridspec().nrows for k in (3, 4, 6)] == [2, 1, 1]
    for ax in (chapter.figures[0].axes[0], *chapter.figures[3].axes):  # nothing of the wires is cut off
        low, high = ax.get_ylim()
        assert low == -high and all(low < text.get_position()[1] < high for text in ax.texts)
    assert {patch.get_alpha() for patch in chapter.figures[2].axes[0].patches} == {0.35, None}


# --- from sums to matrices ----------------------------------------------------------------------------


def test_the_example_by_hand(chapter, names):
    x, w = (1, 2), [(1, -1), (2, 1), (1, -2)]
    z = [w[j][0] * x[0] + w[j][1] * x[1] + (1, -2, 1)[j] for j in range(3)]
    assert z == [0, 2, -2]
    a = [1 / (1 + np.exp(-value)) for value in z]
    assert a[0] == 0.5 and a[1] + a[2] == pytest.approx(1)
    assert 1 + 4 * a[0] + a[1] + a[2] == pytest.approx(4)
    assert after(chapter, "z: [ 0.  2. -2.]") == ["a: [0.5  0.88 0.12]"]
    assert names.by_sums((1, 2)) == pytest.approx(4)


def test_sums_and_matrices_agree(chapter, names):
    assert after(chapter, "sums:") == after(chapter, "matrix:") == ["[4.     3.5379 6.9233]"]
    rng = np.random.default_rng(3)
    W = np.array([[1, 2, 1], [-1, 1, -2]])
    for x in rng.normal(size=(20, 2)):
        expected = 1 + np.array([4, 1, 1]) @ sigmoid(np.array([1, -2, 1]) + W.T @ x)
        assert names.by_sums(x) == pytest.approx(expected)
        assert names.sigmoid(x) == pytest.approx(sigmoid(x))


def wires(ax) -> set:
    """Label, start and end of each grey line."""
    middle = {}
    for text in ax.texts:
        if to_hex(text.get_color()) == to_hex("0.4"):
            middle[text.get_position()] = text.get_text()
    found = set()
    for line in ax.lines:
        (x0, x1), (y0, y1) = line.get_data()
        for (x, y), label in middle.items():
            share = (x - x0) / (x1 - x0)
            if 0.15 < share < 0.85 and y == pytest.approx(y0 + share * (y1 - y0)) and label:
                found.add((label, x0, round(y0, 6), x1, round(y1, 6)))
    return found


def test_the_first_drawing(chapter):
    (ax,) = chapter.figures[0].axes
    expected = set()
    for i, row in enumerate([[1, 2, 1], [-1, 1, -2]]):
        expected |= {(str(w), 0, 0.5 - i, 1, 1.0 - j) for j, w in enumerate(row)}
    expected |= {(str(c), 1, 1.0 - j, 2, 0.0) for j, c in enumerate((4, 1, 1))}
    assert len(ax.lines) == 9 and expected <= wires(ax)
    circles = {t.get_text(): t.get_position() for t in ax.texts if t.get_text().startswith("$")}
    assert circles == {"$x_1$": (0, 0.5), "$x_2$": (0, -0.5), "$a_1$": (1, 1), "$a_2$": (1, 0), "$a_3$": (1, -1),
                       r"$\hat{y}$": (2, 0)}
    assert ax.get_xlim() == pytest.approx((-0.3, 2.3)) and ax.get_ylim() == (-1.5, 1.5) and not ax.axison
    places = [t.get_position() for t in ax.texts if not t.get_text().startswith("$")]
    gaps = [np.hypot(p[0] - q[0], p[1] - q[1]) for p in places for q in places if p != q]
    assert len(set(places)) == 9 and min(gaps) > 0.1  # no label on another
    for t in ax.texts:
        assert t.get_ha() == t.get_va() == "center"
        box = t.get_bbox_patch()
        assert to_hex(box.get_facecolor()) == "#ffffff"
        if t.get_text().startswith("$"):
            assert to_hex(box.get_edgecolor()) == cycle(0) and t.get_zorder() > ax.lines[0].get_zorder()


# --- a weight is not a slope --------------------------------------------------------------------------


def test_slopes_of_the_units(chapter, names):
    assert after(chapter, "weights w_1j:") == ["[1. 2. 1.]"]
    half, flat = 0.25, sigmoid(2) * sigmoid(-2)
    expected = [4 * half * 1, 1 * flat * 2, 1 * flat * 1]
    assert names.parts == pytest.approx(expected)
    assert after(chapter, "slopes:") == ["[1.    0.21  0.105]"]
    assert after(chapter, "sum:") == ["1.315 difference: 1.315"]
    assert names.quotient == pytest.approx(sum(expected), abs=1e-8)
    for h in (1e-4, 1e-5):
        moved = (names.by_sums((1 + h, 2)) - names.by_sums((1 - h, 2))) / (2 * h)
        assert moved == pytest.approx(sum(expected), abs=1e-6)


def test_no_slope_exceeds_a_quarter_of_the_product():
    z = np.linspace(-20, 20, 4001)
    slope = sigmoid(z) * sigmoid(-z)
    assert slope.max() == slope[2000] == 0.25
    assert slope == pytest.approx(0.25 - (sigmoid(z) - 0.5) ** 2)


def test_tangents(chapter):
    (ax,) = chapter.figures[1].axes
    curve, *tangents, weight = ax.lines
    x = np.asarray(curve.get_xdata())
    assert (x[0], x[-1]) == (-2, 2)
    assert curve.get_ydata() == pytest.approx(2 * sigmoid(3 * x))
    said = []
    for line, at in zip(tangents, (-1.2, 0, 0.7), strict=True):
        (x0, x1), (y0, y1) = line.get_data()
        h = 1e-5
        slope = (2 * sigmoid(3 * (at + h)) - 2 * sigmoid(3 * (at - h))) / (2 * h)
        assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((at, 2 * sigmoid(3 * at)))
        assert (y1 - y0) / (x1 - x0) == pytest.approx(slope)
        assert to_hex(line.get_color()) == cycle(1) and x1 - x0 == pytest.approx(0.9)
        said.append(f"{slope:.2f}")
    assert said == ["0.16", "1.50", "0.58"]
    assert [t.get_text() for t in ax.texts] == [*said, "3"]
    (x0, x1), (y0, y1) = weight.get_data()
    assert (y1 - y0) / (x1 - x0) == pytest.approx(3) and y0 - 1 == pytest.approx(3 * x0)
    assert weight.get_linestyle() == ":" and ax.get_ylabel() == r"$2\,\sigma(3x)$"
    assert list(ax.get_xticks()) == [-2, 0, 2] and list(ax.get_yticks()) == [0, 1, 2]
    assert [t.xyann for t in ax.texts] == [(8, -14)] * 3 + [(-12, -14)]  # beside its line, on none
    assert [t.xy for t in ax.texts[:3]] == [pytest.approx((at, 2 * sigmoid(3 * at))) for at in (-1.2, 0, 0.7)]


# --- counting, one vector -----------------------------------------------------------------------------


def test_counts(chapter, names):
    for d, total in ((1, 10), (2, 13), (3, 16), (7, 28)):
        assert after(chapter, f"{d}-3-1:") == [str(total)]
        assert total == 3 * (d + 2) + 1 == names.n_params([d, 3, 1])
    assert after(chapter, "56-100-100-1:") == ["15901 15901"]
    rng = np.random.default_rng(0)
    for _ in range(20):
        sizes = rng.integers(1, 9, rng.integers(2, 6)).tolist()
        net = init_mlp(sizes, rng)
        assert names.n_params(sizes) == sum(W.size + b.size for W, b in net)


def test_areas(chapter):
    (ax,) = chapter.figures[2].axes
    boxes = [(p.get_x(), p.get_y(), p.get_width(), p.get_height(), to_hex(p.get_facecolor())) for p in ax.patches]
    left = 0
    for place, (rows, columns) in enumerate(((56, 100), (100, 100), (100, 1))):
        assert boxes[2 * place] == (left, -rows, columns, rows, cycle(0))
        assert boxes[2 * place + 1] == (left, 8, columns, 6, cycle(1))
        assert ax.texts[place].get_text() == f"{rows * columns} + {columns}"
        assert ax.texts[place].get_position() == (left + columns / 2, 20) and ax.texts[place].get_ha() == "center"
        left += columns + 40
    assert ax.get_aspect() == 1 and ax.get_xlim() == (-5, left) and ax.get_ylim() == (-104, 40) and not ax.axison


def test_flatten_and_back(chapter, names):
    assert after(chapter, "there and back:") == ["True"]
    sizes = [3, 4, 2, 1]
    net = init_mlp(sizes, np.random.default_rng(5))
    theta = names.flatten(net)
    assert theta.shape == (names.n_params(sizes),)
    assert theta.tolist() == [v for W, b in net for part in (W, b) for v in part.reshape(-1)]
    for (W, b), (W2, b2) in zip(net, names.unflatten(theta, sizes), strict=True):
        assert np.array_equal(W, W2) and np.array_equal(b, b2)


def test_one_gradient_one_step(chapter, names):
    rng = np.random.default_rng(0)
    theta = rng.normal(size=13)
    X, y = np.array([[1.0, 2], [0, 1], [3, -1]]), np.array([[4.0], [2], [5]])

    def L(theta):
        W1, b1, W2, b2 = theta[:6].reshape(2, 3), theta[6:9], theta[9:12], theta[12]
        return np.mean((sigmoid(X @ W1 + b1) @ W2 + b2 - y[:, 0]) ** 2)

    g = numerical_gradient(L, theta)
    assert names.g == pytest.approx(g, abs=1e-6) and names.quotients == pytest.approx(g, abs=1e-6)
    (line,) = after(chapter, "g: 13 numbers, off by")
    assert float(line) < 1e-7
    assert after(chapter, "L:") == [f"{L(theta):.3f}, after one step {L(theta - 0.02 * g):.3f}"]
    assert L(theta - 0.02 * g) < L(theta)
    net = names.unflatten(theta, [2, 3, 1])
    out, cache = forward(net, X)
    each = [(W - 0.02 * dW, b - 0.02 * db)
            for (W, b), (dW, db) in zip(net, backward(net, cache, mse(out, y)[1]), strict=True)]
    assert names.flatten(each) == pytest.approx(theta - 0.02 * names.g)


# --- the lecture's network ----------------------------------------------------------------------------


SLIDES = {(1, -1): [(0.98, 0.12), (0.86, 0.11), (0.62, 0.83)], (0, 0): [(0.73, 0.50), (0.72, 0.12), (0.51, 0.85)]}


def by_units(x):
    """Unit by unit, as the slide shows it."""
    p, q = x
    yield p, q
    for (u, v, b), (s, t, c) in (((1, -2, 1), (-1, 1, 0)), ((2, -1, 0), (-2, -1, 0)), ((3, -1, -2), (-1, 4, 2))):
        p, q = sigmoid(u * p + v * q + b), sigmoid(s * p + t * q + c)
        yield p, q


def test_the_digits_of_the_slides(chapter, names):
    assert sigmoid(1 * 1 + (-1) * (-2) + 1) == pytest.approx(0.98, abs=0.005)
    for x, layers in SLIDES.items():
        values = names.run_lecture(x)
        assert np.array(values) == pytest.approx(np.array(list(by_units(x))))
        assert [tuple(v.round(2)) for v in values[1:]] == layers
        assert " | ".join(f"{p:.2f} {q:.2f}" for p, q in layers) in chapter.out


def test_the_drawing_of_the_lecture(chapter):
    for ax, x in zip(chapter.figures[3].axes, SLIDES, strict=True):
        circles = {}
        for text in ax.texts:
            if text.get_fontsize() == 10 and text.get_bbox_patch() is not None:
                circles[text.get_position()] = text.get_text()
        for column, pair in enumerate(by_units(x)):
            for up, value in zip((0.8, -0.8), pair, strict=True):
                said = next(t for (a, b), t in circles.items() if a == column and abs(b - up) < 1e-9)
                assert said == (f"{value:.2f}" if column else str(value))
        biases = {t.get_position(): t.get_text() for t in ax.texts if to_hex(t.get_color()) == cycle(1)}
        assert biases == {(1, 1.55): "+1", (1, -1.55): "0", (2, 1.55): "0", (2, -1.55): "0",
                          (3, 1.55): "-2", (3, -1.55): "+2"}
        expected = set()
        for at, W in enumerate(([[1, -1], [-2, 1]], [[2, -2], [-1, -1]], [[3, -1], [-1, 4]])):
            expected |= {(str(W[i][j]), at, 0.8 - 1.6 * i, at + 1, 0.8 - 1.6 * j) for i in (0, 1) for j in (0, 1)}
        assert expected <= {(w, a, round(b, 6), c, round(d, 6)) for w, a, b, c, d in wires(ax)}
        assert len(ax.lines) == 12 and ax.get_ylim() == (-1.8, 1.8)


# --- without a bend -----------------------------------------------------------------------------------


def test_linear_layers_are_one(chapter, names):
    (off,) = after(chapter, "off by")
    assert float(off) < 1e-12
    assert after(chapter, "parameters: 89 or") == ["35"] and after(chapter, "rank:") == ["2 of 5"]
    assert 7 * 8 + 9 * 2 + 3 * 5 == 89 and 7 * 5 == 35
    x = np.arange(6.0)
    stepwise = x
    for W, b in names_of_collapse(names):
        stepwise = [sum(stepwise[i] * W[i, j] for i in range(len(stepwise))) + b[j] for j in range(W.shape[1])]
    assert x @ names.W_all + names.b_all == pytest.approx(stepwise)
    assert np.linalg.svd(names.W_all)[1][2] < 1e-12 < np.linalg.svd(names.W_all)[1][1]


def names_of_collapse(names):
    rng = np.random.default_rng(0)
    return [(rng.normal(size=(a, b)), rng.normal(size=b)) for a, b in pairwise((6, 8, 2, 5))]


def test_start(names):
    nets = names.start([2, 300, 4], 50, np.random.default_rng(1), b=0.5)
    assert [(W.shape, b.shape) for W, b in nets] == [((50, 2, 300), (50, 1, 300)), ((50, 300, 4), (50, 1, 4))]
    for (W, b), d_in in zip(nets, (2, 300), strict=True):
        assert W.std() == pytest.approx(1.4 / np.sqrt(d_in), rel=0.03) and abs(W.mean()) < 0.02
        assert b.std() == pytest.approx(0.5, rel=0.15) and abs(b.mean()) < 0.1
    assert not any(b.any() for _, b in names.start([2, 3, 4], 5, np.random.default_rng(1)))


@pytest.mark.parametrize("bend", [True, False])
def test_train_is_the_small_network_with_momentum(names, bend):
    """Each of the R networks alone, with the shared forward and backward; batches wrap round."""
    rng = np.random.default_rng(2)
    X, Y = rng.normal(size=(3, 7, 2)), np.eye(2)[rng.integers(0, 2, (3, 7))]
    nets = names.start([2, 5, 4, 2], 3, rng, b=0.5)
    kept = [(W.copy(), b.copy()) for W, b in nets]
    f = "relu" if bend else "linear"
    for loss, dL in ((mse, names.squares), (cross_entropy, names.dscores)):
        trained = names.train(nets, X, Y, dL, 0.02, 9, bend, B=3)
        for r in range(3):
            params = [(W[r], b[r, 0]) for W, b in kept]
            moves = [(0, 0)] * 3
            for t in range(9):
                k = [(3 * t + i) % 7 for i in range(3)]
                out, cache = forward(params, X[r, k], f)
                grads = backward(params, cache, loss(out, Y[r, k])[1])
                rate = 0.02 * (9 - t) / 9
                moves = [(0.9 * mW - rate * dW, 0.9 * mb - rate * db)
                         for (mW, mb), (dW, db) in zip(moves, grads, strict=True)]
                params = [(W + mW, b + mb) for (W, b), (mW, mb) in zip(params, moves, strict=True)]
            for (W, b), (W2, b2) in zip(params, trained, strict=True):
                assert W2[r] == pytest.approx(W) and b2[r, 0] == pytest.approx(b)
            assert names.values(trained, X, bend)[-1][r] == pytest.approx(forward(params, X[r], f)[0])
    assert all(np.array_equal(W, V) for (W, _), (V, _) in zip(nets, kept, strict=True))  # not changed
    few = names.train(nets, X, Y, names.squares, 0.01, 2, bend)  # B is 50 unless told: all seven
    assert few[0][0] == pytest.approx(names.train(nets, X, Y, names.squares, 0.01, 2, bend, B=7)[0][0])


def test_batches_of_fifty(names):
    rng = np.random.default_rng(2)
    X, Y = rng.normal(size=(1, 120, 2)), rng.normal(size=(1, 120, 1))
    nets = names.start([2, 3, 1], 1, rng)
    default, fifty = (names.train(nets, X, Y, names.squares, 0.01, 5, **B) for B in ({}, {"B": 50}))
    assert np.array_equal(default[0][0], fifty[0][0])
    assert not np.allclose(default[0][0], names.train(nets, X, Y, names.squares, 0.01, 5, B=120)[0][0])


def test_the_tent_needs_a_bend(chapter, names):
    x = np.arange(65) / 64
    tent = np.minimum(2 * x, 2 - 2 * x)
    best_line = np.polyval(np.polyfit(x, tent, 1), x)
    floor = np.mean((best_line - tent) ** 2)
    assert floor == pytest.approx(np.var(tent))  # the best line is flat
    said = {}
    for bend in (False, True):
        misses = ((names.fits[bend] - tent) ** 2).mean(axis=1)
        assert misses.shape == (20,)
        said[bend] = misses
        assert after(chapter, f"bend {bend}: median miss") == [f"{np.median(misses):.4f}"]
    assert said[False] == pytest.approx([floor] * 20, abs=1e-5)
    assert np.median(said[True]) < 0.001 and 11 <= (said[True] < 0.01).sum() < 20  # most, not all
    figure = chapter.figures[4]
    for ax, bend in zip(figure.axes, (False, True), strict=True):
        grey, *fitted = ax.lines
        assert grey.get_ydata() == pytest.approx(tent) and grey.get_xdata() == pytest.approx(x)
        assert to_hex(grey.get_color()) == to_hex("0.6") and len(fitted) == 5
        for line, fit in zip(fitted, names.fits[bend][:5], strict=True):
            assert np.array_equal(line.get_ydata(), fit) and to_hex(line.get_color()) == cycle(0)
            assert line.get_xdata() == pytest.approx(x)
        assert ax.get_title() == ("with bend" if bend else "no bend")
        assert list(ax.get_xticks()) == [0, 0.5, 1] and list(ax.get_yticks()) == [0, 1]
    flat = [np.ptp(fit[40:]) < 0.01 for fit in names.fits[True][:5]]
    assert sum(flat) == 1  # "the flat line on the right"


# --- depth --------------------------------------------------------------------------------------------


def test_folds(chapter, names):
    x = np.arange(4097) / 4096
    for k in (1, 2, 3, 6, 10):
        saw = x
        for _ in range(k):
            saw = np.minimum(2 * saw, 2 - 2 * saw)
        net = names.folds(k)
        assert np.array_equal(forward(net, x[:, None], "relu")[0][:, 0], saw)
        assert len(net) == k + 1 and names.flatten(net).size == 6 * k + 1
        corners = np.abs(np.diff(saw, 2)) > 0
        assert names.pieces(saw) == corners.sum() + 1 == 2**k
        assert after(chapter, f"k = {k:2}: P = {6 * k + 1}, deep {2**k}, wide") == [f"{2 * k + 1} at most"]
        assert names.n_params([1, 2 * k, 1]) == 6 * k + 1


def test_by_hand(names):
    def t(x):
        return 2 * max(0, x) - 4 * max(0, x - 0.5)

    assert [t(0.3), t(0.6), t(0.8)] == pytest.approx([0.6, 0.8, 0.4])


def test_few_pieces_are_off_by_a_half():
    """Any wide network with 2k ReLUs, fitted as well as least squares can: off by at least 1/2 somewhere."""
    rng = np.random.default_rng(0)
    k = 5
    x = np.arange(2**k + 1) / 2**k
    saw = np.arange(2**k + 1) % 2
    for _ in range(200):
        F = np.column_stack([np.ones_like(x), x, np.maximum(0, x[:, None] - np.sort(rng.random(2 * k)))])
        fit = F @ np.linalg.lstsq(F, saw, rcond=None)[0]
        assert np.abs(fit - saw).max() >= 0.5 - 1e-9


def test_every_state_of_the_folds(names):
    x, saw, place = np.arange(4097) / 4096, np.arange(4097) / 4096, 0.3
    states = states_of("networks", "fold", vars(names))
    assert list(states) == ["1", "2", "3", "4", "5", "6", "7"]
    for k, state in enumerate(states.values(), 1):
        (ax,) = state.figure.axes
        saw, place = np.minimum(2 * saw, 2 - 2 * saw), min(2 * place, 2 - 2 * place)
        curve, stem, dot = ax.lines
        assert np.array_equal(curve.get_ydata(), saw) and np.array_equal(curve.get_xdata(), x)
        assert stem.get_xdata() == pytest.approx([0.3, 0.3]) and stem.get_ydata() == pytest.approx([0, place])
        assert (dot.get_xdata()[0], dot.get_ydata()[0]) == pytest.approx((0.3, place))
        assert to_hex(curve.get_color()) == cycle(0) and {to_hex(a.get_color()) for a in (stem, dot)} == {cycle(1)}
        assert ax.get_title() == str(2**k) and list(ax.get_xticks()) == [0, 0.3, 1]
        assert list(ax.get_yticks()) == [0, 1] and ax.get_ylim() == (-0.05, 1.08)
        assert place == pytest.approx((0.6, 0.8, 0.4, 0.8, 0.4, 0.8, 0.4)[k - 1])
        assert stem.get_linestyle() == ":" and dot.get_marker() == "o"


def pieces_of(net, x) -> int:
    """By slopes: how often the slope of the curve changes."""
    slope = np.diff(forward(net, x[:, None], "relu")[0][:, 0]) / np.diff(x)
    changes = np.abs(np.diff(slope)) > 1e-7
    return 1 + int((changes[1:] & ~changes[:-1]).sum() + changes[0])


def test_random_networks_have_pieces_per_unit_not_per_layer(chapter, names):
    rows = {}
    for sizes in ([1, 120, 1], [1, 17, 17, 1], [1, 10, 10, 10, 10, 1]):
        units = sum(sizes[1:-1])
        (line,) = after(chapter, f"P = {names.n_params(sizes)}, {units:3} units:")
        rows[tuple(sizes)] = median, low, high = numbers(line.replace("-", " "))
        nets = names.start(sizes, 20, np.random.default_rng(0), b=0.5)
        counted = [pieces_of([(W[r], b[r, 0]) for W, b in nets], np.linspace(0, 1, 20001)) for r in range(20)]
        assert np.median(counted) == pytest.approx(median, abs=3)
        assert low <= median <= high and 0.25 < median / units < 0.5
        assert low == pytest.approx(min(counted), abs=3) and high == pytest.approx(max(counted), abs=4)
    wide, two, four = rows.values()
    assert wide[1] > max(two[2], four[2]) and abs(two[0] - four[0]) <= 3
    for seed in (1, 2):  # other seeds
        nets = [names.start(list(s), 20, np.random.default_rng(seed), b=0.5) for s in rows]
        medians = [np.median([pieces_of([(W[r], b[r, 0]) for W, b in net], np.linspace(0, 1, 8001))
                              for r in range(20)]) for net in nets]
        assert medians[0] > 2 * max(medians[1:])


def saws(names, sizes, lr, seed, updates=600):
    x = np.arange(65) / 64
    saw = forward(names.folds(3), x[:, None], "relu")[0][:, 0]
    nets = names.start(sizes, 20, np.random.default_rng(seed), b=0.5)
    nets = names.train(nets, x[None, :, None], saw[None, :, None], names.squares, lr, updates, B=65)
    return ((names.values(nets, x[None, :, None], True)[-1][:, :, 0] - saw) ** 2).mean(axis=1), saw


def test_descent_does_not_find_the_folds(chapter, names):
    (said,) = after(chapter, "constant 1/2:")
    for depth, sizes, lr in ((4, [1, 2, 2, 2, 1], 0.03), (2, [1, 6, 1], 0.2)):
        assert names.n_params(sizes) == 19
        miss, saw = saws(names, sizes, lr, 0)
        assert float(said) == pytest.approx(np.mean((saw - 0.5) ** 2), abs=6e-5)
        (line,) = after(chapter, f"depth {depth}, P = 19:")
        median, best = numbers(line)
        assert (median, best) == pytest.approx((np.median(miss), miss.min()), abs=6e-5)
        assert miss.min() > 0.04
        others = {rate: np.median(saws(names, sizes, rate, 1)[0]) for rate in (0.01, 0.03, 0.1, 0.2)}
        assert others[lr] < min(others.values()) + 0.0015  # no rate of the four is clearly better
        assert saws(names, sizes, lr, 2)[0].min() > 0.03  # other starts
        rows = np.median(miss)
        assert rows > 0.95 * np.var(saw) if depth == 4 else rows < np.var(saw)
    assert saws(names, [1, 2, 2, 2, 1], 0.03, 3, updates=2400)[0].min() > 0.02  # nor in four times as long


# --- how many -----------------------------------------------------------------------------------------


def cases(seed):
    dates, views = views_series(seed)
    change = (views[1:] - views[:-1]) / 1000
    names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    day = np.array([names.index(d.strftime("%a")) for d in dates.tolist()])
    return {
        "weekday, last change": (np.stack([day[2:], change[:-1]], axis=1), change[1:]),
        "last six changes": (np.stack([change[i:len(change) - 6 + i] for i in range(6)], axis=1), change[6:]),
    }


def fitted(X, y, seed, strength=1e-6):
    """By lstsq on an extended system; the same random units."""
    rng = np.random.default_rng(seed)
    late, rows = len(y) - 730, []
    mu, sd = X[:late].mean(axis=0), X[:late].std(axis=0)
    X = (X - mu) / sd
    d = X.shape[1]
    W, b = rng.normal(0, d**-0.5, (d, 300)), rng.normal(size=300)
    H = X @ W + b
    H = H * (H > 0)
    for h in (0, 3, 10, 30, 100, 300):
        F = np.column_stack([np.ones(len(y)), X, H[:, :h]])
        n = F.shape[1]
        tall = np.vstack([F[:late], np.sqrt(strength) * np.eye(n)])
        w = np.linalg.lstsq(tall, np.append(y[:late], np.zeros(n)), rcond=None)[0]
        miss = np.abs(y - F @ w)
        rows.append([miss[:late].mean(), miss[late:-365].mean(), miss[-365:].mean()])
    return np.array(rows)


def test_features_and_label(names):
    for name, (X, y) in cases(4).items():
        X2, y2 = names.case(name, 4)
        assert X2 == pytest.approx(X) and y2 == pytest.approx(y)


@pytest.mark.parametrize("strength", [1e-6, 1])
def test_misses(names, strength):
    for X, y in cases(3).values():
        expected = fitted(X, y, 3, strength)
        assert names.misses(X, y, 3, strength)[:5] == pytest.approx(expected[:5], abs=2e-4)
        assert names.misses(X, y, 3, strength)[5] == pytest.approx(expected[5], rel=0.03)
    assert np.array_equal(names.misses(X, y, 3), names.misses(X, y, 3, 1e-6))


def test_validation_turns_round(chapter, names):
    noise = 0.24 * np.sqrt(2 / np.pi)
    assert noise == pytest.approx(0.1915, abs=1e-4)
    for place, name in enumerate(("weekday, last change", "last six changes")):
        runs = np.array([names.misses(*names.case(name, s), s) for s in range(20)])
        train, validation, test = np.median(runs, axis=0).T
        start = chapter.out.index(f"{name}: h, training, validation")
        for line, h, row in zip(chapter.out[start + 1:], (0, 3, 10, 30, 100, 300), zip(train, validation, strict=True),
                                strict=False):
            assert numbers(line) == pytest.approx([h, *row], abs=6e-4)
        assert (np.diff(train) < 0).all() and (np.diff(runs[:, :, 0], axis=1) < 0.02).all()
        assert validation.argmin() in (3, 4) and validation[5] > validation[3:5].min() + 0.04
        assert train[5] < noise < validation.min()
        picks = runs[:, :, 1].argmin(axis=1)
        assert set(picks) == {3, 4}
        gain = runs[:, 0, 2] - runs[np.arange(20), picks, 2]
        assert (gain > 0).all()
        assert chapter.out[start + 7] == f"  chosen: 30 100 gain {gain.mean():.3f} in 20/20"
        ax = chapter.figures[6].axes[place]
        blue, red, dotted = ax.lines
        assert blue.get_ydata() == pytest.approx(train) and red.get_ydata() == pytest.approx(validation)
        assert list(blue.get_xdata()) == list(red.get_xdata()) == list(range(6))
        assert to_hex(blue.get_color()) == cycle(0) and to_hex(red.get_color()) == cycle(1)
        assert dotted.get_ydata() == pytest.approx([noise] * 2) and dotted.get_linestyle() == ":"
        assert ax.get_title() == name and [t.get_text() for t in ax.get_xticklabels()] == HIDDEN
        low, high = ax.get_ylim()
        assert low < train.min() < low + 0.05 and validation.max() < high < 0.41
    first, second = chapter.figures[6].axes
    assert (first.get_ylabel(), second.get_ylabel()) == ("mean absolute miss", "")
    assert {t.get_text(): to_hex(t.get_color()) for t in first.texts} == {"training": cycle(0), "validation": cycle(1)}
    for text, line, side in zip(first.texts, first.lines[:2], (-1, 1), strict=True):  # below its curve, above it
        x, y = text.get_position()
        off = side * (y - np.interp([x, x + 1, x + 2], line.get_xdata(), line.get_ydata()))
        assert 0.02 < off.min() and off.max() < 0.2 and first.get_ylim()[0] < y < first.get_ylim()[1]


# --- how much data ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def draws():
    digits = load_digits()
    return digits.data / 16, digits.target, [np.random.default_rng(seed).permutation(1797) for seed in range(10)]


def test_dscores_is_the_gradient_of_cross_entropy(names):
    rng = np.random.default_rng(0)
    Z, Y = rng.normal(size=(2, 5, 3)), np.eye(3)[rng.integers(0, 3, (2, 5))]
    for r in range(2):
        expected = numerical_gradient(lambda z, r=r: cross_entropy(z, Y[r])[0], Z[r])
        assert names.dscores(Z, Y)[r] == pytest.approx(expected, abs=1e-8)
    assert np.isfinite(names.dscores(1000 * Z, Y)).all()


def test_accuracy_over_data(chapter, names, draws):
    pixels, label, order = draws
    assert names.ns == [20, 160, 1280]
    for k, kept in zip(order, names.order, strict=True):
        assert np.array_equal(k, kept)
    assert np.array_equal(names.test, names.order[:, 1297:])
    settings = {"none": ([], 1), "8": ([8], 0.1), "64": ([64], 0.3)}
    right = {name: np.array([names.accuracy(hidden, n, lr) for n in (20, 160, 1280)])
             for name, (hidden, lr) in settings.items()}
    for name, shares in right.items():
        assert shares.shape == (3, 10) and names.right[name] == pytest.approx(shares)
        assert chapter.out[[line.split()[0] for line in chapter.out].index(name)].split()[1:] == [
            str(v) for v in shares.mean(axis=1).round(3)]
    ahead = (right["64"] > right["none"]).sum(axis=1)
    assert after(chapter, "64 ahead of none:") == [" ".join(f"{a}/10" for a in ahead)]
    assert 2 <= ahead[0] <= 8 and ahead[2] >= 9
    for n in range(3):
        assert right["8"][n].mean() < min(right["none"][n].mean(), right["64"][n].mean()) - 0.05
    near = right["nearest"] = np.array([
        [np.mean([label[k[((pixels[k[:n]] - pixels[t]) ** 2).sum(axis=1).argmin()]] == label[t] for t in k[1297:]])
         for k in order] for n in (20, 160, 1280)])
    assert names.right["nearest"] == pytest.approx(near, abs=0.004)
    assert numbers(after(chapter, "nearest")[0]) == pytest.approx(near.mean(axis=1), abs=0.001)
    for n in range(3):
        assert near[n].mean() > max(right[name][n].mean() for name in settings)


def test_an_accuracy_is_a_share_of_unseen_images(names, draws):
    """One network of ten, by the shared code: same start, same steps, the last 500 images."""
    pixels, label, order = draws
    for hidden, n, lr in (([], 20, 1), ([8], 20, 0.1), ([64], 160, 0.3)):
        nets = names.start([64, *hidden, 10], 10, np.random.default_rng(n))
        k = np.array([o[:n] for o in order])
        nets = names.train(nets, pixels[k], np.eye(10)[label[k]], names.dscores, lr, 300)
        shares = names.accuracy(hidden, n, lr)
        for r in (0, 7):
            Z = forward([(W[r], b[r, 0]) for W, b in nets], pixels[order[r][1297:]], "relu")[0]
            assert shares[r] == pytest.approx(np.mean(Z.argmax(axis=1) == label[order[r][1297:]]))


@pytest.mark.parametrize(("hidden", "lr", "rates"), [([], 1, (0.1, 0.3, 1, 3)), ([8], 0.1, (0.03, 0.1, 0.3)),
                                                     ([64], 0.3, (0.1, 0.3, 1))])
def test_the_rates_are_the_best(names, hidden, lr, rates):
    """On other draws: averaged over the three amounts, no rate of the sweep is clearly better."""
    pixels, label = names.pixels, names.label
    order = np.array([np.random.default_rng(seed).permutation(1797) for seed in range(100, 110)])
    mean = {}
    for rate in rates:
        shares = []
        for n in (20, 160, 1280):
            nets = names.start([64, *hidden, 10], 10, np.random.default_rng(n))
            k = order[:, :n]
            with np.errstate(all="ignore"):
                nets = names.train(nets, pixels[k], np.eye(10)[label[k]], names.dscores, rate, 300)
                Z = names.values(nets, pixels[order[:, 1297:]], True)[-1]
            shares.append((Z.argmax(axis=2) == label[order[:, 1297:]]).mean())
        mean[rate] = np.mean(shares)
    assert mean[lr] > max(mean.values()) - 0.006, mean


def test_data_drawn(chapter, names):
    (ax,) = chapter.figures[7].axes
    colors = {"none": cycle(2), "8": cycle(4), "64": cycle(0), "nearest": to_hex("0.5")}
    lines = iter(ax.lines)
    last = -np.inf
    for name, color in colors.items():
        for place in range(3):
            dots, stroke = next(lines), next(lines)
            wrong = 1 - names.right[name][place]
            assert dots.get_ydata() == pytest.approx(wrong) and len(set(dots.get_xdata())) == 1
            assert stroke.get_ydata()[0] == pytest.approx(wrong.mean())
            assert stroke.get_xdata()[0] == dots.get_xdata()[0] and abs(dots.get_xdata()[0] - place) < 0.3
            assert to_hex(dots.get_color()) == to_hex(stroke.get_color()) == color
            assert dots.get_marker() == "o" and stroke.get_marker() == "_"
        assert dots.get_xdata()[0] > last
        last = dots.get_xdata()[0]
    columns = sorted({dots.get_xdata()[0] for dots in ax.lines})[:4]
    assert np.diff(columns) == pytest.approx(-columns[0] / 1.5)  # evenly round the tick
    assert {t.get_text(): to_hex(t.get_color()) for t in ax.texts} == colors
    assert {t.get_position()[0] for t in ax.texts} == {0.61}
    heights = [t.get_position()[1] for t in ax.texts]
    assert all(a - b > 0.05 for a, b in pairwise(heights)) and 0 < min(heights) < max(heights) < 1
    assert [t.get_text() for t in ax.get_xticklabels()] == ["20", "160", "1280"] and ax.get_yscale() == "log"
    assert [float(t.get_text()) for t in ax.get_yticklabels()] == list(ax.get_yticks()) == [0.01, 0.03, 0.1, 0.3, 0.8]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("N", "share wrong")


# --- exercises ----------------------------------------------------------------------------------------


def test_how_wide(chapter):
    assert after(chapter, "64-32-10:") == [str(64 * 32 + 32 + 32 * 10 + 10)] == ["2410"]
    deep = 64 * 100 + 100 + 100 * 100 + 100 + 100 * 10 + 10
    assert after(chapter, "64-100-100-10:") == [str(deep)] == ["17610"]
    assert after(chapter, "64-234-10:") == ["17560"] and after(chapter, "64-235-10:") == ["17635"]
    assert 75 * 234 + 10 == 17560 <= deep < 17635 == 75 * 235 + 10


def test_same_function(chapter):
    rng = np.random.default_rng(0)
    (W1, b1), (W2, b2) = init_mlp([2, 3, 1], rng)
    first, second = after(chapter, "same function: True theta moved:")
    swap = [2, 0, 1]
    assert sorted(swap) == [0, 1, 2] and len(list(permutations(range(3)))) == 6
    moved = np.concatenate([(W1 - W1[:, swap]).ravel(), b1 - b1[swap], (W2 - W2[swap]).ravel()])
    s = np.array([2, 0.5, 10])
    scaled = np.concatenate([(W1 - W1 * s).ravel(), b1 - b1 * s, (W2[:, 0] - W2[:, 0] / s)])
    assert float(first) == pytest.approx(np.linalg.norm(moved), abs=0.006)
    assert float(second) == pytest.approx(np.linalg.norm(scaled), abs=0.006)


def test_threefold(chapter, names):
    x = np.arange(3**6 + 1) / 3**6
    for k in (1, 2, 5):
        expected = x
        for _ in range(k):
            expected = np.interp(expected, [0, 1 / 3, 2 / 3, 1], [0, 1, 0, 1])
        net = names.threefold(k)
        assert forward(net, x[:, None], "relu")[0][:, 0] == pytest.approx(expected, abs=1e-9)
        assert after(chapter, f"k = {k}: {12 * k - 2} parameters,") == [f"{3**k} pieces"]
    assert 6 * 9 + 1 == 55 < 58 == 12 * 5 - 2 and 2**9 > 3**5
    assert 2 * 9 + 1 < 511


def test_a_penalty_saves_many_units(chapter, names):
    rows = {}
    for strength in (1e-6, 0.1, 1, 10):
        runs = np.median([fitted(*cases(s)["last six changes"], s, strength) for s in range(5)], axis=0)
        (line,) = after(chapter, f"{strength:5g}:")
        hundred, _, many, _ = numbers(line)
        rows[strength] = hundred, many
        assert (hundred, many) == pytest.approx((runs[4, 1], runs[5, 1]), abs=0.004)
    assert rows[1e-6][1] > rows[1e-6][0] + 0.03
    assert min(many for _, many in rows.values()) < min(hundred for hundred, _ in rows.values())
    assert rows[10][1] < rows[10][0]


# what the page asks


def test_questions():
    parameters, rank, pieces = answers_of("networks")
    params = init_mlp([2, 3, 1], np.random.default_rng(0))
    weights, biases = sum(W.size for W, _ in params), [b.size for _, b in params]
    assert parameters == [f"{weights + sum(biases)}", f"{weights}", f"{weights + biases[0]}"]
    rng = np.random.default_rng(3)
    product = rng.normal(size=(6, 8)) @ rng.normal(size=(8, 2)) @ rng.normal(size=(2, 5))
    assert rank == [f"{(np.linalg.svd(product, compute_uv=False) > 1e-9).sum()}", "5", "8"] and rank[0] == "2"
    x = np.arange(2**14 + 1) / 2**14
    for _ in range(10):
        x = 1 - abs(1 - 2 * x)
    turns = (np.diff(np.sign(np.diff(x))) != 0).sum()
    assert pieces == [f"{turns + 1}", "20", "21"] and pieces[0] == "1024"
