# Stub of derivo.nn.functional, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any
from typing import TypeAlias
from derivo._core.tensor import DType as dtype
from derivo.tensor import Tensor

Ints: TypeAlias = tuple[int, ...]
Legacy: TypeAlias = bool | None
Number: TypeAlias = bool | int | float


def adaptive_avg_pool1d(input: Tensor, output_size: int | Ints) -> Tensor:
    """Means of windows chosen such that `output_size` of them cover the input.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Floating.
    output_size : int
        The length of the result.

    Returns
    -------
    Tensor of shape (N, C, output_size)
        Or without N, as `input`.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.adaptive_avg_pool1d(torch.tensor([[1.0, 2.0, 3.0]]), 2)
    tensor([[1.5000, 2.5000]])
    """

def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """Means over images; `output_size` is an int or a pair, None keeps a size.

    See `adaptive_avg_pool1d`.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.adaptive_avg_pool2d(torch.ones(1, 2, 5, 7), (3, None)).shape
    torch.Size([1, 2, 3, 7])
    """

def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """Means over volumes; see `adaptive_avg_pool2d`."""

def adaptive_max_pool1d(
    input: Tensor,
    output_size: Any,
    return_indices: bool = False,
) -> Any:
    """Maxima of windows chosen such that `output_size` of them cover the input.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Any dtype with an order.
    output_size : int
        The length of the result.
    return_indices : bool, optional
        Return also where in the input the maxima are.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.adaptive_max_pool1d(torch.tensor([[1.0, 2.0, 3.0]]), 2)
    tensor([[2., 3.]])
    """

def adaptive_max_pool1d_with_indices(input: Tensor, output_size: Any) -> Any:
    """`adaptive_max_pool1d` with ``return_indices=True``."""

def adaptive_max_pool2d(
    input: Tensor,
    output_size: Any,
    return_indices: bool = False,
) -> Any:
    """Maxima over images; see `adaptive_max_pool1d` and `adaptive_avg_pool2d`."""

def adaptive_max_pool2d_with_indices(input: Tensor, output_size: Any) -> Any:
    """`adaptive_max_pool2d` with ``return_indices=True``."""

def adaptive_max_pool3d(
    input: Tensor,
    output_size: Any,
    return_indices: bool = False,
) -> Any:
    """Maxima over volumes; see `adaptive_max_pool1d` and `adaptive_avg_pool2d`."""

def adaptive_max_pool3d_with_indices(input: Tensor, output_size: Any) -> Any:
    """`adaptive_max_pool3d` with ``return_indices=True``."""

def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Tensor:
    """Make the sampling grid of an affine map, for `grid_sample`.

    Parameters
    ----------
    theta : Tensor of shape (N, 2, 3) or (N, 3, 4)
        The maps.
    size : tuple of int
        (N, C, H, W) or (N, C, D, H, W) of the result.
    align_corners : bool, optional
        Whether -1 and 1 are the centres of the corner elements.

    Returns
    -------
    Tensor of shape (N, H, W, 2) or (N, D, H, W, 3)
        Where to sample.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> identity = torch.eye(2, 3).unsqueeze(0)
    >>> torch.nn.functional.affine_grid(identity, (1, 1, 2, 2), True).flatten()
    tensor([-1., -1.,  1., -1., -1.,  1.,  1.,  1.])
    """

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

