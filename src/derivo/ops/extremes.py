"""Largest and smallest elements, where they are, and logical reductions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from derivo._core.primitive import Primitive
from derivo._core.reduce import reduced_dims
from derivo._core.tensor import TensorBase, _check_dim, dtypes
from derivo.ops import _batching
from derivo.ops._reduce import given_dims, program
from derivo.ops._surface import FUNCTIONS, public
from derivo.ops.complex import view_as_real
from derivo.ops.conversion import cast, write_out
from derivo.ops.normalization import compute_dtype

if TYPE_CHECKING:
    from derivo import Tensor, dtype

BOOL, UINT8, INT64 = dtypes[0], dtypes[1], dtypes[5]

_MAX_PART = program("amax", lambda p, x: p.reduce("max", x), "k", "r")
_MIN_PART = program("amin", lambda p, x: p.reduce("min", x), "k", "r")
_MAX_PARTS = program("amax", lambda p, x, n: p.reduce("max", x), "k", "rk")
_MIN_PARTS = program("amin", lambda p, x, n: p.reduce("min", x), "k", "rk")


def _extreme(part: Any, parts: Any, name: str, how: str) -> dict[dtype, Any]:
    """One program for each dtype, whose parts have that dtype."""
    return {
        d: program(
            name,
            lambda p, x: p.reduce(how, x),
            "k",
            "r",
            partial=part,
            final=parts,
            partial_dtype=d.code,
        )
        for d in dtypes[:10]
    }


_AMAX = _extreme(_MAX_PART, _MAX_PARTS, "amax", "max")
_AMIN = _extreme(_MIN_PART, _MIN_PARTS, "amin", "min")
_ARGMAX = program("argmax", lambda p, x: p.reduce("argmax", x), "kk", "r", ordered=True)
_ARGMIN = program("argmin", lambda p, x: p.reduce("argmin", x), "kk", "r", ordered=True)
_ANY = program("any", lambda p, x: p.reduce("any", x != 0), "k", "r")
_ALL = program("all", lambda p, x: p.reduce("all", x != 0), "k", "r")


def _restore(t: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    """Put reduced dimensions back with size one."""
    if not keepdim:
        for d in dims:
            t = t.unsqueeze(d)
    return t


def _need_elements(name: str, input: Tensor, dims: tuple[int, ...], all_: bool) -> None:
    if all_ and input.numel() == 0:
        raise RuntimeError(
            f"[{name}] {name}(): Expected reduction dim to be specified for "
            "input.numel() == 0. Specify the reduction dim with the 'dim' argument."
        )
    for d in dims:
        if input.dim() and input.shape[d] == 0:
            raise IndexError(
                f"[{name}] {name}(): Expected reduction dim {d} to have non-zero size."
            )


def _check_real(name: str, input: Tensor) -> None:
    if not isinstance(input, TensorBase):
        raise TypeError(
            f"[{name}] argument 'input' must be Tensor, not {type(input).__name__}."
        )
    if input.is_complex():
        raise NotImplementedError(
            f'[{name}] "{name}" not implemented for complex tensors: they have no '
            "order."
        )


# ------------------------------------------------------------------ amax, amin


def _values(table: dict[dtype, Any]) -> Any:
    def forward(x: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
        made: Tensor = table[x.dtype]([x], dims, [x.dtype], compute_dtype(x), keepdim)
        return made

    return forward


def _shared(
    g: Tensor, x: Tensor, out: Tensor, dims: tuple[int, ...], keepdim: bool
) -> Tensor:
    # Equal elements share the gradient evenly.
    mask = cast(x == _restore(out, dims, keepdim), g.dtype)
    count = mask.sum(dims, True) if dims else mask
    return _restore(g, dims, keepdim) / count * mask


def _ties_vjp(ctx: Any, g: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    x, out = ctx.saved
    return _shared(g, x, out, dims, keepdim)


def _whole_vjp(ctx: Any, g: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    # As `_ties_vjp`, except that a NaN result comes from the NaN elements.
    x, out = ctx.saved
    top = _restore(out, dims, keepdim)
    mask = cast((x == top) | ((x != x) & (top != top)), g.dtype)
    count = mask.sum(dims, True) if dims else mask
    return _restore(g, dims, keepdim) / count * mask


def _make_extreme(
    name: str, node: str, table: dict[dtype, Any], vjp: Any = _ties_vjp
) -> Any:
    return Primitive(
        name,
        node=node,
        forward=_values(table),
        vjp=vjp,
        save=(0, "out"),
        batch=_batching.along(0),
    )


AMAX = _make_extreme("amax", "AmaxBackward0", _AMAX)
AMIN = _make_extreme("amin", "AminBackward0", _AMIN)
MAX_ALL = _make_extreme("max", "MaxBackward1", _AMAX, _whole_vjp)
MIN_ALL = _make_extreme("min", "MinBackward1", _AMIN, _whole_vjp)


def _publish_amax(name: str, primitive: Any, word: str) -> Any:
    def function(
        input: Tensor, dim: Any = (), keepdim: bool = False, *, out: Any = None
    ) -> Tensor:
        _check_real(name, input)
        dims = reduced_dims(None if dim == () else dim, input.dim())
        _need_elements(name, input, dims, dim == ())
        given = {"dim": given_dims(dim, input.dim())}
        made: Tensor = primitive((input,), dims, keepdim, given=given)
        return made if out is None else write_out(out, made, name)

    function.__doc__ = f"""{word} element, of all or along dimensions.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    IndexError
        If a reduced dimension has no elements.

    Notes
    -----
    NaN propagates. **Derivative** shared evenly among equal elements.

    Examples
    --------
    >>> import derivo
    >>> derivo.{name}(derivo.tensor([[1, 2], [4, 3]]), 1)
    tensor({"[2, 4]" if name == "amax" else "[1, 3]"})
    """
    return public(name, f"Tensor.{name}")(function)


amax = _publish_amax("amax", AMAX, "Largest")
amin = _publish_amax("amin", AMIN, "Smallest")


def _range_vjp(
    ctx: Any, gs: list[Any], dims: tuple[int, ...], keepdim: bool
) -> Tensor | None:
    x, *outs = ctx.saved
    found = None
    for g, out in zip(gs, outs, strict=True):
        if g is not None:
            part = _shared(g, x, out, dims, keepdim)
            found = part if found is None else found + part
    return found


_AMINMAX = Primitive(
    "aminmax",
    node="AminmaxBackward0",
    forward=lambda *args: (_values(_AMIN)(*args), _values(_AMAX)(*args)),
    vjp=_range_vjp,
    save=lambda needs, inputs, out, params: (inputs[0], *out),
    multi=True,
    batch=_batching.along(0),
)


class _Aminmax(NamedTuple):
    min: Any
    max: Any


@public("aminmax", "Tensor.aminmax")
def aminmax(
    input: Tensor, *, dim: int | None = None, keepdim: bool = False, out: Any = None
) -> Any:
    """Smallest and largest element, of all or along a dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.aminmax(derivo.tensor([1, 3])).max
    tensor(3)
    """
    _check_real("aminmax", input)
    dims = reduced_dims(dim, input.dim())
    _need_elements("aminmax", input, dims, dim is None)
    given = None if dim is None else dim % (input.dim() or 1)
    low, high = _AMINMAX((input,), dims, keepdim, given={"dim": given})
    if out is not None:
        for t in out:
            if t.dtype != input.dtype:
                raise RuntimeError(
                    f"[aminmax] Expected out tensor to have dtype {input.dtype}, but "
                    f"got {t.dtype} instead."
                )
        low, high = write_out(out[0], low), write_out(out[1], high)
    return _Aminmax(low, high)


# ------------------------------------------------------------------ with positions


def _pairs(op: Any) -> Any:
    def forward(x: Tensor, dim: int, keepdim: bool) -> tuple[Tensor, ...]:
        dims = (dim,) if x.dim() else ()
        made: tuple[Tensor, ...] = op(
            [x], dims, [x.dtype, INT64], compute_dtype(x), keepdim
        )
        return made

    return forward


def at_index_vjp(ctx: Any, gs: list[Any], dim: int, keepdim: bool) -> Any:
    """Gradient of values picked along a dimension at saved positions."""
    if gs[0] is None:
        return None
    (index,) = ctx.saved
    return put_along(gs[0], index, ctx.shapes[0], dim, keepdim)


def put_along(
    g: Tensor, index: Tensor, shape: tuple[int, ...], dim: int, keepdim: bool
) -> Tensor:
    """Zeros of `shape` with `g` added at `index` along `dim`."""
    if not shape:
        return g
    from derivo import zeros

    if not keepdim:
        g, index = g.unsqueeze(dim), index.unsqueeze(dim)
    return zeros(shape, dtype=g.dtype).scatter_add(dim, index, g)


def _make_pairs(name: str, node: str, op: Any) -> Any:
    return Primitive(
        name,
        node=node,
        forward=_pairs(op),
        vjp=at_index_vjp,
        save=lambda needs, inputs, out, params: (out[1],),
        multi=True,
        batch=_batching.along(0),
    )


MAX_DIM = _make_pairs("max", "MaxBackward0", _ARGMAX)
MIN_DIM = _make_pairs("min", "MinBackward0", _ARGMIN)


class _Max(NamedTuple):
    values: Any
    indices: Any


def printed(name: str, base: Any) -> Any:
    """Subclass of a named tuple that prints as PyTorch's result of that name."""

    def text(self: Any) -> str:
        inside = ",\n".join(f"{f}={getattr(self, f)!r}" for f in self._fields)
        return f"torch.return_types.{name}(\n{inside})"

    return type(name, (base,), {"__repr__": text, "__slots__": ()})


