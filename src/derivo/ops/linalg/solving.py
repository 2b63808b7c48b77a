"""Inverses, systems of equations, determinants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase
from derivo.ops import _batching
from derivo.ops._primitive import Primitive
from derivo.ops._surface import FUNCTIONS, public
from derivo.ops.conversion import write_out
from derivo.ops.linalg._shared import (
    check_alike,
    check_matrix,
    each_matrix,
    give,
    hand_out,
    leading_shape,
    real_of,
    results,
    side_by_side,
    singular,
    take,
)

if TYPE_CHECKING:
    from derivo import Tensor

# ------------------------------------------------------------------ by NumPy


def _infos(shape: tuple[int, ...]) -> Any:
    import numpy as np

    return np.zeros(shape, dtype=np.int32)


def _marked(array: Any, info: Any) -> Any:
    """Find which matrices of a batch are singular: where a pivot is zero."""
    from scipy.linalg.lapack import get_lapack_funcs

    (getrf,) = get_lapack_funcs(("getrf",), (array,))
    for at in each_matrix(array.shape[:-2]):
        info[at] = getrf(array[at])[2] if array.shape[-1] else 0
    return info


def _inverted(a: Tensor) -> tuple[Tensor, Tensor]:
    import numpy as np

    array = take(a)
    info = _infos(array.shape[:-2])
    try:
        return give(np.linalg.inv(array)), give(info)
    except np.linalg.LinAlgError:
        _marked(array, info)
    made = np.full_like(array, np.nan)
    for at in each_matrix(array.shape[:-2]):
        if not info[at]:
            made[at] = np.linalg.inv(array[at])
    return give(made), give(info)


def _inverse_vjp(ctx: Any, gs: list[Any]) -> Any:
    if gs[0] is None:
        return None
    adjoint = ctx.saved[0].mH
    return -(adjoint @ gs[0] @ adjoint)


_INV = Primitive(
    "linalg_inv_ex",
    node="LinalgInvExBackward0",
    forward=_inverted,
    vjp=_inverse_vjp,
    save=lambda needs, inputs, out, params: (out[0],),
    multi=True,
    batch=_batching.leading,
)


def is_vector(a: Tensor, b: Tensor) -> bool:
    """Whether the right-hand sides `b` of `a` are vectors."""
    return b.dim() == 1 or (
        a.dim() - 1 == b.dim() and tuple(b.shape) == tuple(a.shape[:-1])
    )


def _solved(a: Tensor, b: Tensor, left: bool) -> tuple[Tensor, Tensor]:
    import numpy as np

    matrix, right = take(a), take(b)
    vector = left and is_vector(a, b)
    if vector:
        right = right[..., None]
    if not left:
        matrix, right = matrix.swapaxes(-1, -2), right.swapaxes(-1, -2)
    info = _infos(matrix.shape[:-2])
    matrices, right = side_by_side(matrix, right)
    try:
        made = np.linalg.solve(matrices, right)
    except np.linalg.LinAlgError:
        _marked(matrix, info)
        bad = np.broadcast_to(info, matrices.shape[:-2])
        made = np.full_like(right, np.nan)
        for at in each_matrix(matrices.shape[:-2]):
            if not bad[at]:
                made[at] = np.linalg.solve(matrices[at], right[at])
    if vector:
        made = made[..., 0]
    return give(made if left else made.swapaxes(-1, -2)), give(info)


def matrix_gradient(a: Tensor, x: Tensor, g: Tensor, left: bool) -> Tensor:
    """Gradient of the matrix of a system with solution `x`, `g` being that of `b`."""
    if left and is_vector(a, x):
        g, x = g.unsqueeze(-1), x.unsqueeze(-1)
    made: Tensor = -(g @ x.mH) if left else -(x.mH @ g)
    return made


def _solve_vjp(ctx: Any, gs: Any, left: bool) -> Any:
    g = gs[0]
    if g is None:
        return None, None
    a, x = ctx.saved
    right = _SOLVE((a.mH, g), left)[0]
    matrix = None
    if ctx.needs[0]:
        matrix = matrix_gradient(a, x, right, left).sum_to_size(a.shape)
    return matrix, right.sum_to_size(ctx.shapes[1])


def _solve_batch(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> Any:
    a, b = _batching.lifted(tensors, flags, size)
    vector = params[0] and (b.dim() == 2 or is_vector(a, b))
    if vector:
        b = b.unsqueeze(-1)
    rank = max(a.dim(), b.dim()) - 1
    x, info = op((_batching.padded(a, rank), _batching.padded(b, rank)), *params)
    return (x.squeeze(-1) if vector else x), info.reshape(a.shape[:-2])


_SOLVE = Primitive(
    "linalg_solve_ex",
    node="LinalgSolveExBackward0",
    forward=_solved,
    vjp=_solve_vjp,
    save=lambda needs, inputs, out, params: (inputs[0], out[0]),
    multi=True,
    batch=_solve_batch,
)


# ------------------------------------------------------------------ inverses


@public("linalg.inv_ex")
def inv_ex(A: Tensor, *, check_errors: bool = False, out: Any = None) -> Any:
    """Invert matrices, and say which were singular instead of raising.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, n, n)``, floating point or complex.
    check_errors : bool, default False
        Raise nevertheless.
    out : tuple of Tensor, optional
        Take the results.

    Returns
    -------
    inverse : Tensor
        NaN where a matrix is singular.
    info : Tensor
        Of shape ``(*,)``, int32: zero, or the number of the pivot that is zero.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.inv_ex(derivo.eye(2)).info
    tensor(0, dtype=torch.int32)
    """
    check_matrix("inv", A, square=True)
    inverse, info = _INV((A,))
    if check_errors:
        singular("inv", info)
    return hand_out("linalg_inv_ex", out, INV_EX(inverse, info))


INV_EX = results("linalg_inv_ex", "inverse", "info")


@public("linalg.inv", "inverse", "Tensor.inverse")
def inv(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Invert matrices.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, n, n)``, floating point or complex.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Raises
    ------
    LinAlgError
        If a matrix is singular.
    RuntimeError
        If the matrices are not square, or of a dtype without inverses.

    Notes
    -----
    **Derivative**: ``-X^H g X^H`` for the inverse X.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[2.0, 0.0], [0.0, 4.0]], requires_grad=True)
    >>> derivo.linalg.inv(a).sum().backward()
    >>> a.grad
    tensor([[-0.2500, -0.1250],
            [-0.1250, -0.0625]])
    """
    check_matrix("inv", A, square=True)
    made: Tensor
    made, info = _INV((A,))
    singular("inv", info)
    return made if out is None else write_out(out, made, "linalg_inv")


