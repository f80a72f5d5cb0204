"""The words of the generated parts of the reference pages, in both languages, and the order of Chinese ones. Pure."""

from __future__ import annotations

import bisect

WORDS = {
    "zh": {
        "scalar": "标量", "vector": "向量", "matrix": "矩阵", "set": "集合", "function": "函数", "operator": "运算",
        "index": "下标", "number": "常数", "random variable": "随机变量", "distribution": "分布",
        "shape": "形状 {}", "numpy": "代码里写作 `{}`", "comma": "，", "semicolon": "；", "list": "、", "stop": "。",
        "lee": "李宏毅：{}", "ng": "吴恩达：{}", "cs224w": "CS224W：{}",
        "row": "笔记符号表第 {} 行", "used": "用于：{}", "unused": "本书的公式里没有用到",
        "topics": "重写的主题", "questions": "解答的问题", "errata": "改正的错误",
        "colon": "：", "cited": "引用于：{}", "nothing": "docs/data 还没有把笔记的主题放到这一页",
        "number of a topic": "编号", "topic": "主题", "where": "书中位置",
        "number of topics": "{} 个主题：",
        "section": "{page}：{section}", "named": "{}（{}）", "see": "另见 {}。",
        "clarification": "说明。", "jumps": "按字母跳转",
        "original": "原题“{}”", "author": "作者署名 {}", "date": "日期 {}", "address": "网址 <{}>",
        "no author": "作者", "no date": "日期", "no address": "网址", "or": "、",
        "silent": "我们手里的副本没有留下它的{}。",
    },
    "en": {
        "scalar": "scalar", "vector": "vector", "matrix": "matrix", "set": "set", "function": "function",
        "operator": "operator", "index": "index", "number": "constant", "random variable": "random variable",
        "distribution": "distribution",
        "shape": "shape {}", "numpy": "`{}` in the code", "comma": ", ", "semicolon": "; ", "list": ", ", "stop": ".",
        "lee": "Lee: {}", "ng": "Ng: {}", "cs224w": "CS224W: {}",
        "row": "row {} of the notes' table", "used": "Used in: {}", "unused": "Not used by this book's formulas",
        "topics": "topics rebuilt", "questions": "questions answered",
        "errata": "errors corrected", "colon": ": ",
        "cited": "Cited in: {}", "nothing": "docs/data gives this page no topic of the notes yet",
        "number of a topic": "No.", "topic": "Topic", "where": "Where in this book",
        "number of topics": "{} topics:",
        "section": "{page}: {section}", "named": "{} ({})", "see": "See also {}.",
        "clarification": "Clarification.", "jumps": "Jump to a letter",
        "original": "Its own title: {}", "author": "signed {}", "date": "dated {}", "address": "at <{}>",
        "no author": "author", "no date": "date", "no address": "address", "or": " or ",
        "silent": " Our copy names no {}.",
    },
}


def alphabetical(term: str) -> bytes:
    """Terms by their letters, Chinese ones by pinyin, the order of the common characters in GB 2312. For a rarer
    character the entry names a common one of the same reading, `sorted_as`."""
    return (initial(term) + term.casefold()).encode("gb18030")


# The first of the common characters of GB 2312 under each letter of pinyin.
_FIRST = dict(zip("啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝", "ABCDEFGHJKLMNOPQRSTWXYZ", strict=True))
_BOUNDS = sorted((first.encode("gb18030"), letter) for first, letter in _FIRST.items())


def initial(term: str) -> str:
    """The letter under which a term stands: its own, or that of its pinyin."""
    if term[0].isascii():
        return term[0].upper()
    return _BOUNDS[bisect.bisect(_BOUNDS, (term[0].encode("gb18030"), "~")) - 1][1]
