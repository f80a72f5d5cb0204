"""Lighthouse's scores of the built site, mobile and desktop, median of three runs, as a table:

    python tests/lighthouse.py [--runs 3] [--site FOLDER] [PAGE ...]

Without pages it takes the first page, a chapter, a lab and a reference page, as far as the book has them. It needs
Chromium and Node with npx, which fetches the pinned version of Lighthouse. Without --site it builds the book first.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from browsing import NAMES, served

ROOT = Path(__file__).resolve().parents[1]
VERSION = "12.8.2"  # the last that runs on Node 18 to 20
CATEGORIES = {"performance": "performance", "accessibility": "accessibility", "best-practices": "best practices",
              "seo": "SEO"}
# Without a graphics card Chromium paints the first page it opens a second late on some runs; the score would hold
# that against the page.
CHROMIUM = "--headless=new --no-sandbox --disable-gpu --disable-new-content-rendering-timeout"
FORMS = {"mobile": [], "desktop": ["--preset=desktop"]}
REFERENCE = ("symbols", "glossary", "questions", "errata", "sources")


def default_pages(site: Path) -> list[str]:
    """The first page, a chapter, the first lab and the first reference page in Chinese, as far as they are there."""
    labs = sorted(file.parent.relative_to(site).as_posix() for file in (site / "zh/labs").glob("*/index.html"))
    wanted = ["zh", "zh/loss", *labs[:1], *[f"zh/{name}" for name in REFERENCE if (site / "zh" / name).is_dir()][:1]]
    return [f"{page}/" for page in wanted if (site / page / "index.html").is_file()]


def program(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    return found or sys.exit(f"Lighthouse needs {names[0]}, which is not installed")


def scores(address: str, form: str) -> dict[str, float]:
    """One run: points per category, and the milliseconds of script and layout that held the page up."""
    command = [program("npx"), "--yes", f"lighthouse@{VERSION}", address, *FORMS[form], "--quiet", "--output=json",
               f"--chrome-flags={CHROMIUM}", f"--only-categories={','.join(CATEGORIES)}"]
    done = subprocess.run(command, text=True, encoding="utf-8", stdout=subprocess.PIPE, timeout=300, check=True,
                          env=os.environ | {"CHROME_PATH": program(*NAMES)})
    report = json.loads(done.stdout)
    found = {name: 100 * report["categories"][key]["score"] for key, name in CATEGORIES.items()}
    return found | {"blocking, ms": report["audits"]["total-blocking-time"]["numericValue"],
                    "layout shift": report["audits"]["cumulative-layout-shift"]["numericValue"]}


def row(address: str, page: str, form: str, runs: int) -> str:
    """One row of the table: the median of each score."""
    found = [scores(address + page, form) for _ in range(runs)]
    medians = {name: statistics.median(one[name] for one in found) for name in found[0]}
    shown = [f"{value:.3f}" if name == "layout shift" else f"{value:.0f}" for name, value in medians.items()]
    return f"| {page} | {form} | {' | '.join(shown)} |"


def build(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder / "site")], cwd=ROOT,
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    return folder / "site"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="such as zh/loss/")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--site", type=Path, help="a built site; without it the book is built")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = options.site or build(Path(folder))
        load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
        print(f"{datetime.date.today()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores{load}, "
              f"Lighthouse {VERSION}, median of {options.runs}\n")
        print(f"| page | form | {' | '.join([*CATEGORIES.values(), 'blocking, ms', 'layout shift'])} |")
        print("|---|---|" + "---:|" * 6)
        with served(site) as address:
            for page in options.pages or default_pages(site):
                for form in FORMS:
                    print(row(address, page, form, options.runs), flush=True)


if __name__ == "__main__":
    main()
