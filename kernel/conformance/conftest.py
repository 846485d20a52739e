import pathlib

import pytest

import dialects
import kernels

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pytest_addoption(parser):
    parser.addoption("--kernel", default="fanout", help="the kernel to test; python3 checks the suites themselves")


def pytest_configure(config):
    kernels.require(config.getoption("--kernel"))


def pytest_collection_modifyitems(config, items):
    """Leaves out what a peer cannot do, rather than skip it."""
    if config.getoption("--kernel") == "fanout":
        return
    others = [item for item in items if item.get_closest_marker("fanout")]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


@pytest.fixture(scope="session")
def kernel_name(pytestconfig):
    return pytestconfig.getoption("--kernel")


@pytest.fixture(scope="session")
def say(kernel_name):
    """The same cells in the language of the kernel under test."""
    return dialects.BY_KERNEL[kernel_name]


@pytest.fixture(scope="module")
def start_kernel(kernel_name, tmp_path_factory):
    """Starts kernels that end with the module."""
    home = tmp_path_factory.mktemp("state")
    started = []

    def start(env=None):
        kernel = kernels.Kernel(kernel_name, env=env, home=home)
        started.append(kernel)
        return kernel

    yield start
    for kernel in started:
        kernel.stop()


@pytest.fixture(scope="module")
def kernel(start_kernel):
    """The one kernel of a module, for the tests that leave it as they found it."""
    return start_kernel()


@pytest.fixture
def client(kernel):
    """The module's client, with nothing left over from the test before."""
    assert kernel.manager.is_alive(), "the kernel process is gone"
    for box in kernel.client.inbox.values():
        box.clear()
    return kernel.client


@pytest.fixture(scope="session")
def root():
    return ROOT
