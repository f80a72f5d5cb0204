"""House rules of the pages that a machine can check: kept by every page of the book, and broken one at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from book_engine.author.check import (
    LANGUAGES,
    blocks,
    closing_sections,
    copy_faults,
    exercises,
    is_draft,
    length,
    named_sources,
    shape_faults,
    short_summary,
)
from book_engine.author.outline import read_outline
from book_engine.author.text_rules import (
    LINE_RULES,
    Rule,
    british_spelling,
    described,
    full_width_punctuation,
    half_width_punctuation,
    lines_of,
    no_belittling_words,
    no_space_beside_punctuation,
    one_line_a_paragraph,
    plain_you,
    sentence_case,
    space_beside_latin,
)
from book_engine.book.book import Book
from book_engine.book.nav import chapters_of

ROOT = Path(__file__).resolve().parents[3]
BOOK = Book(ROOT)
CHAPTERS = chapters_of((ROOT / "mkdocs.yml").read_text("utf-8"))
SOURCES = {source.path: source for language in LANGUAGES for source in BOOK.sources(language)}


@pytest.mark.parametrize("path", SOURCES)
def test_a_page_keeps_the_rules(path: str) -> None:
    source = SOURCES[path]
    faults = copy_faults(source)
    if source.page in CHAPTERS and not is_draft(source):
        faults += shape_faults(BOOK, source)
    assert not faults, "\n" + "\n".join(map(str, faults))


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
    *((one_line_a_paragraph, text) for text in ("先算\n再画", "- 先算\n  再画", "先算\n- 再画", "见 $x$\n再画")),
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
    (named_sources, "::: rebuilds\n\n## Sources {#sources}\n\nA book.\n"),
    (named_sources, "## Sources {#sources}\n\n::: rebuilds\n\nTopic S0-04.\n"),
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
           + "## Sources {#sources}\n\n::: rebuilds\n")


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
    (closing_sections, "::: rebuilds", "::: rebuilds\n\n## More {#more}", "['exercises', 'sources', 'more']"),
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
    ("en", "word $x$ ", 1190, False), ("en", "word's `code` ", 1210, True), ("en", "self-made ", 2490, True),
    ("en", "word ", 2510, False), ("zh", "字 $x$ ", 1990, False), ("zh", "字，a ", 2010, True),
    ("zh", "字", 4490, True), ("zh", "字", 4510, False)])
def test_length_counts_what_is_read(language: str, word: str, count: int, sound: bool) -> None:
    rest = "\n\n## Exercises {#exercises}\n\n" + word * 3000 + "\n\n## Sources {#sources}\n\n" + word * 3000
    faults = list(length(lines_of(word * count + rest), language))
    assert (faults == []) is sound, faults
