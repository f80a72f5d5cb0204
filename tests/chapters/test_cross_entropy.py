"""Chapter `cross-entropy`: every number and every claim of the page, by a second way where there is one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from asked import answers_of
from numerical_gradient import numerical_gradient
from shown import printed
from sklearn.datasets import load_digits
from states import states_of

SCORES = [math.log(v) for v in (1, 3, 4, 1, 1)]
PROBABILITIES = [0.1, 0.3, 0.4, 0.1, 0.1]
LABEL = np.array([0.0, 0, 1, 0, 0])


@pytest.fixture(scope="module")
def ce(names):
    return names


def softmax(z) -> list[float]:
    """Plain reference, one example."""
    e = [math.exp(v) for v in z]
    return [v / sum(e) for v in e]


def cost(z, y) -> float:
    """Plain reference: the cross-entropy of one example, term by term."""
    return -sum(t * math.log(p) for t, p in zip(y, softmax(z), strict=True) if t > 0)


def test_there_are_three_figures(chapter):
    assert len(chapter.figures) == 4


def test_printed_lines_fit_a_phone(chapter):
    assert max(map(len, chapter.out)) <= 64


# --- softmax (S4-02, S4-03) ---------------------------------------------------------------------------


def test_one_hot(chapter, ce):
    assert chapter.out[:3] == ["[[0. 0. 1. 0. 0.]", " [1. 0. 0. 0. 0.]", " [0. 0. 0. 0. 1.]]"]
    assert printed(chapter.out, "row sums") == ["[1. 1. 1.] argmax [2 0 4]"]
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
    assert printed(chapter.out, "shift 0: as written") == [five]
    assert printed(chapter.out, "shift 1000: as written") == ["[nan nan nan nan nan]"]
    assert printed(chapter.out, "  largest subtracted") == [five, five]
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
    assert printed(chapter.out, "C =") == ["[0.9163 2.3026 2.3026], sum 5.5215"]
    assert printed(chapter.out, "-ln(likelihood) =") == ["5.5215"]


def test_the_product_underflows_the_sum_does_not(chapter):
    assert printed(chapter.out, "1000 examples:") == [f"likelihood 0.0, loss {-1000 * math.log(0.4):.1f}"]


def test_sure_and_wrong_stays_finite(chapter, ce):
    assert printed(chapter.out, "scores 1000 and 0, second class true:") == ["C = 1000.0"]
    assert ce.softmax(np.array([1000.0, 0.0]))[1] == 0  # "would have given the true class exactly 0"


def test_every_state_of_the_scores(ce):
    states = states_of("cross-entropy", "scores", vars(ce))
    assert list(states) == ["-3", "-1", "0", "1.4", "2", "3", "5"]
    shares = []
    for value, state in states.items():
        top, bottom = state.figure.axes
        e = [1, math.exp(1.1), math.exp(float(value)), 1, 1]
        assert [bar.get_height() for bar in top.patches] == [0, 1.1, float(value), 0, 0]
        heights = [bar.get_height() for bar in bottom.patches]
        assert heights == pytest.approx([one / sum(e) for one in e])
        assert bottom.get_title() == f"$p_3$ = {heights[2]:.3f}" and 0 < min(heights) and max(heights) < 1
        assert heights[1] / heights[0] == pytest.approx(math.exp(1.1))  # "shrink by one common factor"
        shares.append(heights[2])
    assert shares == sorted(shares)


def test_chance_level(chapter, ce):
    for K, value in ((2, "0.6931"), (5, "1.6094"), (10, "2.3026")):
        assert printed(chapter.out, f"K = {K}: equal scores cost") == [value] == [f"{math.log(K):.4f}"]


def test_minus_log_falls_from_above_to_zero(chapter):
    (ax,) = chapter.figures[1].axes
    curve, *dots = ax.lines
    p, height = curve.get_data()
    assert p[-1] == 1 and height[-1] == 0 and p[0] > 0
    assert height == pytest.approx([-math.log(v) for v in p])
    assert np.all(height >= 0) and np.all(np.diff(height) < 0)
    assert [(float(x.get_xdata()[0]), float(x.get_ydata()[0])) for x in dots] == [
        (pytest.approx(1 / K), pytest.approx(math.log(K))) for K in (2, 5, 10)]
    assert [text.get_text() for text in ax.texts] == ["$K$ = 2", "$K$ = 5", "$K$ = 10"]
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
    assert printed(chapter.out, "H(y) =") == [f"{entropy:.4f}; lowest H(y, p) of 2000: {lowest:.4f}"]
    (off,) = printed(chapter.out, "H(y, p) - H(y) equals KL within")
    assert 0 <= float(off) < 1e-12


def test_log_is_below_its_tangent():
    x = np.linspace(0.01, 5, 500)
    assert np.all(np.log(x) <= x - 1) and math.log(1) == 0


def test_one_hot_labels_have_no_entropy(ce):
    y = np.eye(5)[3]
    for p in ce.P[:20]:
        assert ce.H(y, y) == 0 and ce.H(y, p) == pytest.approx(-math.log(p[3]))


def test_low_entropy_is_not_precision(chapter, ce):
    rows = {name: printed(chapter.out, f"{name:11}: H(p) =")[0] for name in ("sure, right", "no idea", "sure, wrong")}
    low = -0.996 * math.log(0.996) - 4 * 0.001 * math.log(0.001)
    assert rows["sure, right"] == f"{low:.3f}, C = {-math.log(0.996):.3f}"
    assert rows["sure, wrong"] == f"{low:.3f}, C = {-math.log(0.001):.3f}"
    assert rows["no idea"] == f"{math.log(5):.3f}, C = {math.log(5):.3f}"
    assert low < 0.05 and -math.log(0.001) > 5  # low entropy, cross-entropy above 5
    for p in ce.guesses.values():
        assert p.sum() == pytest.approx(1)
    assert ce.guesses["sure, right"].argmax() == 2 == ce.label.argmax() != ce.guesses["sure, wrong"].argmax()


def test_entropy_figure(chapter, ce):
    left, right = chapter.figures[2].axes
    bowl, level, dot = left.lines
    p1, height = bowl.get_data()
    assert height == pytest.approx([-0.7 * math.log(v) - 0.3 * math.log(1 - v) for v in p1])
    entropy = -0.7 * math.log(0.7) - 0.3 * math.log(0.3)
    assert np.ravel(level.get_ydata()) == pytest.approx([entropy] * 2)
    assert (np.ravel(dot.get_xdata())[0], np.ravel(dot.get_ydata())[0]) == pytest.approx((0.7, entropy))
    assert height.min() == pytest.approx(entropy, abs=1e-3) and p1[height.argmin()] == pytest.approx(0.7, abs=0.01)
    good, bad, *marks = right.lines
    assert (good.get_color(), bad.get_color()) == ("C2", "C3")  # "right (green) and wrong (plum)"
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
        assert mark.get_color() == "black"
    assert right.get_ylim()[1] == 9 and 20 < (-np.log(shown[:, 2]) > 9).sum() < 50  # the caption counts them


def test_maximum_entropy_and_the_trained_softmax_coincide_for_linear_scores(ce):
    """Of all P with the sums of the labels, that of the trained classifier has the largest entropy."""
    rng = np.random.default_rng(20)
    X, Y = rng.normal(size=(12, 2)), np.eye(3)[rng.integers(0, 3, 12)]
    W, b = ce.descend(X, Y, 1.0, 20_000, "mean")
    P = ce.softmax(X @ W + b)
    ones = np.column_stack([X, np.ones(12)])
    assert abs(ones.T @ (P - Y)).max() < 1e-8
    rows = [np.kron(ones.T, np.eye(3)), np.kron(np.eye(12), np.ones((1, 3)))]  # same sums; rows of P still add up to 1
    _, values, vt = np.linalg.svd(np.concatenate(rows))
    free = vt[(values > 1e-9).sum():].reshape(-1, 12, 3)
    assert len(free) >= 10
    entropy = -(P * np.log(P)).sum()
    for direction in free:
        assert abs((direction * np.log(P)).sum()) < 1e-6  # the entropy is flat along each: with concavity, the largest
        other = P + 1e-3 * P.min() * direction
        assert -(other * np.log(other)).sum() < entropy


def test_low_entropy_costs_little_or_much(ce):
    """"There is no middle": near entropy 0 no prediction costs a medium amount."""
    entropies = np.array([-(p * np.log(p)).sum() for p in ce.P])
    costs = -np.log(ce.P[entropies < 0.2][:, 2])
    assert np.any(costs < 0.2) and np.any(costs > 2.5) and not np.any((0.2 < costs) & (costs < 2.5))


# --- gradient and Hessian -----------------------------------------------------------------------------


def test_gradient_is_p_minus_y(chapter, ce):
    assert printed(chapter.out, "gradient [") == ["0.1  0.3 -0.6  0.1  0.1]"]
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
    assert printed(chapter.out, "100 random scores:") == [f"gradient within {ce.off_gradient:.0e},"]
    assert printed(chapter.out, "  Hessian within") == [f"{ce.off_hessian:.0e}, lowest eigenvalue {ce.lowest:.0e}"]
    assert printed(chapter.out, "Hessian times ones") == ["[0. 0. 0. 0. 0.]"]
    (row,) = printed(chapter.out, "eigenvalues at z")
    p = np.array(PROBABILITIES)
    expected = np.sort(np.linalg.eigvals(np.diag(p) - np.outer(p, p)).real)
    assert [float(v) for v in row.strip("[]").split()] == pytest.approx(expected, abs=1e-6)


def binary(d: float, y: float) -> float:
    """The page's formula for two classes."""
    p = 1 / (1 + math.exp(-d))
    return -y * math.log(p) - (1 - y) * math.log(1 - p)


