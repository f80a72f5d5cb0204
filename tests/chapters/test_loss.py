"""Chapter `loss`: every number and every claim of the page, by a second way where there is one."""

from __future__ import annotations

import numpy as np
import pytest
from asked import answers_of
from numerical_gradient import numerical_gradient
from shown import printed
from states import states_of
from views import views_series

LABELS = np.array([1.0, 2, 3, 4, 100])
DAYS = np.array([4.8, 4.9, 7.5])
NAMES = ("MAE", "MSE", "Huber")


def curves(ax) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in ax.lines]


def mean_penalty(penalty, w, b, x, y) -> float:
    """The loss by a plain loop."""
    return sum(float(penalty(t - (b + w * s))) for s, t in zip(x, y)) / len(x)


# --- the running case ---------------------------------------------------------------------------------


def test_features_are_yesterdays_labels_todays(names):
    _, views = views_series()
    assert np.array_equal(names.views, views)
    assert np.array_equal(names.yesterday, views[:-1])
    assert np.array_equal(names.today, views[1:])
    assert names.yesterday.min() > 0  # the swing formula needs it


def test_low_days_are_fridays_and_saturdays(chapter, names):
    low = np.array([day.isoweekday() in (5, 6) for day in names.dates.astype(object)])
    assert np.array_equal(names.low_days, low)
    views = names.views
    assert printed(chapter.out, "1506 days,") == [f"{views.mean():.0f} views on average"]
    assert printed(chapter.out, "Fridays and Saturdays") == [f"{views[low].mean():.0f}"]
    assert printed(chapter.out, "other days") == [f"{views[~low].mean():.0f}"]


def test_channel_figure(chapter, names):
    top, bottom = chapter.figures[0].axes
    (days, shown), (marked, lows) = curves(top)
    assert np.array_equal(days, names.dates[-42:]) and np.array_equal(shown, names.views[-42:])
    assert {day.isoweekday() for day in marked.astype(object)} == {5, 6} and len(marked) == 12
    assert np.array_equal(lows, names.views[-42:][names.low_days[-42:]])
    # "the marked Fridays and Saturdays are the lows of every week", Sunday to Saturday
    assert days[6].astype(object).isoweekday() == 7
    for week in np.split(shown[6:], [7, 14, 21, 28, 35])[:5]:
        assert max(week[5:7]) < min(week[:5])
    (x, y), notes, same = curves(bottom)
    assert np.array_equal(x, names.yesterday[::3]) and np.array_equal(y, names.today[::3])
    assert np.array_equal(notes[1], 250 + notes[0]) and np.array_equal(same[1], same[0])
    assert np.corrcoef(names.yesterday, names.today)[0, 1] > 0.9  # "the cloud lies along a line"
    above = [np.mean(y > b + x) for b in (0, 250)]
    assert 0.4 < above[0] < 0.6 and above[1] < 0.4  # one line in the middle, one along the upper half


def test_lines_fit_a_phone(chapter):
    assert max(map(len, chapter.out)) <= 46


# --- a loss by hand -----------------------------------------------------------------------------------


def test_lecture_numbers(names):
    assert np.array_equal(names.three_days, DAYS)
    y_hat = 0.5 + 1 * DAYS[:-1]
    assert y_hat == pytest.approx([5.3, 5.4])
    assert np.abs(DAYS[1:] - y_hat) == pytest.approx([0.4, 2.1])


def test_by_hand_rows(chapter):
    assert printed(chapter.out, "w=1.0 b=") == [
        "0.5: r = [-0.4  2.1], MAE 1.25",
        "0.0: r = [0.1 2.6], MAE 1.35",
        "1.35: r = [-1.25  1.25], MAE 1.25",
    ]


def test_plain_differences_cancel():
    """E42: the mean difference calls a bad line perfect."""
    difference = DAYS[1:] - (1.35 + DAYS[:-1])
    assert difference == pytest.approx([-1.25, 1.25])
    assert difference.mean() == pytest.approx(0)


