"""Categories as numbers: the mean of a target by code, learned on training rows only.

A row must not see its own target. Frequent codes give all rows the mean of all (own share at most 1 / FREQUENT); rare codes
give a row the mean of the rows before it in a fixed random order. Codes are drawn to their parent category by PRIOR rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .contract import FeatureContract

FREQUENT = 200
PRIOR = 20.0
PARENTS = {"category_l3": "category_l2", "category_l2": "category_l1"}


@dataclass(frozen=True)
class Encoding:
    name: str
    feature: str
    values: np.ndarray
    missing: float

    def of(self, codes: np.ndarray) -> np.ndarray:
        known = ~np.isnan(codes) & (codes >= 0) & (codes < len(self.values)) & (codes == np.floor(codes))
        out = np.full(len(codes), np.float32(self.missing), np.float32)
        out[known] = self.values[codes[known].astype(int)].astype(np.float32)
        return out


def parent_means(contract: FeatureContract, feature: str, sums: np.ndarray, counts: np.ndarray, overall: float) -> np.ndarray:
    """For each code the mean that it is drawn to: that of its parent category, itself drawn to its own parent."""
    parent = PARENTS.get(feature)
    if parent is None:
        return np.full(len(sums), overall)
    above = contract.values[parent]
    belongs = np.array([above.index(value.rsplit(".", 1)[0]) for value in contract.values[feature]])
    up_sums = np.bincount(belongs, sums, len(above))
    up_counts = np.bincount(belongs, counts, len(above))
    grand = parent_means(contract, parent, up_sums, up_counts, overall)
    return ((up_sums + PRIOR * grand) / (up_counts + PRIOR))[belongs]


def fit_encoding(
    name: str, feature: str, codes: np.ndarray, target: np.ndarray, weight: np.ndarray, contract: FeatureContract, seed: int = 3
) -> tuple[Encoding, np.ndarray]:
    """The encoding for new rows, and the numbers of the training rows. Rows whose target is NaN teach nothing."""
    size = len(contract.values[feature])
    there = ~np.isnan(codes) & (codes >= 0) & (codes < size)
    code = np.where(there, codes, size).astype(int)
    teaches = ~np.isnan(target)
    w = np.where(teaches, weight, 0.0)
    wy = np.where(teaches, weight * np.nan_to_num(target), 0.0)
    counts, sums = np.bincount(code, w, size + 1), np.bincount(code, wy, size + 1)
    overall = float(wy.sum() / max(w.sum(), 1e-12))
    drawn = np.append(parent_means(contract, feature, sums[:size], counts[:size], overall), overall)
    values = (sums + PRIOR * drawn) / (counts + PRIOR)
    encoding = Encoding(name, feature, values[:size].astype(np.float32), float(np.float32(values[size])))

    rows = values[code]
    rare = (np.bincount(code[teaches], minlength=size + 1) < FREQUENT)[code]
    order = np.random.default_rng(seed).permutation(len(code))
    order = order[rare[order]]
    order = order[np.argsort(code[order], kind="stable")]
    c, first = code[order], np.r_[True, code[order][1:] != code[order][:-1]] if len(order) else np.zeros(0, bool)
    start = np.maximum.accumulate(np.where(first, np.arange(len(c)), 0)) if len(order) else np.zeros(0, int)
    before = lambda column: np.r_[0.0, np.cumsum(column[order])[:-1]] - np.r_[0.0, np.cumsum(column[order])][start]
    # A rare code's parent is told without the code itself, whose rows include this one.
    if len(order):
        outside = np.full(size + 1, overall)
        rows[order] = (before(wy) + PRIOR * outside[c]) / (before(w) + PRIOR)
    return encoding, rows.astype(np.float32)