@pytest.mark.parametrize("d", [-4.0, -0.3, 0.0, 2.5])
@pytest.mark.parametrize("y", [0.0, 1.0])
def test_binary_cross_entropy_is_the_case_of_two_classes(ce, d, y):
    z = np.array([0.7, 0.7 + d])
    p = 1 / (1 + math.exp(-d))
    assert binary(d, y) == pytest.approx(ce.cross_entropy(z, np.array([1 - y, y])))
    slope = numerical_gradient(lambda d: binary(float(d), y), np.array(d))
    assert slope == pytest.approx(p - y, abs=1e-9) and slope == pytest.approx(ce.gradient(z, np.array([1 - y, y]))[1])


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
    (off,) = printed(chapter.out, "gradient of the squared error within")
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
    assert printed(chapter.out, "cross-entropy: slopes") == [" ".join(f"{a - b:+.1e}" for a, b in zip(p, (1, 0, 0)))]
    by_formula = squared_formula(ce.start, (1, 0, 0))
    assert printed(chapter.out, "squared error: slopes") == [" ".join(f"{v:+.1e}" for v in by_formula)]


def ce_slope(z, y) -> list[float]:
    return [a - b for a, b in zip(softmax(z), y, strict=True)]


def steps(slope, lr: float, a: float = 6.0, cap: int = 10_000) -> float:
    """Plain reference: steps from (-a, a, 0) until the first class has probability 0.9."""
    z = [-a, a, 0.0]
    for step in range(cap + 1):
        if softmax([v - max(z) for v in z])[0] >= 0.9:
            return step
        z = [v - lr * g for v, g in zip(z, slope([v - max(z) for v in z], (1, 0, 0)), strict=True)]
    return math.inf


