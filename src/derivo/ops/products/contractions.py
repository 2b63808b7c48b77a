"""Outer, inner and Kronecker products, contractions, chains, cross products.

Plain Python of other operations, differentiated through its parts. The graphs have
PyTorch's nodes in PyTorch's order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from derivo._core import products as core
from derivo._core.promotion import SCALAR_TYPES
from derivo._core.tensor import TensorBase
from derivo.ops import _batching
from derivo.ops._primitive import Primitive
from derivo.ops._surface import public
from derivo.ops.products.basic import conjugates, dot, finish_out, mm
from derivo.ops.products.matmul import check_tensor, unsafe_view

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["cross", "inner", "kron", "multi_dot", "outer", "tensordot", "trace"]


# --- inner, outer, tensordot, kron ------------------------------------------------


@public("outer", "Tensor.outer", "ger", "Tensor.ger")
def outer(input: Tensor, vec2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Product of each element of one vector with each of another.

    Parameters
    ----------
    input : Tensor
        Of shape ``(n,)``.
    vec2 : Tensor
        Of shape ``(m,)``.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(n, m)`` and the promoted dtype.

    Raises
    ------
    RuntimeError
        Operands that are not vectors.

    Notes
    -----
    **Derivative**: ``g @ vec2`` for `input`, ``g.T @ input`` for `vec2`.

    Examples
    --------
    >>> import derivo as torch
    >>> v = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> torch.outer(v, torch.tensor([3.0, 4.0])).sum().backward()
    >>> v.grad
    tensor([7., 7.])
    """
    core.check_outer("outer", "self", input, vec2)
    if out is not None:
        return finish_out("outer", out, outer, input, vec2)
    return input.reshape(input.shape[0], 1) * vec2


