"""Chapter `derivatives`: every number and every claim of the page, by a second way where there is one."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import math
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from autodiff import Value
from numerical_gradient import numerical_gradient

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

SCRIPT = Path(__file__).parents[2] / "snippets" / "derivatives.py"
EPS = 2.0**-52
NUMBERS = {  # each function of the chapter at 2 and its derivative, worked out without the chapter
    "3a": (lambda a: 3 * a, lambda a: 3.0),
    "a**2": (lambda a: a * a, lambda a: 2 * a),
    "a**3": (lambda a: a * a * a, lambda a: 3 * a * a),
    "ln a": (math.log, lambda a: 1 / a),
}


@pytest.fixture(scope="module")
def chapter():
    """The chapter, run from top to bottom: its names, what it printed, its figures in order."""
    plt.close("all")
    spec = importlib.util.spec_from_file_location("derivatives_chapter", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        spec.loader.exec_module(module)
    figures = [plt.figure(number) for number in plt.get_fignums()]
    yield SimpleNamespace(names=module, out=out.getvalue().splitlines(), figures=figures)
    plt.close("all")


@pytest.fixture(scope="module")
def names(chapter):
    return chapter.names


def printed(chapter, start: str) -> list[str]:
    """What follows `start` in each line that begins with it."""
    return [line[len(start) :].strip() for line in chapter.out if line.startswith(start)]


def rows_from(chapter, start: str, count: int) -> list[str]:
    """`count` lines from the one that begins with `start`."""
    (first,) = [number for number, line in enumerate(chapter.out) if line.startswith(start)]
    return chapter.out[first : first + count]


def points(ax) -> list[np.ndarray]:
    return [np.asarray(line.get_xydata(), dtype=float) for line in ax.lines]


# --- slopes -------------------------------------------------------------------------------------------


def test_quotients(chapter):
    """Q33: the same ratio for every run on a line; 4, 12 and 0.5 in the limit on the curves."""
    expected = {
        "3a": [3, 3, 3],
        "a**2": [4 + h for h in (1, 0.1, 0.001)],
        "a**3": [12 + 6 * h + h * h for h in (1, 0.1, 0.001)],
        "ln a": [math.log(1 + h / 2) / h for h in (1, 0.1, 0.001)],
    }
    for row, (name, ratios) in zip(chapter.out, expected.items(), strict=False):
        assert row == f"{name:5} " + " ".join(f"{ratio:9.6f}" for ratio in ratios)
    assert expected["ln a"][-1] == pytest.approx(0.499875, abs=5e-7)
    assert f"{2.001**2:.6f}" == "4.004001"


def test_inequality_of_the_logarithm():
    for a in (0.5, 2.0, 7.0):
        for h in (-0.4, -0.1, 0.001, 1.0, 30.0):
            ends = sorted((1 / (a + h), 1 / a))
            assert ends[0] < (math.log(a + h) - math.log(a)) / h < ends[1]


def test_slopes_and_their_check(chapter, names):
    places = np.array([0.5, 1, 2])
    for name, (f, slope) in NUMBERS.items():
        assert names.functions[name](1.7) == pytest.approx(f(1.7))
        expected = np.array([slope(p) for p in places])
        assert names.derivatives[name](places) == pytest.approx(expected)
        assert printed(chapter, f"{name:5} slopes") == [f"{expected}, numerically {expected}"]


def test_tangents_figure(chapter):
    axes = chapter.figures[0].axes
    assert [ax.get_title() for ax in axes] == ["3a", "a**2", "ln a"]
    for ax in axes:
        f, slope = NUMBERS[ax.get_title()]
        curve, *rest = points(ax)
        assert curve[[0, -1], 0] == pytest.approx([0.25, 3])
        assert curve[:, 1] == pytest.approx([f(a) for a in curve[:, 0]])
        for p, tangent, dot in zip((0.5, 1, 2), rest[::2], rest[1::2], strict=True):
            assert dot.tolist() == [[p, pytest.approx(f(p))]]
            assert tangent[:, 0] == pytest.approx([p - 0.7, p + 0.7])
            assert tangent[:, 1] == pytest.approx([f(p) - 0.7 * slope(p), f(p) + 0.7 * slope(p)])
        assert [text.get_text() for text in ax.get_legend().get_texts()] == [f"{slope(p):g}" for p in (0.5, 1, 2)]


# --- the steepest way ---------------------------------------------------------------------------------


def scanned() -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors as the page draws them, and the slope along each by the chain rule."""
    u = np.random.default_rng(0).normal(size=(20_000, 3))
    u /= np.sqrt((u**2).sum(axis=1))[:, None]
    return u, 4 * u[:, 0] + u[:, 1] + u[:, 2]


