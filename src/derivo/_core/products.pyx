"""Products of tensors: checks, kernels, graph nodes.

Everything here is ``out = alpha * (a @ b) + beta * c`` for two matrices, a matrix and
a vector, two vectors, or batches of matrices; `ProductNode` is the one node behind
all of it. Its backward is two more products, which read their operands through
swapped strides, so that nothing is transposed in memory. A gradient gets the memory
order of the operand that it belongs to (a transposed weight: transposed), so that the
leaf behind can keep it.

What broadcasts, folds and reshapes around these products is plain Python, in
`derivo.ops.products`.
"""

cimport cython

from derivo._core._types cimport *
from derivo._core.blas cimport (
    column_sums, gemm, gemm_batch, gemm_is_long, prepare_gemm,
)
from derivo._core.tiles cimport Gemm
from derivo._core.copies cimport cast_to, copy_into
from derivo._core.elementwise cimport modified_error, second_time_error, sum_to
from derivo._core.inplace cimport check_inplace, finish_inplace, overlaps_itself
from derivo._core.saved cimport Packed, pack_tensor
from derivo._core.tensor cimport (
    PACKS_SAVED, Node, TensorBase, add_edge, alias, dims_tuple, empty_c,
    empty_strided_c, make, mode_call, moded, needs_grad, next_seq, note_line,
    note_write, same_shape, set_edge, thread_state, view_of,
)
from derivo._core.tensor cimport derivo_fresh, derivo_pool, use_pool

cdef extern from *:
    """
    #define DERIVO_IS_TENSOR(obj, cls) \\
        (Py_TYPE(obj) == (PyTypeObject*)(cls) \\
         || PyType_IsSubtype(Py_TYPE(obj), (PyTypeObject*)(cls)))
    """
    bint DERIVO_IS_TENSOR(object obj, object cls)


cdef enum Form:
    MM = 0
    ADDMM = 1
    BMM = 2
    BADDBMM = 3
    MV = 4
    ADDMV = 5
    DOT = 6
    VDOT = 7

cdef dict _callbacks = {}

_WORDS = ("Bool", "Byte", "Char", "Short", "Int", "Long", "Half", "BFloat16",
          "Float", "Double", "ComplexFloat", "ComplexDouble")
_C_WORDS = ("bool", "unsigned char", "signed char", "short", "int", "long long",
            "c10::Half", "c10::BFloat16", "float", "double", "c10::complex<float>",
            "c10::complex<double>")

# Names of the saved operands, by Form.
_SAVED = (
    ("_saved_self", "_saved_mat2"), ("_saved_mat1", "_saved_mat2"),
    ("_saved_self", "_saved_mat2"), ("_saved_batch1", "_saved_batch2"),
    ("_saved_self", "_saved_vec"), ("_saved_mat", "_saved_vec"),
    ("_saved_self", "_saved_tensor"), ("_saved_self", "_saved_other"),
)


def set_callbacks(**functions):
    """Set the Python functions behind derivatives of derivatives and ``out=``."""
    _callbacks.update(functions)


# ----------------------------------------------------------------------------- nodes

@cython.trashcan(True)
cdef class ProductNode(Node):
    """Graph node of a product; what its recorded backward gets."""

    cdef readonly int form
    cdef readonly object alpha
    cdef readonly object beta
    cdef TensorBase a
    cdef TensorBase b
    cdef uint32_t a_version
    cdef uint32_t b_version
    cdef readonly bint turned_a   # the operand lies column by column
    cdef bint turned_b
    cdef bint freed
    cdef list packed            # a `Packed` for each operand, or None
    cdef readonly tuple shape   # of the added operand, None where that of the result
    cdef int code

    cdef void release_saved(self) noexcept:
        if self.a is not None or self.b is not None or self.packed is not None:
            self.a = None
            self.b = None
            self.packed = None
            self.freed = True

    cdef int check(self) except -1:
        if self.freed:
            raise second_time_error(self)
        if self.a is not None and self.a.storage.version != self.a_version:
            raise modified_error(self, self.a, self.a_version)
        if self.b is not None and self.b.storage.version != self.b_version:
            raise modified_error(self, self.b, self.b_version)
        return 0

    @property
    def saved(self):
        """The saved operands, checked to be unchanged; None where not needed."""
        self.check()
        if self.packed is None:
            return (self.a, self.b)
        return (self._kept_get(0), self._kept_get(1))

    # What PyTorch shows of a node.

    def _kept_slots(self):
        """Names of the saved operands and their slots."""
        return {_SAVED[self.form][0][7:]: 0, _SAVED[self.form][1][7:]: 1}

    @property
    def _kept_shown(self):
        """Further attributes that PyTorch shows, with their values."""
        cdef dict shown = {}
        cdef TensorBase t
        cdef int k
        if self.n_edges == 3:
            shown = {"_saved_alpha": self.alpha, "_saved_beta": self.beta}
        if self.form == MM or self.form == ADDMM:
            # Of an operand that need not be kept nothing is known any more.
            for k in range(2):
                t = self.b if k else self.a
                if t is not None:
                    name = _SAVED[self.form][k]
                    shown[f"{name}_sym_sizes"] = dims_tuple(t.rank, t.sizes)
                    shown[f"{name}_sym_strides"] = dims_tuple(t.rank, t.steps)
        return shown

    def _kept_get(self, int k):
        """The left (0) or right (1) operand, None if it is not needed."""
        self.check()
        if self.packed is not None and self.packed[k] is not None:
            return (<Packed>self.packed[k]).restore(self)
        return self.b if k else self.a

    def _kept_raw(self, int k):
        """(what is stored in slot `k`, -1: no result is saved)."""
        if self.freed:
            raise second_time_error(self)
        if self.packed is not None and self.packed[k] is not None:
            return self.packed[k], -1
        return (self.b if k else self.a), -1

    def _kept_put(self, int k, value):
        """Let slot `k` store `value`, a `Packed`."""
        if self.packed is None:
            self.packed = [None, None]
        self.packed[k] = <Packed?>value
        if k:
            self.b = None
        else:
            self.a = None

    @property
    def needs(self):
        """Which operands need a gradient: ``(added, left, right)``."""
        if self.n_edges == 3:
            return (self.e0 is not None, self.e1 is not None, self.e2 is not None)
        return (False, self.e0 is not None, self.e1 is not None)

    cdef object apply(self, object g):
        cdef TensorBase grad
        if (thread_state().grad_enabled or self.packed is not None
                or thread_state().modes or self.code >= C64):
            self.check()
            found = _callbacks["product_vjp"](self, g)
            return found if self.n_edges == 3 else found[1:]
        self.check()
        grad = <TensorBase>g
        if grad.code != self.code:
            grad = cast_to(grad, self.code)
        return gradients(self, grad)


