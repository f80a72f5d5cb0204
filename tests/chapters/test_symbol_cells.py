"""The NumPy of the symbol table: each cell is Python, and what can run runs without a warning, in the right shape."""

from __future__ import annotations

import ast
import math
import tomllib
import warnings
from pathlib import Path

import numpy as np
import pytest

TABLE = tomllib.loads((Path(__file__).parents[2] / "docs/data/symbols.toml").read_text("utf-8"))
CELLS = {id_: row["numpy"] for id_, row in TABLE.items() if row.get("numpy")}
OPERATORS = {"floor": "//"}  # cells that name an operator alone
N, d, K, d_out, P = 5, 3, 4, 2, 6


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def names() -> dict[str, object]:
    """What the cells of the whole book may use, in the shapes that the table gives."""
    rng = np.random.default_rng(0)
    one_hot = np.eye(K)[1]
    return {
        "np": np, "rng": rng, "d": d, "K": K, "N": N, "n": 2, "m": 2, "i": 1, "j": 0, "k": 2, "l": 1, "t": 7, "lr": 0.1,
        "batch_size": 2, "a": rng.random(d), "x": rng.random(d), "y": one_hot, "y_hat": softmax(rng.normal(size=K)),
        "p": softmax(rng.normal(size=K)), "z": rng.normal(size=K), "X": rng.normal(size=(N, d)),
        "Y": np.eye(K)[rng.integers(0, K, N)], "W": rng.normal(size=(d, d_out)), "Z": rng.normal(size=(N, d_out)),
        "A": rng.normal(size=(2, 3)), "B": rng.normal(size=(2, 3)), "w": rng.normal(size=P), "grad": rng.normal(size=P),
        "H": np.diag(np.arange(1.0, P + 1)), "V": np.eye(P), "values": np.arange(float(K)),
        "grid": np.linspace(-2, 4, 61),
        "f": np.square, "sigmoid": lambda v: 1 / (1 + np.exp(-v)), "softmax": softmax, "penalty": np.abs,
        "params": [(np.ones((d, d_out)), np.ones(d_out))], "forward": lambda params, X: X @ params[0][0] + params[0][1],
        "flat": lambda params: np.concatenate([part.ravel() for layer in params for part in layer]),
        "slope": lambda v: 2 * v, "C": rng.random(N),
    }


def code(id_: str) -> ast.Module:
    return ast.parse(CELLS[id_].replace("…", "1.0"))


def unknown(id_: str) -> set[str]:
    tree = code(id_)
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return used - own - names().keys() - {"len"}


def run(id_: str, **given):
    """The value of a cell; of a statement, the last name that it sets. A warning is an error."""
    space, tree = names() | given, code(id_)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if isinstance(tree.body[-1], ast.Assign):
            exec(compile(tree, id_, "exec"), space)
            return space[tree.body[-1].targets[0].id]
        return eval(CELLS[id_].replace("…", "1.0"), space)


RUNNABLE = [id_ for id_ in CELLS if id_ not in OPERATORS and not unknown(id_)]


def test_every_cell_is_python():
    for id_ in CELLS.keys() - OPERATORS.keys():
        code(id_)


# What a cell means by a name that others use otherwise.
GIVEN = {"residual-vector": {"w": np.ones(d), "y": np.zeros(N)}, "update-time": {"t": {1: 2e-5}, "B": 1}}


@pytest.mark.parametrize("id_", [id_ for id_ in RUNNABLE if id_ != "entropy"])
def test_a_cell_runs_without_a_warning(id_):
    value = run(id_, **GIVEN.get(id_, {}))
    if isinstance(value, (float, np.ndarray)):
        assert np.all(np.isfinite(value))


def test_nearly_all_cells_that_compute_are_run():
    computing = {id_ for id_ in CELLS.keys() - OPERATORS.keys() if "chapter" not in TABLE[id_]
                 and any(isinstance(node, (ast.Call, ast.BinOp, ast.Subscript)) for node in ast.walk(code(id_)))}
    assert len(computing) > 30
    assert len(computing - set(RUNNABLE)) <= 8  # a new cell may use a name that `names` does not have


@pytest.mark.parametrize(("id_", "shape"), [
    ("identity", (d, d)), ("transpose", (3, 2)), ("elementwise-product", (2, 3)), ("nabla", (P,)),
    ("data-matrix", (N, d)), ("weight-matrix", (d, d_out)),
    ("softmax", (K,)), ("eigenvector", (P,)), ("zero-vector", (d,)), ("diag", (d, d)),
    ("data-matrix-ng", (d, N)), ("weight-matrix-ng", (d_out, d)), ("pre-activations-ng", (d_out, N)),
])
def test_shapes(id_, shape):
    assert np.shape(run(id_)) == shape


def test_features_of_ng_are_counted_by_the_books_array():
    assert run("features-ng") == d == run("dimension")


def test_divergence_from_a_one_hot_label():
    """The terms with y = 0 are 0; without the mask NumPy gives nan and two warnings."""
    p = np.array([0.1, 0.6, 0.3])
    assert run("kl", y=np.array([0.0, 1.0, 0.0]), p=p) == pytest.approx(-math.log(0.6))
    y = np.array([0.2, 0.5, 0.3])
    assert run("kl", y=y, p=p) == pytest.approx(sum(a * math.log(a / b) for a, b in zip(y, p, strict=True)))
    assert run("kl", y=p, p=p) == 0


def test_a_few_values():
    assert run("mae", y=np.array([1.0, 2.0]), y_hat=np.array([0.0, 5.0])) == 2
    assert run("mse", y=np.array([1.0, 2.0]), y_hat=np.array([0.0, 5.0])) == 5
    assert run("expectation", p=np.array([0.5, 0.3, 0.2]), values=np.arange(3)) == pytest.approx(1.1)
    assert run("argmin", f=lambda a: (a - 1) ** 2 + 3) == pytest.approx(1)
    assert run("assignment", w=3.0, grad=2.0) == pytest.approx(2.8)
    assert run("parameters-number") == d * d_out + d_out
    assert run("ceiling", N=5, batch_size=2) == 3