def test_gradient_by_hand(chapter, names):
    assert names.w.tolist() == [1, 2, 0] and names.g.tolist() == [4, 1, 1]
    assert names.norm == pytest.approx(math.sqrt(18))
    assert printed(chapter, "by hand") == ["[4. 1. 1.] numerically [4. 1. 1.]"]


def test_largest_of_20000_slopes(chapter, names):
    """Attained along g, no larger than its norm; the formula g . u holds for every direction."""
    u, slopes = scanned()
    assert names.slopes.shape == (20_000,)
    assert names.slopes == pytest.approx(slopes, abs=1e-8)
    assert np.all(np.abs(names.slopes) <= math.sqrt(18) + 1e-8)
    assert names.slopes.max() > 0.999 * math.sqrt(18) and names.slopes.min() < -0.999 * math.sqrt(18)
    best = u[slopes.argmax()]
    assert best == pytest.approx(np.array([4, 1, 1]) / math.sqrt(18), abs=0.02)
    assert printed(chapter, "largest slope") == [f"{slopes.max():.4f}, norm of g {math.sqrt(18):.4f}"]
    assert printed(chapter, "found along") == [f"{best.round(2)}, g / norm = [0.94 0.24 0.24]"]


def test_cauchy_schwarz_by_the_remainder():
    rng = np.random.default_rng(1)
    for g, u in rng.normal(size=(50, 2, 5)):
        u = u / np.linalg.norm(u)
        rest = g - (g @ u) * u
        assert rest @ rest == pytest.approx(g @ g - (g @ u) ** 2)


def test_directions_figure(chapter):
    (ax,) = chapter.figures[1].axes
    dots, curve, _ = points(ax)
    u, slopes = scanned()
    cosine = slopes[:60] / math.sqrt(18)
    assert dots[:, 0] == pytest.approx(np.degrees(np.arccos(cosine)))
    assert dots[:, 1] == pytest.approx(slopes[:60], abs=1e-8)
    assert curve[:, 0] == pytest.approx(np.arange(181))
    assert curve[:, 1] == pytest.approx(math.sqrt(18) * np.cos(curve[:, 0] * np.pi / 180))
    assert curve[90, 1] == pytest.approx(0)


# --- the computation graph ----------------------------------------------------------------------------


def test_graph_by_hand(chapter):
    """S2-17 and E45: the adjoints are derivatives of J, each by a nudge of that variable alone."""
    a, b, c, h = 5, 3, 2, 0.001
    u, v, J = b * c, a + b * c, 3 * (a + b * c)
    nudged = {
        "dv": 3 * (v + h), "du": 3 * (a + u + h), "da": 3 * (a + h + b * c),
        "db": 3 * (a + (b + h) * c), "dc": 3 * (a + b * (c + h)),
    }
    adjoints = ", ".join(f"{name} = {(value - J) / h:.6g}" for name, value in nudged.items())
    assert adjoints == "dv = 3, du = 3, da = 3, db = 6, dc = 9"
    assert printed(chapter, "forward:  ") == [f"u = {u}, v = {v}, J = {J}"] == ["u = 6, v = 11, J = 33"]
    assert printed(chapter, "backward:") == [adjoints]
    assert printed(chapter, "da, db, dc by finite differences:") == ["[3. 6. 9.]"]


