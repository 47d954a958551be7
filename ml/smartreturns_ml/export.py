"""Writes the one folder that a trained model is: trees and calibration as JSON, goldens, metrics, card, ONNX."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from .contract import COLUMNS, COLUMNS_HASH, AT, FeatureContract
from .onnx_export import check_parity, open_sessions, write_onnx
from .predict import predict_with, read_model
from .prepare import Rows
from .train import Model
from .trees import short

GOLDEN_ROWS = 1000
SIZE_MAX = 6_000_000


def as_json(model: Model, model_id: str, version: str, created_at: str) -> dict:
    return {
        "id": model_id,
        "version": version,
        "contract": model.contract.name,
        "contractHash": model.contract.hash,
        "columnsHash": COLUMNS_HASH,
        "trainedOn": model.trained_on,
        "dataHash": model.data_hash,
        "createdAt": created_at,
        "encodings": {
            name: {
                "feature": e.feature,
                "values": [float(str(np.float32(v))) for v in e.values],
                "missing": float(str(np.float32(e.missing))),
            }
            for name, e in model.encodings.items()
        },
        "boosters": [
            {
                "name": b.name, "kind": b.kind, "output": b.output, "inputs": [i.as_json() for i in b.inputs],
                "init": b.init, "link": b.link, "monotone": b.monotone, "trees": b.trees,
            }
            for b in model.boosters
        ],
        "calibration": model.calibration,
        "sale_shape": [float(v) for v in model.sale_shape],
        "decay": model.decay,
        "depth_elasticity": float(model.depth_elasticity),
    }  # fmt: skip


def chance_columns() -> np.ndarray:
    is_chance = np.zeros(len(COLUMNS), bool)
    for block in ("grade", "repair_need", "repair_success", "rereturn", "abuse"):
        is_chance[AT[block]] = True
    return is_chance


def golden_rows(rows: Rows, count: int = GOLDEN_ROWS) -> np.ndarray:
    """Rows at intake and after the check in turn, spread over the split."""
    chosen = np.random.default_rng(1).permutation(rows.count)[:count]
    x = np.where((np.arange(len(chosen)) % 2 == 0)[:, None], rows.x0[chosen], rows.x1[chosen])
    return np.ascontiguousarray(np.resize(x, (count, x.shape[1])), "<f4")


def version_of(rows_hash: str, created_at: str) -> str:
    return f"{created_at[:10].replace('-', '')}-{rows_hash[:8]}"


def write_model(model: Model, folder: str | Path, golden_from: Rows, model_id: str = "returns", with_onnx: bool = True) -> dict:
    """Writes model.json, the goldens and ONNX; refuses when the ONNX form does not answer alike. Gives the parity found."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    created_at = datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
    content = as_json(model, model_id, version_of(model.data_hash, created_at), created_at)
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    if len(text) > SIZE_MAX:
        raise ValueError(f"model.json would have {len(text)} bytes, more than {SIZE_MAX}")
    (folder / "model.json").write_text(text + "\n")
    read = read_model(folder, model.contract)
    x = golden_rows(golden_from)
    y = predict_with(read, x, model.contract)
    parity = {}
    if with_onnx:
        shutil.rmtree(folder / "onnx", ignore_errors=True)
        write_onnx(read, folder / "onnx")
        answers = predict_with(read, x, model.contract, open_sessions(folder / "onnx", read))
        parity = check_parity(answers, y, chance_columns())
    (folder / "golden.x.f32").write_bytes(x.tobytes())
    (folder / "golden.y.f32").write_bytes(y.astype("<f4").tobytes())
    # What the program fitted for an earlier model says nothing of this one.
    (folder / "calibration.json").unlink(missing_ok=True)
    return parity


def write_reference(folder: str | Path, rows: Rows, contract: FeatureContract) -> None:
    """Each feature as the training rows had it at intake, where drift is looked for; after the check where it is known then."""
    features = []
    for i, name in enumerate(contract.features):
        column = rows.x0[:, i] if not np.isnan(rows.x0[:, i]).all() else rows.x1[:, i]
        there = column[~np.isnan(column)].astype(np.float64)
        codes = contract.codes(name)
        coded = there[(there >= 0) & (there < (codes or 0))].astype(int)
        shares = None if len(coded) == 0 else np.bincount(coded, minlength=codes) / len(there)
        quantiles = None if codes is not None or len(there) == 0 else np.quantile(there, np.linspace(0, 1, 101))
        features.append({
            "name": name,
            "missing": float(np.isnan(rows.x0[:, i]).mean()),
            "quantiles": None if quantiles is None else [short(v) for v in quantiles],
            "shares": None if shares is None else [short(v) for v in shares],
        })  # fmt: skip
    content = {"contractHash": contract.hash, "count": rows.count, "features": features}
    (Path(folder) / "reference.json").write_text(json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n")


def write_metrics(folder: str | Path, metrics: dict) -> None:
    (Path(folder) / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n")


def rounded(value: float) -> str:
    return f"{value:.4f}"


def write_card(folder: str | Path, contract: FeatureContract, metrics: dict, is_simulated: bool) -> None:
    folder = Path(folder)
    model = json.loads((folder / "model.json").read_text())
    trees = sum(len(b["trees"]) for b in model["boosters"])
    measured = "\n".join(
        f"| {name} | {' | '.join(rounded(found[name]) if name in found else '' for found in metrics['splits'].values())} |"
        for name in next(iter(metrics["splits"].values()), {})
    )
    heads = " | ".join(metrics["splits"])
    source = (
        "a simulator of this repository (`smartreturns simulate`) and our own priors; no row of a real shop, and nothing fitted "
        "to a set whose licence does not allow shipping"
        if is_simulated
        else "rows that this installation exported from its own log; they are the property of whoever runs it"
    )
    (folder / "card.md").write_text(f"""# Model {model["id"]} {model["version"]}

Predicts what becomes of a returned unit: grade, price by way of sale and grade, time of sale, repair, re-return, abuse.

| | |
|---|---|
| trained on | {model["trainedOn"]} (SHA-256 {model["dataHash"]}) |
| that is | {source} |
| licence | {"Apache-2.0, as the repository" if is_simulated else "that of the rows"} |
| feature contract | {contract.name}, SHA-256 {contract.hash} |
| learner | LightGBM, {trees} trees of depth 6 at most, in {len(model["boosters"])} boosters; categories by ordered target statistics |
| calibration | grades by vector scaling; chances isotonic or Platt; 90 % intervals by conformal widening per group |
| made | {model["createdAt"]} in {metrics["seconds"]:.0f} s |

## Measured on rows that it has not seen

| measure | {heads} |
|---|{"---|" * len(metrics["splits"])}
{measured}

`sharper` is the share by which the mean pinball loss is below that of empirical quantiles by category, grade and class.
`mean_bias` compares the mean of the predicted price with the mean of the real ones.

## Limits

- {"A simulated world is not the world: before money depends on it, train on outcomes of your own (`ml/README.md`)." if is_simulated else "Logged rows show only what was chosen; they are weighted by the inverse of its chance, up to a limit."}
- Weeks of sale beyond the longest horizon in the rows are carried on at the last rate.
- A category that was not in training takes the numbers of its parent category.
- No feature names a person; customers enter by their counts of orders and returns only.
""")
