"""`derivo.ops.aten.<operation>.<form>`: operations as objects, by PyTorch's names.

Policies of selective checkpoints are told by them what is computed.

Examples
--------
>>> import derivo
>>> derivo.ops.aten.mm.default
<OpOverload(op='aten.mm', overload='default')>
"""

from __future__ import annotations


def __getattr__(name: str) -> object:
    from derivo.ops import _overloads

    return _overloads.packet(name)
