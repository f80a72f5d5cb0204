"""Chapter `critical-points`: every claim of the page, by a second way where there is one."""

from __future__ import annotations

from fractions import Fraction

import matplotlib
import numpy as np
import pytest
from asked import answers_of
from numerical_gradient import numerical_gradient
from sklearn.datasets import load_digits
from states import states_of
from views import views_series


@pytest.fixture(scope="module")
def cp(names):
    return names


def xy(line):
    return np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)


def look(line):
    return line.get_color(), line.get_linestyle(), line.get_marker()


def palette(name):
    """What a colour of a format string such as "C3-" becomes."""
    return matplotlib.colors.to_rgba(name)


def square(w):
    return (1 - w[0] * w[1]) ** 2


def test_figures_fit_a_phone(chapter):
    """None is wider than 4.8 inches; what belongs together stands one above the other."""
    assert [len(figure.axes) for figure in chapter.figures] == [2, 1, 6, 2, 2, 2, 4, 2]
    assert [figure.axes[0].get_gridspec().nrows for figure in chapter.figures] == [2, 1, 2, 2, 2, 2, 2, 2]
    sizes = [tuple(figure.get_size_inches().tolist()) for figure in chapter.figures]
    assert sizes == [(4.6, 6.6), (4.6, 3.2), (4.8, 3.9), (4.6, 6.8), (4.8, 6.2), (4.8, 5), (4.8, 4.4), (4.8, 6.4)]
    named = [[(ax.get_xlabel(), ax.get_ylabel()) for ax in figure.axes] for figure in chapter.figures]
    assert named == [
        [("$w_1$", "$w_2$"), ("$t$", "$L$")],
        [(r"$\Delta$", "$L$")],
        [("", "$w_2$"), ("", ""), ("", ""), ("", "$f(0, w_2)$"), ("", ""), ("", "")],
        [("$w_1$", "$w_2$"), (r"$\log_{10}\,\varepsilon$", "updates")],
        [("$t$", "$L$"), ("updates", "$L$")],
        [("", "$L$"), ("minimum ratio", "$L$")],
        [("", "$L$"), ("", ""), ("updates", r"$\log_{10}\,\Vert g\Vert$"), ("updates", "")],
        [("", "$w_2$"), ("$w_1$", "$w_2$")],
    ]


# two weights


