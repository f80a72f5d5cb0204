"""A line as each run ends, what is over the budget said; MkDocs' warnings about links with the file and line that they
lack."""

from __future__ import annotations

import logging

import pytest

from book_engine.mkdocs.messages import Progress, name_places, with_place
from book_engine.run.output import Output
from book_engine.run.results import Result

PAGE = "---\ndescription: d\n---\n# T\n\nSee [a](nothing.md) and [b](loss.md#x).\n\n![c](c.png)\n"
LINK = "Doc file 'deep/a.md' contains a link '{}', but the target is not found among documentation files."


def result(seconds: float, blocks: int = 1) -> Result:
    return Result([Output(seconds=seconds / blocks)] * blocks, {})


def test_a_line_as_each_run_ends(caplog):
    caplog.set_level(logging.INFO, "mkdocs.book")
    with Progress() as progress:
        progress.begins(["docs/en/loss.md", "docs/zh/loss.md"], 2)
        progress.begins(["docs/zh/labs/digits.md"], 2)
        assert [record.message for record in caplog.records] == ["Running 2 of the book's pages; results are kept"]
        progress.ended(["docs/zh/labs/digits.md"], result(9.0, 3))
        progress.ended(["docs/en/loss.md", "docs/zh/loss.md"], result(0.5))
    assert [record.message for record in caplog.records][1:] == [
        "Ran labs/digits: 3 blocks, 9.00 s, over the budget of 4 s (1 of 2)", "Ran loss: 1 block, 0.50 s (2 of 2)"]


def test_a_terminal_has_one_live_line(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with Progress() as progress:
        progress.begins(["docs/en/loss.md"], 1)
        progress.stopped.wait(0.7)
    said = capsys.readouterr().err
    assert "running 1 of 1, " in said and ": loss " in said and said.endswith("\r\x1b[K")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.md").write_text(PAGE, "utf-8")
    return tmp_path


@pytest.mark.parametrize(("message", "place"), [
    (LINK.format("nothing.md"), "docs/en/deep/a.md:6: "),
    (LINK.format("loss.md#x"), "docs/en/deep/a.md:6: "),
    (LINK.format("c.png"), "docs/en/deep/a.md:8: "),
    (LINK.format("somewhere-else.md"), "docs/en/deep/a.md: "),
    ("Doc file 'deep/a.md' contains an absolute link 'nothing.md', it was left as is.", "docs/en/deep/a.md:6: "),
    ("Doc file 'deep/a.md' contains an unrecognized relative link 'c.png', it was left as is.",
     "docs/en/deep/a.md:8: "),
    ("Doc file 'gone.md' contains a link 'x', but the target is not found.", "docs/en/gone.md: "),
    ("Something else about 'deep/a.md'", ""),
])
def test_with_place(folder, message, place):
    assert with_place(message, folder, "docs/en") == place + message


def test_filter(folder, caplog):
    """Arguments of the record are filled in, and a second call adds no second place."""
    name_places(folder, "docs/en")
    name_places(folder, "docs/en")
    logging.getLogger("mkdocs.structure.pages").warning(LINK.format("%s"), "nothing.md")
    assert caplog.messages == ["docs/en/deep/a.md:6: " + LINK.format("nothing.md")]
    for name in ("pages", "nav", "files"):
        logging.getLogger(f"mkdocs.structure.{name}").filters.clear()
