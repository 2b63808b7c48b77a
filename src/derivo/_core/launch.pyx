"""From operands to a kernel: memory for the results, the loop, the kernel's key."""

from libc.string cimport memcpy

from derivo._core._types cimport *
from derivo._core.dispatch cimport ElementwiseOp
from derivo._core.loops cimport (
    TILE_FROM, Loop, apply_order, collapse, find_across, run_loop, sort_dims,
)
from derivo._core.tensor cimport (
    ITEMSIZE, TensorBase, dims_tuple, empty_c, empty_strided_c, like_c, same_shape,
)
from derivo._core.threads cimport PARALLEL_MATH

cdef void store_number(Scalar* number, int code, char* out) noexcept:
    if code == F32:
        (<float*>out)[0] = <float>number.d
    elif code == F64:
        (<double*>out)[0] = number.d
    elif code == BOOL:
        out[0] = (number.d != 0) if number.kind == F64 else (number.i != 0)
    elif code == C64:
        (<float*>out)[0] = <float>number.d
        (<float*>out)[1] = <float>number.imag
    elif code == C128:
        (<double*>out)[0] = number.d
        (<double*>out)[1] = number.imag
    else:
        if number.kind == F64:
            (<int64_t*>out)[0] = <int64_t>number.d
        else:
            (<int64_t*>out)[0] = number.i


cdef object number_object(Scalar* number):
    if number.kind == F64:
        return number.d
    if number.kind == BOOL:
        return number.i != 0
    if number.kind == C128:
        return complex(number.d, number.imag)
    return number.i


cdef int compute_code(int common) noexcept:
    return F32 if common == F16 or common == BF16 else common


cdef object _broadcast_error(op, int64_t a, int64_t b, int dim):
    return RuntimeError(
        f"[{op}] The size of tensor a ({a}) must match the size of tensor b ({b}) at "
        f"non-singleton dimension {dim}: shapes must be equal or broadcast (a size of "
        "1 stretches)."
    )


cdef int broadcast_dims(str name, Arg* args, int n, int64_t* sizes) except -1:
    """Common shape of the tensor operands; returns its rank."""
    cdef int rank = 0, i, d
    cdef int64_t size
    cdef TensorBase t
    for i in range(n):
        if args[i].tensor != NULL:
            t = <TensorBase>args[i].tensor
            if t.rank > rank:
                rank = t.rank
    for d in range(rank):
        sizes[d] = 1
    for i in range(n):
        if args[i].tensor == NULL:
            continue
        t = <TensorBase>args[i].tensor
        for d in range(t.rank):
            size = t.sizes[d]
            if size == 1:
                continue
            if sizes[rank - t.rank + d] == 1:
                sizes[rank - t.rank + d] = size
            elif sizes[rank - t.rank + d] != size:
                raise _broadcast_error(
                    name, sizes[rank - t.rank + d], size, rank - t.rank + d)
    return rank


cdef object launch(ElementwiseOp op, Arg* args, int n, TensorBase alike, int result,
                   int compute, TensorBase out):
    """Allocate results (unless `out` is given) and run the kernel.

    `alike` is an operand when all tensors are of its shape, and each contiguous or one
    element spread over it.
    """
    cdef uint64_t key = <uint64_t>compute
    cdef char* ptrs[MAX_OPERANDS]
    cdef int64_t steps[2 * MAX_OPERANDS]
    cdef int64_t sizes[2]
    cdef char numbers[MAX_OPERANDS * 16]
    cdef int nout = op.nout, nops = op.nout + n, i, width
    cdef TensorBase t = None
    cdef kernel_t kernel
    if (alike is None or nout > 1 or alike.count >= PARALLEL_MATH
            or (out is not None and not (out.is_contig and same_shape(out, alike)))):
        return launch_general(op, args, n, result, compute, out)
    # Everything contiguous and of one shape: a single straight loop.
    if out is None:
        out = like_c(alike, result)
    ptrs[0] = out.data_
    width = ITEMSIZE[out.code]
    steps[0] = width
    steps[nops] = 0
    key = pack(key, 0, out.code, CONTIGUOUS)
    for i in range(n):
        if args[i].tensor != NULL:
            t = <TensorBase>args[i].tensor
            ptrs[1 + i] = t.data_
            if t.is_contig:
                steps[1 + i] = ITEMSIZE[t.code]
                key = pack(key, 1 + i, t.code, CONTIGUOUS)
            else:
                steps[1 + i] = 0
                key = pack(key, 1 + i, t.code, SPLAT)
        else:
            store_number(&args[i].number, number_code(op, i, compute),
                         &numbers[16 * i])
            ptrs[1 + i] = &numbers[16 * i]
            steps[1 + i] = 0
            key = pack(key, 1 + i, number_code(op, i, compute), SPLAT)
        steps[nops + 1 + i] = 0
    kernel = op.find(key)
    if kernel == NULL:
        kernel = op.kernel_for(key)
    if out.count:
        sizes[0] = out.count
        sizes[1] = 1
        kernel(sizes, ptrs, steps)
    return out


