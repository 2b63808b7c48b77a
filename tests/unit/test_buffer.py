# The buffer protocol of tensors, and tensors over others' buffers.
from __future__ import annotations

import array
import ctypes
import hashlib
import io
import struct

import numpy as np
import pytest

import derivo

DTYPES = {
    "bool": "?",
    "uint8": "B",
    "int8": "b",
    "int16": "h",
    "int32": "i",
    "int64": np.dtype("int64").char,
    "float16": "e",
    "float32": "f",
    "float64": "d",
    "complex64": "Zf",
    "complex128": "Zd",
}


@pytest.mark.parametrize("name", DTYPES)
def test_format_and_values(name):
    t = derivo.arange(6).reshape(2, 3).to(getattr(derivo, name))
    view = memoryview(t)
    assert (view.format, view.itemsize) == (DTYPES[name], t.itemsize)
    assert (view.shape, view.nbytes, view.readonly) == ((2, 3), t.nbytes, False)
    seen = np.asarray(t)
    assert seen.dtype == np.dtype(name)
    np.testing.assert_array_equal(seen, t.numpy())
    assert bytes(t) == seen.tobytes()


def test_bfloat16_has_no_format():
    t = derivo.ones(2, dtype=derivo.bfloat16)
    with pytest.raises(BufferError, match="no format in the buffer protocol"):
        memoryview(t)
    assert bytes(t.view(derivo.int16)) == b"\x80\x3f" * 2
    with pytest.raises(TypeError, match="BFloat16"):
        np.asarray(t)


@pytest.mark.parametrize(
    "make",
    [
        lambda x: x.t(),
        lambda x: x[:, ::2],
        lambda x: x[1:, 1:],
        lambda x: x[0, 0],
        lambda x: x[:0],
        lambda x: x[0].expand(4, 6),
        lambda x: x.reshape((1,) * 7 + (24,)),
    ],
    ids=["transposed", "stepped", "offset", "0-d", "empty", "expanded", "8-d"],
)
def test_layouts(make):
    x = make(derivo.arange(24.0).reshape(4, 6))
    view = memoryview(x)
    assert view.shape == tuple(x.shape)
    assert view.strides == tuple(4 * s for s in x.stride())
    assert view.tobytes() == x.contiguous().numpy().tobytes()
    assert bytes(x) == view.tobytes()


def test_one_integer_is_its_bytes_too():
    assert bytes(derivo.tensor([3], dtype=derivo.uint8)) == b"\x03"


def test_writes_go_to_the_tensor():
    t = derivo.zeros(3)
    view = memoryview(t)
    view[1] = 2.5
    assert t.tolist() == [0.0, 2.5, 0.0]
    t[2] = 4.0
    assert view.tolist() == [0.0, 2.5, 4.0]


def test_readinto_counts_as_a_change():
    w = derivo.ones(4, requires_grad=True)
    t = derivo.zeros(4)
    loss = (w * t).sum()
    source = io.BytesIO(np.arange(4, dtype="float32").tobytes())
    assert source.readinto(t) == 16
    assert t.tolist() == [0.0, 1.0, 2.0, 3.0]
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_others_read_it():
    t = derivo.arange(4, dtype=derivo.int32)
    raw = struct.pack("=4i", 0, 1, 2, 3)
    assert hashlib.sha256(t).digest() == hashlib.sha256(raw).digest()
    assert struct.unpack_from("=i", t, 8) == (2,)
    out = io.BytesIO()
    out.write(t)
    assert out.getvalue() == raw
    assert np.frombuffer(t, "int32").tolist() == [0, 1, 2, 3]


def test_subclasses_have_it():
    p = derivo.nn.Parameter(derivo.ones(2), requires_grad=False)
    assert bytes(p) == struct.pack("=2f", 1.0, 1.0)


def request(t, flags):
    # Ask as C code does: Python's own consumers put errors of theirs in place of ours.
    held = (ctypes.c_byte * 256)()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(t), held, flags)
    ctypes.pythonapi.PyBuffer_Release(held)


SIMPLE, WRITABLE, ND = 0, 1, 8
STRIDES, C_CONTIGUOUS, F_CONTIGUOUS, ANY_CONTIGUOUS = 0x18, 0x38, 0x58, 0x98


