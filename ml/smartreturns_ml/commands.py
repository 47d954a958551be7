"""`train` and `evaluate` of the decision models, as the program calls them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from . import evaluate as ev
from .contract import read_contract
from .export import write_card, write_metrics, write_model, write_reference
from .onnx_export import open_sessions
from .predict import predict_with, read_model
from .prepare import read_for_training, read_split, splits_of
from .learner import say
from .train import train

NOT_MEASURED = {"train", "calibrate", "logs"}
# Enough for every measure, and all a training run can wait for; `evaluate` takes whole splits.
MEASURED_ROWS = 3000


def measured_splits(folder: str, model: dict, train_rows, contract, sessions, names=None, most: int | None = None) -> dict[str, dict[str, float]]:
    found = {}
    for name in names or [n for n in splits_of(folder) if n not in NOT_MEASURED]:
        rows = read_split(folder, name, contract)
        if most is not None and rows.count > most:
            rows = rows.take(np.random.default_rng(5).permutation(rows.count)[:most])
        predicted = tuple(predict_with(model, x, contract, sessions) for x in (rows.x0, rows.x1))
        found[name] = ev.measure(model, predicted, rows, train_rows, contract)
    return found


def run_train(options) -> int:
    contract = read_contract()
    rows, held = read_for_training(options.rows, contract, options.split, options.calibrate)
    say(f"training on {rows.count} rows of {rows.source} ({rows.kind}), calibrating on {held.count}")
    model = train(rows, held, contract, options.quick)
    out = Path(options.out)
    parity = write_model(model, out, held)
    write_reference(out, rows, contract)
    say(f"ONNX answers alike: chances within {parity['chance']:.1g}, numbers within {parity['relative']:.1g}")
    written = read_model(out, contract)
    sessions = open_sessions(out / "onnx", written)
    names = [n for n in splits_of(options.rows) if n not in NOT_MEASURED | {rows.name, held.name}]
    if names:
        splits = measured_splits(options.rows, written, rows, contract, sessions, names, MEASURED_ROWS)
    else:
        # Rows from a log have no further split: what is reported then is the calibration part, and called so.
        predicted = tuple(predict_with(written, x, contract, sessions) for x in (held.x0, held.x1))
        splits = {"calibration": ev.measure(written, predicted, held, rows, contract)}
    metrics = {
        "version": written["version"], "trainedOn": model.trained_on, "rows": rows.count, "calibratedOn": held.count,
        "seconds": round(model.seconds, 1), "parity": parity, "splits": splits,
    }  # fmt: skip
    if options.current:
        metrics["current"] = compare(options.current, options.rows, rows, contract, names, held)
    write_metrics(out, metrics)
    write_card(out, contract, metrics, rows.source.startswith("simulator"))
    report(metrics, options.json)
    return 0


def compare(folder: str, rows_folder: str, rows, contract, names, held) -> dict:
    """The model that serves now, on the same rows."""
    current = read_model(folder, contract)
    if names:
        splits = measured_splits(rows_folder, current, rows, contract, _raw_of(folder, current), names, MEASURED_ROWS)
    else:
        predicted = tuple(predict_with(current, x, contract, _raw_of(folder, current)) for x in (held.x0, held.x1))
        splits = {"calibration": ev.measure(current, predicted, held, rows, contract)}
    return {"version": current["version"], "splits": splits}


def _raw_of(folder: str, model: dict):
    """ONNX sessions of a model, in memory where its folder has no files of them: much faster than the walk in Python."""
    from .onnx_export import ensemble, session_of

    sessions = {b["name"]: session_of(ensemble(b).SerializeToString()) for b in model["boosters"]}
    return lambda booster, table: sessions[booster["name"]].run(None, {"rows": table})[0][:, 0].astype(np.float64)


def run_evaluate(options) -> int:
    contract = read_contract()
    model = read_model(options.model, contract)
    names = splits_of(options.rows)
    train_rows = read_split(options.rows, "train", contract) if "train" in names else None
    splits = measured_splits(options.rows, model, train_rows, contract, _raw_of(options.model, model))
    metrics = {"version": model["version"], "splits": splits}
    if options.current:
        current = read_model(options.current, contract)
        found = measured_splits(options.rows, current, train_rows, contract, _raw_of(options.current, current))
        metrics["current"] = {"version": current["version"], "splits": found}
    report(metrics, options.json)
    return 0


def report(metrics: dict, as_json: bool) -> None:
    if as_json:
        print(json.dumps(metrics))
        return
    beside = metrics.get("current", {}).get("splits", {})
    for name, found in metrics["splits"].items():
        print(f"{metrics['version']} on {name}")
        print(ev.told(found, beside.get(name)))
