# Stub of derivo._core.scipy_blas, written by tools/make_stubs.py.
# Not to be edited: `spin lint --fix` writes it again.

from typing import Any



def _cython_blas() -> Any: ...
_module: None

def _one_blas_thread() -> Any: ...

def blas_address(name: Any) -> Any:
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

def use_blas(on: Any = True) -> Any:
    """Send large float products to SciPy's BLAS (`on`), or to our own kernels again.

    Ours are the default where vectors are longer than 16 bytes: they are faster
    there. Sets SciPy's BLAS to one thread. Returns whether BLAS is in use.
    """
