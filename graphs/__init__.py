"""Weights as graphs: neurons and synapses, their conversions, and the null models they are held against."""

if __name__ != "creditgraph.graphs":
    raise ImportError("import creditgraph.graphs: the bare name graphs would load a second copy of every class")

from .backbone import BACKBONES, backbone, disparity
from .files import FORMATS, GraphFileWarning, companions, graph_files, read_graph, write_graph
from .nulls import NULL_MODELS, NullReport, null_model, null_models, null_report
from .weight_graph import VIEWS, WeightGraph

__all__ = [
    "BACKBONES",
    "FORMATS",
    "NULL_MODELS",
    "VIEWS",
    "GraphFileWarning",
    "NullReport",
    "WeightGraph",
    "backbone",
    "companions",
    "disparity",
    "graph_files",
    "null_model",
    "null_models",
    "null_report",
    "read_graph",
    "write_graph",
]
