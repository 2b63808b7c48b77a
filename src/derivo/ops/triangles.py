"""Triangles and diagonals of matrices."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from derivo._core.copies import _copy_into
from derivo._core.primitive import Primitive
from derivo._core.tensor import _alias, _check_dim, dtypes
from derivo._info import check_device
from derivo.ops import _batching
from derivo.ops._surface import FUNCTIONS, public
from derivo.ops.conversion import cast, write_out
from derivo.ops.creation import _filled, _finish, _out_dtype
from derivo.ops.ranges import arange

if TYPE_CHECKING:
    from derivo import Tensor, dtype

INT32, INT64 = dtypes[4], dtypes[5]


# A mask is read over and over by the same model, and is never written to.
@lru_cache(maxsize=32)
def _small_mask(rows: int, columns: int, k: int, lower: bool) -> Tensor:
    return _make_mask(rows, columns, k, lower)


def _mask(rows: int, columns: int, k: int, lower: bool) -> Tensor:
    make = _small_mask if rows * columns <= 1 << 16 else _make_mask
    return make(rows, columns, k, lower)


def _make_mask(rows: int, columns: int, k: int, lower: bool) -> Tensor:
    """Which elements of a matrix lie on the kept side of diagonal `k`."""
    i = arange(rows, dtype=INT64).unsqueeze(1)
    j = arange(columns, dtype=INT64)
    kept: Tensor = j <= i + k if lower else j >= i + k
    return kept


def _kept(x: Tensor, k: int, lower: bool) -> Tensor:
    zero = _filled((), 0, x.dtype)
    mask = _mask(x.shape[-2], x.shape[-1], k, lower)
    made: Tensor = FUNCTIONS["where"](mask, x, zero)
    return made


def _write_kept(x: Tensor, k: int, lower: bool) -> Tensor:
    _copy_into(x, _kept(x, k, lower))
    return x


def _triangle(name: str, lower: bool) -> tuple[Any, Any]:
    side, other = ("lower", "upper") if lower else ("upper", "lower")
    node = f"{name.capitalize()}Backward0"
    keep = Primitive(
        name,
        node=node,
        forward=_kept,
        vjp=lambda ctx, g, k, low: keep((g,), k, low),
        batch=_batching.leading,
    )
    write = Primitive(
        f"{name}_",
        linear=True,
        node=node,
        forward=_write_kept,
        vjp=lambda ctx, g, k, low: keep((g,), k, low),
        inplace=True,
        batch=_batching.leading,
    )

    def check(form: str, input: Tensor) -> None:
        if input.dim() < 2:
            raise RuntimeError(
                f"[{form}] {name}: input tensor must have at least 2 dimensions, got "
                f"shape {list(input.shape)}."
            )

    def plain(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor:
        check(name, input)
        made: Tensor = keep((input,), diagonal.__index__(), lower)
        return made if out is None else write_out(out, made, name)

    plain.__doc__ = f"""Keep the {side} triangle of matrices; zeros elsewhere.

    Parameters
    ----------
    input : Tensor
        Matrices in the last two dimensions, any dtype.
    diagonal : int, default 0
        The last diagonal kept: above (positive) or below (negative) the main one.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If there are fewer than two dimensions.

    Notes
    -----
    **Derivative** the {side} triangle of the gradient: nothing reaches the {other}
    one.

    Examples
    --------
    >>> import derivo
    >>> derivo.{name}(derivo.ones(2, 2)).tolist()
    {"[[1.0, 0.0], [1.0, 1.0]]" if lower else "[[1.0, 1.0], [0.0, 1.0]]"}
    """

    def inplace(self: Tensor, diagonal: int = 0) -> Tensor:
        check(f"{name}_", self)
        made: Tensor = write((self,), diagonal.__index__(), lower)
        return made

    inplace.__doc__ = f"Keep the {side} triangle in place; see `derivo.{name}`."
    return public(name, f"Tensor.{name}")(plain), public(f"Tensor.{name}_")(inplace)


tril, tril_ = _triangle("tril", True)
triu, triu_ = _triangle("triu", False)


def _indices(name: str, lower: bool) -> Any:
    def made(
        row: int,
        col: int,
        offset: int = 0,
        *,
        dtype: dtype | None = None,
        device: Any = None,
        layout: Any = None,
    ) -> Tensor:
        check_device(device)
        for what, n in (("row", row), ("col", col)):
            if n < 0:
                raise RuntimeError(f"[{name}] {what} must be non-negative, got {n}.")
        kind = INT64 if dtype is None else dtype
        if kind not in (INT32, INT64):
            raise NotImplementedError(
                f'[{name}] "{name}" not implemented for {kind}: expected int32 or '
                "int64."
            )
        places = _mask(row, col, offset, lower).nonzero().t().contiguous()
        return cast(places, kind)

    side = "lower" if lower else "upper"
    made.__doc__ = f"""Indices of the {side} triangle of a matrix, row by row.

    Parameters
    ----------
    row, col : int
        Size of the matrix.
    offset : int, default 0
        The diagonal that ends the triangle.
    dtype : dtype, optional
        int64 (the default) or int32.

    Returns
    -------
    Tensor
        Shape [2, count]: the rows' and the columns' indices.

    Examples
    --------
    >>> import derivo
    >>> derivo.{name}(2, 2).tolist()
    {"[[0, 1, 1], [0, 0, 1]]" if lower else "[[0, 0, 1], [0, 1, 1]]"}
    """
    return public(name)(made)


tril_indices = _indices("tril_indices", True)
triu_indices = _indices("triu_indices", False)


# ------------------------------------------------------------------ diagonals


def _embedded(x: Tensor, k: int, a: int, b: int) -> Tensor:
    n = x.shape[-1] + abs(k)
    shape = list(x.shape[:-1])
    for d in sorted((a, b)):
        shape.insert(d, n)
    made: Tensor = _filled(shape, 0, x.dtype)
    _copy_into(made.diagonal(k, a, b), x)
    return made


_EMBED = Primitive(
    "diag_embed",
    linear=True,
    node="DiagEmbedBackward0",
    forward=_embedded,
    vjp=lambda ctx, g, k, a, b: g.diagonal(k, a, b),
    batch=_batching.along(1, 2),
)


@public("diag_embed", "Tensor.diag_embed")
def diag_embed(
    input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1
) -> Tensor:
    """Make matrices whose diagonals are the rows of a tensor.

    Parameters
    ----------
    input : Tensor
        At least 1-D; the last dimension goes onto the diagonal.
    offset : int, default 0
        Which diagonal: above (positive) or below (negative) the main one.
    dim1, dim2 : int
        Where the two dimensions of the matrices come in the result.

    Raises
    ------
    RuntimeError, IndexError
        If the dimensions are the same or out of range.

    Notes
    -----
    **Derivative** the diagonal of the gradient.

    Examples
    --------
    >>> import derivo
    >>> derivo.diag_embed(derivo.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    if input.dim() == 0:
        raise IndexError("[diag_embed] Dimension out of range: expected at least 1-D.")
    rank = input.dim() + 1
    a, b = _check_dim(dim1, rank), _check_dim(dim2, rank)
    if a == b:
        raise RuntimeError(
            f"[diag_embed] diagonal dimensions cannot be identical {dim1}, {dim2}."
        )
    made: Tensor = _EMBED((input,), offset, a, b)
    return made


@public("diag", "Tensor.diag")
def diag(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor:
    """Diagonal of a matrix, as a copy; or the matrix of a diagonal.

    Parameters
    ----------
    input : Tensor
        2-D, whose diagonal is taken; or 1-D, which goes onto a diagonal.
    diagonal : int, default 0
        Which diagonal.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If the tensor is neither 1-D nor 2-D.

    Examples
    --------
    >>> import derivo
    >>> derivo.diag(derivo.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    made: Tensor
    if input.dim() == 1:
        made = diag_embed(input, diagonal)
    elif input.dim() == 2:
        made = FUNCTIONS["diagonal_copy"](input, diagonal)
    else:
        raise RuntimeError(
            "[diag] diag(): Supports 1D or 2D tensors. Got "
            f"{input.dim()}D, shape {list(input.shape)}."
        )
    return made if out is None else write_out(out, made, "diag")


@public("diagflat", "Tensor.diagflat")
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """Matrix whose diagonal is the flattened tensor.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    offset : int, default 0
        Which diagonal.

    Examples
    --------
    >>> import derivo
    >>> derivo.diagflat(derivo.tensor([[1], [2]]))
    tensor([[1, 0],
            [0, 2]])
    """
    return diag_embed(input.contiguous().view(-1), offset)


def _fill_diagonal(t: Tensor, value: Any, wrap: bool) -> Tensor:
    filler = _filled((), value, t.dtype)
    if t.dim() > 2:
        _copy_into(_alias(t, t.shape[:1], (sum(t.stride()),), 0), filler)
        return t
    rows, columns = t.shape
    # Wrapped, the diagonal begins anew one row below its end.
    for top in range(0, rows, columns + 1) if wrap and columns else (0,):
        block = t.narrow(0, top, min(rows - top, columns))
        _copy_into(block.diagonal(), filler)
    return t


_FILL_DIAGONAL = Primitive(
    "fill_diagonal_",
    node="FillDiagonalBackward0",
    forward=_fill_diagonal,
    vjp=lambda ctx, g, value, wrap: fill_diagonal_(g.clone(), 0, wrap),
    inplace=True,
    shared=True,
)


@public("Tensor.fill_diagonal_")
def fill_diagonal_(self: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """Set the diagonal of all dimensions to one value, in place.

    Parameters
    ----------
    fill_value : number
        The value.
    wrap : bool, default False
        Whether the diagonal of a tall matrix begins anew below its end.

    Raises
    ------
    RuntimeError
        If there are fewer than two dimensions, or more than two of different sizes.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 2).fill_diagonal_(5)
    tensor([[5., 0.],
            [0., 5.]])
    """
    if self.dim() < 2:
        raise RuntimeError(
            "[fill_diagonal_] dimensions must larger than 1, got shape "
            f"{list(self.shape)}."
        )
    if self.dim() > 2 and len(set(self.shape)) > 1:
        raise RuntimeError(
            "[fill_diagonal_] all dimensions of input must be of equal length, got "
            f"{list(self.shape)}."
        )
    if not self.numel():
        return self
    made: Tensor = _FILL_DIAGONAL((self,), fill_value, wrap)
    return made


@public("eye")
def eye(
    n: int,
    m: int | None = None,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Make a matrix with ones on the diagonal and zeros elsewhere.

    Parameters
    ----------
    n : int
        Rows.
    m : int, optional
        Columns; `n` if not given.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Type of the elements; the default dtype if not given.
    device : device, optional
        The CPU.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Raises
    ------
    RuntimeError
        If a size is negative.

    Examples
    --------
    >>> import derivo
    >>> derivo.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    check_device(device)
    m = n if m is None else m
    for name, size in (("n", n), ("m", m)):
        if isinstance(size, bool) or not isinstance(size, int):
            raise TypeError(
                f"[eye] argument '{name}' must be int, not {type(size).__name__}."
            )
        if size < 0:
            raise RuntimeError(
                f"[eye] {name} must be greater or equal to 0, got {size}."
            )
    made = _filled((n, m), 0, _out_dtype(out, dtype))
    k = min(n, m)
    if k:
        _copy_into(_alias(made, (k,), (m + 1,), 0), _filled((), 1, made.dtype))
    return _finish(out, made, requires_grad, pin_memory)
