"""Hooks (section 6 of the semantics)."""

from __future__ import annotations

from typing import Any

from conformance._snippet import raised, values


def _x(torch: Any) -> Any:
    return torch.tensor([1.0, 2.0], requires_grad=True)


def case_tensor_hook_sees_and_replaces(torch: Any) -> Any:
    x = _x(torch)
    y = x * 2
    seen = []

    def look(g: Any) -> None:
        seen.append(g.tolist())

    y.register_hook(look)
    y.register_hook(lambda g: g * 10)
    y.register_hook(look)
    (y * 3).sum().backward()
    return [seen, values(x.grad)]


def case_hook_on_leaf(torch: Any) -> Any:
    x = _x(torch)
    x.register_hook(lambda g: g + 1)
    (x * 3).sum().backward()
    return values(x.grad)


def case_hook_sees_the_sum(torch: Any) -> Any:
    x = _x(torch)
    seen = []
    y = x * 1
    y.register_hook(lambda g: seen.append(g.tolist()))
    (y * 2 + y * 3).sum().backward()
    return seen


def case_hook_removed(torch: Any) -> Any:
    x = _x(torch)
    handle = x.register_hook(lambda g: g * 100)
    handle.remove()
    (x * 3).sum().backward()
    return values(x.grad)


def case_hook_handle_as_context(torch: Any) -> Any:
    x = _x(torch)
    with x.register_hook(lambda g: g * 100):
        x.sum().backward()
    x.sum().backward()
    return values(x.grad)


def case_hook_on_untracked(torch: Any) -> Any:
    phrase = "cannot register a hook on a tensor that doesn't require gradient"
    return raised(lambda: torch.ones(2).register_hook(lambda g: g), phrase)


def case_hook_returning_nonsense(torch: Any) -> Any:
    x = _x(torch)
    y = x * 1
    y.register_hook(lambda g: 3)
    return raised(lambda: y.sum().backward())


def case_hook_that_raises(torch: Any) -> Any:
    def hook(g: Any) -> None:
        raise KeyError("mine")

    x = _x(torch)
    x.register_hook(hook)
    return raised(lambda: x.sum().backward(), "mine")


def case_hooks_fire_in_grad(torch: Any) -> Any:
    x = _x(torch)
    log = []
    x.register_hook(lambda g: log.append("tensor"))
    x.register_post_accumulate_grad_hook(lambda p: log.append("post"))
    torch.autograd.grad((x * 2).sum(), x)
    return [log, values(x.grad)]


def case_hook_changes_what_grad_returns(torch: Any) -> Any:
    x = _x(torch)
    x.register_hook(lambda g: g * 5)
    return values(torch.autograd.grad((x * 2).sum(), x)[0])


def case_post_accumulate(torch: Any) -> Any:
    x = _x(torch)
    seen = []

    def hook(p: Any) -> None:
        seen.append([p is x, p.grad.tolist(), torch.is_grad_enabled()])

    x.register_post_accumulate_grad_hook(hook)
    (x * 2).sum().backward()
    (x * 2).sum().backward()
    return seen


def case_post_accumulate_refusals(torch: Any) -> Any:
    y = _x(torch) * 2
    phrase = "post accumulate grad hooks cannot be registered on non-leaf tensors"
    return [
        raised(lambda: y.register_post_accumulate_grad_hook(lambda p: None), phrase),
        raised(
            lambda: torch.ones(2).register_post_accumulate_grad_hook(lambda p: None)
        ),
    ]


def case_optimizer_in_backward(torch: Any) -> Any:
    w = _x(torch)

    def step(p: Any) -> None:
        p.sub_(0.1 * p.grad)
        p.grad = None

    w.register_post_accumulate_grad_hook(lambda p: step(p.data) if False else None)

    def update(p: Any) -> None:
        with torch.no_grad():
            p.sub_(p.grad, alpha=0.5)
        p.grad = None

    w.register_post_accumulate_grad_hook(update)
    (w * 3).sum().backward()
    return [values(w), values(w.grad)]


def case_order_of_hooks(torch: Any) -> Any:
    log = []
    x = _x(torch)
    y = x * 2
    y.retain_grad()
    y.grad_fn.register_prehook(lambda gs: log.append("prehook"))
    y.grad_fn.register_hook(lambda gi, go: log.append("posthook"))
    y.register_hook(lambda g: log.append("tensor"))
    x.register_hook(lambda g: log.append("leaf"))
    x.register_post_accumulate_grad_hook(lambda p: log.append("accumulated"))
    y.sum().backward()
    return log


def case_node_hook_replaces(torch: Any) -> Any:
    x = _x(torch)
    y = x * 2
    y.grad_fn.register_hook(lambda gi, go: (gi[0] * 10, *gi[1:]))
    y.sum().backward()
    return values(x.grad)


def case_node_hook_arguments(torch: Any) -> Any:
    a, b = _x(torch), _x(torch)
    seen = []
    y = a * b
    y.grad_fn.register_hook(
        lambda gi, go: seen.append([[values(g) for g in gi], [values(g) for g in go]])
    )
    y.sum().backward()
    return seen


def case_node_prehook_replaces(torch: Any) -> Any:
    x = _x(torch)
    y = x * 2
    y.grad_fn.register_prehook(lambda go: (go[0] * 7,))
    y.sum().backward()
    return values(x.grad)


