"""Modules that hold others: lists, dictionaries and chains."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeVar

from derivo.nn.modules.module import Module, _indent

__all__ = ["ModuleDict", "ModuleList", "Sequential"]

S = TypeVar("S", bound="_Numbered")


def position_in(index: Any, length: int) -> int:
    """Return `index` counted from the front, or raise IndexError."""
    at = operator.index(index)
    if not -length <= at < length:
        raise IndexError(
            f"index {at} is out of range: expected {-length} <= index < {length}"
        )
    return at + length if at < 0 else at


class _Numbered(Module):
    """Submodules named "0", "1", ...; what Sequential and ModuleList share."""

    def __init__(self, *args: Any) -> None:
        super().__init__()

    def _fill(self, modules: Iterable[Module | None]) -> None:
        self._modules = {str(i): module for i, module in enumerate(modules)}

    def _values(self) -> list[Any]:
        return list(self._modules.values())

    def _like(self: S, modules: Iterable[Module]) -> S:
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return self._select(index)
        values = self._values()
        return values[position_in(index, len(values))]

    def _select(self, index: slice) -> Any:
        return self._like(self._values()[index])

    def __setitem__(self, index: int, module: Module) -> None:
        names = list(self._modules)
        setattr(self, names[position_in(index, len(names))], module)

    def __delitem__(self, index: int | slice) -> None:
        values = self._values()
        if isinstance(index, slice):
            del values[index]
        else:
            del values[position_in(index, len(values))]
        self._fill(values)

    def append(self: S, module: Module) -> S:
        """Add `module` at the end and return self."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self: S, modules: Iterable[Module]) -> S:
        """Add all of `modules` at the end and return self."""
        if not isinstance(modules, Iterable):
            raise TypeError(
                f"{type(self).__name__}.extend should be called with an iterable, but "
                f"got {type(modules).__name__}"
            )
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Put `module` before position `index`."""
        values = self._values()
        values.insert(index, module)
        self._fill(values)
        return None

    def pop(self, index: int = -1) -> Module:
        """Remove and return the module at `index`."""
        found = self[index]
        del self[index]
        return found

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.isdigit()]


class Sequential(_Numbered):
    """A chain of modules: each one's output is the next one's input.

    Parameters
    ----------
    *args : Module, or one dict of str to Module
        In order. A dict gives the submodules names.

    Examples
    --------
    >>> import derivo as torch
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    >>> model
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    >>> x = torch.ones(4, 2, requires_grad=True)
    >>> model(x).sum().backward()
    >>> x.grad.shape
    torch.Size([4, 2])
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], dict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            for i, module in enumerate(args):
                self.add_module(str(i), module)

    def forward(self, input: Any) -> Any:
        """Run the chain."""
        for module in self._modules.values():
            input = module(input)
        return input

    def _like(self, modules: Iterable[Module]) -> Sequential:
        return type(self)(*modules)

    def _select(self, index: slice) -> Sequential:
        # A slice keeps the names.
        return type(self)(dict(list(self._modules.items())[index]))

    def __delitem__(self, index: int | slice) -> None:
        names = list(self._modules)
        if isinstance(index, slice):
            gone = names[index]
        else:
            gone = [names[position_in(index, len(names))]]
        for name in gone:
            delattr(self, name)
        self._fill(self._values())

    def insert(self, index: int, module: Module) -> Sequential:
        """Put `module` before position `index` and return self.

        Raises
        ------
        TypeError
            If `module` is not a Module.
        IndexError
            If `index` is out of range.
        """
        if not isinstance(module, Module):
            raise TypeError(f"module should be of type: {Module}")
        n = len(self)
        if not -n <= index <= n:
            raise IndexError(f"Index out of range: {index}, expected {-n} to {n}")
        values = self._values()
        values.insert(index, module)
        self._fill(values)
        return self

    def __add__(self, other: Sequential) -> Sequential:
        self._check_joined(other, "add")
        return Sequential(*self, *other)

    def __iadd__(self, other: Sequential) -> Sequential:
        self._check_joined(other, "add")
        return self.extend(list(other))

    def _check_joined(self, other: Any, verb: str) -> None:
        if not isinstance(other, Sequential):
            raise ValueError(
                "add operator supports only objects of Sequential class, but "
                f"{type(other)} is given."
            )

    def _check_repeated(self, times: Any) -> None:
        if not isinstance(times, int):
            raise TypeError(
                f"unsupported operand type(s) for *: {type(self)} and {type(times)}"
            )
        if times <= 0:
            raise ValueError(
                f"Non-positive multiplication factor {times} for {type(self)}"
            )

    def __mul__(self, times: int) -> Sequential:
        self._check_repeated(times)
        return Sequential(*chain.from_iterable(self for _ in range(times)))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Sequential:
        self._check_repeated(times)
        return self.extend(self._values() * (times - 1))


