"""Saving objects to files, and loading them: PyTorch's checkpoint format."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from derivo.ops._surface import public

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

__all__ = [
    "add_safe_globals",
    "clear_safe_globals",
    "get_safe_globals",
    "load",
    "safe_globals",
    "save",
]


@public("save")
def save(
    obj: Any,
    f: str | os.PathLike[str] | IO[bytes],
    pickle_module: Any = None,
    pickle_protocol: int = 2,
    _use_new_zipfile_serialization: bool = True,
) -> None:
    """Write an object to a file that derivo and PyTorch can load.

    Parameters
    ----------
    obj : object
        Tensors, containers of them, state_dicts, modules, optimizers: what can be
        pickled. Tensors that share a storage share it in the file, which holds all of
        the storage even if they view a part.
    f : str, path or binary file
        Where to write.
    pickle_module : module, optional
        Only `pickle`, the default.
    pickle_protocol : int, default 2
        Version of the pickle inside.

    Raises
    ------
    RuntimeError
        If tensors of several dtypes view one storage, or the folder does not exist.

    Examples
    --------
    >>> import io, derivo
    >>> w = derivo.ones(2, requires_grad=True)
    >>> file = io.BytesIO()
    >>> derivo.save({"w": w, "step": 3}, file)
    >>> _ = file.seek(0)
    >>> again = derivo.load(file)
    >>> again
    {'w': tensor([1., 1.], requires_grad=True), 'step': 3}
    >>> (again["w"] ** 2).sum().backward()
    >>> again["w"].grad
    tensor([2., 2.])
    """
    import os

    _check_pickle(pickle_module, "save")
    if not _use_new_zipfile_serialization:
        raise RuntimeError(
            "[save] only the zip format is written: expected "
            "_use_new_zipfile_serialization=True, got False."
        )
    if isinstance(f, (str, os.PathLike)):
        folder = os.path.dirname(os.fspath(f))
        if folder and not os.path.isdir(folder):
            raise RuntimeError(
                f"[save] Parent directory {folder} does not exist: got {f=}. Make it "
                "first."
            )
    elif not hasattr(f, "write"):
        raise AttributeError(
            f"[save] expected 'f' to be string, path, or a file-like object with a "
            f"'write' attribute, got {type(f).__name__}."
        )
    from derivo.interop.checkpoints.writing import write

    write(obj, f, pickle_protocol)


@public("load")
def load(
    f: str | os.PathLike[str] | IO[bytes],
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Read an object from a file that derivo or PyTorch has saved.

    Parameters
    ----------
    f : str, path or binary file
        What to read.
    map_location : device, str, dict or callable, optional
        Where storages of the file go: the CPU, as all derivo has. Needed for files
        that were saved from a GPU.
    pickle_module : module, optional
        Only `pickle`, the default.
    weights_only : bool, default True
        Whether the file may hold nothing but tensors, numbers, strings and containers
        of them. A file loaded with False can run any program: do that only with files
        whose source you trust.
    mmap : bool, default False
        Whether storages stay in the file until they are read; changes are not written
        back. Needs a path.
    **pickle_load_args
        ``encoding`` of strings written by Python 2.

    Returns
    -------
    object
        What was saved.

    Raises
    ------
    pickle.UnpicklingError
        If `weights_only` holds and the file names another type.
    RuntimeError
        If the file is no checkpoint, or needs a GPU.

    Examples
    --------
    >>> import os, tempfile, derivo
    >>> path = os.path.join(tempfile.mkdtemp(), "weights.pt")
    >>> model = derivo.nn.Linear(2, 1)
    >>> derivo.save(model.state_dict(), path)
    >>> model.load_state_dict(derivo.load(path))
    <All keys matched successfully>
    >>> model(derivo.ones(2)).sum().backward()
    >>> model.bias.grad
    tensor([1.])
    """
    _check_pickle(pickle_module, "load")
    encoding = pickle_load_args.pop("encoding", "utf-8")
    if pickle_load_args:
        raise TypeError(
            "[load] got an unexpected keyword argument "
            f"{next(iter(pickle_load_args))!r}."
        )
    from derivo.interop.checkpoints.reading import read

    safe = True if weights_only is None else weights_only
    return read(f, map_location, safe, bool(mmap), encoding)


def _check_pickle(module: Any, name: str) -> None:
    import pickle

    if module is not None and module is not pickle:
        raise TypeError(
            f"[{name}] expected pickle_module to be Python's pickle, got {module!r}. "
            "Leave it out."
        )


def _key(entry: Any) -> tuple[tuple[str, str], Any]:
    if isinstance(entry, tuple):
        entry, path = entry
        module, _, name = path.rpartition(".")
        return (module, name), entry
    return (entry.__module__, entry.__qualname__), entry


def add_safe_globals(safe_globals: Iterable[Any]) -> None:
    """Let files loaded with ``weights_only=True`` hold these types.

    Parameters
    ----------
    safe_globals : iterable of class, function, or (object, name)
        What may be named; a name gives the full path that the file has.
    """
    from derivo.interop.checkpoints.reading import SAFE

    SAFE.update(map(_key, safe_globals))


def clear_safe_globals() -> None:
    """Forget what `add_safe_globals` added."""
    from derivo.interop.checkpoints.reading import SAFE

    SAFE.clear()


def get_safe_globals() -> list[Any]:
    """Return what `add_safe_globals` added."""
    from derivo.interop.checkpoints.reading import SAFE

    return list(SAFE.values())


class safe_globals:
    """Context in which files may hold these types, as with `add_safe_globals`.

    Parameters
    ----------
    safe_globals : list
        What may be named.
    """

    def __init__(self, safe_globals: list[Any]) -> None:
        self._added = dict(map(_key, safe_globals))

    def __enter__(self) -> None:
        """Allow the types."""
        from derivo.interop.checkpoints.reading import SAFE

        self._before = dict(SAFE)
        SAFE.update(self._added)

    def __exit__(self, *error: object) -> None:
        """Allow what was allowed before."""
        from derivo.interop.checkpoints.reading import SAFE

        SAFE.clear()
        SAFE.update(self._before)
