# SPDX-License-Identifier: MIT
"""Rules of other tools, from their published formulas, on the series that lossdog exports.

A rule takes the values of its series in logged order (None: not finite) and gives the indices at which it
would speak.  What a tool sees each step we see each logged point: its windows count points.
"""
import statistics
from collections import namedtuple

Peer = namedtuple("Peer", "name rule series kinds")

BAD_LOSS = ("divergence", "spike", "explosion", "outlier")
STUCK = ("chance", "frozen", "not-learning", "vanishing")


def sigmas(values, window=128, sigma=6.0):
    """OLMo-core's StabilityMonitor and SkipStep: over mean + 6 s of the last 128, when half of them are there."""
    out = []
    for i, v in enumerate(values):
        past = [p for p in values[max(i - window, 0):i] if p is not None]
        if len(past) >= window // 2 and (v is None or v > statistics.fmean(past) + sigma * statistics.stdev(past)):
            out.append(i)
    return out


def kill_loss_spike(values, window=100, times=2.0, patience=4, cap=10.0):
    """llm-foundry's KillLossSpike: more than 4 losses in a row at twice the mean of 100, or most of them over 10."""
    out, past, row = [], [], 0
    for i, v in enumerate(values):
        v = float("inf") if v is None else v
        if len(past) == window:
            row = row + 1 if v >= times * statistics.fmean(past) else 0
            if row > patience or i > 2 * window and sum(p > cap for p in past) > window / 2:
                out.append(i)
        past = (past + [v])[-window:]
    return out


def spike_detection(values, window=10, rtol=2.0, warmup=1):
    """Lightning's SpikeDetection: it rose, and differs from the mean of 10 by more than twice that mean."""
    out, past, last = [], [], None
    for i, v in enumerate(values):
        if v is None:
            out.append(i)
            continue
        if i >= warmup and past and last is not None and v > last:
            mean = statistics.fmean(past)
            if abs(v - mean) > abs(rtol * mean):
                out.append(i)
        past, last = (past + [v])[-window:], v
    return out


def spiky(values, times=10.0, first=100):
    """Megatron-LM's spiky loss: 10 times the largest of the first 100."""
    start = [v for v in values[:first] if v is not None]
    return [i for i, v in enumerate(values) if i >= first and start and (v is None or v > times * max(start))]


def above_mean(values, window=30, z=3.0):
    """The usual home-made rule: z > 3 over the last 30."""
    out = []
    for i, v in enumerate(values):
        past = [p for p in values[max(i - window, 0):i] if p is not None]
        if len(past) == window and v is not None:
            s = statistics.stdev(past)
            if s > 0 and (v - statistics.fmean(past)) / s > z:
                out.append(i)
    return out


def nonfinite(values):
    """SageMaker's ExplodingTensor, Keras' TerminateOnNaN, UMLAUT's loss check."""
    return [i for i, v in enumerate(values) if v is None]


def loss_not_decreasing(values, steps=10, percent=0.1):
    """SageMaker's LossNotDecreasing: not 0.1 % lower than 10 saved steps ago."""
    return [i for i in range(steps, len(values), steps) if values[i] is not None and values[i - steps] is not None
            and values[i] > values[i - steps] * (1 - percent / 100)]


def unchanged(values, steps=3, rtol=1e-5):
    """SageMaker's UnchangedTensor: allclose over 3 steps."""
    return [i for i in range(steps, len(values)) if values[i] is not None and all(
        p is not None and abs(p - values[i]) <= 1e-8 + rtol * abs(values[i]) for p in values[i - steps:i])]


def vanishing(values, least=1e-7):
    """SageMaker's VanishingGradient, on the norm that is printed."""
    return [i for i, v in enumerate(values) if v is not None and v < least]


def any_rise(values):
    """UMLAUT: validation is worse than the time before."""
    return [i for i in range(1, len(values)) if None not in values[i - 1:i + 1] and values[i] > values[i - 1]]


def overtraining(values, patience=10, delta=0.01):
    """SageMaker's Overtraining: validation has not improved by 0.01 for 10 evaluations."""
    out, best, waited = [], None, 0
    for i, v in enumerate(values):
        if v is not None and (best is None or v < best - delta):
            best, waited = v, 0
            continue
        waited += 1
        if waited >= patience:
            out.append(i)
    return out


