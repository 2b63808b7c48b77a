"""Products of tensors: what is computed, and how it is called.

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
from derivo._core.copies cimport copy_into
from derivo._core.inplace cimport check_inplace, finish_inplace, overlaps_itself
from derivo._core.product_checks cimport (
    DERIVO_IS_TENSOR, broadcast_steps, check_batches, check_dot, check_matrices,
    check_vector, number, tensor,
)
from derivo._core.product_node cimport (
    ADDMM, ADDMV, BADDBMM, BMM, DOT, MM, MV, VDOT, ProductNode, TBackward0,
    callbacks, lies_turned, make_node, multiply, node_types, pack_all,
    products_pool, remember, save, swap,
)
from derivo._core.tensor cimport (
    PACKS_SAVED, Node, TensorBase, add_edge, alias, derivo_fresh, derivo_pool,
    dims_tuple, empty_c, make, mode_call, moded, needs_grad, next_seq, note_line,
    note_write, same_shape, set_edge, thread_state, use_pool, view_of,
)
from derivo._core.tiles cimport Gemm

from derivo._core.product_checks import _C_TYPES


def set_callbacks(**functions):
    """Set the Python functions behind derivatives of derivatives and ``out=``."""
    callbacks.update(functions)


# ---------------------------------------------------------------- products

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
    cdef TensorBase out = <TensorBase>callbacks["complex_product"](
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


def hang(TensorBase out, int form, TensorBase c or None, TensorBase a, TensorBase b,
         beta, alpha):
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
            f"[{name}] Expected out tensor to have dtype {_C_TYPES[a.code]}, but got "
            f"{_C_TYPES[out.code]} instead."
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
    callbacks["fill_out"](name, out, fresh)
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
    swap(w, sizes, steps)
    remember(node, a.sizes, a.steps, sizes, steps)
    if grad_a:
        add_edge(node, edge, a)
        save(node, w)
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


# ------------------------------------------- many dimensions, the frequent cases

@cython.trashcan(True)
cdef class Reshaped(Node):
    """Node of an operand or result of a product in another shape."""

    cdef readonly tuple shape

    @property
    def _kept_shown(self):
        """What PyTorch shows, by name."""
        return {"self_sym_sizes": self.shape}

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
_alias_node = type("ReshapeAliasBackward0", (Reshaped,), {"__slots__": ()})
_expand_node = type("ExpandBackward0", (Reshaped,), {"__slots__": ()})
cdef type view_node = _view_node
cdef type unsafe_view_node = _unsafe_view_node
cdef type alias_node = _alias_node
cdef type expand_node = _expand_node
cdef derivo_pool* reshaped_pool = NULL
for _type in (_view_node, _unsafe_view_node, _alias_node, _expand_node):
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
        second = <Reshaped>derivo_fresh(
            reshaped_pool, view_node if t.is_contig else alias_node)
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
        return callbacks["matmul"](input, other)
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
    return callbacks["matmul"](input, other)


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

    @property
    def _kept_shown(self):
        """What PyTorch shows, by name."""
        order = [0] * len(self.inverse)
        for i, d in enumerate(self.inverse):
            order[d] = i
        return {"dims": tuple(order)}

    cdef object apply(self, object g):
        if thread_state().grad_enabled or thread_state().modes:
            return g.permute(self.inverse)
        return reordered(<TensorBase>g, self.inverse)


@cython.trashcan(True)
cdef class UnsqueezeBackward0(Node):
    """Node of one more dimension, the last."""

    cdef int dim

    @property
    def _kept_shown(self):
        """What PyTorch shows, by name."""
        return {"dim": self.dim}

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
        node.dim = t.rank
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
        out.fn = reshaping(t, view_node if t.is_contig else alias_node)
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


# ------------------------------------------------------- for derivo.ops.products

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
