"""Pooling to a given size."""

from __future__ import annotations

from typing import Any

from derivo.nn import functional as F
from derivo.nn.modules.module import Module
from derivo.tensor import Tensor

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
]


class _Pool(Module):
    """Base of the pooling layers."""


class AdaptiveAvgPool1d(_Pool):
    """Means of windows chosen to give sequences of a certain size.

    Parameters
    ----------
    output_size : int or tuple of int or None
        Of the result; None keeps the input's.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.AdaptiveAvgPool1d(2)(torch.ones(1, 1, 4)).shape
    torch.Size([1, 1, 2])
    """

    __constants__ = ["output_size"]

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, L)`` or ``(C, L)``."""
        return F.adaptive_avg_pool1d(input, self.output_size)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_Pool):
    """Maxima of windows chosen to give sequences of a certain size.

    Parameters
    ----------
    output_size : int or tuple of int or None
        Of the result; None keeps the input's.
    return_indices : bool, optional
        Return also where the maxima are.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.AdaptiveMaxPool1d(2)(torch.ones(1, 1, 4)).shape
    torch.Size([1, 1, 2])
    """

    __constants__ = ["output_size", "return_indices"]

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """Apply to ``(N, C, L)`` or ``(C, L)``."""
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool2d(_Pool):
    """Means of windows chosen to give images of a certain size.

    Parameters
    ----------
    output_size : int or tuple of int or None
        Of the result; None keeps the input's.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.AdaptiveAvgPool2d(2)(torch.ones(1, 1, 4, 4)).shape
    torch.Size([1, 1, 2, 2])
    """

    __constants__ = ["output_size"]

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, H, W)`` or ``(C, H, W)``."""
        return F.adaptive_avg_pool2d(input, self.output_size)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool2d(_Pool):
    """Maxima of windows chosen to give images of a certain size.

    Parameters
    ----------
    output_size : int or tuple of int or None
        Of the result; None keeps the input's.
    return_indices : bool, optional
        Return also where the maxima are.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.AdaptiveMaxPool2d(2)(torch.ones(1, 1, 4, 4)).shape
    torch.Size([1, 1, 2, 2])
    """

    __constants__ = ["output_size", "return_indices"]

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """Apply to ``(N, C, H, W)`` or ``(C, H, W)``."""
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool3d(_Pool):
    """Means of windows chosen to give volumes of a certain size.

    Parameters
    ----------
    output_size : int or tuple of int or None
        Of the result; None keeps the input's.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.AdaptiveAvgPool3d(2)(torch.ones(1, 1, 4, 4, 4)).shape
    torch.Size([1, 1, 2, 2, 2])
    """

    __constants__ = ["output_size"]

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
        return F.adaptive_avg_pool3d(input, self.output_size)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool3d(_Pool):
    """Maxima of windows chosen to give volumes of a certain size.

    Parameters
    ----------
    output_size : int or tuple of int or None
        Of the result; None keeps the input's.
    return_indices : bool, optional
        Return also where the maxima are.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.AdaptiveMaxPool3d(2)(torch.ones(1, 1, 4, 4, 4)).shape
    torch.Size([1, 1, 2, 2, 2])
    """

    __constants__ = ["output_size", "return_indices"]

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """Apply to ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"output_size={self.output_size}"
