"""`vmap`: one function for one example becomes a function for a batch."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase
from derivo.func._batch import Frame, lift, wrap
from derivo.utils._pytree import (
    _broadcast_to_and_flatten,
    tree_flatten,
    tree_leaves,
    tree_structure,
    tree_unflatten,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derivo.utils._pytree import TreeSpec

__all__ = ["vmap"]


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """Let a function written for one example work on a batch of them.

    Parameters
    ----------
    func : callable
        Takes tensors (and other values, and containers of them) and returns tensors
        (or containers of them). It must not branch on values, nor call ``item()``.
    in_dims : int, None or nested tuple, default 0
        Which dimension of each argument counts examples; None: the argument is the
        same for all. A value stands for everything below it in a container.
    out_dims : int, None or nested tuple, default 0
        Where that dimension goes in each result.
    randomness : {"error", "different", "same"}
        What random functions do: refuse, draw for each example, or draw once for all.
    chunk_size : int, optional
        Work on this many examples at a time, to bound memory.

    Returns
    -------
    callable
        Takes the arguments of `func` with the batch dimension added.

    Raises
    ------
    ValueError
        If `in_dims` or `out_dims` do not fit the arguments or results, if sizes
        differ, or if nothing is mapped over.
    RuntimeError
        For what cannot be batched: a branch on values, ``item()``, an in-place change
        of a tensor that all examples share, a random function.

    Notes
    -----
    **Derivative**: as of a loop over examples; `grad`, `jacrev` and the like may be
    inside or outside.

    Examples
    --------
    >>> import derivo
    >>> derivo.vmap(derivo.dot)(derivo.ones(3, 2), derivo.ones(3, 2))
    tensor([2., 2., 2.])
    >>> x = derivo.tensor([1.0, 2.0, 3.0])
    >>> derivo.vmap(derivo.func.grad(derivo.sin))(x).allclose(x.cos())
    True
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(
            "[vmap] Only allowed values for randomness are 'error', 'different', or "
            f"'same'. Got {randomness}."
        )
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(
            "[vmap] vmap: chunk_size should be None or greater than 0. (got "
            f"{chunk_size})"
        )

    @functools.wraps(func)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        _check_out_dims(out_dims, func)
        if chunk_size is None:
            plain = _plain(in_dims, args)
            if plain is not None:
                with Frame(plain[0], randomness) as frame:
                    given = [
                        t
                        if d is None
                        else wrap(t if d == 0 else t.movedim(d, 0), frame)
                        for t, d in zip(args, plain[1], strict=True)
                    ]
                    return _outputs(func(*given, **kwargs), out_dims, frame, func)
        size, dims, leaves, spec = _inputs(in_dims, args, func)
        if chunk_size is None or chunk_size >= size:
            return _run(func, size, dims, leaves, spec, out_dims, randomness, kwargs)
        return _chunked(
            func, size, dims, leaves, spec, out_dims, randomness, kwargs, chunk_size
        )

    return mapped


def _name(func: Any) -> str:
    if hasattr(func, "__name__"):
        return str(func.__name__)
    if isinstance(func, functools.partial):
        return f"functools.partial({_name(func.func)}, ...)"
    return repr(func)


def _where(func: Any, in_dims: Any) -> str:
    return f"[vmap] vmap({_name(func)}, in_dims={in_dims}, ...)(<inputs>): "


def _check_out_dims(out_dims: Any, func: Any) -> None:
    if isinstance(out_dims, int):
        return
    for d in tree_leaves(out_dims):
        if d is not None and not isinstance(d, int):
            raise ValueError(
                f"[vmap] vmap({_name(func)}, ..., out_dims={out_dims}): `out_dims` "
                "must be an int, None or a python collection of ints representing "
                f"where in the outputs the vmapped dimension should appear, got {d!r}."
            )


