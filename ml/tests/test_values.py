from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from smartreturns_ml.__main__ import main
from smartreturns_ml.real.intervals import conformal_quantile
from smartreturns_ml.real.value_artefact import evaluate


@pytest.fixture(scope="module")
def phones_file(tmp_path_factory):
    """Made-up phones whose price follows the new price, the age and the brand."""
    r = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("phones") / "train.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([
            "row_id", "device_brand", "os", "screen_size_cm", "four_g", "five_g", "rear_camera_mp", "front_camera_mp",
            "internal_memory_gb", "ram_gb", "battery_mah", "weight_g", "release_year", "days_used", "new_price_eur",
            "used_price_eur",
        ])  # fmt: skip
        for i in range(300):
            new, year, brand = r.uniform(80, 900), r.integers(2014, 2021), r.choice(["Acme", "Zed", "Rare"], p=[0.5, 0.49, 0.01])
            used = new * np.exp(-0.6 - 0.1 * (2020 - year) + 0.2 * (brand == "Acme") + 0.15 * r.normal())
            camera = "" if r.random() < 0.1 else 13
            writer.writerow([i, brand, "Android", 15, "yes", "no", camera, 5, 64, 4, 3000, 160, year, r.integers(90, 900), new, used])
    return path


def test_a_quantile_leaves_room_for_the_next_row():
    assert conformal_quantile(np.arange(1.0, 10.0), 0.8) == 8
    assert conformal_quantile(np.array([3.0, 1.0, 2.0]), 0.99) == 3


def test_value_model_measures_writes_and_predicts(phones_file, tmp_path, capsys):
    arguments = ["--train", str(phones_file), "--test", str(phones_file), "--out", str(tmp_path), "--repeats", "0", "--json"]
    assert main(["value-model", *arguments]) == 0
    results = json.loads(capsys.readouterr().out)
    assert [(r["form"], r["measured_on"]) for r in results] == [("ensemble", "test file"), ("served", "test file")]
    assert results[0]["mean"]["mape"] < 14 and 60 < results[0]["mean"]["coverage"] <= 100
    artefact = json.loads((tmp_path / "value.json").read_text())
    golden = artefact["golden"]
    got = evaluate(artefact, [g["row"] for g in golden])
    np.testing.assert_allclose(got, [g["answer"] for g in golden], rtol=1e-4)
    assert main(["predict-value", "--model", str(tmp_path / "phones.pickle"), "--rows", str(phones_file), "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)
    assert len(answers) == 300 and all(a["low"] < a["price"] < a["high"] for a in answers)
