"""LU decomposition, and systems solved by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase
from derivo.ops import _batching
from derivo.ops._primitive import Primitive
from derivo.ops._surface import public
from derivo.ops.conversion import write_out
from derivo.ops.linalg._shared import (
    check_alike,
    check_matrix,
    each_matrix,
    failed,
    give,
    hand_out,
    leading_shape,
    results,
    side_by_side,
    take,
)
from derivo.ops.linalg.solving import _TRIANGULAR

if TYPE_CHECKING:
    from derivo import Tensor


def _lu_factor(a: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    import numpy as np
    from scipy.linalg.lapack import get_lapack_funcs

    array = take(a)
    m, n = array.shape[-2:]
    lead = array.shape[:-2]
    (getrf,) = get_lapack_funcs(("getrf",), (array,))
    made = np.array(array)
    pivots = np.zeros((*lead, min(m, n)), dtype=np.int32)
    info = np.zeros(lead, dtype=np.int32)
    for at in each_matrix(lead):
        if min(m, n):
            made[at], found, info[at] = getrf(array[at])
            pivots[at] = found + 1
    return give(made), give(pivots), give(info)


def _permuted(pivots: Tensor, rows: int, kind: str) -> Tensor:
    import numpy as np

    swaps = take(pivots)
    made = np.zeros((*swaps.shape[:-1], rows, rows), dtype=kind)
    for at in each_matrix(swaps.shape[:-1]):
        order = np.arange(rows)
        for i, k in enumerate(swaps[at]):
            order[[i, k - 1]] = order[[k - 1, i]]
        made[at][order, np.arange(rows)] = 1
    return give(made)


_PERMUTED = Primitive("lu_permutation", forward=_permuted, batch=_batching.leading)


def permutation(pivots: Tensor, rows: int, like: Tensor) -> Tensor:
    """The matrix P of ``A = P L U``, from the rows that were swapped."""
    result: Tensor = _PERMUTED((pivots,), rows, like.dtype.name)
    return result


def _unit_lower(lu: Tensor, k: int) -> Tensor:
    from derivo.ops.triangles import eye

    low = lu[..., :k].tril(-1)
    return low + eye(low.shape[-2], k, dtype=lu.dtype)


def _unpacked(lu: Tensor) -> tuple[Tensor, Tensor]:
    """L and U of one matrix."""
    k = min(lu.shape[-2:])
    return _unit_lower(lu, k), lu[..., :k, :].triu()


def _packed(low: Tensor, up: Tensor) -> Tensor:
    """Put what is below the diagonal and what is not into one matrix."""
    from derivo.ops.joining import cat

    m, n, k = low.shape[-2], up.shape[-1], up.shape[-2]
    low, up = low.tril(-1), up.triu()
    if m > k:
        return cat([low[..., :k, :] + up, low[..., k:, :]], -2)
    if n > k:
        return cat([low + up[..., :k], up[..., k:]], -1)
    return low + up


def _lu_gradient(p: Tensor, low: Tensor, up: Tensor, g_low: Any, g_up: Any) -> Any:
    """Gradient through ``P^H A = L U``, for any shape.

    With ``dF = L^-1 P^H dA U^-1`` of the square part, ``dL = L tril(dF, -1)`` and
    ``dU = triu(dF) U``; see also Walter and Lehmann (2010).
    """
    from derivo.ops.joining import cat

    m, n, k = low.shape[-2], up.shape[-1], up.shape[-2]
    g_low, g_up = g_low.tril(-1), g_up.triu()
    low1, up1 = low[..., :k, :], up[..., :k]
    if m > k:
        below = g_low[..., k:, :]
        # L2 = A2 U^-1: its gradient acts on U through -L2^H g2.
        phi = (low1.mH @ g_low[..., :k, :]).tril(-1) + (
            g_up @ up.mH - low[..., k:, :].mH @ below
        ).triu()
        top = _TRIANGULAR((low1.mH, phi), True, True, True)
        made = cat([top, below], -2)
        made = _TRIANGULAR((up1.mH, made), False, False, False)
    elif n > k:
        beside = g_up[..., k:]
        phi = (low.mH @ g_low - beside @ up[..., k:].mH).tril(-1) + (
            g_up[..., :k] @ up1.mH
        ).triu()
        first = _TRIANGULAR((up1.mH, phi), False, False, False)
        made = _TRIANGULAR((low.mH, cat([first, beside], -1)), True, True, True)
    else:
        phi = (low.mH @ g_low).tril(-1) + (g_up @ up.mH).triu()
        made = _TRIANGULAR((low.mH, phi), True, True, True)
        made = _TRIANGULAR((up1.mH, made), False, False, False)
    return p @ made


def _lu_factor_vjp(ctx: Any, gs: Any) -> Any:
    g = gs[0]
    if g is None:
        return None
    lu, pivots = ctx.saved
    k = min(lu.shape[-2:])
    p = permutation(pivots, lu.shape[-2], lu)
    return _lu_gradient(p, *_unpacked(lu), g[..., :k], g[..., :k, :])


_LU_FACTOR = Primitive(
    "linalg_lu_factor_ex",
    node="LinalgLuFactorExBackward0",
    forward=_lu_factor,
    vjp=_lu_factor_vjp,
    save=lambda needs, inputs, out, params: (out[0], out[1]),
    multi=True,
    batch=_batching.leading,
)


def _lu(a: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    lu, pivots, _ = _lu_factor(a)
    return (*_unpacked(lu), pivots)


def _lu_vjp(ctx: Any, gs: Any) -> Any:
    if gs[0] is None and gs[1] is None:
        return None
    low, up, pivots = ctx.saved
    g_low, g_up = (ctx.zeros(i) if g is None else g for i, g in enumerate(gs[:2]))
    return _lu_gradient(permutation(pivots, low.shape[-2], low), low, up, g_low, g_up)


_LU = Primitive(
    "linalg_lu",
    node="LinalgLuBackward0",
    forward=_lu,
    vjp=_lu_vjp,
    save=lambda needs, inputs, out, params: out,
    multi=True,
    batch=_batching.leading,
)


def _unpacked_vjp(ctx: Any, gs: Any) -> Any:
    if gs[0] is None and gs[1] is None:
        return None
    g_low, g_up = (ctx.zeros(i) if g is None else g for i, g in enumerate(gs))
    return _packed(g_low, g_up)


_UNPACK = Primitive(
    "lu_unpack",
    node="LuUnpackBackward0",
    forward=_unpacked,
    vjp=_unpacked_vjp,
    multi=True,
    batch=_batching.leading,
)
LU_FACTOR_EX = results("linalg_lu_factor_ex", "LU", "pivots", "info")
LU_FACTOR = results("linalg_lu_factor", "LU", "pivots")
LU = results("linalg_lu", "P", "L", "U")


def _refuse_no_pivot(name: str, pivot: bool) -> None:
    if not pivot:
        raise RuntimeError(
            f"[{name}] linalg.{name}: LU without pivoting is not implemented on the "
            "CPU: pass pivot=True."
        )


@public("linalg.lu_factor_ex")
def lu_factor_ex(
    A: Tensor, *, pivot: bool = True, check_errors: bool = False, out: Any = None
) -> Any:
    """LU factors in one matrix, saying which matrices were singular.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``.
    pivot : bool, default True
        Must be True on the CPU.
    check_errors : bool, default False
        Raise for a zero on the diagonal of U.
    out : tuple of Tensor, optional
        Take the results.

    Returns
    -------
    LU : Tensor
        L below the diagonal (which is one), U from there on.
    pivots : Tensor
        int32: with which row each was swapped, counted from one.
    info : Tensor
        int32: zero, or the number of the pivot that is zero.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.lu_factor_ex(derivo.eye(2)).pivots
    tensor([1, 2], dtype=torch.int32)
    """
    check_matrix("lu_factor", A)
    _refuse_no_pivot("lu_factor", pivot)
    made = LU_FACTOR_EX(*_LU_FACTOR((A,)))
    if check_errors:
        failed(
            "lu_factor",
            made.info,
            "U[{k},{k}] is zero and using it on lu_solve "
            "would result in a division by zero.",
        )
    return hand_out("linalg_lu_factor_ex", out, made)


@public("linalg.lu_factor")
def lu_factor(A: Tensor, *, pivot: bool = True, out: Any = None) -> Any:
    """LU factors in one matrix; see `linalg.lu_factor_ex`.

    Examples
    --------
    >>> import derivo
    >>> lu, pivots = derivo.linalg.lu_factor(2 * derivo.eye(2))
    >>> derivo.linalg.lu_solve(lu, pivots, derivo.ones(2, 1))
    tensor([[0.5000],
            [0.5000]])
    """
    made = lu_factor_ex(A, pivot=pivot)
    return hand_out("linalg_lu_factor", out, LU_FACTOR(made.LU, made.pivots))


@public("linalg.lu")
def lu(A: Tensor, *, pivot: bool = True, out: Any = None) -> Any:
    """LU decomposition ``A = P L U``.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``.
    pivot : bool, default True
        Must be True on the CPU.
    out : tuple of Tensor, optional
        Take the results.

    Returns
    -------
    P, L, U : Tensor

    Examples
    --------
    >>> import derivo
    >>> p, l, u = derivo.linalg.lu(derivo.tensor([[0.0, 1.0], [2.0, 0.0]]))
    >>> p @ l @ u
    tensor([[0., 1.],
            [2., 0.]])
    """
    check_matrix("lu_factor", A)
    _refuse_no_pivot("lu_factor", pivot)
    low, up, pivots = _LU((A,))
    made = LU(permutation(pivots, A.shape[-2], A), low, up)
    return hand_out("linalg_lu", out, made)


def _lu_solved(
    lu: Tensor, b: Tensor, pivots: Tensor, left: bool, adjoint: bool
) -> Tensor:
    import numpy as np
    from scipy.linalg.lapack import get_lapack_funcs

    matrix, right = take(lu), take(b)
    if not left:
        # X A = B is A^H X^H = B^H.
        right = right.conj().swapaxes(-1, -2)
    matrix, right = side_by_side(matrix, right)
    lead = right.shape[:-2]
    swaps = np.broadcast_to(take(pivots), (*lead, pivots.shape[-1])) - 1
    (getrs,) = get_lapack_funcs(("getrs",), (matrix,))
    trans = 2 if adjoint == left else 0
    made = np.empty(right.shape, right.dtype)
    for at in each_matrix(lead):
        if right[at].size:
            made[at], _ = getrs(matrix[at], swaps[at], right[at], trans=trans)
    return give(made if left else made.conj().swapaxes(-1, -2))


def _lu_solve_vjp(ctx: Any, g: Tensor, left: bool, adjoint: bool) -> Any:
    lu, pivots, x = ctx.saved
    right = _LU_SOLVE((lu, g, pivots), left, not adjoint)
    packed = None
    if ctx.needs[0]:
        # Of A first, then of P^H A = L U.
        a = -(right @ x.mH) if left else -(x.mH @ right)
        if adjoint:
            a = a.mH
        a = permutation(pivots, lu.shape[-1], lu).mT @ a
        low, up = _unpacked(lu)
        packed = _packed(a @ up.mH, low.mH @ a).sum_to_size(lu.shape)
    return packed, right.sum_to_size(ctx.shapes[1]), None


def _lu_solve_batch(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Any:
    lu, b, pivots = tensors
    rank = max(lu.dim() - flags[0], b.dim() - flags[1])
    ranks = (rank, rank, rank - 1)
    operands = [
        _batching.padded(t, r) if flag else t
        for t, flag, r in zip((lu, b, pivots), flags, ranks, strict=True)
    ]
    return op(tuple(operands), *params)


_LU_SOLVE = Primitive(
    "linalg_lu_solve",
    node="LinalgLuSolveBackward0",
    forward=_lu_solved,
    vjp=_lu_solve_vjp,
    save=(0, 2, "out"),
    batch=_lu_solve_batch,
    edges=2,
)


@public("linalg.lu_solve")
def lu_solve(
    LU: Tensor,
    pivots: Tensor,
    B: Tensor,
    *,
    left: bool = True,
    adjoint: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Solve ``A X = B`` given the LU factors of `A`.

    Parameters
    ----------
    LU, pivots : Tensor
        As of `linalg.lu_factor`.
    B : Tensor
        Of shape ``(*, n, k)`` (``(*, k, n)`` for ``X A = B``).
    left : bool, default True
        Whether ``A X = B`` is meant, or ``X A = B``.
    adjoint : bool, default False
        Whether the matrix is ``A^H``.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import derivo
    >>> lu, pivots = derivo.linalg.lu_factor(4 * derivo.eye(2))
    >>> derivo.linalg.lu_solve(lu, pivots, derivo.ones(2, 1))
    tensor([[0.2500],
            [0.2500]])
    """
    check_matrix("lu_solve", LU, "LU", square=True)
    check_matrix("lu_solve", B, "B")
    check_alike("lu_solve", LU, B)
    if not isinstance(pivots, TensorBase) or pivots.dtype.name != "int32":
        raise RuntimeError(
            "[lu_solve] linalg.lu_solve: pivots should be a Tensor of scalar type "
            f"torch.int32, got {getattr(pivots, 'dtype', type(pivots))}."
        )
    if B.shape[-2 if left else -1] != LU.shape[-1]:
        raise RuntimeError(
            "[lu_solve] linalg.lu_solve: Incompatible shapes of A and B for the "
            f"equation {'AX = B' if left else 'XA = B'} "
            f"({LU.shape[-2]}x{LU.shape[-1]} and {B.shape[-2]}x{B.shape[-1]})."
        )
    leading_shape("lu_solve", LU, B)
    made: Tensor = _LU_SOLVE((LU, B, pivots), bool(left), bool(adjoint))
    return made if out is None else write_out(out, made, "linalg_lu_solve")


