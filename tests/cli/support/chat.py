"""Chat in the words of each dialect that has messages: what a body says, as (role, text), and how a server
responds to it. It counts a token a word, and more for its template and for each message."""

import json

from support.bench import CONFIG
from support.endpoint import stream


def sse(**members):
    return b"event: %s\ndata: %s\n\n" % (members["type"].encode(), json.dumps(members).encode())


def data(**members):
    return b"data: %s\n\n" % json.dumps(members).encode()


class OpenAi:
    api, path, variables, base = "openai", "/v1/chat/completions", ("OPENAI_API_BASE", "OPENAI_API_KEY"), "/v1"

    @staticmethod
    def messages(body):
        return [(one["role"], one["content"]) for one in body["messages"]]

    @staticmethod
    def respond(pieces, prompt, cached):
        usage = {"prompt_tokens": prompt, "completion_tokens": len(pieces), "total_tokens": prompt + len(pieces),
                 "prompt_tokens_details": {"cached_tokens": cached}}
        return [*(data(id="c", choices=[{"index": 0, "delta": {"content": one}}]) for one in pieces),
                data(id="c", choices=[{"index": 0, "delta": {}, "finish_reason": "length"}]),
                data(id="c", choices=[], usage=usage), b"data: [DONE]\n\n"]


class LiteLlm(OpenAi):
    api = "litellm"


class Responses(OpenAi):
    api, path = "openai-responses", "/v1/responses"

    @staticmethod
    def messages(body):
        system = [("system", body["instructions"])] if "instructions" in body else []
        if isinstance(body["input"], str):
            return [*system, ("user", body["input"])]
        return [*system, *((one["role"], one["content"]) for one in body["input"])]

    @staticmethod
    def respond(pieces, prompt, cached):
        usage = {"input_tokens": prompt, "output_tokens": len(pieces), "total_tokens": prompt + len(pieces),
                 "input_tokens_details": {"cached_tokens": cached}}
        return [*(sse(type="response.output_text.delta", item_id="m", delta=one) for one in pieces),
                sse(type="response.output_text.done", text="".join(pieces)),
                sse(type="response.incomplete", response={"id": "r", "status": "incomplete", "usage": usage,
                                                          "incomplete_details": {"reason": "max_output_tokens"}})]


class Anthropic:
    api, path, variables, base = "anthropic", "/v1/messages", ("ANTHROPIC_API_BASE", "ANTHROPIC_API_KEY"), "/v1"

    @staticmethod
    def messages(body):
        system = [("system", body["system"])] if "system" in body else []
        return [*system, *((one["role"], one["content"]) for one in body["messages"])]

    @staticmethod
    def respond(pieces, prompt, cached):
        usage = {"input_tokens": prompt - cached, "cache_read_input_tokens": cached,
                 "cache_creation_input_tokens": 0, "output_tokens": 1}
        return [sse(type="message_start", message={"id": "m", "type": "message", "content": [], "usage": usage}),
                sse(type="content_block_start", index=0, content_block={"type": "text", "text": ""}),
                *(sse(type="content_block_delta", index=0, delta={"type": "text_delta", "text": one})
                  for one in pieces),
                sse(type="content_block_stop", index=0),
                sse(type="message_delta", delta={"stop_reason": "max_tokens"}, usage={"output_tokens": len(pieces)}),
                sse(type="message_stop")]


class Ollama:
    api, path, variables, base = "ollama", "/api/chat", ("OLLAMA_HOST", None), ""
    messages = OpenAi.messages

    @staticmethod
    def respond(pieces, prompt, cached):
        lines = [{"model": "m", "message": {"role": "assistant", "content": one}, "done": False} for one in pieces]
        lines.append({"model": "m", "message": {"role": "assistant", "content": ""}, "done": True,
                      "done_reason": "length", "total_duration": 1, "load_duration": 0,
                      "prompt_eval_count": prompt, "prompt_eval_duration": 1, "eval_count": len(pieces)})
        return [json.dumps(one).encode() + b"\n" for one in lines]


DIALECTS = [OpenAi, LiteLlm, Responses, Anthropic, Ollama]


def limit(body):
    return (body.get("max_tokens") or body.get("max_output_tokens") or body.get("options", {}).get("num_predict"))


class Chat:
    """Answers a dialect's requests; keeps what each said in `heard`. Each response is `words(messages, tokens)`,
    a list of pieces; `cached(prompt tokens, messages)` is what a cache knew."""

    def __init__(self, dialect, template=7, message=4, word=1, words=None, cached=None):
        self.dialect, self.template, self.message, self.word = dialect, template, message, word
        self.words = words or (lambda messages, tokens: [f" a{i}" for i in range(tokens)])
        self.cached = cached or (lambda tokens, messages: 0)
        self.heard = []

    def tokens(self, messages):
        return self.template + sum(self.message + self.word * len(text.split()) for _, text in messages)

    def __call__(self, request, connection):
        if not request["line"].split()[1].endswith(self.dialect.path):
            return b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"
        messages = self.dialect.messages(request["body"])
        self.heard.append(messages)
        pieces = self.words(messages, limit(request["body"]))
        tokens = self.tokens(messages)
        return stream(*self.dialect.respond(pieces, tokens, self.cached(tokens, messages)))



def prepare(project, dialect, address, rows, header, more=""):
    base, key = dialect.variables
    project.setup(rows, CONFIG.replace("sncloud", dialect.api) + more, header)
    project.write(".env", f"{base}={address.removesuffix('/v1') + dialect.base}\n"
                  + (f"{key}=demo-key\n" if key else ""))
