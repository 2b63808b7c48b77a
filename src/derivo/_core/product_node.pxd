from derivo._core._types cimport int64_t, uint32_t
from derivo._core.tensor cimport Node, TensorBase, derivo_pool
from derivo._core.tiles cimport Gemm

cdef enum Form:
    MM = 0
    ADDMM = 1
    BMM = 2
    BADDBMM = 3
    MV = 4
    ADDMV = 5
    DOT = 6
    VDOT = 7

# Python functions behind derivatives of derivatives and ``out=``.
cdef dict callbacks

cdef class ProductNode(Node):
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
    # Of matrices, for who looks at the node: (rows, inner, columns), and strides.
    cdef int64_t sizes[3]
    cdef int64_t steps_a[2]
    cdef int64_t steps_b[2]

    cdef int check(self) except -1

cdef class TBackward0(Node):
    pass

cdef TensorBase matrix(int code, const int64_t* sizes, bint turned)
cdef void swap(TensorBase t, int64_t* sizes, int64_t* steps) noexcept
cdef int save(ProductNode node, TensorBase t) except -1
cdef bint lies_turned(TensorBase t) noexcept
cdef ProductNode make_node(
    int form, TensorBase c, TensorBase a, TensorBase b, TensorBase out, object beta,
    object alpha,
)
cdef int pack_all(ProductNode node) except -1

cdef inline void remember(
    ProductNode node, const int64_t* a, const int64_t* steps_a, const int64_t* b,
    const int64_t* steps_b,
) noexcept:
    node.sizes[0], node.sizes[1], node.sizes[2] = a[0], a[1], b[1]
    node.steps_a[0], node.steps_a[1] = steps_a[0], steps_a[1]
    node.steps_b[0], node.steps_b[1] = steps_b[0], steps_b[1]

cdef int multiply(
    Gemm* p, TensorBase a, int a_rows, int a_columns, TensorBase b, int b_rows,
    int b_columns, TensorBase c, int c_rows, int c_columns,
) except -1
cdef list node_types
cdef derivo_pool* products_pool
