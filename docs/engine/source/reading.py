"""A page as its reader meets it: lines of text, without code, formulas and marks of Markdown. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .fences import fences_of
from .page import front_matter_length
from .prose import BLOCK_MARK, INLINE


@dataclass(frozen=True)
class Line:
    """One line of a page as it is read: formulas and code are zeros, marks of Markdown are gone.

    `kind` is "heading", "item" (of a list), "row" (of a table), "text", "question", "alt", "description"; "" where
    nothing is read.
    """

    number: int
    kind: str
    text: str
    section: str = ""  # id of the second-level heading above


HAN = r"[\u3400-\u9fff〇]"
DISPLAY = re.compile(r"^[ \t>]*\$\$.+?\$\$[ \t]*$", re.M | re.S)
COMMENT = re.compile(r"<!--.*?-->", re.S)
CODE = re.compile(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)")
ZEROS = re.compile(r"\\eqref\{[^}]*\}|https?://[^\s)>]+|\S*\b10\.\d{4,}/\S+")
ID = re.compile(r"[ \t]*\{[:#.][^{}]*\}[ \t]*$")
HEADING = re.compile(r"^ {0,3}(#{1,6})\s+")
ITEM = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+")
QUESTION, END = re.compile(r"/{3,} *question\b"), re.compile(r"/{3,}[ \t]*$")
OPTION = re.compile(r"^ {4}(?:type|attrs|open): ")
RULE = re.compile(r"^[\s|:-]+$")


def lines_of(source: str, path: str = "<string>") -> list[Line]:
    """What of a page is read, line by line; alt texts and the description too."""
    found, section, asking = [], "", False
    for number, line in enumerate(_without_code(source, path), 1):
        text = ZEROS.sub("0", INLINE.sub("0", CODE.sub("0", line)))
        asking = bool(QUESTION.match(text)) or asking and not END.match(text)
        if heading := HEADING.match(text):
            if len(heading[1]) == 2:
                section = match[1] if (match := re.search(r"\{#([\w-]+)\}", text)) else ""
            kind, text = "heading", text[heading.end() :]
        elif mark := BLOCK_MARK.match(text):
            kind, text = "heading" if mark["title"] else "", mark["title"] or ""
        elif OPTION.match(text) or RULE.match(text) or text.lstrip().startswith("<"):
            kind, text = "", re.sub(r"<[^>]+>", "", text) if "<" in text else ""
        elif text.lstrip().startswith("|"):
            kind, text = "row", "¦".join(cell.strip() for cell in text.split("|"))
        elif item := ITEM.match(text):
            kind, text = "item", text[item.end() :]
        else:
            kind = "text"
        if asking:
            kind, text = "question", text.replace(" | ", "¦")
        found.append(Line(number, kind if text.strip() else "", _plain(text), section))
    return found + _attributes(source, path)


def _without_code(source: str, path: str) -> list[str]:
    """Lines with front matter, fences, display formulas and comments blank."""
    def blank(match: re.Match[str]) -> str:
        return "\n" * match[0].count("\n")

    lines = source.split("\n")
    covered = set(range(front_matter_length(lines)))
    for fence in fences_of(lines, path):
        covered.update(range(fence.line - 1, fence.end))
    text = "\n".join("" if number in covered else line for number, line in enumerate(lines))
    return COMMENT.sub(blank, DISPLAY.sub(blank, text)).split("\n")


def _plain(text: str) -> str:
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", ID.sub("", text))
    text = re.sub(rf"(?<={HAN})\*\* (?={HAN})", "¦", text)  # a title in bold, and what it says
    return re.sub(r"\*+|(?<!\w)_+|_+(?!\w)|<[^>]+>|\\(?=[*_$|])", "", text).strip()


def _attributes(source: str, path: str) -> list[Line]:
    lines = source.split("\n")
    head = enumerate(lines[: front_matter_length(lines)], 1)
    described = [Line(number, "description", line.partition(":")[2].strip())
                 for number, line in head if line.startswith("description:")]
    return described + [Line(fence.line, "alt", text) for fence in fences_of(lines, path)
                        for said in re.finditer(r'alt="([^"]*)"|move="([^":：]*)', fence.info)
                        for text in (said[1] or said[2]).split(" | ")]
