"""Releases made from one real run."""

import json
import random

import pytest
from support.bench import CONFIG, another_run
from support.releases import BUNDLE, POLICY, names_of


@pytest.fixture
def run(simulate, project):
    """A real run of two rows, whose files releases are made from."""
    project.setup(["a,200,4,60,4,,,", "b,200,4,60,4,,,"], CONFIG)
    project.write("policy.yaml", POLICY)
    return project.run(address=simulate(project.write("bundle.yaml", BUNDLE)).address)


@pytest.fixture
def release(run, project):
    """release(name, factor, …) makes a run directory whose TTFTs vary by 8 % around `factor` × 0.2 s."""
    def make(name, factor=1.0, seed=1, requests=60, change=None, summaries=None):
        folder = project.folder / name
        another_run(run.folder, folder)
        chance = random.Random(seed)
        for i, step in enumerate(names_of(folder)):
            path = folder / f"{step}_individual_responses.json"
            responses = json.loads(path.read_text())[:requests]
            for response in responses:
                response["client_ttft_s"] = factor * 0.2 * chance.lognormvariate(0, 0.08)
                if change:
                    change(i, response)
            path.write_text(json.dumps(responses))
            if summaries:
                path = folder / f"{step}_summary.json"
                path.write_text(json.dumps(json.loads(path.read_text()) | summaries(i)))
        return folder
    return make
