# Stub of derivo.nn.functional, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from collections.abc import Sequence
from typing import TypeAlias
from derivo._core.tensor import DType as dtype
from derivo.tensor import Tensor

Number: TypeAlias = bool | int | float

from derivo.nn._functional.adaptive import adaptive_avg_pool1d as adaptive_avg_pool1d
from derivo.nn._functional.adaptive import adaptive_avg_pool2d as adaptive_avg_pool2d
from derivo.nn._functional.adaptive import adaptive_avg_pool3d as adaptive_avg_pool3d
from derivo.nn._functional.adaptive import adaptive_max_pool1d as adaptive_max_pool1d
from derivo.nn._functional.adaptive import adaptive_max_pool1d_with_indices as adaptive_max_pool1d_with_indices
from derivo.nn._functional.adaptive import adaptive_max_pool2d as adaptive_max_pool2d
from derivo.nn._functional.adaptive import adaptive_max_pool2d_with_indices as adaptive_max_pool2d_with_indices
from derivo.nn._functional.adaptive import adaptive_max_pool3d as adaptive_max_pool3d
from derivo.nn._functional.adaptive import adaptive_max_pool3d_with_indices as adaptive_max_pool3d_with_indices
from derivo.nn._functional.vision import affine_grid as affine_grid

def alpha_dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
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
from derivo.nn._functional.pooling import avg_pool1d as avg_pool1d
from derivo.nn._functional.pooling import avg_pool2d as avg_pool2d
from derivo.nn._functional.pooling import avg_pool3d as avg_pool3d
from derivo.nn._functional.norm import batch_norm as batch_norm

def bilinear(
    input1: Tensor,
    input2: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
) -> Tensor:
    """Compute ``input1[i] * weight[o, i, j] * input2[j]`` summed over i and j.

    Parameters
    ----------
    input1 : Tensor
        Of shape ``(*, in1_features)``.
    input2 : Tensor
        Of shape ``(*, in2_features)``.
    weight : Tensor
        Of shape ``(out_features, in1_features, in2_features)``.
    bias : Tensor, optional
        Of shape ``(out_features,)``.

    Returns
    -------
    Tensor
        Of shape ``(*, out_features)``.

    Raises
    ------
    RuntimeError
        Shapes that do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.ones(1, 2, 3, requires_grad=True)
    >>> out = torch.nn.functional.bilinear(torch.ones(4, 2), torch.ones(4, 3), w)
    >>> out.sum().backward()
    >>> w.grad.shape
    torch.Size([1, 2, 3])
    """
from derivo.nn._functional.loss import binary_cross_entropy as binary_cross_entropy
from derivo.nn._functional.loss import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits

def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Exponential linear unit: ``alpha * (exp(input / alpha) - 1)`` below 0.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    alpha : float, default 1.0
        Minus the limit for small `input`; not 0.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    RuntimeError
        If `alpha` is 0.

    Notes
    -----
    Derivative: ``g`` above 0, else ``g * exp(input / alpha)``.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.celu(x)
    >>> y
    tensor([-0.6321,  2.0000], grad_fn=<CeluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.3679, 1.0000])
    """

def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """Exponential linear unit with slope 1 on both sides of 0.

    In place; see `derivo.nn.functional.celu`.
    """

def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Interleave the channels of groups.

    Parameters
    ----------
    input : Tensor
        At least 3-D, channels in the second dimension, divisible by `groups`.
    groups : int
        Number of groups.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.channel_shuffle(derivo.arange(4).view(1, 4, 1), 2).flatten()
    tensor([0, 2, 1, 3])
    """
from derivo.nn._functional.conv import conv1d as conv1d
from derivo.nn._functional.conv import conv2d as conv2d
from derivo.nn._functional.conv import conv3d as conv3d
from derivo.nn._functional.conv import conv_transpose1d as conv_transpose1d
from derivo.nn._functional.conv import conv_transpose2d as conv_transpose2d
from derivo.nn._functional.conv import conv_transpose3d as conv_transpose3d
from derivo.nn._functional.margin import cosine_embedding_loss as cosine_embedding_loss
from derivo.nn._functional.distance import cosine_similarity as cosine_similarity

