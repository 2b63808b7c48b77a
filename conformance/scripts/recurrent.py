"""Recurrent networks: an LSTM that adds numbers, a GRU and a plain RNN."""

import torch
from torch import nn
from torch.nn.utils.rnn import (
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
)

torch.manual_seed(4)


def batch(count, length):
    values = torch.rand(count, length)
    marks = torch.zeros(count, length)
    places = torch.stack([torch.randperm(length)[:2] for _ in range(count)])
    marks.scatter_(1, places, 1.0)
    return torch.stack([values, marks], -1), (values * marks).sum(1)


class Adder(nn.Module):
    """Reads a sequence and says a sum."""

    def __init__(self, hidden=16):
        super().__init__()
        self.lstm = nn.LSTM(2, hidden, num_layers=2, batch_first=True, dropout=0.1)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.head(out[:, -1]).squeeze(-1)


model = Adder()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for step in range(25):
    x, y = batch(16, 8)
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    print(step, loss.item(), norm.item())

# Both directions, with a state to begin from, and none at all.
gru = nn.GRU(3, 4, bidirectional=True, batch_first=True)
x = torch.randn(3, 5, 3)
out, h = gru(x, torch.randn(2, 3, 4))
print(out.shape, out.sum().item(), h.norm().item())
(out.pow(2).sum() + h.sin().sum() + gru(x[0])[0].sum()).backward()
for name, p in gru.named_parameters():
    print(name, p.grad.norm().item())

# Sequences of several lengths, read in both directions.
parts = [torch.randn(n, 3) for n in (5, 3, 1)]
padded = pad_sequence(parts, batch_first=True)
packed = pack_padded_sequence(padded, [5, 3, 1], batch_first=True)
out, h = gru(packed)
out, lengths = pad_packed_sequence(out, batch_first=True)
print(lengths.tolist(), out.sum().item(), h.norm().item())
(out.pow(2).sum() + h.sin().sum()).backward()
print([p.grad.norm().item() for p in gru.parameters()])
mixed = pack_sequence([torch.randn(n, 2) for n in (2, 4, 3)], enforce_sorted=False)
state = torch.randn(4, 3, 3), torch.randn(4, 3, 3)
lstm = nn.LSTM(2, 3, num_layers=2, bidirectional=True)
out, (h, c) = lstm(mixed, state)
print([part.sum().item() for part in unpack_sequence(out)], h.tolist(), c.sum().item())

# A cell by hand, through time.
cell = nn.RNNCell(2, 5, nonlinearity="relu")
sgd = torch.optim.SGD(cell.parameters(), lr=0.05, momentum=0.9, nesterov=True)
steps = torch.randn(6, 3, 2)
for epoch in range(10):
    state = torch.zeros(3, 5)
    for t in range(6):
        state = cell(steps[t], state)
    loss = (state.mean(1) - 0.5).square().mean()
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    print(epoch, loss.item())
