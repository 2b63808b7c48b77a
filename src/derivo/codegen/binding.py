"""The one place that talks to LLVM: text in, object code out, addresses.

`llvmlite` takes a tenth of a second to import, so nothing imports this module before
the first kernel is needed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import llvmlite.binding as llvm

from derivo.codegen import target as targets

_lock = threading.RLock()
_state: dict[Any, Any] = {}
_machines: dict[targets.Target, Any] = {}
_symbols: dict[str, int] = {}


def _start() -> None:
    if not _state:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        _state["triple"] = llvm.get_process_triple()
        _state["engines"] = []


def _machine(target: targets.Target) -> Any:
    machine = _machines.get(target)
    if machine is None:
        base = llvm.Target.from_triple(_state["triple"])
        machine = base.create_target_machine(
            cpu=target.cpu,
            features="",
            # The same machine code as at 2, a fifth sooner.
            opt=1,
            reloc="pic",
            codemodel="default",
            jit=True,
        )
        _machines[target] = machine
    return machine


def compile_text(text: str, target: targets.Target) -> bytes:
    """Turn the text of a module into object code, after checking it.

    Raises
    ------
    RuntimeError
        If LLVM refuses the text, which is a defect of the generator.
    """
    with _lock:
        _start()
        try:
            module = llvm.parse_assembly(text)
            module.verify()
        except RuntimeError as error:
            raise RuntimeError(
                f"[codegen] generated code is refused by LLVM: {error}. Please report "
                f"it with this text:\n{text}"
            ) from error
        module.triple = _state["triple"]
        _promote(module, text, target)
        return bytes(_machine(target).emit_object(module))


def _promote(module: Any, text: str, target: targets.Target) -> None:
    """Turn the stack slots of accumulators into registers.

    The text is already what it should be in all else, so no other pass runs.
    """
    if "= alloca" not in text:
        return
    options = llvm.create_pipeline_tuning_options(speed_level=1)
    builder = llvm.create_pass_builder(_machine(target), options)
    passes = llvm.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.run(module, builder)


def assembly(text: str, target: targets.Target) -> str:
    """Return the assembly of a module, for reading."""
    with _lock:
        _start()
        module = llvm.parse_assembly(text)
        module.triple = _state["triple"]
        _promote(module, text, target)
        return str(_machine(target).emit_assembly(module))


def load(code: bytes, name: str, symbols: Iterable[str], target: targets.Target) -> int:
    """Load object code for the life of the process; return the address of `name`."""
    with _lock:
        _start()
        for symbol in symbols:
            if symbol not in _symbols:
                address = targets.resolve(symbol)
                if not address:
                    raise RuntimeError(
                        f"[codegen] {symbol} is not in this machine's libraries"
                    )
                llvm.add_symbol(symbol, address)
                _symbols[symbol] = address
        # One engine takes all objects of a target.
        key = ("engine", target)
        engine = _state.get(key)
        if engine is None:
            empty = llvm.parse_assembly("")
            empty.triple = _state["triple"]
            engine = llvm.create_mcjit_compiler(empty, _fresh_machine(target))
            _state[key] = engine
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        address = engine.get_function_address(name)
        if not address:
            raise RuntimeError(f"[codegen] object code has no function {name}")
        return int(address)


def _fresh_machine(target: targets.Target) -> Any:
    # The engine owns its machine.
    machine = _machines.pop(target, None)
    if machine is None:
        machine = _machine(target)
        _machines.pop(target, None)
    return machine
