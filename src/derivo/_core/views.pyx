"""Views: other sizes, strides and offset on the same storage, and their nodes.

Each view operation knows its geometry and its transpose, which is what its node runs:
a view of the gradient where there is one (permute, reshape, unsqueeze ...), a sum for
expand, and for select, slice and diagonal a gradient of zeros into which the incoming
one is written.
"""

cimport cython
from libc.string cimport memcpy

from derivo._core._types cimport *
from derivo._core.elementwise cimport sum_to
from derivo._core.tensor cimport (
    ITEMSIZE, Node, TensorBase, add_edge, alias, check_dim,
    dims_from, dims_tuple, mode_call, moded, needs_grad, next_seq, note_line,
    note_write, set_edge, thread_state, use_pool, view_of, derivo_fresh, derivo_pool,
)

from derivo._core.tensor import _set_data

cdef dict _callbacks = {}


def set_callbacks(**functions):
    """Set the Python functions that views fall back on."""
    _callbacks.update(functions)


cdef enum Kind:
    VIEW = 0
    PERMUTE = 1
    TRANSPOSE = 2
    EXPAND = 3
    SQUEEZE = 4
    UNSQUEEZE = 5
    SELECT = 6
    SLICE = 7
    DIAGONAL = 8
    UNFOLD = 9
    ALIAS = 10
    AS_STRIDED = 11


@cython.trashcan(True)
cdef class ViewNode(Node):
    """Graph node of a view operation."""

    cdef int kind
    cdef int rank                 # of the input
    cdef int64_t a, b, c, d
    cdef tuple shape              # of the input
    cdef object extra             # permutation, or strides of as_strided

    @property
    def _facts(self):
        """(kind, the numbers that it was called with, shape of the input, more)."""
        return (self.kind, (self.a, self.b, self.c, self.d), self.shape, self.extra)

    cdef object apply(self, object g):
        cdef TensorBase t = <TensorBase>g
        cdef int64_t dims[64]
        cdef int i
        if self.kind == VIEW or self.kind == SQUEEZE:
            dims_from(self.shape, dims)
            return reshape_c(t, self.rank, dims)
        if self.kind == TRANSPOSE:
            return transpose_c(t, <int>self.a, <int>self.b)
        if self.kind == UNSQUEEZE:
            return squeeze_c(t, <int>self.a)
        if self.kind == EXPAND:
            return sum_to(t, self.shape)
        if self.kind == PERMUTE:
            for i in range(self.rank):
                dims[<int>(<tuple>self.extra)[i]] = i
            return permute_c(t, self.rank, dims)
        if self.kind == ALIAS:
            return g
        if self.kind == SELECT:
            return _callbacks["select_backward"](g, self.shape, self.a, self.b)
        if self.kind == SLICE:
            return _callbacks["slice_backward"](
                g, self.shape, self.a, self.b, self.c, self.d)
        if self.kind == DIAGONAL:
            return _callbacks["diagonal_backward"](
                g, self.shape, self.a, self.b, self.c)
        if self.kind == UNFOLD:
            return _callbacks["unfold_backward"](
                g, self.shape, self.a, self.b, self.c)
        strides, offset, sizes, base_strides, base_offset, _ = self.extra
        return _callbacks["as_strided_backward"](
            g, self.shape, base_strides, base_offset, sizes, strides, offset)


cdef dict _types = {}
cdef list _hot = [None] * 16


cdef derivo_pool* _pool = NULL


cdef type node_type(str name):
    global _pool
    found = _types.get(name)
    if found is None:
        found = type(name, (ViewNode,), {"__slots__": ()})
        _pool = use_pool(<type>found)
        _types[name] = found
    return <type>found


cdef ViewNode record(TensorBase out, TensorBase source, int kind, str name,
                     int64_t a=0, int64_t b=0, int64_t c=0, int64_t d=0):
    """Hang the node of a view on `out`; the caller has checked that it is wanted."""
    cdef ViewNode node = <ViewNode>derivo_fresh(_pool, node_type(name))
    node.seq = next_seq()
    note_line(node)
    node.n_out = 1
    node.kind = kind
    node.rank = source.rank
    node.shape = dims_tuple(source.rank, source.sizes)
    node.a = a
    node.b = b
    node.c = c
    node.d = d
    add_edge(node, 0, source)
    out.fn = node
    return node


