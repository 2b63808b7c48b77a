# Module: registration, attributes, walking, state, hooks, printing, copying.
from __future__ import annotations

import copy
import gc
import pickle
import weakref
from collections import OrderedDict

import pytest


@pytest.fixture
def nn(derivo):
    return derivo.nn


@pytest.fixture
def net(derivo):
    nn = derivo.nn
    return nn.Sequential(
        OrderedDict(
            first=nn.Linear(2, 3),
            inner=nn.Sequential(nn.BatchNorm1d(3), nn.ReLU()),
            last=nn.Linear(3, 1),
        )
    )


def _scaled(derivo):
    class Scaled(derivo.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = derivo.nn.Parameter(derivo.ones(2))

        def forward(self, x, plus=0):
            return x * self.scale + plus

    return Scaled


# -- attributes -------------------------------------------------


def test_assignment_registers(derivo, nn):
    m = nn.Module()
    m.w = nn.Parameter(derivo.ones(1))
    m.sub = nn.ReLU()
    m.buf = nn.Buffer(derivo.zeros(1))
    m.plain = derivo.zeros(2)
    m.number = 3
    assert list(m._parameters) == ["w"]
    assert list(m._modules) == ["sub"]
    assert list(m._buffers) == ["buf"]
    assert set(m.__dict__) >= {"plain", "number", "training"}
    assert {"w", "sub", "buf", "plain", "number"} <= set(dir(m))
    # The dictionaries are what attribute access reads: nothing is kept beside them.
    m._parameters["w"] = None
    assert m.w is None
    del m.sub
    assert not hasattr(m, "sub")


def test_reassignment_moves_between_kinds(derivo, nn):
    m = nn.Module()
    m.x = 1
    m.x = nn.Parameter(derivo.ones(1))
    assert "x" not in m.__dict__
    m.x = None
    assert "x" in m._parameters
    m.x = nn.ReLU()
    assert list(m._modules) == ["x"]
    assert "x" not in m._parameters


def test_assignment_errors(derivo, nn):
    class Hasty(nn.Module):
        def __init__(self, value):
            self.x = value

    with pytest.raises(AttributeError, match="cannot assign parameters before"):
        Hasty(nn.Parameter(derivo.ones(1)))
    with pytest.raises(AttributeError, match="cannot assign module before"):
        Hasty(nn.ReLU())
    m = nn.Linear(1, 1)
    m.sub = nn.ReLU()
    m.register_buffer("buf", None)
    with pytest.raises(TypeError, match="cannot assign 'int' as parameter 'weight'"):
        m.weight = 1
    with pytest.raises(TypeError, match="Tensor' as parameter 'weight'"):
        m.weight = derivo.ones(1)
    with pytest.raises(TypeError, match="cannot assign 'str' as child module 'sub'"):
        m.sub = "x"
    with pytest.raises(TypeError, match="cannot assign 'int' as buffer 'buf'"):
        m.buf = 1
    with pytest.raises(AttributeError, match="'Linear' object has no attribute 'no'"):
        m.no  # noqa: B018
    with pytest.raises(AttributeError, match="no"):
        del m.no


def test_registration_errors(derivo, nn):
    m = nn.Linear(1, 1)
    one = nn.Parameter(derivo.ones(1))
    with pytest.raises(TypeError, match="parameter name should be a string"):
        m.register_parameter(1, one)
    with pytest.raises(KeyError, match="t contain"):
        m.register_parameter("a.b", one)
    with pytest.raises(KeyError, match="t be empty string"):
        m.register_buffer("", one)
    with pytest.raises(KeyError, match="attribute 'forward' already exists"):
        m.register_parameter("forward", one)
    with pytest.raises(TypeError, match=r"torch.nn.Parameter or None required"):
        m.register_parameter("x", derivo.ones(1))
    with pytest.raises(ValueError, match="Cannot assign non-leaf Tensor"):
        m.register_parameter("x", _non_leaf(derivo, nn))
    with pytest.raises(TypeError, match="torch Tensor or None required"):
        m.register_buffer("x", 1)
    with pytest.raises(TypeError, match="is not a Module subclass"):
        m.add_module("x", 1)
    with pytest.raises(TypeError, match="unexpected keyword argument 'x'"):
        nn.Module(x=1)
    with pytest.raises(NotImplementedError, match='missing the required "forward"'):
        nn.Module()(1)


def _non_leaf(derivo, nn):
    # In-place operations may turn a parameter into the result of a computation.
    p = nn.Parameter(derivo.ones(1), requires_grad=False)
    p.mul_(derivo.ones(1, requires_grad=True))
    return p


def test_own_getattr_falls_back(derivo, nn):
    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(1, 1)

        def __getattr__(self, name):
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.inner, name)

    m = Wrapped()
    assert m.weight is m.inner.weight
    with pytest.raises(AttributeError, match="nothing"):
        m.nothing  # noqa: B018
    # And other classes work as before.
    assert nn.Linear(1, 1).in_features == 1


