"""The generator of random numbers: MT19937 (Matsumoto and Nishimura 1998).

Seeding, the words, their pairing to 64 bits and the layout of a saved state are
PyTorch's, so that a state can be carried from one to the other.
"""
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.pythread cimport PyThread_allocate_lock, PyThread_free_lock
from libc.string cimport memcpy, memset

from derivo._core._types cimport U8, int32_t, int64_t, uint32_t, uint64_t
from derivo._core.tensor cimport TensorBase, empty_c

import os

cdef enum:
    STATE_BYTES = 5056        # of a saved state

cdef uint64_t DEFAULT_SEED = 67280421310721


cdef void seed_twister(Twister* s, uint64_t seed) noexcept nogil:
    cdef uint32_t w = <uint32_t> seed
    cdef uint32_t j
    s.seed = seed
    s.words[0] = w
    for j in range(1, DV_MT_N):
        w = <uint32_t> 1812433253 * (w ^ (w >> 30)) + j
        s.words[j] = w
    s.left = 1
    s.next = 0
    s.has_double = False
    s.has_float = False


cdef uint64_t seed_from(object seed) except? 0:
    if not -(1 << 63) <= seed < 1 << 64:
        raise ValueError(
            f"[manual_seed] Overflow when unpacking long long: expected a seed from "
            f"-2**63 to 2**64 - 1, got {seed}. Use a smaller seed."
        )
    return <uint64_t> (seed & 0xFFFFFFFFFFFFFFFF)


