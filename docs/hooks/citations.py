"""`[@bridle1990]` in prose: a link to the work in the bibliography, as "Bridle 1990". Several: `[@one; @other]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, SubElement

import markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from .citation_syntax import CITATION, keys_of
from .context import PageContext
from .entries import Entry
from .errors import BookError
from .prose import line_at, line_of, mask_code
from .references import source_link
from .snippets import nearest

PAGE = "bibliography"
_PRIORITY = 184  # after code spans and formulas, before links (160)


def label(work: Entry, language: str) -> str:
    """ "Hui and Belkin 2021": the authors' surnames, from three on the first, and the year."""
    short = work.get("short")
    name = short[language] if isinstance(short, dict) else short
    return f"{name or _surnames(authors(work, language), language)} {work['year']}"


def authors(work: Entry, language: str) -> list[str]:
    found = work["authors"]
    return found[language] if isinstance(found, dict) else found


def _surnames(names: list[str], language: str) -> str:
    surnames = [name.split()[-1] for name in names]
    if len(surnames) > 2:
        return f"{surnames[0]} {'等' if language == 'zh' else 'et al.'}"
    return f" {'和' if language == 'zh' else 'and'} ".join(surnames)


def citations_of(source: str) -> Iterator[tuple[str, int]]:
    """Key and line of each work that a page cites."""
    prose = mask_code(source)
    for citation in CITATION.finditer(prose):
        for key in keys_of(citation):
            yield key, line_at(prose, citation.start())


def unknown_works(source: str, path: str, works: Mapping[str, Entry]) -> list[BookError]:
    return [_unknown(key, path, line, works) for key, line in citations_of(source) if key not in works]


def _unknown(key: str, path: str, line: int | None, works: Mapping[str, Entry]) -> BookError:
    return BookError(f"no work {key!r} in docs/data/bibliography.toml. {nearest(key, works)}", path=path, line=line)


class Citations(InlineProcessor):
    def __init__(self, md: markdown.Markdown, context: PageContext) -> None:
        super().__init__(CITATION.pattern, md)
        self.context = context

    def handleMatch(self, match: re.Match[str], data: str) -> tuple[Element, int, int]:  # noqa: N802
        works = self.context.reference.data["bibliography"]
        element = Element("span", {"class": "citation"})
        link = None
        for key in keys_of(match):
            if key not in works:
                raise _unknown(key, self.context.path, line_of(self.context.source, match[0]), works)
            if link is not None:
                link.tail = "；" if self.context.language == "zh" else "; "
            link = SubElement(element, "a", {"href": f"{source_link(self.context.page, PAGE)}#{key}"})
            link.text = AtomicString(label(works[key], self.context.language))
        return element, match.start(), match.end()


def extend(md: markdown.Markdown, context: PageContext) -> None:
    if context.reference is not None:
        md.inlinePatterns.register(Citations(md, context), "citations", _PRIORITY)
