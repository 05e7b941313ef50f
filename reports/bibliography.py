"""Which sources the methods of a page use."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from .content import ReportContent
from .findings import Findings
from .references import SOURCES, Reference
from .rules import control_rule_of


def used(content: ReportContent) -> list[Reference]:
    """The sources of the methods that a study used, and no others."""
    findings, options = content.findings, content.configuration.get("communities")
    directed = isinstance(options, dict) and bool(options.get("directed"))
    communities, effects, trends = (len(table) > 0 for table in (content.communities, content.effects, content.trends))
    agreement = "agreement" in content.communities and content.communities["agreement"].notna().any()
    wanted = {
        "fan2024": True,
        "traag2019": communities or effects,
        "newman2006": (communities or effects) and not directed,
        "leicht2008": (communities or effects) and directed,
        "vinh2010": bool(agreement) or findings.similarities is not None or findings.resolution is not None,
        "fisher1932": effects,
        "benjamini1995": effects or trends or findings.lesions is not None or findings.structure is not None,
        **dict.fromkeys(("page1963", "friedman1937"), trends_tested(content.trends)),
        **null_sources(content.effects),
        "guimera2005": findings.roles is not None,
        "palla2007": findings.course is not None or findings.events is not None,
        "reichardt2006": findings.resolution is not None,
        "borgatti2000": findings.structure is not None,
        "mucha2010": findings.slices is not None,
        **stability_sources(findings),
    }
    rule = control_rule_of(content)
    of_rule = [rule.key] if rule is not None and rule.key else []
    return of_keys([*(key for key, is_used in wanted.items() if is_used), *of_rule])


def trends_tested(trends: pd.DataFrame) -> bool:
    """Whether any trend over learning rates could be tested."""
    return "page_p" in trends and bool(trends["page_p"].notna().any())


def null_sources(scores: pd.DataFrame) -> dict[str, bool]:
    """Which sources of null models scores stand beside, by their column `null`."""
    drawn = set(scores["null"]) if "null" in scores else set()
    sources = {
        "maslov2002": {"rewire"},
        "metropolis1953": {"shuffle_strength", "shuffle_dyads_strength"},
        "deming1940": {"strength"},
    }
    return {key: not drawn.isdisjoint(nulls) for key, nulls in sources.items()}


def stability_sources(findings: Findings) -> dict[str, bool]:
    """Which sources of measures of stability an analysis used."""
    measured = findings.restart_agreement is not None or findings.seed_agreement is not None
    return {
        **dict.fromkeys(("hubert1985", "meila2007", "gates2019"), measured),
        "lancichinetti2012": findings.consensus is not None,
    }


def of_keys(keys: Iterable[str]) -> list[Reference]:
    """The sources that are cited by these keys."""
    return [SOURCES[key] for key in keys]
