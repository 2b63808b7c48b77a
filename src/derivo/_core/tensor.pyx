"""The tensor object, data types, thread state and the graph node's base class."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.object cimport Py_EQ, Py_GE, Py_GT, Py_LE, Py_LT, PyObject
from libc.stdint cimport UINT64_MAX
from libc.string cimport memcpy

from derivo._core._types cimport *
from derivo._core.memory cimport Storage, alias_storage, new_storage

cdef extern from *:
    """
    typedef struct {
        int grad_enabled, inference, modes, in_backward, trace_lines, no_forward;
        int flags;
        void *task, *node;
    } derivo_thread_state;
    /* Read several times in every operation: without a call into the loader, which
       glibc keeps room for in libraries that are loaded late. */
    #ifdef __GLIBC__
    __attribute__((tls_model("initial-exec")))
    #endif
    static __thread derivo_thread_state derivo_state = {1, 0, 0, 0, 1, 0, 0, 0, 0};
    static derivo_thread_state* derivo_get_state(void) { return &derivo_state; }

    /* Objects are created through the type's own tp_new: no argument tuple, no
       Python-level __new__. */
    static PyObject* derivo_new(PyTypeObject* type, PyTypeObject* base,
                                    PyObject* args) {
        return base->tp_new(type, args, NULL);
    }
    """
    ctypedef struct derivo_thread_state:
        int grad_enabled
    void* derivo_get_state() noexcept nogil
    object derivo_new(type cls, type base, tuple args)


cdef extern from *:
    """
    /* A class made in Python looks its operators up by name on every use. Where it
       has not redefined them, let it use those of the core directly. */
    #define DERIVO_TAKE(group, slot) \
        if (cls->group && base->group) cls->group->slot = base->group->slot
    static void derivo_take_operators(PyTypeObject* cls, PyTypeObject* base) {
        DERIVO_TAKE(tp_as_number, nb_add);
        DERIVO_TAKE(tp_as_number, nb_subtract);
        DERIVO_TAKE(tp_as_number, nb_multiply);
        DERIVO_TAKE(tp_as_number, nb_true_divide);
        DERIVO_TAKE(tp_as_number, nb_floor_divide);
        DERIVO_TAKE(tp_as_number, nb_remainder);
        DERIVO_TAKE(tp_as_number, nb_power);
        DERIVO_TAKE(tp_as_number, nb_matrix_multiply);
        DERIVO_TAKE(tp_as_number, nb_and);
        DERIVO_TAKE(tp_as_number, nb_or);
        DERIVO_TAKE(tp_as_number, nb_xor);
        DERIVO_TAKE(tp_as_number, nb_lshift);
        DERIVO_TAKE(tp_as_number, nb_rshift);
        DERIVO_TAKE(tp_as_mapping, mp_subscript);
        DERIVO_TAKE(tp_as_mapping, mp_ass_subscript);
        cls->tp_richcompare = base->tp_richcompare;
    }
    """
    void derivo_take_operators(type cls, type base)


_OPERATORS = tuple(
    [f"__{side}{name}__"
     for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul",
                  "and", "or", "xor", "lshift", "rshift")
     for side in ("", "r")]
) + ("__getitem__", "__setitem__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__",
     "__ge__")


def use_core_operators(cls):
    """Let a subclass run the core's operators without a lookup by name.

    Nothing happens if it has defined some of them itself.
    """
    for name in _OPERATORS:
        if getattr(cls, name, None) is not getattr(TensorBase, name, None):
            return
    derivo_take_operators(cls, TensorBase)


cdef extern from *:
    """
    #define DERIVO_POOLS 12
    #define DERIVO_DEPTH 64
    static derivo_pool derivo_pools[DERIVO_POOLS];
    static int derivo_depth = 0;
    static PyObject* derivo_later = NULL;

    static derivo_pool* derivo_pool_of(PyObject* o) {
        PyTypeObject* type = Py_TYPE(o);
        int i;
        while (type->tp_flags & Py_TPFLAGS_HEAPTYPE) type = type->tp_base;
        for (i = 0; derivo_pools[i].owner != type; i++) {}
        return &derivo_pools[i];
    }
    /* Give up what an untracked object without references holds, and the object. */
    static void derivo_finish(derivo_pool* pool, PyObject* o) {
        PyTypeObject* type = Py_TYPE(o);
        PyObject* none = Py_None;
        PyObject* held;
        Py_ssize_t nones = pool->n_fields;
        const unsigned short* field = pool->fields;
        const unsigned short* end = field + nones;
        for (; field != end; field++) {
            held = *(PyObject**)((char*)o + *field);
            if (held != none) {
                nones--;
                Py_XDECREF(held);
            }
        }
        derivo_count_none(-nones);
        if (pool->dict) Py_XDECREF(*(PyObject**)((char*)o + pool->dict));
        if (type->tp_dealloc == pool->dealloc && pool->n < DERIVO_POOLED)
            pool->items[pool->n++] = o;
        else
            type->tp_free(o);
        if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_DECREF(type);
    }
    static void derivo_dealloc(derivo_pool* pool, PyObject* o) {
        PyTypeObject* type = Py_TYPE(o);
        if (type->tp_finalize != NULL && type->tp_dealloc == pool->dealloc
                && PyObject_CallFinalizerFromDealloc(o) < 0) return;
        PyObject_GC_UnTrack(o);
        if (pool->before != NULL) pool->before(o);
        if (*(PyObject**)((char*)o + pool->weak) != NULL) PyObject_ClearWeakRefs(o);
        if (derivo_depth >= DERIVO_DEPTH) {
            o->ob_refcnt = (Py_ssize_t)derivo_later;
            derivo_later = o;
            return;
        }
        derivo_depth++;
        derivo_finish(pool, o);
        if (derivo_depth == 1) {
            while (derivo_later != NULL) {
                o = derivo_later;
                derivo_later = (PyObject*)o->ob_refcnt;
                o->ob_refcnt = 0;
                derivo_finish(derivo_pool_of(o), o);
            }
        }
        derivo_depth--;
    }
    #define DERIVO_DEALLOC(i) \
        static void derivo_dealloc_##i(PyObject* o) { \
            derivo_dealloc(&derivo_pools[i], o); \
        }
    DERIVO_DEALLOC(0) DERIVO_DEALLOC(1) DERIVO_DEALLOC(2) DERIVO_DEALLOC(3)
    DERIVO_DEALLOC(4) DERIVO_DEALLOC(5) DERIVO_DEALLOC(6) DERIVO_DEALLOC(7)
    DERIVO_DEALLOC(8) DERIVO_DEALLOC(9) DERIVO_DEALLOC(10) DERIVO_DEALLOC(11)
    static const destructor derivo_deallocs[DERIVO_POOLS] = {
        derivo_dealloc_0, derivo_dealloc_1, derivo_dealloc_2, derivo_dealloc_3,
        derivo_dealloc_4, derivo_dealloc_5, derivo_dealloc_6, derivo_dealloc_7,
        derivo_dealloc_8, derivo_dealloc_9, derivo_dealloc_10, derivo_dealloc_11,
    };

    /* Find the object fields of a layout on `sample`, a fresh object of it. */
    static int derivo_describe(derivo_pool* pool, PyTypeObject* owner,
                               PyObject* sample) {
        Py_ssize_t at;
        PyObject** field;
        if (owner->tp_basicsize > (Py_ssize_t)sizeof(pool->image)
                || owner->tp_weaklistoffset <= 0) return 0;
        pool->owner = owner;
        pool->size = pool->used = owner->tp_basicsize;
        pool->weak = owner->tp_weaklistoffset;
        pool->dict = owner->tp_dictoffset;
        memcpy(pool->image, sample, pool->size);
        if (pool->dict) *(PyObject**)(pool->image + pool->dict) = NULL;
        for (at = sizeof(PyObject); at < pool->size; at += sizeof(PyObject*)) {
            field = (PyObject**)(pool->image + at);
            if (*field != Py_None) continue;
            if (pool->n_fields == DERIVO_FIELDS) return 0;
            pool->fields[pool->n_fields++] = (unsigned short)at;
        }
        return 1;
    }
    static derivo_pool* derivo_pool_for(PyTypeObject* type) {
        PyTypeObject* owner = type;
        PyObject* sample;
        int i, good;
        while (owner->tp_flags & Py_TPFLAGS_HEAPTYPE) owner = owner->tp_base;
        for (i = 0; i < DERIVO_POOLS && derivo_pools[i].owner != NULL; i++)
            if (derivo_pools[i].owner == owner) break;
        if (i == DERIVO_POOLS || type->tp_basicsize != owner->tp_basicsize) {
            PyErr_SetString(PyExc_SystemError, "derivo: no pool for a type");
            return NULL;
        }
        if (derivo_pools[i].owner == NULL) {
            PyObject* none = PyTuple_New(0);
            if (none == NULL) return NULL;
            sample = owner->tp_new(owner, none, NULL);
            Py_DECREF(none);
            if (sample == NULL) return NULL;
            good = derivo_describe(&derivo_pools[i], owner, sample);
            Py_DECREF(sample);
            if (!good) {
                derivo_pools[i].owner = NULL;
                PyErr_SetString(PyExc_SystemError, "derivo: no pool for a layout");
                return NULL;
            }
            derivo_pools[i].dealloc = derivo_deallocs[i];
        }
        type->tp_dealloc = derivo_deallocs[i];
        return &derivo_pools[i];
    }
    """
    derivo_pool* derivo_pool_for(type cls) except NULL


cdef extern from *:
    """
    /* The user's instruction that is running: the innermost frame whose code is not
       derivo's own. Frame objects are made only where the interpreter's own frames
       cannot be read; the code object and an offset are all that is kept. */
    #if PY_VERSION_HEX < 0x030C0000
      #ifndef Py_BUILD_CORE
        #define Py_BUILD_CORE 1
      #endif
      #include "internal/pycore_frame.h"
    #endif
    static char derivo_home[4096];
    static Py_ssize_t derivo_home_length = 0;

    static int derivo_is_own(PyCodeObject* code) {
        PyObject* name = code->co_filename;
        return PyUnicode_IS_COMPACT_ASCII(name)
            && PyUnicode_GET_LENGTH(name) > derivo_home_length
            && memcmp(PyUnicode_1BYTE_DATA(name), derivo_home, derivo_home_length) == 0;
    }
    /* A new reference to the code object, or None. */
    static PyObject* derivo_where(int* at) {
        *at = 0;
        if (derivo_home_length == 0) Py_RETURN_NONE;
    #if PY_VERSION_HEX < 0x030C0000
        /* The user's code that was met last, kept: mostly it is the same again. */
        static PyObject* last = NULL;
        _PyInterpreterFrame* frame = PyThreadState_GET()->cframe->current_frame;
        while (frame != NULL && (PyObject*)frame->f_code != last
               && derivo_is_own(frame->f_code)) frame = frame->previous;
        if (frame == NULL) Py_RETURN_NONE;
        *at = _PyInterpreterFrame_LASTI(frame) * (int)sizeof(_Py_CODEUNIT);
        if ((PyObject*)frame->f_code != last)
            Py_XSETREF(last, Py_NewRef((PyObject*)frame->f_code));
        return Py_NewRef(last);
    #else
        PyFrameObject* frame = PyThreadState_GetFrame(PyThreadState_Get());
        while (frame != NULL) {
            PyCodeObject* code = PyFrame_GetCode(frame);
            if (!derivo_is_own(code)) {
                *at = PyFrame_GetLasti(frame);
                Py_DECREF(frame);
                return (PyObject*)code;
            }
            PyFrameObject* back = PyFrame_GetBack(frame);
            Py_DECREF(code);
            Py_DECREF(frame);
            frame = back;
        }
        Py_RETURN_NONE;
    #endif
    }
    """
    char* derivo_home
    Py_ssize_t derivo_home_length
    object derivo_where(int* at)
    int PyCode_Addr2Line(PyObject* code, int at)


def _set_home(str folder):
    """Code below this folder is derivo's own, not the user's."""
    global derivo_home_length
    cdef bytes name = folder.encode()
    if folder.isascii() and len(name) < 4096:
        memcpy(derivo_home, <const char*>name, len(name))
        derivo_home_length = len(name)


cdef void note_line(Node node) noexcept:
    """Remember which instruction of the user's made `node`."""
    node.where = derivo_where(&node.where_at)
    if anomaly_mode:
        note_stack(node)


