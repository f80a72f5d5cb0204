"""Fixtures: the real site, built once per session, and small sites that tests may break."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import browsing
import markdown
import pytest
import yaml
from filelock import FileLock
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from mkdocs.utils.yaml import get_yaml_loader
from pytest_markdown_docs.plugin import MarkdownDocstringCodeModule

from book_engine.book.book import Book, open_cache
from book_engine.markdown.context import BookContext
from book_engine.markdown.extension import BookExtension
from book_engine.run import versions
from book_engine.run.cache import Cache
from book_engine.run.pool import Pool
from book_engine.run.results import Result, Setting, results_for
from book_engine.source.page import Page, read_page

collect_ignore = ["benchmark.py", "lighthouse.py"]  # programs, not tests
ROOT = Path(__file__).resolve().parents[1]

SMALL_PAGE = """---
description: A page of the small book, in {language}.
---
# Page {{#{page}}}

Before any block, `{{python}} 1 + 1` is known.

## First {{#first}}

```python
--8<-- "{file}:imports"
```

The sum is `{{python}} f"{{total:.1f}}"` after the run.

$$ \\hat{{y}} = w x + b \\label{{{label}}} $$

See \\eqref{{{label}}}.

```{{.python alt="A rising line"}}
--8<-- "{file}:draw"
```

/// figure-caption
A line, with $x^2$.
///

## Second {{#second}}

/// details | Solution
    type: solution

```python
--8<-- "{file}:last"
```

///
"""

SMALL_SNIPPET = """# --8<-- [start:imports]
import matplotlib.pyplot as plt
import numpy as np

total = 6.0
# --8<-- [end:imports]

# --8<-- [start:draw]
x = np.arange(3.0)
fig, ax = plt.subplots()
ax.plot(x, x**2, label="square")
ax.legend()
print("drawn")
# --8<-- [end:draw]

# --8<-- [start:last]
x
# --8<-- [end:last]
"""


@dataclass
class SmallSite:
    """A book of two chapters in a folder of its own, with this project's theme."""

    root: Path

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="\n")
        return file

    def edit(self, path: str, old: str, new: str) -> int:
        """Replaces `old`, which must stand in the file; returns the line of its first occurrence."""
        file = self.root / path
        text = file.read_text("utf-8")
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def build(self, *options: str, seconds: float = 180, **environment: str) -> subprocess.CompletedProcess[str]:
        """`mkdocs build` in this folder; standard output and error in one, as a reader of a terminal sees them."""
        return subprocess.run([sys.executable, "-m", "mkdocs", "build", *options], cwd=self.root, text=True,
                              encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=user_environment(**environment), timeout=seconds)


def user_environment(**variables: str) -> dict[str, str]:
    """The environment of programs that tests start, as users have it: buffered, with compiled modules kept."""
    unusual = ("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in unusual}
    return kept | {"NO_MKDOCS_2_WARNING": "1", "PYTEST_ADDOPTS": "-n0"} | variables


def make_small_site(root: Path, chapters: tuple[str, ...] = ("loss", "gradient-descent")) -> SmallSite:
    """Pages at docs/<language>/<chapter>.md, code at snippets/<chapter>.py with - as _."""
    site = SmallSite(root)
    docs = ROOT / "docs"
    for folder in ("assets", "overrides"):
        shutil.copytree(docs / folder, root / "docs" / folder)
    shutil.copy(ROOT / "pyproject.toml", root / "pyproject.toml")
    config, nav = (ROOT / "mkdocs.yml").read_text("utf-8"), "".join(f"      - {name}.md\n" for name in chapters)
    before, rest = config.split("  - chapters:\n", 1)
    site.write("mkdocs.yml", f"{before}  - chapters:\n{nav}\n{rest[rest.index('extra:'):]}")
    shutil.copy(docs / "index.md", root / "docs" / "index.md")
    for language in ("zh", "en"):
        links = "\n".join(f"- [{name}]({name}.md#first)" for name in chapters)
        site.write(f"docs/{language}/index.md", f"---\ndescription: Home.\n---\n# Home {{#index}}\n\n{links}\n")
        for name in chapters:
            site.write(f"docs/{language}/{name}.md", SMALL_PAGE.format(
                language=language, page=name, label=name, file=f"{name.replace('-', '_')}.py"))
    for name in chapters:
        site.write(f"snippets/{name.replace('-', '_')}.py", SMALL_SNIPPET)
    return site


def find_linter(name: str) -> str:
    """A program of the `test` extra; without it the test is skipped or, in CI, fails."""
    places = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} is not installed: pip install -e '.[test]'")
    return found


