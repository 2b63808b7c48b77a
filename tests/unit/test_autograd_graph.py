from __future__ import annotations

import copy
import gc
import weakref

import pytest

import derivo
from derivo.autograd.graph import get_gradient_edge, increment_version


def leaf(*values):
    return derivo.tensor(values or (1.0, 2.0), requires_grad=True)


def test_recording_follows_any_input():
    x, c = leaf(), derivo.ones(2)
    assert (x + c).requires_grad
    assert not (c + c).requires_grad
    assert (c + c).grad_fn is None


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda x: x + x, "AddBackward0"),
        (lambda x: x - 1, "SubBackward0"),
        (lambda x: 1 - x, "RsubBackward1"),
        (lambda x: x * 2, "MulBackward0"),
        (lambda x: x / x, "DivBackward0"),
        (lambda x: -x, "NegBackward0"),
        (lambda x: x**2, "PowBackward0"),
        (lambda x: x**x, "PowBackward1"),
        (lambda x: x.exp(), "ExpBackward0"),
        (lambda x: x.sum(), "SumBackward0"),
        (lambda x: x.sum(0), "SumBackward1"),
        (lambda x: x[0], "SelectBackward0"),
        (lambda x: x.view(2, 1), "ViewBackward0"),
        (lambda x: x @ x, "DotBackward0"),
        (lambda x: x.clone(), "CloneBackward0"),
    ],
)
def test_node_names(make, name):
    node = make(leaf()).grad_fn
    assert type(node).__name__ == name
    assert node.name() == name


def test_edges_lead_to_producers_and_leaves():
    x = leaf()
    y = (x.exp() * 2).sum()
    mul = y.grad_fn.next_functions[0][0]
    assert [n and n.name() for n, _ in mul.next_functions] == ["ExpBackward0", None]
    sink = mul.next_functions[0][0].next_functions[0][0]
    assert type(sink).__name__ == "AccumulateGrad"
    assert sink.name() == "torch::autograd::AccumulateGrad"
    assert sink.variable is x
    assert sink.next_functions == ()


def test_a_leaf_has_one_accumulator_while_it_lives():
    x = leaf()
    a, b = x * 1, x * 2
    assert a.grad_fn.next_functions[0][0] is b.grad_fn.next_functions[0][0]


def test_output_numbers():
    a, b = leaf(1.0, 2.0).unbind()
    assert a.grad_fn is b.grad_fn
    assert (a.output_nr, b.output_nr) == (0, 1)
    assert (a * b).grad_fn.next_functions == ((a.grad_fn, 0), (a.grad_fn, 1))


def test_leaves():
    x = leaf()
    assert x.is_leaf
    assert derivo.ones(2).is_leaf
    assert (derivo.ones(2) * 2).is_leaf
    assert not (x * 2).is_leaf
    assert not x.double().is_leaf
    assert x.detach().is_leaf


def test_metadata_is_the_users():
    node = (leaf() * 2).grad_fn
    node.metadata["seen"] = 1
    assert node.metadata == {"seen": 1}


def test_later_nodes_have_larger_numbers():
    x = leaf()
    a = x * 2
    b = a * 2
    assert b.grad_fn._sequence_nr() > a.grad_fn._sequence_nr()


@pytest.mark.parametrize("dtype", [derivo.int64, derivo.bool, derivo.uint8])
def test_only_floating_leaves_require_gradients(dtype):
    x = derivo.ones(2).to(dtype)
    with pytest.raises(RuntimeError, match=r"only Tensors of floating point"):
        x.requires_grad_()


def test_computed_tensors_keep_requiring_gradients():
    y = leaf() * 2
    with pytest.raises(RuntimeError, match=r"you can only change requires_grad flags"):
        y.requires_grad = False
    with pytest.raises(RuntimeError, match=r"you can only change requires_grad flags"):
        y.requires_grad_(False)
    with pytest.raises(RuntimeError, match=r"of leaf variables"):
        y.requires_grad = True
    assert y.requires_grad_() is y


def test_requires_grad_wants_a_bool():
    with pytest.raises(TypeError, match=r"requires_grad must be a bool"):
        leaf().requires_grad_(1.5)


