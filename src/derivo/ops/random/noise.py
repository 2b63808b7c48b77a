"""Layers that multiply by noise: dropout and its relatives, rrelu."""

from __future__ import annotations

import math
import struct
import warnings
from typing import TYPE_CHECKING

from derivo._core.draws import Kind, fill_each, fill_tensor
from derivo._core.promotion import SCALAR_TYPES
from derivo._core.tensor import _empty, dtypes
from derivo.ir import scalar as s
from derivo.ops._elementwise import elementwise
from derivo.ops._surface import public
from derivo.ops.random._shared import blank, like, unsupported

if TYPE_CHECKING:
    from derivo import Tensor
    from derivo.ir.expr import Expr

# Of SELU, negated and scaled: where alpha dropout sends what it drops.
_ALPHA = 1.7580993408473766


def _single(x: float) -> float:
    return float(struct.unpack("f", struct.pack("f", x))[0])


def _rounded(x: float, code: int) -> float:
    """Round to the floating point dtype with this code."""
    if code == 6:
        return float(struct.unpack("e", struct.pack("e", x))[0])
    if code == 7:
        (bits,) = struct.unpack("I", struct.pack("f", x))
        bits = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000
        return float(struct.unpack("f", struct.pack("I", bits))[0])
    return _single(x) if code == 8 else x


def _bernoulli_noise(input: Tensor, p: float, op: str, *, feature: bool) -> Tensor:
    if not feature:
        return like(input, None, None, None, None, op)
    if input.dim() < 2:
        raise RuntimeError(
            f"[{op}] Feature dropout requires at least 2 dimensions in the input: got "
            f"shape {tuple(input.shape)}. Use dropout."
        )
    shape = tuple(input.shape)
    return blank((*shape[:2], *(1,) * (len(shape) - 2)), input.dtype, op)


def _dropout(
    input: Tensor,
    p: float,
    train: bool,
    op: str,
    *,
    inplace: bool = False,
    feature: bool = False,
    alpha: bool = False,
) -> Tensor:
    if not 0 <= p <= 1:
        raise RuntimeError(
            f"[{op}] dropout probability has to be between 0 and 1, but got {p}."
        )
    if not train or p == 0 or input.numel() == 0:
        return input
    if p == 1:
        nothing = _empty((), input.dtype)
        fill_tensor(Kind.BERNOULLI, nothing, 0.0)
        return input.mul_(nothing) if inplace else input * nothing
    code = input.dtype.code
    if code > 9:
        raise unsupported(op, "bernoulli_scalar_cpu_", input, "a real dtype")
    noise = _bernoulli_noise(input, p, op, feature=feature)
    if code < 6:
        raise RuntimeError(
            f"[{op}] result type Float can't be cast to the desired output type "
            f"{SCALAR_TYPES[code]}: expected a floating point input, got "
            f"dtype={input.dtype}. Convert it first."
        )
    keep = 1 - p
    if not alpha:
        # 1 / keep in the precision that a division of the noise would have
        worth = 1 / keep if code == 9 else _single(1 / _single(keep))
        fill_tensor(Kind.DROPOUT, noise, keep, worth)
        return input.mul_(noise) if inplace else input * noise
    fill_tensor(Kind.BERNOULLI, noise, keep)
    a = 1 / math.sqrt((_ALPHA * _ALPHA * p + 1) * keep)
    shift = noise.sub(1).mul_(_ALPHA * a).add_(_ALPHA * a * p)
    noise.mul_(a)
    if inplace:
        return input.mul_(noise).add_(shift)
    return (input * noise).add_(shift)


# --- functions of probability and mode --------------------------------------------


@public("dropout")
def dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """Zero each element with probability `p` and scale the others by 1 / (1 - p).

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    p : float
        Probability of a zero.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input` itself if nothing is to be done.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.dropout(derivo.ones(4), 0.5, True)
    tensor([0., 0., 2., 0.])
    """
    return _dropout(input, p, train, "dropout")


@public("dropout_")
def dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """Zero elements in place; see `derivo.dropout`.

    Parameters
    ----------
    input : Tensor
        Changed and returned.
    p : float
        Probability of being dropped.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input`.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(3)
    >>> derivo.dropout_(x, 0.5, False) is x
    True
    """
    return _dropout(input, p, train, "dropout_", inplace=True)


@public("feature_dropout")
def feature_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """Zero whole channels (entries of the first two dimensions).

    Parameters
    ----------
    input : Tensor
        Of two dimensions or more, floating point.
    p : float
        Probability of a zero.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input` itself if nothing is to be done.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.feature_dropout(derivo.ones(1, 3, 2), 0.5, True)
    tensor([[[0., 0.],
             [0., 0.],
             [2., 2.]]])
    """
    return _dropout(input, p, train, "feature_dropout", feature=True)