def test_properties_and_class_attributes(derivo, nn):
    class P(nn.Module):
        kind = "class"

        @property
        def twice(self):
            return 2 * self.w

    m = P()
    m.w = nn.Parameter(derivo.ones(1))
    assert m.twice.item() == 2.0
    assert m.kind == "class"
    m.kind = "own"
    assert m.kind == "own"


# -- calling ----------------------------------------------------


def test_calling(derivo):
    m = _scaled(derivo)()
    x = derivo.ones(2)
    assert m(x).tolist() == [1.0, 1.0]
    assert m(x, 1).tolist() == [2.0, 2.0]
    assert m(x, plus=2).tolist() == [3.0, 3.0]
    assert m(x=x).tolist() == [1.0, 1.0]
    with pytest.raises(TypeError, match="positional argument"):
        m()
    m.forward = lambda x: x + 10
    assert m(x).tolist() == [11.0, 11.0]


def test_many_arguments(nn):
    class Many(nn.Module):
        def forward(self, *args):
            return args

    assert Many()(*range(20)) == tuple(range(20))


def test_uninitialised_module_says_so(nn):
    class Hasty(nn.Module):
        def __init__(self):
            pass

        def forward(self):
            return 1

    with pytest.raises(AttributeError, match="has no attribute"):
        Hasty()()


# -- walking ----------------------------------------------------


def test_walking(derivo, nn, net):
    assert [n for n, _ in net.named_parameters()] == [
        "first.weight",
        "first.bias",
        "inner.0.weight",
        "inner.0.bias",
        "last.weight",
        "last.bias",
    ]
    assert next(n for n, _ in net.named_buffers(prefix="net")) == (
        "net.inner.0.running_mean"
    )
    assert [n for n, _ in net.named_modules()] == [
        "",
        "first",
        "inner",
        "inner.0",
        "inner.1",
        "last",
    ]
    assert [n for n, _ in net.named_children()] == ["first", "inner", "last"]
    assert list(net.parameters(recurse=False)) == []
    net.last.weight = net.first.weight
    names = [n for n, _ in net.named_parameters()]
    assert "last.weight" not in names
    twice = [n for n, _ in net.named_parameters(remove_duplicate=False)]
    assert "last.weight" in twice
    net.inner[1] = net.first
    assert len(list(net.modules())) == 5
    assert len([1 for _ in net.named_modules(remove_duplicate=False)]) == 6


def test_finding(nn, net):
    assert net.get_submodule("") is net
    assert net.get_submodule("inner.1") is net.inner[1]
    assert net.get_parameter("first.bias") is net.first.bias
    assert net.get_buffer("inner.0.running_var") is net.inner[0].running_var
    net.set_submodule("inner.1", nn.Tanh())
    assert isinstance(net.inner[1], nn.Tanh)
    with pytest.raises(AttributeError, match="Sequential has no attribute `x`"):
        net.get_submodule("inner.x")
    with pytest.raises(AttributeError, match=r"`weight` is not an nn.Module"):
        net.get_submodule("first.weight")
    with pytest.raises(AttributeError, match=r"`training` is not an nn.Parameter"):
        net.get_parameter("training")
    with pytest.raises(AttributeError, match="`bias` is not a buffer"):
        net.get_buffer("first.bias")
    with pytest.raises(ValueError, match="without a target name"):
        net.set_submodule("", nn.Tanh())


# -- changing all -----------------------------------------------


def test_modes(derivo, nn, net):
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    net.train()
    assert all(m.training for m in net.modules())
    with pytest.raises(ValueError, match="training mode is expected to be boolean"):
        net.train(1)
    net.requires_grad_(False)
    assert not any(p.requires_grad for p in net.parameters())


