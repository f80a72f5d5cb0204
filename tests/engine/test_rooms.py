"""The engine's rooms: their order is kept, and the map names each of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import book_engine

ROOT = Path(__file__).resolve().parents[2]
ENGINE = Path(book_engine.__file__).parent


def lint(linter, *, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The contracts of pyproject.toml, on the engine in the folder if there is one, else on the installed one."""
    return subprocess.run([linter("lint-imports"), "--config", str(ROOT / "pyproject.toml"), "--no-cache"], cwd=cwd,
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
                          env=os.environ | {"PYTHONPATH": str(cwd)})


def test_the_rooms_import_only_downwards(linter):
    done = lint(linter)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("file", "line", "said"), [
    ("source/labels.py", "from ..run import cache", "book_engine.source is not allowed to import book_engine.run"),
    ("author/check.py", "import mkdocs.config", "book_engine.author is not allowed to import mkdocs"),
    ("figures/svgtree.py", "from . import svg", "No cycles are allowed in book_engine.figures"),
])
def test_a_forbidden_import_is_found(linter, tmp_path, file, line, said):
    shutil.copytree(ENGINE, tmp_path / "book_engine")
    with (tmp_path / "book_engine" / file).open("a") as planted:
        planted.write(f"{line}\n")
    done = lint(linter, cwd=tmp_path)
    assert done.returncode == 1 and said in done.stdout, done.stdout


def test_the_map_names_every_room_in_order():
    rooms = re.findall(r"^(\w+) +\S.*$", book_engine.__doc__, re.M)
    folders = {folder.name for folder in ENGINE.iterdir() if (folder / "__init__.py").is_file()}
    assert set(rooms) >= folders and len(rooms) == len(set(rooms))
    contract = (ROOT / "pyproject.toml").read_text("utf-8").split('name = "rooms import only downwards"')[1]
    layers = re.findall(r"book_engine\.(\w+)", contract.split("]\n")[0])
    assert [room for room in layers if room in folders][::-1] == [room for room in rooms if room in folders]
