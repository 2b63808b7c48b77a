"""autograd.forward_ad: levels, dual tensors, what has a tangent and what has none."""

from __future__ import annotations

import math

import pytest

import derivo as torch
from derivo.autograd import forward_ad as fw
from derivo.testing import assert_close


def f64(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


@pytest.fixture
def dual():
    with fw.dual_level():
        yield fw.make_dual(f64(1.0, 2.0), f64(1.0, 0.5))


def tangent(t: torch.Tensor) -> torch.Tensor | None:
    return fw.unpack_dual(t).tangent


# ------------------------------------------------------------------ levels


def test_a_level_must_be_open():
    with pytest.raises(RuntimeError, match="no level exists"):
        fw.make_dual(f64(1.0), f64(1.0))


def test_levels_do_not_nest():
    with (
        fw.dual_level(),
        pytest.raises(RuntimeError, match="Nested forward mode AD is not supported"),
        fw.dual_level(),
    ):
        pass


def test_closing_what_is_not_open():
    with pytest.raises(RuntimeError, match="Dual level must be a positive number"):
        fw.exit_dual_level()


def test_closing_another_level():
    level = fw.enter_dual_level()
    try:
        with pytest.raises(RuntimeError, match="not the last one that was created"):
            fw.exit_dual_level(level=level + 3)
    finally:
        fw.exit_dual_level(level=level)


def test_a_level_closes_after_an_error():
    with pytest.raises(KeyError, match="x"), fw.dual_level():
        raise KeyError("x")
    with fw.dual_level() as level:
        assert level == 0


def test_tangents_end_with_their_level():
    with fw.dual_level():
        d = fw.make_dual(f64(1.0), f64(1.0))
        y = d * 2
    assert tangent(y) is None
    with fw.dual_level():
        assert tangent(y) is None
        assert tangent(y * d) is None
        e = fw.make_dual(f64(3.0), f64(1.0))
        assert_close(tangent(e * y), f64(2.0))


def test_dual_level_decorates():
    @fw.dual_level()
    def slope(x):
        return tangent(fw.make_dual(x, torch.ones_like(x)) ** 2)

    assert_close(slope(f64(3.0)), f64(6.0))


# ------------------------------------------------------------------ making, unpacking


@pytest.mark.parametrize("which", ["primal", "tangent"])
def test_integers_are_refused(which):
    pair = {"primal": f64(1.0), "tangent": f64(1.0), which: torch.tensor([1])}
    with (
        fw.dual_level(),
        pytest.raises(ValueError, match=f"Expected {which} to be floating point"),
    ):
        fw.make_dual(pair["primal"], pair["tangent"])


def test_shapes_must_agree():
    with fw.dual_level(), pytest.raises(RuntimeError, match="different size"):
        fw.make_dual(f64(1.0, 2.0), f64(1.0))


def test_one_tangent_a_level(dual):
    with pytest.raises(RuntimeError, match="already has a forward gradient"):
        fw.make_dual(dual, f64(1.0, 1.0))


def test_a_tangent_has_no_tangent(dual):
    with pytest.raises(RuntimeError, match="itself has a forward gradient"):
        fw.make_dual(f64(1.0, 1.0), dual)


def test_unpack_wants_a_tensor():
    with fw.dual_level(), pytest.raises(TypeError, match="must be Tensor, not int"):
        fw.unpack_dual(3)


def test_the_tangent_is_the_one_given():
    t = f64(1.0)
    with fw.dual_level():
        assert tangent(fw.make_dual(f64(2.0), t)) is t


def test_a_dual_is_a_view_in_the_same_place_of_the_graph():
    x = f64(1.0, 2.0).requires_grad_()
    with fw.dual_level():
        d = fw.make_dual(x, f64(1.0, 0.0))
        assert d._base is x
        assert d.requires_grad
        (g,) = torch.autograd.grad((d * d).sum(), x)
    assert_close(g, f64(2.0, 4.0))


def test_the_primal_has_no_tangent(dual):
    primal, t = fw.unpack_dual(dual)
    assert tangent(primal) is None
    assert primal.data_ptr() == dual.data_ptr()
    assert_close(t, f64(1.0, 0.5))
    assert tangent(primal * 2) is None


def test_unpacking_has_names(dual):
    made = fw.unpack_dual(dual)
    assert isinstance(made, fw.UnpackedDualTensor)
    assert made.primal is not None
    assert made.tangent is not None


# ------------------------------------------------------------------ what has no tangent


def test_detach_drops_it(dual):
    assert tangent(dual.detach()) is None
    assert tangent(dual.data) is None


def test_comparisons_and_integers_have_none(dual):
    for t in (dual > 1, dual.long(), dual.argmax(), dual.sort()[1], torch.isnan(dual)):
        assert tangent(t) is None


def test_fresh_tensors_have_none(dual):
    assert tangent(torch.zeros_like(dual)) is None
    assert tangent(torch.stack([f64(1.0), f64(2.0)])) is None


@pytest.mark.parametrize("name", ["sign", "floor", "round", "ceil", "trunc"])
def test_steps_have_a_zero_tangent(dual, name):
    assert_close(tangent(getattr(torch, name)(dual)), f64(0.0, 0.0))


def test_out_is_refused(dual):
    with pytest.raises(NotImplementedError, match="it is an out= function"):
        torch.mul(dual, 2, out=torch.empty(2, dtype=torch.float64))


def test_no_derivative_is_refused(dual):
    with pytest.raises(NotImplementedError, match="Trying to use forward AD with"):
        torch.igamma(dual, f64(1.0, 2.0))


# ------------------------------------------------------------------ modes


def test_no_grad_does_not_switch_it_off(dual):
    with torch.no_grad():
        assert_close(tangent(dual * 2), f64(2.0, 1.0))
    with torch.set_grad_enabled(False):
        assert_close(tangent(dual * 2), f64(2.0, 1.0))


def test_inference_mode_switches_it_off(dual):
    with torch.inference_mode():
        y = dual * 2
        assert tangent(y) is None
        assert tangent(dual) is None
    assert tangent(y) is None
    assert tangent(dual) is not None


def test_forward_mode_can_be_switched_off(dual):
    with fw._set_fwd_grad_enabled(False):
        y = dual * 2
        with fw._set_fwd_grad_enabled(True):
            z = dual * 2
    assert tangent(y) is None
    assert_close(tangent(z), f64(2.0, 1.0))


# ------------------------------------------------------------------ in place and views


def test_in_place_changes_the_tangent_in_place():
    x, t = f64(1.0, 2.0), f64(1.0, 0.5)
    with fw.dual_level():
        d = fw.make_dual(x, t)
        d.mul_(3)
        assert_close(tangent(d), f64(3.0, 1.5))
    assert_close(x, f64(3.0, 6.0))
    assert_close(t, f64(3.0, 1.5))


def test_in_place_gives_a_tangent_to_what_had_none(dual):
    y = f64(1.0, 1.0)
    y.add_(dual)
    assert_close(tangent(y), f64(1.0, 0.5))


def test_a_view_gives_its_base_a_tangent(dual):
    base = torch.zeros(4, dtype=torch.float64)
    view, other = base[:2], base[1:3]
    view.copy_(dual)
    assert_close(tangent(base), f64(1.0, 0.5, 0.0, 0.0))
    assert_close(tangent(other), f64(0.5, 0.0))
    other.mul_(2)
    assert_close(tangent(view), f64(1.0, 1.0))
    assert_close(tangent(base), f64(1.0, 1.0, 0.0, 0.0))


def test_setting_items(dual):
    base = torch.zeros(3, dtype=torch.float64)
    base[1:] = dual
    assert_close(tangent(base), f64(0.0, 1.0, 0.5))
    assert_close(tangent(base.sum()), torch.tensor(1.5, dtype=torch.float64))


def test_filling_forgets(dual):
    dual[0] = 5.0
    assert_close(tangent(dual), f64(0.0, 0.5))
    dual.zero_()
    assert_close(tangent(dual), f64(0.0, 0.0))


def test_a_constant_written_over_a_tangent(dual):
    y = dual.clone()
    y.copy_(f64(7.0, 8.0))
    assert_close(tangent(y), f64(0.0, 0.0))


def test_views_share_tangents(dual):
    y = dual * 1
    v = y.view(2, 1)
    v.mul_(2)
    assert_close(tangent(y), f64(2.0, 1.0))
    assert_close(tangent(dual), f64(1.0, 0.5))


def test_results_do_not_share_tangents(dual):
    y = dual + 1
    y.mul_(2)
    assert_close(tangent(dual), f64(1.0, 0.5))


def test_another_layout():
    x = torch.arange(6, dtype=torch.float64).view(2, 3).t()
    t = torch.ones(3, 2, dtype=torch.float64)
    with fw.dual_level():
        d = fw.make_dual(x, t)
        assert tangent(d).stride() == x.stride()
        assert_close(tangent(d.sum(0)), f64(3.0, 3.0))


# ------------------------------------------------------------------ with backward


def test_reverse_over_forward():
    x = f64(1.0, 2.0).requires_grad_()
    with fw.dual_level():
        d = fw.make_dual(x, f64(1.0, 0.5))
        t = tangent((d**3).sum())
        (h,) = torch.autograd.grad(t, x)
        assert tangent(h) is None
    assert_close(h, f64(6.0, 6.0))


def test_forward_over_reverse():
    x = f64(1.0, 2.0).requires_grad_()
    with fw.dual_level():
        d = fw.make_dual(x, f64(1.0, 0.5))
        (g,) = torch.autograd.grad((d**3).sum(), x)
        assert_close(tangent(g), f64(6.0, 6.0))
    assert_close(g, f64(3.0, 12.0))


def test_forward_over_reverse_through_saved_results():
    x = f64(0.3).requires_grad_()
    with fw.dual_level():
        d = fw.make_dual(x, f64(1.0))
        (g,) = torch.autograd.grad(d.exp().tanh().sum(), x)
        t = tangent(g)
    e = math.exp(0.3)
    th = math.tanh(e)
    want = (1 - th * th) * e - 2 * th * (1 - th * th) * e * e
    assert_close(t, f64(want))


def test_forward_over_reverse_in_place():
    w = f64(2.0).requires_grad_()
    with fw.dual_level():
        d = fw.make_dual(f64(3.0), f64(1.0))
        y = d.clone()
        y.mul_(w)
        (g,) = torch.autograd.grad(y.sum(), w)
        assert_close(tangent(g), f64(1.0))
        assert_close(tangent(y), f64(2.0))


def test_the_tangent_may_require_grad():
    t = f64(1.0).requires_grad_()
    with fw.dual_level():
        d = fw.make_dual(f64(3.0), t)
        (g,) = torch.autograd.grad(tangent(d * d), t)
    assert_close(g, f64(6.0))


def test_products_keep_what_they_save():
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64).requires_grad_()
    t = torch.eye(2, dtype=torch.float64)
    with fw.dual_level():
        d = fw.make_dual(a, t)
        y = d @ d
        (g,) = torch.autograd.grad(y.sum(), a)
        assert_close(tangent(y), (2 * a).detach())
        # grad = 1 a' + a' 1; along the unit matrix: 1 + 1
        assert_close(tangent(g), torch.full((2, 2), 2.0, dtype=torch.float64))


