"""Derivatives by hand: autograd.Function in a model that is trained."""

import torch
from torch import nn
from torch.autograd import Function, gradcheck
from torch.autograd.function import once_differentiable


class Swish(Function):
    """x * sigmoid(beta x)."""

    @staticmethod
    def forward(ctx, x, beta):
        s = torch.sigmoid(beta * x)
        ctx.save_for_backward(x, s)
        ctx.beta = beta
        return x * s

    @staticmethod
    def backward(ctx, g):
        x, s = ctx.saved_tensors
        return g * (s + ctx.beta * x * s * (1 - s)), None


class Straight(Function):
    """Rounds, and lets the gradient pass where it is not far away."""

    @staticmethod
    def forward(x):
        return torch.round(x * 4) / 4

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(inputs[0])

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (x.abs() <= 2)


class MinMax(Function):
    """Extremes of rows, and where they are."""

    @staticmethod
    def forward(ctx, x):
        low, at_low = x.min(1)
        high, at_high = x.max(1)
        ctx.mark_non_differentiable(at_low, at_high)
        ctx.save_for_backward(at_low, at_high)
        ctx.shape = x.shape
        return low, high, at_low, at_high

    @staticmethod
    @once_differentiable
    def backward(ctx, g_low, g_high, *_):
        at_low, at_high = ctx.saved_tensors
        g = torch.zeros(ctx.shape)
        g.scatter_add_(1, at_low[:, None], g_low[:, None])
        g.scatter_add_(1, at_high[:, None], g_high[:, None])
        return g


class Scale(Function):
    """A product in place."""

    @staticmethod
    def forward(ctx, x, factor):
        ctx.mark_dirty(x)
        ctx.factor = factor
        return x.mul_(factor)

    @staticmethod
    def backward(ctx, g):
        return g * ctx.factor, None


class Net(nn.Module):
    """All of them in a model."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 12)
        self.second = nn.Linear(12, 6)

    def forward(self, x):
        h = Swish.apply(self.first(x), 1.5)
        h = Straight.apply(h)
        low, high, at_low, at_high = MinMax.apply(self.second(h))
        assert not at_low.requires_grad
        return Scale.apply(high - low, 0.5), at_high


torch.manual_seed(5)
net = Net()
print(net.first(torch.ones(1, 4)).grad_fn.name())
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.8)
x = torch.randn(40, 4)
y = x.abs().sum(1) / 3
for step in range(30):
    out, places = net(x)
    loss = nn.functional.smooth_l1_loss(out, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item(), places[:6].tolist())
print(type(out.grad_fn).__name__, out.grad_fn.next_functions[0][0].name())

a = torch.randn(5, dtype=torch.float64, requires_grad=True)
print(gradcheck(lambda v: Swish.apply(v, 0.7), (a,)))
(g,) = torch.autograd.grad(Swish.apply(a, 0.7).sum(), a, create_graph=True)
(gg,) = torch.autograd.grad((g * g).sum(), a)
print(g.tolist(), gg.tolist())
try:
    v = torch.randn(2, 3, requires_grad=True)
    low, high, _, _ = MinMax.apply(v)
    (g,) = torch.autograd.grad((high * high).sum(), v, create_graph=True)
    g.sum().backward()
except RuntimeError as e:
    print("RuntimeError", "marked with @once_differentiable" in str(e))
