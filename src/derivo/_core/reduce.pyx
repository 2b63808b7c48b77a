"""Running loop programs with reductions over tensors of any layout.

The dimensions of the first input fall into reduced and kept ones; both groups are
collapsed on their own, and the program runs along the one that lies closest in memory
('row': the reduced one, 'col': a kept one). A reduction of much into little is cut
into blocks of fixed length, whose partial results are put together afterwards, so that
the result depends neither on the number of threads nor on timing. So are the kept
points of a program with totals: each block of them has totals of its own, which `final`
adds.
"""

cimport cython
from libc.string cimport memcpy, memset

from derivo._core._types cimport *
from derivo._core.copies cimport contiguous_c
from derivo._core.tensor cimport (
    ITEMSIZE, Node, TensorBase, add_edge, alias, check_dim,
    dims_tuple, dtype_of, empty_c, mode_call, moded, needs_grad, next_seq, note_line,
    derivo_fresh, derivo_pool, thread_state, use_pool,
)
from derivo._core.threads cimport PARALLEL_MATH, num_threads, parallel_for
from derivo._core.views cimport expand_c, unsqueeze_c

cdef enum:
    BLOCK = 16384         # elements of a partial result
    MANY = 65536          # reductions at least this long are cut, if few are kept
    ROWS = 16             # kept points whose totals are added up before rounding costs


@cython.final
cdef class ReduceOp:
    """The compiled side of a loop program with reductions.

    Parameters
    ----------
    name : str
        Name in messages.
    spec : object
        ``spec.build(axis, out_dtypes, in_dtypes, compute_dtype, letters)`` gives the
        address of a kernel (letters: one of 'csx' per operand, outputs first).
    out_spaces, in_spaces : str
        Per operand 'r' (varies over the reduced dimensions), 'k', or 't' (an output
        of the reduced dimensions' shape, to which every kept point adds).
    partial, final : ReduceOp, optional
        What to use for long reductions: `partial` gives parts, `final` (taking the
        parts and the number of elements) the result. With totals: `final` sums those
        of all blocks over their first dimension.
    partial_dtype : int, optional
        dtype code of the parts.
    """

    def __cinit__(self, str name, spec, str out_spaces, str in_spaces, partial=None,
                  final=None, int partial_dtype=F64):
        self.name = name
        self.spec = spec
        self.out_spaces = out_spaces
        self.in_spaces = in_spaces
        self.nout = len(out_spaces)
        self.nin = len(in_spaces)
        self.totals = "t" in out_spaces
        self.partial = partial
        self.final = final
        self.partial_code = partial_dtype
        self.table = {}

    def __repr__(self):
        return f"<reduction {self.name}>"

    cdef kernel_t kernel_for(self, object key) except NULL:
        found = self.table.get(key)
        if found is None:
            codes = []
            letters = []
            rest = key >> 5
            for _ in range(self.nout + self.nin):
                codes.append(dtype_of(rest & 15).name)
                letters.append("csx"[(rest >> 4) & 3])
                rest >>= 6
            found = self.spec.build(
                "row" if key & 16 else "col", tuple(codes[:self.nout]),
                tuple(codes[self.nout:]), dtype_of(key & 15).name, "".join(letters))
            self.table[key] = found
        return <kernel_t><size_t>found

    def __call__(self, list inputs, dims, out_dtypes, compute, bint keepdim=False):
        """Run over the dimensions `dims` of ``inputs[0]``.

        Parameters
        ----------
        inputs : list of Tensor or number
            Others broadcast to the first.
        dims : sequence of int
            Reduced dimensions, normalised.
        out_dtypes : sequence of dtype
            Of the outputs.
        compute : dtype
            Of the computation.
        keepdim : bool
            Whether outputs of kept space have size one in the reduced dimensions.
        """
        cdef uint64_t mask = 0
        if thread_state().modes:
            for t in inputs:
                if isinstance(t, TensorBase) and (<TensorBase>t)._batch is not None:
                    return mode_call(
                        "reduce", self, (inputs, dims, out_dtypes, compute, keepdim))
        for d in dims:
            mask |= <uint64_t>1 << <int>d
        out = run(self, inputs, mask, keepdim,
                  [d.code for d in out_dtypes], compute.code)
        return out[0] if self.nout == 1 else tuple(out)


cdef struct Walk:
    kernel_t kernel
    int nops
    int nk
    int split
    int64_t sizes[4]              # r0, r1, k0, k1
    int64_t kept[64]
    int64_t rsteps[10][2]
    int64_t ksteps[10][64]
    char* ptrs[10]
    int64_t rows                  # kept points of a block, and
    int64_t jumps[10]             # bytes from block to block: of programs with totals
    uint32_t totals               # which operands are totals


