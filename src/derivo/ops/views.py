"""Views: the core's view operations, their transposes, and what is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core import views as core
from derivo._core.copies import _copy_into
from derivo._core.primitive import Primitive
from derivo._core.tensor import _alias, _check_dim, _empty_strided, _reinterpret
from derivo.ops import _batching
from derivo.ops._surface import public
from derivo.ops.creation import _filled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivo import Tensor, dtype

for _function, _names in (
    (core.view, ("Tensor.view",)),
    (core.reshape, ("reshape", "Tensor.reshape")),
    (core.flatten, ("flatten", "Tensor.flatten")),
    (core.permute, ("permute", "Tensor.permute")),
    (
        core.transpose,
        (
            *("transpose", "Tensor.transpose", "swapaxes", "Tensor.swapaxes"),
            *("swapdims", "Tensor.swapdims"),
        ),
    ),
    (core.t, ("t", "Tensor.t")),
    (core.expand, ("Tensor.expand",)),
    (core.unsqueeze, ("unsqueeze", "Tensor.unsqueeze")),
    (core.squeeze, ("squeeze", "Tensor.squeeze")),
    (core.select, ("select", "Tensor.select")),
    (core.narrow, ("narrow", "Tensor.narrow")),
    (core.diagonal, ("diagonal", "Tensor.diagonal")),
    (core.unfold, ("Tensor.unfold",)),
    (core.as_strided, ("as_strided", "Tensor.as_strided")),
):
    public(*_names)(_function)


# ------------------------------------------------------------------ transposes


def _into_zeros(g: Tensor, shape: tuple[int, ...], view: Any) -> Tensor:
    """Zeros of `shape` with `g` written into one of its views."""
    made = _filled(shape, 0, g.dtype)
    _copy_into(view(made), g)
    return made


_SELECT_BACKWARD = Primitive(
    "select_backward",
    node="SelectBackwardBackward0",
    forward=lambda g, shape, d, i: _into_zeros(g, shape, lambda t: t.select(d, i)),
    vjp=lambda ctx, g, shape, d, i: g.select(d, i),
    batch=_batching.along(1, shapes=(0,)),
    linear=True,
)
_SLICE_BACKWARD = Primitive(
    "slice_backward",
    node="SliceBackwardBackward0",
    forward=lambda g, shape, d, *at: _into_zeros(
        g, shape, lambda t: core._slice(t, d, *at)
    ),
    vjp=lambda ctx, g, shape, d, *at: core._slice(g, d, *at),
    batch=_batching.along(1, shapes=(0,)),
    linear=True,
)
_DIAGONAL_BACKWARD = Primitive(
    "diagonal_backward",
    node="DiagonalBackwardBackward0",
    forward=lambda g, shape, k, a, b: _into_zeros(
        g, shape, lambda t: t.diagonal(k, a, b)
    ),
    vjp=lambda ctx, g, shape, k, a, b: g.diagonal(k, a, b),
    batch=_batching.along(2, 3, shapes=(0,)),
    linear=True,
)


def _add_windows(g: Tensor, shape: tuple[int, ...], dim: int, size: int, step: int):  # type: ignore[no-untyped-def]
    made = _filled(shape, 0, g.dtype)
    if not shape:
        return g.reshape(())
    for i in range(g.shape[dim]):
        # Windows overlap: entries add up.
        part = made.narrow(dim, i * step, size)
        part += g.select(dim, i).movedim(-1, dim)
    return made


_UNFOLD_BACKWARD = Primitive(
    "unfold_backward",
    node="UnfoldBackwardBackward0",
    forward=_add_windows,
    vjp=lambda ctx, g, shape, dim, size, step: g.unfold(dim, size, step),
    batch=_batching.along(1, shapes=(0,)),
    linear=True,
)


def _spread(
    g: Tensor,
    shape: tuple[int, ...],
    base_strides: tuple[int, ...],
    base_offset: int,
    sizes: tuple[int, ...],
    strides: tuple[int, ...],
    offset: int,
) -> Tensor:
    """Gradient of `as_strided`: add up where places of the storage are shared.

    The storage is imagined to begin at the lowest place that either geometry uses.
    A place that several elements of the input share counts for each of them in equal
    parts, as in PyTorch.
    """
    storage, low, counts = _storage(
        shape, base_strides, base_offset, sizes, strides, offset, g.dtype
    )
    _scatter(storage, sizes, strides, offset - low, g)
    if counts is not None:
        storage = storage / counts
    return _alias(storage, shape, base_strides, base_offset - low).clone()


def _gathered(
    v: Tensor,
    base_strides: tuple[int, ...],
    base_offset: int,
    sizes: tuple[int, ...],
    strides: tuple[int, ...],
    offset: int,
) -> Tensor:
    """Transpose of `_spread`: lay `v` out as the base was and read the view."""
    shape = tuple(v.shape)
    storage, low, counts = _storage(
        shape, base_strides, base_offset, sizes, strides, offset, v.dtype
    )
    _scatter(storage, shape, base_strides, base_offset - low, v)
    if counts is not None:
        storage = storage / counts
    return _alias(storage, sizes, strides, offset - low).clone()


def _storage(
    shape: tuple[int, ...],
    base_strides: tuple[int, ...],
    base_offset: int,
    sizes: tuple[int, ...],
    strides: tuple[int, ...],
    offset: int,
    dtype: dtype,
) -> tuple[Tensor, int, Any]:
    """Make zeros with room for both geometries.

    Returns them, the place in the storage where they begin, and how many elements of
    the base share each place (None: never more than one).
    """
    low = min(base_offset, offset)

    def end(shape: Any, steps: Any, at: int) -> int:
        if 0 in shape:
            return at
        return at + sum((n - 1) * s for n, s in zip(shape, steps, strict=True)) + 1

    room = max(end(shape, base_strides, base_offset), end(sizes, strides, offset)) - low
    storage = _filled((max(room, 1),), 0, dtype)
    if not _may_overlap(shape, base_strides):
        return storage, low, None
    counts = _filled((max(room, 1),), 0, dtype)
    ones = _filled((), 1, dtype).expand(shape)
    _scatter(counts, shape, base_strides, base_offset - low, ones)
    return storage, low, counts.clamp(min=1)


def _may_overlap(sizes: Sequence[int], steps: Sequence[int]) -> bool:
    pairs = sorted((s, n) for n, s in zip(sizes, steps, strict=True) if n > 1)
    reach = 0
    for step, n in pairs:
        if step <= reach:
            return True
        reach += step * (n - 1)
    return False


def _scatter(
    storage: Tensor,
    sizes: tuple[int, ...],
    steps: tuple[int, ...],
    offset: int,
    g: Tensor,
) -> None:
    if not _may_overlap(sizes, steps):
        _copy_into(_alias(storage, sizes, steps, offset), g)
        return
    from derivo import arange

    index = arange(storage.numel())
    places = _alias(index, sizes, steps, offset).reshape(-1)
    storage.index_add_(0, places, g.reshape(-1))


_AS_STRIDED_BACKWARD = Primitive(
    "as_strided_backward",
    node="AsStridedBackwardBackward0",
    forward=_spread,
    vjp=lambda ctx, g, shape, *geometry: _REGATHER((g,), *geometry),
)
_REGATHER = Primitive(
    "as_strided",
    node="AsStridedBackward0",
    forward=_gathered,
    vjp=lambda ctx, g, *geometry: _AS_STRIDED_BACKWARD((g,), ctx.shapes[0], *geometry),
)

core.set_callbacks(
    select_backward=lambda g, *args: _SELECT_BACKWARD((g,), *args),
    slice_backward=lambda g, *args: _SLICE_BACKWARD((g,), *args),
    diagonal_backward=lambda g, *args: _DIAGONAL_BACKWARD((g,), *args),
    unfold_backward=lambda g, *args: _UNFOLD_BACKWARD((g,), *args),
    as_strided_backward=lambda g, *args: _AS_STRIDED_BACKWARD((g,), *args),
    contiguous=lambda t: t.contiguous(),
    view_dtype=lambda t, dtype: view_dtype(t, dtype),
)


def as_strided_node(
    base: Tensor, sizes: Any, steps: Any, offset: int, kind: dtype
) -> Any:
    """Node of a stride view of `base`, also of its real or complex numbers."""
    if kind.is_complex == base.is_complex():
        return core.as_strided_node(base, sizes, steps, offset)
    from derivo.autograd.grad_mode import enable_grad
    from derivo.ops.complex import view_as_complex, view_as_real

    with enable_grad():
        # The last step of two is the one that the view's own node stands for. PyTorch
        # takes the very views again: those that are met most have their names.
        if base.is_complex():
            pairs = view_as_real(base)
            likely = [pairs, pairs.select(-1, 0), pairs.select(-1, 1)]
        else:
            likely = []
            if base.dim() and base.shape[-1] == 2 and base.stride(-1) == 1:
                likely.append(view_as_complex(base))
        for view in likely:
            found = (tuple(view.shape), view.stride(), view.storage_offset())
            if found == (tuple(sizes), tuple(steps), offset):
                return view.grad_fn
        return _strided(base, sizes, steps, offset, kind).grad_fn


def _strided(base: Tensor, sizes: Any, steps: Any, offset: int, kind: dtype) -> Tensor:
    """Stride view of `base`, or of its real or complex numbers."""
    from derivo.ops.complex import view_as_complex, view_as_real

    made: Tensor
    if kind.is_complex == base.is_complex():
        made = base.as_strided(sizes, steps, offset)
    elif base.is_complex():
        made = view_as_real(base).as_strided(sizes, steps, offset)
    else:
        pairs = (*(2 * s for s in steps), 1)
        made = view_as_complex(base.as_strided((*sizes, 2), pairs, 2 * offset))
    return made


def copy_slices(node: Any, g: Tensor) -> list[Any]:
    """Gradients through an in-place change of a view (see the core's CopySlices)."""
    result, part = _base_and_view(node, g)
    inner = node._run_fn(part.clone())
    own = inner[0]
    if own is None:
        part.zero_()
    else:
        if own._batch is not None:
            result, part = _base_and_view(node, g, own)
        part.copy_(own)
    return [result, *inner[1:]]


def _base_and_view(node: Any, g: Tensor, *others: Tensor) -> tuple[Tensor, Tensor]:
    """A copy of `g` laid out as the base, and the view of it that was changed."""
    sizes, steps = node.base_geometry
    view_sizes, view_steps, offset, kind = node.view_geometry
    if g._batch is None and not others:
        result = _empty_strided(sizes, steps, g.dtype).copy_(g)
        return result, _strided(result, view_sizes, view_steps, offset, kind)
    extent = 1 + sum((n - 1) * s for n, s in zip(sizes, steps, strict=True))
    memory = _batching.fresh_for(_filled((extent,), 0, g.dtype), g, *others)
    result = memory.as_strided(sizes, steps, 0)
    result.copy_(g)
    return result, _strided(memory, view_sizes, view_steps, offset, kind)


# ------------------------------------------------------------------ made of views


def view_dtype(t: Tensor, dtype: dtype) -> Tensor:
    """Read the memory as another dtype; the last dimension may change size."""
    old, new = t.element_size(), dtype.itemsize
    shape, steps = list(t.shape), list(t.stride())
    if old != new:
        if not shape:
            raise RuntimeError(
                "[view] self.dim() cannot be 0 to view "
                f"{t.dtype} as {dtype} (different element sizes)."
            )
        if steps[-1] != 1:
            raise RuntimeError(
                f"[view] self.stride(-1) must be 1 to view {t.dtype} as {dtype} "
                f"(different element sizes), but got {steps[-1]}."
            )
        if new > old:
            ratio = new // old
            if shape[-1] % ratio or any(s % ratio for s in steps[:-1]):
                raise RuntimeError(
                    f"[view] self.size(-1) must be divisible by {ratio} to view "
                    f"{t.dtype} as {dtype} (different element sizes), but got "
                    f"{shape[-1]}."
                )
            shape[-1] //= ratio
            steps = [*(s // ratio for s in steps[:-1]), 1]
        else:
            ratio = old // new
            shape[-1] *= ratio
            steps = [*(s * ratio for s in steps[:-1]), 1]
    from derivo._core.autograd import _alloc_views

    made: Tensor = _reinterpret(t, dtype, shape, steps)
    _alloc_views(t, made)
    return made


@public("movedim", "Tensor.movedim", "moveaxis", "Tensor.moveaxis")
def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Move dimensions to other places; the rest keep their order.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    source, destination : int or sequence of int
        Which dimensions, and where they go.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3, 4).movedim(0, -1).shape
    torch.Size([3, 4, 2])
    """
    sources = [source] if isinstance(source, int) else list(source)
    targets = [destination] if isinstance(destination, int) else list(destination)
    if len(sources) != len(targets):
        raise RuntimeError(
            "[movedim] movedim: Invalid source or destination dims: source "
            f"({sources}) should contain the same number of dims as destination "
            f"({targets})."
        )
    sources = [_check_dim(d, input.dim()) for d in sources]
    targets = [_check_dim(d, input.dim()) for d in targets]
    for what, dims in (("source", sources), ("destination", targets)):
        if len(set(dims)) != len(dims):
            raise RuntimeError(f"[movedim] movedim: repeated dim in `{what}` ({dims}).")
    if input.dim() == 0:
        return core.alias_of(input)
    order = [-1] * input.dim()
    for s, d in zip(sources, targets, strict=True):
        order[d] = s
    rest = iter(d for d in range(input.dim()) if d not in sources)
    return input.permute([next(rest) if d < 0 else d for d in order])


@public("Tensor.view_as")
def view_as(self: Tensor, other: Tensor) -> Tensor:
    """View with the sizes of another tensor."""
    return self.view(other.shape)


@public("Tensor.reshape_as")
def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """Reshape to the sizes of another tensor."""
    return self.reshape(other.shape)


@public("Tensor.expand_as")
def expand_as(self: Tensor, other: Tensor) -> Tensor:
    """Expand to the sizes of another tensor."""
    return self.expand(other.shape)


@public("broadcast_to", "Tensor.broadcast_to")
def broadcast_to(input: Tensor, size: Sequence[int]) -> Tensor:
    """Expand to a shape.

    Examples
    --------
    >>> import derivo
    >>> derivo.broadcast_to(derivo.ones(1), (2, 2)).shape
    torch.Size([2, 2])
    """
    return input.expand(size)


@public("broadcast_tensors")
def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Expand tensors to their common shape.

    Examples
    --------
    >>> import derivo
    >>> a, b = derivo.broadcast_tensors(derivo.ones(2, 1), derivo.ones(3))
    >>> a.shape == b.shape
    True
    """
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tuple(tensors[0])
    shape = broadcast_shapes(*(t.shape for t in tensors))
    return tuple([t if t.shape == shape else t.expand(shape) for t in tensors])


@public("broadcast_shapes")
def broadcast_shapes(*shapes: Any) -> Any:
    """Return the shape to which shapes broadcast.

    Raises
    ------
    RuntimeError
        If they do not.

    Examples
    --------
    >>> import derivo
    >>> derivo.broadcast_shapes((2, 1), (3,))
    torch.Size([2, 3])
    """
    from derivo import Size

    wide = [(s,) if isinstance(s, int) else tuple(s) for s in shapes]
    if wide and all(s == wide[0] for s in wide) and min(wide[0], default=0) >= 0:
        return Size(wide[0])
    rank = max((len(s) for s in wide), default=0)
    out = [1] * rank
    for shape in wide:
        for d in range(len(shape)):
            n, at = shape[len(shape) - 1 - d], rank - 1 - d
            if n < 0:
                raise RuntimeError(
                    "[broadcast_shapes] Trying to create tensor with negative "
                    f"dimension ({n}): ({n})."
                )
            if out[at] == 1:
                out[at] = n
            elif n not in (1, out[at]):
                raise RuntimeError(
                    "[broadcast_shapes] Shape mismatch: objects cannot be broadcast to "
                    f"a single shape: got {wide}."
                )
    return Size(out)


@public("unbind", "Tensor.unbind")
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Take a dimension apart into a tuple of views.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    dim : int, default 0
        The dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.unbind(derivo.tensor([[1, 2], [3, 4]]))
    (tensor([1, 2]), tensor([3, 4]))
    """
    return unbound(_UNBIND, input, dim)


def unbound(primitive: Any, input: Tensor, dim: int) -> tuple[Tensor, ...]:
    """Entries of a dimension, made by a primitive."""
    if input.dim() == 0:
        raise IndexError(
            "[unbind] Dimension specified as 0 but tensor has no dimensions."
        )
    made: tuple[Tensor, ...] = primitive((input,), _check_dim(dim, input.dim()))
    return made


def _unbind_vjp(ctx: Any, gs: list[Any], dim: int) -> Tensor:
    from derivo import stack

    return stack([ctx.zeros(k) if g is None else g for k, g in enumerate(gs)], dim)


_UNBIND = Primitive(
    "unbind",
    linear=True,
    node="UnbindBackward0",
    forward=lambda x, dim: tuple(x.select(dim, i) for i in range(x.shape[dim])),
    vjp=_unbind_vjp,
    view=True,
    multi=True,
    batch=_batching.along(0),
)
