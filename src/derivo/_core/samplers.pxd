from derivo._core.generator cimport Twister

# `code` is the dtype of the parameters, whose rounding the samples share.
cdef double round_to(int code, double x) noexcept nogil
cdef double sample_poisson(Twister* s, double rate) noexcept nogil
cdef double sample_binomial(Twister* s, int code, double n, double p) noexcept nogil
cdef double sample_gamma(Twister* s, int code, double shape) noexcept nogil
