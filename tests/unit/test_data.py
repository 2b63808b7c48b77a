# derivo.utils.data: orders recorded from PyTorch, batches, and every refusal.
from __future__ import annotations

import collections
import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import derivo
from derivo.utils.data import (
    BatchSampler,
    ChainDataset,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    StackDataset,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    default_convert,
    get_worker_info,
    random_split,
)
from derivo.utils.data._utils.collate import collate, default_collate_fn_map
from tests.data.loader_scenarios import SCENARIOS

RECORD = json.loads((Path(__file__).parents[1] / "data" / "loader.json").read_text())
ORDERS = [key for key in RECORD if key != "torch"]


@pytest.mark.parametrize("key", ORDERS)
def test_order_equals_pytorch(key):
    name, seed = key.rsplit("-", 1)
    derivo.manual_seed(int(seed))
    assert json.loads(json.dumps(SCENARIOS[name](derivo))) == RECORD[key]


def test_every_scenario_is_recorded():
    assert {key.rsplit("-", 1)[0] for key in ORDERS} == set(SCENARIOS)


def same(a, b):
    if isinstance(a, derivo.Tensor):
        return a.dtype == b.dtype and a.shape == b.shape and a.tolist() == b.tolist()
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        pairs = zip(a, b, strict=True)
        return type(a) is type(b) and all(same(x, y) for x, y in pairs)
    return type(a) is type(b) and a == b


# --- datasets


def test_tensor_dataset():
    x, y = derivo.arange(6.0).reshape(3, 2), derivo.tensor([1, 2, 3])
    data = TensorDataset(x, y)
    assert len(data) == 3
    assert same(data[1], (x[1], y[1]))
    assert same(data[-1], (x[2], y[2]))
    assert same(data[1:], (x[1:], y[1:]))
    assert len(list(data)) == 3
    with pytest.raises(IndexError):
        data[3]


def test_tensor_dataset_refuses_unequal_lengths():
    match = r"Size mismatch between tensors.*sizes=\[2, 3\]"
    with pytest.raises(AssertionError, match=match):
        TensorDataset(derivo.ones(2), derivo.ones(3))
    with pytest.raises(IndexError, match=r"\[TensorDataset\] no tensors"):
        TensorDataset()


def test_base_dataset_is_abstract():
    class Empty(Dataset):
        pass

    with pytest.raises(NotImplementedError, match=r"\[Empty\].*implement __getitem__"):
        Empty()[0]
    with pytest.raises(TypeError, match="no len"):
        len(Empty())


def test_concat():
    data = ConcatDataset([range(3), [], range(10, 12)])
    assert len(data) == 5
    assert data.cumulative_sizes == [3, 3, 5]
    assert [data[i] for i in range(-5, 5)] == [0, 1, 2, 10, 11] * 2
    assert list(data) == [0, 1, 2, 10, 11]
    with pytest.raises(ValueError, match="should not exceed dataset length: got"):
        data[-6]
    with pytest.raises(IndexError, match="index=5 for 5 samples"):
        data[5]


def test_concat_by_plus():
    a, b = TensorDataset(derivo.zeros(2)), TensorDataset(derivo.ones(1))
    both = a + b
    assert isinstance(both, ConcatDataset)
    assert [float(x) for (x,) in both] == [0.0, 0.0, 1.0]


class Stream(IterableDataset):
    def __init__(self, *items, length=None):
        self.items, self.length = items, length

    def __iter__(self):
        return iter(self.items)

    def __len__(self):
        if self.length is None:
            raise TypeError("unknown")
        return self.length


def test_concat_refusals():
    with pytest.raises(AssertionError, match="should not be an empty iterable"):
        ConcatDataset([])
    with pytest.raises(AssertionError, match="does not support IterableDataset"):
        ConcatDataset([range(2), Stream(1)])


def test_chain():
    data = Stream(1, 2, length=2) + Stream(3, length=1)
    assert isinstance(data, ChainDataset)
    assert list(data) == [1, 2, 3]
    assert len(data) == 3
    wrong = ChainDataset([Stream(1), range(2)])
    with pytest.raises(
        AssertionError, match="only supports IterableDataset: got range"
    ):
        list(wrong)


def test_stack_of_tuples_and_dicts():
    pair = StackDataset([1, 2, 3], "abc")
    assert len(pair) == 3
    assert pair[1] == (2, "b")
    assert pair.__getitems__([2, 0]) == [(3, "c"), (1, "a")]
    named = StackDataset(n=[1, 2, 3], s="abc")
    assert named[1] == {"n": 2, "s": "b"}
    assert named.__getitems__([2]) == [{"n": 3, "s": "c"}]


