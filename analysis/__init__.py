if __name__ != "creditgraph.analysis":
    raise ImportError("import creditgraph.analysis: the bare name analysis would load a second copy of every class")

__all__: list[str] = []
