"""The book on disk: sources, twins, labels and runs brought together, errors collected, numbers for build.json."""

from __future__ import annotations

import json

import pytest

from book_engine.book.book import Book, missing_twins, open_cache, prepare, statistics
from book_engine.run.cache import Cache
from book_engine.source.errors import BookError

PAGE = """---
description: d
---
# T {{#t}}

```python
--8<-- "{file}:one"
```

{text}
"""


class Shelf:
    """A book in a folder, without MkDocs."""

    def __init__(self, root, pool) -> None:
        self.root, self.pool, self.book = root, pool, Book(root)

    def page(self, name: str, text: str = "", file: str = "a.py", languages=("zh", "en")) -> None:
        for language in languages:
            self.write(f"docs/{language}/{name}.md", PAGE.format(text=text, file=file))

    def write(self, path: str, text: str | bytes) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())

    def prepare(self, chapters=("a", "b"), enabled=False):
        return prepare(self.book, ["zh", "en"], list(chapters), Cache(self.root / ".cache", enabled), self.pool)

    def errors(self) -> list[str]:
        return [str(error) for error in self.prepare().errors]


@pytest.fixture
def shelf(tmp_path, pool):
    shelf = Shelf(tmp_path, pool)
    shelf.write("snippets/a.py", "# --8<-- [start:one]\nx = 6\nx * 7\n# --8<-- [end:one]\n")
    return shelf


def test_prepare(shelf):
    shelf.page("a", "`{python} x`")
    shelf.page("b", "$$ y \\label{second} $$")
    prepared = shelf.prepare()
    assert prepared.errors == []
    assert sorted(prepared.results) == ["docs/en/a.md", "docs/en/b.md", "docs/zh/a.md", "docs/zh/b.md"]
    assert prepared.results["docs/en/a.md"].blocks[0].value == "42"
    assert prepared.labels["zh"]["second"].number == "2.1"


def test_pages_in_folders(shelf):
    shelf.page("deep/er/a")
    assert "docs/zh/deep/er/a.md" in shelf.prepare().results
    assert list(statistics(shelf.book, shelf.prepare(), 1.0)["chapters"]) == ["deep/er/a"]


def test_all_errors_at_once(shelf):
    """One build names everything that is wrong, so that nobody mends one mistake per build."""
    shelf.write("snippets/bad.py", "# --8<-- [start:one]\n1 / 0\n# --8<-- [end:one]\n")
    shelf.write("snippets/open.py", "# --8<-- [start:one]\n")
    shelf.page("a", file="bad.py")
    shelf.page("b", file="nothing.py")
    shelf.page("c", file="open.py")
    shelf.page("d", languages=["en"])
    shelf.page("e", "`{python} y`")
    shelf.write("docs/en/f.md", "no front matter")
    shelf.write("docs/zh/f.md", "---\ndescription: [\n---\n")
    shelf.page("g", "$$ y \\label{one} $$\n\n$$ z \\label{one} $$")
    said = "\n".join(shelf.errors())
    for expected in ["docs/en/a.md:6: block 1 (snippets/bad.py:2, section 'one'): ZeroDivisionError",
                     "docs/zh/a.md:6: block 1", "docs/en/b.md:6: no snippet file snippets/nothing.py",
                     "snippets/open.py:1: section 'one' has no end", "docs/en/d.md: no twin: expected docs/zh/d.md",
                     "docs/zh/e.md:10: inline expression `y`: NameError", "docs/en/f.md:1: no front matter",
                     "docs/zh/f.md:2: front matter that is not YAML", "\\label{one}"]:
        assert expected in said


def test_failing_expression_of_one_twin_is_said_once(shelf):
    shelf.page("a", "`{python} x`", languages=["zh"])
    shelf.page("a", "\n`{python} y`", languages=["en"])
    error, = shelf.errors()
    assert error.startswith("docs/en/a.md:11: inline expression `y`: NameError")


def test_twins_of_different_code_run_each(shelf):
    """Parity is checked elsewhere; until it is mended, no page shows the other's results."""
    shelf.write("snippets/b.py", "# --8<-- [start:one]\n'other'\n# --8<-- [end:one]\n")
    shelf.page("a", languages=["zh"])
    shelf.page("a", file="b.py", languages=["en"])
    results = shelf.prepare().results
    assert [results[f"docs/{language}/a.md"].blocks[0].value for language in ("zh", "en")] == ["42", "'other'"]


