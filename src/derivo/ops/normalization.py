"""Softmax and layer normalization: one fused kernel each way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from derivo._core.primitive import Primitive
from derivo._core.tensor import TensorBase, _check_dim, dtypes, is_grad_enabled
from derivo.ir import scalar as s
from derivo.ops import _batching
from derivo.ops._reduce import program
from derivo.ops._surface import public
from derivo.ops.conversion import cast, write_out

if TYPE_CHECKING:
    from derivo import Tensor, dtype

FLOAT32 = dtypes[8]


def compute_dtype(t: Tensor) -> dtype:
    """Dtype that kernels over `t` compute in."""
    return FLOAT32 if t.dtype.name in ("float16", "bfloat16") else t.dtype


# ------------------------------------------------------------------ softmax


# Rows are in the cache when they are summed: in blocks of float32, see codegen.folds.


def _sum_of(p: Any, x: Any) -> Any:
    return p.reduce("add", x, dtype=p.compute)


def _softmax(p: Any, x: Any) -> Any:
    m = p.reduce("max", x)
    e = s.exp(x - m)
    if not p.keeps(0):
        return e * (1.0 / _sum_of(p, e))
    # The result's memory keeps the exponentials, so that each is taken once.
    p.store(0, e)
    total = _sum_of(p, e)
    return p.stored(0) * (1.0 / total)


def _log_softmax(p: Any, x: Any) -> Any:
    m = p.reduce("max", x)
    total = _sum_of(p, s.exp(x - m))
    return (x - m) - s.log(total)


def _softmax_backward(p: Any, g: Any, out: Any) -> Any:
    return out * (g - _sum_of(p, g * out))


def _log_softmax_backward(p: Any, g: Any, out: Any) -> Any:
    return g - s.exp(out) * _sum_of(p, g)


_PROGRAMS = {
    "softmax": program("softmax", _softmax, "r", "r"),
    "log_softmax": program("log_softmax", _log_softmax, "r", "r"),
    "softmax_backward": program("softmax_backward", _softmax_backward, "r", "rr"),
    "log_softmax_backward": program(
        "log_softmax_backward", _log_softmax_backward, "r", "rr"
    ),
}


def _forward(name: str) -> Any:
    def forward(x: Tensor, dim: int) -> Tensor:
        dims = (dim,) if x.dim() else ()
        made: Tensor = _PROGRAMS[name]([x], dims, [x.dtype], compute_dtype(x))
        return made

    return forward


def _backward(name: str) -> Any:
    def forward(g: Tensor, out: Tensor, dim: int) -> Tensor:
        dims = (dim,) if out.dim() else ()
        made: Tensor = _PROGRAMS[f"{name}_backward"](
            [g, out], dims, [out.dtype], compute_dtype(out)
        )
        return made

    return forward


def _keep_both(needs: Any, inputs: Any, out: Any, params: Any) -> tuple[Any, ...]:
    return inputs


def _sum(t: Tensor, dim: int) -> Tensor:
    return t.sum(dim, True) if t.dim() else t


def _softmax_backward_vjp(ctx: Any, v: Tensor, dim: int) -> tuple[Any, Any]:
    # out * (g - sum(g * out)) is linear in g with a symmetric matrix.
    g, out = ctx.saved
    own = SOFTMAX_BACKWARD((v, out), dim) if ctx.needs[0] else None
    other = None
    if ctx.needs[1]:
        other = v * (g - _sum(g * out, dim)) - g * _sum(v * out, dim)
    return own, other


def _log_softmax_backward_vjp(ctx: Any, v: Tensor, dim: int) -> tuple[Any, Any]:
    g, out = ctx.saved
    weighted = _sum(v * out.exp(), dim)
    own = v - weighted if ctx.needs[0] else None
    other = -v * out.exp() * _sum(g, dim) if ctx.needs[1] else None
    return own, other


SOFTMAX_BACKWARD = Primitive(
    "softmax_backward",
    node="SoftmaxBackwardDataBackward0",
    forward=_backward("softmax"),
    vjp=_softmax_backward_vjp,
    save=_keep_both,
    batch=_batching.along(0),
)
_LOG_SOFTMAX_BACKWARD = Primitive(
    "log_softmax_backward",
    node="LogSoftmaxBackwardDataBackward0",
    forward=_backward("log_softmax"),
    vjp=_log_softmax_backward_vjp,
    save=_keep_both,
    batch=_batching.along(0),
)
SOFTMAX = Primitive(
    "softmax",
    node="SoftmaxBackward0",
    forward=_forward("softmax"),
    vjp=lambda ctx, g, dim: SOFTMAX_BACKWARD((g, *ctx.saved), dim),
    save=("out",),
    batch=_batching.along(0),
)


def _safe_softmax(x: Tensor, dim: int) -> Tensor:
    made: Tensor = SOFTMAX.forward(x, dim)
    if made.numel() and made.select(dim, 0).isnan().any():
        made.masked_fill_((x == float("-inf")).all(dim, True), 0)
    return made


# Of attention: a row of nothing but -inf, with nothing to attend to, gives zeros.
SAFE_SOFTMAX = Primitive(
    "safe_softmax",
    node="SafeSoftmaxBackward0",
    forward=_safe_softmax,
    vjp=SOFTMAX.vjp,
    save=("out",),
    batch=_batching.along(0),
)
LOG_SOFTMAX = Primitive(
    "log_softmax",
    node="LogSoftmaxBackward0",
    forward=_forward("log_softmax"),
    vjp=lambda ctx, g, dim: _LOG_SOFTMAX_BACKWARD((g, *ctx.saved), dim),
    save=("out",),
    batch=_batching.along(0),
)


def _normalised(
    primitive: Any, name: str, input: Tensor, dim: Any, dtype: Any, out: Any
) -> Tensor:
    if not isinstance(input, TensorBase):
        raise TypeError(
            f"[{name}] argument 'input' must be Tensor, not {type(input).__name__}."
        )
    if dtype is not None:
        input = cast(input, dtype)
    if not input.dtype.is_floating_point:
        raise NotImplementedError(
            f'[{name}] "{name}_lastdim_kernel_impl" not implemented for '
            f"'{_word(input.dtype)}': expected a floating point tensor, got "
            f"{input.dtype}. Pass dtype=."
        )
    made: Tensor = primitive((input,), _check_dim(dim, input.dim()))
    return made if out is None else write_out(out, made, name)


def safe_softmax(input: Tensor, dim: int, dtype: dtype | None = None) -> Tensor:
    """`softmax` with zeros where there is nothing but -inf."""
    return _normalised(SAFE_SOFTMAX, "safe_softmax", input, dim, dtype, None)


def softmax_backward_data(
    grad_output: Tensor, output: Tensor, dim: int, input_dtype: dtype
) -> Tensor:
    """The gradient of `softmax`, from its result."""
    dim = _check_dim(dim, output.dim())
    return cast(SOFTMAX_BACKWARD((grad_output, output), dim), input_dtype)


def _word(dtype: dtype) -> str:
    from derivo._core.promotion import SCALAR_TYPES

    name: str = SCALAR_TYPES[dtype.code]
    return name


@public("softmax", "Tensor.softmax", "special.softmax")
def softmax(
    input: Tensor, dim: int, dtype: dtype | None = None, *, out: Tensor | None = None
) -> Tensor:
    """Exponentials along a dimension, scaled to sum to one.

    Parameters
    ----------
    input : Tensor
        Floating point (or give `dtype`).
    dim : int
        The dimension.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    ``exp(x - max x) / sum(exp(x - max x))``.

    **Derivative** ``out * (g - sum(g * out))``.

    Examples
    --------
    >>> import derivo
    >>> derivo.softmax(derivo.zeros(2), 0)
    tensor([0.5000, 0.5000])
    """
    return _normalised(SOFTMAX, "softmax", input, dim, dtype, out)


@public("log_softmax", "Tensor.log_softmax", "special.log_softmax")
def log_softmax(
    input: Tensor, dim: int, dtype: dtype | None = None, *, out: Tensor | None = None
) -> Tensor:
    """Logarithm of the softmax along a dimension, computed without overflow.

    Parameters
    ----------
    input : Tensor
        Floating point (or give `dtype`).
    dim : int
        The dimension.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    **Derivative** ``g - exp(out) * sum(g)``.

    Examples
    --------
    >>> import derivo
    >>> derivo.log_softmax(derivo.zeros(2), 0)
    tensor([-0.6931, -0.6931])
    """
    return _normalised(LOG_SOFTMAX, "log_softmax", input, dim, dtype, out)


def _default_dim(name: str, rank: int) -> int:
    import warnings

    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to "
        "include dim=X as an argument.",
        UserWarning,
        stacklevel=4,
    )
    return 0 if rank in (0, 1, 3) else 1


@public("nn.functional.softmax")
def softmax_function(
    input: Tensor,
    dim: int | None = None,
    _stacklevel: int = 3,
    dtype: dtype | None = None,
) -> Tensor:
    """Exponentials along a dimension, scaled to sum to one; see `derivo.softmax`."""
    if dim is None:
        dim = _default_dim("softmax", input.dim())
    return softmax(input, dim, dtype)


@public("nn.functional.log_softmax")
def log_softmax_function(
    input: Tensor,
    dim: int | None = None,
    _stacklevel: int = 3,
    dtype: dtype | None = None,
) -> Tensor:
    """Logarithm of the softmax along a dimension; see `derivo.log_softmax`."""
    if dim is None:
        dim = _default_dim("log_softmax", input.dim())
    return log_softmax(input, dim, dtype)


@public("nn.functional.softmin")
def softmin(
    input: Tensor,
    dim: int | None = None,
    _stacklevel: int = 3,
    dtype: dtype | None = None,
) -> Tensor:
    """Softmax of the negated input."""
    if dim is None:
        dim = _default_dim("softmin", input.dim())
    return softmax(-input, dim, dtype)


# ------------------------------------------------------------------ layer norm


def _layer_norm(p: Any, x: Any, weight: Any, bias: Any, eps: Any) -> Any:
    # In two walks; the second one also finds by how much the first mean was off.
    rough = _sum_of(p, x) / p.count
    d = x - rough
    off = _sum_of(p, d) / p.count
    square = _sum_of(p, d * d) / p.count
    mean = rough + off
    rstd = s.rsqrt(s.maximum(square - off * off, 0.0) + eps)
    return (x - mean) * rstd * weight + bias, mean, rstd


def _layer_norm_input(p: Any, g: Any, x: Any, weight: Any, mean: Any, rstd: Any) -> Any:
    scaled = g * weight
    xhat = (x - mean) * rstd
    a = _sum_of(p, scaled) / p.count
    b = _sum_of(p, scaled * xhat) / p.count
    return (scaled - a - xhat * b) * rstd


def _layer_norm_weight(p: Any, g: Any, x: Any, mean: Any, rstd: Any) -> Any:
    return _sum_of(p, g * (x - mean) * rstd), _sum_of(p, g)


def _layer_norm_all(p: Any, g: Any, x: Any, weight: Any, mean: Any, rstd: Any) -> Any:
    # Each row is read once: the other gradients take it from the cache.
    into = _layer_norm_input(p, g, x, weight, mean, rstd)
    return into, g * (x - mean) * rstd, g


def _sum_both(p: Any, one: Any, other: Any) -> Any:
    return p.reduce("add", one), p.reduce("add", other)


_LAYER_NORM = program("layer_norm", _layer_norm, "rkk", "rrrk")
_LAYER_NORM_INPUT = program("layer_norm_input", _layer_norm_input, "r", "rrrkk")
_LAYER_NORM_WEIGHT = program("layer_norm_weight", _layer_norm_weight, "kk", "rrrr")
_LAYER_NORM_ALL = program(
    "layer_norm_all",
    _layer_norm_all,
    "rtt",
    "rrrkk",
    final=program("sum_both", _sum_both, "kk", "rr"),
)


def _tail(x: Tensor, n: int) -> tuple[int, ...]:
    return tuple(range(x.dim() - n, x.dim()))


def _layer_norm_forward(
    x: Tensor, weight: Any, bias: Any, n: int, eps: float
) -> tuple[Tensor, ...]:
    compute = compute_dtype(x)
    made: tuple[Tensor, ...] = _LAYER_NORM(
        [x, 1.0 if weight is None else weight, 0.0 if bias is None else bias, eps],
        _tail(x, n),
        [x.dtype, compute, compute],
        compute,
        True,
    )
    return made


def _layer_norm_backward(
    g: Tensor, x: Tensor, weight: Any, mean: Tensor, rstd: Tensor, n: int, needs: Any
) -> tuple[Any, ...]:
    compute = compute_dtype(x)
    like = weight.dtype if weight is not None else x.dtype
    factor = 1.0 if weight is None else weight
    gx = gw = gb = None
    if needs[0] and (needs[1] or needs[2]):
        gx, gw, gb = _LAYER_NORM_ALL(
            [g, x, factor, mean, rstd], _tail(x, n), [x.dtype, like, like], compute
        )
    elif needs[0]:
        gx = _LAYER_NORM_INPUT(
            [g, x, factor, mean, rstd], _tail(x, n), [x.dtype], compute
        )
    elif needs[1] or needs[2]:
        dims = tuple(range(x.dim() - n))
        gw, gb = _LAYER_NORM_WEIGHT([g, x, mean, rstd], dims, [like, like], compute)
    return gx, gw if needs[1] else None, gb if needs[2] else None


def _layer_norm_recorded(
    g: Tensor, x: Tensor, weight: Any, n: int, eps: float, needs: Any
) -> tuple[Any, ...]:
    """The same gradients by operations that are differentiable themselves."""
    dims = _tail(x, n)
    lead = tuple(range(x.dim() - n))
    centred = x - x.mean(dims, True)
    rstd = (centred.square().mean(dims, True) + eps).rsqrt()
    xhat = centred * rstd
    scaled = g if weight is None else g * weight
    gx = gw = gb = None
    if needs[0]:
        mean1 = scaled.mean(dims, True)
        mean2 = (scaled * xhat).mean(dims, True)
        gx = (scaled - mean1 - xhat * mean2) * rstd
    if needs[1]:
        gw = (g * xhat).sum(lead) if lead else g * xhat
    if needs[2]:
        gb = g.sum(lead) if lead else g
    return gx, gw, gb


def _layer_norm_vjp(ctx: Any, gs: list[Any], n: int, eps: float) -> Any:
    # Gradients of the statistics themselves are not in PyTorch's interface either.
    x, weight, _, mean, rstd = ctx.saved
    g = gs[0] if gs[0] is not None else ctx.zeros(0)
    if is_grad_enabled() or g._batch is not None or x._batch is not None:
        return _layer_norm_recorded(g, x, weight, n, eps, ctx.needs)
    return _layer_norm_backward(g, x, weight, mean, rstd, n, ctx.needs)


def _layer_norm_batch(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> tuple[Tensor, ...]:
    x, weight, bias = tensors
    x = _batching.lifted((x,), flags[:1], size)[0]
    if not (flags[1] or flags[2]):
        made: tuple[Tensor, ...] = op((x, weight, bias), *params)
        return made
    out, mean, rstd = op((x, None, None), *params)
    rank = x.dim() - 1
    if weight is not None:
        out = out * (_batching.padded(weight, rank) if flags[1] else weight)
    if bias is not None:
        out = out + (_batching.padded(bias, rank) if flags[2] else bias)
    return out, mean, rstd


NATIVE_LAYER_NORM = Primitive(
    "native_layer_norm",
    node="NativeLayerNormBackward0",
    forward=_layer_norm_forward,
    vjp=_layer_norm_vjp,
    save=lambda needs, inputs, out, params: (*inputs, out[1], out[2]),
    multi=True,
    batch=_layer_norm_batch,
)


def _check_layer_norm(
    input: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None,
    bias: Tensor | None,
) -> tuple[int, ...]:
    """Read the normalized shape, refusing what does not fit it."""
    shape = (
        (normalized_shape,)
        if isinstance(normalized_shape, int)
        else tuple(normalized_shape)
    )
    if not shape:
        raise RuntimeError(
            "[layer_norm] Expected normalized_shape to be at least 1-dimensional, "
            "i.e., containing at least one element, but got normalized_shape = []."
        )
    if tuple(input.shape[-len(shape) :]) != shape or input.dim() < len(shape):
        raise RuntimeError(
            f"[layer_norm] Given normalized_shape={list(shape)}, expected input with "
            f"shape [*, {', '.join(map(str, shape))}], but got input of size "
            f"{list(input.shape)}."
        )
    for name, t in (("weight", weight), ("bias", bias)):
        if t is not None and tuple(t.shape) != shape:
            raise RuntimeError(
                f"[layer_norm] Expected {name} to be of same shape as "
                f"normalized_shape, but got {name} of shape {list(t.shape)} and "
                f"normalized_shape = {list(shape)}."
            )
    return shape


@public("layer_norm", "nn.functional.layer_norm")
def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
    cudnn_enable: bool = True,
) -> Tensor:
    """Normalize the last dimensions to mean 0 and variance 1.

    Parameters
    ----------
    input : Tensor
        Floating point; its last dimensions are `normalized_shape`.
    normalized_shape : sequence of int
        Sizes of the dimensions to normalize over.
    weight, bias : Tensor, optional
        Of that shape: scale and shift of the result.
    eps : float
        Added to the variance.

    Raises
    ------
    RuntimeError
        If the shapes do not fit.

    Notes
    -----
    ``(x - mean) / sqrt(var + eps) * weight + bias`` with the biased variance.

    Examples
    --------
    >>> import derivo
    >>> derivo.nn.functional.layer_norm(derivo.tensor([1.0, 3.0]), (2,))
    tensor([-1.0000,  1.0000])
    """
    shape = _check_layer_norm(input, normalized_shape, weight, bias)
    made: Tensor = NATIVE_LAYER_NORM((input, weight, bias), len(shape), eps)[0]
    return made


@public("native_layer_norm")
def native_layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Layer normalization with the mean and reciprocal deviation it used.

    The latter two take no part in differentiation, as in PyTorch.
    """
    shape = _check_layer_norm(input, normalized_shape, weight, bias)
    made, mean, rstd = NATIVE_LAYER_NORM((input, weight, bias), len(shape), eps)
    return made, mean.detach(), rstd.detach()
