"""Chapter `linear-models`: every claim of the page, by a second way where there is one."""

from __future__ import annotations

from fractions import Fraction

import matplotlib
import numpy as np
import pytest
from asked import answers_of
from numerical_gradient import numerical_gradient
from shown import curve, size
from states import states_of
from views import views_series

SERIES = [views_series(seed)[1] for seed in range(20)]
DATES = views_series()[0]


@pytest.fixture(scope="module")
def lm(names):
    return names


def look(line):
    return line.get_color(), line.get_linewidth(), line.get_linestyle(), line.get_marker(), line.get_alpha()


def root_mean_square(r):
    return np.linalg.norm(r) / len(r) ** 0.5


def fitted(X, y):
    """Least squares by singular values, on scaled columns: another way than the chapter's."""
    scale = np.linalg.norm(X, axis=0)
    return np.linalg.lstsq(X / scale, y, rcond=None)[0] / scale


def past(views, d, first=56):
    """One row per day from `first` on: the d days before it, newest first, and a one."""
    windows = np.lib.stride_tricks.sliding_window_view(views[first - d : -1], d)
    return np.column_stack([windows[:, ::-1], np.ones(views.size - first)])


def judged(views, X):
    """RMSE of the best fit on the training days, there and on the last 365 days."""
    y = views[56:]
    r = y - X @ fitted(X[:-365], y[:-365])
    return root_mean_square(r[:-365]), root_mean_square(r[-365:])


@pytest.fixture(scope="module")
def by_days():
    return {d: np.array([judged(v, past(v, d)) for v in SERIES]) for d in (1, 7, 28, 56)}


# baselines


def test_baselines_and_the_line(lm, out, by_days):
    for k, (name, d) in enumerate([("yesterday", 1), ("last week", 7)]):
        rows = []
        for v in SERIES:
            r = [v[t] - v[t - d] for t in range(56, v.size)]
            rows.append((root_mean_square(r[:-365]), root_mean_square(r[-365:])))
        assert lm.miss[:, :, k] == pytest.approx(np.array(rows))
        mean = np.mean(rows, axis=0)
        assert out[k] == f"{name:9} train {mean[0]:.0f}, test {mean[1]:.0f}"
    assert lm.miss[:, :, 2] == pytest.approx(by_days[1], rel=1e-6)
    mean = by_days[1].mean(axis=0)
    assert out[2] == f"line      train {mean[0]:.0f}, test {mean[1]:.0f}"
    assert out[3] == "line worse: train 0, test 20 of 20"
    assert (by_days[1][:, 0] < lm.miss[:, 0, 0]).all() and (by_days[1][:, 1] > lm.miss[:, 1, 0]).all()
    assert lm.rmse(np.array([3.0, -4.0])) == pytest.approx(12.5**0.5)


def test_the_line_predicts_too_little_in_the_test_year(lm):
    low = []
    for v in SERIES:
        x, y = v[55:-366], v[56:-365]
        w = np.cov(x, y, bias=True)[0, 1] / x.var()
        low.append(np.mean(v[-365:] - (y.mean() + w * (v[-366:-1] - x.mean()))))
        assert abs(x.mean() - y.mean()) < 0.002 * x.mean() and abs(x.std() / y.std() - 1) < 0.003
        assert w == pytest.approx(np.corrcoef(x, y)[0, 1], abs=0.003) and w < 1
    assert lm.too_low == pytest.approx(low) and min(low) > 0
    without = lm.miss[:, 1, 2] ** 2 - np.array(low) ** 2  # take the mean error away, and the loss would be below
    assert (without < lm.miss[:, 1, 0] ** 2).all()


def test_copy_figure(chapter, lm, out):
    v = SERIES[0]
    w, b = fitted(past(v, 1)[:-365], v[56:-365])
    assert out[4] == f"w = {w:.3f}, b = {b:.0f}" and lm.pull == pytest.approx(1 - w)
    top, bottom = chapter.figures[0].axes
    days = DATES[-35:]
    for axes, index, y in ((top, 0, v[-35:]), (top, 1, b + w * v[-36:-1]), (bottom, 1, v[-35:] - b - w * v[-36:-1])):
        x, shown = curve(axes, index)
        assert np.array_equal(x, days) and shown == pytest.approx(y)
    assert curve(bottom, 0)[1].tolist() == [0, 0]
    assert np.corrcoef(curve(top, 1)[1], v[-36:-1])[0, 1] == pytest.approx(1)  # nothing but yesterday
    weekdays = [day.astype(object).weekday() for day in days]
    r = curve(bottom, 1)[1]
    assert r[np.array(weekdays) == 4].max() < -100 and r[np.array(weekdays) == 6].min() > 300
    assert [label.get_text() for label in bottom.get_xticklabels()] == ["Sun"] * 5
    ticks = matplotlib.dates.num2date(bottom.get_xticks())
    assert [tick.weekday() for tick in ticks] == [6] * 5 and ticks[-1].date() == days[-1].astype(object)
    assert look(top.lines[0])[0] == "0.5" and look(top.lines[1])[0] == "C0" and look(bottom.lines[1])[0] == "C1"
    assert top.get_ylim() == (5800, 9200) and v[-35:].min() > 5800 and v[-35:].max() < 8800
    assert size(chapter.figures[0]) == [4.8, 5.4] and look(bottom.lines[0])[:2] == ("0.5", 1)


