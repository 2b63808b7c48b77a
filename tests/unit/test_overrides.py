# Classes that take part in functions: __torch_function__ and derivo.overrides.
from __future__ import annotations

import copy
import inspect
import pickle
from collections import namedtuple
from typing import ClassVar

import numpy as np
import pytest

import derivo
from derivo import overrides
from derivo._C import DisableTorchFunctionSubclass, _disabled_torch_function_impl
from derivo.nn import functional


class Plain(derivo.Tensor):
    pass


class Below(Plain):
    pass


class Logged(derivo.Tensor):
    seen: ClassVar[list] = []

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.seen.append((func, types, args, kwargs))
        return super().__torch_function__(func, types, args, kwargs)


class Refusing(derivo.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return NotImplemented


class Duck:
    # No tensor at all.
    def __init__(self, value):
        self.value = value

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return HANDLED[func](*args, **(kwargs or {}))


HANDLED = {
    derivo.mean: lambda x: x.value / 2,
    derivo.add: lambda x, y: ("add", x, y),
    functional.relu: lambda x: ("relu", x.value),
    derivo.cat: lambda parts: len(parts),
}


def make(cls=Logged):
    made = derivo.arange(4.0).reshape(2, 2).as_subclass(cls)
    Logged.seen.clear()
    return made


def names():
    found = [overrides.resolve_name(func) for func, *_ in Logged.seen]
    Logged.seen.clear()
    return found


# ------------------------------------------------------------------ results


@pytest.mark.parametrize(
    "call",
    [
        lambda x, p: x + p,
        lambda x, p: p + x,
        lambda x, p: 2 - x,
        lambda x, p: p @ x,
        lambda x, p: x**2,
        lambda x, p: p < x,
        lambda x, p: -x,
        lambda x, p: x[0],
        lambda x, p: x.T,
        lambda x, p: x.data,
        lambda x, p: x.sum(),
        lambda x, p: derivo.sum(x),
        lambda x, p: x.reshape(4),
        lambda x, p: derivo.exp(x),
        lambda x, p: derivo.cat([p, x]),
        lambda x, p: derivo.stack((x, p)),
        lambda x, p: derivo.where(p > 0, p, x),
        lambda x, p: functional.linear(p, x),
        lambda x, p: functional.gelu(x),
        lambda x, p: derivo.nn.Linear(2, 2)(x),
        lambda x, p: derivo.zeros_like(x),
        lambda x, p: x.to(derivo.float64),
        lambda x, p: p.clone().copy_(x),
        lambda x, p: p.clone().__iadd__(x),
        lambda x, p: x.detach(),
        lambda x, p: derivo.max(x, 0).values,
        lambda x, p: x.unbind()[1],
        lambda x, p: next(iter(x)),
        lambda x, p: x.new_zeros(2),
    ],
)
@pytest.mark.parametrize("cls", [Plain, Below, Logged])
def test_results_are_of_the_class(call, cls):
    p = derivo.ones(2, 2)
    made = call(make(cls), p)
    assert type(made) is cls
    with DisableTorchFunctionSubclass():
        derivo.testing.assert_close(
            made.detach().as_subclass(derivo.Tensor),
            call(make(cls), p).detach().as_subclass(derivo.Tensor),
            rtol=10,
            atol=10,
        )


def test_results_that_are_no_tensors():
    x = make(Plain)
    assert x.tolist() == [[0.0, 1.0], [2.0, 3.0]]
    assert type(x.shape) is derivo.Size
    assert type(derivo.max(x, 0)).__name__ == "max"
    assert (x.sum().item(), derivo.equal(x, x), len(x)) == (6.0, True, 2)
    assert repr(x[0]) == "Plain([0., 1.])"
    np.testing.assert_array_equal(np.asarray(x), [[0, 1], [2, 3]])


def test_the_subclass_below_wins_and_strangers_do_not_mix():
    assert type(make(Plain) + make(Below)) is Below
    assert type(derivo.add(make(Below), make(Plain))) is Below
    with pytest.raises(TypeError, match="no implementation found for 'add'"):
        derivo.add(make(Plain), make(Logged))


def test_parameters_take_no_part():
    p = derivo.nn.Parameter(derivo.ones(2))
    assert type(p + 1) is derivo.Tensor
    assert type(p).__torch_function__ is _disabled_torch_function_impl

    class Own(derivo.nn.Parameter):
        pass

    assert type(Own(derivo.ones(2)) * 2) is derivo.Tensor
    assert not overrides.has_torch_function((p, Own(derivo.ones(1)), derivo.ones(1)))


def test_gradients_flow():
    w = derivo.ones(3, requires_grad=True)
    x = w.as_subclass(Plain)
    assert x.grad_fn.name() == "AliasBackward0"
    (x * x).sum().backward()
    assert w.grad.tolist() == [2.0, 2.0, 2.0]
    leaf = make(Plain).requires_grad_()
    out = (leaf * leaf).exp().sum()
    (g,) = derivo.autograd.grad(out, leaf, create_graph=True)
    assert (type(out), type(g), out.grad_fn.name()) == (Plain, Plain, "SumBackward0")
    (gg,) = derivo.autograd.grad(g.sum(), leaf, retain_graph=True)
    a = np.arange(4.0).reshape(2, 2)
    np.testing.assert_allclose(gg.numpy(), (2 + 4 * a * a) * np.exp(a * a), rtol=1e-5)
    out.backward()
    assert type(leaf.grad) is derivo.Tensor


def test_in_place_writes_reach_the_base():
    base = derivo.zeros(2, 2)
    x = base.as_subclass(Plain)
    x[0] = 1.0
    x += 1
    assert type(x) is Plain
    assert base.tolist() == [[2.0, 2.0], [1.0, 1.0]]


def test_transforms_and_forward_mode():
    x = make(Plain)
    assert derivo.vmap(lambda v: v.sum() * 2)(x).tolist() == [2.0, 10.0]
    tangent = derivo.func.jvp(lambda v: v * v, (x,), (derivo.ones(2, 2),))[1]
    assert tangent.tolist() == [[0.0, 2.0], [4.0, 6.0]]


def test_copies():
    x = make(Plain)
    for made in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert type(made) is Plain
        assert made.tolist() == x.tolist()


def test_as_subclass_refusals():
    with pytest.raises(TypeError, match="must be a type that inherits from Tensor"):
        derivo.ones(1).as_subclass(int)
    with pytest.raises(TypeError, match="must be a type that inherits from Tensor"):
        derivo.Tensor._make_subclass(3, derivo.ones(1))
    made = derivo.Tensor._make_subclass(Plain, derivo.ones(1), True)
    assert (type(made), made.requires_grad, made.is_leaf) == (Plain, True, True)


# ------------------------------------------------------------------ what is seen


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: x + 1, "add"),
        (lambda x: 1 + x, "add"),
        (lambda x: 1 - x, "__rsub__"),
        (lambda x: derivo.ones(2, 2) - x, "sub"),
        (lambda x: x / 2, "div"),
        (lambda x: x // 2, "floor_divide"),
        (lambda x: 2**x, "__rpow__"),
        (lambda x: derivo.ones(2, 2) @ x, "matmul"),
        (lambda x: x >= 1, "ge"),
        (lambda x: x[0], "__getitem__"),
        (lambda x: x.__setitem__(0, 1.0), "__setitem__"),
        (lambda x: x.shape, "shape.__get__"),
        (lambda x: x.T, "T.__get__"),
        (lambda x: x.requires_grad, "requires_grad.__get__"),
        (lambda x: x.size(), "size"),
        (lambda x: x.numel(), "numel"),
        (lambda x: x.item, None),
        (lambda x: x.view(4), "view"),
        (lambda x: x.add_(1), "add_"),
        (lambda x: len(x), "__len__"),
        (lambda x: repr(x), "__repr__"),
    ],
)
def test_methods_seen(call, name):
    call(make())
    assert names() == ([] if name is None else [f"torch.Tensor.{name}"])


