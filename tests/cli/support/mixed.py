"""Visits of mixes: what a run left of them beside what the node logged."""

import json


class Visit:
    """One visit of a mix: its file, its members' steps, and what the node logged of their requests."""

    def __init__(self, run, path, truth):
        self.mix = json.loads(path.read_text())
        self.steps = [run.names.index(one["name"]) for one in self.mix["members"]]
        self.members = [run.responses[step] for step in self.steps]
        self.all = sorted((r for responses in self.members for r in responses), key=lambda r: r["arrival_index"])
        ids = {r["response_id"] for r in self.all}
        self.served = sorted((one for one in truth if one["id"] in ids), key=lambda one: one["batch_started_ns"])


def measure(simulate, project, rows, config, arguments, node, header):
    """Runs the rows on a node of its own: the run, its visits of mixes, and all that the node logged."""
    simulator = simulate(project.write("bundle.yaml", node))
    project.setup(rows, config, header=header)
    run = project.run(*arguments, address=simulator.address)
    simulator.close()
    truth = [json.loads(line) for line in simulator.truth.open()]
    visits = [Visit(run, path, truth) for path in run.folder.glob("mix_*.json")]
    return run, sorted(visits, key=lambda visit: visit.steps), truth
