"""Golden data of the transformer encoder and encoder-decoder on given embeddings, from torch.nn; the decoder masks causally."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from golden_case import Oracle, random_input
from golden_torch import write_module_case
from sinusoids import sinusoids

FIRST_SEED = 401

Parameters = dict[str, int | float | bool | str]
ENCODERS: dict[str, Parameters] = {
    "transformer/encoder_post_norm": {"d_model": 48, "nhead": 3, "num_layers": 2, "dim_feedforward": 96, "activation": "relu",
                                      "norm_first": False, "length": 13},
    "transformer/encoder_pre_norm": {"d_model": 40, "nhead": 5, "num_layers": 2, "dim_feedforward": 72, "activation": "gelu",
                                     "norm_first": True, "length": 10},
}
TRANSFORMERS: dict[str, Parameters] = {
    "transformer/encoder_decoder": {"d_model": 48, "nhead": 4, "num_encoder_layers": 2, "num_decoder_layers": 2, "dim_feedforward": 80,
                                    "activation": "relu", "norm_first": False, "source_length": 11, "target_length": 7},
    "transformer/encoder_decoder_pre_norm": {"d_model": 40, "nhead": 5, "num_encoder_layers": 1, "num_decoder_layers": 2,
                                             "dim_feedforward": 72, "activation": "gelu", "norm_first": True, "source_length": 9,
                                             "target_length": 12, "sinusoidal_positions": True},
    "transformer/base": {"d_model": 512, "nhead": 8, "num_encoder_layers": 6, "num_decoder_layers": 6, "dim_feedforward": 2048,
                         "activation": "relu", "norm_first": False, "source_length": 32, "target_length": 16},
}
# The paper's base model once more: the encoder alone, and with norms before and sinusoids.
BASE: Parameters = {"d_model": 512, "nhead": 8, "dim_feedforward": 2048, "activation": "relu"}
BASE_ENCODERS: dict[str, Parameters] = {
    "transformer/base_encoder": BASE | {"num_layers": 6, "norm_first": False, "length": 16, "sinusoidal_positions": True},
    "transformer/base_encoder_pre_norm": BASE | {"num_layers": 6, "norm_first": True, "length": 16},
}
BASE_TRANSFORMERS: dict[str, Parameters] = {
    "transformer/base_pre_norm": BASE | {"num_encoder_layers": 6, "num_decoder_layers": 6, "norm_first": True, "source_length": 20,
                                         "target_length": 16, "sinusoidal_positions": True},
}
# What torch's modules do not take.
OWN_PARAMETERS = ("length", "num_layers", "source_length", "target_length", "sinusoidal_positions")


def with_sinusoids(x: torch.Tensor) -> torch.Tensor:
    """Embeddings with the paper's positions."""
    return x + torch.from_numpy(sinusoids(np.arange(x.shape[1]), x.shape[2])).to(x)


class PositionedEncoder(nn.TransformerEncoder):
    """nn.TransformerEncoder whose input is given sinusoids as positions."""

    def forward(self, src: torch.Tensor) -> torch.Tensor:
        """The encoder's output."""
        return super().forward(with_sinusoids(src))


class CausalTransformer(nn.Transformer):
    """nn.Transformer whose target looks at itself causally, and whose inputs may be given sinusoids as positions."""

    def __init__(self, sinusoidal: bool, **options: int | float | bool | str) -> None:
        super().__init__(**options, batch_first=True)
        self.sinusoidal = sinusoidal

    def forward(self, src: torch.Tensor, tgt: torch.Tensor) -> torch.Tensor:
        """The decoder's output."""
        if self.sinusoidal:
            src, tgt = with_sinusoids(src), with_sinusoids(tgt)
        mask = torch.ones(tgt.shape[1], tgt.shape[1], dtype=torch.bool).triu(1)
        return super().forward(src, tgt, tgt_mask=mask, tgt_is_causal=True)


def encoder(parameters: Parameters) -> nn.TransformerEncoder:
    """An encoder with a final norm where norms come first, as papers have it."""
    layer = nn.TransformerEncoderLayer(**{k: v for k, v in parameters.items() if k not in OWN_PARAMETERS}, batch_first=True)
    final = nn.LayerNorm(parameters["d_model"]) if parameters["norm_first"] else None
    kind = PositionedEncoder if parameters.get("sinusoidal_positions") else nn.TransformerEncoder
    return kind(layer, parameters["num_layers"], norm=final, enable_nested_tensor=False)


def encoder_decoder(parameters: Parameters) -> CausalTransformer:
    """Encoder and decoder, each with a final norm, which nn.Transformer always has."""
    options = {k: v for k, v in parameters.items() if k not in OWN_PARAMETERS}
    return CausalTransformer(bool(parameters.get("sinusoidal_positions")), **options)


def make_encoder(root: Path, folder: str, parameters: Parameters, seed: int) -> None:
    """Write a case of the encoder."""
    inputs = {"src": random_input("src", (1, parameters["length"], parameters["d_model"]), seed)}
    oracle = Oracle("torch", torch.__version__, "nn.TransformerEncoder")
    write_module_case(root, folder, "transformer_encoder.vtr", parameters, seed, oracle, inputs, "output", encoder(parameters))


def make_transformer(root: Path, folder: str, parameters: Parameters, seed: int) -> None:
    """Write a case of encoder and decoder."""
    inputs = {"src": random_input("src", (1, parameters["source_length"], parameters["d_model"]), seed),
              "tgt": random_input("tgt", (1, parameters["target_length"], parameters["d_model"]), seed)}
    oracle = Oracle("torch", torch.__version__, "nn.Transformer")
    write_module_case(root, folder, "transformer.vtr", parameters, seed, oracle, inputs, "output", encoder_decoder(parameters))


def make(root: Path) -> None:
    """Write all cases. The fused inference path is off, so that the plain formulas are the oracle."""
    torch.backends.mha.set_fastpath_enabled(False)
    seed = FIRST_SEED
    for configs, write in (ENCODERS, make_encoder), (TRANSFORMERS, make_transformer), (BASE_ENCODERS, make_encoder), \
            (BASE_TRANSFORMERS, make_transformer):
        for folder, parameters in configs.items():
            write(root, folder, parameters, seed)
            seed += 1
