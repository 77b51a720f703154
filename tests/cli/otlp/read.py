"""Reads bodies of OTLP with the published messages and prints what they hold: one line in, "metrics" or "traces" and the
body; one JSON list out, of the bodies as the messages have them. A member that no message has, or in another form than
OTLP's JSON, is an error. Ids alone differ from the general form of protobuf: hexadecimal instead of base64."""

import base64
import json
import re
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

MESSAGES = {"metrics": ExportMetricsServiceRequest, "traces": ExportTraceServiceRequest}
IDS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


def each(value, change):
    """The same with `change(name, text)` in place of each member that is an id."""
    if isinstance(value, list):
        return [each(one, change) for one in value]
    if isinstance(value, dict):
        return {name: change(name, one) if name in IDS else each(one, change) for name, one in value.items()}
    return value


def general(name, text):
    if not re.fullmatch(f"[0-9a-f]{{{IDS[name]}}}", text) or not int(text, 16):
        raise ValueError(f"{name}: {text}")
    return base64.b64encode(bytes.fromhex(text)).decode()


def own(_, text):
    return base64.b64decode(text).hex()


def read(kind, body):
    message = MESSAGES[kind]()
    sent = json.loads(body)
    json_format.ParseDict(each(sent, general), message, ignore_unknown_fields=False)
    found = each(json_format.MessageToDict(message, use_integers_for_enums=True), own)
    if found != sent:
        raise ValueError("the body does not have the form in which the messages print themselves")
    return {"kind": kind, "body": found}


print(json.dumps([read(*line.split(" ", 1)) for line in sys.stdin]))
