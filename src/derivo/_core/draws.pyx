"""Tensors filled with random samples: what Python calls.

The functions named ``draw_new...`` and `draw_in_place` are the short ways, for plain
arguments; they answer None or False where the callers in `derivo.ops.random` have
something to convert, to refuse or to record.
"""
from libc.string cimport memset

from derivo._core._types cimport F16, I64, MAX_DIMS, int64_t, uint64_t
from derivo._core.inplace cimport check_inplace, finish_inplace
from derivo._core.generator cimport Generator, default_c
from derivo._core.random cimport *
from derivo._core.tensor cimport (
    ITEMSIZE, Node, TensorBase, add_edge, code_of, default_code, dims_from, dims_tuple,
    empty_c, moded, needs_grad, next_seq, physical, set_edge, thread_state,
)


cdef Span span_of(TensorBase t, int64_t* steps) noexcept:
    """A tensor's memory; `steps` is room for its strides in bytes."""
    cdef Span out
    cdef int i
    for i in range(t.rank):
        steps[i] = t.steps[i] * ITEMSIZE[t.code]
    out.data = t.data_
    out.code = t.code
    out.rank = t.rank
    out.sizes = t.sizes
    out.steps = steps
    return out


class Kind:
    """Numbers of the distributions."""


for _name, _kind in {
    "UNIFORM": UNIFORM,
    "NORMAL": NORMAL,
    "EXPONENTIAL": EXPONENTIAL,
    "BERNOULLI": BERNOULLI,
    "GEOMETRIC": GEOMETRIC,
    "CAUCHY": CAUCHY,
    "LOG_NORMAL": LOG_NORMAL,
    "ANY_INTEGER": ANY_INTEGER,
    "BERNOULLI_EACH": BERNOULLI_EACH,
    "POISSON": POISSON,
    "BINOMIAL": BINOMIAL,
    "GAMMA": GAMMA,
    "DROPOUT": DROPOUT,
    "RRELU": RRELU,
}.items():
    setattr(Kind, _name, _kind)


def fill_tensor(int kind, TensorBase out, double a=0.0, double b=0.0,
                Generator generator=None):
    """Fill a tensor with samples of a distribution with numbers as parameters."""
    cdef int64_t steps[MAX_DIMS]
    cdef Span span
    cdef Draw d
    if thread_state().modes:
        out = physical(out)
    span = span_of(out, steps)
    d.kind = kind
    d.a = a
    d.b = b
    draw(default_c() if generator is None else generator, &d, &span, 0, NULL)


cdef TensorBase plain_new(int code, object items, object generator):
    # None unless the sizes are ints that are not negative.
    cdef int64_t dims[MAX_DIMS]
    cdef TensorBase out
    cdef int rank = 0
    if not isinstance(items, (tuple, list)) or len(items) > MAX_DIMS:
        return None
    if not (generator is None or type(generator) is Generator):
        return None
    for item in items:
        if type(item) is not int or not 0 <= item < 1 << 62:
            return None
        dims[rank] = item
        rank += 1
    out = empty_c(code, rank, dims)
    out.inference = thread_state().inference
    return out


def draw_new(int kind, tuple size, dtype, double a, double b, generator):
    """A new tensor of samples, or None if the arguments are not the plain ones.

    Plain are: sizes as ints or as one tuple or list of them, none negative; a
    floating point dtype or None; a generator or None.
    """
    cdef int64_t steps[MAX_DIMS]
    cdef int code = default_code() if dtype is None else code_of(dtype)
    cdef Draw d
    cdef Span span
    cdef TensorBase out
    if code < F16 or not size or thread_state().modes:
        return None
    out = plain_new(
        code, size[0] if len(size) == 1 and type(size[0]) is not int else size,
        generator)
    if out is None:
        return None
    span = span_of(out, steps)
    d.kind = kind
    d.a = a
    d.b = b
    draw(default_c() if generator is None else <Generator>generator, &d, &span, 0, NULL)
    return out


def draw_new_integers(tuple args, generator):
    """``randint`` of plain arguments into a new int64 tensor, else None."""
    cdef int64_t steps[MAX_DIMS]
    cdef object low = 0
    cdef object high
    cdef Draw d
    cdef Span span
    cdef TensorBase out
    if len(args) == 3:
        low, high, size = args
    elif len(args) == 2:
        high, size = args
    else:
        return None
    if not (type(low) is int and type(high) is int
            and -(1 << 63) <= low < high < 1 << 63):
        return None
    if thread_state().modes:
        return None
    out = plain_new(I64, size, generator)
    if out is None:
        return None
    span = span_of(out, steps)
    d.kind = INTEGER
    d.base = low
    d.span = <uint64_t>(high - low)
    draw(default_c() if generator is None else <Generator>generator, &d, &span, 0, NULL)
    return out


