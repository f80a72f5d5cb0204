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
    """Labels by name, numbered "(chapter.n)" in the order of the pages; code is passed over.

    A page is (page path without suffix, chapter number or None, file path for messages, source). BookError for a label
    given twice, one on a page without a chapter number, or a name that makes no anchor.
    """
    labels: dict[str, Label] = {}
    for page, chapter, path, source in pages:
        found = scan(source)
        for count, match in enumerate(LABEL.finditer(found.prose), 1):
            name, line = match[1], found.line_at(match.start())
            if problem := _problem(name, chapter, labels.get(name)):
                raise BookError(rf"\label{{{name}}} {problem}", path=path, line=line)
            labels[name] = Label(name, page, f"{chapter}.{count}", path, line)
    return labels


def _problem(name: str, chapter: int | None, earlier: Label | None) -> str | None:
    if earlier is not None:
        return f"is given twice, first in {earlier.path}:{earlier.line}; rename one of them"
    if chapter is None:
        return ("stands on a page without a chapter number; list the page under chapters: in the nav of mkdocs.yml, or "
                "leave the label out")
    if not LABEL_NAME.fullmatch(name):
        return "makes no anchor; use small letters, digits and hyphens, a letter first"
    return None
