"""Losses with kernels of their own: squared error, likelihood, cross entropy."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

from derivo._core import losses as core
from derivo._core.copies import _cast, _contiguous
from derivo._core.primitive import Primitive
from derivo._core.tensor import dtypes
from derivo.ops import _batching
from derivo.ops._elementwise import elementwise
from derivo.ops._numbers import over, times
from derivo.ops._reduce import program
from derivo.ops._rows import as_int64
from derivo.ops._surface import public
from derivo.ops.conversion import cast
from derivo.ops.normalization import compute_dtype, log_softmax

if TYPE_CHECKING:
    from derivo import Tensor

_REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}
FLOAT32 = dtypes[8]


def reduction_code(
    name: str, reduction: str, size_average: bool | None, reduce: bool | None
) -> int:
    """Number of a reduction, minding the two older arguments."""
    if size_average is not None or reduce is not None:
        average = True if size_average is None else size_average
        if reduce is False:
            reduction = "none"
        else:
            reduction = "mean" if average else "sum"
        warnings.warn(
            "size_average and reduce args will be deprecated, please use "
            f"reduction='{reduction}' instead.",
            UserWarning,
            stacklevel=4,
        )
    code = _REDUCTIONS.get(reduction)
    if code is None:
        raise ValueError(
            f"[{name}] {reduction} is not a valid value for reduction: expected "
            "'none', 'mean' or 'sum'."
        )
    return code


# ------------------------------------------------------------------ squared error


@elementwise(
    promote="same",
    node="MseLossBackwardBackward0",
    oracle="2 * scale * g * (x - y)",
    accepts="floats",
    register=False,
)
def _slope(g: Any, x: Any, y: Any, *, scale: float) -> Any:
    """Derivative of a scaled square."""
    return (2 * scale) * g * (x - y)


@elementwise(
    promote="same",
    node="MseLossBackward0",
    oracle="(x - target) ** 2",
    accepts="floats",
    shown={"reduction": _REDUCTIONS["none"]},
    register=False,
)
def _square(x: Any, target: Any) -> Any:
    """Square of a difference."""
    return (x - target) * (x - target)


_TOTALS = {
    1: program(
        "mse_mean",
        lambda p, x, y: p.reduce("add", (x - y) * (x - y)) / p.count,
        "k",
        "rr",
    ),
    2: program(
        "mse_sum", lambda p, x, y: p.reduce("add", (x - y) * (x - y)), "k", "rr"
    ),
}
_LONG = 1 << 16


def _mse_forward(x: Tensor, y: Tensor, reduction: int) -> Tensor:
    if x.numel() > _LONG:
        squares = _square.core(x, y)
        made: Tensor = squares.mean() if reduction == 1 else squares.sum()
        return made
    made = _TOTALS[reduction](
        [x, y], tuple(range(x.dim())), [x.dtype], compute_dtype(x)
    )
    return made


def _mse_vjp(ctx: Any, g: Tensor, reduction: int) -> tuple[Any, Any]:
    x, y = ctx.saved
    scale = 1.0 / x.numel() if reduction == 1 and x.numel() else 1.0
    gx = _slope.core(g, x, y, scale)
    return gx if ctx.needs[0] else None, -gx if ctx.needs[1] else None


_MSE = Primitive(
    "mse_loss",
    node="MseLossBackward0",
    forward=_mse_forward,
    vjp=_mse_vjp,
    save=(0, 1),
    batch=_batching.follows,
)


@public("nn.functional.mse_loss")
def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Squared difference, averaged or summed.

    Parameters
    ----------
    input, target : Tensor
        Floating point, of one shape.
    reduction : {"mean", "sum", "none"}
        What happens to the elements' losses.
    weight : Tensor, optional
        Factor of each element's loss.

    Returns
    -------
    Tensor
        0-d, or of the input's shape for "none".

    Notes
    -----
    **Derivative** of the input: ``2 * (input - target) * g``, divided by their number
    for "mean".

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 3.0], requires_grad=True)
    >>> derivo.nn.functional.mse_loss(x, derivo.zeros(2)).backward()
    >>> x.grad
    tensor([1., 3.])
    """
    code = reduction_code("mse_loss", reduction, size_average, reduce)
    if target.shape != input.shape:
        warnings.warn(
            f"Using a target size ({target.shape}) that is different to the input size "
            f"({input.shape}). This will likely lead to incorrect results due to "
            "broadcasting. Please ensure they have the same size.",
            UserWarning,
            stacklevel=2,
        )
        from derivo.ops.views import broadcast_tensors

        input, target = broadcast_tensors(input, target)
    if input.dtype is not target.dtype:
        from derivo import promote_types

        common = promote_types(input.dtype, target.dtype)
        input, target = cast(input, common), cast(target, common)
    if not input.dtype.is_floating_point:
        raise NotImplementedError(
            '[mse_loss] "mse_cpu" not implemented for integer tensors: expected '
            f"floating point, got {input.dtype}."
        )
    made: Tensor
    if weight is not None:
        if weight.shape != input.shape:
            raise ValueError(
                "[mse_loss] Weights and input must have the same size: got "
                f"{list(weight.shape)} and {list(input.shape)}."
            )
        losses = _square.core(input, target) * weight
        if code == 0:
            return losses
        return losses.sum() / weight.sum() if code == 1 else losses.sum()
    if code == 0:
        made = _square.core(input, target)
    else:
        made = _MSE((input, target), code)
    return made


