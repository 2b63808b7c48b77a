# What views of tensors that require a gradient say of themselves, and what is refused.

import pytest

import derivo as torch


def leaf():
    return torch.arange(4.0).requires_grad_()


def test_view_taken_before_its_base_requires_grad():
    base = torch.ones(2, 3)
    view = base[0]
    base.requires_grad_()
    assert view.requires_grad
    out = view * 2
    assert out.requires_grad
    assert out.grad_fn.next_functions[0] == (None, 0)
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require"):
        view.sum().detach().backward()
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require"):
        base[0].detach().backward(torch.ones(3))
    with torch.no_grad():
        quiet = base[1]
    with pytest.raises(RuntimeError, match="does not have a grad_fn"):
        quiet.backward(torch.ones(3))


def test_view_of_a_leaf_that_is_a_view_is_refused():
    x = torch.arange(6.0).reshape(2, 3).requires_grad_()
    with pytest.raises(RuntimeError, match="a view of a leaf Variable"):
        x[0].mul_(2)


def test_gradient_kept_for_the_base_is_that_of_its_last_value():
    x = leaf()
    y = x * 2
    y.retain_grad()
    y[:2].mul_(3)
    y.sum().backward()
    assert y.grad.tolist() == [1, 1, 1, 1]
    assert x.grad.tolist() == [6, 6, 2, 2]


def test_view_of_an_inference_tensor_is_one():
    with torch.inference_mode():
        a = torch.ones(4)
    part = a[:2]
    assert part.is_inference()
    assert not part._is_view()
    with pytest.raises(RuntimeError, match="Inplace update to inference tensor"):
        part.add_(1)
    with pytest.raises(RuntimeError, match="Can't get base of non-view tensor"):
        _ = part._base


def test_masked_fill_of_expanded_memory_warns():
    x = torch.arange(3.0)[:, None].expand(3, 2)
    mask = torch.tensor([[True, False], [False, False], [False, True]])
    with pytest.warns(UserWarning, match="on expanded tensors is deprecated"):
        x.masked_fill_(mask, 7.0)
    assert x.tolist() == [[7, 7], [1, 1], [7, 7]]


def test_copies_that_are_changed_leave_no_node():
    x = leaf()
    i = torch.tensor([1])
    made = [
        x.masked_fill(x > 1, 0.0),
        x.index_fill(0, i, 1.0),
        x.scatter(0, i, 2.0),
        x.index_put((i,), torch.ones(1)),
    ]
    for out in made:
        assert out.grad_fn.next_functions[0][0].variable is x
    sum(t.sum() for t in made).backward()
    assert x.grad.tolist() == [4, 1, 3, 3]


def test_numbers_have_no_edges_where_pytorchs_overload_takes_them():
    x = leaf()
    assert len(x.clamp(1, 2).grad_fn.next_functions) == 1
    assert len(x.copysign(2.0).grad_fn.next_functions) == 1
    assert len(x.lerp(x, 0.5).grad_fn.next_functions) == 2
    assert len((x * 2.0).grad_fn.next_functions) == 2
    seen = []
    y = x.clamp(1, 2)
    y.grad_fn.register_hook(lambda inputs, outputs: seen.append(len(inputs)))
    y.sum().backward()
    assert seen == [1]
