# Large operands that lie across: copied tile by tile (see _run_tiles in loops.pyx).
from __future__ import annotations

import numpy as np
import pytest

import derivo

SHAPES = [(300, 171), (16, 1031), (131, 4), (5, 70, 131), (3, 40, 5, 67)]
DTYPES = ["bool", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


def numbers(shape, dtype):
    n = int(np.prod(shape))
    return (np.arange(n) % 113 - 50).reshape(shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_one_across(shape, dtype):
    axes = list(range(len(shape)))
    turned = [*axes[:-2], axes[-1], axes[-2]]
    a = numbers(shape, dtype)
    b = numbers([shape[k] for k in turned], dtype) * 3
    x, y = derivo.from_numpy(a), derivo.from_numpy(b)
    got = (x + y.transpose(-1, -2)).numpy()
    np.testing.assert_array_equal(got, a + b.transpose(turned))
    copy = y.transpose(-1, -2).contiguous()
    np.testing.assert_array_equal(copy.numpy(), b.transpose(turned))


@pytest.mark.parametrize("order", [(2, 0, 1), (2, 1, 0), (1, 2, 0), (0, 2, 1)])
def test_any_order_and_several_across(order):
    shape = (37, 30, 41)
    a = numbers(shape, "float32")
    b, c, d = (
        numbers([shape[order.index(k)] for k in range(3)], t)
        for t in ("int64", "float32", "int8")
    )
    x, y, z, w = map(derivo.from_numpy, (a, b, c, d))
    got = derivo.addcmul(x, y.permute(order), z.permute(order))
    want = a + b.transpose(order) * c.transpose(order)
    np.testing.assert_array_equal(got.numpy(), want.astype("f4"))
    chosen = derivo.where(w.permute(order) > 0, x, z.permute(order))
    want = np.where(d.transpose(order) > 0, a, c.transpose(order))
    np.testing.assert_array_equal(chosen.numpy(), want)


def test_part_of_a_transposed_operand_and_reversed_rows():
    a = numbers((200, 300), "float32")
    b = numbers((400, 500), "float32")[5:305, 3:203]
    x, y = derivo.from_numpy(a), derivo.from_numpy(numbers((400, 500), "float32"))
    y = y[5:305, 3:203]
    np.testing.assert_array_equal((x - y.t()).numpy(), a - b.T)
    into = derivo.zeros(300, 200)
    derivo.sub(x.t(), y, out=into)
    np.testing.assert_array_equal(into.numpy(), a.T - b)
    x += y.t()
    np.testing.assert_array_equal(x.numpy(), numbers((200, 300), "float32") + b.T)


@pytest.mark.parametrize("threads", [1, 2])
def test_with_its_own_transpose(threads):
    before = derivo.get_num_threads()
    derivo.set_num_threads(threads)
    try:
        a = numbers((512, 512), "float32")
        x = derivo.from_numpy(a.copy())
        made = x + x.t()
    finally:
        derivo.set_num_threads(before)
    np.testing.assert_array_equal(made.numpy(), a + a.T)
