# Optimizers and schedules against numbers recorded from PyTorch's plain CPU code.
from __future__ import annotations

import copy
import json
import pathlib
import pickle
import warnings

import pytest

from tests.data import optim_cases

RECORDED = json.loads(
    (pathlib.Path(__file__).parents[2] / "data" / "optim.json").read_text()
)


def as_json(value):
    return json.loads(json.dumps(value))


def near(found, expected, relative):
    if isinstance(expected, list):
        return len(found) == len(expected) and all(
            near(x, y, relative) for x, y in zip(found, expected, strict=True)
        )
    if isinstance(expected, float):
        return found == pytest.approx(expected, rel=relative, abs=1e-12)
    return found == expected


@pytest.mark.parametrize("text", optim_cases.OPTIMIZERS)
def test_numbers(derivo, text):
    found = as_json(optim_cases.run_optimizer(derivo, text))
    expected = RECORDED["optimizers"][text]
    assert found["repr"] == expected["repr"]
    assert found["options"] == expected["options"]
    # Bit for bit where no root is taken; PyTorch's square root (MKL's) is not always
    # the nearest number, and its error feeds back.
    relative = 1e-8 if "SGD" in text or "Rprop" in text or "ASGD" in text else 2e-6
    if "centered" in text:
        relative = 5e-5  # a difference of squares under the root
    assert near(found["params"], expected["params"], relative)
    assert found["state"].keys() == expected["state"].keys()
    for key, entry in expected["state"].items():
        assert found["state"][key].keys() == entry.keys()
        for name, value in entry.items():
            assert near(found["state"][key][name], value, relative), (key, name)


@pytest.mark.parametrize("name", optim_cases.SCHEDULES)
def test_schedule(derivo, name):
    found = as_json(optim_cases.run_schedule(derivo, name))
    assert near(found["rates"], RECORDED["schedules"][name]["rates"], 1e-12)
    assert near(found["last"], RECORDED["schedules"][name]["last"], 1e-12)


def steps(derivo, make, dtype, prepare=lambda p: p):
    base = [optim_cases.wave(derivo, s, 1.0).to(dtype) for s in ((4, 5), (6,))]
    params = [derivo.nn.Parameter(prepare(p)) for p in base]
    optimizer = make(params)
    for step in range(4):
        for p in params:
            grad = optim_cases.gradient(derivo, tuple(p.shape), step).to(dtype)
            p.grad = grad
        optimizer.step()
    return params


