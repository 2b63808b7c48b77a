from __future__ import annotations

import threading

import pytest

import derivo
from derivo.autograd import backward, grad


def leaf(*values, dtype=None):
    return derivo.tensor(values or (1.0, 2.0), requires_grad=True, dtype=dtype)


def test_accumulates_into_the_same_object():
    x = leaf()
    (x * x).sum().backward()
    first = x.grad
    (3 * x).sum().backward()
    assert x.grad is first
    assert x.grad.tolist() == [5.0, 7.0]


def test_with_create_graph_grad_is_replaced():
    x = leaf()
    (x * x).sum().backward()
    first = x.grad
    with pytest.warns(UserWarning, match=r"create a reference cycle"):
        (x * x).sum().backward(create_graph=True)
    assert x.grad is not first
    assert x.grad.requires_grad
    assert first.tolist() == [2.0, 4.0]
    x.grad = None


def test_grad_takes_the_layout_of_the_leaf():
    x = derivo.rand(3, 2).t().requires_grad_()
    (x * 2).sum().backward()
    assert x.grad.stride() == x.stride()
    y = derivo.rand(1, 3).expand(2, 3).requires_grad_()
    (y * 2).sum().backward()
    assert y.grad.stride() == (3, 1)


def test_grad_has_the_dtype_of_the_leaf():
    x = leaf()
    (x.double() * 2).sum().backward()
    assert x.grad.dtype is derivo.float32
    y = leaf()
    (y * derivo.ones(2, dtype=derivo.float64)).sum().backward()
    assert y.grad.dtype is derivo.float32


def test_seeds():
    x = leaf()
    (x * x).backward(derivo.tensor([1.0, 10.0]))
    assert x.grad.tolist() == [2.0, 40.0]
    (x * 2)[:1].backward()
    assert x.grad.tolist() == [4.0, 40.0]


@pytest.mark.parametrize(
    ("seed", "error", "message"),
    [
        (None, RuntimeError, r"grad can be implicitly created only for scalar outputs"),
        (derivo.ones(3), RuntimeError, r"Mismatch in shape: grad_output\[0\]"),
        (1.0, TypeError, r"gradients can be either Tensors or None, but got float"),
    ],
)
def test_bad_seeds(seed, error, message):
    with pytest.raises(error, match=message):
        (leaf() * 2).backward(seed)


def test_a_complex_scalar_has_no_implicit_seed():
    z = derivo.ones((), dtype=derivo.complex64, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"only for real scalar outputs"):
        z.clone().backward()


@pytest.mark.parametrize(
    "act",
    [
        lambda: derivo.ones(()).backward(),
        lambda: leaf().sum().detach().backward(),
        lambda: grad(derivo.ones(()), leaf()),
        lambda: grad(derivo.ones(()), derivo.ones(())),
    ],
)
def test_nothing_was_recorded(act):
    with pytest.raises(RuntimeError, match=r"element 0 of tensors does not require"):
        act()


def test_wrong_kinds_of_roots_and_inputs():
    with pytest.raises(TypeError, match=r"element 0 of tensors must be Tensor"):
        backward([1.0])
    with pytest.raises(TypeError, match=r"element 1 of inputs must be Tensor"):
        grad(leaf().sum(), [leaf(), 3])
    with pytest.raises(RuntimeError, match=r"got 1 tensors and 2 gradients"):
        backward([leaf().sum()], [None, None])


def test_several_roots_are_summed():
    x = leaf()
    y = (x * x).sum()
    backward([y, y, (3 * x).sum()])
    assert x.grad.tolist() == [7.0, 11.0]


def test_a_leaf_may_be_the_root():
    x = derivo.tensor(2.0, requires_grad=True)
    x.backward()
    assert x.grad.item() == 1.0


def test_second_time():
    x = leaf()
    y = x.exp().sum()
    y.backward()
    with pytest.raises(RuntimeError, match=r"backward through the graph a second time"):
        y.backward()


def test_nothing_saved_nothing_freed():
    x = leaf()
    y = (x + 1).sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_two_losses_on_one_trunk():
    x = leaf()
    trunk = x * x
    trunk.sum().backward()
    with pytest.raises(RuntimeError, match=r"Specify retain_graph=True"):
        (trunk + 1).sum().backward()


def test_retain_graph_follows_create_graph():
    x = leaf()
    y = (x**3).sum()
    grad(y, x, create_graph=True)
    assert grad(y, x, retain_graph=False)[0].tolist() == [3.0, 12.0]


