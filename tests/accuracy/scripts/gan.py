# SPDX-License-Identifier: MIT
"""A small adversarial pair on a ring of points."""
import torch
from torch import nn


def main(run):
    g = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2))
    d = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
    og, od = torch.optim.Adam(g.parameters(), run.get("g_lr", 1e-3), (0.5, 0.9)), torch.optim.Adam(d.parameters(), 1e-3, (0.5, 0.9))
    bce = nn.BCEWithLogitsLoss()
    batches, epochs = 20, run.get("epochs", 30)
    for e in range(epochs):
        for b in range(batches):
            step = e * batches + b
            if step == run.get("at", -1):
                run.fault()
                if run.get("fault") == "d-wins":
                    for p in og.param_groups:
                        p["lr"] = 0.0
                    for p in od.param_groups:
                        p["lr"] = 2e-2
                if run.get("fault") == "d-lost":  # the discriminator's labels are swapped
                    for p in od.param_groups:
                        p["lr"] = 1e-2
            a = torch.rand(64) * 6.2832
            real = torch.stack([a.cos(), a.sin()], 1) + 0.05 * torch.randn(64, 2)
            if run.get("fault") == "d-wins" and run.onset is not None:
                real = real + 6
            fake = g(torch.randn(64, 8))
            swap = run.get("fault") == "d-lost" and run.onset is not None
            one, nil = torch.ones(64, 1), torch.zeros(64, 1)
            d_loss = bce(d(real), one) + bce(d(fake.detach()), nil)
            od.zero_grad()
            (-d_loss if swap else d_loss).backward()
            od.step()
            g_loss = bce(d(fake), one)
            og.zero_grad()
            g_loss.backward()
            og.step()
            print(f"[Epoch {e}/{epochs}] [Batch {b}/{batches}] [D loss: {d_loss.item():.6f}] [G loss: {g_loss.item():.6f}]")
