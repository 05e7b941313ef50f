"""Comparison files: studies that differ in a few options, each with a name of its own."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from ...guard import FileError, OptionError, counted, suggestion
from ..checks import study_name, text
from ..config import Study
from ..study_file import read_study_file

KEYS = ("name", "question", "base", "variants", "analysis")


@dataclass(frozen=True)
class ComparisonFile:
    """What a comparison file asks for.

    Attributes
    ----------
    name, question
        Of the comparison.
    studies
        The studies to compare, by what they are called in it.
    analysis
        Options of the analysis, where the file has some.
    """

    name: str
    question: str
    studies: Mapping[str, Study]
    analysis: Mapping[str, Any]

    @classmethod
    def from_dict(cls, options: Mapping[str, Any], where: str) -> ComparisonFile:
        """Build the studies: those options of `base`, with the dotted options of each variant in their place.

        Raises
        ------
        OptionError
            For an option that does not exist, or is of the wrong type or out of range.
        FileError
            If there are not two variants at least.
        """
        for name in options:
            if name not in KEYS:
                raise OptionError("option", name, "one of " + ", ".join(KEYS), suggestion(str(name), KEYS))
        name = study_name("name", options.get("name", "comparison"))
        question = text("question", options.get("question", "How do these networks differ?"))
        base, variants, analysis = (options.get(key) or {} for key in ("base", "variants", "analysis"))
        for key, given in (("base", base), ("variants", variants), ("analysis", analysis)):
            if not isinstance(given, Mapping):
                raise OptionError(key, given, "a mapping, such as {layered.rule: backprop}")
        if len(variants) < 2:
            raise FileError(f"{where}: got {counted(len(variants), 'variant')}, expected two or more to compare")
        studies = {}
        for label, changes in variants.items():
            called = study_name("variants", str(label))
            given = copy.deepcopy(dict(base))
            given |= {"name": f"{name}-{called}", "question": question}
            if not isinstance(changes or {}, Mapping):
                raise OptionError(f"variants.{called}", changes, "options by name, such as {layered.rule: backprop}")
            for option, value in (changes or {}).items():
                section, _, key = str(option).rpartition(".")
                target = given.setdefault(section, {}) if section else given
                if not isinstance(target, dict):
                    raise OptionError(section, target, f"options of the section {section}")
                target[key] = value
            studies[called] = Study.from_dict(given)
        return cls(name, question, studies, dict(analysis))


def bundled_comparisons() -> dict[str, Path]:
    """Path of each comparison that comes with the package, by its name."""
    folder = Path(str(resources.files(__package__) / "bundled"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"), key=lambda path: path.stem)}


def read_comparison(path: str | Path) -> ComparisonFile | None:
    """Read a comparison from a YAML file, or a bundled one by its name; None if the file is of a single study.

    Raises
    ------
    FileError
        If the file is missing, unreadable or not YAML.
    OptionError
        If an option is wrong.
    """
    bundled = bundled_comparisons()
    found = bundled.get(str(path).removesuffix(".yaml")) if not Path(path).exists() else None
    options = read_study_file(found or path)
    # no option of a study is called as either
    return ComparisonFile.from_dict(options, str(path)) if {"variants", "base"} & set(options) else None
