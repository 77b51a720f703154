"""llama.cpp's own server inside xllamacpp, with one model on one thread, on a port that the kernel picks. It logs as
llama-server does.

Run by the Python of the servers' environment. Usage: module_server.py MODEL ALIAS CONTEXT"""

import signal
import sys

import xllamacpp


def main(model, alias, context):
    asked = xllamacpp.CommonParams()
    asked.model.path, asked.model_alias = model, {alias}
    asked.port, asked.n_ctx, asked.n_parallel, asked.verbosity, asked.ui = 0, int(context), 1, 4, False
    asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(asked)
    print(f"listening on {server.listening_address}", flush=True)
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
