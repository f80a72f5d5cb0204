"""House rules of the pages that a machine can check. A rule takes lines of a page and gives (line, fault)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from hooks.book import Book
from hooks.fences import fences_of
from hooks.outline import Outline, Section, read_outline
from hooks.page import front_matter_length
from hooks.site import chapters

ROOT = Path(__file__).resolve().parents[1]
BOOK = Book(ROOT)
CHAPTERS = chapters(yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), yaml.BaseLoader)["nav"])
SOURCES = {source.path: source for language in ("zh", "en") for source in BOOK.sources(language)}

# Length of a chapter without its exercises and sources: letters-only words in English, characters in Chinese.
LENGTH = {"en": (1200, 2500), "zh": (2000, 4500)}
TOLERANCE = 0.1
BLOCKS = range(6, 21)
EXERCISES = range(3, 7)
SUMMARY_LINES = 5


# Lines ------------------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Line:
    """One line of a page as it is read: formulas and code are zeros, marks of Markdown are gone.

    `kind` is "heading", "item" (of a list), "row" (of a table), "text", "alt", "description"; "" where nothing is read.
    """

    number: int
    kind: str
    text: str
    section: str = ""  # id of the second-level heading above


HAN = r"[\u3400-\u9fff〇]"
DISPLAY = re.compile(r"^[ \t>]*\$\$.+?\$\$[ \t]*$", re.M | re.S)
COMMENT = re.compile(r"<!--.*?-->", re.S)
CODE = re.compile(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)")
FORMULA = re.compile(r"(?<![\\$])\$(?!\s)(?:\\.|[^\\$\n])+?(?<!\s)\$(?!\$)")
ZEROS = re.compile(r"\\eqref\{[^}]*\}|https?://[^\s)>]+|\S*\b10\.\d{4,}/\S+")
ID = re.compile(r"[ \t]*\{[:#.][^{}]*\}[ \t]*$")
HEADING = re.compile(r"^ {0,3}(#{1,6})\s+")
ITEM = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+")
BLOCK_MARK = re.compile(r"^\s*/{3,}[ \t]*(?:[\w-]+[ \t]*(?:\|[ \t]*(?P<title>.*))?)?$")
OPTION = re.compile(r"^ {4}(?:type|attrs|open): ")
RULE = re.compile(r"^[\s|:-]+$")


def lines_of(source: str, path: str = "<string>") -> list[Line]:
    """What of a page is read, line by line; alt texts and the description too."""
    found, section = [], ""
    for number, line in enumerate(_without_code(source, path), 1):
        text = ZEROS.sub("0", FORMULA.sub("0", CODE.sub("0", line)))
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
    return described + [Line(fence.line, "alt", alt[1]) for fence in fences_of(lines, path)
                        if (alt := re.search(r'alt="([^"]*)"', fence.info))]


# Rules: Chinese ---------------------------------------------------------------------------------------------------

LATIN = r"[A-Za-z0-9\u0370-\u03ff%°′]"
FULL = "，。；：、！？（）《》"

Fault = tuple[int, str]
Rule = Callable[[Sequence[Line]], Iterator[Fault]]


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


# Rules: English ---------------------------------------------------------------------------------------------------

BANNED = ("simply", "obviously", "just")
AMERICAN = (
    r"\b(?:color\w*|(?:behavi|fav|hon|neighb|lab)or(?:s|ed|ing|al|able|hood)?|center(?:s|ed|ing)?|gray|modeling|modeled"
    r"|labeled|labeling|canceled|canceling|traveled|fulfill|defense|catalog|skeptical|analyz(?:e[sd]?|ing)"
    r"|(?:optim|regular|general|minim|maxim|normal|initial|standard|recogn|summar|visual|organ|real|penal|character"
    r"|parametr|special|local|vector|discret|emphas)iz(?:e[sd]?|er|ing|ation)\w*)\b")
PROPER = {"Huber", "Gauss", "Newton", "Hessian", "Jacobian", "Python", "Polyak", "Taylor", "Chinese", "English", "Adam",
          "Nesterov", "Bayes", "Markov", "Hoeffding", "Friday", "Fridays", "Saturday", "Saturdays", "Sunday", "Sundays"}


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


# Rules: chapters --------------------------------------------------------------------------------------------------

def described(lines: Sequence[Line]) -> Iterator[Fault]:
    """The front matter describes the page, in plain text."""
    said = [line for line in lines if line.kind == "description"]
    if not said or not said[0].text:
        yield 1, "no description in the front matter"
    yield from matches(said, r"[$`*]|\]\(", "a mark in the description")


def closing_sections(page: Outline) -> Iterator[Fault]:
    last = [section for section in page.sections if section.level == 2][-3:]
    if [section.id for section in last] != ["summary", "exercises", "sources"]:
        yield (last[0].line if last else 1,
               f"the last sections are {[section.id for section in last]}, expected summary, exercises, sources")


def exercises(page: Outline) -> Iterator[Fault]:
    """Each exercise has a question, a folded hint, then a folded solution with a block in it."""
    found = [section for section in page.sections if section.level == 3 and (section.id or "").startswith("exercise")]
    line = found[0].line if found else 1
    if len(found) not in EXERCISES:
        yield line, f"{len(found)} exercises, expected {EXERCISES.start} to {EXERCISES.stop - 1}"
    if [section.id for section in found] != [f"exercise-{number}" for number in range(1, len(found) + 1)]:
        yield line, f"the exercises are {[section.id for section in found]}, expected exercise-1, exercise-2, …"
    for section in found:
        folds = [part.name for part in section.parts if part.kind == "/// details"]
        if folds != ["hint", "solution"]:
            yield section.line, f"{section.id} has the folds {folds}, expected hint, then solution"
        elif not block_in_solution(section):
            yield section.line, f"{section.id} has no block in its solution"


def block_in_solution(section: Section) -> bool:
    kinds = [(part.kind, part.name) for part in section.parts]
    return any(kind == "block" for kind, _ in kinds[kinds.index(("/// details", "solution")) :])


def blocks(page: Outline) -> Iterator[Fault]:
    count = sum(part.kind == "block" for section in page.sections for part in section.parts)
    if count not in BLOCKS:
        yield 1, f"{count} blocks, expected {BLOCKS.start} to {BLOCKS.stop - 1}"


def short_summary(lines: Sequence[Line]) -> Iterator[Fault]:
    found = [line for line in lines if line.section == "summary" and line.kind in ("text", "item")]
    if not 0 < len(found) <= SUMMARY_LINES:
        yield found[0].number if found else 1, f"{len(found)} lines of summary, expected 1 to {SUMMARY_LINES}"


def named_sources(lines: Sequence[Line]) -> Iterator[Fault]:
    found = [line for line in lines if line.section == "sources"]
    if not any(re.search(r"\bS\d-\d\d\b", line.text) for line in found):
        yield found[0].number if found else 1, "the sources name no topic of the notes, such as S0-04"


def length(lines: Sequence[Line], language: str) -> Iterator[Fault]:
    low, high = LENGTH[language]
    count = length_of(lines, language)
    if not low * (1 - TOLERANCE) <= count <= high * (1 + TOLERANCE):
        unit = {"en": "words", "zh": "characters"}[language]
        yield 1, f"{count} {unit} without exercises and sources, expected {low} to {high} (±{TOLERANCE:.0%})"


def length_of(lines: Sequence[Line], language: str) -> int:
    text = " ".join(line.text for line in lines if line.section not in ("exercises", "sources")
                    and line.kind not in ("alt", "description"))
    return len(re.findall(HAN if language == "zh" else r"[A-Za-z]+(?:['’-][A-Za-z]+)*", text))


LINE_RULES: dict[str, tuple[Rule, ...]] = {
    "zh": (described, full_width_punctuation, space_beside_latin, no_space_beside_punctuation, plain_you,
           one_line_a_paragraph),
    "en": (described, no_belittling_words, british_spelling, sentence_case, half_width_punctuation),
}


def faults_of(source: str, path: str, language: str, chapter: bool) -> list[str]:
    lines = lines_of(source, path)
    found = [fault for rule in LINE_RULES[language] for fault in rule(lines)]
    if chapter:
        page = read_outline(source, BOOK.snippets, path)
        found += [*closing_sections(page), *exercises(page), *blocks(page)]
        found += [*short_summary(lines), *named_sources(lines), *length(lines, language)]
    return [f"{path}:{line}: {fault}" for line, fault in sorted(found)]


@pytest.mark.parametrize("path", SOURCES)
def test_a_page_keeps_the_rules(path: str) -> None:
    source = SOURCES[path]
    faults = faults_of(source.text, path, source.language, source.page in CHAPTERS)
    assert not faults, "\n" + "\n".join(faults)


def test_the_chapters_are_found() -> None:
    assert CHAPTERS
    assert {f"docs/{language}/{page}.md" for language in ("zh", "en") for page in CHAPTERS} <= SOURCES.keys()


# Planted faults ---------------------------------------------------------------------------------------------------

def found_by(rule: Rule, text: str) -> list[str]:
    return [fault for _, fault in rule(lines_of(text))]


SOUND = {
    "zh": """---
