"""Networks of a run that were not trained to their end."""

from __future__ import annotations

import pandas as pd

from ..guard import counted, plural


def left_out(members: pd.DataFrame) -> list[str]:
    """Networks that are in no score, and why."""
    reasons = {
        "diverged": "diverged; {whose} weights were frozen at the last state within bounds",
        "no_equilibrium": "found no equilibrium of rates or credits; {whose} weights were frozen there",
    }
    notes = []
    for status, reason in reasons.items():
        lost = members[members["status"] == status]
        if len(lost):
            rates = sorted(lost["learning_rate"].unique())
            listed = f"{plural(len(rates), 'learning rate')} {', '.join(f'{rate:g}' for rate in rates)}"
            notes.append(
                f"{len(lost)} of {counted(len(members), 'network')} ({listed}) "
                f"{reason.format(whose=plural(len(lost), 'its', 'their'))}, and "
                f"{plural(len(lost), 'it is', 'they are')} left out of every score."
            )
    return notes
