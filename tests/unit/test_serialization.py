# Checkpoint files: round trips, what is shared, what is refused. That PyTorch reads
# them, and the other way round, is checked in conformance/.
from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict

import pytest

import derivo
from derivo import nn, serialization


def again(obj, **options):
    file = io.BytesIO()
    derivo.save(obj, file)
    file.seek(0)
    return derivo.load(file, **options)


FLOATS = ["float16", "bfloat16", "float32", "float64", "complex64", "complex128"]
DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", *FLOATS]


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_dtype_comes_back(dtype):
    t = derivo.arange(6).reshape(2, 3).to(getattr(derivo, dtype))
    back = again(t)
    assert back.dtype is t.dtype
    assert back.tolist() == t.tolist()


def test_containers_come_back():
    whole = {
        "list": [1, 2.5, None, True, "ä", b"a\xff", 2**70, 1j],
        "tuple": (derivo.float16, derivo.Size([1, 2]), derivo.device("cpu")),
        "set": {1, 2},
        "ordered": OrderedDict(a=1),
    }
    assert again(whole) == whole


@pytest.mark.parametrize("mmap", [False, True])
def test_views_share_memory_again(tmp_path, mmap):
    x = derivo.arange(12.0).reshape(3, 4)
    path = tmp_path / "views.pt"
    derivo.save([x, x.t()[1:], x.detach(), x[1:1], x.data], path)
    back, part, _, empty, _ = derivo.load(path, mmap=mmap)
    assert part.stride() == (1, 4)
    assert empty.shape == (0, 4)
    back[0, 1] = 77
    assert part[0, 0] == 77
    with zipfile.ZipFile(path) as archive:
        assert [n for n in archive.namelist() if "/data/" in n] == ["views/data/0"]
        assert archive.read("views/version") == b"3\n"
        for entry in archive.infolist():
            with archive.open(entry) as content:
                assert content._orig_compress_start % 64 == 0
    # What was mapped is a private copy.
    assert derivo.load(path)[0][0, 1] == 1


def test_gradients_flow_into_what_was_loaded():
    w = nn.Parameter(derivo.tensor([2.0, 3.0]))
    w.note = "kept"
    loaded = again({"w": w, "x": derivo.ones(2, requires_grad=True)})
    assert isinstance(loaded["w"], nn.Parameter)
    assert loaded["w"].note == "kept"
    (loaded["w"] ** 2 * loaded["x"]).sum().backward()
    assert loaded["w"].grad.tolist() == [4.0, 6.0]
    assert loaded["x"].grad.tolist() == [4.0, 9.0]


def test_training_resumes_where_it_stopped():
    def parts():
        derivo.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
        optimizer = derivo.optim.Adam(model.parameters(), lr=0.1)
        schedule = derivo.optim.lr_scheduler.StepLR(optimizer, 2, 0.5)
        return model, optimizer, schedule

    def train(model, optimizer, schedule, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            loss = (model(derivo.ones(2, 3)) ** 2).mean()
            loss.backward()
            optimizer.step()
            schedule.step()
        return loss.item()

    straight = train(*parts(), 6)
    first = parts()
    train(*first, 3)
    saved = again([part.state_dict() for part in first])
    second = parts()
    for part, state in zip(second, saved, strict=True):
        part.load_state_dict(state)
    assert train(*second, 3) == straight


def test_modules_need_trust():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        again(model)
    back = again(model, weights_only=False)
    model.eval()
    back.eval()
    x = derivo.ones(1, 2)
    assert back(x).tolist() == model(x).tolist()


class Danger:
    def __reduce__(self):
        return exec, ("raise SystemExit",)


class Fancy(derivo.Tensor):
    pass


def test_weights_only_calls_nothing():
    with pytest.raises(pickle.UnpicklingError, match=r"builtins\.exec"):
        again({"w": Danger()})


def test_types_can_be_allowed():
    t = Fancy([1.0, 1.0])
    with pytest.raises(pickle.UnpicklingError, match="Fancy"):
        again(t)
    with serialization.safe_globals([Fancy]):
        assert type(again(t)) is Fancy
    assert serialization.get_safe_globals() == []
    serialization.add_safe_globals([Fancy])
    try:
        assert serialization.get_safe_globals() == [Fancy]
        assert type(again(t)) is Fancy
    finally:
        serialization.clear_safe_globals()


def altered(change):
    """A checkpoint whose pickle was changed."""
    file, out = io.BytesIO(), io.BytesIO()
    derivo.save(derivo.ones(2, 3), file)
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith("data.pkl"):
                assert change[0] in content
                content = content.replace(*change)
            new.writestr(entry.filename, content)
    out.seek(0)
    return out


def test_a_geometry_beyond_the_storage_is_refused():
    with pytest.raises(RuntimeError, match="within its storage"):
        derivo.load(altered((b"K\x02K\x03\x86", b"K\x09K\x03\x86")))


def test_gpu_checkpoints_need_map_location():
    change = (b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0")
    with pytest.raises(RuntimeError, match="Attempting to deserialize object"):
        derivo.load(altered(change))
    for place in ("cpu", derivo.device("cpu"), {"cuda:0": "cpu"}, lambda s, where: s):
        assert (
            derivo.load(altered(change), map_location=place).tolist() == [[1] * 3] * 2
        )


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", EOFError, "Ran out of input"),
        (b"\x80\x02abc", RuntimeError, "zip format"),
    ],
)
def test_other_files_are_refused(content, error, words):
    with pytest.raises(error, match=words):
        derivo.load(io.BytesIO(content))


def test_a_zip_without_checkpoint_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/b", b"")
    file.seek(0)
    with pytest.raises(RuntimeError, match=r"failed locating file data\.pkl"):
        derivo.load(file)


def test_wrong_arguments(tmp_path):
    t = derivo.ones(1)
    with pytest.raises(RuntimeError, match=r"Parent directory .* does not exist"):
        derivo.save(t, tmp_path / "no" / "t.pt")
    with pytest.raises(AttributeError, match="'write' attribute"):
        derivo.save(t, 3)
    with pytest.raises(RuntimeError, match="only the zip format"):
        derivo.save(t, io.BytesIO(), _use_new_zipfile_serialization=False)
    with pytest.raises(TypeError, match="pickle_module"):
        derivo.save(t, io.BytesIO(), pickle_module=io)
    with pytest.raises(TypeError, match="unexpected keyword argument 'a'"):
        derivo.load(io.BytesIO(), a=1)
    with pytest.raises(ValueError, match="must be a file path"):
        derivo.load(io.BytesIO(), mmap=True)
    with pytest.raises(RuntimeError, match="view the same data as different types"):
        derivo.save([t, t.view(derivo.int32)], io.BytesIO())
