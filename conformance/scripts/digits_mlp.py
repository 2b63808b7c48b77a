"""A two-layer network on real digits: DataLoader, dropout, Adam, cross entropy."""

import digits
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
images, labels = digits.load()
x = torch.tensor(images, dtype=torch.float32) / 16
y = torch.tensor(labels)
loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)

model = nn.Sequential(
    nn.Linear(64, 48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 24), nn.Tanh(),
    nn.Linear(24, 10),
)  # fmt: skip
loss_of = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

step = 0
for _epoch in range(2):
    for batch, target in loader:
        optimizer.zero_grad()
        loss = loss_of(model(batch), target)
        loss.backward()
        optimizer.step()
        print(step, loss.item())
        step += 1
        if step == 50:
            break

model.eval()
with torch.no_grad():
    right = (model(x).argmax(1) == y).sum().item()
print("right", right)
