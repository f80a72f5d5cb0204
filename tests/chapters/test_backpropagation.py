"""Chapter `backpropagation`: every number and every claim of the page, by a second way where there is one."""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from asked import answers_of
from mlp import ACTIVATIONS, backward, cross_entropy, forward, init_mlp, mse
from numerical_gradient import numerical_gradient
from shown import printed
from states import moves_of, states_of

ROOT = Path(__file__).parents[2]
PAGES = {language: (ROOT / "docs" / language / "backpropagation.md").read_text("utf-8") for language in ("zh", "en")}
FAULTS = ("none", "lost transpose", "missing slope", "stale activation")


@pytest.fixture(scope="module")
def bp(names):
    return names


def texts(ax) -> dict[str, tuple[float, float]]:
    """Each text of a drawing with its place."""
    return {text.get_text(): text.get_position() for text in ax.texts}


def test_printed_lines_fit_a_phone(out):
    assert max(map(len, out)) <= 64


# --- the example by hand, with nothing but math -------------------------------------------------------


def by_pencil(x1: float = 1) -> SimpleNamespace:
    """The page's arithmetic, one number at a time."""
    def s(t):
        return 1 / (1 + math.exp(-t))
    z1, z2 = x1 * 0.3 + 2 * 0.2 + 0.3, x1 * 0.5 - 2 * 1 + 1
    a1, a2 = s(z1), s(z2)
    z3 = 2 * a1 - a2 - 1
    y_hat = s(z3)
    g1, g2, g3 = a1 * (1 - a1), a2 * (1 - a2), y_hat * (1 - y_hat)
    entering = 2 * (y_hat - 1)
    d3 = g3 * entering
    d1, d2 = g1 * 2 * d3, -g2 * d3
    return SimpleNamespace(z=[z1, z2, z3], a=[a1, a2, y_hat], g=[g1, g2, g3], d=[d1, d2, d3], entering=entering,
                           partials=[x1 * d1, 2 * d1, d1, x1 * d2, 2 * d2, d2, a1 * d3, a2 * d3, d3])


def test_forward_by_hand(bp, out):
    pencil = by_pencil()
    assert bp.z == pytest.approx(pencil.z, abs=1e-14) and bp.a == pytest.approx(pencil.a, abs=1e-14)
    assert pencil.z[:2] == pytest.approx([1, -0.5])
    assert bp.loss == pytest.approx((pencil.a[2] - 1) ** 2)
    assert out[:3] == ["z [ 1.      -0.5      0.08458]", "a [0.73106 0.37754 0.52113]", "loss 0.2293"]


def test_all_nine_partials(bp, out):
    """By the page's recursion, by pencil, and by finite differences of a function written here."""
    def loss(theta):
        w11, w21, b1, w12, w22, b2, v1, v2, b3 = theta
        def s(t):
            return 1 / (1 + math.exp(-t))
        return (s(v1 * s(w11 + 2 * w21 + b1) + v2 * s(w12 + 2 * w22 + b2) + b3) - 1) ** 2

    assert bp.by_hand == pytest.approx(by_pencil().partials, abs=1e-14)
    assert bp.by_hand == pytest.approx(numerical_gradient(loss, bp.theta), abs=1e-8)
    expected = [f"{value:+.4f}, finite difference {value:+.4f}" for value in by_pencil().partials]
    assert [line.split(" = ")[1] for line in out if line.startswith("dL/d")] == expected
    assert [re.split(r"\W+", line)[1] for line in out if line.startswith("dL/d")] == [f"d{n}" for n in bp.names]
    assert printed(out, "largest gap below 1e-8:") == ["True"]


def test_each_delta_is_the_derivative_with_respect_to_its_z(bp):
    """Move z itself, not a weight."""
    def s(t):
        return 1 / (1 + np.exp(-t))

    z1, z2, z3 = bp.z
    loss_of_z = (lambda z: (s(2 * s(z) - s(z2) - 1) - 1) ** 2, lambda z: (s(2 * s(z1) - s(z) - 1) - 1) ** 2,
                 lambda z: (s(z) - 1) ** 2)
    for f, z, delta in zip(loss_of_z, bp.z, (bp.d1, bp.d2, bp.d3)):
        assert numerical_gradient(f, np.array(z)) == pytest.approx(delta, abs=1e-9)


def test_derivative_is_the_value_on_the_wire(bp):
    a1, a2 = by_pencil().a[:2]
    on_wire = [1, 2, 1, 1, 2, 1, a1, a2, 1]
    for name, value, into in zip(bp.names, on_wire, np.repeat([0, 1, 2], 3)):
        row = numerical_gradient(lambda theta, into=into: bp.net(theta, bp.x)[0][into], bp.theta)
        assert row[bp.names.index(name)] == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_gives_the_nine_values_of_the_code(bp, language):
    cells = re.findall(r"\$([wvb])_\{?(\d+)\}? = (-?[\d.]+)\$", PAGES[language])
    assert {f"{letter}{index}": float(value) for letter, index, value in cells} == dict(zip(bp.names, bp.theta))
    assert len(cells) == 9


