# Hooks on saved tensors, on several gradients at once, and versions.
from __future__ import annotations

import threading

import pytest

import derivo
from derivo.autograd import graph

F = derivo.nn.functional


def leaf(*numbers):
    return derivo.tensor(
        numbers or (0.5, 2.0), dtype=derivo.float64, requires_grad=True
    )


# One operation of each kind of node, and how many tensors it saves.
KINDS = {
    "elementwise, operands": (lambda x: x * (x * 2), 2),
    "elementwise, result": (lambda x: x.exp(), 1),
    "product": (lambda x: x.reshape(1, 2) @ x.reshape(2, 1), 2),
    "dot": (lambda x: x.dot(x.detach()), 1),
    "linear": (lambda x: F.linear(x.reshape(1, 2), x.detach().reshape(1, 2)), 1),
    "primitive": (lambda x: x.cumprod(0), 1),
    "primitive, result": (lambda x: x.softmax(0), 1),
    "norm": (lambda x: x.norm(), 1),
}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_of_node_packs(name):
    function, least = KINDS[name]
    x, packed, unpacked = leaf(), [], []

    def pack(t):
        packed.append(tuple(t.shape))
        return t.detach().clone()

    def unpack(t):
        unpacked.append(1)
        return t

    with graph.saved_tensors_hooks(pack, unpack):
        y = function(x)
    assert len(packed) >= least
    assert not unpacked
    y.sum().backward()
    assert unpacked
    expected = leaf()
    function(expected).sum().backward()
    assert x.grad.tolist() == pytest.approx(expected.grad.tolist(), rel=1e-14)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_second_derivatives_through_packed_tensors(name):
    function, _ = KINDS[name]

    def second(hooks):
        x = leaf()
        if hooks:
            with graph.saved_tensors_hooks(lambda t: t.detach() * 1, lambda t: t):
                y = function(x)
        else:
            y = function(x)
        (g,) = derivo.autograd.grad((y * y).sum(), x, create_graph=True)
        return derivo.autograd.grad((g * g).sum(), x)[0].tolist()

    assert second(True) == pytest.approx(second(False), rel=1e-12)


def test_packed_once_unpacked_each_time():
    log = []
    x = leaf()
    with graph.saved_tensors_hooks(
        lambda t: (log.append("pack"), t.detach())[1],
        lambda t: (log.append("unpack"), t)[1],
    ):
        y = x.exp().sum()
    y.backward(retain_graph=True)
    y.backward()
    assert log == ["pack", "unpack", "unpack"]


def test_the_innermost_pair_applies():
    log = []

    def named(name):
        return graph.saved_tensors_hooks(
            lambda t: (log.append(name), t)[1], lambda t: t
        )

    x = leaf()
    with named("outer"):
        x.exp()
        with named("inner"):
            x.sin()
        x.exp()
    assert log == ["outer", "inner", "outer"]


def test_hooks_are_of_one_thread():
    log = []
    with graph.saved_tensors_hooks(lambda t: log.append(1) or t, lambda t: t):
        t = threading.Thread(target=lambda: leaf().exp().sum().backward())
        t.start()
        t.join()
    assert not log


def test_what_hooks_must_not_do():
    x = leaf()
    with (
        graph.saved_tensors_hooks(lambda t: t.mul_(2), lambda t: t),
        pytest.raises(RuntimeError, match="pack hook is modifying its input in place"),
    ):
        (x * 1).exp()
    with graph.saved_tensors_hooks(lambda t: t, lambda t: 3):
        y = x.exp()
    with pytest.raises(TypeError, match="unpack_hook expected to be a Tensor"):
        y.sum().backward()
    with (
        pytest.raises(TypeError, match="incompatible function arguments"),
        graph.saved_tensors_hooks(3, lambda t: t),
    ):
        pass


def test_hooks_can_be_forbidden():
    with graph.disable_saved_tensors_hooks("not now"):
        with (
            pytest.raises(RuntimeError, match="not now"),
            graph.saved_tensors_hooks(lambda t: t, lambda t: t),
        ):
            pass
        leaf().exp().sum().backward()
    with (
        graph.saved_tensors_hooks(lambda t: t, lambda t: t),
        pytest.raises(RuntimeError, match="not now"),
        graph.disable_saved_tensors_hooks("not now"),
    ):
        pass


@pytest.mark.parametrize("pin", [False, True])
def test_save_on_cpu(pin):
    x = leaf()
    with graph.save_on_cpu(pin_memory=pin):
        y = (x.exp() * x).sum()
    y.backward()
    expected = ((1 + x) * x.exp()).tolist()
    assert x.grad.tolist() == pytest.approx(expected)