@public("lu_solve", "Tensor.lu_solve")
def old_lu_solve(
    b: Tensor, LU_data: Tensor, LU_pivots: Tensor, *, out: Tensor | None = None
) -> Tensor:
    """Solve ``A x = b`` given the LU factors of `A`; see `linalg.lu_solve`.

    Examples
    --------
    >>> import derivo
    >>> lu, pivots = derivo.linalg.lu_factor(4 * derivo.eye(2))
    >>> derivo.lu_solve(derivo.ones(2, 1), lu, pivots)
    tensor([[0.2500],
            [0.2500]])
    """
    return lu_solve(LU_data, LU_pivots, b, out=out)


@public("lu", "Tensor.lu")
def old_lu(
    A: Tensor, pivot: bool = True, get_infos: bool = False, *, out: Any = None
) -> Any:
    """LU factors in one matrix, and the pivots; see `linalg.lu_factor_ex`.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``.
    pivot : bool, default True
        Must be True on the CPU.
    get_infos : bool, default False
        Give LAPACK's third result, too, instead of raising.
    out : tuple of Tensor, optional
        Take the results.

    Examples
    --------
    >>> import derivo
    >>> lu, pivots = derivo.lu(derivo.eye(2))
    >>> pivots
    tensor([1, 2], dtype=torch.int32)
    """
    found = lu_factor_ex(A, pivot=pivot, check_errors=not get_infos)
    made = _LU_WITH_INFO(*found) if get_infos else tuple(found)[:2]
    if out is None:
        return made
    return tuple(write_out(o, t, "lu") for o, t in zip(out, made, strict=True))


