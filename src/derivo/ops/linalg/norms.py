"""Norms, condition, rank, powers and exponentials of matrices, least squares."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from derivo.ops import _batching
from derivo.ops._primitive import Primitive
from derivo.ops._surface import FUNCTIONS, public
from derivo.ops.conversion import cast, write_out
from derivo.ops.linalg._shared import (
    INT64,
    broadcast,
    check_alike,
    check_dtype,
    check_matrix,
    give,
    real_of,
    results,
    take,
)
from derivo.ops.linalg.solving import inv, inv_ex, is_vector, solve
from derivo.ops.linalg.spectra import eigvalsh, pinv, pinv_gradient, svdvals, tolerances

if TYPE_CHECKING:
    from derivo import Tensor, dtype

# ------------------------------------------------------------------ norms


def _matrix_norm(
    a: Tensor, order: Any, first: int = -2, second: int = -1, keepdim: bool = False
) -> Tensor:
    """Norm of the matrices in two dimensions."""
    vector_norm = FUNCTIONS["linalg.vector_norm"]
    made: Tensor
    if order == "fro":
        made = vector_norm(a, 2, (first, second), keepdim)
        return made
    first, second = first % a.dim(), second % a.dim()
    if order != "nuc" and abs(order) != 2:
        across, along = (first, second) if abs(order) == 1 else (second, first)
        sums = vector_norm(a, 1.0, across, keepdim)
        if not keepdim and across < along:
            along -= 1
        return _extreme(sums, order, along, keepdim)
    ends = (-2, -1)
    values = svdvals(a.movedim((first, second), ends))
    if order == "nuc":
        made = values.sum(-1, keepdim)
    else:
        made = _extreme(values, order, -1, keepdim)
    return made.unsqueeze(-1).movedim(ends, (first, second)) if keepdim else made


def _extreme(values: Tensor, order: float, dim: int, keepdim: bool) -> Tensor:
    """Largest (zero if there is none) or smallest along a dimension."""
    made: Tensor
    if order < 0:
        made = values.amin(dim, keepdim)
    elif values.shape[dim]:
        made = values.amax(dim, keepdim)
    else:
        made = values.sum(dim, keepdim)
    return made


def _order(name: str, order: Any) -> Any:
    if isinstance(order, str):
        if order in ("fro", "nuc"):
            return order
    elif order in (1, -1, 2, -2, math.inf, -math.inf):
        return order
    raise RuntimeError(
        f"[{name}] linalg.matrix_norm: Order {order} not supported. It must be one of "
        "'fro', 'nuc', 1, -1, 2, -2, inf, -inf."
    )


@public("linalg.matrix_norm")
def matrix_norm(
    A: Tensor,
    ord: Any = "fro",
    dim: tuple[int, int] = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Norm of matrices.

    Parameters
    ----------
    A : Tensor
        At least 2-D, floating point or complex.
    ord : {"fro", "nuc", 1, -1, 2, -2, inf, -inf}
        Frobenius; sum, largest or smallest of singular values (nuc, 2, -2); largest or
        smallest sum of sizes in columns (1, -1) or rows (inf, -inf).
    dim : tuple of int, default (-2, -1)
        Which dimensions are those of matrices.
    keepdim : bool, default False
        Keep them with size one.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Real.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[3.0, 0.0], [0.0, 4.0]], requires_grad=True)
    >>> derivo.linalg.matrix_norm(a).backward()
    >>> a.grad
    tensor([[0.6000, 0.0000],
            [0.0000, 0.8000]])
    """
    if A.dim() < 2:
        raise RuntimeError(
            "[matrix_norm] linalg.matrix_norm: The input tensor A must have at least 2 "
            f"dimensions, got shape {list(A.shape)}."
        )
    check_dtype("matrix_norm", A) if not A.is_floating_point() else None
    order = _order("matrix_norm", ord)
    if len(dim) != 2:
        raise RuntimeError(
            "[matrix_norm] linalg.matrix_norm: dim must be a 2-tuple of ints, got "
            f"{dim}."
        )
    rank = A.dim()
    for d in dim:
        if not -rank <= d < rank:
            raise IndexError(
                "[matrix_norm] Dimension out of range (expected to be in range of "
                f"[{-rank}, {rank - 1}], but got {d})."
            )
    first, second = (d % rank for d in dim)
    if first == second:
        raise RuntimeError(
            f"[matrix_norm] linalg.matrix_norm: dims must be different. Got {dim}."
        )
    a = A if dtype is None else cast(A, dtype)
    made = _matrix_norm(a, order, first, second, keepdim)
    return made if out is None else write_out(out, made, "linalg_matrix_norm")


