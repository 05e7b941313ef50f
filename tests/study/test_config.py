import dataclasses

import numpy as np
import pytest
import yaml

from creditgraph.graphs import NULL_MODELS
from creditgraph.guard import OptionError
from creditgraph.study import (
    CommunitiesOptions,
    ConnectomeOptions,
    RecurrentOptions,
    Study,
    SweepOptions,
    config,
    experiments,
)
from creditgraph.study.config import option_names
from creditgraph.study.study_file import bundled_studies
from creditgraph.train.controls import RULES
from creditgraph.train.masks import MASKS
from creditgraph.train.tasks import TASKS


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"swep": {}}, r"option: got 'swep', expected one of name, .*; did you mean 'sweep'\?"),
        ({"sweep": {"learning_rate": [1]}}, r"did you mean 'sweep\.learning_rates'\?"),
        ({"seeds": 3}, r"did you mean 'sweep\.seeds'\?"),
        ({"sweep": {"seeds": 0}}, r"sweep\.seeds: got 0, expected a number of seeds of at least 1"),
        ({"sweep": {"seeds": []}}, r"sweep\.seeds: got \[\]"),
        ({"sweep": {"seeds": [1, 1]}}, r"sweep\.seeds: .* without repeats"),
        ({"sweep": {"seeds": True}}, r"sweep\.seeds: got True"),
        ({"sweep": {"learning_rates": [0.0]}}, r"sweep\.learning_rates: got 0\.0, expected a finite number above 0"),
        ({"sweep": {"learning_rates": [float("nan")]}}, r"sweep\.learning_rates: got nan"),
        ({"sweep": 3}, r"sweep: got 3, expected options of the section sweep"),
        ({"connectome": {"pruning": [1.5]}}, r"connectome\.pruning: got 1\.5, expected a finite number from 0 to 1"),
        ({"connectome": {"n": "many"}}, r"connectome\.n: got 'many', expected a whole number from 2"),
        ({"connectome": {"activation": "tahn"}}, r"connectome\.activation: .* did you mean 'tanh'\?"),
        ({"connectome": {"clamped_fraction": -0.1}}, r"connectome\.clamped_fraction: got -0\.1"),
        ({"nulls": {"samples": 0}}, r"nulls\.samples: got 0, expected a whole number from 2 to"),
        ({"nulls": {"models": ["shufle_nonzero"]}}, r"nulls\.models: .* did you mean 'shuffle_nonzero'\?"),
        ({"communities": {"directed": "perhaps"}}, r"communities\.directed: got 'perhaps', expected true or false"),
        ({"communities": {"weights": "absolut"}}, r"communities\.weights: .* did you mean 'absolute'\?"),
        ({"communities": {"weights": 3}}, r"communities\.weights: got 3, expected one of absolute"),
        ({"name": "../elsewhere"}, r"name: got '\.\./elsewhere', expected at most 100 letters"),
        ({"name": ""}, r"name: got ''"),
        (
            {"layered": {"epochs": 3}},
            r"^layered\.epochs: got 3, expected options of the section connectome.*experiment='layered'",
        ),
        (
            {"experiment": "layered", "communities": {"neurons": "free"}},
            r"communities\.neurons: got 'free', expected all; a layered network has no clamped neurons",
        ),
        ({"connectome": {"clamped_fraction": 1.0}, "communities": {"neurons": "free"}}, r"clamped_fraction: got 1\.0"),
        ({"nulls": {"models": ["shuffle_block"]}}, r"got 'shuffle_block', .*; it needs a layered experiment"),
        ({"nulls": {"models": ["shuffled_labels"]}}, r"got 'shuffled_labels', .*; a connectome study has no labels"),
        (
            {"experiment": "layered", "layered": {"shuffled_labels": True}, "nulls": {"models": ["shuffled_labels"]}},
            r"the networks themselves are trained on shuffled labels",
        ),
        ({"experiment": "layered", "nulls": {"models": ["rewire"]}}, r"got 'rewire', .*; of absolute weights"),
        ({"experiment": "recurrent", "nulls": {"models": ["rewire"]}}, r"got 'rewire', .*; of absolute weights"),
        (
            {"experiment": "layered", "layered": {"rule": "feedback_alignement"}},
            r"layered\.rule: .* expected one of credit, backprop, .*; did you mean 'feedback_alignment'\?",
        ),
        ({"experiment": "layered", "layered": {"rule": None}}, r"layered\.rule: got None, expected one of credit"),
        ({"experiment": "recurrent", "recurrent": {"rule": "backprop"}}, r"option: got 'recurrent\.rule'"),
        ({"experiment": "layered", "layered": {"task": "digit"}}, r"layered\.task: .* did you mean 'digits'\?"),
        ({"experiment": "layered", "layered": {"task": "mnist"}}, r"layered\.task_path: got None, .* reads one"),
        ({"experiment": "recurrent", "recurrent": {"task_path": "x"}}, r"recurrent\.task_path: .* reads no file"),
        ({"experiment": "layered", "layered": {"task_path": 3}}, r"layered\.task_path: got 3, expected some text"),
        ({"experiment": "layered", "layered": {"task_options": [1]}}, r"layered\.task_options: got \[1\]"),
        (
            {"experiment": "layered", "layered": {"task_options": {"seed": 1}}},
            r"got 'seed', .* by itself",
        ),
        ({"experiment": "layered", "layered": {"task_options": {"a": {}}}}, r"layered\.task_options\.a: got \{\}"),
        ({"experiment": "recurrent", "recurrent": {"mask": "ring"}}, r"recurrent\.mask: got 'ring'"),
        (
            {"experiment": "recurrent", "layered": {"epochs": 3}},
            r"the experiment of this study is recurrent",
        ),
        ({"sweep": {"device": "gpu"}}, r"sweep\.device: got 'gpu', expected one of auto, cpu, cuda, mps"),
        ({"sweep": {"device": "mps"}, "connectome": {"dtype": "float64"}}, r"connectome\.dtype: got 'float64'"),
        ({"sweep": {"snapshots": 1}}, r"sweep\.snapshots: got 1, expected 0, at least 2"),
        ({"sweep": {"snapshots": -1}}, r"sweep\.snapshots: got -1"),
        ({"sweep": {"snapshots": [5, 5]}}, r"sweep\.snapshots: .* without repeats"),
        ({"sweep": {"snapshots": [1501]}}, r"sweep\.snapshots: got 1501, expected steps of at most 1500"),
        ({"sweep": {"matched_losses": [0.5]}}, r"sweep\.matched_losses: .* a connectome study has no loss"),
        ({"sweep": {"matched_losses": [0]}}, r"sweep\.matched_losses: got 0"),
        (
            {"sweep": {"evaluate_every": 5}},
            r"sweep\.evaluate_every: got 5, expected none; a connectome study has no loss",
        ),
        (
            {"experiment": "layered", "sweep": {"evaluate_every": 5}},
            r"sweep\.evaluate_every: got 5, expected none without sweep\.matched_losses",
        ),
        ({"sweep": {"evaluate_every": 0}}, r"sweep\.evaluate_every: got 0"),
        ({"sweep": {"seeds": 10**9}}, r"sweep\.seeds: got 1000000000, expected .* at most 10,000"),
        ({"communities": {"restarts": 10**9}}, r"communities\.restarts: got 1000000000, expected .* to 10,000"),
        (None, r"options: got None, expected a mapping of a study's options"),
        ([1], r"options: got \[1\]"),
    ],
)
def test_a_bad_option_is_named_with_what_was_given_and_what_is_allowed(options, message):
    """Guards against a mistake that runs for hours before it shows, or shows as a traceback."""
    with pytest.raises(OptionError, match=message) as caught:
        Study.from_dict(options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ({"sweep": {"seeds": range(2)}}, {"sweep": {"seeds": [0, 1]}}),
        ({"sweep": {"seeds": np.int64(2)}}, {"sweep": {"seeds": [0, 1]}}),
        ({"sweep": {"seeds": np.array([3, 4])}}, {"sweep": {"seeds": [3, 4]}}),
        ({"sweep": {"learning_rates": np.float64(0.1)}}, {"sweep": {"learning_rates": [0.1]}}),
        ({"sweep": {"learning_rates": np.array([0.3, 0.1])}}, {"sweep": {"learning_rates": [0.1, 0.3]}}),
        ({"sweep": {"snapshots": np.array([0, 5])}}, {"sweep": {"snapshots": [0, 5]}}),
        ({"sweep": {"matched_losses": np.float64(0.5)}}, {"sweep": {"matched_losses": [0.5]}}),
        ({"layered": {"hidden": 64}}, {"layered": {"hidden": [64]}}),
        ({"layered": {"hidden": np.array([64, 32])}}, {"layered": {"hidden": [64, 32]}}),
        ({"nulls": {"models": "initial"}}, {"nulls": {"models": ["initial"]}}),
    ],
)
def test_one_stands_for_a_list_of_it_and_an_array_for_its_numbers(given, listed):
    """Guards against options that arrays and numbers of NumPy are refused for, or hash otherwise than their list."""
    layered = {"experiment": "layered"}
    assert Study.from_dict(layered | given).hash() == Study.from_dict(layered | listed).hash()


