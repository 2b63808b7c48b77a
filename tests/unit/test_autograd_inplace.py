from __future__ import annotations

import pytest

import derivo

MODIFIED = r"modified by an inplace operation"


def leaf(*values):
    return derivo.tensor(values or (1.0, 2.0), requires_grad=True)


def test_every_change_counts_for_all_aliases():
    x = derivo.zeros(4)
    v = x[1:]
    x.add_(1)
    v.mul_(2)
    x[0] = 5
    x.detach().zero_()
    assert x._version == v._version == 4


@pytest.mark.parametrize(
    "act",
    [
        lambda x: x.add_(1),
        lambda x: x.zero_(),
        lambda x: x.__setitem__(0, 1.0),
        lambda x: x[:1].mul_(2),
        lambda x: x.view(2, 1).add_(1),
        lambda x: x.copy_(derivo.ones(2)),
    ],
)
def test_leaves_and_their_views_do_not_change(act):
    x = leaf()
    with pytest.raises(RuntimeError, match=r"leaf Variable that requires grad"):
        act(x)
    assert x.tolist() == [1.0, 2.0]
    with derivo.no_grad():
        act(x)


def test_only_what_was_saved_matters():
    x = leaf()
    y = x * 2
    y.add_(1)
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    "f",
    [lambda y: y * y, lambda y: y.sin(), lambda y: y**3, lambda y: y.log()],
)
def test_a_changed_input_is_noticed(f):
    y = leaf() * 1
    z = f(y).sum()
    y.add_(1)
    with pytest.raises(RuntimeError, match=MODIFIED):
        z.backward()


@pytest.mark.parametrize("f", ["exp", "sigmoid", "tanh", "sqrt"])
def test_a_changed_output_is_noticed(f):
    z = getattr(leaf(), f)()
    z.add_(1)
    with pytest.raises(RuntimeError, match=MODIFIED):
        z.sum().backward()


def test_the_message_names_both_operations():
    y = leaf() * 1
    z = (y * y).sum()
    y.add_(1)
    with pytest.raises(RuntimeError, match=r"(?s)MulBackward0.*add_"):
        z.backward()


def test_writes_through_an_alias_are_noticed():
    y = leaf() * 1
    z = (y * y).sum()
    y.detach()[0] = 7
    with pytest.raises(RuntimeError, match=MODIFIED):
        z.backward()


def test_an_operation_in_place_saves_its_own_result():
    x = leaf()
    x.clone().sigmoid_().sum().backward()
    y = leaf()
    y.sigmoid().sum().backward()
    assert derivo.equal(x.grad, y.grad)


def test_history_of_an_in_place_chain():
    x = leaf()
    y = x.clone()
    y.mul_(x).add_(1).exp_()
    y.sum().backward()
    w = leaf()
    (w * w + 1).exp().sum().backward()
    assert derivo.allclose(x.grad, w.grad)


def test_a_plain_buffer_takes_up_history():
    x = leaf()
    buffer = derivo.zeros(3)
    buffer[1] = x[0] * 3
    assert buffer.requires_grad
    assert not buffer.is_leaf
    (buffer * derivo.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad.tolist() == [30.0, 0.0]


def test_a_view_changed_rebases_the_base():
    x = leaf(1.0, 2.0, 3.0)
    y = x * 2
    y[1:].mul_(10)
    assert y.grad_fn.name() == "torch::autograd::CopySlices"
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 20.0, 20.0]


def test_views_follow_their_base():
    x = leaf(1.0, 2.0, 3.0)
    y = x * 1
    v = y[1:]
    y.mul_(5)
    assert v.grad_fn.name() == "AsStridedBackward0"
    v.sum().backward()
    assert x.grad.tolist() == [0.0, 5.0, 5.0]


def test_sibling_views_see_each_other():
    x = leaf(1.0, 2.0, 3.0)
    y = x * 1
    a, b = y[:2], y[1:]
    a.mul_(3)
    b.mul_(4)
    (a.sum() + b.sum()).backward()
    assert x.grad.tolist() == [3.0, 24.0, 4.0]


def test_a_transposed_view_changed():
    x = derivo.arange(6.0).reshape(2, 3).requires_grad_()
    y = x * 1
    y.t()[0].mul_(derivo.tensor([2.0, 3.0]))
    y.sum().backward()
    assert x.grad.tolist() == [[2.0, 1.0, 1.0], [3.0, 1.0, 1.0]]


def test_a_view_of_an_untracked_base_brings_it_into_the_graph():
    x = leaf()
    base = derivo.zeros(4)
    view = base[:2]
    view.copy_(x * 3)
    (base * 2).sum().backward()
    assert x.grad.tolist() == [6.0, 6.0]


@pytest.mark.parametrize(
    ("split", "name"),
    [
        (lambda y: y.unbind()[0], "Output 0 of Unbind"),
        (lambda y: y.split(1)[1], "Output 1 of Split"),
        (lambda y: y.chunk(2)[1], "Output 1 of Split"),
    ],
)
def test_parts_of_multi_view_operations_do_not_change(split, name):
    with pytest.raises(RuntimeError, match=name + r" is a view and is being modified"):
        split(leaf() * 1).mul_(2)


