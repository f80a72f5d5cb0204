"""A block that moves: every state runs from the same names, the blocks below find what the page shows."""

from __future__ import annotations

import pytest

DRAW = """import matplotlib.pyplot as plt
fig, ax = plt.subplots()
_ = ax.set(xlim=(0, 1), ylim=(0, 1), xlabel=str(lr))
print(lr, helper())"""


def moving(code: str, values=(1, 2, 3), still: int = 1) -> dict:
    states = [f"lr = {value}\n{code}\n" for value in values]
    return {"code": states[still], "states": states, "still": still}


def test_every_state_runs_and_the_still_is_left(workbench):
    _, moved, after = workbench.results("lr = 7\ndef helper(): return lr", moving(f"{DRAW}\nx = 10 * lr"), "lr, x")
    assert [state["stdout"] for state in moved["states"]] == ["1 1\n", "2 2\n", "3 3\n"]
    assert {**moved["states"][1], "states": moved["states"], "seconds": moved["seconds"]} == moved
    assert len({state["figures"][0] for state in moved["states"]}) == 3
    assert after["value"] == "(2, 20)"


def test_names_of_another_state_are_gone(workbench):
    code = f"if lr == 3:\n    only_there = 1\nhelper = str\n{DRAW}"
    assert workbench.results(moving(code), "'only_there' in globals()")[1]["value"] == "False"


@pytest.mark.parametrize(("first", "code", "message"), [
    ("x = []", "x.append(lr)\nhelper = lambda: x", "gives something else when it runs a second time"),
    ("import numpy as np\nrng = np.random.default_rng(0)", "helper = rng.random", "gives something else"),
    ("", "helper = str\nassert lr < 3", "state 3: AssertionError"),
    ("", "helper = str\nif lr == 1:\n    import matplotlib.pyplot\n    matplotlib.pyplot.figure()",
     "a state draws 2 figures"),
])
def test_what_fails(first, code, message, workbench):
    failure = workbench.failure(first or "0", moving(f"{code}\n{DRAW}"))
    assert failure["step"] == 1 and message in failure["message"] and failure["place"].startswith("snippets/a.py:10")


@pytest.mark.parametrize(("old", "new", "message"), [
    ("xlim=(0, 1)", "xlim=(-lr, 2 * lr)", "no. 1 needs xlim=(-3, 6), ylim=(0, 1) in each state"),
    ("subplots()", "subplots(figsize=(lr + 1, 2))", "the figures differ in size"),
    ("subplots()", "subplots(lr, squeeze=False); ax = ax[0, 0]", "1, 2, 3 of them; draw the same axes"),
])
def test_states_share_their_axes(old, new, message, workbench):
    failure = workbench.failure(moving(f"helper = str\n{DRAW}".replace(old, new)))
    assert message in failure["message"]
