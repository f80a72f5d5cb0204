"""What a block gave: plain data from the process that ran it to the page. As JSON it is what `vars` says of it.

A block that moves runs once for each of its states, every time from the names that the blocks before it left. The state
that the page shows runs first and once more at the end, and must give the same both times: then no state has seen
another, and the blocks below find what the code on the page leaves.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

Limits = list[list[float]]  # of the figures of one state: size, then where each of its axes begins and ends


@dataclass(frozen=True)
class Shown:
    """What one run of a block shows; `error` is the last line of the exception that it was to raise."""

    stdout: str = ""
    value: str | None = None
    error: str | None = None
    figures: list[str] = field(default_factory=list)  # SVG, as matplotlib writes it


@dataclass(frozen=True)
class Output(Shown):
    """What a block gave; one that moves shows its still, and has what each of its states shows."""

    states: list[Shown] = field(default_factory=list)
    seconds: float = field(default=0.0, compare=False)  # of the processor

    @classmethod
    def of(cls, given: dict) -> Output:
        """From JSON; TypeError or KeyError if it has another form."""
        return replace(cls(**given), states=[Shown(**state) for state in given["states"]])


class StepFailed(Exception):
    """A step that did not do what the page says; `place` is the snippet's `file:line`, None for where it begins."""

    def __init__(self, message: str, place: str | None = None):
        self.message, self.place = message, place
        super().__init__(message)


def run_states(names: dict, count: int, still: int, run: Callable[[int], tuple[Shown, Limits]]) -> list[Shown]:
    """What each state shows. `run` runs a state, by its number, in `names` and gives that and its `axes_limits`."""
    before = dict(names)

    def again(state: int) -> tuple[Shown, Limits]:
        names.clear()
        names.update(before)
        try:
            return run(state)
        except StepFailed as failure:
            raise StepFailed(f"state {state + 1}: {failure.message}", failure.place) from failure

    first = again(still)
    found = [first if state == still else again(state) for state in range(count)]
    for shown, _ in found:
        if len(shown.figures) != 1:
            raise StepFailed(f"a state draws {len(shown.figures)} figures; a block that moves draws one")
    if differ := _differ([limits for _, limits in found]):
        raise StepFailed(f"the states have other axes: {differ}")
    if again(still) != first:
        raise StepFailed("gives something else when it runs a second time, so its states would depend on each other; "
                         "make what it changes (a generator of random numbers, a list, an array) inside the block")
    return [shown for shown, _ in found]


def axes_limits() -> Limits:
    """Of the open figures."""
    if (pyplot := sys.modules.get("matplotlib.pyplot")) is None:
        return []
    sides = []
    for figure in map(pyplot.figure, pyplot.get_fignums()):
        sides += [figure.get_size_inches(), *((*axes.get_xlim(), *axes.get_ylim()) for axes in figure.axes)]
    return [[float(f"{side:.9g}") for side in box] for box in sides]


def _differ(states: Sequence[Limits]) -> str | None:
    """What to set, where the figures of the states differ in size or in their axes."""
    if len(set(map(len, states))) > 1:
        return f"{', '.join(str(len(boxes) - 1) for boxes in states)} of them; draw the same axes in each state"
    for number, boxes in enumerate(zip(*states)):
        if any(box != boxes[0] for box in boxes):
            low, high = list(map(min, zip(*boxes))), list(map(max, zip(*boxes)))
            return "the figures differ in size; give all the same figsize" if number == 0 else (
                f"no. {number} needs xlim=({low[0]:.4g}, {high[1]:.4g}), "
                f"ylim=({low[2]:.4g}, {high[3]:.4g}) in each state")
    return None