cdef list gradients(ProductNode node, TensorBase g):
    cdef bint added = node.n_edges == 3
    cdef object left = node.e1 if added else node.e0
    cdef object right = node.e2 if added else node.e1
    cdef TensorBase ga = None
    cdef TensorBase gb = None
    cdef TensorBase a = node.a
    cdef TensorBase b = node.b
    cdef int64_t sizes[3]
    cdef double alpha = node.alpha
    cdef Gemm p
    p.alpha = alpha
    p.beta = 0.0
    p.cin = NULL
    if node.form == MM or node.form == ADDMM:
        if left is not None:
            sizes[0] = g.sizes[0]
            sizes[1] = b.sizes[0]
            ga = matrix(node.code, sizes, node.turned_a)
            multiply(&p, g, 0, 1, b, 1, 0, ga, 0, 1)
        if right is not None:
            sizes[0] = a.sizes[1]
            sizes[1] = g.sizes[1]
            gb = matrix(node.code, sizes, node.turned_b)
            multiply(&p, a, 1, 0, g, 0, 1, gb, 0, 1)
    elif node.form == BMM or node.form == BADDBMM:
        sizes[0] = g.sizes[0]
        if left is not None:
            sizes[1] = g.sizes[1]
            sizes[2] = b.sizes[1]
            ga = empty_c(node.code, 3, sizes)
            multiply(&p, g, 1, 2, b, 2, 1, ga, 1, 2)
        if right is not None:
            sizes[1] = a.sizes[2]
            sizes[2] = g.sizes[2]
            gb = empty_c(node.code, 3, sizes)
            multiply(&p, a, 2, 1, g, 1, 2, gb, 1, 2)
    elif node.form == MV or node.form == ADDMV:
        if left is not None:   # outer product of g and b
            sizes[0] = g.sizes[0]
            sizes[1] = b.sizes[0]
            ga = matrix(node.code, sizes, node.turned_a)
            multiply(&p, g, 0, -1, b, -1, 0, ga, 0, 1)
        if right is not None:
            sizes[0] = a.sizes[1]
            gb = empty_c(node.code, 1, sizes)
            multiply(&p, a, 1, 0, g, 0, -1, gb, 0, -1)
    else:   # dot: the other vector times a number
        if left is not None:
            ga = empty_c(node.code, 1, b.sizes)
            multiply(&p, b, 0, -1, g, -1, -1, ga, 0, -1)
        if right is not None:
            gb = empty_c(node.code, 1, a.sizes)
            multiply(&p, a, 0, -1, g, -1, -1, gb, 0, -1)
    if not added:
        return [ga, gb]
    return [None if node.e0 is None else added_gradient(node, g), ga, gb]


cdef TensorBase matrix(int code, const int64_t* sizes, bint turned):
    cdef int64_t steps[2]
    if not turned:
        return empty_c(code, 2, sizes)
    steps[0] = 1
    steps[1] = sizes[0]
    return empty_strided_c(code, 2, sizes, steps)


cdef object added_gradient(ProductNode node, TensorBase g):
    # beta * g, summed over what was broadcast.
    cdef double beta = node.beta
    cdef TensorBase out
    cdef int64_t sizes[2]
    cdef tuple shape = node.shape
    cdef int64_t n
    if (
        shape is not None and g.rank == 2 and (g.code == F32 or g.code == F64)
        and (g.steps[1] == 1 or g.sizes[1] == 1)
        and (len(shape) == 1 or (len(shape) == 2 and shape[0] == 1))
    ):
        n = shape[len(shape) - 1]
        if n == g.sizes[1]:   # a bias
            sizes[0] = 1
            sizes[len(shape) - 1] = n
            out = empty_c(g.code, len(shape), sizes)
            column_sums(
                g.code, g.sizes[0], n, g.data_, g.steps[0], beta, out.data_)
            return out
    out = g
    if beta != 1.0:
        out = <TensorBase>(g * node.beta)
    if shape is not None:
        out = sum_to(out, shape)
    return out


@cython.trashcan(True)
cdef class TBackward0(Node):
    """Graph node of a transposed weight."""

    cdef object apply(self, object g):
        cdef TensorBase t = <TensorBase>g
        cdef int64_t sizes[2]
        cdef int64_t steps[2]
        if thread_state().grad_enabled or thread_state().modes:
            return g.t()
        swap(t, sizes, steps)
        return alias(t, 2, sizes, steps, 0)


cdef inline void swap(TensorBase t, int64_t* sizes, int64_t* steps) noexcept:
    sizes[0] = t.sizes[1]
    sizes[1] = t.sizes[0]
    steps[0] = t.steps[1]
    steps[1] = t.steps[0]


_node_types = [
    type(_name, (ProductNode,), {"__slots__": ()})
    for _name in (
        "MmBackward0", "AddmmBackward0", "BmmBackward0", "BaddbmmBackward0",
        "MvBackward0", "AddmvBackward0", "DotBackward0", "VdotBackward0",
    )
]
cdef list node_types = _node_types
cdef derivo_pool* products_pool = NULL
for _type in _node_types:
    products_pool = use_pool(_type)


cdef int save(ProductNode node, TensorBase t) except -1:
    if t.inference and not thread_state().inference:
        raise RuntimeError(
            f"[{type(node).__name__}] Inference tensors cannot be saved for backward: "
            "a change of one would go unnoticed. Take a clone() of it outside of "
            "inference mode, and compute with that."
        )
    return 0


cdef inline bint lies_turned(TensorBase t) noexcept:
    return t.rank == 2 and t.steps[0] == 1 and t.steps[1] == t.sizes[0] > 1