@public("inner", "Tensor.inner")
def inner(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Sum of products over the last dimension of both.

    Parameters
    ----------
    input, other : Tensor
        With the same last dimension, or one of them 0-d (then their product).
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(*input.shape[:-1], *other.shape[:-1])``.

    Raises
    ------
    RuntimeError
        Last dimensions or dtypes that differ.

    Examples
    --------
    >>> import derivo as torch
    >>> v = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> torch.inner(v, v).backward()
    >>> v.grad
    tensor([2., 4.])
    """
    check_tensor(input, "inner", "input", 1)
    check_tensor(other, "inner", "other", 2)
    if out is not None:
        return finish_out("inner", out, inner, input, other)
    if input.dim() == 0 or other.dim() == 0:
        return input * other
    if input.shape[-1] != other.shape[-1]:
        raise RuntimeError(
            "[inner] inner() the last dimension must match on both input tensors but "
            f"got shapes {list(input.shape)} and {list(other.shape)}."
        )
    return tensordot(input, other, ([-1], [-1]))


def _dims_of(a: Tensor, b: Tensor, dims: Any) -> tuple[list[int], list[int]]:
    if isinstance(dims, TensorBase):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(
                f"[tensordot] tensordot expects dims >= 0, but got dims={dims}."
            )
        if dims > min(a.dim(), b.dim()):
            raise RuntimeError(
                "[tensordot] tensordot expects dims < ndim_a or ndim_b, but got "
                f"dims={dims} for {a.dim()}-D and {b.dim()}-D tensors."
            )
        return list(range(a.dim() - dims, a.dim())), list(range(dims))
    first, second = dims
    dims_a = [first] if isinstance(first, int) else list(first)
    dims_b = [second] if isinstance(second, int) else list(second)
    if len(dims_a) != len(dims_b):
        raise RuntimeError(
            "[tensordot] both dimension lists should have same length, got "
            f"{dims_a} and {dims_b}."
        )
    return _positive(a, dims_a), _positive(b, dims_b)


def _positive(t: Tensor, dims: list[int]) -> list[int]:
    rank = max(t.dim(), 1)
    found: list[int] = []
    for d in dims:
        if not -rank <= d < rank:
            raise IndexError(
                "[tensordot] Dimension out of range (expected to be in range of "
                f"[{-rank}, {rank - 1}], but got {d})."
            )
        d %= rank
        if d in found:
            raise RuntimeError(
                f"[tensordot] dim {d} appears multiple times in the list of dims."
            )
        found.append(d)
    return found


@public("tensordot")
def tensordot(a: Tensor, b: Tensor, dims: Any = 2, out: Tensor | None = None) -> Tensor:
    """Sum of products over chosen dimensions of two tensors.

    Parameters
    ----------
    a, b : Tensor
        Of the same dtype.
    dims : int or (list of int, list of int) or Tensor
        How many of the last dimensions of `a` and the first of `b`, or which.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        The dimensions of `a` that are left, then those of `b`.

    Raises
    ------
    RuntimeError
        Sizes or dtypes that differ, or dimensions named twice.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.ones(2, 3, 4, requires_grad=True)
    >>> torch.tensordot(a, torch.ones(3, 4, 5), dims=2).sum().backward()
    >>> a.grad[0, 0]
    tensor([5., 5., 5., 5.])
    """
    check_tensor(a, "tensordot", "a", 1)
    check_tensor(b, "tensordot", "b", 2)
    if out is not None:
        return finish_out("tensordot", out, tensordot, a, b, dims)
    dims_a, dims_b = _dims_of(a, b, dims)
    if a.dtype != b.dtype:
        raise RuntimeError(
            "[tensordot] both inputs should have same dtype, got "
            f"{a.dtype} and {b.dtype}. Convert one with .to(dtype)."
        )
    inner_size = 1
    for x, y in zip(dims_a, dims_b, strict=True):
        n, m = a.shape[x], b.shape[y]
        if m == 1:  # one is broadcast: sum the other alone
            a = a.sum(x, keepdim=True)
        elif n == 1:
            b = b.sum(y, keepdim=True)
        elif n != m:
            raise RuntimeError(
                "[tensordot] contracted dimensions need to match, but first has size "
                f"{n} in dim {x} and second has size {m} in dim {y}."
            )
        else:
            inner_size *= n
    left = [d for d in range(a.dim()) if d not in dims_a]
    right = [d for d in range(b.dim()) if d not in dims_b]
    shape = [a.shape[d] for d in left] + [b.shape[d] for d in right]
    rows = math.prod(a.shape[d] for d in left)
    columns = math.prod(b.shape[d] for d in right)
    wide, tall = a.permute(left + dims_a), b.permute(dims_b + right)
    if rows == columns == 1:
        if wide.is_contiguous() and tall.is_contiguous():
            return dot(wide.flatten(), tall.flatten()).reshape(shape)
        return (wide.squeeze() * tall.squeeze()).sum(dtype=a.dtype).reshape(shape)
    product = mm(wide.reshape(rows, inner_size), tall.reshape(inner_size, columns))
    return product.reshape(shape)


@public("kron", "Tensor.kron")
def kron(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Kronecker product: `other`, once for each element of `input`, times it.

    Parameters
    ----------
    input, other : Tensor
        Any shapes; the shorter is read with leading dimensions of size 1.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Sizes are the products of the operands' sizes, in the promoted dtype.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> torch.kron(a, torch.ones(3)).sum().backward()
    >>> a.grad
    tensor([3., 3.])
    """
    check_tensor(input, "kron", "input", 1)
    check_tensor(other, "kron", "other", 2)
    if out is not None:
        return finish_out("kron", out, kron, input, other)
    rank = max(input.dim(), other.dim())
    sizes_a = [1] * (rank - input.dim()) + list(input.shape)
    sizes_b = [1] * (rank - other.dim()) + list(other.shape)
    apart_a = [n for size in sizes_a for n in (size, 1)]
    apart_b = [n for size in sizes_b for n in (1, size)]
    shape = [x * y for x, y in zip(sizes_a, sizes_b, strict=True)]
    product = unsafe_view((input,), apart_a) * unsafe_view((other,), apart_b)
    result: Tensor = unsafe_view((product,), shape)
    return result


# --- chains -----------------------------------------------------------------------


def _order(shapes: list[tuple[int, int]]) -> list[list[int]]:
    """Where to cut each run of a chain of matrices for the fewest multiplications."""
    n = len(shapes)
    sizes = [shapes[0][0]] + [columns for _, columns in shapes]
    cost = [[0] * n for _ in range(n)]
    cut = [[0] * n for _ in range(n)]
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            best = None
            for k in range(i, j):
                total = (
                    cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1]
                )
                if best is None or total < best:
                    best, cut[i][j] = total, k
            cost[i][j] = best or 0
    return cut