def test_options_are_brought_to_one_form():
    """Guards against two spellings of one study running in two folders."""
    one = Study.from_dict({"sweep": {"seeds": 2, "learning_rates": [0.1, 0.01]}, "connectome": {"pruning": 0.5}})
    two = Study.from_dict({"sweep": {"seeds": [0, 1], "learning_rates": [0.01, 0.1]}, "connectome": {"pruning": [0.5]}})
    assert one == two
    assert one.hash() == two.hash()
    assert Study.from_dict(one.to_dict()) == one


def test_every_option_in_force_changes_the_hash():
    """Guards against results of other options being taken for this study's."""
    base = Study()
    other = Study(connectome=ConnectomeOptions(noise=0.2))
    assert base.hash() != other.hash()
    assert base.hash() != dataclasses.replace(base, sweep=SweepOptions(seeds=[7])).hash()
    assert "layered" not in base.to_dict()
    assert base.hash() != dataclasses.replace(base, sweep=SweepOptions(snapshots=2)).hash()
    assert "connectome" not in Study(experiment="layered").to_dict()


@pytest.mark.parametrize("name", sorted(bundled_studies()))
def test_bundled_studies_are_valid_and_named_after_their_file(name):
    """Guards against shipping a study that cannot run."""
    assert Study.from_file(name).name == name


