"""Variances, norms, products and other reductions made of several steps."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

from derivo._core.primitive import Primitive
from derivo._core.reduce import reduced_dims
from derivo._core.tensor import TensorBase, dtypes
from derivo.ir import scalar as s
from derivo.ops import _batching
from derivo.ops._reduce import given_dims, program
from derivo.ops._surface import FUNCTIONS, public
from derivo.ops.conversion import cast, write_out
from derivo.ops.extremes import _restore
from derivo.ops.normalization import compute_dtype

if TYPE_CHECKING:
    from derivo import Tensor, dtype

INT64 = dtypes[5]

# ------------------------------------------------------------------ variance


def _var(p: Any, x: Any, correction: Any) -> Any:
    mean, m2 = p.reduce("welford", x)
    return m2 / s.maximum(p.count - correction, 0.0), mean


def _std(p: Any, x: Any, correction: Any) -> Any:
    mean, m2 = p.reduce("welford", x)
    return s.sqrt(m2 / s.maximum(p.count - correction, 0.0)), mean


_PROGRAMS = {
    "var": program("var", _var, "kk", "rk"),
    "std": program("std", _std, "kk", "rk"),
}


def _moment_forward(name: str) -> Any:
    def forward(
        x: Tensor, dims: tuple[int, ...], correction: float, keepdim: bool
    ) -> tuple[Tensor, ...]:
        count = math.prod(x.shape[d] for d in dims)
        if count - correction <= 0:
            warnings.warn(
                f"{name}(): degrees of freedom is <= 0. Correction should be strictly "
                "less than the reduction factor (input numel divided by output numel).",
                UserWarning,
                stacklevel=5,
            )
        if x.is_complex():
            # Of real and imaginary parts; only the variances add up.
            from derivo.ops.complex import complex_

            re, im = (
                _moment_of("var", part, dims, correction, keepdim)
                for part in (x.real, x.imag)
            )
            total = re[0] + im[0]
            return (total if name == "var" else total.sqrt()), complex_(re[1], im[1])
        return _moment_of(name, x, dims, correction, keepdim)

    return forward


def _moment_of(
    name: str, x: Tensor, dims: tuple[int, ...], correction: float, keepdim: bool
) -> tuple[Tensor, ...]:
    made: tuple[Tensor, ...] = _PROGRAMS[name](
        [x, float(correction)], dims, [x.dtype] * 2, compute_dtype(x), keepdim
    )
    if math.prod(x.shape[d] for d in dims) == 0:
        made[1].fill_(math.nan)
    return made


def _freedom(shape: tuple[int, ...], dims: tuple[int, ...], correction: float) -> float:
    n = math.prod(shape[d] for d in dims) - correction
    return n if n > 0 else 0.0


def _spread_moment(
    g: Tensor, x: Tensor, dims: tuple[int, ...], correction: float, keepdim: bool
) -> Tensor:
    n = _freedom(tuple(x.shape), dims, correction)
    g = _restore(g, dims, keepdim)
    centred = x - x.mean(dims, True) if dims else x - x
    return g * centred * (2.0 / n if n else math.inf)


def _var_vjp(
    ctx: Any, gs: Any, dims: Any, correction: float, keepdim: bool
) -> Tensor | None:
    (x,) = ctx.saved
    out = None
    if gs[0] is not None:
        out = _spread_moment(gs[0], x, dims, correction, keepdim)
    if gs[1] is not None:
        out = _add_mean(out, gs[1], x, dims, keepdim)
    return out


def _add_mean(
    out: Tensor | None, g: Tensor, x: Tensor, dims: tuple[int, ...], keepdim: bool
) -> Tensor:
    count = max(math.prod(x.shape[d] for d in dims), 1)
    part = (_restore(g, dims, keepdim) / count).expand(x.shape)
    return part if out is None else out + part


def _std_vjp(
    ctx: Any, gs: Any, dims: Any, correction: float, keepdim: bool
) -> Tensor | None:
    x, std = ctx.saved
    out = None
    if gs[0] is not None:
        # Where the deviation is zero, so is the gradient.
        half = (gs[0] / (std * 2)).masked_fill(std == 0, 0)
        out = _spread_moment(half, x, dims, correction, keepdim)
    if gs[1] is not None:
        out = _add_mean(out, gs[1], x, dims, keepdim)
    return out


def _moment(name: str, node: str, vjp: Any, both: bool) -> Any:
    save = (
        (lambda needs, inputs, out, params: (inputs[0],))
        if name == "var"
        else (lambda needs, inputs, out, params: (inputs[0], out[0]))
    )
    if both:
        return Primitive(
            name,
            node=node,
            forward=_moment_forward(name),
            vjp=vjp,
            save=save,
            multi=True,
            batch=_batching.along(0),
        )
    forward = _moment_forward(name)
    return Primitive(
        name,
        node=node,
        forward=lambda *args: forward(*args)[0],
        vjp=lambda ctx, g, *params: vjp(ctx, (g, None), *params),
        save=(0,) if name == "var" else (0, "out"),
        batch=_batching.along(0),
    )


_VAR = _moment("var", "VarBackward0", _var_vjp, False)
_STD = _moment("std", "StdBackward0", _std_vjp, False)
_VAR_MEAN = _moment("var", "VarMeanBackward0", _var_vjp, True)
_STD_MEAN = _moment("std", "StdMeanBackward0", _std_vjp, True)


def _publish_moment(name: str, primitive: Any, both: bool) -> Any:
    def function(
        input: Tensor,
        dim: Any = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
        out: Any = None,
    ) -> Any:
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if unbiased is not None and correction is not None:
            raise TypeError(
                f"[{name}] received both unbiased and correction: give one of them."
            )
        if correction is None and unbiased is None and (dim is not None or keepdim):
            unbiased = True
        given = {
            "dim": given_dims(dim, input.dim()),
            "correction": correction if unbiased is None else int(unbiased),
        }
        if correction is None:
            correction = 1.0 if unbiased is None else float(unbiased)
        if not (input.is_floating_point() or input.is_complex()):
            raise RuntimeError(
                f"[{name}] std and var only support floating point and complex dtypes, "
                f"got {input.dtype}."
            )
        dims = reduced_dims(dim, input.dim())
        made = primitive((input,), dims, float(correction), keepdim, given=given)
        if out is None:
            return tuple(made) if both else made
        if both:
            return tuple(write_out(o, m) for o, m in zip(out, made, strict=True))
        return write_out(out, made, name)

    what = {
        "var": "Variance",
        "std": "Standard deviation",
        "var_mean": "Variance and mean",
        "std_mean": "Standard deviation and mean",
    }[name]
    function.__doc__ = f"""{what} of all elements or along dimensions.

    Parameters
    ----------
    input : Tensor
        Floating point or complex; a variance is real.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    unbiased : bool, optional
        Older form of ``correction=1`` (True) or ``correction=0`` (False).
    keepdim : bool, default False
        Keep them with size one.
    correction : number, default 1
        What is subtracted from the number of elements.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    Computed in one pass by Welford's method, combined pairwise (Chan et al., 1979).

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 3.0], requires_grad=True)
    >>> derivo.var(x).backward()
    >>> x.grad
    tensor([-2.,  2.])
    """
    names = (name, f"Tensor.{name}") if not both else (name,)
    return public(*names)(function)


var = _publish_moment("var", _VAR, False)
std = _publish_moment("std", _STD, False)
var_mean = _publish_moment("var_mean", _VAR_MEAN, True)
std_mean = _publish_moment("std_mean", _STD_MEAN, True)

# ------------------------------------------------------------------ product

_PROD = program("prod", lambda p, x: p.reduce("mul", x), "k", "r")


def _complex_product(x: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    """Multiply neighbours until one number is left of each dimension."""
    from derivo import ones

    for d in sorted(dims, reverse=True):
        if x.dim() == 0:
            break
        if x.shape[d] == 0:
            shape = [*x.shape[:d], 1, *x.shape[d + 1 :]]
            x = ones(shape, dtype=x.dtype)
        while (n := x.shape[d]) > 1:
            pairs = x.narrow(d, 0, n // 2) * x.narrow(d, n // 2, n // 2)
            if n % 2:
                # The odd one out joins the first.
                pairs.narrow(d, 0, 1).mul_(x.narrow(d, n - 1, 1))
            x = pairs
        if not keepdim:
            x = x.squeeze(d)
    return x.clone()


def _prod_forward(x: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    if x.is_complex():
        return _complex_product(x, dims, keepdim)
    made: Tensor = _PROD([x], dims, [x.dtype], compute_dtype(x), keepdim)
    return made


def _prod_vjp(ctx: Any, g: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    x, out = (t.conj() for t in ctx.saved)
    if x.dim() == 0:
        return g
    if bool(_batching.everything(x.detach() != 0).all()):
        return _restore(g * out, dims, keepdim) / x
    # The product of all others, exact where elements are zero: exclusive products
    # from both sides.
    if len(dims) > 1 or len(dims) == x.dim():
        kept = [d for d in range(x.dim()) if d not in dims]
        order = [*kept, *dims]
        flat = x.permute(order).reshape([x.shape[d] for d in kept] + [-1])
        others = _others(flat, flat.dim() - 1)
        wide = others.reshape([x.shape[d] for d in order])
        inverse = sorted(range(len(order)), key=order.__getitem__)
        return _restore(g, dims, keepdim) * wide.permute(inverse)
    return _restore(g, dims, keepdim) * _others(x, dims[0])


def _others(x: Tensor, dim: int) -> Tensor:
    from derivo import cat, cumprod, ones_like

    n = x.shape[dim]
    one = ones_like(x.narrow(dim, 0, 1))
    left = cat([one, x.narrow(dim, 0, n - 1)], dim)
    right = cat([one, x.flip(dim).narrow(dim, 0, n - 1)], dim)
    return cumprod(left, dim) * cumprod(right, dim).flip(dim)


_PROD_ALL = Primitive(
    "prod",
    node="ProdBackward0",
    forward=_prod_forward,
    vjp=_prod_vjp,
    save=(0, "out"),
    batch=_batching.along(0),
)
_PROD_DIM = Primitive(
    "prod",
    node="ProdBackward1",
    forward=_prod_forward,
    vjp=_prod_vjp,
    save=(0, "out"),
    batch=_batching.along(0),
)


@public("prod", "Tensor.prod")
def prod(
    input: Tensor,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Product of elements, of all or along a dimension.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    dim : int, optional
        The dimension; all if not given.
    keepdim : bool, default False
        Keep it with size one.
    dtype : dtype, optional
        Convert to it first. Integers and bool are multiplied as int64 by default.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    **Derivative** the product of all other elements, also where some are zero.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([2.0, 0.0, 3.0], requires_grad=True)
    >>> x.prod().backward()
    >>> x.grad
    tensor([0., 6., 0.])
    """
    if dtype is None and not (input.is_floating_point() or input.is_complex()):
        dtype = INT64
    if dtype is not None:
        input = cast(input, dtype)
    dims = reduced_dims(dim, input.dim())
    made: Tensor = (_PROD_ALL if dim is None else _PROD_DIM)((input,), dims, keepdim)
    return made if out is None else write_out(out, made, "prod")