cdef int anomaly_mode = 0


cdef void note_stack(Node node) noexcept:
    # In anomaly mode: the lines that led here, and the node that is being run.
    try:
        _slots["note_stack"](node)
    except Exception:
        pass


def _set_anomaly(int value):
    """Set the anomaly mode: 0 off, 1 stacks only, 3 and NaN are looked for."""
    global anomaly_mode
    anomaly_mode = value


def _line_of(code, int at):
    """(file, line) of an instruction."""
    return code.co_filename, PyCode_Addr2Line(<PyObject*>code, at)


def _node_line(Node node or None):
    """(file, line) of the user's code that made `node`, or None."""
    return None if node.where is None else _line_of(node.where, node.where_at)


def _writer_line(TensorBase t):
    """(file, line) of the user's code that changed the storage last, or None."""
    cdef Storage storage = t.storage
    return None if storage.where is None else _line_of(storage.where,
                                                       storage.where_at)


cdef derivo_pool* use_pool(type cls) except NULL:
    """Let objects of `cls` be made by `derivo_fresh` and freed into its pool.

    `cls` is a cdef class, or made from one by `type` without further attributes.
    """
    return derivo_pool_for(cls)


cdef ThreadState* thread_state() noexcept nogil:
    return <ThreadState*>derivo_get_state()


# ---------------------------------------------------------------- data types

cdef int ITEMSIZE[12]
ITEMSIZE[:] = [1, 1, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16]

_NAMES = (
    "bool", "uint8", "int8", "int16", "int32", "int64",
    "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
)


