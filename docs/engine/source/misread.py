"""Markdown that Python-Markdown would show otherwise than its author meant, found in a page's source. Pure.

All are errors: nothing changes in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from .blocks import ITEM, TABLE_RULE
from .errors import BookError
from .fences import Fault
from .inline import FORMULA, IS_CODE
from .scan import Scan, scan

VALUE = "a value of the code inside a formula; write it behind the formula: $x =$ `{python} x`"
DOLLAR = re.compile(r"(?<!\\)(?:\\\\)*\$")
BEGINS = re.compile(r" {0,3}(>|[-*+] |\d+\. |).*?/// *\w")  # a block, perhaps in a quotation or a list item
IMAGE = re.compile(r"!\[(?P<alt>[^\]\n]*)\]\(")


def refuse_misread(source: str, path: str) -> None:
    """BookError for the first piece of the page that would come out otherwise."""
    page = scan(source)
    faults = [*_values(page), *_tables(page), *_raw_html(page), *_comments(page), *_images(page),
              *_lists(page.prose), *_blocks(page)]
    if faults:
        line, message = min(faults)
        raise BookError(message, path=path, line=line)


def stray_dollar_line(source: str) -> int | None:
    """Line of the first dollar that neither opens nor closes a formula and is not written as `\\$`."""
    page = scan(source)
    return next((page.line_at(sentence.at(match.end() - 1)) for sentence in page.sentences
                 if (match := DOLLAR.search(sentence.inline.bare))), None)


def _values(page: Scan) -> Iterator[Fault]:
    """What would be a formula if no value stood in it, and display formulas, which are taken before code is."""
    for formula in page.formulas:
        if formula.display and "`{python}" in formula.latex:
            yield page.line_at(page.text.index("`{python}", formula.start)), VALUE
    for sentence in page.sentences:
        for match in FORMULA.finditer(sentence.inline.bare.replace(IS_CODE, "x")):
            for span in sentence.inline.code:
                if match.start() < span.start < match.end() and span.said.startswith("{python}"):
                    yield page.line_at(sentence.at(span.start)), VALUE


def _tables(page: Scan) -> Iterator[Fault]:
    """A table cuts its lines at each |, before formulas are read; one in its head, and there is no table."""
    for sentence in page.sentences:
        rule = sentence.rows[1].text if len(sentence.rows) > 1 else ""
        in_table = sentence.kind == "row" or ("|" in rule and TABLE_RULE.match(rule))
        for formula in sentence.inline.formulas if in_table else ():
            if re.search(r"(?<!\\)\|", formula.said):
                yield page.line_at(sentence.at(formula.start)), (
                    f"a | in the formula {sentence.text[formula.start : formula.end]} cuts the row of the table; write "
                    "\\mid, \\lvert … \\rvert or \\Vert for it")


def _raw_html(page: Scan) -> Iterator[Fault]:
    for sentence in page.sentences:
        if sentence.kind == "html" and (found := sentence.inline.formulas):
            yield page.line_at(sentence.at(found[0].start)), (
                f"the formula {sentence.text[found[0].start : found[0].end]} stands in raw HTML, where none is set; "
                f"write the text as Markdown, outside {sentence.text.split()[0].rstrip('>')}>")


def _comments(page: Scan) -> Iterator[Fault]:
    """A comment that begins inside a line is one only as far as its paragraph goes."""
    for sentence in page.sentences:
        if (index := sentence.inline.bare.find("<!--")) >= 0:
            yield page.line_at(sentence.at(index)), (
                "a comment that does not end in its paragraph, so that it is shown; begin it on a line of its own, or "
                "end it with -->")


def _images(page: Scan) -> Iterator[Fault]:
    for image in IMAGE.finditer(page.prose):
        for formula in page.formulas:
            if image.start("alt") <= formula.start < image.end("alt"):
                yield page.line_at(image.start()), (
                    f"the formula {page.shown(formula)} in the description of an image, which is "
                    "read aloud as it stands; say it in words or plain letters, such as η")


def _lists(prose: str) -> Iterator[Fault]:
    """What stands in a list item is indented by four; with less it leaves the list or becomes its neighbour."""
    inside, blank = False, False
    for number, line in enumerate(prose.split("\n"), 1):
        indent = len(line) - len(line.lstrip(" "))
        item = ITEM.match(line.lstrip(" "))
        if line.strip():
            if inside and 0 < indent % 4 and (item or blank):
                yield number, (f"{'a list item' if item else 'text'} indented by {indent} below a list item; indent it "
                               f"by {4 * (indent // 4 + 1)}, or it stands outside")
            inside = bool(item) or (inside and (indent > 0 or not blank)) and not line.startswith("///")
        blank = not line.strip()


def _blocks(page: Scan) -> Iterator[Fault]:
    """A block that is not closed takes in what follows it; one inside another has fewer slashes than it."""
    for mark in page.marks:
        above = takewhile(str.strip, page.lines[mark.line - 2 :: -1] if mark.line > 1 else [])
        containers = [begins[1] for line in above if (begins := BEGINS.match(line)) and begins[1]]
        own = BEGINS.match(page.lines[mark.line - 1])
        if mark.name and own and any(container != own[1] for container in containers):
            yield mark.line, ("a block directly below a quotation or list that holds a block, where Markdown never "
                              "comes to an end; leave an empty line above it")
        inside = [other for other in page.marks if mark.end and other.name and mark.line < other.line < mark.end]
        if not mark.name:
            yield mark.line, (f"{mark.slashes} closes nothing; take it out, or write as many slashes as opened the "
                              "block")
        elif mark.end is None or any(len(other.slashes) >= len(mark.slashes) for other in inside):
            yield mark.line, (f"{page.lines[mark.line - 1].strip()!r} is not closed, so that it takes in what follows; "
                              f"end it by a line {mark.slashes} of its own (a block inside another has fewer slashes)")
