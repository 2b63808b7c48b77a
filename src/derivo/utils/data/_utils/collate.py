"""Join samples into a batch.

`collate` walks nested containers of equal structure and joins what it finds at the
leaves by a function chosen by type from `default_collate_fn_map`, which users may
extend for types of their own.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import (
    Callable,
    Iterable,
    Mapping,
    MutableMapping,
    MutableSequence,
    Sequence,
)
from typing import TYPE_CHECKING, Any

import derivo

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["collate", "default_collate", "default_collate_fn_map", "default_convert"]

CollateMap = dict[Any, Callable[..., Any]]


def _unfit(kind: Any) -> TypeError:
    return TypeError(
        "[default_collate] default_collate: batch must contain tensors, numpy arrays, "
        f"numbers, dicts or lists; found {kind}. Convert samples in the dataset, or "
        "pass a collate_fn to the DataLoader."
    )


def collate(batch: Sequence[Any], *, collate_fn_map: CollateMap | None = None) -> Any:
    """Join samples into a batch, choosing the function for each type from a map.

    Parameters
    ----------
    batch : sequence
        Samples of one structure: values, or containers of them.
    collate_fn_map : dict, optional
        From a type, or tuple of types, to a function called as
        ``fn(batch, collate_fn_map=...)``.

    Returns
    -------
    object
        The structure of one sample, with batches for leaves.

    Raises
    ------
    TypeError
        If a leaf has a type without a function.
    RuntimeError
        If sequences differ in length.

    Examples
    --------
    >>> from derivo.utils.data._utils.collate import collate
    >>> def longest(batch, *, collate_fn_map=None):
    ...     return max(batch, key=len)
    >>> collate([("a", "bb"), ("ccc", "d")], collate_fn_map={str: longest})
    ['ccc', 'bb']
    """
    first = batch[0]
    join = _function_for(first, collate_fn_map)
    if join is not None:
        return join(batch, collate_fn_map=collate_fn_map)

    def inner(values: Sequence[Any]) -> Any:
        return collate(values, collate_fn_map=collate_fn_map)

    if isinstance(first, Mapping):
        joined = {key: inner([sample[key] for sample in batch]) for key in first}
        return _like_mapping(first, joined)
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*map(inner, zip(*batch, strict=False)))
    if isinstance(first, Sequence):
        sizes = {len(sample) for sample in batch}
        if len(sizes) > 1:
            raise RuntimeError(
                "[default_collate] each element in list of batch should be of equal "
                f"size: got sizes {sorted(sizes)}. Pad or cut the samples, or pass a "
                "collate_fn to the DataLoader."
            )
        columns = [inner(column) for column in zip(*batch, strict=True)]
        return _like_sequence(first, columns)
    raise _unfit(type(first))


def _function_for(
    value: Any, collate_fn_map: CollateMap | None
) -> Callable[..., Any] | None:
    if collate_fn_map is None:
        return None
    exact = collate_fn_map.get(type(value))
    if exact is not None:
        return exact
    for kind, function in collate_fn_map.items():
        if isinstance(value, kind):
            return function
    return None


# A container's class may carry more than its items. So a mutable one is copied and
# filled anew, another is built from the items, and where its class allows neither
# (range, say) a plain one takes its place.


def _like_mapping(original: Mapping[Any, Any], items: dict[Any, Any]) -> Any:
    try:
        if isinstance(original, MutableMapping):
            same = copy.copy(original)
            same.update(items)
            return same
        return type(original)(items)  # type: ignore[call-arg]
    except TypeError:
        return items


def _like_sequence(original: Sequence[Any], items: list[Any]) -> Any:
    if isinstance(original, tuple):
        return items  # a list, as PyTorch has it
    try:
        if isinstance(original, MutableSequence):
            same = copy.copy(original)
            for i, item in enumerate(items):
                same[i] = item
            return same
        return type(original)(items)  # type: ignore[call-arg]
    except TypeError:
        return items


def collate_tensor_fn(
    batch: Sequence[Tensor], *, collate_fn_map: CollateMap | None = None
) -> Tensor:
    """Stack tensors of one shape along a new first dimension."""
    return derivo.stack(list(batch), 0)


def collate_numpy_array_fn(
    batch: Sequence[Any], *, collate_fn_map: CollateMap | None = None
) -> Any:
    """Turn NumPy arrays into tensors and join those."""
    if batch[0].dtype.kind in "SUO":
        raise _unfit(batch[0].dtype)
    return collate([derivo.as_tensor(a) for a in batch], collate_fn_map=collate_fn_map)


def collate_numpy_scalar_fn(
    batch: Sequence[Any], *, collate_fn_map: CollateMap | None = None
) -> Tensor:
    """Make a tensor of NumPy scalars, in their dtype."""
    return derivo.as_tensor(batch)


def collate_float_fn(
    batch: Sequence[float], *, collate_fn_map: CollateMap | None = None
) -> Tensor:
    """Make a float64 tensor of floats."""
    return derivo.tensor(batch, dtype=derivo.float64)


def collate_int_fn(
    batch: Sequence[int], *, collate_fn_map: CollateMap | None = None
) -> Tensor:
    """Make an int64 tensor of ints, a bool one of bools."""
    return derivo.tensor(batch)


def collate_str_fn(
    batch: Sequence[Any], *, collate_fn_map: CollateMap | None = None
) -> Sequence[Any]:
    """Leave text as it is."""
    return batch


default_collate_fn_map: CollateMap = {
    derivo.Tensor: collate_tensor_fn,
    float: collate_float_fn,
    int: collate_int_fn,
    str: collate_str_fn,
    bytes: collate_str_fn,
}


def _know_numpy() -> None:
    """Add NumPy's types to the map once somebody has imported NumPy.

    They come before float, of which ``numpy.float64`` is a subclass.
    """
    numpy = sys.modules.get("numpy")
    if numpy is None or numpy.ndarray in default_collate_fn_map:
        return
    known = dict(default_collate_fn_map)
    default_collate_fn_map.clear()
    default_collate_fn_map[derivo.Tensor] = known.pop(derivo.Tensor)
    default_collate_fn_map[numpy.ndarray] = collate_numpy_array_fn
    scalars = (numpy.bool_, numpy.number, numpy.object_)
    default_collate_fn_map[scalars] = collate_numpy_scalar_fn
    default_collate_fn_map.update(known)


def default_collate(batch: Sequence[Any]) -> Any:
    """Join samples into a batch: tensors are stacked, numbers become tensors.

    Parameters
    ----------
    batch : sequence
        Samples of one structure.

    Returns
    -------
    object
        For tensors and NumPy arrays of shape ``(...)``, a tensor ``(N, ...)``; for
        ints, floats (float64) and bools, a tensor ``(N,)``; text unchanged; for dicts,
        named tuples and lists, the same with joined values; for tuples, a list.

    Raises
    ------
    TypeError
        If a sample is, or contains, anything else.
    RuntimeError
        If sequences differ in length.

    Examples
    --------
    >>> from derivo.utils.data import default_collate
    >>> default_collate([(1, "a"), (2, "b")])
    [tensor([1, 2]), ('a', 'b')]
    >>> default_collate([{"x": 0.5}, {"x": 1.5}])
    {'x': tensor([0.5000, 1.5000], dtype=torch.float64)}
    """
    _know_numpy()
    return collate(batch, collate_fn_map=default_collate_fn_map)


def default_convert(data: Any) -> Any:
    """Turn NumPy arrays and scalars, however nested, into tensors.

    This is what a `DataLoader` does with a sample when it makes no batches.

    Parameters
    ----------
    data : object
        One sample.

    Returns
    -------
    object
        The same structure (a list for a tuple); whatever is not NumPy's is unchanged.

    Examples
    --------
    >>> import numpy
    >>> from derivo.utils.data import default_convert
    >>> default_convert({"x": numpy.array([1, 2]), "name": "a"})
    {'x': tensor([1, 2]), 'name': 'a'}
    """
    kind = type(data)
    if isinstance(data, (derivo.Tensor, str, bytes)):
        return data
    if kind.__module__ == "numpy":
        is_text = hasattr(data, "dtype") and data.dtype.kind in "SUO"
        return data if is_text else derivo.as_tensor(data)
    if isinstance(data, Mapping):
        converted = {key: default_convert(data[key]) for key in data}
        return _like_mapping(data, converted)
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return kind(*_convert_all(data))
    if isinstance(data, Sequence):
        return _like_sequence(data, _convert_all(data))
    return data


def _convert_all(values: Iterable[Any]) -> list[Any]:
    return [default_convert(value) for value in values]
