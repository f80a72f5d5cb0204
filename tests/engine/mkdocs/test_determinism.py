"""The real book, built in two folders, each time by running its code: the same bytes. Built again: no code runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from conftest import copy_of_the_project

from book_engine import pytest_plugin

ROOT = Path(__file__).resolve().parents[3]


def contents(site: Path) -> dict[str, bytes]:
    """Every file's bytes, without what `varies` blocks gave."""
    found = {}
    for file in sorted(site.rglob("*")):
        if file.is_file():
            name = file.relative_to(site).as_posix()
            if name.endswith(".zip"):
                found |= unpacked(name, file)
            else:
                found[name] = comparable(name, file.read_bytes())
    return found


def unpacked(name: str, file: Path) -> dict[str, bytes]:
    """What a zip holds and what it says of each entry; its bytes differ with what `varies` blocks gave."""
    with zipfile.ZipFile(file) as archive:
        said = [(entry.filename, entry.date_time, entry.external_attr) for entry in archive.infolist()]
        return {name: repr(said).encode()} | {f"{name}/{entry}": comparable(entry, archive.read(entry))
                                              for entry in archive.namelist()}


def comparable(name: str, data: bytes) -> bytes:
    """A file without what `varies` blocks gave."""
    if name.endswith(".ipynb"):
        return notebook_without_varying(data)
    return without_varying(data) if b"data-varies" in data else data


def notebook_without_varying(data: bytes) -> bytes:
    notebook = json.loads(data)
    varying = [cell for cell in notebook["cells"] if "varies" in cell["metadata"].get("tags", [])]
    for cell in varying:
        cell["outputs"] = []
    return json.dumps(notebook).encode() if varying else data


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


def start(folder: Path, **environment: str) -> subprocess.Popen[str]:
    variables = os.environ | {"NO_MKDOCS_2_WARNING": "1"} | environment
    return subprocess.Popen([sys.executable, "-m", "mkdocs", "build"], cwd=folder, env=variables, text=True,
                            encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def finished(build: subprocess.Popen[str]) -> None:
    said = build.communicate(timeout=600)[0]
    assert build.returncode == 0, said


def day_of(site: Path) -> str:
    """The day that a site's packed map bears, in seconds: the other build gets it too, so that midnight may pass."""
    return str(int.from_bytes((site / "en" / "sitemap.xml.gz").read_bytes()[4:8], "little"))


@pytest.fixture(scope="module")
def copy(tmp_path_factory, built_site, real_pages) -> Path:
    """The project in a third folder, built from the results that this run of pytest got from the pages by itself."""
    results = pytest_plugin.RESULTS
    for path in real_pages:
        results.of(ROOT / path)
    folder = copy_of_the_project(tmp_path_factory.mktemp("copy") / "another")
    shutil.copytree(results.cache.folder, folder / ".cache" / "results" / results.cache.folder.name)
    finished(start(folder, SOURCE_DATE_EPOCH=day_of(built_site)))
    return folder


def test_two_builds_are_equal(copy, built_site):
    """From runs of the same code in two processes: one by the build, one by pytest."""
    one, other = contents(built_site), contents(copy / "site")
    first, second = (json.loads(site.pop("build.json")) for site in (one, other))
    assert first["executed"] == first["blocks"] == second["blocks"] == second["cached"] > 0
    assert first["versions"] == second["versions"]
    assert different(one, other) == []


def test_no_file_names_this_machine(copy, built_copy):
    for folder in (copy, built_copy):
        for name, data in contents(folder / "site").items():
            assert str(folder).encode() not in data and str(ROOT).encode() not in data, name


def test_the_second_build_runs_nothing(copy, built_site):
    """The same bytes, those of `varies` blocks included."""
    before = exact(copy / "site")
    finished(start(copy, PYTHONHASHSEED="3", SOURCE_DATE_EPOCH=day_of(built_site)))
    said = json.loads((copy / "site/build.json").read_text())
    assert (said["executed"], said["cached"]) == (0, said["blocks"])
    after = exact(copy / "site")
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
        sites[-1].pop("build.json")
        for name in ("loss/index.html", "notebooks/loss.ipynb"):
            assert b"took" in (warm_site.root / "site/en" / name).read_bytes()
    assert different(*sites) == []


def test_what_is_left_out_of_the_comparison():
    """A `varies` block's output, nothing else."""
    page = b'<p>1</p><div class="cell"><pre>code</pre><div data-varies><div><pre>%s</pre></div></div></div><p>2</p>'
    assert without_varying(page % b"0.1 s") == without_varying(page % b"0.2 s")
    assert without_varying(page) != without_varying(page.replace(b"<p>2", b"<p>3"))
    cells = b'{"cells": [{"metadata": {"tags": ["varies"]}, "outputs": [%s]}, {"metadata": {}, "outputs": [3]}]}'
    assert notebook_without_varying(cells % b"1") == notebook_without_varying(cells % b"2")
    assert notebook_without_varying(cells % b"1") != notebook_without_varying((cells % b"1").replace(b"[3]", b"[4]"))
