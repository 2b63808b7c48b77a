"""Convolutions."""

from __future__ import annotations

import math
from typing import Any

import derivo
from derivo.nn import functional as F
from derivo.nn import init
from derivo.nn._functional.windows import Ints
from derivo.nn.modules.module import Module
from derivo.nn.parameter import Parameter
from derivo.tensor import Tensor

__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
]

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def _ntuple(value: Any, n: int) -> Ints:
    return (value,) * n if isinstance(value, int) else tuple(value)


class _Conv(Module):
    """What all convolutions share: arguments, parameters, printing."""

    __constants__ = [
        "stride",
        "padding",
        "dilation",
        "groups",
        "padding_mode",
        "output_padding",
        "in_channels",
        "out_channels",
        "kernel_size",
    ]
    _n: int
    transposed = False

    def _set_up(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        output_padding: Any,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any,
        dtype: Any,
    ) -> None:
        n = self._n
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups:
            raise ValueError("out_channels must be divisible by groups")
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ValueError(
                    f"Invalid padding string {padding!r}, should be one of "
                    "{'same', 'valid'}"
                )
            if padding == "same" and any(s != 1 for s in _ntuple(stride, n)):
                raise ValueError(
                    "padding='same' is not supported for strided convolutions"
                )
        if padding_mode not in _PADDING_MODES:
            raise ValueError(
                f"padding_mode must be one of {set(_PADDING_MODES)}, but got "
                f"padding_mode='{padding_mode}'"
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = _ntuple(kernel_size, n)
        self.stride = _ntuple(stride, n)
        self.padding = padding if isinstance(padding, str) else _ntuple(padding, n)
        self.dilation = _ntuple(dilation, n)
        self.output_padding = _ntuple(output_padding, n)
        self.groups = groups
        self.padding_mode = padding_mode
        kind = {"device": device, "dtype": dtype}
        channels = (
            (in_channels, out_channels // groups)
            if self.transposed
            else (out_channels, in_channels // groups)
        )
        self.weight = Parameter(derivo.empty((*channels, *self.kernel_size), **kind))
        self.register_parameter(
            "bias", Parameter(derivo.empty(out_channels, **kind)) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial weights."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init._calculate_fan_in_and_fan_out(self.weight)
            if fan_in:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        """Describe the arguments."""
        text = (
            f"{self.in_channels}, {self.out_channels}, "
            f"kernel_size={self.kernel_size}, stride={self.stride}"
        )
        if self.padding != (0,) * self._n:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * self._n:
            text += f", dilation={self.dilation}"
        if self.output_padding != (0,) * self._n:
            text += f", output_padding={self.output_padding}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.__dict__.setdefault("padding_mode", "zeros")


class _PlainConv(_Conv):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Ints,
        stride: int | Ints = 1,
        padding: str | int | Ints = 0,
        dilation: int | Ints = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._set_up(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            0,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def _borders(self) -> list[int]:
        """Return padding in the order of `pad`: last dimension first, both sides."""
        borders: list[Any] = []
        for d in reversed(range(self._n)):
            if self.padding == "valid":
                borders += [0, 0]
            elif self.padding == "same":
                total = self.dilation[d] * (self.kernel_size[d] - 1)
                borders += [total // 2, total - total // 2]
            else:
                borders += [self.padding[d]] * 2
        return borders

    def _convolve(self, input: Tensor, function: Any) -> Tensor:
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            input = F.pad(input, self._borders(), mode=self.padding_mode)
            padding = 0
        return function(
            input,
            self.weight,
            self.bias,
            self.stride,
            padding,
            self.dilation,
            self.groups,
        )


class Conv1d(_PlainConv):  # noqa: D101 - below
    _n = 1

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, L)`` or ``(C, L)``."""
        return self._convolve(input, F.conv1d)


class Conv2d(_PlainConv):  # noqa: D101 - below
    _n = 2

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, H, W)`` or ``(C, H, W)``."""
        return self._convolve(input, F.conv2d)


class Conv3d(_PlainConv):  # noqa: D101 - below
    _n = 3

    def forward(self, input: Tensor) -> Tensor:
        """Apply to ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
        return self._convolve(input, F.conv3d)


class _TransposedConv(_Conv):
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Ints,
        stride: int | Ints = 1,
        padding: int | Ints = 0,
        output_padding: int | Ints = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | Ints = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if padding_mode != "zeros":
            raise ValueError(
                f'Only "zeros" padding mode is supported for {type(self).__name__}'
            )
        self._set_up(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            output_padding,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def _output_padding(self, input: Tensor, output_size: Any) -> Ints:
        if output_size is None:
            return self.output_padding
        n = self._n
        wanted = list(output_size)
        if len(wanted) == input.dim():
            wanted = wanted[-n:]
        if len(wanted) != n:
            raise ValueError(
                f"{type(self).__name__}: for {input.dim()}D input, output_size must "
                f"have {n} or {input.dim()} elements (got {len(wanted)})"
            )
        padding = []
        for d in range(n):
            low = (
                (input.shape[d - n] - 1) * self.stride[d]
                - 2 * self.padding[d]
                + self.dilation[d] * (self.kernel_size[d] - 1)
                + 1
            )
            high = low + self.stride[d] - 1
            if not low <= wanted[d] <= high:
                raise ValueError(
                    f"requested an output size of {wanted}, but valid sizes of "
                    f"dimension {d} range from {low} to {high}"
                )
            padding.append(wanted[d] - low)
        return tuple(padding)

    def _convolve(self, input: Tensor, output_size: Any, function: Any) -> Tensor:
        return function(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self._output_padding(input, output_size),
            self.groups,
            self.dilation,
        )


class ConvTranspose1d(_TransposedConv):  # noqa: D101 - below
    _n = 1

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        """Apply to ``(N, C, L)`` or ``(C, L)``."""
        return self._convolve(input, output_size, F.conv_transpose1d)


class ConvTranspose2d(_TransposedConv):  # noqa: D101 - below
    _n = 2

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        """Apply to ``(N, C, H, W)`` or ``(C, H, W)``."""
        return self._convolve(input, output_size, F.conv_transpose2d)


class ConvTranspose3d(_TransposedConv):  # noqa: D101 - below
    _n = 3

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        """Apply to ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
        return self._convolve(input, output_size, F.conv_transpose3d)


_DOC = """{what} over {signal}.

Parameters
----------
in_channels, out_channels : int
    Both divisible by `groups`.
kernel_size : int or tuple of int
    Of the windows.
stride, dilation : int or tuple of int, optional
    Distance of windows, and of the elements within one.
padding : {padding}
    Added on both sides{of}.
{extra}groups : int, optional
    Number of blocks of channels that do not see one another.
bias : bool, optional
    Whether to learn a term for each output channel.
padding_mode : str, optional
    {mode}
device, dtype : optional
    Of the parameters.

Attributes
----------
weight : Parameter of shape ({weight})
    Uniform at first, with a bound by the size of a window.
bias : Parameter of shape (out_channels,), or None
    The same.

Raises
------
ValueError
    If the arguments do not fit together.

Examples
--------
>>> import derivo as torch
>>> layer = torch.nn.{name}(2, 4, 3)
>>> layer(torch.ones({example})).shape
torch.Size([{result}])
"""

for _cls in (
    *(Conv1d, Conv2d, Conv3d),
    *(ConvTranspose1d, ConvTranspose2d, ConvTranspose3d),
):
    _t = _cls.transposed
    _cls.__doc__ = _DOC.format(
        name=_cls.__name__,
        what="Transposed convolution" if _t else "Convolution",
        signal=("sequences", "images", "volumes")[_cls._n - 1],
        padding="int or tuple of int, optional"
        if _t
        else 'int, tuple of int, "valid" or "same", optional',
        of=", of the convolution that this transposes" if _t else "",
        extra="output_padding : int or tuple of int, optional\n"
        "    Added to one side of the output.\n"
        if _t
        else "",
        mode='"zeros".'
        if _t
        else 'One of "zeros", "reflect", "replicate", "circular".',
        weight="in_channels, out_channels / groups, kernel_size"
        if _t
        else "out_channels, in_channels / groups, kernel_size",
        example="1, 2, " + ", ".join(["5"] * _cls._n),
        result="1, 4, " + ", ".join([("7" if _t else "3")] * _cls._n),
    )
