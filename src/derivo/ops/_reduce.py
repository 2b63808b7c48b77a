"""Reductions as records: what is folded, what comes of it, and how long ones split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.reduce import ReduceOp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["ReduceSpec", "given_dims", "program"]


class ReduceSpec:
    """A loop program for any dtypes and layouts.

    Parameters
    ----------
    name : str
        Name of the kernels.
    define : callable
        ``define(p, *inputs)`` adds stages to the builder `p` and returns the
        expression of each output, in order. Outputs are stored last.
    outputs, inputs : str
        Space of each operand: 'r' or 'k', of an output also 't'.
    ordered : bool
        Whether positions along the reduced dimensions mean something (argmax).
    """

    def __init__(
        self,
        name: str,
        define: Callable[..., Any],
        outputs: str,
        inputs: str,
        *,
        ordered: bool = False,
    ) -> None:
        self.name = name
        self.define = define
        self.outputs = outputs
        self.inputs = inputs
        self.ordered = ordered

    def build(
        self,
        axis: str,
        out_dtypes: Sequence[str],
        in_dtypes: Sequence[str],
        compute: str,
        letters: str,
    ) -> int:
        """Address of the kernel; the core asks once and keeps it."""
        from derivo.codegen import build
        from derivo.ir.program import Builder

        p = Builder(self.name, axis=axis, compute=compute)
        count = len(out_dtypes)
        outs = [
            p.output(d, letter, space=space)
            for d, letter, space in zip(
                out_dtypes, letters[:count], self.outputs, strict=True
            )
        ]
        ins = [
            p.input(d, letter, space=space)
            for d, letter, space in zip(
                in_dtypes, letters[count:], self.inputs, strict=True
            )
        ]
        made = self.define(p, *ins)
        made = made if isinstance(made, tuple) else (made,)
        for out, expr in zip(outs, made, strict=True):
            p.store(out, expr)
        return build(p.build())


def program(
    name: str,
    define: Callable[..., Any],
    outputs: str,
    inputs: str,
    *,
    ordered: bool = False,
    partial: ReduceOp | None = None,
    final: ReduceOp | None = None,
    partial_dtype: int = 9,
) -> ReduceOp:
    """Make the core's side of a loop program; see `ReduceSpec`."""
    spec = ReduceSpec(name, define, outputs, inputs, ordered=ordered)
    return ReduceOp(name, spec, outputs, inputs, partial, final, partial_dtype)


def given_dims(dim: Any, rank: int) -> tuple[int, ...] | None:
    """Give the dimensions of a reduction as its node shows them: as they were given."""
    if dim is None:
        return None
    dims = dim if isinstance(dim, (tuple, list)) else (dim,)
    return tuple([d % (rank or 1) for d in dims])
