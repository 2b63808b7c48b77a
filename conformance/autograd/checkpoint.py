"""Activation checkpointing (section 11 of the semantics)."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

from conformance._snippet import raised, values, warned


def _module(torch: Any) -> Any:
    return importlib.import_module(f"{torch.__name__}.utils.checkpoint")


class _Counted:
    """A function of a tensor that counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, t: Any) -> Any:
        self.calls += 1
        return t.exp() * t.sin()


def _leaf(torch: Any) -> Any:
    return torch.tensor([0.5, 1.5], dtype=torch.float64, requires_grad=True)


def case_gradients_of_both_kinds(torch: Any) -> Any:
    out = []
    for reentrant in (True, False):
        x, f = _leaf(torch), _Counted()
        _module(torch).checkpoint(f, x, use_reentrant=reentrant).sum().backward()
        out.append([values(x.grad), f.calls])
    return out


def case_grad_function(torch: Any) -> Any:
    x, f = _leaf(torch), _Counted()
    checkpoint = _module(torch).checkpoint
    (g,) = torch.autograd.grad(checkpoint(f, x, use_reentrant=False).sum(), x)
    refused = raised(
        lambda: torch.autograd.grad(checkpoint(f, x, use_reentrant=True).sum(), x),
        "is incompatible with .grad() or passing an `inputs` parameter",
    )
    return [values(g), refused]


def case_inputs_argument(torch: Any) -> Any:
    x = _leaf(torch)
    y = _module(torch).checkpoint(_Counted(), x, use_reentrant=True).sum()
    return raised(lambda: y.backward(inputs=[x]), "is incompatible with .grad()")


def case_second_derivative(torch: Any) -> Any:
    x = _leaf(torch)
    y = _module(torch).checkpoint(_Counted(), x, use_reentrant=False).sum()
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    return [values(h) for h in torch.autograd.grad(g.sum(), x)]


def case_two_passes(torch: Any) -> Any:
    x, f = _leaf(torch), _Counted()
    y = _module(torch).checkpoint(f, x, use_reentrant=False).sum()
    y.backward(retain_graph=True)
    y.backward()
    return [values(x.grad), f.calls]


def case_random_numbers_are_the_same(torch: Any) -> Any:
    torch.manual_seed(3)
    x = torch.ones(8, dtype=torch.float64, requires_grad=True)
    drop = torch.nn.functional.dropout
    y = _module(torch).checkpoint(lambda t: drop(t * t, 0.5), x, use_reentrant=False)
    torch.rand(5)
    y.sum().backward()
    return [values(y), values(x.grad), values(torch.rand(1))]


def case_random_numbers_not_kept(torch: Any) -> Any:
    torch.manual_seed(3)
    x = torch.ones(8, dtype=torch.float64, requires_grad=True)
    drop = torch.nn.functional.dropout
    y = _module(torch).checkpoint(
        lambda t: drop(t * t, 0.5), x, use_reentrant=False, preserve_rng_state=False
    )
    y.sum().backward()
    return [values(y), values(x.grad), values(torch.rand(1))]


def case_parameters_that_are_no_arguments(torch: Any) -> Any:
    w, x = _leaf(torch), torch.ones(2, dtype=torch.float64)
    _module(torch).checkpoint(lambda t: t * w * w, x, use_reentrant=False).sum()
    y = _module(torch).checkpoint(lambda t: t * w * w, x, use_reentrant=False)
    y.sum().backward()
    return values(w.grad)


def case_no_argument_requires_grad(torch: Any) -> Any:
    x = torch.ones(2)
    return warned(
        lambda: _module(torch).checkpoint(_Counted(), x, use_reentrant=True),
        "None of the inputs have requires_grad=True",
    )


def case_flag_left_out(torch: Any) -> Any:
    return warned(
        lambda: _module(torch).checkpoint(_Counted(), _leaf(torch)),
        "use_reentrant parameter should be passed explicitly",
    )


def case_under_no_grad(torch: Any) -> Any:
    f = _Counted()
    with torch.no_grad():
        y = _module(torch).checkpoint(f, _leaf(torch), use_reentrant=False)
    return [y.requires_grad, y.grad_fn is None, f.calls]


