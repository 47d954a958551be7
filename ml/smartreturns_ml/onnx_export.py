"""Every booster as an ONNX tree ensemble, and the gate that it answers as the reference does.

The graph is written from our own trees, node by node: converters have read LightGBM wrongly before (onnxmltools #708, #728),
and the trees are already proven against LightGBM.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

RELATIVE_MAX, CHANCE_MAX = 1e-4, 1e-5
OPSET, OPSET_ML, IR = 17, 3, 8


def ensemble(booster: dict) -> onnx.ModelProto:
    columns: dict[str, list] = {
        key: [] for key in ("tree", "node", "feature", "value", "mode", "true", "false", "nan", "leaf_tree", "leaf_node", "leaf_value")
    }
    for number, tree in enumerate(booster["trees"]):
        inner = len(tree["f"])
        place = lambda child: child if child >= 0 else inner + ~child
        for i in range(inner):
            columns["tree"].append(number)
            columns["node"].append(i)
            columns["feature"].append(tree["f"][i])
            columns["value"].append(tree["t"][i])
            columns["mode"].append("BRANCH_LEQ")
            columns["true"].append(place(tree["l"][i]))
            columns["false"].append(place(tree["r"][i]))
            columns["nan"].append(tree["d"][i])
        for leaf, value in enumerate(tree["v"]):
            columns["tree"].append(number)
            columns["node"].append(inner + leaf)
            columns["feature"].append(0)
            columns["value"].append(0.0)
            columns["mode"].append("LEAF")
            columns["true"].append(0)
            columns["false"].append(0)
            columns["nan"].append(0)
            columns["leaf_tree"].append(number)
            columns["leaf_node"].append(inner + leaf)
            columns["leaf_value"].append(value)
    node = helper.make_node(
        "TreeEnsembleRegressor", ["rows"], ["raw"], domain="ai.onnx.ml", n_targets=1, aggregate_function="SUM",
        post_transform="NONE", base_values=[float(booster["init"])],
        nodes_treeids=columns["tree"], nodes_nodeids=columns["node"], nodes_featureids=columns["feature"],
        nodes_values=columns["value"], nodes_modes=columns["mode"], nodes_truenodeids=columns["true"],
        nodes_falsenodeids=columns["false"], nodes_missing_value_tracks_true=columns["nan"],
        target_treeids=columns["leaf_tree"], target_nodeids=columns["leaf_node"],
        target_ids=[0] * len(columns["leaf_tree"]), target_weights=columns["leaf_value"],
    )  # fmt: skip
    graph = helper.make_graph(
        [node], booster["name"],
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, len(booster["inputs"])])],
        [helper.make_tensor_value_info("raw", TensorProto.FLOAT, [None, 1])],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", OPSET_ML)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR, producer_name="smartreturns")


def session_of(content: bytes | str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def open_sessions(folder: Path, model: dict):
    sessions = {b["name"]: session_of(str(folder / f"{b['name']}.onnx")) for b in model["boosters"]}
    return lambda booster, table: sessions[booster["name"]].run(None, {"rows": table})[0][:, 0].astype(np.float64)


def write_onnx(model: dict, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for booster in model["boosters"]:
        (folder / f"{booster['name']}.onnx").write_bytes(ensemble(booster).SerializeToString())


class ParityError(ValueError):
    """The ONNX form answers otherwise than the reference: it must not be served."""


def check_parity(got: np.ndarray, wanted: np.ndarray, chances: np.ndarray) -> dict[str, float]:
    """`chances` marks the columns that are probabilities. Raises when one row of one column is too far off."""
    if got.shape != wanted.shape or not np.array_equal(np.isnan(got), np.isnan(wanted)):
        raise ParityError("shape or missing numbers differ")
    off = np.nan_to_num(np.abs(got - wanted))
    worst_chance = float(off[:, chances].max(initial=0))
    # Relative to the number, or to 1 for those near zero: a logarithm of a ratio may be 0.
    scale = np.maximum(np.nan_to_num(np.abs(wanted)), 1.0)
    worst_number = float((off / scale)[:, ~chances].max(initial=0))
    if worst_chance > CHANCE_MAX or worst_number > RELATIVE_MAX:
        raise ParityError(f"chance off by {worst_chance:.2g}, number by {worst_number:.2g}")
    return {"chance": worst_chance, "relative": worst_number}
