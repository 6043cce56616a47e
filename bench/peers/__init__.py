"""What is measured: Vitrail and what a user could take instead.

A peer prepares an artefact once (compiles, exports, optimizes) and loads it into a process of its own, where it is called.
"""

from peers.base import Peer
from peers.iree import Iree
from peers.onnxruntime import OnnxRuntime
from peers.openvino import OpenVino
from peers.torch import AotInductor, TorchCompile, TorchEager
from peers.vitrail import Vitrail

PEERS: dict[str, Peer] = {peer.name: peer for peer in [
    Vitrail("Vitrail"),
    Vitrail("Vitrail, all tokens", "--disable", "dead-tokens"),
    Vitrail("Vitrail, AVX2", "--target", "x86-64-v3"),
    Vitrail("Vitrail with oneDNN", "--matmul", "onednn"),
    OnnxRuntime(),
    OpenVino(),
    TorchEager(),
    TorchCompile(),
    AotInductor(),
    Iree(),
]}
