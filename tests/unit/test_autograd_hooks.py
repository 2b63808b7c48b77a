from __future__ import annotations

import pytest

import derivo


def leaf(*values):
    return derivo.tensor(values or (1.0, 2.0), requires_grad=True)


def test_a_tensor_hook_sees_the_sum_once():
    x = leaf()
    y = x * 1
    seen = []
    y.register_hook(lambda g: seen.append(g.tolist()))
    (y * 2 + y * 3).sum().backward()
    assert seen == [[5.0, 5.0]]


def test_hooks_may_replace_in_order():
    x = leaf()
    x.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: g * 10)
    x.sum().backward()
    assert x.grad.tolist() == [20.0, 20.0]


def test_removed_hooks_are_silent():
    x = leaf()
    handle = x.register_hook(lambda g: g * 10)
    handle.remove()
    handle.remove()
    x.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_a_handle_is_a_context():
    x = leaf()
    with x.register_hook(lambda g: g * 10):
        x.sum().backward()
    x.sum().backward()
    assert x.grad.tolist() == [11.0, 11.0]


@pytest.mark.parametrize(
    ("result", "error", "message"),
    [
        (3.0, TypeError, r"expected Variable, but hook returned .float."),
        (derivo.ones(3), RuntimeError, r"has changed the size of value"),
        (derivo.ones(2).double(), RuntimeError, r"has changed the type of value"),
    ],
)
def test_what_a_hook_must_not_return(result, error, message):
    x = leaf()
    x.register_hook(lambda g: result)
    with pytest.raises(error, match=message):
        x.sum().backward()


def test_order_around_a_node():
    x = leaf()
    y = x * 2
    log = []
    y.grad_fn.register_hook(lambda i, o: log.append("post"))
    y.grad_fn.register_prehook(lambda o: log.append("pre"))
    y.register_hook(lambda g: log.append("tensor"))
    x.register_hook(lambda g: log.append("leaf"))
    x.register_post_accumulate_grad_hook(lambda t: log.append("accumulated"))
    (y * y).sum().backward()
    assert log == ["tensor", "pre", "post", "leaf", "accumulated"]


def test_retained_gradients_come_after_all_tensor_hooks():
    x = leaf()
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 100)
    y.sum().backward()
    assert y.grad.tolist() == [100.0, 100.0]


def test_node_hooks_replace_gradients():
    x, w = leaf(), leaf(3.0, 4.0)
    y = x * w
    y.grad_fn.register_hook(lambda i, o: (i[0] * 2, None))
    y.sum().backward()
    assert x.grad.tolist() == [6.0, 8.0]
    assert w.grad is None
    z = x * 1
    z.grad_fn.register_prehook(lambda o: (o[0] * 5,))
    x.grad = None
    z.sum().backward()
    assert x.grad.tolist() == [5.0, 5.0]


@pytest.mark.parametrize("kind", ["register_hook", "register_prehook"])
def test_node_hooks_return_as_many(kind):
    y = leaf() * leaf()
    getattr(y.grad_fn, kind)(lambda *_: (None, None, None))
    with pytest.raises(RuntimeError, match=r"incorrect number of values"):
        y.sum().backward()


def test_a_hook_stays_with_the_value_it_was_set_on():
    x = leaf()
    y = x * 2
    seen = []
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.mul_(3)
    y.sum().backward()
    assert seen == [[3.0, 3.0]]


def test_hooks_in_autograd_grad():
    x = leaf()
    log = []
    x.register_hook(lambda g: log.append("tensor") or g * 2)
    x.register_post_accumulate_grad_hook(lambda t: log.append("accumulated"))
    (g,) = derivo.autograd.grad(x.sum(), x)
    assert log == ["tensor"]
    assert g.tolist() == [2.0, 2.0]


def test_node_hooks_need_their_node_to_run():
    x = leaf()
    y = x * 2
    log = []
    y.register_hook(lambda g: log.append("tensor"))
    y.grad_fn.register_hook(lambda i, o: log.append("node"))
    derivo.autograd.grad((y * y).sum(), y)
    assert log == ["tensor"]


def test_post_accumulate_hooks_get_the_parameter():
    x = leaf()

    def step(p):
        assert not derivo.is_grad_enabled()
        p -= 0.1 * p.grad
        p.grad = None

    x.register_post_accumulate_grad_hook(step)
    (x * 10).sum().backward()
    assert x.tolist() == [0.0, 1.0]
    assert x.grad is None


def test_post_accumulate_hooks_return_nothing():
    x = leaf()
    x.register_post_accumulate_grad_hook(lambda p: p)
    with pytest.raises(RuntimeError, match=r"should not return anything"):
        x.sum().backward()


def test_where_hooks_cannot_be():
    with pytest.raises(RuntimeError, match=r"hook on a tensor that doesn't require"):
        derivo.ones(1).register_hook(print)
    with pytest.raises(RuntimeError, match=r"tensor that doesn't require gradient"):
        derivo.ones(1).register_post_accumulate_grad_hook(print)
    with pytest.raises(RuntimeError, match=r"cannot be registered on non-leaf"):
        (leaf() * 2).register_post_accumulate_grad_hook(print)


def test_hooks_see_a_recorded_gradient_with_create_graph():
    x = leaf()
    seen = []
    x.register_hook(lambda g: seen.append((g.requires_grad, derivo.is_grad_enabled())))
    derivo.autograd.grad((x**3).sum(), x, create_graph=True)
    assert seen == [(True, True)]
    derivo.autograd.grad((x**3).sum(), x)
    assert seen[-1] == (False, False)


def test_a_hook_may_add_and_remove_hooks():
    x = leaf()
    handles = []

    def once(g):
        handles.pop().remove()
        return g * 3

    handles.append(x.register_hook(once))
    x.sum().backward()
    x.sum().backward()
    assert x.grad.tolist() == [4.0, 4.0]
