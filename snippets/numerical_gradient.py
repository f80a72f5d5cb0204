"""The gradient check of the book: centred differences."""

from __future__ import annotations

import numpy as np


# --8<-- [start:numerical_gradient]
def numerical_gradient(f, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """Gradient of f at x by centred differences.

    Each entry of x in turn is moved by h both ways:
    (f(x + h) - f(x - h)) / 2h, with an error of order h squared.

    Args:
        f: takes an array of x's shape, returns one number.
        x: float64, any shape; it is not changed. Integers would
            round x + h back to x, so they are refused.
        h: half the width of the difference.

    Returns:
        Array of x's shape: entry i is the partial derivative of f
        with respect to x[i].

    Raises:
        TypeError: x is not float64, or f gives not one real number.
    """
    x = np.asarray(x)
    if x.dtype != np.float64:
        raise TypeError(f"x must be float64, found {x.dtype}")
    grad = np.empty_like(x)
    for i in np.ndindex(x.shape):
        values = []
        for step in (h, -h):
            moved = x.copy()
            moved[i] += step
            value = np.asarray(f(moved))
            if value.shape != () or value.dtype.kind not in "fiu":
                raise TypeError(f"f gave {value!r}, not one number")
            values.append(float(value))
        grad[i] = (values[0] - values[1]) / (2 * h)
    return grad
# --8<-- [end:numerical_gradient]
