"""In-place changes of views: hooks, modes, higher orders, forward mode (section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance._snippet import facts, node_tree, raised, values
from conformance.autograd.views import CHANGED
from conformance.autograd.views import leaf as _leaf

if TYPE_CHECKING:
    from collections.abc import Callable


def case_retain_grad_before_in_place(torch: Any) -> Any:
    x = _leaf(torch, 3)
    y = x * 2
    y.retain_grad()
    y.mul_(3)
    (y * y).sum().backward()
    return [values(y.grad), values(x.grad), y.retains_grad]


def case_retain_grad_of_a_view(torch: Any) -> Any:
    x = _leaf(torch, 4)
    y = x * 2
    v = y[:2]
    v.retain_grad()
    y.retain_grad()
    v.mul_(3)
    (y * y).sum().backward()
    return [values(v.grad), values(y.grad), values(x.grad)]


def case_retain_grad_after_in_place(torch: Any) -> Any:
    x = _leaf(torch, 4)
    y = x * 2
    v = y[:2]
    v.mul_(3)
    v.retain_grad()
    y.retain_grad()
    ((y * y).sum() + (v * v).sum()).backward()
    return [values(v.grad), values(y.grad), values(x.grad)]


def case_hooks_of_a_view(torch: Any) -> Any:
    x = _leaf(torch, 4)
    y = x * 2
    v = y[:2]
    seen: list[Any] = []

    def hook(name: str) -> Callable[[Any], None]:
        return lambda g: seen.append([name, g.tolist()])

    v.register_hook(hook("view before"))
    y.register_hook(hook("base before"))
    v.mul_(3)
    v.register_hook(hook("view after"))
    y.register_hook(hook("base after"))
    ((y * y).sum() + v.sum()).backward()
    return [sorted(map(str, seen)), values(x.grad)]


def case_hook_that_replaces_through_in_place(torch: Any) -> Any:
    x = _leaf(torch, 3)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    y[1:].mul_(3)
    y.register_hook(lambda g: g + 1)
    y.sum().backward()
    return values(x.grad)


def case_inference_views(torch: Any) -> Any:
    with torch.inference_mode():
        a = torch.ones(4)
        v = a[:2]
        v.mul_(2)
        told = [v.is_inference(), v._is_view(), values(a)]
        w = v.clone()
    x = torch.ones(4, requires_grad=True)
    phrase = "Inplace update to inference tensor outside InferenceMode"
    return [
        *(told, raised(lambda: v._version, "version counter")),
        raised(lambda: v.mul_(2), phrase),
        raised(lambda: v[:1].add_(1), phrase),
        raised(lambda: v.mul_(x[:2]), phrase),
        values(w.clone().mul_(2)),
        raised(lambda: (x[:2] * v).sum(), "Inference tensors cannot be saved"),
        [facts(v[:1]), v[:1].is_inference(), facts(x[:2] + v)],
    ]


def case_view_made_in_inference_mode(torch: Any) -> Any:
    base = torch.ones(4)
    y = _leaf(torch, 4) * 1
    with torch.inference_mode():
        v, w = base[:2], y[:2]
        told = [v.is_inference(), w.is_inference(), facts(w), w._is_view()]
        v.add_(1)
    phrase = "inference mode"
    return [
        *(told, base._version, values(base), values(v.mul_(2))),
        raised(lambda: w.mul_(2), phrase),
        raised(lambda: w[:1].mul_(2)),
        facts(w),
        raised(lambda: (w * 2).sum()),
    ]


def case_normal_tensor_in_inference_mode(torch: Any) -> Any:
    x = _leaf(torch, 4)
    y = x * 1
    z = (y * y).sum()
    with torch.inference_mode():
        y[:2].mul_(2)
        told = [y.is_inference(), y._version, facts(y)]
        x.add_(1)
    return [*told, x._version, raised(z.backward, CHANGED), facts(x)]


def case_double_backward_through_copy_slices(torch: Any) -> Any:
    x = _leaf(torch, 4)
    y = x * x
    y[:2].mul_(x[2:])
    y.t().sin_()
    (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    (h,) = torch.autograd.grad((g * g).sum(), x, create_graph=True)
    (k,) = torch.autograd.grad(h.sum(), x)
    return [values(g), values(h), values(k)]


def case_change_of_a_gradient_with_a_graph(torch: Any) -> Any:
    x = _leaf(torch, 3)
    (g,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    g[1:].mul_(x[:2])
    (h,) = torch.autograd.grad(g.sum(), x)
    return [facts(g), values(g), values(h)]


def case_accumulated_gradient_as_a_view(torch: Any) -> Any:
    x = _leaf(torch, 3)
    grads = torch.zeros(6, dtype=torch.float64)
    x.grad = grads[:3]
    (x * x).sum().backward()
    (x * x).sum().backward()
    return [values(grads), grads._version, x.grad._base is grads]


def case_gradients_that_are_views(torch: Any) -> Any:
    x = _leaf(torch, 3)
    x.sum().backward()
    x.grad.add_(1)
    x.grad[0].mul_(5)
    y = _leaf(torch, 2, 2)
    y.expand(3, 2, 2).sum().backward()
    y.grad.t().add_(torch.ones(2, 2))
    return [values(x.grad), values(y.grad)]


def case_grad_of_an_overwritten_view(torch: Any) -> Any:
    x = _leaf(torch, 4)
    y = x * 1
    v = y[:2]
    y.zero_()
    y[2:] = x[:2]
    out = [facts(v), node_tree(v.grad_fn)]
    (y.sum() + v.sum()).backward()
    return [out, values(x.grad)]


def case_gradient_of_the_view_itself(torch: Any) -> Any:
    x = _leaf(torch, 4)
    y = x * 1
    v = y[:2]
    old = v.grad_fn
    v.mul_(3)
    s = (y * y).sum()
    grad = torch.autograd.grad
    return [
        values(grad(s, y, retain_graph=True)[0]),
        raised(lambda: grad(s, v, retain_graph=True), "not have been used in the"),
        values(grad((v * v).sum(), v, retain_graph=True)[0]),
        old is v.grad_fn,
    ]


def case_views_of_complex(torch: Any) -> Any:
    x = torch.tensor([1 + 2j, 3 - 1j], requires_grad=True)
    y = x * 1
    parts = torch.view_as_real(y)
    parts[:, 0].mul_(2)
    y.imag.add_(1)
    (y * y.conj()).real.sum().backward()
    told = [facts(parts), facts(y), node_tree(y.grad_fn)]
    return [told, y.tolist(), x.grad.tolist()]


def case_real_and_imag_in_place(torch: Any) -> Any:
    x = _leaf(torch, 2)
    z = torch.zeros(2, dtype=torch.complex128)
    z.real.copy_(x)
    z.imag.add_(x * 3)
    z.abs().sum().backward()
    return [facts(z), facts(z.real), z.tolist(), values(x.grad)]


def case_duals_and_views(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    with fw.dual_level():
        x = fw.make_dual(torch.arange(1.0, 5.0), torch.ones(4))
        y = x * 1
        y[:2].mul_(3)
        v = y[1:]
        y.t().add_(x)
        out = [
            [t.tolist() for t in fw.unpack_dual(a)] for a in (y, v, y.detach(), y[0])
        ]
        y.detach().mul_(2)
        return [*out, [t.tolist() for t in fw.unpack_dual(y)]]


def case_duals_into_plain_memory(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    with fw.dual_level():
        x = fw.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([10.0, 20.0]))
        base = torch.zeros(2, 2)
        early = base[1]
        base[0] = x
        base[:, 1].mul_(x)
        base[1].copy_(x * 2)

        def told(t: Any) -> Any:
            primal, tangent = fw.unpack_dual(t)
            return [primal.tolist(), None if tangent is None else tangent.tolist()]

        return [told(base), told(early), told(base.view(-1)[1:3])]


def case_duals_recorded_in_place(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    x = _leaf(torch, 4)
    with fw.dual_level():
        d = fw.make_dual(x, torch.ones(4, dtype=torch.float64))
        y = d * d
        y[:2].mul_(d[2:])
        y[2:] = y[:2].exp()
        primal, tangent = fw.unpack_dual(y)
        (g,) = torch.autograd.grad(primal.sum(), x, retain_graph=True)
        (h,) = torch.autograd.grad(tangent.sum(), x)
    return [values(primal), values(tangent), values(g), values(h)]


def case_dual_of_a_view(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    with fw.dual_level():
        base = torch.arange(4.0)
        d = fw.make_dual(base[:2], torch.tensor([1.0, 2.0]))
        told = [d._is_view(), fw.unpack_dual(base)[1] is None]
        d.mul_(2)
        out = [t.tolist() for t in fw.unpack_dual(d)]
        return [told, out, base.tolist()]


def case_backward_in_the_middle(torch: Any) -> Any:
    x = _leaf(torch, 3)
    y = x * 1
    y[:2].mul_(2)
    y.sum().backward()
    y[1:].add_(x[1:])
    y.sum().backward()
    return [values(x.grad), node_tree(y.grad_fn)]


def case_freed_copy_slices(torch: Any) -> Any:
    x = _leaf(torch, 3)
    y = x * 1
    y[:2].mul_(x[:2])
    y.sum().backward()
    return raised(y.sum().backward, "backward through the graph a second time")


def case_checked_inside_copy_slices(torch: Any) -> Any:
    x = _leaf(torch, 3)
    w = torch.ones(2, dtype=torch.float64)
    y = x * 1
    y[:2].mul_(w)
    w.add_(1)
    return raised(y.sum().backward, CHANGED)


def case_untracked_parts(torch: Any) -> Any:
    x = _leaf(torch, 3)
    y = x * 1
    y[0] = 7.0
    y[1].copy_(torch.tensor(5.0))
    z = y[:2]
    told = [facts(z), facts(y)]
    y.backward(torch.ones(3, dtype=torch.float64))
    return [told, values(x.grad)]


def case_in_place_names_on_a_view(torch: Any) -> Any:
    y = _leaf(torch, 2, 2) * 1
    y[0].mul_(2)
    node = y.grad_fn
    children = [type(f).__name__ for f, _ in node.next_functions if f is not None]
    return [
        *(node.name(), type(node).__name__, len(node.next_functions)),
        *(children, facts(y[0]), type(y.t().grad_fn).__name__),
    ]


def case_requires_grad_taken_from_a_view(torch: Any) -> Any:
    base = torch.zeros(4)
    v = base[:2].requires_grad_()

    def off(t: Any) -> Any:
        t.requires_grad = False
        return t.requires_grad

    y = _leaf(torch, 4) * 1
    return [
        raised(lambda: off(v)),
        facts(v),
        raised(lambda: off(y[:2]), "you can only change requires_grad flags of leaf"),
        raised(lambda: y[:2].requires_grad_(False)),
        facts(y[:2].requires_grad_()),
    ]


def case_type_of_a_view(torch: Any) -> Any:
    x = _leaf(torch, 4)
    y = x * 1
    same, other = y[:2].double(), y[:2].float()
    other.mul_(2)
    return [same._is_view(), other._is_view(), facts(same), facts(other), y._version]


def case_contiguous_of_a_view(torch: Any) -> Any:
    y = _leaf(torch, 2, 3) * 1
    same, copy = y[:1].contiguous(), y.t().contiguous()
    copy.mul_(2)
    same.mul_(2)
    flat = y.t().reshape(-1)
    return [
        *(same._is_view(), copy._is_view(), flat._is_view(), y._version),
        *(facts(same), facts(copy), facts(flat), facts(y)),
    ]
