"""Which notebooks are written, when one is made anew, and that nothing is made or loaded when nothing changed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from book_engine.book import notebooks as module
from book_engine.book.book import Prepared, Source
from book_engine.book.notebooks import notebook_files
from book_engine.notebook.edition import edition
from book_engine.run.cache import Cache
from book_engine.run.output import Output
from book_engine.run.results import Failure, Result
from book_engine.source.errors import BookError
from book_engine.source.labels import Label
from book_engine.source.page import read_page

ROOT = Path(__file__).resolve().parents[3]
WORDS = {"site_name": "Book", "copyright": "MIT", "figure_prefix": "Figure {}"}
TEXT = '# {name} {{#{name}}}\n\nBy \\eqref{{one}}.\n\n```python\n--8<-- "a.py:s"\n```\n'


class Shelf:
    """A book of two chapters that has run, without MkDocs and without a process."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cache = Cache(root / "cache")
        self.chapters, self.site_url, self.packages, self.style = ["a", "b"], "https://example.org/", {"numpy": "2"}, ""
        label = Label("one", "a", "1.1", "docs/en/a.md", 3)
        self.prepared = Prepared(labels={language: {"one": label} for language in ("zh", "en")})
        (root / "a.py").write_text("# --8<-- [start:s]\nprint(1)\n# --8<-- [end:s]\n", "utf-8")
        for chapter in self.chapters:
            result = Result([Output("1\n")], {})
            for language in ("zh", "en"):
                path = f"docs/{language}/{chapter}.md"
                self.prepared.results[path] = result
                self.write(path, TEXT.format(name=chapter))

    def write(self, path: str, text: str) -> None:
        language, page = path.removeprefix("docs/").removesuffix(".md").split("/")
        self.prepared.sources[path] = Source(path, page, language, text)
        self.prepared.pages[path] = read_page(text, self.root, path)

    def files(self) -> dict[str, bytes]:
        editions = {language: edition(language, WORDS, self.packages, self.style) for language in ("zh", "en")}
        return notebook_files(self.prepared, self.chapters, editions, self.site_url, self.cache)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_names(shelf):
    assert sorted(shelf.files()) == sorted(
        f"{language}/notebooks/{name}" for language in ("zh", "en")
        for name in ("a.ipynb", "b.ipynb", f"all-chapters-{language}.zip"))


def test_zips_hold_the_notebooks_in_order(shelf):
    shelf.chapters = ["b", "a"]
    files = shelf.files()
    with zipfile.ZipFile(io.BytesIO(files["en/notebooks/all-chapters-en.zip"])) as archive:
        assert [(entry.filename, archive.read(entry)) for entry in archive.infolist()] == [
            ("en/01-b.ipynb", files["en/notebooks/b.ipynb"]), ("en/02-a.ipynb", files["en/notebooks/a.ipynb"])]


def test_text_is_utf_8_and_readable(shelf):
    shelf.write("docs/zh/a.md", "# 数 {#a}\n\n文字\n")
    data = shelf.files()["zh/notebooks/a.ipynb"]
    assert "# 数" in data.decode("utf-8") and data.endswith(b"}\n")


def test_nothing_changed(shelf, monkeypatch):
    """Nothing is made; what was kept is the same."""
    before = shelf.files()
    monkeypatch.setattr(module, "_written", lambda chapter: pytest.fail(f"{chapter.page.path} was made again"))
    monkeypatch.setattr(module, "zipped", lambda files: pytest.fail("a zip was made again"))
    assert shelf.files() == before


def test_without_a_cache_all_is_made_and_the_same(shelf):
    before = shelf.files()
    shelf.cache = Cache(shelf.root / "none", enabled=False)
    assert shelf.files() == before and not (shelf.root / "none").exists()


def test_a_damaged_entry_is_made_again(shelf):
    before = shelf.files()
    for entry in shelf.cache.folder.iterdir():
        entry.write_bytes(entry.read_bytes()[:-9])
    assert shelf.files() == before


def test_edits_leave_nothing_behind(shelf):
    shelf.files()
    count = len(list(shelf.cache.folder.iterdir()))
    for number in range(3):
        shelf.write("docs/en/a.md", TEXT.format(name="a") + f"\n{number}.\n")
        assert json.loads(shelf.files()["en/notebooks/a.ipynb"])["cells"][-1]["source"] == [f"{number}."]
    assert len(list(shelf.cache.folder.iterdir())) == count


