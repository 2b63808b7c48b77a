"""Decompositions: QR, eigenvalues, singular values, and the pseudoinverse.

Derivatives after Townsend, "Differentiating the singular value decomposition" (2016),
and Walter and Lehmann, "Algorithmic differentiation of linear algebra functions with
application in optimum experimental design" (2010).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo.ops import _batching
from derivo.ops._primitive import Primitive
from derivo.ops._surface import FUNCTIONS, public
from derivo.ops.conversion import write_out
from derivo.ops.linalg._shared import (
    check_matrix,
    complex_of,
    diagonal,
    give,
    hand_out,
    real_of,
    results,
    skew,
    take,
    turned,
)

if TYPE_CHECKING:
    from derivo import Tensor


def _gaps(values: Tensor, factor: Any = 1) -> Tensor:
    """Differences ``v_j - v_i`` times a factor, one on the diagonal."""
    from derivo.ops.triangles import eye

    gaps = (values.unsqueeze(-2) - values.unsqueeze(-1)) * factor
    return gaps + eye(values.shape[-1], dtype=values.dtype)


def _off_diagonal(t: Tensor) -> Tensor:
    return t - diagonal(t).diag_embed()


# ------------------------------------------------------------------ QR


def _qr(a: Tensor, mode: Any) -> tuple[Tensor, Tensor]:
    import numpy as np

    array = take(a)
    if mode == "r":
        return give(np.empty(0, array.dtype)), give(np.linalg.qr(array, "r"))
    q, r = np.linalg.qr(array, mode)
    return give(q), give(r)


def _qr_square(q: Tensor, r: Tensor, gq: Any, gr: Any) -> Tensor:
    """Gradient for matrices with at least as many rows as columns."""
    m = None
    if gr is not None:
        m = r @ gr.mH
    if gq is not None:
        part = gq.mH @ q
        m = -part if m is None else m - part
    assert m is not None
    low = m.tril()
    if low.is_complex():
        low = low - turned(diagonal(low).imag.diag_embed())
    sym = low + m.tril(-1).mH
    inner = q @ sym
    if gq is not None:
        inner = inner + gq
    from derivo.ops.linalg.solving import _TRIANGULAR

    result: Tensor = _TRIANGULAR((r.mH, inner), False, False, False)
    return result


def _qr_vjp(ctx: Any, gs: Any, mode: str) -> Any:
    gq, gr = gs
    if gq is None and gr is None:
        return None
    if mode == "r":
        raise RuntimeError(
            "[qr] The derivative of linalg.qr depends on Q, which is not computed when "
            "mode='r'. Use linalg.qr(A, mode='reduced') instead."
        )
    q, r = ctx.saved
    rows, columns = q.shape[-2], r.shape[-1]
    if mode == "complete" and rows > columns:
        raise RuntimeError(
            "[qr] The QR decomposition is not differentiable when mode='complete' and "
            "nrows > ncols. Use mode='reduced'."
        )
    if rows >= columns:
        return _qr_square(q, r, gq, gr)
    # A = [X Y] with X square: R = [U V], V = Q^H Y.
    u, v = r[..., :rows], r[..., rows:]
    y = q @ v
    gu = gv = None
    g = gq
    if gr is not None:
        gu, gv = gr[..., :rows], gr[..., rows:]
        part = y @ gv.mH
        g = part if g is None else g + part
    first = _qr_square(q, u, g, gu)
    from derivo.ops.joining import cat

    second = y * 0 if gv is None else q @ gv
    return cat([first, second], -1)


_QR = Primitive(
    "linalg_qr",
    node="LinalgQrBackward0",
    forward=_qr,
    vjp=_qr_vjp,
    save=lambda needs, inputs, out, params: (out[0], out[1]),
    multi=True,
    batch=_batching.leading,
)
LINALG_QR = results("linalg_qr", "Q", "R")
QR = results("qr", "Q", "R")


@public("linalg.qr")
def linalg_qr(A: Tensor, mode: str = "reduced", *, out: Any = None) -> Any:
    """QR decomposition ``A = Q R``.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``, floating point or complex.
    mode : {"reduced", "complete", "r"}
        Whether `Q` is ``m`` by ``min(m, n)``, ``m`` by ``m``, or left out (empty).
    out : tuple of Tensor, optional
        Take the results.

    Returns
    -------
    Q, R : Tensor

    Raises
    ------
    RuntimeError
        For an unknown mode; in backward for modes without derivative.

    Examples
    --------
    >>> import derivo
    >>> q, r = derivo.linalg.qr(derivo.eye(2))
    >>> (q @ r).allclose(derivo.eye(2))
    True
    """
    check_matrix("qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"[qr] qr received unrecognized mode '{mode}' but expected one of "
            "'reduced' (default), 'r', or 'complete'"
        )
    return hand_out("linalg_qr", out, LINALG_QR(*_QR((A,), mode)))


@public("qr", "Tensor.qr")
def qr(input: Tensor, some: bool = True, *, out: Any = None) -> Any:
    """QR decomposition; see `linalg.qr`.

    Examples
    --------
    >>> import derivo
    >>> derivo.qr(derivo.eye(2)).Q.shape
    torch.Size([2, 2])
    """
    made = linalg_qr(input, "reduced" if some else "complete")
    return hand_out("qr", out, QR(*made))


# ------------------------------------------------------------------ Hermitian matrices


def _eigh(a: Tensor, lower: Any) -> tuple[Tensor, Tensor]:
    import numpy as np

    values, vectors = np.linalg.eigh(take(a), lower)
    return give(values), give(vectors)


def _eigh_vjp(ctx: Any, gs: Any, lower: str) -> Any:
    values, vectors = ctx.saved
    g_values, g_vectors = gs
    if g_values is None and g_vectors is None:
        return None
    if g_vectors is None:
        inner = g_values.unsqueeze(-2).to(vectors.dtype)
        return (vectors * inner) @ vectors.mH
    seen = vectors.mH @ g_vectors
    if vectors.is_complex():
        _check_phase("linalg_eigh", diagonal(seen).imag)
    inner = _off_diagonal(seen) / _gaps(values)
    if g_values is not None:
        inner = inner + g_values.to(inner.dtype).diag_embed()
    return vectors @ inner @ vectors.mH


def _check_phase(name: str, imaginary: Tensor) -> None:
    # Singular and eigenvectors are known up to a factor of size one only. A gradient
    # that is itself differentiated may be any (forward mode transposes this).
    if imaginary.requires_grad:
        return
    plain = _batching.everything(imaginary)
    if plain.numel() and bool((plain.abs() > 1e-2).any()):
        raise RuntimeError(
            f"[{name}] {name}_backward: The eigenvectors in the complex case are "
            "specified up to multiplication by e^{i phi}. The specified loss function "
            "depends on this quantity, so it is ill-defined."
        )


_EIGH = Primitive(
    "linalg_eigh",
    node="LinalgEighBackward0",
    forward=_eigh,
    vjp=_eigh_vjp,
    save=lambda needs, inputs, out, params: (out[0], out[1]),
    multi=True,
    batch=_batching.leading,
)
EIGH = results("linalg_eigh", "eigenvalues", "eigenvectors")


def _lower(name: str, uplo: str) -> str:
    if not isinstance(uplo, str) or uplo.upper() not in ("L", "U"):
        raise RuntimeError(
            f"[{name}] Expected UPLO argument to be 'L' or 'U', but got {uplo}"
        )
    return uplo.upper()


@public("linalg.eigh")
def eigh(A: Tensor, UPLO: str = "L", *, out: Any = None) -> Any:
    """Eigenvalues and eigenvectors of Hermitian matrices.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, n, n)``, floating point or complex.
    UPLO : {"L", "U"}
        Which triangle is read.
    out : tuple of Tensor, optional
        Take the results.

    Returns
    -------
    eigenvalues : Tensor
        Real, ascending, of shape ``(*, n)``.
    eigenvectors : Tensor
        In columns.

    Notes
    -----
    **Derivative**: ``V (diag(g) + (V^H G) / E) V^H`` with ``E_ij = w_j - w_i``; that of
    eigenvectors needs distinct eigenvalues.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[1.0, 0.0], [0.0, 2.0]], requires_grad=True)
    >>> derivo.linalg.eigh(a).eigenvalues.sum().backward()
    >>> a.grad
    tensor([[1., 0.],
            [0., 1.]])
    """
    check_matrix("eigh", A, square=True)
    return hand_out("linalg_eigh", out, EIGH(*_EIGH((A,), _lower("eigh", UPLO))))


@public("linalg.eigvalsh")
def eigvalsh(A: Tensor, UPLO: str = "L", *, out: Tensor | None = None) -> Tensor:
    """Eigenvalues of Hermitian matrices; see `linalg.eigh`.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.eigvalsh(derivo.eye(2))
    tensor([1., 1.])
    """
    check_matrix("eigvalsh", A, square=True)
    made: Tensor = _EIGH((A,), _lower("eigvalsh", UPLO))[0]
    return made if out is None else write_out(out, made, "linalg_eigvalsh")


# ------------------------------------------------------------------ singular values


def _svd(a: Tensor, full: bool) -> tuple[Tensor, Tensor, Tensor]:
    import numpy as np

    u, s, vh = np.linalg.svd(take(a), full_matrices=full)
    return give(u), give(s), give(vh)


def _svd_vjp(ctx: Any, gs: Any, full: bool) -> Any:
    u, s, vh = ctx.saved
    gu, g_s, gvh = gs
    if gu is None and g_s is None and gvh is None:
        return None
    m, n = u.shape[-2], vh.shape[-1]
    k = s.shape[-1]
    if full and m != n:
        u, vh = u[..., :k], vh[..., :k, :]
        gu = None if gu is None else gu[..., :k]
        gvh = None if gvh is None else gvh[..., :k, :]
    if gu is None and gvh is None:
        return (u * g_s.unsqueeze(-2).to(u.dtype)) @ vh
    left = None if gu is None else u.mH @ gu
    right = None if gvh is None else vh @ gvh.mH
    if u.is_complex():
        phase: Any = 0
        for part in (left, right):
            if part is not None:
                phase = phase + diagonal(part).imag
        _check_phase("svd", phase)
    column, row = s.unsqueeze(-1), s.unsqueeze(-2)
    gaps = _gaps(s, row + column)
    inner: Any = 0
    if left is not None:
        inner = (skew(left) / gaps) * row
    if right is not None:
        inner = inner + column * (skew(right) / gaps)
    inner = _off_diagonal(inner)
    if g_s is not None:
        inner = inner + g_s.to(u.dtype).diag_embed()
    if u.is_complex() and left is not None:
        inner = inner + turned(diagonal(left).imag / s).diag_embed()
    made = u @ inner
    if gu is not None and m > k:
        rest = gu / row
        made = made + rest - u @ (u.mH @ rest)
    made = made @ vh
    if gvh is not None and n > k:
        rest = gvh / column
        made = made + u @ (rest - (rest @ vh.mH) @ vh)
    return made


_SVD = Primitive(
    "linalg_svd",
    node="LinalgSvdBackward0",
    forward=_svd,
    vjp=_svd_vjp,
    save=lambda needs, inputs, out, params: tuple(out),
    multi=True,
    batch=_batching.leading,
)
LINALG_SVD = results("linalg_svd", "U", "S", "Vh")
SVD = results("svd", "U", "S", "V")


@public("linalg.svd")
def svd(
    A: Tensor, full_matrices: bool = True, *, driver: str | None = None, out: Any = None
) -> Any:
    """Singular value decomposition ``A = U diag(S) Vh``.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``, floating point or complex.
    full_matrices : bool, default True
        Whether `U` and `Vh` are square.
    driver : None
        Of CUDA only.
    out : tuple of Tensor, optional
        Take the results.

    Returns
    -------
    U, S, Vh : Tensor
        `S` is real and descends, of shape ``(*, min(m, n))``.

    Raises
    ------
    RuntimeError
        If `driver` is given; in backward, if the loss depends on the phase of singular
        vectors.

    Notes
    -----
    **Derivative**: Townsend (2016). That of singular vectors needs distinct singular
    values; that of singular values alone, ``U diag(g) Vh``, does not.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[3.0, 0.0], [0.0, 2.0]], requires_grad=True)
    >>> derivo.linalg.svd(a).S.sum().backward()
    >>> a.grad.abs()
    tensor([[1., 0.],
            [0., 1.]])
    """
    check_matrix("svd", A)
    _refuse_driver(driver)
    return hand_out("linalg_svd", out, LINALG_SVD(*_SVD((A,), bool(full_matrices))))


def _refuse_driver(driver: Any) -> None:
    if driver is not None:
        raise RuntimeError(
            "[svd] linalg.svd: keyword argument `driver=` is only supported on CUDA "
            f"inputs with cuSOLVER backend, got driver={driver!r}."
        )


@public("linalg.svdvals")
def svdvals(
    A: Tensor, *, driver: str | None = None, out: Tensor | None = None
) -> Tensor:
    """Singular values, descending; see `linalg.svd`.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.svdvals(derivo.tensor([[3.0, 0.0], [0.0, 4.0]]))
    tensor([4., 3.])
    """
    check_matrix("svdvals", A)
    _refuse_driver(driver)
    made: Tensor = _SVD((A,), False)[1]
    return made if out is None else write_out(out, made, "linalg_svdvals")


@public("svd", "Tensor.svd")
def old_svd(
    input: Tensor, some: bool = True, compute_uv: bool = True, *, out: Any = None
) -> Any:
    """Singular value decomposition ``input = U diag(S) V^H``; see `linalg.svd`.

    Parameters
    ----------
    input : Tensor
        Of shape ``(*, m, n)``.
    some : bool, default True
        Whether `U` and `V` have ``min(m, n)`` columns.
    compute_uv : bool, default True
        False: `U` and `V` are zeros.
    out : tuple of Tensor, optional
        Take the results.

    Examples
    --------
    >>> import derivo
    >>> derivo.svd(derivo.eye(2)).S
    tensor([1., 1.])
    """
    check_matrix("svd", input)
    u, s, vh = _SVD((input,), not some)
    if not compute_uv:
        from derivo.ops.creation import zeros

        lead, (m, n) = input.shape[:-2], input.shape[-2:]
        u, vh = (zeros((*lead, k, k), dtype=input.dtype) for k in (m, n))
    return hand_out("svd", out, SVD(u, s, vh.mH))


# ------------------------------------------------------------------ other matrices


def _eig(a: Tensor) -> tuple[Tensor, Tensor]:
    import numpy as np

    values, vectors = np.linalg.eig(take(a))
    kind = complex_of(a.dtype).name
    return (
        give(np.asarray(values, dtype=kind)),
        give(np.asarray(vectors, dtype=kind)),
    )


def _eig_vjp(ctx: Any, gs: Any) -> Any:
    values, vectors = ctx.saved
    g_values, g_vectors = gs
    if g_values is None and g_vectors is None:
        return None
    if g_vectors is None:
        inner = g_values.diag_embed()
    else:
        seen = vectors.mH @ g_vectors
        _check_phase("linalg_eig", diagonal(seen).imag)
        overlap = vectors.mH @ vectors
        inner = seen - overlap * diagonal(seen).real.to(seen.dtype).unsqueeze(-2)
        inner = _off_diagonal(inner) / _gaps(values).conj()
        if g_values is not None:
            inner = inner + g_values.diag_embed()
    from derivo.ops.linalg.solving import _SOLVE

    made = _SOLVE((vectors.mH, inner @ vectors.mH), True)[0]
    return made if ctx.dtype.is_complex else made.real


_EIG = Primitive(
    "linalg_eig",
    node="LinalgEigBackward0",
    forward=_eig,
    vjp=_eig_vjp,
    save=lambda needs, inputs, out, params: (out[0], out[1]),
    multi=True,
    batch=_batching.leading,
)
EIG = results("linalg_eig", "eigenvalues", "eigenvectors")


def _check_finite(name: str, a: Tensor) -> None:
    plain = _batching.everything(a)
    if plain.numel() and not bool(plain.isfinite().all()):
        raise RuntimeError(
            f"[{name}] torch.linalg.{name}: input tensor should not contain infs or "
            "NaNs."
        )


@public("linalg.eig")
def eig(A: Tensor, *, out: Any = None) -> Any:
    """Eigenvalues and eigenvectors of square matrices.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, n, n)``, floating point or complex.
    out : tuple of Tensor, optional
        Take the results.

    Returns
    -------
    eigenvalues : Tensor
        Complex, in no order.
    eigenvectors : Tensor
        Complex, in columns of norm one.

    Raises
    ------
    RuntimeError
        For infinities and NaN; in backward, if the loss depends on the phase of
        eigenvectors.

    Notes
    -----
    **Derivative**: ``V^-H (diag(g) + ...) V^H``; needs distinct eigenvalues.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.eig(derivo.eye(2)).eigenvalues
    tensor([1.+0.j, 1.+0.j])
    """
    check_matrix("eig", A, square=True)
    _check_finite("eig", A)
    return hand_out("linalg_eig", out, EIG(*_EIG((A,))))


@public("linalg.eigvals")
def eigvals(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Eigenvalues of square matrices; see `linalg.eig`.

    Examples
    --------
    >>> import derivo
    >>> derivo.linalg.eigvals(derivo.eye(2))
    tensor([1.+0.j, 1.+0.j])
    """
    check_matrix("eigvals", A, square=True)
    _check_finite("eigvals", A)
    made: Tensor = _EIG((A,))[0]
    return made if out is None else write_out(out, made, "linalg_eigvals")