def test_steps_for_each_rate(chapter, ce):
    """Beyond 10 the path of squared error is sensitive to rounding: there only the page's statements are asserted."""
    assert ce.some_rates[:5] == [0.5, 1, 2, 5, 10] and max(ce.some_rates) == 100
    fast, slow = ce.needed["cross-entropy"], ce.needed["squared error"]
    for i, lr in enumerate(ce.some_rates):
        assert fast[i] == steps(ce_slope, lr)
        assert printed(chapter.out, f"lr {lr:5}:") == [f"{fast[i]:2.0f} steps, squared error {slow[i]:.0f}".strip()]
    for i in range(4):
        assert slow[i] == steps(squared_formula, ce.some_rates[i])
    assert (fast[1], slow[1]) == (13, 3708)
    assert all(fast[i] == 1 for i, lr in enumerate(ce.some_rates) if lr >= 10)  # "a single one from 10 on"
    assert 350 < slow.min() < 450 and ce.some_rates[slow.argmin()] == pytest.approx(13, abs=4)  # "at best about 400"
    late = [slow[i] for i, lr in enumerate(ce.some_rates) if lr >= 50]
    assert len(late) == 3 and np.all(np.isinf(late))  # "does not get through in 10,000 steps"


def test_a_larger_rate_helps_only_so_far_from_other_starts(ce):
    for a in (5.0, 7.0):
        rates = [1.0, 5.0, 13.0, 30.0]
        one, five, best, large = ce.steps_to(ce.squared_gradient, rates, a, 20_000)
        assert one > 4 * five > 4 * best and large > 2 * best  # falls, then rises again
        assert best > 20 * ce.steps_to(ce.gradient, rates, a).min()  # tuned on both sides


