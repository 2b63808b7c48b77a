from derivo._core._types cimport int64_t
from derivo._core.tensor cimport TensorBase

cdef extern from *:
    """
    #define DERIVO_IS_TENSOR(obj, cls) \\
        (Py_TYPE(obj) == (PyTypeObject*)(cls) \\
         || PyType_IsSubtype(Py_TYPE(obj), (PyTypeObject*)(cls)))
    """
    bint DERIVO_IS_TENSOR(object obj, object cls)

cdef double number(object value, int code) except? -1.5
cdef TensorBase tensor(object value, str name, str argument, int position)
cdef object shapes_error(TensorBase a, TensorBase b)
cdef int refuse_code(str kernel, int code) except -1
cdef int check_matrices(
    str name, str word, TensorBase c, TensorBase a, TensorBase b
) except -1
cdef int check_batches(str name, TensorBase c, TensorBase a, TensorBase b) except -1
cdef int check_vector(str name, TensorBase c, TensorBase a, TensorBase b) except -1
cdef int check_dot(str name, TensorBase a, TensorBase b) except -1
cdef int broadcast_steps(TensorBase c, int rank, const int64_t* sizes, int64_t* steps
                         ) except -1
