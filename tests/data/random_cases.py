# What the random number tests run, on PyTorch (to record) and on derivo (to compare).
#
# A scenario is a seed and a list of steps that draw one after the other, so that the
# state left by one step, and the sample that it may have kept back, reach the next.
# A step is (function, arguments, keywords, exact): a method of a tensor where the
# first argument is a Fresh one, else a function. `exact` says whether every bit is
# decided by IEEE arithmetic; if not, the C library's last bit comes in.

from __future__ import annotations

from typing import Any, NamedTuple


class Fresh(NamedTuple):
    # Zeros that are to be filled.
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...] | None = None


class Weights(NamedTuple):
    # ((37 i) mod 101 + 1) / 128 times a power of two: exact in every dtype.
    dtype: str
    shape: tuple[int, ...]
    scale: float = 1.0
    transposed: bool = False

    def numbers(self) -> list[float]:
        count = 1
        for n in self.shape:
            count *= n
        return [((37 * i) % 101 + 1) / 128 * self.scale for i in range(count)]


Step = tuple[str, tuple[Any, ...], dict[str, Any], bool]

FLOATS = ("float16", "bfloat16", "float32", "float64")
INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
SIZES = (0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 63, 100, 199, 200, 624, 1000)
STRIDED = (
    ((5, 7), (1, 5)),
    ((6, 8), (16, 2)),
    ((3, 4, 5), (1, 15, 3)),
    ((2, 3, 4, 5), (60, 1, 15, 3)),
    ((7,), (3,)),
    ((17, 1), (3, 9)),
    ((4, 1, 6), (6, 2, 1)),
    ((40, 30), (1, 40)),
)
LAYOUTS = (*(((n,), None) for n in SIZES), *STRIDED)
SHORT = (*(((n,), None) for n in (1, 5, 15, 16, 17, 30)), *STRIDED[:4])


def fill(method: str, dtype: str, layout: Any, *args: Any, exact: bool = True) -> Step:
    return (method, (Fresh(dtype, *layout), *args), {}, exact)


def new(function: str, *args: Any, exact: bool = True, **named: Any) -> Step:
    return (function, args, named, exact)


