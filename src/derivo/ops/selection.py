"""Order statistics: medians, k-th values, modes, quantiles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from derivo._core.ordering import picked_indices
from derivo._core.primitive import Primitive
from derivo._core.tensor import TensorBase, _check_dim, dtypes
from derivo.ops import _batching
from derivo.ops._numbers import times
from derivo.ops._surface import public
from derivo.ops.conversion import cast, write_out
from derivo.ops.extremes import _check_real, at_index_vjp, named
from derivo.ops.views import broadcast_tensors

if TYPE_CHECKING:
    from derivo import Tensor

BOOL, INT64 = dtypes[0], dtypes[5]


def _places(x: Tensor, how: str, k: int = 0) -> Tensor:
    """Place of the element sought in each row of the last dimension."""
    from derivo import empty

    kept = tuple(x.shape[:-1])
    found: Tensor = empty(kept, dtype=INT64)
    if found.numel():
        picked_indices(found.reshape(-1), x.reshape(-1, x.shape[-1]), how, k)
    return found


def _along(how: str) -> Any:
    def forward(
        x: Tensor, dim: int, keepdim: bool, k: int = 0
    ) -> tuple[Tensor, Tensor]:
        from derivo import zeros

        if x.dim() == 0:
            return x.clone(), zeros((), dtype=INT64)
        index = _places(x.movedim(dim, -1), how, k).unsqueeze(dim)
        values = x.gather(dim, index)
        return (values, index) if keepdim else (values.squeeze(dim), index.squeeze(dim))

    return forward


def _along_vjp(ctx: Any, gs: Any, dim: int, keepdim: bool, k: int = 0) -> Any:
    return at_index_vjp(ctx, gs, dim, keepdim)


def _picking(how: str, name: str, node: str) -> Any:
    return Primitive(
        name,
        node=node,
        forward=_along(how),
        vjp=_along_vjp,
        save=lambda needs, inputs, out, params: (out[1],),
        multi=True,
        batch=_batching.along(0),
    )


def _need_dim(name: str, input: Tensor, dim: int) -> int:
    d: int = _check_dim(dim, input.dim())
    if input.dim() and input.shape[d] == 0:
        raise IndexError(
            f"[{name}] {name}(): Expected reduction dim {d} to have non-zero size."
        )
    return d


def _refuse_bool(name: str, input: Tensor) -> None:
    _check_real(name, input)
    if input.dtype is BOOL:
        raise NotImplementedError(
            f"[{name}] \"{name}_cpu\" not implemented for 'Bool': expected a number "
            "type. Convert with .to(derivo.uint8)."
        )


def _give(name: str, made: Any, out: Any) -> Any:
    values, indices = made
    if out is not None:
        values = write_out(out[0], values, name)
        indices = write_out(out[1], indices, name)
    return _RESULTS[name](values, indices)


_RESULTS = {n: named(n) for n in ("kthvalue", "median", "nanmedian", "mode")}
_KTH = _picking("kth", "kthvalue", "KthvalueBackward0")
_MODE = _picking("mode", "mode", "ModeBackward0")


@public("kthvalue", "Tensor.kthvalue")
def kthvalue(
    input: Tensor, k: int, dim: int = -1, keepdim: bool = False, *, out: Any = None
) -> Any:
    """Return the `k`-th smallest element along a dimension, counted from one.

    Parameters
    ----------
    input : Tensor
        Any real dtype except bool; NaN counts as largest.
    k : int
        1 is the smallest.
    dim : int, default -1
        The dimension.
    keepdim : bool, default False
        Keep it with size one.
    out : pair of Tensor, optional
        Takes the result.

    Returns
    -------
    named tuple of Tensor
        ``values`` and ``indices``.

    Raises
    ------
    RuntimeError
        If there is no `k`-th element.

    Notes
    -----
    **Derivative** to the element found.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([3.0, 1.0, 2.0], requires_grad=True)
    >>> x.kthvalue(2).values.backward()
    >>> x.grad
    tensor([0., 0., 1.])
    """
    _refuse_bool("kthvalue", input)
    d = _need_dim("kthvalue", input, dim)
    have = input.shape[d] if input.dim() else 1
    if not 1 <= k <= have:
        raise RuntimeError(
            f"[kthvalue] kthvalue(): selected number k out of range for dimension {d}: "
            f"expected 1 <= k <= {have}, got k={k}."
        )
    if out is not None and any(o.data_ptr() == input.data_ptr() for o in out):
        raise RuntimeError(
            "[kthvalue] unsupported operation: some elements of the input tensor and "
            "the written-to tensor refer to a single memory location. Please clone() "
            "the tensor before performing the operation."
        )
    return _give("kthvalue", _KTH((input,), d, bool(keepdim), int(k) - 1), out)


@public("mode", "Tensor.mode")
def mode(
    input: Tensor, dim: int = -1, keepdim: bool = False, *, out: Any = None
) -> Any:
    """Return the most frequent element along a dimension, the smallest of several.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    dim : int, default -1
        The dimension.
    keepdim : bool, default False
        Keep it with size one.
    out : pair of Tensor, optional
        Takes the result.

    Returns
    -------
    named tuple of Tensor
        ``values`` and ``indices``.

    Examples
    --------
    >>> import derivo
    >>> derivo.mode(derivo.tensor([1, 2, 2, 3])).values
    tensor(2)
    """
    _check_real("mode", input)
    d = _need_dim("mode", input, dim)
    return _give("mode", _MODE((input,), d, bool(keepdim)), out)


# -------------------------------------------------------------------- medians


def _of_all(how: str) -> Any:
    def forward(x: Tensor) -> Tensor:
        from derivo import full

        if x.numel() == 0:
            if not x.is_floating_point():
                raise RuntimeError(
                    f"[{how}] {how}() operation does not have an identity for empty "
                    "input tensors of integers."
                )
            return full((), math.nan, dtype=x.dtype)
        flat = x.reshape(-1)
        return flat[int(_places(flat.unsqueeze(0), how))].clone()

    return forward


def _of_all_vjp(ctx: Any, g: Tensor) -> Tensor:
    # Equal elements share the gradient evenly.
    x, out = ctx.saved
    mask = (x == out) | (x.isnan() & out.isnan())
    share = cast(mask, g.dtype)
    return share * (g / share.sum())


def _publish_median(name: str, node: str) -> Any:
    def _whole_batch(
        op: Any, size: int, tensors: Any, flags: Any, params: tuple[Any, ...]
    ) -> Tensor:
        made: Tensor = along((tensors[0].reshape(size, -1),), 1, False)[0]
        return made

    whole = Primitive(
        name,
        node=f"{node}Backward0",
        forward=_of_all(name),
        vjp=_of_all_vjp,
        save=(0, "out"),
        batch=_whole_batch,
    )
    along = _picking(name, name, f"{node}Backward1")

    def function(
        input: Tensor, dim: int | None = None, keepdim: bool = False, *, out: Any = None
    ) -> Any:
        _refuse_bool(name, input)
        if dim is None:
            made: Tensor = whole((input,))
            return made if out is None else write_out(out, made, name)
        d = _need_dim(name, input, dim)
        return _give(name, along((input,), d, bool(keepdim)), out)

    skipped = name == "nanmedian"
    function.__doc__ = f"""Median of all elements or along a dimension{
        ", NaN left out" if skipped else ""
    }.

    Parameters
    ----------
    input : Tensor
        Any real dtype except bool.
    dim : int, optional
        The dimension; all elements if not given.
    keepdim : bool, default False
        Keep the dimension with size one.
    out : Tensor or pair of Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor, or named tuple of Tensor
        The lower of the two middle elements if their number is even; ``values`` and
        ``indices`` if `dim` is given.

    Raises
    ------
    IndexError
        If the dimension is empty.

    Notes
    -----
    {"NaN only if there is nothing else." if skipped else "NaN if any element is NaN."}
    **Derivative** shared evenly among elements equal to the median of all; to the one
    found along a dimension.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([3.0, 1.0, 2.0], requires_grad=True)
    >>> derivo.{name}(x).backward()
    >>> x.grad
    tensor([0., 0., 1.])
    """
    return public(name, f"Tensor.{name}")(function)


median = _publish_median("median", "Median")
nanmedian = _publish_median("nanmedian", "Nanmedian")


# ------------------------------------------------------------------ quantiles

_BETWEEN = ("linear", "lower", "higher", "midpoint", "nearest")


def _checked_q(name: str, input: Tensor, q: Any, interpolation: str) -> Tensor:
    from derivo import tensor

    if input.dtype.name not in ("float32", "float64"):
        raise RuntimeError(
            f"[{name}] {name}() input tensor must be either float or double dtype, got "
            f"{input.dtype}."
        )
    given = isinstance(q, TensorBase)
    if not given:
        if not 0 <= q <= 1:
            raise RuntimeError(
                f"[{name}] {name}() q must be in the range [0, 1] but got {q}."
            )
        q = tensor(float(q), dtype=input.dtype)
    if q.dim() > 1:
        raise RuntimeError(
            f"[{name}] {name}() q must be a scalar or 1D tensor, got {q.dim()}D."
        )
    if q.dtype != input.dtype:
        raise RuntimeError(
            f"[{name}] {name}() q tensor must be same dtype as the input tensor: "
            f"expected {input.dtype}, got {q.dtype}."
        )
    if given and not bool(_batching.everything((q >= 0) & (q <= 1)).all()):
        raise RuntimeError(f"[{name}] {name}() q values must be in the range [0, 1].")
    if interpolation not in _BETWEEN:
        raise RuntimeError(
            f"[{name}] {name}() interpolation must be one of linear, lower, higher, "
            f"midpoint or nearest, but got {interpolation}."
        )
    made: Tensor = q
    return made


def _at_quantiles(
    ordered: Tensor, q: Tensor, interpolation: str, skip_nan: bool
) -> Tensor:
    """Quantiles along the last dimension, one each for the elements of `q`."""
    from derivo import full_like

    last = ordered.shape[-1] - 1
    with_nan = ordered.detach().isnan()
    if skip_nan:
        ranks = q * (with_nan.logical_not().sum(-1, True) - 1)
        ranks.masked_fill_(ranks < 0, 0)
    else:
        ranks, mask = broadcast_tensors(times(q, last), with_nan.narrow(-1, last, 1))
        ranks = ranks.masked_fill(mask, last)
    if interpolation == "lower":
        ranks = ranks.floor()
    elif interpolation == "higher":
        ranks = ranks.ceil()
    elif interpolation == "nearest":
        ranks = ranks.round()
    below = cast(ranks, INT64)
    low: Tensor = ordered.gather(-1, below)
    if interpolation not in ("linear", "midpoint"):
        return low
    weight = full_like(ranks, 0.5)
    if interpolation == "linear":
        weight = ranks - below
    made: Tensor = low.lerp(ordered.gather(-1, cast(ranks.ceil(), INT64)), weight)
    return made


def _publish_quantile(name: str) -> Any:
    def function(
        input: Tensor,
        q: Any,
        dim: int | None = None,
        keepdim: bool = False,
        *,
        interpolation: str = "linear",
        out: Tensor | None = None,
    ) -> Tensor:
        q = _checked_q(name, input, q, interpolation)
        rank = input.dim()
        if dim is None:
            empty = input.numel() == 0
            x, kept = input.flatten(), [1] * rank if keepdim else []
        else:
            d = _check_dim(dim, rank)
            empty = rank > 0 and input.shape[d] == 0
            last = rank > 0 and d == rank - 1
            x = input if last else input.unsqueeze(-1).transpose(d, -1)
            kept = list(input.shape)
            kept[d : d + 1] = [1] if keepdim and rank else []
        if empty:
            raise RuntimeError(f"[{name}] {name}() input tensor must be non-empty.")
        ordered = x.sort(-1).values.view(*kept, -1)
        made = _at_quantiles(
            ordered, q if q.dim() else q.view(1), interpolation, name == "nanquantile"
        )
        if q.dim():
            made.unsqueeze_(0).transpose_(0, -1)
        made.squeeze_(-1)
        return made if out is None else write_out(out, made, name)

    function.__doc__ = f"""Quantiles of all elements or along a dimension{
        ", NaN left out" if name == "nanquantile" else ""
    }.

    Parameters
    ----------
    input : Tensor
        float32 or float64.
    q : float or Tensor
        In [0, 1]; a 1-D tensor of `input`'s dtype for several quantiles, which then
        make the first dimension of the result.
    dim : int, optional
        The dimension; all elements if not given.
    keepdim : bool, default False
        Keep the dimension with size one.
    interpolation : {{"linear", "lower", "higher", "midpoint", "nearest"}}
        What to take if the quantile lies between two elements.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If a `q` is out of range, of another dtype or rank, or `input` is empty.

    Notes
    -----
    **Derivative** to the one or two elements that the quantile is made of.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0, 4.0, 8.0], requires_grad=True)
    >>> derivo.{name}(x, 0.5).backward()
    >>> x.grad
    tensor([0.0000, 0.5000, 0.5000, 0.0000])
    """
    return public(name, f"Tensor.{name}")(function)


quantile = _publish_quantile("quantile")
nanquantile = _publish_quantile("nanquantile")