def test_zero_grad(derivo, net):
    net(derivo.ones(2, 2)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert all(float(p.grad.abs().sum()) == 0 for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_dtypes(derivo, net):
    before = list(net.parameters())
    net(derivo.ones(2, 2)).sum().backward()
    net.double()
    # The parameters stay the same objects: optimizers keep pointing at them.
    assert all(a is b for a, b in zip(before, net.parameters(), strict=True))
    assert net.first.weight.dtype == derivo.float64
    assert net.first.weight.grad.dtype == derivo.float64
    assert net.inner[0].num_batches_tracked.dtype == derivo.int64
    assert net(derivo.ones(2, 2, dtype=derivo.float64)).dtype == derivo.float64
    assert net.half().first.weight.dtype == derivo.float16
    assert net.to(derivo.bfloat16).first.weight.dtype == derivo.bfloat16
    assert net.to("cpu", derivo.float32).first.weight.dtype == derivo.float32
    assert net.to(derivo.ones(1, dtype=derivo.float64)).last.bias.dtype == (
        derivo.float64
    )
    assert net.float().cpu().last.bias.dtype == derivo.float32
    with pytest.raises(TypeError, match="only accepts floating point"):
        net.to(derivo.int64)
    with pytest.raises(TypeError, match="invalid combination of arguments"):
        net.to(3.5)


def test_apply_goes_from_the_leaves_up(nn, net):
    seen = []
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen == [
        "Linear",
        "BatchNorm1d",
        "ReLU",
        "Sequential",
        "Linear",
        "Sequential",
    ]


# -- state ------------------------------------------------------


def test_state_dict(derivo, nn, net):
    state = net.state_dict()
    assert list(state)[:3] == ["first.weight", "first.bias", "inner.0.weight"]
    assert "inner.0.num_batches_tracked" in state
    assert not state["first.weight"].requires_grad
    assert state["first.weight"].data_ptr() == net.first.weight.data_ptr()
    assert net.state_dict(keep_vars=True)["first.weight"] is net.first.weight
    assert next(iter(net.state_dict(prefix="x."))) == "x.first.weight"
    net.register_buffer("hidden", derivo.ones(1), persistent=False)
    assert "hidden" not in net.state_dict()
    assert state._metadata["inner.0"] == {"version": 2}


def test_load_state_dict(derivo, nn, net):
    other = copy.deepcopy(net)
    with derivo.no_grad():
        for p in other.parameters():
            p.add_(1)
    keys = net.load_state_dict(other.state_dict())
    assert repr(keys) == "<All keys matched successfully>"
    assert bool((net.first.weight == other.first.weight).all())
    state = other.state_dict()
    del state["first.bias"]
    state["more"] = derivo.ones(1)
    with pytest.raises(
        RuntimeError, match="Error\\(s\\) in loading state_dict for"
    ) as e:
        net.load_state_dict(state)
    assert 'Missing key(s) in state_dict: "first.bias"' in str(e.value)
    assert 'Unexpected key(s) in state_dict: "more"' in str(e.value)
    keys = net.load_state_dict(state, strict=False)
    assert keys.missing_keys == ["first.bias"]
    assert keys.unexpected_keys == ["more"]
    state = other.state_dict()
    state["first.weight"] = derivo.ones(5, 5)
    with pytest.raises(
        RuntimeError, match=r"size mismatch for first.weight: copying a"
    ):
        net.load_state_dict(state, strict=False)
    state["first.weight"] = 3
    with pytest.raises(RuntimeError, match=r"expected torch.Tensor or Tensor-like"):
        net.load_state_dict(state)
    with pytest.raises(TypeError, match="Expected state_dict to be dict-like"):
        net.load_state_dict([1])


def test_assigning_state(derivo, nn):
    m = nn.Linear(1, 1).requires_grad_(False)
    weight = derivo.ones(1, 1, dtype=derivo.float64)
    m.load_state_dict({"weight": weight, "bias": derivo.zeros(1)}, assign=True)
    assert m.weight.dtype == derivo.float64
    assert isinstance(m.weight, nn.Parameter)
    assert not m.weight.requires_grad


def test_extra_state(derivo, nn):
    class Counting(nn.Module):
        count = 0

        def get_extra_state(self):
            return {"count": self.count}

        def set_extra_state(self, state):
            self.count = state["count"]

    m = Counting()
    m.count = 5
    assert m.state_dict() == {"_extra_state": {"count": 5}}
    other = Counting()
    other.load_state_dict(m.state_dict())
    assert other.count == 5
    with pytest.raises(RuntimeError, match=r'Missing key.*"_extra_state"'):
        other.load_state_dict({})
    with pytest.raises(RuntimeError, match=r'Unexpected key.*"_extra_state"'):
        nn.ReLU().load_state_dict(m.state_dict())


def test_state_hooks(derivo, nn):
    seen = []
    m = nn.Linear(1, 1, bias=False)
    m.register_state_dict_pre_hook(lambda mod, prefix, keep: seen.append("saving"))
    m.register_state_dict_post_hook(
        lambda mod, state, prefix, meta: state.__setitem__(prefix + "more", 1)
    )
    state = m.state_dict()
    assert state["more"] == 1

    def before(mod, state, prefix, meta, strict, missing, unexpected, errors):
        assert mod is m
        state.pop(prefix + "more")

    handle = m.register_load_state_dict_pre_hook(before)
    m.register_load_state_dict_post_hook(lambda mod, keys: seen.append("loaded"))
    m.load_state_dict(state)
    assert seen == ["saving", "loaded"]
    handle.remove()
    with pytest.raises(RuntimeError, match=r'Unexpected key.*"more"'):
        m.load_state_dict(state)


# -- hooks ------------------------------------------------------


def test_forward_hooks(derivo):
    m = _scaled(derivo)()
    x = derivo.ones(2)
    seen = []
    m.register_forward_pre_hook(lambda mod, args: seen.append("pre"))
    m.register_forward_pre_hook(lambda mod, args: (args[0] * 2,), prepend=True)
    m.register_forward_pre_hook(
        lambda mod, args, kwargs: (args, {"plus": 1}), with_kwargs=True
    )
    m.register_forward_hook(lambda mod, args, out: seen.append(args[0].tolist()))
    handle = m.register_forward_hook(lambda mod, args, out: out * 10)
    m.register_forward_hook(
        lambda mod, args, kwargs, out: seen.append(kwargs), with_kwargs=True
    )
    assert m(x).tolist() == [30.0, 30.0]
    assert seen == ["pre", [2.0, 2.0], {"plus": 1}]
    handle.remove()
    handle.remove()
    assert m(x).tolist() == [3.0, 3.0]
    m.register_forward_pre_hook(lambda mod, args, kw: args, with_kwargs=True)
    with pytest.raises(RuntimeError, match="must return None or a tuple of"):
        m(x)


def test_always_called_hooks(nn):
    class Failing(nn.Module):
        def forward(self):
            raise ValueError("no")

    seen = []
    m = Failing()
    m.register_forward_hook(lambda *a: seen.append("never"))
    m.register_forward_hook(lambda *a: seen.append("always"), always_call=True)
    with pytest.raises(ValueError, match="no"):
        m()
    assert seen == ["always"]


def test_full_backward_hooks(derivo, nn):
    m = nn.Linear(2, 2, bias=False)
    with derivo.no_grad():
        m.weight.copy_(derivo.eye(2))
    seen = []
    m.register_full_backward_pre_hook(lambda mod, go: (go[0] * 2,))
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((gi, go)))
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0] * 10,))
    x = derivo.ones(1, 2, requires_grad=True)
    m(x).sum().backward()
    assert x.grad.tolist() == [[20.0, 20.0]]
    (gi, go), *_ = seen
    assert gi[0].tolist() == [[2.0, 2.0]]
    assert go[0].tolist() == [[2.0, 2.0]]
    # Without a gradient for the input, the hook runs with None.
    seen.clear()
    m._backward_hooks.popitem()
    m(derivo.ones(1, 2)).sum().backward()
    assert seen[0][0] == (None,)
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0], gi[0]))
    with pytest.raises(RuntimeError, match="invalid number of grad_input"):
        m(x).sum().backward()


