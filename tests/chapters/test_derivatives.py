"""Chapter `derivatives`: every number and every claim of the page, by a second way where there is one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from asked import answers_of
from autodiff import Value
from numerical_gradient import numerical_gradient
from shown import printed
from states import states_of

EPS = 2.0**-52
SLOPES = {  # each function of the rules and its derivative, worked out without the chapter
    "a**3": (lambda a: a * a * a, lambda a: 3 * a * a),
    "a**0.5": (math.sqrt, lambda a: 1 / (2 * math.sqrt(a))),
    "ln a": (math.log, lambda a: 1 / a),
    "a e**a": (lambda a: a * math.exp(a), lambda a: (a + 1) * math.exp(a)),
    "ln a / a": (lambda a: math.log(a) / a, lambda a: 1 / a**2 - math.log(a) / a**2),
    "sigmoid": (lambda a: 1 / (1 + math.exp(-a)), lambda a: math.exp(-a) / (1 + math.exp(-a)) ** 2),
    "ln(1+e**a)": (lambda a: math.log(1 + math.exp(a)), lambda a: 1 / (1 + math.exp(-a))),
    "log10 a": (math.log10, lambda a: math.log10(math.e) / a),
}


def rows_from(chapter, start: str, count: int) -> list[str]:
    """`count` lines from the one that begins with `start`."""
    (first,) = [number for number, line in enumerate(chapter.out) if line.startswith(start)]
    return chapter.out[first : first + count]


def points(ax) -> list[np.ndarray]:
    return [np.asarray(line.get_xydata(), dtype=float) for line in ax.lines]


# --- slopes -------------------------------------------------------------------------------------------


def test_ratios(chapter):
    """Q33: the same ratio for every run on a line; 4 and 12 in the limit on the curves."""
    expected = {
        "3a": [3, 3, 3],
        "a**2": [4 + h for h in (1, 0.1, 0.001)],
        "a**3": [12 + 6 * h + h * h for h in (1, 0.1, 0.001)],
    }
    for row, (name, ratios) in zip(chapter.out, expected.items(), strict=False):
        assert row == f"{name:5} " + " ".join(f"{ratio:9.6f}" for ratio in ratios)


def test_secants_figure(names):
    states = states_of("derivatives", "secants_figure", vars(names))
    assert list(states) == ["1", "0.7", "0.5", "0.3", "0.2", "0.1", "0.01"]
    for h, state in states.items():
        (ax,), h = state.figure.axes, float(h)
        assert float(ax.get_title()) == pytest.approx(4 + h)
        curve, tangent, secant, steps, dots = points(ax)
        assert curve[:, 1] == pytest.approx(curve[:, 0] ** 2)
        assert tangent[:, 1] == pytest.approx(4 * tangent[:, 0] - 4)
        assert np.polyfit(*secant.T, 1) == pytest.approx([4 + h, 4 - 2 * (4 + h)])
        assert steps == pytest.approx(np.array([[2, 4], [2 + h, 4], [2 + h, (2 + h) ** 2]]))
        assert dots == pytest.approx(np.array([[2, 4], [2 + h, (2 + h) ** 2]]))
        assert [line.get_color() for line in ax.lines] == ["black", "C1", "C0", "C2", "black"]
        assert ax.lines[1].get_linestyle() == "--"


# --- rules --------------------------------------------------------------------------------------------


def test_the_base_whose_limit_is_one(chapter):
    """"0.69 for base 2, 1.10 for base 3 and 1 for e", "for 2 below 1, for 3 above 1"."""
    for base, limit in ((2, 0.69), (3, 1.10), (math.e, 1.0)):
        found = [float(x) for x in printed(chapter.out, f"base {base:.3f}:")[0].split()]
        assert found == pytest.approx([(base**h - 1) / h for h in (0.1, 1e-3, 1e-6)], abs=6e-5)
        assert round(found[-1], 2) == limit == round(math.log(base), 2)


@pytest.mark.parametrize("name", SLOPES)
def test_rules_and_their_check(chapter, names, name):
    f, slope = SLOPES[name]
    given, by_rule = names.by_rules[name]
    for a in (0.5, 1.0, 2.0, 3.7):
        assert given(a) == pytest.approx(f(a)) and by_rule(a) == pytest.approx(slope(a))
        assert (f(a + 1e-6) - f(a - 1e-6)) / 2e-6 == pytest.approx(slope(a), rel=1e-7)
    (row,) = printed(chapter.out, f"{name:10} at 2:")
    assert row.startswith(f"{slope(2):.6f}, off by ") and float(row.split()[-1]) < 1e-8
    assert names.by_rules.keys() == SLOPES.keys()


def test_pieces_of_the_proofs():
    """The product's two rises, the mirrored slope of the logarithm, the ratio of 1/a, the power by exp and log."""
    for a, h in ((0.7, 0.3), (2.0, -0.5), (-1.5, 0.1)):
        def u(x):
            return x**3 - x

        def v(x):
            return 2 + x**2

        rise = u(a + h) * v(a + h) - u(a) * v(a)
        assert rise == pytest.approx((u(a + h) - u(a)) * v(a + h) + u(a) * (v(a + h) - v(a)))
        assert (1 / (a + h) - 1 / a) / h == pytest.approx(-1 / (a * (a + h)))
    for a, n in ((0.7, -1.5), (2.0, 0.5), (3.0, 4)):
        assert a**n == pytest.approx(math.exp(n * math.log(a)))
        assert ((a + 1e-6) ** n - (a - 1e-6) ** n) / 2e-6 == pytest.approx(n * a ** (n - 1), rel=1e-7)
        assert (math.log(a + 1e-6, 7) - math.log(a - 1e-6, 7)) / 2e-6 == pytest.approx(1 / (a * math.log(7)), rel=1e-7)
    assert ((-2 + 1e-6) ** 3 - (-2 - 1e-6) ** 3) / 2e-6 == pytest.approx(12)  # whole powers: at every a


