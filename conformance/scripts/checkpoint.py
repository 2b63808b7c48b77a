"""Training that stops, is saved, and goes on from the file: the same numbers."""

import os
import tempfile

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.backends.cudnn.benchmark = False
torch.backends.cudnn.deterministic = True
torch.manual_seed(3)
x = torch.randn(96, 5)
y = (x[:, 0] * x[:, 1] > 0).long()
loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)


def parts():
    model = nn.Sequential(nn.Linear(5, 16), nn.BatchNorm1d(16), nn.GELU())
    model.append(nn.Linear(16, 2))
    model.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    return model, optimizer, torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 8)


def train(model, optimizer, schedule, epochs):
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        total = 0.0
        for a, b in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(a.to(device)), b.to(device))
            loss.backward()
            optimizer.step()
            total += loss.item()
        schedule.step()
        print(epoch, f"{total:.6f}", f"{optimizer.param_groups[0]['lr']:.6f}")


first = parts()
train(*first, 4)
path = os.path.join(tempfile.mkdtemp(), "checkpoint.pt")
torch.save(
    {
        "parts": [part.state_dict() for part in first],
        "rng": torch.get_rng_state(),
        "first": x[:2].t(),
    },
    path,
)
train(*first, 2)

second = parts()
saved = torch.load(path, map_location=device)
for part, state in zip(second, saved["parts"], strict=True):
    part.load_state_dict(state)
torch.set_rng_state(saved["rng"])
train(*second, 2)
states = first[0].state_dict(), second[0].state_dict()
print("equal", all(torch.equal(states[1][k], v) for k, v in states[0].items()))
print(saved["first"].stride(), list(saved))