def test_beyond_the_best_rate_the_wrong_classes_take_turns(ce):
    """"Throw the probability back and forth between them"."""
    for lr in (20, 50):
        z, leader = np.array([-6.0, 6.0, 0.0]), []
        for _ in range(300):
            z = z - lr * ce.squared_gradient(z, ce.first)
            leader.append(ce.softmax(z)[1:].argmax())
        assert np.count_nonzero(np.diff(leader)) >= 4 and ce.softmax(z)[0] < 0.1


def test_pulls_and_steps_figure(chapter, ce):
    top, bottom = chapter.figures[3].axes
    lines = {line.get_label(): line.get_data() for line in top.lines}
    assert list(lines) == ["cross-entropy", "squared error"]
    d, pull = lines["cross-entropy"]
    p = 1 / (1 + np.exp(-d))
    assert (d[0], d[-1]) == (-8, 8)
    assert pull == pytest.approx(1 - p) and np.all(np.diff(pull) < 0)
    d, pull = lines["squared error"]
    assert pull == pytest.approx(4 * p * (1 - p) ** 2)
    assert d[pull.argmax()] == pytest.approx(-math.log(2), abs=0.1) and max(pull[0], pull[-1]) < 0.01
    assert [text.get_text() for text in top.get_legend().get_texts()] == list(lines)
    assert (bottom.get_xscale(), bottom.get_yscale()) == ("log", "log")
    for line, above, name in zip(bottom.lines, top.lines, lines):
        assert line.get_xdata().tolist() == ce.some_rates and line.get_ydata() == pytest.approx(ce.needed[name])
        assert line.get_color() == above.get_color()
    assert np.ravel(bottom.lines[2].get_ydata()).tolist() == [10_000, 10_000]


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
    (off,) = printed(chapter.out, "gradients of W and b within")
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


def test_digits_are_split_anew_for_each_seed(ce):
    images, numbers = load_digits(return_X_y=True)
    assert ce.N == 1200
    for seed in (0, 29):
        (X, Y), (X_test, Y_test) = ce.split(seed)
        assert len(X) == len(Y) == 1200 and len(X) + len(X_test) == len(images) == 1797
        assert 0.3 < len(X_test) / len(images) < 0.35  # "a third"
        order = np.random.default_rng(seed).permutation(1797)
        assert np.array_equal(np.concatenate([X, X_test]) * 16, images[order])
        assert np.array_equal(np.concatenate([Y, Y_test]).argmax(axis=1), numbers[order])
        assert Y.shape == (1200, 10) and np.array_equal(Y.sum(axis=1), np.ones(1200))


def plain_digits(X, Y, rate, marks):
    """Weights at each of the marked steps, by a plain loop over steps; rate is that of the sum."""
    found, W, b = {}, np.zeros((64, 10)), np.zeros(10)
    for step in range(1, max(marks) + 1):
        e = np.exp(X @ W + b - (X @ W + b).max(axis=1, keepdims=True))
        error = e / e.sum(axis=1, keepdims=True) - Y
        W, b = W - rate * X.T @ error, b - rate * error.sum(axis=0)
        if step in marks:
            found[step] = W, b
    return found


def plain_loss(W, b, X, Y) -> float:
    z = X @ W + b
    z = z - z.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - (z * Y).sum(axis=1)))


def test_same_path_with_the_rate_divided_by_n(chapter, ce):
    assert printed(chapter.out, "before: loss") == ["2.3026, ln 10 = 2.3026"]
    assert ce.start_loss == pytest.approx(math.log(10))
    W, b = plain_digits(*ce.split(0)[0], 0.5 / 1200, [30])[30]
    for fit in (ce.by_mean, ce.by_sum):
        assert fit[0] == pytest.approx(W, abs=1e-10) and fit[1] == pytest.approx(b, abs=1e-10)
    (apart,) = printed(chapter.out, "weights apart by at most")
    assert apart.endswith("after 30 steps") and float(apart.split()[0]) < 1e-12