# --- penalties, loss, gradient ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "penalty"),
    [
        ("MAE", abs),
        ("MSE", lambda r: r * r),
        ("Huber", lambda r: r * r / 2 if abs(r) <= 5 else 5 * (abs(r) - 2.5)),
    ],
)
def test_loss_equals_the_loop(names, name, penalty):
    rng = np.random.default_rng(3)
    x, y = rng.normal(0, 4, (2, 7))
    for w, b in rng.normal(0, 4, (20, 2)):
        found = names.loss(names.penalties[name], w, b, x, y)
        assert found == pytest.approx(mean_penalty(penalty, w, b, x, y))


def test_loss_broadcasts(names):
    """Arrays of parameters give arrays of losses; numbers and arrays mix."""
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(2, 6))
    w, b = rng.normal(size=(2, 3, 4))
    for ws, bs in [(w, b), (w[0], 0.5), (2.0, b[1]), (1.0, 0.5)]:
        found = names.loss(np.abs, ws, bs, x, y)
        assert np.shape(found) == np.broadcast_shapes(np.shape(ws), np.shape(bs))
        one_by_one = np.vectorize(lambda w, b: mean_penalty(abs, w, b, x, y))(ws, bs)
        assert found == pytest.approx(one_by_one)


def test_losses_printed_for_the_guess(chapter):
    mse = (0.16 + 4.41) / 2
    rows = ["MAE   1.2500", f"MSE   {mse:.4f}", f"Huber {mse / 2:.4f}"]
    start = chapter.out.index(rows[0])
    assert chapter.out[start : start + 3] == rows


def test_huber_is_smooth_at_delta(names):
    assert names.delta == 5
    for delta in (0.5, 5.0):
        ends = names.huber(np.array([delta, np.nextafter(delta, 9)]), delta)
        assert ends == pytest.approx(delta**2 / 2)
    inside, outside = numerical_gradient(lambda r: names.huber(r).sum(), np.array([4.99, 5.01]))
    assert (inside, outside) == pytest.approx((4.99, 5.0))


@pytest.mark.parametrize("name", NAMES)
def test_slopes_are_the_derivatives_of_the_penalties(names, name):
    r = np.array([-20.0, -5.1, -4.9, -1, -0.01, 0.01, 2, 4.9, 5.1, 30])
    numeric = numerical_gradient(lambda r: names.penalties[name](r).sum(), r)
    assert names.slopes[name](r) == pytest.approx(numeric, abs=1e-6)
    assert np.all(np.diff(names.slopes[name](np.linspace(-30, 30, 601))) >= 0)  # never decreases: convex


def test_slope_of_the_kink(names):
    assert names.slopes["MAE"](0.0) == 0


def test_slopes_figure(chapter, names):
    top, bottom = chapter.figures[1].axes
    for ax, functions in ((top, names.penalties), (bottom, names.slopes)):
        lines = {line.get_label(): line.get_xydata() for line in ax.lines}
        assert list(lines) == list(NAMES)
        for name, points in lines.items():
            assert (points[0, 0], points[-1, 0]) == (-10, 10)
            assert points[:, 1] == pytest.approx(functions[name](points[:, 0]))


@pytest.mark.parametrize("name", NAMES)
def test_gradient_formula(names, name):
    rng = np.random.default_rng(5)
    x, y = rng.normal(0, 5, (2, 9))
    for p in rng.normal(0, 3, (20, 2)):
        numeric = numerical_gradient(lambda p: mean_penalty(names.penalties[name], p[0], p[1], x, y), p)
        assert names.gradient(names.slopes[name], *p, x, y) == pytest.approx(numeric, abs=1e-6)


def test_gradient_rows(chapter, names):
    """The gradients of the guess, by hand, and the worst of the page's own checks."""
    expected = {"MAE": [-0.05, 0], "MSE": [-8.37, -1.7], "Huber": [-4.185, -0.85]}
    rng = np.random.default_rng(0)
    x, y = names.x_days, names.y_days
    for name in NAMES:
        (row,) = [v for v in printed(chapter.out, f"{name:5} [") if "checks" in v]
        vector, _, check = row.partition("]; 100 checks within ")
        assert [float(v) for v in vector.split()] == expected[name]
        off = []
        for p in rng.normal(1, 2, size=(100, 2)):
            numeric = numerical_gradient(lambda p: names.loss(names.penalties[name], *p, x, y), p)
            off.extend(np.abs(names.gradient(names.slopes[name], *p, x, y) - numeric))
        assert check == f"{max(off):.0e}" and max(off) < 1e-6


