"""Weights as graphs: neurons and synapses, their conversions, and the null models they are held against."""

if __name__ != "creditgraph.graphs":
    raise ImportError("import creditgraph.graphs: the bare name graphs would load a second copy of every class")

from .nulls import NULL_MODELS, null_model, null_models
from .weight_graph import VIEWS, WeightGraph

__all__ = ["NULL_MODELS", "VIEWS", "WeightGraph", "null_model", "null_models"]