def test_backward_hook_kinds_do_not_mix(nn):
    m = nn.ReLU()
    m.register_full_backward_hook(lambda *a: None)
    with pytest.raises(RuntimeError, match="Cannot use both regular backward hooks"):
        m.register_backward_hook(lambda *a: None)


def test_simple_backward_hook(derivo, nn):
    seen = []
    m = nn.ReLU()
    m.register_backward_hook(lambda mod, gi, go: seen.append((len(gi), len(go))))
    m(derivo.ones(1, requires_grad=True)).backward()
    assert seen == [(1, 1)]


def test_global_hooks(derivo, nn):
    from derivo.nn.modules import module

    seen = []
    handles = [
        module.register_module_forward_pre_hook(lambda m, a: seen.append("pre")),
        module.register_module_forward_hook(lambda m, a, o: seen.append("post")),
        module.register_module_full_backward_pre_hook(
            lambda m, go: seen.append("backward pre")
        ),
        module.register_module_full_backward_hook(
            lambda m, gi, go: seen.append("backward")
        ),
    ]
    nn.ReLU()(derivo.ones(1, requires_grad=True)).backward()
    for handle in handles:
        handle.remove()
    nn.ReLU()(derivo.ones(1))
    assert seen == ["pre", "post", "backward pre", "backward"]