def test_descent_goes_on_from_where_it_is_told(ce):
    train, _ = ce.split(1)
    half = ce.descend(*train, 0.3, 4, "mean")
    whole, on = ce.descend(*train, 0.3, 9, "mean"), ce.descend(*train, 0.3, 5, "mean", half)
    assert on[0] == pytest.approx(whole[0], abs=1e-12) and on[1] == pytest.approx(whole[1], abs=1e-12)


def test_twenty_splits(chapter, ce):
    for seed in (0, 17):
        train, test = ce.split(seed)
        for column, rate in ((0, 0.5 / 1200), (2, 0.5)):
            found = plain_digits(*train, rate, [10, 30])
            for step in (10, 30):
                W, b = found[step]
                right = np.mean((test[0] @ W + b).argmax(axis=1) == test[1].argmax(axis=1))
                assert ce.seen[step][seed][column] == pytest.approx(plain_loss(W, b, *train), rel=1e-6)
                assert ce.seen[step][seed][column + 1] == pytest.approx(right, abs=0.003)
    means = {}
    for step in (10, 30):
        rows = np.array(ce.seen[step])
        assert rows.shape == (20, 4)
        means[step] = a, b, c, d = rows.mean(axis=0)
        ahead = (rows[:, 3] > rows[:, 1]).sum()
        assert printed(chapter.out, f"step {step}, lr 0.5 / N:") == [f"loss {a:.2f}, test {b:.3f}"]
        assert printed(chapter.out, f"step {step}, lr 0.5:") == [f"loss {c:.2f}, test {d:.3f}, ahead {ahead}"]
        assert ahead == 0 if step == 10 else ahead >= 18
    assert means[10][2] > 100 * math.log(10) and means[10][3] < 0.6 * means[10][1]  # "half of what it should be"
    assert 2 < means[30][2] / math.log(10) < 4
    (last,) = printed(chapter.out, "last split, step 30:")
    assert last == f"{ce.accuracy(*ce.small, *ce.test):.3f}, step 300: {ce.accuracy(*ce.longer, *ce.test):.3f}"
    W, b = plain_digits(*ce.split(19)[0], 0.5 / 1200, [300])[300]
    assert ce.longer[0] == pytest.approx(W, abs=1e-9) and ce.longer[1] == pytest.approx(b, abs=1e-9)
    assert ce.accuracy(*ce.longer, *ce.test) > ce.accuracy(*ce.small, *ce.test) + 0.02


# --- only the sum vanishes (S0-32, Q18, E19) ----------------------------------------------------------


def test_least_squares_by_hand(chapter):
    assert np.mean([1, 2, 6]) == 3
    slopes = [2 * (3 - label) for label in (1, 2, 6)]
    assert slopes == [4, 2, -6] and sum(slopes) == 0
    assert [int(v) for v in printed(chapter.out, "squares:")[0].strip("[]").split()] == slopes


def test_gradients_balance_without_vanishing(chapter, ce):
    assert ce.G.shape == (10, 5)
    assert ce.softmax(ce.b_only) == pytest.approx(PROBABILITIES, abs=1e-12)
    labels = [0, 1, 1, 1, 2, 2, 2, 2, 3, 4]
    for grad, k in zip(ce.G, labels, strict=True):
        assert grad == pytest.approx([p - (i == k) for i, p in enumerate(PROBABILITIES)], abs=1e-12)
    assert abs(ce.G.sum(axis=0)).max() < 1e-12
    assert ce.norms == pytest.approx([math.hypot(*grad) for grad in ce.G])
    assert ce.norms.max() > 1 and ce.norms.min() > 0.6
    assert printed(chapter.out, "p [0.1 0.3 0.4") == ["0.1 0.1]"]
    (off,) = printed(chapter.out, "largest entry of the sum")
    assert float(off) < 1e-12
    shown = "[" + " ".join(f"{v:.2f}" for v in ce.norms) + "]"
    assert printed(chapter.out, "norms") == [shown]


def test_the_loss_that_remains_is_the_entropy_of_the_frequencies(chapter):
    entropy = -sum(v * math.log(v) for v in PROBABILITIES)
    assert printed(chapter.out, "mean loss") == [f"{entropy:.4f}, H(f) {entropy:.4f}"]


# --- exercises ----------------------------------------------------------------------------------------