# --- the steepest way ---------------------------------------------------------------------------------


def test_gradient_by_hand(chapter, names):
    assert names.norm == pytest.approx(math.sqrt(20))
    assert printed(chapter.out, "by hand") == ["[2. 4.] numerically [2. 4.]"]


def test_largest_of_360_slopes(chapter, names):
    """Attained along g, no larger than its norm; the formula g . u holds for every direction."""
    ways = [math.radians(degree) for degree in range(360)]
    slopes = [2 * math.cos(way) + 4 * math.sin(way) for way in ways]
    assert names.slopes == pytest.approx(slopes, abs=1e-8)
    assert max(slopes) < math.sqrt(20) and max(slopes) == pytest.approx(math.sqrt(20), abs=1e-3)
    best = ways[slopes.index(max(slopes))]
    assert best == pytest.approx(math.atan2(4, 2), abs=math.radians(0.5))
    assert f"{max(slopes):.4f}" == "4.4720"
    assert printed(chapter.out, "largest slope") == ["4.4720, norm of g 4.4721"]
    assert printed(chapter.out, "along") == ["[0.45 0.89]; g / norm = [0.45 0.89]"]


def test_cauchy_schwarz_by_the_remainder():
    rng = np.random.default_rng(1)
    for g, u in rng.normal(size=(50, 2, 5)):
        u = u / np.linalg.norm(u)
        rest = g - (g @ u) * u
        assert rest @ rest == pytest.approx(g @ g - (g @ u) ** 2)


