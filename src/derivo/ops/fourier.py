"""Discrete Fourier transforms, by SciPy's pocketfft.

Three primitives carry all of them: complex to complex, real to half of a complex
spectrum, and back. Each is linear, and the adjoint of one is made of the others, so
that derivatives of every order are transforms again.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from derivo._core.promotion import SCALAR_TYPES
from derivo._core.tensor import TensorBase, dtypes
from derivo.interop.numpy import as_array, copy_array
from derivo.ops import _batching
from derivo.ops._primitive import Primitive
from derivo.ops._surface import FUNCTIONS, public
from derivo.ops.conversion import cast, write_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivo import Tensor, dtype

_COMPLEX = {8: dtypes[10], 9: dtypes[11]}

# ------------------------------------------------------------------ the primitives

# "normalization" says what the sum is divided by, as PyTorch's nodes count it: nothing
# (0), the root of the number of points (1) or that number (2); "forward" is the sign of
# the exponent. Dimensions count from the front.


def _divided(array: Any, normalization: int, count: int) -> Any:
    if not normalization:
        return array
    scale = 1 / count if normalization == 2 else 1 / math.sqrt(count)
    return array * array.dtype.type(scale)


def _count(array: Any, dims: tuple[int, ...]) -> int:
    return math.prod(array.shape[d] for d in dims)


def _c2c(t: Tensor, dims: tuple[int, ...], normalization: int, forward: bool) -> Tensor:
    from scipy import fft

    array = as_array(t)
    if not array.size:
        return cast(copy_array(array, None), _COMPLEX.get(t.dtype.code, t.dtype))
    transform = fft.fftn if forward else fft.ifftn
    made = transform(array, axes=dims, norm="backward" if forward else "forward")
    return copy_array(_divided(made, normalization, _count(array, dims)), None)


def _r2c(
    t: Tensor, dims: tuple[int, ...], normalization: int, onesided: bool
) -> Tensor:
    if not onesided:
        return _c2c(t, dims, normalization, True)
    from scipy import fft

    array = as_array(t)
    made = fft.rfftn(array, axes=dims)
    return copy_array(_divided(made, normalization, _count(array, dims)), None)


def _c2r(t: Tensor, dims: tuple[int, ...], normalization: int, last: int) -> Tensor:
    from scipy import fft

    array = as_array(t)
    sizes = [array.shape[d] for d in dims[:-1]] + [last]
    made = fft.irfftn(array, sizes, axes=dims, norm="forward")
    return copy_array(_divided(made, normalization, math.prod(sizes)), None)


def _c2c_vjp(
    ctx: Any, g: Tensor, dims: tuple[int, ...], normalization: int, forward: bool
) -> Tensor:
    made: Tensor = _C2C((g,), dims, normalization, not forward)
    return made if ctx.dtype.is_complex else made.real


_C2C = Primitive(
    "fft_c2c",
    node="FftC2CBackward0",
    forward=_c2c,
    vjp=_c2c_vjp,
    save=(),
    linear=True,
    batch=_batching.along(0),
)


def _r2c_vjp(
    ctx: Any, g: Tensor, dims: tuple[int, ...], normalization: int, onesided: bool
) -> Tensor:
    if onesided:
        # The half that is left out counts as zeros; of the sum the real part remains.
        g = _fit(g, dims[-1:], (ctx.shapes[0][dims[-1]],))
    result: Tensor = _C2C((g,), dims, normalization, False).real
    return result


# The whole spectrum of a real signal, or the half that says it all.
_R2C = Primitive(
    "fft_r2c",
    node="FftR2CBackward0",
    forward=_r2c,
    vjp=_r2c_vjp,
    save=(),
    linear=True,
    batch=_batching.along(0),
)


def _c2r_vjp(
    ctx: Any, g: Tensor, dims: tuple[int, ...], normalization: int, last: int
) -> Tensor:
    from derivo.ops.creation import full

    made = _R2C((g,), dims, normalization, True)
    # What stands for two entries of the whole spectrum counts twice.
    half = made.shape[dims[-1]]
    weight = full((half,), 2.0, dtype=g.dtype)
    weight[0] = 1.0
    if last % 2 == 0 and half > 1:
        weight[-1] = 1.0
    shape = [1] * made.dim()
    shape[dims[-1]] = half
    result: Tensor = made * weight.reshape(shape)
    return result


_C2R = Primitive(
    "fft_c2r",
    node="FftC2RBackward0",
    forward=_c2r,
    vjp=_c2r_vjp,
    save=(),
    linear=True,
    batch=_batching.along(0),
)


# ------------------------------------------------------------------ arguments


def _check(name: str, t: Any) -> Any:
    if not isinstance(t, TensorBase):
        raise TypeError(
            f"[{name}] fft_{name}(): argument 'input' must be Tensor, not "
            f"{type(t).__name__}."
        )
    if t.dtype.code in (6, 7):
        raise RuntimeError(
            f"[{name}] Unsupported dtype {SCALAR_TYPES[t.dtype.code]}: transforms of "
            "half precision are not there on the CPU; convert with float()."
        )
    if not (t.is_floating_point() or t.is_complex()):
        from derivo import get_default_dtype

        return cast(t, get_default_dtype())
    return t


def _as_complex(t: Tensor) -> Tensor:
    return t if t.is_complex() else cast(t, _COMPLEX[t.dtype.code])


def _refuse_complex(name: str, t: Tensor) -> None:
    if t.is_complex():
        raise RuntimeError(
            f"[{name}] {name} expects a real{'-valued' * (name[-1] in '2n')} input "
            "tensor, but got "
            f"{SCALAR_TYPES[t.dtype.code]}."
        )


def _normalization(name: str, norm: str | None, forward: bool) -> int:
    if norm not in (None, "backward", "forward", "ortho"):
        raise RuntimeError(
            f"[{name}] Invalid normalization mode: \"{norm}\"; expected 'backward', "
            "'forward' or 'ortho'."
        )
    if norm == "ortho":
        return 1
    return 2 if (norm == "forward") == forward else 0


def _dim(name: str, t: Tensor, dim: int) -> int:
    rank = t.dim()
    if not rank:
        raise IndexError(
            f"[{name}] Dimension specified as {dim} but tensor has no dimensions."
        )
    if not -rank <= dim < rank:
        raise IndexError(
            f"[{name}] Dimension out of range (expected to be in range of [{-rank}, "
            f"{rank - 1}], but got {dim})."
        )
    return dim % rank


def _points(name: str, n: int) -> int:
    if n < 1:
        raise RuntimeError(
            f"[{name}] Invalid number of data points ({n}) specified: expected at "
            "least one."
        )
    return n


def _fit(t: Tensor, dims: Sequence[int], sizes: Sequence[int]) -> Tensor:
    """Cut dimensions, or fill them up with zeros."""
    missing = [0] * (2 * t.dim())
    for d, n in zip(dims, sizes, strict=True):
        have = t.shape[d]
        if have > n:
            t = t.narrow(d, 0, n)
        elif have < n:
            # Counted from the last dimension.
            missing[2 * (t.dim() - 1 - d) + 1] = n - have
    return FUNCTIONS["nn.functional.pad"](t, tuple(missing)) if any(missing) else t


def _dims(
    name: str, t: Tensor, s: Any, dim: Any
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Dimensions and sizes of a transform along several dimensions."""
    s = (s,) if isinstance(s, int) else s
    dim = (dim,) if isinstance(dim, int) else dim
    rank = t.dim()
    if dim is not None:
        dims = tuple(_dim(name, t, d) for d in dim)
        if len(set(dims)) != len(dims):
            raise RuntimeError(f"[{name}] FFT dims must be unique, got {dim}.")
        if s is not None and len(s) != len(dims):
            raise RuntimeError(
                f"[{name}] When given, dim and shape arguments must have the same "
                f"length, got {len(dims)} and {len(s)}."
            )
    elif s is not None:
        if len(s) > rank:
            raise RuntimeError(
                f"[{name}] Got shape with {len(s)} values but input tensor only has "
                f"{rank} dimensions."
            )
        dims = tuple(range(rank - len(s), rank))
    else:
        dims = tuple(range(rank))
    sizes = tuple(t.shape[d] for d in dims) if s is None else tuple(s)
    sizes = tuple(
        t.shape[d] if n == -1 else n for d, n in zip(dims, sizes, strict=True)
    )
    for n in sizes:
        _points(name, n)
    return dims, sizes


