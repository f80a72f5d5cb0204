"""Twins: one planted difference each, then all pages of the book."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from book_engine.author.outline import normal_formula
from book_engine.author.parity import compare
from book_engine.book.book import Book, missing_twins
from book_engine.source.errors import BookError

ROOT = Path(__file__).resolve().parents[3]
BOOK = Book(ROOT)
PAGES = sorted({source.page for language in ("zh", "en") for source in BOOK.sources(language)})

ZH = r"""---
description: 一页。
---
# 损失 {#loss}

一共 `{python} total` 次，平均 `{python} total / 3`，见 \eqref{mae} 与[下一章](gradient-descent.md#step)；$w = 2$。

## 公式 {#formula}

$$
L = \lvert y - \hat{y} \rvert \quad \text{若 } y > 0 \label{mae}
$$

```{.python alt="一条上升的线"}
--8<-- "loss.py:draw"
```

/// figure-caption
一条线。
///

| 名 | 值 |
|---|---|
| 甲 | $|w|$ |

## 练习 {#exercises}

### 第一题 {#exercise-1}

//// details | 解答
    type: solution

```{.python raises=TypeError}
--8<-- "loss.py:fail"
```
////
"""

EN = r"""---
description: A page.
---
# Loss {#loss}

By \eqref{mae} the mean is `{python} total / 3`, of `{python} total`; see [next](gradient-descent.md#step); $w=2$.

## Formula {#formula}

$$L = \lvert y-\hat{y}\rvert\quad\text{if } y>0 \label{mae}$$

```{.python alt="A rising line"}
--8<-- "loss.py:draw"
```

/// figure-caption
A line.
///

| name | value |
|------|:-----:|
| A | $|w|$ |

## Exercises {#exercises}

### First {#exercise-1}

//// details | Solution
    type: solution

```{.python raises=TypeError}
--8<-- "loss.py:fail"
```
////
"""

SNIPPETS = "".join(f"# --8<-- [start:{name}]\npass\n# --8<-- [end:{name}]\n" for name in ("draw", "fail", "more"))


@pytest.fixture(scope="module")
def snippets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snippets")
    (folder / "loss.py").write_text(SNIPPETS, "utf-8")
    return folder


def compared(zh: str, en: str, snippets: Path) -> list[BookError]:
    return compare(zh, en, "docs/zh/loss.md", "docs/en/loss.md", snippets)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_twins_with_free_sentences_agree(snippets: Path) -> None:
    assert compared(ZH, EN, snippets) == []


BLOCK = '```python\n--8<-- "loss.py:more"\n```\n\n'

# name: (text of the English page, what stands there instead, its line, words of the message)
PLANTED = {
    "heading id differs": ("{#formula}", "{#formulae}", "## Formula", ["{#formulae}", "{#formula}", "zh/loss.md:8"]),
    "heading level differs": ("## Exercises", "### Exercises", "### E", ["### {#exercises}", " ## {#exercises}"]),
    "heading without id": ("## Formula {#formula}", "## Formula", "## Formula", ["'Formula' has no id"]),
    "underlined heading": ("## Formula {#formula}", "Formula\n-------", "Formula\n-", ["'Formula' has no id"]),
    "first heading named otherwise": ("{#loss}", "{#losses}", "{#losses}", ["'losses', expected 'loss'"]),
    "heading with a Chinese id": ("{#formula}", "{#公式}", "{#公式}", ["'公式'", "English letters"]),
    "heading missing": ("### First {#exercise-1}\n", "", "## Exercises",
                        ["found nothing", "### {#exercise-1}", "docs/zh/loss.md:28"]),
    "heading too many": ("## Exercises", "## New {#new}\n\n## Exercises", "## New", ["## {#new}", "expected nothing"]),
    "block missing": ('```{.python alt="A rising line"}\n--8<-- "loss.py:draw"\n```\n\n', "", "$$L",
                      ["found nothing", "block loss.py:draw", "docs/zh/loss.md:14"]),
    "block too many": ("| name", BLOCK + "| name", "```python", ["block loss.py:more", "expected nothing"]),
    "block shows other code": ("loss.py:draw", "loss.py:more", "```{.python alt", ["loss.py:more", "loss.py:draw"]),
    "block with another option": ("{.python raises=TypeError}", "{.python raises=ValueError}", "```{.python raises",
                                  ["raises: ValueError", "raises: TypeError"]),
    "block with another limit": ("raises=TypeError", "raises=TypeError timeout=5", "```{.python raises",
                                 ["timeout: 5.0", "timeout: 20.0"]),
    "figure not described": ('{.python alt="A rising line"}', "{.python}", "```{.python}", ["alt: 0", "alt: 1"]),
    "one figure more described": ("A rising line", "A rising line | Dots", "```{.python alt", ["alt: 2", "alt: 1"]),
    "alt text not translated": ("A rising line", "一条上升的线", "```{.python alt", ["same alt text", "一条上升的线"]),
    "formula differs": (r"y-\hat{y}", r"\hat{y}-y", "$$L", [r"\hat { y } - y", "docs/zh/loss.md:10"]),
    "label differs": (r"\label{mae}", r"\label{mse}", "$$L", ["label: mse", "label: mae"]),
    "formula missing": (r"$$L = \lvert y-\hat{y}\rvert\quad\text{if } y>0 \label{mae}$$" "\n", "", "## Formula",
                        ["found nothing", "formula L ="]),
    "caption missing": ("/// figure-caption\nA line.\n///\n", "", "```{.python alt", ["/// figure-caption"]),
    "note of another kind": ("/// figure-caption", "/// note", "/// note", ["/// note", "/// figure-caption"]),
    "fold of another type": ("type: solution", "type: hint", "//// details", ["hint", "solution"]),
    "table with a column less": ("| name | value |\n|------|:-----:|\n| A | $|w|$ |", "| name |\n|------|\n| A |",
                                 "| name", ["columns: 1", "columns: 2"]),
    "table with a row more": ("| A | $|w|$ |\n", "| A | $|w|$ |\n| B | 2 |\n", "| name", ["rows: 3", "rows: 2"]),
    "inline expression missing": ("`{python} total`", "`total`", "# Loss", ["no such inline expression", "total"]),
    "inline expression differs": ("{python} total / 3", "{python} total / 4", "By", ["total / 4", "total / 3"]),
    "inline expression twice": ("`{python} total`", "`{python} total` (`{python} total`)", "By", ["expected no such"]),
    "reference missing": (r"\eqref{mae}", "the formula", "# Loss", [r"reference \eqref{mae}", "docs/zh/loss.md:6"]),
    "number in a formula": ("$w=2$", "$w = 3$ or so", "By", ["number in a formula 3", "number in a formula 2"]),
    "link to another place": ("gradient-descent.md#step", "gradient-descent.md#sign", "By", ["md#sign", "md#step"]),
}


@pytest.mark.parametrize("name", PLANTED)
def test_one_difference_is_one_error_at_its_place(name: str, snippets: Path) -> None:
    old, new, place, words = PLANTED[name]
    assert EN.count(old) == 1, old
    page = EN.replace(old, new)
    errors = compared(ZH, page, snippets)
    assert len(errors) == 1, "\n".join(map(str, errors))
    assert (errors[0].path, errors[0].line) == ("docs/en/loss.md", line_of(page, place)), errors[0]
    for word in words:
        assert word in errors[0].message


@pytest.mark.parametrize(("chosen", "line", "words"), [
    ("symbols:\n  b: model-bias\n", 4, ["b: model-bias", "b: bias", "docs/zh/loss.md:4"]),
    ("", 1, ["found nothing", "symbols:", "docs/zh/loss.md:3"])])
def test_twins_choose_the_same_symbols(chosen: str, line: int, words: list[str], snippets: Path) -> None:
    zh = ZH.replace("---\n# ", "symbols:\n  b: bias\n---\n# ", 1)
    [error] = compared(zh, EN.replace("---\n# ", f"{chosen}---\n# ", 1), snippets)
    assert (error.path, error.line) == ("docs/en/loss.md", line)
    assert all(word in error.message for word in words), error.message


def test_a_missing_heading_hides_no_difference_elsewhere(snippets: Path) -> None:
    page = EN.replace("### First {#exercise-1}\n", "").replace("loss.py:draw", "loss.py:more")
    assert [error.line for error in compared(ZH, page, snippets)] == [line_of(page, "## Exercises"), 12]


def test_an_unreadable_page_is_one_error(snippets: Path) -> None:
    errors = compared(ZH, EN.replace("loss.py:fail", "loss.py:nothing"), snippets)
    assert len(errors) == 1
    assert "no section 'nothing'" in str(errors[0])


def test_marks_inside_code_are_no_structure(snippets: Path) -> None:
    shown = "\n````markdown\n# No heading\n\n$$x$$\n\n/// note\n///\n````\n\nAnd `\\eqref{x}`, `[a](b.md)`.\n"
    assert compared(ZH + shown, EN + shown, snippets) == []
    assert [error.line for error in compared(ZH, EN + "\n```text\nx\n```\n", snippets)] == [EN.count("\n") + 2]


@pytest.mark.parametrize(("one", "other", "same"), [
    (r"\text{若 }x", r"\text{if }x", True),
    (r"\alpha b", r"\alpha  b", True),
    (r"\alpha b", r"\alphab", False),
    (r"a\, b", r"a b", False),
    (r"L_{\text{train}} \label{a}", r"\label{b} L_{\text{训练}}", True),
])
def test_formulas_are_compared_by_tokens(one: str, other: str, same: bool) -> None:
    assert (normal_formula(one) == normal_formula(other)) is same


def test_every_page_has_its_twin() -> None:
    assert PAGES
    errors = missing_twins({language: BOOK.sources(language) for language in ("zh", "en")})
    assert not errors, "\n".join(map(str, errors))


@pytest.mark.parametrize("page", PAGES)
def test_twins_of_the_book(page: str) -> None:
    paths = [f"docs/{language}/{page}.md" for language in ("zh", "en")]
    if missing := [path for path in paths if not (ROOT / path).is_file()]:
        pytest.fail(f"{missing[0]} is not there")
    errors = compare(*((ROOT / path).read_text("utf-8") for path in paths), *paths, BOOK.snippets)
    assert not errors, "\n" + "\n".join(map(str, errors))


def test_messages_say_how_to_mend(snippets: Path) -> None:
    text = str(compared(ZH, EN.replace("loss.py:draw", "loss.py:more"), snippets)[0])
    assert re.fullmatch(r"docs/en/loss\.md:12: found .+, expected .+ as at docs/zh/loss\.md:14\. Twins .+", text)
