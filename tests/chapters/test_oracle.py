"""Every loss, gradient and Hessian of the chapters against PyTorch's automatic differentiation: float64, to 1e-10.

The extra `oracle` brings PyTorch (`pip install -e ".[oracle]"`). Where it is absent, these tests are skipped; in CI
(the variable CI is set) they fail. Finite differences cannot be that exact: they are held to their own accuracy.
"""

from __future__ import annotations

import ast
import os
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from autodiff import Value
from mlp import ACTIVATIONS, backward, cross_entropy, forward, init_mlp, mse
from numerical_gradient import numerical_gradient

try:
    import torch
except ImportError:
    if os.environ.get("CI"):
        raise
    pytest.skip('PyTorch is not installed: pip install -e ".[oracle]"', allow_module_level=True)

SNIPPETS = Path(__file__).parents[2] / "snippets"
ABSOLUTE = RELATIVE = 1e-10


# --- tools --------------------------------------------------------------------------------------------


@cache
def chapter(name: str, *assigned: str) -> SimpleNamespace:
    """What a chapter defines, without running it: its imports, functions, and the assigned names that are asked for.
    A default that is a result of the chapter is left out."""
    names: dict = {}
    for node in ast.parse((SNIPPETS / f"{name}.py").read_text("utf-8")).body:
        targets = [target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)]
        defines = isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef))
        if isinstance(node, ast.FunctionDef):
            node.args.defaults = [ast.Constant(None) if isinstance(value, ast.Name) and value.id not in names else value
                                  for value in node.args.defaults]
        if defines or set(targets) & set(assigned):
            exec(compile(ast.fix_missing_locations(ast.Module([node], [])), f"{name}.py", "exec"), names)
    return SimpleNamespace(**{key: value for key, value in names.items() if not key.startswith("__")})


def tensor(x) -> torch.Tensor:
    return torch.tensor(np.asarray(x, dtype=np.float64), requires_grad=True)


def same(ours, theirs, absolute: float = ABSOLUTE, relative: float = RELATIVE) -> None:
    theirs = theirs.detach().numpy() if isinstance(theirs, torch.Tensor) else np.asarray(theirs)
    assert np.shape(ours) == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=relative, atol=absolute)


def grad(f, *at) -> list[torch.Tensor]:
    """PyTorch's gradients of f, one number, with respect to each of its arguments."""
    inputs = [tensor(x) for x in at]
    return list(torch.autograd.grad(f(*inputs), inputs))


def points(seed: int, *shape: int, scale: float = 2.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, scale, shape)


def one_hot(seed: int, n: int, k: int) -> np.ndarray:
    return np.eye(k)[np.random.default_rng(seed).integers(k, size=n)]


def test_pytorch_computes_in_float64():
    assert tensor([1, 2]).dtype == torch.float64


# --- loss ---------------------------------------------------------------------------------------------

LOSSES = ("delta", "penalties", "slopes")
FUNCTIONAL = {
    "MAE": torch.nn.functional.l1_loss,
    "MSE": torch.nn.functional.mse_loss,
    "Huber": lambda y_hat, y: torch.nn.functional.huber_loss(y_hat, y, delta=5.0),
}


@pytest.mark.parametrize("name", FUNCTIONAL)
def test_losses_and_slopes_of_residuals(name):
    book = chapter("loss", *LOSSES)
    assert book.delta == 5.0
    r = points(1, 200, scale=6.0)
    theirs = tensor(r)
    value = FUNCTIONAL[name](theirs, torch.zeros_like(theirs))
    same(book.penalties[name](r).mean(), value)
    same(book.slopes[name](r) / r.size, torch.autograd.grad(value, theirs)[0])


