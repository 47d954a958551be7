"""The feature view that the program pushes to: one row a unit, by the feature contract."""

import json
import os
from datetime import timedelta
from pathlib import Path

from feast import Entity, FeatureService, FeatureView, Field, FileSource, PushSource, ValueType
from feast.types import Float32

CONTRACT = json.loads((Path(os.environ["SMARTRETURNS_ROOT"]) / "data/features/returns.v1.json").read_text())

unit = Entity(name="return_id", join_keys=["return_id"], value_type=ValueType.STRING)
history = FileSource(
    path=str(Path(os.environ["SMARTRETURNS_FEATURES"]) / "history.parquet"),
    timestamp_field="event_timestamp",
)
pushed = PushSource(name="returns_push", batch_source=history)
returns_v1 = FeatureView(
    name="returns_v1",
    entities=[unit],
    ttl=timedelta(days=3650),
    schema=[Field(name=feature["name"], dtype=Float32) for feature in CONTRACT["features"]],
    source=pushed,
    online=True,
)
service = FeatureService(name="returns_v1", features=[returns_v1])