def test_hooks_do_not_keep_modules_alive(derivo, nn):
    m = nn.Linear(1, 1)
    handle = m.register_forward_hook(lambda *a: None)
    alive = weakref.ref(m)
    gc.disable()
    try:
        del m
        assert alive() is None
    finally:
        gc.enable()
    handle.remove()


# -- printing and copying ---------------------------------------


def test_repr(nn, net):
    assert repr(net) == (
        "Sequential(\n"
        "  (first): Linear(in_features=2, out_features=3, bias=True)\n"
        "  (inner): Sequential(\n"
        "    (0): BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, "
        "track_running_stats=True)\n"
        "    (1): ReLU()\n"
        "  )\n"
        "  (last): Linear(in_features=3, out_features=1, bias=True)\n"
        ")"
    )

    class Lines(nn.Module):
        def extra_repr(self):
            return "a\nb"

    assert repr(Lines()) == "Lines(\n  a\n  b\n)"


def test_copies(derivo, nn, net):
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert list(twin.state_dict()) == list(net.state_dict())
        assert twin.first.weight is not net.first.weight
        assert twin.first.weight.requires_grad
        x = derivo.ones(2, 2)
        assert twin(x).tolist() == net(x).tolist()
    tied = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1)])
    tied[1].weight = tied[0].weight
    twin = copy.deepcopy(tied)
    assert twin[1].weight is twin[0].weight
    shallow = copy.copy(net)
    assert shallow.first is net.first


def test_parameter(derivo, nn):
    p = nn.Parameter(derivo.ones(2))
    assert repr(p) == "Parameter containing:\ntensor([1., 1.], requires_grad=True)"
    assert isinstance(p, derivo.Tensor)
    assert p.is_leaf
    assert type(p * 2) is derivo.Tensor
    assert type(p.detach()) is derivo.Tensor
    assert nn.Parameter(derivo.ones(1), requires_grad=False).requires_grad is False
    assert nn.Parameter().shape == (0,)
    twin = copy.deepcopy(p)
    assert isinstance(twin, nn.Parameter)
    p.grad = derivo.ones(2)
    again = pickle.loads(pickle.dumps(p))
    assert isinstance(again, nn.Parameter)
    assert again.tolist() == [1.0, 1.0]
    with pytest.raises(TypeError, match="expected a Tensor"):
        nn.Parameter(1.0)
    with pytest.raises(RuntimeError, match="floating point"):
        nn.Parameter(derivo.ones(1, dtype=derivo.int64))


# -- containers -------------------------------------------------


def test_sequential(derivo, nn):
    s = nn.Sequential(nn.ReLU(), nn.Tanh())
    assert s.append(nn.ELU()) is s
    s.insert(0, nn.GELU())
    s.extend([nn.SiLU()])
    assert [type(m).__name__ for m in s] == ["GELU", "ReLU", "Tanh", "ELU", "SiLU"]
    assert type(s[1:3]) is nn.Sequential
    assert list(s[1:3]._modules) == ["1", "2"]
    assert isinstance(s.pop(0), nn.GELU)
    assert list(s._modules) == ["0", "1", "2", "3"]
    del s[0]
    del s[-1:]
    assert len(s) == 2
    s[-1] = nn.ReLU()
    assert isinstance(s[1], nn.ReLU)
    assert len(s + s) == 4
    assert len(s * 2) == 4
    s += nn.Sequential(nn.Tanh())
    s *= 2
    assert len(s) == 6
    with pytest.raises(IndexError, match="out of range"):
        s[9]
    with pytest.raises(IndexError, match="out of range"):
        s.insert(9, nn.ReLU())
    with pytest.raises(ValueError, match="supports only objects of Sequential"):
        s + [nn.ReLU()]  # noqa: RUF005
    with pytest.raises(ValueError, match="Non-positive multiplication"):
        s * 0
    with pytest.raises(TypeError, match="is not a Module subclass"):
        nn.Sequential(1)


