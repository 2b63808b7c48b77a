# Random numbers equal PyTorch's: every sample and every state, against values that
# tests/data/record_random.py recorded.

from __future__ import annotations

import base64
import copy
import ctypes
import json
import pickle
import threading
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest

from derivo._core.tensor import _alias, _empty, _numbers
from tests.data.random_cases import SCENARIOS, Fresh, Weights, run

RECORDED = json.loads(
    (Path(__file__).parents[1] / "data" / "random.json").read_text(encoding="utf-8")
)["scenarios"]
WIDTH = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}
WIDTH |= {"complex64": 4, "complex128": 8}


def make(derivo, fresh):
    dtype = getattr(derivo, fresh.dtype)
    extent = 1
    if fresh.strides is None:
        memory = view = _empty(fresh.shape, dtype)
    else:
        extent += sum(
            (n - 1) * s for n, s in zip(fresh.shape, fresh.strides, strict=True)
        )
        memory = _empty((extent,), dtype)
        view = _alias(memory, fresh.shape, fresh.strides, 0)
    address, _, itemsize = _numbers(memory)
    if memory.numel():
        ctypes.memset(address, 0, memory.numel() * itemsize)
    return memory, view


def values(derivo, weights):
    shape = weights.shape[::-1] if weights.transposed else weights.shape
    dtype = getattr(derivo, weights.dtype)
    made = derivo.tensor(weights.numbers(), dtype=dtype).reshape(shape)
    return made.t() if weights.transposed else made


def raw(t):
    # The elements' bytes in the order of their indices, read past the tensor's code.
    address, _, itemsize = _numbers(t)
    if t.numel() == 0:
        return b""
    steps = [n * itemsize for n in t.stride()]
    extent = itemsize + sum((n - 1) * s for n, s in zip(t.shape, steps, strict=True))
    block = np.frombuffer(ctypes.string_at(address, extent), f"V{itemsize}")
    return np.lib.stride_tricks.as_strided(block, tuple(t.shape), steps).tobytes()


def dtype_of(step):
    _, args, named, _ = step
    if "dtype" in named:
        return named["dtype"]
    return next((a.dtype for a in args if isinstance(a, Fresh | Weights)), "float32")


def steps_apart(ours, theirs, width):
    # The largest distance in units in the last place.
    kind = {2: np.int16, 4: np.int32, 8: np.int64}[width]
    bits = [np.frombuffer(x, kind).astype(object) for x in (ours, theirs)]
    top = 1 << (8 * width - 1)
    ordered = [[b if b >= 0 else -(b + top) for b in x] for x in bits]
    return max((abs(a - b) for a, b in zip(*ordered, strict=True)), default=0)


def agrees(derivo, step, data, entry):
    if step is None or step[3]:
        return f"{zlib.crc32(data):08x}" == entry
    theirs = base64.b64decode("" if entry == "-" else entry)
    return len(theirs) == len(data) and (
        data == theirs or steps_apart(data, theirs, WIDTH[dtype_of(step)]) <= 1
    )


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.filterwarnings("ignore:.*out of bounds:UserWarning")
@pytest.mark.filterwarnings("ignore:.*dropout2d:UserWarning")
def test_draws_what_pytorch_draws(derivo, name):
    entries = RECORDED[name].split(" ")
    drawn = list(
        run(
            derivo,
            lambda fresh: make(derivo, fresh),
            lambda weights: values(derivo, weights),
            raw,
            name,
        )
    )
    assert len(drawn) == len(entries)
    wrong = [
        (i, step[0] if step else "state", step[1:3] if step else "")
        for i, ((step, data), entry) in enumerate(zip(drawn, entries, strict=True))
        if not agrees(derivo, step, data, entry)
    ]
    assert not wrong, wrong[:5]


def test_comparison_notices_a_wrong_draw(derivo):
    # A test of the test: one step too many, and nothing after it agrees.
    entries = RECORDED["interleaved"].split(" ")
    derivo.manual_seed(6)
    derivo.rand(1)
    step = SCENARIOS["interleaved"][1][0]
    assert not agrees(derivo, step, raw(derivo.randn(3)), entries[0])


# --- generators -------------------------------------------------------------------


def test_seeds(derivo):
    g = derivo.manual_seed(-1)
    assert g is derivo.default_generator
    assert derivo.initial_seed() == 2**64 - 1
    assert derivo.manual_seed(3.7).initial_seed() == 3
    first, second = derivo.seed(), derivo.seed()
    assert first != second == derivo.initial_seed()
    with pytest.raises(ValueError, match="Overflow when unpacking long long"):
        derivo.manual_seed(2**64)
    with pytest.raises(ValueError, match="Overflow when unpacking long long"):
        derivo.manual_seed(-(2**63) - 1)
    for seed in (True, 3.7, "5", None):
        with pytest.raises(RuntimeError, match="manual_seed expected a long, but got"):
            derivo.Generator().manual_seed(seed)


