"""New tensors of uniform and normal numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.draws import Kind, draw_new
from derivo.ops._surface import public
from derivo.ops.random._shared import (
    check_generator,
    finish,
    like,
    named_size,
    shape_of,
    target,
)
from derivo.ops.random.fills import fill_normal, fill_uniform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivo import Generator, Tensor, device, dtype


@public("rand")
def rand(
    *size: int | Sequence[int],
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    **named: Any,
) -> Tensor:
    """Draw numbers from the uniform distribution over [0, 1).

    Parameters
    ----------
    *size : int
        Shape, as ints or as one sequence.
    generator : Generator, optional
        Source of randomness; the default generator if not given.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Floating point or complex; the default dtype if not given.
    layout, device, pin_memory
        For PyTorch's scripts: strided tensors on the CPU.
    requires_grad : bool, default False
        Whether the result is tracked by autograd.

    Returns
    -------
    Tensor
        Of shape `size`.

    Raises
    ------
    NotImplementedError
        If `dtype` is not floating point.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.rand(2, 2)
    tensor([[0.4963, 0.7682],
            [0.0885, 0.1320]])
    """
    if out is layout is device is None and not named:
        made = draw_new(Kind.UNIFORM, size, dtype, 0.0, 1.0, generator)
        if made is not None:
            return made.requires_grad_() if requires_grad else made
    shape = shape_of("rand", named_size("rand", size, named))
    check_generator("rand", generator)
    result = target("rand", shape, dtype, None, out, layout, device)
    fill_uniform(result, 0.0, 1.0, generator, "rand")
    return finish(result, requires_grad)


@public("randn")
def randn(
    *size: int | Sequence[int],
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    **named: Any,
) -> Tensor:
    """Draw numbers from the normal distribution with mean 0 and variance 1.

    Parameters
    ----------
    *size : int
        Shape, as ints or as one sequence.
    generator : Generator, optional
        Source of randomness; the default generator if not given.
    out : Tensor, optional
        Takes the result.
    dtype : dtype, optional
        Floating point or complex (each part has variance 1/2); the default dtype if
        not given.
    layout, device, pin_memory
        For PyTorch's scripts: strided tensors on the CPU.
    requires_grad : bool, default False
        Whether the result is tracked by autograd.

    Returns
    -------
    Tensor
        Of shape `size`.

    Raises
    ------
    NotImplementedError
        If `dtype` is not floating point.

    Examples
    --------
    >>> import derivo
    >>> _ = derivo.manual_seed(0)
    >>> derivo.randn(3)
    tensor([ 1.5410, -0.2934, -2.1788])
    """
    if out is layout is device is None and not named:
        made = draw_new(Kind.NORMAL, size, dtype, 0.0, 1.0, generator)
        if made is not None:
            return made.requires_grad_() if requires_grad else made
    shape = shape_of("randn", named_size("randn", size, named))
    check_generator("randn", generator)
    result = target("randn", shape, dtype, None, out, layout, device)
    fill_normal(result, 0.0, 1.0, generator, "randn")
    return finish(result, requires_grad)


@public("rand_like")
def rand_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Draw uniform numbers from [0, 1) in the shape of `input`; see `derivo.rand`.

    Parameters
    ----------
    input : Tensor
        Gives shape, dtype and, if its elements are dense in memory, strides.
    generator : Generator, optional
        Source of randomness.
    dtype : dtype, optional
        Instead of that of `input`.
    layout, device, pin_memory, memory_format
        For PyTorch's scripts.
    requires_grad : bool, default False
        Whether the result is tracked by autograd.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import derivo
    >>> derivo.rand_like(derivo.zeros(2, 3)).shape
    torch.Size([2, 3])
    """
    check_generator("rand_like", generator)
    result = like(input, dtype, layout, device, memory_format, "rand_like")
    fill_uniform(result, 0.0, 1.0, generator, "rand_like")
    return finish(result, requires_grad)


@public("randn_like")
def randn_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: device | str | None = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Draw standard normal numbers in the shape of `input`; see `derivo.randn`.

    Parameters
    ----------
    input : Tensor
        Gives shape, dtype and, if its elements are dense in memory, strides.
    generator : Generator, optional
        Source of randomness.
    dtype : dtype, optional
        Instead of that of `input`.
    layout, device, pin_memory, memory_format
        For PyTorch's scripts.
    requires_grad : bool, default False
        Whether the result is tracked by autograd.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import derivo
    >>> derivo.randn_like(derivo.zeros(2, 3)).shape
    torch.Size([2, 3])
    """
    check_generator("randn_like", generator)
    result = like(input, dtype, layout, device, memory_format, "randn_like")
    fill_normal(result, 0.0, 1.0, generator, "randn_like")
    return finish(result, requires_grad)