def test_parts_are_lost_when_their_base_changes():
    y = leaf() * 1
    part = y.unbind()[0]
    y.mul_(2)
    with pytest.raises(RuntimeError, match=r"its base or another view of its base"):
        _ = part.grad_fn


def test_a_view_made_in_no_grad_does_not_change():
    y = leaf() * 1
    with derivo.no_grad():
        v = y[:1]
    with pytest.raises(RuntimeError, match=r"created in no_grad mode and is being"):
        v.mul_(2)
    with derivo.no_grad():
        v.mul_(2)
    with pytest.raises(RuntimeError, match=r"no_grad mode and its base or another"):
        _ = v.grad_fn
    assert "<Invalid>" in repr(v)


def test_a_view_made_in_no_grad_of_constants_is_plain():
    base = derivo.zeros(2)
    with derivo.no_grad():
        v = base[:1]
    v.add_(1)
    assert base.tolist() == [1.0, 0.0]


def test_overlapping_memory_is_not_written():
    with pytest.raises(RuntimeError, match=r"single memory location"):
        derivo.zeros(1).expand(3).add_(1)


def test_gradients_that_share_memory_are_not_written():
    x = leaf()
    errors = []

    def hook(g):
        with pytest.raises(RuntimeError, match=r"single memory location"):
            g.mul_(2)
        errors.append(1)

    y = x * 1
    y.register_hook(hook)
    y.sum().backward()
    assert errors == [1]
    assert x.grad.tolist() == [1.0, 1.0]


def test_stale_history_of_a_wrong_shape():
    x = leaf()
    y = x * 1
    with pytest.raises(RuntimeError, match=r"doesn't match the broadcast shape"):
        y.add_(derivo.ones(3, 2))
    assert y.grad_fn.name() == "MulBackward0"


def test_masked_assignment():
    x, w = leaf(1.0, -2.0, 3.0), leaf(10.0, 20.0)
    y = x * 1
    y[x > 0] = w
    (y * derivo.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.grad.tolist() == [0.0, 2.0, 0.0]
    assert w.grad.tolist() == [1.0, 3.0]


def test_index_fill_of_expanded_memory_fills_what_is_shared():
    y = derivo.ones(3, 1, requires_grad=True) * 2
    wide = y.expand(3, 4)
    with pytest.warns(UserWarning, match="index_fill_ on expanded tensors"):
        wide.index_fill_(0, derivo.tensor([0]), 1.0)
    assert wide.tolist() == [[1.0] * 4, [2.0] * 4, [2.0] * 4]
    with pytest.warns(UserWarning, match="index_fill_ on expanded tensors"):
        wide.index_fill_(1, derivo.tensor([3]), 7.0)
    assert wide.tolist() == [[7.0] * 4] * 3


@pytest.mark.parametrize(
    ("change", "name", "above"),
    [
        (lambda t, x: t.cumsum_(0), "CumsumBackward0", ["MulBackward0"]),
        (
            lambda t, x: t.masked_scatter_(t > 1.5, x * 2),
            "MaskedScatterBackward0",
            ["MulBackward0", "MulBackward0"],
        ),
        (
            lambda t, x: t.index_put_((derivo.tensor([1]),), x[0]),
            "IndexPutBackward0",
            ["MulBackward0", "SelectBackward0"],
        ),
    ],
)
def test_changes_in_place_hang_on_what_they_are_given(change, name, above):
    x = derivo.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=derivo.float64)
    x.requires_grad_()

    def made(x):
        t = x * 1
        change(t, x)
        return t

    t = made(x)
    assert t.grad_fn.name() == name
    assert [fn.name() for fn, _ in t.grad_fn.next_functions] == above
    assert derivo.autograd.gradcheck(made, x, check_forward_ad=True)
    assert derivo.autograd.gradgradcheck(made, x)


def test_cumsum_in_place_of_other_kinds():
    assert derivo.tensor([True, True]).to(derivo.int64).cumsum_(0).tolist() == [1, 2]
    assert derivo.tensor([1.0, 2.0]).half().cumsum_(0).tolist() == [1.0, 3.0]
    assert derivo.tensor(3.0).cumsum_(0).item() == 3.0
    wide = derivo.arange(6).reshape(2, 3)
    wide.t().cumsum_(0)
    assert wide.tolist() == [[0, 1, 3], [3, 7, 12]]


def test_changes_in_place_under_vmap():
    x = derivo.arange(12.0).reshape(3, 4)
    mask = derivo.tensor([True, False, True, False])
    run = derivo.func.vmap
    got = run(lambda v: v.clone().cumsum_(0))(x)
    assert got.tolist() == x.cumsum(1).tolist()
    got = run(lambda v: v.clone().masked_scatter_(mask, v * 2))(x)
    expected = [r.clone().masked_scatter_(mask, r * 2).tolist() for r in x]
    assert got.tolist() == expected
    i = derivo.tensor([1, 2])
    got = run(lambda v: v.clone().index_put_((i,), v[3]))(x)
    assert got.tolist() == [[r[0], r[3], r[3], r[3]] for r in x.tolist()]
    at = derivo.tensor([[1], [0], [2]])
    got = run(lambda v, k: v.clone().index_put_((k,), v[3] + 1))(x, at)
    expected = [
        r.clone().index_put_((k,), r[3] + 1).tolist()
        for r, k in zip(x, at, strict=True)
    ]
    assert got.tolist() == expected