@pytest.mark.parametrize("name", FUNCTIONAL)
def test_gradient_of_a_line(name):
    book = chapter("loss", *LOSSES)
    x, y = points(2, 40), points(3, 40, scale=8.0)

    def theirs(w, b):
        return FUNCTIONAL[name](w * torch.tensor(x) + b, torch.tensor(y))

    for w, b in points(4, 10, 2):
        same(book.loss(book.penalties[name], w, b, x, y), theirs(tensor(w), tensor(b)))
        same(book.gradient(book.slopes[name], w, b, x, y), torch.stack(grad(theirs, w, b)))


def test_pinball():
    r = points(5, 100)
    theirs = torch.maximum(0.8 * torch.tensor(r), -0.2 * torch.tensor(r))
    same(chapter("loss", *LOSSES).pinball(r), theirs)


# --- derivatives --------------------------------------------------------------------------------------

BY_RULES = {
    "a**3": lambda a: a**3, "a**0.5": torch.sqrt, "ln a": torch.log, "a e**a": lambda a: a * torch.exp(a),
    "ln a / a": lambda a: torch.log(a) / a, "sigmoid": torch.sigmoid, "ln(1+e**a)": torch.nn.functional.softplus,
    "log10 a": torch.log10,
}


def test_derivatives_by_rules():
    by_rules = chapter("derivatives", "by_rules").by_rules
    assert by_rules.keys() == BY_RULES.keys()
    a = np.linspace(0.3, 4, 30)
    for name, (f, slope) in by_rules.items():
        same(f(a), BY_RULES[name](torch.tensor(a)))
        same(slope(a), grad(lambda a, name=name: BY_RULES[name](a).sum(), a)[0])


def test_gradient_by_hand_and_finite_differences():
    book = chapter("derivatives")
    at = np.array([1.0, 1.0])
    (theirs,) = grad(lambda w: w[0] ** 2 + 2 * w[1] ** 2, at)
    same(book.f(at), 3.0)
    same(np.array([2.0, 4.0]), theirs)
    same(numerical_gradient(book.f, at), theirs, absolute=1e-8, relative=1e-8)


def test_gradient_check_is_as_small_as_its_method_for_a_right_gradient_alone():
    x = points(11, 6)
    (theirs,) = grad(lambda x: torch.tanh(x).pow(2).sum(), x)
    right, check = theirs.numpy(), chapter("derivatives").gradient_check

    def claimed(_):
        return right

    assert check(lambda x: (np.tanh(x) ** 2).sum(), claimed, x, np.random.default_rng(0)) < 1e-6
    right = right * (1 + 1e-3)
    assert check(lambda x: (np.tanh(x) ** 2).sum(), claimed, x, np.random.default_rng(0)) > 5e-4


def test_cost_of_the_course():
    book = chapter("derivatives")
    X, y = np.array([[1, 3], [2, 4], [-1, -3.2]]), np.array([1.0, 0.0, 1.0])
    w, b = np.array([1.0, 2.0]), np.array(2.0)

    def theirs(w, b):
        return torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor(X) @ w + b, torch.tensor(y))

    book.cost.__globals__.update(X=X, y=y)
    same(book.cost(w, b), theirs(tensor(w), tensor(b)))
    p = book.sigmoid(X @ w + b)
    for ours, expected in zip((X.T @ (p - y) / 3, np.mean(p - y)), grad(theirs, w, b)):
        same(ours, expected)


def test_engine_on_an_expression():
    """The book's own reverse mode, on the chapter's expression, which uses a part three times."""
    expression = chapter("derivatives").expression

    def theirs(x, y, z):
        s = x * y
        return (torch.exp(s) + z / s) ** 0.5 - s * torch.log(z * z + 1)

    for p in np.random.default_rng(6).uniform(0.5, 2, (20, 3)):
        inputs = [Value(v) for v in p]
        out = expression(*inputs)
        out.backward()
        same(out.data, theirs(*map(tensor, p)))
        same([v.grad for v in inputs], torch.stack(grad(theirs, *p)))


