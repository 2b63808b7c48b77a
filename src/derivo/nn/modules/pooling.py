"""Pooling over windows."""

from __future__ import annotations

from typing import Any

from derivo.nn import functional as F
from derivo.nn._functional.windows import Ints
from derivo.nn.modules.module import Module
from derivo.tensor import Tensor

__all__ = [
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
]


class _Pool(Module):
    """Base of the pooling layers."""


def _ntuple(value: Any, n: int) -> Ints:
    return (value,) * n if isinstance(value, int) else tuple(value)


class MaxPool1d(_Pool):
    """The largest element of each window of sequences.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    padding, dilation : int or tuple of int, optional
        Added on both sides; distance of elements in a window.
    return_indices : bool, optional
        Return also where the maxima are, for `MaxUnpool1d`.
    ceil_mode : bool, optional
        Add windows that do not quite fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.MaxPool1d(2)(torch.ones(1, 1, 4)).shape
    torch.Size([1, 1, 2])
    """

    __constants__ = [
        "kernel_size",
        "stride",
        "padding",
        "dilation",
        "return_indices",
        "ceil_mode",
    ]

    def __init__(
        self,
        kernel_size: int | Ints,
        stride: int | Ints | None = None,
        padding: int | Ints = 0,
        dilation: int | Ints = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Any:
        """Apply to ``(N, C, L)`` or ``(C, L)``."""
        return F.max_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            ceil_mode=self.ceil_mode,
            return_indices=self.return_indices,
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}, dilation={self.dilation}, "
            f"ceil_mode={self.ceil_mode}"
        )


class MaxUnpool1d(_Pool):
    """Put pooled sequences back where `MaxPool1d` found them; zeros elsewhere.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Of the pooling.
    stride, padding : int or tuple of int, optional
        Of the pooling.

    Examples
    --------
    >>> import derivo as torch
    >>> pooled, at = torch.nn.MaxPool1d(2, return_indices=True)(torch.ones(1, 1, 4))
    >>> torch.nn.MaxUnpool1d(2)(pooled, at).shape
    torch.Size([1, 1, 4])
    """

    def __init__(
        self,
        kernel_size: int | Ints,
        stride: int | Ints | None = None,
        padding: int | Ints = 0,
    ) -> None:
        super().__init__()
        self.kernel_size = _ntuple(kernel_size, 1)
        self.stride = _ntuple(kernel_size if stride is None else stride, 1)
        self.padding = _ntuple(padding, 1)

    def forward(
        self, input: Tensor, indices: Tensor, output_size: Any = None
    ) -> Tensor:
        """Apply to what the pooling returned."""
        return F.max_unpool1d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}"
        )


class AvgPool1d(_Pool):
    """The mean of each window of sequences.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    padding : int or tuple of int, optional
        Zeros on both sides.
    ceil_mode : bool, optional
        Add windows that do not quite fit.
    count_include_pad : bool, optional
        Count the padding in the mean.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.AvgPool1d(2)(torch.ones(1, 1, 4)).shape
    torch.Size([1, 1, 2])
    """

    __constants__ = [
        "kernel_size",
        "stride",
        "padding",
        "ceil_mode",
        "count_include_pad",
    ]

    def __init__(
        self,
        kernel_size: int | Ints,
        stride: int | Ints | None = None,
        padding: int | Ints = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = _ntuple(kernel_size, 1)
        self.stride = _ntuple(kernel_size if stride is None else stride, 1)
        self.padding = _ntuple(padding, 1)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, L)`` or ``(C, L)``."""
        return F.avg_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}"
        )


class LPPool1d(_Pool):
    """The p-norm of each window of sequences.

    Parameters
    ----------
    norm_type : float
        The p.
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    ceil_mode : bool, optional
        Add windows that do not quite fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.LPPool1d(2, 2)(torch.ones(1, 1, 4)).shape
    torch.Size([1, 1, 2])
    """

    __constants__ = ["norm_type", "kernel_size", "stride", "ceil_mode"]

    def __init__(
        self,
        norm_type: float,
        kernel_size: int | Ints,
        stride: int | Ints | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, L)`` or ``(C, L)``."""
        return F.lp_pool1d(
            input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, ceil_mode={self.ceil_mode}"
        )