@public("feature_dropout_")
def feature_dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """Zero channels in place; see `derivo.feature_dropout`.

    Parameters
    ----------
    input : Tensor
        Changed and returned.
    p : float
        Probability of being dropped.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input`.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(1, 3)
    >>> derivo.feature_dropout_(x, 0.5, False) is x
    True
    """
    return _dropout(input, p, train, "feature_dropout_", inplace=True, feature=True)


@public("alpha_dropout")
def alpha_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """Set elements to SELU's limit and rescale, keeping mean 0 and variance 1.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    p : float
        Probability of being dropped.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input` itself if nothing is to be done.

    Examples
    --------
    >>> import derivo
    >>> derivo.alpha_dropout(derivo.zeros(2), 0.0, True)
    tensor([0., 0.])
    """
    return _dropout(input, p, train, "alpha_dropout", alpha=True)


@public("alpha_dropout_")
def alpha_dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """Drop elements in place; see `derivo.alpha_dropout`.

    Parameters
    ----------
    input : Tensor
        Changed and returned.
    p : float
        Probability of being dropped.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input`.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(3)
    >>> derivo.alpha_dropout_(x, 0.5, False) is x
    True
    """
    return _dropout(input, p, train, "alpha_dropout_", inplace=True, alpha=True)


@public("feature_alpha_dropout")
def feature_alpha_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """Drop whole channels as `derivo.alpha_dropout` drops elements.

    Parameters
    ----------
    input : Tensor
        Of two dimensions or more, floating point.
    p : float
        Probability of being dropped.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input` itself if nothing is to be done.

    Examples
    --------
    >>> import derivo
    >>> derivo.feature_alpha_dropout(derivo.zeros(1, 2), 0.0, True)
    tensor([[0., 0.]])
    """
    return _dropout(input, p, train, "feature_alpha_dropout", feature=True, alpha=True)


@public("feature_alpha_dropout_")
def feature_alpha_dropout_(input: Tensor, p: float, train: bool) -> Tensor:
    """Drop channels in place; see `derivo.feature_alpha_dropout`.

    Parameters
    ----------
    input : Tensor
        Changed and returned.
    p : float
        Probability of being dropped.
    train : bool
        Whether to do anything.

    Returns
    -------
    Tensor
        `input`.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(1, 3)
    >>> derivo.feature_alpha_dropout_(x, 0.5, False) is x
    True
    """
    return _dropout(
        input,
        p,
        train,
        "feature_alpha_dropout_",
        inplace=True,
        feature=True,
        alpha=True,
    )


@elementwise(
    promote="same",
    node="NativeDropoutBackward0",
    oracle="x * mask * scale",
    no_derivative=("mask",),
    register=False,
)
def _masked(x: Expr, mask: Expr, *, scale: Expr) -> Expr:
    return x * mask * scale


@_masked.derivative
def _(g: Expr, x: Expr, mask: Expr, out: Expr, *, scale: Expr) -> tuple[Expr, None]:
    return g * mask * scale, None


@public("native_dropout")
def native_dropout(
    input: Tensor, p: float, train: bool | None
) -> tuple[Tensor, Tensor]:
    """Zero elements with probability `p`, and return also what was kept.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    p : float
        Probability of a zero.
    train : bool or None
        False: keep everything.

    Returns
    -------
    output, mask : Tensor
        The mask is bool.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.native_dropout(derivo.ones(4), 0.5, True)
    (tensor([0., 0., 2., 0.]), tensor([False, False,  True, False]))
    """
    if train is False:
        mask = _empty(input.shape, dtypes[0])
        fill_tensor(Kind.BERNOULLI, mask, 1.0)
        return _masked.core(input, mask, 1.0), mask
    if input.dtype.code < 6:
        raise RuntimeError(
            "[native_dropout] result type Float can't be cast to the desired output "
            f"type {SCALAR_TYPES[input.dtype.code]}: expected a floating point input, "
            f"got dtype={input.dtype}. Convert it first."
        )
    keep = 1 - p
    if not 0 <= keep <= 1:
        raise RuntimeError(
            f"[native_dropout] bernoulli_ expects p to be in [0, 1], but got p={keep}."
        )
    mask = blank(input.shape, dtypes[0], "native_dropout")
    fill_tensor(Kind.BERNOULLI, mask, keep)
    scale = _rounded(1 / keep, input.dtype.code) if keep else 0.0
    return _masked.core(input, mask, scale), mask


