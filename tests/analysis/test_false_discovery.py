from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from creditgraph.analysis import false_discovery
from creditgraph.guard import DataError


def test_false_discovery_by_hand() -> None:
    """Fails when the step-up is not monotone, or tests are weighted by the wrong rank."""
    assert false_discovery([0.01, 0.02, 0.03, 0.5]) == pytest.approx([0.04, 0.04, 0.04, 0.5])
    assert false_discovery(pd.Series([0.8, 0.01])).tolist() == [0.8, 0.02]
    assert false_discovery([]).tolist() == []
    for bad in ([0.5, np.nan], [1.5], [[0.5]]):
        with pytest.raises(DataError, match="p_values"):
            false_discovery(bad)