class MaxPool2d(_Pool):
    """The largest element of each window of images.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    padding, dilation : int or tuple of int, optional
        Added on both sides; distance of elements in a window.
    return_indices : bool, optional
        Return also where the maxima are, for `MaxUnpool2d`.
    ceil_mode : bool, optional
        Add windows that do not quite fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.MaxPool2d(2)(torch.ones(1, 1, 4, 4)).shape
    torch.Size([1, 1, 2, 2])
    """

    __constants__ = [
        "kernel_size",
        "stride",
        "padding",
        "dilation",
        "return_indices",
        "ceil_mode",
    ]

    def __init__(
        self,
        kernel_size: int | Ints,
        stride: int | Ints | None = None,
        padding: int | Ints = 0,
        dilation: int | Ints = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Any:
        """Apply to ``(N, C, H, W)`` or ``(C, H, W)``."""
        return F.max_pool2d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            ceil_mode=self.ceil_mode,
            return_indices=self.return_indices,
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}, dilation={self.dilation}, "
            f"ceil_mode={self.ceil_mode}"
        )


class MaxUnpool2d(_Pool):
    """Put pooled images back where `MaxPool2d` found them; zeros elsewhere.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Of the pooling.
    stride, padding : int or tuple of int, optional
        Of the pooling.

    Examples
    --------
    >>> import derivo as torch
    >>> pooled, at = torch.nn.MaxPool2d(2, return_indices=True)(torch.ones(1, 1, 4, 4))
    >>> torch.nn.MaxUnpool2d(2)(pooled, at).shape
    torch.Size([1, 1, 4, 4])
    """

    def __init__(
        self,
        kernel_size: int | Ints,
        stride: int | Ints | None = None,
        padding: int | Ints = 0,
    ) -> None:
        super().__init__()
        self.kernel_size = _ntuple(kernel_size, 2)
        self.stride = _ntuple(kernel_size if stride is None else stride, 2)
        self.padding = _ntuple(padding, 2)

    def forward(
        self, input: Tensor, indices: Tensor, output_size: Any = None
    ) -> Tensor:
        """Apply to what the pooling returned."""
        return F.max_unpool2d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}"
        )


class AvgPool2d(_Pool):
    """The mean of each window of images.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    padding : int or tuple of int, optional
        Zeros on both sides.
    ceil_mode : bool, optional
        Add windows that do not quite fit.
    count_include_pad : bool, optional
        Count the padding in the mean.
    divisor_override : int, optional
        Divide by it instead.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.AvgPool2d(2)(torch.ones(1, 1, 4, 4)).shape
    torch.Size([1, 1, 2, 2])
    """

    __constants__ = [
        "kernel_size",
        "stride",
        "padding",
        "ceil_mode",
        "count_include_pad",
        "divisor_override",
    ]

    def __init__(
        self,
        kernel_size: int | Ints,
        stride: int | Ints | None = None,
        padding: int | Ints = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, H, W)`` or ``(C, H, W)``."""
        return F.avg_pool2d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}"
        )


class LPPool2d(_Pool):
    """The p-norm of each window of images.

    Parameters
    ----------
    norm_type : float
        The p.
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    ceil_mode : bool, optional
        Add windows that do not quite fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.LPPool2d(2, 2)(torch.ones(1, 1, 4, 4)).shape
    torch.Size([1, 1, 2, 2])
    """

    __constants__ = ["norm_type", "kernel_size", "stride", "ceil_mode"]

    def __init__(
        self,
        norm_type: float,
        kernel_size: int | Ints,
        stride: int | Ints | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, H, W)`` or ``(C, H, W)``."""
        return F.lp_pool2d(
            input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, ceil_mode={self.ceil_mode}"
        )