def test_gradient_check_reaches_both_pieces_of_huber(names):
    residuals = names.y_days - (1 + 2 * names.x_days)
    assert np.any(np.abs(residuals) > names.delta) and np.any(np.abs(residuals) <= names.delta)
    assert names.x_days == pytest.approx(names.yesterday[::15] / 1000)
    assert names.y_days == pytest.approx(names.today[::15] / 1000)


# --- what each loss makes optimal ---------------------------------------------------------------------


def test_three_optima(names):
    assert names.best["MAE"] == pytest.approx(np.median(LABELS)) == 3
    assert names.best["MSE"] == pytest.approx(LABELS.mean()) == 22
    assert names.best["Huber"] == pytest.approx((10 + 5) / 4) == 3.75
    assert np.median([1, 2, 3, 4, 1e6]) == 3  # "moving the 100 to a million changes nothing"


def test_pulls_balance(chapter, names):
    for name in NAMES:
        assert names.slopes[name](LABELS - names.best[name]).sum() == pytest.approx(0, abs=1e-9)
    pulls = {"MAE": "3: [-1. -1.  0.  1.  1.]", "MSE": "22: [-42. -40. -38. -36. 156.]",
             "Huber": "3.75: [-2.75 -1.75 -0.75  0.25  5.  ]"}
    for name, row in pulls.items():
        assert f"{name:5} c {row}" in chapter.out


def test_balance_is_the_minimiser(names):
    """By brute force, on labels without ties, each row on its own; and at a jump."""
    labels = np.random.default_rng(8).normal(0, 10, (3, 9))
    grid = np.linspace(-30, 30, 60_001)
    for name in NAMES:
        found = names.balance(names.slopes[name], labels)
        for c, row in zip(found, labels, strict=True):
            L = sum(names.penalties[name](label - grid) for label in row)
            assert c == pytest.approx(grid[L.argmin()], abs=2e-3)
            assert names.balance(names.slopes[name], row) == pytest.approx(c)
    assert names.balance(np.sign, np.array([1.0, 1, 2])) == pytest.approx(1)


def test_best_constant_figure(names):
    states = states_of("loss", "best_constant_figure", vars(names))
    assert list(states) == ["5", "10", "20", "40", "100"]
    for outlier, state in states.items():
        labels = np.array([1.0, 2, 3, 4, float(outlier)])
        for ax, name in zip(state.figure.axes, NAMES, strict=True):
            assert ax.get_ylabel() == name
            (c, L), (at, lowest) = curves(ax)
            assert (c[0], c[-1]) == (0, 30)
            assert L == pytest.approx([mean_penalty(names.penalties[name], 0, v, np.zeros(5), labels) for v in c])
            assert float(ax.get_title()) == pytest.approx(at[0]) and lowest <= L.min() + 1e-9
            expected = {"MAE": 3, "MSE": labels.mean(), "Huber": at[0]}[name]
            assert at == pytest.approx(expected) and lowest == pytest.approx(L.min(), abs=0.1)
    huber = {outlier: curves(state.figure.axes[2])[1][0][0] for outlier, state in states.items()}
    assert huber["5"] == 3 and {huber[outlier] for outlier in ("10", "20", "40", "100")} == {3.75}


# --- which noise each loss assumes --------------------------------------------------------------------


def test_likelihoods_are_the_losses():
    """Minus the log of the product of densities is the loss times a factor, up to a constant."""
    rng = np.random.default_rng(11)
    x, y = rng.normal(size=(2, 6))
    scale = 0.7

    def minus_log(density, w, b):
        return -sum(np.log(density(r)) for r in y - b - w * x)

    densities = {
        "MAE": (lambda r: np.exp(-abs(r) / scale) / (2 * scale), abs, 6 / scale),
        "MSE": (lambda r: np.exp(-(r**2) / (2 * scale**2)) / np.sqrt(2 * np.pi * scale**2), np.square,
                6 / (2 * scale**2)),
    }
    for density, penalty, factor in densities.values():
        area = sum(density(r) for r in np.linspace(-20, 20, 40_001)) * 1e-3
        assert area == pytest.approx(1, abs=1e-3)
        rest = [minus_log(density, w, b) - factor * mean_penalty(penalty, w, b, x, y)
                for w, b in rng.normal(size=(5, 2))]
        assert rest == pytest.approx([rest[0]] * 5)


