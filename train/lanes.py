"""Sixteen numbers at once: which of them lie between two bounds, as bits.

Compilers turn a loop that counts into vector instructions, but not one that looks for a few entries among many. This
asks the question of sixteen entries in a handful of instructions on any processor: it is written in the compiler's own
vectors, and those that a processor lacks are made of smaller ones.

Compiled functions that use these are cached without knowing of this file: delete ``__pycache__`` after a change here.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

LANES = 16


# numba takes the names and the count of arguments from here
def _lanes_within(_: Any, values: Any, start: Any, low: Any, high: Any) -> Any:  # noqa: ARG001
    """Bits of the entries from `start` on that lie in [low, high) by magnitude, the lowest bit for the first.

    The entries lie one after the other, and :data:`LANES` of them are read.
    """
    signature = types.uint32(values, types.intp, values.dtype, values.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        number = context.get_value_type(values.dtype)
        width = values.dtype.bitwidth
        numbers, words = ir.VectorType(number, LANES), ir.VectorType(ir.IntType(width), LANES)
        first = builder.gep(array.data, [arguments[1]])
        entries = builder.load(builder.bitcast(first, numbers.as_pointer()), align=width // 8)
        unsigned = ir.Constant(words, [(1 << (width - 1)) - 1] * LANES)
        magnitudes = builder.bitcast(builder.and_(builder.bitcast(entries, words), unsigned), numbers)
        above = builder.fcmp_ordered(">=", magnitudes, repeated(builder, arguments[2], numbers))
        under = builder.fcmp_ordered("<", magnitudes, repeated(builder, arguments[3], numbers))
        return builder.zext(builder.bitcast(builder.and_(above, under), ir.IntType(LANES)), ir.IntType(32))

    return signature, generate


def repeated(builder: Any, number: Any, vector: ir.VectorType) -> Any:
    """Build a vector of that number in every lane."""
    undefined = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(undefined, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))


def _lowest_bit(_: Any, bits: Any) -> Any:  # noqa: ARG001
    """Place of the lowest bit that is set, of bits that are not all zero."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint32(types.uint32), generate


lanes_within: Any = intrinsic(_lanes_within)
lowest_bit: Any = intrinsic(_lowest_bit)
