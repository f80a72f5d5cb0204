"""The works that pages cite: `[@bridle1990]` in a page's text, and what such a work is called. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..source.errors import BookError, nearest
from ..source.scan import scan
from .entries import Entry
from .records import Both, Work

PAGE = "bibliography"
CITATION = re.compile(r"\[(?P<keys>@[^\]\s;]+(?:; ?@[^\]\s;]+)*)\]")


def keys_of(citation: re.Match[str]) -> list[str]:
    return [key.strip().removeprefix("@") for key in citation["keys"].split(";")]


def label(work: Entry[Work], language: str) -> str:
    """ "Hui and Belkin 2021": the authors' surnames, from three on the first, and the year."""
    short = work.values.short
    name = short[language] if isinstance(short, Both) else short
    return f"{name or _surnames(authors(work, language), language)} {work.values.year}"


def authors(work: Entry[Work], language: str) -> list[str]:
    found = work.values.authors
    return found[language] if isinstance(found, Both) else found


def _surnames(names: list[str], language: str) -> str:
    surnames = [name.split()[-1] for name in names]
    if len(surnames) > 2:
        return f"{surnames[0]} {'等' if language == 'zh' else 'et al.'}"
    return f" {'和' if language == 'zh' else 'and'} ".join(surnames)


def citations_of(source: str) -> Iterator[tuple[str, int]]:
    """Key and line of each work that a page cites."""
    page = scan(source)
    for citation in CITATION.finditer(page.prose):
        for key in keys_of(citation):
            yield key, page.line_at(citation.start())


def unknown_works(source: str, path: str, works: Mapping[str, Entry[Work]]) -> list[BookError]:
    return [unknown_work(key, path, line, works) for key, line in citations_of(source) if key not in works]


def unknown_work(key: str, path: str, line: int | None, works: Mapping[str, Entry[Work]]) -> BookError:
    return BookError(f"no work {key!r} in docs/data/bibliography.toml. {nearest(key, works)}", path=path, line=line)
