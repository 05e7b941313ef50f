from __future__ import annotations

TORCH_ON_THE_PROCESSOR = ("can't allocate memory", "not enough memory")
"""What torch's allocator says in a plain RuntimeError."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, of the processor or of a GPU.

    Told by its name and words, since asking torch for its class would load torch.
    """
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in TORCH_ON_THE_PROCESSOR)
