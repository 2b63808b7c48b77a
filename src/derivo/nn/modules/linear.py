"""Layers that multiply by a weight matrix."""

from __future__ import annotations

import math
from typing import Any

import derivo
from derivo.nn import functional as F
from derivo.nn import init
from derivo.nn.modules.module import Module
from derivo.nn.parameter import Parameter
from derivo.tensor import Tensor

__all__ = ["Bilinear", "Identity", "Linear"]


class Identity(Module):
    """Return the input unchanged; takes and ignores any arguments.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Identity(54, unused=True)(torch.ones(1))
    tensor([1.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        """Return `input`."""
        return input


class Linear(Module):
    """``input @ weight.t() + bias``.

    Parameters
    ----------
    in_features, out_features : int
        Sizes of the last dimension of input and output.
    bias : bool, optional
        Whether to add a learned bias.
    device, dtype : optional
        Of the parameters.

    Attributes
    ----------
    weight : Parameter of shape (out_features, in_features)
        Uniform in ±1/sqrt(in_features) at first.
    bias : Parameter of shape (out_features,), or None
        Uniform in ±1/sqrt(in_features) at first.

    Examples
    --------
    >>> import derivo as torch
    >>> layer = torch.nn.Linear(20, 30)
    >>> x = torch.ones(128, 20, requires_grad=True)
    >>> layer(x).sum().backward()
    >>> layer.weight.grad.shape
    torch.Size([30, 20])
    """

    __constants__ = ["in_features", "out_features"]
    in_features: int
    out_features: int
    weight: Parameter

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        kind = {"device": device, "dtype": dtype}
        self.weight = Parameter(derivo.empty((out_features, in_features), **kind))
        self.register_parameter(
            "bias", Parameter(derivo.empty(out_features, **kind)) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial weights."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(*, in_features)``; returns ``(*, out_features)``."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Describe the sizes."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Bilinear(Module):
    """``y_k = x1 @ weight_k @ x2 + bias_k`` for each output feature k.

    Parameters
    ----------
    in1_features, in2_features, out_features : int
        Sizes of the last dimension of both inputs and the output.
    bias : bool, optional
        Whether to add a learned bias.
    device, dtype : optional
        Of the parameters.

    Examples
    --------
    >>> import derivo as torch
    >>> layer = torch.nn.Bilinear(2, 3, 4)
    >>> layer(torch.ones(5, 2), torch.ones(5, 3)).shape
    torch.Size([5, 4])
    """

    __constants__ = ["in1_features", "in2_features", "out_features"]

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if in1_features <= 0:
            raise ValueError(f"in1_features must be > 0, but got {in1_features}")
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        kind = {"device": device, "dtype": dtype}
        self.weight = Parameter(
            derivo.empty((out_features, in1_features, in2_features), **kind)
        )
        self.register_parameter(
            "bias", Parameter(derivo.empty(out_features, **kind)) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial weights."""
        bound = 1 / math.sqrt(self.weight.size(1))
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        """Apply to ``(*, in1_features)`` and ``(*, in2_features)``."""
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Describe the sizes."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )
