"""A client as Python benchmarks have it (vLLM's request loop): aiohttp, a task per request, the
stream cut into events by hand, json.loads on each.

Usage: client_aiohttp.py ADDRESS MODEL STREAMS TOKENS [LOG]

Prints one line of JSON: content, usage, done (events of those kinds), seconds from the first
request to the end of the last answer, cpu_s in that time, resident_mb at most. LOG gets a line of
JSON per answer: its id, and seen_ns, when each event with content was seen, on the monotonic clock."""

import asyncio
import sys
import time

import aiohttp

from client_tally import Tally

ADDRESS, MODEL, STREAMS, TOKENS, *LOG = sys.argv[1:]


async def ask(session, tally):
    one, rest = tally.answer(), b""
    async with session.post(ADDRESS + "/chat/completions",
                            json=tally.body(MODEL, int(TOKENS))) as response:
        response.raise_for_status()
        async for piece in response.content.iter_any():
            now = time.monotonic_ns()
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                one.take(line, now)


async def main():
    tally = Tally()
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout,
                                     headers=tally.headers) as session:
        await asyncio.gather(*(ask(session, tally) for _ in range(int(STREAMS))))
        tally.end()
    tally.tell(*LOG)


asyncio.run(main())
