"""What is made of views: other spellings, parts, views in place, copies of views."""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from derivo._core import views as core
from derivo._core.copies import _copy_into
from derivo._core.inplace import _check_inplace, _needs_grad
from derivo._core.primitive import Primitive
from derivo._core.tensor import TensorBase, _alias, _check_dim, is_grad_enabled
from derivo._info import contiguous_format
from derivo.ops import _batching
from derivo.ops._rows import fresh
from derivo.ops._surface import public
from derivo.ops.conversion import write_out
from derivo.ops.creation import _filled
from derivo.ops.joining import (
    _SPLIT,
    _SPLIT_SIZES,
    by_count,
    by_size,
    by_sizes,
    splitting,
)
from derivo.ops.views import _UNBIND, unbound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivo import Tensor

# ------------------------------------------------------------------ other spellings


@public("ravel", "Tensor.ravel")
def ravel(input: Tensor) -> Tensor:
    """Flatten to one dimension: a view if the strides allow it.

    Examples
    --------
    >>> import derivo
    >>> derivo.ravel(derivo.tensor([[1, 2], [3, 4]]))
    tensor([1, 2, 3, 4])
    """
    made: Tensor = input.contiguous().view(-1)
    return made


@public("unflatten", "Tensor.unflatten")
def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """View one dimension as several.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    dim : int
        The dimension.
    sizes : sequence of int
        Its new sizes, one of which may be -1 (inferred).

    Raises
    ------
    RuntimeError
        If the sizes do not multiply to the size of the dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 6).unflatten(1, (3, 2)).shape
    torch.Size([2, 3, 2])
    """
    d = _check_dim(dim, input.dim())
    new = [n.__index__() for n in sizes]
    if not new:
        raise RuntimeError("[unflatten] unflatten: sizes must be non-empty.")
    product, hole = 1, None
    for i, n in enumerate(new):
        if n == -1 and hole is None:
            hole = i
        else:
            product *= n
    length = input.shape[d]
    if hole is not None and product > 0 and length % product == 0:
        new[hole] = length // product
    elif hole is not None or product != length:
        raise RuntimeError(
            f"[unflatten] unflatten: Provided sizes {new} don't multiply up to the "
            f"size of dim {d} ({length}) in the input tensor."
        )
    made: Tensor = input.view(*input.shape[:d], *new, *input.shape[d + 1 :])
    return made


def _reversed(self: Tensor) -> Tensor:
    """Dimensions in reverse order."""
    if self.dim() not in (0, 2):
        warnings.warn(
            "The use of `x.T` on tensors of dimension other than 2 to reverse their "
            "shape is deprecated and it will throw an error in a future release. "
            "Consider `x.mT` to transpose batches of matrices or "
            "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions "
            "of a tensor.",
            UserWarning,
            stacklevel=2,
        )
    made: Tensor = self.permute(tuple(range(self.dim() - 1, -1, -1)))
    return made


def _check_matrices(name: str, t: Tensor) -> None:
    if t.dim() < 2:
        raise RuntimeError(
            f"[{name}] tensor.{name} is only supported on matrices or batches of "
            f"matrices. Got {t.dim()}-D tensor."
        )


def _swapped(self: Tensor) -> Tensor:
    """Last two dimensions exchanged."""
    _check_matrices("mT", self)
    made: Tensor = self.transpose(-2, -1)
    return made


@public("adjoint", "Tensor.adjoint")
def adjoint(input: Tensor) -> Tensor:
    """Transpose matrices, conjugating complex ones.

    Parameters
    ----------
    input : Tensor
        Matrices in the last two dimensions.

    Raises
    ------
    RuntimeError
        If there are fewer than two dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.adjoint(derivo.zeros(2, 3)).shape
    torch.Size([3, 2])
    """
    _check_matrices("adjoint()", input)
    made: Tensor = input.transpose(-2, -1)
    return made.conj() if made.is_complex() else made


