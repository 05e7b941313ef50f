"""Files of graphs: GraphML, GEXF, edge lists, adjacency matrices, spreadsheets and NumPy archives, in and out."""

from .foreign import GraphFileWarning
from .formats import FORMATS, companions, graph_files
from .reading import read_graph
from .writing import write_graph

__all__ = ["FORMATS", "GraphFileWarning", "companions", "graph_files", "read_graph", "write_graph"]
