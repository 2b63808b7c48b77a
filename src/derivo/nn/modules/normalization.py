"""Normalisation within a sample."""

from __future__ import annotations

from typing import Any

import derivo
from derivo.nn import functional as F
from derivo.nn import init
from derivo.nn.modules.module import Module
from derivo.nn.parameter import Parameter
from derivo.tensor import Tensor

__all__ = ["GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]


class LayerNorm(Module):
    """Normalise over the last dimensions.

    Parameters
    ----------
    normalized_shape : int or tuple of int
        Sizes of those dimensions.
    eps : float, optional
        Added to the variance.
    elementwise_affine : bool, optional
        Whether to learn a factor and a term for each element.
    bias : bool, optional
        Whether to learn the term.
    device, dtype : optional
        Of the parameters.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.LayerNorm(2, eps=0.0)(torch.tensor([1.0, 3.0]))
    tensor([-1.,  1.], grad_fn=<NativeLayerNormBackward0>)
    """

    __constants__ = ["normalized_shape", "eps", "elementwise_affine"]

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _as_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        kind = {"device": device, "dtype": dtype}
        weight = bias_ = None
        if elementwise_affine:
            weight = Parameter(derivo.empty(self.normalized_shape, **kind))
            if bias:
                bias_ = Parameter(derivo.empty(self.normalized_shape, **kind))
        self.register_parameter("weight", weight)
        self.register_parameter("bias", bias_)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set factors to 1 and terms to 0."""
        _reset_affine(self)

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(*, *normalized_shape)``."""
        return F.layer_norm(
            input, self.normalized_shape, self.weight, self.bias, self.eps
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


def _as_shape(value: Any) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else tuple(value)


def _reset_affine(module: Any) -> None:
    if module.weight is not None:
        init.ones_(module.weight)
    if getattr(module, "bias", None) is not None:
        init.zeros_(module.bias)


class GroupNorm(Module):
    """Normalise groups of channels.

    Parameters
    ----------
    num_groups, num_channels : int
        The latter is divisible by the former.
    eps : float, optional
        Added to the variance.
    affine : bool, optional
        Whether to learn a factor and a term for each channel.
    device, dtype : optional
        Of the parameters.
    bias : bool, optional
        Whether to learn the term.

    Raises
    ------
    ValueError
        If the channels cannot be divided.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.GroupNorm(3, 6)(torch.ones(20, 6, 10, 10)).shape
    torch.Size([20, 6, 10, 10])
    """

    __constants__ = ["num_groups", "num_channels", "eps", "affine"]

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(
                f"num_channels ({num_channels}) must be divisible by num_groups "
                f"({num_groups})"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        kind = {"device": device, "dtype": dtype}
        weight = bias_ = None
        if affine:
            weight = Parameter(derivo.empty(num_channels, **kind))
            if bias:
                bias_ = Parameter(derivo.empty(num_channels, **kind))
        self.register_parameter("weight", weight)
        self.register_parameter("bias", bias_)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set factors to 1 and terms to 0."""
        _reset_affine(self)

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, num_channels, *)``."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, "
            f"affine={self.affine}, bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """Divide by the root of the mean square over the last dimensions.

    Parameters
    ----------
    normalized_shape : int or tuple of int
        Sizes of those dimensions.
    eps : float, optional
        Added to the mean square. Default: the dtype's epsilon.
    elementwise_affine : bool, optional
        Whether to learn a factor for each element.
    device, dtype : optional
        Of the parameter.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.RMSNorm([2, 3])(torch.ones(2, 2, 3)).shape
    torch.Size([2, 2, 3])
    """

    __constants__ = ["normalized_shape", "eps", "elementwise_affine"]

    def __init__(
        self,
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _as_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.register_parameter(
            "weight",
            Parameter(derivo.empty(self.normalized_shape, device=device, dtype=dtype))
            if elementwise_affine
            else None,
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set factors to 1."""
        _reset_affine(self)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to ``(*, *normalized_shape)``."""
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}"
        )


class LocalResponseNorm(Module):
    """Divide by a power of the mean square over neighbouring channels.

    Parameters
    ----------
    size : int
        Number of neighbouring channels.
    alpha, beta, k : float, optional
        The divisor is ``(k + alpha * mean square) ** beta``.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.LocalResponseNorm(2)(torch.ones(1, 4, 3)).shape
    torch.Size([1, 4, 3])
    """

    __constants__ = ["size", "alpha", "beta", "k"]

    def __init__(
        self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
    ) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, *)``."""
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
