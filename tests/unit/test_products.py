from __future__ import annotations

import itertools

import numpy as np
import pytest

import derivo as torch
from derivo import linalg
from derivo.nn import functional as F

INTEGERS = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]


def randn(*shape, grad=False):
    return torch.randn(shape, dtype=torch.float64, requires_grad=grad)


def layouts(t):
    # the same values in other places of memory
    yield t
    if t.dim():
        wide = torch.zeros(*t.shape[:-1], 2 * t.shape[-1] + 1, dtype=t.dtype)
        gaps = wide[..., 1::2]
        gaps.copy_(t)
        yield gaps
    if t.dim() > 1:
        yield t.transpose(-1, -2).contiguous().transpose(-1, -2)
        yield t.transpose(0, 1).contiguous().transpose(0, 1)


def close(a, b, scale=1e-12):
    a = a.detach().numpy() if isinstance(a, torch.Tensor) else a
    b = b.detach().numpy() if isinstance(b, torch.Tensor) else b
    assert a.shape == b.shape
    assert np.allclose(a, b, rtol=scale, atol=scale)


# operation, shapes of its operands, the same with NumPy
CASES = {
    "mm": (torch.mm, [(3, 4), (4, 5)], np.matmul),
    "mm empty": (torch.mm, [(3, 0), (0, 5)], np.matmul),
    "mm row": (torch.mm, [(1, 7), (7, 1)], np.matmul),
    "bmm": (torch.bmm, [(2, 3, 4), (2, 4, 5)], np.matmul),
    "mv": (torch.mv, [(3, 4), (4,)], np.matmul),
    "dot": (torch.dot, [(6,), (6,)], np.dot),
    "vdot": (torch.vdot, [(6,), (6,)], np.dot),
    "outer": (torch.outer, [(3,), (4,)], np.outer),
    "inner": (torch.inner, [(2, 3), (4, 5, 3)], np.inner),
    "inner vectors": (torch.inner, [(3,), (3,)], np.inner),
    "inner 0-d": (torch.inner, [(), (3,)], np.inner),
    "kron": (torch.kron, [(2, 3), (4, 1)], np.kron),
    "kron ranks": (torch.kron, [(2,), (3, 2, 2)], np.kron),
    "addmm": (torch.addmm, [(3, 5), (3, 4), (4, 5)], lambda c, a, b: c + a @ b),
    "addmm bias": (torch.addmm, [(5,), (3, 4), (4, 5)], lambda c, a, b: c + a @ b),
    "addmm column": (torch.addmm, [(3, 1), (3, 4), (4, 5)], lambda c, a, b: c + a @ b),
    "addmm number": (torch.addmm, [(), (3, 4), (4, 5)], lambda c, a, b: c + a @ b),
    "addmm factors": (
        lambda c, a, b: torch.addmm(c, a, b, beta=2, alpha=-0.5),
        [(1, 5), (3, 4), (4, 5)],
        lambda c, a, b: 2 * c - 0.5 * (a @ b),
    ),
    "addmv": (torch.addmv, [(3,), (3, 4), (4,)], lambda c, a, b: c + a @ b),
    "addmv factors": (
        lambda c, a, b: torch.addmv(c, a, b, beta=3, alpha=2),
        [(3,), (3, 4), (4,)],
        lambda c, a, b: 3 * c + 2 * (a @ b),
    ),
    "addr": (torch.addr, [(3, 4), (3,), (4,)], lambda c, a, b: c + np.outer(a, b)),
    "addr factors": (
        lambda c, a, b: torch.addr(c, a, b, beta=3, alpha=2),
        [(4,), (3,), (4,)],
        lambda c, a, b: 3 * c + 2 * np.outer(a, b),
    ),
    "baddbmm": (
        torch.baddbmm,
        [(2, 3, 5), (2, 3, 4), (2, 4, 5)],
        lambda c, a, b: c + a @ b,
    ),
    "baddbmm broadcast": (
        lambda c, a, b: torch.baddbmm(c, a, b, beta=2, alpha=3),
        [(3, 1), (2, 3, 4), (2, 4, 5)],
        lambda c, a, b: 2 * c + 3 * (a @ b),
    ),
    "addbmm": (
        lambda c, a, b: torch.addbmm(c, a, b, beta=2, alpha=3),
        [(3, 5), (2, 3, 4), (2, 4, 5)],
        lambda c, a, b: 2 * c + 3 * (a @ b).sum(0),
    ),
    "linear": (F.linear, [(3, 4), (5, 4), (5,)], lambda x, w, b: x @ w.T + b),
    "linear plain": (F.linear, [(3, 4), (5, 4)], lambda x, w: x @ w.T),
    "linear 3-d": (F.linear, [(2, 3, 4), (5, 4), (5,)], lambda x, w, b: x @ w.T + b),
    "linear vector": (F.linear, [(4,), (5, 4), (5,)], lambda x, w, b: x @ w.T + b),
    "linear one": (F.linear, [(3, 4), (4,)], lambda x, w: x @ w),
    "bilinear": (
        F.bilinear,
        [(2, 3, 4), (2, 3, 5), (6, 4, 5), (6,)],
        lambda x, y, w, b: np.einsum("...i,oij,...j->...o", x, w, y) + b,
    ),
    "chain": (
        torch.chain_matmul,
        [(2, 3), (3, 4), (4, 5), (5, 2)],
        lambda *m: np.linalg.multi_dot(m),
    ),
    "multi_dot": (
        lambda *m: linalg.multi_dot(m),
        [(9, 2), (2, 7), (7, 3), (3, 8), (8, 2)],
        lambda *m: np.linalg.multi_dot(m),
    ),
    "multi_dot vectors": (
        lambda *m: linalg.multi_dot(m),
        [(3,), (3, 4), (4,)],
        lambda *m: np.linalg.multi_dot(m),
    ),
    "tensordot": (torch.tensordot, [(2, 3, 4), (3, 4, 5)], np.tensordot),
    "tensordot dims": (
        lambda a, b: torch.tensordot(a, b, ([2, 0], [-1, 1])),
        [(2, 3, 4), (5, 2, 4)],
        lambda a, b: np.tensordot(a, b, ([2, 0], [2, 1])),
    ),
    "tensordot none": (
        lambda a, b: torch.tensordot(a, b, 0),
        [(2,), (3, 2)],
        lambda a, b: np.tensordot(a, b, 0),
    ),
    "tensordot size 1": (
        lambda a, b: torch.tensordot(a, b, 1),
        [(2, 1), (3, 2)],
        lambda a, b: a @ b.sum(0, keepdims=True),
    ),
    "cross": (torch.cross, [(2, 3), (2, 3)], np.cross),
    "cross broadcast": (
        lambda a, b: linalg.cross(a, b, dim=0),
        [(3, 1), (3, 4)],
        lambda a, b: np.cross(a, b, axis=0),
    ),
    "vecdot": (
        lambda a, b: linalg.vecdot(a, b, dim=0),
        [(3, 4), (3, 1)],
        lambda a, b: (a * b).sum(0),
    ),
    "trace": (torch.trace, [(3, 5)], np.trace),
}