def case_node_hook_count(torch: Any) -> Any:
    x = _x(torch)
    y = x * 2
    y.grad_fn.register_hook(lambda gi, go: ())
    return raised(lambda: y.sum().backward())


def case_tensor_hooks_fire_without_the_node(torch: Any) -> Any:
    log = []
    x = _x(torch)
    y = x * 2
    y.register_hook(lambda g: log.append("tensor"))
    y.grad_fn.register_hook(lambda gi, go: log.append("node"))
    torch.autograd.grad((y * y).sum(), y)
    return log


def case_accumulate_grad_hooks(torch: Any) -> Any:
    log = []
    x = _x(torch)
    sink = x.view_as(x).grad_fn.next_functions[0][0]
    sink.register_hook(lambda gi, go: log.append(["post", x.grad.tolist()]))
    sink.register_prehook(lambda go: log.append(["pre", x.grad is None]))
    (x * 3).sum().backward()
    return log


def case_multi_grad_hook_all(torch: Any) -> Any:
    a, b, c = _x(torch), _x(torch), _x(torch)
    seen = []
    hook = torch.autograd.graph.register_multi_grad_hook
    hook((a, b, c), lambda gs: seen.append([values(g) for g in gs]))
    (a * b).sum().backward()
    (a * b * c).sum().backward()
    return seen


def case_multi_grad_hook_any(torch: Any) -> Any:
    a, b = _x(torch), _x(torch)
    seen = []
    hook = torch.autograd.graph.register_multi_grad_hook
    hook((a, b), lambda g: seen.append(list(g.shape)), mode="any")
    (a * b).sum().backward()
    return seen


def case_hook_with_create_graph(torch: Any) -> Any:
    x = torch.tensor(2.0, requires_grad=True)
    y = x * x
    y.register_hook(lambda g: g * x)
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    (h,) = torch.autograd.grad(g, x)
    return [values(g), values(h)]


def case_retain_grad_and_later_in_place(torch: Any) -> Any:
    x = _x(torch)
    y = x * 2
    y.retain_grad()
    y.mul_(3)
    y.sum().backward()
    return [values(y.grad), values(x.grad)]


def case_hooks_see_zero_expanded(torch: Any) -> Any:
    x = torch.ones(2, 3, requires_grad=True)
    seen = []
    y = x * 1
    y.register_hook(lambda g: seen.append([list(g.shape), list(g.stride())]))
    y.sum().backward()
    return seen


def case_module_backward_hook(torch: Any) -> Any:
    seen = []
    layer = torch.nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        layer.weight.fill_(2.0)
    layer.register_full_backward_hook(
        lambda m, gi, go: seen.append([[values(g) for g in gi], values(go[0])])
    )
    x = torch.ones(1, 2, requires_grad=True)
    layer(x).sum().backward()
    return [seen, values(x.grad)]


def case_module_forward_hooks(torch: Any) -> Any:
    log = []
    layer = torch.nn.Flatten()
    layer.register_forward_pre_hook(lambda m, args: log.append(len(args)))
    layer.register_forward_hook(lambda m, args, out: out * 2)
    return [values(layer(torch.ones(1, 2, 2))), log]


def case_gradient_edges(torch: Any) -> Any:
    x = _x(torch)
    y = x * x
    edge = torch.autograd.graph.get_gradient_edge(y)
    (g,) = torch.autograd.grad((y * 3).sum(), edge)
    return [type(edge.node).__name__, edge.output_nr, values(g)]


def case_hooks_of_a_leaf_node_that_was_let_go(torch: Any) -> Any:
    log: list[str] = []

    def watch(x: Any, what: str) -> None:
        node = (x * 3).grad_fn.next_functions[0][0]
        node.register_hook(lambda taken, given: log.append(what))

    x = torch.ones(2, requires_grad=True)
    older = (x * 2).sum()
    watch(x, "an older graph holds the node")
    younger = (x * 2).sum()
    older.backward()
    younger.backward()
    del older, younger
    (x * 2).sum().backward()
    lonely = torch.ones(2, requires_grad=True)
    watch(lonely, "nobody holds the node")
    (lonely * 2).sum().backward()
    return log


def case_what_hooks_of_nodes_may_return(torch: Any) -> Any:
    answers: list[Any] = [
        lambda g: (3,),
        lambda g: ("a",),
        lambda g: [g[0]],
        lambda g: (torch.ones(3),),
        lambda g: (torch.ones(2, dtype=torch.float64),),
        lambda g: (g[0], g[0]),
        lambda g: (2 * g[0],),
        lambda g: 2 * g[0],
    ]
    phrases = [
        "expected Variable, but hook returned 'int'",
        "expected Variable, but hook returned 'str'",
        "expected tuple, but hook returned 'list'",
        "has changed the size of value",
        "has changed the type of value",
        "incorrect number of values",
        "",
        "",
    ]
    out: list[Any] = []
    for answer, phrase in zip(answers, phrases, strict=True):
        for before in (True, False):
            x = torch.ones(2, requires_grad=True)
            y = x.exp()
            if before:
                y.grad_fn.register_prehook(answer)
            else:
                y.grad_fn.register_hook(lambda new, old, answer=answer: answer(new))
            if phrase:
                out.append(raised(y.sum().backward, phrase))
            else:
                y.sum().backward()
                out.append(values(x.grad))
    return out
