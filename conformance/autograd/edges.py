"""backward and grad with every argument, and edges of the graph (sections 2 and 7)."""

from __future__ import annotations

from typing import Any

from conformance._snippet import raised, values


def _leaf(torch: Any, *numbers: float) -> Any:
    return torch.tensor(numbers or (1.0, 2.0), dtype=torch.float64, requires_grad=True)


def case_gradient_edge(torch: Any) -> Any:
    x = _leaf(torch)
    y = x.exp()
    edge = torch.autograd.graph.get_gradient_edge(y)
    leaf = torch.autograd.graph.get_gradient_edge(x)
    return [
        edge.node is y.grad_fn,
        edge.output_nr,
        leaf.node.name(),
        leaf.output_nr,
        raised(
            lambda: torch.autograd.graph.get_gradient_edge(x.detach()),
            "not possible to get the gradient edge",
        ),
    ]


def case_edge_as_input(torch: Any) -> Any:
    x = _leaf(torch)
    y = x.exp()
    edge = torch.autograd.graph.get_gradient_edge(y)
    z = (y * y).sum()
    return [values(g) for g in torch.autograd.grad(z, edge)]


def case_edge_as_root(torch: Any) -> Any:
    x = _leaf(torch)
    y = x.exp()
    edge = torch.autograd.graph.get_gradient_edge(y)
    (g,) = torch.autograd.grad(edge, x, grad_outputs=torch.ones_like(y))
    return values(g)


