"""Putting tensors together, taking them apart, and rearranging their elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core import views as core_views
from derivo._core.copies import _copy_into
from derivo._core.primitive import Primitive
from derivo._core.promotion import promote_types
from derivo._core.tensor import TensorBase, _check_dim, _empty
from derivo.ops import _batching
from derivo.ops._surface import public
from derivo.ops.conversion import cast, deliver
from derivo.ops.creation import _filled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivo import Tensor


def _cat_forward(*args: Any) -> Tensor:
    *tensors, dim = args
    first = tensors[0]
    if first.dim() == 1:
        # Tensors of shape (0,) are left out, whatever the others have.
        first = next((t for t in tensors if t.dim() > 1), first)
    rank = first.dim()
    sizes = [t.size(dim) if t.dim() == rank else 0 for t in tensors]
    shape = list(first.shape)
    shape[dim] = sum(sizes)
    made = _empty(shape, tensors[0].dtype)
    at = 0
    for t, n in zip(tensors, sizes, strict=True):
        if n:
            _copy_into(core_views.narrow(made, dim, at, n), t)
        at += n
    return made


def _cat_vjp(ctx: Any, g: Tensor, dim: int) -> list[Any]:
    out: list[Any] = []
    at = 0
    for shape, needed in zip(ctx.shapes, ctx.needs, strict=True):
        if len(shape) != g.dim():
            out.append(_filled(shape, 0, g.dtype))
            continue
        size = shape[dim]
        out.append(g.narrow(dim, at, size) if needed else None)
        at += size
    return out if len(out) > 1 else out[0]


def _cat_batch(op: Any, size: int, tensors: Any, flags: Any, params: Any) -> Any:
    ranks = [t.dim() - flag for t, flag in zip(tensors, flags, strict=True)]
    kept = [k for k, rank in enumerate(ranks) if rank == max(ranks)]
    return _CAT_DIM(
        op, size, [tensors[k] for k in kept], [flags[k] for k in kept], params
    )


_CAT_DIM = _batching.along(0)
_CAT = Primitive(
    "cat",
    linear=True,
    node="CatBackward0",
    forward=_cat_forward,
    vjp=_cat_vjp,
    batch=_cat_batch,
)


@public("cat", "concat", "concatenate")
def cat(
    tensors: Sequence[Tensor], dim: int = 0, *, out: Tensor | None = None
) -> Tensor:
    """Join tensors along a dimension.

    Parameters
    ----------
    tensors : sequence of Tensor
        Of one shape except in dimension `dim`; 1-D tensors without elements are left
        out. Different dtypes are promoted.
    dim : int, default 0
        The dimension.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If the other sizes differ, or there is nothing to join.

    Examples
    --------
    >>> import derivo
    >>> derivo.cat([derivo.zeros(1), derivo.ones(2)])
    tensor([0., 1., 1.])
    """
    given = _tensors("cat", tensors)
    if not given:
        raise ValueError(
            "[cat] expected a non-empty list of Tensors, got an empty sequence."
        )
    dtype = given[0].dtype
    for t in given[1:]:
        if t.dtype is not dtype:
            dtype = promote_types(dtype, t.dtype)
    for i, t in enumerate(given):
        if t.dim() == 0:
            raise RuntimeError(
                f"[cat] zero-dimensional tensor (at position {i}) cannot be "
                "concatenated. Use stack()."
            )
    kept = [t for t in given if t.numel() or t.dim() != 1] or given[:1]
    first = kept[0].shape
    d = _check_dim(dim, len(first))
    for i, t in enumerate(kept):
        if t.shape != first:
            _check_joined(i, t, first, d)
    made: Tensor = _CAT(
        tuple([t if t.dtype is dtype else cast(t, dtype) for t in given]), d
    )
    return made if out is None else deliver(out, made, "cat", *given)


def _check_joined(i: int, t: Tensor, first: tuple[int, ...], dim: int) -> None:
    """Refuse a tensor that differs from the first one elsewhere than in `dim`."""
    if t.dim() != len(first):
        raise RuntimeError(
            "[cat] Tensors must have same number of dimensions: got "
            f"{len(first)} and {t.dim()}."
        )
    for k, (have, want) in enumerate(zip(t.shape, first, strict=True)):
        if k != dim and have != want:
            raise RuntimeError(
                "[cat] Sizes of tensors must match except in dimension "
                f"{dim}. Expected size {want} but got size {have} for tensor number "
                f"{i} in the list."
            )


def _tensors(name: str, tensors: Any) -> list[Tensor]:
    if isinstance(tensors, TensorBase):
        raise TypeError(
            f"[{name}] argument 'tensors' must be tuple of Tensors, not Tensor."
        )
    given = list(tensors)
    for i, t in enumerate(given):
        if not isinstance(t, TensorBase):
            raise TypeError(
                f"[{name}] expected Tensor as element {i} in argument 0, but got "
                f"{type(t).__name__}."
            )
    return given


def _stack_forward(*args: Any) -> Tensor:
    *tensors, dim = args
    shape = list(tensors[0].shape)
    shape.insert(dim, len(tensors))
    made = _empty(shape, tensors[0].dtype)
    for i, t in enumerate(tensors):
        _copy_into(core_views.select(made, dim, i), t)
    return made


def _stack_vjp(ctx: Any, g: Tensor, dim: int) -> Any:
    out = [g.select(dim, i) if n else None for i, n in enumerate(ctx.needs)]
    return out if len(out) > 1 else out[0]


_STACK = Primitive(
    "stack",
    linear=True,
    node="StackBackward0",
    forward=_stack_forward,
    vjp=_stack_vjp,
    batch=_batching.along(0, between=True),
)


@public("stack")
def stack(
    tensors: Sequence[Tensor], dim: int = 0, *, out: Tensor | None = None
) -> Tensor:
    """Join tensors of one shape along a new dimension.

    Parameters
    ----------
    tensors : sequence of Tensor
        All of one shape; different dtypes are promoted.
    dim : int, default 0
        Where the new dimension comes.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If shapes differ, or there is nothing to stack.

    Examples
    --------
    >>> import derivo
    >>> derivo.stack([derivo.zeros(2), derivo.ones(2)])
    tensor([[0., 0.],
            [1., 1.]])
    """
    given = _tensors("stack", tensors)
    if not given:
        raise RuntimeError("[stack] stack expects a non-empty TensorList.")
    dtype = given[0].dtype
    for i, t in enumerate(given):
        if t.dtype is not dtype:
            dtype = promote_types(dtype, t.dtype)
        if t.shape != given[0].shape:
            raise RuntimeError(
                "[stack] stack expects each tensor to be equal size, but got "
                f"{list(given[0].shape)} at entry 0 and {list(t.shape)} at entry {i}."
            )
    d = _check_dim(dim, given[0].dim() + 1)
    made: Tensor = _STACK(
        tuple([t if t.dtype is dtype else cast(t, dtype) for t in given]), d
    )
    return made if out is None else deliver(out, made, "stack", *given)


# ------------------------------------------------------------------ taking apart


def _parts_vjp(ctx: Any, gs: list[Any], sizes: tuple[int, ...], dim: int) -> Tensor:
    return cat([ctx.zeros(k) if g is None else g for k, g in enumerate(gs)], dim)


def _parts_forward(x: Tensor, sizes: tuple[int, ...], dim: int) -> tuple[Tensor, ...]:
    out, at = [], 0
    for n in sizes:
        out.append(core_views.narrow(x, dim, at, n))
        at += n
    return tuple(out)


def splitting(
    name: str, node: str, forward: Any = _parts_forward, view: bool = False
) -> Any:
    """Primitive that takes a tensor apart, into views or what `forward` makes."""
    return Primitive(
        name,
        linear=True,
        node=node,
        forward=forward,
        vjp=_parts_vjp,
        view=view,
        multi=True,
        batch=_batching.along(1),
    )


_SPLIT = splitting("split", "SplitBackward0", view=True)
_SPLIT_SIZES = splitting("split_with_sizes", "SplitWithSizesBackward0", view=True)


@public("split", "Tensor.split")
def split(
    tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0
) -> tuple[Tensor, ...]:
    """Take a tensor apart into views along a dimension.

    Parameters
    ----------
    tensor : Tensor
        At least one dimension.
    split_size_or_sections : int or sequence of int
        Size of every part (the last may be smaller), or of each part.
    dim : int, default 0
        The dimension.

    Raises
    ------
    RuntimeError
        If sizes are negative or do not add up.

    Examples
    --------
    >>> import derivo
    >>> [p.tolist() for p in derivo.split(derivo.arange(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    if tensor.dim() and not isinstance(split_size_or_sections, int):
        return split_with_sizes(tensor, split_size_or_sections, dim)
    return by_size(_SPLIT, tensor, split_size_or_sections, dim)


def by_size(primitive: Any, tensor: Tensor, size: Any, dim: int) -> tuple[Tensor, ...]:
    """Parts of one size, made by a primitive of `splitting`."""
    if tensor.dim() == 0:
        raise RuntimeError("[split] split expects at least a 1-dimensional tensor.")
    d = _check_dim(dim, tensor.dim())
    length = tensor.shape[d]
    if size < 0:
        raise RuntimeError(
            f"[split] split expects split_size be non-negative, but got "
            f"split_size={size}."
        )
    if size == 0 and length:
        raise RuntimeError(
            "[split] split_size can only be 0 if dimension size is 0, but got "
            f"dimension size of {length}."
        )
    count = max(-(-length // size), 1) if size else 1
    sizes = [size] * (count - 1)
    sizes.append(length - size * (count - 1))
    made: tuple[Tensor, ...] = primitive((tensor,), tuple(sizes), d)
    return made


@public("split_with_sizes", "Tensor.split_with_sizes")
def split_with_sizes(
    input: Tensor, split_sizes: Sequence[int], dim: int = 0
) -> tuple[Tensor, ...]:
    """Take a tensor apart into views of given sizes along a dimension."""
    return by_sizes(_SPLIT_SIZES, input, split_sizes, dim)


def by_sizes(
    primitive: Any, input: Tensor, split_sizes: Sequence[int], dim: int
) -> tuple[Tensor, ...]:
    """Parts of given sizes, made by a primitive of `splitting`."""
    d = _check_dim(dim, input.dim())
    sizes = tuple(int(n) for n in split_sizes)
    if any(n < 0 for n in sizes):
        raise RuntimeError(
            "[split_with_sizes] split_with_sizes expects split_sizes have only "
            f"non-negative entries, but got split_sizes={list(sizes)}."
        )
    if sum(sizes) != input.shape[d]:
        raise RuntimeError(
            "[split_with_sizes] split_with_sizes expects split_sizes to sum exactly to "
            f"{input.shape[d]} (input tensor's size at dimension {d}), but got "
            f"split_sizes={list(sizes)}."
        )
    made: tuple[Tensor, ...] = primitive((input,), sizes, d)
    return made


@public("chunk", "Tensor.chunk")
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Take a tensor apart into (at most) `chunks` views along a dimension.

    Examples
    --------
    >>> import derivo
    >>> [p.tolist() for p in derivo.chunk(derivo.arange(5), 2)]
    [[0, 1, 2], [3, 4]]
    """
    return by_count(_SPLIT, _SPLIT_SIZES, input, chunks, dim)


def by_count(
    equal: Any, given: Any, input: Tensor, chunks: int, dim: int
) -> tuple[Tensor, ...]:
    """At most `chunks` parts, made by primitives of `splitting`."""
    if input.dim() == 0:
        raise RuntimeError("[chunk] chunk expects at least a 1-dimensional tensor.")
    if chunks <= 0:
        raise RuntimeError(
            f"[chunk] chunk expects `chunks` to be greater than 0, got: {chunks}."
        )
    d = _check_dim(dim, input.dim())
    size = -(-input.shape[d] // chunks)
    if size == 0:
        return by_sizes(given, input, [0] * chunks, d)
    return by_size(equal, input, size, d)
