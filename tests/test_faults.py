"""Each bad input against a small site: a message that names file and line, and nothing lost.

Most faults are put into one book, one per chapter, because a build names everything that is wrong at once.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
DRAW = 'print("drawn")'
FENCE = '```{.python alt="A rising line"}'
LOOP = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"

# Chapter -> what is written instead of the block's last line, and what the message says of it.
BLOCKS = {
    "exception": ("1 / 0", "ZeroDivisionError: division by zero"),
    "syntax": ("if x", "SyntaxError"),
    "system-exit": ("raise SystemExit", "SystemExit"),
    "output": ("print('x' * 50_000_000)", "64 KiB"),
    "warning": ("import warnings\nwarnings.warn('old')", "UserWarning: old"),
    "stderr": ("import sys\nprint('oops', file=sys.stderr)", "oops"),
    "network": ("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')", "network"),
    "process": ("import subprocess\nsubprocess.run(['true'])", "process"),
    "address": ("object()", "memory address"),
    "import": ("import pytest", "pytest"),
    "dies": ("import os\nos._exit(3)", "exit status 3"),
    "endless": (LOOP, "longer than its limit of 0.4 s"),
    "figure": ("fig = plt.figure()", "2 figure(s)"),
    "heavy-figure": ("ax.plot(np.random.default_rng(0).random(60_000));", "150 KB"),
}

# Chapter -> (text in both pages, what stands there instead, what the message says).
PAGES = {
    "no-file": ('no_file.py:draw"', 'no_fiel.py:draw"', "no snippet file snippets/no_fiel.py. Did you mean 'no_file.py'?"),
    "no-section": ('no_section.py:draw"', 'no_section.py:drew"', "no section 'drew'"),
    "outside": ('outside.py:draw"', '../mkdocs.yml:draw"', "outside snippets/"),
    "option": (FENCE, FENCE.replace("alt", "alr"), "unknown option 'alr'. Did you mean 'alt'?"),
    "no-alt": (FENCE, "```python", "draws 1 figure(s), its alt= describes 0"),
    "no-raise": (FENCE, "```{.python raises=TypeError}", "ran to its end; expected it to raise TypeError"),
    "literal": ('--8<-- "literal.py:draw"', "x = 1", "one include"),
    "expression": ('f"{total:.1f}"', "totl", "NameError: name 'totl' is not defined"),
    "statement": ('f"{total:.1f}"', "total = 2", "not a Python expression"),
    "open-fence": ("```\n\n///\n", "\n", "never ends"),
    "front-matter": ("description: A page", "description: A: page", "not YAML"),
    "no-description": ("description:", "title:", "no description"),
    "label": (r"\label{label}", r"\label{exception}", r"\label{exception} is given twice"),
    "bad-label": (r"\label{bad-label}", r"\label{Bad}", "makes no anchor"),
}

CHAPTERS = (*BLOCKS, *PAGES)


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
    """A book of one good chapter and one with each fault: what its build says, before and after, the lines of the faults."""
    site = make_site(tmp_path_factory.mktemp("faults") / "book", (*CHAPTERS, "good"))
    done = site.build()
    assert done.returncode == 0, done.stdout
    site.before, site.sound = tree(site.root / "site"), tree(site.root / "docs") | tree(site.root / "snippets")
    sources = {file: file.read_bytes() for name in ("docs", "snippets") for file in (site.root / name).rglob("*")
               if file.suffix in (".md", ".py")}
    site.lines = {}
    for chapter, (code, _) in BLOCKS.items():
        site.lines[chapter] = site.edit(snippet(chapter), DRAW, code)
    for language in ("zh", "en"):
        for chapter, (old, new, _) in PAGES.items():
            site.lines[chapter] = site.edit(f"docs/{language}/{chapter}.md", old, new)
        site.fence = site.edit(f"docs/{language}/endless.md", FENCE, FENCE.replace("alt", "timeout=0.4 alt"))
    site.said = site.build()
    site.after = tree(site.root / "site")
    for file, content in sources.items():
        file.write_bytes(content)
    return site


def test_the_build_fails(broken):
    assert broken.said.returncode == 1
    assert "Traceback" not in broken.said.stdout


@pytest.mark.parametrize("chapter", BLOCKS)
def test_fault_in_a_block(broken, chapter):
    """Page and line, block, snippet and line, section, and what happened: for both twins."""
    expected = BLOCKS[chapter][1]
    for language in ("zh", "en"):
        said = re.search(rf"^.*docs/{language}/{chapter}\.md:(\d+): (.*(?:\n(?!docs/|ERROR|snippets/).*)*)", broken.said.stdout, re.M)
        assert said, broken.said.stdout
        assert int(said[1]) == broken.fence
        assert expected in said[2]
        if "figure" not in chapter:
            place = re.search(rf"{re.escape(snippet(chapter))}:(\d+), section 'draw'", said[2])
            assert place, said[2]
            begin, end = broken.lines[chapter] - 4, broken.lines[chapter] + BLOCKS[chapter][0].count("\n")
            assert begin <= int(place[1]) <= end


@pytest.mark.parametrize("chapter", PAGES)
def test_fault_in_a_page(broken, chapter):
    for language in ("zh", "en"):
        said = re.findall(rf"docs/{language}/{chapter}\.md:(\d+): (.*)", broken.said.stdout)
        assert any(PAGES[chapter][2] in message for _, message in said), broken.said.stdout
        near = 1 if chapter in ("no-description", "literal", "no-file", "no-section", "outside", "open-fence") else 0
        assert all(abs(int(line) - broken.lines[chapter]) <= near for line, _ in said), (said, broken.lines[chapter])


def test_no_word_about_the_good_chapter(broken):
    assert "good.md" not in broken.said.stdout.replace("Ran docs/zh/good.md", "").replace("docs/en/good.md", "")


def test_nothing_is_lost(broken):
    """The site from before stands as it was, and the results of what is sound are still there."""
    assert broken.after == broken.before
    assert tree(broken.root / "docs") | tree(broken.root / "snippets") == broken.sound
    done = broken.build()
    assert done.returncode == 0, done.stdout
    assert set(executed(broken).values()) == {0}
    assert tree(broken.root / "site") == broken.before


# What can be seen only when pages are rendered: (file, old text, new text, what the message says).
RENDERED = {
    "formula": ("docs/en/loss.md", "$x^2$", r"$\frac{x$", "formula cannot be set"),
    "display formula": ("docs/en/loss.md", "w x + b", r"w x + \nosuch b", "formula cannot be set"),
    "reference": ("docs/zh/loss.md", r"\eqref{loss}", r"\eqref{los}", r"\eqref{los} refers to no equation"),
    "link": ("docs/en/loss.md", "See ", "See [it](nothing.md) ", "nothing.md"),
    "anchor": ("docs/zh/loss.md", "See ", "See [it](gradient-descent.md#nowhere) ", "#nowhere"),
    "own anchor": ("docs/en/loss.md", "See ", "See [it](#nowhere) ", "#nowhere"),
    "image": ("docs/en/loss.md", "See ", "See ![it](nothing.png) ", "nothing.png"),
    "other language": ("docs/en/loss.md", "See ", "See [it](../zh/loss.md) ", "../zh/loss.md"),
    "absolute link": ("docs/en/loss.md", "See ", "See [it](/en/loss/) ", "/en/loss/"),
    "value in a formula": ("docs/en/loss.md", "$x^2$", "$x^`{python} 2`$", "formula"),
}


@pytest.mark.parametrize("fault", RENDERED)
def test_fault_in_rendering(warm_site, fault):
    file, old, new, expected = RENDERED[fault]
    before = tree(warm_site.root / "site")
    line = warm_site.edit(file, old, new)
    done = warm_site.build()
    assert done.returncode == 1 and "Traceback" not in done.stdout, done.stdout
    assert any(f"{file}:{line}" in said and expected in said for said in done.stdout.splitlines()), done.stdout
    assert tree(warm_site.root / "site") == before
    assert not list(warm_site.root.glob(".site-*"))


@pytest.mark.parametrize("missing", ["docs/en/loss.md", "docs/zh/index.md"])
def test_page_without_its_twin(warm_site, missing):
    before = tree(warm_site.root / "site")
    (warm_site.root / missing).unlink()
    done = warm_site.build()
    twin = missing.replace("/en/", "/??/").replace("/zh/", "/en/").replace("/??/", "/zh/")
    assert done.returncode == 1 and f"{twin}: no twin: expected {missing}" in done.stdout
    assert tree(warm_site.root / "site") == before


@pytest.mark.parametrize(("file", "content", "said"), [
    ("docs/en/loss.md", b"---\ndescription: x\n---\n# caf\xe9\n", "docs/en/loss.md:4:"),
    ("snippets/loss.py", b"x = 1\n# caf\xe9\n", "snippets/loss.py:2:"),
    ("snippets/loss.py", b"# --8<-- [start:imports]\nx\n", "snippets/loss.py:1: section 'imports' has no end"),
    ("docs/assets/figures.mplstyle", b"lines.linewidht: 2\n", "lines.linewidht"),
    ("pyproject.toml", b"[tool.book]\npackages = ['numpyy']\n", "pyproject.toml: the package 'numpyy' is not installed"),
    ("pyproject.toml", b"[tool.book\n", "pyproject.toml"),
])
def test_broken_files(warm_site, file, content, said):
    before = tree(warm_site.root / "site")
    (warm_site.root / file).write_bytes(content)
    done = warm_site.build()
    assert done.returncode == 1 and said in done.stdout and "Traceback" not in done.stdout, done.stdout
    assert tree(warm_site.root / "site") == before


def test_a_page_outside_the_nav(warm_site):
    for language in ("zh", "en"):
        warm_site.write(f"docs/{language}/stray.md", "---\ndescription: Stray.\n---\n# Stray {#stray}\n")
    done = warm_site.build()
    assert done.returncode == 1 and "stray.md" in done.stdout


def test_a_nav_entry_without_a_page(warm_site):
    warm_site.edit("mkdocs.yml", "      - loss.md\n", "      - loss.md\n      - ghost.md\n")
    done = warm_site.build()
    assert done.returncode == 1 and "ghost.md" in done.stdout


@pytest.mark.parametrize("blocked", [".cache", ".cache/results"])
def test_cache_that_is_not_a_folder(warm_site, blocked):
    """Stands for a read-only one too: the tests may run as root, whom no permission stops."""
    before = tree(warm_site.root / "site")
    shutil.rmtree(warm_site.root / blocked)
    warm_site.write(blocked, "in the way")
    warm_site.edit("snippets/loss.py", "x**2", "x**3")
    done = warm_site.build()
    assert done.returncode == 1 and ".cache" in done.stdout and "BOOK_CACHE=off" in done.stdout, done.stdout
    assert "Traceback" not in done.stdout
    assert tree(warm_site.root / "site") == before
    done = warm_site.build(BOOK_CACHE="off")
    assert done.returncode == 0, done.stdout
    assert (warm_site.root / blocked).read_text() == "in the way"


DAMAGE = {
    "truncated": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "zeros": lambda data: bytes(len(data)),
    "one byte changed": lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
    "text changed": lambda data: data.replace(b"drawn", b"drown").replace(b"md-", b"mx-"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_cache(warm_site, damage):
    """Whatever became of every file in it, the build is right and mends it."""
    before = tree(warm_site.root / "site")
    files = [file for file in (warm_site.root / ".cache").rglob("*") if file.is_file()]
    assert len(files) >= 2
    for file in files:
        file.write_bytes(DAMAGE[damage](file.read_bytes()))
    done = warm_site.build()
    assert done.returncode == 0 and "Traceback" not in done.stdout, done.stdout
    assert tree(warm_site.root / "site") == before
    done = warm_site.build()
    assert done.returncode == 0 and set(executed(warm_site).values()) == {0}


def test_half_written_cache(warm_site):
    """What a build that was killed while writing leaves: a file under another name. It harms nothing."""
    results = warm_site.root / ".cache/results/v1"
    assert results.is_dir()
    scrap = warm_site.write(".cache/results/v1/new-abc.tmp", "half")
    done = warm_site.build()
    assert done.returncode == 0 and set(executed(warm_site).values()) == {0} and scrap.exists()
