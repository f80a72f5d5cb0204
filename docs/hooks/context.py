"""What a page's processors know about the page that they process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Label:
    """A numbered equation: `name` as in `\\label{name}`, the page that holds it, its printed number."""

    name: str
    page: str  # page path inside its language, without suffix: "loss"
    number: str  # "2.3"
    path: str  # file, relative to the project root, for messages
    line: int

    @property
    def anchor(self) -> str:
        return f"eq-{self.name}"


@dataclass(frozen=True)
class PageContext:
    """One page, as its processors need it; a new one for each conversion."""

    path: str = "<string>"  # "docs/en/loss.md", for messages
    source: str = ""  # the whole file, front matter included, so that messages can name lines
    page: str = ""  # "loss": path inside the language without suffix
    language: str = "en"
    labels: Mapping[str, Label] = field(default_factory=dict)  # of the whole book, in this language
    filled: bool = False  # a lab's: its cells and values stand in the Markdown already
