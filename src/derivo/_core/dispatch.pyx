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
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from derivo._core._types cimport *
from derivo._core.elementwise cimport (
    ElementwiseNode, make_node, node_bytes, save_outputs,
)
from derivo._core.inplace cimport (
    check_inplace, check_overlap, fallbacks, finish_inplace, overlap_error,
    overlaps_itself,
)
from derivo._core.launch cimport (
    CONTIGUOUS, SPLAT, Arg, broadcast_dims, compute_code, launch, number_code, pack,
    store_number,
)
from derivo._core.promotion cimport can_cast_codes, combine, promotion
from derivo._core.tensor cimport (
    ITEMSIZE, Node, TensorBase, ThreadState, default_code, dims_tuple, dtype_of,
    empty_c, like_c, mode_call, moded, needs_grad, note_write, same_shape,
    set_hooks, tensor_class, thread_state, use_pool,
)
from derivo._core.threads cimport PARALLEL_MATH

from derivo._core.promotion import SCALAR_TYPES


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


cdef enum:
    RULE_SAME = 0
    RULE_FLOAT = 1
    RULE_COMPARE = 2
    RULE_LOGICAL = 3
    RULE_INT = 4

_RULES = {"same": RULE_SAME, "float": RULE_FLOAT, "compare": RULE_COMPARE,
          "logical": RULE_LOGICAL, "int": RULE_INT}


# ---------------------------------------------------------------- arguments


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
        what = ("argument" if op is None
                else f"[{op.name}] argument '{op.spec_name(index)}'")
        raise TypeError(
            f"{what} (position {index + 1}) must be Tensor or Number, not "
            f"{type(value).__name__}."
        )
    return 0


# ---------------------------------------------------------------- operations

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
    edges : int
        How many operands have an edge in the graph; all of them by default.
    hidden : int
        How many of the first edges are not shown: `first_promoted` by default.
    """

    def __cinit__(self, str name, int nin, int nparams, int nout, str promote,
                  node_name, spec, int first_promoted=0, int tensors_only=0,
                  int on_complex=0, int edges=-1, int hidden=0):
        if nin + nparams + nout > MAX_OPERANDS:
            raise ValueError(
                f"[{name}] at most {MAX_OPERANDS} operands, got "
                f"{nin + nparams + nout}."
            )
        self.name = name
        self.nin = nin
        self.nparams = nparams
        self.nout = nout
        self.edges = nin if edges < 0 else edges
        self.hidden = hidden or first_promoted
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
            self.pool.used = node_bytes()
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
            return fallbacks["symbolic"](
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
                wrapped = code if wrapped < 0 else promotion[wrapped][code]
            continue
        t = <TensorBase>args[i].tensor
        n_tensors += 1
        if i >= op.first_promoted and i < op.nin:
            if t.rank:
                dims = t.code if dims < 0 else promotion[dims][t.code]
            else:
                zeros = t.code if zeros < 0 else promotion[zeros][t.code]
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
    common = combine(dims, combine(zeros, wrapped))
    # dtypes of computation and result
    if op.rule == RULE_FLOAT and common <= I64:
        common = default_code()
    elif op.rule == RULE_INT and common > I64:
        raise RuntimeError(
            f"[{op.name}] \"{op.name}_cpu\" not implemented for "
            f"'{SCALAR_TYPES[common]}': expected an integer or bool tensor, got "
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
                wrapped = code if wrapped < 0 else promotion[wrapped][code]
            continue
        t = <TensorBase>args[i].tensor
        if i >= op.first_promoted and i < op.nin:
            if t.rank:
                dims = t.code if dims < 0 else promotion[dims][t.code]
            else:
                zeros = t.code if zeros < 0 else promotion[zeros][t.code]
        if i < op.nin and thread_state().grad_enabled and needs_grad(t):
            mask |= 1 << i
    common = combine(dims, combine(zeros, wrapped))
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


cdef object _complex_error(ElementwiseOp op, int code):
    refusal = getattr(op.spec, "complex_refusal", None)
    if refusal is not None:
        return NotImplementedError(f"[{op.name}] {refusal}")
    return NotImplementedError(
        f"[{op.name}] \"{op.name}_cpu\" not implemented for '{SCALAR_TYPES[code]}': "
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


# ---------------------------------------------------------------- into a tensor

cdef object _run_into(ElementwiseOp op, Arg* args, PyObject** argv, int n,
                      TensorBase out, bint inplace, int mask, int result,
                      int compute):
    cdef int64_t shape[64]
    cdef int rank, i, d
    cdef Node node = None
    cdef bint same = True, simple = out.is_contig
    cdef TensorBase t
    cdef str name = op.name + "_" if inplace else op.name
    if not can_cast_codes(result, out.code):
        raise RuntimeError(
            f"[{name}] result type {SCALAR_TYPES[result]} can't be cast to the "
            f"desired output type {SCALAR_TYPES[out.code]}."
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
        fallbacks["resize_out"](out, dims_tuple(rank, shape))
    if out.storage.readonly:
        raise RuntimeError(f"[{name}] the memory of the output is read-only.")
    if overlaps_itself(out):
        raise overlap_error(name)
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
        fallbacks["resize_out"](out, made.shape)
    out.copy_(made)
    return out


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
    if not tensors:
        raise TypeError("[result_type] expected at least one tensor or number.")
    for index, value in enumerate(tensors):
        classify(value, &arg, None, index)
        if arg.tensor == NULL:
            code = arg.number.kind
            if code == F64:
                code = default_code()
            elif code == C128:
                code = C128 if default_code() == F64 else C64
            wrapped = code if wrapped < 0 else promotion[wrapped][code]
        else:
            t = <TensorBase>value
            if t.rank:
                dims = t.code if dims < 0 else promotion[dims][t.code]
            else:
                zeros = t.code if zeros < 0 else promotion[zeros][t.code]
    return dtype_of(combine(dims, combine(zeros, wrapped)))
