"""Matrix products of any number of dimensions, and linear layers.

Plain Python of other operations, differentiated through its parts. The graphs have
PyTorch's nodes in PyTorch's order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from derivo._core import products as core
from derivo._core.tensor import TensorBase
from derivo.ops import _batching
from derivo.ops._primitive import Primitive
from derivo.ops._surface import public
from derivo.ops.products.basic import conjugates, finish_out, mm, mv

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["linear", "matmul", "matmul_operator", "unsafe_view"]


def _unsafe_view(t: Tensor, shape: Sequence[int]) -> Tensor:
    return core.unsafe_view(t.contiguous(), shape)


unsafe_view = Primitive(
    "_unsafe_view",
    node="UnsafeViewBackward0",
    forward=_unsafe_view,
    vjp=lambda ctx, g, shape: g.reshape(ctx.shapes[0]),
    save=(),
    batch=_batching.along(shapes=(0,)),
)
"""A result in another shape, where nobody can tell whether it is a view."""


def check_tensor(value: Any, name: str, argument: str, position: int) -> None:
    if not isinstance(value, TensorBase):
        raise TypeError(
            f"[{name}] {name}(): argument '{argument}' (position {position}) must be "
            f"Tensor, not {type(value).__name__}."
        )


# --- matmul -----------------------------------------------------------------------


def _folds(a: Tensor, b: Tensor) -> bool:
    """Whether the batch of the larger operand becomes rows of one matrix."""
    large, small = (a, b) if a.dim() >= b.dim() else (b.transpose(-2, -1), a)
    if large.dim() < 3 or small.dim() > 2:
        return False
    if small.requires_grad:
        # A batch would need the small operand's gradient once for each matrix.
        return True
    if a.dim() == 2:
        return False
    if large.numel() == 0:
        return True
    sizes, strides = large.shape, large.stride()
    return all(
        strides[i] == strides[i + 1] * sizes[i + 1] for i in range(large.dim() - 2)
    )


def _folded(a: Tensor, b: Tensor) -> Tensor:
    turned = a.dim() < b.dim()
    large, small = (
        (b.transpose(-2, -1), a.t() if a.dim() == 2 else a) if turned else (a, b)
    )
    shape = list(large.shape[:-1])
    rows = large.reshape(math.prod(shape), large.shape[-1])
    if small.dim() == 1:
        result: Tensor = unsafe_view((mv(rows, small),), shape)
        return result
    shape.append(small.shape[1])
    out = unsafe_view((mm(rows, small),), shape)
    return out.transpose(-2, -1).contiguous() if turned else out


def _batched(a: Tensor, b: Tensor) -> Tensor:
    rows = a.shape[-2] if a.dim() > 1 else 1
    columns = b.shape[-1] if b.dim() > 1 else 1
    batch_a, batch_b = tuple(a.shape[:-2]), tuple(b.shape[:-2])
    batch = _broadcast(batch_a, batch_b)
    count = math.prod(batch)
    left = a.expand(*batch, rows, a.shape[-1]).reshape(count, rows, a.shape[-1])
    if b.dim() == 1:
        inner = b.shape[0]
        right = b.unsqueeze(1).expand(*batch, inner, 1).reshape(count, inner, 1)
        shape = [*batch, rows]
    else:
        inner = b.shape[-2]
        right = b.expand(*batch, inner, columns).reshape(count, inner, columns)
        shape = [*batch, rows, columns] if a.dim() > 1 else [*batch, columns]
    result: Tensor = unsafe_view((core.bmm(left, right),), shape)
    return result


def _broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    rank = max(len(a), len(b))
    wide_a, wide_b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    for d, (x, y) in enumerate(zip(wide_a, wide_b, strict=True)):
        if x != y and x != 1 and y != 1:
            raise RuntimeError(
                f"[matmul] The size of tensor a ({x}) must match the size of tensor b "
                f"({y}) at non-singleton dimension {d}: the leading dimensions must be "
                f"equal or broadcast, got shapes {list(a)} and {list(b)} of batches."
            )
    return tuple(y if x == 1 else x for x, y in zip(wide_a, wide_b, strict=True))


@public("matmul", "Tensor.matmul")
def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Matrix product of two tensors, with broadcasting over leading dimensions.

    Parameters
    ----------
    input, other : Tensor
        At least 1-D and of one dtype, any but bool. Two vectors give their
        dot product; a vector on the left counts as one row, on the right as one
        column, and that dimension is absent from the result; with more dimensions the
        last two are those of matrices, and those before broadcast.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(*batch, n, p)``.

    Raises
    ------
    RuntimeError
        A 0-d operand, shapes or dtypes that do not fit.
    NotImplementedError
        A dtype without products.

    Notes
    -----
    **Derivative**: ``g @ other.mT`` for `input`, ``input.mT @ g`` for `other`, summed
    over what was broadcast.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.ones(3, 2, requires_grad=True)
    >>> torch.matmul(torch.ones(5, 4, 3), w).sum().backward()
    >>> w.grad
    tensor([[20., 20.],
            [20., 20.],
            [20., 20.]])
    """
    if out is not None:
        check_tensor(input, "matmul", "input", 1)
        check_tensor(other, "matmul", "other", 2)
        return finish_out("matmul", out, matmul, input, other)
    return core.matmul(input, other)


