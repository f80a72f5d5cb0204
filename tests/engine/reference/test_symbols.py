"""The symbol table: each identifier leads to one row, or the error says why not and what comes close."""

from __future__ import annotations

import pytest
from small_data import FILES

from book_engine.formulas.identifiers import identifiers
from book_engine.reference.data import read_entries
from book_engine.reference.page_symbols import choice_in, page_sections, page_symbols, read_choices
from book_engine.reference.records import FILES as KINDS
from book_engine.reference.symbols import SymbolError, SymbolTable
from book_engine.source.errors import BookError


@pytest.fixture
def table_of(tmp_path):
    def table_of(text: str = FILES["symbols"]) -> SymbolTable:
        file = tmp_path / "symbols.toml"
        file.write_text(text, "utf-8")
        return SymbolTable(read_entries(file, "docs/data/symbols.toml", KINDS["symbols"]))
    return table_of


def letter(latex: str):
    return identifiers(latex)[0]


def test_a_letter_of_one_row_needs_no_choice(table_of):
    table = table_of()
    assert table.find(letter(r"\hat{y}"), "loss", {}).id == "prediction"
    assert table.find(letter("y"), "loss", {}).id == "label"
    assert table.find(letter(r"\infty"), "loss", {}) is None  # a sign that the table does not have


def test_a_row_of_one_chapter_counts_there_only(table_of):
    table = table_of()
    assert table.find(letter("b"), "loss", {}).id == "bias"
    with pytest.raises(SymbolError, match=r"b may mean bias .*, model-bias .*; choose one .* symbols: \{b: bias\}"):
        table.find(letter("b"), "gradient-descent", {})
    assert table.find(letter("b"), "gradient-descent", {letter("b"): "model-bias"}).id == "model-bias"


def test_an_unknown_letter_names_the_rows_that_come_close(table_of):
    close = r"owns 𝐲; rows that come close: .*prediction \(\\hat\{y\}, 预测, prediction\)"
    with pytest.raises(SymbolError, match=close):
        table_of().find(letter(r"\mathbf{y}"), "loss", {})
    with pytest.raises(SymbolError, match=r"owns ζ; no row has a similar letter"):
        table_of().find(letter(r"\zeta"), "loss", {})
    with pytest.raises(SymbolError, match=r"owns x \(upright\)"):
        table_of().find(letter(r"\mathrm{x}"), "loss", {})


def test_choices_hold_for_the_page_and_inside_a_section(table_of):
    table = table_of()
    choices = read_choices({"b": "bias", "second": {"b": "model-bias"}}, table, "a.md", [], ["first", "second"])
    assert choice_in([], choices)[letter("b")] == choice_in(["first"], choices)[letter("b")] == "bias"
    assert choice_in(["a", "second"], choices)[letter("b")] == "model-bias"


@pytest.mark.parametrize("line, words", [
    ("  b: biass", "no row 'biass'.*bias"),
    ("  b: weight", "the row 'weight' does not own b; rows that do: bias, model-bias"),
    ("  wx: weight", "'wx' is not one identifier"),
    (r"  \frac: weight", "is not LaTeX"),
    ("  frist:", "no section 'frist'.*first"),
])
def test_a_bad_choice_is_an_error_at_its_line(table_of, line, words):
    key, _, value = line.strip().partition(": ")
    given = {"w": "weight", key.rstrip(":"): value or {"b": "bias"}}
    with pytest.raises(BookError, match=words) as caught:
        read_choices(given, table_of(), "docs/en/a.md", ["---", "symbols:", "  w: weight", line, "---"], ["first"])
    assert (caught.value.path, caught.value.line) == ("docs/en/a.md", 4)


@pytest.mark.parametrize("old, new, words", [
    ("row = 24\n", "row = 23\n", "row: found 23, which .row-23. has; expected each of 1 to 24 once"),
    ("row = 24\n", "", "the notes' own table has no row 24"),
    ("row = 24\n", "row = 25\n", "found 25"),
    ("latex = 'w'", r"latex = '\frac{w'", "cannot be set"),
    ("latex = 'w'", "latex = 'w'\nletters = ['w x']", "'w x' is not one identifier"),
    ("kind = 'vector'", "kind = 'tensor'", "found 'tensor'"),
    ("lee = 'y'", r"lee = '\hat{y'", "lee: .* cannot be set"),
])
def test_a_fault_of_the_table_is_an_error(table_of, old, new, words):
    assert old in FILES["symbols"]
    with pytest.raises(BookError, match=words) as caught:
        table_of(FILES["symbols"].replace(old, new, 1))
    assert caught.value.path == "docs/data/symbols.toml"


def test_a_row_that_combines_letters_owns_none(table_of):
    combined = "\n[batch-weight]\nlatex = 'w_b'\nzh = '一'\nen = 'one'\nkind = 'scalar'\n"
    table = table_of(FILES["symbols"] + combined)
    assert table.rows["batch-weight"].owns == ()
    assert table.find(letter("w"), "loss", {}).id == "weight"


PAGE = """---
description: A page.
---
# Page {#page}

The weight $w$ and $w x$.

$$
\\hat{y} = w x \\label{line}
$$

## Second {#second}

$$ b + \\zeta $$

| $y$ | 2 |
|---|---|

```
$q$
```
"""


def test_every_formula_of_a_page_is_looked_up(table_of):
    found = page_symbols(PAGE, "page", "docs/en/page.md", table_of(), {}, page_sections(PAGE, None))
    assert found.used == {"weight", "feature", "prediction", "label"}
    assert [row for _, row in found.of_formula(r"\hat{y} = w x", 0)] == ["prediction", "weight", "feature"]
    [error] = found.errors
    assert (error.path, error.line) == ("docs/en/page.md", 14)
    assert "$$b + \\zeta$$" in error.message and "ζ" in error.message


@pytest.mark.parametrize("shown", [
    "- $$ \\zeta $$", "1. $$\n    \\zeta\n    $$", "word\n:   $$ \\zeta $$", "> $$ \\zeta $$",
    "- a\n\n    - $$ \\zeta $$",
    "in \\(\\zeta\\) too", "\\[ \\zeta \\]", "\\begin{aligned}\n\\zeta\n\\end{aligned}", "a \\\\$\\zeta$ b",
    "/// note | of $\\zeta$\n///", "## of $\\zeta$ {#a}", "| $\\zeta$ | a |\n|---|---|\n| b | c |", "- a\n$\\zeta$"])
def test_a_formula_is_looked_up_in_whatever_form_it_is_shown(table_of, shown):
    source = f"text\n\n{shown}\n"
    error, = page_symbols(source, "page", "docs/en/page.md", table_of(), {}, page_sections(source, None)).errors
    assert "ζ" in error.message and 3 <= error.line <= 5


def test_the_choice_of_a_section_decides(table_of):
    table = table_of()
    source = PAGE.replace("\\zeta", "b").replace("$w x$", "$b$")
    sections = page_sections(source, None)
    choices = read_choices({"b": "bias", "second": {"b": "model-bias"}}, table, "a.md", [], sections)
    found = page_symbols(source, "gradient-descent", "a.md", table, choices, sections)
    assert not found.errors and {"bias", "model-bias"} <= found.used
    assert [row for _, row in found.of_formula("b + b", 0)] == ["model-bias"]
