"""A key of few characters stands in other words: as a word of its own it is struck out, and where that
cannot be, it is told before anything is sent."""

import json

import pytest
from support.bench import NO_VERDICT
from support.endpoint import plain

SAID = "the server 'tenant' refused demo7 and e, not demo77; who is abc?"


@pytest.mark.parametrize("key, told", [
    ("demo77", "the server 'tenant' refused demo7 and e, not ******; who is abc?"),
    ("demo7", "the server 'tenant' refused ***** and e, not demo77; who is abc?"),
    ("demo", SAID),  # stands in no word of its own
    ("tenant", "the server '******' refused demo7 and e, not demo77; who is abc?"),
    ("tenan", SAID),
    ("abc", SAID),
    ("e", SAID),
])
def test_a_short_key_is_struck_out_as_a_word(endpoint, project, key, told):
    project.setup(["m,40,2,2,1,,,"])
    server = endpoint(lambda request, connection: plain(401, json.dumps({"error": {"message": SAID}}).encode()))
    run = project.run(address=server.address, expect=3, key=key)
    for r in run.responses[0]:
        assert r["error_msg"] == f"HTTP 401: {told}"
        assert told in r["error_body"]


@pytest.mark.parametrize("command", [["run", "config.yaml", *NO_VERDICT], ["plan", "config.yaml", "--offline"]])
@pytest.mark.parametrize("key, warned", [("e", True), ("abc", True), ("abcd", False), ("demo-key", False)])
def test_a_key_that_cannot_be_hidden_is_warned_of(endpoint, project, command, key, warned):
    project.setup(["m,40,2,2,1,,,"])
    server = endpoint(lambda request, connection: plain(401, b"no"))
    done = project.call(*command, address=server.address, key=key)
    warning = ("warning: SAMBANOVA_API_KEY (environment): a key of fewer than 4 characters cannot be hidden where "
               "a server repeats it; use a longer one")
    assert (warning in done.stderr) == warned, done.stderr


SENT = {
    " sk-0123456789": "Authorization: Bearer  ***",
    "sk-0123456789 ": "Authorization: Bearer *** ",
    '"sk-0123456789"': 'Authorization: Bearer "***"',
    "'sk-0123456789'": "Authorization: Bearer '***'",
    "Bearer sk-0123456789": "Authorization: Bearer Bearer ***",
    "bearer sk-0123456789": "Authorization: Bearer bearer ***",
}


@pytest.mark.parametrize("command", [["run", "config.yaml", *NO_VERDICT], ["plan", "config.yaml", "--offline"]])
@pytest.mark.parametrize("key", SENT)
def test_a_key_in_other_dress_is_told_as_it_is_sent(endpoint, project, command, key):
    project.setup(["m,40,2,2,1,,,"])
    server = endpoint(lambda request, connection: plain(401, b"no"))
    done = project.call(*command, address=server.address, key=key)
    assert f"what is sent is '{SENT[key]}'" in done.stderr
    assert "0123456789" not in done.stdout + done.stderr
    for request in server.requests:
        assert request["headers"]["authorization"] == f"Bearer {key}".strip()


def test_a_plain_key_is_not_warned_of(endpoint, project):
    project.setup(["m,40,2,2,1,,,"])
    done = project.call("plan", "config.yaml", "--offline", address="http://127.0.0.1:1/v1", key="Bearer-of-news-1")
    assert "what is sent" not in done.stderr
