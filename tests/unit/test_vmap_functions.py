"""`vmap` against a loop, its arguments, and what it refuses."""

from __future__ import annotations

import pytest

import derivo
from derivo.autograd import Function
from derivo.func import functional_call, grad, stack_module_state, vmap

F64 = derivo.float64
STEPS = {
    "sin": lambda x: x.sin(),
    "outer": lambda x: derivo.outer(x, x),
    "softmax": lambda x: x.softmax(0),
    "matmul": lambda x: derivo.outer(x, x) @ x,
    "sort": lambda x: x.sort(descending=True)[0],
    "argmax": lambda x: x.argmax(),
    "cumsum": lambda x: x.cumsum(0),
    "cummax": lambda x: x.cummax(0)[0],
    "norm": lambda x: x / x.norm(),
    "index": lambda x: x[derivo.tensor([2, 0, 0])],
    "own index": lambda x: x[x.argsort()],
    "gather": lambda x: x.gather(0, x.argsort()),
    "scatter": lambda x: derivo.zeros(4, dtype=F64).scatter(0, x.argsort(), x),
    "index_add": lambda x: x.index_add(0, derivo.tensor([0, 0]), x[:2]),
    "masked_fill": lambda x: x.masked_fill(x > 0, 0.0),
    "slice": lambda x: x[1:] * x[:-1],
    "cat": lambda x: derivo.cat([x, x.exp()]),
    "stack": lambda x: derivo.stack([x, x], 1),
    "split": lambda x: x.split([1, 2])[1],
    "where": lambda x: derivo.where(x > 0, x, -x),
    "in place": lambda x: x.clone().mul_(2).add_(x),
    "flip": lambda x: x.flip(0),
    "roll": lambda x: x.roll(1),
    "tril": lambda x: derivo.outer(x, x).tril(),
    "logsumexp": lambda x: x.logsumexp(0),
    "max": lambda x: x.max(),
    "var": lambda x: x.var(),
    "std_mean": lambda x: derivo.std_mean(x)[0],
    "prod": lambda x: x.prod(),
    "any": lambda x: (x > 0).any(),
    "einsum": lambda x: derivo.einsum("i,j->ij", x, x),
    "diag": lambda x: derivo.diag(x),
    "trace": lambda x: derivo.outer(x, x).trace(),
    "repeat": lambda x: x.repeat(2),
    "pad": lambda x: derivo.nn.functional.pad(x, (1, 1)),
    "unfold": lambda x: x.unfold(0, 2, 1),
    "median": lambda x: x.median(),
    "topk": lambda x: x.topk(2)[0],
    "layer_norm": lambda x: derivo.nn.functional.layer_norm(x, (3,)),
    "mse": lambda x: derivo.nn.functional.mse_loss(x, x.sin()),
    "cross_entropy": lambda x: derivo.nn.functional.cross_entropy(x, derivo.tensor(1)),
    "conv1d": lambda x: derivo.nn.functional.conv1d(
        x.reshape(1, 1, 3), derivo.ones(1, 1, 2, dtype=F64)
    ),
    "detach": lambda x: x.detach() * x,
    "cast": lambda x: x.to(derivo.float32),
}
NOT_SMOOTH = ("argmax", "any", "cast", "detach")


@pytest.fixture
def x():
    derivo.manual_seed(1)
    return derivo.randn(4, 3, dtype=F64)


@pytest.mark.parametrize("name", STEPS)
def test_equals_the_loop(name, x):
    step = STEPS[name]
    expected = derivo.stack([step(row) for row in x])
    assert vmap(step)(x).equal(expected) or vmap(step)(x).allclose(expected)


@pytest.mark.parametrize("name", [n for n in STEPS if n not in NOT_SMOOTH])
def test_per_sample_gradient(name, x):
    def loss(row):
        return (STEPS[name](row) ** 2).sum()

    expected = derivo.stack([grad(loss)(row) for row in x])
    assert vmap(grad(loss))(x).allclose(expected)


def test_in_and_out_dims(x):
    assert vmap(lambda a: a * 2, in_dims=1, out_dims=1)(x).equal(x * 2)
    assert vmap(lambda a: a * 2, in_dims=-1)(x).equal(x.t() * 2)


def test_chunks(x):
    assert vmap(lambda a: a.exp(), chunk_size=3)(x).equal(x.exp())