@cython.final
cdef class DType:
    """Type of the elements of a tensor, such as ``derivo.float32``.

    Its text form is PyTorch's (``torch.float32``) so that printed tensors agree
    character for character.
    """

    def __repr__(self):
        return "torch." + self.name

    def __reduce__(self):
        return (_dtype_by_name, (self.name,))

    def __hash__(self):
        return hash(self.name)

    def __eq__(self, other):
        return self is other

    def to_real(self):
        """The real type of the same precision (itself if already real)."""
        return _dtypes[{C64: F32, C128: F64}.get(self.code, self.code)]

    def to_complex(self):
        """The complex type of the same precision."""
        code = {F32: C64, F64: C128, F16: C64, BF16: C64}.get(self.code, self.code)
        return _dtypes[code]


def _make_dtypes():
    cdef DType d
    out = []
    for code, name in enumerate(_NAMES):
        d = DType.__new__(DType)
        d.code = code
        d.name = name
        d.itemsize = ITEMSIZE[code]
        d.is_floating_point = F16 <= code <= F64
        d.is_complex = code >= C64
        d.is_signed = code not in (BOOL, U8)
        out.append(d)
    return tuple(out)


cdef tuple _dtypes = _make_dtypes()
dtypes = _dtypes
cdef int _default_code = F32


def _dtype_by_name(name):
    return _dtypes[_NAMES.index(name)]


cdef DType dtype_of(int code):
    return <DType>_dtypes[code]


cdef int code_of(object dtype) except -1:
    if type(dtype) is DType:
        return (<DType>dtype).code
    if dtype is float:
        return F64
    if dtype is bool:
        return BOOL
    if dtype is int:
        return I64
    if dtype is complex:
        return C128
    raise TypeError(
        f"[dtype] argument 'dtype' must be torch.dtype, not "
        f"{type(dtype).__name__}: expected e.g. derivo.float32, got dtype={dtype!r}."
    )


cdef int default_code() noexcept:
    return _default_code


def set_default_dtype(d):
    """Set the type that Python floats and ``derivo.tensor([1.0])`` take.

    Parameters
    ----------
    d : dtype
        A floating point type.

    Raises
    ------
    TypeError
        If `d` is not a floating point dtype.

    Examples
    --------
    >>> import derivo
    >>> derivo.set_default_dtype(derivo.float64)
    >>> derivo.tensor([1.0]).dtype
    torch.float64
    >>> derivo.set_default_dtype(derivo.float32)
    """
    global _default_code
    cdef int code = code_of(d)
    if not F16 <= code <= F64:
        raise TypeError(
            f"[set_default_dtype] only floating-point types are supported as the "
            f"default type: got d={d!r}."
        )
    _default_code = code


def get_default_dtype():
    """Return the type that Python floats take (initially ``derivo.float32``)."""
    return _dtypes[_default_code]


# ---------------------------------------------------------------- shapes

class Size(tuple):
    """Shape of a tensor: a tuple of ints that prints as PyTorch's."""

    __slots__ = ()

    def __repr__(self):
        return f"torch.Size([{', '.join(map(str, self))}])"

    def numel(self):
        """Product of all sizes."""
        out = 1
        for n in self:
            out *= n
        return out

    def __getitem__(self, item):
        out = tuple.__getitem__(self, item)
        return Size(out) if type(item) is slice else out

    def __add__(self, other):
        return Size(tuple.__add__(self, tuple(other)))

    def __radd__(self, other):
        return Size(tuple.__add__(tuple(other), self))

    def __mul__(self, other):
        return Size(tuple.__mul__(self, other))

    def __reduce__(self):
        return (Size, (tuple(self),))


cdef tuple dims_tuple(int rank, const int64_t* dims):
    if rank == 0:
        return ()
    if rank == 1:
        return (dims[0],)
    if rank == 2:
        return (dims[0], dims[1])
    return tuple([dims[i] for i in range(rank)])


cdef int dims_from(object value, int64_t* out) except -1:
    # Shape-like argument to C array; returns the rank.
    cdef int rank = 0
    if isinstance(value, int):
        out[0] = value
        return 1
    if len(value) > MAX_DIMS:
        raise RuntimeError(
            f"[shape] tensors have at most {MAX_DIMS} dimensions, got {len(value)}."
        )
    for item in value:
        if isinstance(item, TensorBase):
            item = item.item()
        if isinstance(item, bool) or not hasattr(item, "__index__"):
            raise TypeError(
                f"[shape] expected a sequence of ints, but found element of type "
                f"{type(item).__name__} at pos {rank}."
            )
        out[rank] = item.__index__()
        rank += 1
    return rank


cdef bint same_shape(TensorBase a, TensorBase b) noexcept:
    cdef int i
    if a.rank != b.rank:
        return False
    for i in range(a.rank):
        if a.sizes[i] != b.sizes[i]:
            return False
    return True


# ---------------------------------------------------------------- making tensors

cdef type _cls = TensorBase
cdef derivo_pool* _pool = NULL
cdef tuple _no_args = ()


def set_tensor_class(cls):
    """Make `cls`, a subclass of TensorBase, the type of every result."""
    global _cls, _pool
    _pool = use_pool(cls)
    _cls = cls


cdef type tensor_class():
    return _cls


cdef TensorBase make(Storage storage, char* data, int code, int rank,
                     const int64_t* sizes, const int64_t* steps):
    """A tensor over `storage`; `steps` NULL means contiguous."""
    return make_as(_cls, storage, data, code, rank, sizes, steps)


cdef TensorBase make_as(type cls, Storage storage, char* data, int code, int rank,
                        const int64_t* sizes, const int64_t* steps):
    cdef TensorBase t
    cdef int64_t n = 1
    cdef int i
    cdef bint contig = True
    if cls is _cls:
        t = <TensorBase>derivo_fresh(_pool, cls)
    else:
        t = <TensorBase>derivo_new(cls, TensorBase, _no_args)
    t.storage = storage
    t.data_ = data
    t.code = code
    t.rank = rank
    if rank > INLINE_DIMS:
        t.long_dims = PyBytes_FromStringAndSize(NULL, 2 * rank * sizeof(int64_t))
        t.sizes = <int64_t*>PyBytes_AS_STRING(t.long_dims)
        t.steps = t.sizes + rank
    else:
        t.sizes = t.inline_dims
        t.steps = t.inline_dims + INLINE_DIMS
    if steps == NULL:
        for i in range(rank - 1, -1, -1):
            t.sizes[i] = sizes[i]
            t.steps[i] = n
            # A dimension of size 0 counts as 1 in strides, as in PyTorch.
            n *= sizes[i] if sizes[i] > 1 else 1
        n = 1
        for i in range(rank):
            n *= sizes[i]
    else:
        for i in range(rank - 1, -1, -1):
            t.sizes[i] = sizes[i]
            t.steps[i] = steps[i]
            if sizes[i] != 1:
                if steps[i] != n:
                    contig = False
                n *= sizes[i]
        if n == 0:
            contig = True
    t.count = n
    t.is_contig = contig
    return t


cdef TensorBase empty_c(int code, int rank, const int64_t* sizes):
    cdef int64_t n = ITEMSIZE[code]
    cdef int i
    for i in range(rank):
        if sizes[i] < 0:
            raise RuntimeError(
                f"[empty] Trying to create tensor with negative dimension {sizes[i]}: "
                f"{list(dims_tuple(rank, sizes))}. Sizes must be at least 0."
            )
        if sizes[i] > 0 and n > (<int64_t>1 << 61) // sizes[i]:
            raise RuntimeError(
                f"[empty] Storage size calculation overflowed with sizes="
                f"{list(dims_tuple(rank, sizes))}."
            )
        n *= sizes[i]
    cdef Storage storage = new_storage(n)
    return make(storage, storage.data, code, rank, sizes, NULL)