def _deliver(name: str, made: Tensor, out: Any) -> Tensor:
    return made if out is None else write_out(out, made, f"fft_{name}")


# ------------------------------------------------------------------ one dimension


def _one(
    name: str, input: Any, n: int | None, dim: int, norm: Any, forward: bool
) -> Tensor:
    t = _check(name, input)
    d = _dim(name, t, dim)
    count = _points(name, t.shape[d] if n is None else n)
    normalization = _normalization(name, norm, forward)
    t = _fit(t, (d,), (count,))
    made: Tensor
    if t.is_complex():
        made = _C2C((t,), (d,), normalization, forward)
        return made
    made = _R2C((t,), (d,), normalization, False)
    return made if forward else made.conj()


_ARGUMENTS = """
    Parameters
    ----------
    input : Tensor
        {input}
    {sizes}
    {dims}
    norm : {{"backward", "forward", "ortho"}}, optional
        Which direction is divided by the number of points, or both by its root.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Raises
    ------
    RuntimeError
        For half precision, sizes below one, an unknown `norm`{more}.
    IndexError
        For dimensions out of range.

    Notes
    -----
    **Derivative**: a transform again, in the other direction.

    Examples
    --------
    >>> import derivo
    >>> {example}
    """

_N = "n : int, optional\n        Length: the input is cut or filled up with zeros."
_S = "s : tuple of int, optional\n        Lengths: cut, or filled up with zeros."
_DIM = "dim : int, default -1\n        Along which dimension."
_DIMS = "dim : tuple of int\n        Along which dimensions."
_ANY = "Of any dtype but half precision."
_REAL = "Real."
_HALF = "The first half of a spectrum, as the transform of a real signal has it."


