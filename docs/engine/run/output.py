"""What a block gave: plain data from the process that ran it to the page. As JSON it is what `vars` says of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


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