def test_generator_of_its_own(derivo):
    g = derivo.Generator(device="cpu")
    assert g.initial_seed() == 67280421310721
    assert str(g.device) == "cpu"
    assert g.manual_seed(3) is g
    state = derivo.get_rng_state()
    a = derivo.rand(5, generator=g)
    assert derivo.equal(state, derivo.get_rng_state())
    assert derivo.equal(a, derivo.rand(5, generator=g.manual_seed(3)))
    with pytest.raises(RuntimeError, match="no generator for this device"):
        derivo.Generator("cuda")
    with pytest.raises(TypeError, match="invalid combination of arguments"):
        derivo.rand(2, generator=3)
    with pytest.raises(RuntimeError, match="CPU Generator does not use offset"):
        g.get_offset()


def test_state_round_trip(derivo):
    derivo.randn(3)  # leaves a sample behind
    state = derivo.get_rng_state()
    assert state.dtype == derivo.uint8
    assert state.numel() == 5056
    a = derivo.randn(3)
    derivo.set_rng_state(state)
    assert derivo.equal(a, derivo.randn(3))


@pytest.mark.parametrize("way", ["pickle", "copy", "deepcopy", "clone_state"])
def test_generator_copies(derivo, way):
    g = derivo.Generator().manual_seed(11)
    derivo.randn(3, generator=g)
    other = {
        "pickle": lambda: pickle.loads(pickle.dumps(g)),
        "copy": lambda: copy.copy(g),
        "deepcopy": lambda: copy.deepcopy(g),
        "clone_state": g.clone_state,
    }[way]()
    assert other is not g
    assert other.initial_seed() == 11
    expected = derivo.randn(5, generator=g)
    assert derivo.equal(expected, derivo.randn(5, generator=other))


def test_bad_states(derivo):
    g = derivo.Generator()
    state = g.get_state()
    with pytest.raises(TypeError, match=r"expected a torch\.ByteTensor, but got list"):
        g.set_state([1, 2])
    with pytest.raises(TypeError, match=r"RNG state must be a torch\.ByteTensor"):
        g.set_state(derivo.zeros(5056))
    with pytest.raises(RuntimeError, match="found the input RNG state size to be 5055"):
        g.set_state(state[:-1])
    with pytest.raises(RuntimeError, match="RNG state must be contiguous"):
        g.set_state(derivo.zeros(5056, 2, dtype=derivo.uint8)[:, 0])
    for left, following in ((0, 0), (625, 0), (1, 625), (624, 2)):
        broken = bytearray(g._state_bytes())
        broken[8:12] = left.to_bytes(4, "little")
        broken[16:24] = following.to_bytes(8, "little")
        with pytest.raises(RuntimeError, match="Invalid mt19937 state"):
            g._set_state_bytes(bytes(broken))
    assert derivo.equal(g.get_state(), state)


def test_threads_share_a_generator(derivo):
    # Each sample is handed out once: the union of two threads' draws is one thread's.
    g = derivo.Generator().manual_seed(5)
    rounds, size = 20, 6240
    drawn: list[bytes] = []

    def work():
        for _ in range(rounds):
            block = derivo.rand(size, generator=g)
            drawn.append(raw(block))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    g.manual_seed(5)
    expected = [raw(derivo.rand(size, generator=g)) for _ in range(2 * rounds)]
    assert sorted(drawn) == sorted(expected)


# --- moments: what the recorded values cannot say about other seeds ---------------


@pytest.mark.parametrize(
    ("fill", "mean", "variance"),
    [
        (lambda t: t.uniform_(-1, 3), 1.0, 16 / 12),
        (lambda t: t.normal_(2, 3), 2.0, 9.0),
        (lambda t: t.exponential_(0.5), 2.0, 4.0),
        (lambda t: t.bernoulli_(0.3), 0.3, 0.21),
        (lambda t: t.geometric_(0.25), 4.0, 12.0),
        (lambda t: t.random_(0, 10), 4.5, 8.25),
        (lambda t: t.log_normal_(0, 0.5), 1.1331484530668263, 0.3646958540123865),
    ],
    ids=[
        "uniform",
        "normal",
        "exponential",
        "bernoulli",
        "geometric",
        "random",
        "log_normal",
    ],
)
def test_moments(derivo, fill, mean, variance):
    derivo.manual_seed(123)
    n = 200_000
    x = np.frombuffer(raw(fill(derivo.empty(n, dtype=derivo.float64))), np.float64)
    assert abs(x.mean() - mean) < 5 * (variance / n) ** 0.5
    assert abs(x.var() / variance - 1) < 0.05


