"""The steps of optimizers, one kernel over each parameter.

`derivo.optim` describes the update of one element by scalar expressions; here the
kernel made from them runs over the parameters of a group. Nothing is remembered
between steps but the kernels: parameters, gradients and state are looked up each time,
at a few tens of nanoseconds a parameter, so that replacing any of them just works.

A parameter takes part when it, its gradient and its state tensors have one floating
dtype (float32 or float64) and the same dense layout. `step` returns the others, for
Python to update by ordinary operations.
"""
cimport cython
from cpython.object cimport PyObject
from libc.math cimport pow

from derivo._core._types cimport F32, F64, int64_t, kernel_t
from derivo._core.tensor cimport TensorBase, note_write
from derivo._core.threads cimport PARALLEL_BYTES, num_threads, parallel_for

cdef extern from "Python.h":
    PyObject* PyDict_GetItemWithError(object d, object key) except? NULL

cdef enum:
    MAX_POINTERS = 24
    MAX_SCALARS = 8
    MAX_STATE = 3

# One parameter's update: the same for every thread, each of which takes a part.
cdef struct Job:
    kernel_t kernel
    int n_pointers            # tensors first, then scalars
    int n_tensors
    int itemsize
    char* ptrs[MAX_POINTERS]


cdef void _run(void* arg, int64_t begin, int64_t end) noexcept nogil:
    cdef Job* job = <Job*>arg
    cdef int64_t sizes[2]
    cdef int64_t strides[2 * MAX_POINTERS]
    cdef char* ptrs[MAX_POINTERS]
    cdef int i
    sizes[0] = end - begin
    sizes[1] = 1
    for i in range(job.n_pointers):
        strides[job.n_pointers + i] = 0
        if i < job.n_tensors:
            strides[i] = job.itemsize
            ptrs[i] = job.ptrs[i] + begin * job.itemsize
        else:
            strides[i] = 0
            ptrs[i] = job.ptrs[i]
    job.kernel(sizes, ptrs, strides)


cdef bint dense(TensorBase t) noexcept:
    # Whether the elements fill a block of memory, in any order of dimensions.
    cdef int64_t expected = 1
    cdef int64_t steps[16]
    cdef int64_t sizes[16]
    cdef int i, j, n = 0
    if t.is_contig:
        return True
    if t.rank > 16:
        return False
    for i in range(t.rank):
        if t.sizes[i] == 1:
            continue
        j = n
        while j > 0 and steps[j - 1] > t.steps[i]:
            steps[j] = steps[j - 1]
            sizes[j] = sizes[j - 1]
            j -= 1
        steps[j] = t.steps[i]
        sizes[j] = t.sizes[i]
        n += 1
    for i in range(n):
        if steps[i] != expected:
            return False
        expected *= sizes[i]
    return True


cdef bint _alike(TensorBase a, TensorBase b) noexcept:
    # Whether element k of the memory of both is the same element.
    cdef int i
    if a.code != b.code or a.rank != b.rank:
        return False
    for i in range(a.rank):
        if a.sizes[i] != b.sizes[i]:
            return False
        if a.steps[i] != b.steps[i] and a.sizes[i] != 1:
            return False
    return True


