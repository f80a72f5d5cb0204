"""engine/mkdocs/untouched.py: which languages an edit leaves as they are, and that `mkdocs serve` leaves them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from serving import Server

from book_engine.mkdocs.language import Report, Task
from book_engine.mkdocs.untouched import Untouched
from book_engine.source.errors import BookError

LANGUAGES = ("zh", "en")


def task(root: Path, language: str, **changed: object) -> Task:
    plain = Task(language, root, "mkdocs.yml", "site", None, True, False, {}, {}, {}, None, None, {}, {})
    return replace(plain, **changed)


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("docs/zh/loss.md", "docs/en/loss.md", "docs/assets/book.css", "docs/overrides/main.html",
                 "snippets/loss.py", "mkdocs.yml", "docs/data/glossary.toml"):
        write(tmp_path / name, "one")
    return tmp_path


def article(html: str) -> str:
    return html.partition("<article")[2].partition("</article>")[0]


def build(untouched: Untouched, root: Path, **changed: object) -> set[str]:
    """One build, as the root build does it; the languages that were built. `changed` is what differs in the English."""
    site = root / "site"
    tasks = {"zh": task(root, "zh"), "en": task(root, "en", **changed)}
    kept = untouched.set_aside(tasks, site)
    assert not any((site / language).exists() for language in kept)
    for language in LANGUAGES:
        if language in kept:
            untouched.put_back(language, site)
        else:
            write(site / language / "index.html", "built")
        untouched.note(language, tasks[language], kept.get(language, Report()))
    assert {file.name for file in site.iterdir()} == set(LANGUAGES)
    return set(LANGUAGES) - set(kept)


def test_what_has_changed_is_built(root: Path) -> None:
    untouched = Untouched()
    assert build(untouched, root) == {"zh", "en"}
    assert build(untouched, root) == set()
    write(root / "docs/zh/loss.md", "another")
    assert build(untouched, root) == {"zh"}
    write(root / "docs/en/more.md", "new")
    assert build(untouched, root) == {"en"}
    (root / "docs/en/more.md").unlink()
    assert build(untouched, root) == {"en"}
    assert build(untouched, root, labels={"a": 1}) == {"en"}
    assert build(untouched, root, labels={"a": 1}) == set()
    write(root / "docs/data/glossary.toml", "another")  # it stands in the task
    assert build(untouched, root, labels={"a": 1}) == set()


@pytest.mark.parametrize("file", ["docs/assets/book.css", "docs/overrides/main.html", "snippets/loss.py", "mkdocs.yml"])
def test_what_both_are_made_of(root: Path, file: str) -> None:
    untouched = Untouched()
    build(untouched, root)
    write(root / file, "another")
    assert build(untouched, root) == {"zh", "en"}


def test_an_edit_that_leaves_the_size(root: Path) -> None:
    untouched = Untouched()
    build(untouched, root)
    write(root / "docs/zh/loss.md", "two")
    os.utime(root / "docs/zh/loss.md", (1, 1))
    assert build(untouched, root) == {"zh"}


def test_a_page_with_an_error_is_built_again(root: Path) -> None:
    untouched = Untouched()
    for _ in range(2):
        errors = {"docs/en/loss.md": BookError("no such section", path="docs/en/loss.md")}
        assert build(untouched, root, errors=errors) >= {"en"}


def test_after_a_build_that_failed(root: Path) -> None:
    untouched = Untouched()
    build(untouched, root)
    tasks = {language: task(root, language) for language in LANGUAGES}
    assert set(untouched.set_aside(tasks, root / "site")) == set(LANGUAGES)  # and then the build ends with an error
    assert build(untouched, root) == {"zh", "en"}
    assert list(root.glob("site-*/index.html"))  # left over
    assert build(untouched, root) == set()
    assert not list(root.glob("site-*"))


def test_serving_leaves_the_other_language(small_site, processes) -> None:
    server = Server(small_site, processes)
    first = article(server.page("en/loss"))
    server.edited("docs/zh/loss.md", "# ", "# 新的")
    assert "新的" in server.page("zh/loss") and article(server.page("en/loss")) == first
    server.edited("mkdocs.yml", "Lecture Notes That Run", "Lecture Notes That Ran")
    assert "That Ran" in server.page("en/loss") and "新的" in server.page("zh/loss")