def test_engine_on_a_network():
    rng = np.random.default_rng(7)
    W1, W2, X, Y = (rng.normal(size=shape) for shape in ((3, 4), (4, 2), (5, 3), (5, 2)))

    def theirs(W1, W2):
        return ((torch.sigmoid(torch.tensor(X) @ W1) @ W2 - torch.tensor(Y)) ** 2).sum() / 5

    ours = [np.vectorize(Value)(W) for W in (W1, W2)]
    out = (((1 / (1 + np.exp(-(X @ ours[0])))) @ ours[1] - Y) ** 2).sum() / 5
    out.backward()
    for W, expected in zip(ours, grad(theirs, W1, W2)):
        same(np.vectorize(lambda v: v.grad)(W), expected)


def test_engine_gives_the_jacobian_of_softmax():
    softmax = chapter("derivatives").softmax
    at = points(8, 4)
    z = [Value(s) for s in at]
    rows = []
    for output in softmax(z):
        output.backward()
        rows.append([s.grad for s in z])
    same(np.array(rows), torch.autograd.functional.jacobian(lambda z: torch.softmax(z, 0), torch.tensor(at)))


@pytest.mark.parametrize(("name", "theirs"), [("tanh", torch.tanh), ("relu", torch.relu)])
def test_operators_added_to_the_engine(name, theirs):
    for at in (-0.7, 0.3, 2.0):
        x = Value(at)
        out = getattr(chapter("derivatives"), name)(x)
        out.backward()
        same(out.data, theirs(tensor(at)))
        same(x.grad, grad(theirs, at)[0])


def test_numerical_jacobian():
    W, x = points(9, 2, 3), points(10, 3)
    theirs = torch.autograd.functional.jacobian(lambda x: torch.tanh(torch.tensor(W) @ x), torch.tensor(x))
    found = chapter("derivatives").numerical_jacobian(lambda x: np.tanh(W @ x), x)
    same(found, theirs, absolute=1e-8, relative=1e-7)


# --- gradient descent ---------------------------------------------------------------------------------


def scalar(f, theirs, df, at) -> None:
    for x in at:
        same(f(x), theirs(tensor(x)))
        same(df(x), grad(theirs, x)[0])


def test_slopes_of_the_one_parameter_losses():
    book = chapter("gradient_descent", "derivatives")
    at = points(12, 20)
    scalar(book.loss, lambda w: 2 * (w - 1) ** 2, book.slope, at)
    scalar(book.f, lambda w: w**4 - 2 * w**2 + 0.3 * w, book.df, at)
    for name, theirs in {"w**2": lambda w: w**2, "-w**2": lambda w: -(w**2), "w**3": lambda w: w**3}.items():
        for w in at:
            same(book.derivatives[name](w), grad(theirs, w)[0])


def test_quadratic_and_its_hessian():
    H = chapter("gradient_descent", "H").H

    def theirs(w):
        return 0.5 * w @ torch.tensor(H) @ w

    w = points(29, 2)
    same(H @ w, grad(theirs, w)[0])
    same(H, torch.autograd.functional.hessian(theirs, torch.tensor(w)))


def test_slope_of_the_wells():
    book = chapter("gradient_descent")

    def theirs(x):
        inside = torch.clamp(1 - 16 * (x - 2.8) ** 2, min=0)
        return 0.1 * x**2 + torch.sin(5 * x) - 3 * inside**3

    scalar(lambda x: book.wells(x, 3), theirs, lambda x: book.d_wells(x, 3), np.linspace(-4, 4, 81))


def test_squared_error_of_a_line():
    book = chapter("gradient_descent")
    x, y = points(13, 30), points(14, 30)

    def theirs(p):
        return torch.nn.functional.mse_loss(p[0] * torch.tensor(x) + p[1], torch.tensor(y))

    for p in points(15, 10, 2):
        same(book.mse(p, x, y), theirs(tensor(p)))
        same(book.mse_grad(p, x, y), grad(theirs, p)[0])


# --- softmax and cross-entropy ------------------------------------------------------------------------