def _scenarios() -> dict[str, tuple[int, list[Step]]]:
    found: dict[str, tuple[int, list[Step]]] = {}

    def add(name: str, seed: int, steps: list[Step]) -> None:
        found[name] = (seed, steps)

    for seed in (0, 42, 2**64 - 1, -5, 2**32 + 7):
        add(f"words of seed {seed}", seed, [new("rand", 2000)])
    for dtype in FLOATS:
        add(
            f"uniform {dtype}",
            1,
            [
                fill("uniform_", dtype, layout, *bounds)
                for layout in LAYOUTS
                for bounds in ((), (-3, 7.3), (0.1, 0.1001), (-1, 0))
            ],
        )
        steps = []
        for layout in LAYOUTS:
            for args in ((), (1.7, 0.3)):
                long = layout[1] is None and layout[0][0] >= 16 and dtype != "float64"
                if long or layout in SHORT:
                    steps.append(fill("normal_", dtype, layout, *args, exact=long))
        add(f"normal {dtype}", 2, steps)
        steps = []
        for layout in SHORT:
            steps += [
                fill("exponential_", dtype, layout, exact=False),
                fill("exponential_", dtype, layout, 2.3, exact=False),
                fill("cauchy_", dtype, layout, 1.3, 0.7, exact=False),
                fill("log_normal_", dtype, layout, 0.3, 0.7, exact=False),
                fill("geometric_", dtype, layout, 0.3),
            ]
        add(f"continuous {dtype}", 3, steps)
    for dtype in ("bool", *INTEGERS, *FLOATS):
        steps = []
        for layout in SHORT:
            steps += [
                fill("random_", dtype, layout),
                fill("random_", dtype, layout, 2),
                fill("bernoulli_", dtype, layout, 0.3),
                fill("bernoulli_", dtype, layout, 1 / 3),
                fill("bernoulli_", dtype, layout, 1.0),
            ]
            shape = layout[0]
            for kind in FLOATS:
                steps.append(fill("bernoulli_", dtype, layout, Weights(kind, shape)))
                steps.append(
                    fill("bernoulli_", dtype, layout, Weights(kind, shape[-1:]))
                )
            if dtype != "bool":
                steps.append(fill("random_", dtype, layout, 100))
                steps.append(fill("geometric_", dtype, layout, 0.7))
                steps.append(fill("random_", dtype, layout, 3, None))
            if dtype not in ("bool", "uint8"):
                steps.append(fill("random_", dtype, layout, -7, 100))
            if dtype in ("int32", "int64", "float32", "float64"):
                steps.append(fill("random_", dtype, layout, 2**28))
                steps.append(fill("random_", dtype, layout, 2**28 - 1))
            if dtype in ("int64", "bfloat16", "float32", "float64"):
                steps.append(fill("random_", dtype, layout, -(2**63), None))
            if dtype == "int64":
                steps.append(fill("random_", dtype, layout, -(2**62), 2**62 + 7))
                steps.append(fill("random_", dtype, layout, -(2**63), 2**63 - 1))
        add(f"discrete {dtype}", 4, steps)
    steps = []
    for dtype in ("complex64", "complex128"):
        for layout in (((7,), None), ((8,), None), ((9,), None), ((6, 5), (1, 6))):
            long = layout == ((8,), None) and dtype == "complex64"
            steps.append(fill("normal_", dtype, layout, 0.3, 0.7, exact=long))
            steps.append(fill("uniform_", dtype, layout, -1, 2))
    add("complex", 5, steps)

    steps = []
    for _ in range(3):
        steps += [
            new("randn", 3, exact=False),
            new("rand", 2),
            new("randn", 5, dtype="float64", exact=False),
            fill("exponential_", "float32", ((3,), None), exact=False),
            new("randn", 1, exact=False),
            new("randn", 20),
            new("randn", 2, exact=False),
            fill("normal_", "float64", ((3, 7), (1, 3)), 1.0, 2.0, exact=False),
            new("randint", 10, (5,)),
            fill("log_normal_", "float32", ((5,), None), exact=False),
            new("randperm", 9),
            new("randn", 17, dtype="bfloat16"),
            fill("cauchy_", "float64", ((2,), None), exact=False),
        ]
    add("interleaved", 6, steps)

    steps = [new("rand", 100000), new("randn", 100000), new("randn", 4099)]
    for n in (0, 1, 2, 3, 50, 127, 200, 1000, 50000):
        for dtype in (*INTEGERS, *FLOATS):
            limit = {"int8": 128, "uint8": 256, "float16": 2049, "bfloat16": 257}
            if n <= limit.get(dtype, 32768):
                steps.append(new("randperm", n, dtype=dtype))
    steps += [
        new("rand", 3, 4),
        new("rand", (2, 3), dtype="float64"),
        new("rand", 2, 2, dtype="complex64"),
        new("randn", 2, 8),
        new("randn", [4, 8], dtype="float16"),
        new("randint", 5, (3, 4)),
        new("randint", -5, 5, (30,)),
        new("randint", low=2, high=2**40, size=(9,)),
        new("randint", 3, (6,), dtype="uint8"),
        new("randint", 7, (6,), dtype="float32"),
        new("rand_like", Weights("float32", (5, 4), transposed=True)),
        new("rand_like", Weights("float64", (20,))),
        new("rand_like", Weights("float32", (20,)), dtype="float64"),
        new("randn_like", Weights("float32", (5, 4))),
        new("randn_like", Weights("float32", (5, 4), transposed=True), exact=False),
        new("randint_like", Weights("float32", (5, 4), transposed=True), 10),
        new("randint_like", Weights("float64", (5,)), -3, 10),
        new("normal", 2.0, 3.0, (16,)),
        new("normal", Weights("float32", (20,)), 0.5),
        new("normal", 1.5, Weights("float32", (20,))),
        new("normal", Weights("float32", (20,)), Weights("float32", (20,))),
        new("normal", Weights("float32", (4, 1)), Weights("float32", (5,))),
        new("normal", Weights("float32", (3,)), 0.5, exact=False),
        new("normal", Weights("float64", (3,)), 0.5, exact=False),
    ]
    add("new tensors", 7, steps)

    steps = []
    for dtype in FLOATS:
        for scale in (0.5, 8.0, 64.0, 2048.0):
            steps.append(new("poisson", Weights(dtype, (60,), scale)))
        steps += [
            new("bernoulli", Weights(dtype, (60,))),
            new("bernoulli", Weights(dtype, (6, 10), transposed=True)),
            new("bernoulli", Weights(dtype, (60,)), 0.25),
        ]
        for shape in ((1,), (5,), (101,), (4, 7), (3, 100)):
            for turned in (False, True):
                if turned and len(shape) == 1:
                    continue
                weights = Weights(dtype, shape, transposed=turned)
                steps.append(new("multinomial", weights, 50, True))
                steps.append(new("multinomial", weights, 1, True))
                steps.append(new("multinomial", weights, 1))
        # The half types have equal quotients, whose order is told by the selection.
        for shape in ((5,), (101,), (4, 7), (3, 100), (400,)):
            few = min(shape[-1], 4)
            steps.append(new("multinomial", Weights(dtype, shape), few))
            steps.append(new("multinomial", Weights(dtype, shape), shape[-1] // 2 + 1))
            steps.append(new("multinomial", Weights(dtype, shape), shape[-1]))
        if dtype in ("float32", "float64"):
            for scale in (4.0, 1024.0, 2.0**20):
                trials = Weights(dtype, (60,), scale * 128)
                steps.append(new("binomial", trials, Weights(dtype, (60,))))
                steps.append(new("binomial", trials, Weights(dtype, (1,), 2.0**-8)))
    add("parameters", 8, steps)

    steps = []
    for dtype in FLOATS:
        for p in (0.1, 0.3, 0.5, 0.77):
            steps.append(new("nn.functional.dropout", Weights(dtype, (40,)), p))
        turned = Weights(dtype, (5, 8), transposed=True)
        steps += [
            new("nn.functional.dropout", turned, 0.4),
            new("nn.functional.dropout1d", Weights(dtype, (2, 4, 3)), 0.4),
            new("nn.functional.dropout2d", Weights(dtype, (2, 4, 2, 2)), 0.4),
            new("nn.functional.dropout3d", Weights(dtype, (2, 4, 2, 1, 2)), 0.4),
            new("nn.functional.alpha_dropout", turned, 0.4, True, exact=False),
            new("native_dropout", Weights(dtype, (40,)), 0.3, True),
        ]
        if dtype != "float16":
            negative = Weights(dtype, (60,), -2.0)
            exact = dtype != "bfloat16"
            steps.append(
                new("nn.functional.rrelu", negative, 0.1, 0.3, True, exact=exact)
            )
    add("noise", 9, steps)
    return found


SCENARIOS = _scenarios()


def run(lib: Any, make: Any, values: Any, raw: Any, name: str) -> Any:
    # Yield (step, bytes of the result) for each step, then ("state", its bytes).
    # `make(Fresh)` gives (memory, view), `values(Weights)` a tensor, `raw(t)` bytes.
    seed, steps = SCENARIOS[name]
    lib.manual_seed(seed)
    for step in steps:
        function, args, named, _ = step
        named = dict(named)
        if "dtype" in named:
            named["dtype"] = getattr(lib, named["dtype"])
        memory = None
        given = []
        for arg in args:
            if isinstance(arg, Fresh):
                memory, arg = make(arg)
            elif isinstance(arg, Weights):
                arg = values(arg)
            given.append(arg)
        if memory is not None:
            getattr(given[0], function)(*given[1:], **named)
            yield step, raw(memory)
            continue
        target = lib
        for part in function.split("."):
            target = getattr(target, part)
        result = target(*given, **named)
        if isinstance(result, tuple):
            yield step, b"".join(raw(t) for t in result)
        else:
            yield step, raw(result)
    yield None, raw(lib.get_rng_state())
