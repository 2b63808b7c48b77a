"""Running sums, products and extremes along a dimension."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from derivo._core.copies import _copy_into
from derivo._core.primitive import Primitive
from derivo._core.scans import extremes, log_sums, totals
from derivo._core.tensor import _check_dim, dtypes
from derivo.ops import _batching
from derivo.ops._surface import public
from derivo.ops.conversion import cast, write_out
from derivo.ops.extremes import named, put_along

if TYPE_CHECKING:
    from derivo import Tensor, dtype

BOOL, INT64, FLOAT32 = dtypes[0], dtypes[5], dtypes[8]


def _in_core(x: Tensor) -> Tensor:
    """`x` in a dtype that the core scans."""
    return cast(x, FLOAT32) if x.dtype.name in ("float16", "bfloat16") else x


def _scan(how: str) -> Any:
    """Scan in double precision."""

    def forward(x: Tensor, dim: int) -> Tensor:
        if x.dim() == 0 or x.numel() == 0:
            return x.clone()
        return cast(totals(_in_core(x), dim, how == "multiply"), x.dtype)

    return forward


def _reversed_sum(g: Tensor, dim: int) -> Tensor:
    made: Tensor = _CUMSUM((g.flip(dim),), dim)
    return made.flip(dim)


_CUMSUM = Primitive(
    "cumsum",
    linear=True,
    node="CumsumBackward0",
    forward=_scan("add"),
    vjp=lambda ctx, g, dim: _reversed_sum(g, dim) if ctx.shapes[0] else g,
    batch=_batching.along(0),
)
_CUMSUM_IN_PLACE = Primitive(
    "cumsum_",
    linear=True,
    node="CumsumBackward0",
    forward=lambda x, dim: _copied(x, _scan("add")(x, dim)),
    vjp=lambda ctx, g, dim: _reversed_sum(g, dim) if ctx.shapes[0] else g,
    inplace=True,
    batch=_batching.along(0),
)


def _copied(x: Tensor, made: Tensor) -> Tensor:
    _copy_into(x, made)
    return x


def _prepare(
    name: str, input: Tensor, dim: int, dtype: dtype | None
) -> tuple[Tensor, int]:
    d = _check_dim(dim, input.dim())
    if dtype is None and not (input.is_floating_point() or input.is_complex()):
        dtype = INT64
    if dtype is BOOL:
        raise NotImplementedError(
            f"[{name}] \"{name}_out_cpu\" not implemented for 'Bool': expected a "
            f"numeric dtype, got {dtype=}. Leave it out to count in int64."
        )
    return (input if dtype is None else cast(input, dtype)), d


@public("cumsum", "Tensor.cumsum")
def cumsum(
    input: Tensor, dim: int, *, dtype: dtype | None = None, out: Tensor | None = None
) -> Tensor:
    """Sum the elements up to each one along a dimension.

    Parameters
    ----------
    input : Tensor
        Any dtype; integers and bool are summed as int64.
    dim : int
        The dimension.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    Accumulated in double precision. **Derivative** the running sum of the gradient
    from the other end.

    Examples
    --------
    >>> import derivo
    >>> derivo.cumsum(derivo.tensor([1, 2, 3]), 0)
    tensor([1, 3, 6])
    """
    x, d = _prepare("cumsum", input, dim, dtype)
    made: Tensor = _CUMSUM((x,), d)
    return made if out is None else write_out(out, made, "cumsum")


def _cumprod_vjp(ctx: Any, g: Tensor, dim: int) -> Tensor:
    x, out = (t.conj() for t in ctx.saved)
    if x.numel() <= 1:
        return g.clone()
    if bool(_batching.everything(x.detach() != 0).all()):
        return _reversed_sum(g * out, dim) / x
    # Exact where elements are zero: d out_k / d x_i is the product of the others up
    # to k, summed over k.
    from derivo import stack

    n = x.shape[dim]
    parts = []
    for i in range(n):
        total = None
        head = out.select(dim, i - 1) if i else None
        running = None
        for k in range(i, n):
            if k > i:
                element = x.select(dim, k)
                running = element if running is None else running * element
            factor = (
                running
                if head is None
                else (head if running is None else head * running)
            )
            term = g.select(dim, k)
            term = term if factor is None else term * factor
            total = term if total is None else total + term
        parts.append(total)
    return stack(parts, dim)  # type: ignore[arg-type]


_CUMPROD = Primitive(
    "cumprod",
    node="CumprodBackward0",
    forward=_scan("multiply"),
    vjp=_cumprod_vjp,
    save=(0, "out"),
    batch=_batching.along(0),
)


@public("cumprod", "Tensor.cumprod")
def cumprod(
    input: Tensor, dim: int, *, dtype: dtype | None = None, out: Tensor | None = None
) -> Tensor:
    """Multiply the elements up to each one along a dimension.

    Parameters
    ----------
    input : Tensor
        Any dtype; integers and bool are multiplied as int64.
    dim : int
        The dimension.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Examples
    --------
    >>> import derivo
    >>> derivo.cumprod(derivo.tensor([1, 2, 3]), 0)
    tensor([1, 2, 6])
    """
    x, d = _prepare("cumprod", input, dim, dtype)
    made: Tensor = _CUMPROD((x,), d)
    return made if out is None else write_out(out, made, "cumprod")


def _running(how: str) -> Any:
    def forward(x: Tensor, dim: int) -> tuple[Tensor, Tensor]:
        from derivo import zeros

        if x.dim() == 0 or x.numel() == 0:
            return x.clone(), zeros(x.shape, dtype=INT64)
        work = cast(x, FLOAT32) if x.dtype.name in ("float16", "bfloat16") else x
        values, index = extremes(work, dim, how == "maximum")
        return cast(values, x.dtype), index

    return forward


def _running_vjp(ctx: Any, gs: Any, dim: int) -> Any:
    if gs[0] is None:
        return None
    (index,) = ctx.saved
    return put_along(gs[0], index, ctx.shapes[0], dim, True)


def _publish_running(name: str, node: str, how: str) -> None:
    primitive = Primitive(
        name,
        node=node,
        forward=_running(how),
        vjp=_running_vjp,
        save=lambda needs, inputs, out, params: (out[1],),
        multi=True,
        batch=_batching.along(0),
    )
    result = named(name)

    def function(input: Tensor, dim: int, *, out: Any = None) -> Any:
        values, indices = primitive((input,), _check_dim(dim, input.dim()))
        if out is not None:
            values, indices = write_out(out[0], values), write_out(out[1], indices)
        return result(values, indices)

    word = "largest" if name == "cummax" else "smallest"
    function.__doc__ = f"""Running {word} element along a dimension, and where it is.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    dim : int
        The dimension.

    Returns
    -------
    named tuple of Tensor
        ``values`` and ``indices``.

    Examples
    --------
    >>> import derivo
    >>> derivo.{name}(derivo.tensor([2, 1, 3]), 0).values
    tensor({"[2, 2, 3]" if name == "cummax" else "[2, 1, 1]"})
    """
    public(name, f"Tensor.{name}")(function)


_publish_running("cummax", "CummaxBackward0", "maximum")
_publish_running("cummin", "CumminBackward0", "minimum")


def _in_place(name: str, function: Any) -> None:
    def method(self: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
        return self.copy_(function(self, dim, dtype=dtype))

    method.__doc__ = f"In place; see `derivo.{name}`."
    public(f"Tensor.{name}_")(method)


@public("Tensor.cumsum_")
def cumsum_(self: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """In place; see `derivo.cumsum`."""
    x, d = _prepare("cumsum_", self, dim, dtype)
    if x.dtype is not self.dtype:
        return self.copy_(cumsum(x, d))
    made: Tensor = _CUMSUM_IN_PLACE((self,), d)
    return made


_in_place("cumprod", cumprod)


# ------------------------------------------------------------- log of sums of exp


def _logcumsumexp_forward(x: Tensor, dim: int) -> Tensor:
    if x.dim() == 0 or x.numel() == 0:
        return x.clone()
    if x.is_complex():
        # One after the other: the imaginary part counts whole turns, as in PyTorch.
        from derivo import logaddexp, stack

        steps = list(x.unbind(dim))
        for k in range(1, len(steps)):
            steps[k] = logaddexp(steps[k - 1], steps[k])
        return stack(steps, dim)
    return cast(log_sums(_in_core(x), dim), x.dtype)


def _logcumsumexp_vjp(ctx: Any, g: Tensor, dim: int) -> Tensor:
    # Of a sum of exponentials from the other end; positive and negative gradients
    # apart, in logarithms, so that nothing overflows.
    if not ctx.shapes[0] or g.numel() == 0:
        return g
    from derivo import where, zeros_like

    x, out = ctx.saved
    if x.is_complex():
        top = x.detach().real.amax(dim, True)
        top = top.masked_fill(top.isinf(), 0)
        ends = _reversed_sum(g * (top - out).exp().conj(), dim)
        turned: Tensor = ends * (x - top).exp().conj()
        return turned

    def part(keep: Tensor, size: Tensor) -> Tensor:
        logs = where(keep, where(keep, size, 1.0).log(), -math.inf)
        ends = _LOGCUMSUMEXP(((logs - out).flip(dim),), dim).flip(dim)
        made: Tensor = (ends + x).exp()
        return made

    up, down = g > 0, g < 0
    found = part(up, g)
    if bool(_batching.everything(down).any()):
        found = found - part(down, -g)
    bare = x.detach()
    lost = bare == -math.inf
    return (
        where(lost, zeros_like(bare), found)
        if bool(_batching.everything(lost).any())
        else found
    )


def _logcumsumexp_jvp(
    given: list[Any], tensors: tuple[Tensor, ...], out: Tensor, dim: int
) -> Tensor:
    # Linear in the tangent, which logarithms of its sign's parts would not be.
    t: Tensor = given[0]
    x = tensors[0]
    if x.dim() == 0 or x.numel() == 0:
        return t
    from derivo import complex128, float64, where

    is_complex = x.is_complex()
    size, found = (v.detach().real if is_complex else v.detach() for v in (x, out))
    top = size.amax(dim, keepdim=True)
    top = where(top == -math.inf, 0.0, top).to(float64)
    empty = found == -math.inf
    wide = complex128 if is_complex else float64
    weight = where(empty, 1.0, (out.to(wide) - top).exp())
    total = ((x.to(wide) - top).exp() * t.to(wide)).cumsum(dim)
    return where(empty, 0.0, total / weight).to(t.dtype)


_LOGCUMSUMEXP = Primitive(
    "logcumsumexp",
    node="LogcumsumexpBackward0",
    forward=_logcumsumexp_forward,
    vjp=_logcumsumexp_vjp,
    jvp=_logcumsumexp_jvp,
    save=(0, "out"),
    batch=_batching.along(0),
)


@public("logcumsumexp", "Tensor.logcumsumexp")
def logcumsumexp(input: Tensor, dim: int, *, out: Tensor | None = None) -> Tensor:
    """Logarithm of the running sum of exponentials along a dimension.

    Parameters
    ----------
    input : Tensor
        Floating point.
    dim : int
        The dimension.
    out : Tensor, optional
        Takes the result.

    Notes
    -----
    Without overflow, accumulated in double precision.

    Examples
    --------
    >>> import derivo
    >>> derivo.logcumsumexp(derivo.zeros(3), 0)
    tensor([0.0000, 0.6931, 1.0986])
    """
    if not (input.is_floating_point() or input.is_complex()):
        raise NotImplementedError(
            '[logcumsumexp] "logcumsumexp_out_cpu" not implemented for integers: '
            f"expected a floating dtype, got {input.dtype}."
        )
    made: Tensor = _LOGCUMSUMEXP((input,), _check_dim(dim, input.dim()))
    return made if out is None else write_out(out, made, "logcumsumexp")