def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = 'mean',
    label_smoothing: float = 0.0,
) -> Tensor:
    """Cross entropy of logits with classes or with probabilities.

    Parameters
    ----------
    input : Tensor
        Logits, ``[classes]``, ``[n, classes]`` or ``[n, classes, ...]``.
    target : Tensor
        int64 classes, or probabilities of the input's shape.
    weight : Tensor, optional
        Factor of each class, ``[classes]``.
    ignore_index : int, default -100
        Class that contributes nothing.
    reduction : {"mean", "sum", "none"}
        What happens to the samples' losses.
    label_smoothing : float, default 0.0
        How much of the target is spread evenly over all classes.

    Notes
    -----
    **Derivative** of the logits: ``(softmax(input) - target) * g`` per sample.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.zeros(1, 2, requires_grad=True)
    >>> derivo.nn.functional.cross_entropy(x, derivo.tensor([1])).backward()
    >>> x.grad
    tensor([[ 0.5000, -0.5000]])
    """
from derivo.nn._functional.ctc import ctc_loss as ctc_loss

def dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
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

def dropout1d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
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

def dropout2d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
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

def dropout3d(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
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

def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Exponential linear unit: ``alpha * (exp(input) - 1)`` below 0.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    alpha : float, default 1.0
        Minus the limit for small `input`.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g`` above 0, else ``g * alpha * exp(input)``.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.elu(x)
    >>> y
    tensor([-0.6321,  2.0000], grad_fn=<EluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.3679, 1.0000])
    """

def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """Exponential linear unit: ``alpha * (exp(input) - 1)`` below 0.

    In place; see `derivo.elu`.
    """
from derivo.nn._functional.sparse import embedding as embedding
from derivo.nn._functional.sparse import embedding_bag as embedding_bag

def feature_alpha_dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
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
from derivo.nn._functional.windows import fold as fold
from derivo.nn._functional.fractional import fractional_max_pool2d as fractional_max_pool2d
from derivo.nn._functional.fractional import fractional_max_pool2d_with_indices as fractional_max_pool2d_with_indices
from derivo.nn._functional.fractional import fractional_max_pool3d as fractional_max_pool3d
from derivo.nn._functional.fractional import fractional_max_pool3d_with_indices as fractional_max_pool3d_with_indices
from derivo.nn._functional.loss import gaussian_nll_loss as gaussian_nll_loss

def gelu(input: Tensor, *, approximate: str = 'none') -> Tensor:
    """Gaussian error linear unit: ``input`` times the normal distribution function.

    Parameters
    ----------
    input : Tensor
        Any shape, floating point.
    approximate : {"none", "tanh"}
        Exact, or the usual approximation by tanh.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Raises
    ------
    RuntimeError
        If `approximate` is neither.

    Notes
    -----
    Derivative: of the formula chosen.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.gelu(x)
    >>> y
    tensor([-0.1587,  1.9545], grad_fn=<GeluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.0833,  1.0852])
    """
from derivo.nn._functional.activation import glu as glu
from derivo.nn._functional.vision import grid_sample as grid_sample
from derivo.nn._functional.norm import group_norm as group_norm
from derivo.nn._functional.activation import gumbel_softmax as gumbel_softmax

def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """Replace what is between ``-lambd`` and ``lambd`` by 0.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    lambd : float, default 0.5
        Half the length of the interval.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g`` outside the interval, 0 inside and at its ends.

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

def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """Straight-line form of sigmoid: ``clamp(input + 3, 0, 6) / 6``.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
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

def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """Straight-line form of silu: ``input * clamp(input + 3, 0, 6) / 6``.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
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

