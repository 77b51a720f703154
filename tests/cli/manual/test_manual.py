"""The manual tells all that the program takes, and the shells complete it; both follow the tables."""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

from support import bench

PROGRAM = shutil.which(bench.PROGRAM) or bench.PROGRAM
REPOSITORY = pathlib.Path(__file__).resolve().parents[3]

# The kit's keys and ours (formats.md, sections 1 and 10): what is built of them.
KEYS = ["model_configs_path", "llm_api", "output_files_dir", "consolidated_results_dir", "timeout",
        "request_timeout", "time_delay", "use_multiple_prompts", "concurrency_enabled", "max_workers", "threads",
        "pacing", "bundle", "tokenizer", "run_name", "seed", "ignore_eos", "sampling_params",
        "output_tokens_as", "ask_usage", "save_llm_responses", "stop_grace", "settle", "wait_ready", "order", "passes",
        "stop_when.half_width", "stop_when.at_most_passes", "stop_when.of",
        "self_pairs", "probe.steady", "probe.output_tokens", "call_mix", "call_rate", "calls_in_a_row", "study",
        "trace_models", "slo", "search.goodput_share", "search.range", "search.resolution", "search.budget_s",
        "search.confirm", "labels",
        "retry.attempts", "retry.on", "retry.max_wait", "max_consecutive_errors",
        "connection.preconnect", "connection.http", "connection.reuse",
        "connection.connect_timeout", "connection.idle_timeout", "connection.tail_grace",
        "connection.ca_file", "connection.insecure", "connection.proxy", "connection.headers",
        "connection.key_header", "connection.spread",
        "prompt.source", "prompt.file", "prompt.dataset", "prompt.count", "prompt.repeat",
        "prompt.count_free", "prompt.tolerance",
        "health.read_lateness", "health.schedule_delay", "health.coalesced",
        "health.journal_wait", "health.loop_cpu", "residency_source", "before_step",
        "mlflow.uri", "mlflow.experiment", "mlflow.run_name", "telemetry"]

# Members of a list have no name of their own on a command line.
MEMBERS = ["telemetry[].url", "telemetry[].every_s", "telemetry[].match"]

# The pages that the program holds: a topic each.
PAGES = sorted((REPOSITORY / "docs").glob("*.md"))

VARIABLES = ["SAMBANOVA_API_BASE", "SAMBANOVA_URL", "SAMBANOVA_API_KEY", "SAMBASTUDIO_URL",
             "SAMBASTUDIO_API_KEY", "OPENAI_API_BASE", "OPENAI_BASE_URL", "OPENAI_API_KEY",
             "SAMBASTUDIO_BASE_URL", "SAMBASTUDIO_BASE_URI", "SAMBASTUDIO_PROJECT_ID",
             "SAMBASTUDIO_ENDPOINT_ID", "COEBENCH_SIMULATOR_KEY"]


def call(*arguments):
    return subprocess.run([PROGRAM, *arguments], text=True, capture_output=True, timeout=20)


def printed(*arguments):
    done = call(*arguments)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


def commands():
    """Each command with its options, as --help tells them."""
    listed = printed("--help").split("\nCommands:\n")[1].split("\n\n")[0]
    names = re.findall(r"^  (\S+)", listed, re.M)
    return {name: re.findall(r"^  (?:-., )?--(\S+)", printed(name, "--help"), re.M) for name in names}


def letters(name):
    """The short names of a command's options: option to letter."""
    return {option: letter for letter, option in re.findall(r"^  -(.), --(\S+)", printed(name, "--help"), re.M)}


def formatted(*options):
    """What mandoc makes of the page, as plain text."""
    done = subprocess.run(["mandoc", *options], input=printed("manual"), text=True,
                          capture_output=True, timeout=20)
    return done.returncode, re.sub(".\b", "", done.stdout) + done.stderr