def test_graph_figure(chapter, names):
    (ax,) = chapter.figures[2].axes
    texts = [text for text in ax.texts if text.get_text()]
    boxes = [(rectangle.get_xy(), rectangle.get_width(), rectangle.get_height()) for rectangle in ax.patches]
    inside = {}
    for (x, y), width, height in boxes:
        found = [t for t in texts if x < t.get_position()[0] < x + width and y < t.get_position()[1] < y + height]
        found.sort(key=lambda t: -t.get_position()[1])
        inside[found[0].get_text()] = [t.get_text() for t in found[1:]], (x + width / 2, y + height / 2)
    assert {name: shown for name, (shown, _) in inside.items()} == {
        "a": ["5", "da = 3"], "b": ["3", "db = 6"], "c": ["2", "dc = 9"],
        "u = bc": ["6", "du = 3"], "v = a + u": ["11", "dv = 3"], "J = 3v": ["33", "dJ = 1"],
    }
    edges = {("a", "v = a + u"): "×1", ("b", "u = bc"): "×2", ("c", "u = bc"): "×3",
             ("u = bc", "v = a + u"): "×1", ("v = a + u", "J = 3v"): "×3"}
    slopes = [text for text in texts if text.get_text().startswith("×")]
    assert [text.get_text() for text in slopes] == list(edges.values())
    arrows = [text for text in ax.texts if not text.get_text()]
    assert len(arrows) == 10
    for number, ((tail, head), slope) in enumerate(zip(edges, slopes, strict=True)):
        left, right = inside[tail][1], inside[head][1]
        assert left[0] < right[0]
        there, back = arrows[2 * number : 2 * number + 2]
        for arrow, start, end, colour, shift in (
            (there, left, right, "C0", 0.07), (back, right, left, "C1", -0.07)
        ):
            way = math.copysign(0.65, end[0] - start[0])  # from the rim of one box to that of the other
            assert arrow.xyann == pytest.approx((start[0] + way, start[1] + shift))
            assert arrow.xy == pytest.approx((end[0] - way, end[1] + shift))
            assert arrow.arrowprops["color"] == colour
        assert slope.get_position()[0] == pytest.approx((left[0] + right[0]) / 2)
        assert 0 < (left[1] + right[1]) / 2 - slope.get_position()[1] < 0.3


# --- the engine ---------------------------------------------------------------------------------------


def test_engine_reproduces_the_five_numbers(chapter):
    assert printed(chapter, "dv = ") == ["3; du = 3; da = 3; db = 6; dc = 9; J = 33"]
    assert printed(chapter, "x*x + x at 3:") == ["12, slope 7"]


def test_without_adding_up_the_last_arrow_wins():
    """The page: with = in place of +=, the other arrows' parts are lost. Here by a second engine, without +=."""

    def careless(out: Value) -> dict[Value, float]:
        grad, todo = {out: 1.0}, [out]
        for v in todo:
            for u, slope in zip(v.inputs, v.slopes, strict=True):
                grad[u] = grad[v] * slope
                todo.append(u)
        return grad

    x = Value(3)
    assert careless(x * x + x)[x] in (1.0, 3.0)  # not 7


def test_engine_check(chapter, names):
    """The gradient of the page's expression by calculus, against the engine and the printed bound."""

    def formula(x, y, z):
        s = x * y
        root = math.sqrt(math.exp(s) + z / s)
        ds = (math.exp(s) - z / s**2) / (2 * root) - math.log(z * z + 1)
        return [ds * y, ds * x, 1 / (2 * root * s) - s * 2 * z / (z * z + 1)]

    gaps = []
    for p in np.random.default_rng(0).uniform(0.5, 2, size=(20, 3)):
        inputs = [Value(v) for v in p]
        out = names.expression(*inputs)
        out.backward()
        engine = [v.grad for v in inputs]
        assert engine == pytest.approx(formula(*p), rel=1e-12, abs=1e-13)  # "the engine errs only by rounding"
        s = p[0] * p[1]
        assert names.as_number(p) == pytest.approx(math.sqrt(math.exp(s) + p[2] / s) - s * math.log(p[2] ** 2 + 1))
        gaps += list(np.abs(engine - numerical_gradient(names.as_number, p)))
    assert max(gaps) < 1e-8 and len(gaps) == 60
    assert names.worst == max(gaps)
    assert printed(chapter, "20 points, 3 derivatives each: within") == [f"{max(gaps):.0e}"]


def test_part_s_has_three_ways_of_different_length(names):
    x, y, z = Value(1.0), Value(2.0), Value(0.5)
    out = names.expression(x, y, z)

    def users(of: Value) -> list[Value]:
        found, todo, seen = [], [out], set()
        while todo:
            v = todo.pop()
            if v not in seen:
                seen.add(v)
                found += [v] * sum(u is of for u in v.inputs)
                todo.extend(v.inputs)
        return found

    (product,) = set(users(x)) & set(users(y))
    assert product.data == 2
    assert len(users(product)) == 3
    assert len({u.depth for u in users(product)} | {out.depth}) >= 3


# --- the Jacobian -------------------------------------------------------------------------------------


def test_numerical_jacobian(names):
    """E85: W, not its transpose; a square W, where both have the same shape, decides."""
    rng = np.random.default_rng(2)
    for shape in ((2, 3), (3, 3), (4, 1)):
        W = rng.normal(size=shape)
        jac = names.numerical_jacobian(lambda x, W=W: W @ x, rng.normal(size=shape[1]))
        assert jac == pytest.approx(W, abs=1e-9)
    square = rng.normal(size=(3, 3))
    jac = names.numerical_jacobian(lambda x: square @ x, np.zeros(3))
    assert not np.allclose(jac, square.T)


