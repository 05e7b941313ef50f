"""The structure of the project: one-way imports, the guard against bare names, documented examples."""

import ast
import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "guard": set(),
    "train": {"guard"},
    "graphs": {"guard"},
    "analysis": {"guard", "graphs"},
    "reports": {"guard", "graphs", "analysis"},
    "study": {"guard", "train", "graphs", "analysis", "reports"},
}


def modules(room):
    package = importlib.import_module(f"creditgraph.{room}")
    yield package.__name__
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not info.name.endswith(".__main__"):
            yield info.name


def rooms_imported(path, room):
    depth = len(path.relative_to(ROOT).parts) - 1
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level > depth:
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("creditgraph."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("creditgraph."):
                    yield alias.name.split(".")[1]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_go_one_way(room):
    """Guards against an arrow that runs back, from a report to a network say."""
    for path in (ROOT / room).rglob("*.py"):
        assert set(rooms_imported(path, room)) - {room} <= MAY_IMPORT[room], path


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_bare_name_is_refused(room):
    """Guards against a second copy of every class when Python starts in the checkout's root."""
    done = subprocess.run([sys.executable, "-c", f"import {room}"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"ImportError: import creditgraph.{room}" in done.stderr


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_public_names_are_there_and_documented(room):
    """Guards against a name in __all__ that is missing or has no docstring."""
    package = importlib.import_module(f"creditgraph.{room}")
    assert len(set(package.__all__)) == len(package.__all__)
    for name in package.__all__:
        thing = getattr(package, name)
        if callable(thing):
            assert thing.__doc__, name


@pytest.mark.parametrize("name", [name for room in MAY_IMPORT for name in modules(room)])
def test_examples_in_docstrings_run(name):
    """Guards against an example that is no longer true."""
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0
