"""The death list: what ends a Go process must end a cell and nothing else.

After each death the same sockets serve a cell that works, the count goes on, and
the declarations of earlier cells are there.
"""

import re
import signal
import time

import pytest

pytestmark = pytest.mark.fanout

DECLARATIONS = """
import "math/big"

type point struct{ X, Y int }

func (p point) sum() int { return p.X + p.Y }

func double(n int) int { return 2 * n }

func factorial(n int64) *big.Int { return new(big.Int).MulRange(1, n) }
"""

# What kills, the name of the error, and what it must say.
IN_PROCESS = [
    ('panic("boom")', "Panic", r"boom"),
    ('panic(fmt.Errorf("wrapped: %w", io.EOF))', "Panic", r"wrapped: EOF"),
    ('var m map[string]int\nm["a"] = 1', "Panic", r"nil map"),
    ("xs := []int{1, 2}\ni := 5\nxs[i]", "Panic", r"out of range"),
    ("var p *point\np.X", "Panic", r"nil"),
    ("a, b := 1, 0\na / b", "Panic", r"divide by zero"),
    ('func deep(n int) int { if n == 0 { panic("bottom") }; return deep(n - 1) }\ndeep(10)', "Panic", r"bottom"),
]
DEADLY = [
    ('go func() { panic("in a goroutine") }()\ntime.Sleep(5 * time.Second)', "Panic|FatalError", r"in a goroutine"),
    (
        "m := map[int]int{}\nfor range 8 { go func() { for i := 0; ; i++ { m[i%7] = i } }() }\ntime.Sleep(20 * time.Second)",
        "FatalError",
        r"concurrent map",
    ),
    ("func forever(n int) int { return forever(n+1) + 1 }\nforever(0)", "FatalError|Panic", r"stack overflow|recursion"),
    ("os.Exit(3)", "ExitError", r"3"),
    ("os.Exit(0)", "ExitError", r"0"),
    ('log.Fatal("last words")', "ExitError", r"1"),
    ("exec.Command(`kill`, `-9`, fmt.Sprint(os.Getpid())).Run()\ntime.Sleep(5 * time.Second)", "SessionError|FatalError|ExitError", r"kill"),
]


def named(cases):
    return [pytest.param(*case, id=case[0].splitlines()[-1][:30]) for case in cases]


@pytest.fixture(autouse=True)
def _declarations(kernel, client):
    """Declares, lets the test do its worst, and then sees that all goes on."""
    client.run(DECLARATIONS).ok()
    client.run("kept := 7").ok()
    before = client.run("kept").ok()
    process, key = kernel.process.pid, kernel.connection_info()["key"]
    yield
    assert goes_on(client) > before.content["execution_count"]
    assert kernel.process.pid == process and kernel.connection_info()["key"] == key
    assert client.alive()


def goes_on(client):
    done = client.run("double(point{20, 1}.sum())").ok()
    assert done.result == "42"
    assert client.run("factorial(5)").ok().result == "120"
    assert client.run('fmt.Println("still here")').ok().stdout == "still here\n"
    return done.content["execution_count"]


def check(done, ename, says):
    done.failed()
    assert re.fullmatch(ename, done.content["ename"]), done.error
    assert re.search(says, done.error), done.error
    assert len(done.of("error")) == 1
    assert "goroutine running on" not in done.error and "yaegi" not in done.error, "Go's report is cut to the user's own"


@pytest.mark.parametrize("code, ename, says", named(IN_PROCESS))
def test_a_panic_costs_only_the_cell(client, code, ename, says):
    check(client.run(code), ename, says)
    assert client.run("kept").ok().result == "7", "a plain panic keeps the variables"


@pytest.mark.parametrize("code, ename, says", named(DEADLY))
def test_a_death_costs_the_cell_and_the_variables(client, code, ename, says):
    done = client.run(code, timeout=30)
    check(done, ename, says)
    if "kept" not in client.run("%who").ok().shown:
        assert "kept" in done.error, "it says which variables were lost"


