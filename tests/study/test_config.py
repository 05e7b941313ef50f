import dataclasses

import pytest

from creditgraph.guard import OptionError
from creditgraph.study.config import ConnectomeOptions, Study, SweepOptions, option_names
from creditgraph.study.study_file import bundled_studies


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
        ({"communities": {"weights": "absolute"}}, r"communities\.weights: got 'absolute', expected a list"),
        ({"name": "../elsewhere"}, r"name: got '\.\./elsewhere', expected at most 100 letters"),
        ({"name": ""}, r"name: got ''"),
        ({"layered": {"epochs": 3}}, r"layered: .* the experiment of this study is connectome"),
        (
            {"experiment": "layered", "communities": {"neurons": "free"}},
            r"communities\.neurons: got 'free', expected all; a layered network has no clamped neurons",
        ),
        ({"connectome": {"clamped_fraction": 1.0}, "communities": {"neurons": "free"}}, r"clamped_fraction: got 1\.0"),
        ({"nulls": {"models": ["shuffle_block"]}}, r"shuffle_block needs a layered experiment"),
    ],
)
def test_a_bad_option_is_named_with_what_was_given_and_what_is_allowed(options, message):
    """Guards against a mistake that runs for hours before it shows, or shows as a traceback."""
    with pytest.raises(OptionError, match=message) as caught:
        Study.from_dict(options)
    assert "\n" not in str(caught.value)


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