cdef TensorBase like_c(TensorBase source, int code):
    """Uninitialised and contiguous, of the shape of `source`."""
    cdef Storage storage = new_storage(source.count * ITEMSIZE[code])
    cdef TensorBase t
    cdef int64_t n = 1
    cdef int i
    if source.rank > INLINE_DIMS:
        return make(storage, storage.data, code, source.rank, source.sizes, NULL)
    t = <TensorBase>derivo_fresh(_pool, _cls)
    t.storage = storage
    t.data_ = storage.data
    t.code = code
    t.rank = source.rank
    t.sizes = t.inline_dims
    t.steps = t.inline_dims + INLINE_DIMS
    t.count = source.count
    t.is_contig = True
    for i in range(source.rank - 1, -1, -1):
        t.inline_dims[i] = source.sizes[i]
        t.inline_dims[INLINE_DIMS + i] = n
        n *= source.sizes[i] if source.sizes[i] > 1 else 1
    return t


cdef TensorBase empty_strided_c(int code, int rank, const int64_t* sizes,
                                const int64_t* steps):
    cdef int64_t extent = 1
    cdef int i
    for i in range(rank):
        if sizes[i] == 0:
            extent = 0
            break
        extent += (sizes[i] - 1) * steps[i]
    cdef Storage storage = new_storage(extent * ITEMSIZE[code])
    return make(storage, storage.data, code, rank, sizes, steps)


cdef TensorBase alias(TensorBase source, int rank, const int64_t* sizes,
                      const int64_t* steps, int64_t offset):
    """Another geometry on the same storage, unknown to autograd."""
    return make(source.storage, source.data_ + offset * ITEMSIZE[source.code],
                source.code, rank, sizes, steps)


cdef TensorBase shallow(TensorBase source):
    """The same geometry and storage, detached."""
    cdef TensorBase out = make(source.storage, source.data_, source.code, source.rank,
                               source.sizes, source.steps)
    if thread_state().modes:
        out._tangents = source._tangents
        out._batch = source._batch
    return out


cdef TensorBase view_of(TensorBase source, int rank, const int64_t* sizes,
                        const int64_t* steps, int64_t offset):
    """A view that knows its base; the caller hangs the graph node on it."""
    cdef TensorBase out = alias(source, rank, sizes, steps, offset)
    cdef ThreadState* state = thread_state()
    out.inference = source.inference
    if state.inference:
        if not source.inference:
            out.creation = IN_INFERENCE
    out.base = source if source.base is None else source.base
    out.attr_version = source.storage.version
    if not state.grad_enabled:
        if out.creation == PLAIN:
            out.creation = IN_NO_GRAD
    elif source.base is not None and source.creation != PLAIN:
        out.creation = source.creation
    return out


# ---------------------------------------------------------------- transforms

cdef object _mode_handler = None


def set_mode_handler(handler):
    """Set what takes over an operation on a tensor that a transform follows.

    ``handler(kind, op, args)`` is called instead of the operation: `kind` says how
    `op` is called again (see `derivo.func._modes`).
    """
    global _mode_handler
    _mode_handler = handler


def _set_forward_enabled(bint enabled):
    """Set whether operations give tangents on this thread; returns the old value."""
    cdef int before = thread_state().no_forward
    thread_state().no_forward = not enabled
    return before == 0


def _forward_enabled():
    """Whether operations give tangents on this thread."""
    return not (thread_state().no_forward or thread_state().inference)


def _count_modes(int change):
    """Count transforms that begin (1) or end (-1) on this thread."""
    thread_state().modes += change


cdef bint moded(TensorBase t) noexcept:
    """Whether operations on `t` are handed over; asked only in `ThreadState.modes`."""
    return thread_state().flags & WATCHES_OPS != 0 or transformed(t)


cdef bint transformed(TensorBase t) noexcept:
    """Whether some transform follows `t`."""
    if t._tangents is not None:
        # An empty dict: no tangent, although the base of the view may have one.
        return t._batch is not None or len(<dict>t._tangents) > 0
    return t._batch is not None or (
        t.base is not None and t.base._tangents is not None
        and len(<dict>t.base._tangents) > 0)


cdef object mode_call(str kind, object op, tuple args):
    return _mode_handler(kind, op, args)


def _take_over(str kind, op, tuple args):
    """Hand a call to a transform that follows an argument; NotImplemented if none."""
    if thread_state().modes:
        for item in args:
            if isinstance(item, TensorBase) and transformed(<TensorBase>item):
                return mode_call(kind, op, args)
    return NotImplemented


@cython.final
cdef class Batch:
    """What `vmap` knows of a tensor: the one with the hidden dimension, which is first.

    `batched` is false for tensors that only belong to the level (what is
    differentiated inside it is told from what comes from outside).
    """


cdef TensorBase wrap_c(TensorBase t, object frame, int level, bint batched):
    """A tensor of level `level` over `t`, whose first dimension it hides.

    Its geometry and memory are those of the first slice of `t`: the logical ones.
    """
    cdef Batch batch = Batch.__new__(Batch)
    cdef TensorBase out
    if batched:
        out = make(t.storage, t.data_, t.code, t.rank - 1, t.sizes + 1, t.steps + 1)
    else:
        out = make(t.storage, t.data_, t.code, t.rank, t.sizes, t.steps)
    out.inference = t.inference
    batch.tensor = t
    batch.frame = frame
    batch.level = level
    batch.batched = batched
    out._batch = batch
    return out


def _wrap(TensorBase t, frame, int level, bint batched=True):
    """A tensor of level `level` over `t`, whose first dimension it hides."""
    return wrap_c(t, frame, level, batched)


cdef TensorBase wrap_view_c(TensorBase t, object frame, int level, bint batched,
                            TensorBase source):
    """As `wrap_c`, for a view of `source`, a tensor of the level or of one outside."""
    cdef TensorBase out = wrap_c(t, frame, level, batched)
    out.base = source if source.base is None else source.base
    out.attr_version = out.storage.version
    return out


cdef int readable(TensorBase t, str what) except -1:
    """Refuse to read the values of a tensor that `vmap` follows: there are many."""
    cdef Batch batch
    cdef TensorBase at = t
    while at._batch is not None:
        batch = <Batch?>at._batch
        if batch.batched:
            raise RuntimeError(
                f"[vmap] vmap: It looks like you're calling {what} on a Tensor. We "
                f"don't support vmap over calling {what} on a Tensor, because it has "
                "a value for each example: try to rewrite it with other operations "
                "(where instead of a branch)."
            )
        at = batch.tensor
    return 0


cdef int attach_c(TensorBase out, TensorBase t, object frame, int level,
                  bint batched) except -1:
    """Let `out`, which has the geometry of an example of `t`, stand for it."""
    cdef Batch batch = Batch.__new__(Batch)
    batch.tensor = t
    batch.frame = frame
    batch.level = level
    batch.batched = batched
    out.storage = t.storage
    out.data_ = t.data_
    out._batch = batch
    return 0


