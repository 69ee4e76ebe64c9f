"""Hugging Face Trainer: a tiny BERT from scratch learns 400 sentences by heart."""
import tempfile

import torch
from transformers import (BertConfig, BertForSequenceClassification, Trainer, TrainingArguments,
                          set_seed)

set_seed(3)
torch.set_num_threads(2)


class Noise(torch.utils.data.Dataset):
    """Sentences of random words; some labels follow from the words, the rest is chance."""

    def __init__(self, n, seed):
        g = torch.Generator().manual_seed(seed)
        self.ids = torch.randint(5, 300, (n, 16), generator=g)
        chance = torch.rand(n, generator=g)
        self.labels = torch.where(chance < 0.6, (self.ids[:, 0] > 150).long(),
                                  torch.randint(0, 2, (n,), generator=g))

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return {"input_ids": self.ids[i], "attention_mask": torch.ones(16, dtype=torch.long),
                "labels": self.labels[i]}


model = BertForSequenceClassification(BertConfig(
    vocab_size=300, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
    intermediate_size=128, max_position_embeddings=32, hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0))
with tempfile.TemporaryDirectory() as out:
    args = TrainingArguments(
        output_dir=out, num_train_epochs=14, per_device_train_batch_size=16,
        per_device_eval_batch_size=64, learning_rate=6e-4, warmup_steps=10, logging_steps=10,
        eval_strategy="epoch", save_strategy="no", report_to="none", use_cpu=True, seed=3)
    trainer = Trainer(model=model, args=args, train_dataset=Noise(400, 1),
                      eval_dataset=Noise(400, 2),
                      compute_metrics=lambda p: {
                          "accuracy": float((p.predictions.argmax(-1) == p.label_ids).mean())})
    trainer.train()