def hardtanh(
    input: Tensor,
    min_val: float = -1.0,
    max_val: float = 1.0,
    inplace: bool = False,
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

def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Bring into the range from `min_val` to `max_val`.

    In place; see `derivo.nn.functional.hardtanh`.
    """
from derivo.nn._functional.margin import hinge_embedding_loss as hinge_embedding_loss
from derivo.nn._functional.loss import huber_loss as huber_loss
from derivo.nn._functional.norm import instance_norm as instance_norm
from derivo.nn._functional.vision import interpolate as interpolate
from derivo.nn._functional.loss import kl_div as kl_div
from derivo.nn._functional.loss import l1_loss as l1_loss

def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
    cudnn_enable: bool = True,
) -> Tensor:
    """Normalize the last dimensions to mean 0 and variance 1.

    Parameters
    ----------
    input : Tensor
        Floating point; its last dimensions are `normalized_shape`.
    normalized_shape : sequence of int
        Sizes of the dimensions to normalize over.
    weight, bias : Tensor, optional
        Of that shape: scale and shift of the result.
    eps : float
        Added to the variance.

    Raises
    ------
    RuntimeError
        If the shapes do not fit.

    Notes
    -----
    ``(x - mean) / sqrt(var + eps) * weight + bias`` with the biased variance.

    Examples
    --------
    >>> import derivo
    >>> derivo.nn.functional.layer_norm(derivo.tensor([1.0, 3.0]), (2,))
    tensor([-1.0000,  1.0000])
    """

def leaky_relu(
    input: Tensor,
    negative_slope: float = 0.01,
    inplace: bool = False,
) -> Tensor:
    """Keep what is positive, times `negative_slope` what is not.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    negative_slope : float, default 0.01
        Slope below 0.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g`` for positive elements, else ``g * negative_slope``, also at 0.

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

def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Keep what is positive, times `negative_slope` what is not.

    In place; see `derivo.leaky_relu`.
    """

def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Compute ``input @ weight.T + bias``.

    Parameters
    ----------
    input : Tensor
        Of shape ``(*, in_features)``.
    weight : Tensor
        Of shape ``(out_features, in_features)`` or ``(in_features,)``.
    bias : Tensor, optional
        Of shape ``(out_features,)``.

    Returns
    -------
    Tensor
        Of shape ``(*, out_features)``.

    Raises
    ------
    RuntimeError
        Shapes or dtypes that do not fit.
    NotImplementedError
        A dtype without products.

    Notes
    -----
    **Derivative**: ``g @ weight`` for `input`, ``g.T @ input`` for `weight`, the sum of
    `g` over all but its last dimension for `bias`.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.ones(2, 3, requires_grad=True)
    >>> torch.nn.functional.linear(torch.ones(4, 3), w).sum().backward()
    >>> w.grad
    tensor([[4., 4., 4.],
            [4., 4., 4.]])
    """
from derivo.nn._functional.loss import linear_cross_entropy as linear_cross_entropy
from derivo.nn._functional.norm import local_response_norm as local_response_norm

def log_softmax(
    input: Tensor,
    dim: int | None = None,
    _stacklevel: int = 3,
    dtype: dtype | None = None,
) -> Tensor:
    """Logarithm of the softmax along a dimension; see `derivo.log_softmax`."""

def logsigmoid(input: Tensor) -> Tensor:
    """Compute ``log(sigmoid(input))`` without underflow.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * sigmoid(-input)``.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.logsigmoid(x)
    >>> y
    tensor([-1.3133, -0.1269], grad_fn=<LogSigmoidBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.7311, 0.1192])
    """
from derivo.nn._functional.pooling import lp_pool1d as lp_pool1d
from derivo.nn._functional.pooling import lp_pool2d as lp_pool2d
from derivo.nn._functional.pooling import lp_pool3d as lp_pool3d
from derivo.nn._functional.margin import margin_ranking_loss as margin_ranking_loss
from derivo.nn._functional.pooling import max_pool1d as max_pool1d
from derivo.nn._functional.pooling import max_pool1d_with_indices as max_pool1d_with_indices
from derivo.nn._functional.pooling import max_pool2d as max_pool2d
from derivo.nn._functional.pooling import max_pool2d_with_indices as max_pool2d_with_indices
from derivo.nn._functional.pooling import max_pool3d as max_pool3d
from derivo.nn._functional.pooling import max_pool3d_with_indices as max_pool3d_with_indices
from derivo.nn._functional.pooling import max_unpool1d as max_unpool1d
from derivo.nn._functional.pooling import max_unpool2d as max_unpool2d
from derivo.nn._functional.pooling import max_unpool3d as max_unpool3d

def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """Self-regularised activation: ``input * tanh(softplus(input))``.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: of the formula.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.mish(x)
    >>> y
    tensor([-0.3034,  1.9440], grad_fn=<MishBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0592, 1.0693])
    """

def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = 'mean',
    weight: Tensor | None = None,
) -> Tensor:
    """Squared difference, averaged or summed.

    Parameters
    ----------
    input, target : Tensor
        Floating point, of one shape.
    reduction : {"mean", "sum", "none"}
        What happens to the elements' losses.
    weight : Tensor, optional
        Factor of each element's loss.

    Returns
    -------
    Tensor
        0-d, or of the input's shape for "none".

    Notes
    -----
    **Derivative** of the input: ``2 * (input - target) * g``, divided by their number
    for "mean".

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 3.0], requires_grad=True)
    >>> derivo.nn.functional.mse_loss(x, derivo.zeros(2)).backward()
    >>> x.grad
    tensor([1., 3.])
    """
