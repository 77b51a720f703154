"""How many processes a load needs: by arithmetic over the rows and the bundle file."""

import re

from support.bench import CONFIG

HEADER = "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,qps,mix,max_in_flight"
ROWS = ["fast,100,400,900,,700,,", "slow,100,400,900,32,,,", "fast,100,200,900,,200,day,", "slow,100,300,900,,300,day,",
        "fast,100,900,900,,2000,,2"]
NODE = """\
node: {hbm_gb: 100, ddr_to_hbm_gb_per_s: 1000}
experts:
  - {name: fast, weight_gb: 10, decode_tokens_per_s: 100000, tiers: [{tokens: 4096, batch_sizes: [1]}]}
  - {name: slow, weight_gb: 10, decode_tokens_per_s: 40, tiers: [{tokens: 4096, batch_sizes: [1]}]}
"""


def plan(project, *options):
    """The table, as (line, events/s, ranks, what is said behind), and the sentence under it."""
    done = project.call("plan", "config.yaml", "--offline", "--ranks", *options, address="http://127.0.0.1:9/v1")
    assert done.returncode == 0, done.stderr
    table, sentence = done.stdout.partition("row or mix")[2].split("ranks: ")
    lines = re.findall(r"^ *(\d+)?  \S.*?  +(\d+) +(\d+)(.*)$", table, re.M)
    return [(int(line or 0), float(events), int(ranks), said.strip()) for line, events, ranks, said in lines], sentence


def test_it_says_what_each_load_needs(project):
    project.write("node.yaml", NODE)
    project.setup(ROWS, CONFIG + "bundle : node.yaml\n", header=HEADER)
    table, sentence = plan(project)
    assert table == [(2, 280000, 3, ""), (3, 1280, 1, ""), (4, 130000, 2, ""), (6, 200000, 3, "has places for 2")]
    assert sentence.startswith("3 ranks keep up with all of it.") and "No bundle file" not in sentence
    assert plan(project, "--set", "threads=4")[1].startswith("1 rank is enough")


def test_rows_beside_each_other_need_what_most_of_them_need_together(project):
    project.write("node.yaml", NODE)
    project.setup([*ROWS[:2], ROWS[4]], CONFIG + "bundle : node.yaml\n", header=HEADER)
    table, sentence = plan(project, "--set", "concurrency_enabled=true", "--set", "max_workers=2")
    assert table[-1] == (0, 480000, 6, "") and sentence.startswith("6 ranks")


def test_without_a_bundle_file_it_says_what_it_takes_for_granted(project):
    project.setup(ROWS, header=HEADER)
    table, sentence = plan(project)
    assert [line[1] for line in table] == [280000, 3200, 130000, 200]
    assert "No bundle file tells how fast streams of these models are" in sentence