def test_contours_figure(chapter, names):
    """The arrows are gradients, a fifth as long, at right angles to lines that go through the points."""
    left, right = chapter.figures[1].axes
    places = points(left)[-1]
    arrows = [text for text in left.texts if text.arrowprops]
    assert len(arrows) == len(places) == 4
    levels = np.array([x**2 + 2 * y**2 for x, y in places])
    (contours,) = left.collections
    assert np.sort(levels) == pytest.approx(contours.levels)
    assert np.diff(np.sort(levels)).min() > 0.4  # lines that one can tell apart
    for (x, y), arrow in zip(places, arrows, strict=True):
        assert arrow.xyann == pytest.approx((x, y))
        tip = np.array(arrow.xy) - (x, y)
        assert tip == pytest.approx([2 * x / 5, 4 * y / 5])
        along = np.array([-4 * y, 2 * x])  # the level does not change this way, to first order
        h = 1e-5
        ahead, back = ((x + s * along[0]) ** 2 + 2 * (y + s * along[1]) ** 2 for s in (h, -h))
        assert (ahead - back) / (2 * h) == pytest.approx(0, abs=1e-8) and tip @ along == pytest.approx(0)
        assert np.all(np.abs(arrow.xy) < 2.1)
    curve, dots, _ = points(right)
    assert curve[:, 1] == pytest.approx(math.sqrt(20) * np.cos(np.radians(curve[:, 0])))
    assert dots[:, 1] == pytest.approx(math.sqrt(20) * np.cos(np.radians(dots[:, 0])), abs=1e-6)
    assert list(right.get_xticks()) == [-180, -90, 0, 90, 180]
    # "the way against it does not, in general, lead straight to the lowest point"
    assert 2 * 1 - 4 * 1 != 0  # (2, 4) is no multiple of (1, 1)


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
    assert printed(chapter.out, "forward:  ") == [f"u = {u}, v = {v}, J = {J}"] == ["u = 6, v = 11, J = 33"]
    assert printed(chapter.out, "backward:") == [adjoints]
    assert printed(chapter.out, "by finite differences:") == ["[3. 6. 9.]"]


def test_graph_figure(chapter):
    (ax,) = chapter.figures[2].axes
    texts = [text for text in ax.texts if text.get_text()]
    inside = {}
    for box in ax.patches:
        (x, y), width, height = box.get_xy(), box.get_width(), box.get_height()
        found = [t for t in texts if x < t.get_position()[0] < x + width and y < t.get_position()[1] < y + height]
        name, value, slope = sorted(found, key=lambda t: (-t.get_position()[1], t.get_position()[0]))
        assert (value.get_color(), slope.get_color()) == ("C0", "C1")
        inside[name.get_text()] = [value.get_text(), slope.get_text()], (x, x + width, y + height / 2)
    assert {name: shown for name, (shown, _) in inside.items()} == {
        "a": ["5", "3"], "b": ["3", "6"], "c": ["2", "9"], "u = bc": ["6", "3"], "v = a + u": ["11", "3"],
        "J = 3v": ["33", "1"]}
    edges = {("a", "v = a + u"): "1", ("b", "u = bc"): "2", ("c", "u = bc"): "3",
             ("u = bc", "v = a + u"): "1", ("v = a + u", "J = 3v"): "3"}
    local = [text for text in texts if text.get_color() == "C2"]
    arrows = [text for text in ax.texts if not text.get_text()]
    assert [text.get_text() for text in local] == list(edges.values()) and len(arrows) == 5
    for (tail, head), arrow, slope in zip(edges, arrows, local, strict=True):
        (_, start, y0), (end, _, y1) = inside[tail][1], inside[head][1]
        assert arrow.xyann == pytest.approx((start, y0)) and arrow.xy == pytest.approx((end, y1))
        assert slope.get_position()[0] == pytest.approx((start + end) / 2)
        assert 0 < slope.get_position()[1] - (y0 + y1) / 2 < 0.2


# --- the engine ---------------------------------------------------------------------------------------


