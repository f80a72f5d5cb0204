"""The files that run a page's code in the reader's browser: Pyodide's core, and the wheels that pages import.

`runtime.json` pins them. It is the part of Pyodide's own lock that the book needs, with sizes and the files of the
core, so the browser reads it as that lock. What is fetched is checked against it
and kept in `.cache/runtime/<version>/`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from ..run.cache import make_folder, write_whole
from ..source.errors import BookError

LOCK = Path(__file__).with_name("runtime.json")
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
SOURCES = ("https://cdn.jsdelivr.net/pyodide/v{version}/full/",  # Pyodide's own distribution
           "pip:open-webui==0.12.4")  # a wheel that carries the same files, where only a package index is reached
PATIENCE = 10  # seconds for a host to answer
Source = Callable[[str], bytes | None]  # a file by its name


@dataclass(frozen=True)
class File:
    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Runtime:
    """What is pinned; `lock` is the text for the browser."""

    version: str
    files: tuple[File, ...]
    lock: str

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    def missing(self, folder: Path) -> list[File]:
        """The files that `folder` lacks. Only whole and checked ones get there, so name and size tell."""
        return [file for file in self.files
                if not (folder / file.name).is_file() or (folder / file.name).stat().st_size != file.size]


def read_runtime(lock: Path = LOCK) -> Runtime:
    text = lock.read_text("utf-8")
    said = json.loads(text)
    entries = [*said["core"], *said["packages"].values()]
    return Runtime(said["version"], tuple(File(e["file_name"], e["sha256"], e["size"]) for e in entries), text)


def place(cache: Path, runtime: Runtime) -> Path:
    """Where the files are kept."""
    return cache / "runtime" / runtime.version


def fetch(runtime: Runtime, folder: Path, sources: Sequence[str], say: Callable[[str], None] = print) -> None:
    """Takes each missing file from the first source that has it; BookError if one is in none."""
    faults = []
    make_folder(folder)
    for name in sources:
        if not (missing := runtime.missing(folder)):
            break
        name = name.format(version=runtime.version)
        try:
            with ExitStack() as stack:
                source = _open(name, stack)
                taken = [file for file in missing if _take(file, source(file.name), folder, name, faults)]
        except (OSError, zipfile.BadZipFile) as error:  # urllib's errors are OSErrors
            faults.append(f"{name}: {getattr(error, 'reason', None) or error}")
            continue
        if taken:
            say(f"{len(taken)} files, {sum(file.size for file in taken) / 1e6:.1f} MB from {name}")
    for fault in faults:
        say(fault)
    if missing := runtime.missing(folder):
        raise BookError(f"{len(missing)} of the {len(runtime.files)} files that run code in the page are in none of "
                        f"the sources ({', '.join(sources)}); the first is {missing[0].name}, sha256 "
                        f"{missing[0].sha256}. "
                        "Give one that has them: book runtime --from FOLDER, a zip or wheel, an address, or "
                        "pip:NAME==VERSION. Without them the site is built all the same, and its code only read")


def _take(file: File, data: bytes | None, folder: Path, source: str, faults: list[str]) -> bool:
    if data is None:
        return False
    if (found := hashlib.sha256(data).hexdigest()) != file.sha256:
        faults.append(f"{source}: {file.name} is not the pinned file: found sha256 {found}, expected {file.sha256}; "
                      "it was not taken")
        return False
    write_whole(folder / file.name, data)
    return True


def _open(name: str, stack: ExitStack) -> Source:
    if name.startswith(("https:", "http:")):
        return lambda file: _asked(f"{name.rstrip('/')}/{file}")
    if name.startswith("pip:"):
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        name = str(_downloaded(name.removeprefix("pip:"), folder))
    if Path(name).is_dir():
        return lambda file: (Path(name) / file).read_bytes() if (Path(name) / file).is_file() else None
    archive = stack.enter_context(zipfile.ZipFile(name))
    members = {PurePosixPath(member).name: member for member in archive.namelist()}
    return lambda file: archive.read(members[file]) if file in members else None


def _asked(address: str) -> bytes | None:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return answer.read()
    except urllib.request.HTTPError as error:
        if error.code in (403, 404):
            return None
        raise


def _downloaded(package: str, folder: Path) -> Path:
    """The wheel of a package, from the index that pip uses. It is unpacked, never installed."""
    pip = [sys.executable, "-m", "pip"] if find_spec("pip") else [shutil.which("pip") or "pip"]
    done = subprocess.run([*pip, "download", "--quiet", "--no-deps", "--only-binary=:all:", "--ignore-requires-python",
                           "--disable-pip-version-check", "--dest", str(folder), package],
                          text=True, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise OSError(f"pip found no wheel: {done.stdout.strip()[-300:]}")
    return wheels[0]


def stored(cache: Path) -> Runtime | None:
    """What is pinned, if all of it has been fetched."""
    runtime = read_runtime()
    return None if runtime.missing(place(cache, runtime)) else runtime


def pin(folder: Path, packages: Sequence[str], lock: Path = LOCK) -> Runtime:
    """Writes the list anew from a folder that holds a Pyodide release: npm's package and the wheels of its lock."""
    release = json.loads((folder / "pyodide-lock.json").read_text("utf-8"))
    waiting, found = list(packages), {}
    while waiting:
        if (name := waiting.pop()) not in found:
            found[name] = release["packages"][name]
            waiting += found[name]["depends"]
    said = {"version": json.loads((folder / "package.json").read_text("utf-8"))["version"], "info": release["info"],
            "core": [_about(folder / name) for name in CORE],
            "packages": {name: found[name] | _about(folder / found[name]["file_name"]) for name in sorted(found)}}
    for name, package in found.items():
        if package["sha256"] != said["packages"][name]["sha256"]:
            raise BookError(f"is not the file of the lock beside it: expected sha256 {package['sha256']}",
                            path=folder / package["file_name"])
    lock.write_text(f"{_lines(said)}\n", "utf-8", newline="\n")
    return read_runtime(lock)


def _about(file: Path) -> dict:
    data = file.read_bytes()
    return {"file_name": file.name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


def _lines(said: dict) -> str:
    """JSON with one line a file."""
    core = ",\n".join(f"  {json.dumps(entry)}" for entry in said["core"])
    packages = ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in said["packages"].items())
    head = ",\n".join(f"{json.dumps(key)}: {json.dumps(said[key])}" for key in ("version", "info"))
    return f'{{\n{head},\n"core": [\n{core}\n],\n"packages": {{\n{packages}\n}}\n}}'
