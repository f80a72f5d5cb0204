"""The book's small network: fully connected layers, forward and backward, in NumPy."""

from __future__ import annotations

import numpy as np

# --8<-- [start:mlp]
ACTIVATIONS = {  # name: (a = f(z), its slope f'(z) written with a)
    "linear": (lambda z: z, np.ones_like),
    "sigmoid": (lambda z: (1 + np.tanh(z / 2)) / 2, lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda a: 1 - a**2),
    "relu": (lambda z: np.maximum(z, 0), lambda a: np.where(a > 0, 1.0, 0)),
}


def init_mlp(sizes, rng, scale=1.0):
    """[(W, b), ...] for layers of sizes[0], sizes[1], ... neurons.

    W: (d_in, d_out), normal with deviation scale / sqrt(d_in): column j
    holds the weights into neuron j. b: (d_out,), zeros.
    """
    return [(rng.normal(0, scale / np.sqrt(d_in), (d_in, d_out)),
             np.zeros(d_out)) for d_in, d_out in zip(sizes, sizes[1:])]


def forward(params, X, activation="sigmoid", output="linear"):
    """Last layer's A, (N, d_out), for X, (N, d_in), and the cache:
    for each layer the A that came in and the slopes f'(Z)."""
    A, cache = X, []
    names = [activation] * (len(params) - 1) + [output]
    for (W, b), name in zip(params, names):
        f, slope = ACTIVATIONS[name]
        A_in, A = A, f(A @ W + b)
        cache.append((A_in, slope(A)))
    return A, cache


def backward(params, cache, dA):
    """Gradients [(dW, db), ...], shaped like params, from dA, the
    gradient of the loss with respect to the last layer's A."""
    grads = []
    for (W, _), (A_in, slope) in zip(params[::-1], cache[::-1]):
        delta = dA * slope
        grads.append((A_in.T @ delta, delta.sum(axis=0)))
        dA = delta @ W.T
    return grads[::-1]


def mse(Y_hat, Y):
    """Squared error, summed over outputs, mean over N; and its dA."""
    if Y_hat.shape != Y.shape:
        raise ValueError(f"shapes differ: {Y_hat.shape}, {Y.shape}")
    return np.sum((Y_hat - Y) ** 2) / len(Y), 2 * (Y_hat - Y) / len(Y)


def cross_entropy(Z, Y):
    """Softmax cross-entropy of scores Z, one-hot Y, (N, K); its dZ."""
    if Z.shape != Y.shape:
        raise ValueError(f"shapes differ: {Z.shape}, {Y.shape}")
    Z = Z - Z.max(axis=1, keepdims=True)  # same softmax, no overflow
    log_p = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -np.sum(Y * log_p) / len(Y), (np.exp(log_p) - Y) / len(Y)
# --8<-- [end:mlp]