# --- nn.functional ----------------------------------------------------------------


def _check_probability(op: str, p: float) -> None:
    if p < 0 or p > 1:
        raise ValueError(
            f"[{op}] dropout probability has to be between 0 and 1, but got {p}."
        )


@public("nn.functional.dropout")
def functional_dropout(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Zero each element with probability `p` and scale the others by 1 / (1 - p).

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    p : float, default 0.5
        Probability of a zero.
    training : bool, default True
        Whether to do anything.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        `input` itself if nothing is to be done. Its gradient is that of the
        multiplication by the mask.

    Raises
    ------
    ValueError
        If `p` lies outside [0, 1].

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> x = derivo.ones(4, requires_grad=True)
    >>> derivo.nn.functional.dropout(x).sum().backward()
    >>> x.grad
    tensor([0., 0., 2., 0.])
    """
    _check_probability("dropout", p)
    return _dropout(input, p, training, "dropout", inplace=inplace)


@public("nn.functional.alpha_dropout")
def functional_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Drop elements such that mean 0 and variance 1 are kept; see `AlphaDropout`.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    p : float, default 0.5
        Probability of being dropped.
    training : bool, default False
        Whether to do anything.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        `input` itself if nothing is to be done.

    Raises
    ------
    ValueError
        If `p` lies outside [0, 1].

    Examples
    --------
    >>> import derivo
    >>> derivo.nn.functional.alpha_dropout(derivo.zeros(2))
    tensor([0., 0.])
    """
    _check_probability("alpha_dropout", p)
    return _dropout(input, p, training, "alpha_dropout", inplace=inplace, alpha=True)


@public("nn.functional.feature_alpha_dropout")
def functional_feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Drop whole channels such that mean 0 and variance 1 are kept.

    Parameters
    ----------
    input : Tensor
        Of two dimensions or more, floating point.
    p : float, default 0.5
        Probability of being dropped.
    training : bool, default False
        Whether to do anything.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        `input` itself if nothing is to be done.

    Raises
    ------
    ValueError
        If `p` lies outside [0, 1].

    Examples
    --------
    >>> import derivo
    >>> derivo.nn.functional.feature_alpha_dropout(derivo.zeros(1, 2))
    tensor([[0., 0.]])
    """
    _check_probability("feature_alpha_dropout", p)
    return _dropout(
        input,
        p,
        training,
        "feature_alpha_dropout",
        inplace=inplace,
        feature=True,
        alpha=True,
    )


def _channels(
    input: Tensor, p: float, training: bool, inplace: bool, op: str, batched: bool
) -> Tensor:
    if batched:
        return _dropout(input, p, training, op, inplace=inplace, feature=True)
    one = input.unsqueeze(0)
    changed = _dropout(one, p, training, op, inplace=inplace, feature=True)
    return input if inplace else changed.squeeze(0)


@public("nn.functional.dropout1d")
def dropout1d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Zero whole channels of sequences.

    Parameters
    ----------
    input : Tensor
        Of shape (channels, length) or (batch, channels, length), floating point.
    p : float, default 0.5
        Probability of a channel to be zeroed.
    training : bool, default True
        Whether to do anything.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If `p` lies outside [0, 1].
    RuntimeError
        If `input` has another number of dimensions.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.nn.functional.dropout1d(derivo.ones(3, 2))
    tensor([[0., 0.],
            [0., 0.],
            [2., 2.]])
    """
    _check_probability("dropout1d", p)
    rank = input.dim()
    if rank not in (2, 3):
        raise RuntimeError(
            f"[dropout1d] dropout1d: Expected 2D or 3D input, but received a {rank}D "
            "input: channels and length, maybe after a batch dimension. Use dropout."
        )
    return _channels(input, p, training, inplace, "dropout1d", rank == 3)


@public("nn.functional.dropout2d")
def dropout2d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Zero whole channels of images.

    Parameters
    ----------
    input : Tensor
        Of shape (batch, channels, height, width), floating point. Three dimensions
        are read as (batch, channels, length), with a warning, as in PyTorch.
    p : float, default 0.5
        Probability of a channel to be zeroed.
    training : bool, default True
        Whether to do anything.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If `p` lies outside [0, 1].

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.nn.functional.dropout2d(derivo.ones(1, 3, 1, 2))
    tensor([[[[0., 0.]],
    <BLANKLINE>
             [[0., 0.]],
    <BLANKLINE>
             [[2., 2.]]]])
    """
    _check_probability("dropout2d", p)
    rank = input.dim()
    if rank not in (3, 4):
        warnings.warn(
            f"[dropout2d] dropout2d: Received a {rank}-D input to dropout2d, which is "
            "deprecated and will result in an error in a future release: expected "
            "(batch, channels, height, width). Use dropout.",
            stacklevel=2,
        )
    elif rank == 3:
        warnings.warn(
            "[dropout2d] dropout2d: Received a 3D input to dropout2d and assuming that "
            "channel-wise 1D dropout behavior is desired: it is read as (batch, "
            "channels, length). Use dropout1d for that.",
            stacklevel=2,
        )
    return _dropout(input, p, training, "dropout2d", inplace=inplace, feature=True)


@public("nn.functional.dropout3d")
def dropout3d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Zero whole channels of volumes.

    Parameters
    ----------
    input : Tensor
        Of shape (channels, depth, height, width), maybe after a batch dimension,
        floating point.
    p : float, default 0.5
        Probability of a channel to be zeroed.
    training : bool, default True
        Whether to do anything.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    ValueError
        If `p` lies outside [0, 1].

    Examples
    --------
    >>> import derivo
    >>> derivo.nn.functional.dropout3d(derivo.ones(2, 1, 1, 2)).shape
    torch.Size([2, 1, 1, 2])
    """
    _check_probability("dropout3d", p)
    rank = input.dim()
    if rank not in (4, 5):
        warnings.warn(
            f"[dropout3d] dropout3d: Received a {rank}-D input to dropout3d, which is "
            "deprecated and will result in an error in a future release: expected "
            "(channels, depth, height, width) or a batch of it. Use dropout.",
            stacklevel=2,
        )
    return _channels(input, p, training, inplace, "dropout3d", rank == 5)


# --- rrelu ------------------------------------------------------------------------


@elementwise(
    promote="same",
    node="RreluWithNoiseBackward0",
    oracle="x * slope",
    accepts="floats",
    no_derivative=("slope",),
    register=False,
)
def _sloped(x: Expr, slope: Expr) -> Expr:
    return x * slope


@_sloped.derivative
def _(g: Expr, x: Expr, slope: Expr, out: Expr) -> tuple[Expr, None]:
    return g * slope, None


@elementwise(
    promote="same",
    node="RreluWithNoiseBackward0",
    oracle="np.where(x <= 0, x * slope, x)",
    accepts="floats",
    register=False,
)
def _leaky(x: Expr, *, slope: Expr) -> Expr:
    return s.where(x <= 0, x * slope, x)


@public("nn.functional.rrelu", "rrelu")
def rrelu(
    input: Tensor,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """Multiply what is not positive by random slopes between `lower` and `upper`.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    lower, upper : float
        Bounds of the slopes.
    training : bool, default False
        False: the slope is the mean of the bounds.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Raises
    ------
    RuntimeError
        If `lower` exceeds `upper`.

    Examples
    --------
    >>> import derivo
    >>> derivo.nn.functional.rrelu(derivo.tensor([-4.0, 2.0]), 0.0, 0.5)
    tensor([-1.,  2.])
    """
    if not lower <= upper:
        raise RuntimeError(
            f"[rrelu] Lower bound should be less than or equal to the upper bound: got "
            f"lower={lower}, upper={upper}. Swap them."
        )
    if not input.is_floating_point():
        raise unsupported("rrelu", "rrelu_with_noise_out_cpu", input, "floating point")
    if not training:
        mean = (lower + upper) / 2
        return (_leaky.core.inplace if inplace else _leaky.core)(input, mean)
    slopes = _empty(input.shape, input.dtype)
    if input.dtype.code != 9:
        lower, upper = _single(lower), _single(upper)
    fill_each(Kind.RRELU, slopes, input.detach(), None, None, lower, upper)
    return (_sloped.core.inplace if inplace else _sloped.core)(input, slopes)


@public("nn.functional.rrelu_", "rrelu_")
def rrelu_(
    input: Tensor,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
) -> Tensor:
    """Multiply by random slopes in place; see `derivo.rrelu`.

    Parameters
    ----------
    input : Tensor
        Changed and returned.
    lower, upper : float
        Bounds of the slopes.
    training : bool, default False
        False: the slope is the mean of the bounds.

    Returns
    -------
    Tensor
        `input`.

    Examples
    --------
    >>> import derivo
    >>> derivo.rrelu_(derivo.tensor([-4.0, 2.0]), 0.0, 0.5)
    tensor([-1.,  2.])
    """
    return rrelu(input, lower, upper, training, inplace=True)
