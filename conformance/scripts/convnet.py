"""A small convolutional network on real digits, SGD with momentum."""

import digits
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    """Two convolutions and a linear layer."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 3, padding=1)
        self.conv2 = nn.Conv2d(6, 12, 3)
        self.pool = nn.MaxPool2d(2)
        self.out = nn.Linear(12, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(torch.tanh(self.conv2(x)))
        return self.out(torch.flatten(x, 1))


torch.manual_seed(1)
images, labels = digits.load(512)
x = (torch.tensor(images, dtype=torch.float32) / 16).reshape(-1, 1, 8, 8)
y = torch.tensor(labels)

net = Net()
optimizer = torch.optim.SGD(
    net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4, nesterov=True
)
for step in range(50):
    pick = torch.randperm(len(x))[:32]
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x[pick]), y[pick])
    loss.backward()
    optimizer.step()
    print(step, loss.item())
for name, p in net.named_parameters():
    print(name, tuple(p.shape), p.detach().double().abs().sum().item())
