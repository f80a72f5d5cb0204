"""The lab's checks: each wrong solution gets the message that says what is wrong with it, the right one `right`."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest

LAB = "digit-classifier"
TASKS = ("sigmoid", "prepare", "initialise", "forward", "cost", "gradients", "train", "predict", "softmax_gradients")


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
    return " ".join(said[0].split()).removeprefix("task: ")


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
        return (function,)

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

    def prepare_in_place(images):
        images /= 16
        return images.reshape(len(images), -1)

    def in_place(z):
        z *= -1
        return 1 / (1 + np.exp(z))

    def step(lr=None, steps=None, zeros=False, once=False):
        """The loop with one thing fixed."""
        def run(w, b, X, y, steps_given, lr_given):
            w, b = (0 * w, 0.0) if zeros else (w, b)
            costs, grads = [], gradients(w, b, X, y)
            for _ in range(steps or steps_given):
                costs.append(cost(forward(w, b, X), y))
                dw, db = grads if once else gradients(w, b, X, y)
                w, b = w - (lr or lr_given) * dw, b - (lr or lr_given) * db
            return w, b, costs
        return lambda w, b, X, y, steps, lr: run(w, b, X, y, steps, lr)

    def slope_kept(scale):
        def run(w, b, X, y):
            y_hat = forward(w, b, X)
            dz = scale * (y_hat - y) * y_hat * (1 - y_hat) / len(y)
            return X.T @ dz, np.sum(dz)
        return run

    def scores(change):
        def run(W, b, X, Y):
            dZ = change(W, b, X, Y) / len(Y)
            return X.T @ dZ, dZ.sum(axis=0)
        return run

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
        "sigmoid: in place": ("sigmoid_faults", (in_place,), ["in place an array", "new array"]),
        "sigmoid: both sides": ("sigmoid_faults", (lambda z: np.where(
            z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z))),), ["overflow", "np.where computes both"]),
        "sigmoid: other form": ("sigmoid_faults", (lambda z: np.exp(z) / (1 + np.exp(z)),), ["800", "overflow"]),
        "sigmoid: no bracket": ("sigmoid_faults", (lambda z: 1 / 1 + np.exp(-np.abs(z)),), ["2.0000", "0.5"]),
        "sigmoid: step": ("sigmoid_faults", (lambda z: (z > 0) * 1.0,), ["0.0000 and 1.0000"]),
        "sigmoid: columns only": ("sigmoid_faults", (lambda z: sigmoid(z[:, :1]),), ["(3, 1)", "(3, 4)"]),
        "sigmoid: folded at 0": ("sigmoid_faults", (lambda z: np.where(np.abs(z) > 100, sigmoid(z), sigmoid(abs(z))),),
                                 ["wrong in another, with (3, 4)"]),
        "sigmoid: math": ("sigmoid_faults", (lambda z: 1 / (1 + math.exp(-z)),), ["stops with TypeError"]),
        "sigmoid: error": ("sigmoid_faults", (lambda z: z + "a",), ["stops with", "Error"]),
        "prepare: not flat": ("prepare_faults", (lambda i: i / 16,), ["(5, 8, 8)", "(5, 64)", "one row"]),
        "prepare: transposed": ("prepare_faults", (lambda i: prepare(i).T,), ["(64, 5)", "transposed"]),
        "prepare: mixed": ("prepare_faults", (lambda i: i.reshape(64, -1).T / 16,), ["mixes pixels of several images"]),
        "prepare: not divided": ("prepare_faults", (lambda i: i.reshape(len(i), -1) * 1.0,), ["not divided", "by 16"]),
        "prepare: by 255": ("prepare_faults", (lambda i: i.reshape(len(i), -1) / 255,), ["by 255", "go to 16"]),
        "prepare: by 15": ("prepare_faults", (lambda i: i.reshape(len(i), -1) / 15,), ["by 15", "go to 16"]),
        "prepare: only flat": ("prepare_faults", (lambda i: i.reshape(len(i), -1),), ["not divided"]),
        "prepare: integers": ("prepare_faults", (lambda i: i.reshape(len(i), -1).astype(int),), ["int64", "float64"]),
        "prepare: whole division": ("prepare_faults", (lambda i: i.reshape(len(i), -1) // 16,),
                                    ["// cuts off"]),
        "prepare: own maximum": ("prepare_faults", (
            lambda i: i.reshape(len(i), -1) / i.max(axis=(1, 2)).reshape(-1, 1),), ["its own maximum", "all by 16"]),
        "prepare: largest found": ("prepare_faults", (lambda i: i.reshape(len(i), -1) / i.max(),), ["largest value"]),
        "prepare: turned": ("prepare_faults", (lambda i: i.transpose(0, 2, 1).reshape(len(i), -1) / 16,),
                            ["rows and columns of each image are exchanged"]),
        "prepare: Fortran": ("prepare_faults", (lambda i: i.reshape(len(i), -1, order="F") / 16,),
                             ["rows and columns of each image are exchanged"]),
        "prepare: negative": ("prepare_faults", (lambda i: 1 - i.reshape(len(i), -1) / 16,), ["ink and paper"]),
        "prepare: flipped": ("prepare_faults", (lambda i: i[:, ::-1].reshape(len(i), -1) / 16,), ["another order"]),
        "prepare: in place": ("prepare_faults", (prepare_in_place,), ["in place an array", "a new array"]),
        "prepare: list": ("prepare_faults", (lambda i: [list(a.ravel() / 16) for a in i],), ["is a list"]),
        "initialise: rank one": ("initialise_faults", (lambda d: (np.zeros(d), 0.0),), ["w has shape (4,)", "(4, 1)"]),
        "initialise: row": ("initialise_faults", (lambda d: (np.zeros((1, d)), 0.0),), ["(1, 4)", "transposed"]),
        "initialise: integers": ("initialise_faults", (lambda d: (np.zeros((d, 1), int), 0),), ["int64", "float64"]),
        "initialise: b array": ("initialise_faults", (lambda d: (np.zeros((d, 1)), np.zeros(1)),),
                                ["b is an array of shape (1,)"]),
        "initialise: w only": ("initialise_faults", (lambda d: np.zeros((d, 1)),), ["ndarray", "expected w, b"]),
        "initialise: shape as two": ("initialise_faults", (lambda d: (np.zeros(d, 1), 0.0),), ["as one tuple"]),
        "initialise: random": ("initialise_faults", (lambda d: (np.random.default_rng(0).normal(size=(d, 1)), 0.0),),
                               ["expected zeros"]),
        "initialise: other way round": ("initialise_faults", (lambda d: (0.0, np.zeros((d, 1))),), ["w is a float"]),
        "initialise: list": ("initialise_faults", (lambda d: [np.zeros((d, 1)), 0.0],), ["a list, expected w, b"]),
        "initialise: b one": ("initialise_faults", (lambda d: (np.zeros((d, 1)), 1.0),), ["b = 1.0, expected zeros"]),
        "initialise: ones": ("initialise_faults", (lambda d: (np.ones((d, 1)), 0.0),), ["expected zeros"]),
        "forward: no sigmoid": ("forward_faults", (lambda w, b, X: X @ w + b,), ["the sigmoid is missing"]),
        "forward: no b": ("forward_faults", (lambda w, b, X: sigmoid(X @ w),), ["leaves out b"]),
        "forward: rank one": ("forward_faults", (lambda w, b, X: sigmoid(X @ w.ravel() + b),), ["y_hat", "(3,)"]),
        "forward: a table": ("forward_faults", (lambda w, b, X: sigmoid((X @ w) - np.arange(3.0)),),
                             ["(3, 3)", "(3, 1)", "broadcasting made a table"]),
        "forward: Ng's own": ("forward_faults", (lambda w, b, X: sigmoid(w.T @ X + b),), ["w.T @ X", "a row"]),
        "forward: dot": ("forward_faults", (lambda w, b, X: sigmoid(np.dot(w.T, X) + b),), ["w.T @ X", "a row"]),
        "forward: b outside": ("forward_faults", (lambda w, b, X: sigmoid(X @ w) + b,), ["after the sigmoid"]),
        "forward: minus b": ("forward_faults", (lambda w, b, X: sigmoid(X @ w - b),), ["subtracted"]),
        "forward: labels": ("forward_faults", (lambda w, b, X: sigmoid(X @ w + b) > 0.5,), ["returns labels"]),
        "forward: class 0": ("forward_faults", (lambda w, b, X: sigmoid(-(X @ w + b)),), ["class 0"]),
        "forward: by entry": ("forward_faults", (lambda w, b, X: sigmoid(X * w.T + b),), ["(3, 2)", "(3, 1)"]),
        "forward: transposed": ("forward_faults", (lambda w, b, X: sigmoid((X @ w + b).T),), ["(1, 3)", "transposed"]),
        "cost: sum, no minus": ("cost_faults", cost_of(lambda a, y: -len(y) * cost(a, y)), ["without the minus"]),
        "cost: half": ("cost_faults", cost_of(lambda a, y: cost(a, y) / 2), ["half the mean"]),
        "cost: log10": ("cost_faults", cost_of(lambda a, y: cost(a, y) / log(10)), ["log10"]),
        "cost: sign inside": ("cost_faults", cost_of(lambda a, y: -np.mean(y * log(a) - (1 - y) * log(1 - a))),
                              ["the second term has the wrong sign"]),
        "cost: by 3": ("cost_faults", cost_of(lambda a, y: len(y) * cost(a, y) / 3), ["wrong for 2"]),
        "cost: absolute": ("cost_faults", cost_of(lambda a, y: np.mean(np.abs(a - y))), ["mean absolute"]),
        "cost: matrix": ("cost_faults", cost_of(lambda a, y: -(y.T @ log(a) + (1 - y).T @ log(1 - a)) / len(y)),
                         ["array of shape (1, 1)", "one number"]),
        "cost: log of 0": ("cost_faults", cost_of(lambda a, y: np.inf), ["a logarithm of 0"]),
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
        "gradients: slope kept": ("gradient_faults", (slope_kept(1),), ["slope of the sigmoid", "it cancels"]),
        "gradients: slope, no mean": ("gradient_faults", (slope_kept(3),), ["slope", "1/N is missing"]),
        "gradients: by d": ("gradient_faults", (grads(lambda dw, db: (3 * dw / 2, db)),), ["d = 2, not by N = 3"]),
        "gradients: Ng's own": ("gradient_faults", (lambda w, b, X, y: (X @ (forward(w, b, X) - y).T / 3, 0.0),),
                                ["an example is a row"]),
        "gradients: list": ("gradient_faults", (grads(lambda dw, db: [dw, db]),), ["a list, expected dw, db"]),
        "gradients: other way round": ("gradient_faults", (grads(lambda dw, db: (db, dw)),), ["dw is a float64"]),
        "gradients: db no labels": ("gradient_faults", (lambda w, b, X, y: (
            gradients(w, b, X, y)[0], np.mean(forward(w, b, X))),), ["db is made of y_hat alone"]),
        "gradients: something": ("gradient_faults", (grads(lambda dw, db: (dw + 1, db)),), ["1.998456", "0.998456"]),
        "train: uphill": ("train_faults", (loop(1, 1),), ["rises", "w - lr * dw"]),
        "train: b stays": ("train_faults", (loop(-1, 0),), ["b does not move"]),
        "train: w stays": ("train_faults", (loop(0, -1),), ["w does not move"]),
        "train: in place": ("train_faults", (loop(-1, -1, in_place=True),), ["in place an array", "not w -="]),
        "train: recorded late": ("train_faults", (loop(-1, -1, record_after=True),), ["record it before the update"]),
        "train: one after the other": ("train_faults", (one_after_the_other,), ["before either has moved"]),
        "train: 99 steps": ("train_faults", (lambda w, b, X, y, steps, lr: train(w, b, X, y, steps - 1, lr),),
                            ["99 costs", "expected 100"]),
        "train: other rate": ("train_faults", (lambda w, b, X, y, steps, lr: train(w, b, X, y, steps, 0.01),),
                              ["after 100 steps w is", "0.190336"]),
        "train: steps fixed": ("train_faults", (step(steps=100),), ["100 costs with steps=7", "use `steps`"]),
        "train: rate fixed": ("train_faults", (step(lr=0.009),), ["wrong with lr=0.03", "use `lr`"]),
        "train: from zeros": ("train_faults", (step(zeros=True),), ["starts from zeros"]),
        "train: one gradient": ("train_faults", (step(once=True),), ["gradient of the start"]),
        "train: no costs": ("train_faults", (lambda *a, steps, lr: train(*a, steps, lr)[:2],),
                            ["a tuple of 2, expected w, b, costs"]),
        "train: one step": ("train_faults", (lambda *a, steps, lr: train(*a, 1, lr),), ["1 costs", "expected 100"]),
        "predict: no b": ("predict_faults", (lambda w, b, X: (X @ w > 0) * 1,), ["b is left out"]),
        "predict: signs": ("predict_faults", (lambda w, b, X: np.where(X @ w + b > 0, 1, -1),), ["1 and -1"]),
        "predict: list": ("predict_faults", (lambda w, b, X: predict(w, b, X).tolist(),), ["is a list"]),
        "predict: all 0": ("predict_faults", (lambda w, b, X: 0 * predict(w, b, X),), ["all labels are 0"]),
        "predict: threshold 0.9": ("predict_faults", (lambda w, b, X: (forward(w, b, X) > 0.9) * 1,), ["y_hat > 0.5"]),
        "predict: probability": ("predict_faults", (forward,), ["returns probabilities", "y_hat > 0.5"]),
        "predict: threshold 0": ("predict_faults", (lambda w, b, X: (forward(w, b, X) > 0) * 1,), ["all labels are 1"]),
        "predict: reversed": ("predict_faults", (lambda w, b, X: 1 - predict(w, b, X),), ["reversed"]),
        "predict: rank one": ("predict_faults", (lambda w, b, X: predict(w, b, X).ravel(),), ["(8,)", "(8, 1)"]),
        "softmax: sign": ("softmax_faults", (made(lambda dW, db: (-dW, -db)),), ["P - Y"]),
        "softmax: no mean": ("softmax_faults", (made(lambda dW, db: (4 * dW, 4 * db)),), ["1/N is missing, N = 4"]),
        "softmax: mean over classes": ("softmax_faults", (made(lambda dW, db: (4 * dW / 3, db)),), ["K = 3", "N = 4"]),
        "softmax: transposed": ("softmax_faults", (made(lambda dW, db: (dW.T, db)),), ["(3, 2)", "transposed"]),
        "softmax: db per example": ("softmax_faults", (lambda W, b, X, Y: (
            many(W, b, X, Y)[0], (softmax(X @ W + b) - Y).mean(axis=1)),), ["db has shape (4,), expected (3,)"]),
        "softmax: db summed": ("softmax_faults", (made(lambda dW, db: (dW, 4 * db)),), ["db is", "the mean"]),
        "softmax: no b": ("softmax_faults", (scores(lambda W, b, X, Y: softmax(X @ W) - Y),), ["b is left out"]),
        "softmax: by d": ("softmax_faults", (made(lambda dW, db: (2 * dW, db)),), ["d = 2, not by N = 4"]),
        "softmax: no labels": ("softmax_faults", (scores(lambda W, b, X, Y: softmax(X @ W + b)),), ["subtract Y"]),
        "softmax: scores": ("softmax_faults", (scores(lambda W, b, X, Y: X @ W + b - Y),), ["softmax is missing"]),
        "softmax: slope kept": ("softmax_faults", (scores(lambda W, b, X, Y: (
            lambda P: (P - Y) * P * (1 - P))(softmax(X @ W + b))),), ["it cancels"]),
        "softmax: Ng's own": ("softmax_faults", (lambda W, b, X, Y: (X @ (softmax(X @ W + b) - Y).T, 0),),
                              ["an example is a row"]),
        "softmax: db a number": ("softmax_faults", (made(lambda dW, db: (dW, db.sum())),), ["db is a float64"]),
        "softmax: db a row": ("softmax_faults", (made(lambda dW, db: (dW, db[None])),), ["(1, 3)", "(3,)"]),
        "right sigmoid, by tanh": ("sigmoid_faults", (lambda z: 0.5 + 0.5 * np.tanh(z / 2),), ["right"]),
        "right sigmoid, clipped": ("sigmoid_faults", (lambda z: 1 / (1 + np.exp(-np.clip(z, -700, 700))),), ["right"]),
        "right prepare, by a loop": ("prepare_faults", (lambda i: np.array([a.ravel() / 16 for a in i]),), ["right"]),
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


@pytest.mark.parametrize("faults", ["sigmoid", "prepare", "initialise", "forward", "cost", "gradient", "train",
                                    "predict", "softmax"])
def test_an_empty_function_is_not_written_yet(lab: dict, faults: str) -> None:
    assert first(lab, f"{faults}_faults", lambda *_, **__: None) == "not written yet"


def test_every_task_is_empty_and_its_solution_right(run_lab, capsys: pytest.CaptureFixture[str]) -> None:
    """A task's cell says `not written yet`, the solution's cell `right`, and then the solution is used."""
    run_lab(LAB)
    said = capsys.readouterr().out.splitlines()
    for task in TASKS:
        rows = [f"{task}: not written yet", f"{task}_solution: right", f"{task}: from here on the solution is used"]
        places = [said.index(row) for row in rows]
        assert places == sorted(places)


class Kernel:
    """The lab's cells, run one after the other, as `run all` does with what a learner has written."""

    def __init__(self, page, written: dict[str, str]) -> None:
        self.names, self.said = {}, []
        self.names["print"] = lambda *parts: self.said.append(" ".join(map(str, parts)))
        for block in page.blocks:
            code = block.section.code
            for task, body in written.items():
                if f"def {task}(" in code and "# your code" in code:
                    start = code.index("# your code", code.index(f"def {task}("))
                    code = code[:start] + body + code[start + len("# your code"):]
            exec(compile(code, task, "exec"), self.names)


