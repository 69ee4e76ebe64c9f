# SPDX-License-Identifier: MIT
"""REINFORCE with a baseline on a contextual bandit; the reward may collapse."""
import torch
from torch import nn


def main(run):
    arms, steps = 8, run.get("steps", 300)
    truth = torch.randn(6, arms)
    policy = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, arms))
    opt = torch.optim.Adam(policy.parameters(), run.get("lr", 1e-2))
    mean = 0.0
    for i in range(1, steps + 1):
        if i == run.get("at", -1):
            run.fault()
            if run.get("fault") == "collapse":
                with torch.no_grad():
                    policy[2].weight.mul_(-1.0)
                    policy[2].bias.mul_(-1.0)
                opt = torch.optim.SGD(policy.parameters(), 0.0)
            if run.get("fault") == "entropy":
                opt = torch.optim.SGD(policy.parameters(), 0.0)
                with torch.no_grad():
                    for p in policy.parameters():
                        p.mul_(0.0)
        x = torch.randn(128, 6)
        p = torch.distributions.Categorical(logits=policy(x))
        a = p.sample()
        reward = (x @ truth).gather(1, a[:, None])[:, 0] + 0.2 * torch.randn(128) + 3
        mean = 0.9 * mean + 0.1 * reward.mean().item()
        loss = -(p.log_prob(a) * (reward - mean)).mean() - 0.01 * p.entropy().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.clock.run(0.4)
        print(f"Iteration {i}/{steps} | mean_reward: {reward.mean().item():.3f} | policy_loss: {loss.item():.4f} | "
              f"entropy: {p.entropy().mean().item():.4f}")
