"""The synthetic views series: its parts, and what the chapters' stories rely on."""

from __future__ import annotations

import numpy as np
import pytest
from views import views_series

SEEDS = range(20)


def low_days(dates: np.ndarray) -> np.ndarray:
    """Fridays and Saturdays, by Python's own calendar rather than by arithmetic on day numbers."""
    return np.array([day.isoweekday() in (5, 6) for day in dates.astype(object)])


def test_calendar():
    dates, views = views_series()
    assert dates.shape == views.shape == (1506,)
    assert dates.dtype == np.dtype("datetime64[D]") and views.dtype == np.float64
    assert (str(dates[0]), str(dates[-1])) == ("2017-01-01", "2021-02-14")
    assert np.all(np.diff(dates).astype(int) == 1)


def test_the_seed_decides():
    assert np.array_equal(views_series()[1], views_series(0)[1])
    assert np.array_equal(views_series(7)[1], views_series(7)[1])
    assert not np.array_equal(views_series(0)[1], views_series(1)[1])


@pytest.mark.parametrize("seed", [0, 5])
def test_parts_add_up(seed):
    """Level, dip and noise as the docstring says: what is left after them are the generator's own draws."""
    dates, views = views_series(seed)
    noise = views - np.linspace(2800, 7800, 1506) + 800 * low_days(dates)
    draws = np.random.default_rng(seed).normal(0, 240, 1506)
    assert noise[0] == pytest.approx(draws[0])
    assert noise[1:] - 0.9 * noise[:-1] == pytest.approx(draws[1:])


@pytest.mark.parametrize("seed", SEEDS)
def test_stories(seed):
    """Positive, about 5000, low on Fridays and Saturdays, and yesterday predicts today with slope near 1."""
    dates, views = views_series(seed)
    assert views.min() > 0
    assert 4500 < views.mean() < 5500
    low = low_days(dates)
    assert 600 < views[~low].mean() - views[low].mean() < 1000
    slope, intercept = np.polyfit(views[:-1], views[1:], 1)
    assert 0.9 < slope < 1
    assert abs(slope * views.mean() + intercept - views.mean()) < 20
