"""What a node has saved: seen by name, and with hooks of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.saved import Packed, _pack
from derivo._core.tensor import TensorBase
from derivo.errors import GraphError

if TYPE_CHECKING:
    from collections.abc import Callable

    from derivo._core.tensor import Node

__all__ = ["SavedTensor", "saved_attribute", "saved_names"]

# Operations that PyTorch calls with a number made a tensor of no dimensions.
_TENSOR_OPERANDS = ("MulBackward0", "DivBackward0", "Atan2Backward0")


class SavedTensor:
    """A tensor that a node has saved, for hooks of its own.

    Got as ``node._raw_saved_...``; valid until the node's saved tensors are freed.
    """

    def __init__(self, node: Any, slot: Any) -> None:
        self._node = node
        self._slot = slot

    def _stored(self, what: str) -> tuple[Any, int]:
        if self._slot is None:
            return None, -1
        if isinstance(self._slot, TensorBase):
            return self._slot, -1
        try:
            stored: tuple[Any, int] = self._node._kept_raw(self._slot)
        except GraphError:
            raise GraphError(
                f"[register_hooks] Calling {what} on a saved tensor after it has been "
                "freed: a backward pass gives up what its nodes had saved. Ask for it "
                "before, or pass retain_graph=True."
            ) from None
        return stored

    def register_hooks(
        self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]
    ) -> None:
        """Pack the tensor now; unpack it whenever the node needs it.

        Parameters
        ----------
        pack_hook : callable
            Gets the tensor; returns anything.
        unpack_hook : callable
            Gets that; returns the tensor.

        Raises
        ------
        RuntimeError
            If the tensor has been freed, has hooks already, or is not there.
        """
        for hook in (pack_hook, unpack_hook):
            if not callable(hook):
                raise TypeError(
                    "[register_hooks] incompatible function arguments: expected two "
                    f"callables, got {type(hook).__name__}."
                )
        stored, own = self._stored("register_hooks")
        if stored is None:
            raise GraphError(
                "[register_hooks] Calling register_hooks on a saved tensor with value "
                "None is forbidden: the node did not need this operand."
            )
        if stored is self._slot:
            raise GraphError(
                "[register_hooks] this tensor is an argument of the operation (an "
                "index, a mask, a weight of a loss) that the node keeps as it is: "
                "hooks can be had for what it saved for its derivative."
            )
        if isinstance(stored, Packed):
            raise GraphError(
                "[register_hooks] Calling register_hooks on a saved tensor whose hooks "
                "have already been set. Hint: only one pair of hooks is allowed at a "
                "time."
            )
        tensor = stored
        if own >= 0:
            tensor = self._node._kept_get(self._slot).detach()
        packed = _pack(tensor, own, (pack_hook, unpack_hook))
        self._node._kept_put(self._slot, packed)

    @property
    def data(self) -> Any:
        """What is stored: the tensor, or what the pack hook made of it."""
        stored, _ = self._stored("data")
        return stored.data if isinstance(stored, Packed) else stored

    @property
    def unpack_hook(self) -> Any:
        """The unpack hook, None without hooks."""
        stored, _ = self._stored("unpack_hook")
        return stored.hook if isinstance(stored, Packed) else None

    def unpack(self) -> Any:
        """The tensor itself."""
        stored, _ = self._stored("unpack")
        if stored is self._slot:
            return stored
        return self._node._kept_get(self._slot)


def _slots(node: Any) -> dict[str, Any]:
    """Names of what a node has saved, with their slots; None: not needed."""
    find = getattr(type(node), "_kept_slots", None)
    if find is not None:
        found: dict[str, Any] = find(node)
        if "other" in found and type(node).__name__.startswith("PowBackward"):
            found["exponent"] = found.pop("other")
        return found
    if hasattr(type(node), "_kept_outputs"):
        from derivo.autograd._saved_names import tensors_of

        return {name: k for k, name in enumerate(tensors_of(node)) if name != "-"}
    return {}


def _shown(node: Any) -> dict[str, Any]:
    """What else a node shows, by name."""
    from derivo.autograd._saved_facts import facts_of

    shown = facts_of(node)
    if type(node).__name__ not in ("AddBackward1", "SubBackward1"):
        # These have a number as second operand, and none times it.
        shown = shown | (getattr(node, "_kept_shown", None) or {})
    return shown | (getattr(node, "given", None) or {})


def saved_attribute(node: Node, name: str) -> Any:
    """``node._saved_...`` and ``node._raw_saved_...``."""
    raw = name.startswith("_raw_")
    key = name.removeprefix("_raw").removeprefix("_saved_")
    slots = _slots(node)
    if key in slots:
        if raw:
            return SavedTensor(node, slots[key])
        if slots[key] is None:
            return None
        value = node._kept_get(slots[key])
        if (
            key in ("self", "other")
            and isinstance(value, (bool, int, float, complex))
            and type(node).__name__.startswith(_TENSOR_OPERANDS)
        ):
            from derivo import complex128, float64, tensor

            wide = {float: float64, complex: complex128}
            return tensor(value, dtype=wide.get(type(value)))
        return value
    shown = _shown(node)
    if key in shown:
        value = shown[key]
        if not raw:
            return value
        if value is None or isinstance(value, TensorBase):
            return SavedTensor(node, value)
        if isinstance(value, (tuple, list)) and any(
            isinstance(item, TensorBase) for item in value
        ):
            return tuple(SavedTensor(node, item) for item in value)
    raise AttributeError(f"'{type(node).__name__}' object has no attribute '{name}'")


def saved_names(node: Any) -> list[str]:
    """What ``dir(node)`` has beyond the methods."""
    names: list[str] = []
    slots = _slots(node)
    for key, slot in slots.items():
        names.append(f"_saved_{key}")
        if slot is None or _is_tensor(node, slot):
            names.append(f"_raw_saved_{key}")
    for key, value in _shown(node).items():
        if key in slots:
            continue
        names.append(f"_saved_{key}")
        items = value if isinstance(value, (tuple, list)) else [value]
        if any(isinstance(item, TensorBase) for item in items):
            names.append(f"_raw_saved_{key}")
    return names


def _is_tensor(node: Any, slot: Any) -> bool:
    try:
        stored, _ = node._kept_raw(slot)
    except GraphError:
        return True
    return isinstance(stored, (Packed, TensorBase))
