"""From the tables of an analysis to its page: that of a network, or the report of a run with all that was found."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...graphs import WeightGraph
from ...reports import (
    Drawing,
    Findings,
    MatrixExample,
    ReportContent,
    Similarities,
    answer_in_words,
    labels,
    write_report,
)
from ...reports.analysis import AnalysisContent, write_analysis
from ...reports.rules import control_rule
from ..repeat import place
from ..report_content import report_content
from ..result_folder import ResultFolder
from ..store import Cell, RunDirectory
from .backbones import NO_BACKBONE
from .function import CONTROLS, RECURRENT_CONTROLS, SHUFFLES
from .labels import of_seed
from .networks import FileNetwork, RunNetwork
from .notes import fewer_samples, notes_of
from .options import FEWEST_STRUCTURE_SAMPLES, PARTS, AnalysisOptions
from .sources import Source
from .strengths import kept_in_words
from .tables import MOST_STRUCTURE_RESTARTS, Tables, objective_shown

# larger matrices and drawings are a grey area, and take long
LARGEST_MATRIX = 2_000
LARGEST_DRAWING = 1_000

VERDICTS = {
    "block-diagonal": "The network is block-diagonal: its weight lies within communities more than in {null}.",
    "off-diagonal": "The network is off-diagonal: its weight lies across groups more than in {null}.",
    "core-periphery": "The network has a core and a periphery, more than {null}.",
    "none": "None of the three kinds of structure is told from {null}.",
}


def write_page_of(source: Source, tables: Tables, options: AnalysisOptions, folder: ResultFolder, command: str) -> Path:
    """Write the page of an analysis into ``report`` of its folder; return its path."""
    out = folder.path / "report"
    if source.run is None:
        return write_analysis(_of_file(source, tables, options, folder, command), out)
    return write_report(content_of_run(source, tables, options, command), out)


def answer_of(source: Source, tables: Tables) -> tuple[str, ...]:
    """The answer of the page of a run, in sentences; of a file none, for its scores say it all."""
    if source.run is None:
        return ()
    study, objective = source.run.study, objective_shown(tables)
    effects, trends = (_of_objective(tables[name], objective) for name in ("effects", "trends"))
    return tuple(answer_in_words(effects, trends, control_rule(study.experiment, study.to_dict())))


def _of_file(
    source: Source, tables: Tables, options: AnalysisOptions, folder: ResultFolder, command: str
) -> AnalysisContent:
    network = source.networks[0]
    assert isinstance(network, FileNetwork)
    g, options = network.graph, network.settled(options)
    neurons = tables["neurons"]
    return AnalysisContent(
        title=source.called,
        source=source.about,
        networks=tables["networks"],
        scores=tables["scores"],
        nulls=tables["nulls"],
        neurons=neurons,
        communities=tables["communities"],
        composition=tables.get("composition", pd.DataFrame()),
        findings=_of_network(tables, g, ""),
        matrix=_matrix(g, tables, source.called) if g.n <= LARGEST_MATRIX else None,
        configuration=options.to_dict() | {"samples": int(tables["scores"]["samples"].max())},
        environment=folder.read_json("environment.json"),
        command=command,
        notes=[*source.notes, *notes_of(source, options), *_kept(tables)],
    )


def _matrix(g: WeightGraph, tables: Tables, name: str) -> MatrixExample:
    neurons = tables["neurons"]
    row = tables["scores"].iloc[0]
    return MatrixExample(
        learning_rate=0.0,
        pruning=None,
        seed=0,
        label="",
        matrix=g.adjacency(),
        membership=neurons["community"].to_numpy(np.int64),
        quality=float(row["quality"]),
        null_mean=float(row["null_mean"]),
        z=float(row["z"]),
        p_value=float(row["p_value"]),
        minimal=_column(neurons, "anti_community"),
        name=name,
    )


def _column(neurons: pd.DataFrame, name: str) -> npt.NDArray[np.int64] | None:
    return neurons[name].to_numpy(np.int64) if name in neurons else None


def _of_network(tables: Tables, g: WeightGraph, words: str) -> Findings:
    """What was found in the network whose rows are given."""
    membership = tables["neurons"].sort_values("neuron")["community"].to_numpy(np.int64)
    kinds = tables.get("structure")
    return Findings(
        network=words,
        blocks=tables["blocks"],
        structure=kinds,
        verdict="" if kinds is None else _verdict(kinds),
        roles=tables["neurons"],
        drawing=Drawing(g, membership) if g.n <= LARGEST_DRAWING else None,
        lesions=tables.get("lesions"),
        selectivity=tables.get("selectivity"),
        resolution=tables.get("resolution"),
        course=tables.get("course"),
        slices=tables.get("slices"),
        events=tables.get("events"),
        plateaus=tables.get("plateaus"),
        consensus=tables.get("consensus"),
        restart_agreement=tables.get("restart_agreement"),
    )


def content_of_run(source: Source, tables: Tables, options: AnalysisOptions, command: str) -> ReportContent:
    """The report of the run, with what was found; details are those of the network that stands out most."""
    assert source.run is not None
    options = source.networks[0].settled(options)
    content = report_content(source.run)
    shown = _most_striking(source, tables)
    own = {name: _rows(table, shown.name) for name, table in tables.items() if "network" in table}
    own = {name: table for name, table in own.items() if len(table)}
    findings = _of_network(own, shown.load(options), _in_words(shown))
    objective = objective_shown(tables)
    asked = {name: _of_objective(tables[name], objective) for name in ("scores", "nulls", "effects", "trends")}
    return replace(
        content,
        title=f"{content.title}, analysed",
        command=command,
        communities=asked["scores"],
        nulls=asked["nulls"],
        effects=asked["effects"],
        trends=asked["trends"],
        matrices=[_rescored(example, source, tables, objective, options) for example in content.matrices],
        configuration=_configuration(source.run, asked["scores"], tables, options),
        notes=[
            *content.notes,
            *_notes(tables, objective),
            *notes_of(source, options),
            *_kept(tables),
            *_narrower(source.run, asked["scores"]),
            *_left_out(source.run, options),
            f"Figures of a single network are of {_in_words(shown)}, whose maximal Q has the greatest z of all beside "
            "the nearest of its null models: selected for that, so an example and no evidence.",
        ],
        findings=replace(
            findings,
            memberships=_of_same_seed(tables["memberships"], shown),
            similarities=_similarities(source, tables),
            matched=tables.get("matched"),
            matched_answers=tables.get("matched_answers"),
            power=tables["power"],
            seed_agreement=tables["seed_agreement"],
            neuron_agreement=_at_rate(tables.get("neuron_agreement"), shown.cell),
        ),
    )


def _verdict(kinds: pd.DataFrame) -> str:
    """The verdict on the structure in a sentence, with the null model that it was found against."""
    null = labels.null(str(kinds["null"].iloc[0])) if "null" in kinds else "the null model"
    if "samples" in kinds:
        null = f"{labels.counted(int(kinds['samples'].iloc[0]), 'sample')} of {null}"
    return VERDICTS[str(kinds["verdict"].iloc[0])].format(null=null)


def _kept(tables: Tables) -> list[str]:
    return [kept_in_words(tables["kept_strengths"])] if "kept_strengths" in tables else []


def _of_objective(table: pd.DataFrame, objective: str) -> pd.DataFrame:
    return table[table["objective"] == objective].reset_index(drop=True)


def _notes(tables: Tables, objective: str) -> list[str]:
    """What a reader of the page must know: which score it is, what it lacks, and which null models are short."""
    scores = tables["scores"]
    notes = []
    if objective != "modularity":
        notes.append(f"Q on this page is {labels.objective(objective)}, not plain modularity.")
    others = [name for name in scores["objective"].unique() if name != objective]
    if others:
        words = labels.listed([labels.objective(name) for name in others])
        notes.append(f"Scores of {words} are in the tables of the analysis, not on this page.")
    notes += fewer_samples(scores)
    if "unmeasured" in tables:
        lost = tables["unmeasured"]
        notes.append(
            f"What communities do could not be measured in {len(lost)} of "
            f"{labels.counted(len(tables['networks']), 'network')}: "
            f"{lost['reason'].iloc[0]}"
        )
    return notes


def _rescored(
    example: MatrixExample, source: Source, tables: Tables, objective: str, options: AnalysisOptions
) -> MatrixExample:
    """An example of the run's report with the communities and scores of this analysis, and its backbone's weights."""
    name = Cell(example.learning_rate, example.pruning, example.seed).name
    neurons = _rows(tables["neurons"], name).sort_values("neuron")
    row = _rows(_of_objective(tables["scores"], objective), name).iloc[0]
    matrix = example.matrix
    if options.backbone != NO_BACKBONE:
        matrix = next(network for network in source.networks if network.name == name).load(options).adjacency()
    return replace(
        example,
        matrix=matrix,
        membership=neurons["community"].to_numpy(np.int64),
        quality=float(row["quality"]),
        null_mean=float(row["null_mean"]),
        z=float(row["z"]),
        p_value=float(row["p_value"]),
        minimal=_column(neurons, "anti_community"),
    )


def _narrower(run: RunDirectory, scores: pd.DataFrame) -> list[str]:
    """What the study asked that this analysis does not look at, which changes q too."""
    study = run.study
    kinds = {
        "weights": (study.communities.weights, labels.weights),
        "direction": (study.communities.directions, labels.direction),
        "null": (study.nulls.models, labels.null),
    }
    missing = [words(name) for column, (own, words) in kinds.items() for name in own if name not in set(scores[column])]
    if not missing:
        return []
    return [
        f"The study also asked for {labels.listed(missing)}: what was found there is in the tables of the run, "
        f"{place(run.path)}. q on this page is corrected over the tests of this page alone, and so may be less than in "
        "those tables."
    ]


def _left_out(run: RunDirectory, options: AnalysisOptions) -> list[str]:
    """Which sections the page lacks, and what would bring them."""
    study, notes = run.study, []
    of_run = [part for part in PARTS if part != "function" or study.experiment != "connectome"]
    missing = [part for part in of_run if part not in options.parts]
    if missing:
        words = shlex.join(["creditgraph", "report", place(run.path), "--analyse"])
        notes.append(f"This analysis left out {', '.join(missing)}; all that there is comes with: {words}")
    if "trajectory" in options.parts and not study.sweep.snapshots:
        notes.append(
            "The run kept no weights on the way (sweep.snapshots), so that nothing is known of how communities came "
            "about."
        )
    return notes


def _configuration(run: RunDirectory, scores: pd.DataFrame, tables: Tables, options: AnalysisOptions) -> dict[str, Any]:
    """The run's options, with those of this analysis in the place of its own, and what it fixes by itself."""
    asked = {
        "weights": list(scores["weights"].unique()),
        "directions": list(scores["direction"].unique()),
        "directed": options.directed,
        "resolution": options.resolution,
        "restarts": options.restarts,
    }
    configuration = run.study.to_dict()
    configuration["communities"] |= asked
    configuration["nulls"] |= {"models": list(scores["null"].unique())}
    samples = options.samples or 0
    if len(scores):
        configuration["nulls"]["samples"] = samples = int(scores["samples"].max())
    fixed: dict[str, Any] = {}
    if "structure" in tables:
        fixed["structure_null"] = str(tables["structure"]["null"].iloc[0])
        fixed["structure_samples"] = max(samples, FEWEST_STRUCTURE_SAMPLES)
        fixed["structure_restarts"] = min(options.settled_restarts, MOST_STRUCTURE_RESTARTS)
    if "lesions" in tables:
        fixed["lesion_controls"] = RECURRENT_CONTROLS if run.study.experiment == "recurrent" else CONTROLS
    if "selectivity" in tables:
        fixed["selectivity_samples"] = SHUFFLES
    return configuration | {"analysis": options.to_dict() | {"fixed": fixed}}