def test_stack_asks_for_many_at_once():
    class Many(list):
        calls = 0

        def __getitems__(self, indices):
            self.calls += 1
            return [self[i] for i in indices]

    many = Many([5, 6, 7])
    batches = list(DataLoader(StackDataset(many, [1, 2, 3]), batch_size=2))
    assert [plain.tolist() for b in batches for plain in b] == [
        [5, 6],
        [1, 2],
        [7],
        [3],
    ]
    assert many.calls == 2


def test_stack_refusals():
    class Short(list):
        def __getitems__(self, indices):
            return [0]

    with pytest.raises(ValueError, match="both types are given"):
        StackDataset([1], s=[1])
    with pytest.raises(ValueError, match="At least one dataset should be passed"):
        StackDataset()
    with pytest.raises(ValueError, match=r"Size mismatch.*lengths=\[1, 2\]"):
        StackDataset([1], [1, 2])
    with pytest.raises(ValueError, match=r"output size mismatch. Expected 2, got 1"):
        StackDataset(Short([1, 2])).__getitems__([0, 1])


def test_subset():
    part = Subset("abcdef", [4, 0, 4])
    assert len(part) == 3
    assert list(part) == ["e", "a", "e"]
    assert part.__getitems__([2, 1]) == ["e", "a"]
    tensors = TensorDataset(derivo.arange(5))
    assert Subset(tensors, [3, 1])[[1, 0]][0].tolist() == [1, 3]


def test_subset_refuses_half_an_override():
    class Doubled(Subset):
        def __getitem__(self, index):
            return 2 * super().__getitem__(index)

    with pytest.raises(NotImplementedError, match="Doubled overrides __getitem__ but"):
        Doubled(range(3), [0])


def test_random_split_lengths():
    def sizes(n, lengths):
        return [len(part) for part in random_split(range(n), lengths)]

    assert sizes(10, [3, 7]) == [3, 7]
    assert sizes(10, [0.35, 0.35, 0.3]) == [4, 3, 3]
    assert sizes(11, [0.5, 0.25, 0.25]) == [6, 3, 2]
    parts = random_split(range(10), [4, 6])
    assert sorted([*parts[0], *parts[1]]) == list(range(10))
    with pytest.raises(ValueError, match=r"does not equal.*Expected 10, got 9"):
        random_split(range(10), [4, 5])
    with pytest.raises(ValueError, match="Fraction at index 0 is not between 0 and 1"):
        random_split(range(10), [1.5, -0.5])
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        random_split(range(1), [0.5, 0.5])


# --- samplers


def test_sequential_and_batches():
    assert list(SequentialSampler("abc")) == [0, 1, 2]
    assert len(SequentialSampler("abc")) == 3
    for n in (1, 2, 4, 5, 6):
        for size in (1, 2, 3, 7):
            for drop in (False, True):
                sampler = BatchSampler(range(n), size, drop)
                full = [list(range(n))[i : i + size] for i in range(0, n, size)]
                if drop:
                    full = [b for b in full if len(b) == size]
                assert list(sampler) == full
                assert len(sampler) == len(full)


def test_batch_sampler_reads_no_further_than_needed():
    seen = []

    def indices():
        for i in range(100):
            seen.append(i)
            yield i

    next(iter(BatchSampler(indices(), 3, False)))
    assert seen == [0, 1, 2]


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "2"])
def test_batch_size_must_be_a_positive_int(size):
    with pytest.raises(ValueError, match="batch_size should be a positive integer"):
        BatchSampler(range(3), size, False)
    with pytest.raises(ValueError, match="batch_size should be a positive integer"):
        DataLoader(range(3), batch_size=size)


def test_sampler_refusals():
    with pytest.raises(ValueError, match="drop_last should be a boolean value"):
        BatchSampler(range(3), 1, None)
    with pytest.raises(TypeError, match="replacement should be a boolean value"):
        RandomSampler(range(3), replacement=1)
    for count in (0, -1, 2.0):
        with pytest.raises(ValueError, match="num_samples should be a positive"):
            RandomSampler(range(3), num_samples=count)
        with pytest.raises(ValueError, match="num_samples should be a positive"):
            WeightedRandomSampler([1.0], count)
    with pytest.raises(ValueError, match="num_samples should be a positive"):
        RandomSampler([])
    with pytest.raises(ValueError, match="replacement should be a boolean value"):
        WeightedRandomSampler([1.0], 1, replacement=1)
    with pytest.raises(ValueError, match=r"1d sequence but given.*\(1, 2\)"):
        WeightedRandomSampler([[1.0, 2.0]], 1)
    with pytest.raises(NotImplementedError, match="a Sampler needs __iter__"):
        iter(Sampler())


