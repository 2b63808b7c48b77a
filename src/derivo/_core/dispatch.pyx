"""The door of every elementwise operation: promotion, broadcasting, kernel, node.

An `ElementwiseOp` is the compiled side of a record in `derivo.ops`. A call decides
the dtypes (PyTorch's promotion), brings the operands to one loop with as few
dimensions as possible, finds the machine code for exactly these dtypes and access
patterns (asking `spec.build` the first time), runs it, and hangs a node on the graph
if some operand requires a gradient. The node holds what the derivative's own
elementwise operation needs, so that backward is the same machinery again.
"""

cimport cython
from cpython.object cimport PyObject
from libc.stdint cimport uintptr_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from derivo._core._types cimport *
from derivo._core.saved cimport Packed, pack_tensor
from derivo._core.tensor cimport (
    IN_INFERENCE, IN_NO_GRAD, ITEMSIZE, MULTI_OUTPUT, PACKS_SAVED, PLAIN,
    WATCHES_WRITES, ZERO_WINS, LEAF, DType, Node, TensorBase, ThreadState,
    add_edge, anomaly_mode, default_code, derivo_fresh, dims_tuple, dtype_of, empty_c,
    empty_strided_c, like_c, make, mode_call, moded, needs_grad, next_seq, note_line,
    note_write, readable, retain_at, same_shape, set_edge, set_hooks, shallow,
    tensor_class, thread_state, transformed, use_pool,
)
from derivo._core.threads cimport (
    PARALLEL_MATH, num_threads, parallel_for,
)


cdef extern from *:
    """
    #define DERIVO_IS_CLASS(o, cls) ((PyObject*)Py_TYPE((PyObject*)(o)) == (cls))
    /* A type whose objects are called without a tuple of arguments: `offset` is that
       of the function in them. */
    static void derivo_vectorcall(PyTypeObject* type, Py_ssize_t offset) {
        type->tp_vectorcall_offset = offset;
        type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
    }
    #define DERIVO_IS(obj, cls) \\
        (Py_TYPE(obj) == (PyTypeObject*)(cls) \\
         || PyType_IsSubtype(Py_TYPE(obj), (PyTypeObject*)(cls)))
    """
    bint DERIVO_IS(object obj, object cls)
    bint DERIVO_IS_CLASS(PyObject* obj, PyObject* cls) noexcept
    void derivo_vectorcall(type cls, Py_ssize_t offset) noexcept

cdef extern from "transpose.h" nogil:
    void transpose "derivo_transpose"(char* to, int64_t to_step, const char* src,
                                      int64_t src_step, int64_t n0, int64_t n1,
                                      int width)

cdef extern from "Python.h":
    bint PyFloat_Check(object)
    bint PyFloat_CheckExact(object)
    bint PyLong_CheckExact(object)
    Py_ssize_t PyVectorcall_NARGS(size_t)
    bint PyLong_Check(object)
    bint PyBool_Check(object)
    bint PyComplex_Check(object)
    double PyFloat_AS_DOUBLE(object)
    double PyComplex_RealAsDouble(object)
    double PyComplex_ImagAsDouble(object)
    long long PyLong_AsLongLongAndOverflow(object, int*) except? -1
    double PyLong_AsDouble(object) except? -1.0
    unsigned long long PyLong_AsUnsignedLongLongMask(object) except? 0


# ---------------------------------------------------------------- promotion

cdef enum:
    RULE_SAME = 0
    RULE_FLOAT = 1
    RULE_COMPARE = 2
    RULE_LOGICAL = 3
    RULE_INT = 4

_RULES = {"same": RULE_SAME, "float": RULE_FLOAT, "compare": RULE_COMPARE,
          "logical": RULE_LOGICAL, "int": RULE_INT}

cdef int _table[12][12]


cdef int _kind(int code) noexcept:
    if code == BOOL:
        return 0
    if code <= I64:
        return 1
    if code <= F64:
        return 2
    return 3


cdef int _promote_slow(int a, int b) noexcept:
    cdef int hi, lo
    if a == b:
        return a
    if _kind(a) == _kind(b):
        hi, lo = (a, b) if a > b else (b, a)
        if lo == U8 and hi == I8:
            return I16
        if lo == F16 and hi == BF16:
            return F32
        return hi
    hi, lo = (a, b) if _kind(a) > _kind(b) else (b, a)
    if hi == C64 and lo == F64:
        return C128
    return hi


def _fill_table():
    cdef int a, b
    for a in range(12):
        for b in range(12):
            _table[a][b] = _promote_slow(a, b)


_fill_table()


cdef int promote_codes(int a, int b) noexcept:
    return _table[a][b]


def promote_types(type1, type2):
    """The smallest dtype that both types convert to, by PyTorch's rules.

    Examples
    --------
    >>> import derivo
    >>> derivo.promote_types(derivo.int32, derivo.float32)
    torch.float32
    """
    return dtype_of(_table[(<DType?>type1).code][(<DType?>type2).code])


def can_cast(from_, to):
    """Whether a value may be stored in `to` without changing its kind.

    Examples
    --------
    >>> import derivo
    >>> derivo.can_cast(derivo.float32, derivo.int32)
    False
    """
    return bool(_can_cast((<DType?>from_).code, (<DType?>to).code))


cdef bint _can_cast(int source, int target) noexcept:
    return _kind(source) <= _kind(target)


cdef int _combine(int higher, int lower) noexcept:
    if higher < 0:
        return lower
    if lower < 0:
        return higher
    if _kind(higher) == 3:
        return higher
    if _kind(higher) == 2:
        if _kind(lower) == 3:
            return C128 if higher == F64 else C64
        return higher
    if higher == BOOL or _kind(lower) >= 2:
        return _table[higher][lower]
    return higher


# ---------------------------------------------------------------- arguments

cdef struct Arg:
    PyObject* tensor     # NULL for a number
    Scalar number


cdef int classify(object value, Arg* arg, ElementwiseOp op, int index) except -1:
    cdef int overflow = 0
    if DERIVO_IS(value, TensorBase):
        arg.tensor = <PyObject*>value
        return 0
    arg.tensor = NULL
    arg.number.imag = 0.0
    if PyFloat_Check(value):
        arg.number.kind = F64
        arg.number.d = PyFloat_AS_DOUBLE(value)
        arg.number.i = 0
    elif PyBool_Check(value):
        arg.number.kind = BOOL
        arg.number.i = value is True
        arg.number.d = arg.number.i
    elif PyLong_Check(value):
        arg.number.kind = I64
        arg.number.i = PyLong_AsLongLongAndOverflow(value, &overflow)
        if overflow:
            arg.number.i = <int64_t>PyLong_AsUnsignedLongLongMask(value)
            arg.number.d = PyLong_AsDouble(value)
        else:
            arg.number.d = <double>arg.number.i
    elif PyComplex_Check(value):
        arg.number.kind = C128
        arg.number.d = PyComplex_RealAsDouble(value)
        arg.number.imag = PyComplex_ImagAsDouble(value)
        arg.number.i = 0
    elif hasattr(value, "__derivo_scalar__"):
        # A symbol, by which a definition is being read.
        return 1
    elif hasattr(value, "dtype") and hasattr(value, "item"):
        # A NumPy scalar (or 0-d array).
        return classify(value.item(), arg, op, index)
    elif hasattr(value, "__index__"):
        return classify(value.__index__(), arg, op, index)
    else:
        raise TypeError(
            f"[{op.name}] argument '{op.spec_name(index)}' (position {index + 1}) must "
            f"be Tensor or Number, not {type(value).__name__}."
        )
    return 0


cdef void store_number(Scalar* number, int code, char* out) noexcept:
    if code == F32:
        (<float*>out)[0] = <float>number.d
    elif code == F64:
        (<double*>out)[0] = number.d
    elif code == BOOL:
        out[0] = (number.d != 0) if number.kind == F64 else (number.i != 0)
    elif code == C64:
        (<float*>out)[0] = <float>number.d
        (<float*>out)[1] = <float>number.imag
    elif code == C128:
        (<double*>out)[0] = number.d
        (<double*>out)[1] = number.imag
    else:
        if number.kind == F64:
            (<int64_t*>out)[0] = <int64_t>number.d
        else:
            (<int64_t*>out)[0] = number.i


cdef object number_object(Scalar* number):
    if number.kind == F64:
        return number.d
    if number.kind == BOOL:
        return number.i != 0
    if number.kind == C128:
        return complex(number.d, number.imag)
    return number.i


# ---------------------------------------------------------------- the loop

cdef enum:
    TILE_ROWS = 16            # 16 elements of 4 bytes are a cache line
    TILE_BYTES = 16384        # of one operand's tile
    TILED = 2                 # so many operands may lie across
    TILE_FROM = 16384         # elements of a loop that is worth tiles