def _conjugated(self: Tensor) -> Tensor:
    """Conjugate transpose of one matrix."""
    if self.dim() not in (0, 2):
        raise RuntimeError(
            "[H] tensor.H is only supported on matrices (2-D tensors). Got "
            f"{self.dim()}-D tensor. For batches of matrices, consider using "
            "tensor.mH."
        )
    if self.dim() == 0:
        return self.conj() if self.is_complex() else self
    return adjoint(self)


PROPERTIES = {
    "T": property(_reversed),
    "mT": property(_swapped),
    "H": property(_conjugated),
    "mH": property(lambda self: adjoint(self), doc="Adjoint of matrices."),
}


def _atleast(name: str, rank: int, one: Any) -> Any:
    def made(*tensors: Any) -> Any:
        if len(tensors) == 1:
            if isinstance(tensors[0], TensorBase):
                return one(tensors[0])
            tensors = tuple(tensors[0])
        for t in tensors:
            if not isinstance(t, TensorBase):
                raise TypeError(f"[{name}] expected Tensors, got {type(t).__name__}.")
        return tuple(one(t) for t in tensors)

    made.__doc__ = f"""View tensors with at least {rank} dimension{"s" * (rank > 1)}.

    Parameters
    ----------
    *tensors : Tensor
        One tensor, several, or a sequence of them.

    Returns
    -------
    Tensor or tuple of Tensor

    Examples
    --------
    >>> import derivo
    >>> derivo.{name}(derivo.tensor(1)).dim()
    {rank}
    """
    return public(name, f"Tensor.{name}")(made)


def _to_3d(t: Tensor) -> Tensor:
    if t.dim() == 0:
        return t.reshape(1, 1, 1)
    if t.dim() == 1:
        return t.unsqueeze(0).unsqueeze(-1)
    return t.unsqueeze(-1) if t.dim() == 2 else t


atleast_1d = _atleast("atleast_1d", 1, lambda t: t if t.dim() else t.reshape(1))
atleast_2d = _atleast(
    "atleast_2d",
    2,
    lambda t: t if t.dim() > 1 else t.unsqueeze(0) if t.dim() == 1 else t.reshape(1, 1),
)
atleast_3d = _atleast("atleast_3d", 3, _to_3d)


# ------------------------------------------------------------------ parts


@public("tensor_split", "Tensor.tensor_split")
def tensor_split(
    input: Tensor, indices_or_sections: Any, dim: int = 0
) -> tuple[Tensor, ...]:
    """Take a tensor apart into views, as even as possible or at given places.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    indices_or_sections : int, sequence of int or Tensor
        Number of parts, or where the parts begin after the first.
    dim : int, default 0
        The dimension.

    Raises
    ------
    RuntimeError
        If the number of parts is not positive.

    Examples
    --------
    >>> import derivo
    >>> [p.tolist() for p in derivo.tensor_split(derivo.arange(5), 2)]
    [[0, 1, 2], [3, 4]]
    >>> [p.tolist() for p in derivo.tensor_split(derivo.arange(5), (1, 3))]
    [[0], [1, 2], [3, 4]]
    """
    if input.dim() == 0:
        raise RuntimeError(
            "[tensor_split] tensor_split expected at least a 1-dimensional tensor, "
            "but got a tensor with 0 dims."
        )
    where = indices_or_sections
    if isinstance(where, TensorBase):
        if where.dim() > 1 or where.dtype.name != "int64":
            raise RuntimeError(
                "[tensor_split] tensor_split expected tensor_indices_or_sections to "
                "be a zero-dimensional or one-dimensional tensor of dtype int64, but "
                f"got a tensor with {where.dim()} dims and dtype {where.dtype}."
            )
        where = where.tolist()
    d = _check_dim(dim, input.dim())
    length = input.shape[d]
    if isinstance(where, int):
        if where <= 0:
            raise RuntimeError(
                f"[tensor_split] number of sections must be larger than 0, got {where}."
            )
        size, larger = divmod(length, where)
        bounds = [i * size + min(i, larger) for i in range(where + 1)]
    else:
        bounds = [0, *where, length]
    return tuple(
        core._slice(input, d, first, last, 1) for first, last in pairwise(bounds)
    )


