"""Samples that take an unknown number of uniforms: Poisson, binomial, gamma.

Published rejection methods, with the constants, the order of draws and the rounding
of intermediate results that PyTorch 2.13 has on the CPU.
"""
from libc.math cimport ceil, exp, fabs, floor, lgamma, log, log1p, pow, sqrt

from derivo._core._types cimport F16, F32, F64, int64_t
from derivo._core.generator cimport Twister, next_normal, next_unit

cdef extern from "math.h" nogil:
    float log1pf(float)

cdef extern from "random_kernels.h" nogil:
    float dv_float_from_half(int h)
    int dv_half_from_float(float x)
    float dv_float_from_bf16(int h)
    int dv_bf16_from_float(float x)


cdef double round_to(int code, double x) noexcept nogil:
    """`x` as a value of the dtype."""
    if code == F64:
        return x
    if code == F32:
        return <float> x
    if code == F16:
        return dv_float_from_half(dv_half_from_float(<float> x))
    return dv_float_from_bf16(dv_bf16_from_float(<float> x))


cdef double sample_poisson(Twister* s, double rate) noexcept nogil:
    cdef double root, log_rate, a, b, inverse, bound, u, v, us, product, floor_
    cdef double k
    cdef int64_t count
    if rate == 0:
        return 0
    if not rate >= 10:
        # multiply uniforms until the product falls below exp(-rate)
        floor_ = exp(-rate)
        product = 1.0
        count = 0
        while True:
            product *= next_unit(s)
            if not product > floor_:
                return <double> count
            count += 1
    # transformed rejection with squeeze (Hoermann 1993, PTRS)
    root = sqrt(rate)
    log_rate = log(rate)
    b = 0.931 + 2.53 * root
    a = -0.059 + 0.02483 * b
    inverse = 1.1239 + 1.1328 / (b - 3.4)
    bound = 0.9277 - 3.6224 / (b - 2)
    while True:
        u = next_unit(s) - 0.5
        v = next_unit(s)
        us = 0.5 - fabs(u)
        k = <double> <int64_t> floor((2 * a / us + b) * u + rate + 0.43)
        if us >= 0.07 and v <= bound:
            return k
        if k < 0 or (us < 0.013 and v > us):
            continue
        if (log(v) + log(inverse) - log(a / (us * us) + b)
                <= -rate + k * log_rate - lgamma(k + 1)):
            return k


cdef double stirling_rest(double k) noexcept nogil:
    """log(k!) less Stirling's approximation of it."""
    cdef double square
    if k == 0:
        return 0.0810614667953272
    if k == 1:
        return 0.0413406959554092
    if k == 2:
        return 0.0276779256849983
    if k == 3:
        return 0.02079067210376509
    if k == 4:
        return 0.0166446911898211
    if k == 5:
        return 0.0138761288230707
    if k == 6:
        return 0.0118967099458917
    if k == 7:
        return 0.0104112652619720
    if k == 8:
        return 0.00925546218271273
    if k == 9:
        return 0.00833056343336287
    square = (k + 1) * (k + 1)
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1)


cdef double binomial_small(Twister* s, int code, double n, double p) noexcept nogil:
    """Count the geometric waiting times that fit into `n` trials."""
    cdef double per = log1p(-p) if code == F64 else <double> log1pf(<float> -p)
    cdef double passed = 0
    cdef double count = 0
    while True:
        passed += ceil(log(next_unit(s)) / per)
        if not passed <= n:
            return count
        count = round_to(code, count + 1)


cdef double binomial_large(Twister* s, int code, double n, double p) noexcept nogil:
    """Transformed rejection (Hoermann 1993, BTRS).

    Intermediate results that PyTorch keeps in the dtype of the operands are
    rounded to it.
    """
    cdef double q = round_to(code, 1 - p)
    cdef double np = round_to(code, n * p)
    cdef double n1 = round_to(code, n + 1)
    cdef double deviation = round_to(code, sqrt(round_to(code, np * q)))
    cdef double b = 1.15 + 2.53 * deviation
    cdef double a = -0.0873 + 0.0248 * b + 0.01 * p
    cdef double c = np + 0.5
    cdef double bound = 0.92 - 4.2 / b
    cdef double r = round_to(code, p / q)
    cdef double alpha = (2.83 + 5.1 / b) * deviation
    cdef double m = floor(round_to(code, n1 * p))
    cdef double u, v, us, k, above
    while True:
        u = next_unit(s) - 0.5
        v = next_unit(s)
        us = 0.5 - fabs(u)
        k = round_to(code, floor((2 * a / us + b) * u + c))
        if k < 0 or k > n:
            continue
        if us >= 0.07 and v <= bound:
            return k
        v = log(v * alpha / (a / (us * us) + b))
        above = round_to(code, round_to(code, n - k) + 1)
        if v <= ((m + 0.5) * log((m + 1) / (r * (n - m + 1)))
                 + n1 * log((n - m + 1) / above)
                 + (k + 0.5) * log(r * above / round_to(code, k + 1))
                 + stirling_rest(m) + stirling_rest(n - m)
                 - stirling_rest(k) - stirling_rest(round_to(code, n - k))):
            return k


cdef double sample_binomial(Twister* s, int code, double n, double p) noexcept nogil:
    cdef double q
    if n <= 0 or p <= 0:
        return 0
    if p >= 1:
        return n
    if p <= 0.5:
        if round_to(code, n * p) >= 10:
            return binomial_large(s, code, n, p)
        return binomial_small(s, code, n, p)
    if p > 0.5:
        q = round_to(code, 1 - p)
        if round_to(code, n * q) >= 10:
            return round_to(code, n - binomial_large(s, code, n, q))
        return round_to(code, n - binomial_small(s, code, n, q))
    return p * n   # NaN


cdef double sample_gamma(Twister* s, int code, double shape) noexcept nogil:
    """Marsaglia and Tsang (2000), with the shape raised above one."""
    cdef double scale = 1.0
    cdef double d, c, x, y, v, u, xx
    cdef double third = <float> (1.0 / 3.0)
    cdef double slope = <float> 0.0331
    if shape < 1:
        if shape == 0:
            return 0
        scale = pow(1 - next_unit(s), round_to(code, 1 / shape))
        shape = round_to(code, shape + 1)
    d = round_to(code, shape - third)
    c = 1.0 / sqrt(9.0 * d)
    while True:
        while True:
            x = next_normal(s)
            y = 1.0 + c * x
            if y > 0:
                break
        v = y * y * y
        u = 1 - next_unit(s)
        xx = x * x
        if u < 1.0 - slope * xx * xx:
            return scale * d * v
        if log(u) < 0.5 * xx + d * (1.0 - v + log(v)):
            return scale * d * v
