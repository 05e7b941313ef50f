"""The command that repeats a study, for a reader who has its page and nothing else."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ..guard import CreditgraphError
from .config import Study, option_names
from .study_file import bundled_studies, read_value

LISTS_OR_NUMBERS = ("sweep.seeds", "sweep.snapshots", "sweep.matched_losses")
STUDY_FILE = "study.yaml"
LONGEST = 500
"""A command of more characters is read by nobody; the study's file is."""


def read_option(name: str, text: str) -> Any:
    """Read an option of a study as the command line gives it: names and paths as they are, all else as YAML.

    Examples
    --------
    >>> read_option("sweep.learning_rates", "0.1,0.3"), read_option("sweep.seeds", "3"), read_option("name", "007")
    ([0.1, 0.3], 3, '007')
    """
    if name in ("name", "question") or name.endswith(".task_path"):
        return text
    is_list = isinstance(option_names()[name].default, tuple) or (name in LISTS_OR_NUMBERS and "," in text)
    return read_value(f"[{text}]" if is_list and not text.lstrip().startswith("[") else text)


def repeat(study: Study) -> tuple[str, dict[str, str]]:
    """The command that makes a study's numbers again, and the files that it takes.

    A study that is a bundled one with a few other options is repeated by its name and those. Any other takes its file,
    which is returned too, so that its page can hold it.

    Returns
    -------
    command
        As a shell takes it.
    files
        Text of each file that it names; none for bundled studies.
    """
    for name, options in sorted(_beside_bundled(study).items(), key=lambda each: (each[0] != study.name, len(each[1]))):
        known = study.name == name or "question" not in options
        command = shlex.join(["creditgraph", "run", name, *(f"--{key}={text}" for key, text in options.items())])
        if known and len(command) <= LONGEST and command.isprintable() and _gives(study, name, options):
            return command, {}
    text = yaml.safe_dump(study.to_dict(), sort_keys=False, allow_unicode=True)
    return f"creditgraph run {STUDY_FILE}", {STUDY_FILE: text}


def folder_of(study: Study) -> Path:
    """Where :func:`repeat`'s command leaves its run."""
    return Path("runs") / study.name / study.hash()


def place(path: Path) -> str:
    """A path as a command names it: from the working directory on, where it lies below that."""
    path = path.resolve()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _beside_bundled(study: Study) -> dict[str, dict[str, str]]:
    """For each bundled study of the same experiment, the options that differ from it, as a command line gives them."""
    own = _flat(study.to_dict())
    found = {}
    for name, path in bundled_studies().items():
        other = Study.from_file(path)
        if other.experiment == study.experiment:
            theirs = _flat(other.to_dict())
            found[name] = {key: _typed(key, value) for key, value in own.items() if value != theirs[key]}
    return found


def _flat(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options by their dotted names; a mapping that is the value of an option stays one."""
    found = {}
    for key, value in options.items():
        if f"{key}" in option_names():
            found[key] = value
        else:
            found |= {f"{key}.{name}": each for name, each in value.items()}
    return found


def _typed(name: str, value: Any) -> str:
    """A value as :func:`read_option` reads it back."""
    if name == "sweep.seeds" and value == list(range(len(value))):
        return str(len(value))
    if isinstance(value, str):
        return value if read_option(name, value) == value else json.dumps(value)
    if isinstance(value, list) and len(value) > 1 and not any(isinstance(each, list | dict) for each in value):
        return ",".join(each if isinstance(each, str) else json.dumps(each) for each in value)
    return json.dumps(value, ensure_ascii=False)


def _gives(study: Study, name: str, options: Mapping[str, str]) -> bool:
    """Whether a bundled study with these options is the study."""
    try:
        made = Study.from_file(bundled_studies()[name], {key: read_option(key, text) for key, text in options.items()})
    except CreditgraphError:
        return False
    return made.hash() == study.hash()
