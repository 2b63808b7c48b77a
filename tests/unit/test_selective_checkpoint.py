# Selective checkpoints: the same gradients, and exactly what was kept is not computed
# again.
from __future__ import annotations

import functools

import pytest

import derivo
import derivo.nn.functional as F
from derivo.ops import aten
from derivo.utils import _selective
from derivo.utils.checkpoint import (
    SAC_IGNORED_OPS,
    CheckpointPolicy,
    DefaultDeviceType,
    SelectiveCheckpointContext,
    check_backward_validity,
    checkpoint,
    checkpoint_sequential,
    create_selective_checkpoint_contexts,
    get_device_states,
    set_device_states,
)

MM = aten.mm.default


def leaf():
    values = [[0.3, 0.7, 0.1], [0.2, 0.9, 0.4], [0.5, 0.6, 0.8]]
    return derivo.tensor(values, dtype=derivo.float64, requires_grad=True)


def selective(f, *args, keep, allow=False, **options):
    context = functools.partial(create_selective_checkpoint_contexts, keep, allow)
    return checkpoint(f, *args, use_reentrant=False, context_fn=context, **options)


def everything(ctx, op, *args, **kwargs):
    return CheckpointPolicy.MUST_SAVE


def nothing(ctx, op, *args, **kwargs):
    return CheckpointPolicy.PREFER_RECOMPUTE


@pytest.fixture
def ran(monkeypatch):
    # Names of the operations that were carried out, first run and recomputation.
    names = []
    run = _selective._Call.run

    def counted(call):
        names.append(str(_selective.identify(call.kind, call.op, call.args)[0]))
        return run(call)

    monkeypatch.setattr(_selective._Call, "run", counted)
    return names


FUNCTIONS = {
    "elementwise": lambda x: (x.exp() * x.sin() + x / 3 - 2 * x) ** 2,
    "products": lambda x: ((x @ x) @ x[0]).dot(x[1]) + F.linear(x, x, x[0]).sum(),
    "batches": lambda x: derivo.einsum("bij,bjk->bik", x[None], x[None]).tanh(),
    "reductions": lambda x: x.sum(0) * x.mean(1) + x.max(1)[0] + x.prod() + x.std(),
    "scans": lambda x: x.cumsum(0) * x.cumprod(1) + x.logsumexp(0),
    "softmax": lambda x: F.softmax(x, 0) * F.log_softmax(x, 1),
    "layers": lambda x: F.layer_norm(x, (3,)).relu() + F.gelu(x) * F.silu(x),
    "views": lambda x: x.t().reshape(9).view(3, 3)[1:].unsqueeze(0).squeeze() * x[0],
    "gathers": lambda x: (
        x.gather(0, derivo.tensor([[0, 2, 1]])) * x[derivo.tensor([2, 0])].sum(0)
    ),
    "joins": lambda x: derivo.cat([x, x * 2]).chunk(2)[1] * derivo.stack([x, x])[0],
    "choices": lambda x: derivo.where(x > 0.4, x.exp(), x.sin()) * x.sort()[0],
    "losses": lambda x: F.cross_entropy(x, derivo.tensor([0, 2, 1])) + x.norm(),
    "windows": lambda x: F.conv2d(x[None, None], x[None, None, :2, :2]).sigmoid(),
    "attention": lambda x: F.scaled_dot_product_attention(x[None], x[None], x[None]),
    "noise": lambda x: F.dropout(x.exp(), 0.5) * F.dropout(x.sin(), 0.4),
    "types": lambda x: (x.float().exp().double() * x.to(derivo.float16)).sin(),
    "two results": lambda x: derivo.var_mean(x, 0)[0] * x.topk(2)[0].sum(),
}


def gradient(run, f, order=1):
    x = leaf()
    derivo.manual_seed(7)
    y = run(f, x).sum()
    grads = derivo.autograd.grad(y, x, create_graph=order > 1)
    after = derivo.rand(1).item()
    if order > 1:
        grads = derivo.autograd.grad((grads[0] ** 2).sum(), x)
    return y.item(), grads[0].tolist(), after


