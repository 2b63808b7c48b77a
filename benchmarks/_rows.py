"""The rows that have a target: what is run, and the ratio that must be reached.

A row builds its inputs once and returns the function that is timed. It is written for
PyTorch, and run with either library under the name ``torch``. `small` builds the same
thing on little data: the memory measurement runs it first, so that libraries and
kernels are loaded before anything is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks._timing import Statement

if TYPE_CHECKING:
    from collections.abc import Callable

    Step = Callable[[], object]
    Builder = Callable[[Any, bool], Step]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    target: float
    build: Builder
    large: bool


ROWS: list[Row] = []


def row(name: str, target: float, *, large: bool = False) -> Callable[..., Builder]:
    """Register a builder as a row with the ratio PyTorch/derivo to reach."""

    def register(build: Builder) -> Builder:
        ROWS.append(Row(name, target, build, large))
        return build

    return register


@row("a + b, 4 elements", 12)
def add_small(torch: Any, small: bool) -> Step:
    a, b = torch.rand(4), torch.rand(4)
    return Statement("a + b", a=a, b=b)


@row("a * b, 4 elements, recorded", 15)
def mul_recorded(torch: Any, small: bool) -> Step:
    a = torch.rand(4, requires_grad=True)
    b = torch.rand(4, requires_grad=True)
    return Statement("a * b", a=a, b=b)


@row("a.sum(dim=1), 8x8, recorded", 8)
def sum_recorded(torch: Any, small: bool) -> Step:
    a = torch.rand(8, 8, requires_grad=True)
    return Statement("a.sum(dim=1)", a=a)


@row("a[2, 1:5], 8x8", 5)
def index(torch: Any, small: bool) -> Step:
    a = torch.rand(8, 8)
    return Statement("a[2, 1:5]", a=a)


@row("21 operations, forward and backward", 15)
def chain(torch: Any, small: bool) -> Step:
    x = torch.rand(4) + 0.5
    x.requires_grad_()
    w = torch.rand(4) + 0.5

    def step() -> None:
        y = x * w
        y = y + x
        y = y.sin()
        y = y * 2.0
        y = y - w
        y = y.tanh()
        y = y / 3.0
        y = y + 1.5
        y = y.exp()
        y = y * x
        y = y.sigmoid()
        y = y + w
        y = y.sqrt()
        y = y - x
        y = y.cos()
        y = y * w
        y = y.abs()
        y = y + 0.1
        y = y.log()
        y = -y
        z = y.sum()
        z.backward()
        x.grad = None

    return step


@row("jvp of 20 operations", 8)
def jvp(torch: Any, small: bool) -> Step:
    x, t = torch.rand(4) + 0.5, torch.rand(4)

    def twenty(x: Any) -> Any:
        # No constants: each costs PyTorch's jvp 0.3 ms.
        y = x
        for _ in range(4):
            y = y.sin()
            y = y * x
            y = -y
            y = y.exp()
            y = y + x
        return y

    along = torch.func.jvp
    return lambda: along(twenty, (x,), (t,))


@row("z = 2*x + y**2; z.backward()", 15)
def scalar(torch: Any, small: bool) -> Step:
    x = torch.tensor(3.0, requires_grad=True)
    y = torch.tensor(4.0, requires_grad=True)
    statement = "z = 2*x + y**2; z.backward(); x.grad = None; y.grad = None"
    return Statement(statement, x=x, y=y)


@row("MLP 2-16-16-1, batch 32, SGD step", 10)
def mlp_small(torch: Any, small: bool) -> Step:
    nn = torch.nn
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1)
    )
    x, y = torch.randn(32, 2), torch.randn(32, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    loss_of = nn.MSELoss()

    def step() -> None:
        optimizer.zero_grad()
        loss_of(model(x), y).backward()
        optimizer.step()

    return step


@row("MLP 784-128-64-10, batch 64, Adam step", 2)
def mlp_images(torch: Any, small: bool) -> Step:
    nn = torch.nn
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
    )
    x, y = torch.randn(64, 784), torch.randint(0, 10, (64,))
    optimizer = torch.optim.Adam(model.parameters())
    loss_of = nn.CrossEntropyLoss()

    def step() -> None:
        optimizer.zero_grad()
        loss_of(model(x), y).backward()
        optimizer.step()

    return step


@row("tanh(x*w) + exp(-x*x) summed, forward and backward, 4M", 1.5, large=True)
def elementwise_large(torch: Any, small: bool) -> Step:
    n = 1 << 10 if small else 1 << 22
    x = torch.randn(n, requires_grad=True)
    w = torch.randn(n, requires_grad=True)

    def step() -> None:
        z = (torch.tanh(x * w) + torch.exp(-x * x)).sum()
        z.backward()
        x.grad = None
        w.grad = None

    return step


@row("autograd.Function, forward and backward", 5)
def custom_function(torch: Any, small: bool) -> Step:
    class Cube(torch.autograd.Function):  # type: ignore[misc,name-defined]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return g * 3 * x * x

    x = torch.ones(8, requires_grad=True)

    def step() -> None:
        x.grad = None
        Cube.apply(x).sum().backward()

    return step


@row(
    "a function of 6 operations of your own on 1M, forward and backward", 4, large=True
)
def own_function(torch: Any, small: bool) -> Step:
    n = 1 << 10 if small else 1 << 20
    x = torch.randn(n, requires_grad=True)

    # The same expression: one definition here, six operations in PyTorch.
    def damped(x: Any) -> Any:
        return torch.exp(-0.5 * x * x) * torch.sin(3.0 * x)

    own = torch.elementwise(damped) if hasattr(torch, "elementwise") else damped
    ones = torch.ones(n)

    def step() -> None:
        x.grad = None
        own(x).backward(ones)

    return step


@row("softmax 4096x512, forward and backward", 1.2, large=True)
def softmax(torch: Any, small: bool) -> Step:
    rows = 8 if small else 4096
    x = torch.randn(rows, 512, requires_grad=True)
    g = torch.randn(rows, 512)

    def step() -> None:
        torch.softmax(x, 1).backward(g)
        x.grad = None

    return step


@row("layer_norm 4096x512, forward and backward", 1.2, large=True)
def layer_norm(torch: Any, small: bool) -> Step:
    rows = 8 if small else 4096
    x = torch.randn(rows, 512, requires_grad=True)
    weight = torch.ones(512, requires_grad=True)
    bias = torch.zeros(512, requires_grad=True)
    g = torch.randn(rows, 512)
    normalise = torch.nn.functional.layer_norm

    def step() -> None:
        normalise(x, (512,), weight, bias).backward(g)
        x.grad = weight.grad = bias.grad = None

    return step


@row("sum over rows, 4096x4096", 1, large=True)
def sum_rows(torch: Any, small: bool) -> Step:
    n = 32 if small else 4096
    x = torch.randn(n, n)
    return lambda: x.sum(dim=0)


@row("sum over columns, 4096x4096", 1, large=True)
def sum_columns(torch: Any, small: bool) -> Step:
    n = 32 if small else 4096
    x = torch.randn(n, n)
    return lambda: x.sum(dim=1)


@row("x + y.t(), 2048x2048", 1, large=True)
def add_transposed(torch: Any, small: bool) -> Step:
    n = 32 if small else 2048
    x, y = torch.randn(n, n), torch.randn(n, n)
    return lambda: x + y.t()


@row("matmul 1024x1024x1024", 0.9, large=True)
def matmul_large(torch: Any, small: bool) -> Step:
    n = 64 if small else 1024
    x, y = torch.randn(n, n), torch.randn(n, n)
    return lambda: x @ y


@row("matmul 64x784x128", 0.9)
def matmul_small(torch: Any, small: bool) -> Step:
    x, y = torch.randn(64, 784), torch.randn(784, 128)
    return lambda: x @ y


@row("hessian of Rosenbrock, 10 variables", 8)
def hessian_rosenbrock(torch: Any, small: bool) -> Step:
    x = torch.linspace(-1, 1, 10, dtype=torch.float64)

    def rosenbrock(x: Any) -> Any:
        return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

    hessian = torch.func.hessian(rosenbrock)
    return lambda: hessian(x)


@row("per-sample gradients, 8-16-1, 64 rows", 8)
def per_sample(torch: Any, small: bool) -> Step:
    torch.manual_seed(0)
    params = (torch.randn(8, 16), torch.zeros(16), torch.randn(16, 1), torch.zeros(1))
    x, y = torch.randn(64, 8), torch.randn(64, 1)

    def loss(params: Any, x: Any, y: Any) -> Any:
        w1, b1, w2, b2 = params
        out = torch.tanh(x @ w1 + b1) @ w2 + b2
        return ((out - y) ** 2).mean()

    each = torch.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))
    return lambda: each(params, x, y)


@row("jacrev of a 784-128-10 network", 2)
def jacobian_network(torch: Any, small: bool) -> Step:
    torch.manual_seed(0)
    w1, b1 = torch.randn(784, 128) / 28, torch.zeros(128)
    w2, b2 = torch.randn(128, 10) / 11, torch.zeros(10)
    jacobian = torch.func.jacrev(lambda x: torch.tanh(x @ w1 + b1) @ w2 + b2)
    x = torch.randn(784)
    return lambda: jacobian(x)