def _chain(matrices: list[Tensor]) -> Tensor:
    if len(matrices) == 2:
        return mm(matrices[0], matrices[1])
    if len(matrices) == 3:
        (a, b), (_, c), (_, d) = (m.shape for m in matrices)
        if a * b * c + a * c * d <= b * c * d + a * b * d:
            return mm(mm(matrices[0], matrices[1]), matrices[2])
        return mm(matrices[0], mm(matrices[1], matrices[2]))
    cut = _order([(m.shape[0], m.shape[1]) for m in matrices])
    # Post-order walk without recursion: products of runs, inner ones first.
    todo, done = [(0, len(matrices) - 1, False)], []
    while todo:
        i, j, ready = todo.pop()
        if i == j:
            done.append(matrices[i])
        elif ready:
            right, left = done.pop(), done.pop()
            done.append(mm(left, right))
        else:
            k = cut[i][j]
            todo += [(i, j, True), (k + 1, j, False), (i, k, False)]
    return done[0]


@public("linalg.multi_dot")
def multi_dot(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Product of a chain of matrices, in the order that costs least.

    Parameters
    ----------
    tensors : sequence of Tensor
        At least two matrices; the first and the last may be vectors.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        The product, without the dimension of a vector.

    Raises
    ------
    RuntimeError
        Fewer than two tensors, wrong dimensions, sizes that do not chain.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.ones(2, 3, requires_grad=True)
    >>> torch.linalg.multi_dot([a, torch.ones(3, 4), torch.ones(4, 5)]).sum().backward()
    >>> a.grad
    tensor([[20., 20., 20.],
            [20., 20., 20.]])
    """
    matrices = list(tensors)
    n = len(matrices)
    if n < 2:
        raise RuntimeError(
            f"[multi_dot] multi_dot(): expected at least 2 tensors but got {n}."
        )
    if out is not None:
        return finish_out("multi_dot", out, lambda *ts: multi_dot(ts), *matrices)
    shape: list[int] = []
    for i, t in enumerate(matrices):
        rank = t.dim()
        edge = {0: "first", n - 1: "last"}.get(i)
        if edge and rank not in (1, 2):
            raise RuntimeError(
                f"[multi_dot] multi_dot(): the {edge} tensor must be 1D or 2D but got "
                f"{rank}D."
            )
        if not edge and rank != 2:
            raise RuntimeError(
                f"[multi_dot] multi_dot(): tensor {i} must be 2D but got {rank}D."
            )
        if t.dtype != matrices[0].dtype:
            raise RuntimeError(
                "[multi_dot] multi_dot(): all tensors must have be the same dtype but "
                f"tensor 0 is {matrices[0].dtype} and tensor {i} {t.dtype}."
            )
    if matrices[0].dim() == 2:
        shape.append(matrices[0].shape[0])
    else:
        matrices[0] = matrices[0].unsqueeze(0)
    if matrices[-1].dim() == 2:
        shape.append(matrices[-1].shape[1])
    else:
        matrices[-1] = matrices[-1].unsqueeze(-1)
    for i in range(n - 1):
        if matrices[i].shape[1] != matrices[i + 1].shape[0]:
            raise RuntimeError(
                f"[multi_dot] multi_dot(): tensors {i} and {i + 1} with shapes "
                f"{list(matrices[i].shape)} and {list(matrices[i + 1].shape)} cannot "
                "be multiplied."
            )
    return _chain(matrices).view(shape)


@public("chain_matmul")
def chain_matmul(*matrices: Tensor, out: Tensor | None = None) -> Tensor:
    """Product of a chain of matrices; `linalg.multi_dot` is its newer form.

    Parameters
    ----------
    *matrices : Tensor
        At least one matrix.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        The product.

    Raises
    ------
    RuntimeError
        No matrix, operands that are not matrices, sizes that do not chain.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.ones(2, 3, requires_grad=True)
    >>> torch.chain_matmul(a, torch.ones(3, 1)).sum().backward()
    >>> a.grad
    tensor([[1., 1., 1.],
            [1., 1., 1.]])
    """
    if not matrices:
        raise RuntimeError(
            "[chain_matmul] chain_matmul(): Expected one or more matrices, got none."
        )
    for t in matrices:
        if t.dim() != 2:
            raise RuntimeError(
                f"[chain_matmul] Tensor dimension is {t.dim()}, expected 2 instead."
            )
    if len(matrices) == 1:
        return matrices[0]
    return multi_dot(matrices, out=out)


# --- along one dimension ----------------------------------------------------------


@public("linalg.vecdot")
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1, out: Tensor | None = None) -> Tensor:
    """Dot products along one dimension; the others broadcast.

    Parameters
    ----------
    x, y : Tensor
        Of one floating point or complex dtype; `x` is conjugated.
    dim : int
        The dimension that is summed.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Without `dim`.

    Raises
    ------
    RuntimeError
        Dtypes that differ or are not floating point; shapes that do not broadcast.

    Examples
    --------
    >>> import derivo as torch
    >>> x = torch.ones(2, 3, requires_grad=True)
    >>> torch.linalg.vecdot(x, x).sum().backward()
    >>> x.grad
    tensor([[2., 2., 2.],
            [2., 2., 2.]])
    """
    if not (x.is_floating_point() or x.is_complex()):
        raise RuntimeError(
            "[vecdot] linalg.vecdot: Expected a floating point or complex tensor as "
            f"input. Got {SCALAR_TYPES[x.dtype.code]}."
        )
    if x.dtype != y.dtype:
        raise RuntimeError(
            "[vecdot] linalg.vecdot: Expected x and y to have the same dtype, but "
            f"found x of type {SCALAR_TYPES[x.dtype.code]} and y of type "
            f"{SCALAR_TYPES[y.dtype.code]} instead."
        )
    if out is not None:
        return finish_out("vecdot", out, lambda a, b: vecdot(a, b, dim=dim), x, y)
    if x.dim() == 1 and x.shape == y.shape and dim in (0, -1):
        result: Tensor = x.vdot(y)
        return result
    return (x.conj() * y).sum(dim)


def _cross_of(a: Tensor, b: Tensor, dim: int) -> Tensor:
    from derivo.ops.joining import stack

    x, y = a.unbind(dim), b.unbind(dim)
    return stack(
        [
            x[1] * y[2] - x[2] * y[1],
            x[2] * y[0] - x[0] * y[2],
            x[0] * y[1] - x[1] * y[0],
        ],
        dim,
    )


def _cross_vjp(ctx: Any, g: Tensor, dim: int) -> tuple[Tensor | None, ...]:
    a, b = conjugates(ctx.saved)
    left = right = None
    if ctx.needs[0]:
        left = linalg_cross(b, g, dim=dim)
        if tuple(left.shape) != tuple(ctx.shapes[0]):
            left = left.sum_to_size(ctx.shapes[0])
    if ctx.needs[1]:
        right = linalg_cross(g, a, dim=dim)
        if tuple(right.shape) != tuple(ctx.shapes[1]):
            right = right.sum_to_size(ctx.shapes[1])
    return left, right


_CROSS = Primitive(
    "linalg_cross",
    node="LinalgCrossBackward0",
    forward=_cross_of,
    vjp=_cross_vjp,
    save=lambda needs, inputs, out, params: (
        inputs[0] if needs[1] else None,
        inputs[1] if needs[0] else None,
    ),
    batch=_batching.along(0),
)


@public("linalg.cross")
def linalg_cross(
    input: Tensor, other: Tensor, *, dim: int = -1, out: Tensor | None = None
) -> Tensor:
    """Cross product of vectors in three dimensions; other dimensions broadcast.

    Parameters
    ----------
    input, other : Tensor
        With the same number of dimensions, and of size 3 in `dim`.
    dim : int
        The dimension of the vectors.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Raises
    ------
    RuntimeError
        Numbers of dimensions that differ, a `dim` not of size 3.

    Notes
    -----
    **Derivative**: ``cross(other, g)`` for `input`, ``cross(g, input)`` for `other`.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.tensor([1.0, 0.0, 0.0], requires_grad=True)
    >>> torch.linalg.cross(a, torch.tensor([0.0, 1.0, 0.0])).sum().backward()
    >>> a.grad
    tensor([ 1.,  0., -1.])
    """
    check_tensor(input, "linalg_cross", "input", 1)
    check_tensor(other, "linalg_cross", "other", 2)
    rank = input.dim()
    if rank != other.dim():
        raise RuntimeError(
            "[cross] linalg.cross: inputs must have the same number of dimensions, got "
            f"{rank} and {other.dim()}."
        )
    if rank == 0 or not -rank <= dim < rank:
        raise IndexError(
            "[cross] Dimension out of range (expected to be in range of "
            f"[{-max(rank, 1)}, {max(rank, 1) - 1}], but got {dim})."
        )
    if input.shape[dim] != 3 or other.shape[dim] != 3:
        raise RuntimeError(
            f"[cross] linalg.cross: inputs dimension {dim} must have length 3. Got "
            f"{input.shape[dim]} and {other.shape[dim]}."
        )
    if out is not None:
        return finish_out(
            "cross", out, lambda a, b: linalg_cross(a, b, dim=dim), input, other
        )
    result: Tensor = _CROSS((input, other), dim % rank)
    return result


@public("cross", "Tensor.cross")
def cross(
    input: Tensor, other: Tensor, dim: int | None = None, *, out: Tensor | None = None
) -> Tensor:
    """Cross product of vectors in three dimensions.

    Parameters
    ----------
    input, other : Tensor
        With the same number of dimensions, and of size 3 in `dim`.
    dim : int, optional
        The dimension of the vectors; by default the first of size 3.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of the broadcast shape.

    Raises
    ------
    RuntimeError
        No dimension of size 3, numbers of dimensions that differ.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.tensor([1.0, 0.0, 0.0], requires_grad=True)
    >>> torch.cross(a, torch.tensor([0.0, 1.0, 0.0]), dim=0).sum().backward()
    >>> a.grad
    tensor([ 1.,  0., -1.])
    """
    if dim is None:
        dim = next((d for d, n in enumerate(input.shape) if n == 3), -1)
        if dim < 0:
            raise RuntimeError(
                "[cross] no dimension of size 3 in input: got "
                f"shape={list(input.shape)}."
            )
    return linalg_cross(input, other, dim=dim, out=out)


def _trace(t: Tensor) -> Tensor:
    return t.diagonal().sum()


def _trace_vjp(ctx: Any, g: Tensor) -> Tensor:
    from derivo.ops.triangles import eye

    return g * eye(*ctx.shapes[0], dtype=g.dtype)


def _trace_batch(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Tensor:
    return tensors[0].diagonal(0, 1, 2).sum(-1)


_TRACE = Primitive(
    "trace",
    node="TraceBackward0",
    forward=_trace,
    vjp=_trace_vjp,
    save=(),
    batch=_trace_batch,
)


@public("trace", "Tensor.trace")
def trace(input: Tensor) -> Tensor:
    """Sum of the diagonal of a matrix.

    Parameters
    ----------
    input : Tensor
        Of shape ``(n, m)``, any dtype except bool.

    Returns
    -------
    Tensor
        0-d; int64 for integers.

    Raises
    ------
    RuntimeError
        Not a matrix.
    NotImplementedError
        A bool matrix.

    Notes
    -----
    **Derivative**: `g` on the diagonal, zero elsewhere.

    Examples
    --------
    >>> import derivo as torch
    >>> a = torch.ones(2, 2, requires_grad=True)
    >>> torch.trace(a).backward()
    >>> a.grad
    tensor([[1., 0.],
            [0., 1.]])
    """
    check_tensor(input, "trace", "input", 1)
    if input.dim() != 2:
        raise RuntimeError(
            f"[trace] trace: expected a matrix, but got tensor with dim {input.dim()}."
        )
    if input.dtype.name == "bool":
        raise NotImplementedError(
            "[trace] \"trace\" not implemented for 'Bool': convert it to integers."
        )
    result: Tensor = _TRACE((input,))
    return result