def test_surface(chapter):
    top, low = chapter.figures[0].axes
    upper, lower, solid, dashed, dot = top.lines
    for branch, sign in ((upper, 1), (lower, -1)):
        x, y = xy(branch)
        assert x * y == pytest.approx(1) and np.all(np.sign(x) == sign)  # the loss is 0 there
        assert look(branch)[0] == "black"
    assert np.array_equal(*xy(solid)) and look(solid)[:2] == ("C3", "-")
    assert np.array_equal(xy(dashed)[0], -xy(dashed)[1]) and look(dashed)[:2] == ("C4", "--")
    t, height = xy(low.lines[0])
    assert height == pytest.approx((1 - t**2) ** 2) and look(low.lines[0])[0] == "C3"
    assert height[abs(t) < 1].max() == height[t.size // 2] == 1 and t[t.size // 2] == pytest.approx(0)
    t, height = xy(low.lines[1])
    assert height == pytest.approx((1 + t**2) ** 2) and look(low.lines[1])[:2] == ("C4", "--")
    assert height.min() == 1
    assert [float(v) for v in (*xy(dot)[0], *xy(dot)[1], *xy(low.lines[2])[1])] == [0, 0, 1]
    assert low.get_ylim() == (-0.2, 4.5) and top.get_aspect() == 1


def test_critical_points_are_the_origin_and_the_curve(cp):
    for w1 in np.linspace(-2, 2, 41):
        for w2 in np.linspace(-2, 2, 41):
            flat = np.linalg.norm(cp.gradient(np.array([w1, w2]))) < 1e-12
            assert flat == (abs(w1 * w2 - 1) < 1e-12 or max(abs(w1), abs(w2)) < 1e-12)


# Taylor


def test_gradient_and_hessian(cp, out):
    for w in np.random.default_rng(0).normal(0, 1, (20, 2)):
        assert cp.gradient(w) == pytest.approx(numerical_gradient(square, w), abs=1e-6)
        columns = [(cp.gradient(w + 1e-6 * e) - cp.gradient(w - 1e-6 * e)) / 2e-6 for e in np.eye(2)]
        assert cp.hessian(w) == pytest.approx(np.array(columns), abs=1e-6)
    # by hand at (0.5, -1): 1 - w1 w2 = 1.5
    assert out[0] == "g [ 3.  -1.5]  checked: True"
    assert out[1] == "H [2.0, -4.0] [-4.0, 0.5]  checked: True"


def test_remainder(out):
    """What the parabola leaves out, in exact fractions."""
    for row, w, power in ((2, (Fraction(1, 2), Fraction(-1)), 3), (3, (Fraction(0), Fraction(0)), 4)):
        u = Fraction(3, 5), Fraction(4, 5)
        rest = []
        for d in (Fraction(1, 10), Fraction(1, 100), Fraction(1, 1000)):
            # 1 - (w1 + d u1)(w2 + d u2) = e - a d - b d², squared; the terms of order 3 and 4 remain
            a, b = w[0] * u[1] + w[1] * u[0], u[0] * u[1]
            rest.append(abs(2 * a * b * d**3 + b**2 * d**4))
        falls = [rest[0] / rest[1], rest[1] / rest[2]]
        shown = " ".join(f"{float(r):.1e}" for r in rest)
        assert shown in out[row]
        assert float(falls[1]) == pytest.approx(10**power, rel=0.02)
        assert out[row].split("falls ")[1] == " ".join(f"{float(f):.0f}-fold" for f in falls) or power == 4
    assert out[3].endswith(("10000-fold 10000-fold", "10000-fold 9999-fold"))
    assert out[2].startswith("(0.5, -1) ") and out[3].startswith("(0, 0) ")


def test_taylor_figure(chapter):
    (ax,) = chapter.figures[1].axes
    d, f = xy(ax.lines[0])
    assert (d[0], d[-1]) == (-1.2, 1.6) and np.ravel(xy(ax.lines[3])).tolist() == [0, 2.25]  # the dot
    w, u = np.array([0.5, -1.0]), np.array([0.6, 0.8])
    assert f == pytest.approx([square(w + x * u) for x in d])
    slope, curvature = 3 * 0.6 - 1.5 * 0.8, 0.36 * 2 - 2 * 0.48 * 4 + 0.64 * 0.5
    assert xy(ax.lines[1])[1] == pytest.approx(2.25 + slope * d, abs=1e-6)
    assert xy(ax.lines[2])[1] == pytest.approx(2.25 + slope * d + curvature * d**2 / 2, abs=1e-5)
    assert [line.get_linestyle() for line in ax.lines[:3]] == ["-", ":", "--"]
    near = abs(d) < 0.5
    assert abs(xy(ax.lines[2])[1] - f)[near].max() < 0.08 and ax.get_ylim() == (-0.7, 3.7)


# the test by eigenvalues


def test_kind(cp):
    cases = {
        (2, 1): "minimum", (-2, -1): "maximum", (-1, 3): "saddle", (-1, 0, 3): "saddle",
        (0, 1): "undecided", (-1, 0): "undecided", (0, 0): "undecided",
        (1e-9, 1): "undecided", (-1e-9, 1): "undecided", (-1e-5, 1): "saddle", (1e-5, 1): "minimum",
        (-1, 1e-9): "undecided", (-1e6, 1e-5): "undecided",
    }  # fmt: skip
    for lams, expected in cases.items():
        Q = np.linalg.qr(np.random.default_rng(1).normal(size=(len(lams), len(lams))))[0]
        H = Q @ np.diag(np.array(lams, float)) @ Q.T
        assert cp.kind((H + H.T) / 2) == expected, lams


def test_eigenvalues_and_escape(cp, out):
    assert cp.hessian(np.zeros(2)).tolist() == [[0, -2], [-2, 0]]
    assert (cp.hessian(np.zeros(2)) @ [1, 1]).tolist() == [-2, -2]
    assert (cp.hessian(np.zeros(2)) @ [1, -1]).tolist() == [2, -2]
    assert out[4] == "(0.0, 0.0) |g| 0.0 eigenvalues [-2.  2.] saddle"
    assert out[5] == "(1.0, 1.0) |g| 0.0 eigenvalues [0. 4.] undecided"
    assert out[6] == "(2.0, 0.5) |g| 0.0 eigenvalues [0.  8.5] undecided"
    assert out[7] == "from (0, 0) by (0.1, 0.1) to L = 0.9801"
    assert out[8] == "from (0, 0) by (-0.1, -0.1) to L = 0.9801"
    assert out[9] == "from (0, 0) by (0.1, -0.1) to L = 1.0201"
    assert (1 - 0.01) ** 2 == pytest.approx(0.9801) and (1 + 0.01) ** 2 == pytest.approx(1.0201)
    # the zero eigenvalue belongs to the direction of the curve of minima
    for w in ((1.0, 1.0), (2.0, 0.5), (-0.4, -2.5)):
        along = np.array([w[0], -w[1]])
        assert cp.hessian(np.array(w)) @ along == pytest.approx(0, abs=1e-12)


def test_undecided(chapter, cp):
    axes = chapter.figures[2].axes
    assert len(axes) == 6
    for k, f in enumerate((lambda a, b: a**2 + b**4, lambda a, b: a**2 - b**4, lambda a, b: a**2 + b**3)):
        assert cp.bent(0.3, -0.7)[k] == pytest.approx(f(0.3, -0.7))
        t, values = xy(axes[3 + k].lines[0])
        assert (t[0], t[t.size // 2], t[-1]) == pytest.approx((-1, 0, 1)) and np.sum(axes[3 + k].get_ylim()) == 0
        assert values == pytest.approx(f(0, t))
        assert numerical_gradient(lambda w: f(*w), np.zeros(2)) == pytest.approx(0, abs=1e-8)  # noqa: B023
        h = 1e-3
        second = (f(0, h) - 2 * f(0, 0) + f(0, -h)) / h**2, (f(h, 0) - 2 * f(0, 0) + f(-h, 0)) / h**2
        assert second == pytest.approx((0, 2), abs=1e-4)
        near = np.random.default_rng(k).uniform(-0.01, 0.01, (2, 1000))
        assert np.all(f(*near) >= 0) == (k == 0)
    below, above = axes[1].collections  # the same heights below and above the origin
    assert below.levels == pytest.approx(-above.levels[::-1]) and above.levels.min() > 0


def test_relu_units_have_flat_directions():
    rng = np.random.default_rng(0)
    x, w, c = rng.normal(size=50), rng.normal(size=3), rng.normal(size=3)
    y = np.maximum(0, np.outer(x, w)) @ c
    w[1], c[1] = 2 * w[1], c[1] / 2
    assert np.maximum(0, np.outer(x, w)) @ c == pytest.approx(y)


# the stable manifold


def pq_path(p, q, lr, steps):
    """The update in half sum and half difference, as the page derives it."""
    for _ in range(steps):
        bend = 2 * lr * (1 - p**2 + q**2)
        p, q = p * (1 + bend), q * (1 - bend)
    return p, q


def test_half_sum_and_difference(cp):
    for w in np.random.default_rng(0).uniform(-1.5, 1.5, (10, 2)):
        p, q = pq_path(w.sum() / 2, (w[0] - w[1]) / 2, 0.05, 30)
        assert cp.descend(w, 0.05, 30)[-1] == pytest.approx([p + q, p - q], abs=1e-9)


def test_manifold(chapter, cp, out):
    top, low = chapter.figures[3].axes
    assert top.get_position(True).height > low.get_position(True).height
    assert np.ravel(xy(top.lines[6])).tolist() == [0, 0] and look(top.lines[6])[2] == "o"  # the saddle
    assert out[10].endswith("from (0, 0), L = 1") and out[10].startswith("from (-1.4, 1.4): ends ")
    assert np.linalg.norm(cp.descend(np.array([-1.4, 1.4]))[-1]) < 1e-15
    for k, sign in ((0, 1), (3, -1)):
        x, y = xy(top.lines[k])
        assert np.array_equal(x, -y) and x[0] == sign * 1.4 and look(top.lines[k])[0] == "C4"
        assert abs(x[-1]) < 0.01
        for beside in (1, 2):
            x, y = xy(top.lines[k + beside])
            assert look(top.lines[k + beside])[0] == "C0" and len(x) == 50
            assert (x[0] + y[0]) / 2 == pytest.approx(0.02 if beside == 1 else -0.02)
            assert x[-1] * y[-1] == pytest.approx(1, abs=1e-3)  # on the curve of minima
            assert np.sign(x[-1]) == (1 if beside == 1 else -1)
    tens, updates = xy(low.lines[0])
    expected = []
    for e in 10.0 ** np.arange(-12, 0):
        p, count = e, 0
        while (1 - p**2) ** 2 > 0.5:
            p, _ = pq_path(p, 0.0, 0.05, 1)
            count += 1
        expected.append(count)
    assert updates.tolist() == expected and tens.tolist() == list(range(-12, 0))
    law, more = np.log(10) / np.log(1 + 2 * 0.05), -np.diff(expected)
    assert out[11] == f"ten times nearer: {min(more)} to {max(more)} updates more, law {law:.1f}"
    assert max(abs(more - law)) < 1 and cp.leaving[0] == expected[0] == 286
    x, y = xy(low.lines[1])
    assert x.tolist() == tens.tolist() and np.diff(y) == pytest.approx(-law) and y[0] == expected[0]


def test_every_state_of_the_walk_out(cp):
    """The nearer to the line, the later a path turns away: some 24 updates for each factor of 10."""
    states, waits = states_of("critical-points", "manifold", vars(cp)), []
    assert list(states) == ["0.2", "0.02", "0.002", "0.0002"]
    for value, state in states.items():
        top, low = state.figure.axes
        p, q, count = float(value), 1.4, 0
        while (1 - p**2 + q**2) ** 2 > 0.5:
            p, q = pq_path(p, q, 0.05, 1)
            count += 1
        waits.append(count)
        (at,), (height,) = xy(low.lines[2])
        assert at == pytest.approx(np.log10(float(value))) and height == count
        for side, beside in ((0, 1), (0, 2), (3, 1), (3, 2)):
            x, y = xy(top.lines[side + beside])
            sign = 1 if beside == 1 else -1
            p, q = pq_path(sign * float(value), (1 if side == 0 else -1) * 1.4, 0.05, 98)
            assert (x[-1], y[-1]) == pytest.approx((p + q, p - q)) and np.sign(x[-1]) == sign
    assert np.diff(waits) == pytest.approx(np.log(10) / np.log(1.1), abs=3)


# what the page asks


def test_questions(cp):
    loss, undecided, waiting, turned = answers_of("critical-points")
    assert [float(value) for value in loss] == [1.25**2, 0.75**2, 1.25, 0.75]
    assert undecided == 1 and 0.5**2 - 0.6**4 > 0 > 0 - 0.6**4  # w1² - w2⁴ falls along w2
    p = [1e-12, 1e-6]
    counts = []
    for start in p:
        at, count = start, 0
        while (1 - at**2) ** 2 > 0.5:
            at, count = at * (1 + 0.1 * (1 - at**2)), count + 1
        counts.append(count)
    assert waiting == 1 and counts[0] / counts[1] == pytest.approx(2, abs=0.05)
    assert counts[1] == pytest.approx(140, abs=4)
    assert 1.1**24 == pytest.approx(10, rel=0.05)
    middle = {turn: {name: np.median(cp.needed[name, turn]) for name in ("momentum", "adagrad")} for turn in cp.turns}
    assert turned == 1 and middle["45 degrees"]["momentum"] == middle["along the axes"]["momentum"]
    assert middle["45 degrees"]["adagrad"] > 10 * middle["along the axes"]["adagrad"]


def test_random_starts_leave(cp, out):
    starts = np.random.default_rng(0).uniform(-1.5, 1.5, (2, 2000))
    p, q = pq_path(starts.sum(axis=0) / 2, (starts[0] - starts[1]) / 2, 0.05, 400)
    ends = (1 - p**2 + q**2) ** 2
    assert ends.max() < 1e-6 and cp.ends == pytest.approx(ends, abs=1e-9)
    assert out[12] == "2000 random starts: 0 near the saddle, 2000 with L < 1e-6"
    for seed in range(1, 6):  # other starts, other rates
        w = np.random.default_rng(seed).uniform(-1.5, 1.5, (2, 2000))
        assert cp.L(cp.descend(w, lr=0.01 * seed, steps=2500 // seed)[-1]).max() < 1e-2


# the network


def slow_loss(w):
    """The same network, written another way."""
    images, digits = load_digits(return_X_y=True)
    X, d = images[:200] / 16, digits[:200]
    W1, b1, W2, b2 = w[:1024].reshape(64, 16), w[1024:1040], w[1040:1200].reshape(16, 10), w[1200:]
    scores = np.tanh(X @ W1 + b1) @ W2 + b2
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return -np.mean(np.log(shares[np.arange(200), d]))


def test_network(cp, out):
    assert cp.P == 64 * 16 + 16 + 16 * 10 + 10 == 1210 and out[13] == "gradient checked: True"
    rng = np.random.default_rng(5)
    w = rng.normal(0, 0.2, 1210)
    loss, g = cp.loss_and_grad(w)
    assert loss == pytest.approx(slow_loss(w))
    for k in rng.integers(0, 1210, 25):
        e = np.zeros(1210)
        e[k] = 1e-5
        assert g[k] == pytest.approx((slow_loss(w + e) - slow_loss(w - e)) / 2e-5, abs=1e-8)


def test_flat_point_is_critical(cp, out):
    shares = np.bincount(load_digits().target[:200], minlength=10) / 200
    assert cp.w_flat[:1200].tolist() == [0] * 1200 and np.exp(cp.w_flat[1200:]) == pytest.approx(shares)
    entropy = -np.sum(shares * np.log(shares))
    assert slow_loss(cp.w_flat) == pytest.approx(entropy)
    assert abs(cp.loss_and_grad(cp.w_flat)[1]).max() < 1e-15
    assert out[14] == f"P = 1210, loss {entropy:.3f}, gradient 0: True"
    assert 1210**2 == 1_464_100


def full_hessian(cp):
    columns = [(cp.loss_and_grad(cp.w_flat + 1e-4 * e)[1] - cp.loss_and_grad(cp.w_flat - 1e-4 * e)[1]) / 2e-4
               for e in np.eye(1210)]  # fmt: skip
    return (np.array(columns) + np.array(columns).T) / 2


def test_lanczos(cp, out):
    """The lowest eigenvalue by all eigenvalues, by singular values, and by 20 products."""
    H = full_hessian(cp)
    lams = np.linalg.eigvalsh(H)
    assert cp.exact == pytest.approx(lams[0], abs=1e-8)
    assert (lams < -1e-6).sum() == 16 * 9 == 144
    assert cp.down == pytest.approx(cp.down / np.linalg.norm(cp.down))
    assert H @ cp.down == pytest.approx(lams[0] * cp.down, abs=1e-6)
    assert cp.kind(H) == "saddle"
    singular = np.linalg.svd(cp.M, compute_uv=False)
    assert (singular > 1e-10).sum() == 9 and cp.M.sum(axis=1) == pytest.approx(0, abs=1e-12)
    for s in singular[:9]:  # one of either sign, once for each of 16 hidden units
        assert (abs(lams + s) < 1e-6).sum() == (abs(lams - s) < 1e-6).sum() == 16
    for row, k in enumerate((5, 10, 15, 20)):
        value, exact = out[15 + row].split(": ")[1].split(" (exact ")
        assert out[15 + row].startswith(f"{k} products: ") and exact == f"{lams[0]:.7f})"
        assert float(value) >= lams[0] - 1e-6 and abs(float(value) / lams[0] - 1) < (0.2, 0.01, 1e-4, 1e-6)[row]
    for row, step in ((19, 0.5), (20, -0.5)):
        loss = slow_loss(cp.w_flat + step * cp.down)
        assert out[row] == f"{step:+} along it: {loss:.3f}" and loss < slow_loss(cp.w_flat)


def test_lanczos_on_any_symmetric_matrix(cp):
    rng = np.random.default_rng(0)
    A = rng.normal(size=(30, 30))
    A = A + A.T
    lams, V = np.linalg.eigh(A)
    found, vectors = cp.lanczos(lambda v: A @ v, rng.normal(size=30), 30)
    assert found == pytest.approx(lams)
    assert abs(np.sum(vectors * V.T, axis=1)) == pytest.approx(1)
    assert vectors @ vectors.T == pytest.approx(np.eye(30), abs=1e-9)
    few, _ = cp.lanczos(lambda v: A @ v, rng.normal(size=30), 15)
    assert few[0] == pytest.approx(lams[0], rel=0.02) and lams[0] - 1e-9 <= few[0] <= few[-1] <= lams[-1] + 1e-9


def test_times_hessian(cp):
    rng = np.random.default_rng(2)
    w, v = rng.normal(0, 0.2, 1210), rng.normal(size=1210)
    exact = (cp.loss_and_grad(w + 1e-5 * v)[1] - cp.loss_and_grad(w - 1e-5 * v)[1]) / 2e-5
    assert cp.times_hessian(v, w) == pytest.approx(exact, abs=1e-5)


def test_plateau(chapter, cp, out):
    top, low = chapter.figures[4].axes
    loss = slow_loss(cp.w_flat)
    for line, v, color in ((0, cp.down, "C3"), (1, cp.vectors[-1], "C4")):
        t, values = xy(top.lines[line])
        assert values[10] == pytest.approx(slow_loss(cp.w_flat + t[10] * v))
        assert look(top.lines[line])[0] == palette(color)
        assert (values.max() <= loss + 1e-9) == (line == 0)
    assert np.ravel(xy(top.lines[7])) == pytest.approx([0, loss])  # the dot
    for line in top.lines[2:7]:
        assert look(line)[0] == "0.6" and abs(xy(line)[1] - loss).max() < 0.05
    rate = np.log(1 + 0.5 * 0.2746242)
    law = 2 * np.log(10) / rate
    assert out[25] == f"law: a hundred times nearer, {law:.1f} updates more" and f"{law:.1f}" == "35.8"
    curves = iter(low.lines[:-1])
    for row, scale in enumerate((1e-1, 1e-3, 1e-5, 1e-7)):
        counts = []
        for seed in range(3):
            w, values = np.random.default_rng(seed).normal(0, scale, 1210), []
            for _ in range(400):
                values.append(slow_loss(w))
                if values[-1] <= 1:
                    break
                w = w - 0.5 * cp.loss_and_grad(w)[1]
            counts.append(sum(v > 2 for v in values))
            line = next(curves)
            assert xy(line)[0].tolist() == list(range(0, len(values), 2)) and look(line)[0] == "C0"
            assert xy(line)[1] == pytest.approx(values[::2])
            assert cp.leave[scale, seed] == counts[-1]
        assert out[21 + row] == f"start {scale:.0e}: on the plateau {min(counts)} to {max(counts)}"
    for seed in range(3):
        waits = [cp.leave[scale, seed] for scale in (1e-3, 1e-5, 1e-7)]
        assert np.diff(waits) == pytest.approx(law, abs=4)
    assert len(low.lines) == 13 and xy(low.lines[-1])[1] == pytest.approx(np.log(10))


# the minimum ratio


def net_loss(w, x, y):
    a = np.tanh(np.outer(x, w[:2]) + w[2:4])
    return np.mean((y - a @ w[4:6] - w[6]) ** 2) + 0.003 * np.sum(w**2)


def test_small_net(cp):
    rng = np.random.default_rng(4)
    x = np.linspace(-2, 2, 12)
    y = np.sin(2 * x) + 0.3 * rng.normal(size=(20, 12))
    y = (y - y.mean(axis=1, keepdims=True)) / y.std(axis=1, keepdims=True)
    assert cp.starts == pytest.approx(rng.normal(0, 2, (120, 7)))
    labels = np.repeat(y, 6, axis=0)
    w = np.random.default_rng(1).normal(0, 1, (120, 7))
    loss, g = with_its_own_data(cp, w, x, y)
    for k in (0, 5, 6, 77, 119):
        assert loss[k] == pytest.approx(net_loss(w[k], x, labels[k]))
        assert g[k] == pytest.approx(numerical_gradient(lambda v: net_loss(v, x, labels[k]), w[k]), abs=1e-6)  # noqa: B023


def with_its_own_data(cp, w, x, y):
    """The page uses x and y again for the views; the network is called with its own."""
    kept = cp.x, cp.y
    cp.x, cp.y = x, y
    try:
        return cp.small_net(w)
    finally:
        cp.x, cp.y = kept


@pytest.fixture
def twenty_sets(cp):
    """The module's x and y for the small networks, with a seed of its own; put back afterwards."""
    kept = cp.x, cp.y

    def choose(seed):
        rng = np.random.default_rng(seed)
        cp.x = np.linspace(-2, 2, 12)
        y = np.sin(2 * cp.x) + 0.3 * rng.normal(size=(20, 12))
        cp.y = (y - y.mean(axis=1, keepdims=True)) / y.std(axis=1, keepdims=True)
        return rng.normal(0, 2, (120, 7))

    yield choose
    cp.x, cp.y = kept


def judged(cp, w):
    loss, g = cp.small_net(w)
    there = np.linalg.norm(g, axis=1) < 1e-5
    return there, np.linalg.eigvalsh(cp.hessians(w)), loss


@pytest.mark.parametrize("seed", [4, 0, 1])
def test_minimum_ratio(cp, out, twenty_sets, seed):
    starts = twenty_sets(seed)
    sought, trained = cp.seek(starts), cp.train(starts)
    there, lams, loss = judged(cp, sought)
    assert there.sum() > 30 and np.mean(lams[there, 0] < -1e-5) > 0.9
    assert np.corrcoef(np.mean(lams[there] > 1e-5, axis=1), loss[there])[0, 1] < -0.5  # the higher, the more lead down
    missed = ~there  # ended where |g| has a minimum, and is not zero
    assert missed.sum() > 30
    arrived, lams_2, loss_2 = judged(cp, trained)
    assert arrived.sum() > 95 and lams_2[arrived, 0].min() > 1e-5  # minima only
    lowest = [min(loss_2[k : k + 6][arrived[k : k + 6]]) for k in range(0, 120, 6)]
    higher = np.sum(arrived & (loss_2 > np.repeat(lowest, 6) + 1e-3))
    assert higher > 5
    if seed == 4:
        saddles, minima = np.sum(lams[there, 0] < -1e-5), np.sum(lams[there, 0] > 1e-5)
        assert saddles + minima == there.sum() and minima == 3  # the points at 7/7
        assert out[26] == f"seek |g| = 0: {there.sum()} of 120 arrive, {saddles} at a saddle, {minima} at a minimum"
        assert out[27] == f"train: {arrived.sum()} of 120 arrive, 0 at a saddle, {arrived.sum()} at a minimum"
        assert out[28] == f"trained, but above another run on the same data: {higher}" and cp.higher == higher
        assert len(cp.found["train"][1]) == arrived.sum()


def test_hessians_of_the_small_net(cp, twenty_sets):
    w = twenty_sets(0)
    H = cp.hessians(w)
    for k in (0, 50):
        labels = cp.y[k // 6]
        f = lambda v: net_loss(v, cp.x, labels)  # noqa: B023, E731
        slow = np.array([[(f(w[k] + a + b) - f(w[k] + a - b) - f(w[k] - a + b) + f(w[k] - a - b)) / 4e-6
                          for a in 1e-3 * np.eye(7)] for b in 1e-3 * np.eye(7)])  # fmt: skip
        assert H[k] == pytest.approx(slow, abs=2e-3)


def test_ratio_figure(chapter, cp):
    above, below = chapter.figures[5].axes
    for ax, name, color in ((above, "seek |g| = 0", "0.4"), (below, "train", "C0")):
        ratio, loss = cp.found[name]
        x, y = xy(ax.lines[0])
        assert y == pytest.approx(loss) and abs(x - ratio).max() <= 0.03 and look(ax.lines[0])[0] == color
        assert loss.min() > 0.1 and loss.max() < 1.1 and ax.get_ylim() == (0.1, 1.1)
    assert set(np.round(7 * cp.found["seek |g| = 0"][0]).astype(int)) == {5, 6, 7}
    assert np.all(cp.found["train"][0] == 1)
    assert np.quantile(cp.found["train"][1], [0.1, 0.85]) == pytest.approx([0.35, 0.35], abs=0.16)
    assert [label.get_text() for label in below.get_xticklabels()] == ["5/7", "6/7", "7/7"]
    low, high = below.get_xlim()
    assert 7 * below.get_xticks() == pytest.approx([5, 6, 7]) and 0.6 < low < 5 / 7 - 0.03 and 1.03 < high < 1.1


# stalls


def huber_loss(w, b, x, y):
    r = abs(y - b - w * x)
    return np.mean(np.where(r <= 0.5, r**2 / 2, 0.5 * (r - 0.25)))


def test_huber_line(cp):
    views = views_series()[1] / 1000
    x, y = views[:-1:3], views[1::3]
    assert np.array_equal(cp.x, x) and np.array_equal(cp.y, y)
    for p in np.random.default_rng(0).normal(0, 1, (5, 2)):
        loss, g = cp.huber_line(p)
        assert loss == pytest.approx(huber_loss(*p, x, y))
        assert g == pytest.approx(numerical_gradient(lambda v: huber_loss(*v, x, y), p), abs=1e-5)


def test_limit_and_stall(cp, out):
    best = np.zeros(2)
    for _ in range(3000):
        best = best - 0.09 * cp.huber_line(best)[1]
    assert np.linalg.norm(cp.huber_line(best)[1]) < 1e-10
    x, y = cp.x, cp.y
    H = np.zeros((2, 2))
    for a, b in zip(x, y, strict=True):
        if abs(b - best[1] - best[0] * a) < 0.5:
            H += np.outer([a, 1], [a, 1]) / x.size
    assert cp.limit == pytest.approx(2 / np.linalg.eigvalsh(H)[-1])
    assert out[29] == f"minimum {huber_loss(*best, x, y):.4f}, limit {cp.limit:.4f}"
    starts = np.random.default_rng(0).uniform(-1, 1, (20, 2))
    for row, ratio in enumerate((0.9, 1.1, 1.5, 2.0, 4.0, 8.0)):
        p = starts
        for _ in range(149):
            p = p - ratio * cp.limit * cp.huber_line(p)[1]
        loss, g = cp.huber_line(p)
        low, size = loss.min() / cp.bottom, np.linalg.norm(g, axis=1).min()
        assert out[30 + row] == f"{ratio} x limit: L >= {low:.2f} x minimum, |g| >= {size:.3f}"
        if ratio > 1:  # it stalls: nothing is gained in 200 further steps
            assert 1.45 < low < 11 and size > 1
            q = p
            for _ in range(200):
                q = q - ratio * cp.limit * cp.huber_line(q)[1]
            later, g = cp.huber_line(q)
            assert later.min() > 0.95 * loss.min() and np.linalg.norm(g, axis=1).min() > 0.95 * size
            for _ in range(20):  # and a tenth of the rate ends it
                q = q - 0.1 * cp.limit * cp.huber_line(q)[1]
            assert np.all(cp.huber_line(q)[0] < later / 1.4)
        else:
            assert size < 0.05


def test_stall_of_other_series(cp):
    for seed in (1, 2):
        views = views_series(seed)[1] / 1000
        x, y = views[:-1:3], views[1::3]
        p = np.zeros(2)
        for _ in range(100):
            r = y - p[0] * x - p[1]
            g = -np.clip(r, -0.5, 0.5) @ np.column_stack([x, np.ones_like(x)]) / x.size
            p = p - 2 * cp.limit * g
        assert np.linalg.norm(g) > 1


def test_stall_figure(chapter, cp):
    axes = np.array(chapter.figures[6].axes).reshape(2, 2)
    w = cp.w_flat + np.random.default_rng(0).normal(0, 1e-5, 1210)
    losses, sizes = [], []
    for _ in range(160):
        loss, g = cp.loss_and_grad(w)
        losses.append(loss)
        sizes.append(np.linalg.norm(g))
        w = w - 0.5 * g
    assert xy(axes[0, 0].lines[0])[1] == pytest.approx(losses)
    assert xy(axes[1, 0].lines[0])[1] == pytest.approx(np.log10(sizes))
    assert losses[75] > 2.2 and losses[-1] < 0.5 and sizes[0] < 1e-4
    assert np.all(np.diff(sizes[3:70]) > 0) and max(sizes) > 0.25  # small and growing
    p, losses, sizes = np.zeros(2), [], []
    for t in range(160):
        loss, g = cp.huber_line(p)
        losses.append(loss)
        sizes.append(np.linalg.norm(g))
        p = p - (2 if t < 110 else 0.2) * cp.limit * g
    assert xy(axes[0, 1].lines[0])[1] == pytest.approx(losses)
    assert xy(axes[1, 1].lines[0])[1] == pytest.approx(np.log10(sizes))
    steady = np.array(sizes[10:110])
    assert steady.min() > 0.95 * steady.max() > 2 and sizes[-1] < 0.01
    assert np.ptp(losses[10:110]) < 0.05 and losses[105] > 3 * losses[-1]
    assert {line.get_color() for ax in axes.flat for line in ax.lines} == {"C0"}
    assert [ax.get_ylim()[0] for ax in axes[0]] == [0, 0] and axes[0, 0].get_ylim()[1] > 2.3


# adaptive steps


def steps_of(cp, rule, slopes, **settings):
    state = {"t": 0, "m": 0.0, "v": 0.0}
    moves = []
    for g in slopes:
        state["t"] += 1
        moves.append(rule(g, state, **settings))
    return np.array(moves)


def test_rules_against_their_sums(cp):
    g = np.random.default_rng(0).normal(size=30)
    t = np.arange(1, 31)
    assert steps_of(cp, cp.plain, g, lr=0.2) == pytest.approx(-0.2 * g)
    assert steps_of(cp, cp.adagrad, g, lr=0.2) == pytest.approx(-0.2 * g / np.sqrt(np.cumsum(g**2)))

    def mean(values, beta):
        return np.array([(1 - beta) * sum(beta ** (n - 1 - k) * values[k] for k in range(n)) for n in t])

    assert steps_of(cp, cp.rmsprop, g, lr=0.2, beta2=0.8) == pytest.approx(-0.2 * g / np.sqrt(mean(g**2, 0.8)))
    m, v = mean(g, 0.9) / (1 - 0.9**t), mean(g**2, 0.95) / (1 - 0.95**t)
    assert steps_of(cp, cp.adam, g, lr=0.2, beta1=0.9, beta2=0.95) == pytest.approx(-0.2 * m / np.sqrt(v))
    weights = [(1 - 0.9) * sum(0.9 ** (n - k) for k in range(1, n + 1)) for n in t]
    assert weights == pytest.approx(1 - 0.9**t)
    pushes = [-0.2 * sum(0.7 ** (n - 1 - k) * g[k] for k in range(n)) for n in t]
    assert steps_of(cp, cp.momentum, g, lr=0.2, beta=0.7) == pytest.approx(pushes)
    assert steps_of(cp, cp.adagrad, g[:1], lr=0.3)[0] == pytest.approx(-0.3 * np.sign(g[0]))
    tiny = [1e-12]
    assert abs(steps_of(cp, cp.adagrad, tiny, lr=1)[0]) < 1e-3  # 1e-8 stands below the fraction
    assert abs(steps_of(cp, cp.rmsprop, tiny, lr=1, beta2=0.9)[0]) < 1e-3
    assert abs(steps_of(cp, cp.adam, tiny, lr=1, beta1=0.9, beta2=0.9)[0]) < 1e-3


def test_adagrad_does_not_see_the_curvature(cp, out):
    paths = [cp.walk(cp.adagrad, lambda w: lams * w, np.array([1.0, 0.3]), 50, lr=0.7)  # noqa: B023
             for lams in (np.array([100, 0.01]), np.ones(2))]  # fmt: skip
    difference = abs(paths[0] - paths[1]).max()
    assert difference < 1e-5 and out[36] == f"Adagrad, ravine and round bowl: {difference:.0e}"
    for row, scale in enumerate((1e-3, 1e-5, 1e-7)):
        w, m, v = np.random.default_rng(0).normal(0, scale, 1210), 0, 0
        for t in range(1, 21):
            g = cp.loss_and_grad(w)[1]
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            w = w - 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
            if slow_loss(w) <= 2:
                break
        assert out[37 + row] == f"start {scale:.0e}: on the plateau {cp.leave[scale, 0]} updates, Adam {t}"
        assert t == 11
    assert cp.out == 11


def rotation(phi):
    return np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])


def count(cp, rule, H, w, budget, **settings):
    path = cp.walk(rule, lambda v: H @ v, w, budget, **settings)
    far = np.flatnonzero(np.linalg.norm(path, axis=1) >= 0.01)
    return far[-1] + 1


def test_momentum_turns_with_the_ravine(cp):
    H, w, R = np.diag([1, 0.01]), np.array([0.3, -0.8]), rotation(0.7)
    for rule, settings in ((cp.plain, {"lr": 1.9}), (cp.momentum, {"lr": 3.0, "beta": 0.7})):
        straight = cp.walk(rule, lambda v: H @ v, w, 40, **settings)
        turned = cp.walk(rule, lambda v: R @ H @ R.T @ v, R @ w, 40, **settings)
        assert turned == pytest.approx(straight @ R.T)
    for rule, settings in ((cp.adagrad, {"lr": 0.7}), (cp.adam, {"lr": 0.1, "beta1": 0.9, "beta2": 0.99})):
        straight = cp.walk(rule, lambda v: H @ v, w, 40, **settings)
        turned = cp.walk(rule, lambda v: R @ H @ R.T @ v, R @ w, 40, **settings)
        assert abs(turned - straight @ R.T).max() > 0.1


def test_race(cp, out):
    rng = np.random.default_rng(1)
    angle = rng.uniform(0, 2 * np.pi, 20)
    starts = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    turns = {"along the axes": np.zeros(20), "45 degrees": np.full(20, np.pi / 4)}
    turns["any angle"] = rng.uniform(0, np.pi, 20)
    rules = [cp.plain, cp.momentum, cp.adagrad, cp.rmsprop, cp.adam]
    assert out[40].split() == [rule.__name__ for rule in rules]
    middle = {}
    for row, (turn, phi) in enumerate(turns.items()):
        for rule in rules:
            name = rule.__name__
            counts = []
            for k in range(20):
                R = rotation(phi[k])
                H = R @ np.diag([1, 0.01]) @ R.T
                counts.append(min(351, count(cp, rule, H, R @ starts[k], 350, **cp.chosen[name, turn])))
            assert cp.needed[name, turn] == pytest.approx(np.array(counts), rel=0.03, abs=1)  # rounding
            middle[name, turn] = np.median(counts)
        assert out[41 + row] == f"{turn:14}" + "".join(
            f" {np.median(cp.needed[rule.__name__, turn]):{len(rule.__name__)}.4g}" for rule in rules
        )
    for settings in cp.sixty_four.values():
        assert {len(v) for v in settings.values()} == {64}
    for turn in turns:
        assert middle["plain", turn] == middle["plain", "any angle"]
        assert middle["momentum", turn] == middle["momentum", "any angle"] < 32
        assert np.array_equal(cp.needed["momentum", turn], cp.needed["momentum", "any angle"])
    assert cp.needed["adagrad", "along the axes"].max() == 6 and cp.needed["rmsprop", "along the axes"].max() == 4
    assert middle["adam", "along the axes"] < middle["momentum", "along the axes"]
    for turn in ("45 degrees", "any angle"):
        assert middle["momentum", turn] < middle["adam", turn] < min(middle["adagrad", turn], middle["rmsprop", turn])
    assert min(middle["adagrad", "45 degrees"], middle["rmsprop", "45 degrees"]) > middle["plain", "45 degrees"]


def test_no_chosen_rate_lies_at_the_edge_of_its_grid(cp):
    for (name, _), best in cp.chosen.items():
        rates = cp.sixty_four[getattr(cp, name)]["lr"]
        assert rates.min() < best["lr"] < rates.max()
        if name == "momentum":
            betas = cp.sixty_four[cp.momentum]["beta"]
            assert betas.min() < best["beta"] < betas.max()


def test_a_longer_ravine_tells_the_same_story(cp):
    """Condition number 1000, turned by 45 degrees: Polyak's momentum against Adam and Adagrad over a sweep of rates."""
    R = rotation(np.pi / 4)
    H, w = R @ np.diag([1, 1e-3]) @ R.T, R @ np.array([0.6, 0.8])
    root = np.sqrt(1000)
    beta = ((root - 1) / (root + 1)) ** 2
    tuned = count(cp, cp.momentum, H, w, 800, lr=(1 + np.sqrt(beta)) ** 2, beta=beta)
    assert tuned < 200
    for beta2 in (0.9, 0.99, 0.999):
        for lr in np.geomspace(0.01, 3, 12):
            assert count(cp, cp.adam, H, w, 800, lr=lr, beta1=0.9, beta2=beta2) > tuned
    for lr in np.geomspace(0.1, 3, 8):
        assert count(cp, cp.adagrad, H, w, 800, lr=lr) > 700


def test_race_figure(chapter, cp):
    for ax, turn, phi in zip(chapter.figures[7].axes, ("along the axes", "45 degrees"), (0, np.pi / 4), strict=True):
        R = rotation(phi)
        H = R @ np.diag([1, 0.01]) @ R.T
        for line, name, color in zip(ax.lines, ("momentum", "adam", "adagrad"), ("C1", "C2", "C5"), strict=False):
            path = cp.walk(getattr(cp, name), lambda w: H @ w, R @ [0.6, 0.8], 40, **cp.chosen[name, turn])  # noqa: B023
            assert np.array(xy(line)).T == pytest.approx(path) and look(line)[0] == color
        end = np.array([np.array(xy(line))[:, -1] for line in ax.lines[:3]])
        assert np.linalg.norm(end[0]) < 0.01  # momentum arrives in both
        assert (np.linalg.norm(end[2]) > 0.1) == (turn == "45 degrees")  # Adagrad creeps in the turned one
        assert look(ax.lines[3])[2] == "*"


# exercises


def test_exercise_1(cp, out):
    assert out[44] == "Hessian at 0: undecided 0.0"
    assert out[45] == "0.1 along (1, 1, 1): 0.998001  along (1, 1, -1): 1.002001"
    for w in np.random.default_rng(0).normal(size=(5, 3)):
        slopes = numerical_gradient(lambda v: (1 - v[0] * v[1] * v[2]) ** 2, w)
        assert cp.deep_gradient(w) == pytest.approx(slopes, abs=1e-5)
    for row, start in enumerate((0.04, 0.02, 0.01)):
        w, updates = start, 0
        while (1 - w**3) ** 2 > 0.5:
            w += 2 * 0.05 * w**2 * (1 - w**3)
            updates += 1
        law = 1 / (2 * 0.05 * start)
        assert out[46 + row] == f"from {start}: {updates} updates, law {law:.0f}" and cp.deep_leaving[start] == updates
        assert updates == pytest.approx(law, rel=0.05)


def test_exercise_2(cp, out):
    rng = np.random.default_rng(7)
    for d in range(1, 5):
        A = rng.normal(size=(10_000, d, d))
        share = np.mean([np.all(np.linalg.eigvalsh(a + a.T) > 0) for a in A])
        assert cp.positive[d] == pytest.approx(share, abs=4 * np.sqrt(share / 10_000) + 0.001)
        assert out[48 + d] == f"d = {d}: all positive {cp.positive[d]:.4f}, coins {0.5**d:.4f}"
        assert d == 1 or cp.positive[d] < 0.7 * 0.5**d
    assert cp.positive[2] == pytest.approx((2 - np.sqrt(2)) / 4, abs=0.012)  # the exact value for d = 2


def test_exercise_3(cp, out):
    assert out[53] == "Adagrad, steps 1, 4, 100: [-0.1  -0.05 -0.01]"
    assert out[54] == "Adam, steps 1, 4, 100: [-0.1 -0.1 -0.1]"
    bare = [(1 - 0.9**t) / np.sqrt(1 - 0.999**t) for t in (1, 4, 100)]
    assert out[55] == "without the correction, times lr: " + str(np.round(bare, 2))
    assert bare[0] == pytest.approx(0.1 / np.sqrt(0.001)) and f"{bare[0]:.1f}" == "3.2"


def test_exercise_4(cp, out):
    def updates(rule, seed, cap, **settings):
        w, state = np.random.default_rng(seed).normal(0, 1 / 8, 1210), {"t": 0, "m": 0.0, "v": 0.0}
        for t in range(cap):
            loss, g = cp.loss_and_grad(w)
            if loss < 0.05:
                return t
            state["t"] += 1
            w = w + rule(g, state, **settings)
        return cap

    best = {cp.momentum: {"lr": 1.2, "beta": 0.9}, cp.adam: {"lr": 0.08, "beta1": 0.8, "beta2": 0.99}}
    row = 56
    for rule, settings in best.items():
        assert len(cp.tries[rule]) == 9
        assert out[row] == " ".join([rule.__name__, *(f"{k} {v}" for k, v in settings.items())])
        for name in settings:  # inside the grid, except for beta2, which has one value
            values = sorted({s[name] for s in cp.tries[rule]})
            assert name == "beta2" or values[0] < settings[name] < values[-1]
            assert name != "lr" or np.diff(np.log2(values)) == pytest.approx(1)  # grids of the same width
        one = [updates(rule, seed, 40, **settings) for seed in range(100, 120)]
        two = [updates(rule, seed, 40, **{**settings, "lr": 2 * settings["lr"]}) for seed in range(100, 120)]
        assert cp.digit_race[rule.__name__] == one and cp.double[rule.__name__] == two
        assert out[row + 1] == f"  best: median {np.median(one):.0f}, {min(one)} to {max(one)}"
        assert out[row + 2] == f"  twice the rate: median {np.median(two):.0f}, {min(two)} to {max(two)}"
        row += 3
    assert abs(np.median(cp.digit_race["momentum"]) - np.median(cp.digit_race["adam"])) <= 1
    assert max(cp.double["momentum"]) == 40 and max(cp.double["adam"]) < 20 and len(out) == 62