def _attach(TensorBase out, TensorBase t, frame, int level, bint batched=True):
    """Let `out`, which has the geometry of an example of `t`, stand for it."""
    attach_c(out, t, frame, level, batched)
    return out


def _readable(TensorBase t, str what=".numpy()"):
    """Refuse to read the values of a tensor that `vmap` follows."""
    readable(t, what)


def _modes_active():
    """How many transforms that follow values are active on this thread."""
    return thread_state().modes


cdef TensorBase physical(TensorBase t):
    """The tensor of all examples, of every level."""
    while t._batch is not None:
        t = (<Batch?>t._batch).tensor
    return t


def _modes_off():
    """Switch transforms off on this thread; returns what `_modes_on` takes."""
    cdef int before = thread_state().modes
    thread_state().modes = 0
    return before


def _modes_on(int before):
    """Switch transforms on again."""
    thread_state().modes = before


def _needs_grad(TensorBase t):
    """Whether `t` is part of a graph, whatever the mode."""
    return needs_grad(t)


# ---------------------------------------------------------------- graph basics

cdef binary_t _binary = NULL
cdef accumulator_t _accumulator = NULL
cdef regenerate_t _regenerate = NULL


cdef void set_hooks(binary_t binary, accumulator_t accumulator,
                    regenerate_t regenerate) noexcept:
    global _binary, _accumulator, _regenerate
    if binary != NULL:
        _binary = binary
    if accumulator != NULL:
        _accumulator = accumulator
    if regenerate != NULL:
        _regenerate = regenerate


cdef get_buffer_t _get_buffer = NULL
cdef release_buffer_t _release_buffer = NULL


cdef void set_buffer_hooks(get_buffer_t get, release_buffer_t release) noexcept:
    """Set what answers the buffer protocol (`_core/buffer.pyx`)."""
    global _get_buffer, _release_buffer
    _get_buffer = get
    _release_buffer = release


cdef uint64_t _sequence = 0


cdef uint64_t next_seq() noexcept:
    global _sequence
    _sequence += 1
    return _sequence - 1


cdef bint needs_grad(TensorBase t) noexcept:
    if t.leaf_grad or t.fn is not None:
        return True
    # A view taken before its base entered the graph, or under no_grad: as in PyTorch
    # what is computed with it is recorded, though no gradient leads through it.
    return t.base is not None and (t.base.leaf_grad or t.base.fn is not None)


cdef Node grad_fn_of(TensorBase t):
    # In-place changes through the base or a sibling give a view a new history.
    if t.base is None or t.attr_version == t.storage.version:
        return t.fn
    if t.fn is None and not (t.base.leaf_grad or t.base.fn is not None):
        return None
    return _regenerate(t)


cdef bint stands_for_leaf(Node fn) noexcept:
    # What an unpack hook makes of a saved leaf leads to the leaf's own node (which is
    # told by its time) and passes for a leaf, as in PyTorch.
    return fn is not None and fn.seq == UINT64_MAX


cdef void set_edge(Node node, int index, object end, int nr) noexcept:
    if index == 0:
        node.e0 = end
        node.nr0 = nr
    elif index == 1:
        node.e1 = end
        node.nr1 = nr
    elif index == 2:
        node.e2 = end
        node.nr2 = nr
    else:
        if node.more is None:
            node.more = []
        while len(node.more) <= index - 3:
            node.more.append((None, 0))
        node.more[index - 3] = (end, nr)
    if index >= node.n_edges:
        node.n_edges = index + 1


cdef int add_edge(Node node, int index, TensorBase t) except -1:
    """Let edge `index` of `node` lead to the producer of `t`."""
    cdef Node target
    if t is None:
        set_edge(node, index, None, 0)
    elif t.leaf_grad and t.fn is None:
        set_edge(node, index, t, LEAF)
    else:
        target = grad_fn_of(t)
        set_edge(node, index, target, t.output_nr if target is not None else 0)
    return 0


cdef Node settle(Node node, int index, int* nr):
    """Let an edge that ends in a leaf end in the leaf's node, which is returned.

    Most graphs of small work are freed before anyone asks: a node for each leaf and
    operation would cost a quarter of the operation's time.
    """
    cdef TensorBase leaf
    cdef Node target
    if index == 0:
        leaf = <TensorBase>node.e0
    elif index == 1:
        leaf = <TensorBase>node.e1
    elif index == 2:
        leaf = <TensorBase>node.e2
    else:
        leaf = <TensorBase>(<tuple>node.more[index - 3])[0]
    target = _accumulator(leaf, node.seq)
    set_edge(node, index, target, 0)
    nr[0] = 0
    return target


cdef Node accumulator_for(TensorBase leaf):
    """The node that adds to the ``.grad`` of a leaf."""
    return _accumulator(leaf, UINT64_MAX)


cdef tuple edge_at(Node node, int index):
    cdef int nr
    cdef Node target = target_of(node, index, &nr)
    return (target, nr)


cdef int note_write(TensorBase t, str name) except -1:
    """Count an in-place change of `t` by operation `name`."""
    t.storage.version += 1
    t.storage.writer = name
    t.storage.where = derivo_where(&t.storage.where_at)
    return 0


@cython.final
cdef class NodeHooks:
    pass


@cython.trashcan(True)
cdef class Node:
    """A recorded operation: what takes the gradient of its outputs to its inputs."""

    cdef object apply(self, object g):
        raise NotImplementedError

    def _note_tangents(self, int nr, dict tangents, dict before or None):
        """Let saved copies of output `nr` have tangents; nodes that save know how."""

    cdef void release_saved(self) noexcept:
        pass

    cdef int hidden_edges(self) noexcept:
        """How many of the first edges are not shown: of what has no derivative."""
        return 0

    def name(self):
        """Name of the operation, e.g. ``'MulBackward0'``."""
        return type(self).__name__

    @property
    def next_functions(self):
        """Tuple of ``(node, output number)``; ``(None, 0)`` for constants."""
        cdef int first = self.hidden_edges()
        return tuple([edge_at(self, i) for i in range(first, self.n_edges)])

    @property
    def metadata(self):
        """A dict for the user's own data."""
        if self.meta is None:
            self.meta = {}
        return self.meta

    @property
    def requires_grad(self):
        """True: only what requires a gradient has a node."""
        return True

    def _sequence_nr(self):
        """When the node was recorded; the largest number for leaves."""
        return self.seq

    def _set_sequence_nr(self, uint64_t value):
        self.seq = value

    # What PyTorch shows of a node, `_saved_...` and `_raw_saved_...`: subclasses say
    # what they have saved, under which names (`autograd._saved`).

    def _kept_get(self, slot):
        raise AttributeError(f"'{type(self).__name__}' has saved nothing")

    def __getattr__(self, str name):
        if name.startswith(("_saved_", "_raw_saved_")):
            return _slots["saved_attribute"](self, name)
        raise AttributeError(
            f"'{type(self).__name__}' object has no attribute '{name}'"
        )

    def __dir__(self):
        return [*object.__dir__(self), *_slots["saved_names"](self)]

    def __repr__(self):
        return f"<{type(self).__name__} object at {hex(<size_t><PyObject*>self)}>"

    def register_hook(self, hook):
        """Call ``hook(grad_inputs, grad_outputs)`` after each run of the node.

        Parameters
        ----------
        hook : callable
            Gets both tuples of gradients; may return new `grad_inputs` or None.

        Returns
        -------
        RemovableHandle
            Its ``remove()`` takes the hook away.
        """
        hooks = hooks_of(self)
        if hooks.post is None:
            hooks.post = {}
        return _slots["handle"](hooks.post, hook)

    def register_prehook(self, hook):
        """Call ``hook(grad_outputs)`` before each run of the node.

        Parameters
        ----------
        hook : callable
            May return new `grad_outputs` (a tuple) or None.

        Returns
        -------
        RemovableHandle
            Its ``remove()`` takes the hook away.
        """
        hooks = hooks_of(self)
        if hooks.pre is None:
            hooks.pre = {}
        return _slots["handle"](hooks.pre, hook)


