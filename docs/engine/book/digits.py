"""scikit-learn's handwritten digits without scikit-learn, for the browser: there it brings SciPy, and both take 19 MB
and ten seconds. A page that takes nothing else of it finds this module as `sklearn.datasets`, with scikit-learn's own
files beside it (see `site_files.engine_archive`, `run-worker.js`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np


class Bunch(dict):
    """A dict whose items are attributes too."""

    def __init__(self, **items: object) -> None:
        super().__init__(items)
        self.__dict__ = self


def load_digits(*, n_class: int = 10, return_X_y: bool = False, as_frame: bool = False):
    """As scikit-learn's: 1797 images of 8 by 8 pixels, those below `n_class`."""
    if as_frame:
        raise ImportError("load_digits with as_frame=True requires pandas.")
    folder = Path(__file__).parent
    table = np.loadtxt(folder / "digits.csv.gz", delimiter=",")
    table = table[table[:, -1] < n_class]
    data, target = table[:, :-1], table[:, -1].astype(int)
    if return_X_y:
        return data, target
    return Bunch(data=data, target=target, frame=None,
                 feature_names=[f"pixel_{row}_{column}" for row in range(8) for column in range(8)],
                 target_names=np.arange(10), images=data.reshape(-1, 8, 8),
                 DESCR=(folder / "digits.rst").read_text("utf-8"))
