if __name__ != "creditgraph.graphs":
    raise ImportError("import creditgraph.graphs: the bare name graphs would load a second copy of every class")

__all__: list[str] = []
