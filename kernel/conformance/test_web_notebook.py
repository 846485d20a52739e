"""`fanout notebook` as the server of other clients: of what speaks to it as
@jupyterlab/services does, and of JupyterLab with `--gateway-url`."""

import urllib.error
import uuid

import pytest

import servers

pytestmark = pytest.mark.fanout


@pytest.fixture(scope="module")
def notebook(tmp_path_factory, root):
    server = servers.Notebook(root / "bin" / "fanout", tmp_path_factory.mktemp("notebook"), uuid.uuid4().hex)
    yield server
    server.stop()


@pytest.fixture(scope="module", params=["directly", "through JupyterLab"])
def server(request, notebook, tmp_path_factory):
    """The server itself, and JupyterLab's that has its kernels there."""
    if request.param == "directly":
        yield notebook
        return
    lab = servers.JupyterLab(
        tmp_path_factory.mktemp("lab"), uuid.uuid4().hex,
        f"--gateway-url=http://127.0.0.1:{notebook.port}", f"--GatewayClient.auth_token={notebook.token}",
    )
    lab.subprotocols = []  # with a gateway it speaks none, which a client finds out by a first try
    yield lab
    lab.stop()


def kernels_of(server):
    return [kernel["id"] for kernel in server.ask("GET", "/api/kernels")]


def test_a_notebook_end_to_end(server, notebook):
    specs = server.ask("GET", "/api/kernelspecs")["kernelspecs"]
    assert list(specs) == ["fanout"] and specs["fanout"]["spec"]["language"] == "go"

    path = server.ask("POST", "/api/contents", {"type": "notebook"})["path"]
    body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "fanout"}}
    session = server.ask("POST", "/api/sessions", body)
    kernel = session["kernel"]["id"]
    assert kernel in kernels_of(notebook), "the kernel runs in fanout notebook"
    assert [s["path"] for s in server.ask("GET", "/api/sessions") if s["kernel"]["id"] == kernel] == [path]

    with server.channels(kernel) as channels:
        info = channels.request("kernel_info_request")
        assert info["status"] == "ok" and info["language_info"]["name"] == "go"
        outputs(channels)
        stdin(channels)
        introspection(channels)
        interrupt(server, kernel, channels)
        restart(server, kernel, channels)
        count, iopub = executed(channels, "6*7")

    save(server, path, count, servers.result(iopub))
    server.ask("DELETE", f"/api/sessions/{session['id']}")
    assert kernel not in kernels_of(notebook), "the session took its kernel with it"
    server.ask("DELETE", f"/api/contents/{path}")


def executed(channels, code):
    """Runs a cell that must succeed: its number, and what it published."""
    reply, iopub = channels.run(code)
    assert reply["status"] == "ok", reply
    return reply["execution_count"], iopub


def outputs(channels):
    count, iopub = executed(channels, 'x := 41\nfmt.Println("out")\ndisplay(HTML("<b>x</b>"))\nx + 1')
    assert servers.stream(iopub) == "out\n"
    assert [c["data"]["text/html"] for c in servers.of_type(iopub, "display_data")] == ["<b>x</b>"]
    assert servers.result(iopub) == "42"
    assert [c["execution_count"] for c in servers.of_type(iopub, "execute_input")] == [count]
    states = [c["execution_state"] for c in servers.of_type(iopub, "status")]
    assert states == ["busy", "idle"]

    reply, iopub = channels.run('panic("on purpose")')
    [error] = servers.of_type(iopub, "error")
    assert reply["status"] == "error" and "on purpose" in error["evalue"] == reply["evalue"]
    _, iopub = executed(channels, "x")
    assert servers.result(iopub) == "41", "a panic takes no variables"


def stdin(channels):
    msg_id = channels.begin('input("who? ")')
    seen = channels.until(msg_id, lambda m: m["channel"] == "stdin")
    question = seen[-1]
    assert question["header"]["msg_type"] == "input_request" and question["content"]["prompt"] == "who? "
    channels.send("stdin", "input_reply", question["header"], value="Ada", status="ok")
    reply, iopub = channels.finish(msg_id, seen)
    assert reply["status"] == "ok" and "Ada" in servers.result(iopub)


def introspection(channels):
    code = "strings.ToUp"
    found = channels.request("complete_request", code=code, cursor_pos=len(code))
    completed = [code[:found["cursor_start"]] + match + code[found["cursor_end"]:] for match in found["matches"]]
    assert "strings.ToUpper" in completed
    found = channels.request("inspect_request", code="strings.ToUpper", cursor_pos=15, detail_level=0)
    assert found["found"] and "func strings.ToUpper(s string) string" in found["data"]["text/plain"]
    assert channels.request("is_complete_request", code="func f() {")["status"] == "incomplete"
    history = channels.request("history_request", output=False, raw=True, hist_access_type="tail", n=1)["history"]
    assert [line[2] for line in history] == ['input("who? ")']


def interrupt(server, kernel, channels):
    msg_id = channels.begin('fmt.Println("begun"); for {}')
    seen = channels.until(msg_id, lambda m: m["header"]["msg_type"] == "stream")
    server.ask("POST", f"/api/kernels/{kernel}/interrupt")
    reply, _ = channels.finish(msg_id, seen)
    assert reply["status"] == "error" and reply["ename"] == "Interrupted"
    _, iopub = executed(channels, "x")
    assert servers.result(iopub) == "41", "an interrupt takes no variables"


def restart(server, kernel, channels):
    assert server.ask("POST", f"/api/kernels/{kernel}/restart")["id"] == kernel
    reply, _ = channels.run("x")
    assert reply["status"] == "error", "a restart forgets"


def save(server, path, count, text):
    """Saves the notebook as a client does that has run one cell, and reads it back."""
    output = {"output_type": "execute_result", "execution_count": count, "metadata": {}, "data": {"text/plain": text}}
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "6*7", "execution_count": count, "outputs": [output]}
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    server.ask("PUT", f"/api/contents/{path}", {"type": "notebook", "format": "json", "content": content})
    checkpoint = server.ask("POST", f"/api/contents/{path}/checkpoints")
    server.ask("POST", f"/api/contents/{path}/checkpoints/{checkpoint['id']}")
    [got] = server.ask("GET", f"/api/contents/{path}")["content"]["cells"]
    assert got["source"] == "6*7" and got["outputs"][0]["data"]["text/plain"] == text == "42"


def test_two_clients_of_one_kernel_see_each_other(server):
    kernel = server.ask("POST", "/api/kernels", {"name": "fanout"})["id"]
    with server.channels(kernel) as one, server.channels(kernel) as other:
        assert other.request("kernel_info_request")["status"] == "ok"  # it is there
        msg_id = one.begin('fmt.Println("seen by all")')
        seen = other.until(msg_id, lambda m: m["content"].get("execution_state") == "idle")
        assert servers.stream(seen) == "seen by all\n"
        assert {m["channel"] for m in seen} == {"iopub"}, "the reply is for who asked"
    server.ask("DELETE", f"/api/kernels/{kernel}")


def test_a_client_without_the_token_gets_nothing(notebook):
    stranger = servers.Server(notebook.folder, "wrong")
    stranger.port = notebook.port
    for path in ("/api/status", "/api/kernels", "/api/contents"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            stranger.ask("GET", path)
        assert refused.value.code == 403
