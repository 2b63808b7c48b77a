from cpython.object cimport PyObject
from derivo._core._types cimport (
    INLINE_DIMS, Scalar, int8_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t,
)
from derivo._core.memory cimport Storage

cdef extern from "pool.h":
    ctypedef struct derivo_pool:
        Py_ssize_t used
        void (*before)(PyObject*) noexcept
    object derivo_fresh(derivo_pool* pool, type cls)

cdef class DType:
    cdef readonly int code
    cdef readonly int itemsize
    cdef readonly str name
    cdef readonly bint is_floating_point
    cdef readonly bint is_complex
    cdef readonly bint is_signed

cdef class Node

# How a view came to be; decides whether it may be changed in place.
cdef enum Creation:
    PLAIN = 0
    IN_NO_GRAD = 1
    MULTI_OUTPUT = 2
    CUSTOM_FUNCTION = 3
    IN_INFERENCE = 4

cdef class TensorBase:
    cdef char* data_               # first element
    cdef int64_t* sizes            # rank entries, in elements
    cdef int64_t* steps            # strides, in elements
    cdef int64_t inline_dims[10]
    cdef int64_t count             # number of elements
    cdef Storage storage
    cdef int8_t code               # dtype
    cdef int8_t rank
    cdef bint is_contig
    cdef bint leaf_grad            # requires_grad of a leaf
    cdef bint inference
    cdef bint retains
    cdef uint8_t creation
    cdef int output_nr
    cdef uint32_t attr_version     # storage version at which `fn` of a view is current
    cdef Node fn
    cdef TensorBase base           # root of a chain of views
    cdef object grad_
    cdef void* accumulator         # live AccumulateGrad of a leaf, not owned
    cdef object hooks              # of a leaf
    cdef object post_hooks         # post-accumulate-grad hooks of a leaf
    cdef bytes long_dims           # memory of sizes and steps beyond INLINE_DIMS
    # What transforms know of the tensor; None but inside them (see derivo.func).
    cdef public object _tangents   # forward mode: level -> tangent
    cdef public object _batch      # vmap: the tensor with the hidden dimension
    cdef dict __dict__
    cdef object __weakref__

cdef class Node:
    cdef uint64_t seq
    cdef int n_out                 # outputs of the forward operation
    cdef int n_edges
    # Ends of the first edges: a node, or a leaf whose node nobody has asked for yet.
    cdef object e0
    cdef object e1
    cdef object e2
    cdef int nr0                   # output numbers; LEAF: the end is the leaf itself
    cdef int nr1
    cdef int nr2
    cdef list more                 # further edges: (end or None, output number)
    # Engine scratch, valid while `task` is the running task.
    cdef int64_t task
    cdef int dependencies
    cdef bint buffer_owned
    cdef object buffer             # gradient, or list of gradients if n_out > 1
    cdef NodeHooks hooks
    cdef dict meta
    cdef object where              # the user's code object that made the node ...
    cdef int where_at              # ... and the offset of the instruction in it
    cdef object __weakref__

    cdef object apply(self, object g)
    cdef void release_saved(self) noexcept
    cdef int hidden_edges(self) noexcept

cdef class NodeHooks:
    cdef dict tensor               # output number -> {id: hook}
    cdef dict retain               # output number -> weak reference of tensor
    cdef dict pre
    cdef dict post

# What a thread does beside the ordinary; as in the Python files that set the bits.
cdef enum ThreadFlag:
    PACKS_SAVED = 1        # hooks pack what nodes save
    WATCHES_WRITES = 2     # a copy is kept of what is changed in place
    KEEPS_LAYOUT = 4       # gradients keep the layout they come in
    ZERO_WINS = 8          # a zero gradient gives zero, whatever it meets
    WATCHES_OPS = 16       # operations that no transform follows are handed over, too

ctypedef struct ThreadState:
    int grad_enabled
    int inference
    int modes                      # active interceptors (recording, vmap, ...)
    int in_backward
    int trace_lines
    int no_forward                 # tangents are not passed on
    int flags                      # of ThreadFlag
    void* task                     # the backward pass that this thread runs
    void* node                     # and in anomaly mode the node

cdef int anomaly_mode