@pytest.fixture(scope="session")
def linter() -> Callable[[str], str]:
    return find_linter


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path):
    """Keeps pytest-markdown-docs to pages: it would import each test module a second time to read its docstrings."""
    return [found for found in (yield) if not isinstance(found, MarkdownDocstringCodeModule)]


@pytest.fixture(scope="session")
def make_site() -> Callable[..., SmallSite]:
    return make_small_site


@pytest.fixture
def small_site(tmp_path: Path) -> SmallSite:
    return make_small_site(tmp_path / "book")


def once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder that `make` fills; once for all of pytest-xdist's workers, the first of which makes it."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    folder = shared / name
    with FileLock(shared / f"{name}.lock"):
        if not folder.is_dir():
            unfinished = shared / f"{name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


def copy_of_the_project(folder: Path) -> Path:
    """What a clone holds that a build reads, and what `book runtime` fetched; no cache, no site."""
    folder.mkdir(parents=True)
    if (ROOT / ".cache/runtime").is_dir():
        shutil.copytree(ROOT / ".cache/runtime", folder / ".cache/runtime")
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for name in ("docs", "snippets"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="session")
def built_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, built strictly and from nothing: in another folder, with other settings of the system."""
    def make(folder: Path) -> None:
        copy = SmallSite(copy_of_the_project(folder / "much deeper" / "数 folder"))
        done = copy.build("--strict", seconds=600, PYTHONHASHSEED="2", TZ="Asia/Shanghai", LC_ALL="C")
        assert done.returncode == 0 and "WARNING" not in done.stdout, done.stdout

    return once(tmp_path_factory, "copy", make) / "much deeper" / "数 folder"


@pytest.fixture(scope="session")
def built_site(built_copy: Path) -> Path:
    """The folder of the real site."""
    return built_copy / "site"


@pytest.fixture(scope="session")
def plain_environment() -> Callable[..., dict[str, str]]:
    return user_environment


@pytest.fixture(scope="module")
def address(built_site: Path) -> Iterator[str]:
    """Where the real site is served."""
    with browsing.served(built_site) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[browsing.Browser]:
    """Chromium; of one module, since Playwright keeps its event loop running meanwhile."""
    with browsing.launched() as browser:
        yield browser


@pytest.fixture
def reader(browser: browsing.Browser, address: str, request: pytest.FixtureRequest) -> Iterator[browsing.Reader]:
    """A reader with the settings of the test's parameter; at the end, nothing may have gone wrong."""
    reader = browsing.Reader(browser, address, **getattr(request, "param", {}))
    yield reader
    reader.context.close()
    assert reader.faults == []


@pytest.fixture(scope="session")
def sound_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site built once, with its cache: what a contributor has before a mistake."""
    def make(folder: Path) -> None:
        done = make_small_site(folder / "book").build()
        assert done.returncode == 0, done.stdout

    return once(tmp_path_factory, "sound", make) / "book"


@pytest.fixture
def warm_site(sound_folder: Path, tmp_path: Path) -> SmallSite:
    """A copy of the built small site, for a test to change."""
    return SmallSite(shutil.copytree(sound_folder, tmp_path / "book"))


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    """One process pool for all tests, with Python's buffering as users have it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONUNBUFFERED", raising=False)
        with Pool() as pool:
            yield pool