def test_a_panic_names_the_users_line(client):
    done = client.run('fmt.Println("before")\nvalues := []int{1}\nindex := 3\nvalues[index] = 1').failed("Panic")
    number = done.of("execute_input")[0].content["execution_count"]
    assert f"In[{number}]:4" in done.error
    assert done.stdout == "before\n"


def test_what_a_deadly_cell_declares_is_not_lost(client):
    done = client.run("func declared() int { return 11 }\nfresh := 1\nos.Exit(1)").failed("ExitError")
    assert "fresh" in done.error, "it says which variables were lost"
    assert client.run("declared()").ok().result == "11"


def test_the_history_and_the_names_of_lost_variables_outlive_a_death(client):
    client.run("os.Exit(3)").failed("ExitError")
    done = client.run("kept + 1").failed("TypeError")
    assert "kept was lost" in done.error
    assert "kept := 7\nkept\nos.Exit(3)\nkept + 1\n" in client.run("%history").ok().stdout
    client.run("%restart").ok()
    assert "kept := 7\nkept\nos.Exit(3)\nkept + 1\n%history\n%restart\n" in client.run("%history").ok().stdout
    client.run(DECLARATIONS + "kept := 7").ok()


def test_an_endless_recursion_is_blamed_on_its_function(client):
    done = client.run("func forever(n int) int {\n\treturn forever(n+1) + 1\n}\nforever(0)").failed("FatalError")
    assert "the recursion of forever ends" in done.error and "rwmutex" not in done.error
    number = done.of("execute_input")[0].content["execution_count"]
    assert f"In[{number}]:1" in done.error


def test_what_was_printed_before_a_death_arrives(client):
    done = client.run('fmt.Println("out"); fmt.Fprintln(os.Stderr, "err"); os.Exit(3)').failed("ExitError")
    assert done.stdout == "out\n" and "err\n" in done.stderr
    assert [m.type for m in done.iopub][-1] == "error"


def test_log_fatal_says_its_last_words(client):
    assert "last words" in client.run('log.Fatal("last words")').failed("ExitError").stderr


def test_endless_recursion_ends_soon(client):
    done = client.run("func endless(n int) int { return endless(n+1) + 1 }\nendless(0)", timeout=30).failed()
    assert done.elapsed < 10, f"{done.elapsed:.2f} s; the aim is 1 s"


def test_killing_the_session_while_a_cell_runs(kernel, client):
    msg_id = client.begin('fmt.Println("begun"); time.Sleep(time.Hour)')
    start = time.monotonic()
    kernel.session_process().send_signal(signal.SIGKILL)
    done = client.finish_rest(msg_id).failed()
    assert done.reply["received"] - start < 3
    assert "kept" in done.error


def test_killing_the_session_between_cells(kernel, client):
    session = kernel.session_process()
    session.send_signal(signal.SIGKILL)
    session.wait(10)
    assert client.run("double(21)", timeout=10).ok().result == "42"


def test_cells_queued_behind_a_death_are_aborted(client):
    first = client.start("time.Sleep(300 * time.Millisecond); os.Exit(3)")
    second = client.start('fmt.Println("must not run")')
    client.finish(first).failed("ExitError")
    assert client.finish(second).status == "aborted"


def test_subshells_survive(client):
    created = client.request("create_subshell_request", channel="control").ok().content["subshell_id"]
    client.run("os.Exit(3)").failed("ExitError")
    assert client.run("double(21)", header={"subshell_id": created}).ok().result == "42"
    client.request("delete_subshell_request", {"subshell_id": created}, channel="control").ok()


def test_ten_deaths_in_a_row(kernel, client):
    for _ in range(10):
        client.run("os.Exit(3)").failed("ExitError")
    client.run("1").ok()  # the tenth successor is there
    assert len(kernel.process.children()) == 1


def test_a_broken_declaration_does_not_come_back(client):
    client.run("var lost = 1\nfunc useLost() int { return lost }").ok()
    client.run("os.Exit(3)").failed("ExitError")
    assert client.run("double(21)").ok().result == "42"