description: 学习率（learning rate）多大，用 NumPy 计算。
---
# 学习率 $2/\\lambda$ 的上限 {#limit}

取 $\\eta = 0.1$，用 `np.mean(x)` 求平均数；“损失”是 `{python} f"{loss:.2f}"`，小 10 %（见 \\eqref{mae}）。
- **平均数。**列表里的 3 个数：1、2、3，见[下一章](b.md#a)。
- 第二项

/// warning | 偏置特征 $x_1$
`(w, b)`：图 1 里的 V 形。
///

| 名 | 值 |
|---|---|
| 甲 | 3 个（共 4 个） |

$$
L(w,b) = 0 \\text{若,则}
$$

```{.python alt="左图：3 条线。"}
您,您
```
""",
    "en": """---
description: The step, its sign and its size.
---
# The derivative σ′(z) is a number {#limit}

Adjust the rate; justify it. The colour of a centre, the behaviour of an optimiser: `color="gray"`, $simply$.
This line is broken, which English allows (高斯梯度 is a mishearing).

## MAE picks the median, Huber something between {#optima}

### 1. Two steps by hand {#exercise-1}

/// warning | "Larger learns faster": not for NumPy
Text.
///

## Sources {#sources}

S. Boyd, *Convex Optimization*, 2004: doi:10.23915/distill.00006.
""",
}


@pytest.mark.parametrize(("language", "rule"), [(code, rule) for code, rules in LINE_RULES.items() for rule in rules],
                         ids=lambda value: getattr(value, "__name__", value))
def test_sound_text_breaks_no_rule(language: str, rule: Rule) -> None:
    assert found_by(rule, SOUND[language]) == []


@pytest.mark.parametrize(("rule", "text"), [
    *((full_width_punctuation, text) for text in
      ("先算,再画", "损失(loss)很大", "为什么?因为", "好!", "如下:", "结果; 然后", "他说\"好\"", "完了.",
       "**损失**,再画", "- 先算,再画", "| 甲,乙 | 丙 |",
       "/// note | 先算,再画\n///", "## 先算,再画 {#a}", "> 先算,再画",
       '```{.python alt="线,点"}\n```')),
    *((space_beside_latin, text) for text in
      ("用NumPy 计算", "用 NumPy计算", "共3 个", "共 3个", "取$x$ 为", "取 `x`为", "见 \\eqref{a}得",
       "小 10%的", "学习率η 是", "**权重**w", "[损失](a.md)L", '取 `{python} f"{x}"`个', "# 用NumPy {#a}")),
    *((no_space_beside_punctuation, text) for text in
      ("先算， 再画", "先算 ，再画", "取 $x$ ，再", "取（ $x$ ）", "**好。** 再来", "| 甲 （乙） | 丙 |", "叫 “损失”",
       "损失 函数")),
    (plain_you, "您好"),
    *((one_line_a_paragraph, text) for text in ("先算\n再画", "- 先算\n  再画", "见 $x$\n再画")),
    *((no_belittling_words, text) for text in
      ("We simply add.", "Obviously, it is.", "It is just x.", "# Just add {#a}", "/// note | Just add\n///",
       "See **just** this.")),
    *((british_spelling, text) for text in
      ("the color", "Colored", "behavior", "a neighboring point", "the center", "optimize", "an optimizer",
       "Regularization", "generalizes", "normalized", "to analyze", "labeled", "modeling", "gray", "vectorized",
       '```{.python alt="gray"}\n```')),
    *((sentence_case, text) for text in ("# The Step {#a}", "## What Comes out {#a}", "/// tip | A Second look\n///",
                                         "### 1. Two Steps {#a}")),
    *((half_width_punctuation, text) for text in ("first， then", "a title：b", "（see below）")),
    (described, "# Page {#page}"),
    (described, "---\ntitle: x\n---\n"),
    (described, "---\ndescription: about $x$\n---\n"),
    (described, "---\ndescription: about **x**\n---\n"),
    (short_summary, "## Summary {#summary}\n\n" + "* line\n" * 6),
    (short_summary, "## Other {#other}\n\n* line\n"),
    (named_sources, "## Sources {#sources}\n\nA book.\n"),
    (named_sources, "Topic S0-04.\n\n## Sources {#sources}\n"),
])
def test_a_planted_fault_is_found(rule: Rule, text: str) -> None:
    assert len(found_by(rule, text)) >= 1


def test_faults_name_their_lines() -> None:
    text = "---\ndescription: x\n---\n\n```python\n1\n```\n\n$$\nx\n$$\n\n先算,再画\n"
    assert [line for line, _ in full_width_punctuation(lines_of(text))] == [13]


EXERCISE = """### First {{#exercise-{}}}

/// details | Hint
    type: hint

Think.
///

//// details | Solution
    type: solution

```python
--8<-- "loss.py:a"
```
////

"""
CHAPTER = ("# Loss {#loss}\n\n" + '```python\n--8<-- "loss.py:a"\n```\n\n' * 5 + "## Summary {#summary}\n\nA line.\n\n"
           + "## Exercises {#exercises}\n\n" + "".join(EXERCISE.format(number) for number in (1, 2, 3))
           + "## Sources {#sources}\n\nS0-04.\n")


@pytest.fixture(scope="module")
def snippets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snippets")
    (folder / "loss.py").write_text("# --8<-- [start:a]\npass\n# --8<-- [end:a]\n", "utf-8")
    return folder


@pytest.mark.parametrize("rule", [closing_sections, exercises, blocks])
def test_a_sound_chapter_breaks_no_rule(rule, snippets: Path) -> None:
    assert list(rule(read_outline(CHAPTER, snippets, "docs/en/loss.md"))) == []


@pytest.mark.parametrize(("rule", "old", "new", "words"), [
    (closing_sections, "## Summary {#summary}", "## Recap {#recap}", "['recap', 'exercises', 'sources']"),
    (closing_sections, "## Sources {#sources}", "## Notes {#notes}", "['summary', 'exercises', 'notes']"),
    (closing_sections, "S0-04.", "S0-04.\n\n## More {#more}", "['exercises', 'sources', 'more']"),
    (exercises, EXERCISE.format(3), "", "2 exercises, expected 3 to 6"),
    (exercises, EXERCISE.format(3), "".join(EXERCISE.format(number) for number in range(3, 8)), "7 exercises"),
    (exercises, "{#exercise-2}", "{#exercise-4}", "exercise-4"),
    (exercises, "type: hint", "type: tip", "the folds ['tip', 'solution']"),
    (exercises, "type: solution", "type: hint", "the folds ['hint', 'hint']"),
    (exercises, '//// details | Solution\n    type: solution\n\n```python\n--8<-- "loss.py:a"\n```\n////',
     '```python\n--8<-- "loss.py:a"\n```\n\n/// details | Solution\n    type: solution\n\nNo.\n///',
     "no block in its solution"),
    (blocks, '```python\n--8<-- "loss.py:a"\n```\n', "", "0 blocks, expected 6 to 20"),
    (blocks, "A line.", '```python\n--8<-- "loss.py:a"\n```\n\n' * 13, "21 blocks"),
])
def test_a_planted_fault_of_a_chapter_is_found(rule, old: str, new: str, words: str, snippets: Path) -> None:
    assert old in CHAPTER
    faults = [fault for _, fault in rule(read_outline(CHAPTER.replace(old, new), snippets, "docs/en/loss.md"))]
    assert any(words in fault for fault in faults), faults


@pytest.mark.parametrize(("language", "word", "count", "sound"), [
    ("en", "word $x$ ", 1070, False), ("en", "word's `code` ", 1090, True), ("en", "self-made ", 2740, True),
    ("en", "word ", 2760, False), ("zh", "字 $x$ ", 1790, False), ("zh", "字，a ", 1810, True),
    ("zh", "字", 4940, True), ("zh", "字", 4960, False)])
def test_length_counts_what_is_read(language: str, word: str, count: int, sound: bool) -> None:
    rest = "\n\n## Exercises {#exercises}\n\n" + word * 3000 + "\n\n## Sources {#sources}\n\n" + word * 3000
    faults = list(length(lines_of(word * count + rest), language))
    assert (faults == []) is sound, faults
