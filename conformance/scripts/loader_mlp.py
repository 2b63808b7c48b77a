"""An MLP of the handwritten digits, fed by a DataLoader that shuffles."""

import torch
from digits import load
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset, random_split


class Digits(Dataset):
    """Images and labels, one by one."""

    def __init__(self, count):
        images, labels = load(count)
        self.images = torch.tensor(images, dtype=torch.float32).reshape(-1, 8, 8) / 16
        self.labels = torch.tensor(labels)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return {"image": self.images[i], "label": self.labels[i], "index": i}


torch.manual_seed(3)
train, test = random_split(Digits(700), [600, 100])
print(train.indices[:8], test.indices[:8])
# A bias before BatchNorm has no gradient but rounding, which Adam makes steps of.
model = nn.Sequential(
    nn.Flatten(),
    nn.Linear(64, 40, bias=False),
    nn.BatchNorm1d(40),
    nn.LeakyReLU(0.1),
    nn.Dropout(0.2),
    nn.Linear(40, 10),
)
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
loader = DataLoader(train, batch_size=32, shuffle=True, num_workers=0, drop_last=True)
for epoch in range(3):
    model.train()
    for k, batch in enumerate(loader):
        loss = F.cross_entropy(model(batch["image"]), batch["label"])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if k % 6 == 0:
            print(epoch, k, batch["index"][:4].tolist(), loss.item())
    model.eval()
    with torch.no_grad():
        right = sum(
            int((model(b["image"]).argmax(1) == b["label"]).sum())
            for b in DataLoader(test, batch_size=64)
        )
    print(epoch, right, len(test))

# A generator of the loader's own, a subset, samplers, and pairs of tensors.
pairs = TensorDataset(torch.arange(20.0).reshape(10, 2), torch.arange(10))
own = torch.Generator().manual_seed(11)
for x, y in DataLoader(pairs, 4, shuffle=True, generator=own):
    print(x.sum().item(), y.tolist())
weights = torch.tensor([1.0, 5.0, 1.0, 3.0, 0.0])
sampler = torch.utils.data.WeightedRandomSampler(weights, 9)
print(list(sampler))
for x, y in DataLoader(Subset(pairs, [7, 1, 5, 2]), batch_size=3):
    print(x.tolist(), y.tolist())
print(torch.rand(3).tolist())