@public("linalg.norm")
def norm(
    A: Tensor,
    ord: Any = None,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Norm of vectors or matrices.

    Parameters
    ----------
    A : Tensor
        Floating point or complex.
    ord : float or str, optional
        See `linalg.vector_norm` and `linalg.matrix_norm`; 2-norm of all elements if not
        given.
    dim : int or tuple of int, optional
        One dimension: vectors; two: matrices (vectors if `ord` is not given).
    keepdim : bool, default False
        Keep the dimensions with size one.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Real.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([3.0, 4.0], requires_grad=True)
    >>> derivo.linalg.norm(a).backward()
    >>> a.grad
    tensor([0.6000, 0.8000])
    """
    dims: Any = (dim,) if isinstance(dim, int) else dim
    if ord is not None:
        if dims is None:
            if A.dim() not in (1, 2):
                raise RuntimeError(
                    "[norm] linalg.norm: If dim is not specified but ord is, the input "
                    f"must be 1D or 2D. Got {A.dim()}D."
                )
            matrix = A.dim() == 2
            dims = (0, 1) if matrix else None
        else:
            if len(dims) not in (1, 2):
                raise RuntimeError(
                    "[norm] linalg.norm: If dim is specified, it must be of length 1 "
                    f"or 2. Got {list(dims)}"
                )
            matrix = len(dims) == 2
        if matrix or isinstance(ord, str):
            if not matrix:
                raise RuntimeError(
                    "[norm] linalg.norm: Order as a string needs matrices: "
                    f"got ord={ord!r} with dim={dim}."
                )
            return matrix_norm(A, ord, dims, keepdim, dtype=dtype, out=out)
    made: Tensor = FUNCTIONS["linalg.vector_norm"](
        A, 2.0 if ord is None else ord, dims, keepdim, dtype=dtype
    )
    return made if out is None else write_out(out, made, "linalg_norm")


@public("linalg.cond")
def cond(A: Tensor, p: Any = None, *, out: Tensor | None = None) -> Tensor:
    """Condition numbers of matrices.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``; square unless `p` is None, 2 or -2.
    p : {None, "fro", "nuc", 1, -1, 2, -2, inf, -inf}
        The norm; None is 2.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Real; infinite for singular matrices.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.cond(derivo.tensor([[4.0, 0.0], [0.0, 2.0]]))
    tensor(2.)
    """
    check_matrix("cond", A)
    order = 2 if p is None else _order("cond", p)
    if not isinstance(order, str) and abs(order) == 2:
        values = svdvals(A)
        large = values.narrow(-1, 0, 1)
        small = values.narrow(-1, values.shape[-1] - 1, 1)
        made = (large / small if order > 0 else small / large).squeeze(-1)
    else:
        check_matrix("cond", A, square=True)
        inverse, info = inv_ex(A)
        made = _matrix_norm(A, order) * _matrix_norm(inverse, order)
        made = made.masked_fill(info != 0, math.inf)
    return made if out is None else write_out(out, made, "linalg_cond")


@public("linalg.matrix_rank")
def matrix_rank(
    A: Tensor,
    tol: Any = None,
    hermitian: bool = False,
    *,
    atol: Any = None,
    rtol: Any = None,
    out: Tensor | None = None,
) -> Tensor:
    """Rank of matrices: how many singular values are not zero.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``.
    tol : float or Tensor, optional
        Older name of `atol`.
    hermitian : bool, default False
        Whether the matrices are Hermitian.
    atol, rtol : float or Tensor, optional
        As in `linalg.pinv`.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        int64, of shape ``(*,)``.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.matrix_rank(derivo.ones(3, 2))
    tensor(1)
    """
    check_matrix("matrix_rank", A, square=hermitian)
    if tol is not None:
        atol, rtol = tol, 0.0 if rtol is None else rtol
    border = tolerances(A, atol, rtol, "matrix_rank")
    made = _rank(eigvalsh(A).abs() if hermitian else svdvals(A), *border)
    return made if out is None else write_out(out, made, "linalg_matrix_rank")


def _rank(values: Tensor, low: Tensor, rate: Tensor) -> Tensor:
    """How many singular values do not count as zero."""
    if not values.shape[-1]:
        return cast(values.sum(-1), INT64)
    border = low.maximum(rate * values.amax(-1)).unsqueeze(-1)
    made: Tensor = (values > border).sum(-1)
    return made


# ------------------------------------------------------------------ powers


@public("linalg.matrix_power", "matrix_power", "Tensor.matrix_power")
def matrix_power(input: Tensor, n: int, *, out: Tensor | None = None) -> Tensor:
    """Power of square matrices, by repeated squaring.

    Parameters
    ----------
    input : Tensor
        Of shape ``(*, k, k)``.
    n : int
        Negative powers are those of the inverse.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[2.0]], requires_grad=True)
    >>> derivo.linalg.matrix_power(a, 3).backward()
    >>> a.grad
    tensor([[12.]])
    """
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError(
            f"[matrix_power] argument 'n' must be int, not {type(n).__name__}."
        )
    if input.dim() < 2 or input.shape[-1] != input.shape[-2]:
        check_matrix("matrix_power", input, square=True)
    from derivo.ops.triangles import eye

    power = inv(input) if n < 0 else input
    k = abs(n)
    made = None
    if k == 3:
        # As PyTorch multiplies; its last digits are those of (A A) A.
        made, k = power @ power @ power, 0
    while k:
        if k & 1:
            made = power if made is None else made @ power
        k >>= 1
        if k:
            power = power @ power
    if made is None:
        made = input.clone()
        made.copy_(eye(input.shape[-1], dtype=input.dtype))
    elif made is input:
        made = input.clone()
    return made if out is None else write_out(out, made, "matrix_power")


def _exponential(a: Tensor) -> Tensor:
    import numpy as np
    from scipy.linalg import expm

    array = take(a)
    if not array.size:
        return give(np.zeros_like(array))
    return give(np.asarray(expm(array), dtype=array.dtype))


def _exponential_vjp(ctx: Any, g: Tensor) -> Tensor:
    """Of the block matrix of A^H, g and A^H, the block beside the diagonal.

    Mathias, "A chain rule for matrix functions and applications" (1996).
    """
    from derivo.ops.joining import cat

    a = ctx.saved[0].mH
    n = a.shape[-1]
    wide = cat([cat([a, g], -1), cat([a * 0, a], -1)], -2)
    made: Tensor = _EXP((wide,))[..., :n, n:]
    return made


_EXP = Primitive(
    "linalg_matrix_exp",
    node="LinalgMatrixExpBackward0",
    forward=_exponential,
    vjp=_exponential_vjp,
    save=(0,),
    batch=_batching.leading,
)


@public("linalg.matrix_exp", "matrix_exp", "Tensor.matrix_exp")
def matrix_exp(input: Tensor) -> Tensor:
    """Exponential of square matrices.

    Parameters
    ----------
    input : Tensor
        Of shape ``(*, n, n)``, floating point or complex.

    Returns
    -------
    Tensor

    Notes
    -----
    **Derivative**: a block of the exponential of a block matrix (Mathias, 1996).

    Examples
    --------
    >>> import derivo
    >>> a = derivo.zeros(2, 2, requires_grad=True)
    >>> derivo.linalg.matrix_exp(a).sum().backward()
    >>> a.grad
    tensor([[1., 1.],
            [1., 1.]])
    """
    check_matrix("matrix_exp", input, square=True)
    result: Tensor = _EXP((input,))
    return result


# ------------------------------------------------------------------ least squares

LSTSQ = results("linalg_lstsq", "solution", "residuals", "rank", "singular_values")
_DRIVERS = ("gels", "gelsy", "gelsd", "gelss")


def _least_squares(
    a: Tensor, b: Tensor, rtol: float, driver: str
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    import numpy as np

    matrix, right = take(a), take(b)
    vector = is_vector(a, b)
    if vector:
        right = right[..., None]
    m, n = matrix.shape[-2:]
    u, values, vh = np.linalg.svd(matrix, full_matrices=False)
    border = rtol * values.max(-1, initial=0)[..., None]
    with np.errstate(all="ignore"):
        inverted = np.where(values > border, 1 / values, 0).astype(values.dtype)
    made = u.conj().swapaxes(-1, -2) @ right
    made = vh.conj().swapaxes(-1, -2) @ (inverted[..., None] * made)
    rank = (values > border).sum(-1)
    residuals = np.zeros(0, values.dtype)
    if m > n and driver != "gelsy" and (driver == "gels" or (rank == n).all()):
        residuals = (np.abs(matrix @ made - right) ** 2).sum(-2)
    return (
        give(made[..., 0] if vector else made),
        give(residuals),
        give(np.asarray(rank, np.int64)),
        give(values),
    )


def _least_squares_vjp(ctx: Any, gs: Any, rtol: float, driver: str) -> Any:
    g, g_residuals = gs[:2]
    a, b, x = ctx.saved
    if is_vector(a, b):
        b, x = b.unsqueeze(-1), x.unsqueeze(-1)
        g = None if g is None else g.unsqueeze(-1)
    g_a = g_b = None
    if g is not None:
        inverse = pinv(a, rtol=rtol)
        g_a = pinv_gradient(a, inverse, g @ b.mH)
        g_b = inverse.mH @ g
    if g_residuals is not None and g_residuals.numel():
        # The residual is orthogonal to A: through X it does not change.
        turned = 2 * (a @ x - b) * g_residuals.unsqueeze(-2)
        g_a = turned @ x.mH if g_a is None else g_a + turned @ x.mH
        g_b = -turned if g_b is None else g_b - turned
    if g_b is not None:
        g_b = g_b.reshape(ctx.shapes[1])
    return g_a, g_b


def _least_squares_batch(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Any:
    x, residuals, rank, values = op(
        tuple(_batching.lifted(tensors, flags, size)), *params
    )
    if residuals.dim() == 1 and not residuals.numel():
        residuals = residuals.expand(size, 0)
    return x, residuals, rank, values


_LSTSQ = Primitive(
    "linalg_lstsq",
    node="LinalgLstsqBackward0",
    forward=_least_squares,
    vjp=_least_squares_vjp,
    save=lambda needs, inputs, out, params: (*inputs, out[0]),
    multi=True,
    batch=_least_squares_batch,
)


@public("linalg.lstsq")
def lstsq(
    A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None
) -> Any:
    """Least-squares solution of ``A X = B``.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``.
    B : Tensor
        Of shape ``(*, m, k)`` or ``(*, m)``.
    rcond : float, optional
        Singular values up to `rcond` times the largest count as zero;
        ``eps * max(m, n)`` if not given.
    driver : {"gelsy", "gels", "gelsd", "gelss"}, optional
        Which of LAPACK's methods says what comes beside the solution: the singular
        values (gelsd, gelss), the rank (all but gels).

    Returns
    -------
    solution : Tensor
    residuals : Tensor
        Sums of squares, where ``m > n``, the rank is full and the driver is not gelsy;
        else empty.
    rank : Tensor
    singular_values : Tensor

    Notes
    -----
    **Derivative**: as of ``pinv(A) @ B``.

    Examples
    --------
    >>> import derivo
    >>> found = derivo.linalg.lstsq(derivo.ones(2, 1), derivo.tensor([[1.0], [3.0]]))
    >>> round(found.solution.item(), 4)
    2.0
    """
    from derivo._info import finfo
    from derivo.ops.creation import empty

    check_matrix("lstsq", A)
    check_alike("lstsq", A, B)
    if driver is not None and driver not in _DRIVERS:
        raise RuntimeError(
            "[lstsq] torch.linalg.lstsq: parameter `driver` should be one of (gels, "
            f"gelsy, gelsd, gelss), got {driver!r}."
        )
    chosen = driver or "gelsy"
    vector = is_vector(A, B)
    b = B.unsqueeze(-1) if vector else B
    if b.dim() < 2 or b.shape[-2] != A.shape[-2]:
        raise RuntimeError(
            "[lstsq] torch.linalg.lstsq: input.size(-2) should match other.size(-2), "
            f"got shapes {list(A.shape)} and {list(B.shape)}."
        )
    if vector:
        a, b = A, B if B.dim() == A.dim() - 1 else B.expand(A.shape[:-1])
    else:
        a, b = broadcast("lstsq", A, B)
    rtol = max(A.shape[-2:]) * finfo(A.dtype).eps if rcond is None else float(rcond)
    solution, residuals, rank, values = _LSTSQ((a, b), rtol, chosen)
    return LSTSQ(
        solution,
        residuals,
        empty(0, dtype=INT64) if chosen == "gels" else rank,
        values.detach()
        if chosen in ("gelsd", "gelss")
        else empty(0, dtype=real_of(A.dtype)),
    )


# ------------------------------------------------------------------ tensors as matrices


@public("linalg.tensorinv")
def tensorinv(A: Tensor, ind: int = 2, *, out: Tensor | None = None) -> Tensor:
    """Inverse of a tensor as a map between tensors.

    Parameters
    ----------
    A : Tensor
        The product of the first `ind` sizes equals that of the others.
    ind : int, default 2
        How many dimensions are those of the map's results.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        The last dimensions of `A` come first.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.tensorinv(derivo.eye(4).reshape(2, 2, 2, 2)).shape
    torch.Size([2, 2, 2, 2])
    """
    if ind <= 0:
        raise RuntimeError(
            f"[tensorinv] Expected a strictly positive integer for 'ind', got {ind}."
        )
    end, begin = tuple(A.shape[ind:]), tuple(A.shape[:ind])
    if math.prod(end) != math.prod(begin):
        raise RuntimeError(
            "[tensorinv] Expected self to satisfy the requirement "
            "prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
            f"{math.prod(end)} != {math.prod(begin)}."
        )
    made = inv(A.reshape(math.prod(end), -1)).reshape(*end, *begin)
    return made if out is None else write_out(out, made, "linalg_tensorinv")


@public("linalg.tensorsolve")
def tensorsolve(
    A: Tensor, B: Tensor, dims: Any = None, *, out: Tensor | None = None
) -> Tensor:
    """Solve ``tensordot(A, X, X.ndim) = B``.

    Parameters
    ----------
    A : Tensor
        Its first dimensions are those of `B`, the others those of the result.
    B : Tensor
    dims : tuple of int, optional
        Dimensions of `A` to be moved to the end first.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import derivo
    >>> a = derivo.eye(4).reshape(2, 2, 4)
    >>> derivo.linalg.tensorsolve(a, derivo.ones(2, 2))
    tensor([1., 1., 1., 1.])
    """
    a = A
    if dims is not None:
        rank = a.dim()
        chosen = [d % rank for d in dims]
        a = a.movedim(chosen, list(range(rank - len(chosen), rank)))
    shape = tuple(a.shape[B.dim() :])
    if math.prod(shape) != math.prod(a.shape[: B.dim()]):
        raise RuntimeError(
            "[tensorsolve] Expected self to satisfy the requirement "
            "prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got "
            f"{math.prod(shape)} != {math.prod(a.shape[: B.dim()])}."
        )
    size = math.prod(shape)
    made = solve(a.reshape(size, size), B.reshape(-1)).reshape(shape)
    return made if out is None else write_out(out, made, "linalg_tensorsolve")


# ------------------------------------------------------------------ parts and powers


@public("linalg.diagonal")
def linalg_diagonal(
    A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1
) -> Tensor:
    """View of the diagonals of matrices; see `diagonal`.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.diagonal(derivo.eye(2))
    tensor([1., 1.])
    """
    result: Tensor = A.diagonal(offset, dim1, dim2)
    return result


@public("linalg.vander")
def linalg_vander(x: Tensor, *, N: int | None = None) -> Tensor:
    """Vandermonde matrices: the powers 0 to ``N - 1`` of each element, in rows.

    Parameters
    ----------
    x : Tensor
        Of shape ``(*, n)``; one number counts as one element.
    N : int, optional
        Number of columns, at least 2; ``n`` if not given.

    Returns
    -------
    Tensor
        Of shape ``(*, n, N)``.

    Raises
    ------
    RuntimeError
        If `N` is less than 2.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.vander(derivo.tensor([2, 3]), N=3)
    tensor([[1, 2, 4],
            [1, 3, 9]])
    """
    from derivo.ops.creation import ones
    from derivo.ops.joining import cat

    if x.dim() == 0:
        x = x.unsqueeze(0)
    count = x.shape[-1] if N is None else N
    if N is not None and N <= 1:
        raise RuntimeError(f"[vander] N must be greater than 1, got N={N}.")
    kind = INT64 if not (x.is_floating_point() or x.is_complex()) else x.dtype
    powers = x.to(kind).unsqueeze(-1).expand(*x.shape, max(count - 1, 0)).cumprod(-1)
    first = ones((*x.shape, min(count, 1)), dtype=kind)
    return cat([first, powers], -1)
