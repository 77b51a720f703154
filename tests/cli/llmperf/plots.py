"""The four plots of LLMPerf's notebook, in pandas, over its individual responses, and what they show as JSON.

Usage: plots.py RESPONSES SUMMARY PNG
"""

import json
import sys

import matplotlib

matplotlib.use("Agg")  # no screen

import pandas  # noqa: E402


def histogram(column, title):
    axes = column.apply(pandas.Series).stack().reset_index(drop=True).plot.hist(title=title)
    return axes, sum(bar.get_height() for bar in axes.patches)


def scatter(table, x, y, title):
    axes = table.plot.scatter(x=x, y=y, title=title)
    points = axes.collections[0].get_offsets()
    return axes, [[float(a), float(b)] for a, b in points]


def main(responses, summary, png):
    table = pandas.read_json(responses)
    valid = table[table["error_code"] != ""]
    shown = {}
    drawings = [
        ("end_to_end", lambda: histogram(valid["end_to_end_latency_s"], "End-to-end latency")),
        ("inter_token", lambda: histogram(valid["inter_token_latency_s"], "Inter-token latency")),
        ("ttft", lambda: scatter(valid, "number_input_tokens", "ttft_s", "Input tokens and TTFT")),
        ("throughput", lambda: scatter(valid, "inter_token_latency_s", "request_output_throughput_token_per_s",
                                       "Inter-token latency and output throughput")),
    ]
    for name, draw in drawings:
        axes, shown[name] = draw()
        axes.figure.savefig(f"{png}-{name}.png")
        matplotlib.pyplot.close("all")
    shown["mean_input"] = float(valid["number_input_tokens"].mean())
    results = {key: value for key, value in pandas.read_json(summary, typ="series").items()
               if key.startswith("results_")}
    shown["results"] = {key: None if pandas.isna(value) else value for key, value in results.items()}
    print(json.dumps(shown))


if __name__ == "__main__":
    main(*sys.argv[1:])