# ------------------------------------------------------------------ pseudoinverse


def _pinv(a: Tensor, absolute: Tensor, relative: Tensor, hermitian: bool) -> Tensor:
    import numpy as np

    array = take(a)
    if not array.size:
        return give(np.zeros(array.swapaxes(-1, -2).shape, array.dtype))
    low, rate = take(absolute), take(relative)
    if hermitian:
        values, vectors = np.linalg.eigh(array)
        size = np.abs(values)
        u, vh = vectors, vectors.conj().swapaxes(-1, -2)
    else:
        u, values, vh = np.linalg.svd(array, full_matrices=False)
        size = values
    border = np.maximum(low, rate * size.max(-1))[..., None]
    with np.errstate(all="ignore"):
        inverted = np.where(size > border, 1 / values, 0).astype(values.dtype)
    right = vh.conj().swapaxes(-1, -2) * inverted[..., None, :]
    return give((right @ u.conj().swapaxes(-1, -2)).astype(array.dtype))


def pinv_gradient(a: Tensor, p: Tensor, g: Tensor) -> Tensor:
    """Golub and Pereyra (1973), "The differentiation of pseudo-inverses"."""
    ph, gh = p.mH, g.mH
    made = -(ph @ g @ ph)
    left = gh @ (p @ ph)
    made = made + left - a @ (p @ left)
    right = (ph @ p) @ gh
    return made + right - (right @ p) @ a


