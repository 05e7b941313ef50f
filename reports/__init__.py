if __name__ != "creditgraph.reports":
    raise ImportError("import creditgraph.reports: the bare name reports would load a second copy of every class")

__all__: list[str] = []