def test_what_is_not_contiguous_is_refused_where_it_must_be():
    rows = derivo.zeros(2, 3)
    columns, gaps = rows.t(), derivo.zeros(4, 4)[::2, ::2]
    for flags in (SIMPLE, WRITABLE, ND, STRIDES, C_CONTIGUOUS, ANY_CONTIGUOUS):
        request(rows, flags)
    for flags in (STRIDES, F_CONTIGUOUS, ANY_CONTIGUOUS):
        request(columns, flags)
    request(gaps, STRIDES)
    request(derivo.zeros(0, 3), F_CONTIGUOUS)
    for t, flags, name in (
        (columns, SIMPLE, "C-contiguous"),
        (columns, ND, "C-contiguous"),
        (columns, C_CONTIGUOUS, "C-contiguous"),
        (rows, F_CONTIGUOUS, "Fortran contiguous"),
        (gaps, ANY_CONTIGUOUS, "contiguous"),
    ):
        with pytest.raises(BufferError, match=f"not {name}: got strides"):
            request(t, flags)
    with pytest.raises(TypeError, match="read-write bytes-like object"):
        io.BytesIO(bytes(24)).readinto(columns)
    assert rows.resize_(100).shape == (100,), "nothing is out"


def test_a_tensor_that_requires_grad_is_refused():
    x = derivo.ones(2, requires_grad=True)
    for t in (x, x * 2, x[0]):
        with pytest.raises(BufferError, match="requires grad"):
            memoryview(t)
        with pytest.raises(RuntimeError, match=r"Can't call .* that requires grad"):
            memoryview(t)
    with pytest.raises(RuntimeError, match="numpy\\(\\) on Tensor that requires grad"):
        np.asarray(x)
    assert bytes(x.detach()) == struct.pack("=2f", 1.0, 1.0)


def test_a_batched_tensor_is_refused():
    with pytest.raises(RuntimeError, match="you're calling memoryview"):
        derivo.vmap(lambda x: derivo.tensor(memoryview(x)[0]))(derivo.ones(2, 2))


def test_read_only_memory():
    with pytest.warns(UserWarning, match="not writable"):
        t = derivo.frombuffer(b"abcd", dtype=derivo.uint8)
    assert memoryview(t).readonly
    assert bytes(t) == b"abcd"
    with pytest.raises(BufferError, match="memory is read-only"):
        request(t, WRITABLE)
    with pytest.raises(TypeError, match="read-write bytes-like object"):
        io.BytesIO(b"wxyz").readinto(t)


def test_a_view_outlives_the_tensor():
    t = derivo.arange(1000.0)
    view = memoryview(t[10:])
    array_ = np.asarray(t)
    del t
    derivo.zeros(1000).add_(7)
    assert view[0] == 10.0
    assert array_[999] == 999.0


def test_a_view_outlives_a_change_of_storage():
    t = derivo.arange(4.0)
    view = memoryview(t)
    t.set_(derivo.zeros(2, 2))
    derivo.zeros(4).add_(7)
    assert view.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert view.shape == (4,)


def test_no_growth_while_a_view_is_out():
    t = derivo.arange(4.0)
    view = memoryview(t)
    assert t.resize_(2).tolist() == [0.0, 1.0]
    for same in (t, t.data, t.detach(), t[:1]):
        with pytest.raises(RuntimeError, match="storage that is not resizable"):
            same.resize_(100)
    view.release()
    assert t.resize_(5).tolist()[:4] == [0.0, 1.0, 2.0, 3.0]
    seen = t.numpy()
    with pytest.raises(RuntimeError, match="storage that is not resizable"):
        t.resize_(100)
    del seen
    assert t.resize_(100).shape == (100,)


def test_foreign_memory_does_not_grow():
    for t in (
        derivo.from_numpy(np.ones(2)),
        derivo.frombuffer(bytearray(8), dtype=derivo.int64),
    ):
        with pytest.raises(RuntimeError, match="storage that is not resizable"):
            t.resize_(10)


# ------------------------------------------------------------------ frombuffer


def test_frombuffer_shares():
    memory = bytearray(16)
    t = derivo.frombuffer(memory, dtype=derivo.int32, offset=4, count=2)
    t[0] = -1
    assert t.shape == (2,)
    assert t.storage_offset() == 0
    assert memory[4:8] == b"\xff" * 4
    with pytest.raises(BufferError, match="re-sized"):
        memory.append(1)
    del t
    memory.append(1)


def test_frombuffer_of_many_kinds():
    numbers = array.array("d", [1.0, 2.0])
    assert derivo.frombuffer(numbers, dtype=derivo.float64).tolist() == [1.0, 2.0]
    grid = np.arange(6.0).reshape(2, 3)
    assert derivo.frombuffer(grid, dtype=derivo.float64).tolist() == [*range(6)]
    t = derivo.ones(2)
    assert derivo.frombuffer(t, dtype=derivo.uint8).shape == (8,)
    bits = derivo.frombuffer(bytearray(b"\x80\x3f"), dtype=derivo.bfloat16)
    assert bits.tolist() == [1.0]


