"""Control is never blocked; interrupts, subshells, shutdown and restart."""

import os
import signal
import time

import pytest


@pytest.fixture
def running(client, say):
    """A cell that would run for an hour."""
    return client.begin(say.wait_long)


def test_control_answers_while_a_cell_runs(kernel, client, say, running):
    reply = client.request("kernel_info_request", channel="control", timeout=5).ok()
    assert reply.elapsed < 1
    assert client.alive()
    kernel.manager.interrupt_kernel()
    client.finish_rest(running).failed(say.interrupted)


@pytest.mark.fanout
def test_interrupt_by_message(client, say, running):
    start = time.monotonic()
    assert client.request("interrupt_request", channel="control", timeout=5).ok()
    done = client.finish_rest(running).failed(say.interrupted)
    assert done.reply["received"] - start < 0.5
    assert done.types == ["error"]


def test_interrupt_by_signal(kernel, client, say, running):
    os.kill(kernel.process.pid, signal.SIGINT)
    client.finish_rest(running).failed(say.interrupted)
    assert client.run(say.product).ok().result == "42"


@pytest.mark.fanout
def test_an_interrupt_of_nothing_does_nothing(client, say):
    client.request("interrupt_request", channel="control").ok()
    assert client.run(say.product).ok().result == "42"


@pytest.mark.fanout
def test_an_interrupt_aborts_what_is_queued(client, say, running):
    queued = client.start(say.show("must not run"))
    client.request("interrupt_request", channel="control").ok()
    client.finish_rest(running).failed(say.interrupted)
    assert client.finish(queued).status == "aborted"


# -- subshells


def create(client):
    reply = client.request("create_subshell_request", channel="control").ok()
    assert isinstance(reply.content["subshell_id"], str)
    return reply.content["subshell_id"]


def listed(client):
    return client.request("list_subshell_request", channel="control").ok().content["subshell_id"]


def delete(client, subshell):
    return client.request("delete_subshell_request", {"subshell_id": subshell}, channel="control")


def test_subshells_are_created_listed_and_deleted(client):
    assert listed(client) == []
    first, second = create(client), create(client)
    assert first != second
    assert sorted(listed(client)) == sorted([first, second])
    assert delete(client, first).status == "ok"
    assert listed(client) == [second]
    assert delete(client, second).status == "ok"
    assert listed(client) == []


def test_deleting_an_unknown_subshell_is_an_error(client):
    reply = delete(client, "no-such-subshell")
    assert reply.status == "error"
    assert "no-such-subshell" in reply.content["evalue"]


@pytest.mark.fanout
def test_a_cell_for_an_unknown_subshell_is_an_error(client, say):
    done = client.run(say.product, header={"subshell_id": "no-such-subshell"}, timeout=5).failed()
    assert "no-such-subshell" in done.content["evalue"]


def test_a_subshell_answers_while_the_main_shell_is_busy(kernel, client, say, running):
    subshell = create(client)
    done = client.run(say.product, header={"subshell_id": subshell}, timeout=10).ok()
    assert done.result == "42"
    assert done.reply["parent"]["subshell_id"] == subshell
    assert not [m for m in client.inbox["shell"] if m.parent == running], "the main shell was still to be busy"
    kernel.manager.interrupt_kernel()
    client.finish_rest(running).failed(say.interrupted)
    assert delete(client, subshell).status == "ok"


def test_subshells_share_the_variables(client, say):
    subshell = create(client)
    client.run(say.assign, header={"subshell_id": subshell}).ok()
    assert client.run(say.increment).ok().result == "42"
    delete(client, subshell)


@pytest.mark.fanout
def test_an_error_in_a_subshell_aborts_nothing_elsewhere(client, say):
    subshell = create(client)
    failing = client.start(say.fail_soon, header={"subshell_id": subshell})
    behind = client.start(say.show("must not run"), header={"subshell_id": subshell})
    beside = client.start(say.wait(0.5))
    after = client.start(say.show("runs"))
    client.finish(failing).failed()
    assert client.finish(behind).status == "aborted"
    client.finish(beside).ok()
    assert "runs" in client.finish(after).ok().stdout
    delete(client, subshell)


@pytest.mark.fanout
def test_output_of_two_shells_is_all_there(client):
    """Output is captured at the descriptor, so what two shells print at once may go to either."""
    subshell = create(client)
    code = 'for i := 0; i < 20; i++ {{ fmt.Println("{0}", i); time.Sleep(10 * time.Millisecond) }}'
    main = client.start(code.format("main"))
    sub = client.start(code.format("sub"), header={"subshell_id": subshell})
    lines = (client.finish(main).ok().stdout + client.finish(sub).ok().stdout).splitlines()
    assert sorted(lines) == sorted(f"{name} {i}" for name in ("main", "sub") for i in range(20))
    delete(client, subshell)


# -- the end (these take kernels of their own)


def test_shutdown_by_message_ends_the_process(start_kernel, say):
    kernel = start_kernel()
    process = kernel.process
    children = process.children(recursive=True)
    reply = kernel.client.request("shutdown_request", {"restart": False}, channel="control").ok()
    assert reply.content["restart"] is False
    process.wait(10)
    assert not [c for c in children if c.is_running() and c.status() != "zombie"], "children outlive the kernel"


@pytest.mark.fanout
def test_shutdown_while_a_cell_runs(start_kernel):
    kernel = start_kernel()
    process = kernel.process
    kernel.client.begin('fmt.Println("begun"); for {}')
    start = time.monotonic()
    kernel.client.send("control", "shutdown_request", {"restart": False})
    process.wait(10)
    assert time.monotonic() - start < 3


@pytest.mark.fanout
def test_a_killed_kernel_leaves_no_session_behind(start_kernel):
    kernel = start_kernel()
    session = kernel.session_process()
    kernel.process.kill()
    session.wait(10)


def test_restart_keeps_the_ports_and_forgets_the_variables(start_kernel, say):
    kernel = start_kernel()
    kernel.client.run(say.assign).ok()
    before = kernel.process.pid
    kernel.manager.restart_kernel()
    kernel.client.ready()
    assert kernel.process.pid != before
    kernel.client.run(say.increment).failed()
    done = kernel.client.run(say.product).ok()
    assert done.content["execution_count"] == 2
