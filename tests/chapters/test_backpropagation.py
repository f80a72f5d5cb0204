"""Chapter `backpropagation`: every number and every claim of the page, by a second way where there is one."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import math
import re
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from mlp import backward, forward, init_mlp, mse
from numerical_gradient import numerical_gradient

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "snippets" / "backpropagation.py"
PAGES = {language: (ROOT / "docs" / language / "backpropagation.md").read_text("utf-8") for language in ("zh", "en")}
EXCLUSIVE_OR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])
FAULTS = ("none", "lost transpose", "missing slope", "stale activation")


@pytest.fixture(scope="module")
def chapter():
    """The chapter, run from top to bottom: its names, what it printed, its figures in order."""
    plt.close("all")
    spec = importlib.util.spec_from_file_location("backpropagation_chapter", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        spec.loader.exec_module(module)
    figures = [plt.figure(number) for number in plt.get_fignums()]
    yield SimpleNamespace(names=module, out=out.getvalue().splitlines(), figures=figures)
    plt.close("all")


@pytest.fixture(scope="module")
def bp(chapter):
    return chapter.names


@pytest.fixture(scope="module")
def out(chapter):
    return chapter.out


def printed(out, start: str) -> list[str]:
    """What follows `start` in each line that begins with it."""
    return [line[len(start):].strip() for line in out if line.startswith(start)]


def texts(ax) -> dict[str, tuple[float, float]]:
    """Each text of a drawing with its place."""
    return {text.get_text(): text.get_position() for text in ax.texts}


# --- the example by hand, with nothing but math -------------------------------------------------------


def by_pencil() -> SimpleNamespace:
    """The page's arithmetic, one number at a time."""
    def s(t):
        return 1 / (1 + math.exp(-t))
    z1, z2 = 1 * 0.3 + 2 * 0.2 + 0.3, 1 * 0.5 - 2 * 1 + 1
    a1, a2 = s(z1), s(z2)
    z3 = 2 * a1 - a2 - 1
    y_hat = s(z3)
    g1, g2, g3 = a1 * (1 - a1), a2 * (1 - a2), y_hat * (1 - y_hat)
    entering = 2 * (y_hat - 1)
    d3 = g3 * entering
    d1, d2 = g1 * 2 * d3, -g2 * d3
    return SimpleNamespace(z=[z1, z2, z3], a=[a1, a2, y_hat], g=[g1, g2, g3], d=[d1, d2, d3], entering=entering,
                           partials=[d1, 2 * d1, d1, d2, 2 * d2, d2, a1 * d3, a2 * d3, d3])


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


def test_derivative_is_the_value_on_the_wire(bp, out):
    a1, a2 = by_pencil().a[:2]
    on_wire = [1, 2, 1, 1, 2, 1, a1, a2, 1]
    into = np.repeat([0, 1, 2], 3)
    assert bp.partials[into, range(9)] == pytest.approx(on_wire, abs=1e-9)
    assert bp.arriving == pytest.approx(on_wire)
    assert bp.partials[0, 3:] == pytest.approx(0, abs=1e-9) and bp.partials[1, 6:] == pytest.approx(0, abs=1e-9)
    assert [line for line in out if line.startswith("dz")] == [
        f"dz{k + 1}/d{name} = {value:.4f}, on the wire {value:.4f}" for k, name, value in zip(into, bp.names, on_wire)]


