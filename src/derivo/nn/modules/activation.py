"""Activations: functions of each element, and the softmax family."""

from __future__ import annotations

from typing import Any

import derivo
from derivo.nn import functional as F
from derivo.nn.modules.module import Module
from derivo.nn.parameter import Parameter
from derivo.tensor import Tensor

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SELU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "_AlongDim",
]


class ReLU(Module):
    """Apply ``max(0, x)`` to each element.

    Parameters
    ----------
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ReLU()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["inplace"]

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.relu(input, self.inplace)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return _inplace(self).removeprefix(", ")


class ReLU6(Module):
    """Apply ``min(max(0, x), 6)`` to each element.

    Parameters
    ----------
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ReLU6()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["inplace"]

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.relu6(input, self.inplace)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return _inplace(self).removeprefix(", ")


class LeakyReLU(Module):
    """Apply ``x`` where positive, ``negative_slope * x`` elsewhere to each element.

    Parameters
    ----------
    negative_slope : float, optional
        Slope of the negative side.
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.LeakyReLU()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["negative_slope", "inplace"]

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"negative_slope={self.negative_slope}" + _inplace(self)


class ELU(Module):
    """Apply ``x`` where positive, ``alpha * (exp(x) - 1)`` elsewhere to each element.

    Parameters
    ----------
    alpha : float, optional
        Minus the limit on the negative side.
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ELU()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["alpha", "inplace"]

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"alpha={self.alpha}" + _inplace(self)


class SELU(Module):
    """Apply ``scale * elu(x, alpha)``, which keeps mean 0 and variance 1.

    Parameters
    ----------
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.SELU()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["inplace"]

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.selu(input, self.inplace)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return _inplace(self).removeprefix(", ")


class CELU(Module):
    """Apply ``max(0, x) + min(0, alpha * (exp(x / alpha) - 1))`` to each element.

    Parameters
    ----------
    alpha : float, optional
        Minus the limit on the negative side.
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.CELU()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["alpha", "inplace"]

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.celu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"alpha={self.alpha}" + _inplace(self)


class GELU(Module):
    """Apply ``x`` times the normal distribution function of ``x`` to each element.

    Parameters
    ----------
    approximate : str, optional
        "tanh" for the usual approximation.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.GELU()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["approximate"]

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"approximate={self.approximate!r}"


class SiLU(Module):
    """Apply ``x * sigmoid(x)``, also called swish to each element.

    Parameters
    ----------
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.SiLU()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["inplace"]

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.silu(input, self.inplace)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return _inplace(self).removeprefix(", ")


class Mish(Module):
    """Apply ``x * tanh(softplus(x))`` to each element.

    Parameters
    ----------
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Mish()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["inplace"]

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.mish(input, self.inplace)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return _inplace(self).removeprefix(", ")


class Softplus(Module):
    """Apply ``log(1 + exp(beta * x)) / beta`` to each element.

    Parameters
    ----------
    beta : float, optional
        Sharpness.
    threshold : float, optional
        Where ``beta * x`` exceeds it, the result is ``x``.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Softplus()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["beta", "threshold"]

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Softsign(Module):
    """Apply ``x / (1 + abs(x))`` to each element.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Softsign()(torch.zeros(1)).shape
    torch.Size([1])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.softsign(input)


class Softshrink(Module):
    """Apply ``x`` moved towards zero by `lambd`, zero in between to each element.

    Parameters
    ----------
    lambd : float, optional
        Not negative.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Softshrink()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["lambd"]

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"{self.lambd}"


class Hardshrink(Module):
    """Apply ``x`` outside ±lambd, zero inside to each element.

    Parameters
    ----------
    lambd : float, optional
        The bound.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Hardshrink()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["lambd"]

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"{self.lambd}"


class Tanh(Module):
    """Apply the hyperbolic tangent to each element.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Tanh()(torch.zeros(1)).shape
    torch.Size([1])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.tanh(input)


class Tanhshrink(Module):
    """Apply ``x - tanh(x)`` to each element.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Tanhshrink()(torch.zeros(1)).shape
    torch.Size([1])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.tanhshrink(input)


class Sigmoid(Module):
    """Apply ``1 / (1 + exp(-x))`` to each element.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Sigmoid()(torch.zeros(1)).shape
    torch.Size([1])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.sigmoid(input)


class LogSigmoid(Module):
    """Apply ``log(sigmoid(x))`` to each element.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.LogSigmoid()(torch.zeros(1)).shape
    torch.Size([1])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.logsigmoid(input)


class Hardsigmoid(Module):
    """Apply ``clamp(x / 6 + 1 / 2, 0, 1)`` to each element.

    Parameters
    ----------
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Hardsigmoid()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["inplace"]

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.hardsigmoid(input, self.inplace)