def test_inputs_limit_what_accumulates():
    x, w = leaf(), leaf(3.0, 4.0)
    (x * w).sum().backward(inputs=[w])
    assert x.grad is None
    assert w.grad.tolist() == [1.0, 2.0]
    (x * w).sum().backward(inputs={"x": x})
    assert x.grad.tolist() == [3.0, 4.0]
    with pytest.raises(RuntimeError, match=r"cannot be empty"):
        x.sum().backward(inputs=[])


def test_computed_inputs():
    x = leaf()
    y = x * 3
    (y * y).sum().backward(inputs=[y])
    assert y.grad.tolist() == [6.0, 12.0]
    assert x.grad is None


def test_grad_leaves_grad_alone():
    x = leaf()
    assert grad((x * x).sum(), x)[0].tolist() == [2.0, 4.0]
    assert x.grad is None


def test_unused_inputs():
    x, w = leaf(), leaf()
    with pytest.raises(RuntimeError, match=r"at index 1 appears to not have been used"):
        grad(x.sum(), [x, w])
    assert grad(x.sum(), [x, w], allow_unused=True)[1] is None
    assert grad(x.sum(), [x, w], materialize_grads=True)[1].tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match=r"allow_unused to be True or not passed"):
        grad(x.sum(), w, allow_unused=False, materialize_grads=True)
    with pytest.raises(RuntimeError, match=r"cannot be empty"):
        grad(x.sum(), [])
    with pytest.raises(RuntimeError, match=r"does not require grad"):
        grad(x.sum(), derivo.ones(2))


def test_dict_inputs_give_a_dict():
    x, w = leaf(), leaf(3.0, 4.0)
    found = grad((x * w).sum(), {"x": x, "w": w})
    assert {k: v.tolist() for k, v in found.items()} == {
        "x": [3.0, 4.0],
        "w": [1.0, 2.0],
    }


def test_the_same_input_twice():
    x = leaf()
    a, b = grad((x * x).sum(), [x, x])
    assert a.tolist() == b.tolist() == [2.0, 4.0]


def test_gradient_of_an_intermediate():
    x = leaf()
    y = x * 3
    assert grad((y * y).sum(), [y, x])[0].tolist() == [6.0, 12.0]


def test_batched_grads():
    x = leaf()
    y = x**2
    (rows,) = grad(y, x, derivo.eye(2), is_grads_batched=True)
    assert rows.tolist() == [[2.0, 0.0], [0.0, 4.0]]
    with pytest.raises(RuntimeError, match=r"common first dimension"):
        grad(
            [x * 2, x * 3],
            x,
            [derivo.ones(2, 2), derivo.ones(3, 2)],
            is_grads_batched=True,
        )


def test_deprecated_arguments():
    x = leaf()
    with pytest.warns(FutureWarning, match=r"grad_variables"):
        backward(x * 2, grad_variables=derivo.ones(2))
    with pytest.warns(FutureWarning, match=r"only_inputs argument is deprecated"):
        grad(x.sum(), x, only_inputs=False)


def test_backward_inside_no_grad():
    x = leaf()
    y = (x * x).sum()
    with derivo.no_grad():
        y.backward()
    assert x.grad.tolist() == [2.0, 4.0]
    assert not x.grad.requires_grad


def test_higher_orders():
    x = leaf(2.0, 3.0, dtype=derivo.float64)
    y = (x**4).sum()
    orders = []
    for _ in range(4):
        (g,) = grad(y, x, create_graph=True)
        orders.append(g.tolist())
        y = g.sum()
    assert orders == [[32.0, 108.0], [48.0, 108.0], [48.0, 72.0], [24.0, 24.0]]


def test_double_backward_of_a_chain():
    x = leaf(0.3, 0.7, dtype=derivo.float64)
    y = (x.sin() * x.exp()).sum()
    (g,) = grad(y, x, create_graph=True)
    (gg,) = grad(g.sum(), x)
    assert derivo.allclose(gg, 2 * x.exp() * x.cos())


def test_gradient_penalty():
    x = leaf(1.0, 2.0)
    (g,) = grad((x**3).sum(), x, create_graph=True)
    ((g**2).sum()).backward()
    assert x.grad.tolist() == [36.0, 288.0]


def test_a_used_twice_tensor_gets_the_sum():
    x = leaf()
    y = x * 2
    (y + y * y + y).sum().backward()
    assert x.grad.tolist() == [12.0, 20.0]


def test_retain_grad():
    x = leaf()
    y = x * 2
    y.retain_grad()
    assert y.retains_grad
    (y * y).sum().backward()
    assert y.grad.tolist() == [4.0, 8.0]
    x.retain_grad()
    assert not x.retains_grad
    with pytest.raises(RuntimeError, match=r"can't retain_grad on Tensor"):
        derivo.ones(1).retain_grad()