cdef int number_code(ElementwiseOp op, int index, int compute) noexcept:
    """In which dtype a number lies in memory for the kernel."""
    if compute <= I64 and compute != BOOL:
        return I64
    return compute


cdef object launch_general(ElementwiseOp op, Arg* args, int n, int result,
                           int compute, TensorBase out):
    cdef Loop loop
    cdef int64_t shape[64]
    cdef int64_t strides[64]
    cdef int order[64]
    cdef char numbers[MAX_OPERANDS * 16]
    cdef int codes[MAX_OPERANDS]
    cdef int nout = op.nout, nops = op.nout + n, rank, i, j, d, dd
    cdef int64_t count = 1, step
    cdef bint plain = True
    cdef TensorBase t
    cdef list outs
    cdef uint64_t key = <uint64_t>compute
    rank = broadcast_dims(op.name, args, n, shape)
    if out is not None:
        for d in range(rank):
            if rank > out.rank or shape[rank - 1 - d] not in (
                    1, out.sizes[out.rank - 1 - d]):
                raise RuntimeError(
                    f"[{op.name}] output with shape {list(out.shape)} doesn't match "
                    f"the broadcast shape {list(dims_tuple(rank, shape))}."
                )
        rank = out.rank
        memcpy(shape, out.sizes, rank * sizeof(int64_t))
    loop.nops = nops
    loop.ndim = rank
    for d in range(rank):
        loop.sizes[d] = shape[rank - 1 - d]     # fastest first
        count *= shape[d]
    for j in range(nout):
        loop.ptrs[j] = NULL
        for d in range(rank):
            loop.steps[j][d] = 0
    if out is not None:
        loop.ptrs[0] = out.data_
        for d in range(rank):
            loop.steps[0][d] = out.steps[rank - 1 - d] * ITEMSIZE[out.code]
    for i in range(n):
        j = nout + i
        for d in range(rank):
            loop.steps[j][d] = 0
        if args[i].tensor == NULL:
            codes[j] = number_code(op, i, compute)
            store_number(&args[i].number, codes[j], &numbers[16 * i])
            loop.ptrs[j] = &numbers[16 * i]
            continue
        t = <TensorBase>args[i].tensor
        codes[j] = t.code
        loop.ptrs[j] = t.data_
        for d in range(t.rank):
            dd = t.rank - 1 - d
            if t.sizes[dd] != 1:
                loop.steps[j][d] = t.steps[dd] * ITEMSIZE[t.code]
    if rank > 1:
        sort_dims(&loop, order)
        for d in range(rank):
            if order[d] != d:
                plain = False
                break
    if out is None:
        # Results follow the memory order of the operands.
        if not plain:
            step = 1
            for d in range(rank):
                strides[rank - 1 - order[d]] = step
                step *= max(loop.sizes[order[d]], <int64_t>1)
        outs = []
        for j in range(nout):
            if plain:
                t = empty_c(result, rank, shape)
            else:
                t = empty_strided_c(result, rank, shape, strides)
            outs.append(t)
            loop.ptrs[j] = t.data_
            for d in range(rank):
                loop.steps[j][d] = t.steps[rank - 1 - d] * ITEMSIZE[result]
    else:
        outs = [out]
    if count == 0:
        return outs[0] if nout == 1 else outs
    if not plain:
        apply_order(&loop, order)
    collapse(&loop)
    loop.across = 0
    if count >= TILE_FROM and loop.ndim > 1 and loop.sizes[0] >= 16:
        find_across(&loop, nout, codes)
    for j in range(nops):
        if j < nout:
            codes[j] = (<TensorBase>outs[j]).code
        step = loop.steps[j][0]
        if (loop.across >> j) & 1:
            key = pack(key, j, codes[j], CONTIGUOUS)
        elif step == ITEMSIZE[codes[j]] or (loop.sizes[0] == 1 and j < nout):
            loop.steps[j][0] = ITEMSIZE[codes[j]]
            key = pack(key, j, codes[j], CONTIGUOUS)
        elif step == 0 and j >= nout:
            key = pack(key, j, codes[j], SPLAT)
        else:
            key = pack(key, j, codes[j], STRIDED)
    loop.kernel = op.kernel_for(key)
    run_loop(&loop, count)
    return outs[0] if nout == 1 else outs
