"""A page as its reader meets it: lines of text, without code, formulas and marks of Markdown. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..source.inline import IS_CODE, IS_FENCE, IS_FORMULA
from ..source.scan import Scan, scan


@dataclass(frozen=True)
class Line:
    """One line of a page as it is read: formulas and code are zeros, marks of Markdown are gone.

    `kind` is "heading", "item" (of a list), "term", "row" (of a table), "text", "question", "alt", "description"; ""
    where nothing is read.
    """

    number: int
    kind: str
    text: str
    section: str = ""  # id of the second-level heading above


HAN = r"[\u3400-\u9fff〇]"
ZEROS = re.compile(rf"{IS_CODE}+|{IS_FORMULA}+|\\eqref\{{[^}}]*\}}|https?://[^\s)>]+|\S*\b10\.\d{{4,}}/\S+")
ID = re.compile(r"[ \t]*\{[:#.][^{}]*\}[ \t]*$")


def lines_of(source: str) -> list[Line]:
    """What of a page is read, line by line; alt texts and the description too."""
    page = scan(source)
    questions = [(mark.line, mark.end or 0) for mark in page.marks if mark.name == "question"]
    found = {number: Line(number, "", "", _section(page, number)) for number in range(1, len(page.lines) + 1)}
    for sentence in page.sentences:
        rows = zip(sentence.rows, sentence.inline.bare.split("\n")) if sentence.kind != "html" else ()
        for index, (row, bare) in enumerate(rows):
            number, text = row.line, ZEROS.sub("0", bare.replace(IS_FENCE, ""))
            kind = "text" if index else {"title": "heading"}.get(sentence.kind, sentence.kind)
            if kind == "row":
                text = "¦".join(cell.strip() for cell in text.split("|"))
            if any(first <= number < end for first, end in questions):
                kind, text = "question", text.replace(" | ", "¦")
            found[number] = Line(number, kind if text.strip() else "", _plain(text), found[number].section)
    return [*found.values(), *_attributes(page)]


def _section(page: Scan, number: int) -> str:
    above = [heading.id or "" for heading in page.headings if heading.level == 2 and heading.line <= number]
    return above[-1] if above else ""


def _plain(text: str) -> str:
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", ID.sub("", text))
    text = re.sub(rf"(?<={HAN})\*\* (?={HAN})", "¦", text)  # a title in bold, and what it says
    return re.sub(r"\*+|(?<!\w)_+|_+(?!\w)|<[^>]+>|\\(?=[*_$|])", "", text).strip()


def _attributes(page: Scan) -> list[Line]:
    described = [Line(number, "description", line.partition(":")[2].strip())
                 for number, line in enumerate(page.lines[: page.front_matter], 1) if line.startswith("description:")]
    return described + [Line(fence.line, "alt", text) for fence in page.fences
                        for said in re.finditer(r'alt="([^"]*)"|move="([^":：]*)', fence.info)
                        for text in (said[1] or said[2]).split(" | ")]
