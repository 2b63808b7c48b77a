"""Between tensors and Python's own objects: numbers, nested lists, buffers."""

from cpython.list cimport PyList_New, PyList_SET_ITEM
from cpython.ref cimport Py_INCREF
from libc.stdint cimport int16_t, uint16_t
from libc.string cimport memcpy

from derivo._core._types cimport *
from derivo._core.memory cimport Storage, foreign_storage
from derivo._core.tensor cimport (
    ITEMSIZE, TensorBase, code_of, default_code, dims_from, dtype_of,
    empty_c, make, readable, thread_state,
)

cdef extern from "Python.h":
    int PyFloat_Pack2(double x, char* p, int le) except -1
    double PyFloat_Unpack2(const char* p, int le) except? -1.0
    bint PyFloat_CheckExact(object)
    unsigned long long PyLong_AsUnsignedLongLongMask(object) except? 0


cdef inline double bfloat(const char* p) noexcept:
    cdef uint32_t bits = <uint32_t>(<const uint16_t*>p)[0] << 16
    cdef float value
    memcpy(&value, &bits, 4)
    return value


cdef inline void store_bfloat(char* p, double value) noexcept:
    # Round to nearest even, from float32 as PyTorch does.
    cdef float single = <float>value
    cdef uint32_t bits
    memcpy(&bits, &single, 4)
    if single != single:
        (<uint16_t*>p)[0] = 0x7FC0
        return
    bits += 0x7FFF + ((bits >> 16) & 1)
    (<uint16_t*>p)[0] = <uint16_t>(bits >> 16)


cdef void store_half(char* p, double value) noexcept:
    # Through float32, then to nearest even; overflow gives infinity.
    cdef float single = <float>value
    cdef uint32_t bits, sign, mantissa, half, shift, rest, middle
    cdef int exponent
    memcpy(&bits, &single, 4)
    sign = (bits >> 16) & 0x8000
    bits &= 0x7FFFFFFF
    if bits > 0x7F800000:
        (<uint16_t*>p)[0] = <uint16_t>(sign | 0x7E00)
        return
    if bits >= 0x477FF000:            # 65520 and above
        (<uint16_t*>p)[0] = <uint16_t>(sign | 0x7C00)
        return
    exponent = <int>(bits >> 23) - 112
    if exponent > 0:
        half = (bits - (<uint32_t>112 << 23)) >> 13
        rest = bits & 0x1FFF
        middle = 0x1000
    else:
        if exponent < -10:
            (<uint16_t*>p)[0] = <uint16_t>sign
            return
        mantissa = (bits & 0x7FFFFF) | 0x800000
        shift = <uint32_t>(14 - exponent)
        half = mantissa >> shift
        rest = mantissa & ((<uint32_t>1 << shift) - 1)
        middle = <uint32_t>1 << (shift - 1)
    if rest > middle or (rest == middle and half & 1):
        half += 1
    (<uint16_t*>p)[0] = <uint16_t>(sign | half)


cdef object load(const char* p, int code):
    """The element at `p` as a Python number."""
    if code == F32:
        return <double>(<const float*>p)[0]
    if code == F64:
        return (<const double*>p)[0]
    if code == I64:
        return (<const int64_t*>p)[0]
    if code == BOOL:
        return p[0] != 0
    if code == I32:
        return (<const int32_t*>p)[0]
    if code == U8:
        return (<const uint8_t*>p)[0]
    if code == I8:
        return (<const int8_t*>p)[0]
    if code == I16:
        return (<const int16_t*>p)[0]
    if code == F16:
        return PyFloat_Unpack2(p, 1)
    if code == BF16:
        return bfloat(p)
    if code == C64:
        return complex((<const float*>p)[0], (<const float*>p)[1])
    return complex((<const double*>p)[0], (<const double*>p)[1])


cdef int store(char* p, int code, object value) except -1:
    """Write a Python number as an element."""
    cdef int64_t i
    if code == F32:
        (<float*>p)[0] = <float>(<double>value if PyFloat_CheckExact(value)
                                 else float(value))
    elif code == F64:
        (<double*>p)[0] = float(value)
    elif code <= I64:
        if code == BOOL:
            p[0] = bool(value)
            return 0
        if PyFloat_CheckExact(value):
            value = int(value)
        value = int(value)
        if code == I64:
            if value > 0x7FFFFFFFFFFFFFFF or value < -0x8000000000000000:
                raise RuntimeError(
                    "[tensor] Overflow when unpacking long long: expected a value "
                    f"that fits in int64, got {value}."
                )
            (<int64_t*>p)[0] = value
            return 0
        check_range(value, code)
        i = value
        if code == I32:
            (<int32_t*>p)[0] = <int32_t>i
        elif code == I16:
            (<int16_t*>p)[0] = <int16_t>i
        else:
            p[0] = <char>i
    elif code == F16:
        store_half(p, float(value))
    elif code == BF16:
        store_bfloat(p, float(value))
    else:
        z = complex(value)
        if code == C64:
            (<float*>p)[0] = <float>z.real
            (<float*>p)[1] = <float>z.imag
        else:
            (<double*>p)[0] = z.real
            (<double*>p)[1] = z.imag
    return 0


