"""backward() and grad() (section 2 of the semantics)."""

from __future__ import annotations

from typing import Any

from conformance._snippet import facts, node_tree, raised, values, warned


def _x(torch: Any, *data: float) -> Any:
    return torch.tensor(data or (1.0, 2.0), requires_grad=True)


def case_seed_only_for_one_element(torch: Any) -> Any:
    x = _x(torch)
    phrase = "grad can be implicitly created only for scalar outputs"
    out = [raised(lambda: (x * 2).backward(), phrase)]
    (x[:1] * 2).backward()
    (x.sum() * 2).backward()
    (x.sum() * 2).reshape(1, 1).backward()
    return [*out, values(x.grad)]


def case_seed_given(torch: Any) -> Any:
    x = _x(torch)
    (x * x).backward(torch.tensor([1.0, 10.0]))
    return values(x.grad)


def case_seed_of_wrong_shape(torch: Any) -> Any:
    x = _x(torch)
    phrase = "mismatch in shape"
    return [
        raised(lambda: (x * x).backward(torch.ones(3)), phrase),
        raised(lambda: (x * x).sum().backward(torch.ones(2)), phrase),
    ]


def case_nothing_to_do(torch: Any) -> Any:
    phrase = "element 0 of tensors does not require grad"
    return [
        raised(lambda: torch.ones(()).backward(), phrase),
        raised(lambda: _x(torch).sum().detach().backward(), phrase),
        raised(lambda: torch.autograd.grad(torch.ones(()), torch.ones(())), phrase),
    ]


def case_several_roots(torch: Any) -> Any:
    x = _x(torch)
    torch.autograd.backward([(x * x).sum(), (3 * x).sum()])
    first = values(x.grad)
    torch.autograd.backward([x * 2, x.sum()], [torch.tensor([1.0, 2.0]), None])
    return [first, values(x.grad)]


def case_same_root_twice(torch: Any) -> Any:
    x = _x(torch)
    y = (x * x).sum()
    torch.autograd.backward([y, y])
    return values(x.grad)


def case_leaf_as_root(torch: Any) -> Any:
    x = torch.tensor(3.0, requires_grad=True)
    x.backward()
    return values(x.grad)


def case_second_backward_fails_through_mul(torch: Any) -> Any:
    x = _x(torch)
    y = (x * x).sum()
    y.backward()
    phrase = "trying to backward through the graph a second time"
    return [raised(y.backward, phrase), values(x.grad)]


def case_second_backward_is_fine_through_add(torch: Any) -> Any:
    x = _x(torch)
    for out in ((x + 1).sum(), (x - x).sum(), (-x).mean(), x.view(2, 1).sum()):
        out.backward()
        out.backward()
    return values(x.grad)


def case_second_backward_through_scalar_mul(torch: Any) -> Any:
    x = _x(torch)
    out = []
    for make in (lambda: x * 3, lambda: x / 2, lambda: 3 * x, lambda: x**1):
        y = make().sum()
        y.backward()
        out.append(raised(y.backward, ""))
    return [*out, values(x.grad)]


def case_second_backward_fails_through_exp(torch: Any) -> Any:
    x = _x(torch)
    y = x.exp().sum()
    y.backward()
    return raised(y.backward, "second time")


def case_shared_trunk(torch: Any) -> Any:
    x = _x(torch)
    trunk = x * x
    a, b = trunk.sum(), (trunk + 1).sum()
    a.backward()
    return raised(b.backward, "second time")


def case_retain_graph(torch: Any) -> Any:
    x = _x(torch)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return [values(x.grad), raised(y.backward, "second time")]


def case_create_graph_retains(torch: Any) -> Any:
    x = _x(torch)
    y = (x * x).sum()
    torch.autograd.grad(y, x, create_graph=True)
    y.backward()
    return values(x.grad)


def case_create_graph_warns(torch: Any) -> Any:
    x = _x(torch)
    phrase = "using backward() with create_graph=true"
    return warned(lambda: (x * x).sum().backward(create_graph=True), phrase)


def case_inputs_only(torch: Any) -> Any:
    x, y = _x(torch), _x(torch, 3.0, 4.0)
    (x * y).sum().backward(inputs=[x])
    return [values(x.grad), values(y.grad)]


def case_inputs_one_tensor(torch: Any) -> Any:
    x, y = _x(torch), _x(torch, 3.0, 4.0)
    (x * y).sum().backward(inputs=y)
    return [values(x.grad), values(y.grad)]


def case_inputs_non_leaf(torch: Any) -> Any:
    x = _x(torch)
    y = x * 2
    (y * y).sum().backward(inputs=[y])
    return [values(x.grad), values(y.grad)]


def case_inputs_empty(torch: Any) -> Any:
    x = _x(torch)
    return raised(lambda: x.sum().backward(inputs=[]), "inputs")


def case_grad_returns(torch: Any) -> Any:
    x = _x(torch)
    g = torch.autograd.grad((x * x).sum(), x)
    return [type(g).__name__, len(g), values(g[0]), facts(g[0]), values(x.grad)]


def case_grad_of_an_intermediate(torch: Any) -> Any:
    x = _x(torch)
    y = x * 3
    return [values(g) for g in torch.autograd.grad((y * y).sum(), [y, x])]


def case_grad_unused(torch: Any) -> Any:
    x, y = _x(torch), _x(torch)
    out = x.sum()
    phrase = "appears to not have been used in the graph"
    return [
        raised(lambda: torch.autograd.grad(out, [x, y]), phrase),
        [values(g) for g in torch.autograd.grad(x.sum(), [x, y], allow_unused=True)],
        [
            values(g)
            for g in torch.autograd.grad(x.sum(), [x, y], materialize_grads=True)
        ],
    ]