def test_frombuffer_requires_grad():
    x = derivo.frombuffer(bytearray(8), dtype=derivo.float32, requires_grad=True)
    x.exp().sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]
    with pytest.raises(RuntimeError, match="Tensors of floating point and complex"):
        derivo.frombuffer(bytearray(8), dtype=derivo.int32, requires_grad=True)


@pytest.mark.parametrize(
    ("source", "arguments", "message"),
    [
        (bytearray(16), {"offset": 16}, r"offset \(16 bytes\) must be non-negative"),
        (bytearray(16), {"offset": -1}, r"offset \(-1 bytes\) must be non-negative"),
        (bytearray(16), {"count": 5}, r"requested buffer length \(5 \* 4 bytes\)"),
        (bytearray(16), {"count": 0}, r"both buffer length \(16\) and count \(0\)"),
        (bytearray(), {}, r"both buffer length \(0\) and count \(-1\) must not be 0"),
        (bytearray(16), {"offset": 3}, "must be a multiple of element size"),
        (3, {}, "object does not implement Python buffer protocol"),
    ],
)
def test_frombuffer_refusals(source, arguments, message):
    with pytest.raises(ValueError, match=message):
        derivo.frombuffer(source, dtype=derivo.int32, **arguments)


def test_frombuffer_wants_one_piece():
    with pytest.raises(RuntimeError, match="could not retrieve buffer from object"):
        derivo.frombuffer(np.arange(6.0)[::2], dtype=derivo.float64)
    with pytest.raises(TypeError, match="dtype"):
        derivo.frombuffer(bytearray(4))


def test_asarray_reads_memory():
    memory = bytearray(range(8))
    t = derivo.asarray(memory, dtype=derivo.int16)
    assert t.tolist() == [256, 770, 1284, 1798]
    t[0] = 0
    assert memory[1] == 0
    copied = derivo.asarray(memory, dtype=derivo.uint8, copy=True)
    copied[0] = 7
    assert memory[0] == 0
    assert derivo.asarray(memory).dtype == derivo.float32
    assert derivo.asarray(memory, dtype=derivo.uint8, copy=False).shape == (8,)
    assert derivo.asarray(np.float64(3)).item() == 3.0
    with pytest.raises(RuntimeError, match="could not retrieve buffer"):
        derivo.asarray(memoryview(memory)[::2], dtype=derivo.uint8)
    with pytest.raises(ValueError, match="both buffer length"):
        derivo.asarray(bytearray())


# ------------------------------------------------------------------ apply_, map_, map2_


@pytest.mark.parametrize("name", [*DTYPES, "bfloat16"])
def test_apply(name):
    t = derivo.tensor([[1, 0], [1, 1]], dtype=getattr(derivo, name)).t()
    version = t._version
    assert t.apply_(lambda v: not v) is t
    assert t.tolist() == [[0, 0], [1, 0]]
    assert t._version > version


def test_apply_goes_row_by_row():
    seen = []
    derivo.arange(6.0).reshape(2, 3).t().apply_(lambda v: seen.append(v) or v)
    assert seen == [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]
    assert derivo.arange(3).apply_(lambda v: v + 0.5).tolist() == [0, 1, 2]
    assert derivo.zeros(0).apply_(lambda v: 1 / v).shape == (0,)
    assert derivo.tensor(2.0).apply_(lambda v: v * 3).item() == 6.0


def test_map():
    t = derivo.arange(4.0).reshape(2, 2)
    t.map_(derivo.tensor([1.0, 2.0]), lambda a, b: a * b)
    assert t.tolist() == [[0.0, 2.0], [2.0, 6.0]]
    t.map2_(derivo.ones(1), derivo.ones(2, 1), lambda a, b, c: a + b + c)
    assert t.tolist() == [[2.0, 4.0], [4.0, 8.0]]


def test_apply_and_map_refusals():
    t, leaf = derivo.ones(4), derivo.ones(4, requires_grad=True)
    with pytest.raises(TypeError, match="'int' object is not callable"):
        t.apply_(3)
    with pytest.raises(TypeError, match="must be real number, not NoneType"):
        t.apply_(lambda v: None)
    with pytest.raises(RuntimeError, match=r"Can't call apply_\(\) on Variable"):
        leaf.apply_(lambda v: v)
    with pytest.raises(RuntimeError, match=r"Can't call map_\(\) on Variable"):
        t.map_(leaf, lambda a, b: a)
    with pytest.raises(RuntimeError, match="expanded size of the tensor"):
        t.map_(derivo.ones(3), lambda a, b: a)
    with pytest.raises(TypeError, match=r"expected torch.float32 for 'other'"):
        t.map_(derivo.ones(4, dtype=derivo.float64), lambda a, b: a)
    with pytest.raises(TypeError, match="argument 'y' must be Tensor, not int"):
        t.map2_(t, 2, lambda a, b, c: a)
