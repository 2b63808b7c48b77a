"""Graph, leaves, requires_grad and .grad (section 1 of the semantics)."""

from __future__ import annotations

import copy
from typing import Any

from conformance._snippet import facts, node_tree, raised, values


def case_requires_grad_spreads(torch: Any) -> Any:
    a = torch.ones(2, requires_grad=True)
    b = torch.ones(2)
    return [facts(a), facts(b), facts(a + b), facts(b + b), facts(a.sum() * 2)]


def case_leaf_of_no_grad_result(torch: Any) -> Any:
    a = torch.ones(2)
    return [facts(a * 2), facts((a * 2).requires_grad_())]


def case_moved_parameter_is_no_leaf(torch: Any) -> Any:
    a = torch.ones(2, requires_grad=True)
    return [facts(a.to(torch.float64)), facts(a.to(torch.float32)), facts(a.double())]


def case_integers_cannot_require_grad(torch: Any) -> Any:
    phrase = "only tensors of floating point"
    return [
        raised(lambda: torch.ones(2, dtype=torch.int64).requires_grad_(), phrase),
        raised(lambda: torch.tensor([1, 2], requires_grad=True), phrase),
        raised(lambda: torch.zeros(2, dtype=torch.bool, requires_grad=True), phrase),
    ]


def case_non_leaf_requires_grad_off(torch: Any) -> Any:
    y = torch.ones(2, requires_grad=True) * 2
    phrase = "you can only change requires_grad flags of leaf variables"

    def assign() -> None:
        y.requires_grad = False

    return [raised(assign, phrase), raised(lambda: y.requires_grad_(False), phrase)]


def case_non_leaf_requires_grad_on(torch: Any) -> Any:
    y = torch.ones(2, requires_grad=True) * 2

    def assign() -> None:
        y.requires_grad = True

    return [raised(assign, "of leaf variables"), facts(y.requires_grad_())]


def case_leaf_switches_off(torch: Any) -> Any:
    a = torch.ones(2, requires_grad=True)
    a.requires_grad = False
    return [facts(a), facts(a * 2)]


def case_node_names_arithmetic(torch: Any) -> Any:
    a = torch.rand(3, requires_grad=True)
    b = torch.rand(3, requires_grad=True)
    outs = [a + b, a - b, a * b, a / b, -a, a**2, a**b, 2**a, a + 1, 1 - a, a * 2]
    return [[type(t.grad_fn).__name__, t.grad_fn.name()] for t in outs]


def case_node_names_functions(torch: Any) -> Any:
    a = torch.rand(3, requires_grad=True)
    names = [
        "exp",
        "log",
        "log1p",
        "sqrt",
        "rsqrt",
        "sin",
        "cos",
        "tan",
        "tanh",
        "sigmoid",
        "relu",
        "abs",
        "sign",
        "floor",
        "ceil",
        "round",
        "square",
        "reciprocal",
        "erf",
        "erfc",
        "expm1",
        "log2",
        "log10",
        "sinh",
        "cosh",
        "asin",
        "acos",
        "atan",
        "neg",
        "sum",
        "mean",
        "prod",
        "max",
        "min",
        "var",
        "std",
        "logsumexp_",
        "norm",
        "cumsum_",
    ]
    out = {}
    for name in names:
        if name == "logsumexp_":
            t = a.logsumexp(0)
        elif name == "cumsum_":
            t = a.cumsum(0)
        else:
            t = getattr(a, name)()
        out[name] = type(t.grad_fn).__name__
    return out