# ------------------------------------------------------------------ systems


def _solution(A: Tensor, B: Tensor, left: bool, name: str) -> tuple[Tensor, Tensor]:
    check_matrix(name, A, square=True)
    if not isinstance(B, TensorBase):
        raise TypeError(
            f"[{name}] linalg_{name}(): argument 'B' must be Tensor, not "
            f"{type(B).__name__}."
        )
    check_alike(name, A, B)
    vector = left and is_vector(A, B)
    b = B.unsqueeze(-1) if vector else B
    if b.dim() < 2:
        raise RuntimeError(
            f"[{name}] linalg.{name}: Vector broadcasting of the left hand side is not "
            "supported for left=False. In this case linalg.solve is equivalent to B / "
            "A.squeeze(-1)."
        )
    if b.shape[-2 if left else -1] != A.shape[-1]:
        raise RuntimeError(
            f"[{name}] linalg.{name}: Incompatible shapes of A and B for the equation "
            f"{'AX = B' if left else 'XA = B'} ({A.shape[-2]}x{A.shape[-1]} and "
            f"{b.shape[-2]}x{b.shape[-1]})."
        )
    leading_shape(name, A, b)
    made: tuple[Tensor, Tensor] = _SOLVE((A, B), bool(left))
    return made


SOLVE_EX = results("linalg_solve_ex", "result", "info")


@public("linalg.solve_ex")
def solve_ex(
    A: Tensor,
    B: Tensor,
    *,
    left: bool = True,
    check_errors: bool = False,
    out: Any = None,
) -> Any:
    """Solve ``A X = B``, and say which matrices were singular instead of raising.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, n, n)``.
    B : Tensor
        Of shape ``(*, n)``, ``(n,)`` or ``(*, n, k)``.
    left : bool, default True
        Whether ``A X = B`` is meant, or ``X A = B``.
    check_errors : bool, default False
        Raise nevertheless.
    out : tuple of Tensor, optional
        Take the results.

    Returns
    -------
    result : Tensor
    info : Tensor
        Of shape ``(*,)``, int32: zero, or the number of the pivot that is zero.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.solve_ex(derivo.eye(2), derivo.ones(2)).result
    tensor([1., 1.])
    """
    made, info = _solution(A, B, left, "solve")
    if check_errors:
        singular("solve", info)
    return hand_out("linalg_solve_ex", out, SOLVE_EX(made, info))


@public("linalg.solve")
def solve(
    A: Tensor, B: Tensor, *, left: bool = True, out: Tensor | None = None
) -> Tensor:
    """Solve a system of equations with a square matrix.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, n, n)``, floating point or complex.
    B : Tensor
        Right-hand sides, of shape ``(*, n)``, ``(n,)`` or ``(*, n, k)``.
    left : bool, default True
        Whether ``A X = B`` is meant, or ``X A = B``.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Raises
    ------
    LinAlgError
        If a matrix is singular.
    RuntimeError
        If shapes or dtypes do not fit.

    Notes
    -----
    **Derivative**: ``G = A^-H g`` for `B`, ``-G X^H`` for `A`.

    Examples
    --------
    >>> import derivo
    >>> b = derivo.ones(2, requires_grad=True)
    >>> derivo.linalg.solve(2 * derivo.eye(2), b).sum().backward()
    >>> b.grad
    tensor([0.5000, 0.5000])
    """
    made, info = _solution(A, B, left, "solve")
    singular("solve", info)
    return made if out is None else write_out(out, made, "linalg_solve")


