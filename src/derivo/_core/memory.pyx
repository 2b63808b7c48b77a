"""A caching allocator and the storage object that tensors share.

Blocks are grouped in size classes (multiples of 64 bytes up to 1 KiB, then four
classes to each power of two), freed blocks wait in a list of their class, and a
steady loop therefore touches no fresh page. Blocks of 1 MiB and more are mapped
directly, aligned to 2 MiB when they are at least that long, and ask for huge pages:
first-touch page faults are what dominates large CPU arrays.

All functions need the GIL, which is what makes the lists safe.
"""

cimport cython
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uintptr_t
from libc.stdlib cimport free

from derivo.errors import OutOfMemoryError

cdef extern from "stdlib.h" nogil:
    int posix_memalign(void** out, size_t alignment, size_t size)

cdef extern from "sys/mman.h" nogil:
    void* mmap(void* addr, size_t length, int prot, int flags, int fd, long offset)
    int munmap(void* addr, size_t length)
    int madvise(void* addr, size_t length, int advice)
    int PROT_READ, PROT_WRITE, MAP_PRIVATE, MAP_ANONYMOUS
    void* MAP_FAILED

cdef extern from *:
    """
    #ifndef MADV_HUGEPAGE
    #define MADV_HUGEPAGE -1
    #endif
    static inline int derivo_log2(unsigned long long n) {
        return 63 - __builtin_clzll(n);
    }
    """
    int MADV_HUGEPAGE
    int derivo_log2(unsigned long long n) nogil

cdef extern from *:
    """
    static destructor derivo_set_dealloc(PyTypeObject* type, destructor dealloc) {
        destructor before = type->tp_dealloc;
        type->tp_dealloc = dealloc;
        return before;
    }
    static inline PyObject* derivo_revive(PyObject* o) {
    #ifdef Py_REF_DEBUG
        _Py_NewReference(o);
    #else
        Py_SET_REFCNT(o, 1);
    #endif
        return o;
    }
    """
    ctypedef void (*destructor)(PyObject*) noexcept
    destructor derivo_set_dealloc(type cls, destructor dealloc) noexcept
    object derivo_revive(PyObject* o)

cdef enum:
    ALIGNMENT = 64
    SMALL_LIMIT = 1024              # up to here classes are multiples of 64
    MAP_LIMIT = 1 << 20             # from here on blocks are mapped
    HUGE_PAGE = 2 << 20
    N_CLASSES = 16 + 4 * 54
    N_SMALL = 256

cdef struct Block:
    Block* next

cdef Block* _free[N_CLASSES]
cdef int64_t _cached_bytes = 0
cdef int64_t _allocated_bytes = 0
cdef int64_t _peak_bytes = 0
cdef int64_t _allocations = 0
cdef int64_t _system_allocations = 0
cdef int64_t _cache_limit = <int64_t>1 << 31


