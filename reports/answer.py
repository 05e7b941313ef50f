"""The answer of a study in two plain sentences; the numbers are those of its tables, only the words are made here."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from . import labels
from .content import ReportContent
from .figures.style import LEVEL, pick, rows_of
from .rules import ControlRule, control_rule_of, not_credit
from .trend_answer import NAMED, named_nulls, trend_ends, trend_sentence
from .verdict import Verdict, verdict

FEW_SEEDS = 5
"""With fewer seeds than this an interval over seeds is a tendency, and is called so."""

IN_TABLE = "each learning rate is in the table of scores"
"""Where a sentence points that tells of some by their range."""


ASKED = {"maximise": ("Communities", "higher"), "minimise": ("Anti-modular structure", "lower")}
"""What a direction asks for, and on which side of its null models that lies."""

MEANINGS = {
    ("maximise", "higher"): "are more modular",
    ("maximise", "lower"): "are less modular",
    ("minimise", "lower"): "have more across-module structure",
    ("minimise", "higher"): "have less across-module structure",
}


def answer(content: ReportContent) -> list[str]:
    """The answer in two sentences, each with an effect, its interval and q; see :func:`answer_in_words`."""
    return answer_in_words(content.effects, content.trends, control_rule_of(content))


def answer_in_words(effects: pd.DataFrame, trends: pd.DataFrame, rule: ControlRule | None = None) -> list[str]:
    """Whether there are communities, and whether there is anti-modular structure, and at which learning rates.

    One sentence for each direction that was searched; where that is one only, the trend over learning rates is the
    second. They speak of the first view of the weights and the first pruning of the study; :func:`other_answers` says
    the same of the rest. Where a control rule trained the networks, the first sentence begins with it.

    Parameters
    ----------
    effects, trends
        The study's tables.
    rule
        The control rule that trained the networks; None where the credit rule did.
    """
    if effects.empty:
        return [_of_rule(rule, "no network was compared with a null model, so there is no answer.")]
    rows = rows_of(effects)
    verdicts = _verdicts(effects, *rows[0])
    sentences = _about(effects, *rows[0], several=len(rows) > 1)
    claims = [_untold(effects, found) is None and _differs(found) for found in verdicts]
    told = any(_untold(effects, found) is None for found in verdicts)
    if len(sentences) == 1 and len(trends):
        sentences.append(
            f"{trend_sentence(trends, *rows[0]).removesuffix('.')}{trend_ends(effects, trends, *rows[0])}."
        )
        tested = pick(trends, weights=rows[0][0], pruning=rows[0][1])["q_value"].astype("Float64")
        claims.append(bool((tested <= LEVEL).any()))
    few = int(effects["seeds"].max())
    if 1 < few < FEW_SEEDS and (told or any(claims)):
        # after the last sentence that claims something, or else after all
        place = len(claims) - 1 - claims[::-1].index(True) if any(claims) else len(sentences) - 1
        what = "this is a tendency and no more" if any(claims) else "a difference may well be missed"
        caveat = f"with {labels.counted(few, 'seed')} only, {what}."
        sentences[place] = f"{sentences[place].removesuffix('.')}; {caveat}"
    return [_of_rule(rule, sentences[0]), *sentences[1:]]


def other_answers(content: ReportContent) -> list[str]:
    """What else there is to say: the trends, and what :func:`answer` says for every other view and pruning."""
    effects, trends = content.effects, content.trends
    if effects.empty:
        return []
    (first, *others) = rows_of(effects)
    trend = trend_sentence(trends, *first) if len(labels.distinct(effects, "direction")) > 1 else ""
    told = [" ".join([*_about(effects, *row, several=True), trend_sentence(trends, *row)]).strip() for row in others]
    return [*([trend] if trend else []), *told]


def _of_rule(rule: ControlRule | None, sentence: str) -> str:
    if rule is None:
        return labels.capital(sentence)
    return f"{not_credit(rule).removesuffix('.')}: {sentence[:1].lower()}{sentence[1:]}"


def _about(effects: pd.DataFrame, weights: str, pruning: float | None, several: bool) -> list[str]:
    subject = labels.weights(weights)
    if several and pruning is not None:
        subject += f" at pruning {pruning:g}"
    return [_sentence(effects, found, subject) for found in _verdicts(effects, weights, pruning)]


def _verdicts(effects: pd.DataFrame, weights: str, pruning: float | None) -> list[Verdict]:
    """What was found in each direction."""
    return [
        verdict(effects, weights=weights, direction=direction, pruning=pruning)
        for direction in labels.distinct(effects, "direction")
    ]


def _untold(effects: pd.DataFrame, found: Verdict) -> str | None:
    """Why nothing can be told of a direction; None where something can."""
    if not found.rates:
        return "said, for no learning rate has the two seeds that an interval takes"
    least = _least(effects, found)
    if least > LEVEL:
        return f"told, for with so few null samples and seeds q is never below {labels.probability(least)}"
    return None


def _differs(found: Verdict) -> bool:
    """Whether any learning rate differs from any null model."""
    return any(side for at in found.sides.values() for side in at.values())


def _sentence(effects: pd.DataFrame, found: Verdict, subject: str) -> str:
    name = labels.direction(found.direction)
    what, side = ASKED.get(found.direction, (labels.capital(name), "higher"))
    untold = _untold(effects, found)
    if untold is not None:
        return (
            f"{what}: whether {name} of the {subject} differs from chance cannot be {untold}; "
            f"{_largest(effects, found, sorted(effects['learning_rate'].unique()))}."
        )
    other = "lower" if side == "higher" else "higher"
    if side == "higher":
        asked, against, partly, partly_against = found.above, found.below, found.partly_above, found.partly_below
    else:
        asked, against, partly, partly_against = found.below, found.above, found.partly_below, found.partly_above
    disputed = tuple(rate for rate in found.rates if rate in partly or rate in found.contrary)
    nulls = _nulls(found.nulls)
    # of those with too few seeds for an interval nothing is told, but a range may hold them
    swept = labels.distinct(effects, "learning_rate")
    parts: list[str] = []
    if asked:
        lead = f"{what} beyond chance at {_share(asked, found.rates, swept)}: there the {subject}"
        parts.append(f"{_meaning(found, side)} than {nulls} ({name} {side} by up to {_example(effects, found, asked)})")
    else:
        lead = f"No evidence of {what[:1].lower()}{what[1:]} beyond chance at {_none(found.rates)}:"
    if against:
        whom = f" than {nulls}" if not asked else ""
        who = "they" if asked else f"the {subject}"
        size = _example(effects, found, against)
        parts.append(
            f"{_at(against, found.rates, swept)}{who} {_meaning(found, other)}{whom} ({name} {other} by up to {size})"
        )
    if disputed:
        parts.append(
            f"{_at(disputed, found.rates, swept)}it depends on the null model ({_both_sides(effects, found, disputed)})"
        )
    parts += _no_evidence(effects, found, partly_against, subject)
    if not asked and not against:
        told = {*disputed, *partly_against}
        if len(told) < len(found.rates):
            where = "at no other" if told else "nowhere"
            parts.append(f"{where} is {name} of the {subject} told from {nulls}")
            if not partly_against:
                parts.append(_largest(effects, found, [rate for rate in found.rates if rate not in told]))
    if any(_shortened(rates, swept) for rates in (asked, against, disputed, partly_against)):
        parts.append(IN_TABLE)
    return f"{lead} {'; '.join(parts)}."


def _no_evidence(effects: pd.DataFrame, found: Verdict, rates: Sequence[float], subject: str) -> list[str]:
    """What is said where no null model speaks for what was asked, and some, which are named, against it."""
    if not rates:
        return []
    name = labels.direction(found.direction)
    what, side = ASKED.get(found.direction, (labels.capital(name), "higher"))
    together: dict[tuple[str, ...], list[float]] = {}
    for rate in rates:
        beside = tuple(null for null in found.nulls if found.sides[rate].get(null, 0))
        together.setdefault(beside, []).append(rate)
    # the largest of all of them stands for the others
    sizes = {nulls: abs(_farthest(effects, found, at, nulls)["difference_mean"]) for nulls, at in together.items()}
    beside = max(sizes, key=lambda nulls: float(sizes[nulls]))
    if len(together) == 1:
        near = named_nulls(beside)
        rest = named_nulls([null for null in found.nulls if null not in beside], last="or")
    else:
        near, rest = "some null models", "the others"
    at = _at(rates, found.rates, labels.distinct(effects, "learning_rate"))
    return [
        f"{at}there is no evidence for {what[:1].lower()}{what[1:]}: {name} "
        f"of the {subject} lies {'below' if side == 'higher' else 'above'} {near} (by up to "
        f"{_example(effects, found, together[beside], beside)}) and is not told from {rest}"
    ]


def _meaning(found: Verdict, side: str) -> str:
    return MEANINGS.get((found.direction, side), f"are {side}")


def _none(rates: Sequence[float]) -> str:
    if len(rates) == 1:
        return f"the one learning rate (r = {labels.rate(rates[0])})"
    return f"any of {labels.counted(len(rates), 'learning rate')}"


def _least(effects: pd.DataFrame, found: Verdict) -> float:
    """The least that any p could be with as many null samples and seeds; 0 where the table does not say."""
    cell = pick(effects, weights=found.weights, direction=found.direction, pruning=found.pruning)
    return float(cell["p_least"].min()) if "p_least" in cell else 0.0


def _both_sides(effects: pd.DataFrame, found: Verdict, rates: Sequence[float]) -> str:
    """On which side of which null models the learning rate lies that differs most from one of them."""
    places = [(rate, null) for rate in rates for null in found.nulls if found.sides[rate].get(null, 0)]

    def size(rate: float, *nulls: str) -> float:
        return abs(float(_farthest(effects, found, [rate], nulls)["difference_mean"]))

    rate, _ = max(places, key=lambda place: size(*place))
    said = []
    for side, word in ((1, "above"), (-1, "below"), (0, "not told from")):
        nulls = [null for null in found.nulls if found.sides[rate].get(null, 0) == side]
        if nulls:
            by = f" by {labels.score(size(rate, *nulls))}" if side else ""
            said.append(f"{word} {named_nulls(nulls, last='and' if side else 'or')}{by}")
    at = f"at r = {labels.rate(rate)} " if len(rates) > 1 else ""
    return at + ", ".join(said)


def _largest(effects: pd.DataFrame, found: Verdict, rates: Sequence[float]) -> str:
    """The largest difference from the nearest null model, at some learning rates where it is none."""
    row = _farthest(effects, found, rates)
    interval = ""
    if not labels.missing(row["difference_low"]):
        interval = f"95 % interval {labels.score(row['difference_low'])} to {labels.score(row['difference_high'])}, "
    size, side = labels.score(row["difference_mean"]), ASKED.get(found.direction, ("", "higher"))[1]
    contrary = (float(row["difference_mean"]) > 0) != (side == "higher")
    aside = ", which is not on the side sought" if contrary else ""
    return f"the largest difference from the nearest null model is {size}{aside} ({interval}{_where(row)})"


def _nulls(names: Sequence[str]) -> str:
    if len(names) == 1:
        return labels.null(names[0])
    which = "both null models" if len(names) == 2 else f"all {len(names)} null models"
    return f"{which}, {named_nulls(names)}" if len(names) <= NAMED else which


def _share(rates: Sequence[float], tried: Sequence[float], swept: Sequence[float]) -> str:
    """Of how many learning rates something holds, and of which."""
    if len(tried) == 1:
        return f"the one learning rate (r = {labels.rate(rates[0])})"
    return f"{_count(rates, tried)} learning rates ({_places(rates, swept)})"


def _at(rates: Sequence[float], tried: Sequence[float], swept: Sequence[float]) -> str:
    """The same before the second of two things, with a space; of a single learning rate there is nothing to repeat."""
    return "" if len(tried) == 1 else f"at {_count(rates, tried)} ({_places(rates, swept)}) "


def _count(rates: Sequence[float], tried: Sequence[float]) -> str:
    return f"all {len(tried)}" if len(rates) == len(tried) else f"{len(rates)} of {len(tried)}"


def _example(effects: pd.DataFrame, found: Verdict, rates: Sequence[float], nulls: Sequence[str] = ()) -> str:
    """By how much: at the learning rate that differs most, against the null model that is nearest to it there."""
    row = _farthest(effects, found, rates, nulls)
    bounds = sorted(abs(float(row[name])) for name in ("difference_low", "difference_high"))
    return (
        f"{labels.score(abs(float(row['difference_mean'])))}, 95 % interval {labels.score(bounds[0])} to "
        f"{labels.score(bounds[1])}, {_where(row)}"
    )


def _farthest(effects: pd.DataFrame, found: Verdict, rates: Sequence[float], nulls: Sequence[str] = ()) -> pd.Series:
    """The effect at the learning rate that differs most from the null model (of some only) that is nearest there."""
    cell = pick(effects, weights=found.weights, direction=found.direction, pruning=found.pruning)
    cell = cell[cell["learning_rate"].isin(rates) & (cell["null"].isin(nulls) | (not nulls))].reset_index(drop=True)
    size = cell["difference_mean"].abs()
    nearest = cell.loc[size.groupby(cell["learning_rate"]).idxmin()]
    return nearest.sort_values("difference_mean", key=lambda values: values.abs()).iloc[-1]


def _where(row: pd.Series) -> str:
    text = f"at r = {labels.rate(row['learning_rate'])} with {labels.counted(int(row['seeds']), 'seed')}"
    known = "" if labels.missing(row["q_value"]) else f", {labels.equation('q', row['q_value'])}"
    return f"{text}, against {labels.null(row['null'])}{known}"


def _places(rates: Sequence[float], swept: Sequence[float]) -> str:
    """``r = 0.1, 0.2 and 0.3``; of more than three ``r = 0.01 to 0.3``, or ``between`` where some of these are not."""
    if len(rates) <= NAMED:
        return f"r = {labels.listed([labels.rate(rate) for rate in rates])}"
    low, high = labels.rate(min(rates)), labels.rate(max(rates))
    return f"between r = {low} and {high}" if _shortened(rates, swept) else f"r = {low} to {high}"


def _shortened(rates: Sequence[float], swept: Sequence[float]) -> bool:
    """Whether many learning rates are told by a range that holds others too."""
    between = [rate for rate in swept if min(rates) <= rate <= max(rates)] if rates else []
    return len(rates) > NAMED and len(between) > len(rates)