def _triangular(a: Tensor, b: Tensor, upper: bool, left: bool, unit: bool) -> Tensor:
    import numpy as np
    from scipy.linalg.blas import get_blas_funcs

    matrix, right = side_by_side(take(a), take(b))
    (trsm,) = get_blas_funcs(("trsm",), (matrix,))
    made = np.empty(right.shape, right.dtype)
    for at in each_matrix(right.shape[:-2]):
        if right[at].size:
            # A zero on the diagonal gives infinities.
            made[at] = trsm(
                1.0, matrix[at], right[at], side=not left, lower=not upper, diag=unit
            )
    return give(made)


def _triangular_vjp(ctx: Any, g: Tensor, upper: bool, left: bool, unit: bool) -> Any:
    a, x = ctx.saved
    right = _TRIANGULAR((a.mH, g), not upper, left, unit)
    matrix = None
    if ctx.needs[0]:
        matrix = -(right @ x.mH) if left else -(x.mH @ right)
        shift = int(unit)
        matrix = matrix.triu(shift) if upper else matrix.tril(-shift)
        matrix = matrix.sum_to_size(a.shape)
    return matrix, right.sum_to_size(ctx.shapes[1])


_TRIANGULAR = Primitive(
    "linalg_solve_triangular",
    node="LinalgSolveTriangularBackward0",
    forward=_triangular,
    vjp=_triangular_vjp,
    save=(0, "out"),
    batch=_batching.elementwise,
)


@public("linalg.solve_triangular")
def solve_triangular(
    A: Tensor,
    B: Tensor,
    *,
    upper: bool,
    left: bool = True,
    unitriangular: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Solve a system of equations with a triangular matrix.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, n, n)``; the other triangle is not read.
    B : Tensor
        Right-hand sides, of shape ``(*, n, k)``, or ``(*, k, n)`` for ``X A = B``.
    upper : bool
        Which triangle is meant.
    left : bool, default True
        Whether ``A X = B`` is meant, or ``X A = B``.
    unitriangular : bool, default False
        Take ones for the diagonal.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Raises
    ------
    RuntimeError
        If shapes or dtypes do not fit.

    Notes
    -----
    **Derivative**: ``G = A^-H g`` for `B`, the triangle of ``-G X^H`` for `A`.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[2.0, 0.0], [1.0, 1.0]])
    >>> b = derivo.ones(2, 1, requires_grad=True)
    >>> derivo.linalg.solve_triangular(a, b, upper=False).sum().backward()
    >>> b.grad
    tensor([[0.],
            [1.]])
    """
    check_matrix("solve_triangular", A, square=True)
    check_matrix("solve_triangular", B, "B")
    check_alike("solve_triangular", A, B)
    if B.shape[-2 if left else -1] != A.shape[-1]:
        raise RuntimeError(
            "[solve_triangular] linalg.solve_triangular: Incompatible shapes of A and "
            f"B for the equation {'AX = B' if left else 'XA = B'} "
            f"({A.shape[-2]}x{A.shape[-1]} and {B.shape[-2]}x{B.shape[-1]})."
        )
    leading_shape("solve_triangular", A, B)
    made: Tensor = _TRIANGULAR((A, B), bool(upper), bool(left), bool(unitriangular))
    return made if out is None else write_out(out, made, "linalg_solve_triangular")


# ------------------------------------------------------------------ determinants


def _det(a: Tensor) -> Tensor:
    import numpy as np

    return give(np.asarray(np.linalg.det(take(a))))


def _adjugate(a: Tensor) -> Tensor:
    """``det(A) A^-H``, also of singular matrices, by the singular values."""
    from derivo.ops.linalg.spectra import svd

    u, s, vh = svd(a, full_matrices=True)
    n = a.shape[-1]
    # Products of all singular values but one.
    others = [
        s[..., [j for j in range(n) if j != i]].prod(-1, keepdim=True) for i in range(n)
    ]
    from derivo.ops.joining import cat

    scaled = u * cat(others, -1).unsqueeze(-2).to(a.dtype)
    unit = (_DET((u,)) * _DET((vh,))).unsqueeze(-1).unsqueeze(-1)
    return (scaled @ vh) * unit.conj()


def _det_vjp(ctx: Any, g: Tensor) -> Tensor:
    a, out = ctx.saved
    if not a.shape[-1]:
        return a * g.unsqueeze(-1).unsqueeze(-1)
    plain = _batching.everything(out)
    if plain.numel() and bool((plain == 0).any()):
        cofactors = _adjugate(a)
        factor = g
    else:
        cofactors = _INV((a,))[0].mH
        factor = g * out.conj()
    result: Tensor = factor.unsqueeze(-1).unsqueeze(-1) * cofactors
    return result


_DET = Primitive(
    "linalg_det",
    node="LinalgDetBackward0",
    forward=_det,
    vjp=_det_vjp,
    save=lambda needs, inputs, out, params: (inputs[0], out),
    batch=_batching.leading,
)


@public("linalg.det", "det", "Tensor.det")
def det(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Determinants of square matrices.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, n, n)``, floating point or complex.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(*,)``.

    Notes
    -----
    **Derivative**: the matrix of cofactors, ``conj(det(A)) A^-H``; of a singular matrix
    by its singular values.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[2.0, 0.0], [0.0, 3.0]], requires_grad=True)
    >>> derivo.linalg.det(a).backward()
    >>> a.grad
    tensor([[3., 0.],
            [0., 2.]])
    """
    check_matrix("det", A, square=True)
    made: Tensor = _DET((A,))
    return made if out is None else write_out(out, made, "linalg_det")