def test_functions_seen():
    x = make()
    for call, func in (
        (lambda: derivo.add(x, x, alpha=2), derivo.add),
        (lambda: derivo.sum(x, dim=0), derivo.sum),
        (lambda: derivo.cat([x, x]), derivo.cat),
        (lambda: functional.linear(x, x), functional.linear),
        (lambda: functional.max_pool1d(x, 2), functional.max_pool1d),
        (lambda: derivo.special.erf(x), derivo.special.erf),
        (lambda: derivo.add(x, 1, out=derivo.zeros(2, 2)), derivo.add),
    ):
        call()
        assert [entry[0] for entry in Logged.seen] == [func]
        assert Logged.seen[0][1] == (Logged,)
        Logged.seen.clear()
    derivo.add(x, x, alpha=2)
    assert Logged.seen[0][2:] == ((x, x), {"alpha": 2})


def test_a_class_may_be_no_tensor():
    duck = Duck(3.0)
    assert derivo.mean(duck) == 1.5
    assert functional.relu(duck) == ("relu", 3.0)
    assert derivo.add(derivo.ones(1), duck)[2] is duck
    assert derivo.cat([derivo.ones(1), duck]) == 2
    assert overrides.is_tensor_like(duck)
    assert overrides.has_torch_function((1, duck))
    assert not overrides.has_torch_function(([duck],))