@pytest.fixture(scope="module")
def page():
    """The page, one line of text a paragraph or head, by section and all in one."""
    code, text = formatted("-Tutf8", "-Owidth=500")
    assert code == 0
    parts = re.split(r"^([A-Z][A-Z ]+)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def entry(section, head):
    """What stands behind a head that begins with `head`, and the head's rest. A short head has it on
    its own line."""
    found = re.search(rf"^ +{re.escape(head)}(?![\w.-])(.*)\n +(.*)$", section, re.M)
    found = found or re.search(rf"^ +{re.escape(head)}( )(.+)$", section, re.M)
    assert found, head
    return found[1].strip(), found[2].strip()


def test_no_formatter_finds_an_error(page):
    for level in ("error", "warning"):
        code, said = formatted("-Tlint", "-W", level)
        said = [line for line in said.splitlines() if "missing date" not in line]
        assert not said and (code == 0 or level == "warning")
    assert list(page) == ["NAME", "SYNOPSIS", "EXAMPLES", "DESCRIPTION", "COMMANDS", "CONFIGURATION",
                          "BUNDLE FILE", "POLICY", "ENVIRONMENT", "FILES", "EXIT STATUS", "SEE ALSO"]
    assert "\\" not in "".join(page.values()).replace("\\\n", "")  # but where a shell's line goes on


def test_every_command_with_its_help_and_options_stands_there(page):
    for name, options in commands().items():
        shown = printed(name, "--help")
        assert f"coebench {name}" in page["SYNOPSIS"]
        part = page["COMMANDS"].split(f"\n   coebench {name}")[1].split("\n   coebench ")[0]
        words = shown.split("\n\n", 1)[1].split("\n\nOptions:")[0].split("\n\nExit codes:")[0]
        for paragraph in words.strip().split("\n\n"):
            assert " ".join(paragraph.split()) in " ".join(part.split())
        assert options or "\n\nOptions:" not in shown
        for option in options:
            told = re.search(rf"^  (?:-., )?--{option} (.*)", shown, re.M)[1].split()
            letter = f"-{letters(name)[option]}, " if option in letters(name) else ""
            head, help_text = entry(part, f"{letter}--{option}")
            assert f"{head} {help_text}".split() == told


def test_every_setting_stands_there_with_its_nature(page):
    section = page["CONFIGURATION"]
    heads = re.findall(r"^ +(\S+) \((?!group).*; (?:default .*|required|optional)\)$", section, re.M)
    assert heads == KEYS + MEMBERS
    for key, nature, part in (
            ("timeout", "(number, 0.001 to 31536000 s; default 600 s)", "stops after"),
            ("llm_api", "(one of sncloud, sambastudio, openai, openai-completions, openai-responses, anthropic, ollama, tgi or "
             "litellm; required)", "kind of endpoint"),
            ("seed", "(whole number, 0 to 9007199254740992; optional)", "drawn fresh"),
            ("connection.preconnect", "(true or false; default true)", "connections"),
            ("connection", "(group; optional)", "connections")):
        head, words = entry(section, key)
        assert head == nature and part in words
    head, words = entry(page["BUNDLE FILE"], "experts[].tiers[].tokens")
    assert head == "(whole number, 1 to 1000000000 tokens; required)" and "sequence" in words


def test_the_program_knows_every_setting_that_the_page_names(project):
    project.setup([], bench.CONFIG)
    for key in KEYS:
        wrong = "{a: 1}" if key == "telemetry" else "[[]]"  # it is a list
        done = project.call("plan", "config.yaml", "--offline", "--set", f"{key}={wrong}")
        assert done.returncode == 2 and key.split(".")[-1] in done.stderr
        assert "unknown" not in done.stderr


def test_variables_and_exit_codes_stand_there(page):
    for variable in VARIABLES:
        assert re.search(rf"\b{variable}\b", page["ENVIRONMENT"])
    assert "https://api.sambanova.ai/v1" in page["ENVIRONMENT"]
    assert re.findall(r"^ +(\d+) ", page["EXIT STATUS"], re.M) == ["0", "1", "2", "3", "4", "130",
                                                                  "143"]


def test_a_wrong_shell_is_refused():
    done = call("manual", "--completion", "fish")
    assert done.returncode == 2 and "bash or zsh, not 'fish'" in done.stderr and not done.stdout


def test_tables_of_settings_have_a_line_for_every_key():
    keys = re.findall(r"^\| `([^`]+)` \| (?!group)", printed("manual", "--table", "settings"), re.M)
    assert keys == KEYS + MEMBERS
    assert "| `timeout` | number, 0.001 to 31536000 s | 600 s | " in printed("manual", "--table", "settings")
    assert "| `experts[].tiers[].tokens` | " in printed("manual", "--table", "bundle")
    assert "| `checks[].rows` | " in printed("manual", "--table", "policy")
    assert "| `vllm:num_requests_running` | vLLM | `server_running` |" in printed("manual", "--table", "servers")
    assert "| `ollama` | `GET /api/ps` | – | `POST /api/generate` |" in printed("manual", "--table", "states")
    done = call("manual", "--table", "rows")
    assert done.returncode == 2 and "settings, bundle, policy, servers, states or routes, not 'rows'" in done.stderr and not done.stdout
    done = call("manual", "--table", "policy", "--completion", "zsh")
    assert done.returncode == 2 and "keep one" in done.stderr and not done.stdout


# --- help: commands, and the pages of docs/ --------------------------------------------------------

def test_help_lists_every_topic_with_its_summary():
    listed = printed("help").split("\nTopics:\n")[1].split("\n\n")[0]
    assert len(PAGES) >= 10
    assert [line.split(None, 1) for line in listed.splitlines()] == [
        [page.stem, page.read_text().split("\n", 1)[0].split(": ", 1)[1]] for page in PAGES]


def test_help_prints_each_page_as_it_stands_in_docs():
    known = commands()
    for page in PAGES:
        shown = printed("help", page.stem)
        assert shown.endswith(page.read_text())
        assert (shown == page.read_text()) == (page.stem not in known)
    assert printed("help", "switching").startswith(printed("switching", "--help"))
    assert printed("help", "plan") == printed("plan", "--help")


@pytest.mark.parametrize("name, sentence", [
    ("metrix", "did you mean 'metrics'?"), ("comparr", "did you mean 'compare'?"), ("zzz", "'coebench help' lists")])
def test_help_of_nothing_known_names_the_nearest(name, sentence):
    done = call("help", name)
    assert done.returncode == 2 and not done.stdout
    assert f"no command or topic '{name}'" in done.stderr and sentence in done.stderr


# --- bash: the function itself, then keys typed at a terminal -------------------------------------

ASK = r"""
compopt() { printf 'compopt %s\n' "$*"; }
eval "$("$PROGRAM" manual --completion bash)"
COMP_LINE=$1 COMP_POINT=${#1}
_coebench
((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"
"""


def offered(line, breaks=" \t\n\"'><=;|&(:"):
    done = subprocess.run(["bash", "--norc", "-c", f"COMP_WORDBREAKS=$2\n{ASK}", "bash", line,
                           breaks], env={**os.environ, "PROGRAM": PROGRAM}, text=True,
                          capture_output=True, timeout=20)
    assert done.stderr == "" and done.returncode in (0, 1)
    return done.stdout.splitlines()


def test_bash_completes_commands_and_options():
    known = commands()
    assert offered("coebench ") == [*known, "help", "--help", "--version"]
    assert offered("coebench sim") == ["simulate"]
    assert offered("coebench help pl") == ["plan"]
    assert offered("coebench help ") == [*known, *(page.stem for page in PAGES if page.stem not in known)]
    for name, options in known.items():
        short = letters(name)
        both = [word for o in options for word in (f"--{o}", *([f"-{short[o]}"] if o in short else []))]
        assert offered(f"coebench {name} -") == [*both, "--help"]
    assert offered("coebench run --set timeout=5 --no") == ["--no-progress"]
    assert offered("coebench plan --no-progr") == []
    assert offered("coebench manual ") == ["--completion", "--table", "--help"]
    assert offered("coebench manual --completion ") == ["bash", "zsh"]


def test_bash_completes_settings_and_their_values():
    keys = [f"{key}=" for key in KEYS]
    assert offered("coebench run --set ") == ["compopt -o nospace", *keys]
    assert offered("coebench plan x.yaml --set connection.c") == [
        "compopt -o nospace", "connection.connect_timeout=", "connection.ca_file="]
    assert offered("coebench run --set=tim") == ["compopt -o nospace", "timeout=", "time_delay="]
    assert offered("coebench run --set llm_api=s") == ["sncloud", "sambastudio"]
    assert offered("coebench run --set=ignore_eos=") == ["true", "false"]
    assert offered("coebench run --set timeout=") == []
    # Who took = out of the letters that part words gets the whole word back.
    assert offered("coebench run --set=llm_api=sn", " \t\n") == ["--set=llm_api=sncloud"]


def test_bash_leaves_files_to_readline():
    for line in ("run ", "plan conf", "simulate ", "run --rows ", "run --rows=x", "run -- -",
                 "simulate b.yaml --port-file x"):
        assert offered(f"coebench {line}") == ["compopt -o default"], line
    assert offered("coebench simulate --port ") == []
    assert offered("coebench report -o ") == ["compopt -o dirnames"]
    assert offered("coebench rows -o ") == ["compopt -o default"]
    assert offered("coebench try ") == offered("coebench try a -n ") == []


def test_options_have_short_names():
    assert letters("try") == {"url": "u", "requests": "n", "concurrency": "c", "input-tokens": "i",
                              "output-tokens": "o", "json": "j"}
    assert letters("run") == {"url": "u", "quiet": "q", "verbose": "v"}
    assert letters("rows") == {"output": "o", "url": "u"}
    for name in ("report", "compare", "export"):
        assert letters(name) == {"output": "o"}


@pytest.mark.parametrize("words, part", [
    (["run", "-qz"], "unknown option '-qz'"),
    (["run", "-qn5"], "unknown option '-qn5'"),
    (["rows", "-o"], "--output needs a value: --output FILE"),
    (["rows", "-oa", "-ob"], "--output appears twice"),
    (["try", "m", "-n", "many"], "--requests takes a whole number from 1 to 100000, not 'many'"),
    (["try", "m", "-nmany"], "--requests takes a whole number from 1 to 100000, not 'many'"),
    (["try", "m", "-jc0"], "--concurrency takes a whole number from 1 to 100000, not '0'"),
])
def test_a_wrong_short_option_is_refused(words, part):
    done = call(*words)
    assert done.returncode == 2 and part in done.stderr, done.stderr


class Terminal:
    """A shell on a terminal of its own, in a folder."""

    def __init__(self, words, folder, setup):
        self.pid, self.tty = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ.update(PROGRAM=PROGRAM, TERM="dumb", PS1="", HOME=str(folder))
            os.execvp(words[0], words)
        self.say(f"coebench() {{ printf '<%s>' \"$@\"; echo; }}\n{setup}\necho rea''dy\n")
        self.until("ready\r\n")

    def say(self, text):
        os.write(self.tty, text.encode())

    def until(self, wanted, patience_s=20):
        seen, deadline = "", time.monotonic() + patience_s
        while wanted not in seen:
            left = deadline - time.monotonic()
            assert left > 0 and select.select([self.tty], [], [], left)[0], seen
            seen += os.read(self.tty, 65536).decode(errors="replace")
        return seen

    def complete(self, line, wanted):
        """Types the line, Tab and Enter: what the program would have been called with."""
        self.say(f"{line}\t")
        self.say("\n")
        self.until("".join(f"<{word}>" for word in wanted))

    def close(self):
        os.close(self.tty)  # hangs up
        os.waitpid(self.pid, 0)


CASES = [
    ("coebench sim", ["simulate"]),
    ("coebench run --verb", ["run", "--verbose"]),
    ("coebench try --conc", ["try", "--concurrency"]),
    ("coebench rows -o ro", ["rows", "-o", "rows.csv"]),
    ("coebench run --set connection.idl", ["run", "--set", "connection.idle_timeout="]),
    ("coebench run --set llm_api=samb", ["run", "--set", "llm_api=sambastudio"]),
    ("coebench plan my\\ con", ["plan", "my config.yaml"]),
    ("coebench run --rows ro", ["run", "--rows", "rows.csv"]),
    ("coebench run --rows=ro", ["run", "--rows=rows.csv"]),
    ("coebench manual --completion z", ["manual", "--completion", "zsh"]),
    ("coebench help getting", ["help", "getting-started"]),
]

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"],
             'eval "$("$PROGRAM" manual --completion bash)"'),
    "zsh": (["zsh", "-f", "-i"],
            'autoload -U compinit; compinit -D -u; eval "$("$PROGRAM" manual --completion zsh)"'),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_at_a_terminal_completes(shell, tmp_path):
    for name in ("my config.yaml", "rows.csv"):
        (tmp_path / name).write_text("")
    words, setup = SHELLS[shell]
    terminal = Terminal(words, tmp_path, setup)
    try:
        for line, wanted in CASES:
            terminal.complete(line, wanted)
    finally:
        terminal.close()


