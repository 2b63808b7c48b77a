from cpython.object cimport PyObject
from derivo._core._types cimport (
    MAX_DIMS, MAX_OPERANDS, Scalar, int8_t, int64_t, kernel_t, uint32_t, uint64_t,
)
from derivo._core.tensor cimport Node, TensorBase, derivo_pool

# Where an operand of a backward comes from.
cdef enum:
    FROM_G = 0
    FROM_IN = 1
    FROM_OUT = 2
    FROM_PARAM = 3

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
    cdef readonly int edges      # of nodes: operands that PyTorch takes as tensors
    cdef readonly int hidden     # of these, the first that are not shown
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
cdef object hang(ElementwiseOp op, object made, tuple operands, bint inplace)
cdef object call1(ElementwiseOp op, object a)
cdef object call2(ElementwiseOp op, object a, object b)
cdef object _binary(int which, object a, object b)
cdef object add_c(object a, object b)
cdef int iadd_c(TensorBase a, TensorBase b) except -1