def _plain(
    in_dims: Any, args: tuple[Any, ...]
) -> tuple[int, tuple[int | None, ...]] | None:
    """Batch size and dimensions of arguments that are tensors or the same for all.

    None for containers to be taken apart, and for what is to be refused.
    """
    if type(in_dims) is int:
        in_dims = (in_dims,) * len(args)
    if type(in_dims) is not tuple or len(in_dims) != len(args):
        return None
    size = 0
    for t, d in zip(args, in_dims, strict=True):
        if d is None:
            continue
        if type(d) is not int or not isinstance(t, TensorBase) or not 0 <= d < t.dim():
            return None
        n = t.shape[d]
        if size and n != size:
            return None
        size = n
    return (size, in_dims) if size else None


def _inputs(
    in_dims: Any, args: tuple[Any, ...], func: Any
) -> tuple[int, list[int | None], list[Any], TreeSpec]:
    """Batch size, the dimension of each leaf, the leaves, and their structure."""
    if not isinstance(in_dims, (int, tuple)):
        # A list is a frequent mistake that would not match the tuple of arguments.
        raise ValueError(
            f"{_where(func, in_dims)}"
            f"expected `in_dims` to be int or a (potentially nested) tuple "
            f"matching the structure of inputs, got: {type(in_dims)}."
        )
    if not args:
        raise ValueError(
            f"[vmap] vmap({_name(func)})(<inputs>): got no inputs: there is nothing to "
            "map over. Pass at least one tensor by position."
        )
    leaves, spec = tree_flatten(args)
    dims = _broadcast_to_and_flatten(in_dims, spec)
    if dims is None:
        raise ValueError(
            f"{_where(func, in_dims)}"
            f"in_dims is not compatible with the structure of `inputs`. in_dims "
            f"has structure {tree_structure(in_dims)} but inputs has structure {spec}."
        )
    size = None
    for i, (leaf, d) in enumerate(zip(leaves, dims, strict=True)):
        if d is None:
            continue
        if not isinstance(d, int):
            raise ValueError(
                f"{_where(func, in_dims)}"
                f"Got in_dim={d} for an input but in_dim must be either an "
                "integer dimension or None."
            )
        if not isinstance(leaf, TensorBase):
            raise ValueError(
                f"{_where(func, in_dims)}"
                f"Got in_dim={d} for an input but the input is of type "
                f"{type(leaf)}. We cannot vmap over non-Tensor arguments, please use "
                "None as the respective in_dim."
            )
        rank = leaf.dim()
        if d < -rank or d >= rank:
            raise ValueError(
                f"{_where(func, in_dims)}"
                f"Got in_dim={d} for some input, but that input is a Tensor of "
                f"dimensionality {rank} so expected in_dim to satisfy -{rank} <= "
                f"in_dim < {rank}."
            )
        if d < 0:
            d = dims[i] = d + rank
        n = leaf.shape[d]
        if size is None:
            size = n
        elif size != n:
            sizes = [
                t.shape[k] for t, k in zip(leaves, dims, strict=True) if k is not None
            ]
            raise ValueError(
                "[vmap] vmap: Expected all tensors to have the same size in the mapped "
                f"dimension, got sizes {sizes} for the mapped dimension."
            )
    if size is None:
        raise ValueError(
            "[vmap] vmap: at least one input must be mapped over: all entries of "
            "in_dims are None. Call the function itself."
        )
    if size == 0:
        raise ValueError(
            "[vmap] vmap: the mapped dimension has size 0: expected at least one "
            "example."
        )
    return size, dims, leaves, spec


def _run(
    func: Any,
    size: int,
    dims: list[int | None],
    leaves: list[Any],
    spec: TreeSpec,
    out_dims: Any,
    randomness: str,
    kwargs: dict[str, Any],
) -> Any:
    with Frame(size, randomness) as frame:
        inputs = _wrapped(leaves, dims, frame)
        made = func(*tree_unflatten(inputs, spec), **kwargs)
        return _outputs(made, out_dims, frame, func)


def _wrapped(values: Sequence[Any], dims: Sequence[int | None], frame: Frame) -> Any:
    return [
        t if d is None else wrap(t if d == 0 else t.movedim(d, 0), frame)
        for t, d in zip(values, dims, strict=True)
    ]


