"""Making complex tensors from real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase, _empty
from derivo.ops import _batching
from derivo.ops._primitive import Primitive
from derivo.ops._surface import public
from derivo.ops.conversion import write_out

if TYPE_CHECKING:
    from derivo import Tensor

_WORDS = {"float16": "Half", "float32": "Float", "float64": "Double"}
_WORDS |= {"complex64": "ComplexFloat", "complex128": "ComplexDouble"}


def _check_parts(
    op: str, names: tuple[str, str], first: Any, second: Any, out: Any
) -> None:
    for k, value in enumerate((first, second)):
        if not isinstance(value, TensorBase):
            raise TypeError(
                f"[{op}] {op}(): argument '{names[k]}' (position {k + 1}) must be "
                f"Tensor, not {type(value).__name__}."
            )
    if first.dtype.name not in ("float16", "float32", "float64"):
        raise RuntimeError(
            f"[{op}] Expected both inputs to be Half, Float or Double tensors but got "
            f"{first.dtype} and {second.dtype}."
        )
    word = _WORDS.get(second.dtype.name, second.dtype.name)
    if first.dtype != second.dtype:
        raise RuntimeError(
            f"[{op}] Expected object of scalar type {_WORDS[first.dtype.name]} but got "
            f"scalar type {word} for second argument. Convert one with .to(dtype)."
        )
    whole = first.dtype.to_complex()
    if out is not None and out.dtype is not whole:
        raise RuntimeError(
            f"[{op}] Expected object of scalar type {_WORDS[whole.name]} but got "
            f"scalar type {_WORDS.get(out.dtype.name, out.dtype.name)} for argument "
            "'out'."
        )


@public("complex")
def complex_(real: Tensor, imag: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Make a complex tensor from real and imaginary parts.

    Parameters
    ----------
    real, imag : Tensor
        Of one dtype, float32 or float64; broadcast with each other.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        complex64 or complex128.

    Raises
    ------
    RuntimeError
        If the dtypes differ or are not float32 or float64.

    Notes
    -----
    **Derivative**: the real part of ``g`` for `real`, the imaginary part for `imag`.

    Examples
    --------
    >>> import derivo
    >>> derivo.complex(derivo.ones(1), derivo.zeros(1))
    tensor([1.+0.j])
    """
    _check_parts("complex", ("real", "imag"), real, imag, out)
    made = _COMPLEX((real, imag))
    return made if out is None else write_out(out, made, "complex")


@public("polar")
def polar(abs: Tensor, angle: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Make a complex tensor from absolute values and angles.

    Parameters
    ----------
    abs, angle : Tensor
        Of one dtype, float32 or float64; broadcast with each other.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        ``abs * (cos(angle) + 1j * sin(angle))``.

    Raises
    ------
    RuntimeError
        If the dtypes differ or are not float32 or float64.

    Notes
    -----
    **Derivative**: the parts of ``g`` along ``exp(1j * angle)``, and across it times
    `abs`.

    Examples
    --------
    >>> import derivo
    >>> r = derivo.tensor([2.0], requires_grad=True)
    >>> z = derivo.polar(r, derivo.zeros(1))
    >>> z
    tensor([2.+0.j], grad_fn=<PolarBackward0>)
    >>> z.real.sum().backward()
    >>> r.grad
    tensor([1.])
    """
    _check_parts("polar", ("abs", "angle"), abs, angle, out)
    made = _POLAR((abs, angle))
    return made if out is None else write_out(out, made, "polar")


def _polar_vjp(ctx: Any, g: Tensor) -> tuple[Any, Any]:
    size, angle = ctx.saved
    re, im = g.real, g.imag
    cosine, sine = angle.cos(), angle.sin()
    along = (re * cosine + im * sine).sum_to_size(ctx.shapes[0])
    across = ((im * cosine - re * sine) * size).sum_to_size(ctx.shapes[1])
    return along if ctx.needs[0] else None, across if ctx.needs[1] else None


_POLAR = Primitive(
    "polar",
    node="PolarBackward0",
    forward=lambda size, angle: _complex_forward(
        size * angle.cos(), size * angle.sin()
    ),
    vjp=_polar_vjp,
    save=(0, 1),
    batch=_batching.elementwise,
)


def _complex_forward(real: Tensor, imag: Tensor) -> Tensor:
    from derivo import broadcast_tensors
    from derivo._core.dispatch import _copy_into
    from derivo._core.tensor import _reinterpret

    re, im = broadcast_tensors(real, imag)
    part = re.dtype
    made = _empty(re.shape, part.to_complex())
    part = made.dtype.to_real()
    steps = tuple(2 * s for s in made.stride())
    words = _reinterpret(made, part, (*made.shape, 2), (*steps, 1))
    _copy_into(words.select(-1, 0), re)
    _copy_into(words.select(-1, 1), im)
    return made


def _complex_vjp(ctx: Any, g: Tensor) -> tuple[Any, Any]:
    return (
        g.real.sum_to_size(ctx.shapes[0]) if ctx.needs[0] else None,
        g.imag.sum_to_size(ctx.shapes[1]) if ctx.needs[1] else None,
    )


_COMPLEX = Primitive(
    "complex",
    node="ComplexBackward0",
    forward=_complex_forward,
    vjp=_complex_vjp,
    batch=_batching.elementwise,
)
