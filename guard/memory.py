from __future__ import annotations

import math
import re

from .errors import OptionError
from .options import whole_number

UNITS = {"": 1, "b": 1}
UNITS |= {f"{letter}b": 1000**power for power, letter in enumerate("kmgt", start=1)}
UNITS |= {f"{letter}ib": 1024**power for power, letter in enumerate("kmgt", start=1)}
SHOWN = ("TiB", "GiB", "MiB")


def byte_count(given: object) -> int | None:
    """Bytes that are given as a whole number or in words; None stays None.

    Raises
    ------
    OptionError
        If they are neither, or less than one.

    Examples
    --------
    >>> byte_count("4 GiB"), byte_count("1.5GB"), byte_count(10**6)
    (4294967296, 1500000000, 1000000)
    """
    if given is None:
        return None
    if not isinstance(given, str):
        return whole_number("memory", given, minimum=1)
    found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*)", given.strip().lower())
    bytes_ = int(float(found[1]) * UNITS[found[2]]) if found and found[2] in UNITS else 0
    part = found is not None and "." in found[1] and not found[2]
    if bytes_ < 1 or part:
        raise OptionError("memory", given, "bytes, as a whole number or such as '4 GiB' or '500 MB'")
    return bytes_


def in_bytes(count: int) -> str:
    """Bytes for reading, and where they are many in a larger unit too, never less than they are.

    Examples
    --------
    >>> in_bytes(1000), in_bytes(2357200)
    ('1000 bytes', '2357200 bytes (2.3 MiB)')
    """
    for unit in SHOWN:
        size = UNITS[unit.lower()]
        if count >= size:
            return f"{count} bytes ({math.ceil(10 * count / size) / 10:,.1f} {unit})"
    return f"{count} bytes"
