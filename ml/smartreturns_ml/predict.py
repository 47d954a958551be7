"""Prediction rows from a model folder alone: the reference that every other engine is held to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Callable

import numpy as np

from .calibrate import along, map_chance, softmax
from .contract import AT, CLASSES, COLUMNS_HASH, GRADES, QUANTILES, WIDTH, FeatureContract, read_contract
from .encode import Encoding
from .trees import walk_all

LOGIT_EDGE = 1e-6
CONTEXTS = {"price": (6, 5), "sale": (6, 5), "repair_need": (1, 5), "repair_cost": (1, 5), "repair_success": (1, 5), "rereturn": (6, 1)}

Raw = Callable[[dict, np.ndarray], np.ndarray]


def by_trees(booster: dict, table: np.ndarray) -> np.ndarray:
    return booster["init"] + walk_all(booster["trees"], table)


def booster_table(model: dict, booster: dict, x: np.ndarray, contract: FeatureContract) -> np.ndarray:
    """Rows by unit, then class, then grade, as far as the booster tells them apart."""
    classes, grades = CONTEXTS.get(booster["kind"], (1, 1))
    cells = classes * grades
    table = np.empty((len(x) * cells, len(booster["inputs"])), np.float32)
    for i, item in enumerate(booster["inputs"]):
        if "context" in item:
            cell = np.arange(cells)
            column = np.tile(cell // grades if item["context"] == "class" else cell % grades, len(x))
        elif "feature" in item:
            column = np.repeat(x[:, contract.place(item["feature"])], cells)
        else:
            rule = model["encodings"][item["encoding"]]
            encoding = Encoding("", rule["feature"], np.array(rule["values"], np.float32), rule["missing"])
            column = np.repeat(encoding.of(x[:, contract.place(rule["feature"])]), cells)
        table[:, i] = column
    return table


def grade_rank(x: np.ndarray, contract: FeatureContract) -> np.ndarray:
    """0 (A) .. 4 (E), -1 where the grade is not known; the contract counts grades from the worst."""
    place = contract.place("grade")
    order = [GRADES.index(value) for value in contract.values["grade"]]
    code = x[:, place]
    return np.where(np.isnan(code), -1, np.array(order)[np.nan_to_num(code).astype(int)])


def widening_of(rows: list[dict], kinds: list[str], first: list[str]) -> np.ndarray:
    """By kind and first-level category; the last column is for categories that are not known."""
    by = {row["group"]: row["widen"] for row in rows}
    whole = by["|"]
    return np.array([[by.get(f"{c}|{kind}", by.get(f"|{kind}", whole)) for c in [*first, ""]] for kind in kinds])


def quantiles(raw: np.ndarray, widen: np.ndarray) -> np.ndarray:
    """Sorted; the outer two moved, never past their neighbours."""
    q = np.sort(raw, axis=-1)
    q[..., 0] = np.minimum(q[..., 1], q[..., 0] - widen)
    q[..., 4] = np.maximum(q[..., 3], q[..., 4] + widen)
    return q


def decay_rows(model: dict, x: np.ndarray, contract: FeatureContract) -> np.ndarray:
    names = []
    for feature in ("category_l3", "category_l2", "category_l1", "brand_tier"):
        values = contract.values[feature]
        names.append([values[int(c)] if c == c and 0 <= c < len(values) else None for c in x[:, contract.place(feature)]])
    by, default = model["decay"]["byCategoryTier"], model["decay"]["default"]
    answers = []
    for *levels, tier in zip(*names):
        keys = [key for level in levels if level for key in (f"{level}|{tier or ''}", f"{level}|")]
        answers.append(next((by[key] for key in keys if key in by), default))
    return np.array(answers)


def predict_with(model: dict, x: np.ndarray, contract: FeatureContract, raw: Raw = by_trees) -> np.ndarray:
    x = np.ascontiguousarray(x, np.float32)
    n, calibration = len(x), model["calibration"]
    out = np.empty((n, WIDTH))
    grade = grade_rank(x, contract)
    by_kind: dict[str, list[np.ndarray]] = {}
    for booster in sorted(model["boosters"], key=lambda b: (b["kind"], b["output"] or 0)):
        scores = raw(booster, booster_table(model, booster, x, contract))
        by_kind.setdefault(booster["kind"], []).append(scores.reshape(n, *CONTEXTS.get(booster["kind"], (1, 1))))

    rule = calibration["grade"]
    raw_grade = np.column_stack([scores[:, 0, 0] for scores in by_kind["grade"]])
    p = softmax(raw_grade * np.array(rule["scale"]) + np.array(rule["shift"]))
    if rule["isotonic"] is not None:
        mapped = np.column_stack([np.maximum(along(k, p[:, g]), 0) for g, k in enumerate(rule["isotonic"])])
        total = mapped.sum(1, keepdims=True)
        p = np.where(total > 0, mapped / np.where(total > 0, total, 1), p)
    known = grade >= 0
    p[known] = np.eye(len(GRADES))[grade[known]]
    out[:, AT["grade"]] = p
    # At t1 only the columns of the observed grade mean something.
    shut = known[:, None] & (np.arange(len(GRADES))[None] != grade[:, None])

    first = contract.values["category_l1"]
    code = x[:, contract.place("category_l1")]
    category = np.where(np.isnan(code), len(first), np.nan_to_num(code)).astype(int)
    widen = widening_of(calibration["price"], list(CLASSES), first)[:, category].T
    price = quantiles(np.stack(by_kind["price"], axis=-1), widen[:, :, None])
    price[np.broadcast_to(shut[:, None, :], price.shape[:3])] = np.nan
    out[:, AT["price"]] = price.reshape(n, -1)

    z = by_kind["sale"][0]
    sale = calibration["sale"]
    if sale["kind"] == "platt":
        z = sale["scale"] * z + sale["shift"]
    elif sale["kind"] == "isotonic":
        chance = np.clip(map_chance(sale, z), LOGIT_EDGE, 1 - LOGIT_EDGE)
        z = np.log(chance / (1 - chance))
    z = np.where(shut[:, None, :], np.nan, z)
    out[:, AT["sale"]] = z.reshape(n, -1)
    out[:, AT["sale_shape"]] = model["sale_shape"]

    out[:, AT["repair_need"]] = map_chance(calibration["repair_need"], by_kind["repair_need"][0][:, 0])
    out[:, AT["repair_success"]] = map_chance(calibration["repair_success"], by_kind["repair_success"][0][:, 0])
    widen = widening_of(calibration["repair_cost"], ["repair"], first)[0, category]
    cost = quantiles(np.stack(by_kind["repair_cost"], axis=-1)[:, 0], widen[:, None])
    cost[shut] = np.nan
    out[:, AT["repair_cost"]] = cost.reshape(n, -1)
    out[:, AT["rereturn"]] = map_chance(calibration["rereturn"], by_kind["rereturn"][0][:, :, 0])
    out[:, AT["abuse"]] = map_chance(calibration["abuse"], by_kind["abuse"][0][:, 0])
    out[:, AT["decay"]] = decay_rows(model, x, contract)[:, None]
    out[:, AT["depth"]] = model["depth_elasticity"]
    return out


def read_model(folder: str | Path, contract: FeatureContract) -> dict:
    model = json.loads((Path(folder) / "model.json").read_text())
    if model["contractHash"] != contract.hash:
        raise ValueError(f"{folder}: made for feature contract {model['contractHash'][:12]}, not {contract.hash[:12]}")
    if model["columnsHash"] != COLUMNS_HASH:
        raise ValueError(f"{folder}: answers other columns than {len(QUANTILES)} quantiles of {len(CLASSES)} classes")
    return model


def predict_rows(folder: str | Path, x: np.ndarray) -> np.ndarray:
    """n x 74 rows of the contract -> n x K columns of a prediction row."""
    contract = read_contract()
    return predict_with(read_model(folder, contract), x, contract)


class SmartReturnsModel:
    """A model folder as a thing with `predict`, for servers of Python models. Uses the folder's ONNX files where there are any."""

    def __init__(self, folder: str | Path, contract_file: str | Path | None = None):
        self.contract = read_contract(Path(contract_file)) if contract_file else read_contract()
        self.model = read_model(folder, self.contract)
        self.raw: Raw = by_trees
        onnx = Path(folder) / "onnx"
        if onnx.is_dir():
            from .onnx_export import open_sessions

            self.raw = open_sessions(onnx, self.model)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        rows = np.asarray(rows, np.float32)
        if rows.ndim != 2 or rows.shape[1] != len(self.contract.features):
            raise ValueError(f"rows of {len(self.contract.features)} numbers are needed, got {rows.shape}")
        return predict_with(self.model, rows, self.contract, self.raw)