cdef NodeHooks hooks_of(Node node):
    if node.hooks is None:
        node.hooks = NodeHooks.__new__(NodeHooks)
    return node.hooks


# ---------------------------------------------------------------- the tensor

cdef enum:
    OP_ADD = 0
    OP_SUB = 1
    OP_MUL = 2
    OP_DIV = 3
    OP_FLOORDIV = 4
    OP_MOD = 5
    OP_POW = 6
    OP_AND = 7
    OP_OR = 8
    OP_XOR = 9
    OP_LSHIFT = 10
    OP_RSHIFT = 11
    OP_LT = 12
    OP_LE = 13
    OP_GT = 14
    OP_GE = 15
    OP_EQ = 16
    OP_NE = 17


cdef dict _slots = {}


def set_slots(**functions):
    """Set the Python functions behind special methods that are not elementwise."""
    _slots.update(functions)


@cython.trashcan(True)
cdef class TensorBase:
    """Storage, geometry and autograd state; `derivo.Tensor` adds the methods."""

    # -- geometry

    @property
    def shape(self):
        """Sizes of the dimensions."""
        return Size(dims_tuple(self.rank, self.sizes))

    def size(self, dim=None):
        """All sizes, or the size of dimension `dim`."""
        if dim is None:
            return Size(dims_tuple(self.rank, self.sizes))
        return self.sizes[check_dim(dim, self.rank)]

    def stride(self, dim=None):
        """Strides in elements, or that of dimension `dim`."""
        if dim is None:
            return dims_tuple(self.rank, self.steps)
        return self.steps[check_dim(dim, self.rank)]

    def storage_offset(self):
        """Elements between the start of the storage and the first element."""
        return (self.data_ - self.storage.data) // ITEMSIZE[self.code]

    def dim(self):
        """Number of dimensions."""
        return self.rank

    def ndimension(self):
        """Number of dimensions (alias of ``dim``)."""
        return self.rank

    @property
    def ndim(self):
        """Number of dimensions."""
        return self.rank

    def numel(self):
        """Number of elements."""
        return self.count

    def nelement(self):
        """Number of elements (alias of ``numel``)."""
        return self.count

    def element_size(self):
        """Bytes of one element."""
        return ITEMSIZE[self.code]

    @property
    def itemsize(self):
        """Bytes of one element."""
        return ITEMSIZE[self.code]

    @property
    def nbytes(self):
        """Bytes of all elements."""
        return self.count * ITEMSIZE[self.code]

    def data_ptr(self):
        """Address of the first element."""
        return <size_t>self.data_ if self.count else 0

    def untyped_storage(self):
        """The storage that all views share."""
        return self.storage

    @property
    def dtype(self):
        """Type of the elements."""
        return _dtypes[self.code]

    def is_floating_point(self):
        """Whether the dtype is a floating point one."""
        return F16 <= self.code <= F64

    def is_complex(self):
        """Whether the dtype is complex."""
        return self.code >= C64

    def is_signed(self):
        """Whether the dtype has negative values."""
        return self.code != BOOL and self.code != U8

    def is_contiguous(self, memory_format=None):
        """Whether elements lie in memory in row-major order without gaps."""
        if memory_format is not None and memory_format not in _contiguous_formats:
            return _slots["is_contiguous"](self, memory_format)
        return self.is_contig

    def __len__(self):
        if self.rank == 0:
            raise TypeError("[len] len() of a 0-d tensor: it has no dimension.")
        return self.sizes[0]

    # -- autograd state

    @property
    def requires_grad(self):
        """Whether operations on this tensor are recorded."""
        return needs_grad(self)

    @requires_grad.setter
    def requires_grad(self, value):
        if value is True and grad_fn_of(self) is not None:
            raise RuntimeError(
                "[requires_grad] you can only change requires_grad flags of leaf "
                "variables. This one was computed; call requires_grad_() if it need "
                "only require a gradient."
            )
        set_requires_grad(self, value)

    def requires_grad_(self, requires_grad=True):
        """Switch recording on or off for this leaf; returns the tensor.

        Parameters
        ----------
        requires_grad : bool
            The new state.

        Raises
        ------
        RuntimeError
            On a non-leaf that should stop recording, or on a dtype that is neither
            floating point nor complex.

        Examples
        --------
        >>> import derivo
        >>> derivo.ones(2).requires_grad_()
        tensor([1., 1.], requires_grad=True)
        """
        set_requires_grad(self, requires_grad)
        return self

    @property
    def is_leaf(self):
        """Whether the tensor was made by the user, not by a recorded operation."""
        cdef Node fn = grad_fn_of(self)
        return fn is None or stands_for_leaf(fn)

    @property
    def grad_fn(self):
        """The node that made this tensor, None for leaves."""
        cdef Node fn = grad_fn_of(self)
        return None if stands_for_leaf(fn) else fn

    @property
    def output_nr(self):
        """Which output of ``grad_fn`` this tensor is."""
        return self.output_nr

    @property
    def grad(self):
        """The accumulated gradient of a leaf, or None."""
        if (self.grad_ is None and self.fn is not None and not self.retains
                and not self.leaf_grad and not stands_for_leaf(self.fn)):
            _slots["warn_non_leaf_grad"](self)
        return self.grad_

    @grad.setter
    def grad(self, value):
        cdef TensorBase g
        if value is None:
            self.grad_ = None
            return
        if not isinstance(value, TensorBase):
            raise TypeError(
                f"[grad] assigned grad expected to be a Tensor or None but got grad of "
                f"type {type(value).__name__}."
            )
        g = value
        if g is self:
            raise RuntimeError("[grad] can't assign Variable as its own grad.")
        if g.code != self.code:
            raise RuntimeError(
                f"[grad] attempting to assign a gradient with dtype "
                f"'{_dtypes[g.code]!r}' to a tensor with dtype "
                f"'{_dtypes[self.code]!r}'. The gradient must match the tensor's dtype."
            )
        if not same_shape(self, g):
            raise RuntimeError(
                f"[grad] attempting to assign a gradient of size '{list(g.shape)}' to "
                f"a tensor of size '{list(self.shape)}'. Please ensure that the "
                "gradient and the tensor are the same size."
            )
        self.grad_ = g

    @grad.deleter
    def grad(self):
        self.grad_ = None

    @property
    def retains_grad(self):
        """Whether this non-leaf keeps its gradient."""
        return self.retains

    @property
    def _version(self):
        if self.inference:
            raise RuntimeError(
                "[_version] Inference tensors do not track version counter."
            )
        return self.storage.version

    @property
    def _base(self):
        if self.inference:
            raise RuntimeError(
                "[_base] Can't get base of non-view tensor: in inference mode views "
                "are not followed."
            )
        return self.base

    def _is_view(self):
        return self.base is not None and not self.inference

    def is_inference(self):
        """Whether the tensor was made in inference mode."""
        return self.inference

    def register_hook(self, hook):
        """Call ``hook(grad)`` whenever the gradient of this tensor is computed.

        Parameters
        ----------
        hook : callable
            Gets the summed gradient; may return a replacement or None.

        Returns
        -------
        RemovableHandle
            Its ``remove()`` takes the hook away.

        Raises
        ------
        RuntimeError
            If the tensor does not require a gradient.

        Examples
        --------
        >>> import derivo
        >>> x = derivo.ones(2, requires_grad=True)
        >>> handle = x.register_hook(lambda g: 2 * g)
        >>> x.sum().backward()
        >>> x.grad
        tensor([2., 2.])
        """
        cdef Node fn
        cdef NodeHooks hooks
        if not needs_grad(self):
            raise RuntimeError(
                "[register_hook] cannot register a hook on a tensor that doesn't "
                "require gradient. Call requires_grad_() first."
            )
        fn = grad_fn_of(self)
        if fn is None:
            if self.hooks is None:
                self.hooks = {}
            return _slots["handle"](self.hooks, hook)
        hooks = hooks_of(fn)
        if hooks.tensor is None:
            hooks.tensor = {}
        return _slots["handle"](hooks.tensor.setdefault(self.output_nr, {}), hook)

    def register_post_accumulate_grad_hook(self, hook):
        """Call ``hook(tensor)`` after a gradient was added to this leaf's ``grad``.

        Raises
        ------
        RuntimeError
            If the tensor is not a leaf that requires a gradient.
        """
        if not needs_grad(self):
            raise RuntimeError(
                "[register_post_accumulate_grad_hook] cannot register a hook on a "
                "tensor that doesn't require gradient."
            )
        if grad_fn_of(self) is not None:
            raise RuntimeError(
                "[register_post_accumulate_grad_hook] post accumulate grad hooks "
                "cannot be registered on non-leaf tensors. Use register_hook."
            )
        if self.post_hooks is None:
            self.post_hooks = {}
        return _slots["handle"](self.post_hooks, hook)

    def retain_grad(self):
        """Keep the gradient of this non-leaf in ``grad`` (no effect on leaves).

        Raises
        ------
        RuntimeError
            If the tensor does not require a gradient.
        """
        if not needs_grad(self):
            raise RuntimeError(
                "[retain_grad] can't retain_grad on Tensor that has "
                "requires_grad=False. Call requires_grad_() first."
            )
        if grad_fn_of(self) is None or self.retains:
            return
        self.retains = True
        retain_at(self)

    # -- operators

    def __add__(self, other):
        return _binary(OP_ADD, self, other)

    def __radd__(self, other):
        return _binary(OP_ADD, self, other)

    def __sub__(self, other):
        return _binary(OP_SUB, self, other)

    def __rsub__(self, other):
        return _slots["rsub"](self, other)

    def __mul__(self, other):
        return _binary(OP_MUL, self, other)

    def __rmul__(self, other):
        return _binary(OP_MUL, self, other)

    def __truediv__(self, other):
        return _binary(OP_DIV, self, other)

    def __rtruediv__(self, other):
        return _slots["rtruediv"](self, other)

    def __floordiv__(self, other):
        return _binary(OP_FLOORDIV, self, other)

    def __rfloordiv__(self, other):
        return _binary(OP_FLOORDIV, other, self)

    def __mod__(self, other):
        return _binary(OP_MOD, self, other)

    def __rmod__(self, other):
        return _binary(OP_MOD, other, self)

    def __pow__(self, other, modulo):
        if modulo is not None:
            return NotImplemented
        return _binary(OP_POW, self, other)

    def __rpow__(self, other, modulo):
        if modulo is not None:
            return NotImplemented
        return _binary(OP_POW, other, self)

    def __and__(self, other):
        return _binary(OP_AND, self, other)

    def __rand__(self, other):
        return _binary(OP_AND, other, self)

    def __or__(self, other):
        return _binary(OP_OR, self, other)

    def __ror__(self, other):
        return _binary(OP_OR, other, self)

    def __xor__(self, other):
        return _binary(OP_XOR, self, other)

    def __rxor__(self, other):
        return _binary(OP_XOR, other, self)

    def __lshift__(self, other):
        return _binary(OP_LSHIFT, self, other)

    def __rlshift__(self, other):
        return _binary(OP_LSHIFT, other, self)

    def __rshift__(self, other):
        return _binary(OP_RSHIFT, self, other)

    def __rrshift__(self, other):
        return _binary(OP_RSHIFT, other, self)

    def __matmul__(self, other):
        return _slots["matmul"](self, other)

    def __rmatmul__(self, other):
        return _slots["matmul"](other, self)

    def __richcmp__(self, other, int which):
        if which == Py_LT:
            return _binary(OP_LT, self, other)
        if which == Py_LE:
            return _binary(OP_LE, self, other)
        if which == Py_GT:
            return _binary(OP_GT, self, other)
        if which == Py_GE:
            return _binary(OP_GE, self, other)
        if which == Py_EQ:
            return _binary(OP_EQ, self, other)
        return _binary(OP_NE, self, other)

    def __hash__(self):
        return <Py_hash_t>(<size_t><PyObject*>self >> 4)

    def __getitem__(self, index):
        return _slots["getitem"](self, index)

    def __setitem__(self, index, value):
        _slots["setitem"](self, index, value)

    def __getbuffer__(self, Py_buffer* view, int flags):
        _get_buffer(self, view, flags)

    def __releasebuffer__(self, Py_buffer* view):
        _release_buffer(view)