def some(ctx, op, *args, **kwargs):
    return len(str(op)) % 2 == 0


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("policy", [everything, nothing, some])
@pytest.mark.parametrize("early", [True, False])
def test_gradients_are_those_without_a_checkpoint(name, policy, early):
    f = FUNCTIONS[name]

    def run(f, x):
        return selective(f, x, keep=policy, early_stop=early)

    assert gradient(run, f) == gradient(lambda f, x: f(x), f)


@pytest.mark.parametrize("name", ["elementwise", "products", "softmax", "layers"])
@pytest.mark.parametrize("policy", [everything, nothing])
def test_second_derivatives(name, policy):
    # One backward pass per derivative: the second is of the graph of the first.
    f = FUNCTIONS[name]
    expected = gradient(lambda f, x: f(x), f, 2)

    def run(f, x):
        return selective(f, x, keep=policy)

    if policy is nothing:
        assert gradient(run, f, 2)[1] == expected[1]
    else:
        with pytest.raises(RuntimeError, match="Trying to backward an extra time"):
            gradient(run, f, 2)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_that_was_kept_is_computed_again(name, ran):
    x = leaf()
    y = selective(FUNCTIONS[name], x, keep=everything, early_stop=False).sum()
    first = len(ran)
    y.backward()
    views = {"t", "view", "slice", "unsqueeze", "squeeze", "select", "expand"}
    views |= {"permute", "_unsafe_view", "transpose", "split", "unbind"}
    again = {n.split(".")[1] for n in ran[first:]}
    assert first
    assert again <= views


def test_only_what_the_list_names_is_kept(ran):
    x = leaf()
    y = selective(lambda t: ((t @ t).sin() @ t).exp().exp(), x, keep=[MM]).sum()
    counts = [ran.count(f"aten.{n}") for n in ("mm.default", "sin.default")]
    assert counts == [2, 1]
    y.backward()
    assert ran.count("aten.mm.default") == 2
    assert ran.count("aten.sin.default") == 2
    assert ran.count("aten.exp.default") == 4


def test_the_policy_sees_operations_and_their_arguments():
    seen = []

    def policy(ctx, op, *args, **kwargs):
        assert isinstance(ctx, SelectiveCheckpointContext)
        assert not ctx.is_recompute
        shapes = [a.shape for a in args if isinstance(a, derivo.Tensor)]
        seen.append((op, shapes, ctx.op_output.shape, kwargs))
        return CheckpointPolicy.PREFER_SAVE

    x = leaf()
    selective(lambda t: t[:2].mm(t).sigmoid(), x, keep=policy).sum().backward()
    (at,) = [s for s in seen if s[0] == MM]
    assert at[1:] == ([(2, 3), (3, 3)], (2, 3), {})
    assert [str(s[0]) for s in seen[-2:]] == ["aten.mm.default", "aten.sigmoid.default"]


def test_a_policy_may_count():
    # Every second product is kept, as training scripts do.
    meta = {"n": 0}

    def policy(ctx, op, *args, **kwargs):
        meta["n"] += op is MM
        keep = op is MM and meta["n"] % 2
        return CheckpointPolicy.MUST_SAVE if keep else CheckpointPolicy.PREFER_RECOMPUTE

    def f(t):
        return (((t @ t) @ t) @ t).sin()

    x, z = leaf(), leaf()
    selective(f, x, keep=policy).sum().backward()
    f(z).sum().backward()
    assert meta["n"] == 3
    assert x.grad.tolist() == z.grad.tolist()


@pytest.mark.parametrize("policy", list(CheckpointPolicy))
def test_policies(policy, ran):
    x = leaf()
    y = selective(lambda t: (t @ t).sin(), x, keep=lambda *_, **__: policy).sum()
    y.backward()
    saves = policy in (CheckpointPolicy.MUST_SAVE, CheckpointPolicy.PREFER_SAVE)
    assert ran.count("aten.mm.default") == (1 if saves else 2)


