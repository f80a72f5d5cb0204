"""Which page gets which picture for other sites, and that a picture is drawn once."""

from __future__ import annotations

from pathlib import Path

import pytest

from book_engine.book import site_files
from book_engine.book.book import Prepared
from book_engine.run.cache import Cache
from book_engine.run.output import Output
from book_engine.run.results import Failure, Result
from book_engine.source.page import read_page

PAGE = """# Page {{#a}}

```python
--8<-- "a.py:s"
```

```{{.python alt="{first} | {second}"}}
--8<-- "a.py:s"
```
"""


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    """A chapter and a lab that draw two figures each in their second block, and a page that draws none."""
    (tmp_path / "a.py").write_text("# --8<-- [start:s]\n1\n# --8<-- [end:s]\n", "utf-8")
    made = Prepared()
    for language, texts in (("zh", ("一条线", "一个点")), ("en", ("A line", "A dot"))):
        for name in ("loss", "labs/one", "symbols"):
            path = f"docs/{language}/{name}.md"
            text = "# Page {#a}\n" if name == "symbols" else PAGE.format(first=texts[0], second=texts[1])
            made.pages[path] = read_page(text, tmp_path, path)
            blocks = [Output(), Output(figures=[f"line of {name}", "dot"])]
            made.results[path] = Result(blocks if name != "symbols" else [], {})
    return made


def test_each_page_shows_its_first_figure(prepared, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(site_files.picture, "card_of", lambda svg, mark: drawn.append(svg) or f"{svg}, {mark}".encode())
    cache = Cache(tmp_path / "cache")
    expected = {"assets/cards/loss.png": b"line of loss, mark", "assets/cards/labs/one.png": b"line of labs/one, mark"}
    figures = site_files.first_figures(prepared, "zh")
    assert site_files.card_files(site_files.first_figures(prepared, "en"), "mark", cache) == expected
    assert site_files.card_files(figures, "mark", cache) == expected
    assert len(drawn) == 2, "each once, then from the cache"
    site_files.card_files(figures, "another mark", cache)
    assert len(drawn) == 4
    assert {name: alt for name, (_, alt) in figures.items()} == {"loss": "一条线", "labs/one": "一条线"}


def test_a_page_that_failed_before_its_figure_has_none(prepared):
    prepared.results["docs/en/loss.md"] = Result([], {}, Failure(0, None, "", None))
    assert set(site_files.first_figures(prepared, "en")) == {"labs/one"}