from derivo.nn._functional.attention import multi_head_attention_forward as multi_head_attention_forward
from derivo.nn._functional.margin import multi_margin_loss as multi_margin_loss
from derivo.nn._functional.margin import multilabel_margin_loss as multilabel_margin_loss
from derivo.nn._functional.margin import multilabel_soft_margin_loss as multilabel_soft_margin_loss

def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = 'mean',
) -> Tensor:
    """Negative log likelihood of the right classes.

    Parameters
    ----------
    input : Tensor
        Log probabilities, ``[classes]``, ``[n, classes]`` or ``[n, classes, ...]``.
    target : Tensor
        int64 classes, of the input's shape without the dimension of classes.
    weight : Tensor, optional
        Factor of each class, ``[classes]``.
    ignore_index : int, default -100
        Class that contributes nothing.
    reduction : {"mean", "sum", "none"}
        "mean" divides by the sum of the weights of the targets.

    Raises
    ------
    IndexError
        If a target is no class.
    ValueError, RuntimeError
        If the shapes or dtypes do not fit.

    Examples
    --------
    >>> import derivo
    >>> logp = derivo.tensor([[-0.5, -1.0]], requires_grad=True)
    >>> derivo.nn.functional.nll_loss(logp, derivo.tensor([0])).backward()
    >>> logp.grad
    tensor([[-1.,  0.]])
    """
from derivo.nn._functional.norm import normalize as normalize
from derivo.nn._functional.sparse import one_hot as one_hot

def pad(
    input: Tensor,
    pad: Sequence[int],
    mode: str = 'constant',
    value: Number | None = None,
) -> Tensor:
    """Surround a tensor with a constant or with its own elements.

    Parameters
    ----------
    input : Tensor
        Any shape for "constant"; for the other modes the padded dimensions (1 to 3)
        and one or two in front of them.
    pad : sequence of int
        Pairs (before, after), last dimension first.
    mode : {"constant", "reflect", "replicate", "circular"}
        What the borders hold: `value`; the elements mirrored, the outermost not
        repeated; the outermost element; those of the other end.
    value : number, optional
        For "constant"; zero if not given.

    Returns
    -------
    Tensor
        A copy.

    Raises
    ------
    RuntimeError, NotImplementedError
        If the number of dimensions or a border's size does not fit the mode.

    Notes
    -----
    **Derivative** each element gets the gradients of all its copies, summed.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([[1.0, 2.0, 3.0]])
    >>> derivo.nn.functional.pad(x, (2, 1), mode="reflect")
    tensor([[3., 2., 1., 2., 3., 2.]])
    """
from derivo.nn._functional.distance import pairwise_distance as pairwise_distance
from derivo.nn._functional.distance import pdist as pdist

def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Make larger images of many channels: (C r², H, W) becomes (C, H r, W r).

    Parameters
    ----------
    input : Tensor
        At least 3-D; the third dimension from the end divisible by the square of
        the factor.
    upscale_factor : int
        r.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.pixel_shuffle(derivo.arange(4).view(4, 1, 1), 2)
    tensor([[[0, 1],
             [2, 3]]])
    """

def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Undo `pixel_shuffle`: (C, H r, W r) becomes (C r², H, W).

    Parameters
    ----------
    input : Tensor
        At least 3-D; height and width divisible by the factor.
    downscale_factor : int
        r.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.pixel_unshuffle(derivo.arange(4).view(1, 2, 2), 2).flatten()
    tensor([0, 1, 2, 3])
    """
from derivo.nn._functional.loss import poisson_nll_loss as poisson_nll_loss

def prelu(input: Tensor, weight: Tensor) -> Tensor:
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

def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Keep what is positive: ``max(input, 0)``.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype except bool.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
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