def test_scalar_examples_keep_their_dtype():
    a = derivo.ones(3, dtype=F64)
    out = vmap(lambda s, v: s * v, (0, None))(a, derivo.ones(2))
    assert out.dtype is derivo.float32


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda x: vmap(lambda a: a.sum().item())(x), RuntimeError, "calling .item()"),
        (lambda x: vmap(lambda a: bool(a.sum()))(x), RuntimeError, "control flow"),
        (lambda x: vmap(lambda a: 1)(x), ValueError, "must only return Tensors"),
        (lambda x: vmap(lambda a: a, [0])(x), ValueError, "expected `in_dims`"),
        (lambda x: vmap(lambda a: a, (0, 0))(x), ValueError, "not compatible"),
        (lambda x: vmap(lambda a: a, None)(x), ValueError, "expected `in_dims`"),
        (lambda x: vmap(lambda a: a, (None,))(x), ValueError, "at least one input"),
        (lambda x: vmap(lambda a: a, 5)(x), ValueError, "dimensionality 2"),
        (lambda x: vmap(lambda a: a)(3), ValueError, "non-Tensor"),
        (lambda x: vmap(lambda: 1)(), ValueError, "got no inputs"),
        (
            lambda x: vmap(lambda a, b: a)(x, x.t()),
            ValueError,
            "same size in",
        ),
        (lambda x: vmap(lambda a: a)(x[:0]), ValueError, "size 0"),
        (lambda x: vmap(lambda a: a, out_dims=None)(x), ValueError, "BatchedTensor"),
        (lambda x: vmap(lambda a: a, out_dims="a")(x), ValueError, "`out_dims` must"),
        (lambda x: vmap(lambda a: a, randomness="no"), RuntimeError, "Only allowed"),
        (lambda x: vmap(lambda a: a, chunk_size=0), ValueError, "chunk_size"),
        (lambda x: vmap(lambda a: derivo.rand(2))(x), RuntimeError, "randomness error"),
        (
            lambda x: vmap(lambda a: derivo.zeros(3, dtype=F64).add_(a))(x),
            RuntimeError,
            "inplace arithmetic",
        ),
    ],
)
def test_refusals(call, kind, said, x):
    with pytest.raises(kind, match=said):
        call(x)


def test_random_numbers_of_each_example():
    derivo.manual_seed(0)
    expected = derivo.rand(3, 2)
    derivo.manual_seed(0)
    found = vmap(lambda a: derivo.rand(2), randomness="different")(derivo.ones(3))
    assert found.equal(expected)


def test_random_numbers_for_all():
    found = vmap(lambda a: derivo.rand(2), randomness="same")(derivo.ones(3))
    assert found[0].equal(found[2])


def test_printing():
    shown = []
    vmap(lambda a: shown.append(repr(a)) or a)(derivo.ones(2))
    assert shown[0].startswith("BatchedTensor(lvl=1, bdim=0, value=")


class Square(Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x, w):
        return x * x * w

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return 2 * x * w * g, x * x * g


def test_custom_function(x):
    w = derivo.tensor([1.0, 2.0, 3.0], dtype=F64, requires_grad=True)
    x.requires_grad_()
    vmap(Square.apply, (0, None))(x, w).sum().backward()
    assert w.grad.allclose((x * x).sum(0).detach())
    assert x.grad.allclose((2 * x * w).detach())


def test_custom_function_in_vmap_of_grad(x):
    w = derivo.ones(3, dtype=F64)
    assert vmap(grad(lambda a: Square.apply(a, w).sum()))(x).allclose(2 * x)


def test_custom_function_without_rule(x):
    class Plain(Square):
        generate_vmap_rule = False

    with pytest.raises(RuntimeError, match="does not have vmap support"):
        vmap(Plain.apply, (0, None))(x, x[0])


def test_ensemble_of_modules():
    models = [derivo.nn.Linear(3, 2) for _ in range(3)]
    params, buffers = stack_module_state(models)
    data = derivo.ones(4, 3)
    out = vmap(lambda p, b: functional_call(models[0], (p, b), (data,)), (0, 0))(
        params, buffers
    )
    assert out[1].allclose(models[1](data))
    assert models[0].weight is not params["weight"]


def test_gradients_of_many_vectors(x):
    row = x[0].clone().requires_grad_()
    (found,) = derivo.autograd.grad(
        row**3, row, derivo.eye(3, dtype=F64), is_grads_batched=True
    )
    assert found.allclose(derivo.diag(3 * x[0] ** 2))


@pytest.mark.parametrize("name", ["nonzero", "argwhere"])
def test_results_of_dynamic_shape_are_refused(name):
    x = derivo.eye(3)
    with pytest.raises(RuntimeError, match="can output dynamic shape"):
        derivo.func.vmap(getattr(derivo, name))(x)
    # What all examples share may be asked.
    got = derivo.func.vmap(lambda v: v[getattr(derivo, name)(x[0])])(x)
    assert got.shape == (3, 1, 1)


@pytest.mark.parametrize(
    ("x", "phrase"),
    [
        (derivo.zeros(3, 5)[:, :2], "stride divisible by 2 for all but last"),
        (derivo.zeros(3, 4)[:, 1:3], "storage_offset divisible by 2"),
        (derivo.zeros(3, 2, 4).transpose(1, 2), "last dimension with stride 1"),
        (derivo.zeros(3, 3), "last dimension of size 2"),
        (derivo.zeros(2), "one or more dimensions"),
    ],
)
def test_view_as_complex_looks_at_the_memory_of_all_examples(x, phrase):
    with pytest.raises(RuntimeError, match=phrase):
        derivo.func.vmap(derivo.view_as_complex)(x)
