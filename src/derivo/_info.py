"""Devices, memory formats, layouts, and the limits of number types."""

from __future__ import annotations

from typing import Any

from derivo._core.tensor import DType, get_default_dtype, set_contiguous_formats

__all__ = [
    "channels_last",
    "channels_last_3d",
    "contiguous_format",
    "device",
    "finfo",
    "iinfo",
    "layout",
    "memory_format",
    "preserve_format",
    "sparse_coo",
    "strided",
]


class device:
    """Where a tensor lives: derivo computes on the CPU.

    Parameters
    ----------
    type : str or device
        ``"cpu"``, or ``"meta"``; with an index as in ``"cpu:0"``.
    index : int, optional
        Which device of that type.

    Raises
    ------
    RuntimeError
        If the text names no device type.

    Examples
    --------
    >>> import derivo
    >>> derivo.device("cpu")
    device(type='cpu')
    """

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: Any = "cpu", index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index if index is None else index
        if not isinstance(type, str):
            raise TypeError(
                f"[device] expected a device string such as 'cpu', got type={type!r}."
            )
        name, _, number = type.partition(":")
        if name not in _DEVICE_TYPES or (number and not number.isdigit()):
            raise RuntimeError(
                f"[device] Expected one of {', '.join(_DEVICE_TYPES)} device type at "
                f"start of device string: got {type!r}."
            )
        if number and index is not None:
            raise RuntimeError(
                f"[device] type (string) must not include an index because index was "
                f"passed explicitly: got {type!r}."
            )
        object.__setattr__(self, "type", name)
        object.__setattr__(self, "index", int(number) if number else index)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"[device] {name!r} of a device cannot be set.")

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, device)
            and self.type == other.type
            and self.index == other.index
        )

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> tuple[Any, ...]:
        return device, (self.type, self.index)


_DEVICE_TYPES = ("cpu", "meta", "cuda", "mps", "xpu")
CPU = device("cpu")


def check_device(value: Any) -> device:
    """Device that an argument names: the CPU, or an error that says so."""
    if value is None:
        return CPU
    found = value if isinstance(value, device) else device(value)
    if found.type != "cpu":
        raise RuntimeError(
            f"[device] {found.type!r} is not available: derivo computes on the CPU. "
            "Expected device='cpu'."
        )
    return CPU


class _Named:
    """A constant with PyTorch's text."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name


class memory_format(_Named):
    """How the dimensions lie in memory."""

    __slots__ = ()


class layout(_Named):
    """How elements are stored."""

    __slots__ = ()


contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")
strided = layout("strided")
sparse_coo = layout("sparse_coo")
set_contiguous_formats((contiguous_format,))

_DIGITS = {"float16": (11, 5), "bfloat16": (8, 8), "float32": (24, 8)}
_DIGITS["float64"] = (53, 11)


class finfo:
    """Limits of a floating point type.

    Parameters
    ----------
    dtype : dtype, optional
        A floating point or complex type; the default dtype if not given.

    Raises
    ------
    TypeError
        For integers and bool.

    Examples
    --------
    >>> import derivo
    >>> derivo.finfo(derivo.float32).eps
    1.1920928955078125e-07
    """

    def __init__(self, dtype: DType | None = None) -> None:
        dtype = (get_default_dtype() if dtype is None else dtype).to_real()
        if not dtype.is_floating_point:
            raise TypeError(
                f"[finfo] torch.finfo() requires a floating point input type. Use "
                f"torch.iinfo to handle 'torch.finfo': got {dtype}."
            )
        digits, exponent = _DIGITS[dtype.name]
        top = 2 ** (exponent - 1)
        self.bits = dtype.itemsize * 8
        self.eps = 2.0 ** (1 - digits)
        self.max = (2.0 - self.eps) * 2.0 ** (top - 1)
        self.min = -self.max
        self.tiny = self.smallest_normal = 2.0 ** (2 - top)
        self.resolution = 10.0 ** -int((digits - 1) * 0.30103)
        self.dtype = dtype.name

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, "
            f"max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, "
            f"dtype={self.dtype})"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, finfo) and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)


class iinfo:
    """Limits of an integer type.

    Parameters
    ----------
    dtype : dtype
        An integer type.

    Raises
    ------
    TypeError
        For bool, floating point and complex types.

    Examples
    --------
    >>> import derivo
    >>> derivo.iinfo(derivo.int8).max
    127
    """

    def __init__(self, dtype: DType) -> None:
        if dtype.is_floating_point or dtype.is_complex or dtype.name == "bool":
            raise TypeError(
                f"[iinfo] torch.iinfo() requires an integer input type. Use "
                f"torch.finfo to handle floating point types: got {dtype}."
            )
        self.bits = dtype.itemsize * 8
        self.min = -(2 ** (self.bits - 1)) if dtype.is_signed else 0
        self.max = 2 ** (self.bits - dtype.is_signed) - 1
        self.dtype = dtype.name

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, iinfo) and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)
