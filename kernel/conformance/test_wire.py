"""The sockets and the messages on them, also when a peer misbehaves."""

import json
import os
import socket
import time

import pytest
import zmq

import wire


def works(client, say):
    assert client.run(say.product, timeout=10).ok().result == "42"


def test_the_heartbeat_echoes(client):
    assert client.alive()
    assert client.alive()


def check_welcome(client, topic):
    sub = client.subscriber(topic)
    assert sub.poll(5000), "no iopub_welcome"
    message = client.parse(sub.recv_multipart())
    assert message.type == "iopub_welcome"
    assert message.content == {"subscription": topic.decode()}
    assert message["parent"] == {}
    sub.close()


@pytest.mark.fanout  # ipykernel welcomes only the first subscriber to a topic
def test_a_fresh_subscriber_is_welcomed(client):
    check_welcome(client, b"")


@pytest.mark.fanout
def test_a_subscriber_to_a_topic_is_welcomed_under_that_topic(client):
    check_welcome(client, b"stream")


def test_a_wrong_signature_is_ignored(client, say):
    header = client.header("kernel_info_request")
    frames = client.frames(header, {})
    frames[1] = b"0" * len(frames[1])
    client.send_frames("shell", frames)
    client.send_frames("control", frames)
    works(client, say)
    assert not [m for box in client.inbox.values() for m in box if m.parent == header["msg_id"]]


def test_a_missing_signature_is_ignored(client, say):
    header = client.header("kernel_info_request")
    frames = client.frames(header, {})
    frames[1] = b""
    client.send_frames("shell", frames)
    works(client, say)
    assert not [m for m in client.inbox["shell"] if m.parent == header["msg_id"]]


def test_a_replayed_message_is_ignored(client, say):
    header = client.header("execute_request")
    frames = client.frames(header, client.execute_content(say.show("once")))
    for _ in range(3):
        client.send_frames("shell", frames)
    client.finish(header["msg_id"]).ok()
    works(client, say)
    again = [m for m in client.inbox["shell"] + client.inbox["iopub"] if m.parent == header["msg_id"]]
    assert again == []


DELIMITER = wire.DELIMITER


@pytest.mark.parametrize("channel", ["shell", "control", "stdin"])
@pytest.mark.parametrize(
    "frames",
    [
        [b""],
        [b"garbage"],
        [DELIMITER],
        [DELIMITER, b"sig"],
        [DELIMITER, b"sig", b"{}", b"{}", b"{}"],
        [b"x", b"y", DELIMITER, b"\xff\xfe", b"{", b"[", b"1", b""],
        [os.urandom(4096)] * 8,
    ],
    ids=["empty", "garbage", "only delimiter", "no parts", "too few parts", "wrong json", "random"],
)
def test_broken_frames_do_no_harm(client, say, channel, frames):
    client.send_frames(channel, frames)
    works(client, say)


@pytest.mark.parametrize(
    "parts",
    [
        [b"{", b"{}", b"{}", b"{}"],
        [b"[]", b"{}", b"{}", b"{}"],
        [b"null", b"null", b"null", b"null"],
        [b"\xff\xfe", b"{}", b"{}", b"{}"],
        [b'{"msg_type": 7}', b"{}", b"{}", b"{}"],
        [b'{"msg_type": "execute_request", "msg_id": "m"}', b"{}", b"{}", b"[1]"],
        [b'{"msg_type": "execute_request", "msg_id": "n"}', b"{}", b"{}", b'{"code": 7}'],
        [b"[" * 100_000, b"{}", b"{}", b"{}"],
    ],
    ids=["cut", "list", "null", "not utf-8", "type a number", "content a list", "code a number", "deep"],
)
@pytest.mark.fanout
def test_wrong_json_with_a_right_signature_does_no_harm(client, say, parts):
    for channel in ("shell", "control"):
        client.send_frames(channel, [DELIMITER, client.sign(parts), *parts])
    works(client, say)


def test_an_unknown_message_type_is_ignored(client, say):
    for channel in ("shell", "control"):
        client.send(channel, "no_such_request", {"a": 1})
    works(client, say)
    assert client.alive()