cdef int retain_at(TensorBase t) except -1:
    """Let the node of `t` store the gradient in ``t.grad``."""
    cdef NodeHooks hooks = hooks_of(grad_fn_of(t))
    if hooks.retain is None:
        hooks.retain = {}
    hooks.retain[t.output_nr] = _slots["weakref"](t)
    return 0


cdef int check_dim(object dim, int rank) except -1:
    cdef int64_t d
    if type(dim) is int:
        d = dim
    elif not hasattr(dim, "__index__"):
        raise TypeError(f"[dim] expected an int, got dim={dim!r}.")
    else:
        d = dim.__index__()
    cdef int span = rank if rank > 0 else 1
    if d < -span or d >= span:
        raise IndexError(
            f"[dim] Dimension out of range (expected to be in range of "
            f"[{-span}, {span - 1}], but got {d})"
        )
    if rank == 0:
        raise IndexError("[dim] Dimension specified as 0 but tensor has no dimensions")
    return <int>(d + span if d < 0 else d)


def _check_dim(dim, int rank):
    """Normalised dimension (0-d counts as one dimension), or IndexError."""
    cdef int64_t d
    if type(dim) is not int:
        if isinstance(dim, bool) or not hasattr(dim, "__index__"):
            raise TypeError(
                f"[dim] argument 'dim' must be int, not {type(dim).__name__}."
            )
        dim = dim.__index__()
    d = dim
    cdef int span = rank if rank > 0 else 1
    if d < -span or d >= span:
        raise IndexError(
            f"[dim] Dimension out of range (expected to be in range of "
            f"[{-span}, {span - 1}], but got {d})"
        )
    return d + span if d < 0 else d


