"""Reductions, scans and normalizations of what a mask selects.

Composites: what is masked out is replaced by what does not count (a sum's zero, a
maximum's lowest value), and the operation of that name does the rest.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase, _check_dim, dtypes
from derivo.ops._surface import FUNCTIONS, public

if TYPE_CHECKING:
    from collections.abc import Callable

    from derivo import Tensor

BOOL, INT64, FLOAT32 = dtypes[0], dtypes[5], dtypes[8]
_F = FUNCTIONS


def _is_whole(dtype: Any) -> bool:
    return not (dtype.is_floating_point or dtype.is_complex)


def _lowest(dtype: Any) -> Any:
    if not _is_whole(dtype):
        return -math.inf
    from derivo import iinfo

    return False if dtype is BOOL else iinfo(dtype).min


def _highest(dtype: Any) -> Any:
    if not _is_whole(dtype):
        return math.inf
    from derivo import iinfo

    return True if dtype is BOOL else iinfo(dtype).max


def _mask_of(name: str, input: Any, mask: Any) -> Any:
    """Boolean mask of the operand's shape, or None."""
    for value, argument in ((input, "input"), (mask, "mask")):
        if not isinstance(value, TensorBase) and not (
            value is None and argument == "mask"
        ):
            raise TypeError(
                f"[masked.{name}] {name}(): argument '{argument}' must be Tensor, not "
                f"{type(value).__name__}."
            )
    if mask is None:
        return None
    if mask.dim() > input.dim():
        raise IndexError(
            f"[masked.{name}] expected broadcastable mask (got mask dimensionality "
            f"higher than of the input): {mask.dim()} and {input.dim()} dimensions."
        )
    if mask.dtype is not BOOL:
        mask = mask.to(BOOL)
    return mask.expand(input.shape)


def _filled(name: str, input: Any, mask: Any, value: Any) -> Any:
    mask = _mask_of(name, input, mask)
    return input if mask is None else _F["where"](mask, input, value)


def _dims(input: Any, dim: Any) -> tuple[int, ...]:
    """Dimensions counted from the front; None and () stand for all."""
    if dim is None or dim == ():
        return tuple(range(input.dim()))
    given = dim if isinstance(dim, (tuple, list)) else (dim,)
    found = tuple(_check_dim(d, input.dim()) for d in given)
    for d in found:
        if found.count(d) > 1:
            raise RuntimeError(
                f"[masked] dim={d} appears multiple times in the list of dims, got "
                f"{dim}."
            )
    return found


def _converted(input: Any, dtype: Any) -> Any:
    return (
        input if dtype is None or not isinstance(input, TensorBase) else input.to(dtype)
    )


# ------------------------------------------------------------------ reductions

_SUMMARY = """{summary}

    Parameters
    ----------
    input : Tensor
        Any shape.
    dim : int or tuple of int, optional
        Along which dimensions; all if not given.
    keepdim : bool, default False
        Keep the dimensions, with size one.
    dtype : dtype, optional
        The operand is converted to it first.
    mask : Tensor, optional
        True where an element counts; broadcast to the shape of `input`.

    Returns
    -------
    Tensor
        {nothing}

    Raises
    ------
    IndexError
        If the mask has more dimensions than the operand, or there is no such dimension.
    RuntimeError
        If a dimension is named twice.

    Notes
    -----
    **Derivative** {derivative}, and zero for what is masked out.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0, 5.0], requires_grad=True)
    >>> mask = derivo.tensor([True, False, True])
    >>> derivo.masked.{name}(x, mask=mask).backward()
    >>> x.grad
    {gradient}
    """


def _whole_sums(dtype: Any, input: Any) -> Any:
    return INT64 if dtype is None and _is_whole(input.dtype) else dtype


