"""Classes that take part in functions: ``__torch_function__`` in its usual forms."""

import torch
from torch import nn
from torch.overrides import TorchFunctionMode, has_torch_function, is_tensor_like

torch.manual_seed(8)
HANDLED = {}


def implements(function):
    def keep(own):
        HANDLED[function] = own
        return own

    return keep


class Diagonal:
    """A diagonal matrix, which is no tensor."""

    def __init__(self, size, value):
        self.size, self.value = size, value

    def full(self):
        return self.value * torch.eye(self.size)

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if func not in HANDLED:
            return NotImplemented
        return HANDLED[func](*args, **(kwargs or {}))


@implements(torch.mean)
def diagonal_mean(input):
    return input.value / input.size


@implements(torch.matmul)
def diagonal_matmul(a, b):
    a, b = (v.full() if isinstance(v, Diagonal) else v for v in (a, b))
    return torch.matmul(a, b)


d = Diagonal(3, 2.0)
print(torch.mean(d), torch.matmul(torch.ones(1, 3), d).tolist())
print(is_tensor_like(d), has_torch_function((d, 1)), has_torch_function((1, [d])))
try:
    torch.mul(d, 3)
except TypeError as e:
    print("TypeError", "Multiple dispatch failed" in str(e))


class Named(torch.Tensor):
    """A tensor with a name, which results inherit."""

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        made = super().__torch_function__(func, types, args, kwargs or {})
        names = [a.label for a in args if hasattr(a, "label") and isinstance(a, Named)]
        if isinstance(made, Named):
            made.label = "+".join([*names, func.__name__])
        return made


def named(t, name):
    made = t.as_subclass(Named)
    made.label = name
    return made


x = named(torch.randn(3, 4), "x")
w = named(torch.randn(4, requires_grad=True), "w")
for made in (
    x + w,
    2 * x,
    1 - x,
    x @ w,
    x.sum(),
    torch.exp(x),
    x[0],
    x.t(),
    torch.nn.functional.gelu(x),
    x.detach().clone(),
    torch.stack([x, x]).mean(0),
):
    print(type(made).__name__, made.shape, made.sum().item())
print((x * w).label, x.softmax(-1).label, torch.nn.functional.silu(w).label)
((x @ w).sin().sum()).backward()
print(w.is_leaf, type(w.grad_fn).__name__)


class Plain(torch.Tensor):
    """Nothing but the name."""


p = torch.arange(6.0).reshape(2, 3).as_subclass(Plain)
print(repr(p), type(p.max(0)[1]).__name__, type(p.unbind()[0]).__name__)
print(type(p + torch.ones(3)).__name__, type(torch.ones(3) + p).__name__)
print(type(nn.Parameter(torch.ones(2)) * 2).__name__, type(p.tolist()).__name__)


class Counts(TorchFunctionMode):
    """Counts calls."""

    def __init__(self):
        super().__init__()
        self.seen = {}

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.seen[func.__name__] = self.seen.get(func.__name__, 0) + 1
        return func(*args, **(kwargs or {}))


y = torch.ones(2, 2)
with Counts() as mode:
    z = torch.exp(y) + y * y - torch.sin(y)
    z = torch.nn.functional.linear(z, y)
print(sorted(mode.seen.items()), z.sum().item())

layer = nn.Linear(3, 2)
model = nn.Sequential(layer, nn.ReLU(), nn.Linear(2, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for step in range(5):
    out = model(p)
    loss = (out - 1).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, type(loss).__name__, loss.item(), type(layer.weight.grad).__name__)
