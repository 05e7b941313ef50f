"""The command ``creditgraph``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from rich.console import Console

from ..guard import CreditgraphError, printable, spelt_for_command
from .command_parser import parser_of_all, unknown_option
from .interruption import Terminated, one_interruption
from .out_of_memory import is_out_of_memory

BAD_INPUT = 2
INTERRUPTED = 130
TERMINATED = 143


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns
    -------
    int
        Exit code: 0 on success only, 1 if `verify` finds a bound broken, 2 for bad input, 130 when interrupted, 143
        when terminated.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    console = Console(stderr=True)
    try:
        with one_interruption(), spelt_for_command():
            options, unknown = parser_of_all().parse_known_args(arguments)
            if unknown:
                raise unknown_option(options.parser, unknown[0])
            code: int = options.action(options)
    except CreditgraphError as error:
        console.print(printable(f"creditgraph: {error}"), markup=False, highlight=False, soft_wrap=True)
        return BAD_INPUT
    except KeyboardInterrupt as signal:
        terminated = isinstance(signal, Terminated)
        how = "terminated" if terminated else "interrupted"
        console.print(f"creditgraph: {how}; what is done is kept, and the same command goes on from there")
        return TERMINATED if terminated else INTERRUPTED
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        console.print(
            f"creditgraph: out of memory ({' '.join(str(error).split())[:200]}); take fewer or smaller networks or "
            "snapshots, or fewer --workers; what is done is kept",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        return BAD_INPUT
    except BrokenPipeError:
        # whoever read our output has gone; the interpreter would complain of it when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