def case_edge_as_root_backward(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * x
    edge = torch.autograd.graph.get_gradient_edge(y)
    torch.autograd.backward(edge, torch.ones_like(y))
    return values(x.grad)


def case_edge_of_several_outputs(torch: Any) -> Any:
    x = _leaf(torch, 1.0, 2.0, 3.0, 4.0)
    a, b = x.chunk(2)
    edge = torch.autograd.graph.get_gradient_edge(b)
    (g,) = torch.autograd.grad((a * 2 + b * 3).sum(), edge)
    return [edge.output_nr, values(g)]


def case_dict_of_inputs(torch: Any) -> Any:
    a, b = _leaf(torch), _leaf(torch, 3.0, 4.0)
    found = torch.autograd.grad((a * b).sum(), {"a": a, "b": b})
    return [list(found), [values(v) for v in found.values()]]


def case_backward_with_a_dict(torch: Any) -> Any:
    a, b = _leaf(torch), _leaf(torch, 3.0, 4.0)
    torch.autograd.backward((a * b).sum(), inputs={"a": a})
    return [values(a.grad), b.grad is None]


def case_several_roots(torch: Any) -> Any:
    x = _leaf(torch)
    y, z = x.exp(), x * x
    torch.autograd.backward([y, z], [torch.ones_like(y), torch.ones_like(z)])
    (g,) = torch.autograd.grad([x.sum(), (x * x).sum()], x)
    return [values(x.grad), values(g)]


def case_same_root_twice(torch: Any) -> Any:
    x = _leaf(torch)
    y = (x * x).sum()
    torch.autograd.backward([y, y])
    return values(x.grad)


def case_unused(torch: Any) -> Any:
    a, b = _leaf(torch), _leaf(torch)
    y = (a * a).sum()
    return [
        raised(
            lambda: torch.autograd.grad((a * a).sum(), [a, b]),
            "appears to not have been used in the graph",
        ),
        [g is None for g in torch.autograd.grad(y, [a, b], allow_unused=True)],
        [
            values(g)
            for g in torch.autograd.grad((a * a).sum(), [a, b], materialize_grads=True)
        ],
        raised(
            lambda: torch.autograd.grad(
                (a * a).sum(), [a, b], materialize_grads=True, allow_unused=False
            ),
            "allow_unused to be True or not passed when materialize_grads=True",
        ),
    ]


def case_batched_gradients(torch: Any) -> Any:
    x = _leaf(torch)
    y = x.exp() * x.sum()
    rows = torch.eye(2, dtype=torch.float64)
    (j,) = torch.autograd.grad(y, x, rows, is_grads_batched=True)
    return values(j)


def case_shape_of_the_gradient(torch: Any) -> Any:
    x = _leaf(torch)
    return [
        raised(lambda: (x * x).backward(torch.ones(3)), "Mismatch in shape"),
        raised(lambda: (x * x).backward(), "only for scalar outputs"),
        raised(lambda: x.detach().sum().backward(), "does not require grad"),
        raised(lambda: torch.autograd.backward([]), ""),
    ]


def case_inputs_that_are_no_leaves(torch: Any) -> Any:
    x = _leaf(torch)
    y = x.exp()
    z = (y * y).sum()
    z.backward(inputs=[y], retain_graph=True)
    first = values(y.grad)
    z.backward(inputs=[x, y])
    return [first, values(y.grad), values(x.grad)]


def case_empty_inputs(torch: Any) -> Any:
    x = _leaf(torch)
    return raised(lambda: x.sum().backward(inputs=[]), "cannot be empty")


def case_multi_grad_hook_all(torch: Any) -> Any:
    a, b, c = (_leaf(torch) for _ in range(3))
    log: list[Any] = []
    handle = torch.autograd.graph.register_multi_grad_hook(
        [a, b, c], lambda grads: log.append([g is None for g in grads])
    )
    (a * b).sum().backward()
    (a * b * c).sum().backward()
    handle.remove()
    (a * b).sum().backward()
    return log


def case_multi_grad_hook_any(torch: Any) -> Any:
    a, b = _leaf(torch), _leaf(torch)
    log: list[Any] = []
    handle = torch.autograd.graph.register_multi_grad_hook(
        (a, b), lambda g: log.append(values(g)), mode="any"
    )
    (a * b).sum().backward()
    handle.remove()
    (a * b).sum().backward()
    return [
        log,
        raised(
            lambda: torch.autograd.graph.register_multi_grad_hook(
                (a,), lambda g: None, mode="some"
            ),
            "mode",
        ),
    ]


def case_increment_version(torch: Any) -> Any:
    x, y = torch.ones(2), torch.ones(2)
    torch.autograd.graph.increment_version(x)
    torch.autograd.graph.increment_version([x, y])
    return [x._version, y._version]


def case_increment_version_is_noticed(torch: Any) -> Any:
    x = _leaf(torch)
    y = x.exp()
    torch.autograd.graph.increment_version(y)
    return raised(
        lambda: y.sum().backward(), "has been modified by an inplace operation"
    )


def case_metadata(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * 2
    y.grad_fn.metadata["key"] = 5
    seen: list[Any] = []
    y.grad_fn.register_hook(
        lambda gi, go, node=y.grad_fn: seen.append(node.metadata["key"])
    )
    y.sum().backward()
    return [seen, y.grad_fn.metadata]


def case_allow_mutation(torch: Any) -> Any:
    with torch.autograd.graph.allow_mutation_on_saved_tensors():
        a = _leaf(torch)
        b = a.clone()
        c = b.sin()
        b.mul_(3)
        c.sum().backward()
    return values(a.grad)


def case_allow_mutation_does_not_nest(torch: Any) -> Any:
    allow = torch.autograd.graph.allow_mutation_on_saved_tensors

    def nested() -> None:
        with allow(), allow():
            pass

    return raised(nested, "cannot be nested")


def case_save_on_cpu(torch: Any) -> Any:
    x = _leaf(torch)
    with torch.autograd.graph.save_on_cpu():
        y = (x.exp() * x).sum()
    y.backward()
    return values(x.grad)


def case_disabled_hooks(torch: Any) -> Any:
    graph = torch.autograd.graph

    def use() -> None:
        with graph.saved_tensors_hooks(lambda t: t, lambda t: t):
            pass

    with graph.disable_saved_tensors_hooks("not here, please"):
        inside = raised(use, "not here, please")
    use()
    return inside


def case_raw_saved(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * x.detach()
    log: list[str] = []
    saved = y.grad_fn._raw_saved_other

    def pack(t: Any) -> Any:
        log.append("pack")
        return t * 2

    saved.register_hooks(pack, lambda t: (log.append("unpack"), t)[1])
    again = raised(
        lambda: saved.register_hooks(pack, lambda t: t), "have already been set"
    )
    y.sum().backward()
    return [
        log,
        values(x.grad),
        again,
        raised(lambda: saved.register_hooks(pack, lambda t: t), "has been freed"),
    ]


def case_raw_saved_where_nothing_is(torch: Any) -> Any:
    x = _leaf(torch)
    y = x * torch.ones(2, dtype=torch.float64)
    return raised(
        lambda: y.grad_fn._raw_saved_self.register_hooks(lambda t: t, lambda t: t),
        "with value None is forbidden",
    )


def case_unused_input_is_named(torch: Any) -> Any:
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    return raised(
        lambda: torch.autograd.grad((x * 2).sum(), [x, y]),
        "tensor at index 1 appears to not have been used in the graph",
    )


def case_no_inputs_at_all(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    phrase = "`inputs` argument to `grad()` cannot be empty"
    return [
        raised(lambda: torch.autograd.grad((x * 2).sum(), []), phrase),
        raised(lambda: torch.autograd.grad((x * 2).sum(), {}), phrase),
    ]
