"""Distances between vectors, renormalisation, covariances."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from derivo._core.dispatch import result_type
from derivo._core.primitive import Primitive
from derivo._core.tensor import _check_dim, dtypes
from derivo.ops import _batching
from derivo.ops._numbers import times
from derivo.ops._surface import public
from derivo.ops.conversion import cast, write_out
from derivo.ops.moments import VECTOR_NORM

if TYPE_CHECKING:
    from derivo import Tensor

INT64, FLOAT64 = dtypes[5], dtypes[9]
_AT_ONCE = 1 << 22
"""Differences are held for so many elements at a time."""


def _lengths(x: Tensor, p: float, dim: int) -> Tensor:
    made: Tensor = VECTOR_NORM((x,), p, (dim % x.dim(),), False)
    return made


def distance_slope(between: Tensor, out: Tensor, g: Tensor, p: float) -> Tensor:
    """Gradient of the differences of points of which `out` are the distances."""
    made: Tensor
    if p == 0.0:
        made = between * 0
    elif p == 1.0:
        made = g.unsqueeze(-1) * between.sgn()
    elif math.isinf(p):
        far = between.abs() == out.unsqueeze(-1)
        made = g.unsqueeze(-1) * between.sgn() * cast(far, g.dtype)
    else:
        # Zero where the points meet.
        scale = (g / out.pow(p - 1)).masked_fill(out == 0, 0).unsqueeze(-1)
        power = between.abs().pow(p - 1).masked_fill(between == 0, 0)
        made = scale * between.sgn() * power
    return made


# ---------------------------------------------------------------------- cdist


def _cdist_forward(x1: Tensor, x2: Tensor, p: float) -> Tensor:
    from derivo import broadcast_shapes, cat

    n, m = x1.shape[-2], x2.shape[-2]
    lead = broadcast_shapes(tuple(x1.shape[:-2]), tuple(x2.shape[:-2]))
    batch = math.prod(lead)
    width = x1.shape[-1]
    if 0 in (n, m, batch, width):
        empty: Tensor = x1.new_zeros((*lead, n, m))
        return empty
    rows = max(_AT_ONCE // (batch * m * width), 1)
    parts = [
        _lengths(
            x1.narrow(-2, i, min(rows, n - i)).unsqueeze(-2) - x2.unsqueeze(-3), p, -1
        )
        for i in range(0, n, rows)
    ]
    made: Tensor = parts[0] if len(parts) == 1 else cat(parts, -2)
    return made


def _cdist_vjp(ctx: Any, g: Tensor, p: float) -> Any:
    x1, x2, out = ctx.saved
    if x1.numel() == 0 or x2.numel() == 0:
        return x1 * 0, x2 * 0
    slope = distance_slope(x1.unsqueeze(-2) - x2.unsqueeze(-3), out, g, p)
    return (
        slope.sum(-2).sum_to_size(x1.shape) if ctx.needs[0] else None,
        -slope.sum(-3).sum_to_size(x2.shape) if ctx.needs[1] else None,
    )


_CDIST = Primitive(
    "cdist",
    node="CdistBackward0",
    forward=_cdist_forward,
    vjp=_cdist_vjp,
    save=(0, 1, "out"),
    batch=_batching.follows,
)
_MODES = (
    "use_mm_for_euclid_dist_if_necessary",
    "use_mm_for_euclid_dist",
    "donot_use_mm_for_euclid_dist",
)


@public("cdist")
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: Any = None) -> Tensor:
    """Distances between every row of one matrix and every row of another.

    Parameters
    ----------
    x1 : Tensor of shape (..., P, M)
        Floating point.
    x2 : Tensor of shape (..., R, M)
        Of the same dtype; leading dimensions broadcast.
    p : float, default 2
        Of the norm, not negative.
    compute_mode : str, optional
        Accepted; the differences are always formed, which is exact for close points.

    Returns
    -------
    Tensor of shape (..., P, R)

    Raises
    ------
    RuntimeError
        If shapes do not fit or `p` is negative.

    Notes
    -----
    **Derivative** zero where two points meet.

    Examples
    --------
    >>> import derivo
    >>> derivo.cdist(derivo.zeros(1, 2), derivo.tensor([[3.0, 4.0]]))
    tensor([[5.]])
    """
    for name, t in (("X1", x1), ("X2", x2)):
        if not t.is_floating_point():
            raise RuntimeError(
                f"[cdist] cdist only supports floating-point dtypes, {name} got: "
                f"{t.dtype}."
            )
        if t.dim() < 2:
            raise RuntimeError(
                f"[cdist] cdist only supports at least 2D tensors, {name} got: "
                f"{t.dim()}D."
            )
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(
            "[cdist] X1 and X2 must have the same number of columns. X1: "
            f"{x1.shape[-1]} X2: {x2.shape[-1]}."
        )
    if x1.dtype != x2.dtype:
        raise RuntimeError(
            f"[cdist] expected scalar type {x1.dtype} but found {x2.dtype}. Convert "
            "one of them."
        )
    if p < 0:
        raise RuntimeError(
            f"[cdist] cdist only supports non-negative p values, got {p=}."
        )
    if compute_mode not in (None, 0, 1, 2, *_MODES):
        raise ValueError(
            f"[cdist] {compute_mode} is not a valid value for compute_mode: expected "
            f"one of {_MODES}."
        )
    made: Tensor = _CDIST((x1, x2), float(p))
    return made


# ----------------------------------------------------------------------- dist


def _dist_forward(a: Tensor, b: Tensor, p: float) -> Tensor:
    d = a - b
    made: Tensor = VECTOR_NORM((d,), p, tuple(range(d.dim())), False)
    return made


def _dist_vjp(ctx: Any, g: Tensor, p: float) -> Any:
    a, b, out = ctx.saved
    d = a - b
    if p == 0.0:
        slope = d * 0
    elif p == 1.0:
        slope = g * d.sgn()
    elif math.isinf(p):
        share = cast(d.abs() == out, g.dtype)
        slope = d.sgn() * share * (g / share.sum())
    else:
        power = d.abs().pow(p - 1).masked_fill(d == 0, 0)
        slope = d.sgn() * power * (g / out.pow(p - 1)).masked_fill(out == 0, 0)
    return slope.sum_to_size(a.shape), (-slope).sum_to_size(b.shape)


_DIST = Primitive(
    "dist",
    node="DistBackward0",
    forward=_dist_forward,
    vjp=_dist_vjp,
    save=(0, 1, "out"),
    batch=_batching.follows,
)


@public("dist", "Tensor.dist")
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """p-norm of the difference of two tensors.

    Parameters
    ----------
    input, other : Tensor
        Floating point, broadcast together.
    p : float, default 2
        Of the norm.

    Returns
    -------
    Tensor
        0-D.

    Examples
    --------
    >>> import derivo
    >>> derivo.dist(derivo.zeros(2), derivo.tensor([3.0, 4.0]))
    tensor(5.)
    """
    kind = result_type(input, other)
    if not (kind.is_floating_point or kind.is_complex):
        raise RuntimeError(
            "[dist] norm(): input dtype should be either floating point or complex. "
            f"Got {kind}."
        )
    a, b = (t if t.dtype == kind else cast(t, kind) for t in (input, other))
    made: Tensor = _DIST((a, b), p)
    return made


# --------------------------------------------------------------------- renorm


def _factors(x: Tensor, p: float, dim: int, maxnorm: float) -> tuple[Tensor, Tensor]:
    """Norm of each slice, and what it is multiplied by."""
    from derivo import where

    dims = tuple(d for d in range(x.dim()) if d != dim)
    norms = VECTOR_NORM((x,), p, dims, True)
    factor = where(norms > maxnorm, maxnorm / (norms + 1e-7), 1.0)
    return norms, factor


def _renorm_vjp(ctx: Any, g: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    from derivo import where

    (x,) = ctx.saved
    dims = tuple(d for d in range(x.dim()) if d != dim)
    norms = VECTOR_NORM((x,), p, dims, True)
    # d|x|/dx in terms of differentiable operations.
    if p == 1.0:
        unit = x.sgn()
    elif math.isinf(p):
        far = cast(x.abs() == norms, norms.dtype)
        unit = x.sgn() * far / far.sum(dims, True)
    else:
        power = x.abs().pow(p - 1).masked_fill(x == 0, 0)
        unit = x.sgn() * power * norms.pow(1 - p).masked_fill(norms == 0, 0)
    inverse = (norms + 1e-7).reciprocal()
    along = g * x.conj()
    along = (along.real if along.is_complex() else along).sum(dims, True)
    pulled = (g - unit * inverse * along) * inverse * maxnorm
    return where(norms > maxnorm, pulled, g)


_RENORM = Primitive(
    "renorm",
    node="RenormBackward0",
    forward=lambda x, p, dim, m: x * _factors(x, p, dim, m)[1],
    vjp=_renorm_vjp,
    save=(0,),
    batch=_batching.follows,
)


@public("renorm", "Tensor.renorm")
def renorm(
    input: Tensor, p: float, dim: int, maxnorm: float, *, out: Tensor | None = None
) -> Tensor:
    """Scale down the slices of a dimension whose norm exceeds a bound.

    Parameters
    ----------
    input : Tensor
        Floating point, at least 2-D.
    p : float
        Of the norm, positive.
    dim : int
        The dimension.
    maxnorm : float
        The bound.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If `p` is not positive, `maxnorm` negative or `input` of less dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.renorm(derivo.tensor([[3.0, 4.0], [0.3, 0.4]]), 2, 0, 1.0)
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    if p <= 0:
        raise RuntimeError(f"[renorm] renorm: non-positive-norm not supported, {p=}.")
    if maxnorm < 0:
        raise RuntimeError(
            f"[renorm] renorm: expected maxnorm to be >= 0 but got {maxnorm}."
        )
    if input.dim() < 2:
        raise RuntimeError(
            "[renorm] renorm: input needs at least 2 dimensions, got "
            f"{input.dim()} dimensions."
        )
    d = _check_dim(dim, input.dim())
    made: Tensor = _RENORM((input,), p, d, maxnorm)
    return made if out is None else write_out(out, made, "renorm")