# ------------------------------------------------------------------ likelihood


def _as_rows(x: Tensor, classes_at: int) -> Tensor:
    """[n, classes, inner], contiguous, in a type that kernels take."""
    shape = x.shape
    n = 1 if classes_at == 0 else shape[0]
    classes = shape[classes_at]
    inner = x.numel() // max(n * classes, 1)
    if x.dtype.name in ("float16", "bfloat16"):
        x = _cast(x, FLOAT32)
    made: Tensor = _contiguous(x).view(n, classes, inner)
    return made


def _target_rows(target: Tensor, n: int) -> Tensor:
    made: Tensor = as_int64(target.detach()).view(n, -1)
    return made


def _weights(weight: Any, like: Tensor) -> Any:
    return None if weight is None else _contiguous(_cast(weight, like.dtype))


def _nll_forward(
    x: Tensor, target: Tensor, weight: Any, reduction: int, ignore: int
) -> tuple[Tensor, Tensor]:
    rows = _as_rows(x, 0 if x.dim() == 1 else 1)
    at = _target_rows(target, rows.shape[0])
    out, total = core.forward(rows, at, _weights(weight, rows), reduction, ignore)
    if out.dtype is not x.dtype:
        out = _cast(out, x.dtype)
    if reduction == 0 and x.dim() > 1:
        total.zero_()  # nothing is divided by it
    return (out.view(target.shape) if reduction == 0 else out), total


def _nll_vjp(
    ctx: Any, gs: Any, target: Tensor, weight: Any, reduction: int, ignore: int
) -> Any:
    (total,) = ctx.saved
    if gs[0] is None:
        return None
    if any(
        t is not None and t._batch is not None for t in (*gs, total, target, weight)
    ):
        return _nll_slope(
            gs[0], ctx.shapes[0], target, weight, reduction, ignore, total
        )
    return _NLL_BACKWARD(
        (gs[0],), ctx.shapes[0], target, weight, reduction, ignore, total.item()
    )


def _nll_backward(
    g: Tensor,
    shape: tuple[int, ...],
    target: Tensor,
    weight: Any,
    reduction: int,
    ignore: int,
    total: float,
) -> Tensor:
    single = len(shape) == 1
    n, classes = (1, shape[0]) if single else shape[:2]
    half = g.dtype.name in ("float16", "bfloat16")
    work = _cast(g, FLOAT32) if half else g
    at = _target_rows(target, n)
    made = core.backward(
        _contiguous(work), at, _weights(weight, work), classes, reduction, ignore, total
    )
    made = _cast(made, g.dtype) if half else made
    out: Tensor = made.view(shape)
    return out


def _nll_backward_vjp(
    ctx: Any,
    v: Tensor,
    shape: tuple[int, ...],
    target: Tensor,
    weight: Any,
    reduction: int,
    ignore: int,
    total: float,
) -> Tensor:
    # Linear in g, so the transpose picks what the forward picks.
    made: Tensor = _NLL["spatial" if len(shape) > 2 else "plain"](
        (v,), target, weight, reduction, ignore
    )[0]
    return made


