"""Random numbers: the same seed gives the same numbers."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from conformance._snippet import exactly, raised, within_ulps

if TYPE_CHECKING:
    from collections.abc import Callable

CASES: dict[str, Callable[[Any], Any]] = {}

# Normal samples of 16 and more come from vectorised log, sin and cos in PyTorch, whose
# last bits depend on the machine's vector unit.
NORMAL_ULPS = 4

_SHAPES = [(), (1,), (3,), (15,), (16,), (17,), (31,), (32,), (33,), (1000,), (4, 5)]
_SEEDS = (0, 1, 12345, 2**40 + 7)


def _label(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "0d"


def _add(
    name: str, draw: Callable[[Any], Any], seed: int = 3, ulps: int | None = 0
) -> None:
    def case(torch: Any) -> Any:
        torch.manual_seed(seed)
        # The second draw tells whether the first one consumed what it should have.
        outs = [draw(torch), draw(torch), torch.rand(2)]
        return [within_ulps(t, ulps or 0) if torch.is_tensor(t) else t for t in outs]

    assert name not in CASES, name
    CASES[name] = case


for _shape, _dtype in product(_SHAPES, ("float32", "float64")):
    _n = f"{_label(_shape)}_{_dtype}"

    def _t(torch: Any, s: Any = _shape, d: str = _dtype) -> Any:
        return torch.empty(s, dtype=getattr(torch, d))

    _add(
        f"rand_{_n}",
        lambda torch, s=_shape, d=_dtype: torch.rand(s, dtype=getattr(torch, d)),
    )
    _add(
        f"randn_{_n}",
        lambda torch, s=_shape, d=_dtype: torch.randn(s, dtype=getattr(torch, d)),
        ulps=NORMAL_ULPS,
    )
    _add(f"uniform_{_n}", lambda torch, t=_t: t(torch).uniform_(-2.5, 7.0))
    _add(
        f"normal_{_n}",
        lambda torch, t=_t: t(torch).normal_(1.5, 0.25),
        ulps=NORMAL_ULPS,
    )
    _add(f"exponential_{_n}", lambda torch, t=_t: t(torch).exponential_(0.7), ulps=4)
    _add(f"random_{_n}", lambda torch, t=_t: t(torch).random_())
    _add(f"bernoulli_{_n}", lambda torch, t=_t: t(torch).bernoulli_(0.3))
    _add(
        f"bernoulli_of_{_n}",
        lambda torch, t=_t: torch.bernoulli(t(torch).fill_(0.25)),
    )
    _add(
        f"dropout_{_n}",
        lambda torch, t=_t: torch.nn.functional.dropout(t(torch).fill_(1.0), 0.4),
    )

for _seed in _SEEDS:
    _add(f"seed_{_seed}_rand", lambda torch: torch.rand(20), _seed)
    _add(f"seed_{_seed}_randn", lambda torch: torch.randn(20), _seed, NORMAL_ULPS)
    _add(f"seed_{_seed}_randperm", lambda torch: torch.randperm(20), _seed)
    _add(f"seed_{_seed}_randint", lambda torch: torch.randint(0, 1000, (20,)), _seed)
    _add(f"seed_{_seed}_small_normal", lambda torch: torch.randn(5), _seed, NORMAL_ULPS)

for _dtype in (
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float32",
    "float64",
    "bool",
):
    _high = 2 if _dtype == "bool" else 100
    _add(
        f"randint_{_dtype}",
        lambda torch, d=_dtype, h=_high: torch.randint(
            0, h, (50,), dtype=getattr(torch, d)
        ),
    )
    _add(
        f"random_{_dtype}",
        lambda torch, d=_dtype: torch.empty(50, dtype=getattr(torch, d)).random_(),
    )
for _low, _high in ((0, 1), (-5, 5), (0, 2**31), (0, 2**33), (-(2**40), 2**62), (3, 4)):
    _add(
        f"randint_{_low}_{_high}",
        lambda torch, a=_low, b=_high: torch.randint(a, b, (25,)),
    )
    _add(
        f"random_between_{_low}_{_high}",
        lambda torch, a=_low, b=_high: torch.empty(25, dtype=torch.int64).random_(a, b),
    )
_add("random_to", lambda torch: torch.empty(25).random_(10))
_add("randint_one_bound", lambda torch: torch.randint(9, (3, 4)))
for _n in (0, 1, 2, 3, 10, 100, 1000, 30000):
    _add(f"randperm_{_n}", lambda torch, n=_n: torch.randperm(n))
_add("randperm_int32", lambda torch: torch.randperm(40, dtype=torch.int32))
_add("randperm_float32", lambda torch: torch.randperm(40, dtype=torch.float32))

# Not contiguous: the order is that of the elements' indices, or of memory?
_STRIDED: dict[str, Callable[[Any], Any]] = {
    "transposed": lambda torch: torch.zeros(7, 5).t(),
    "sliced": lambda torch: torch.zeros(40)[::2],
    "columns": lambda torch: torch.zeros(10, 10)[:, 3:6],
    "permuted": lambda torch: torch.zeros(3, 4, 5).permute(2, 0, 1),
    "small": lambda torch: torch.zeros(3, 3).t(),
}
for (_name, _make), _method in product(
    _STRIDED.items(), ("uniform_", "normal_", "exponential_", "random_", "bernoulli_")
):
    _add(
        f"strided_{_name}_{_method}",
        lambda torch, make=_make, m=_method: getattr(make(torch), m)(),
        ulps=NORMAL_ULPS,
    )

_add("rand_like", lambda torch: torch.rand_like(torch.zeros(3, 7)))
_add("randn_like", lambda torch: torch.randn_like(torch.zeros(5)), ulps=NORMAL_ULPS)
_add("randint_like", lambda torch: torch.randint_like(torch.zeros(5), 3, 9))
_add(
    "normal_tensor_mean",
    lambda torch: torch.normal(torch.arange(20.0), 0.5),
    ulps=NORMAL_ULPS,
)
_add(
    "normal_tensor_std",
    lambda torch: torch.normal(2.0, torch.arange(1.0, 21.0)),
    ulps=NORMAL_ULPS,
)
_add(
    "normal_both",
    lambda torch: torch.normal(torch.arange(6.0), torch.arange(1.0, 7.0)),
    ulps=NORMAL_ULPS,
)
_add("normal_size", lambda torch: torch.normal(1.0, 2.0, (2, 9)), ulps=NORMAL_ULPS)
_add("multinomial", lambda torch: torch.multinomial(torch.tensor([1.0, 2.0, 3.0]), 2))
_add(
    "multinomial_replaced",
    lambda torch: torch.multinomial(torch.tensor([1.0, 2.0, 3.0]), 20, True),
)
_add(
    "multinomial_rows",
    lambda torch: torch.multinomial(torch.arange(1.0, 13.0).reshape(3, 4), 3),
)
_add("multinomial_one", lambda torch: torch.multinomial(torch.ones(9), 1))
_add("geometric", lambda torch: torch.empty(20).geometric_(0.3))
_add("cauchy", lambda torch: torch.empty(20).cauchy_(), ulps=8)
_add("log_normal", lambda torch: torch.empty(20).log_normal_(), ulps=8)
_add("half_rand", lambda torch: torch.rand(20, dtype=torch.float16).float())
_add("bfloat16_rand", lambda torch: torch.rand(20, dtype=torch.bfloat16).float())
_add(
    "bernoulli_double",
    lambda torch: torch.bernoulli(torch.full((9,), 0.5, dtype=torch.float64)),
)

# --- initialisation ---------------------------------------------------------------

_INITIALISERS: dict[str, Callable[[Any, Any], Any]] = {
    "uniform_": lambda init, t: init.uniform_(t, -1, 1),
    "normal_": lambda init, t: init.normal_(t, 0, 2),
    "xavier_uniform_": lambda init, t: init.xavier_uniform_(t),
    "xavier_normal_": lambda init, t: init.xavier_normal_(t, gain=2.0),
    "kaiming_uniform_": lambda init, t: init.kaiming_uniform_(t),
    "kaiming_normal_": lambda init, t: init.kaiming_normal_(t, mode="fan_out"),
    "trunc_normal_": lambda init, t: init.trunc_normal_(t, std=0.02),
    "constant_": lambda init, t: init.constant_(t, 3.0),
    "ones_": lambda init, t: init.ones_(t),
    "zeros_": lambda init, t: init.zeros_(t),
    "eye_": lambda init, t: init.eye_(t),
}
for _name, _fill in _INITIALISERS.items():
    _add(
        f"init_{_name}",
        lambda torch, fill=_fill: fill(torch.nn.init, torch.empty(6, 9)).detach(),
        ulps=8,
    )

_LAYERS: dict[str, Callable[[Any], Any]] = {
    "linear": lambda nn: nn.Linear(5, 7),
    "linear_no_bias": lambda nn: nn.Linear(5, 7, bias=False),
    "conv": lambda nn: nn.Conv2d(2, 3, 3),
    "embedding": lambda nn: nn.Embedding(11, 4),
    "embedding_padded": lambda nn: nn.Embedding(11, 4, padding_idx=2),
    "layer_norm": lambda nn: nn.LayerNorm(6),
    "sequence": lambda nn: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)),
}
for _name, _build in _LAYERS.items():

    def _layer(torch: Any, build: Any = _build) -> Any:
        torch.manual_seed(5)
        state = build(torch.nn).state_dict()
        return {k: within_ulps(v, NORMAL_ULPS) for k, v in state.items()}

    CASES[f"layer_{_name}"] = _layer


# --- generators -------------------------------------------------------------------


def case_generator_object(torch: Any) -> Any:
    g = torch.Generator()
    g.manual_seed(11)
    torch.manual_seed(2)
    a = torch.rand(3, generator=g)
    b = torch.rand(3)
    return [exactly(a), exactly(b), g.initial_seed(), torch.initial_seed()]


def case_generator_default_seed(torch: Any) -> Any:
    return [
        torch.Generator().initial_seed(),
        exactly(torch.rand(4, generator=torch.Generator())),
    ]


def case_state_is_restored(torch: Any) -> Any:
    torch.manual_seed(9)
    torch.randn(3)
    state = torch.get_rng_state()
    a = torch.rand(5)
    torch.set_rng_state(state)
    b = torch.rand(5)
    return [exactly(a), exactly(b), list(state.shape), str(state.dtype)]


def case_state_between_normals(torch: Any) -> Any:
    # An odd number of small normal draws leaves one in the generator.
    torch.manual_seed(9)
    torch.randn(1)
    state = torch.get_rng_state()
    a = torch.randn(4)
    torch.set_rng_state(state)
    b = torch.randn(4)
    return [within_ulps(a, NORMAL_ULPS), within_ulps(b, NORMAL_ULPS)]


def case_state_bytes(torch: Any) -> Any:
    torch.manual_seed(123)
    before = torch.get_rng_state()
    torch.rand(7)
    after = torch.get_rng_state()
    return [exactly(before), exactly(after)]


def case_generator_state(torch: Any) -> Any:
    g = torch.Generator().manual_seed(4)
    torch.rand(10, generator=g)
    h = torch.Generator()
    h.set_state(g.get_state())
    return [
        exactly(torch.rand(4, generator=g)),
        exactly(torch.rand(4, generator=h)),
        torch.equal(torch.randperm(6, generator=g), torch.randperm(6, generator=h)),
    ]


def case_manual_seed_returns(torch: Any) -> Any:
    g = torch.manual_seed(77)
    return [g is torch.default_generator, g.initial_seed(), torch.initial_seed()]


def case_negative_seed(torch: Any) -> Any:
    torch.manual_seed(-1)
    return [torch.initial_seed(), exactly(torch.rand(3))]


def case_seed_out_of_range(torch: Any) -> Any:
    return [
        raised(lambda: torch.manual_seed(2**64)),
        raised(lambda: torch.manual_seed(-(2**63) - 1)),
    ]


def case_fork_rng(torch: Any) -> Any:
    torch.manual_seed(1)
    with torch.random.fork_rng():
        torch.rand(10)
    return exactly(torch.rand(3))


def case_loader_order(torch: Any) -> Any:
    data = torch.utils.data.TensorDataset(torch.arange(23))
    torch.manual_seed(21)
    loader = torch.utils.data.DataLoader(data, batch_size=5, shuffle=True)
    return [[b[0].tolist() for b in loader] for _ in range(2)]


def case_loader_order_with_generator(torch: Any) -> Any:
    data = torch.utils.data.TensorDataset(torch.arange(10))
    g = torch.Generator().manual_seed(3)
    loader = torch.utils.data.DataLoader(
        data, batch_size=4, shuffle=True, generator=g, drop_last=True
    )
    return [b[0].tolist() for b in loader]


def case_random_split(torch: Any) -> Any:
    data = torch.utils.data.TensorDataset(torch.arange(10))
    torch.manual_seed(8)
    parts = torch.utils.data.random_split(data, [6, 4])
    return [[p[i][0].item() for i in range(len(p))] for p in parts]


def case_dropout_module(torch: Any) -> Any:
    torch.manual_seed(6)
    layer = torch.nn.Dropout(0.25)
    a = layer(torch.ones(4, 5))
    return [exactly(a), exactly(layer.eval()(torch.ones(3)))]


def case_bad_arguments(torch: Any) -> Any:
    return [
        raised(lambda: torch.randint(5, 5, (2,)), "from"),
        raised(lambda: torch.empty(2).normal_(0, -1), "std"),
        raised(lambda: torch.bernoulli(torch.tensor([2.0]))),
        raised(lambda: torch.multinomial(torch.tensor([1.0]), 2)),
        raised(lambda: torch.empty(2).uniform_(1, 0)),
        raised(lambda: torch.empty(2).exponential_(-1.0)),
        raised(lambda: torch.randperm(-1)),
    ]
