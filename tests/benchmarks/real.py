"""This book, in a copy that may be edited."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from book_engine.book.nav import chapters_of

from . import weights
from .measure import BUILD, ENVIRONMENT, Row, build, measure_serve, median_build, peak_memory, report, touch

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".cache", ".venv", "site", ".site-*", "__pycache__", ".*_cache", "*.egg-info")


def measure(folder: Path, runs: int, with_pytest: bool) -> list[Row]:
    root = Path(shutil.copytree(ROOT, folder / "book", ignore=LEFT_OUT))
    chapters = chapters_of((root / "mkdocs.yml").read_text("utf-8"))
    rows = measure_builds(root, chapters, runs)
    if with_pytest:
        rows.append(measure_pytest(root))
    return rows + weights.rows(root / "site", chapters)


def measure_builds(root: Path, chapters: list[str], runs: int) -> list[Row]:
    clean, memory = median_build(root, runs, lambda: shutil.rmtree(root / ".cache", ignore_errors=True))
    said = report(root)
    shutil.rmtree(root / ".cache")
    together = peak_memory(BUILD, root)
    nothing, _ = median_build(root, runs)
    executed = report(root)["executed"]
    page = middle_chapter(said["chapters"], chapters)
    places = {"one sentence": (f"docs/en/{page}.md", sentence_of((root / f"docs/en/{page}.md").read_text("utf-8"))),
              "one snippet": code_place(root, page)}
    build(root)  # the line that was made ready changes the snippet
    number = iter(range(10_000))
    edited = {what: median_build(root, runs, lambda place=place: touch(root, *place, next(number)))[0]
              for what, place in places.items()}
    name = f"the book, {len(chapters)} chapters"
    size = f"{said['blocks']} blocks, {sum(chapter['seconds'] for chapter in said['chapters'].values()):.1f} s of code"
    return [
        (f"{name}: from nothing", f"{clean:.2f} s ({size})", ""),
        (f"{name}: nothing changed, {executed} blocks run", f"{nothing:.2f} s", ""),
        *((f"{name}: {what} of {page}", f"{seconds:.2f} s", "") for what, seconds in edited.items()),
        (f"{name}: peak memory, largest process; all together",
         f"{memory:.0f} MB; {'not measured' if together is None else f'{together:.0f} MB'}", "< 400 MB"),
        *measure_serve(root, f"en/{page}/", places, runs, name),
    ]


def middle_chapter(chapters: dict[str, dict], known: list[str]) -> str:
    """The chapter whose code takes the middle one of all times."""
    by_time = sorted((said["seconds"], page) for page, said in chapters.items() if page in known)
    return by_time[len(by_time) // 2][1]


def sentence_of(source: str) -> str:
    """The first words below the title."""
    return re.search(r"^# .*\n+(\S+ \S+ \S+)", source, re.M)[1]


def code_place(root: Path, page: str) -> tuple[str, str]:
    """The file, and the first line of the first block that the chapter has of its own, made ready for a comment."""
    path = f"snippets/{page.replace('-', '_')}.py"
    text = (root / path).read_text("utf-8")
    marker = re.search(r"^# --8<-- \[start:.*\]\n", text, re.M)
    (root / path).write_text(f"{text[: marker.end()]}# a comment\n{text[marker.end():]}", "utf-8", newline="\n")
    return path, "# a comment"


def measure_pytest(root: Path) -> Row:
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=root, env=ENVIRONMENT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    seconds, last = time.perf_counter() - begin, done.stdout.strip().splitlines()[-1]
    return "the book: pytest", f"{seconds:.0f} s ({re.sub(r' in .*', '', last)})", "CI <= 45 min"
