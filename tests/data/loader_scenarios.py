"""Ways to load data whose random order PyTorch and derivo must share.

Each scenario takes the library (``torch`` or ``derivo``) and returns plain lists. The
values that PyTorch gave are recorded by record_loader.py and read by
tests/unit/test_data.py.
"""

from __future__ import annotations

from typing import Any

SCENARIOS: dict[str, Any] = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


def plain(batch: Any) -> Any:
    if hasattr(batch, "tolist"):
        return batch.tolist()
    if isinstance(batch, (list, tuple)):
        return [plain(b) for b in batch]
    return batch


def after(lib):
    # Where the default generator stands: shows draws that the order does not.
    return lib.randint(0, 2**31, (2,)).tolist()


def rows(lib, n=23):
    return lib.utils.data.TensorDataset(lib.arange(n), lib.arange(n) * 10)


@scenario
def two_passes(lib):
    loader = lib.utils.data.DataLoader(rows(lib), batch_size=4, shuffle=True)
    return [[plain(b) for b in loader], [plain(b) for b in loader], after(lib)]


@scenario
def in_order_still_draws(lib):
    loader = lib.utils.data.DataLoader(rows(lib), batch_size=10)
    first = after(lib)
    return [first, [plain(b) for b in loader], after(lib)]


@scenario
def made_but_not_read(lib):
    loader = lib.utils.data.DataLoader(rows(lib), batch_size=4, shuffle=True)
    iter(loader)
    first = after(lib)
    passing = iter(loader)
    return [first, plain(next(passing)), after(lib), plain(next(passing)), after(lib)]


@scenario
def two_loaders_in_turn(lib):
    train = lib.utils.data.DataLoader(rows(lib), batch_size=6, shuffle=True)
    test = lib.utils.data.DataLoader(rows(lib, 7), batch_size=3, shuffle=True)
    out = []
    for _ in range(2):
        for a, b in zip(train, test, strict=False):
            out.append([plain(a), plain(b), lib.rand(1).tolist()])
        out.extend(plain(b) for b in test)
    return [out, after(lib)]


@scenario
def drop_last(lib):
    loader = lib.utils.data.DataLoader(
        rows(lib), batch_size=5, shuffle=True, drop_last=True
    )
    return [len(loader), [plain(b) for b in loader], after(lib)]


@scenario
def without_batches(lib):
    loader = lib.utils.data.DataLoader(rows(lib, 9), batch_size=None, shuffle=True)
    return [[plain(b) for b in loader], after(lib)]


@scenario
def own_generator(lib):
    generator = lib.Generator()
    generator.manual_seed(5)
    loader = lib.utils.data.DataLoader(
        rows(lib), batch_size=8, shuffle=True, generator=generator
    )
    out = [[plain(b) for b in loader], [plain(b) for b in loader]]
    return [out, lib.randperm(6, generator=generator).tolist(), after(lib)]


@scenario
def own_generator_in_order(lib):
    generator = lib.Generator()
    generator.manual_seed(5)
    loader = lib.utils.data.DataLoader(rows(lib), batch_size=8, generator=generator)
    list(loader)
    return [lib.randperm(6, generator=generator).tolist(), after(lib)]


@scenario
def eager_sampler(lib):
    class Eager(lib.utils.data.Sampler):
        def __iter__(self):
            return iter(lib.randperm(5).tolist())

        def __len__(self):
            return 5

    single = lib.utils.data.DataLoader(rows(lib), sampler=Eager(), batch_size=None)
    batched = lib.utils.data.DataLoader(rows(lib), sampler=Eager(), batch_size=2)
    return [[plain(b) for b in single], [plain(b) for b in batched], after(lib)]


@scenario
def replacement(lib):
    data = lib.utils.data
    out = []
    for n, count in ((10, None), (10, 5), (10, 32), (10, 70), (3, 64)):
        sampler = data.RandomSampler(range(n), replacement=True, num_samples=count)
        out.append(list(sampler))
    return [out, after(lib)]


@scenario
def more_than_one_permutation(lib):
    data = lib.utils.data
    generator = lib.Generator()
    generator.manual_seed(11)
    out = []
    for count in (3, 7, 14, 16):
        out.append(list(data.RandomSampler(range(7), num_samples=count)))
        sampler = data.RandomSampler(range(7), num_samples=count, generator=generator)
        out.append(list(sampler))
    return [out, lib.randperm(5, generator=generator).tolist(), after(lib)]


@scenario
def half_read_permutations(lib):
    generator = lib.Generator()
    generator.manual_seed(3)
    sampler = lib.utils.data.RandomSampler(
        range(4), num_samples=12, generator=generator
    )
    passing = iter(sampler)
    first = [next(passing) for _ in range(5)]
    return [first, lib.randperm(5, generator=generator).tolist(), list(passing)]


@scenario
def subset_random(lib):
    sampler = lib.utils.data.SubsetRandomSampler([5, 3, 19, 2, 7])
    loader = lib.utils.data.DataLoader(rows(lib), batch_size=2, sampler=sampler)
    return [list(sampler), [plain(b) for b in loader], after(lib)]


@scenario
def weighted(lib):
    make = lib.utils.data.WeightedRandomSampler
    generator = lib.Generator()
    generator.manual_seed(9)
    weights = [0.1, 0.9, 0.4, 0.7, 3.0, 0.6]
    return [
        list(make(weights, 12, replacement=True)),
        list(make(weights, 5, replacement=False)),
        list(make(weights, 4, True, generator)),
        after(lib),
    ]


@scenario
def batch_sampler(lib):
    data = lib.utils.data
    batches = data.BatchSampler(data.RandomSampler(range(23)), 7, drop_last=True)
    loader = data.DataLoader(rows(lib), batch_sampler=batches)
    return [[plain(b) for b in loader], after(lib)]


@scenario
def split(lib):
    split = lib.utils.data.random_split
    generator = lib.Generator()
    generator.manual_seed(42)
    parts = [
        *split(range(10), [3, 7]),
        *split(range(30), [0.3, 0.3, 0.4], generator=generator),
        *split(range(11), [0.5, 0.25, 0.25]),
    ]
    train, _ = split(rows(lib), [0.8, 0.2])
    loader = lib.utils.data.DataLoader(train, batch_size=5, shuffle=True)
    return [[list(p) for p in parts], [plain(b) for b in loader], after(lib)]


@scenario
def streams(lib):
    class Stream(lib.utils.data.IterableDataset):
        def __iter__(self):
            return iter(range(7))

    loader = lib.utils.data.DataLoader(Stream(), batch_size=3)
    single = lib.utils.data.DataLoader(Stream() + Stream(), batch_size=None)
    return [[plain(b) for b in loader], list(single), after(lib)]
