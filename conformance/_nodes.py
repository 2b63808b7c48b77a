"""The check of nodes: the graph that an operation records, and what it shows of itself.

Both graphs are walked side by side from the results. A node's name must be PyTorch's,
and its `_saved_*` attributes must have PyTorch's names and values, tensors and all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance._compare import (
    GRADIENT_TOLERANCE,
    MismatchError,
    compare_tensors,
)
from conformance._entries import LARGEST
from conformance._library import describe, dtype_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance._compare import Strides
    from conformance._entries import Entry
    from conformance._library import Library

# What derivo's nodes do not keep, as their backward passes have no use for it (of the
# input they need the shape, say); reading it is an AttributeError.
NOT_KEPT: dict[str, set[str]] = {
    # The derivative is zero ...
    "AngleBackward0": {"self"},
    "DivBackward2": {"self", "other"},
    "SgnBackward0": {"self", "result"},
    # ... or a constant, or is computed from something else.
    "CholeskySolveBackward0": {"self"},
    "ComplexBackward0": {"real", "imag"},
    "CummaxBackward0": {"self"},
    "CumminBackward0": {"self"},
    **{
        f"{pool}{n}DBackward0": {"self"}
        for pool in (
            "AdaptiveAvgPool",
            "AdaptiveMaxPool",
            "AvgPool",
            "FractionalMaxPool",
        )
        for n in (2, 3)
    },
    **{f"MaxPool{n}DWithIndicesBackward0": {"self"} for n in (2, 3)},
    **{
        f"{border}Pad{n}DBackward0": {"self"}
        for border in ("Reflection", "Replication")
        for n in (1, 2, 3)
    },
    "CtcLossBackward0": {"result1"},
    # Which bag each row is in, how many rows a bag has, and which was the largest.
    "EmbeddingBagBackward0": {"result1", "result2", "result3"},
    "MultilabelMarginLossBackward0": {"is_target"},
    "NllLossBackward0": {"self"},
    "NllLoss2DBackward0": {"self"},
    # The weights say it.
    "ScaledDotProductFlashAttentionForCpuBackward0": {
        *("attn_mask", "logsumexp", "output"),
    },
    "FftR2CBackward0": {"self"},
    "GatherBackward0": {"self"},
    "IndexAddBackward0": {"source"},
    "IndexCopyBackward0": {"source"},
    # Of means, which need none of them.
    "IndexReduceBackward0": {"self", "source", "result"},
    "LogSigmoidBackward0": {"buffer"},
    "PolarBackward0": {"result"},
    "SpecialLogNdtrBackward0": {"result"},
    # The rows that were swapped say it.
    "LinalgLuBackward0": {"P"},
    # The inverse is taken afresh.
    "LinalgDetBackward0": {"LU", "pivots"},
    "LinalgSlogdetBackward0": {"LU", "pivots"},
    "LinalgSolveExBackward0": {"LU", "pivots"},
    "MaskedSelectBackward0": {"self"},
    "PutBackward0": {"source"},
    # Of sums and means.
    "ScatterReduceBackward0": {"self", "src", "result"},
    "TakeBackward0": {"self"},
}

# Vectors that are known up to a factor of size one, on which LAPACKs differ.
UP_TO_PHASE: dict[str, set[str]] = {
    "LinalgEigBackward0": {"eigenvectors"},
    "LinalgEighBackward0": {"eigenvectors"},
    "LinalgSvdBackward0": {"U", "Vh"},
}


def nodes(
    entry: Entry,
    sample: Any,
    oracle: Library,
    candidate: Library,
    target: Callable[..., Any] | None,
    strides: Strides,
) -> None:
    """Compare the two graphs of one sample."""
    from conformance._checks import OracleError, library_call

    tree = describe((sample.input, tuple(sample.args), dict(sample.kwargs)))
    outs = []
    for library, op in ((oracle, entry.info.op), (candidate, target)):
        (x, args, kwargs), _ = library.realise(tree)
        library.module.manual_seed(7)
        try:
            out = library_call(
                entry.info.gradcheck_wrapper, library, op, x, args, kwargs
            )
        except Exception as e:
            if library is candidate:
                raise
            raise OracleError(f"{type(e).__name__}: {str(e)[:200]}") from e
        if target is None:
            return
        outs.append(library.flatten(out))
    if not any(t.grad_fn for t in outs[0]):
        raise OracleError("records nothing")
    for complaint in _complaints(outs[0], outs[1], oracle, candidate, strides):
        raise MismatchError(complaint)


def _complaints(
    want: list[Any],
    got: list[Any],
    oracle: Library,
    candidate: Library,
    strides: Strides,
) -> Iterator[str]:
    pending = [
        (f"result {i}", a.grad_fn, b.grad_fn)
        for i, (a, b) in enumerate(zip(want, got, strict=True))
    ]
    seen = set()
    while pending:
        where, a, b = pending.pop(0)
        if a is None and b is None:
            continue
        if a in seen:
            continue
        seen.add(a)
        names = [n.name() if n is not None else "nothing" for n in (a, b)]
        if names[0] != names[1]:
            yield f"{where}: {names[1]}, expected {names[0]}"
            continue
        if len(a.next_functions) != len(b.next_functions):
            yield (
                f"{names[0]}: {len(b.next_functions)} edges, "
                f"expected {len(a.next_functions)}"
            )
        yield from _differences(a, b, oracle, candidate, strides)
        edges = zip(a.next_functions, b.next_functions, strict=False)
        for k, (p, q) in enumerate(edges):
            pending.append((f"edge {k} of {names[0]}", p[0], q[0]))


def _facts(node: Any) -> dict[str, Any]:
    names = [n for n in dir(node) if n.startswith("_saved_")]
    return {n.removeprefix("_saved_"): getattr(node, n) for n in names}


def _differences(
    a: Any, b: Any, oracle: Library, candidate: Library, strides: Strides
) -> Iterator[str]:
    want, got = _facts(a), _facts(b)
    if a.name().startswith("SliceBackward0"):
        want = _bounded(want)
    left_out = NOT_KEPT.get(a.name(), set())
    up_to_phase = UP_TO_PHASE.get(a.name(), set())
    for name in want | got:
        where = f"{a.name()}._saved_{name}"
        if name not in got:
            if name not in left_out:
                yield f"{where}: missing, expected {_kind(want[name])}"
        elif name not in want:
            yield f"{where}: not PyTorch's"
        else:
            try:
                p, q = want[name], got[name]
                if name in up_to_phase:
                    p, q = _sizes(p, name, want), _sizes(q, name, want)
                _compare(p, q, where, oracle, candidate, strides)
            except MismatchError as e:
                yield str(e)


def _bounded(facts: dict[str, Any]) -> dict[str, Any]:
    """What a slice shows, with ends within the dimension, none left open.

    PyTorch shows start and end as they were given; derivo shows what they mean.
    """
    dim, start, end = (
        n - (1 << 64) if n is not None and n >= 1 << 63 else n
        for n in (facts["dim"], facts["start"], facts["end"])
    )
    size = facts["self_sym_sizes"][dim]
    start, end, _ = slice(start, end).indices(size)
    return {**facts, "start": start, "end": max(start, end)}


def _sizes(vectors: Any, name: str, facts: dict[str, Any]) -> Any:
    """What is known of vectors; nothing is of those without singular value."""
    count = facts.get("S_sym_argsize_minus_1")
    known = vectors[..., :count, :] if name == "Vh" else vectors[..., :count]
    return known.detach().abs()


def _compare(
    want: Any,
    got: Any,
    where: str,
    oracle: Library,
    candidate: Library,
    strides: Strides,
) -> None:
    if oracle.is_tensor(want):
        if not candidate.is_tensor(got):
            raise MismatchError(f"{where}: {_kind(got)}, expected {_kind(want)}")
        compare_tensors(
            oracle,
            candidate,
            _positions(want, got),
            got,
            strides=strides,
            where=where,
            tolerance=GRADIENT_TOLERANCE.get(dtype_name(want.dtype)),
        )
    elif isinstance(want, (list, tuple)):
        if not isinstance(got, (list, tuple)) or len(want) != len(got):
            raise MismatchError(f"{where}: {got!r}, expected {want!r}")
        for i, (p, q) in enumerate(zip(want, got, strict=True)):
            _compare(p, q, f"{where}[{i}]", oracle, candidate, strides)
    elif str(type(want)).startswith("<class 'torch."):
        if str(want).removeprefix("torch") != str(got).removeprefix("derivo"):
            raise MismatchError(f"{where}: {got!r}, expected {want!r}")
    elif want != want and got != got:
        return  # NaN
    elif (type(want) is not type(got) or want != got) and not _same_place(want, got):
        raise MismatchError(f"{where}: {_kind(got)}, expected {_kind(want)}")


def _positions(want: Any, got: Any) -> Any:
    """Negative indices as the positions that they mean, counted from one end.

    PyTorch shows indices as they were given; derivo shows positions.
    """
    if want.is_floating_point() or want.is_complex() or not bool((want < 0).any()):
        return want
    first = tuple((want < 0).nonzero()[0].tolist())
    end = int(got[first]) - int(want[first])
    if not 0 <= int(got[first]) < end:
        return want
    return want.where(want >= 0, want + end)


def _same_place(want: Any, got: Any) -> bool:
    """Whether `got` is the dimension or position that a negative number means.

    PyTorch shows negative numbers as they were given, as 64 bits without a sign;
    derivo shows the dimension or position that is meant.
    """
    if type(want) is not int or type(got) is not int or want < 1 << 63:
        return False
    return got >= 0 and got - (want - (1 << 64)) <= LARGEST


def _kind(value: Any) -> str:
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"a tensor {dtype_name(value.dtype)}{list(value.shape)}"
    return repr(value)
