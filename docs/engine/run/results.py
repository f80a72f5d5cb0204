"""From pages to results: which chapters need to run, which are known already.

Twins hold the same blocks, so they share one run: a run is a sequence of blocks, with the inline expressions of
all its pages evaluated at their places. A run that lacks an expression of a page is run again as a whole, in a
fresh process, so no block ever meets a namespace in which an earlier block was skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..source.errors import BookError
from ..source.fences import DEFAULT_TIMEOUT
from ..source.page import Block, Page, in_file
from ..source.snippets import states, still
from . import versions
from .cache import Cache, digest, engine_digest
from .output import Output
from .pool import Pool


@dataclass(frozen=True)
class Setting:
    """All that a run depends on besides its code."""

    style: Path | None  # matplotlib style file
    packages: Mapping[str, str] = field(default_factory=dict)  # name -> version

    @property
    def digest(self) -> str:
        return digest({"engine": engine_digest("source", "run"),
                       "style": self.style.read_text("utf-8") if self.style else None,
                       "packages": dict(self.packages), "python": versions.python_build()})


@dataclass(frozen=True)
class Failure:
    """Why a run ended early: at a block or, with its `code`, at an inline expression. `block` counts those before."""

    block: int
    code: str | None
    message: str
    place: str | None


@dataclass
class Result:
    """What one run gave. `values` maps (number of blocks before it, expression) to text."""

    blocks: list[Output]
    values: dict[tuple[int, str], str]
    failure: Failure | None = None
    cached: bool = field(default=False, compare=False)

    @property
    def seconds(self) -> float:
        return round(sum(block.seconds for block in self.blocks), 3)


def run_key(page: Page, setting_digest: str) -> str:
    """Names a run by its content: the blocks' code, what they are expected to raise and how they move, in order."""
    return digest([setting_digest, [[b.section.file, b.section.first_line, b.section.code, b.options.raises,
                                     *([b.options.move.name, b.options.move.values] if b.options.move else [])]
                                    for b in page.blocks]])


class Watch:
    """What a caller may hear of runs while they go on; `pages` are the paths of the pages that share the run."""

    def begins(self, pages: list[str], of: int) -> None:
        """A run begins, one of so many."""

    def ended(self, pages: list[str], result: Result) -> None:
        """A run has ended, well or not."""


NOBODY = Watch()


def results_for(pages: Iterable[Page], setting: Setting, cache: Cache, pool: Pool,
                watch: Watch = NOBODY) -> dict[str, Result]:
    """The result of each page, by its path; what is missing in the cache is run, side by side."""
    common = setting.digest
    groups: dict[str, list[Page]] = {}
    for page in pages:
        groups.setdefault(run_key(page, common), []).append(page)
    results: dict[str, Result] = {}
    missing: list[tuple[str, dict]] = []
    modules = None
    for key, group in groups.items():
        wanted = sorted({(before, found.code) for page in group for before, found in page.expressions})
        result = _kept(cache.get(key))
        if result is not None and all(item in result.values for item in wanted):
            results[key] = result
        elif not wanted and not group[0].blocks:
            results[key] = Result([], {}, cached=True)
        else:
            modules = modules or versions.top_level_modules(setting.packages)
            missing.append((key, _job(group[0].blocks, wanted, setting, modules)))

    def tell(number: int, reply: dict | None) -> None:
        key, job = missing[number]
        sharing = [page.path for page in groups[key]]
        if reply is None:
            watch.begins(sharing, len(missing))
            return
        results[key] = result = _result(job, reply)
        if result.failure is None:
            values = [[*item, text] for item, text in result.values.items()]
            cache.put(key, {"blocks": result.blocks, "values": values})
        watch.ended(sharing, result)

    pool.run([job for _, job in missing], tell)
    return {page.path: results[key] for key, group in groups.items() for page in group}


def failure_of(page: Page, result: Result) -> BookError | None:
    """The failure of a run as an error of this page, None if all is well. It has no line if it is the twin's."""
    if (failure := result.failure) is None:
        return None
    if failure.code is None:
        block = page.blocks[failure.block]
        place = failure.place or f"{block.section.path}:{block.section.first_line}"
        place = in_file(place, [block.section for block in page.blocks], page.path)
        what = f"block {failure.block + 1} ({place}, section {block.section.name!r})"
        return BookError(f"{what}: {failure.message}", path=page.path, line=block.line)
    line = next((found.line for before, found in page.expressions
                 if (before, found.code) == (failure.block, failure.code)), None)
    whose = "inline expression" if line else "the twin page's inline expression"
    return BookError(f"{whose} `{failure.code}`: {failure.message}", path=page.path, line=line)


def _job(blocks: tuple[Block, ...], wanted: list[tuple[int, str]], setting: Setting, modules: list[str]) -> dict:
    steps = [_step(block, before) for before, block in enumerate(blocks)]
    for before, code in reversed(wanted):  # from the end, so that the blocks before it stand at their numbers
        steps.insert(before, {"kind": "value", "code": code, "before": before, "timeout": DEFAULT_TIMEOUT})
    return {"steps": steps, "style": str(setting.style) if setting.style else None, "packages": modules}


def _step(block: Block, before: int) -> dict:
    section, options = block.section, block.options
    step = {"kind": "block", "code": section.code, "file": section.file, "before": before,
            "first_line": section.first_line, "raises": options.raises, "timeout": options.timeout}
    if move := options.move:
        step |= {"states": states(move, section), "still": still(move, section),
                 "timeout": (len(move.values) + 1) * options.timeout}  # the still runs twice
    return step


def _result(job: dict, reply: dict) -> Result:
    blocks, values = [], {}
    for step, outcome in zip(job["steps"], reply["results"], strict=False):  # a failed run ends early
        if step["kind"] == "block":
            blocks.append(Output.of(outcome))
        else:
            values[step["before"], step["code"]] = outcome
    failure = None
    if failed := reply["failure"]:
        step = job["steps"][failed["step"]]
        failure = Failure(step["before"], step["code"] if step["kind"] == "value" else None, failed["message"],
                          failed["place"])
    return Result(blocks, values, failure)


def _kept(content) -> Result | None:
    """The result kept in the cache; None if there is none, or one of another form."""
    try:
        values = {(before, code): text for before, code, text in content["values"]}
        return Result([Output.of(block) for block in content["blocks"]], values, cached=True)
    except (KeyError, TypeError, ValueError):
        return None