def case_nested(torch: Any) -> Any:
    x, f = _leaf(torch), _Counted()
    checkpoint = _module(torch).checkpoint
    y = checkpoint(
        lambda t: checkpoint(f, t, use_reentrant=False) * t, x, use_reentrant=False
    )
    y.sum().backward()
    return [values(x.grad), f.calls]


def case_containers(torch: Any) -> Any:
    x = _leaf(torch)
    y = _module(torch).checkpoint(
        lambda d, scale: {"out": d["x"].exp() * scale},
        {"x": x},
        scale=2,
        use_reentrant=False,
    )
    y["out"].sum().backward()
    return values(x.grad)


def case_early_stop(torch: Any) -> Any:
    module, out = _module(torch), []
    for early in (True, False):
        x, log = _leaf(torch), []

        def f(t: Any, log: list[str] = log) -> Any:
            y = t.exp()
            log.append("called")
            z = y.exp()
            log.append("end")
            return z

        with module.set_checkpoint_early_stop(early):
            y = module.checkpoint(f, x, use_reentrant=False)
        y.sum().backward()
        out.append([log, values(x.grad)])
    return out


def case_early_stop_argument(torch: Any) -> Any:
    x, log = _leaf(torch), []

    def f(t: Any) -> Any:
        z = t.exp()
        log.append("end")
        return z

    y = _module(torch).checkpoint(f, x, use_reentrant=False, early_stop=False)
    y.sum().backward()
    return log


def _unlike(torch: Any, other: Any, **kwargs: Any) -> Any:
    x, first = _leaf(torch), [True]

    def f(t: Any) -> Any:
        if first[0]:
            return t.exp() * t
        return other(t)

    y = _module(torch).checkpoint(f, x, use_reentrant=False, **kwargs)
    first[0] = False
    return y, x


def case_fewer_tensors(torch: Any) -> Any:
    y, _ = _unlike(torch, lambda t: t * 2)
    return raised(lambda: y.sum().backward(), "A different number of tensors was saved")


def case_other_shapes(torch: Any) -> Any:
    def other(t: Any) -> Any:
        return torch.cat([t, t]).exp() * torch.cat([t, t])

    phrase = "Recomputed values for the following tensors have different metadata"
    y, _ = _unlike(torch, other)
    return raised(lambda: y.sum().backward(), phrase)


def case_other_values_are_not_noticed(torch: Any) -> Any:
    y, x = _unlike(torch, lambda t: t.cos() * t)
    y.sum().backward()
    return values(x.grad)


def case_no_check(torch: Any) -> Any:
    def other(t: Any) -> Any:
        return t.double().expand(1, 2).exp() * t

    y, _ = _unlike(torch, other, determinism_check="none")
    y.sum().backward()
    return "accepted"


def case_refused_arguments(torch: Any) -> Any:
    checkpoint, x = _module(torch).checkpoint, _leaf(torch)

    def contexts() -> Any:
        return None

    return [
        raised(lambda k=kwargs: checkpoint(_Counted(), x, **k), phrase)
        for kwargs, phrase in (
            ({"use_reentrant": False, "determinism_check": "x"}, "should be one of"),
            ({"use_reentrant": True, "context_fn": contexts}, "is only supported when"),
            ({"use_reentrant": True, "foo": 1}, "Unexpected keyword arguments: foo"),
            (
                {"use_reentrant": False, "debug": True, "context_fn": contexts},
                "debug=True is incompatible with non-default context_fn",
            ),
        )
    ]


def case_contexts(torch: Any) -> Any:
    log: list[str] = []

    class Context:
        def __init__(self, name: str) -> None:
            self.name = name

        def __enter__(self) -> None:
            log.append(f"{self.name} on")

        def __exit__(self, *_: object) -> None:
            log.append(f"{self.name} off")

    y = _module(torch).checkpoint(
        _Counted(),
        _leaf(torch),
        use_reentrant=False,
        context_fn=lambda: (Context("forward"), Context("again")),
    )
    y.sum().backward()
    return log


def case_sequential(torch: Any) -> Any:
    out = []
    steps = [torch.exp, torch.sin, torch.tanh, torch.cos, torch.exp]
    for segments in (1, 2, 5):
        for reentrant in (True, False):
            x = _leaf(torch)
            y = _module(torch).checkpoint_sequential(
                steps, segments, x * 1, use_reentrant=reentrant
            )
            y.sum().backward()
            out.append(values(x.grad))
    return out


