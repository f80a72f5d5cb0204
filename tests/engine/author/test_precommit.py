"""The checks before a commit: the repository passes, each finds its planted fault, nothing is downloaded for them."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
REPOS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
HOOKS = {hook["id"]: hook for hook in REPOS[0]["hooks"]}
EVERYTHING = ["docs", "snippets", "tests", ".ci", ".github", "README.md", "CONTRIBUTING.md", "pyproject.toml",
              "mkdocs.yml"]


@pytest.fixture
def run(linter: Callable[[str], str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a hook as pre-commit runs it in a folder, with the programs of this environment."""

    def run(name: str, folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
        program, *arguments = shlex.split(HOOKS[name]["entry"])
        start = [sys.executable, "-m", "book_engine.author.commands"] if program == "book" else [linter(program)]
        files = () if HOOKS[name].get("pass_filenames") is False else files
        return subprocess.run([*start, *arguments, *files], cwd=folder, text=True, encoding="utf-8", timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    return run


def test_hooks_are_programs_of_the_project() -> None:
    assert [repo["repo"] for repo in REPOS] == ["local"]
    assert {hook["language"] for hook in HOOKS.values()} == {"system"}
    assert set(HOOKS) == {"ruff", "codespell", "book", "rooms", "types", "workflows"}


@pytest.mark.parametrize("name", [name for name in HOOKS if name != "types"])  # tests/engine/test_types.py
def test_the_repository_passes(name: str, run) -> None:
    done = run(name, ROOT, *{"ruff": ["."], "workflows": [".github"]}.get(name, EVERYTHING))
    assert done.returncode == 0, done.stdout


# hook: (file, its sound text, what is written instead, what is said)
PLANTED = {
    "ruff": ("snippets/loss.py", "total = 6.0", "total = 6.0\nif total == None: pass", "E711"),
    "codespell": ("docs/en/loss.md", "The sum is", "heT"[::-1] + " sum is", "==> The"),
    "book": ("docs/zh/loss.md", "{#second}", "{#secnod}",
             "found the heading ## {#second}, expected the heading ## {#secnod}"),
    "workflows": (".github/workflows/deploy.yml", "permissions: {}", "permissions: write-all", "excessive-permissions"),
}


@pytest.mark.parametrize("name", PLANTED)  # those of the engine: tests/engine/test_rooms.py and test_types.py
def test_a_hook_finds_its_planted_fault(name: str, small_site, run) -> None:
    path, old, new, said = PLANTED[name]
    shutil.copytree(ROOT / ".github", small_site.root / ".github")
    before = run(name, small_site.root, path)
    assert said not in before.stdout and (name == "book" or before.returncode == 0), before.stdout
    small_site.edit(path, old, new)
    after = run(name, small_site.root, path)
    assert after.returncode != 0 and said in after.stdout, after.stdout