def _pinv_vjp(ctx: Any, g: Tensor, hermitian: bool) -> tuple[Tensor, None, None]:
    a, inverse = ctx.saved
    return pinv_gradient(a, inverse, g), None, None


_PINV = Primitive(
    "linalg_pinv",
    node="LinalgPinvBackward0",
    forward=_pinv,
    vjp=_pinv_vjp,
    save=(0, "out"),
    batch=_batching.leading,
    edges=1,
)


def tolerances(a: Tensor, atol: Any, rtol: Any, name: str) -> tuple[Tensor, Tensor]:
    """Absolute and relative border below which singular values count as zero."""
    from derivo._core.tensor import TensorBase
    from derivo._info import finfo
    from derivo.ops.creation import full

    kind = real_of(a.dtype)
    given = atol is not None
    if rtol is None:
        rtol = 0.0 if given and not isinstance(atol, TensorBase) and atol > 0 else None
    if rtol is None:
        rtol = max(a.shape[-2:], default=0) * finfo(a.dtype).eps
        if isinstance(atol, TensorBase):
            rtol = FUNCTIONS["where"](atol > 0, 0.0, rtol)
    made = []
    for value in (0.0 if atol is None else atol, rtol):
        if isinstance(value, TensorBase):
            if value.is_complex():
                raise RuntimeError(
                    f"[{name}] linalg.{name}: atol and rtol tensors of complex type "
                    "are not supported: they are compared with singular values."
                )
            t = value.to(kind)
        else:
            t = full((), float(value), dtype=kind)
        made.append(t.expand(a.shape[:-2]) if t.dim() < a.dim() - 2 else t)
    return made[0], made[1]


