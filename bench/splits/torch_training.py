"""Training as PyTorch's tutorials have it: the whole network forward in every step, an optimizer over what requires a gradient."""
import time

import torch
from torch.nn.functional import cross_entropy

from torch_networks import train_above

FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def batches(images, labels, size, order=None):
    """(images, labels) of each batch, in the order given; the last one may be smaller."""
    order = torch.arange(len(labels)) if order is None else order
    for indices in order.split(size):
        yield images[indices], labels[indices]


def step(model, optimizer, x, y):
    """One step; gives the loss, the mean over the batch."""
    optimizer.zero_grad()
    loss = cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def train_epoch(model, frozen, optimizer, images, labels, size, order):
    """One pass over the training images; gives the mean loss of the steps, by sample."""
    train_above(model, frozen)
    total = 0.0
    for x, y in batches(images, labels, size, order):
        total += step(model, optimizer, x, y) * len(y)
    return total / len(labels)


def validate(model, images, labels, size):
    """Mean loss and accuracy in evaluation mode."""
    model.eval()
    total, right = 0.0, 0
    with torch.inference_mode():
        for x, y in batches(images, labels, size):
            logits = model(x)
            total += cross_entropy(logits, y, reduction="sum").item()
            right += (logits.argmax(1) == y).sum().item()
    return total / len(labels), right / len(labels)


def sgd(model, rate):
    return torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=rate, momentum=0.9)


def format_times(make, images, labels, size):
    """Seconds of a training step in each memory format: the best of three, in turns, after one that does not count.

    make gives (model, frozen) anew, so that what is learned here is thrown away.
    """
    seconds = {name: [] for name in FORMATS}
    ready = {}
    for name, memory_format in FORMATS.items():
        model, frozen = make()
        model.to(memory_format=memory_format)
        train_above(model, frozen)
        ready[name] = model, sgd(model, 0.01), images[:size].contiguous(memory_format=memory_format), labels[:size]
    for _ in range(4):
        for name, trial in ready.items():
            start = time.perf_counter()
            step(*trial)
            seconds[name].append(time.perf_counter() - start)
    return {name: min(times[1:]) for name, times in seconds.items()}