cdef int check_range(object value, int code) except -1:
    cdef int bits = 8 * ITEMSIZE[code]
    cdef int64_t one = 1           # a literal would be shifted as a C int
    # PyTorch also takes negative numbers for uint8 here, modulo 256.
    low = -(one << (bits - 1)) * (2 if code == U8 else 1)
    if value >= (one << bits) or value < low:
        raise RuntimeError(
            f"[tensor] value cannot be converted to type {dtype_of(code).name} "
            f"without overflow: got {value}."
        )
    if code != U8 and value >= (one << (bits - 1)):
        raise RuntimeError(
            f"[tensor] value cannot be converted to type {dtype_of(code).name} "
            f"without overflow: got {value}."
        )
    return 0


def item(TensorBase self):
    """The only element as a Python number.

    Returns
    -------
    bool, int, float or complex

    Raises
    ------
    RuntimeError
        If the tensor does not have exactly one element.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([2.5]).item()
    2.5
    """
    if self.count != 1:
        raise RuntimeError(
            f"[item] a Tensor with {self.count} elements cannot be converted to "
            "Scalar: expected exactly one element."
        )
    if thread_state().modes:
        readable(self, ".item()")
    return load(self.data_, self.code)


cdef object nested(TensorBase t, int dim, const char* p):
    cdef int64_t i, step
    cdef list out
    cdef object value
    if dim == t.rank:
        return load(p, t.code)
    step = t.steps[dim] * ITEMSIZE[t.code]
    out = PyList_New(t.sizes[dim])
    for i in range(t.sizes[dim]):
        value = nested(t, dim + 1, p + i * step)
        Py_INCREF(value)
        PyList_SET_ITEM(out, i, value)
    return out


def tolist(TensorBase self):
    """The elements as nested lists of Python numbers (a number for 0-d).

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([[1, 2], [3, 4]]).tolist()
    [[1, 2], [3, 4]]
    """
    if thread_state().modes:
        readable(self, ".tolist()")
    return nested(self, 0, self.data_)


# ---------------------------------------------------------------- from nested data

cdef int scalar_code(object value) except -2:
    """dtype code that a Python number stands for; -1 if it is none."""
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return I64
    # NumPy's double types derive from Python's, but have a dtype of their own.
    if PyFloat_CheckExact(value):
        return default_code()
    if isinstance(value, (float, complex)) and not hasattr(value, "dtype"):
        if isinstance(value, float):
            return default_code()
        return C128 if default_code() == F64 else C64
    return -1


cdef int measure(object data, int64_t* dims, int* rank, int* code, int depth,
                 object promote) except -1:
    """Shape from the first elements, dtype from all of them."""
    cdef int c
    cdef TensorBase t
    cdef int64_t n
    if isinstance(data, TensorBase):
        t = <TensorBase>data
        code[0] = t.code if code[0] < 0 else promote(code[0], t.code)
        if depth + t.rank > rank[0]:
            for n in range(t.rank):
                dims[depth + n] = t.sizes[n]
            rank[0] = depth + t.rank
        return 0
    c = scalar_code(data)
    if c >= 0:
        if code[0] < 0:
            code[0] = c
        elif code[0] != c:
            code[0] = promote(code[0], c)
        return 0
    if isinstance(data, str):
        raise ValueError(f"[tensor] too many dimensions '{type(data).__name__}'.")
    if hasattr(data, "__array_interface__") or hasattr(data, "dtype"):
        array = numpy_codes(data)
        c = array
        code[0] = c if code[0] < 0 else promote(code[0], c)
        shape = data.shape
        if depth + len(shape) > rank[0]:
            for i, size in enumerate(shape):
                dims[depth + i] = size
            rank[0] = depth + len(shape)
        return 0
    if not hasattr(data, "__len__") or not hasattr(data, "__getitem__"):
        if hasattr(data, "__index__"):
            code[0] = I64 if code[0] < 0 else promote(code[0], I64)
            return 0
        raise TypeError(
            f"[tensor] Could not infer dtype of {type(data).__name__}: expected "
            "numbers, sequences of them, arrays or tensors."
        )
    n = len(data)
    if depth + 1 > rank[0]:
        if depth >= MAX_DIMS:
            raise ValueError(f"[tensor] too many dimensions '{type(data).__name__}'.")
        dims[depth] = n
        rank[0] = depth + 1
    for i in range(n):
        measure(data[i], dims, rank, code, depth + 1, promote)
    return 0