# --- make install --------------------------------------------------------------------------------

def make(folder, target):
    """Runs a target into folder/place, with the program as it was built; what then stands there."""
    build, place = folder / "build", folder / "place"
    if not build.exists():
        build.mkdir()
        shutil.copy(PROGRAM, build / "coebench")
    done = subprocess.run(["make", "-C", REPOSITORY, "-o", f"{build}/coebench", f"BUILD={build}",
                           f"DESTDIR={place}", "PREFIX=/opt/here", target], text=True,
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return {str(p.relative_to(place / "opt/here")): p for p in place.rglob("*") if p.is_file()}


def test_install_puts_program_page_and_completions_in_place_and_uninstall_removes_them(tmp_path):
    placed = make(tmp_path, "install")
    assert sorted(placed) == ["bin/coebench", "share/bash-completion/completions/coebench",
                              "share/man/man1/coebench.1",
                              "share/zsh/site-functions/_coebench"]
    program, bash, man, zsh = (placed[name] for name in sorted(placed))
    assert os.access(program, os.X_OK) and not os.access(man, os.X_OK)
    assert man.read_text() == printed("manual")
    assert bash.read_text() == printed("manual", "--completion", "bash")
    assert zsh.read_text() == printed("manual", "--completion", "zsh")
    assert make(tmp_path, "uninstall") == {}
