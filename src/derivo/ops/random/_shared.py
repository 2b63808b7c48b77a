"""What the random functions share: names, checks, and the graph around a fill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.draws import ZeroNode, _set_history, zero_node
from derivo._core.forward import tangents
from derivo._core.generator import Generator
from derivo._core.inplace import _check_inplace, _finish_inplace, _needs_grad
from derivo._core.promotion import SCALAR_TYPES
from derivo._core.tensor import (
    TensorBase,
    _alias,
    _bump,
    _empty,
    _modes_active,
    _set_data,
    get_default_dtype,
)
from derivo._info import check_device
from derivo.ops.creation import empty_as

if TYPE_CHECKING:
    from collections.abc import Callable

    from derivo import Tensor, dtype


# C++'s names of dtypes, by code.
C_TYPES = (
    *("bool", "unsigned char", "signed char", "short int", "int", "long int"),
    *("c10::Half", "c10::BFloat16", "float", "double"),
    *("c10::complex<float>", "c10::complex<double>"),
)
# Bits of the significand, and largest value, of the floating point dtypes by code.
DIGITS = {6: 11, 7: 8, 8: 24, 9: 53}
LARGEST = {
    6: 65504.0,
    7: 3.3895313892515355e38,
    8: 3.4028234663852886e38,
    9: 1.7976931348623157e308,
}
INTEGER_RANGE = {
    0: (0, 1),
    1: (0, 255),
    2: (-128, 127),
    3: (-(1 << 15), (1 << 15) - 1),
    4: (-(1 << 31), (1 << 31) - 1),
    5: (-(1 << 63), (1 << 63) - 1),
}
LOWEST = -(1 << 63)


def unsupported(op: str, kernel: str, t: Tensor, accepted: str) -> Exception:
    """Make the error for a dtype that an operation has no kernel for."""
    return NotImplementedError(
        f'[{op}] "{kernel}" not implemented for {SCALAR_TYPES[t.dtype.code]!r}: '
        f"expected {accepted}, got dtype={t.dtype}. Convert the tensor, or give "
        "another dtype."
    )


def check_generator(op: str, generator: object) -> None:
    """Refuse what is no generator."""
    if generator is not None and not isinstance(generator, Generator):
        raise TypeError(
            f"[{op}] {op}() received an invalid combination of arguments: expected a "
            f"Generator, got generator={type(generator).__name__}. Make one with "
            "derivo.Generator()."
        )


def shape_of(op: str, size: tuple[Any, ...]) -> tuple[int, ...]:
    """Read sizes given one by one or as one sequence."""
    if len(size) == 1 and not isinstance(size[0], int) and hasattr(size[0], "__len__"):
        if not isinstance(size[0], TensorBase):
            size = tuple(size[0])
    elif not size:
        raise TypeError(
            f"[{op}] {op}() received an invalid combination of arguments: expected "
            "sizes, got (). Give () as a tuple for a tensor without dimensions."
        )
    shape = []
    for position, n in enumerate(size):
        if isinstance(n, TensorBase):
            n = n.item()
        if isinstance(n, bool) or not hasattr(n, "__index__"):
            raise TypeError(
                f"[{op}] {op}(): argument 'size' (position {position + 1}) must be "
                f"tuple of ints, not {type(n).__name__}. Give the sizes as ints."
            )
        shape.append(n.__index__())
    if shape and min(shape) < 0:
        raise RuntimeError(
            f"[{op}] Trying to create tensor with negative dimension "
            f"{min(shape)}: {shape}. Sizes start at 0."
        )
    return tuple(shape)


def check_placement(op: str, layout: object, device: object) -> None:
    """Refuse devices and layouts that do not exist."""
    if device is not None:
        check_device(device)
    if layout is not None and getattr(layout, "name", layout) != "strided":
        raise RuntimeError(
            f"[{op}] only strided tensors exist: expected torch.strided, got "
            f"layout={layout}. Leave the argument out."
        )


def take_out(op: str, out: Tensor, shape: tuple[int, ...], *inputs: Any) -> None:
    """Make `out` ready to be filled: checked, in the shape of the result."""
    if _needs_grad(out, *inputs):
        raise RuntimeError(
            f"[{op}] aten::{op}(): functions with out=... arguments don't support "
            "automatic differentiation, but one of the arguments requires grad. Use "
            "the result, or call it under derivo.no_grad()."
        )
    if tuple(out.shape) == shape:
        _check_inplace(out, False)
    else:
        _set_data(out, _empty(shape, out.dtype))
    _bump(out, op)


def blank(shape: tuple[int, ...], dtype: dtype, op: str) -> Tensor:
    """A tensor to be filled with samples; inside `vmap` as its `randomness` says."""
    if _modes_active():
        from derivo.func._random import blank_in_vmap

        return blank_in_vmap(tuple(shape), dtype, op)
    made: Tensor = _empty(shape, dtype)
    return made


def target(
    op: str,
    shape: tuple[int, ...],
    dtype: dtype | None,
    default: dtype | None,
    out: Tensor | None,
    layout: object,
    device: object,
) -> Tensor:
    """Make a tensor to be filled, or bring `out` into shape."""
    check_placement(op, layout, device)
    if out is None:
        return blank(shape, dtype or default or get_default_dtype(), op)
    if dtype is not None and dtype != out.dtype:
        raise RuntimeError(
            f"[{op}] dtype {SCALAR_TYPES[dtype.code]} does not match dtype of out "
            f"parameter ({SCALAR_TYPES[out.dtype.code]}). Leave out dtype= or out=."
        )
    take_out(op, out, shape)
    return out


def like(
    input: Tensor,
    dtype: dtype | None,
    layout: object,
    device: object,
    memory_format: object,
    op: str,
) -> Tensor:
    """Make a tensor of the same shape and, as PyTorch does, order in memory."""
    check_placement(op, layout, device)
    if _modes_active():
        return blank(tuple(input.shape), dtype or input.dtype, op)
    if memory_format is None and dtype is None and input.is_contiguous():
        return _empty(input.shape, input.dtype)
    return empty_as(input, dtype, memory_format)


def finish(t: Tensor, requires_grad: bool) -> Tensor:
    """Return a new tensor, tracked by autograd if asked for."""
    return t.requires_grad_() if requires_grad else t


_NODES: dict[str, type] = {}


def node_class(name: str) -> type:
    """Return the class of nodes that carries PyTorch's name."""
    found = _NODES.get(name)
    if found is None:
        found = _NODES[name] = type(name, (ZeroNode,), {"__slots__": ()})
    return found


