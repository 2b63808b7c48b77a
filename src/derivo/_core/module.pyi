from typing import Any

global_forward_pre_hooks: dict[int, Any]
global_forward_hooks: dict[int, Any]
global_backward_pre_hooks: dict[int, Any]
global_backward_hooks: dict[int, Any]

def find_registered(module: ModuleBase, name: str) -> Any: ...

class ModuleBase:
    def __getattr__(self, name: str) -> Any: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