def test_slope_is_cached_a_number_and_another_one_for_another_input(bp, out):
    t = np.linspace(-6, 6, 25)
    assert bp.sigmoid_slope(t) == pytest.approx(numerical_gradient(lambda t: bp.sigmoid(t).sum(), t), abs=1e-9)
    assert bp.sigmoid_slope(t) == pytest.approx(bp.sigmoid(t) * (1 - bp.sigmoid(t)))
    assert bp.sigmoid_slope(t).max() == bp.sigmoid_slope(0.0) == 0.25  # "at most 1/4"
    ours, other = bp.gains[1.0, 2.0], bp.gains[3.0, 1.0]
    assert ours == pytest.approx(by_pencil().g)
    assert abs(ours - other).min() > 1e-3 and other[0] < ours[0]
    lines = printed(out, "x = [")
    assert len(lines) == 2 and all(line.endswith("checked: True") for line in lines)
    assert lines[0].startswith("1.0, 2.0]: z = [ 1.     -0.5     0.0846], slopes [0.1966 0.235  0.2496]")
    assert lines[1].startswith("3.0, 1.0]: z = [ 1.4     1.5    -0.2132]")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_typed_numbers_of_the_page_follow_with_pencil(language):
    """The formulas' rounded factors multiply to the rounded result that they state; so do the alt texts."""
    pencil, page = by_pencil(), PAGES[language]
    (g1, g2, g3), (d1, d2, d3) = pencil.g, pencil.d
    assert rf"= {g3:.5f}\cdot 2({pencil.a[2]:.5f} - 1) = {d3:.4f}" in page
    assert rf"= {g1:.5f}\cdot 2\cdot({d3:.5f}) = {d1:.4f}" in page
    assert rf"= {g2:.5f}\cdot(-1)\cdot({d3:.5f}) = {d2:.4f}" in page
    assert f"{round(g3, 5) * 2 * (round(pencil.a[2], 5) - 1):.4f}" == f"{d3:.4f}"
    assert f"{round(g1, 5) * 2 * round(d3, 5):.4f}" == f"{d1:.4f}"
    assert f"{round(g2, 5) * -1 * round(d3, 5):.4f}" == f"{d2:.4f}"
    alts = " ".join(re.findall(r'alt="([^"]*)"', page))
    for number in (*pencil.a, *pencil.g):
        assert f"{number:.4f}" in alts
    for number in pencil.d:
        assert re.search(rf"δ = {re.escape(f'{number:+.4f}')}", alts)
    assert f"{pencil.entering:.4f}" in alts


def test_forward_figure(chapter):
    ax = chapter.figures[0].axes[0]
    pencil, found = by_pencil(), texts(ax)
    circles = ax.lines[-1]
    assert list(zip(circles.get_xdata(), circles.get_ydata())) == [(0, 1), (0, 0), (1, 1), (1, 0), (2, 0.5)]
    for text, place in zip(["1", "2", *(f"{a:.4f}" for a in pencil.a)], circles.get_xydata()):
        assert found[text] == pytest.approx(place)
    assert found["b = 0.3\nz = 1"][1] > 1.2 and found["b = 1\nz = -0.5"][1] < -0.2
    assert found["b = -1\nz = 0.08458"] == pytest.approx((2, 0.84)) and r"$\hat{y}$" in found


@pytest.mark.parametrize("index", [0, 1])
def test_wires_bear_their_weights(chapter, index):
    ax = chapter.figures[index].axes[0]
    wires = [tuple(map(tuple, line.get_xydata())) for line in ax.lines[:6]]
    x1, x2, h1, h2, o = (0, 1), (0, 0), (1, 1), (1, 0), (2, 0.5)
    assert wires == [(x1, h1), (x2, h1), (x1, h2), (x2, h2), (h1, o), (h2, o)]
    labels = ax.texts[:6]
    assert [label.get_text() for label in labels] == ["0.3", "0.2", "0.5", "-1", "2", "-1"]
    for (start, end), label in zip(wires, labels):
        assert label.get_position() == pytest.approx(0.7 * np.array(start) + 0.3 * np.array(end))


def test_backward_figure(chapter):
    ax = chapter.figures[1].axes[0]
    pencil, found = by_pencil(), texts(ax)
    for place, gain, delta, triangle in zip([(1, 1), (1, 0), (2, 0.5)], pencil.g, pencil.d, ax.patches):
        corners = triangle.get_xy()[:3]
        assert corners[0][0] < place[0] < corners[1][0] == corners[2][0]  # it points to the left
        assert corners[0][1] == place[1] and corners[1][1] > place[1] > corners[2][1]
        assert corners.min(axis=0)[0] < found[f"{gain:.4f}"][0] < corners.max(axis=0)[0]
        x, y = found[rf"$\delta$ = {delta:+.4f}"]
        assert abs(x - place[0]) < 0.1 and abs(y - place[1]) == pytest.approx(0.3)
    assert found[rf"$\delta$ = {pencil.d[1]:+.4f}"][1] < 0 < found[rf"$\delta$ = {pencil.d[0]:+.4f}"][1] - 1
    assert found[f"{pencil.entering:.4f}"][0] > 2.3 and found["x = 1"] == (0, 1) and found["x = 2"] == (0, 0)


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


