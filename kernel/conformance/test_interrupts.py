"""An interrupt ends a cell within half a second and keeps the variables."""

import subprocess
import time

import pytest

pytestmark = pytest.mark.fanout

# With a timer set, nothing is a deadlock.
BEGUN = 'time.AfterFunc(time.Hour, func() {})\nfmt.Println("begun")\n'

BUSY = {
    "an empty loop": "for {}",
    "a counting loop": "n := 0; for { n++ }",
    "a sleep": "time.Sleep(time.Hour)",
    "a receive": "<-make(chan int)",
    "a send": "make(chan int) <- 1",
    "a select": "select {}",
    "a lock": "var mu sync.Mutex; mu.Lock(); mu.Lock()",
    "a function that loops": "func spin() { for { } }\nspin()",
    "waiting for goroutines": "var wg sync.WaitGroup; wg.Add(1); go func() { time.Sleep(time.Hour); wg.Done() }(); wg.Wait()",
    "a flood of output": 'for { fmt.Println("flood") }',
    "a shell command": "!sleep 3600",
    "a parallel map": "func slow(n int) int { time.Sleep(time.Minute); return n }\nxs := make([]int, 50)\n%pmap slow xs",
    "a parallel map of loops": "func spinning(n int) int { for { } }\nxs := make([]int, 50)\n%pmap spinning xs",
}


@pytest.mark.parametrize("code", BUSY.values(), ids=BUSY.keys())
def test_an_interrupt_ends_it_within_half_a_second(kernel, client, code):
    client.run("kept := 41").ok()
    session = kernel.session_process().pid
    msg_id = client.begin(BEGUN + code)
    start = time.monotonic()
    client.send("control", "interrupt_request")
    done = client.finish_rest(msg_id, timeout=10).failed("Interrupted")
    took = done.reply["received"] - start
    assert took < 0.5, f"{took:.3f} s"
    assert client.run("kept + 1").ok().result == "42"
    assert kernel.session_process().pid == session, "the session was not to be killed"


def test_an_interrupted_map_is_said_to_be_cancelled(client):
    client.run("func wait(i int) int { if i == 0 { fmt.Println(`begun`) }; time.Sleep(time.Minute); return i }").ok()
    msg_id = client.begin("%pmap wait 2")
    client.send("control", "interrupt_request")
    done = client.finish_rest(msg_id).failed("Interrupted")
    shown = [m.content["data"]["text/plain"] for m in done.iopub if m.type in ("display_data", "update_display_data")]
    assert not any("mostly waited" in text for text in shown), shown
    assert not any("image/svg+xml" in m.content.get("data", {}) for m in done.iopub) or "Cancelled" in shown[-1], shown


def test_an_interrupted_cell_does_not_come_back_to_life(client):
    client.run("ticks := 0").ok()
    msg_id = client.begin(BEGUN + "for { time.Sleep(time.Millisecond); ticks++ }")
    client.send("control", "interrupt_request")
    client.finish_rest(msg_id).failed("Interrupted")
    later = "before := ticks; time.Sleep(200 * time.Millisecond); ticks - before"
    assert client.run(later).ok().result == "0"


def test_a_command_that_the_cell_runs_ends_with_it(client):
    client.run("var cmd *exec.Cmd").ok()
    msg_id = client.begin('cmd = exec.Command("sleep", "3600")\ncmd.Start()\nfmt.Println("begun")\ncmd.Wait()')
    client.send("control", "interrupt_request")
    client.finish_rest(msg_id).failed("Interrupted")
    pid = int(client.run("cmd.Process.Pid").ok().result)
    deadline = time.monotonic() + 5
    while running(pid):
        assert time.monotonic() < deadline, f"process {pid} still runs"
        time.sleep(0.02)


def running(pid):
    """Whether a process is there and no zombie."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return state != "" and not state.startswith("Z")


def test_interrupting_many_times_is_no_worse(client):
    for _ in range(10):
        msg_id = client.begin(BEGUN + "for {}")
        client.send("control", "interrupt_request")
        client.finish_rest(msg_id, timeout=10).failed("Interrupted")
    assert client.run("6*7").ok().result == "42"


def test_a_second_interrupt_of_a_stuck_cell_kills_it(client):
    """What no check reaches (a compiled loop in the standard library) is killed and restored."""
    client.run("func double(n int) int { return 2 * n }").ok()
    msg_id = client.begin(BEGUN + 'strings.Count(strings.Repeat("a", 1<<30), "b"); big.NewInt(0).Exp(big.NewInt(3), big.NewInt(1<<40), nil)')
    client.send("control", "interrupt_request")
    client.send("control", "interrupt_request")
    client.finish_rest(msg_id, timeout=10).failed("Interrupted")
    assert client.run("double(21)", timeout=10).ok().result == "42"