def test_each_loss_wins_on_its_own_noise(chapter, names):
    """By a second way: NumPy's median and mean of the same labels; and on other seeds."""
    for noise in ("Gaussian", "Laplace"):
        cells = " ".join(f"{name} {names.spread[noise, name]:.2f}" for name in NAMES)
        assert f"{noise:8} {cells}" in chapter.out
        for name, constant in (("MAE", np.median), ("MSE", np.mean)):
            found = np.sqrt(101) * constant(names.samples[noise], axis=1).std()
            assert names.spread[noise, name] == pytest.approx(found)
    spread = names.spread
    assert 1.2 < spread["Gaussian", "MAE"] / spread["Gaussian", "MSE"] < 1.3
    assert 1.25 < spread["Laplace", "MSE"] / spread["Laplace", "MAE"] < 1.35
    for noise, best in (("Gaussian", "MSE"), ("Laplace", "MAE")):
        assert spread[noise, best] < spread[noise, "Huber"] < 1.12 * spread[noise, best]
    for seed in range(1, 6):
        rng = np.random.default_rng(seed)
        gauss, laplace = rng.normal(size=(2000, 101)), rng.laplace(size=(2000, 101))
        assert np.median(gauss, axis=1).std() > 1.15 * gauss.mean(axis=1).std()
        assert laplace.mean(axis=1).std() > 1.2 * np.median(laplace, axis=1).std()


def test_the_draws_are_of_the_noise_they_are_called(names):
    gauss, laplace = names.samples["Gaussian"], names.samples["Laplace"]
    assert gauss.shape == laplace.shape == (2000, 101)
    assert gauss.std() == pytest.approx(1, abs=0.01) and np.abs(laplace).mean() == pytest.approx(1, abs=0.01)
    assert np.mean(abs(laplace) > 4) > 20 * np.mean(abs(gauss) > 4)  # "whose far values are frequent"


# --- the surface of the notes, and the true one -------------------------------------------------------


def test_notes_surface_and_its_grid(chapter, names):
    w, b = np.linspace(-0.75, 1.25, 100), np.linspace(-1000, 1000, 100)
    assert 1 not in w and 250 not in b
    L = np.abs(w - 1)[None, :] + np.abs(b - 250)[:, None]
    row, column = np.argwhere(L == L.min())[0]
    assert (L.min(), w[column], b[row]) == pytest.approx((2.5328, 1.0076, 252.53), abs=5e-3)  # E62
    expected = f"{L.min():.4f} at w = {w[column]:.4f}, b = {b[row]:.2f}"
    assert printed(chapter.out, "grid:") == [expected]
    assert printed(chapter.out, "true minimum:") == ["0 at w = 1, b = 250"]
    assert names.notes_surface(0, 0) == 251 and names.notes_surface(3, 240) == 12


def test_true_surface_is_the_mae_of_the_notes_rule(names):
    x = names.yesterday
    for w, b in [(1, 250), (0.5, -300), (1.2, 900)]:
        assert names.true_surface(w, b) == pytest.approx(np.abs(x + 250 - (b + w * x)).mean(), abs=1e-9)
    assert names.true_surface(1, 250) == 0


def test_swings(chapter, names):
    """Q35 and E59: the parameter that hardly matters in the notes' function rules the true MAE."""
    notes, true = names.swing[names.notes_surface], names.swing[names.true_surface]
    assert notes == pytest.approx((1.75, 1250))
    assert true == pytest.approx((1.75 * names.yesterday.mean(), 1250))
    assert true[0] > 5 * true[1] and notes[1] > 500 * notes[0]
    assert printed(chapter.out, "notes_surface:") == ["1.75 along w, 1250.00 along b"]
    assert printed(chapter.out, "true_surface:") == [f"{true[0]:.2f} along w, 1250.00 along b"]
    assert printed(chapter.out, "1.75 times the mean of x:") == [f"{1.75 * names.yesterday.mean():.2f}"]


