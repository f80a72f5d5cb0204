"""The lab's checks and what its page claims of the given run."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

LAB = "batch-size-study"


@pytest.fixture(scope="module")
def lab(run_lab) -> dict:
    return run_lab(LAB)


def solutions(lab: dict) -> dict[str, tuple[str, object, list[str]]]:
    """What a learner may write, made of what is right: (check, function, words of the answer)."""
    rate, band, difference = lab["learning_rate"], lab["band"], lab["difference"]
    def rule(**powers):
        return lambda B, name: 0.1 * (B / 10) ** ({"constant": 0, "linear": 1, "root": 0.5} | powers)[name]

    def unpaired(a, b):
        return np.mean(a - b), 2 * np.hypot(a.std(ddof=1), b.std(ddof=1)) / np.sqrt(len(a))

    return {
        "rate: empty": ("rate_faults", lambda B, rule: None, ["not written yet"]),
        "rate: linear as root": ("rate_faults", rule(linear=0.5), ["linear", "is 0.2, expected 0.4", "square root"]),
        "rate: root as linear": ("rate_faults", rule(root=1), ["root", "is 0.4, expected 0.2", "the linear rule"]),
        "rate: linear as constant": ("rate_faults", rule(linear=0), ["is 0.1, expected 0.4", "that is constant"]),
        "rate: inverse": ("rate_faults", rule(linear=-1), ["0.025", "larger rate, not a smaller"]),
        "rate: from B = 1": ("rate_faults", lambda B, name: 0.1 * B if name == "linear" else rate(B, name),
                             ["is 4, expected 0.4", "not to B = 1"]),
        "rate: constant forgotten": ("rate_faults", lambda B, name: rate(B, name) if name != "constant" else 0.4,
                                     ["constant", "expected 0.1"]),
        "rate: array": ("rate_faults", lambda B, name: np.array([0.1]), ["expected one number"]),
        "band: axis": ("band_faults", lambda v: np.quantile(v, [0.1, 0.5, 0.9], axis=0), ["(3, 21)", "axis 1"]),
        "band: transposed": ("band_faults", lambda v: band(v).T, ["transposed"]),
        "band: mean": ("band_faults", lambda v: np.array([band(v)[0], v.mean(axis=1), band(v)[2]]), ["the median"]),
        "band: extremes": ("band_faults", lambda v: np.quantile(v, [0, 0.5, 1], axis=1), ["10% and 90%"]),
        "band: upside down": ("band_faults", lambda v: band(v)[::-1], ["low first"]),
        "band: median only": ("band_faults", lambda v: np.median(v, axis=1), ["(3,)", "(3, 3)"]),
        "band: quartiles": ("band_faults", lambda v: np.quantile(v, [0.25, 0.5, 0.75], axis=1), ["the first moment"]),
        "difference: sign": ("difference_faults", lambda a, b: difference(b, a), ["reversed", "a - b"]),
        "difference: median": ("difference_faults", lambda a, b: (np.max(a - b), 0.0), ["0.0200", "the mean of a - b"]),
        "difference: no root": ("difference_faults", lambda a, b: (np.mean(a - b), 2 * (a - b).std(ddof=1)),
                                ["square root of the number"]),
        "difference: by R": ("difference_faults", lambda a, b: (np.mean(a - b), 2 * (a - b).std(ddof=1) / len(a)),
                             ["not its root"]),
        "difference: one error": ("difference_faults",
                                  lambda a, b: (np.mean(a - b), (a - b).std(ddof=1) / np.sqrt(len(a))),
                                  ["one standard error, expected two"]),
        "difference: deviation": ("difference_faults", lambda a, b: (np.mean(a - b), (a - b).std(ddof=1)),
                                  ["standard deviation of one"]),
        "difference: ddof": ("difference_faults", lambda a, b: (np.mean(a - b), 2 * (a - b).std() / np.sqrt(len(a))),
                             ["ddof=1"]),
        "difference: unpaired": ("difference_faults", unpaired, ["pairs", "standard deviation of a - b"]),
        "difference: one number": ("difference_faults", lambda a, b: np.mean(a - b), ["expected mean, margin"]),
        "right root by sqrt": ("rate_faults", lambda B, name: float(rate(B, name)), ["right"]),
        "right band, stacked": ("band_faults", lambda v: [np.quantile(v, q, axis=1) for q in (0.1, 0.5, 0.9)],
                                ["right"]),
    }


@pytest.mark.parametrize("name", solutions(defaultdict(lambda: None)))
def test_a_solution_is_answered(lab: dict, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    faults, solution, words = solutions(lab)[name]
    lab["report"]("task", lab[faults](solution))
    said = capsys.readouterr().out.strip().removeprefix("task: ")
    assert (said == "right") is name.startswith("right"), said
    for word in words:
        assert word in said


def test_every_task_is_empty_and_its_solution_right(run_lab, capsys: pytest.CaptureFixture[str]) -> None:
    run_lab(LAB)
    said = [line.rpartition(": ") for line in capsys.readouterr().out.splitlines()]
    outcomes = [(task, word) for task, _, word in said if word in ("not written yet", "right")]
    assert outcomes == [(task, word) for task in ("learning_rate", "band", "difference")
                        for word in ("not written yet", "right")]


def test_gradients_against_differences(lab: dict) -> None:
    """Of all parameters of two networks, in float64."""
    rng = np.random.default_rng(0)
    params, X, y = lab["start"](2, rng), rng.random((2, 5, 64)), rng.integers(0, 10, (2, 5))
    for p, d in zip(params, lab["gradients"](params, X, y)):
        for run, place in ((0, 0), (1, p[1].size // 2), (1, p[1].size - 1)):
            index, losses = (run, *np.unravel_index(place, p[run].shape)), []
            for step in (1e-6, -1e-6):
                p[index] += step
                losses.append(lab["scores"](params, X, y)[0, run])
                p[index] -= step
            assert d[index] == pytest.approx((losses[0] - losses[1]) / 2e-6, abs=1e-7)


def test_a_seed_decides_everything(lab: dict) -> None:
    """A run is the same beside other runs; so runs of one seed are pairs."""
    _, alone = lab["study"](50, 0.1, 2, [3])
    updates, beside = lab["study"](50, 0.1, 2, [1, 3, 7])
    np.testing.assert_allclose(beside[:, :, 1:2], alone, rtol=1e-12)
    assert list(updates) == [6, 12] and beside.shape == (2, 4, 3)
    _, other = lab["study"](50, 0.1, 2, [4])
    assert not np.allclose(other, alone)


def test_a_last_batch_that_is_shorter(lab: dict) -> None:
    updates, _ = lab["study"](200, 0.1, 3, [0])
    assert list(updates) == [2, 4, 6]


def test_what_the_page_claims(lab: dict) -> None:
    last = {key: np.median(history[-1, 3]) for key, (_, history) in lab["results"].items()}
    assert last[10, 0.1] > last[50, 0.1] > last[300, 0.1], "at equal epochs the smaller batch is ahead"
    assert abs(last[50, 0.5] - last[10, 0.1]) < 0.02, "the linear rule keeps up"
    assert last[300, 3.0] < 0.15, "and fails for the full batch"
    updates = {key: moments[-1] for key, (moments, _) in lab["results"].items()}
    assert updates[10, 0.1] == 5 * updates[50, 0.5]
    assert 0 < lab["margin"] * 2.78 / 2 < lab["gap"], "a null result is reported as none"
    assert lab["unpaired"] > 5 * lab["margin"] and lab["unpaired"] > lab["gap"]


@pytest.mark.parametrize("rule", ["constant", "linear"])
def test_the_margin_shrinks_with_more_seeds_and_the_band_does_not(lab: dict, rule: str) -> None:
    """The claim of the section `more`, over 20 seeds."""
    runs = {B: 100 * lab["study"](B, lab["learning_rate"](B, rule), 4, range(20))[1][-1, 3] for B in (50, 100)}
    few, many = (lab["difference"](runs[50][:n], runs[100][:n])[1] for n in (5, 20))
    assert many < 0.8 * few
    low, _, high = lab["band"](runs[50][None])
    low5, _, high5 = lab["band"](runs[50][None, :5])
    assert high - low > 0.5 * (high5 - low5)