def test_policies_have_pytorchs_values():
    assert [(p.name, p.value) for p in CheckpointPolicy] == [
        ("MUST_SAVE", 0),
        ("PREFER_SAVE", 1),
        ("MUST_RECOMPUTE", 2),
        ("PREFER_RECOMPUTE", 3),
        ("MUST_CPU_OFFLOAD", 4),
        ("PREFER_CPU_OFFLOAD", 5),
    ]


# ------------------------------------------------------------------ what is refused


def test_what_was_kept_may_not_be_changed():
    def f(t):
        y = t @ t
        y.add_(1)
        return y.sin()

    y = selective(f, leaf(), keep=[MM]).sum()
    with pytest.raises(RuntimeError, match="has been mutated: an operation in place"):
        y.backward()
    # Allowed, the changed values are used as they are.
    x, z = leaf(), leaf()
    selective(f, x, keep=[MM], allow=True).sum().backward()
    seed = (z @ z + 2).cos().detach()
    (z @ z).backward(seed)
    assert x.grad.flatten().tolist() == pytest.approx(z.grad.flatten().tolist())


@pytest.mark.parametrize("op", [aten.mul_.Tensor, aten.relu_.default])
def test_a_change_in_place_is_never_kept(op):
    def f(t):
        return (t + 1).mul_(2).relu_().sin()

    y = selective(f, leaf(), keep=[op]).sum()
    with pytest.raises(RuntimeError, match="has been mutated"):
        y.backward()


def test_changes_in_place_that_are_computed_again(ran):
    def f(t):
        y = t.sin()
        y.mul_(2)
        v = y.view(9)
        v.add_(1)
        return (y.cos() * t) @ t

    x, z = leaf(), leaf()
    y = selective(f, x, keep=[MM, aten.cos.default, aten.view.default]).sum()
    y.backward()
    f(z).sum().backward()
    assert x.grad.tolist() == z.grad.tolist()
    assert ran.count("aten.mul_.Tensor") == 2


def test_changes_in_place_with_mutation_allowed():
    def f(t):
        return t.sin().mul_(2).cos() * t

    x, z = leaf(), leaf()
    keep = [aten.mul_.Tensor, aten.mul.Tensor]
    selective(f, x, keep=keep, allow=True).sum().backward()
    f(z).sum().backward()
    assert x.grad.tolist() == z.grad.tolist()


def test_a_second_pass_is_refused():
    x = leaf()
    y = selective(lambda t: (t @ t).sin(), x, keep=[MM]).sum()
    y.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="Trying to backward an extra time"):
        y.backward()
    # Where nothing was kept, as often as one likes.
    x = leaf()
    y = selective(lambda t: (t @ t).sin(), x, keep=[]).sum()
    y.backward(retain_graph=True)
    once = x.grad.clone()
    y.backward()
    assert x.grad.tolist() == (2 * once).tolist()


@pytest.mark.parametrize(
    ("second", "match"),
    [
        (lambda t: t.exp() @ t, r"aten\.exp\.default encountered during backward but"),
        (lambda t: (t @ t) @ t, r"aten\.mm\.default invocation index 1 encountered"),
    ],
)
def test_other_operations_than_the_first_time(second, match):
    calls = []

    def f(t):
        calls.append(0)
        return (t @ t if len(calls) == 1 else second(t)).sin().tanh()

    y = selective(f, leaf(), keep=[MM]).sum()
    with pytest.raises(RuntimeError, match=match):
        y.backward()


def test_what_is_neither_policy_nor_list():
    with pytest.raises(TypeError, match="must be either a function or a list of ops"):
        create_selective_checkpoint_contexts(3)
    with pytest.raises(ValueError, match=r"to be an OpOverload.*one of its forms: at"):
        create_selective_checkpoint_contexts([aten.mm])
    with pytest.raises(ValueError, match="to be an OpOverload but got: mm of type"):
        create_selective_checkpoint_contexts(["mm"])


