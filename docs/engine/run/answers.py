"""Whether the answers of a page's questions can be told apart, by what their expressions gave. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from ..source.errors import BookError
from ..source.expressions import Question
from ..source.page import Page
from .results import Result


def question_faults(page: Page, result: Result) -> Iterator[BookError]:
    """An error for each question whose mistakes cannot be told from its answer; those that did not run are left out."""
    for question in page.questions:
        if (values := values_of(question, page, result)) and (fault := fault_of(question, values)):
            yield BookError(fault, path=page.path, line=question.line)


def values_of(question: Question, page: Page, result: Result) -> list[str] | None:
    """What its expressions gave, in order; None if one was not evaluated."""
    places = {step.line: (before, step.code) for before, step in page.expressions}
    try:
        return [result.values[places[answer.line]] for answer in question.answers]
    except KeyError:
        return None


def fault_of(question: Question, values: Sequence[str]) -> str | None:
    """What is wrong with what the expressions gave, or None: a mistake must give another value than the answer."""
    if question.kind == "choice":
        if set(values) - {"True", "False"} or values.count("True") != 1:
            return (f"the answers of the question give {', '.join(values)}; expected one True, the others False, such "
                    "as `{python} bool(w > 1)`")
        return None
    given = []
    for answer, text in zip(question.answers, values, strict=True):
        if (number := number_of(text)) is None:
            return f"the answer `{answer.code}` gives {text!r}, which is no number; write f\"{{…:.2f}}\""
        given.append((answer.code, text, number))
    for (before, nearby, other), (code, near, number) in combinations(given, 2):
        if abs(number - other) <= (margin(near) + margin(nearby)) * (1 + 1e-9):  # margins that touch count
            return (f"`{code}` gives {near}, `{before}` gives {nearby}: nobody could tell which of the two a reader "
                    "means; ask with other numbers, or leave the mistake out")
    return None


def number_of(text: str) -> float | None:
    try:
        number = float(text.replace("−", "-").replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def margin(text: str) -> float:
    """How far from the number an answer may lie and be right: half of the last decimal that is shown, or 0.5 %."""
    decimals = re.search(r"\.(\d+)(?:e([+-]?\d+))?", text)
    shown = 0.5 * 10.0 ** (int(decimals[2] or 0) - len(decimals[1])) if decimals else 0.0
    return max(shown, 0.005 * abs(number_of(text) or 0.0))
