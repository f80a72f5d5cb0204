"""The words that a notebook has and its page has not, in both languages. `{…}` as in `str.format`."""

from __future__ import annotations

WORDS = {
    "zh": {
        "about": "这是[《{book}》](/index.md)第 {number} 章的 notebook 版，[网页版](/{page}.md)的内容与此相同。"
                 "请从上到下依次运行，用到的包只有 {packages}。下面的输出来自 {versions}。{licence}。",
        "about lab": "这是[《{book}》](/index.md)的一个实验，[网页版](/{page}.md)的内容与此相同。"
                     "请从上到下依次运行，用到的包只有 {packages}。空函数由你来写，解答的代码折叠着。"
                     "下面的输出来自 {versions}。{licence}。",
        "list": "、",
        "works": "；",
        "folded": "**{title}**（代码在下面折起的单元格里）",
        "folded too": "代码在下面折起的单元格里。",
        "continued": "{title}（续）",
        "caption": "**{prefix}**　{caption}",
        "moves": "网页版的这幅图可以拖动：把下面的 `{name}` 改成 {values}，再运行一次。",
        "question": "先猜一猜", "answer": "答案", "colon": "：",
        "note": "注意", "tip": "提示", "warning": "当心",
    },
    "en": {
        "about": "Chapter {number} of [{book}](/index.md) as a notebook; the same chapter [on the web](/{page}.md). "
                 "Run the cells from the top down; the packages they need are {packages}. The outputs below are those "
                 "of {versions}. {licence}.",
        "about lab": "A lab of [{book}](/index.md) as a notebook; the same lab [on the web](/{page}.md). Run the cells "
                     "from the top down; the packages they need are {packages}. The empty functions are yours to "
                     "write, the code of the solutions is folded. The outputs below are those of {versions}. "
                     "{licence}.",
        "list": ", ",
        "works": "; ",
        "folded": "**{title}** (the code is folded in the cell below)",
        "folded too": "The code is folded in the cell below.",
        "continued": "{title}, continued",
        "caption": "*{prefix}. {caption}*",
        "moves": "On the web this figure moves: set `{name}` below to {values} and run the cell again.",
        "question": "Before you read on", "answer": "Answer", "colon": ": ",
        "note": "Note", "tip": "Tip", "warning": "Warning",
    },
}
