"""JupyterLab's server starts the kernel through its REST and websocket API."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timezone

import pytest
from tornado.websocket import websocket_connect

import kernels

TOKEN = uuid.uuid4().hex


class Server:
    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = folder / "server.log"
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
                f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1",
                f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}",
            ],
            stdin=subprocess.DEVNULL, stdout=self.log.open("wb"), stderr=subprocess.STDOUT,
            env={**os.environ, **kernels.private_state(folder), "JUPYTER_CONFIG_DIR": str(folder)},
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.ask("GET", "/api/status")
                return
            except (urllib.error.URLError, ConnectionError):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.process.kill()
                    pytest.fail("the server did not start:\n" + self.log.read_text()[-3000:])
                time.sleep(0.1)

    def ask(self, method, path, body=None, raw=False):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            data = response.read()
            return data if raw else json.loads(data) if data else None

    def execute(self, kernel, code, timeout=30):
        """Runs a cell over the kernel's websocket; gives the reply and the iopub messages."""
        return asyncio.run(asyncio.wait_for(self._execute(kernel, code), timeout))

    async def _execute(self, kernel, code):
        session, msg_id = uuid.uuid4().hex, uuid.uuid4().hex
        url = f"ws://127.0.0.1:{self.port}/api/kernels/{kernel}/channels?session_id={session}&token={TOKEN}"
        connection = await websocket_connect(url)
        header = {
            "msg_id": msg_id, "session": session, "username": "", "version": "5.3", "msg_type": "execute_request",
            "date": datetime.now(timezone.utc).isoformat(),
        }
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        await connection.write_message(json.dumps({
            "channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": [],
        }))
        reply, iopub, idle = None, [], False
        while not (reply and idle):
            message = json.loads(await connection.read_message())
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            if message["channel"] == "shell":
                reply = message["content"]
            else:
                iopub.append(message)
                idle = idle or message["content"].get("execution_state") == "idle"
        connection.close()
        return reply, iopub

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


def result(iopub):
    [message] = [m for m in iopub if m["header"]["msg_type"] == "execute_result"]
    return message["content"]["data"]["text/plain"]


def test_a_kernel_started_over_rest_answers_over_the_websocket(server, kernel_name, say):
    kernel = server.ask("POST", "/api/kernels", {"name": kernel_name})["id"]
    reply, iopub = server.execute(kernel, "1+1")
    assert reply["status"] == "ok" and result(iopub) == "2"

    server.execute(kernel, say.assign)
    server.ask("POST", f"/api/kernels/{kernel}/restart")
    reply, _ = server.execute(kernel, say.increment)
    assert reply["status"] == "error", "a restart forgets"
    reply, iopub = server.execute(kernel, say.product)
    assert result(iopub) == "42"

    server.ask("DELETE", f"/api/kernels/{kernel}")
    assert server.ask("GET", "/api/kernels") == []


def test_an_interrupt_over_rest(server, kernel_name, say):
    kernel = server.ask("POST", "/api/kernels", {"name": kernel_name})["id"]
    server.execute(kernel, "1+1")

    async def run():
        running = asyncio.create_task(server._execute(kernel, say.wait_long))
        loop = asyncio.get_running_loop()
        while server_state(await loop.run_in_executor(None, server.ask, "GET", f"/api/kernels/{kernel}")) != "busy":
            await asyncio.sleep(0.05)
        await loop.run_in_executor(None, server.ask, "POST", f"/api/kernels/{kernel}/interrupt")
        return await asyncio.wait_for(running, 20)

    reply, _ = asyncio.run(run())
    assert reply["status"] == "error" and reply["ename"] == say.interrupted
    server.ask("DELETE", f"/api/kernels/{kernel}")


def server_state(model):
    return model["execution_state"]


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
    reply, iopub = server.execute(session["kernel"]["id"], 'display(HTML("<b>x</b>"))')
    assert [m["content"]["data"]["text/html"] for m in iopub if m["header"]["msg_type"] == "display_data"] == ["<b>x</b>"]
    server.ask("DELETE", f"/api/sessions/{session['id']}")
