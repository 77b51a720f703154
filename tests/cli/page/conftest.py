"""Pages that real runs left."""

import json

import pytest
from support.bench import CONFIG

HOSTILE = ["<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "a"]

BUNDLE = """\
node: {hbm_gb: 50, ddr_to_hbm_gb_per_s: 400, switch_overhead_s: 0.02, reports_batch_size: true}
faults: [{kind: error-500, request: 8}]
experts:
"""


@pytest.fixture
def run(simulate, project):
    """Circuits of three models, two of which would like to be HTML."""
    names = [json.dumps(name) for name in HOSTILE]
    experts = "".join(f"  - {{name: {name}, weight_gb: 20, prefill_tokens_per_s: 20000, decode_tokens_per_s: 1000,\n"
                      "     tiers: [{tokens: 4096, batch_sizes: [1, 4]}]}\n" for name in names)
    project.setup([f"{name},200,4,4,2,,," for name in HOSTILE],
                  CONFIG + "order: all-pairs\npasses: 2\nprobe: {steady: 3}\nlabels: {release: '<b>1.20</b>', note: '<!--<script x'}\n")
    return project.run(address=simulate(project.write("bundle.yaml", BUNDLE + experts)).address)


@pytest.fixture
def page(run):
    return run.workbook.with_suffix(".html")
