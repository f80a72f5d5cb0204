"""Bold and italics as CommonMark reads them: markdown-it, which follows it to the letter, is the judge."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from book_engine.notebook.plain import mend_emphasis

COMMONMARK = MarkdownIt("commonmark")

SEEN_BY_ALL = ["**a** b", "**重点**：正文", "“**重点**”", "a *b* c", "正文**重点**正文", "**A.** B", "* item\n* item",
               "2 * 3 * 4", r"\*\*a。\*\*b", "**a\n\nb。**c", "a ** b ** c"]


@pytest.mark.parametrize("text", SEEN_BY_ALL)
def test_what_commonmark_reads_stays(text):
    assert mend_emphasis(text) == text


@pytest.mark.parametrize(("text", "tag", "inner"), [
    ("**重点：**正文", "strong", "重点："),
    ("正文**“重点”**正文", "strong", "“重点”"),
    ("**A.**B", "strong", "A."),
    ("正文*（重点）*正文", "em", "（重点）"),
    ("的**\ue0000\ue001**是", "strong", "\ue0000\ue001"),
    ("**两行\n的。**后", "strong", "两行\n的。"),
])
def test_what_it_does_not_read_becomes_html(text, tag, inner):
    assert "*" in COMMONMARK.renderInline(text.replace("\ue0000\ue001", "$x$")), "CommonMark reads it after all"
    mended = mend_emphasis(text)
    assert f"<{tag}>{inner}</{tag}>" in mended and "*" not in mended


def test_each_pair_by_itself():
    assert mend_emphasis("**好。**坏 **ok** *“x”*y") == "<strong>好。</strong>坏 **ok** <em>“x”</em>y"


@pytest.mark.parametrize("before", ["", " ", "字", "。", "（"])
@pytest.mark.parametrize("inner", ["字", "字。", "“字”", "（字"])
@pytest.mark.parametrize("after", ["", " ", "字", "。", "x"])
@pytest.mark.parametrize("mark", ["*", "**"])
def test_no_mark_is_left(before, inner, after, mark):
    """Every neighbour with every edge: mended or not, CommonMark then shows no star."""
    assert "*" not in COMMONMARK.renderInline(mend_emphasis(f"{before}{mark}{inner}{mark}{after}"))