def draw_in_place(int kind, TensorBase t, double a, double b, generator, str name):
    """Fill a floating point tensor if autograd has nothing to say; whether it did."""
    cdef int64_t steps[MAX_DIMS]
    cdef Draw d
    cdef Span span
    if (t.code < F16 or not t.is_contig or needs_grad(t) or t.storage.readonly
            or (thread_state().modes and moded(t))
            or not (generator is None or type(generator) is Generator)):
        return False
    check_inplace(t, False)
    span = span_of(t, steps)
    d.kind = kind
    d.a = a
    d.b = b
    draw(default_c() if generator is None else <Generator>generator, &d, &span, 0, NULL)
    finish_inplace(t, None, name)
    return True


def fill_integers(TensorBase out, uint64_t count, int64_t base,
                  Generator generator=None):
    """Fill a tensor with integers in [base, base + count); 0 stands for 2**64."""
    cdef int64_t steps[MAX_DIMS]
    cdef Span span
    cdef Draw d
    if thread_state().modes:
        out = physical(out)
    span = span_of(out, steps)
    d.kind = INTEGER
    d.span = count
    d.base = base
    draw(default_c() if generator is None else generator, &d, &span, 0, NULL)


def fill_each(int kind, TensorBase out, TensorBase a, TensorBase b=None,
              Generator generator=None, double low=0.0, double high=0.0):
    """Fill a tensor with samples whose parameters are the elements of tensors.

    The operands have the shape of `out`, maybe with strides of zero.
    """
    cdef int64_t steps[3][MAX_DIMS]
    cdef Span span = span_of(out, steps[0])
    cdef Span inputs[2]
    cdef Draw d
    d.kind = kind
    d.a = low
    d.b = high
    inputs[0] = span_of(a, steps[1])
    if b is not None:
        inputs[1] = span_of(b, steps[2])
    draw(default_c() if generator is None else generator, &d, &span,
         1 if b is None else 2, inputs)


def fill_permutation(TensorBase out, Generator generator=None):
    """Fill a vector with the numbers below its size in random order."""
    cdef int64_t steps[MAX_DIMS]
    cdef Span span
    if thread_state().modes and out._batch is not None:
        # One permutation for each example, in order.
        for i in range((<TensorBase>physical(out)).sizes[0]):
            fill_permutation(physical(out)[i], generator)
        return
    span = span_of(out, steps)
    draw_permutation(default_c() if generator is None else generator, &span)


def fill_choices(TensorBase out, TensorBase weights, int64_t n_sample,
                 Generator generator=None):
    """Fill a contiguous int64 tensor with indices drawn with replacement.

    Each row of `weights` (one or two dimensions) gives `n_sample` indices.
    """
    cdef int64_t steps[MAX_DIMS]
    cdef Span span = span_of(weights, steps)
    draw_choices(default_c() if generator is None else generator,
                 <int64_t*> out.data_, &span, n_sample)


def fill_race(TensorBase out, TensorBase weights, TensorBase times, int64_t k):
    """Fill a contiguous int64 tensor with the places of the largest quotients.

    `weights` and `times` (positive) have the same shape, of one or two dimensions.
    """
    cdef int64_t steps[2][MAX_DIMS]
    cdef Span top = span_of(weights, steps[0])
    cdef Span bottom = span_of(times, steps[1])
    draw_race(<int64_t*> out.data_, &top, &bottom, k)


cdef class ZeroNode(Node):
    """Graph node of random samples: what they were drawn from gets a gradient of 0.

    Subclasses carry PyTorch's names for the operations.
    """

    cdef readonly list shapes  # of the inputs, None for one that is not there
    cdef list codes            # their dtypes, -1 where no gradient is needed

    def name(self):
        """Name of the operation, e.g. ``'UniformBackward0'``."""
        return type(self).__name__

    def __repr__(self):
        return f"<{type(self).__name__} object at {hex(id(self))}>"

    cdef object apply(self, object g):
        cdef list found = []
        cdef TensorBase zeros
        cdef int64_t dims[MAX_DIMS]
        cdef int i
        for i in range(len(self.shapes)):
            if <int>self.codes[i] < 0:
                found.append(None)
                continue
            zeros = empty_c(self.codes[i], dims_from(self.shapes[i], dims), dims)
            memset(zeros.data_, 0, zeros.count * ITEMSIZE[zeros.code])
            found.append(zeros)
        return found[0] if len(found) == 1 else found


def zero_node(type cls, *inputs):
    """A node of class `cls` with an edge to each input."""
    cdef ZeroNode node = cls()
    cdef int i
    cdef TensorBase t
    node.seq = next_seq()
    node.n_out = 1
    node.shapes = []
    node.codes = []
    for i, item in enumerate(inputs):
        t = item
        node.shapes.append(None if t is None else dims_tuple(t.rank, t.sizes))
        if t is not None and needs_grad(t):
            add_edge(node, i, t)
            node.codes.append(t.code)
        else:
            set_edge(node, i, None, 0)
            node.codes.append(-1)
    return node


def _set_history(TensorBase out, ZeroNode node):
    """Let `node` be what made `out`."""
    out.fn = node
    out.output_nr = 0