@dataclass
class Workbench:
    """Steps and pages made of strings, run by the engine's own pool."""

    pool: Pool
    root: Path
    setting: Setting
    modules: list[str]
    page: Page | None = None  # that `html` read last

    def job(self, *steps: str | tuple[str, str] | dict) -> dict:
        """One chapter: code; (code, the exception that it must raise); or a step as the pool takes it."""
        made, before = [], 0
        for step in steps:
            if isinstance(step, str):
                step = {"code": step}
            elif isinstance(step, tuple):
                step = {"code": step[0], "raises": step[1]}
            made.append({"kind": "block", "file": "a.py", "before": before, "first_line": 100 * before + 1,
                         "raises": None, "timeout": 20.0, **step})
            if made[-1]["kind"] == "block":
                made[-1]["code"] += "\n"
            before += made[-1]["kind"] == "block"
        return {"steps": made, "style": str(self.setting.style), "packages": self.modules}

    def reply(self, *steps: str | tuple[str, str] | dict) -> dict:
        """What the pool says of one chapter: {"results": [...], "failure": None or {...}}."""
        return self.pool.run([self.job(*steps)])[0]

    def results(self, *steps: str | tuple[str, str] | dict) -> list:
        """The results of a chapter that must succeed."""
        reply = self.reply(*steps)
        assert reply["failure"] is None, reply["failure"]
        return reply["results"]

    def failure(self, *steps: str | tuple[str, str] | dict) -> dict:
        """The failure of a chapter that must fail: {"step", "message", "place"}."""
        reply = self.reply(*steps)
        assert reply["failure"] is not None, f"expected a failure, found {reply['results']}"
        return reply["failure"]

    def sections(self, **sections: str) -> Path:
        """snippets/a.py with these sections; returns the folder."""
        folder = self.root / "snippets"
        folder.mkdir(exist_ok=True)
        text = "\n".join(f"# --8<-- [start:{name}]\n{code}\n# --8<-- [end:{name}]\n"
                         for name, code in sections.items())
        (folder / "a.py").write_text(text, "utf-8", newline="\n")
        return folder

    def html(self, text: str, *, show_errors: bool = False, **sections: str) -> str:
        """The page that `text` becomes, with the Markdown extensions of mkdocs.yml; no MkDocs takes part."""
        folder = self.sections(**sections)

        def run(page: Page) -> Result:
            self.page = page
            return results_for([page], self.setting, Cache(folder, enabled=False), self.pool)[page.path]

        book = BookExtension(BookContext(self.root, run=run, show_errors=show_errors))
        names, configs = markdown_extensions()
        return markdown.markdown(text, extensions=[*names, self.named(text), book], extension_configs=configs)

    def named(self, source: str, name: str = "a") -> Extension:
        """Writes docs/en/NAME.md, and gives the extension by which a builder says that the text is this page's."""
        file = self.root / f"docs/en/{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, "utf-8", newline="\n")
        return NamedPage(file.name)


