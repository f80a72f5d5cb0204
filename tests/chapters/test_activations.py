"""Chapter `activations`: every number and every claim of the page, by a second way where there is one."""

from __future__ import annotations

import math
import re
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from asked import answers_of
from matplotlib.colors import to_hex  # noqa: E402
from mlp import backward, cross_entropy, forward
from scipy.integrate import solve_ivp
from scipy.optimize import minimize_scalar
from scipy.special import expit
from scipy.stats import norm
from shown import printed
from sklearn.datasets import load_digits
from states import states_of

ROOT = Path(__file__).parents[2]
PAGES = {language: (ROOT / "docs" / language / "activations.md").read_text("utf-8") for language in ("zh", "en")}
KNOTS, HEIGHTS = [0, 1, 3, 4], [1, 3, 2, 4]
SETTINGS = {"sigmoid": (1, 2, 4, 6), "centred": (1, 2, 4, 6),
            "tanh": (0.5, 1, 1.4, 2), "relu": (0.5, 1, 1.4, 1.8)}
RATES = {"sigmoid": (2, 2, 2, 1), "centred": (2, 2, 2, 1), "tanh": (0.5, 1, 1, 0.2), "relu": (0.5, 0.2, 0.2, 0.1)}


def numbers(text: str) -> list[float]:
    return [float(part) for part in re.findall(r"-?\d+\.?\d*(?:e[+-]\d+)?", text)]


def drawn(ax, number: int, x, y, color: str, style: str = "-", marker: str = "None") -> None:
    """Line `number` of the axes shows y over x, in this look."""
    line = ax.lines[number]
    assert line.get_xdata() == pytest.approx(x)
    assert line.get_ydata() == pytest.approx(y)
    assert to_hex(line.get_color()) == to_hex(color)
    assert (line.get_linestyle(), line.get_marker()) == (style, marker)
    if marker != "None":
        assert 4 <= line.get_markersize() <= 6
    assert 1 <= line.get_linewidth() <= 2