def ce_of(z, y) -> torch.Tensor:
    """PyTorch's cross-entropy, summed over examples; y are probabilities."""
    return torch.nn.functional.cross_entropy(z, torch.as_tensor(y), reduction="sum")


def test_softmax_and_cross_entropy():
    book = chapter("cross_entropy")
    z, y = points(16, 8, 5, scale=4.0), np.random.default_rng(17).dirichlet(np.ones(5), 8)
    same(book.softmax(z), torch.softmax(torch.tensor(z), 1))
    each = torch.nn.functional.cross_entropy(torch.tensor(z), torch.tensor(y), reduction="none")
    same(book.cross_entropy(z, y), each)
    same(book.gradient(z, y), grad(lambda z: ce_of(z, y), z)[0])
    large = np.array([[1000.0, 0, -1000]])
    same(book.cross_entropy(large, np.eye(3)[[1]]), ce_of(torch.tensor(large), np.eye(3)[[1]]).reshape(1))


def test_entropy_and_kullback_leibler():
    H = chapter("cross_entropy").H
    y, p = np.random.default_rng(18).dirichlet(np.ones(4), (2, 6))
    theirs = torch.distributions.Categorical
    same(H(y, y), theirs(torch.tensor(y)).entropy())
    divergence = torch.distributions.kl_divergence(theirs(torch.tensor(y)), theirs(torch.tensor(p)))
    same(H(y, p) - H(y, y), divergence)


def test_hessian_of_cross_entropy():
    for z, y in zip(points(19, 10, 5), one_hot(20, 10, 5)):
        theirs = torch.autograd.functional.hessian(lambda z, y=y: ce_of(z[None], y[None]), torch.tensor(z))
        same(chapter("cross_entropy").hessian(z), theirs)


def test_squared_error_behind_softmax():
    squared_gradient = chapter("cross_entropy").squared_gradient
    for z, y in zip(points(21, 20, 4, scale=3.0), one_hot(22, 20, 4)):
        (theirs,) = grad(lambda z, y=y: ((torch.softmax(z, 0) - torch.tensor(y)) ** 2).sum(), z)
        same(squared_gradient(z, y), theirs)


def test_binary_cross_entropy_is_the_case_of_two_classes():
    book = chapter("cross_entropy")
    d, y = points(23, 20, scale=4.0), (points(24, 20) > 0).astype(float)
    z, labels = np.column_stack([0 * d, d]), np.column_stack([1 - y, y])
    theirs = torch.nn.functional.binary_cross_entropy_with_logits
    same(book.cross_entropy(z, labels).sum(), theirs(torch.tensor(d), torch.tensor(y), reduction="sum"))
    (slope,) = grad(lambda d: theirs(d, torch.tensor(y), reduction="sum"), d)
    same(book.gradient(z, labels)[:, 1], slope)
    same(chapter("backpropagation").sigmoid(d) - y, slope)


def test_linear_classifier():
    book = chapter("cross_entropy")
    X, Y, W, b = points(25, 7, 4), one_hot(26, 7, 3), points(27, 4, 3), points(28, 3)
    same(book.loss(W, b, X, Y), ce_of(torch.tensor(X @ W + b), Y) / 7)
    for ours, theirs in zip(book.sum_gradients(W, b, X, Y), grad(lambda W, b: ce_of(torch.tensor(X) @ W + b, Y), W, b)):
        same(ours, theirs)


# --- networks trained side by side: one step is the learning rate times PyTorch's gradient -------------


def test_training_of_a_line_of_sigmoids():
    book = chapter("linear_models")
    x, y = points(42, 3, 20), points(43, 3, 20)
    before, after = (book.train_network(x, y, steps, 2) for steps in (0, 1))

    def theirs(w, b, c, bias):
        a = torch.sigmoid(w * torch.tensor(x)[:, None] + b)
        return ((((c * a).sum(1) + bias) - torch.tensor(y)) ** 2).sum() / 20

    for p, q, g in zip(before, after, grad(theirs, *before), strict=True):
        same((p - q) / 0.3, g)
    same(book.rmse(x - y)[0], torch.nn.functional.mse_loss(torch.tensor(x[0]), torch.tensor(y[0])).sqrt())