def test_engine_reproduces_the_five_numbers(chapter):
    assert printed(chapter.out, "dv = ") == ["3; du = 3; da = 3; db = 6; dc = 9; J = 33"]
    assert printed(chapter.out, "x*x + x at 3:") == ["12, slope 7"]


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
    two, one = (x * x).inputs, (x + 0).inputs  # the arrows that the page counts
    assert two == (x, x) and one[0] is x
    assert careless(x * x + x)[x] in (1.0, 3.0)  # not 7


def test_neuron_taken_apart(chapter):
    """By hand, as the page follows it back, and by differences."""
    z = 2 * 1.5 - 2
    t = math.exp(-z)
    p = 1 / (1 + t)
    dt = -1 / (1 + t) ** 2
    dz = -t * dt
    assert dz == pytest.approx(p * (1 - p))
    assert f"{dt:.4f}" == "-0.5344" and f"{dz:.4f}" == "0.1966"
    for name, value, slope in (("p", p, 1), ("t", t, dt), ("z", z, dz), ("w", 2, dz * 1.5), ("x", 1.5, dz * 2),
                               ("b", -2, dz)):
        assert f"{name} = {value:7.4f}, d{name} = {slope:7.4f}" in chapter.out
    assert printed(chapter.out, "p (1 - p) =") == [f"{p * (1 - p):.4f}"]
    grad = numerical_gradient(lambda q: 1 / (1 + np.exp(-(q[0] * q[1] + q[2]))), np.array([2.0, 1.5, -2.0]))
    assert grad == pytest.approx([dz * 1.5, dz * 2, dz])


def test_copies_of_an_input_add_up():
    """The proof of the chain rule on a graph: an own copy of x for each arrow, then the sum."""
    x, h = 3.0, 1e-5

    def J(x1, x2, x3):
        return x1 * x2 + x3

    parts = numerical_gradient(lambda copies: J(*copies), np.array([x, x, x]))
    assert parts == pytest.approx([3, 3, 1])
    assert parts.sum() == pytest.approx((J(*[x + h] * 3) - J(*[x - h] * 3)) / (2 * h))


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
    assert printed(chapter.out, "20 points, 3 derivatives each: within") == [f"{max(gaps):.0e}"]


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
    assert printed(chapter.out, "Jacobian of Wx:") == ["[1. 2. 3.] [4. 5. 6.]"]
    expected = [sum(W[i, j] * (W[i] @ x - y[i]) for i in range(2)) for j in range(3)]
    assert expected == [-3.5, -4, -4.5]
    row = "[-3.5 -4.  -4.5]"
    assert printed(chapter.out, "W.T @ delta:") == printed(chapter.out, "numerically:") == [row]
    assert printed(chapter.out, "f[0] by W:") == ["[ 0.5 -1.   2. ] [0. 0. 0.]"]
    assert printed(chapter.out, "f[1] by W:") == ["[0. 0. 0.] [ 0.5 -1.   2. ]"]
    (start,) = [k for k, line in enumerate(chapter.out) if line.startswith("dW = outer")]
    assert chapter.out[start] == "dW = outer(delta, x): True"
    by_hand = [[(W[i] @ x - y[i]) * x[j] for j in range(3)] for i in range(2)]
    assert names.dW == pytest.approx(np.array(by_hand), abs=1e-8) == names.delta[:, None] * x


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
        f"{name}: best h {names.best_h[name]:.1e}, measured {best:.1e}, error {error.min():.1e}",
        f"  h from 1e-14 to 1e-11: as h**{slopes[0]:.2f}",
        f"  h from 0.0001 to 0.01: as h**{slopes[1]:.2f}",
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
    colours = ["C0"] * 3 + ["C1"] * 3
    assert [line.get_color() for line in ax.lines] == colours
    assert [(t.get_text(), t.get_color()) for t in ax.texts] == [("forward", "C0"), ("centred", "C1")]


# --- checks -------------------------------------------------------------------------------------------