cdef class FusedUpdate:
    """An update of parameters by one generated kernel.

    Parameters
    ----------
    name : str
        Names the change in error messages ("SGD.step").
    build : callable
        ``build(variant, dtype_name)`` gives the address of the kernel. Its operands
        are the outputs (parameter, then state), the inputs (gradient, parameter, then
        state) and the scalars.
    states : tuple of str
        Keys of the state tensors that the kernel reads and writes.
    n_scalars : int
        Number of float64 scalars.
    """

    cdef readonly str name
    cdef readonly object build
    cdef readonly tuple states
    cdef readonly int n_scalars
    cdef dict kernels
    cdef double scalars[MAX_SCALARS]
    cdef int64_t last_variant
    cdef kernel_t last[2]            # of `last_variant`, for float32 and float64

    def __cinit__(self, str name, build, tuple states, int n_scalars):
        if n_scalars > MAX_SCALARS or len(states) > MAX_STATE:
            raise ValueError(
                f"[{name}] at most {MAX_SCALARS} scalars and {MAX_STATE} state "
                f"tensors: got {n_scalars=}, {states=}")
        self.name = name
        self.build = build
        self.states = states
        self.n_scalars = n_scalars
        self.kernels = {}
        self.last_variant = -1
        self.last[0] = self.last[1] = NULL

    cdef kernel_t kernel(self, int64_t variant, int code) except NULL:
        cdef size_t address
        if variant != self.last_variant:
            self.last[0] = self.last[1] = NULL
            self.last_variant = variant
        if self.last[code - F32] == NULL:
            key = (variant, code)
            found = self.kernels.get(key)
            if found is None:
                found = self.build(variant, "float32" if code == F32 else "float64")
                self.kernels[key] = found
            address = found
            self.last[code - F32] = <kernel_t>address
        return self.last[code - F32]

    cdef int update(self, int64_t variant, TensorBase param, TensorBase grad,
                    TensorBase s0, TensorBase s1, TensorBase s2, int n_states,
                    ) except -1:
        # Run over one parameter; the caller has checked the layouts.
        cdef Job job
        cdef int i, n = 1 + n_states
        cdef int64_t bytes
        job.kernel = self.kernel(variant, param.code)
        job.itemsize = 4 if param.code == F32 else 8
        job.n_tensors = 2 * n + 1
        job.n_pointers = job.n_tensors + self.n_scalars
        job.ptrs[0] = job.ptrs[n + 1] = param.data_
        job.ptrs[n] = grad.data_
        if n_states > 0:
            job.ptrs[1] = job.ptrs[n + 2] = s0.data_
            note_write(s0, self.name)
        if n_states > 1:
            job.ptrs[2] = job.ptrs[n + 3] = s1.data_
            note_write(s1, self.name)
        if n_states > 2:
            job.ptrs[3] = job.ptrs[n + 4] = s2.data_
            note_write(s2, self.name)
        for i in range(self.n_scalars):
            job.ptrs[job.n_tensors + i] = <char*>&self.scalars[i]
        note_write(param, self.name)
        bytes = param.count * job.itemsize * job.n_tensors
        if bytes < PARALLEL_BYTES or num_threads() == 1:
            _run(&job, 0, param.count)
        else:
            with nogil:
                parallel_for(_run, &job, param.count,
                             max(<int64_t>1024,
                                 PARALLEL_BYTES // (2 * job.itemsize * job.n_tensors)))
        return 0


cdef bint _usable(TensorBase param, TensorBase grad) noexcept:
    return (
        (param.code == F32 or param.code == F64)
        and _alike(param, grad)
        and dense(param)
        and not param.storage.readonly
        and not param.inference
    )


cdef inline object _entry(object d, object key):
    cdef PyObject* found = PyDict_GetItemWithError(d, key)
    return None if found is NULL else <object>found


cdef TensorBase _like(TensorBase param, object state, str key):
    # The state tensor under `key` if it can be used beside `param`.
    cdef object found = _entry(state, key)
    if not isinstance(found, TensorBase) or not _alike(param, <TensorBase>found):
        return None
    if (<TensorBase>found).storage.readonly:
        return None
    return <TensorBase>found


def sgd_step(FusedUpdate fused, params, state, int64_t variant, int64_t first,
             bint momentum, double lr, double weight_decay, double momentum_factor,
             double dampening):
    """One step of SGD over `params`; returns the parameters it could not update.

    `variant` says which terms there are; adding `first` makes it that of a parameter
    whose momentum buffer is only allocated.
    """
    cdef TensorBase param, grad, buffer
    cdef list left = None
    fused.scalars[0] = -lr
    fused.scalars[1] = weight_decay
    fused.scalars[2] = momentum_factor
    fused.scalars[3] = 1.0 - dampening
    for item in params:
        param = <TensorBase?>item
        if param.grad_ is None:
            continue
        grad = <TensorBase>param.grad_
        buffer = None
        if _usable(param, grad):
            if not momentum:
                fused.update(variant, param, grad, None, None, None, 0)
                continue
            mine = state[item]
            if _entry(mine, "momentum_buffer") is None:
                buffer = <TensorBase>_callbacks["empty_like"](item)
                if _alike(param, buffer):
                    mine["momentum_buffer"] = buffer
                    fused.update(variant + first, param, grad, buffer, None, None, 1)
                    continue
            else:
                buffer = _like(param, mine, "momentum_buffer")
                if buffer is not None:
                    fused.update(variant, param, grad, buffer, None, None, 1)
                    continue
        if left is None:
            left = []
        left.append(item)
    return left


@cython.cdivision(True)
def adam_step(FusedUpdate fused, params, state, int64_t variant, bint amsgrad,
              double lr, double beta1, double beta2, double eps, double weight_decay):
    """One step of Adam over `params`; returns the parameters it could not update.

    Parameters without state are among those: Python makes it, and calls again.
    """
    cdef TensorBase param, grad, mean, square, largest, count
    cdef list left = None
    cdef double step, last_step = -1.0
    fused.scalars[1] = 1.0 - lr * weight_decay
    fused.scalars[2] = weight_decay
    fused.scalars[3] = 1.0 - beta1
    fused.scalars[4] = beta2
    fused.scalars[5] = 1.0 - beta2
    fused.scalars[7] = eps
    for item in params:
        param = <TensorBase?>item
        if param.grad_ is None:
            continue
        grad = <TensorBase>param.grad_
        if _usable(param, grad):
            mine = _entry(state, item)
            if mine is not None:
                mean = _like(param, mine, "exp_avg")
                square = _like(param, mine, "exp_avg_sq")
                largest = _like(param, mine, "max_exp_avg_sq") if amsgrad else None
                found = _entry(mine, "step")
                if (mean is not None and square is not None
                        and (largest is not None or not amsgrad)
                        and isinstance(found, TensorBase)):
                    count = <TensorBase>found
                    if count.count == 1 and (count.code == F32 or count.code == F64):
                        if count.code == F32:
                            (<float*>count.data_)[0] += 1.0
                            step = (<float*>count.data_)[0]
                        else:
                            (<double*>count.data_)[0] += 1.0
                            step = (<double*>count.data_)[0]
                        note_write(count, fused.name)
                        if step != last_step:
                            fused.scalars[0] = -(lr / (1.0 - pow(beta1, step)))
                            fused.scalars[6] = pow(1.0 - pow(beta2, step), 0.5)
                            last_step = step
                        fused.update(variant, param, grad, mean, square, largest,
                                     3 if amsgrad else 2)
                        continue
        if left is None:
            left = []
        left.append(item)
    return left


def drop_gradients(params):
    """Set ``.grad`` of every parameter to None."""
    for item in params:
        (<TensorBase?>item).grad_ = None


cdef dict _callbacks = {}


def set_callbacks(**functions):
    """Hand over ``empty_like(param)``."""
    _callbacks.update(functions)