# --- arguments --------------------------------------------------------------------


def test_sizes(derivo):
    for shape in (derivo.rand(2, 3), derivo.rand((2, 3)), derivo.rand(size=[2, 3])):
        assert tuple(shape.shape) == (2, 3)
    assert derivo.rand(()).shape == ()
    assert derivo.randn(2, 0).numel() == 0
    with pytest.raises(TypeError, match="invalid combination of arguments"):
        derivo.rand()
    with pytest.raises(TypeError, match="must be tuple of ints, not float"):
        derivo.rand(2.5)
    with pytest.raises(RuntimeError, match="tensor with negative dimension -1"):
        derivo.randn(-1)
    with pytest.raises(TypeError, match="unexpected keyword argument 'sizes'"):
        derivo.rand(sizes=3)


def test_out(derivo):
    out = derivo.empty(0)
    assert derivo.rand(2, 3, out=out) is out
    assert tuple(out.shape) == (2, 3)
    assert derivo.randperm(4, out=derivo.empty(3)).dtype == derivo.float32
    with pytest.raises(RuntimeError, match="does not match dtype of out"):
        derivo.rand(2, out=out, dtype=derivo.float64)
    with pytest.raises(RuntimeError, match=r"out=... arguments don't support"):
        derivo.rand(2, out=derivo.empty(2, requires_grad=True))
    with pytest.raises(RuntimeError, match="single memory location"):
        derivo.bernoulli(derivo.rand(6), out=derivo.empty(1).expand(6))
    out = derivo.empty(3)
    derivo.rand(3, out=out)
    assert out._version == 1
    with pytest.raises(RuntimeError, match="multinomial expects Long tensor out"):
        derivo.multinomial(derivo.ones(3), 2, out=derivo.empty(2))


def test_requires_grad_and_placement(derivo):
    assert derivo.rand(2, requires_grad=True).requires_grad
    assert derivo.randn(2, device="cpu", pin_memory=False).is_leaf
    with pytest.raises(RuntimeError, match="is not available"):
        derivo.rand(2, device="cuda")


