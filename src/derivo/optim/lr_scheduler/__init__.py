"""Schedules: learning rates that change from epoch to epoch.

Every schedule computes the next rate from the present one, so that several can act on
one optimizer, and a rate changed by hand stays changed.
"""

from derivo.optim.lr_scheduler._base import LRScheduler
from derivo.optim.lr_scheduler._plateau import ReduceLROnPlateau
from derivo.optim.lr_scheduler._several import ChainedScheduler, SequentialLR
from derivo.optim.lr_scheduler._simple import (
    ConstantLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from derivo.optim.lr_scheduler._waves import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    OneCycleLR,
)

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
