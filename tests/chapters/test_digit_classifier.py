"""The lab's checks: each wrong solution gets the message that says what is wrong with it, the right one `right`."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

LAB = "digit-classifier"
TASKS = ("sigmoid", "prepare", "initialise", "forward, cost", "gradients", "train", "predict", "softmax_gradients")


@pytest.fixture(scope="module")
def lab(run_lab) -> dict:
    """All names of the lab, run to its end."""
    return run_lab(LAB)


def first(lab: dict, faults: str, *solution) -> str:
    """The first fault that a check finds, as the learner reads it."""
    said = []
    scope = lab["report"].__globals__
    scope["print"] = said.append
    try:
        lab["report"]("task", lab[faults](*solution))
    finally:
        del scope["print"]
    return said[0].removeprefix("task: ")


def solutions(lab: dict) -> dict[str, tuple[str, tuple, list[str]]]:
    """What a learner may write, made of what is right: (check, functions, words of the answer)."""
    sigmoid, prepare, initialise = lab["sigmoid"], lab["prepare"], lab["initialise"]
    forward, cost, gradients = lab["forward"], lab["cost"], lab["gradients"]
    train, predict, many = lab["train"], lab["predict"], lab["softmax_gradients"]
    softmax = lab["softmax"]

    def naive(z):
        return 1 / (1 + np.exp(-z))

    def grads(change):
        return lambda w, b, X, y: change(*gradients(w, b, X, y))

    def made(change):
        return lambda W, b, X, Y: change(*many(W, b, X, Y))

    def cost_of(function):
        return (forward, function)

    def loop(w_step, b_step, record_after=False, in_place=False):
        def run(w, b, X, y, steps, lr):
            costs = []
            for _ in range(steps):
                dw, db = gradients(w, b, X, y)
                before = cost(forward(w, b, X), y)
                if in_place:
                    w += w_step * lr * dw
                else:
                    w = w + w_step * lr * dw
                b = b + b_step * lr * db
                costs.append(cost(forward(w, b, X), y) if record_after else before)
            return w, b, costs
        return run

    def one_after_the_other(w, b, X, y, steps, lr):
        costs = []
        for _ in range(steps):
            costs.append(cost(forward(w, b, X), y))
            w = w - lr * gradients(w, b, X, y)[0]
            b = b - lr * gradients(w, b, X, y)[1]
        return w, b, costs

    log = np.log
    return {
        "sigmoid: empty": ("sigmoid_faults", (lambda z: None,), ["not written yet"]),
        "sigmoid: sign": ("sigmoid_faults", (lambda z: sigmoid(-z),), ["sign of z is reversed", "0.1192", "0.8808"]),
        "sigmoid: slope": ("sigmoid_faults", (lambda z: sigmoid(z) * (1 - sigmoid(z)),), ["slope"]),
        "sigmoid: overflow": ("sigmoid_faults", (naive,), ["-800", "overflow", "exp of a large positive"]),
        "sigmoid: list": ("sigmoid_faults", (lambda z: sigmoid(z).tolist(),), ["is a list", "(2, 1)"]),
        "sigmoid: rank one": ("sigmoid_faults", (lambda z: sigmoid(z).ravel(),), ["(2,)", "(2, 1)", "one axis"]),
        "sigmoid: transposed": ("sigmoid_faults", (lambda z: sigmoid(z).T,), ["(1, 2)", "(2, 1)", "transposed"]),
        "sigmoid: tanh": ("sigmoid_faults", (np.tanh,), ["0.0000 and 0.9640", "0.5 and 0.8808"]),
        "sigmoid: error": ("sigmoid_faults", (lambda z: z + "a",), ["stops with", "Error"]),
        "prepare: not flat": ("prepare_faults", (lambda i: i / 16,), ["(5, 8, 8)", "(5, 64)", "one row"]),
        "prepare: transposed": ("prepare_faults", (lambda i: prepare(i).T,), ["(64, 5)", "transposed"]),
        "prepare: mixed": ("prepare_faults", (lambda i: i.reshape(64, -1).T / 16,), ["mixes pixels of several images"]),
        "prepare: not divided": ("prepare_faults", (lambda i: i.reshape(len(i), -1) * 1.0,), ["16", "divide by 16"]),
        "prepare: by 255": ("prepare_faults", (lambda i: i.reshape(len(i), -1) / 255,), ["expected 1", "by 16"]),
        "prepare: integers": ("prepare_faults", (lambda i: i.reshape(len(i), -1),), ["int64", "float64"]),
        "initialise: rank one": ("initialise_faults", (lambda d: (np.zeros(d), 0.0),), ["w has shape (4,)", "(4, 1)"]),
        "initialise: row": ("initialise_faults", (lambda d: (np.zeros((1, d)), 0.0),), ["(1, 4)", "transposed"]),
        "initialise: integers": ("initialise_faults", (lambda d: (np.zeros((d, 1), int), 0),), ["int64", "float64"]),
        "initialise: b array": ("initialise_faults", (lambda d: (np.zeros((d, 1)), np.zeros(1)),),
                                ["b is an array of shape (1,)"]),
        "initialise: w only": ("initialise_faults", (lambda d: np.zeros((d, 1)),), ["ndarray", "expected w, b"]),
        "initialise: ones": ("initialise_faults", (lambda d: (np.ones((d, 1)), 0.0),), ["expected zeros"]),
        "forward: no sigmoid": ("cost_faults", (lambda w, b, X: X @ w + b, cost), ["the sigmoid is missing"]),
        "forward: no b": ("cost_faults", (lambda w, b, X: sigmoid(X @ w), cost), ["leaves out b"]),
        "forward: rank one": ("cost_faults", (lambda w, b, X: sigmoid(X @ w.ravel() + b), cost), ["y_hat", "(3,)"]),
        "forward: a table": ("cost_faults", (lambda w, b, X: sigmoid((X @ w) - np.arange(3.0)), cost),
                             ["(3, 3)", "(3, 1)", "broadcasting made a table"]),
        "cost: empty": ("cost_faults", cost_of(lambda a, y: None), ["not written yet"]),
        "cost: sign": ("cost_faults", cost_of(lambda a, y: -cost(a, y)), ["minus sign is missing", "5.801545"]),
        "cost: sum": ("cost_faults", cost_of(lambda a, y: len(y) * cost(a, y)), ["the sum, not the mean", "N = 3"]),
        "cost: swapped": ("cost_faults", cost_of(lambda a, y: cost(a, 1 - y)), ["log has the wrong argument"]),
        "cost: first term only": ("cost_faults", cost_of(lambda a, y: -np.mean(y * log(a))), ["the second term"]),
        "cost: second only": ("cost_faults", cost_of(lambda a, y: -np.mean((1 - y) * log(1 - a))), ["the first term"]),
        "cost: log2": ("cost_faults", cost_of(lambda a, y: cost(a, y) / log(2)), ["log2"]),
        "cost: squared": ("cost_faults", cost_of(lambda a, y: np.mean((a - y) ** 2)), ["squared error"]),
        "cost: a column": ("cost_faults", cost_of(lambda a, y: y * log(a)), ["array of shape (3, 1)", "one number"]),
        "gradients: empty": ("gradient_faults", (lambda w, b, X, y: None,), ["not written yet"]),
        "gradients: sign": ("gradient_faults", (grads(lambda dw, db: (-dw, -db)),), ["sign of dw is reversed"]),
        "gradients: sign of db": ("gradient_faults", (grads(lambda dw, db: (dw, -db)),), ["sign of db is reversed"]),
        "gradients: no mean": ("gradient_faults", (grads(lambda dw, db: (3 * dw, 3 * db)),),
                               ["2.995368", "0.998456", "1/N is missing, N = 3"]),
        "gradients: db summed": ("gradient_faults", (grads(lambda dw, db: (dw, 3 * db)),), ["db is", "1/N is missing"]),
        "gradients: both": ("gradient_faults", (grads(lambda dw, db: (-3 * dw, db)),), ["reversed and 1/N is missing"]),
        "gradients: twice": ("gradient_faults", (grads(lambda dw, db: (dw / 3, db)),), ["divided by N twice"]),
        "gradients: factor 2": ("gradient_faults", (grads(lambda dw, db: (2 * dw, db)),), ["factor 2"]),
        "gradients: rank one": ("gradient_faults", (grads(lambda dw, db: (dw.ravel(), db)),),
                                ["dw has shape (2,), expected (2, 1)"]),
        "gradients: transposed": ("gradient_faults", (grads(lambda dw, db: (dw.T, db)),), ["(1, 2)", "transposed"]),
        "gradients: db column": ("gradient_faults", (lambda w, b, X, y: (gradients(w, b, X, y)[0],
                                                                         (forward(w, b, X) - y) / 3),),
                                 ["db is an array of shape (3, 1)", "one number"]),
        "gradients: no labels": ("gradient_faults", (lambda w, b, X, y: (X.T @ forward(w, b, X) / 3, 0.1),),
                                 ["subtract the labels"]),
        "gradients: something": ("gradient_faults", (grads(lambda dw, db: (dw + 1, db)),), ["1.998456", "0.998456"]),
        "train: uphill": ("train_faults", (loop(1, 1),), ["rises", "w - lr * dw"]),
        "train: b stays": ("train_faults", (loop(-1, 0),), ["b does not move"]),
        "train: w stays": ("train_faults", (loop(0, -1),), ["w does not move"]),
        "train: in place": ("train_faults", (loop(-1, -1, in_place=True),), ["changed in place"]),
        "train: recorded late": ("train_faults", (loop(-1, -1, record_after=True),), ["record it before the update"]),
        "train: one after the other": ("train_faults", (one_after_the_other,), ["has moved", "both gradients first"]),
        "train: 99 steps": ("train_faults", (lambda w, b, X, y, steps, lr: train(w, b, X, y, steps - 1, lr),),
                            ["99 costs", "expected 100"]),
        "train: other rate": ("train_faults", (lambda w, b, X, y, steps, lr: train(w, b, X, y, steps, 0.01),),
                              ["after 100 steps w is", "0.190336"]),
        "predict: probability": ("predict_faults", (forward,), ["returns probabilities", "y_hat > 0.5"]),
        "predict: threshold 0": ("predict_faults", (lambda w, b, X: (forward(w, b, X) > 0) * 1,), ["all labels are 1"]),
        "predict: reversed": ("predict_faults", (lambda w, b, X: 1 - predict(w, b, X),), ["reversed"]),
        "predict: rank one": ("predict_faults", (lambda w, b, X: predict(w, b, X).ravel(),), ["(4,)", "(4, 1)"]),
        "softmax: sign": ("softmax_faults", (made(lambda dW, db: (-dW, -db)),), ["P - Y"]),
        "softmax: no mean": ("softmax_faults", (made(lambda dW, db: (4 * dW, 4 * db)),), ["1/N is missing, N = 4"]),
        "softmax: mean over classes": ("softmax_faults", (made(lambda dW, db: (4 * dW / 3, db)),), ["K = 3", "N = 4"]),
        "softmax: transposed": ("softmax_faults", (made(lambda dW, db: (dW.T, db)),), ["(3, 2)", "transposed"]),
        "softmax: db per example": ("softmax_faults", (lambda W, b, X, Y: (
            many(W, b, X, Y)[0], (softmax(X @ W + b) - Y).mean(axis=1)),), ["db has shape (4,), expected (3,)"]),
        "softmax: db summed": ("softmax_faults", (made(lambda dW, db: (dW, 4 * db)),), ["db is", "the mean"]),
        "right initialise": ("initialise_faults", (initialise,), ["right"]),
        "right predict, truth values": ("predict_faults", (lambda w, b, X: forward(w, b, X) > 0.5,), ["right"]),
    }


@pytest.mark.parametrize("name", solutions(defaultdict(lambda: None)))
def test_a_solution_is_answered(lab: dict, name: str) -> None:
    faults, solution, words = solutions(lab)[name]
    said = first(lab, faults, *solution)
    assert (said == "right") is name.startswith("right"), said
    for word in words:
        assert word in said


@pytest.mark.parametrize("faults", ["sigmoid", "prepare", "initialise", "gradient", "train", "predict", "softmax"])
def test_an_empty_function_is_not_written_yet(lab: dict, faults: str) -> None:
    assert first(lab, f"{faults}_faults", lambda *_, **__: None) == "not written yet"


def test_every_task_is_empty_and_its_solution_right(run_lab, capsys: pytest.CaptureFixture[str]) -> None:
    """In the order of the page: a task's cell says `not written yet`, the solution's cell `right`."""
    run_lab(LAB)
    said = [line.rpartition(": ") for line in capsys.readouterr().out.splitlines()]
    outcomes = [(task, word) for task, _, word in said if word in ("not written yet", "right")]
    assert outcomes == [(task, word) for task in TASKS for word in ("not written yet", "right")]


def test_a_task_holds_no_code_of_its_solution(real_pages) -> None:
    for block in real_pages[f"docs/en/labs/{LAB}.md"].blocks:
        if "# your code" in block.section.code:
            body = block.section.code.split("report(")[0]
            assert "return" not in body and "np." not in body.replace("np.ndarray", "")


def test_ngs_check_values(lab: dict) -> None:
    w, b, X, y = lab["W_NG"], lab["B_NG"], lab["X_NG"], lab["Y_NG"]
    assert lab["cost"](lab["forward"](w, b, X), y) == pytest.approx(5.801545319394553, rel=1e-14)
    dw, db = lab["gradients"](w, b, X, y)
    np.testing.assert_allclose(dw.ravel(), [0.99845601, 2.39507239], atol=5e-9)
    assert db == pytest.approx(0.00145557813678, abs=5e-15)
    w, b, costs = lab["train"](w, b, X, y, steps=100, lr=0.009)
    np.testing.assert_allclose(w.ravel(), [0.19033591, 0.12259159], atol=5e-9)
    assert b == pytest.approx(1.92535983, abs=5e-9)
    np.testing.assert_allclose(lab["sigmoid"](np.array([0, 2])), [0.5, 0.88079708], atol=5e-9)


def test_what_the_page_claims(lab: dict) -> None:
    assert lab["costs"][0] == pytest.approx(np.log(2)) and np.all(np.diff(lab["costs"]) < 0)
    assert lab["accuracy"][1] > 0.98
    assert max(lab["ends"]) < 0.01 and max(lab["ends"]) < 1.5 * min(lab["ends"])
    assert np.linalg.norm(lab["w5"]) > 1.5 * np.linalg.norm(lab["w0"])
    assert 0.92 < lab["tested"] < lab["fitted"] < 0.99


def test_longer_training_lengthens_the_weights(lab: dict) -> None:
    """Separated classes have no best solution: the cost falls and the weights grow as long as one trains."""
    start = lab["initialise"](64)
    data = lab["X_train"], lab["y_train"]
    ends = [lab["train"](*start, *data, steps=steps, lr=0.5) for steps in (1000, 4000)]
    (w, _, costs), (longer, _, lower) = ends
    assert np.linalg.norm(longer) > 1.1 * np.linalg.norm(w) and lower[-1] < 0.5 * costs[-1]
