"""The check of forward mode: tangents of results, and of gradients."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance._compare import GRADIENT_TOLERANCE, MismatchError, compare_tensors
from conformance._library import describe, dtype_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance._compare import Strides
    from conformance._entries import Entry
    from conformance._library import Library

Found = dict[str, Any]


def forward_mode(
    entry: Entry,
    sample: Any,
    oracle: Library,
    candidate: Library,
    target: Callable[..., Any] | None,
    strides: Strides,
) -> None:
    """Compare tangents of results, and of gradients where PyTorch has those."""
    from conformance._checks import OracleError

    tree = describe((sample.input, tuple(sample.args), dict(sample.kwargs)))
    over_reverse = bool(entry.info.supports_fwgrad_bwgrad)
    try:
        want = _tangents(entry, entry.info.op, sample, tree, oracle, over_reverse)
    except Exception as e:
        raise OracleError(f"{type(e).__name__}: {str(e)[:200]}") from e
    if target is None:
        return
    got = _tangents(entry, target, sample, tree, candidate, over_reverse)
    for name in want | got:
        a, b = want.get(name), got.get(name)
        if (a is None) != (b is None):
            # A tangent known to be zero may be None.
            present, lib = (b, candidate) if a is None else (a, oracle)
            if np.any(lib.array(present)):
                raise MismatchError(f"{name}: None on one side only")
        elif a is not None:
            try:
                _compare(a, b, name, oracle, candidate, strides)
            except MismatchError:
                # PyTorch's formulas for tangents are not all good to the last digits
                # (logcumsumexp: 1e-3). Its reverse mode decides.
                settled = _by_reverse(entry, sample, tree, oracle).get(name)
                if settled is None:
                    raise
                _compare(settled, b, name, oracle, candidate, strides)


def _compare(
    want: Any,
    got: Any,
    name: str,
    oracle: Library,
    candidate: Library,
    strides: Strides,
) -> None:
    compare_tensors(
        oracle,
        candidate,
        want,
        got,
        strides=strides,
        where=name,
        tolerance=GRADIENT_TOLERANCE.get(dtype_name(want.dtype)),
    )


def _by_reverse(entry: Entry, sample: Any, tree: Any, library: Library) -> Found:
    """Tangents as the transpose of the gradients, which are linear in their seeds."""
    lib = library.module
    (x, args, kwargs), leaves = library.realise(tree)
    lib.manual_seed(7)
    every = _outputs(entry, entry.info.op, sample, library, x, args, kwargs)
    found: Found = {}
    for i, out in enumerate(every):
        if not out.requires_grad:
            continue
        seed = lib.ones_like(out).requires_grad_()
        grads = lib.autograd.grad(
            out, leaves, seed, create_graph=True, allow_unused=True
        )
        total = None
        for k, (g, leaf) in enumerate(zip(grads, leaves, strict=True)):
            if g is None or not g.requires_grad:
                continue
            direction = _direction(k, leaf, library)
            (part,) = lib.autograd.grad(
                g, seed, direction, retain_graph=True, allow_unused=True
            )
            if part is not None:
                total = part if total is None else total + part
        found[f"tangent {i}"] = total
    return found


def _direction(k: int, leaf: Any, library: Library) -> Any:
    from conformance._checks import _like

    return _like(np.random.RandomState(31 + k), leaf, library)


def _outputs(
    entry: Entry,
    op: Callable[..., Any],
    sample: Any,
    library: Library,
    x: Any,
    args: Any,
    kwargs: Any,
) -> list[Any]:
    from conformance._checks import library_call

    out = library_call(entry.info.gradcheck_wrapper, library, op, x, args, kwargs)
    process = sample.output_process_fn_grad
    if isinstance(process, types.FunctionType):
        out = library.rebind(process)(out)
    return library.flatten(out)


def _tangents(
    entry: Entry,
    op: Callable[..., Any],
    sample: Any,
    tree: Any,
    library: Library,
    over_reverse: bool,
) -> Found:
    from conformance._checks import _like

    lib = library.module
    forward_ad = lib.autograd.forward_ad
    (x, args, kwargs), leaves = library.realise(tree)
    found: Found = {}
    with forward_ad.dual_level():
        duals = {
            id(leaf): forward_ad.make_dual(leaf, _direction(i, leaf, library))
            for i, leaf in enumerate(leaves)
        }
        x, args, kwargs = _replace((x, args, kwargs), duals)
        lib.manual_seed(7)
        every = _outputs(entry, op, sample, library, x, args, kwargs)
        for i, t in enumerate(every):
            found[f"tangent {i}"] = forward_ad.unpack_dual(t).tangent
        outs = [t for t in every if t.requires_grad]
        if not over_reverse or not outs:
            return found
        seeds = [
            _like(np.random.RandomState(11 + i), t, library)
            for i, t in enumerate(every)
            if t.requires_grad
        ]
        grads = lib.autograd.grad(
            outs, leaves, seeds, allow_unused=True, create_graph=True
        )
        for i, g in enumerate(grads):
            if g is not None:
                found[f"tangent of grad {i}"] = forward_ad.unpack_dual(g).tangent
    return found


def _replace(node: Any, duals: dict[int, Any]) -> Any:
    if id(node) in duals:
        return duals[id(node)]
    if isinstance(node, (list, tuple)):
        return type(node)(_replace(v, duals) for v in node)
    if isinstance(node, dict):
        return {k: _replace(v, duals) for k, v in node.items()}
    return node
