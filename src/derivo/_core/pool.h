/* Making and freeing objects of the types that every operation makes.

   All types over one layout (a cdef class and the classes made from it by `type`)
   share a pool: the memory of freed objects, and the image of a fresh one. A new
   object is a copy of the image; one that dies gives up what its object fields hold
   and goes back. The general way (type.__new__ field by field, a dictionary for each
   object, the chain of subtype_dealloc) costs several times as much, and the cycle
   collector counts its objects as new ones.

   Objects free one another along a graph of any length: below a certain depth those
   that die are queued instead, through their reference counts. */

#ifndef DERIVO_POOL_H
#define DERIVO_POOL_H

#include <Python.h>
#include <string.h>

#define DERIVO_POOLED 256
#define DERIVO_FIELDS 32

typedef struct {
    PyTypeObject* owner;                 /* the class that gives the layout */
    Py_ssize_t size;                     /* bytes of an object ... */
    Py_ssize_t used;                     /* ... of which a fresh one needs these */
    Py_ssize_t dict, weak;               /* offsets, 0 if there is none */
    int n_fields;                        /* object fields, None in a fresh object */
    int n;
    unsigned short fields[DERIVO_FIELDS];
    destructor dealloc;                  /* the pool's own */
    void (*before)(PyObject*);           /* called first on an object that dies */
    PyObject* items[DERIVO_POOLED];
    char image[1024];
} derivo_pool;

static inline void derivo_count_none(Py_ssize_t n) {
#if PY_VERSION_HEX < 0x030C0000
    Py_None->ob_refcnt += n;             /* immortal later */
#endif
}

/* A new object of `type`, which belongs to `pool`. */
static inline PyObject* derivo_fresh(derivo_pool* pool, PyTypeObject* type) {
    PyObject* o;
    const Py_ssize_t head = sizeof(PyObject);
    if (pool->n) {
        o = pool->items[--pool->n];
        memcpy((char*)o + head, pool->image + head, pool->used - head);
        Py_SET_TYPE(o, type);
        if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_INCREF(type);
#ifdef Py_REF_DEBUG
        _Py_NewReference(o);
#else
        Py_SET_REFCNT(o, 1);
#endif
        derivo_count_none(pool->n_fields);
        PyObject_GC_Track(o);
        return o;
    }
    o = PyType_GenericAlloc(type, 0);
    if (o == NULL) return NULL;
    memcpy((char*)o + head, pool->image + head, pool->used - head);
    derivo_count_none(pool->n_fields);
    return o;
}

#endif
