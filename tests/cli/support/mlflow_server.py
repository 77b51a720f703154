"""A stand-in for MLflow's tracking server, as far as a run is sent to it: REST API 2.0 with the limits and the
refusals of mlflow/utils/validation.py and of its stores, and the artifact proxy. `make interop-mlflow` holds the
same tests' questions against the real one."""

import base64
import http.server
import json
import re
import urllib.parse

from support.stand_in import StandIn

KEY = re.compile(r"[\w\-. /:]{1,250}", re.ASCII)


class Refusal(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.answer = status, {"error_code": code, "message": message}


def invalid(message):
    return Refusal(400, "INVALID_PARAMETER_VALUE", message)


class Store:
    def __init__(self, artifacts="mlflow-artifacts:/"):
        self.experiments, self.runs, self.files, self.where = {"Default": "0"}, {}, {}, artifacts

    def get_by_name(self, query):
        name = query["experiment_name"][0]
        if name not in self.experiments:
            raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", f"Could not find experiment with name '{name}'")
        return {"experiment": {"experiment_id": self.experiments[name], "name": name}}

    def create_experiment(self, body):
        if body["name"] in self.experiments:
            raise Refusal(400, "RESOURCE_ALREADY_EXISTS", "exists")
        self.experiments[body["name"]] = str(len(self.experiments))
        return {"experiment_id": self.experiments[body["name"]]}

    def create_run(self, body):
        run_id = f"{len(self.runs):032x}"
        assert body["experiment_id"] in self.experiments.values()
        self.runs[run_id] = {
            "info": {"run_id": run_id, "experiment_id": body["experiment_id"], "run_name": body["run_name"],
                     "start_time": body["start_time"], "status": "RUNNING",
                     "artifact_uri": f"{self.where}{body['experiment_id']}/{run_id}/artifacts"},
            "tags": {tag["key"]: tag["value"] for tag in body["tags"]}, "params": {}, "metrics": []}
        return {"run": {"info": self.runs[run_id]["info"]}}

    def search(self, body):
        name, value = re.fullmatch(r"tags\.\"([^\"]*)\" = '([^']*)'", body["filter"]).groups()
        found = [run for run in self.runs.values() if run["info"]["experiment_id"] in body["experiment_ids"]
                 and run["tags"].get(name) == value]
        return {"runs": [{"info": run["info"]} for run in found[:body["max_results"]]]} if found else {}

    def log_batch(self, body):
        run = self.runs[body["run_id"]]
        kinds = {"metrics": 1000, "params": 100, "tags": 100}
        for kind, most in kinds.items():
            if len(body.get(kind, [])) > most:
                raise invalid(f"A batch logging request can contain at most {most} {kind}.")
            for one in body.get(kind, []):
                if not KEY.fullmatch(one["key"]):
                    raise invalid(f"Invalid name: {one['key']!r}")
        for one in body.get("params", []):
            if len(one["value"]) > 500:
                raise invalid("Param value had length over 500")
            if run["params"].setdefault(one["key"], one["value"]) != one["value"]:
                raise invalid("Changing param values is not allowed")
        for one in body.get("metrics", []):
            assert type(one["value"]) in (int, float) and type(one["timestamp"]) is type(one["step"]) is int
            if one not in run["metrics"]:
                run["metrics"].append(one)
        run["tags"].update((one["key"], one["value"]) for one in body.get("tags", []))
        return {}

    def update(self, body):
        self.runs[body["run_id"]]["info"].update(status=body["status"], end_time=body["end_time"])
        return {"run_info": self.runs[body["run_id"]]["info"]}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def take(self):
        server = self.server
        length = self.headers.get("Content-Length")
        body = self.rfile.read(int(length)) if length else b""
        path, _, query = self.path.partition("?")
        server.asked.append((self.command, path))
        if server.authorization and self.headers.get("Authorization") != server.authorization:
            return self.answer(401, {"message": f"not for {self.headers.get('Authorization')}"})
        if server.failures:
            return self.answer(server.failures.pop(0), {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "busy"})
        try:
            self.answer(200, self.carry_out(path, urllib.parse.parse_qs(query), body))
        except Refusal as refusal:
            self.answer(refusal.status, refusal.answer)

    do_GET = do_POST = do_PUT = take

    def carry_out(self, path, query, body):
        store = self.server.store
        if self.command == "PUT":
            name = urllib.parse.unquote(path.removeprefix("/api/2.0/mlflow-artifacts/artifacts/"))
            store.files[name] = body
            return {}
        call = path.removeprefix("/api/2.0/mlflow/")
        if self.command == "GET":
            return {"experiments/get-by-name": store.get_by_name}[call](query)
        return {"experiments/create": store.create_experiment, "runs/create": store.create_run,
                "runs/search": store.search, "runs/log-batch": store.log_batch,
                "runs/update": store.update}[call](json.loads(body))


class Server(StandIn):
    """`failures` are statuses that the next questions get instead."""

    def __init__(self, authorization=None, artifacts="mlflow-artifacts:/", failures=()):
        self.store, self.asked = Store(artifacts), []
        super().__init__(Handler, store=self.store, authorization=authorization, failures=list(failures), asked=self.asked)


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