def test_retain_grad_through_an_in_place_change():
    x = leaf()
    y = x * 2
    y.retain_grad()
    y.mul_(3)
    (y * 5).sum().backward()
    assert y.grad.tolist() == [5.0, 5.0]
    assert x.grad.tolist() == [30.0, 30.0]


def test_an_error_in_the_middle_leaves_everything_usable():
    x = leaf()
    y = x * 2

    def fail(g):
        raise ValueError("stop here")

    handle = y.register_hook(fail)
    with pytest.raises(ValueError, match=r"stop here"):
        (y * y).sum().backward()
    handle.remove()
    assert derivo.is_grad_enabled()
    (x * x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_backward_inside_backward():
    x, w = leaf(), leaf(3.0, 4.0)
    y = x * 2

    def again(g):
        with derivo.enable_grad():
            (w * w).sum().backward()
        return g

    y.register_hook(again)
    (y * y).sum().backward()
    assert x.grad.tolist() == [8.0, 16.0]
    assert w.grad.tolist() == [6.0, 8.0]


def test_backward_inside_a_function():
    class Inner(derivo.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            with derivo.enable_grad():
                inner = x.detach().requires_grad_()
                (inner**2).sum().backward()
            return g * inner.grad

    x = leaf()
    Inner.apply(x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_threads_run_their_own_graphs():
    results: dict[int, list[float]] = {}

    def work(k):
        for _ in range(20):
            x = leaf(float(k), 2.0)
            y = x
            for _ in range(20):
                y = y * 1.0 + x
            (y * y).sum().backward()
        results[k] = x.grad.tolist()

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == {k: [2.0 * 21 * 21 * k, 2.0 * 21 * 21 * 2] for k in range(4)}


def test_threads_share_a_retained_graph():
    x = leaf()
    y = (x.exp() * x).sum()
    expected = grad(y, x, retain_graph=True)[0].tolist()
    found = []

    def work():
        found.extend(grad(y, x, retain_graph=True)[0].tolist() for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == [expected] * 80


@pytest.mark.parametrize(
    ("f", "at", "expected"),
    [
        (derivo.abs, 0.0, 0.0),
        (derivo.relu, 0.0, 0.0),
        (lambda x: x.clamp(0, 1), 0.0, 1.0),
        (lambda x: x**0, 0.0, 0.0),
        (derivo.round, 0.5, 0.0),
        (derivo.sqrt, 0.0, float("inf")),
        (lambda x: derivo.maximum(x, derivo.zeros(())), 0.0, 0.5),
    ],
)
def test_conventions_at_kinks(f, at, expected):
    x = derivo.tensor(at, requires_grad=True)
    f(x).backward()
    assert x.grad.item() == expected


def test_duplicate_indices_accumulate():
    x = leaf(1.0, 2.0, 3.0)
    x[[0, 0, 1]].sum().backward()
    assert x.grad.tolist() == [2.0, 1.0, 0.0]


def test_a_where_keeps_the_side_not_taken_out():
    # Branches are selected, not multiplied by zero.
    x = leaf(0.0, 1.0)
    derivo.where(x > 0, x, x * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 1.0]


@pytest.mark.parametrize(
    "f", [derivo.argmax, lambda x: x > 1, lambda x: x.argsort(), lambda x: x.long()]
)
def test_no_history_for_what_has_no_derivative(f):
    assert f(leaf()).grad_fn is None


@pytest.mark.parametrize(
    ("function", "second"),
    [
        (lambda high, w: high * w, None),
        (lambda high, w: w / high, None),
        (lambda high, w: high * high * w, None),
        (lambda high, w: high * w * w, [4.0, 6.0]),
    ],
)
def test_a_gradient_is_not_linked_to_what_it_does_not_depend_on(function, second):
    high = derivo.tensor([2.0, 3.0], requires_grad=True)
    w = derivo.tensor([5.0, 7.0], requires_grad=True)
    grad = derivo.autograd.grad
    (g,) = grad(function(high, w).sum(), w, create_graph=True)
    (got,) = grad(g.sum(), w, allow_unused=True, retain_graph=True)
    assert got is None if second is None else got.tolist() == second
    if second is None:
        with pytest.raises(RuntimeError, match="appears to not have been used in"):
            grad(g.sum(), w, retain_graph=True)
    # Both gradients of one node: all is linked.
    a, b = grad(function(high, w).sum(), [high, w], create_graph=True)
    assert all(t is not None for t in grad((a * b).sum(), [high, w]))
