"""Every check of the labs refuses the wrong answers of `answers/`, by words that tell the kind; right ones pass."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

FOLDER = Path(__file__).parent / "answers"
LABS = {"digit-classifier": ("sigmoid", "prepare", "initialise", "forward", "cost", "gradients", "train", "predict",
                             "softmax_gradients"),
        "batch-size-study": ("learning_rate", "band", "difference")}
CHECKS = {"gradients": "gradient", "softmax_gradients": "softmax", "learning_rate": "rate"}
SLOW = ("steps=300", "steps=2000", "range(500)", "results", "last[")  # training and what draws it; no task needs them


def answers(lab: str) -> list[tuple[str, list[str], str]]:
    """(task, words of the message, code) of a file: `== task`, then `-- words | words` before each answer."""
    found = []
    for part in re.split(r"^== ", (FOLDER / f"{lab}.txt").read_text("utf-8"), flags=re.M)[1:]:
        task, rest = part.split("\n", 1)
        for answer in re.split(r"^-- ", rest, flags=re.M)[1:]:
            words, code = answer.split("\n", 1)
            found.append((task.strip(), [word.strip() for word in words.split("|")], code.rstrip()))
    return found


def tasks(page) -> dict[str, SimpleNamespace]:
    """Of each task: its function's head, and the names that the notebook has when a learner reaches it."""
    import matplotlib.pyplot as plt
    names, found = {"print": lambda *parts, **options: None}, {}
    with plt.rc_context({"backend": "agg"}):
        for block in page.blocks:
            code = block.section.code
            if any(word in code for word in SLOW):
                continue
            exec(compile(code, "lab", "exec"), names)
            for head, task in re.findall(r'^(def (\w+)\(.*\):\n    """(?:.|\n)*?""")\n    # your code', code, re.M):
                found[task] = SimpleNamespace(head=head, scope=names, names=dict(names))
        plt.close("all")
    return found


def cells(task: str, place: SimpleNamespace, code: str) -> tuple[dict, list[str]]:
    """Names and printed rows after an answer's cell: the body of the task's function, or all of the cell."""
    whole = f"def {task}(" in code or code.startswith(f"{task} =")
    cell = code if whole else f"{place.head}\n{textwrap.indent(code, '    ')}"
    rows = []
    place.scope.clear()  # the notebook as it was when the learner reached the task
    place.scope.update(place.names)
    place.scope["print"] = lambda *parts, **options: rows.append(" ".join(map(str, parts)))
    exec(compile(cell, "answer", "exec"), place.scope)
    return place.scope, rows


def said(task: str, place: SimpleNamespace, code: str) -> str:
    """What the task's check says of an answer."""
    names, rows = cells(task, place, code)
    with np.errstate(all="ignore"):
        names["report"](task, names[f"{CHECKS.get(task, task)}_faults"](names[task]))
    return " ".join(rows[-1].split()).removeprefix(f"{task}: ")


@pytest.fixture(scope="module")
def places(real_pages) -> dict[str, SimpleNamespace]:
    return {task: place for lab in LABS for task, place in tasks(real_pages[f"docs/en/labs/{lab}.md"]).items()}


ANSWERS = {lab: answers(lab) for lab in LABS}
TASKS = [(lab, task) for lab, names in LABS.items() for task in names]


@pytest.mark.parametrize(("lab", "task"), TASKS)
@pytest.mark.filterwarnings("ignore")
def test_every_answer_gets_its_message(places: dict, lab: str, task: str) -> None:
    """Thirty wrong ones are refused by words that tell the kind, ten right ones accepted."""
    given = [(words, code) for name, words, code in ANSWERS[lab] if name == task]
    right = [words == ["right"] for words, _ in given]
    assert sum(right) >= 10 and len(right) - sum(right) >= 30
    missed = []
    for words, code in given:
        message = said(task, places[task], code)
        if (message == "right") is not (words == ["right"]) or not all(word in message for word in words):
            missed.append(f"{code}\n  {words}, but: {message}")
    assert not missed, "\n\n".join(missed)


@pytest.mark.parametrize(("lab", "task"), TASKS)
@pytest.mark.filterwarnings("ignore")
def test_no_answer_is_overwritten(places: dict, lab: str, task: str) -> None:
    """Not even one that returns nothing or stops: only a function without a body gives way to the solution."""
    for name, words, code in ANSWERS[lab]:
        if name != task or "expected a function" in words:
            continue
        names, rows = cells(task, places[task], code)
        solution, yours = lambda: None, names[task]
        solution.__name__ = f"{task}_solution"
        kept = names["keep"](task, names[f"{CHECKS.get(task, task)}_faults"], yours, solution)
        assert kept is (solution if words == ["not written yet"] else yours), code
        empty = "the solution is used" in rows[-1]
        assert empty is (words == ["not written yet"]) and ("not right yet" in rows[-1]) is (
            not empty and words != ["right"])
