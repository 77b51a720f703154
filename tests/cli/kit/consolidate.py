"""The steps by which the starter kit's documentation makes tables of a folder of results, in pandas.
Usage: consolidate.py summaries|requests FOLDER; prints the table as JSON."""

import json
import os
import re
import sys

import pandas

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def read(folder, kind):
    """Every file whose name holds `kind`; the parts of keys that tables do without are taken out."""
    rows = []
    for name in os.listdir(folder):
        if kind not in name:
            continue
        with open(os.path.join(folder, name)) as file:
            content = json.load(file)
        rows += [{"filename": name, **one} for one in content] if isinstance(content, list) else [content]
    table = pandas.DataFrame(rows)
    return table.rename(columns=lambda key: key.replace("results_", "").replace("_quantiles", "")
                        .replace("_per_request", ""))


def uuid_of(name):
    return UUID.search(name).group(0)


def with_batches(requests):
    """Requests of one file that ended one behind the other with one server TTFT were a batch, of the next power of two."""
    requests = requests.sort_values("end_time").reset_index(drop=True)
    group = (requests["server_ttft_s"] != requests["server_ttft_s"].shift()).cumsum()
    counts = requests.groupby(group)["server_ttft_s"].transform("size")
    return requests.assign(batch=[1 << (int(count) - 1).bit_length() for count in counts])


def switching(requests):
    """Of each run: how far server TTFTs at its largest batch lie apart."""
    spans = {}
    for uuid, run in requests.groupby("uuid"):
        largest = run[run["batch"] == run["batch"].max()]["server_ttft_s"]
        spans[uuid] = largest.max() - largest.min()
    return pandas.DataFrame({"switching_time": pandas.Series(spans)}).rename_axis("uuid")


def all_requests(folder):
    requests = read(folder, "individual_responses")
    parts = [with_batches(part) for _, part in requests.groupby("filename")]
    requests = pandas.concat(parts, ignore_index=True)
    return requests.assign(uuid=requests["filename"].map(uuid_of))


def summaries(folder):
    table = read(folder, "summary")
    table = table.assign(uuid=table["name"].map(uuid_of))
    table = table.merge(switching(all_requests(folder)), on="uuid", how="left")
    pivot = table.pivot_table(index="model", columns="num_concurrent_requests", values="server_ttft_s_p50")
    columns = ["name", "model", "num_input_tokens", "num_output_tokens", "num_concurrent_requests",
               "server_ttft_s_p50", "server_output_token_per_s_p50", "client_ttft_s_mean", "num_requests_started",
               "num_completed_requests", "number_errors", "error_code_frequency", "switching_time"]
    return {"rows": json.loads(table.sort_values("timestamp")[columns].to_json(orient="records")),
            "pivot": json.loads(pivot.to_json(orient="index"))}


def requests(folder):
    table = all_requests(folder)
    table = table.merge(switching(table), left_on="uuid", right_index=True, how="left")
    table = table.assign(model=table["filename"].map(lambda name: name.split("_")[2]))
    columns = ["uuid", "model", "server_number_input_tokens", "start_time", "server_ttft_s", "batch", "switching_time"]
    return json.loads(table[columns].sort_values("start_time").to_json(orient="records"))


print(json.dumps({"summaries": summaries, "requests": requests}[sys.argv[1]](sys.argv[2])))
