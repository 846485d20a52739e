"""Running out of memory costs a cell, with a kernel that has a small limit."""

import pytest

from test_deaths import DECLARATIONS, goes_on

pytestmark = pytest.mark.fanout

HOG = """
var hog [][]byte
for {
	hog = append(hog, bytes.Repeat([]byte{1}, 16<<20))
}
"""


@pytest.fixture(scope="module")
def kernel(start_kernel):
    return start_kernel({"FANOUT_MEMORY_LIMIT": "512MiB"})


@pytest.mark.parametrize("code", [HOG, "x := bytes.Repeat([]byte{1}, 2<<30)\nlen(x)"], ids=["bit by bit", "at once"])
def test_exhausting_memory_costs_the_cell(kernel, client, code):
    client.run(DECLARATIONS).ok()
    done = client.run(code, timeout=60).failed("MemoryError")
    assert "512" in done.error, "it names the limit"
    goes_on(client)


def test_what_fits_the_limit_runs(client):
    assert client.run("x := bytes.Repeat([]byte{1}, 100<<20)\nlen(x)").ok().result == str(100 << 20)