# normal equations


def test_three_examples_by_hand(lm, out):
    """The page's arithmetic, in fractions."""
    w, b = Fraction(1, 2), Fraction(1)
    r = [y - b - w * x for x, y in ((1, 1), (2, 3), (3, 2))]
    assert r == [Fraction(-1, 2), 1, Fraction(-1, 2)]
    assert sum(r) == 0 == sum(x * v for x, v in zip((1, 2, 3), r))
    for w, b in ((0.3, 2.0), (-1.0, 0.5)):
        r = np.array([1 - b - w, 3 - b - 2 * w, 2 - b - 3 * w])
        assert r.sum() == pytest.approx(6 - 3 * b - 6 * w)
        assert r @ [1, 2, 3] == pytest.approx(13 - 6 * b - 14 * w)
    assert lm.X_small.tolist() == [[1, 1], [2, 1], [3, 1]] and lm.y_small.tolist() == [1, 3, 2]
    assert lm.foot.tolist() == [1.5, 2, 2.5]
    assert out[5:7] == ["r . 1 = 0, r . x = 0", "by hand: [0.5 1. ]"]


def test_projection_figure(chapter, lm):
    """One linear map takes all arrows to the paper; the plane's points stay on the plane, r is upright."""
    (ax,) = chapter.figures[1].axes
    M = np.array([lm.on_paper(e) for e in np.eye(3)]).T
    root = np.sqrt([3, 2, 6])
    assert M @ np.ones(3) == pytest.approx([root[0], 0])
    assert M @ [-1, 0, 1] == pytest.approx([0.75 * root[1], 0.65 * root[1]])
    assert M @ [-1, 2, -1] == pytest.approx([0, 1.1 * root[2]])
    arrows = [part for part in ax.texts if getattr(part, "arrow_patch", None)]
    tips = [np.ones(3), [1, 2, 3], [1, 3, 2], [1.5, 2, 2.5]]
    for arrow, tip in zip(arrows, tips, strict=True):
        assert arrow.xy == pytest.approx(M @ tip) and arrow.xyann == pytest.approx([0, 0])
    names = [part for part in ax.texts if not getattr(part, "arrow_patch", None)]
    letters = [r"$\mathbf{1}$", r"$\mathbf{x}$", r"$\mathbf{y}$", r"$\hat{\mathbf{y}}$", r"$\mathbf{r}$"]
    assert [name.get_text() for name in names] == letters
    for name, tip in zip(names, [*tips, [1.25, 2.5, 2.25]], strict=True):
        assert name.get_fontsize() == 13
        offset = tuple((name.get_position() - M @ tip).round(9))
        assert offset in {(0.1, -0.16), (0.1, 0.03), (0.08, 0.02), (0.1, -0.14), (0.08, 0)}
    assert np.array(curve(ax, 0)) == pytest.approx(np.array([M @ [1.5, 2, 2.5], M @ [1, 3, 2]]).T)
    mark = np.linalg.solve(np.c_[M @ [1.5, 2, 2.5], M @ [-0.5, 1, -0.5]], np.array(curve(ax, 1)))
    assert mark == pytest.approx(np.array([[0.96, 0.96, 1], [0, 0.16, 0.16]]))  # in units of y-hat and r
    (plane,) = ax.patches
    corners = plane.get_xy()[:-1]
    assert corners == pytest.approx(
        np.array([M @ (s + t * np.array([-1, 0, 1])) for s, t in ((-0.3, -0.5), (2.6, -0.5), (2.6, 1.6), (-0.3, 1.6))])
    )
    for tip in (tips[0], tips[1], tips[3]):
        s, t = np.mean(tip), (tip[2] - tip[0]) / 2
        assert -0.3 < s < 2.6 and -0.5 < t < 1.6 and tip == pytest.approx([s - t, s, s + t])
    assert plane.get_alpha() == 0.2 and plane.get_linewidth() == 0 and ax.get_aspect() == 1
    assert size(chapter.figures[1]) == [4.8, 2.2]
    assert [arrow.arrowprops["color"] for arrow in arrows] == ["0.5", "0.5", "black", "C0"]
    assert {arrow.arrowprops["lw"] for arrow in arrows} == {1.8}