cdef int set_requires_grad(TensorBase t, object value) except -1:
    if not isinstance(value, bool):
        raise TypeError(
            f"[requires_grad] requires_grad must be a bool, got {value!r}."
        )
    cdef bint on = value
    if grad_fn_of(t) is not None:
        if on:
            return 0
        raise RuntimeError(
            "[requires_grad] you can only change requires_grad flags of leaf "
            "variables. If you want to use a computed variable in a subgraph that "
            "doesn't require differentiation use var_no_grad = var.detach()."
        )
    if on and not F16 <= t.code <= C128:
        raise RuntimeError(
            "[requires_grad] only Tensors of floating point and complex dtype can "
            f"require gradients, got dtype={_dtypes[t.code]!r}."
        )
    if on and t.inference and not thread_state().inference:
        raise RuntimeError(
            "[requires_grad] Setting requires_grad=True on inference tensor outside "
            "InferenceMode is not allowed. Use clone() first."
        )
    t.leaf_grad = on
    return 0


cdef tuple _contiguous_formats = ()


def set_contiguous_formats(formats):
    """Which memory_format objects mean plain row-major order."""
    global _contiguous_formats
    _contiguous_formats = tuple(formats)


# ---------------------------------------------------------------- grad modes

def is_grad_enabled():
    """Whether operations are recorded in this thread."""
    return thread_state().grad_enabled != 0


def _set_grad_enabled(bint value):
    cdef int before = thread_state().grad_enabled
    thread_state().grad_enabled = value
    return before != 0


def is_inference_mode_enabled():
    """Whether this thread is in inference mode."""
    return thread_state().inference != 0


def _set_inference(bint value):
    cdef int before = thread_state().inference
    thread_state().inference = value
    return before != 0


# ---------------------------------------------------------------- raw access

def _empty(shape, dtype, requires_grad=False):
    """Uninitialised contiguous tensor."""
    cdef int64_t dims[MAX_DIMS]
    cdef int rank = dims_from(shape, dims)
    cdef TensorBase out = empty_c(code_of(dtype), rank, dims)
    out.inference = thread_state().inference
    if requires_grad:
        set_requires_grad(out, True)
    return out


def _empty_strided(shape, strides, dtype):
    """Uninitialised tensor of the given strides (in elements)."""
    cdef int64_t dims[MAX_DIMS]
    cdef int64_t steps[MAX_DIMS]
    cdef int rank = dims_from(shape, dims)
    if dims_from(strides, steps) != rank:
        raise RuntimeError(
            f"[empty_strided] mismatch in length of strides and shape: got "
            f"size={tuple(shape)}, stride={tuple(strides)}."
        )
    cdef TensorBase out = empty_strided_c(code_of(dtype), rank, dims, steps)
    out.inference = thread_state().inference
    return out


def _alias(TensorBase source, shape, strides, offset):
    """Another geometry (`offset` in elements from the first element of `source`)
    on the same storage, unknown to autograd."""
    cdef int64_t dims[MAX_DIMS]
    cdef int64_t steps[MAX_DIMS]
    cdef int rank = dims_from(shape, dims)
    dims_from(strides, steps)
    return alias(source, rank, dims, steps, offset)


def _reinterpret(TensorBase source, dtype, shape, strides):
    """The same memory read as another dtype, sharing version counter."""
    cdef int64_t dims[MAX_DIMS]
    cdef int64_t steps[MAX_DIMS]
    cdef int rank = dims_from(shape, dims)
    dims_from(strides, steps)
    return make(source.storage, source.data_, code_of(dtype), rank, dims, steps)


def _detach(TensorBase source):
    """Alias that shares storage and version counter but not history."""
    cdef TensorBase out
    if thread_state().modes and moded(source):
        return mode_call("function", _detach, (source,))
    out = shallow(source)
    out.inference = source.inference
    return out


def _data(TensorBase source):
    """Alias with a version counter of its own (what ``.data`` returns)."""
    cdef TensorBase out
    if thread_state().modes and moded(source):
        return mode_call("function", _data, (source,))
    out = shallow(source)
    out.storage = alias_storage(source.storage)
    return out


def _set_data(TensorBase t, TensorBase source, bint share=False):
    """Let `t` take geometry, dtype and storage of `source`.

    ``t.data = source`` keeps the version counter of `t`; with `share` both count
    together from then on.
    """
    cdef uint32_t version = t.storage.version if t.storage is not None else 0
    t.rank = source.rank
    if t.rank > INLINE_DIMS:
        t.long_dims = PyBytes_FromStringAndSize(NULL, 2 * t.rank * sizeof(int64_t))
        t.sizes = <int64_t*>PyBytes_AS_STRING(t.long_dims)
        t.steps = t.sizes + t.rank
    else:
        t.long_dims = None
        t.sizes = t.inline_dims
        t.steps = t.inline_dims + INLINE_DIMS
    memcpy(t.sizes, source.sizes, t.rank * sizeof(int64_t))
    memcpy(t.steps, source.steps, t.rank * sizeof(int64_t))
    t.count = source.count
    t.is_contig = source.is_contig
    t.code = source.code
    t.data_ = source.data_
    if share:
        t.storage = source.storage
        return
    # The tensor keeps its own version counter, as in PyTorch.
    t.storage = alias_storage(source.storage)
    t.storage.version = version


def _make_subclass(cls, TensorBase source, bint require_grad=False):
    """An object of class `cls` over the storage of `source`, a leaf."""
    cdef TensorBase out = make_as(
        cls, source.storage, source.data_, source.code, source.rank,
        source.sizes, source.steps)
    if require_grad:
        set_requires_grad(out, True)
    return out


def _bump(TensorBase t, str name="in-place operation"):
    """Count one in-place change."""
    note_write(t, name)


def _version_writer(TensorBase t):
    """Name of the operation that changed the storage last, or None."""
    return t.storage.writer


def _cut_history(TensorBase t):
    """Make `t` a leaf that does not require a gradient."""
    t.fn = None
    t.output_nr = 0
    t.leaf_grad = False


def _creation(TensorBase t, int value):
    """Say how a view came to be (an entry of the enum Creation)."""
    t.creation = value


def _leaf_hooks(TensorBase t):
    return t.hooks, t.post_hooks


def _same_storage(TensorBase a, TensorBase b):
    """Whether two tensors lie in the same block of memory."""
    return a.storage.data == b.storage.data


def _numbers(TensorBase t):
    """(data address, dtype code, itemsize) for code that fills memory."""
    return (<size_t>t.data_, t.code, ITEMSIZE[t.code])
