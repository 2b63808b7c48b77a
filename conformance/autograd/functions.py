"""`autograd.Function`: forms, refusals, and what its node shows."""

from __future__ import annotations

from typing import Any

from conformance._snippet import facts, raised, values


def _x(torch: Any) -> Any:
    return torch.tensor([1.0, 2.0], requires_grad=True)


def _make(torch: Any, forward: Any, backward: Any, **more: Any) -> Any:
    body = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    body.update({name: staticmethod(f) for name, f in more.items()})
    return type("Made", (torch.autograd.Function,), body)


def case_node_of_a_function(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x: x * 2, lambda ctx, g: g * 2)
    node = made.apply(_x(torch)).grad_fn
    kinds = [c.__name__ for c in type(node).__mro__]
    return [type(node).__name__, node.name(), "FunctionCtx" in kinds]


def case_next_functions_of_a_function(torch: Any) -> Any:
    made = _make(torch, lambda ctx, a, b, c: a * c, lambda ctx, g: (g, None, None))
    node = made.apply(_x(torch), torch.ones(2), 3).grad_fn
    return [[n is None, k] for n, k in node.next_functions]


def case_nothing_requires_grad(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x: x * 2, lambda ctx, g: g)
    return facts(made.apply(torch.ones(2)))


def case_under_no_grad(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x: x * 2, lambda ctx, g: g)
    with torch.no_grad():
        return facts(made.apply(_x(torch)))


def case_forward_does_not_record(torch: Any) -> Any:
    seen = []

    def forward(ctx: Any, x: Any) -> Any:
        seen.append([torch.is_grad_enabled(), (x * 2).requires_grad])
        return x * 2

    _make(torch, forward, lambda ctx, g: g).apply(_x(torch))
    return seen


def case_backward_records_as_asked(torch: Any) -> Any:
    seen = []

    def backward(ctx: Any, g: Any) -> Any:
        seen.append(torch.is_grad_enabled())
        return g

    made = _make(torch, lambda ctx, x: x * 2, backward)
    x = _x(torch)
    made.apply(x).sum().backward()
    torch.autograd.grad(made.apply(x).sum(), x, create_graph=True)
    return seen


def case_several_outputs(torch: Any) -> Any:
    made = _make(
        torch, lambda ctx, x: (x * 2, x * 3), lambda ctx, a, b: a * 10 + b * 100
    )
    x = _x(torch)
    first, second = made.apply(x)
    (first.sum() + second.sum()).backward()
    return [first.output_nr, second.output_nr, values(x.grad)]


def case_output_that_is_no_tensor(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x: (x * 2, "text", 3), lambda ctx, g, *_: g)
    y, text, number = made.apply(_x(torch))
    return [facts(y), text, number]


def case_single_output_that_is_no_tensor(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x: 3, lambda ctx, g: g)
    return made.apply(_x(torch))


def case_too_many_gradients(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x: x * 2, lambda ctx, g: (g, g))
    y = made.apply(_x(torch)).sum()
    return raised(y.backward, "returned an incorrect number of gradients")


def case_trailing_none_gradients(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x: x * 2, lambda ctx, g: (g, None, None))
    x = _x(torch)
    made.apply(x).sum().backward()
    return values(x.grad)


def case_gradient_for_a_number(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x, k: x * k, lambda ctx, g: (g, g))
    y = made.apply(_x(torch), 3.0).sum()
    return raised(y.backward, "returned a gradient different than None at position 2")


def case_gradient_of_another_type(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x: x * 2, lambda ctx, g: 3)
    y = made.apply(_x(torch)).sum()
    return raised(y.backward)


def case_gradient_that_broadcast(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x: x * 2, lambda ctx, g: g.expand(3, 2))
    x = _x(torch)
    made.apply(x).sum().backward()
    return values(x.grad)


def case_gradient_of_another_dtype(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x: x * 2, lambda ctx, g: g.double() * 3)
    x = _x(torch)
    made.apply(x).sum().backward()
    return values(x.grad)


def case_none_for_a_needed_gradient(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x: x * 2, lambda ctx, g: None)
    x = _x(torch)
    (made.apply(x).sum() + (x * 3).sum()).backward()
    return values(x.grad)