def _reduced(name: str, run: Callable[..., Any], *texts: str) -> None:
    def function(
        input: Tensor,
        dim: Any = None,
        *,
        keepdim: bool = False,
        dtype: Any = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        _mask_of(name, input, mask)
        made: Tensor = run(input, _dims(input, dim), bool(keepdim), dtype, mask)
        return made

    summary, nothing, derivative, gradient = texts
    function.__name__ = function.__qualname__ = name
    function.__doc__ = _SUMMARY.format(
        name=name,
        summary=summary,
        nothing=nothing,
        derivative=derivative,
        gradient=gradient,
    )
    public(f"masked.{name}")(function)


def _sum(x: Any, dims: Any, keepdim: bool, dtype: Any, mask: Any) -> Any:
    return _F["sum"](
        _filled("sum", x, mask, 0), dims, keepdim, dtype=_whole_sums(dtype, x)
    )


def _prod(x: Any, dims: Any, keepdim: bool, dtype: Any, mask: Any) -> Any:
    x = _converted(_filled("prod", x, mask, 1), _whole_sums(dtype, x))
    for d in sorted(dims, reverse=True):
        x = _F["prod"](x, d, keepdim)
    return x


def _extreme(name: str, fill: Any) -> Any:
    def run(x: Any, dims: Any, keepdim: bool, dtype: Any, mask: Any) -> Any:
        x = _converted(x, dtype)
        return _F[name](_filled(name, x, mask, fill(x.dtype)), dims, keepdim)

    return run


def _count(x: Any, dims: Any, keepdim: bool, mask: Any) -> Any:
    from derivo import ones

    unit = ones((), dtype=INT64).expand(x.shape)
    return _sum(unit, dims, keepdim, None, mask)


def _mean(x: Any, dims: Any, keepdim: bool, dtype: Any, mask: Any) -> Any:
    x = _converted(x, dtype)
    if _is_whole(x.dtype):
        raise ValueError(
            "[masked.mean] mean(): Could not infer output dtype. Input dtype must be "
            f"either a floating point or complex dtype. Got: {x.dtype}."
        )
    total = _sum(x, dims, keepdim, None, mask)
    return total / _count(x, dims, keepdim, mask)


def _logsumexp(x: Any, dims: Any, keepdim: bool, dtype: Any, mask: Any) -> Any:
    x = _converted(x, dtype)
    made = _F["logsumexp"](
        _filled("logsumexp", x, mask, _lowest(x.dtype)), dims, keepdim
    )
    return made.to(x.dtype)


_reduced(
    "sum",
    _sum,
    "Sum of what the mask selects.",
    "Zero where nothing is selected. int64 for integers.",
    "the gradient",
    "tensor([1., 0., 1.])",
)
_reduced(
    "prod",
    _prod,
    "Product of what the mask selects.",
    "One where nothing is selected. int64 for integers.",
    "the gradient times the other factors",
    "tensor([5., 0., 1.])",
)
_reduced(
    "amax",
    _extreme("amax", _lowest),
    "Largest of what the mask selects.",
    "The lowest value of the dtype where nothing is selected.",
    "the gradient at the largest, split evenly between equal ones",
    "tensor([0., 0., 1.])",
)
_reduced(
    "amin",
    _extreme("amin", _highest),
    "Smallest of what the mask selects.",
    "The highest value of the dtype where nothing is selected.",
    "the gradient at the smallest, split evenly between equal ones",
    "tensor([1., 0., 0.])",
)
_reduced(
    "mean",
    _mean,
    "Mean of what the mask selects.",
    "NaN where nothing is selected. Integers are refused (ValueError).",
    "the gradient divided by how many are selected",
    "tensor([0.5000, 0.0000, 0.5000])",
)
_reduced(
    "logsumexp",
    _logsumexp,
    "Logarithm of the sum of the exponentials of what the mask selects.",
    "Minus infinity where nothing is selected.",
    "the gradient times the softmax",
    "tensor([0.0180, 0.0000, 0.9820])",
)


def _position(name: str, which: str, fill: Any) -> None:
    def function(
        input: Tensor,
        dim: int | None = None,
        *,
        keepdim: bool = False,
        dtype: Any = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        x = _converted(input, dtype)
        made: Tensor = _F[name](
            _filled(name, x, mask, None if mask is None else fill(x.dtype)),
            dim,
            keepdim,
        )
        return made.to(x.dtype)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""Position of the {which} of what the mask selects.

    Parameters
    ----------
    input : Tensor
        Any shape, real.
    dim : int, optional
        Along which dimension; of the flattened tensor if not given.
    keepdim : bool, default False
        Keep the dimension, with size one.
    dtype : dtype, optional
        The operand is converted to it first.
    mask : Tensor, optional
        True where an element counts; broadcast to the shape of `input`.

    Returns
    -------
    Tensor
        In the dtype of the (converted) operand, as in PyTorch; zero where nothing is
        selected.

    Examples
    --------
    >>> import derivo
    >>> mask = derivo.tensor([False, True, True])
    >>> derivo.masked.{name}(derivo.tensor([4, 2, 3]), mask=mask)
    {"tensor(2)" if name == "argmax" else "tensor(1)"}
    """
    public(f"masked.{name}")(function)


_position("argmax", "largest", _lowest)
_position("argmin", "smallest", _highest)


@public("masked.median")
def median(
    input: Tensor,
    dim: int = -1,
    *,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Median of what the mask selects, the lower one of two.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    dim : int, default -1
        Along which dimension.
    keepdim : bool, default False
        Keep the dimension, with size one.
    dtype : dtype, optional
        The operand is converted to it first.
    mask : Tensor, optional
        True where an element counts; broadcast to the shape of `input`.

    Returns
    -------
    Tensor
        NaN where nothing is selected.

    Raises
    ------
    ValueError
        If integers come with a mask that leaves some out.

    Notes
    -----
    **Derivative** the gradient at the median.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 9.0, 3.0, 4.0], requires_grad=True)
    >>> mask = derivo.tensor([True, False, True, True])
    >>> derivo.masked.median(x, 0, mask=mask).backward()
    >>> x.grad
    tensor([0., 0., 1., 0.])
    """
    x: Any = _converted(input, dtype)
    selected = _mask_of("median", x, mask)
    dim = 0 if dim is None else dim
    made: Tensor
    if _is_whole(x.dtype):
        if selected is not None and not bool(selected.all()):
            raise ValueError(
                "[masked.median] masked median expects no fully masked out rows if "
                f"dtype is not floating point, got {x.dtype}: convert with float()."
            )
        made = _F["median"](x, dim, keepdim).values
        return made
    if selected is None:
        made = _F["nanmedian"](x, dim, keepdim).values
        return made
    made = _F["nanmedian"](_F["where"](selected, x, math.nan), dim, keepdim).values
    return made


@public("masked.norm")
def norm(
    input: Tensor,
    ord: float | None = 2.0,
    dim: Any = None,
    *,
    keepdim: bool = False,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Norm of what the mask selects.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point or complex.
    ord : float, default 2.0
        Which norm (see `linalg.vector_norm`).
    dim : int or tuple of int, optional
        Along which dimensions; all if not given.
    keepdim : bool, default False
        Keep the dimensions, with size one.
    dtype : dtype, optional
        The operand is converted to it first.
    mask : Tensor, optional
        True where an element counts; broadcast to the shape of `input`.

    Returns
    -------
    Tensor
        Zero where nothing is selected (infinity for an order of minus infinity).

    Notes
    -----
    **Derivative** that of the norm, and zero for what is masked out.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([3.0, 7.0, 4.0], requires_grad=True)
    >>> derivo.masked.norm(x, mask=derivo.tensor([True, False, True])).backward()
    >>> x.grad
    tensor([0.6000, 0.0000, 0.8000])
    """
    order = 2.0 if ord is None else ord
    x = _converted(input, dtype)
    x = _filled("norm", x, mask, math.inf if order == -math.inf else 0)
    made: Tensor = _F["linalg.vector_norm"](x, order, _dims(x, dim), keepdim)
    return made


def _spread(
    name: str,
    x: Any,
    dim: Any,
    unbiased: bool | None,
    correction: float | None,
    keepdim: bool,
    dtype: Any,
    mask: Any,
) -> Any:
    if unbiased is not None and correction is not None:
        raise ValueError(
            f"[masked.{name}] Only one of unbiased and correction may be given, got "
            f"{unbiased=}, {correction=}."
        )
    less = correction if correction is not None else int(unbiased is not False)
    mask = _mask_of(name, x, mask)
    x = _converted(x, dtype)
    if _is_whole(x.dtype):
        x = x.to(FLOAT32)
    dims = _dims(x, dim)
    mean = _sum(x, dims, True, None, mask) / _count(x, dims, True, mask)
    # What is masked out must not come back as NaN in the gradient.
    centred = _filled(name, x - mean, mask, 0)
    squares = centred * centred.conj() if x.is_complex() else centred * centred
    count = _count(x, dims, keepdim, mask)
    total = _sum(squares, dims, keepdim, None, None)
    if less:
        count = (count - less).clamp(min=0).to(total.dtype)
    return total / count


_SPREAD = """{summary} of what the mask selects.

    Parameters
    ----------
    input : Tensor
        Any shape; integers become float32.
    dim : int or tuple of int, optional
        Along which dimensions; all if not given.
    unbiased : bool, optional
        Whether the sum is divided by one less than the number; True if neither this
        nor `correction` is given.
    correction : number, optional
        How much less than the number the sum is divided by.
    keepdim : bool, default False
        Keep the dimensions, with size one.
    dtype : dtype, optional
        The operand is converted to it first.
    mask : Tensor, optional
        True where an element counts; broadcast to the shape of `input`.

    Returns
    -------
    Tensor
        NaN where nothing is selected.

    Raises
    ------
    ValueError
        If both `unbiased` and `correction` are given.

    Notes
    -----
    **Derivative** follows from its parts, and is zero for what is masked out.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 9.0, 3.0], requires_grad=True)
    >>> derivo.masked.{name}(x, mask=derivo.tensor([True, False, True])).backward()
    >>> x.grad
    {gradient}
    """


def _spreads(name: str, summary: str, finish: Any, gradient: str) -> None:
    def function(
        input: Tensor,
        dim: Any = None,
        unbiased: bool | None = None,
        *,
        correction: float | None = None,
        keepdim: bool = False,
        dtype: Any = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        made: Tensor = finish(
            _spread(name, input, dim, unbiased, correction, keepdim, dtype, mask)
        )
        return made

    function.__name__ = function.__qualname__ = name
    function.__doc__ = _SPREAD.format(name=name, summary=summary, gradient=gradient)
    public(f"masked.{name}")(function)


_spreads("var", "Variance", lambda v: v, "tensor([-2.,  0.,  2.])")
_spreads(
    "std",
    "Standard deviation",
    lambda v: v.sqrt(),
    "tensor([-0.7071,  0.0000,  0.7071])",
)


# ------------------------------------------------------------------ along one dimension

_ALONG = """{summary}

    Parameters
    ----------
    input : Tensor
        Any shape.
    dim : int
        Along which dimension.
    dtype : dtype, optional
        The operand is converted to it first.
    mask : Tensor, optional
        True where an element counts; broadcast to the shape of `input`.

    Returns
    -------
    Tensor
        Of the shape of `input`; {nothing}.

    Notes
    -----
    **Derivative** that of `{base}`, and zero for what is masked out.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = derivo.masked.{name}(x, 0, mask=derivo.tensor([True, False, True]))
    >>> y[2].backward()
    >>> x.grad
    {gradient}
    """


def _along(name: str, fill: Any, run: Any, base: str, *texts: str) -> None:
    def function(
        input: Tensor, dim: int, *, dtype: Any = None, mask: Tensor | None = None
    ) -> Tensor:
        x = _converted(input, dtype)
        made: Tensor = run(_filled(name, x, mask, fill), _dims(x, dim)[:1] or (0,))
        return made

    summary, nothing, gradient = texts
    function.__name__ = function.__qualname__ = name
    function.__doc__ = _ALONG.format(
        name=name, base=base, summary=summary, nothing=nothing, gradient=gradient
    )
    public(f"masked.{name}")(function)


_along(
    "softmax",
    -math.inf,
    lambda x, dims: _F["softmax"](x, dims[0]),
    "softmax",
    "Softmax of what the mask selects.",
    "zero where it is masked out, NaN where nothing is selected",
    "tensor([-0.1050,  0.0000,  0.1050])",
)
_along(
    "log_softmax",
    -math.inf,
    lambda x, dims: _F["log_softmax"](x, dims[0]),
    "log_softmax",
    "Logarithm of the softmax of what the mask selects.",
    "minus infinity where it is masked out, NaN where nothing is selected",
    "tensor([-0.1192,  0.0000,  0.1192])",
)
_along(
    "softmin",
    math.inf,
    lambda x, dims: _F["softmax"](-x, dims[0]),
    "nn.functional.softmin",
    "Softmax of the negative of what the mask selects.",
    "zero where it is masked out, NaN where nothing is selected",
    "tensor([ 0.1050,  0.0000, -0.1050])",
)
_along(
    "cumsum",
    0,
    lambda x, dims: _F["cumsum"](x, dims[0], dtype=x.dtype),
    "cumsum",
    "Sums of what the mask selects so far.",
    "in the dtype of the (converted) operand",
    "tensor([1., 0., 1.])",
)
_along(
    "cumprod",
    1,
    lambda x, dims: _F["cumprod"](x, dims[0], dtype=x.dtype),
    "cumprod",
    "Products of what the mask selects so far.",
    "in the dtype of the (converted) operand",
    "tensor([3., 0., 1.])",
)


@public("masked.normalize")
def normalize(
    input: Tensor,
    ord: float,
    dim: int,
    *,
    eps: float = 1e-12,
    dtype: Any = None,
    mask: Tensor | None = None,
) -> Tensor:
    """Divide by the norm of what the mask selects.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point or complex.
    ord : float
        Which norm.
    dim : int
        Along which dimension.
    eps : float, default 1e-12
        The least that is divided by.
    dtype : dtype, optional
        The operand is converted to it first.
    mask : Tensor, optional
        True where an element counts; broadcast to the shape of `input`.

    Returns
    -------
    Tensor
        Of the shape of `input`; zero where it is masked out.

    Notes
    -----
    **Derivative** follows from its parts, and is zero for what is masked out.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([3.0, 7.0, 4.0], requires_grad=True)
    >>> mask = derivo.tensor([True, False, True])
    >>> derivo.masked.normalize(x, 2.0, 0, mask=mask)[0].backward()
    >>> x.grad
    tensor([ 0.1280,  0.0000, -0.0960])
    """
    x = _converted(input, dtype)
    length = norm(x, ord, dim, keepdim=True, mask=mask)
    made: Tensor = _filled("normalize", x, mask, 0) / _F["maximum"](
        length, _F["full"]((), eps, dtype=length.dtype)
    )
    return made


@public("masked.logaddexp")
def logaddexp(
    input: Tensor,
    other: Tensor,
    *,
    dtype: Any = None,
    input_mask: Tensor | None = None,
    other_mask: Tensor | None = None,
) -> Tensor:
    """Logarithm of the sum of the exponentials of two tensors, each with a mask.

    Parameters
    ----------
    input, other : Tensor
        Broadcast with one another, floating point.
    dtype : dtype, optional
        Both are converted to it first.
    input_mask, other_mask : Tensor, optional
        True where an element counts; broadcast to the shape of its tensor.

    Returns
    -------
    Tensor
        Minus infinity where neither counts.

    Notes
    -----
    **Derivative** that of `logaddexp`, and zero for what is masked out.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> mask = derivo.tensor([False, True])
    >>> derivo.masked.logaddexp(x, derivo.zeros(2), input_mask=mask).sum().backward()
    >>> x.grad
    tensor([0.0000, 0.8808])
    """
    a = _filled("logaddexp", _converted(input, dtype), input_mask, -math.inf)
    b = _filled("logaddexp", _converted(other, dtype), other_mask, -math.inf)
    made: Tensor = _F["logaddexp"](a, b)
    return made


# ------------------------------------------------------------------ masks of results


def input_mask(
    input: Tensor, *args: Any, mask: Tensor | None = None, **kwargs: Any
) -> Tensor:
    """Mask in the shape of the operand, of any call here; all of it without `mask`."""
    found = _mask_of("mask", input, mask)
    if found is None:
        found = _F["ones"]((), dtype=BOOL).expand(input.shape)
    made: Tensor = found
    return made


_SAME_SHAPE = {"softmax", "log_softmax", "softmin", "normalize", "cumsum", "cumprod"}


def output_mask(
    op: Callable[..., Any], input: Tensor, *args: Any, **kwargs: Any
) -> Any:
    """Mask of what a call of a function of this module gives."""
    name = op.__name__
    if name == "logaddexp":
        mine = input_mask(input, mask=kwargs.get("input_mask"))
        return mine | input_mask(args[0], mask=kwargs.get("other_mask"))
    mask = input_mask(input, mask=kwargs.get("mask"))
    if name in _SAME_SHAPE:
        return mask
    rest = args[1:] if name == "norm" else args
    dim = rest[0] if rest else kwargs.get("dim", -1 if name == "median" else None)
    keepdim = bool(kwargs.get("keepdim", False))
    for d in sorted(_dims(input, dim), reverse=True):
        mask = mask.any(d, keepdim)
    return mask