MAKERS = {
    "SGD": lambda derivo: (
        lambda p: derivo.optim.SGD(
            p, 0.1, momentum=0.9, weight_decay=0.1, nesterov=True
        )
    ),
    "Adam": lambda derivo: (
        lambda p: derivo.optim.Adam(p, 0.1, weight_decay=0.1, amsgrad=True)
    ),
    "AdamW": lambda derivo: lambda p: derivo.optim.AdamW(p, 0.1, maximize=True),
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fused_kernel_equals_ordinary_operations(derivo, name, dtype):
    # Transposed and strided parameters take other ways to the same numbers: the one
    # by layout (gradients of another layout), the other because it is not dense.
    dtype = getattr(derivo, dtype)
    make = MAKERS[name](derivo)
    plain = steps(derivo, make, dtype)

    def transposed(p):
        return p.t().contiguous().t() if p.dim() == 2 else p

    def strided(p):
        wide = derivo.zeros((*p.shape, 2), dtype=p.dtype)
        wide[..., 0] = p
        return wide[..., 0]

    for prepare in (transposed, strided):
        other = steps(derivo, make, dtype, prepare)
        for a, b in zip(plain, other, strict=True):
            assert derivo.allclose(a, b, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", MAKERS)
def test_half_precision(derivo, name):
    make = MAKERS[name](derivo)
    half = steps(derivo, make, derivo.bfloat16)
    full = steps(derivo, make, derivo.float32)
    assert half[0].dtype == derivo.bfloat16
    assert derivo.allclose(half[0].float(), full[0], rtol=0.05, atol=0.05)


@pytest.mark.parametrize("name", MAKERS)
def test_large_parameters_on_several_threads(derivo, name):
    # The same update of every element, whichever thread does it.
    make = MAKERS[name](derivo)
    n = 600_000
    p = derivo.nn.Parameter(derivo.ones(n))
    optimizer = make([p])
    for _ in range(2):
        p.grad = derivo.full((n,), 0.5)
        optimizer.step()
    assert bool((p == p[0]).all())
    assert p[0].item() != 1.0


def test_steady_state_builds_no_kernel(derivo):
    from derivo.codegen import cache

    p = derivo.nn.Parameter(derivo.ones(3))
    optimizer = derivo.optim.Adam([p])
    p.grad = derivo.ones(3)
    optimizer.step()
    before = dict(cache.counters)
    for lr in (0.1, 0.2):
        optimizer.param_groups[0]["lr"] = lr
        optimizer.step()
    assert dict(cache.counters) == before


def test_versions_are_counted(derivo):
    # A parameter changed between forward and backward is noticed.
    w = derivo.nn.Parameter(derivo.ones(2))
    optimizer = derivo.optim.SGD([w], lr=0.1)
    loss = (w * w).sum()
    w.grad = derivo.ones(2)
    optimizer.step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_closure_and_zero_grad(derivo):
    w = derivo.nn.Parameter(derivo.tensor([1.0]))
    optimizer = derivo.optim.SGD([w], lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with derivo.no_grad():
        assert optimizer.step(closure).item() == 1.0
    assert w.item() == 0.0
    optimizer.zero_grad(set_to_none=False)
    assert w.grad.tolist() == [0.0]
    optimizer.zero_grad()
    assert w.grad is None
    optimizer.step()


def test_groups(derivo):
    a, b, c = (derivo.nn.Parameter(derivo.ones(1)) for _ in range(3))
    optimizer = derivo.optim.SGD([{"params": a, "lr": 1.0}, {"params": [b]}], lr=0.1)
    optimizer.add_param_group({"params": [c], "lr": 0.01})
    for p in (a, b, c):
        p.grad = derivo.ones(1)
    optimizer.step()
    assert [p.item() for p in (a, b, c)] == pytest.approx([0.0, 0.9, 0.99])
    named = derivo.optim.SGD([("first", a), ("second", b)], lr=0.1)
    assert named.param_groups[0]["param_names"] == ["first", "second"]


def test_group_errors(derivo):
    optim = derivo.optim
    a = derivo.nn.Parameter(derivo.ones(1))
    with pytest.raises(TypeError, match="should be an iterable of Tensors"):
        optim.SGD(a)
    with pytest.raises(ValueError, match="empty parameter list"):
        optim.SGD([])
    with pytest.raises(TypeError, match="can only optimize Tensors"):
        optim.SGD([1.0])
    with pytest.raises(ValueError, match="can't optimize a non-leaf Tensor"):
        optim.SGD([a * 2])
    with pytest.raises(TypeError, match="ordered collections"):
        optim.SGD([{"params": {a}}])
    with pytest.raises(ValueError, match="more than one parameter group"):
        optim.SGD([{"params": [a]}, {"params": [a]}])
    with pytest.warns(UserWarning, match="duplicate parameters"):
        optim.SGD([a, a])
    with pytest.raises(TypeError, match="param_group must be a dict"):
        optim.SGD([a]).add_param_group([a])


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("SGD(p, lr=-1.0)", "Invalid learning rate"),
        ("SGD(p, momentum=-1.0)", "Invalid momentum value"),
        ("SGD(p, nesterov=True)", "Nesterov momentum requires"),
        ("Adam(p, eps=-1.0)", "Invalid epsilon value"),
        ("Adam(p, betas=(1.0, 0.9))", "Invalid beta parameter at index 0"),
        ("AdamW(p, weight_decay=-1.0)", "Invalid weight_decay value"),
        ("RMSprop(p, alpha=-1.0)", "Invalid alpha value"),
        ("Adagrad(p, lr_decay=-1.0)", "Invalid lr_decay value"),
        ("Adadelta(p, rho=2.0)", "Invalid rho value"),
        ("Rprop(p, etas=(2.0, 3.0))", "Invalid eta values"),
    ],
)
def test_option_errors(derivo, text, match):
    p = [derivo.nn.Parameter(derivo.ones(1))]
    with pytest.raises(ValueError, match=match):
        eval("optim." + text, {"optim": derivo.optim, "p": p})


@pytest.mark.parametrize("text", optim_cases.OPTIMIZERS)
def test_saving_and_loading(derivo, text):
    # Half the steps, into a fresh optimizer, the other half: as if never interrupted.
    def make(params):
        return eval("optim." + text, {"optim": derivo.optim, "p": params})

    def step(params, optimizer, k):
        for p in params:
            p.grad = optim_cases.gradient(derivo, tuple(p.shape), k)
        optimizer.step()

    params = [derivo.nn.Parameter(optim_cases.wave(derivo, (3, 4), 1.0))]
    optimizer = make(params)
    for k in range(3):
        step(params, optimizer, k)
    fresh = [derivo.nn.Parameter(params[0].detach().clone())]
    other = make(fresh)
    other.load_state_dict(optimizer.state_dict())
    third = copy.deepcopy(optimizer)
    fourth = pickle.loads(pickle.dumps(optimizer))
    for k in range(3, 6):
        step(params, optimizer, k)
        step(fresh, other, k)
        for twin in (third, fourth):
            step(twin.param_groups[0]["params"], twin, k)
    expected = params[0].tolist()
    assert fresh[0].tolist() == expected
    assert third.param_groups[0]["params"][0].tolist() == expected
    assert fourth.param_groups[0]["params"][0].tolist() == expected


def test_loading_errors(derivo):
    a, b = (derivo.nn.Parameter(derivo.ones(1)) for _ in range(2))
    one, two = derivo.optim.SGD([a]), derivo.optim.SGD([a, b])
    with pytest.raises(ValueError, match="doesn't match the size"):
        one.load_state_dict(two.state_dict())
    several = derivo.optim.SGD([{"params": [a]}, {"params": [b]}])
    with pytest.raises(ValueError, match="different number of parameter groups"):
        one.load_state_dict(several.state_dict())


def test_hooks(derivo):
    seen = []
    p = derivo.nn.Parameter(derivo.ones(1))
    optimizer = derivo.optim.SGD([p])
    pre = optimizer.register_step_pre_hook(lambda o, a, k: seen.append("pre"))
    optimizer.register_step_post_hook(lambda o, a, k: seen.append("post"))
    optimizer.register_state_dict_pre_hook(lambda o: seen.append("saving"))
    optimizer.register_state_dict_post_hook(lambda o, d: {**d, "more": 1})
    optimizer.register_load_state_dict_pre_hook(lambda o, d: seen.append("load"))
    optimizer.register_load_state_dict_post_hook(lambda o: seen.append("loaded"))
    optimizer.step()
    pre.remove()
    optimizer.step()
    saved = optimizer.state_dict()
    assert saved["more"] == 1
    optimizer.load_state_dict(saved)
    assert seen == ["pre", "post", "post", "saving", "load", "loaded"]


def test_differentiable_step(derivo):
    # A step that is itself part of the graph: d(w - lr * g) / dg.
    g = derivo.tensor([2.0], requires_grad=True)
    w = derivo.nn.Parameter(derivo.tensor([1.0])).clone()
    optimizer = derivo.optim.SGD([w], lr=0.1, differentiable=True)
    w.grad = g * 3
    optimizer.step()
    w.sum().backward()
    assert g.grad.item() == pytest.approx(-0.3)


def test_plateau(derivo):
    p = derivo.nn.Parameter(derivo.ones(1))
    optimizer = derivo.optim.SGD([p], lr=1.0)
    schedule = derivo.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=1, cooldown=1, min_lr=0.2
    )
    rates = []
    for loss in (1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9):
        schedule.step(derivo.tensor(loss))
        rates.append(optimizer.param_groups[0]["lr"])
    assert rates == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2]