def test_random_sampler_follows_a_growing_dataset():
    data = [0]
    sampler = RandomSampler(data)
    data.extend(range(4))
    assert len(sampler) == 5
    assert sorted(sampler) == [0, 1, 2, 3, 4]


def test_lengths_of_samplers():
    assert len(RandomSampler(range(3), num_samples=8)) == 8
    assert len(SubsetRandomSampler([1, 5])) == 2
    assert len(WeightedRandomSampler([1.0, 2.0], 7)) == 7


# --- joining samples

Point = collections.namedtuple("Point", ["x", "y"])


def test_collate_tensors_numbers_and_text():
    t = derivo.ones(2)
    assert same(default_collate([t, 2 * t]), derivo.tensor([[1.0, 1.0], [2.0, 2.0]]))
    assert same(default_collate([1, 2]), derivo.tensor([1, 2]))
    assert same(default_collate([True, False]), derivo.tensor([True, False]))
    double = derivo.tensor([0.5, 1.0], dtype=derivo.float64)
    assert same(default_collate([0.5, 1.0]), double)
    assert default_collate(["a", "b"]) == ["a", "b"]
    assert default_collate([b"a", b"b"]) == [b"a", b"b"]


def test_collate_structures():
    one = derivo.tensor([1, 3])
    two = derivo.tensor([2, 4])
    assert same(default_collate([(1, 2), (3, 4)]), [one, two])
    assert same(default_collate([[1, 2], [3, 4]]), [one, two])
    point = default_collate([Point(1, 2), Point(3, 4)])
    assert isinstance(point, Point)
    assert same(point, Point(one, two))
    nested = default_collate([{"a": [1, "x"]}, {"a": [3, "y"]}])
    assert same(nested, {"a": [one, ("x", "y")]})
    assert same(default_collate([range(1, 3), range(3, 5)]), [one, two])


def test_collate_keeps_the_kind_of_a_container():
    ordered = default_collate([collections.OrderedDict(a=1)] * 2)
    assert type(ordered) is collections.OrderedDict
    default = collections.defaultdict(list, a=1)
    joined = default_collate([default, default])
    assert joined.default_factory is list
    assert default["a"] == 1  # the sample is not changed

    class Kept(list):
        note = "kept"

    samples = [Kept([1]), Kept([2])]
    assert default_collate(samples).note == "kept"
    assert samples[0] == [1]


def test_collate_numpy():
    arrays = [np.array([1.0, 2.0]), np.array([3.0, 4.0])]
    joined = default_collate(arrays)
    assert joined.dtype == derivo.float64
    assert joined.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    for dtype in (np.float32, np.float64, np.int16, np.bool_):
        joined = default_collate([dtype(1), dtype(0)])
        assert str(joined.dtype) == f"torch.{np.dtype(dtype).name}"
        assert joined.tolist() == [1, 0]
    with pytest.raises(TypeError, match=r"must contain tensors.*found <U1"):
        default_collate([np.array(["a"]), np.array(["b"])])


def test_collate_refusals():
    with pytest.raises(
        TypeError, match=r"must contain tensors.*found <class 'object'>"
    ):
        default_collate([object()])
    with pytest.raises(RuntimeError, match=r"equal size: got sizes \[1, 2\]"):
        default_collate([[1], [1, 2]])
    with pytest.raises(TypeError, match="found <class 'int'>"):
        collate([1, 2])


def test_collate_can_be_taught_a_type():
    class Word(str):
        pass

    def join(batch, *, collate_fn_map=None):
        return "+".join(batch)

    assert default_collate([Word("a"), Word("b")]) == ["a", "b"]
    default_collate_fn_map[Word] = join
    try:
        assert default_collate([Word("a"), Word("b")]) == "a+b"
    finally:
        del default_collate_fn_map[Word]


