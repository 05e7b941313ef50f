"""Map the top-level folders onto the namespace ``creditgraph``; everything else is in pyproject.toml."""

from setuptools import find_packages, setup

ROOMS = ("guard", "train", "graphs", "analysis", "reports", "study")

setup(
    packages=[
        name
        for room in ROOMS
        for name in (
            f"creditgraph.{room}",
            *(f"creditgraph.{room}.{sub}" for sub in find_packages(room)),
        )
    ],
    package_dir={f"creditgraph.{room}": room for room in ROOMS},
)