cdef inline bint followed(TensorBase t) noexcept:
    """Whether a transform takes over the view of `t`."""
    return thread_state().modes and moded(t)


cdef inline bint recording(TensorBase t) except -1:
    return thread_state().grad_enabled and needs_grad(t)


# ---------------------------------------------------------------- reshaping

cdef bint view_strides(TensorBase t, int rank, const int64_t* sizes,
                       int64_t* steps) noexcept:
    """Strides that give `t` other sizes without a copy; False if there are none."""
    cdef int d = rank - 1, k
    cdef int64_t base, chunk = 1, filled = 1
    if t.count == 0 or t.is_contig:
        chunk = 1
        for k in range(rank - 1, -1, -1):
            steps[k] = chunk
            chunk *= sizes[k] if sizes[k] > 1 else 1
        return True
    if t.rank == 0:
        for k in range(rank):
            steps[k] = 1
        return True
    # Walk the old dimensions from the last in runs that lie as one in memory.
    base = t.steps[t.rank - 1]
    for k in range(t.rank - 1, -1, -1):
        chunk *= t.sizes[k]
        if k == 0 or (t.sizes[k - 1] != 1
                      and t.steps[k - 1] != chunk * base):
            while d >= 0 and (filled < chunk or sizes[d] == 1):
                steps[d] = filled * base
                filled *= sizes[d]
                d -= 1
            if filled != chunk:
                return False
            if k > 0:
                base = t.steps[k - 1]
                chunk = 1
                filled = 1
    return d < 0


cdef int infer(TensorBase t, int rank, int64_t* sizes) except -1:
    """Replace a -1 and check that the number of elements agrees."""
    cdef int64_t n = 1
    cdef int d, hole = -1
    for d in range(rank):
        if sizes[d] == -1:
            if hole >= 0:
                raise RuntimeError("[view] only one dimension can be inferred.")
            hole = d
        elif sizes[d] < 0:
            raise RuntimeError(f"[view] invalid shape dimension {sizes[d]}.")
        else:
            n *= sizes[d]
    if hole >= 0:
        if n == 0:
            raise RuntimeError(
                f"[view] cannot reshape tensor of 0 elements into shape "
                f"{list(dims_tuple(rank, sizes))} because the unspecified dimension "
                "size -1 can be any value and is ambiguous."
            )
        if t.count % n == 0:
            sizes[hole] = t.count // n
            return 0
    elif n == t.count:
        return 0
    raise RuntimeError(
        f"[view] shape '{list(dims_tuple(rank, sizes))}' is invalid for input of size "
        f"{t.count}."
    )


cdef int size_arguments(tuple size, int64_t* dims) except -1:
    # Sizes one by one, or one sequence of them.
    if len(size) == 1 and not isinstance(size[0], int):
        if isinstance(size[0], TensorBase) and (<TensorBase>size[0]).rank == 0:
            dims[0] = size[0].__index__()
            return 1
        return dims_from(size[0], dims)
    return dims_from(size, dims)


cdef TensorBase plain_view(TensorBase t, int rank, const int64_t* sizes,
                           const int64_t* steps, str name):
    cdef TensorBase out = view_of(t, rank, sizes, steps, 0)
    if recording(t):
        record(out, t, VIEW, name)
    return out


