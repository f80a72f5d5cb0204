"""How fast is the house? Run it with `python tests/benchmark.py`; it prints one table.

It writes two books into a temporary folder, pages in two languages, each chapter with blocks that compute, print
and draw, inline numbers and formulas: one of 14 chapters and one of 6 (the size on which other engines were
measured). Beside each stands the same book with its code shown but not run ("execution off").
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import date
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "docs"))

from conftest import SmallSite, make_small_site  # noqa: E402 - found through the line above

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


def build(site: SmallSite) -> tuple[float, float]:
    """Wall seconds of one `mkdocs build`, and the peak memory in MB of its largest process."""
    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "mkdocs", "build"], cwd=site.root, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(output.decode())
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def median_build(site: SmallSite, runs: int, before=lambda: None) -> tuple[float, float]:
    measured = []
    for _ in range(runs):
        before()
        measured.append(build(site))
    return statistics.median(seconds for seconds, _ in measured), max(memory for _, memory in measured)


def report(site: SmallSite) -> dict:
    return json.loads((site.root / "site" / "build.json").read_text("utf-8"))


def measure_builds(site: SmallSite, off: SmallSite, runs: int) -> list[tuple[str, str, str]]:
    """Rows (what, figure, bar) of one book."""
    off_seconds, _ = median_build(off, runs)
    clean, memory = median_build(site, runs, lambda: shutil.rmtree(site.root / ".cache", ignore_errors=True))
    own = sum(chapter["seconds"] for chapter in report(site)["chapters"].values())
    count = len(report(site)["chapters"])
    nothing, _ = median_build(site, runs)
    executed = report(site)["executed"]
    number = iter(range(10_000))
    page, snippet = "docs/en/chapter-1.md", "snippets/chapter_1.py"
    sentence, _ = median_build(site, runs, lambda: touch(site, page, "A sentence", next(number)))
    block, _ = median_build(site, runs, lambda: touch(site, snippet, "largest eigenvalue", next(number)))
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


def touch(site: SmallSite, path: str, old: str, number: int) -> None:
    """A change of that place that was not there before."""
    text = (site.root / path).read_text("utf-8")
    head, tail = text.split(old, 1)
    tail = tail.split("\u2060", 2)[-1] if "\u2060" in tail else tail
    site.write(path, f"{head}{old}\u2060{number}\u2060{tail}")


def measure_serve(site: SmallSite, runs: int) -> list[tuple[str, str, str]]:
    """Seconds from the edit of a file to the new page's arrival, under `mkdocs serve`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "mkdocs", "serve", "-a", f"127.0.0.1:{port}"], cwd=site.root,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})
    url = f"http://127.0.0.1:{port}/en/chapter-1/"
    try:
        wait_for(url, "A sentence", 120)
        rows = []
        for what, path, old in (("one sentence", "docs/en/chapter-1.md", "A sentence"),
                                ("one block", "snippets/chapter_1.py", "largest eigenvalue")):
            seconds = []
            for number in range(runs):
                touch(site, path, old, 777_000 + number)
                begin = time.perf_counter()
                wait_for(url, f"\u2060{777_000 + number}\u2060", 60)
                seconds.append(time.perf_counter() - begin)
            rows.append((f"serve: {what}, edit to page", f"{statistics.median(seconds):.2f} s", "<= 1.5 s"
                         + (" + the chapter's run" if what == "one block" else "")))
        return rows
    finally:
        server.terminate()
        server.wait()


def wait_for(url: str, text: str, limit: float) -> None:
    end = time.monotonic() + limit
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=limit) as answer:
                if text in answer.read().decode():
                    return
        except OSError:
            pass  # the server is starting
        time.sleep(0.02)
    raise SystemExit(f"{url} did not show {text!r} within {limit} s")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=5, help="builds per figure; the median is printed")
    arguments.add_argument("--size", type=int, default=260, help="of the blocks' matrices")
    options = arguments.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        for chapters in (6, 14):
            site = write_book(Path(folder, f"on-{chapters}"), chapters, 6, options.size)
            off = write_book(Path(folder, f"off-{chapters}"), chapters, 6, options.size, execution=False)
            rows += measure_builds(site, off, options.runs)
        rows += measure_serve(site, options.runs)
    print(f"{date.today()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
          f"Python {platform.python_version()}, median of {options.runs}\n")
    print("| what | measured | bar |\n|---|---|---|")
    print("\n".join(f"| {what} | {figure} | {bar} |" for what, figure, bar in rows))


if __name__ == "__main__":
    main()