cdef ProductNode make_node(
    int form, TensorBase c, TensorBase a, TensorBase b, TensorBase out, object beta,
    object alpha,
):
    cdef ProductNode node = <ProductNode>derivo_fresh(
        products_pool, <type>node_types[form])
    cdef bint left = needs_grad(a)
    cdef bint right = needs_grad(b)
    cdef int edge = 0
    node.seq = next_seq()
    note_line(node)
    node.n_out = 1
    node.form = form
    node.alpha = alpha
    node.beta = beta
    node.code = out.code
    if c is not None:
        if needs_grad(c):
            add_edge(node, 0, c)
            if not same_shape(c, out):
                node.shape = dims_tuple(c.rank, c.sizes)
        else:
            set_edge(node, 0, None, 0)
        edge = 1
    if left:
        add_edge(node, edge, a)
        save(node, b)
        node.b = b
        node.b_version = b.storage.version
        node.turned_a = lies_turned(a)
    else:
        set_edge(node, edge, None, 0)
    if right:
        add_edge(node, edge + 1, b)
        save(node, a)
        node.a = a
        node.a_version = a.storage.version
        node.turned_b = lies_turned(b)
    else:
        set_edge(node, edge + 1, None, 0)
    if thread_state().flags & PACKS_SAVED:
        pack_all(node)
    return node


cdef int pack_all(ProductNode node) except -1:
    """Let this thread's saved-tensor hooks pack what the node has saved."""
    if node.a is not None:
        node._kept_put(0, pack_tensor(node.a, -1, None))
    if node.b is not None:
        node._kept_put(1, pack_tensor(node.b, -1, None))
    return 0


# --------------------------------------------------------------------------- kernels

cdef inline int64_t size_at(TensorBase t, int dim) noexcept:
    return 1 if dim < 0 else t.sizes[dim]


cdef inline int64_t step_at(TensorBase t, int dim) noexcept:
    return 0 if dim < 0 else t.steps[dim]


cdef int multiply(
    Gemm* p, TensorBase a, int a_rows, int a_columns, TensorBase b, int b_rows,
    int b_columns, TensorBase c, int c_rows, int c_columns,
) except -1:
    # Dimensions that serve as rows and columns; -1: none, one row or column. A
    # dimension 0 that serves as neither is the batch.
    cdef bint batch = c.rank == 3
    cdef int failed
    cdef int64_t count, step_a, step_b, step_c
    p.m = size_at(c, c_rows)
    p.n = size_at(c, c_columns)
    p.k = size_at(a, a_columns)
    p.a = a.data_
    p.b = b.data_
    p.c = c.data_
    p.rsa = step_at(a, a_rows)
    p.csa = step_at(a, a_columns)
    p.rsb = step_at(b, b_rows)
    p.csb = step_at(b, b_columns)
    p.rsc = step_at(c, c_rows)
    p.csc = step_at(c, c_columns)
    prepare_gemm(c.code, p.m, p.n, p.k)
    if not batch:
        if gemm_is_long(p.m, p.n, p.k):
            with nogil:
                failed = gemm(c.code, p)
        else:
            failed = gemm(c.code, p)
    else:
        count = c.sizes[0]
        step_a = a.steps[0]
        step_b = b.steps[0]
        step_c = c.steps[0]
        with nogil:
            failed = gemm_batch(
                c.code, p, count, step_a, step_b, step_c, 0)
    if failed:
        raise MemoryError(
            "[matmul] no memory for a copy of the operands; free some and try again."
        )
    return 0


# ---------------------------------------------------------------------------- checks

cdef TensorBase tensor(object value, str name, str argument, int position):
    if not DERIVO_IS_TENSOR(value, TensorBase):
        raise TypeError(
            f"[{name}] {name}(): argument '{argument}' (position {position}) must be "
            f"Tensor, not {type(value).__name__}."
        )
    return <TensorBase>value


cdef int refuse_code(str kernel, int code) except -1:
    if code == BOOL:
        raise NotImplementedError(
            f"[{kernel}] \"{kernel}\" not implemented for '{_WORDS[code]}': convert "
            "the operands to a dtype that has products, such as int64 or float32."
        )
    return 0


cdef object shapes_error(TensorBase a, TensorBase b):
    return RuntimeError(
        f"[mm] mat1 and mat2 shapes cannot be multiplied ({a.sizes[0]}x{a.sizes[1]} "
        f"and {b.sizes[0]}x{b.sizes[1]}): expected as many columns in the first as "
        "rows in the second."
    )


cdef int check_matrices(
    str name, str word, TensorBase c, TensorBase a, TensorBase b
) except -1:
    if a.rank != 2 or b.rank != 2:
        which, t = ("mat2", b) if a.rank == 2 else (word, a)
        if c is None:
            raise RuntimeError(
                f"[{name}] {which} must be a matrix: expected 2 dimensions, got "
                f"shape={list(t.shape)}."
            )
        raise RuntimeError(
            f"[{name}] {which if which == 'mat2' else 'mat1'} must be a matrix, got "
            f"{t.rank}-D tensor of shape={list(t.shape)}."
        )
    if c is not None and c.code != b.code:
        raise RuntimeError(
            f"[{name}] self and mat2 must have the same dtype, but got "
            f"{_WORDS[c.code]} and {_WORDS[b.code]}. Convert one with .to(dtype)."
        )
    if a.code != b.code:
        if c is not None:
            raise RuntimeError(
                f"[{name}] mat1 and mat2 must have the same dtype, but got "
                f"{_WORDS[a.code]} and {_WORDS[b.code]}. Convert one with .to(dtype)."
            )
        raise RuntimeError(
            f"[{name}] expected m1 and m2 to have the same dtype, but got: "
            f"{_C_WORDS[a.code]} != {_C_WORDS[b.code]}. Convert one with .to(dtype)."
        )
    if a.sizes[1] != b.sizes[0]:
        raise shapes_error(a, b)
    refuse_code("addmm_impl_cpu_", a.code)
    return 0


cdef int check_batches(str name, TensorBase c, TensorBase a, TensorBase b) except -1:
    if a.rank != 3:
        raise RuntimeError(
            f"[{name}] batch1 must be a 3D tensor, got shape={list(a.shape)}."
        )
    if b.rank != 3:
        raise RuntimeError(
            f"[{name}] batch2 must be a 3D tensor, got shape={list(b.shape)}."
        )
    if a.sizes[0] != b.sizes[0] or a.sizes[2] != b.sizes[1]:
        raise RuntimeError(
            f"[{name}] Expected size for first two dimensions of batch2 tensor to be: "
            f"[{a.sizes[0]}, {a.sizes[2]}] but got: [{b.sizes[0]}, {b.sizes[1]}]."
        )
    for t in (b, c):
        if t is not None and (<TensorBase>t).code != a.code:
            raise RuntimeError(
                f"[{name}] expected scalar type {_WORDS[a.code]} but found "
                f"{_WORDS[(<TensorBase>t).code]}. Convert one with .to(dtype)."
            )
    refuse_code("baddbmm_cpu" if c is not None else "bmm", a.code)
    return 0


