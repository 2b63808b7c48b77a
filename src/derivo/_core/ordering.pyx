"""Selection and sorting of pairs, with PyTorch's order among equal keys.

``topk`` and ``multinomial`` do not say in which order equal elements come, but a script
that runs on both sees it. PyTorch's order is that of its C++ library: introsort and
introselect (Musser 1997) with the median of three after the first element as the pivot
and insertion sort for up to 16 elements, or a heap of the first elements for small
selections. These are those algorithms, step by step the same comparisons and moves.

Keys are ascending integers: reverse an order by complementing the keys.
"""
from libc.stdint cimport INT64_MAX, int16_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memmove

from derivo._core._types cimport (
    I8, I16, I32, I64, U8, int8_t, int32_t, int64_t, uint8_t,
)
from derivo._core.tensor cimport ITEMSIZE, TensorBase

cdef extern from "random_kernels.h" nogil:
    double dv_load_f64(int code, const char* at)

cdef enum:
    SHORT = 16          # sorted by insertion
    FEW = 64            # a selection of less than one in FEW goes by a heap


cdef int64_t key_of_double(double x) noexcept nogil:
    """An integer that orders as the number does; NaN above all, zeros alike."""
    cdef int64_t bits
    if x != x:
        return INT64_MAX
    if x == 0:
        return 0
    memcpy(&bits, &x, 8)
    return bits if bits >= 0 else -(bits & INT64_MAX)


cdef inline void swap(Entry* a, Entry* b) noexcept nogil:
    cdef Entry t = a[0]
    a[0] = b[0]
    b[0] = t


cdef int64_t depth_limit(int64_t n) noexcept nogil:
    cdef int64_t depth = 0
    while n > 1:
        n >>= 1
        depth += 2
    return depth


# --------------------------------------------------------------------- heaps

cdef void sift(Entry* heap, int64_t hole, int64_t n, Entry value) noexcept nogil:
    # Move the hole down to a leaf along the larger children, then `value` up from it.
    cdef int64_t top = hole
    cdef int64_t child = hole
    cdef int64_t parent
    while child < (n - 1) // 2:
        child = 2 * child + 2
        if heap[child].key < heap[child - 1].key:
            child -= 1
        heap[hole] = heap[child]
        hole = child
    if n % 2 == 0 and child == (n - 2) // 2:
        child = 2 * child + 2
        heap[hole] = heap[child - 1]
        hole = child - 1
    while hole > top:
        parent = (hole - 1) // 2
        if not heap[parent].key < value.key:
            break
        heap[hole] = heap[parent]
        hole = parent
    heap[hole] = value


cdef void exchange_top(Entry* heap, int64_t n, Entry* at) noexcept nogil:
    # The largest of the heap goes to `at`, what was there into the heap.
    cdef Entry value = at[0]
    at[0] = heap[0]
    sift(heap, 0, n, value)


