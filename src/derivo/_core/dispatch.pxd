from cpython.object cimport PyObject
from derivo._core._types cimport (
    MAX_DIMS, MAX_OPERANDS, Scalar, int8_t, int64_t, kernel_t, uint32_t, uint64_t,
)
from derivo._core.tensor cimport Node, TensorBase, derivo_pool

# An elementwise loop: `ndim` dimensions, the fastest first, over `nops` operands
# (outputs before inputs), strides in bytes.
cdef struct Loop:
    int nops
    int ndim
    int split
    kernel_t kernel
    int64_t sizes[64]
    int64_t steps[10][64]
    char* ptrs[10]
    # Operands that lie across (see _run_tiles), a bit each, and their elements' bytes.
    int across
    int widths[10]

# What is known of an operation on one kind of plain operands (see `quick`).
cdef struct Quick:
    kernel_t kernel
    int result
    int compute

cdef class BackwardPlan:
    cdef readonly object call      # computes the gradients that are not trivial
    cdef ElementwiseOp op          # the same, if it is one kernel
    cdef int n_made                # gradients that it gives
    cdef readonly tuple sources
    cdef readonly tuple results
    cdef int n_sources
    cdef int n_results
    cdef bint keeps                # whether operands or results are among the sources
    cdef int kinds[10]
    cdef int indices[10]
    cdef int outs[10]
    cdef BackwardPlan strong       # the variant in which a zero gradient wins

cdef class ElementwiseOp:
    cdef readonly str name
    cdef readonly int nin
    cdef readonly int nparams
    cdef readonly int nout
    cdef readonly str promote
    cdef readonly str node_name
    cdef readonly object spec
    cdef readonly type node_type
    cdef derivo_pool* pool       # of its nodes
    cdef Quick* quick            # by kind of operands and dtype; NULL: never quick
    cdef void* vectorcall
    cdef int rule
    cdef int first_promoted      # operands before it keep their own dtype
    cdef int tensors_only        # mask of operands that may not be numbers
    cdef int on_complex          # 0: refused, 1: complex result, 2: real result
    cdef bint differentiable
    cdef list plans              # by mask of inputs that need a gradient
    cdef list forward_plans      # forward mode's; see _core.forward
    cdef uint64_t* keys
    cdef kernel_t* kernels
    cdef int capacity
    cdef int filled

    cdef kernel_t find(self, uint64_t key) noexcept
    cdef int insert(self, uint64_t key, kernel_t kernel) except -1
    cdef BackwardPlan plan(self, int mask, bint is_complex)
    cdef kernel_t kernel_for(self, uint64_t key) except NULL

cdef object run(ElementwiseOp op, PyObject** argv, int n, TensorBase out, bint inplace)
cdef object call1(ElementwiseOp op, object a)
cdef object call2(ElementwiseOp op, object a, object b)
cdef int copy_into(TensorBase dst, TensorBase src) except -1
cdef TensorBase cast_to(TensorBase t, int code)
cdef TensorBase clone_c(TensorBase t)
cdef TensorBase contiguous_c(TensorBase t)
cdef int promote_codes(int a, int b) noexcept
cdef int run_loop(Loop* loop, int64_t count) noexcept
cdef int check_inplace(TensorBase t, bint recorded) except -1
cdef int finish_inplace(TensorBase t, Node node, str name) except -1
cdef TensorBase sum_to(TensorBase g, tuple shape)
cdef object add_c(object a, object b)
cdef int iadd_c(TensorBase a, TensorBase b) except -1
cdef object second_time_error(Node node=*)
cdef object modified_error(Node node, TensorBase t, uint32_t saved)
cdef bint _dense(TensorBase t) noexcept
cdef bint overlaps_itself(TensorBase t) noexcept
cdef str creation_message(TensorBase t, bint indirect)