def _matmul(input: Tensor, other: Tensor) -> Tensor:
    """Compute what the core's `matmul` leaves to Python."""
    check_tensor(input, "matmul", "input", 1)
    check_tensor(other, "matmul", "other", 2)
    ranks = input.dim(), other.dim()
    if 0 in ranks:
        raise RuntimeError(
            "[matmul] both arguments to matmul need to be at least 1D, but they are "
            f"{ranks[0]}D and {ranks[1]}D. Multiply by a 0-d tensor with `*`."
        )
    if ranks == (1, 2):
        return _squeezed(mm(input.unsqueeze(0), other), 0)
    if ranks == (3, 3) and len(input) != len(other):
        # One of them may be a single matrix.
        if len(other) == 1 and other.requires_grad:
            return _folded(input, other.squeeze(0))
        if len(input) == 1 and input.requires_grad:
            return _folded(input.squeeze(0), other)
    if _folds(input, other):
        return _folded(input, other)
    return _batched(input, other)


core.set_callbacks(matmul=_matmul)
matmul_operator = core.matmul_operator


_SQUEEZE = Primitive(
    "squeeze_",
    node="SqueezeBackward4",
    forward=lambda t, dim: core.unsafe_view(
        t, [n for d, n in enumerate(t.shape) if d != dim]
    ),
    vjp=lambda ctx, g, dim: g.unsqueeze(dim),
    save=(),
    batch=_batching.along(0),
)


def _squeezed(t: Tensor, dim: int) -> Tensor:
    # In place on a result that nobody else has: not a view.
    result: Tensor = _SQUEEZE((t,), dim)
    return result


@public("linalg.matmul")
def linalg_matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Matrix product; the same as `derivo.matmul`.

    Parameters
    ----------
    input, other : Tensor
        At least 1-D; see `derivo.matmul`.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(*batch, n, p)``.

    Raises
    ------
    RuntimeError
        A 0-d operand, shapes or dtypes that do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.ones(2, 2, requires_grad=True)
    >>> torch.linalg.matmul(a, a).sum().backward()
    >>> a.grad
    tensor([[4., 4.],
            [4., 4.]])
    """
    return matmul(input, other, out=out)


# --- linear layers ----------------------------------------------------------------


@public("nn.functional.linear")
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Compute ``input @ weight.T + bias``.

    Parameters
    ----------
    input : Tensor
        Of shape ``(*, in_features)``.
    weight : Tensor
        Of shape ``(out_features, in_features)`` or ``(in_features,)``.
    bias : Tensor, optional
        Of shape ``(out_features,)``.

    Returns
    -------
    Tensor
        Of shape ``(*, out_features)``.

    Raises
    ------
    RuntimeError
        Shapes or dtypes that do not fit.
    NotImplementedError
        A dtype without products.

    Notes
    -----
    **Derivative**: ``g @ weight`` for `input`, ``g.T @ input`` for `weight`, the sum of
    `g` over all but its last dimension for `bias`.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.ones(2, 3, requires_grad=True)
    >>> torch.nn.functional.linear(torch.ones(4, 3), w).sum().backward()
    >>> w.grad
    tensor([[4., 4., 4.],
            [4., 4., 4.]])
    """
    out = core.linear(input, weight, bias)
    return _linear(input, weight, bias) if out is None else out