def twice_minimum(values, ratio=2.0, window=5):
    """TheDeepChecker's Loss.Diverging: 5 losses in a row at twice the smallest."""
    out, best, row = [], None, 0
    for i, v in enumerate(values):
        if v is None:
            continue
        best = v if best is None else min(best, v)
        row = row + 1 if v >= ratio * best else 0
        if row >= window:
            out.append(i)
    return out


PEERS = [
    Peer("OLMo-core 6 sigma / 128, loss", sigmas, "train/loss", BAD_LOSS),
    Peer("OLMo-core 6 sigma / 128, gradient", sigmas, "grad_norm", BAD_LOSS),
    Peer("llm-foundry KillLossSpike", kill_loss_spike, "train/loss", BAD_LOSS),
    Peer("Lightning SpikeDetection", spike_detection, "train/loss", BAD_LOSS),
    Peer("Megatron-LM spiky loss", spiky, "train/loss", BAD_LOSS),
    Peer("TheDeepChecker Loss.Diverging", twice_minimum, "train/loss", BAD_LOSS),
    Peer("z > 3 over 30", above_mean, "train/loss", BAD_LOSS),
    Peer("ExplodingTensor, TerminateOnNaN", nonfinite, "train/loss", ("nan",)),
    Peer("SageMaker LossNotDecreasing", loss_not_decreasing, "train/loss", STUCK),
    Peer("SageMaker UnchangedTensor", unchanged, "train/loss", ("frozen",)),
    Peer("SageMaker VanishingGradient", vanishing, "grad_norm", ("vanishing",)),
    Peer("SageMaker Overtraining", overtraining, "val/loss", ("overfit",)),
    Peer("UMLAUT any rise of validation", any_rise, "val/loss", ("overfit",)),
]

# What stands beside them: lossdog's own rules for the same kinds.
OWN = [("bad loss", BAD_LOSS), ("nan", ("nan",)), ("stuck", STUCK), ("overfit", ("overfit",))]


def values(log, metric):
    """(values, lines) of a series in logged order; boosting's first metric stands for the loss."""
    names = {s["metric"] for s in log.samples}
    if metric not in names and metric.endswith("/loss"):
        phase = metric.split("/")[0]
        metric = next((n for n in sorted(names) if n.split("/")[0] == phase and n.split("/")[-1] in
                       ("rmse", "l2", "logloss", "binary_logloss", "mse")), metric)
    points = {}
    for s in log.samples:
        if s["metric"] == metric:
            points[s["line"], s.get("rank")] = s["value"] if isinstance(s["value"], (int, float)) else None
    lines = sorted(points, key=lambda p: (p[0], str(p[1])))
    return [points[p] for p in lines], [p[0] for p in lines]


def compare(logs):
    """A row for each peer: hits of faults, delays, healthy runs with an alarm."""
    rows = []
    for peer in PEERS:
        row = {"name": peer.name, "hits": 0, "faults": 0, "false": 0, "healthy": 0, "delays": []}
        for log in logs:
            v, lines = values(log, peer.series)
            if not v or log.case.kind and log.case.kind not in peer.kinds:
                continue
            at = [lines[i] for i in peer.rule(v)]
            if not log.case.kind:
                row["healthy"] += 1
                row["false"] += bool(at)
                continue
            row["faults"] += 1
            after = [log.delay(a) for a in at if a > log.onset or log.onset == 0]
            if after and after[0] <= log.window():
                row["hits"] += 1
                row["delays"].append(after[0])
        rows.append(row)
    return rows + [own(logs, *o) for o in OWN]


def own(logs, name, kinds):
    from cases import KINDS
    rules = {r for k in kinds for r in KINDS[k].rules}
    row = {"name": "lossdog: " + name, "hits": 0, "faults": 0, "false": 0, "healthy": 0, "delays": []}
    for log in logs:
        if not log.case.kind:
            row["healthy"] += 1
            row["false"] += any(f["rule"] in rules for f in log.false)
        elif log.case.kind in kinds:
            row["faults"] += 1
            if log.hit:
                row["hits"] += 1
                row["delays"].append(log.hit["delay"])
    return row
