"""Functions of cells on devices, in a supervised session with cells that are linked."""

import re

import pytest

pytestmark = pytest.mark.fanout


@pytest.fixture(scope="module")
def kernel(start_kernel):
    return start_kernel({"FANOUT_BUILD": "linked"})


def test_a_function_of_a_cell_runs_on_the_device_that_is_there(client):
    done = client.run("func cube(n int) int { return n * n * n }\n%gpumap cube 4").ok()
    assert done.result == "[]int{0, 1, 8, 27}"
    assert re.search(r"4 tasks.*kernel", done.shown, re.DOTALL), done.shown


def test_all_shapes_of_work(client):
    client.run("scale := 2.0\nxs := []float64{1, 2, 3}").ok()
    assert client.run("%gpumap -q func(x float64) float64 { return x * scale } xs").ok().result == "[]float64{2, 4, 6}"
    assert client.run("%gpureduce -q sum xs").ok().result == "6"
    assert client.run("%gpuscan -q sum xs").ok().result == "[]float64{1, 3, 6}"
    code = "%gpustencil -q -n 2 func(g [][]int, y, x int) int { return g[y][x] + 1 } [][]int{{1, 2}, {3, 4}}"
    assert client.run(code).ok().result == "[][]int{{3, 4}, {5, 6}}"


def test_devices_are_listed(client):
    shown = client.run("%gpu").ok().shown
    assert re.search(r"^0 \*", shown, re.M) and "float64" in shown


def test_the_magics_go_on_after_a_death(client):
    client.run("func half(n int) float64 { return float64(n) / 2 }\nfunc halves(n int) []float64 { return %gpumap -q half n }").ok()
    client.run("os.Exit(3)").failed("ExitError")
    assert client.run("halves(3)").ok().result == "[]float64{0, 0.5, 1}"


def test_an_interrupt_ends_a_kernel(client):
    msg_id = client.begin('fmt.Println("begun")\n%gpumap -q func(n int) int { for n >= 0 { }; return n } 2')
    client.send("control", "interrupt_request")
    client.finish_rest(msg_id, timeout=30).failed("Interrupted")
    assert client.run("%gpumap -q -d cpu func(n int) int { return n } 2").ok().result == "[]int{0, 1}"
