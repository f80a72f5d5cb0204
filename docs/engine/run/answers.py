"""Whether the answers of a page's questions can be told apart, by what their expressions gave. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..source.errors import BookError
from ..source.page import Page
from ..source.questions import Question, fault_of
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