@public("linalg.pinv")
def pinv(
    A: Tensor,
    rcond: Any = None,
    hermitian: bool = False,
    *,
    atol: Any = None,
    rtol: Any = None,
    out: Tensor | None = None,
) -> Tensor:
    """Pseudoinverse (Moore-Penrose inverse) of matrices.

    Parameters
    ----------
    A : Tensor
        Of shape ``(*, m, n)``, floating point or complex.
    rcond : float or Tensor, optional
        Older name of `rtol`.
    hermitian : bool, default False
        Whether the matrices are Hermitian; one triangle is read then.
    atol, rtol : float or Tensor, optional
        Singular values up to ``max(atol, rtol * largest)`` count as zero. `rtol` is
        ``max(m, n) * eps`` if neither is given.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Of shape ``(*, n, m)``.

    Notes
    -----
    **Derivative**: Golub and Pereyra (1973), for matrices of locally constant rank.

    Examples
    --------
    >>> import derivo
    >>> a = derivo.tensor([[2.0], [0.0]], requires_grad=True)
    >>> derivo.linalg.pinv(a).sum().backward()
    >>> a.grad
    tensor([[-0.2500],
            [ 0.2500]])
    """
    check_matrix("pinv", A, square=hermitian)
    if rtol is None and rcond is not None:
        rtol = rcond
    low, rate = tolerances(A, atol, rtol, "pinv")
    a = A
    if low.dim() > A.dim() - 2 or rate.dim() > A.dim() - 2:
        lead = max(tuple(low.shape), tuple(rate.shape), key=len)
        a = A.expand(*lead, *A.shape[-2:])
    made: Tensor = _PINV((a, low.detach(), rate.detach()), bool(hermitian))
    return made if out is None else write_out(out, made, "linalg_pinv")


@public("pinverse", "Tensor.pinverse")
def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    """Pseudoinverse of matrices; see `linalg.pinv`.

    Examples
    --------
    >>> import derivo
    >>> derivo.pinverse(2 * derivo.eye(2))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.5000]])
    """
    return pinv(input, rtol=rcond)
