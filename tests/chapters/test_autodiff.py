"""The reverse-mode engine: each operator, random expressions against finite differences, shared subexpressions."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import numpy as np
import pytest
from autodiff import Value
from numerical_gradient import numerical_gradient

SECTION = (Path(__file__).parents[2] / "snippets" / "autodiff.py").read_text("utf-8")
SECTION = SECTION.partition("# --8<-- [start:autodiff]\n")[2].partition("# --8<-- [end:autodiff]")[0]


def check(f, *at: float, tol: float = 1e-8) -> None:
    """f of Values: its number is f of floats, its gradient that of centred differences."""
    inputs = [Value(x) for x in at]
    out = f(*inputs)
    out.backward()
    x = np.array(at, dtype=np.float64)

    def number(p: np.ndarray) -> float:
        return f(*[Value(v) for v in p]).data

    assert out.data == pytest.approx(number(x), rel=1e-12)
    assert [v.grad for v in inputs] == pytest.approx(numerical_gradient(number, x), rel=tol, abs=tol)


# --- one operator at a time ---------------------------------------------------------------------------

ONE = [
    (lambda x: x + 3, lambda x: x + 3, lambda x: 1.0),
    (lambda x: 3 + x, lambda x: 3 + x, lambda x: 1.0),
    (lambda x: x * 3, lambda x: 3 * x, lambda x: 3.0),
    (lambda x: 3 * x, lambda x: 3 * x, lambda x: 3.0),
    (lambda x: -x, lambda x: -x, lambda x: -1.0),
    (lambda x: x - 3, lambda x: x - 3, lambda x: 1.0),
    (lambda x: 3 - x, lambda x: 3 - x, lambda x: -1.0),
    (lambda x: x / 4, lambda x: x / 4, lambda x: 0.25),
    (lambda x: 4 / x, lambda x: 4 / x, lambda x: -4 / x**2),
    (lambda x: x**3, lambda x: x**3, lambda x: 3 * x**2),
    (lambda x: x**-2, lambda x: x**-2, lambda x: -2 * x**-3),
    (lambda x: x**0.5, lambda x: x**0.5, lambda x: 0.5 * x**-0.5),
    (lambda x: x.exp(), math.exp, math.exp),
    (lambda x: x.log(), math.log, lambda x: 1 / x),
]


@pytest.mark.parametrize(("f", "number", "slope"), ONE)
@pytest.mark.parametrize("at", [0.7, 2.5])
def test_one_operator(f, number, slope, at):
    x = Value(at)
    out = f(x)
    out.backward()
    assert (out.data, x.grad) == pytest.approx((number(at), slope(at)), rel=1e-14)


TWO = [
    (lambda x, y: x + y, lambda x, y: (x + y, 1.0, 1.0)),
    (lambda x, y: x - y, lambda x, y: (x - y, 1.0, -1.0)),
    (lambda x, y: x * y, lambda x, y: (x * y, y, x)),
    (lambda x, y: x / y, lambda x, y: (x / y, 1 / y, -x / y**2)),
]


@pytest.mark.parametrize(("f", "expected"), TWO)
def test_two_values(f, expected):
    x, y = Value(-1.3), Value(0.4)
    out = f(x, y)
    out.backward()
    assert (out.data, x.grad, y.grad) == pytest.approx(expected(-1.3, 0.4), rel=1e-14)


# --- graphs -------------------------------------------------------------------------------------------


def test_the_graph_of_the_course():
    a, b, c = Value(5), Value(3), Value(2)
    u = b * c
    v = a + u
    J = 3 * v
    J.backward()
    assert (u.data, v.data, J.data) == (6, 11, 33)
    assert [x.grad for x in (J, v, a, u, b, c)] == [1, 3, 3, 3, 6, 9]


def test_a_value_used_twice_collects_both_parts():
    x = Value(3.0)
    y = x * x + x
    y.backward()
    assert (y.data, x.grad) == (12, 7)
    for f in (lambda x: x + x, lambda x: x - x, lambda x: x / x):
        check(f, 3.0)


def test_shared_subexpressions_at_different_depths():
    """s reaches the output over paths of different lengths: it must wait for the longest."""

    def f(x, y):
        s = x * y
        t = s + 1
        return s * (t * t + s.exp()) / (t + 5) - s

    check(f, 0.6, -0.8)


def test_the_order_is_topological_whichever_input_comes_first():
    for f in (lambda s: s + (s + 1) ** 2, lambda s: (s + 1) ** 2 + s):
        x = Value(2.0)
        f(x * x).backward()
        assert x.grad == (1 + 2 * 5) * 4


STEPS = (  # of two values and a positive number
    lambda x, y, c: x + y,
    lambda x, y, c: x - c * y,
    lambda x, y, c: c - x,
    lambda x, y, c: x * y * 0.5,
    lambda x, y, c: -x / (y * y + c),
    lambda x, y, c: c / (1 + x * x),
    lambda x, y, c: (x * x + 1) ** c,
    lambda x, y, c: (x * -0.3 - c).exp(),
    lambda x, y, c: (x * x + c).log(),
    lambda x, y, c: 1 / (1 + (-y).exp()),
)


@pytest.mark.parametrize("seed", range(20))
def test_random_expressions(seed):
    """Twelve random steps on a growing pool of values, so that many are used several times."""

    def f(*inputs):
        rng, pool = np.random.default_rng(seed), list(inputs)
        for _ in range(12):
            x, y = (pool[i] for i in rng.integers(len(pool), size=2))
            new = STEPS[rng.integers(len(STEPS))](x, y, rng.uniform(0.5, 2))
            pool.append(new / (1 + new * new) ** 0.5)  # stays within -1 and 1
        return sum(pool[3:], start=0.0)

    check(f, *np.random.default_rng(100 + seed).normal(size=3), tol=1e-7)


def test_softmax_cross_entropy():
    """A loss with a known gradient: probabilities minus the label's one-hot vector."""
    z = [Value(s) for s in (1.0, -0.5, 2.0)]
    total = sum(s.exp() for s in z)
    loss = -(z[2].exp() / total).log()
    loss.backward()
    p = np.exp([1.0, -0.5, 2.0])
    p /= p.sum()
    assert loss.data == pytest.approx(-np.log(p[2]))
    assert [s.grad for s in z] == pytest.approx(p - [0, 0, 1])