def avg_pool1d(
    input: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Floating.
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    padding : int or tuple of int, optional
        Zeros on both sides, at most half the kernel.
    ceil_mode : bool, optional
        Add windows that do not quite fit.
    count_include_pad : bool, optional
        Count the padding in the mean.

    Returns
    -------
    Tensor of shape (N, C, oL)
        Or without N, as `input`.

    Raises
    ------
    RuntimeError
        If the arguments do not fit the shape.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.ones(1, 1, 2)
    >>> torch.nn.functional.avg_pool1d(x, 2).flatten()
    tensor([1.])
    """

def avg_pool2d(
    input: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Floating.
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    padding : int or tuple of int, optional
        Zeros on both sides, at most half the kernel.
    ceil_mode : bool, optional
        Add windows that do not quite fit.
    count_include_pad : bool, optional
        Count the padding in the mean.
    divisor_override : int, optional
        Divide by it instead.

    Returns
    -------
    Tensor of shape (N, C, oH, oW)
        Or without N, as `input`.

    Raises
    ------
    RuntimeError
        If the arguments do not fit the shape.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.ones(1, 1, 2, 2)
    >>> torch.nn.functional.avg_pool2d(x, 2).flatten()
    tensor([1.])
    """

def avg_pool3d(
    input: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        Floating.
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    padding : int or tuple of int, optional
        Zeros on both sides, at most half the kernel.
    ceil_mode : bool, optional
        Add windows that do not quite fit.
    count_include_pad : bool, optional
        Count the padding in the mean.
    divisor_override : int, optional
        Divide by it instead.

    Returns
    -------
    Tensor of shape (N, C, oD, oH, oW)
        Or without N, as `input`.

    Raises
    ------
    RuntimeError
        If the arguments do not fit the shape.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.ones(1, 1, 2, 2, 2)
    >>> torch.nn.functional.avg_pool3d(x, 2).flatten()
    tensor([1.])
    """

def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Tensor:
    """Normalise each channel by the mean and variance over everything else.

    Parameters
    ----------
    input : Tensor of shape (N, C, ...)
        Floating.
    running_mean, running_var : Tensor of shape (C,) or None
        Used instead of the batch's unless `training`; moved towards the batch's if
        `training`.
    weight, bias : Tensor of shape (C,), optional
        Factor and term for each channel.
    training : bool, optional
        Whether to use the statistics of the batch.
    momentum : float, optional
        How far the running statistics move.
    eps : float, optional
        Added to the variance.

    Returns
    -------
    Tensor of the shape of `input`
        The normalised values.

    Raises
    ------
    ValueError
        If there is only one value per channel while training.
    RuntimeError
        If statistics are missing or do not have C elements.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.tensor([[1.0], [3.0]])
    >>> torch.nn.functional.batch_norm(x, None, None, training=True, eps=0.0)
    tensor([[-1.],
            [ 1.]])
    """

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

def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = 'mean',
) -> Tensor:
    """Cross entropy of probabilities; their logarithms are bounded below by -100.

    Parameters
    ----------
    input : Tensor of any shape
        Probabilities in [0, 1].
    target : Tensor of the shape of `input`
        In [0, 1].
    weight : Tensor, optional
        Factor for each element.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    ValueError
        If the shapes differ.
    RuntimeError
        If an input lies outside [0, 1].

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.binary_cross_entropy(torch.tensor([0.5]), torch.ones(1))
    tensor(0.6931)
    """

def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = 'mean',
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Cross entropy of ``sigmoid(input)``, without overflow.

    Parameters
    ----------
    input : Tensor of any shape
        Unbounded scores.
    target : Tensor of the shape of `input`
        In [0, 1].
    weight : Tensor, optional
        Factor for each element.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    pos_weight : Tensor, optional
        Factor for the positive part, broadcast.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.binary_cross_entropy_with_logits
    >>> x = torch.zeros(1, requires_grad=True)
    >>> f(x, torch.ones(1)).backward()
    >>> x.grad
    tensor([-0.5000])
    """

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

def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Ints = 1,
    padding: str | int | Ints = 0,
    dilation: int | Ints = 1,
    groups: int = 1,
) -> Tensor:
    """Convolution of sequences with learned windows.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Floating.
    weight : Tensor of shape (out, C / groups, kL)
        The windows.
    bias : Tensor of shape (out,), optional
        Added to every position.
    stride, dilation : int or tuple of int, optional
        Distance of windows, and of the elements within one.
    padding : int, tuple of int, "valid" or "same", optional
        Zeros on both sides.
    groups : int, optional
        Number of blocks of channels that do not see one another.

    Returns
    -------
    Tensor of shape (N, out, oL)
        Or without N, as `input`.

    Raises
    ------
    RuntimeError
        If the shapes or dtypes do not fit together.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.ones(1, 1, 4, requires_grad=True)
    >>> y = torch.nn.functional.conv1d(x, torch.ones(1, 1, 3))
    >>> y.sum().backward()
    >>> x.grad.flatten()[0]
    tensor(1.)
    """

def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Ints = 1,
    padding: str | int | Ints = 0,
    dilation: int | Ints = 1,
    groups: int = 1,
) -> Tensor:
    """Convolution of images with learned windows.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Floating.
    weight : Tensor of shape (out, C / groups, kH, kW)
        The windows.
    bias : Tensor of shape (out,), optional
        Added to every position.
    stride, dilation : int or tuple of int, optional
        Distance of windows, and of the elements within one.
    padding : int, tuple of int, "valid" or "same", optional
        Zeros on both sides.
    groups : int, optional
        Number of blocks of channels that do not see one another.

    Returns
    -------
    Tensor of shape (N, out, oH, oW)
        Or without N, as `input`.

    Raises
    ------
    RuntimeError
        If the shapes or dtypes do not fit together.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.ones(1, 1, 4, 4, requires_grad=True)
    >>> y = torch.nn.functional.conv2d(x, torch.ones(1, 1, 3, 3))
    >>> y.sum().backward()
    >>> x.grad.flatten()[0]
    tensor(1.)
    """

def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Ints = 1,
    padding: str | int | Ints = 0,
    dilation: int | Ints = 1,
    groups: int = 1,
) -> Tensor:
    """Convolution of volumes with learned windows.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        Floating.
    weight : Tensor of shape (out, C / groups, kD, kH, kW)
        The windows.
    bias : Tensor of shape (out,), optional
        Added to every position.
    stride, dilation : int or tuple of int, optional
        Distance of windows, and of the elements within one.
    padding : int, tuple of int, "valid" or "same", optional
        Zeros on both sides.
    groups : int, optional
        Number of blocks of channels that do not see one another.

    Returns
    -------
    Tensor of shape (N, out, oD, oH, oW)
        Or without N, as `input`.

    Raises
    ------
    RuntimeError
        If the shapes or dtypes do not fit together.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.ones(1, 1, 4, 4, 4, requires_grad=True)
    >>> y = torch.nn.functional.conv3d(x, torch.ones(1, 1, 3, 3, 3))
    >>> y.sum().backward()
    >>> x.grad.flatten()[0]
    tensor(1.)
    """

def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Ints = 1,
    padding: int | Ints = 0,
    output_padding: int | Ints = 0,
    groups: int = 1,
    dilation: int | Ints = 1,
) -> Tensor:
    """The transpose of `conv1d`: spread each element over a window.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Floating.
    weight : Tensor of shape (C, out / groups, kL)
        The windows.
    bias : Tensor of shape (out,), optional
        Added to every position.
    stride, padding, dilation : int or tuple of int, optional
        Of the convolution that this transposes.
    output_padding : int or tuple of int, optional
        Added to one side of the output.
    groups : int, optional
        Number of blocks of channels that do not see one another.

    Returns
    -------
    Tensor of shape (N, out, oL)
        Or without N, as `input`.

    Raises
    ------
    RuntimeError
        If the shapes or dtypes do not fit together.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.ones(1, 1, 4, requires_grad=True)
    >>> y = torch.nn.functional.conv_transpose1d(x, torch.ones(1, 1, 3))
    >>> y.sum().backward()
    >>> x.grad.flatten()[0] == torch.ones(1, 1, 3).sum()
    tensor(True)
    """

