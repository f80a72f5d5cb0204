"""The buttons below each block of a page whose code can be run there: assets/blocks.js hears them.

They come with the page, for making them in the reader's browser delays a phone by 0.1 s. Without scripts none is seen.
"""

from __future__ import annotations

import re
from itertools import count

_CODE = re.compile(r'<div class="highlight cell-code"><pre>.*?</pre>', re.DOTALL)
WORDS = {"zh": ("运行", "修改", "，第 {} 块"), "en": ("Run", "Edit", ", block {}")}


def with_bars(html: str, language: str) -> str:
    run, edit, of = WORDS[language]
    numbers = count(1)

    def barred(code: re.Match[str]) -> str:
        block = of.format(next(numbers))
        return (f'{code[0]}<div class="cell-bar">'
                f'<button type="button" class="run" aria-label="{run}{block}" title="Ctrl+Enter">{run}</button>'
                f'<button type="button" class="edit" aria-label="{edit}{block}">{edit}</button></div>')

    return _CODE.sub(barred, html)