def view(TensorBase self, *size):
    """View the elements, in their order, with other sizes.

    Parameters
    ----------
    *size : int
        New sizes, one of which may be -1 (inferred); or a dtype, to read the same
        memory as another type.

    Returns
    -------
    Tensor
        On the same storage.

    Raises
    ------
    RuntimeError
        If the number of elements differs, or the strides allow no such view.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(6).view(2, 3)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef int rank
    if len(size) == 1 and type(size[0]).__name__ == "DType":
        return _callbacks["view_dtype"](self, size[0])
    if not size:
        raise TypeError("[view] received no arguments: expected sizes or a dtype.")
    rank = size_arguments(size, dims)
    infer(self, rank, dims)
    if followed(self):
        return mode_call("function", view, (self, dims_tuple(rank, dims)))
    if not view_strides(self, rank, dims, steps):
        raise RuntimeError(
            "[view] view size is not compatible with input tensor's size and stride "
            "(at least one dimension spans across two contiguous subspaces). Use "
            ".reshape(...) instead."
        )
    return plain_view(self, rank, dims, steps, "ViewBackward0")


cdef TensorBase reshape_c(TensorBase t, int rank, const int64_t* sizes):
    """Reshape to sizes that fit: a view if possible, else of a copy."""
    cdef int64_t steps[64]
    if followed(t):
        return mode_call("function", reshape, (t, dims_tuple(rank, sizes)))
    if view_strides(t, rank, sizes, steps):
        return plain_view(t, rank, sizes, steps, "ViewBackward0" if t.is_contig
                          else "ReshapeAliasBackward0")
    t = <TensorBase>_callbacks["contiguous"](t)
    view_strides(t, rank, sizes, steps)
    # The copy is nobody else's: not a view for in-place changes.
    cdef TensorBase out = alias(t, rank, sizes, steps, 0)
    if recording(t):
        record(out, t, VIEW, "UnsafeViewBackward0")
    return out


def reshape(TensorBase input, *shape):
    """Give the elements, in their order, other sizes: a view if possible, else a copy.

    Parameters
    ----------
    input : Tensor
        Any dtype.
    *shape : int
        New sizes, one of which may be -1 (inferred).

    Raises
    ------
    RuntimeError
        If the number of elements differs.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(4).reshape(2, -1)
    tensor([[0, 1],
            [2, 3]])
    """
    cdef int64_t dims[64]
    cdef int rank = size_arguments(shape, dims)
    infer(input, rank, dims)
    return reshape_c(input, rank, dims)


def flatten(TensorBase input, start_dim=0, end_dim=-1):
    """Merge the dimensions from `start_dim` to `end_dim` into one.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    start_dim, end_dim : int
        First and last dimension to merge.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3, 4).flatten(1).shape
    torch.Size([2, 12])
    """
    cdef int64_t dims[64]
    cdef int first, last, d, rank = 0
    if input.rank == 0:
        dims[0] = 1
        return reshape_c(input, 1, dims)
    first = check_dim(start_dim, input.rank)
    last = check_dim(end_dim, input.rank)
    if first > last:
        raise RuntimeError(
            "[flatten] flatten() has invalid args: start_dim cannot come after "
            f"end_dim, got start_dim={start_dim}, end_dim={end_dim}."
        )
    if first == last:
        return input
    for d in range(input.rank):
        if first < d <= last:
            dims[rank - 1] *= input.sizes[d]
        else:
            dims[rank] = input.sizes[d]
            rank += 1
    return reshape_c(input, rank, dims)


# ---------------------------------------------------------------- reordering

cdef TensorBase permute_c(TensorBase t, int rank, const int64_t* order):
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef int i
    cdef TensorBase out
    if followed(t):
        return mode_call("function", permute, (t, dims_tuple(rank, order)))
    for i in range(rank):
        dims[i] = t.sizes[order[i]]
        steps[i] = t.steps[order[i]]
    out = view_of(t, rank, dims, steps, 0)
    if recording(t):
        record(out, t, PERMUTE, "PermuteBackward0").extra = dims_tuple(rank, order)
    return out


def permute(TensorBase input, *dims):
    """Reorder the dimensions.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    *dims : int
        For each dimension of the result, which of the input it is.

    Raises
    ------
    RuntimeError
        If a dimension is missing or repeated.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3, 4).permute(2, 0, 1).shape
    torch.Size([4, 2, 3])
    """
    cdef int64_t order[64]
    cdef int rank = size_arguments(dims, order), i, j
    if rank != input.rank:
        raise RuntimeError(
            f"[permute] permute(sparse_coo): number of dimensions in the tensor input "
            f"does not match the length of the desired ordering of dimensions i.e. "
            f"input.dim() = {input.rank} is not equal to len(dims) = {rank}."
        )
    for i in range(rank):
        order[i] = check_dim(order[i], rank)
        for j in range(i):
            if order[j] == order[i]:
                raise RuntimeError(
                    "[permute] permute(): duplicate dims are not allowed, got "
                    f"dims={dims}."
                )
    return permute_c(input, rank, order)


cdef TensorBase transpose_c(TensorBase t, int a, int b):
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef TensorBase out
    if followed(t):
        return mode_call("function", transpose, (t, a, b))
    memcpy(dims, t.sizes, t.rank * sizeof(int64_t))
    memcpy(steps, t.steps, t.rank * sizeof(int64_t))
    if t.rank:
        dims[a], dims[b] = dims[b], dims[a]
        steps[a], steps[b] = steps[b], steps[a]
    out = view_of(t, t.rank, dims, steps, 0)
    if recording(t):
        record(out, t, TRANSPOSE, "TransposeBackward0", a, b)
    return out


def transpose(TensorBase input, dim0, dim1):
    """Swap two dimensions.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim0, dim1 : int
        The dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3).transpose(0, 1).shape
    torch.Size([3, 2])
    """
    cdef int span = input.rank if input.rank else 1
    return transpose_c(input, check_dim(dim0, span), check_dim(dim1, span))


def t(TensorBase input):
    """Transpose a matrix (tensors of less dimensions stay as they are).

    Raises
    ------
    RuntimeError
        For tensors of more than two dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(2, 3).t().shape
    torch.Size([3, 2])
    """
    cdef TensorBase out
    cdef int64_t dims[2]
    cdef int64_t steps[2]
    if input.rank > 2:
        raise RuntimeError(
            f"[t] t() expects a tensor with <= 2 dimensions, but self is {input.rank}D."
        )
    if followed(input):
        return mode_call("function", t, (input,))
    if input.rank < 2:
        out = view_of(input, input.rank, input.sizes, input.steps, 0)
        if recording(input):
            record(out, input, ALIAS, "TBackward0")
        return out
    dims[0], dims[1] = input.sizes[1], input.sizes[0]
    steps[0], steps[1] = input.steps[1], input.steps[0]
    out = view_of(input, 2, dims, steps, 0)
    if recording(input):
        record(out, input, TRANSPOSE, "TBackward0", 0, 1)
    return out


# ---------------------------------------------------------------- sizes of one

cdef TensorBase expand_c(TensorBase t, int rank, const int64_t* sizes):
    cdef int64_t steps[64]
    cdef int64_t dims[64]
    cdef int d, k
    cdef TensorBase out
    if followed(t):
        return mode_call("function", expand, (t, dims_tuple(rank, sizes)))
    if rank < t.rank:
        raise RuntimeError(
            f"[expand] expand({list(dims_tuple(rank, sizes))}): the number of sizes "
            f"provided ({rank}) must be greater or equal to the number of dimensions "
            f"in the tensor ({t.rank})."
        )
    for d in range(rank):
        k = d - (rank - t.rank)
        dims[d] = sizes[d]
        if k < 0:
            if dims[d] < 0:
                raise RuntimeError(
                    f"[expand] The expanded size of the tensor ({dims[d]}) isn't "
                    f"allowed in a leading, non-existing dimension {d}."
                )
            steps[d] = 0
        elif dims[d] == -1 or dims[d] == t.sizes[k]:
            dims[d] = t.sizes[k]
            steps[d] = t.steps[k]
        elif t.sizes[k] == 1:
            steps[d] = 0
        else:
            raise RuntimeError(
                f"[expand] The expanded size of the tensor ({dims[d]}) must match the "
                f"existing size ({t.sizes[k]}) at non-singleton dimension {d}. Target "
                f"sizes: {list(dims_tuple(rank, sizes))}. Tensor sizes: "
                f"{list(dims_tuple(t.rank, t.sizes))}."
            )
    # New dimensions of size one keep a plain stride.
    for d in range(rank - t.rank - 1, -1, -1):
        if dims[d] == 1:
            steps[d] = steps[d + 1] * dims[d + 1] if d + 1 < rank else 1
    out = view_of(t, rank, dims, steps, 0)
    if recording(t):
        record(out, t, EXPAND, "ExpandBackward0")
    return out


def expand(TensorBase self, *size, implicit=False):
    """Repeat dimensions of size one without copying.

    Parameters
    ----------
    *size : int
        New sizes; -1 keeps one. May have more dimensions in front.

    Raises
    ------
    RuntimeError
        If a dimension is neither of size one nor of the wanted size.

    Examples
    --------
    >>> import derivo
    >>> derivo.ones(2, 1).expand(2, 3).stride()
    (1, 0)
    """
    cdef int64_t dims[64]
    return expand_c(self, size_arguments(size, dims), dims)


cdef TensorBase unsqueeze_c(TensorBase t, int dim):
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef int d
    cdef TensorBase out
    if followed(t):
        return mode_call("function", unsqueeze, (t, dim))
    if t.rank >= 63:
        raise RuntimeError("[unsqueeze] tensors have at most 64 dimensions.")
    for d in range(dim):
        dims[d] = t.sizes[d]
        steps[d] = t.steps[d]
    dims[dim] = 1
    steps[dim] = t.sizes[dim] * t.steps[dim] if dim < t.rank else 1
    for d in range(dim, t.rank):
        dims[d + 1] = t.sizes[d]
        steps[d + 1] = t.steps[d]
    out = view_of(t, t.rank + 1, dims, steps, 0)
    if recording(t):
        record(out, t, UNSQUEEZE, "UnsqueezeBackward0", dim)
    return out


def unsqueeze(TensorBase input, dim):
    """Insert a dimension of size one.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int
        Where, in the result.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(3).unsqueeze(0).shape
    torch.Size([1, 3])
    """
    return unsqueeze_c(input, check_dim(dim, input.rank + 1))


cdef TensorBase squeeze_c(TensorBase t, int dim):
    # Without dimension `dim` if that has size one.
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef int d, rank = 0
    cdef TensorBase out
    if followed(t):
        return mode_call("function", squeeze, (t, dim))
    for d in range(t.rank):
        if d == dim and t.sizes[d] == 1:
            continue
        dims[rank] = t.sizes[d]
        steps[rank] = t.steps[d]
        rank += 1
    out = view_of(t, rank, dims, steps, 0)
    if recording(t):
        record(out, t, SQUEEZE, "SqueezeBackward1", dim)
    return out


def squeeze(TensorBase input, dim=None):
    """Remove dimensions of size one.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int or tuple of int, optional
        Only these; all if not given.

    Examples
    --------
    >>> import derivo
    >>> derivo.zeros(1, 2, 1).squeeze().shape
    torch.Size([2])
    """
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef int d, rank = 0
    cdef bint drop[64]
    cdef TensorBase out
    cdef tuple along = None
    if dim is not None and not isinstance(dim, (tuple, list)):
        return squeeze_c(input, check_dim(dim, input.rank if input.rank else 1))
    if followed(input):
        return mode_call("function", squeeze, (input, dim))
    for d in range(input.rank):
        drop[d] = dim is None
    if dim is not None:
        along = tuple([check_dim(d, input.rank if input.rank else 1) for d in dim])
        for d in along:
            if d < input.rank:
                drop[d] = True
    for d in range(input.rank):
        if drop[d] and input.sizes[d] == 1:
            continue
        dims[rank] = input.sizes[d]
        steps[rank] = input.steps[d]
        rank += 1
    out = view_of(input, rank, dims, steps, 0)
    if recording(input):
        record(out, input, SQUEEZE, "SqueezeBackward0" if along is None
               else "SqueezeBackward2").extra = along
    return out


# ---------------------------------------------------------------- parts

cdef TensorBase select_c(TensorBase t, int dim, int64_t index):
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef int64_t at = index
    cdef int d, rank = 0
    cdef TensorBase out
    if at < -t.sizes[dim] or at >= t.sizes[dim]:
        raise IndexError(
            f"[select] select(): index {index} out of range for tensor of size "
            f"{list(dims_tuple(t.rank, t.sizes))} at dimension {dim}; index {index} is "
            f"out of bounds for dimension {dim} with size {t.sizes[dim]}."
        )
    if at < 0:
        at += t.sizes[dim]
    if followed(t):
        return mode_call("function", select, (t, dim, at))
    for d in range(t.rank):
        if d != dim:
            dims[rank] = t.sizes[d]
            steps[rank] = t.steps[d]
            rank += 1
    out = view_of(t, rank, dims, steps, at * t.steps[dim])
    if recording(t):
        record(out, t, SELECT, "SelectBackward0", dim, at)
    return out


def select(TensorBase input, dim, index):
    """Take one entry of a dimension, which disappears.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    dim : int
        The dimension.
    index : int
        Which entry.

    Raises
    ------
    IndexError
        If dimension or index are out of range.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([[1, 2], [3, 4]]).select(0, 1)
    tensor([3, 4])
    """
    if input.rank == 0:
        raise IndexError("[select] select() cannot be applied to a 0-dim tensor.")
    if not isinstance(index, int):
        index = index.__index__()
    return select_c(input, check_dim(dim, input.rank), index)


cdef TensorBase slice_c(TensorBase t, int dim, int64_t start, int64_t stop,
                        int64_t step):
    """Entries start, start + step, ... before stop; both already within bounds."""
    cdef int64_t dims[64]
    cdef TensorBase out
    cdef int64_t steps[64]
    if followed(t):
        return mode_call("function", _slice, (t, dim, start, stop, step))
    memcpy(dims, t.sizes, t.rank * sizeof(int64_t))
    memcpy(steps, t.steps, t.rank * sizeof(int64_t))
    dims[dim] = (stop - start + step - 1) // step if stop > start else 0
    steps[dim] = t.steps[dim] * step
    out = view_of(t, t.rank, dims, steps, start * t.steps[dim])
    if recording(t):
        record(out, t, SLICE, "SliceBackward0", dim, start, stop, step)
    return out


def narrow(TensorBase input, dim, start, length):
    """Take `length` entries of a dimension from `start` on.

    Parameters
    ----------
    input : Tensor
        At least one dimension.
    dim : int
        The dimension.
    start : int or 0-d Tensor
        First entry.
    length : int
        How many.

    Raises
    ------
    RuntimeError, IndexError
        If they do not lie within the dimension.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(5).narrow(0, 1, 3)
    tensor([1, 2, 3])
    """
    cdef int d
    cdef int64_t first, n = length, size
    if input.rank == 0:
        raise RuntimeError("[narrow] narrow() cannot be applied to a 0-dim tensor.")
    d = check_dim(dim, input.rank)
    if isinstance(start, TensorBase) and (
            (<TensorBase>start).rank or not U8 <= (<TensorBase>start).code <= I64):
        raise RuntimeError(
            "[narrow] start must be an 0-dim integral Tensor, got "
            f"{start.dtype} of shape {list(start.shape)}."
        )
    first = start.__index__()
    size = input.sizes[d]
    if n < 0:
        raise RuntimeError(f"[narrow] narrow(): length must be non-negative, got {n}.")
    if first < -size or first > size:
        raise IndexError(
            f"[narrow] start out of range (expected to be in range of [{-size}, "
            f"{size}], but got {first})."
        )
    if first < 0:
        first += size
    if first + n > size:
        raise RuntimeError(
            f"[narrow] start ({first}) + length ({n}) exceeds dimension size ({size})."
        )
    return slice_c(input, d, first, first + n, 1)


def diagonal(TensorBase input, offset=0, dim1=0, dim2=1):
    """View the diagonal of two dimensions, which becomes the last dimension.

    Parameters
    ----------
    input : Tensor
        At least two dimensions.
    offset : int, default 0
        Which diagonal: above (positive) or below (negative) the main one.
    dim1, dim2 : int
        The dimensions.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([[1, 2], [3, 4]]).diagonal()
    tensor([1, 4])
    """
    cdef int a = check_dim(dim1, input.rank), b = check_dim(dim2, input.rank), d
    cdef int rank = 0
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef int64_t n, at = 0, k = offset
    cdef TensorBase out
    if a == b:
        raise RuntimeError(
            f"[diagonal] diagonal dimensions cannot be identical {dim1}, {dim2}."
        )
    if followed(input):
        return mode_call("function", diagonal, (input, k, a, b))
    if k >= 0:
        n = max(min(input.sizes[a], input.sizes[b] - k), <int64_t>0)
    else:
        n = max(min(input.sizes[a] + k, input.sizes[b]), <int64_t>0)
    if n:
        at = k * input.steps[b] if k >= 0 else -k * input.steps[a]
    for d in range(input.rank):
        if d != a and d != b:
            dims[rank] = input.sizes[d]
            steps[rank] = input.steps[d]
            rank += 1
    dims[rank] = n
    steps[rank] = input.steps[a] + input.steps[b]
    out = view_of(input, rank + 1, dims, steps, at)
    if recording(input):
        record(out, input, DIAGONAL, "DiagonalBackward0", k, a, b)
    return out


def unfold(TensorBase self, dimension, size, step):
    """View windows of one dimension; their entries become the last dimension.

    Parameters
    ----------
    dimension : int
        The dimension.
    size : int
        Length of a window.
    step : int
        Distance of windows.

    Raises
    ------
    RuntimeError
        If the window is longer than the dimension, or the step not positive.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(5).unfold(0, 3, 1)
    tensor([[0, 1, 2],
            [1, 2, 3],
            [2, 3, 4]])
    """
    cdef int dim = check_dim(dimension, self.rank if self.rank else 1)
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef int64_t n = size, s = step, length = self.sizes[dim] if self.rank else 1
    cdef int64_t stride = self.steps[dim] if self.rank else 1
    cdef TensorBase out
    if n < 0:
        raise RuntimeError(f"[unfold] size is {n} but must be >= 0.")
    if n > length:
        raise RuntimeError(
            f"[unfold] maximum size for tensor at dimension {dim} is {length} but size "
            f"is {n}."
        )
    if s <= 0:
        raise RuntimeError(f"[unfold] step is {s} but must be > 0.")
    if followed(self):
        return mode_call("function", unfold, (self, dim, n, s))
    memcpy(dims, self.sizes, self.rank * sizeof(int64_t))
    memcpy(steps, self.steps, self.rank * sizeof(int64_t))
    if self.rank:
        dims[dim] = (length - n) // s + 1
        steps[dim] = stride * s
    dims[self.rank] = n
    steps[self.rank] = stride
    out = view_of(self, self.rank + 1, dims, steps, 0)
    if recording(self):
        record(out, self, UNFOLD, "UnfoldBackward0", dim, n, s)
    return out


def alias_of(TensorBase self):
    """View of all of the tensor."""
    cdef TensorBase out
    if followed(self):
        return mode_call("function", alias_of, (self,))
    out = view_of(self, self.rank, self.sizes, self.steps, 0)
    if recording(self):
        record(out, self, ALIAS, "AliasBackward0")
    return out


cdef int64_t offset_of(TensorBase t) noexcept:
    return (t.data_ - t.storage.data) // ITEMSIZE[t.code]


def as_strided(TensorBase input, size, stride, storage_offset=None):
    """View the storage with any sizes, strides and offset (in elements).

    Parameters
    ----------
    input : Tensor
        Gives the storage.
    size, stride : sequence of int
        Geometry of the result; elements may overlap.
    storage_offset : int, optional
        From the start of the storage; that of the input if not given.

    Raises
    ------
    RuntimeError
        If the geometry leaves the storage.

    Examples
    --------
    >>> import derivo
    >>> derivo.arange(4.0).as_strided((2, 2), (1, 1))
    tensor([[0., 1.],
            [1., 2.]])
    """
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef int rank = dims_from(size, dims), d
    cdef int64_t offset = offset_of(input)
    cdef int64_t at = offset if storage_offset is None else storage_offset
    cdef int64_t last = at
    cdef TensorBase out
    cdef ViewNode node
    if followed(input):
        return mode_call("function", as_strided,
                         (input, tuple(size), tuple(stride), storage_offset))
    if dims_from(stride, steps) != rank:
        raise RuntimeError(
            f"[as_strided] mismatch in length of strides and shape: got size={size}, "
            f"stride={stride}."
        )
    for d in range(rank):
        if steps[d] < 0:
            raise RuntimeError(
                "[as_strided] as_strided: Negative strides are not supported at the "
                f"moment, got strides: {list(stride)}."
            )
        if dims[d] < 0:
            raise RuntimeError(f"[as_strided] negative size in size={list(size)}.")
        if dims[d] == 0:
            last = -1
        elif last >= 0:
            last += (dims[d] - 1) * steps[d]
    if at < 0 or (last >= 0
                  and (last + 1) * ITEMSIZE[input.code] > input.storage.nbytes):
        raise RuntimeError(
            f"[as_strided] setStorage: sizes {list(size)}, strides {list(stride)}, "
            f"storage offset {at}, and itemsize {ITEMSIZE[input.code]} requiring a "
            f"storage size of {(last + 1) * ITEMSIZE[input.code]} are out of bounds "
            f"for storage of size {input.storage.nbytes}."
        )
    out = view_of(input, rank, dims, steps, at - offset)
    if recording(input):
        node = record(out, input, AS_STRIDED, "AsStridedBackward0")
        node.extra = (tuple(stride), at, dims_tuple(rank, dims),
                      dims_tuple(input.rank, input.steps), offset, storage_offset)
    return out


def as_strided_node(TensorBase base, sizes, strides, offset):
    """Node of a stride view of `base`, for views whose history is regenerated."""
    cdef TensorBase out = view_of(base, base.rank, base.sizes, base.steps, 0)
    cdef ViewNode node = record(out, base, AS_STRIDED, "AsStridedBackward0")
    node.extra = (tuple(strides), offset, tuple(sizes),
                  dims_tuple(base.rank, base.steps), offset_of(base), offset)
    return node


def _slice(TensorBase self, dim, start, stop, step):
    """slice_c for Python, with Python's rules for bounds."""
    cdef int d = check_dim(dim, self.rank)
    first, last, by = slice(start, stop, step).indices(self.sizes[d])
    if by <= 0:
        raise ValueError("[slice] step must be greater than zero.")
    return slice_c(self, d, first, max(first, last), by)


