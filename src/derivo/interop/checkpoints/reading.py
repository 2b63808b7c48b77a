"""Reads the checkpoint files that PyTorch writes, and those of `writing`."""

from __future__ import annotations

import ctypes
import importlib
import os
import pickle
import zipfile
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from typing import IO, TYPE_CHECKING, Any

from derivo._core.convert import from_address
from derivo._core.tensor import (
    DType,
    Size,
    _alias,
    _empty,
    _make_subclass,
    _reinterpret,
    dtypes,
)
from derivo._info import check_device, device
from derivo.interop.checkpoints.names import STORAGES, theirs

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["SAFE", "read"]

SAFE: dict[tuple[str, str], Any] = {}
"""What a user has declared harmless: (module, name) → class or function."""
_UINT8 = dtypes[1]


class _StorageType:
    """PyTorch's typed storage: the dtype of elements, None if untyped."""

    def __init__(self, dtype: DType | None) -> None:
        self.dtype = dtype


def _rebuild_tensor(
    storage: Any,
    offset: int,
    size: Iterable[int],
    stride: Iterable[int],
    requires_grad: bool = False,
    backward_hooks: Any = None,
    metadata: Any = None,
) -> Tensor:
    size, stride = tuple(size), tuple(stride)
    last = sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    empty = 0 in size
    room = storage.numel() - offset
    if (
        offset < 0
        or any(n < 0 for n in (*size, *stride))
        or (last >= room and not empty)
    ):
        raise RuntimeError(
            f"[load] the file is damaged: expected a tensor within its storage of "
            f"{storage.numel()} elements, got {size=}, {stride=}, {offset=}."
        )
    made: Tensor = _alias(storage, size, stride, 0 if empty else offset)
    if requires_grad:
        made.requires_grad_()
    return made


def _rebuild_parameter(
    data: Tensor, requires_grad: bool, backward_hooks: Any, state: Any = None
) -> Tensor:
    from derivo.nn import Parameter

    made: Tensor = Parameter(data, requires_grad)
    if isinstance(state, dict):
        made.__dict__.update(state)
    return made


def _rebuild_subclass(
    function: Callable[..., Tensor], kind: type, arguments: Any, state: Any
) -> Tensor:
    made = function(*arguments)
    if type(made) is not kind:
        made = _make_subclass(kind, made, made.requires_grad)
    if isinstance(state, dict):
        made.__dict__.update(state)
    return made


def _latin1(text: str, encoding: str) -> bytes:
    # How pickles of protocol 2 hold bytes.
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"[load] expected latin1, got {encoding=}.")
    return text.encode("latin1")


def _harmless() -> dict[tuple[str, str], Any]:
    import derivo
    from derivo.nn import Buffer, Parameter

    known: dict[tuple[str, str], Any] = {
        ("collections", "OrderedDict"): OrderedDict,
        ("collections", "Counter"): Counter,
        ("builtins", "set"): set,
        ("builtins", "frozenset"): frozenset,
        ("builtins", "complex"): complex,
        ("builtins", "bytearray"): bytearray,
        ("builtins", "slice"): slice,
        ("_codecs", "encode"): _latin1,
        ("torch", "Size"): Size,
        ("torch", "device"): device,
        ("torch", "Tensor"): derivo.Tensor,
        ("torch._tensor", "Tensor"): derivo.Tensor,
        ("torch.tensor", "Tensor"): derivo.Tensor,
        ("torch.nn.parameter", "Parameter"): Parameter,
        ("torch.nn.parameter", "Buffer"): Buffer,
        ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
        ("torch._utils", "_rebuild_tensor_v3"): _rebuild_tensor,
        ("torch._utils", "_rebuild_parameter"): _rebuild_parameter,
        ("torch._utils", "_rebuild_parameter_with_state"): _rebuild_parameter,
        ("torch._tensor", "_rebuild_from_type_v2"): _rebuild_subclass,
        ("torch.storage", "UntypedStorage"): _StorageType(None),
    }
    known.update({("torch", d.name): d for d in dtypes})
    known.update({("torch", n): _StorageType(d) for n, d in STORAGES.items()})
    return known


class _Unpickler(pickle.Unpickler):
    def __init__(
        self, file: Any, storage: Callable[..., Any], safe: bool, encoding: str
    ) -> None:
        super().__init__(file, encoding=encoding)
        self._storage = storage
        self._safe = safe
        self._known = _harmless()

    def persistent_load(self, pid: Any) -> Any:
        if not isinstance(pid, tuple) or len(pid) != 5 or pid[0] != "storage":
            raise pickle.UnpicklingError(
                "[load] unknown reference in the file: expected a storage, got "
                f"{pid!r}."
            )
        return self._storage(*pid[1:])

    def find_class(self, module: str, name: str) -> Any:
        module = {"__builtin__": "builtins", "copy_reg": "copyreg"}.get(module, module)
        found = self._known.get((module, name))
        if found is None:
            found = SAFE.get((module, name), SAFE.get((theirs(module), name)))
        if found is not None:
            return found
        if self._safe:
            raise pickle.UnpicklingError(
                f"[load] Weights only load failed: the file names {module}.{name}, "
                "which is none of the types that hold weights. If you trust its "
                "source, use load(..., weights_only=False), or allow this type with "
                "serialization.add_safe_globals."
            )
        if module != "torch" and not module.startswith("torch."):
            return super().find_class(module, name)
        return _ours(module, name)


