"""The files that run code in the page: taken from the first source that has them, checked, kept once."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from pathlib import Path

import pytest

from book_engine.author import commands
from book_engine.book import runtime
from book_engine.book.runtime import Runtime, fetch, pin, place, read_runtime
from book_engine.book.site_files import runtime_files
from book_engine.source.errors import BookError

NOWHERE = "http://127.0.0.1:9/"  # no server listens on the port of "discard"


def entry(name: str, data: bytes) -> dict:
    return {"file_name": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A folder that looks like a release of Pyodide: its core, three wheels, its lock."""
    folder = tmp_path / "release"
    folder.mkdir()
    files = {name: name.encode() for name in runtime.CORE} | {f"{name}-1-py3.whl": name.encode() * 9 for name in "abc"}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    needs = {"a": ["b"], "b": [], "c": []}
    packages = {name: {"name": name, "version": "1", "depends": needs[name], "imports": [name],
                       **entry(f"{name}-1-py3.whl", name.encode() * 9)} for name in needs}
    (folder / "pyodide-lock.json").write_text(json.dumps({"info": {"python": "3.14.0"}, "packages": packages}))
    (folder / "package.json").write_text('{"version": "1.2.3"}')
    return folder


@pytest.fixture
def pinned(release: Path, tmp_path: Path) -> Runtime:
    return pin(release, ["a"], tmp_path / "runtime.json")


def test_the_list_pins_the_core_and_what_the_packages_need(pinned: Runtime) -> None:
    assert pinned.version == "1.2.3"
    assert [file.name for file in pinned.files] == [*runtime.CORE, "a-1-py3.whl", "b-1-py3.whl"]
    assert set(json.loads(pinned.lock)["packages"]) == {"a", "b"}


def test_a_release_that_its_own_lock_does_not_know_is_not_pinned(release: Path, tmp_path: Path) -> None:
    (release / "b-1-py3.whl").write_bytes(b"other")
    with pytest.raises(BookError, match=r"b-1-py3\.whl: is not the file of the lock beside it"):
        pin(release, ["a"], tmp_path / "runtime.json")


def test_files_are_fetched_once(pinned: Runtime, release: Path, tmp_path: Path) -> None:
    said: list[str] = []
    fetch(pinned, tmp_path / "kept", [NOWHERE, str(release)], said.append)
    assert said[0].startswith(f"6 files, 0.0 MB from {release}") and said[1].startswith(NOWHERE)
    assert {file.name for file in (tmp_path / "kept").iterdir()} == {file.name for file in pinned.files}
    fetch(pinned, tmp_path / "kept", ["nothing is asked any more"], said.append)
    assert len(said) == 2


def test_a_wheel_that_carries_the_files_is_a_source(pinned: Runtime, release: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.whl", "w") as wheel:
        for file in release.iterdir():
            wheel.write(file, f"other/static/{file.name}")
    fetch(pinned, tmp_path / "kept", [str(tmp_path / "other.whl")], lambda _: None)
    assert pinned.missing(tmp_path / "kept") == []


@pytest.mark.parametrize("name", ["pyodide.asm.wasm", "b-1-py3.whl"])
def test_another_file_is_not_taken_and_said(pinned: Runtime, release: Path, tmp_path: Path, name: str) -> None:
    """Nor does it keep the right one of the next source out."""
    sound = tmp_path / "sound"
    fetch(pinned, sound, [str(release)], lambda _: None)
    size = len((release / name).read_bytes())
    (release / name).write_bytes(b"x" * size)
    said: list[str] = []
    with pytest.raises(BookError, match=rf"1 of the 6 files .* the first is {re.escape(name)}.*book runtime --from"):
        fetch(pinned, tmp_path / "kept", [str(release)], said.append)
    wrong = hashlib.sha256(b"x" * size).hexdigest()
    assert f"{name} is not the pinned file: found sha256 {wrong}, expected" in said[-1]
    fetch(pinned, tmp_path / "kept", [str(release), str(sound)], said.append)
    assert (tmp_path / "kept" / name).read_bytes() == (sound / name).read_bytes()


@pytest.mark.parametrize(("source", "said"), [
    (NOWHERE, "refused"), ("absent.whl", "absent.whl"), ("pip:no_such_name_as_this==1!0", "pip found no wheel")])
def test_a_source_that_cannot_be_had_is_named(pinned: Runtime, tmp_path: Path, source: str, said: str,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    faults: list[str] = []
    with pytest.raises(BookError, match="6 of the 6 files"):
        fetch(pinned, tmp_path / "kept", [source], faults.append)
    assert said in faults[0]


def test_the_command_keeps_the_files_and_says_so(pinned: Runtime, release: Path, small_site, capsys,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small_site.root)
    monkeypatch.setattr(runtime, "read_runtime", lambda: pinned)
    assert commands.main(["runtime", "--from", str(release / "absent")]) == 1
    assert "the site is built all the same" in capsys.readouterr().err
    assert commands.main(["runtime", "--from", str(release)]) == 0
    assert "6 files, 0.0 MB, checked and kept" in capsys.readouterr().out
    assert pinned.missing(place(small_site.root / ".cache", pinned)) == []


def test_the_book_s_own_list_pins_what_its_pages_import() -> None:
    """Each package that pages may use has its wheel and all that the wheel needs."""
    said = json.loads(read_runtime().lock)
    assert {"numpy", "matplotlib", "scikit-learn"} <= set(said["packages"])
    for package in said["packages"].values():
        assert set(package["depends"]) <= set(said["packages"]) and len(package["sha256"]) == 64


def test_the_site_holds_what_the_list_names(pinned: Runtime, release: Path, tmp_path: Path) -> None:
    fetch(pinned, tmp_path / "kept", [str(release)], lambda _: None)
    style = Path(runtime.__file__).parents[2] / "assets/figures.mplstyle"
    files = dict(runtime_files(pinned, tmp_path / "kept", style))
    assert set(files) == {"assets/engine.zip", *(f"runtime/1.2.3/{name}" for name in (
        "pyodide-lock.json", *(file.name for file in pinned.files)))}
    assert files == dict(runtime_files(pinned, tmp_path / "kept", style))
