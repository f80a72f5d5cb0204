"""`book new` and `book check` on a small site: what is made is whole, and a planted fault is named with its place."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from small_data import add_reference

from book_engine.author import commands
from book_engine.author.check import Findings, check
from book_engine.author.new_chapter import Chapter, new_chapter
from book_engine.book.book import Book
from book_engine.book.nav import chapters_of, with_chapter
from book_engine.source.errors import BookError

ROOT = Path(__file__).resolve().parents[3]
PAGE = "softmax-temperature"
FILES = [f"docs/zh/{PAGE}.md", f"docs/en/{PAGE}.md", "snippets/softmax_temperature.py",
         "tests/chapters/test_softmax_temperature.py"]


@pytest.fixture
def new_site(warm_site, monkeypatch: pytest.MonkeyPatch):
    """A small site to which `book new` has just added a chapter."""
    add_reference(warm_site)
    (warm_site.root / "tests/chapters").mkdir(parents=True)
    shutil.copy(ROOT / "tests/chapters/conftest.py", warm_site.root / "tests/chapters")
    monkeypatch.chdir(warm_site.root / "snippets")
    assert commands.main(["new", PAGE, "--zh", "温度与 softmax", "--en", "What a temperature does",
                          "--after", "loss"]) == 0
    return warm_site


def of_the_new(found: list[BookError]) -> list[BookError]:
    return [error for error in found if PAGE in str(error)]


def test_a_new_chapter_is_whole(new_site) -> None:
    """It builds strictly, its blocks and tests run, twins agree, and linters find nothing."""
    assert chapters_of((new_site.root / "mkdocs.yml").read_text("utf-8")) == ["loss", PAGE, "gradient-descent"]
    done = new_site.build("--strict")
    assert done.returncode == 0 and "WARNING" not in done.stdout, done.stdout
    page = (new_site.root / f"site/zh/{PAGE}/index.html").read_text("utf-8")
    assert "温度与 softmax" in page and 'class="cell-figure"' in page
    for command in (["pytest", "-q", "-n0", *FILES[:2], "tests"], ["ruff", "check", *FILES[2:]],
                    ["codespell_lib", *FILES]):
        done = subprocess.run([sys.executable, "-m", *command], cwd=new_site.root, text=True, encoding="utf-8",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        assert done.returncode == 0, done.stdout
        assert command[0] != "pytest" or "27 passed" in done.stdout, done.stdout
    found = check(Book(new_site.root))
    assert of_the_new(found.errors) == []
    assert {error.path for error in found.missing} == set(FILES[:2])  # no more than its length
    assert all("without exercises, questions and sources" in str(error) for error in found.missing)


def test_the_tests_of_a_new_chapter_can_fail(new_site) -> None:
    new_site.edit("snippets/softmax_temperature.py", "0.25", "0.5")
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-n0", "tests"], cwd=new_site.root, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    assert done.returncode == 1 and "2 failed" in done.stdout, done.stdout


@pytest.mark.parametrize(("planted", "said"), [
    ("import os\nos._exit(0)", "the process died (exit status 0)"),
    ("while True:\n    pass", "ran longer than its limit"),
    ("open('../planted.txt', 'w')", "writes nothing outside its own, empty folder"),
])
def test_a_chapter_that_would_end_or_hang_pytest_fails_by_name(new_site, planted, said) -> None:
    new_site.edit("snippets/softmax_temperature.py", "lr, w = 0.25, 1.0", f"{planted}\nlr, w = 0.25, 1.0")
    for language in ("zh", "en"):
        new_site.edit(f"docs/{language}/{PAGE}.md", '```python\n--8<-- "softmax_temperature.py:one_step"',
                      '```{.python timeout=0.5}\n--8<-- "softmax_temperature.py:one_step"')
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-n0", "tests"], cwd=new_site.root, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    assert done.returncode == 1 and said in done.stdout and "3 errors in" in done.stdout, done.stdout
    assert not list(new_site.root.rglob("planted.txt"))


@pytest.mark.parametrize(("chapter", "said"), [
    (Chapter("Batch"), "'Batch' does not name a chapter"),
    (Chapter("batch_size"), "'batch_size' does not name a chapter"),
    (Chapter("statistics"), "Python's own module 'statistics'"),
    (Chapter("loss"), "docs/zh/loss.md: is there already"),
    (Chapter("batch-size", after="los"), "no chapter 'los' to come after. Did you mean 'loss'?"),
])
def test_a_name_that_will_not_do(chapter: Chapter, said: str) -> None:
    with pytest.raises(BookError) as caught:
        new_chapter(ROOT, chapter)
    assert said in str(caught.value)


NAV = """nav:
  - index.md
  - chapters:
      - loss.md
      - batches.md
  - other.md
