from __future__ import annotations

import base64
import dataclasses
import gzip

import numpy as np
import pandas as pd
import pytest
from page_reader import Page
from synthetic_content import make_findings

from creditgraph.reports import write_report


@pytest.mark.slow
def test_long_tables_are_cut_on_the_page_and_whole_beside_it(build, tmp_path, no_drawings):
    """Guards against pages of thousands of rows, against rows that are lost, and against not saying so."""
    content = build(seeds=60, nulls=("shuffle_nonzero", "initial"), samples=3)
    assert len(content.communities) > 1000
    page = Page(write_report(content, tmp_path))
    assert "Here are the first 300 of 1,916 rows; the CSV has them all." in page.text("main")
    assert page.source.count('<th scope="row"') < 3000
    link = next(a for _, a, _ in page.all("a") if a.get("download") == "communities.csv.gz")
    held = gzip.decompress(base64.b64decode(link["href"].partition(",")[2])).decode()
    assert held == (tmp_path / "tables" / "communities.csv").read_text()
    assert len(held.splitlines()) == 1917


def gone_through(content, most=12):
    """The same study with as many matrices as a real one has, to go through one by one."""
    rates = list(content.members["learning_rate"].unique())
    more = [
        dataclasses.replace(content.matrices[i % 3], label="", learning_rate=rates[i % len(rates)])
        for i in range(most - 3)
    ]
    return dataclasses.replace(content, matrices=[*content.matrices, *more])


@pytest.mark.slow
def test_size_stays_small(build, tmp_path, no_png_and_pdf):
    """Guards against matrices drawn as paths and data that swell the page of the flagship study to 8 MB."""
    path = write_report(gone_through(build(n=300)), tmp_path)
    assert path.stat().st_size < 8_000_000
    assert (tmp_path / "figures" / "matrices.svg").stat().st_size < 2_000_000
    assert len(list((tmp_path / "figures").glob("matrix-*.svg"))) == 12
    assert set(pd.read_csv(tmp_path / "figures" / "matrices-weights.csv.gz")["label"]) == {"low", "middle", "high"}
    assert len(list((tmp_path / "figures").glob("matrix-*-weights.csv.gz"))) == 12


@pytest.mark.slow
def test_size_stays_small_at_1000_networks(build, tmp_path, no_png_and_pdf):
    """Guards against pages of 15 MB, that grow with every network: 20 learning rates, 50 seeds, 80,000 null samples."""
    rates = tuple(float(f"{10 ** (-4 + 4 * i / 19):.3g}") for i in range(20))
    content = dataclasses.replace(build(n=300, learning_rates=rates, seeds=50), findings=make_findings(1000))
    assert len(content.members) == 1000
    page = write_report(gone_through(content), tmp_path)
    assert page.stat().st_size < 15_000_000
    assert page.read_text(encoding="utf-8").count("<tr>") < 1000
    assert len(pd.read_csv(tmp_path / "tables" / "nulls.csv")) == len(content.nulls)
    assert len(pd.read_csv(tmp_path / "figures" / "similarity.csv")) == 6 * 7 / 2
    pairs = pd.read_csv(tmp_path / "figures" / "similarity-pairs.csv.gz").to_numpy()
    assert np.isnan(pairs[np.triu_indices(len(pairs), 1)]).all()
    given = np.asarray(content.findings.similarities.matrix)
    low = np.tril_indices(len(pairs))
    assert np.abs(pairs[low] - given[low]).max() < 1e-6
