"""How elementwise operations go forward: tangents of operands to those of results.

The derivative is that of the backward plan, read the other way: with one result, the
gradient of operand i for an incoming gradient g is ``g * df/dx_i``, so the tangent is
the sum of these with the operands' tangents in the place of g - stated derivatives,
choices (`where`) and all. It is one kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo.ops._derived import split
from derivo.ops._elementwise import LARGEST, core_op, gradient_spec, used_variables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivo.ir.expr import Expr
    from derivo.ops._elementwise import Spec

__all__ = ["plan"]

_KINDS = {"g": 0, "in": 1, "out": 2, "param": 3}

Forward = tuple[Any, tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def plan(spec: Spec, nin: int, mask: int, with_result: bool) -> Forward:
    """Give the operation that computes tangents, and what it takes.

    Parameters
    ----------
    spec : Spec
        Of the operation.
    nin : int
        How many operands it has.
    mask : int
        Which of them have a tangent.
    with_result : bool
        Whether the result may be used; not where it takes the place of an operand.

    Returns
    -------
    call : callable or None
        The operation; None if all tangents are zero.
    kinds, places : tuple of int
        Its operands: tangent (0), operand (1), result (2) or parameter (3), and which.
    results : tuple of int
        For each result of `spec`, which result of `call` is its tangent; -1: zero.
    """
    from derivo.ir.expr import is_const, var

    flags = tuple(bool(mask >> i & 1) for i in range(nin))
    refused = [i for i in spec.no_derivative if flags[i]]
    if refused:
        raise _unsupported(spec.name)
    operands, params = spec.variables()
    first = spec.nin + spec.nparams
    letter = next(c for c in "tuvwpqrs" if f"{c}0" not in spec.names)
    tangents = tuple(var(first + i, f"{letter}{i}") for i in range(nin))
    try:
        exprs, outs = _tangent_exprs(spec, flags, tangents, with_result)
    except NotImplementedError as error:
        raise _unsupported(spec.name) from error
    results: list[int] = []
    needed: list[Expr] = []
    for e in exprs:
        results.append(-1 if is_const(e, 0) else len(needed))
        if results[-1] >= 0:
            needed.append(e)
    if not needed:
        return None, (), (), tuple(results)
    used = used_variables(needed)
    taken = [(("g", k), v) for k, v in enumerate(tangents) if v in used]
    taken += [(("in", k), v) for k, v in enumerate(operands) if v in used]
    taken += [(("out", k), v) for k, v in enumerate(outs) if v in used]
    taken += [(("param", k), v) for k, v in enumerate(params) if v in used]
    node = spec.node.removesuffix("0").replace("Backward", "Forward") + "0"
    name = f"{spec.name}_forward"
    call: Any
    if len(taken) + len(needed) <= LARGEST:
        call = core_op(gradient_spec(name, node, taken, needed))
    else:
        call = split(name, node, taken, needed)
    kinds = tuple(_KINDS[kind] for (kind, _), _ in taken)
    return call, kinds, tuple(k for (_, k), _ in taken), tuple(results)


def _tangent_exprs(
    spec: Spec, flags: tuple[bool, ...], tangents: Sequence[Expr], with_result: bool
) -> tuple[Sequence[Expr], Sequence[Expr]]:
    from derivo.ir import simplify as s
    from derivo.ir.derive import jvp
    from derivo.ir.expr import ZERO, substitute, var
    from derivo.ir.simplify import simplify

    operands, _ = spec.variables()
    first = spec.nin + spec.nparams + len(tangents)
    outs = tuple(var(first + k, f"out{k}") for k in range(spec.nout))
    if spec._derivative is None:
        given = [t if f else None for t, f in zip(tangents, flags, strict=True)]
        exprs = simplify(*jvp(spec.exprs, operands, given))
        if not with_result or not spec.save_output:
            return exprs, outs
        known = {
            e: o
            for e, o in zip(spec.exprs, outs, strict=True)
            if e.args and e.op != "neg"
        }
        by_result = simplify(*substitute(exprs, known))
        if spec.save_output == "too" or not used_variables(by_result) & set(operands):
            return by_result, outs
        return exprs, outs
    gradients, seeds, results = spec.gradients(flags)
    chosen = [t for t, f in zip(tangents, flags, strict=True) if f]
    values = dict(zip(results, outs if with_result else spec.exprs, strict=True))
    total = ZERO
    for e, t in zip(gradients, chosen, strict=True):
        (part,) = substitute([e], {seeds[0]: t, **values})
        total = s.add(total, part)
    return simplify(total), outs


def _unsupported(name: str) -> NotImplementedError:
    return NotImplementedError(
        f"[{name}] Trying to use forward AD with {name} that does not support it "
        "because it has not been implemented yet: it has no derivative for that "
        "operand. Detach the operand."
    )
