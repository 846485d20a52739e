"""Jupyter's wire format, written by hand over pyzmq.

The suites need to send what a well-behaved client never would (bad signatures,
broken frames, unknown fields), so nothing here goes through jupyter_client.
"""

import hashlib
import hmac
import json
import time
import uuid
from collections import deque
from datetime import datetime, timezone

import zmq

DELIMITER = b"<IDS|MSG>"
DEADLINE = 20.0


class Deadline(AssertionError):
    """What was waited for did not come in time."""


class Message(dict):
    """A message that arrived: header, parent, metadata, content, buffers."""

    @property
    def type(self):
        return self["header"]["msg_type"]

    @property
    def parent(self):
        return self["parent"].get("msg_id")

    @property
    def content(self):
        return self["content"]


class Exchange:
    """One request with everything that it caused."""

    def __init__(self, msg_id, reply=None):
        self.msg_id = msg_id
        self.reply = reply
        self.busy = None
        self.iopub = []
        self.idle = None
        self.elapsed = None

    @property
    def content(self):
        return self.reply.content

    @property
    def status(self):
        return self.content["status"]

    @property
    def types(self):
        """The types of the iopub messages, in order, without execute_input."""
        return [m.type for m in self.iopub if m.type != "execute_input"]

    def of(self, *types):
        return [m for m in self.iopub if m.type in types]

    def text(self, name="stdout"):
        return "".join(m.content["text"] for m in self.of("stream") if m.content["name"] == name)

    @property
    def stdout(self):
        return self.text("stdout")

    @property
    def stderr(self):
        return self.text("stderr")

    @property
    def result(self):
        """The text of the last expression's value, None if there was none."""
        results = self.of("execute_result")
        return results[-1].content["data"]["text/plain"] if results else None

    @property
    def error(self):
        """Everything that the error says, as one plain text; "" if there was none."""
        parts = []
        for message in self.of("error"):
            parts += [message.content["ename"], message.content["evalue"], *message.content["traceback"]]
        return strip_ansi("\n".join(parts))

    @property
    def shown(self):
        """All that a user would read: streams, errors, displays and results as text."""
        parts = []
        for message in self.iopub:
            content = message.content
            if message.type == "stream":
                parts.append(content["text"])
            elif message.type == "error":
                parts += content["traceback"]
            elif message.type in ("display_data", "update_display_data", "execute_result"):
                parts.append(content["data"].get("text/plain", ""))
        return strip_ansi("\n".join(parts))

    def ok(self):
        assert self.status == "ok", f"status {self.status}: {self.error or self.content}"
        return self

    def failed(self, ename=None):
        assert self.status == "error", f"status {self.status}, wanted an error; shown: {self.shown[:500]}"
        if ename is not None:
            assert self.content["ename"] == ename, self.error
        return self

    def __repr__(self):
        return f"<Exchange {self.reply and self.reply.content} {self.types}>"


def strip_ansi(text):
    out, i = [], 0
    while i < len(text):
        if text[i] == "\x1b" and text[i + 1 : i + 2] == "[":
            i += 2
            while i < len(text) and not "@" <= text[i] <= "~":
                i += 1
            i += 1
        else:
            out.append(text[i])
            i += 1
    return "".join(out)


