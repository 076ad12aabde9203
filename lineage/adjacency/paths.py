"""Columns as numbers: the dataset's id and a code for the path, so that a dataset's columns are neighbours."""

from __future__ import annotations

import numpy as np

from lineage.questions.flows import Keys

_BITS = 28
#: The code of "all columns": what a filter or join bears on.
EVERY = 0
#: In the kind of a flow between columns: it only decides on values or rows, and carries none.
INDIRECT = 128


class ColumnPaths:
    """Paths of columns by code, given as they come."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {"": EVERY}
        self._paths: list[str] = [""]

    def code(self, path: str) -> int:
        """Return the code of a path; one never seen gets the next."""
        found = self._codes.setdefault(path, len(self._paths))
        if found == len(self._paths):
            self._paths.append(path)
        return found

    def key(self, dataset: int, path: str) -> int:
        """Return the number of a column."""
        return dataset << _BITS | self.code(path)

    def column(self, key: int) -> tuple[int, str]:
        """Return the dataset and path of a column."""
        return dataset_of(key), self._paths[key & ((1 << _BITS) - 1)]


def dataset_of(key: int) -> int:
    """Return the dataset of a column."""
    return key >> _BITS


def datasets_of(keys: Keys) -> Keys:
    """Return the datasets of columns."""
    return keys >> _BITS


def first_and_last(dataset: int) -> tuple[int, int]:
    """Return the numbers that a dataset's columns lie between, both included."""
    return dataset << _BITS, (dataset << _BITS) | ((1 << _BITS) - 1)


def keys_of(datasets: Keys, codes: Keys) -> Keys:
    """Return the numbers of columns."""
    return np.left_shift(datasets, _BITS) | codes
