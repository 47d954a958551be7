"""Reads training rows: per split a manifest, features before and after the check, and outcomes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .contract import CLASSES, FeatureContract

PER_CLASS = ("price_log", "sale_week", "sale_days", "sale_speed", "horizon_weeks", "depth_log", "rereturned")


@dataclass(frozen=True)
class Rows:
    """One split. `x0` is what is known at intake, `x1` after the check; NaN means not known, not observed."""

    name: str
    kind: str
    source: str
    data_hash: str
    x0: np.ndarray
    x1: np.ndarray
    outcomes: dict[str, np.ndarray]

    @property
    def count(self) -> int:
        return len(self.x0)

    def of_class(self, outcome: str, c: int) -> np.ndarray:
        return self.outcomes[f"{outcome}_{CLASSES[c]}"]

    @property
    def weight(self) -> np.ndarray:
        return self.outcomes["weight"]

    def take(self, chosen: np.ndarray) -> "Rows":
        outcomes = {name: column[chosen] for name, column in self.outcomes.items()}
        return Rows(self.name, self.kind, self.source, self.data_hash, self.x0[chosen], self.x1[chosen], outcomes)


def read_split(folder: str | Path, name: str, contract: FeatureContract) -> Rows:
    folder = Path(folder)
    manifest = json.loads((folder / f"{name}.json").read_text())
    if manifest["contractHash"] != contract.hash:
        raise ValueError(f"{name}: made for feature contract {manifest['contractHash'][:12]}, not {contract.hash[:12]}")
    if manifest["features"] != contract.features:
        raise ValueError(f"{name}: its features are not those of the contract")
    files = [(folder / f"{name}.{part}.f32").read_bytes() for part in ("x0", "x1", "y")]
    digest = hashlib.sha256(b"".join(files)).hexdigest()
    if digest != manifest["dataHash"]:
        raise ValueError(f"{name}: the files are not those that its manifest was made for")
    count = manifest["count"]
    x0, x1, y = (np.frombuffer(content, "<f4").reshape(count, -1) for content in files)
    if x0.shape[1] != len(contract.features) or y.shape[1] != len(manifest["outcomes"]):
        raise ValueError(f"{name}: rows of another width than the manifest says")
    outcomes = {column: y[:, i].astype(np.float64) for i, column in enumerate(manifest["outcomes"])}
    return Rows(name, manifest["kind"], manifest["source"], digest, x0, x1, outcomes)


def splits_of(folder: str | Path) -> list[str]:
    """Names of the splits of a folder, by their manifests."""
    names = []
    for path in sorted(Path(folder).glob("*.json")):
        data = json.loads(path.read_text())
        if isinstance(data, dict) and "contractHash" in data and "outcomes" in data:
            names.append(path.stem)
    return names


def read_for_training(
    folder: str | Path, contract: FeatureContract, split: str | None = None, calibrate: str | None = None
) -> tuple[Rows, Rows]:
    """Training and calibration rows. Where nothing else calibrates, every fifth training row does."""
    names = splits_of(folder)
    if not names:
        raise FileNotFoundError(f"{folder}: no training rows (a manifest <split>.json is needed)")
    first = split or ("train" if "train" in names else names[0])
    rows = read_split(folder, first, contract)
    if calibrate is None and first == "train" and "calibrate" in names:
        calibrate = "calibrate"
    if calibrate is not None:
        return rows, read_split(folder, calibrate, contract)
    held = np.random.default_rng(11).random(rows.count) < 0.2
    return rows.take(~held), rows.take(held)
