"""The running case of the book: a synthetic channel's daily views."""

from __future__ import annotations

import numpy as np


# --8<-- [start:views_series]
def views_series(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Synthetic daily views of a channel, 2017-01-01 to 2021-02-14.

    Rising level + weekly dip on Friday and Saturday + AR(1) noise.
    Invented: no real channel is behind it.

    Returns:
        dates: shape (1506,), datetime64[D].
        views: shape (1506,), float64; in views, not thousands;
            about 5000 on average.
    """
    rng = np.random.default_rng(seed)
    dates = np.arange("2017-01-01", "2021-02-15", dtype="datetime64[D]")
    level = np.linspace(2800.0, 7800.0, dates.size)
    weekday = (dates.astype(int) + 3) % 7  # Monday is 0
    dip = np.where((weekday == 4) | (weekday == 5), 800.0, 0.0)
    noise = rng.normal(0.0, 240.0, dates.size)
    for t in range(1, dates.size):  # 0.9 of the noise stays
        noise[t] += 0.9 * noise[t - 1]
    return dates, level - dip + noise
# --8<-- [end:views_series]