def case_sequential_of_modules(torch: Any) -> Any:
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1)
    )
    x = torch.ones(4, 2, requires_grad=True)
    y = _module(torch).checkpoint_sequential(net, 2, x, use_reentrant=False)
    y.sum().backward()
    return [values(p.grad) for p in net.parameters()]


def case_group(torch: Any) -> Any:
    module, x, f = _module(torch), _leaf(torch), _Counted()
    a, b = module.checkpoint(lambda t: (f(t), t.cos()), x, use_reentrant=False)
    with module.GraphExecGroup():
        a.sum().backward()
        b.sum().backward()
    return [values(x.grad), f.calls]


def case_group_gives_away_once(torch: Any) -> Any:
    module, x = _module(torch), _leaf(torch)
    y = module.checkpoint(_Counted(), x, use_reentrant=False)
    with module.GraphExecGroup():
        y.sum().backward(retain_graph=True)
        return raised(
            lambda: y.sum().backward(),
            "Unpack is being triggered for a tensor that was already unpacked once",
        )


def case_groups_do_not_nest(torch: Any) -> Any:
    def nested() -> None:
        with _module(torch).GraphExecGroup(), _module(torch).GraphExecGroup():
            pass

    return raised(nested, "GraphExecGroup contexts cannot be nested")


def case_function_of_the_user(torch: Any) -> Any:
    class Exp(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, t: Any) -> Any:
            out = t.exp()
            ctx.save_for_backward(t, out)
            return out

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            _, out = ctx.saved_tensors
            return g * out

    x = _leaf(torch)
    y = _module(torch).checkpoint(lambda t: Exp.apply(t) * t, x, use_reentrant=False)
    y.sum().backward()
    return values(x.grad)


def case_hooks_inside(torch: Any) -> Any:
    x, log = _leaf(torch), []

    def f(t: Any) -> Any:
        y = t.exp()
        y.register_hook(lambda g: log.append("hook"))
        return y * y

    y = _module(torch).checkpoint(f, x, use_reentrant=False)
    y.sum().backward()
    return log


def case_error_is_a_runtime_error(torch: Any) -> Any:
    return issubclass(_module(torch).CheckpointError, RuntimeError)


def case_detach_variable(torch: Any) -> Any:
    x = _leaf(torch)
    a, b, c = _module(torch).detach_variable((x, x.detach(), 3))
    refused = raised(
        lambda: _module(torch).detach_variable([x]), "Only tuple of tensors"
    )
    return [a.requires_grad, a.is_leaf, a is x, b.requires_grad, c, refused]


def case_debug_override(torch: Any) -> Any:
    module = _module(torch)
    with module.set_checkpoint_debug_enabled(False), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y, _ = _unlike(torch, lambda t: t * 2, debug=True)
    return raised(lambda: y.sum().backward(), "A different number of tensors")


# ------------------------------------------------------------------ selective


def _square(torch: Any) -> Any:
    values = [[0.3, 0.7], [0.2, 0.9]]
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def _keeping(torch: Any, f: Any, keep: Any, x: Any, allow: bool = False) -> Any:
    module = _module(torch)
    return module.checkpoint(
        f,
        x,
        use_reentrant=False,
        context_fn=lambda: module.create_selective_checkpoint_contexts(keep, allow),
    )


def case_selective_gradients(torch: Any) -> Any:
    aten, out = torch.ops.aten, []
    for keep in (
        [],
        [aten.mm.default],
        [aten.sin.default, aten.mul.Tensor],
        lambda ctx, op, *args, **kwargs: True,
        lambda ctx, op, *args, **kwargs: None,
    ):
        x = _square(torch)
        y = _keeping(torch, lambda t: ((t @ t).sin() * t).t().exp(), keep, x).sum()
        y.backward()
        out.append(values(x.grad))
    return out


