"""Lightning Trainer with its tqdm bar, metrics logged to the bar, a validation loop."""
import logging
import os
import tempfile
import warnings

import lightning
import torch
from lightning.pytorch.callbacks import TQDMProgressBar
from torch import nn

warnings.filterwarnings("ignore")
torch.manual_seed(9)
torch.set_num_threads(2)


class Net(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 4))

    def step(self, batch, name, **how):
        x, y = batch
        out = self.net(x)
        loss = nn.functional.cross_entropy(out, y)
        self.log(f"{name}_loss", loss, prog_bar=True, **how)
        self.log(f"{name}_acc", (out.argmax(1) == y).float().mean(), prog_bar=True, **how)
        return loss

    def training_step(self, batch, _):
        return self.step(batch, "train")

    def validation_step(self, batch, _):
        return self.step(batch, "val")

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), 3e-3)


x = torch.randn(4800, 16)
y = (nn.Linear(16, 4)(x) * 3).argmax(1)
pairs = torch.utils.data.TensorDataset(x, y)
train, val = torch.utils.data.random_split(pairs, [4000, 800])
with tempfile.TemporaryDirectory() as out:
    os.chdir(out)
    trainer = lightning.Trainer(max_epochs=6, accelerator="cpu", logger=False,
                                enable_checkpointing=False, log_every_n_steps=10,
                                callbacks=[TQDMProgressBar(refresh_rate=8)])
    trainer.fit(Net(), torch.utils.data.DataLoader(train, 50, shuffle=True),
                torch.utils.data.DataLoader(val, 100))