def test_swing_formula(names):
    mean = names.yesterday.mean()
    for w, b in [(-0.75, -1000), (0.3, 100), (1.25, 1000)]:
        assert names.true_surface(w, 250) == pytest.approx(abs(1 - w) * mean)
        assert names.true_surface(1, b) == pytest.approx(abs(250 - b))


def test_where_residuals_share_a_sign_contours_are_straight(names):
    mean = names.yesterday.mean()
    for w, b in [(-0.5, 400), (0.2, -700)]:
        residuals = (1 - w) * names.yesterday + 250 - b
        assert residuals.min() > 0
        assert names.true_surface(w, b) == pytest.approx(abs((1 - w) * mean + 250 - b))
        along = names.true_surface(w - 0.01, b + 0.01 * mean)  # w * mean + b is the same
        assert along == pytest.approx(names.true_surface(w, b))
    on_the_fold = (1 - 0.9) * names.yesterday + 250 - (250 + 0.1 * mean)
    assert on_the_fold.min() < 0 < on_the_fold.max()


def test_two_surfaces_figure(chapter, names):
    """E60, E61: the repaired picture maps both functions over the notes' box, with crease and minimum."""
    mean = names.yesterday.mean()
    creases = (lambda w: 250 + 0 * w, lambda w: 250 + (1 - w) * mean)
    surfaces = (names.notes_surface, names.true_surface)
    for ax, surface, crease in zip(chapter.figures[3].axes, surfaces, creases, strict=True):
        assert ax.get_xlim() == (-0.75, 1.25) and ax.get_ylim() == (-1000, 1000)
        contours = next(part for part in ax.collections if hasattr(part, "levels"))
        assert np.ptp(np.diff(contours.levels)) == 0  # evenly spaced heights
        shown = sorted(int(label.get_text()) for label in ax.texts)
        assert set(shown) == set(contours.levels.astype(int))
        for level, pieces in zip(contours.levels, contours.allsegs, strict=True):
            for points in pieces:
                assert surface(*points.T) == pytest.approx(level, rel=0.05)
        (w, b), (dot_w, dot_b) = curves(ax)[:2]
        assert b == pytest.approx(crease(w)) and np.ravel([dot_w, dot_b]).tolist() == [1, 250]
    assert 250 + (1 - 0.86) * mean == pytest.approx(1000, abs=60)  # the ends of the crease, as described
    assert 250 + (1 - 1.25) * mean == pytest.approx(-1000, abs=60)


def test_the_crease_is_the_floor_of_the_valley(names):
    """Across the crease the MAE falls towards it from both sides."""
    for b in (-900, 0, 600, 950):
        w = 1 + (250 - b) / names.yesterday.mean()
        at, left, right = (names.true_surface(w + move, b) for move in (0, -0.1, 0.1))
        assert at < min(left, right)
        rounded = names.true_surface(w, b)
        assert (rounded > 0) == (b != 250)


def test_height_of_the_notes_surface(names):
    assert names.notes_surface(-0.75, -1000) == pytest.approx(1251.75)
    W, B = np.meshgrid(np.linspace(-0.75, 1.25, 21), np.linspace(-1000, 1000, 21))
    assert names.notes_surface(W, B).max() == pytest.approx(1251.75)


# --- level sets and convexity -------------------------------------------------------------------------


def corners(x) -> np.ndarray:
    """The directions, in degrees, in which the residual of some example stays zero."""
    angles = np.degrees(np.arctan2(-np.asarray(x), 1.0))
    return np.sort(np.concatenate([angles % 360, (angles + 180) % 360]))


def test_level_set_rows(chapter, names):
    t = np.linspace(0, 2 * np.pi, 361)
    rows = {n: [v for v in printed(chapter.out, f"{n:5} ") if "twice" in v] for n in names.shapes}
    assert list(rows) == ["notes", "MAE", "MSE", "cone"]
    for name, times in (("notes", 2), ("MAE", 2), ("MSE", 4), ("cone", 2)):
        height = names.shapes[name](1 + np.cos(t), 0.25 + np.sin(t))
        twice = names.shapes[name](1 + 2 * np.cos(t), 0.25 + 2 * np.sin(t))
        assert twice / height == pytest.approx(times)  # in every direction, not only on average
        ends = f"{height.min():.2f} to {height.max():.2f}; twice as far: x {times:.2f}"
        assert rows[name] == [ends]
        assert (np.ptp(height) < 1e-12) == (name == "cone")
    assert rows["notes"][0].startswith("1.00 to 1.41")
    mae = names.shapes["MAE"](1 + np.cos(t), 0.25 + np.sin(t))
    assert mae.max() > 4 * mae.min()  # "depends strongly on the direction"


