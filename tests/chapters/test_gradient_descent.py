"""Chapter `gradient-descent`: every claim of the page, by a second way where there is one."""

from __future__ import annotations

import numpy as np
import pytest
from asked import answers_of
from numerical_gradient import numerical_gradient
from shown import curve
from states import states_of
from views import views_series


@pytest.fixture(scope="module")
def gd(names):
    return names


def walk(grad, w, lr, steps, beta=0.0):
    """Plain reference: the points of gradient descent with momentum, one at a time."""
    points, m = [w], 0.0 * w
    for _ in range(steps):
        m = beta * m - lr * grad(points[-1])
        points.append(points[-1] + m)
    return np.array(points)


def test_every_check_that_the_page_prints_holds(out):
    text = "\n".join(out)
    assert "False" not in text
    assert text.count("True") == 1 + 2 + 3 + 1  # limit, limit_matrix, local_minimum, multi_start


def test_lines_fit_a_phone(out):
    assert max(map(len, out)) <= 46


def test_there_are_seven_figures(chapter):
    assert len(chapter.figures) == 7


# the step


def test_sign_and_size_of_the_step(gd, out):
    assert out[0] == "w 0.0: slope -4.0, w -> 0.4, loss 2.00 -> 0.72"
    assert gd.slope(0.0) < 0 < gd.slope(1.5)
    assert out[1] == "w 1.5: slope +2.0, w -> 1.3, loss 0.50 -> 0.18"  # positive slope: w shrinks
    assert gd.loss(0.4) < gd.loss(0.0) and gd.loss(1.3) < gd.loss(1.5)


@pytest.mark.parametrize("w", [-2.0, 0.0, 0.7, 1.5])
def test_slope_is_the_derivative_of_the_loss(gd, w):
    assert gd.slope(w) == pytest.approx(numerical_gradient(gd.loss, np.array(w)), abs=1e-8)
    assert gd.loss(w) == pytest.approx(2 * (w - 1) ** 2)


@pytest.mark.parametrize(("row", "lr"), [(2, 0.1), (3, 0.01), (4, 0.001)])
def test_the_drop_is_lr_g_squared_times_the_bracket(out, row, lr):
    exact = lr * 16 * (1 - 0.5 * lr * 4)
    assert out[row] == f"lr {lr}: drop {exact:.6f}, ratio {1 - 2 * lr:.3f}"


def test_figure_of_tangents_and_steps(chapter, gd):
    for axes, lr in zip(chapter.figures[0].axes, (0.1, 0.4), strict=True):
        w = walk(gd.slope, 0.0, lr, 3)
        dots = [line.get_xydata()[0] for line in axes.lines if line.get_marker() == "o"]
        np.testing.assert_allclose(dots, np.column_stack([w, 2 * (w - 1) ** 2]))
        tangents = [line.get_xydata() for line in axes.lines if line.get_color() == "C2"]
        assert len(tangents) == 3
        for (left, right), at in zip(tangents, w, strict=False):
            assert (right[1] - left[1]) / (right[0] - left[0]) == pytest.approx(4 * (at - 1))
            assert (left + right) / 2 == pytest.approx([at, 2 * (at - 1) ** 2])
        arrows = [note for note in axes.texts if note.arrow_patch is not None]
        ends = [(note.xy, note.xyann) for note in arrows]  # head, tail: level with the point that they leave
        height = 2 * (w[:-1] - 1) ** 2
        expected = [((b, h), (a, h)) for a, b, h in zip(w, w[1:], height, strict=False)]
        np.testing.assert_allclose(np.array(ends, float), np.array(expected))
        if lr == 0.1:  # "each shorter than the last"; with 0.4 the first lands on the other side, at 1.6
            assert (np.diff(w) > 0).all() and (np.diff(np.diff(w)) < 0).all()
        else:
            assert w[1] == pytest.approx(1.6) and (np.diff(np.abs(np.diff(w))) < 0).all()


# two parameters


def test_two_parameters_by_hand(gd, out):
    r = np.array([4.9, 7.5]) - (0.5 + np.array([4.8, 4.9]))
    assert r == pytest.approx([-0.4, 2.1])
    assert [r @ [4.8, 4.9], r.sum()] == pytest.approx([8.37, 1.7])
    assert gd.new == pytest.approx([1 + 0.01 * 8.37, 0.5 + 0.01 * 1.7])
    assert gd.new == pytest.approx([1.0837, 0.517])
    assert out[5] == "gradient [-8.37 -1.7 ] check [-8.37 -1.7 ]"
    assert out[6] == "w, b: [1.  0.5] -> [1.0837 0.517 ]"
    after = np.mean((np.array([4.9, 7.5]) - 0.517 - 1.0837 * np.array([4.8, 4.9])) ** 2)
    assert out[7] == f"loss: {(0.16 + 4.41) / 2:.4f} -> {after:.4f}" and after < 2.285


def test_one_after_the_other_is_another_step(gd, out):
    r = np.array([4.9, 7.5]) - (0.5 + 1.0837 * np.array([4.8, 4.9]))  # the new w, the old b
    assert out[8] == f"b by the new w instead: {0.5 + 0.01 * r.sum():.4f}"
    assert abs(0.5 + 0.01 * r.sum() - 0.517) > 0.005


