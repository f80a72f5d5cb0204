"""The gradient check: exact on quadratics, of order h squared elsewhere, and clear about bad input."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numerical_gradient import numerical_gradient


@pytest.mark.parametrize("shape", [(), (1,), (4,), (3, 2), (2, 1, 3)])
def test_quadratic_of_any_shape(shape):
    """Centred differences are exact on quadratics, so only rounding is left."""
    rng = np.random.default_rng(0)
    x, a, c = rng.normal(size=(3, *shape))
    grad = numerical_gradient(lambda p: np.sum(a * p**2 + c * p), x)
    assert grad.shape == shape and grad.dtype == np.float64
    assert grad == pytest.approx(2 * a * x + c, abs=1e-9)


def test_each_entry_gets_its_own_partial_derivative():
    grad = numerical_gradient(lambda p: p[0, 0] + 10 * p[0, 1] + 100 * p[1, 0], np.zeros((2, 2)))
    assert grad == pytest.approx(np.array([[1, 10], [100, 0]]), abs=1e-9)


def test_sides_are_balanced_and_error_falls_with_h_squared():
    """For x**3 at 1 the error of the centred difference is h**2 exactly; a one-sided one would err by 3h."""
    for h in (1e-1, 1e-2):
        assert numerical_gradient(lambda p: p**3, np.array(1.0), h) - 3 == pytest.approx(h**2, rel=1e-6)


def test_default_step():
    seen = []
    numerical_gradient(lambda p: seen.append(float(p)) or 0.0, np.array(0.0))
    assert sorted(seen) == [-1e-5, 1e-5]


def test_x_is_left_alone_even_by_a_function_that_writes():
    x = np.array([1.0, 2.0])

    def writes(p):
        value = float(p @ p)
        p[:] = 99
        return value

    assert numerical_gradient(writes, x) == pytest.approx([2, 4])
    assert np.array_equal(x, [1, 2])


@pytest.mark.parametrize("x", [np.array([1, 2]), [1, 2], 3, np.float32([1.0]), np.array([1j])])
def test_other_types_of_x_are_refused(x):
    with pytest.raises(TypeError, match="x must be float64, found (int|float32|complex)"):
        numerical_gradient(np.sum, x)


def test_lists_of_floats_are_taken():
    assert numerical_gradient(np.sum, [1.0, 2.0]) == pytest.approx([1, 1])


@pytest.mark.parametrize(
    ("f", "found"),
    [
        (lambda p: p, "array([1."),
        (lambda p: p[:1], "array([1."),
        (lambda p: None, "array(None"),
        (lambda p: p[0] + 1j, "array(1.00001+1.j)"),
        (lambda p: p[0] > 0, "array(True)"),
        (lambda p: "1", "array('1'"),
    ],
)
def test_functions_without_one_number_are_refused(f, found):
    with pytest.raises(TypeError, match=f"f gave {re.escape(found)}.*, not one number"):
        numerical_gradient(f, np.array([1.0, 2.0]))


def test_integer_values_of_f_are_numbers():
    assert numerical_gradient(lambda p: int(p[0] > 0), np.array([0.0]), 0.5) == pytest.approx([1])