def _nll_weights(
    target: Tensor, weight: Any, ignore: int, dtype: Any
) -> tuple[Tensor, Tensor]:
    """Class of each row, and how much the row counts."""
    from derivo import where

    valid = target != ignore
    at = where(valid, target, 0)
    counts = cast(valid, dtype)
    return at, counts if weight is None else weight[at] * counts


def _nll_parts(
    x: Tensor, target: Tensor, weight: Any, reduction: int, ignore: int
) -> tuple[Tensor, Tensor]:
    """The loss by operations that have batching rules."""
    from derivo import where

    d = 0 if x.dim() == 1 else 1
    at, counts = _nll_weights(target, weight, ignore, x.dtype)
    picked = x.gather(d, at.unsqueeze(d)).squeeze(d)
    each = where(counts == 0, 0.0, -picked * counts)
    total = counts.sum()
    if reduction == 0:
        return each, total
    return (each.sum() / total if reduction == 1 else each.sum()), total


def _nll_slope(
    g: Tensor,
    shape: tuple[int, ...],
    target: Tensor,
    weight: Any,
    reduction: int,
    ignore: int,
    total: Tensor,
) -> Tensor:
    from derivo import zeros

    d = 0 if len(shape) == 1 else 1
    at, counts = _nll_weights(target, weight, ignore, g.dtype)
    rows = -counts * (g / total if reduction == 1 else g)
    return zeros(shape, dtype=g.dtype).scatter_add(
        d, at.unsqueeze(d), rows.unsqueeze(d)
    )


@_batching.hidden
def _nll_batch(
    op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
) -> tuple[Tensor, Tensor]:
    return _batching.follow(_nll_parts, size, tensors, flags, params)


_NLL_BACKWARD = Primitive(
    "nll_loss_backward",
    node="NllLossBackwardBackward0",
    forward=_nll_backward,
    vjp=_nll_backward_vjp,
)
_NLL = {
    kind: Primitive(
        "nll_loss",
        node=node,
        forward=_nll_forward,
        vjp=_nll_vjp,
        save=lambda needs, inputs, out, params: (out[1],),
        multi=True,
        batch=_nll_batch,
    )
    for kind, node in (("plain", "NllLossBackward0"), ("spatial", "NllLoss2DBackward0"))
}