cdef int check_vector(str name, TensorBase c, TensorBase a, TensorBase b) except -1:
    cdef int rank = 1 if c is None else c.rank
    if a.rank != 2 or b.rank != 1 or rank > 1:
        raise RuntimeError(
            f"[{name}] vector + matrix @ vector expected, got {rank}, {a.rank}, "
            f"{b.rank} dimensions."
        )
    if (
        a.sizes[1] != b.sizes[0]
        or (c is not None and c.count != 1 and c.sizes[0] != a.sizes[0])
    ):
        raise RuntimeError(
            f"[{name}] size mismatch, got input "
            f"({a.sizes[0] if c is None or c.rank == 0 else c.sizes[0]}), mat "
            f"({a.sizes[0]}x{a.sizes[1]}), vec ({b.sizes[0]})."
        )
    if a.code != b.code or (c is not None and c.code != b.code):
        raise RuntimeError(
            f"[{name}] addmv input tensors must have the same dtype, but got "
            f"{_WORDS[b.code if c is None else c.code]}, {_WORDS[a.code]}, and "
            f"{_WORDS[b.code]}. Convert them with .to(dtype)."
        )
    refuse_code("addmv_impl_cpu", a.code)
    return 0


cdef int check_dot(str name, TensorBase a, TensorBase b) except -1:
    if a.rank != 1 or b.rank != 1:
        raise RuntimeError(
            f"[{name}] 1D tensors expected, but got {a.rank}D and {b.rank}D tensors."
        )
    if a.code != b.code:
        raise RuntimeError(
            f"[{name}] dot : expected both vectors to have same dtype, but found "
            f"{_WORDS[a.code]} and {_WORDS[b.code]}. Convert one with .to(dtype)."
        )
    if a.sizes[0] != b.sizes[0]:
        raise RuntimeError(
            f"[{name}] inconsistent tensor size, expected tensor [{a.sizes[0]}] and "
            f"src [{b.sizes[0]}] to have the same number of elements, but got "
            f"{a.sizes[0]} and {b.sizes[0]} elements respectively."
        )
    refuse_code("dot", a.code)
    return 0


cdef int broadcast_steps(TensorBase c, int rank, const int64_t* sizes, int64_t* steps
                         ) except -1:
    # Strides with which the added operand fills the result.
    cdef int d, e
    if c.rank > rank:
        raise RuntimeError(
            f"[expand] expand(torch.{_WORDS[c.code]}Tensor{{{list(c.shape)}}}, size="
            f"{list(dims_tuple(rank, sizes))}): the number of sizes provided ({rank}) "
            "must be greater or equal to the number of dimensions in the tensor "
            f"({c.rank})."
        )
    for d in range(rank - 1, -1, -1):
        e = d - (rank - c.rank)
        steps[d] = 0
        if e < 0 or c.sizes[e] == 1:
            continue
        if c.sizes[e] != sizes[d]:
            raise RuntimeError(
                f"[expand] The expanded size of the tensor ({sizes[d]}) must match the "
                f"existing size ({c.sizes[e]}) at non-singleton dimension {d}.  Target "
                f"sizes: {list(dims_tuple(rank, sizes))}.  Tensor sizes: "
                f"{list(c.shape)}."
            )
        steps[d] = c.steps[e]
    return 0


# -------------------------------------------------------------------------- products

cdef double number(object value, int code) except? -1.5:
    # The factors of integer products are integers.
    if code < F16:
        return <double><int64_t>int(value)
    return value


cdef TensorBase compute(
    int form, TensorBase c, TensorBase a, TensorBase b, object beta, object alpha,
    TensorBase into,
):
    """The product without a graph; `into` is a tensor that fits it, or None."""
    cdef int64_t sizes[3]
    cdef int64_t steps[3]
    cdef TensorBase out = into
    cdef int rank
    cdef Gemm p
    cdef double beta_ = 0.0
    p.beta = 0.0
    p.cin = NULL
    if form == MM or form == ADDMM:
        rank = 2
        sizes[0] = a.sizes[0]
        sizes[1] = b.sizes[1]
    elif form == BMM or form == BADDBMM:
        rank = 3
        sizes[0] = a.sizes[0]
        sizes[1] = a.sizes[1]
        sizes[2] = b.sizes[2]
    elif form == MV or form == ADDMV:
        rank = 1
        sizes[0] = a.sizes[0]
    else:
        rank = 0
    if c is not None:
        broadcast_steps(c, rank, sizes, steps)
    if a.code >= C64:
        return compute_complex(form, c, a, b, beta, alpha, into)
    p.alpha = 1.0 if alpha is None else number(alpha, a.code)
    if c is not None:
        beta_ = number(beta, a.code)
    if out is None:
        out = empty_c(a.code, rank, sizes)
    if c is not None and beta_ != 0.0:
        p.beta = beta_
        p.cin = c.data_
        if rank == 3:
            p.rscin = steps[1]
            p.cscin = steps[2]
            if steps[0] != 0 or c is into:
                # Each product of the batch adds its own part.
                if c is not into:
                    copy_into(out, expanded(c, rank, sizes, steps))
                p.cin = NULL
        elif rank == 2:
            p.rscin = steps[0]
            p.cscin = steps[1]
        else:
            p.rscin = steps[0]
            p.cscin = 0
    if rank == 2:
        multiply(&p, a, 0, 1, b, 0, 1, out, 0, 1)
    elif rank == 3:
        multiply(&p, a, 1, 2, b, 1, 2, out, 1, 2)
    elif rank == 1:
        multiply(&p, a, 0, 1, b, 0, -1, out, 0, -1)
    else:
        multiply(&p, a, -1, 0, b, 0, -1, out, -1, -1)
    out.inference = thread_state().inference
    return out


cdef TensorBase compute_complex(
    int form, TensorBase c, TensorBase a, TensorBase b, object beta, object alpha,
    TensorBase into,
):
    cdef TensorBase out = <TensorBase>_callbacks["complex_product"](
        form, c, a, b, beta, alpha)
    out.inference = thread_state().inference
    if into is None:
        return out
    copy_into(into, out)
    return into


cdef TensorBase expanded(
    TensorBase c, int rank, const int64_t* sizes, const int64_t* steps
):
    return alias(c, rank, sizes, steps, 0)


