"""JupyterLab's server starts the kernel through its REST and websocket API."""

import uuid

import pytest

import servers


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = servers.JupyterLab(tmp_path_factory.mktemp("server"), uuid.uuid4().hex)
    yield server
    server.stop()


def test_a_kernel_started_over_rest_answers_over_the_websocket(server, kernel_name, say):
    kernel = server.ask("POST", "/api/kernels", {"name": kernel_name})["id"]
    with server.channels(kernel) as channels:
        reply, iopub = channels.run("1+1")
        assert reply["status"] == "ok" and servers.result(iopub) == "2"
        channels.run(say.assign)

    server.ask("POST", f"/api/kernels/{kernel}/restart")
    with server.channels(kernel) as channels:
        reply, _ = channels.run(say.increment)
        assert reply["status"] == "error", "a restart forgets"
        _, iopub = channels.run(say.product)
        assert servers.result(iopub) == "42"

    server.ask("DELETE", f"/api/kernels/{kernel}")
    assert server.ask("GET", "/api/kernels") == []


def test_an_interrupt_over_rest(server, kernel_name, say):
    kernel = server.ask("POST", "/api/kernels", {"name": kernel_name})["id"]
    with server.channels(kernel) as channels:
        msg_id = channels.begin(say.wait_long)
        seen = channels.until(msg_id, lambda m: m["header"]["msg_type"] == "stream")
        server.ask("POST", f"/api/kernels/{kernel}/interrupt")
        reply, _ = channels.finish(msg_id, seen)
    assert reply["status"] == "error" and reply["ename"] == say.interrupted
    server.ask("DELETE", f"/api/kernels/{kernel}")


@pytest.mark.fanout
def test_the_kernelspec_is_as_a_front_end_wants_it(server):
    specs = server.ask("GET", "/api/kernelspecs")["kernelspecs"]
    spec = specs["fanout"]
    assert spec["spec"]["language"] == "go"
    assert spec["spec"]["interrupt_mode"] == "message"
    assert spec["spec"]["display_name"]
    logos = {name: url for name, url in spec["resources"].items() if name.startswith("logo")}
    assert logos, "no logo"
    for name, url in logos.items():
        data = server.ask("GET", url, raw=True)
        assert data.startswith(b"\x89PNG") or b"<svg" in data, name


@pytest.mark.fanout
def test_a_session_for_a_notebook_file(server, kernel_name):
    body = {"path": "work.ipynb", "name": "work.ipynb", "type": "notebook", "kernel": {"name": kernel_name}}
    session = server.ask("POST", "/api/sessions", body)
    with server.channels(session["kernel"]["id"]) as channels:
        _, iopub = channels.run('display(HTML("<b>x</b>"))')
    assert [c["data"]["text/html"] for c in servers.of_type(iopub, "display_data")] == ["<b>x</b>"]
    server.ask("DELETE", f"/api/sessions/{session['id']}")