class MaxPool3d(_Pool):
    """The largest element of each window of volumes.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    padding, dilation : int or tuple of int, optional
        Added on both sides; distance of elements in a window.
    return_indices : bool, optional
        Return also where the maxima are, for `MaxUnpool3d`.
    ceil_mode : bool, optional
        Add windows that do not quite fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.MaxPool3d(2)(torch.ones(1, 1, 4, 4, 4)).shape
    torch.Size([1, 1, 2, 2, 2])
    """

    __constants__ = [
        "kernel_size",
        "stride",
        "padding",
        "dilation",
        "return_indices",
        "ceil_mode",
    ]

    def __init__(
        self,
        kernel_size: int | Ints,
        stride: int | Ints | None = None,
        padding: int | Ints = 0,
        dilation: int | Ints = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Any:
        """Apply to ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
        return F.max_pool3d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            ceil_mode=self.ceil_mode,
            return_indices=self.return_indices,
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}, dilation={self.dilation}, "
            f"ceil_mode={self.ceil_mode}"
        )


class MaxUnpool3d(_Pool):
    """Put pooled volumes back where `MaxPool3d` found them; zeros elsewhere.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Of the pooling.
    stride, padding : int or tuple of int, optional
        Of the pooling.

    Examples
    --------
    >>> import derivo as torch
    >>> pool = torch.nn.MaxPool3d(2, return_indices=True)
    >>> pooled, at = pool(torch.ones(1, 1, 4, 4, 4))
    >>> torch.nn.MaxUnpool3d(2)(pooled, at).shape
    torch.Size([1, 1, 4, 4, 4])
    """

    def __init__(
        self,
        kernel_size: int | Ints,
        stride: int | Ints | None = None,
        padding: int | Ints = 0,
    ) -> None:
        super().__init__()
        self.kernel_size = _ntuple(kernel_size, 3)
        self.stride = _ntuple(kernel_size if stride is None else stride, 3)
        self.padding = _ntuple(padding, 3)

    def forward(
        self, input: Tensor, indices: Tensor, output_size: Any = None
    ) -> Tensor:
        """Apply to what the pooling returned."""
        return F.max_unpool3d(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}"
        )


class AvgPool3d(_Pool):
    """The mean of each window of volumes.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    padding : int or tuple of int, optional
        Zeros on both sides.
    ceil_mode : bool, optional
        Add windows that do not quite fit.
    count_include_pad : bool, optional
        Count the padding in the mean.
    divisor_override : int, optional
        Divide by it instead.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.AvgPool3d(2)(torch.ones(1, 1, 4, 4, 4)).shape
    torch.Size([1, 1, 2, 2, 2])
    """

    __constants__ = [
        "kernel_size",
        "stride",
        "padding",
        "ceil_mode",
        "count_include_pad",
        "divisor_override",
    ]

    def __init__(
        self,
        kernel_size: int | Ints,
        stride: int | Ints | None = None,
        padding: int | Ints = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
        return F.avg_pool3d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}"
        )


class LPPool3d(_Pool):
    """The p-norm of each window of volumes.

    Parameters
    ----------
    norm_type : float
        The p.
    kernel_size : int or tuple of int
        Of the windows.
    stride : int or tuple of int, optional
        Their distance. Default: `kernel_size`.
    ceil_mode : bool, optional
        Add windows that do not quite fit.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.LPPool3d(2, 2)(torch.ones(1, 1, 4, 4, 4)).shape
    torch.Size([1, 1, 2, 2, 2])
    """

    __constants__ = ["norm_type", "kernel_size", "stride", "ceil_mode"]

    def __init__(
        self,
        norm_type: float,
        kernel_size: int | Ints,
        stride: int | Ints | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
        return F.lp_pool3d(
            input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode
        )

    def extra_repr(self) -> str:
        """Describe the arguments."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, ceil_mode={self.ceil_mode}"
        )


class _FractionalMaxPool(_Pool):
    __constants__ = ["kernel_size", "return_indices", "output_size", "output_ratio"]

    def __init__(
        self,
        kernel_size: int | Ints,
        output_size: int | Ints | None = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = output_size
        self.output_ratio = output_ratio
        if (output_size is None) == (output_ratio is None):
            raise ValueError(
                "only one of output_size and output_ratio may be specified, and one is "
                f"needed: got {output_size=} and {output_ratio=}"
            )

    def _pool(self, input: Tensor, function: Any) -> Any:
        return function(
            input,
            self.kernel_size,
            self.output_size,
            self.output_ratio,
            self.return_indices,
            _random_samples=self._random_samples,
        )


class FractionalMaxPool2d(_FractionalMaxPool):
    """Maxima of windows at random distances (Graham, 2014).

    Parameters
    ----------
    kernel_size : int or tuple of int
        Of the windows.
    output_size : int or tuple of int, optional
        Of the result; or give `output_ratio`.
    output_ratio : float or tuple of float, optional
        Its size relative to the input's.
    return_indices : bool, optional
        Return also where the maxima are.

    Raises
    ------
    ValueError
        If not exactly one of the sizes is given.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.FractionalMaxPool2d(2, 3)(torch.ones(1, 1, 5, 5)).shape
    torch.Size([1, 1, 3, 3])
    """

    def forward(self, input: Tensor) -> Any:
        """Apply to ``(N, C, H, W)`` or ``(C, H, W)``."""
        return self._pool(input, F.fractional_max_pool2d)


class FractionalMaxPool3d(_FractionalMaxPool):
    """Maxima of windows at random distances (Graham, 2014).

    Parameters
    ----------
    kernel_size : int or tuple of int
        Of the windows.
    output_size : int or tuple of int, optional
        Of the result; or give `output_ratio`.
    output_ratio : float or tuple of float, optional
        Its size relative to the input's.
    return_indices : bool, optional
        Return also where the maxima are.

    Raises
    ------
    ValueError
        If not exactly one of the sizes is given.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.FractionalMaxPool3d(2, 3)(torch.ones(1, 1, 5, 5, 5)).shape
    torch.Size([1, 1, 3, 3, 3])
    """

    def forward(self, input: Tensor) -> Any:
        """Apply to ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
        return self._pool(input, F.fractional_max_pool3d)
