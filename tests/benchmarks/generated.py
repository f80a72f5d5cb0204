"""Generated books: chapters with blocks that compute, print and draw, beside the same pages with their code shown and
not run ("execution off")."""

from __future__ import annotations

import shutil
from pathlib import Path

from conftest import SmallSite, make_small_site

from .measure import Row, measure_serve, median_build, report, touch

IMPORTS = """# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np
# --8<-- [end:imports]
"""
BLOCK = """
# --8<-- [start:block_{n}]
a_{n} = np.random.default_rng({n}).normal(size=({size}, {size}))
eigenvalues_{n} = np.linalg.eigvalsh(a_{n} @ a_{n}.T)
largest_{n} = eigenvalues_{n}[-1]
print(f"largest eigenvalue {{largest_{n}:.4f}}")
{figure}
# --8<-- [end:block_{n}]
"""
FIGURE = """fig, ax = plt.subplots()
ax.plot(eigenvalues_{n}, label="eigenvalues")
ax.legend()
fig.suptitle("spectrum")
print("drawn")"""
STEP = """
## Step {n} {{#step-{n}}}

The largest eigenvalue is what a step size must respect: with $\\eta < 2/\\lambda_{{\\max}}$ the step shrinks.

$$ \\lambda_{{\\max}} = \\max_{{\\lVert \\mathbf{{u}} \\rVert = 1}}
\\mathbf{{u}}^\\top \\mathbf{{A}} \\mathbf{{u}} \\label{{{page}-{n}}} $$

{fence}

By \\eqref{{{page}-{n}}} the value is {value}, and $\\hat{{y}} = \\sum_j w_j x_j + b$ stays as it is.
"""


def write_book(root: Path, chapters: int, blocks: int, size: int, execution: bool = True) -> SmallSite:
    """A book of that many chapters; the matrices' `size` sets how long a block computes."""
    names = tuple(f"chapter-{number}" for number in range(chapters))
    site = make_small_site(root, names)
    for name in names:
        file = f"{name.replace('-', '_')}.py"
        code = IMPORTS
        steps = [_fence("imports", file, code, False, execution)]
        for n in range(1, blocks):
            draws = n % 2 == 0
            section = BLOCK.format(n=n, size=size, figure=FIGURE.format(n=n) if draws else "")
            code += section
            value = f"`{{python}} f\"{{largest_{n}:.2f}}\"`" if execution else "`largest`"
            steps.append(STEP.format(n=n, page=name, value=value,
                                     fence=_fence(f"block_{n}", file, section, draws, execution)))
        site.write(f"snippets/{file}", code)
        for language in ("zh", "en"):
            head = f"---\ndescription: {name}\n---\n# {name} {{#{name}}}\n\nA sentence.\n\n## First {{#first}}\n\n"
            site.write(f"docs/{language}/{name}.md", head + "\n".join(steps))
    return site


def _fence(section: str, file: str, code: str, draws: bool, execution: bool) -> str:
    if not execution:
        body = "\n".join(line for line in code.splitlines() if "--8<--" not in line)
        return f"```pycon\n{body}\n```"
    options = '{.python alt="A rising curve"}' if draws else "python"
    return f'```{options}\n--8<-- "{file}:{section}"\n```'


def measure(folder: Path, runs: int, size: int) -> list[Row]:
    """Rows of a book of 6 chapters, the size on which other engines were measured, and of one of 14."""
    rows = []
    for chapters in (6, 14):
        site = write_book(folder / f"on-{chapters}", chapters, 6, size)
        off = write_book(folder / f"off-{chapters}", chapters, 6, size, execution=False)
        rows += measure_builds(site, off, runs)
    places = {"one sentence": ("docs/en/chapter-1.md", "A sentence"),
              "one block": ("snippets/chapter_1.py", "largest eigenvalue")}
    return rows + measure_serve(site.root, "en/chapter-1/", places, runs, "14 chapters")


def measure_builds(site: SmallSite, off: SmallSite, runs: int) -> list[Row]:
    """Rows (what, figure, bar) of one book."""
    off_seconds, _ = median_build(off.root, runs)
    clean, memory = median_build(site.root, runs, lambda: shutil.rmtree(site.root / ".cache", ignore_errors=True))
    own = sum(chapter["seconds"] for chapter in report(site.root)["chapters"].values())
    count = len(report(site.root)["chapters"])
    nothing, _ = median_build(site.root, runs)
    executed = report(site.root)["executed"]
    number = iter(range(10_000))
    page, snippet = "docs/en/chapter-1.md", "snippets/chapter_1.py"
    sentence, _ = median_build(site.root, runs, lambda: touch(site.root, page, "A sentence", next(number)))
    block, _ = median_build(site.root, runs, lambda: touch(site.root, snippet, "largest eigenvalue", next(number)))
    name = f"{count} chapters"
    return [
        (f"{name}: execution off", f"{off_seconds:.2f} s", ""),
        (f"{name}: from nothing", f"{clean:.2f} s ({clean / off_seconds:.2f} × off)",
         f"<= {0.6 * own + off_seconds + 1:.2f} s (0.6 × {own:.2f} s of chapters + off + 1 s)"),
        (f"{name}: nothing changed, {executed} blocks run", f"{nothing:.2f} s ({nothing / off_seconds:.2f} × off)",
         "<= 1.15 × off"),
        (f"{name}: one sentence", f"{sentence:.2f} s ({sentence / off_seconds:.2f} × off)", ""),
        (f"{name}: one block", f"{block:.2f} s ({block / off_seconds:.2f} × off)", ""),
        (f"{name}: peak memory, largest process", f"{memory:.0f} MB", "< 400 MB"),
    ]
