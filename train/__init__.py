if __name__ != "creditgraph.train":
    raise ImportError("import creditgraph.train: the bare name train would load a second copy of every class")

__all__: list[str] = []