def test_a_leaf_switches_off():
    x = leaf()
    x.requires_grad = False
    assert not (x * 2).requires_grad


def test_grad_is_checked_when_assigned():
    x = leaf()
    with pytest.raises(RuntimeError, match=r"assign a gradient of size '\[3\]'"):
        x.grad = derivo.ones(3)
    with pytest.raises(RuntimeError, match=r"gradient with dtype"):
        x.grad = derivo.ones(2, dtype=derivo.float64)
    with pytest.raises(TypeError, match=r"expected to be a Tensor or None"):
        x.grad = 1.0
    with pytest.raises(RuntimeError, match=r"can't assign Variable as its own grad"):
        x.grad = x
    x.grad = derivo.ones(2)
    del x.grad
    assert x.grad is None


def test_reading_grad_of_a_computed_tensor_warns():
    y = leaf() * 2
    with pytest.warns(UserWarning, match=r"not a leaf Tensor"):
        assert y.grad is None


def test_detach_shares_memory_and_versions():
    x = leaf()
    y = x.detach()
    assert not y.requires_grad
    assert y.data_ptr() == x.data_ptr()
    before = x._version
    y.add_(1)
    assert x._version == before + 1


def test_data_shares_memory_only():
    x = leaf()
    before = x._version
    x.data.add_(1)
    assert x._version == before
    assert x.tolist() == [2.0, 3.0]


def test_detach_in_place():
    y = leaf() * 2
    assert y.detach_() is y
    assert y.grad_fn is None
    assert not y.requires_grad
    with pytest.raises(RuntimeError, match=r"(?i)can't detach views"):
        (leaf() * 2)[0].detach_()


def test_what_needs_detaching_first():
    x = leaf()
    with pytest.raises(RuntimeError, match=r"Can't call numpy\(\) on Tensor that"):
        x.numpy()
    with pytest.raises(RuntimeError, match=r"(?i)only Tensors created explicitly"):
        copy.deepcopy(x * 2)
    assert copy.deepcopy(x).requires_grad


def test_gradient_edges():
    x = leaf()
    y = x * 2
    edge = get_gradient_edge(y)
    assert edge.node is y.grad_fn
    assert edge.output_nr == 0
    (g,) = derivo.autograd.grad((y * y).sum(), [edge])
    assert g.tolist() == [4.0, 8.0]
    with pytest.raises(RuntimeError, match=r"not possible to get the gradient edge"):
        get_gradient_edge(derivo.ones(1))


def test_increment_version():
    x, y = derivo.ones(1), derivo.ones(1)
    increment_version([x, y])
    increment_version(x)
    assert (x._version, y._version) == (2, 1)


def test_a_forgotten_graph_is_freed():
    x = leaf()
    y = (x * 2).exp()
    ref = weakref.ref(y.grad_fn)
    gc.disable()
    try:
        del y
        assert ref() is None
    finally:
        gc.enable()


def test_a_node_that_saves_its_output_is_no_cycle():
    y = leaf().exp()
    ref = weakref.ref(y)
    gc.disable()
    try:
        del y
        assert ref() is None
    finally:
        gc.enable()


def test_saved_values_have_names():
    x, w = leaf(), leaf(3.0, 4.0)
    node = (x * w).grad_fn
    assert node._saved_self is x
    assert node._saved_other is w
    y = x.exp()
    saved = y.grad_fn._saved_result
    assert saved is not y
    assert saved.grad_fn is y.grad_fn
    assert {"_saved_self", "_saved_other"} <= set(dir(node))
    with pytest.raises(AttributeError, match=r"no attribute '_saved_nothing'"):
        _ = node._saved_nothing


def test_saved_values_are_checked():
    x = leaf()
    y = x * 1
    z = (y * y).sum()
    node = z.grad_fn.next_functions[0][0]
    z.backward(retain_graph=True)
    assert node._saved_self is y
    z.backward()
    with pytest.raises(RuntimeError, match=r"a second time"):
        _ = node._saved_self
    a = (x * 1).exp_()
    node = (a * a).grad_fn
    with derivo.no_grad():
        a.add_(1)
    with pytest.raises(RuntimeError, match=r"modified by an inplace operation"):
        _ = node._saved_self