def test_the_flagship_is_what_was_promised():
    """Guards against a main job that was made smaller to run faster."""
    study = Study.from_file("connectome")
    assert study.connectome.n == 300
    assert study.connectome.pruning == (0.8,)
    assert len(study.sweep.learning_rates) >= 8
    assert len(study.sweep.seeds) >= 5
    assert study.nulls.samples >= 20


def test_overrides_go_over_the_file():
    """Guards against a command line that is ignored, or that drops the file's other options."""
    study = Study.from_file("connectome", {"sweep.seeds": 2, "name": "mine"})
    assert study.sweep.seeds == (0, 1)
    assert len(study.sweep.learning_rates) == len(Study.from_file("connectome").sweep.learning_rates)
    assert study.name == "mine"
    with pytest.raises(OptionError, match=r"did you mean 'sweep\.seeds'"):
        Study.from_file("connectome", {"sweep.seed": 2})


def test_every_option_says_what_it_is():
    """Guards against an option without help."""
    for name, each in option_names().items():
        assert len(each.metadata["about"]) > 3, name


def test_snapshots_are_logarithmic_by_default_but_where_they_are_costly():
    """Guards against a flagship that fills the disk, and a default that gives two hashes to one study."""
    assert Study().sweep.snapshots == 0
    layered = Study(experiment="layered")
    assert layered.sweep.snapshots == 12
    assert layered.hash() == Study(experiment="layered", sweep=SweepOptions(snapshots=12)).hash()
    assert Study.from_dict(layered.to_dict()) == layered


def test_a_study_with_options_of_its_task_comes_back_from_its_file(tmp_path):
    """Guards against options of a task that are lost, or change the hash on their way through YAML."""
    options = {"task": "parity", "task_options": {"relevant": 2, "bits": 6}, "mask_options": {"density": 0.5}}
    study = Study(experiment="recurrent", recurrent=RecurrentOptions(mask="random", **options))
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study.to_dict()))
    again = Study.from_file(tmp_path / "study.yaml")
    assert again == study
    assert again.hash() == study.hash()
    assert list(again.recurrent.task_options) == ["bits", "relevant"]


def test_the_names_that_a_study_knows_are_those_of_the_rooms():
    """Guards against a task, a mask, a rule or a null model that a study cannot name, or names wrongly."""
    assert experiments.TASKS == TASKS
    assert tuple(MASKS) == experiments.MASKS
    assert set(experiments.RULES) == set(RULES)
    # the views that studies score have no signs to shuffle
    assert set(config.NULLS) == set(NULL_MODELS) - {"sign_shuffle"}


def test_what_is_sought_is_settled_by_the_experiment():
    """Guards against half of all tests being of a constant, which makes the others less likely to come out."""
    assert Study().communities.directions == ("maximise", "minimise")
    layered = {"experiment": "layered"}
    assert Study(**layered).communities.directions == ("maximise",)
    both = ["maximise", "minimise"]
    for options in ({"directed": True}, {"directed": True, "resolution": 2.5}):
        named = CommunitiesOptions(directions=both, **options)
        assert Study(**layered, communities=named).communities.directions == ("maximise", "minimise")
        assert Study(**layered, communities=CommunitiesOptions(**options)).communities.directions[1:] == ("minimise",)
    feedforward = {"experiment": "recurrent", "recurrent": RecurrentOptions(mask="layered")}
    assert Study(**feedforward).communities.directions == ("maximise",)
    assert Study(experiment="recurrent").communities.directions == ("maximise", "minimise")
    assert Study(communities=CommunitiesOptions(resolution=2.0)).communities.directions == ("maximise",)
    for options, resolution, least in (
        (layered, 1.0, r"-0\.5"),
        (feedforward, 1.5, r"-0\.75"),
        (layered, 2.5, r"-1\.5"),
        ({}, 3.0, "-2"),
    ):
        with pytest.raises(OptionError, match=rf"communities\.directions: got 'minimise'.* is {least} whatever the w"):
            Study(**options, communities=CommunitiesOptions(directions=both, resolution=resolution))
    with pytest.raises(OptionError, match="expected auto alone, or the others"):
        Study(communities=CommunitiesOptions(directions=["auto", "minimise"]))
    again = Study.from_dict(Study(**layered).to_dict())
    assert again.hash() == Study(**layered).hash()
