"""Runs a Python program under cProfile: python -c RUNNER FOLDER NAME.

FOLDER holds the program as code.py; NAME is how tracebacks and profiles call it, a file's path or <code>. What came of it is
written there: profile.stats for pstats, report.txt for people, and last outcome.json for fiml-perf.
"""

import cProfile
import io
import json
import linecache
import os
import pstats
import signal
import sys
import time
import tokenize
import traceback
import types

SHOWN = 50
FOLDER, NAME = sys.argv[1:]
IS_FILE = not NAME.startswith("<")
PROFILE = cProfile.Profile()
STARTED_S = time.monotonic()
PROGRAM_PID = os.getpid()


def main():
    # As for `python FILE` and `python -c`: what the program sees, and where its own imports are looked for.
    sys.argv = [NAME if IS_FILE else "-c"]
    if IS_FILE and not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(os.path.abspath(NAME))
    # It is the main module for whatever looks there: pickle, multiprocessing, `if __name__ == "__main__"`.
    module = types.ModuleType("__main__")
    if IS_FILE:
        module.__file__ = NAME
    sys.modules["__main__"] = module
    # A program that does not heed SIGINT is ended by this one, and what was measured of it is kept.
    signal.signal(signal.SIGTERM, give_up)
    # What the program forks has this runner in it too, and must neither be kept from ending nor be taken for the program.
    os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))
    outcome = run(module.__dict__)
    if os.getpid() == PROGRAM_PID:
        finish(outcome)


def give_up(*_):
    finish({"end": "stopped"})
    os._exit(0)


def run(namespace):
    try:
        source = read()
        compiled = compile(source, NAME, "exec")
        PROFILE.enable()
        try:
            exec(compiled, namespace)
        finally:
            PROFILE.disable()
    except BaseException as error:
        # Such a child's exit code is for its parent.
        if os.getpid() != PROGRAM_PID:
            raise
        return ended_by(error)
    return {"end": "done"}


def ended_by(error):
    if isinstance(error, KeyboardInterrupt):
        return {"end": "stopped"}
    if isinstance(error, SystemExit):
        if error.code in (None, 0):
            return {"end": "done"}
        return {"end": "failed", "why": f"it called sys.exit({error.code!r})"}
    # From the program's own frame on: that of this runner, above it, is nobody's business.
    below = error.__traceback__.tb_next
    return {"end": "failed", "why": "".join(traceback.format_exception(type(error), error, below)).rstrip()}


def read():
    # In whatever encoding its first lines name, and without the mark that some editors put before them.
    with tokenize.open(os.path.join(FOLDER, "code.py")) as file:
        source = file.read()
    # Only so does a traceback show the lines of what is in no file.
    linecache.cache[NAME] = (len(source), None, source.splitlines(True), NAME)
    return source


def finish(outcome):
    duration_ms = (time.monotonic() - STARTED_S) * 1000
    PROFILE.create_stats()
    functions = [
        {
            "name": name,
            "file": file,
            "line": line,
            "calls": calls,
            "selfMs": self_s * 1000,
            "totalMs": total_s * 1000,
        }
        for (file, line, name), (_, calls, self_s, total_s, _) in PROFILE.stats.items()
        if not is_runner(name)
    ]
    # What does not even compile has none, and pstats takes no empty profile.
    if PROFILE.stats:
        PROFILE.dump_stats(os.path.join(FOLDER, "profile.stats"))
        write("report.txt", report())
    python = {"version": sys.version.split()[0], "path": sys.executable}
    write("outcome.json", json.dumps({**outcome, "durationMs": duration_ms, "python": python, "functions": functions}))


def is_runner(name):
    """How the program is entered and left, which is no part of it."""
    return name == "<built-in method builtins.exec>" or "_lsprof.Profiler" in name


def report():
    text = io.StringIO()
    stats = pstats.Stats(PROFILE, stream=text)
    for order, title in (("cumulative", "with all that it called"), ("tottime", "within itself")):
        text.write(f"The {SHOWN} functions that took longest, {title}\n")
        stats.sort_stats(order).print_stats(SHOWN)
    return text.getvalue()


def write(name, text):
    path = os.path.join(FOLDER, name)
    with open(path + ".tmp", "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    os.replace(path + ".tmp", path)


main()