def _ours(module: str, name: str) -> Any:
    """What derivo has under PyTorch's name; private modules may differ."""
    path = module.split(".")
    while path:
        try:
            found: Any = importlib.import_module("derivo" + ".".join(["", *path[1:]]))
            for part in name.split("."):
                found = getattr(found, part)
            return found
        except (ImportError, AttributeError):
            path.pop()
    raise AttributeError(
        f"[load] derivo has no {module}.{name}, which the file names. Save the "
        "state_dict instead of the object."
    )


def _place(map_location: Any, where: str, t: Tensor) -> Tensor:
    """Where a storage goes: the CPU, or an error as PyTorch's."""
    if isinstance(map_location, dict):
        where = str(map_location.get(where, where))
    elif callable(map_location):
        moved = map_location(t.untyped_storage(), where)
        where = "cpu" if moved is not None else where
    elif map_location is not None:
        where = str(map_location)
    if device(where).type == "cuda":
        raise RuntimeError(
            f"[load] Attempting to deserialize object on a CUDA device but "
            f"torch.cuda.is_available() is False: got {where!r}. If you are running on "
            "a CPU-only machine, please use torch.load with "
            "map_location=torch.device('cpu') to map your storages to the CPU."
        )
    check_device(where)
    return t


def read(
    file: str | os.PathLike[str] | IO[bytes],
    map_location: Any,
    weights_only: bool,
    mmap: bool,
    encoding: str,
) -> Any:
    """Read a checkpoint file."""
    if isinstance(file, (str, os.PathLike)):
        with open(file, "rb") as opened:
            return _read(opened, map_location, weights_only, mmap, encoding)
    if mmap:
        raise ValueError(
            "[load] f must be a file path in order to use the mmap argument: got "
            f"{type(file).__name__}."
        )
    return _read(file, map_location, weights_only, False, encoding)


def _read(
    file: IO[bytes], map_location: Any, weights_only: bool, mmap: bool, encoding: str
) -> Any:
    start = file.tell()
    if not zipfile.is_zipfile(file):
        file.seek(start)
        head = file.read(2)
        if not head:
            raise EOFError("[load] Ran out of input: the file is empty.")
        raise RuntimeError(
            "[load] expected a checkpoint in PyTorch's zip format, got a file that "
            f"starts with {head!r}. PyTorch reads older files, and saves them anew."
        )
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        pickles = [n for n in names if n.count("/") == 1 and n.endswith("/data.pkl")]
        if not pickles:
            raise RuntimeError(
                "[load] PytorchStreamReader failed locating file data.pkl: the zip "
                "file holds no checkpoint."
            )
        root = pickles[0].removesuffix("data.pkl")
        if f"{root}constants.pkl" in names:
            raise RuntimeError(
                "[load] the file is a TorchScript archive, which holds a program: "
                "expected a checkpoint. Save the state_dict of the module instead."
            )
        order = b"little"
        if f"{root}byteorder" in names:
            order = archive.read(f"{root}byteorder")
        if order.strip() != b"little":
            raise RuntimeError(
                f"[load] expected bytes in little-endian order, got {order!r}. Save "
                "the file on a machine of that kind."
            )
        mapped = _map(file) if mmap else None
        blocks: dict[str, Tensor] = {}

        def storage(kind: Any, key: str, where: str, length: int) -> Any:
            if not isinstance(kind, _StorageType):
                raise pickle.UnpicklingError(
                    f"[load] unknown kind of storage: got {kind!r}."
                )
            if key not in blocks:
                entry = archive.getinfo(f"{root}data/{key}")
                block = _block(archive, entry, mapped)
                blocks[key] = _place(map_location, where, block)
            block = blocks[key]
            if kind.dtype is None:
                return block.untyped_storage()
            count = block.numel() // kind.dtype.itemsize
            return _reinterpret(block, kind.dtype, (count,), (1,))

        with archive.open(pickles[0]) as pickled:
            return _Unpickler(pickled, storage, weights_only, encoding).load()


def _map(file: IO[bytes]) -> memoryview:
    import mmap

    return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))


def _block(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, mapped: memoryview | None
) -> Tensor:
    """The bytes of one storage as a tensor."""
    size = entry.file_size
    if mapped is not None and entry.compress_type == zipfile.ZIP_STORED and size:
        head = mapped[entry.header_offset : entry.header_offset + 30]
        names = int.from_bytes(head[26:28], "little")
        extra = int.from_bytes(head[28:30], "little")
        start = entry.header_offset + 30 + names + extra
        part = mapped[start : start + size]
        address = ctypes.addressof(ctypes.c_char.from_buffer(part))
        shared: Tensor = from_address(address, size, _UINT8, (size,), (1,), part)
        return shared
    made: Tensor = _empty((size,), _UINT8)
    if size:
        memory = (ctypes.c_char * size).from_address(made.data_ptr())
        view = memoryview(memory).cast("B")
        with archive.open(entry) as content:
            filled = 0
            while filled < size:
                got = content.readinto(view[filled:])  # type: ignore[attr-defined]
                if not got:
                    raise EOFError(
                        f"[load] {entry.filename} ends early: expected {size} bytes, "
                        f"got {filled}."
                    )
                filled += got
    return made