@pytest.mark.parametrize(("task", "body", "right"), [
    ("sigmoid", "return 0.5 * (1 + np.tanh(z / 2))", True), ("sigmoid", "return 1 / (1 + np.exp(z))", False),
    ("cost", "return -np.mean(np.log(np.where(y == 1, y_hat, 1 - y_hat)))", True),
    ("gradients", "e = forward(w, b, X) - y; return X.T @ e, e.sum()", False),
    ("softmax_gradients", "e = softmax(X @ W + b) - Y; return X.T @ e / len(Y), e.mean(axis=0)", True)])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_run_all_keeps_what_the_learner_wrote(real_pages, task: str, body: str, right: bool) -> None:
    """Right or wrong: no solution takes its place, and the cell of the solution says so."""
    import matplotlib.pyplot as plt
    with plt.rc_context({"backend": "agg"}):
        kernel = Kernel(real_pages[f"docs/en/labs/{LAB}.md"], {task: body})
    plt.close("all")
    assert kernel.names[task].__code__.co_name == task and kernel.names[task] is not kernel.names[f"{task}_solution"]
    used = f"{task}: from here on yours is used"
    said = [row.strip() for row in kernel.said if row.startswith(used)]
    assert said == [used + " (it is not right yet)" * (not right)]
    assert (f"{task}: right" in kernel.said) is right
    others = [name for name in TASKS if name != task]
    assert all(kernel.names[name] is kernel.names[f"{name}_solution"] for name in others)
    if task == "gradients":
        assert any("your gradients is not right yet" in row for row in kernel.said)


def test_a_solution_run_twice_is_no_answer_of_the_learner(lab: dict) -> None:
    said = []
    scope = lab["keep"].__globals__
    scope["print"] = lambda *parts: said.append(" ".join(parts))
    try:
        again = lab["keep"]("predict", lab["predict_faults"], lab["predict_solution"], lab["predict_solution"])
    finally:
        del scope["print"]
    assert again is lab["predict_solution"] and said == ["predict: from here on the solution is used"]


def test_lines_of_an_answer_fit(lab: dict, capsys: pytest.CaptureFixture[str]) -> None:
    for name, (faults, solution, _) in solutions(lab).items():
        lab["report"]("softmax_gradients", lab[faults](*solution))
        assert max(map(len, capsys.readouterr().out.splitlines())) <= 90, name


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