def test_dtypes_refused(derivo):
    x = derivo.zeros(3, dtype=derivo.int64)
    for call, kernel in [
        (lambda: derivo.rand(3, dtype=derivo.int64), "check_uniform_bounds"),
        (lambda: derivo.randn(3, dtype=derivo.int64), "normal_kernel_cpu"),
        (lambda: derivo.rand_like(x), "check_uniform_bounds"),
        (lambda: x.uniform_(), "check_uniform_bounds"),
        (lambda: x.normal_(), "normal_kernel_cpu"),
        (lambda: derivo.bernoulli(x), "bernoulli_tensor_cpu_p_"),
        (lambda: derivo.poisson(x), "poisson_cpu"),
        (lambda: derivo.randperm(2, dtype=derivo.bool), "randperm"),
    ]:
        with pytest.raises(NotImplementedError, match=f'"{kernel}" not implemented'):
            call()
    with pytest.raises(RuntimeError, match="continuous probability distribution"):
        x.exponential_()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda d, x: x.uniform_(2, 1),
            RuntimeError,
            r"a \[from, to\) range",
        ),
        (lambda d, x: x.uniform_(-3e38, 3e38), RuntimeError, "expects to-from <="),
        (lambda d, x: x.uniform_(0, 1e39), RuntimeError, "to is out of bounds for"),
        (lambda d, x: x.normal_(0, -1), RuntimeError, "normal expects std >= 0.0"),
        (lambda d, x: x.exponential_(0), RuntimeError, "expects lambda > 0.0"),
        (lambda d, x: x.cauchy_(0, 0), RuntimeError, "expects sigma > 0.0"),
        (lambda d, x: x.log_normal_(0, 0), RuntimeError, "expects std > 0.0"),
        (lambda d, x: x.geometric_(1), RuntimeError, r"expects p to be in \(0, 1\)"),
        (lambda d, x: x.bernoulli_(1.5), RuntimeError, r"expects p to be in \[0, 1\]"),
        (lambda d, x: x.bernoulli_(d.ones(2)), RuntimeError, "expanded size"),
        (lambda d, x: x.bernoulli_(d.ones(2, 3)), RuntimeError, "sizes provided"),
        (lambda d, x: x.random_(5, 5), RuntimeError, "'from' to be less than 'to'"),
        (lambda d, x: x.random_(0, 2.5), TypeError, "must be int, not float"),
        (lambda d, x: d.bernoulli(x + 2), RuntimeError, "p_in >= 0 && p_in <= 1"),
        (lambda d, x: d.poisson(x - 1), RuntimeError, "rate to be non-negative"),
        (lambda d, x: d.randint(0, (3,)), RuntimeError, "'from' to be less than 'to'"),
        (lambda d, x: d.randint(2.5, (3,)), TypeError, "'high' .* must be int"),
        (lambda d, x: d.randint(5, 3), TypeError, "must be tuple of ints, not int"),
        (lambda d, x: d.randint(2**63, (3,)), ValueError, "Overflow when unpacking"),
        (
            lambda d, x: d.randint(300, (3,), dtype=d.uint8),
            RuntimeError,
            "to - 1 is out of bounds for unsigned char",
        ),
        (
            lambda d, x: d.randint(70000, (3,), dtype=d.float16),
            RuntimeError,
            "to - 1 is out of bounds for c10::Half",
        ),
        (lambda d, x: d.randperm(-1), RuntimeError, "negative dimension"),
        (lambda d, x: d.randperm(3.0), TypeError, "argument 'n' .* must be int"),
        (
            lambda d, x: d.randperm(300, dtype=d.uint8),
            RuntimeError,
            "cannot be converted to type uint8_t without overflow",
        ),
        (
            lambda d, x: d.randperm(2050, dtype=d.float16),
            RuntimeError,
            "n cannot be greater than 2049 for Half type",
        ),
        (lambda d, x: d.normal(0.0, 1.0), TypeError, "invalid combination"),
        (lambda d, x: d.normal(x, x - 1), RuntimeError, "all elements of std >= 0.0"),
        (lambda d, x: d.normal(x, d.ones(4)), RuntimeError, "must match the size"),
        (lambda d, x: d.multinomial(x + 1, 0), RuntimeError, "cannot sample n_sample"),
        (lambda d, x: d.multinomial(x + 1, 4), RuntimeError, "without replacement"),
        (lambda d, x: d.multinomial(x, 2), RuntimeError, "sum of probabilities <= 0"),
        (lambda d, x: d.multinomial(x, 2, True), RuntimeError, "probabilities <= 0"),
        (lambda d, x: d.multinomial(x - 1, 2), RuntimeError, "or element < 0"),
        (lambda d, x: d.multinomial(x - 1, 2, True), RuntimeError, "entry < 0"),
        (lambda d, x: d.multinomial(d.ones(1, 1, 1), 1), RuntimeError, "1 or 2 dim"),
        (
            lambda d, x: d.nn.functional.dropout(x, 1.5),
            ValueError,
            "dropout probability has to be between 0 and 1, but got 1.5",
        ),
        (lambda d, x: d.dropout(x, -1, True), RuntimeError, "dropout probability"),
        (
            lambda d, x: d.nn.functional.dropout1d(x),
            RuntimeError,
            "Expected 2D or 3D input",
        ),
        (
            lambda d, x: d.nn.functional.dropout(x.long()),
            RuntimeError,
            "can't be cast to the desired output type Long",
        ),
        (
            lambda d, x: x.expand(4, 3).uniform_(),
            RuntimeError,
            "single memory location",
        ),
    ],
)
def test_refusals(derivo, call, error, message):
    x = derivo.zeros(3)
    with pytest.raises(error, match=message):
        call(derivo, x)


def test_warns_of_integers_that_cannot_occur(derivo):
    with pytest.warns(UserWarning, match=r"out of bounds \[-\(2\^11\), 2\^11\]"):
        x = derivo.randint(5000, (100,), dtype=derivo.float16)
    assert bool((x < 5000).all())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        derivo.randint(2048, (3,), dtype=derivo.float16)


# --- the graph --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "change"),
    [
        ("UniformBackward0", lambda d, t: t.uniform_()),
        ("NormalBackward0", lambda d, t: t.normal_()),
        ("ExponentialBackward0", lambda d, t: t.exponential_()),
        ("RandomBackward2", lambda d, t: t.random_()),
        ("RandomBackward1", lambda d, t: t.random_(5)),
        ("RandomBackward0", lambda d, t: t.random_(2, 5)),
        ("BernoulliBackward2", lambda d, t: t.bernoulli_()),
        ("BernoulliBackward1", lambda d, t: t.bernoulli_(d.full((3,), 0.5))),
        ("GeometricBackward0", lambda d, t: t.geometric_(0.5)),
        ("CauchyBackward0", lambda d, t: t.cauchy_()),
        ("LogNormalBackward0", lambda d, t: t.log_normal_()),
    ],
)
def test_fill_of_a_tracked_tensor(derivo, node, change):
    x = derivo.ones(3, requires_grad=True)
    y = x * 2
    version = y._version
    assert change(derivo, y) is y
    assert y._version == version + 1
    assert y.grad_fn.name() == node
    y.sum().backward()
    assert x.grad.tolist() == [0, 0, 0]
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        change(derivo, x)
    with derivo.no_grad():
        change(derivo, x)
    assert x.is_leaf


