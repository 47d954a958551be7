"""Which unit, seen when, asked about which class and grade: the rows of a learner's table.

Each unit stands there as it was at intake (x0) and after the check (x1), with the grade that the check found as context: so
one booster answers for every grade before the check, and for the found one after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .contract import CLASSES, FeatureContract
from .encode import Encoding
from .prepare import Rows


@dataclass(frozen=True)
class Input:
    """A column of a booster: a feature, an encoding, or the class or grade that is asked about."""

    kind: str
    name: str

    def as_json(self) -> dict:
        return {self.kind: self.name}


@dataclass(frozen=True)
class Asked:
    """Rows of a table by unit, view (0 intake, 1 check) and class (-1 none)."""

    unit: np.ndarray
    view: np.ndarray
    klass: np.ndarray

    def take(self, chosen: np.ndarray) -> "Asked":
        return Asked(self.unit[chosen], self.view[chosen], self.klass[chosen])


def asked_for(observed: list[tuple[int, np.ndarray]], views: tuple[int, ...] = (0, 1)) -> Asked:
    """`observed` holds, by class (-1: none), the units whose outcome is known."""
    parts = [(units, np.full(len(units), view), np.full(len(units), c)) for view in views for c, units in observed]
    return Asked(*(np.concatenate(column) for column in zip(*parts)))


def class_rows(rows: Rows, outcome: str, classes: range = range(len(CLASSES))) -> list[tuple[int, np.ndarray]]:
    graded = ~np.isnan(rows.outcomes["grade"])
    return [(c, np.flatnonzero(graded & ~np.isnan(rows.of_class(outcome, c)))) for c in classes]


def column_of(rows: Rows, asked: Asked, outcome: str) -> np.ndarray:
    """The outcome of each asked row's class."""
    by_class = np.column_stack([rows.of_class(outcome, c) for c in range(len(CLASSES))])
    return by_class[asked.unit, asked.klass]


def table_of(
    rows: Rows,
    asked: Asked,
    inputs: list[Input],
    encodings: dict[str, Encoding],
    contract: FeatureContract,
    of_training: dict[str, np.ndarray] | None = None,
) -> np.ndarray:
    """Float32 columns of the inputs. `of_training` gives training rows their own, leak-free numbers of an encoding."""
    table = np.empty((len(asked.unit), len(inputs)), np.float32)
    for i, item in enumerate(inputs):
        if item.kind == "context":
            table[:, i] = asked.klass if item.name == "class" else rows.outcomes["grade"][asked.unit]
            continue
        if item.kind == "encoding" and of_training is not None and item.name in of_training:
            # What is known only after the check is missing at intake, also when encoded.
            pair = of_training[item.name]
            table[:, i] = np.where(asked.view == 0, pair[0][asked.unit], pair[1][asked.unit])
            continue
        feature = item.name if item.kind == "feature" else encodings[item.name].feature
        place = contract.place(feature)
        both = np.stack([rows.x0[:, place], rows.x1[:, place]])
        if item.kind == "encoding":
            both = np.stack([encodings[item.name].of(both[0]), encodings[item.name].of(both[1])])
        table[:, i] = both[asked.view, asked.unit]
    return table
