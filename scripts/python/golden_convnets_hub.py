"""Golden data of ConvNeXt and PoolFormer from Hugging Face's models, under timm's names of tensors."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import transformers
from safetensors.numpy import save_file
from torch import Tensor, nn
from transformers import ConvNextConfig, ConvNextForImageClassification, PoolFormerConfig, PoolFormerForImageClassification

from golden_case import Oracle
from golden_torch import Parameters, load_random, write_image_cases

# folder: (parameters, batch, seed)
CONVNEXT: dict[str, tuple[Parameters, int, int]] = {
    "convnext/hub": ({"image_size": 40, "hidden_sizes": [8, 12, 16, 20], "depths": [1, 1, 2, 1], "layer_norm_eps": 1e-12,
                      "num_labels": 7}, 1, 725),
}
POOLFORMER: dict[str, tuple[Parameters, int, int]] = {
    "poolformer/hub": ({"image_size": 40, "hidden_sizes": [8, 12, 16, 20], "depths": [1, 1, 2, 1], "num_labels": 7}, 1, 735),
}

# On the Hub, and in timm.
NAMES = {
    r"convnext\.embeddings\.patch_embeddings\.": "stem.0.",
    r"convnext\.embeddings\.layernorm\.": "stem.1.",
    r"convnext\.encoder\.stages\.(\d+)\.downsampling_layer\.": r"stages.\1.downsample.",
    r"convnext\.encoder\.stages\.(\d+)\.layers\.(\d+)\.": r"stages.\1.blocks.\2.",
    r"convnext\.layernorm\.": "head.norm.",
    r"\.dwconv\.": ".conv_dw.",
    r"\.layernorm\.": ".norm.",
    r"\.pwconv(\d)\.": r".mlp.fc\1.",
    r"\.layer_scale_parameter": ".gamma",
    r"poolformer\.encoder\.patch_embeddings\.0\.projection\.": "stem.conv.",
    r"poolformer\.encoder\.patch_embeddings\.(\d+)\.projection\.": r"stages.\1.downsample.conv.",
    r"poolformer\.encoder\.block\.(\d+)\.(\d+)\.": r"stages.\1.blocks.\2.",
    r"\.before_norm\.": ".norm1.",
    r"\.after_norm\.": ".norm2.",
    r"\.output\.conv(\d)\.": r".mlp.fc\1.",
    r"\.layer_scale_(\d)$": r".layer_scale\1.scale",
    r"^norm\.": "head.norm.",
    r"^classifier\.": "head.fc.",
}


def names_of_hub(name: str) -> list[str]:
    """timm's name of a tensor that is called as on the Hub."""
    name = name.removeprefix("model.")
    for pattern, replacement in NAMES.items():
        name = re.sub(pattern, replacement, name)
    return [name]


class Logits(nn.Module):
    """One of Hugging Face's models as a function of pixels that returns a tensor."""

    def __init__(self, kind: type[nn.Module], config: type, image_size: int, **parameters: int | float | list) -> None:
        super().__init__()
        self.model = kind(config(**parameters))

    def forward(self, pixel_values: Tensor) -> Tensor:
        """The logits."""
        return self.model(pixel_values=pixel_values).logits


def make(root: Path) -> None:
    """Write all cases, and their weights under the names on the Hub."""
    for model, kind, config, cases in (("convnext", ConvNextForImageClassification, ConvNextConfig, CONVNEXT),
                                       ("poolformer", PoolFormerForImageClassification, PoolFormerConfig, POOLFORMER)):
        oracle = Oracle("transformers", transformers.__version__, kind.__name__)
        write_image_cases(root, model, oracle, partial(Logits, kind, config), cases, names_of=names_of_hub)
        for folder, (parameters, _, seed) in cases.items():
            module = Logits(kind, config, **parameters)
            load_random(module, seed, names_of_hub)
            save_file({name: tensor.numpy() for name, tensor in module.model.state_dict().items()},
                      root / folder / "weights_hub.safetensors")
