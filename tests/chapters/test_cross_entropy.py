"""Chapter `cross-entropy`: every number and every claim of the page, by a second way where there is one."""

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
from numerical_gradient import numerical_gradient
from sklearn.datasets import load_digits

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

SCRIPT = Path(__file__).parents[2] / "snippets" / "cross_entropy.py"
SCORES = [math.log(v) for v in (1, 3, 4, 1, 1)]
PROBABILITIES = [0.1, 0.3, 0.4, 0.1, 0.1]
LABEL = np.array([0.0, 0, 1, 0, 0])


@pytest.fixture(scope="module")
def chapter():
    """The chapter, run from top to bottom: its names, what it printed, its figures in order."""
    plt.close("all")
    spec = importlib.util.spec_from_file_location("cross_entropy_chapter", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        spec.loader.exec_module(module)
    figures = [plt.figure(number) for number in plt.get_fignums()]
    yield SimpleNamespace(names=module, out=out.getvalue().splitlines(), figures=figures)
    plt.close("all")


@pytest.fixture(scope="module")
def ce(chapter):
    return chapter.names


def printed(chapter, start: str) -> list[str]:
    """What follows `start` in each line that begins with it."""
    return [line[len(start):].strip() for line in chapter.out if line.startswith(start)]


def softmax(z) -> list[float]:
    """Plain reference, one example."""
    e = [math.exp(v) for v in z]
    return [v / sum(e) for v in e]


def cost(z, y) -> float:
    """Plain reference: the cross-entropy of one example, term by term."""
    return -sum(t * math.log(p) for t, p in zip(y, softmax(z), strict=True) if t > 0)


def test_there_are_four_figures(chapter):
    assert len(chapter.figures) == 4


# --- softmax (S4-02, S4-03) ---------------------------------------------------------------------------


def test_one_hot(chapter, ce):
    assert chapter.out[:3] == ["[[0. 0. 1. 0. 0.]", " [1. 0. 0. 0. 0.]", " [0. 0. 0. 0. 1.]]"]
    assert printed(chapter, "row sums") == ["[1. 1. 1.] argmax [2 0 4]"]
    assert ce.classes.tolist() == [2, 0, 4]


def test_softmax_by_hand(ce):
    assert ce.z == pytest.approx(SCORES) and ce.softmax(ce.z) == pytest.approx(PROBABILITIES)


def test_softmax_is_the_formula_row_by_row(ce):
    z = np.random.default_rng(5).normal(0, 3, (2, 6, 4))
    p = ce.softmax(z)
    assert p.shape == z.shape and np.all(p > 0)
    assert p.sum(axis=-1) == pytest.approx(np.ones((2, 6)))
    for i in np.ndindex(2, 6):
        assert p[i] == pytest.approx(softmax(z[i]))


@pytest.mark.parametrize("shift", [-1000, -3.5, 2, 1000, 1e6])
def test_shift_changes_nothing_and_does_not_overflow(ce, shift):
    with np.errstate(all="raise", under="ignore"):
        assert ce.softmax(ce.z + shift) == pytest.approx(PROBABILITIES, rel=1e-9)
        assert ce.cross_entropy(ce.z + shift, LABEL) == pytest.approx(-math.log(0.4), rel=1e-9)


def test_each_row_is_shifted_by_its_own_maximum(ce):
    assert ce.softmax(np.array([[1000.0, 1000.0], [0.0, 0.0]])) == pytest.approx(np.full((2, 2), 0.5))
    costs = ce.cross_entropy(np.array([[1000.0, 1000.0], [0.0, 0.0]]), np.array([1.0, 0.0]))
    assert costs == pytest.approx([math.log(2)] * 2)


def test_as_written_fails_near_1000(chapter):
    five = "[0.1 0.3 0.4 0.1 0.1]"
    assert printed(chapter, "shift 0: as written") == [f"{five}, stable {five}"]
    assert printed(chapter, "shift 1000: as written") == [f"[nan nan nan nan nan], stable {five}"]
    assert 1.79e308 < np.finfo(np.float64).max < 1.8e308


# --- the loss (S0-29, S0-31, S4-04, Q13, Q14, Q17) ----------------------------------------------------


def test_cross_entropy_of_the_example(ce):
    assert ce.cross_entropy(ce.z, LABEL) == pytest.approx(-math.log(0.4)) == pytest.approx(0.9163, abs=5e-5)


def test_cross_entropy_is_the_formula(ce):
    rng = np.random.default_rng(6)
    Z, Y = rng.normal(0, 3, (7, 4)), rng.dirichlet(np.ones(4), 7)  # labels need not be one-hot
    assert ce.cross_entropy(Z, Y) == pytest.approx([cost(z, y) for z, y in zip(Z, Y)])
    log_p = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    assert np.log(ce.softmax(Z)) == pytest.approx(log_p)


def test_one_cost_per_example_and_their_sum_is_minus_the_log_likelihood(chapter, ce):
    assert ce.C.shape == (3,)  # "C has the shape (N,)"
    assert ce.C == pytest.approx([-math.log(0.4), -math.log(0.1), -math.log(0.1)])
    assert ce.likelihood == pytest.approx(0.4 * 0.1 * 0.1)
    assert printed(chapter, "C =") == ["[0.9163 2.3026 2.3026], sum 5.5215; -ln(likelihood) = 5.5215"]


def test_the_product_underflows_the_sum_does_not(chapter):
    assert printed(chapter, "1000 such examples:") == [f"likelihood 0.0, loss {-1000 * math.log(0.4):.1f}"]


def test_sure_and_wrong_stays_finite(chapter, ce):
    assert printed(chapter, "sure and wrong") == [", scores 1000 and 0: C = 1000.0"]
    assert ce.softmax(np.array([1000.0, 0.0]))[1] == 0  # "would have given the true class exactly 0"


def test_chance_level(chapter, ce):
    for K, value in ((2, "0.6931"), (5, "1.6094"), (10, "2.3026")):
        assert printed(chapter, f"K = {K}: equal scores cost") == [value] == [f"{math.log(K):.4f}"]


def test_minus_log_falls_from_above_to_zero(chapter):
    (ax,) = chapter.figures[0].axes
    curve, *dots = ax.lines
    p, height = curve.get_data()
    assert p[-1] == 1 and height[-1] == 0 and p[0] > 0
    assert height == pytest.approx([-math.log(v) for v in p])
    assert np.all(height >= 0) and np.all(np.diff(height) < 0)
    assert [(float(x.get_xdata()[0]), float(x.get_ydata()[0])) for x in dots] == [
        (pytest.approx(1 / K), pytest.approx(math.log(K))) for K in (2, 5, 10)]
    assert [text.get_text() for text in ax.texts] == ["K = 2", "K = 5", "K = 10"]
    for text, K in zip(ax.texts, (2, 5, 10), strict=True):  # each beside its own dot
        assert text.get_position() == pytest.approx((1 / K, math.log(K)), abs=0.15)
        assert text.get_position()[0] > 1 / K and text.get_position()[1] > math.log(K)


# --- entropy (S0-30, Q15, E17) ------------------------------------------------------------------------


def test_H_is_the_formula(ce):
    rng = np.random.default_rng(7)
    for y, p in rng.dirichlet(np.ones(4), (20, 2)):
        assert ce.H(y, p) == pytest.approx(-sum(a * math.log(b) for a, b in zip(y, p)))
    assert ce.H(LABEL, np.array(PROBABILITIES)) == pytest.approx(-math.log(0.4))


def test_zero_times_log_zero_is_zero(ce):
    with np.errstate(all="raise"):
        assert ce.H(LABEL, LABEL) == 0
        assert ce.H(np.array([0.5, 0.5, 0]), np.array([0.5, 0.5, 0])) == pytest.approx(math.log(2))


def test_cross_entropy_is_never_below_entropy(chapter, ce):
    """Over 2000 random beliefs, and the excess is the KL divergence."""
    y = np.array(PROBABILITIES)
    assert np.array_equal(ce.y, y)
    assert ce.P.shape == (2000, 5) and ce.P.sum(axis=1) == pytest.approx(np.ones(2000)) and np.all(ce.P > 0)
    entropy = -sum(v * math.log(v) for v in y)
    assert np.all(ce.H(y, ce.P) >= entropy) and np.all(ce.KL >= 0)
    kl = [sum(a * math.log(a / b) for a, b in zip(y, p)) for p in ce.P]
    assert ce.KL == pytest.approx(kl) and ce.excess == pytest.approx(kl, abs=1e-12)
    lowest = min(entropy + v for v in kl)
    assert printed(chapter, "H(y) =") == [f"{entropy:.4f}; lowest H(y, p) of 2000: {lowest:.4f}"]
    (off,) = printed(chapter, "H(y, p) - H(y) equals KL within")
    assert 0 <= float(off) < 1e-12


def test_log_is_below_its_tangent():
    x = np.linspace(0.01, 5, 500)
    assert np.all(np.log(x) <= x - 1) and math.log(1) == 0


def test_one_hot_labels_have_no_entropy(ce):
    y = np.eye(5)[3]
    for p in ce.P[:20]:
        assert ce.H(y, y) == 0 and ce.H(y, p) == pytest.approx(-math.log(p[3]))


def test_low_entropy_is_not_precision(chapter, ce):
    rows = {name: printed(chapter, f"{name:11}: H(p) =")[0] for name in ("sure, right", "no idea", "sure, wrong")}
    low = -0.996 * math.log(0.996) - 4 * 0.001 * math.log(0.001)
    assert rows["sure, right"] == f"{low:.3f}, C = {-math.log(0.996):.3f}"
    assert rows["sure, wrong"] == f"{low:.3f}, C = {-math.log(0.001):.3f}"
    assert rows["no idea"] == f"{math.log(5):.3f}, C = {math.log(5):.3f}"
    assert low < 0.05 and -math.log(0.001) > 5  # low entropy, cross-entropy above 5
    for p in ce.guesses.values():
        assert p.sum() == pytest.approx(1)
    assert ce.guesses["sure, right"].argmax() == 2 == ce.label.argmax() != ce.guesses["sure, wrong"].argmax()


def test_entropy_figure(chapter, ce):
    left, right = chapter.figures[1].axes
    bowl, level, dot = left.lines
    p1, height = bowl.get_data()
    assert height == pytest.approx([-0.7 * math.log(v) - 0.3 * math.log(1 - v) for v in p1])
    entropy = -0.7 * math.log(0.7) - 0.3 * math.log(0.3)
    assert np.ravel(level.get_ydata()) == pytest.approx([entropy] * 2)
    assert (np.ravel(dot.get_xdata())[0], np.ravel(dot.get_ydata())[0]) == pytest.approx((0.7, entropy))
    assert height.min() == pytest.approx(entropy, abs=1e-3) and p1[height.argmin()] == pytest.approx(0.7, abs=0.01)
    good, bad, *marks = right.lines
    assert (good.get_color(), bad.get_color()) == ("C0", "C3")
    shown = ce.P[:500]
    correct = shown.argmax(axis=1) == 2
    for line, group in ((good, shown[correct]), (bad, shown[~correct])):
        assert line.get_xdata() == pytest.approx([-(p * np.log(p)).sum() for p in group])
        assert line.get_ydata() == pytest.approx([-math.log(p[2]) for p in group])
    assert [mark.get_marker() for mark in marks] == ["o", "s", "X"]
    for mark, p in zip(marks, ce.guesses.values(), strict=True):
        x, y = np.ravel(mark.get_xdata())[0], np.ravel(mark.get_ydata())[0]
        assert (x, y) == pytest.approx((-(p * np.log(p)).sum(), -math.log(p[2])))
        assert x < math.log(5) + 1e-9 and right.get_ylim()[0] < y < right.get_ylim()[1]


def test_low_entropy_costs_little_or_much(ce):
    """"There is no middle": near entropy 0 no prediction costs a medium amount."""
    entropies = np.array([-(p * np.log(p)).sum() for p in ce.P])
    costs = -np.log(ce.P[entropies < 0.2][:, 2])
    assert np.any(costs < 0.2) and np.any(costs > 2.5) and not np.any((0.2 < costs) & (costs < 2.5))


# --- gradient and Hessian -----------------------------------------------------------------------------


def test_gradient_is_p_minus_y(chapter, ce):
    assert printed(chapter, "gradient [") == ["0.1  0.3 -0.6  0.1  0.1]"]
    rng = np.random.default_rng(8)
    for z, y in zip(rng.normal(0, 2, (20, 5)), rng.dirichlet(np.ones(5), 20)):
        numeric = numerical_gradient(lambda z, y=y: cost(z, y), z)
        assert ce.gradient(z, y) == pytest.approx(numeric, abs=1e-8)
        assert ce.gradient(z, y).sum() == pytest.approx(0, abs=1e-12)


def test_hessian_is_diag_minus_outer(ce):
    for z in np.random.default_rng(9).normal(0, 2, (10, 4)):
        p = softmax(z)
        by_entry = [[p[i] * ((i == k) - p[k]) for k in range(4)] for i in range(4)]
        assert ce.hessian(z) == pytest.approx(np.array(by_entry))
        rows = [numerical_gradient(lambda z, i=i: softmax(z)[i], z) for i in range(4)]
        assert ce.hessian(z) == pytest.approx(np.array(rows), abs=1e-8)


def test_hessian_is_a_variance_and_flat_along_the_shift(ce):
    rng = np.random.default_rng(10)
    for z, v in zip(rng.normal(0, 2, (20, 5)), rng.normal(size=(20, 5))):
        p, H = np.array(softmax(z)), ce.hessian(z)
        assert v @ H @ v == pytest.approx((p * (v - (p * v).sum()) ** 2).sum()) and v @ H @ v > 0
        values = np.linalg.eigvalsh(H)
        assert values[0] == pytest.approx(0, abs=1e-12) and values[1] > 1e-6  # flat in one direction only
        assert H @ np.ones(5) == pytest.approx(np.zeros(5), abs=1e-12)


def test_gradient_block_reports_its_checks(chapter, ce):
    assert 0 < ce.off_gradient < 1e-8 and 0 < ce.off_hessian < 1e-8 and -1e-12 < ce.lowest <= 0
    worst_gradient, worst_hessian = 0.0, 0.0
    for z in np.random.default_rng(1).normal(0, 3, (100, 5)):
        p = np.array(softmax(z))
        numeric = numerical_gradient(lambda z: ce.cross_entropy(z, LABEL), z)
        worst_gradient = max(worst_gradient, abs(p - LABEL - numeric).max())
        rows = [numerical_gradient(lambda z, i=i: ce.softmax(z)[i], z) for i in range(5)]
        worst_hessian = max(worst_hessian, abs(np.diag(p) - np.outer(p, p) - rows).max())
    assert ce.off_gradient == pytest.approx(worst_gradient, rel=0.01)
    assert ce.off_hessian == pytest.approx(worst_hessian, rel=0.01)
    assert printed(chapter, "100 random scores:") == [
        f"gradient within {ce.off_gradient:.0e}, Hessian within {ce.off_hessian:.0e}"]
    assert printed(chapter, "lowest eigenvalue of all") == [f"{ce.lowest:.0e}"]
    assert printed(chapter, "Hessian times ones") == ["[0. 0. 0. 0. 0.]"]
    (row,) = printed(chapter, "eigenvalues at z")
    p = np.array(PROBABILITIES)
    expected = np.sort(np.linalg.eigvals(np.diag(p) - np.outer(p, p)).real)
    assert [float(v) for v in row.strip("[]").split()] == pytest.approx(expected, abs=1e-6)


# --- squared error (Q16, E18) -------------------------------------------------------------------------


def squared_formula(z, y) -> list[float]:
    """The page's formula, entry by entry."""
    p = softmax(z)
    common = sum(a * (a - b) for a, b in zip(p, y, strict=True))
    return [2 * a * ((a - b) - common) for a, b in zip(p, y, strict=True)]


def test_gradient_of_squared_error(chapter, ce):
    rng = np.random.default_rng(11)
    for z, y in zip(rng.normal(0, 2, (10, 4)), np.eye(4)[rng.integers(0, 4, 10)]):
        numeric = numerical_gradient(lambda z, y=y: sum((np.array(softmax(z)) - y) ** 2), z)
        assert ce.squared_gradient(z, y) == pytest.approx(numeric, abs=1e-8)
        assert squared_formula(z, y) == pytest.approx(numeric, abs=1e-8)
    (off,) = printed(chapter, "gradient of the squared error within")
    assert 0 < float(off) < 1e-8


def test_two_classes(ce):
    for d in (-5.0, -0.7, 0.0, 3.0):
        p, y = 1 / (1 + math.exp(-d)), np.array([1.0, 0.0])
        assert ce.gradient(np.array([d, 0.0]), y)[0] == pytest.approx(-(1 - p))
        assert ce.squared_gradient(np.array([d, 0.0]), y)[0] == pytest.approx(-4 * p * (1 - p) ** 2)


def test_first_slopes_from_a_confidently_wrong_start(chapter, ce):
    assert ce.start.tolist() == [-6, 6, 0] and ce.first.tolist() == [1, 0, 0]
    p = softmax(ce.start)
    assert p[0] == pytest.approx(math.exp(-12), rel=0.01) and p[1] > 0.99
    slopes = ce.squared_gradient(ce.start, ce.first)
    assert slopes[0] == pytest.approx(-4 * p[0], rel=0.02) and abs(slopes).max() < 0.005
    assert printed(chapter, "cross-entropy: slopes") == [" ".join(f"{a - b:+.1e}" for a, b in zip(p, (1, 0, 0)))]
    by_formula = squared_formula(ce.start, (1, 0, 0))
    assert printed(chapter, "squared error: slopes") == [" ".join(f"{v:+.1e}" for v in by_formula)]


def run(slope, lr: float = 1.0, steps: int = 200) -> tuple[list[float], list[float]]:
    """Probability of the first class along a run from (-6, 6, 0), and the scores at the end."""
    z, path = [-6.0, 6.0, 0.0], []
    for _ in range(steps + 1):
        path.append(softmax(z)[0])
        last, z = z, [a - lr * g for a, g in zip(z, slope(z, (1, 0, 0)), strict=True)]
    return path, last


def ce_slope(z, y) -> list[float]:
    return [a - b for a, b in zip(softmax(z), y, strict=True)]


def test_two_hundred_steps(chapter, ce):
    paths = {"cross-entropy": run(ce_slope)[0], "squared error": run(squared_formula)[0]}
    assert paths["cross-entropy"][-1] > 0.99 and paths["squared error"][-1] < 1e-4
    assert max(paths["squared error"]) < 1e-4  # "stays below 1e-4"
    assert paths["cross-entropy"][15] > 0.9  # "within a dozen steps" or so
    left, _ = chapter.figures[2].axes
    assert left.get_yscale() == "log"
    for line, (name, path) in zip(left.lines, paths.items(), strict=True):
        assert ce.paths[name] == pytest.approx(path)
        assert line.get_ydata() == pytest.approx(path)
        assert printed(chapter, f"{name}: p(true)") == [f"{path[0]:.1e} -> {path[-1]:.3g}"]


def test_squared_error_only_shares_out_the_wrong_probability():
    p = softmax(run(squared_formula)[1])
    assert p[1:] == pytest.approx([0.5, 0.5], abs=1e-3)


@pytest.mark.parametrize("lr", [5, 100])
def test_a_larger_rate_is_no_rescue(chapter, lr):
    path, z = run(squared_formula, lr)
    assert path[-1] < 1e-4
    assert lr < 100 or max(softmax(z)[1:]) > 0.99  # sure of a wrong class
    assert printed(chapter, f"squared error with lr {lr}: p(true) ->") == [f"{path[-1]:.1e}"]


def test_pulls_figure(chapter):
    _, right = chapter.figures[2].axes
    lines = {line.get_label(): line.get_data() for line in right.lines}
    assert list(lines) == ["cross-entropy", "squared error"]
    d, pull = lines["cross-entropy"]
    p = 1 / (1 + np.exp(-d))
    assert (d[0], d[-1]) == (-8, 8)
    assert pull == pytest.approx(1 - p) and np.all(np.diff(pull) < 0)
    d, pull = lines["squared error"]
    assert pull == pytest.approx(4 * p * (1 - p) ** 2)
    assert -1.5 < d[pull.argmax()] < -0.5 and max(pull[0], pull[-1]) < 0.01
    legend = right.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == list(lines)


def test_squared_error_is_not_convex():
    """Slope growing in size towards the minimum: the chord between two points lies below the curve."""
    def S(d):
        p = softmax([d, 0.0])
        return (p[0] - 1) ** 2 + p[1] ** 2
    assert S(-5) > (S(-8) + S(-2)) / 2
    assert cost([-5, 0], [1, 0]) < (cost([-8, 0], [1, 0]) + cost([-2, 0], [1, 0])) / 2


# --- the linear classifier; sum and mean (S4-05) ------------------------------------------------------


def test_loss_and_gradients_of_the_classifier(chapter, ce):
    rng = np.random.default_rng(12)
    X, Y = rng.normal(size=(5, 3)), np.eye(4)[rng.integers(0, 4, 5)]
    W, b = rng.normal(size=(3, 4)), rng.normal(size=4)

    def total(W, b):
        return sum(cost([sum(x[j] * W[j, k] for j in range(3)) + b[k] for k in range(4)], y) for x, y in zip(X, Y))

    assert ce.loss(W, b, X, Y) == pytest.approx(total(W, b) / 5)
    dW, db = ce.sum_gradients(W, b, X, Y)
    assert dW == pytest.approx(numerical_gradient(lambda W: total(W, b), W), abs=1e-8)
    assert db == pytest.approx(numerical_gradient(lambda b: total(W, b), b), abs=1e-8)
    one_by_one = [ce.sum_gradients(W, b, X[n : n + 1], Y[n : n + 1]) for n in range(5)]
    assert dW == pytest.approx(sum(grad for grad, _ in one_by_one))  # gradient of the sum = sum of gradients
    (off,) = printed(chapter, "gradients of W and b within")
    assert 0 < float(off) < 1e-7


def test_descend_is_gradient_descent(ce):
    rng = np.random.default_rng(13)
    X, Y = rng.normal(size=(8, 3)), np.eye(2)[rng.integers(0, 2, 8)]
    for reduce, scale in (("sum", 1), ("mean", 1 / 8)):
        W, b = np.zeros((3, 2)), np.zeros(2)
        for _ in range(5):
            error = np.array([softmax(z) for z in X @ W + b]) - Y
            W, b = W - 0.3 * scale * X.T @ error, b - 0.3 * scale * error.sum(axis=0)
        found = ce.descend(X, Y, 0.3, 5, reduce)
        assert found[0] == pytest.approx(W) and found[1] == pytest.approx(b)


def test_accuracy(ce):
    X, Y = np.eye(3), np.eye(3)[[0, 1, 1]]
    assert ce.accuracy(np.eye(3), np.zeros(3), X, Y) == pytest.approx(2 / 3)
    assert ce.accuracy(np.eye(3), np.array([0.0, 0, 9]), X, Y) == 0


def test_digits_are_split_once(ce):
    images, numbers = load_digits(return_X_y=True)
    (X, Y), (X_test, Y_test) = ce.train, ce.test
    assert ce.N == len(X) == len(Y) == 1200 and len(X) + len(X_test) == len(images) == 1797
    assert 0.3 < len(X_test) / len(images) < 0.35  # "the last third"
    assert X.min() == 0 and X.max() == 1 and np.array_equal(np.sort(ce.order), np.arange(1797))
    every = np.concatenate([X, X_test]) * 16
    assert np.array_equal(every, images[ce.order])
    assert np.array_equal(np.concatenate([Y, Y_test]).argmax(axis=1), numbers[ce.order])
    assert Y.shape == (1200, 10) and np.array_equal(Y.sum(axis=1), np.ones(1200))


def digit_losses(ce, reduce, lr):
    """After 10 and after 30 steps, by a plain loop over steps; and the weights."""
    X, Y = ce.train
    found = []
    W, b = np.zeros((64, 10)), np.zeros(10)
    for step in range(30):
        e = np.exp(X @ W + b - (X @ W + b).max(axis=1, keepdims=True))
        error = e / e.sum(axis=1, keepdims=True) - Y
        scale = lr / len(X) if reduce == "mean" else lr
        W, b = W - scale * X.T @ error, b - scale * error.sum(axis=0)
        if step + 1 in (10, 30):
            z = X @ W + b
            z = z - z.max(axis=1, keepdims=True)
            found.append(float(np.mean(np.log(np.exp(z).sum(axis=1)) - (z * Y).sum(axis=1))))
    return found, W, b


def test_same_path_with_the_rate_divided_by_n(chapter, ce):
    assert printed(chapter, "before: loss") == ["2.3026, ln 10 = 2.3026"]
    assert ce.start_loss == pytest.approx(math.log(10))
    (ten, thirty), W, b = digit_losses(ce, "mean", 0.5)
    for key in (("mean", 0.5), ("sum", 0.5 / 1200)):
        assert ce.fits[key][0] == pytest.approx(W, abs=1e-10) and ce.fits[key][1] == pytest.approx(b, abs=1e-10)
    X, Y = ce.test
    right = np.mean((X @ W + b).argmax(axis=1) == Y.argmax(axis=1))
    row = f"after 10 steps loss {ten:.3f}, after 30 {thirty:.3f}, test accuracy {right:.3f}"
    assert printed(chapter, "mean, lr 0.5:") == printed(chapter, "sum, lr 0.000417:") == [row]
    (apart,) = printed(chapter, "weights of the first two apart by at most")
    assert float(apart) < 1e-12 and thirty < math.log(10) / 2 and right > 0.88


def test_the_rate_of_the_mean_is_too_large_for_the_sum(chapter, ce):
    W, b = ce.fits["sum", 0.5]
    (row,) = printed(chapter, "sum, lr 0.5:")
    early, late, right = (float(part.split()[-1]) for part in row.split(", "))
    assert early > 100 * math.log(10)  # "the loss leaps far above chance"
    assert late == pytest.approx(ce.loss(W, b, *ce.train), abs=1e-3)
    assert late > 2 * math.log(10)
    assert right == pytest.approx(ce.accuracy(W, b, *ce.test), abs=1e-3)
    assert right > ce.accuracy(*ce.fits["mean", 0.5], *ce.test)  # and yet "higher"
    X, Y = ce.train
    wrong = (X @ W + b).argmax(axis=1) != Y.argmax(axis=1)
    costs = ce.cross_entropy(X @ W + b, Y)
    assert costs[wrong].sum() > 0.98 * costs.sum()  # so loss / share of wrong ones is what each of them costs
    assert costs[wrong].mean() > 30


# --- only the sum vanishes (S0-32, Q18, E19) ----------------------------------------------------------


def test_least_squares_by_hand(chapter):
    assert np.mean([1, 2, 6]) == 3
    slopes = [2 * (3 - label) for label in (1, 2, 6)]
    assert slopes == [4, 2, -6] and sum(slopes) == 0
    assert [int(v) for v in printed(chapter, "squares:")[0].strip("[]").split()] == slopes


def test_gradients_balance_without_vanishing(chapter, ce):
    assert ce.G.shape == (10, 5)
    assert ce.softmax(ce.b_only) == pytest.approx(PROBABILITIES, abs=1e-12)
    labels = [0, 1, 1, 1, 2, 2, 2, 2, 3, 4]
    for grad, k in zip(ce.G, labels, strict=True):
        assert grad == pytest.approx([p - (i == k) for i, p in enumerate(PROBABILITIES)], abs=1e-12)
    assert abs(ce.G.sum(axis=0)).max() < 1e-12
    assert ce.norms == pytest.approx([math.hypot(*grad) for grad in ce.G])
    assert ce.norms.max() > 1 and ce.norms.min() > 0.6
    assert printed(chapter, "p [0.1 0.3 0.4") == ["0.1 0.1]"]
    (off,) = printed(chapter, "largest entry of the sum")
    assert float(off) < 1e-12
    shown = "[" + " ".join(f"{v:.2f}" for v in ce.norms) + "]"
    assert printed(chapter, "norm of each gradient") == [shown]


def test_the_loss_that_remains_is_the_entropy_of_the_frequencies(chapter):
    entropy = -sum(v * math.log(v) for v in PROBABILITIES)
    assert printed(chapter, "mean loss") == [f"{entropy:.4f}, H(frequencies) {entropy:.4f}"]


# --- features (S0-28) ---------------------------------------------------------------------------------


def test_hidden_units(ce):
    h = ce.hidden(np.array([[1.0, 1], [-1, -1], [1, -1], [-2, 0.5]]), ce.W1)
    assert h == pytest.approx(np.array([[2.0, 0], [0, 2], [0, 0], [0, 1.5]]))


def test_xor_cannot_be_split_on_raw_coordinates(chapter, ce):
    corners = [[1, 1], [-1, -1], [1, -1], [-1, 1]]
    assert ce.corners.tolist() == corners and ce.X.shape == (200, 2) and ce.Y.sum(axis=0).tolist() == [100, 100]
    for k, corner in enumerate(corners):
        cloud = slice(50 * k, 50 * k + 50)
        assert ce.X[cloud].mean(axis=0) == pytest.approx(corner, abs=0.15)
        assert 0.2 < ce.X[cloud].std() if k < 2 else True
        assert np.all(ce.Y[cloud].argmax(axis=1) == (0, 0, 1, 1)[k])
    (raw,), (features,) = printed(chapter, "raw: loss"), printed(chapter, "features: loss")
    raw_loss, raw_right = (float(part.split()[-1]) for part in raw.split(","))
    loss, right = (float(part.split()[-1]) for part in features.split(","))
    assert raw_loss == pytest.approx(math.log(2), abs=0.01) and raw_right == pytest.approx(0.5, abs=0.05)
    assert loss < 0.05 and right > 0.98
    (W, b) = ce.outputs["features"]
    assert ce.loss(W, b, ce.hidden(ce.X, ce.W1), ce.Y) == pytest.approx(loss, abs=1e-4)
    (W, b) = ce.outputs["raw"]
    dW, db = ce.sum_gradients(W, b, ce.X, ce.Y)
    assert max(abs(dW).max(), abs(db).max()) < 1e-6  # convex, slope zero: no line does better


def test_zero_slope_is_not_enough(chapter, ce):
    """The network with all parameters zero: a critical point above a loss that the same network reaches."""
    (row,) = printed(chapter, "all ten zero: slope")
    slope, level = row.split(", loss ")
    assert float(slope) < 1e-9 and float(level) == pytest.approx(math.log(2), abs=1e-4)
    W, b = ce.outputs["features"]
    v = np.concatenate([ce.W1.ravel(), W.ravel(), b])
    assert v.size == 10 and ce.network_loss(v) == pytest.approx(ce.loss(W, b, ce.hidden(ce.X, ce.W1), ce.Y))
    assert ce.network_loss(v) < 0.05
    asymmetric = np.random.default_rng(14).normal(size=10)
    by_hand = ce.loss(asymmetric[4:8].reshape(2, 2), asymmetric[8:],
                      ce.hidden(ce.X, asymmetric[:4].reshape(2, 2)), ce.Y)
    assert ce.network_loss(asymmetric) == pytest.approx(by_hand)


def test_features_figure(chapter, ce):
    axes = chapter.figures[3].axes
    H1 = np.maximum(0, np.column_stack([ce.X.sum(axis=1), -ce.X.sum(axis=1)]))
    W, b = ce.outputs["features"]
    for ax, points, title in zip(axes, (ce.X, H1, ce.X), ("raw", "features", "features, raw axes"), strict=True):
        assert ax.get_title() == title and ax.get_aspect() == 1
        dots, crosses = ax.lines
        assert (dots.get_marker(), crosses.get_marker()) == ("o", "x")
        assert dots.get_xydata() == pytest.approx(points[:100]) and crosses.get_xydata() == pytest.approx(points[100:])
        (contours,) = ax.collections
        assert contours.levels == pytest.approx([0.1, 0.5, 0.9])

    def p1(inputs, W, b):
        return np.array([softmax(z)[0] for z in inputs @ W + b])

    raw, folded, back = ([np.concatenate(level) for level in ax.collections[0].allsegs if level] for ax in axes)
    assert p1(raw[0], *ce.outputs["raw"]) == pytest.approx(0.5, abs=1e-2)
    for level, points in zip((0.1, 0.5, 0.9), folded, strict=True):
        assert p1(points, W, b) == pytest.approx(level, abs=0.02)
    for level, points in zip((0.1, 0.5, 0.9), back, strict=True):
        sums = points.sum(axis=1)
        folded_points = np.maximum(0, np.column_stack([sums, -sums]))
        assert p1(folded_points, W, b) == pytest.approx(level, abs=0.05)
    middle = back[1].sum(axis=1)
    assert np.ptp(middle[middle > 0]) < 0.1 and np.ptp(middle[middle < 0]) < 0.1  # two parallel lines
    assert middle.min() < 0 < middle.max()


# --- exercises ----------------------------------------------------------------------------------------


def test_exercise_1(chapter):
    assert printed(chapter, "p [0.2 0.5 0.3]") == ["gradient [ 0.2  0.5 -0.7]"]
    z = np.log([2.0, 5.0, 3.0])
    after = cost(z - [0.2, 0.5, -0.7], (0, 0, 1))
    assert printed(chapter, "C before") == [f"{-math.log(0.3):.4f}, after a step {after:.4f}"]
    assert after < -math.log(0.3)


def test_exercise_2_softmax_of_two_is_a_sigmoid(chapter, ce):
    assert printed(chapter, "sigmoid:") == printed(chapter, "loss:") == ["True"]
    for d, loss in zip(np.linspace(-30, 30, 13), ce.losses, strict=True):
        assert ce.softmax(np.array([1.0, 1.0 + d]))[1] == pytest.approx(1 / (1 + math.exp(-d)))
        assert loss == pytest.approx(math.log1p(math.exp(-d)), rel=1e-9)


def test_exercise_3_doubled_data(chapter, ce):
    assert printed(chapter, "mean: first step") == ["1.000 times as long"]
    assert printed(chapter, "sum: first step") == ["2.000 times as long"]
    assert len(ce.twice[0]) == len(ce.twice[1]) == 2400 and np.array_equal(ce.twice[0][:1200], ce.twice[0][1200:])


def test_exercise_4_the_silence_grows(chapter, ce):
    for a in range(1, 6):
        for name, slope in (("cross-entropy", ce_slope), ("squared error", squared_formula)):
            z, steps = [-a, a, 0.0], 0
            while softmax(z)[0] < 0.9:
                z, steps = [v - g for v, g in zip(z, slope(z, (1, 0, 0)), strict=True)], steps + 1
            assert ce.needed[a, name] == steps
        row = f"cross-entropy {ce.needed[a, 'cross-entropy']} steps, squared error {ce.needed[a, 'squared error']}"
        assert printed(chapter, f"a = {a}:") == [row]
    needed = [ce.needed[a, "cross-entropy"] for a in range(1, 6)]
    assert np.diff(needed).tolist() == [1, 1, 1, 1]  # one step more for each unit
    silence = np.array([ce.needed[a, "squared error"] for a in range(1, 6)])
    ratios = silence[1:] / silence[:-1]
    assert np.all(np.diff(ratios) > 0) and ratios[-1] > 4  # each unit multiplies the time
