"""llama-cpp-python's server as it is, but that each load and each response is written down, by the monotonic clock.

Run by the Python of the servers' environment. Usage: python_server.py CONFIG LOG"""

import json
import sys
import time

import llama_cpp
import llama_cpp.server.__main__ as server
from llama_cpp.server.model import LlamaProxy

load_model = LlamaProxy.load_llama_from_model_settings
generate = llama_cpp.Llama.generate
config, log = sys.argv[1:3]


def write(**line):
    with open(log, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def load_and_tell(settings):
    begin = time.monotonic_ns()
    model = load_model(settings)
    write(model=settings.model_alias, begin_ns=begin, end_ns=time.monotonic_ns())
    return model


def generate_and_tell(self, tokens, *arguments, **options):
    """Tells how long the prompt took, up to the first token, and the tokens after it."""
    moments = [time.monotonic_ns()]
    try:
        for token in generate(self, tokens, *arguments, **options):
            moments.append(time.monotonic_ns())
            yield token
    finally:
        if len(moments) > 1:
            write(prompt_tokens=len(tokens), tokens=len(moments) - 1, prompt_s=(moments[1] - moments[0]) / 1e9,
                  rest_s=(moments[-1] - moments[1]) / 1e9)


def main():
    LlamaProxy.load_llama_from_model_settings = staticmethod(load_and_tell)
    llama_cpp.Llama.generate = generate_and_tell
    sys.argv[1:] = ["--config_file", config]
    server.main()


if __name__ == "__main__":
    main()
