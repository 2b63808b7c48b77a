from derivo._core._types cimport int64_t
from derivo._core.tensor cimport TensorBase

cdef TensorBase reshape_c(TensorBase t, int rank, const int64_t* sizes)
cdef TensorBase select_c(TensorBase t, int dim, int64_t index)
cdef TensorBase slice_c(TensorBase t, int dim, int64_t start, int64_t stop,
                        int64_t step)
cdef TensorBase unsqueeze_c(TensorBase t, int dim)
cdef TensorBase squeeze_c(TensorBase t, int dim)
cdef TensorBase transpose_c(TensorBase t, int a, int b)
cdef TensorBase expand_c(TensorBase t, int rank, const int64_t* sizes)