def test_schedule_errors(derivo):
    schedules = derivo.optim.lr_scheduler
    p = derivo.nn.Parameter(derivo.ones(1))
    optimizer = derivo.optim.Adagrad([p])
    with pytest.raises(TypeError, match="is not an Optimizer"):
        schedules.StepLR("x", 1)
    with pytest.raises(KeyError, match="initial_lr"):
        schedules.StepLR(optimizer, 1, last_epoch=3)
    with pytest.raises(ValueError, match="must support momentum"):
        schedules.OneCycleLR(optimizer, 0.1, 10)
    with pytest.raises(ValueError, match="total_steps"):
        schedules.OneCycleLR(optimizer, 0.1, cycle_momentum=False)
    with pytest.raises(ValueError, match=r"Factor should be < 1.0"):
        schedules.ReduceLROnPlateau(optimizer, factor=2.0)
    schedule = schedules.StepLR(optimizer, 1)
    with pytest.warns(UserWarning, match="before `optimizer.step\\(\\)`"):
        schedule.step()


@pytest.mark.parametrize("name", sorted(optim_cases.SCHEDULES))
def test_schedule_saving(derivo, name):
    make = optim_cases.SCHEDULES[name]
    schedules = derivo.optim.lr_scheduler

    def fresh():
        p = derivo.nn.Parameter(derivo.ones(1))
        optimizer = derivo.optim.SGD([p], lr=0.05, momentum=0.9)
        return optimizer, make(schedules, optimizer)

    optimizer, schedule = fresh()
    for _ in range(4):
        optimizer.step()
        schedule.step()
    other, twin = fresh()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        other.load_state_dict(optimizer.state_dict())
        twin.load_state_dict(schedule.state_dict())
        for _ in range(6):
            optimizer.step()
            schedule.step()
            other.step()
            twin.step()
    assert twin.get_last_lr() == schedule.get_last_lr()