def _most_striking(source: Source, tables: Tables) -> RunNetwork:
    """The network whose maximal Q has the greatest z beside the nearest of its null models; the first of equals."""
    scores = tables["scores"]
    best = scores[(scores["objective"] == objective_shown(tables)) & (scores["direction"] == "maximise")]
    z = best["z"].astype("Float64").astype(float).replace([np.inf, -np.inf], np.nan)
    nearest = z.groupby(best["network"], sort=False).min().fillna(-np.inf)
    name = nearest.index[int(np.argmax(nearest.to_numpy()))]
    found = next(network for network in source.networks if network.name == name)
    assert isinstance(found, RunNetwork)
    return found


def _in_words(network: RunNetwork) -> str:
    pruning = "" if network.cell.pruning is None else f", pruning {network.cell.pruning:g}"
    return f"r = {network.cell.learning_rate:g}{pruning}, seed {network.cell.seed}"


def _rows(table: pd.DataFrame, network: str) -> pd.DataFrame:
    return table[table["network"] == network].reset_index(drop=True)


def _of_same_seed(memberships: pd.DataFrame, shown: RunNetwork) -> pd.DataFrame | None:
    """Communities over learning rates of the seed that is shown; nothing to compare at a single learning rate."""
    own = of_seed(memberships, shown.cell)
    return own if len(own["learning_rate"].unique()) > 1 else None


def _at_rate(neurons: pd.DataFrame | None, cell: Cell) -> pd.DataFrame | None:
    """The rows of a cell's learning rate and pruning."""
    if neurons is None:
        return None
    own = neurons[neurons["learning_rate"] == cell.learning_rate]
    return own if cell.pruning is None else own[own["pruning"] == cell.pruning]


def _similarities(source: Source, tables: Tables) -> Similarities | None:
    names = [network.name for network in source.networks]
    if len(names) < 2:
        return None
    place = {name: i for i, name in enumerate(names)}
    matrix = np.eye(len(names))
    pairs = tables["similarity"]
    first, second = pairs["network"].map(place), pairs["other"].map(place)
    matrix[first, second] = matrix[second, first] = pairs["ami"].to_numpy(np.float64)
    groups = [f"{network.cell.learning_rate:g}" for network in source.networks if isinstance(network, RunNetwork)]
    return Similarities(matrix, groups)
