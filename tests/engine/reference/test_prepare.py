"""The reference data against the pages of a small book: sound data pass, each fault is one error at its place."""

from __future__ import annotations

import re
import shutil

import pytest
from small_data import FILES, write_data

from book_engine.book.book import Book
from book_engine.reference.prepare import prepare_reference
from book_engine.source.front_matter import check_front_matter
from book_engine.source.page import read_page

CHOICE = "description: A page of the small book, in {}.\n"


@pytest.fixture
def prepared(small_site):
    """Prepares the reference of the small book; `change` may edit it before."""

    def prepared(change=None, **data: str):
        write_data(small_site.root, **data)
        for language in ("zh", "en"):
            text = CHOICE.format(language)
            small_site.edit(f"docs/{language}/gradient-descent.md", text, f"{text}symbols:\n  b: model-bias\n")
        if change:
            change(small_site)
        book = Book(small_site.root)
        sources = {language: book.sources(language) for language in ("zh", "en")}
        found = [source for group in sources.values() for source in group]
        metas = {source.path: check_front_matter(source.text, source.path) for source in found}
        pages = {source.path: read_page(source.text, book.snippets, source.path) for source in found}
        return prepare_reference(small_site.root, sources, pages, metas, ["loss", "gradient-descent"])
    return prepared


def test_sound_data_have_no_faults(prepared):
    done = prepared()
    assert done.errors == []
    assert done.reference.uses["model-bias"] == ["gradient-descent"] and done.reference.uses["bias"] == ["loss"]
    assert done.reference.uses["weight"] == ["loss", "gradient-descent"]
    assert done.symbols["docs/zh/loss.md"].shown and set(done.symbols) >= {"docs/en/index.md", "docs/en/loss.md"}


def test_a_book_without_data_has_no_reference(prepared, small_site):
    done = prepared(lambda site: shutil.rmtree(site.root / "docs/data"))
    assert done.reference is None and done.errors == [] and done.symbols == {}


@pytest.mark.parametrize("file, old, new, line, words", [
    ("topics", "place = 'loss#first'", "place = 'los#first'", 4, r"no page docs/zh/los\.md.*loss"),
    ("topics", "place = 'loss#first'", "place = 'loss#frist'", 4, r"docs/zh/loss\.md has no section 'frist'.*first"),
    ("topics", "[S0-02]", "[S0-01]", 6, "given once"),
    ("topics", "[S0-02]", "[S0-2]", 6, "S0-01 and the like"),
    ("questions", "$w$。", "$q$。", 5, "owns q; no row|owns q; rows"),
    ("questions", "$w$。", r"$\frac w$。", 5, "cannot be set"),
    ("errata", "b = 'bias'", "b = 'baias'", 8, "no row 'baias'.*bias"),
    ("errata", "(loss.md#first)。", "(loss.md#frist)。", 5, "no section 'frist'"),
    ("errata", "(loss.md#first)。", "(lots.md#first)。", 5, r"no page docs/zh/lots\.md.*loss"),
    ("glossary", "place = 'loss#second'", "place = 'index#index'", 14, "no block runs in the section"),
    ("bibliography", "[euler1748]", "[Euler]", 1, "a surname and a year"),
    ("symbols", "李宏毅的写法相反。", "李宏毅写作 $q$。", None, "owns q"),
])
def test_a_fault_is_one_error_at_its_line(prepared, file, old, new, line, words):
    assert old in FILES[file]
    errors = prepared(**{file: FILES[file].replace(old, new, 1)}).errors
    assert errors, f"expected an error with {words!r}"
    assert errors[0].path == f"docs/data/{file}.toml" and re.search(words, errors[0].message), str(errors[0])
    assert line is None or errors[0].line == line


@pytest.mark.parametrize("file, old, new", [
    ("questions", "$w$。", "$b$。"),  # one row owns it on the page that the entry points to
    ("errata", "symbols = { b = 'bias' }", ""),  # that page's own choice holds
    ("symbols", "李宏毅的写法相反。", "李宏毅写作 $b$。"),  # the table may speak of any of its letters
])
def test_what_makes_a_letter_of_the_data_clear(prepared, file, old, new):
    assert old in FILES[file]
    assert prepared(**{file: FILES[file].replace(old, new, 1)}).errors == []


def test_a_missing_file_is_an_error(prepared, small_site):
    [error] = prepared(lambda site: (site.root / "docs/data/topics.toml").unlink()).errors
    assert error.path == "docs/data/topics.toml" and "missing" in error.message


def test_a_foreign_file_is_an_error(prepared):
    [error] = prepared(lambda site: site.write("docs/data/questoins.toml", "")).errors
    assert error.path == "docs/data/questoins.toml" and "questions" in error.message


@pytest.mark.parametrize("old, new, words", [
    ("\\hat{y} = w x", "\\hat{y} = q x", "owns q"),
    ("with $x^2$", "with $u^2$", "owns u"),
    ("after the run", "after the run [@eular1748]", "no work 'eular1748'.*euler1748"),
])
def test_a_fault_of_a_page_is_an_error_at_its_line(prepared, old, new, words):
    lines = []
    errors = prepared(lambda site: lines.append(site.edit("docs/en/loss.md", old, new))).errors
    assert [(error.path, error.line) for error in errors] == [("docs/en/loss.md", lines[0])]
    assert re.search(words, errors[0].message), errors[0].message


def test_a_renamed_section_is_missed_by_what_points_to_it(prepared):
    errors = prepared(lambda site: site.edit("docs/en/loss.md", "## First {#first}", "## First {#one}")).errors
    assert {error.path for error in errors} == {f"docs/data/{name}.toml" for name in
                                                ("topics", "questions", "errata", "glossary")}
    assert all("docs/en/loss.md has no section 'first'" in error.message for error in errors)


def test_a_section_that_runs_nothing_settles_nothing(prepared):
    def take_code_out(site):
        for language in ("zh", "en"):
            site.edit(f"docs/{language}/gradient-descent.md",
                      '```python\n--8<-- "gradient_descent.py:last"\n```\n', "Nothing runs.\n")
    [error] = [error for error in prepared(take_code_out).errors if "zh" in error.message]
    assert (error.path, error.line) == ("docs/data/errata.toml", 7)
    assert "no block runs in the section {#second}" in error.message


def test_two_chapters_cannot_claim_the_same_topic(prepared):
    twice = FILES["topics"] + "\n[S0-01]\nzh = '一'\nen = 'one'\nplace = 'gradient-descent#second'\n"
    [error] = prepared(topics=twice).errors
    assert (error.path, error.line) == ("docs/data/topics.toml", 11) and "given once" in error.message
