"""Chapter `finding-a-function`: every number and every claim of the page, by a second way where there is one."""

from __future__ import annotations

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from asked import answers_of
from matplotlib.colors import to_hex  # noqa: E402
from matplotlib.text import Annotation  # noqa: E402
from shown import printed
from sklearn.datasets import load_digits
from states import states_of
from views import views_series

DAYS = [("Wed", 5, 5), ("Sun", 4, 5), ("Fri", 5, 4), ("Mon", 6, 6)]
SIGNAL = [0, 0, 1, 3, 3, 3, 1, 0]
SLID = [1, 3, 2, 0, -2, -3]
STRENGTHS = (3, 10, 30, 100, 300)
TRAIN, CHOOSE = 1297, 1497


@pytest.fixture(scope="module")
def data():
    """The digits in the order of the page, with the average image of the first 1,297 taken off: X, labels, average."""
    digits = load_digits()
    order = np.random.default_rng(0).permutation(1797)
    X, labels = digits.data[order] / 16, digits.target[order]
    average = X[:TRAIN].mean(axis=0)
    return SimpleNamespace(X=X - average, labels=labels, average=average)


def numbers(text: str) -> list[float]:
    return [float(part) for part in text.strip(" []").split()]


def least_squares(X, Y) -> np.ndarray:
    return np.linalg.pinv(np.column_stack([X, np.ones(len(X))])) @ Y


def colour(artist) -> str:
    return to_hex(artist.get_facecolor())


def cycle(number: int) -> str:
    return to_hex(f"C{number}")


# --- functions ----------------------------------------------------------------------------------------


def clashes_by_pairs(table) -> set:
    """By the definition: two rows of one input and two outputs."""
    return {x for (x, y), (u, v) in combinations(list(table), 2) if x == u and y != v}


def test_the_table_of_four_days(chapter, names):
    assert names.days == DAYS
    assert clashes_by_pairs((x, y) for _, x, y in DAYS) == {5}
    assert printed(chapter.out, "yesterday alone:") == ["[5]"]
    assert printed(chapter.out, "with the weekday:") == ["[]"]
    assert printed(chapter.out, "as a dict:") == ["{5: 4, 4: 5, 6: 6}"]


def test_clashes_agree_with_the_definition(names):
    rng = np.random.default_rng(0)
    for _ in range(200):
        table = [tuple(row) for row in rng.integers(0, 4, size=(6, 2)).tolist()]
        assert names.clashes(table) == clashes_by_pairs(table)
    assert names.clashes([(1, 2), (1, 2)]) == set()  # a row that stands there twice is no clash
    assert names.clashes([(1, 2), (1, 3), (1, 2)]) == {1}


def test_a_dict_keeps_the_last_output_without_a_word():
    assert dict([(5, 5), (5, 4)]) == {5: 4}


def test_arrows(chapter):
    left, right = chapter.figures[0].axes
    assert (left.get_title(), right.get_title()) == ("not a function", "a function")
    for ax, table in ((left, [(str(x), y) for _, x, y in DAYS]), (right, [(f"{d}, {x}", y) for d, x, y in DAYS])):
        places = {t.get_text(): t.get_position() for t in ax.texts if not isinstance(t, Annotation)
                  and t.get_position()[0] < 0}
        outputs = {t.get_text(): t.get_position()[1] for t in ax.texts if 1 < t.get_position()[0] < 1.2}
        assert set(places) == {x for x, _ in table} and set(outputs) == {"4", "5", "6"}
        assert all(x > -0.2 for x, _ in places.values())
        drawn = {}
        for arrow in ax.texts:
            if isinstance(arrow, Annotation):
                (x1, y1), (x0, y0) = arrow.xy, arrow.xyann
                assert (x0, x1) == (0, 1)
                source = min(places, key=lambda name: abs(places[name][1] - y0))
                target = min(outputs, key=lambda name: abs(outputs[name] - y1))
                assert abs(places[source][1] - y0) < 1e-9 and abs(outputs[target] - y1) < 1e-9
                drawn[source, int(target)] = to_hex(arrow.arrow_patch.get_edgecolor())
        assert set(drawn) == set(table)
        clash = clashes_by_pairs(table)
        assert all(c == cycle(1 if x in clash else 0) for (x, _), c in drawn.items())
        heights = [places[name][1] for name in sorted(places)]  # inputs rise as the outputs do
        assert heights == sorted(heights)
        assert heights[0] == 0 and heights[-1] == 3
        assert ax.get_xlim() == (-0.6, 1.3) and ax.get_ylim() == (-0.4, 3.6)  # labels inside, no empty space


