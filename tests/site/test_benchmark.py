"""The parts of the benchmark that can be wrong without anybody noticing: what it edits, and what it adds up."""

from __future__ import annotations

import gzip
import importlib
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def bench():
    """A module of the benchmark by name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(TESTS))
        yield lambda name: importlib.import_module(f"benchmarks.{name}")
        for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
            del sys.modules[name]


def test_an_edit_is_new_each_time_and_replaces_the_last(bench, tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("one two two", "utf-8")
    for number in (7, 8):
        bench("measure").touch(tmp_path, "a.md", "two", number)
        assert file.read_text("utf-8") == f"one two\u2060{number}\u2060 two"


def test_kinds_of_pages(bench) -> None:
    kinds = [bench("weights").kind_of(page, {"loss"}) for page in ("", "loss", "labs/noise", "glossary")]
    assert kinds == ["home", "chapter", "lab", "reference"]


PAGE = """<link rel="stylesheet" href="../../assets/a.css"><link rel="icon" href="../../assets/b.svg">
<script src="../search.js"></script><img src="dot.png">{formula}"""


@pytest.mark.parametrize(("formula", "extra"), [("", 0), ("<math></math>", 400)])
def test_a_first_visit_is_all_that_the_page_names(bench, tmp_path: Path, formula: str, extra: int) -> None:
    files = {"en/loss/index.html": PAGE.format(formula=formula).encode(), "assets/a.css": b"a" * 9000,
             "assets/b.svg": b"b" * 9000, "en/search.js": b"c" * 9000, "en/loss/dot.png": b"d" * 300,
             "assets/fonts/stix-two-math.woff2": b"e" * 400}
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    packed = {path: len(gzip.compress(data, 6)) for path, data in files.items()}
    html = packed["en/loss/index.html"]
    whole = html + packed["assets/a.css"] + packed["en/search.js"] + 300 + extra
    assert bench("weights").weights_of(tmp_path, tmp_path / "en/loss/index.html") == (html, whole)
    assert bench("weights").rows(tmp_path, ["loss"])[0][0].startswith("weight: chapter (1 pages)")


def test_the_chapter_in_the_middle(bench) -> None:
    chapters = {"a": {"seconds": 3}, "b": {"seconds": 1}, "c": {"seconds": 2}, "index": {"seconds": 9}}
    assert bench("real").middle_chapter(chapters, ["a", "b", "c"]) == "c"


def test_places_to_edit_are_shown_on_the_page(bench, small_site) -> None:
    assert bench("real").sentence_of((small_site.root / "docs/en/loss.md").read_text("utf-8")) == "Before any block,"
    path, comment = bench("real").code_place(small_site.root, "gradient-descent")
    text = (small_site.root / path).read_text("utf-8")
    assert text.startswith(f"# --8<-- [start:imports]\n{comment}\n")


@pytest.mark.parametrize("make", ["ours", "exec_book", "sphinx_book"])
def test_each_engine_s_book_has_the_edits_that_are_measured(bench, tmp_path: Path, make: str) -> None:
    engines = bench("engines")
    sentence, block = getattr(engines, make)(tmp_path)
    for files, old, new in ((sentence, r"First[^.\n]*\.", "First 7."), (block, r"scale=0\.5\d*", "scale=0.57")):
        engines.change(files, old, new)
        assert files and all(new in file.read_text("utf-8") for file in files)
    engines.forget(tmp_path)
    assert all(file.is_file() for file in (*sentence, *block))
