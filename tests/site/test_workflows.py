"""What stands in .github: workflows that can do no more than they must, and the forms that people fill in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"^[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
WITHOUT_WRITING = {"pull-request.yml", "weekly.yml"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, text=True, encoding="utf-8", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120)


@pytest.fixture(scope="module")
def zizmor(linter: Callable[[str], str]) -> Callable[[Path], subprocess.CompletedProcess[str]]:
    program = linter("zizmor")
    return lambda folder: run(program, "--offline", "--persona", "pedantic", "--no-progress", str(folder))


def test_zizmor_finds_nothing(zizmor) -> None:
    done = zizmor(ROOT / ".github")
    assert done.returncode == 0, done.stdout


# audit: (file, what stands in it, what is written instead)
WORSE = {
    "artipacked": ("pull-request.yml", "persist-credentials: false", "fetch-depth: 1"),
    "dangerous-triggers": ("pull-request.yml", "pull_request:", "pull_request_target:"),
    "excessive-permissions": ("weekly.yml", "permissions: {}", "permissions: write-all"),
    "template-injection": ("pull-request.yml", "run: .ci/run", "run: .ci/run ${{ github.event.pull_request.title }}"),
    "unpinned-uses": ("deploy.yml", "checkout@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0", "checkout@v7"),
}


@pytest.mark.parametrize("audit", WORSE)
def test_zizmor_finds_a_planted_fault(audit: str, zizmor, tmp_path: Path) -> None:
    name, old, new = WORSE[audit]
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    file = tmp_path / ".github/workflows" / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    done = zizmor(tmp_path / ".github")
    assert done.returncode != 0 and audit in done.stdout, done.stdout


def faults_of(name: str, text: str) -> list[str]:
    """What no linter knows: our own rules for a workflow."""
    flow, found = yaml.load(text, yaml.BaseLoader), []
    for line in re.findall(r"uses:\s*(.+)", text):
        if not PINNED.match(line):
            found.append(f"an action that is not pinned as owner/name@<40 hex digits> # vX.Y.Z: {line}")
    if "secrets." in text:
        found.append("a secret")
    for job in flow["jobs"].values():
        if "timeout-minutes" not in job:
            found.append(f"{job['name']}: no time limit")
        if name in WITHOUT_WRITING and "write" in job["permissions"].values():
            found.append(f"{job['name']}: a permission to write")
        for step in job["steps"]:
            keeps = step.get("with", {}).get("persist-credentials") != "false"
            if step.get("uses", "").startswith("actions/checkout@") and keeps:
                found.append(f"{job['name']}: a checkout that leaves its token behind")
    return found


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_keeps_our_rules(file: Path) -> None:
    assert faults_of(file.name, file.read_text("utf-8")) == []


@pytest.mark.parametrize(("old", "new", "said"), [
    ("# v7.0.0", "", "not pinned"),
    ("timeout-minutes: 90", "# no limit", "no time limit"),
    ("contents: read", "contents: write", "a permission to write"),
    ("run: .ci/run", "run: .ci/run ${{ secrets.TOKEN }}", "a secret"),
    ("persist-credentials: false", "persist-credentials: true", "leaves its token"),
])
def test_a_fault_of_a_workflow_is_found(old: str, new: str, said: str) -> None:
    text = (ROOT / ".github/workflows/pull-request.yml").read_text("utf-8")
    assert old in text
    assert [said in fault for fault in faults_of("pull-request.yml", text.replace(old, new))] == [True]


def test_an_action_has_one_version_everywhere() -> None:
    uses = {line for file in WORKFLOWS for line in re.findall(r"uses:\s*(\S+)", file.read_text("utf-8"))}
    assert len(uses) == len({use.partition("@")[0] for use in uses}), uses


SCHEMAS = {
    "github-workflows": WORKFLOWS,
    "dependabot": [ROOT / ".github/dependabot.yml"],
    "github-issue-forms": sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("[!c]*.yml")),
    "github-issue-config": [ROOT / ".github/ISSUE_TEMPLATE/config.yml"],
}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_have_the_form_that_their_reader_expects(schema: str, linter, tmp_path: Path) -> None:
    check = (linter("check-jsonschema"), "--builtin-schema", f"vendor.{schema}")
    assert SCHEMAS[schema]
    done = run(*check, *map(str, SCHEMAS[schema]))
    assert done.returncode == 0, done.stdout
    broken = tmp_path / SCHEMAS[schema][0].name
    broken.write_text("name: 3\njobs: []\nblank_issues_enabled: perhaps\n", "utf-8")
    assert run(*check, str(broken)).returncode != 0


def test_python_versions_are_those_that_the_project_promises() -> None:
    flow = yaml.load((ROOT / ".github/workflows/weekly.yml").read_text("utf-8"), yaml.BaseLoader)
    matrix = flow["jobs"]["versions"]["strategy"]["matrix"]
    assert matrix == {"python": ["3.11", "3.12", "3.13"], "packages": ["newest", "oldest"]}
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert "Python 3.11, 3.12 or 3.13" in (ROOT / "README.md").read_text("utf-8")


OWN = re.search(r"^site_url: (\S+)", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)[1]
LISTED = f"""<a href="https://numpy.org/a">a</a> <a href="https://numpy.org/a">again</a> <a href="/en/">here</a>
<link rel="canonical" href="{OWN}en/">
<a href="https://github.com/o/r/edit/main/docs/en/loss.md">edit</a>
<a href="https://github.com/o/r/issues/new?template=a.yml">tell</a> <a href="http://matplotlib.org/b">b</a>
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_links_to_other_sites_are_listed(linter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, those of the site itself and those that ask for a login left out, whatever its address."""
    page = tmp_path / "en/loss/index.html"
    page.parent.mkdir(parents=True)
    page.write_text(LISTED, "utf-8")
    monkeypatch.setenv("SITE", str(tmp_path))
    monkeypatch.setenv("PATH", str(Path(linter("lychee")).parent), prepend=os.pathsep)
    assert run(".ci/links", "--list").stdout.split() == ["http://matplotlib.org/b", "https://numpy.org/a"]


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
@pytest.mark.parametrize("script", ["run", "links", "versions"])
def test_a_script_can_be_run(script: str) -> None:
    assert os.access(ROOT / ".ci" / script, os.X_OK)
    assert run("bash", "-n", f".ci/{script}").returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_versions_wants_to_know_which() -> None:
    done = run(".ci/versions", "latest")
    assert done.returncode == 2 and "newest|oldest" in done.stdout