def test_least_squares_has_no_gradient_left(lm):
    rng = np.random.default_rng(5)
    for d in (1, 4):
        X, y = np.column_stack([rng.normal(size=(30, d)), np.ones(30)]), rng.normal(size=30)
        w = lm.least_squares(X, y)
        assert numerical_gradient(lambda w: np.mean((y - X @ w) ** 2), w) == pytest.approx(np.zeros(d + 1), abs=1e-8)
        assert w == pytest.approx(fitted(X, y)) and X.T @ (y - X @ w) == pytest.approx(np.zeros(d + 1), abs=1e-10)
        other = rng.normal(size=d + 1)
        by_formula = -2 / 30 * X.T @ (y - X @ other)  # the gradient away from the minimum
        assert numerical_gradient(lambda w: np.mean((y - X @ w) ** 2), other) == pytest.approx(by_formula, rel=1e-6)


def test_both_ways_on_the_views_agree(lm, out):
    x, y = SERIES[0][55:-366], SERIES[0][56:-365]
    w = np.sum((x - x.mean()) * (y - y.mean())) / np.sum((x - x.mean()) ** 2)  # lm-one
    b = y.mean() - w * x.mean()
    assert out[7] == f"normal w = {w:.6f}, b = {b:.4f}" and out[8] == f"lstsq  w = {w:.6f}, b = {b:.4f}"
    assert lm.w_normal == pytest.approx([w, b]) and lm.w_lstsq == pytest.approx([w, b])
    z = np.random.default_rng(0).normal(size=(1000, 2)) * [0.1, 500]
    assert lm.moves == pytest.approx(z)
    assert lm.growth == pytest.approx([np.mean((dw * x + db) ** 2) for dw, db in z])
    assert lm.pythagoras == pytest.approx(lm.growth) and out[9] == "1000 moves agree: True"
    assert lm.best == pytest.approx(np.mean((y - b - w * x) ** 2))


# more days


def test_lags(lm):
    v = np.arange(100.0) ** 2
    X = lm.lags(v, 7)
    assert X.shape == (44, 8) and X[0].tolist() == [*(v[55 - j] for j in range(7)), 1]
    assert lm.lags(v, 3, first=3)[-1].tolist() == [98**2, 97**2, 96**2, 1]
    assert np.array_equal(lm.lags(SERIES[2], 28), past(SERIES[2], 28))


def test_days(lm, out, by_days):
    for row, d in enumerate((1, 7, 28, 56)):
        assert lm.table[d] == pytest.approx(by_days[d], rel=1e-5)
        train, test = by_days[d].mean(axis=0)
        assert out[10 + row] == f"{d:2} days, {d + 1:2} parameters: train {train:.0f}, test {test:.0f}"
    for row, (few, more) in enumerate(((1, 7), (7, 28), (28, 56))):
        assert (by_days[more] < by_days[few]).all()
        assert out[14 + row] == f"{more} beats {few}: train 20, test 20"
    assert (by_days[7][:, 1] < lm.miss[:, 1, :2].min(axis=1)).all()  # both baselines, in each series
    gains = -np.diff([by_days[d][:, 1].mean() for d in (7, 28, 56)])
    assert gains[0] > 5 * gains[1] > 0
    assert by_days[56][:, 1].mean() > 240  # the fresh noise is a floor


def test_a_gain_in_training_is_a_theorem_on_the_same_examples_only():
    """Zero weights make the larger model the smaller one; on unlike examples the order may turn."""
    rng = np.random.default_rng(3)
    for _ in range(50):
        X, y = rng.normal(size=(20, 6)), rng.normal(size=20)
        losses = [np.mean((y - X[:, :k] @ fitted(X[:, :k], y)) ** 2) for k in range(1, 7)]
        assert (np.diff(losses) <= 1e-12).all()
    easy, hard = np.arange(10.0), np.array([0, 9.0] * 5)
    X = np.column_stack([np.arange(10.0), np.ones(10), rng.normal(size=10)])
    few = np.mean((easy - X[:, :2] @ fitted(X[:, :2], easy)) ** 2)
    assert few < np.mean((hard - X @ fitted(X, hard)) ** 2)