@pytest.mark.parametrize(
    ("node", "sample"),
    [
        ("BernoulliBackward0", lambda d, x: d.bernoulli(x)),
        ("BernoulliBackward2", lambda d, x: d.bernoulli(x, 0.5)),
        ("PoissonBackward0", lambda d, x: d.poisson(x)),
        ("NormalBackward1", lambda d, x: d.normal(x, 1.0)),
        ("NormalBackward2", lambda d, x: d.normal(0.0, x)),
        ("NormalBackward3", lambda d, x: d.normal(x, x)),
    ],
)
def test_sample_of_a_tracked_tensor(derivo, node, sample):
    x = derivo.full((3,), 0.5, requires_grad=True)
    y = sample(derivo, x)
    assert y.grad_fn.name() == node
    y.sum().backward()
    assert x.grad.tolist() == [0, 0, 0]


def test_no_graph_of_integers(derivo):
    x = derivo.ones(3, requires_grad=True)
    assert not derivo.multinomial(x, 2).requires_grad
    assert derivo.rand_like(x).is_leaf


def test_dropout_gradient_is_its_mask(derivo):
    x = derivo.ones(50, requires_grad=True)
    y = derivo.nn.functional.dropout(x, 0.3)
    assert y.grad_fn.name() == "MulBackward0"
    y.sum().backward()
    assert derivo.equal(x.grad, y.detach())
    assert derivo.nn.functional.dropout(x, 0.0) is x
    assert derivo.nn.functional.dropout(x, training=False) is x
    assert derivo.nn.functional.dropout(x, 1.0).tolist() == [0.0] * 50


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("dropout", (6,)),
        ("dropout1d", (6, 2)),
        ("dropout1d", (2, 3, 2)),
        ("dropout2d", (2, 3, 2, 2)),
        ("dropout3d", (6, 1, 2, 2)),
        ("alpha_dropout", (6,)),
        ("feature_alpha_dropout", (3, 4, 2)),
    ],
)
def test_dropout_in_place(derivo, name, shape):
    function = getattr(derivo.nn.functional, name)
    derivo.manual_seed(3)
    expected = function(derivo.ones(shape), 0.5, True)
    derivo.manual_seed(3)
    leaf = derivo.ones(shape, requires_grad=True)
    x = leaf * 1
    assert function(x, 0.5, True, True) is x
    assert derivo.equal(x, expected)
    x.sum().backward()
    assert leaf.grad.shape == shape
    assert len(set(expected.flatten().tolist())) == 2


def test_native_dropout(derivo):
    x = derivo.full((50,), 3.0, requires_grad=True)
    y, mask = derivo.native_dropout(x, 0.5, True)
    assert y.grad_fn.name() == "NativeDropoutBackward0"
    assert mask.dtype == derivo.bool
    y.sum().backward()
    assert derivo.equal(x.grad, mask * 2.0)
    y, mask = derivo.native_dropout(x, 0.5, False)
    assert bool(mask.all())
    assert derivo.equal(y, x)


def test_rrelu(derivo):
    x = derivo.linspace(-2, 2, 50).requires_grad_()
    y = derivo.nn.functional.rrelu(x, 0.1, 0.3, training=True)
    assert y.grad_fn.name() == "RreluWithNoiseBackward0"
    y.sum().backward()
    slopes = x.grad
    assert bool((slopes[x > 0] == 1).all())
    below = slopes[x <= 0]
    assert bool(((below >= 0.1) & (below < 0.3)).all())
    still = derivo.nn.functional.rrelu(x, 0.1, 0.3)
    assert derivo.allclose(still[0], x[0] * 0.2)


def test_fork_rng(derivo):
    import derivo.random

    state = derivo.get_rng_state()

    def work():
        with derivo.random.fork_rng():
            derivo.randn(3)
            raise KeyError("fails in the middle")

    with pytest.raises(KeyError, match="in the middle"):
        work()
    assert derivo.equal(state, derivo.get_rng_state())
    with derivo.random.fork_rng(enabled=False):
        derivo.randn(3)
    assert not derivo.equal(state, derivo.get_rng_state())
