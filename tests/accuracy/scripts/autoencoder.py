# SPDX-License-Identifier: MIT
"""A variational autoencoder of digits; two parts of a loss, its own log lines with levels and times."""
import torch
from torch import nn
from torch.nn import functional as F

from kit import digits, fit


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.into, self.out = nn.Linear(64, 64), nn.Linear(64, 16)
        self.back, self.end = nn.Linear(8, 64), nn.Linear(64, 64)

    def forward(self, x):
        mu, logvar = self.out(F.relu(self.into(x))).chunk(2, 1)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
        return self.end(F.relu(self.back(z))), mu, logvar


class Images:
    classes = None

    def __init__(self, run):
        x, _ = digits(run.seed)
        self.x, self.vx = x[:1400], x[1400:]
        self.g, self.size, self.epoch_steps = torch.Generator().manual_seed(run.seed), 32, 43
        self.ramp, self.step = run.get("ramp", 200), 0

    def batch(self):
        i = torch.randint(len(self.x), (self.size,), generator=self.g)
        return self.x[i], self.x[i]

    def model(self):
        return Net()

    def loss(self, model, batch):
        self.step += model.training
        out, mu, logvar = model(batch[0])
        self.recon = F.binary_cross_entropy_with_logits(out, batch[1].clamp(0, 1), reduction="sum") / len(out)
        self.kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum() / len(out)
        return self.recon + min(self.step / self.ramp, 1.0) * self.kl

    def evaluate(self, model):
        with torch.no_grad():
            return {"loss": self.loss(model, (self.vx, self.vx)).item()}


class Say:
    def __init__(self, run):
        self.clock = run.clock

    def train(self, s):
        print(f"[{self.clock.stamp()}] [INFO] Train Epoch: {(s.step - 1) // s.epoch_steps + 1} "
              f"[{(s.step - 1) % s.epoch_steps * 32}/1400]\tLoss: {s.loss:.6f}\tRecon: {float(s.task.recon):.6f}\tKL: "
              f"{float(s.task.kl):.6f}")

    def val(self, s, r):
        print(f"[{self.clock.stamp()}] [INFO] ====> Epoch: {s.step // s.epoch_steps} Test set loss: {r['loss']:.4f}")


def main(run):
    fit(run, Images(run), Say(run), steps=run.get("epochs", 20) * 43, log=run.get("log", 8), evaluate=43, lr=2e-3, warmup=0,
        family="constant", step_time=0.5)