def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Ints = 1,
    padding: int | Ints = 0,
    output_padding: int | Ints = 0,
    groups: int = 1,
    dilation: int | Ints = 1,
) -> Tensor:
    """The transpose of `conv2d`: spread each element over a window.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Floating.
    weight : Tensor of shape (C, out / groups, kH, kW)
        The windows.
    bias : Tensor of shape (out,), optional
        Added to every position.
    stride, padding, dilation : int or tuple of int, optional
        Of the convolution that this transposes.
    output_padding : int or tuple of int, optional
        Added to one side of the output.
    groups : int, optional
        Number of blocks of channels that do not see one another.

    Returns
    -------
    Tensor of shape (N, out, oH, oW)
        Or without N, as `input`.

    Raises
    ------
    RuntimeError
        If the shapes or dtypes do not fit together.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.ones(1, 1, 4, 4, requires_grad=True)
    >>> y = torch.nn.functional.conv_transpose2d(x, torch.ones(1, 1, 3, 3))
    >>> y.sum().backward()
    >>> x.grad.flatten()[0] == torch.ones(1, 1, 3, 3).sum()
    tensor(True)
    """

def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Ints = 1,
    padding: int | Ints = 0,
    output_padding: int | Ints = 0,
    groups: int = 1,
    dilation: int | Ints = 1,
) -> Tensor:
    """The transpose of `conv3d`: spread each element over a window.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        Floating.
    weight : Tensor of shape (C, out / groups, kD, kH, kW)
        The windows.
    bias : Tensor of shape (out,), optional
        Added to every position.
    stride, padding, dilation : int or tuple of int, optional
        Of the convolution that this transposes.
    output_padding : int or tuple of int, optional
        Added to one side of the output.
    groups : int, optional
        Number of blocks of channels that do not see one another.

    Returns
    -------
    Tensor of shape (N, out, oD, oH, oW)
        Or without N, as `input`.

    Raises
    ------
    RuntimeError
        If the shapes or dtypes do not fit together.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.ones(1, 1, 4, 4, 4, requires_grad=True)
    >>> y = torch.nn.functional.conv_transpose3d(x, torch.ones(1, 1, 3, 3, 3))
    >>> y.sum().backward()
    >>> x.grad.flatten()[0] == torch.ones(1, 1, 3, 3, 3).sum()
    tensor(True)
    """

def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = 'mean',
) -> Tensor:
    """``1 - cos`` where the target is 1, ``max(0, cos - margin)`` where it is -1.

    Parameters
    ----------
    input1, input2 : Tensor of shape (N, D) or (D,)
        The vectors.
    target : Tensor of shape (N,) or ()
        1 or -1.
    margin : float, optional
        As above.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    RuntimeError
        If the shapes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.cosine_embedding_loss
    >>> f(torch.ones(1, 2), torch.ones(1, 2), -torch.ones(1)).round()
    tensor(1.)
    """

def cosine_similarity(
    x1: Tensor,
    x2: Tensor,
    dim: int = 1,
    eps: float = 1e-08,
) -> Tensor:
    """Cosine of the angle between vectors.

    Parameters
    ----------
    x1, x2 : Tensor of any shape
        Floating, broadcast together.
    dim : int, optional
        Along which the vectors lie.
    eps : float, optional
        The least norm.

    Returns
    -------
    Tensor of the broadcast shape without `dim`
        In [-1, 1].

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.cosine_similarity(torch.eye(2), torch.ones(2, 2))
    tensor([0.7071, 0.7071])
    """

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

def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = 'mean',
    zero_infinity: bool = False,
) -> Tensor:
    """Negative logarithm of the probability of a labelling, whatever its timing.

    Parameters
    ----------
    log_probs : Tensor of shape (T, N, C) or (T, C)
        Logarithms of probabilities of C classes at T times.
    targets : Tensor of shape (N, S) or (sum(target_lengths),)
        The labels, without blanks.
    input_lengths, target_lengths : Tensor of shape (N,) or sequence of int
        How many of the times and labels count.
    blank : int, optional
        The class that stands for no label.
    reduction : {"mean", "sum", "none"}, optional
        "mean" divides by the target lengths first.
    zero_infinity : bool, optional
        Let labellings that cannot be reached count nothing.

    Returns
    -------
    Tensor
        The loss.

    Raises
    ------
    RuntimeError
        If the lengths do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> p = torch.full((2, 1, 2), 0.5).log()
    >>> torch.nn.functional.ctc_loss(p, torch.tensor([[1]]), [2], [1]).exp()
    tensor(1.3333)
    """

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

