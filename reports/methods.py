"""The methods of a study in words, made from the options in force; what is not set is not spoken of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import labels
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
    "strength": "shuffled weights with strengths kept (fitted so that every neuron keeps its in- and out-strength; "
    "more even than heavy-tailed weights, which differ from them by that alone)",
    "shuffled_labels": "weights trained alike on shuffled labels",
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
        _connectome(section) if content.kind == "connectome" else _task(section, content.kind, control_rule_of(content))
    )
    paragraphs = {
        "Training": training,
        "Sweep": _sweep(_section(options, "sweep")),
        "Graphs and communities": _communities(_section(options, "communities")),
        "Null models": _nulls(
            _section(options, "nulls"), _section(options, "communities"), pruned=_is_pruned(section.get("pruning"))
        ),
        "Statistics": STATISTICS,
        **finding_methods(content),
    }
    return [Method(heading, text) for heading, text in paragraphs.items() if text]


STATISTICS = (
    "Each network is compared with its own null samples: z = (Q − mean) / s.d. of the samples, and the empirical p = "
    "(1 + count of samples at least as extreme) / (1 + samples), one-sided: larger for maximal Q, lower for minimal "
    "Q. For a learning rate, the p of all seeds are combined by Fisher's method, for higher and for lower than the "
    "null; twice the smaller is its p, and q is that after Benjamini and Hochberg's correction over all such tests of "
    "the study. A difference is called one only where q ≤ 0.05 and the interval leaves out zero. "
    "Intervals are 95 % intervals over seeds by Student's t. "
    "Seeds are paired across learning rates (same initial weights), so trends are tested with Page's test, both "
    "directions tried and p doubled, and with Friedman's test; q of a trend is corrected over all trends."
)


def _least_together(content: ReportContent) -> str:
    """How low p can be over all seeds."""
    if "p_least" not in content.effects or content.effects.empty:
        return ""
    least = float(content.effects["p_least"].max())
    return f" (their p is never below {labels.probability(least)} here)"


def limits(content: ReportContent) -> list[str]:
    """What the numbers of this study cannot say."""
    items = []
    rule = control_rule_of(content)
    if rule is not None:
        items.append(
            f"The networks learned by {rule.name}, so nothing on this page speaks for or against the credit rule by "
            "itself. Compare it with the same study under layered.rule=credit: same data, initial weights and batches."
        )
    samples = _number(_section(content.configuration, "nulls").get("samples"))
    if len(content.communities) and "samples" in content.communities:
        samples = float(content.communities.groupby("null")["samples"].max().min())
    if samples:
        items.append(
            f"With {samples:g} samples of a null model the p of one network is never below "
            f"{labels.probability(1 / (samples + 1))}, however far from its null it is. What counts is q, for which "
            f"the seeds are taken together{_least_together(content)}, and the interval over seeds."
        )
    if len(content.effects):
        seeds = int(content.effects["seeds"].max())
        items.append(
            f"Intervals rest on {labels.counted(seeds, 'seed')} at most"
            + (", and on differences that are about normal over seeds." if seeds < 10 else ".")
        )
    restarts = _number(_section(content.configuration, "communities").get("restarts"))
    if restarts:
        items.append(
            f"Leiden is a heuristic: the best of {labels.counted(int(restarts), 'restart')} is a lower bound of "
            "maximal Q and an upper bound of minimal Q, for data and null alike. Where restarts agree little (column "
            "“agreement of restarts”), the score may stand but the partition should not be read neuron by neuron."
        )
    lost = len(content.diverged)
    if lost:
        items.append(
            f"{lost} of {len(content.members)} networks diverged and {'is' if lost == 1 else 'are'} in no statistic: "
            "what remains at the same learning rate is the part that stayed stable."
        )
    items.append(
        "A sweep of fixed length confounds the learning rate with how much was learned: networks at the lowest rates "
        "may have hardly left their initial weights. Compare with the learning curves."
    )
    kept = {"strength": "the strengths of the neurons", "shuffle_dyads": "how alike the two synapses of a pair are"}
    nulls = set(content.effects["null"]) if "null" in content.effects else set()
    lost_by_all = [words for name, words in kept.items() if name not in nulls]
    if nulls and lost_by_all:
        items.append(
            f"No null model of this study keeps {labels.listed(lost_by_all, 'or')}. Part of a difference from them may "
            "be that."
        )
    if content.kind == "connectome" and _section(content.configuration, "communities").get("neurons") != "free":
        items.append(
            "The neurons whose credit is clamped are driven by the experimenter, and may form a community by that "
            "alone. The option communities.neurons=free leaves them out of the graph."
        )
    items.append(
        "Modularity describes wiring. That communities differ from a null model says nothing yet about what they do."
    )
    return items


def origins(content: ReportContent) -> tuple[list[str], list[str]]:
    """What is the paper's and what is this project's own."""
    rule = control_rule_of(content)
    paper = [
        "The rule: firing x = σ(W x), credit c = J c with J = Wᵀ diag(f(s)), plasticity ΔW = r (c ∘ f(s)) xᵀ "
        "(equations 1 to 4), and the theorem that it equals gradient descent in layered networks with f = σ′."
        if rule is None
        else "The balance f(s), and the credits whose norm is shown: those that the credit rule would assign. That "
        f"rule trained none of these networks; {rule.cited} did."
    ]
    ours = [
        "All numbers of this page: modularity, null models, tests and intervals. The paper reports none of them.",
        "Minimal Q as a measure of across-module structure.",
    ]
    if rule is None:
        ours.append("Recurrent networks with injected credits; the comparison with autograd.")
    if content.kind == "connectome":
        paper.append(
            "Algorithm 1 and the display of its weights reordered by Leiden (figure 4), with the claim that a low "
            "learning rate gives block-diagonal and a high one off-diagonal structure under strong pruning."
        )
        ours.append(
            "What the paper leaves open in algorithm 1: number of iterations, size of noise and initial weights, how "
            "clamped credits behave, whether neurons have synapses onto themselves. The methods name the readings "
            "used."
        )
    else:
        ours.append("The task, its sweep of learning rates and the communities of what is learned.")
    return paper, ours


def _section(options: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = options.get(name)
    return section if isinstance(section, Mapping) else {}


def _connectome(options: Mapping[str, Any]) -> str:
    start = "Algorithm 1 of Fan and Mysore (2024)"
    if "n" in options:
        start += f": {options['n']} neurons, connected all to all, without a data set"
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
        sentences.append(f"Training takes {_word(options['iterations'])} iterations")
    return _joined(sentences, options)


def _task(options: Mapping[str, Any], kind: str, rule: ControlRule | None) -> str:
    by = "the credit rule" if rule is None else f"{rule.cited}, a control rule, not the credit rule"
    start = f"A {kind} network is trained with {by}"
    if "task" in options:
        start += f"{'' if rule is None else ','} on {_word(options['task'])}"
    sentences = [start, *([rule.does] if rule is not None and rule.does else [])]
    if "hidden" in options:
        layers = "Hidden layers have" if kind == "layered" else "Hidden are"
        sentences.append(f"{layers} {_word(options['hidden'])} neurons")
    if "activation" in options:
        sentences.append(f"The activation is {_word(options['activation'])}")
    if "loss" in options:
        sentences.append(f"The loss is {_word(options['loss'])}")
    if "epochs" in options:
        batch = f" in batches of {_word(options['batch_size'])}" if "batch_size" in options else ""
        sentences.append(f"Training takes {_word(options['epochs'])} epochs{batch}")
    share = _number(options.get("test_fraction"))
    if share is not None:
        sentences.append(f"{share:.0%} of the data are kept for testing")
    return _joined(sentences, options)


def _sweep(options: Mapping[str, Any]) -> str:
    sentences = []
    if "learning_rates" in options:
        sentences.append(f"Learning rates are {_word(options['learning_rates'])}")
    if "seeds" in options:
        seeds = options["seeds"]
        count = len(seeds) if isinstance(seeds, list | tuple) else seeds
        sentences.append(f"Each is run with the same {_word(count)} seeds ({_word(seeds)})")
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
            f"The best of {_word(options['restarts'])} restarts counts, and Q is computed anew from the weights"
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
        sentences.append(f"Each network has {_word(options['samples'])} samples of each; they get {equal}")
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


def _number(given: Any) -> float | None:
    return float(given) if isinstance(given, int | float) and not isinstance(given, bool) else None