cdef void walk_part(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Walk* w = <Walk*>arg
    cdef char* at[10]
    cdef int64_t sizes[4]
    cdef int64_t steps[40]
    cdef int64_t kept[64]
    cdef int64_t index[64]
    cdef int j, d
    for d in range(w.nk):
        kept[d] = w.kept[d]
    for j in range(w.nops):
        at[j] = w.ptrs[j]
        if w.split >= 0:
            at[j] += begin * w.ksteps[j][w.split]
    if w.split >= 0:
        kept[w.split] = end - begin
    sizes[0] = w.sizes[0]
    sizes[1] = w.sizes[1]
    sizes[2] = kept[0] if w.nk > 0 else 1
    sizes[3] = kept[1] if w.nk > 1 else 1
    for j in range(w.nops):
        steps[j] = w.rsteps[j][0]
        steps[w.nops + j] = w.rsteps[j][1]
        steps[2 * w.nops + j] = w.ksteps[j][0] if w.nk > 0 else 0
        steps[3 * w.nops + j] = w.ksteps[j][1] if w.nk > 1 else 0
    if w.nk <= 2:
        w.kernel(sizes, at, steps)
        return
    for d in range(2, w.nk):
        index[d] = 0
    while True:
        w.kernel(sizes, at, steps)
        d = 2
        while True:
            index[d] += 1
            for j in range(w.nops):
                at[j] += w.ksteps[j][d]
            if index[d] < kept[d]:
                break
            for j in range(w.nops):
                at[j] -= w.ksteps[j][d] * kept[d]
            index[d] = 0
            d += 1
            if d == w.nk:
                return


cdef void walk_blocks(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Walk* w = <Walk*>arg
    cdef char* at[10]
    cdef int64_t sizes[4]
    cdef int64_t steps[40]
    cdef int64_t block
    cdef int j
    sizes[0] = w.sizes[0]
    sizes[1] = w.sizes[1]
    sizes[3] = 1
    for j in range(w.nops):
        steps[j] = w.rsteps[j][0]
        steps[w.nops + j] = w.rsteps[j][1]
        steps[2 * w.nops + j] = w.ksteps[j][0]
        steps[3 * w.nops + j] = 0
    for block in range(begin, end):
        for j in range(w.nops):
            at[j] = w.ptrs[j] + block * w.jumps[j]
            if (w.totals >> j) & 1:
                memset(at[j], 0, w.jumps[j])
        sizes[2] = min(w.rows, w.kept[0] - block * w.rows)
        w.kernel(sizes, at, steps)


cdef int64_t rows_of_block(int64_t kept, int64_t work) noexcept:
    # Of few, long rows fewer, so that there is something to share out.
    return max(<int64_t>2, min(<int64_t>ROWS, kept // 8)) if work >= MANY else ROWS


cdef list add_totals(ReduceOp op, list outs, list out_codes, int64_t blocks,
                     int compute):
    """Put the sums of all blocks in the place of the blocks' totals."""
    cdef list parts = []
    cdef list codes = []
    cdef list at = []
    cdef int j
    for j in range(op.nout):
        if op.out_spaces[j] == "t" and (blocks > 1 or out_codes[j] != compute):
            parts.append(outs[j])
            codes.append(out_codes[j])
            at.append(j)
    if parts and blocks == 1:
        for j in range(len(at)):
            outs[at[j]] = _callbacks["cast"](parts[j], dtype_of(codes[j]))
    elif parts:
        for j, made in zip(at, run(op.final, parts, 1, False, codes, compute)):
            outs[j] = made
    return outs


cdef int squash(int n, int nops, int64_t* sizes, int64_t (*steps)[64]) noexcept:
    """Merge neighbouring dimensions (fastest first); returns how many are left."""
    cdef int write = -1, read, j
    cdef bint merge
    for read in range(n):
        if sizes[read] == 1:
            continue
        merge = write >= 0
        if merge:
            for j in range(nops):
                if steps[j][write] * sizes[write] != steps[j][read]:
                    merge = False
                    break
        if merge:
            sizes[write] *= sizes[read]
            continue
        write += 1
        sizes[write] = sizes[read]
        for j in range(nops):
            steps[j][write] = steps[j][read]
    return write + 1


cdef void by_stride(int n, int nops, int lead, int64_t* sizes,
                    int64_t (*steps)[64]) noexcept:
    """Sort dimensions by the stride of operand `lead`, the smallest first."""
    cdef int i, k, j
    cdef int64_t keep
    for i in range(1, n):
        k = i
        while k > 0 and steps[lead][k] < steps[lead][k - 1]:
            keep = sizes[k]
            sizes[k] = sizes[k - 1]
            sizes[k - 1] = keep
            for j in range(nops):
                keep = steps[j][k]
                steps[j][k] = steps[j][k - 1]
                steps[j][k - 1] = keep
            k -= 1


cdef list run(ReduceOp op, list inputs, uint64_t mask, bint keepdim, list out_codes,
              int compute):
    cdef TensorBase x = <TensorBase>inputs[0], t
    cdef int nops = op.nout + op.nin, rank = x.rank, d, j, i, nr = 0, nk = 0, code
    cdef int64_t rsizes[64]
    cdef int64_t ksizes[64]
    cdef int64_t rsteps[10][64]
    cdef int64_t ksteps[10][64]
    cdef int64_t dims[64]
    cdef int64_t numbers[10]
    cdef int codes[10]
    cdef char* ptrs[10]
    cdef int64_t reduced = 1, kept = 1, step
    cdef int out_rank = 0
    cdef int64_t blocks = 1, rows
    cdef bint cut = False
    cdef list outs = []
    if rank > 40:
        raise RuntimeError(f"[{op.name}] at most 40 dimensions, got {rank}.")
    for d in range(rank):
        if (mask >> d) & 1:
            reduced *= x.sizes[d]
            if keepdim:
                dims[out_rank] = 1
                out_rank += 1
        else:
            kept *= x.sizes[d]
            dims[out_rank] = x.sizes[d]
            out_rank += 1
    if op.totals:
        rows = rows_of_block(kept, kept * reduced)
        blocks = max(<int64_t>1, (kept + rows - 1) // rows)
        cut = blocks > 1
    for j in range(op.nout):
        code = out_codes[j]
        if op.out_spaces[j] == "k":
            t = empty_c(code, out_rank, dims)
        elif op.out_spaces[j] == "t":
            if kept and reduced:
                code = compute
            t = empty_totals(code, x, mask, blocks, cut)
            if kept == 0:
                memset(t.data_, 0, t.count * ITEMSIZE[code])
        else:
            t = empty_c(code, rank, x.sizes)
        t.inference = thread_state().inference
        outs.append(t)
        ptrs[j] = t.data_
        codes[j] = code
    if kept == 0 or (reduced == 0 and "r" in op.out_spaces):
        return outs
    if op.partial is not None and reduced >= MANY and kept < 64:
        return [in_blocks(op, x, mask, reduced, <TensorBase>outs[0], compute)]
    # Strides of every operand along reduced and kept dimensions, last one first.
    for j in range(nops):
        if j < op.nout:
            t = <TensorBase>outs[j]
        elif isinstance(inputs[j - op.nout], TensorBase):
            t = <TensorBase>inputs[j - op.nout]
            codes[j] = t.code
            ptrs[j] = t.data_
        else:
            value = inputs[j - op.nout]
            if isinstance(value, float):
                codes[j] = F64
                (<double*>&numbers[j])[0] = value
            else:
                codes[j] = I64
                numbers[j] = value
            ptrs[j] = <char*>&numbers[j]
            t = None
        nr = 0
        nk = 0
        i = 0
        if j < op.nout and op.out_spaces[j] == "t":
            i = t.rank - 1
            for d in range(rank - 1, -1, -1):
                if (mask >> d) & 1:
                    rsteps[j][nr] = t.steps[i] * ITEMSIZE[codes[j]]
                    nr += 1
                    i -= 1
                else:
                    ksteps[j][nk] = 0
                    nk += 1
            continue
        if j < op.nout and op.out_spaces[j] == "k":
            # Only kept dimensions (and those of size one).
            i = t.rank - 1
            for d in range(rank - 1, -1, -1):
                if (mask >> d) & 1:
                    rsteps[j][nr] = 0
                    nr += 1
                    if keepdim:
                        i -= 1
                else:
                    ksteps[j][nk] = t.steps[i] * ITEMSIZE[codes[j]]
                    nk += 1
                    i -= 1
            continue
        for d in range(rank - 1, -1, -1):
            step = 0
            if t is not None:
                i = d - (rank - t.rank)
                if i >= 0 and t.sizes[i] != 1:
                    step = t.steps[i] * ITEMSIZE[codes[j]]
            if (mask >> d) & 1:
                rsteps[j][nr] = step
                nr += 1
            else:
                ksteps[j][nk] = step
                nk += 1
    nr = 0
    nk = 0
    for d in range(rank - 1, -1, -1):
        if (mask >> d) & 1:
            rsizes[nr] = x.sizes[d]
            nr += 1
        else:
            ksizes[nk] = x.sizes[d]
            nk += 1
    if op.spec.ordered:
        # Positions along the reduced dimensions mean something: keep their order.
        pass
    else:
        by_stride(nr, nops, op.nout, rsizes, rsteps)
    by_stride(nk, nops, op.nout, ksizes, ksteps)
    if reduced == 0:
        nr = 1
        rsizes[0] = 0
        for j in range(nops):
            rsteps[j][0] = 0
    else:
        nr = squash(nr, nops, rsizes, rsteps)
    nk = squash(nk, nops, ksizes, ksteps)
    if nr > 2:
        return run(op, [together(x, mask)] + packed(inputs[1:]), mask, keepdim,
                   out_codes, compute)
    if op.totals and (nk > 1 or (nr and nk and 0 < ksteps[op.nout][0]
                                 < rsteps[op.nout][0])):
        # Blocks of kept points are cut along one dimension, and vectors lie in rows.
        return run(op, packed(inputs), mask, keepdim, out_codes, compute)
    outs = launch(op, outs, nops, nr, nk, codes, ptrs, rsizes, ksizes, rsteps, ksteps,
                  compute, reduced * kept)
    return add_totals(op, outs, out_codes, blocks, compute) if op.totals else outs


cdef TensorBase empty_totals(int code, TensorBase x, uint64_t mask, int64_t blocks,
                             bint cut):
    cdef int64_t dims[64]
    cdef int d, rank = 0
    if cut:
        dims[0] = blocks
        rank = 1
    for d in range(x.rank):
        if (mask >> d) & 1:
            dims[rank] = x.sizes[d]
            rank += 1
    return empty_c(code, rank, dims)


cdef list packed(list inputs):
    return [contiguous_c(<TensorBase>t) if isinstance(t, TensorBase) else t
            for t in inputs]


cdef TensorBase together(TensorBase x, uint64_t mask):
    """A copy in which the reduced dimensions lie behind the kept ones."""
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef int order[64]
    cdef int d, n = 0
    cdef TensorBase packed
    for d in range(x.rank):
        if not (mask >> d) & 1:
            order[n] = d
            n += 1
    for d in range(x.rank):
        if (mask >> d) & 1:
            order[n] = d
            n += 1
    for d in range(x.rank):
        dims[d] = x.sizes[order[d]]
        steps[d] = x.steps[order[d]]
    packed = contiguous_c(alias(x, x.rank, dims, steps, 0))
    for d in range(x.rank):
        steps[order[d]] = packed.steps[d]
    return alias(packed, x.rank, x.sizes, steps, 0)


cdef list launch(ReduceOp op, list outs, int nops, int nr, int nk, int* codes,
                 char** ptrs, int64_t* rsizes, int64_t* ksizes,
                 int64_t (*rsteps)[64], int64_t (*ksteps)[64], int compute,
                 int64_t work):
    cdef Walk w
    cdef int j, d, access
    cdef bint row
    cdef int64_t step, rlead, klead, longest
    cdef object key
    cdef uint64_t low = 0
    rlead = rsteps[op.nout][0] if nr else 0
    klead = ksteps[op.nout][0] if nk else 0
    row = nk == 0 or (nr > 0 and rlead <= klead) or klead == 0
    if nr == 0:
        row = False if nk else True
    row = row or op.totals
    for j in range(nops):
        w.ptrs[j] = ptrs[j]
        w.rsteps[j][0] = rsteps[j][0] if nr else 0
        w.rsteps[j][1] = rsteps[j][1] if nr > 1 else 0
        for d in range(nk):
            w.ksteps[j][d] = ksteps[j][d]
    w.nops = nops
    w.nk = nk
    w.sizes[0] = rsizes[0] if nr else 1
    w.sizes[1] = rsizes[1] if nr > 1 else 1
    for d in range(nk):
        w.kept[d] = ksizes[d]
    key = None
    for j in range(nops):
        if row:
            step = w.rsteps[j][0]
            if j < op.nout and op.out_spaces[j] == "k":
                access = 0
            elif w.sizes[0] == 1:
                access = 0
                w.rsteps[j][0] = ITEMSIZE[codes[j]]
            else:
                access = 0 if step == ITEMSIZE[codes[j]] else 1 if step == 0 else 2
            if j >= op.nout and op.in_spaces[j - op.nout] == "k":
                access = 1
                w.rsteps[j][0] = 0
        else:
            step = w.ksteps[j][0] if nk else 0
            if (w.kept[0] if nk else 1) == 1:
                access = 0
                if nk:
                    w.ksteps[j][0] = ITEMSIZE[codes[j]]
            else:
                access = 0 if step == ITEMSIZE[codes[j]] else 1 if step == 0 else 2
            if j < op.nout and access == 1:
                access = 2
        if nops <= 9:
            low |= (<uint64_t>codes[j] | (<uint64_t>access << 4)) << (5 + 6 * j)
        else:
            key = (key or 0) | ((codes[j] | (access << 4)) << (5 + 6 * j))
    low |= <uint64_t>compute | (<uint64_t>16 if row else 0)
    key = low if key is None else key | low
    w.kernel = op.kernel_for(key)
    w.split = -1
    if op.totals:
        launch_blocks(op, &w, outs, work)
        return outs
    if work < PARALLEL_MATH:
        walk_part(&w, 0, 1)
        return outs
    if num_threads() > 1:
        longest = 1
        for d in range(nk):
            # Splitting the vectorised dimension is fine if it stays long.
            if w.kept[d] > longest:
                longest = w.kept[d]
                w.split = d
    if w.split < 0:
        with nogil:
            walk_part(&w, 0, 1)
        return outs
    step = max(<int64_t>1, PARALLEL_MATH // 2 // max(<int64_t>1, work // longest))
    if not row and w.split == 0:
        step = max(step, <int64_t>64)
    with nogil:
        parallel_for(walk_part, &w, longest, step)
    return outs


cdef int launch_blocks(ReduceOp op, Walk* w, list outs, int64_t work) except -1:
    cdef int64_t blocks, grain
    cdef int j
    if w.nk == 0:
        w.kept[0] = 1
    w.rows = rows_of_block(w.kept[0], work)
    blocks = (w.kept[0] + w.rows - 1) // w.rows
    w.totals = 0
    for j in range(w.nops):
        if w.nk == 0:
            w.ksteps[j][0] = 0
        w.jumps[j] = w.rows * w.ksteps[j][0]
        if j < op.nout and op.out_spaces[j] == "t":
            w.totals |= <uint32_t>1 << j
            w.jumps[j] = (<TensorBase>outs[j]).count // blocks * ITEMSIZE[
                (<TensorBase>outs[j]).code]
    grain = blocks
    if work >= PARALLEL_MATH:
        grain = max(<int64_t>1, PARALLEL_MATH // 2 // max(<int64_t>1, work // blocks))
    with nogil:
        parallel_for(walk_blocks, w, blocks, grain)
    return 0


cdef TensorBase in_blocks(ReduceOp op, TensorBase x, uint64_t mask, int64_t reduced,
                          TensorBase out, int compute):
    """A long reduction to few results, by blocks."""
    cdef TensorBase flat, parts, head
    cdef int64_t dims[64]
    cdef int64_t steps[64]
    cdef int64_t shape[64]
    cdef int64_t blocks, rest, kept = x.count // reduced
    cdef list done
    # [kept, reduced] with the reduced dimensions as one.
    flat = as_matrix(x, mask, reduced, kept)
    if flat is None:
        flat = as_matrix(together(x, mask), mask, reduced, kept)
    blocks = reduced // BLOCK
    rest = reduced - blocks * BLOCK
    dims[0], dims[1], dims[2] = kept, blocks, BLOCK
    steps[0], steps[1], steps[2] = flat.steps[0], flat.steps[1] * BLOCK, flat.steps[1]
    head = alias(flat, 3, dims, steps, 0)
    shape[0], shape[1] = kept, blocks + (1 if rest else 0)
    parts = empty_c(op.partial_code, 2, shape)
    copy_part(run(op.partial, [head], 4, False, [op.partial_code], compute)[0], parts,
              0)
    if rest:
        dims[1], dims[2] = 1, rest
        head = alias(flat, 3, dims, steps, blocks * BLOCK * flat.steps[1])
        copy_part(run(op.partial, [head], 4, False, [op.partial_code], compute)[0],
                  parts, blocks)
    done = run(op.final, [parts, reduced], 2, False, [out.code], parts.code)
    head = <TensorBase>done[0]
    memcpy(out.data_, head.data_, out.count * ITEMSIZE[out.code])
    return out


cdef int copy_part(TensorBase part, TensorBase into, int64_t column) except -1:
    # [kept, n] into columns of [kept, all]
    cdef int64_t i, width = ITEMSIZE[into.code]
    for i in range(part.sizes[0]):
        memcpy(into.data_ + (i * into.steps[0] + column) * width,
               part.data_ + i * part.steps[0] * width, part.sizes[1] * width)
    return 0


cdef TensorBase as_matrix(TensorBase x, uint64_t mask, int64_t reduced, int64_t kept):
    """[kept, reduced] over the same memory, or None."""
    cdef int64_t rs[64]
    cdef int64_t ks[64]
    cdef int64_t rsteps[1][64]
    cdef int64_t ksteps[1][64]
    cdef int64_t dims[2]
    cdef int64_t steps[2]
    cdef int d, nr = 0, nk = 0
    for d in range(x.rank - 1, -1, -1):
        if (mask >> d) & 1:
            rs[nr] = x.sizes[d]
            rsteps[0][nr] = x.steps[d]
            nr += 1
        else:
            ks[nk] = x.sizes[d]
            ksteps[0][nk] = x.steps[d]
            nk += 1
    by_stride(nr, 1, 0, rs, rsteps)
    nr = squash(nr, 1, rs, rsteps)
    nk = squash(nk, 1, ks, ksteps)
    if nr > 1 or nk > 1:
        return None
    dims[0], dims[1] = kept, reduced
    steps[0] = ksteps[0][0] if nk else 0
    steps[1] = rsteps[0][0] if nr else 1
    return alias(x, 2, dims, steps, 0)


# ---------------------------------------------------------------- sums

cdef ReduceOp _sum = None
cdef ReduceOp _mean = None
cdef dict _callbacks = {}


def set_operations(ReduceOp sum_op, ReduceOp mean_op, **functions):
    """The reductions that the core itself runs."""
    global _sum, _mean
    _sum = sum_op
    _mean = mean_op
    _callbacks.update(functions)


cdef uint64_t mask_of(object dim, int rank) except? 0xFFFFFFFFFFFFFFFF:
    cdef uint64_t mask = 0, bit
    if dim is None:
        return (<uint64_t>1 << rank) - 1
    if type(dim) is int:
        return <uint64_t>1 << check_dim(dim, rank if rank else 1)
    if not isinstance(dim, (tuple, list)):
        return <uint64_t>1 << check_dim(dim, rank if rank else 1)
    if len(dim) == 0:
        return (<uint64_t>1 << rank) - 1
    for d in dim:
        bit = <uint64_t>1 << check_dim(d, rank if rank else 1)
        if mask & bit:
            raise RuntimeError(
                f"[reduce] dim {d} appears multiple times in the list of dims."
            )
        mask |= bit
    return mask


def reduced_dims(dim, int rank):
    """Normalised, sorted tuple of the dimensions that `dim` names (None: all)."""
    cdef uint64_t mask = mask_of(dim, rank)
    return tuple([d for d in range(rank) if (mask >> d) & 1])


cdef TensorBase sum_c(TensorBase t, uint64_t mask, bint keepdim, int code):
    """Sum over the dimensions in `mask`, in dtype `code`."""
    cdef list out
    cdef int compute = code if code not in (F16, BF16) else F32
    out = run(_sum, [t], mask, keepdim, [code], compute)
    return <TensorBase>out[0]


@cython.trashcan(True)
cdef class SumNode(Node):
    """Node of sums and means over dimensions."""

    cdef uint64_t mask
    cdef bint keepdim
    cdef double scale
    cdef int rank
    cdef int code
    cdef tuple shape

    @property
    def _facts(self):
        """(dimensions, keepdim, shape of the input)."""
        return (tuple([d for d in range(self.rank or 1) if (self.mask >> d) & 1]),
                bool(self.keepdim), self.shape)

    cdef object apply(self, object g):
        cdef TensorBase t = <TensorBase>g
        cdef int64_t dims[64]
        cdef int64_t steps[64]
        cdef int d, k = 0
        if t.code != self.code:
            t = <TensorBase>_callbacks["cast"](t, dtype_of(self.code))
        if self.scale != 1.0:
            t = t * self.scale
        if not (thread_state().grad_enabled or thread_state().modes):
            for d in range(self.rank):
                dims[d] = <int64_t>self.shape[d]
                if (self.mask >> d) & 1:
                    steps[d] = 0
                    k += self.keepdim
                else:
                    steps[d] = t.steps[k]
                    k += 1
            return alias(t, self.rank, dims, steps, 0)
        if not self.keepdim:
            for d in range(self.rank):
                if (self.mask >> d) & 1:
                    t = unsqueeze_c(t, d)
        for d in range(self.rank):
            dims[d] = <int64_t>self.shape[d]
        return expand_c(t, self.rank, dims)


cdef type _sum0 = type("SumBackward0", (SumNode,), {"__slots__": ()})
cdef type _sum1 = type("SumBackward1", (SumNode,), {"__slots__": ()})
cdef type _mean0 = type("MeanBackward0", (SumNode,), {"__slots__": ()})
cdef type _mean1 = type("MeanBackward1", (SumNode,), {"__slots__": ()})
cdef derivo_pool* _pool = use_pool(_sum0)
for _type in (_sum1, _mean0, _mean1):
    use_pool(_type)


cdef TensorBase plain_total(ReduceOp op, TensorBase t, uint64_t mask, bint keepdim):
    """A sum or mean of few contiguous floats over all or one of the dimensions.

    None where it is something else: then `run` looks at it.
    """
    cdef int64_t outer = 1, reduced = 1, inner = 1, width
    cdef int64_t sizes[4]
    cdef int64_t steps[8]
    cdef int64_t dims[64]
    cdef char* ptrs[2]
    cdef uint64_t key
    cdef int d, at = -1, rank = 0
    cdef bint row
    cdef kernel_t kernel
    cdef TensorBase out
    if (not t.is_contig or (t.code != F32 and t.code != F64) or t.count == 0
            or t.count >= MANY):
        return None
    if mask == (<uint64_t>1 << t.rank) - 1:
        reduced = t.count
        if keepdim:
            for d in range(t.rank):
                dims[d] = 1
            rank = t.rank
    elif mask & (mask - 1):
        return None
    else:
        for d in range(t.rank):
            if (mask >> d) & 1:
                reduced = t.sizes[d]
                at = d
                if keepdim:
                    dims[rank] = 1
                    rank += 1
                continue
            if at < 0:
                outer *= t.sizes[d]
            else:
                inner *= t.sizes[d]
            dims[rank] = t.sizes[d]
            rank += 1
    if reduced == 1:
        return None
    row = inner == 1
    width = ITEMSIZE[t.code]
    kernel = op.plain[2 * (t.code == F64) + row]
    if kernel == NULL:
        # Both operands step by their width along the dimension that is run along.
        key = (<uint64_t>t.code | (<uint64_t>16 if row else 0)
               | (<uint64_t>t.code << 5) | (<uint64_t>t.code << 11))
        kernel = op.kernel_for(key)
        op.plain[2 * (t.code == F64) + row] = kernel
    out = empty_c(t.code, rank, dims)
    out.inference = thread_state().inference
    ptrs[0] = out.data_
    ptrs[1] = t.data_
    # The output, then the input: along the reduced dimension (and a second one, of
    # size one), along the kept ones.
    sizes[0] = reduced
    sizes[1] = 1
    steps[0] = 0
    steps[1] = width * inner
    steps[2] = 0
    steps[3] = 0
    steps[6] = 0
    steps[7] = 0
    sizes[3] = 1
    if row:
        sizes[2] = outer
        steps[4] = width
        steps[5] = width * reduced
    else:
        sizes[2] = inner
        steps[4] = width
        steps[5] = width
        sizes[3] = outer
        steps[6] = width * inner
        steps[7] = width * inner * reduced
    kernel(sizes, ptrs, steps)
    return out


cdef TensorBase total(ReduceOp op, TensorBase t, object dim, bint keepdim, int code,
                      type node_type, bint scaled):
    cdef uint64_t mask = mask_of(dim, t.rank)
    cdef TensorBase out
    cdef int compute = code if code not in (F16, BF16) else F32
    out = plain_total(op, t, mask, keepdim)
    if out is None:
        out = <TensorBase>(run(op, [t], mask, keepdim, [code], compute)[0])
    return hang_total(out, t, mask, keepdim, code, node_type, scaled)


cdef TensorBase hang_total(TensorBase out, TensorBase t, uint64_t mask, bint keepdim,
                           int code, type node_type, bint scaled):
    cdef SumNode node
    cdef int d
    cdef int64_t n = 1
    if code >= F16 and thread_state().grad_enabled and needs_grad(t):
        node = <SumNode>derivo_fresh(_pool, node_type)
        node.seq = next_seq()
        note_line(node)
        node.n_out = 1
        node.mask = mask
        node.keepdim = keepdim
        node.rank = t.rank
        node.code = t.code
        node.shape = dims_tuple(t.rank, t.sizes)
        node.scale = 1.0
        if scaled:
            for d in range(t.rank):
                if (mask >> d) & 1:
                    n *= t.sizes[d]
            node.scale = 1.0 / n if n else float("nan")
        add_edge(node, 0, t)
        out.fn = node
    return out


def hang_sum(TensorBase out, bint scaled, TensorBase input, dim, bint keepdim):
    """Hang the node of a sum (or mean) on a result that was computed elsewhere."""
    cdef type kind
    if scaled:
        kind = _mean0 if dim is None else _mean1
    else:
        kind = _sum0 if dim is None else _sum1
    return hang_total(out, input, mask_of(dim, input.rank), keepdim, out.code, kind,
                      scaled)


def sum(TensorBase input, dim=None, bint keepdim=False, *, dtype=None, out=None):
    """Sum of elements, of all or along dimensions.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.
    dim : int or tuple of int, optional
        Dimensions to sum over; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    dtype : dtype, optional
        Convert to it first. Integers and bool are summed as int64 by default.
    out : Tensor, optional
        Takes the result.

    Returns
    -------
    Tensor
        Sums of floats are accumulated in float64.

    Raises
    ------
    IndexError
        If a dimension is out of range.

    Notes
    -----
    **Derivative** the incoming gradient, for every element.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.ones(2, 3, requires_grad=True)
    >>> x.sum(dim=1)
    tensor([3., 3.], grad_fn=<SumBackward1>)
    """
    cdef int code = input.code
    cdef TensorBase made
    if dtype is not None:
        input = <TensorBase>_callbacks["cast"](input, dtype)
        code = input.code
    elif code <= I64:
        code = I64
    if thread_state().modes and moded(input):
        made = mode_call("function", sum, (input, dim, keepdim))
        return made if out is None else _callbacks["write_out"](out, made, "sum")
    if code >= C64:
        made = <TensorBase>_callbacks["sum_complex"](input, dim, keepdim)
        return made if out is None else _callbacks["write_out"](out, made, "sum")
    made = total(_sum, input, dim, keepdim, code, _sum0 if dim is None else _sum1,
                 False)
    return made if out is None else _callbacks["write_out"](out, made, "sum")


def mean(TensorBase input, dim=None, bint keepdim=False, *, dtype=None, out=None):
    """Mean of elements, of all or along dimensions.

    Parameters
    ----------
    input : Tensor
        Floating point (or give `dtype`).
    dim : int or tuple of int, optional
        Dimensions to average over; all if not given.
    keepdim : bool, default False
        Keep them with size one.
    dtype : dtype, optional
        Convert to it first.
    out : Tensor, optional
        Takes the result.

    Raises
    ------
    RuntimeError
        For integers and bool.

    Notes
    -----
    **Derivative** the incoming gradient divided by the number of elements.

    Examples
    --------
    >>> import derivo
    >>> derivo.tensor([1.0, 2.0, 6.0]).mean()
    tensor(3.)
    """
    cdef TensorBase made
    if dtype is not None:
        input = <TensorBase>_callbacks["cast"](input, dtype)
    if input.code >= C64:
        made = <TensorBase>_callbacks["mean_complex"](input, dim, keepdim)
        return made if out is None else _callbacks["write_out"](out, made, "mean")
    if input.code < F16:
        raise RuntimeError(
            "[mean] mean(): could not infer output dtype. Input dtype must be either "
            f"a floating point or complex dtype. Got: {dtype_of(input.code).name}. "
            "Pass dtype=."
        )
    if thread_state().modes and moded(input):
        made = mode_call("function", mean, (input, dim, keepdim))
        return made if out is None else _callbacks["write_out"](out, made, "mean")
    made = total(_mean, input, dim, keepdim, input.code,
                 _mean0 if dim is None else _mean1, True)
    return made if out is None else _callbacks["write_out"](out, made, "mean")


def sum_to_size(TensorBase self, *size):
    """Sum over the dimensions that broadcasting to this shape has added.

    Parameters
    ----------
    *size : int
        The shape before it was broadcast.

    Raises
    ------
    RuntimeError
        If it does not broadcast to this tensor's shape.

    Examples
    --------
    >>> import derivo
    >>> derivo.ones(2, 3).sum_to_size(1, 3)
    tensor([[2., 2., 2.]])
    """
    cdef tuple shape
    cdef int extra, d
    cdef uint64_t mask = 0
    cdef TensorBase out
    if len(size) == 1 and not isinstance(size[0], int):
        shape = tuple(size[0])
    else:
        shape = size
    if not shape:
        # Everything is summed, and integers become int64.
        return sum(self)
    extra = self.rank - <int>len(shape)
    if extra < 0:
        raise RuntimeError(
            f"[sum_to_size] size {list(shape)} is not expandable to size "
            f"{list(self.shape)}."
        )
    for d in range(self.rank):
        if d < extra:
            mask |= <uint64_t>1 << d
        elif shape[d - extra] != self.sizes[d]:
            if shape[d - extra] != 1:
                raise RuntimeError(
                    f"[sum_to_size] size {list(shape)} is not expandable to size "
                    f"{list(self.shape)}."
                )
            mask |= <uint64_t>1 << d
    if not shape:
        return sum(self)
    if mask == 0:
        return self
    if thread_state().modes and moded(self):
        out = sum(self, [d for d in range(self.rank) if (mask >> d) & 1], True)
        if out.code != self.code:
            out = <TensorBase>_callbacks["cast"](out, dtype_of(self.code))
        return out.view(shape) if extra else out
    if self.code >= C64:
        out = <TensorBase>_callbacks["sum_complex"](
            self, [d for d in range(self.rank) if (mask >> d) & 1], True)
    else:
        out = total(_sum, self, [d for d in range(self.rank) if (mask >> d) & 1], True,
                    max(<int>self.code, <int>I64), _sum1, False)
    if extra:
        return out.view(shape)
    return out
