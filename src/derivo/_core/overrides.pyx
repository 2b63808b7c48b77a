"""Finding, among the arguments of a function, those whose class overrides functions.

Nothing here runs before some class overrides functions (`derivo._overrides`).
"""

cimport cython

from derivo._core.dispatch cimport _binary
from derivo._core.tensor cimport (
    TensorBase, grad_fn_of, make_as, set_hooks, tensor_class,
)

cdef extern from *:
    """
    static __thread int derivo_overrides_off = 0;
    static __thread int derivo_overriding_modes = 0;
    """
    int derivo_overrides_off
    int derivo_overriding_modes

cdef dict _kinds = {}              # class -> whether it overrides functions
cdef object _disabled = None
cdef object _dispatch = None
cdef tuple _operators = ()


def configure(disabled, dispatch, operators):
    """Set the marker of classes that take no part, what carries a call out that has to
    be handed over, and the functions that stand for the core's operators."""
    global _disabled, _dispatch, _operators
    _disabled, _dispatch, _operators = disabled, dispatch, tuple(operators)


def disabled_count(int change=0):
    """Count the reasons not to look at classes on this thread; returns how many."""
    global derivo_overrides_off
    derivo_overrides_off += change
    return derivo_overrides_off


def set_modes(int count):
    """Say how many modes are active on this thread."""
    global derivo_overriding_modes
    if count:
        set_hooks(binary_in_mode, NULL, NULL)
    derivo_overriding_modes = count


cdef object binary_in_mode(int which, object a, object b):
    if derivo_overriding_modes and not derivo_overrides_off:
        return _dispatch(_operators[which], overriding((a, b)), (a, b), {})
    return _binary(which, a, b)


cdef bint overrides(type cls) except -1:
    known = _kinds.get(cls)
    if known is None:
        found = getattr(cls, "__torch_function__", None)
        known = (found is not None and found is not _disabled
                 and cls is not tensor_class())
        _kinds[cls] = known
    return known


cdef list note(object value, list found):
    cdef type cls = type(value)
    cdef Py_ssize_t i
    if cls is tensor_class() or not overrides(cls):
        return found
    if found is None:
        return [value]
    for i, other in enumerate(found):
        if type(other) is cls:
            return found
        if issubclass(cls, type(other)):
            found.insert(i, value)
            return found
    found.append(value)
    return found


cdef list search(object values, list found):
    for value in values:
        if type(value) is tuple or type(value) is list:
            for part in value:
                found = note(part, found)
        else:
            found = note(value, found)
    return found


def overriding(values):
    """Those of the values, and of the parts of lists and tuples among them, whose class
    overrides functions: one a class, subclasses first."""
    return [] if derivo_overrides_off else search(values, None) or []


@cython.final
cdef class Entry:
    """A public function: `plain` is what it does unless a class overrides it."""

    cdef readonly object public
    cdef readonly object plain
    cdef dict __dict__

    def __init__(self, plain, public=None):
        self.plain = plain
        self.public = self if public is None else public
        for name in ("__doc__", "__module__"):
            setattr(self, name, getattr(plain, name, None))
        setattr(self, "__wrapped__", plain)

    def __call__(self, *args, **kwargs):
        cdef list found
        if not derivo_overrides_off:
            found = search(args, None)
            if kwargs:
                found = search(kwargs.values(), found)
            if found is not None or derivo_overriding_modes:
                return _dispatch(self.public, found or [], args, kwargs)
        return self.plain(*args, **kwargs)

    # Where it stands for `plain` in a namespace, it is the same key in a table.
    def __eq__(self, other):
        return self is other or self.plain is other

    def __hash__(self):
        return hash(self.plain)

    def __getattr__(self, name):
        return getattr(self.plain, name)

    def __repr__(self):
        return repr(self.plain)


def as_class(type cls, TensorBase t):
    """An object of class `cls` that is `t` in all else: memory, history, base."""
    cdef TensorBase out = make_as(
        cls, t.storage, t.data_, t.code, t.rank, t.sizes, t.steps)
    out.fn = grad_fn_of(t)
    out.output_nr = t.output_nr
    out.leaf_grad = t.leaf_grad
    out.inference = t.inference
    out.creation = t.creation
    out.base = t.base
    out.attr_version = t.attr_version
    out._tangents = t._tangents
    out._batch = t._batch
    return out