def test_the_contexts_are_of_one_kind_of_checkpoint():
    with pytest.raises(ValueError, match="only supported when use_reentrant=False"):
        checkpoint(
            derivo.exp,
            leaf(),
            use_reentrant=True,
            context_fn=lambda: create_selective_checkpoint_contexts([MM]),
        )
    with pytest.raises(ValueError, match="debug=True is incompatible"):
        selective(derivo.exp, leaf(), keep=[MM], debug=True)


def test_an_error_in_the_function_leaves_nothing_behind(ran):
    def f(t):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        selective(f, leaf(), keep=[MM])
    leaf().exp()
    assert ran == []
    assert derivo._core.tensor._modes_active() == 0


def test_an_error_in_the_policy_is_the_users():
    def policy(*args, **kwargs):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        selective(derivo.exp, leaf(), keep=policy)
    assert derivo._core.tensor._modes_active() == 0


# ------------------------------------------------------------------ together with


def test_nested(ran):
    def inner(t):
        return (t @ t).sin()

    def outer(t):
        return selective(inner, t.exp(), keep=[MM]) * t

    x, z = leaf(), leaf()
    selective(outer, x, keep=[aten.exp.default]).sum().backward()
    (inner(z.exp()) * z).sum().backward()
    assert x.grad.tolist() == z.grad.tolist()
    assert ran.count("aten.exp.default") == 1


def test_a_plain_checkpoint_inside():
    def outer(t):
        return checkpoint(lambda u: (u @ u).sin(), t, use_reentrant=False) @ t

    x, z = leaf(), leaf()
    selective(outer, x, keep=[MM]).sum().backward()
    ((z @ z).sin() @ z).sum().backward()
    assert x.grad.tolist() == z.grad.tolist()


def test_a_backward_pass_inside():
    def f(t):
        y = (t @ t).sin()
        (g,) = derivo.autograd.grad(y.sum(), t, create_graph=True)
        return g * y

    x, z = leaf(), leaf()
    selective(f, x, keep=[MM, aten.sin.default]).sum().backward()
    f(z).sum().backward()
    assert x.grad.tolist() == z.grad.tolist()


def test_functions_of_the_user():
    class Twice(derivo.autograd.Function):
        @staticmethod
        def forward(ctx, t):
            ctx.save_for_backward(t)
            return t.exp() * 2

        @staticmethod
        def backward(ctx, g):
            (t,) = ctx.saved_tensors
            return 2 * g * t.exp()

    x, z = leaf(), leaf()
    selective(lambda t: Twice.apply(t @ t).sin(), x, keep=[MM]).sum().backward()
    Twice.apply(z @ z).sin().sum().backward()
    assert x.grad.tolist() == z.grad.tolist()


def test_modules_and_their_parameters():
    derivo.manual_seed(0)
    net = derivo.nn.Sequential(
        derivo.nn.Linear(3, 8), derivo.nn.GELU(), derivo.nn.Linear(8, 3)
    ).double()
    x = leaf()

    def grads(run):
        net.zero_grad()
        run().sum().backward()
        return derivo.cat([p.grad.flatten() for p in net.parameters()]).tolist()

    # A layer that is watched is an addmm, which rounds the bias in another order.
    kept = grads(lambda: selective(net, x, keep=[aten.addmm.default]))
    assert kept == pytest.approx(grads(lambda: net(x)), rel=1e-13)


def test_without_gradients():
    with derivo.no_grad():
        y = selective(lambda t: t @ t, leaf(), keep=[MM])
    assert not y.requires_grad


def test_part_of_it_without_gradients():
    def f(t):
        with derivo.no_grad():
            y = t @ t
        return y.sin() * t

    x, z = leaf(), leaf()
    selective(f, x, keep=[MM, aten.sin.default]).sum().backward()
    f(z).sum().backward()
    assert x.grad.tolist() == z.grad.tolist()


