# SPDX-License-Identifier: MIT
"""Two processes over gloo that write into one log, each with its rank in front."""
import os
import socket
import time

import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F

from kit import digits, fail


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def worker(run, rank, world, port):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), GLOO_SOCKET_IFNAME="lo")
    dist.init_process_group("gloo", rank=rank, world_size=world, timeout=__import__("datetime").timedelta(seconds=20))
    torch.manual_seed(run.seed)
    x, y = digits(run.seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    opt = torch.optim.SGD(model.parameters(), 0.3)
    run.rng.seed(run.seed * 10 + rank)
    slow, pace = 1.0, 0.2
    for step in range(1, run.get("steps", 200) + 1):
        if step == run.get("at", -1):
            if rank == 0:
                run.fault()
            dist.barrier()
            if rank == run.get("bad", 1):
                if run.get("fault") == "lag":
                    slow = run.get("times", 1.6)
                if run.get("fault") == "raise":
                    fail("index")
                if run.get("fault") == "killed":
                    os.kill(os.getpid(), 9)
                if run.get("fault") == "waits":
                    time.sleep(40)
        i = torch.randint(1400, (16,))
        loss = F.cross_entropy(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        for p in model.parameters():
            dist.all_reduce(p.grad)
            p.grad /= world
        opt.step()
        took = pace * slow * (1 + 0.03 * run.rng.gauss(0, 1))
        if step % 2 == 0:
            print(f"[rank{rank}]: step: {step} loss: {loss.item():.4f} step_time: {took:.4f}", flush=True)
    dist.barrier()
    dist.destroy_process_group()


def main(run):
    world, port = 2 if not run.get("world") else run.get("world"), free_port()
    children = []
    for rank in range(world):
        pid = os.fork()
        if pid == 0:
            status = 0
            try:
                worker(run, rank, world, port)
            except BaseException:
                import traceback
                traceback.print_exc()
                status = 1
            os._exit(status)
        children.append(pid)
    worst = 0
    for pid in children:
        worst = max(worst, abs(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))
    if worst:
        raise SystemExit(worst)