cdef void _run_tiles(Loop* loop, int64_t* sizes, char** ptrs,
                     int64_t* steps) noexcept nogil:
    """Run the kernel tile by tile on copies of the operands that lie across.

    Along the inner dimension such an operand's elements are a row of memory apart:
    each would bring in a cache line of its own, to be evicted before its next element
    is wanted.
    """
    cdef char room[TILED * TILE_BYTES + 64]
    cdef char* at[10]
    cdef int64_t inner[2]
    cdef int64_t strides[20]
    cdef int64_t begin0, begin1, length = 256
    cdef int nops = loop.nops, j, n
    cdef char* buffer
    memcpy(strides, steps, 2 * nops * sizeof(int64_t))
    for j in range(nops):
        if (loop.across >> j) & 1:
            length = min(length, <int64_t>TILE_BYTES // (TILE_ROWS * loop.widths[j]))
            strides[j] = loop.widths[j]
    begin0 = 0
    while begin0 < sizes[0]:
        inner[0] = min(length, sizes[0] - begin0)
        begin1 = 0
        while begin1 < sizes[1]:
            inner[1] = min(<int64_t>TILE_ROWS, sizes[1] - begin1)
            n = 0
            for j in range(nops):
                at[j] = ptrs[j] + begin0 * steps[j] + begin1 * steps[nops + j]
                if (loop.across >> j) & 1:
                    buffer = <char*>((<uintptr_t>room + 63) & ~<uintptr_t>63)
                    buffer += n * TILE_BYTES
                    strides[nops + j] = length * loop.widths[j]
                    transpose(buffer, strides[nops + j], at[j], steps[j], inner[0],
                              inner[1], loop.widths[j])
                    at[j] = buffer
                    n += 1
            loop.kernel(inner, at, strides)
            begin1 += TILE_ROWS
        begin0 += length


cdef void find_across(Loop* loop, int first, int* codes) noexcept:
    """Choose the inputs (from operand `first` on) that lie across, and swap dimensions
    so that they are contiguous along the second one."""
    cdef int j, d, width, dim = 0, found = 0
    cdef int64_t step
    for j in range(first, loop.nops):
        width = ITEMSIZE[codes[j]]
        step = loop.steps[j][0]
        if found == TILED or -64 < step < 64:
            continue
        for d in range(1, loop.ndim):
            if loop.steps[j][d] == width and loop.sizes[d] >= 4 and dim in (0, d):
                dim = d
                loop.across |= 1 << j
                loop.widths[j] = width
                found += 1
                break
    if dim > 1:
        loop.sizes[1], loop.sizes[dim] = loop.sizes[dim], loop.sizes[1]
        for j in range(loop.nops):
            step = loop.steps[j][1]
            loop.steps[j][1] = loop.steps[j][dim]
            loop.steps[j][dim] = step


cdef inline void _run_plane(Loop* loop, int64_t* sizes, char** ptrs,
                            int64_t* steps) noexcept nogil:
    if loop.across:
        _run_tiles(loop, sizes, ptrs, steps)
    else:
        loop.kernel(sizes, ptrs, steps)


cdef void _run_range(Loop* loop, char** ptrs, int64_t* sizes) noexcept nogil:
    cdef int nops = loop.nops
    cdef int64_t inner[2]
    cdef int64_t steps[20]
    cdef int64_t index[64]
    cdef char* at[10]
    cdef int j, d
    inner[0] = sizes[0]
    inner[1] = sizes[1] if loop.ndim > 1 else 1
    for j in range(nops):
        steps[j] = loop.steps[j][0]
        steps[nops + j] = loop.steps[j][1] if loop.ndim > 1 else 0
        at[j] = ptrs[j]
    if loop.ndim <= 2:
        _run_plane(loop, inner, at, steps)
        return
    for d in range(2, loop.ndim):
        index[d] = 0
    while True:
        _run_plane(loop, inner, at, steps)
        d = 2
        while True:
            index[d] += 1
            for j in range(nops):
                at[j] += loop.steps[j][d]
            if index[d] < sizes[d]:
                break
            for j in range(nops):
                at[j] -= loop.steps[j][d] * sizes[d]
            index[d] = 0
            d += 1
            if d == loop.ndim:
                return


cdef void _run_part(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Loop* loop = <Loop*>arg
    cdef char* ptrs[10]
    cdef int64_t sizes[64]
    cdef int j
    for j in range(loop.nops):
        ptrs[j] = loop.ptrs[j] + loop.steps[j][loop.split] * begin
    memcpy(sizes, loop.sizes, loop.ndim * sizeof(int64_t))
    sizes[loop.split] = end - begin
    _run_range(loop, ptrs, sizes)


cdef int run_loop(Loop* loop, int64_t count) noexcept:
    """Run the kernel over all of the loop, on several threads if it is large."""
    cdef int d
    cdef int64_t rest
    if count == 0:
        return 0
    if count < PARALLEL_MATH:
        _run_range(loop, loop.ptrs, loop.sizes)
        return 0
    if num_threads() == 1:
        with nogil:
            _run_range(loop, loop.ptrs, loop.sizes)
        return 0
    # Split the outermost dimension, or the longest one if that is too short.
    loop.split = loop.ndim - 1
    if loop.sizes[loop.split] < 2 * num_threads():
        for d in range(loop.ndim):
            if loop.sizes[d] > loop.sizes[loop.split]:
                loop.split = d
    rest = count // loop.sizes[loop.split]
    with nogil:
        parallel_for(_run_part, loop, loop.sizes[loop.split],
                     max(<int64_t>1, PARALLEL_MATH // 2 // max(rest, <int64_t>1)))
    return 0


cdef bint _prefer_swap(Loop* loop, int a, int b, int* verdict) noexcept:
    # Compare dimensions a (assumed faster) and b by the operands' strides: 1 if b is
    # really the faster, -1 if a is, 0 if nothing tells.
    cdef int j
    cdef int64_t sa, sb
    for j in range(loop.nops):
        sa = loop.steps[j][a]
        sb = loop.steps[j][b]
        if loop.ptrs[j] == NULL or sa == 0 or sb == 0:
            continue
        if sa < sb:
            verdict[0] = -1
            return True
        if sa > sb or loop.sizes[a] > loop.sizes[b]:
            verdict[0] = 1
            return True
    verdict[0] = 0
    return False


cdef int sort_dims(Loop* loop, int* order) noexcept:
    """Order of dimensions, fastest first, following the operands' memory.

    An insertion sort with an ambiguous comparison, so that results get the layout
    PyTorch would give them.
    """
    cdef int i, k, dim1, verdict, d
    for i in range(loop.ndim):
        order[i] = i
    for i in range(1, loop.ndim):
        dim1 = i
        k = i - 1
        while k >= 0:
            _prefer_swap(loop, order[k], order[dim1], &verdict)
            if verdict > 0:
                d = order[k]
                order[k] = order[dim1]
                order[dim1] = d
                dim1 = k
            elif verdict < 0:
                break
            k -= 1
    return 0


cdef void apply_order(Loop* loop, int* order) noexcept:
    cdef int64_t old[64]
    cdef int i, j
    memcpy(old, loop.sizes, loop.ndim * sizeof(int64_t))
    for i in range(loop.ndim):
        loop.sizes[i] = old[order[i]]
    for j in range(loop.nops):
        memcpy(old, loop.steps[j], loop.ndim * sizeof(int64_t))
        for i in range(loop.ndim):
            loop.steps[j][i] = old[order[i]]


cdef void collapse(Loop* loop) noexcept:
    """Merge neighbouring dimensions that all operands step through as one."""
    cdef int write = 0, read, j
    cdef bint merge
    if loop.ndim == 0:
        loop.ndim = 1
        loop.sizes[0] = 1
        for j in range(loop.nops):
            loop.steps[j][0] = 0
        return
    for read in range(1, loop.ndim):
        merge = True
        if loop.sizes[write] != 1 and loop.sizes[read] != 1:
            for j in range(loop.nops):
                if loop.steps[j][write] * loop.sizes[write] != loop.steps[j][read]:
                    merge = False
                    break
        if merge:
            if loop.sizes[write] == 1:
                for j in range(loop.nops):
                    loop.steps[j][write] = loop.steps[j][read]
            loop.sizes[write] *= loop.sizes[read]
        else:
            write += 1
            loop.sizes[write] = loop.sizes[read]
            for j in range(loop.nops):
                loop.steps[j][write] = loop.steps[j][read]
    loop.ndim = write + 1


# ---------------------------------------------------------------- operations

cdef enum:
    FROM_G = 0
    FROM_IN = 1
    FROM_OUT = 2
    FROM_PARAM = 3

_SOURCES = {"g": FROM_G, "in": FROM_IN, "out": FROM_OUT, "param": FROM_PARAM}


@cython.final
cdef class BackwardPlan:
    """How to get the gradients of some inputs of an elementwise operation.

    Parameters
    ----------
    op : ElementwiseOp, callable or None
        Computes the gradients that are not trivial. A callable (of the operands, with
        the number of its results as `nout`) stands for several operations, where
        there are too many operands for one.
    sources : tuple of (str, int)
        Its operands in order: ``('g', k)`` incoming gradient k, ``('in', i)`` input i,
        ``('out', j)`` output j, ``('param', i)`` scalar parameter i.
    results : tuple of int
        For each needed input in order: ``j >= 0`` is output j of `op`, ``-1`` a zero
        gradient, ``-2 - k`` the incoming gradient k itself.
    """

    def __init__(self, op, sources, results):
        cdef int i
        self.call = op
        self.op = op if isinstance(op, ElementwiseOp) else None
        self.n_made = 0 if op is None else op.nout
        self.sources = tuple(sources)
        self.results = tuple(results)
        self.n_sources = len(self.sources)
        self.n_results = len(self.results)
        if self.n_sources > MAX_OPERANDS or self.n_results > MAX_OPERANDS:
            raise ValueError(
                f"[BackwardPlan] at most {MAX_OPERANDS} operands, got "
                f"{self.n_sources} sources and {self.n_results} results."
            )
        for i in range(self.n_sources):
            self.kinds[i] = _SOURCES[self.sources[i][0]]
            self.indices[i] = self.sources[i][1]
            if self.kinds[i] == FROM_IN or self.kinds[i] == FROM_OUT:
                self.keeps = True
        for i in range(self.n_results):
            self.outs[i] = self.results[i]


cdef class ElementwiseOp:
    """The compiled side of an elementwise record.

    Parameters
    ----------
    name : str
        Name in error messages.
    nin, nparams, nout : int
        Operands (tensors or numbers), scalar parameters, results.
    promote : {"same", "float", "compare", "logical", "int"}
        How the dtypes of the operands give that of computation and result.
    node_name : str or None
        Name of the graph node; None for operations without derivative.
    spec : object
        ``spec.build(in_dtypes, out_dtypes, compute_dtype, layout)`` gives the address
        of a kernel, ``spec.backward(mask)`` a `BackwardPlan` (or None).
    first_promoted : int
        Operands before this one keep their own dtype (the condition of ``where``).
    tensors_only : int
        Mask of the operands that PyTorch does not take as Python numbers.
    on_complex : {0, 1, 2}
        Whether complex operands are refused, give a complex result or a real one.
    """

    def __cinit__(self, str name, int nin, int nparams, int nout, str promote,
                  node_name, spec, int first_promoted=0, int tensors_only=0,
                  int on_complex=0):
        if nin + nparams + nout > MAX_OPERANDS:
            raise ValueError(
                f"[{name}] at most {MAX_OPERANDS} operands, got "
                f"{nin + nparams + nout}."
            )
        self.name = name
        self.nin = nin
        self.nparams = nparams
        self.nout = nout
        self.promote = promote
        self.rule = _RULES[promote]
        self.node_name = node_name
        self.spec = spec
        self.first_promoted = first_promoted
        self.tensors_only = tensors_only
        self.on_complex = on_complex
        self.differentiable = node_name is not None
        # Of real operands, then of complex ones.
        self.plans = [None] * (2 << nin)
        self.forward_plans = [None] * (2 << nin)
        if self.differentiable:
            self.node_type = type(node_name, (ElementwiseNode,), {"__slots__": ()})
            self.pool = use_pool(self.node_type)
            self.pool.used = _node_bytes
        self.vectorcall = <void*>vectorcall
        if nout == 1 and nparams == 0 and first_promoted == 0 and 1 <= nin <= 2:
            self.quick = <Quick*>calloc(3 * N_DTYPES, sizeof(Quick))
            if self.quick == NULL:
                raise MemoryError
        self.capacity = 16
        self.keys = <uint64_t*>malloc(16 * sizeof(uint64_t))
        self.kernels = <kernel_t*>malloc(16 * sizeof(kernel_t))
        memset(self.kernels, 0, 16 * sizeof(kernel_t))

    def __dealloc__(self):
        free(self.quick)
        free(self.keys)
        free(self.kernels)

    def __repr__(self):
        return f"<elementwise {self.name}>"

    def spec_name(self, int index):
        """Name of argument `index` in messages."""
        names = getattr(self.spec, "operand_names", None)
        if names is not None and index < len(names):
            return names[index]
        return "input" if index == 0 else "other" if index == 1 else f"arg{index}"

    cdef kernel_t find(self, uint64_t key) noexcept:
        cdef uint64_t slot = (key * <uint64_t>0x9E3779B97F4A7C15) >> 40
        cdef int at = <int>(slot & (self.capacity - 1))
        while self.kernels[at] != NULL:
            if self.keys[at] == key:
                return self.kernels[at]
            at = (at + 1) & (self.capacity - 1)
        return NULL

    cdef int insert(self, uint64_t key, kernel_t kernel) except -1:
        cdef uint64_t slot
        cdef int at, i, old = self.capacity
        cdef uint64_t* keys = self.keys
        cdef kernel_t* kernels = self.kernels
        if 2 * (self.filled + 1) > old:
            self.capacity = 2 * old
            self.keys = <uint64_t*>malloc(self.capacity * sizeof(uint64_t))
            self.kernels = <kernel_t*>malloc(self.capacity * sizeof(kernel_t))
            if self.keys == NULL or self.kernels == NULL:
                raise MemoryError
            memset(self.kernels, 0, self.capacity * sizeof(kernel_t))
            self.filled = 0
            for i in range(old):
                if kernels[i] != NULL:
                    self.insert(keys[i], kernels[i])
            free(keys)
            free(kernels)
        slot = (key * <uint64_t>0x9E3779B97F4A7C15) >> 40
        at = <int>(slot & (self.capacity - 1))
        while self.kernels[at] != NULL:
            at = (at + 1) & (self.capacity - 1)
        self.keys[at] = key
        self.kernels[at] = kernel
        self.filled += 1
        return 0

    cdef kernel_t kernel_for(self, uint64_t key) except NULL:
        """Machine code for a key (see `pack`), built when it is met first."""
        cdef kernel_t kernel = self.find(key)
        cdef int nops
        cdef uint64_t rest
        if kernel != NULL:
            return kernel
        nops = self.nout + self.nin + self.nparams
        names = []
        layout = []
        rest = key >> 4
        for _ in range(nops):
            names.append(dtype_of(<int>(rest & 15)).name)
            layout.append("csx"[(rest >> 4) & 3])
            rest >>= 6
        address = self.spec.build(
            tuple(names[self.nout:]), tuple(names[:self.nout]),
            dtype_of(<int>(key & 15)).name, "".join(layout))
        kernel = <kernel_t><size_t>address
        self.insert(key, kernel)
        return kernel

    cdef BackwardPlan plan(self, int mask, bint is_complex):
        cdef int at = mask | (1 << self.nin) if is_complex else mask
        cdef BackwardPlan plan = <BackwardPlan>self.plans[at]
        if plan is None:
            flags = tuple([(mask >> i) & 1 == 1 for i in range(self.nin)])
            if is_complex:
                plan = <BackwardPlan?>self.spec.complex_backward(flags)
            else:
                plan = <BackwardPlan?>self.spec.backward(flags)
            self.plans[at] = plan
        return plan

    def __call__(self, *args):
        cdef PyObject* argv[MAX_OPERANDS]
        cdef int n = len(args), i
        if n != self.nin + self.nparams:
            raise TypeError(
                f"[{self.name}] expected {self.nin + self.nparams} arguments, got {n}."
            )
        for i in range(n):
            argv[i] = <PyObject*>args[i]
        return run(self, argv, n, None, False)

    def out(self, out, *args):
        """Compute into `out`, which is resized if its shape differs."""
        cdef PyObject* argv[MAX_OPERANDS]
        cdef int n = len(args), i
        if not isinstance(out, TensorBase):
            raise TypeError(
                f"[{self.name}] argument 'out' must be Tensor, not "
                f"{type(out).__name__}."
            )
        if n != self.nin + self.nparams:
            raise TypeError(
                f"[{self.name}] expected {self.nin + self.nparams} arguments, got {n}."
            )
        for i in range(n):
            argv[i] = <PyObject*>args[i]
        return run(self, argv, n, <TensorBase>out, False)

    def inplace(self, *args):
        """Compute into the first operand."""
        cdef PyObject* argv[MAX_OPERANDS]
        cdef int n = len(args), i
        if n != self.nin + self.nparams:
            raise TypeError(
                f"[{self.name}_] expected {self.nin + self.nparams} arguments, got {n}."
            )
        for i in range(n):
            argv[i] = <PyObject*>args[i]
        return run(self, argv, n, <TensorBase?>args[0], True)

    def hang(self, made, *args):
        """Hang the node of a call on results that were computed elsewhere."""
        return hang(self, made, args, False)

    def hang_inplace(self, compute, *args):
        """Let `compute` change the first operand, and record it as this operation."""
        return hang(self, compute, args, True)


cdef inline uint64_t pack(uint64_t key, int at, int code, int access) noexcept:
    # Four bits of compute dtype, then six bits an operand.
    return key | ((<uint64_t>code | (<uint64_t>access << 4)) << (4 + 6 * at))


cdef enum:
    CONTIGUOUS = 0
    SPLAT = 1
    STRIDED = 2


cdef int compute_code(int common) noexcept:
    return F32 if common == F16 or common == BF16 else common


cdef Py_ssize_t vectorcall_offset(ElementwiseOp sample):
    return <char*>&sample.vectorcall - <char*><PyObject*>sample


cdef object vectorcall(object op, PyObject** args, size_t flags, PyObject* names):
    """``op(*args)`` without a tuple."""
    cdef ElementwiseOp self = <ElementwiseOp>op
    cdef int n = <int>PyVectorcall_NARGS(flags)
    if names != NULL:
        raise TypeError(f"[{self.name}] takes no keyword arguments.")
    if n != self.nin + self.nparams:
        raise TypeError(
            f"[{self.name}] expected {self.nin + self.nparams} arguments, got {n}."
        )
    return run(self, args, n, None, False)


derivo_vectorcall(ElementwiseOp, vectorcall_offset(ElementwiseOp.__new__(
    ElementwiseOp, "", 1, 0, 1, "same", None, None)))


cdef PyObject* _tensor = NULL      # the class of ordinary tensors


cdef bint plain_number(PyObject* value, Scalar* number) noexcept:
    """Take a float or a small int; False for anything else."""
    cdef int overflow = 0
    if PyFloat_CheckExact(<object>value):
        number.kind = F64
        number.d = PyFloat_AS_DOUBLE(<object>value)
        number.i = 0
        number.imag = 0.0
        return True
    if PyLong_CheckExact(<object>value):
        number.kind = I64
        number.i = small_int(value, &overflow)
        number.d = <double>number.i
        number.imag = 0.0
        return overflow == 0
    return False


cdef inline int64_t small_int(PyObject* value, int* overflow) noexcept:
    return PyLong_AsLongLongAndOverflow(<object>value, overflow)


cdef inline bint asks(TensorBase t) noexcept:
    return t.leaf_grad or t.fn is not None or (t.base is not None and needs_grad(t))


cdef bint fill_quick(ElementwiseOp op, int kind, int code, Quick* found) except -1:
    """Note how `op` is run on operands of a kind (see `quick`); False: it is not."""
    cdef uint64_t key
    cdef int i
    if code >= C64 or (op.rule == RULE_FLOAT and code <= I64) or (
            op.rule == RULE_INT and code > I64):
        return False
    if kind and (op.tensors_only >> (2 - kind)) & 1:
        return False
    found.result = BOOL if op.rule == RULE_COMPARE or op.rule == RULE_LOGICAL else code
    found.compute = BOOL if op.rule == RULE_LOGICAL else compute_code(code)
    key = pack(<uint64_t>found.compute, 0, found.result, CONTIGUOUS)
    for i in range(op.nin):
        if kind == 2 - i and kind:
            key = pack(key, 1 + i, number_code(op, i, found.compute), SPLAT)
        else:
            key = pack(key, 1 + i, code, CONTIGUOUS)
    found.kernel = op.kernel_for(key)
    return True


cdef object quick(ElementwiseOp op, PyObject* x, PyObject* y, ThreadState* state):
    """The result for plain operands, else None.

    Plain are one or two ordinary tensors of one dtype and shape, contiguous and small
    (kind 0); or such a tensor of floats, and a number after it (1) or before it (2).
    """
    cdef PyObject* lead = x
    cdef int kind = 0, d, n = 1
    cdef int mask = 0
    cdef Scalar number
    cdef Quick* found
    cdef TensorBase a, b = None, out
    cdef char* ptrs[3]
    cdef int64_t steps[6]
    cdef int64_t sizes[2]
    cdef int64_t value
    cdef Arg args[2]
    if not DERIVO_IS_CLASS(x, _tensor):
        if y == NULL or not DERIVO_IS_CLASS(y, _tensor) or not plain_number(x, &number):
            return None
        lead = y
        kind = 2
    elif y != NULL and not DERIVO_IS_CLASS(y, _tensor):
        if not plain_number(y, &number):
            return None
        kind = 1
    a = <TensorBase>lead
    if not a.is_contig or a.count >= PARALLEL_MATH:
        return None
    if kind:
        if a.code != F32 and a.code != F64:
            return None
    elif y != NULL:
        b = <TensorBase>y
        if b.code != a.code or b.rank != a.rank or not b.is_contig:
            return None
        for d in range(a.rank):
            if a.sizes[d] != b.sizes[d]:
                return None
    found = &op.quick[kind * N_DTYPES + a.code]
    if found.kernel == NULL and not fill_quick(op, kind, a.code, found):
        return None
    out = like_c(a, found.result)
    ptrs[0] = out.data_
    # Of the only dimension, then zeros for a second one.
    memset(steps, 0, sizeof(steps))
    steps[0] = ITEMSIZE[found.result]
    if y == NULL:
        ptrs[1] = a.data_
        steps[1] = ITEMSIZE[a.code]
    else:
        n = 2
        if kind == 0:
            ptrs[1] = a.data_
            ptrs[2] = b.data_
            steps[1] = ITEMSIZE[a.code]
            steps[2] = ITEMSIZE[a.code]
        else:
            store_number(&number, number_code(op, 0, found.compute), <char*>&value)
            ptrs[kind] = a.data_
            ptrs[3 - kind] = <char*>&value
            steps[kind] = ITEMSIZE[a.code]
            steps[3 - kind] = 0
    if a.count:
        sizes[0] = a.count
        sizes[1] = 1
        found.kernel(sizes, ptrs, steps)
    out.inference = state.inference
    if state.grad_enabled and op.differentiable and found.result >= F16:
        if kind == 2:
            mask = 2 if asks(a) else 0
        else:
            mask = 1 if asks(a) else 0
            if b is not None and asks(b):
                mask |= 2
        if mask:
            args[0].tensor = x
            args[1].tensor = y
            if kind:
                args[2 - kind].tensor = NULL
                args[2 - kind].number = number
            out.fn = make_node(op, args, n, mask, found.compute, out, None, False, True)
    return out


cdef object run(ElementwiseOp op, PyObject** argv, int n, TensorBase out,
                bint inplace):
    """One elementwise operation on tensors and numbers."""
    cdef ThreadState* state
    if out is None and op.quick != NULL:
        state = thread_state()
        if not state.modes:
            made = quick(op, argv[0], argv[1] if n == 2 else NULL, state)
            if made is not None:
                return made
    return run_any(op, argv, n, out, inplace)


cdef object run_any(ElementwiseOp op, PyObject** argv, int n, TensorBase out,
                    bint inplace):
    cdef Arg args[MAX_OPERANDS]
    cdef int i, k, common = -1, dims = -1, zeros = -1, wrapped = -1, result, compute
    cdef int mask = 0, n_tensors = 0, code
    cdef bint simple = True
    cdef TensorBase t, first = None
    cdef ThreadState* state = thread_state()
    cdef Node node
    if state.modes:
        for i in range(n + 1):
            value = out if i == n else <object>argv[i]
            if DERIVO_IS(value, TensorBase) and moded(<TensorBase>value):
                return _run_in_mode(op, argv, n, out, inplace)
    for i in range(n):
        if classify(<object>argv[i], &args[i], op, i) == 1:
            return _callbacks["symbolic"](
                op, tuple([<object>argv[k] for k in range(n)]), out, inplace)
        if args[i].tensor == NULL:
            if (op.tensors_only >> i) & 1:
                raise TypeError(
                    f"[{op.name}] {op.name}(): argument '{op.spec_name(i)}' (position "
                    f"{i + 1}) must be Tensor, not {type(<object>argv[i]).__name__}. "
                    "Make a tensor of it with derivo.tensor(value)."
                )
            if i >= op.first_promoted and i < op.nin:
                code = args[i].number.kind
                if code == F64:
                    code = default_code()
                elif code == C128:
                    code = C128 if default_code() == F64 else C64
                wrapped = code if wrapped < 0 else _table[wrapped][code]
            continue
        t = <TensorBase>args[i].tensor
        n_tensors += 1
        if i >= op.first_promoted and i < op.nin:
            if t.rank:
                dims = t.code if dims < 0 else _table[dims][t.code]
            else:
                zeros = t.code if zeros < 0 else _table[zeros][t.code]
        if first is None:
            first = t
            if not t.is_contig:
                simple = False
        elif simple:
            if not t.is_contig or not same_shape(first, t):
                simple = False
        if state.grad_enabled and i < op.nin and needs_grad(t):
            mask |= 1 << i
    if n_tensors == 0:
        return _run_numbers(op, argv, n, out)
    common = _combine(dims, _combine(zeros, wrapped))
    # dtypes of computation and result
    if op.rule == RULE_FLOAT and common <= I64:
        common = default_code()
    elif op.rule == RULE_INT and common > I64:
        raise RuntimeError(
            f"[{op.name}] \"{op.name}_cpu\" not implemented for "
            f"'{_LEGACY_NAMES[common]}': expected an integer or bool tensor, got "
            f"dtype={dtype_of(common)!r}."
        )
    result = BOOL if op.rule == RULE_COMPARE or op.rule == RULE_LOGICAL else common
    compute = BOOL if op.rule == RULE_LOGICAL else compute_code(common)
    if common >= C64:
        if op.on_complex == 0:
            raise _complex_error(op, common)
        compute = common
        if op.on_complex == 2:
            result = F32 if common == C64 else F64
    if mask and (not op.differentiable or result < F16):
        mask = 0
    if out is not None:
        return _run_into(op, args, argv, n, out, inplace, mask, result, compute)
    outs = launch(op, args, n, first if simple else None, result, compute, None)
    if op.nout == 1:
        t = <TensorBase>outs
        t.inference = state.inference
        if mask:
            node = make_node(op, args, n, mask, compute, t, None, False, False)
            t.fn = node
        return t
    for i in range(op.nout):
        (<TensorBase>(<list>outs)[i]).inference = state.inference
    if mask:
        node = make_node(op, args, n, mask, compute, None, <list>outs, False,
                         False)
        for i in range(op.nout):
            t = <TensorBase>(<list>outs)[i]
            t.fn = node
            t.output_nr = i
    return outs


cdef object _run_in_mode(ElementwiseOp op, PyObject** argv, int n, TensorBase out,
                         bint inplace):
    cdef int i
    cdef tuple args = tuple([<object>argv[i] for i in range(n)])
    if inplace:
        return mode_call("inplace", op, args)
    if out is not None:
        return mode_call("out", op, (out, *args))
    return mode_call("elementwise", op, args)


cdef object hang(ElementwiseOp op, object made, tuple operands, bint inplace):
    # What `run` does around the kernel.
    cdef Arg args[MAX_OPERANDS]
    cdef int n = len(operands), i, mask = 0, common = -1, dims = -1, zeros = -1
    cdef int wrapped = -1, code
    cdef TensorBase t, out
    cdef Node node = None
    for i in range(n):
        classify(operands[i], &args[i], op, i)
        if args[i].tensor == NULL:
            if i >= op.first_promoted and i < op.nin:
                code = args[i].number.kind
                if code == F64:
                    code = default_code()
                elif code == C128:
                    code = C128 if default_code() == F64 else C64
                wrapped = code if wrapped < 0 else _table[wrapped][code]
            continue
        t = <TensorBase>args[i].tensor
        if i >= op.first_promoted and i < op.nin:
            if t.rank:
                dims = t.code if dims < 0 else _table[dims][t.code]
            else:
                zeros = t.code if zeros < 0 else _table[zeros][t.code]
        if i < op.nin and thread_state().grad_enabled and needs_grad(t):
            mask |= 1 << i
    common = _combine(dims, _combine(zeros, wrapped))
    if op.rule == RULE_FLOAT and common <= I64:
        common = default_code()
    code = common if common >= C64 else compute_code(common)
    if not op.differentiable or common < F16 or op.rule == RULE_COMPARE or (
            op.rule == RULE_LOGICAL):
        mask = 0
    if inplace:
        out = <TensorBase?>operands[0]
        check_inplace(out, mask != 0)
        if mask:
            node = make_node(op, args, n, mask, code, None, [out], True, False)
        made()
        finish_inplace(out, node, op.name + "_")
        if node is not None:
            save_outputs(<ElementwiseNode>node, [out])
        return out
    if not mask:
        return made
    if op.nout == 1:
        out = <TensorBase?>made
        node = make_node(op, args, n, mask, code, out, None, False, False)
        out.fn = node
        return out
    node = make_node(op, args, n, mask, code, None, <list?>made, False, False)
    for i in range(op.nout):
        out = <TensorBase?>(<list>made)[i]
        out.fn = node
        out.output_nr = i
    return made


_LEGACY_NAMES = ("Bool", "Byte", "Char", "Short", "Int", "Long", "Half", "BFloat16",
                 "Float", "Double", "ComplexFloat", "ComplexDouble")


cdef object _complex_error(ElementwiseOp op, int code):
    refusal = getattr(op.spec, "complex_refusal", None)
    if refusal is not None:
        return NotImplementedError(f"[{op.name}] {refusal}")
    return NotImplementedError(
        f"[{op.name}] \"{op.name}_cpu\" not implemented for '{_LEGACY_NAMES[code]}': "
        "it has no meaning for complex numbers. Take real and imaginary parts, or the "
        "absolute value, first."
    )


cdef object _run_numbers(ElementwiseOp op, PyObject** argv, int n, TensorBase out):
    # PyTorch wants a tensor somewhere, except where all-number calls make sense.
    if out is None:
        raise TypeError(
            f"[{op.name}] argument '{op.spec_name(0)}' (position 1) must be Tensor, "
            f"not {type(<object>argv[0]).__name__}."
        )
    cdef PyObject* wrapped[MAX_OPERANDS]
    cdef int i
    keep = []
    for i in range(n):
        keep.append(_scalar_tensor(<object>argv[i]))
        wrapped[i] = <PyObject*>keep[i]
    return run(op, wrapped, n, out, False)


cdef TensorBase _scalar_tensor(object value):
    cdef Arg arg
    cdef int code
    cdef TensorBase t
    classify(value, &arg, None, 0)
    code = arg.number.kind
    if code == F64:
        code = default_code()
    elif code == C128:
        code = C128 if default_code() == F64 else C64
    t = empty_c(code if code not in (F16, BF16) else F32, 0, NULL)
    store_number(&arg.number, t.code, t.data_)
    return t


cdef object _broadcast_error(op, int64_t a, int64_t b, int dim):
    return RuntimeError(
        f"[{op}] The size of tensor a ({a}) must match the size of tensor b ({b}) at "
        f"non-singleton dimension {dim}: shapes must be equal or broadcast (a size of "
        "1 stretches)."
    )


cdef int broadcast_dims(str name, Arg* args, int n, int64_t* sizes) except -1:
    """Common shape of the tensor operands; returns its rank."""
    cdef int rank = 0, i, d
    cdef int64_t size
    cdef TensorBase t
    for i in range(n):
        if args[i].tensor != NULL:
            t = <TensorBase>args[i].tensor
            if t.rank > rank:
                rank = t.rank
    for d in range(rank):
        sizes[d] = 1
    for i in range(n):
        if args[i].tensor == NULL:
            continue
        t = <TensorBase>args[i].tensor
        for d in range(t.rank):
            size = t.sizes[d]
            if size == 1:
                continue
            if sizes[rank - t.rank + d] == 1:
                sizes[rank - t.rank + d] = size
            elif sizes[rank - t.rank + d] != size:
                raise _broadcast_error(
                    name, sizes[rank - t.rank + d], size, rank - t.rank + d)
    return rank


cdef object launch(ElementwiseOp op, Arg* args, int n, TensorBase alike, int result,
                   int compute, TensorBase out):
    """Allocate results (unless `out` is given) and run the kernel.

    `alike` is an operand when all tensors are of its shape, and each contiguous or one
    element spread over it.
    """
    cdef uint64_t key = <uint64_t>compute
    cdef char* ptrs[MAX_OPERANDS]
    cdef int64_t steps[2 * MAX_OPERANDS]
    cdef int64_t sizes[2]
    cdef char numbers[MAX_OPERANDS * 16]
    cdef int nout = op.nout, nops = op.nout + n, i, width
    cdef TensorBase t = None
    cdef kernel_t kernel
    if (alike is None or nout > 1 or alike.count >= PARALLEL_MATH
            or (out is not None and not (out.is_contig and same_shape(out, alike)))):
        return _launch_general(op, args, n, result, compute, out)
    # Everything contiguous and of one shape: a single straight loop.
    if out is None:
        out = like_c(alike, result)
    ptrs[0] = out.data_
    width = ITEMSIZE[out.code]
    steps[0] = width
    steps[nops] = 0
    key = pack(key, 0, out.code, CONTIGUOUS)
    for i in range(n):
        if args[i].tensor != NULL:
            t = <TensorBase>args[i].tensor
            ptrs[1 + i] = t.data_
            if t.is_contig:
                steps[1 + i] = ITEMSIZE[t.code]
                key = pack(key, 1 + i, t.code, CONTIGUOUS)
            else:
                steps[1 + i] = 0
                key = pack(key, 1 + i, t.code, SPLAT)
        else:
            store_number(&args[i].number, number_code(op, i, compute),
                         &numbers[16 * i])
            ptrs[1 + i] = &numbers[16 * i]
            steps[1 + i] = 0
            key = pack(key, 1 + i, number_code(op, i, compute), SPLAT)
        steps[nops + 1 + i] = 0
    kernel = op.find(key)
    if kernel == NULL:
        kernel = op.kernel_for(key)
    if out.count:
        sizes[0] = out.count
        sizes[1] = 1
        kernel(sizes, ptrs, steps)
    return out


cdef inline int number_code(ElementwiseOp op, int index, int compute) noexcept:
    """In which dtype a number lies in memory for the kernel."""
    if compute <= I64 and compute != BOOL:
        return I64
    return compute


cdef object _launch_general(ElementwiseOp op, Arg* args, int n, int result,
                            int compute, TensorBase out):
    cdef Loop loop
    cdef int64_t shape[64]
    cdef int64_t strides[64]
    cdef int order[64]
    cdef char numbers[MAX_OPERANDS * 16]
    cdef int codes[MAX_OPERANDS]
    cdef int nout = op.nout, nops = op.nout + n, rank, i, j, d, dd
    cdef int64_t count = 1, step
    cdef bint plain = True
    cdef TensorBase t
    cdef list outs
    cdef uint64_t key = <uint64_t>compute
    rank = broadcast_dims(op.name, args, n, shape)
    if out is not None:
        for d in range(rank):
            if rank > out.rank or shape[rank - 1 - d] not in (
                    1, out.sizes[out.rank - 1 - d]):
                raise RuntimeError(
                    f"[{op.name}] output with shape {list(out.shape)} doesn't match "
                    f"the broadcast shape {list(dims_tuple(rank, shape))}."
                )
        rank = out.rank
        memcpy(shape, out.sizes, rank * sizeof(int64_t))
    loop.nops = nops
    loop.ndim = rank
    for d in range(rank):
        loop.sizes[d] = shape[rank - 1 - d]     # fastest first
        count *= shape[d]
    for j in range(nout):
        loop.ptrs[j] = NULL
        for d in range(rank):
            loop.steps[j][d] = 0
    if out is not None:
        loop.ptrs[0] = out.data_
        for d in range(rank):
            loop.steps[0][d] = out.steps[rank - 1 - d] * ITEMSIZE[out.code]
    for i in range(n):
        j = nout + i
        for d in range(rank):
            loop.steps[j][d] = 0
        if args[i].tensor == NULL:
            codes[j] = number_code(op, i, compute)
            store_number(&args[i].number, codes[j], &numbers[16 * i])
            loop.ptrs[j] = &numbers[16 * i]
            continue
        t = <TensorBase>args[i].tensor
        codes[j] = t.code
        loop.ptrs[j] = t.data_
        for d in range(t.rank):
            dd = t.rank - 1 - d
            if t.sizes[dd] != 1:
                loop.steps[j][d] = t.steps[dd] * ITEMSIZE[t.code]
    if rank > 1:
        sort_dims(&loop, order)
        for d in range(rank):
            if order[d] != d:
                plain = False
                break
    if out is None:
        # Results follow the memory order of the operands.
        if not plain:
            step = 1
            for d in range(rank):
                strides[rank - 1 - order[d]] = step
                step *= max(loop.sizes[order[d]], <int64_t>1)
        outs = []
        for j in range(nout):
            if plain:
                t = empty_c(result, rank, shape)
            else:
                t = empty_strided_c(result, rank, shape, strides)
            outs.append(t)
            loop.ptrs[j] = t.data_
            for d in range(rank):
                loop.steps[j][d] = t.steps[rank - 1 - d] * ITEMSIZE[result]
    else:
        outs = [out]
    if count == 0:
        return outs[0] if nout == 1 else outs
    if not plain:
        apply_order(&loop, order)
    collapse(&loop)
    loop.across = 0
    if count >= TILE_FROM and loop.ndim > 1 and loop.sizes[0] >= 16:
        find_across(&loop, nout, codes)
    for j in range(nops):
        if j < nout:
            codes[j] = (<TensorBase>outs[j]).code
        step = loop.steps[j][0]
        if (loop.across >> j) & 1:
            key = pack(key, j, codes[j], CONTIGUOUS)
        elif step == ITEMSIZE[codes[j]] or (loop.sizes[0] == 1 and j < nout):
            loop.steps[j][0] = ITEMSIZE[codes[j]]
            key = pack(key, j, codes[j], CONTIGUOUS)
        elif step == 0 and j >= nout:
            key = pack(key, j, codes[j], SPLAT)
        else:
            key = pack(key, j, codes[j], STRIDED)
    loop.kernel = op.kernel_for(key)
    run_loop(&loop, count)
    return outs[0] if nout == 1 else outs


# ---------------------------------------------------------------- into a tensor

cdef object _overlap_error(str name):
    return RuntimeError(
        f"[{name}] unsupported operation: more than one element of the written-to "
        "tensor refers to a single memory location. Please clone() the tensor before "
        "performing the operation."
    )


cdef bint overlaps_itself(TensorBase t) noexcept:
    cdef int d
    for d in range(t.rank):
        if t.sizes[d] > 1 and t.steps[d] == 0:
            return True
    return False


cdef int check_overlap(str name, TensorBase out, TensorBase t) except -1:
    """Refuse an input that shares some but not all places with the output."""
    cdef int d
    if t is out or t.storage.data != out.storage.data or not t.count:
        return 0
    if t.data_ == out.data_ and same_shape(t, out):
        for d in range(t.rank):
            if t.sizes[d] > 1 and t.steps[d] != out.steps[d]:
                break
        else:
            return 0
    if not (_dense(t) and _dense(out)):
        return 0
    if (t.data_ + t.count * ITEMSIZE[t.code] > out.data_
            and out.data_ + out.count * ITEMSIZE[out.code] > t.data_):
        raise RuntimeError(
            f"[{name}] unsupported operation: some elements of the input tensor and "
            "the written-to tensor refer to a single memory location. Please clone() "
            "the tensor before performing the operation."
        )
    return 0


cdef bint _dense(TensorBase t) noexcept:
    # Non-overlapping without gaps, in any order of dimensions.
    cdef int64_t extent = 1
    cdef int d
    if t.is_contig:
        return True
    for d in range(t.rank):
        if t.sizes[d] > 1:
            if t.steps[d] <= 0:
                return False
            extent += (t.sizes[d] - 1) * t.steps[d]
    return extent == t.count and not overlaps_itself(t)


cdef object _run_into(ElementwiseOp op, Arg* args, PyObject** argv, int n,
                      TensorBase out, bint inplace, int mask, int result,
                      int compute):
    cdef int64_t shape[64]
    cdef int rank, i, d
    cdef Node node = None
    cdef bint same = True, simple = out.is_contig
    cdef TensorBase t
    cdef str name = op.name + "_" if inplace else op.name
    if not _can_cast(result, out.code):
        raise RuntimeError(
            f"[{name}] result type {_LEGACY_NAMES[result]} can't be cast to the "
            f"desired output type {_LEGACY_NAMES[out.code]}."
        )
    if out.code >= C64 and result < C64:
        return _complex_out(op, args, argv, n, out, inplace, mask)
    if inplace:
        check_inplace(out, mask != 0)
    elif thread_state().grad_enabled:
        if mask or needs_grad(out):
            raise RuntimeError(
                f"[{name}] {name}(): functions with out=... arguments don't support "
                "automatic differentiation, but one of the arguments requires grad."
            )
    for i in range(n):
        if simple and args[i].tensor != NULL:
            t = <TensorBase>args[i].tensor
            simple = t.is_contig and same_shape(t, out)
    if not simple:
        rank = broadcast_dims(op.name, args, n, shape)
        same = rank == out.rank
        for d in range(rank):
            if same and shape[d] != out.sizes[d]:
                same = False
    if not same:
        if inplace:
            raise RuntimeError(
                f"[{name}] output with shape {list(out.shape)} doesn't match the "
                f"broadcast shape {list(dims_tuple(rank, shape))}."
            )
        _callbacks["resize_out"](out, dims_tuple(rank, shape))
    if out.storage.readonly:
        raise RuntimeError(f"[{name}] the memory of the output is read-only.")
    if overlaps_itself(out):
        raise _overlap_error(name)
    for i in range(n):
        if args[i].tensor != NULL:
            check_overlap(name, out, <TensorBase>args[i].tensor)
    if inplace and mask:
        # Saves a copy of the old value if the derivative needs it.
        node = make_node(op, args, n, mask, compute, None, [out], True, False)
    launch(op, args, n, out if simple else None, out.code, compute, out)
    if inplace:
        finish_inplace(out, node, name)
        if node is not None:
            save_outputs(<ElementwiseNode>node, [out])
    else:
        note_write(out, name)
    return out


cdef object _complex_out(ElementwiseOp op, Arg* args, PyObject** argv, int n,
                         TensorBase out, bint inplace, int mask):
    # A real result into a complex tensor: computed apart, then converted.
    if inplace and op.on_complex == 2:
        raise RuntimeError(
            f"[{op.name}_] In-place {op.name} is not supported for complex tensors: "
            f"its result is real. Use {op.name}(tensor)."
        )
    if not inplace and thread_state().grad_enabled and (mask or needs_grad(out)):
        raise RuntimeError(
            f"[{op.name}] {op.name}(): functions with out=... arguments don't support "
            "automatic differentiation, but one of the arguments requires grad."
        )
    made = <TensorBase>run(op, argv, n, None, False)
    if not same_shape(made, out):
        _callbacks["resize_out"](out, made.shape)
    out.copy_(made)
    return out


cdef int check_inplace(TensorBase t, bint recorded) except -1:
    """Refuse in-place changes that autograd cannot follow."""
    cdef ThreadState* state = thread_state()
    if t.inference and not state.inference:
        raise RuntimeError(
            "[in-place] Inplace update to inference tensor outside InferenceMode is "
            "not allowed, since it has no version that the change could be told by. "
            "Change a clone() of it, or stay in inference mode."
        )
    if state.flags & WATCHES_WRITES:
        _callbacks["before_write"](t)
    if not state.grad_enabled:
        return 0
    if t.leaf_grad and t.fn is None:
        raise RuntimeError(
            "[in-place] a leaf Variable that requires grad is being used in an "
            "in-place operation. Change it under derivo.no_grad(), or work on a "
            "clone()."
        )
    if t.base is not None and (
            recorded or needs_grad(t) or t.base.leaf_grad or t.base.fn is not None):
        if t.creation != PLAIN:
            raise RuntimeError(creation_message(t, False))
        if t.base.leaf_grad and t.base.fn is None:
            raise RuntimeError(
                "[in-place] a view of a leaf Variable that requires grad is being "
                "used in an in-place operation. Change it under derivo.no_grad(), or "
                "work on a clone()."
            )
    return 0


cdef str creation_message(TensorBase t, bint indirect):
    """Why view `t` cannot follow a change, of itself or (`indirect`) of its base."""
    cdef str what = "is being modified inplace"
    cdef str op = "a custom Function"
    if indirect:
        what = "its base or another view of its base has been modified inplace"
    if t.creation == IN_NO_GRAD or t.creation == IN_INFERENCE:
        mode = "no_grad" if t.creation == IN_NO_GRAD else "inference"
        return (f"[in-place] A view was created in {mode} mode and {what} with grad "
                "mode enabled: whether the change counts for the gradient cannot be "
                "told. Take the view and change it on the same side: inside the block "
                "for a change that is not to count, outside for one that is.")
    if t.fn is not None and t.creation == MULTI_OUTPUT:
        op = t.fn.name().partition("Backward")[0]
    elif t.fn is not None:
        op = t.fn.name()
    elif t.creation == MULTI_OUTPUT:
        op = "a multi-view function"
    if t.creation == MULTI_OUTPUT:
        return (f"[in-place] Output {t.output_nr} of {op} is a view and {what}. It is "
                "one of multiple views that one call returned, whose histories would "
                "all have to change together. Use the out-of-place form.")
    return (f"[in-place] Output {t.output_nr} of {op} is a view and {what}. This view "
            "was created inside a custom Function (or is an input that it returned), "
            "and the history that the change would give it would leave out the "
            "Function's own backward. Let the Function return a clone().")


cdef int finish_inplace(TensorBase t, Node node, str name) except -1:
    """Bump the version of `t` and give it the history `node` (None: unchanged)."""
    note_write(t, name)
    if node is None:
        # An untracked change through a view of an untracked base needs no history.
        if (t.base is not None and t.fn is None
                and not (t.base.leaf_grad or t.base.fn is not None)):
            t.attr_version = t.storage.version
        return 0
    cdef Node old = t.fn
    cdef int nr = t.output_nr
    if t.base is not None:
        _callbacks["rebase"](t, node)
    else:
        t.fn = node
        t.output_nr = 0
        t.leaf_grad = False
    if t.retains:
        # What is kept is the gradient of the value that the tensor has last.
        if old is not None and old.hooks is not None and old.hooks.retain is not None:
            old.hooks.retain.pop(nr, None)
        retain_at(t)
    return 0


cdef dict _callbacks = {}


def set_callbacks(**functions):
    """Set the Python functions that dispatch falls back on."""
    _callbacks.update(functions)


# ---------------------------------------------------------------- the node

@cython.trashcan(True)
cdef class ElementwiseNode(Node):
    """Graph node of an elementwise operation."""

    cdef ElementwiseOp op
    cdef BackwardPlan plan
    cdef int mask
    cdef int compute
    # Saved tensors (or `Packed`), aligned with plan.sources; None for numbers.
    cdef object kept0
    cdef object kept1
    cdef object kept2
    cdef list kept_more
    cdef tuple in_shapes          # of inputs that were broadcast, else None
    cdef bint freed
    cdef bint packed              # some of `saved` are `Packed`
    cdef uint32_t versions[MAX_OPERANDS]
    cdef Scalar numbers[MAX_OPERANDS]
    cdef int8_t in_codes[MAX_OPERANDS]
    cdef int8_t out_code

    def name(self):
        """Name of the operation, e.g. ``'MulBackward0'``."""
        return self.op.node_name

    def __repr__(self):
        return f"<{self.op.node_name} object at {hex(<size_t><PyObject*>self)}>"

    cdef void release_saved(self) noexcept:
        if self.plan.keeps:
            self.kept0 = None
            self.kept1 = None
            self.kept2 = None
            self.kept_more = None
            self.freed = True

    cdef object apply(self, object g):
        return apply_node(self, g)

    def _note_tangents(self, int nr, dict tangents, dict before):
        """Let saved outputs, and a saved copy of the old value, have tangents."""
        cdef int k
        cdef TensorBase t
        for k in range(self.plan.n_sources):
            if kept(self, k) is None:
                continue
            t = <TensorBase>kept(self, k)
            if self.plan.kinds[k] == FROM_OUT:
                if self.plan.indices[k] == nr:
                    t._tangents = tangents
            elif before is not None and self.plan.indices[k] == 0:
                t._tangents = {**(t._tangents or {}), **before}

    @property
    def formula(self):
        """Definition and derivatives of the operation, as text and LaTeX."""
        return _callbacks["formula"](self.op.spec)

    def _kept_slots(self):
        """What PyTorch shows of a node: the argument's name, with its slot."""
        cdef int k, i
        cdef dict places = {}
        names = getattr(self.op.spec, "operand_names", ())
        for k in range(self.plan.n_sources):
            i = self.plan.indices[k]
            if self.plan.kinds[k] == FROM_OUT:
                places["result" if i == 0 else f"result{i}"] = k
                continue
            if self.plan.kinds[k] == FROM_PARAM:
                i += self.op.nin
            elif self.plan.kinds[k] != FROM_IN:
                continue
            if i < len(names):
                places["self" if names[i] == "input" else names[i]] = k
        return places

    @property
    def _kept_shown(self):
        """Further attributes that PyTorch shows, with their values."""
        return getattr(self.op.spec, "shown", None) or {}

    def _kept_get(self, int k):
        """Saved operand: a tensor, a number, or what a pack hook made."""
        cdef int i = self.plan.indices[k]
        if self.plan.kinds[k] == FROM_PARAM:
            return number_object(&self.numbers[self.op.nin + i])
        if self.freed:
            raise second_time_error(self)
        saved = unpack(self, k)
        return number_object(&self.numbers[i]) if saved is None else saved

    def _kept_raw(self, int k):
        """(what is stored in a slot, the output number that it is or -1)."""
        if self.freed:
            raise second_time_error(self)
        return (kept(self, k),
                self.plan.indices[k] if self.plan.kinds[k] == FROM_OUT else -1)

    def _kept_put(self, int k, value):
        """Let a slot store `value`, a `Packed`."""
        keep(self, k, <Packed?>value)
        self.packed = True


cdef TensorBase before_change(TensorBase t):
    # The value that `t` has now, in the place in the graph that it has now.
    cdef TensorBase old
    if transformed(t):
        return <TensorBase>_callbacks["clone"](t)
    old = clone_c(t)
    old.fn = t.fn
    old.output_nr = t.output_nr
    return old


cdef inline object kept(ElementwiseNode node, int k):
    """What is saved for source `k` of the plan, or None."""
    if k == 0:
        return node.kept0
    if k == 1:
        return node.kept1
    if k == 2:
        return node.kept2
    return None if node.kept_more is None else node.kept_more[k - 3]


cdef inline int keep(ElementwiseNode node, int k, object value) except -1:
    if k == 0:
        node.kept0 = value
    elif k == 1:
        node.kept1 = value
    elif k == 2:
        node.kept2 = value
    else:
        if node.kept_more is None:
            node.kept_more = [None] * (MAX_OPERANDS - 3)
        node.kept_more[k - 3] = value
    return 0


cdef Py_ssize_t bytes_before_arrays(ElementwiseNode sample):
    # The arrays at the end of a node are set where they are used, and nowhere else.
    return <char*>&sample.versions - <char*><PyObject*>sample


cdef Py_ssize_t _node_bytes = bytes_before_arrays(
    ElementwiseNode.__new__(ElementwiseNode))


cdef inline int link(Node node, int index, TensorBase t) except -1:
    # As `add_edge`, for the usual tensor: not a view.
    cdef object end = t.fn
    cdef int nr = t.output_nr
    if index > 2 or t.base is not None:
        return add_edge(node, index, t)
    if end is None:
        end = t
        nr = LEAF
    if index == 0:
        node.e0 = end
        node.nr0 = nr
    elif index == 1:
        node.e1 = end
        node.nr1 = nr
    else:
        node.e2 = end
        node.nr2 = nr
    return 0


cdef Node make_node(ElementwiseOp op, Arg* args, int n, int mask, int compute,
                    TensorBase result, list results, bint inplace, bint alike):
    cdef BackwardPlan plan = <BackwardPlan>op.plans[mask] if compute < C64 else None
    cdef ElementwiseNode node = <ElementwiseNode>derivo_fresh(op.pool, op.node_type)
    cdef int i, k
    cdef TensorBase t, out = result if result is not None else <TensorBase>results[0]
    cdef list shapes = None
    if plan is None:
        plan = op.plan(mask, compute >= C64)
    node.seq = next_seq()
    note_line(node)
    node.op = op
    node.plan = plan
    node.mask = mask
    node.compute = compute
    node.n_out = op.nout
    node.out_code = out.code
    node.n_edges = op.nin
    for i in range(op.nin):
        if args[i].tensor == NULL:
            node.numbers[i] = args[i].number
            if i > 2:
                set_edge(node, i, None, 0)
            continue
        t = <TensorBase>args[i].tensor
        node.in_codes[i] = t.code
        if (mask >> i) & 1:
            link(node, i, t)
            if not alike and not same_shape(t, out):
                if shapes is None:
                    shapes = [None] * op.nin
                shapes[i] = dims_tuple(t.rank, t.sizes)
        elif i > 2:
            set_edge(node, i, None, 0)
    for i in range(op.nin, n):
        node.numbers[i] = args[i].number
    if shapes is not None:
        node.in_shapes = tuple(shapes)
    for k in range(plan.n_sources):
        i = plan.indices[k]
        if plan.kinds[k] == FROM_IN:
            if args[i].tensor == NULL:
                continue
            t = <TensorBase>args[i].tensor
            if inplace and t is out:
                t = before_change(t)
        elif plan.kinds[k] == FROM_OUT:
            if inplace:
                continue           # saved once it is computed
            t = shallow(out if results is None else <TensorBase>results[i])
        else:
            continue
        if t.inference and not thread_state().inference:
            raise RuntimeError(
                f"[{op.name}] Inference tensors cannot be saved for backward: a change "
                "of one would go unnoticed. Take a clone() of it outside of inference "
                "mode, and compute with that."
            )
        keep(node, k, t)
        node.versions[k] = t.storage.version
    if plan.keeps and thread_state().flags & PACKS_SAVED:
        pack_all(node)
    return node


cdef int pack_all(ElementwiseNode node) except -1:
    """Let this thread's saved-tensor hooks pack what the node has saved."""
    cdef int k, own
    cdef TensorBase t
    for k in range(node.plan.n_sources):
        item = kept(node, k)
        if item is None or type(item) is Packed:
            continue
        t = <TensorBase>item
        own = -1
        if node.plan.kinds[k] == FROM_OUT:
            own = node.plan.indices[k]
            t.fn = node
            t.output_nr = own
        keep(node, k, pack_tensor(t, own, None))
    node.packed = True
    return 0


cdef int save_outputs(ElementwiseNode node, list outs) except -1:
    # After an in-place operation: its result, with the version it has now.
    cdef int k
    cdef TensorBase t
    for k in range(node.plan.n_sources):
        if node.plan.kinds[k] == FROM_OUT:
            t = shallow(<TensorBase>outs[node.plan.indices[k]])
            keep(node, k, t)
            node.versions[k] = t.storage.version
    if node.plan.keeps and thread_state().flags & PACKS_SAVED:
        pack_all(node)
    return 0


cdef object second_time_error(Node node=None):
    return _callbacks["second_time_error"](node)


cdef BackwardPlan strong_plan(BackwardPlan plan):
    if plan.strong is None:
        plan.strong = <BackwardPlan?>_callbacks["strong_plan"](plan)
    return plan.strong


cdef object modified_error(Node node, TensorBase t, uint32_t saved):
    return _callbacks["modified_error"](node, t, t.storage.version, saved,
                                        t.storage.writer)


cdef bint spread(TensorBase t) noexcept:
    """Whether `t` is one element, seen at every place."""
    cdef int d
    for d in range(t.rank):
        if t.steps[d] != 0 and t.sizes[d] != 1:
            return False
    return True


cdef object apply_node(ElementwiseNode node, object g):
    """Gradients of the inputs, aligned with the node's edges.

    The gradient itself where only one input needs one, and nobody else looks at it.
    """
    cdef ElementwiseOp op = node.op
    cdef BackwardPlan plan = node.plan
    cdef Arg args[MAX_OPERANDS]
    cdef TensorBase gt, t, first = None
    cdef int i, k, code, position
    cdef bint simple = True, broadcast = node.in_shapes is not None
    cdef ThreadState* state = thread_state()
    # Recorded, or followed by a transform: through the door of every operation.
    cdef bint traced = state.grad_enabled or state.modes
    cdef object made = None
    # Held here: another thread that runs the same graph may free it meanwhile.
    cdef object kept0 = node.kept0
    cdef object kept1 = node.kept1
    cdef object kept2 = node.kept2
    cdef list kept_more = node.kept_more
    if node.freed:
        raise second_time_error(node)
    if state.flags & ZERO_WINS and node.compute < C64:
        plan = strong_plan(plan)
    if op.nout > 1:
        g = _complete(<list>g)
    if traced or node.packed:
        made = _apply_recorded(node, plan, g)
    elif plan.op is not None:
        for k in range(plan.n_sources):
            i = plan.indices[k]
            args[k].tensor = NULL
            if plan.kinds[k] == FROM_G:
                gt = <TensorBase>g if op.nout == 1 else <TensorBase>(<list>g)[i]
                args[k].tensor = <PyObject*>gt
                t = gt
            elif plan.kinds[k] == FROM_PARAM:
                args[k].number = node.numbers[op.nin + i]
                continue
            else:
                t = <TensorBase>(kept0 if k == 0 else kept1 if k == 1 else kept2
                                 if k == 2 else None if kept_more is None
                                 else kept_more[k - 3])
                if t is None:
                    args[k].number = node.numbers[i]
                    continue
                if t.storage.version != node.versions[k]:
                    raise modified_error(node, t, node.versions[k])
                args[k].tensor = <PyObject*>t
            if first is None:
                first = t
                simple = t.is_contig or spread(t)
            elif simple and (not same_shape(first, t)
                             or not (t.is_contig or spread(t))):
                simple = False
        code = node.out_code
        if op.nin > 1 or broadcast:
            # One dtype for all results of the kernel; casts follow where needed.
            code = -1
            for i in range(op.nin):
                if (node.mask >> i) & 1:
                    if code == -1:
                        code = node.in_codes[i]
                    elif code != node.in_codes[i]:
                        code = node.compute
                        break
            if broadcast and (code == F16 or code == BF16):
                code = F32
        else:
            code = node.in_codes[0]
        made = launch(plan.op, args, plan.n_sources, first if simple else None,
                      code, node.compute, None)
    elif plan.call is not None:
        made = _apply_recorded(node, plan, g)
    # Distribute over the edges.
    if op.nin == 1:
        return _one_result(node, plan, g, made, 0, 0)
    if node.mask & (node.mask - 1) == 0 and node.hooks is None and not (
            anomaly_mode or state.flags):
        i = 0
        while not (node.mask >> i) & 1:
            i += 1
        return _one_result(node, plan, g, made, i, 0)
    result = [None] * op.nin
    position = 0
    for i in range(op.nin):
        if (node.mask >> i) & 1:
            result[i] = _one_result(node, plan, g, made, i, position)
            position += 1
    return result


cdef list _complete(list g):
    # Outputs that no gradient reached count as zero; all have one shape and dtype.
    cdef object present = None
    cdef object x
    cdef bint whole = True
    for x in g:
        if x is None:
            whole = False
        else:
            present = x
    if whole:
        return g
    return [_callbacks["zeros_like"](present) if x is None else x for x in g]


cdef object _one_result(ElementwiseNode node, BackwardPlan plan, object g,
                        object made, int i, int position):
    cdef int which = plan.outs[position]
    cdef TensorBase out
    cdef object shape
    if which == 0 and plan.n_made == 1 and node.in_shapes is None and (
            (<TensorBase>made).code == node.in_codes[i]):
        return made
    if which >= 0:
        out = <TensorBase>made if plan.n_made == 1 else <TensorBase>(<list>made)[which]
    elif which == -1:
        out = <TensorBase>_callbacks["zeros_like"](
            g if node.op.nout == 1 else g[0])
    else:
        out = <TensorBase>g if node.op.nout == 1 else <TensorBase>(<list>g)[-2 - which]
    if node.in_shapes is not None:
        shape = node.in_shapes[i]
        if shape is not None:
            out = sum_to(out, <tuple>shape)
    if out.code != node.in_codes[i]:
        out = <TensorBase>_callbacks["cast"](out, dtype_of(node.in_codes[i]))
    return out


cdef TensorBase sum_to(TensorBase g, tuple shape):
    return <TensorBase>_callbacks["sum_to_size"](g, shape)


cdef object _apply_recorded(ElementwiseNode node, BackwardPlan plan, object g):
    # The backward of the backward: the same plan through recorded operations.
    cdef int k, i
    if plan.call is None:
        return None
    operands = []
    for k in range(plan.n_sources):
        i = plan.indices[k]
        if plan.kinds[k] == FROM_G:
            operands.append(g if node.op.nout == 1 else g[i])
        elif plan.kinds[k] == FROM_PARAM:
            operands.append(number_object(&node.numbers[node.op.nin + i]))
        else:
            saved = unpack(node, k)
            operands.append(
                number_object(&node.numbers[i]) if saved is None else saved)
    return plan.call(*operands)


cdef TensorBase unpack(ElementwiseNode node, int k):
    """Saved operand `k` as a tensor with its place in the graph."""
    cdef object item = kept(node, k)
    cdef TensorBase t, out
    if item is None:
        return None
    if type(item) is Packed:
        return (<Packed>item).restore(node)
    t = <TensorBase>item
    if t.storage.version != node.versions[k]:
        raise modified_error(node, t, node.versions[k])
    if node.plan.kinds[k] == FROM_OUT:
        out = shallow(t)
        out.fn = node
        out.output_nr = node.plan.indices[k]
        return out
    return t


# ---------------------------------------------------------------- operators

cdef list _operators = [None] * 18


def set_operators(operations):
    """ElementwiseOp (or function) for each special method, in the order of OP_*."""
    global _tensor
    cdef int i
    cdef type cls = tensor_class()
    _tensor = <PyObject*>cls
    for i, op in enumerate(operations):
        _operators[i] = op


cdef object _binary(int which, object a, object b):
    cdef PyObject* argv[2]
    cdef ThreadState* state
    op = _operators[which]
    if type(op) is ElementwiseOp:
        argv[0] = <PyObject*>a
        argv[1] = <PyObject*>b
        if (<ElementwiseOp>op).quick != NULL:
            state = thread_state()
            if not state.modes:
                made = quick(<ElementwiseOp>op, argv[0], argv[1], state)
                if made is not None:
                    return made
        if not (_operand(a) and _operand(b)):
            return NotImplemented
        return run_any(<ElementwiseOp>op, argv, 2, None, False)
    if not (_operand(a) and _operand(b)):
        return NotImplemented
    return op(a, b)


cdef bint _operand(object x) except -1:
    if DERIVO_IS(x, TensorBase) or PyFloat_Check(x) or PyLong_Check(x):
        return True
    if PyComplex_Check(x):
        return True
    return hasattr(x, "dtype") and hasattr(x, "item") and not getattr(x, "ndim", 0)


set_hooks(_binary, NULL, NULL)


cdef object call1(ElementwiseOp op, object a):
    cdef PyObject* argv[1]
    argv[0] = <PyObject*>a
    return run(op, argv, 1, None, False)


cdef object call2(ElementwiseOp op, object a, object b):
    cdef PyObject* argv[2]
    argv[0] = <PyObject*>a
    argv[1] = <PyObject*>b
    return run(op, argv, 2, None, False)


cdef object add_c(object a, object b):
    return _binary(0, a, b)


cdef int iadd_c(TensorBase a, TensorBase b) except -1:
    cdef PyObject* argv[2]
    argv[0] = <PyObject*>a
    argv[1] = <PyObject*>b
    run(<ElementwiseOp>_operators[0], argv, 2, a, True)
    return 0


def result_type(*tensors):
    """The dtype that an operation on these tensors and numbers would give.

    Examples
    --------
    >>> import derivo
    >>> derivo.result_type(derivo.tensor([1, 2]), 1.5)
    torch.float32
    """
    cdef int dims = -1, zeros = -1, wrapped = -1, code
    cdef Arg arg
    cdef TensorBase t
    for value in tensors:
        classify(value, &arg, None, 0)
        if arg.tensor == NULL:
            code = arg.number.kind
            if code == F64:
                code = default_code()
            elif code == C128:
                code = C128 if default_code() == F64 else C64
            wrapped = code if wrapped < 0 else _table[wrapped][code]
        else:
            t = <TensorBase>value
            if t.rank:
                dims = t.code if dims < 0 else _table[dims][t.code]
            else:
                zeros = t.code if zeros < 0 else _table[zeros][t.code]
    return dtype_of(_combine(dims, _combine(zeros, wrapped)))


# ---------------------------------------------------------------- copies

class _CopySpec:
    operand_names = ("input",)

    def build(self, in_dtypes, out_dtypes, compute_dtype, layout):
        from derivo.codegen import build_map
        from derivo.ir.expr import var

        return build_map("copy", (var(0),), in_dtypes, out_dtypes, compute_dtype,
                         layout)

    def backward(self, mask):
        return BackwardPlan(None, (), (-2,))


cdef ElementwiseOp _copy = ElementwiseOp("copy", 1, 0, 1, "same", None, _CopySpec())

# Bytes are moved as integers of the same width, whatever they mean.
cdef int[17] _MOVE_CODE
_MOVE_CODE[1] = U8
_MOVE_CODE[2] = I16
_MOVE_CODE[4] = I32
_MOVE_CODE[8] = I64


cdef int copy_into(TensorBase dst, TensorBase src) except -1:
    """Copy values with broadcasting and conversion; autograd does not see it."""
    cdef Arg arg
    cdef TensorBase d = dst, s = src
    cdef int width, kind
    if dst.count == 0:
        if not same_shape(dst, src):
            broadcast_check(dst, src)
        return 0
    if (dst.code == src.code and dst.is_contig and src.is_contig
            and same_shape(dst, src)):
        if dst.data_ != src.data_:
            memcpy(dst.data_, src.data_, dst.count * ITEMSIZE[dst.code])
        return 0
    if dst.code == src.code:
        width = ITEMSIZE[dst.code]
        if width == 16:
            # Two words an element: one more dimension.
            d = _as_words(dst)
            s = _as_words(src)
            kind = I64
        else:
            kind = _MOVE_CODE[width]
            d = make(dst.storage, dst.data_, kind, dst.rank, dst.sizes, dst.steps)
            s = make(src.storage, src.data_, kind, src.rank, src.sizes, src.steps)
        arg.tensor = <PyObject*>s
        _launch_general(_copy, &arg, 1, kind, kind, d)
        return 0
    if dst.code >= C64 or src.code >= C64:
        _callbacks["copy_complex"](dst, src)
        return 0
    arg.tensor = <PyObject*>src
    # Convert straight from the source's type: what is computed is the source value.
    _launch_general(_copy, &arg, 1, dst.code, compute_code(src.code), dst)
    return 0


cdef TensorBase _as_words(TensorBase t):
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef int i
    for i in range(t.rank):
        dims[i] = t.sizes[i]
        steps[i] = 2 * t.steps[i]
    dims[t.rank] = 2
    steps[t.rank] = 1
    return make(t.storage, t.data_, I64, t.rank + 1, dims, steps)


cdef int broadcast_check(TensorBase dst, TensorBase src) except -1:
    cdef int d
    for d in range(src.rank):
        if src.rank > dst.rank or src.sizes[src.rank - 1 - d] not in (
                1, dst.sizes[dst.rank - 1 - d]):
            raise RuntimeError(
                f"[copy_] The size of tensor a ({list(dst.shape)}) must match the size "
                f"of tensor b ({list(src.shape)}): the source must broadcast to the "
                "destination."
            )
    return 0


cdef TensorBase cast_to(TensorBase t, int code):
    cdef TensorBase out
    if _dense(t):
        out = empty_strided_c(code, t.rank, t.sizes, t.steps)
    else:
        out = empty_c(code, t.rank, t.sizes)
    copy_into(out, t)
    return out


cdef TensorBase clone_c(TensorBase t):
    return cast_to(t, t.code)


cdef TensorBase contiguous_c(TensorBase t):
    cdef TensorBase out
    if t.is_contig:
        return t
    out = empty_c(t.code, t.rank, t.sizes)
    copy_into(out, t)
    return out


def _copy_into(TensorBase dst, TensorBase src):
    """Copy values (broadcast, converted) without autograd or version count."""
    if thread_state().modes:
        readable(dst, "copy")
        readable(src, "copy")
    copy_into(dst, src)


def _cast(TensorBase t, dtype):
    """A detached copy in another dtype, keeping dense strides."""
    if thread_state().modes:
        readable(t, "cast")
    return cast_to(t, (<DType?>dtype).code)


def _clone(TensorBase t):
    """A detached copy, keeping dense strides."""
    if thread_state().modes:
        readable(t, "copy")
    return clone_c(t)


def _contiguous(TensorBase t):
    """`t` itself if contiguous, else a detached contiguous copy."""
    if thread_state().modes:
        readable(t, "copy")
    return contiguous_c(t)


def _is_dense(TensorBase t):
    """Whether the elements fill their memory without gaps or overlap."""
    return bool(_dense(t))


def _overlaps_itself(TensorBase t):
    """Whether some elements share a place (an expanded tensor)."""
    return bool(overlaps_itself(t))


def _check_inplace(TensorBase t, bint recorded):
    """Raise if `t` may not be changed in place now."""
    check_inplace(t, recorded)
    if t.storage.readonly:
        raise RuntimeError("[in-place] the memory of the tensor is read-only.")
    if overlaps_itself(t):
        raise _overlap_error("in-place")


def _finish_inplace(TensorBase t, node, str name):
    """Count the change of `t` and give it the history `node` (or None)."""
    finish_inplace(t, <Node?>node if node is not None else None, name)


def _needs_grad(*tensors):
    """Whether recording is on and some tensor requires a gradient."""
    if not thread_state().grad_enabled:
        return False
    for t in tensors:
        if isinstance(t, TensorBase) and needs_grad(<TensorBase>t):
            return True
    return False
