# Sequences of several lengths: padding, packing, and recurrent layers that read them.
from __future__ import annotations

import copy
import pickle

import pytest

import derivo as torch
from derivo.nn.utils import rnn

LENGTHS = (2, 4, 1, 4)


def sequences(width=3, dtype=torch.float64, grad=False):
    torch.manual_seed(0)
    return [torch.randn(n, width, dtype=dtype, requires_grad=grad) for n in LENGTHS]


def close(a, b):
    torch.testing.assert_close(a, b)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("side", ["left", "right"])
def test_pad_sequence(batch_first, side):
    parts = sequences()
    padded = rnn.pad_sequence(parts, batch_first, -1.0, side)
    rows = padded if batch_first else padded.transpose(0, 1)
    assert rows.shape == (4, 4, 3)
    for row, part in zip(rows, parts, strict=True):
        n = len(part)
        close(row[:n] if side == "right" else row[4 - n :], part)
        rest = row[n:] if side == "right" else row[: 4 - n]
        assert (rest == -1).all()
    if side == "right":
        for got, part in zip(
            rnn.unpad_sequence(padded, torch.tensor(LENGTHS), batch_first),
            parts,
            strict=True,
        ):
            close(got, part)


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.bfloat16])
def test_there_and_back(dtype):
    parts = [part.mul(10).to(dtype) for part in sequences()]
    packed = rnn.pack_sequence(parts, enforce_sorted=False)
    assert packed.batch_sizes.tolist() == [4, 3, 2, 2]
    assert packed.sorted_indices.tolist() == [1, 3, 0, 2]
    assert packed.unsorted_indices.tolist() == [2, 0, 3, 1]
    for got, part in zip(rnn.unpack_sequence(packed), parts, strict=True):
        assert torch.equal(got, part)
    padded, lengths = rnn.pad_packed_sequence(packed, True, -7, total_length=6)
    assert lengths.tolist() == list(LENGTHS)
    assert padded.shape == (4, 6, 3)
    assert (padded[2, 1:] == -7).all()


def test_one_sequence_and_sorted_ones():
    packed = rnn.pack_padded_sequence(torch.arange(6.0).reshape(3, 2), [3, 1])
    assert packed.data.tolist() == [0.0, 1.0, 2.0, 4.0]
    assert packed.sorted_indices is packed.unsorted_indices is None
    alone = rnn.pack_sequence([torch.ones(2)])
    assert alone.batch_sizes.tolist() == [1, 1]


def test_gradients_of_packing():
    def there_and_back(*parts):
        packed = rnn.pack_sequence(parts, enforce_sorted=False)
        padded, _ = rnn.pad_packed_sequence(packed._with(packed.data.sin()))
        return padded

    parts = tuple(sequences(grad=True))
    assert torch.autograd.gradcheck(there_and_back, parts, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(there_and_back, parts)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU", "projected"])
def test_layers_read_each_sequence_as_if_alone(kind, bidirectional):
    options = {"num_layers": 2, "bidirectional": bidirectional, "dtype": torch.float64}
    if kind == "projected":
        kind = "LSTM"
        options["proj_size"] = 2
    layer = getattr(torch.nn, kind)(3, 5, **options)
    parts = sequences()
    rows = 4 if bidirectional else 2
    widths = (options.get("proj_size", 5), 5)[: 2 if kind == "LSTM" else 1]
    states = [torch.randn(rows, 4, w, dtype=torch.float64) for w in widths]
    given = tuple(states) if kind == "LSTM" else states[0]
    packed = rnn.pack_sequence(parts, enforce_sorted=False)
    out, end = layer(packed, given)
    assert isinstance(out, rnn.PackedSequence)
    ends = end if kind == "LSTM" else (end,)
    total = out.data.sin().sum() + sum(e.cos().sum() for e in ends)
    got = torch.autograd.grad(total, layer.parameters())
    alone = 0
    for k, (part, found) in enumerate(
        zip(parts, rnn.unpack_sequence(out), strict=True)
    ):
        begin = tuple(s[:, k] for s in states)
        want, last = layer(part, begin if kind == "LSTM" else begin[0])
        close(found, want)
        lasts = last if kind == "LSTM" else (last,)
        for e, one in zip(ends, lasts, strict=True):
            close(e[:, k], one)
        alone = alone + want.sin().sum() + sum(one.cos().sum() for one in lasts)
    for a, b in zip(got, torch.autograd.grad(alone, layer.parameters()), strict=True):
        close(a, b)
    close(layer(packed)[0].data, layer(packed, _zeros(given))[0].data)


def _zeros(given):
    if isinstance(given, tuple):
        return tuple(torch.zeros_like(s) for s in given)
    return torch.zeros_like(given)


def test_conversions_and_copies():
    packed = rnn.pack_sequence(sequences(), enforce_sorted=False)
    assert packed.to(torch.float64) is packed
    assert packed.cpu() is packed.pin_memory() is packed
    for made, name in (
        (packed.float(), "float32"),
        (packed.half(), "float16"),
        (packed.long(), "int64"),
        (packed.int(), "int32"),
        (packed.float().double(), "float64"),
    ):
        assert made.data.dtype.name == name
        assert made.batch_sizes is packed.batch_sizes
    assert not packed.is_cuda
    assert not packed.is_pinned()
    for made in (copy.deepcopy(packed), pickle.loads(pickle.dumps(packed))):
        assert isinstance(made, rnn.PackedSequence)
        close(made.data, packed.data)
    assert rnn.invert_permutation(None) is None


def test_refusals():
    x = torch.ones(4, 3, 1)
    for lengths, message in (
        ([1, 2, 4], "must be sorted in decreasing order when `enforce_sorted` is True"),
        ([4, 2], r"Expected `len\(lengths\)` to be equal to batch_size, but got 2"),
        ([4, 2, 0], "Length of all samples has to be greater than 0"),
        ([5, 2, 1], "Length of all samples has to be greater than 0"),
    ):
        with pytest.raises(RuntimeError, match=message):
            rnn.pack_padded_sequence(x, lengths)
    with pytest.raises(RuntimeError, match="Cannot pack empty tensors"):
        rnn.pack_padded_sequence(torch.ones(0, 1, 1), [1])
    packed = rnn.pack_padded_sequence(x, [4, 1, 1])
    with pytest.raises(ValueError, match="Expected total_length to be at least"):
        rnn.pad_packed_sequence(packed, total_length=3)
    with pytest.raises(RuntimeError, match="received an empty list of sequences"):
        rnn.pad_sequence([])
    with pytest.raises(RuntimeError, match="Expected iterable for input sequences"):
        rnn.pad_sequence(3)
    with pytest.raises(RuntimeError, match="padding_side to be one of left or right"):
        rnn.pad_sequence([torch.ones(1)], padding_side="up")
    with pytest.raises(TypeError, match="expected batch_sizes beside data"):
        rnn.PackedSequence(torch.ones(2))
    with pytest.raises(RuntimeError, match="must be equal to input_size"):
        torch.nn.GRU(2, 3)(packed)
    with pytest.raises(RuntimeError, match="Expected hidden size"):
        torch.nn.GRU(1, 3)(packed, torch.zeros(1, 2, 3))
