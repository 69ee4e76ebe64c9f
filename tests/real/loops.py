#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hand-written training loops, each in the words of somebody else, against what lossdog reads of them.

loops.py LOSSDOG [--keep DIR] [--list] [FORM...]

Each form below is a small program that trains a logistic regression and prints as
people do; it says beside each number what it is.  Series count as found when their
number of samples, first, last, smallest and largest value agree; series that no form
meant are inventions.  TAP goes to standard output: a form with an invention, or with
less than nine of ten series, positions and totals, fails.
"""
import argparse
import collections
import contextlib
import csv
import io
import json
import logging
import math
import os
import random
import re
import subprocess
import sys
import tempfile


class Model:
    """Logistic regression on two blobs, by hand."""

    def __init__(self, seed=1, n=400):
        rng = self.rng = random.Random(seed)
        data = [(rng.gauss(y, 1.2), rng.gauss(-y, 1.2), (y + 1) // 2) for y in (rng.choice((-1, 1)) for _ in range(n))]
        self.train, self.val = data[: n * 3 // 4], data[n * 3 // 4:]
        self.w, self.lr, self.norm = [0.0, 0.0, 0.0], 0.1, 0.0

    def p(self, x):
        z = self.w[0] * x[0] + self.w[1] * x[1] + self.w[2]
        return 1 / (1 + math.exp(-max(-30, min(30, z))))

    def score(self, data):
        eps = 1e-9
        loss = -sum(math.log(self.p(x) + eps) if x[2] else math.log(1 - self.p(x) + eps) for x in data) / len(data)
        return loss, sum((self.p(x) > 0.5) == bool(x[2]) for x in data) / len(data)

    def step(self, size=16):
        batch = self.rng.sample(self.train, size)
        g = [sum((self.p(x) - x[2]) * v for x, v in zip(batch, col)) / size
             for col in ([b[0] for b in batch], [b[1] for b in batch], [1] * size)]
        self.w = [w - self.lr * d for w, d in zip(self.w, g)]
        self.norm = math.sqrt(sum(d * d for d in g))
        return self.score(batch)

    def epoch(self, steps=10):
        got = [self.step() for _ in range(steps)]
        return sum(a for a, _ in got) / steps, sum(b for _, b in got) / steps

    def evaluate(self):
        return self.score(self.val)


forms = {}


def form(fn):
    forms[fn.__name__] = fn
    return fn


class Told:
    """What a form says it printed."""

    def __init__(self):
        self.series = collections.OrderedDict()
        self.last, self.totals = {}, {}

    def __call__(self, step=None, epoch=None, **metrics):
        for name, value in metrics.items():
            self.series.setdefault(name.replace("__", "/"), []).append(value)
            if name.startswith("train__") and (step is not None or epoch is not None):
                self.last = {k: v for k, v in (("step", step), ("epoch", epoch)) if v is not None}


# --- the forms ---


@form
def fstring_dashes(t):
    m = Model(1)
    for e in range(1, 11):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"Epoch {e}/10 - loss: {loss:.4f} - acc: {acc:.4f} - val_loss: {vloss:.4f} - val_acc: {vacc:.4f}")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc)
    t.totals["epochs"] = 10


@form
def print_commas(t):
    m = Model(2)
    for e in range(8):
        loss, acc = m.epoch()
        vloss, _ = m.evaluate()
        print("epoch", e, "loss", loss, "acc", acc)
        print("validation loss", vloss)
        t(epoch=e, train__loss=loss, train__accuracy=acc)
        t(val__loss=vloss)


@form
def brackets_epoch_step(t):
    m = Model(3)
    for e in range(3):
        for i in range(60):
            loss, _ = m.step()
            if (i + 1) % 10 == 0:
                print(f"Epoch [{e + 1}/3], Step [{i + 1}/60], Loss: {loss:.4f}")
                t(step=e * 60 + i + 1, epoch=e + 1, train__loss=loss)
        vloss, vacc = m.evaluate()
        print(f"Validation loss: {vloss:.3f}, Val Acc: {100 * vacc:.2f}%")
        t(val__loss=vloss, val__accuracy=vacc)
    t.totals.update(epochs=3)


@form
def bars_short(t):
    m = Model(4)
    for i in range(0, 400, 20):
        loss, _ = m.step()
        m.lr *= 0.98
        print(f"ep {i // 100} | it {i:4d} | loss {loss:.3f} | lr {m.lr:.2e} | gnorm {m.norm:.2f} | {12.5 + i % 3:.1f} ms")
        t(step=i, epoch=i // 100, train__loss=loss, lr=m.lr, grad_norm=m.norm)


@form
def logging_basic(t):
    log = logger("%(levelname)s:%(name)s:%(message)s", "root")
    m = Model(5)
    for i in range(1, 101):
        loss, _ = m.step()
        if i % 5 == 0:
            log.info("step=%d train_loss=%.5f lr=%g", i, loss, m.lr)
            t(step=i, train__loss=loss, lr=m.lr)
        if i % 25 == 0:
            vloss, vacc = m.evaluate()
            log.info("step=%d eval_loss=%.5f eval_accuracy=%.3f", i, vloss, vacc)
            t(step=i, val__loss=vloss, val__accuracy=vacc)


@form
def logging_times(t):
    log = logger("%(asctime)s [%(levelname)s] %(name)s: %(message)s", "trainer")
    m = Model(6)
    for i in range(100, 2001, 100):
        loss, _ = m.step()
        log.info("Iteration %d/2000: loss = %.4f, grad norm = %.3f, learning rate = %.3e", i, loss, m.norm, m.lr)
        t(step=i, train__loss=loss, grad_norm=m.norm, lr=m.lr)
    t.totals["steps"] = 2000


@form
def tqdm_postfix(t):
    from tqdm import tqdm
    m = Model(7)
    for e in range(1, 4):
        bar = tqdm(range(30), desc=f"Epoch {e}/3", file=sys.stdout, ncols=100, mininterval=0)
        for _ in bar:
            loss, _ = m.step()
            bar.set_postfix(loss=f"{loss:.4f}", lr=m.lr)
        vloss, vacc = m.evaluate()
        tqdm.write(f"val loss {vloss:.4f} val acc {vacc:.4f}", file=sys.stdout)
        t(epoch=e, train__loss=loss, lr=m.lr)
        t(val__loss=vloss, val__accuracy=vacc)
    t.totals["epochs"] = 3


@form
def rich_table(t):
    from rich.console import Console
    from rich.table import Table
    m, table = Model(8), Table(title="Training")
    for name in ("Epoch", "Train Loss", "Val Loss", "Val Acc"):
        table.add_column(name)
    for e in range(1, 7):
        loss, _ = m.epoch()
        vloss, vacc = m.evaluate()
        table.add_row(str(e), f"{loss:.4f}", f"{vloss:.4f}", f"{vacc:.3f}")
        t(epoch=e, train__loss=loss, val__loss=vloss, val__accuracy=vacc)
    Console(width=80, force_terminal=False).print(table)


@form
def padded_table(t):
    m = Model(9)
    print(f"{'Epoch':>6} {'Loss':>10} {'Acc':>8} {'Val_Loss':>10} {'LR':>9}")
    print("-" * 48)
    for e in range(1, 9):
        loss, acc = m.epoch()
        vloss, _ = m.evaluate()
        print(f"{e:>6} {loss:>10.5f} {acc:>8.3f} {vloss:>10.5f} {m.lr:>9.1e}")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss, lr=m.lr)


@form
def padded_table_words(t):
    m = Model(10)
    print(f"{'Epoch':<8}{'Train Loss':<14}{'Train Acc':<12}{'Val Loss':<12}{'Val Acc':<10}")
    for e in range(1, 9):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"{e:<8}{loss:<14.4f}{acc:<12.4f}{vloss:<12.4f}{vacc:<10.4f}")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc)


@form
def bar_table(t):
    m = Model(11)
    print("| epoch | train loss | val loss | accuracy |")
    print("|-------|------------|----------|----------|")
    for e in range(10):
        loss, _ = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"| {e:5d} | {loss:10.4f} | {vloss:8.4f} | {vacc:7.1%} |")
        t(epoch=e, train__loss=loss, val__loss=vloss, train__accuracy=vacc)


@form
def german(t):
    m = Model(12)
    for e in range(1, 11):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"Epoche {e}/10: Verlust: {loss:.4f}, Genauigkeit: {acc:.4f}, Validierungsverlust: {vloss:.4f}, "
              f"Validierungsgenauigkeit: {vacc:.4f}, Lernrate: {m.lr}")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc, lr=m.lr)
    t.totals["epochs"] = 10


@form
def chinese(t):
    m = Model(13)
    for e in range(1, 11):
        loss, _ = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"轮次: {e}/10, 训练损失: {loss:.4f}, 验证损失: {vloss:.4f}, 验证准确率: {100 * vacc:.2f}%, 学习率: {m.lr:.6f}")
        t(epoch=e, train__loss=loss, val__loss=vloss, val__accuracy=vacc, lr=m.lr)
    t.totals["epochs"] = 10


@form
def chinese_fullwidth(t):
    m = Model(14)
    for e in range(1, 7):
        loss, acc = m.epoch()
        print(f"第{e}轮，损失：{loss:.4f}，准确率：{acc:.4f}")
        t(epoch=e, train__loss=loss, train__accuracy=acc)


@form
def french(t):
    m = Model(15)
    for e in range(1, 9):
        loss, acc = m.epoch()
        vloss, _ = m.evaluate()
        print(f"Époque {e}/8 - perte : {loss:.4f} - exactitude : {acc:.4f} - perte de validation : {vloss:.4f}")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss)
    t.totals["epochs"] = 8


@form
def spanish(t):
    m = Model(16)
    for e in range(1, 9):
        loss, acc = m.epoch()
        print(f"Época {e}: pérdida = {loss:.4f}, exactitud = {acc:.4f}, tasa de aprendizaje = {m.lr:g}")
        t(epoch=e, train__loss=loss, train__accuracy=acc, lr=m.lr)


@form
def russian(t):
    m = Model(17)
    for e in range(1, 9):
        loss, acc = m.epoch()
        print(f"Эпоха {e}/8: потери: {loss:.4f}, точность: {acc:.4f}")
        t(epoch=e, train__loss=loss, train__accuracy=acc)
    t.totals["epochs"] = 8


@form
def japanese(t):
    m = Model(18)
    for e in range(1, 9):
        loss, acc = m.epoch()
        vloss, _ = m.evaluate()
        print(f"エポック {e}/8 損失: {loss:.4f} 精度: {acc:.4f} 検証損失: {vloss:.4f}")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss)
    t.totals["epochs"] = 8


@form
def two_lines_tabs(t):
    m = Model(19)
    for e in range(1, 7):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"Epoch: {e:02} | Epoch Time: 0m {3 + e}s")
        print(f"\tTrain Loss: {loss:.3f} | Train Acc: {acc * 100:.2f}%")
        print(f"\t Val. Loss: {vloss:.3f} |  Val. Acc: {vacc * 100:.2f}%")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc)


@form
def quickstart(t):
    m = Model(20)
    for e in range(1, 4):
        print(f"Epoch {e}\n-------------------------------")
        for i in range(0, 60000, 6400):
            loss, _ = m.step()
            print(f"loss: {loss:>7f}  [{i + 64:>5d}/{60000:>5d}]")
            t(epoch=e, train__loss=loss)
        vloss, vacc = m.evaluate()
        print(f"Test Error: \n Accuracy: {100 * vacc:>0.1f}%, Avg loss: {vloss:>8f} \n")
        t(test__accuracy=vacc, test__avg_loss=vloss)
    print("Done!")


@form
def phases_below_epoch(t):
    m = Model(21)
    for e in range(6):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"Epoch {e}/5\n----------")
        print(f"train Loss: {loss:.4f} Acc: {acc:.4f}")
        print(f"val Loss: {vloss:.4f} Acc: {vacc:.4f}\n")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc)
    print("Training complete in 12m 38s\nBest val Acc: 0.954248")


@form
def mnist(t):
    m = Model(22)
    for e in range(1, 4):
        for i in range(0, 938, 100):
            loss, _ = m.step()
            print(f"Train Epoch: {e} [{i * 64}/60000 ({100. * i / 938:.0f}%)]\tLoss: {loss:.6f}")
            t(epoch=e, train__loss=loss)
        vloss, vacc = m.evaluate()
        good = round(vacc * 10000)
        print(f"\nTest set: Average loss: {vloss:.4f}, Accuracy: {good}/10000 ({100. * good / 10000:.0f}%)\n")
        t(test__average_loss=vloss, test__accuracy=round(vacc, 2))


@form
def json_lines(t):
    m = Model(23)
    print(argparse.Namespace(lr=0.1, epochs=5, batch_size=16, loss_weight=0.5, seed=1))
    for i in range(10, 201, 10):
        loss, acc = m.step()
        print(json.dumps({"step": i, "loss": round(loss, 5), "acc": acc, "lr": m.lr}))
        t(step=i, train__loss=round(loss, 5), train__accuracy=acc, lr=m.lr)


@form
def dicts(t):
    m = Model(24)
    for i in range(10, 201, 10):
        loss, _ = m.step()
        print({"iteration": i, "train/loss": loss, "train/grad_norm": m.norm})
        t(step=i, train__loss=loss, grad_norm=m.norm)
        if i % 50 == 0:
            vloss, vacc = m.evaluate()
            print({"iteration": i, "val/loss": vloss, "val/accuracy": vacc})
            t(step=i, val__loss=vloss, val__accuracy=vacc)


@form
def csv_writer(t):
    m, out = Model(25), csv.writer(sys.stdout)
    out.writerow(["epoch", "train_loss", "val_loss", "val_acc"])
    for e in range(12):
        loss, _ = m.epoch()
        vloss, vacc = m.evaluate()
        out.writerow([e, loss, vloss, vacc])
        t(epoch=e, train__loss=loss, val__loss=vloss, val__accuracy=vacc)


@form
def cifar_tutorial(t):
    m = Model(26)
    for e in range(2):
        for i in range(0, 12000, 2000):
            loss, _ = m.epoch()
            print("[%d, %5d] loss: %.3f" % (e + 1, i + 2000, loss))
            t(epoch=e + 1, train__loss=loss)
    print("Finished Training")
    print("Accuracy of the network on the 10000 test images: %d %%" % 93)
    t(test__accuracy=0.93)


@form
def step_percent_eta(t):
    m = Model(27)
    for i in range(100, 1001, 100):
        loss, _ = m.step()
        print(f"step {i}/1000 ({i / 10:.1f}%) loss={loss:.4f} elapsed 00:{i // 20:02d} eta 00:{(1000 - i) // 20:02d}")
        t(step=i, train__loss=loss)
    t.totals["steps"] = 1000


@form
def train_and_val_on_a_line(t):
    m = Model(28)
    for i in range(0, 1000, 100):
        loss, _ = m.epoch()
        vloss, _ = m.evaluate()
        print(f"iter {i}: train loss {loss:.4f}, val loss {vloss:.4f} ({i * 0.37:.1f}s)")
        t(step=i, train__loss=loss, val__loss=vloss)


@form
def phases_before_colons(t):
    m = Model(29)
    for e in range(1, 9):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"[{e:3d}/8] Train: loss={loss:.4f} acc={acc:.3f} || Valid: loss={vloss:.4f} acc={vacc:.3f}")
        t(train__loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc)


@form
def phases_in_brackets(t):
    m = Model(30)
    for e in range(1, 9):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"[train] epoch {e} loss {loss:.4f} acc {acc:.3f}")
        print(f"[valid] epoch {e} loss {vloss:.4f} acc {vacc:.3f}")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc)


@form
def episodes(t):
    m = Model(31)
    for i in range(10, 201, 10):
        _, acc = m.step()
        print(f"Episode {i}\tAverage Reward: {200 * acc:.2f}\tLength: {100 + i}\tEpsilon: {1 - i / 250:.3f}")
        t(reward__mean=200 * acc)


@form
def adversarial(t):
    m, g = Model(32), Model(33)
    for e in range(2):
        for i in range(0, 100, 10):
            d, _ = m.step()
            gl, _ = g.step()
            print("[Epoch %d/%d] [Batch %d/%d] [D loss: %f] [G loss: %f]" % (e, 2, i, 100, d, gl))
            t(train__d_loss=d, train__g_loss=gl)


@form
def loguru_lines(t):
    from loguru import logger as log
    log.remove()
    log.add(sys.stdout, colorize=False)
    m = Model(34)
    for e in range(1, 7):
        loss, acc = m.epoch()
        vloss, _ = m.evaluate()
        log.info(f"epoch {e} finished: train loss {loss:.4f}, train accuracy {acc:.4f}, validation loss {vloss:.4f}")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss)


@form
def arrows(t):
    m = Model(35)
    for e in range(1, 7):
        loss, _ = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"=> Epoch {e:2d} done in {e * 0.9:.1f}s --> loss: {loss:.4f}")
        print(f"=> Validation: Loss {vloss:.4f}, Accuracy {100 * vacc:.2f} %")
        t(epoch=e, train__loss=loss, val__loss=vloss, val__accuracy=vacc)


@form
def sentences(t):
    m = Model(36)
    for e in range(1, 7):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"Finished epoch {e} with average training loss of {loss:.4f} and training accuracy of {acc:.2%}")
        print(f"The validation loss is {vloss:.4f}, the validation accuracy is {vacc:.2%}")
        t(epoch=e, train__average_loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc)


@form
def upper_equals(t):
    m = Model(37)
    for e in range(1, 9):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"EPOCH = {e} TRAIN_LOSS = {loss:.4f} TRAIN_ACC = {acc:.3f} VALID_LOSS = {vloss:.4f} VALID_ACC = {vacc:.3f} LR = {m.lr}")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc, lr=m.lr)


@form
def f1_and_auc(t):
    m = Model(38)
    for e in range(1, 9):
        loss, _ = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"Ep.{e}: Training Loss = {loss:.4f}; Validation Loss = {vloss:.4f}; Validation F1 = {vacc:.4f}; AUC-ROC: {vacc:.4f}")
        t(epoch=e, train__loss=loss, val__loss=vloss, val__f1=vacc)
        t.series.setdefault("?/auc", [])


@form
def tensors(t):
    m = Model(39)
    for i in range(1, 40):
        loss, _ = m.step()
        print(f"Step: {i} Loss: tensor({loss:.4f}, grad_fn=<BinaryCrossEntropyBackward0>)")
        t(step=i, train__loss=loss)


@form
def banner_and_noise(t):
    m = Model(40)
    print("2024-03-01 10:00:00 starting on node-3, torch 2.1.0+cu121, python 3.11.4, seed: 42")
    print("lr: 0.001, batch_size: 32, epochs: 5, weight_decay: 0.01, label_smoothing: 0.1, warmup_steps: 500")
    print("Namespace(batch_size=16, lr=0.1, momentum=0.9, loss_weight=0.5, log_step=10, save_epoch=1)")
    print("Model has 11,173,962 parameters (44.70 MB); loss function: CrossEntropyLoss(weight=0.3)")
    print("Loaded 50000 train images and 10000 val images in 3.2 s; 782 steps per epoch")
    for i in range(0, 101, 20):
        print(f"Downloading: {i}% {i * 1.7:.1f}/170.0MB")
    for e in range(1, 6):
        loss, _ = m.epoch()
        print(f"Epoch {e}: loss {loss:.4f}")
        print(f"Saved checkpoint to runs/exp2/ckpt_epoch_{e}_loss_{loss:.3f}.pt (12.3 MB)")
        print(f"2024-03-01 10:0{e}:00 epoch {e} took 12.{e}s, GPU memory allocated: 3.{e} GB, batch size 32")
        t(epoch=e, train__loss=loss)
    print("No improvement for 3 epochs, patience 5; best epoch was 2")


@form
def early_stopping(t):
    m, best = Model(42), 9
    for e in range(1, 9):
        loss, _ = m.epoch()
        vloss, _ = m.evaluate()
        print(f"[{e}/8] train_loss: {loss:.5f} valid_loss: {vloss:.5f}")
        if vloss < best:
            print(f"Validation loss decreased ({best:.6f} --> {vloss:.6f}).  Saving model ...")
            best = vloss
        else:
            print(f"EarlyStopping counter: {e % 3} out of 7")
        print(f"Saved best model at epoch {e} with val loss {best:.4f}")
        t(train__loss=loss, val__loss=vloss)


@form
def boxes(t):
    m = Model(43)
    for e in range(1, 7):
        loss, _ = m.epoch()
        print("+------------+----------+")
        for k, v in (("epoch", e), ("loss", f"{loss:.4f}"), ("lr", m.lr)):
            print(f"| {k:<10} | {v:>8} |")
        t(epoch=e, train__loss=loss, lr=m.lr)


@form
def many_times(t):
    m = Model(44)
    for i in range(50, 1001, 50):
        loss, _ = m.step()
        print(f"Iter {i:05d} | TrainLoss {loss:.4f} | data 0.012 s | fwd 0.034 s | total 00:01:{i % 60:02d} | mem 1234 MB | 512.3 samples/s")
        t(step=i, train__loss=loss)
        for known in ("data_time", "throughput/samples", "gpu/memory"):
            t.series["?/" + known.split("/")[-1]] = []


@form
def config_dump(t):
    m = Model(41)
    for line in ("model:", "  hidden_size: 768", "  dropout: 0.1", "training:", "  learning_rate: 0.0003", "  max_steps: 200",
                 "  eval_steps: 50", "  loss_scale: 128", "  grad_clip: 1.0", "  label_smoothing: 0.1", "data:", "  version: 1.2"):
        print(line)
    for i in range(10, 201, 10):
        loss, _ = m.step()
        print(f"{i:6d} loss {loss:.4f}")
        t(train__loss=loss)


@form
def bars_padded(t):
    m = Model(101)
    for e in range(1, 6):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"Epoch {e:>3d} | train loss: {loss:8.4f} | train acc: {acc:6.2%} | valid loss: {vloss:8.4f} | valid acc: {vacc:6.2%} | lr: {m.lr:.1e} | time: {e*1.1:.1f}s")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc, lr=m.lr)
        t.series['?/time'] = []
        t.series['?/step_time'] = []
        t.series['?/epoch_time'] = []


@form
def long_floats(t):
    m = Model(102)
    for e in range(5):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"Epoch: {e+1}, Training Loss: {loss}, Validation Loss: {vloss}, Validation Accuracy: {vacc*100}%")
        t(epoch=e+1, train__loss=loss, val__loss=vloss, val__accuracy=vacc)


@form
def brackets_joined(t):
    m = Model(103)
    for e in range(3):
        for i in range(0, 100, 20):
            loss, _ = m.step()
            print(f"[Epoch {e+1}/3][{i}/100] loss={loss:.4f} lr={m.lr:.5f}")
            t(epoch=e+1, train__loss=loss, lr=m.lr)
        vloss, vacc = m.evaluate()
        print(f"[Epoch {e+1}/3] val_loss={vloss:.4f} val_top1={vacc:.4f}")
        t(val__loss=vloss, val__top1=vacc)


@form
def percent_format(t):
    m = Model(104)
    for i in range(100, 1001, 100):
        loss, _ = m.step()
        print("Step %6d: loss=%.4f, examples/sec=%.1f, sec/batch=%.3f" % (i, loss, 1234.5, 0.026))
        t(step=i, train__loss=loss)
        for k in ('samples', 'step_time'):
            t.series['?/'+k] = []


@form
def a_value_a_line(t):
    m = Model(105)
    for e in range(1, 5):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"***** Epoch {e} *****")
        print(f"Loss: {loss:.6f}")
        print(f"Acc: {acc:.4f}")
        print(f"Val loss: {vloss:.6f}")
        print(f"Val acc: {vacc:.4f}")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc)


@form
def thousands(t):
    m = Model(106)
    for i in range(1000, 11000, 1000):
        loss, _ = m.step()
        print(f"{i:,} steps: loss {loss:.3f} (avg {loss+.01:.3f}), grad norm {m.norm:.3f}")
        t(train__loss=loss, grad_norm=m.norm)


@form
def dict_per_epoch(t):
    m = Model(107)
    for e in range(4):
        loss, _ = m.epoch()
        vloss, vacc = m.evaluate()
        print({'epoch': e, 'train_loss': round(loss,4), 'val_loss': round(vloss,4), 'val_f1': round(vacc,4), 'best': False})
        t(epoch=e, train__loss=round(loss, 4), val__loss=round(vloss, 4), val__f1=round(vacc, 4))


@form
def slashes(t):
    m = Model(108)
    for e in range(1, 6):
        loss, _ = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"epoch={e} | loss/train={loss:.4f} | loss/val={vloss:.4f} | acc/val={vacc:.4f}")
        t(epoch=e, train__loss=loss, val__loss=vloss, val__accuracy=vacc)


@form
def regression(t):
    m = Model(109)
    for e in range(1, 6):
        loss, _ = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"Train  - Epoch {e} - MSE: {loss:.4f}, MAE: {loss/2:.4f}")
        print(f"Test   - Epoch {e} - MSE: {vloss:.4f}, MAE: {vloss/2:.4f}, R2: {vacc:.3f}")
        t(epoch=e, train__mse=loss, train__mae=loss/2, test__mse=vloss, test__mae=vloss/2, test__r2=vacc)


@form
def mixed_languages(t):
    m = Model(110)
    for e in range(1, 6):
        loss, _ = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"Эпоха: {e}, Train loss = {loss:.4f}, Val loss = {vloss:.4f}")
        t(epoch=e, train__loss=loss, val__loss=vloss)


@form
def chinese_phases(t):
    m = Model(111)
    for e in range(1, 6):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"epoch [{e}/5], 训练集 loss: {loss:.4f}, acc: {acc:.4f}; 验证集 loss: {vloss:.4f}, acc: {vacc:.4f}")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc)


@form
def banner_and_sentence(t):
    m = Model(112)
    print("Config: lr=0.001 epochs=10 dropout=0.5 loss=mse step_size=30 gamma=0.1")
    for e in range(1, 6):
        loss, _ = m.epoch()
        print(f"    epoch {e} of 5, average loss = {loss:.4f} in 12.34 sec ({123*e} samples)")
        t(epoch=e, train__average_loss=loss)


@form
def tab_separated(t):
    m = Model(114)
    print("step\tloss\tlr\tgrad_norm")
    for i in range(0, 200, 20):
        loss, _ = m.step()
        print(f"{i}\t{loss:.5f}\t{m.lr}\t{m.norm:.3f}")
        t(step=i, train__loss=loss, lr=m.lr, grad_norm=m.norm)


@form
def words_alone(t):
    m = Model(115)
    for e in range(1, 5):
        loss, _ = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"Epoch {e} Train Loss {loss:.4f} Valid Loss {vloss:.4f} Valid Macro F1 {vacc:.4f} Valid EM {vacc:.3f}")
        t(epoch=e, train__loss=loss, val__loss=vloss)
        t.series['?/f1_macro'] = []
        t.series['?/macro f1'] = []
        t.series['?/em'] = []


@form
def emoji(t):
    m = Model(116)
    for e in range(1, 5):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"✅ Epoch {e}/4 completed | 📉 Train Loss: {loss:.4f} | 🎯 Val Loss: {vloss:.4f} | ⏱ 3.2s")
        t(epoch=e, train__loss=loss, val__loss=vloss)


@form
def cost(t):
    m = Model(117)
    for e in range(0, 40, 10):
        loss, _ = m.epoch()
        vloss, _ = m.evaluate()
        print(f'Epoch {e:4d}/40 Cost: {loss:.6f}')
        t(epoch=e, train__loss=loss)


@form
def upper_phases(t):
    m = Model(118)
    for e in range(1, 6):
        loss, _ = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"TRAIN EPOCH {e}: loss_total: {loss:.3f}, loss_cls: {loss*.7:.3f}, loss_reg: {loss*.3:.3f}")
        print(f"VALID EPOCH {e}: loss_total: {vloss:.3f}, mAP: {vacc:.3f}, mIoU: {vacc:.3f}")
        t(epoch=e, train__loss=loss, train__loss_cls=loss*.7, train__loss_reg=loss*.3, val__loss=vloss, val__map=vacc, val__miou=vacc)


@form
def logging_brackets(t):
    m = Model(119)
    log = logger("[%(asctime)s][%(name)s][%(levelname)s] - %(message)s", "__main__")
    for i in range(10, 101, 10):
        loss, _ = m.step()
        log.info(f"step: {i:>5} | loss: {loss:.4f} | ppl: {2.7**loss:.2f} | tok/s: 12345")
        t(step=i, train__loss=loss, train__ppl=2.7**loss)
        t.series['?/tokens'] = []


@form
def dashes_as_equals(t):
    m = Model(120)
    for e in range(1, 5):
        loss, acc = m.epoch()
        vloss, vacc = m.evaluate()
        print(f"Epoch #{e}: train_loss - {loss:.4f}, train_acc - {acc:.4f}, val_loss - {vloss:.4f}, val_acc - {vacc:.4f}")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc)


@form
def info_lines(t):
    m = Model(122)
    for e in range(1, 5):
        loss, acc = m.epoch()
        print(f"[INFO] EPOCH: {e}/4")
        print(f"Train loss: {loss:.6f}, Train accuracy: {acc:.4f}")
        vloss, vacc = m.evaluate()
        print(f"Val loss: {vloss:.6f}, Val accuracy: {vacc:.4f}\n")
        t(epoch=e, train__loss=loss, train__accuracy=acc, val__loss=vloss, val__accuracy=vacc)


@form
def batch_loss(t):
    m = Model(123)
    for e in range(1, 5):
        for i in range(0, 50, 10):
            loss, _ = m.step()
            print(f"Train Epoch: {e} Iteration: {i}/50 Batch Loss: {loss:.4f}")
            t(epoch=e, train__loss=loss)


# --- judging ---


def logger(fmt, name):
    log = logging.Logger(name, logging.INFO)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter(fmt))
    log.addHandler(handler)
    return log


def close(a, b):
    return abs(a - b) <= 6e-3 * max(abs(a), abs(b)) + 6e-3


def number(v):
    return float(v) if not isinstance(v, str) else float(v.replace("Infinity", "inf"))


def read(lossdog, path):
    out = subprocess.run([lossdog, "export", "--to", "jsonl", path], capture_output=True, check=True).stdout
    got, profiles = collections.OrderedDict(), collections.Counter()
    for line in out.splitlines():
        s = json.loads(line)
        got.setdefault(s["metric"], []).append(s)
        profiles[s.get("profile")] += 1
    return got, profiles


def read_totals(lossdog, path):
    """The planned numbers of steps and epochs, as the verdict tells them."""
    out = subprocess.run([lossdog, "check", "--replay", "--no-state", path], capture_output=True, text=True).stdout
    return {kind + "s": int(n.replace(",", "")) for kind, n in re.findall(r"\b(step|epoch) \S+ of ([\d,]+)", out.partition("\n")[0])}


def judge(told, got, totals):
    """The parts that are right and wrong, as (name, why or None), and what was invented."""
    parts, known = [], set()
    for name, want in told.series.items():
        if name.startswith("?/"):
            known.update(g for g in got if g.split("/")[-1] == name[2:])
            continue
        known.add(name)
        vals = [number(s["value"]) for s in got.get(name, []) if "value" in s]
        why = None
        if not vals:
            why = "absent"
        elif abs(len(vals) - len(want)) > 0.02 * len(want):
            why = f"{len(vals)} samples for {len(want)}"
        elif not all(close(a, b) for a, b in ((vals[0], want[0]), (vals[-1], want[-1]),
                                              (min(vals), min(want)), (max(vals), max(want)))):
            why = f"values {vals[0]}..{vals[-1]} for {want[0]}..{want[-1]}"
        parts.append((name, why))
    train = next((got[n] for n in told.series if n.startswith("train/") and n in got), [{}])
    for key, want in told.last.items():
        at = train[-1].get(key)
        parts.append((key, None if at == want else f"{at} for {want}"))
    for key, want in told.totals.items():
        parts.append((key, None if totals.get(key) == want else f"{totals.get(key)} for {want}"))
    return parts, [g for g in got if g not in known]


def main():
    args = argparse.ArgumentParser()
    args.add_argument("lossdog")
    args.add_argument("--keep")
    args.add_argument("--list", action="store_true")
    args.add_argument("form", nargs="*")
    args = args.parse_args()
    right = total = invented = n = failed = 0
    folder = args.keep or tempfile.mkdtemp()
    for name in args.form or forms:
        n += 1
        told, out = Told(), io.StringIO(newline="")
        try:
            with contextlib.redirect_stdout(out):
                forms[name](told)
        except ImportError as e:
            print(f"ok {n} - {name} # SKIP {e}")
            continue
        path = os.path.join(folder, name + ".log")
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(out.getvalue())
        got, profiles = read(args.lossdog, path)
        parts, extra = judge(told, got, read_totals(args.lossdog, path) if told.totals else {})
        good = sum(why is None for _, why in parts)
        right, total, invented = right + good, total + len(parts), invented + len(extra)
        bad = good < 0.9 * len(parts) or extra
        failed += bool(bad)
        print(f"{'not ' if bad else ''}ok {n} - {name}: {good} of {len(parts)}")
        if bad or args.list:
            print(f"#   read by {dict(profiles)}")
            for what, why in parts:
                if why:
                    print(f"#   {what}: {why}")
            for what in extra:
                print(f"#   invented: {what} {[s.get('value') for s in got[what]][:3]}")
        if not args.keep:
            os.unlink(path)
    print(f"# {right} of {total} parts right, {invented} series invented")
    print(f"1..{n}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
