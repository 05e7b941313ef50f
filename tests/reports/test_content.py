from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from creditgraph.guard import DataError, OptionError
from creditgraph.reports import write_report


def test_missing_columns_are_named(content):
    """Guards against a KeyError of pandas deep inside a figure."""
    with pytest.raises(DataError, match="effects: the column null_low is missing"):
        dataclasses.replace(content, effects=content.effects.drop(columns="null_low"))
    with pytest.raises(DataError, match="training: the column credit_norm is missing"):
        dataclasses.replace(content, training=content.training.drop(columns="credit_norm"))
    with pytest.raises(DataError, match="members: got list, expected a pandas DataFrame"):
        dataclasses.replace(content, members=[])


def test_unknown_kinds_and_labels_are_refused(content):
    """Guards against a page of a kind that does not exist."""
    with pytest.raises(OptionError, match="kind"):
        dataclasses.replace(content, kind="spiking")
    with pytest.raises(OptionError, match="label"):
        dataclasses.replace(content.matrices[0], label="medium")


def test_matrices_must_be_square_finite_and_fit_their_membership(content):
    """Guards against pictures of NaN, and blocks of other neurons."""
    example = content.matrices[0]
    with pytest.raises(DataError, match="one for each of 60 neurons"):
        dataclasses.replace(example, membership=np.zeros(59, dtype=int))
    with pytest.raises(DataError, match="NaN"):
        dataclasses.replace(example, matrix=np.full((60, 60), np.nan))
    with pytest.raises(DataError, match="square"):
        dataclasses.replace(example, matrix=np.zeros((60, 59)))


def test_only_content_is_reported(tmp_path):
    """Guards against an AttributeError where a table is passed for a report."""
    with pytest.raises(DataError, match="expected a ReportContent"):
        write_report(pd.DataFrame(), tmp_path)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
