"""Forward mode: forward_ad, func.jvp, jacfwd, linearize (section 9)."""

from __future__ import annotations

from typing import Any

from conformance._snippet import facts, raised, values


def _f64(torch: Any, *numbers: float) -> Any:
    return torch.tensor(numbers, dtype=torch.float64)


def _pair(torch: Any) -> tuple[Any, Any]:
    return _f64(torch, 1.0, 2.0), _f64(torch, 1.0, 0.5)


def _dual(torch: Any) -> Any:
    return torch.autograd.forward_ad.make_dual(*_pair(torch))


def _tangent(torch: Any, t: Any) -> Any:
    return values(torch.autograd.forward_ad.unpack_dual(t).tangent)


def _inside(body: Any) -> Any:
    """A case that runs inside a level, on a dual tensor."""

    def case(torch: Any) -> Any:
        with torch.autograd.forward_ad.dual_level():
            return body(torch, _dual(torch))

    return case


# --- levels -----------------------------------------------------------------------


def case_no_level(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    return raised(lambda: fw.make_dual(*_pair(torch)), "no level exists")


def case_unpack_without_a_level(torch: Any) -> Any:
    x = _f64(torch, 1.0)
    primal, tangent = torch.autograd.forward_ad.unpack_dual(x)
    return [primal is x, tangent]


def case_nested_levels(torch: Any) -> Any:
    fw = torch.autograd.forward_ad

    def nest() -> None:
        with fw.dual_level(), fw.dual_level():
            pass

    found = raised(nest, "Nested forward mode AD is not supported")
    return [found, fw._current_level]


def case_exit_without_a_level(torch: Any) -> Any:
    return raised(torch.autograd.forward_ad.exit_dual_level, "must be a positive")


def case_exit_of_another_level(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    level = fw.enter_dual_level()
    found = raised(lambda: fw.exit_dual_level(level=level + 1), "was not the last one")
    fw.exit_dual_level(level=level)
    return [level, found, fw._current_level]


def case_level_as_decorator(torch: Any) -> Any:
    fw = torch.autograd.forward_ad

    @fw.dual_level()
    def slope() -> Any:
        return _tangent(torch, _dual(torch) ** 2)

    return slope()


def case_tangents_end_with_the_level(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    with fw.dual_level():
        d = _dual(torch)
        y = d * 2
    with fw.dual_level():
        return [_tangent(torch, d), _tangent(torch, y), _tangent(torch, y * 2)]


# --- making -----------------------------------------------------------------------


def case_integer_primal(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    with fw.dual_level():
        return raised(
            lambda: fw.make_dual(torch.tensor([1]), torch.tensor([1.0])),
            "Expected primal to be floating point or complex",
        )


def case_integer_tangent(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    with fw.dual_level():
        return raised(
            lambda: fw.make_dual(torch.tensor([1.0]), torch.tensor([1])),
            "Expected tangent to be floating point or complex",
        )


def case_tangent_of_another_shape(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    with fw.dual_level():
        return raised(
            lambda: fw.make_dual(torch.ones(2), torch.ones(3)), "different size than"
        )


def case_not_a_tensor(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    with fw.dual_level():
        return [
            raised(lambda: fw.make_dual(1.0, torch.ones(1))),
            raised(lambda: fw.make_dual(torch.ones(1), 1.0)),
            raised(lambda: fw.unpack_dual(3), "must be Tensor, not int"),
        ]


def case_dual_of_a_dual(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    with fw.dual_level():
        d = _dual(torch)
        return raised(
            lambda: fw.make_dual(d, torch.ones_like(d)),
            "already has a forward gradient at the same level",
        )


def case_place_in_the_graph(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    x, t = _pair(torch)
    x.requires_grad_()
    with fw.dual_level():
        d = fw.make_dual(x, t)
        primal, tangent = fw.unpack_dual(d)
        return [
            facts(d),
            d._is_view(),
            d._base is x,
            primal._is_view(),
            primal.requires_grad,
            tangent is t,
            primal is x,
            primal.data_ptr() == x.data_ptr(),
        ]


def case_unpacked_has_names(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    with fw.dual_level():
        made = fw.unpack_dual(_dual(torch))
        return [type(made).__name__, made._fields, values(made.primal)]


# --- what has a tangent -----------------------------------------------------------

_EXPRESSIONS = {
    "detach": lambda torch, d: d.detach(),
    "data": lambda torch, d: d.data,
    "comparison": lambda torch, d: d > 1,
    "integers": lambda torch, d: d.long(),
    "zeros_like": lambda torch, d: torch.zeros_like(d),
    "clone": lambda torch, d: d.clone(),
    "sign": lambda torch, d: torch.sign(d),
    "floor": lambda torch, d: torch.floor(d),
    "round": lambda torch, d: d.round(),
    "argmax": lambda torch, d: d.argmax(),
    "sorted": lambda torch, d: d.sort(descending=True)[0],
    "sorting": lambda torch, d: d.sort()[1],
    "max": lambda torch, d: d.max(0)[0],
    "maximum of equals": lambda torch, d: torch.maximum(d, d * 1),
    "abs at zero": lambda torch, d: (d - d).abs(),
    "clamp at its bound": lambda torch, d: d.clamp(1.0, 1.5),
    "relu at zero": lambda torch, d: torch.relu(d - 1),
    "norm": lambda torch, d: d.norm(),
    "power by itself": lambda torch, d: d**d,
    "where": lambda torch, d: torch.where(d > 1, d * 3, d * 5),
    "stack with a constant": lambda torch, d: torch.stack([d, torch.ones_like(d)]),
    "constant": lambda torch, d: torch.ones(2) + 1,
    "product": lambda torch, d: d @ d,
    "outer": lambda torch, d: torch.outer(d, d.exp()),
    "cumulative product": lambda torch, d: d.cumprod(0),
    "softmax": lambda torch, d: d.softmax(0),
    "log of softmax": lambda torch, d: torch.nn.functional.log_softmax(d, 0),
    "item": lambda torch, d: torch.ones(1) * d[0].item(),
    "indexed": lambda torch, d: d[torch.tensor([1, 1, 0])],
    "float32": lambda torch, d: d.float(),
    "expanded": lambda torch, d: d.expand(2, 2),
    "mean": lambda torch, d: d.mean(),
    "variance": lambda torch, d: d.var(),
    "fresh by number": lambda torch, d: torch.full_like(d, 3.0) * d,
    "new zeros": lambda torch, d: d.new_zeros(2) + d,
}


def _expression(f: Any) -> Any:
    return _inside(lambda torch, d: _tangent(torch, f(torch, d)))


CASES = {f"tangent of {name}": _expression(f) for name, f in _EXPRESSIONS.items()}


# --- in place ---------------------------------------------------------------------


def case_in_place_changes_what_was_given(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    x, t = _pair(torch)
    with fw.dual_level():
        d = fw.make_dual(x, t)
        d.mul_(3)
        found = _tangent(torch, d)
    return [found, values(x), values(t)]


@_inside
def case_in_place_on_a_constant(torch: Any, d: Any) -> Any:
    y = _f64(torch, 1.0, 1.0)
    y.add_(d)
    return _tangent(torch, y)


@_inside
def case_in_place_on_a_view(torch: Any, d: Any) -> Any:
    base = torch.zeros(4, dtype=torch.float64)
    view, other = base[:2], base[1:3]
    view.copy_(d)
    first = [_tangent(torch, t) for t in (base, view, other)]
    other.mul_(2)
    return [first, [_tangent(torch, t) for t in (base, view, other)]]


@_inside
def case_item_set(torch: Any, d: Any) -> Any:
    base = torch.ones(3, dtype=torch.float64)
    base[1:] = d
    base[0] = d.sum()
    return _tangent(torch, base)


@_inside
def case_fill_and_zero(torch: Any, d: Any) -> Any:
    d[0] = 5.0
    first = _tangent(torch, d.clone())
    d.zero_()
    return [first, _tangent(torch, d)]


@_inside
def case_random_fill(torch: Any, d: Any) -> Any:
    d.uniform_()
    return _tangent(torch, d)


@_inside
def case_copy_of_a_constant(torch: Any, d: Any) -> Any:
    y = d.clone()
    y.copy_(torch.ones(2))
    return _tangent(torch, y)


@_inside
def case_out(torch: Any, d: Any) -> Any:
    out = torch.empty(2, dtype=torch.float64)
    return raised(lambda: torch.mul(d, 2, out=out), "it is an out= function")


@_inside
def case_not_implemented(torch: Any, d: Any) -> Any:
    other = _f64(torch, 1.0, 2.0)
    return raised(lambda: torch.igamma(d, other), "Trying to use forward AD with")


# --- modes ------------------------------------------------------------------------


@_inside
def case_no_grad(torch: Any, d: Any) -> Any:
    with torch.no_grad():
        y = d * 2
    return [_tangent(torch, y), y.requires_grad]


@_inside
def case_inference_mode(torch: Any, d: Any) -> Any:
    with torch.inference_mode():
        y = d * 2
        found = [_tangent(torch, y), _tangent(torch, d)]
    return [found, _tangent(torch, y), _tangent(torch, d)]


@_inside
def case_switched_off(torch: Any, d: Any) -> Any:
    fw = torch.autograd.forward_ad
    with fw._set_fwd_grad_enabled(False):
        y = d * 2
        inside = _tangent(torch, d)
    return [inside, _tangent(torch, y), _tangent(torch, d * 2)]


# --- with backward ----------------------------------------------------------------


def case_both_ways(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    x, t = _pair(torch)
    x.requires_grad_()
    with fw.dual_level():
        d = fw.make_dual(x, t)
        y = (d**3).sum()
        (g,) = torch.autograd.grad(y, x, create_graph=True)
        (h,) = torch.autograd.grad(fw.unpack_dual(y).tangent, x)
        return [values(g), _tangent(torch, g), values(h), _tangent(torch, h)]


def case_tangent_that_requires_grad(torch: Any) -> Any:
    fw = torch.autograd.forward_ad
    x, t = _pair(torch)
    t.requires_grad_()
    with fw.dual_level():
        d = fw.make_dual(x, t)
        y = (d * d).sum()
        tangent = fw.unpack_dual(y).tangent
        (g,) = torch.autograd.grad(tangent, t)
        return [y.requires_grad, tangent.requires_grad, values(g)]


# --- autograd.Function ------------------------------------------------------------


def case_function_without_jvp(torch: Any) -> Any:
    class Plain(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

    with torch.autograd.forward_ad.dual_level():
        d = _dual(torch)
        return raised(lambda: Plain.apply(d), "must implement the jvp function")


def case_function_with_jvp(torch: Any) -> Any:
    seen: list[Any] = []

    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any, k: Any) -> Any:
            ctx.save_for_forward(x, y)
            seen.append(torch.is_grad_enabled())
            return x * y * k

        @staticmethod
        def jvp(ctx: Any, tx: Any, ty: Any, tk: Any) -> Any:
            x, y = ctx.saved_tensors
            seen.append([values(tx), values(ty), tk])
            return tx * y + x * ty

    with torch.autograd.forward_ad.dual_level():
        d = _dual(torch)
        found = _tangent(torch, Product.apply(d, torch.ones(2).double(), 3))
    return [found, seen]


def _refused(torch: Any, forward: Any, jvp: Any, phrase: str) -> Any:
    made = type(
        "Odd",
        (torch.autograd.Function,),
        {"forward": staticmethod(forward), "jvp": staticmethod(jvp)},
    )
    with torch.autograd.forward_ad.dual_level():
        d = _dual(torch)
        return raised(lambda: made.apply(d), phrase)


def case_function_with_a_wrong_jvp(torch: Any) -> Any:
    def twice(ctx: Any, x: Any) -> Any:
        return x * 2

    return [
        _refused(torch, twice, lambda ctx, t: 3, "expected Variable or None"),
        _refused(torch, twice, lambda ctx, t: (t, t), "invalid number of forward"),
        _refused(torch, twice, lambda ctx, t: torch.ones(3), "different size"),
    ]


def case_function_that_returns_views(torch: Any) -> Any:
    def column(ctx: Any, x: Any) -> Any:
        return x.view(2, 1)

    phrase = "but the jvp is not returning a view"
    return [
        _refused(torch, column, lambda ctx, t: t.view(2, 1) * 1, phrase),
        _refused(torch, lambda ctx, x: x, lambda ctx, t: t, phrase),
    ]


def case_function_in_place(torch: Any) -> Any:
    def double(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.mul_(2)

    phrase = "not modifying the forward mode gradients inplace"
    return _refused(torch, double, lambda ctx, t: t * 2, phrase)


# --- func.jvp ---------------------------------------------------------------------


def case_jvp(torch: Any) -> Any:
    x, t = _pair(torch)
    out, slope = torch.func.jvp(lambda x: x.sin() * x, (x,), (t,))
    return [values(out), values(slope)]


def case_jvp_of_trees(torch: Any) -> Any:
    x, t = _pair(torch)
    out, slope = torch.func.jvp(
        lambda d, e: {"a": d["x"] * e[0], "b": [d["x"].sum()]},
        ({"x": x}, [x]),
        ({"x": t}, [t]),
    )
    return [values(out["a"]), values(slope["a"]), values(slope["b"][0])]


def case_jvp_with_aux(torch: Any) -> Any:
    x, t = _pair(torch)
    out, slope, aux = torch.func.jvp(
        lambda x: (x * 2, {"k": x * 3}), (x,), (t,), has_aux=True
    )
    return [values(out), values(slope), values(aux["k"])]


def case_jvp_of_a_constant(torch: Any) -> Any:
    x, t = _pair(torch)
    _, slope = torch.func.jvp(lambda y: x * 2, (x,), (t,))
    return [
        values(slope),
        raised(
            lambda: torch.func.jvp(lambda y: x * 2, (x,), (t,), strict=True),
            "independent of the inputs",
        ),
    ]


def case_jvp_refuses(torch: Any) -> Any:
    x, t = _pair(torch)
    jvp = torch.func.jvp
    n = torch.tensor([1, 2])
    return [
        raised(lambda: jvp(torch.sin, x, (t,)), "Expected primals to be a tuple"),
        raised(lambda: jvp(torch.sin, (x,), (t, t)), "same python structure"),
        raised(lambda: jvp(torch.sin, (x,), (torch.ones(3),)), "different size"),
        raised(lambda: jvp(lambda x: 3.0, (x,), (t,)), "return only tensors"),
        raised(lambda: jvp(lambda: x, (), ()), "at least one Tensor"),
        raised(lambda: jvp(lambda x, y: x, (x, 3.0), (t, 3.0)), "only contain Tensors"),
        raised(lambda: jvp(lambda x: x, (n,), (n,)), "Expected primal to be floating"),
        raised(lambda: jvp(torch.sin, (x,), (t,), has_aux=True), "if has_aux is True"),
    ]


def case_jvp_nested(torch: Any) -> Any:
    x, t = _pair(torch)
    jvp = torch.func.jvp
    first = lambda y: jvp(lambda z: z**3, (y,), (t,))[1]  # noqa: E731
    confusing = lambda y: y * jvp(lambda z: y + z, (x,), (t,))[1]  # noqa: E731
    along = lambda y: jvp(lambda z: z**2, (y,), (y,))[1]  # noqa: E731
    return [values(jvp(f, (x,), (t,))[1]) for f in (first, confusing, along)]


def case_jvp_and_no_grad(torch: Any) -> Any:
    x, t = _pair(torch)

    def inside(y: Any) -> Any:
        with torch.no_grad():
            return y * y

    with torch.no_grad():
        outer = torch.func.jvp(lambda y: y * y, (x,), (t,))[1]
    return [values(torch.func.jvp(inside, (x,), (t,))[1]), values(outer)]


def case_jvp_of_what_requires_grad(torch: Any) -> Any:
    x, t = _pair(torch)
    x.requires_grad_()
    out, slope = torch.func.jvp(lambda y: y**3, (x,), (t,))
    (g,) = torch.autograd.grad(slope.sum(), x)
    return [out.requires_grad, slope.requires_grad, values(g)]


def case_jvp_of_a_function_without_setup_context(torch: Any) -> Any:
    class Plain(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def jvp(ctx: Any, t: Any) -> Any:
            return t * 2

    x, t = _pair(torch)
    return raised(
        lambda: torch.func.jvp(Plain.apply, (x,), (t,)),
        "must override the setup_context",
    )


def case_jvp_of_a_function(torch: Any) -> Any:
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(x: Any) -> Any:
            return x**3

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_forward(*inputs)

        @staticmethod
        def jvp(ctx: Any, t: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 4 * t * x * x

    # Not nested: PyTorch 2.13 gives zero for the derivative of what jvp computes.
    x, t = _pair(torch)
    return [values(s) for s in torch.func.jvp(Cube.apply, (x,), (t,))]


def case_linearize(torch: Any) -> Any:
    x, t = _pair(torch)
    out, along = torch.func.linearize(lambda x: x.sin() * x, x)
    return [
        values(out),
        values(along(t)),
        raised(lambda: along(torch.ones(3)), "doesn't match the shape"),
        raised(lambda: along(torch.ones(2)), "doesn't match the dtype"),
        raised(lambda: along(t, t), "same argspec"),
    ]


def case_gradcheck(torch: Any) -> Any:
    x = _f64(torch, 0.3, 1.2).requires_grad_()
    check = torch.autograd.gradcheck

    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2

        @staticmethod
        def jvp(ctx: Any, t: Any) -> Any:
            return t * 3

    return [
        check(torch.sin, (x,), check_forward_ad=True),
        check(torch.sin, (x,), check_forward_ad=True, check_backward_ad=False),
        check(Wrong.apply, (x,)),
        raised(lambda: check(Wrong.apply, (x,), check_forward_ad=True), "forward mode"),
        raised(lambda: check(torch.sin, (x,), check_backward_ad=False), "at least one"),
        torch.autograd.gradgradcheck(torch.sin, (x,), check_fwd_over_rev=True),
    ]
