"""A model folder (`model.json`) answered in numpy: nothing but the file and the feature contract is needed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from smartreturns_ml.contract import AT, CLASSES, COLUMNS, COLUMNS_HASH, GRADES, QUANTILES, WIDTH, read_contract

EDGE = 1e-6
# Units are walked through the trees so many at a time: what a step touches stays in the cache.
BLOCK = 32


class SmartReturnsModel:
    """`predict(rows)`: n x features float32 in, n x columns float64 out, as `predictionColumns` names them."""

    def __init__(self, folder: str | Path, contract_file: str | Path | None = None):
        artefact = json.loads((Path(folder) / "model.json").read_text())
        contract = read_contract(Path(contract_file)) if contract_file else read_contract()
        if artefact["contractHash"] != contract.hash:
            raise ValueError(f"made for feature contract {artefact['contractHash'][:12]}, not {contract.hash[:12]}")
        if artefact["columnsHash"] != COLUMNS_HASH:
            raise ValueError("answers other columns than this program reads")
        self.id, self.version, self.columns_hash = artefact["id"], artefact["version"], COLUMNS_HASH
        self.features = contract.features
        self._grade = contract.features.index("grade")
        self._ranks = np.array([GRADES.index(grade) for grade in contract.values["grade"]])
        self._encodings = {
            name: (contract.features.index(e["feature"]), np.float32(e["values"]), np.float32(e["missing"]))
            for name, e in artefact["encodings"].items()
        }
        self._boosters = [Booster(b) for b in artefact["boosters"]]
        self._calibration = artefact["calibration"]
        self._sale_shape = artefact["sale_shape"]
        self._depth = artefact["depth_elasticity"]
        first = contract.values["category_l1"]
        self._levels = [
            (contract.features.index(name), contract.values[name])
            for name in ("category_l3", "category_l2", "category_l1", "brand_tier")
        ]
        self._widen = {
            key: np.array([group_value(self._calibration[kind], category, key) for category in [*first, None]])
            for kind, keys in (("price", CLASSES), ("repair_cost", ("repair",)))
            for key in keys
        }
        self._decay, self._decay_known = artefact["decay"], {}

    def predict(self, rows) -> np.ndarray:
        rows = np.ascontiguousarray(rows, dtype=np.float32)
        out = np.empty((len(rows), WIDTH))
        for start in range(0, len(rows), BLOCK):
            out[start : start + BLOCK] = self._predict_block(rows[start : start + BLOCK])
        return out

    def _predict_block(self, rows: np.ndarray) -> np.ndarray:
        raw: dict[str, list] = {}
        inputs = self._inputs(rows)
        for booster in self._boosters:
            raw.setdefault(booster.kind, []).append((booster.output, booster.scores(inputs, len(rows))))
        raw = {kind: np.stack([s for _, s in sorted(found, key=lambda pair: pair[0])]) for kind, found in raw.items()}
        calibration = self._calibration
        n, code = len(rows), rows[:, self._grade]
        graded = np.isfinite(code) & (code >= 0) & (code < len(self._ranks))
        observed = self._ranks[np.where(graded, code, 0).astype(int)]
        out = np.empty((n, WIDTH))
        out[:, AT["grade"]] = self._grades(raw["grade"][:, :, 0, 0].T)
        out[graded, AT["grade"]] = np.eye(len(GRADES))[observed[graded]]
        category = self._codes(rows, 2)
        prices = raw["price"].transpose(1, 2, 3, 0)
        widen = np.stack([self._widen[c][category] for c in CLASSES], axis=1)[:, :, None]
        out[:, AT["price"]] = quantiles(prices, widen).reshape(n, -1)
        out[:, AT["sale"]] = logit(calibration["sale"], raw["sale"][0]).reshape(n, -1)
        out[:, AT["sale_shape"]] = self._sale_shape
        for kind, column in (("repair_need", "repair_need"), ("repair_success", "repair_success")):
            out[:, AT[column]] = chance(calibration[kind], raw[kind][0][:, 0, :])
        costs = raw["repair_cost"][:, :, 0, :].transpose(1, 2, 0)
        out[:, AT["repair_cost"]] = quantiles(costs, self._widen["repair"][category][:, None]).reshape(n, -1)
        out[:, AT["rereturn"]] = chance(calibration["rereturn"], raw["rereturn"][0][:, :, 0])
        out[:, AT["abuse"]] = chance(calibration["abuse"], raw["abuse"][0][:, 0, :1])
        out[:, AT["decay"]] = np.array([self._decay_of(row) for row in rows])[:, None]
        out[:, AT["depth"]] = self._depth
        return out

    def _inputs(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        inputs = {f"feature {name}": rows[:, i] for i, name in enumerate(self.features)}
        for name, (place, values, missing) in self._encodings.items():
            code = rows[:, place]
            known = np.isfinite(code) & (code >= 0) & (code < len(values)) & (code == np.floor(code))
            inputs[f"encoding {name}"] = np.where(known, values[np.where(known, code, 0).astype(int)], missing)
        return inputs

    def _codes(self, rows: np.ndarray, level: int) -> np.ndarray:
        place, values = self._levels[level]
        code = rows[:, place]
        known = np.isfinite(code) & (code >= 0) & (code < len(values))
        return np.where(known, np.where(known, code, 0), len(values)).astype(int)

    def _decay_of(self, row: np.ndarray) -> float:
        names = []
        for place, values in self._levels:
            code = row[place]
            names.append(values[int(code)] if np.isfinite(code) and 0 <= code < len(values) else None)
        key = tuple(names)
        if key not in self._decay_known:
            tier = names.pop() or ""
            keys = [k for name in names if name is not None for k in (f"{name}|{tier}", f"{name}|")]
            table = self._decay["byCategoryTier"]
            self._decay_known[key] = next((table[k] for k in keys if k in table), self._decay["default"])
        return self._decay_known[key]

    def _grades(self, raw: np.ndarray) -> np.ndarray:
        scale, shift, isotonic = (self._calibration["grade"][k] for k in ("scale", "shift", "isotonic"))
        score = raw * np.array(scale) + np.array(shift)
        share = np.exp(score - score.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        if isotonic is None:
            return share
        mapped = np.stack([np.maximum(0, np.interp(share[:, g], k["x"], k["y"])) for g, k in enumerate(isotonic)], 1)
        total = mapped.sum(axis=1, keepdims=True)
        return np.where(total > 0, mapped / np.where(total > 0, total, 1), share)


class Booster:
    """All trees of one booster as one table of nodes; a leaf leads to itself."""

    def __init__(self, data: dict):
        self.kind, self.output, self.init = data["kind"], data["output"] or 0, data["init"]
        self.inputs = data["inputs"]
        self.contexts = [i["context"] for i in self.inputs if "context" in i]
        columns: dict[str, list] = {key: [] for key in ("f", "t", "left", "right", "d", "v")}
        self.roots, self.depth, at = [], 0, 0
        for tree in data["trees"]:
            inner, leaves = len(tree["f"]), len(tree["v"])
            node = lambda child, at=at, inner=inner: at + (child if child >= 0 else inner + ~child)
            itself = [at + inner + i for i in range(leaves)]
            self.roots.append(at)
            columns["f"] += [*tree["f"], *[0] * leaves]
            columns["t"] += [*tree["t"], *[np.inf] * leaves]
            columns["left"] += [*map(node, tree["l"]), *itself]
            columns["right"] += [*map(node, tree["r"]), *itself]
            columns["d"] += [*tree["d"], *[1] * leaves]
            columns["v"] += [*[0.0] * inner, *tree["v"]]
            self.depth = max(self.depth, depth_of(tree))
            at += inner + leaves
        self.roots = np.array(self.roots, dtype=np.int32)
        self.f = np.array(columns["f"], dtype=np.int32)
        self.t = np.array(columns["t"], dtype=np.float32)
        # Right and left beside each other, so that a comparison is a place.
        self.child = np.array([columns["right"], columns["left"]], dtype=np.int32).T.copy().ravel()
        self.d = np.array(columns["d"], dtype=bool)
        self.v = np.array(columns["v"], dtype=np.float64)

    def scores(self, inputs: dict[str, np.ndarray], n: int) -> np.ndarray:
        """n x classes x grades, one where the booster does not look at them."""
        classes = len(CLASSES) if "class" in self.contexts else 1
        grades = len(GRADES) if "grade" in self.contexts else 1
        grid = np.empty((n, classes, grades, len(self.inputs)), dtype=np.float32)
        for i, each in enumerate(self.inputs):
            if "context" in each:
                axis = np.arange(classes)[:, None] if each["context"] == "class" else np.arange(grades)[None, :]
                grid[..., i] = axis
            else:
                kind, name = next(iter(each.items()))
                grid[..., i] = inputs[f"{kind} {name}"][:, None, None]
        return self._walk(grid.reshape(-1, len(self.inputs))).reshape(n, classes, grades)

    def _walk(self, rows: np.ndarray) -> np.ndarray:
        width = rows.shape[1]
        flat = rows.ravel()
        missing = np.isnan(flat)
        at = (np.arange(len(rows), dtype=np.int32) * width)[:, None]
        node = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        has_missing = missing.any()
        for _ in range(self.depth):
            place = at + self.f[node]
            left = flat[place] <= self.t[node]
            if has_missing:
                left |= missing[place] & self.d[node]
            node = self.child[2 * node + left]
        return self.init + self.v[node].sum(axis=1)


def depth_of(tree: dict) -> int:
    stack, deepest = [(0 if tree["f"] else -1, 0)], 0
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        if node >= 0:
            stack += [(tree["l"][node], depth + 1), (tree["r"][node], depth + 1)]
    return deepest


def group_value(rows: list[dict], category: str | None, key: str) -> float:
    groups = {row["group"]: row["widen"] for row in rows}
    names = [f"{category}|{key}"] if category is not None else []
    return next(groups[name] for name in [*names, f"|{key}", "|"] if name in groups)


def quantiles(raw: np.ndarray, widen: np.ndarray) -> np.ndarray:
    """Sorted, then the outer ones moved by `widen`, never past their neighbours."""
    assert raw.shape[-1] == len(QUANTILES)
    out = np.sort(raw, axis=-1)
    out[..., 0] = np.minimum(out[..., 1], out[..., 0] - widen)
    out[..., -1] = np.maximum(out[..., -2], out[..., -1] + widen)
    return out


def logistic(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def chance(calibration: dict, raw: np.ndarray) -> np.ndarray:
    if calibration["kind"] == "platt":
        return logistic(calibration["scale"] * raw + calibration["shift"])
    plain = logistic(raw)
    return plain if calibration["kind"] == "none" else np.interp(plain, calibration["x"], calibration["y"])


def logit(calibration: dict, raw: np.ndarray) -> np.ndarray:
    if calibration["kind"] == "none":
        return raw
    if calibration["kind"] == "platt":
        return calibration["scale"] * raw + calibration["shift"]
    share = np.clip(chance(calibration, raw), EDGE, 1 - EDGE)
    return np.log(share / (1 - share))


def names_of(model: SmartReturnsModel) -> dict[str, str]:
    """What goes with every answer, so that nobody takes it for another model's."""
    return {"model_id": model.id, "model_version": model.version, "columns_hash": model.columns_hash}


__all__ = ["COLUMNS", "SmartReturnsModel", "names_of"]