def test_slope_is_cached_a_number_and_another_one_for_another_input(bp, out):
    t = np.linspace(-6, 6, 25)
    assert bp.sigmoid_slope(t) == pytest.approx(numerical_gradient(lambda t: bp.sigmoid(t).sum(), t), abs=1e-9)
    assert bp.sigmoid_slope(t) == pytest.approx(bp.sigmoid(t) * (1 - bp.sigmoid(t)))
    assert bp.sigmoid_slope(t).max() == bp.sigmoid_slope(0.0) == 0.25  # "at most 1/4"
    ours, other = bp.gains[1.0, 2.0], bp.gains[3.0, 1.0]
    assert ours == pytest.approx(by_pencil().g)
    assert abs(ours - other).min() > 1e-3 and other[0] < ours[0]
    first, second = printed(out, "x = [")
    assert first == "1.0, 2.0]: z = [ 1.     -0.5     0.0846]"
    assert second.startswith("3.0, 1.0]: z = [ 1.4     1.5    -0.2132]")
    assert printed(out, "  slopes")[0] == "[0.1966 0.235  0.2496], checked: True"
    assert len(printed(out, "  slopes")) == 2 and printed(out, "  slopes")[1].endswith("checked: True")


def test_slope_of_the_sigmoid_is_symmetric_and_falls_on_both_sides(bp):
    t = np.linspace(0, 8, 30)
    assert bp.sigmoid_slope(t) == pytest.approx(bp.sigmoid_slope(-t)) and np.all(np.diff(bp.sigmoid_slope(t)) < 0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_typed_numbers_of_the_page_follow_with_pencil(language):
    """The formulas' rounded factors multiply to the rounded result that they state; so do the alt texts."""
    pencil, page = by_pencil(), PAGES[language]
    (g1, g2, g3), (d1, d2, d3) = pencil.g, pencil.d
    assert f"{round(g3, 5) * 2 * (round(pencil.a[2], 5) - 1):.4f}" == f"{d3:.4f}"
    assert f"{round(g1, 5) * 2 * round(d3, 4):.4f}" == f"{d1:.4f}"
    assert f"{round(g2, 5) * -1 * round(d3, 4):.4f}" == f"{d2:.4f}"
    alts = " ".join(re.findall(r'alt="([^"]*)"', page))
    for number in (*pencil.a, *pencil.g):
        assert f"{number:.4f}" in alts
    for number in pencil.d:
        assert re.search(rf"δ = {re.escape(f'{number:+.4f}')}", alts)
    assert f"{pencil.entering:.4f}" in alts
    for partial in np.delete(pencil.partials, [2, 5, 8]):  # those of the six weights
        assert f"{partial:+.4f}".replace("+0.0562", "0.0562").lstrip("+") in alts


def test_forward_figure(chapter):
    ax = chapter.figures[0].axes[0]
    pencil, found = by_pencil(), texts(ax)
    circles = ax.lines[-1]
    assert list(zip(circles.get_xdata(), circles.get_ydata())) == [(0, 1), (0, 0), (1, 1), (1, 0), (2, 0.5)]
    for text, place in zip(["1", "2", *(f"{a:.4f}" for a in pencil.a)], circles.get_xydata()):
        assert found[text] == pytest.approx(place)
    assert found["b = 0.3\nz = 1"][1] > 1.2 and found["b = 1\nz = -0.5"][1] < -0.2
    assert found["b = -1\nz = 0.08458"] == pytest.approx((2, 0.86)) and r"$\hat{y}$" in found


@pytest.mark.parametrize("index", [0, 1])
def test_wires_bear_their_weights_and_then_the_derivatives(chapter, index):
    ax = chapter.figures[index].axes[0]
    wires = [tuple(map(tuple, line.get_xydata())) for line in ax.lines[:6]]
    x1, x2, h1, h2, o = (0, 1), (0, 0), (1, 1), (1, 0), (2, 0.5)
    assert wires == [(x1, h1), (x2, h1), (x1, h2), (x2, h2), (h1, o), (h2, o)]
    labels = ax.texts[:6]
    partials = by_pencil().partials
    expected = (["0.3", "0.2", "0.5", "-1", "2", "-1"], [f"{partials[i]:+.4f}" for i in (0, 1, 3, 4, 6, 7)])[index]
    assert [label.get_text() for label in labels] == expected
    assert {label.get_color() for label in labels} == {("0.3", "C2")[index]}
    for k, ((start, end), label) in enumerate(zip(wires, labels)):
        way = 0.42 if index and k > 3 else 0.3
        assert label.get_position() == pytest.approx((1 - way) * np.array(start) + way * np.array(end))


def test_backward_figure(chapter):
    ax = chapter.figures[1].axes[0]
    pencil, found = by_pencil(), texts(ax)
    for place, gain, delta, triangle in zip([(1, 1), (1, 0), (2, 0.5)], pencil.g, pencil.d, ax.patches):
        corners = triangle.get_xy()[:3]
        assert corners[0][0] < place[0] < corners[1][0] == corners[2][0]  # it points to the left
        assert corners[0][1] == place[1] and corners[1][1] > place[1] > corners[2][1]
        assert corners.min(axis=0)[0] < found[f"{gain:.4f}"][0] < corners.max(axis=0)[0]
        x, y = found[rf"$\delta$ = {delta:+.4f}"]
        assert abs(x - place[0]) < 0.1 and abs(y - place[1]) == pytest.approx(0.33)
    assert found[rf"$\delta$ = {pencil.d[1]:+.4f}"][1] < 0 < found[rf"$\delta$ = {pencil.d[0]:+.4f}"][1] - 1
    assert found[f"{pencil.entering:.4f}"][0] > 2.2 and found["1"] == (0, 1) and found["2"] == (0, 0)
    assert found["× 2"][1] > found["× -1"][1]  # each on the wire that the signal takes


@pytest.mark.parametrize("x1", [-1, 0, 1, 3])
def test_every_state_of_the_way_back(bp, x1):
    """Another input, other gains, other signals; the alt texts name them."""
    states = states_of("backpropagation", "backward_figure", vars(bp))
    assert list(states) == ["-1", "0", "1", "3"]
    pencil, ax = by_pencil(x1), states[str(x1)].figure.axes[0]
    found, partials = texts(ax), [pencil.partials[i] + 0.0 for i in (0, 1, 3, 4, 6, 7)]
    assert [text.get_text() for text in ax.texts[:6]] == [f"{partial:+.4f}" for partial in partials]
    assert {f"{gain:.4f}" for gain in pencil.g} | {rf"$\delta$ = {d:+.4f}" for d in pencil.d} <= set(found)
    assert found[f"{x1}"] == (0, 1) and f"{pencil.entering:.4f}" in found
    move = moves_of("backpropagation")["backward_figure"]
    alt = move.alt[list(move.values).index(str(x1))]
    assert all(f"{gain:.4f}" in alt for gain in pencil.g)
    assert (partials[0] == 0) == (x1 == 0)


# --- any depth ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(2, 3), (3, 4, 2), (2, 4, 3, 2)], ids=str)
def test_delta_of_each_example_and_neuron_in_every_layer(sizes):
    """The recursion's Delta, recomputed here, against finite differences that move Z itself."""
    rng = np.random.default_rng(2)
    params = [(W, rng.normal(size=b.shape)) for W, b in init_mlp(sizes, rng)]
    X, Y = rng.normal(size=(3, sizes[0])), rng.normal(size=(3, sizes[-1]))
    A, cache = forward(params, X, "tanh", "sigmoid")
    dA = mse(A, Y)[1]
    for layer in reversed(range(len(params))):
        delta = dA * cache[layer][1]
        dA = delta @ params[layer][0].T

        def loss_of(Z, layer=layer):
            last = len(params) - 1
            for k in range(layer, last + 1):
                A = (1 / (1 + np.exp(-Z))) if k == last else np.tanh(Z)
                if k < last:
                    Z = A @ params[k + 1][0] + params[k + 1][1]
            return mse(A, Y)[0]

        Z = cache[layer][0] @ params[layer][0] + params[layer][1]
        assert delta == pytest.approx(numerical_gradient(loss_of, Z), abs=1e-8)


def test_flat_and_unflat_are_inverse(bp):
    params = init_mlp((3, 4, 2), np.random.default_rng(0))
    theta = bp.flat(params)
    assert theta.shape == (3 * 4 + 4 + 4 * 2 + 2,) and np.array_equal(theta[:12], params[0][0].ravel())
    again = bp.unflat(theta, params)
    assert all(np.array_equal(a, b) for one, two in zip(params, again) for a, b in zip(one, two))
    numbers = bp.unflat(np.arange(theta.size), params)
    assert np.array_equal(numbers[1][0], np.arange(16, 24).reshape(4, 2)) and list(numbers[1][1]) == [24, 25]


def test_nine_numbers_again(out):
    partials = by_pencil().partials
    w11, w21, b1, w12, w22, b2, v1, v2, b3 = (round(value, 4) for value in partials)
    assert f"{[[w11, w12], [w21, w22]]} {[b1, b2]}" in out and f"{[[v1], [v2]]} {[b3]}" in out


def test_errors_of_random_networks(bp, out):
    """With random biases below 1e-9; with ReLU and biases 0 a kink spoils some."""
    assert list(bp.errors) == ["sigmoid", "tanh", "relu", "relu, b = 0"]
    for name, errors in bp.errors.items():
        assert len(errors) == 30 and min(errors) > 1e-13  # a finite difference cannot be exact: a second way, indeed
        assert printed(out, f"{name:11} errors") == [f"from {min(errors):.0e} to {max(errors):.0e}"]
        assert (max(errors) < 1e-9) == (name != "relu, b = 0")
    assert 1e-4 < max(bp.errors["relu, b = 0"]) < 0.1 and np.median(bp.errors["relu, b = 0"]) < 1e-9


def test_the_trap_is_a_kink_at_exactly_zero():
    """ReLU, biases 0: where an example leaves a layer silent, the next z is 0, not nearly 0."""
    seen = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        params = init_mlp([3, 4, 4, 4, 2][seed % 3:], rng, scale=2)
        rng_x = rng.normal(size=(6, params[0][0].shape[0]))
        _, cache = forward(params, rng_x, "relu")
        for (W, b), (A_in, _) in zip(params[1:-1], cache[1:-1]):
            silent = ~A_in.any(axis=1)
            seen += silent.sum()
            assert not (A_in[silent] @ W + b).any()
    assert seen > 0


def test_engines_are_two_and_each_is_the_gradient_of_the_loss(bp):
    rng = np.random.default_rng(5)
    params = init_mlp((2, 3, 2), rng)
    theta, X, Y = bp.flat(params) + 0.2, rng.normal(size=(4, 2)), rng.normal(size=(4, 2))

    def loss(t):  # by hand: a layer of sigmoids and a linear one, mean over the four examples
        W1, b1, W2, b2 = t[:6].reshape(2, 3), t[6:9], t[9:15].reshape(3, 2), t[15:]
        hidden = 1 / (1 + np.exp(-(X @ W1 + b1)))
        return ((hidden @ W2 + b2 - Y) ** 2).sum() / 4

    assert bp.loss_at(theta, params, X, Y) == pytest.approx(loss(theta))
    expected = numerical_gradient(loss, theta)
    assert list(bp.engines) == ["backpropagation", "finite differences"]
    for engine in bp.engines.values():
        assert engine(theta, params, X, Y) == pytest.approx(expected, abs=1e-8)


def test_relative_error(bp):
    g = np.array([3.0, 4.0])
    assert bp.relative_error(g, g) == 0
    assert bp.relative_error(g, -g) == pytest.approx(1) and bp.relative_error(1e-9 * g, -1e-9 * g) == pytest.approx(1)
    assert bp.relative_error(g, 3 * g) == pytest.approx(0.5) and bp.relative_error(3 * g, g) == pytest.approx(0.5)
    assert bp.relative_error(g, np.array([3.0, 0.0])) == pytest.approx(4 / 8)
    assert bp.relative_error(0 * g, 0 * g) == 0  # not 0/0; but nothing has been checked


# --- planted faults -----------------------------------------------------------------------------------


def test_each_fault_is_caught_where_the_page_says(bp, out):
    assert tuple(bp.caught) == FAULTS
    sound = {"none": [0, 1, 2], "lost transpose": [2], "missing slope": [2], "stale activation": [0]}
    for fault, errors in bp.caught.items():
        for layer, error in enumerate(errors):
            assert (error < 1e-7) == (layer in sound[fault])
            assert layer in sound[fault] or error > (1e-4 if fault == "stale activation" else 0.1)
        assert printed(out, f"{fault:16} ") == [" ".join(f"{error:8.1g}" for error in errors).strip()]
    assert max(bp.caught["stale activation"]) < 1.5e-3  # "off by a thousandth or less"
    # the rule: what is right lies below 1e-7, what is wrong above 1e-4
    wrong = [e for fault, errors in bp.caught.items() for k, e in enumerate(errors) if k not in sound[fault]]
    right = [e for fault, errors in bp.caught.items() for k, e in enumerate(errors) if k in sound[fault]]
    assert min(wrong) > 1e-4 and max(right) < 1e-7


def test_faulty_without_a_fault_is_backward(bp):
    rng = np.random.default_rng(8)
    params = init_mlp((3, 3, 3), rng)
    X, dA = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    _, cache = forward(params, X, "tanh", "tanh")
    _, stale = forward([(2 * W, b) for W, b in params], X, "tanh", "tanh")
    right = bp.flat(backward(params, cache, dA))
    assert np.array_equal(bp.flat(bp.faulty(params, cache, dA, "none", stale)), right)
    for fault in FAULTS[1:]:
        assert bp.relative_error(bp.flat(bp.faulty(params, cache, dA, fault, stale)), right) > 1e-2
    transpose, slope, old = (bp.faulty(params, cache, dA, fault, stale) for fault in FAULTS[1:])
    (W1, _), (W2, _) = params
    delta = dA * cache[1][1]
    assert transpose[0][1] == pytest.approx(((delta @ W2) * cache[0][1]).sum(axis=0))
    assert slope[0][1] == pytest.approx((dA @ W2.T).sum(axis=0)) and slope[1][1] == pytest.approx(dA.sum(axis=0))
    assert old[1][0] == pytest.approx(np.tanh(X @ (2 * W1)).T @ delta)
    assert np.array_equal(old[0][0], backward(params, cache, dA)[0][0])


def test_the_older_weights_are_one_per_cent_larger(bp):
    start = bp.unflat(bp.theta_0, bp.older)
    assert all(old == pytest.approx(1.01 * new) for (old, _), (new, _) in zip(bp.older, start))


# --- two linear layers --------------------------------------------------------------------------------


def test_two_linear_layers(bp, out):
    W1, W2, x, y = bp.W1, bp.W2, bp.x_col, bp.y_col
    e = 2 * (W2 @ W1 @ x - y)
    assert bp.e == pytest.approx(e) and W1.shape == (3, 4) and W2.shape == (2, 3)
    assert bp.gap_1.shape == (3, 4) and bp.gap_2.shape == (2, 3)
    assert abs(bp.gap_1).max() < 1e-8 and abs(bp.gap_2).max() < 1e-8
    # the shared network is the same, transposed
    params = [(W1.T, np.zeros(3)), (W2.T, np.zeros(2))]
    A, cache = forward(params, x[None, :], "linear")
    (dW1, _), (dW2, _) = backward(params, cache, mse(A, y[None, :])[1])
    assert dW1.T == pytest.approx(np.outer(W2.T @ e, x)) and dW2.T == pytest.approx(np.outer(e, W1 @ x))
    assert bp.numeric_1 == pytest.approx(dW1.T, abs=1e-7)
    assert printed(out, "below 1e-8:") == ["True True"]


def test_jacobians_of_the_two_chains(bp, out):
    """Each by finite differences; the slide's last one is zero because W2 is given."""
    x, h = bp.x_col, bp.h
    for k in range(3):
        row = numerical_gradient(lambda W, k=k: (W @ x)[k], bp.W1)
        assert bp.dh_dW1[k] == pytest.approx(row.ravel(), abs=1e-8)
        assert bp.df_dh[:, k] == pytest.approx([numerical_gradient(lambda h, i=i: (bp.W2 @ h)[i], h)[k]
                                                for i in range(2)], abs=1e-8)
    for k in range(2):
        row = numerical_gradient(lambda W, k=k: (W @ h)[k], bp.W2)
        assert bp.df_dW2[k] == pytest.approx(row.ravel(), abs=1e-8)
    assert bp.dW2_dW1.shape == (6, 12) and not bp.dW2_dW1.any()
    assert bp.right == pytest.approx(bp.numeric_1.ravel(), abs=1e-7) and bp.slide.tolist() == [0.0] * 12
    shown = str(bp.right[:3].round(3))
    assert printed(out, "through h ") == printed(out, "finite difference ") == [f"{shown} ..."]
    assert printed(out, "through W2") == ["[0. 0. 0.] ..."]


# --- reuse, cost, and what it is not ------------------------------------------------------------------


def test_multiplications_alone_and_in_one_sweep(bp, out):
    """Alone: one neuron of depth d asks four of depth d - 1; closed forms, and a count of the sweep's products."""
    alone = 1
    for depth in range(2, 8):
        alone = 1 + 4 * (1 + alone)
        sweep = sum(4 * 4 for _ in range(depth - 1)) + sum(4 for _ in range(depth))
        assert bp.multiplications[depth] == (4 * alone, sweep)
    grow = [bp.multiplications[d + 1][0] / bp.multiplications[d][0] for d in range(2, 7)]
    assert all(4 <= factor < 4.6 for factor in grow) and abs(grow[-1] - 4) < 0.01
    assert {bp.multiplications[d + 1][1] - bp.multiplications[d][1] for d in range(2, 7)} == {20}
    lines = [line for line in out if "in one sweep" in line]
    assert len(lines) == 6 and all(line.endswith(", True") for line in lines)
    assert lines[0].startswith("depth 2: 36 alone, 24")


def test_one_delta_is_that_of_backward(bp):
    rng = np.random.default_rng(4)
    params = init_mlp((2, 3, 2, 3), rng)
    _, cache = forward(params, rng.normal(size=(1, 2)), "tanh", "sigmoid")
    dA = rng.normal(size=3)
    grads = backward(params, cache, dA[None, :])
    slopes = [slope[0] for _, slope in cache]
    for layer, (_, db) in enumerate(grads):
        found = [bp.one_delta(params, slopes, dA, layer, j) for j in range(db.size)]
        assert [delta for delta, _ in found] == pytest.approx(db)
        assert {spent for _, spent in found} == {{2: 1, 1: 1 + 3 * (1 + 1), 0: 1 + 2 * (1 + 7)}[layer]}


def test_cost_counts_and_ratio(chapter, bp, out):
    assert bp.evaluations == {P: 2 * P for P in (111, 221, 441, 1101)}
    assert bp.ratio[441] > 20 and bp.ratio[1101] > 20
    lines = [line for line in out if line.startswith("P = ") and "forward" in line]
    assert [line.split(", time")[0] for line in lines] == [
        f"P = {P}: {2 * P} forward passes" for P in (111, 221, 441, 1101)]
    assert [float(line.split("time ")[1].split()[0]) for line in lines] == [round(r) for r in bp.ratio.values()]
    assert printed(out, "P = 399370:") == [f"there and back takes {bp.large:.1f} predictions"]
    assert 2 < bp.large < 10  # three and more; the margin is for other machines
    ax = chapter.figures[4].axes[0]
    passes, predicted, times = ax.lines
    for line in ax.lines:
        assert line.get_xdata().tolist() == [111, 221, 441, 1101]
    assert passes.get_ydata().tolist() == [222, 442, 882, 2202]
    assert predicted.get_ydata() == pytest.approx([74, 442 / 3, 294, 734])
    assert times.get_ydata().tolist() == pytest.approx(list(bp.ratio.values()))
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [label.get_text() for label in ax.get_legend().get_texts()] == ["$2P$", r"$\frac{2}{3}P$", "time"]


def test_seconds_is_the_time_of_one_call_in_the_best_of_three_series(bp, monkeypatch):
    clock = iter([0.0, 10.0, 20.0, 26.0, 30.0, 38.0])
    monkeypatch.setattr(bp.time, "perf_counter", lambda: next(clock))
    calls = []
    assert bp.seconds(lambda: calls.append(1), 4) == 6 / 4 and len(calls) == 12


class Counted(np.ndarray):
    """An array that counts the multiplications of its matrix products."""

    spent = 0

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        plain = [np.asarray(value) for value in inputs]
        if ufunc is np.matmul:
            (n, inner), (_, m) = plain[0].shape, plain[1].shape
            Counted.spent += n * inner * m
        kwargs.pop("out", None)
        found = getattr(ufunc, method)(*plain, **kwargs)
        return found.view(Counted) if isinstance(found, np.ndarray) else found


def test_backward_takes_two_products_for_each_of_the_forward_pass():
    rng = np.random.default_rng(0)
    params = [(W.view(Counted), b) for W, b in init_mlp((9, 40, 30, 1), rng)]
    Counted.spent = 0
    A, cache = forward(params, rng.normal(size=(20, 9)).view(Counted))
    ahead = Counted.spent
    assert ahead == 20 * (9 * 40 + 40 * 30 + 30 * 1)
    backward(params, cache, A)
    assert Counted.spent == 3 * ahead


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_million_parameters_make_a_second_a_week(language):
    assert 7 <= 2 / 3 * 1e6 / 86_400 < 8
    assert {"en": "would take finite differences a week", "zh": "要做一个星期"}[language] in PAGES[language]


def test_two_engines_one_trajectory(bp, out):
    reference = np.array(bp.paths["backpropagation"])
    assert reference.shape == (201, 17)
    other = np.array(bp.paths["finite differences"])
    assert abs(other - reference).max() < 1e-6 and np.any(other != reference)  # two computations, not one
    start = init_mlp((2, 3, 2), np.random.default_rng(0))
    assert reference[0] == pytest.approx(bp.flat(start))
    losses = [bp.loss_at(theta, start, bp.X_xor, bp.Y_xor, "tanh", cross_entropy) for theta in reference]
    assert losses[0] > 0.6 and losses[-1] < 0.02  # it learns
    for name in bp.paths:
        assert printed(out, f"{name}:") == [f"loss {losses[0]:.4f} -> {losses[-1]:.4f}"]
    assert printed(out, "paths within 1e-6 of each other:") == ["True"]


def test_the_trajectory_is_gradient_descent_on_the_loss(bp):
    path, template = bp.paths["backpropagation"], init_mlp((2, 3, 2), np.random.default_rng(1))
    for t in (0, 100, 199):
        g = numerical_gradient(lambda at: bp.loss_at(at, template, bp.X_xor, bp.Y_xor, "tanh", cross_entropy), path[t])
        assert path[t + 1] == pytest.approx(path[t] - g, abs=1e-8)


# --- softmax on top; features -------------------------------------------------------------------------


def test_delta_of_the_last_layer_is_probabilities_minus_labels_over_n(out):
    rng = np.random.default_rng(3)
    Z, Y = rng.normal(size=(6, 4)), np.eye(4)[rng.integers(4, size=6)]
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    assert cross_entropy(Z, Y)[1] == pytest.approx((P - Y) / 6)
    assert cross_entropy(Z, Y)[1] == pytest.approx(numerical_gradient(lambda Z: cross_entropy(Z, Y)[0], Z), abs=1e-8)
    assert printed(out, "with softmax: error below 1e-8:") == ["True"]


def test_softmax_is_no_entry_wise_function():
    """Each probability moves with every score, so no product entry by entry gives its slopes."""
    z = np.array([0.3, -1.0, 0.8])
    for i in range(3):
        row = numerical_gradient(lambda z, i=i: np.exp(z[i]) / np.exp(z).sum(), z)
        assert np.all(abs(row) > 0.01)


def test_two_relus_chosen_by_hand_solve_xor(bp):
    X, Y = bp.X_xor, bp.Y_xor
    W1 = np.array([[1.0, -1.0], [1.0, -1.0]])
    hidden = np.maximum(0, X @ W1)
    assert hidden.sum(axis=1) == pytest.approx(abs(X.sum(axis=1)))
    params = [(W1, np.zeros(2)), (np.array([[1.0, -1.0], [1.0, -1.0]]), np.array([-1.0, 1.0]))]
    assert bp.accuracy(params, X, Y, "relu") > 0.98


def test_the_points_of_xor(bp):
    assert bp.X_xor.shape == (100, 2) and bp.Y_xor.sum(axis=0).tolist() == [50, 50]
    for k, corner in enumerate([[1, 1], [-1, -1], [1, -1], [-1, 1]]):
        cloud = slice(25 * k, 25 * k + 25)
        assert bp.X_xor[cloud].mean(axis=0) == pytest.approx(corner, abs=0.15)
        assert np.all(bp.Y_xor[cloud].argmax(axis=1) == (0, 0, 1, 1)[k])


def test_how_often_training_finds_the_features(bp, out):
    assert list(bp.solved) == [(8, "linear"), (2, "tanh"), (2, "relu"), (8, "relu")]
    assert bp.solved[8, "linear"] == 0 and bp.solved[8, "relu"] == 20
    assert 8 <= bp.solved[2, "tanh"] <= 17 and 1 <= bp.solved[2, "relu"] <= 6
    for (hidden, activation), count in bp.solved.items():
        best = "0.50" if activation == "linear" else "1.00"
        assert printed(out, f"{hidden} {activation:6}:") == [f"{count} of 20 starts, best accuracy {best}"]
        for params in bp.learnt[hidden, activation]:
            assert params[0][0].shape == (2, hidden)
            assert bp.accuracy(params, bp.X_xor, bp.Y_xor, activation) > 0.98


def test_the_same_with_other_noise_and_another_rate(bp):
    X = np.repeat(bp.corners, 25, axis=0) + np.random.default_rng(6).normal(0, 0.25, (100, 2))
    found = {}
    for hidden, activation in ((2, "tanh"), (2, "relu"), (8, "relu")):
        runs = [bp.train([2, hidden, 2], X, bp.Y_xor, activation, seed, lr=0.3) for seed in range(20)]
        found[hidden, activation] = sum(bp.accuracy(run, X, bp.Y_xor, activation) > 0.98 for run in runs)
    assert found[2, "relu"] < 8 < found[2, "tanh"] < 18 < found[8, "relu"]


def test_train_is_gradient_descent_from_the_seeds_start(bp):
    X, Y = bp.X_xor, bp.Y_xor
    params = init_mlp([2, 3, 2], np.random.default_rng(7), 1.5)
    theta = bp.flat(params)
    for _ in range(3):
        theta = theta - 0.4 * numerical_gradient(lambda t: bp.loss_at(t, params, X, Y, "tanh", cross_entropy), theta)
    found = bp.flat(bp.train([2, 3, 2], X, Y, "tanh", 7, lr=0.4, steps=3, scale=1.5))
    assert found == pytest.approx(theta, abs=1e-8)


def test_no_line_divides_xor(bp):
    """The value at the origin is the mean over both pairs, for any weights."""
    rng = np.random.default_rng(9)
    W, b = rng.normal(size=(2, 2)), rng.normal(size=2)
    d = {tuple(x): (x @ W + b) @ [1, -1] for x in np.array([[1, 1], [-1, -1], [1, -1], [-1, 1], [0, 0]])}
    assert d[1, 1] + d[-1, -1] == pytest.approx(2 * d[0, 0]) == pytest.approx(d[1, -1] + d[-1, 1])
    (A, a), (B, c) = init_mlp([2, 8, 2], rng)
    X = rng.normal(size=(5, 2))
    assert (X @ A + a) @ B + c == pytest.approx(X @ (A @ B) + (a @ B + c))


def test_features_figure(chapter, bp):
    left, right = chapter.figures[2].axes
    params = bp.learnt[2, "tanh"][0]
    (W1, b1), (W2, b2) = params
    H = np.tanh(bp.X_xor @ W1 + b1)
    for ax, points in ((left, bp.X_xor), (right, H)):
        dots, crosses = ax.lines
        assert dots.get_xydata() == pytest.approx(points[:50]) and crosses.get_xydata() == pytest.approx(points[50:])
        assert (dots.get_color(), crosses.get_color()) == ("C3", "C4")

    def margin(H):
        Z = H @ W2 + b2
        return Z[:, 0] - Z[:, 1]

    on_left, on_right = (np.concatenate(ax.collections[0].allsegs[0]) for ax in (left, right))
    scale = abs(margin(H)).max()
    assert abs(margin(np.tanh(on_left @ W1 + b1))).max() < 0.05 * scale
    assert abs(margin(on_right)).max() < 0.05 * scale
    line = np.polyfit(*on_right.T, 1)
    assert abs(np.polyval(line, on_right[:, 0]) - on_right[:, 1]).max() < 1e-6  # one straight cut


# --- small slopes -------------------------------------------------------------------------------------


def test_sigmoid_with_cross_entropy_cancels_the_slope(bp, out):
    for bias in (-1.0, -5.0, -9.0):
        def loss(z, kind):
            y_hat = 1 / (1 + math.exp(-z))
            return (y_hat - 1) ** 2 if kind == "square" else -math.log(y_hat)
        a1, a2 = by_pencil().a[:2]
        z = 2 * a1 - a2 + bias
        square, entropy = (numerical_gradient(lambda z, k=k: loss(float(z), k), np.array(z)) for k in ("square", "log"))
        assert entropy == pytest.approx(1 / (1 + math.exp(-z)) - 1, abs=1e-8)
        assert printed(out, f"b3 = {bias:g}:") == [f"delta_3 {square:+.4f}, cross-entropy {entropy:+.4f}"]
    assert abs(square) < 1e-3 and entropy < -0.999  # the output is almost 0, and so is delta
    y_hat, y = 0.3, 1.0
    assert -y / y_hat + (1 - y) / (1 - y_hat) == pytest.approx((y_hat - y) / (y_hat * (1 - y_hat)))


def test_deltas_are_the_norms_of_the_recursion(bp):
    found = bp.deltas("tanh", 1.3, 2, depth=3, width=4)
    rng = np.random.default_rng(2)
    params = init_mlp([4, 4, 4, 4, 1], rng, 1.3)
    X = rng.normal(size=(20, 4))

    def total(Z, layer):  # sum of the outputs if layer's Z is this
        for k in range(layer, 3):
            Z = np.tanh(Z) @ params[k + 1][0] + params[k + 1][1]
        return Z.sum()

    A = X
    for layer in range(3):
        Z = A @ params[layer][0] + params[layer][1]
        numeric = numerical_gradient(lambda Z, layer=layer: total(Z, layer), Z)
        assert found[layer] == pytest.approx(np.linalg.norm(numeric), rel=1e-6)
        A = np.tanh(Z)


def test_signals_shrink_through_sigmoids_and_not_through_relus(bp, out):
    factor = {name: np.median([(d[0] / d[-1]) ** (1 / 9) for d in bp.passed[name]]) for name in bp.passed}
    assert all(np.shape(bp.passed[name]) == (20, 10) for name in bp.passed)
    assert factor["sigmoid"] < 0.25 and 0.75 < factor["tanh"] < 0.95 and 0.95 < factor["relu"] < 1.05
    for name in bp.passed:
        whole = np.median([d[0] / d[-1] for d in bp.passed[name]])
        assert printed(out, f"{name:7}: delta times") == [f"{whole:.1g}"]


def test_sigmoid_needs_twelve_times_the_weights_and_then_sits_at_the_flat_ends(bp):
    def factor(scale):
        return np.median([(d[0] / d[-1]) ** (1 / 9) for d in (bp.deltas("sigmoid", scale, s) for s in range(9))])
    assert factor(8) < 0.9 and factor(12) == pytest.approx(1, abs=0.05)
    rng = np.random.default_rng(0)
    params = init_mlp([30] * 11 + [1], rng, 12)
    _, cache = forward(params, rng.normal(size=(20, 30)), "sigmoid")
    assert np.mean([slope < 0.05 for _, slope in cache[:-1]]) > 0.6  # "most neurons"


def test_training_agrees(bp, out):
    chance = math.log(10)
    (one, four), (relu_one, relu_four) = bp.best["sigmoid"], bp.best["relu"]
    assert relu_one < one < 0.1 and four > 0.98 * chance and relu_four < 0.6
    for name in ("sigmoid", "relu"):
        assert printed(out, f"{name:7}: loss") == [
            f"{bp.best[name][0]:.2f}, four hidden layers {bp.best[name][1]:.2f}"]
    for seed in (7, 8):  # other starts
        assert bp.best_loss(4, "sigmoid", seed) > 0.98 * chance > 3 * bp.best_loss(4, "relu", seed)
        assert bp.best_loss(1, "sigmoid", seed) < 0.1


def test_vanishing_figure(chapter, bp):
    top, bottom = chapter.figures[3].axes
    assert [line.get_label() for line in top.lines] == ["sigmoid", "tanh", "relu"]
    for line, name in zip(top.lines, bp.passed):
        d = np.array(bp.passed[name])
        assert line.get_ydata() == pytest.approx(np.median(d / d[:, -1:], axis=0))
        assert list(line.get_xdata()) == list(range(1, 11))
    sigmoid, tanh, relu, one = bottom.lines
    assert [line.get_color() for line in (sigmoid, tanh, relu)] == [line.get_color() for line in top.lines]
    crossing = [np.interp(1, line.get_ydata(), line.get_xdata()) for line in (sigmoid, tanh, relu)]
    assert crossing == pytest.approx([11.9, 1.4, 1.42], rel=0.05)  # as the alt text says
    assert np.ravel(one.get_ydata()).tolist() == [1, 1]


def test_relu_that_is_silent_passes_nothing_back():
    params = [(np.ones((2, 1)), np.array([-9.0])), (np.ones((1, 1)), np.zeros(1))]
    X, Y = np.random.default_rng(1).normal(size=(5, 2)), np.ones((5, 1))
    A, cache = forward(params, X, "relu")
    (dW, db), _ = backward(params, cache, mse(A, Y)[1])
    assert not dW.any() and not db.any() and ACTIVATIONS["relu"][0](-9.0) == 0


# --- exercises ----------------------------------------------------------------------------------------


def test_exercise_1(out):
    assert "outputs [[ 1.  -0.5]] loss 1.25" in out
    assert 0.25 * (2 * 2 + -1 * -1) == 1.25
    assert "hidden delta [1.25] dL/dW1 [[1.25]] dL/dW2 [[ 1.  -0.5]]" in out


def test_exercise_2(bp, out):
    assert "(5, 3) below 1e-8: True" in out
    assert bp.check.shape == (5, 3) and np.linalg.norm(bp.check) > 0.01


def test_exercise_3(bp, out):
    seen = {key for key, error in bp.blind.items() if error > 0.1}
    assert seen == {("random", "lost transpose"), ("random", "missing slope"), ("symmetric", "missing slope")}
    assert all(error < 1e-12 for key, error in bp.blind.items() if key not in seen) and len(bp.blind) == 6
    assert printed(out, "zero      missing slope:") == ["0e+00"]
    assert all(np.array_equal(W, W.T) and W.any() for W, _ in bp.settings["symmetric"])
    assert not any(W.any() for W, _ in bp.settings["zero"])


# --- what the page asks --------------------------------------------------------------------------------


def test_questions(bp):
    second, wire, transpose, price = answers_of("backpropagation")
    z2 = 1 * 0.5 + 2 * -1 + 1
    assert second == [f"{z2:.2f}", f"{z2 - 1:.2f}", f"{1 * 0.2 + 2 * -1 + 1:.2f}"] and second[0] == "-0.50"
    pencil, h = by_pencil(), 1e-6
    moved = (2 + h) * pencil.a[0] - pencil.a[1] - 1  # z3 with a larger v1
    assert wire == [f"{(moved - pencil.z[2]) / h:.2f}", "2.00", "1.00"] and wire[0] == "0.73"
    params = [(np.random.default_rng(seed).normal(size=(4, 4)), np.zeros(4)) for seed in range(3)]
    X, Y = np.random.default_rng(9).normal(size=(2, 6, 4))
    A, cache = forward(params, X)
    dA, sound = mse(A, Y)[1], backward(params, cache, mse(A, Y)[1])
    spoilt = []
    for (W, _), (A_in, slope), (dW, _) in zip(params[::-1], cache[::-1], sound[::-1]):
        spoilt.append(not np.allclose(A_in.T @ (dA * slope), dW))
        dA = (dA * slope) @ W  # not transposed
    assert transpose == 1 and spoilt == [False, True, True]  # from the last layer to the first
    passes = bp.evaluations[9 * 100 + 100 + 100 + 1]
    assert price == [f"{passes / 3:.0f}", f"{passes}", "1101"] and passes == 2 * 1101
