"""MkDocs' warnings about links, with the file and line that they lack."""

from __future__ import annotations

import logging

import pytest

from book_engine.mkdocs.link_places import name_places, with_place

PAGE = "---\ndescription: d\n---\n# T\n\nSee [a](nothing.md) and [b](loss.md#x).\n\n![c](c.png)\n"
LINK = "Doc file 'deep/a.md' contains a link '{}', but the target is not found among documentation files."


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