def _splitter(name: str, least: int, dim: Any, example: str) -> Any:
    def made(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
        if input.dim() < least:
            raise RuntimeError(
                f"[{name}] torch.{name} requires a tensor with at least {least} "
                f"dimension{'s' * (least > 1)}, but got a tensor with {input.dim()} "
                "dimensions!"
            )
        d = dim(input)
        where = indices_or_sections
        if isinstance(where, int) and (where <= 0 or input.shape[d] % where):
            raise RuntimeError(
                f"[{name}] torch.{name} attempted to split along dimension {d}, but "
                f"the size of the dimension {input.shape[d]} is not divisible by the "
                f"split_size {where}!"
            )
        return tensor_split(input, where, d)

    made.__doc__ = f"""Take a tensor apart along its {example} dimension.

    Parameters
    ----------
    input : Tensor
        At least {least}-D.
    indices_or_sections : int or sequence of int
        Number of equal parts, or where the parts begin after the first.

    Raises
    ------
    RuntimeError
        If the size is not divisible, or there are too few dimensions.

    Examples
    --------
    >>> import derivo
    >>> [p.shape[-1] for p in derivo.{name}(derivo.zeros(2, 2, 2), 2)]
    {[1, 1] if name == "dsplit" else [2, 2]}
    """
    return public(name, f"Tensor.{name}")(made)


hsplit = _splitter("hsplit", 1, lambda t: 0 if t.dim() == 1 else 1, "second")
vsplit = _splitter("vsplit", 2, lambda t: 0, "first")
dsplit = _splitter("dsplit", 3, lambda t: 2, "third")


def _aliases(x: Tensor, sizes: tuple[int, ...], dim: int) -> tuple[Tensor, ...]:
    out, at, steps = [], 0, tuple(x.stride())
    for n in sizes:
        shape = (*x.shape[:dim], n, *x.shape[dim + 1 :])
        out.append(_alias(x, shape, steps, at * steps[dim]))
        at += n
    return tuple(out)


_UNSAFE_SPLIT = splitting("unsafe_split", "UnsafeSplitBackward0", _aliases)
_UNSAFE_SPLIT_SIZES = splitting(
    "unsafe_split_with_sizes", "UnsafeSplitWithSizesBackward0", _aliases
)


@public("unsafe_split", "Tensor.unsafe_split")
def unsafe_split(input: Tensor, split_size: int, dim: int = 0) -> tuple[Tensor, ...]:
    """`split` whose parts may be changed in place, unseen by the input's history."""
    return by_size(_UNSAFE_SPLIT, input, split_size, dim)


@public("unsafe_chunk", "Tensor.unsafe_chunk")
def unsafe_chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """`chunk` whose parts may be changed in place, unseen by the input's history."""
    return by_count(_UNSAFE_SPLIT, _UNSAFE_SPLIT_SIZES, input, chunks, dim)


@public("unsafe_split_with_sizes", "Tensor.unsafe_split_with_sizes")
def unsafe_split_with_sizes(
    input: Tensor, split_sizes: Sequence[int], dim: int = 0
) -> tuple[Tensor, ...]:
    """`split_with_sizes` whose parts may be changed in place."""
    return by_sizes(_UNSAFE_SPLIT_SIZES, input, split_sizes, dim)


# ------------------------------------------------------------------ in place


def _become(t: Tensor, view: Any, node: str) -> Tensor:
    _check_inplace(t, _needs_grad(t))
    made: Tensor = core._in_place(t, view(t), node)
    return made


@public("Tensor.squeeze_")
def squeeze_(self: Tensor, dim: Any = None) -> Tensor:
    """Drop dimensions of size one, in place; see `derivo.squeeze`."""
    node = (
        "SqueezeBackward3"
        if dim is None
        else "SqueezeBackward4"
        if isinstance(dim, int)
        else "SqueezeBackward5"
    )
    return _become(self, lambda t: t.squeeze() if dim is None else t.squeeze(dim), node)


@public("Tensor.unsqueeze_")
def unsqueeze_(self: Tensor, dim: int) -> Tensor:
    """Insert a dimension of size one, in place; see `derivo.unsqueeze`."""
    return _become(self, lambda t: t.unsqueeze(dim), "UnsqueezeBackward1")


@public("Tensor.t_")
def t_(self: Tensor) -> Tensor:
    """Transpose a matrix in place; see `derivo.t`."""
    return _become(self, lambda t: t.t(), "TBackward1")


@public("Tensor.transpose_", "Tensor.swapaxes_", "Tensor.swapdims_")
def transpose_(self: Tensor, dim0: int, dim1: int) -> Tensor:
    """Exchange two dimensions in place; see `derivo.transpose`."""
    return _become(self, lambda t: t.transpose(dim0, dim1), "TransposeBackward1")


@public("Tensor.as_strided_", "as_strided_")
def as_strided_(
    self: Tensor, size: Any, stride: Any, storage_offset: int | None = None
) -> Tensor:
    """Give the tensor another geometry on its storage; see `derivo.as_strided`."""
    return _become(
        self, lambda t: t.as_strided(size, stride, storage_offset), "AsStridedBackward1"
    )


# ------------------------------------------------------------------ writing into a view


def _scatter_primitive(name: str, node: str, view: Any, *dims: int) -> Any:
    def forward(x: Tensor, src: Tensor, *at: Any) -> Tensor:
        made = fresh(x)
        _copy_into(view(made, *at), src)
        return made

    def vjp(ctx: Any, g: Tensor, *at: Any) -> tuple[Any, Any]:
        own = source = None
        if ctx.needs[0]:
            own = made((g, _filled(ctx.shapes[1], 0, g.dtype)), *at)
        if ctx.needs[1]:
            source = view(g, *at)
        return own, source

    made = Primitive(
        name,
        node=node,
        forward=forward,
        vjp=vjp,
        batch=_batching.along(*dims),
    )
    return made


_SELECT_SCATTER = _scatter_primitive(
    "select_scatter", "SelectScatterBackward0", core.select, 0
)
_SLICE_SCATTER = _scatter_primitive(
    "slice_scatter", "SliceScatterBackward0", core._slice, 0
)
_DIAGONAL_SCATTER = _scatter_primitive(
    "diagonal_scatter", "DiagonalScatterBackward0", core.diagonal, 1, 2
)


def _check_source(name: str, input: Tensor, src: Tensor, view: Tensor) -> Tensor:
    from derivo.ops.conversion import cast

    if src.shape != view.shape:
        raise RuntimeError(
            f"[{name}] expected src to have a size equal to the slice of self. src "
            f"size = {list(src.shape)}, slice size = {list(view.shape)}."
        )
    return cast(src, input.dtype)


@public("select_scatter", "Tensor.select_scatter")
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """Copy a tensor, with one entry of a dimension replaced.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    src : Tensor
        Shape of ``input.select(dim, index)``.
    dim, index : int
        The entry.

    Raises
    ------
    RuntimeError
        If the shape of `src` does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 2).select_scatter(derivo.ones(2), 0, 1)
    tensor([[0., 0.],
            [1., 1.]])
    """
    source = _check_source(
        "select_scatter", input, src, input.detach().select(dim, index)
    )
    d = _check_dim(dim, input.dim())
    made: Tensor = _SELECT_SCATTER((input, source), d, index)
    return made


@public("slice_scatter", "Tensor.slice_scatter")
def slice_scatter(
    input: Tensor,
    src: Tensor,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Tensor:
    """Copy a tensor, with a slice of a dimension replaced.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    src : Tensor
        Shape of the slice.
    dim : int, default 0
        The dimension.
    start, end, step : int, optional
        The slice.

    Raises
    ------
    RuntimeError
        If the shape of `src` does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(3).slice_scatter(derivo.ones(2), start=1)
    tensor([0., 1., 1.])
    """
    if input.dim() == 0:
        raise RuntimeError(
            "[slice_scatter] slice() cannot be applied to a 0-dim tensor."
        )
    at = (_check_dim(dim, input.dim()), start, end, step)
    if step <= 0:
        raise RuntimeError("[slice_scatter] slice step must be positive.")
    view = core._slice(input.detach(), *at)
    made: Tensor = _SLICE_SCATTER(
        (input, _check_source("slice_scatter", input, src, view)), *at
    )
    return made


@public("diagonal_scatter", "Tensor.diagonal_scatter")
def diagonal_scatter(
    input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1
) -> Tensor:
    """Copy a tensor, with a diagonal replaced.

    Parameters
    ----------
    input : Tensor
        At least two dimensions.
    src : Tensor
        Shape of the diagonal.
    offset, dim1, dim2 : int
        Which diagonal (see `derivo.diagonal`).

    Raises
    ------
    RuntimeError
        If the shape of `src` does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 2).diagonal_scatter(derivo.ones(2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    view = input.detach().diagonal(offset, dim1, dim2)
    at = (offset, _check_dim(dim1, input.dim()), _check_dim(dim2, input.dim()))
    made: Tensor = _DIAGONAL_SCATTER(
        (input, _check_source("diagonal_scatter", input, src, view)), *at
    )
    return made


@public("as_strided_scatter", "Tensor.as_strided_scatter")
def as_strided_scatter(
    input: Tensor,
    src: Tensor,
    size: Sequence[int],
    stride: Sequence[int],
    storage_offset: int | None = None,
) -> Tensor:
    """Copy a tensor, with what a geometry of its storage reads replaced.

    Parameters
    ----------
    input : Tensor
        Any shape; the copy has its strides.
    src : Tensor
        Shape `size`.
    size, stride, storage_offset
        The geometry (see `derivo.as_strided`).

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(3).as_strided_scatter(derivo.ones(2), (2,), (2,))
    tensor([1., 0., 1.])
    """
    if tuple(src.shape) != tuple(size):
        raise RuntimeError(
            "[as_strided_scatter] expected src to have a size equal to the slice of "
            f"self. src size = {list(src.shape)}, slice size = {list(size)}."
        )
    if not input.is_contiguous() and _needs_grad(input, src) and is_grad_enabled():
        raise RuntimeError(
            "[as_strided_scatter] as_strided_scatter is currently only supported for "
            "contiguous inputs that require grad: got strides "
            f"{input.stride()}. Use contiguous()."
        )
    at = 0
    if storage_offset is not None:
        at = storage_offset - input.storage_offset()
    made: Tensor = _AS_STRIDED_SCATTER(
        (input, src),
        tuple(size),
        tuple(stride),
        at,
        given={"storage_offset": storage_offset},
    )
    return made


def _strided_into(
    x: Tensor, src: Tensor, size: tuple[int, ...], stride: tuple[int, ...], at: int
) -> Tensor:
    if x.is_contiguous():
        made = x.clone()
    else:
        # The geometry may read what lies between the elements: all is copied.
        begin = x.storage_offset()
        whole = len(x.untyped_storage()) // x.element_size()
        store = _alias(x, (whole,), (1,), -begin).clone()
        made = _alias(store, x.shape, x.stride(), begin)
    _copy_into(made.as_strided(size, stride, made.storage_offset() + at), src)
    return made


def _strided_into_vjp(
    ctx: Any, g: Tensor, size: tuple[int, ...], stride: tuple[int, ...], at: int
) -> tuple[Any, Any]:
    own = source = None
    g = g.contiguous()
    if ctx.needs[0]:
        zeros = _filled(ctx.shapes[1], 0, g.dtype)
        own = _AS_STRIDED_SCATTER((g, zeros), size, stride, at)
    if ctx.needs[1]:
        source = g.as_strided(size, stride, g.storage_offset() + at)
    return own, source


def _strided_into_batch(
    op: Any, examples: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Tensor:
    size, stride, at = params
    x, src = _batching.lifted(tensors, flags, examples)
    made: Tensor = x.clone(memory_format=contiguous_format)
    steps = (made.stride(0), *stride)
    made.as_strided((examples, *size), steps, at).copy_(src)
    return made


_AS_STRIDED_SCATTER = Primitive(
    "as_strided_scatter",
    node="AsStridedScatterBackward0",
    forward=_strided_into,
    vjp=_strided_into_vjp,
    batch=_strided_into_batch,
)


# ------------------------------------------------------------------ copies of views


def _narrow_for_copy(input: Tensor, dim: int, start: Any, length: int) -> Any:
    # PyTorch's narrow_copy tells a dimension too many by another kind of error.
    if input.dim() and dim >= input.dim():
        raise RuntimeError(
            f"[narrow_copy] Expected dim < {input.dim()}, the number of dimensions, to "
            f"be true, but got {dim=}."
        )
    return core.narrow(input, dim, start, length)


def _copy(t: Tensor) -> Tensor:
    made: Tensor = t.clone(memory_format=contiguous_format)
    return made


def _copier(name: str, copied: Any, method: bool = False) -> None:
    """Publish what returns a copy, or several."""

    def made(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
        copies = copied(input, *args, **kwargs)
        if out is None:
            return copies
        if not isinstance(copies, tuple):
            return write_out(out, copies, f"{name}_copy")
        for to, each in zip(out, copies, strict=True):
            write_out(to, each, f"{name}_copy")
        return None

    made.__doc__ = f"""Contiguous copy of what `{name}` views.

    Parameters
    ----------
    input : Tensor
        The tensor; further arguments are those of `{name}`.
    out : Tensor, optional
        Takes the result.
    """
    names = (f"{name}_copy", f"Tensor.{name}_copy") if method else (f"{name}_copy",)
    public(*names)(made)


def _sliced(
    input: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Tensor:
    made: Tensor = core._slice(input, dim, start, end, step)
    return made


def _of_view(view: Any, node: str | None = None) -> Any:
    """Copy of a view, with the view's node as its own."""

    def copied(*args: Any, **kwargs: Any) -> Tensor:
        seen = view(*args, **kwargs)
        made: Tensor = core._as_copy(_copy(seen), seen, node)
        return made

    return copied


def _parts_copied(primitive: Any) -> Any:
    """Forward of a primitive that takes apart, with copies instead of views."""
    return lambda *args: tuple([fresh(part) for part in primitive.forward(*args)])


_SPLIT_COPY = splitting("split_copy", "SplitBackward0_copy", _parts_copied(_SPLIT))
_SPLIT_SIZES_COPY = splitting(
    "split_with_sizes_copy",
    "SplitWithSizesBackward0_copy",
    _parts_copied(_SPLIT_SIZES),
)
_UNBIND_COPY = Primitive(
    "unbind_copy",
    linear=True,
    node="UnbindBackward0_copy",
    forward=_parts_copied(_UNBIND),
    vjp=_UNBIND.vjp,
    multi=True,
    batch=_UNBIND.batch,
)

for _name, _view in (
    ("alias", core.alias_of),
    ("as_strided", core.as_strided),
    ("diagonal", core.diagonal),
    ("expand", core.expand),
    ("permute", core.permute),
    ("select", core.select),
    ("slice", _sliced),
    ("squeeze", core.squeeze),
    ("t", core.t),
    ("transpose", core.transpose),
    ("unfold", core.unfold),
    ("unsqueeze", core.unsqueeze),
    ("view", core.view),
):
    _copier(_name, _of_view(_view))
_copier("narrow", _of_view(_narrow_for_copy, "NarrowCopyBackward0"), method=True)
_copier("detach", lambda t: _copy(t.detach()))
_copier("split", lambda t, split_size, dim=0: by_size(_SPLIT_COPY, t, split_size, dim))
_copier(
    "split_with_sizes",
    lambda t, split_sizes, dim=0: by_sizes(_SPLIT_SIZES_COPY, t, split_sizes, dim),
)
_copier("unbind", lambda t, dim=0: unbound(_UNBIND_COPY, t, dim))
