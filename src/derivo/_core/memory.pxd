from libc.stdint cimport int64_t, uint32_t

cdef char* allocate(int64_t nbytes) except NULL
cdef void release(char* block, int64_t nbytes) noexcept

cdef class Storage:
    # Version counter of every alias of this storage; `.data` aliases through a
    # second Storage so that it counts on its own.
    cdef char* data
    cdef int64_t nbytes
    cdef uint32_t version
    cdef bint owned            # the block came from allocate()
    cdef bint readonly
    cdef object owner          # keeps foreign memory or the aliased storage alive
    cdef str writer            # operation that changed it last
    cdef object where          # and the user's code object and instruction
    cdef int where_at
    cdef int exports           # views that are out by the buffer protocol

cdef Storage new_storage(int64_t nbytes)
cdef Storage alias_storage(Storage source)
cdef Storage foreign_storage(char* data, int64_t nbytes, object owner)
