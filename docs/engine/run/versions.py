"""Which packages chapters may use, and their versions: part of every cache key, and of the page footer."""

from __future__ import annotations

import functools
import platform
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from ..source.errors import BookError

FOOTER = {"numpy": "NumPy", "matplotlib": "matplotlib"}
REQUIREMENT = re.compile(r"^\s*(?P<name>[A-Za-z0-9._-]+)[^;]*(?:;\s*(?P<marker>.*))?$")


@functools.lru_cache(maxsize=1)
def ran_with() -> dict[str, str]:
    """What a reader needs to know, in the order of the footer."""
    return {"Python": platform.python_version()} | {name: metadata.version(key) for key, name in FOOTER.items()}


def edition(root: Path) -> dict[str, str]:
    """The book's version, from pyproject.toml, and the date of the tag that bears it, where there is one."""
    version = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    try:
        asked = subprocess.run(["git", "log", "-1", "--format=%cs", f"v{version}", "--"], cwd=root, capture_output=True,
                               text=True)
    except FileNotFoundError:  # a copy of the book on a machine without Git
        return {"version": version}
    return {"version": version} | ({"date": asked.stdout.strip()} if asked.returncode == 0 else {})


def closure(names: Iterable[str]) -> dict[str, str]:
    """Versions of these packages and of all that they need here; extras and absent optional packages aside."""
    asked = [_normal(name) for name in names]
    found: dict[str, str] = {}
    waiting = list(asked)
    while waiting:
        if (name := waiting.pop()) in found:
            continue
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if name in asked:
                raise BookError(f"the package {name!r} is not installed; check the spelling in [tool.book] packages, "
                                "or install it", path="pyproject.toml") from None
            continue  # needed on other platforms or Python versions only
        found[name] = distribution.version
        for requirement in map(REQUIREMENT.match, distribution.requires or []):
            if requirement and "extra" not in (requirement["marker"] or ""):
                waiting.append(_normal(requirement["name"]))
    return dict(sorted(found.items()))


def installed() -> list[str]:
    """Python and the names of all installed distributions, with their versions."""
    folders = sorted({Path(entry) for entry in sys.path})
    return [sys.version, *(found.name for folder in folders for found in sorted(folder.glob("*.dist-info")))]


def top_level_modules(packages: Iterable[str]) -> list[str]:
    """Names that code imports these packages under: `PIL` for pillow."""
    return _top_level_modules(tuple(packages))


@functools.lru_cache(maxsize=4)
def _top_level_modules(packages: tuple[str, ...]) -> list[str]:
    names: set[str] = set()
    for package in packages:
        names.add(package.replace("-", "_"))  # distributions without a list of files have this at least
        for file in metadata.distribution(package).files or []:
            head = file.parts[0]
            if head.endswith((".dist-info", ".libs", ".data")) or head in ("..", "__pycache__"):
                continue
            names.add(head.partition(".")[0])
    return sorted(names)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def python_build() -> list[str]:
    """Interpreter and platform, without anything that names the machine."""
    return [platform.python_implementation(), platform.python_version(), platform.system(), platform.machine()]
