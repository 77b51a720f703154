"""Drives an endpoint with the published OpenAI client library and prints what came of it as JSON.
Usage: drive_openai.py ADDRESS KEY MODEL"""

import base64
import json
import struct
import sys
import zlib

import openai

address, key, model = sys.argv[1:]
client = openai.OpenAI(base_url=address, api_key=key, max_retries=0, timeout=20)
QUESTION = [{"role": "system", "content": "be brief"},
            {"role": "user", "content": "why is the sky blue"}]


def png(side):
    """A grey square."""
    def part(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    lines = zlib.compress((b"\0" + b"\x80" * side) * side)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", lines) + part(b"IEND", b"")


def list_models():
    return [{"id": one.id, "object": one.object} for one in client.models.list()]


def ask_whole():
    answer = client.chat.completions.create(model=model, messages=QUESTION, max_tokens=7)
    return {"type": type(answer).__name__, "id": answer.id, "model": answer.model,
            "content": answer.choices[0].message.content, "role": answer.choices[0].message.role,
            "finish_reason": answer.choices[0].finish_reason, "usage": answer.usage.model_dump()}


def ask_stream():
    seen = {"content": [], "roles": [], "finish": [], "usage": [], "ids": [], "types": []}
    with client.chat.completions.create(model=model, messages=QUESTION, max_tokens=7, stream=True,
                                        stream_options={"include_usage": True}) as stream:
        for chunk in stream:
            seen["ids"].append(chunk.id)
            seen["types"].append(type(chunk).__name__)
            if chunk.usage:
                seen["usage"].append(chunk.usage.model_dump())
            for choice in chunk.choices:
                seen["content"].append(choice.delta.content)
                seen["roles"].append(choice.delta.role)
                seen["finish"].append(choice.finish_reason)
    return seen


def ask_stream_without_usage():
    stream = client.chat.completions.create(model=model, messages=QUESTION, max_tokens=3,
                                            stream=True)
    return [bool(chunk.usage) for chunk in stream]


def ask_about_picture():
    url = "data:image/png;base64," + base64.b64encode(png(64)).decode()
    content = [{"type": "text", "text": "what is this"},
               {"type": "image_url", "image_url": {"url": url}}]
    answer = client.chat.completions.create(model=model, max_tokens=4,
                                            messages=[{"role": "user", "content": content}])
    return {"content": answer.choices[0].message.content, "usage": answer.usage.model_dump()}


def fail(**changes):
    """What the library raises: its class and what it says."""
    asked = {"model": model, "messages": QUESTION, "max_tokens": 3, **changes}
    with_key = client.with_options(api_key=asked.pop("key", key))
    try:
        with_key.chat.completions.create(**asked)
    except openai.APIStatusError as error:
        return {"class": type(error).__name__, "status": error.status_code, "code": error.code,
                "param": error.param, "type": error.type, "message": error.message}
    return {"class": None}


print(json.dumps({
    "models": list_models(),
    "whole": ask_whole(),
    "stream": ask_stream(),
    "stream without usage": ask_stream_without_usage(),
    "picture": ask_about_picture(),
    "unknown model": fail(model="no-such-model"),
    "unknown model, streamed": fail(model="no-such-model", stream=True),
    "wrong key": fail(key="not-the-key"),
    "too long": fail(max_tokens=1_000_000),
}))