def _outputs(made: Any, out_dims: Any, frame: Frame, func: Any) -> Any:
    """Physical tensors of the results, the batch dimension where it is wanted."""
    if isinstance(out_dims, int):
        if isinstance(made, TensorBase):
            return _unwrap(made, out_dims, frame, func)
        if type(made) is tuple and all(isinstance(t, TensorBase) for t in made):
            return tuple(_unwrap(t, out_dims, frame, func) for t in made)
    leaves, spec = tree_flatten(made)
    dims: list[Any] | None
    if isinstance(made, TensorBase):
        if out_dims is None:
            dims = [None]
        elif isinstance(out_dims, tuple) and len(out_dims) == 1:
            dims = list(out_dims)
        else:
            dims = None
    else:
        dims = _broadcast_to_and_flatten(out_dims, spec)
    if dims is None:
        raise ValueError(
            f"[vmap] vmap({_name(func)}, ..., out_dims={out_dims})(<inputs>): out_dims "
            "is not compatible with the structure of `outputs`. out_dims has structure "
            f"{tree_structure(out_dims)} but outputs has structure {spec}."
        )
    found = [_unwrap(t, d, frame, func) for t, d in zip(leaves, dims, strict=True)]
    return tree_unflatten(found, spec)


def _unwrap(t: Any, d: int | None, frame: Frame, func: Any) -> Any:
    if d is None:
        if isinstance(t, TensorBase) and t._batch is not None:
            b = t._batch
            if b.level == frame.level:
                if b.batched:
                    raise ValueError(
                        f"[vmap] vmap({_name(func)}, ...): the function can not return "
                        "a BatchedTensor when out_dim is None: it differs from example "
                        "to example. Give out_dims an int there."
                    )
                return b.tensor
        return t
    if not isinstance(t, TensorBase):
        raise ValueError(
            f"[vmap] vmap({_name(func)}, ...): `{_name(func)}` must only return "
            f"Tensors, got type {type(t)}. Did you mean to set out_dims= to None for "
            "output?"
        )
    b = t._batch
    if b is not None and b.level == frame.level:
        physical, batched = b.tensor, b.batched
    else:
        physical, batched = t, False
    rank = t.dim()
    if d < -rank - 1 or d > rank:
        raise IndexError(
            f"[vmap] Dimension out of range (expected to be in range of "
            f"[{-rank - 1}, {rank}], but got {d}) for out_dims of {_name(func)}."
        )
    if not batched:
        physical = lift(physical, False, frame.size)
    return physical if d == 0 else physical.movedim(0, d)


def _chunked(
    func: Any,
    size: int,
    dims: list[int | None],
    leaves: list[Any],
    spec: TreeSpec,
    out_dims: Any,
    randomness: str,
    kwargs: dict[str, Any],
    chunk: int,
) -> Any:
    """A vmap for each chunk of examples; their results in one tensor."""
    from derivo import cat, get_rng_state, set_rng_state

    state = get_rng_state() if randomness == "same" else None
    parts: list[list[Any]] = []
    found = None
    for begin in range(0, size, chunk):
        n = min(chunk, size - begin)
        part = [
            t if d is None else t.narrow(d, begin, n)
            for t, d in zip(leaves, dims, strict=True)
        ]
        if state is not None:
            set_rng_state(state)
        made = _run(func, n, dims, part, spec, out_dims, randomness, kwargs)
        flat, found = tree_flatten(made)
        parts.append(flat)
    assert found is not None
    if isinstance(out_dims, tuple) and len(out_dims) == 1 and found.is_leaf():
        where: Any = list(out_dims)
    else:
        where = _broadcast_to_and_flatten(out_dims, found)
    joined = [
        column[0] if d is None else cat(list(column), dim=d)
        for column, d in zip(zip(*parts, strict=True), where, strict=True)
    ]
    return tree_unflatten(joined, found)
