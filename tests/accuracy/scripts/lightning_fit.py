# SPDX-License-Identifier: MIT
"""Lightning's Trainer with its bar and a validation loop, on digits."""
import os
import tempfile
import warnings

import torch
from torch import nn

from kit import digits


def main(run):
    import logging

    import lightning
    from lightning.pytorch.callbacks import EarlyStopping, TQDMProgressBar
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning").setLevel(logging.INFO)

    class Net(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(64, run.get("width", 48)), nn.ReLU(),
                                     nn.Dropout(run.get("dropout", 0.0)), nn.Linear(run.get("width", 48), 10))

        def step(self, batch, name, **how):
            x, y = batch
            out = self.net(x)
            loss = nn.functional.cross_entropy(out, y)
            self.log(f"{name}_loss", loss, prog_bar=True, **how)
            self.log(f"{name}_acc", (out.argmax(1) == y).float().mean(), prog_bar=True, **how)
            return loss

        def training_step(self, batch, _):
            if self.global_step == run.get("at", -1):
                run.fault()
                if run.get("fault") == "nan":
                    with torch.no_grad():
                        self.net[0].weight[0, 0] = float("nan")
                if run.get("fault") == "lr":
                    for p in self.optimizers().param_groups:
                        p["lr"] *= 300
                if run.get("fault") == "raise":
                    raise KeyError("pixel_values")
            return self.step(batch, "train")

        def validation_step(self, batch, _):
            return self.step(batch, "val")

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), run.get("lr", 2e-3))

    x, y = digits(run.seed)
    if run.get("labels") == "shuffled":
        y = y[torch.randperm(len(y))]
    if run.get("labels") == "noisy":
        y = torch.where(torch.rand(len(y)) < 0.3, torch.randint(0, 10, y.shape), y)
    if run.get("from_start"):
        run.fault()
    n = run.get("n", 1400)
    pairs = torch.utils.data.TensorDataset
    callbacks = [TQDMProgressBar(refresh_rate=run.get("refresh", 8))]
    if run.get("early"):
        callbacks.append(EarlyStopping("val_loss", patience=3, check_finite=True, verbose=True))
    with tempfile.TemporaryDirectory() as out:
        os.chdir(out)
        trainer = lightning.Trainer(max_epochs=run.get("epochs", 10), accelerator="cpu", logger=False,
                                    enable_checkpointing=False, log_every_n_steps=10, callbacks=callbacks)
        trainer.fit(Net(), torch.utils.data.DataLoader(pairs(x[:n], y[:n]), run.get("batch", 32), shuffle=True),
                    torch.utils.data.DataLoader(pairs(x[1400:], y[1400:]), 200))
