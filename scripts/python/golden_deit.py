"""Golden data of the distilled DeiT, from timm: two prefix tokens, two heads, the mean of their logits. Names of tensors are timm's."""

from __future__ import annotations

from pathlib import Path

import timm
from timm.models.deit import VisionTransformerDistilled

from golden_case import Oracle, random_input
from golden_torch import write_module_case

INPUT, OUTPUT = "pixel_values", "logits"
# The input's seed is that of vit/base_patch16_224, whose file is the same.
PUBLISHED, PUBLISHED_SEED = "deit_distilled/small_patch16_224", 8

# folder: (image, patch, width, layers, heads, MLP width, labels, seed)
CONFIGS: dict[str, tuple[int, int, int, int, int, int, int, int]] = {
    "deit_distilled/tiny": (32, 8, 48, 3, 3, 96, 7, 201),
    "deit_distilled/odd": (40, 8, 36, 2, 3, 54, 5, 202),
    PUBLISHED: (224, 16, 384, 12, 6, 1536, 1000, PUBLISHED_SEED),
}


def make(root: Path) -> None:
    """Write all cases."""
    oracle = Oracle("timm", timm.__version__, "VisionTransformerDistilled")
    for folder, (image, patch, width, layers, heads, mlp, labels, seed) in CONFIGS.items():
        module = VisionTransformerDistilled(img_size=image, patch_size=patch, embed_dim=width, depth=layers, num_heads=heads,
                                            mlp_ratio=mlp / width, num_classes=labels)
        assert module.blocks[0].mlp.fc1.out_features == mlp
        parameters = {"image_size": image, "patch_size": patch, "hidden_size": width, "num_hidden_layers": layers,
                      "num_attention_heads": heads, "intermediate_size": mlp, "layer_norm_eps": 1e-6, "num_labels": labels}
        inputs = {INPUT: random_input(INPUT, (1, 3, image, image), seed)}
        write_module_case(root, folder, "deit_distilled.vtr", parameters, seed, oracle, inputs, OUTPUT, module)