class NamedPage(Extension):
    """As Zensical has it."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        context = Preprocessor(md)
        context.page, context.run = SimpleNamespace(path=self.path), lambda lines: lines
        md.preprocessors.register(context, "rendering_context", 0)


@functools.cache
def markdown_extensions() -> tuple[list[str], dict]:
    """Names and options of `markdown_extensions` in mkdocs.yml, and of the caption that language.py adds."""
    config = yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), get_yaml_loader())
    entries = config["markdown_extensions"]
    configs = {name: options for entry in entries if isinstance(entry, dict) for name, options in entry.items()}
    names = [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]
    caption = {"types": ["caption", {"name": "figure-caption", "prefix": "Figure {}"}]}
    return names, configs | {"pymdownx.blocks.caption": caption}


@pytest.fixture(scope="session")
def real_setting() -> tuple[Setting, list[str]]:
    setting = Book(ROOT).setting()
    return setting, versions.top_level_modules(setting.packages)


@pytest.fixture
def workbench(pool: Pool, tmp_path: Path, real_setting: tuple[Setting, list[str]]) -> Workbench:
    return Workbench(pool, tmp_path, *real_setting)


class Processes:
    """Programs that a test starts, and all that descends from them, known by a mark in their environment."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.started: list[subprocess.Popen[str]] = []

    def start(self, command: list[str], **options) -> subprocess.Popen[str]:
        """A program in a session of its own, as a shell gives it; output and errors in one pipe."""
        environment = user_environment(**options.pop("env", {}), **{MARK: self.mark})
        program = subprocess.Popen(command, env=environment, text=True, encoding="utf-8", stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, start_new_session=True, **options)
        self.started.append(program)
        return program

    def wait_for(self, file: Path, seconds: float = 60) -> None:
        """Until the file is there."""
        end = time.monotonic() + seconds
        while not file.exists():
            assert time.monotonic() < end, f"{file} did not appear"
            assert any(program.poll() is None for program in self.started), self.started[-1].stdout.read()
            time.sleep(0.01)

    def wait_for_line(self, program: subprocess.Popen[str], text: str) -> str:
        """Reads the program's output up to the line that holds the text; returns all of it."""
        read = ""
        for line in program.stdout:
            read += line
            if text in line:
                return read
        raise AssertionError(f"expected {text!r} in the output, found:\n{read}")

    def left(self) -> dict[int, str]:
        """Command lines of all living processes that bear the mark, the test's own programs included."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if f"{MARK}={self.mark}".encode() in (folder / "environ").read_bytes():
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")[:100]
        return found

    def assert_none_left(self, seconds: float = 10) -> None:
        if not Path("/proc/self/environ").exists():
            pytest.skip("this system does not show the environment of processes under /proc")
        end = time.monotonic() + seconds
        while left := self.left():
            assert time.monotonic() < end, f"left behind: {left}"
            time.sleep(0.02)

    def close(self) -> None:
        for program in self.started:
            program.kill()
            program.wait()
            program.stdout.close()
        for pid in self.left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


MARK = "BOOK_TEST_MARK"


@pytest.fixture
def processes() -> Iterator[Processes]:
    processes = Processes(uuid.uuid4().hex)
    # A shell lets what it starts in the background ignore Ctrl-C, and children inherit that; these are to obey it.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield processes
    finally:
        signal.signal(signal.SIGINT, handler)
        processes.close()


@pytest.fixture(scope="session")
def real_pages() -> dict[str, Page]:
    """Every page of the book, in both languages, by its path."""
    book = Book(ROOT)
    return {source.path: read_page(source.text, book.snippets, source.path)
            for language in ("zh", "en") for source in book.sources(language, [])}


@pytest.fixture(scope="session")
def real_results(real_pages: dict[str, Page], built_copy: Path, pool: Pool) -> dict[str, Result]:
    """What the build got from the real pages: twins' expressions evaluated in one run. The build has just kept them."""
    book = Book(built_copy)
    results = results_for(real_pages.values(), book.setting(), open_cache(book), pool)
    assert not any(result.failure for result in results.values()) and all(result.cached for result in results.values())
    return results


@pytest.fixture(scope="session")
def run_lab(real_pages: dict[str, Page]) -> Callable[[str], dict]:
    """Runs the cells of a lab in this process; gives the names that they made. Both languages have the same cells."""
    import matplotlib.pyplot as plt

    def run(name: str) -> dict:
        path, names = f"docs/en/labs/{name}.md", {}
        with plt.rc_context({"backend": "agg"}):
            for block in real_pages[path].blocks:
                code = "\n" * block.line + block.section.code  # so that a traceback names the page's line
                exec(compile(code, str(ROOT / path), "exec"), names)
            plt.close("all")
        return names

    return run