def test_numerical_jacobian_is_of_second_order(names):
    """Centred: for cubes the error is h squared exactly."""
    for h in (0.1, 0.01):
        jac = names.numerical_jacobian(lambda x: x**3, np.array([1.0, 2.0]), h)
        assert jac == pytest.approx(np.diag([3 + h**2, 12 + h**2]), abs=1e-9)
    seen = []
    names.numerical_jacobian(lambda x: seen.append(float(x[0])) or x, np.array([0.0]))
    assert sorted(seen) == [-1e-5, 1e-5]


def test_jacobian_rows(chapter, names):
    W = np.array([[1.0, 2, 3], [4, 5, 6]])
    x, y = np.array([0.5, -1, 2]), np.array([4.0, 10])
    assert np.array_equal(names.W, W)
    assert printed(chapter, "Jacobian of Wx:") == ["[1. 2. 3.] [4. 5. 6.]"]
    expected = [sum(W[i, j] * (W[i] @ x - y[i]) for i in range(2)) for j in range(3)]
    assert expected == [-3.5, -4, -4.5]
    row = "[-3.5 -4.  -4.5]"
    assert printed(chapter, "gradient of L:") == [f"{row} W.T @ error: {row}"]


def test_jacobian_with_respect_to_the_matrix():
    """The page: the derivative of f_i with respect to W_jk is x_k if i = j and 0 otherwise."""
    rng = np.random.default_rng(3)
    W, x = rng.normal(size=(2, 3)), rng.normal(size=3)
    for i in range(2):
        grad = numerical_gradient(lambda V, i=i: (V @ x)[i], W)
        assert grad == pytest.approx(np.outer(np.eye(2)[i], x), abs=1e-9)


# --- the V --------------------------------------------------------------------------------------------


def test_error_formulas_and_best_steps(names):
    """The derivation by a search over a fine grid, which knows nothing of derivatives."""
    h = np.logspace(-12, -2, 200_001)
    sums = {"forward": h / 2 + EPS / h, "centred": h**2 / 6 + EPS / (2 * h)}
    assert names.eps == EPS
    for name, total in sums.items():
        assert names.best_h[name] == pytest.approx(h[total.argmin()], rel=1e-3)
    steps = 2.0 ** -np.arange(1, 51)
    assert names.bounds["forward"] == pytest.approx(steps / 2 + EPS / steps)
    assert names.bounds["centred"] == pytest.approx(steps**2 / 6 + EPS / (2 * steps))
    assert names.best_h["forward"] == pytest.approx(2.107e-8, rel=1e-3)
    assert names.best_h["centred"] == pytest.approx(6.932e-6, rel=1e-3)
    assert 0.5 < 1e-5 / names.best_h["centred"] < 2  # the default of numerical_gradient
    assert 1 / 2 < 1e-5 / EPS ** (1 / 3) < 2


def measured(name: str) -> np.ndarray:
    """The page's measurement, one step at a time."""
    worst, x = [], 1 + np.arange(64) / 64
    for step in 2.0 ** -np.arange(1, 51):
        assert np.all((x + step) - x == step) and np.all(x - (x - step) == step)  # "x + h and x - h are exact"
        other = x if name == "forward" else x - step
        slope = (np.exp(x + step) - np.exp(other)) / ((x + step) - other)
        worst.append(np.abs(slope / np.exp(x) - 1).max())
    return np.array(worst)


@pytest.mark.parametrize(("name", "order"), [("forward", 1), ("centred", 2)])
def test_the_v(chapter, names, name, order):
    h = 2.0 ** -np.arange(1, 51)
    error = measured(name)
    assert names.errors[name] == pytest.approx(error, rel=1e-6, abs=2e-16)
    # both arms, with their slopes
    left, right = (h > 1e-14) & (h < 1e-11), (h > 1e-4) & (h < 1e-2)
    slopes = [np.polyfit(np.log(h[part]), np.log(error[part]), 1)[0] for part in (left, right)]
    assert slopes == pytest.approx([-1, order], abs=0.1)
    # the formula bounds what is measured, up to the higher orders, and is not idle
    assert np.all(error < 1.25 * names.bounds[name]) and np.all(error > 0.1 * names.bounds[name])
    # the tip: near the computed step, and far above the smallest one
    best = h[error.argmin()]
    assert 1 / 4 < best / names.best_h[name] < 4 and best > 1e5 * h.min()
    rows = rows_from(chapter, f"{name}: best h", 3)
    assert rows == [
        f"{name}: best h {names.best_h[name]:.1e} by the formula, {best:.1e} measured, error {error.min():.1e}",
        f"  h from 1e-14 to 1e-11: error ~ h**{slopes[0]:.2f}",
        f"  h from 0.0001 to 0.01: error ~ h**{slopes[1]:.2f}",
    ]