@pytest.mark.parametrize("bend", [True, False])
@pytest.mark.parametrize("slopes", ["squares", "dscores"])
def test_training_of_networks_side_by_side(bend, slopes):
    book = chapter("networks")
    rng = np.random.default_rng(44)
    nets = book.start([4, 6, 5, 3], 2, rng, b=0.5)
    X, Y = rng.normal(size=(2, 8, 4)), np.stack([one_hot(45, 8, 3), one_hot(46, 8, 3)])
    parts = [part for pair in nets for part in pair]

    def theirs(*parts):
        A = their_forward(parts, X, "relu" if bend else "linear", "linear")
        summed = squares(A, Y) if slopes == "squares" else ce_of(A.reshape(-1, 3), Y.reshape(-1, 3))
        return summed / 8

    dL = {"squares": book.squares, "dscores": book.dscores}[slopes]
    moved = book.train(nets, X, Y, dL, 0.1, 1, bend, B=8)
    after = [part for pair in moved for part in pair]
    for p, q, g in zip(parts, after, grad(theirs, *parts), strict=True):
        same((p - q) / 0.1, g, absolute=1e-9)


@pytest.mark.parametrize(("name", "centred"), [("sigmoid", False), ("sigmoid", True), ("tanh", False), ("relu", False)])
def test_losses_of_the_contest(name, centred):
    """The start, one step and two, as PyTorch takes them."""
    book = chapter("activations", "SHAPES", "images")
    X, Y = np.random.default_rng(47).random((12, 64)), one_hot(48, 12, 10)
    book.losses.__globals__.update(X=X, Y=Y)
    parts, sizes = [], [64, 7, 7, 10]
    for layer, (m, n) in enumerate(zip(sizes, sizes[1:])):
        W = 1.5 * np.random.default_rng([3, layer]).normal(0, 1 / np.sqrt(m), (m, n))
        parts += [tensor(W), tensor(-W.sum(axis=0) / 2 if centred and layer else np.zeros(n))]
    for steps in range(3):
        total = ce_of(their_forward(parts, X, name, "linear"), Y) / 12
        same(book.losses(name, [1.5], [0.2], [3], centred, hidden=2, width=7, steps=steps)[0], total)
        parts = [(p - 0.2 * g).detach().requires_grad_() for p, g in zip(parts, torch.autograd.grad(total, parts))]


def test_slopes_of_silu_and_gelu():
    """The formulas of exercise 3 of `activations`."""
    book = chapter("activations")
    z = np.linspace(-6, 6, 61)
    s = book.sigmoid(z)
    same(z * s, torch.nn.functional.silu(torch.tensor(z)))
    same(s * (1 + z * (1 - s)), grad(lambda z: torch.nn.functional.silu(z).sum(), z)[0])
    same(z * book.normal_cdf(z), torch.nn.functional.gelu(torch.tensor(z)))


# --- the shared network, backpropagation --------------------------------------------------------------

THEIR = {"linear": lambda z: z, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}


def network(seed: int, sizes, n: int = 6):
    """Random parameters, biases too, inputs and one-hot labels."""
    rng = np.random.default_rng(seed)
    params = [(W, rng.normal(0, 0.5, b.shape)) for W, b in init_mlp(sizes, rng, 1.5)]
    return params, rng.normal(size=(n, sizes[0])), one_hot(seed, n, sizes[-1])


def their_forward(parts, X, activation, output):
    A = torch.as_tensor(X)
    layers = len(parts) // 2
    for layer, (W, b) in enumerate(zip(parts[::2], parts[1::2])):
        A = THEIR[output if layer == layers - 1 else activation](A @ W + b)
    return A


