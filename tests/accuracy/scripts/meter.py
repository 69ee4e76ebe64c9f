# SPDX-License-Identifier: MIT
"""Digits by a plain network; values with their running means, as the ImageNet examples print."""
from kit import Digits, fit


class Say:
    def __init__(self):
        self.mean, self.epoch = {}, -1

    def put(self, name, value):
        n, total = self.mean.get(name, (0, 0.0))
        self.mean[name] = n + 1, total + value
        return value, self.mean[name][1] / self.mean[name][0]

    def train(self, s):
        e, b = divmod(s.step - 1, s.epoch_steps)
        if e != self.epoch:
            self.mean, self.epoch = {}, e
        print("Epoch: [%d][%3d/%d]\tTime %6.3f (%6.3f)\tData %6.3f (%6.3f)\tLoss %.4e (%.4e)\tAcc@1 %6.2f (%6.2f)" % (
            e, b, s.epoch_steps, *self.put("t", s.last_step), *self.put("d", s.last_data),
            *self.put("l", s.loss), *self.put("a", 100 * s.task.accuracy)))

    def val(self, s, r):
        print(" * Acc@1 %.3f Loss %.4f" % (100 * r["accuracy"], r["loss"]))


def main(run):
    task = Digits(run, net="mlp", depth=run.get("depth", 2), act=run.get("act", "relu"), batch=16,
                  train_size=run.get("train_size", 1400), dropout=run.get("dropout", 0.1))
    fit(run, task, Say(), steps=run.get("epochs", 12) * task.epoch_steps, log=5, evaluate=task.epoch_steps,
        lr=1.5e-3, warmup=0, step_time=0.25, data_time=0.01)
