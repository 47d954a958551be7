from __future__ import annotations

import json

import numpy as np
import pytest
from support import write_split

from smartreturns_ml.__main__ import main
from smartreturns_ml.contract import AT, CLASSES, GRADES, WIDTH
from smartreturns_ml.predict import SmartReturnsModel, predict_rows, read_model
from smartreturns_ml.prepare import read_split


def test_the_folder_repeats_its_goldens(model_folder, contract):
    x = np.fromfile(model_folder / "golden.x.f32", "<f4").reshape(-1, len(contract.features))
    y = np.fromfile(model_folder / "golden.y.f32", "<f4").reshape(-1, WIDTH)
    assert len(x) == len(y) == 1000
    got = predict_rows(model_folder, x[:60])
    np.testing.assert_allclose(got, y[:60], rtol=1e-5, atol=1e-6)
    served = SmartReturnsModel(model_folder).predict(x[:60])
    np.testing.assert_allclose(served, got, rtol=1e-4, atol=1e-5)
    is_checked = ~np.isnan(x[:, contract.place("grade")])
    assert 400 < is_checked.sum() < 600


def test_answers_are_sound(model_folder, rows_folder, contract):
    rows = read_split(rows_folder, "test", contract)
    for x in (rows.x0[:100], rows.x1[:100]):
        y = predict_rows(model_folder, x)
        np.testing.assert_allclose(y[:, AT["grade"]].sum(1), 1)
        chances = np.hstack([y[:, AT[b]] for b in ("grade", "repair_need", "repair_success", "rereturn", "abuse")])
        assert ((chances >= 0) & (chances <= 1)).all()
        price = y[:, AT["price"]].reshape(-1, 5)
        price = price[~np.isnan(price).any(1)]
        assert (np.diff(price, axis=1) >= 0).all()
    before = predict_rows(model_folder, rows.x0[:100])
    assert np.isfinite(before).all()
    after = predict_rows(model_folder, rows.x1[:100])
    price = after[:, AT["price"]].reshape(-1, len(CLASSES), len(GRADES), 5)
    grade = rows.outcomes["grade"][:100].astype(int)
    assert np.isfinite(price[np.arange(100), :, grade]).all()
    assert np.isnan(price[np.arange(100), :, (grade + 1) % 5]).all()


def test_a_worse_grade_and_an_older_model_never_fetch_more(model_folder, rows_folder, contract):
    x = read_split(rows_folder, "test", contract).x0[:100]
    median = lambda rows: predict_rows(model_folder, rows)[:, AT["price"]].reshape(-1, len(CLASSES), len(GRADES), 5)[..., 2]
    y = median(x)
    # Sorting five quantiles can swap the middle one for its neighbour, by little.
    assert (np.diff(y, axis=2) <= 0.02).all()
    older = x.copy()
    older[:, contract.place("model_age_d")] += 400
    assert (median(older) - y <= 0.02).all()


def test_rows_of_a_log_train(tmp_path, contract):
    """Outcomes of the chosen route only, weights, and some units never checked."""
    write_split(tmp_path, "log", contract, 1500, 5, is_logged=True)
    assert main(["train", "--rows", str(tmp_path), "--out", str(tmp_path / "model"), "--quick"]) == 0
    y = predict_rows(tmp_path / "model", read_split(tmp_path, "log", contract).x0[:20])
    assert np.isfinite(y).all()
    card = (tmp_path / "model" / "card.md").read_text()
    assert "exported from its own log" in card
    assert list(json.loads((tmp_path / "model" / "metrics.json").read_text())["splits"]) == ["calibration"]


def test_the_shape_is_what_the_program_reads(model_folder, contract):
    model = read_model(model_folder, contract)
    kinds = {}
    for booster in model["boosters"]:
        kinds.setdefault(booster["kind"], []).append(booster["output"])
        assert len(booster["monotone"]) == len(booster["inputs"])
        for tree in booster["trees"]:
            assert len(tree["v"]) == len(tree["f"]) + 1 and len(tree["c"]) == len(tree["f"]) + len(tree["v"])
            assert len(tree["f"]) < 64
    assert {kind: len(outputs) for kind, outputs in kinds.items()} == {
        "grade": 5, "price": 5, "sale": 1, "repair_need": 1, "repair_cost": 5, "repair_success": 1, "rereturn": 1, "abuse": 1,
    }  # fmt: skip
    assert any(row["group"] == "|" for row in model["calibration"]["price"])
    assert len(contract.features) + len(model["encodings"]) <= 127


def test_rows_of_another_contract_are_refused(tmp_path, contract):
    write_split(tmp_path, "train", contract, 20, 1)
    manifest = json.loads((tmp_path / "train.json").read_text())
    (tmp_path / "train.json").write_text(json.dumps(manifest | {"contractHash": "0" * 64}))
    with pytest.raises(ValueError, match="feature contract"):
        read_split(tmp_path, "train", contract)
    (tmp_path / "train.json").write_text(json.dumps(manifest))
    (tmp_path / "train.y.f32").write_bytes(b"\0" * (tmp_path / "train.y.f32").stat().st_size)
    with pytest.raises(ValueError, match="manifest"):
        read_split(tmp_path, "train", contract)


def test_the_reference_of_drift_tells_every_feature(model_folder, contract):
    reference = json.loads((model_folder / "reference.json").read_text())
    assert reference["contractHash"] == contract.hash and reference["count"] == 1500
    assert [feature["name"] for feature in reference["features"]] == contract.features
    for feature in reference["features"]:
        assert 0 <= feature["missing"] <= 1
        assert (feature["quantiles"] is None) == (contract.codes(feature["name"]) is not None)
        assert feature["quantiles"] is None or len(feature["quantiles"]) == 101
        assert feature["shares"] is None or len(feature["shares"]) == contract.codes(feature["name"])
