"""What a page's processors know about the page that they process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..source.labels import Label

if TYPE_CHECKING:
    from ..reference.data import Reference
    from ..reference.page_symbols import PageSymbols


@dataclass(frozen=True)
class PageContext:
    """One page, as its processors need it; a new one for each conversion."""

    path: str = "<string>"  # "docs/en/loss.md", for messages
    source: str = ""  # the whole file, front matter included, so that messages can name lines
    page: str = ""  # "loss": path inside the language without suffix
    language: str = "en"
    labels: Mapping[str, Label] = field(default_factory=dict)  # of the whole book, in this language
    filled: bool = False  # a lab's: its cells and values stand in the Markdown already
    reference: Reference | None = None  # the data of the reference pages
    data_error: str | None = None  # why there is no `reference`, under `mkdocs serve`
    symbols: PageSymbols | None = None  # what the formulas of this page use

    def first_line(self, lines: Sequence[str]) -> int:
        """The file's line on which the text starts that Markdown is given: MkDocs takes the front matter off."""
        missing = _line_count(self.source) - _line_count("\n".join(lines))
        return max(missing, 0) + 1


def _line_count(text: str) -> int:
    return text.rstrip().count("\n")
