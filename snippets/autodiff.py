"""Reverse-mode differentiation in forty lines of code: the book's second opinion on every gradient."""

from __future__ import annotations

# --8<-- [start:autodiff]
import math


class Value:
    """A number that remembers what it was computed from.

    inputs: the Values that it was computed from, in one step.
    slopes: its derivatives with respect to them. They are numbers:
        once the inputs are known, so are the local derivatives.
    grad: after out.backward(), the derivative of out with respect
        to this Value, which must be one that out depends on.

    + - * / take Values and numbers, ** a number as its exponent.
    NumPy arrays of Values take + - * / ** @, np.exp and np.log.
    """

    def __init__(self, data, inputs=(), slopes=()):
        self.data, self.grad = float(data), 0.0
        self.inputs, self.slopes = inputs, slopes
        self.depth = 1 + max((v.depth for v in inputs), default=-1)

    def __add__(self, b):
        b = b if isinstance(b, Value) else Value(b)
        return Value(self.data + b.data, (self, b), (1.0, 1.0))

    def __mul__(self, b):
        b = b if isinstance(b, Value) else Value(b)
        return Value(self.data * b.data, (self, b), (b.data, self.data))

    def __pow__(self, n):
        return Value(self.data**n, (self,), (n * self.data ** (n - 1),))

    def exp(self):
        return Value(math.exp(self.data), (self,), (math.exp(self.data),))

    def log(self):
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def __neg__(self):
        return self * -1.0

    def __sub__(self, b):
        return self + b * -1.0

    def __rsub__(self, b):
        return self * -1.0 + b

    def __truediv__(self, b):
        return self * (1.0 / b)

    def __rtruediv__(self, b):
        return self**-1 * b

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        """Set grad in every Value that self was computed from."""
        depth, todo = {}, [self]
        while todo:
            v = todo.pop()
            if v not in depth:
                depth[v], v.grad = v.depth, 0.0
                todo.extend(v.inputs)
        self.grad = 1.0
        for v in sorted(depth, key=depth.get, reverse=True):
            for u, slope in zip(v.inputs, v.slopes):
                u.grad += v.grad * slope
# --8<-- [end:autodiff]