def test_hurt(lm, out):
    numbers, sizes = (1, 3, 7, 14, 21, 28, 42, 56), (70, 100, 200, 1085)
    assert lm.numbers == numbers and lm.sizes == sizes
    found = np.zeros((4, 8, 20, 2))
    for k, v in enumerate(SERIES):
        X56, y = past(v, 56), v[56:]
        for i, N in enumerate(sizes):
            for j, d in enumerate(numbers):
                X = np.column_stack([X56[:, :d], np.ones(y.size)])
                r = y - X @ fitted(X[-365 - N : -365], y[-365 - N : -365])
                found[i, j, k] = np.sqrt(np.mean(r[-365 - N : -365] ** 2)), np.sqrt(np.mean(r[-365:] ** 2))
    assert lm.curves == pytest.approx(found, rel=1e-4)
    assert (np.diff(found[..., 0], axis=1) < 1e-9).all()  # training never rises
    best = [numbers[k] for k in found[..., 1].mean(axis=2).argmin(axis=1)]
    worse = (found[:, 7, :, 1] > found[:, 2, :, 1]).sum(axis=1)
    for row, (N, d, count) in enumerate(zip(sizes, best, worse, strict=True)):
        expected = f"N {N:4}: best d {d:2}; 56 worse than 7: {count:2} of 20"
        assert out[17 + row] == expected
    assert best == sorted(best) and best[0] < best[-1]  # more examples move the best d to the right
    assert worse[0] == 20 and worse[3] == 0 and lm.worse_than_7[:, 1].tolist() == worse.tolist()
    assert lm.worse_than_7[0, 0] == 0  # in training 56 days look better in every series
    medians = np.median(found[..., 1], axis=2)
    assert medians[0, 7] > 2 * medians[0].min() and np.ptp(medians[2, 4:]) < 20 and (np.diff(medians[3, 1:]) < 0).all()


def test_every_state_of_hurt(lm):
    states = states_of("linear-models", "hurt_figure", vars(lm))
    assert list(states) == ["70", "100", "200", "1085"] == [str(N) for N in lm.sizes]
    for i, state in enumerate(states.values()):
        (ax,) = state.figure.axes
        assert size(state.figure) == [4.8, 3.6] and ax.get_ylim() == (0, 1000)
        assert ax.get_xticks().tolist() == [1, 7, 28, 56]
        for k, color in enumerate(("C2", "C3")):
            x, y = curve(ax, k)
            assert x.tolist() == list(lm.numbers) and look(ax.lines[k])[0] == color
            assert y == pytest.approx(np.median(lm.curves[i, :, :, k], axis=1))
            band = ax.collections[k]
            assert band.get_alpha() == 0.25 and band.get_linewidth()[0] == 0
            assert matplotlib.colors.same_color(band.get_facecolor()[0][:3], matplotlib.colors.to_rgb(color))
            low, high = np.quantile(lm.curves[i, :, :, k], [0.1, 0.9], axis=1)
            height = band.get_paths()[0].vertices[:, 1]
            assert (height.min(), height.max()) == pytest.approx((low.min(), high.max()))
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("$d$", "RMSE")
        assert [line.get_text() for line in ax.get_legend().get_texts()] == ["train", "test"]
        assert np.quantile(lm.curves[i, :4], 0.9, axis=1).max() < 800  # below the legend over the first lags


def test_two_examples_by_hand():
    w = (Fraction("7.5") - Fraction("4.9")) / (Fraction("4.9") - Fraction("4.8"))
    b = Fraction("4.9") - w * Fraction("4.8")
    assert (w, b, w * Fraction("7.5") + b) == (26, Fraction("-119.9"), Fraction("75.1"))
    assert b + w * Fraction("4.9") == Fraction("7.5")


# model bias


def test_tent(lm, out):
    assert lm.x_runs.shape == (20, 40)
    x = (2 * np.arange(40) + 1) / 40 - 1
    assert lm.x_runs[7] == pytest.approx(x) and lm.tent == pytest.approx(1 - abs(x))
    loss = np.mean((0.5 - abs(x)) ** 2)
    assert lm.w_tent == pytest.approx([0, 0.5], abs=1e-12) and lm.best_line == pytest.approx(loss)
    assert out[21].replace("-0.000", "0.000") == f"best line: w = 0.000, b = 0.500, MSE {loss:.4f}"
    grid = [np.mean((1 - abs(x) - b - w * x) ** 2) for b in np.linspace(-1, 2, 61) for w in np.linspace(-2, 2, 81)]
    assert np.ravel(lm.grid) == pytest.approx(grid) and min(grid) == pytest.approx(loss)
    assert out[22] == f"lowest of 4941 lines: {min(grid):.4f}"
    fine = (np.arange(100_000) + 0.5) / 100_000
    assert np.mean((0.5 - fine) ** 2) == pytest.approx(1 / 12) == pytest.approx(0.083, abs=5e-4)


def test_tent_figure(chapter):
    (ax,) = chapter.figures[3].axes
    assert np.array(curve(ax, 0)).tolist() == [[-1, 0, 1], [0, 1, 0]]
    assert look(ax.lines[0])[:2] == ("0.5", 2)
    for index, (w, b), style in ((1, (0.6, 0.6), (1, 0.6)), (2, (-0.3, 0.9), (1, 0.6)), (3, (0, 0.5), (2, None))):
        assert np.array(curve(ax, index)) == pytest.approx(np.array([[-1, 1], [b - w, b + w]]))
        color, width, _, _, alpha = look(ax.lines[index])
        assert color == "C0" and (width, alpha) == style
    assert len(ax.lines) == 11
    for index, at in enumerate((-1, -0.75, -0.25, 0, 0.25, 0.75, 1)):
        assert np.array(curve(ax, 4 + index)) == pytest.approx(np.array([[at, at], [0.5, 1 - abs(at)]]))
        assert look(ax.lines[4 + index])[0] == "C1" and look(ax.lines[4 + index])[2] == ":"
    assert ax.get_ylim() == (-0.1, 1.35) and ax.get_xticks().tolist() == [-1, 0, 1]
    assert size(chapter.figures[3]) == [4.8, 2.9]