def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Look rows of a table up.

    Parameters
    ----------
    input : Tensor of any shape, int64 or int32
        Row numbers.
    weight : Tensor of shape (rows, width)
        The table.
    padding_idx : int, optional
        A row that gets no gradient.
    max_norm : float, optional
        Rows looked up that are longer are shortened in place first.
    norm_type : float, optional
        The p of that norm.
    scale_grad_by_freq : bool, optional
        Divide a row's gradient by how often it was looked up.
    sparse : bool, optional
        Accepted; gradients are dense.

    Returns
    -------
    Tensor of shape (..., width)
        The rows.

    Raises
    ------
    RuntimeError
        If `input` is not of integers or `weight` not a matrix.
    IndexError
        If a row number is out of range.

    Examples
    --------
    >>> import derivo as torch
    >>> table = torch.eye(3, requires_grad=True)
    >>> torch.nn.functional.embedding(torch.tensor([2, 2]), table).sum().backward()
    >>> table.grad.sum(1)
    tensor([0., 0., 6.])
    """

def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = 'mean',
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """Look rows up and reduce each bag of them to one.

    Parameters
    ----------
    input : Tensor of shape (bags, size) or (n,), int64 or int32
        Row numbers; one-dimensional with `offsets`.
    weight : Tensor of shape (rows, width)
        The table.
    offsets : Tensor of shape (bags,), optional
        Where each bag begins in a one-dimensional `input`.
    max_norm, norm_type, scale_grad_by_freq, sparse, padding_idx
        As for `embedding`; padding does not count.
    mode : {"mean", "sum", "max"}, optional
        The reduction.
    per_sample_weights : Tensor of the shape of `input`, optional
        Factors, for mode "sum".
    include_last_offset : bool, optional
        Whether `offsets` ends with the end of the last bag.

    Returns
    -------
    Tensor of shape (bags, width)
        Zero for empty bags.

    Raises
    ------
    ValueError, RuntimeError
        If shapes, dtypes or the mode do not fit together.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.embedding_bag(torch.tensor([[0, 2]]), torch.eye(3))
    tensor([[0.5000, 0.0000, 0.5000]])
    """

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

def fold(
    input: Tensor,
    output_size: int | Ints,
    kernel_size: int | Ints,
    dilation: int | Ints = 1,
    padding: int | Ints = 0,
    stride: int | Ints = 1,
) -> Tensor:
    """Add columns, as `unfold` makes them, back into images.

    Parameters
    ----------
    input : Tensor of shape (N, C * kH * kW, L) or (C * kH * kW, L)
        The columns.
    output_size : int or pair of int
        Height and width of the images.
    kernel_size, dilation, padding, stride : int or pair of int
        As for `unfold`.

    Returns
    -------
    Tensor of shape (N, C, H, W) or (C, H, W)
        Where windows overlap, the sum.

    Raises
    ------
    RuntimeError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.fold(torch.ones(1, 12, 9), (4, 5), (2, 3)).shape
    torch.Size([1, 2, 4, 5])
    """

def fractional_max_pool2d(
    input: Tensor,
    kernel_size: int | Ints,
    output_size: int | Ints | None = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """Maxima of windows at random distances that fill the image.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Floating.
    kernel_size : int or pair of int
        Of the windows.
    output_size : int or pair of int, optional
        Of the result; or give `output_ratio`.
    output_ratio : float or pair of float, optional
        Its size relative to the input's.
    return_indices : bool, optional
        Return also where in the flattened input the maxima are.

    Raises
    ------
    ValueError, RuntimeError
        If the sizes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.fractional_max_pool2d(torch.ones(1, 5, 5), 2, 3).shape
    torch.Size([1, 3, 3])
    """

def fractional_max_pool2d_with_indices(*args: Any, **kwargs: Any) -> Any:
    """`fractional_max_pool2d` with ``return_indices=True``."""

def fractional_max_pool3d(
    input: Tensor,
    kernel_size: int | Ints,
    output_size: int | Ints | None = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """Maxima of windows of volumes; see `fractional_max_pool2d`."""

def fractional_max_pool3d_with_indices(*args: Any, **kwargs: Any) -> Any:
    """`fractional_max_pool3d` with ``return_indices=True``."""

def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-06,
    reduction: str = 'mean',
) -> Tensor:
    """Negative logarithm of normal densities.

    Parameters
    ----------
    input, target : Tensor of any shape
        Expected and observed values.
    var : Tensor or float
        Variances, of the shape of `input`, with a last dimension of 1, or without it.
    full : bool, optional
        Add the constant term.
    eps : float, optional
        The least variance; the bound has no gradient.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.

    Raises
    ------
    ValueError
        If `var` has a negative entry or a shape that does not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.gaussian_nll_loss
    >>> f(torch.zeros(1), torch.full((1,), 2.0), torch.ones(1))
    tensor(2.)
    """

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

def glu(input: Tensor, dim: int = -1) -> Tensor:
    """Halve a dimension: the first half times the sigmoid of the second.

    Parameters
    ----------
    input : Tensor of any shape
        Floating; of even size along `dim`.
    dim : int, optional
        The dimension.

    Raises
    ------
    RuntimeError
        If the size is odd, or there is no dimension.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.glu(torch.tensor([2.0, 0.0]))
    tensor([1.])
    """

def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = 'bilinear',
    padding_mode: str = 'zeros',
    align_corners: bool | None = None,
) -> Tensor:
    """Sample a grid at given positions.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (N, C, D, H, W)
        Floating.
    grid : Tensor of shape (N, oH, oW, 2) or (N, oD, oH, oW, 3)
        Positions as (x, y[, z]); -1 and 1 are the ends.
    mode : {"bilinear", "nearest", "bicubic"}, optional
        How to interpolate.
    padding_mode : {"zeros", "border", "reflection"}, optional
        What is outside.
    align_corners : bool, optional
        Whether the ends are the centres of the corner elements.

    Returns
    -------
    Tensor of shape (N, C, oH, oW) or (N, C, oD, oH, oW)
        The samples.

    Raises
    ------
    ValueError, RuntimeError
        If a mode is unknown or the shapes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.arange(4.0).reshape(1, 1, 2, 2)
    >>> middle = torch.zeros(1, 1, 1, 2)
    >>> torch.nn.functional.grid_sample(x, middle, align_corners=True)
    tensor([[[[1.5000]]]])
    """

def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Tensor:
    """Normalise groups of channels of each sample.

    Parameters
    ----------
    input : Tensor of shape (N, C, ...)
        Floating; C divisible by `num_groups`.
    num_groups : int
        Number of groups.
    weight, bias : Tensor of shape (C,), optional
        Factor and term for each channel.
    eps : float, optional
        Added to the variance.

    Returns
    -------
    Tensor of the shape of `input`
        The normalised values.

    Raises
    ------
    RuntimeError
        If the numbers of channels do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.group_norm(torch.tensor([[1.0, 3.0]]), 1, eps=0.0)
    tensor([[-1.,  1.]])
    """

def gumbel_softmax(
    logits: Tensor,
    tau: float = 1,
    hard: bool = False,
    eps: float = 1e-10,
    dim: int = -1,
) -> Tensor:
    """Sample from a relaxed categorical distribution (Jang et al., 2017).

    Parameters
    ----------
    logits : Tensor of any shape
        Unnormalised logarithms of probabilities.
    tau : float, optional
        Temperature.
    hard : bool, optional
        Return one-hot vectors whose gradient is that of the soft ones.
    eps : float, optional
        Accepted for old code; not used.
    dim : int, optional
        Along which the result sums to 1.

    Examples
    --------
    >>> import derivo as torch
    >>> y = torch.nn.functional.gumbel_softmax(torch.zeros(2, 3), hard=True)
    >>> y.sum(-1)
    tensor([1., 1.])
    """

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

def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = 'mean',
) -> Tensor:
    """`input` where the target is 1, ``max(0, margin - input)`` where it is -1.

    Parameters
    ----------
    input, target : Tensor of any shape
        Distances, and 1 or -1.
    margin : float, optional
        As above.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.hinge_embedding_loss
    >>> f(torch.tensor([0.5, 0.5]), torch.tensor([1.0, -1.0]))
    tensor(0.5000)
    """

def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = 'mean',
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """Half the squared difference, straight from `delta` on.

    Parameters
    ----------
    input, target : Tensor of any shape
        Floating, broadcast together.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    delta : float, optional
        Where it becomes straight.
    weight : Tensor of the shape of `input`, optional
        Factor for each element; the mean is weighted.

    Raises
    ------
    RuntimeError
        If `delta` is not positive.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.huber_loss(torch.tensor([3.0]), torch.zeros(1), delta=2.0)
    tensor(4.)
    """

def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Tensor:
    """Normalise each channel of each sample; `batch_norm` for each sample alone.

    Parameters
    ----------
    input : Tensor of shape (N, C, ...)
        Floating.
    running_mean, running_var : Tensor of shape (C,), optional
        Moved towards the means over the batch, or used if not `use_input_stats`.
    weight, bias : Tensor of shape (C,), optional
        Factor and term for each channel.
    use_input_stats : bool, optional
        Whether to use the statistics of the input.
    momentum, eps : float, optional
        As for `batch_norm`.

    Raises
    ------
    ValueError
        If there is only one value per channel.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.tensor([[[1.0, 3.0]]])
    >>> torch.nn.functional.instance_norm(x, eps=0.0)
    tensor([[[-1.,  1.]]])
    """

def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = 'nearest',
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Resample a grid to another size.

    Parameters
    ----------
    input : Tensor of shape (N, C, L), (N, C, H, W) or (N, C, D, H, W)
        Floating.
    size : int or tuple of int, optional
        The new size; or give `scale_factor`.
    scale_factor : float or tuple of float, optional
        Factors on the size.
    mode : str, optional
        "nearest", "nearest-exact", "linear" (L), "bilinear", "bicubic" (H, W),
        "trilinear" (D, H, W) or "area".
    align_corners : bool, optional
        Whether the centres of the corner elements stay in place.
    recompute_scale_factor : bool, optional
        Take the factors from the sizes.
    antialias : bool, optional
        Widen the kernel when shrinking ("bilinear" and "bicubic").

    Returns
    -------
    Tensor of shape (N, C, ...)
        The resampled grid.

    Raises
    ------
    ValueError, NotImplementedError
        If the arguments do not fit together.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.tensor([[[0.0, 1.0]]])
    >>> torch.nn.functional.interpolate(x, 3, mode="linear", align_corners=True)
    tensor([[[0.0000, 0.5000, 1.0000]]])
    """

