"""SciPy's BLAS by C pointer, for machines whose vectors have 16 bytes only.

It is found at the first large product, through the C pointers that
``scipy.linalg.cython_blas`` publishes. Its own threads are switched off: ours split the
work.
"""

import os
import sys

from cpython.pycapsule cimport PyCapsule_GetName, PyCapsule_GetPointer
from libc.stdint cimport int64_t

from derivo._core._types cimport F32
from derivo._core.tiles cimport Gemm


# Fortran's interface, as cython_blas declares it.
ctypedef void (*sgemm_t)(
    char*, char*, int*, int*, int*, float*, float*, int*, float*, int*, float*,
    float*, int*) noexcept nogil
ctypedef void (*dgemm_t)(
    char*, char*, int*, int*, int*, double*, double*, int*, double*, int*, double*,
    double*, int*) noexcept nogil

cdef sgemm_t blas_sgemm = NULL
cdef dgemm_t blas_dgemm = NULL
cdef bint blas_asked = False


cdef bint blas_is_on() noexcept nogil:
    return blas_sgemm != NULL


cdef int look_for_blas() except -1:
    """Use SciPy's BLAS if it is there and nobody has decided yet."""
    if blas_asked:
        return 0
    try:
        use_blas()
    except (ImportError, KeyError):   # without SciPy our own kernels do it
        pass
    return 0


cdef bint blas_fits(const Gemm* g) noexcept nogil:
    # Fortran's integers, and one stride of each operand 1.
    cdef int64_t most = 0x7fffffff
    return (
        g.csc == 1 and (g.csb == 1 or g.rsb == 1) and (g.csa == 1 or g.rsa == 1)
        and g.m <= most and g.n <= most and g.k <= most and g.rsc <= most
        and g.rsb <= most and g.csb <= most and g.rsa <= most and g.csa <= most
        and g.rsc >= g.n
        and (g.rsb >= g.n or g.csb != 1) and (g.csb >= g.k or g.csb == 1)
        and (g.rsa >= g.k or g.csa != 1) and (g.csa >= g.m or g.csa == 1)
    )


cdef void by_blas(
    int code, const Gemm* g, int64_t i0, int64_t i1, int64_t j0, int64_t j1
) noexcept nogil:
    # Row-major c = a b is, to Fortran, c' = b' a'.
    cdef int m = <int> (j1 - j0)
    cdef int n = <int> (i1 - i0)
    cdef int k = <int> g.k
    cdef char trans_b = b"N" if g.csb == 1 else b"T"
    cdef char trans_a = b"N" if g.csa == 1 else b"T"
    cdef int ldb = <int> (g.rsb if g.csb == 1 else g.csb)
    cdef int lda = <int> (g.rsa if g.csa == 1 else g.csa)
    cdef int ldc = <int> g.rsc
    cdef int64_t size = 4 if code == F32 else 8
    cdef char* a = <char*> g.a + size * i0 * g.rsa
    cdef char* b = <char*> g.b + size * j0 * g.csb
    cdef char* c = <char*> g.c + size * (i0 * g.rsc + j0)
    cdef float alpha32 = <float> g.alpha
    cdef float beta32 = <float> g.beta
    cdef double alpha = g.alpha
    cdef double beta = g.beta
    cdef int64_t i, j
    cdef const char* cin
    if g.beta != 0 and g.cin != NULL:
        for i in range(i0, i1):
            cin = <const char*> g.cin + size * (i * g.rscin + j0 * g.cscin)
            for j in range(j1 - j0):
                if code == F32:
                    (<float*> c)[(i - i0) * g.rsc + j] = (
                        <const float*> cin)[j * g.cscin]
                else:
                    (<double*> c)[(i - i0) * g.rsc + j] = (
                        <const double*> cin)[j * g.cscin]
    if code == F32:
        blas_sgemm(
            &trans_b, &trans_a, &m, &n, &k, &alpha32, <float*> b, &ldb, <float*> a,
            &lda, &beta32, <float*> c, &ldc)
    else:
        blas_dgemm(
            &trans_b, &trans_a, &m, &n, &k, &alpha, <double*> b, &ldb, <double*> a,
            &lda, &beta, <double*> c, &ldc)


_module = None


def _cython_blas():
    # SciPy's __init__ of linalg takes 0.2 s; the one extension module with the
    # pointers 3 ms.
    global _module
    import importlib.machinery
    import importlib.util

    name = "scipy.linalg.cython_blas"
    if _module is not None:
        return _module
    if name in sys.modules:
        return sys.modules[name]
    import scipy

    folder = os.path.join(os.path.dirname(scipy.__file__), "linalg")
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        path = os.path.join(folder, "cython_blas" + suffix)
        if os.path.exists(path):
            spec = importlib.util.spec_from_file_location(name, path)
            _module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(_module)
            # Whoever imports scipy.linalg later gets it in the usual way, with its
            # place in the package.
            sys.modules.pop(name, None)
            return _module
    import scipy.linalg.cython_blas as found   # laid out in some other way

    return found


def blas_address(name):
    """Return the address of a BLAS routine (Fortran's interface) as an ``int``.

    Parameters
    ----------
    name : str
        Such as ``"sgemm"``: any name in ``scipy.linalg.cython_blas``.

    Raises
    ------
    KeyError
        SciPy publishes no such routine.
    """
    capsule = _cython_blas().__pyx_capi__[name]
    return <size_t> PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule))


def _one_blas_thread():
    # The threads of a second pool would compete with ours for the same cores.
    import ctypes

    try:
        library = ctypes.CDLL(_cython_blas().__file__)
    except OSError:
        return False
    for symbol in (
        "scipy_openblas_set_num_threads",
        "openblas_set_num_threads",
        "MKL_Set_Num_Threads",
        "bli_thread_set_num_threads",
    ):
        function = getattr(library, symbol, None)
        if function is not None:
            function.restype = None
            function(ctypes.c_int(1))
            return True
    return False


def use_blas(on=True):
    """Send large float products to SciPy's BLAS (`on`), or to our own kernels again.

    Ours are the default where vectors are longer than 16 bytes: they are faster
    there. Sets SciPy's BLAS to one thread. Returns whether BLAS is in use.
    """
    global blas_sgemm, blas_dgemm, blas_asked
    blas_asked = True
    if not on:
        blas_sgemm = NULL
        blas_dgemm = NULL
        return False
    _one_blas_thread()
    blas_dgemm = <dgemm_t> <size_t> blas_address("dgemm")
    blas_sgemm = <sgemm_t> <size_t> blas_address("sgemm")
    return True
