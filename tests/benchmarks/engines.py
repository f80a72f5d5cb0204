"""One small book in three engines, in turn: this one; markdown-exec under MkDocs with Material; Sphinx with myst-nb.

Six chapters in two languages; each draws 2,000 points, takes 15,000 steps of gradient descent and shows two figures.
Each engine is at its best: both languages are built at once, Sphinx keeps results in jupyter-cache.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from conftest import make_small_site

from .measure import ENVIRONMENT, Row

CHAPTERS, LANGUAGES = 6, ("zh", "en")
CODE = {  # by section; one that draws ends in a figure
    "imports": "import matplotlib.pyplot as plt\nimport numpy as np\n",
    "points": """rng = np.random.default_rng({n})
x = rng.uniform(-2, 2, size=2000)
y = 3 * x + 1 + rng.normal(scale=0.5, size=2000)
print(f"{{len(x)}} points, mean {{y.mean():.3f}}")
""",
    "descent": """w, b, losses = 0.0, 0.0, []
for step in range(15_000):
    error = w * x + b - y
    losses.append((error**2).mean())
    w -= 0.01 * 2 * (error * x).mean()
    b -= 0.01 * 2 * error.mean()
print(f"w = {{w:.4f}}, b = {{b:.4f}}, loss {{losses[-1]:.4f}}")
""",
    "loss": """fig, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
ax.semilogx(losses[::10], label="loss")
ax.semilogx(np.full(1500, losses[-1]), label="last")
ax.set(xlabel="step", ylabel="loss", title="training")
ax.legend();
""",
    "fit": """fig, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
ax.plot(x[::10], y[::10], ".", label="points")
ax.plot([-2, 2], [b - 2 * w, b + 2 * w], label="line")
ax.set(xlabel="x", ylabel="y", title="fit")
ax.legend();
""",
}
STEP = """
## Step {section} {anchor}

With $\\eta < 2/\\lambda_{{\\max}}$ the step shrinks. A sentence.

$$
\\hat{{y}} = w x + b, \\qquad L = \\frac{{1}}{{n}} \\sum_i (\\hat{{y}}_i - y_i)^2
$$

{fence}
"""
SAVE = """import io
buffer = io.StringIO()
plt.savefig(buffer, format="svg")
plt.close()
print(buffer.getvalue())
"""
EXEC = """site_name: demo
theme: {{name: material, font: false, language: {language}}}
plugins: [search, markdown-exec]
markdown_extensions: [attr_list, pymdownx.highlight, pymdownx.superfences, {{pymdownx.arithmatex: {{generic: true}}}}]
"""
SPHINX = """project, extensions, language = "demo", ["myst_nb"], "{language}"
myst_enable_extensions, nb_execution_mode, exclude_patterns = ["dollarmath"], "cache", ["_build"]
"""
KERNEL = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"


def measure(folder: Path, runs: int, python: str) -> list[Row]:
    """`python`: of an environment that has markdown-exec, mkdocs-material, sphinx, myst-nb, numpy and matplotlib."""
    roots = {engine: folder / engine for engine in ("this book", "markdown-exec", "myst-nb")}
    edited = {engine: make(roots[engine]) for engine, make in zip(roots, (ours, exec_book, sphinx_book))}
    built = {"this book": [sys.executable, "-m", "mkdocs", "build"],
             "markdown-exec": [python, "-m", "mkdocs", "build", "--strict"],
             "myst-nb": [python, "-m", "sphinx", "-W", "-q", ".", "_build/html"]}
    seconds: dict[tuple[str, str], list[float]] = {}
    for run in range(runs):
        for what in ("from nothing", "nothing changed", "one sentence", "one block"):
            for engine, root in roots.items():
                if what == "from nothing":
                    forget(root)
                elif what == "one sentence":
                    change(edited[engine][0], r"First[^.\n]*\.", f"First {run}.")
                elif what == "one block":
                    change(edited[engine][1], r"scale=0\.5\d*", f"scale=0.5{run + 1}")
                folders = [root] if engine == "this book" else [root / language for language in LANGUAGES]
                seconds.setdefault((what, engine), []).append(together(built[engine], folders))
    return [row_of(what, {engine: statistics.median(seconds[what, engine]) for engine in roots})
            for what in dict.fromkeys(what for what, _ in seconds)]


def row_of(what: str, medians: dict[str, float]) -> Row:
    own, best = medians["this book"], min(seconds for engine, seconds in medians.items() if engine != "this book")
    others = ", ".join(f"{engine} {seconds:.2f}" for engine, seconds in medians.items() if engine != "this book")
    return f"beside other engines: {what}", f"{own:.2f} s ({own / best:.2f} × the faster of {others})", "<= 0.8"


def together(command: list[str], folders: list[Path]) -> float:
    """Seconds until it has ended in all folders, started at once, with one thread for each one's linear algebra."""
    begin = time.perf_counter()
    environment = ENVIRONMENT | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    started = [subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
               for folder in folders]
    for process in started:
        said = process.communicate()[0].decode()
        if process.returncode:
            raise SystemExit(said)
    return time.perf_counter() - begin


