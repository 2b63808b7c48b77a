"""Finding the operation whose backward fails: `detect_anomaly`."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from derivo._core.autograd import _current_node
from derivo._core.tensor import TensorBase, _set_anomaly
from derivo.errors import GraphError

if TYPE_CHECKING:
    from derivo._core.tensor import Node

__all__ = ["detect_anomaly", "set_detect_anomaly"]

_enabled = False
_check_nan = True


def is_anomaly_enabled() -> bool:
    """Whether anomaly mode is on."""
    return _enabled


def is_anomaly_check_nan_enabled() -> bool:
    """Whether anomaly mode looks for NaN in gradients."""
    return _check_nan


def _switch(enabled: bool, check_nan: bool) -> None:
    global _enabled, _check_nan
    _enabled, _check_nan = enabled, check_nan
    _set_anomaly((1 | (2 if check_nan else 0)) if enabled else 0)


class set_detect_anomaly:
    """Switch anomaly mode on or off; as a context manager, for its body.

    Parameters
    ----------
    mode : bool
        Whether it is on.
    check_nan : bool, default True
        Whether a NaN in a gradient is an error.

    Examples
    --------
    >>> import derivo
    >>> with derivo.autograd.set_detect_anomaly(True):
    ...     derivo.is_anomaly_enabled()
    True
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.prev = _enabled
        self.prev_check_nan = _check_nan
        _switch(bool(mode), bool(check_nan))

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        _switch(self.prev, self.prev_check_nan)


class detect_anomaly:
    """Find the operation whose backward fails or makes a NaN.

    Inside ``with``, every recorded operation keeps the lines that led to it; a backward
    pass that fails warns with those of the operation at fault. It costs much more than
    the operations themselves: for debugging only.

    Parameters
    ----------
    check_nan : bool, default True
        Whether a NaN in a gradient is an error.

    Raises
    ------
    RuntimeError
        From backward: the first node that made a NaN, and for which input.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([-1.0, 4.0], requires_grad=True)
    >>> with derivo.autograd.detect_anomaly():  # doctest: +SKIP
    ...     x.sqrt().sum().backward()
    RuntimeError: Function 'SqrtBackward0' returned nan values in its 0th output.
    """

    def __init__(self, check_nan: bool = True) -> None:
        self.prev = _enabled
        self.check_nan = check_nan
        self.prev_check_nan = _check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime "
            "and should only be enabled for debugging.",
            UserWarning,
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self.prev, self.prev_check_nan = _enabled, _check_nan
        _switch(True, self.check_nan)

    def __exit__(self, *_: object) -> None:
        _switch(self.prev, self.prev_check_nan)


# ------------------------------------------------------------ what the core calls


def note_stack(node: Node) -> None:
    """Keep the lines of the user's code that led to `node`."""
    import traceback
    from pathlib import Path

    import derivo

    home = str(Path(derivo.__file__).parent)
    frames = [f for f in traceback.extract_stack() if not f.filename.startswith(home)]
    node.metadata["traceback_"] = traceback.format_list(frames)
    parent = _current_node()
    if parent is not None:
        node.metadata["parent_"] = parent


def check_nan(node: Node, result: Any) -> None:
    """Raise if a gradient that `node` returned has a NaN."""
    from derivo.autograd.grad_mode import no_grad

    parts = result if isinstance(result, (tuple, list)) else (result,)
    for index, part in enumerate(parts):
        if not isinstance(part, TensorBase):
            continue
        with no_grad():
            found = bool((part.detach() != part.detach()).any())
        if found:
            raise GraphError(
                f"[backward] Function '{node.name()}' returned nan values in its "
                f"{index}th output."
            )


def report(node: Node) -> None:
    """Warn with the lines that recorded `node`, and what recorded those."""
    stack = node.metadata.get("traceback_")
    if stack is None:
        warnings.warn(
            f"Error detected in {node.name()}. No forward pass information available. "
            "Enable detect anomaly during forward pass for more information.",
            UserWarning,
            stacklevel=2,
        )
        return
    warnings.warn(
        f"Error detected in {node.name()}. Traceback of forward call that caused the "
        f"error:\n{''.join(stack)}",
        UserWarning,
        stacklevel=2,
    )
    parent = node.metadata.get("parent_")
    while parent is not None:
        lines = parent.metadata.get("traceback_")
        told = "".join(lines) if lines else "(not recorded in anomaly mode)\n"
        warnings.warn(
            f"\n\nPrevious calculation was induced by {parent.name()}. Traceback of "
            f"forward call that induced the previous calculation:\n{told}",
            UserWarning,
            stacklevel=2,
        )
        parent = parent.metadata.get("parent_")
