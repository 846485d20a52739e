"""Comms: open, message, close from either side, with buffers; comm_info."""

import json
import uuid

import pytest

pytestmark = pytest.mark.fanout

# Echoes each message with its buffers reversed, and says when it is closed.
TARGET = """
commTarget("echo", func(c *Comm, opened CommMessage) {
	c.OnMessage(func(m CommMessage) {
		for _, b := range m.Buffers {
			for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
				b[i], b[j] = b[j], b[i]
			}
		}
		c.Send(m.Data, m.Buffers...)
	})
	c.OnClose(func(m CommMessage) { fmt.Println("closed with", m.Data["why"]) })
})
"""


def open_comm(client, target="echo", data=None, buffers=()):
    comm = uuid.uuid4().hex
    content = {"comm_id": comm, "target_name": target, "data": data or {}}
    msg_id = client.send("shell", "comm_open", content, buffers=buffers)
    idle(client, msg_id)
    return comm


def idle(client, msg_id):
    client.iopub(msg_id, "status", wanted=lambda m: m.content["execution_state"] == "idle")


def send(client, comm, data, buffers=()):
    return client.send("shell", "comm_msg", {"comm_id": comm, "data": data}, buffers=buffers)


def info(client, **content):
    return client.request("comm_info_request", content).ok().content["comms"]


@pytest.fixture
def echo(client):
    client.run(TARGET).ok()
    comm = open_comm(client)
    yield comm
    client.send("shell", "comm_close", {"comm_id": comm, "data": {}})


def test_a_message_comes_back_with_its_buffers(client, echo):
    msg_id = send(client, echo, {"text": "é日本🙂"}, buffers=[b"abc", b"", bytes(range(256))])
    message = client.iopub(msg_id, "comm_msg")
    assert message.content["comm_id"] == echo
    assert message.content["data"] == {"text": "é日本🙂"}
    assert message["buffers"] == [b"cba", b"", bytes(range(256))[::-1]]
    idle(client, msg_id)


def test_messages_keep_their_order(client, echo):
    ids = [send(client, echo, {"i": i}) for i in range(100)]
    assert [client.iopub(m, "comm_msg").content["data"]["i"] for m in ids] == list(range(100))


def test_comm_info_lists_what_is_open(client, echo):
    assert info(client)[echo] == {"target_name": "echo"}
    assert echo in info(client, target_name="echo")
    assert info(client, target_name="other") == {}


def test_a_closed_comm_is_gone(client):
    client.run(TARGET).ok()
    comm = open_comm(client)
    msg_id = client.send("shell", "comm_close", {"comm_id": comm, "data": {"why": "done"}})
    assert "closed with done" in client.iopub(msg_id, "stream").content["text"]
    idle(client, msg_id)
    assert comm not in info(client)


def test_an_unknown_target_is_closed_at_once(client):
    comm = uuid.uuid4().hex
    msg_id = client.send("shell", "comm_open", {"comm_id": comm, "target_name": "nobody", "data": {}})
    assert client.iopub(msg_id, "comm_close").content["comm_id"] == comm
    assert comm not in info(client)


def test_a_message_for_an_unknown_comm_does_no_harm(client):
    idle(client, send(client, "no-such-comm", {}))
    assert client.run("6*7").ok().result == "42"


def test_a_cell_opens_sends_and_closes(client):
    opened = client.run('c, err := openComm("widget", map[string]any{"n": 1}, []byte("raw")); err').ok()
    [message] = opened.of("comm_open")
    comm = message.content["comm_id"]
    assert message.content["target_name"] == "widget"
    assert message.content["data"] == {"n": 1}
    assert message["buffers"] == [b"raw"]
    sent = client.run('c.Send(map[string]any{"n": 2});').ok().of("comm_msg")
    assert [m.content["data"] for m in sent] == [{"n": 2}]
    assert comm in info(client)
    closed = client.run("c.Close(nil);").ok().of("comm_close")
    assert [m.content["comm_id"] for m in closed] == [comm]
    assert comm not in info(client)


def test_a_panic_in_a_handler_does_no_harm(client):
    client.run(
        'commTarget("bad", func(c *Comm, _ CommMessage) { c.OnMessage(func(CommMessage) { panic("in a handler") }) })'
    ).ok()
    comm = open_comm(client, "bad")
    msg_id = send(client, comm, {})
    shown = client.iopub(msg_id, wanted=lambda m: "in a handler" in json.dumps(m.content))
    assert shown.type in ("stream", "error")
    assert client.run("6*7").ok().result == "42"


def test_a_front_end_has_cells_formatted(client):
    comm = uuid.uuid4().hex
    content = {"comm_id": comm, "target_name": "fanout.format", "data": {"code": "x:=1"}}
    msg_id = client.send("shell", "comm_open", content)
    assert client.iopub(msg_id, "comm_msg").content == {"comm_id": comm, "data": {"code": "x := 1\n"}}
    idle(client, msg_id)
    msg_id = send(client, comm, {"code": "x:=(1", "cell": "b"})
    answer = client.iopub(msg_id, "comm_msg").content["data"]
    assert (answer["line"], answer["column"], answer["cell"]) == (1, 4, "b") and answer["error"]
    idle(client, msg_id)