def forget(root: Path) -> None:
    for name in (".cache", "site", "_build"):
        for kept in [root / name, *root.glob(f"*/{name}")]:
            shutil.rmtree(kept, ignore_errors=True)


def change(files: list[Path], old: str, new: str) -> None:
    for file in files:
        file.write_text(re.sub(old, new, file.read_text("utf-8"), count=1), "utf-8")


Edited = tuple[list[Path], list[Path]]  # the files of a chapter in which a sentence, a block is changed


def ours(root: Path) -> Edited:
    names = [f"chapter-{n}" for n in range(CHAPTERS)]
    site = make_small_site(root, tuple(names))
    for n, name in enumerate(names):
        code = "\n".join(f"# --8<-- [start:{section}]\n{text.format(n=n)}# --8<-- [end:{section}]\n"
                         for section, text in CODE.items())
        site.write(f"snippets/chapter_{n}.py", code)
        fences = {section: f'```{{.python alt="A curve"}}\n--8<-- "chapter_{n}.py:{section}"\n```' if "fig," in text
                  else f'```python\n--8<-- "chapter_{n}.py:{section}"\n```' for section, text in CODE.items()}
        for language in LANGUAGES:
            site.write(f"docs/{language}/{name}.md", f"---\ndescription: c\n---\n# {name} {{#{name}}}\n\nFirst.\n"
                       + steps(fences, "{{#{}}}", {"imports": "first"}))
    return [root / "docs" / language / "chapter-1.md" for language in LANGUAGES], [root / "snippets/chapter_1.py"]


def steps(fences: dict[str, str], anchor: str = "", names: dict[str, str] | None = None) -> str:
    return "".join(STEP.format(section=section, fence=fence, anchor=anchor.format((names or {}).get(section, section)))
                   for section, fence in fences.items())


def exec_book(root: Path) -> Edited:
    for docs, n in written(root, "docs", "mkdocs.yml", EXEC):
        fences = {section: f'```python exec="1" {kind} source="above" session="c{n}"\n{text.format(n=n)}{save}```'
                  for section, text in CODE.items()
                  for kind, save in [('html="1"', SAVE) if "fig," in text else ('result="text"', "")]}
        (docs / f"chapter-{n}.md").write_text(f"# chapter-{n}\n\nFirst.\n{steps(fences)}", "utf-8")
        (docs / "index.md").write_text("# demo\n", "utf-8")
    edited = [root / language / "docs/chapter-1.md" for language in LANGUAGES]
    return edited, edited


def sphinx_book(root: Path) -> Edited:
    contents = "\n".join(f"chapter-{n}" for n in range(CHAPTERS))
    for docs, n in written(root, ".", "conf.py", SPHINX):
        fences = {section: f"```{{code-cell}}\n{text.format(n=n)}```" for section, text in CODE.items()}
        (docs / f"chapter-{n}.md").write_text(f"{KERNEL}# chapter-{n}\n\nFirst.\n{steps(fences)}", "utf-8")
        (docs / "index.md").write_text(f"# demo\n\n```{{toctree}}\n{contents}\n```\n", "utf-8")
    edited = [root / language / "chapter-1.md" for language in LANGUAGES]
    return edited, edited


def written(root: Path, docs: str, name: str, config: str) -> Iterator[tuple[Path, int]]:
    """The folder of each language's pages, its configuration written, with the numbers of the chapters."""
    for language in LANGUAGES:
        folder = root / language / docs
        folder.mkdir(parents=True)
        said = {"zh": "zh_CN"}.get(language, language) if name == "conf.py" else language
        (root / language / name).write_text(config.format(language=said), "utf-8")
        yield from ((folder, n) for n in range(CHAPTERS))