@pytest.mark.parametrize("params", [(0.0, 0.0), (0.5, 100.0), (2.0, -3000.0)])
def test_gradient_of_the_mse(gd, params):
    views = views_series()[1]
    x, y = views[:-1], views[1:]
    loss = sum((b - params[0] * a - params[1]) ** 2 for a, b in zip(x, y, strict=True)) / 1505
    assert gd.mse(params, x, y) == pytest.approx(loss)
    grad = gd.mse_grad(params, x, y)
    check = numerical_gradient(lambda p: gd.mse(p, x, y), np.array(params), h=1e-3)
    np.testing.assert_allclose(grad, check, rtol=1e-6)


# stopping


def test_both_stops_are_reached_on_the_same_run(gd, out):
    exact = next(t for t in range(100) if 4 * 0.6**t <= 1e-6)  # w - 1 shrinks by 1 - 0.1 * 4 per step
    assert out[9] == f"budget 20: budget, 20 steps, w {1 - 0.6**20:.7f}"
    assert out[10] == f"budget 1000: zero slope, {exact} steps, w {1 - 0.6**exact:.7f}"
    assert gd.stops == {20: 20, 1000: exact}


def test_zero_slope_stops_at_once_at_a_minimum_a_maximum_and_neither(out):
    assert out[11:14] == [f"{name} from 0: zero slope, 0 steps" for name in ("w**2", "-w**2", "w**3")]


def test_only_the_first_of_the_three_is_a_minimum(gd):
    sides = np.array([-0.1, 0.1])
    functions = {"w**2": lambda w: w**2, "-w**2": lambda w: -(w**2), "w**3": lambda w: w**3}
    assert list(gd.derivatives) == list(functions)
    for name, function in functions.items():
        check = numerical_gradient(lambda w, f=function: f(w).sum(), sides)
        np.testing.assert_allclose(gd.derivatives[name](sides), check, atol=1e-8)
        assert (function(sides) > 0).all() == (name == "w**2")


@pytest.mark.parametrize(
    ("tol", "reason", "steps"), [(0.0, "budget", 6), (1.0, "zero slope", 3), (0.99, "zero slope", 4)]
)
def test_descend(gd, tol, reason, steps):
    path, why = gd.descend(lambda w: w, np.array([4.8, 6.4]), 0.5, 6, tol)  # norm 8, 4, 2, 1, 0.5 ...
    assert why == reason
    np.testing.assert_allclose(path, np.outer(0.5 ** np.arange(steps + 1), [4.8, 6.4]))


def test_descend_without_a_budget_stays_where_it_is(gd):
    path, why = gd.descend(lambda w: w, 1, 0.5, 0)
    assert path.tolist() == [1.0] and path.dtype == np.float64 and why == "budget"


# the limit


@pytest.mark.parametrize(("row", "lr"), list(enumerate((0.05, 0.25, 0.45, 0.51))))
def test_each_step_multiplies_by_one_minus_lr_lambda(out, row, lr):
    end = 0.0 if lr == 0.25 else abs(1 - 4 * lr) ** 50
    assert out[14 + row] == f"lr {lr}: factor {1 - lr * 4.0:+.2f}, last |w| {end:.2g}"


