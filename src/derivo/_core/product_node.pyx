"""The graph node of a product, and the products of its backward."""

cimport cython

from derivo._core._types cimport *
from derivo._core.blas cimport (
    column_sums, gemm, gemm_batch, gemm_is_long, prepare_gemm,
)
from derivo._core.copies cimport cast_to
from derivo._core.elementwise cimport modified_error, second_time_error, sum_to
from derivo._core.saved cimport Packed, pack_tensor
from derivo._core.tensor cimport (
    PACKS_SAVED, Node, TensorBase, add_edge, alias, derivo_fresh, derivo_pool,
    dims_tuple, empty_c, empty_strided_c, needs_grad, next_seq, note_line,
    same_shape, set_edge, thread_state, use_pool,
)
from derivo._core.tiles cimport Gemm

cdef dict callbacks = {}

# Names of the saved operands, by Form.
_SAVED = (
    ("self", "mat2"), ("mat1", "mat2"), ("self", "mat2"), ("batch1", "batch2"),
    ("self", "vec"), ("mat", "vec"), ("self", "tensor"), ("self", "other"),
)


@cython.trashcan(True)
cdef class ProductNode(Node):
    """Graph node of a product; what its recorded backward gets."""

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
        return {_SAVED[self.form][0]: 0, _SAVED[self.form][1]: 1}

    @property
    def _kept_shown(self):
        """What else PyTorch shows, by name."""
        cdef dict shown = {}
        if self.n_edges == 3:
            shown = {"alpha": self.alpha, "beta": self.beta}
        if self.form == MM or self.form == ADDMM:
            first, second = _SAVED[self.form]
            _, left, right = self.needs
            shown[f"{first}_sym_sizes"] = dims_tuple(2, self.sizes)
            shown[f"{second}_sym_sizes"] = dims_tuple(2, self.sizes + 1)
            # The strides are for the operand's own gradient.
            shown[f"{first}_sym_strides"] = dims_tuple(2, self.steps_a) if left else ()
            shown[f"{second}_sym_strides"] = (
                dims_tuple(2, self.steps_b) if right else ())
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
            found = callbacks["product_vjp"](self, g)
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


cdef void swap(TensorBase t, int64_t* sizes, int64_t* steps) noexcept:
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


cdef bint lies_turned(TensorBase t) noexcept:
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
    if form == MM or form == ADDMM:
        remember(node, a.sizes, a.steps, b.sizes, b.steps)
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
