"""Lays down the repository of the Feast server in a folder of its own: settings, definitions, an empty history."""

import json
import shutil
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).resolve().parent

SETTINGS = """project: smartreturns
provider: local
registry: registry.db
online_store:
  type: sqlite
  path: online.db
offline_store:
  type: file
entity_key_serialization_version: 3
"""


def prepare(root: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "feature_store.yaml").write_text(SETTINGS)
    shutil.copy(HERE / "feature_repo" / "features.py", folder / "features.py")
    contract = json.loads((root / "data/features/returns.v1.json").read_text())
    columns = {"return_id": pa.string(), "event_timestamp": pa.timestamp("us", tz="UTC")}
    columns |= {feature["name"]: pa.float32() for feature in contract["features"]}
    history = folder / "history.parquet"
    if not history.exists():
        pq.write_table(pa.table({name: pa.array([], type=kind) for name, kind in columns.items()}), history)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
