"""Where address and key are looked for: the environment, then `.env` of the working directory, of the
config's folder, and upward from that to the nearest folder that holds .git."""

import os

import pytest
from support.bench import CONFIG, HEADER

ROW = "m,10,2,4,1,,,"
ADDRESS = "SAMBANOVA_API_BASE=http://127.0.0.1:1/{}\n"
KEY = "SAMBANOVA_API_KEY={}\n"


def write_env(path, text):
    path.mkdir(parents=True, exist_ok=True)
    (path / ".env").write_text(text)
    (path / ".env").chmod(0o600)


@pytest.fixture
def tree(project, tmp_path):
    """above/repo/.git, above/repo/mid/conf/config.yaml; the working directory is elsewhere."""
    above = tmp_path / "above"
    conf = above / "repo" / "mid" / "conf"
    conf.mkdir(parents=True)
    (conf / "config.yaml").write_text(CONFIG)
    (conf / "rows.csv").write_text(f"{HEADER}\n{ROW}\n")
    return above


def plan(project, tree, key=None, address=None):
    return project.call("plan", str(tree / "repo/mid/conf/config.yaml"), "--offline", key=key, address=address)


def endpoint_of(done):
    assert done.returncode == 0, done.stderr
    return next(line for line in (done.stdout + done.stderr).splitlines() if "http://127.0.0.1:1/" in line)


def test_the_nearest_file_wins_up_to_the_folder_that_holds_git(project, tree):
    (tree / "repo" / ".git").mkdir()
    places = [tree, tree / "repo", tree / "repo/mid", tree / "repo/mid/conf", project.folder]
    write_env(places[0], ADDRESS.format("beyond") + KEY.format("k0"))
    done = plan(project, tree)
    assert done.returncode == 2 and "the API key is missing" in done.stderr, "beyond .git nothing is read"
    for name, place in zip(("root", "mid", "conf", "here"), places[1:]):
        write_env(place, ADDRESS.format(name) + KEY.format("k"))
        line = endpoint_of(plan(project, tree))
        assert f"/{name}" in line and ".env" in line, name
    assert "/env" in endpoint_of(plan(project, tree, key="k", address="http://127.0.0.1:1/env"))


def test_a_worktree_has_a_file_of_that_name(project, tree):
    (tree / "repo" / ".git").write_text("gitdir: elsewhere\n")
    write_env(tree / "repo", ADDRESS.format("root") + KEY.format("k"))
    assert "/root" in endpoint_of(plan(project, tree))


def test_without_git_nothing_above_the_configs_folder_is_read(project, tree):
    write_env(tree / "repo/mid", ADDRESS.format("mid") + KEY.format("k"))
    done = plan(project, tree)
    assert done.returncode == 2 and "the API key is missing" in done.stderr
    write_env(tree / "repo/mid/conf", ADDRESS.format("conf") + KEY.format("k"))
    assert "/conf" in endpoint_of(plan(project, tree))


@pytest.mark.parametrize("where", ["repo", "repo/mid/conf"])
@pytest.mark.parametrize("key_in", ["environment", "working directory", "another file"])
def test_an_address_counts_only_together_with_its_key(project, tree, where, key_in):
    (tree / "repo" / ".git").mkdir()
    write_env(tree / where, ADDRESS.format("theirs"))
    if key_in == "working directory":
        write_env(project.folder, KEY.format("mine"))
    if key_in == "another file":
        write_env(tree / "repo/mid", KEY.format("other"))
    done = plan(project, tree, key="mine" if key_in == "environment" else None)
    assert done.returncode == 2
    assert f"{where}/.env: gives the address (SAMBANOVA_API_BASE" in done.stderr and "without the key" in done.stderr


def test_a_key_of_the_environment_does_not_go_to_a_files_address(project, tree):
    write_env(tree / "repo/mid/conf", ADDRESS.format("theirs") + KEY.format("theirs"))
    done = plan(project, tree, key="mine")
    assert done.returncode == 2 and "without the key (SAMBANOVA_API_KEY (environment))" in done.stderr


def test_the_working_directory_may_give_an_address_alone(project, tree):
    write_env(project.folder, ADDRESS.format("here"))
    assert "/here" in endpoint_of(plan(project, tree, key="mine"))
    write_env(tree / "repo/mid/conf", KEY.format("k"))
    assert "/here" in endpoint_of(plan(project, tree)), "a key may come from anywhere"


def test_a_file_of_somebody_else_is_refused(project, tree):
    write_env(project.folder, ADDRESS.format("here") + KEY.format("k"))
    path = project.folder / ".env"
    if os.geteuid() == 0:
        os.chown(path, 12345, -1)
        done = plan(project, tree, key="mine", address="http://127.0.0.1:1/env")
        assert done.returncode == 2
        assert ".env: belongs to neither you nor root, so it is not read" in done.stderr
        os.chown(path, 0, -1)
    assert "/here" in endpoint_of(plan(project, tree))