cdef inline bint recorded(TensorBase c, TensorBase a, TensorBase b) noexcept:
    return thread_state().grad_enabled and a.code >= F16 and (
        needs_grad(a) or needs_grad(b) or (c is not None and needs_grad(c)))


cdef bint followed(TensorBase c, TensorBase a, TensorBase b) noexcept:
    """Whether a transform takes over a product of these."""
    return thread_state().modes and (
        moded(a) or moded(b) or (c is not None and moded(c)))


def again(int form, c, a, b, beta, alpha):
    """A product by its form: ``beta * c + alpha * a b``."""
    return product(form, c, a, b, beta, alpha)


def hang(TensorBase out, int form, TensorBase c, TensorBase a, TensorBase b, beta,
         alpha):
    """Hang the node of a product on a result that was computed elsewhere."""
    if recorded(c, a, b):
        out.fn = make_node(form, c, a, b, out, beta, alpha)
    return out


cdef TensorBase product(
    int form, TensorBase c, TensorBase a, TensorBase b, object beta, object alpha
):
    cdef TensorBase out
    if followed(c, a, b):
        return mode_call("function", again, (form, c, a, b, beta, alpha))
    out = compute(form, c, a, b, beta, alpha, None)
    if recorded(c, a, b):
        out.fn = make_node(form, c, a, b, out, beta, alpha)
    return out


cdef bint overlap(TensorBase out, TensorBase t) noexcept:
    return t is not None and t.storage.data == out.storage.data


cdef object into(
    str name, int form, TensorBase c, TensorBase a, TensorBase b, object beta,
    object alpha, object out_,
):
    """The product into ``out=``."""
    cdef TensorBase out = tensor(out_, name, "out", 1)
    cdef TensorBase fresh
    cdef bint fits
    if thread_state().grad_enabled and (recorded(c, a, b) or needs_grad(out)):
        raise RuntimeError(
            f"[{name}] {name}(): functions with out=... arguments don't support "
            "automatic differentiation, but one of the arguments requires grad. Use "
            "the result, or derivo.no_grad()."
        )
    if followed(c, a, b) or (thread_state().modes and moded(out)):
        out.copy_(product(form, c, a, b, beta, alpha))
        return out
    if out.code != a.code:
        raise RuntimeError(
            f"[{name}] Expected out tensor to have dtype {_C_WORDS[a.code]}, but got "
            f"{_C_WORDS[out.code]} instead."
        )
    if out.storage.readonly:
        raise RuntimeError(f"[{name}] the memory of the output is read-only.")
    if form == MM or form == ADDMM:
        fits = (out.rank == 2 and out.sizes[0] == a.sizes[0]
                and out.sizes[1] == b.sizes[1])
    elif form == BMM or form == BADDBMM:
        fits = (out.rank == 3 and out.sizes[0] == a.sizes[0]
                and out.sizes[1] == a.sizes[1] and out.sizes[2] == b.sizes[2])
    elif form == MV or form == ADDMV:
        fits = out.rank == 1 and out.sizes[0] == a.sizes[0]
    else:
        fits = out.rank == 0
    if (
        fits and not overlaps_itself(out) and not overlap(out, a)
        and not overlap(out, b) and (c is None or c is out or not overlap(out, c))
    ):
        compute(form, c, a, b, beta, alpha, out)
        note_write(out, name)
        return out
    fresh = compute(form, c, a, b, beta, alpha, None)
    _callbacks["fill_out"](name, out, fresh)
    return out


cdef object inplace(
    str name, int form, TensorBase c, TensorBase a, TensorBase b, object beta,
    object alpha,
):
    """The product added to `c`, in `c`."""
    cdef bint record = recorded(c, a, b)
    cdef Node node = None
    cdef TensorBase fresh
    if followed(c, a, b):
        c.copy_(product(form, c, a, b, beta, alpha))
        return c
    check_inplace(c, record)
    if c.storage.readonly:
        raise RuntimeError(f"[{name}] the memory of the tensor is read-only.")
    if overlaps_itself(c):
        raise RuntimeError(
            f"[{name}] unsupported operation: more than one element of the written-to "
            "tensor refers to a single memory location. Please clone() the tensor "
            "before performing the operation."
        )
    if record:
        node = make_node(form, c, a, b, c, beta, alpha)
    if overlap(c, a) or overlap(c, b):
        fresh = compute(form, c, a, b, beta, alpha, None)
        copy_into(c, fresh)
    else:
        compute(form, c, a, b, beta, alpha, c)
    finish_inplace(c, node, name)
    return c


def mm(input, mat2, out=None):
    cdef TensorBase a = tensor(input, "mm", "input", 1)
    cdef TensorBase b = tensor(mat2, "mm", "mat2", 2)
    check_matrices("mm", "self", None, a, b)
    if out is not None:
        return into("mm", MM, None, a, b, 0, 1, out)
    return product(MM, None, a, b, 0, 1)


def bmm(input, mat2, out=None):
    cdef TensorBase a = tensor(input, "bmm", "input", 1)
    cdef TensorBase b = tensor(mat2, "bmm", "mat2", 2)
    check_batches("bmm", None, a, b)
    if out is not None:
        return into("bmm", BMM, None, a, b, 0, 1, out)
    return product(BMM, None, a, b, 0, 1)


def mv(input, vec, out=None):
    cdef TensorBase a = tensor(input, "mv", "input", 1)
    cdef TensorBase b = tensor(vec, "mv", "vec", 2)
    check_vector("mv", None, a, b)
    if out is not None:
        return into("mv", MV, None, a, b, 0, 1, out)
    return product(MV, None, a, b, 0, 1)


def dot(input, tensor_, out=None, str name="dot"):
    cdef TensorBase a = tensor(input, name, "input", 1)
    cdef TensorBase b = tensor(tensor_, name, "tensor", 2)
    cdef int form = VDOT if name == "vdot" else DOT
    check_dot(name, a, b)
    if out is not None:
        return into(name, form, None, a, b, 0, 1, out)
    return product(form, None, a, b, 0, 1)


