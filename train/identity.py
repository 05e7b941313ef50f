"""What tells one sweep from another in its states: a hash of its options."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


def identity_of(options: Mapping[str, Any]) -> npt.NDArray[np.uint8]:
    """SHA-256 of options that can be written as JSON, (32,), as states hold nothing but numbers.

    Examples
    --------
    >>> bool((identity_of({"n": 3, "noise": 0.1}) == identity_of({"noise": 0.1, "n": 3})).all())
    True
    """
    return np.frombuffer(hashlib.sha256(json.dumps(options, sort_keys=True).encode()).digest(), np.uint8)
