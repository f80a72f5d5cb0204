"""What the tests ask of Node: KaTeX and MathJax, at the versions of `package-lock.json`, in a folder of the cache.

Without Node the tests are skipped, on a machine with CI set they fail.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / ".cache" / "node"


@functools.cache
def modules() -> Path:
    """The folder `node_modules`, filled once for each lock file."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs node and npm, which are not installed")
    lock = (HERE / "package-lock.json").read_bytes()
    installed = FOLDER / "installed.json"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with FileLock(FOLDER / "lock"):  # tests run side by side
        if installed.is_file() and installed.read_bytes() == lock:
            return FOLDER / "node_modules"
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, FOLDER)
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FOLDER,
                              capture_output=True, text=True)
        if done.returncode:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"npm ci: {done.stderr[-400:]}")
        installed.write_bytes(lock)
    return FOLDER / "node_modules"


def set_by(tool: str, formulas: list[tuple[str, bool]]) -> list[str]:
    """What `katex` or `mathjax` makes of each formula (LaTeX, whether displayed); "ERROR: …" where it cannot."""
    done = subprocess.run(["node", str(HERE / "formulas.cjs"), str(modules()), tool], input=json.dumps(formulas),
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
