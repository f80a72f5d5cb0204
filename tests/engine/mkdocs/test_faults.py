"""Each bad input against a small site: a message that names file and line, and nothing lost.

Most faults are put into one book, one per chapter, because a build names everything that is wrong at once.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

LOOP = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"

PAGE = """---
description: A page, in {language}.
---
# Page {{#{name}}}

```{{.python timeout=0.4}}
--8<-- "{file}.py:one"
```

The sum is `{{python}} total`.

/// note | Note
```python
--8<-- "{file}.py:two"
```
///

$$ y = x \\label{{{name}}} $$
"""
SNIPPET = """import os  # outside any section

# --8<-- [start:one]
total = 6.0
# --8<-- [end:one]

# --8<-- [start:two]
print("done")
# --8<-- [end:two]
"""
FIRST_FENCE, LINE = 6, 4  # where the code that is exchanged stands, in the page and in the snippet

# Chapter -> what is written instead of the first block, the line of it that is named, and what is said of it.
BLOCKS = {
    "exception": ("x = 1\n1 / 0", 2, "ZeroDivisionError: division by zero"),
    "syntax": ("x = 1\nif x\n    y = 2", 2, "SyntaxError"),
    "system-exit": ("raise SystemExit", 1, "SystemExit"),
    "output": ("x = 1\nprint('x' * 50_000_000)", 2, "64 KiB"),
    "warning": ("import warnings\nwarnings.warn('old')", 2, "UserWarning: old"),
    "stderr": ("import sys\nprint('oops', file=sys.stderr)", 1, "oops"),
    "network": ("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')", 2, "network"),
    "process": ("import subprocess\nsubprocess.run(['true'])", 2, "process"),
    "address": ("object()", 1, "memory address"),
    "import": ("import pytest", 1, "'pytest'"),
    "dies": ("import os\nos._exit(3)", 1, "exit status 3"),
    "endless": (LOOP, 1, "longer than its limit of 0.4 s"),
}

# Chapter -> (text in both pages, what stands there instead, the line that is named, what is said).
PAGES = {
    "no-file": ('no_file.py:two"', 'no_fiel.py:two"', 13,
                "no snippet file snippets/no_fiel.py. Did you mean 'no_file.py'?"),
    "no-section": ('no_section.py:two"', 'no_section.py:tow"', 13,
                   "no section 'tow' in snippets/no_section.py. Did you mean 'two'?"),
    "outside": ('outside.py:two"', '../mkdocs.yml:two"', 13, "outside snippets/"),
    "option": ("{.python timeout", "{.python timeuot", 6, "unknown option 'timeuot'. Did you mean 'timeout'?"),
    "no-raise": ("{.python timeout=0.4}", "{.python raises=TypeError}", 6,
                 "ran to its end; expected it to raise TypeError"),
    "literal": ('--8<-- "literal.py:two"', "x = 1", 13, "one include"),
    "expression": ("total`", "totl`", 10, "inline expression `totl`: NameError: name 'totl' is not defined"),
    "statement": ("total`", "total = 2`", 10, "not a Python expression"),
    "open-fence": ("```\n///\n", "///\n", 13, "never ends"),
    "quoted-fence": ("$$ y", "> ```python\n> x = 1\n> ```\n\n$$ y", 18, "python fence"),
    "commented": ('/// note | Note\n```python\n--8<-- "commented.py:two"\n```\n///',
                  '<!-- hidden\n```python\n--8<-- "commented.py:two"\n```\n-->', 13, "comment"),
    "front-matter": ("description: A page", "description: A: page", 2, "not YAML"),
    "no-description": ("description: A page, in", "title: A page, in", 1, "no description"),
    "unknown-key": ("description:", "descripton:", 2, "Did you mean 'description'?"),
    "label": (r"\label{label}", r"\label{exception}", 18, r"\label{exception} is given twice, first in docs/"),
}


def snippet(chapter: str) -> str:
    return f"snippets/{chapter.replace('-', '_')}.py"


def tree(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes()
            for file in sorted(folder.rglob("*")) if file.is_file() and file.name != "build.json"}


def executed(site) -> dict[str, int]:
    chapters = json.loads((site.root / "site/build.json").read_text("utf-8"))["chapters"]
    return {name: chapter["executed"] for name, chapter in chapters.items()}


@pytest.fixture(scope="module")
def broken(tmp_path_factory, make_site):
    """A book with one chapter for each fault: the site before, what a build of the broken book says, the site after."""
    chapters = (*BLOCKS, *PAGES)
    site = make_site(tmp_path_factory.mktemp("faults") / "book", chapters)
    for name in chapters:
        site.write(snippet(name), SNIPPET)
        for language in ("zh", "en"):
            text = PAGE.format(language=language, name=name, file=name.replace("-", "_"))
            site.write(f"docs/{language}/{name}.md", text)
            site.write(f"docs/{language}/index.md", "---\ndescription: Home.\n---\n# Home {#index}\n")
    done = site.build()
    assert done.returncode == 0, done.stdout
    site.before = tree(site.root / "site")
    sound = {file: file.read_bytes() for folder in ("docs", "snippets") for file in (site.root / folder).rglob("*")
             if file.suffix in (".md", ".py")}
    for name, (code, _, _) in BLOCKS.items():
        assert site.edit(snippet(name), "total = 6.0", code) == LINE
    for name, (old, new, _, _) in PAGES.items():
        for language in ("zh", "en"):
            site.edit(f"docs/{language}/{name}.md", old, new)
    site.done = site.build()
    site.after = tree(site.root / "site")
    for file, content in sound.items():
        file.write_bytes(content)
    return site


def messages(broken, language: str, chapter: str) -> list[tuple[int, str]]:
    """Line and text of what is said of a page; a message of several lines as one."""
    said = re.split(r"^(?=ERROR +-  |docs/|snippets/)", broken.done.stdout, flags=re.M)
    found = [re.match(rf"(?:ERROR +-  )?docs/{language}/{chapter}\.md:(\d+): (.*)", text, re.S) for text in said]
    return [(int(match[1]), match[2]) for match in found if match]


def test_the_build_fails(broken):
    assert broken.done.returncode == 1
    assert "Traceback" not in broken.done.stdout


@pytest.mark.parametrize("chapter", BLOCKS)
def test_fault_in_a_block(broken, chapter):
    """Page and line, snippet and line, section, and what happened: for both twins."""
    _, line, expected = BLOCKS[chapter]
    for language in ("zh", "en"):
        (page_line, message), = messages(broken, language, chapter)
        assert page_line == FIRST_FENCE
        assert f"block 1 ({snippet(chapter)}:{LINE + line - 1}, section 'one'): " in message
        assert expected in message


@pytest.mark.parametrize("chapter", PAGES)
def test_fault_in_a_page(broken, chapter):
    _, _, line, expected = PAGES[chapter]
    for language in ("zh", "en"):
        (found, message), = messages(broken, language, chapter)
        assert (found, expected in message) == (line, True), message


def test_nothing_is_lost(broken):
    """The site from before stands as it was, and the results of what is sound are still there."""
    assert broken.after == broken.before
    assert not list(broken.root.glob(".site-*"))
    done = broken.build()
    assert done.returncode == 0, done.stdout
    assert set(executed(broken).values()) == {0}
    assert tree(broken.root / "site") == broken.before


# What is seen only when pages are rendered. There a language's build ends at its first error: so one fault in each.
RENDERED = {
    "formula": [("docs/en/loss.md", "$x^2$", r"$\frac{x$", "formula cannot be set"),
                ("docs/zh/loss.md", r"\eqref{loss}", r"\eqref{los}", r"\eqref{los} refers to no equation")],
    "display": [("docs/zh/loss.md", "w x + b", r"w x + \nosuch b", "formula cannot be set"),
                ("docs/en/loss.md", "$x^2$", "$x^`{python} 2`$", "formula")],
    "links": [("docs/en/loss.md", "Before any", "[a](nothing.md) Before any", "'nothing.md'"),
              ("docs/en/loss.md", "The sum is", "[a](gradient-descent.md#nowhere) The sum is", "'#nowhere'"),
              ("docs/en/loss.md", "See ", "[a](#lost) See ", "'#lost'"),
              ("docs/en/gradient-descent.md", "Before any", "![a](nothing.png) Before any", "'nothing.png'"),
              ("docs/en/gradient-descent.md", "The sum is", "[a](/en/loss/) The sum is", "'/en/loss/'"),
              ("docs/zh/loss.md", "See ", "[a](../en/loss.md) See ", "'../en/loss.md'")],
}


@pytest.mark.parametrize("faults", RENDERED.values(), ids=RENDERED)
def test_faults_in_rendering(warm_site, faults):
    before = tree(warm_site.root / "site")
    lines = [warm_site.edit(file, old, new) for file, old, new, _ in faults]
    done = warm_site.build()
    assert done.returncode == 1 and "Traceback" not in done.stdout, done.stdout
    for (file, _, _, expected), line in zip(faults, lines, strict=True):
        assert any(f"{file}:{line}" in said and expected in said for said in done.stdout.splitlines()), done.stdout
    assert tree(warm_site.root / "site") == before
    assert not list(warm_site.root.glob(".site-*"))


def test_alternative_texts_and_label_names(warm_site):
    before = tree(warm_site.root / "site")
    fence = '```{.python alt="A rising line"}'
    line = warm_site.edit("docs/en/loss.md", fence, "```python")
    warm_site.edit("docs/zh/loss.md", "A rising line", "A rising line | Another")
    label = warm_site.edit("docs/zh/gradient-descent.md", "label{gradient-descent}", "label{Descent}")
    said = warm_site.build().stdout
    assert f"docs/en/loss.md:{line}: block 2 (section 'draw') draws 1 figure(s), its alt= describes 0" in said
    assert f"docs/zh/loss.md:{line}: block 2 (section 'draw') draws 1 figure(s), its alt= describes 2" in said
    assert f"docs/zh/gradient-descent.md:{label}: \\label{{Descent}} makes no anchor" in said
    assert tree(warm_site.root / "site") == before


def test_pages_without_twins(warm_site):
    before = tree(warm_site.root / "site")
    (warm_site.root / "docs/en/loss.md").unlink()
    (warm_site.root / "docs/zh/index.md").unlink()
    done = warm_site.build()
    assert done.returncode == 1
    assert "docs/zh/loss.md: no twin: expected docs/en/loss.md" in done.stdout
    assert "docs/en/index.md: no twin: expected docs/zh/index.md" in done.stdout
    assert tree(warm_site.root / "site") == before


@pytest.mark.parametrize("faults", [
    {"docs/en/loss.md": (b"---\ndescription: x\n---\n# caf\xe9\n", "docs/en/loss.md:4:"),
     "snippets/gradient_descent.py": (b"x = 1\n# caf\xe9\n", "snippets/gradient_descent.py:2:")},
    {"docs/assets/figures.mplstyle": (b"lines.linewidth: 2\nlines.linewidht: 2\n", "lines.linewidht")},
    {"pyproject.toml": (b"[tool.book\n", "pyproject.toml")},
], ids=["not UTF-8", "style", "pyproject"])
def test_broken_files(warm_site, faults):
    before = tree(warm_site.root / "site")
    for file, (content, _) in faults.items():
        (warm_site.root / file).write_bytes(content)
    done = warm_site.build()
    assert done.returncode == 1 and "Traceback" not in done.stdout, done.stdout
    assert all(said in done.stdout for _, said in faults.values()), done.stdout
    assert tree(warm_site.root / "site") == before


def test_pages_and_the_nav(warm_site):
    """A page that the nav does not name, and a name without a page."""
    for language in ("zh", "en"):
        warm_site.write(f"docs/{language}/stray.md", "---\ndescription: Stray.\n---\n# Stray {#stray}\n")
    warm_site.edit("mkdocs.yml", "      - loss.md\n", "      - loss.md\n      - ghost.md\n")
    done = warm_site.build()
    assert done.returncode == 1 and "stray.md" in done.stdout and "ghost.md" in done.stdout


def test_cache_that_is_not_a_folder(warm_site):
    """Stands for a read-only one too: the tests may run as root, whom no permission stops."""
    before = tree(warm_site.root / "site")
    shutil.rmtree(warm_site.root / ".cache")
    warm_site.write(".cache", "in the way")
    done = warm_site.build()
    assert done.returncode == 1 and ".cache" in done.stdout and "BOOK_CACHE=off" in done.stdout, done.stdout
    assert "Traceback" not in done.stdout
    assert tree(warm_site.root / "site") == before
    done = warm_site.build(BOOK_CACHE="off")
    assert done.returncode == 0, done.stdout
    assert tree(warm_site.root / "site") == before and (warm_site.root / ".cache").read_text() == "in the way"


DAMAGE = [
    lambda data: data[: len(data) // 2],
    lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
    lambda data: bytes(len(data)),
    lambda data: data.replace(b"drawn", b"drown").replace(b"md-", b"mx-").replace(b"wOF2", b"wOFF"),
    lambda data: b"",
]


@pytest.mark.parametrize("first", range(2))
def test_damaged_cache(warm_site, first):
    """Each file in it damaged in one of these ways, and a file half-written by a build that was killed: the site is
    right all the same, and the cache is mended."""
    before = tree(warm_site.root / "site")
    files = sorted(file for file in (warm_site.root / ".cache").rglob("*") if file.is_file())
    assert len(files) >= 2
    for number, file in enumerate(files, first):
        file.write_bytes(DAMAGE[number % len(DAMAGE)](file.read_bytes()))
    warm_site.write(".cache/results/v1/new-abc.tmp", "half")
    done = warm_site.build()
    assert done.returncode == 0 and "Traceback" not in done.stdout, done.stdout
    assert tree(warm_site.root / "site") == before
    assert set(executed(warm_site).values()) == {3}
    if first:
        done = warm_site.build()
        assert done.returncode == 0 and set(executed(warm_site).values()) == {0}
