from derivo._core.tensor import TensorBase

def top_indices(
    out: TensorBase, x: TensorBase, largest: bool, ordered: bool
) -> None: ...