class ModuleList(_Numbered):
    """A list whose modules are registered.

    Parameters
    ----------
    modules : iterable of Module, optional
        The first items.

    Examples
    --------
    >>> import derivo as torch
    >>> layers = torch.nn.ModuleList([torch.nn.Linear(2, 2) for _ in range(3)])
    >>> len(layers), len(list(layers.parameters()))
    (3, 6)
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def _like(self, modules: Iterable[Module]) -> ModuleList:
        return type(self)(modules)

    def insert(self, index: int, module: Module) -> None:
        """Put `module` before position `index`."""
        values = self._values()
        values.insert(index, module)
        self._fill(values)

    def __iadd__(self, modules: Iterable[Module]) -> ModuleList:
        return self.extend(modules)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return type(self)([*self, *other])

    def __repr__(self) -> str:
        # Equal neighbours are printed once, with their number.
        if not len(self):
            return f"{self._get_name()}()"
        runs: list[tuple[int, int, str]] = []
        for i, text in enumerate(repr(module) for module in self):
            if runs and runs[-1][2] == text:
                runs[-1] = (runs[-1][0], i, text)
            else:
                runs.append((i, i, text))
        lines = [
            _indent(
                f"({first}): {text}"
                if first == last
                else f"({first}-{last}): {last - first + 1} x {text}"
            )
            for first, last, text in runs
        ]
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


class ModuleDict(Module):
    """A dictionary whose modules are registered; it keeps the order of insertion.

    Parameters
    ----------
    modules : mapping or iterable of (str, Module), optional
        The first entries.

    Examples
    --------
    >>> import derivo as torch
    >>> acts = torch.nn.ModuleDict({"relu": torch.nn.ReLU(), "tanh": torch.nn.Tanh()})
    >>> acts["tanh"](torch.zeros(1))
    tensor([0.])
    """

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Module:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Remove all entries."""
        self._modules.clear()

    def pop(self, key: str) -> Module:
        """Remove and return the module under `key`."""
        module = self[key]
        del self[key]
        return module

    def keys(self) -> Any:
        """Return a view of the names."""
        return self._modules.keys()

    def items(self) -> Any:
        """Return a view of the (name, module) pairs."""
        return self._modules.items()

    def values(self) -> Any:
        """Return a view of the modules."""
        return self._modules.values()

    def update(self, modules: Any) -> None:
        """Add entries from a mapping or an iterable of pairs.

        Raises
        ------
        TypeError
            If `modules` is not iterable or an item is not a pair.
        ValueError
            If an item does not have two elements.
        """
        if not isinstance(modules, Iterable):
            raise TypeError(
                "ModuleDict.update should be called with an iterable of key/value "
                f"pairs, but got {type(modules).__name__}"
            )
        if isinstance(modules, (Mapping, ModuleDict)):
            for key, module in modules.items():
                self[key] = module
            return
        for i, pair in enumerate(modules):
            if not isinstance(pair, Iterable):
                raise TypeError(
                    f"ModuleDict update sequence element #{i} should be Iterable; is "
                    f"{type(pair).__name__}"
                )
            entry = list(pair)
            if len(entry) != 2:
                raise ValueError(
                    f"ModuleDict update sequence element #{i} has length {len(entry)}; "
                    "2 is required"
                )
            self[entry[0]] = entry[1]