def case_node_names_shapes(torch: Any) -> Any:
    a = torch.rand(2, 3, requires_grad=True)
    outs = [
        a.t(),
        a.view(3, 2),
        a.reshape(6),
        a.transpose(0, 1),
        a.permute(1, 0),
        a[0],
        a[0, 1:2],
        a[:, None],
        a.unsqueeze(0),
        a.unsqueeze(0).squeeze(0),
        a.expand(4, 2, 3),
        a.clone(),
        a.contiguous(),
        a.t().contiguous(),
        a.flatten(),
        a.select(0, 1),
        a.narrow(1, 0, 2),
        a.diagonal(),
        a.flip(0),
        a.repeat(2, 1),
        torch.cat([a, a]),
        torch.stack([a, a]),
        a.unbind()[0],
        a.split(1)[0],
        a.chunk(2)[0],
        a.to(torch.float64),
        a.masked_fill(a > 0.5, 0.0),
        a.gather(0, torch.zeros(1, 3, dtype=torch.int64)),
        a.index_select(0, torch.tensor([0])),
        a[torch.tensor([0, 1])],
        a.tril(),
        torch.where(a > 0, a, a),
    ]
    return [None if t.grad_fn is None else type(t.grad_fn).__name__ for t in outs]


def case_node_names_products(torch: Any) -> Any:
    a = torch.rand(2, 3, requires_grad=True)
    b = torch.rand(3, 2, requires_grad=True)
    v = torch.rand(3, requires_grad=True)
    c = torch.rand(4, 2, 3, requires_grad=True)
    outs = [
        a @ b,
        torch.mm(a, b),
        a @ v,
        torch.mv(a, v),
        v @ v,
        torch.dot(v, v),
        torch.bmm(c, c.transpose(1, 2)),
        torch.addmm(torch.rand(2, 2), a, b),
        torch.outer(v, v),
        torch.nn.functional.linear(a, a),
    ]
    return [type(t.grad_fn).__name__ for t in outs]


def case_node_names_losses(torch: Any) -> Any:
    f = torch.nn.functional
    a = torch.rand(2, 3, requires_grad=True)
    y = torch.tensor([0, 2])
    outs = [
        f.softmax(a, 1),
        f.log_softmax(a, 1),
        f.nll_loss(f.log_softmax(a, 1), y),
        f.cross_entropy(a, y),
        f.mse_loss(a, torch.zeros(2, 3)),
        f.layer_norm(a, (3,)),
        f.gelu(a),
        f.silu(a),
        f.softplus(a),
        f.relu(a),
        f.leaky_relu(a),
        f.elu(a),
    ]
    return [type(t.grad_fn).__name__ for t in outs]


