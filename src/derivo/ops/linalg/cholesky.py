"""Cholesky factors, and systems solved by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo.ops import _batching
from derivo.ops._primitive import Primitive
from derivo.ops._surface import public
from derivo.ops.conversion import write_out
from derivo.ops.linalg._shared import (
    check_alike,
    check_matrix,
    diagonal,
    each_matrix,
    failed,
    give,
    hand_out,
    leading_shape,
    results,
    side_by_side,
    take,
    turned,
)
from derivo.ops.linalg.solving import _TRIANGULAR, _infos

if TYPE_CHECKING:
    from derivo import Tensor


def _factored(a: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
    import numpy as np

    array = take(a)
    info = _infos(array.shape[:-2])
    if upper:
        array = array.swapaxes(-1, -2).conj()
    try:
        made = np.linalg.cholesky(array)
    except np.linalg.LinAlgError:
        from scipy.linalg.lapack import get_lapack_funcs

        (potrf,) = get_lapack_funcs(("potrf",), (array,))
        made = np.zeros_like(array)
        for at in each_matrix(array.shape[:-2]):
            made[at], info[at] = potrf(array[at], lower=True)
    return give(made.swapaxes(-1, -2).conj() if upper else made), give(info)


def _factored_vjp(ctx: Any, gs: Any, upper: bool) -> Any:
    """Murray, "Differentiation of the Cholesky decomposition" (2016)."""
    g = gs[0]
    if g is None:
        return None
    (low,) = ctx.saved
    if upper:
        low, g = low.mH, g.mH
    phi = (low.mH @ g).tril()
    phi = phi - 0.5 * diagonal(phi).diag_embed()
    both = phi + phi.mH
    if both.is_complex():
        # The diagonal of the factor is real.
        both = both - turned(diagonal(both).imag.diag_embed())
    inner = _TRIANGULAR((low.mH, both), True, True, False)
    return 0.5 * _TRIANGULAR((low, inner), False, False, False)


_CHOLESKY = Primitive(
    "linalg_cholesky_ex",
    node="LinalgCholeskyExBackward0",
    forward=_factored,
    vjp=_factored_vjp,
    save=lambda needs, inputs, out, params: (out[0],),
    multi=True,
    batch=_batching.leading,
)


def _factored_or_refused(a: Tensor, upper: bool) -> Tensor:
    made, info = _factored(a, upper)
    _refuse(info)
    return made


_OLD_CHOLESKY = Primitive(
    "cholesky",
    node="CholeskyBackward0",
    forward=_factored_or_refused,
    vjp=lambda ctx, g, upper: _factored_vjp(ctx, (g,), upper),
    save=("out",),
    batch=_batching.leading,
)
CHOLESKY_EX = results("linalg_cholesky_ex", "L", "info")


def _factor(a: Tensor, upper: bool, check: bool) -> tuple[Tensor, Tensor]:
    check_matrix("cholesky", a, square=True)
    made, info = _CHOLESKY((a,), bool(upper))
    if check:
        _refuse(info)
    return made, info


def _refuse(info: Tensor) -> None:
    failed(
        "cholesky",
        info,
        "The factorization could not be completed because the input is not "
        "positive-definite (the leading minor of order {k} is not positive-definite).",
    )


@public("linalg.cholesky_ex")
def cholesky_ex(
    A: Tensor, *, upper: bool = False, check_errors: bool = False, out: Any = None
) -> Any:
    """Cholesky factors, saying which matrices have none instead of raising.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, n, n)``, Hermitian and positive definite.
    upper : bool, default False
        Give ``L^H``.
    check_errors : bool, default False
        Raise nevertheless.
    out : tuple of Tensor, optional
        Take the results.

    Returns
    -------
    L : Tensor
    info : Tensor
        Of shape ``(*,)``, int32: zero, or the order of the minor that is not positive.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.cholesky_ex(-derivo.eye(2)).info
    tensor(1, dtype=torch.int32)
    """
    made = CHOLESKY_EX(*_factor(A, upper, check_errors))
    return hand_out("linalg_cholesky_ex", out, made)


@public("linalg.cholesky")
def linalg_cholesky(
    A: Tensor, *, upper: bool = False, out: Tensor | None = None
) -> Tensor:
    """Cholesky factors ``A = L L^H`` of positive definite matrices.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, n, n)``, Hermitian; one triangle is read.
    upper : bool, default False
        Give ``L^H``.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Raises
    ------
    LinAlgError
        If a matrix is not positive definite.

    Notes
    -----
    **Derivative**: Murray, "Differentiation of the Cholesky decomposition" (2016),
    made symmetric.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[4.0, 0.0], [0.0, 9.0]], requires_grad=True)
    >>> derivo.linalg.cholesky(a).sum().backward()
    >>> a.grad.diagonal()
    tensor([0.2500, 0.1667])
    """
    made, _ = _factor(A, upper, True)
    return made if out is None else write_out(out, made, "linalg_cholesky")


@public("cholesky", "Tensor.cholesky")
def cholesky(
    input: Tensor, upper: bool = False, *, out: Tensor | None = None
) -> Tensor:
    """Cholesky factors of positive definite matrices; see `linalg.cholesky`.

    Examples
    --------
    >>> import derivo
    >>> derivo.cholesky(4 * derivo.eye(2))
    tensor([[2., 0.],
            [0., 2.]])
    """
    check_matrix("cholesky", input, square=True)
    made: Tensor = _OLD_CHOLESKY((input,), bool(upper))
    return made if out is None else write_out(out, made, "cholesky")


# ------------------------------------------------------------------ systems


def _solved(b: Tensor, factor: Tensor, upper: bool) -> Tensor:
    import numpy as np
    from scipy.linalg.lapack import get_lapack_funcs

    matrix, right = side_by_side(take(factor), take(b))
    (potrs,) = get_lapack_funcs(("potrs",), (matrix,))
    made = np.empty(right.shape, right.dtype)
    for at in each_matrix(right.shape[:-2]):
        if right[at].size:
            made[at] = potrs(matrix[at], right[at], lower=not upper)[0]
    return give(made)


def _solved_vjp(ctx: Any, g: Tensor, upper: bool) -> Any:
    factor, x = ctx.saved
    right = _CHOLESKY_SOLVE((g, factor), upper)
    matrix = None
    if ctx.needs[1]:
        both = -(right @ x.mH)
        both = both + both.mH
        # The other triangle was not read.
        if upper:
            matrix = (factor.triu() @ both).triu()
        else:
            matrix = (both @ factor.tril()).tril()
        matrix = matrix.sum_to_size(factor.shape)
    return right.sum_to_size(ctx.shapes[0]), matrix


_CHOLESKY_SOLVE = Primitive(
    "cholesky_solve",
    node="CholeskySolveBackward0",
    forward=_solved,
    vjp=_solved_vjp,
    save=(1, "out"),
    batch=_batching.elementwise,
)


@public("cholesky_solve", "Tensor.cholesky_solve")
def cholesky_solve(
    B: Tensor, L: Tensor, upper: bool = False, *, out: Tensor | None = None
) -> Tensor:
    """Solve ``A X = B`` given the Cholesky factor of `A`.

    Parameters
    ----------
    B : Tensor
        Right-hand sides, of shape ``(*, n, k)``.
    L : Tensor
        The factor, of shape ``(*, n, n)``.
    upper : bool, default False
        Whether `L` is the upper triangular one.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import derivo
    >>> derivo.cholesky_solve(derivo.ones(2, 1), 2 * derivo.eye(2))
    tensor([[0.2500],
            [0.2500]])
    """
    check_matrix("cholesky_solve", L, "L", square=True)
    check_matrix("cholesky_solve", B, "B")
    check_alike("cholesky_solve", B, L)
    if B.shape[-2] != L.shape[-1]:
        raise RuntimeError(
            "[cholesky_solve] Incompatible matrix sizes for linalg_solve: each A "
            f"matrix is {L.shape[-1]} by {L.shape[-1]} but each b matrix is "
            f"{B.shape[-2]} by {B.shape[-1]}."
        )
    leading_shape("cholesky_solve", L, B)
    made: Tensor = _CHOLESKY_SOLVE((B, L), bool(upper))
    return made if out is None else write_out(out, made, "cholesky_solve")


def _inverted(factor: Tensor, upper: bool) -> Tensor:
    from derivo.ops.triangles import eye

    return _solved(eye(factor.shape[-1], dtype=factor.dtype), factor, upper)


def _inverted_vjp(ctx: Any, g: Tensor, upper: bool) -> Tensor:
    factor, inverse = ctx.saved
    both = -(g + g.mH)
    # The product of the inverse and the factor is that of the other one's inverse.
    made: Tensor
    if upper:
        made = _TRIANGULAR((factor.mH, both @ inverse), False, True, False)
        return made.triu()
    made = _TRIANGULAR((factor.mH, inverse @ both), True, False, False)
    return made.tril()


_CHOLESKY_INVERSE = Primitive(
    "cholesky_inverse",
    node="CholeskyInverseBackward0",
    forward=_inverted,
    vjp=_inverted_vjp,
    save=(0, "out"),
    batch=_batching.leading,
)


@public("cholesky_inverse", "Tensor.cholesky_inverse")
def cholesky_inverse(
    L: Tensor, upper: bool = False, *, out: Tensor | None = None
) -> Tensor:
    """Inverse of a matrix given its Cholesky factor.

    Parameters
    ----------
    L : Tensor
        The factor, of shape ``(*, n, n)``.
    upper : bool, default False
        Whether `L` is the upper triangular one.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import derivo
    >>> derivo.cholesky_inverse(2 * derivo.eye(2))
    tensor([[0.2500, 0.0000],
            [0.0000, 0.2500]])
    """
    check_matrix("cholesky_inverse", L, "A", square=True)
    made: Tensor = _CHOLESKY_INVERSE((L,), bool(upper))
    return made if out is None else write_out(out, made, "cholesky_inverse")