def test_gradient_check_by_hand(names):
    """Relative to the larger of the two; 0 against 0 is right; every entry is looked at where all are sampled."""
    rng, x = np.random.default_rng(0), np.array([1.0, -2.0, 3.0])

    def check(grad, samples=20):
        return names.gradient_check(lambda p: float(p @ p), grad, x, rng, samples)

    assert check(lambda p: 2 * p) < 1e-9
    assert check(lambda p: p) == pytest.approx(0.5) and check(lambda p: 4 * p) == pytest.approx(0.5)
    assert check(lambda p: -2 * p) == pytest.approx(2)
    for wrong in range(3):
        off = np.eye(3)[wrong]
        assert check(lambda p, off=off: 2 * p * (1 + off)) == pytest.approx(0.5)
    assert names.gradient_check(lambda p: 0.0, lambda p: 0 * p, x, rng) == 0
    seen = []
    names.gradient_check(lambda p: seen.append(1) or 0.0, lambda p: 0 * p, x, rng, 2)
    assert len(seen) == 4  # two runs for each sampled entry


@pytest.fixture
def data(names, monkeypatch):
    """The examples of the checked loss; a later exercise uses their names again."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 200)), rng.random(50)
    monkeypatch.setattr(names, "X", X)
    monkeypatch.setattr(names, "y", y)


def test_gradient_of_the_checked_loss(names, data):
    for seed in range(3):
        w = np.random.default_rng(seed).normal(size=200) / 5
        grad = names.data_part(w) + 2e-6 * w
        assert names.right(w) == pytest.approx(grad)
        assert grad == pytest.approx(numerical_gradient(names.loss, w), abs=1e-9)
        p = 1 / (1 + np.exp(-names.X @ w))
        assert names.loss(w) == pytest.approx(np.mean((p - names.y) ** 2) + 1e-6 * w @ w)


def test_orders_of_magnitude_hold_for_other_samples(names, data):
    """The page's reading of its numbers, over 20 other draws of the sample and of w."""
    for seed in range(20):
        rng = np.random.default_rng(100 + seed)
        w = 0.1 * rng.normal(size=200)
        found = {name: names.gradient_check(f, grad, w, rng) for name, (f, grad) in names.cases.items()}
        assert found["right"] < 1e-7
        assert 1e-7 < found["penalty lost"] < 1e-2
        assert found["1% too large"] == pytest.approx(1 - 1 / 1.01, rel=0.01)
        assert found["factor 2 lost"] == pytest.approx(0.5, rel=1e-4)
        assert found["sign wrong"] == pytest.approx(2, rel=1e-4)
        assert found["in float32"] > 1e-2


def test_printed_checks(chapter, names):
    found = {name: float(printed(chapter.out, f"{name:14}")[0]) for name in names.cases}
    assert found["right"] < 1e-7 < found["penalty lost"] < 1e-4 and found["1% too large"] == 1e-2
    assert (found["factor 2 lost"], found["sign wrong"]) == (0.5, 2) and found["in float32"] > 1e-2


def test_kink(chapter):
    """At 0 the mean of both slopes; at 1e-6 the kink still lies within h; further off all is well."""
    h = 1e-5
    expected = [(max(x + h, 0) - max(x - h, 0)) / (2 * h) for x in (0.0, 1e-6, 0.5)]
    assert expected == pytest.approx([0.5, 0.55, 1])
    assert printed(chapter.out, "relu: ") == ["[0. 1. 1.] numerically [0.5  0.55 1.  ]"]


# --- exercises ----------------------------------------------------------------------------------------


def test_exercise_1(chapter):
    """By hand, and by differences."""
    grad = numerical_gradient(lambda p: 2 * (p[0] * p[1] + p[1] ** 2), np.array([3.0, 2.0]))
    assert grad == pytest.approx([4, 14], abs=1e-8)
    assert rows_from(chapter, "s = ", 2) == ["s = 6, t = 4, J = 20", "ds = 2, dt = 2, da = 4, db = 14"]