def change(
    self: Tensor, op: str, node: str, fill: Callable[[], None], *others: Tensor
) -> Tensor:
    """Fill `self` in place, with PyTorch's checks before and history after."""
    recorded = _needs_grad(self, *others)
    if _modes_active():
        from derivo.func._random import check_in_place

        check_in_place(self, op)
    _check_inplace(self, recorded)
    fill()
    _finish_inplace(
        self, zero_node(node_class(node), self, *others) if recorded else None, op
    )
    # What was drawn depends on nothing: forward mode's tangents are zero from now on.
    for tangent in tangents(self).values():
        tangent.zero_()
    return self


def drawn_from(out: Tensor, node: str, *inputs: Tensor | None) -> Tensor:
    """Hang the node of samples that were drawn with tensors as parameters."""
    if _needs_grad(*inputs):
        _set_history(out, zero_node(node_class(node), *inputs))
    return out


def broadcast(op: str, a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Broadcast two shapes."""
    rank = max(len(a), len(b))
    result = []
    for i in range(rank):
        m = a[i - rank + len(a)] if i >= rank - len(a) else 1
        n = b[i - rank + len(b)] if i >= rank - len(b) else 1
        if m != n and m != 1 and n != 1:
            raise RuntimeError(
                f"[{op}] The size of tensor a ({m}) must match the size of tensor b "
                f"({n}) at non-singleton dimension {i}: got shapes {a} and {b}."
            )
        result.append(n if m == 1 else m)
    return tuple(result)


def expanded(op: str, p: Tensor, out: Tensor) -> Tensor:
    """`p` with the shape of `out`, without copying."""
    shape, rank = tuple(out.shape), out.dim()
    own = tuple(p.shape)
    if own == shape:
        return p
    if len(own) > rank:
        raise RuntimeError(
            f"[{op}] expand: the number of sizes provided ({rank}) must be greater or "
            f"equal to the number of dimensions in the tensor ({len(own)}): expected "
            f"p to broadcast to {shape}, got shape {own}."
        )
    lead = rank - len(own)
    strides = [0] * rank
    for i, (n, step) in enumerate(zip(own, p.stride(), strict=True)):
        if n == shape[lead + i]:
            strides[lead + i] = step
        elif n != 1:
            raise RuntimeError(
                f"[{op}] The expanded size of the tensor ({shape[lead + i]}) must "
                f"match the existing size ({n}) at non-singleton dimension {lead + i}: "
                f"expected p to broadcast to {shape}, got shape {own}."
            )
    return _alias(p, shape, strides, 0)


def named_size(op: str, size: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Read the shape from ``*size`` or ``size=``."""
    if not named:
        return size
    if size or set(named) != {"size"}:
        unknown = sorted(set(named) - {"size"}) or ["size"]
        raise TypeError(
            f"[{op}] {op}() got an unexpected keyword argument {unknown[0]!r}. The "
            "shape is given once, by position or as size=."
        )
    return (named["size"],)
