"""A client loop as Python benchmarks have it: aiohttp, one task per request, json.loads on each event.

Usage: client_aiohttp.py ADDRESS MODEL STREAMS TOKENS LOG

Prints one line of JSON: events, wall_s, cpu_s, resident_mb. LOG gets a line of JSON per answer: its
id, and when each event with content was seen, in nanoseconds of the monotonic clock."""

import asyncio
import json
import resource
import sys
import time

import aiohttp

ADDRESS, MODEL, STREAMS, TOKENS, LOG = sys.argv[1:]


async def ask(session, log):
    body = {"model": MODEL, "max_tokens": int(TOKENS), "stream": True,
            "stream_options": {"include_usage": True},
            "messages": [{"role": "user", "content": "go on please"}]}
    moments, answer, rest = [], None, b""
    async with session.post(ADDRESS + "/chat/completions", json=body) as response:
        response.raise_for_status()
        async for piece in response.content.iter_any():
            now = time.monotonic_ns()
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                if not line.startswith(b"data: ") or line == b"data: [DONE]":
                    continue
                event = json.loads(line[6:])
                answer = event["id"]
                if event["choices"] and event["choices"][0]["delta"].get("content"):
                    moments.append(now)
    log.append({"id": answer, "seen_ns": moments})


async def main():
    log = []
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout,
                                     headers={"Authorization": "Bearer demo-key"}) as session:
        begun = time.monotonic()
        await asyncio.gather(*(ask(session, log) for _ in range(int(STREAMS))))
        wall = time.monotonic() - begun
    return log, wall


LOGGED, WALL = asyncio.run(main())
USED = resource.getrusage(resource.RUSAGE_SELF)
with open(LOG, "w") as file:
    for one in LOGGED:
        print(json.dumps(one), file=file)
print(json.dumps({"events": sum(len(one["seen_ns"]) for one in LOGGED), "wall_s": WALL,
                  "cpu_s": USED.ru_utime + USED.ru_stime, "resident_mb": USED.ru_maxrss / 1000}))
