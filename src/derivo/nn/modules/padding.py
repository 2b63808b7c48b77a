"""Padding layers and windows as modules."""

from __future__ import annotations

from typing import Any

from derivo.nn import functional as F
from derivo.nn.modules.module import Module
from derivo.tensor import Tensor

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "Fold",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "Unfold",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]

Ints = tuple[int, ...]


class _Pad(Module):
    """Padding of the last dimensions."""

    __constants__ = ["padding"]
    _n: int
    _mode: str

    def __init__(self, padding: int | Ints) -> None:
        super().__init__()
        self.padding = (
            (padding,) * (2 * self._n) if isinstance(padding, int) else tuple(padding)
        )

    def forward(self, input: Tensor) -> Tensor:
        """Apply to tensors with or without a batch dimension."""
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"{self.padding}"


class _ConstantPad(_Pad):
    __constants__ = ["padding", "value"]
    _mode = "constant"

    def __init__(self, padding: int | Ints, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """Apply to tensors with or without a batch dimension."""
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"padding={self.padding}, value={self.value}"


class _ZeroPad(_ConstantPad):
    def __init__(self, padding: int | Ints) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return f"{self.padding}"


class ReflectionPad1d(_Pad):
    """Pad sequences with mirrored without its edge.

    Parameters
    ----------
    padding : int or tuple of 2 int
        Before and after, the last dimension first.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ReflectionPad1d(1)(torch.ones(1, 2, 4)).shape
    torch.Size([1, 2, 6])
    """

    _n = 1
    _mode = "reflect"


class ReflectionPad2d(_Pad):
    """Pad images with mirrored without its edge.

    Parameters
    ----------
    padding : int or tuple of 4 int
        Before and after, the last dimension first.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ReflectionPad2d(1)(torch.ones(1, 2, 4, 4)).shape
    torch.Size([1, 2, 6, 6])
    """

    _n = 2
    _mode = "reflect"


class ReflectionPad3d(_Pad):
    """Pad volumes with mirrored without its edge.

    Parameters
    ----------
    padding : int or tuple of 6 int
        Before and after, the last dimension first.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ReflectionPad3d(1)(torch.ones(1, 2, 4, 4, 4)).shape
    torch.Size([1, 2, 6, 6, 6])
    """

    _n = 3
    _mode = "reflect"


class ReplicationPad1d(_Pad):
    """Pad sequences with its edge repeated.

    Parameters
    ----------
    padding : int or tuple of 2 int
        Before and after, the last dimension first.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ReplicationPad1d(1)(torch.ones(1, 2, 4)).shape
    torch.Size([1, 2, 6])
    """

    _n = 1
    _mode = "replicate"


class ReplicationPad2d(_Pad):
    """Pad images with its edge repeated.

    Parameters
    ----------
    padding : int or tuple of 4 int
        Before and after, the last dimension first.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ReplicationPad2d(1)(torch.ones(1, 2, 4, 4)).shape
    torch.Size([1, 2, 6, 6])
    """

    _n = 2
    _mode = "replicate"


class ReplicationPad3d(_Pad):
    """Pad volumes with its edge repeated.

    Parameters
    ----------
    padding : int or tuple of 6 int
        Before and after, the last dimension first.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ReplicationPad3d(1)(torch.ones(1, 2, 4, 4, 4)).shape
    torch.Size([1, 2, 6, 6, 6])
    """

    _n = 3
    _mode = "replicate"


class CircularPad1d(_Pad):
    """Pad sequences with wrapped around.

    Parameters
    ----------
    padding : int or tuple of 2 int
        Before and after, the last dimension first.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.CircularPad1d(1)(torch.ones(1, 2, 4)).shape
    torch.Size([1, 2, 6])
    """

    _n = 1
    _mode = "circular"


class CircularPad2d(_Pad):
    """Pad images with wrapped around.

    Parameters
    ----------
    padding : int or tuple of 4 int
        Before and after, the last dimension first.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.CircularPad2d(1)(torch.ones(1, 2, 4, 4)).shape
    torch.Size([1, 2, 6, 6])
    """

    _n = 2
    _mode = "circular"


class CircularPad3d(_Pad):
    """Pad volumes with wrapped around.

    Parameters
    ----------
    padding : int or tuple of 6 int
        Before and after, the last dimension first.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.CircularPad3d(1)(torch.ones(1, 2, 4, 4, 4)).shape
    torch.Size([1, 2, 6, 6, 6])
    """

    _n = 3
    _mode = "circular"


class ZeroPad1d(_ZeroPad):
    """Pad sequences with zeros.

    Parameters
    ----------
    padding : int or tuple of 2 int
        Before and after, the last dimension first.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ZeroPad1d(1)(torch.ones(1, 2, 4)).shape
    torch.Size([1, 2, 6])
    """

    _n = 1


class ZeroPad2d(_ZeroPad):
    """Pad images with zeros.

    Parameters
    ----------
    padding : int or tuple of 4 int
        Before and after, the last dimension first.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ZeroPad2d(1)(torch.ones(1, 2, 4, 4)).shape
    torch.Size([1, 2, 6, 6])
    """

    _n = 2


class ZeroPad3d(_ZeroPad):
    """Pad volumes with zeros.

    Parameters
    ----------
    padding : int or tuple of 6 int
        Before and after, the last dimension first.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ZeroPad3d(1)(torch.ones(1, 2, 4, 4, 4)).shape
    torch.Size([1, 2, 6, 6, 6])
    """

    _n = 3


class ConstantPad1d(_ConstantPad):
    """Pad sequences with a constant.

    Parameters
    ----------
    padding : int or tuple of 2 int
        Before and after, the last dimension first.
    value : float
        What is added.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ConstantPad1d(1, 3.5)(torch.ones(1, 2, 4)).shape
    torch.Size([1, 2, 6])
    """

    _n = 1


class ConstantPad2d(_ConstantPad):
    """Pad images with a constant.

    Parameters
    ----------
    padding : int or tuple of 4 int
        Before and after, the last dimension first.
    value : float
        What is added.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ConstantPad2d(1, 3.5)(torch.ones(1, 2, 4, 4)).shape
    torch.Size([1, 2, 6, 6])
    """

    _n = 2


class ConstantPad3d(_ConstantPad):
    """Pad volumes with a constant.

    Parameters
    ----------
    padding : int or tuple of 6 int
        Before and after, the last dimension first.
    value : float
        What is added.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.ConstantPad3d(1, 3.5)(torch.ones(1, 2, 4, 4, 4)).shape
    torch.Size([1, 2, 6, 6, 6])
    """

    _n = 3


class Unfold(Module):
    """Copy the sliding windows of images into columns.

    Parameters
    ----------
    kernel_size : int or pair of int
        Of the windows.
    dilation, padding, stride : int or pair of int, optional
        As for a convolution.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Unfold((2, 3))(torch.ones(2, 5, 3, 4)).shape
    torch.Size([2, 30, 4])
    """

    __constants__ = ["kernel_size", "dilation", "padding", "stride"]

    def __init__(
        self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, H, W)`` or ``(C, H, W)``."""
        return F.unfold(
            input, self.kernel_size, self.dilation, self.padding, self.stride
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, "
            f"padding={self.padding}, stride={self.stride}"
        )


class Fold(Module):
    """Add columns, as `Unfold` makes them, back into images.

    Parameters
    ----------
    output_size : int or pair of int
        Height and width of the images.
    kernel_size : int or pair of int
        Of the windows.
    dilation, padding, stride : int or pair of int, optional
        As for a convolution.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.Fold((4, 5), (2, 2))(torch.ones(1, 12, 12)).shape
    torch.Size([1, 3, 4, 5])
    """

    __constants__ = ["output_size", "kernel_size", "dilation", "padding", "stride"]

    def __init__(
        self,
        output_size: Any,
        kernel_size: Any,
        dilation: Any = 1,
        padding: Any = 0,
        stride: Any = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C * kH * kW, L)`` or ``(C * kH * kW, L)``."""
        return F.fold(
            input,
            self.output_size,
            self.kernel_size,
            self.dilation,
            self.padding,
            self.stride,
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, "
            f"dilation={self.dilation}, padding={self.padding}, stride={self.stride}"
        )
