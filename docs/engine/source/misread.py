"""Markdown that Python-Markdown would show otherwise than its author meant, found in a page's source. Pure.

Each finding is (offset, what is wrong and what to write). All are errors: nothing changes in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .errors import BookError
from .prose import BLOCK_MARK, BODY, blank, line_at, mask_code

Finding = tuple[int, str]
VALUE = re.compile(r"`\{python\}[^`\n]*`")
HIDDEN = "\x02"  # stands for a value, which mask_code would blank
DISPLAY = re.compile(rf"\$\${BODY}\$\$", re.DOTALL)
INLINE = re.compile(r"(?<![\\$])\$(?!\s)(?:\\.|[^\\$\n])+?(?<!\s)\$(?!\$)")
RULE = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
TAGS = ("address article aside blockquote center details dd div dl dt fieldset figcaption figure footer form "
        "h[1-6] header hr iframe li main nav ol p section summary table tbody td th thead tr ul video")
BLOCK_TAG = re.compile(rf"^ {{0,3}}<(?:{TAGS.replace(' ', '|')})\b[^\n]*(?:\n(?![ \t]*\n).*)*",
                       re.MULTILINE | re.IGNORECASE)
IMAGE = re.compile(r"!\[(?P<alt>[^\]\n]*)\]\(")
ITEM = re.compile(r"(?P<indent> *)(?:[-*+]|\d+\.) +\S")


def refuse_misread(source: str, path: str) -> None:
    """BookError for the first piece of the page that would come out otherwise."""
    prose = mask_code(VALUE.sub(lambda match: HIDDEN * len(match[0]), source))
    findings = [*_values(prose), *_pipes(prose), *_raw_html(prose), *_images(prose), *_lists(prose),
                *_blocks(prose)]
    if findings:
        offset, message = min(findings)
        raise BookError(message, path=path, line=line_at(source, offset))


def _formulas(prose: str) -> Iterator[re.Match[str]]:
    displays = list(DISPLAY.finditer(prose))
    yield from displays
    yield from INLINE.finditer(DISPLAY.sub(blank, prose))


def _values(prose: str) -> Iterator[Finding]:
    for formula in _formulas(prose):
        if HIDDEN in formula[0]:
            yield formula.start() + formula[0].index(HIDDEN), (
                "a value of the code inside a formula; write it behind the formula: $x =$ `{python} x`")


def _pipes(prose: str) -> Iterator[Finding]:
    """Formulas in tables: a table cuts its lines at each |, before formulas are read."""
    for block in re.finditer(r"(?:^[^\n]*\S[^\n]*\n?)+", prose, re.MULTILINE):
        lines = block[0].split("\n")
        if not any("|" in above and "|" in rule and RULE.fullmatch(rule) for above, rule in zip(lines, lines[1:])):
            continue
        for formula in INLINE.finditer(block[0]):
            if bar := re.search(r"(?<!\\)\|", formula[0]):
                yield block.start() + formula.start() + bar.start(), (
                    f"a | in the formula {formula[0]} cuts the row of the table; write \\mid, \\lvert … \\rvert "
                    "or \\Vert for it")


def _raw_html(prose: str) -> Iterator[Finding]:
    for block in BLOCK_TAG.finditer(prose):
        if formula := INLINE.search(block[0]):
            yield block.start() + formula.start(), (
                f"the formula {formula[0]} stands in raw HTML, where none is set; write the text as Markdown, outside "
                f"{block[0].split()[0].rstrip('>')}>")


def _images(prose: str) -> Iterator[Finding]:
    for image in IMAGE.finditer(prose):
        if formula := INLINE.search(image["alt"]):
            yield image.start(), (f"the formula {formula[0]} in the description of an image, which is read aloud as it "
                                  "stands; say it in words or plain letters, such as η")


def _lists(prose: str) -> Iterator[Finding]:
    """What stands in a list item is indented by four; with less it leaves the list or becomes its neighbour."""
    inside, blank, offset = False, False, 0
    for line in prose.split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        item = ITEM.match(line)
        if line.strip():
            if inside and 0 < indent % 4 and (item or blank):
                yield offset, (f"{'a list item' if item else 'text'} indented by {indent} below a list item; indent it "
                               f"by {4 * (indent // 4 + 1)}, or it stands outside")
            inside = bool(item) or (inside and (indent > 0 or not blank)) and not line.startswith("///")
        blank = not line.strip()
        offset += len(line) + 1


def _blocks(prose: str) -> Iterator[Finding]:
    """A block that is not closed takes in what follows it; one inside another has fewer slashes than it."""
    open_blocks: list[re.Match[str]] = []
    for mark in BLOCK_MARK.finditer(prose):
        if mark["name"] and open_blocks and len(mark["slashes"]) >= len(open_blocks[-1]["slashes"]):
            break  # told of below
        if mark["name"]:
            open_blocks.append(mark)
        elif open_blocks and mark["slashes"] == open_blocks[-1]["slashes"]:
            open_blocks.pop()
        else:
            yield mark.start(), (f"{mark['slashes']} closes nothing; take it out, or write as many slashes as opened "
                                 "the block")
    for mark in open_blocks:
        yield mark.start(), (f"{mark[0].strip()!r} is not closed, so that it takes in what follows; end it by a line "
                             f"{mark['slashes']} of its own (a block inside another has fewer slashes)")