def test_three_witnesses_agree(bp, out):
    assert list(bp.witness) == [1, 2, 3, 4]
    for differences, autodiff in bp.witness.values():
        assert 1e-12 < differences < 1e-7  # a finite difference cannot be exact: a second way, indeed
        assert autodiff < 1e-12
    sizes = [(3, 2), (3, 4, 2), (3, 4, 5, 2), (3, 4, 5, 4, 2)]
    counts = [sum((a + 1) * b for a, b in zip(s, s[1:])) for s in sizes]
    lines = [line for line in out if "differences within" in line]
    assert lines == [f"depth {depth}, {count} partials: differences within 1e-7: True, autodiff within 1e-12: True"
                     for depth, count in zip(range(1, 5), counts)]


def test_engines_are_three_and_each_is_the_gradient_of_the_loss(bp):
    rng = np.random.default_rng(5)
    params = init_mlp((2, 3, 2), rng)
    theta, X, Y = bp.flat(params) + 0.2, rng.normal(size=(4, 2)), rng.normal(size=(4, 2))

    def loss(t):  # by hand: two layers of sigmoids, mean over the four examples
        W1, b1, W2, b2 = t[:6].reshape(2, 3), t[6:9], t[9:15].reshape(3, 2), t[15:]
        hidden = 1 / (1 + np.exp(-(X @ W1 + b1)))
        return (((1 / (1 + np.exp(-(hidden @ W2 + b2)))) - Y) ** 2).sum() / 4

    assert bp.loss_at(theta, params, X, Y) == pytest.approx(loss(theta))
    expected = numerical_gradient(loss, theta)
    for engine in (bp.by_differences, bp.by_autodiff, bp.by_backprop):
        assert engine(theta, params, X, Y) == pytest.approx(expected, abs=1e-8)


def test_relative_error(bp):
    g = np.array([3.0, 4.0])
    assert bp.relative_error(g, g) == 0
    assert bp.relative_error(g, -g) == pytest.approx(1) and bp.relative_error(1e-9 * g, -1e-9 * g) == pytest.approx(1)
    assert bp.relative_error(g, 3 * g) == pytest.approx(0.5) and bp.relative_error(3 * g, g) == pytest.approx(0.5)
    assert bp.relative_error(g, np.array([3.0, 0.0])) == pytest.approx(4 / 8)


# --- planted faults -----------------------------------------------------------------------------------


def test_each_fault_is_caught_where_the_page_says(bp):
    assert tuple(bp.caught) == FAULTS
    sound = {"none": [0, 1, 2], "lost transpose": [2], "missing slope": [2], "stale activation": [0]}
    for fault, errors in bp.caught.items():
        for layer, error in enumerate(errors):
            assert (error < 1e-7) == (layer in sound[fault])
            assert layer in sound[fault] or error > (1e-4 if fault == "stale activation" else 0.1)
    assert max(bp.caught["stale activation"]) < 5e-3  # "off by only about a thousandth"


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
    assert printed(out, "both below 1e-8:") == ["True True"]


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
    assert len(lines) == 6 and all(line.endswith("same numbers: True") for line in lines)
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
    lines = [line for line in out if line.startswith("P = ")]
    assert [line.split(", time")[0] for line in lines] == [
        f"P = {P}: {2 * P} forward passes against 1" for P in (111, 221, 441, 1101)]
    assert [float(line.split("time ")[1].split()[0]) for line in lines] == [round(r) for r in bp.ratio.values()]
    ax = chapter.figures[2].axes[0]
    passes, times = ax.lines
    assert passes.get_xdata().tolist() == times.get_xdata().tolist() == [111, 221, 441, 1101]
    assert passes.get_ydata().tolist() == [222, 442, 882, 2202]
    assert times.get_ydata().tolist() == pytest.approx(list(bp.ratio.values()))
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [label.get_text() for label in ax.get_legend().get_texts()] == ["forward passes, $2P$", "time, measured"]


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
    assert {"en": "would take them a week", "zh": "要做一个星期"}[language] in PAGES[language]


