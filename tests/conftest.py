"""Fixtures: the real site, built once per session, and small sites that tests may break."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

SMALL_PAGE = """---
description: A page of the small book, in {language}.
---
# Page {{#{page}}}

The sum is `{{python}} f"{{total:.1f}}"` after the run, and `{{python}} 1 + 1` before.

## First {{#first}}

```python
--8<-- "{file}:imports"
```

$$ \\hat{{y}} = w x + b \\label{{{label}}} $$

See \\eqref{{{label}}}.

```{{.python alt="A rising line"}}
--8<-- "{file}:draw"
```

/// figure-caption
A line, with $x^2$.
///

## Second {{#second}}

/// details | Solution
    type: solution

```python
--8<-- "{file}:last"
```

///
"""

SMALL_SNIPPET = """# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np

total = 6.0
# --8<-- [end:imports]

# --8<-- [start:draw]
x = np.arange(3.0)
fig, ax = plt.subplots()
ax.plot(x, x**2, label="square")
ax.legend()
print("drawn")
# --8<-- [end:draw]

# --8<-- [start:last]
x
# --8<-- [end:last]
"""


@dataclass(frozen=True)
class SmallSite:
    """A book of two chapters in a folder of its own, with this project's engine and theme."""

    root: Path

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="\n")
        return file

    def edit(self, path: str, old: str, new: str) -> int:
        """Replaces `old`, which must stand in the file; returns the line of its first occurrence."""
        file = self.root / path
        text = file.read_text("utf-8")
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def build(self, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """`mkdocs build` in this folder; standard output and error in one, as a reader of a terminal sees them."""
        return subprocess.run([sys.executable, "-m", "mkdocs", "build", *options], cwd=self.root, text=True,
                              encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=os.environ | {"NO_MKDOCS_2_WARNING": "1"} | environment, timeout=180)


def make_small_site(root: Path, chapters: tuple[str, ...] = ("loss", "gradient-descent")) -> SmallSite:
    """Pages at docs/<language>/<chapter>.md, code at snippets/<chapter>.py with - as _."""
    site = SmallSite(root)
    docs = ROOT / "docs"
    for folder in ("assets", "overrides"):
        shutil.copytree(docs / folder, root / "docs" / folder)
    shutil.copytree(docs / "hooks", root / "docs" / "hooks", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(docs / "conftest.py", root / "docs" / "conftest.py")
    shutil.copy(ROOT / "pyproject.toml", root / "pyproject.toml")
    config, nav = (ROOT / "mkdocs.yml").read_text("utf-8"), "".join(f"      - {name}.md\n" for name in chapters)
    before, rest = config.split("  - chapters:\n", 1)
    site.write("mkdocs.yml", f"{before}  - chapters:\n{nav}\n{rest[rest.index('extra:'):]}")
    shutil.copy(docs / "index.md", root / "docs" / "index.md")
    for language in ("zh", "en"):
        links = "\n".join(f"- [{name}]({name}.md#first)" for name in chapters)
        site.write(f"docs/{language}/index.md", f"---\ndescription: Home.\n---\n# Home {{#index}}\n\n{links}\n")
        for name in chapters:
            site.write(f"docs/{language}/{name}.md", SMALL_PAGE.format(
                language=language, page=name, label=name, file=f"{name.replace('-', '_')}.py"))
    for name in chapters:
        site.write(f"snippets/{name.replace('-', '_')}.py", SMALL_SNIPPET)
    return site


@pytest.fixture
def small_site(tmp_path: Path) -> SmallSite:
    return make_small_site(tmp_path / "book")


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the real site, built strictly from this checkout."""
    target = tmp_path_factory.mktemp("site") / "site"
    done = subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(target)], cwd=ROOT,
                          text=True, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
    assert done.returncode == 0, done.stdout
    return target
