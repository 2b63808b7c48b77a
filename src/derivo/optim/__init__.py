"""Optimizers and learning-rate schedules.

opt = derivo.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
opt.zero_grad()
loss.backward()
opt.step()
"""

from derivo.optim import lr_scheduler
from derivo.optim.adadelta import Adadelta
from derivo.optim.adagrad import Adagrad
from derivo.optim.adam import Adam
from derivo.optim.adamax import Adamax
from derivo.optim.adamw import AdamW
from derivo.optim.asgd import ASGD
from derivo.optim.nadam import NAdam
from derivo.optim.optimizer import Optimizer
from derivo.optim.radam import RAdam
from derivo.optim.rmsprop import RMSprop
from derivo.optim.rprop import Rprop
from derivo.optim.sgd import SGD

__all__ = [
    "ASGD",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "lr_scheduler",
]
