"""The extension by its name: the book loaded from a folder, for text of a page or any other."""

from __future__ import annotations

from pathlib import Path

import markdown
import pytest

from book_engine.source.errors import BookError

CONFIG = "extra: {languages: {zh: {}, en: {}}}\nnav: [{chapters: [a.md]}]\n"
PAGE = "---\ndescription: d\n---\n# T {#t}\n\n$$ x \\label{first} $$\n"
EXTENSIONS = ["pymdownx.arithmatex", "book"]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "mkdocs.yml").write_text(CONFIG)
    for language in ("zh", "en"):
        (tmp_path / "docs" / language).mkdir(parents=True)
        (tmp_path / "docs" / language / "a.md").write_text(PAGE)
    return tmp_path


def html(text: str, book: Path, **options: str) -> str:
    configs = {"pymdownx.arithmatex": {"generic": True}, "book": {"root_dir": str(book), **options}}
    return markdown.markdown(text, extensions=EXTENSIONS, extension_configs=configs)


def test_a_text_runs_and_refers_to_the_book(book):
    made = html("`{python} 20 + 1`, $x^2$, \\eqref{first}", book)
    assert '<span class="value">21</span>' in made and "<msup>" in made and ">(1.1)</a>" in made


def test_what_has_changed_is_read_again(book):
    with pytest.raises(BookError, match="refers to no equation. Did you mean 'first'"):
        html("\\eqref{fist}", book)
    for file in book.glob("docs/*/a.md"):
        file.write_text(PAGE.replace("first", "fist"))
    assert ">(1.1)</a>" in html("\\eqref{fist}", book)


def test_the_language_is_that_of_the_folder(book):
    said = "/// question | How many?\n- `{python} 3` | Right.\n- `{python} 2` | Wrong.\n///"
    assert "Before you read on" in html(said, book)
    assert "先猜一猜" in html(said, book, docs_dir="docs/zh")


def test_faults_of_the_book_are_said(book):
    (book / "docs/zh/a.md").unlink()
    with pytest.raises(BookError, match="docs/en/a.md: no twin: expected docs/zh/a.md"):
        html("text", book)
    with pytest.raises(BookError, match="finds no mkdocs.yml here; set its option root_dir"):
        html("text", book / "docs")
