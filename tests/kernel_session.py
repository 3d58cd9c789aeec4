"""kernel_session.py STEPS.json: runs cells in the kernel "thaw", as a front end does, and presses its stop button.

A step is {"code": …, "interruptAt": a pattern, "listen": seconds}: the kernel is interrupted as soon as what the cell
shows matches the pattern, and after the cell's end its outputs are waited for a while longer. Each line on stdout is
one cell's JSON: its status, how long it took, how long after the stop it went on, and all that came while it was the
newest cell.
"""
import json
import os
import re
import sys
import time
from queue import Empty

from jupyter_client.manager import start_new_kernel

CELL_SECONDS = 60


def words(message):
    content = message["content"]
    if message["msg_type"] == "stream":
        return content["text"]
    if message["msg_type"] == "error":
        return "\n".join([content["ename"], content["evalue"], *content["traceback"]])
    return str(content.get("data", {}).get("text/plain", ""))


def run(manager, client, step):
    identity = client.execute(step["code"])
    begun = time.monotonic()
    stopped = ended = None
    outputs = []
    while True:
        if time.monotonic() - begun > CELL_SECONDS:
            raise SystemExit(f"expected a cell to end within {CELL_SECONDS} s, found one that did not: {step['code']}")
        if ended is not None and time.monotonic() - ended > step.get("listen", 0.3):
            break
        try:
            message = client.get_iopub_msg(timeout=0.05)
        except Empty:
            if not manager.is_alive():
                raise SystemExit(f"expected the kernel to live, found it dead after: {step['code']}")
            continue
        kind = message["msg_type"]
        if kind == "status" and message["content"]["execution_state"] == "idle":
            if message["parent_header"].get("msg_id") == identity:
                ended = time.monotonic()
        elif kind in ("stream", "error", "display_data", "update_display_data", "execute_result"):
            after = None if ended is None else round(time.monotonic() - ended, 3)
            own = message["parent_header"].get("msg_id") == identity
            outputs.append({"type": kind, "text": words(message), "own": own, "afterEnd": after})
            pattern = step.get("interruptAt")
            if pattern and stopped is None and re.search(pattern, words(message)):
                manager.interrupt_kernel()
                stopped = time.monotonic()
    if step.get("interruptAt") and stopped is None:
        raise SystemExit(f"expected to see {step['interruptAt']}, found {[o['text'] for o in outputs]}")
    reply = client.get_shell_msg(timeout=5)
    while reply["parent_header"].get("msg_id") != identity:
        reply = client.get_shell_msg(timeout=5)
    return {
        "status": reply["content"]["status"],
        "seconds": ended - begun,
        "secondsAfterStop": None if stopped is None else ended - stopped,
        "outputs": outputs,
    }


with open(sys.argv[1], encoding="utf-8") as file:
    steps = json.load(file)
manager, client = start_new_kernel(kernel_name="thaw", startup_timeout=120, cwd=os.path.dirname(sys.argv[1]))
try:
    for each in steps:
        print(json.dumps(run(manager, client, each)), flush=True)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
