"""The buffer protocol: a tensor's memory for ``memoryview``, ``readinto`` and others.

A view that is out holds the storage and a copy of the geometry, so that it stays valid
whatever happens to the tensor meanwhile; `Storage.exports` counts those that are out,
and a storage that has some does not grow.
"""

cimport cython
from cpython.buffer cimport (
    PyBUF_ANY_CONTIGUOUS, PyBUF_C_CONTIGUOUS, PyBUF_F_CONTIGUOUS, PyBUF_FORMAT,
    PyBUF_ND, PyBUF_STRIDES, PyBUF_WRITABLE,
)
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.ref cimport Py_DECREF, Py_INCREF

from derivo._core._types cimport *
from derivo._core.memory cimport Storage, foreign_storage
from derivo._core.tensor cimport (
    ITEMSIZE, TensorBase, code_of, dtype_of, make, needs_grad, readable,
    set_buffer_hooks, thread_state,
)

from derivo.errors import BufferAccessError

cdef extern from "Python.h":
    Py_buffer* PyMemoryView_GET_BUFFER(object view)

cdef char* FORMATS[12]
FORMATS[:] = [
    "?", "B", "b", "h", "i", "l" if sizeof(long) == 8 else "q", "e", NULL, "f", "d",
    "Zf", "Zd",
]


cdef Storage root_of(Storage storage):
    # What `.data` returns counts versions by itself, on the same memory.
    while isinstance(storage.owner, Storage):
        storage = <Storage>storage.owner
    return storage


@cython.final
@cython.no_gc
cdef class Export:
    """What a view that is out needs of the tensor."""

    cdef Storage storage
    cdef bytes dims
    cdef bint written

    def __dealloc__(self):
        cdef Storage root
        if self.storage is not None:
            root = root_of(self.storage)
            root.exports -= 1


cdef int refuse(TensorBase t, int flags) except -1:
    if thread_state().modes:
        readable(t, "memoryview()")
    if needs_grad(t):
        raise BufferAccessError(
            "[buffer] Can't call memoryview() on Tensor that requires grad: writes "
            "would not be recorded. Use tensor.detach() instead."
        )
    if FORMATS[t.code] == NULL:
        raise BufferAccessError(
            f"[buffer] {dtype_of(t.code)!r} has no format in the buffer protocol. Use "
            "t.float(), or t.view(derivo.int16) for the bits."
        )
    if flags & PyBUF_WRITABLE and t.storage.readonly:
        raise BufferAccessError(
            "[buffer] the tensor's memory is read-only: expected a request for "
            "reading. Use t.clone()."
        )
    return 0


cdef bint columns(TensorBase t) noexcept:
    """Whether elements lie in column-major order without gaps."""
    cdef int64_t n = 1
    cdef int i
    if t.count == 0:
        return True
    for i in range(t.rank):
        if t.sizes[i] != 1:
            if t.steps[i] != n:
                return False
            n *= t.sizes[i]
    return True


cdef int check_layout(TensorBase t, int flags) except -1:
    cdef str wanted = None
    if flags & PyBUF_C_CONTIGUOUS == PyBUF_C_CONTIGUOUS:
        wanted = None if t.is_contig else "C-contiguous"
    elif flags & PyBUF_F_CONTIGUOUS == PyBUF_F_CONTIGUOUS:
        wanted = None if columns(t) else "Fortran contiguous"
    elif flags & PyBUF_ANY_CONTIGUOUS == PyBUF_ANY_CONTIGUOUS:
        wanted = None if t.is_contig or columns(t) else "contiguous"
    elif flags & PyBUF_STRIDES != PyBUF_STRIDES:
        wanted = None if t.is_contig else "C-contiguous"
    if wanted is not None:
        raise BufferAccessError(
            f"[buffer] the tensor is not {wanted}: got strides "
            f"{tuple([t.steps[i] for i in range(t.rank)])} of shape "
            f"{tuple([t.sizes[i] for i in range(t.rank)])}. Use t.contiguous()."
        )
    return 0


cdef int get_buffer(TensorBase t, Py_buffer* view, int flags) except -1:
    cdef Export export
    cdef Storage root
    cdef Py_ssize_t* dims
    cdef int i, width = ITEMSIZE[t.code]
    refuse(t, flags)
    check_layout(t, flags)
    export = Export.__new__(Export)
    export.dims = PyBytes_FromStringAndSize(NULL, 2 * t.rank * sizeof(Py_ssize_t))
    dims = <Py_ssize_t*>PyBytes_AS_STRING(export.dims)
    for i in range(t.rank):
        dims[i] = t.sizes[i]
        dims[t.rank + i] = t.steps[i] * width
    export.storage = t.storage
    export.written = flags & PyBUF_WRITABLE != 0
    root = root_of(t.storage)
    root.exports += 1
    if export.written:
        note(t.storage)
    view.obj = t
    view.buf = t.data_
    view.len = t.count * width
    view.itemsize = width
    view.readonly = t.storage.readonly
    view.format = FORMATS[t.code] if flags & PyBUF_FORMAT else NULL
    view.ndim = t.rank if flags & PyBUF_ND else 1
    view.shape = dims if flags & PyBUF_ND and t.rank else NULL
    view.strides = NULL
    if flags & PyBUF_STRIDES == PyBUF_STRIDES and t.rank:
        view.strides = dims + t.rank
    view.suboffsets = NULL
    Py_INCREF(export)
    view.internal = <void*>export
    return 0


cdef void release_buffer(Py_buffer* view) noexcept:
    cdef Export export
    if view.internal == NULL:
        return
    export = <Export>view.internal
    # Whoever asked for writing may have written at any time until now.
    if export.written:
        note(export.storage)
    view.internal = NULL
    Py_DECREF(export)


cdef void note(Storage storage) noexcept:
    storage.version += 1
    storage.writer = "the buffer protocol"
    storage.where = None


set_buffer_hooks(get_buffer, release_buffer)


def _may_grow(TensorBase t):
    """Whether the storage of `t` may be given another block of memory."""
    cdef Storage root = root_of(t.storage)
    return root.exports == 0 and (root.owned or root.nbytes == 0)


def from_memory(view, dtype, int64_t count, int64_t offset):
    """A 1-d tensor of `count` elements from byte `offset` of a memoryview."""
    cdef Py_buffer* held = PyMemoryView_GET_BUFFER(view)
    cdef int code = code_of(dtype)
    cdef Storage storage = foreign_storage(
        <char*>held.buf + offset, count * ITEMSIZE[code], view)
    cdef TensorBase out
    storage.readonly = held.readonly
    out = make(storage, storage.data, code, 1, &count, NULL)
    out.inference = thread_state().inference
    return out