def test_figures_fit_a_phone(chapter):
    """None is wider than 6.4 inches, so that text of 11 points stays readable at 390 pixels."""
    sizes = [tuple(figure.get_size_inches().tolist()) for figure in chapter.figures]
    assert sizes == [(5.6, 2.6), (5.2, 4.6), (4, 5.2), (5.6, 3.6), (5.6, 2.8)]


def thousands() -> np.ndarray:
    return views_series()[1] / 1000


def test_views_are_no_function_of_yesterdays(chapter):
    v = thousands()
    outputs: dict[str, set[str]] = {}
    for x, y in zip(v[:-1], v[1:]):
        outputs.setdefault(f"{x:.1f}", set()).add(f"{y:.1f}")
    several = sum(len(found) > 1 for found in outputs.values())
    assert several > 0.9 * len(outputs)
    assert f"{several} of {len(outputs)} inputs clash" in chapter.out
    table = {f"{x:.1f}" for x in v[:-366]}
    known = sum(f"{x:.1f}" in table for x in v[-366:-1])
    assert chapter.names.rounded[-1] == (v[-2].round(1), v[-1].round(1))  # yesterday, today
    assert printed(chapter.out, "last year:") == [f"{known} of 365 inputs in the table"]
    assert 0 < known < 365  # the table has holes


def test_the_search_finds_the_best_of_the_grid(chapter, names):
    v = thousands()
    x, y = v[:-1], v[1:]
    grid_w, grid_b = np.arange(61) * 0.02, np.arange(41) * 0.05
    misses = np.abs(y[None, None, :-365] - grid_b[None, :, None] - grid_w[:, None, None] * x[None, None, :-365])
    mean = misses.mean(axis=2)
    i, j = np.unravel_index(mean.argmin(), mean.shape)
    assert printed(chapter.out, "found: w =") == [f"{grid_w[i]:.2f}, b = {grid_b[j]:.2f}"]
    late = sum(abs(t - grid_b[j] - grid_w[i] * s) for s, t in zip(x[-365:], y[-365:])) / 365
    assert printed(chapter.out, "mean miss") == [f"{mean[i, j]:.2f}, in the last year {late:.2f}"]
    assert names.late_miss == pytest.approx(late) and names.miss == pytest.approx(mean[i, j])
    assert 0 < i < 60 and 0 < j < 40  # not at the rim of the grid
    assert 61**10 == 713_342_911_662_882_601


# --- three heads --------------------------------------------------------------------------------------


def test_scores_by_hand():
    x, W, b = [2, 1], [[1, 0, -1], [0, 2, 1]], [0, 1, 2]
    z = [b[k] + sum(x[j] * W[j][k] for j in range(2)) for k in range(3)]
    assert z == [2, 3, 1]