def shaded(ax, x, low, high, color: str) -> None:
    """The gap between two curves is filled, lightly and without an outline."""
    (area,) = ax.collections
    points = area.get_paths()[0].vertices
    for at in (x[7], x[len(x) // 3], x[-9]):
        k = np.flatnonzero(np.isclose(points[:, 0], at))
        assert sorted(points[k, 1]) == pytest.approx(sorted([low[list(x).index(at)], high[list(x).index(at)]]))
    assert to_hex(area.get_facecolor()[0]) == to_hex(color)
    assert area.get_alpha() == 0.3 and area.get_linewidth()[0] == 0


def sizes(chapter) -> list[tuple[float, float]]:
    return [tuple(figure.get_size_inches().tolist()) for figure in chapter.figures]


def test_figures_and_lines_fit_a_phone(chapter):
    assert sizes(chapter) == [(4.8, 7.2), (4.8, 3.4), (4.8, 5.2), (4.8, 5.2), (4.8, 6.6), (4.8, 7.2), (4.8, 5.6),
                              (4.8, 6), (4.8, 3.2), (4.8, 3.8), (4.8, 3.2)]
    assert max(map(len, chapter.out)) <= 60
    for figure in chapter.figures:  # the panels share one axis, written below the last
        assert all(ax.get_shared_x_axes().joined(ax, figure.axes[-1]) for ax in figure.axes[:-1])


# --- polylines ----------------------------------------------------------------------------------------


def test_adding_the_ramps(chapter):
    axes = chapter.figures[0].axes
    assert len(axes) == 4
    x = np.linspace(-1, 5, 241)
    parts = [np.ones_like(x), 2 * np.interp(x, [0, 1], [0, 1]), -np.interp(x, [1, 3], [0, 1]),
             2 * np.interp(x, [3, 4], [0, 1])]
    for i, ax in enumerate(axes):
        drawn(ax, 0, x, np.interp(x, KNOTS, HEIGHTS), "0.5", ":")
        drawn(ax, 1, x, sum(parts[:i + 1]), "C1")
        drawn(ax, 2, x, parts[i], "C0")
        assert ax.get_ylabel() == "+".join("0123"[:i + 1])
        assert ax.get_ylim() == (-1.4, 4.4) and list(ax.get_yticks()) == [0, 2, 4]
    assert parts[0] + parts[1] + parts[2] + parts[3] == pytest.approx(np.interp(x, KNOTS, HEIGHTS))
    assert [ax.get_xlabel() for ax in axes] == ["", "", "", "$x$"]


def test_ramp(names):
    assert names.ramp(np.array([-5, 0, 0.25, 1, 7])).tolist() == [0, 0, 0.25, 1, 1]


def test_polyline_is_exact_also_in_fractions(chapter, names):
    """The formula in exact arithmetic: no rounding to hide behind."""
    def ramp(z):
        return min(Fraction(1), max(Fraction(0), z))

    def by_ramps(x):
        return HEIGHTS[0] + sum(
            (HEIGHTS[i] - HEIGHTS[i - 1]) * ramp(Fraction(x - KNOTS[i - 1]) / (KNOTS[i] - KNOTS[i - 1]))
            for i in range(1, 4))

    assert by_ramps(2) == Fraction(5, 2)
    for x in (Fraction(k, 12) for k in range(-24, 80)):
        left = max((k for k in range(4) if KNOTS[k] <= x), default=0)
        right = min(left + 1, 3)
        if x <= 0 or left == right:
            expected = Fraction(HEIGHTS[left])
        else:
            share = (x - KNOTS[left]) / (KNOTS[right] - KNOTS[left])
            expected = HEIGHTS[left] + share * (HEIGHTS[right] - HEIGHTS[left])
        assert by_ramps(x) == expected
        assert names.polyline(np.array([float(x)]), KNOTS, HEIGHTS)[0] == pytest.approx(float(expected), abs=1e-14)
    assert printed(chapter.out, "at 2:")[0] == "[2.5]"
    (off,) = numbers(printed(chapter.out, "200 polylines: off by at most")[0])
    assert 0 < off < 1e-14 and len(names.off) == 200
    assert names.some.size == names.high.size == 12 and 0 <= names.some.min() < 3 < 7 < names.some.max() <= 10
    assert names.knots.tolist() == KNOTS and names.heights.tolist() == HEIGHTS


def test_off_looks_outside_the_knots_too(names):
    gaps = []
    rng = np.random.default_rng(0)
    for _ in range(200):
        some, high = np.sort(rng.uniform(0, 10, 12)), rng.normal(size=12)
        x = np.linspace(-1, 11, 500)
        gaps.append(np.abs(names.polyline(x, some, high) - np.interp(x, some, high)).max())
    assert gaps == names.off


# --- pieces -------------------------------------------------------------------------------------------


CURVES = {"smooth": lambda x: np.sin(2 * np.pi * x), "kink": lambda x: np.abs(x - 1 / 3), "root": np.sqrt,
          "jump": lambda x: (x > 1 / 3) * 1.0}


def gap_of(f, knots) -> float:
    x = np.linspace(0, 1, 4_001) ** 2
    return np.abs(f(x) - np.interp(x, knots, f(np.asarray(knots)))).max()


def test_errors_over_pieces(chapter, names):
    assert printed(chapter.out, "pieces") == ["10      20      40      80   per doubling"]
    for name, f in CURVES.items():
        e = [gap_of(f, np.linspace(0, 1, k + 1)) for k in (10, 20, 40, 80)]
        assert names.errors[name] == pytest.approx(e, abs=1e-12)
        expected = "".join(f"{v:7.4f} " for v in e).strip() + f"   / {e[2] / e[3]:.2f}"
        assert printed(chapter.out, name) == [expected]
    assert printed(chapter.out, "law") == ["".join(f"{math.pi**2 / 2 / k**2:7.4f} " for k in (10, 20, 40, 80)).strip()]


def test_the_law(names):
    """Never broken, nearly reached by the sine, reached by a parabola; and the other three rates."""
    law = math.pi**2 / 2 / np.array([10, 20, 40, 80]) ** 2
    smooth = names.errors["smooth"]
    assert np.all(smooth <= law) and np.all(smooth > 0.98 * law)
    for k in (1, 2, 5):
        assert gap_of(np.square, np.linspace(0, 1, k + 1)) == pytest.approx(2 / 8 / k**2, rel=1e-3)
    rng = np.random.default_rng(0)
    for _ in range(50):
        a, b, c = rng.normal(size=3)
        x0, h = rng.uniform(-1, 1), rng.uniform(0.1, 1)
        x = np.linspace(x0, x0 + h, 2001)
        f, bend = a * x**3 + b * x**2 + c * x, np.abs(6 * a * x + 2 * b).max()
        assert np.abs(f - np.interp(x, x[[0, -1]], f[[0, -1]])).max() <= bend * h**2 / 8 + 1e-12
    ratio = {name: e[-2] / e[-1] for name, e in names.errors.items()}
    assert ratio == pytest.approx({"smooth": 4, "kink": 2, "root": 2**0.5, "jump": 1}, rel=0.01)


def test_every_state_of_the_pieces(names):
    states = states_of("activations", "pieces", vars(names))
    assert list(states) == ["2", "4", "8", "16", "32"]
    x = np.linspace(0, 1, 241)
    sine, gaps = np.sin(2 * np.pi * x), {}
    for value, state in states.items():
        (ax,), at = state.figure.axes, np.linspace(0, 1, int(value) + 1)
        drawn(ax, 0, x, sine, "0.5")
        drawn(ax, 1, at, np.sin(2 * np.pi * at), "C1", marker="o")
        shaded(ax, x, sine, np.interp(x, at, np.sin(2 * np.pi * at)), "C1")
        gaps[value] = np.abs(sine - np.interp(x, at, np.sin(2 * np.pi * at))).max()
        assert ax.get_title() == f"{gaps[value]:.3f}" and list(ax.get_yticks()) == [-1, 0, 1]
        assert ax.get_ylim() == (-1.1, 1.1) and list(ax.get_xticks()) == [0, 0.5, 1] and ax.get_xlabel() == "$x$"
    assert gaps["2"] == pytest.approx(1) and gaps["8"] / gaps["16"] == pytest.approx(4, rel=0.07)


# --- Taylor -------------------------------------------------------------------------------------------


def test_taylor(chapter, names):
    x = np.linspace(-2, 2, 2001)
    bell = 1 / (1 + x**2)
    previous = None
    for degree, at_2 in ((4, 13), (8, 205), (16, 52429)):
        assert sum((-4) ** m for m in range(degree // 2 + 1)) == at_2
        series = sum((-1) ** m * x ** (2 * m) for m in range(degree // 2 + 1))
        knots = np.linspace(-2, 2, degree + 1)
        chosen = 2 * np.cos(np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1))
        polynomial = np.polyfit(chosen, 1 / (1 + chosen**2), degree)
        gaps = [np.abs(bell - guess).max() for guess in
                (series, np.interp(x, knots, 1 / (1 + knots**2)), np.polyval(polynomial, x))]
        expected = f"at 2 it is {at_2}; worst " + " ".join(f"{g:.2g}" for g in gaps)
        assert printed(chapter.out, f"degree {degree:2}:") == [expected]
        if previous:
            assert gaps[0] > previous[0] and gaps[1] < previous[1] and gaps[2] < previous[2]
        previous = gaps
    assert names.taylor(2.0, 4) == 13 and names.bell(2.0) == 0.2
    inside = np.linspace(-0.9, 0.9, 99)
    assert names.taylor(inside, 200) == pytest.approx(1 / (1 + inside**2), abs=1e-6)  # radius 1


def test_a_smooth_function_whose_taylor_series_is_zero():
    """Difference quotients of the first orders at 0 of exp(-1/x^2) vanish, and the function does not."""
    def f(x):
        return math.exp(-1 / x**2) if x else 0.0
    for order in range(1, 9):
        for h in (0.02, 0.01):
            total = sum((-1) ** k * math.comb(order, k) * f((order / 2 - k) * h) for k in range(order + 1))
            quotient = total / h**order
            assert abs(quotient) < 1e-3
    assert f(1) > 0.3


def test_taylor_figure(chapter):
    axes = chapter.figures[2].axes
    x = np.linspace(-2, 2, 2001)
    for ax, degree in zip(axes, (4, 16)):
        at = np.linspace(-2, 2, degree + 1)
        drawn(ax, 0, x, 1 / (1 + x**2), "0.5")
        drawn(ax, 1, x, sum((-1) ** m * x ** (2 * m) for m in range(degree // 2 + 1)), "C3", "--")
        drawn(ax, 2, at, 1 / (1 + at**2), "C1", marker="o")
        assert ax.get_ylabel() == str(degree) and ax.get_ylim() == (-0.5, 1.5)
    assert len(axes) == 2 and axes[1].get_xlabel() == "$x$"


# --- where the sigmoid comes from -----------------------------------------------------------------------


def test_sigmoid(names):
    z = np.linspace(-30, 30, 301)
    assert names.sigmoid(z) == pytest.approx(expit(z), abs=1e-15)
    with np.errstate(all="raise"):
        assert names.sigmoid(np.array([-1e4, 1e4])).tolist() == [0, 1]


def test_growth_law_gives_the_sigmoid(chapter, names):
    """A solver with adaptive steps agrees; Euler's miss halves with the step."""
    t = np.linspace(0, 6, 61)
    exact = solve_ivp(lambda _, p: p * (1 - p), (0, 6), [0.2], t_eval=t, rtol=1e-10, atol=1e-12).y[0]
    assert expit(math.log(0.25) + t) == pytest.approx(exact, abs=1e-8)
    for dt in (0.2, 0.1, 0.05):
        p, worst = 0.2, 0.0
        for k in range(1, round(6 / dt) + 1):
            p += dt * p * (1 - p)
            worst = max(worst, abs(p - expit(math.log(0.25) + k * dt)))
        assert names.miss[dt] == pytest.approx(worst, abs=1e-12)
        assert printed(chapter.out, f"steps of {dt}:") == [f"off by {worst:.4f}"]
    assert names.miss[0.2] / names.miss[0.1] == pytest.approx(2, rel=0.05)
    assert names.miss[0.1] / names.miss[0.05] == pytest.approx(2, rel=0.05)
    assert names.grow(0.5, 0.5, 1) == pytest.approx([0.5, 0.625, 0.625 + 0.5 * 0.625 * 0.375])


def test_odds_double(chapter):
    shares = [Fraction(odds, odds + 1) for odds in (Fraction(1, 4), Fraction(2, 4), 1, 2, 4)]
    assert shares == [Fraction(1, 5), Fraction(1, 3), Fraction(1, 2), Fraction(2, 3), Fraction(4, 5)]
    assert printed(chapter.out, "every ln 2:") == ["[0.2    0.3333 0.5    0.6667 0.8   ]"]
    assert printed(chapter.out, "back from the log-odds:") == ["True"]


def test_bernoulli_depends_on_the_odds(names):
    for p in (0.2, 0.7):
        for x in (0, 1):
            assert p**x * (1 - p) ** (1 - x) == pytest.approx((1 - p) * (p / (1 - p)) ** x)
    assert names.back == pytest.approx(np.arange(1, 100) / 100, abs=1e-12)


def test_origin_figure(chapter):
    top, bottom = chapter.figures[3].axes
    fine, t = np.linspace(-1.5, 6, 151), np.log(2) * np.arange(5)
    drawn(top, 0, fine, expit(np.log(0.25) + fine), "C2")
    drawn(top, 1, t, [1 / 5, 1 / 3, 1 / 2, 2 / 3, 4 / 5], "C2", "None", "o")
    for k, p in enumerate((1 / 5, 1 / 3, 1 / 2, 2 / 3, 4 / 5)):
        ends = t[k] + np.array([-0.6, 0.6])
        drawn(top, 2 + k, ends, p + p * (1 - p) * np.array([-0.6, 0.6]), "0.5")
    drawn(bottom, 0, fine, np.log(0.25) + fine, "C2")
    drawn(bottom, 1, t, np.log([0.25, 0.5, 1, 2, 4]), "C2", "None", "o")
    assert (top.get_ylabel(), bottom.get_ylabel(), bottom.get_xlabel()) == ("$p$", "log-odds", "$t$")
    assert list(top.get_yticks()) == [0, 0.2, 0.5, 0.8, 1] and len(top.lines) == 7


# --- the soft ramp ------------------------------------------------------------------------------------


def soft_gap(w: float) -> float:
    x = np.linspace(-3, 4, 140_001)
    return np.abs(np.clip(x, 0, 1) - expit(w * (x - 0.5))).max()


def test_soft_gap(chapter, names):
    assert names.sharp[[0, -1]].tolist() == [3, 9] and names.sharp.size == 121
    for k in (0, 10, 20, 40, 53, 80, 120):
        assert names.gap_of_ramp[k] == pytest.approx(soft_gap(names.sharp[k]), abs=1e-6)
    assert names.formula == pytest.approx(names.gap_of_ramp, abs=1e-6)
    best = minimize_scalar(soft_gap, bounds=(4, 8), method="bounded", options={"xatol": 1e-6})
    assert (best.x, best.fun) == pytest.approx((5.6476, 0.05605), abs=1e-4)
    assert names.best == 5.65 and names.gap_of_ramp.min() < best.fun + 1e-3
    assert printed(chapter.out, "formula and search agree:") == ["True"]
    assert printed(chapter.out, "w = 4:") == [f"gap {expit(-2):.4f}"]
    assert printed(chapter.out, "best, w = 5.65:") == [f"gap {soft_gap(5.65):.4f}"]
    a = names.a[names.sharp[names.sharp > 4] == 5.65][0]
    assert 5.65 * a * (1 - a) == pytest.approx(1)
    corner, inner = expit(-best.x / 2), (1 + math.sqrt(1 - 4 / best.x)) / 2
    assert inner - 0.5 - math.log(inner / (1 - inner)) / best.x == pytest.approx(corner, abs=1e-5)  # both equal


def test_soft_ramp_figure(chapter):
    axes = chapter.figures[4].axes
    x = np.linspace(-1, 2, 241)
    for ax, w in zip(axes, (4, 5.65, 20)):
        drawn(ax, 0, x, np.clip(x, 0, 1), "C0")
        drawn(ax, 1, x, expit(w * (x - 0.5)), "C2")
        shaded(ax, x, np.clip(x, 0, 1), expit(w * (x - 0.5)), "C2")
        assert ax.get_ylabel() == f"$w = {w}$" and list(ax.get_yticks()) == [0, 1]
    assert len(axes) == 3 and axes[2].get_xlabel() == "$x$"


# --- knobs and sums -----------------------------------------------------------------------------------


def test_knobs(chapter, names):
    for w, b, c in ((2, -6, 5), (4, -6, 5), (2, -8, 5), (2, -6, 3)):
        row = f"w {w}, b {b}, c {c}: at {-b / w:g}, {c / 2:g}; slope {c * w / 4:g}; ends 0, {c}"
        assert row in chapter.out
    x = np.linspace(-3, 9, 121)
    for w, b, c in ((2, -6, 5), (-1, 3, -2), (0.5, 0, 1)):
        assert names.bump(x, w, b, c) == pytest.approx(c * expit(b + w * x))
        share = names.bump(x, w, b, c) / c
        assert share.min() > 0 and share.max() < 1
    assert 1e-6 <= names.step <= 1e-4


def test_knobs_figure(chapter):
    axes = chapter.figures[5].axes
    x = np.linspace(-1, 7, 241)
    turned = [[(1, -6, 5), (4, -6, 5)], [(2, -2, 5), (2, -10, 5)], [(2, -6, 2), (2, -6, -2)]]
    centres = [[6, 1.5], [1, 5], [3, 3]]
    for ax, name, settings, middles in zip(axes, "wbc", turned, centres):
        drawn(ax, 0, x, 5 * expit(2 * x - 6), "C2")
        for k, ((w, b, c), middle) in enumerate(zip(settings, middles)):
            drawn(ax, 1 + 2 * k, x, c * expit(b + w * x), "C2", ("--", ":")[k])
            drawn(ax, 2 + 2 * k, [middle], [c / 2], "C2", "None", "o")
        drawn(ax, 5, [3], [2.5], "C2", "None", "o")
        assert len(ax.lines) == 6
        assert ax.get_ylabel() == f"${name}$"
        assert list(ax.get_yticks()) == [-2, 0, 2, 5] and ax.get_ylim() == (-2.5, 5.5)
    assert axes[2].get_xlabel() == "$x$"


def test_sum_of_three(chapter, names):
    x = np.linspace(-1, 5, 6001)
    red = np.interp(x, KNOTS, HEIGHTS)
    for q in (4, 20, 5.65):
        y = 1 + 2 * expit(q * (x - 0.5)) - expit(q / 2 * (x - 2)) + 2 * expit(q * (x - 3.5))
        assert names.found[q] == pytest.approx(np.abs(y - red).max(), abs=1e-9)
        assert printed(chapter.out, f"sharpness {q}:") == [f"largest gap {names.found[q]:.3f}"]
    assert names.promised == pytest.approx(0.0561 * 5) and printed(chapter.out, "promised:") == ["at most 0.280"]
    assert names.found[5.65] < names.promised < names.found[4] < names.found[20]
    assert names.w_sum == pytest.approx([5.65, 2.825, 5.65]) and names.b_sum == pytest.approx([-2.825, -5.65, -19.775])
    (row,) = [line for line in chapter.out if line.startswith("w [")]
    assert numbers(row) == pytest.approx([5.65, 2.82, 5.65, -2.82, -5.65, -19.78, 2, -1, 2], abs=0.011)
    assert names.added(x, 1, names.w_sum, names.b_sum, [2, -1, 2]) == pytest.approx(y)


def test_sum_figure(chapter):
    top, bottom = chapter.figures[6].axes
    x = np.linspace(-1, 5, 241)
    parts = [2 * expit(5.65 * (x - 0.5)), -expit(2.825 * (x - 2)), 2 * expit(5.65 * (x - 3.5))]
    for k, part in enumerate(parts):
        drawn(top, k, x, part, "C2")
    assert set(top.lines[3].get_ydata()) == {1} and to_hex(top.lines[3].get_color()) == to_hex("0.5")
    assert top.lines[3].get_linewidth() == 1
    drawn(bottom, 0, x, np.interp(x, KNOTS, HEIGHTS), "C1")
    drawn(bottom, 1, x, 1 + sum(parts), "C2")
    assert list(top.get_yticks()) == [-1, 0, 1, 2] and list(bottom.get_yticks()) == [1, 2, 3, 4]
    assert bottom.get_xlabel() == "$x$"


# --- ReLU ---------------------------------------------------------------------------------------------


def test_two_relus(chapter, names):
    for z in (Fraction(k, 10) for k in range(-30, 41)):
        assert max(0, z) - max(0, z - 1) == min(1, max(0, z))
    assert names.relu(np.array([-2.0, 0, 3])).tolist() == [0, 0, 3]
    assert printed(chapter.out, "ramp - two ReLUs:") == ["0.0"]
    assert names.two.size == 1401 and names.two.min() == 0 and names.two.max() == 1
    assert names.two[[0, 600, 700, 800, 1400]] == pytest.approx([0, 0, 0.5, 1, 1])
    assert printed(chapter.out, "slopes") == ["[ 2.  -0.5  2. ] turns [ 2.  -2.5  2.5 -2. ]"]
    x = np.linspace(-1, 5, 6001)
    assert names.bent == pytest.approx(np.interp(x, KNOTS, HEIGHTS), abs=1e-12)
    (off,) = numbers(printed(chapter.out, "off by")[0])
    assert off < 1e-14


def test_two_relus_figure(chapter):
    axes = chapter.figures[7].axes
    z = np.linspace(-1, 3, 161)
    up, down = np.clip(z, 0, None), np.clip(z - 1, 0, None)
    drawn(axes[0], 0, z, up, "C5")
    drawn(axes[0], 1, z, -down, "C5", "--")
    drawn(axes[1], 0, z, np.clip(z, 0, 1), "C0")
    drawn(axes[2], 0, z, up + down, "C0")
    assert [list(ax.get_yticks()) for ax in axes] == [[-2, 0, 1, 3], [0, 1], [0, 1, 3, 5]]
    assert axes[1].get_ylim() == (-0.4, 1.6) and axes[2].get_xlabel() == "$z$"


@pytest.fixture(scope="module")
def houses():
    rng = np.random.default_rng(0)
    size = rng.uniform(20, 140, 80)
    return size, np.maximum(0, 4 * (size - 60) + rng.normal(0, 20, 80))


def test_house(chapter, names, houses):
    size, price = houses
    A = np.column_stack([size, np.ones(80)])
    line = A @ np.linalg.lstsq(A, price, rcond=None)[0]

    def loss(p):
        return np.mean((price - np.maximum(0, p[0] * size + p[1])) ** 2)

    from scipy.optimize import minimize
    best = minimize(loss, [4, -240], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-9, "maxiter": 5000})
    expected = {"line": line, "clipped": np.maximum(0, line),
                "trained": np.maximum(0, best.x[0] * size + best.x[1])}
    for name, guess in expected.items():
        assert names.errors_of[name] == pytest.approx(guess, abs=1e-2)
        (row,) = printed(chapter.out, f"{name}: lowest")
        assert row == f"{guess.min():.1f}, mean square {np.mean((price - guess) ** 2):.0f}"
    squares = {name: np.mean((price - guess) ** 2) for name, guess in expected.items()}
    assert line.min() < 0 and squares["clipped"] < squares["line"] and squares["trained"] < squares["clipped"] / 3
    assert np.all((price - np.maximum(0, line)) ** 2 <= (price - line) ** 2)
    assert (-30 - 10) ** 2 == 1600 and (0 - 10) ** 2 == 100


def test_a_dead_relu_stays_dead(chapter, names):
    assert printed(chapter.out, "from w = 1, b = -70:") == ["w = 1, b = -70"]
    assert np.all(names.u - 70 < 0)
    assert names.descend(1.0, -70.0, 3) == (1.0, -70.0)
    w, b = names.descend(50.0, 10.0, 1)  # one step by finite differences
    def loss(w, b):
        return np.mean((names.price - np.maximum(0, b + w * names.u)) ** 2)
    h = 1e-5
    assert w == pytest.approx(50 - 0.2 * (loss(50 + h, 10) - loss(50 - h, 10)) / (2 * h), abs=1e-4)
    assert b == pytest.approx(10 - 0.2 * (loss(50, 10 + h) - loss(50, 10 - h)) / (2 * h), abs=1e-4)
    assert (names.u.mean(), names.u.std()) == pytest.approx((0, 1))


def test_house_figure(chapter, names, houses):
    (ax,) = chapter.figures[8].axes
    size, price = houses
    at = np.linspace(20, 140, 121)
    assert ax.lines[0].get_xdata() == pytest.approx(size) and ax.lines[0].get_ydata() == pytest.approx(price)
    assert ax.lines[0].get_marker() == "." and to_hex(ax.lines[0].get_color()) == to_hex("0.5")
    w, b = np.polyfit(size, price, 1)
    drawn(ax, 1, at, b + w * at, "C1", "--")
    bent = names.w_u * (at - size.mean()) / size.std() + names.b_u
    drawn(ax, 2, at, np.maximum(0, bent), "C5")
    assert np.flatnonzero(ax.lines[2].get_ydata())[0] == pytest.approx(40, abs=4)  # "up to about 60"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("size", "price")
    assert list(ax.get_yticks()) == [-100, 0, 100, 200, 300]


# --- saturation and initialisation --------------------------------------------------------------------


def test_saturation(chapter):
    assert "checked: True" in chapter.out
    for z in (-10, -5, -2, 0, 2, 5, 10):
        slope = expit(z) * expit(-z)
        row = f"{z:4.0f}   {slope:.6f}  {math.exp(-abs(z)):.6f}   {int(z > 0)}"
        assert chapter.out.count(row) == 1
        assert slope <= 0.25 and slope <= math.exp(-abs(z))
    assert expit(5) * expit(-5) / math.exp(-5) > 0.98 and "   z   sigmoid'   e^-|z|   relu'" in chapter.out
    for depth in (4, 8, 20):
        assert printed(chapter.out, f"{depth} layers:") == [f"at most {4.0**-depth:.0e}"]


def test_slope_is_checked_tightly(names):
    assert names.slope_of_sigmoid == pytest.approx(expit(names.z_sat) * expit(-names.z_sat), abs=1e-15)
    assert names.check == pytest.approx(names.slope_of_sigmoid, abs=1e-10)


def test_shapes_give_slopes(names):
    z = np.linspace(-3, 3, 60)  # not 0
    for f, slope in names.SHAPES.values():
        assert slope(f(z)) == pytest.approx((f(z + 1e-6) - f(z - 1e-6)) / 2e-6, abs=1e-8)
    assert list(names.SHAPES) == ["sigmoid", "centred", "tanh", "relu"]
    assert names.SHAPES["centred"][0](0.0) == 0 and names.SHAPES["sigmoid"][0](0.0) == 0.5
    assert names.SHAPES["relu"][0](-1.0) == 0 and names.SHAPES["tanh"][0](1.0) == math.tanh(1)


def test_growth_follows_the_law(chapter, names):
    """The same networks, the change sent through Jacobians instead of a difference."""
    plain = {"sigmoid": (expit, lambda z: expit(z) * expit(-z)),
             "centred": (lambda z: expit(z) - 0.5, lambda z: expit(z) * expit(-z)),
             "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2), "relu": (lambda z: z * (z > 0), lambda z: (z > 0) * 1.0)}
    assert list(names.factor) == [("sigmoid", 1), ("sigmoid", 4), ("centred", 4), ("tanh", 1), ("relu", 1),
                                  ("relu", 2**0.5)]
    for (name, s), (moved, law) in names.factor.items():
        f, slope = plain[name]
        rows = []
        for seed in range(20):
            rng = np.random.default_rng(seed)
            z, dz = rng.normal(size=100), rng.normal(size=100)
            start, product = np.linalg.norm(dz), 1.0
            for _ in range(8):
                W = rng.normal(0, s / 10, (100, 100))
                product *= s**2 * np.mean(slope(z) ** 2)
                dz, z = (slope(z) * dz) @ W, f(z) @ W
            rows.append(((np.linalg.norm(dz) / start) ** 0.125, product ** (1 / 16)))
        expected = np.mean(rows, axis=0)
        assert (moved, law) == pytest.approx(expected, abs=2e-5)
        assert moved == pytest.approx(law, rel=0.03)
        assert f"{name}, s = {s:.2f}: {moved:.3f}, law {law:.3f}" in chapter.out
    assert names.factor["sigmoid", 1][0] < 0.25 and names.factor["relu", 2**0.5][0] == pytest.approx(1, abs=0.03)
    assert names.factor["centred", 4][0] > 0.85 > 0.7 > names.factor["sigmoid", 4][0]


def test_centring_is_a_bias(names):
    """sigmoid with the bias -sum(w)/2 gives the pre-activations of sigmoid - 1/2."""
    rng = np.random.default_rng(1)
    Z, W = rng.normal(size=(7, 5)), rng.normal(size=(5, 4))
    assert expit(Z) @ W - W.sum(axis=0) / 2 == pytest.approx(names.SHAPES["centred"][0](Z) @ W)


def test_every_tanh_network_is_a_sigmoid_network(chapter, names):
    assert printed(chapter.out, "same outputs:") == ["True"]
    z = np.linspace(-4, 4, 81)
    assert 2 * expit(2 * z) - 1 == pytest.approx(np.tanh(z))
    assert [W.shape for W in names.Ws] == [(64, 16), (16, 16), (16, 16), (16, 10)]
    rng = np.random.default_rng(0)
    Ws = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in ((64, 16), (16, 16), (16, 16), (16, 10))]
    A = rng.normal(size=(50, 64))
    for W in Ws[:-1]:
        A = np.tanh(A @ W)
    assert names.by_tanh == pytest.approx(A @ Ws[-1]) and names.by_sigmoid == pytest.approx(A @ Ws[-1])


def one_run(label: str, s: float, lr: float, seed: int, hidden=4, width=16, steps=100) -> float:
    """A run of the contest with the book's own network, layer by layer, one run at a time."""
    images, labels = load_digits(return_X_y=True)
    X, Y = images[:100] / 16, (labels[:100, None] == np.arange(10)) * 1.0
    sizes, params = [64] + [width] * hidden + [10], []
    for layer, (m, n) in enumerate(zip(sizes, sizes[1:])):
        W = s * np.random.default_rng([seed, layer]).normal(0, 1 / np.sqrt(m), (m, n))
        shift = -0.5 * W.sum(axis=0) if label == "centred" and layer else np.zeros(n)
        params.append((W, shift))
    name = "sigmoid" if label == "centred" else label
    for _ in range(steps):
        Z, cache = forward(params, X, name)
        grads = backward(params, cache, cross_entropy(Z, Y)[1])
        params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads)]
    return cross_entropy(forward(params, X, name)[0], Y)[0]


@pytest.mark.parametrize("label", list(SETTINGS))
def test_the_contest_is_run_right(names, label):
    """Spot checks with the book's network; only short runs, as rounding grows with the steps."""
    name, centred = ("sigmoid" if label == "centred" else label), label == "centred"
    assert names.entries[label] == (name, centred, SETTINGS[label], RATES[label])
    for s, lr, seed in ((SETTINGS[label][2], RATES[label][2], 0), (1, RATES[label][3], 2)):
        ran = names.losses(name, [s], [lr], [seed], centred, steps=12)
        assert ran == pytest.approx([one_run(label, s, lr, seed, steps=12)], rel=1e-6)
    both = names.losses(name, [1, 2], [0.1, 0.2], [0, 1], centred, hidden=2, width=8, steps=5)
    assert both == pytest.approx([one_run(label, 1, 0.1, 0, 2, 8, 5), one_run(label, 2, 0.2, 1, 2, 8, 5)], rel=1e-6)
    default = names.losses(name, [1], [RATES[label][0]], [0], centred)
    assert default == pytest.approx(names.losses(name, [1], [RATES[label][0]], [0], centred, 4, 16, 100))
    assert default == pytest.approx([one_run(label, 1, RATES[label][0], 0)], rel=0.05)


def test_the_contest(chapter, names):
    result = {label: np.asarray(values) for label, values in names.result.items()}
    for label, values in result.items():
        expected = " ".join(f"{s}: {v:.2f} " for s, v in zip(SETTINGS[label], values)).strip()
        assert printed(chapter.out, f"{label:8} {SETTINGS[label][0]}:") == [expected.split(": ", 1)[1]]
    chance = math.log(10)
    assert abs(result["sigmoid"][0] - chance) < 0.03 and abs(result["centred"][0] - chance) < 0.03
    assert result["sigmoid"][2:] == pytest.approx([0.5, 0.5], abs=0.08)
    assert result["centred"][2:] == pytest.approx([0.12, 0.12], abs=0.02)
    assert result["relu"][[0, 2]] == pytest.approx([1.83, 0.05], abs=0.02) and result["relu"].argmin() == 2
    assert result["tanh"][1:].max() < 0.08 and result["tanh"].max() > 0.5


def test_ten_fresh_seeds(chapter, names):
    """What the page claims: tanh before the centred sigmoid, which is steadier than ReLU and before the plain one."""
    best = {"sigmoid": (4, 2), "centred": (6, 1), "tanh": (1, 1), "relu": (1.4, 0.2)}
    assert list(names.final) == list(best)
    run = {}
    for label, (s, lr) in best.items():
        name, centred = ("sigmoid" if label == "centred" else label), label == "centred"
        run[label] = names.losses(name, [s] * 20, [lr] * 20, range(10, 30), centred)
        assert names.final[label] == pytest.approx(np.sort(run[label][:10]), rel=1e-3)
        low, middle, high = min(run[label][:10]), np.median(run[label][:10]), max(run[label][:10])
        fresh = f"   at {s}, ten fresh seeds: median {middle:.2f}, from {low:.2f} to {high:.2f}"
        assert chapter.out[chapter.out.index(fresh) - 1].startswith(f"{label:8} {SETTINGS[label][0]}:")
        assert s == SETTINGS[label][np.argmin(names.result[label])]
    middle = {label: np.median(values) for label, values in run.items()}
    assert middle["tanh"] < middle["centred"] < middle["sigmoid"] and middle["tanh"] < middle["relu"]
    assert (run["tanh"] < run["centred"]).sum() >= 19 and (run["centred"] < run["sigmoid"]).sum() >= 18
    assert np.ptp(run["relu"]) > 3 * np.ptp(run["centred"]) and run["relu"].min() < run["centred"].min()


@pytest.mark.parametrize("label", list(SETTINGS))
def test_the_result_is_the_median_of_seeds_at_the_best_rate(names, label):
    name, centred = ("sigmoid" if label == "centred" else label), label == "centred"
    grid = (0.05, 0.1, 0.2, 0.5, 1, 2, 5)
    for k, s in enumerate(SETTINGS[label]):
        ran = names.losses(name, [s] * 21, np.repeat(grid, 3), [0, 1, 2] * 7, centred).reshape(7, 3)
        median = dict(zip(grid, np.median(ran, axis=1)))
        assert names.result[label][k] == pytest.approx(median[RATES[label][k]], rel=1e-3)
        assert median[RATES[label][k]] < min(median.values()) + 5e-3  # at chance level all rates are alike


def test_in_wide_layers_relu_wins(names):
    entries = (("centred", "sigmoid", True, 6, 1), ("tanh", "tanh", False, 1.4, 0.3), ("relu", "relu", False, 1.4, 0.3))
    loss = {label: names.losses(name, [s] * 3, [lr] * 3, range(3), centred, hidden=4, width=64)
            for label, name, centred, s, lr in entries}
    assert loss["relu"].max() < loss["tanh"].min() and loss["tanh"].max() < loss["centred"].min()


def test_relu_is_cheap_and_the_product_is_not():
    def seconds(work):
        best = math.inf
        for _ in range(20):
            begin = time.perf_counter()
            work()
            best = min(best, time.perf_counter() - begin)
        return best

    Z = np.random.default_rng(0).normal(size=(256, 256))
    relu, sigmoid = seconds(lambda: np.maximum(0, Z)), seconds(lambda: 1 / (1 + np.exp(-Z)))
    assert sigmoid > 1.5 * relu and seconds(lambda: Z @ Z) > sigmoid


def test_contest_figure(chapter, names):
    (ax,) = chapter.figures[9].axes
    looks = {"sigmoid": ("C2", "--"), "centred": ("C2", "-"), "tanh": ("C4", "-"), "relu": ("C5", "-")}
    for k, (label, (color, style)) in enumerate(looks.items()):
        drawn(ax, k, SETTINGS[label], names.result[label], color, style, "o")
    assert set(ax.lines[4].get_ydata()) == {math.log(10)} and ax.lines[4].get_linestyle() == ":"
    assert to_hex(ax.lines[4].get_color()) == to_hex("0.5")
    assert ax.get_xscale() == "log" and ax.get_ylim() == (0, 2.5)
    assert list(ax.get_xticks()) == [0.5, 1, 2, 4, 6] and not ax.get_xticks(minor=True).size
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0.5", "1", "2", "4", "6"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("scale $s$ of the first weights", "loss")
    place = {t.get_text(): t.get_position() for t in ax.texts}
    assert place == {"sigmoid": (3.7, 0.9), "centred": (2.05, 0.3), "tanh": (0.52, 0.3), "relu": (1.05, 1.2)}
    assert [to_hex(t.get_color()) for t in ax.texts] == [to_hex(c) for c, _ in looks.values()]


# --- GELU, SiLU ---------------------------------------------------------------------------------------


def test_silu_and_gelu(chapter, names):
    z = np.linspace(-6, 6, 1201)
    silu, gelu = z * expit(z), z * norm.cdf(z)
    assert names.silu == pytest.approx(silu) and names.gelu == pytest.approx(gelu)
    assert printed(chapter.out, "at -1 and 1:") == [
        f"[-{expit(-1):.3f}  {expit(1):.3f}] [-{norm.cdf(-1):.3f}  {norm.cdf(1):.3f}]"]
    low = [minimize_scalar(f, bounds=(-3, 0), method="bounded") for f in
           (lambda z: z * expit(z), lambda z: z * norm.cdf(z))]
    assert (low[0].x, low[0].fun) == pytest.approx((-1.28, -0.278), abs=2e-3)
    assert printed(chapter.out, "lowest: SiLU") == [
        f"{low[0].fun:.3f} at {low[0].x:.2f}, GELU {low[1].fun:.3f} at {low[1].x:.2f}"]
    assert printed(chapter.out, "GELU is z sigmoid(1.702 z), up to") == [
        f"{np.abs(gelu - z * expit(1.702 * z)).max():.3f}"]
    assert np.all(silu <= np.maximum(0, z)) and np.all(gelu <= np.maximum(0, z)) and silu.min() < gelu.min() < 0


def test_silu_figure(chapter):
    (ax,) = chapter.figures[10].axes
    z = np.linspace(-6, 6, 1201)
    drawn(ax, 0, z, np.clip(z, 0, None), "C5")
    drawn(ax, 1, z, z * expit(z), "C3")
    drawn(ax, 2, z, z * norm.cdf(z), "C3", "--")
    assert ax.get_xlim() == (-4, 2.5) and ax.get_ylim() == (-0.5, 2.5)
    assert list(ax.get_yticks()) == [0, 1, 2] and ax.get_xlabel() == "$z$"


# --- exercises ----------------------------------------------------------------------------------------


def test_tent(chapter, names):
    x = np.linspace(-1, 4, 5001)
    tent = np.interp(x, [0, 1, 3], [0, 2, 0])
    assert names.by_ramps == pytest.approx(tent, abs=1e-12) and names.by_relus == pytest.approx(tent, abs=1e-12)
    assert printed(chapter.out, "ramps:") == ["True"] and printed(chapter.out, "ReLUs:") == ["True"]
    assert printed(chapter.out, "at 2:") == ["[2.5]", "[1.]"]


def test_root(chapter):
    for c, ratio in ((1, 2**0.5), (2, 2), (4, 4)):
        e = [gap_of(np.sqrt, np.linspace(0, 1, k + 1) ** c) for k in (10, 20, 40, 80)]
        assert e[2] / e[3] == pytest.approx(ratio, rel=0.02)
        assert printed(chapter.out, f"power {c}:") == [" ".join(f"{v:.5f}" for v in e) + f"  / {e[2] / e[3]:.2f}"]


def test_slopes_of_silu_and_gelu(chapter, names):
    z = np.linspace(-6, 6, 1201)
    d_silu = expit(z) + z * expit(z) * expit(-z)
    d_gelu = norm.cdf(z) + z * norm.pdf(z)
    assert names.d_silu == pytest.approx(d_silu) and names.d_gelu == pytest.approx(d_gelu)
    for name, d in (("SiLU", d_silu), ("GELU", d_gelu)):
        assert printed(chapter.out, f"{name}: checked") == [f"True, slope between {d.min():.3f} and {d.max():.3f}"]
        assert -0.2 < d.min() < 0 and 1 < d.max() < 1.2


def test_eight_layers(chapter, names):
    best = {"sigmoid": (6, 0.3), "centred": (8, 0.3), "tanh": (1.4, 0.3), "relu": (1.4, 0.1)}
    for label, (s, lr) in best.items():
        name, centred = ("sigmoid" if label == "centred" else label), label == "centred"
        again = names.losses(name, [s] * 3, [lr] * 3, [0, 1, 2], centred, 8, 32, 100)
        assert names.deep[label] == pytest.approx(again, rel=1e-6)
        assert [line for line in chapter.out if line == f"{label:8} {names.deep[label].round(2)}"]
    deep = {label: np.asarray(values) for label, values in names.deep.items()}
    assert deep["tanh"].max() < deep["centred"].min()
    assert np.median(deep["centred"]) < np.median(deep["relu"]) < np.median(deep["sigmoid"])
    assert np.ptp(deep["relu"]) > 0.5 > 0.1 > np.ptp(deep["centred"])


# what the page asks


def test_questions():
    height, pieces, middle, slope = answers_of("activations")
    ramps = [1, 2 * min(1, max(0, 2 - 0)), -1 * min(1, max(0, (2 - 1) / 2)), 2 * min(1, max(0, 2 - 3))]
    assert height == [f"{sum(ramps):.1f}", "3.0", "2.0", "4.0"] and height[0] == "2.5"
    gap = {k: max(abs(math.sin(2 * math.pi * x) - np.interp(x, np.arange(k + 1) / k, np.sin(2 * np.pi * np.arange(
        k + 1) / k))) for x in np.linspace(0, 1, 4001)) for k in (20, 200)}
    assert pieces == ["10", "100", "4.6"] and gap[20] / gap[200] == pytest.approx(100, rel=0.03)
    x = np.linspace(-1, 7, 80_001)
    found = x[np.argmin(abs(5 * expit(-6 + 4 * x) - 2.5))]
    assert middle == [f"{found:.1f}", "3.0", "6.0"] and found == pytest.approx(1.5)
    z = np.linspace(-9, 9, 180_001)
    assert slope == [f"{np.diff(expit(z)).max() / (z[1] - z[0]):.2f}", "1.00", f"{expit(0):.2f}"] and slope[0] == "0.25"