def named(name: str) -> Any:
    """Result type of operations that give values and indices."""
    return printed(name, _Max)


_RESULTS = {name: named(name) for name in ("max", "min")}


def _publish_max(name: str, whole: Any, along: Any, elementwise: str) -> Any:
    result = _RESULTS[name]

    def function(
        input: Tensor,
        dim: Any = None,
        keepdim: bool = False,
        *,
        other: Tensor | None = None,
        out: Any = None,
    ) -> Any:
        if isinstance(dim, TensorBase):
            other, dim = dim, None
        if other is not None:
            return FUNCTIONS[elementwise](input, other, out=out)
        _check_real(name, input)
        if dim is None:
            dims = tuple(range(input.dim()))
            _need_elements(name, input, (), True)
            made: Tensor = whole((input,), dims, False)
            return made if out is None else write_out(out, made, name)
        d = _check_dim(dim, input.dim())
        _need_elements(name, input, (d,), False)
        values, indices = along((input,), d, keepdim)
        if out is not None:
            values, indices = write_out(out[0], values), write_out(out[1], indices)
        return result(values, indices)

    word = "Largest" if name == "max" else "Smallest"
    function.__doc__ = f"""{word} element of all, along a dimension, or of pairs.

    Parameters
    ----------
    input : Tensor
        Any real dtype.
    dim : int or Tensor, optional
        The dimension; or another tensor, for the elementwise form.
    keepdim : bool, default False
        Keep the dimension with size one.
    out : Tensor or pair of Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor, or named tuple of Tensor
        ``values`` and ``indices`` if `dim` is an int.

    Raises
    ------
    RuntimeError, IndexError
        If there are no elements.

    Notes
    -----
    NaN propagates; among equal elements the first one is found. **Derivative** to the
    element found along a dimension; shared evenly among equal ones over all.

    Examples
    --------
    >>> import derivo
    >>> derivo.{name}(derivo.tensor([1.0, 3.0, 2.0]), 0).indices
    tensor({1 if name == "max" else 0})
    """
    return public(name, f"Tensor.{name}")(function)


