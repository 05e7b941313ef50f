"""Reports written again: of runs, with what an analysis found, and of analyses."""

import re
import shlex
import shutil
import time
from html import unescape
from pathlib import Path

import pytest

from creditgraph.analysis import planted_structure
from creditgraph.graphs import write_graph
from creditgraph.guard import FileError, OptionError
from creditgraph.study import Study, analyse, report, run
from creditgraph.study.analyses.pipeline import DONE
from creditgraph.study.cli import main

QUICK = {"samples": 3, "restarts": 2, "workers": 1}
SMALL = {
    "name": "small",
    "question": "Which?",
    "connectome": {"n": 16, "pruning": [0.6], "iterations": 20},
    "sweep": {"learning_rates": [0.01, 0.1], "seeds": 1},
    "communities": {"restarts": 2},
    "nulls": {"models": ["shuffle_nonzero"], "samples": 3},
}


@pytest.fixture(scope="module")
def original(bare_run, tmp_path_factory):
    """A finished run; tests work on copies of it."""
    return bare_run(Study.from_dict(SMALL), tmp_path_factory.mktemp("runs"))


@pytest.fixture
def finished(original, tmp_path, monkeypatch, no_drawings):
    """A run of one's own, named as from the working directory."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(original.parent, tmp_path / "runs" / "small")
    return tmp_path / "runs" / "small" / original.name


def sections(page):
    return set(re.findall(r'<section id="(\w+)"', page.read_text(encoding="utf-8")))


def words(page):
    text = re.sub(r"(?s)<(script|style).*?</\1>", " ", page.read_text(encoding="utf-8"))
    return unescape(re.sub(r"<[^>]*>", " ", text))


MORE = {"structure", "function", "statistics"}


@pytest.mark.slow
def test_the_page_names_the_command_that_completes_it_and_that_command_does(finished, capsys):
    """Guards against a report without half of its sections and no word of how to get them."""
    page = report(finished)
    assert not sections(page) & MORE
    told = re.search(r"statistics are added by: (creditgraph report \S+ --analyse)\s", words(page))
    assert told[1] == f"creditgraph report runs/small/{finished.name} --analyse"
    assert main([*shlex.split(told[1])[1:], "--workers=1"]) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1] == str(page.relative_to(Path.cwd()))
    assert "maximal Q of absolute weights, against shuffled weights (shuffle_nonzero)" in " ".join(printed.split())
    assert re.search(r"^Structure \(absolute weights, undirected, beside [\w ]+\): \w", printed, re.MULTILINE)
    assert re.search(r"(C|No evidence of c)ommunities", printed)
    assert sections(page) >= MORE
    assert "are added by" not in words(page)
    assert f"creditgraph run study.yaml\ncreditgraph analyse runs/small/{finished.name}" in words(page)
    assert 'download="study.yaml" href="data:application/yaml;base64,' in page.read_text(encoding="utf-8")
    # whoever says `run` again does not lose them, and the analysis is found from now on
    again = run(Study.from_dict(SMALL), "runs", workers=1)
    assert (again.trained, again.analysed, again.report.resolve()) == (0, 0, page)
    assert sections(page) >= MORE
    before = page.read_bytes()
    assert report(finished).read_bytes() == before
    # a network that is trained again makes the page and the analysis void
    next(finished.glob("cells/*0.1*/weights.safetensors")).write_bytes(b"")
    assert run(Study.from_dict(SMALL), "runs", workers=1).trained == 1
    assert not sections(page) & MORE


@pytest.mark.slow
def test_of_several_analyses_the_one_that_says_most_is_shown(finished):
    """Guards against sections that come and go with the analysis that was made last."""
    analyse(finished, "elsewhere", parts=["structure", "stability"], **QUICK)
    whole = report(finished)
    assert not sections(whole) & MORE, "analyses elsewhere are not looked for"
    assert "structure" in sections(report(finished, "elsewhere"))
    time.sleep(0.01)
    analyse(finished, "elsewhere", parts=["stability"], **QUICK)
    page = report(finished, "elsewhere")
    assert "structure" in sections(page)
    assert "This analysis left out resolution, trajectory; all that there is comes with: creditgraph report" in words(
        page
    )
    for mark in (finished.parents[2] / "elsewhere").glob(f"small/*/{DONE}"):
        mark.unlink()
    assert not sections(report(finished, "elsewhere")) & MORE, "an analysis that was stopped is none"


@pytest.mark.slow
def test_an_analysis_is_written_again_from_its_tables(finished, tmp_path, capsys):
    """Guards against a page of an analysis that only a second analysis brings back."""
    found = analyse(finished, "analyses", parts=["structure"], nulls=["shuffle_nonzero"], **QUICK)
    before = found.report.read_bytes()
    assert "creditgraph analyse" in words(found.report)
    assert "--restarts=2" in words(found.report)
    found.report.unlink()
    assert main(["report", str(found.path)]) == 0
    assert found.report.read_bytes() == before
    with pytest.raises(OptionError, match="is an analysis already"):
        report(found.path, analyse=True)
    (found.path / "scores.parquet").write_bytes(b"")
    with pytest.raises(FileError, match="not finished, or changed since; say `creditgraph analyse` again"):
        report(found.path)
    (found.path / "analysis.yaml").write_text("analysed: x")
    with pytest.raises(FileError, match=r"analysis\.yaml: missing or corrupt"):
        report(found.path)
    capsys.readouterr()
    assert main(["report", str(found.path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_file_is_asked_for_again(tmp_path, no_drawings):
    """Guards against a page whose matrix is that of another file than its numbers."""
    file = write_graph(
        planted_structure("block-diagonal", n=30, strength=5.0, seed=3).graph, tmp_path / "-net work.npz"
    )
    found = analyse(file, tmp_path / "out", parts=["stability"], **QUICK)
    assert "creditgraph analyse './-net work.npz' --restarts=2 --samples=3 --parts=stability" in words(found.report)
    before = found.report.read_bytes()
    assert report(found.path).read_bytes() == before
    write_graph(planted_structure("block-diagonal", n=30, strength=5.0, seed=4).graph, file)
    with pytest.raises(FileError, match="has changed since it was analysed"):
        report(found.path)
    file.unlink()
    with pytest.raises(FileError, match="what was analysed is no more at"):
        report(found.path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["report", "."], "not a run directory nor the folder of an analysis"),
        (["report", "nowhere", "--analyse"], "nowhere: there is no such folder; name the folder that"),
        (["report", "nowhere", "--analyze"], "unknown option --analyze; did you mean '--analyse'?"),
    ],
)
def test_what_is_no_run_is_told_in_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    """Guards against a traceback, or a folder of analyses for a run that is not there."""
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_comparison_is_not_written_again(tmp_path, capsys):
    """Guards against a hint that leads to the analyses below it."""
    (tmp_path / "comparison.yaml").write_text("", encoding="utf-8")
    assert main(["report", str(tmp_path)]) == 2
    page = tmp_path / "report" / "index.html"
    assert f"is a comparison, whose page is {page}; say the same `compare` again" in capsys.readouterr().err


def test_the_workers_of_an_analysis_are_checked(finished, capsys):
    """Guards against an option that is read only after everything else was done, or never."""
    assert main(["report", str(finished), "--analyse", "--workers=0"]) == 2
    assert "workers: got 0" in capsys.readouterr().err
