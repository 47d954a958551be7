"""Small made-up rows in the layout of training rows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from smartreturns_ml.contract import CLASSES, FeatureContract
from smartreturns_ml.prepare import PER_CLASS

OUTCOMES = [
    "reference_log", "grade", "abuse", "repair_needed", "repair_cost_log", "repair_success",
    *[f"{name}_{c}" for c in CLASSES for name in PER_CLASS], "weight",
]  # fmt: skip
KNOWN_AT_CHECK = slice(27, 58)


def made_rows(contract: FeatureContract, count: int, seed: int, is_logged: bool = False):
    """x0, x1 and y of units whose price falls with the grade and differs by category."""
    r = np.random.default_rng(seed)
    x1 = r.normal(size=(count, len(contract.features))).astype("<f4")
    put = lambda name, values: x1.__setitem__((slice(None), contract.place(name)), values)
    l3 = r.integers(0, len(contract.values["category_l3"]), count)
    l2 = [contract.values["category_l2"].index(contract.values["category_l3"][c].rsplit(".", 1)[0]) for c in l3]
    l1 = [contract.values["category_l1"].index(contract.values["category_l3"][c].split(".")[0]) for c in l3]
    for name, codes in (("category_l3", l3), ("category_l2", l2), ("category_l1", l1)):
        put(name, codes)
    for name in ("reason_code", "reason_cluster", "sale_channel", "functional_test", "brand_tier"):
        put(name, r.integers(0, len(contract.values[name]), count))
    grade = np.clip(np.round(np.abs(x1[:, contract.place("accessories")]) * 1.5), 0, 4)
    put("grade", 4 - grade)
    put("model_age_d", r.uniform(0, 900, count))
    x0 = x1.copy()
    x0[:, KNOWN_AT_CHECK] = np.nan
    y = np.full((count, len(OUTCOMES)), np.nan, "<f4")
    of = lambda name: OUTCOMES.index(name)
    y[:, of("reference_log")], y[:, of("grade")], y[:, of("weight")] = 8, grade, 1
    y[:, of("abuse")] = r.random(count) < 0.05
    need = r.random(count) < 0.1 + 0.2 * grade
    y[:, of("repair_needed")] = need
    y[need, of("repair_cost_log")] = -2 + 0.2 * grade[need] + 0.3 * r.normal(size=need.sum())
    y[need, of("repair_success")] = r.random(need.sum()) < 0.8
    chosen = r.integers(0, len(CLASSES), count)
    for c, name in enumerate(CLASSES):
        seen = chosen == c if is_logged else r.random(count) < 0.8
        week = r.geometric(0.35, count)
        week = np.where(week > 9, 0, week)
        days = 5 + 7.0 * np.maximum(week, 1)
        price = -0.2 - 0.3 * c - 0.2 * grade + 0.02 * l3 - 0.001 * days + 0.2 * r.normal(size=count)
        put_y = lambda outcome, values, where: y.__setitem__((np.flatnonzero(where), of(f"{outcome}_{name}")), values[where])
        sold = seen & (week > 0)
        put_y("price_log", price, sold)
        put_y("sale_week", week.astype(float), seen)
        put_y("sale_days", days, seen)
        put_y("sale_speed", np.full(count, 0.8 if c < 4 else 0.0), seen)
        put_y("horizon_weeks", np.full(count, 9.0), seen)
        put_y("depth_log", r.uniform(0, 1, count), seen)
        put_y("rereturned", (r.random(count) < 0.1).astype(float), sold)
    if is_logged:
        y[:, of("weight")] = r.uniform(1, 20, count)
    return x0, x1, y


def write_split(folder: Path, name: str, contract: FeatureContract, count: int, seed: int, is_logged: bool = False) -> None:
    parts = [part.tobytes() for part in made_rows(contract, count, seed, is_logged)]
    for suffix, content in zip(("x0", "x1", "y"), parts):
        (folder / f"{name}.{suffix}.f32").write_bytes(content)
    manifest = {
        "contract": contract.name, "contractHash": contract.hash, "features": contract.features, "outcomes": OUTCOMES,
        "count": count, "kind": "logged" if is_logged else "all_outcomes", "source": "log" if is_logged else "simulator seed 1",
        "dataHash": hashlib.sha256(b"".join(parts)).hexdigest(),
    }  # fmt: skip
    (folder / f"{name}.json").write_text(json.dumps(manifest))