def test_arrays_of_values_go_through_numpy():
    """The forward code of a layer, unchanged, on an array of Values."""
    rng = np.random.default_rng(1)
    X, w = rng.normal(size=(5, 3)), rng.normal(size=(3, 2))

    def loss(W):
        return np.mean((1 / (1 + np.exp(-(X @ W))) - 0.3) ** 2) - np.mean(np.log(W**2 + 1) / 4)

    W = np.vectorize(Value, otypes=[object])(w)
    out = loss(W)
    out.backward()
    assert isinstance(out, Value) and out.data == pytest.approx(loss(w))
    grads = np.vectorize(lambda v: v.grad)(W)
    assert grads == pytest.approx(numerical_gradient(loss, w), abs=1e-9)


# --- what backward promises ---------------------------------------------------------------------------


def test_backward_starts_afresh_each_time():
    """grad belongs to the last output asked; calling twice does not add up."""
    x = Value(2.0)
    square, cube = x**2, x**3
    for _ in range(2):
        square.backward()
        assert (x.grad, square.grad) == (4, 1)
    cube.backward()
    assert (x.grad, cube.grad) == (12, 1)


def test_a_fresh_value():
    x = Value(2)
    assert (type(x.data), x.data, x.grad, x.inputs, x.depth) == (float, 2.0, 0.0, (), 0)
    x.backward()
    assert x.grad == 1


def test_gradients_are_plain_floats():
    x = Value(np.float64(2.0))
    (np.float64(3.0) * x.exp() + x.log() / np.int64(2)).backward()
    assert type(x.grad) is float


def test_each_value_is_visited_once():
    """A chain of doublings has 2**60 paths; the engine walks 61 values."""
    x = y = Value(1.0)
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_long_chains_need_no_recursion():
    x = y = Value(1.0)
    for _ in range(5000):
        y = y + x
    y.backward()
    assert x.grad == 5001


def test_small_integers_of_images_do_not_wrap():
    pixel = np.uint8(200)
    x = Value(1.0)
    assert ((x - pixel).data, (x * pixel).data, (pixel - x).data) == (-199, 200, 199)


def test_what_is_refused():
    x = Value(2.0)
    with pytest.raises(TypeError):
        x**x
    with pytest.raises(TypeError):
        x + np.array([1.0, 2.0])
    with pytest.raises(ValueError):
        Value(-1.0).log()
    with pytest.raises(ZeroDivisionError):
        1 / Value(0.0)
    with pytest.raises(OverflowError):
        Value(1000.0).exp()


def test_at_most_forty_lines():
    """Lines of code: neither blank nor in a docstring."""
    lines = {number for number, line in enumerate(SECTION.split("\n"), 1) if line.strip()}
    for node in ast.walk(ast.parse(SECTION)):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    assert 0 < len(lines) <= 40
    assert max(map(len, SECTION.split("\n"))) <= 76