def test_convert():
    t = derivo.ones(2)
    assert default_convert(t) is t
    for value in (1, 0.5, "a", b"a", None):
        assert default_convert(value) is value
    array = np.array([1, 2])
    assert same(default_convert(array), derivo.tensor([1, 2]))
    assert same(default_convert((array, 3)), [derivo.tensor([1, 2]), 3])
    assert same(default_convert({"a": [array]}), {"a": [derivo.tensor([1, 2])]})
    point = default_convert(Point(np.float32(2), "y"))
    assert same(point, Point(derivo.tensor(2.0), "y"))
    text = np.array(["a"])
    assert default_convert(text) is text
    assert default_convert(range(2)) == [0, 1]


# --- the loader


def test_batches():
    x = derivo.arange(10.0).reshape(5, 2)
    loader = DataLoader(TensorDataset(x, derivo.arange(5)), batch_size=2)
    assert len(loader) == 3
    batches = list(loader)
    assert [type(b) for b in batches] == [list] * 3
    assert same(batches[1], [x[2:4], derivo.tensor([2, 3])])
    assert same(batches[2], [x[4:], derivo.tensor([4])])
    assert batches[0][0].is_contiguous()
    assert len(DataLoader(range(5), batch_size=2, drop_last=True)) == 2


class Rows(Dataset):
    # The same samples as a TensorDataset, by the general way.
    def __init__(self, *tensors):
        self.tensors = tensors

    def __len__(self):
        return len(self.tensors[0])

    def __getitem__(self, index):
        return tuple(t[index] for t in self.tensors)


@pytest.mark.parametrize(
    "dtype", ["bool", "uint8", "int64", "float16", "bfloat16", "float32", "complex64"]
)
def test_gathered_batches_equal_stacked_ones(dtype):
    # Batches of a TensorDataset are gathered; all others are stacked row by row.
    x = derivo.arange(4 * 9).reshape(9, 2, 2).to(getattr(derivo, dtype))
    tensors = (x, x.transpose(0, 1).reshape(9, 4)[:, ::2], derivo.arange(9), x[:, :0])
    for order in ([3, 0, 8, 8, 1], list(range(8, -1, -1))):
        gathered = DataLoader(TensorDataset(*tensors), batch_size=2, sampler=order)
        stacked = DataLoader(Rows(*tensors), batch_size=2, sampler=order)
        assert same(list(gathered), list(stacked))
    inner = Subset(TensorDataset(*tensors), [8, 1, 4, 4, 6])
    part, rows = Subset(inner, [4, 0, 2]), Rows(*(t[[6, 8, 4]] for t in tensors))
    assert same(list(DataLoader(part, 2)), list(DataLoader(rows, 2)))


def test_gathering_gives_way():
    data = TensorDataset(derivo.arange(4.0))
    # Negative, tensor and out-of-range indices go by the dataset's own indexing.
    assert next(iter(DataLoader(data, 2, sampler=[-1, 0])))[0].tolist() == [3.0, 0.0]
    tensors = [derivo.tensor(1), derivo.tensor(3)]
    assert next(iter(DataLoader(data, 2, sampler=tensors)))[0].tolist() == [1.0, 3.0]
    with pytest.raises(IndexError):
        next(iter(DataLoader(data, 2, sampler=[0, 4])))

    class Doubled(TensorDataset):
        def __getitem__(self, index):
            return tuple(2 * t for t in super().__getitem__(index))

    (batch,) = next(iter(DataLoader(Doubled(derivo.arange(4.0)), 4)))
    assert batch.tolist() == [0.0, 2.0, 4.0, 6.0]

    def join(batch, *, collate_fn_map=None):
        return "joined"

    default_collate_fn_map[tuple] = join
    try:
        assert list(DataLoader(data, 4)) == ["joined"]
    finally:
        del default_collate_fn_map[tuple]


def test_batches_stay_in_the_graph():
    x = derivo.arange(4.0, requires_grad=True)
    for (batch,) in DataLoader(TensorDataset(x), batch_size=3):
        (batch * batch).sum().backward()
    assert x.grad.tolist() == [0.0, 2.0, 4.0, 6.0]


def test_a_batch_is_a_copy():
    x = derivo.zeros(4)
    (batch,) = next(iter(DataLoader(TensorDataset(x), batch_size=4)))
    batch.add_(1)
    assert x.tolist() == [0.0] * 4


def test_no_batches():
    data = TensorDataset(derivo.arange(3))
    assert [s[0].tolist() for s in DataLoader(data, batch_size=None)] == [0, 1, 2]
    converted = list(DataLoader([np.array([1])], batch_size=None))
    assert same(converted, [derivo.tensor([1])])
    assert list(DataLoader("abc", batch_size=None, collate_fn=str.upper)) == list("ABC")