cdef inline int class_of(int64_t nbytes, int64_t* rounded) noexcept:
    cdef int power, quarter
    cdef int64_t base, step
    if nbytes <= SMALL_LIMIT:
        if nbytes <= 0:
            nbytes = 1
        rounded[0] = (nbytes + ALIGNMENT - 1) & ~<int64_t>(ALIGNMENT - 1)
        return <int>(rounded[0] // ALIGNMENT) - 1
    power = derivo_log2(<unsigned long long>(nbytes - 1))
    base = <int64_t>1 << power
    step = base >> 2
    quarter = <int>((nbytes - 1 - base) // step)
    rounded[0] = base + step * (quarter + 1)
    return 16 + 4 * (power - 10) + quarter


cdef char* _map_block(int64_t nbytes) noexcept:
    # Over-map by one huge page and cut the ends, so that the block is aligned.
    cdef int64_t slack = HUGE_PAGE if nbytes >= HUGE_PAGE else 0
    cdef void* raw = mmap(NULL, nbytes + slack, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    cdef uintptr_t start, aligned
    if raw == MAP_FAILED:
        return NULL
    if slack:
        start = <uintptr_t>raw
        aligned = (start + HUGE_PAGE - 1) & ~<uintptr_t>(HUGE_PAGE - 1)
        if aligned > start:
            munmap(raw, aligned - start)
        if start + slack > aligned:
            munmap(<void*>(aligned + nbytes), start + slack - aligned)
        raw = <void*>aligned
        if MADV_HUGEPAGE >= 0:
            madvise(raw, nbytes, MADV_HUGEPAGE)
    return <char*>raw


cdef char* _system_allocate(int64_t nbytes) noexcept:
    cdef void* out = NULL
    if nbytes >= MAP_LIMIT:
        return _map_block(nbytes)
    if posix_memalign(&out, ALIGNMENT, nbytes) != 0:
        return NULL
    return <char*>out


cdef void _system_release(char* block, int64_t nbytes) noexcept:
    if nbytes >= MAP_LIMIT:
        munmap(block, nbytes)
    else:
        free(block)


cdef void _drop_cache(int64_t keep) noexcept:
    # Largest classes first: few calls give back most.
    cdef int index
    cdef int64_t nbytes
    cdef Block* block
    while _n_small and _cached_bytes > keep:
        _drop_small()
    for index in range(N_CLASSES - 1, -1, -1):
        while _free[index] != NULL:
            if _cached_bytes <= keep:
                return
            block = _free[index]
            _free[index] = block.next
            nbytes = _class_bytes(index)
            _system_release(<char*>block, nbytes)
            _note_cached(-nbytes)


cdef void _note_cached(int64_t delta) noexcept:
    global _cached_bytes
    _cached_bytes += delta


cdef int64_t _class_bytes(int index) noexcept:
    cdef int64_t base
    if index < 16:
        return <int64_t>(index + 1) * ALIGNMENT
    base = <int64_t>1 << (10 + (index - 16) // 4)
    return base + (base >> 2) * ((index - 16) % 4 + 1)


cdef char* allocate(int64_t nbytes) except NULL:
    """Return an uninitialised block of at least `nbytes`, aligned to 64 bytes."""
    global _cached_bytes, _allocated_bytes, _peak_bytes
    global _allocations, _system_allocations
    cdef int64_t rounded
    cdef int index
    cdef Block* block
    cdef char* out
    if nbytes < 0 or nbytes > (<int64_t>1 << 62):
        raise OutOfMemoryError(nbytes, _allocated_bytes, _cached_bytes)
    index = class_of(nbytes, &rounded)
    block = _free[index]
    if block != NULL:
        _free[index] = block.next
        _cached_bytes -= rounded
        out = <char*>block
    else:
        out = _system_allocate(rounded)
        if out == NULL:
            _drop_cache(0)
            out = _system_allocate(rounded)
            if out == NULL:
                raise OutOfMemoryError(nbytes, _allocated_bytes, _cached_bytes)
        _system_allocations += 1
    _allocations += 1
    _allocated_bytes += rounded
    if _allocated_bytes > _peak_bytes:
        _peak_bytes = _allocated_bytes
    return out


cdef void release(char* block, int64_t nbytes) noexcept:
    """Give back a block obtained by `allocate(nbytes)`."""
    global _cached_bytes, _allocated_bytes
    cdef int64_t rounded
    cdef int index = class_of(nbytes, &rounded)
    _allocated_bytes -= rounded
    if _cached_bytes + rounded > _cache_limit:
        _system_release(block, rounded)
        return
    (<Block*>block).next = _free[index]
    _free[index] = <Block*>block
    _cached_bytes += rounded


@cython.final
@cython.no_gc
@cython.freelist(512)
cdef class Storage:
    """Memory shared by all views of a tensor, with their version counter."""

    def __dealloc__(self):
        if self.owned:
            release(self.data, self.nbytes)

    def data_ptr(self):
        """Address of the first byte."""
        return <uintptr_t>self.data

    def __len__(self):
        return self.nbytes


# Storages of the smallest blocks are kept whole when they die, object and block.
cdef PyObject* _small[N_SMALL]
cdef int _n_small = 0
cdef destructor _end_storage = derivo_set_dealloc(Storage, retire)


cdef void retire(PyObject* o) noexcept:
    """What runs when a storage has lost its last reference."""
    global _cached_bytes, _allocated_bytes, _n_small
    # No variable for the object: it must not be counted again.
    if ((<Storage>o).owned and (<Storage>o).nbytes <= ALIGNMENT
            and _n_small < N_SMALL and (<Storage>o).owner is None
            and not (<Storage>o).readonly
            and _cached_bytes + ALIGNMENT <= _cache_limit):
        if (<Storage>o).writer is not None:
            (<Storage>o).writer = None
            (<Storage>o).where = None
        _small[_n_small] = o
        _n_small += 1
        _cached_bytes += ALIGNMENT
        _allocated_bytes -= ALIGNMENT
    else:
        _end_storage(o)


cdef void _drop_small() noexcept:
    # One that is kept goes the common way: its block back to the lists.
    global _cached_bytes, _allocated_bytes, _n_small
    _n_small -= 1
    _cached_bytes -= ALIGNMENT
    _allocated_bytes += ALIGNMENT
    _end_storage(_small[_n_small])


cdef Storage new_storage(int64_t nbytes):
    global _cached_bytes, _allocated_bytes, _peak_bytes, _allocations, _n_small
    cdef Storage out
    if _n_small and 0 <= nbytes <= ALIGNMENT:
        _n_small -= 1
        out = <Storage>derivo_revive(_small[_n_small])
        out.nbytes = nbytes
        out.version = 0
        _cached_bytes -= ALIGNMENT
        _allocated_bytes += ALIGNMENT
        _allocations += 1
        if _allocated_bytes > _peak_bytes:
            _peak_bytes = _allocated_bytes
        return out
    out = Storage.__new__(Storage)
    out.data = allocate(nbytes)
    out.nbytes = nbytes
    out.owned = True
    return out


cdef Storage alias_storage(Storage source):
    cdef Storage out = Storage.__new__(Storage)
    out.data = source.data
    out.nbytes = source.nbytes
    out.readonly = source.readonly
    out.owner = source
    return out


cdef Storage foreign_storage(char* data, int64_t nbytes, object owner):
    cdef Storage out = Storage.__new__(Storage)
    out.data = data
    out.nbytes = nbytes
    out.owner = owner
    return out


def memory_stats():
    """Figures of the caching allocator.

    Returns
    -------
    dict
        ``allocated_bytes`` (in use by tensors), ``peak_bytes`` (its maximum),
        ``cached_bytes`` (free, kept for reuse), ``cache_limit_bytes``,
        ``allocations`` (requests so far) and ``system_allocations`` (requests that
        had to ask the operating system).

    Examples
    --------
    >>> import derivo
    >>> derivo.memory_stats()["allocated_bytes"] >= 0
    True
    """
    return {
        "allocated_bytes": _allocated_bytes,
        "peak_bytes": _peak_bytes,
        "cached_bytes": _cached_bytes,
        "cache_limit_bytes": _cache_limit,
        "allocations": _allocations,
        "system_allocations": _system_allocations,
    }


def reset_peak_memory_stats():
    """Set ``peak_bytes`` of :func:`memory_stats` to what is in use now."""
    global _peak_bytes
    _peak_bytes = _allocated_bytes


def empty_cache():
    """Give all cached free memory back to the operating system."""
    _drop_cache(0)


def set_cache_limit(nbytes):
    """Bound the free memory that is kept for reuse, in bytes; trims at once."""
    global _cache_limit
    if nbytes < 0:
        raise ValueError(
            f"[set_cache_limit] expected nbytes >= 0, got nbytes={nbytes}"
        )
    _cache_limit = nbytes
    _drop_cache(_cache_limit)
