"""The real book, built twice from nothing: the same bytes, wherever it is built; built again: no code runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[1]
TIMES = re.compile(rb'("seconds": )[\d.]+')


def contents(site: Path) -> dict[str, bytes]:
    """Every file's bytes; measured times are left out of pages and of build.json."""
    found = {}
    for file in sorted(site.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            if file.name == "build.json":
                data = TIMES.sub(rb"\1", data)
            found[file.relative_to(site).as_posix()] = without_varying(data) if b"data-varies" in data else data
    return found


def exact(site: Path) -> dict[Path, bytes]:
    """Every file's bytes, build.json aside."""
    return {file: file.read_bytes() for file in site.rglob("*") if file.is_file() and file.name != "build.json"}


def without_varying(page: bytes) -> bytes:
    """A page without what its `varies` blocks gave."""
    soup = BeautifulSoup(page, "html.parser")
    for output in soup.select("[data-varies]"):
        output.clear()
    return soup.encode()


def different(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def copy_of_the_project(folder: Path) -> Path:
    """What a clone holds that a build reads; no cache, no site."""
    folder.mkdir(parents=True)
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for name in ("docs", "snippets"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def start(folder: Path, **environment: str) -> subprocess.Popen[str]:
    # Sitemaps bear the day; a fixed one keeps midnight out of it.
    variables = os.environ | {"SOURCE_DATE_EPOCH": "1700000000", "NO_MKDOCS_2_WARNING": "1"} | environment
    return subprocess.Popen([sys.executable, "-m", "mkdocs", "build"], cwd=folder, env=variables, text=True,
                            encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def finished(*builds: subprocess.Popen[str]) -> None:
    for program in builds:
        said = program.communicate(timeout=300)[0]
        assert program.returncode == 0, said


@pytest.fixture(scope="module")
def two_builds(tmp_path_factory) -> tuple[Path, Path]:
    """In folders of different depth, with different hash seeds, side by side, each from nothing."""
    folder = tmp_path_factory.mktemp("two")
    one = copy_of_the_project(folder / "a")
    other = copy_of_the_project(folder / "another" / "much deeper" / "数 folder")
    finished(start(one, PYTHONHASHSEED="1", TZ="UTC"), start(other, PYTHONHASHSEED="2", TZ="Asia/Shanghai"))
    return one, other


def test_two_builds_are_equal(two_builds):
    one, other = two_builds
    assert json.loads((one / "site/build.json").read_text())["executed"] > 0
    assert different(contents(one / "site"), contents(other / "site")) == []


def test_no_file_names_this_machine(two_builds):
    for folder in two_builds:
        for name, data in contents(folder / "site").items():
            assert str(folder).encode() not in data and str(ROOT).encode() not in data, name


def test_the_second_build_runs_nothing(two_builds):
    """The same bytes, those of `varies` blocks included."""
    one, _ = two_builds
    before = exact(one / "site")
    finished(start(one, PYTHONHASHSEED="3"))
    said = json.loads((one / "site/build.json").read_text())
    assert (said["executed"], said["cached"]) == (0, said["blocks"])
    after = exact(one / "site")
    assert [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)] == []


def test_a_block_that_varies(warm_site):
    """Its output is marked, and stands nowhere else: not in the search index either."""
    warm_site.edit("snippets/loss.py", 'print("drawn")', 'import time\nprint("took", time.perf_counter_ns())')
    for language in ("zh", "en"):
        warm_site.edit(f"docs/{language}/loss.md", "{.python alt", "{.python varies alt")
    sites = []
    for _ in range(2):
        shutil.rmtree(warm_site.root / ".cache/results")
        finished(start(warm_site.root))
        sites.append(contents(warm_site.root / "site"))
        assert b"took" in (warm_site.root / "site/en/loss/index.html").read_bytes()
    assert different(*sites) == []


def test_what_is_left_out_of_the_comparison():
    """A `varies` block's output and the times of build.json, nothing else."""
    page = b'<p>1</p><div class="cell"><pre>code</pre><div data-varies><div><pre>%s</pre></div></div></div><p>2</p>'
    assert without_varying(page % b"0.1 s") == without_varying(page % b"0.2 s")
    assert without_varying(page) != without_varying(page.replace(b"<p>2", b"<p>3"))
    assert TIMES.sub(rb"\1", b'{"seconds": 1.25, "blocks": 3}') == b'{"seconds": , "blocks": 3}'