def test_shapes_are_what_their_names_say(names):
    x = np.array([0.5, 1, 2])
    assert np.array_equal(names.x, x) and np.array_equal(names.y, x + 0.25)
    for w, b in [(0.3, -0.4), (1.7, 1.1), (1, 0.25)]:
        r = x + 0.25 - b - w * x
        assert names.shapes["notes"](w, b) == pytest.approx(abs(w - 1) + abs(b - 0.25))
        assert names.shapes["MAE"](w, b) == pytest.approx(np.abs(r).mean())
        assert names.shapes["MSE"](w, b) == pytest.approx((r**2).mean())
        assert names.shapes["cone"](w, b) == pytest.approx(((w - 1) ** 2 + (b - 0.25) ** 2) ** 0.5)


def test_mae_of_three_examples_is_a_hexagon(names):
    """Between the corners the level set is straight: the loss is linear there; at a corner it bends."""
    turns = np.radians(corners(names.x))
    assert turns.size == 6
    points = np.array([np.cos(turns), np.sin(turns)])
    points /= names.shapes["MAE"](1 + points[0], 0.25 + points[1])  # scaled to loss 1
    middles = (points + np.roll(points, -1, axis=1)) / 2
    assert names.shapes["MAE"](1 + middles[0], 0.25 + middles[1]) == pytest.approx(1)
    skipping = (points + np.roll(points, -2, axis=1)) / 2
    assert np.all(names.shapes["MAE"](1 + skipping[0], 0.25 + skipping[1]) < 1 - 1e-3)


def test_mse_level_sets_are_ellipses(names):
    x = names.x
    Q = np.array([[(x**2).mean(), x.mean()], [x.mean(), 1]])
    assert np.linalg.eigvalsh(Q).min() > 0
    for d in np.random.default_rng(6).normal(size=(20, 2)):
        assert names.shapes["MSE"](1 + d[0], 0.25 + d[1]) == pytest.approx(d @ Q @ d)


def test_every_state_of_the_level_sets(names):
    states = states_of("loss", "level_sets", vars(names))
    assert list(states) == ["1", "1.25", "1.5", "2"]
    for power, state in states.items():
        def between(w, b, power=float(power)):
            return sum(abs(t + 0.25 - b - w * t) ** power for t in (0.5, 1.0, 2.0)) / 3

        for ax, (name, surface) in zip(state.figure.axes, names.shapes.items(), strict=True):
            moves = name == "MAE"
            assert ax.get_title() == (f"$|r|^p$, $p$ = {power}" if moves else name) and ax.get_aspect() == 1
            (contours,) = ax.collections
            assert contours.levels.size == 4
            for level, segments in zip(contours.levels, contours.allsegs):
                assert segments
                for points in segments:
                    assert (between if moves else surface)(*points.T) == pytest.approx(level, rel=0.06)
            inner = contours.allsegs[0][0]
            assert inner[0] == pytest.approx(inner[-1])  # the innermost curve is closed, so its shape can be seen
            assert abs(inner.mean(axis=0) - [1, 0.25]).max() < 0.1


# --- the true minimum ---------------------------------------------------------------------------------


def rows_of_the_minimum(chapter):
    start = chapter.out.index("      (1, 250)  (1, 0)  lowest at w,  b")
    return {row.split()[0]: [float(v) for v in row.split()[1:]] for row in chapter.out[start + 1 : start + 4]}