cdef class Generator:
    """Source of random numbers with a state of its own (MT19937).

    Parameters
    ----------
    device : device or str, optional
        Only ``'cpu'``.

    Examples
    --------
    >>> import derivo
    >>> g = derivo.Generator().manual_seed(0)
    >>> derivo.rand(2, generator=g)
    tensor([0.4963, 0.7682])
    """

    def __cinit__(self):
        self.lock = PyThread_allocate_lock()
        if self.lock == NULL:
            raise MemoryError("[Generator] no memory for a lock")
        seed_twister(&self.state, DEFAULT_SEED)

    def __init__(self, device="cpu"):
        if str(device).partition(":")[0] != "cpu":
            raise RuntimeError(
                f"[Generator] no generator for this device: expected 'cpu', got "
                f"{str(device)!r}. derivo computes on the CPU."
            )

    def __dealloc__(self):
        if self.lock != NULL:
            PyThread_free_lock(self.lock)

    @property
    def device(self):
        """Where the numbers are made: always the CPU."""
        from derivo import device

        return device("cpu")

    def manual_seed(self, seed):
        """Start anew from `seed`; return the generator.

        Parameters
        ----------
        seed : int
            From -2**63 to 2**64 - 1; a negative seed stands for ``2**64 + seed``.

        Raises
        ------
        RuntimeError
            If `seed` is no int.
        ValueError
            If it does not fit in 64 bits.
        """
        if type(seed) is not int:
            if isinstance(seed, bool) or not hasattr(seed, "__index__") or (
                isinstance(seed, TensorBase)
            ):
                raise RuntimeError(
                    f"[manual_seed] manual_seed expected a long, but got "
                    f"{type(seed).__name__}. Give the seed as an int."
                )
            seed = seed.__index__()
        cdef uint64_t value = seed_from(seed)
        acquire(self)
        seed_twister(&self.state, value)
        release(self)
        return self

    def seed(self):
        """Start anew from a seed that the operating system makes up; return it."""
        seed = int.from_bytes(os.urandom(8), "little")
        self.manual_seed(seed)
        return seed

    def initial_seed(self):
        """The seed of the last `manual_seed` or `seed`."""
        return self.state.seed

    def get_state(self):
        """The whole state as a uint8 tensor of 5056 elements, as PyTorch's.

        Returns
        -------
        Tensor
            For `set_state`, here or in PyTorch.
        """
        cdef int64_t size = STATE_BYTES
        cdef bytes data = self._state_bytes()
        cdef TensorBase out = empty_c(U8, 1, &size)
        memcpy(out.data_, <const char*> data, STATE_BYTES)
        return out

    def set_state(self, new_state):
        """Continue from a state that `get_state` returned.

        Parameters
        ----------
        new_state : Tensor
            uint8, contiguous, 5056 elements.

        Raises
        ------
        TypeError
            If it is no uint8 tensor.
        RuntimeError
            If it has another size, is not contiguous, or is no state.
        """
        if not isinstance(new_state, TensorBase):
            raise TypeError(
                f"[set_state] expected a torch.ByteTensor, but got "
                f"{type(new_state).__name__}. Give what get_state() returned."
            )
        cdef TensorBase t = new_state
        if t.code != U8:
            raise TypeError(
                f"[set_state] RNG state must be a torch.ByteTensor: expected dtype "
                f"torch.uint8, got dtype={t.dtype}. Give what get_state() returned."
            )
        if not t.is_contig:
            raise RuntimeError(
                "[set_state] RNG state must be contiguous. Call contiguous() on it."
            )
        self._set_state_bytes(PyBytes_FromStringAndSize(t.data_, t.count))

    def clone_state(self):
        """A new generator with the same state."""
        cdef Generator other = Generator.__new__(type(self))
        acquire(self)
        other.state = self.state
        release(self)
        return other

    def get_offset(self):
        """Refused: only generators of other devices count an offset."""
        raise RuntimeError("[Generator] CPU Generator does not use offset")

    def set_offset(self, offset):
        """Refused: only generators of other devices count an offset."""
        raise RuntimeError("[Generator] CPU Generator does not use offset")

    def graphsafe_get_state(self):
        """Refused: only generators of other devices have such a state."""
        raise NotImplementedError(
            "[Generator] graphsafe_get_state is not supported in this Generator"
        )

    def graphsafe_set_state(self, state):
        """Refused: only generators of other devices have such a state."""
        raise NotImplementedError(
            "[Generator] graphsafe_set_state is not supported in this Generator"
        )

    def __reduce__(self):
        return type(self), (), self._state_bytes()

    def __setstate__(self, data):
        self._set_state_bytes(data)

    def __copy__(self):
        return self.clone_state()

    def __deepcopy__(self, memo):
        return self.clone_state()

    def _state_bytes(self):
        # uint64 seed; int32 left, seeded; uint64 next; uint64 words[624]; double
        # x, y, rho; int32 valid, padding; float next; bool valid, padding
        cdef bytes data = PyBytes_FromStringAndSize(NULL, STATE_BYTES)
        cdef char* at = PyBytes_AS_STRING(data)
        cdef Twister* s = &self.state
        cdef int32_t one = 1
        cdef uint64_t wide
        cdef int i
        memset(at, 0, STATE_BYTES)
        acquire(self)
        memcpy(at, &s.seed, 8)
        memcpy(at + 8, &s.left, 4)
        memcpy(at + 12, &one, 4)
        wide = s.next
        memcpy(at + 16, &wide, 8)
        for i in range(DV_MT_N):
            wide = s.words[i]
            memcpy(at + 24 + 8 * i, &wide, 8)
        if s.has_double:
            memcpy(at + 5024, &s.next_double, 8)
            memcpy(at + 5040, &one, 4)
        if s.has_float:
            memcpy(at + 5048, &s.next_float, 4)
            at[5052] = 1
        release(self)
        return data

    def _set_state_bytes(self, data):
        cdef bytes owned = data
        cdef const char* at = owned
        cdef Twister s
        cdef int32_t seeded, valid
        cdef uint64_t wide
        cdef int i
        if len(owned) != STATE_BYTES:
            raise RuntimeError(
                f"[set_state] Expected a CPUGeneratorImplState of size {STATE_BYTES} "
                f"but found the input RNG state size to be {len(owned)}. Give what "
                "get_state() returned."
            )
        memcpy(&s.seed, at, 8)
        memcpy(&s.left, at + 8, 4)
        memcpy(&seeded, at + 12, 4)
        memcpy(&wide, at + 16, 8)
        # Beyond PyTorch's checks: the words still to come must lie in the state.
        if (not seeded or s.left < 1 or s.left > DV_MT_N or wide > DV_MT_N
                or s.left - 1 + <int64_t> wide > DV_MT_N):
            raise RuntimeError(
                "[set_state] Invalid mt19937 state: the counters do not fit. Give "
                "what get_state() returned."
            )
        s.next = <uint32_t> wide
        for i in range(DV_MT_N):
            memcpy(&wide, at + 24 + 8 * i, 8)
            s.words[i] = <uint32_t> wide
        memcpy(&s.next_double, at + 5024, 8)
        memcpy(&valid, at + 5040, 4)
        s.has_double = valid != 0
        memcpy(&s.next_float, at + 5048, 4)
        s.has_float = at[5052] != 0
        acquire(self)
        self.state = s
        release(self)


cdef Generator the_default = Generator()
the_default.seed()
default_generator = the_default


cdef Generator default_c():
    return the_default


def _before_fork():
    acquire(the_default)


def _after_fork():
    release(the_default)


# A child that is forked while another thread draws must not inherit a held lock.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork
    )


def _word(Generator generator=None):
    """32 random bits as an int."""
    cdef Generator g = the_default if generator is None else generator
    acquire(g)
    cdef uint32_t w = next_word(&g.state)
    release(g)
    return w
