"""A plain PyTorch loop with tqdm that learns as it should: epochs, validation, cosine schedule."""
import torch
from torch import nn
from tqdm import tqdm

torch.manual_seed(1)
torch.set_num_threads(2)
epochs, batch = 8, 128

teacher = nn.Sequential(nn.Linear(20, 40), nn.Tanh(), nn.Linear(40, 5))
with torch.no_grad():
    x = torch.randn(12000, 20)
    y = (teacher(x) * 6).argmax(1)
train = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x[:10000], y[:10000]), batch,
                                    shuffle=True)
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 5))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(train))

for epoch in range(1, epochs + 1):
    model.train()
    total = 0.0
    bar = tqdm(train, desc=f"Epoch {epoch}/{epochs}", mininterval=0.01, ncols=100)
    for bx, by in bar:
        loss = nn.functional.cross_entropy(model(bx), by)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item()
        bar.set_postfix(loss=f"{loss.item():.4f}", lr=f"{schedule.get_last_lr()[0]:.1e}",
                        refresh=False)
    model.eval()
    with torch.no_grad():
        out = model(x[10000:])
        val = nn.functional.cross_entropy(out, y[10000:]).item()
        acc = (out.argmax(1) == y[10000:]).float().mean().item()
    print(f"Epoch {epoch}: train_loss={total / len(train):.4f} val_loss={val:.4f} val_acc={acc:.2%}")