def test_every_state_of_the_bowl(gd):
    states = states_of("gradient-descent", "limit", vars(gd))
    assert list(states) == ["0.05", "0.25", "0.45", "0.49", "0.51"]
    for value, state in states.items():
        top, bottom = state.figure.axes
        bowl, (w, height), (t, same) = curve(top, 0), curve(top, 1), curve(bottom, 1)
        np.testing.assert_allclose(bowl[1], 2 * bowl[0] ** 2)
        np.testing.assert_allclose(w, (1 - 4 * float(value)) ** np.arange(w.size), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(height, 2 * w**2)
        assert w.size == (2 if value == "0.25" else 9) and list(same) == list(w) and list(t) == list(range(w.size))


def test_half_is_the_limit_and_a_quarter_the_fastest(gd, out):
    assert (1 - 4 * 0.49) ** 50 < 1 < (1 - 4 * 0.51) ** 50
    assert gd.fastest == 0.25 and gd.rates.size == 50  # the name is used again by the hill
    assert out[18] == "fastest of 54: lr 0.25; as the formula: True"
    assert abs(1 - 4 * 0.05) == pytest.approx(abs(1 - 4 * 0.45))  # "equally fast"


def test_the_largest_curvature_decides(gd, out):
    assert out[19:21] == ["eigenvalues [1. 4.]", "Hw [5. 3.] check [5. 3.]"]
    np.testing.assert_allclose(gd.H, [[2.5, 1.5], [1.5, 2.5]])
    np.testing.assert_allclose(gd.V @ np.diag([1, 4]) @ gd.V.T, gd.H, atol=1e-12)
    assert np.all(abs(gd.V) > 0.1)  # neither axis is an eigenvector
    for row, lr in ((21, 0.49), (22, 0.51)):
        end = np.linalg.norm(np.linalg.matrix_power(np.eye(2) - lr * gd.H, 50) @ [2, 0])
        assert out[row] == f"lr {lr}: norm {end:.3f}, as the formula: True"
        assert (end < 2) == (lr < 2 / 4)


# the direction


def test_minus_the_gradient_overshoots_and_is_not_the_best_long_step(gd):
    start, g = np.array([2.0, 0.0]), np.array([5.0, 3.0])

    def bowl(w):
        return 0.5 * w @ gd.H @ w

    assert gd.H @ start == pytest.approx(g) and np.linalg.norm(g) == pytest.approx(34**0.5)
    assert g @ gd.H @ g / 34 == pytest.approx(130 / 34)
    rise = bowl(start - 3.5 * g / 34**0.5) - bowl(start)
    assert rise == pytest.approx(-3.5 * 34**0.5 + 3.5**2 * 130 / 68) and 2.95 < rise < 3.05
    turn = np.radians(np.arange(0, 360, 0.5))
    ends = start + 2 * np.column_stack([np.cos(turn), np.sin(turn)])
    best = ends[np.argmin([bowl(w) for w in ends])]
    assert best == pytest.approx([0, 0], abs=0.02)  # straight to the minimum, which is 2 away
    assert np.degrees(np.arccos(g @ (start - best) / 34**0.5 / 2)) == pytest.approx(31, abs=0.5)


# local minima


def test_the_double_well(gd, out):
    assert [gd.best, gd.top, gd.local] == pytest.approx([-1.036, 0.0754, 0.960], abs=5e-4)
    assert [gd.f(gd.local), gd.f(gd.best)] == pytest.approx([-0.706, -1.305], abs=5e-4)
    grid = np.linspace(-3, 3, 60001)
    assert gd.f(gd.best) <= gd.f(grid).min() + 1e-12
    for w in (-1.5, 0.2, 1.7):
        assert gd.df(w) == pytest.approx(numerical_gradient(gd.f, np.array(w)), rel=1e-8)
        assert gd.f(w) == pytest.approx(w**4 - 2 * w**2 + 0.3 * w)
    assert out[23:26] == [
        "w -1.036: f -1.305, f'' +8.9, flat: True",
        "w +0.075: f +0.011, f'' -3.9, flat: True",
        "w +0.960: f -0.706, f'' +7.1, flat: True",
    ]


def test_plain_descent_from_2_stops_in_the_local_minimum(gd, out):
    points = walk(gd.df, np.float64(2), 0.01, 1000)
    assert abs(gd.df(points)).min() <= 1e-8
    assert out[26] == "from 2: zero slope, w 0.960, f -0.706"


# momentum and the hill


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_momentum_path(gd, beta):
    starts, rates = np.array([0.3, 1.0, -1.5]), np.array([0.01, 0.02, 0.03])
    path = gd.momentum_path(gd.df, starts, rates, beta, 7)
    assert path.shape == (8, 3)
    for column, (w, lr) in enumerate(zip(starts, rates, strict=True)):
        assert path[:, column] == pytest.approx(walk(gd.df, w, lr, 7, beta))
    assert starts.tolist() == [0.3, 1.0, -1.5]


def test_on_a_constant_slope_the_step_grows_tenfold(out):
    assert out[27] == "slope 1 everywhere: the step grows to -0.1000"


def test_momentum_escapes_and_is_no_cure(gd, out):
    assert gd.ends[2.0, 0.0] == pytest.approx(gd.local, abs=1e-6)
    assert gd.ends[2.0, 0.9] == pytest.approx(gd.best, abs=1e-6)  # over the hill
    assert gd.ends[-2.0, 0.0] == pytest.approx(gd.best, abs=1e-6)
    assert gd.ends[-2.0, 0.9] == pytest.approx(gd.local, abs=1e-6)  # and out of the good valley
    rates = 0.002 * np.arange(1, 51)
    np.testing.assert_allclose(gd.rates, rates)
    rows = {2.0: 28, -2.0: 31}
    for start, row in rows.items():
        assert out[row] == f"from {start:+}: leaps if lr > {gd.leap[start]:.4f}, {gd.above[start]} of 50"
        for below, beta in ((1, 0.0), (2, 0.9)):
            calm = rates[rates < 0.065]  # above, momentum is close to divergence: not worth a second way
            won = sum(abs(walk(gd.df, np.float64(start), lr, 3000, beta)[-1] - gd.best) < 1e-3 for lr in calm)
            assert 0 <= gd.wins[start, beta] - won <= (rates > 0.065).sum()
            left, _, right = out[row + below].partition(" global, ")
            assert left == f"  beta {beta}: {gd.wins[start, beta]}"
            diverge, _, end = right.partition(" diverge; 0.01: ")
            assert end == f"{gd.ends[start, beta]:+.3f}" and (int(diverge) > 0) == (beta > 0)


def test_one_leap_predicts_the_valley_of_every_plain_run(gd):
    """Q01: which rates end in the global minimum follows from the first step alone."""
    assert gd.df(2.0) == pytest.approx(24.3) and gd.df(-2.0) == pytest.approx(-23.7)
    assert gd.leap[2.0] == pytest.approx((2 - 0.0754) / 24.3, abs=1e-5)
    assert gd.leap[-2.0] == pytest.approx((2 + 0.0754) / 23.7, abs=1e-5)
    assert (gd.above[2.0], gd.above[-2.0]) == (11, 7)
    for start in (2.0, -2.0):
        ends = np.array([walk(gd.df, np.float64(start), lr, 3000)[-1] for lr in gd.rates])
        found = abs(ends - gd.best) < 1e-3
        leaps = gd.rates > gd.leap[start]
        np.testing.assert_array_equal(found, leaps if start > 0 else ~leaps)
        assert gd.wins[start, 0.0] == found.sum() == (11 if start > 0 else 43)


def test_figure_of_the_hill(chapter, gd):
    scenes = [(0.01, 0.0, gd.local), (0.085, 0.0, gd.best), (0.01, 0.9, gd.best)]
    for axes, (lr, beta, end) in zip(chapter.figures[2].axes, scenes, strict=True):
        ground, path, star = (curve(axes, i) for i in range(3))
        np.testing.assert_allclose(ground[1], gd.f(ground[0]))
        np.testing.assert_allclose(path[0], walk(gd.df, np.float64(2), lr, 150, beta))
        np.testing.assert_allclose(path[1], gd.f(path[0]))
        assert star[0] == pytest.approx(end, abs=0.01)
        assert axes.lines[1].get_color() == ("C1" if beta else "C0")
    assert curve(chapter.figures[2].axes[1], 1)[0][1] < gd.top  # "the first step leaps over the hill"


# many starts


def test_the_hole_changes_nothing_outside(gd):
    w = np.linspace(-4, 4, 8001)
    outside = (w <= 2.55) | (w >= 3.05)
    assert (gd.wells(w, 3) == gd.wells(w, 0))[outside].all()
    assert (gd.wells(w, 3) < gd.wells(w, 0))[~outside].all()
    assert (gd.d_wells(w, 3) == gd.d_wells(w, 0))[outside].all()
    np.testing.assert_allclose(gd.wells(w, 0), w**2 / 10 + np.sin(5 * w))
    assert gd.wells(2.8, 3) == pytest.approx(gd.wells(2.8, 0) - 3)
    check = numerical_gradient(lambda w: gd.wells(w, 3).sum(), w[::40])
    np.testing.assert_allclose(gd.d_wells(w[::40], 3), check, rtol=1e-6, atol=1e-6)


def test_the_hole_is_the_global_minimum_and_a_hard_one_to_find(gd):
    w = np.linspace(-4, 4, 8001)
    assert abs(w[np.argmin(gd.wells(w, 3))] - 2.8) < 0.25 < abs(w[np.argmin(gd.wells(w, 0))] - 2.8)
    rims = [w[np.argmax(np.where(abs(w - at) < 0.2, gd.wells(w, 3), -9))] for at in (2.5, 3.05)]
    assert gd.p == pytest.approx((rims[1] - rims[0]) / 8, abs=1e-3)  # from rim to rim, of all starts


def test_all_ends_are_critical_points(gd):
    assert gd.holed.shape == (2000, 10)
    near = abs(gd.d_wells(gd.holed, 3)) < 1e-6
    assert near.mean() > 0.9999  # a start on a summit needs longer


def test_best_of_k_never_rises(chapter, gd):
    assert gd.best_of_k.shape == (500, 40)
    assert (np.diff(gd.best_of_k, axis=1) <= 0).all()
    lowest = gd.wells(gd.holed, 3).reshape(500, 40).min(axis=1)
    np.testing.assert_array_equal(gd.best_of_k[:, -1], lowest)
    assert gd.best_of_k[:, 0].mean() > gd.best_of_k[:, 9].mean() > gd.best_of_k[:, -1].mean()
    top, bottom = chapter.figures[3].axes
    np.testing.assert_allclose(curve(bottom, 0), (np.arange(1, 41), np.median(gd.best_of_k, axis=0)))
    band = bottom.collections[0].get_paths()[0].vertices
    for k, level in ((1, 0.1), (21, 0.1), (40, 0.1), (1, 0.9), (21, 0.9), (40, 0.9)):
        edge = np.quantile(gd.best_of_k[:, k - 1], level)
        assert np.isclose(band, [k, edge]).all(axis=1).any()
    median = np.median(gd.best_of_k, axis=0)
    reached = 1 + np.argmax(median < -1.1)
    assert 10 <= reached <= 15  # "after about a dozen starts"
    assert np.quantile(gd.best_of_k, 0.9, axis=0).min() > -1.1  # "the top of the band stays above it"
    for line, depth in ((0, 3), (1, 0)):
        w, y = curve(top, line)
        np.testing.assert_allclose(y, gd.wells(w, depth))
        assert (w[0], w[-1]) == (-4, 4)


def test_ten_starts_miss_as_often_as_the_formula_says_and_then_cannot_know(gd, out):
    missed = np.all(abs(gd.holed - 2.8) > 0.25, axis=1)
    np.testing.assert_array_equal(missed[:500], gd.alike)  # bit for bit, in exactly the runs that miss
    assert gd.missed == missed.mean()
    formula = (1 - gd.p) ** 10
    assert abs(gd.missed - formula) < 3 * np.sqrt(formula * (1 - formula) / 2000)
    assert gd.p == pytest.approx(np.mean(abs(gd.holed - 2.8) < 0.25), abs=0.004)
    assert out[34] == "gradient checked: True"
    assert out[35] == f"p {gd.p:.3f}; ten miss: formula {formula:.3f}, found {missed.mean():.3f}"
    assert out[36] == f"of 500: {missed[:500].sum()} miss, {gd.alike.sum()} end alike"


# the stall


@pytest.mark.parametrize("ratio", [0.98, 1.02, 1.1, 1.2])
def test_above_the_limit_the_run_settles_on_two_points_with_a_large_slope(gd, out, ratio):
    """Q02: loss and slope stand still although the slope is not small, at a whole range of rates."""
    limit = 2 / (12 * gd.best**2 - 4)
    assert gd.limits["best"] == pytest.approx(limit)
    points = walk(gd.df, np.float64(gd.best + 0.01), ratio * limit, 1000)
    a, b = sorted(points[-2:])
    row = 37 + [0.98, 1.02, 1.1, 1.2].index(ratio)
    assert out[row] == f"{ratio:4}: w {a:.3f}, {b:.3f}; slopes {gd.df(a):+.3f}, {gd.df(b):+.3f}"
    if ratio < 1:
        assert abs(gd.df(a)) < 1e-3
        return
    np.testing.assert_allclose(points[-2:], points[-4:-2], rtol=1e-9)  # a cycle of two, for ever
    assert gd.df(b) == pytest.approx(-gd.df(a)) and gd.df(b) > 0.6
    assert (gd.df(b) - gd.df(a)) / (b - a) == pytest.approx(2 / (ratio * limit))  # gd-cycle


@pytest.mark.parametrize(("well", "low", "high"), [("best", 0.65, 1.62), ("local", 0.44, 1.10)])
def test_from_1_02_to_1_2_times_the_limit_in_both_valleys(gd, well, low, high):
    at = {"best": gd.best, "local": gd.local}[well]
    limit = 2 / (12 * at**2 - 4)
    assert gd.ratios[[24, 60]] == pytest.approx([1.02, 1.2])
    for ratio in np.linspace(1.02, 1.2, 10):
        end = abs(gd.df(walk(gd.df, np.float64(at + 0.01), ratio * limit, 800)[-4:]))
        assert np.ptp(end) < 1e-3 and low - 0.005 < end[0] < high + 0.005
    assert gd.sizes[well][24].max() == pytest.approx(low, abs=0.005)
    assert gd.sizes[well][60].max() == pytest.approx(high, abs=0.005)
    below, split = gd.ratios < 0.99, gd.ratios > 1.245
    assert gd.sizes[well][below].max() < 0.01
    assert all(len(set(row)) > 1 for row in gd.sizes[well][split])  # "splitting … from about 1.24"
    assert all(len(set(row)) == 1 for row in gd.sizes[well][24:67])


def test_figure_of_the_stall(chapter, gd):
    top, bottom = chapter.figures[4].axes
    np.testing.assert_allclose(curve(top, 0)[1], gd.f(curve(top, 0)[0]))
    path = walk(gd.df, np.float64(gd.best + 0.01), 1.1 * gd.limits["best"], 60)
    np.testing.assert_allclose(curve(top, 1), (path, gd.f(path)))
    assert sorted(path[-2:]) == pytest.approx([-1.16, -0.84], abs=0.005)
    for line, well in enumerate(("best", "local")):
        ratio, size = curve(bottom, line)
        assert set(np.round(ratio, 6)) == set(np.round(gd.ratios, 6))
        for q, row in zip(gd.ratios, gd.sizes[well], strict=True):
            assert set(size[np.isclose(ratio, q)]) == set(row)


def test_on_a_quadratic_only_one_exact_rate_stalls():
    end = {lr: 100 * walk(lambda w: 100 * w, np.float64(1), lr, 2000)[-1] for lr in (0.0199, 0.02, 0.0201)}
    assert abs(end[0.0199]) < 1e-2 and abs(end[0.02]) == pytest.approx(100) and abs(end[0.0201]) > 1e6


def test_the_saddle_of_the_page():
    def loss(w1, w2):
        return (1 - w1 * w2) ** 2

    gradient = numerical_gradient(lambda w: loss(*w), np.zeros(2))
    assert gradient == pytest.approx([0, 0], abs=1e-9)
    assert loss(0.1, 0.1) < loss(0, 0) < loss(0.1, -0.1)


def test_the_flat_direction_needs_kappa_steps(gd):
    assert 1 - 0.02 * 0.01 == 0.9998
    exact = np.log(100) / -np.log(1 - 2 / 10_000)
    assert exact == pytest.approx(10_000 / 2 * np.log(100), rel=1e-3)
    assert f"{10_000 / 2 * np.log(100):,.0f}" == "23,026"


# momentum in the ravine


def test_every_state_of_the_ravine(gd):
    states = states_of("gradient-descent", "ravine", vars(gd))
    assert list(states) == ["0", "0.2", "0.4", "0.6", "0.8", "0.9"]
    short = {}
    for value, state in states.items():
        (axes,) = state.figure.axes
        w1, w2 = walk(lambda w: np.array([25.0, 1.0]) * w, np.array([1.0, 5.0]), 0.95 * 2 / 25, 25, float(value)).T
        np.testing.assert_allclose(curve(axes, 0), (w2, w1), atol=1e-12)
        (contours,) = axes.collections
        for level, pieces in zip(contours.levels, contours.allsegs, strict=True):
            for points in pieces:
                assert 0.5 * (25 * points[:, 1] ** 2 + points[:, 0] ** 2) == pytest.approx(level, rel=0.03)
        short[value] = np.hypot(w1[-1], w2[-1])
        assert (w2.min() < -1) == (float(value) >= 0.8)  # "swings past the star"
    assert short["0"] > 0.5 and min(short, key=short.get) == "0.6" and short["0.6"] < 0.02 < 1 < short["0.9"]


@pytest.mark.parametrize("beta", [0.3, 0.8])
def test_momentum_matrix_has_eigenvalues_of_one_size(beta):
    low, high = (1 - np.sqrt(beta)) ** 2, (1 + np.sqrt(beta)) ** 2
    for product in np.linspace(low, high, 9)[1:-1]:  # of eta and lambda
        M = np.array([[1 + beta - product, -beta], [1, 0]])
        assert abs(np.linalg.eigvals(M)) == pytest.approx([np.sqrt(beta)] * 2)
        points = walk(lambda w, q=product: q * w, 1.0, 1, 9, beta)  # eta = 1
        assert M @ points[[5, 4]] == pytest.approx(points[[6, 5]])
    for product in (0.9 * low, 1.1 * high):
        M = np.array([[1 + beta - product, -beta], [1, 0]])
        assert abs(np.linalg.eigvals(M)).max() > np.sqrt(beta) + 1e-3


@pytest.mark.parametrize("kappa", [9.0, 100.0, 10_000.0])
def test_polyak_is_the_smallest_largest_eigenvalue(kappa):
    root, lams = np.sqrt(kappa), np.array([1.0, kappa])

    def rate(lr, beta):
        """The largest size of an eigenvalue at either end of the spectrum."""
        return max(abs(np.linalg.eigvals([[1 + beta - lr * lam, -beta], [1, 0]])).max() for lam in lams)

    beta = ((root - 1) / (root + 1)) ** 2
    lr = (1 + np.sqrt(beta)) ** 2 / kappa
    assert lr == pytest.approx(4 / (np.sqrt(kappa) + 1) ** 2)
    assert ((1 + np.sqrt(beta)) / (1 - np.sqrt(beta))) ** 2 == pytest.approx(kappa)
    best = rate(lr, beta)
    assert best == pytest.approx(np.sqrt(beta), abs=1e-6)
    for a in (0.9, 0.98, 1.02, 1.1):
        for b in (0.9, 0.98, 1.0, 1.0005):
            assert rate(a * lr, min(b * beta, 0.9999)) > best - 1e-7


def test_steps_needed(gd):
    lams = np.array([3.0, 0.4])
    for lr, beta in ((0.2, 0.0), (0.3, 0.5), (0.05, 0.9)):
        points = walk(lambda w: lams * w, np.ones(2), lr, 400, beta)
        outside = np.flatnonzero(abs(points).max(axis=1) > 0.01)
        assert gd.steps_needed(lr, beta, lams, 400) == outside[-1] + 1
    both = gd.steps_needed(np.array([0.2, 0.3])[:, None], np.array([0.0, 0.5]), lams, 400)
    assert both.shape == (2, 2) and both[0, 0] == gd.steps_needed(0.2, 0.0, lams, 400)
    assert gd.steps_needed(0.7, 0.0, lams, 50) == 50  # diverges
    assert gd.steps_needed(0.01, 0.0, lams, 50) == 50  # too slow


def test_table_of_the_sweep(gd, out):
    lams = np.array([100.0, 0.01])
    assert out[41].split() == ["beta", "lr", "0.01", "0.02", "0.03", "0.035", "0.039"]
    for row, beta in enumerate((0.9, 0.94, 0.96, 0.97, 0.98, 0.99)):
        cells = out[42 + row].split()
        assert cells[0] == str(beta)
        for lr, cell in zip((0.01, 0.02, 0.03, 0.035, 0.039), cells[1:], strict=True):
            points = walk(lambda w: lams * w, np.ones(2), lr, 1499, beta)
            with np.errstate(invalid="ignore"):
                outside = np.flatnonzero(~(abs(points).max(axis=1) <= 0.01))
            assert cell == ("-" if outside[-1] == 1499 else str(outside[-1] + 1))
    by_rate = gd.table.argmin(axis=0)
    assert len(set(by_rate)) > 1 and (by_rate < 5).all()  # "each rate has its own best β", not the largest


def test_momentum_turns_kappa_into_its_root(gd, out):
    for row, kappa in ((48, 100), (49, 10_000)):
        found = gd.tuned[kappa]
        shown = f"plain {found['plain']} formula {found['formula']} grid {found['grid']}"
        assert out[row] == f"kappa {kappa}: {shown}"
        lams = np.array([1.0, 1 / kappa])
        plain = np.ceil(np.log(100) / -np.log(1 - 2 / (kappa + 1)))
        assert found["plain"] == plain  # no other rate is faster: both ends shrink alike
        for other in (0.98, 1 + 0.5 / kappa):  # a little more, and the steep direction is slower
            assert gd.steps_needed(2 / (1 + 1 / kappa) * other, 0.0, lams, 40_000) > plain
        root = np.sqrt(kappa)
        polyak = 4 / (1 + 1 / root) ** 2, ((root - 1) / (root + 1)) ** 2
        assert found["formula"] == gd.steps_needed(*polyak, lams, 2000)
        assert found["grid"] < 0.7 * found["formula"] < 0.7 * found["plain"]
        assert found["grid"] > root / 2 * np.log(100)  # the long-run rate is a bound that is not reached
    assert gd.tuned[10_000]["plain"] / gd.tuned[100]["plain"] == pytest.approx(100, rel=0.01)
    assert gd.tuned[10_000]["grid"] / gd.tuned[100]["grid"] == pytest.approx(10, rel=0.1)


def test_at_the_formula_the_two_eigenvalues_coincide():
    root = 100.0
    beta = ((root - 1) / (root + 1)) ** 2
    lr = 4 / (1 + 1 / root) ** 2
    for lam in (1.0, 1 / root**2):
        assert (1 + beta - lr * lam) ** 2 == pytest.approx(4 * beta)
        points = abs(walk(lambda w, lam=lam: lam * w, 1.0, lr, 900, beta))
        t = np.array([300, 600, 900])
        per_step = points[t] / np.sqrt(beta) ** t  # grows like t, in a straight line
        assert np.diff(per_step)[1] == pytest.approx(np.diff(per_step)[0], rel=0.01) and per_step[2] > 2 * per_step[0]


# scaling


def test_scaling_makes_the_bowl_round(gd, out):
    views = views_series()[1]
    x = views[:-1]
    design = np.column_stack([x, np.ones(1505)])
    singular = np.linalg.svd(design, compute_uv=False)
    assert gd.kappas["raw"] == pytest.approx((singular[0] / singular[1]) ** 2, rel=1e-4)
    assert 1e8 < gd.kappas["raw"] < 1e9 and gd.kappas["scaled"] == pytest.approx(1, abs=1e-9)
    assert gd.limit["raw"] == pytest.approx(2 / (2 / 1505 * singular[0] ** 2)) and gd.limit["raw"] < 4e-8
    assert gd.limit["scaled"] == pytest.approx(1)
    assert 2 * np.mean(x**2) == pytest.approx(5.6e7, rel=0.01)
    assert 1e4 < np.sqrt(gd.kappas["raw"]) / 2 * np.log(100) < 1e5  # "tens of thousands"


def test_descent_on_the_standardised_feature_equals_least_squares(gd, out):
    views = views_series()[1]
    x, y = views[:-1], views[1:]
    w = np.cov(x, y, bias=True)[0, 1] / x.var()
    line = np.array([w, y.mean() - w * x.mean()])
    np.testing.assert_allclose(gd.fits["lstsq"], line, rtol=1e-6)
    np.testing.assert_allclose(gd.fits["scaled back"], line, rtol=1e-6)
    loss = f"{gd.mse(line, x, y):.0f}"  # one step is enough
    assert out[52:54] == ["scaled: kappa 1, limit 1", f"  loss after 1 step {loss}, after 1000 {loss}"]
    for row, name in ((55, "scaled back"), (56, "lstsq")):
        assert out[row] == f"{name}: w = {line[0]:.4f}, b = {line[1]:.3f}"


def test_descent_on_the_raw_feature_leaves_the_bias_behind(gd, out):
    views = views_series()[1]
    x, y = views[:-1], views[1:]
    points = walk(lambda p: gd.mse_grad(p, x, y), np.zeros(2), gd.limit["raw"] / 2, 1000)
    np.testing.assert_allclose(gd.fits["raw"], points[-1], rtol=1e-9)
    assert 0 < gd.fits["raw"][1] < 0.01 * gd.fits["lstsq"][1]
    assert 1.01 < gd.losses["raw"][1] / gd.losses["scaled"][1] < 1.05
    first, last = (gd.mse(points[t], x, y) for t in (1, 1000))
    assert gd.losses["raw"] == pytest.approx([first, last], rel=1e-10)
    assert out[50] == f"raw: kappa {gd.kappas['raw']:.3g}, limit {gd.limit['raw']:.3g}"
    assert out[51] == f"  loss after 1 step {first:.0f}, after 1000 {last:.0f}"
    assert out[54] == f"raw: w = {points[-1][0]:.4f}, b = {points[-1][1]:.3f}"


def test_figure_of_the_bowls(chapter, gd):
    """The fold becomes a round bowl: straight contours on the raw feature, circles on the standardised one."""
    raw, scaled = chapter.figures[6].axes
    assert curve(raw, 0)[0] == pytest.approx([0, 0.9962, 0.9962], abs=5e-4)
    assert curve(raw, 1) == pytest.approx(np.array(gd.fits["lstsq"])[:, None])
    goal = gd.paths["scaled"][-1]
    np.testing.assert_allclose(np.array(curve(scaled, 0)).T, [[0, 0], goal, goal], rtol=1e-9)
    (circles,) = scaled.collections
    inner = circles.allsegs[0][0]
    radius = np.hypot(*(inner - goal).T)
    assert np.ptp(radius) < 0.05 * radius.mean()
    (lines,) = raw.collections
    for points in (piece for pieces in lines.allsegs for piece in pieces):
        slope = np.polyfit(points[:, 1], points[:, 0], 1)
        assert abs(np.polyval(slope, points[:, 1]) - points[:, 0]).max() < 0.01


# exercises


def test_exercise_1(out):
    assert out[57:59] == ["step 1: w = 1.5, loss = 2.25", "step 2: w = 2.25, loss = 0.5625"]
    for row, lr in ((59, 0.5), (60, 0.99), (61, 1.01)):
        far = [3 * abs(1 - 2 * lr) ** t for t in (1, 100)]
        assert out[row] == f"lr {lr}: distance {far[0]:.2f}, at the end {far[1]:.2f}"


def test_exercise_2(gd, out):
    for row, lr in enumerate((0.1, 0.01, 0.001)):
        offset = (np.pi / 3) % lr
        assert gd.hop[lr] == pytest.approx(max(offset, lr - offset), abs=1e-9) and lr / 2 <= gd.hop[lr] <= lr
        assert out[62 + row] == f"lr {lr}: last 100 points within {gd.hop[lr]:.6f}"
    assert out[65].startswith("0.1, halved every 100 steps: |w| = ")
    assert float(out[65].split()[-1]) <= 0.1 * 0.5**19


def test_exercise_3(gd, out):
    assert gd.share == pytest.approx((2 + gd.top) / 4, abs=1e-3)  # every start left of the hill's top
    for row, d in enumerate((1, 2, 5, 10)):
        assert abs(gd.hits[d] - gd.share**d) < 4 * np.sqrt(gd.share**d / 4000)
        assert out[66 + row] == f"d {d}: {2**d} minima, best {gd.hits[d]:.4f}, formula {gd.share**d:.4f}"
    assert all(float(gd.hits[d] * 4000).is_integer() for d in gd.hits)
    assert 0 < gd.hits[10] < gd.hits[5] < gd.hits[2] < gd.hits[1]
    assert out[70] == f"d 50: {2**50} minima, formula {gd.share**50:.0e}"


def test_exercise_4_validation_says_stop_early(gd, out):
    assert len(gd.stop) == len(gd.excess) == 20
    assert out[71] == f"lowest on validation after {min(gd.stop)} to {max(gd.stop)} steps;"
    assert out[72] == f"after 500 steps {min(gd.excess):.2f} to {max(gd.excess):.2f} times it"
    assert 1 < min(gd.stop) and max(gd.stop) < 50 and min(gd.excess) > 1.1
    rng = np.random.default_rng(19)  # the last run, once more, by a loop
    w_true = rng.normal(size=20) / np.sqrt(20)
    X = rng.normal(size=(230, 20))
    y = X @ w_true + rng.normal(size=230)
    w, losses, training = np.zeros(20), [], []
    for _ in range(501):
        losses.append(np.mean((y[30:] - X[30:] @ w) ** 2))
        training.append(np.mean((y[:30] - X[:30] @ w) ** 2))
        w = w + 0.05 * 2 / 30 * (y[:30] - X[:30] @ w) @ X[:30]
    assert gd.stop[-1] == np.argmin(losses) and (np.diff(training) < 0).all()
    assert gd.excess[-1] == pytest.approx(losses[-1] / min(losses))
    assert len(out) == 73


def test_with_many_examples_stopping_early_gains_little():
    """The exercise's last sentence."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3200, 20))
    y = X @ rng.normal(size=20) / np.sqrt(20) + rng.normal(size=3200)
    w, losses = np.zeros(20), []
    for _ in range(500):
        losses.append(np.mean((y[3000:] - X[3000:] @ w) ** 2))
        w = w + 0.05 * 2 / 3000 * (y[:3000] - X[:3000] @ w) @ X[:3000]
    assert losses[-1] < 1.02 * min(losses)


# what the page asks


def test_questions():
    second, rates, growth = answers_of("gradient-descent")
    first, landed = walk(lambda w: 4 * (w - 1), 0.0, 0.4, 2)[1:]
    assert first == pytest.approx(1.6)
    assert second == [f"{landed:.2f}", f"{2 * first:.2f}", f"{first + (first - landed):.2f}"] and second[0] == "0.64"
    left = [abs(walk(lambda w: 4 * w, 1.0, lr, 50)[-1]) for lr in (0.05, 0.45)]
    assert rates == 2 and left[0] == pytest.approx(left[1])
    steps = -np.diff(walk(lambda w: 1.0, 0.0, 1.0, 200, 0.9))  # in units of a plain step
    assert growth == [f"{steps[-1]:.1f}", f"{steps[1]:.1f}", f"{steps[1] - steps[0]:.1f}"]
    assert growth == ["10.0", "1.9", "0.9"]
