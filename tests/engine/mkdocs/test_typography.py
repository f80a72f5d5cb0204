"""Finishing touches on a page's HTML."""

from __future__ import annotations

import pytest

from book_engine.mkdocs.typography import chinese_marked, numbered, unbroken


def test_the_first_heading_bears_the_number():
    assert numbered('<h1 id="a">A</h1><h1>B</h1>', 4) == (
        '<h1 id="a"><span class="chapter-number">4</span> A</h1><h1>B</h1>')


def test_a_name_does_not_break_at_its_hyphen():
    assert unbroken("Hung-yi Lee, one-hot") == "Hung\u2011yi Lee, one-hot"


@pytest.mark.parametrize(("html", "marked"), [
    ("<p>the 高斯梯度法, once</p>", '<p>the <span lang="zh">高斯梯度法</span>, once</p>'),
    ("<p>a 强化学习（笔记）b</p>", '<p>a <span lang="zh">强化学习（笔记</span>）b</p>'),
    ('<p><span lang="zh">都</span> <code>都</code></p>', None), ("<svg><text>都</text></svg>", None),
    ('<p title="都">a<br>b</p>', None), ("<p>plain</p>", None),
    ("<code>x</code> 都", '<code>x</code> <span lang="zh">都</span>')])
def test_chinese_words_bear_their_language(html: str, marked: str | None):
    assert chinese_marked(html) == (marked or html)
