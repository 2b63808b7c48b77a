"""Rounding, smaller and larger of two, clamping, choosing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo.ir import scalar as s
from derivo.ops._elementwise import PURE, UNARY, elementwise
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor
    from derivo.ir.expr import Expr

    Number = bool | int | float


# --- rounding ---------------------------------------------------------------------


@elementwise(
    promote="same",
    node="FloorBackward0",
    oracle="np.floor(x)",
    api=UNARY,
    accepts="numbers",
    smooth=False,
    ulp=(0, 0),
)
def floor(x: Expr) -> Expr:
    """Round down.

    Derivative: 0.

    Examples
    --------
    >>> x = derivo.tensor([1.5, -1.5], requires_grad=True)
    >>> y = derivo.floor(x)
    >>> y
    tensor([ 1., -2.], grad_fn=<FloorBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0.])
    """
    return s.floor(x)


@elementwise(
    promote="same",
    node="CeilBackward0",
    oracle="np.ceil(x)",
    api=UNARY,
    accepts="numbers",
    smooth=False,
    ulp=(0, 0),
)
def ceil(x: Expr) -> Expr:
    """Round up.

    Derivative: 0.

    Examples
    --------
    >>> x = derivo.tensor([1.5, -1.5], requires_grad=True)
    >>> y = derivo.ceil(x)
    >>> y
    tensor([ 2., -1.], grad_fn=<CeilBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0.])
    """
    return s.ceil(x)


@elementwise(
    promote="same",
    node="TruncBackward0",
    oracle="np.trunc(x)",
    api=UNARY,
    aliases={"fix": UNARY},
    accepts="numbers",
    smooth=False,
    ulp=(0, 0),
)
def trunc(x: Expr) -> Expr:
    """Round towards zero.

    Derivative: 0.

    Examples
    --------
    >>> x = derivo.tensor([1.5, -1.5], requires_grad=True)
    >>> y = derivo.trunc(x)
    >>> y
    tensor([ 1., -1.], grad_fn=<TruncBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0.])
    """
    return s.trunc(x)


@elementwise(
    promote="same",
    node="FracBackward0",
    oracle="x - np.trunc(x)",
    api=UNARY,
    accepts="floats",
    smooth=False,
    ulp=(0, 0),
)
def frac(x: Expr) -> Expr:
    """Keep the part after the point: ``input - trunc(input)``.

    Derivative: ``g``.

    Examples
    --------
    >>> x = derivo.tensor([1.5, -1.25], requires_grad=True)
    >>> y = derivo.frac(x)
    >>> y
    tensor([ 0.5000, -0.2500], grad_fn=<FracBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    return x - s.trunc(x)


@elementwise(
    promote="same",
    node="RoundBackward0",
    oracle="np.round(x)",
    accepts="numbers",
    smooth=False,
    ulp=(0, 0),
)
def round_whole(x: Expr) -> Expr:
    """Nearest whole number, the even one at halves."""
    return s.round(x)


@elementwise(
    promote="same",
    node="RoundBackward1",
    oracle="np.round(x * scale) / scale",
    accepts="floats",
    smooth=False,
    samples=({"scale": 10.0}, {"scale": 100.0}),
    ulp=(1, 1),
)
def round_fraction(x: Expr, *, scale: Expr) -> Expr:
    """Nearest multiple of ``1 / scale``."""
    return s.round(x * scale) / scale


@elementwise(
    promote="same",
    node="RoundBackward1",
    oracle="np.round(x / scale) * scale",
    accepts="floats",
    smooth=False,
    samples=({"scale": 10.0}, {"scale": 100.0}),
    domain=((-999, 999),),
    ulp=(1, 1),
)
def round_multiple(x: Expr, *, scale: Expr) -> Expr:
    """Nearest multiple of `scale`."""
    return s.round(x / scale) * scale


def _rounding(input: Tensor, decimals: int | None) -> tuple[Any, tuple[Any, ...]]:
    if decimals is None:
        return round_whole.core, (input,)
    if type(decimals) is not int:
        raise TypeError(
            "[round] round() received an invalid combination of arguments: expected a "
            f"whole number of decimals, got {decimals=}. Pass an int."
        )
    if decimals == 0 and not input.dtype.is_floating_point:
        return round_whole.core, (input,)
    scale = float(10 ** (decimals if decimals >= 0 else -decimals))
    record = round_fraction if decimals >= 0 else round_multiple
    return record.core, (input, scale)


@public("round")
def _round(input: Tensor, *, decimals: int | None = None, out: Any = None) -> Tensor:
    """Round to the nearest whole number, or decimal; halves go to the even one.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool; floating point if `decimals` is given.
    decimals : int, optional
        Digits to keep after the point; negative for tens, hundreds ...
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    TypeError
        If `decimals` is not an int.

    Notes
    -----
    Derivative: 0.

    Examples
    --------
    >>> x = derivo.tensor([0.5, 1.5, 2.25], requires_grad=True)
    >>> derivo.round(x, decimals=1)
    tensor([0.5000, 1.5000, 2.2000], grad_fn=<RoundBackward1>)
    >>> y = derivo.round(x)
    >>> y
    tensor([0., 2., 2.], grad_fn=<RoundBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0., 0.])
    """
    op, operands = _rounding(input, decimals)
    return op(*operands) if out is None else op.out(out, *operands)


@public("special.round")
def _special_round(input: Tensor, *, decimals: int = 0, out: Any = None) -> Tensor:
    """Round to the nearest whole number, or decimal.

    See `derivo.round`.
    """
    return _round(input, decimals=decimals, out=out)


@public("Tensor.round")
def _round_method(self: Tensor, *, decimals: int | None = None) -> Tensor:
    """Round to the nearest whole number, or decimal.

    See `derivo.round`.
    """
    op, operands = _rounding(self, decimals)
    return op(*operands)


@public("round_", "Tensor.round_")
def _round_inplace(input: Tensor, *, decimals: int | None = None) -> Tensor:
    """Round to the nearest whole number, or decimal.

    In place; see `derivo.round`.
    """
    op, operands = _rounding(input, decimals)
    return op.inplace(*operands)


# --- smaller and larger -----------------------------------------------------------


@elementwise(
    promote="same",
    node="MinimumBackward0",
    oracle="np.minimum(x, y)",
    api=PURE,
    ulp=(0, 0),
    kinks=[((1.0, 1.0), (0.5, 0.5)), ((0.0, -0.0), (0.5, 0.5))],
)
def minimum(x: Expr, y: Expr) -> Expr:
    """Take the smaller of two; NaN if either is.

    Derivative: ``g`` goes to the smaller one, half to each where they are equal.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = derivo.minimum(x, derivo.tensor(2.0))
    >>> y
    tensor([1., 2., 2.], grad_fn=<MinimumBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 0.5000, 0.0000])
    """
    return s.minimum(x, y)


@elementwise(
    promote="same",
    node="MaximumBackward0",
    oracle="np.maximum(x, y)",
    api=PURE,
    ulp=(0, 0),
    kinks=[((1.0, 1.0), (0.5, 0.5)), ((0.0, -0.0), (0.5, 0.5))],
)
def maximum(x: Expr, y: Expr) -> Expr:
    """Take the larger of two; NaN if either is.

    Derivative: ``g`` goes to the larger one, half to each where they are equal.

    Examples
    --------
    >>> x = derivo.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = derivo.maximum(x, derivo.tensor(2.0))
    >>> y
    tensor([2., 2., 3.], grad_fn=<MaximumBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0000, 0.5000, 1.0000])
    """
    return s.maximum(x, y)


@elementwise(
    promote="same",
    node="FminBackward0",
    oracle="np.fmin(x, y)",
    api=PURE,
    ulp=(0, 0),
    kinks=[((1.0, 1.0), (1.0, 0.0))],
)
def fmin(x: Expr, y: Expr) -> Expr:
    """Take the smaller of two, ignoring a NaN.

    Derivative: ``g`` goes to the one taken, to `input` where they are equal.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("nan"), 3.0], requires_grad=True)
    >>> y = derivo.fmin(x, derivo.tensor(2.0))
    >>> y
    tensor([1., 2., 2.], grad_fn=<FminBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 0., 0.])
    """
    return s.fmin(x, y)


@elementwise(
    promote="same",
    node="FmaxBackward0",
    oracle="np.fmax(x, y)",
    api=PURE,
    ulp=(0, 0),
    kinks=[((1.0, 1.0), (1.0, 0.0))],
)
def fmax(x: Expr, y: Expr) -> Expr:
    """Take the larger of two, ignoring a NaN.

    Derivative: ``g`` goes to the one taken, to `input` where they are equal.

    Examples
    --------
    >>> x = derivo.tensor([1.0, float("nan"), 3.0], requires_grad=True)
    >>> y = derivo.fmax(x, derivo.tensor(2.0))
    >>> y
    tensor([2., 2., 3.], grad_fn=<FmaxBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0., 1.])
    """
    return s.fmax(x, y)


# --- clamping ---------------------------------------------------------------------


@elementwise(
    promote="same",
    node="ClampMinBackward1",
    node_if_number={"min": "ClampMinBackward0"},
    oracle="np.maximum(x, min)",
    ulp=(0, 0),
    kinks=[((1.0, 1.0), (1.0, 0.0))],
    numbers=("min",),
)
def clamp_min(x: Expr, min: Expr) -> Expr:
    """Raise to a lower bound."""
    return s.maximum(x, min)


@clamp_min.derivative
def _(g: Expr, x: Expr, min: Expr, out: Expr) -> tuple[Expr, ...]:
    return s.where(x >= min, g, 0), s.where(x < min, g, 0)


@elementwise(
    promote="same",
    node="ClampMaxBackward1",
    node_if_number={"max": "ClampMaxBackward0"},
    oracle="np.minimum(x, max)",
    ulp=(0, 0),
    kinks=[((1.0, 1.0), (1.0, 0.0))],
    numbers=("max",),
)
def clamp_max(x: Expr, max: Expr) -> Expr:
    """Lower to an upper bound."""
    return s.minimum(x, max)


@clamp_max.derivative
def _(g: Expr, x: Expr, max: Expr, out: Expr) -> tuple[Expr, ...]:
    return s.where(x <= max, g, 0), s.where(x > max, g, 0)


@elementwise(
    promote="same",
    node="ClampBackward0",
    accepts="numbers",
    node_if_number={"max": "ClampBackward1"},
    oracle="np.minimum(np.maximum(x, min), max)",
    ulp=(0, 0),
    domain=((-3, 3), (-2, 0), (0, 2)),
    kinks=[((-1.0, -1.0, 1.0), (1.0, 0.0, 0.0)), ((1.0, -1.0, 1.0), (1.0, 0.0, 0.0))],
    numbers=(
        "min",
        "max",
    ),
)
def clamp(x: Expr, min: Expr, max: Expr) -> Expr:
    """Bring into a range; the upper bound wins where the bounds cross."""
    return s.minimum(s.maximum(x, min), max)


@clamp.derivative
def _(g: Expr, x: Expr, min: Expr, max: Expr, out: Expr) -> tuple[Expr, ...]:
    return (
        s.where((x >= min) & (x <= max), g, 0),
        s.where((min < max) & (x < min), g, 0),
        s.where((x > max) | (max < min), g, 0),
    )


# One bound alone that is a tensor: PyTorch's node has an edge for the other one, too.


@elementwise(
    promote="same",
    node="ClampBackward0",
    oracle="np.maximum(x, min) + 0 * max",
    ulp=(0, 0),
    kinks=[((1.0, 1.0, 0.0), (1.0, 0.0, 0.0))],
    numbers=("max",),
)
def clamp_below(x: Expr, min: Expr, max: Expr) -> Expr:
    """Raise to a lower bound; `max` is not there."""
    return s.maximum(x, min)


@clamp_below.derivative
def _(g: Expr, x: Expr, min: Expr, max: Expr, out: Expr) -> tuple[Any, ...]:
    return s.where(x >= min, g, 0), s.where(x < min, g, 0), None


@elementwise(
    promote="same",
    node="ClampBackward0",
    oracle="np.minimum(x, max) + 0 * min",
    ulp=(0, 0),
    kinks=[((1.0, 0.0, 1.0), (1.0, 0.0, 0.0))],
    numbers=("min",),
)
def clamp_above(x: Expr, min: Expr, max: Expr) -> Expr:
    """Lower to an upper bound; `min` is not there."""
    return s.minimum(x, max)


@clamp_above.derivative
def _(g: Expr, x: Expr, min: Expr, max: Expr, out: Expr) -> tuple[Any, ...]:
    return s.where(x <= max, g, 0), None, s.where(x > max, g, 0)


def _clamping(input: Any, min: Any, max: Any) -> tuple[Any, tuple[Any, ...]]:
    if min is None:
        if max is None:
            raise RuntimeError(
                "[clamp] torch.clamp: At least one of 'min' or 'max' must not be None. "
                "Pass a bound."
            )
        if isinstance(max, (int, float)):
            return clamp_max.core_named("ClampBackward1", 1), (input, max)
        return clamp_above.core, (input, False, max)
    if max is None:
        if isinstance(min, (int, float)):
            return clamp_min.core_named("ClampBackward1", 1), (input, min)
        return clamp_below.core, (input, min, False)
    return clamp.overload(max), (input, min, max)


@public("clamp", "clip")
def _clamp(
    input: Tensor,
    min: Tensor | Number | None = None,
    max: Tensor | Number | None = None,
    *,
    out: Any = None,
) -> Tensor:
    """Bring every element into the range from `min` to `max`.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    min, max : Tensor or Number, optional
        Bounds, broadcast with `input`; one may be left out. Where they cross, the
        result is `max`.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype; NaN stays NaN.

    Raises
    ------
    RuntimeError
        If both bounds are left out.

    Notes
    -----
    Derivative: ``g`` inside the range and at its bounds, 0 outside, where it goes to
    the bound.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 0.5, 2.0], requires_grad=True)
    >>> y = derivo.clamp(x, -1, 1)
    >>> y
    tensor([-1.0000,  0.5000,  1.0000], grad_fn=<ClampBackward1>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1., 0.])
    """
    if out is None and min is not None and max is not None:
        return clamp.overload(max)(input, min, max)
    op, operands = _clamping(input, min, max)
    return op(*operands) if out is None else op.out(out, *operands)


@public("Tensor.clamp", "Tensor.clip")
def _clamp_method(
    self: Tensor,
    min: Tensor | Number | None = None,
    max: Tensor | Number | None = None,
) -> Tensor:
    """Bring every element into the range from `min` to `max`.

    See `derivo.clamp`.
    """
    if min is not None and max is not None:
        return clamp.overload(max)(self, min, max)
    op, operands = _clamping(self, min, max)
    return op(*operands)


@public("clamp_", "clip_", "Tensor.clamp_", "Tensor.clip_")
def _clamp_inplace(
    input: Tensor,
    min: Tensor | Number | None = None,
    max: Tensor | Number | None = None,
) -> Tensor:
    """Bring every element into the range from `min` to `max`.

    In place; see `derivo.clamp`.
    """
    op, operands = _clamping(input, min, max)
    return op.inplace(*operands)


@public("clamp_min", "Tensor.clamp_min")
def _clamp_min(input: Tensor, min: Tensor | Number, *, out: Any = None) -> Tensor:
    """Raise every element to at least `min`.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    min : Tensor or Number
        Broadcast with `input`.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype.

    Notes
    -----
    Derivative: ``g`` where `input` is at least `min`, else it goes to `min`.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 0.5], requires_grad=True)
    >>> y = derivo.clamp_min(x, 0)
    >>> y
    tensor([0.0000, 0.5000], grad_fn=<ClampMinBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1.])
    """
    op = clamp_min.overload(min)
    return op(input, min) if out is None else op.out(out, input, min)


@public("clamp_min_", "Tensor.clamp_min_")
def _clamp_min_inplace(input: Tensor, min: Tensor | Number) -> Tensor:
    """Raise every element to at least `min`.

    In place; see `derivo.clamp_min`.
    """
    return clamp_min.overload(min).inplace(input, min)


@public("clamp_max", "Tensor.clamp_max")
def _clamp_max(input: Tensor, max: Tensor | Number, *, out: Any = None) -> Tensor:
    """Lower every element to at most `max`.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    max : Tensor or Number
        Broadcast with `input`.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape, in the promoted dtype.

    Notes
    -----
    Derivative: ``g`` where `input` is at most `max`, else it goes to `max`.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 0.5], requires_grad=True)
    >>> y = derivo.clamp_max(x, 0)
    >>> y
    tensor([-2.,  0.], grad_fn=<ClampMaxBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1., 0.])
    """
    op = clamp_max.overload(max)
    return op(input, max) if out is None else op.out(out, input, max)


@public("clamp_max_", "Tensor.clamp_max_")
def _clamp_max_inplace(input: Tensor, max: Tensor | Number) -> Tensor:
    """Lower every element to at most `max`.

    In place; see `derivo.clamp_max`.
    """
    return clamp_max.overload(max).inplace(input, max)
