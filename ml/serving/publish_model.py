"""Registers a model folder with an MLflow tracking server, as the program itself does, and makes it the champion if none is."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

NAME = "returns"
FILES = ("model.json", "golden.x.f32", "golden.y.f32", "calibration.json", "metrics.json", "reference.json", "card.md")


def hash_of(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return digest.hexdigest()


def numbers_of(value, path="", into=None) -> dict[str, float]:
    into = {} if into is None else into
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        into[path] = value
    elif isinstance(value, dict):
        for key, inner in value.items():
            numbers_of(inner, f"{path}.{key}" if path else key, into)
    return into


def publish(client: MlflowClient, folder: Path) -> str:
    files = {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}
    model, sha256 = json.loads(files["model.json"]), hash_of(files)
    known = [v for v in client.search_model_versions(f"name='{NAME}'") if v.tags.get("smartreturns.sha256") == sha256]
    if known:
        return known[0].version
    at = datetime.now(timezone.utc)
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "model").mkdir()
        for name in files:
            shutil.copy(folder / name, Path(place) / "model" / name)
        (Path(place) / "MLmodel").write_text(
            "flavors:\n  python_function:\n    data: model\n    loader_module: serving.mlflow_loader\n"
            f"utc_time_created: '{at:%Y-%m-%d %H:%M:%S}'\n"
        )
        run = client.create_run("0", run_name=f"{NAME} {model['version']}")
        client.log_artifacts(run.info.run_id, place, "model")
    client.set_terminated(run.info.run_id)
    try:
        client.create_registered_model(NAME)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    taken = any(v.tags.get("smartreturns.version") == model["version"] for v in client.search_model_versions(f"name='{NAME}'"))
    tags = {
        "version": f"{model['version']}+{sha256[:8]}" if taken else model["version"],
        "sha256": sha256,
        "contract_hash": model["contractHash"],
        "data_hash": model["dataHash"],
        "trained_on": model["trainedOn"],
        "metrics": json.dumps(numbers_of(json.loads(files.get("metrics.json", b"{}")))),
        "files": json.dumps(sorted(files)),
        "by": "system",
        "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return client.create_model_version(
        NAME,
        f"{run.info.artifact_uri}/model",
        run.info.run_id,
        tags={f"smartreturns.{key}": value for key, value in tags.items()},
    ).version


if __name__ == "__main__":
    client = MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
    version = publish(client, Path(sys.argv[1]))
    # Whose model is served by these engines is no matter of taste: tests compare it with the folder that it came from.
    client.set_registered_model_alias(NAME, "served", version)
    print(version)