def addmm(input, mat1, mat2, beta=1, alpha=1, out=None, bint change=False):
    cdef TensorBase c = tensor(input, "addmm", "input", 1)
    cdef TensorBase a = tensor(mat1, "addmm", "mat1", 2)
    cdef TensorBase b = tensor(mat2, "addmm", "mat2", 3)
    check_matrices("addmm", "mat1", c, a, b)
    if change:
        check_own_shape("addmm_", c, 2, a.sizes[0], b.sizes[1], 0)
        return inplace("addmm_", ADDMM, c, a, b, beta, alpha)
    if out is not None:
        return into("addmm", ADDMM, c, a, b, beta, alpha, out)
    return product(ADDMM, c, a, b, beta, alpha)


def addmv(input, mat, vec, beta=1, alpha=1, out=None, bint change=False):
    cdef TensorBase c = tensor(input, "addmv", "input", 1)
    cdef TensorBase a = tensor(mat, "addmv", "mat", 2)
    cdef TensorBase b = tensor(vec, "addmv", "vec", 3)
    check_vector("addmv", c, a, b)
    if change:
        check_own_shape("addmv_", c, 1, a.sizes[0], 0, 0)
        return inplace("addmv_", ADDMV, c, a, b, beta, alpha)
    if out is not None:
        return into("addmv", ADDMV, c, a, b, beta, alpha, out)
    return product(ADDMV, c, a, b, beta, alpha)


def baddbmm(input, batch1, batch2, beta=1, alpha=1, out=None, bint change=False):
    cdef TensorBase c = tensor(input, "baddbmm", "input", 1)
    cdef TensorBase a = tensor(batch1, "baddbmm", "batch1", 2)
    cdef TensorBase b = tensor(batch2, "baddbmm", "batch2", 3)
    check_batches("baddbmm", c, a, b)
    if change:
        check_own_shape("baddbmm_", c, 3, a.sizes[0], a.sizes[1], b.sizes[2])
        return inplace("baddbmm_", BADDBMM, c, a, b, beta, alpha)
    if out is not None:
        return into("baddbmm", BADDBMM, c, a, b, beta, alpha, out)
    return product(BADDBMM, c, a, b, beta, alpha)


cdef int check_own_shape(
    str name, TensorBase c, int rank, int64_t s0, int64_t s1, int64_t s2
) except -1:
    cdef int64_t sizes[3]
    sizes[0] = s0
    sizes[1] = s1
    sizes[2] = s2
    if c.rank == rank:
        for d in range(rank):
            if c.sizes[d] != sizes[d]:
                break
        else:
            return 0
    raise RuntimeError(
        f"[{name}] output with shape {list(c.shape)} doesn't match the broadcast "
        f"shape {list(dims_tuple(rank, sizes))}."
    )


def linear(input, weight, bias=None):
    """``input @ weight.t() + bias``, frequent cases; None if Python must do it.

    The graph is that of the parts (`addmm` of a transposed weight).
    """
    cdef TensorBase a, w, wt, out
    cdef TensorBase c = None
    cdef ProductNode node
    cdef TBackward0 turn
    cdef int64_t sizes[2]
    cdef int64_t steps[2]
    cdef bint grad_a, grad_w, grad_c = False
    cdef Gemm p
    cdef int edge
    if not (DERIVO_IS_TENSOR(input, TensorBase) and DERIVO_IS_TENSOR(weight, TensorBase)
            and (bias is None or DERIVO_IS_TENSOR(bias, TensorBase))):
        return None
    a = <TensorBase>input
    w = <TensorBase>weight
    if followed(<TensorBase>bias, a, w):
        return None
    if a.rank > 2 and w.rank == 2 and a.is_contig and a.count:
        return folded(a, w, <TensorBase>bias, True)
    if (
        a.rank != 2 or w.rank != 2 or a.sizes[1] != w.sizes[1] or a.code != w.code
        or a.code == BOOL or a.code >= C64
    ):
        return None
    sizes[0] = a.sizes[0]
    sizes[1] = w.sizes[0]
    p.alpha = 1.0
    p.beta = 0.0
    p.cin = NULL
    if bias is not None:
        c = <TensorBase>bias
        if c.code != a.code:
            return None
        broadcast_steps(c, 2, sizes, steps)
        p.cin = c.data_
        p.beta = 1.0
        p.rscin = steps[0]
        p.cscin = steps[1]
    out = empty_c(a.code, 2, sizes)
    multiply(&p, a, 0, 1, w, 1, 0, out, 0, 1)
    out.inference = thread_state().inference
    if not thread_state().grad_enabled or a.code < F16:
        return out
    grad_a = needs_grad(a)
    grad_w = needs_grad(w)
    if c is not None:
        grad_c = needs_grad(c)
    if not (grad_a or grad_w or grad_c):
        return out
    node = <ProductNode>derivo_fresh(
        products_pool, <type>node_types[MM if c is None else ADDMM])
    node.n_out = 1
    node.form = MM if c is None else ADDMM
    node.alpha = 1
    node.beta = 1
    node.code = a.code
    edge = 0
    if c is not None:
        if grad_c:
            add_edge(node, 0, c)
            if not same_shape(c, out):
                node.shape = dims_tuple(c.rank, c.sizes)
        else:
            set_edge(node, 0, None, 0)
        edge = 1
    turn = None
    if grad_w:
        turn = TBackward0.__new__(TBackward0)
        turn.seq = next_seq()
        note_line(turn)
        turn.n_out = 1
        add_edge(turn, 0, w)
        save(node, a)
        node.a = a
        node.a_version = a.storage.version
        node.turned_b = w.is_contig   # its transpose lies turned
    if grad_a:
        add_edge(node, edge, a)
        save(node, w)
        swap(w, sizes, steps)
        wt = view_of(w, 2, sizes, steps, 0)
        wt.fn = turn
        node.b = wt
        node.b_version = w.storage.version
        node.turned_a = lies_turned(a)
    else:
        set_edge(node, edge, None, 0)
    set_edge(node, edge + 1, turn, 0)
    node.seq = next_seq()
    note_line(node)
    if thread_state().flags & PACKS_SAVED:
        pack_all(node)
    out.fn = node
    return out


# ------------------------------------------------- many dimensions, the frequent cases

@cython.trashcan(True)
cdef class Reshaped(Node):
    """Node of an operand or result of a product in another shape."""

    cdef readonly tuple shape

    cdef object apply(self, object g):
        cdef TensorBase t = <TensorBase>g
        cdef int64_t sizes[64]
        cdef int i
        if thread_state().grad_enabled or thread_state().modes or not t.is_contig:
            return g.reshape(self.shape)
        for i in range(len(self.shape)):
            sizes[i] = self.shape[i]
        return make(t.storage, t.data_, t.code, len(self.shape), sizes, NULL)