def one_run(x, y, start, steps):
    """Three sigmoids on one series by gradient descent with momentum, with the numbers of a plain loop."""
    w, b, c = (np.array(v, float).ravel() for v in start)
    bias, m = 0.0, [np.zeros(3), np.zeros(3), np.zeros(3), 0.0]
    for _ in range(steps):
        a = 1 / (1 + np.exp(-(np.outer(x, w) + b)))
        r = a @ c + bias - y
        dz = r[:, None] * c * a * (1 - a)
        grads = [
            2 * np.mean(dz * x[:, None], axis=0),
            2 * dz.mean(axis=0),
            2 * np.mean(r[:, None] * a, axis=0),
            2 * r.mean(),
        ]
        m = [0.9 * mi - 0.3 * g for mi, g in zip(m, grads)]
        w, b, c, bias = (p + mi for p, mi in zip((w, b, c, bias), m))
    a = 1 / (1 + np.exp(-(np.outer(x, w) + b)))
    return a @ c + bias


def test_network_on_the_tent(lm, out):
    rng = np.random.default_rng(0)
    start = [rng.normal(0, s, (20, 3, 1)) for s in (2, 2, 1)]
    x = lm.x_runs[0]
    for run in (0, 11):
        y_hat = one_run(x, lm.tent, [part[run] for part in start], 2000)
        assert lm.curves_20[run] == pytest.approx(y_hat, abs=1e-6)
        assert lm.on_tent[run] == pytest.approx(np.mean((y_hat - lm.tent) ** 2), rel=1e-3)
    assert out[23] == f"tent: MSE {lm.on_tent.min():.4f} to {lm.on_tent.max():.4f}"
    assert lm.on_tent.size == 20 and lm.best_line > 20 * lm.on_tent.max()


def test_network_on_the_views(lm, out):
    rng = np.random.default_rng(0)
    start = [rng.normal(0, 1, (20, 3, 1)) for _ in range(3)]
    assert np.mean(lm.gain) < 0.02 and lm.gain.min() > 0
    for k in (0, 13):
        v = SERIES[k]
        x, y = v[55:-366:3], v[56:-365:3]
        s, z = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
        line = np.mean((z - np.mean(s * z) * s) ** 2)
        net = np.mean((z - one_run(s, z, [part[k] for part in start], 500)) ** 2)
        assert lm.gain[k] == pytest.approx(1 - np.sqrt(net / line), abs=1e-7)
    low, mean, high = (f"{100 * v:.1f}%" for v in (lm.gain.min(), lm.gain.mean(), lm.gain.max()))
    assert out[24] == f"views: RMSE lower by {mean} ({low} to {high})"


def test_no_bent_curve_of_yesterday_gains_much(by_days):
    """A polynomial of degree 6, fitted exactly: the small gain is not for want of training."""
    gains = []
    for v in SERIES:
        x, y = v[55:-366], v[56:-365]
        s = (x - x.mean()) / x.std()
        losses = [np.mean((y - np.polyval(np.polyfit(s, y, k), s)) ** 2) for k in (1, 6)]
        gains.append(1 - np.sqrt(losses[1] / losses[0]))
    assert 0 < np.mean(gains) < 0.02
    six_more = 1 - (by_days[7][:, 0] / by_days[1][:, 0]).mean()
    assert f"{100 * six_more:.0f}" == "22" and six_more > 10 * np.mean(gains)


def test_network_figure(chapter, lm):
    (ax,) = chapter.figures[4].axes
    assert np.array(curve(ax, 0)).tolist() == [[-1, 0, 1], [0, 1, 0]] and look(ax.lines[0])[:2] == ("0.5", 2)
    order = np.argsort(lm.on_tent)
    for index, run, width in ((1, order[-1], 1), (2, order[10], 2)):
        x, y = curve(ax, index)
        assert x == pytest.approx(lm.x_runs[0]) and y == pytest.approx(lm.network(lm.bent, lm.x_runs)[run])
        assert look(ax.lines[index])[:2] == ("C4", width)
    assert ax.get_ylim() == (-0.1, 1.1) and ax.get_xticks().tolist() == [-1, 0, 1]
    assert size(chapter.figures[4]) == [4.8, 2.9] and lm.curves_20.min() > -0.1


# encodings


