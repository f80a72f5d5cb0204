"""The works that pages cite: `[@bridle1990]` in a page's text, and what such a work is called. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..source.errors import BookError
from ..source.scan import scan
from ..source.snippets import nearest
from .records import Both, Entry, Work

PAGE = "bibliography"
CITATION = re.compile(r"\[(?P<keys>@[^\]\s;]+(?:; ?@[^\]\s;]+)*)\]")


def keys_of(citation: re.Match[str]) -> list[str]:
    return [key.strip().removeprefix("@") for key in citation["keys"].split(";")]


def label(work: Entry[Work], language: str) -> str:
    """ "Hui and Belkin 2021": the authors' surnames, from three on the first, and the year."""
    if short := work.values.short:
        name = short[language] if isinstance(short, Both) else short
    else:
        first, *others = (author.split()[-1] for author in authors(work, language))
        more, both = ("等", "和") if language == "zh" else ("et al.", "and")
        name = f"{first} {more}" if len(others) > 1 else f" {both} ".join([first, *others])
    return f"{name} {work.values.year}"


def authors(work: Entry[Work], language: str) -> list[str]:
    found = work.values.authors
    return found[language] if isinstance(found, Both) else found


def citations_of(source: str) -> Iterator[tuple[str, int]]:
    """Key and line of each work that a page cites."""
    page = scan(source)
    for citation in CITATION.finditer(page.prose):
        for key in keys_of(citation):
            yield key, page.line_at(citation.start())


def unknown_work(key: str, path: str, line: int | None, works: Mapping[str, Entry[Work]]) -> BookError:
    return BookError(f"no work {key!r} in docs/data/bibliography.toml. {nearest(key, works)}", path=path, line=line)
