# Selection among equal elements comes out in PyTorch's order, recorded by
# tests/data/record_ordering.py.

from __future__ import annotations

import ctypes
import json
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivo._core.ordering import top_indices
from derivo._core.tensor import _alias, _empty, _numbers, dtypes

RECORDED = json.loads(
    (Path(__file__).parents[2] / "data" / "ordering.json").read_text(encoding="utf-8")
)
BY_NAME = {d.name: d for d in dtypes}


def tensor(array):
    t = _empty(array.shape, BY_NAME[array.dtype.name])
    if array.size:
        ctypes.memmove(_numbers(t)[0], array.ctypes.data, array.nbytes)
    return t


def chosen(x, k, largest, ordered):
    out = _empty((x.shape[0], k), BY_NAME["int64"])
    top_indices(out, x, largest, ordered)
    return np.frombuffer(
        ctypes.string_at(_numbers(out)[0], 8 * out.numel()), np.int64
    ).reshape(x.shape[0], k)


def numbers(n, values):
    return np.array([[(i * i * 31 + 7 * i) % 1009 % values for i in range(n)]])


@pytest.mark.parametrize("dtype", ["int64", "float32", "uint8", "int16", "float64"])
def test_equal_elements(dtype):
    wrong = []
    for case, marks in RECORDED.items():
        n, values, k = map(int, case.split())
        x = tensor(numbers(n, values).astype(dtype))
        ours = [
            f"{zlib.crc32(chosen(x, k, largest, ordered).tobytes()):08x}"
            for largest in (True, False)
            for ordered in (True, False)
        ]
        if ours != marks.split():
            wrong.append(case)
    assert not wrong


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_selects_what_sorting_selects(data):
    n = data.draw(st.integers(1, 150))
    k = data.draw(st.integers(1, n))
    items = st.floats(width=32) | st.integers(-3, 3).map(float)
    row = np.array([data.draw(st.lists(items, min_size=n, max_size=n))], np.float32)
    for largest in (True, False):
        places = chosen(tensor(row), k, largest, True)[0]
        assert len(set(places.tolist())) == k
        ordered = np.sort(row[0])  # NaN last
        if largest:
            ordered = ordered[::-1]
        np.testing.assert_array_equal(row[0][places], ordered[:k])


def test_many_equal_and_adversarial_rows():
    # What makes quicksort's recursion deep: the heap takes over, results stay right.
    n = 20_000
    half = n // 2
    organ = np.concatenate([np.arange(half), np.arange(half)[::-1]])
    for row in (np.zeros(n), organ, np.arange(n)[::-1], np.arange(n) % 2):
        row = row.astype(np.float64)
        places = chosen(tensor(row[None]), half, True, True)[0]
        np.testing.assert_array_equal(row[places], np.sort(row)[::-1][:half])


def test_strided_rows_and_nothing():
    x = np.arange(12.0).reshape(4, 3) % 5
    turned = _alias(tensor(x), (3, 4), (1, 3), 0)
    expected = chosen(tensor(np.ascontiguousarray(x.T)), 2, False, True)
    np.testing.assert_array_equal(chosen(turned, 2, False, True), expected)
    assert chosen(turned, 0, True, True).shape == (3, 0)