# matmul: every pair of ranks, with and without broadcasting
for _a, _b in [
    *(((3,), (3,)), ((3,), (3, 4)), ((2, 3), (3,)), ((2, 3), (3, 4))),
    *(((5, 2, 3), (3,)), ((5, 2, 3), (3, 4)), ((3,), (5, 3, 4)), ((2, 3), (5, 3, 4))),
    *(((5, 2, 3), (5, 3, 4)), ((5, 1, 2, 3), (6, 3, 4)), ((1, 2, 3), (5, 3, 4))),
    *(((5, 2, 3), (6, 1, 3, 4)), ((0, 2, 3), (3, 4)), ((5, 2, 0), (0, 4))),
    *(((5, 1, 3), (1, 3, 1)), ((2, 5, 2, 3), (3,)), ((3,), (2, 5, 3, 4))),
]:
    CASES[f"matmul {_a} {_b}"] = (torch.matmul, [_a, _b], np.matmul)

for _equation, _shapes in [
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,jk", [(2, 3), (3, 4)]),
    ("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]),
    ("ij->ji", [(2, 3)]),
    ("ba", [(2, 3)]),
    ("ii->i", [(3, 3)]),
    ("ii", [(3, 3)]),
    ("iji->j", [(3, 2, 3)]),
    ("iii->i", [(3, 3, 3)]),
    ("ij->", [(2, 3)]),
    ("ij->i", [(2, 3)]),
    ("i,i->", [(3,), (3,)]),
    ("i,j->ij", [(3,), (2,)]),
    ("i,j->ji", [(3,), (2,)]),
    ("ij,ij->ij", [(2, 3), (2, 3)]),
    ("ij,ij->j", [(2, 3), (2, 3)]),
    ("ij,kj->ik", [(2, 3), (4, 3)]),
    ("...ij,...jk->...ik", [(5, 2, 3), (5, 3, 4)]),
    ("...ij,...jk", [(6, 5, 2, 3), (5, 3, 4)]),
    ("i...,i...->...", [(3, 2, 4), (3, 4)]),
    ("...,...", [(3,), (2, 3)]),
    ("ij...,jk->ik...", [(2, 3, 5), (3, 4)]),
    ("ab,bc,cd->ad", [(2, 3), (3, 4), (4, 5)]),
    ("ab,bc,cd,de->", [(2, 3), (3, 4), (4, 5), (5, 2)]),
    ("abc,cd,be->ade", [(2, 3, 4), (4, 5), (3, 6)]),
    ("bn,anm,bm->ba", [(2, 5), (3, 5, 4), (2, 4)]),
    ("Ab,bA->A", [(2, 3), (3, 2)]),
    ("ij,j->i", [(2, 3), (3,)]),
    ("ij,k->ikj", [(2, 3), (4,)]),
    (" i j , j k -> i k ", [(2, 3), (3, 4)]),
    ("ab,cd->", [(2, 3), (4, 5)]),
    ("aab,b->a", [(2, 2, 3), (3,)]),
    ("ij,jk->ik", [(0, 3), (3, 4)]),
    ("ij,jk->ik", [(2, 0), (0, 4)]),
]:
    CASES[f"einsum {_equation} {_shapes}"] = (
        lambda *ops, equation=_equation: torch.einsum(equation, *ops),
        _shapes,
        lambda *ops, equation=_equation: np.einsum(equation, *ops),
    )


@pytest.mark.parametrize("case", CASES)
def test_values_in_every_layout(case):
    function, shapes, oracle = CASES[case]
    operands = [randn(*shape) for shape in shapes]
    expected = np.asarray(oracle(*(t.numpy() for t in operands)))
    for variants in itertools.zip_longest(*map(layouts, operands)):
        given = [t if v is None else v for t, v in zip(operands, variants, strict=True)]
        result = function(*given)
        close(result, expected)
        assert result.dtype == torch.float64


def weighted(function, operands, weights):
    return (function(*operands) * weights).sum()


@pytest.mark.parametrize("case", CASES)
def test_first_derivative(case):
    function, shapes, _ = CASES[case]
    for pick in range(3):
        operands = []
        for shape in shapes:
            *_, t = itertools.islice(layouts(randn(*shape)), pick + 1)
            operands.append(t.detach().requires_grad_())
        out = function(*operands)
        g = randn(*out.shape)
        grads = torch.autograd.grad(out, operands, g)
        for i, (t, grad) in enumerate(zip(operands, grads, strict=True)):
            assert grad.shape == t.shape
            # each is linear (trace ... ) or bilinear: differences are exact
            step = randn(*t.shape)
            with torch.no_grad():
                changed = [*operands]
                changed[i] = t + step
                up = weighted(function, changed, g)
                changed[i] = t - step
                down = weighted(function, changed, g)
                close((grad * step).sum(), (up - down) / 2, 1e-9)


@pytest.mark.parametrize("case", CASES)
def test_second_derivative_and_recorded_backward(case):
    function, shapes, _ = CASES[case]
    operands = [randn(*shape, grad=True) for shape in shapes]
    g = randn(*function(*operands).shape, grad=True)
    plain = torch.autograd.grad(function(*operands), operands, g.detach())
    recorded = torch.autograd.grad(function(*operands), operands, g, create_graph=True)
    for a, b in zip(plain, recorded, strict=True):
        close(a, b)
    steps = [randn(*t.shape) for t in (*operands, g)]
    outer = [randn(*t.shape) for t in operands]

    def first(*values):
        *inner, seed = [v.detach().requires_grad_() for v in values]
        grads = torch.autograd.grad(function(*inner), inner, seed)
        return sum((x * y).sum() for x, y in zip(grads, outer, strict=True))

    scalar = sum((x * y).sum() for x, y in zip(recorded, outer, strict=True))
    second = torch.autograd.grad(scalar, (*operands, g), allow_unused=True)
    slope = sum(
        (a * b).sum() for a, b in zip(second, steps, strict=True) if a is not None
    )
    h = 1e-4
    up = first(*(t + h * s for t, s in zip((*operands, g), steps, strict=True)))
    down = first(*(t - h * s for t, s in zip((*operands, g), steps, strict=True)))
    # polynomials of degree up to 5: the error of the difference is of order h * h
    close(slope, (up - down) / (2 * h), 1e-5)


def graph(node, depth=5):
    if node is None:
        return "-"
    name = type(node).__name__
    if depth == 0 or not node.next_functions:
        return name
    inside = ", ".join(graph(n, depth - 1) for n, _ in node.next_functions)
    return f"{name}({inside})"


def leaf(*shape):
    return torch.randn(*shape, requires_grad=True)


A = "AccumulateGrad"
# As PyTorch 2.13 prints them.
GRAPHS = [
    (lambda: leaf(3, 4) @ leaf(4, 5), f"MmBackward0({A}, {A})"),
    (lambda: leaf(3, 4) @ leaf(4), f"MvBackward0({A}, {A})"),
    (
        lambda: leaf(3) @ leaf(3, 4),
        f"SqueezeBackward4(MmBackward0(UnsqueezeBackward0({A}), {A}))",
    ),
    (lambda: leaf(3) @ leaf(3), f"DotBackward0({A}, {A})"),
    (
        lambda: leaf(2, 3, 4) @ leaf(4, 5),
        f"UnsafeViewBackward0(MmBackward0(ViewBackward0({A}), {A}))",
    ),
    (
        lambda: leaf(2, 3, 4) @ leaf(4),
        f"UnsafeViewBackward0(MvBackward0(ViewBackward0({A}), {A}))",
    ),
    (
        lambda: leaf(2, 3, 4) @ leaf(2, 4, 5),
        f"UnsafeViewBackward0(BmmBackward0(ViewBackward0(ExpandBackward0({A})), "
        f"ViewBackward0(ExpandBackward0({A}))))",
    ),
    (
        lambda: torch.randn(3, 4) @ leaf(2, 4, 5),
        f"UnsafeViewBackward0(BmmBackward0(-, ViewBackward0(ExpandBackward0({A}))))",
    ),
    (
        lambda: F.linear(leaf(3, 4), leaf(5, 4), leaf(5)),
        f"AddmmBackward0({A}, {A}, TBackward0({A}))",
    ),
    (
        lambda: F.linear(torch.randn(3, 4), leaf(5, 4), torch.randn(5)),
        f"AddmmBackward0(-, -, TBackward0({A}))",
    ),
    (
        lambda: F.linear(leaf(3, 4), torch.randn(5, 4), torch.randn(5)),
        f"AddmmBackward0(-, {A}, -)",
    ),
    (lambda: F.linear(leaf(3, 4), leaf(5, 4)), f"MmBackward0({A}, TBackward0({A}))"),
    (
        lambda: F.linear(leaf(2, 3, 4), leaf(5, 4), leaf(5)),
        f"ViewBackward0(AddmmBackward0({A}, ViewBackward0({A}), TBackward0({A})))",
    ),
    (
        lambda: F.linear(leaf(2, 3, 4), leaf(5, 4)),
        f"UnsafeViewBackward0(MmBackward0(ViewBackward0({A}), TBackward0({A})))",
    ),
    (
        lambda: F.linear(leaf(4), leaf(5, 4), leaf(5)),
        f"ViewBackward0(AddmmBackward0({A}, ViewBackward0({A}), TBackward0({A})))",
    ),
    (
        lambda: torch.addmm(leaf(5), leaf(3, 4), leaf(4, 5)),
        f"AddmmBackward0({A}, {A}, {A})",
    ),
    (
        lambda: torch.addmv(leaf(3), leaf(3, 4), leaf(4)),
        f"AddmvBackward0({A}, {A}, {A})",
    ),
    (
        lambda: torch.addr(leaf(3, 4), leaf(3), leaf(4)),
        f"AddrBackward0({A}, {A}, {A})",
    ),
    (lambda: torch.outer(leaf(3), leaf(4)), f"MulBackward0(ViewBackward0({A}), {A})"),
    (lambda: torch.vdot(leaf(3), leaf(3)), f"VdotBackward0({A}, {A})"),
    (lambda: torch.bmm(leaf(2, 3, 4), leaf(2, 4, 5)), f"BmmBackward0({A}, {A})"),
    (
        lambda: torch.baddbmm(leaf(5), leaf(2, 3, 4), leaf(2, 4, 5)),
        f"BaddbmmBackward0({A}, {A}, {A})",
    ),
    (
        lambda: torch.addbmm(leaf(5), leaf(2, 3, 4), leaf(2, 4, 5)),
        f"AddbmmBackward0({A}, {A}, {A})",
    ),
    (
        lambda: linalg.multi_dot([leaf(2, 3), leaf(3, 4), leaf(4, 5)]),
        f"ViewBackward0(MmBackward0(MmBackward0({A}, {A}), {A}))",
    ),
    (
        lambda: torch.einsum("ij,jk->ik", leaf(2, 3), leaf(3, 4)),
        "ViewBackward0(PermuteBackward0(ViewBackward0(BmmBackward0(ViewBackward0("
        "PermuteBackward0), ViewBackward0(PermuteBackward0)))))",
    ),
    (
        lambda: torch.einsum("ii->", leaf(3, 3)),
        f"SumBackward1(PermuteBackward0(PermuteBackward0(DiagonalBackward0({A}))))",
    ),
    (
        lambda: torch.einsum("i,j->ij", leaf(3), leaf(2)),
        f"MulBackward0(PermuteBackward0(UnsqueezeBackward0({A})), "
        f"PermuteBackward0(UnsqueezeBackward0({A})))",
    ),
    (
        lambda: torch.tensordot(leaf(2, 3, 4), leaf(3, 4, 5)),
        f"ViewBackward0(MmBackward0(ViewBackward0(PermuteBackward0({A})), "
        f"ViewBackward0(PermuteBackward0({A}))))",
    ),
    (
        lambda: torch.kron(leaf(2, 2), leaf(2, 3)),
        f"UnsafeViewBackward0(MulBackward0(UnsafeViewBackward0({A}), "
        f"UnsafeViewBackward0({A})))",
    ),
    (lambda: linalg.cross(leaf(2, 3), leaf(2, 3)), f"LinalgCrossBackward0({A}, {A})"),
    (
        lambda: linalg.vecdot(leaf(2, 3), leaf(2, 3)),
        f"SumBackward1(MulBackward0({A}, {A}))",
    ),
    (lambda: torch.trace(leaf(3, 3)), f"TraceBackward0({A})"),
    (
        lambda: F.bilinear(leaf(3, 4), leaf(3, 5), leaf(2, 4, 5), leaf(2)),
        f"AddBackward0(ViewBackward0(TrilinearBackward0(ViewBackward0({A}), {A}, "
        f"ViewBackward0({A}))), {A})",
    ),
]


@pytest.mark.parametrize("number", range(len(GRAPHS)))
def test_graph_has_the_nodes_of_pytorch(number):
    make, expected = GRAPHS[number]
    assert graph(make().grad_fn) == expected


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers(dtype):
    a = torch.tensor([[1, 2], [3, 4]], dtype=dtype)
    assert (a @ a).tolist() == [[7, 10], [15, 22]]
    assert (a @ a).dtype == dtype
    assert torch.addmm(a, a, a, beta=2.9, alpha=1.5).tolist() == [[9, 14], [21, 30]]
    assert torch.dot(a[0], a[1]).item() == 11
    assert torch.mv(a, a[0]).tolist() == [5, 11]
    assert torch.einsum("ij,jk->ik", a, a).tolist() == [[7, 10], [15, 22]]
    assert not (a @ a).requires_grad


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_16_bit_floats_are_summed_in_float32(dtype):
    # 2048 + 1 is not a float16 (nor 256 + 1 a bfloat16); their sum of 4096 ones is
    a = torch.ones(2, 4096, dtype=dtype, requires_grad=True)
    out = a @ torch.ones(4096, 3, dtype=dtype)
    assert out.dtype == dtype
    assert (out.float() == 4096).all()
    out.sum().backward()
    assert a.grad.dtype == dtype
    assert (a.grad.float() == 3).all()


def test_bias_gradient_is_a_pairwise_sum():
    # in sequence, float32 would stop growing at 2**24
    n = 2**24 + 2**20
    bias = torch.zeros(1, requires_grad=True)
    x, w = torch.zeros(n, 1), torch.zeros(1, 1)
    torch.addmm(bias, x, w).backward(torch.ones(1, 1).expand(n, 1))
    assert bias.grad.item() == n


@pytest.mark.parametrize("rows", [0, 1, 15, 16, 17, 33, 300])
@pytest.mark.parametrize("columns", [1, 7, 16, 40])
def test_bias_gradient(rows, columns):
    bias = torch.zeros(columns, requires_grad=True)
    g = torch.randn(rows, columns)
    F.linear(torch.zeros(rows, 2), torch.zeros(columns, 2), bias).backward(g)
    close(bias.grad, g.double().numpy().sum(0).astype(np.float32), 1e-5)


def test_gradients_have_the_memory_order_of_the_operands():
    x, w = leaf(6, 3), leaf(4, 3)
    F.linear(x, w).sum().backward()
    assert w.grad.stride() == (3, 1)
    turned = torch.randn(3, 4).t().requires_grad_()
    (torch.randn(2, 4) @ turned).sum().backward()
    assert turned.grad.stride() == (1, 4)


def test_an_expanded_gradient_is_read_not_written():
    x, w = leaf(3, 4), leaf(4, 5)
    g = torch.ones(()).expand(3, 5)
    for _ in range(2):
        torch.mm(x, w).backward(g)
    assert g.stride() == (0, 0)
    assert (g == 1).all()
    close(x.grad, 2 * (np.ones((3, 5)) @ w.detach().numpy().T), 1e-5)


# --- out= and in place ------------------------------------------------------------

OUT = {
    "mm": ([(3, 4), (4, 5)], {}),
    "bmm": ([(2, 3, 4), (2, 4, 5)], {}),
    "mv": ([(3, 4), (4,)], {}),
    "dot": ([(3,), (3,)], {}),
    "vdot": ([(3,), (3,)], {}),
    "addmm": ([(5,), (3, 4), (4, 5)], {"beta": 2, "alpha": 3}),
    "addmv": ([(3,), (3, 4), (4,)], {"beta": 2}),
    "addr": ([(3, 4), (3,), (4,)], {"alpha": 2}),
    "baddbmm": ([(5,), (2, 3, 4), (2, 4, 5)], {"alpha": 2}),
    "addbmm": ([(5,), (2, 3, 4), (2, 4, 5)], {"beta": 0.5}),
    "matmul": ([(2, 3, 4), (4, 5)], {}),
    "outer": ([(3,), (4,)], {}),
    "inner": ([(2, 3), (4, 3)], {}),
    "kron": ([(2, 3), (2,)], {}),
    "tensordot": ([(2, 3, 4), (3, 4, 5)], {}),
    "cross": ([(2, 3), (2, 3)], {"dim": 1}),
    "chain_matmul": ([(2, 3), (3, 4), (4, 5)], {}),
}


@pytest.mark.parametrize("name", OUT)
def test_out_and_method_agree_with_the_function(name):
    shapes, options = OUT[name]
    function = getattr(torch, name)
    operands = [randn(*shape) for shape in shapes]
    expected = function(*operands, **options)
    method = getattr(torch.Tensor, name, None)
    if method is not None:
        close(method(*operands, **options), expected, 0)
    out = torch.empty(0, dtype=torch.float64)
    assert function(*operands, **options, out=out) is out
    close(out, expected, 0)
    fitting = torch.full_like(expected, float("nan"))
    version = fitting._version
    function(*operands, **options, out=fitting)
    close(fitting, expected, 0)
    assert fitting._version > version
    if expected.dim() > 1:
        turned = torch.empty(*reversed(expected.shape), dtype=torch.float64)
        turned = turned.permute(*reversed(range(expected.dim())))
        function(*operands, **options, out=turned)
        close(turned, expected)
    with pytest.raises(RuntimeError, match="don't support automatic differentiation"):
        function(operands[0].requires_grad_(), *operands[1:], **options, out=out)


def test_out_may_be_an_operand():
    a, b = randn(4, 4), randn(4, 4)
    expected = a.numpy() @ b.numpy()
    torch.mm(a, b, out=a)
    close(a, expected)


def test_out_of_another_dtype_is_refused():
    with pytest.raises(RuntimeError, match="Expected out tensor to have dtype float"):
        torch.mm(torch.ones(2, 2), torch.ones(2, 2), out=randn(2, 2))


@pytest.mark.parametrize("name", ["addmm", "addmv", "addr", "baddbmm", "addbmm"])
def test_in_place(name):
    shapes = {
        "addmm": [(3, 5), (3, 4), (4, 5)],
        "addmv": [(3,), (3, 4), (4,)],
        "addr": [(3, 4), (3,), (4,)],
        "baddbmm": [(2, 3, 5), (2, 3, 4), (2, 4, 5)],
        "addbmm": [(3, 5), (2, 3, 4), (2, 4, 5)],
    }[name]
    c, a, b = (randn(*shape, grad=True) for shape in shapes)
    expected = getattr(torch, name)(c, a, b, beta=2, alpha=3)
    wanted = torch.autograd.grad(expected.sum(), (c, a, b))

    def turned(t):
        return (t * 1).transpose(0, -1).contiguous().transpose(0, -1)

    for change in (lambda t: t * 1, turned):
        own = change(c)
        same = getattr(own, f"{name}_")(a, b, beta=2, alpha=3)
        assert same is own
        close(own, expected)
        got = torch.autograd.grad(own.sum(), (c, a, b))
        for x, y in zip(got, wanted, strict=True):
            close(x, y)
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
        getattr(c, f"{name}_")(a, b)
    if name != "addbmm":  # which takes the shape of the result
        with pytest.raises(RuntimeError, match="shape"):
            getattr(c.detach()[..., :1], f"{name}_")(a.detach(), b.detach())


def test_in_place_with_itself():
    a = randn(4, 4)
    expected = 2 * a.numpy() + a.numpy() @ a.numpy()
    a.addmm_(a, a, beta=2)
    close(a, expected)


def test_operand_changed_after_it_was_saved():
    x, w = leaf(3, 4), leaf(5, 4)
    y = F.linear(x * 1, w)
    with torch.no_grad():
        w.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()
    y = F.linear(torch.ones(3, 4), w)  # the weight itself is not saved here
    with torch.no_grad():
        w.add_(1)
    y.sum().backward()


def test_second_backward_needs_retain_graph():
    x, w = leaf(3, 4), leaf(4, 5)
    y = (x @ w).sum()
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        y.backward()


def test_what_a_node_shows():
    x, w, b = leaf(3, 4), leaf(4, 5), leaf(5)
    node = torch.addmm(b, x, w, alpha=2).grad_fn
    assert node._saved_mat1 is x
    assert node._saved_mat2 is w
    assert (node._saved_alpha, node._saved_beta) == (2, 1)
    assert {"_saved_alpha", "_saved_beta", "_saved_mat1"} <= set(dir(node))
    assert torch.mm(x.detach(), w).grad_fn._saved_mat2 is None
    with pytest.raises(AttributeError, match="no attribute '_saved_other'"):
        _ = node._saved_other
    out = torch.mm(x, w)
    out.sum().backward()
    with pytest.raises(RuntimeError, match="a second time"):
        _ = out.grad_fn._saved_self


def test_beta_zero_hides_nan():
    c = torch.full((3, 5), float("nan"))
    a, b = torch.ones(3, 4), torch.ones(4, 5)
    assert (torch.addmm(c, a, b, beta=0) == 4).all()
    assert (torch.addmv(c[:, 0], a, b[:, 0], beta=0) == 4).all()
    assert (torch.addr(c, a[:, 0], b[0], beta=0) == 1).all()
    wide = c.expand(2, 3, 5)
    batches = a.expand(2, 3, 4), b.expand(2, 4, 5)
    assert (torch.baddbmm(wide, *batches, beta=0) == 4).all()
    assert (torch.addbmm(c, *batches, beta=0) == 8).all()


def test_operators():
    a = torch.ones(2, 2)
    with pytest.raises(TypeError, match="unsupported operand"):
        a @ 3
    with pytest.raises(TypeError, match="unsupported operand"):
        3 @ a

    class Other:
        def __rmatmul__(self, other):
            return "mine"

    assert a @ Other() == "mine"


def test_no_grad_and_constants_record_nothing():
    x, w = leaf(3, 4), leaf(4, 5)
    with torch.no_grad():
        assert (x @ w).grad_fn is None
        assert F.linear(x, w.t()).grad_fn is None
    assert (x.detach() @ w.detach()).grad_fn is None
    with torch.inference_mode():
        assert (x @ w).is_inference()


def test_inference_tensors_are_not_saved():
    with torch.inference_mode():
        frozen = torch.ones(4, 5)
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved"):
        leaf(3, 4) @ frozen


def test_einsum_with_numbers_and_lists():
    a, b = randn(2, 3), randn(3, 4)
    expected = a.numpy() @ b.numpy()
    close(torch.einsum(a, [0, 1], b, [1, 2], [0, 2]), expected)
    close(torch.einsum(a, [0, 51], b, [51, 2]), expected)
    close(torch.einsum(a, [..., 1], b, [1, 2], [..., 2]), expected)
    close(torch.einsum("ij,jk", [a, b]), expected)
    with pytest.raises(ValueError, match=r"valid range \[0, 52\)"):
        torch.einsum(a, [0, 52])


# What is refused, the exception, PyTorch's phrase.
def test_a_step_leaves_nothing_behind():
    import gc

    x, w, b = torch.randn(8, 4), leaf(5, 4), leaf(5)

    def step():
        F.linear(x, w, b).sum().backward()
        w.grad = b.grad = None

    step()
    gc.collect()
    gc.disable()
    try:
        before = torch.memory_stats()
        for _ in range(50):
            step()
        after = torch.memory_stats()
    finally:
        gc.enable()
    assert after["allocated_bytes"] == before["allocated_bytes"]