def test_exercise_1(chapter):
    assert printed(chapter.out, "p [0.2 0.5 0.3]") == ["gradient [ 0.2  0.5 -0.7]"]
    z = np.log([2.0, 5.0, 3.0])
    after = cost(z - [0.2, 0.5, -0.7], (0, 0, 1))
    assert printed(chapter.out, "C before") == [f"{-math.log(0.3):.4f}, after a step {after:.4f}"]
    assert after < -math.log(0.3)


def test_exercise_2_softmax_of_two_is_a_sigmoid(chapter, ce):
    for start in ("sigmoid:", "y = 0:", "y = 1:"):
        assert printed(chapter.out, start) == ["True"]
    for d in np.linspace(-30, 30, 13):
        assert ce.softmax(np.array([1.0, 1.0 + d]))[1] == pytest.approx(1 / (1 + math.exp(-d)))
        for y, plain in ((1, math.log1p(math.exp(-d))), (0, math.log1p(math.exp(d)))):
            assert ce.cross_entropy(np.array([1.0, 1.0 + d]), np.eye(2)[y]) == pytest.approx(plain, rel=1e-9)
    assert ce.binary == pytest.approx(np.log1p(np.exp(-ce.d))) and len(ce.d) == 13


def test_exercise_3_doubled_data(chapter, ce):
    assert printed(chapter.out, "mean: first step") == ["1.000 times as long"]
    assert printed(chapter.out, "sum: first step") == ["2.000 times as long"]
    assert len(ce.twice[0]) == len(ce.twice[1]) == 2400 and np.array_equal(ce.twice[0][:1200], ce.twice[0][1200:])


def test_exercise_4_the_silence_grows(chapter, ce):
    for a, waits in ce.waits.items():
        assert waits == [steps(ce_slope, 1.0, a), steps(squared_formula, 1.0, a)]
        assert printed(chapter.out, f"a = {a}:") == [f"{waits[0]:.0f} steps, squared error {waits[1]:.0f}"]
    assert list(ce.waits) == [1, 2, 3, 4, 5, 6]
    assert np.diff([waits[0] for waits in ce.waits.values()]).tolist() == [1] * 5  # one step more for each unit
    silence = np.array([waits[1] for waits in ce.waits.values()])
    ratios = silence[1:] / silence[:-1]
    assert np.all(np.diff(ratios) > 0) and ratios[-1] == ce.growth
    assert printed(chapter.out, "last factor") == [f"{ce.growth:.2f}, exp(3/2) = {math.exp(1.5):.2f}"]
    more = ce.steps_to(ce.squared_gradient, [1.0], 7, 30_000)[0], ce.steps_to(ce.squared_gradient, [1.0], 8, 90_000)[0]
    assert ce.growth < more[0] / silence[-1] < more[1] / more[0] < math.exp(1.5)  # it approaches the limit from below


def test_first_the_rest_is_shared_out_then_the_slope_is_three_times_p(ce):
    """The solution's account of what squared error does from (-a, a, 0)."""
    a = 6.0
    slopes = ce.squared_gradient(np.array([-a, a, 0.0]), ce.first)
    p = softmax([-a, a, 0.0])
    assert slopes == pytest.approx([-4 * p[0], 2 * p[2], -2 * p[2]], rel=0.02)
    z = np.array([-a, a / 2, a / 2])
    p = softmax(z)
    assert p[0] == pytest.approx(math.exp(-1.5 * a) / 2, rel=1e-3)
    assert ce.squared_gradient(z, ce.first)[0] == pytest.approx(-3 * p[0], rel=1e-3)
    z = np.array([-a, a, 0.0])
    for _ in range(1500):
        z = z - ce.squared_gradient(z, ce.first)
    assert softmax(z)[1:] == pytest.approx([0.5, 0.5], abs=0.01)


# --- what the page asks -------------------------------------------------------------------------------


def test_questions():
    doubled, chance, slope = answers_of("cross-entropy")
    assert doubled == 2 and max(softmax([2 * z for z in SCORES])) == pytest.approx(16 / 28)
    assert chance == [f"{cost([0.0] * 10, [1.0] + [0.0] * 9):.2f}", "0.10", "0.90", "1.00"]
    raised = [z + 1e-6 * y for z, y in zip(SCORES, LABEL)]
    found = (cost(raised, LABEL) - cost(SCORES, LABEL)) / 1e-6
    assert slope == [f"{found:.2f}", f"{-found:.2f}", f"{-1 / 0.4:.2f}", f"{softmax(SCORES)[2]:.2f}"]