cdef void heap_select(Entry* e, int64_t k, int64_t n) noexcept nogil:
    """Bring the `k` smallest to the front, as a heap."""
    cdef int64_t i
    if k >= 2:
        for i in range((k - 2) // 2, -1, -1):
            sift(e, i, k, e[i])
    for i in range(k, n):
        if e[i].key < e[0].key:
            exchange_top(e, k, e + i)


cdef void sort_heap(Entry* e, int64_t n) noexcept nogil:
    while n > 1:
        n -= 1
        exchange_top(e, n, e + n)


# ----------------------------------------------------------------- partition

cdef int64_t split(Entry* e, int64_t n) noexcept nogil:
    """Partition by the median of three, put first; the start of the upper part."""
    cdef Entry* a = e + 1
    cdef Entry* b = e + n // 2
    cdef Entry* c = e + n - 1
    cdef int64_t low = 1
    cdef int64_t high = n
    if a.key < b.key:
        if b.key < c.key:
            swap(e, b)
        elif a.key < c.key:
            swap(e, c)
        else:
            swap(e, a)
    elif a.key < c.key:
        swap(e, a)
    elif b.key < c.key:
        swap(e, c)
    else:
        swap(e, b)
    while True:
        while e[low].key < e[0].key:
            low += 1
        high -= 1
        while e[0].key < e[high].key:
            high -= 1
        if low >= high:
            return low
        swap(e + low, e + high)
        low += 1


cdef void insert(Entry* e, int64_t i) noexcept nogil:
    # Something at or below e[i] is known to stand before it.
    cdef Entry value = e[i]
    while value.key < e[i - 1].key:
        e[i] = e[i - 1]
        i -= 1
    e[i] = value


cdef void insertion_sort(Entry* e, int64_t n) noexcept nogil:
    cdef Entry value
    cdef int64_t i
    for i in range(1, n):
        if e[i].key < e[0].key:
            value = e[i]
            memmove(e + 1, e, i * sizeof(Entry))
            e[0] = value
        else:
            insert(e, i)


cdef void introsort(Entry* e, int64_t n, int64_t depth) noexcept nogil:
    # Leaves runs of up to SHORT to be sorted by insertion; `depth` bounds recursion.
    cdef int64_t cut
    while n > SHORT:
        if depth == 0:
            heap_select(e, n, n)
            sort_heap(e, n)
            return
        depth -= 1
        cut = split(e, n)
        introsort(e + cut, n - cut, depth)
        n = cut


cdef void sort_entries(Entry* e, int64_t n) noexcept nogil:
    """Sort ascending; equal keys come in the order of the C++ library's sort."""
    cdef int64_t i
    if n < 2:
        return
    introsort(e, n, depth_limit(n))
    if n <= SHORT:
        insertion_sort(e, n)
        return
    insertion_sort(e, SHORT)
    for i in range(SHORT, n):
        insert(e, i)


cdef void introselect(Entry* e, int64_t nth, int64_t n) noexcept nogil:
    """Let the entry that belongs at `nth` stand there, the smaller before it."""
    cdef int64_t depth = depth_limit(n)
    cdef int64_t cut
    if n == 0 or nth == n:
        return
    while n > 3:
        if depth == 0:
            heap_select(e, nth + 1, n)
            swap(e, e + nth)
            return
        depth -= 1
        cut = split(e, n)
        if cut <= nth:
            e += cut
            nth -= cut
            n -= cut
        else:
            n = cut
    insertion_sort(e, n)


cdef void select_entries(Entry* e, int64_t n, int64_t k, bint ordered) noexcept nogil:
    """Bring the `k` smallest to the front, sorted if `ordered` (or if they are few)."""
    if k <= 0:
        return
    if k * FEW <= n:
        heap_select(e, k, n)
        sort_heap(e, k)
        return
    introselect(e, k - 1, n)
    if ordered:
        sort_entries(e, k - 1)


# -------------------------------------------------------------------- tensors

cdef inline int64_t key_at(int code, const char* at) noexcept nogil:
    if code <= U8:
        return (<const uint8_t*> at)[0]
    if code == I8:
        return (<const int8_t*> at)[0]
    if code == I16:
        return (<const int16_t*> at)[0]
    if code == I32:
        return (<const int32_t*> at)[0]
    if code == I64:
        return (<const int64_t*> at)[0]
    return key_of_double(dv_load_f64(code, at))


def top_indices(TensorBase out, TensorBase x, bint largest, bint ordered):
    """Fill `out` with the places of the first elements of each row of `x`.

    Parameters
    ----------
    out : Tensor
        int64, contiguous, of shape (rows, k).
    x : Tensor
        Of shape (rows, n) with n >= k, any strides, any real dtype.
    largest : bool
        The largest (NaN before all) or the smallest.
    ordered : bool
        In order, or as PyTorch's selection leaves them.
    """
    cdef int64_t rows = x.sizes[0]
    cdef int64_t n = x.sizes[1]
    cdef int64_t k = out.sizes[1]
    cdef int64_t i, j
    cdef int64_t step = x.steps[1] * ITEMSIZE[x.code]
    cdef int64_t flip = -1 if largest else 0
    cdef int64_t* places = <int64_t*> out.data_
    cdef const char* at
    cdef Entry* entries
    if k == 0 or rows == 0:
        return
    entries = <Entry*> malloc(n * sizeof(Entry))
    if entries == NULL:
        raise MemoryError(f"[topk] can't allocate {n * sizeof(Entry)} bytes of scratch")
    with nogil:
        for i in range(rows):
            at = x.data_ + i * x.steps[0] * ITEMSIZE[x.code]
            for j in range(n):
                entries[j].key = key_at(x.code, at + j * step) ^ flip
                entries[j].index = j
            select_entries(entries, n, k, ordered)
            for j in range(k):
                places[i * k + j] = entries[j].index
    free(entries)


cdef void quickselect(Entry* e, int64_t k, int64_t n) noexcept nogil:
    """Let the entry that belongs at `k` stand there (Hoare 1961, median of three).

    The order of equal keys is the one that PyTorch's ``kthvalue`` leaves.
    """
    cdef int64_t low = 0
    cdef int64_t high = n - 1
    cdef int64_t i, j
    cdef int64_t pivot
    while high > low + 1:
        swap(e + low + (high - low) // 2, e + low + 1)
        if e[low + 1].key > e[high].key:
            swap(e + low + 1, e + high)
        if e[low].key > e[high].key:
            swap(e + low, e + high)
        if e[low + 1].key > e[low].key:
            swap(e + low + 1, e + low)
        i = low + 1
        j = high
        pivot = e[low].key
        while True:
            i += 1
            while pivot > e[i].key:
                i += 1
            j -= 1
            while e[j].key > pivot:
                j -= 1
            if j < i:
                break
            swap(e + i, e + j)
        swap(e + low, e + j)
        if j <= k:
            low = i
        if j >= k:
            high = j - 1
    if high == low + 1 and e[low].key > e[high].key:
        swap(e + low, e + high)


cdef int64_t middle(
    Entry* e, const int64_t* keys, int64_t n, bint skip_nan
) noexcept nogil:
    """Place of the lower median; of the first NaN unless those are skipped."""
    cdef int64_t i, k, pivot, nans = 0
    for i in range(n):
        if keys[i] == INT64_MAX:
            if not skip_nan:
                return i
            nans += 1
    if nans == n:
        return (n - 1) // 2
    k = (n - nans - 1) // 2
    introselect(e, k, n)
    pivot = e[k].key
    # Among equal elements, in the order in which they stand in the tensor.
    for i in range(n):
        if keys[i] < pivot:
            k -= 1
    for i in range(n):
        if keys[i] == pivot:
            if k == 0:
                return i
            k -= 1
    return 0


cdef int64_t most_frequent(Entry* e, int64_t n) noexcept nogil:
    """Place of the last of the longest run of equal keys; NaN, first, equals none."""
    cdef int64_t i, run = 0, best = 0, found = 0
    for i in range(n):
        if e[i].key == INT64_MAX:
            e[i].key = -INT64_MAX - 1
    sort_entries(e, n)
    for i in range(n):
        run += 1
        if i == n - 1 or e[i].key != e[i + 1].key or e[i].key == -INT64_MAX - 1:
            if run > best:
                best = run
                found = e[i].index
            run = 0
    return found


def picked_indices(TensorBase out, TensorBase x, str how, int64_t k=0):
    """Fill `out` with the place of one element of each row of `x`.

    Parameters
    ----------
    out : Tensor
        int64, contiguous, of shape (rows,).
    x : Tensor
        Of shape (rows, n) with n >= 1, any strides, any real dtype.
    how : {"kth", "median", "nanmedian", "mode"}
        Which one.
    k : int
        For "kth": how many are smaller.
    """
    cdef int64_t rows = x.sizes[0]
    cdef int64_t n = x.sizes[1]
    cdef int64_t i, j
    cdef int64_t step = x.steps[1] * ITEMSIZE[x.code]
    cdef int64_t* places = <int64_t*> out.data_
    cdef bint kth = how == "kth", mode = how == "mode", skip = how == "nanmedian"
    # Integers have no NaN: their largest key is moved out of its way.
    cdef bint whole = x.code <= I64
    cdef const char* at
    cdef Entry* entries
    cdef int64_t* keys
    if rows == 0:
        return
    entries = <Entry*> malloc(n * (sizeof(Entry) + 8))
    if entries == NULL:
        raise MemoryError(f"[{how}] can't allocate {n * (sizeof(Entry) + 8)} bytes")
    keys = <int64_t*> (entries + n)
    with nogil:
        for i in range(rows):
            at = x.data_ + i * x.steps[0] * ITEMSIZE[x.code]
            for j in range(n):
                keys[j] = key_at(x.code, at + j * step)
                if whole and keys[j] == INT64_MAX:
                    keys[j] -= 1
                entries[j].key = keys[j]
                entries[j].index = j
            if kth:
                quickselect(entries, k, n)
                places[i] = entries[k].index
            elif mode:
                places[i] = most_frequent(entries, n)
            else:
                places[i] = middle(entries, keys, n, skip)
    free(entries)


cdef void merge_sort(Entry* e, Entry* room, int64_t n) noexcept nogil:
    """Sort ascending, equal keys as they stood; `room` is for as many entries."""
    cdef int64_t length = SHORT
    cdef int64_t i, j, k, to, middle, end
    i = 0
    while i < n:
        insertion_sort(e + i, min(<int64_t> SHORT, n - i))
        i += SHORT
    while length < n:
        i = 0
        while i + length < n:
            middle = i + length
            end = min(middle + length, n)
            if e[middle].key < e[middle - 1].key:
                # The first run makes room, and is merged back.
                memcpy(room, e + i, length * sizeof(Entry))
                j = 0
                k = middle
                to = i
                while j < length and k < end:
                    if e[k].key < room[j].key:
                        e[to] = e[k]
                        k += 1
                    else:
                        e[to] = room[j]
                        j += 1
                    to += 1
                memcpy(e + to, room + j, (length - j) * sizeof(Entry))
            i += 2 * length
        length *= 2


def sorted_indices(TensorBase out, TensorBase x, bint descending, bint stable):
    """Fill `out` with the order of each row of `x`.

    Parameters
    ----------
    out : Tensor
        int64, contiguous, of shape (rows, n).
    x : Tensor
        Of shape (rows, n), any strides, any real dtype; NaN counts as largest.
    descending : bool
        Largest first.
    stable : bool
        Equal elements as they stood, or as PyTorch's sort leaves them.
    """
    cdef int64_t rows = x.sizes[0]
    cdef int64_t n = x.sizes[1]
    cdef int64_t i, j
    cdef int64_t step = x.steps[1] * ITEMSIZE[x.code]
    cdef int64_t flip = -1 if descending else 0
    cdef int64_t* places = <int64_t*> out.data_
    cdef const char* at
    cdef Entry* entries
    if n == 0 or rows == 0:
        return
    entries = <Entry*> malloc(2 * n * sizeof(Entry))
    if entries == NULL:
        raise MemoryError(
            f"[sort] can't allocate {2 * n * sizeof(Entry)} bytes of scratch")
    with nogil:
        for i in range(rows):
            at = x.data_ + i * x.steps[0] * ITEMSIZE[x.code]
            for j in range(n):
                entries[j].key = key_at(x.code, at + j * step) ^ flip
                entries[j].index = j
            if stable:
                merge_sort(entries, entries + n, n)
            else:
                sort_entries(entries, n)
            for j in range(n):
                places[i * n + j] = entries[j].index
    free(entries)
