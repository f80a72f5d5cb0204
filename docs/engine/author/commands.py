"""`book new`, `check`, `test`, `runtime`, `publish`: what one asks of the engine beside MkDocs' own commands."""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath

from ..book import runtime
from ..book.book import Book
from ..source.errors import BookError
from .check import LANGUAGES, check
from .new_chapter import Chapter, new_chapter


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 when nothing is left to do, 1 when a person has something to mend, 2 for a wrong call."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a pipe on Windows has no character for most of the book
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        return options.run(Book(find_root(Path.cwd())), options)
    except BookError as error:
        print(error, file=sys.stderr)
        return 1


def find_root(start: Path) -> Path:
    """The folder of the book that `start` lies in."""
    for folder in (start, *start.parents):
        if (folder / "mkdocs.yml").is_file() and (folder / "snippets").is_dir():
            return folder
    raise BookError(f"no book here: neither {start} nor a folder above it has mkdocs.yml and snippets/; "
                    "go to the folder that you cloned")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="book", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[Book, argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about)
        made.set_defaults(run=run)
        return made

    new = command("new", _new, "a new chapter in both languages, with snippet, test and place in the nav")
    new.add_argument("page", help="name of its files, such as batch-size")
    new.add_argument("--zh", metavar="TITLE", help="its Chinese title")
    new.add_argument("--en", metavar="TITLE", help="its English title")
    new.add_argument("--after", metavar="PAGE", help="the chapter that it follows; without, it is the last")

    checking = command("check", _check, "twins, labels, symbols and house rules of all pages, in seconds")
    checking.add_argument("--final", action="store_true", help="a draft is an error")

    testing = command("test", _test, "all that covers one page: its check, blocks, tests and rendering")
    testing.add_argument("page", metavar="PAGE", help="such as loss or labs/digit-classifier")

    command("publish", _publish, "the site with PDFs and offline copies, for any server of files")

    running = command("runtime", _runtime, "the files that run code in the page: fetched, checked, kept")
    running.add_argument("--from", dest="sources", metavar="SOURCE", action="append",
                         help="an address, a folder, a zip or wheel, or pip:NAME==VERSION; may be repeated")
    running.add_argument("--pin", metavar="FOLDER", type=Path,
                         help="for maintainers: pin the Pyodide release that is unpacked there, wheels included")
    return parser


def _new(book: Book, options: argparse.Namespace) -> int:
    files = new_chapter(book.root, Chapter(options.page, options.zh, options.en, options.after))
    for path, text in files.items():
        (book.root / path).write_text(text, "utf-8", newline="\n")
        print(f"wrote {path}")
    print("\nIt builds and passes as it is; now make it yours. `mkdocs serve` shows it, "
          "`book check` says what it still lacks.")
    return 0


def _check(book: Book, options: argparse.Namespace) -> int:
    began = time.monotonic()
    found = check(book)
    errors = found.errors + ([BookError("is a draft; finish it and take 'draft: true' out", path=path)
                              for path in found.drafts] if options.final else [])
    if errors:
        print(*map(str, errors), sep="\n")
    if found.missing:
        print("Drafts, before they are chapters:", *map(str, found.missing), sep="\n")
    print(f"{found.pages} pages, {len(errors)} faults, {time.monotonic() - began:.1f} s")
    return 1 if errors else 0


def _test(book: Book, options: argparse.Namespace) -> int:
    name = options.page.removesuffix(".md")
    pages = [f"docs/{language}/{name}.md" for language in LANGUAGES]
    if missing := [page for page in pages if not (book.root / page).is_file()]:
        raise BookError("is not there; name a page as it stands below docs/en, such as loss", path=missing[0])
    module = f"tests/chapters/test_{PurePath(name).name.replace('-', '_')}.py"
    files = [*pages, *([module] if (book.root / module).is_file() else [])]
    faults = [error for error in check(book).errors if error.path in (*pages, None)]
    print(*(faults or [f"{len(pages)} pages checked"]), sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as site:
        programs = (["pytest", "-q", "-n0", *files], ["mkdocs", "build", "--strict", "--site-dir", site])
        ended = [subprocess.run([sys.executable, "-m", *program], cwd=book.root).returncode for program in programs]
    return 1 if faults or any(ended) else 0


def _publish(book: Book, options: argparse.Namespace) -> int:
    from ..publish.publish import publish  # half a second that no other command needs

    for copy in publish(book.root):
        print(f"wrote {copy.relative_to(book.root)} ({copy.stat().st_size / 1e6:.1f} MB)", flush=True)
    return 0


def _runtime(book: Book, options: argparse.Namespace) -> int:
    pinned = runtime.pin(options.pin, book.declared) if options.pin else runtime.read_runtime()
    sources = options.sources or [str(options.pin)] * bool(options.pin) or runtime.SOURCES
    runtime.fetch(pinned, runtime.place(book.cache, pinned), sources)
    print(f"Pyodide {pinned.version}: {len(pinned.files)} files, {pinned.size / 1e6:.1f} MB, checked and kept; the "
          "next build has buttons that run code in the page")
    return 0


if __name__ == "__main__":
    sys.exit(main())
