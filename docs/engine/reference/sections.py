"""The sections of a page: what they are called, where they stand, and whether code runs in them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..source.blocks import Heading
from ..source.page import Page
from ..source.scan import scan


@dataclass(frozen=True)
class PageSection:
    """A heading with an id, and all below it up to the next heading that is not deeper."""

    id: str
    title: str
    level: int
    line: int = field(compare=False)
    runs: bool  # a running block stands in it


def page_sections(text: str, page: Page | None) -> dict[str, PageSection]:
    """The sections of a page by id, in order; `page` is None where the page cannot be read."""
    found = scan(text).headings
    blocks = [block.line for block in page.blocks] if page else []
    return {heading.id: PageSection(heading.id, heading.text, heading.level, heading.line,
                                    any(heading.line < line < end for line in blocks))
            for heading, end in zip(found, _ends(found), strict=True) if heading.id}


def _ends(found: Sequence[Heading]) -> list[float]:
    """For each heading the line of the next one that is not deeper."""
    return [next((later.line for later in found[index + 1 :] if later.level <= heading.level), float("inf"))
            for index, heading in enumerate(found)]


def trail(sections: Sequence[PageSection], line: int) -> list[str]:
    """The ids of the sections that a line stands in, from the outermost."""
    above: list[PageSection] = []
    for section in sections:
        if section.line > line:
            break
        above = [outer for outer in above if outer.level < section.level] + [section]
    return [section.id for section in above]
