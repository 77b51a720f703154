"""Rows in parallel: results apart from each other, in the CSV's order, and no switching estimate."""

import threading
import time

from support.bench import CONFIG
from support.endpoint import content, finish, stream


def test_rows_run_beside_each_other_and_keep_apart(endpoint, project):
    flight = {"now": set(), "most": 0}
    lock = threading.Lock()

    def answer(request, connection):
        model = request["body"]["model"]
        with lock:
            flight["now"].add(model)
            flight["most"] = max(flight["most"], len(flight["now"]))
        time.sleep(0.3 if model == "slow" else 0.1)
        with lock:
            flight["now"].discard(model)
        return stream(content("a"), finish(prompt_tokens=10, completion_tokens=1,
                                           time_to_first_token=9 if request["index"] == 0 else 1))

    models = ["slow", "m1", "m2", "m3", "m4"]
    project.setup([f"{model},10,1,4,1,,," for model in models],
                  CONFIG.replace("concurrency_enabled : False", "concurrency_enabled : True")
                  .replace("max_workers : 4", "max_workers : 3"))
    run = project.run(address=endpoint(answer).address)
    assert flight["most"] == 3
    assert [s["model"] for s in run.summaries] == models
    for responses, summary in zip(run.responses, run.summaries):
        assert [r["request_index"] for r in responses] == [0, 1, 2, 3]
        assert summary["results_num_completed_requests"] == 4
        assert summary["switching_time_documented_s"] is None
        assert summary["switching_verdict"] == "rows in parallel"
    assert all(responses[0]["switching_time"] is None for responses in run.responses)
    assert "rows in parallel" in run.process.stdout
    heading, lines = run.table()
    assert [line[heading.index("model")] for line in lines] == models
    assert len([line for line in run.journal() if "request" in line]) == 20
