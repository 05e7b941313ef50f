if __name__ != "creditgraph.study":
    raise ImportError("import creditgraph.study: the bare name study would load a second copy of every class")

__all__: list[str] = []
