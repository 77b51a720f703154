"""A client as the starter kit has it: a thread per request, requests, lines read one by one.

Usage and output: as client_aiohttp.py."""

import json
import resource
import sys
import threading
import time

import requests

ADDRESS, MODEL, STREAMS, TOKENS, LOG = sys.argv[1:]
LOGGED = []


def ask():
    body = {"model": MODEL, "max_tokens": int(TOKENS), "stream": True,
            "stream_options": {"include_usage": True},
            "messages": [{"role": "user", "content": "go on please"}]}
    moments, answer = [], None
    with requests.post(ADDRESS + "/chat/completions", json=body, stream=True,
                       headers={"Authorization": "Bearer demo-key"}) as response:
        response.raise_for_status()
        for line in response.iter_lines(chunk_size=None):
            now = time.monotonic_ns()
            if not line.startswith(b"data: ") or line == b"data: [DONE]":
                continue
            event = json.loads(line[6:])
            answer = event["id"]
            if event["choices"] and event["choices"][0]["delta"].get("content"):
                moments.append(now)
    LOGGED.append({"id": answer, "seen_ns": moments})


BEGUN = time.monotonic()
THREADS = [threading.Thread(target=ask) for _ in range(int(STREAMS))]
for thread in THREADS:
    thread.start()
for thread in THREADS:
    thread.join()
WALL = time.monotonic() - BEGUN
USED = resource.getrusage(resource.RUSAGE_SELF)
with open(LOG, "w") as file:
    for one in LOGGED:
        print(json.dumps(one), file=file)
print(json.dumps({"events": sum(len(one["seen_ns"]) for one in LOGGED), "wall_s": WALL,
                  "cpu_s": USED.ru_utime + USED.ru_stime, "resident_mb": USED.ru_maxrss / 1000}))
