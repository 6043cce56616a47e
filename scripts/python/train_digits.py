"""Train the shipped digit classifier: the seed's vision transformer on scikit-learn's handwritten digits.

    python train_digits.py REPOSITORY [EPOCHS]

writes models/digits (weights, twenty test images) and test/golden/digits (held-out set, the model's outputs). Everything is seeded.
The number of epochs is fixed beforehand; held-out images are looked at once, after the last one.
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file

from digits_data import Digits, enlarge, load_split, model_input
from seed_vit import SeedVitConfig, count_parameters, forward, probabilities, tensor_shapes

CONFIG = SeedVitConfig()
PARAMETERS = 150_858
SEED = 2
BATCH = 48
LEARNING_RATE = 1.5e-3
WEIGHT_DECAY = 0.05
WARMUP = 0.1
AVERAGE_DECAY = 0.995
REQUIRED_ACCURACY = 0.98
IMAGES_PER_DIGIT = 2
GOLDEN_HELD_OUT = 64

Weights = dict[str, torch.Tensor]


def initial_weights(generator: torch.Generator) -> Weights:
    """Glorot-uniform matrices, small embeddings, norms at one and biases at zero."""
    weights: Weights = {}
    for name, shape in tensor_shapes(CONFIG).items():
        tensor = torch.zeros(shape)
        if name.endswith("embedding"):
            tensor.normal_(0.0, 0.02, generator=generator)
        elif len(shape) == 2:
            limit = math.sqrt(6.0 / sum(shape))
            tensor.uniform_(-limit, limit, generator=generator)
        elif name.endswith("weight"):
            tensor.fill_(1.0)
        weights[name] = tensor.requires_grad_()
    return weights


def augment(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Small random rotations, scalings, shears and shifts of the enlarged images."""
    count = images.shape[0]

    def uniform(limit: float) -> torch.Tensor:
        return (torch.rand(count, generator=generator) * 2 - 1) * limit

    angle, shear = uniform(math.radians(12)), uniform(0.12)
    scale_x, scale_y = 1 + uniform(0.1), 1 + uniform(0.1)
    cos, sin = angle.cos(), angle.sin()
    rows_x = torch.stack([cos * scale_x, (shear * cos - sin) * scale_y, uniform(0.16)], dim=-1)
    rows_y = torch.stack([sin * scale_x, (shear * sin + cos) * scale_y, uniform(0.16)], dim=-1)
    grid = F.affine_grid(torch.stack([rows_x, rows_y], dim=1), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def learning_rate(progress: float) -> float:
    """Linear warm-up, then half a cosine; `progress` runs from 0 to 1."""
    if progress < WARMUP:
        return LEARNING_RATE * progress / WARMUP
    return LEARNING_RATE * 0.5 * (1 + math.cos(math.pi * (progress - WARMUP) / (1 - WARMUP)))


def make_optimizer(weights: Weights) -> torch.optim.AdamW:
    """AdamW that decays matrices only."""
    matrices = [w for name, w in weights.items() if w.dim() == 2 and name.endswith("weight")]
    others = [w for name, w in weights.items() if w.dim() != 2 or not name.endswith("weight")]
    groups = [{"params": matrices, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=LEARNING_RATE)


def train(data: Digits, epochs: int) -> Weights:
    """Train from scratch; returns the moving average of the weights."""
    generator = torch.Generator().manual_seed(SEED)
    weights = initial_weights(generator)
    average = {name: tensor.detach().clone() for name, tensor in weights.items()}
    images, labels = torch.from_numpy(model_input(enlarge(data.images))), torch.from_numpy(data.labels).long()
    optimizer = make_optimizer(weights)
    steps = len(images) // BATCH
    for epoch in range(epochs):
        start, total = time.monotonic(), 0.0
        order = torch.randperm(len(images), generator=generator)
        for step in range(steps):
            chosen = order[step * BATCH : (step + 1) * BATCH]
            for group in optimizer.param_groups:
                group["lr"] = learning_rate((epoch * steps + step) / (epochs * steps))
            logits = forward(augment(images[chosen], generator), weights, CONFIG, dropout=0.05)
            loss = F.cross_entropy(logits, labels[chosen], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(list(weights.values()), 1.0)
            optimizer.step()
            total += loss.item()
            with torch.no_grad():
                for name, tensor in weights.items():
                    average[name].lerp_(tensor, 1 - AVERAGE_DECAY)
        print(f"epoch {epoch + 1}/{epochs}: loss {total / steps:.4f}, {time.monotonic() - start:.1f} s", flush=True)
    return average


def predict(images: np.ndarray, weights: Weights) -> np.ndarray:
    """Probabilities of small images, float32, computed in float64."""
    double = {name: tensor.double() for name, tensor in weights.items()}
    with torch.no_grad():
        inputs = torch.from_numpy(model_input(enlarge(images))).double()
        return probabilities(inputs, double, CONFIG).float().numpy()


def write_test_images(folder: Path, data: Digits) -> np.ndarray:
    """The first two held-out images of each digit as RGB PNG files; returns their indices."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = np.concatenate([np.flatnonzero(data.labels == digit)[:IMAGES_PER_DIGIT] for digit in range(10)])
    for number, index in enumerate(chosen):
        pixels = np.repeat(enlarge(data.images[index : index + 1])[0][:, :, None], 3, axis=2)
        Image.fromarray(pixels).save(folder / f"{number:02d}-label-{data.labels[index]}.png", optimize=True)
    return chosen


def main() -> None:
    """Train, check the accuracy, write all files."""
    root, epochs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    assert count_parameters(CONFIG) == PARAMETERS
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    training, held_out = load_split()
    weights = train(training, epochs)
    predicted = predict(held_out.images, weights)
    accuracy = float((predicted.argmax(1) == held_out.labels).mean())
    print(f"held-out accuracy {accuracy:.4f} ({(predicted.argmax(1) != held_out.labels).sum()} wrong of {len(predicted)})")
    if accuracy < REQUIRED_ACCURACY:
        sys.exit("the accuracy is below the bar; nothing was written")

    models, golden = root / "models/digits", root / "test/golden/digits"
    golden.mkdir(parents=True, exist_ok=True)
    chosen = write_test_images(models / "images", held_out)
    save_file({name: tensor.contiguous() for name, tensor in weights.items()}, models / "digits.safetensors")
    np.save(golden / "heldout_images.npy", held_out.images)
    np.save(golden / "heldout_labels.npy", held_out.labels)
    np.save(golden / "heldout_probabilities.npy", predicted[:GOLDEN_HELD_OUT])
    np.save(golden / "images_probabilities.npy", predicted[chosen])


if __name__ == "__main__":
    main()