hook: !!python/name:a.b
"""


@pytest.mark.parametrize(("after", "chapters"), [
    (None, ["loss", "batches", "new"]), ("loss", ["loss", "new", "batches"]), ("batches", ["loss", "batches", "new"])])
def test_a_chapter_in_the_nav(after: str | None, chapters: list[str]) -> None:
    text = with_chapter(NAV, "new", after)
    assert chapters_of(text) == chapters
    assert text.replace("      - new.md\n", "") == NAV


def test_a_nav_without_chapters() -> None:
    with pytest.raises(BookError, match="no list of chapters"):
        with_chapter("nav:\n  - index.md\n", "new")


def test_the_book_passes() -> None:
    found = check(Book(ROOT))
    assert found.errors == [] and found.pages >= 16


PAGES = ("docs/zh/softmax-temperature.md", "docs/en/softmax-temperature.md")

# name: (file, what stands in it, what is written instead, lines from there to the place named, what is said)
FAULTS = {
    "twins differ": (PAGES[1], "{#limits}", "{#limit}", 0, "expected the heading ## {#limits}"),
    "no twin": ("docs/en/alone.md", None, "---\ndescription: A.\n---\n# A {#alone}\n", None,
                "expected docs/zh/alone.md"),
    "no such section": (PAGES[0], "py:check", "py:checks", -1, "Did you mean 'check'?"),
    "Chinese copy": (PAGES[0], "说说结果说明了什么。", "说说,结果.", 0, "half-width punctuation"),
    "block not closed": (PAGES[0], "说说结果说明了什么。", "/// note\n说说结果说明了什么。", 0,
                         "'/// note' is not closed"),
    "English copy": (PAGES[1], "Say what came out.", "Simply say it.", 0, "a word that the book does without"),
    "front matter": (PAGES[0], "draft: true", "drfat: true", 0, "Did you mean 'draft'?"),
    "unknown symbol": (PAGES[1], "the loss, $w$ the weight", r"the loss, $\Psi$ the weight", 0, r"the formula $\Psi$"),
    "label twice": (PAGES[1], r"\label{softmax-temperature-slope}", r"\label{loss}", None, "is given twice"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(name: str, new_site, capsys: pytest.CaptureFixture[str]) -> None:
    path, old, new, offset, said = FAULTS[name]
    line = new_site.edit(path, old, new) if old else new_site.write(path, new)
    errors = [error for error in check(Book(new_site.root)).errors if said in str(error)]
    assert len(errors) == 1 and errors[0].path == path, errors
    assert offset is None or errors[0].line == line + offset
    assert commands.main(["check"]) == 1 and str(errors[0]) in capsys.readouterr().out


def test_a_draft_is_no_chapter_yet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It passes on the way, and not at the end."""
    monkeypatch.chdir(ROOT)
    draft = BookError("90 words, expected 1200", path=PAGES[1], line=1)
    monkeypatch.setattr(commands, "check", lambda book: Findings(missing=[draft], drafts=[PAGES[1]], pages=2))
    assert commands.main(["check"]) == 0
    assert "Drafts, before they are chapters:\ndocs/en/softmax-temperature.md:1: 90" in capsys.readouterr().out
    assert commands.main(["check", "--final"]) == 1
    assert f"{PAGES[1]}: is a draft" in capsys.readouterr().out
    assert "book check --final" in (ROOT / ".ci/run").read_text("utf-8")


def test_outside_the_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert commands.main(["check"]) == 1
    assert "no book here" in capsys.readouterr().err


GUIDES = ("README.md", "CONTRIBUTING.md", "docs/zh/contributing.md", "docs/en/contributing.md")


@pytest.mark.parametrize("path", GUIDES)
def test_a_guide_names_only_what_there_is(path: str) -> None:
    """Its commands, scripts and extras; `book new` with the words that it shows would work on this book."""
    text = (ROOT / path).read_text("utf-8")
    assert set(re.findall(r"\bbook (?:new|check|test)", text)) == {"book new", "book check", "book test"}
    for line in re.findall(r"^book (new .*)$", text, re.M):
        options = commands._parser().parse_args(shlex.split(line))
        assert len(new_chapter(ROOT, Chapter(options.page, options.zh, options.en, options.after))) == 5
    assert all((ROOT / script).is_file() for script in re.findall(r"`(\.ci/\w+)", text))
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    named = {extra for group in re.findall(r"\.\[([\w,]+)\]", text) for extra in group.split(",")}
    assert named <= extras.keys()


def test_the_program_finds_the_book_from_any_folder_of_it(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("book")
    inside = subprocess.run([program, "--help"], cwd=ROOT / "docs" / "zh", text=True, capture_output=True)
    assert inside.returncode == 0 and "book" in inside.stdout
    outside = subprocess.run([program, "check"], cwd=tmp_path, text=True, capture_output=True)
    assert outside.returncode == 1 and "no book here" in outside.stderr
