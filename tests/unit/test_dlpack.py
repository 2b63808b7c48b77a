from __future__ import annotations

import numpy as np
import pytest

import derivo as torch


def test_shares_memory_both_ways():
    t = torch.arange(6).reshape(2, 3).t()
    a = np.from_dlpack(t)
    assert a.shape == (3, 2)
    assert a.tolist() == t.tolist()
    t[0, 0] = 7
    assert a[0, 0] == 7
    back = torch.from_dlpack(np.ones(3, dtype=np.float32))
    assert back.dtype is torch.float32
    assert back.tolist() == [1, 1, 1]


def test_between_tensors():
    t = torch.zeros(2)
    torch.from_dlpack(t).add_(1)
    assert t.tolist() == [1, 1]
    assert t.__dlpack_device__() == (1, 0)


def test_refusals():
    with pytest.raises(TypeError, match="expected an object with __dlpack__"):
        torch.from_dlpack([1.0])
    with pytest.raises(BufferError, match="require gradient"):
        np.from_dlpack(torch.ones(1, requires_grad=True))
