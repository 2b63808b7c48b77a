# None for a tensor, and what is no number for `result_type`, crashed; asking for the
# formats in which channels come last was a KeyError.
from __future__ import annotations

import pytest

import derivo


@pytest.mark.parametrize(
    "call",
    [
        lambda: derivo.flatten(None, 1),
        lambda: derivo.reshape(None, (1,)),
        lambda: derivo.transpose(None, 0, 1),
        lambda: derivo.scatter_add(None, 0, derivo.tensor([0]), derivo.ones(1)),
        lambda: derivo.result_type(derivo.ones(2), "a"),
        lambda: derivo.result_type(derivo.ones(2), (0,)),
        lambda: derivo.result_type(),
        lambda: derivo.special.hermite_polynomial_he(derivo.ones(2), slice(None)),
        lambda: derivo.dist(derivo.ones(2), (0,), 2),
        lambda: derivo.promote_types(derivo.float32, None),
    ],
)
def test_a_type_error(call):
    with pytest.raises(TypeError):
        call()


def test_sizes_must_not_be_negative():
    x = derivo.ones(3)
    with pytest.raises(RuntimeError, match=r"\[resize_\].*got \[-1\]"):
        x.resize_(-1)
    assert x.shape == (3,)


@pytest.mark.parametrize(
    ("x", "last", "rows"),
    [
        (derivo.ones(1, 2, 3, 4), False, True),
        (derivo.ones(2, 3, 4, 5).permute(0, 3, 1, 2), True, False),
        (derivo.ones(2, 1, 4, 5), True, True),
        (derivo.ones(2, 3, 1, 1), True, True),
        (derivo.ones(2, 3), False, True),
    ],
)
def test_channels_last(x, last, rows):
    # As PyTorch 2.13 answers.
    assert x.is_contiguous(memory_format=derivo.channels_last) is last
    assert x.is_contiguous(memory_format=derivo.channels_last_3d) is False
    assert x.is_contiguous(memory_format=derivo.contiguous_format) is rows
    with pytest.raises(TypeError, match="memory_format"):
        x.is_contiguous(memory_format=3)
