"""Maps in the background run on while other cells run, show how far they are, and end when they are told to."""

import os
import time

import pytest

pytestmark = pytest.mark.fanout

INTERPRETED = os.environ.get("FANOUT_TIER") == "interpreted"
compiled_only = pytest.mark.skipif(INTERPRETED, reason="interpreted code has one stop for all, and a cell is read between two tasks (docs/kernel.md)")

# Tasks that a file lets go: no test depends on how long one takes.
GATED = """
gate := filepath.Join(os.TempDir(), fmt.Sprint("gate-", os.Getpid()))
os.Remove(gate)
func gated(n int) int {
	for n > 0 {
		if _, err := os.Stat(filepath.Join(os.TempDir(), fmt.Sprint("gate-", os.Getpid()))); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	return 10 * n
}
"""
OPEN = "os.WriteFile(gate, nil, 0o600)"


@compiled_only
def test_the_display_of_a_handle_goes_on_when_its_cell_has_ended(client):
    client.run(GATED).ok()
    shown = client.run("h := %pmap -a gated 8\nh").ok()
    display = shown.of("display_data")
    assert len(display) == 1 and "background" in display[0].content["data"]["text/plain"], shown
    assert not shown.of("execute_result"), shown
    name = display[0].content["transient"]["display_id"]
    assert client.run("6*7").ok().result == "42", "other cells run meanwhile"
    assert client.run("h.Ready()").ok().result == "false"
    client.run(OPEN).ok()

    def ended(m):
        return (
            m.type == "update_display_data"
            and m.content["transient"]["display_id"] == name
            and "done after" in m.content["data"]["text/plain"]
        )

    last = client.iopub(shown.msg_id, wanted=ended)
    assert "image" in last.content["data"]["text/html"], "the figure, for light and dark pages"
    assert client.run("ys := %presult -q h\nys").ok().result == "[]int{0, 10, 20, 30, 40, 50, 60, 70}"


@compiled_only
def test_an_interrupt_of_another_cell_leaves_the_map_alone(client):
    client.run(GATED).ok()
    client.run("h := %pmap -a gated 4").ok()
    msg_id = client.begin('time.AfterFunc(time.Hour, func() {})\nfmt.Println("begun")\nfor {}')
    client.send("control", "interrupt_request")
    client.finish_rest(msg_id, timeout=10).failed("Interrupted")
    client.run(OPEN).ok()
    assert client.run("%presult -q h").ok().result == "[]int{0, 10, 20, 30}"


@compiled_only
def test_an_interrupt_of_the_wait_leaves_the_map_alone(client):
    client.run(GATED).ok()
    client.run("h := %pmap -a gated 4").ok()
    msg_id = client.begin('fmt.Println("begun")\n%presult h')
    client.send("control", "interrupt_request")
    failed = client.finish_rest(msg_id, timeout=10).failed("Interrupted")
    assert "goes on in the background" in failed.stderr, failed
    assert client.run("h.Ready()").ok().result == "false"
    client.run(OPEN).ok()
    client.run("%pwait h").ok()
    assert client.run("h.Successful()").ok().result == "true"


def test_an_interrupt_ends_what_the_interpreter_runs_in_the_background(client):
    if not INTERPRETED:
        pytest.skip("compiled maps have a stop of their own")
    client.run("func forever(n int) int { for { n++ } }").ok()
    client.run("h := %pmap -a forever 4").ok()
    msg_id = client.start("6*7")  # waits for the tasks
    client.iopub(msg_id, wanted=lambda m: "background" in m.content.get("text", ""))
    client.send("control", "interrupt_request")
    client.finish(msg_id, timeout=10).failed("Interrupted")
    client.run("%pwait -q h").ok()
    assert client.run("h.Ready(), h.Successful()").ok().result == "true\nfalse"


@compiled_only
def test_a_cancelled_map_stops_using_the_processor(kernel, client):
    client.run("func forever(n int) int { for { n++ } }").ok()
    client.run("h := %pmap -a forever 4").ok()
    while client.run("h.Progress().Total").ok().result == "0":
        pass
    cancelled = client.run("%pcancel h").ok()
    assert "cancelled with 0 of 4 tasks done" in cancelled.stdout, cancelled
    session = kernel.session_process()

    def used():
        times = session.cpu_times()
        return times.user + times.system

    deadline = time.monotonic() + 10
    while True:  # they notice at their next look
        before = used()
        time.sleep(0.2)
        if used() - before < 0.1:
            break
        assert time.monotonic() < deadline, "the tasks still run"


@compiled_only
def test_a_panic_in_the_background_costs_its_map_and_says_where(client):
    client.run("func bad(n int) int {\n\tif n == 3 {\n\t\tpanic(\"three\")\n\t}\n\treturn n\n}").ok()
    client.run("h := %pmap -a bad 9\n%pwait h").ok()
    failed = client.run("%presult -q h").failed("TaskError")
    assert "three" in failed.error and "3" in failed.error, failed
    assert client.run("6*7").ok().result == "42"


@compiled_only
def test_many_maps_at_once_share_the_workers(client):
    client.run("func sq(n int) int { return n * n }").ok()
    code = "var hs []*parallel.Future[[]int]\nfor k := range 20 {\n\ths = append(hs, parallel.MapAsync(sq, []int{k, k + 1}))\n}\nsum := 0\nfor _, h := range parallel.AsCompleted(hs...) {\n\tys, err := h.Get()\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\tsum += ys[0] + ys[1]\n}\nsum"
    want = sum(k * k + (k + 1) ** 2 for k in range(20))
    assert client.run(code).ok().result == str(want)


def test_a_new_session_knows_no_maps_of_the_old(client):
    client.run("func sq(n int) int { return n * n }\nh := %pmap -a sq 4\n%pwait h").ok()
    client.run("%restart").ok()
    assert "no maps in the background" in client.run("%pstatus").ok().stdout