def squares(A, Y) -> torch.Tensor:
    return torch.nn.functional.mse_loss(A, torch.tensor(Y), reduction="sum")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_and_their_slopes(name):
    f, slope = ACTIVATIONS[name]
    z = points(31, 50, scale=3.0)
    same(f(z), THEIR[name](torch.tensor(z)))
    same(slope(f(z)), grad(lambda z: THEIR[name](z).sum(), z)[0])


@pytest.mark.parametrize("sizes", [(3, 2), (4, 5, 3), (3, 6, 4, 5, 2)], ids=str)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize(("loss", "output"), [
    (mse, "linear"), (mse, "sigmoid"), (mse, "tanh"), (cross_entropy, "linear")])
def test_backward_gives_every_gradient_of_the_network(sizes, activation, loss, output):
    params, X, Y = network(32, sizes)
    A, cache = forward(params, X, activation, output)
    value, dA = loss(A, Y)
    inputs = [tensor(part) for pair in params for part in pair]
    theirs = their_forward(inputs, X, activation, output)
    same(A, theirs)
    total = (squares if loss is mse else ce_of)(theirs, Y) / len(Y)
    same(value, total)
    same(dA, torch.autograd.grad(total, theirs, retain_graph=True)[0])
    ours = [part for pair in backward(params, cache, dA) for part in pair]
    for found, expected in zip(ours, torch.autograd.grad(total, inputs), strict=True):
        same(found, expected)


def test_the_network_for_paper():
    """The nine derivatives of the 2-2-1 network, by the chapter's own function and by the shared one."""
    book = chapter("backpropagation", "theta")
    theta, x = book.theta, np.array([1.0, 2.0])

    def theirs(t):
        a1 = torch.sigmoid(x[0] * t[0] + x[1] * t[1] + t[2])
        a2 = torch.sigmoid(x[0] * t[3] + x[1] * t[4] + t[5])
        return (torch.sigmoid(a1 * t[6] + a2 * t[7] + t[8]) - 1) ** 2

    (expected,) = grad(theirs, theta)
    same((book.net(theta, x)[1][2] - 1) ** 2, theirs(tensor(theta)))
    w11, w21, b1, w12, w22, b2, v1, v2, b3 = theta
    params = [(np.array([[w11, w12], [w21, w22]]), np.array([b1, b2])), (np.array([[v1], [v2]]), np.array([b3]))]
    A, cache = forward(params, x[None], output="sigmoid")
    (dW, db), (dV, dc) = backward(params, cache, mse(A, np.ones((1, 1)))[1])
    same(np.array([*dW[:, 0], db[0], *dW[:, 1], db[1], *dV[:, 0], dc[0]]), expected)


def test_engines_of_the_chapter():
    book = chapter("backpropagation")
    params, X, Y = network(33, (3, 4, 2))
    theta = book.flat(params)
    inputs = [tensor(part) for pair in params for part in pair]
    total = ce_of(their_forward(inputs, X, "tanh", "linear"), Y) / len(Y)
    expected = np.concatenate([part.numpy().ravel() for part in torch.autograd.grad(total, inputs)])
    setting = params, X, Y, "tanh", cross_entropy
    same(book.loss_at(theta, *setting), total)
    same(book.by_backprop(theta, *setting), expected)
    same(book.by_differences(theta, *setting), expected, absolute=1e-8, relative=1e-7)


def test_every_delta():
    """One neuron at a time, and the norms by layer: derivatives with respect to Z itself."""
    book = chapter("backpropagation")
    params, X, _ = network(34, (3, 4, 2, 3), n=1)
    Z, A = [], torch.as_tensor(X)
    for layer, (W, b) in enumerate(params):
        Z.append((A @ torch.tensor(W) + torch.tensor(b)).requires_grad_())
        A = torch.tanh(Z[-1]) if layer < 2 else Z[-1]
    expected = torch.autograd.grad(A.square().sum(), Z)
    out, cache = forward(params, X, "tanh")
    slopes = [slope[0] for _, slope in cache]
    for layer, delta in enumerate(expected):
        found = [book.one_delta(params, slopes, 2 * out[0], layer, j)[0] for j in range(delta.shape[1])]
        same(np.array(found), delta[0])


