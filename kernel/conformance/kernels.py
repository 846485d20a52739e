"""Starts kernels as Jupyter does, for the suites to talk to."""

import os

import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_client.manager import KernelManager

import wire


class Kernel:
    """A kernel process that jupyter_client started, and one client of ours."""

    def __init__(self, name, env=None, home=None):
        self.name = name
        self.manager = KernelManager(kernel_name=name)
        self.env = {**os.environ, **private_state(home), **(env or {})}
        self.manager.start_kernel(env=self.env)
        self.client = wire.Client(self.connection_info())
        try:
            self.info = self.client.ready().content
        except BaseException:
            self.stop()
            raise

    def connection_info(self):
        info = self.manager.get_connection_info()
        info["key"] = info["key"].decode() if isinstance(info["key"], bytes) else info["key"]
        return info

    @property
    def process(self):
        return psutil.Process(self.manager.provisioner.process.pid)

    def session_process(self):
        """The child of the kernel process that holds the variables."""
        children = [c for c in self.process.children() if "session" in c.cmdline()]
        assert len(children) == 1, f"session processes: {[c.cmdline() for c in self.process.children()]}"
        return children[0]

    def another_client(self):
        client = wire.Client(self.connection_info())
        client.ready()
        return client

    def stop(self):
        self.client.close()
        if self.manager.is_alive():
            self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()


def private_state(home):
    """Keeps what kernels write (history, above all) away from the user's own."""
    if home is None:
        return {}
    home = str(home)
    return {
        "FANOUT_HISTORY": os.path.join(home, "history.sqlite"),
        "IPYTHONDIR": home,
        "JUPYTER_RUNTIME_DIR": home,
    }


def require(name):
    """Ends the run with a clear message unless Jupyter finds the kernel."""
    try:
        KernelSpecManager().get_kernel_spec(name)
    except NoSuchKernel:
        raise pytest.UsageError(f"Jupyter finds no kernel named {name!r}; run `make install`, or set JUPYTER_PATH")
