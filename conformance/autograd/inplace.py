"""In-place operations, views, versions (section 4 of the semantics)."""

from __future__ import annotations

from typing import Any

from conformance._snippet import facts, node_tree, raised, values

CHANGED = "has been modified by an inplace operation"


def _leaf(torch: Any) -> Any:
    return torch.tensor([1.0, 2.0, 3.0], requires_grad=True)


def case_versions(torch: Any) -> Any:
    x = torch.zeros(3)
    v = x.view(3, 1)
    out = [x._version]
    x.add_(1)
    out.append(x._version)
    v.mul_(2)
    out += [x._version, v._version]
    x[0] = 5
    out += [x._version, x.detach()._version, x.clone()._version]
    x.zero_()
    x.fill_(2)
    x.copy_(torch.ones(3))
    return [*out, x._version]


def case_saved_input_changed(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * 1
    z = (y * y).sum()
    y.add_(1)
    return raised(z.backward, CHANGED)


def case_saved_output_changed(torch: Any) -> Any:
    y = _leaf(torch).exp()
    y.add_(1)
    return raised(y.sum().backward, CHANGED)


def case_nothing_was_saved(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * 2
    y.add_(1)
    y.mul_(3)
    y.sum().backward()
    return [values(x.grad), node_tree(y.grad_fn)]


def case_in_place_saves_its_own_result(torch: Any) -> Any:
    x = _leaf(torch)
    y = x.clone().sigmoid_()
    y.sum().backward()
    z = _leaf(torch)
    z.clone().exp_().sum().backward()
    return [values(x.grad), values(z.grad)]


def case_detached_alias_trips_the_check(torch: Any) -> Any:
    x = _leaf(torch)
    y = x.exp()
    y.detach().zero_()
    return raised(y.sum().backward, CHANGED)


def case_data_alias_does_not(torch: Any) -> Any:
    x = _leaf(torch)
    y = x.exp()
    y.data.zero_()
    y.sum().backward()
    return values(x.grad)


def case_checked_when_the_node_runs(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * 1
    z = (y * y).sum()
    kept = y.detach().clone()
    y.data.copy_(kept)
    z.backward()
    return values(x.grad)


def case_leaf_in_place(torch: Any) -> Any:
    x = _leaf(torch)
    leaf = "a leaf variable that requires grad is being used in an in-place operation"
    view = "a view of a leaf variable that requires grad is being used"

    def assign() -> None:
        x[0] = 1

    return [
        raised(lambda: x.add_(1), leaf),
        raised(lambda: x.zero_(), leaf),
        raised(assign),
        raised(lambda: x[:2].mul_(2), view),
        raised(lambda: x.view(3).mul_(2), view),
    ]


def case_untracked_leaf_becomes_tracked(torch: Any) -> Any:
    x = _leaf(torch)
    y = torch.zeros(3)
    y[0] = x[0]
    y.sum().backward()
    return [facts(y), values(x.grad), node_tree(y.grad_fn)]


def case_copy_slices(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * 2
    v = y[:2]
    before = facts(v)
    v.mul_(3)
    y.sum().backward()
    return [before, facts(v), facts(y), values(y), values(x.grad)]


def case_base_changed_after_the_view(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * 1
    v = y[:2]
    y.mul_(3)
    (v * torch.tensor([1.0, 10.0])).sum().backward()
    return [facts(v), values(v), values(x.grad)]


def case_view_of_view(torch: Any) -> Any:
    x = torch.ones(2, 3, requires_grad=True)
    y = x * 1
    row = y[0]
    one = row[1:]
    one.mul_(5)
    y.sum().backward()
    return [values(y), facts(row), facts(one), values(x.grad)]


def case_transposed_view(torch: Any) -> Any:
    x = torch.ones(2, 3, requires_grad=True)
    y = x * 1
    y.t()[1].add_(x[0, 0])
    y.sum().backward()
    return [values(y), values(x.grad)]


def case_view_assignment_of_tracked(torch: Any) -> Any:
    x = _leaf(torch)
    base = torch.zeros(2, 3)
    base[1] = x
    base[:, 0] = 7
    (base * base).sum().backward()
    return [values(base), values(x.grad)]


def case_saved_then_view_changed(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * 1
    z = (y * y).sum()
    y[:1].add_(1)
    return raised(z.backward, CHANGED)


def case_unbind_outputs_cannot_change(torch: Any) -> Any:
    x = torch.ones(2, 3, requires_grad=True)
    phrase = "output 0 of unbind is a view and is being modified inplace"
    return raised(lambda: (x * 1).unbind()[0].mul_(2), phrase)


def case_split_outputs_cannot_change(torch: Any) -> Any:
    x = torch.ones(4, requires_grad=True)
    phrase = "is a view and is being modified inplace"
    return [
        raised(lambda: (x * 1).split(2)[0].mul_(2), phrase),
        raised(lambda: (x * 1).chunk(2)[1].mul_(2), phrase),
    ]


def case_view_made_in_no_grad(torch: Any) -> Any:
    x = torch.ones(4, requires_grad=True)
    y = x * 1
    with torch.no_grad():
        v = y.view(2, 2)
    phrase = "a view was created in no_grad mode and is being modified inplace"
    return raised(lambda: v.mul_(2), phrase)


def case_view_in_no_grad_of_leaf(torch: Any) -> Any:
    x = torch.ones(4, requires_grad=True)
    with torch.no_grad():
        v = x.view(2, 2)
        v.mul_(2)
    phrase = "a view was created in no_grad mode and its base or another view"
    return [values(x), raised(lambda: v.grad_fn, phrase)]


def case_view_of_custom_function(torch: Any) -> Any:
    class View(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.view(-1)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g.view(2, 2)

    y = View.apply(torch.ones(2, 2, requires_grad=True) * 1)
    return raised(lambda: y.mul_(2), "is a view and is being modified inplace")


def case_expanded_memory(torch: Any) -> Any:
    x = torch.ones(1).expand(3)
    phrase = "more than one element of the written-to tensor refers to a single memory"
    return [
        raised(lambda: x.add_(1), phrase),
        raised(lambda: x.copy_(torch.arange(3.0)), phrase),
    ]


def case_overlap_with_the_operand(torch: Any) -> Any:
    x = torch.arange(4.0)
    phrase = "unsupported operation: some elements of the input tensor and the written"
    return raised(lambda: x[1:].add_(x[:-1]), phrase)


def case_base_and_is_view(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * 1
    v = y[1:].view(2, 1)
    return [v._is_view(), v._base is y, y._is_view(), y._base is None, x[0]._is_view()]


def case_hook_before_in_place(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * 2
    seen = []
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.mul_(3)
    y.register_hook(lambda g: seen.append(g.tolist()))
    (y * 5).sum().backward()
    return [seen, values(x.grad)]


def case_in_place_with_tracked_operand(torch: Any) -> Any:
    x = _leaf(torch)
    y = torch.ones(3)
    y.mul_(x)
    y.add_(x, alpha=2)
    y.sum().backward()
    return [facts(y), values(x.grad), node_tree(y.grad_fn)]


def case_in_place_operators(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * 1
    same = y
    y += 1
    y -= 2
    y *= 3
    y /= 4
    y.sum().backward()
    return [same is y, values(y), values(x.grad)]


def case_in_place_dtype(torch: Any) -> Any:
    i = torch.ones(2, dtype=torch.int64)
    phrase = "result type float can't be cast to the desired output type long"
    return [
        raised(lambda: i.mul_(1.5), phrase),
        raised(lambda: i.div_(2)),
        values(i.add_(True)),
    ]


def case_in_place_shape(torch: Any) -> Any:
    x = torch.ones(3)
    return raised(lambda: x.add_(torch.ones(2, 3)), "doesn't match the broadcast shape")


def case_out_refuses_tracked(torch: Any) -> Any:
    x = _leaf(torch)
    phrase = "don't support automatic differentiation, but one of the arguments"
    return [
        raised(lambda: torch.mul(x, x, out=torch.empty(3)), phrase),
        raised(lambda: torch.mul(x.detach(), 2, out=_leaf(torch)), phrase),
    ]


def case_increment_version(torch: Any) -> Any:
    x = torch.ones(2)
    torch.autograd.graph.increment_version(x)
    out = [x._version]
    torch.autograd.graph.increment_version([x, torch.ones(1)])
    return [*out, x._version]


def case_copy_is_differentiable(torch: Any) -> Any:
    x = _leaf(torch)
    y = torch.zeros(2, 3, dtype=torch.float64)
    y.copy_(x)
    (y * 2).sum().backward()
    return [node_tree(y.grad_fn), values(x.grad)]


def case_masked_assignment(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * 1
    y[y > 1.5] = 0.0
    y[torch.tensor([0])] = x[2] * 3
    y.sum().backward()
    return [values(y), values(x.grad)]


def case_fill_and_zero_cut_the_history(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * 1
    y[1:].zero_()
    y[0].fill_(x[2])
    y.sum().backward()
    return [values(y), values(x.grad)]


def case_requires_grad_of_a_view(torch: Any) -> Any:
    base = torch.zeros(4)
    v = base[:2].requires_grad_()
    (v * 2).sum().backward()
    return [facts(v), facts(base), values(v.grad)]


def case_relu_in_place(torch: Any) -> Any:
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    y = torch.relu_(x * 3)
    y.sum().backward()
    return [values(x.grad), node_tree(y.grad_fn)]


def case_detach_of_a_view_in_place_versions(torch: Any) -> Any:
    x = torch.ones(4)
    a, b = x[:2], x[2:].detach()
    a.add_(1)
    b.add_(1)
    return [x._version, a._version, b._version, values(x)]


def case_filling_expanded_memory(torch: Any) -> Any:
    out = []
    for change in (
        lambda t: t.zero_(),
        lambda t: t.fill_(2.0),
        lambda t: t.fill_(torch.tensor(3.0)),
        lambda t: t.fill_diagonal_(4.0),
    ):
        x = torch.ones(3, 1)
        change(x.expand(3, 4))
        out.append(values(x))
    return out


def case_expanded_memory_is_refused(torch: Any) -> Any:
    out = []
    for change in (
        lambda t: t.add_(1),
        lambda t: t.copy_(torch.ones(4)),
        lambda t: t.__setitem__(0, 2.0),
        lambda t: t.__setitem__(0, torch.ones(4)),
        lambda t: t.relu_(),
    ):
        t = torch.ones(3, 1).expand(3, 4)
        out.append(raised(lambda c=change, t=t: c(t), "single memory location"))
    return out
