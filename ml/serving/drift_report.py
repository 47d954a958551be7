"""Evidently's report of two CSV files in a folder: `report.html` for people, `report.json` whole, `summary.json` for the program."""

import json
import sys
from pathlib import Path

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset


def main(folder: Path) -> None:
    columns = json.loads((folder / "columns.json").read_text())
    frames = {name: pd.read_csv(folder / f"{name}.csv") for name in ("reference", "window")}
    # A column without a single number on one side can't be tested: our own figures tell of missing values.
    known = [name for name in columns["names"] if all(frame[name].notna().any() for frame in frames.values())]
    codes = [name for name in columns["codes"] if name in known]
    numbers = [name for name in known if name not in codes]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=codes)
    sets = {
        name: Dataset.from_pandas(frame[known].astype({c: "string" for c in codes}), data_definition=definition)
        for name, frame in frames.items()
    }
    snapshot = Report([DataDriftPreset()]).run(sets["window"], sets["reference"])
    snapshot.save_html(str(folder / "report.html"))
    report = json.loads(snapshot.json())
    (folder / "report.json").write_text(json.dumps(report))
    (folder / "summary.json").write_text(json.dumps({"columns": list(judged(report))}))


def judged(report: dict):
    """Each column with its score and whether it passes the threshold of its test: a p-value is low, a distance high."""
    for metric in report["metrics"]:
        config = metric.get("config", {})
        if "column" not in config or "threshold" not in config:
            continue
        score = float(metric["value"])
        is_p_value = "p_value" in config.get("method", "")
        drifted = score < config["threshold"] if is_p_value else score >= config["threshold"]
        yield {"name": config["column"], "drifted": bool(drifted), "score": score, "method": config.get("method")}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