def test_own_collate_and_samplers():
    loader = DataLoader(range(5), 2, collate_fn=sum, sampler=[4, 3, 2])
    assert list(loader) == [7, 2]
    loader = DataLoader(range(5), batch_sampler=[[0, 1, 2], [4]], collate_fn=list)
    assert list(loader) == [[0, 1, 2], [4]]
    assert len(loader) == 2
    assert loader.batch_size is None


def test_streams():
    assert [b.tolist() for b in DataLoader(Stream(1, 2, 3), 2)] == [[1, 2], [3]]
    assert [b.tolist() for b in DataLoader(Stream(1, 2, 3), 2, drop_last=True)] == [
        [1, 2]
    ]
    assert [b.tolist() for b in DataLoader(Stream(1, 2), 2)] == [[1, 2]]
    assert list(DataLoader(Stream(), 2)) == []
    assert list(DataLoader(Stream(1, 2), None)) == [1, 2]


def test_length_of_a_stream():
    assert len(DataLoader(Stream(length=5), 2)) == 3
    assert len(DataLoader(Stream(length=5), 2, drop_last=True)) == 2
    assert len(DataLoader(Stream(length=5), None)) == 5
    with pytest.raises(TypeError, match="unknown"):
        len(DataLoader(Stream(1)))
    loader = DataLoader(Stream(1, 2, 3, length=2), None)
    list(loader)  # nobody asked for the length: no warning
    len(loader)
    with pytest.warns(UserWarning, match=r"reported to be 2.*but 3 samples"):
        list(loader)


def test_each_loop_is_a_new_pass():
    loader = DataLoader(range(4), batch_size=2)
    first, second = iter(loader), iter(loader)
    assert next(first).tolist() == next(second).tolist() == [0, 1]
    assert len(first) == 2
    assert next(first).tolist() == [2, 3]
    with pytest.raises(StopIteration):
        next(first)
    assert iter(second) is second


def test_pin_memory_is_accepted():
    loader = DataLoader(range(2), pin_memory=True, pin_memory_device="cuda")
    with pytest.warns(UserWarning, match="no accelerator is found"):
        list(loader)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        list(DataLoader(range(2), in_order=False, worker_init_fn=print))


def test_get_worker_info():
    assert get_worker_info() is None


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"num_workers": -1}, ValueError, "num_workers option should be non-negative"),
        ({"num_workers": 2}, NotImplementedError, "expected num_workers=0, got num_w"),
        ({"timeout": -1}, ValueError, "timeout option should be non-negative"),
        ({"prefetch_factor": 2}, ValueError, "prefetch_factor option could only be"),
        ({"persistent_workers": True}, ValueError, "needs num_workers > 0"),
        (
            {"multiprocessing_context": "fork"},
            ValueError,
            "can only be used with multi",
        ),
        ({"sampler": [0], "shuffle": True}, ValueError, "exclusive with shuffle"),
        ({"batch_sampler": [[0]], "batch_size": 2}, ValueError, "mutually exclusive"),
        ({"batch_sampler": [[0]], "shuffle": True}, ValueError, "mutually exclusive"),
        ({"batch_sampler": [[0]], "sampler": [0]}, ValueError, "mutually exclusive"),
        ({"batch_sampler": [[0]], "drop_last": True}, ValueError, "mutually exclusive"),
        ({"batch_size": None, "drop_last": True}, ValueError, "disables auto-batching"),
    ],
)
def test_refused_options(options, error, match):
    with pytest.raises(error, match=match):
        DataLoader(range(3), **options)


@pytest.mark.parametrize(
    "options", [{"shuffle": True}, {"sampler": [0]}, {"batch_sampler": [[0]]}]
)
def test_refused_options_of_streams(options):
    (name,) = options
    with pytest.raises(ValueError, match=f"expected unspecified {name} option"):
        DataLoader(Stream(1), **options)
    DataLoader(Stream(1), shuffle=False)


def test_timeout_is_refused_when_read():
    loader = DataLoader(range(3), timeout=1)
    with pytest.raises(AssertionError, match="requires timeout == 0, got timeout=1"):
        iter(loader)


@pytest.mark.parametrize(
    "name",
    [
        "dataset",
        "batch_size",
        "batch_sampler",
        "sampler",
        "drop_last",
        "persistent_workers",
    ],
)
def test_fixed_attributes(name):
    loader = DataLoader(range(3))
    with pytest.raises(ValueError, match=f"{name} attribute should not be set after"):
        setattr(loader, name, None)
    loader.timeout = 0  # others may change
