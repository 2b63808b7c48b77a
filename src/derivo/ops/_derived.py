"""What stands behind an elementwise operation in unusual cases.

Kernels for complex operands, derivatives with more operands than one kernel takes, and
the refusal of an operation that has no derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from derivo.ops._elementwise import (
    COMPLEX,
    LARGEST,
    Spec,
    Taken,
    core_op,
    gradient_spec,
    used_variables,
)

if TYPE_CHECKING:
    from derivo.ir.expr import Expr

__all__ = ["Parts", "Refusal", "build_pairs", "split"]


def build_pairs(
    spec: Spec,
    in_dtypes: Sequence[str],
    out_dtypes: Sequence[str],
    compute_dtype: str,
    layout: str,
) -> int:
    """Address of the kernel for operands of which some are complex."""
    from derivo.codegen import build_map
    from derivo.ir.expr import var
    from derivo.ir.pairs import NOTHING, Pair, parts

    spec.check_complaints(in_dtypes[: spec.nin])
    pairs: dict[Expr, Pair] = {}
    operands, params = spec.variables()
    for i, (v, dtype) in enumerate(zip((*operands, *params), in_dtypes, strict=True)):
        re = var(2 * i, f"{v.name}_re")
        if dtype in COMPLEX:
            pairs[v] = (re, var(2 * i + 1, f"{v.name}_im"))
        elif spec.derived or i < spec.first_promoted:
            pairs[v] = (re, None)
        else:
            # A real operand is converted first: 0 times infinity is NaN.
            pairs[v] = (re, NOTHING)
    exprs: list[Expr] = []
    for (re, im), dtype in zip(
        parts(spec.complex_exprs, pairs), out_dtypes, strict=True
    ):
        exprs.append(re)
        if dtype in COMPLEX:
            exprs.append(NOTHING if im is None else im)
    return build_map(
        spec.name,
        exprs,
        in_dtypes,
        out_dtypes,
        COMPLEX[compute_dtype],
        layout,
        pairs=True,
    )


def split(name: str, node: str, taken: Taken, exprs: Sequence[Expr]) -> Parts:
    """Cut a derivative with too many operands into several operations.

    Results that fit are computed together. A result that does not fit alone is the
    sum of its parts by each incoming gradient, as it is linear in those.
    """
    from derivo.ir.expr import ZERO as NOTHING
    from derivo.ir.expr import substitute
    from derivo.ir.simplify import simplify

    seeds = [v for (kind, _), v in taken if kind == "g"]
    pieces: list[tuple[int, Expr]] = []
    for k, e in enumerate(exprs):
        mine = [v for v in seeds if v in used_variables([e])]
        if len(used_variables([e])) < LARGEST:
            pieces.append((k, e))
            continue
        for seed in mine:
            others = {v: NOTHING for v in mine if v is not seed}
            (part,) = simplify(*substitute([e], others))
            pieces.append((k, part))
    groups: list[list[tuple[int, Expr]]] = []
    for piece in pieces:
        if groups:
            together = [*groups[-1], piece]
            if len(used_variables([e for _, e in together])) + len(together) <= LARGEST:
                groups[-1] = together
                continue
        groups.append([piece])
    found = []
    for group in groups:
        used = used_variables([e for _, e in group])
        some = [(source, v) for source, v in taken if v in used]
        spec = gradient_spec(name, node, some, [e for _, e in group])
        takes = tuple(i for i, (_, v) in enumerate(taken) if v in used)
        found.append((spec, takes, tuple(k for k, _ in group)))
    return Parts(found, len(exprs))


class Parts:
    """Several operations that together compute the gradients of one."""

    def __init__(
        self, parts: Sequence[tuple[Spec, tuple[int, ...], tuple[int, ...]]], nout: int
    ) -> None:
        self.parts = tuple(parts)
        self.nout = nout
        self._cores: list[Any] = []

    def __call__(self, *operands: Any) -> Any:
        """Run them, adding up what belongs to one result."""
        if not self._cores:
            self._cores = [core_op(spec) for spec, _, _ in self.parts]
        results: list[Any] = [None] * self.nout
        for core, (spec, takes, gives) in zip(self._cores, self.parts, strict=True):
            made = core(*[operands[i] for i in takes])
            for k, x in zip(gives, [made] if spec.nout == 1 else made, strict=True):
                results[k] = x if results[k] is None else results[k] + x
        return results[0] if self.nout == 1 else results


class Refusal(Spec):
    """Stands where an operation has no derivative; raises when it is reached."""

    __slots__ = ()

    def __init__(self, name: str, nout: int) -> None:
        super().__init__(
            name,
            nin=1,
            nparams=0,
            nout=nout,
            promote="same",
            node="NotImplemented",
            on_complex="complex",
            trace=lambda _operands, _params: (),
        )

    def build(self, *_: object) -> NoReturn:
        """Raise: this is where the derivative would be computed."""
        raise RuntimeError(
            f"[{self.name}] derivative for aten::{self.name} is not implemented (the "
            f"derivative for '{self.name}' is not implemented.): it cannot be "
            "differentiated. Detach the operands, or compute the value differently."
        )
