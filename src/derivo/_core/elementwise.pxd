from derivo._core._types cimport MAX_OPERANDS, Scalar, int8_t, uint32_t
from derivo._core.dispatch cimport BackwardPlan, ElementwiseOp
from derivo._core.launch cimport Arg
from derivo._core.tensor cimport Node, TensorBase

cdef class ElementwiseNode(Node):
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

cdef Py_ssize_t node_bytes() except -1
cdef Node make_node(ElementwiseOp op, Arg* args, int n, int mask, int compute,
                    TensorBase result, list results, bint inplace, bint alike)
cdef int save_outputs(ElementwiseNode node, list outs) except -1
cdef object second_time_error(Node node=*)
cdef object modified_error(Node node, TensorBase t, uint32_t saved)
cdef TensorBase sum_to(TensorBase g, tuple shape)