class Hardswish(Module):
    """Apply ``x * clamp(x / 6 + 1 / 2, 0, 1)`` to each element.

    Parameters
    ----------
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Hardswish()(torch.zeros(1)).shape
    torch.Size([1])
    """

    __constants__ = ["inplace"]

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.hardswish(input, self.inplace)


def _inplace(module: Any) -> str:
    return ", inplace=True" if module.inplace else ""


class Hardtanh(Module):
    """Clamp each element to [min_val, max_val].

    Parameters
    ----------
    min_val, max_val : float, optional
        The bounds.
    inplace : bool, optional
        Change the input itself.

    Raises
    ------
    ValueError
        Unless `max_val` is above `min_val`.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Hardtanh()(torch.tensor([-3.0, 0.5]))
    tensor([-1.0000,  0.5000])
    """

    __constants__ = ["min_val", "max_val", "inplace"]

    def __init__(
        self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
    ) -> None:
        super().__init__()
        if not max_val > min_val:
            raise ValueError(
                f"max_val must be larger than min_val, got {max_val=}, {min_val=}"
            )
        self.min_val = min_val
        self.max_val = max_val
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"min_val={self.min_val}, max_val={self.max_val}" + _inplace(self)


class Threshold(Module):
    """Keep elements above `threshold`, put `value` in place of the others.

    Parameters
    ----------
    threshold, value : float
        As above.
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Threshold(0.1, 20)(torch.tensor([0.0, 1.0]))
    tensor([20.,  1.])
    """

    __constants__ = ["threshold", "value", "inplace"]

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"threshold={self.threshold}, value={self.value}" + _inplace(self)


class RReLU(Module):
    """Leaky ReLU whose slope is drawn anew for each element while training.

    Parameters
    ----------
    lower, upper : float, optional
        Bounds of the slope; in evaluation their mean is used.
    inplace : bool, optional
        Change the input itself.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.RReLU(0.5, 0.5).eval()(torch.tensor([-2.0, 1.0]))
    tensor([-1.,  1.])
    """

    __constants__ = ["lower", "upper", "inplace"]

    def __init__(
        self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False
    ) -> None:
        super().__init__()
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"lower={self.lower}, upper={self.upper}" + _inplace(self)


class GLU(Module):
    """Halve a dimension: the first half times the sigmoid of the second.

    Parameters
    ----------
    dim : int, optional
        The dimension, of even size.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.GLU()(torch.ones(4, 6)).shape
    torch.Size([4, 3])
    """

    __constants__ = ["dim"]

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor whose size along `dim` is even."""
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"dim={self.dim}"


class PReLU(Module):
    """Leaky ReLU with learned slopes.

    Parameters
    ----------
    num_parameters : int, optional
        1, or the number of channels (dimension 1).
    init : float, optional
        The first value of the slopes.
    device, dtype : optional
        Of the parameter.

    Examples
    --------
    >>> import derivo as torch
    >>> layer = torch.nn.PReLU()
    >>> layer(torch.tensor([-4.0])).backward()
    >>> layer.weight.grad
    tensor([-4.])
    """

    __constants__ = ["num_parameters"]

    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(
            derivo.empty(num_parameters, device=device, dtype=dtype)
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the slopes back to `init`."""
        derivo.nn.init.constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape, or (N, num_parameters, *)."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"num_parameters={self.num_parameters}"


class _AlongDim(Module):
    __constants__ = ["dim"]

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.__dict__.setdefault("dim", None)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"dim={self.dim}"


class Softmax(_AlongDim):
    """``exp(x) / sum(exp(x))`` along a dimension.

    Parameters
    ----------
    dim : int
        The dimension along which the result sums to 1.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Softmax(dim=0)(torch.zeros(2))
    tensor([0.5000, 0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.softmax(input, self.dim)


class LogSoftmax(_AlongDim):
    """The logarithm of `Softmax`, computed stably.

    Parameters
    ----------
    dim : int
        The dimension along which the exponentials of the result sum to 1.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.LogSoftmax(dim=0)(torch.zeros(2))
    tensor([-0.6931, -0.6931])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.log_softmax(input, self.dim)


class Softmin(_AlongDim):
    """`Softmax` of ``-x``.

    Parameters
    ----------
    dim : int
        The dimension along which the result sums to 1.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Softmin(dim=0)(torch.zeros(2))
    tensor([0.5000, 0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to a tensor of any shape."""
        return F.softmin(input, self.dim)


class Softmax2d(Module):
    """`Softmax` over the channels of ``(N, C, H, W)`` or ``(C, H, W)``.

    Raises
    ------
    ValueError
        For other numbers of dimensions.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Softmax2d()(torch.zeros(2, 1, 1)).flatten()
    tensor([0.5000, 0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply to images."""
        if input.dim() not in (3, 4):
            raise ValueError(
                f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead"
            )
        return F.softmax(input, -3)
