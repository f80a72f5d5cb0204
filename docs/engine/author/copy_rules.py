"""House rules for the text of a page, per language, that a machine can check.

A rule takes the lines of a page and gives (line number, fault).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from .reading import HAN, Line

Fault = tuple[int, str]
Rule = Callable[[Sequence[Line]], Iterator[Fault]]

# Chinese

LATIN = r"[A-Za-z0-9\u0370-\u03ff%°′]"
FULL = "，。；：、！？（）《》"

def matches(lines: Sequence[Line], pattern: str, fault: str) -> Iterator[Fault]:
    for line in lines:
        for match in re.finditer(pattern, line.text):
            yield line.number, f"{fault}: {line.text[max(0, match.start() - 12) : match.end() + 12]!r}"


def full_width_punctuation(lines: Sequence[Line]) -> Iterator[Fault]:
    return matches(lines, rf"(?<={HAN})[,;:!?()\"]|[,;:!?()\"](?={HAN})|(?<={HAN})\.(?=\s|$)", "half-width punctuation")


def space_beside_latin(lines: Sequence[Line]) -> Iterator[Fault]:
    return matches(lines, rf"(?<={HAN})(?={LATIN})|(?<={LATIN})(?={HAN})", "no space between Chinese and Latin")


def no_space_beside_punctuation(lines: Sequence[Line]) -> Iterator[Fault]:
    return matches(lines, rf"(?<=[{FULL}]) | (?=[{FULL}])|(?<=[{HAN[1:-1]}”]) (?=[{HAN[1:-1]}“])",
                   "a space that Chinese does not have")


def plain_you(lines: Sequence[Line]) -> Iterator[Fault]:
    return matches(lines, "您", "write 你")


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


def no_belittling_words(lines: Sequence[Line]) -> Iterator[Fault]:
    return matches(lines, rf"(?i)\b(?:{'|'.join(BANNED)})\b", "a word that the book does without")


def british_spelling(lines: Sequence[Line]) -> Iterator[Fault]:
    """Titles of works, in the section of sources, keep theirs."""
    return matches([line for line in lines if line.section != "sources"], f"(?i){AMERICAN}", "American spelling")


def sentence_case(lines: Sequence[Line]) -> Iterator[Fault]:
    for line in lines:
        if line.kind == "heading":
            words = re.findall(r"(?<![.:?!] )(?<![“\"‘(])(?<!^)\b[A-Z][a-z]+\b", re.sub(r"^\d+\.\s*", "", line.text))
            yield from ((line.number, f"a capital inside a heading: {word!r} in {line.text!r}")
                        for word in words if word not in PROPER)


def half_width_punctuation(lines: Sequence[Line]) -> Iterator[Fault]:
    return matches(lines, f"[{FULL}]", "full-width punctuation")


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
