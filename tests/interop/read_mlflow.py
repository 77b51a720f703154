"""Reads runs back by MLflow's own client: prints, for each run of an experiment, its parameters, tags, metrics step by step
and the digest of each artifact. Run by the Python of the server's environment, with what MLflow's client takes from the
environment. Usage: read_mlflow.py FOLDER EXPERIMENT [brief], which leaves the metrics out: each is a request of its own."""

import hashlib
import json
import pathlib
import sys

from mlflow import MlflowClient


def digests(client, run, folder):
    """By the artifact proxy, as the client downloads them."""
    place = folder / run.info.run_id
    place.mkdir(parents=True)
    client.download_artifacts(run.info.run_id, "", str(place))
    return {path.relative_to(place).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in place.rglob("*") if path.is_file()}


def read(client, run, folder, brief):
    history = None if brief else [{"step": one.step, "key": one.key, "value": one.value, "timestamp": one.timestamp}
               for key in run.data.metrics for one in client.get_metric_history(run.info.run_id, key)]
    return {"id": run.info.run_id, "name": run.info.run_name, "status": run.info.status, "start": run.info.start_time,
            "end": run.info.end_time, "params": run.data.params, "tags": run.data.tags, "metrics": history,
            "files": digests(client, run, folder)}


def main():
    folder, experiment = pathlib.Path(sys.argv[1]), sys.argv[2]
    client = MlflowClient()
    brief = sys.argv[3:] == ["brief"]
    found = client.get_experiment_by_name(experiment)
    runs = client.search_runs([found.experiment_id]) if found else []
    print(json.dumps([read(client, run, folder, brief) for run in runs]))


main()
