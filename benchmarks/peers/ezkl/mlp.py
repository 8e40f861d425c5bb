"""A network as an ONNX file with one input and what float32 makes of it, for EZKL and for us.

usage: mlp.py FOLDER WIDTH WIDTH...
Gemm with bias, ReLU between; weights normal over the root of the inputs, inputs uniform in [0, 1].
"""
import json
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder, widths = sys.argv[1], list(map(int, sys.argv[2:]))
rng = np.random.default_rng(0)
nodes, constants = [], []
x = rng.uniform(0, 1, (1, widths[0])).astype(np.float32).round(6)
value, last = x, len(widths) - 2
for i, (n, m) in enumerate(zip(widths, widths[1:])):
    w = rng.normal(0, 1 / np.sqrt(n), (n, m)).astype(np.float32)
    b = rng.normal(0, 0.1, m).astype(np.float32)
    constants += [numpy_helper.from_array(w, f"w{i}"), numpy_helper.from_array(b, f"b{i}")]
    source = "x" if i == 0 else f"a{i - 1}"
    nodes.append(helper.make_node("Gemm", [source, f"w{i}", f"b{i}"], ["y" if i == last else f"z{i}"]))
    value = value @ w + b
    if i != last:
        nodes.append(helper.make_node("Relu", [f"z{i}"], [f"a{i}"]))
        value = np.maximum(value, 0)

graph = helper.make_graph(
    nodes,
    "mlp",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, widths[0]])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, widths[-1]])],
    constants,
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
model.ir_version = 8
onnx.checker.check_model(model)
onnx.save(model, f"{folder}/network.onnx")
with open(f"{folder}/input.json", "w") as f:
    json.dump({"input_data": [x.ravel().tolist()]}, f)
with open(f"{folder}/expected.json", "w") as f:
    json.dump(value.ravel().tolist(), f)