class Client:
    """A front end of its own: five sockets, one identity, no threads.

    Messages are kept until someone asks for them, so the order in which a test
    looks at the channels does not matter.
    """

    def __init__(self, info):
        self.info = info
        self.key = info["key"].encode()
        self.session = uuid.uuid4().hex
        self.context = zmq.Context()
        self.sockets = {}
        self.inbox = {name: deque() for name in ("shell", "control", "stdin", "iopub")}
        self.poller = zmq.Poller()
        for name in ("shell", "control", "stdin"):
            self._connect(name, zmq.DEALER, identity=self.session.encode())
        self._connect("iopub", zmq.SUB)
        self._connect("hb", zmq.REQ)
        self.sockets["iopub"].subscribe(b"")

    def url(self, name):
        if self.info["transport"] == "ipc":
            return f"ipc://{self.info['ip']}-{self.info[name + '_port']}"
        return f"tcp://{self.info['ip']}:{self.info[name + '_port']}"

    def _connect(self, name, kind, identity=None):
        socket = self.context.socket(kind)
        socket.linger = 0
        socket.rcvhwm = socket.sndhwm = 0
        if identity:
            socket.identity = identity
        if name == "stdin":
            self.stdin_events = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        socket.connect(self.url(name))
        self.sockets[name] = socket
        if name in self.inbox:
            self.poller.register(socket, zmq.POLLIN)

    def subscriber(self, topic=b""):
        """Another SUB socket, which the caller closes."""
        socket = self.context.socket(zmq.SUB)
        socket.linger = 0
        socket.connect(self.url("iopub"))
        socket.subscribe(topic)
        return socket

    def close(self):
        self.context.destroy(linger=0)

    # -- sending

    def header(self, msg_type, **extra):
        return {
            "msg_id": uuid.uuid4().hex,
            "session": self.session,
            "username": "conformance",
            "date": datetime.now(timezone.utc).isoformat(),
            "msg_type": msg_type,
            "version": "5.5",
            **extra,
        }

    def sign(self, parts):
        digest = hmac.new(self.key, digestmod=hashlib.sha256)
        for part in parts:
            digest.update(part)
        return digest.hexdigest().encode()

    def frames(self, header, content, parent=None, metadata=None, buffers=()):
        parts = [json.dumps(p).encode() for p in (header, parent or {}, metadata or {}, content)]
        return [DELIMITER, self.sign(parts), *parts, *buffers]

    def send(self, channel, msg_type, content=None, *, header=None, parent=None, metadata=None, buffers=()):
        """Sends one message and returns its id."""
        header = self.header(msg_type, **(header or {}))
        self.send_frames(channel, self.frames(header, content or {}, parent, metadata, buffers))
        return header["msg_id"]

    def send_frames(self, channel, frames):
        self.sockets[channel].send_multipart(frames)

    # -- receiving

    def _pump(self, deadline, what):
        left = deadline - time.monotonic()
        ready = self.poller.poll(max(0, left * 1000))
        if not ready and left <= 0:
            seen = {name: [(m.type, m.content) for m in box][-5:] for name, box in self.inbox.items() if box}
            raise Deadline(f"waited for {what}; unread: {seen}"[:2000])
        for socket, _ in ready:
            name = next(n for n, s in self.sockets.items() if s is socket)
            while True:
                try:
                    frames = socket.recv_multipart(zmq.NOBLOCK)
                except zmq.Again:
                    break
                self.inbox[name].append(self.parse(frames, name))

    def parse(self, frames, channel=""):
        at = frames.index(DELIMITER)
        signature, *parts = frames[at + 1 : at + 6]
        assert signature == self.sign(parts), f"bad signature on {channel}: {parts}"
        header, parent, metadata, content = (json.loads(p) for p in parts)
        return Message(
            header=header,
            parent=parent,
            metadata=metadata,
            content=content,
            buffers=frames[at + 6 :],
            topic=frames[:at],
            received=time.monotonic(),
        )

    def wait(self, channel, wanted, timeout=DEADLINE, what=None):
        """Takes the first message on channel for which wanted(message) holds."""
        box = self.inbox[channel]
        deadline = time.monotonic() + timeout
        checked = 0
        while True:
            while checked < len(box):
                if wanted(box[checked]):
                    message = box[checked]
                    del box[checked]
                    return message
                checked += 1
            self._pump(deadline, what or f"a message on {channel}")

    def reply(self, msg_id, channel="shell", timeout=DEADLINE):
        return self.wait(channel, lambda m: m.parent == msg_id, timeout, f"the reply to {msg_id} on {channel}")

    def iopub(self, msg_id, msg_type=None, wanted=None, timeout=DEADLINE):
        """Takes the next iopub message of one request (of one type, if given)."""
        return self.wait(
            "iopub",
            lambda m: m.parent == msg_id
            and (msg_type is None or m.type == msg_type)
            and (wanted is None or wanted(m)),
            timeout,
            f"{msg_type or 'a message'} of {msg_id} on iopub",
        )

    def finish_rest(self, msg_id, channel="shell", timeout=DEADLINE):
        """Like finish, for a request whose first messages a test has taken already."""
        return self.finish(msg_id, channel, timeout, begun=True)

    def finish(self, msg_id, channel="shell", timeout=DEADLINE, begun=False):
        """Waits for the reply and for idle; checks that busy and idle bracket the rest."""
        start = time.monotonic()
        exchange = Exchange(msg_id)
        exchange.reply = self.reply(msg_id, channel, timeout)
        exchange.elapsed = exchange.reply["received"] - start
        while True:
            message = self.iopub(msg_id, timeout=max(0.1, timeout - (time.monotonic() - start)))
            if message.type == "status":
                state = message.content["execution_state"]
                if state == "idle":
                    break
                assert state == "busy" and not exchange.busy and not exchange.iopub, f"{state} after {exchange.types}"
                exchange.busy = message
                continue
            assert begun or exchange.busy, f"{message.type} came before busy"
            exchange.iopub.append(message)
        assert begun or exchange.busy, "idle without busy"
        exchange.idle = message
        return exchange

    def request(self, msg_type, content=None, *, channel="shell", timeout=DEADLINE, **send):
        """Sends a request and waits until all of its answer is there."""
        start = time.monotonic()
        exchange = self.finish(self.send(channel, msg_type, content, **send), channel, timeout)
        exchange.elapsed = exchange.reply["received"] - start
        return exchange

    # -- what tests do most

    def execute_content(self, code, **options):
        return {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
            **options,
        }

    def start(self, code, header=None, **options):
        """Sends a cell and returns its id at once."""
        return self.send("shell", "execute_request", self.execute_content(code, **options), header=header)

    def begin(self, code, **options):
        """Starts a cell that prints something first, and waits until it has."""
        msg_id = self.start(code, **options)
        self.iopub(msg_id, "execute_input")
        self.iopub(msg_id, "stream")
        return msg_id

    def run(self, code, timeout=DEADLINE, header=None, **options):
        """Runs a cell to its end."""
        start = time.monotonic()
        exchange = self.finish(self.start(code, header, **options), timeout=timeout)
        exchange.elapsed = exchange.reply["received"] - start
        return exchange

    def ready(self, timeout=60.0):
        """Waits until every channel works, whatever the kernel is.

        Of stdin only the handshake can be seen: a ROUTER drops what it is to send
        to a peer that has not shaken hands yet, an input_request above all.
        """
        deadline = time.monotonic() + timeout
        while True:
            msg_id = self.send("shell", "kernel_info_request")
            reply = self.reply(msg_id, timeout=max(1, deadline - time.monotonic()))
            try:
                self.iopub(msg_id, wanted=lambda m: m.content.get("execution_state") == "idle", timeout=0.2)
                break
            except Deadline:
                if time.monotonic() > deadline:
                    raise
        if self.stdin_events is not None:
            if not self.stdin_events.poll(1000 * timeout):
                raise Deadline("waited for the handshake on stdin")
            self.sockets["stdin"].disable_monitor()
            self.stdin_events = None
        self.reply(self.send("control", "kernel_info_request"), "control")
        for box in self.inbox.values():
            box.clear()
        return reply

    def alive(self, timeout=5.0):
        """Says whether the heartbeat echoes."""
        beat = self.sockets["hb"]
        token = uuid.uuid4().bytes
        beat.send(token)
        if not beat.poll(timeout * 1000):
            return False
        return beat.recv() == token
