"""A client as the starter kit has it: a thread per request, requests, lines read one by one,
json.loads on each event. Usage and output: as client_aiohttp.py."""

import sys
import threading
import time

import requests

from client_tally import Tally

ADDRESS, MODEL, STREAMS, TOKENS, *LOG = sys.argv[1:]
TALLY = Tally()


def ask():
    one = TALLY.answer()
    with requests.post(ADDRESS + "/chat/completions", json=TALLY.body(MODEL, int(TOKENS)),
                       stream=True, headers=TALLY.headers) as response:
        response.raise_for_status()
        for line in response.iter_lines(chunk_size=None):
            one.take(line, time.monotonic_ns())


THREADS = [threading.Thread(target=ask) for _ in range(int(STREAMS))]
for thread in THREADS:
    thread.start()
for thread in THREADS:
    thread.join()
TALLY.end()
TALLY.tell(*LOG)