cdef ViewNode renamed(ViewNode old, str name):
    """A node of another name for the view that `old` belongs to."""
    cdef ViewNode node = <ViewNode>derivo_fresh(_pool, node_type(name))
    node.seq = next_seq()
    note_line(node)
    node.n_out = 1
    node.kind = old.kind
    node.rank = old.rank
    node.shape = old.shape
    node.a = old.a
    node.b = old.b
    node.c = old.c
    node.d = old.d
    node.extra = old.extra
    set_edge(node, 0, old.e0, old.nr0)
    return node


def _in_place(TensorBase t, TensorBase made, str name):
    """Let `t` become `made`, a view of itself, with a node of that name."""
    cdef ViewNode node = None
    if made.fn is not None and recording(t):
        node = renamed(<ViewNode?>made.fn, name)
    _set_data(t, made, True)
    t._batch = made._batch
    t._tangents = made._tangents
    note_write(t, name)
    if node is not None:
        t.fn = node
        t.output_nr = 0
    if t.base is not None:
        # The elements are those of before: the history of the base stands.
        t.attr_version = t.storage.version
    return t


def _as_copy(TensorBase copy, TensorBase made, str name or None):
    """Let `copy`, of the view `made`, have the view's node, called `name` if given."""
    if copy.fn is not None and isinstance(made.fn, ViewNode):
        copy.fn = renamed(<ViewNode>made.fn, name or f"{type(made.fn).__name__}_copy")
    return copy