def _linear(input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    check_tensor(input, "linear", "input", 1)
    check_tensor(weight, "linear", "weight", 2)
    if bias is not None:
        check_tensor(bias, "linear", "bias", 3)
    rank = input.dim()
    if rank == 0 or weight.dim() == 0:
        raise RuntimeError(
            "[linear] both arguments to linear need to be at least 1D, but they are "
            f"{rank}D and {weight.dim()}D."
        )
    if weight.dim() > 2:
        raise RuntimeError(
            f"[linear] t() expects a tensor with <= 2 dimensions, but self is "
            f"{weight.dim()}D: the weight must have the shape (out_features, "
            f"in_features), got {list(weight.shape)}."
        )
    turned = weight.t()
    if bias is None:
        return matmul(input, turned)
    if rank == 2:
        return core.addmm(bias, input, turned)
    if input.is_contiguous() and weight.dim() == 2 and rank != 2:
        rows = input.reshape(math.prod(input.shape[:-1]), input.shape[-1])
        out = core.addmm(bias, rows, turned)
        return out.view(*input.shape[:-1], weight.shape[0])
    return matmul(input, turned) + bias


def _trilinear(left: Tensor, weight: Tensor, right: Tensor) -> Tensor:
    # (b, i) (o, i, j) (b, j) -> (b, o)
    n, rows, columns = weight.shape
    folded = weight.permute(1, 0, 2).reshape(rows, n * columns)
    part = mm(left, folded).reshape(left.shape[0], n, columns)
    return core.bmm(part, right.unsqueeze(2)).squeeze(2)


def _trilinear_vjp(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
    left, weight, right = conjugates(ctx.saved)
    grads: list[Tensor | None] = [None, None, None]
    if ctx.needs[0]:
        grads[0] = _TRILINEAR((g, weight.permute(1, 0, 2), right))
    if ctx.needs[1]:
        # (b, o) with (b, i) and (b, j): rows of g times rows of left, against right
        n, rows, columns = weight.shape
        pairs = (g.unsqueeze(2) * left.unsqueeze(1)).reshape(g.shape[0], n * rows)
        grads[1] = mm(pairs.t(), right).reshape(n, rows, columns)
    if ctx.needs[2]:
        grads[2] = _TRILINEAR((left, weight.permute(2, 1, 0), g))
    return tuple(grads)


_TRILINEAR = Primitive(
    "_trilinear",
    node="TrilinearBackward0",
    forward=_trilinear,
    vjp=_trilinear_vjp,
    save=(0, 1, 2),
    batch=_batching.follows,
)


@public("nn.functional.bilinear", "bilinear")
def bilinear(
    input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None
) -> Tensor:
    """Compute ``input1[i] * weight[o, i, j] * input2[j]`` summed over i and j.

    Parameters
    ----------
    input1 : Tensor
        Of shape ``(*, in1_features)``.
    input2 : Tensor
        Of shape ``(*, in2_features)``.
    weight : Tensor
        Of shape ``(out_features, in1_features, in2_features)``.
    bias : Tensor, optional
        Of shape ``(out_features,)``.

    Returns
    -------
    Tensor
        Of shape ``(*, out_features)``.

    Raises
    ------
    RuntimeError
        Shapes that do not fit.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.ones(1, 2, 3, requires_grad=True)
    >>> out = torch.nn.functional.bilinear(torch.ones(4, 2), torch.ones(4, 3), w)
    >>> out.sum().backward()
    >>> w.grad.shape
    torch.Size([1, 2, 3])
    """
    if input1.dim() != input2.dim():
        raise RuntimeError(
            "[bilinear] bilinear(): input dimensions do not match: got "
            f"{input1.dim()} and {input2.dim()}."
        )
    if tuple(input1.shape[:-1]) != tuple(input2.shape[:-1]):
        raise RuntimeError(
            "[bilinear] bilinear(): input batch dimensions do not match: got "
            f"{list(input1.shape[:-1])} and {list(input2.shape[:-1])}."
        )
    for name, t, at in (("input1", input1, 1), ("input2", input2, 2)):
        if t.shape[-1] != weight.shape[at]:
            raise RuntimeError(
                f"[bilinear] bilinear(): {name} size does not match weight size: got "
                f"{t.shape[-1]} but expected {weight.shape[at]}."
            )
    if bias is not None and bias.shape[0] != weight.shape[0]:
        raise RuntimeError(
            "[bilinear] bilinear(): bias size does not match weight size: got "
            f"{bias.shape[0]} but expected {weight.shape[0]}."
        )
    batch = list(input1.shape[:-1])
    count = math.prod(batch)
    rows = input1.reshape(count, input1.shape[-1])
    columns = input2.reshape(count, input2.shape[-1])
    out = _TRILINEAR((rows, weight, columns)).reshape(*batch, weight.shape[0])
    return out if bias is None else out + bias
