"""A plain PyTorch loop whose learning rate is far too high after its warm-up."""
import sys
import time

import torch
from torch import nn

torch.manual_seed(7)
torch.set_num_threads(2)
steps, batch, warmup, peak = 400, 64, 300, 1.6

teacher = nn.Sequential(nn.Linear(32, 64), nn.Tanh(), nn.Linear(64, 10))
model = nn.Sequential(nn.Linear(32, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(),
                      nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=peak, momentum=0.9)
schedule = torch.optim.lr_scheduler.LambdaLR(
    optimizer, lambda s: min(1.0, ((s + 1) / warmup) ** 3))
loss_fn = nn.MSELoss()

print(f"torch {torch.__version__}, {sum(p.numel() for p in model.parameters())} parameters, "
      f"batch size {batch}, {steps} steps, SGD lr={peak} momentum=0.9")
start = time.perf_counter()
for step in range(1, steps + 1):
    x = torch.randn(batch, 32)
    with torch.no_grad():
        y = 4 * teacher(x)
    loss = loss_fn(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), float("inf"))
    optimizer.step()
    lr = schedule.get_last_lr()[0]
    schedule.step()
    if step % 5 == 0:
        rate = step * batch / (time.perf_counter() - start)
        print(f"step {step}/{steps} | loss: {loss.item():.4f} | grad_norm: {norm:.3f} | "
              f"lr: {lr:.2e} | samples/s: {rate:.0f}")
    if step % 100 == 0:
        with torch.no_grad():
            x = torch.randn(1024, 32)
            val = loss_fn(model(x), 4 * teacher(x)).item()
        print(f"validation at step {step}: val_loss: {val:.4f}")
        sys.stdout.flush()
print("training finished")
