"""Which operations `vmap` computes in a loop: the list may only get shorter."""

from __future__ import annotations

import importlib

import pytest

# Of modules whose records are all plain names: those without a rule.
MODULES = (
    "derivo.ops.conversion",
    "derivo.ops.gather",
    "derivo.ops.indexing",
    "derivo.ops.joining",
    "derivo.ops.masks",
    "derivo.ops.moments",
    "derivo.ops.normalization",
    "derivo.ops.rearranging",
    "derivo.ops.scans",
    "derivo.ops.shapes",
    "derivo.ops.sorting",
    "derivo.ops.triangles",
    "derivo.ops.views",
)
LOOPED = {
    "derivo.ops.triangles": {"fill_diagonal_"},
    "derivo.ops.views": {"as_strided", "as_strided_backward"},
}


@pytest.mark.parametrize("module", MODULES)
def test_operations_without_a_rule(module):
    from derivo._core.primitive import Primitive

    found = {
        value.name
        for value in vars(importlib.import_module(module)).values()
        if isinstance(value, Primitive) and value.batch is None
    }
    assert found <= LOOPED.get(module, set())
