# The storage of a tensor over a strided array reached over `array.nbytes` only, so that
# saving such a tensor cut off its last elements.
from __future__ import annotations

import io

import numpy as np
import pytest

import derivo

BASE = np.arange(24.0).reshape(4, 6)


@pytest.mark.parametrize(
    ("array", "nbytes"),
    [
        (BASE[1:3, ::2], 88),
        (BASE.T, 192),
        (BASE[:, 1], 152),
        (BASE[1:1, ::2], 0),
        (np.array(2.0), 8),
    ],
    ids=["stepped", "transposed", "column", "empty", "0-d"],
)
def test_extent(array, nbytes):
    t = derivo.from_numpy(array)
    assert len(t.untyped_storage()) == nbytes
    file = io.BytesIO()
    derivo.save(t, file)
    file.seek(0)
    assert derivo.load(file).tolist() == array.tolist()


@pytest.mark.filterwarnings("ignore:The given NumPy array is not writable")
def test_broadcast_array():
    t = derivo.from_numpy(np.broadcast_to(np.ones(1), (3,)))
    assert (len(t.untyped_storage()), t.stride()) == (8, (0,))
    assert t.tolist() == [1.0, 1.0, 1.0]


def test_negative_strides_are_refused():
    with pytest.raises(ValueError, match="stride in the given numpy array is negative"):
        derivo.from_numpy(BASE[::-1])


def test_odd_strides_are_refused():
    with pytest.raises(ValueError, match="not a multiple of the element byte size"):
        derivo.from_numpy(np.zeros(4, "i1,i4")["f1"])


def test_read_only_array_warns_and_stays():
    array = np.ones(3)
    array.flags.writeable = False
    with pytest.warns(UserWarning, match="NumPy array is not writable"):
        t = derivo.from_numpy(array)
    with pytest.raises(RuntimeError, match=r"read-only|not writable"):
        t.add_(1)
