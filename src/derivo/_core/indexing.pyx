"""Subscripts: ``a[...]`` and ``a[...] = value``.

A subscript is taken apart from left to right. Integers, slices, None, ellipsis and
plain bools are views, made at once, one node each, as in PyTorch. Tensors and lists
among the items are advanced indices: they are collected, and one gather (or scatter)
over the view made so far does the rest.
"""

from derivo._core._types cimport *
from derivo._core.tensor cimport TensorBase
from derivo._core.views cimport select_c, slice_c, unsqueeze_c
from derivo._core.views import alias_of

cdef extern from "Python.h":
    int PySlice_Unpack(object slice, Py_ssize_t* start, Py_ssize_t* stop,
                       Py_ssize_t* step) except -1
    Py_ssize_t PySlice_AdjustIndices(Py_ssize_t length, Py_ssize_t* start,
                                     Py_ssize_t* stop, Py_ssize_t step)

cdef dict _callbacks = {}


def set_callbacks(**functions):
    """Set the Python functions that subscripts fall back on."""
    _callbacks.update(functions)


cdef TensorBase apply_slice(TensorBase t, int dim, object item):
    cdef Py_ssize_t start, stop, step
    cdef bint from_zero
    if dim >= t.rank:
        raise IndexError(
            "[getitem] slice() cannot be applied to a 0-dim tensor."
        )
    if item.step is None and item.start is None and item.stop is None:
        return t
    try:
        PySlice_Unpack(item, &start, &stop, &step)
    except TypeError:
        item = slice(*[None if v is None else v.__index__()
                       for v in (item.start, item.stop, item.step)])
        PySlice_Unpack(item, &start, &stop, &step)
    if step <= 0:
        raise ValueError("[getitem] step must be greater than zero.")
    # A slice from a negative start is never the whole dimension, as in PyTorch.
    from_zero = start == 0
    PySlice_AdjustIndices(t.sizes[dim], &start, &stop, step)
    if from_zero and stop == t.sizes[dim] and step == 1:
        return t
    return slice_c(t, dim, start, max(start, stop), step)


cdef int count_dims(TensorBase t, tuple items) except -1:
    """Dimensions that the items consume; checks that there are enough."""
    cdef int n = 0
    for item in items:
        if item is None or item is Ellipsis or item is True or item is False:
            continue
        if isinstance(item, TensorBase) and (<TensorBase>item).code in (BOOL, U8):
            n += (<TensorBase>item).rank
        else:
            n += 1
    if n > t.rank:
        raise IndexError(
            f"[getitem] too many indices for tensor of dimension {t.rank}: got {n}."
        )
    return n


cdef TensorBase take_apart(TensorBase self, object index, list advanced):
    """Apply the view items; `advanced` receives an index tensor (or None) per
    dimension of the returned tensor."""
    cdef TensorBase t = self, it
    cdef int dim = 0, used
    cdef tuple items
    cdef object item
    if type(index) is tuple:
        items = <tuple>index
    elif type(index) is list and as_tuple(index):
        items = tuple(index)
    else:
        items = (index,)
    used = -1
    for item in items:
        if type(item) is int:
            if dim >= t.rank:
                count_dims(self, items)
                raise IndexError(
                    "[getitem] invalid index of a 0-dim tensor. Use `tensor.item()` to "
                    "convert a 0-dim tensor to a Python number."
                )
            t = checked_select(t, dim, item)
        elif type(item) is slice:
            if dim >= t.rank:
                count_dims(self, items)
            t = apply_slice(t, dim, item)
            dim += 1
        elif item is None:
            t = unsqueeze_c(t, dim)
            dim += 1
        elif item is Ellipsis:
            dim += self.rank - count_dims(self, items)
        elif item is True or item is False:
            t = unsqueeze_c(t, dim)
            put_advanced(advanced, dim, _callbacks["bool_index"](item))
            dim += 1
        else:
            if not isinstance(item, TensorBase):
                item = _callbacks["as_index"](item)
                if type(item) is int:
                    if dim >= t.rank:
                        count_dims(self, items)
                    t = checked_select(t, dim, item)
                    continue
            it = <TensorBase>item
            if it.rank == 0 and it.code != BOOL and it.code != U8:
                if it.code > I64:
                    raise IndexError(
                        "[getitem] tensors used as indices must be long, int, byte or "
                        "bool tensors."
                    )
                if dim >= t.rank:
                    count_dims(self, items)
                t = checked_select(t, dim, it.item())
                continue
            if it.rank == 0 and it.code <= U8:
                t = unsqueeze_c(t, dim)
                put_advanced(advanced, dim, _callbacks["bool_index"](bool(it)))
                dim += 1
                continue
            if used < 0:
                used = count_dims(self, items)
            put_advanced(advanced, dim, it)
            dim += it.rank if it.code <= U8 else 1
    return t


cdef int put_advanced(list advanced, int dim, object item) except -1:
    while len(advanced) < dim:
        advanced.append(None)
    advanced.append(item)
    # A mask of several dimensions stands for all of them.
    if isinstance(item, TensorBase) and (<TensorBase>item).code <= U8:
        for _ in range((<TensorBase>item).rank - 1):
            advanced.append(Ellipsis)
    return 0


cdef bint as_tuple(list index) except -1:
    # A short list that holds sequences, slices or tensors means a tuple (NumPy's old
    # rule, which PyTorch keeps).
    if len(index) >= 32:
        return False
    for item in index:
        if item is None or item is Ellipsis or isinstance(item, (slice, TensorBase)):
            return True
        if isinstance(item, (list, tuple)):
            return True
    return False


cdef TensorBase checked_select(TensorBase t, int dim, int64_t at):
    if at < -t.sizes[dim] or at >= t.sizes[dim]:
        raise IndexError(
            f"[getitem] index {at} is out of bounds for dimension {dim} with size "
            f"{t.sizes[dim]}."
        )
    return select_c(t, dim, at)


def getitem(TensorBase self, index):
    """Part of the tensor: ``self[index]``."""
    cdef list advanced = []
    cdef TensorBase t
    t = take_apart(self, index, advanced)
    if advanced:
        return _callbacks["index"](t, advanced)
    if t is not self:
        return t
    if isinstance(index, slice):
        # PyTorch leaves out a slice of everything only from among several items.
        return slice_c(self, 0, 0, self.sizes[0], 1)
    return alias_of(self)


def setitem(TensorBase self, index, value):
    """Write into part of the tensor: ``self[index] = value``."""
    cdef list advanced = []
    cdef TensorBase t
    t = take_apart(self, index, advanced)
    if advanced:
        _callbacks["index_put"](t, advanced, value)
    else:
        _callbacks["assign"](t, value)
