# SPDX-License-Identifier: MIT
"""The Hugging Face Trainer on a tiny classifier of generated sentences."""
import tempfile

import torch


class Sentences(torch.utils.data.Dataset):
    """Random words; the label follows from two of them, some labels from chance."""

    def __init__(self, n, seed, noise, shuffled):
        g = torch.Generator().manual_seed(seed)
        self.ids = torch.randint(5, 40, (n, 12), generator=g)
        self.labels = (self.ids[:, 0] > 20).long()
        chance = torch.rand(n, generator=g) < (1.0 if shuffled else noise)
        self.labels = torch.where(chance, torch.randint(0, 2, (n,), generator=g), self.labels)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return {"input_ids": self.ids[i], "attention_mask": torch.ones(12, dtype=torch.long), "labels": self.labels[i]}


def main(run):
    from transformers import (BertConfig, BertForSequenceClassification, Trainer, TrainerCallback, TrainingArguments,
                              set_seed)
    set_seed(run.seed)
    model = BertForSequenceClassification(BertConfig(
        vocab_size=40, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=16, hidden_dropout_prob=run.get("dropout", 0.0), attention_probs_dropout_prob=0.0))

    class Put(TrainerCallback):
        def on_step_begin(self, args, state, control, optimizer=None, lr_scheduler=None, **_):
            if state.global_step == run.get("frozen_from", -1):
                run.fault()
                for p in model.parameters():
                    p.requires_grad_(False)
            if state.global_step != run.get("at", -1):
                return
            run.fault()
            if run.get("fault") == "lr":
                lr_scheduler.base_lrs = [b * run.get("times", 300.0) for b in lr_scheduler.base_lrs]
            if run.get("fault") == "nan":
                with torch.no_grad():
                    model.classifier.weight[0, 0] = float("nan")
            if run.get("fault") == "raise":
                raise RuntimeError("CUDA error: device-side assert triggered")
    if run.get("from_start"):
        run.fault()
    n = run.get("n", 600)
    with tempfile.TemporaryDirectory() as out:
        args = TrainingArguments(
            output_dir=out, num_train_epochs=run.get("epochs", 8), per_device_train_batch_size=16,
            per_device_eval_batch_size=128, learning_rate=run.get("lr", 2e-3), warmup_steps=run.get("warmup", 10),
            logging_steps=run.get("log", 10), eval_strategy=run.get("eval", "epoch"), save_strategy="no",
            report_to="none", use_cpu=True, seed=run.seed, disable_tqdm=run.get("no_bar", False),
            lr_scheduler_type=run.get("family", "linear"), logging_nan_inf_filter=run.get("nan_filter", True))
        Trainer(model=model, args=args, train_dataset=Sentences(n, run.seed, run.get("noise", 0.05), run.get("shuffled")),
                eval_dataset=Sentences(300, run.seed + 1, run.get("noise", 0.05), run.get("shuffled")),
                callbacks=[Put()]).train()
