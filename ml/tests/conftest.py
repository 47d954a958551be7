from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pytest
from support import write_split

from smartreturns_ml.__main__ import main
from smartreturns_ml.contract import read_contract


@pytest.fixture(scope="session")
def contract():
    return read_contract()


@pytest.fixture(scope="session")
def rows_folder(tmp_path_factory, contract):
    folder = tmp_path_factory.mktemp("rows")
    for seed, (name, count) in enumerate((("train", 1500), ("calibrate", 800), ("test", 500))):
        write_split(folder, name, contract, count, seed)
    return folder


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory, rows_folder):
    folder = tmp_path_factory.mktemp("model")
    assert main(["train", "--rows", str(rows_folder), "--out", str(folder), "--quick"]) == 0
    return folder
