"""What the questions of a chapter's page take for right and for a named mistake, as the build evaluates it."""

from __future__ import annotations

from pathlib import Path

from book_engine import pytest_plugin
from book_engine.run.answers import values_of

ENGLISH = Path(__file__).resolve().parents[1] / "docs" / "en"


def answers_of(chapter: str) -> list[list[str] | int]:
    """A question for a number gives its values, the right one first; a choice gives the place of the right one."""
    page, result = pytest_plugin.RESULTS.of(ENGLISH / f"{chapter}.md")
    found = [(question.kind, values_of(question, page, result)) for question in page.questions]
    return [values.index("True") if kind == "choice" else values for kind, values in found]