# ------------------------------------------------------------------ gradcheck


def test_gradcheck_checks_forward_mode():
    x = f64(0.3, 1.2).requires_grad_()

    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

        @staticmethod
        def jvp(ctx, t):
            return t * 3

    check = torch.autograd.gradcheck
    assert check(lambda x: (x.sin(), x[0]), (x,), check_forward_ad=True)
    assert check(Wrong.apply, (x,))
    with pytest.raises(torch.autograd.GradcheckError, match="forward mode mismatch"):
        check(Wrong.apply, (x,), check_forward_ad=True)
    with pytest.raises(torch.autograd.GradcheckError, match="forward mode mismatch"):
        check(Wrong.apply, (x,), check_forward_ad=True, fast_mode=True)
    assert not check(
        Wrong.apply,
        (x,),
        check_forward_ad=True,
        check_backward_ad=False,
        raise_exception=False,
    )
    with pytest.raises(AssertionError, match="at least one of"):
        check(Wrong.apply, (x,), check_backward_ad=False)


def test_gradgradcheck_goes_forward():
    x = f64(0.3, 1.2).requires_grad_()
    assert torch.autograd.gradgradcheck(
        lambda x: x.exp() * x.flip(0), (x,), check_fwd_over_rev=True
    )


def test_random_fills_forget(dual):
    dual.uniform_()
    assert_close(tangent(dual), f64(0.0, 0.0))


def test_parts_of_a_tensor_share_its_tangent(dual):
    y = dual * 1
    with torch.no_grad():
        y.split(1)[0].mul_(5)
        y.unbind()[1].mul_(3)
    assert_close(tangent(y), f64(5.0, 1.5))


def test_clones_and_joined_tensors_have_their_own(dual):
    for made in (dual.clone(), torch.cat([dual]), torch.stack([dual])[0], dual.flip(0)):
        made.zero_()
        assert_close(tangent(made), f64(0.0, 0.0))
    assert_close(tangent(dual), f64(1.0, 0.5))


def test_complex_operands():
    z = torch.tensor([1 + 2j], dtype=torch.complex128)
    t = torch.tensor([0.5 - 1j], dtype=torch.complex128)
    with fw.dual_level():
        d = fw.make_dual(z, t)
        assert_close(tangent(d * d), 2 * z * t)
        assert_close(tangent(d.exp()), z.exp() * t)
        # d|z| = Re(conj(z) t) / |z|
        assert_close(tangent(d.abs()), (z.conj() * t).real / z.abs())
