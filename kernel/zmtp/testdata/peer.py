"""One libzmq peer, which the Go tests drive.

Usage: peer.py ROLE ENDPOINT [ARGUMENT...]

It prints lines for the test to wait on, and ends with "done", or with a traceback
and exit status 1.
"""

import hashlib
import sys
import threading

import zmq

PATIENCE = 30_000  # milliseconds


def say(*words):
    print(*words, flush=True)


def wait_for_line():
    return sys.stdin.readline().strip()


def socket(kind, identity=None):
    s = zmq.Context.instance().socket(kind)
    s.linger = 5_000
    s.rcvtimeo = s.sndtimeo = PATIENCE
    if identity is not None:
        s.setsockopt(zmq.IDENTITY, identity)
    return s


def digest(frames):
    h = hashlib.sha256()
    for f in frames:
        h.update(b"%d:" % len(f))
        h.update(f)
    return h.hexdigest()


def expect(got, want):
    assert got == want, f"received {got!r}, want {want!r}"


# Dialling roles: the Go side is bound.


def dealer(endpoint):
    """Sends small and large messages to a ROUTER that sends them back."""
    s = socket(zmq.DEALER, b"pyzmq")
    s.connect(endpoint)
    large = bytes(range(256)) * (10 << 12)  # 10 MiB
    for message in (
        [b"one"],
        [b"", b"two", b""],
        [b"x" * n for n in (0, 1, 254, 255, 256, 8191, 8192, 65536)],
        [b"head", large, b"", large],
    ):
        s.send_multipart(message)
        expect(digest(s.recv_multipart()), digest(message))
    say("done")


def many(endpoint, count):
    """Sends ten messages from each of many DEALERs at once."""
    peers = []
    for i in range(int(count)):
        s = socket(zmq.DEALER, b"client %d" % i)
        s.connect(endpoint)
        peers.append(s)
    for j in range(10):
        for i, s in enumerate(peers):
            s.send_multipart([b"%d" % i, b"%d" % j])
    for i, s in enumerate(peers):
        for j in range(10):
            expect(s.recv_multipart(), [b"%d" % i, b"%d" % j])
    say("done")


def req(endpoint):
    """Heartbeats."""
    s = socket(zmq.REQ)
    s.connect(endpoint)
    for i in range(20):
        s.send_multipart([b"ping", b"%d" % i])
        expect(s.recv_multipart(), [b"ping", b"%d" % i])
    say("done")


def sub(endpoint, count):
    """Takes a welcome, then numbered messages of topic "n" up to count, in order."""
    s = socket(zmq.SUB)
    s.rcvhwm = 0
    s.subscribe(b"unwanted")
    s.unsubscribe(b"unwanted")
    s.subscribe(b"n")
    s.connect(endpoint)
    expect(s.recv_multipart(), [b"n welcome", b""])
    say("ready")
    for i in range(int(count)):
        topic, number, *_ = s.recv_multipart()
        expect(int.from_bytes(number, "big"), i)
    say("done")


def stalled(endpoint):
    """Subscribes to everything and reads nothing until told to end."""
    s = socket(zmq.SUB)
    s.linger = 0
    s.rcvhwm = 1
    s.subscribe(b"")
    s.connect(endpoint)
    wait_for_line()
    say("done")


def heartbeat(endpoint):
    """Has libzmq PING, and finds the connection in order all the while."""
    s = socket(zmq.DEALER, b"pyzmq")
    s.setsockopt(zmq.HEARTBEAT_IVL, 50)
    s.setsockopt(zmq.HEARTBEAT_TIMEOUT, 1_000)
    s.setsockopt(zmq.HEARTBEAT_TTL, 1_000)
    monitor = s.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED)
    s.connect(endpoint)
    s.send(b"hello")
    expect(s.recv(), b"hello")
    # The silence is the case under test: longer than the heartbeat's timeout.
    assert not monitor.poll(2_000), "libzmq gave the connection up"
    s.send(b"again")
    expect(s.recv(), b"again")
    s.disable_monitor()
    say("done")


def reconnect(endpoint):
    """Comes back by itself when the ROUTER has gone and come again."""
    s = socket(zmq.DEALER, b"pyzmq")
    s.connect(endpoint)
    s.send(b"before")
    expect(s.recv(), b"before")
    say("first")
    wait_for_line()
    s.send(b"after")
    expect(s.recv(), b"after")
    say("done")


def twice(endpoint):
    """Drops a connection, and connects anew under the same identity."""
    for i in range(10):
        s = socket(zmq.DEALER, b"pyzmq")
        s.connect(endpoint)
        s.send(b"%d" % i)
        expect(s.recv(), b"%d" % i)
        s.close(linger=0)
    say("done")


# Binding roles: the Go side dials. They print "bound ENDPOINT" first.


def bind(s, endpoint):
    s.bind(endpoint)
    say("bound", s.last_endpoint.decode())


def router(endpoint, count):
    """Sends count messages back."""
    s = socket(zmq.ROUTER)
    bind(s, endpoint)
    for _ in range(int(count)):
        s.send_multipart(s.recv_multipart())
    wait_for_line()
    say("done")


def rep(endpoint, count):
    s = socket(zmq.REP)
    bind(s, endpoint)
    for _ in range(int(count)):
        s.send_multipart(s.recv_multipart())
    wait_for_line()
    say("done")


def xpub(endpoint, count):
    """Publishes numbers to whoever subscribes to "n", then awaits a cancellation."""
    s = socket(zmq.XPUB)
    s.sndhwm = 0
    bind(s, endpoint)
    expect(s.recv(), b"\x01n")
    for i in range(int(count)):
        s.send_multipart([b"unwanted", b""])
        s.send_multipart([b"n", i.to_bytes(8, "big")])
    expect(s.recv(), b"\x00n")
    say("done")


def pub(endpoint, count):
    """Publishes numbers once told that the subscription is made."""
    s = socket(zmq.PUB)
    s.sndhwm = 0
    bind(s, endpoint)
    # A PUB does not tell of subscriptions: publish until the test has heard one.
    heard = threading.Event()
    threading.Thread(target=lambda: (wait_for_line(), heard.set()), daemon=True).start()
    while not heard.wait(0.01):
        s.send_multipart([b"probe"])
    for i in range(int(count)):
        s.send_multipart([b"n", i.to_bytes(8, "big")])
    wait_for_line()
    say("done")


if __name__ == "__main__":
    role, *arguments = sys.argv[1:]
    globals()[role](*arguments)
