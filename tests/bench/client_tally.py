"""What the Python clients of the bench have in common: the question, and what they keep of answers."""

import json
import resource
import time


def cpu_s():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def resident_mb():
    """At most. Not ru_maxrss, which knows the program that was here before exec."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024e-6


class Answer:
    def __init__(self):
        self.id, self.seen_ns, self.usage, self.done = None, [], 0, 0

    def take(self, line, now_ns):
        if not line.startswith(b"data: "):
            return
        if line == b"data: [DONE]":
            self.done += 1
            return
        event = json.loads(line[6:])
        self.id = event["id"]
        if event["choices"] and event["choices"][0]["delta"].get("content"):
            self.seen_ns.append(now_ns)
        elif event.get("usage"):
            self.usage += 1


class Tally:
    """Counts from its making to `end`."""

    headers = {"Authorization": "Bearer demo-key"}

    def __init__(self):
        self.answers, self.begun_s, self.cpu_before_s = [], time.monotonic(), cpu_s()

    @staticmethod
    def body(model, tokens):
        return {"model": model, "max_tokens": tokens, "stream": True,
                "stream_options": {"include_usage": True},
                "messages": [{"role": "user", "content": "go on please"}]}

    def answer(self):
        one = Answer()
        self.answers.append(one)
        return one

    def end(self):
        self.seconds = time.monotonic() - self.begun_s
        self.cpu_s = cpu_s() - self.cpu_before_s

    def tell(self, log=None):
        print(json.dumps({"content": sum(len(one.seen_ns) for one in self.answers),
                          "usage": sum(one.usage for one in self.answers),
                          "done": sum(one.done for one in self.answers), "seconds": self.seconds,
                          "cpu_s": self.cpu_s, "resident_mb": resident_mb()}))
        if log:
            with open(log, "w") as file:
                for one in self.answers:
                    print(json.dumps({"id": one.id, "seen_ns": one.seen_ns}), file=file)
