"""How times and memory are taken: builds as a user runs them, and edits under `mkdocs serve` up to the new page."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

Row = tuple[str, str, str]  # what, measured, bar
ENVIRONMENT = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
BUILD = [sys.executable, "-m", "mkdocs", "build"]


def build(root: Path) -> tuple[float, float]:
    """Wall seconds of one `mkdocs build`, and the peak memory in MB of its largest process."""
    begin = time.perf_counter()
    process = subprocess.Popen(BUILD, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=ENVIRONMENT)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(output.decode())
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def median_build(root: Path, runs: int, before: Callable[[], object] = lambda: None) -> tuple[float, float]:
    measured = []
    for _ in range(runs):
        before()
        measured.append(build(root))
    return statistics.median(seconds for seconds, _ in measured), max(memory for _, memory in measured)


def peak_memory(command: list[str], root: Path) -> float | None:
    """MB that the program and all that descends from it hold at once, shared pages counted once; None without /proc."""
    if not Path("/proc/self/smaps_rollup").exists():
        return None
    mark, peak = f"BOOK_BENCHMARK={uuid.uuid4().hex}", 0
    name, _, value = mark.partition("=")
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=ENVIRONMENT | {name: value})
    while process.poll() is None:
        peak = max(peak, sum(map(_kilobytes, _marked(mark))))
        time.sleep(0.02)
    return peak / 1024


def _marked(mark: str) -> list[Path]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append(folder)
        except OSError:
            continue  # ended, or another user's
    return found


def _kilobytes(folder: Path) -> int:
    """Its share of memory (PSS)."""
    try:
        lines = (folder / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def report(root: Path) -> dict:
    return json.loads((root / "site" / "build.json").read_text("utf-8"))


def touch(root: Path, path: str, old: str, number: int) -> None:
    """A change behind the first `old` of the file that was not there before."""
    text = (root / path).read_text("utf-8")
    head, tail = text.split(old, 1)
    tail = tail.split("\u2060", 2)[-1] if tail.startswith("\u2060") else tail
    (root / path).write_text(f"{head}{old}\u2060{number}\u2060{tail}", "utf-8", newline="\n")


def measure_serve(root: Path, page: str, places: Mapping[str, tuple[str, str]], runs: int, name: str) -> list[Row]:
    """Seconds from an edit to the new page's arrival, under `mkdocs serve`; `places` are (path, text to touch)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "mkdocs", "serve", "-a", f"127.0.0.1:{port}"], cwd=root,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    url, rows, number = f"http://127.0.0.1:{port}/{page}", [], 777_000
    try:
        wait_for(url, "</html>", 180)
        for what, (path, old) in places.items():
            seconds = []
            for _ in range(runs):
                number += 1
                begin = time.perf_counter()
                touch(root, path, old, number)
                wait_for(url, f"\u2060{number}\u2060", 120)
                seconds.append(time.perf_counter() - begin)
            bar = "<= 1.5 s" + ("" if what == "one sentence" else " + the chapter's run")
            rows.append((f"{name}: serve, {what}, edit to page", f"{statistics.median(seconds):.2f} s", bar))
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
