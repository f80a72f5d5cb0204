"""The shared network: against finite differences, against scikit-learn, plain loops; clear about bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from mlp import ACTIVATIONS, backward, cross_entropy, forward, init_mlp, mse
from numerical_gradient import numerical_gradient
from sklearn.neural_network import MLPClassifier, MLPRegressor

SIZES = [(3, 2), (2, 3), (3, 4, 2), (4, 1, 3), (2, 3, 4, 2), (3, 5, 2, 4, 3)]
LOSSES = {"mse": mse, "cross_entropy": cross_entropy}


def one_hot(labels, classes: int) -> np.ndarray:
    return np.eye(classes)[labels]


def setting(sizes, seed=0, n=5):
    """Random parameters (biases too: zeros hide mistakes), inputs and one-hot labels."""
    rng = np.random.default_rng(seed)
    params = [(W, rng.normal(0, 0.5, b.shape)) for W, b in init_mlp(sizes, rng)]
    return params, rng.normal(size=(n, sizes[0])), one_hot(rng.integers(sizes[-1], size=n), sizes[-1])


def loss_of(params, X, Y, loss, activation, output) -> float:
    return loss(forward(params, X, activation, output)[0], Y)[0]


def numeric_grads(params, X, Y, loss, activation, output):
    """Finite differences for each weight and bias in turn."""
    def partials(layer, part):
        def f(values):
            moved = [list(pair) for pair in params]
            moved[layer][part] = values
            return loss_of(moved, X, Y, loss, activation, output)
        return numerical_gradient(f, params[layer][part])
    return [(partials(layer, 0), partials(layer, 1)) for layer in range(len(params))]


def flat(grads) -> np.ndarray:
    return np.concatenate([part.ravel() for pair in grads for part in pair])


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize(("loss", "output"), [("mse", "linear"), ("mse", "sigmoid"), ("mse", "tanh"),
                                              ("cross_entropy", "linear"), ("cross_entropy", "relu")])
def test_gradient_is_that_of_finite_differences(sizes, activation, loss, output):
    params, X, Y = setting(sizes)
    Y_hat, cache = forward(params, X, activation, output)
    grads = backward(params, cache, LOSSES[loss](Y_hat, Y)[1])
    expected = numeric_grads(params, X, Y, LOSSES[loss], activation, output)
    assert [(W.shape, b.shape) for W, b in grads] == [(W.shape, b.shape) for W, b in params]
    assert np.linalg.norm(flat(expected)) > 1e-3
    assert np.linalg.norm(flat(grads) - flat(expected)) < 1e-7 * np.linalg.norm(flat(expected))


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("output", ["linear", "sigmoid", "tanh", "relu"])
def test_forward_is_the_loop_over_examples_and_neurons(activation, output):
    functions = {"linear": lambda z: z, "sigmoid": lambda z: 1 / (1 + math.exp(-z)), "tanh": math.tanh,
                 "relu": lambda z: max(z, 0.0)}
    params, X, _ = setting((3, 4, 2, 2))
    expected = []
    for x in X.tolist():
        a = x
        for layer, (W, b) in enumerate(params):
            f = functions[output if layer == 2 else activation]
            a = [f(sum(a[i] * W[i, j] for i in range(len(a))) + b[j]) for j in range(len(b))]
        expected.append(a)
    Y_hat, cache = forward(params, X, activation, output)
    assert Y_hat == pytest.approx(np.array(expected), abs=1e-13)
    assert np.array_equal(cache[0][0], X)  # the value that enters a layer is what the one before gave
    assert [A.shape for A, _ in cache] == [(5, 3), (5, 4), (5, 2)]
    assert [slope.shape for _, slope in cache] == [(5, 4), (5, 2), (5, 2)]


def test_one_output_as_in_regression():
    params, X, _ = setting((3, 4, 1))
    Y = X[:, :1] * X[:, 1:2]
    Y_hat, cache = forward(params, X, "tanh")
    expected = numeric_grads(params, X, Y, mse, "tanh", "linear")
    assert flat(backward(params, cache, mse(Y_hat, Y)[1])) == pytest.approx(flat(expected), abs=1e-8)


def test_defaults_are_sigmoid_inside_and_linear_outside():
    params, X, _ = setting((3, 4, 2))
    assert np.array_equal(forward(params, X)[0], forward(params, X, "sigmoid", "linear")[0])


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_slope_is_that_of_the_function(name):
    f, slope = ACTIVATIONS[name]
    z = np.array([-3.0, -0.4, 0.3, 2.5])
    assert slope(f(z)) == pytest.approx(numerical_gradient(lambda z: f(z).sum(), z), abs=1e-9)
    assert slope(f(z)).dtype == np.float64


def test_known_values():
    assert ACTIVATIONS["sigmoid"][0](np.array([0.0, math.log(3), -800, 800])) == pytest.approx([0.5, 0.75, 0, 1])
    assert ACTIVATIONS["relu"][1](np.array([0.0])).tolist() == [0]  # the convention at the kink
    Y_hat, Y = np.array([[1.0, 2], [3, 4]]), np.array([[1.0, 0], [0, 4]])
    value, dA = mse(Y_hat, Y)
    assert value == pytest.approx((4 + 9) / 2)
    assert dA == pytest.approx(np.array([[0, 2], [3, 0]]))
    value, dZ = cross_entropy(np.log([[0.2, 0.3, 0.5]]) + 7, np.array([[1.0, 0, 0]]))
    assert value == pytest.approx(-math.log(0.2))
    assert dZ == pytest.approx(np.array([[-0.8, 0.3, 0.5]]))


def test_cross_entropy_of_equal_scores_is_log_k_and_large_scores_do_not_overflow():
    assert cross_entropy(np.zeros((4, 10)), one_hot([0, 3, 9, 9], 10))[0] == pytest.approx(math.log(10))
    value, dZ = cross_entropy(np.array([[1e4, 0], [0, 1e4]]), one_hot([0, 0], 2))
    assert value == pytest.approx(5000) and dZ == pytest.approx(np.array([[0, 0], [-0.5, 0.5]]))


@pytest.mark.parametrize("loss", list(LOSSES.values()))
@pytest.mark.parametrize("shape", [(4,), (1, 1), (4, 2)])
def test_losses_refuse_other_shapes(loss, shape):
    """(4, 1) against (4,) would broadcast to (4, 4) without a word."""
    with pytest.raises(ValueError, match=r"shapes differ: \(4, 1\)"):
        loss(np.zeros((4, 1)), np.zeros(shape))


def test_init():
    params = init_mlp([400, 300, 2], np.random.default_rng(1), scale=1.5)
    assert [(W.shape, b.shape) for W, b in params] == [((400, 300), (300,)), ((300, 2), (2,))]
    assert all(not b.any() for _, b in params)
    assert params[0][0].std() == pytest.approx(1.5 / 20, rel=0.01) and abs(params[0][0].mean()) < 1e-3
    assert params[1][0].std() == pytest.approx(1.5 / math.sqrt(300), rel=0.1)
    plain, again = (init_mlp((400, 300, 2), np.random.default_rng(1)) for _ in range(2))
    assert plain[0][0] * 1.5 == pytest.approx(params[0][0]) and np.array_equal(plain[0][0], again[0][0])


def test_nothing_given_is_changed():
    params, X, Y = setting((3, 4, 2))
    before = [part.copy() for pair in params for part in pair] + [X.copy(), Y.copy()]
    Y_hat, cache = forward(params, X)
    kept = Y_hat.copy(), [part.copy() for pair in cache for part in pair]
    backward(params, cache, cross_entropy(Y_hat, Y)[1])
    mse(Y_hat, Y)
    assert all(map(np.array_equal, before, [part for pair in params for part in pair] + [X, Y]))
    assert np.array_equal(kept[0], Y_hat)
    assert all(map(np.array_equal, kept[1], [part for pair in cache for part in pair]))


# --- scikit-learn -------------------------------------------------------------------------------------


def sklearn_net(kind, sizes, activation, params, X, labels):
    """A network of scikit-learn with these parameters, ready for one plain gradient step of rate 1."""
    net = kind(hidden_layer_sizes=sizes[1:-1], activation=activation, solver="sgd", alpha=0, momentum=0,
               learning_rate_init=1.0, batch_size=len(X), shuffle=False, random_state=0)
    net.partial_fit(X, labels, **({"classes": range(sizes[-1])} if kind is MLPClassifier else {}))
    for layer, (W, b) in enumerate(params):
        net.coefs_[layer][:] = W
        net.intercepts_[layer][:] = b
    return net


@pytest.mark.parametrize("sizes", [(3, 4, 3), (2, 5, 4, 3)], ids=str)
@pytest.mark.parametrize(("activation", "theirs"), [("sigmoid", "logistic"), ("tanh", "tanh"), ("relu", "relu")])
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_scikit_learn_predicts_and_steps_alike(sizes, activation, theirs, kind):
    params, X, Y = setting(sizes, seed=3, n=7)
    Y_hat, cache = forward(params, X, activation)
    if kind is MLPClassifier:
        labels, (value, dA), half, outputs = Y.argmax(axis=1), cross_entropy(Y_hat, Y), 1, 1
    else:  # it steps by half our gradient, and reports the loss as a mean over outputs
        labels, (value, dA), half, outputs = Y, mse(Y_hat, Y), 2, sizes[-1]
    net = sklearn_net(kind, sizes, theirs, params, X, labels)
    if kind is MLPClassifier:
        p = np.exp(Y_hat) / np.exp(Y_hat).sum(axis=1, keepdims=True)
        assert net.predict_proba(X) == pytest.approx(p, abs=1e-12)
    else:
        assert net.predict(X) == pytest.approx(Y_hat, abs=1e-12)
    net.partial_fit(X, labels)
    assert net.loss_ == pytest.approx(value / half / outputs, abs=1e-12)
    for layer, ((W, b), (dW, db)) in enumerate(zip(params, backward(params, cache, dA))):
        assert W - net.coefs_[layer] == pytest.approx(dW / half, abs=1e-12)
        assert b - net.intercepts_[layer] == pytest.approx(db / half, abs=1e-12)
