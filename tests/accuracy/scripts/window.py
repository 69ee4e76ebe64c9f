# SPDX-License-Identifier: MIT
"""A quick model of letters: each from the six before it."""
import torch
from torch import nn
from torch.nn import functional as F


class Window(nn.Module):
    def __init__(self, classes, width=16, reach=6):
        super().__init__()
        self.token, self.reach = nn.Embedding(classes, width), reach
        self.into, self.head = nn.Linear(width * reach, 64), nn.Linear(64, classes)

    def forward(self, x):
        h = F.pad(x, (self.reach - 1, 0)).unfold(1, self.reach, 1)
        return self.head(torch.tanh(self.into(self.token(h).flatten(2))))


def quick(task):
    task.model = lambda: Window(task.classes)
    return task
