"""Ways to fill parameters before training; each draws what PyTorch draws."""

from __future__ import annotations

import math
import warnings
from typing import Any

import derivo
from derivo.tensor import Tensor

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

_GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv3d": 1.0,
    "conv_transpose1d": 1.0,
    "conv_transpose2d": 1.0,
    "conv_transpose3d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5.0 / 3,
    "relu": math.sqrt(2.0),
    "selu": 0.75,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor that keeps the variance through `nonlinearity`.

    Parameters
    ----------
    nonlinearity : str
        Name as in `nn.functional`: "relu", "tanh", "leaky_relu", ...
    param : float, optional
        The negative slope of "leaky_relu". Default 0.01.

    Returns
    -------
    float
        The gain.

    Raises
    ------
    ValueError
        For an unknown name, or a slope that is not a number.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.init.calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        if param is None:
            param = 0.01
        elif isinstance(param, bool) or not isinstance(param, (int, float)):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + param**2))
    if nonlinearity not in _GAINS:
        raise ValueError(
            f"Unsupported nonlinearity {nonlinearity}: expected one of "
            f"{sorted([*_GAINS, 'leaky_relu'])}"
        )
    gain = _GAINS[nonlinearity]
    return 1 if gain == 1.0 else gain


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None
) -> Tensor:
    """Fill with draws from the uniform distribution on [a, b).

    Parameters
    ----------
    tensor : Tensor of any shape, floating
        Filled in place and returned.
    a, b : float, optional
        The bounds.
    generator : Generator, optional
        Default: the global one.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.nn.init.uniform_(torch.empty(3, 5))
    >>> bool((w >= 0).all())
    True
    """
    with derivo.no_grad():
        return tensor.uniform_(a, b, generator=generator)


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None
) -> Tensor:
    """Fill with draws from the normal distribution.

    Parameters
    ----------
    tensor : Tensor of any shape, floating
        Filled in place and returned.
    mean, std : float, optional
        Of the distribution.
    generator : Generator, optional
        Default: the global one.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.init.normal_(torch.empty(3, 5)).shape
    torch.Size([3, 5])
    """
    with derivo.no_grad():
        return tensor.normal_(mean, std, generator=generator)


def _redraw_outside(
    tensor: Tensor, mean: float, std: float, a: float, b: float, generator: Any
) -> None:
    """Draw normal numbers until none lies outside of [a, b]."""
    low, high = (float(tensor.new_tensor(bound)) for bound in (a, b))
    drawn = tensor.normal_(mean, std, generator=generator)
    while bool((outside := (drawn < low) | (drawn > high)).any()):
        # The whole tensor is drawn again, as in PyTorch: the generator goes on alike.
        again = derivo.empty_like(drawn).normal_(mean, std, generator=generator)
        drawn = derivo.where(outside, again, drawn)
    if drawn is not tensor:
        tensor.copy_(drawn)