def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """Bring into the range from 0 to 6.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype except bool.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
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

def relu_(input: Tensor) -> Tensor:
    """Keep what is positive: ``max(input, 0)``.

    In place; see `derivo.relu`.
    """
from derivo.nn._functional.norm import rms_norm as rms_norm

def rrelu(
    input: Tensor,
    lower: float = 0.125,
    upper: float = 0.3333333333333333,
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

def rrelu_(
    input: Tensor,
    lower: float = 0.125,
    upper: float = 0.3333333333333333,
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
from derivo.nn._functional.attention import scaled_dot_product_attention as scaled_dot_product_attention

def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """Scaled exponential linear unit, whose constants keep mean 0 and variance 1.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: of the formula; the lower branch at 0.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.selu(x)
    >>> y
    tensor([-1.1113,  2.1014], grad_fn=<EluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.6468, 1.0507])
    """

def selu_(input: Tensor) -> Tensor:
    """Scaled exponential linear unit, whose constants keep mean 0 and variance 1.

    In place; see `derivo.selu`.
    """

def sigmoid(input: Tensor) -> Tensor:
    """Compute the logistic function ``1 / (1 + exp(-x))``.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * out * (1 - out)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 2.0], requires_grad=True)
    >>> y = derivo.sigmoid(x)
    >>> y
    tensor([0.5000, 0.8808], grad_fn=<SigmoidBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.2500, 0.1050])
    """

def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """Sigmoid linear unit: ``input * sigmoid(input)``.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype, floating point.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * s * (1 + input * (1 - s))`` with ``s = sigmoid(input)``.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.silu(x)
    >>> y
    tensor([-0.2689,  1.7616], grad_fn=<SiluBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.0723, 1.0908])
    """
from derivo.nn._functional.loss import smooth_l1_loss as smooth_l1_loss
from derivo.nn._functional.margin import soft_margin_loss as soft_margin_loss

def softmax(
    input: Tensor,
    dim: int | None = None,
    _stacklevel: int = 3,
    dtype: dtype | None = None,
) -> Tensor:
    """Exponentials along a dimension, scaled to sum to one; see `derivo.softmax`."""

def softmin(
    input: Tensor,
    dim: int | None = None,
    _stacklevel: int = 3,
    dtype: dtype | None = None,
) -> Tensor:
    """Softmax of the negated input."""

def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """Smooth form of relu: ``log(1 + exp(beta * input)) / beta``.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype, floating point.
    beta : float, default 1
        Steepness.
    threshold : float, default 20
        Where ``beta * input`` is above it, the result is `input`.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * sigmoid(beta * input)``, ``g`` above the threshold.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 2.0], requires_grad=True)
    >>> y = derivo.nn.functional.softplus(x)
    >>> y
    tensor([0.3133, 2.1269], grad_fn=<SoftplusBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.2689, 0.8808])
    """

def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
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

def softsign(input: Tensor) -> Tensor:
    """Compute ``input / (1 + abs(input))``.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype, floating point.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g / (1 + abs(input))**2``.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 3.0], requires_grad=True)
    >>> y = derivo.nn.functional.softsign(x)
    >>> y
    tensor([-0.5000,  0.7500], grad_fn=<DivBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.2500, 0.0625])
    """

def tanh(input: Tensor) -> Tensor:
    """Take the hyperbolic tangent.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Notes
    -----
    Derivative: ``g * (1 - out**2)``.

    Examples
    --------
    >>> x = derivo.tensor([0.0, 1.0], requires_grad=True)
    >>> y = derivo.tanh(x)
    >>> y
    tensor([0.0000, 0.7616], grad_fn=<TanhBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([1.0000, 0.4200])
    """

def tanhshrink(input: Tensor) -> Tensor:
    """Compute ``input - tanh(input)``.

    Parameters
    ----------
    input : Tensor
        Any shape, any dtype, floating point.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands, integers become the default dtype.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g * tanh(input)**2``.

    Examples
    --------
    >>> x = derivo.tensor([-1.0, 3.0], requires_grad=True)
    >>> y = derivo.nn.functional.tanhshrink(x)
    >>> y
    tensor([-0.2384,  2.0049], grad_fn=<SubBackward0>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([0.5800, 0.9901])
    """

def threshold(
    input: Tensor,
    threshold: float,
    value: float,
    inplace: bool = False,
) -> Tensor:
    """Replace what is not above `threshold` by `value`.

    Parameters
    ----------
    input : Tensor
        Any shape, any real dtype except bool.
    threshold : float
        Elements up to it are replaced.
    value : float
        What replaces them.
    inplace : bool, default False
        Change `input` itself.

    Returns
    -------
    Tensor
        Of the broadcast shape. In the promoted dtype of the operands.

    Raises
    ------
    NotImplementedError
        If the promoted dtype is not one of those above.

    Notes
    -----
    Derivative: ``g`` above the threshold, else 0, also at it.

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

def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """Replace what is not above `threshold` by `value`.

    In place; see `derivo.threshold`.
    """
from derivo.nn._functional.margin import triplet_margin_loss as triplet_margin_loss
from derivo.nn._functional.margin import triplet_margin_with_distance_loss as triplet_margin_with_distance_loss
from derivo.nn._functional.windows import unfold as unfold
from derivo.nn._functional.vision import upsample as upsample
from derivo.nn._functional.vision import upsample_bilinear as upsample_bilinear
from derivo.nn._functional.vision import upsample_nearest as upsample_nearest
