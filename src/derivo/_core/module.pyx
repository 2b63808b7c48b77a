"""The part of ``nn.Module`` that runs on every call: attribute access and calling.

Everything a module owns stays in its instance dictionary, where Python code can
see and change it (``_parameters``, ``_buffers``, ``_modules`` and the dictionaries
of hooks).  Nothing is cached here, so nothing can go stale: this file only reads
those dictionaries faster than Python's own protocol does.

- ``module.weight`` costs three dictionary look-ups; the ordinary protocol would
  build, raise and clear an ``AttributeError`` before it asked ``__getattr__``.
- ``module(x)`` looks at the eight dictionaries of hooks and enters ``forward`` by
  vectorcall, without a bound method and without a Python frame of its own.
"""
cimport cython
from cpython.object cimport PyObject, PyObject_GenericGetAttr

cdef extern from "Python.h":
    PyObject* _PyType_Lookup(PyObject* tp, PyObject* name) noexcept
    PyObject* PyDict_GetItemWithError(PyObject* d, PyObject* key) except? NULL
    Py_ssize_t PyDict_GET_SIZE(PyObject* d) noexcept
    bint PyDict_Check(PyObject* d) noexcept
    bint PyFunction_Check(PyObject* f) noexcept
    PyObject* Py_TYPE(PyObject* o) noexcept
    Py_ssize_t PyTuple_GET_SIZE(PyObject* t) noexcept
    PyObject* PyTuple_GET_ITEM(PyObject* t, Py_ssize_t i) noexcept
    object PyObject_Vectorcall(
        PyObject* f, PyObject** args, size_t nargsf, PyObject* kwnames)
    object PyObject_Call(object f, object args, PyObject* kwargs)

cdef extern from *:
    """
    /* ModuleBase declares its own __dict__, so the slot is at a fixed offset in
       every subclass (never a managed dictionary) and is never empty. */
    #define DV_INSTANCE_DICT(o) \
        (*(PyObject**)((char*)(o) + Py_TYPE(o)->tp_dictoffset))
    """
    PyObject* DV_INSTANCE_DICT(PyObject* o) noexcept

# Hooks that apply to every module; filled by ``derivo.nn.modules.module``.
global_forward_pre_hooks = {}
global_forward_hooks = {}
global_backward_pre_hooks = {}
global_backward_hooks = {}

cdef dict _global_forward_pre = global_forward_pre_hooks
cdef dict _global_forward = global_forward_hooks
cdef dict _global_backward_pre = global_backward_pre_hooks
cdef dict _global_backward = global_backward_hooks

cdef str _forward = "forward"
cdef str _parameters = "_parameters"
cdef str _buffers = "_buffers"
cdef str _modules = "_modules"
cdef str _forward_hooks = "_forward_hooks"
cdef str _forward_pre_hooks = "_forward_pre_hooks"
cdef str _backward_hooks = "_backward_hooks"
cdef str _backward_pre_hooks = "_backward_pre_hooks"

# Positional arguments that fit the array on the C stack; more take the slow path.
DEF MAX_STACK_ARGS = 8


cdef inline bint _filled(PyObject* d, str key) except -1:
    # A missing dictionary (``super().__init__`` was not called) counts as filled:
    # the slow path then reports it.
    cdef PyObject* hooks = PyDict_GetItemWithError(d, <PyObject*>key)
    if hooks is NULL or not PyDict_Check(hooks):
        return True
    return PyDict_GET_SIZE(hooks) != 0


cdef inline PyObject* _registered(PyObject* d, str table, PyObject* name) except? NULL:
    cdef PyObject* entries = PyDict_GetItemWithError(d, <PyObject*>table)
    if entries is NULL or not PyDict_Check(entries):
        return NULL
    return PyDict_GetItemWithError(entries, name)


cdef inline PyObject* _find_registered(PyObject* d, PyObject* name) except? NULL:
    cdef PyObject* found = _registered(d, _parameters, name)
    if found is NULL:
        found = _registered(d, _modules, name)
    if found is NULL:
        found = _registered(d, _buffers, name)
    return found


def find_registered(ModuleBase module, name):
    """Return the parameter, buffer or submodule called `name`.

    Raises AttributeError where there is none. It is ``Module.__getattr__`` for
    classes that call it through ``super()``.
    """
    cdef PyObject* found = _find_registered(
        DV_INSTANCE_DICT(<PyObject*>module), <PyObject*>name)
    if found is NULL:
        raise AttributeError(
            f"'{type(module).__name__}' object has no attribute '{name}'",
            name=name, obj=module)
    return <object>found


@cython.auto_pickle(False)
cdef class ModuleBase:
    """Attribute access and calling for ``derivo.nn.Module``."""

    cdef dict __dict__
    cdef object __weakref__

    def __getattribute__(self, name):
        cdef PyObject* key = <PyObject*>name
        cdef PyObject* found
        cdef PyObject* own = DV_INSTANCE_DICT(<PyObject*>self)
        # A class attribute may be a data descriptor, which comes before the
        # instance's own value: leave the order to Python.
        if _PyType_Lookup(Py_TYPE(<PyObject*>self), key) is not NULL:
            return PyObject_GenericGetAttr(self, name)
        found = PyDict_GetItemWithError(own, key)
        if found is NULL:
            found = _find_registered(own, key)
            if found is NULL:
                raise AttributeError(
                    f"'{type(self).__name__}' object has no attribute '{name}'",
                    name=name, obj=self)
        return <object>found

    def __call__(self, *args, **kwargs):
        cdef PyObject* own = DV_INSTANCE_DICT(<PyObject*>self)
        cdef PyObject* forward
        cdef PyObject* stack[MAX_STACK_ARGS + 2]
        cdef PyObject* positional
        cdef Py_ssize_t i, n
        if (PyDict_GET_SIZE(<PyObject*>_global_forward_pre)
                or PyDict_GET_SIZE(<PyObject*>_global_forward)
                or PyDict_GET_SIZE(<PyObject*>_global_backward_pre)
                or PyDict_GET_SIZE(<PyObject*>_global_backward)
                or _filled(own, _forward_pre_hooks)
                or _filled(own, _forward_hooks)
                or _filled(own, _backward_hooks)
                or _filled(own, _backward_pre_hooks)):
            return self._call_with_hooks(args, kwargs)
        positional = <PyObject*>args
        n = PyTuple_GET_SIZE(positional)
        if n <= MAX_STACK_ARGS and PyDict_GET_SIZE(<PyObject*>kwargs) == 0:
            forward = _PyType_Lookup(Py_TYPE(<PyObject*>self), <PyObject*>_forward)
            if (forward is not NULL and PyFunction_Check(forward)
                    and PyDict_GetItemWithError(own, <PyObject*>_forward) is NULL):
                stack[0] = NULL  # the callee may write here (ARGUMENTS_OFFSET)
                stack[1] = <PyObject*>self
                for i in range(n):
                    stack[i + 2] = PyTuple_GET_ITEM(positional, i)
                return PyObject_Vectorcall(
                    forward, &stack[1],
                    <size_t>(n + 1) | (<size_t>1 << (8 * sizeof(size_t) - 1)), NULL)
        return PyObject_Call(self.forward, args, <PyObject*>kwargs)