def test_vmap_inside():
    def f(t):
        return derivo.func.vmap(lambda r: (r * r).sum() * r.sin())(t) @ t

    x, z = leaf(), leaf()
    selective(f, x, keep=everything).sum().backward()
    f(z).sum().backward()
    assert x.grad.tolist() == z.grad.tolist()


def test_forward_mode_inside():
    def f(t):
        return derivo.func.jvp(lambda u: (u @ u).sin(), (t,), (t,))[1] * t

    x, z = leaf(), leaf()
    selective(f, x, keep=everything).sum().backward()
    f(z).sum().backward()
    assert x.grad.tolist() == z.grad.tolist()


def test_forward_mode_outside():
    from derivo.autograd import forward_ad

    with forward_ad.dual_level():
        x = leaf()
        dual = forward_ad.make_dual(x, derivo.ones_like(x))
        y = selective(lambda t: (t @ t).sin(), dual, keep=everything)
        kept = forward_ad.unpack_dual(y).tangent
        plain = forward_ad.unpack_dual((dual @ dual).sin()).tangent
        (g,) = derivo.autograd.grad(y.sum(), x)
    assert kept.tolist() == plain.tolist()
    (h,) = derivo.autograd.grad((x @ x).sin().sum(), x)
    assert g.tolist() == h.tolist()


def test_complex_numbers():
    def f(t):
        return (t @ t.exp()).abs() * t.real

    def grad(run):
        x = derivo.complex(leaf().detach(), 2 * leaf().detach()).requires_grad_()
        run(x).sum().backward()
        return x.grad.tolist()

    assert grad(lambda x: selective(f, x, keep=everything)) == grad(f)


def test_sequential():
    x, z = leaf(), leaf()
    steps = [derivo.exp, derivo.sin, derivo.tanh]
    checkpoint_sequential(steps, 2, x, use_reentrant=False).sum().backward()
    z.exp().sin().tanh().sum().backward()
    assert x.grad.tolist() == z.grad.tolist()


def test_other_threads_are_not_watched(ran):
    import threading

    def f(t):
        worker = threading.Thread(target=lambda: leaf().cos())
        worker.start()
        worker.join()
        return t.sin()

    selective(f, leaf(), keep=[MM]).sum()
    assert ran == ["aten.sin.default"]


def test_what_is_kept_is_what_is_held():
    # Ten megabyte-sized steps of which the policy keeps every one, or none.
    def many(t):
        for _ in range(10):
            t = (t * 1.0001).sin()
        return t

    def held(keep):
        x = derivo.ones(1 << 17, dtype=derivo.float64, requires_grad=True)
        before = derivo.memory_stats()["allocated_bytes"]
        y = selective(many, x, keep=keep)
        used = derivo.memory_stats()["allocated_bytes"] - before
        y.sum().backward()
        return used

    assert held([aten.sin.default]) > 8 * held([])


# ------------------------------------------------------------------ operations


def test_operations_are_one_object_each():
    assert aten.mm.default is MM
    assert derivo.ops.aten.mm.default is MM
    assert len({MM, derivo.ops.aten.mm.default}) == 1
    assert str(MM) == "aten.mm.default"
    assert repr(MM) == "<OpOverload(op='aten.mm', overload='default')>"
    assert str(aten.mm) == "aten.mm"
    assert repr(aten.mm) == "<OpOverloadPacket(op='aten.mm')>"
    assert MM.name() == "aten::mm"
    assert aten.add.Tensor.name() == "aten::add.Tensor"
    assert MM.__name__ == "mm.default"
    assert MM.namespace == "aten"
    assert MM.overloadpacket is aten.mm
    assert list(aten.sum) == aten.sum.overloads() == ["default", "dim_IntList"]


def test_operations_can_be_called():
    x = leaf()
    assert MM(x, x).tolist() == (x @ x).tolist()
    assert aten.sigmoid.default(x).tolist() == x.sigmoid().tolist()
    with pytest.raises(NotImplementedError, match="is a step of derivo's operations"):
        aten._unsafe_view.default(x, (9,))


