"""engine/mkdocs/progress.py: a line as each run ends; what is over the budget is said."""

from __future__ import annotations

import logging

from book_engine.mkdocs.progress import Progress
from book_engine.run.output import Output
from book_engine.run.results import Result


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