# ------------------------------------------------------------------ logsumexp


def _logsumexp(p: Any, x: Any) -> Any:
    m = p.reduce("max", x)
    # An infinite maximum would give inf - inf.
    m = s.where(s.isinf(m), 0.0, m)
    return s.log(p.reduce("add", s.exp(x - m))) + m


_LOGSUMEXP = program("logsumexp", _logsumexp, "k", "r")


def _logsumexp_vjp(ctx: Any, g: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    x, out = ctx.saved
    share = (x - _restore(out, dims, keepdim)).exp()
    return _restore(g, dims, keepdim) * share.conj()


def _logsumexp_forward(x: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    if any(x.shape[d] == 0 for d in dims):
        from derivo import full

        shape = [
            1 if d in dims else n
            for d, n in enumerate(x.shape)
            if keepdim or d not in dims
        ]
        return full(shape, -math.inf, dtype=x.dtype)
    if x.is_complex():
        top = x.real.amax(dims, True) if x.dim() else x.real
        top = top.masked_fill(top.isinf(), 0)
        made: Tensor = (x - top).exp().sum(dims, True).log() + top
        return made if keepdim or not dims else made.squeeze(dims)
    made = _LOGSUMEXP([x], dims, [x.dtype], compute_dtype(x), keepdim)
    return made


LOGSUMEXP = Primitive(
    "logsumexp",
    node="LogsumexpBackward0",
    forward=_logsumexp_forward,
    vjp=_logsumexp_vjp,
    save=(0, "out"),
    batch=_batching.along(0),
)


@public("logsumexp", "Tensor.logsumexp", "special.logsumexp")
def logsumexp(
    input: Tensor, dim: Any, keepdim: bool = False, *, out: Tensor | None = None
) -> Tensor:
    """Logarithm of the sum of exponentials, without overflow.

    Parameters
    ----------
    input : Tensor
        Integers become the default dtype.
    dim : int or tuple of int
        Dimensions to reduce.
    keepdim : bool, default False
        Keep them with size one.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    **Derivative** ``g * softmax(x)``.

    Examples
    --------
    >>> import derivo
    >>> derivo.logsumexp(derivo.zeros(2), 0)
    tensor(0.6931)
    """
    from derivo import get_default_dtype

    if not (input.is_floating_point() or input.is_complex()):
        input = cast(input, get_default_dtype())
    dims = reduced_dims(dim, input.dim())
    given = {"dim": given_dims(dim, input.dim())}
    made: Tensor = LOGSUMEXP((input,), dims, keepdim, given=given)
    return made if out is None else write_out(out, made, "logsumexp")


# ------------------------------------------------------------------ norms

_NORMS = {
    0.0: program(
        "norm0", lambda p, x: p.reduce("add", s.where(x == 0, 0.0, 1.0)), "k", "r"
    ),
    1.0: program("norm1", lambda p, x: p.reduce("add", s.abs(x)), "k", "r"),
    2.0: program(
        "norm2",
        lambda p, x: s.sqrt(
            p.reduce(
                "add",
                s.cast(x, "float64") * s.cast(x, "float64"),
                dtype="float64",
                result="float64",
            )
        ),
        "k",
        "r",
    ),
    math.inf: program("norm_inf", lambda p, x: p.reduce("max", s.abs(x)), "k", "r"),
    -math.inf: program("norm_ninf", lambda p, x: p.reduce("min", s.abs(x)), "k", "r"),
}
_NORM_P = program(
    "norm_p",
    lambda p, x, order: s.pow(p.reduce("add", s.pow(s.abs(x), order)), 1 / order),
    "k",
    "rk",
)


def _norm_forward(
    x: Tensor, order: float, dims: tuple[int, ...], keepdim: bool
) -> Tensor:
    if x.is_complex():
        x = x.abs()
    op = _NORMS.get(order)
    inputs = [x] if op is not None else [x, float(order)]
    made: Tensor = (op or _NORM_P)(inputs, dims, [x.dtype], compute_dtype(x), keepdim)
    return made


def _norm_vjp(
    ctx: Any, g: Tensor, order: float, dims: tuple[int, ...], keepdim: bool
) -> Tensor | None:
    x, out = ctx.saved
    g, out = _restore(g, dims, keepdim), _restore(out, dims, keepdim)
    if order == 0.0:
        # PyTorch gives none rather than zeros to the counting "norm".
        return None
    if order == 1.0:
        return g * x.sgn()
    if order == 2.0:
        return g * (x / out).masked_fill(out == 0, 0)
    if math.isinf(order):
        mask = (x.abs() == out).logical_or(x.isnan().logical_and(out.isnan()))
        share = cast(mask, g.dtype)
        count = share.sum(dims, True) if dims else share
        return x.sgn() * (g / count) * share
    if order < 1.0:
        scale = x.sgn() * x.abs().pow(order - 1).masked_fill(x == 0, 0)
        return scale * (g * out.pow(1 - order))
    if order < 2.0:
        scale = x.sgn() * x.abs().pow(order - 1)
        return scale * (g / out.pow(order - 1)).masked_fill(out == 0, 0)
    scale = x * x.abs().pow(order - 2)
    return scale * (g / out.pow(order - 1)).masked_fill(out == 0, 0)


VECTOR_NORM, NORM = (
    Primitive(
        name,
        node=node,
        forward=_norm_forward,
        vjp=_norm_vjp,
        save=(0, "out"),
        batch=_batching.along(1),
    )
    for name, node in (
        ("linalg_vector_norm", "LinalgVectorNormBackward0"),
        ("norm", "NormBackward1"),
    )
)


def _norm_along(x: Tensor, order: float, dim: Any, keepdim: bool) -> Tensor:
    dims = reduced_dims(dim, x.dim())
    # All dimensions are shown if they were given, in their order.
    shown = None
    if dim is not None:
        given = (dim,) if isinstance(dim, int) else dim
        shown = tuple([d % (x.dim() or 1) for d in given])
    made: Tensor = VECTOR_NORM((x,), order, dims, keepdim, given={"dim": shown})
    return made


@public("linalg.vector_norm")
def vector_norm(
    x: Tensor,
    ord: float = 2,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: dtype | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Vector norm of all elements or along dimensions.

    Parameters
    ----------
    x : Tensor
        Floating point.
    ord : number, default 2
        Order: ``sum(|x|**ord) ** (1/ord)``; inf, -inf: largest, smallest absolute
        value; 0: number of nonzero elements.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    **Derivative** zero where the norm is zero.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([3.0, 4.0], requires_grad=True)
    >>> derivo.linalg.vector_norm(x).backward()
    >>> x.grad
    tensor([0.6000, 0.8000])
    """
    if not isinstance(x, TensorBase):
        raise TypeError(
            f"[vector_norm] argument 'x' must be Tensor, not {type(x).__name__}."
        )
    if dtype is not None:
        x = cast(x, dtype)
    if not (x.is_floating_point() or x.is_complex()):
        raise RuntimeError(
            "[vector_norm] linalg.vector_norm: Expected a floating point or complex "
            f"tensor as input. Got {x.dtype}."
        )
    dims = reduced_dims(dim, x.dim())
    order = ord if type(ord) is int else float(ord)
    if (order < 0 or math.isinf(order)) and any(
        x.shape[d] == 0 for d in dims if x.dim()
    ):
        raise RuntimeError(
            f"[vector_norm] linalg.vector_norm cannot compute the {order} norm on an "
            "empty dimension: the operation does not have an identity."
        )
    made = _norm_along(x, order, dim, keepdim)
    return made if out is None else write_out(out, made, "vector_norm")


@public("norm", "Tensor.norm")
def norm(
    input: Tensor,
    p: Any = "fro",
    dim: Any = None,
    keepdim: bool = False,
    out: Tensor | None = None,
    dtype: dtype | None = None,
) -> Tensor:
    """Vector norm of all elements or along dimensions (Frobenius by default).

    Parameters
    ----------
    input : Tensor
        Floating point.
    p : number, "fro" or "nuc", default "fro"
        Order of the norm; "nuc" is that of matrices.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    keepdim : bool, default False
        Keep them with size one.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([3.0, 4.0]).norm()
    tensor(5.)
    """
    if p == "nuc":
        nuclear: Tensor = FUNCTIONS["linalg.matrix_norm"](
            input, p, (-2, -1) if dim is None else dim, keepdim, dtype=dtype
        )
        return nuclear if out is None else write_out(out, nuclear, "norm")
    order = 2 if p in ("fro", None) else p if type(p) is int else float(p)
    if dtype is not None:
        input = cast(input, dtype)
    made = _norm_along(input, order, dim, keepdim)
    return made if out is None else write_out(out, made, "norm")