def case_next_functions(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    y = (x * x + 3).sum()
    return node_tree(y.grad_fn)


def case_constants_are_none(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    c = torch.ones(2)
    return [node_tree((x * c).grad_fn), node_tree((c - x).grad_fn)]


def case_output_number(torch: Any) -> Any:
    x = torch.rand(4, requires_grad=True)
    parts = x.split(2)
    z = parts[1] * 2
    return [node_tree(z.grad_fn), parts[1].output_nr, parts[0].output_nr]


def case_accumulate_grad(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    sink = (x * 2).grad_fn.next_functions[0][0]
    again = (x + 1).grad_fn.next_functions[0][0]
    return [
        type(sink).__name__,
        sink.name(),
        sink.variable is x,
        sink is again,
        list(sink.next_functions),
    ]


def case_function_node_name(torch: Any) -> Any:
    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2

    y = Twice.apply(torch.ones(2, requires_grad=True))
    return [type(y.grad_fn).__name__, y.grad_fn.name()]


def case_grad_accumulates(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    seen = [x.grad]
    (x * 2).sum().backward()
    first = x.grad
    seen.append(values(x.grad))
    (x * 3).sum().backward()
    seen += [values(x.grad), x.grad is first]
    x.grad.zero_()
    seen.append(values(x.grad))
    x.grad = None
    (x * 4).sum().backward()
    seen += [values(x.grad), x.grad is first]
    return seen


def case_create_graph_replaces_grad(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    (x * x).sum().backward()
    first = x.grad
    (x * x).sum().backward(create_graph=True)
    return [x.grad is first, values(first), values(x.grad), x.grad.requires_grad]


def case_grad_layout_follows_the_parameter(torch: Any) -> Any:
    x = torch.ones(3, 2).t().requires_grad_()
    (x * torch.ones(2, 3)).sum().backward()
    y = torch.ones(2, 3, requires_grad=True)
    y.t().contiguous().sum().backward()
    return [x.grad.stride(), y.grad.stride()]


def case_grad_of_wrong_shape(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)

    def assign(value: Any) -> None:
        x.grad = value

    return [
        raised(lambda: assign(torch.ones(3)), "attempting to assign a gradient"),
        raised(
            lambda: assign(torch.ones(2, dtype=torch.float64)),
            "attempting to assign a gradient",
        ),
        raised(lambda: assign(1)),
        raised(lambda: assign(x)),
    ]


def case_grad_can_be_assigned(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    x.grad = torch.full((2,), 5.0)
    (x * 2).sum().backward()
    y = torch.ones(2)
    y.grad = torch.ones(2)
    return [values(x.grad), values(y.grad)]


def case_data_of_another_shape_leaves_grad(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    (x * 2).sum().backward()
    x.data = torch.ones(3)
    return [list(x.shape), list(x.grad.shape)]


def case_grad_has_the_inputs_dtype(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    w = torch.full((2,), 3.0, dtype=torch.float64)
    (x * w).sum().backward()
    return values(x.grad)


def case_expanded_gradient_is_not_writable_in_a_hook(torch: Any) -> Any:
    x = torch.ones(3, requires_grad=True)
    y = x * 1
    y.register_hook(lambda g: g.mul_(2) and None)
    return raised(lambda: y.sum().backward(), "unsupported operation")


def case_retain_grad(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y.retain_grad()
    z = x * 3
    (y * y + z).sum().backward()
    return [values(y.grad), y.retains_grad, z.retains_grad, x.retains_grad]


def case_retain_grad_refusals(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    x.retain_grad()
    phrase = "can't retain_grad on tensor that has requires_grad=false"
    return [x.retains_grad, raised(torch.ones(2).retain_grad, phrase)]


def case_retain_grad_captures_last(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 10)
    y.sum().backward()
    return [values(y.grad), values(x.grad)]


def case_detach_shares(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    d = y.detach()
    version = y._version
    d[0] = 9
    return [facts(d), values(y), y._version - version, d._version == y._version]


def case_data_has_its_own_version(torch: Any) -> Any:
    y = torch.ones(2, requires_grad=True) * 2
    version = y._version
    y.data[0] = 9
    return [y._version - version, values(y), facts(y.data)]


def case_detach_in_place(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y.detach_()
    z = x * 2
    phrase = "can't detach views in-place"
    return [facts(y), raised(lambda: z.view(2).detach_(), phrase)]


def case_deepcopy(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    (x * 2).sum().backward()
    twin = copy.deepcopy(x)
    phrase = "only tensors created explicitly by the user"
    return [
        facts(twin),
        values(twin.grad),
        twin.grad is x.grad,
        raised(lambda: copy.deepcopy(x * 2), phrase),
    ]


def case_numpy_refuses(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    phrase = "can't call numpy() on tensor that requires grad"
    return [raised(x.numpy, phrase), x.detach().numpy().tolist()]


def case_numbers_from_tracked_tensors(torch: Any) -> Any:
    x = torch.tensor(2.0, requires_grad=True)
    return [x.item(), x.tolist(), bool(x > 1), int(x.detach()), (x * 1).item()]


def case_tensor_of_tensor(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    return [facts(x.clone()), facts(torch.as_tensor(x)), torch.as_tensor(x) is x]


def case_comparison_results_are_constants(torch: Any) -> Any:
    x = torch.rand(3, requires_grad=True)
    outs = [
        x > 0,
        x >= x.clone(),
        x.argmax(),
        x.sign(),
        x.floor(),
        x.isnan(),
        x.round(),
    ]
    return [facts(t) for t in outs]


def case_topk_and_sort(torch: Any) -> Any:
    x = torch.tensor([3.0, 1.0, 2.0], requires_grad=True)
    v, i = x.topk(2)
    s, j = x.sort()
    (v * torch.tensor([1.0, 10.0])).sum().backward()
    return [facts(v), facts(i), facts(s), facts(j), values(x.grad)]


def case_printing_of_tracked(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    return [repr(x), repr(x * 2), repr((x * 2).sum()), repr(x.detach()), str(x[0])]