cdef int numpy_codes(object data) except -1:
    name = str(data.dtype)
    for code in range(N_DTYPES):
        if dtype_of(code).name == name:
            return code
    raise TypeError(
        f"[tensor] can't convert np.ndarray of type numpy.{name}. The only supported "
        "types are: float64, float32, float16, complex64, complex128, int64, int32, "
        "int16, int8, uint8, and bool."
    )


cdef char* fill(TensorBase t, object data, int dim, char* p) except NULL:
    """Write nested data in row-major order; returns where the next element goes."""
    cdef int64_t n, i
    cdef int width = ITEMSIZE[t.code]
    if dim == t.rank:
        if isinstance(data, TensorBase) or hasattr(data, "item"):
            data = data.item()
        elif hasattr(data, "__len__"):
            raise TypeError(
                f"[tensor] must be real number, not {type(data).__name__}: the nested "
                "sequences do not have the same depth everywhere."
            )
        if t.code < C64 and isinstance(data, complex):
            raise RuntimeError(
                f"[tensor] value cannot be converted to type {dtype_of(t.code).name} "
                f"without overflow: got {data!r}."
            )
        store(p, t.code, data)
        return p + width
    if isinstance(data, TensorBase) or hasattr(data, "__array_interface__"):
        data = data.tolist()
    if not hasattr(data, "__len__"):
        raise TypeError(
            f"[tensor] not a sequence: expected one of length {t.sizes[dim]} at dim "
            f"{dim}, got {type(data).__name__}."
        )
    n = len(data)
    if n != t.sizes[dim]:
        raise ValueError(
            f"[tensor] expected sequence of length {t.sizes[dim]} at dim {dim} "
            f"(got {n})."
        )
    for i in range(n):
        p = fill(t, data[i], dim + 1, p)
    return p


def from_nested(data, dtype, promote):
    """A new tensor with the values of numbers and sequences, nested in any way.

    `promote` takes two dtype codes to their common one.
    """
    cdef int64_t dims[MAX_DIMS]
    cdef int rank = 0, code = -1
    cdef TensorBase out
    if dtype is not None and not isinstance(data, (list, tuple)):
        code = scalar_code(data)
        if code >= 0:
            out = empty_c(code_of(dtype), 0, NULL)
            fill(out, data, 0, out.data_)
            out.inference = thread_state().inference
            return out
    measure(data, dims, &rank, &code, 0, promote)
    if code < 0:
        code = default_code()
    out = empty_c(code if dtype is None else code_of(dtype), rank, dims)
    if out.count:
        fill(out, data, 0, out.data_)
    elif rank:
        check_lengths(out, data, 0)
    out.inference = thread_state().inference
    return out


cdef int check_lengths(TensorBase t, object data, int dim) except -1:
    if dim == t.rank:
        return 0
    if len(data) != t.sizes[dim]:
        raise ValueError(
            f"[tensor] expected sequence of length {t.sizes[dim]} at dim {dim} "
            f"(got {len(data)})."
        )
    for part in data:
        check_lengths(t, part, dim + 1)
    return 0


def store_scalar(TensorBase t, value):
    """Write `value` into the only element of `t`."""
    store(t.data_, t.code, value)


def fill_value(TensorBase t, value):
    """Write `value` into every element of a contiguous tensor."""
    cdef int width = ITEMSIZE[t.code]
    cdef int64_t n = t.count * width, done = width
    if not t.count:
        return
    store(t.data_, t.code, value)
    while done < n:
        memcpy(t.data_ + done, t.data_, min(done, n - done))
        done += min(done, n - done)


# ---------------------------------------------------------------- foreign memory

def from_address(size_t address, nbytes, dtype, shape, strides, owner,
                 bint readonly=False):
    """A tensor over memory that `owner` keeps alive (strides in elements)."""
    cdef int64_t dims[MAX_DIMS]
    cdef int64_t steps[MAX_DIMS]
    cdef int rank = dims_from(shape, dims)
    cdef Storage storage
    cdef TensorBase out
    dims_from(strides, steps)
    storage = foreign_storage(<char*>address, nbytes, owner)
    storage.readonly = readonly
    out = make(storage, storage.data, code_of(dtype), rank, dims, steps)
    out.inference = thread_state().inference
    return out


def bytes_of(TensorBase t):
    """The bytes of a contiguous tensor."""
    return t.data_[:t.count * ITEMSIZE[t.code]]
