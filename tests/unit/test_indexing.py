# Subscripts: what they take, write and differentiate, against NumPy.
from __future__ import annotations

import numpy as np
import pytest

import derivo
from derivo.autograd import gradcheck, gradgradcheck

A = np.arange(60.0).reshape(3, 4, 5) / 3
MASK = np.arange(12).reshape(3, 4) % 3 == 0

ITEMS = {
    "int": 1,
    "negative": -1,
    "slice": slice(1, 3),
    "step": (slice(None), slice(0, 4, 2)),
    "ellipsis": (..., 2),
    "none": (None, 0, None),
    "list": [0, 2, 0],
    "array": (slice(None), np.array([[0], [-1]])),
    "two arrays": (np.array([0, 2]), np.array([1, 3])),
    "apart": (np.array([0, 2]), slice(None), np.array([1, 3])),
    "broadcast": (np.array([[0], [2]]), slice(1, 3), np.array([1, 3])),
    "mask": MASK,
    "mask in the middle": (slice(None), np.array([True, False, True, True])),
    "int and array": (1, np.array([0, 0])),
    "range": range(2),
    "empty": np.array([], dtype=np.int64),
}


def ours(item):
    if isinstance(item, tuple):
        return tuple(ours(each) for each in item)
    return derivo.tensor(item) if isinstance(item, np.ndarray) else item


def numpys(item):
    return list(item) if isinstance(item, range) else item


@pytest.mark.parametrize("name", ITEMS)
@pytest.mark.parametrize("strided", [False, True])
def test_taking_and_writing(name, strided):
    item = ITEMS[name]
    index, oracle = ours(item), numpys(item)
    x = derivo.tensor(A)
    if strided:
        x = derivo.tensor(A.transpose(2, 0, 1).copy()).permute(1, 2, 0)
    assert np.array_equal(x[index].numpy(), A[oracle])
    for value in (7.5, derivo.full_like(x[index], -2.0)):
        changed = x.clone()
        changed[index] = value
        expected = A.copy()
        expected[oracle] = value.numpy() if isinstance(value, derivo.Tensor) else value
        assert np.array_equal(changed.numpy(), expected)


@pytest.mark.parametrize("name", [n for n in ITEMS if n != "empty"])
def test_derivatives(name):
    index = ours(ITEMS[name])
    x = derivo.tensor(A, requires_grad=True)
    assert gradcheck(lambda t: t[index], (x,))
    assert gradgradcheck(lambda t: t[index], (x,))
    value = x.detach()[index].clone()[..., :1].requires_grad_()

    def write(t, v):
        y = t * 1
        y[index] = v
        return y

    if name not in ("list", "int and array"):  # repeated places: the last one wins
        assert gradcheck(write, (x, value))


def test_nodes():
    x = derivo.tensor(A, requires_grad=True)
    names = [
        x[k].grad_fn.name() for k in (0, slice(1, 2), None, ..., derivo.tensor([1, 0]))
    ]
    assert names == [
        *("SelectBackward0", "SliceBackward0", "UnsqueezeBackward0"),
        *("AliasBackward0", "IndexBackward0"),
    ]


def test_repeated_indices_accumulate():
    x = derivo.zeros(3, requires_grad=True)
    x[[0, 0, 1]].sum().backward()
    assert x.grad.tolist() == [2, 1, 0]
    i = derivo.tensor([0, 0])
    added = derivo.zeros(2).index_put((i,), derivo.ones(2), accumulate=True)
    assert added.tolist() == [2, 0]


def test_writing_makes_a_buffer_part_of_the_graph():
    x = derivo.ones(2, requires_grad=True)
    y = derivo.zeros(2)
    y[0] = x[0] * 3
    y.sum().backward()
    assert x.grad.tolist() == [3, 0]


def test_masks_of_bytes_and_python_bools():
    x = derivo.arange(3)
    assert x[derivo.tensor([1, 0, 1], dtype=derivo.bool)].tolist() == [0, 2]
    assert x[[True, False, True]].tolist() == [0, 2]
    assert x[True].shape == (1, 3)
    assert x[False].shape == (0, 3)


@pytest.mark.parametrize(
    ("item", "error", "match"),
    [
        (5, IndexError, "index 5 is out of bounds for dimension 0 with size 3"),
        ((0, 0, 0, 0), IndexError, "too many indices for tensor of dimension 3"),
        ([0, 3], IndexError, "out of bounds for dimension 0"),
        (np.array([True, False]), IndexError, "shape of the mask"),
        ("a", IndexError, "valid indices"),
        (
            (np.array([0, 1]), np.array([0, 1, 2])),
            IndexError,
            "could not be broadcast together",
        ),
        (slice(None, None, -1), ValueError, "step must be greater than zero"),
    ],
)
def test_refusals(item, error, match):
    with pytest.raises(error, match=match):
        derivo.tensor(A)[ours(item)]


def test_writing_a_wrong_shape_is_refused():
    x = derivo.zeros(3, 2)
    with pytest.raises(RuntimeError, match="shape mismatch"):
        x[derivo.tensor([0, 1])] = derivo.ones(3)
