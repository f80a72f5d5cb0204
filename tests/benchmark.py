"""How fast is the house? Run it with `python tests/benchmark.py`; it prints one table.

It measures this book, in a copy: a build from nothing, with nothing changed, after one sentence, after one snippet;
the same edits under `mkdocs serve` up to the new page; memory; the weight of pages by kind; with --pytest the tests.
Then generated books of 6 and of 14 chapters, beside the same pages with their code shown but not run. With --engines,
and nothing else, one small book beside other engines, which the Python named there must have.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from datetime import date
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "docs"))

from benchmarks import engines, generated, real  # noqa: E402 - they need the line above


def machine(runs: int) -> str:
    """Where and when: without it a time says nothing."""
    try:
        names = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                 if line.startswith("model name")]
    except OSError:
        names = []
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (f"{date.today()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
            f"{f' ({names[0]})' if names else ''}, Python {platform.python_version()}, median of {runs}{load}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=5, help="builds per figure; the median is printed")
    arguments.add_argument("--size", type=int, default=260, help="of the generated blocks' matrices")
    arguments.add_argument("--only", choices=("book", "generated"), help="one half of the table")
    arguments.add_argument("--pytest", action="store_true", help="run the tests too, once; takes minutes")
    arguments.add_argument("--engines", metavar="PYTHON", help="beside markdown-exec, myst-nb, which it has")
    options = arguments.parse_args()
    head, rows = machine(options.runs), []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        if options.engines:
            rows += engines.measure(Path(folder), options.runs, options.engines)
        elif options.only != "generated":
            rows += real.measure(Path(folder), options.runs, options.pytest)
        if options.only != "book" and not options.engines:
            rows += generated.measure(Path(folder), options.runs, options.size)
    print(f"{head}\n\n| what | measured | bar |\n|---|---|---|")
    print("\n".join(f"| {what} | {figure} | {bar} |" for what, figure, bar in rows))


if __name__ == "__main__":
    main()
