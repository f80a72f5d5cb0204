"""Packages that chapters may use: their versions, what they need, the names they are imported under."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from types import SimpleNamespace

import pytest

from book_engine.run import versions
from book_engine.source.errors import BookError


@pytest.fixture
def installed(monkeypatch):
    """Pretends that only these are installed: name -> (version, requirements)."""
    def install(**packages):
        def distribution(name):
            if name.replace("-", "_") not in packages:
                raise metadata.PackageNotFoundError(name)
            version, *requires = packages[name.replace("-", "_")]
            return SimpleNamespace(version=version, requires=requires or None, files=None)

        monkeypatch.setattr(metadata, "distribution", distribution)
    return install


def test_closure(installed):
    installed(a=("1.0", "B>=2", "not-here; sys_platform == 'plan9'", 'extra-thing; extra == "test"'),
              b=("2.0", "C.c [fast] (>=3)", "a"), c_c=("3.0",), extra_thing=("4.0",), other=("5.0",))
    assert versions.closure(["A"]) == {"a": "1.0", "b": "2.0", "c-c": "3.0"}


@pytest.mark.parametrize("requirement", ["b", "b>=1,<2", "b!=1.5", "b~=1.0", "b (>=1)", "b[x,y]>=1", "B",
                                         "b ; python_version>'3'", "b @ https://example.org/b.whl"])
def test_requirement_forms(installed, requirement):
    installed(a=("1", requirement), b=("2",))
    assert versions.closure(["a"]) == {"a": "1", "b": "2"}


def test_misspelt_package(installed):
    """A package that chapters are said to use and that is not there is a mistake, not a detail."""
    installed(numpy=("2.0",))
    with pytest.raises(BookError, match="'numpyy' is not installed"):
        versions.closure(["numpyy"])


def test_real_packages():
    found = versions.closure(["numpy", "matplotlib"])
    assert found["numpy"] == metadata.version("numpy") and "pillow" in found
    assert not {"pytest", "mkdocs"} & set(found)
    assert list(found) == sorted(found)


def test_modules():
    modules = versions.top_level_modules(versions.closure(["numpy", "matplotlib"]))
    assert {"numpy", "matplotlib", "mpl_toolkits", "PIL", "dateutil"} <= set(modules)
    assert not {"pytest", "mkdocs", "markdown", "hooks"} & set(modules)


def test_modules_of_a_distribution_without_a_list_of_files(installed):
    """As Linux distributions install theirs."""
    installed(some_package=("1",))
    assert versions.top_level_modules(("some-package",)) == ["some_package"]


def test_footer():
    assert list(versions.ran_with()) == ["Python", "NumPy", "matplotlib"]
    assert versions.ran_with()["Python"] == platform.python_version()
    assert versions.ran_with()["NumPy"] == metadata.version("numpy")


def test_python_build_names_no_machine():
    assert platform.python_version() in versions.python_build()
    assert platform.node() not in versions.python_build()


def test_an_edition_has_the_date_of_its_tag(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n', "utf-8")
    assert versions.edition(tmp_path) == {"version": "1.2.3"}

    def git(*words):
        subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *words], cwd=tmp_path, check=True,
                       env=os.environ | {"GIT_COMMITTER_DATE": "2026-01-02T12:00:00Z"})

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "first")
    assert versions.edition(tmp_path) == {"version": "1.2.3"}
    git("tag", "v1.2.3")
    assert versions.edition(tmp_path) == {"version": "1.2.3", "date": "2026-01-02"}
