from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from ..guard import FileError, OptionError, suggestion

LARGEST_BYTES = 1_000_000


class StudyLoader(yaml.SafeLoader):
    """Safe YAML loader that reads ``1e-3`` as a number and refuses a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build a mapping whose keys are all different."""
        seen = set()
        for key_node, _ in node.value:
            key = key_node.value
            if isinstance(key, str):
                if key in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the option '{key}' stands twice", key_node.start_mark
                    )
                seen.add(key)
        return super().construct_mapping(node, deep)


# YAML 1.1 takes 1e-3 for text because it lacks a point; every user means the number
StudyLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def bundled_studies() -> dict[str, Path]:
    """Path of each study that comes with the package, by its name."""
    folder = Path(str(resources.files(__package__) / "studies"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"), key=lambda path: path.stem)}


def read_value(text: str) -> Any:
    """Read one value as a study file would.

    Examples
    --------
    >>> read_value("[1e-3, 0.1]")
    [0.001, 0.1]
    """
    try:
        return yaml.load(text, Loader=StudyLoader)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return text


def read_study_file(path: str | Path) -> dict[str, Any]:
    """Read the options of a study from a YAML file, or from a bundled study by its name.

    Raises
    ------
    OptionError
        If `path` is no path.
    FileError
        If the file is missing, unreadable, too large, not YAML, or not a mapping.
    """
    if not isinstance(path, str | Path):
        raise OptionError("study", path, "a study, a study file, or the name of a bundled study")
    bundled = bundled_studies()
    given = str(path)
    name = given.removesuffix(".yaml")
    path = Path(path)
    if not path.exists() and name in bundled:
        path = bundled[name]
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise FileError(f"{path}: larger than {LARGEST_BYTES:,} bytes, too large for a study file{_hint(path)}")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        hint = suggestion(name, bundled) or "bundled studies are " + ", ".join(bundled)
        raise FileError(f"{given}: no such study file; {hint}") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{path}: not a study file (not UTF-8 text){_hint(path)}") from error
    except IsADirectoryError as error:
        raise FileError(f"{path}: a folder, expected a study file; the folder of a run goes to `report`") from error
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        options = yaml.load(text, Loader=StudyLoader)  # noqa: S506 (a SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" in line {mark.line + 1}" if mark else ""
        raise FileError(f"{path}: not valid YAML{where}: {error.problem}{_hint(path)}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FileError(f"{path}: not valid YAML: {' '.join(str(error).split())}{_hint(path)}") from error
    if options is None:
        raise FileError(f"{path}: empty, expected options of a study such as 'name: my-study'")
    if not isinstance(options, dict):
        kind = "text" if isinstance(options, str) else "a list" if isinstance(options, list) else "a single value"
        raise FileError(f"{path}: holds {kind}, expected options such as 'name: my-study'{_hint(path)}")
    return options


def _hint(path: Path) -> str:
    """What to do with a file that is not called as a study's."""
    if path.suffix.lower() in (".yaml", ".yml"):
        return ""
    return "; a study is a YAML file, a graph file goes to `creditgraph analyse`"