def test_centred_differences_win_by_about_a_thousand(names):
    ratio = names.errors["forward"].min() / names.errors["centred"].min()
    assert 300 < ratio < 3000


def test_v_figure(chapter, names):
    (ax,) = chapter.figures[3].axes
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    h = 2.0 ** -np.arange(1, 51)
    lines = points(ax)
    for name, (dots, bound, best) in zip(("forward", "centred"), (lines[:3], lines[3:]), strict=True):
        assert dots == pytest.approx(np.column_stack([h, names.errors[name]]))
        assert bound == pytest.approx(np.column_stack([h, names.bounds[name]]))
        assert best[:, 0] == pytest.approx(names.best_h[name])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["forward", "centred"]


# --- where it stops -----------------------------------------------------------------------------------


def test_kinks(chapter):
    for name, left, right in (("|x|", -1, 1), ("relu", 0, 1)):
        rows = [f"{name:4} at 0, h = {h:g}: left {left}, right {right}, centred {(left + right) / 2:g}"
                for h in (0.01, 1e-8)]
        start = chapter.out.index(rows[0])
        assert chapter.out[start : start + 2] == rows


# --- exercises ----------------------------------------------------------------------------------------


def test_exercise_1(chapter):
    """By hand, and by differences."""
    grad = numerical_gradient(lambda p: 2 * (p[0] * p[1] + p[1] ** 2), np.array([3.0, 2.0]))
    assert grad == pytest.approx([4, 14], abs=1e-8)
    assert rows_from(chapter, "s = ", 2) == ["s = 6, t = 4, J = 20", "ds = 2, dt = 2, da = 4, db = 14"]


def test_exercise_2(chapter):
    """E54: 1/a belongs to the natural logarithm alone."""
    for base, shown in ((2, "2"), (math.e, "2.72"), (10, "10")):
        slope = (math.log(2 + 1e-6, base) - math.log(2 - 1e-6, base)) / 2e-6
        assert slope == pytest.approx(1 / (2 * math.log(base)), rel=1e-8)
        row = f"{1 / (2 * math.log(base)):.6f}"
        assert printed(chapter, f"base {shown}:") == [f"{row}, 1 / (a ln base) = {row}"]
    assert printed(chapter, "base 2.72:")[0].startswith("0.500000")


def test_exercise_3(chapter, names):
    for at in (-0.7, 0.3):
        slope = 1 / math.cosh(at) ** 2
        assert printed(chapter, f"tanh at {at}:") == [f"{slope:.6f}, {slope:.6f}"]
        assert names.tanh(Value(at)).data == pytest.approx(math.tanh(at))
        x = Value(at)
        (names.relu(x) * 5).backward()
        assert (names.relu(x).data, x.grad) == (max(at, 0), 5 * (at > 0))
    assert printed(chapter, "relu at -0.7:") == ["0.000000, 0.000000"]
    assert printed(chapter, "relu at 0.3:") == ["1.000000, 1.000000"]
    zero = Value(0.0)
    names.relu(zero).backward()
    assert zero.grad == 0


def test_exercise_4(chapter, names):
    e = np.exp([1.0, 0.0, -1.0])
    p = e / e.sum()
    jac = np.array([[p[i] * (i == j) - p[i] * p[j] for j in range(3)] for i in range(3)])
    assert names.p == pytest.approx(p)
    assert names.jac == pytest.approx(jac, abs=1e-15)
    assert rows_from(chapter, str(jac.round(4)).splitlines()[0], 3) == str(jac.round(4)).splitlines()
    assert printed(chapter, "equal to diag(p) - outer(p, p):") == ["True"]


def test_exercise_5(chapter):
    """The truncation error is -h**2 / 6 of f; however small h is, no digits are lost."""
    for h in (1e-2, 1e-5, 1e-20, 1e-200):
        (row,) = printed(chapter, f"h = {h:g}: relative error")
        slope = np.exp(1 + 1j * h).imag / h
        assert row == f"{abs(slope / math.e - 1):.1e}"
        assert float(row) == pytest.approx(h**2 / 6, rel=0.03, abs=5e-16)
