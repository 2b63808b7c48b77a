"""Settings of the libraries that PyTorch computes with.

derivo computes with none of them. The settings can be read and written, so that scripts
which set them run; they change nothing.
"""

from __future__ import annotations

from derivo.backends import cpu, cuda, cudnn, mkl, mkldnn, mps, openmp

__all__ = ["cpu", "cuda", "cudnn", "mkl", "mkldnn", "mps", "openmp"]
