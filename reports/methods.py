"""The methods of a study in words, made from the options in force; what is not set is not spoken of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from . import labels
from .bibliography import trends_tested
from .content import ReportContent
from .finding_methods import finding_methods
from .rules import ControlRule, control_rule_of

WEIGHTS = {
    "absolute": "absolute weights |W|",
    "positive": "positive weights (negative ones left out)",
}
NULLS = {
    "shuffle_nonzero": "shuffled weights (the synapses stay where they are, their weights are permuted among them)",
    "shuffle_dyads": "weights shuffled in pairs (the synapses stay; the weights of a reciprocal pair move together)",
    "shuffle_block": "weights shuffled within blocks (weights are permuted within each pair of consecutive layers)",
    "sign_shuffle": "shuffled signs (the sizes of the weights stay where they are, the signs are permuted)",
    "rewire": "rewired synapses (every neuron keeps its numbers of incoming and of outgoing synapses)",
    "strength": "weights fitted to strengths (weights are exchanged at random as long as every neuron nearly "
    "keeps its in- and out-strength, and then scaled so that it does)",
    "shuffle_strength": "weights shuffled with strengths kept (weights are exchanged at random as long as every neuron "
    "nearly keeps its in- and out-strength)",
    "shuffle_dyads_strength": "weights shuffled in pairs with strengths kept (the weights of a reciprocal pair move "
    "together, as long as every neuron nearly keeps its in- and out-strength)",
    "shuffled_labels": "weights trained on shuffled labels (alike in all else)",
    "initial": "untrained weights (initial weights of the same distribution)",
}


@dataclass(frozen=True)
class Method:
    """One paragraph of the methods: what it is about, and the words."""

    heading: str
    text: str


def methods(content: ReportContent) -> list[Method]:
    """Paragraphs on training, graph, communities, null models, statistics, and on each finding beyond scores."""
    options = content.configuration
    section = _section(options, content.kind)
    training = (
        _connectome(section)
        if content.kind == "connectome"
        else _task(section, content.kind, control_rule_of(content), content.members)
    )
    paragraphs = {
        "Training": training,
        "Sweep": _sweep(_section(options, "sweep")),
        "Graphs and communities": _communities(_section(options, "communities")),
        "Null models": _nulls(
            _section(options, "nulls"), _section(options, "communities"), pruned=_is_pruned(section.get("pruning"))
        ),
        "Statistics": _statistics(content, _strings(_section(options, "communities").get("directions", ()))),
        **finding_methods(content),
    }
    return [Method(heading, text) for heading, text in paragraphs.items() if text]


def _statistics(content: ReportContent, directions: list[str]) -> str:
    """How scores were tested, of the directions that were searched; of both where the options do not say."""
    sides = {"maximise": "larger for maximal Q", "minimise": "lower for minimal Q"}
    told = ", ".join(side for direction, side in sides.items() if direction in directions) or ", ".join(sides.values())
    alone = len(content.effects) > 0 and int(content.effects["seeds"].max()) == 1
    parts = [SCORES.format(sides=told), "One seed gives no interval." if alone else INTERVALS]
    if trends_tested(content.trends):
        parts.append(TRENDS)
    return " ".join(parts)


SCORES = (
    "Each network is compared with its own null samples: z = (Q − mean) / s.d. of the samples, and the empirical p = "
    "(1 + count of samples at least as extreme) / (1 + samples), one-sided: {sides}. For a learning "
    "rate, the p of all seeds are combined by Fisher's method, for higher and for lower than the null; twice the "
    "smaller is its p, and q is that after Benjamini and Hochberg's correction over all such tests of the study. A "
    "difference is called one only where q ≤ 0.05 and the interval leaves out zero."
)
INTERVALS = "Intervals are 95 % intervals over seeds by Student's t."
TRENDS = (
    "Seeds are paired across learning rates (same initial weights, and the same noise, or split and order of the "
    "data), so trends are tested with Page's test, both "
    "directions tried and p doubled, and with Friedman's test; q of a trend is corrected over all trends."
)


def _section(options: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = options.get(name)
    return section if isinstance(section, Mapping) else {}


def _connectome(options: Mapping[str, Any]) -> str:
    start = "Algorithm 1 of Fan and Mysore (2024)"
    if "n" in options:
        start += f": {_quantity(options['n'], 'neuron')}, connected all to all, without a data set"
    sentences = [start]
    if "activation" in options:
        sentences.append(f"The activation is {_word(options['activation'])}")
    if "noise" in options:
        how = {"independent": " drawn independently for rates and credits", "shared": " shared by rates and credits"}
        sentences.append(
            f"Gaussian noise of s.d. {_word(options['noise'])}{how.get(str(options.get('noise_mode')), '')} drives it"
        )
    if "clamped_fraction" in options:
        share = _number(options["clamped_fraction"])
        clamp = {
            "constant": "held at 1, then noise added",
            "identity": "kept from step to step, so that they walk at random under noise",
        }.get(str(options.get("clamp")), "")
        amount = "Credits" if share is None else f"Credits of the first {share:.0%} of the neurons"
        sentences.append(f"{amount} are clamped" + (f" ({clamp})" if clamp else ""))
    if "initial_scale" in options:
        sentences.append(f"Initial weights have s.d. {_word(options['initial_scale'])}")
    if "pruning" in options:
        sentences.append(
            f"After every step the smallest weights are set to zero: a fraction of {_word(options['pruning'])}"
        )
    if "self_synapses" in options:
        kept = str(options["self_synapses"]) == "kept"
        sentences.append("Synapses of a neuron onto itself are " + ("kept" if kept else "left out"))
    if "iterations" in options:
        sentences.append(f"Training takes {_quantity(options['iterations'], 'iteration')}")
    return _joined(sentences, options)


def _task(options: Mapping[str, Any], kind: str, rule: ControlRule | None, members: pd.DataFrame) -> str:
    by = "the credit rule" if rule is None else f"{rule.cited}, a control rule, not the credit rule"
    start = f"A {kind} network is trained with {by}"
    if "task" in options:
        start += f"{'' if rule is None else ','} on {_word(options['task'])}{_of_task(options)}"
    sentences = [start, *([rule.does] if rule is not None and rule.does else [])]
    if "hidden" in options:
        layers = "Hidden layers have" if kind == "layered" else "It has"
        hidden = "neuron" if kind == "layered" else "hidden neuron"
        sentences.append(f"{layers} {_quantity(options['hidden'], hidden)}")
    sentences += _recurrent(options) if kind == "recurrent" else []
    if kind == "layered" and "hidden" in options:
        sentences.append("Initial weights are drawn from N(0, 1/n), n being the size of the layer before; biases are 0")
    if "activation" in options:
        sentences.append(f"The activation is {_word(options['activation'])}")
    if "loss" in options:
        sentences.append(f"The loss is {_word(options['loss'])}")
    if "epochs" in options:
        batch = f" in batches of {_word(options['batch_size'])}" if "batch_size" in options else ""
        sentences.append(f"Training takes {_quantity(options['epochs'], 'epoch')}{batch}")
    train, validation, test = (_samples(members, part) for part in ("train", "validation", "test"))
    if train and test:
        kept = (
            f", {validation:,} more {labels.plural(validation, 'is', 'are')} kept for validation" if validation else ""
        )
        others = labels.plural(test, "other", "others")
        sentences.append(
            f"Each network learns from {labels.counted(train, 'sample')}{kept}, and is tested on {test:,} {others}"
        )
    return _joined(sentences, options)


def _of_task(options: Mapping[str, Any]) -> str:
    """The file of a task and its own options, in brackets."""
    given = options.get("task_options")
    # a text may be the name of a column, which stays as it is
    own = [
        f"{name} {labels.short(value, labels.LONGEST) if isinstance(value, str) else _word(value)}"
        for name, value in (given.items() if isinstance(given, Mapping) else ())
    ]
    path = options.get("task_path")
    said = [*([] if path is None else [labels.short(str(path), labels.LONGEST)]), *own]
    if options.get("task") == "table" and not any(name.startswith("scaling") for name in own):
        said.append("features standardised by the samples that are learned")
    return f" ({'; '.join(said)})" if said else ""


def _recurrent(options: Mapping[str, Any]) -> list[str]:
    """What makes a recurrent network, beside its task."""
    sentences = []
    if "mask" in options:
        given = options.get("mask_options")
        own = [f"{name} {_word(value)}" for name, value in (given.items() if isinstance(given, Mapping) else ())]
        asked = f" ({', '.join(own)})" if own else ""
        sentences.append(f"Synapses that can be are those of the mask {_word(options['mask'])}{asked}")
    if "gain" in options:
        sentences.append(
            f"Initial weights are drawn from N(0, g²/n) with g = {_word(options['gain'])} and n neurons; biases are 0"
        )
    if "credit" in options:
        how = {"inject": "added to those that other neurons assign", "clamp": "held at the error"}
        sentences.append(f"Credits of the outputs are {how.get(str(options['credit']), _word(options['credit']))}")
    if "max_steps" in options:
        sentences.append(
            "Rates and credits are iterated to their equilibria, for at most "
            f"{_quantity(options['max_steps'], 'step')} each"
        )
    return sentences


def _samples(members: pd.DataFrame, part: str) -> int:
    """Samples of each network in a part of its data; 0 where that is not known, or not the same for all."""
    name = f"{part}_samples"
    counts = set(members[name].dropna()) if name in members else set()
    return int(counts.pop()) if len(counts) == 1 else 0


def _sweep(options: Mapping[str, Any]) -> str:
    sentences = []
    rates = options.get("learning_rates", ())
    several = "learning_rates" not in options or (isinstance(rates, list | tuple) and len(rates) > 1)
    if "learning_rates" in options:
        sentences.append(f"{'Learning rates are' if several else 'The learning rate is'} {_word(rates)}")
    if "seeds" in options:
        seeds = options["seeds"]
        count = len(seeds) if isinstance(seeds, list | tuple) else seeds
        numbered = "seed" if count == 1 else _quantity(count, "seed")
        which = f"with the same {numbered}" if several else f"with {'one ' if count == 1 else ''}{numbered}"
        sentences.append(f"{'Each' if several else 'It'} is run {which} ({_word(seeds)})")
    return _joined(sentences, {})


def _communities(options: Mapping[str, Any]) -> str:
    sentences = []
    if "weights" in options:
        views = [WEIGHTS.get(view, labels.weights(view)) for view in _strings(options["weights"])]
        sentences.append(f"Neurons are the nodes and synapses the edges of a graph, weighted by {labels.listed(views)}")
    directed = options.get("directed")
    if directed:
        sentences.append("Modularity is directed: Q = 1/m Σ (A − γ k_out k_in / m) δ (Leicht and Newman 2008)")
    elif "resolution" in options or directed is False:
        sentences.append("Modularity is undirected: Q = 1/2m Σ (A − γ k k / 2m) δ (Newman 2006)")
    if "resolution" in options:
        sentences.append(f"The resolution γ is {_word(options['resolution'])}")
    directions = _strings(options.get("directions", ()))
    if directions:
        words = {
            "maximise": "largest Q (dense within communities)",
            "minimise": "most negative Q (dense across communities)",
        }
        wanted = labels.listed([words.get(each, each) for each in directions])
        sentences.append(f"Leiden (Traag, Waltman and van Eck 2019) looks for the partition with the {wanted}")
    if "restarts" in options:
        sentences.append(
            f"The best of {_quantity(options['restarts'], 'restart')} counts, and Q is computed anew from the weights"
        )
    return _joined(sentences, {})


def _nulls(options: Mapping[str, Any], communities: Mapping[str, Any], *, pruned: bool) -> str:
    names = _strings(options.get("models", ()))
    models = [NULLS.get(name, labels.null(name)) for name in names]
    sentences = []
    if models:
        sentences.append(f"Null models are {labels.listed(models)}")
    if pruned and "initial" in names:
        sentences.append("Untrained weights are pruned as the trained ones are")
    if "samples" in options:
        equal = (
            "the same optimiser and as many restarts as the data" if "restarts" in communities else "the same optimiser"
        )
        sentences.append(f"Each network has {_quantity(options['samples'], 'sample')} of each; they get {equal}")
    if "shuffled_labels" in names:
        sentences.append(
            "Networks of shuffled labels have initial weights of their own and are trained once for a learning rate, "
            "so that all its seeds are held against the same ones, and their p are not independent there"
        )
    return _joined(sentences, {})


def _is_pruned(given: Any) -> bool:
    return any((_number(each) or 0.0) > 0 for each in (given if isinstance(given, list | tuple) else [given]))


def _joined(sentences: list[str], options: Mapping[str, Any]) -> str:
    if "dtype" in options:
        sentences = [*sentences, f"Numbers are {_word(options['dtype'])}"]
    return "".join(f"{sentence}. " for sentence in sentences).strip()


def _strings(given: Any) -> list[str]:
    return [str(each) for each in given] if isinstance(given, list | tuple) else [str(given)]


def _word(given: Any) -> str:
    if isinstance(given, list | tuple):
        return labels.listed([_word(each) for each in given])
    if isinstance(given, bool) or not isinstance(given, int | float):
        return labels.short(str(given).replace("_", " "), labels.LONGEST)
    return f"{given:g}" if isinstance(given, float) else f"{given:,}"


def _quantity(given: Any, word: str) -> str:
    """``1 seed``, ``5 seeds``; ``64 and 32 neurons`` where there are several numbers."""
    return f"{_word(given)} {labels.plural(given if isinstance(given, int) else 2, word)}"


def _number(given: Any) -> float | None:
    return float(given) if isinstance(given, int | float) and not isinstance(given, bool) else None
