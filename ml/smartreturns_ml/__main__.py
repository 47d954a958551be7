"""The commands of `python -m smartreturns_ml`; each imports what it needs when it runs."""

from __future__ import annotations

import argparse
import os
import sys

# Before any library counts the cores: threads that wait for one another cost more than they bring on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="smartreturns_ml", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)

    for name, what in (("value-model", "price of used phones"), ("vehicle-model", "price of used vehicles")):
        command = commands.add_parser(name, help=f"{what}: cross-validate, fit, measure on a test file")
        command.add_argument("--train", required=True, help="CSV with the columns of the set (may be .gz)")
        command.add_argument("--test", help="CSV of the same columns, measured but not seen in training")
        command.add_argument("--out", required=True, help="folder for the model and metrics.json")
        command.add_argument("--folds", type=int, default=5)
        command.add_argument("--repeats", type=int, default=1, help="0 leaves cross-validation out")
        command.add_argument("--json", action="store_true")

    command = commands.add_parser("predict-value", help="prices and 80 %% intervals for the rows of a CSV")
    command.add_argument("--model", required=True, help="a .pickle written by value-model or vehicle-model")
    command.add_argument("--rows", required=True)
    command.add_argument("--json", action="store_true")

    for name, what in (("text-model", "customer text to sentiment and reason"), ("category-model", "title to category")):
        command = commands.add_parser(name, help=f"{what}: cross-validate, fit, measure on a test file")
        command.add_argument("--train", required=True, help="CSV with the columns of the set (may be .gz)")
        command.add_argument("--test", help="CSV of the same columns, measured but not seen in training")
        command.add_argument("--out", required=True)
        command.add_argument("--folds", type=int, default=5)
        command.add_argument("--repeats", type=int, default=1, help="0 leaves cross-validation out")
        command.add_argument("--json", action="store_true")
    for name in ("predict-text", "predict-category"):
        command = commands.add_parser(name, help="trains on one file and answers the rows of another")
        command.add_argument("--train", required=True)
        command.add_argument("--rows", required=True)
        command.add_argument("--json", action="store_true")

    command = commands.add_parser("train", help="fit, calibrate and export the decision models M1 to M8")
    command.add_argument("--rows", required=True, help="folder of training rows")
    command.add_argument("--out", required=True, help="folder of the model")
    command.add_argument("--split", help="split to train on; `train` when the folder has it")
    command.add_argument("--calibrate", help="split to calibrate on; `calibrate` beside `train`, else a fifth of the rows")
    command.add_argument("--current", help="folder of the model that serves now, to compare with")
    command.add_argument("--quick", action="store_true", help="few trees, for tests")
    command.add_argument("--json", action="store_true")

    command = commands.add_parser("evaluate", help="measure a model on splits that it has not seen")
    command.add_argument("--rows", required=True)
    command.add_argument("--model", required=True)
    command.add_argument("--current", help="folder of another model, to compare with")
    command.add_argument("--json", action="store_true")
    return top


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    if options.command in ("value-model", "vehicle-model"):
        from .real import value_model

        return value_model.run("phones" if options.command == "value-model" else "vehicles", options)
    if options.command == "predict-value":
        from .real import value_model

        return value_model.predict(options)
    if options.command in ("text-model", "predict-text"):
        from .real import reviews

        return reviews.run(options) if options.command == "text-model" else reviews.predict(options)
    if options.command in ("category-model", "predict-category"):
        from .real import catalogue

        return catalogue.run(options) if options.command == "category-model" else catalogue.predict(options)
    if options.command in ("train", "evaluate"):
        from . import commands

        return commands.run_train(options) if options.command == "train" else commands.run_evaluate(options)
    raise AssertionError(options.command)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        # Whoever read the answers (`| head`) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
