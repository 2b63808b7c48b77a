"""Views and in-place operations in combination (section 4 of the semantics)."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from conformance._snippet import facts, node_tree, raised, values

if TYPE_CHECKING:
    from collections.abc import Callable

CHANGED = "has been modified by an inplace operation"
LEAF_VIEW = "a view of a leaf variable that requires grad is being used in an in-place"
IS_VIEW = "is a view and is being modified inplace"


def leaf(torch: Any, *shape: int) -> Any:
    n = 1
    for size in shape:
        n *= size
    data = torch.arange(1.0, n + 1, dtype=torch.float64)
    return data.reshape(shape).requires_grad_()


def _through(view: Callable[[Any], Any], *shape: int) -> Callable[[Any], Any]:
    """Make a case: change a view of something computed, look at everything."""

    def case(torch: Any) -> Any:
        x = leaf(torch, *shape)
        y = x * 1
        v = view(y)
        before = node_tree(v.grad_fn)
        v.mul_(3)
        again = view(y)
        again.add_(x.sum())
        (y * y).sum().backward()
        return [
            *(before, node_tree(v.grad_fn), node_tree(y.grad_fn)),
            *(v._version, y._version, v._is_view(), v._base is y),
            *(values(v), values(y), values(x.grad)),
        ]

    return case


CASES = {
    f"through_{name}": _through(view, *shape)
    for name, view, shape in [
        ("select", lambda y: y[1], (2, 3)),
        ("slice", lambda y: y[1:], (3, 2)),
        ("slice_steps", lambda y: y[::2, 1:], (3, 2)),
        ("narrow", lambda y: y.narrow(1, 0, 2), (2, 3)),
        ("transpose", lambda y: y.transpose(0, 1), (2, 3)),
        ("t", lambda y: y.t(), (2, 3)),
        ("mT", lambda y: y.mT, (2, 3)),
        ("permute", lambda y: y.permute(2, 0, 1), (2, 1, 3)),
        ("movedim", lambda y: y.movedim(0, 1), (2, 3)),
        ("diagonal", lambda y: y.diagonal(), (3, 3)),
        ("diagonal_offset", lambda y: y.diagonal(1), (2, 3)),
        ("as_strided", lambda y: y.as_strided((2, 2), (3, 1), 1), (3, 3)),
        ("view", lambda y: y.view(-1), (2, 3)),
        ("view_as", lambda y: y.view_as(y), (2, 3)),
        ("reshape", lambda y: y.reshape(3, 2), (2, 3)),
        ("flatten", lambda y: y.flatten(), (2, 3)),
        ("unflatten", lambda y: y.unflatten(0, (2, 2)), (4,)),
        ("squeeze", lambda y: y.squeeze(), (2, 1, 3)),
        ("squeeze_dim", lambda y: y.squeeze(1), (2, 1, 3)),
        ("unsqueeze", lambda y: y.unsqueeze(1), (2, 3)),
        ("none_index", lambda y: y[None], (2, 3)),
        ("ellipsis", lambda y: y[..., 0], (2, 3)),
        ("expand_same", lambda y: y.expand(2, 3), (2, 3)),
        ("unfold", lambda y: y.unfold(0, 2, 2), (4,)),
        ("chain", lambda y: y.t()[1:].diagonal(), (3, 3)),
        ("chain_of_view", lambda y: y.view(3, 2)[:, 1].view(1, 3), (2, 3)),
        ("swapaxes", lambda y: y.swapaxes(0, 1), (2, 3)),
        ("alias", lambda y: y[:], (2, 3)),
    ]
}


def _with_operation(act: Callable[[Any, Any, Any], object]) -> Callable[[Any], Any]:
    """Make a case: an in-place operation on a slice of something computed."""

    def case(torch: Any) -> Any:
        x = leaf(torch, 3, 2)
        y = x * 1
        v = y[1:]
        act(torch, v, x)
        seeds = torch.arange(1.0, 7.0, dtype=torch.float64).reshape(3, 2)
        (y * seeds).sum().backward()
        return [
            *(node_tree(y.grad_fn), node_tree(v.grad_fn), y._version),
            *(values(y), values(x.grad)),
        ]

    return case


def _mask(torch: Any) -> Any:
    return torch.tensor([[True, False], [False, True]])


def _index(torch: Any, *rows: int) -> Any:
    return torch.tensor(rows)


CASES |= {
    f"operation_{name}": _with_operation(act)
    for name, act in [
        ("fill", lambda torch, v, x: v.fill_(5)),
        ("fill_tracked", lambda torch, v, x: v.fill_(x.sum())),
        ("zero", lambda torch, v, x: v.zero_()),
        ("copy", lambda torch, v, x: v.copy_(x[:2] * 2)),
        ("copy_broadcast", lambda torch, v, x: v.copy_(x[0])),
        ("copy_untracked", lambda torch, v, x: v.copy_(x.detach()[:2])),
        ("copy_other_dtype", lambda torch, v, x: v.copy_(x[:2].float())),
        ("copy_of_itself", lambda torch, v, x: v.copy_(v)),
        ("copy_across", lambda torch, v, x: v[0].copy_(v[1])),
        ("masked_fill", lambda torch, v, x: v.masked_fill_(_mask(torch), 7.0)),
        (
            "masked_fill_tracked",
            lambda torch, v, x: v.masked_fill_(_mask(torch), x.sum()),
        ),
        (
            "masked_scatter",
            lambda torch, v, x: v.masked_scatter_(_mask(torch), x[0] * 2),
        ),
        (
            "index_put",
            lambda torch, v, x: v.index_put_((_index(torch, 1),), x[:1] * 2),
        ),
        (
            "index_put_accumulate",
            lambda torch, v, x: v.index_put_(
                (_index(torch, 1, 1, 0),), x * 2, accumulate=True
            ),
        ),
        (
            "index_fill",
            lambda torch, v, x: v.index_fill_(1, _index(torch, 0), 2.0),
        ),
        (
            "index_copy",
            lambda torch, v, x: v.index_copy_(0, _index(torch, 1, 0), x[:2]),
        ),
        (
            "index_add",
            lambda torch, v, x: v.index_add_(0, _index(torch, 1, 1), x[:2], alpha=2),
        ),
        (
            "scatter",
            lambda torch, v, x: v.scatter_(0, _index(torch, 1, 0)[None], x[:1]),
        ),
        (
            "scatter_number",
            lambda torch, v, x: v.scatter_(0, _index(torch, 1, 0)[None], 3.0),
        ),
        (
            "scatter_add",
            lambda torch, v, x: v.scatter_add_(0, _index(torch, 1, 0)[None], x[:1]),
        ),
        ("assign", lambda torch, v, x: v.__setitem__((0, 1), x[2, 1])),
        ("assign_mask", lambda torch, v, x: v.__setitem__(v > 4, 0.0)),
        (
            "assign_rows",
            lambda torch, v, x: v.__setitem__(_index(torch, 1), x[0]),
        ),
        ("add", lambda torch, v, x: v.add_(x[:2], alpha=3)),
        ("mul_itself", lambda torch, v, x: v.mul_(v)),
        ("exp", lambda torch, v, x: v.exp_()),
        ("sigmoid", lambda torch, v, x: v.sigmoid_()),
        ("relu", lambda torch, v, x: v.relu_()),
        ("clamp", lambda torch, v, x: v.clamp_(2, 4.5)),
        ("pow", lambda torch, v, x: v.pow_(2)),
        ("addcmul", lambda torch, v, x: v.addcmul_(x[:2], x[1:], value=2)),
        ("addmm", lambda torch, v, x: v.addmm_(x[:2], x[1:])),
        ("lerp", lambda torch, v, x: v.lerp_(x[:2], 0.25)),
        ("cumsum", lambda torch, v, x: v.cumsum_(0)),
        ("neg", lambda torch, v, x: v.neg_()),
        ("tril", lambda torch, v, x: v.tril_()),
        ("fill_diagonal", lambda torch, v, x: v.fill_diagonal_(9.0)),
        ("floor", lambda torch, v, x: v.floor_()),
        ("sub_view_of_itself", lambda torch, v, x: v.sub_(v[0].clone())),
        ("out_of_data", lambda torch, v, x: v.data.mul_(10)),
        ("detached", lambda torch, v, x: v.detach().mul_(10)),
        ("t_in_place", lambda torch, v, x: v.t_().mul_(2)),
        ("unsqueeze_in_place", lambda torch, v, x: v.unsqueeze_(0).mul_(2)),
        ("squeeze_in_place", lambda torch, v, x: v.squeeze_().mul_(2)),
        ("transpose_in_place", lambda torch, v, x: v.transpose_(0, 1).mul_(2)),
        (
            "as_strided_in_place",
            lambda torch, v, x: v.as_strided_((2,), (1,), 2).mul_(2),
        ),
    ]
}


def case_view_ofleaf(torch: Any) -> Any:
    x = leaf(torch, 2, 3)
    views = [
        *(x[0], x[:, 1:], x.t(), x.diagonal(), x.view(-1), x.view(6)[2:]),
        *(x.as_strided((2,), (1,), 1), x.expand(1, 2, 3), x.unsqueeze(0)),
    ]
    return [
        [facts(v) for v in views],
        [raised(lambda v=v: v.mul_(2), LEAF_VIEW) for v in views],
        [raised(lambda v=v: v.copy_(v.detach()), LEAF_VIEW) for v in views],
        [x._version, facts(x)],
    ]


def case_view_of_leaf_without_recording(torch: Any) -> Any:
    x = leaf(torch, 2, 3)
    v = x[0]
    with torch.no_grad():
        v.mul_(2)
        x[1].zero_()
    v.sum().backward()
    return [x._version, v._version, facts(v), values(x), values(x.grad)]


def case_view_made_before_requires_grad(torch: Any) -> Any:
    x = torch.ones(2, 3)
    v = x[0]
    x.requires_grad_()
    told = [facts(v), v._is_view(), v._base is x]
    return [
        told,
        raised(lambda: v.mul_(2), LEAF_VIEW),
        raised(lambda: v.requires_grad_()),
        facts(v),
        facts(x[0]),
    ]


def case_requires_grad_of_a_view_then_change_the_base(torch: Any) -> Any:
    base = torch.zeros(4)
    v = base[:2].requires_grad_()
    w = base[2:]
    base.add_(1)
    w.mul_(2)
    return [
        *(facts(base), facts(v), facts(w), values(base)),
        raised(lambda: v.mul_(2), "leaf"),
    ]


def case_tracked_into_base_of_untracked_view(torch: Any) -> Any:
    x = leaf(torch, 2)
    base = torch.zeros(4, dtype=torch.float64)
    v, w = base[:2], base[2:]
    v.copy_(x)
    told = [facts(base), facts(v), facts(w)]
    w.add_(v)
    (base * base).sum().backward()
    return [told, facts(w), node_tree(w.grad_fn), values(base), values(x.grad)]


def case_untracked_view_sees_the_bases_history(torch: Any) -> Any:
    x = leaf(torch, 3)
    base = torch.zeros(3, dtype=torch.float64)
    v = base[1:]
    before = facts(v)
    base.mul_(x)
    base.add_(x)
    (v * v).sum().backward()
    return [before, facts(v), node_tree(v.grad_fn), values(x.grad)]


def case_view_made_in_no_grad_of_untracked(torch: Any) -> Any:
    base = torch.zeros(4, dtype=torch.float64)
    with torch.no_grad():
        v = base[:2]
    phrase = "a view was created in no_grad mode and is being modified inplace"
    x = leaf(torch, 2)
    told = [v._is_view(), v._base is base]
    return [told, values(v.add_(1)), raised(lambda: v.add_(x), phrase)]


def case_view_made_in_no_grad_then_base_changes(torch: Any) -> Any:
    x = leaf(torch, 4)
    y = x * 1
    with torch.no_grad():
        v = y[:2]
    told = [facts(v), v._base is y]
    y.mul_(2)
    phrase = "a view was created in no_grad mode and its base or another view"
    return [
        *(told, v.requires_grad, v._version),
        raised(lambda: v.grad_fn, phrase),
        raised(lambda: v.mul_(2)),
        raised(lambda: (v * 2).sum()),
    ]


def case_view_made_in_no_grad_changed_in_no_grad(torch: Any) -> Any:
    x = leaf(torch, 4)
    y = x * 1
    z = (y * y).sum()
    with torch.no_grad():
        y[:2].mul_(2)
    w = (x * 1).requires_grad_()
    with torch.no_grad():
        w[:2].mul_(2)
    w.sum().backward()
    return [facts(y), y._version, raised(z.backward, CHANGED), values(x.grad)]


def case_view_in_no_grad_of_a_view_in_grad(torch: Any) -> Any:
    y = leaf(torch, 2, 2) * 1
    v = y[0]
    with torch.no_grad():
        w = v[:1]
    u = w[:]
    return [
        [facts(t) for t in (v, w, u)],
        [t._base is y for t in (v, w, u)],
        raised(lambda: w.mul_(2), "a view was created in no_grad mode"),
        raised(lambda: u.mul_(2)),
        facts(v.mul_(2)),
    ]


def case_split_refused(torch: Any) -> Any:
    y = leaf(torch, 4) * 1
    parts = [
        *(y.split(2), y.split([1, 3]), y.chunk(2), y.unbind()),
        *(y.tensor_split(2), y.view(2, 2).unbind(1), tuple(y)),
    ]
    return [
        [[facts(t), t._is_view(), t._base is y] for part in parts for t in part],
        [raised(lambda t=part[1]: t.mul_(2), IS_VIEW) for part in parts],
        [raised(lambda t=part[0]: t.zero_(), IS_VIEW) for part in parts],
    ]


def case_view_of_split_refused(torch: Any) -> Any:
    y = leaf(torch, 4) * 1
    first = y.split(2)[0]
    return [
        raised(lambda: first[:1].mul_(2), IS_VIEW),
        raised(lambda: first.view(2, 1).mul_(2), IS_VIEW),
        raised(lambda: first.detach().mul_(2)),
        y._version,
    ]


def case_split_then_base_changes(torch: Any) -> Any:
    x = leaf(torch, 4)
    y = x * 1
    a, b = y.split(2)
    y.mul_(2)
    return [
        raised(lambda: facts(a)),
        raised(lambda: (a * b).sum()),
        y._version,
    ]


def case_split_of_untracked(torch: Any) -> Any:
    base = torch.zeros(4, dtype=torch.float64)
    a, b = base.split(2)
    a.add_(1)
    told = values(base)
    x = leaf(torch, 2)
    return [told, facts(b), raised(lambda: b.add_(x))]


def case_split_in_no_grad(torch: Any) -> Any:
    x = leaf(torch, 4)
    with torch.no_grad():
        a, _ = x.split(2)
        a.mul_(2)
    y = x * 1
    with torch.no_grad():
        c, _ = y.chunk(2)
    return [values(x), raised(lambda: c.mul_(2)), raised(lambda: c[:1].mul_(2))]


def case_split_copies(torch: Any) -> Any:
    x = leaf(torch, 4)
    a, b = x.split(2)
    c = a.clone().mul_(2) + b.clone().add_(1)
    (c * c).sum().backward()
    return [node_tree(c.grad_fn), values(x.grad)]


def case_two_live_views(torch: Any) -> Any:
    x = leaf(torch, 4)
    y = x * 1
    a, b = y[:3], y[1:]
    a.mul_(2)
    b.mul_(3)
    a.add_(b)
    told = [node_tree(t.grad_fn) for t in (a, b, y)]
    (a * b).sum().backward()
    return [told, values(y), values(x.grad), [t._version for t in (a, b, y)]]


def case_sibling_regenerates_once(torch: Any) -> Any:
    y = leaf(torch, 4) * 1
    a, b = y[:2], y[2:]
    first = b.grad_fn
    a.mul_(2)
    second = b.grad_fn
    third = b.grad_fn
    a.mul_(2)
    return [
        *(type(first).__name__, type(second).__name__),
        *(first is second, second is third, b.grad_fn is third),
        *(type(b.grad_fn).__name__, type(a.grad_fn).__name__),
    ]


def case_view_keeps_the_base_alive(torch: Any) -> Any:
    x = leaf(torch, 4)

    def make() -> Any:
        y = x * 2
        return y[:2]

    v = make()
    gc.collect()
    v.mul_(3)
    told = [values(v._base), facts(v._base), facts(v)]
    v._base.sum().backward()
    return [told, values(x.grad)]


def case_changed_before_and_after_a_use(torch: Any) -> Any:
    x = leaf(torch, 4)
    y = x * 1
    y[:2].mul_(2)
    early = y.sum()
    y[1:].mul_(3)
    late = y.sum()
    (early * 10 + late).backward()
    return [values(x.grad), values(early), values(late)]


def case_saved_view_changed_through_the_base(torch: Any) -> Any:
    y = leaf(torch, 4) * 1
    v = y[:2]
    z = (v * v).sum()
    y[3:].mul_(2)
    return raised(z.backward, CHANGED)


def case_saved_base_changed_through_a_far_view(torch: Any) -> Any:
    y = leaf(torch, 2, 2) * 1
    z = y.exp()
    z.t()[0].view(2, 1).mul_(2)
    w = y.sin()
    y.detach()[0].add_(1)
    return [raised(z.sum().backward, CHANGED), raised(w.sum().backward, CHANGED)]


def case_own_result_saved_on_a_view(torch: Any) -> Any:
    x = leaf(torch, 4)
    y = x * 1
    v = y[:2]
    v.exp_()
    y[2:].add_(1)
    return raised(y.sum().backward, CHANGED)


def case_unchanged_since_nothing_was_saved(torch: Any) -> Any:
    x = leaf(torch, 4)
    y = x * 1
    z = y[:2] + y[2:]
    y[0].add_(5)
    y.t().mul_(2)
    (z.sum() + y.sum()).backward()
    return values(x.grad)


def case_swapping_halves(torch: Any) -> Any:
    x = leaf(torch, 4)
    y = x * 1
    kept = y[:2].clone()
    y[:2] = y[2:]
    y[2:] = kept
    (y * torch.arange(4.0, dtype=torch.float64)).sum().backward()
    return [values(y), values(x.grad), y._version]


def case_loop_of_assignments(torch: Any) -> Any:
    x = leaf(torch, 3)
    out = torch.zeros(4, 3, dtype=torch.float64)
    out[0] = x
    for k in range(1, 4):
        out[k] = out[k - 1].clone() * x
    out[:, 1].pow_(2)
    out.sum().backward()
    return [values(out), values(x.grad), out._version, node_tree(out.grad_fn, 3)]


def case_expanded_views_refused(torch: Any) -> Any:
    y = leaf(torch, 3, 1) * 1
    wide = y.expand(3, 4)
    phrase = "more than one element of the written-to tensor refers to a single memory"
    return [
        raised(lambda: wide.mul_(2), phrase),
        raised(lambda: wide.t().add_(1), phrase),
        raised(lambda: wide[0].copy_(torch.arange(4.0)), phrase),
        raised(lambda: wide.masked_fill_(torch.ones(3, 4) > 0, 1.0), phrase),
        raised(lambda: wide.index_fill_(0, torch.tensor([0]), 1.0)),
        raised(lambda: wide.zero_()),
        raised(lambda: wide.fill_(1.0)),
        raised(lambda: wide[:, 0].mul_(2).shape),
        facts(wide),
    ]


def case_overlapping_strides_refused(torch: Any) -> Any:
    y = leaf(torch, 4) * 1
    phrase = "more than one element of the written-to tensor refers to a single memory"
    flat = y.as_strided((2, 3), (0, 1))
    windows = y.as_strided((3, 2), (1, 1))
    unfolded = y.unfold(0, 2, 1)
    return [
        raised(lambda: flat.mul_(2), phrase),
        raised(lambda: values(windows.mul_(2))),
        raised(lambda: values(unfolded.mul_(2))),
    ]


def case_partly_overlapping_operands(torch: Any) -> Any:
    y = leaf(torch, 4) * 1
    phrase = "unsupported operation: some elements of the input tensor and the written"
    return [
        raised(lambda: y[1:].mul_(y[:-1]), phrase),
        raised(lambda: y[:2].mul_(y[1:3]), phrase),
        values(y[:2].mul_(y[2:])),
        values(y[1:].mul_(y[1:])),
    ]


def case_detached_views(torch: Any) -> Any:
    x = leaf(torch, 4)
    y = x * 1
    d = y.detach()
    told = [d._is_view(), d._base is None, facts(d)]
    d[:2].mul_(2)
    e = y[1:].detach()
    e.add_(1)
    return [
        *(told, e._is_view(), [t._version for t in (y, d, e)]),
        *(facts(y), values(y), y.data._version, y.data._is_view()),
    ]


def case_detach_in_place(torch: Any) -> Any:
    y = leaf(torch, 4) * 1
    v = y[:2]
    phrase = "Can't detach views in-place"
    out = [raised(lambda: v.detach_(), phrase), facts(v)]
    z = leaf(torch, 4) * 1
    z.detach_()
    w = z[:2]
    w.detach_()
    parts = (leaf(torch, 4) * 1).split(2)
    return [*out, facts(z), facts(w), raised(lambda: parts[0].detach_())]


def case_detach_in_place_of_the_base(torch: Any) -> Any:
    x = leaf(torch, 4)
    y = x * 1
    v = y[:2]
    y.detach_()
    told = [facts(y), facts(v)]
    v.sum().backward()
    return [told, values(x.grad)]


def case_versions_are_shared(torch: Any) -> Any:
    x = torch.zeros(2, 3)
    views = [x[0], x.t(), x.view(-1), x.detach(), x.data, x[0].detach(), x.clone()]
    x.add_(1)
    seen = [[t._version for t in views]]
    for t in views:
        t.add_(1)
        seen.append([x._version, t._version])
    torch.autograd.graph.increment_version(views[0])
    return [*seen, x._version, views[1]._version]


def case_data_assigned(torch: Any) -> Any:
    x = leaf(torch, 3)
    y = x * x
    x.data = torch.ones(3, dtype=torch.float64) * 5
    told = [x._version, x.is_leaf, values(x)]
    y.sum().backward()
    x.data[0] = 9
    return [*told, values(x.grad), x._version, values(x)]


def case_set_and_resize(torch: Any) -> Any:
    x = torch.zeros(4)
    v = x[:2]
    source = torch.ones(2, 2)
    v.set_(source)
    out = [values(v), values(x)]
    v.add_(1)
    out.append(values(source))
    y = torch.arange(4.0)
    y.resize_(2, 2)
    x = leaf(torch, 4)
    return [
        *(out, values(y), y._version),
        raised(lambda: x.resize_(2)),
        raised(lambda: (x * 1).resize_(2, 2)),
        raised(lambda: x.set_(source.double())),
    ]


def case_swap_by_python(torch: Any) -> Any:
    x = leaf(torch, 2)
    a, b = x * 1, x * 2
    a, b = b, a
    a[0], b[0] = b[0].clone(), a[0].clone()
    (a * torch.tensor([1.0, 10.0], dtype=torch.float64) + b * 100).sum().backward()
    return [values(a), values(b), values(x.grad)]


def case_dirty_view_in_a_function(torch: Any) -> Any:
    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2

    x = leaf(torch, 4)
    y = x * 1
    v = y[:2]
    same = Twice.apply(v)
    told = [same is v, facts(v), facts(y), node_tree(y.grad_fn), y._version]
    y.sum().backward()
    whole = x * 1
    again = Twice.apply(whole)
    return [
        *(told, values(y), values(x.grad)),
        *(again is whole, facts(whole), whole._version),
        raised(lambda: Twice.apply(x), "leaf"),
        raised(lambda: Twice.apply(x[:2]), "leaf"),
        raised(lambda: Twice.apply(whole.split(2)[0])),
    ]


def case_not_marked_dirty(torch: Any) -> Any:
    class Forgot(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.mul_(2)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2

    y = leaf(torch, 4) * 1
    out = Forgot.apply(y)
    return [out is y, facts(out), facts(y), y._version, values(y)]


def case_view_returned_by_a_function(torch: Any) -> Any:
    class Part(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x[:2]

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return torch.cat([g, torch.zeros_like(g)])

    class Same(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g

    y = leaf(torch, 4) * 1
    part, same = Part.apply(y), Same.apply(y)
    return [
        *(facts(part), part._is_view(), part._base is y),
        *(facts(same), same._is_view(), same is y),
        raised(lambda: part.mul_(2), IS_VIEW),
        raised(lambda: same.mul_(2), IS_VIEW),
        raised(lambda: part[:1].mul_(2), IS_VIEW),
    ]
