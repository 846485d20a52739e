"""Starts one kernel, measures it over libzmq, and prints what it found as JSON.

    python measure.py KERNEL DIALECT

All times are in seconds. What a kernel cannot do is null.
"""

import json
import platform
import statistics
import sys
import time

import jupyter_client
import psutil
import zmq
from jupyter_client.manager import KernelManager

LINES = 100_000
DEADLINE = 60.0

DIALECTS = {
    "python": {
        "add": "1+1",
        "print": f"for i in range({LINES}): print('line', i)",
        "loop": "print('begun', flush=True)\nwhile True: pass",
        "declare": "def f{0}(n):\n    return n + {0}\nf{0}(1)",
        "fib": "def fib(n): return n if n < 2 else fib(n-1) + fib(n-2)",
    },
    "fanout": {
        "add": "1+1",
        "print": f'for i := 0; i < {LINES}; i++ {{ fmt.Println("line", i) }}',
        "loop": 'fmt.Println("begun")\nfor {}',
        "declare": "func f{0}(n int) int {{ return n + {0} }}\nf{0}(1)",
        "fib": "func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }",
    },
    "gonb": {
        "add": "%%\nfmt.Println(1+1)",
        "print": f'%%\nfor i := 0; i < {LINES}; i++ {{ fmt.Println("line", i) }}',
        "loop": '%%\nfmt.Println("begun")\nfor {}',
        "declare": "func f{0}(n int) int {{ return n + {0} }}\n%%\nfmt.Println(f{0}(1))",
        "fib": "func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }",
    },
}
CALL_FIB = {"gonb": "%%\nfmt.Println(fib(30))"}
CELLS = 100


class Peer:
    """One kernel and the sockets to it."""

    def __init__(self, kernel):
        self.manager = KernelManager(kernel_name=kernel)
        start = time.perf_counter()
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        answered = []
        handle = self.client._handle_kernel_info_reply

        def note(message):
            answered.append(time.perf_counter() - start)
            self.info = message["content"]
            handle(message)

        self.client._handle_kernel_info_reply = note
        self.client.wait_for_ready(timeout=DEADLINE)
        self.ready = time.perf_counter() - start
        self.answer = answered[-1]
        self.memory = self.resident()

        self.session = self.client.session
        self.shell = self.client.shell_channel.socket
        self.iopub = self.client.iopub_channel.socket
        self.poller = zmq.Poller()
        self.poller.register(self.shell, zmq.POLLIN)
        self.poller.register(self.iopub, zmq.POLLIN)

    def resident(self):
        """Resident memory of the kernel and all its children, in bytes; shared pages count once."""
        process = psutil.Process(self.manager.provisioner.process.pid)
        of = [p.memory_full_info() for p in [process, *process.children(recursive=True)]]
        return sum(getattr(m, "pss", m.rss) for m in of)

    def send(self, code):
        content = {
            "code": code, "silent": False, "store_history": True, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": False,
        }
        return self.session.send(self.shell, "execute_request", content)["header"]["msg_id"]

    def receive(self, msg_id, until):
        """Reads both channels until until(message) holds; only messages of msg_id count."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            for socket, _ in self.poller.poll(1000):
                _, parts = self.session.feed_identities(socket.recv_multipart())
                message = self.session.deserialize(parts)
                if message["parent_header"].get("msg_id") == msg_id and until(message):
                    return
        raise TimeoutError("the kernel did not answer in time")

    def run(self, code):
        """Runs a cell; gives the seconds until its reply came."""
        seen = {}

        def done(message):
            if message["msg_type"] == "execute_reply":
                seen["reply"] = time.perf_counter() - start
                if message["content"]["status"] != "ok":
                    raise RuntimeError(f"{code!r}: {message['content']}")
            elif message["content"].get("execution_state") == "idle":
                seen["idle"] = True
            return len(seen) == 2

        start = time.perf_counter()
        self.receive(self.send(code), done)
        return seen["reply"]

    def print_lines(self, code):
        """Seconds until the client has every line."""
        lines = 0

        def all_there(message):
            nonlocal lines
            if message["msg_type"] == "stream":
                lines += message["content"]["text"].count("\n")
            return lines >= LINES

        start = time.perf_counter()
        self.receive(self.send(code), all_there)
        return time.perf_counter() - start

    def interrupt(self, code):
        """Seconds from the interrupt of a busy loop until the reply of its cell."""
        msg_id = self.send(code)
        self.receive(msg_id, lambda m: m["msg_type"] == "stream")
        start = time.perf_counter()
        self.manager.interrupt_kernel()
        self.receive(msg_id, lambda m: m["msg_type"] == "execute_reply")
        return time.perf_counter() - start

    def growth(self, declare, start):
        """Memory that a cell with a function takes for good, in bytes."""
        before = self.resident()
        for i in range(CELLS):
            self.run(declare.format(start + i))
        return (self.resident() - before) / CELLS

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def attempt(measure):
    try:
        return measure()
    except (TimeoutError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return None


def main():
    kernel, dialect = sys.argv[1:]
    cells = DIALECTS[dialect]
    peer = Peer(kernel)
    fresh = time.time_ns() // 1_000_000 % 10**11 * 10_000  # no cell has the text of an earlier run's
    try:
        for _ in range(5):
            attempt(lambda: peer.run(cells["add"]))
        figures = {
            "ready": peer.ready,
            "answer": peer.answer,
            "memory": peer.memory,
            "roundtrip": attempt(lambda: statistics.median(peer.run(cells["add"]) for _ in range(50))),
            "declare": attempt(lambda: statistics.median(peer.run(cells["declare"].format(fresh + i)) for i in range(10))),
            "fib": attempt(lambda: (peer.run(cells["fib"]), peer.run(CALL_FIB.get(dialect, "fib(30)")))[1]),
            "print": attempt(lambda: peer.print_lines(cells["print"])),
            "cell": None if dialect == "gonb" else attempt(lambda: peer.growth(cells["declare"], fresh + 1000)),
            "interrupt": attempt(lambda: peer.interrupt(cells["loop"])),
        }
    finally:
        peer.stop()
    info = peer.info
    versions = {
        "kernel": f"{info['implementation']} {info['implementation_version']}",
        "python": platform.python_version(),
        "jupyter_client": jupyter_client.__version__,
        "pyzmq": zmq.__version__,
        "libzmq": zmq.zmq_version(),
    }
    json.dump({"figures": figures, "versions": versions}, sys.stdout)


if __name__ == "__main__":
    main()
