"""%race and %%race show data races as lines of cells, in a program that the session outlives."""

import os
import re

import pytest

pytestmark = [
    pytest.mark.fanout,
    pytest.mark.skipif(os.environ.get("FANOUT_TIER") == "interpreted", reason="the race detector needs the Go toolchain"),
]

COUNTER = """%%race
count, done := 0, make(chan bool)
go func() {
	count++
	done <- true
}()
count++
<-done
fmt.Println("counted")
"""


def test_a_race_is_shown_as_two_lines(client):
    done = client.run(COUNTER).ok()
    shown = done.shown
    assert "1 data race" in shown and "counted" in shown
    assert re.search(r"In\[\d+\]:4 \| count\+\+", shown) and re.search(r"In\[\d+\]:7 \| count\+\+", shown)
    html = done.of("display_data")[-1].content["data"]["text/html"]
    assert "<code" in html and "mutex" in html


def test_the_session_outlives_a_crash_of_the_program(client):
    client.run("kept := 5").ok()
    done = client.run("%%race\nvar m map[int]int\ngo func() { m[1] = 1 }()\nselect {}")
    assert "assignment to entry in nil map" in done.error
    assert client.run("kept").ok().shown.strip().endswith("5")