def test_melons(chapter, lm, out):
    """E10: the code of the good colour decides the weight; in the middle it is zero."""
    exact = {0: (Fraction(-1, 2), Fraction(10, 3)), 1: (Fraction(0), Fraction(40, 3)), 2: (Fraction(1, 2),) * 2}
    exact[2] = Fraction(1, 2), Fraction(10, 3)
    assert lm.color.tolist() == [0] * 20 + [1] * 20 + [2] * 20
    for good, ax in enumerate(chapter.figures[5].axes):
        w, total = exact[good]
        b = Fraction(1, 3) - w
        y = [int(code == good) for code in range(3)]
        assert 20 * sum((y[code] - b - w * code) ** 2 for code in range(3)) == total
        assert lm.sse[good] == pytest.approx((float(total), 0), abs=1e-9)
        shown = f"good = {good}: w {float(w):+.2f}, SSE {float(total):.2f}, one-hot 0.00"
        assert out[25 + good].replace("-0.00", "+0.00") == shown
        assert np.array(curve(ax, 0)).tolist() == [[0, 1, 2], y]
        assert np.array(curve(ax, 1)) == pytest.approx(np.array([[0, 2], [float(b), float(b + 2 * w)]]), abs=1e-9)
        assert look(ax.lines[0])[0] == "0.5" and look(ax.lines[0])[3] == "o" and look(ax.lines[1])[0] == "C0"
        assert ax.get_ylim() == (-0.3, 1.2) and ax.get_xticks().tolist() == [0, 1, 2]
    assert 20 * (Fraction(1, 9) + Fraction(4, 9) + Fraction(1, 9)) == Fraction(40, 3)
    assert chapter.figures[5].axes[0].get_ylabel() == "$y$" and size(chapter.figures[5]) == [4.8, 2.4]


def test_one_hot_weights_are_shares():
    one_hot = np.eye(3)[np.repeat([0, 1, 2], 20)]
    assert np.array_equal(one_hot.T @ one_hot, 20 * np.eye(3))
    assert (one_hot.T @ (np.repeat([0, 1, 2], 20) == 1) / 20).tolist() == [0, 1, 0]


def test_weekday(lm, out, by_days):
    day = np.array([d.astype(object).weekday() for d in DATES[56:]])
    assert np.array_equal(lm.weekday, day)
    for row, (name, columns) in enumerate(
        [
            ("0 to 6", np.column_stack([day, np.ones(day.size)])),
            ("one-hot", (day[:, None] == np.arange(7)).astype(float)),
        ]
    ):
        test = np.array([judged(v, np.column_stack([v[55:-1], columns]))[1] for v in SERIES])
        assert lm.by_code[name] == pytest.approx(test, rel=1e-6)
        shown = f"{name:7}: {1 + columns.shape[1]} parameters, test {test.mean():.0f}"
        assert out[28 + row] == shown
    count = (test < by_days[56][:, 1]).sum()
    assert out[30] == f"one-hot beats 56 days in {count} of 20" and count == lm.beats_56 >= 18
    assert abs(lm.by_code["0 to 6"].mean() / lm.miss[:, 1, 0].mean() - 1) < 0.01  # no further than yesterday
    assert np.array_equal(np.eye(7)[day].sum(axis=1), np.ones(day.size))


# weights and importance


def test_importance(lm, out):
    v = SERIES[0]
    X, y = past(v, 7)[:-365], v[56:-365]
    w = fitted(X, y)
    full = root_mean_square(y - X @ w)
    assert out[31] == f"all seven: RMSE {full:.0f}"
    assert out[32] == f"day 2 in thousands: weight {w[1]:.2f} -> {1000 * w[1]:.0f}"
    assert out[33] == "predictions the same: True"
    assert lm.w_units == pytest.approx(w * [1, 1000, 1, 1, 1, 1, 1, 1], abs=1e-6)
    for j in range(7):
        keep = [k for k in range(8) if k != j]
        without = root_mean_square(y - X[:, keep] @ fitted(X[:, keep], y))
        assert lm.without[j] == pytest.approx(without)
        r = np.mean((X[:, j] - X[:, j].mean()) * (y - y.mean())) / X[:, j].std() / y.std()
        assert out[34 + j] == f"{j + 1}: correlation {r:.2f}, weight {w[j]:+.2f}, without {without:.0f}"
        assert r > 0.79 and full <= without
    assert w[:2].round(2).tolist() == [0.78, -0.3] and abs(w[3]) < 0.01
    assert round(0.78 - 0.3, 2) == 0.48
    assert lm.without[1] < 1.04 * full
    for v in SERIES:
        w = fitted(past(v, 7)[:-365], v[56:-365])
        assert w[1] < -0.2 and abs(w[3]) < 0.05  # not the luck of one series


def test_the_flat_direction_of_two_correlated_features():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(400, 2)) @ np.array([[1, 0.9], [0, 0.4]])
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    rho = np.mean(x[:, 0] * x[:, 1])
    y = x.sum(axis=1) + rng.normal(size=400)
    X = np.column_stack([x, np.ones(400)])
    w = fitted(X, y)
    for move in (0.3, -2.0):
        rise = np.mean((y - X @ (w + [move, -move, 0])) ** 2) - np.mean((y - X @ w) ** 2)
        assert rise == pytest.approx(2 * (1 - rho) * move**2)


