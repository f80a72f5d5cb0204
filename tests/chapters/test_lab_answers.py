"""Every lab's check refuses the wrong answers of `answers/`, by words that tell the kind, and accepts the right ones."""

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
    names, found = {}, {}
    names["print"] = lambda *parts: None
    with plt.rc_context({"backend": "agg"}):
        for block in page.blocks:
            code = block.section.code
            if any(word in code for word in SLOW):
                continue
            exec(compile(code, "lab", "exec"), names)
            for head, task in re.findall(r'^(def (\w+)\(.*\):\n    """(?:.|\n)*?""")\n    # your code', code, re.M):
                found[task] = SimpleNamespace(head=head, names=dict(names))
        plt.close("all")
    return found


def said(task: str, place: SimpleNamespace, code: str) -> str:
    """What the check says of an answer: the body of the task's function, or a cell that begins with its `def`."""
    names, rows = dict(place.names), []
    for helper in ("report", "keep", "first"):  # the checks' own names, as they are in a notebook of one scope
        assert helper in names
    cell = code if re.search(r"^(def \w+\(|\w+ = )", code) and f"def {task}(" in code or code.startswith(f"{task} =") \
        else f"{place.head}\n{textwrap.indent(code, '    ')}"
    scope = place.names["report"].__globals__  # a learner's cell shares it
    kept = dict(scope)
    scope.clear()
    scope.update(names)
    scope["print"] = lambda *parts: rows.append(" ".join(map(str, parts)))
    try:
        with np.errstate(all="ignore"):
            exec(compile(cell, "answer", "exec"), scope)
            scope["report"](task, scope[f"{CHECKS.get(task, task)}_faults"](scope[task]))
    finally:
        scope.clear()
        scope.update(kept)
    assert len(rows) == 1, rows
    return " ".join(rows[0].split()).removeprefix(f"{task}: ")