_view_node = type("ViewBackward0", (Reshaped,), {"__slots__": ()})
_unsafe_view_node = type("UnsafeViewBackward0", (Reshaped,), {"__slots__": ()})
_expand_node = type("ExpandBackward0", (Reshaped,), {"__slots__": ()})
cdef type view_node = _view_node
cdef type unsafe_view_node = _unsafe_view_node
cdef type expand_node = _expand_node
cdef derivo_pool* reshaped_pool = NULL
for _type in (_view_node, _unsafe_view_node, _expand_node):
    reshaped_pool = use_pool(_type)


cdef Reshaped reshaping(TensorBase t, type kind):
    cdef Reshaped node = <Reshaped>derivo_fresh(reshaped_pool, kind)
    node.seq = next_seq()
    note_line(node)
    node.n_out = 1
    node.shape = dims_tuple(t.rank, t.sizes)
    add_edge(node, 0, t)
    return node


cdef TensorBase reshaped(
    TensorBase t, type kind, int rank, const int64_t* sizes, bint record
):
    # A contiguous tensor in another shape; a view if `kind` says so.
    cdef TensorBase out
    if kind is view_node:
        out = view_of(t, rank, sizes, NULL, 0)
    else:
        out = make(t.storage, t.data_, t.code, rank, sizes, NULL)
    out.inference = t.inference
    if record and needs_grad(t):
        out.fn = reshaping(t, kind)
    return out


cdef bint one_batch(TensorBase t) noexcept:
    # Whether the leading dimensions are one dimension in memory.
    cdef int d
    for d in range(t.rank - 3):
        if t.sizes[d] != 1 and t.steps[d] != t.steps[d + 1] * t.sizes[d + 1]:
            return False
    return True


cdef TensorBase as_batch(TensorBase t, int64_t count, bint record):
    # Its leading dimensions as one, by way of an expansion that changes nothing.
    cdef int64_t sizes[3]
    cdef int64_t steps[3]
    cdef TensorBase out
    cdef Reshaped first, second
    sizes[0] = count
    sizes[1] = t.sizes[t.rank - 2]
    sizes[2] = t.sizes[t.rank - 1]
    steps[0] = t.steps[t.rank - 3]
    steps[1] = t.steps[t.rank - 2]
    steps[2] = t.steps[t.rank - 1]
    out = view_of(t, 3, sizes, steps, 0)
    if record and needs_grad(t):
        first = reshaping(t, expand_node)
        second = <Reshaped>derivo_fresh(reshaped_pool, view_node)
        second.seq = next_seq()
        note_line(second)
        second.n_out = 1
        second.shape = first.shape
        set_edge(second, 0, first, 0)
        out.fn = second
    return out


cdef object batched(TensorBase a, TensorBase b):
    """``a @ b`` of tensors with equal leading dimensions, or None."""
    cdef int64_t sizes[64]
    cdef int64_t count = 1
    cdef int d
    cdef bint record = thread_state().grad_enabled and a.code >= F16
    cdef TensorBase out
    for d in range(a.rank - 2):
        if a.sizes[d] != b.sizes[d]:
            return None
        sizes[d] = a.sizes[d]
        count *= a.sizes[d]
    if not (one_batch(a) and one_batch(b)):
        return None
    a = as_batch(a, count, record)
    b = as_batch(b, count, record)
    check_batches("bmm", None, a, b)
    out = product(BMM, None, a, b, 0, 1)
    sizes[d + 1] = a.sizes[1]
    sizes[d + 2] = b.sizes[2]
    return reshaped(out, unsafe_view_node, d + 3, sizes, record)


cdef object folded(TensorBase a, TensorBase b, TensorBase c, bint turned):
    """``a @ b + c`` with all but the last dimension of `a` (contiguous) as rows.

    `turned`: `b` is a weight, whose transpose is meant. Not for results in ``out=``.
    """
    cdef int64_t sizes[64]
    cdef int64_t flat[2]
    cdef TensorBase rows, out
    cdef int d
    cdef bint record = thread_state().grad_enabled and a.code >= F16
    flat[1] = a.sizes[a.rank - 1]
    flat[0] = 1
    for d in range(a.rank - 1):
        sizes[d] = a.sizes[d]
        flat[0] *= a.sizes[d]
    rows = reshaped(a, view_node, 2, flat, record)
    if turned:
        out = linear(rows, b, c)
        if out is None:
            return None
        sizes[a.rank - 1] = b.sizes[0]
    else:
        check_matrices("matmul", "mat1", None, rows, b)
        out = product(MM, None, rows, b, 0, 1)
        sizes[a.rank - 1] = b.sizes[1]
    return reshaped(
        out, unsafe_view_node if c is None else view_node, a.rank, sizes, record)


def matmul(input, other):
    """``input @ other``, the frequent cases; the others by the Python function."""
    cdef TensorBase a, b
    if not (DERIVO_IS_TENSOR(input, TensorBase)
            and DERIVO_IS_TENSOR(other, TensorBase)):
        return _callbacks["matmul"](input, other)
    a = <TensorBase>input
    b = <TensorBase>other
    if followed(None, a, b):
        return mode_call("function", matmul, (a, b))
    if a.rank == 2 and b.rank == 2:
        check_matrices("mm", "self", None, a, b)
        return product(MM, None, a, b, 0, 1)
    if a.rank == 2 and b.rank == 1:
        check_vector("mv", None, a, b)
        return product(MV, None, a, b, 0, 1)
    if a.rank == 1 and b.rank == 1:
        check_dot("dot", a, b)
        return product(DOT, None, a, b, 0, 1)
    if a.rank > 2 and b.rank == 2 and a.is_contig and a.count:
        return folded(a, b, None, False)
    if a.rank > 2 and a.rank == b.rank and a.count and b.count:
        out = batched(a, b)
        if out is not None:
            return out
    return _callbacks["matmul"](input, other)


def matmul_operator(a, b):
    """``a @ b``; Python asks the other operand where one is not a tensor."""
    if not (DERIVO_IS_TENSOR(a, TensorBase) and DERIVO_IS_TENSOR(b, TensorBase)):
        return NotImplemented
    return matmul(a, b)


# ---------------------------------------------------------------- views, for einsum

@cython.trashcan(True)
cdef class PermuteBackward0(Node):
    """Node of dimensions in another order."""

    cdef readonly tuple inverse

    cdef object apply(self, object g):
        if thread_state().grad_enabled or thread_state().modes:
            return g.permute(self.inverse)
        return reordered(<TensorBase>g, self.inverse)