def _accept_under_density(
    tensor: Tensor, mean: float, std: float, a: float, b: float, generator: Any
) -> None:
    """Draw from [a, b] evenly and keep each number with the density's probability."""
    mode = max(a, min(mean, b))
    peak = -0.5 * ((mode - mean) / std) ** 2
    drawn = tensor
    waiting = None
    chance = derivo.empty_like(tensor)
    while waiting is None or bool(waiting.any()):
        proposed = derivo.empty_like(tensor).uniform_(a, b, generator=generator)
        drawn = proposed if waiting is None else derivo.where(waiting, proposed, drawn)
        density = ((proposed - mean) / std).pow_(2).mul_(-0.5).sub_(peak)
        refused = chance.uniform_(generator=generator).log_() > density
        waiting = refused if waiting is None else waiting & refused
    tensor.copy_(drawn)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Any = None,
) -> Tensor:
    """Fill with draws from the normal distribution cut off at [a, b].

    Parameters
    ----------
    tensor : Tensor of any shape, floating
        Filled in place and returned.
    mean, std : float, optional
        Of the distribution before it is cut off.
    a, b : float, optional
        The bounds of the values (not in units of `std`).
    generator : Generator, optional
        Default: the global one.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.nn.init.trunc_normal_(torch.empty(3, 5))
    >>> bool((w.abs() <= 2).all())
    True
    """

    def cdf(x: float) -> float:
        return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0

    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The "
            "distribution of values may be incorrect.",
            stacklevel=2,
        )
    kept = cdf((b - mean) / std) - cdf((a - mean) / std)
    with derivo.no_grad():
        if kept > 0.3:
            _redraw_outside(tensor, mean, std, a, b, generator)
        else:
            _accept_under_density(tensor, mean, std, a, b, generator)
    return tensor


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with `val`.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.init.constant_(torch.empty(2), 0.3)
    tensor([0.3000, 0.3000])
    """
    with derivo.no_grad():
        return tensor.fill_(val)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with 1.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.init.ones_(torch.empty(2))
    tensor([1., 1.])
    """
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with 0.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.init.zeros_(torch.empty(2))
    tensor([0., 0.])
    """
    with derivo.no_grad():
        return tensor.zero_()


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with the identity.

    Raises
    ------
    ValueError
        If `tensor` does not have two dimensions.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.init.eye_(torch.empty(2, 2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    with derivo.no_grad():
        tensor.zero_()
        tensor.diagonal().fill_(1)
    return tensor


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill the weight of a convolution so that it passes its channels on.

    Parameters
    ----------
    tensor : Tensor of shape (out, in / groups, kernel), 3 to 5 dimensions
        Filled in place and returned.
    groups : int, optional
        Number of groups; `out` must be divisible by it.

    Raises
    ------
    ValueError
        If the shape does not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.init.dirac_(torch.empty(1, 1, 3))
    tensor([[[0., 1., 0.]]])
    """
    if tensor.dim() not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    n_out, n_in = tensor.shape[:2]
    if n_out % groups:
        raise ValueError("dim 0 must be divisible by groups")
    per_group = n_out // groups
    centre = tuple(n // 2 for n in tensor.shape[2:])
    with derivo.no_grad():
        tensor.zero_()
        for group in range(groups):
            for channel in range(min(per_group, n_in)):
                tensor[(group * per_group + channel, channel, *centre)] = 1
    return tensor


def _fans(tensor: Tensor) -> tuple[int, int]:
    if tensor.dim() < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 "
            f"dimensions, got shape {tuple(tensor.shape)}"
        )
    field = math.prod(tensor.shape[2:])
    return tensor.size(1) * field, tensor.size(0) * field


_calculate_fan_in_and_fan_out = _fans


def _fan(tensor: Tensor, mode: str) -> int:
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(
            f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']"
        )
    fan_in, fan_out = _fans(tensor)
    return fan_in if mode == "fan_in" else fan_out


_calculate_correct_fan = _fan


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fill uniformly in ±gain·sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010).

    Parameters
    ----------
    tensor : Tensor of two dimensions or more, floating
        Filled in place and returned.
    gain : float, optional
        See `calculate_gain`.
    generator : Generator, optional
        Default: the global one.

    Raises
    ------
    ValueError
        If `tensor` has fewer than two dimensions.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.nn.init.xavier_uniform_(torch.empty(3, 3))
    >>> bool((w.abs() <= 1).all())
    True
    """
    fan_in, fan_out = _fans(tensor)
    std = gain * math.sqrt(2.0 / float(fan_in + fan_out))
    a = math.sqrt(3.0) * std
    return uniform_(tensor, -a, a, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fill normally with std gain·sqrt(2 / (fan_in + fan_out)).

    See `xavier_uniform_` for the parameters.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.init.xavier_normal_(torch.empty(3, 5)).shape
    torch.Size([3, 5])
    """
    fan_in, fan_out = _fans(tensor)
    std = gain * math.sqrt(2.0 / float(fan_in + fan_out))
    return normal_(tensor, 0.0, std, generator)