@public("Tensor.renorm_")
def renorm_(self: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """In place; see `derivo.renorm`."""
    return self.copy_(renorm(self, p, dim, maxnorm))


# ----------------------------------------------------------------- covariance


def _check_weights(word: str, weights: Tensor, count: int, whole: bool) -> None:
    if weights.dim() > 1:
        raise RuntimeError(
            f"[cov] cov(): expected {word} to have one or fewer dimensions but got "
            f"{word} with {weights.dim()} dimensions."
        )
    floating = weights.is_floating_point()
    if whole and (floating or weights.dtype.name == "bool"):
        raise RuntimeError(
            f"[cov] cov(): expected {word} to have integral dtype but got {word} with "
            f"{weights.dtype} dtype."
        )
    if not whole and not floating:
        raise RuntimeError(
            f"[cov] cov(): expected {word} to have floating point dtype but got {word} "
            f"with {weights.dtype} dtype."
        )
    if weights.numel() != count:
        raise RuntimeError(
            f"[cov] cov(): expected {word} to have the same numel as there are "
            f"observations in the input but got {weights.numel()} != {count}."
        )
    if weights.numel() and bool((weights < 0).any()):
        raise RuntimeError(f"[cov] cov(): {word} cannot be negative.")


@public("cov", "Tensor.cov")
def cov(
    input: Tensor,
    *,
    correction: int = 1,
    fweights: Tensor | None = None,
    aweights: Tensor | None = None,
) -> Tensor:
    """Covariances of variables in rows, of which the columns are observations.

    Parameters
    ----------
    input : Tensor
        At most 2-D; any dtype but bool.
    correction : int, default 1
        What is subtracted from the number of observations.
    fweights : Tensor, optional
        How often each observation was made, integers.
    aweights : Tensor, optional
        How much each observation counts, floating point.

    Returns
    -------
    Tensor of shape (variables, variables)
        A scalar for one variable.

    Raises
    ------
    RuntimeError
        If shapes or dtypes do not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.cov(derivo.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    import warnings

    if input.dim() > 2:
        raise RuntimeError(
            "[cov] cov(): expected input to have two or fewer dimensions but got an "
            f"input with {input.dim()} dimensions."
        )
    if input.dtype.name == "bool":
        raise RuntimeError("[cov] cov(): bool dtype is not supported for input.")
    x = input if input.dim() == 2 else input.view(1, -1)
    count = x.shape[1]
    weights = None
    if fweights is not None:
        _check_weights("fweights", fweights, count, True)
        weights = fweights
    if aweights is not None:
        _check_weights("aweights", aweights, count, False)
        weights = aweights if weights is None else weights * aweights
    if weights is None:
        total: Any = count
        mean = x.sum(1) / total
    else:
        total = weights.sum()
        if count and bool(total == 0):
            raise ZeroDivisionError(
                "[cov] cov(): weights sum to zero, can't be normalized."
            )
        mean = (x * weights).sum(1) / total
    factor = total
    if weights is not None and aweights is not None and correction:
        factor = total - times((weights * aweights).sum(), correction) / total
    elif correction:
        factor = total - correction
    if factor <= 0:
        warnings.warn(
            "cov(): degrees of freedom is <= 0. Correction should be strictly less "
            "than the number of observations.",
            UserWarning,
            stacklevel=2,
        )
        factor = 0
    centred = x - mean.unsqueeze(1)
    other = (centred if weights is None else centred * weights).t()
    kind = result_type(centred, other)
    made: Tensor = cast(centred, kind).mm(cast(other, kind).conj()) / factor
    return made.squeeze()


@public("corrcoef", "Tensor.corrcoef")
def corrcoef(input: Tensor) -> Tensor:
    """Correlation coefficients of variables in rows.

    Parameters
    ----------
    input : Tensor
        At most 2-D; the columns are observations.

    Returns
    -------
    Tensor of shape (variables, variables)
        In [-1, 1]; a scalar for one variable.

    Examples
    --------
    >>> import derivo
    >>> derivo.corrcoef(derivo.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if input.dim() > 2:
        raise RuntimeError(
            "[corrcoef] corrcoef(): expected input to have two or fewer dimensions but "
            f"got an input with {input.dim()} dimensions."
        )
    c = cov(input)
    if c.dim() == 0:
        return c / c
    deviation = c.diagonal().sqrt()
    made: Tensor = c / deviation.view(-1, 1) / deviation.view(1, -1)
    if made.is_complex():
        from derivo.ops.complex import complex_

        return complex_(made.real.clamp(-1, 1), made.imag.clamp(-1, 1))
    made = made.clamp(-1, 1)
    return made
