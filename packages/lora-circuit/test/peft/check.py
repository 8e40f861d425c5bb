"""Reads files that packages/lora-circuit wrote with the real Python packages, and says what differs.

    venv/bin/python packages/lora-circuit/test/peft/check.py FOLDER

The test `pnpm test:python` makes FOLDER and runs this (real.python.test.ts). The packages: fixtures/make.py.

FOLDER/adapters/NAME  an adapter, with expected.json: what its modules are
FOLDER/accepted       safetensors files that we read, each with a .json: what is in them
FOLDER/refused        safetensors files that we refuse
"""

import json
import os
import sys
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # the base models are made here

import peft
import safetensors
import torch
from peft import LoraConfig, PeftConfig, PeftModel
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel


def same(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: {found} is not {expected}")


def matrix(values, shape):
    return torch.tensor(values, dtype=torch.float32).reshape(shape)


def base_model(modules):
    """A model with a linear layer for each module, and one more that has no adapter."""
    if modules[0]["name"].startswith("transformer."):
        return GPT2LMHeadModel(GPT2Config(n_layer=2, n_embd=8, n_head=2, vocab_size=11, n_positions=4))
    root = nn.Module()
    for name, inputs, outputs in [*((m["name"], m["inputs"], m["outputs"]) for m in modules), ("extra", 2, 2)]:
        *path, last = name.split(".")
        parent = root
        for part in path:
            if part not in dict(parent.named_children()):
                parent.add_module(part, nn.Module())
            parent = parent.get_submodule(part)
        parent.add_module(last, nn.Linear(inputs, outputs))
    return root


def check_adapter(folder):
    modules = json.loads((folder / "expected.json").read_text())
    tensors = {}
    for m in modules:
        tensors[f"base_model.model.{m['name']}.lora_A.weight"] = matrix(m["A"], (m["rank"], m["inputs"]))
        tensors[f"base_model.model.{m['name']}.lora_B.weight"] = matrix(m["B"], (m["outputs"], m["rank"]))
    path = folder / "adapter_model.safetensors"
    found = load_file(path)
    same(f"{folder.name}: keys", sorted(found), sorted(tensors))
    for key, tensor in tensors.items():
        same(f"{folder.name}: {key}: equal", torch.equal(found[key], tensor), True)
        same(f"{folder.name}: {key}: dtype", found[key].dtype, torch.float32)
    with safe_open(path, "pt") as file:
        same(f"{folder.name}: metadata", file.metadata(), {"format": "pt"})

    config = PeftConfig.from_pretrained(str(folder))
    same(f"{folder.name}: configuration", type(config), LoraConfig)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        model = PeftModel.from_pretrained(base_model(modules), str(folder)).eval()
    # PEFT warns of keys that are missing or too many.
    said = [str(w.message) for w in said if "key" in str(w.message).lower()]
    same(f"{folder.name}: warnings", said, [])
    adapted = {n for n, m in model.get_base_model().named_modules() if hasattr(m, "lora_A")}
    same(f"{folder.name}: modules", adapted, {m["name"] for m in modules})
    for m in modules:
        layer = model.get_base_model().get_submodule(m["name"])
        what = f"{folder.name}: {m['name']}"
        same(f"{what}: rank", layer.r["default"], m["rank"])
        same(f"{what}: scaling", layer.scaling["default"], m["alpha"] / m["rank"])
        a, b = matrix(m["A"], (m["rank"], m["inputs"])), matrix(m["B"], (m["outputs"], m["rank"]))
        same(f"{what}: A", torch.equal(layer.lora_A["default"].weight, a), True)
        same(f"{what}: B", torch.equal(layer.lora_B["default"].weight, b), True)
        x = torch.randn(7, m["inputs"])
        with torch.no_grad():
            added = layer(x) - layer.base_layer(x)
        torch.testing.assert_close(added, m["alpha"] / m["rank"] * x @ a.T @ b.T, rtol=1e-4, atol=1e-4)
    return len(modules)


def check_accepted(path):
    found = load_file(path)
    tensors = json.loads(path.with_suffix(".json").read_text())
    same(f"{path.name}: names", sorted(found), sorted(t["name"] for t in tensors))
    for t in tensors:
        tensor = found[t["name"]]
        same(f"{path.name}: {t['name']}: shape", list(tensor.shape), t["shape"])
        same(f"{path.name}: {t['name']}: values", tensor.float().flatten().tolist(), t["values"])


def reads(path):
    try:
        load_file(path)
        return True
    except (SafetensorError, KeyError):
        return False


def main(root):
    torch.manual_seed(1)
    adapters = sorted((root / "adapters").iterdir())
    modules = sum(check_adapter(folder) for folder in adapters)
    accepted = sorted((root / "accepted").glob("*.safetensors"))
    for path in accepted:
        check_accepted(path)
    refused = sorted((root / "refused").glob("*.safetensors"))
    result = {
        "peft": peft.__version__,
        "safetensors": safetensors.__version__,
        "torch": torch.__version__,
        "adapters": len(adapters),
        "modules": modules,
        "accepted": len(accepted),
        "refused": len(refused),
        "refusedThatPythonReads": [path.name for path in refused if reads(path)],
    }
    print(json.dumps(result))


main(Path(sys.argv[1]))