_LU_WITH_INFO = results("_lu_with_info", "LU", "pivots", "info")
LU_UNPACK = results("lu_unpack", "P", "L", "U")


@public("lu_unpack")
def lu_unpack(
    LU_data: Tensor,
    LU_pivots: Tensor,
    unpack_data: bool = True,
    unpack_pivots: bool = True,
    *,
    out: Any = None,
) -> Any:
    """Take P, L and U out of the LU factors of a matrix.

    Parameters
    ----------
    LU_data, LU_pivots : Tensor
        As of `linalg.lu_factor`.
    unpack_data : bool, default True
        False: `L` and `U` are empty.
    unpack_pivots : bool, default True
        False: `P` is empty.
    out : tuple of Tensor, optional
        Take the results.

    Examples
    --------
    >>> import derivo
    >>> derivo.lu_unpack(*derivo.linalg.lu_factor(2 * derivo.eye(2))).U
    tensor([[2., 0.],
            [0., 2.]])
    """
    from derivo.ops.creation import empty

    if LU_pivots.dtype.name != "int32":
        raise RuntimeError(
            "[lu_unpack] torch.lu_unpack: LU_pivots is expected to be a contiguous "
            f"tensor of torch.int32 dtype, got {LU_pivots.dtype}."
        )
    p = low = up = empty(0, dtype=LU_data.dtype)
    if unpack_pivots:
        p = permutation(LU_pivots, LU_data.shape[-2], LU_data)
    if unpack_data:
        low, up = _UNPACK((LU_data,))
    return hand_out("lu_unpack", out, LU_UNPACK(p, low, up))
