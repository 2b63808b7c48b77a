"""The loop over examples, for operations that have no batching rule yet."""

from __future__ import annotations

import warnings
from typing import Any

from derivo.ops._batching import Each

__all__ = ["looped"]


def _example(params: Any, i: int) -> Any:
    """Parameters of one example."""
    out = []
    for p in params:
        if type(p) is Each:
            p = p.t.select(0, i)
        elif isinstance(p, tuple):
            p = _example(p, i)
        out.append(p)
    if hasattr(params, "_fields"):
        return type(params)(*out)
    return tuple(out)


def looped(
    op: Any, size: int, tensors: list[Any], flags: list[bool], params: tuple[Any, ...]
) -> Any:
    """Call a primitive once for each example, and stack the results.

    Warns once for each operation and place, as PyTorch does.
    """
    from derivo import stack

    warnings.warn(
        f"There is a performance drop because we have not yet implemented the batching "
        f"rule for {op.name}. Each example is computed on its own.",
        UserWarning,
        stacklevel=2,
    )
    results = []
    for i in range(size):
        each = tuple(
            t.select(0, i) if flag else t
            for t, flag in zip(tensors, flags, strict=True)
        )
        results.append(op(each, *_example(params, i)))
    if op.inplace:
        return tensors[0]
    if not op.multi:
        return stack(results)
    return tuple(
        None if column[0] is None else stack(list(column))
        for column in zip(*results, strict=True)
    )