def _empty_warned(tensor: Tensor) -> bool:
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
        return True
    return False


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Fill uniformly in ±gain·sqrt(3 / fan) (He et al., 2015).

    Parameters
    ----------
    tensor : Tensor of two dimensions or more, floating
        Filled in place and returned.
    a : float, optional
        The negative slope of the rectifier that follows.
    mode : {"fan_in", "fan_out"}, optional
        Keep the variance of the forward or of the backward pass.
    nonlinearity : str, optional
        What follows; see `calculate_gain`.
    generator : Generator, optional
        Default: the global one.

    Raises
    ------
    ValueError
        If `tensor` has fewer than two dimensions, or a name is unknown.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.init.kaiming_uniform_(torch.empty(3, 5), nonlinearity="relu").shape
    torch.Size([3, 5])
    """
    if _empty_warned(tensor):
        return tensor
    std = calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    bound = math.sqrt(3.0) * std
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Fill normally with std gain / sqrt(fan).

    See `kaiming_uniform_` for the parameters.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.init.kaiming_normal_(torch.empty(3, 5), mode="fan_out").shape
    torch.Size([3, 5])
    """
    if _empty_warned(tensor):
        return tensor
    std = calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    return normal_(tensor, 0.0, std, generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Any = None) -> Tensor:
    """Fill with a (semi-)orthogonal matrix (Saxe et al., 2013).

    Parameters
    ----------
    tensor : Tensor of two dimensions or more, floating
        Filled in place and returned; dimensions after the first count as one.
    gain : float, optional
        Factor on the result.
    generator : Generator, optional
        Default: the global one.

    Raises
    ------
    ValueError
        If `tensor` has fewer than two dimensions.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.nn.init.orthogonal_(torch.empty(2, 2, dtype=torch.float64))
    >>> bool(((w @ w.t() - torch.eye(2)).abs() < 1e-12).all())
    True
    """
    if tensor.dim() < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.numel() == 0:
        return tensor
    rows = tensor.size(0)
    columns = tensor.numel() // rows
    flat = derivo.empty((rows, columns), dtype=tensor.dtype)
    normal_(flat, 0, 1, generator)
    # QR runs once per layer, so NumPy's serves; it works in the wider dtype.
    import numpy as np

    matrix = flat.t() if rows < columns else flat
    if matrix.dtype in (derivo.float32, derivo.float64):
        values = matrix.contiguous().numpy()
    else:
        values = matrix.to(derivo.float32).contiguous().numpy()
    q, r = np.linalg.qr(values)
    # The decomposition is unique up to signs; fixing them makes q uniform.
    q *= np.sign(np.diagonal(r))
    if rows < columns:
        q = q.T
    with derivo.no_grad():
        tensor.copy_(derivo.from_numpy(np.ascontiguousarray(q)).view(tensor.shape))
        tensor.mul_(gain)
    return tensor


def sparse_(
    tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None
) -> Tensor:
    """Fill a matrix normally, then zero a part of each column (Martens, 2010).

    Parameters
    ----------
    tensor : Tensor of two dimensions, floating
        Filled in place and returned.
    sparsity : float
        The part of each column that becomes zero.
    std : float, optional
        Of the others.
    generator : Generator, optional
        Default: the global one; the choice of the zeros always uses that one.

    Raises
    ------
    ValueError
        If `tensor` does not have two dimensions.

    Examples
    --------
    >>> import derivo as torch
    >>> int((torch.nn.init.sparse_(torch.empty(10, 3), sparsity=0.5) == 0).sum())
    15
    """
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    with derivo.no_grad():
        tensor.normal_(0, std, generator=generator)
        for column in range(columns):
            chosen = derivo.randperm(rows)[:zeros]
            tensor[chosen, column] = 0
    return tensor
