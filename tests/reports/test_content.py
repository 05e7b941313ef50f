from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
import synthetic_findings as made

from creditgraph.guard import DataError, OptionError
from creditgraph.reports import (
    Column,
    Drawing,
    Findings,
    Illustration,
    Page,
    Section,
    Similarities,
    Table,
    labels,
    neuron_roles,
    write_page,
    write_report,
)


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


def test_findings_that_do_not_fit_are_refused():
    """Guards against a KeyError of pandas deep inside a figure, and groups or communities of other things."""
    with pytest.raises(DataError, match="roles: the column within_module_z is missing"):
        Findings(roles=made.roles().drop(columns="within_module_z"))
    with pytest.raises(DataError, match="lesions: got dict, expected a pandas DataFrame"):
        Findings(lesions={})  # type: ignore[arg-type]
    with pytest.raises(DataError, match="groups: got 2, expected one for each of 3 partitions"):
        Similarities(np.eye(3), ["a", "b"])
    graph, membership = made.layered_graph((4, 3))
    with pytest.raises(DataError, match="membership: got 6 entries, expected one for each of 7 neurons"):
        Drawing(graph, membership[:-1])


def test_pages_are_made_of_any_sections(tmp_path):
    """Guards against a page builder that only studies can use."""
    table = Table("scores", "Scores.", pd.DataFrame({"q": [0.1]}), [Column("q", "q", labels.score, True)])
    figure = Illustration(
        "roles", neuron_roles(made.roles()), "n = 120 neurons; no null model.", "A plot.", made.roles()
    )
    page = Page(
        title="<b>a graph</b>",
        question="Which neurons are hubs?",
        kind="Analysis",
        answer=["None."],
        sections=[Section("roles", "Roles", "Which roles?", ["See below."], [figure], tables=[table])],
    )
    source = write_page(page, tmp_path).read_text(encoding="utf-8")
    assert "&lt;b&gt;a graph&lt;/b&gt;" in source
    assert '<section id="roles"' in source
    assert 'id="figure-roles"' in source
    assert 'id="table-scores"' in source
    assert not re.search('id="(methods|limits|references)"', source)
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {
        f"roles.{kind}" for kind in ("svg", "png", "pdf", "csv")
    }
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {"scores.csv", "scores.md", "scores.tex"}
