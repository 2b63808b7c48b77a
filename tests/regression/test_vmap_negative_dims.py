# Dimensions counted from the back reached batching rules as they were, and the last one
# became the batch dimension: wrong values without an error where sizes were equal.
from __future__ import annotations

import pytest

import derivo
from derivo.func import vmap

FUNCTIONS = {
    "select_scatter": lambda t: derivo.select_scatter(t, t[0], -1, 1),
    "select_scatter, middle": lambda t: derivo.select_scatter(t, t[0], -2, 1),
    "slice_scatter": lambda t: derivo.slice_scatter(t, t[:, :, :2], -1, 0, 2),
    "diagonal_scatter": lambda t: derivo.diagonal_scatter(t, t[0], 0, -1, -2),
    "glu": lambda t: derivo.nn.functional.glu(t[..., :2], -1),
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize("dim", [0, 2])
def test_the_last_dimension_is_that_of_an_example(name, dim):
    x = derivo.arange(81, dtype=derivo.float64).reshape(3, 3, 3, 3)
    expected = derivo.stack([FUNCTIONS[name](each) for each in x])
    made = vmap(FUNCTIONS[name], in_dims=dim)(x.movedim(0, dim))
    assert derivo.equal(made, expected)


def test_a_rule_refuses_what_it_cannot_tell():
    from derivo.ops._batching import along

    with pytest.raises(ValueError, match="counts them from the front: got -1"):
        along(0)(None, 3, (derivo.ones(3, 2),), (True,), (-1,))
