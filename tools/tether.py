"""tether.py -m MODULE ARGS... | SCRIPT ARGS...

Runs a Python module or script that ends when whoever started it does. Stdin is the tether: when the starting process
is gone, even killed, the pipe closes and this process is ended, with those that it started. An orphaned pip would
otherwise go on writing into a folder that the next set-up is about to use, and an orphaned kernel would go on
training. The terminal's Ctrl-C does not come here: whoever started this decides, and closes the pipe.
"""
import os
import runpy
import signal
import sys
import threading
import time

GRACE_SECONDS = 10  # for a program that handles SIGTERM, such as one that has to end a kernel first

OWN_GROUP = hasattr(os, "setpgrp")  # not on Windows

if OWN_GROUP:
    os.setpgrp()


def end_when_stdin_closes() -> None:
    while os.read(0, 4096):
        pass
    if OWN_GROUP:
        os.killpg(0, signal.SIGTERM)
    else:
        os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


threading.Thread(target=end_when_stdin_closes, daemon=True).start()
if sys.argv[1] == "-m":
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
else:
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
