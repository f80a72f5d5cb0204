"""A page cut into prose and code, with the blocks around each."""

from __future__ import annotations

import pytest

from book_engine.notebook.cells import Code, pieces_of
from book_engine.source.page import read_page

FENCE = '```python\n--8<-- "a.py:s"\n```'


@pytest.fixture
def cut(tmp_path):
    (tmp_path / "a.py").write_text("# --8<-- [start:s]\n1\n# --8<-- [end:s]\n", "utf-8")

    def cut(text: str) -> list[tuple[list[str], object]]:
        """Each piece: the blocks around it, and its lines or its block's index."""
        pieces = pieces_of(read_page(text, tmp_path), text, text.split("\n"))
        return [([frame.name for frame in piece.frames],
                 piece.index if isinstance(piece, Code) else "\n".join(piece.lines).strip("\n")) for piece in pieces]

    return cut


def test_prose_and_code(cut):
    assert cut(f"---\na: b\n---\n# T\n\none\n\n{FENCE}\n\n{FENCE}\n\ntwo") == [
        ([], "# T\n\none"), ([], 0), ([], 1), ([], "two")]


def test_blocks_around_pieces(cut):
    text = f"/// details | Solution\n    type: solution\n\nbefore\n\n{FENCE}\n\nafter\n///\n\n/// note\nN\n///\nend"
    assert cut(text) == [
        (["details"], "before"), (["details"], 0), (["details"], "after"), (["note"], "N"), ([], "end")]


def test_title_and_type(tmp_path):
    text = "/// details | The $x$ | y\n    type: hint\n    open: true\n\ntext\n///\n/// tip\nt\n///"
    found = [piece.frames for piece in pieces_of(read_page(text, tmp_path), text, text.split("\n"))]
    said = [[(mark.line, mark.name, mark.title, mark.type) for mark in frames] for frames in found]
    assert said == [[(1, "details", "The $x$ | y", "hint")], [(7, "tip", "", "")]]


def test_nested_blocks(cut):
    assert cut("//// note | N\none\n\n/// tip | T\ntwo\n///\n\nthree\n////\nfour") == [
        (["note"], "one"), (["note", "tip"], "two"), (["note"], "three"), ([], "four")]


def test_two_blocks_of_one_name_are_two_pieces(cut):
    assert cut("/// note | A\none\n///\n/// note | A\ntwo\n///") == [(["note"], "one"), (["note"], "two")]


def test_marks_in_a_fence_are_text(cut):
    text = "```text\n/// note\n///\n```\nafter"
    assert cut(text) == [([], text)]


def test_a_closing_line_that_closes_nothing_is_text(cut):
    assert cut("///\ntext") == [([], "///\ntext")]


def test_indented_lines_that_are_no_options(cut):
    assert cut("/// note | N\n\n    code: 1\n///") == [(["note"], "    code: 1")]


def test_after_a_fence_in_a_list_item_the_item_goes_on_as_text(cut):
    indented = "\n".join(f"    {line}" for line in FENCE.split("\n"))
    assert cut(f"* item\n\n{indented}\n\n    goes on\n\n    and on\n\n* next") == [
        ([], "* item"), ([], 0), ([], "goes on\n\nand on\n\n* next")]