@pytest.mark.parametrize(
    "name",
    [
        "addmm",
        "convolution",
        "_softmax",
        "native_layer_norm",
        "linalg_cross",
        "_scaled_dot_product_flash_attention",
        "special_entr",
        "silu",
    ],
)
def test_operations_that_scripts_name(name):
    assert str(getattr(aten, name).default) == f"aten.{name}.default"


def test_operations_that_are_not_there():
    with pytest.raises(AttributeError, match="'aten' object has no attribute 'foo'"):
        _ = aten.foo
    with pytest.raises(AttributeError, match="has no overload name 'foo'"):
        _ = aten.mm.foo
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = derivo.ops.nonsense


def test_nobody_is_asked_about_detach():
    seen = []
    keep = lambda ctx, op, *a, **k: seen.append(str(op))  # noqa: E731
    selective(lambda t: t.detach() * t, leaf(), keep=keep).sum()
    assert seen == ["aten.mul.Tensor"]
    assert aten.detach.default in SAC_IGNORED_OPS


@pytest.mark.parametrize(
    ("f", "names"),
    [
        (lambda x: x + x, ["add.Tensor"]),
        (lambda x: x - 1, ["sub.Tensor"]),
        (lambda x: derivo.add(x, x, alpha=2), ["add.Tensor"]),
        (lambda x: 1 - x, ["rsub.Scalar"]),
        (lambda x: x**2, ["pow.Tensor_Scalar"]),
        (lambda x: x**x, ["pow.Tensor_Tensor"]),
        (lambda x: 2**x, ["pow.Scalar"]),
        (lambda x: x > 0, ["gt.Scalar"]),
        (lambda x: x > x, ["gt.Tensor"]),
        (lambda x: x.clamp(0, 1), ["clamp.default"]),
        (lambda x: x.sum(), ["sum.default"]),
        (lambda x: x.sum(0), ["sum.dim_IntList"]),
        (lambda x: x.max(0)[0], ["max.dim"]),
        (lambda x: x.prod(), ["prod.default"]),
        (lambda x: x.prod(0), ["prod.dim_int"]),
        (lambda x: x.clone().exp_(), ["clone.default", "exp_.default"]),
        (lambda x: x.clone().zero_(), ["clone.default", "zero_.default"]),
        (lambda x: F.gelu(x), ["gelu.default"]),
        (lambda x: F.linear(x, x, x[0]), ["select.int", "t.default", "addmm.default"]),
        (lambda x: derivo.div(x, x, rounding_mode="floor"), ["div.Tensor_mode"]),
        (lambda x: x.where(x > 0, 0.0), ["gt.Scalar", "where.ScalarOther"]),
    ],
)
def test_names(f, names):
    seen = []
    keep = lambda ctx, op, *a, **k: seen.append(str(op))  # noqa: E731
    selective(f, leaf(), keep=keep)
    assert seen == [f"aten.{n}" for n in names]


def test_importing_derivo_names_no_operations():
    import subprocess
    import sys

    code = "import derivo, sys; assert 'derivo.ops._overloads' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# ------------------------------------------------------------------ devices


def test_devices(monkeypatch):
    monkeypatch.setattr(DefaultDeviceType, "_default_device_type", None)
    assert DefaultDeviceType.get_device_type() == "cpu"
    DefaultDeviceType.set_device_type()
    assert DefaultDeviceType.get_device_type() == "cuda"
    assert get_device_states(leaf()) == ([], [])
    set_device_states([], [])
    with pytest.raises(RuntimeError, match="expected no devices"):
        set_device_states([0], [leaf()])


def test_backward_validity():
    check_backward_validity([leaf()])
    with pytest.warns(UserWarning, match="None of the inputs have requires_grad=True"):
        check_backward_validity([derivo.ones(2)])