def test_copies(chapter, lm, out):
    rng = np.random.default_rng(0)
    share = {}
    for row, rho in enumerate((0, 0.9, 0.99)):
        fits = np.zeros((200, 2))
        for k in range(200):
            u = rng.normal(size=(50, 2))
            x1, x2 = u[:, 0], rho * u[:, 0] + (1 - rho**2) ** 0.5 * u[:, 1]
            y = x1 + x2 + rng.normal(size=50)
            fits[k] = fitted(np.column_stack([x1, x2, np.ones(50)]), y)[:2]
        total, difference = fits.sum(axis=1).std(), (fits[:, 0] - fits[:, 1]).std()
        assert lm.spread[rho] == pytest.approx((total, difference), rel=1e-6)
        share[rho] = np.mean(fits.min(axis=1) < 0)
        shown = f"{rho}: sum {total:.2f}, difference {difference:.2f}, negative {100 * share[rho]:.0f}%"
        assert out[41 + row] == shown
        ax = chapter.figures[6].axes[row]
        assert np.array(curve(ax, 0)).T == pytest.approx(fits, rel=1e-6)
        assert np.array(curve(ax, 1)).tolist() == [[1], [1]]
        assert look(ax.lines[0])[0] == "C0" and look(ax.lines[0])[3] == "o" and ax.lines[0].get_markersize() == 1.5
        assert look(ax.lines[1])[0] == "C4" and look(ax.lines[1])[3] == "*" and ax.lines[1].get_markersize() == 9
        assert ax.get_title() == rf"$\rho$ = {rho}" and ax.get_xlim() == ax.get_ylim() == (-3, 5)
        assert ax.get_xticks().tolist() == ax.get_yticks().tolist() == [-2, 1, 4] and ax.get_aspect() == 1
        assert abs(fits - 1).max() < 4
    assert share[0] == 0 and 0.25 < share[0.99] < 0.4
    for rho, factor in ((0.9, 3.2), (0.99, 10)):
        assert 1 / np.sqrt(1 - rho) == pytest.approx(factor, rel=0.02)
        assert lm.spread[rho][1] / lm.spread[0][1] == pytest.approx(factor, rel=0.15)
    assert lm.spread[0.99][0] < lm.spread[0.9][0] < lm.spread[0][0]  # the sum is pinned down ever better
    assert [len(figure.axes) for figure in chapter.figures] == [2, 1, 1, 1, 1, 3, 3]
    assert size(chapter.figures[6]) == [4.8, 2.2] and chapter.figures[6].axes[0].get_ylabel() == "$w_2$"


def test_predictions_hardly_suffer_from_correlation():
    """Excess loss on new examples of the same kind: the number of parameters matters, not the correlation."""
    excess = {}
    for rho in (0, 0.99):
        rng = np.random.default_rng(1)
        M = np.array([[1, rho], [rho, 1]])
        rows = []
        for _ in range(400):
            x = rng.normal(size=(50, 2)) @ np.linalg.cholesky(M).T
            w = fitted(np.column_stack([x, np.ones(50)]), x.sum(axis=1) + rng.normal(size=50))
            off = w[:2] - 1
            rows.append(off @ M @ off + w[2] ** 2)
        excess[rho] = np.mean(rows)
    assert excess[0.99] == pytest.approx(excess[0], rel=0.2) and excess[0.99] < 0.1


# exercises


def test_exercise_1(lm, out):
    for row, d in enumerate((1, 7, 28)):
        assert lm.shapes[d] == (1506 - d, d + 1)
        assert out[44 + row] == f"d = {d}: {1506 - d} examples, {d + 1} parameters"


def test_exercise_2(lm, out):
    mean = [Fraction(1, k + 1) for k in range(5)]  # of x to the power k
    w = (mean[3] - mean[1] * mean[2]) / (mean[2] - mean[1] ** 2)
    b = mean[2] - w * mean[1]
    assert (w, b) == (1, Fraction(-1, 6))
    loss = mean[4] - 2 * mean[3] + mean[2] * (1 + Fraction(1, 3)) - mean[1] / 3 + Fraction(1, 36)
    parts = Fraction(1, 5) - Fraction(1, 2) + Fraction(4, 9) - Fraction(1, 6) + Fraction(1, 36)
    assert loss == parts == Fraction(1, 180)
    assert lm.w_parabola == pytest.approx([1, -1 / 6], abs=1e-6) and lm.loss_parabola == pytest.approx(
        1 / 180, rel=1e-4
    )
    assert out[47] == "w = 1.0000, b = -0.1667" and out[48] == f"MSE {1 / 180:.6f}, 1/180 = {1 / 180:.6f}"
    assert out[49] == "with the feature x squared: exact True" and abs(lm.rest).max() < 1e-9