@pytest.mark.parametrize("name", NAMES)
def test_lowest_point_of_each_loss_on_the_real_labels(chapter, names, name):
    x, y = names.yesterday, names.today
    penalty, slope = names.in_views[name]
    notes, same, lowest, w, b = rows_of_the_minimum(chapter)[name]
    assert [notes, same] == pytest.approx([penalty(y - x - 250).mean(), penalty(y - x).mean()], abs=0.51)
    assert (lowest, w, b) == pytest.approx(names.lowest[name], abs=0.51)
    lowest, w, b = names.lowest[name]
    assert penalty(y - b - w * x).mean() == pytest.approx(lowest)
    for dw, db in [(0.003, 0), (-0.003, 0), (0, 15), (0, -15), (0.003, -15), (-0.003, 15), (0.01, -50), (-0.01, 50)]:
        assert penalty(y - b - db - (w + dw) * x).mean() > lowest
    r = np.linspace(-1000, 1000, 41) + 1
    assert slope(r) == pytest.approx(numerical_gradient(lambda r: penalty(r).sum(), r, 1e-2), abs=1e-3)
    assert 0.94 < w < 1.02 and names.delta_views == 300


def test_the_minimum_of_the_mae_by_a_second_way(names):
    """A weighted least-squares line, its weights set to 1 / |r| again and again."""
    x, y = names.yesterday, names.today
    X = np.column_stack([x, np.ones(x.size)])
    line = np.linalg.lstsq(X, y, rcond=None)[0]
    for _ in range(60):
        weight = 1 / np.maximum(np.abs(y - X @ line), 1e-3)
        line = np.linalg.solve(X.T * weight @ X, X.T * weight @ y)
    assert names.lowest["MAE"][0] == pytest.approx(np.abs(y - X @ line).mean(), rel=1e-4)


def test_the_normal_equations_give_the_minimum_of_the_mse(chapter, names):
    x, y = names.yesterday, names.today
    matrix = np.array([[(x**2).sum(), x.sum()], [x.sum(), x.size]])
    w, b = np.linalg.solve(matrix, [(x * y).sum(), y.sum()])
    assert printed(chapter.out, "least squares:") == [f"w = {w:.4f}, b = {b:.0f}"]
    assert names.gradient(names.slopes["MSE"], w, b, x, y) == pytest.approx([0, 0], abs=1e-4)
    assert names.lowest["MSE"] == pytest.approx((np.mean((y - b - w * x) ** 2), w, b), rel=0.01)


def test_the_same_as_yesterday_beats_the_rule_of_the_notes(chapter):
    notes, same, lowest, *_ = rows_of_the_minimum(chapter)["MAE"]
    assert (notes, same, lowest) == (428, 365, 362)
    assert 0 < 1 - lowest / same < 0.01  # "improves on that by less than 1%"


# --- convexity ----------------------------------------------------------------------------------------


def test_convexity_rows(chapter):
    assert [printed(chapter.out, f"{name}: ") for name in (*NAMES, "notes")] == [["0"]] * 4
    (broken,) = printed(chapter.out, "two weights in a row:")
    assert int(broken) > 1000


def test_violations_counts_midpoints(names):
    P, Q = names.P, names.Q
    assert P.shape == Q.shape == (2, 10_000) and not np.array_equal(P, Q)
    assert names.violations(lambda w, b: w**2 + b**2) == 0
    assert names.violations(lambda w, b: w + b) == 0  # a plane is allowed
    assert names.violations(lambda w, b: -(w**2) - b**2) == 10_000
    by_loop = 0
    for (u1, v1), (u2, v2) in zip(P.T, Q.T):
        middle = (1 - (u1 + u2) / 2 * (v1 + v2) / 2) ** 2
        by_loop += middle > ((1 - u1 * v1) ** 2 + (1 - u2 * v2) ** 2) / 2
    assert names.violations(lambda u, v: (1 - u * v) ** 2) == by_loop


def test_two_weights_in_a_row_by_hand():
    ends, middle = [(1 - 1 * 1) ** 2, (1 - -1 * -1) ** 2], (1 - 0 * 0) ** 2
    assert ends == [0, 0] and middle == 1


# --- exercises ----------------------------------------------------------------------------------------


