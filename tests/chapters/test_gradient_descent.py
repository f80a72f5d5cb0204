"""Chapter `gradient-descent`: every claim of the page, by a second way where there is one."""

from __future__ import annotations

import contextlib
import importlib.util
import io
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from numerical_gradient import numerical_gradient
from views import views_series

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

SCRIPT = Path(__file__).parents[2] / "snippets" / "gradient_descent.py"
RATES = (0.05, 0.25, 0.45, 0.49, 0.51)


@pytest.fixture(scope="module")
def chapter():
    """The chapter, run from top to bottom: its names, what it printed, its figures in order."""
    plt.close("all")
    spec = importlib.util.spec_from_file_location("gradient_descent_chapter", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        spec.loader.exec_module(module)
    figures = [plt.figure(number) for number in plt.get_fignums()]
    yield SimpleNamespace(names=module, out=out.getvalue().splitlines(), figures=figures)
    plt.close("all")


@pytest.fixture(scope="module")
def gd(chapter):
    return chapter.names


@pytest.fixture(scope="module")
def out(chapter):
    return chapter.out


def curve(axes, index):
    return np.asarray(axes.lines[index].get_xdata(), float), np.asarray(axes.lines[index].get_ydata(), float)


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
    assert text.count("True") == 2 + 3 + 1 + 3  # limit_matrix, local_minimum, multi_start, two_parameters


def test_there_are_five_figures(chapter):
    assert len(chapter.figures) == 5


# the step


def test_one_step_by_hand(out):
    assert out[0] == "w = 0.0, slope -4.0: w becomes 0.4, loss 2.00 -> 0.72"


def test_sign_of_the_step(gd, out):
    assert gd.slope(0.0) < 0 < gd.slope(1.5)
    assert out[1] == "w = 1.5, slope +2.0: w becomes 1.3, loss 0.50 -> 0.18"  # positive slope: w shrinks
    assert gd.loss(0.4) < gd.loss(0.0) and gd.loss(1.3) < gd.loss(1.5)


@pytest.mark.parametrize("w", [-2.0, 0.0, 0.7, 1.5])
def test_slope_is_the_derivative_of_the_loss(gd, w):
    assert gd.slope(w) == pytest.approx(numerical_gradient(gd.loss, np.array(w)), abs=1e-8)
    assert gd.loss(w) == pytest.approx(2 * (w - 1) ** 2)


@pytest.mark.parametrize(("row", "lr"), [(2, 0.1), (3, 0.01), (4, 0.001)])
def test_the_drop_is_lr_g_squared_times_the_bracket(out, row, lr):
    exact = lr * 16 * (1 - 0.5 * lr * 4)
    assert out[row] == f"lr {lr}: drop {exact:.6f}, lr * g**2 = {lr * 16:.4f}, ratio {1 - 2 * lr:.3f}"


# stopping


def test_both_stops_are_reached_on_the_same_run(gd, out):
    exact = next(t for t in range(100) if 4 * 0.6**t <= 1e-6)  # w - 1 shrinks by 1 - 0.1 * 4 per step
    assert out[5] == f"budget 20: budget after 20 steps, w = {1 - 0.6**20:.7f}"
    assert out[6] == f"budget 1000: zero slope after {exact} steps, w = {1 - 0.6**exact:.7f}"
    assert gd.stops == {20: 20, 1000: exact}


def test_zero_slope_stops_at_once_at_a_minimum_a_maximum_and_neither(out):
    assert out[7:10] == [f"{name} from 0: zero slope after 0 steps" for name in ("x**2", "-x**2", "x**3")]


def test_only_the_first_of_the_three_is_a_minimum(gd):
    sides = np.array([-0.1, 0.1])
    functions = {"x**2": lambda x: x**2, "-x**2": lambda x: -(x**2), "x**3": lambda x: x**3}
    assert list(gd.derivatives) == list(functions)
    for name, function in functions.items():
        check = numerical_gradient(lambda x, f=function: f(x).sum(), sides)
        np.testing.assert_allclose(gd.derivatives[name](sides), check, atol=1e-8)
        assert (function(sides) > 0).all() == (name == "x**2")


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


@pytest.mark.parametrize(("row", "lr"), list(enumerate(RATES)))
def test_each_step_multiplies_by_one_minus_lr_lambda(chapter, row, lr):
    end = 0.0 if lr == 0.25 else abs(1 - 4 * lr) ** 50
    assert chapter.out[10 + row] == f"lr {lr}: factor {1 - lr * 4.0:+.2f}, |w| = {end:.2g} at the end"
    steps, w = curve(chapter.figures[0].axes[0], row)
    np.testing.assert_allclose(w, (1 - 4 * lr) ** steps, rtol=1e-9, atol=1e-12)
    assert len(steps) == (2 if lr == 0.25 else 51)  # 1 / lambda arrives in one step


def test_half_is_the_limit_and_a_quarter_the_fastest(chapter):
    assert (1 - 4 * 0.49) ** 50 < 1 < (1 - 4 * 0.51) ** 50
    assert chapter.names.fastest == 0.25
    assert chapter.out[15] == "smallest |w| of 54 rates: at lr 0.25"
    rates, measured = curve(chapter.figures[0].axes[1], 0)
    np.testing.assert_allclose(rates, np.linspace(0.01, 0.54, 54))
    np.testing.assert_allclose(measured, abs(1 - 4 * rates), atol=1e-9)
    np.testing.assert_allclose(curve(chapter.figures[0].axes[1], 1), (rates, abs(1 - 4 * rates)), atol=1e-12)
    assert (measured[rates > 0.501] > 1).all() and (measured[rates < 0.499] < 1).all()


def test_the_largest_curvature_decides(gd, out):
    assert out[16:18] == ["eigenvalues [1. 4.]", "Hw [5. 3.] by finite differences [5. 3.]"]
    np.testing.assert_allclose(gd.H, [[2.5, 1.5], [1.5, 2.5]])
    np.testing.assert_allclose(gd.V @ np.diag([1, 4]) @ gd.V.T, gd.H, atol=1e-12)
    assert np.all(abs(gd.V) > 0.1)  # neither axis is an eigenvector
    for row, lr in ((18, 0.49), (19, 0.51)):
        end = np.linalg.norm(np.linalg.matrix_power(np.eye(2) - lr * gd.H, 50) @ [2, 0])
        assert out[row] == f"lr {lr}: norm of w {end:.3f} at the end; equal to the formula: True"
        assert (end < 2) == (lr < 2 / 4)


# the direction


def test_minus_the_gradient_is_best_for_short_steps_only(chapter, gd):
    g, start = np.array([5.0, 3.0]), np.array([2.0, 0.0])
    assert gd.best_angle[0.001] < 1
    assert gd.best_angle[0.001] < gd.best_angle[1.0] < gd.best_angle[2.0] < gd.best_angle[3.5]
    to_minimum = np.degrees(np.arccos(g @ start / np.linalg.norm(g) / np.linalg.norm(start)))
    assert gd.best_angle[2.0] == pytest.approx(to_minimum, abs=1)
    for r, drop in gd.downhill_drop.items():  # exact: r|g| - r^2 g.Hg / 2|g|^2, per unit of r
        assert drop == pytest.approx(np.linalg.norm(g) - r / 2 * (g @ gd.H @ g) / (g @ g), rel=1e-9)
    assert gd.downhill_drop[3.5] < 0 < gd.downhill_drop[2.0]
    assert chapter.out[24] == f"norm of g: {np.sqrt(34):.3f}"
    for row, r in enumerate((0.001, 1.0, 2.0, 3.5)):
        angle, drop = curve(chapter.figures[1].axes[0], row)
        assert angle.size == 500 and (np.diff(angle) > 0).all() and angle[0] < -175 and angle[-1] > 175
        turn = np.radians(angle)
        u = np.outer(np.cos(turn), -g) + np.outer(np.sin(turn), [g[1], -g[0]])
        u /= np.linalg.norm(u, axis=1, keepdims=True)
        exact = -u @ g - r / 2 * np.einsum("ni,ij,nj->n", u, gd.H, u)
        np.testing.assert_allclose(drop, exact, rtol=1e-6, atol=1e-6)
        best = f"best {exact.max():.3f}, {abs(angle[np.argmax(exact)]):.0f} degrees from -g"
        assert chapter.out[20 + row] == f"r {r}: {best}; along -g {gd.downhill_drop[r]:+.3f}"


# local minima


def test_the_double_well(gd, out):
    assert [gd.best, gd.top, gd.local] == pytest.approx([-1.036, 0.075, 0.960], abs=5e-4)
    assert [gd.f(gd.local), gd.f(gd.best)] == pytest.approx([-0.706, -1.305], abs=5e-4)
    grid = np.linspace(-3, 3, 60001)
    assert gd.f(gd.best) <= gd.f(grid).min() + 1e-12
    for x in (-1.5, 0.2, 1.7):
        assert gd.df(x) == pytest.approx(numerical_gradient(gd.f, np.array(x)), rel=1e-8)
        assert gd.f(x) == pytest.approx(x**4 - 2 * x**2 + 0.3 * x)
    assert out[25:28] == [
        "x = -1.036: f = -1.305, f'' = +8.9, zero slope: True",
        "x = +0.075: f = +0.011, f'' = -3.9, zero slope: True",
        "x = +0.960: f = -0.706, f'' = +7.1, zero slope: True",
    ]


def test_plain_descent_from_2_stops_in_the_local_minimum(gd, out):
    points = walk(gd.df, np.float64(2), 0.01, 1000)
    steps = np.argmax(abs(gd.df(points)) <= 1e-8)
    assert out[28] == f"from 2: zero slope after {steps} steps, x = 0.960, f = -0.706"


# momentum


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_settle_is_momentum(gd, beta):
    starts, rates = np.array([0.3, 1.0, -1.5]), np.array([0.01, 0.02, 0.03])
    end = gd.settle(gd.df, starts, rates, beta, 7)
    for x, lr, found in zip(starts, rates, end, strict=True):
        assert found == pytest.approx(walk(gd.df, x, lr, 7, beta)[-1])
    assert starts.tolist() == [0.3, 1.0, -1.5]


def test_on_a_constant_slope_the_step_grows_tenfold(out):
    assert out[29] == "slope 1 everywhere, lr 0.01: the step grows to -0.1000"


def test_momentum_escapes_and_is_no_cure(gd, out):
    assert gd.ends[2.0, 0.0] == pytest.approx(gd.local, abs=1e-6)
    assert gd.ends[2.0, 0.9] == pytest.approx(gd.best, abs=1e-6)  # over the hill
    assert gd.ends[-2.0, 0.0] == pytest.approx(gd.best, abs=1e-6)
    assert gd.ends[-2.0, 0.9] == pytest.approx(gd.local, abs=1e-6)  # and out of the good valley
    rates = 0.002 * np.arange(1, 51)
    np.testing.assert_allclose(gd.rates, rates)
    for row, (start, beta) in enumerate([(2.0, 0.0), (-2.0, 0.0), (2.0, 0.9), (-2.0, 0.9)]):
        won = 0
        for lr in rates[rates < 0.065]:  # above, momentum is close to divergence: not worth a second way
            won += abs(walk(gd.df, np.float64(start), lr, 3000, beta)[-1] - gd.best) < 1e-3
        assert 0 <= gd.wins[start, beta] - won <= (rates > 0.065).sum()
        name = f"from {start:+}, beta {beta}: x = {gd.ends[start, beta]:+.3f} at lr 0.01"
        found = out[30 + row].removesuffix(" diverge").rsplit(", ", 1)
        assert found[0] == f"{name}; global for {gd.wins[start, beta]} rates"
        assert (int(found[1]) > 0) == (beta > 0)


def test_plain_descent_with_a_large_rate_leaps_both_ways(gd):
    rates = 0.002 * np.arange(1, 51)
    for start in (2.0, -2.0):
        ends = np.array([walk(gd.df, np.float64(start), lr, 3000)[-1] for lr in rates])
        assert gd.wins[start, 0.0] == (abs(ends - gd.best) < 1e-3).sum()
        right_valley = abs(ends - gd.best) < 1e-3
        assert (rates[right_valley].min() > 0.078) if start > 0 else (rates[~right_valley].min() > 0.086)


def test_figure_of_the_two_runs(chapter, gd):
    left, right = chapter.figures[2].axes
    for row, beta in enumerate((0.0, 0.9)):
        np.testing.assert_allclose(curve(left, row)[1], walk(gd.df, np.float64(2), 0.01, 120, beta))
    assert [line.get_ydata()[0] for line in left.lines[2:]] == pytest.approx([gd.best, gd.top, gd.local])
    for row, runs in enumerate(gd.wins):
        squares, crosses = right.lines[2 * row], right.lines[2 * row + 1]
        assert len(squares.get_xdata()) == gd.wins[runs]
        assert f", {len(crosses.get_xdata())} diverge" in chapter.out[30 + row]
        assert set(squares.get_ydata()) | set(crosses.get_ydata()) == {row}
    assert curve(right, 0)[0].min() == pytest.approx(0.08)
    assert curve(right, 2)[0].max() == pytest.approx(0.086)
    labels = [label.get_text() for label in right.get_yticklabels()]
    assert labels == ["plain\nfrom 2", "plain\nfrom −2", "momentum\nfrom 2", "momentum\nfrom −2"]


# many starts


def test_the_hole_changes_nothing_outside(gd):
    x = np.linspace(-4, 4, 8001)
    outside = (x <= 2.55) | (x >= 3.05)
    assert (gd.wells(x, 3) == gd.wells(x, 0))[outside].all()
    assert (gd.wells(x, 3) < gd.wells(x, 0))[~outside].all()
    assert (gd.d_wells(x, 3) == gd.d_wells(x, 0))[outside].all()
    np.testing.assert_allclose(gd.wells(x, 0), x**2 / 10 + np.sin(5 * x))
    assert gd.wells(2.8, 3) == pytest.approx(gd.wells(2.8, 0) - 3)
    check = numerical_gradient(lambda x: gd.wells(x, 3).sum(), x[::40])
    np.testing.assert_allclose(gd.d_wells(x[::40], 3), check, rtol=1e-6, atol=1e-6)


def test_the_hole_is_the_global_minimum_and_a_hard_one_to_find(gd):
    x = np.linspace(-4, 4, 8001)
    assert abs(x[np.argmin(gd.wells(x, 3))] - 2.8) < 0.25 < abs(x[np.argmin(gd.wells(x, 0))] - 2.8)
    rims = [x[np.argmax(np.where(abs(x - at) < 0.2, gd.wells(x, 3), -9))] for at in (2.5, 3.05)]
    assert gd.p == pytest.approx((rims[1] - rims[0]) / 8, abs=1e-3)  # from rim to rim, of all starts


def test_all_ends_are_critical_points(gd):
    assert abs(gd.d_wells(gd.holed, 3)).max() < 1e-6 and abs(gd.d_wells(gd.smooth, 0)).max() < 1e-6


def test_best_of_k_never_rises(chapter, gd):
    assert gd.best_of_k.shape == (400, 40) and gd.holed.shape == (400, 40)
    assert (np.diff(gd.best_of_k, axis=1) <= 0).all()
    np.testing.assert_array_equal(gd.best_of_k[:, -1], gd.wells(gd.holed, 3).min(axis=1))
    assert gd.best_of_k[:, 0].mean() > gd.best_of_k[:, 9].mean() > gd.best_of_k[:, -1].mean()
    left, right = chapter.figures[3].axes
    np.testing.assert_allclose(curve(right, 0), (np.arange(1, 41), np.median(gd.best_of_k, axis=0)))
    band = right.collections[0].get_paths()[0].vertices
    for row, level in ((1, 0.1), (21, 0.1), (40, 0.1), (1, 0.9), (21, 0.9), (40, 0.9)):
        edge = np.quantile(gd.best_of_k[:, row - 1], level)
        assert np.isclose(band, [row, edge]).all(axis=1).any()
    for line, depth in ((0, 3), (1, 0)):
        x, y = curve(left, line)
        np.testing.assert_allclose(y, gd.wells(x, depth))
        assert (x[0], x[-1]) == (-4, 4)


def test_ten_starts_miss_as_often_as_the_formula_says_and_then_cannot_know(gd, out):
    missed = np.all(abs(gd.holed[:, :10] - 2.8) > 0.25, axis=1)
    identical = np.all(gd.holed[:, :10] == gd.smooth[:, :10], axis=1)
    np.testing.assert_array_equal(missed, identical)
    assert gd.same == gd.missed == missed.mean()
    assert abs(gd.same - (1 - gd.p) ** 10) < 3 * np.sqrt(0.25 / 400)
    assert gd.p == pytest.approx(np.mean(abs(gd.holed - 2.8) < 0.25), abs=0.01)
    assert out[34] == "gradient checked: True"
    miss = f"ten miss: formula {(1 - gd.p) ** 10:.3f}, measured {missed.mean():.3f}"
    assert out[35] == f"p = {gd.p:.3f}; {miss}; same ends {identical.mean():.3f}"


# the ravine


def test_a_stall_that_is_no_critical_point(chapter, out):
    left, right = chapter.figures[4].axes
    for row, lr in enumerate((0.02, 0.01)):
        w = (1 - lr * np.array([100, 0.01])) ** np.arange(201)[:, None]
        loss, norm = 50 * w[:, 0] ** 2 + 0.005 * w[:, 1] ** 2, np.hypot(100 * w[:, 0], 0.01 * w[:, 1])
        np.testing.assert_allclose(np.array(curve(left, row)).T, w, atol=1e-12)
        np.testing.assert_allclose(curve(right, 2 * row)[1], loss, atol=1e-12)
        np.testing.assert_allclose(curve(right, 2 * row + 1)[1], norm, atol=1e-12)
        for line, t in ((36 + 2 * row, 1), (37 + 2 * row, 200)):
            assert out[line] == f"lr {lr}, step {t}: loss {loss[t]:.3f}, norm of g {norm[t]:.3f}"
        if lr == 0.02:
            assert np.ptp(loss) < 1e-3 and abs(loss - 50).max() < 0.01 and abs(norm - 100).max() < 0.001


def test_the_flat_direction_needs_kappa_steps(gd, out):
    exact = np.ceil(np.log(100) / -np.log(1 - 0.0199 * 0.01))
    assert gd.needed == exact
    assert gd.needed == pytest.approx(10_000 / 2 * np.log(100), rel=0.01)
    assert out[40] == "kappa 10000, lr 0.0199: 23140 steps to 1/100; formula 23026"


# two parameters


@pytest.mark.parametrize("params", [(0.0, 0.0), (0.5, 100.0), (2.0, -3000.0)])
def test_gradient_of_the_mse(gd, params):
    views = views_series()[1]
    x, y = views[:-1], views[1:]
    np.testing.assert_array_equal(gd.x, x)
    np.testing.assert_array_equal(gd.y, y)
    loss = sum((params[0] * a + params[1] - b) ** 2 for a, b in zip(x, y, strict=True)) / 1505
    assert gd.mse(params, x, y) == pytest.approx(loss)
    grad = gd.mse_grad(params, x, y)
    check = numerical_gradient(lambda p: gd.mse(p, x, y), np.array(params), h=1e-3)
    np.testing.assert_allclose(grad, check, rtol=1e-6)
    assert abs(grad[0]) > 1000 * abs(grad[1])


def test_printed_gradients(gd, out):
    for row, params in ((41, (0.0, 0.0)), (42, (0.5, 100.0)), (43, (2.0, -3000.0))):
        grad = gd.mse_grad(params, gd.x, gd.y)
        found = f"w {params[0]}, b {params[1]}: {grad[0]:.4g}, {grad[1]:.4g}"
        assert out[row] == f"{found}; agrees to 1e-6: True"


def test_scaling_makes_the_bowl_round(gd, out):
    design = np.column_stack([gd.x, np.ones(1505)])
    singular = np.linalg.svd(design, compute_uv=False)
    assert gd.kappas["raw"] == pytest.approx((singular[0] / singular[1]) ** 2, rel=1e-4)
    assert 1e8 < gd.kappas["raw"] < 1e9 and gd.kappas["scaled"] == pytest.approx(1, abs=1e-9)
    assert gd.limits["raw"] == pytest.approx(2 / (2 / 1505 * singular[0] ** 2)) and gd.limits["raw"] < 4e-8
    assert gd.limits["scaled"] == pytest.approx(1)


def test_descent_on_the_standardised_feature_equals_least_squares(gd, out):
    w = np.cov(gd.x, gd.y, bias=True)[0, 1] / gd.x.var()
    line = np.array([w, gd.y.mean() - w * gd.x.mean()])
    np.testing.assert_allclose(gd.fits["lstsq"], line, rtol=1e-6)
    np.testing.assert_allclose(gd.fits["scaled back"], line, rtol=1e-6)
    assert gd.losses["scaled"] == pytest.approx(gd.mse(line, gd.x, gd.y))
    loss = f"{gd.losses['scaled']:.0f}"  # one step is enough
    assert out[46:48] == ["scaled: kappa 1, limit 1", f"  loss after 1 step {loss}, after 1000 {loss}"]
    for row, name in ((49, "scaled back"), (50, "lstsq")):
        assert out[row] == f"{name}: w = {line[0]:.4f}, b = {line[1]:.3f}"


def test_descent_on_the_raw_feature_leaves_the_bias_behind(gd, out):
    points = walk(lambda p: gd.mse_grad(p, gd.x, gd.y), np.zeros(2), gd.limits["raw"] / 2, 1000)
    np.testing.assert_allclose(gd.fits["raw"], points[-1], rtol=1e-9)
    assert 0 < gd.fits["raw"][1] < 0.01 * gd.fits["lstsq"][1]
    assert 1.01 < gd.losses["raw"] / gd.losses["scaled"] < 1.05
    assert gd.losses["raw"] == pytest.approx(gd.mse(points[-1], gd.x, gd.y), rel=1e-10)
    first, last = (gd.mse(points[t], gd.x, gd.y) for t in (1, 1000))
    assert out[44] == f"raw: kappa {gd.kappas['raw']:.3g}, limit {gd.limits['raw']:.3g}"
    assert out[45] == f"  loss after 1 step {first:.0f}, after 1000 {last:.0f}"
    assert out[48] == f"raw: w = {points[-1][0]:.4f}, b = {points[-1][1]:.3f}"


# exercises


def test_exercise_1(out):
    assert out[51:53] == ["step 1: w = 1.5, loss = 2.25", "step 2: w = 2.25, loss = 0.5625"]
    for row, lr in ((53, 0.5), (54, 0.99), (55, 1.01)):
        far = [3 * abs(1 - 2 * lr) ** t for t in (1, 100)]
        assert out[row] == f"lr {lr}: distance {far[0]:.2f} after 1 step, {far[1]:.2f} at the end"


def test_exercise_2(gd, out):
    rows = iter(out[56:62])
    for x in (gd.best, gd.local):
        limit = 2 / (12 * x**2 - 4)
        assert next(rows) == f"minimum {x:+.3f}: limit {limit:.4f}"
        for ratio in (0.98, 1.02):
            path = walk(gd.df, x + 0.01, ratio * limit, 2000) - x
            a, b = path[99:101]
            assert next(rows) == f"  {ratio} of it: {a:+.4f}, then {b:+.4f} from the minimum"
            if ratio < 1:
                assert max(abs(a), abs(b)) < 1e-3 and abs(path[-1]) < 1e-12
            else:  # two points, one on each side, for ever
                assert a * b < 0 and 0.03 < abs(a) < 0.2
                np.testing.assert_allclose(path[-2:], path[-4:-2], rtol=1e-9)
                assert min(abs(a - path[-1]), abs(a - path[-2])) < 1e-3


def test_far_above_the_limit_the_double_well_diverges_too(gd):
    for x in (gd.best, gd.local):
        lr, point = 2 * 2 / (12 * x**2 - 4), x + 0.01  # twice the limit
        for _ in range(100):
            point -= lr * gd.df(point)
            if abs(point) > 1e6:
                break
        assert abs(point) > 1e6


def test_exercise_3(gd, out):
    for row, lr in enumerate((0.1, 0.01, 0.001)):
        offset = (np.pi / 3) % lr
        assert gd.hop[lr] == pytest.approx(max(offset, lr - offset), abs=1e-9) and lr / 2 <= gd.hop[lr] <= lr
        assert out[62 + row] == f"lr {lr}: budget; last 100 points within {gd.hop[lr]:.6f}"
    assert out[65].startswith("0.1, halved every 100 steps: |w| = ")
    assert float(out[65].split()[-1]) <= 0.1 * 0.5**19


def test_exercise_4(gd, out):
    assert gd.share == pytest.approx((2 + gd.top) / 4, abs=1e-3)  # every start left of the hill's top
    for row, d in enumerate((1, 2, 5, 10)):
        assert abs(gd.hits[d] - gd.share**d) < 4 * np.sqrt(gd.share**d / 4000)
        found = f"share of the best {gd.hits[d]:.4f}, formula {gd.share**d:.4f}"
        assert out[66 + row] == f"d {d}: {2**d} minima, {found}"
    assert all(float(gd.hits[d] * 4000).is_integer() for d in gd.hits)
    assert 0 < gd.hits[10] < gd.hits[5] < gd.hits[2] < gd.hits[1]
    assert out[70] == f"d 50: {2**50} minima, formula {gd.share**50:.0e}"


def test_exercise_5(gd, out):
    for row, ((lr, beta), steps) in enumerate(gd.counts.items()):
        points = walk(lambda w: np.array([100, 0.01]) * w, np.ones(2), lr, steps, beta)
        moved = abs(np.diff(points, axis=0, prepend=0)).max(axis=1)
        near = (abs(points).max(axis=1) <= 0.01) & (moved <= 0.01)
        assert near[-1] and not near[:-1].any()
        assert out[71 + row] == f"lr {lr}, beta {beta}: {steps} steps"
    assert [lr for lr, _ in gd.counts] == [0.0199, 0.02, 0.02, 0.02, 0.02, 0.039]
    assert [beta for _, beta in gd.counts] == [0, 0.5, 0.9, 0.96, 0.99, 0.961]
    plain, half, most, better, too_much, tuned = gd.counts.values()
    assert plain > half > most > too_much > better > tuned
    root = np.sqrt(10_000)  # Polyak's optimum, near the last pair
    assert (0.039, 0.961) == pytest.approx((4 / (10 + 0.1) ** 2, ((root - 1) / (root + 1)) ** 2), rel=0.01)
    assert len(out) == 77
