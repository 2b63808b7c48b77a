"""Differences and integrals of sampled functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.dispatch import result_type
from derivo._core.tensor import TensorBase, _check_dim
from derivo.ops._numbers import over, times
from derivo.ops._surface import public
from derivo.ops.conversion import write_out

if TYPE_CHECKING:
    from derivo import Tensor


@public("diff", "Tensor.diff")
def diff(
    input: Tensor,
    n: int = 1,
    dim: int = -1,
    prepend: Tensor | None = None,
    append: Tensor | None = None,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """Differences of neighbours along a dimension.

    Parameters
    ----------
    input : Tensor
        At least 1-D, any dtype (of bool: the exclusive or).
    n : int, default 1
        How many times.
    dim : int, default -1
        The dimension.
    prepend, append : Tensor, optional
        Put before and after `input` first.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        If `input` has no dimension, or `n` is negative.

    Examples
    --------
    >>> import derivo
    >>> derivo.diff(derivo.tensor([1, 4, 9]))
    tensor([3, 5])
    """
    from derivo import cat, empty_like

    if input.dim() == 0:
        raise RuntimeError("[diff] diff expects input to be at least one-dimensional.")
    if n < 0:
        raise RuntimeError(f"[diff] order must be non-negative but got {n}.")
    d = _check_dim(dim, input.dim())
    for name, extra in (("prepend", prepend), ("append", append)):
        if extra is not None and extra.dim() != input.dim():
            raise RuntimeError(
                "[diff] diff expects prepend or append to be the same dimension as "
                f"input, got {name} of {extra.dim()}D and input of {input.dim()}D."
            )
    parts = [t for t in (prepend, input, append) if t is not None]
    if n == 0:
        made = empty_like(input).copy_(input)
    else:
        made = cat(parts, d) if len(parts) > 1 else input
    for _ in range(min(n, made.shape[d])):
        size = made.shape[d]
        high = made.narrow(d, 1, max(size - 1, 0))
        low = made.narrow(d, 0, max(size - 1, 0))
        made = high.logical_xor(low) if made.dtype.name == "bool" else high - low
    return made if out is None else write_out(out, made, "diff")


def _widths(name: str, y: Tensor, x: Tensor, d: int) -> Tensor:
    """Distances of the sample points, shaped so that they broadcast with `y`."""
    if x.dim() == 0 or x.shape[d if x.dim() == y.dim() else -1] != y.shape[d]:
        raise RuntimeError(
            f"[{name}] {name}: There must be one `x` value for each sample point, got "
            f"x of shape {tuple(x.shape)} for {y.shape[d]} points."
        )
    if x.dim() == 1:
        line = [1] * y.dim()
        line[d] = -1
        return diff(x.view(line), 1, d)
    if x.dim() == y.dim():
        return diff(x, 1, d)
    x = x.reshape((1,) * (y.dim() - x.dim()) + tuple(x.shape))
    return diff(x, 1, d)


def _pieces(
    name: str, y: Tensor, x: Tensor | None, dx: Any, dim: int
) -> tuple[Tensor, int, Any]:
    if x is not None and dx is not None:
        raise TypeError(f"[{name}] got both x and dx: give one of them.")
    for word, given in (("y", y), ("x", x)):
        if given is not None and given.dtype.name == "bool":
            raise RuntimeError(
                f"[{name}] {name}: received a bool input for `{word}`, but bool is not "
                "supported."
            )
    d = _check_dim(dim, y.dim())
    size = y.shape[d] if y.dim() else 1
    if x is not None and y.dim():
        return y, d, _widths(name, y, x, d) if size else None
    return y, d, 1 if dx is None else dx


@public("trapezoid")
def trapezoid(
    y: Tensor, x: Tensor | None = None, *, dx: Any = None, dim: int = -1
) -> Tensor:
    """Integral along a dimension by the trapezoidal rule.

    Parameters
    ----------
    y : Tensor
        Values.
    x : Tensor, optional
        Where they were taken: 1-D, or of `y`'s shape.
    dx : number, default 1
        Distance of the points, if `x` is not given.
    dim : int, default -1
        The dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.trapezoid(derivo.tensor([1.0, 2.0, 3.0]))
    tensor(4.)
    """
    y, d, width = _pieces("trapezoid", y, x, dx, dim)
    size = y.shape[d] if y.dim() else 0
    if size == 0:
        shape = [s for i, s in enumerate(y.shape) if i != d]
        empty: Tensor = y.new_zeros(shape)
        return empty
    if not isinstance(width, TensorBase):
        ends = y.select(d, 0) + y.select(d, -1)
        whole: Tensor = times(y.sum(d) - times(ends, 0.5), width * 1.0)
        return whole
    low, high = y.narrow(d, 0, size - 1), y.narrow(d, 1, size - 1)
    return over(((low + high) * width).sum(d), 2.0)


@public("trapz")
def trapz(
    y: Tensor, x: Tensor | None = None, *, dx: Any = None, dim: int = -1
) -> Tensor:
    """Integral along a dimension; see `trapezoid`."""
    return trapezoid(y, x, dx=dx, dim=dim)


@public("cumulative_trapezoid")
def cumulative_trapezoid(
    y: Tensor, x: Tensor | None = None, *, dx: Any = None, dim: int = -1
) -> Tensor:
    """Integrate along a dimension, step by step, by the trapezoidal rule.

    Parameters
    ----------
    y : Tensor
        Values, n along the dimension.
    x : Tensor, optional
        Where they were taken: 1-D, or of `y`'s shape.
    dx : number, default 1
        Distance of the points, if `x` is not given.
    dim : int, default -1
        The dimension.

    Returns
    -------
    Tensor
        n - 1 along the dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.cumulative_trapezoid(derivo.tensor([1.0, 2.0, 3.0]))
    tensor([1.5000, 4.0000])
    """
    y, d, width = _pieces("cumulative_trapezoid", y, x, dx, dim)
    size = y.shape[d] if y.dim() else 1
    if y.dim() == 0 or size == 0:
        empty: Tensor = y.new_zeros(0) if y.dim() == 0 else y.clone()
        return empty
    low, high = y.narrow(d, 0, size - 1), y.narrow(d, 1, size - 1)
    both = low + high
    if isinstance(width, TensorBase):
        return over((both * width).cumsum(d), 2.0)
    steps: Tensor = times(both, width / 2.0).cumsum(d)
    return steps


# ------------------------------------------------------------------- gradient


def _gradient_along(x: Tensor, d: int, spacing: Any, edge_order: int) -> Tensor:
    from derivo import cat

    n = x.shape[d]

    def at(i: int) -> Tensor:
        made: Tensor = x.narrow(d, i if i >= 0 else n + i, 1)
        return made

    if not isinstance(spacing, TensorBase):
        h = spacing
        inner = x.narrow(d, 2, n - 2) - x.narrow(d, 0, n - 2)
        if edge_order == 1:
            first, last = at(1) - at(0), at(-1) - at(-2)
        else:
            first = times(at(0), -1.5) + times(at(1), 2) - times(at(2), 0.5)
            last = times(at(-3), 0.5) - times(at(-2), 2) + times(at(-1), 1.5)
        parts = [over(first, h), over(over(inner, h), 2), over(last, h)]
        made: Tensor = cat(parts, d)
        return made
    shape = [-1 if i == d else 1 for i in range(x.dim())]
    steps = diff(spacing)
    a = steps[:-1].reshape(shape)
    b = steps[1:].reshape(shape)
    below, above = x.narrow(d, 0, n - 2), x.narrow(d, 2, n - 2)
    middle = x.narrow(d, 1, n - 2)
    inner = (
        -b / (a * (a + b)) * below
        + (b - a) / (a * b) * middle
        + a / (b * (a + b)) * above
    )
    if edge_order == 1:
        first = (at(1) - at(0)) / steps[0]
        last = (at(-1) - at(-2)) / steps[-1]
    else:
        p, q = steps[0], steps[1]
        first = (
            -(p * 2 + q) / (p * (p + q)) * at(0)
            + (p + q) / (p * q) * at(1)
            + -p / (q * (p + q)) * at(2)
        )
        p, q = steps[-2], steps[-1]
        last = (
            q / (p * (p + q)) * at(-3)
            + -(q + p) / (p * q) * at(-2)
            + (q * 2 + p) / (q * (p + q)) * at(-1)
        )
    joined: Tensor = cat([first, inner, last], d)
    return joined


@public("gradient")
def gradient(
    input: Tensor, *, spacing: Any = None, dim: Any = None, edge_order: int = 1
) -> tuple[Tensor, ...]:
    """Numerical derivatives of a sampled function, to second order inside.

    Parameters
    ----------
    input : Tensor
        Values on a grid.
    spacing : number, or list of number, or of 1-D Tensor
        Distance of the points along each dimension (1 if not given), or their
        positions.
    dim : int or list of int, optional
        Dimensions; all if not given.
    edge_order : {1, 2}
        Order of accuracy at the two ends.

    Returns
    -------
    tuple of Tensor
        One for each dimension, of `input`'s shape.

    Raises
    ------
    RuntimeError
        If there are fewer than ``edge_order + 1`` points, or arguments do not fit.

    Examples
    --------
    >>> import derivo
    >>> derivo.gradient(derivo.tensor([1.0, 4.0, 9.0, 16.0]))
    (tensor([3., 4., 6., 7.]),)
    """
    if spacing is None:
        spacing = 1.0
    rank = input.dim()
    if dim is None:
        dims = list(range(rank))
    else:
        given = [dim] if isinstance(dim, int) else list(dim)
        dims = [_check_dim(d, rank) for d in given]
    single = not isinstance(spacing, (list, tuple))
    spacings = [spacing] * len(dims) if single else list(spacing)
    if single and isinstance(spacing, TensorBase) and spacing.dim() == 0:
        spacings = [spacing.item()] * len(dims)
    if len(spacings) != len(dims):
        raise RuntimeError(
            "[gradient] torch.gradient expected spacing to be unspecified, a scalar or "
            f"a list of length equal to the number of dims, {len(dims)}, but got a "
            f"list of length {len(spacings)}."
        )
    if edge_order not in (1, 2):
        raise RuntimeError(
            "[gradient] torch.gradient only supports edge_order=1 and edge_order=2, "
            f"got {edge_order=}."
        )
    for i, d in enumerate(dims):
        if d in dims[:i]:
            raise RuntimeError(
                f"[gradient] dim {d} appears multiple times in the list of dims."
            )
        if input.shape[d] < edge_order + 1:
            raise RuntimeError(
                "[gradient] torch.gradient expected each dimension size to be at least "
                f"edge_order+1, got {input.shape[d]} in dimension {d}."
            )
        h = spacings[i]
        if isinstance(h, TensorBase) and (h.dim() != 1 or h.numel() != input.shape[d]):
            raise RuntimeError(
                "[gradient] torch.gradient expected each tensor in spacing to be 1-D "
                f"with {input.shape[d]} positions, got shape {tuple(h.shape)}."
            )
    if not (input.is_floating_point() or input.is_complex()):
        input = input.to(result_type(input, 1.0))
    return tuple(
        _gradient_along(input, d, h, edge_order)
        for d, h in zip(dims, spacings, strict=True)
    )