def case_selective_names(torch: Any) -> Any:
    seen: list[str] = []

    def policy(ctx: Any, op: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(f"{op} {ctx.is_recompute} {tuple(ctx.op_output.shape)}")
        return _module(torch).CheckpointPolicy.PREFER_RECOMPUTE

    functional = torch.nn.functional
    for f in (
        lambda t: ((t @ t) @ t[0]).tanh(),
        lambda t: functional.linear(t, t, t[0]).relu().sum(),
        lambda t: functional.softmax(t, -1) - functional.log_softmax(t, 0) / 2,
        lambda t: functional.layer_norm(t, (2,)) + functional.gelu(t) ** 2,
        lambda t: t[None].matmul(t[None]) + t.sum(0) * t.mean() - t.amax(1),
        lambda t: torch.cat([t, t]).exp().clone().add_(1).clamp(0, 1),
        lambda t: torch.where(t > 0, t, 0.5 * t).unsqueeze(0).permute(2, 0, 1),
        lambda t: functional.conv2d(t[None, None], t[None, None]),
        lambda t: functional.mse_loss(t, t.detach()) + t.pow(t).std() + 1 - t.prod(),
    ):
        _keeping(torch, f, policy, _square(torch)).sum()
    return seen


def case_selective_mutation(torch: Any) -> Any:
    def f(t: Any) -> Any:
        y = t @ t
        y.add_(1)
        return y.sin()

    aten = torch.ops.aten
    refused = [
        raised(
            lambda op=op: _keeping(torch, f, [op], _square(torch)).sum().backward(),
            "Tensor cached during selective activation checkpoint has been mutated",
        )
        for op in (aten.mm.default, aten.add_.Tensor)
    ]
    x = _square(torch)
    _keeping(torch, f, [aten.mm.default], x, True).sum().backward()
    return [refused, values(x.grad)]


def case_selective_second_pass(torch: Any) -> Any:
    out = []
    for keep in ([], [torch.ops.aten.mm.default]):
        y = _keeping(torch, lambda t: (t @ t).sin(), keep, _square(torch)).sum()
        y.backward(retain_graph=True)
        out.append(raised(lambda y=y: y.backward(), "Trying to backward an extra time"))
    return [out[0] == "accepted: None", out[1]]


def case_selective_other_operations(torch: Any) -> Any:
    calls: list[int] = []

    def f(t: Any) -> Any:
        calls.append(0)
        return (t @ t if len(calls) == 1 else t.exp() @ t).sin().tanh()

    y = _keeping(torch, f, [torch.ops.aten.mm.default], _square(torch)).sum()
    return raised(y.backward, "aten.exp.default encountered during backward but not")


def case_selective_nested(torch: Any) -> Any:
    aten, x = torch.ops.aten, _square(torch)

    def outer(t: Any) -> Any:
        inner = _keeping(torch, lambda u: (u @ u).sin(), [aten.mm.default], t.exp())
        return inner * t

    _keeping(torch, outer, [aten.exp.default], x).sum().backward()
    return values(x.grad)


def case_selective_random_numbers(torch: Any) -> Any:
    torch.manual_seed(3)
    x, drop = _square(torch), torch.nn.functional.dropout
    y = _keeping(
        torch, lambda t: drop(t * t, 0.5) @ drop(t, 0.3), [torch.ops.aten.mm.default], x
    )
    y.sum().backward()
    return [values(y), values(x.grad), values(torch.rand(1))]


def case_selective_refused(torch: Any) -> Any:
    create = _module(torch).create_selective_checkpoint_contexts
    return [
        raised(lambda: create(3), "must be either a function or a list of ops"),
        raised(lambda: create([torch.ops.aten.mm]), "to be an OpOverload but got"),
        raised(lambda: torch.ops.aten.foo, "has no attribute 'foo'"),
        raised(lambda: torch.ops.aten.mm.foo, "has no overload name 'foo'"),
    ]


def case_selective_operations(torch: Any) -> Any:
    op = torch.ops.aten.mm.default
    return [
        str(op),
        repr(op),
        str(op.overloadpacket),
        repr(op.overloadpacket),
        op is torch.ops.aten.mm.default,
        op == torch.ops.aten.bmm.default,
        op.name(),
        torch.ops.aten.add.Tensor.name(),
        op.namespace,
        values(op(_square(torch), _square(torch))),
    ]


def case_policies(torch: Any) -> Any:
    return [(p.name, p.value) for p in _module(torch).CheckpointPolicy]


def case_devices(torch: Any) -> Any:
    module = _module(torch)
    return [
        module.DefaultDeviceType.get_device_type(),
        module.get_device_states(_square(torch)),
        warned(
            lambda: module.check_backward_validity([torch.ones(1)]),
            "None of the inputs have requires_grad=True",
        ),
    ]
