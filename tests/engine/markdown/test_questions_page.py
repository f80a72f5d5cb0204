"""A question on the page, in the notebook, in the build and in pytest."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from book_engine.book.book import Book, prepare
from book_engine.notebook.edition import Chapter, Edition, style_code
from book_engine.notebook.plain import Context
from book_engine.notebook.write import notebook_of
from book_engine.run.answers import question_faults
from book_engine.run.cache import Cache
from book_engine.run.output import Output
from book_engine.run.results import Result
from book_engine.source.page import read_page

TEXT = """# T {#a}

/// question | Where does $w$ land from $w = 1$?
With a rate of `lr`.

- `{python} f"{w - lr * s:.2f}"` | The step goes **against** $s$.
- `{python} f"{w + lr * s:.2f}"` | That goes up.
///

/// question | What then?
- `{python} w == 1` | It stays | Because.
- `{python} w > 1` | It grows | No.
///

```python
--8<-- "a.py:one"
```
"""
ONE = "w, lr, s = 1.0, 0.1, 4"


@pytest.fixture
def questions(workbench):
    return BeautifulSoup(workbench.html(TEXT, one=ONE), "html.parser").select("div.question")


def test_a_number(questions):
    number = questions[0]
    assert [child.name for child in number.select(":scope > *")] == ["p", "p", "p", "form", "output", "details"]
    assert number.select_one("form > label > input") and number.select_one("form > button")
    answers = number.select("details li")
    assert [(one["data-value"], one["data-margin"]) for one in answers] == [("0.60", "0.005"), ("1.40", "0.007")]
    assert answers[0].select_one("span > strong").text == "against" and answers[0].select_one("math")
    assert answers[0].contents[-1].name == "span", "answer.js shows the last"


def test_a_choice(questions):
    choice = questions[1]
    buttons = choice.select(".question-choices > li > button[type=button]")
    assert [button.text for button in buttons] == ["It stays", "It grows"]
    assert [one["data-value"] for one in choice.select("details li")] == ["True", "False"]
    assert not choice.select("form") and not choice.select("[data-margin]")


def test_in_a_notebook(workbench):
    page = read_page(TEXT, workbench.sections(one=ONE), "docs/en/a.md")
    values = {(1, answer.code): text for question, texts in zip(page.questions, (("0.60", "1.40"), ("True", "False")))
              for answer, text in zip(question.answers, texts)}
    edition = Edition("en", "Book", "MIT", "Figure {}", {}, style_code(""))
    made = notebook_of(Chapter(1, page, TEXT, Result([Output()], values), Context("a", None), edition))
    text = "".join(made["cells"][2]["source"])
    assert text == """**Before you read on:** Where does $w$ land from $w = 1$?

With a rate of `lr`.

<details>
<summary><b>Answer</b></summary>

* **0.60**: The step goes **against** $s$.
* **1.40**: That goes up.

</details>

**Before you read on:** What then?

* It stays
* It grows

<details>
<summary><b>Answer</b></summary>

* ✓ **It stays**: Because.
* **It grows**: No.

</details>"""


def test_a_mistake_that_is_right(workbench):
    page = read_page(TEXT.replace("w + lr", "w - lr"), workbench.sections(one=ONE), "docs/en/a.md")
    values = {(1, answer.code): "0.60" for answer in page.questions[0].answers}
    fault, = question_faults(page, Result([Output()], values))
    assert str(fault).startswith("docs/en/a.md:3: `f\"{w - lr * s:.2f}\"` gives 0.60,")


def test_the_build_refuses_it(small_site, pool, tmp_path):
    """Both pages are named, so `mkdocs build` and `book check` end with it."""
    for language in ("zh", "en"):
        small_site.edit(f"docs/{language}/loss.md", "## Second", """/// question | How many?
- `{python} total` | Six.
- `{python} total + 0.0` | Six again.
///

## Second""")
    book, chapters = Book(small_site.root), ["loss", "gradient-descent"]
    errors = prepare(book, ["zh", "en"], chapters, Cache(tmp_path, False), pool).errors
    assert [(error.path, "nobody could tell" in error.message) for error in errors] == [
        ("docs/zh/loss.md", True), ("docs/en/loss.md", True)]
