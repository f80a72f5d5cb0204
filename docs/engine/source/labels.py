"""Numbers for the book's equations: every `\\label{name}` of one language, before any page is rendered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .errors import BookError
from .scan import scan

LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
EQREF = re.compile(r"\\eqref\{(?P<name>[^{}]*)\}")
LABEL_NAME = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Label:
    """A numbered equation: `name` as in `\\label{name}`, the page that holds it, its printed number."""

    name: str
    page: str  # page path inside its language, without suffix: "loss"
    number: str  # "2.3"
    path: str  # file, relative to the project root, for messages
    line: int = field(compare=False)

    @property
    def anchor(self) -> str:
        return f"eq-{self.name}"


def collect_labels(pages: Sequence[tuple[str, int | None, str, str]]) -> dict[str, Label]:
    """Labels by name, numbered "(chapter.n)" in the order of the pages.

    A page is (page path without suffix, chapter number or None, file path for messages, source). Code is
    passed over. BookError for a label given twice, one on a page without a chapter number, or a name that
    makes no anchor.
    """
    labels: dict[str, Label] = {}
    for page, chapter, path, source in pages:
        for number, (name, line) in enumerate(_find(source), start=1):
            label = Label(name=name, page=page, number=f"{chapter}.{number}", path=path, line=line)
            _check(label, chapter, labels.get(name))
            labels[name] = label
    return labels


def _find(source: str) -> list[tuple[str, int]]:
    """Name and line of each label outside code."""
    page = scan(source)
    return [(match[1], page.line_at(match.start())) for match in LABEL.finditer(page.prose)]


def _check(label: Label, chapter: int | None, earlier: Label | None) -> None:
    problem = None
    if earlier is not None:
        problem = f"is given twice, first in {earlier.path}:{earlier.line}; rename one of them"
    elif chapter is None:
        problem = ("stands on a page without a chapter number; list the page under chapters: in the nav of "
                   "mkdocs.yml, or leave the label out")
    elif not LABEL_NAME.fullmatch(label.name):
        problem = "makes no anchor; use small letters, digits and hyphens, a letter first"
    if problem:
        raise BookError(rf"\label{{{label.name}}} {problem}", path=label.path, line=label.line)
