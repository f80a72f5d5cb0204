"""A block that moves: its code runs once for each value, every time from the names that the blocks before it left.

The state that the page shows runs first and once more at the end, and must give the same both times: then no state has
seen another, and the blocks below find what the code on the page leaves.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from .output import Shown, StepFailed

Limits = list[list[float]]  # of the figures of one state: size, then where each of its axes begins and ends


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