max = _publish_max("max", MAX_ALL, MAX_DIM, "maximum")
min = _publish_max("min", MIN_ALL, MIN_DIM, "minimum")


def _publish_arg(name: str, op: Any) -> Any:
    def function(
        input: Tensor,
        dim: int | None = None,
        keepdim: bool = False,
        *,
        out: Tensor | None = None,
    ) -> Tensor:
        _check_real(name, input)
        if input.dtype is BOOL:
            raise NotImplementedError(
                f"[{name}] \"{name}_cpu\" not implemented for 'Bool': expected a "
                "number type. Convert with .to(derivo.uint8)."
            )
        x = input.detach()
        if dim is None:
            if x.numel() == 0:
                raise IndexError(
                    f"[{name}] {name}(): Expected reduction dim to be specified for "
                    "input.numel() == 0. Specify the reduction dim with the 'dim' "
                    "argument."
                )
            rank = x.dim()
            made = op([x.reshape(-1)], (0,), [x.dtype, INT64], compute_dtype(x))[1]
            if keepdim:
                made = made.reshape((1,) * rank)
        else:
            d = _check_dim(dim, x.dim())
            _need_elements(name, x, (d,), False)
            dims = (d,) if x.dim() else ()
            made = op([x], dims, [x.dtype, INT64], compute_dtype(x), keepdim)[1]
        return made if out is None else write_out(out, made, name)

    word = "largest" if name == "argmax" else "smallest"
    function.__doc__ = f"""Position of the {word} element, the first of several.

    Parameters
    ----------
    input : Tensor
        Any real dtype except bool.
    dim : int, optional
        The dimension; the position in the flattened tensor if not given.
    keepdim : bool, default False
        Keep the dimension with size one.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        int64. Has no gradient.

    Examples
    --------
    >>> import derivo
    >>> derivo.{name}(derivo.tensor([1.0, 3.0, 2.0]))
    tensor({1 if name == "argmax" else 0})
    """
    return public(name, f"Tensor.{name}")(function)


argmax = _publish_arg("argmax", _ARGMAX)
argmin = _publish_arg("argmin", _ARGMIN)


# ------------------------------------------------------------------ any, all


def _publish_logical(name: str, op: Any, word: str) -> Any:
    def function(
        input: Tensor,
        dim: Any = None,
        keepdim: bool = False,
        *,
        out: Tensor | None = None,
    ) -> Tensor:
        if not isinstance(input, TensorBase):
            raise TypeError(
                f"[{name}] argument 'input' must be Tensor, not {type(input).__name__}."
            )
        x = input.detach()
        if x.is_complex():
            x = (view_as_real(x) != 0).any(-1)
        dims = reduced_dims(dim, x.dim())
        # uint8 is the one type whose result is not bool, as in PyTorch.
        kind = UINT8 if x.dtype is UINT8 else BOOL
        compute = compute_dtype(x)
        made: Tensor = op([x], dims, [kind], compute, keepdim)
        return made if out is None else write_out(out, made, name)

    function.__doc__ = f"""Whether {word} element is nonzero, of all or along some.

    Parameters
    ----------
    input : Tensor
        Any dtype.
    dim : int or tuple of int, optional
        Dimensions to reduce; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        bool (uint8 for uint8).

    Examples
    --------
    >>> import derivo
    >>> derivo.{name}(derivo.tensor([True, False]))
    tensor({name == "any"})
    """
    return public(name, f"Tensor.{name}")(function)


any = _publish_logical("any", _ANY, "some")
all = _publish_logical("all", _ALL, "every")
