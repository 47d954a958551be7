"""`value.json`: the phone model in a form that plain code evaluates: a polynomial, trees, and an interval."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..trees import trees_of, walk_all
from .intervals import WithInterval
from .phones import (
    AS_THEY_ARE,
    LOGARITHMS,
    PAIRED,
    SERVED,
    SYSTEMS,
    YES_NO,
    ServedPhones,
    number,
)

GOLDEN_ROWS = 50


def as_artefact(fitted: WithInterval) -> dict:
    model: ServedPhones = fitted.model
    inputs = [{"name": name, "kind": "log", "add": add} for name, add in LOGARITHMS.items()]
    inputs += [{"name": name, "kind": "scaled", "by": by} for name, by in AS_THEY_ARE.items()]
    inputs += [{"name": name, "kind": "yes_no"} for name in YES_NO]
    return {
        "kind": "value",
        "format": "value.v1",
        "answers": "ln of the used price, in the currency of new_price_eur",
        "inputs": inputs,
        "fill": [
            {"input": column, "known": model.known, "coefficients": coefficients.tolist()}
            for column, coefficients in model.fill.items()
        ],
        "mean": model.mean.tolist(),
        "spread": model.spread.tolist(),
        "paired": PAIRED,
        "brands": model.brands,
        "brand_factor": 0.7,
        "systems": list(SYSTEMS),
        "polynomial": {"intercept": float(model.polynomial.intercept_), "coefficients": model.polynomial.coef_.tolist()},
        "brand_ratio": {"default": model.ratio, "values": model.brand_ratio},
        "boosters": [trees_of(booster.booster_) for booster in model.boosted],
        "weights": SERVED,
        "shift": fitted.shift,
        "interval": {
            "low": fitted.low, "high": fitted.high, "floor": fitted.floor, "size": trees_of(fitted.scale.booster_),
        },
    }  # fmt: skip


def evaluate(artefact: dict, rows: list[dict]) -> np.ndarray:
    """Reference evaluation of the file alone: lower end, price, upper end."""
    columns = []
    for item in artefact["inputs"]:
        name = item["name"]
        if item["kind"] == "log":
            columns.append(np.log(np.array([number(row[name]) for row in rows]) + item["add"]))
        elif item["kind"] == "scaled":
            columns.append(np.array([number(row[name]) for row in rows]) * item["by"])
        else:
            columns.append(np.array([float(row[name] == "yes") for row in rows]))
    table = np.column_stack(columns)
    for fill in artefact["fill"]:
        gone = np.isnan(table[:, fill["input"]])
        known = np.column_stack([table[:, fill["known"]], np.ones(len(table))])
        table[gone, fill["input"]] = known[gone] @ np.array(fill["coefficients"])
    z = (table - np.array(artefact["mean"])) / np.array(artefact["spread"])
    pairs = [z[:, a] * z[:, b] for a in range(artefact["paired"]) for b in range(a, artefact["paired"])]
    brands = np.array([[artefact["brand_factor"] * (row["device_brand"] == b) for b in artefact["brands"]] for row in rows])
    systems = np.array([[float(row["os"] == s) for s in artefact["systems"]] for row in rows])
    terms = np.hstack([z, np.column_stack(pairs), brands, systems])
    polynomial = artefact["polynomial"]["intercept"] + terms @ np.array(artefact["polynomial"]["coefficients"])
    ratios = artefact["brand_ratio"]
    ratio = np.array([[ratios["values"].get(row["device_brand"], ratios["default"])] for row in rows])
    seen = np.hstack([z, ratio, systems]).astype(np.float32)
    boosted = np.mean([walk_all(trees, seen) for trees in artefact["boosters"]], 0) + table[:, 0]
    weights = artefact["weights"]
    centre = weights["polynomial"] * polynomial + weights["boosted"] * boosted
    interval = artefact["interval"]
    size = walk_all(interval["size"], np.column_stack([seen, centre]))
    size = np.maximum(size, interval["floor"])
    return np.exp(
        np.column_stack([centre + interval["low"] * size, centre + artefact["shift"], centre + interval["high"] * size])
    )


def write_value_artefact(fitted: WithInterval, rows: list[dict], path: Path) -> None:
    artefact = as_artefact(fitted)
    shown = rows[:: max(1, len(rows) // GOLDEN_ROWS)][:GOLDEN_ROWS]
    # What goes out is what a reader computes from the file; it must agree with the model that was measured.
    answers = evaluate(json.loads(json.dumps(artefact)), rows)
    difference = np.abs(answers / fitted.predict(rows) - 1).max()
    if difference > 1e-3:
        raise ValueError(f"value.json differs from the model by {difference:.2g}")
    names = [item["name"] for item in artefact["inputs"]] + ["device_brand", "os"]
    artefact["golden"] = [
        {"row": {name: row[name] for name in names}, "answer": [round(float(v), 4) for v in answers[i * max(1, len(rows) // GOLDEN_ROWS)]]}
        for i, row in enumerate(shown)
    ]
    path.write_text(json.dumps(artefact, separators=(",", ":")) + "\n")