def test_exercise_3(lm, out):
    rng = np.random.default_rng(0)
    for row, k in enumerate((0, 10, 20, 40)):
        losses = np.zeros((100, 2))
        for i in range(100):
            features = rng.normal(size=(1060, k + 1))
            y = features[:, 0] + rng.normal(size=1060)
            X = np.column_stack([features, np.ones(1060)])
            r = y - X @ fitted(X[:60], y[:60])
            losses[i] = np.mean(r[:60] ** 2), np.mean(r[60:] ** 2)
        seen, new = losses.mean(axis=0)
        assert lm.noise_columns[k] == pytest.approx((seen, new), rel=1e-6)
        law = 1 - (k + 2) / 60
        assert seen == pytest.approx(law, abs=0.02)
        assert out[50 + row] == f"k {k:2}: train {seen:.2f}, 1 - {k + 2}/60 = {law:.2f}, new {new:.2f}"
    rows = np.array(list(lm.noise_columns.values()))
    assert (np.diff(rows[:, 0]) < 0).all() and (np.diff(rows[:, 1]) > 0).all()


def test_exercise_4(lm, out):
    X = np.column_stack([np.eye(3)[np.repeat([0, 1, 2], 20)], np.ones(60)])
    y = np.repeat([4.0, 5, 4], 20)
    assert np.array_equal(X @ [1, 1, 1, -1], np.zeros(60)) and np.array_equal(lm.y_melons, y)
    assert out[54] == "4 columns, rank 3"
    family = [np.array([4, 5, 4, 0]) - t * np.array([1, 1, 1, -1]) for t in np.linspace(0, 5, 2001)]
    assert all(np.allclose(X @ w, y) for w in family)
    shortest = min(family, key=np.linalg.norm)
    assert lm.shortest == pytest.approx(shortest, abs=2e-3)
    assert out[55] == "[0.75 1.75 0.75 3.25] SSE 0.00"
    assert out[56:58] == ["[4 5 4 0] SSE 0.00", "[0 1 0 4] SSE 0.00"]
    assert out[58].split(": ")[1].replace("-0.", "0.") == "[1. 0. 4.]"


def test_exercise_5(lm, out, by_days):
    """Nine parameters come down to the fresh noise; written as a recipe, yesterday's weight is 0.9."""
    day = np.array([d.astype(object).weekday() for d in DATES[56:]])
    year = np.arange(day.size) / 365
    X = [np.column_stack([v[55:-1], day[:, None] == np.arange(7), year]) for v in SERIES]
    test = [judged(v, x)[1] for v, x in zip(SERIES, X, strict=True)]
    assert lm.floor == pytest.approx(test, rel=1e-6) and X[0].shape[1] == 9
    w = fitted(X[-1][:-365], SERIES[-1][56:-365])[0]
    assert out[59] == f"test {np.mean(test):.0f}, weight of yesterday {w:.2f}" and len(out) == 60
    assert round(np.mean(test)) == 242 and abs(w - 0.9) < 0.02
    assert (test < by_days[56][:, 1]).all()
    level, dip = np.linspace(2800.0, 7800.0, 1506), np.where(np.isin(day, (4, 5)), 800.0, 0.0)
    noise = SERIES[0] - level
    fresh = (noise[56:] + dip) - 0.9 * (noise[55:-1] + np.where(np.isin((day - 1) % 7, (4, 5)), 800.0, 0.0))
    assert fresh.std() == pytest.approx(240, rel=0.05)


# what the page asks


def test_questions(lm):
    middle, many, tent, weight = answers_of("linear-models")
    w, b = np.polyfit([1, 2, 3], [1, 3, 2], 1)
    outer = np.polyfit([1, 3], [1, 2], 1)
    assert middle == [f"{b + 2 * w:.1f}", "3.0", f"{np.polyval(outer, 2):.1f}"] and middle[0] == "2.0"
    worse = 0
    for views in SERIES:
        errors = []
        for d in (7, 56):
            X, y = past(views, d), views[56:]
            errors.append(root_mean_square(y[-365:] - X[-365:] @ fitted(X[-435:-365], y[-435:-365])))
        worse += errors[1] > errors[0]
    assert many == 2 and worse >= 17
    x = np.linspace(-1, 1, 2001)
    assert [float(slope) for slope in tent] == [pytest.approx(np.polyfit(x, 1 - abs(x), 1)[0], abs=1e-9), 1, -1]
    signs = [fitted(past(views, 7)[:-365], views[56:-365])[1] for views in SERIES]
    assert weight == 2 and max(signs) < -0.1
    assert np.corrcoef(SERIES[0][54:-367], SERIES[0][56:-365])[0, 1] == pytest.approx(0.84, abs=0.005)