cdef ThreadState* thread_state() noexcept nogil
cdef derivo_pool* use_pool(type cls) except NULL
cdef void note_line(Node node) noexcept

cdef int ITEMSIZE[12]
cdef DType dtype_of(int code)
cdef int code_of(object dtype) except -1
cdef int default_code() noexcept

cdef TensorBase make(Storage storage, char* data, int code, int rank,
                     const int64_t* sizes, const int64_t* steps)
cdef TensorBase make_as(type cls, Storage storage, char* data, int code, int rank,
                        const int64_t* sizes, const int64_t* steps)
cdef TensorBase empty_c(int code, int rank, const int64_t* sizes)
cdef TensorBase like_c(TensorBase source, int code)
cdef type tensor_class()
cdef TensorBase empty_strided_c(int code, int rank, const int64_t* sizes,
                                const int64_t* steps)
cdef TensorBase alias(TensorBase source, int rank, const int64_t* sizes,
                      const int64_t* steps, int64_t offset)
cdef TensorBase shallow(TensorBase source)
cdef TensorBase view_of(TensorBase source, int rank, const int64_t* sizes,
                        const int64_t* steps, int64_t offset)
cdef bint needs_grad(TensorBase t) noexcept
cdef Node grad_fn_of(TensorBase t)
cdef enum:
    LEAF = -1
cdef void set_edge(Node node, int index, object end, int nr) noexcept
cdef int add_edge(Node node, int index, TensorBase t) except -1
cdef tuple edge_at(Node node, int index)
cdef Node settle(Node node, int index, int* nr)

cdef inline Node target_of(Node node, int index, int* nr):
    """The node behind an edge, and the number of its output."""
    cdef tuple pair
    if index == 0:
        nr[0] = node.nr0
        return settle(node, index, nr) if nr[0] == LEAF else <Node>node.e0
    if index == 1:
        nr[0] = node.nr1
        return settle(node, index, nr) if nr[0] == LEAF else <Node>node.e1
    if index == 2:
        nr[0] = node.nr2
        return settle(node, index, nr) if nr[0] == LEAF else <Node>node.e2
    pair = <tuple>node.more[index - 3]
    nr[0] = pair[1]
    return settle(node, index, nr) if nr[0] == LEAF else <Node>pair[0]
cdef Node accumulator_for(TensorBase leaf)
cdef int dims_from(object value, int64_t* out) except -1
cdef int check_dim(object dim, int rank) except -1
cdef int set_requires_grad(TensorBase t, object value) except -1
cdef tuple dims_tuple(int rank, const int64_t* dims)
cdef bint same_shape(TensorBase a, TensorBase b) noexcept
cdef uint64_t next_seq() noexcept
cdef NodeHooks hooks_of(Node node)
cdef int retain_at(TensorBase t) except -1
cdef int note_write(TensorBase t, str name) except -1
cdef bint moded(TensorBase t) noexcept
cdef bint transformed(TensorBase t) noexcept
cdef object mode_call(str kind, object op, tuple args)
cdef TensorBase physical(TensorBase t)
cdef TensorBase wrap_c(TensorBase t, object frame, int level, bint batched)
cdef TensorBase wrap_view_c(TensorBase t, object frame, int level, bint batched,
                            TensorBase source)
cdef int attach_c(TensorBase out, TensorBase t, object frame, int level,
                  bint batched) except -1
cdef int readable(TensorBase t, str what) except -1

cdef class Batch:
    cdef readonly TensorBase tensor
    cdef readonly object frame
    cdef readonly int level
    cdef readonly bint batched

# Set by modules that stand on this one.
ctypedef object (*binary_t)(int which, object a, object b)
ctypedef Node (*accumulator_t)(TensorBase leaf, uint64_t seq)
ctypedef Node (*regenerate_t)(TensorBase view)
cdef void set_hooks(binary_t binary, accumulator_t accumulator,
                    regenerate_t regenerate) noexcept
ctypedef int (*get_buffer_t)(TensorBase t, Py_buffer* view, int flags) except -1
ctypedef void (*release_buffer_t)(Py_buffer* view) noexcept
cdef void set_buffer_hooks(get_buffer_t get, release_buffer_t release) noexcept
