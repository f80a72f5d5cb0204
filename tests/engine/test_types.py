"""The engine's types, as pyright reads them with the locked packages: sound, and a wrong one is found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import book_engine

ROOT = Path(__file__).resolve().parents[2]


def check(linter, folder: Path) -> subprocess.CompletedProcess[str]:
    """What pyright finds in the engine of the folder, with the packages of this environment."""
    command = [linter("basedpyright"), "--project", "pyproject.toml", "--pythonpath", sys.executable]
    return subprocess.run(command, cwd=folder, text=True, encoding="utf-8", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=240)


def test_the_types_are_sound(linter):
    done = check(linter, ROOT)
    assert done.returncode == 0 and "0 errors, 0 warnings" in done.stdout, done.stdout


def test_a_wrong_type_is_found(linter, tmp_path):
    room = Path(book_engine.__file__).parent / "source"
    shutil.copytree(room, tmp_path / "docs/engine/source")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "docs/engine/source/links.py"
    planted.write_text(f"{planted.read_text('utf-8')}\n\nNUMBER: int = served_folder('loss')\n", "utf-8")
    done = check(linter, tmp_path)
    line = planted.read_text("utf-8").count("\n")
    assert done.returncode == 1 and f"links.py:{line}:15 - error: Type \"str\"" in done.stdout, done.stdout
    assert "1 error, 0 warnings" in done.stdout, done.stdout