def test_exercise_2(chapter, names):
    for at in (-0.7, 0.3):
        slope = 1 / math.cosh(at) ** 2
        assert printed(chapter.out, f"tanh at {at}:") == [f"{slope:.6f}, numerically {slope:.6f}"]
        assert names.tanh(Value(at)).data == pytest.approx(math.tanh(at))
        x = Value(at)
        (names.relu(x) * 5).backward()
        assert (names.relu(x).data, x.grad) == (max(at, 0), 5 * (at > 0))
    assert printed(chapter.out, "relu at -0.7:") == ["0.000000, numerically 0.000000"]
    assert printed(chapter.out, "relu at 0.3:") == ["1.000000, numerically 1.000000"]
    zero = Value(0.0)
    names.relu(zero).backward()
    assert zero.grad == 0


def test_exercise_3(chapter, names):
    """Q31: the course's numbers, the derivation in both cases, and the cost as the exercise states it."""
    X, w, b, y = [(1, 3), (2, 4), (-1, -3.2)], (1, 2), 2, (1, 0, 1)
    p = [1 / (1 + math.exp(-(x[0] * w[0] + x[1] * w[1] + b))) for x in X]
    dw = [sum((p[n] - y[n]) * X[n][j] for n in range(3)) / 3 for j in range(2)]
    db = sum(p[n] - y[n] for n in range(3)) / 3
    assert dw == pytest.approx([0.99845601, 2.39507239], abs=5e-9) and db == pytest.approx(0.00145557813678, abs=1e-14)
    assert printed(chapter.out, "dw [") == [f"{dw[0]:.8f} {dw[1]:.8f}], db {db:.14f}"]
    cost = -sum(y[n] * math.log(p[n]) + (1 - y[n]) * math.log(1 - p[n]) for n in range(3)) / 3
    assert names.cost(np.array([1.0, 2.0]), 2.0) == pytest.approx(cost)
    (row,) = printed(chapter.out, "dw off by")
    off_w, off_b = row.split(", db by ")
    assert float(off_w) < 1e-8 and float(off_b) < 1e-8


def test_exercise_4(chapter, names):
    e = np.exp([1.0, 0.0, -1.0])
    p = e / e.sum()
    jac = np.array([[p[i] * (i == j) - p[i] * p[j] for j in range(3)] for i in range(3)])
    assert names.p == pytest.approx(p)
    assert names.jac == pytest.approx(jac, abs=1e-15)
    assert rows_from(chapter, str(jac.round(4)).splitlines()[0], 3) == str(jac.round(4)).splitlines()
    assert printed(chapter.out, "equal to diag(p) - outer(p, p):") == ["True"]


def test_exercise_5(chapter):
    """The truncation error is -h**2 / 6 of f; however small h is, no digits are lost."""
    for h in (1e-2, 1e-5, 1e-20, 1e-200):
        (row,) = printed(chapter.out, f"h = {h:g}: relative error")
        slope = np.exp(1 + 1j * h).imag / h
        assert row == f"{abs(slope / math.e - 1):.1e}"
        assert float(row) == pytest.approx(h**2 / 6, rel=0.03, abs=5e-16)


# --- what the page asks -------------------------------------------------------------------------------


def test_questions():
    ratio, nudge, step = answers_of("derivatives")
    rise = 2.1 * 2.1 - 2 * 2
    assert ratio == [f"{rise / 0.1:.2f}", "4.00", f"{rise:.2f}"] and ratio[0] == "4.10"
    J = {change: 3 * (5 + (3 + change[0]) * (2 + change[1])) for change in ((0, 0), (1, 0), (0, 1))}
    assert nudge == [f"{J[1, 0] - J[0, 0]}", "3", f"{J[0, 1] - J[0, 0]}"] and nudge == ["6", "3", "9"]
    sizes = {h: abs((math.exp(h) - math.exp(-h)) / (2 * h) - 1) for h in (1e-15, 1e-5, 1e-2)}
    assert step == 1 and min(sizes, key=sizes.get) == 1e-5
