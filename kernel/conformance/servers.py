"""Servers with Jupyter's REST and websocket API, and a client that speaks to them
as @jupyterlab/services does."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timezone

import pytest
import websocket
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1

import kernels

V1 = "v1.kernel.websocket.jupyter.org"
PATIENCE = 60  # seconds, for what must happen
START = 100  # seconds, for a server that must start


class Server:
    """A server process in a folder of its own."""

    subprotocols = [V1]  # of its websockets

    def __init__(self, folder, token):
        self.folder, self.token, self.port = folder, token, None
        self.log = folder / "server.log"

    def start(self, argv, env):
        self.process = subprocess.Popen(
            argv, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=self.log.open("wb"), stderr=subprocess.STDOUT,
            env={**os.environ, **kernels.private_state(self.folder), "JUPYTER_CONFIG_DIR": str(self.folder), **env},
        )
        deadline = time.monotonic() + START
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                pytest.fail("the server did not start:\n" + self.log.read_text()[-3000:])
            time.sleep(0.05)

    def find_port(self):
        """The port, if the server has told it."""
        return self.port

    def answers(self):
        self.port = self.find_port()
        if self.port is None:
            return False
        try:
            self.ask("GET", "/api/status")
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def ask(self, method, path, body=None, raw=False):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            data = response.read()
            return data if raw else json.loads(data) if data else None

    def channels(self, kernel, session=None):
        return Channels(self, kernel, session or uuid.uuid4().hex)

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


class JupyterLab(Server):
    """JupyterLab's server; options are further ones of its command line."""

    def __init__(self, folder, token, *options):
        super().__init__(folder, token)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start([
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
            f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1",
            f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}", *options,
        ], {})


class Notebook(Server):
    """The server of `fanout notebook`."""

    def __init__(self, program, folder, token):
        super().__init__(folder, token)
        self.start(
            [str(program), "notebook", "--no-browser", "--port", "0", str(folder)],
            {"FANOUT_TOKEN": token, "XDG_RUNTIME_DIR": str(folder)},
        )

    def find_port(self):
        found = re.search(r"http://localhost:(\d+)/", self.log.read_text())
        return found and int(found[1])


class Channels:
    """The websocket of a kernel, in Jupyter's v1 protocol or in that of JSON."""

    def __init__(self, server, kernel, session):
        self.session = session
        url = f"ws://127.0.0.1:{server.port}/api/kernels/{kernel}/channels?session_id={session}&token={server.token}"
        self.socket = websocket.create_connection(url, subprotocols=server.subprotocols, timeout=PATIENCE)
        self.v1 = self.socket.getsubprotocol() == V1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, channel, msg_type, parent=None, **content):
        """Sends a message and returns its id."""
        msg_id = uuid.uuid4().hex
        header = {
            "msg_id": msg_id, "session": self.session, "username": "", "version": "5.3", "msg_type": msg_type,
            "date": datetime.now(timezone.utc).isoformat(),
        }
        message = {"header": header, "parent_header": parent or {}, "metadata": {}, "content": content}
        if self.v1:
            self.socket.send_binary(serialize_msg_to_ws_v1(message, channel, lambda part: json.dumps(part).encode()))
        else:
            self.socket.send(json.dumps({**message, "channel": channel, "buffers": []}))
        return msg_id

    def receive(self):
        """The next message: its channel, header, parent_header and content."""
        frame = self.socket.recv()
        if not self.v1:
            return json.loads(frame)
        channel, parts = deserialize_msg_from_ws_v1(frame)
        names = ["header", "parent_header", "metadata", "content"]
        return {"channel": channel, **{name: json.loads(part) for name, part in zip(names, parts)}}

    def until(self, msg_id, done):
        """What answers the request msg_id, up to and with the message that done is true of."""
        answers = []
        while not (answers and done(answers[-1])):
            message = self.receive()
            if message["parent_header"].get("msg_id") == msg_id:
                answers.append(message)
        return answers

    def request(self, msg_type, channel="shell", **content):
        """The content of the reply to a request."""
        msg_id = self.send(channel, msg_type, **content)
        return self.until(msg_id, lambda m: m["channel"] == channel)[-1]["content"]

    def begin(self, code):
        """Sends a cell to run and returns the request's id."""
        return self.send(
            "shell", "execute_request", code=code, silent=False, store_history=True, user_expressions={},
            allow_stdin=True, stop_on_error=True,
        )

    def finish(self, msg_id, answers=()):
        """The content of a cell's reply, and all that it published."""
        reply, iopub, idle, ahead = None, [], False, list(answers)
        while not (reply and idle):
            message = ahead.pop(0) if ahead else self.receive()
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            if message["channel"] == "shell":
                reply = message["content"]
            elif message["channel"] == "iopub":
                iopub.append(message)
                idle = message["content"].get("execution_state") == "idle"
        return reply, iopub

    def run(self, code):
        return self.finish(self.begin(code))


def of_type(iopub, msg_type):
    """The contents of the published messages of one type."""
    return [m["content"] for m in iopub if m["header"]["msg_type"] == msg_type]


def result(iopub):
    [content] = of_type(iopub, "execute_result")
    return content["data"]["text/plain"]


def stream(iopub):
    return "".join(content["text"] for content in of_type(iopub, "stream"))