@cython.trashcan(True)
cdef class UnsqueezeBackward0(Node):
    """Node of one more dimension, the last."""

    cdef object apply(self, object g):
        cdef TensorBase t = <TensorBase>g
        if thread_state().grad_enabled or thread_state().modes:
            return g.squeeze(-1)
        return alias(t, t.rank - 1, t.sizes, t.steps, 0)


cdef TensorBase reordered(TensorBase t, order):
    cdef int64_t sizes[64]
    cdef int64_t steps[64]
    cdef int i, d
    for i in range(t.rank):
        d = order[i]
        sizes[i] = t.sizes[d]
        steps[i] = t.steps[d]
    return alias(t, t.rank, sizes, steps, 0)


def permuted(TensorBase t, order):
    """``t.permute(order)``, where `order` is known to be an order of its dimensions."""
    cdef int64_t sizes[64]
    cdef int64_t steps[64]
    cdef int i, d
    cdef TensorBase out
    cdef PermuteBackward0 node
    if followed(None, t, t):
        return t.permute(order)
    for i in range(t.rank):
        d = order[i]
        sizes[i] = t.sizes[d]
        steps[i] = t.steps[d]
    out = view_of(t, t.rank, sizes, steps, 0)
    if thread_state().grad_enabled and needs_grad(t):
        node = PermuteBackward0.__new__(PermuteBackward0)
        node.seq = next_seq()
        note_line(node)
        node.n_out = 1
        inverse = [0] * t.rank
        for i in range(t.rank):
            inverse[<int>order[i]] = i
        node.inverse = tuple(inverse)
        add_edge(node, 0, t)
        out.fn = node
    return out


def unsqueezed(TensorBase t):
    """``t.unsqueeze(-1)``."""
    cdef int64_t sizes[64]
    cdef int64_t steps[64]
    cdef TensorBase out
    cdef UnsqueezeBackward0 node
    cdef int d
    if t.rank >= 64 or followed(None, t, t):
        return t.unsqueeze(-1)
    for d in range(t.rank):
        sizes[d] = t.sizes[d]
        steps[d] = t.steps[d]
    sizes[t.rank] = 1
    steps[t.rank] = 1
    out = view_of(t, t.rank + 1, sizes, steps, 0)
    if thread_state().grad_enabled and needs_grad(t):
        node = UnsqueezeBackward0.__new__(UnsqueezeBackward0)
        node.seq = next_seq()
        note_line(node)
        node.n_out = 1
        add_edge(node, 0, t)
        out.fn = node
    return out


def grouped(TensorBase t, int first, int second):
    """`t` with its first `first` dimensions as one, the `second` next, and the rest.

    A view where memory allows it.
    """
    cdef int64_t sizes[3]
    cdef int64_t steps[3]
    cdef int bounds[4]
    cdef int group, d
    cdef bint fits = True
    cdef TensorBase out
    bounds[0] = 0
    bounds[1] = first
    bounds[2] = first + second
    bounds[3] = t.rank
    for group in range(3):
        sizes[group] = 1
        steps[group] = 1
        for d in range(bounds[group + 1] - 1, bounds[group] - 1, -1):
            if t.sizes[d] == 1:
                continue
            if sizes[group] == 1:
                steps[group] = t.steps[d]
            elif t.steps[d] != steps[group] * sizes[group]:
                fits = False
            sizes[group] *= t.sizes[d]
    if not fits or t.count == 0 or followed(None, t, t):
        return t.reshape(sizes[0], sizes[1], sizes[2])
    out = view_of(t, 3, sizes, steps, 0)
    if thread_state().grad_enabled and needs_grad(t):
        out.fn = reshaping(t, view_node)
    return out


def viewed(TensorBase t, shape):
    """``t.view(shape)`` of a contiguous tensor; `shape` is known to fit."""
    cdef int64_t sizes[64]
    cdef int i
    if followed(None, t, t):
        return t.view(shape)
    for i in range(len(shape)):
        sizes[i] = shape[i]
    return reshaped(
        t, view_node, len(shape), sizes, bool(thread_state().grad_enabled))


# --------------------------------------------------------- for derivo.ops.products

def check_addbmm(input, batch1, batch2):
    """Refuse what `addbmm` refuses."""
    cdef TensorBase c = tensor(input, "addbmm", "input", 1)
    cdef TensorBase a = tensor(batch1, "addbmm", "batch1", 2)
    cdef TensorBase b = tensor(batch2, "addbmm", "batch2", 3)
    cdef int64_t sizes[2]
    cdef int64_t steps[2]
    check_batches("addbmm", c, a, b)
    sizes[0] = a.sizes[1]
    sizes[1] = b.sizes[2]
    broadcast_steps(c, 2, sizes, steps)


def check_addr(input, vec1, vec2):
    """Refuse what `addr` refuses."""
    cdef TensorBase c = tensor(input, "addr", "input", 1)
    cdef TensorBase a = tensor(vec1, "addr", "vec1", 2)
    cdef TensorBase b = tensor(vec2, "addr", "vec2", 3)
    cdef int64_t sizes[2]
    cdef int64_t steps[2]
    check_outer("addr", "vec1", a, b)
    sizes[0] = a.sizes[0]
    sizes[1] = b.sizes[0]
    broadcast_steps(c, 2, sizes, steps)


def check_outer(str name, str first, input, vec2):
    """Refuse operands of an outer product that are not vectors."""
    cdef TensorBase t
    for argument, value in ((first, input), ("vec2", vec2)):
        t = tensor(value, name, argument, 1 if value is input else 2)
        if t.rank != 1:
            raise RuntimeError(
                f"[{name}] {name}: Expected 1-D argument {argument}, but got "
                f"{t.rank}-D of shape={list(t.shape)}."
            )


def unsafe_view(TensorBase t, shape):
    """`t` (contiguous) in another shape; for results that nobody else has yet."""
    cdef int64_t sizes[64]
    cdef int rank = len(shape)
    cdef int i
    for i in range(rank):
        sizes[i] = shape[i]
    return make(t.storage, t.data_, t.code, rank, sizes, NULL)


globals().update(
    MM=MM, ADDMM=ADDMM, BMM=BMM, BADDBMM=BADDBMM, MV=MV, ADDMV=ADDMV, DOT=DOT,
    VDOT=VDOT,
)