def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = 'mean',
    log_target: bool = False,
) -> Tensor:
    """Kullback-Leibler divergence of distributions.

    Parameters
    ----------
    input : Tensor of any shape
        Logarithms of probabilities.
    target : Tensor of the shape of `input`
        Probabilities, or their logarithms with `log_target`.
    reduction : {"batchmean", "sum", "mean", "none"}, optional
        "batchmean" divides the sum by the size of the first dimension.
    log_target : bool, optional
        Whether `target` holds logarithms.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> p = torch.tensor([[0.5, 0.5]])
    >>> torch.nn.functional.kl_div(p.log(), p, reduction="batchmean")
    tensor(0.)
    """

def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = 'mean',
    weight: Tensor | None = None,
) -> Tensor:
    """Absolute difference.

    Parameters
    ----------
    input, target : Tensor of any shape
        Broadcast together.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    weight : Tensor of the shape of `input`, optional
        Factor for each element; the mean is weighted.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.l1_loss(torch.tensor([1.0, 2.0]), torch.zeros(2))
    tensor(1.5000)
    """

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

def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: str = 'mean',
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: Any = None,
) -> Tensor:
    """Cross entropy of scores ``linear(input, linear_weight, linear_bias)``.

    Parameters
    ----------
    input : Tensor of shape (N, in) or (in,)
        Floating.
    linear_weight : Tensor of shape (C, in) or (C, ..., in)
        The matrix; with further dimensions there are as many predictions a sample.
    target : Tensor of shape (N, ...) or (N, C, ...)
        Class numbers, or probabilities.
    linear_bias : Tensor of shape (C,) or (C, ...), optional
        Added to the scores.
    weight, reduction, ignore_index, label_smoothing : optional
        As for `cross_entropy`.
    options : optional
        Accepted; the loss is not computed in chunks.

    Returns
    -------
    Tensor
        The loss.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.linear_cross_entropy
    >>> f(torch.ones(1, 2), torch.zeros(2, 2), torch.tensor([1]))
    tensor(0.6931)
    """

