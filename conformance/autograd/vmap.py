"""`vmap` and reverse-mode transforms: the same lines on both libraries."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from conformance._snippet import raised, values


def _x(torch: Any) -> Any:
    return torch.arange(1.0, 7.0, dtype=torch.float64).reshape(2, 3) / 4


# What one example goes through; checked by vmap, by its gradients, and in a vmap of
# gradients.
_STEPS: dict[str, Callable[[Any, Any], Any]] = {
    "sin": lambda torch, x: x.sin(),
    "product": lambda torch, x: x * x.sum(),
    "softmax": lambda torch, x: x.softmax(0),
    "matmul": lambda torch, x: torch.outer(x, x) @ x,
    "sort": lambda torch, x: x.sort(descending=True)[0] * x,
    "cumsum": lambda torch, x: (x * x).cumsum(0),
    "norm": lambda torch, x: x / x.norm(),
    "index": lambda torch, x: x[torch.tensor([2, 0, 0])] ** 2,
    "slice": lambda torch, x: x[1:] * x[:-1],
    "cat": lambda torch, x: torch.cat([x, x.exp()]),
    "stack": lambda torch, x: torch.stack([x, x**2], 1).sum(0),
    "where": lambda torch, x: torch.where(x > 0.7, x**2, x),
    "clone in place": lambda torch, x: x.clone().mul_(2).add_(x),
    "flip": lambda torch, x: x.flip(0) * x,
    "roll": lambda torch, x: x.roll(1) * x,
    "tril": lambda torch, x: torch.outer(x, x).tril(),
    "logsumexp": lambda torch, x: x.logsumexp(0) * x,
    "max": lambda torch, x: x.max() * x,
    "var": lambda torch, x: x.var() * x,
    "prod": lambda torch, x: x.prod() * x,
    "einsum": lambda torch, x: torch.einsum("i,j->ij", x, x),
    "layer_norm": lambda torch, x: torch.nn.functional.layer_norm(x, (3,)),
    "gelu": lambda torch, x: torch.nn.functional.gelu(x),
    "diag": lambda torch, x: torch.diag(x) @ x,
    "repeat": lambda torch, x: x.repeat(2) ** 2,
    "pad": lambda torch, x: torch.nn.functional.pad(x, (1, 1)) ** 2,
}


def _mapped(step: Any) -> Any:
    return lambda torch: values(torch.vmap(lambda r: step(torch, r))(_x(torch)))


def _per_sample(step: Any) -> Any:
    def case(torch: Any) -> Any:
        g = torch.func.grad(lambda r: (step(torch, r) ** 2).sum())
        return values(torch.vmap(g)(_x(torch)))

    return case


def _jacobians(step: Any) -> Any:
    def case(torch: Any) -> Any:
        return values(torch.func.jacrev(lambda r: step(torch, r))(_x(torch)[0]))

    return case


CASES: dict[str, Callable[[Any], Any]] = {}
for _name, _step in _STEPS.items():
    CASES[f"vmap {_name}"] = _mapped(_step)
    CASES[f"vmap of grad {_name}"] = _per_sample(_step)
    CASES[f"jacrev {_name}"] = _jacobians(_step)


def case_in_dims_none(torch: Any) -> Any:
    x = _x(torch)
    return values(torch.vmap(lambda a, b: a * b, (0, None))(x, x[0]))


def case_in_dims_negative(torch: Any) -> Any:
    return values(torch.vmap(lambda a: a.sum(), -1)(_x(torch)))


def case_out_dims(torch: Any) -> Any:
    return values(torch.vmap(lambda a: a * 2, out_dims=1)(_x(torch)))


def case_nested_trees(torch: Any) -> Any:
    x = _x(torch)
    f = torch.vmap(lambda d: {"s": d["a"] + d["b"][0]}, ({"a": 0, "b": (None,)},))
    return values(f({"a": x, "b": (x[0],)})["s"])


def case_chunks(torch: Any) -> Any:
    return values(torch.vmap(lambda a: a.exp(), chunk_size=1)(_x(torch)))


def case_item_is_refused(torch: Any) -> Any:
    return raised(
        lambda: torch.vmap(lambda a: a.sum().item())(_x(torch)),
        "vmap: It looks like you're calling .item() on a Tensor",
    )


def case_branch_is_refused(torch: Any) -> Any:
    return raised(
        lambda: torch.vmap(lambda a: a if a.sum() > 0 else -a)(_x(torch)),
        "data-dependent control flow",
    )


def case_random_is_refused(torch: Any) -> Any:
    return raised(
        lambda: torch.vmap(lambda a: a + torch.rand(3))(_x(torch)),
        "called random operation while in randomness error mode",
    )


def case_sizes_differ(torch: Any) -> Any:
    x = _x(torch)
    return raised(
        lambda: torch.vmap(lambda a, b: a)(x, x.t()),
        "Expected all tensors to have the same size in the mapped dimension",
    )


def case_not_a_tensor(torch: Any) -> Any:
    return raised(lambda: torch.vmap(lambda a: 1)(_x(torch)), "must only return")


def case_in_place_on_shared(torch: Any) -> Any:
    y = torch.zeros(3, dtype=torch.float64)
    return raised(
        lambda: torch.vmap(lambda a: y.copy_(a))(_x(torch)),
        "vmap: inplace arithmetic(self, *extra_args) is not possible",
    )


def case_random_different(torch: Any) -> Any:
    torch.manual_seed(0)
    f = torch.vmap(lambda a: torch.rand(2), randomness="different")
    return values(f(_x(torch)))


def case_random_same(torch: Any) -> Any:
    torch.manual_seed(0)
    f = torch.vmap(lambda a: torch.randn(2), randomness="same")
    return values(f(_x(torch)))


def case_dropout_different(torch: Any) -> Any:
    torch.manual_seed(0)
    drop = torch.nn.functional.dropout
    return values(torch.vmap(drop, randomness="different")(_x(torch)))


def case_grad_of_grad(torch: Any) -> Any:
    f = torch.func.grad(torch.func.grad(torch.sin))
    return values(f(torch.tensor(0.5, dtype=torch.float64)))


def case_grad_of_vmap_of_grad(torch: Any) -> Any:
    inner = torch.vmap(torch.func.grad(lambda r: (r**3).sum()))
    return values(torch.func.grad(lambda x: inner(x).sum())(_x(torch)))


def case_grad_not_scalar(torch: Any) -> Any:
    return raised(lambda: torch.func.grad(torch.sin)(_x(torch)), "scalar Tensor")


def case_grad_in_no_grad(torch: Any) -> Any:
    with torch.no_grad():
        g = torch.func.grad(lambda x: (x**2).sum())(_x(torch))
    return [values(g), g.requires_grad]


def case_no_grad_in_grad(torch: Any) -> Any:
    def f(x: Any) -> Any:
        with torch.no_grad():
            c = x**2
        return (x - c).sum()

    return values(torch.func.grad(f)(_x(torch)))


def case_argnums(torch: Any) -> Any:
    g = torch.func.grad(lambda a, b: (a * b).sum(), argnums=(1, 0))
    return [values(t) for t in g(_x(torch), _x(torch) + 1)]


def case_vjp(torch: Any) -> Any:
    out, pull = torch.func.vjp(lambda x: x.sin(), _x(torch))
    return [values(out), values(pull(_x(torch))[0])]


def case_batched_gradients(torch: Any) -> Any:
    x = _x(torch)[0].requires_grad_()
    eye = torch.eye(3, dtype=torch.float64)
    return values(torch.autograd.grad(x**3, x, eye, is_grads_batched=True)[0])


def case_made_like(torch: Any) -> Any:
    def part(z: Any, x: Any) -> Any:
        z[:2] = x
        return z

    xs, out = torch.arange(6.0).reshape(3, 2), []
    for f in (
        lambda x: torch.zeros_like(x).copy_(x),
        lambda x: torch.ones_like(x).mul_(x),
        lambda x: torch.full_like(x, 2).add_(x),
        lambda x: part(x.new_zeros(3), x),
        lambda x: part(x.new_ones(3), x),
        lambda x: part(x.new_full((3,), 2.0), x),
        lambda x: part(x.new_empty(3).zero_(), x),
    ):
        out.append(values(torch.func.vmap(f)(xs)))
        g = torch.func.grad(lambda x, f=f: (f(x) ** 2).sum())
        out.append(values(torch.func.vmap(g)(xs)))
    return out


def case_written_to_zeros_in_gradients(torch: Any) -> Any:
    x, seeds, index = torch.ones(2), torch.arange(6.0).reshape(2, 3), [0, 2]

    def part(x: Any) -> Any:
        z = torch.zeros(3)
        z[:2] = x
        return z

    out = []
    for f in (
        lambda x: torch.zeros(3).scatter_add(0, torch.tensor(index), x),
        lambda x: torch.zeros(3).index_add_(0, torch.tensor(index), x * x),
        part,
    ):
        g = torch.func.grad(lambda x, c, f=f: (f(x) * c).sum())
        out.append(values(torch.func.vmap(lambda c, g=g: g(x, c))(seeds)))
    return out


def case_operands_of_different_ranks(torch: Any) -> Any:
    c, out = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64), []
    for f in (
        lambda a: a.dot(c) ** 2,
        lambda a: (a.sum() * c).sin().sum() * a.sum(),
        lambda a: torch.outer(a, c).mv(a).sin().sum(),
    ):
        inner = torch.func.vmap(torch.func.grad(f))
        out.append(
            values(torch.func.grad(lambda x, f=inner: (f(x) ** 2).sum())(_x(torch)))
        )
    return out


def case_stacked_numbers(torch: Any) -> Any:
    return [
        values(torch.func.vmap(lambda a, d=d: torch.stack([a[0], a[1]], d))(_x(torch)))
        for d in (0, -1)
    ]


def case_nonzero_static(torch: Any) -> Any:
    x = torch.tensor([[1.0, 0.0, 2.0], [0.0, 0.0, 3.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return values(torch.vmap(lambda t: torch.nonzero_static(t, size=2))(x))
