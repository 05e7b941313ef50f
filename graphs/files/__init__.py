"""Files of graphs: GraphML, GEXF, edge lists, adjacency matrices, spreadsheets and NumPy archives, in and out."""

from .foreign import GraphFileWarning
from .formats import FORMATS
from .reading import read_graph
from .writing import write_graph

__all__ = ["FORMATS", "GraphFileWarning", "read_graph", "write_graph"]
