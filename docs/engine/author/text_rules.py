"""A page as its reader meets it, line by line, and the house rules for its text that a machine can check, per language.

A rule takes the lines of a page and gives (line number, fault). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
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


Fault = tuple[int, str]
Rule = Callable[[Sequence[Line]], Iterator[Fault]]

HAN = r"[\u3400-\u9fff〇]"
ZEROS = re.compile(rf"{IS_CODE}+|{IS_FORMULA}+|\\eqref\{{[^}}]*\}}|https?://[^\s)>]+|\S*\b10\.\d{{4,}}/\S+")
ID = re.compile(r"[ \t]*\{[:#.][^{}]*\}[ \t]*$")


def lines_of(source: str) -> list[Line]:
    """What of a page is read, line by line; alt texts and the description too."""
    page = scan(source)
    questions = {number for mark in page.marks if mark.name == "question" for number in range(mark.line, mark.end or 0)}
    above = {heading.line: heading.id or "" for heading in page.headings if heading.level == 2}
    found, section = {}, ""
    for number in range(1, len(page.lines) + 1):
        section = above.get(number, section)
        found[number] = Line(number, "", "", section)
    for sentence in page.sentences:
        rows = zip(sentence.rows, sentence.inline.bare.split("\n")) if sentence.kind != "html" else ()
        for index, (row, bare) in enumerate(rows):
            number, text = row.line, ZEROS.sub("0", bare.replace(IS_FENCE, ""))
            kind = "text" if index else {"title": "heading"}.get(sentence.kind, sentence.kind)
            if kind == "row":
                text = "¦".join(cell.strip() for cell in text.split("|"))
            if number in questions:
                kind, text = "question", text.replace(" | ", "¦")
            found[number] = Line(number, kind if text.strip() else "", _plain(text), found[number].section)
    return [*found.values(), *_attributes(page)]


def _plain(text: str) -> str:
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", ID.sub("", text))
    text = re.sub(rf"(?<={HAN})\*\* (?={HAN})", "¦", text)  # a title in bold, and what it says
    return re.sub(r"\*+|(?<!\w)_+|_+(?!\w)|<[^>]+>|\\(?=[*_$|])", "", text).strip()


def _attributes(page: Scan) -> Iterator[Line]:
    for number, line in enumerate(page.lines[: page.front_matter], 1):
        if line.startswith("description:"):
            yield Line(number, "description", line.partition(":")[2].strip())
    for fence in page.fences:
        for said in re.finditer(r'alt="([^"]*)"|move="([^":：]*)', fence.info):
            yield from (Line(fence.line, "alt", text) for text in (said[1] or said[2]).split(" | "))


def matches(lines: Sequence[Line], pattern: str, fault: str) -> Iterator[Fault]:
    for line in lines:
        for match in re.finditer(pattern, line.text):
            yield line.number, f"{fault}: {line.text[max(0, match.start() - 12) : match.end() + 12]!r}"


def without(pattern: str, fault: str) -> Rule:
    """The rule that no line holds the pattern."""
    def rule(lines: Sequence[Line]) -> Iterator[Fault]:
        return matches(lines, pattern, fault)
    return rule


# Chinese

LATIN = r"[A-Za-z0-9\u0370-\u03ff%°′]"
FULL = "，。；：、！？（）《》"
full_width_punctuation = without(
    rf"(?<={HAN})[,;:!?()\"]|[,;:!?()\"](?={HAN})|(?<={HAN})\.(?=\s|$)", "half-width punctuation")
space_beside_latin = without(
    rf"(?<={HAN})(?={LATIN})|(?<={LATIN})(?={HAN})", "no space between Chinese and Latin")
no_space_beside_punctuation = without(
    rf"(?<=[{FULL}]) | (?=[{FULL}])|(?<=[{HAN[1:-1]}”]) (?=[{HAN[1:-1]}“])", "a space that Chinese does not have")
plain_you = without("您", "write 你")


def one_line_a_paragraph(lines: Sequence[Line]) -> Iterator[Fault]:
    """A line break inside a paragraph is a space on the page."""
    for before, line in zip(lines, lines[1:], strict=False):
        if line.kind == "text" and before.kind in ("text", "item") and line.number == before.number + 1:
            yield line.number, f"a paragraph that is broken: {line.text[:24]!r}"


# English

BANNED = ("simply", "obviously", "just")
AMERICAN = (
    r"\b(?:color\w*|(?:behavi|fav|hon|neighb|lab)or(?:s|ed|ing|al|able|hood)?|center(?:s|ed|ing)?|gray|modeling|modeled"
    r"|labeled|labeling|canceled|canceling|traveled|fulfill|defense|catalog|skeptical|analyz(?:e[sd]?|ing)"
    r"|(?:optim|regular|general|minim|maxim|normal|initial|standard|recogn|summar|visual|organ|real|penal|character"
    r"|parametr|special|local|vector|discret|emphas)iz(?:e[sd]?|er|ing|ation)\w*)\b")
PROPER = {"Adam", "Andrew", "Bayes", "Chinese", "English", "Friday", "Fridays", "Gauss", "Hessian", "Hoeffding",
          "Huber", "Hung", "Jacobian", "Lee", "Markov", "Nesterov", "Newton", "Ng", "Polyak", "Python", "Saturday",
          "Saturdays", "Sunday", "Sundays", "Taylor"}

half_width_punctuation = without(f"[{FULL}]", "full-width punctuation")
no_belittling_words = without(rf"(?i)\b(?:{'|'.join(BANNED)})\b", "a word that the book does without")


def british_spelling(lines: Sequence[Line]) -> Iterator[Fault]:
    """Titles of works, in the section of sources, keep theirs."""
    return matches([line for line in lines if line.section != "sources"], f"(?i){AMERICAN}", "American spelling")


def sentence_case(lines: Sequence[Line]) -> Iterator[Fault]:
    for line in lines:
        if line.kind == "heading":
            words = re.findall(r"(?<![.:?!] )(?<![“\"‘(])(?<!^)\b[A-Z][a-z]+\b", re.sub(r"^\d+\.\s*", "", line.text))
            yield from ((line.number, f"a capital inside a heading: {word!r} in {line.text!r}")
                        for word in words if word not in PROPER)


# Both

def described(lines: Sequence[Line]) -> Iterator[Fault]:
    """The front matter describes the page, in plain text."""
    said = [line for line in lines if line.kind == "description"]
    if not said or not said[0].text:
        yield 1, "no description in the front matter"
    yield from matches(said, r"[$`*]|\]\(", "a mark in the description")


LINE_RULES: dict[str, tuple[Rule, ...]] = {
    "zh": (described, full_width_punctuation, space_beside_latin, no_space_beside_punctuation, plain_you,
           one_line_a_paragraph),
    "en": (described, no_belittling_words, british_spelling, sentence_case, half_width_punctuation),
}
