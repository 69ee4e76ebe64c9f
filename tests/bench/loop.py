# SPDX-License-Identifier: MIT
"""A training loop of a fixed amount of work: about BENCH_SECONDS (default 30)."""
import os
import resource
import sys

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(256, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
weights = torch.randn(256, 1)
steps = int(float(os.environ.get("BENCH_SECONDS", "30")) * 100)
for step in range(steps):
    x = torch.randn(256, 256)
    loss = ((model(x) - x @ weights) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), 100.0)
    optimizer.step()
    if step % 10 == 0:
        print(f"step {step}/{steps} loss: {loss.item():.5f} grad_norm: {norm:.4f} lr: 1e-3")
        sys.stdout.flush()
if "BENCH_CPU" in os.environ: # what the loop itself has taken, whoever watches it
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open(os.environ["BENCH_CPU"], "w") as f:
        f.write(str(used.ru_utime + used.ru_stime))
