"""A whole SGD step as an ONNX graph with its input, for EZKL: forward (ReLU), gradient of the squared error, backward, update.

usage: network.py FOLDER BATCH INPUTS HIDDEN OUTPUTS
Weights before the step are inputs, weights after it outputs. Uniform inputs in [-1, 1], one-hot targets, learning rate 1/16.
"""
import json
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder = sys.argv[1]
batch, inputs, hidden, outputs = map(int, sys.argv[2:6])
rng = np.random.default_rng(0)
nodes = []


def value(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def constant(name, v):
    return numpy_helper.from_array(np.array(v, dtype=np.float32), name)


def node(op, ins, out, **attributes):
    nodes.append(helper.make_node(op, ins, [out], **attributes))


node("MatMul", ["X", "W1"], "Z1")
node("Relu", ["Z1"], "A1")
node("MatMul", ["A1", "W2"], "Z2")
node("Sub", ["Z2", "Y"], "E")
node("Mul", ["E", "twoB"], "dZ2")
node("Transpose", ["A1"], "A1T", perm=[1, 0])
node("MatMul", ["A1T", "dZ2"], "dW2")
node("Transpose", ["W2"], "W2T", perm=[1, 0])
node("MatMul", ["dZ2", "W2T"], "dA1")
node("Greater", ["Z1", "zero"], "positive")
node("Cast", ["positive"], "mask", to=TensorProto.FLOAT)
node("Mul", ["dA1", "mask"], "dZ1")
node("Transpose", ["X"], "XT", perm=[1, 0])
node("MatMul", ["XT", "dZ1"], "dW1")
node("Mul", ["dW1", "rate"], "s1")
node("Sub", ["W1", "s1"], "W1n")
node("Mul", ["dW2", "rate"], "s2")
node("Sub", ["W2", "s2"], "W2n")

graph = helper.make_graph(
    nodes,
    "step",
    [value("X", [batch, inputs]), value("Y", [batch, outputs]), value("W1", [inputs, hidden]), value("W2", [hidden, outputs])],
    [value("W1n", [inputs, hidden]), value("W2n", [hidden, outputs])],
    [constant("twoB", [[2.0 / batch]]), constant("rate", [[2.0**-4]]), constant("zero", [[0.0]])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
model.ir_version = 8
onnx.checker.check_model(model)
onnx.save(model, f"{folder}/network.onnx")

data = [
    rng.uniform(-1, 1, (batch, inputs)),
    np.eye(outputs)[rng.integers(0, outputs, batch)],
    rng.normal(0, 1 / np.sqrt(inputs), (inputs, hidden)),
    rng.normal(0, 1 / np.sqrt(hidden), (hidden, outputs)),
]
with open(f"{folder}/input.json", "w") as f:
    json.dump({"input_data": [a.ravel().round(6).tolist() for a in data]}, f)
