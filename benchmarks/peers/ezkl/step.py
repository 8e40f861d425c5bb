"""One EZKL command in a process of its own, so that its memory is its own. Prints one JSON line.

usage: step.py COMMAND FOLDER SRS [RUN_ARGS]
"""
import asyncio
import inspect
import json
import os
import resource
import sys
import time

import ezkl

command, folder, srs = sys.argv[1:4]


def path(name):
    return os.path.join(folder, name)


def settings():
    args = ezkl.PyRunArgs()
    for name, v in json.loads(sys.argv[4]).items():
        setattr(args, name, v)
    return ezkl.gen_settings(path("network.onnx"), path("settings.json"), py_run_args=args)


def string():
    with open(path("settings.json")) as f:
        return ezkl.gen_srs(srs, json.load(f)["run_args"]["logrows"])


commands = {
    "settings": settings,
    "srs": string,
    "compile": lambda: ezkl.compile_circuit(path("network.onnx"), path("network.compiled"), path("settings.json")),
    "setup": lambda: ezkl.setup(path("network.compiled"), path("vk"), path("pk"), srs),
    "witness": lambda: ezkl.gen_witness(path("input.json"), path("network.compiled"), path("witness.json"), None, srs),
    "prove": lambda: ezkl.prove(path("witness.json"), path("network.compiled"), path("pk"), path("proof.json"), srs),
    "verify": lambda: ezkl.verify(path("proof.json"), path("settings.json"), path("vk"), srs),
}


async def main():
    start = time.time()
    result = commands[command]()
    if inspect.isawaitable(result):
        result = await result
    ms = (time.time() - start) * 1000
    usage = resource.getrusage(resource.RUSAGE_SELF)
    line = {"ms": ms, "cpuMs": (usage.ru_utime + usage.ru_stime) * 1000, "peakBytes": usage.ru_maxrss * 1024}
    if command == "verify":
        line["ok"] = bool(result)
    if command == "settings":
        with open(path("settings.json")) as f:
            stored = json.load(f)
        line["logrows"], line["rows"] = stored["run_args"]["logrows"], stored["num_rows"]
    if command == "prove":
        with open(path("proof.json")) as f:
            proof = json.load(f)["proof"]
        line["proofBytes"] = len(proof) if isinstance(proof, list) else (len(proof) - 2) // 2
    print("\n" + json.dumps(line), flush=True)


asyncio.run(main())