def case_grad_unused_contradiction(torch: Any) -> Any:
    x, y = _x(torch), _x(torch)
    return raised(
        lambda: torch.autograd.grad(
            x.sum(), [x, y], allow_unused=False, materialize_grads=True
        ),
        "allow_unused",
    )


def case_grad_of_untracked_input(torch: Any) -> Any:
    x = _x(torch)
    return raised(
        lambda: torch.autograd.grad(x.sum(), torch.ones(2)),
        "one of the differentiated tensors does not require grad",
    )


def case_grad_outputs(torch: Any) -> Any:
    x = _x(torch)
    out = [
        torch.autograd.grad(x * x, x, torch.tensor([1.0, 0.0])),
        torch.autograd.grad([x * x, x.sum()], x, [torch.ones(2), None]),
    ]
    return [[values(g) for g in gs] for gs in out]


def case_grad_outputs_count(torch: Any) -> Any:
    x = _x(torch)
    return raised(lambda: torch.autograd.grad([x.sum(), x.sum()], x, [torch.ones(())]))


def case_double_backward(torch: Any) -> Any:
    x = torch.tensor(2.0, requires_grad=True)
    (g,) = torch.autograd.grad(x**3, x, create_graph=True)
    (h,) = torch.autograd.grad(g, x, create_graph=True)
    (t,) = torch.autograd.grad(h, x)
    return [values(g), values(h), values(t), facts(g), facts(t)]


def case_double_backward_graph(torch: Any) -> Any:
    x = torch.tensor(2.0, requires_grad=True)
    (g,) = torch.autograd.grad(x * x, x, create_graph=True)
    return [node_tree(g.grad_fn, 4)]


def case_gradient_penalty(torch: Any) -> Any:
    w = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    x = torch.tensor([[0.5, -1.0]], requires_grad=True)
    out = (x @ w).tanh().sum()
    (g,) = torch.autograd.grad(out, x, create_graph=True)
    ((g.norm() - 1) ** 2).backward()
    return [values(w.grad), values(x.grad)]


def case_without_create_graph_the_gradient_is_constant(torch: Any) -> Any:
    x = torch.tensor(2.0, requires_grad=True)
    (g,) = torch.autograd.grad(x * x, x)
    return raised(lambda: torch.autograd.grad(g, x), "does not require grad")


def case_backward_inside_no_grad(torch: Any) -> Any:
    x = _x(torch)
    y = (x * x).sum()
    with torch.no_grad():
        y.backward()
    return values(x.grad)


def case_fan_out(torch: Any) -> Any:
    x = torch.tensor(2.0, requires_grad=True)
    y = x * x
    z = y + y * x + x
    z.backward()
    return values(x.grad)


def case_broadcast_sums_back(torch: Any) -> Any:
    a = torch.ones(3, 1, requires_grad=True)
    b = torch.ones(4, requires_grad=True)
    c = torch.tensor(2.0, requires_grad=True)
    (a * b * c).sum().backward()
    return [values(a.grad), values(b.grad), values(c.grad)]


def case_mixed_dtypes(torch: Any) -> Any:
    a = torch.ones(2, requires_grad=True)
    b = torch.ones(2, dtype=torch.float64, requires_grad=True)
    (a * b).sum().backward()
    return [values(a.grad), values(b.grad)]


def case_half_gradients(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], dtype=torch.float16, requires_grad=True)
    (x * x).sum().backward()
    return values(x.grad)


def case_deep_chain(torch: Any) -> Any:
    x = torch.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y + 1
    y.backward()
    return values(x.grad)


def case_set_item_graph(torch: Any) -> Any:
    x = torch.tensor(5.0, requires_grad=True)
    y = torch.zeros(3)
    y[1] = x * 2
    (y * torch.tensor([1.0, 10.0, 100.0])).sum().backward()
    return [facts(y), values(y), values(x.grad)]


def case_unused_outputs_of_a_multi_output_node(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    a = x.chunk(2)[0]
    (a * 3).sum().backward()
    return values(x.grad)


def case_zero_dim_and_empty(torch: Any) -> Any:
    x = torch.zeros(0, requires_grad=True)
    x.sum().backward()
    y = torch.tensor(1.0, requires_grad=True)
    y.reshape(1).sum().backward()
    return [values(x.grad), values(y.grad)]


def case_backward_of_list_grads_with_graph(torch: Any) -> Any:
    x = _x(torch)
    seed = torch.ones(2, requires_grad=True)
    (g,) = torch.autograd.grad(x * x, x, seed, create_graph=True)
    g.sum().backward()
    return [values(x.grad), values(seed.grad)]


def case_inputs_dict(torch: Any) -> Any:
    x = _x(torch)
    g = torch.autograd.grad((x * x).sum(), {"x": x})
    return [type(g).__name__, {k: values(v) for k, v in g.items()}]


def case_saved_freed(torch: Any) -> Any:
    x = _x(torch)
    y = (x * x).sum()
    node = y.grad_fn.next_functions[0][0]
    before = values(node._saved_self)
    y.backward()
    return [before, raised(lambda: node._saved_self, "second time")]


def case_second_order_of_linear_products(torch: Any) -> Any:
    high = torch.tensor([2.0, 3.0], requires_grad=True)
    w = torch.tensor([5.0, 7.0], requires_grad=True)
    out = []
    for y in (high * w, w / high, high * w * w):
        for t in (high, w):
            (g,) = torch.autograd.grad(y.sum(), t, create_graph=True)
            for u in (high, w):
                (got,) = torch.autograd.grad(
                    g.sum(), u, allow_unused=True, retain_graph=True
                )
                out.append(None if got is None else values(got))
    return out
