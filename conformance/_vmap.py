"""The check "vmap": a batch at once equals PyTorch's vmap and our own loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance._compare import MismatchError, Strides, compare_trees
from conformance._entries import UNINITIALISED
from conformance._library import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance._entries import Entry
    from conformance._library import Library

# Keeps positive numbers positive and small ones small.
SECOND = 0.96875


def vmap(
    entry: Entry,
    sample: Any,
    oracle: Library,
    candidate: Library,
    target: Callable[..., Any] | None,
    strides: Strides,
) -> None:
    """Compare over a batch of two, in each choice of which tensors have it.

    What PyTorch's vmap itself refuses is skipped.
    """
    from conformance._checks import OracleError

    tree = describe((sample.input, tuple(sample.args), dict(sample.kwargs)))
    (x, args, kwargs), _ = oracle.realise(tree)
    count = len(_leaves((x, args, kwargs), oracle))
    accepted = False
    for chosen, last in _choices(count):
        try:
            want = _batched(entry.info.op, tree, chosen, last, oracle)
        except Exception:  # PyTorch's vmap does not cover everything
            continue
        accepted = True
        if target is None:
            break
        got = _batched(target, tree, chosen, last, candidate)
        where = f"batched {sorted(chosen)} of {count}"
        try:
            loop = _looped(target, tree, chosen, candidate)
            values = entry.info.name not in UNINITIALISED
            _same(oracle, candidate, want, got, False)
            try:
                _same(candidate, candidate, loop, got, values)
            except MismatchError:
                # What reads memory beside its examples differs from the loop, as
                # PyTorch's vmap does.
                if not (values and _agree(oracle, candidate, want, got)):
                    raise
            try:
                _same(oracle, candidate, want, got, values)
            except MismatchError:
                if _agree(oracle, candidate, want, loop):
                    raise
                # The operation itself differs, which another check tells.
        except MismatchError as e:
            raise MismatchError(f"{where}: {e}") from None
    if not accepted:
        raise OracleError("vmap refuses every choice of batched tensors")


def _same(a: Library, b: Library, want: Any, got: Any, values: bool) -> None:
    compare_trees(a, b, want, got, strides=Strides(), elementwise=False, values=values)


def _agree(a: Library, b: Library, want: Any, got: Any) -> bool:
    try:
        _same(a, b, want, got, True)
    except MismatchError:
        return False
    return True


def _choices(count: int) -> list[tuple[frozenset[int], bool]]:
    """Which floating tensors are batched, and whether along the last dimension."""
    if count == 0:
        return []
    every = [(frozenset(range(count)), False), (frozenset({0}), True)]
    if count > 1:
        every.append((frozenset({count - 1}), False))
    return every


def _floating(t: Any) -> bool:
    return bool(t.is_floating_point())


def _leaves(tree: Any, library: Library) -> list[Any]:
    """Floating tensors in order, each once."""
    found: list[Any] = []

    def visit(node: Any) -> None:
        if isinstance(node, library.module.Tensor):
            if _floating(node) and not any(node is t for t in found):
                found.append(node)
        elif isinstance(node, (list, tuple)):
            for v in node:
                visit(v)
        elif isinstance(node, dict):
            for v in node.values():
                visit(v)

    visit(tree)
    return found


def _replace(node: Any, old: list[Any], new: list[Any]) -> Any:
    for a, b in zip(old, new, strict=True):
        if node is a:
            return b
    if isinstance(node, tuple) and hasattr(node, "_fields"):
        return type(node)(*(_replace(v, old, new) for v in node))
    if isinstance(node, (list, tuple)) and type(node) in (list, tuple):
        return type(node)(_replace(v, old, new) for v in node)
    if isinstance(node, dict):
        return {k: _replace(v, old, new) for k, v in node.items()}
    return node


def _prepare(
    tree: Any, chosen: frozenset[int], library: Library
) -> tuple[Any, list[Any], list[tuple[Any, Any]]]:
    call, _ = library.realise(tree)
    leaves = _leaves(call, library)
    pairs = []
    for k in sorted(chosen):
        t = leaves[k].detach()
        pairs.append((t, t * SECOND))
    return call, [leaves[k] for k in sorted(chosen)], pairs


def _batched(
    op: Any, tree: Any, chosen: frozenset[int], last: bool, library: Library
) -> Any:
    lib = library.module
    call, old, pairs = _prepare(tree, chosen, library)
    d = -1 if last else 0
    batch = [lib.stack([a, b], dim=d) for a, b in pairs]

    def one(*new: Any) -> Any:
        x, args, kwargs = _replace(call, old, list(new))
        return _tensors_only(op(x, *args, **kwargs), lib)

    return lib.vmap(one, in_dims=d)(*batch)


def _looped(op: Any, tree: Any, chosen: frozenset[int], library: Library) -> Any:
    lib = library.module
    results = []
    for k in range(2):
        call, old, pairs = _prepare(tree, chosen, library)
        x, args, kwargs = _replace(call, old, [pair[k] for pair in pairs])
        results.append(_tensors_only(op(x, *args, **kwargs), lib))
    if isinstance(results[0], tuple):
        return tuple(
            lib.stack([a, b]) for a, b in zip(results[0], results[1], strict=True)
        )
    return lib.stack(results)


def _tensors_only(out: Any, lib: Any) -> Any:
    """Results as a tensor or a tuple of tensors: vmap gives nothing else."""
    if isinstance(out, lib.Tensor):
        return out
    if isinstance(out, (list, tuple)):
        return tuple(t for t in out if isinstance(t, lib.Tensor))
    raise TypeError(f"vmap cannot return {type(out).__name__}")
