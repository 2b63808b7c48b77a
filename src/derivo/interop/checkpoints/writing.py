"""Writes objects as PyTorch writes them, so that PyTorch reads them."""

from __future__ import annotations

import ctypes
import io
import os
import pickle
import sys
import zipfile
from collections import OrderedDict
from typing import IO, TYPE_CHECKING, Any, ClassVar

from derivo._core.memory import Storage
from derivo._core.tensor import DType, Size, TensorBase, dtypes
from derivo._info import device
from derivo.interop.checkpoints.names import UNTYPED, storage_name, theirs

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["write"]

ALIGNMENT = 64
_ZIP64_AT = 0x7FFFFFFF


class _Name:
    """Something that the reader looks up; it need not exist here."""

    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name

    def __call__(self, *args: Any) -> Any:
        """Stand in for a function, which only the reader calls."""
        raise NotImplementedError(f"[save] {self.module}.{self.name} is a name only.")


_TENSOR = _Name("torch._utils", "_rebuild_tensor_v2")
_PARAMETER = _Name("torch._utils", "_rebuild_parameter")
_PARAMETER_WITH_STATE = _Name("torch._utils", "_rebuild_parameter_with_state")
_SUBCLASS = _Name("torch._tensor", "_rebuild_from_type_v2")
_NAMES = {
    key: _Name(*key)
    for key in (
        UNTYPED,
        *(("torch", storage_name(d)) for d in dtypes),
        *(("torch", d.name) for d in dtypes),
        ("torch", "Size"),
        ("torch", "device"),
    )
}


class _Reference:
    """A storage in place of its bytes: what the persistent id is made of."""

    __slots__ = ("key", "length", "type")

    def __init__(self, type: _Name, key: str, length: int) -> None:
        self.type = type
        self.key = key
        self.length = length


_PythonPickler: Any = pickle._Pickler


# Only the pickler in Python lets a name be written that cannot be looked up here.
class _Pickler(_PythonPickler):
    """Pickles tensors by reference to numbered storages, under PyTorch's names."""

    dispatch: ClassVar[dict[type, Any]] = dict(_PythonPickler.dispatch)

    def __init__(self, file: IO[bytes], protocol: int) -> None:
        super().__init__(file, protocol)
        self.storages: dict[
            tuple[int, int], tuple[str, int, Storage, DType | None]
        ] = {}

    def persistent_id(self, obj: Any) -> Any:
        if isinstance(obj, _Reference):
            return ("storage", obj.type, obj.key, "cpu", obj.length)
        if isinstance(obj, Storage):
            reference = self._refer(obj, len(obj), None)
            return ("storage", reference.type, reference.key, "cpu", reference.length)
        return None

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, TensorBase):
            return self._reduce_tensor(obj)
        if isinstance(obj, Size):
            return _NAMES["torch", "Size"], (tuple(obj),)
        if isinstance(obj, device):
            index = () if obj.index is None else (obj.index,)
            return _NAMES["torch", "device"], (obj.type, *index)
        return NotImplemented

    def save_global(self, obj: Any, name: str | None = None) -> None:
        if isinstance(obj, DType):
            obj = _NAMES["torch", obj.name]
        if isinstance(obj, _Name):
            module, name = obj.module, obj.name
        else:
            name = name or getattr(obj, "__qualname__", obj.__name__)
            module = pickle.whichmodule(obj, name)  # type: ignore[attr-defined]
            if theirs(module) == module:
                super().save_global(obj, name)
                return
            module = theirs(module)
        self.write(b"c" + f"{module}\n{name}\n".encode())
        self.memoize(obj)

    for _type in (_Name, DType, type(save_global)):
        dispatch[_type] = save_global

    def _refer(self, storage: Storage, nbytes: int, dtype: DType | None) -> _Reference:
        # Aliases of one block (`t.data`) are storages with one address.
        at = (storage.data_ptr(), 0) if nbytes else (0, id(storage))
        key, size, _, before = self.storages.get(at, (str(len(self.storages)), 0, 0, 0))
        if size and before is not dtype:
            raise RuntimeError(
                "[save] Cannot save multiple tensors or storages that view the same "
                f"data as different types: got {before} and {dtype}. Clone one of them."
            )
        size = max(size, nbytes)
        self.storages[at] = (key, size, storage, dtype)
        if dtype is None:
            return _Reference(_NAMES[UNTYPED], key, nbytes)
        name = _NAMES["torch", storage_name(dtype)]
        return _Reference(name, key, nbytes // dtype.itemsize)

    def _reduce_tensor(self, t: Tensor) -> Any:
        from derivo import Tensor
        from derivo.nn import Parameter

        kind = type(t)
        state = dict(getattr(t, "__dict__", None) or {})
        if kind is Parameter:
            hooks: OrderedDict[int, Any] = OrderedDict()
            owned = (t.detach(), t.requires_grad, hooks)
            if state:
                return _PARAMETER_WITH_STATE, (*owned, state)
            return _PARAMETER, owned
        geometry = self._geometry(t)
        if kind is Tensor and not state:
            return _TENSOR, geometry
        return _SUBCLASS, (_TENSOR, kind, geometry, state)

    def _geometry(self, t: Tensor) -> tuple[Any, ...]:
        shape, strides, offset = tuple(t.shape), t.stride(), t.storage_offset()
        storage = t.untyped_storage()
        width = t.element_size()
        nbytes = len(storage) // width * width
        reference = self._refer(storage, nbytes, t.dtype)
        return reference, offset, shape, strides, t.requires_grad, OrderedDict()


def write(obj: Any, file: str | os.PathLike[str] | IO[bytes], protocol: int) -> None:
    """Write a checkpoint file."""
    pickled = io.BytesIO()
    pickler = _Pickler(pickled, protocol)
    pickler.dump(obj)
    root = "archive"
    if isinstance(file, (str, os.PathLike)):
        root = os.path.splitext(os.path.basename(os.fspath(file)))[0] or root
        file = os.fspath(file)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:

        def add(name: str, content: Any, size: int) -> None:
            entry = zipfile.ZipInfo(f"{root}/{name}")
            entry.file_size = size
            entry.extra = _padding(archive.fp.tell(), entry)  # type: ignore[union-attr]
            with archive.open(entry, "w") as out:
                if size:
                    out.write(content)

        def add_text(name: str, content: bytes) -> None:
            add(name, content, len(content))

        add_text("data.pkl", pickled.getvalue())
        add_text(".format_version", b"1")
        add_text(".storage_alignment", str(ALIGNMENT).encode())
        add_text("byteorder", sys.byteorder.encode())
        for key, size, storage, _ in pickler.storages.values():
            content: Any = b""
            if size:
                content = (ctypes.c_char * size).from_address(storage.data_ptr())
            add(f"data/{key}", content, size)
        add_text("version", b"3\n")


def _padding(position: int, entry: zipfile.ZipInfo) -> bytes:
    """Extra field that makes an entry's bytes start at a multiple of ALIGNMENT."""
    start = position + 30 + len(entry.filename.encode()) + 4
    if entry.file_size * 1.05 > _ZIP64_AT:
        start += 20  # zipfile adds a field with the long sizes
    length = -start % ALIGNMENT
    return b"FB" + length.to_bytes(2, "little") + b"Z" * length
