"""Drives an endpoint with the published clients in the dialects beside chat completions, and prints what came of it
as JSON. Usage: drive_dialects.py ADDRESS KEY MODEL"""

import base64
import json
import struct
import sys
import zlib

import anthropic
import ollama
import openai

address, key, model = sys.argv[1:]
root = address.removesuffix("/v1")
QUESTION = "why is the sky blue"


def png(side):
    """A grey square."""
    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = zlib.compress((b"\0" + b"\x80" * side) * side)
    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
            + part(b"IDAT", lines) + part(b"IEND", b""))


PICTURE = base64.b64encode(png(64)).decode()


# --- OpenAI -------------------------------------------------------------------------------------

openai_client = openai.OpenAI(base_url=address, api_key=key, max_retries=0, timeout=20)


def completions():
    ask = {"model": model, "prompt": QUESTION, "max_tokens": 7}
    whole = openai_client.completions.create(**ask)
    chunks = list(openai_client.completions.create(**ask, stream=True, stream_options={"include_usage": True}))
    return {"whole": {"text": whole.choices[0].text, "finish": whole.choices[0].finish_reason,
                      "usage": whole.usage.model_dump()},
            "stream": {"texts": [c.choices[0].text for c in chunks if c.choices],
                       "finish": [c.choices[0].finish_reason for c in chunks if c.choices],
                       "usage": [c.usage.model_dump() for c in chunks if c.usage]}}


def responses():
    ask = {"model": model, "input": QUESTION, "max_output_tokens": 7}
    whole = openai_client.responses.create(**ask)
    events = list(openai_client.responses.create(**ask, stream=True))
    picture = openai_client.responses.create(model=model, max_output_tokens=2, input=[{"role": "user", "content": [
        {"type": "input_text", "text": "what is this"},
        {"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64," + PICTURE}]}])
    return {"whole": {"text": whole.output_text, "status": whole.status, "usage": whole.usage.model_dump(),
                      "reason": whole.incomplete_details.reason},
            "stream": {"types": [e.type for e in events], "numbers": [e.sequence_number for e in events],
                       "texts": [e.delta for e in events if e.type == "response.output_text.delta"],
                       "usage": events[-1].response.usage.model_dump()},
            "last": events[-1].response.output_text, "picture": picture.usage.model_dump()}


# --- Anthropic ----------------------------------------------------------------------------------

anthropic_client = anthropic.Anthropic(base_url=root, api_key=key, max_retries=0, timeout=20)


def fail(raised, call):
    """What the library raises: its class and what it says."""
    try:
        call()
    except raised as error:
        return {"class": type(error).__name__, "status": error.status_code, "message": str(error)}
    return {"class": None}


def messages():
    ask = {"model": model, "max_tokens": 7, "messages": [{"role": "user", "content": QUESTION}]}
    whole = anthropic_client.messages.create(**ask)
    events = list(anthropic_client.messages.create(**ask, stream=True))
    with anthropic_client.messages.stream(**ask) as stream:
        texts = list(stream.text_stream)
        built = stream.get_final_message()
    picture = anthropic_client.messages.create(model=model, max_tokens=2, messages=[{"role": "user", "content": [
        {"type": "text", "text": "what is this"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}}]}])
    create = anthropic_client.messages.create
    return {"whole": {"text": whole.content[-1].text, "stop": whole.stop_reason, "usage": whole.usage.model_dump(),
                      "kinds": [block.type for block in whole.content]},
            "stream": [event.type for event in events],
            "built": {"texts": texts, "kinds": [block.type for block in built.content],
                      "thinking": "".join(block.thinking for block in built.content if block.type == "thinking"),
                      "text": built.content[-1].text, "stop": built.stop_reason, "usage": built.usage.model_dump()},
            "picture": picture.usage.model_dump(),
            "counted": anthropic_client.messages.count_tokens(model=model, messages=ask["messages"]).input_tokens,
            "models": [one.id for one in anthropic_client.models.list()],
            "unknown model": fail(anthropic.APIStatusError, lambda: create(**{**ask, "model": "no-such-model"})),
            "wrong key": fail(anthropic.APIStatusError, lambda: anthropic_client.with_options(
                api_key="not-the-key").messages.create(**ask))}


# --- Ollama -------------------------------------------------------------------------------------

ollama_client = ollama.Client(host=root, timeout=20)


def chat():
    ask = {"model": model, "messages": [{"role": "user", "content": QUESTION}], "options": {"num_predict": 7}}
    whole = ollama_client.chat(**ask)
    parts = list(ollama_client.chat(**ask, stream=True))
    picture = ollama_client.chat(model=model, options={"num_predict": 2}, messages=[
        {"role": "user", "content": "what is this", "images": [PICTURE]}])
    return {"whole": {"text": whole.message.content, "thinking": whole.message.thinking, "reason": whole.done_reason,
                      "input": whole.prompt_eval_count, "output": whole.eval_count, "load": whole.load_duration},
            "stream": {"texts": [p.message.content for p in parts], "thinking": [p.message.thinking for p in parts],
                       "done": [p.done for p in parts], "output": parts[-1].eval_count,
                       "total": parts[-1].total_duration, "load": parts[-1].load_duration},
            "picture": picture.prompt_eval_count, "models": [one.model for one in ollama_client.list().models],
            "unknown model": fail(ollama.ResponseError, lambda: ollama_client.chat(**{**ask, "model": "no-such-model"}))}


print(json.dumps({"completions": completions(), "responses": responses(), "messages": messages(), "chat": chat()}))