def _describe(
    function: Any, first: str, input: str, example: str, several: bool, more: str = ""
) -> Any:
    text = _ARGUMENTS.format(
        input=input,
        sizes=_S if several else _N,
        dims=_DIMS if several else _DIM,
        example=example.replace("\n", "\n    "),
        more=more,
    )
    function.__doc__ = f"{first}\n{text}"
    return function


def _publish_one(kind: str, first: str, input: str, example: str) -> None:
    run = _RUN[kind]

    def transform(
        input: Tensor,
        n: int | None = None,
        dim: int = -1,
        norm: str | None = None,
        *,
        out: Tensor | None = None,
    ) -> Tensor:
        return _deliver(kind, run(input, n, dim, norm), out)

    public(f"fft.{kind}")(_describe(transform, first, input, example, False))


def _rfft(input: Any, n: int | None, dim: int, norm: Any) -> Tensor:
    t = _check("rfft", input)
    _refuse_complex("rfft", t)
    d = _dim("rfft", t, dim)
    count = _points("rfft", t.shape[d] if n is None else n)
    normalization = _normalization("rfft", norm, True)
    result: Tensor = _R2C((_fit(t, (d,), (count,)),), (d,), normalization, True)
    return result


def _back(
    name: str, input: Any, n: int | None, dim: int, norm: Any, up: bool
) -> Tensor:
    t = _as_complex(_check(name, input))
    d = _dim(name, t, dim)
    count = _points(name, 2 * (t.shape[d] - 1) if n is None else n)
    normalization = _normalization(name, norm, up)
    t = _fit(t, (d,), (count // 2 + 1,))
    result: Tensor = _C2R((t.conj() if up else t,), (d,), normalization, count)
    return result


def _ihfft(input: Any, n: int | None, dim: int, norm: Any) -> Tensor:
    t = _check("ihfft", input)
    _refuse_complex("ihfft", t)
    d = _dim("ihfft", t, dim)
    count = _points("ihfft", t.shape[d] if n is None else n)
    normalization = _normalization("ihfft", norm, False)
    made: Tensor = _R2C((_fit(t, (d,), (count,)),), (d,), normalization, True)
    return made.conj()


_RUN: dict[str, Any] = {
    "fft": lambda t, n, d, norm: _one("fft", t, n, d, norm, True),
    "ifft": lambda t, n, d, norm: _one("ifft", t, n, d, norm, False),
    "rfft": _rfft,
    "irfft": lambda t, n, d, norm: _back("irfft", t, n, d, norm, False),
    "hfft": lambda t, n, d, norm: _back("hfft", t, n, d, norm, True),
    "ihfft": _ihfft,
}

for _kind, _first, _input, _example in (
    (
        "fft",
        "Discrete Fourier transform along one dimension.",
        _ANY,
        "derivo.fft.fft(derivo.ones(4)).abs()\ntensor([4., 0., 0., 0.])",
    ),
    (
        "ifft",
        "Inverse discrete Fourier transform along one dimension.",
        _ANY,
        "derivo.fft.ifft(derivo.ones(4)).abs()\ntensor([1., 0., 0., 0.])",
    ),
    (
        "rfft",
        "Half of the spectrum of a real signal, which says it all.",
        _REAL,
        "derivo.fft.rfft(derivo.ones(4)).shape\ntorch.Size([3])",
    ),
    (
        "irfft",
        "Real signal of half a spectrum: the inverse of `rfft`.",
        _HALF,
        "derivo.fft.irfft(derivo.tensor([4.0, 0.0, 0.0]))\ntensor([1., 1., 1., 1.])",
    ),
    (
        "hfft",
        "Real spectrum of a Hermitian signal, of which half is given.",
        _HALF,
        "derivo.fft.hfft(derivo.tensor([1.0, 0.0, 0.0]))\ntensor([1., 1., 1., 1.])",
    ),
    (
        "ihfft",
        "Half of the Hermitian signal of a real spectrum: the inverse of `hfft`.",
        _REAL,
        "derivo.fft.ihfft(derivo.ones(4)).shape\ntorch.Size([3])",
    ),
):
    _publish_one(_kind, _first, _input, _example)


# ------------------------------------------------------------------ several dimensions


def _many(name: str, input: Any, s: Any, dim: Any, norm: Any, forward: bool) -> Tensor:
    t = _check(name, input)
    dims, sizes = _dims(name, t, s, dim)
    normalization = _normalization(name, norm, forward)
    if not dims:
        return _as_complex(t).clone()
    if t.requires_grad:
        # As PyTorch records it. Else SciPy may see that a signal is real, which takes
        # half the time.
        t = _as_complex(t)
    result: Tensor = _C2C((_fit(t, dims, sizes),), dims, normalization, forward)
    return result


def _need_dims(name: str, dims: tuple[int, ...]) -> None:
    if not dims:
        raise RuntimeError(f"[{name}] {name} must transform at least one axis.")


def _many_real(name: str, input: Any, s: Any, dim: Any, norm: Any, up: bool) -> Tensor:
    t = _check(name, input)
    _refuse_complex(name, t)
    dims, sizes = _dims(name, t, s, dim)
    _need_dims(name, dims)
    normalization = _normalization(name, norm, up)
    t = _fit(t, dims, sizes)
    made: Tensor
    if up:
        made = _R2C((t,), dims, normalization, True)
        return made
    made = _R2C((t,), dims[-1:], normalization, True)
    if len(dims) == 1:
        return made.conj()
    made = _C2C((made.conj_physical(),), dims[:-1], normalization, False)
    return made


def _many_back(name: str, input: Any, s: Any, dim: Any, norm: Any, up: bool) -> Tensor:
    t = _as_complex(_check(name, input))
    given = s is not None and (s if isinstance(s, int) else s[-1]) != -1
    dims, sizes = _dims(name, t, s, dim)
    _need_dims(name, dims)
    last = sizes[-1] if given else _points(name, 2 * (t.shape[dims[-1]] - 1))
    normalization = _normalization(name, norm, up)
    t = _fit(t, dims, (*sizes[:-1], last // 2 + 1))
    if up:
        if len(dims) > 1:
            t = _C2C((t,), dims[:-1], normalization, True)
        t, dims = t.conj(), dims[-1:]
    result: Tensor = _C2R((t,), dims, normalization, last)
    return result


_SEVERAL: dict[str, Any] = {
    "fft": lambda name, t, s, d, norm: _many(name, t, s, d, norm, True),
    "ifft": lambda name, t, s, d, norm: _many(name, t, s, d, norm, False),
    "rfft": lambda name, t, s, d, norm: _many_real(name, t, s, d, norm, True),
    "irfft": lambda name, t, s, d, norm: _many_back(name, t, s, d, norm, False),
    "hfft": lambda name, t, s, d, norm: _many_back(name, t, s, d, norm, True),
    "ihfft": lambda name, t, s, d, norm: _many_real(name, t, s, d, norm, False),
}


def _publish_many(kind: str, suffix: str, first: str, input: str) -> None:
    run = _SEVERAL[kind]
    name = kind + suffix
    usual = (-2, -1) if suffix == "2" else None

    def transform(
        input: Tensor,
        s: Any = None,
        dim: Any = usual,
        norm: str | None = None,
        *,
        out: Tensor | None = None,
    ) -> Tensor:
        return _deliver(name, run(name, input, s, dim, norm), out)

    shape = "[4, 3]" if kind in ("rfft", "ihfft") else "[4, 4]"
    shape = "[4, 6]" if kind in ("irfft", "hfft") else shape
    example = f"derivo.fft.{name}(derivo.ones(4, 4)).shape\ntorch.Size({shape})"
    public(f"fft.{name}")(_describe(transform, first, input, example, True))


for _suffix, _where in (("2", "the last two dimensions"), ("n", "several dimensions")):
    for _kind, _first, _input in (
        ("fft", "Discrete Fourier transform along", _ANY),
        ("ifft", "Inverse discrete Fourier transform along", _ANY),
        ("rfft", "Half of the spectrum of a real signal along", _REAL),
        ("irfft", "Real signal of half a spectrum along", _HALF),
        ("hfft", "Real spectrum of a Hermitian signal along", _HALF),
        ("ihfft", "Half of the Hermitian signal of a real spectrum along", _REAL),
    ):
        _publish_many(_kind, _suffix, f"{_first} {_where}.", _input)


# ------------------------------------------------------------------ frequencies


def _frequencies(
    name: str, n: int, d: float, half: bool, kind: Any, requires_grad: bool, out: Any
) -> Tensor:
    from derivo.ops.ranges import arange

    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError(f"[{name}] argument 'n' must be int, not {type(n).__name__}.")
    if n < 0:
        raise RuntimeError(f"[{name}] n must not be negative, got {n}.")
    if kind is not None and kind.code < 6:
        raise RuntimeError(
            f"[{name}] {name} requires a floating point or complex dtype, got {kind}."
        )
    made: Tensor
    if half:
        made = arange(n // 2 + 1, dtype=kind)
    else:
        made = arange(n, dtype=kind)
        made[(n + 1) // 2 :] -= n
    from derivo import get_default_dtype

    if kind is None:
        made = cast(made, get_default_dtype())
    made = made * (1.0 / (n * d)) if n else made
    return _deliver(name, made.requires_grad_(requires_grad), out)


@public("fft.fftfreq")
def fftfreq(
    n: int,
    d: float = 1.0,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Frequencies of the points of a transform: ``[0, 1, ..., -2, -1] / (n * d)``.

    Parameters
    ----------
    n : int
        Number of points.
    d : float, default 1.0
        Distance of samples.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        The default dtype if not given.
    requires_grad : bool, default False
        Whether operations on the tensor are recorded.

    Examples
    --------
    >>> import derivo
    >>> derivo.fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    return _frequencies("fftfreq", n, d, False, dtype, requires_grad, out)


@public("fft.rfftfreq")
def rfftfreq(
    n: int,
    d: float = 1.0,
    *,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Frequencies of the points of `rfft`; see `fftfreq`.

    Examples
    --------
    >>> import derivo
    >>> derivo.fft.rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])
    """
    return _frequencies("rfftfreq", n, d, True, dtype, requires_grad, out)


def _shifted(name: str, input: Tensor, dim: Any, back: bool) -> Tensor:
    rank = input.dim()
    if dim is None:
        dims = tuple(range(rank))
    else:
        dims = tuple(
            _dim(name, input, d) for d in ((dim,) if isinstance(dim, int) else dim)
        )
    sizes = [input.shape[d] for d in dims]
    result: Tensor = input.roll([(n + back) // 2 for n in sizes], dims)
    return result


@public("fft.fftshift")
def fftshift(input: Tensor, dim: Any = None) -> Tensor:
    """Move the frequency zero to the middle.

    Parameters
    ----------
    input : Tensor
        A spectrum in the order of `fftfreq`.
    dim : int or tuple of int, optional
        Along which dimensions; all if not given.

    Examples
    --------
    >>> import derivo
    >>> derivo.fft.fftshift(derivo.arange(4))
    tensor([2, 3, 0, 1])
    """
    return _shifted("fftshift", input, dim, False)


@public("fft.ifftshift")
def ifftshift(input: Tensor, dim: Any = None) -> Tensor:
    """Undo `fftshift`.

    Parameters
    ----------
    input : Tensor
        A spectrum with the frequency zero in the middle.
    dim : int or tuple of int, optional
        Along which dimensions; all if not given.

    Examples
    --------
    >>> import derivo
    >>> derivo.fft.ifftshift(derivo.tensor([2, 3, 0, 1]))
    tensor([0, 1, 2, 3])
    """
    return _shifted("ifftshift", input, dim, True)