def test_three_engines_one_trajectory(chapter, bp, out):
    reference = np.array(bp.paths["backpropagation"])
    assert list(bp.paths) == ["finite differences", "autodiff", "backpropagation"]
    assert reference.shape == (601, 13)
    for path in bp.paths.values():
        assert abs(np.array(path) - reference).max() < 1e-6
    assert any((np.array(bp.paths["finite differences"]) != reference).ravel())  # two computations, not one
    start = init_mlp((2, 3, 1), np.random.default_rng(1), scale=3)
    losses = [bp.loss_at(theta, start, *EXCLUSIVE_OR) for theta in reference]
    assert reference[0] == pytest.approx(bp.flat(start))
    assert losses[0] > 0.25 and losses[-1] < 0.01  # it learns
    for name in bp.paths:
        assert printed(out, f"{name}:") == [
            f"loss {losses[0]:.4f}, at the end {losses[-1]:.4f}, path within 1e-6: True"]
    lines = chapter.figures[3].axes[0].lines
    assert len(chapter.figures) == 4 and len(lines) == 3
    for line in lines:
        assert list(line.get_xdata()) == list(range(0, 601, 10))
        assert line.get_ydata() == pytest.approx(losses[::10], abs=1e-7)
    widths = [line.get_linewidth() for line in lines]
    assert widths == sorted(widths, reverse=True) and len(set(widths)) == 3  # the ones below stay visible


def test_the_trajectory_is_gradient_descent_on_the_loss(bp):
    path, template = bp.paths["backpropagation"], init_mlp((2, 3, 1), np.random.default_rng(1))
    for t in (0, 300, 599):
        g = numerical_gradient(lambda at: bp.loss_at(at, template, *EXCLUSIVE_OR), path[t])
        assert path[t + 1] == pytest.approx(path[t] - 2.0 * g, abs=1e-8)


# --- exercises ----------------------------------------------------------------------------------------


def test_exercise_1(out):
    partials = by_pencil().partials
    w11, w21, b1, w12, w22, b2, v1, v2, b3 = (round(value, 4) for value in partials)
    assert f"{[[w11, w12], [w21, w22]]} {[b1, b2]}" in out and f"{[[v1], [v2]]} {[b3]}" in out
    value, squares = (by_pencil().a[2] - 1) ** 2, sum(value**2 for value in partials)
    (line,) = [line for line in out if line.startswith(f"loss {value:.5f}, after a step ")]
    after, expected = (float(number) for number in re.findall(r"\d\.\d{5}", line)[1:])
    assert expected == pytest.approx(value - 0.1 * squares, abs=1e-5)
    assert after < value and abs(after - expected) < 0.05 * (value - expected)


def test_exercise_2(out):
    assert "outputs [[ 1.  -0.5]] loss 1.25" in out
    assert 0.25 * (2 * 2 + -1 * -1) == 1.25
    assert "hidden delta [1.25] dL/dW1 [[1.25]] dL/dW2 [[ 1.  -0.5]]" in out


def test_exercise_3(bp, out):
    assert "(5, 3) below 1e-8: True" in out
    assert bp.check.shape == (5, 3) and np.linalg.norm(bp.check) > 0.01


def test_exercise_4(bp, out):
    seen = {key for key, error in bp.blind.items() if error > 0.1}
    assert seen == {("random", "lost transpose"), ("random", "missing slope"), ("symmetric", "missing slope")}
    assert all(error < 1e-12 for key, error in bp.blind.items() if key not in seen) and len(bp.blind) == 6
    assert printed(out, "zero      missing slope:") == ["0e+00"]
    assert all(np.array_equal(W, W.T) and W.any() for W, _ in bp.settings["symmetric"])
    assert not any(W.any() for W, _ in bp.settings["zero"])