def _slogdet(a: Tensor) -> tuple[Tensor, Tensor]:
    import numpy as np

    sign, logarithm = np.linalg.slogdet(take(a))
    kind = real_of(a.dtype).name
    return give(np.asarray(sign)), give(np.asarray(logarithm, dtype=kind))


def _slogdet_vjp(ctx: Any, gs: Any) -> Any:
    a, sign = ctx.saved
    g_sign, g_log = gs
    factor = g_log
    if a.is_complex() and g_sign is not None:
        # A turn of the sign comes from the imaginary part of tr(A^-1 dA).
        turn = (g_sign.conj() * sign).imag
        from derivo.ops.complex import complex_

        zero = g_log if g_log is not None else turn * 0
        factor = complex_(zero, -turn)
    if factor is None:
        return None
    return factor.unsqueeze(-1).unsqueeze(-1) * _INV((a,))[0].mH


_SLOGDET = Primitive(
    "linalg_slogdet",
    node="LinalgSlogdetBackward0",
    forward=_slogdet,
    vjp=_slogdet_vjp,
    save=lambda needs, inputs, out, params: (inputs[0], out[0]),
    multi=True,
    batch=_batching.leading,
)
LINALG_SLOGDET = results("linalg_slogdet", "sign", "logabsdet")
SLOGDET = results("slogdet", "sign", "logabsdet")


@public("linalg.slogdet")
def linalg_slogdet(A: Tensor, *, out: Any = None) -> Any:
    """Sign and logarithm of the absolute value of determinants.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, n, n)``, floating point or complex.
    out : tuple of Tensor, optional
        Take the results.

    Returns
    -------
    sign : Tensor
        Of shape ``(*,)``: 1, -1 or 0; of complex matrices a number of size 1 or 0.
    logabsdet : Tensor
        Real, of shape ``(*,)``.

    Notes
    -----
    **Derivative**: ``A^-H`` for `logabsdet`.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.slogdet(-derivo.eye(3)).sign
    tensor(-1.)
    """
    check_matrix("slogdet", A, square=True)
    return hand_out("linalg_slogdet", out, LINALG_SLOGDET(*_SLOGDET((A,))))


@public("slogdet", "Tensor.slogdet")
def slogdet(input: Tensor, *, out: Any = None) -> Any:
    """Sign and logarithm of the absolute value of determinants.

    See `linalg.slogdet`.

    Examples
    --------
    >>> import derivo
    >>> derivo.slogdet(derivo.eye(3)).logabsdet
    tensor(0.)
    """
    check_matrix("slogdet", input, square=True)
    return hand_out("slogdet", out, SLOGDET(*_SLOGDET((input,))))


@public("logdet", "Tensor.logdet")
def logdet(input: Tensor) -> Tensor:
    """Logarithm of determinants; NaN where one is negative.

    Parameters
    ----------
    input : Tensor
        Of shape ``(*, n, n)``, floating point or complex.

    Returns
    -------
    Tensor
        Of shape ``(*,)``.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.eye(2, requires_grad=True)
    >>> derivo.logdet(a).backward()
    >>> a.grad
    tensor([[1., 0.],
            [0., 1.]])
    """
    from derivo.ops.creation import full_like

    check_matrix("logdet", input, square=True)
    sign, size = _SLOGDET((input,))
    if input.is_complex():
        result: Tensor = sign.log() + size
        return result
    made: Tensor = FUNCTIONS["where"](sign == -1, full_like(size, float("nan")), size)
    return made