def test_another_address_keeps_its_own(shelf, monkeypatch):
    """A build and a server take turns, and neither makes anew what the other has not changed."""
    built = shelf.files()
    shelf.site_url = "http://127.0.0.1:8000/"
    served = shelf.files()
    monkeypatch.setattr(module, "_written", lambda chapter: pytest.fail("a notebook was made again"))
    assert shelf.files() == served
    shelf.site_url = "https://example.org/"
    assert shelf.files() == built


def set_result(shelf, **given) -> None:
    result = Result([replace(shelf.prepared.results["docs/en/a.md"].blocks[0], **given)], {})
    for language in ("zh", "en"):
        shelf.prepared.results[f"docs/{language}/a.md"] = result


def set_label(shelf, **given) -> None:
    labels = shelf.prepared.labels["en"]
    labels["one"] = replace(labels["one"], **given)


BOTH_A = {"zh/notebooks/a.ipynb", "en/notebooks/a.ipynb"}
ALL = BOTH_A | {"zh/notebooks/b.ipynb", "en/notebooks/b.ipynb"}


@pytest.mark.parametrize(("change", "expected"), [
    (lambda shelf: shelf.write("docs/en/a.md", TEXT.format(name="a") + "\nMore.\n"), {"en/notebooks/a.ipynb"}),
    (lambda shelf: set_result(shelf, stdout="2\n"), BOTH_A),
    (lambda shelf: set_label(shelf, number="2.1"), {"en/notebooks/a.ipynb", "en/notebooks/b.ipynb"}),
    (lambda shelf: set_label(shelf, page="b"), {"en/notebooks/a.ipynb", "en/notebooks/b.ipynb"}),
    (lambda shelf: shelf.packages.update(numpy="3"), ALL),
    (lambda shelf: setattr(shelf, "style", "font.size: 1"), ALL),
    (lambda shelf: setattr(shelf, "site_url", "https://example.com/"), ALL),
    (lambda shelf: setattr(shelf, "site_url", None), ALL),
    (lambda shelf: shelf.chapters.insert(0, "c"), ALL),  # their numbers change
], ids=["a sentence", "an output", "an equation's number", "its page", "a version", "the style", "the address", "none",
        "the order"])
def test_what_changed_is_made_again(shelf, change, expected):
    before = shelf.files()
    change(shelf)
    found = changed(before, shelf.files())
    assert {name for name in found if name.endswith(".ipynb")} == expected
    assert {name for name in found if name.endswith(".zip")} == {
        f"{language}/notebooks/all-chapters-{language}.zip" for language in {name[:2] for name in expected}}


def test_what_a_notebook_does_not_hold_does_not_matter(shelf, monkeypatch):
    before = shelf.files()
    set_result(shelf, seconds=9.9)
    set_label(shelf, line=99)
    shelf.prepared.labels["en"]["other"] = Label("other", "b", "2.9", "p", 1)
    monkeypatch.setattr(module, "_written", lambda chapter: pytest.fail("a notebook was made again"))
    assert shelf.files() == before


def test_a_code_change_that_gives_the_same_is_exported(shelf):
    before = shelf.files()
    (shelf.root / "a.py").write_text("# --8<-- [start:s]\nprint(2 - 1)\n# --8<-- [end:s]\n", "utf-8")
    shelf.write("docs/en/a.md", TEXT.format(name="a"))
    assert b"print(2 - 1)" in shelf.files()["en/notebooks/a.ipynb"]
    assert b"print(2 - 1)" not in before["en/notebooks/a.ipynb"]


@pytest.mark.parametrize("fault", ["failure", "error", "unread"])
def test_a_chapter_that_failed_has_none(shelf, fault):
    """Under `mkdocs serve`; the others are there."""
    path = "docs/en/a.md"
    if fault == "failure":
        shelf.prepared.results[path] = Result([], {}, failure=Failure(0, None, "bad", None))
    elif fault == "error":
        shelf.prepared.errors.append(BookError("wrong", path=path, line=3))
    else:
        del shelf.prepared.pages[path], shelf.prepared.results[path]
    files = shelf.files()
    assert "en/notebooks/a.ipynb" not in files and "en/notebooks/b.ipynb" in files
    with zipfile.ZipFile(io.BytesIO(files["en/notebooks/all-chapters-en.zip"])) as archive:
        assert archive.namelist() == ["en/02-b.ipynb"]


def test_the_engine_loads_no_nbformat():
    """It takes longer to load than a build takes in which nothing changed."""
    code = ("import sys, book_engine.mkdocs.root\n"
            "print([name for name in ('nbformat', 'resvg_py') if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env={"NO_MKDOCS_2_WARNING": "1"})
    assert done.stdout.strip() == "[]"