def case_save_what_is_no_tensor(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(3)
        return x * 2

    made = _make(torch, forward, lambda ctx, g: g)
    return raised(lambda: made.apply(_x(torch)), "can only save variables")


def case_save_none(torch: Any) -> Any:
    seen = []

    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x, None)
        return x * 2

    def backward(ctx: Any, g: Any) -> Any:
        seen.append([values(t) for t in ctx.saved_tensors])
        return g

    _make(torch, forward, backward).apply(_x(torch)).sum().backward()
    return seen


def case_saved_output(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    def backward(ctx: Any, g: Any) -> Any:
        (y,) = ctx.saved_tensors
        return g * y

    made = _make(torch, forward, backward)
    x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(made.apply(x), x, create_graph=True)
    (second,) = torch.autograd.grad(first, x)
    return [float(first) == float(second)]


def case_no_backward(torch: Any) -> Any:
    class Only(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

    y = Only.apply(_x(torch)).sum()
    return raised(y.backward, "You must implement either the backward or vjp method")


def case_vjp_in_place_of_backward(torch: Any) -> Any:
    class Only(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def vjp(ctx: Any, g: Any) -> Any:
            return g * 5

    x = _x(torch)
    Only.apply(x).sum().backward()
    return values(x.grad)


def case_vjp_and_backward(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x: x * 2, lambda ctx, g: g, vjp=lambda ctx, g: g)
    y = made.apply(_x(torch)).sum()
    return raised(y.backward, "Implementing both 'backward' and 'vjp'")


def case_dirty_but_not_returned(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x * 2

    made = _make(torch, forward, lambda ctx, g: g)
    t = _x(torch) * 1
    return raised(lambda: made.apply(t), "marked as dirty")


def case_dirty_leaf(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.add_(1)

    made = _make(torch, forward, lambda ctx, g: g)
    return raised(lambda: made.apply(_x(torch)), "leaf Variable that requires grad")


def case_returned_view_is_not_changed(torch: Any) -> Any:
    made = _make(torch, lambda ctx, x: x.view(2, 1), lambda ctx, g: g.view(2))
    y = made.apply(_x(torch) * 1)
    return raised(lambda: y.add_(1), "inplace")


def case_needs_input_grad_in_forward(torch: Any) -> Any:
    seen = []

    def forward(ctx: Any, a: Any, b: Any, c: Any) -> Any:
        seen.append(list(ctx.needs_input_grad))
        return a * b

    _make(torch, forward, lambda ctx, g: (g, None, None)).apply(
        _x(torch), torch.ones(2), "text"
    )
    return seen


def case_function_inside_a_function(torch: Any) -> Any:
    inner = _make(torch, lambda ctx, x: x * 2, lambda ctx, g: g * 2)
    outer = _make(
        torch, lambda ctx, x: inner.apply(x) + 1, lambda ctx, g: inner.apply(g)
    )
    x = _x(torch)
    outer.apply(x).sum().backward()
    return values(x.grad)


def case_attributes_of_ctx(torch: Any) -> Any:
    seen = []

    def forward(ctx: Any, x: Any, k: Any) -> Any:
        ctx.k = k
        return x * k

    def backward(ctx: Any, g: Any) -> Any:
        seen.append(ctx.k)
        return g * ctx.k, None

    x = _x(torch)
    _make(torch, forward, backward).apply(x, 7).sum().backward()
    return [seen, values(x.grad)]


def case_hooks_on_a_function_node(torch: Any) -> Any:
    log = []
    made = _make(torch, lambda ctx, x: x * 2, lambda ctx, g: g * 2)
    y = made.apply(_x(torch))
    y.grad_fn.register_prehook(lambda go: log.append(["pre", values(go[0])]))
    y.grad_fn.register_hook(lambda gi, go: log.append(["post", values(gi[0])]))
    y.sum().backward()
    return log


def case_error_in_backward_passes_through(torch: Any) -> Any:
    def backward(ctx: Any, g: Any) -> Any:
        raise KeyError("mine")

    y = _make(torch, lambda ctx, x: x * 2, backward).apply(_x(torch)).sum()
    return raised(y.backward, "mine")