def test_slope_of_the_sigmoid():
    z = points(35, 30, scale=4.0)
    same(chapter("backpropagation").sigmoid_slope(z), grad(lambda z: torch.sigmoid(z).sum(), z)[0])


def test_two_linear_layers():
    W1, W2, x, y = points(36, 3, 4), points(37, 2, 3), points(38, 4), points(39, 2)
    e = 2 * (W2 @ W1 @ x - y)
    d1, d2 = grad(lambda W1, W2: ((W2 @ (W1 @ torch.tensor(x)) - torch.tensor(y)) ** 2).sum(), W1, W2)
    same(np.outer(W2.T @ e, x), d1)
    same(np.outer(e, W1 @ x), d2)


# --- batches ------------------------------------------------------------------------------------------


def test_gradients_of_many_runs_at_once():
    book = chapter("batches")
    rng = np.random.default_rng(40)
    params = [rng.normal(0, 0.5, shape) for shape in ((3, 6, 5), (3, 1, 5), (3, 5, 10), (3, 1, 10))]
    X, y = rng.normal(size=(3, 8, 6)), rng.integers(10, size=(3, 8))

    def theirs(W1, b1, W2, b2):
        Z = torch.relu(torch.tensor(X) @ W1 + b1) @ W2 + b2
        return torch.nn.functional.cross_entropy(Z.reshape(-1, 10), torch.tensor(y).reshape(-1), reduction="sum") / 8

    expected = grad(theirs, *params)
    for ours, theirs_ in zip(book.gradients(params, X, y), expected, strict=True):
        same(ours, theirs_)
    rows = book.single_gradients([p[:1] for p in params], X[0], y[0])
    same(rows.mean(axis=0), np.concatenate([d[0].numpy().ravel() for d in expected]))


def test_slope_of_the_two_wells():
    book = chapter("batches")
    scalar(book.wells, lambda x: torch.minimum(20 * (x + 1) ** 2, 0.5 * (x - 1) ** 2), book.d_wells,
           np.linspace(-2, 2, 40))


# --- logistic regression, critical points --------------------------------------------------------------


def test_one_example_by_hand():
    backward = chapter("logistic_regression").backward
    w, b = points(50, 3), np.array(0.3)
    for x, y in zip(points(51, 6, 3), (0.0, 1.0) * 3):
        z = tensor(w @ x + b)
        a = torch.sigmoid(z)
        loss = torch.nn.functional.binary_cross_entropy(a, torch.tensor(y, dtype=torch.float64))
        da, dz = torch.autograd.grad(loss, (a, z))
        found = backward(x, y, a.item())
        for ours, theirs in zip(found, (da, dz, dz * torch.tensor(x), dz), strict=True):
            same(ours, theirs)


