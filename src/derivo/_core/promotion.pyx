"""Which dtype results when operands of several meet: PyTorch's rules."""

from derivo._core._types cimport *
from derivo._core.tensor cimport DType, dtype_of

# PyTorch's names of dtypes in messages, by code.
SCALAR_TYPES = (
    "Bool", "Byte", "Char", "Short", "Int", "Long", "Half", "BFloat16", "Float",
    "Double", "ComplexFloat", "ComplexDouble",
)

cdef int promotion[12][12]


cdef int _kind(int code) noexcept:
    if code == BOOL:
        return 0
    if code <= I64:
        return 1
    if code <= F64:
        return 2
    return 3


cdef int _promote_slow(int a, int b) noexcept:
    cdef int hi, lo
    if a == b:
        return a
    if _kind(a) == _kind(b):
        hi, lo = (a, b) if a > b else (b, a)
        if lo == U8 and hi == I8:
            return I16
        if lo == F16 and hi == BF16:
            return F32
        return hi
    hi, lo = (a, b) if _kind(a) > _kind(b) else (b, a)
    if hi == C64 and lo == F64:
        return C128
    return hi


def _fill_table():
    cdef int a, b
    for a in range(12):
        for b in range(12):
            promotion[a][b] = _promote_slow(a, b)


_fill_table()


cdef int promote_codes(int a, int b) noexcept:
    return promotion[a][b]


def promote_types(type1, type2):
    """The smallest dtype that both types convert to, by PyTorch's rules.

    Examples
    --------
    >>> import derivo
    >>> derivo.promote_types(derivo.int32, derivo.float32)
    torch.float32
    """
    return dtype_of(promotion[(<DType?>type1).code][(<DType?>type2).code])


def can_cast(from_, to):
    """Whether a value may be stored in `to` without changing its kind.

    Examples
    --------
    >>> import derivo
    >>> derivo.can_cast(derivo.float32, derivo.int32)
    False
    """
    return bool(can_cast_codes((<DType?>from_).code, (<DType?>to).code))


cdef bint can_cast_codes(int source, int target) noexcept:
    return _kind(source) <= _kind(target)


cdef int combine(int higher, int lower) noexcept:
    if higher < 0:
        return lower
    if lower < 0:
        return higher
    if _kind(higher) == 3:
        return higher
    if _kind(higher) == 2:
        if _kind(lower) == 3:
            return C128 if higher == F64 else C64
        return higher
    if higher == BOOL or _kind(lower) >= 2:
        return promotion[higher][lower]
    return higher
