"""What the operands of products are checked for."""

from derivo._core._types cimport *
from derivo._core.tensor cimport TensorBase, dims_tuple

from derivo._core.promotion import SCALAR_TYPES

_C_TYPES = ("bool", "unsigned char", "signed char", "short", "int", "long long",
            "c10::Half", "c10::BFloat16", "float", "double", "c10::complex<float>",
            "c10::complex<double>")


cdef double number(object value, int code) except? -1.5:
    # The factors of integer products are integers.
    if code < F16:
        return <double><int64_t>int(value)
    return value


cdef TensorBase tensor(object value, str name, str argument, int position):
    if not DERIVO_IS_TENSOR(value, TensorBase):
        raise TypeError(
            f"[{name}] {name}(): argument '{argument}' (position {position}) must be "
            f"Tensor, not {type(value).__name__}."
        )
    return <TensorBase>value


cdef int refuse_code(str kernel, int code) except -1:
    if code == BOOL:
        raise NotImplementedError(
            f"[{kernel}] \"{kernel}\" not implemented for '{SCALAR_TYPES[code]}': "
            "convert the operands to a dtype that has products, such as int64 or "
            "float32."
        )
    return 0


cdef object shapes_error(TensorBase a, TensorBase b):
    return RuntimeError(
        f"[mm] mat1 and mat2 shapes cannot be multiplied ({a.sizes[0]}x{a.sizes[1]} "
        f"and {b.sizes[0]}x{b.sizes[1]}): expected as many columns in the first as "
        "rows in the second."
    )


cdef int check_matrices(
    str name, str word, TensorBase c, TensorBase a, TensorBase b
) except -1:
    if a.rank != 2 or b.rank != 2:
        which, t = ("mat2", b) if a.rank == 2 else (word, a)
        if c is None:
            raise RuntimeError(
                f"[{name}] {which} must be a matrix: expected 2 dimensions, got "
                f"shape={list(t.shape)}."
            )
        raise RuntimeError(
            f"[{name}] {which if which == 'mat2' else 'mat1'} must be a matrix, got "
            f"{t.rank}-D tensor of shape={list(t.shape)}."
        )
    if c is not None and c.code != b.code:
        raise RuntimeError(
            f"[{name}] self and mat2 must have the same dtype, but got "
            f"{SCALAR_TYPES[c.code]} and {SCALAR_TYPES[b.code]}. "
            "Convert one with .to(dtype)."
        )
    if a.code != b.code:
        if c is not None:
            raise RuntimeError(
                f"[{name}] mat1 and mat2 must have the same dtype, but got "
                f"{SCALAR_TYPES[a.code]} and {SCALAR_TYPES[b.code]}. "
                "Convert one with .to(dtype)."
            )
        raise RuntimeError(
            f"[{name}] expected m1 and m2 to have the same dtype, but got: "
            f"{_C_TYPES[a.code]} != {_C_TYPES[b.code]}. Convert one with .to(dtype)."
        )
    if a.sizes[1] != b.sizes[0]:
        raise shapes_error(a, b)
    refuse_code("addmm_impl_cpu_", a.code)
    return 0


cdef int check_batches(str name, TensorBase c, TensorBase a, TensorBase b) except -1:
    if a.rank != 3:
        raise RuntimeError(
            f"[{name}] batch1 must be a 3D tensor, got shape={list(a.shape)}."
        )
    if b.rank != 3:
        raise RuntimeError(
            f"[{name}] batch2 must be a 3D tensor, got shape={list(b.shape)}."
        )
    if a.sizes[0] != b.sizes[0] or a.sizes[2] != b.sizes[1]:
        raise RuntimeError(
            f"[{name}] Expected size for first two dimensions of batch2 tensor to be: "
            f"[{a.sizes[0]}, {a.sizes[2]}] but got: [{b.sizes[0]}, {b.sizes[1]}]."
        )
    for t in (b, c):
        if t is not None and (<TensorBase>t).code != a.code:
            raise RuntimeError(
                f"[{name}] expected scalar type {SCALAR_TYPES[a.code]} but found "
                f"{SCALAR_TYPES[(<TensorBase>t).code]}. Convert one with .to(dtype)."
            )
    refuse_code("baddbmm_cpu" if c is not None else "bmm", a.code)
    return 0


cdef int check_vector(str name, TensorBase c, TensorBase a, TensorBase b) except -1:
    cdef int rank = 1 if c is None else c.rank
    if a.rank != 2 or b.rank != 1 or rank > 1:
        raise RuntimeError(
            f"[{name}] vector + matrix @ vector expected, got {rank}, {a.rank}, "
            f"{b.rank} dimensions."
        )
    if (
        a.sizes[1] != b.sizes[0]
        or (c is not None and c.count != 1 and c.sizes[0] != a.sizes[0])
    ):
        raise RuntimeError(
            f"[{name}] size mismatch, got input "
            f"({a.sizes[0] if c is None or c.rank == 0 else c.sizes[0]}), mat "
            f"({a.sizes[0]}x{a.sizes[1]}), vec ({b.sizes[0]})."
        )
    if a.code != b.code or (c is not None and c.code != b.code):
        raise RuntimeError(
            f"[{name}] addmv input tensors must have the same dtype, but got "
            f"{SCALAR_TYPES[b.code if c is None else c.code]}, {SCALAR_TYPES[a.code]}, "
            f"and {SCALAR_TYPES[b.code]}. Convert them with .to(dtype)."
        )
    refuse_code("addmv_impl_cpu", a.code)
    return 0


cdef int check_dot(str name, TensorBase a, TensorBase b) except -1:
    if a.rank != 1 or b.rank != 1:
        raise RuntimeError(
            f"[{name}] 1D tensors expected, but got {a.rank}D and {b.rank}D tensors."
        )
    if a.code != b.code:
        raise RuntimeError(
            f"[{name}] dot : expected both vectors to have same dtype, but found "
            f"{SCALAR_TYPES[a.code]} and {SCALAR_TYPES[b.code]}. "
            "Convert one with .to(dtype)."
        )
    if a.sizes[0] != b.sizes[0]:
        raise RuntimeError(
            f"[{name}] inconsistent tensor size, expected tensor [{a.sizes[0]}] and "
            f"src [{b.sizes[0]}] to have the same number of elements, but got "
            f"{a.sizes[0]} and {b.sizes[0]} elements respectively."
        )
    refuse_code("dot", a.code)
    return 0


cdef int broadcast_steps(TensorBase c, int rank, const int64_t* sizes, int64_t* steps
                         ) except -1:
    # Strides with which the added operand fills the result.
    cdef int d, e
    if c.rank > rank:
        raise RuntimeError(
            f"[expand] expand(torch.{SCALAR_TYPES[c.code]}Tensor{{{list(c.shape)}}}, "
            f"size={list(dims_tuple(rank, sizes))}): the number of sizes provided "
            f"({rank}) must be greater or equal to the number of dimensions in the "
            f"tensor ({c.rank})."
        )
    for d in range(rank - 1, -1, -1):
        e = d - (rank - c.rank)
        steps[d] = 0
        if e < 0 or c.sizes[e] == 1:
            continue
        if c.sizes[e] != sizes[d]:
            raise RuntimeError(
                f"[expand] The expanded size of the tensor ({sizes[d]}) must match the "
                f"existing size ({c.sizes[e]}) at non-singleton dimension {d}.  Target "
                f"sizes: {list(dims_tuple(rank, sizes))}.  Tensor sizes: "
                f"{list(c.shape)}."
            )
        steps[d] = c.steps[e]
    return 0
