"""Servers around a trained model: what speaks MLflow, the Open Inference Protocol, Feast and Evidently."""