def test_one_saved_tensor_with_hooks_of_its_own():
    x = leaf()
    y = x * leaf(3.0, 4.0).detach()
    saved = y.grad_fn._raw_saved_other
    saved.register_hooks(lambda t: t * 10, lambda t: t)
    with pytest.raises(RuntimeError, match="hooks have already been set"):
        saved.register_hooks(lambda t: t, lambda t: t)
    y.sum().backward()
    assert x.grad.tolist() == [30.0, 40.0]
    with pytest.raises(RuntimeError, match="after it has been freed"):
        saved.register_hooks(lambda t: t, lambda t: t)
    with pytest.raises(TypeError, match="incompatible function arguments"):
        (x * x).grad_fn._raw_saved_self.register_hooks(1, 2)


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (lambda x: x * x, {"_saved_self", "_saved_other"}),
        (lambda x: x.exp(), {"_saved_result"}),
        (lambda x: x**3, {"_saved_self", "_saved_exponent"}),
        (lambda x: x.softmax(0), {"_saved_result", "_saved_dim"}),
        (lambda x: x.dot(x), {"_saved_self", "_saved_tensor"}),
        (lambda x: x.sum(0), {"_saved_dim", "_saved_keepdim", "_saved_self_sym_sizes"}),
    ],
)
def test_names_of_what_is_saved(function, names):
    assert names <= set(dir(function(leaf()).grad_fn))


def test_saved_values_are_gone_after_backward():
    y = leaf().exp()
    y.sum().backward()
    with pytest.raises(RuntimeError, match="a second time"):
        _ = y.grad_fn._saved_result


def test_changing_what_is_saved():
    with graph.allow_mutation_on_saved_tensors():
        a = leaf()
        b = a.clone()
        c = b.sin()
        b.mul_(3)
        b.add_(1)
        c.sum().backward()
    assert a.grad.tolist() == pytest.approx(a.cos().tolist())


def test_changes_are_allowed_inside_only():
    allow = graph.allow_mutation_on_saved_tensors
    with allow():
        a = leaf()
        y = a.sin().sum()
    with pytest.raises(AssertionError, match="outside of the"):
        y.backward()
    with (
        allow(),
        pytest.raises(RuntimeError, match="contexts cannot be nested"),
        allow(),
    ):
        pass


def test_increment_version():
    x, y = derivo.ones(2), derivo.ones(2)
    graph.increment_version(x)
    graph.increment_version([x, y])
    assert (x._version, y._version) == (2, 1)
    a = leaf().exp()
    graph.increment_version(a)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        a.sum().backward()


def test_a_hook_on_all_gradients():
    a, b, c = leaf(), leaf(), leaf()
    log = []
    handle = graph.register_multi_grad_hook(
        [a, b, c], lambda grads: log.append([g is None for g in grads])
    )
    (a * b).sum().backward()
    (a * b * c).sum().backward()
    handle.remove()
    (a * b * c).sum().backward()
    assert log == [[False, False, True], [False] * 3]


def test_a_hook_on_any_gradient():
    a, b = leaf(), leaf(3.0, 4.0)
    log = []
    handle = graph.register_multi_grad_hook((a, b), log.append, mode="any")
    (a * b).sum().backward()
    handle.remove()
    (a * b).sum().backward()
    assert len(log) == 1
    with pytest.raises(ValueError, match="mode"):
        graph.register_multi_grad_hook((a,), lambda g: None, mode="some")


def test_edges_of_the_graph():
    x = leaf()
    y = x.exp()
    edge = graph.get_gradient_edge(y)
    assert edge.node is y.grad_fn
    (g,) = derivo.autograd.grad((y * y).sum(), edge)
    assert g.tolist() == (2 * y).tolist()
    (g,) = derivo.autograd.grad(edge, x, grad_outputs=derivo.ones_like(y))
    assert g.tolist() == y.tolist()
    with pytest.raises(RuntimeError, match="not possible to get the gradient edge"):
        graph.get_gradient_edge(x.detach())


def test_an_edge_needs_no_tensor():
    # The activation may go; its place in the graph stays.
    x = leaf()
    y = x * 3
    edge = graph.get_gradient_edge(y)
    z = (y * 2).sum()
    del y
    (g,) = derivo.autograd.grad(z, edge)
    assert g.tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.softmax(0),
        lambda x: x @ x,
        lambda x: x.exp(),
        lambda x: x.cumprod(0),
    ],
)
def test_what_is_unpacked_has_the_shape_that_was_packed(function):
    x = derivo.ones(2, 2, requires_grad=True)
    with graph.saved_tensors_hooks(lambda a: a, lambda a: derivo.ones(3)):
        y = function(x).sum()
    with pytest.raises(RuntimeError, match=r"shape \[3\], expected \[2, 2\]"):
        y.backward()


def test_what_is_unpacked_is_of_the_dtype_that_was_packed():
    x = derivo.ones(2, 2, requires_grad=True)
    with graph.saved_tensors_hooks(lambda a: a.half(), lambda a: a):
        y = x.softmax(0).exp().sum()
    y.backward()
    assert x.grad.dtype is derivo.float32
