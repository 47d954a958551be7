"""`value-model`, `vehicle-model`: fits, cross-validates, measures on a test file, predicts rows."""

from __future__ import annotations

import csv
import gzip
import io
import json
import pickle
import sys
from pathlib import Path

import numpy as np
from sklearn.model_selection import RepeatedKFold

from . import phones, vehicles
from .intervals import WithInterval
from .value_artefact import write_value_artefact

# `ensemble` is the best price; `served` the part of it that plain code evaluates from `value.json`.
FORMS = {
    "phones": {"ensemble": (phones.Phones, phones.prices), "served": (phones.ServedPhones, phones.prices)},
    "vehicles": {"ensemble": (vehicles.Vehicles, vehicles.prices)},
}
# The share within 20 % is asked of phones only.
WITHIN_WEIGHT = {"phones": 1.0, "vehicles": 0.0}
BARS = {
    "phones": {"mape": (0, 18.5), "within_20": (65, 100), "coverage": (77, 83)},
    "vehicles": {"mape": (0, 16.0)},
}


def read_rows(path: str | Path) -> list[dict]:
    path = Path(path)
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
    with opened as file:
        return list(csv.DictReader(file))


def measure(predicted: np.ndarray, price: np.ndarray) -> dict[str, float]:
    off = np.abs(predicted[:, 1] / price - 1)
    logs = np.log(predicted[:, 1]) - np.log(price)
    return {
        "rows": len(price),
        "mape": 100 * off.mean(),
        "median_ape": 100 * float(np.median(off)),
        "within_20": 100 * (off <= 0.2).mean(),
        "coverage": 100 * ((price >= predicted[:, 0]) & (price <= predicted[:, 2])).mean(),
        "width": float(np.median(predicted[:, 2] / predicted[:, 0])),
        "r2_log": 1 - float((logs**2).sum() / ((np.log(price) - np.log(price).mean()) ** 2).sum()),
    }


def cross_validate(make_fitted, prices, rows: list[dict], folds: int, repeats: int) -> list[dict[str, float]]:
    found = []
    predicted = np.zeros((len(rows), 3))
    for i, (seen, unseen) in enumerate(RepeatedKFold(n_splits=folds, n_repeats=repeats, random_state=7).split(rows)):
        fitted = make_fitted().fit([rows[j] for j in seen])
        predicted[unseen] = fitted.predict([rows[j] for j in unseen])
        if (i + 1) % folds == 0:
            found.append(measure(predicted, np.exp(prices(rows))))
            print(f"cross-validation {len(found)}/{repeats}: MAPE {found[-1]['mape']:.2f} %", file=sys.stderr)
    return found


def summarise(name: str, form: str, where: str, runs: list[dict[str, float]]) -> dict:
    mean = {key: float(np.mean([run[key] for run in runs])) for key in runs[0]}
    spread = {key: float(np.std([run[key] for run in runs])) for key in runs[0]}
    bars = {k: {"from": a, "to": b, "met": bool(a <= mean[k] <= b)} for k, (a, b) in BARS[name].items()}
    return {"set": name, "form": form, "measured_on": where, "runs": len(runs), "mean": mean, "deviation_between_runs": spread, "bars": bars}


def told(result: dict) -> str:
    lines = [f"{result['set']}, {result['form']}: {result['measured_on']} ({result['runs']} run(s), {result['mean']['rows']:.0f} rows)"]
    for key in ("mape", "median_ape", "within_20", "coverage", "width", "r2_log"):
        bar = result["bars"].get(key)
        note = "" if bar is None else f"   bar {bar['from']:g}..{bar['to']:g} {'met' if bar['met'] else 'MISSED'}"
        lines.append(f"  {key:<11} {result['mean'][key]:8.3f}{note}")
    return "\n".join(lines)


def run(name: str, options) -> int:
    rows = read_rows(options.train)
    test = read_rows(options.test) if options.test else None
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    results = []
    for form, (make, prices) in FORMS[name].items():
        fitted = lambda: WithInterval(make, prices, WITHIN_WEIGHT[name])
        if options.repeats > 0:
            runs = cross_validate(fitted, prices, rows, options.folds, options.repeats)
            results.append(summarise(name, form, "cross-validation of the training file", runs))
        model = fitted().fit(rows)
        if test is not None:
            measured = measure(model.predict(test), np.exp(prices(test)))
            results.append(summarise(name, form, "test file", [measured]))
        if form == "ensemble":
            stored = {"model": model.model, "interval": interval_of(model)}
            (out / f"{name}.pickle").write_bytes(pickle.dumps(stored))
        else:
            write_value_artefact(model, rows, out / "value.json")
    (out / "metrics.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results) if options.json else "\n".join(told(result) for result in results))
    return 0


def interval_of(model: WithInterval) -> dict:
    return {key: getattr(model, key) for key in ("shift", "low", "high", "floor", "scale")}


def predict(options) -> int:
    """Writes `row, low, price, high` for each row of a file; the price column may be absent."""
    stored = pickle.loads(Path(options.model).read_bytes())
    model = WithInterval(None, None)
    model.model = stored["model"]
    for key, value in stored["interval"].items():
        setattr(model, key, value)
    rows = read_rows(options.rows)
    predicted = model.predict(rows)
    if options.json:
        print(json.dumps([dict(zip(("low", "price", "high"), map(float, row))) for row in predicted]))
        return 0
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["row", "low", "price", "high"])
    for i, row in enumerate(predicted):
        writer.writerow([rows[i].get("row_id", i), *(f"{value:.2f}" for value in row)])
    print(text.getvalue(), end="")
    return 0