@pytest.mark.parametrize(("front", "said"), [
    ("---\ndescription: [a\n---\n# T\n", ":2: front matter that is not YAML"),
    ("---\ndescription: a: b\n---\n# T\n", ":2: front matter that is not YAML"),
    ("---\n- a\n---\n# T\n", ":2: front matter that is not 'key: value'"),
    ("---\ntitel: x\n---\n# T\n", ":2: unknown key 'titel' in the front matter. Did you mean 'title'?"),
    ("---\ndescription: x\nsearch: 2\n---\n# T\n", ":3: front matter 'search' is 2; expected a number above 0"),
    ("---\ndescription: x\nsearch: {boost: -1}\n---\n# T\n", ":3: front matter 'search'"),
    ("---\ndescription: x\nsearch: {bost: 1}\n---\n# T\n", ":3: front matter 'search'"),
    ("---\ntitle: x\n---\n# T\n", ":1: no description"),
    ("---\ndescription:\n---\n# T\n", ":1: no description"),
    ("---\ndescription: [a, b]\n---\n# T\n", ":1: no description"),
    ("---\ndescription: 3\n---\n# T\n", ":1: no description"),
    ("---\n---\n# T\n", ":"),
    ("---\ndescription: x\n# T\n", ":1: no front matter"),
    ("# T\n", ":1: no front matter"),
    ("", ":1: no front matter"),
    (b"---\ndescription: x\n---\n\n# \xe9\n", ":5:"),
    ("---\ndescription: \x07\n---\n", ":"),
])
def test_front_matter(shelf, front, said):
    shelf.page("b", languages=["zh", "en"])
    shelf.write("docs/zh/a.md", front)
    shelf.page("a", languages=["en"])
    error, = shelf.errors()
    assert error.startswith(f"docs/zh/a.md{said}")


def test_front_matter_with_a_byte_order_mark(shelf):
    """As some editors on Windows write it; MkDocs reads it, so the engine does."""
    shelf.page("a")
    file = shelf.root / "docs/en/a.md"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert shelf.errors() == []


def test_missing_twins():
    class Named:
        def __init__(self, page, path):
            self.page, self.path = page, path

    errors = missing_twins({"zh": [Named("a", "docs/zh/a.md"), Named("b", "docs/zh/b.md")],
                            "en": [Named("a", "docs/en/a.md"), Named("bb", "docs/en/bb.md")]})
    assert sorted(str(error).split(".", 1)[0] + ".md" for error in errors) == ["docs/en/bb.md", "docs/zh/b.md"]
    assert all("Did you mean" in str(error) for error in errors)


def test_no_pages_at_all(shelf):
    assert shelf.prepare().errors == [] and shelf.prepare().results == {}


def test_statistics(shelf):
    shelf.page("a")
    shelf.page("b", "only text", file="a.py")
    shelf.page("c")
    (shelf.root / "docs/en/c.md").write_text("---\ndescription: d\n---\n# C\n")
    (shelf.root / "docs/zh/c.md").write_text("---\ndescription: d\n---\n# C\n")
    first = statistics(shelf.book, shelf.prepare(enabled=True), 1.23456)
    assert (first["blocks"], first["executed"], first["cached"], first["seconds"]) == (2, 2, 0, 1.235)
    assert list(first["chapters"]) == ["a", "b"], "pages without blocks are no chapters; twins count once"
    second = statistics(shelf.book, shelf.prepare(enabled=True), 1)
    assert (second["blocks"], second["executed"], second["cached"]) == (2, 0, 2)
    assert set(second["chapters"]["a"]) == {"blocks", "executed", "cached", "seconds"}
    assert {"Python", "NumPy", "matplotlib"} <= set(second["versions"])
    json.dumps(second)


def test_one_block_changed(shelf):
    """Only its chapter runs again."""
    shelf.write("snippets/b.py", "# --8<-- [start:one]\n1\n# --8<-- [end:one]\n")
    shelf.page("a")
    shelf.page("b", file="b.py")
    shelf.prepare(enabled=True)
    shelf.write("snippets/b.py", "# --8<-- [start:one]\n2\n# --8<-- [end:one]\n")
    cached = {path: result.cached for path, result in shelf.prepare(enabled=True).results.items()}
    assert cached == {"docs/zh/a.md": True, "docs/en/a.md": True, "docs/zh/b.md": False, "docs/en/b.md": False}


@pytest.mark.parametrize(("text", "expected"), [
    ("[tool.book]\npackages = ['numpy']\n", {"numpy"}), ("", {"numpy", "matplotlib"}),
    ("[tool.other]\n", {"matplotlib"})])
def test_packages_from_pyproject(tmp_path, text, expected):
    (tmp_path / "pyproject.toml").write_text(text)
    assert expected <= set(Book(tmp_path).packages)
    assert ("pillow" in Book(tmp_path).packages) == ("matplotlib" in expected)


def test_packages_without_pyproject(tmp_path):
    assert {"numpy", "matplotlib"} <= set(Book(tmp_path).packages)


def test_open_cache(tmp_path, monkeypatch):
    (tmp_path / ".cache").write_text("in the way")
    with pytest.raises(BookError, match="BOOK_CACHE=off"):
        open_cache(Book(tmp_path))
    monkeypatch.setenv("BOOK_CACHE", "off")
    assert not open_cache(Book(tmp_path)).enabled
