"""The words of the generated parts of the reference pages, in both languages."""

from __future__ import annotations

WORDS = {
    "zh": {
        "scalar": "标量", "vector": "向量", "matrix": "矩阵", "set": "集合", "function": "函数", "operator": "运算",
        "index": "下标", "number": "常数", "random variable": "随机变量", "distribution": "分布",
        "shape": "形状 {}", "numpy": "代码里写作 `{}`", "comma": "，", "semicolon": "；", "list": "、", "stop": "。",
        "lee": "李宏毅：{}", "ng": "吴恩达：{}", "cs224w": "CS224W：{}",
        "row": "笔记符号表第 {} 行", "used": "用于：{}", "unused": "本书的公式里没有用到",
        "planned": "尚未写成：{}", "topics": "重写的主题", "questions": "解答的问题", "errata": "改正的错误",
        "colon": "：", "cited": "引用于：{}", "nothing": "docs/data 还没有把笔记的主题放到这一页",
        "number of a topic": "编号", "topic": "主题", "where": "书中位置",
        "number of topics": "{all} 个主题，已写 {taught} 个，待写 {planned} 个。",
        "section": "{page}：{section}", "title": "《{}》",
    },
    "en": {
        "scalar": "scalar", "vector": "vector", "matrix": "matrix", "set": "set", "function": "function",
        "operator": "operator", "index": "index", "number": "constant", "random variable": "random variable",
        "distribution": "distribution",
        "shape": "shape {}", "numpy": "`{}` in the code", "comma": ", ", "semicolon": "; ", "list": ", ", "stop": ".",
        "lee": "Lee: {}", "ng": "Ng: {}", "cs224w": "CS224W: {}",
        "row": "row {} of the notes' table", "used": "Used in: {}", "unused": "Not used by this book's formulas",
        "planned": "Not written yet: {}", "topics": "topics rebuilt", "questions": "questions answered",
        "errata": "errors corrected", "colon": ": ",
        "cited": "Cited in: {}", "nothing": "docs/data gives this page no topic of the notes yet",
        "number of a topic": "No.", "topic": "Topic", "where": "Where in this book",
        "number of topics": "{all} topics: {taught} written, {planned} still to come.",
        "section": "{page}: {section}", "title": "{}",
    },
}