@public("nn.functional.nll_loss")
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Negative log likelihood of the right classes.

    Parameters
    ----------
    input : Tensor
        Log probabilities, ``[classes]``, ``[n, classes]`` or ``[n, classes, ...]``.
    target : Tensor
        int64 classes, of the input's shape without the dimension of classes.
    weight : Tensor, optional
        Factor of each class, ``[classes]``.
    ignore_index : int, default -100
        Class that contributes nothing.
    reduction : {"mean", "sum", "none"}
        "mean" divides by the sum of the weights of the targets.

    Raises
    ------
    IndexError
        If a target is no class.
    ValueError, RuntimeError
        If the shapes or dtypes do not fit.

    Examples
    --------
    >>> import derivo
    >>> logp = derivo.tensor([[-0.5, -1.0]], requires_grad=True)
    >>> derivo.nn.functional.nll_loss(logp, derivo.tensor([0])).backward()
    >>> logp.grad
    tensor([[-1.,  0.]])
    """
    code = reduction_code("nll_loss", reduction, size_average, reduce)
    rank = input.dim()
    if rank == 0:
        raise ValueError("[nll_loss] expected input with a dimension of classes.")
    if target.dtype.name not in ("int64", "uint8", "int32"):
        raise RuntimeError(
            f"[nll_loss] expected scalar type Long for the target: got {target.dtype}."
        )
    if not input.dtype.is_floating_point:
        raise RuntimeError(
            '[nll_loss] "nll_loss_out_frame" not implemented for '
            f"{input.dtype}: expected a floating point input."
        )
    expected = tuple(input.shape[:1]) + tuple(input.shape[2:]) if rank > 1 else ()
    if tuple(target.shape) != expected and not (rank == 1 and target.numel() == 1):
        if rank > 1 and target.dim() and target.shape[0] != input.shape[0]:
            raise ValueError(
                f"[nll_loss] Expected input batch_size ({input.shape[0]}) to match "
                f"target batch_size ({target.shape[0]})."
            )
        raise RuntimeError(
            f"[nll_loss] size mismatch (got input: {list(input.shape)}, target: "
            f"{list(target.shape)}): expected target of shape {list(expected)}."
        )
    classes = input.shape[0 if rank == 1 else 1]
    if weight is not None and tuple(weight.shape) != (classes,):
        raise RuntimeError(
            "[nll_loss] weight tensor should be defined either for all "
            f"{classes} classes or no classes but got weight tensor of shape: "
            f"{list(weight.shape)}."
        )
    if rank < 3:
        return _nll("plain", input, target, weight, code, ignore_index)
    if rank == 4:
        return _nll("spatial", input, target, weight, code, ignore_index)
    # As PyTorch: every other number of dimensions as images of height 1.
    rows = (input.shape[0], 1, math.prod(input.shape[2:]))
    image = input.reshape(rows[0], classes, *rows[1:])
    made = _nll("spatial", image, target.reshape(rows), weight, code, ignore_index)
    return made.view(target.shape) if code == 0 else made


def _nll(
    kind: str, input: Tensor, target: Tensor, weight: Any, code: int, ignore: int
) -> Tensor:
    made: Tensor = _NLL[kind]((input,), target, weight, code, ignore)[0]
    return made


@public("nn.functional.cross_entropy")
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Cross entropy of logits with classes or with probabilities.

    Parameters
    ----------
    input : Tensor
        Logits, ``[classes]``, ``[n, classes]`` or ``[n, classes, ...]``.
    target : Tensor
        int64 classes, or probabilities of the input's shape.
    weight : Tensor, optional
        Factor of each class, ``[classes]``.
    ignore_index : int, default -100
        Class that contributes nothing.
    reduction : {"mean", "sum", "none"}
        What happens to the samples' losses.
    label_smoothing : float, default 0.0
        How much of the target is spread evenly over all classes.

    Notes
    -----
    **Derivative** of the logits: ``(softmax(input) - target) * g`` per sample.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.zeros(1, 2, requires_grad=True)
    >>> derivo.nn.functional.cross_entropy(x, derivo.tensor([1])).backward()
    >>> x.grad
    tensor([[ 0.5000, -0.5000]])
    """
    code = reduction_code("cross_entropy", reduction, size_average, reduce)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(
            "[cross_entropy] label_smoothing must be between 0.0 and 1.0. Got: "
            f"{label_smoothing}."
        )
    dim = 0 if input.dim() == 1 else 1
    logp = log_softmax(input, dim)
    if target.dtype.is_floating_point and target.shape == input.shape:
        return _soft_targets(logp, target, weight, code, dim, label_smoothing)
    reduction = ("none", "mean", "sum")[code]
    if label_smoothing == 0.0:
        return nll_loss(logp, target, weight, None, ignore_index, None, reduction)
    return _smoothed(logp, target, weight, ignore_index, code, dim, label_smoothing)


def _wide(weight: Tensor, rank: int, dim: int) -> Tensor:
    return weight.view([-1 if k == dim else 1 for k in range(rank)])


def _soft_targets(
    logp: Tensor, target: Tensor, weight: Any, code: int, dim: int, smoothing: float
) -> Tensor:
    if smoothing:
        target = target * (1 - smoothing) + smoothing / logp.shape[dim]
    product = logp * target
    if weight is not None:
        product = product * _wide(weight, logp.dim(), dim)
    if code == 0:
        return -product.sum(dim)
    total = -product.sum()
    return total if code == 2 else over(total, logp.numel() // logp.shape[dim])


def _smoothed(
    logp: Tensor,
    target: Tensor,
    weight: Any,
    ignore: int,
    code: int,
    dim: int,
    smoothing: float,
) -> Tensor:
    classes = logp.shape[dim]
    hard = nll_loss(
        logp, target, weight, None, ignore, None, ("none", "mean", "sum")[code]
    )
    spread = logp if weight is None else logp * _wide(weight, logp.dim(), dim)
    even = -spread.sum(dim)
    skipped = target == ignore
    even = even.masked_fill(skipped, 0.0)
    if code == 1:
        if weight is None:
            even = even.sum() / (~skipped).sum()
        else:
            kept = target.masked_fill(skipped, 0)
            even = even.sum() / weight[kept].masked_fill(skipped, 0.0).sum()
    elif code == 2:
        even = even.sum()
    return times(hard, 1 - smoothing) + times(even, smoothing / classes)
