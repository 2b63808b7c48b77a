from derivo._core.tensor cimport Node, TensorBase
