"""Activation functions made of straight lines: relu and its relatives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo.ir import scalar as s
from derivo.ops._elementwise import elementwise
from derivo.ops._surface import public

if TYPE_CHECKING:
    from derivo import Tensor
    from derivo.ir.expr import Expr

    Number = bool | int | float

NN = ("nn.functional.{}!",)
NN_CHOICE = ("nn.functional.{}~",)
NN_INPLACE = ("nn.functional.{}_",)


@elementwise(
    promote="same",
    node="ReluBackward0",
    node_backward="ThresholdBackwardBackward0",
    oracle="np.maximum(x, 0)",
    api=("{}!", "{}_", "Tensor.{}", "Tensor.{}_", *NN_CHOICE, *NN_INPLACE),
    accepts="numbers",
    complaints={
        "bool": (
            "Boolean inputs not supported for relu: expected numbers, got bool. "
            "Convert with .to(dtype) first."
        )
    },
    ulp=(0, 0),
    kinks=[((0.0,), (0.0,)), ((-0.0,), (0.0,))],
)
def relu(x: Expr) -> Expr:
    """Keep what is positive: ``max(input, 0)``.

    Derivative: ``g`` where the result is positive, 0 elsewhere, also at 0.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 0.0, 2.0], requires_grad=True)
    >>> y = derivo.relu(x)
    >>> y
    tensor([0., 0., 2.], grad_fn=<ReluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 0., 1.])
    """
    # In this order NaN stays NaN.
    return s.where(x < 0, 0, x)


@relu.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    return (s.where(out <= 0, 0, g),)


@elementwise(
    promote="same",
    node="HardtanhBackward0",
    oracle="np.clip(x, 0, 6)",
    api=NN_CHOICE,
    accepts="numbers",
    domain=((-3, 9),),
    ulp=(0, 0),
    kinks=[((0.0,), (0.0,)), ((6.0,), (0.0,))],
    shown={"min_val": 0, "max_val": 6},
)
def relu6(x: Expr) -> Expr:
    """Bring into the range from 0 to 6.

    Derivative: ``g`` strictly inside the range, else 0.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 3.0, 8.0], requires_grad=True)
    >>> y = derivo.nn.functional.relu6(x)
    >>> y
    tensor([0., 3., 6.], grad_fn=<HardtanhBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1., 0.])
    """
    return s.minimum(s.maximum(x, 0), 6)


@relu6.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    return (s.where((x <= 0) | (x >= 6), 0, g),)


@elementwise(
    promote="same",
    node="HardtanhBackward0",
    oracle="np.clip(x, min_val, max_val)",
    accepts="numbers",
    samples=({"min_val": -1.0, "max_val": 1.0}, {"min_val": -0.5, "max_val": 2.0}),
    ulp=(0.5, 0.5),
    kinks=[((-0.5,), (0.0,)), ((2.0,), (0.0,))],
)
def hardtanh(x: Expr, *, min_val: Any = -1.0, max_val: Any = 1.0) -> Expr:
    """Bring into a range, given by numbers."""
    return s.minimum(s.maximum(x, min_val), max_val)


@hardtanh.derivative
def _(g: Expr, x: Expr, out: Expr, min_val: Expr, max_val: Expr) -> tuple[Expr, ...]:
    return (s.where((x <= min_val) | (x >= max_val), 0, g),)


def _check_hardtanh(input: Tensor, min_val: float, max_val: float) -> None:
    if min_val > max_val:
        raise ValueError(
            "[hardtanh] min_val cannot be greater than max_val: got "
            f"{min_val=}, {max_val=}. Swap them."
        )
    if input.dtype.name == "bool":
        raise RuntimeError(
            "[hardtanh] Bool inputs not supported for hardtanh: expected numbers, got "
            "bool. Convert with .to(dtype) first."
        )
    if input.dtype.name == "uint8" and (min_val < 0 or max_val < 0):
        raise RuntimeError(
            "[hardtanh] cannot do hardtanh on an unsigned type with negative limits: "
            f"got {min_val=}, {max_val=} and uint8. Convert with .to(dtype) first."
        )


@public("nn.functional.hardtanh")
def _hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """Bring into the range from `min_val` to `max_val`.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype except bool.
    min_val, max_val : float
        The range.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    ValueError
        If `min_val` is greater than `max_val`.
    RuntimeError
        If `input` is bool, or unsigned and a limit negative.

    Notes
    -----
    Derivative: ``g`` strictly inside the range, else 0.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 0.5, 1.0], requires_grad=True)
    >>> y = derivo.nn.functional.hardtanh(x)
    >>> y
    tensor([-1.0000,  0.5000,  1.0000], grad_fn=<HardtanhBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1., 0.])
    """
    _check_hardtanh(input, min_val, max_val)
    op = hardtanh.core
    return (op.inplace if inplace else op)(input, min_val, max_val)


@public("nn.functional.hardtanh_")
def _hardtanh_inplace(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0
) -> Tensor:
    """Bring into the range from `min_val` to `max_val`.

    In place; see `derivo.nn.functional.hardtanh`.
    """
    return _hardtanh(input, min_val, max_val, inplace=True)


@elementwise(
    promote="same",
    node="LeakyReluBackward0",
    oracle="np.where(x > 0, x, x * negative_slope)",
    api=(*NN_CHOICE, *NN_INPLACE),
    accepts="floats",
    samples=({"negative_slope": 0.01}, {"negative_slope": -0.5}),
    ulp=(1, 1),
    kinks=[((0.0,), (0.01,))],
)
def leaky_relu(x: Expr, *, negative_slope: Any = 0.01) -> Expr:
    """Keep what is positive, times `negative_slope` what is not.

    Derivative: ``g`` for positive elements, else ``g * negative_slope``, also at 0.

    Parameters
    ----------
    negative_slope : float, default 0.01
        Slope below 0.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.leaky_relu(x, 0.1)
    >>> y
    tensor([-0.1000,  2.0000], grad_fn=<LeakyReluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.1000, 1.0000])
    """
    return s.where(x > 0, x, x * negative_slope)


@elementwise(
    promote="same",
    node="ThresholdBackward0",
    oracle="np.where(x <= threshold, value, x)",
    api=("{}!", "{}_", *NN_CHOICE, *NN_INPLACE),
    accepts="numbers",
    samples=({"threshold": 0.5, "value": 7.0},),
    ulp=(0.5, 0.5),
    kinks=[((0.5,), (0.0,))],
)
def threshold(x: Expr, *, threshold: Any, value: Any) -> Expr:
    """Replace what is not above `threshold` by `value`.

    Derivative: ``g`` above the threshold, else 0, also at it.

    Parameters
    ----------
    threshold : float
        Elements up to it are replaced.
    value : float
        What replaces them.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.threshold(x, 0.5, 7.0)
    >>> y
    tensor([7., 2.], grad_fn=<ThresholdBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1.])
    """
    return s.where(x <= threshold, value, x)


@threshold.derivative
def _(g: Expr, x: Expr, out: Expr, threshold: Expr, value: Expr) -> tuple[Expr, ...]:
    return (s.where(x <= threshold, 0, g),)


@elementwise(
    promote="same",
    node="HardsigmoidBackward0",
    oracle="np.clip(x + 3, 0, 6) / 6",
    api=NN_CHOICE,
    accepts="floats",
    domain=((-5, 5),),
    floor=0.5,
    kinks=[((-3.0,), (0.0,)), ((3.0,), (0.0,))],
)
def hardsigmoid(x: Expr) -> Expr:
    """Straight-line form of sigmoid: ``clamp(input + 3, 0, 6) / 6``.

    Derivative: ``g / 6`` strictly between -3 and 3, else 0.

    Examples
    --------
    >>> x = derivo.tensor([-4.0, 1.5], requires_grad=True)
    >>> y = derivo.nn.functional.hardsigmoid(x)
    >>> y
    tensor([0.0000, 0.7500], grad_fn=<HardsigmoidBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0000, 0.1667])
    """
    return s.minimum(s.maximum(x + 3, 0), 6) * (1 / 6)


@hardsigmoid.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    return (s.where((x > -3) & (x < 3), g * (1 / 6), 0),)


@elementwise(
    promote="same",
    node="HardswishBackward0",
    oracle="x * np.clip(x + 3, 0, 6) / 6",
    api=NN_CHOICE,
    accepts="floats",
    domain=((-5, 5),),
    floor=1.0,
    kinks=[((-3.0,), (0.0,)), ((3.0,), (1.0,))],
)
def hardswish(x: Expr) -> Expr:
    """Straight-line form of silu: ``input * clamp(input + 3, 0, 6) / 6``.

    Derivative: 0 up to -3, ``g`` from 3 on, ``g * (input / 3 + 1 / 2)`` between.

    Examples
    --------
    >>> x = derivo.tensor([-4.0, 1.5], requires_grad=True)
    >>> y = derivo.nn.functional.hardswish(x)
    >>> y
    tensor([-0.0000, 1.1250], grad_fn=<HardswishBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1.])
    """
    return x * s.minimum(s.maximum(x + 3, 0), 6) * (1 / 6)


@hardswish.derivative
def _(g: Expr, x: Expr, out: Expr) -> tuple[Expr, ...]:
    return (s.where(x <= -3, 0, s.where(x < 3, g * (x * (1 / 3) + 0.5), g)),)


@elementwise(
    promote="same",
    node="HardshrinkBackward0",
    oracle="np.where(np.abs(x) <= lambd, 0, x)",
    api=("{}", "Tensor.{}", *NN),
    accepts="floats",
    samples=({"lambd": 0.5}, {"lambd": 1.25}),
    ulp=(0, 0),
    kinks=[((0.5,), (0.0,)), ((-0.5,), (0.0,))],
)
def hardshrink(x: Expr, *, lambd: Any = 0.5) -> Expr:
    """Replace what is between ``-lambd`` and ``lambd`` by 0.

    Derivative: ``g`` outside the interval, 0 inside and at its ends.

    Parameters
    ----------
    lambd : float, default 0.5
        Half the length of the interval.

    Examples
    --------
    >>> x = derivo.tensor([-0.25, 1.5], requires_grad=True)
    >>> y = derivo.nn.functional.hardshrink(x)
    >>> y
    tensor([0.0000, 1.5000], grad_fn=<HardshrinkBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1.])
    """
    return s.where((x >= -lambd) & (x <= lambd), 0, x)


@elementwise(
    promote="same",
    node="SoftshrinkBackward0",
    oracle="np.where(x > lambd, x - lambd, np.where(x < -lambd, x + lambd, 0 * x))",
    accepts="floats",
    samples=({"lambd": 0.5}, {"lambd": 1.25}),
    ulp=(0.5, 0.5),
    kinks=[((0.5,), (0.0,)), ((-0.5,), (0.0,))],
)
def softshrink(x: Expr, *, lambd: Any = 0.5) -> Expr:
    """Move towards 0 by `lambd`."""
    # A product with 0 keeps NaN, and the sign.
    return s.where(x > lambd, x - lambd, s.where(x < -lambd, x + lambd, x * 0))


@softshrink.derivative
def _(g: Expr, x: Expr, out: Expr, lambd: Expr) -> tuple[Expr, ...]:
    return (s.where((x >= -lambd) & (x <= lambd), 0, g),)


@public("nn.functional.softshrink")
def _softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """Move every element towards 0 by `lambd`, and to 0 where it is nearer than that.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    lambd : float, default 0.5
        How far; not negative.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    RuntimeError
        If `lambd` is negative.

    Notes
    -----
    Derivative: ``g`` where `input` is farther from 0 than `lambd`, else 0.

    Examples
    --------
    >>> x = derivo.tensor([-0.25, 1.5], requires_grad=True)
    >>> y = derivo.nn.functional.softshrink(x)
    >>> y
    tensor([-0., 1.], grad_fn=<SoftshrinkBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0., 1.])
    """
    if not lambd >= 0:
        raise RuntimeError(
            "[softshrink] lambda must be greater or equal to 0: lambda must be in "
            f"range [0, largest number of {input.dtype}], but found {lambd}. Pass the "
            "distance as a positive number."
        )
    return softshrink.core(input, lambd)


# --- a slope that is learned ------------------------------------------------------


@elementwise(
    promote="same",
    node="PreluKernelBackward0",
    oracle="np.where(x > 0, x, weight * x)",
    accepts="floats",
    ulp=(0.5, 0.5),
    kinks=[((0.0, 0.25), (0.25, 0.0))],
)
def prelu(x: Expr, weight: Expr) -> Expr:
    """Keep what is positive, times a slope what is not; the slope is an operand."""
    return s.where(x > 0, x, weight * x)


@public("prelu", "nn.functional.prelu", "Tensor.prelu")
def _prelu(input: Tensor, weight: Tensor) -> Tensor:
    """Keep what is positive, times a learned slope what is not.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point; channels are dimension 1.
    weight : Tensor
        Slopes below 0: one, or one a channel. Of the dtype of `input`.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    RuntimeError
        If the dtypes differ, or the number of slopes is not that of the channels.

    Notes
    -----
    Derivative: ``g`` where `input` is positive, else ``g * weight``; and for `weight`
    the sum of ``g * input`` where `input` is not positive.

    Examples
    --------
    >>> x = derivo.tensor([-2.0, 3.0])
    >>> slope = derivo.tensor(0.25, requires_grad=True)
    >>> y = derivo.prelu(x, slope)
    >>> y
    tensor([-0.5000,  3.0000], grad_fn=<PreluKernelBackward0>)
    >>> y.sum().backward()
    >>> slope.grad
    tensor(-2.)
    """
    if input.dtype is not weight.dtype:
        raise RuntimeError(
            f"[prelu] Type promoting not supported. Got {input.dtype} and "
            f"{weight.dtype}: convert one of them with .to(dtype)."
        )
    if weight.dim() > 1:
        raise RuntimeError(
            "[prelu] Expected `weight` to be a scalar or 1D tensor, but got: ndim = "
            f"{weight.dim()}. Pass one slope a channel."
        )
    if weight.numel() != 1:
        if input.dim() == 0:
            raise RuntimeError(
                "[prelu] Not allow zero-dim input tensor. with several slopes: got "
                f"{weight.numel()}. Pass one slope."
            )
        channels = input.shape[1] if input.dim() > 1 else 1
        if channels != weight.numel():
            raise RuntimeError(
                "[prelu] Mismatch of parameter numbers and input channel size. Found "
                f"parameter numbers = {weight.numel()} and channel size = {channels}. "
                "Pass one slope, or one a channel."
            )
    if weight.dim() != input.dim():
        shape = [1, weight.numel(), *[1] * (input.dim() - 2)]
        weight = weight.reshape(shape[: input.dim()])
    return prelu.core(input, weight)
