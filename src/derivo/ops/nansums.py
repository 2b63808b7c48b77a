"""Sums and means that leave NaN out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.primitive import Primitive
from derivo._core.reduce import reduced_dims
from derivo._core.reduce import sum as _sum
from derivo.ir import scalar as s
from derivo.ops import _batching
from derivo.ops._reduce import given_dims, program
from derivo.ops._surface import public
from derivo.ops.conversion import cast, write_out
from derivo.ops.extremes import _restore
from derivo.ops.normalization import compute_dtype

if TYPE_CHECKING:
    from derivo import Tensor, dtype

_PART = program(
    "nansum", lambda p, x: p.reduce("add", s.where(s.isnan(x), 0.0, x)), "k", "r"
)
_OF_PARTS = program("nansum", lambda p, x, n: p.reduce("add", x), "k", "rk")
_PROGRAM = program(
    "nansum",
    lambda p, x: p.reduce("add", s.where(s.isnan(x), 0.0, x)),
    "k",
    "r",
    partial=_PART,
    final=_OF_PARTS,
)


def _forward(x: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    made: Tensor = _PROGRAM([x], dims, [x.dtype], compute_dtype(x), keepdim)
    return made


def _vjp(ctx: Any, g: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    (x,) = ctx.saved
    there = cast(x.isnan().logical_not(), g.dtype)
    return _restore(g, dims, keepdim).expand(x.shape) * there


_NANSUM = Primitive(
    "nansum",
    node="NansumBackward0",
    forward=_forward,
    vjp=_vjp,
    save=(0,),
    batch=_batching.along(0),
)


@public("nansum", "Tensor.nansum")
def nansum(
    input: Tensor,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Sum of the elements that are not NaN, of all or along dimensions.

    Parameters
    ----------
    input : Tensor
        Any real dtype; integers and bool are summed as int64.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    **Derivative** zero where `input` is NaN.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, derivo.nan], requires_grad=True)
    >>> derivo.nansum(x).backward()
    >>> x.grad
    tensor([1., 0.])
    """
    if input.is_complex():
        raise RuntimeError(
            "[nansum] nansum on CPU does not support complex inputs: sum the real and "
            "imaginary parts."
        )
    given = given_dims(dim, input.dim())
    if dim == ():
        dim = None
    if not input.is_floating_point():
        made: Tensor = _sum(input, dim, keepdim, dtype=dtype)
    else:
        if dtype is not None:
            input = cast(input, dtype)
        if not input.is_floating_point():
            made = _sum(input, dim, keepdim)
        else:
            dims = reduced_dims(dim, input.dim())
            made = _NANSUM((input,), dims, bool(keepdim), given={"dim": given})
    return made if out is None else write_out(out, made, "nansum")


@public("nanmean", "Tensor.nanmean")
def nanmean(
    input: Tensor,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Mean of the elements that are not NaN, of all or along dimensions.

    Parameters
    ----------
    input : Tensor
        Floating point.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        NaN where nothing is left.

    Raises
    ------
    RuntimeError
        If `input` is not floating point.

    Examples
    --------
    >>> import derivo
    >>> derivo.nanmean(derivo.tensor([1.0, derivo.nan, 3.0]))
    tensor(2.)
    """
    if not input.is_floating_point():
        raise RuntimeError(
            "[nanmean] nanmean(): expected input to have floating point or complex "
            f"dtype but got {input.dtype}."
        )
    there = input.detach().isnan().logical_not()
    made: Tensor = nansum(input, dim, keepdim, dtype=dtype)
    made = made / _sum(there, dim, keepdim)
    return made if out is None else write_out(out, made, "nanmean")
