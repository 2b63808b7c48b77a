"""Singular values of large matrices of low rank, by random projections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo.ops._surface import public
from derivo.ops.linalg._shared import check_matrix
from derivo.ops.linalg.spectra import linalg_qr, svd

if TYPE_CHECKING:
    from derivo import Tensor


def _range(a: Tensor, q: int, rounds: int, m: Tensor | None) -> Tensor:
    """Orthonormal basis of what `a` maps to (Halko et al., algorithm 4.4)."""
    from derivo.ops.random.creation import randn

    def product(b: Tensor) -> Tensor:
        return a @ b if m is None else a @ b - m @ b

    def adjoint(b: Tensor) -> Tensor:
        return a.mH @ b if m is None else a.mH @ b - m.mH @ b

    start = randn(a.shape[-1], q, dtype=a.dtype)
    basis: Tensor = linalg_qr(product(start)).Q
    for _ in range(rounds):
        basis = linalg_qr(adjoint(basis)).Q
        basis = linalg_qr(product(basis)).Q
    return basis


@public("svd_lowrank")
def svd_lowrank(
    A: Tensor, q: int | None = 6, niter: int | None = 2, M: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Singular value decomposition of a matrix of low rank, nearly.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``.
    q : int, default 6
        Somewhat more than the rank.
    niter : int, default 2
        Rounds of power iteration.
    M : Tensor, optional
        Subtracted from `A` first.

    Returns
    -------
    U, S, V : Tensor
        With `q` columns; ``A = U diag(S) V^H``, nearly.

    Notes
    -----
    Halko, Martinsson and Tropp, "Finding structure with randomness" (2009), algorithm
    5.1; draws from the default generator.

    Examples
    --------
    >>> import derivo
    >>> u, s, v = derivo.svd_lowrank(derivo.ones(5, 4), q=1)
    >>> round(s.item(), 4)
    4.4721
    """
    check_matrix("svd_lowrank", A)
    return _decomposed(A, 6 if q is None else q, 2 if niter is None else niter, M)


def _decomposed(a: Tensor, q: int, niter: int, m: Tensor | None) -> Any:
    rows, columns = a.shape[-2:]
    if m is not None:
        m = m.expand(a.shape)
    wide = rows < columns
    if wide:
        a = a.mH
        m = None if m is None else m.mH
    basis = _range(a, q, niter, m)
    small = basis.mH @ a if m is None else basis.mH @ a - basis.mH @ m
    u, s, vh = svd(small, full_matrices=False)
    u, v = basis @ u, vh.mH
    return (v, s, u) if wide else (u, s, v)


@public("pca_lowrank")
def pca_lowrank(
    A: Tensor, q: int | None = None, center: bool = True, niter: int = 2
) -> tuple[Tensor, Tensor, Tensor]:
    """Principal components of a matrix of low rank, nearly.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``: `m` observations.
    q : int, optional
        Somewhat more than the rank; ``min(6, m, n)`` if not given.
    center : bool, default True
        Whether the mean of the observations is subtracted.
    niter : int, default 2
        Rounds of power iteration.

    Returns
    -------
    U, S, V : Tensor
        The columns of `V` are the principal directions; ``S ** 2 / (m - 1)`` their
        variances.

    Raises
    ------
    ValueError
        If `q` is not from 0 to ``min(m, n)``, or `niter` is negative.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.0]])
    >>> derivo.pca_lowrank(a, q=1)[1].square().round()
    tensor([2.])
    """
    check_matrix("pca_lowrank", A)
    m, n = A.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ValueError(
            f"[pca_lowrank] q(={q}) must be non-negative integer and not greater than "
            f"min(m, n)={min(m, n)}"
        )
    if niter < 0:
        raise ValueError(f"[pca_lowrank] niter(={niter}) must be non-negative integer.")
    if not center:
        made: tuple[Tensor, Tensor, Tensor] = _decomposed(A, q, niter, None)
        return made
    centered = A - A.mean(-2, keepdim=True)
    result: tuple[Tensor, Tensor, Tensor] = _decomposed(centered, q, niter, None)
    return result
