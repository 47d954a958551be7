"""LightGBM's trees as plain numbers, and a walk over them that the reader in TypeScript repeats."""

from __future__ import annotations

import numpy as np

MISSING_NONE, MISSING_ZERO, MISSING_NAN = 0, 1, 2


def at_most_float32(threshold: np.ndarray) -> np.ndarray:
    """The largest float32 that is not above the threshold: `x <= t` then answers the same for every float32 x.

    LightGBM writes infinity where only NaN goes right; the largest finite number says the same, and is JSON.
    """
    edge = float(np.finfo(np.float32).max)
    threshold = np.clip(threshold, -edge, edge)
    rounded = threshold.astype(np.float32)
    above = rounded.astype(np.float64) > threshold
    rounded[above] = np.nextafter(rounded[above], np.float32(-np.inf))
    return rounded


def short(value: float) -> float:
    """A leaf to seven digits: far below what the parity gate allows, a third of the file."""
    return float(f"{value:.7g}")


def tree_of(block: dict[str, str]) -> dict:
    numbers = lambda name, kind: np.array(block[name].split(), dtype=kind)
    leaves = int(block["num_leaves"])
    values = numbers("leaf_value", np.float64)
    if leaves == 1:
        return {"f": [], "t": [], "l": [], "r": [], "d": [], "v": [short(values[0])], "c": [1]}
    if int(block.get("num_cat", "0")) > 0:
        raise ValueError("a categorical split: only numeric splits can be exported")
    decision = numbers("decision_type", np.int64)
    threshold = numbers("threshold", np.float64)
    missing = (decision >> 2) & 3
    if (missing == MISSING_ZERO).any():
        raise ValueError("zero as missing cannot be exported")
    left_by_default = np.where(missing == MISSING_NAN, (decision >> 1) & 1, (threshold >= 0).astype(int))
    counts = np.concatenate([numbers("internal_count", np.int64), numbers("leaf_count", np.int64)])
    return {
        "f": numbers("split_feature", np.int64).tolist(),
        "t": at_most_float32(threshold).astype(np.float64).tolist(),
        "l": numbers("left_child", np.int64).tolist(),
        "r": numbers("right_child", np.int64).tolist(),
        "d": left_by_default.tolist(),
        "v": [short(v) for v in values],
        "c": np.maximum(counts, 1).tolist(),
    }


def of_class_alone(tree: dict, place: int, c: int) -> dict:
    """The same tree for class `c`, and nothing for the others: two more splits above it, on the input that is the class."""
    inner = len(tree["f"])
    moved = lambda child: child + 2 if child >= 0 else child
    root = 2 if inner else ~0
    below, above = ~(inner + 1), ~(inner + 2)
    count, covers = tree["c"][0], tree["c"]
    # Every row of the other two leaves is one that training gave to other classes; a cover must be above zero.
    return {
        "f": [place, place, *tree["f"]],
        "t": [c - 0.5, c + 0.5, *tree["t"]],
        "l": [below, root, *map(moved, tree["l"])],
        "r": [1, above, *map(moved, tree["r"])],
        "d": [0, 0, *tree["d"]],
        "v": [*tree["v"], 0.0, 0.0],
        "c": [count + 2, count + 1, *covers, 1, 1],
    }


def trees_of(booster, iterations: int | None = None) -> list[dict]:
    """All trees of a LightGBM booster, in order (for several classes: tree 0 of class 0, of class 1 ...)."""
    text = booster.model_to_string(num_iteration=iterations or -1)
    trees = []
    for part in text.split("\nTree=")[1:]:
        lines = part.split("end of trees")[0].splitlines()[1:]
        trees.append(tree_of(dict(line.split("=", 1) for line in lines if "=" in line)))
    return trees


def walk(tree: dict, table: np.ndarray) -> np.ndarray:
    """Leaf values of the rows of a float32 table."""
    if not tree["f"]:
        return np.full(len(table), tree["v"][0])
    f, l, r = (np.array(tree[key], np.int64) for key in "flr")
    t, d, v = np.array(tree["t"], np.float32), np.array(tree["d"], bool), np.array(tree["v"])
    node = np.zeros(len(table), np.int64)
    rows = np.arange(len(table))
    while (inside := rows[node[rows] >= 0]).size:
        at = node[inside]
        x = table[inside, f[at]]
        left = np.where(np.isnan(x), d[at], x <= t[at])
        node[inside] = np.where(left, l[at], r[at])
        rows = inside
    return v[~node]


def walk_all(trees: list[dict], table: np.ndarray) -> np.ndarray:
    table = np.ascontiguousarray(table, np.float32)
    total = np.zeros(len(table))
    for tree in trees:
        total += walk(tree, table)
    return total