def test_unknown_fields_are_kept_and_ignored(client, say):
    extra = {"x_own": {"nested": [1, 2.5, None, "é日本🙂"]}, "big": 12345678901234567890}
    content = client.execute_content(say.product, x_own="ignored")
    done = client.request("execute_request", content, header=extra, metadata={"x_own": [1]}).ok()
    assert done.result == "42"
    for message in (done.reply, done.busy, done.of("execute_result")[0]):
        assert message["parent"]["x_own"] == extra["x_own"]
        assert message["parent"]["big"] == extra["big"]


@pytest.mark.fanout
def test_fields_left_out_have_their_defaults(client):
    done = client.request("execute_request", {"code": "6*7"}).ok()
    assert done.result == "42"
    client.request("complete_request", {"code": "fmt.Printl"}).ok()
    client.request("history_request", {}).ok()


def test_a_peer_that_connects_and_says_nothing_holds_nobody_up(client, say):
    silent = [
        socket.create_connection((client.info["ip"], client.info[name + "_port"]))
        for name in ("shell", "iopub", "stdin", "control", "hb")
        for _ in range(3)
    ]
    other = wire.Client(client.info)
    other.ready(timeout=10)
    works(other, say)
    assert other.alive()
    other.close()
    for peer in silent:
        peer.close()


def test_a_peer_that_sends_garbage_is_dropped(client, say):
    for name in ("shell", "iopub", "stdin", "control", "hb"):
        for garbage in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(1000), b"\xff" + b"\0" * 8 + b"\x7f" + b"\xff" * 1000):
            peer = socket.create_connection((client.info["ip"], client.info[name + "_port"]))
            peer.sendall(garbage)
            peer.close()
    works(client, say)


def test_fifty_clients_at_once(client, say):
    others = [wire.Client(client.info) for _ in range(50)]
    ids = [other.start(say.product) for other in others]
    for other, msg_id in zip(others, ids):
        assert other.reply(msg_id).content["status"] == "ok"
    for other in others:
        other.close()
    works(client, say)


@pytest.mark.fanout
def test_a_stalled_subscriber_holds_nobody_up(client):
    """20,000 messages beside a subscriber that never reads: the good one gets every one."""
    stalled = client.context.socket(zmq.SUB)
    stalled.rcvhwm = 1
    stalled.setsockopt(zmq.RCVBUF, 4096)
    stalled.linger = 0
    stalled.connect(client.url("iopub"))
    stalled.subscribe(b"")
    assert stalled.poll(5000), "no iopub_welcome"
    done = client.run('h := display("start"); for i := 0; i < 20000; i++ { h.Update(i) }', timeout=60).ok()
    values = [int(m.content["data"]["text/plain"]) for m in done.of("update_display_data")]
    assert values == list(range(20000))
    stalled.close()


def test_a_client_that_comes_back_is_served(client, say):
    for _ in range(5):
        other = wire.Client(client.info)
        other.ready(timeout=10)
        works(other, say)
        other.close()
    works(client, say)


@pytest.mark.fanout
def test_a_large_message_arrives_whole(client):
    text = "é日本🙂" * 500_000
    done = client.run(f"len({json.dumps(text, ensure_ascii=False)})", timeout=60).ok()
    assert done.result == str(len(text.encode()))


def test_a_burst_of_requests_is_all_answered(client):
    start = time.monotonic()
    ids = [client.send("shell", "kernel_info_request") for _ in range(500)]
    for msg_id in ids:
        assert client.reply(msg_id).content["status"] == "ok"
    assert time.monotonic() - start < 10


@pytest.mark.fanout
def test_messages_are_dated_and_numbered_as_the_protocol_says(client):
    done = client.run('fmt.Println("x")').ok()
    ids = [m["header"]["msg_id"] for m in [done.busy, *done.iopub, done.idle, done.reply]]
    assert len(set(ids)) == len(ids)
    for message in [done.busy, *done.iopub, done.idle, done.reply]:
        header = message["header"]
        assert header["version"] == "5.5" and header["username"] and header["session"]
        assert header["date"].endswith("Z") or header["date"][-6] in "+-"