def test_flat_bottom(chapter, names):
    assert printed(chapter.out, "MAE 1.25 from") == ["b = 0.10 to b = 2.60"]
    assert printed(chapter.out, "MSE lowest at b =") == ["1.35"]
    for b in np.linspace(0.1, 2.6, 26):
        assert mean_penalty(abs, 1, b, DAYS[:-1], DAYS[1:]) == pytest.approx(1.25)
    for b in (0.09, 2.61):
        assert mean_penalty(abs, 1, b, DAYS[:-1], DAYS[1:]) > 1.25


def test_from_median_to_mean(chapter, names):
    """The best constant under Huber's loss, by bisection on the balance of the pulls."""

    def balanced(delta):
        low, high = 0.0, 100.0
        while high - low > 1e-9:
            c = (low + high) / 2
            low, high = (c, high) if np.clip(LABELS - c, -delta, delta).sum() > 0 else (low, c)
        return low

    rows = dict(row.split(": best c = ") for row in printed(chapter.out, "delta ="))
    assert list(rows) == ["0.5", "5", "50", "77", "78", "200"]
    for delta, c in rows.items():
        assert float(c) == pytest.approx(balanced(float(delta)), abs=0.006)
    assert (rows["50"], rows["78"], rows["200"]) == ("15", "22", "22") and float(rows["77"]) < 22
    assert (LABELS - 15).min() == -14
    assert names.huber(LABELS - 22, 78) == pytest.approx((LABELS - 22) ** 2 / 2)


def test_huber_may_leave_the_median_and_the_mean_behind(chapter):
    """Five labels for which both are 0 and the pulls, clipped to 2, balance below them."""
    labels = np.array([-3.0, -3, 0, 1, 5])
    assert np.median(labels) == labels.mean() == 0
    pulls = np.clip(labels + 0.5, -2, 2)
    assert pulls.tolist() == [-2, -2, 0.5, 1.5, 2] and pulls.sum() == 0
    assert printed(chapter.out, "median 0, mean 0,") == ["Huber with delta 2: -0.5"]


def test_the_slopes_of_the_mae_jump_past_zero():
    """Labels 1, 1, 2: no constant makes the sum of the signs zero, and the jump is the median."""
    labels = np.array([1.0, 1, 2])
    assert [np.sign(labels - c).sum() for c in (0.99, 1, 1.01, 1.99, 2, 2.01)] == [3, 1, -1, -1, -2, -3]


def test_pinball(chapter, names):
    assert names.pinball(np.array([2.0, 0.0, -2.0])) == pytest.approx([1.6, 0, 0.4])
    r = np.array([-3.0, -0.5, 0.5, 3])
    assert names.pinball(r, 0.5) == pytest.approx(np.abs(r) / 2)
    year = names.today[-365:]
    assert np.array_equal(names.year, year)
    assert names.best_c == pytest.approx(np.quantile(year, 0.8), abs=50)
    assert 4000 < names.best_c < 10_000
    share = np.mean(year <= names.best_c)
    assert printed(chapter.out, "best c =") == [f"{names.best_c:.0f}, days at or below: {share:.3f}"]
    near = [mean_penalty(names.pinball, 0, names.best_c + move, 0 * year, year) for move in (-20, 0, 20)]
    assert near[1] < min(near[0], near[2])
    assert printed(chapter.out, "20 below, at c, 20 above:") == [str(np.round(near, 1))]
    assert printed(chapter.out, "0.8 quantile =") == [f"{np.quantile(year, 0.8):.0f}"]
    assert share == pytest.approx(0.8, abs=0.01)


# --- what the page asks -------------------------------------------------------------------------------


def test_questions(names):
    constant, scatter, wide = answers_of("loss")
    grid = np.linspace(0, 101, 20_201)
    squares = ((LABELS[:, None] - grid) ** 2).mean(axis=0)
    assert constant == [f"{grid[squares.argmin()]:g}", f"{sorted(LABELS)[2]:g}", f"{sum((1, 2, 3, 4)) / 4:g}"]
    samples = np.random.default_rng(77).normal(size=(4000, 101))
    assert scatter == 0 and 1.2 < np.median(samples, axis=1).std() / samples.mean(axis=1).std() < 1.3
    x = names.yesterday
    w_end, b_end = np.abs((1 - 2) * x).mean(), abs(250 - 1250)  # from the minimum to the edge of the box
    assert wide == 0 and w_end > 3 * b_end
