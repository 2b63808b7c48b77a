"""The Cython core: memory, tensor, dispatch, graph and engine.

Everything that runs on every operation lives here; policy lives in Python.
"""