def local_response_norm(
    input: Tensor,
    size: int,
    alpha: float = 0.0001,
    beta: float = 0.75,
    k: float = 1.0,
) -> Tensor:
    """Divide by a power of the mean square over neighbouring channels.

    Parameters
    ----------
    input : Tensor of shape (N, C, ...) with three dimensions or more
        Floating.
    size : int
        Number of neighbouring channels.
    alpha, beta, k : float, optional
        The divisor is ``(k + alpha * mean square) ** beta``.

    Raises
    ------
    ValueError
        If there are fewer than three dimensions.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.local_response_norm(torch.ones(1, 1, 1), 1, 1.0, 1.0, 1.0)
    tensor([[[0.5000]]])
    """

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

def lp_pool1d(
    input: Tensor,
    norm_type: float,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """Take the p-norm of each window; `norm_type` is p.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Floating.
    norm_type : float
        The exponent.
    kernel_size, stride : int
        Of the windows.
    ceil_mode : bool, optional
        Add windows that do not quite fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.lp_pool1d(torch.tensor([[3.0, 4.0]]), 2, 2)
    tensor([[5.]])
    """

def lp_pool2d(
    input: Tensor,
    norm_type: float,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """Take the p-norm of each window of images; see `lp_pool1d`."""

def lp_pool3d(
    input: Tensor,
    norm_type: float,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """Take the p-norm of each window of volumes; see `lp_pool1d`."""

def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = 'mean',
) -> Tensor:
    """``max(0, -target * (input1 - input2) + margin)``.

    Parameters
    ----------
    input1, input2, target : Tensor of the same number of dimensions
        Scores, and 1 where the first should be larger, else -1.
    margin : float, optional
        By how much it should be.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    RuntimeError
        If the numbers of dimensions differ.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.margin_ranking_loss
    >>> f(torch.ones(1), torch.full((1,), 3.0), torch.ones(1))
    tensor(2.)
    """

def max_pool1d(
    input: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    dilation: int | Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window.

    Parameters
    ----------
    input : Tensor of shape (N, C, L) or (C, L)
        Not bool.
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    padding : int or tuple of int, optional
        Added on both sides, at most half the kernel; never the largest.
    dilation : int or tuple of int, optional
        Distance of elements in a window.
    ceil_mode : bool, optional
        Add windows that do not quite fit.
    return_indices : bool, optional
        Return also where in the flattened input the maxima are.

    Returns
    -------
    Tensor, or pair of Tensor
        The maxima, and their int64 positions. The gradient goes to the first of equal
        elements.

    Raises
    ------
    RuntimeError
        If the arguments do not fit the shape.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.arange(2.).reshape(1, 1, 2)
    >>> torch.nn.functional.max_pool1d(x, 2).flatten()
    tensor([1.])
    """

def max_pool1d_with_indices(*args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
    """`max_pool1d` with ``return_indices=True``."""

def max_pool2d(
    input: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    dilation: int | Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        Not bool.
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    padding : int or tuple of int, optional
        Added on both sides, at most half the kernel; never the largest.
    dilation : int or tuple of int, optional
        Distance of elements in a window.
    ceil_mode : bool, optional
        Add windows that do not quite fit.
    return_indices : bool, optional
        Return also where in the flattened input the maxima are.

    Returns
    -------
    Tensor, or pair of Tensor
        The maxima, and their int64 positions. The gradient goes to the first of equal
        elements.

    Raises
    ------
    RuntimeError
        If the arguments do not fit the shape.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.arange(4.).reshape(1, 1, 2, 2)
    >>> torch.nn.functional.max_pool2d(x, 2).flatten()
    tensor([3.])
    """

def max_pool2d_with_indices(*args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
    """`max_pool2d` with ``return_indices=True``."""

def max_pool3d(
    input: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    dilation: int | Ints = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window.

    Parameters
    ----------
    input : Tensor of shape (N, C, D, H, W) or (C, D, H, W)
        Not bool.
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    padding : int or tuple of int, optional
        Added on both sides, at most half the kernel; never the largest.
    dilation : int or tuple of int, optional
        Distance of elements in a window.
    ceil_mode : bool, optional
        Add windows that do not quite fit.
    return_indices : bool, optional
        Return also where in the flattened input the maxima are.

    Returns
    -------
    Tensor, or pair of Tensor
        The maxima, and their int64 positions. The gradient goes to the first of equal
        elements.

    Raises
    ------
    RuntimeError
        If the arguments do not fit the shape.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.arange(8.).reshape(1, 1, 2, 2, 2)
    >>> torch.nn.functional.max_pool3d(x, 2).flatten()
    tensor([7.])
    """

def max_pool3d_with_indices(*args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
    """`max_pool3d` with ``return_indices=True``."""

def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    output_size: Any = None,
) -> Tensor:
    """Put pooled elements back where `max_pool1d` found them; zeros elsewhere.

    Parameters
    ----------
    input, indices : Tensor of shape (N, C, L) or (C, L)
        As `max_pool1d` returned them.
    kernel_size, stride, padding : int
        Of the pooling.
    output_size : tuple of int, optional
        The length, where several would fit.
    """

def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    output_size: Any = None,
) -> Tensor:
    """Put pooled elements back where `max_pool2d` found them; see `max_unpool1d`."""

def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: int | Ints,
    stride: int | Ints | None = None,
    padding: int | Ints = 0,
    output_size: Any = None,
) -> Tensor:
    """Put pooled elements back where `max_pool3d` found them; see `max_unpool1d`."""

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

def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Attention by several heads; what `MultiheadAttention` computes.

    Parameters
    ----------
    query : Tensor of shape (L, N, E) or (L, E)
        The positions that attend.
    key, value : Tensor of shape (S, N, E) or (S, E)
        The positions attended to.
    embed_dim_to_check, num_heads : int
        E, and the number of heads that divides it.
    in_proj_weight, in_proj_bias : Tensor of shape (3E, E) and (3E,)
        Projections of query, key and value, one below the other.
    bias_k, bias_v : Tensor of shape (1, 1, E), optional
        One more key and value.
    add_zero_attn : bool
        Add a key and value of zeros.
    dropout_p : float
        Dropout of the weights while `training`.
    out_proj_weight, out_proj_bias : Tensor
        Projection of the result.
    key_padding_mask : Tensor of shape (N, S) or (S,), optional
        bool: keys to ignore; floating: added to the scores.
    need_weights : bool, optional
        Return the weights, averaged over heads if `average_attn_weights`.
    attn_mask : Tensor of shape (L, S) or (N * heads, L, S), optional
        bool: where attention is forbidden; floating: added to the scores.
    use_separate_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight
        Projections for keys and values of another width.
    static_k, static_v : Tensor of shape (N * heads, S, E / heads), optional
        Keys and values that are projected already.
    is_causal : bool, optional
        A hint that the mask is causal.

    Returns
    -------
    pair of Tensor
        The result, of the shape of `query`, and the weights (or None).

    Raises
    ------
    AssertionError, RuntimeError
        If the shapes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> layer = torch.nn.MultiheadAttention(4, 2)
    >>> x = torch.ones(3, 1, 4)
    >>> out, weights = layer(x, x, x)
    >>> out.shape, weights.shape
    (torch.Size([3, 1, 4]), torch.Size([1, 3, 3]))
    """

def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = 'mean',
) -> Tensor:
    """Mean over the wrong classes of ``max(0, margin - x[target] + x[i]) ** p``.

    Parameters
    ----------
    input : Tensor of shape (N, C) or (C,)
        Scores.
    target : Tensor of shape (N,) or (), int64
        Class numbers.
    p : {1, 2}, optional
        The exponent.
    margin : float, optional
        By how much the right class should win.
    weight : Tensor of shape (C,), optional
        Factor by the right class.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    ValueError, RuntimeError
        If `p` is neither 1 nor 2, or the shapes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.multi_margin_loss
    >>> f(torch.zeros(1, 2), torch.tensor([0]))
    tensor(0.5000)
    """

def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = 'mean',
) -> Tensor:
    """Mean of ``max(0, 1 - x[right] + x[wrong])`` over right and wrong classes.

    Parameters
    ----------
    input : Tensor of shape (N, C) or (C,)
        Scores.
    target : Tensor of the shape of `input`, int64
        The right classes of each sample, ended by -1.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    RuntimeError
        If the shapes differ.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.multilabel_margin_loss
    >>> f(torch.zeros(1, 2), torch.tensor([[0, -1]]))
    tensor(0.5000)
    """

def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = 'mean',
) -> Tensor:
    """Mean over classes of the cross entropy of ``sigmoid(input)``.

    Parameters
    ----------
    input, target : Tensor of shape (N, C) or (C,)
        Scores, and 1 or 0.
    weight : Tensor of shape (C,), optional
        Factor for each class.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.multilabel_soft_margin_loss
    >>> f(torch.zeros(1, 2), torch.ones(1, 2))
    tensor(0.6931)
    """

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

def normalize(
    input: Tensor,
    p: float = 2.0,
    dim: int | tuple[int, ...] = 1,
    eps: float = 1e-12,
    out: Tensor | None = None,
) -> Tensor:
    """Divide by the p-norm along a dimension.

    Parameters
    ----------
    input : Tensor of any shape
        Floating.
    p : float, optional
        Of the norm.
    dim : int or tuple of int, optional
        Along which the norm is taken.
    eps : float, optional
        The least divisor.
    out : Tensor, optional
        Takes the result.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.normalize(torch.tensor([3.0, 4.0]), dim=0)
    tensor([0.6000, 0.8000])
    """

def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Make vectors with a single 1, at the place that `tensor` names.

    Parameters
    ----------
    tensor : Tensor of any shape, int64
        Class numbers.
    num_classes : int, optional
        Length of the vectors. Default: one more than the largest class number.

    Returns
    -------
    Tensor of shape (..., num_classes), int64
        The codes.

    Raises
    ------
    RuntimeError
        If a class number is negative or too large, or the dtype is not int64.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.one_hot(torch.tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """

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

def pairwise_distance(
    x1: Tensor,
    x2: Tensor,
    p: float = 2.0,
    eps: float = 1e-06,
    keepdim: bool = False,
) -> Tensor:
    """p-norm of ``x1 - x2 + eps`` along the last dimension.

    Parameters
    ----------
    x1, x2 : Tensor of shape (..., D)
        Floating, broadcast together.
    p : float, optional
        Of the norm.
    eps : float, optional
        Added to the difference.
    keepdim : bool, optional
        Keep the last dimension with size 1.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.pairwise_distance
    >>> f(torch.zeros(1, 2), torch.tensor([[3.0, 4.0]]), eps=0.0)
    tensor([5.])
    """

def pdist(input: Tensor, p: float = 2) -> Tensor:
    """p-norm distances between every two rows.

    Parameters
    ----------
    input : Tensor of shape (N, D)
        Floating.
    p : float, optional
        Of the norm, not negative.

    Returns
    -------
    Tensor of shape (N * (N - 1) / 2,)
        The pairs (0, 1), (0, 2), ..., (1, 2), ...

    Raises
    ------
    RuntimeError
        If `input` is not a matrix or `p` negative.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.pdist(torch.tensor([[0.0], [1.0], [3.0]]))
    tensor([1., 3., 2.])
    """

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

def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: Legacy = None,
    eps: float = 1e-08,
    reduce: Legacy = None,
    reduction: str = 'mean',
) -> Tensor:
    """Negative logarithm of Poisson probabilities.

    Parameters
    ----------
    input : Tensor of any shape
        Expected counts, or their logarithms with `log_input`.
    target : Tensor of the shape of `input`
        Counts.
    log_input : bool, optional
        Whether `input` holds logarithms.
    full : bool, optional
        Add Stirling's approximation of the factorial.
    eps : float, optional
        Added to the expected count before its logarithm.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.poisson_nll_loss(torch.zeros(1), torch.ones(1))
    tensor(1.)
    """

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

def rms_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """Divide by the root of the mean square over the last dimensions.

    Parameters
    ----------
    input : Tensor of shape (..., normalized_shape)
        Floating.
    normalized_shape : tuple of int
        The dimensions over which the mean is taken.
    weight : Tensor of shape normalized_shape, optional
        Factor for each element.
    eps : float, optional
        Added to the mean square. Default: the dtype's epsilon.

    Raises
    ------
    RuntimeError
        If the shapes do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.rms_norm(torch.tensor([1.0, -1.0]), (2,), eps=0.0)
    tensor([ 1., -1.])
    """

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

def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """``softmax(query @ key.T * scale + mask) @ value``.

    Parameters
    ----------
    query : Tensor of shape (..., L, E)
        Floating.
    key : Tensor of shape (..., S, E)
        With the dtype of `query`.
    value : Tensor of shape (..., S, Ev)
        With the dtype of `query`.
    attn_mask : Tensor that broadcasts to (..., L, S), optional
        bool: where attention is allowed; floating: added to the scores.
    dropout_p : float, optional
        Probability of a zero among the weights.
    is_causal : bool, optional
        Attend to positions up to the query's only.
    scale : float, optional
        Default: ``1 / sqrt(E)``.
    enable_gqa : bool, optional
        Share each head of keys and values among several of queries.

    Returns
    -------
    Tensor of shape (..., L, Ev)
        The weighted means.

    Raises
    ------
    RuntimeError
        If shapes or dtypes do not fit, or both a mask and `is_causal` are given.

    Examples
    --------
    >>> import derivo as torch
    >>> q, k, v = torch.zeros(1, 2), torch.zeros(2, 2), torch.eye(2)
    >>> torch.nn.functional.scaled_dot_product_attention(q, k, v)
    tensor([[0.5000, 0.5000]])
    """

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

def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = 'mean',
    beta: float = 1.0,
) -> Tensor:
    """Absolute difference, rounded off to a parabola within `beta` of zero.

    Parameters
    ----------
    input, target : Tensor of any shape
        Floating, broadcast together.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    beta : float, optional
        Where the parabola ends; 0 gives `l1_loss`.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    RuntimeError
        If `beta` is negative.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.smooth_l1_loss(torch.tensor([2.0]), torch.zeros(1))
    tensor(1.5000)
    """

def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = 'mean',
) -> Tensor:
    """``log(1 + exp(-target * input))`` for targets 1 and -1.

    Parameters
    ----------
    input, target : Tensor of any shape
        Scores, and 1 or -1.
    reduction : {"mean", "sum", "none"}, optional
        Of the elements.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.soft_margin_loss(torch.zeros(1), torch.ones(1))
    tensor(0.6931)
    """

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

def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-06,
    swap: bool = False,
    size_average: Legacy = None,
    reduce: Legacy = None,
    reduction: str = 'mean',
) -> Tensor:
    """``max(0, |anchor - positive| - |anchor - negative| + margin)``.

    Parameters
    ----------
    anchor, positive, negative : Tensor of shape (N, D) or (D,)
        The vectors.
    margin : float, optional
        By how much the negative should be farther.
    p, eps : float, optional
        As for `pairwise_distance`.
    swap : bool, optional
        Use the distance of positive and negative where that is smaller.
    reduction : {"mean", "sum", "none"}, optional
        Over the samples.
    size_average, reduce : bool, optional
        Old names for the reduction.

    Raises
    ------
    ValueError
        If `margin` is not positive.
    RuntimeError
        If the numbers of dimensions differ.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.triplet_margin_loss
    >>> f(torch.zeros(1, 2), torch.zeros(1, 2), torch.zeros(1, 2))
    tensor(1.)
    """

def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = 'mean',
) -> Tensor:
    """`triplet_margin_loss` with a distance of one's own.

    Parameters
    ----------
    anchor, positive, negative : Tensor of any shape
        What the distance takes.
    distance_function : callable, optional
        Default: `pairwise_distance`.
    margin, swap, reduction
        As for `triplet_margin_loss`.

    Raises
    ------
    ValueError
        If `margin` is not positive or the reduction unknown.

    Examples
    --------
    >>> import derivo as torch
    >>> f = torch.nn.functional.triplet_margin_with_distance_loss
    >>> x = torch.zeros(1, 2)
    >>> f(x, x, x, distance_function=lambda a, b: (a - b).abs().sum(-1))
    tensor(1.)
    """

def unfold(
    input: Tensor,
    kernel_size: int | Ints,
    dilation: int | Ints = 1,
    padding: int | Ints = 0,
    stride: int | Ints = 1,
) -> Tensor:
    """Copy the sliding windows of images into columns.

    Parameters
    ----------
    input : Tensor of shape (N, C, H, W) or (C, H, W)
        The images.
    kernel_size, dilation, padding, stride : int or pair of int
        Of the windows; `padding` is with zeros on both sides.

    Returns
    -------
    Tensor of shape (N, C * kH * kW, L) or (C * kH * kW, L)
        One column for each of the L windows.

    Raises
    ------
    RuntimeError
        If the shape does not fit, or a window is larger than the padded image.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.functional.unfold(torch.ones(1, 2, 4, 5), (2, 3)).shape
    torch.Size([1, 12, 9])
    """

def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = 'nearest',
    align_corners: bool | None = None,
) -> Tensor:
    """Old name of `interpolate`."""

def upsample_bilinear(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
) -> Tensor:
    """`interpolate` with mode "bilinear" and aligned corners."""

def upsample_nearest(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
) -> Tensor:
    """`interpolate` with mode "nearest"."""