def test_refusing_classes():
    x = make(Refusing)
    with pytest.raises(TypeError, match=r"no implementation found.*\['Refusing'\]"):
        derivo.exp(x)
    with DisableTorchFunctionSubclass():
        assert type(derivo.exp(x)) is derivo.Tensor


def test_functions_stay_who_they_are():
    for function in (derivo.exp, functional.linear, derivo.Tensor.add, derivo.sum):
        assert "args" not in inspect.signature(function).parameters
        assert function.__doc__
        assert "public function" not in function.__doc__
        assert function.__module__.startswith("derivo")
    assert "def linear" in inspect.getsource(functional.linear)
    assert derivo.exp.__qualname__ == "exp"
    assert derivo.sum.__name__ == "sum"
    code = functional.max_pool1d.__code__
    assert code.co_filename.endswith("pooling.py")
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        derivo.exp()


# ------------------------------------------------------------------ modes


class Counting(overrides.TorchFunctionMode):
    def __init__(self):
        self.seen = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.seen.append(overrides.resolve_name(func))
        return func(*args, **(kwargs or {}))


def test_modes_see_plain_tensors():
    x = derivo.ones(2, 2)
    with Counting() as outer:
        derivo.exp(x)
        x + x
        x @ x
        x[0]
        1 - x
        with Counting() as inner:
            derivo.relu(x)
    derivo.exp(x)
    x * x
    assert inner.seen == ["torch.relu"]
    tensor = "torch.Tensor."
    assert outer.seen == [
        "torch.exp",
        *(tensor + n for n in ("add", "matmul", "__getitem__", "__rsub__")),
        "torch.relu",
    ]


def test_a_mode_may_answer_or_refuse():
    class Answer(overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            return 42 if func is derivo.exp else NotImplemented

    x, y = derivo.ones(1), make(Plain)
    with Answer():
        assert derivo.exp(x) == 42
        with pytest.raises(TypeError, match=r"no implementation.*\['Answer'\]"):
            derivo.sin(x)
        assert type(derivo.sin(y)) is Plain
    with (
        overrides.TorchFunctionMode(),
        pytest.raises(NotImplementedError, match="define __torch_function__"),
    ):
        derivo.sin(x)
    assert derivo.exp(derivo.zeros(1)).item() == 1.0


# ------------------------------------------------------------------ helpers


def test_handle_and_wrap():
    @overrides.wrap_torch_function(lambda a, b: (a, b))
    def mix(a, b):
        return a * b

    x = make()
    assert mix(2, 3) == 6
    assert type(mix(derivo.ones(2, 2), x)) is Logged
    assert Logged.seen[0][0] is mix
    with pytest.raises(TypeError, match=r"no implementation found for .*mix"):
        mix(make(Refusing), 1)


def test_lists_of_functions():
    found = overrides.get_overridable_functions()
    assert derivo.add in found[derivo]
    assert derivo.Tensor.add in found[derivo.Tensor]
    assert functional.relu in found[functional]
    assert derivo.tensor in overrides.get_ignored_functions()
    assert derivo.tensor not in found[derivo]
    assert overrides.is_tensor_method_or_property(derivo.Tensor.shape.__get__)
    assert overrides.resolve_name(int) is None


def test_named_tuples_keep_their_kind():
    from derivo._overrides import converted

    pair = namedtuple("pair", "a b")(derivo.ones(1), 2)
    made = converted(pair, Plain)
    assert (type(made), type(made.a), made.b) == (type(pair), Plain, 2)