def test_losses_of_the_critical_points():
    book = chapter("critical_points")
    X, Y, hidden = np.random.default_rng(52).random((9, 64)), one_hot(53, 9, 10), 16
    book.loss_and_grad.__globals__.update(X=X, Y=Y, N=9, hidden=hidden,
                                          cuts=np.cumsum([64 * hidden, hidden, hidden * 10]))
    w = points(54, 64 * hidden + hidden + hidden * 10 + 10, scale=0.3)

    def theirs(w):
        W1, b1, W2, b2 = torch.split(w, [64 * hidden, hidden, hidden * 10, 10])
        return ce_of(torch.tanh(torch.tensor(X) @ W1.reshape(64, hidden) + b1) @ W2.reshape(hidden, 10) + b2, Y) / 9

    loss, gradient = book.loss_and_grad(w)
    same(loss, theirs(tensor(w)))
    same(gradient, grad(theirs, w)[0])
    v = points(55, w.size, scale=0.05)
    product = torch.autograd.functional.hvp(theirs, torch.tensor(w), torch.tensor(v))[1]
    same(book.times_hessian(v, w), product, absolute=1e-6, relative=1e-5)
    x, y = points(60, 20), points(61, 1, 20)
    book.small_net.__globals__.update(x=x, y=np.repeat(y, 20, axis=0))
    w = points(62, 20, 7)

    def small(w):
        u, b, c, d = torch.split(w, [2, 2, 2, 1])
        out = (c[:, None] * torch.tanh(u[:, None] * torch.tensor(x) + b[:, None])).sum(0) + d
        return ((torch.tensor(y[0]) - out) ** 2).mean() + 0.003 * (w ** 2).sum()

    losses, slopes = book.small_net(w)
    for one, loss, slope in zip(w, losses, slopes, strict=True):
        same(loss, small(tensor(one)))
        same(slope, grad(small, one)[0])
    X_line, y = np.column_stack([points(56, 20), np.ones(20)]), points(57, 20)
    book.huber_line.__globals__.update(X_line=X_line, y=y)
    for p in points(58, 5, 2):
        def huber(p):
            return torch.nn.functional.huber_loss(torch.tensor(X_line) @ p, torch.tensor(y), delta=0.5)
        value, slope = book.huber_line(p)
        same(value, huber(tensor(p)))
        same(slope, grad(huber, p)[0])
        q = points(59, 3)
        same(book.deep_gradient(q), grad(lambda q: (1 - q.prod()) ** 2, q)[0])


# --- nothing is left out ------------------------------------------------------------------------------

SAYS_LOSS_OR_GRADIENT = re.compile(
    r"grad|loss|slope|hessian|entropy|jacobian|mse|cost|penalt|delta|huber|pinball|softmax|backward|by_|train|^d_|^df$|^dscores$|^H$")
NOT_COMPARED = {  # and why
    "backpropagation.numeric_slope", "backpropagation.loss_of",  # a difference of, and a line of, what is compared
    "backpropagation.deltas", "backpropagation.best_loss",  # norms, and a search, by the shared network
    "batches.training",  # steps by `gradients`, which is compared
    "critical_points.hessians",  # differences of a gradient, held to their accuracy in the chapter's own test
    "critical_points.adagrad",  # a step, not a gradient
    "networks.by_sums",  # outputs, not a loss: sums written out
    "loss.huber",  # through `penalties`
}


def test_every_loss_and_gradient_of_the_snippets_is_compared_here():
    """A new one must be added, or named with a reason in NOT_COMPARED."""
    here = Path(__file__).read_text("utf-8")
    for path in sorted(SNIPPETS.glob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and SAYS_LOSS_OR_GRADIENT.search(node.name):
                full = f"{path.stem}.{node.name}"
                shared = path.stem in ("mlp", "numerical_gradient") and re.search(rf"import .*\b{node.name}\b", here)
                used = shared or re.search(rf"(?:book|\))\.{node.name}\b", here)
                assert used or full in NOT_COMPARED, f"{full} is compared with nothing in {Path(__file__).name}"


def test_the_comparison_notices_a_small_mistake():
    params, X, Y = network(41, (3, 4, 2))
    A, cache = forward(params, X, "tanh")
    grads = backward(params, cache, mse(A, Y)[1])
    inputs = [tensor(part) for pair in params for part in pair]
    total = squares(their_forward(inputs, X, "tanh", "linear"), Y) / 6
    expected = torch.autograd.grad(total, inputs)[0]
    same(grads[0][0], expected)
    with pytest.raises(AssertionError):
        same(grads[0][0] * (1 + 1e-8), expected)
    assert all(a < b for a, b in pairwise([ABSOLUTE, 1e-9]))