def test_fit_and_head(names):
    rng = np.random.default_rng(1)
    X, W, b = rng.normal(size=(50, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    found = names.fit(X, X @ W + b)
    assert found == pytest.approx(np.vstack([W, b])) and found.size == (3 + 1) * 2
    assert names.head(X, found) == pytest.approx(X @ W + b)


def test_three_heads_on_the_same_four_days(chapter, names):
    v = thousands()
    X = np.column_stack([v[i:len(v) - 4 + i] for i in range(4)])
    y = v[4:]
    change = y / v[3:-1] - 1
    kind = np.where(change < -0.03, 0, np.where(change < 0.03, 1, 2))
    number = least_squares(X[:-365], y[:-365])
    scores = least_squares(X[:-365], (kind[:-365, None] == np.arange(3)) * 1.0)

    def answer(days, W):
        return W[:-1].T @ np.asarray(days) + W[-1]

    assert printed(chapter.out, "number:") == [f"{answer(v[-5:-1], number):.2f}"]
    z = answer(v[-5:-1], scores)
    row, largest = printed(chapter.out, "scores:")[0].split("largest:")
    assert numbers(row) == pytest.approx(z, abs=0.0051) and int(largest) == int(np.argmax(z)) == 2
    assert z.sum() == pytest.approx(1)  # least squares on one-hot labels
    week = v[-5:-1].tolist()
    while len(week) < 11:
        week.append(float(answer(week[-4:], number)))
    assert numbers(printed(chapter.out, "sequence:")[0]) == pytest.approx(week[4:], abs=0.051)
    assert len(names.week) == 4 + 7
    assert np.array_equal(names.kind, kind) and kind[-1] == 2  # it did rise
    assert f"{100 * change[-1]:.0f}" == "9"


def test_the_week_has_no_dip(names):
    steps = np.abs(np.diff(names.week[4:]))
    assert steps.max() < 0.4  # the dip of the series is 0.8


def test_go(chapter, names):
    assert "72 (3, 15)" in chapter.out
    assert 19 * 19 == 361 and len({19 * i + j for i in range(19) for j in range(19)}) == 361
    mean = (0.6 * 3 + 0.4 * 15, 0.6 * 15 + 0.4 * 3)
    assert numbers(printed(chapter.out, "two numbers:")[0]) == pytest.approx(mean)
    assert printed(chapter.out, "a class:") == ["(3, 15)"]
    assert {k: int(votes) for k, votes in enumerate(names.votes) if votes} == {72: 60, 19 * 15 + 3: 40}


def test_two_numbers_with_the_smallest_squared_misses_are_the_means():
    def cost(i, j):
        return 60 * ((i - 3) ** 2 + (j - 15) ** 2) + 40 * ((i - 15) ** 2 + (j - 3) ** 2)

    best = min((cost(i / 10, j / 10), i / 10, j / 10) for i in range(190) for j in range(190))
    assert best[1:] == (7.8, 10.2)


def test_there_are_k_to_the_t_sequences(chapter):
    words = ["".join("ab"[n >> shift & 1] for shift in (2, 1, 0)) for n in range(8)]
    assert next(line for line in chapter.out if line.startswith("aaa")).split() == words
    assert len(words) == 2**3
    assert len(str(3000**1000)) == 3478 == int(1000 * np.log10(3000)) + 1


# --- arrays -------------------------------------------------------------------------------------------


def test_shapes(chapter, names):
    for name, shape in {"row": (4,), "image": (8, 8), "sound": (160,), "text": (6, 3)}.items():
        assert printed(chapter.out, f"{name:5} ") == [str(shape)]
    assert names.row == pytest.approx(thousands()[-5:-1])
    assert "".join("abn"[k] for k in names.text.argmax(axis=1)) == "banana" and names.text.sum() == 6
    assert np.array_equal(names.image, load_digits().images[3]) and load_digits().target[3] == 3
    loudest = np.abs(np.fft.rfft(names.sound, 8000)).argmax()  # 1 Hz apart at 8,000 samples a second
    assert abs(loudest - 440) <= 2 and names.sound[:2] == pytest.approx([0, np.sin(np.pi * 0.11)])


def test_a_linear_head_does_not_see_the_order(chapter, names):
    (said,) = printed(chapter.out, "scores differ by at most")
    assert float(said) < 1e-10
    digits = load_digits()
    X, one_hot = digits.data / 16, (digits.target[:, None] == np.arange(10)) * 1.0
    scores = np.column_stack([X, np.ones(len(X))]) @ least_squares(X[:1000], one_hot[:1000])
    assert np.allclose(names.normal, scores) and np.allclose(names.shuffled, scores)
    assert np.array_equal(names.mixed, np.random.default_rng(0).permutation(64))
    assert (scores.argmax(axis=1) == digits.target)[1000:].mean() > 0.85  # heads worth having


def test_kinds_picture(chapter, names):
    ax = chapter.figures[1].axes
    assert [a.get_title() for a in ax] == ["image", "image, shuffled", "text", "sound"]
    three = load_digits().images[3]
    shuffled = [[three.flat[names.mixed[8 * r + c]] for c in range(8)] for r in range(8)]
    for a, picture in zip(ax, (three, np.array(shuffled), names.text.T)):
        mesh, = a.collections
        assert np.asarray(mesh.get_array()).reshape(picture.shape)[::-1] == pytest.approx(picture)
        assert mesh.get_cmap().name == "gray_r" and a.get_aspect() == 1
    assert [t.get_text() for t in ax[2].get_yticklabels()] == ["n", "b", "a"]
    assert list(ax[2].get_yticks()) == [0.5, 1.5, 2.5]  # from the bottom: n, b, a
    assert "".join(t.get_text() for t in ax[2].get_xticklabels()) == "banana"
    assert list(ax[2].get_xticks()) == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert ax[0].get_xticks().size == ax[1].get_yticks().size == 0
    (line,) = ax[3].lines
    assert line.get_xdata() == pytest.approx(np.arange(160) / 8) and line.get_ydata() == pytest.approx(names.sound)
    assert line.get_xdata()[-1] < 20 and list(ax[3].get_xticks()) == [0, 10, 20] and ax[3].get_xlabel() == "ms"
    assert list(ax[3].get_yticks()) == [-1, 0, 1] and to_hex(line.get_color()) == cycle(0)


# --- tied weights -------------------------------------------------------------------------------------


def test_the_window_by_hand(chapter, names):
    assert [SIGNAL[i + 2] - SIGNAL[i] for i in range(6)] == SLID
    assert numbers(printed(chapter.out, "slid:")[0]) == SLID
    assert numbers(printed(chapter.out, "matrix:")[0]) == SLID
    (row,) = [line for line in chapter.out if line.endswith("np.correlate")]
    assert numbers(row.removesuffix("np.correlate").strip()) == SLID
    (row,) = [line for line in chapter.out if line.endswith("np.convolve")]
    assert numbers(row.removesuffix("np.convolve").strip()) == [-z for z in SLID]
    assert names.M.shape == (6, 8) and np.count_nonzero(names.M) == 12


def test_the_output_moves_with_the_data(chapter):
    moved = [0, *SIGNAL[:-1]]
    expected = [moved[i + 2] - moved[i] for i in range(6)]
    assert numbers(printed(chapter.out, "later:")[0]) == expected
    assert expected[1:] == SLID[:-1]


def test_moving_commutes_for_any_window_and_for_no_free_matrix(names):
    rng = np.random.default_rng(3)
    x = np.r_[0, rng.normal(size=6), 0]
    w, free = rng.normal(size=3), rng.normal(size=(6, 8))
    tied = np.array([np.r_[np.zeros(i), w, np.zeros(5 - i)] for i in range(6)])
    moved = np.r_[0, x[:-1]]
    assert tied @ x == pytest.approx(np.correlate(x, w))
    assert (tied @ moved)[1:] == pytest.approx((tied @ x)[:-1])
    assert np.abs((free @ moved)[1:] - (free @ x)[:-1]).max() > 0.1


def test_every_state_of_the_window(names):
    states = states_of("finding-a-function", "sliding", vars(names))
    assert list(states) == ["0", "1", "2", "3", "4", "5"]
    tie = {-1: cycle(1), 0: to_hex("0.75"), 1: cycle(0)}
    for i, state in enumerate(states.values()):
        signal, matrix, output = state.figure.axes
        *bars, span = signal.patches
        assert [bar.get_height() for bar in bars] == SIGNAL
        assert [bar.get_x() + bar.get_width() / 2 for bar in bars] == pytest.approx(range(8))
        window = [tie[-1], tie[0], tie[1]]
        assert [colour(b) for b in bars] == [to_hex("0.6")] * i + window + [to_hex("0.6")] * (5 - i)
        low, high = span.get_x(), span.get_x() + span.get_width()
        assert (low, high) == (i - 0.5, i + 2.5) and span.get_zorder() < bars[0].get_zorder()
        for marked in (span, matrix.patches[-1]):
            assert colour(marked) == cycle(4) and marked.get_alpha() == 0.2 and marked.get_linewidth() == 0
        *boxes, band = matrix.patches
        drawn = {(5 - b.get_y(), b.get_x()): (colour(b), b.get_alpha()) for b in boxes}
        assert drawn == {(r, r + k): (tie[k - 1], 1 if r == i else 0.3) for r in range(6) for k in range(3)}
        assert all(b.get_width() == b.get_height() == 1 for b in boxes)
        assert (band.get_y(), band.get_y() + band.get_height()) == (5 - i, 6 - i)
        assert matrix.get_xlim() == (-0.1, 8.1) and matrix.get_ylim() == (0, 6)  # a box stands below its value
        results = output.patches
        assert [b.get_height() for b in results] == SLID[:i + 1]
        assert [b.get_x() + b.get_width() / 2 for b in results] == pytest.approx(range(i + 1))
        assert [colour(b) for b in results] == [cycle(2)] * i + [cycle(4)]
        assert signal.get_ylim() == (0, 3.4) and output.get_ylim() == (-3.4, 3.4)
        assert signal.get_xlim() == output.get_xlim() == (-0.6, 7.6)  # as many places as there are inputs
        assert output.lines[0].get_ydata()[0] == 0
        assert list(signal.get_yticks()) == [0, 3] and list(output.get_yticks()) == [-3, 0, 3]
        for ax in (signal, matrix, output):
            assert ax.get_xticks().size == 0
        assert matrix.get_yticks().size == 0
        assert [ax.get_ylabel() for ax in (signal, matrix, output)] == ["x", "matrix", "z"]


def test_recurrence_is_a_sum_over_the_past(chapter, names):
    rng = np.random.default_rng(4)
    x = rng.normal(size=7)
    for w, v in ((1, 0.5), (0.7, -0.3), (2, 1.1)):
        expected = [sum(w * v ** (t - s) * x[s] for s in range(t + 1)) for t in range(7)]
        assert names.recurrent(x, w, v) == pytest.approx(expected)
    assert names.recurrent(x) == pytest.approx(names.recurrent(x, 1, 0.5))
    assert "[1.    0.5   0.25  0.125]" in chapter.out
    assert printed(chapter.out, "matrix and loop:") == ["True"]
    assert [names.R[t, s] for t, s in ((0, 0), (3, 1), (7, 0), (1, 3))] == [1, 0.25, 2**-7, 0]
    assert printed(chapter.out, "order matters:") == ["3.5 2.5"]  # 3 + 0.5, 1 + 1.5
    assert [names.R[t + 1, s + 1] == names.R[t, s] for t in range(7) for s in range(7)] == [True] * 49  # tied


# --- without labels -----------------------------------------------------------------------------------


def test_filling_in_the_right_half(chapter, names, data):
    right = np.array([k for k in range(64) if k % 8 >= 4])
    left = np.array([k for k in range(64) if k % 8 < 4])
    W = least_squares(data.X[:TRAIN, left], data.X[:TRAIN, right])
    guess = np.column_stack([data.X[TRAIN:, left], np.ones(500)]) @ W
    missed = np.mean((guess - data.X[TRAIN:, right]) ** 2)
    average = np.mean(data.X[TRAIN:, right] ** 2)
    assert printed(chapter.out, "filled in:") == [f"{missed:.4f}"]
    assert printed(chapter.out, "average:") == [f"{average:.4f}"]
    assert missed < 0.75 * average
    assert np.allclose(names.filled, guess) and names.truth.shape == (500, 32)
    assert np.array_equal(names.y, data.labels) and np.allclose(names.D, data.X)


def test_fill_picture(chapter, names, data):
    axes = np.array(chapter.figures[3].axes).reshape(3, 5)
    right = np.arange(64) % 8 >= 4
    for n in range(5):
        whole = data.X[TRAIN + n] + data.average
        half, guess = np.where(right, np.nan, whole), whole.copy()
        guess[right] = names.filled[n] + data.average[right]
        for ax, picture in zip(axes[:, n], (half, guess, whole)):
            (mesh,) = ax.collections
            shown = np.ma.filled(np.ma.asarray(mesh.get_array()), np.nan).reshape(8, 8)[::-1].ravel()
            assert shown == pytest.approx(picture, nan_ok=True)
            assert mesh.get_clim() == (0, 1) and mesh.get_cmap().name == "gray_r" and ax.get_aspect() == 1
            assert set(ax.lines[0].get_xdata()) == {4} and ax.lines[0].get_linewidth() == 1.5
            assert ax.get_xticks().size == ax.get_yticks().size == 0
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["seen", "filled", "truth"]


def learn(X, bend: bool, lr: float, seed: int, epochs: int = 20):
    """The network of the page, written out."""
    rng = np.random.default_rng(seed)
    W1, b1 = rng.normal(0, 1.4 / 8, (64, 128)), np.zeros(128)
    W2, b2 = rng.normal(0, 1.4 / np.sqrt(128), (128, 64)), np.zeros(64)
    for _ in range(epochs):
        for k in np.array_split(rng.permutation(TRAIN), 26):
            hide = rng.random((len(k), 64)) < 0.5
            seen = X[k] * ~hide
            z = seen @ W1 + b1
            h = np.maximum(z, 0) if bend else z
            miss = (h @ W2 + b2 - X[k]) * hide * 2 / len(k)
            back = miss @ W2.T * (z > 0 if bend else 1)
            W2, b2 = W2 - lr * h.T @ miss, b2 - lr * miss.sum(axis=0)
            W1, b1 = W1 - lr * seen.T @ back, b1 - lr * back.sum(axis=0)
    return W1, b1, W2, b2


def middle(X, net, bend: bool) -> np.ndarray:
    z = X @ net[0] + net[1]
    return np.maximum(z, 0) if bend else z


@pytest.fixture(scope="module")
def feature_sets(data):
    sets = {"raw pixels": [data.X], "untrained": [], "trained": [], "no bend": []}
    for seed in range(3):
        sets["untrained"].append(middle(data.X, learn(data.X, True, 0.5, seed, epochs=0), True))
        sets["trained"].append(middle(data.X, learn(data.X, True, 0.5, seed), True))
        sets["no bend"].append(middle(data.X, learn(data.X, False, 0.1, seed), False))
    return sets


def test_feature_sets(names, feature_sets):
    assert list(names.sets) == list(feature_sets)
    for name, group in feature_sets.items():
        assert len(names.sets[name]) == len(group)
        for F, expected in zip(names.sets[name], group):
            assert np.allclose(F, expected, rtol=0, atol=1e-6)


def test_features_without_a_bend_are_pixels_times_weights(chapter, names, feature_sets, data):
    off = {}
    for name in ("no bend", "trained"):
        F = feature_sets[name][0]
        rebuilt = np.column_stack([data.X, np.ones(1797)]) @ least_squares(data.X, F)
        off[name] = np.abs(F - rebuilt).max()
        (said,) = printed(chapter.out, f"{name}: pixels times weights, but for")
        assert float(said) < 1e-10 or float(said) == pytest.approx(off[name], rel=0.1)
        assert (float(said) < 1e-10) == (name == "no bend")
    assert off["no bend"] < 1e-10 < 0.1 < off["trained"]
    assert np.allclose(names.F, feature_sets["trained"][0])


def test_two_linear_steps_are_one():
    rng = np.random.default_rng(5)
    x, A, B = rng.normal(size=6), rng.normal(size=(6, 4)), rng.normal(size=(4, 3))
    stepwise = [sum(sum(x[i] * A[i, j] for i in range(6)) * B[j, k] for j in range(4)) for k in range(3)]
    at_once = [sum(x[i] * sum(A[i, j] * B[j, k] for j in range(4)) for i in range(6)) for k in range(3)]
    assert stepwise == pytest.approx(at_once)


@pytest.mark.parametrize(("bend", "rates", "best"), [(True, (0.2, 0.5, 1.0), 0.5), (False, (0.02, 0.1, 0.4), 0.1)])
def test_the_rates_are_those_that_fill_in_best(data, bend, rates, best):
    """No label is looked at. Both networks fill in far better than the average image."""
    hide = np.random.default_rng(9).random((500, 64)) < 0.5
    truth, errors = data.X[TRAIN:], {}
    for lr in rates:
        net = learn(data.X, bend, lr, 0)
        guess = middle(truth * ~hide, net, bend) @ net[2] + net[3]
        errors[lr] = np.mean((guess - truth)[hide] ** 2)
    assert min(errors, key=errors.get) == best
    assert errors[best] < 0.6 * np.mean(truth[hide] ** 2)


def accuracies(F, labels, draws, data):
    """Ridge regression in its usual form, (features + 1) unknowns: shares right (draws, strengths, 2)."""
    F = np.column_stack([(F - F[:TRAIN].mean(axis=0)) / F[:TRAIN].std(), np.ones(len(F))])
    rows = []
    for draw in draws:
        k = np.random.default_rng(draw).permutation(TRAIN)[:labels]
        Y = (data.labels[k][:, None] == np.arange(10)) * 1.0
        for s in STRENGTHS:
            W = np.linalg.solve(F[k].T @ F[k] + s * np.eye(F.shape[1]), F[k].T @ Y)
            right = (F[TRAIN:] @ W).argmax(axis=1) == data.labels[TRAIN:]
            rows.append((right[:CHOOSE - TRAIN].mean(), right[CHOOSE - TRAIN:].mean()))
    return np.array(rows).reshape(len(draws), len(STRENGTHS), 2)


def contest(F, labels, data):
    best = accuracies(F, labels, range(100, 120), data)[:, :, 0].mean(axis=0).argmax()
    return best, accuracies(F, labels, range(20), data)[:, best, 1]


def test_probe_is_ridge_regression(names, data):
    assert list(names.strengths) == list(STRENGTHS)
    F = np.column_stack([data.X / data.X[:TRAIN].std(), np.ones(1797)])
    for labels, draw in ((50, 0), (20, 7)):
        expected = accuracies(data.X, labels, [draw], data)[0]
        assert names.probe(F, labels, draw) == pytest.approx(expected, abs=1e-9)


def test_the_contest(chapter, names, feature_sets, data):
    """Fair: both sides tuned, 20 fresh draws, images that were used for nothing else; also a null and a loss."""
    result = {}
    for name, group in feature_sets.items():
        ran = [contest(F, 50, data) for F in group]
        result[name] = np.mean([scores for _, scores in ran], axis=0)
        assert all(0 < best < len(STRENGTHS) - 1 for best, _ in ran)  # the sweep is wide enough
        assert names.result[name] == pytest.approx(result[name], abs=0.002)
    gain = {name: 100 * (scores - result["raw pixels"]) for name, scores in result.items()}
    assert gain["trained"].min() > 0 and 4 < gain["trained"].mean() < 9
    assert abs(gain["untrained"].mean()) < gain["untrained"].std()
    assert -3 < gain["no bend"].mean() < 0
    assert (gain["trained"] > gain["untrained"]).sum() >= 18
    for name, g in gain.items():
        (row,) = printed(chapter.out, f"{name:10} 0")
        said = f"0{row}".replace("±", " ").replace("gain", " ").replace(", ahead", " ").replace("/20", "").split()
        scores = 100 * (names.result[name] - names.result["raw pixels"])
        assert said == [f"{names.result[name].mean():.3f}", f"{scores.mean():+.1f}", f"{scores.std():.1f}",
                        str((scores > 0).sum())]
        assert float(said[1]) == pytest.approx(g.mean(), abs=0.15)
    assert round(gain["trained"].mean()) == 6


def test_probe_picture(chapter, names):
    (ax,) = chapter.figures[4].axes
    zero, *lines = ax.lines
    assert chapter.figures[4].get_layout_engine().get()["rect"] == (0.04, 0, 0.96, 1)  # room for the names
    assert set(zero.get_xdata()) == {0}
    for place, name in enumerate(("no bend", "untrained", "trained")):
        dots, stroke = lines[2 * place:2 * place + 2]
        gain = 100 * (names.result[name] - names.result["raw pixels"])
        assert dots.get_xdata() == pytest.approx(gain)
        assert np.asarray(dots.get_ydata()) == pytest.approx(place + np.linspace(-0.25, 0.25, 20))  # draw by draw
        assert stroke.get_xdata() == pytest.approx([gain.mean()] * 2)
        assert stroke.get_ydata() == pytest.approx([place - 0.38, place + 0.38])
        assert dots.get_marker() == "o" and dots.get_linestyle() == "None"
        expected = {"no bend": cycle(1), "untrained": to_hex("0.5"), "trained": cycle(0)}[name]
        assert to_hex(dots.get_color()) == to_hex(stroke.get_color()) == expected
    assert [t.get_text() for t in ax.get_yticklabels()] == ["no bend", "untrained", "trained"]
    assert list(ax.get_yticks()) == [0, 1, 2] and ax.get_xlabel() == "points gained over raw pixels"


# --- exercises ----------------------------------------------------------------------------------------


def test_which_are_functions(chapter, names):
    assert printed(chapter.out, "square:") == ["[]"] and printed(chapter.out, "photos:") == ["[]"]
    assert printed(chapter.out, "root:") == ["[1, 4]"] and printed(chapter.out, "names:") == ["['cat']"]
    for name, back in (("square", "root"), ("photos", "names")):
        assert sorted(names.tables[back]) == sorted((y, x) for x, y in names.tables[name])
    assert names.tables["square"] == [(-2, 4), (-1, 1), (0, 0), (1, 1), (2, 4)]
    assert len(names.tables["photos"]) == 3


def test_tied_weights_need_fewer_examples(chapter):
    """Repeated with sums written out; at N = 100 the rule of the solution holds."""
    rng = np.random.default_rng(0)
    M = np.array([[-1.0 if c == r else 1.0 if c == r + 2 else 0.0 for c in range(8)] for r in range(6)])
    rows = {}
    for N in (10, 30, 100):
        tied_off, free_off = [], []
        for _ in range(100):
            S = rng.normal(size=(N, 8))
            Z = S @ M.T + rng.normal(0, 0.5, (N, 6))
            G = sum(S[:, i:i + 3].T @ S[:, i:i + 3] for i in range(6))
            w = np.linalg.solve(G, sum(S[:, i:i + 3].T @ Z[:, i] for i in range(6)))
            tied_off.append(np.sum((w - [-1, 0, 1]) ** 2))
            free = np.linalg.solve(S.T @ S, S.T @ Z).T
            free_off.append(np.sum((free - M) ** 2) / 6)
        rows[N] = np.mean(tied_off), np.mean(free_off)
        assert printed(chapter.out, f"N = {N:3}:") == [f"tied {rows[N][0]:.4f}, free {rows[N][1]:.4f}"]
    assert rows[100] == pytest.approx((0.00125, 0.02), rel=0.3)
    assert rows[10][1] > 4 * 0.25 * 8 / 10


def test_the_most_similar_image_is_a_stronger_opponent(chapter, names, feature_sets, data):
    near, raw, trained = {}, {}, {}
    for labels in (20, 50, 200):
        shares = []
        for draw in range(20):
            k = np.random.default_rng(draw).permutation(TRAIN)[:labels]
            gap = ((data.X[CHOOSE:, None] - data.X[None, k]) ** 2).sum(axis=2)
            shares.append(np.mean(data.labels[k][gap.argmin(axis=1)] == data.labels[CHOOSE:]))
            assert names.nearest(data.X, labels, draw) == pytest.approx(shares[-1], abs=0.004)  # a tie
        near[labels] = np.mean(shares)
        raw[labels] = contest(data.X, labels, data)[1].mean()
        trained[labels] = contest(feature_sets["trained"][0], labels, data)[1].mean()
        expected = (near[labels], raw[labels], trained[labels])
        (row,) = printed(chapter.out, f"{labels:3} labels: nearest")
        said = [float(part) for part in row.replace(",", "").split() if part.startswith("0.")]
        assert said == pytest.approx(expected, abs=0.0015)
        assert near[labels] > raw[labels]
    assert trained[20] > near[20] and trained[50] > near[50] and trained[200] < near[200]


# what the page asks


def test_questions(chapter, names, data):
    function, row, scores, state = answers_of("finding-a-function")
    outputs = {x: {y for _, a, y in DAYS if a == x} for _, x, _ in DAYS}
    assert function == 2 and outputs == {5: {4, 5}, 4: {5}, 6: {6}}
    misses = {value: 60 * (3 - value) ** 2 + 40 * (15 - value) ** 2 for value in np.arange(30, 151) / 10}
    assert row == [f"{min(misses, key=misses.get):.1f}", "3.0", "9.0"] and row[0] == "7.8"
    X, mixed = data.X, np.random.default_rng(7).permutation(64)
    Y = np.eye(10)[data.labels]
    W, W_mixed = (least_squares(Z[:1000], Y[:1000]) for Z in (X, X[:, mixed]))
    assert scores == 2 and X @ W[:-1] == pytest.approx(X[:, mixed] @ W_mixed[:-1], abs=1e-9)
    h = {order: 0.5 * order[0] + order[1] for order in ((3, 1), (1, 3))}  # h2 = v h1 + x2
    assert state == [f"{h[3, 1]:.1f}", f"{h[1, 3]:.1f}", "4.0", f"{0.5 * h[3, 1]:.2f}"] and h[3, 1] == 2.5
