"""Complex tensors: made from real ones, and seen as them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from derivo._core.autograd import _alloc_views
from derivo._core.copies import _copy_into
from derivo._core.tensor import TensorBase, _empty, _reinterpret
from derivo.ops import _batching
from derivo.ops._primitive import Primitive
from derivo.ops._surface import public
from derivo.ops.conversion import _fill_forward, write_out

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
    from derivo._core.copies import _copy_into
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


# ------------------------------------------------------------------ seen as parts


def _real_words(t: Tensor) -> Tensor:
    """A complex tensor as a real one with a last dimension of two."""
    steps = tuple(2 * s for s in t.stride())
    made: Tensor = _reinterpret(t, t.dtype.to_real(), (*t.shape, 2), (*steps, 1))
    return made


def copy_complex(dst: Tensor, src: Tensor) -> None:
    """Copy where at least one side is complex and the dtypes differ."""
    if dst.is_complex() and src.is_complex():
        _copy_into(_real_words(dst), _real_words(src))
        return
    if dst.is_complex():
        words = _real_words(dst)
        _copy_into(_part(words, 0), src)
        _fill_forward(_part(words, 1), 0)
        return
    words = _real_words(src)
    if dst.dtype.name == "bool":
        from derivo import logical_or

        either = logical_or(_part(words, 0) != 0, _part(words, 1) != 0)
        _copy_into(dst, either)
        return
    warnings.warn(
        "Casting complex values to real discards the imaginary part",
        UserWarning,
        stacklevel=3,
    )
    _copy_into(dst, _part(words, 0))


def _part(words: Tensor, which: int) -> Tensor:
    from derivo._core.tensor import _alias

    return _alias(words, words.shape[:-1], words.stride()[:-1], which)


def _view_as_real_forward(x: Tensor) -> Tensor:
    made = _real_words(x)
    _alloc_views(x, made)
    return made


def _view_as_complex_forward(x: Tensor) -> Tensor:
    steps = tuple(s // 2 for s in x.stride()[:-1])
    made: Tensor = _reinterpret(x, x.dtype.to_complex(), x.shape[:-1], steps)
    _alloc_views(x, made)
    return made


_VIEW_AS_REAL = Primitive(
    "view_as_real",
    linear=True,
    node="ViewAsRealBackward0",
    forward=_view_as_real_forward,
    vjp=lambda ctx, g: _VIEW_AS_COMPLEX((g.contiguous(),)),
    view=True,
    batch=_batching.leading,
)
_VIEW_AS_COMPLEX = Primitive(
    "view_as_complex",
    linear=True,
    node="ViewAsComplexBackward0",
    forward=_view_as_complex_forward,
    vjp=lambda ctx, g: view_as_real(g),
    view=True,
    batch=_batching.leading,
)


@public("view_as_real", "Tensor.view_as_real")
def view_as_real(input: Tensor) -> Tensor:
    """View a complex tensor as a real one with a last dimension of two."""
    if not input.is_complex():
        raise RuntimeError(
            f"[view_as_real] view_as_real is only supported for complex tensors, got "
            f"{input.dtype}."
        )
    made: Tensor = _VIEW_AS_REAL((input,))
    return made


@public("view_as_complex", "Tensor.view_as_complex")
def view_as_complex(input: Tensor) -> Tensor:
    """View a real tensor with a last dimension of two as a complex one."""
    if input.dtype.name not in ("float32", "float64"):
        raise RuntimeError(
            "[view_as_complex] view_as_complex is only supported for half, float and "
            f"double tensors, but got a tensor of scalar type: {input.dtype}."
        )
    if input.dim() == 0:
        raise RuntimeError(
            "[view_as_complex] Input tensor must have one or more dimensions, got a "
            "0-d tensor. Put real and imaginary parts side by side in its last one."
        )
    if input.shape[-1] != 2:
        raise RuntimeError(
            "[view_as_complex] Tensor must have a last dimension of size 2, got shape "
            f"{list(input.shape)}."
        )
    memory = input
    while memory._batch is not None:
        memory = memory._batch.tensor
    # Of all examples, which share the memory: the last dimension is the example's.
    *outer, last = memory.stride()
    remedy = "Use contiguous() or clone() first."
    if input.stride(-1) != 1:
        raise RuntimeError(
            "[view_as_complex] Tensor must have a last dimension with stride 1, got "
            f"strides {list(input.stride())}. {remedy}"
        )
    if any(s % 2 for s in (*outer, *input.stride()[:-1])):
        raise RuntimeError(
            "[view_as_complex] Tensor must have a stride divisible by 2 for all but "
            f"last dimension, got strides {[*outer, last]}. {remedy}"
        )
    if memory.storage_offset() % 2:
        raise RuntimeError(
            "[view_as_complex] Tensor must have a storage_offset divisible by 2, got "
            f"{memory.storage_offset()}. {remedy}"
        )
    made: Tensor = _VIEW_AS_COMPLEX((input,))
    return made


@public("real")
def real(input: Tensor) -> Tensor:
    """Return the real part: a view of a complex tensor, a real tensor itself."""
    return view_as_real(input).select(-1, 0) if input.is_complex() else input


@public("imag")
def imag(input: Tensor) -> Tensor:
    """Return the imaginary part of a complex tensor, as a view."""
    if not input.is_complex():
        raise RuntimeError(
            "[imag] imag is not implemented for tensors with non-complex dtypes: got "
            f"{input.dtype}."
        )
    return view_as_real(input).select(-1, 1)


def _set_real(self: Tensor, value: Any) -> None:
    self.real.copy_(value) if isinstance(value, TensorBase) else self.real.fill_(value)


def _set_imag(self: Tensor, value: Any) -> None:
    self.imag.copy_(value) if isinstance(value, TensorBase) else self.imag.fill_(value)


REAL, IMAG = property(real, _set_real), property(imag, _set_imag)


@public("is_conj", "Tensor.is_conj", "is_neg", "Tensor.is_neg")
def is_conj(input: Tensor) -> bool:
    """Whether a conjugation (or negation) is pending: never.

    `conj` computes its result at once, where PyTorch marks a view of its operand.
    Values and gradients are the same.
    """
    return False


@public("resolve_conj", "Tensor.resolve_conj", "resolve_neg", "Tensor.resolve_neg")
def resolve_conj(input: Tensor) -> Tensor:
    """Return the tensor: conjugation is never pending."""
    return input