def test_module_list(nn):
    modules = nn.ModuleList([nn.Linear(1, 1)] + [nn.Linear(2, 2) for _ in range(2)])
    assert repr(modules) == (
        "ModuleList(\n"
        "  (0): Linear(in_features=1, out_features=1, bias=True)\n"
        "  (1-2): 2 x Linear(in_features=2, out_features=2, bias=True)\n"
        ")"
    )
    modules.insert(1, nn.ReLU())
    modules += [nn.Tanh()]
    assert len(modules) == 5
    assert isinstance(modules[-1], nn.Tanh)
    assert isinstance(modules.pop(1), nn.ReLU)
    assert len(modules[1:]) == 3
    assert len(modules + [nn.ReLU()]) == 5  # noqa: RUF005
    del modules[0]
    assert list(modules._modules) == ["0", "1", "2"]
    assert "0" not in dir(modules)
    assert repr(nn.ModuleList()) == "ModuleList()"
    with pytest.raises(TypeError, match="should be called with an iterable"):
        modules.extend(3)


def test_module_dict(nn):
    d = nn.ModuleDict({"a": nn.ReLU()})
    d.update([["b", nn.Tanh()]])
    d["c"] = nn.ELU()
    assert list(d) == ["a", "b", "c"]
    assert "b" in d
    assert isinstance(d.pop("b"), nn.Tanh)
    del d["c"]
    assert list(d.items()) == [("a", d["a"])]
    assert list(d.values()) == [d.a]
    d.clear()
    assert len(d) == 0
    with pytest.raises(TypeError, match="key/value pairs"):
        d.update(3)
    with pytest.raises(ValueError, match="2 is required"):
        d.update([("a", nn.ReLU(), 3)])
    with pytest.raises(KeyError, match="already exists"):
        d["update"] = nn.ReLU()


def test_parameter_list(derivo, nn):
    p = nn.ParameterList([derivo.ones(2), nn.Parameter(derivo.zeros(1))])
    p.append(derivo.ones(3, 1))
    p += ["text"]
    assert len(list(p.parameters())) == 3
    assert repr(p) == (
        "ParameterList(\n"
        "    (0): Parameter containing: [torch.float32 of size 2]\n"
        "    (1): Parameter containing: [torch.float32 of size 1]\n"
        "    (2): Parameter containing: [torch.float32 of size 3x1]\n"
        "    (3): Object of type: str\n"
        ")"
    )
    assert len(p[1:3]) == 2
    p[0] = derivo.zeros(4)
    assert p[0].shape == (4,)
    with pytest.raises(IndexError, match="out of range"):
        p[7]
    with pytest.raises(RuntimeError, match="should not be called"):
        p(1)


def test_parameter_dict(derivo, nn):
    p = nn.ParameterDict({"b": derivo.ones(1), "a": derivo.zeros(2)})
    assert list(p) == ["b", "a"]
    assert list(reversed(p)) == ["a", "b"]
    assert isinstance(p["b"], nn.Parameter)
    assert p.get("x", 7) == 7
    assert p.setdefault("c", derivo.ones(1)).item() == 1.0
    assert p.popitem()[0] == "c"
    assert p.pop("b").item() == 1.0
    assert len(p | {"z": derivo.ones(1)}) == 2
    q = p.copy()
    q.update({"y": derivo.ones(1)})
    assert set(q.keys()) == {"a", "y"}
    assert [k for k, _ in p.named_parameters()] == ["a"]
    p.clear()
    assert len(p) == 0
    with pytest.raises(KeyError, match="nothing"):
        p["nothing"]
    with pytest.raises(TypeError, match="it is not a string"):
        p[3] = derivo.ones(1)
