"""Saved tensors (section 5 of the semantics), and Function's context."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from conformance._snippet import raised, values


def case_saved_names(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    nodes = [(x * x).grad_fn, x.exp().grad_fn, (x**3).grad_fn, x.sum().grad_fn]
    return [sorted(n for n in dir(f) if n.startswith("_saved_")) for f in nodes]


def case_saved_input_is_the_same_object(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    node = (x * x).grad_fn
    return [node._saved_self is x, node._saved_other is x]


def case_saved_output_is_fresh(torch: Any) -> Any:
    y = torch.tensor([1.0, 2.0], requires_grad=True).exp()
    saved = y.grad_fn._saved_result
    return [saved is y, values(saved), saved.grad_fn is y.grad_fn]


def case_saved_scalars(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    return [(x**3).grad_fn._saved_exponent, x.sum().grad_fn._saved_self_sym_sizes]


def case_pack_and_unpack(torch: Any) -> Any:
    log = []
    x = torch.tensor([1.0, 2.0], requires_grad=True)

    def pack(t: Any) -> Any:
        log.append("pack")
        return t.detach() * 1

    def unpack(t: Any) -> Any:
        log.append("unpack")
        return t

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return [log, values(x.grad)]


def case_pack_can_change_what_is_seen(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    hooks = torch.autograd.graph.saved_tensors_hooks
    with hooks(lambda t: t.detach() * 10, lambda t: t):
        y = x.exp().sum()
    y.backward()
    return values(x.grad)


def case_only_the_innermost_pair(torch: Any) -> Any:
    log = []
    hooks = torch.autograd.graph.saved_tensors_hooks
    x = torch.ones(2, requires_grad=True)

    def pair(name: str) -> Any:
        def pack(t: Any) -> Any:
            log.append(name)
            return t.detach()

        return hooks(pack, lambda t: t)

    with pair("outer"):
        with pair("inner"):
            x.exp()
        x.sin()
    return log


def case_pack_must_not_change_its_input(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    hooks = torch.autograd.graph.saved_tensors_hooks

    def act() -> None:
        with hooks(lambda t: t.detach().add_(1), lambda t: t):
            _ = y * y

    return raised(act, "in-place")


def case_unpack_must_return_a_tensor(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: 1, lambda t: 2):
        y = (x * x).sum()
    return raised(y.backward, "tensor")


def case_disabled(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)

    def act() -> Any:
        graph = torch.autograd.graph
        with (
            graph.disable_saved_tensors_hooks("not here"),
            graph.saved_tensors_hooks(lambda t: t, lambda t: t),
        ):
            return x * x

    return raised(act, "not here")


def case_save_on_cpu(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.autograd.graph.save_on_cpu():
        y = (x * x).sum()
    y.backward()
    return values(x.grad)


def case_raw_saved_hooks(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x.exp()
    y.grad_fn._raw_saved_result.register_hooks(lambda t: t * 1, lambda t: t * 100)
    y.sum().backward()
    return values(x.grad)


def _square(torch: Any) -> Any:
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 2 * x * g

    return Square


def case_function(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = _square(torch).apply(x)
    y.sum().backward()
    return [values(y), values(x.grad)]


def case_function_saved_tensors_after_backward(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = _square(torch).apply(x).sum()
    y.backward()
    return raised(y.backward, "second time")


def case_function_saved_input_changed(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    t = x * 1
    y = _square(torch).apply(t).sum()
    t.add_(1)
    return raised(y.backward, "modified by an inplace operation")


def case_function_double_backward(torch: Any) -> Any:
    x = torch.tensor(3.0, requires_grad=True)
    (g,) = torch.autograd.grad(_square(torch).apply(x), x, create_graph=True)
    (h,) = torch.autograd.grad(g, x)
    return [values(g), values(h)]


def case_function_needs_input_grad(torch: Any) -> Any:
    seen = []

    class Mul(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, a: Any, b: Any, c: int) -> Any:
            return a * b * c

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            seen.append(list(ctx.needs_input_grad))
            return g, None, None

    a = torch.ones(2, requires_grad=True)
    Mul.apply(a, torch.ones(2), 3).sum().backward()
    return [seen, values(a.grad)]


def case_function_wrong_number_of_gradients(torch: Any) -> Any:
    class Bad(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, a: Any, b: Any) -> Any:
            return a * b

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g

    a = torch.ones(2, requires_grad=True)
    y = Bad.apply(a, torch.ones(2)).sum()
    return raised(y.backward, "returned an incorrect number of gradients")


def case_function_wrong_shape(torch: Any) -> Any:
    class Bad(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, a: Any) -> Any:
            return a * 2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return torch.ones(5)

    y = Bad.apply(torch.ones(2, requires_grad=True)).sum()
    return raised(y.backward, "returned an invalid gradient at index 0")


def case_function_materialized_grads(torch: Any) -> Any:
    seen = []

    def build(materialize: bool) -> Any:
        class Two(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.set_materialize_grads(materialize)
                return x * 2, x * 3

            @staticmethod
            def backward(ctx: Any, a: Any, b: Any) -> Any:
                seen.append([values(a), values(b)])
                return a if b is None else a + b

        return Two

    for flag in (True, False):
        x = torch.ones(2, requires_grad=True)
        build(flag).apply(x)[0].sum().backward()
        seen.append(values(x.grad))
    return seen


def case_function_mark_non_differentiable(torch: Any) -> Any:
    class Sorted(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            v, i = x.sort()
            f = i.to(torch.float32)
            ctx.mark_non_differentiable(f)
            return v, f

        @staticmethod
        def backward(ctx: Any, g: Any, unused: Any) -> Any:
            return g

    v, f = Sorted.apply(torch.tensor([2.0, 1.0], requires_grad=True))
    return [v.requires_grad, f.requires_grad]


def case_function_mark_dirty(torch: Any) -> Any:
    class AddOne(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.mark_dirty(x)
            return x.add_(1)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g

    x = torch.ones(2, requires_grad=True)
    t = x * 2
    y = AddOne.apply(t)
    y.sum().backward()
    return [y is t, values(t), type(t.grad_fn).__name__, values(x.grad)]


def case_function_returning_its_input(torch: Any) -> Any:
    class Same(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 7

    x = torch.ones(2, requires_grad=True)
    y = Same.apply(x)
    y.sum().backward()
    return [y is x, values(x.grad)]


def case_function_setup_context(torch: Any) -> Any:
    class Scale(torch.autograd.Function):
        @staticmethod
        def forward(x: Any, k: float) -> Any:
            return x * k

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.k = inputs[1]

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * ctx.k, None

    x = torch.ones(2, requires_grad=True)
    Scale.apply(x, 4.0).sum().backward()
    return values(x.grad)


def case_once_differentiable(torch: Any) -> Any:
    once = torch.autograd.function.once_differentiable

    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 2 * x * g

    x = torch.tensor(3.0, requires_grad=True)
    seed = torch.ones((), requires_grad=True)
    (g,) = torch.autograd.grad(Square.apply(x), x, seed, create_graph=True)
    return [values(g), raised(g.backward, "once_differentiable")]


def case_function_is_not_instantiated(torch: Any) -> Any:
    square = _square(torch)
    return raised(lambda: square()(torch.ones(2)))


def case_graph_is_freed_without_gc(torch: Any) -> Any:
    gc.disable()
    try:
        x = torch.ones(2, requires_grad=True)
        y = (x * x).exp().sum()
        middle = weakref.ref(y)
        y.backward()
        del y
        return middle() is None
    finally:
        gc.enable()


def _shown(torch: Any, node: Any) -> Any:
    """Everything that a node shows of what it has saved."""
    found = {}
    for name in dir(node):
        if name.startswith("_saved_"):
            value = getattr(node, name)
            found[name] = values(value) if torch.is_tensor(value) else value
    return [type(node).__name__, dict(sorted(found.items()))]


def case_facts_of_nodes(torch: Any) -> Any:
    x = torch.arange(1.0, 13.0, dtype=torch.float64).reshape(2, 6).requires_grad_()
    i = torch.tensor([1, 0])
    made = [
        *(x.max(1).values, x.min(1, keepdim=True).values, x.var(1), x.std(1, False)),
        *(x.mm(x.t().clone()), torch.addmm(x[:, :2], x, x.t().clone(), alpha=2)),
        *(x.sort(1).values, x.median(1).values, x.mode(1).values, x.kthvalue(2, 1)[0]),
        *(x + x, x - 1, x.tril(1), x.triu(), x.roll(1, 1), x.repeat(2, 1)),
        *(x.index_select(0, i), x.index_fill(1, i, 2.0), x.index_add(0, i, x)),
        *(
            x.prod(1),
            x.logsumexp(1),
            x.amax(1),
            x.split([2, 4], 1)[0],
        ),
        *(
            torch.linalg.vector_norm(x, 3, 1),
            torch.cdist(x, x, p=1.0),
            x.rot90(1, (0, 1)),
        ),
        *(x.renorm(2, 0, 1.0), x.softmax(1), x.cumsum(0), x.flip(0), x.norm()),
        x.masked_fill(x > 3, 0.0),
    ]
    shown = [_shown(torch, t.grad_fn) for t in made]
    # derivo keeps fewer tensors than PyTorch of these; and rows of indices flat.
    for _, found in shown:
        for name in ("_saved_source", "_saved_source_dim"):
            found.pop(name, None)
    return shown


def case_sizes_and_indices_of_nodes(torch: Any) -> Any:
    x = torch.arange(1.0, 13.0, dtype=torch.float64).reshape(1, 2, 6).requires_grad_()
    f, i = torch.nn.functional, torch.tensor([[[1, 0], [0, 1]]])
    w = torch.ones(2, 4, 3, dtype=torch.float64)
    nodes = {
        "dim index": [x.gather(1, i), x.scatter(2, i, 1.0), x.scatter_add(1, i, x)],
        "index": [x.take(torch.tensor([5, 3]))],
        "output_padding transposed": [
            f.conv_transpose1d(x, w, stride=2, padding=2, output_padding=1)
        ],
        "self_sym_sizes output_size": [f.interpolate(x, 5)],
        "padding": [
            f.pad(x, (1, 2), mode="reflect"),
            f.pad(x, (0, 1, 1, 0), mode="replicate"),
        ],
    }
    told = []
    for names, made in nodes.items():
        for out in made:
            for name in names.split():
                value = getattr(out.grad_fn, f"_saved_{name}")
                told.append(values(value) if torch.is_tensor(value) else value)
    return told


def case_unpacked_leaf_is_a_leaf(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t.detach(), lambda t: t):
        y = x * x
    saved = y.grad_fn._saved_self
    told = [saved is x, saved.is_leaf, saved.requires_grad, saved.grad_fn, saved.grad]
    (saved * 3).sum().backward()
    (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x)
    return [*told, values(x.grad), saved.grad, values(h)]


def case_arguments_that_change_before_backward(torch: Any) -> Any:
    f = torch.nn.functional
    steps: list[Any] = [
        lambda x, i, m: x.masked_fill(m, 0.0),
        lambda x, i, m: torch.where(m, x, 0.0),
        lambda x, i, m: f.nll_loss(x, i),
        lambda x, i, m: f.cross_entropy(x, i),
        lambda x, i, m: f.multi_margin_loss(x, i),
        lambda x, i, m: f.embedding(i, x),
    ]
    out = []
    for step in steps:
        x = torch.ones(3, 3, requires_grad=True)
        i = torch.tensor([0, 1, 2])
        m = torch.tensor([[True, False, True]])
        y = step(x, i, m).sum()
        i.fill_(1)
        m.fill_(True)
        out.append(raised(y.backward, "modified by an inplace operation"))
    return out
