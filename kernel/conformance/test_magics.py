"""Magics, shell lines, and the parallel map with its picture."""

import os
import re
import xml.etree.ElementTree as xml

import pytest

pytestmark = pytest.mark.fanout

SQUARE = "func square(n int) int { time.Sleep(20 * time.Millisecond); return n * n }\nxs := []int{1, 2, 3, 4, 5, 6, 7, 8}"


def pages(exchange):
    return [p["data"]["text/plain"] for p in exchange.content["payload"] if p["source"] == "page"]


def test_the_tier_is_the_one_asked_for(client):
    shown = client.run("%tier").ok().shown
    assert shown.startswith(os.environ.get("FANOUT_TIER", "compiled"))


def test_lsmagic_lists_them(client):
    shown = client.run("%lsmagic").ok().shown
    for name in "pmap gpumap gpureduce gpuscan gpustencil gpumatmul gpu papply workers time timeit who whos reset restart lsmagic env cd history".split():
        assert f"%{name}" in shown
    assert "%%bash" in shown


@pytest.mark.parametrize("name", "pmap gpumap gpureduce gpuscan gpustencil gpumatmul gpu papply workers time timeit who whos reset restart lsmagic env cd history".split())
def test_every_magic_explains_itself(client, name):
    help_text = client.run(f"%{name} -h").ok().shown
    assert f"%{name}" in help_text
    [page] = pages(client.run(f"%{name}?").ok())
    assert f"%{name}" in page


def test_an_unknown_magic_is_an_error_that_helps(client):
    done = client.run("%pmpa f xs").failed("MagicError")
    assert "%lsmagic" in done.error or "%pmap" in done.error


def test_timeit(client):
    done = client.run('%timeit strings.Repeat("a", 1000)', timeout=60).ok()
    assert re.search(r"[\d.]+ ?(ns|µs|us|ms|s) ± [\d.]+ ?(ns|µs|us|ms|s) per loop", done.shown)
    assert re.search(r"\d+ runs?, [\d,]+ loops each", done.shown)
    assert any("image/svg+xml" in m.content["data"] or "text/html" in m.content["data"] for m in done.of("display_data", "execute_result"))


def test_time_keeps_the_value(client):
    done = client.run("%time 6*7").ok()
    assert done.result == "42"
    assert re.search(r"[Ww]all time: [\d.]+ ?(ns|µs|us|ms|s)", done.shown)
    client.run("%time timed := 6*7").ok()
    assert client.run("timed").ok().result == "42"


def test_who_and_whos(client):
    client.run("apple := 1\npear := `two`\nfunc cherry() {}").ok()
    assert {"apple", "pear"} <= set(client.run("%who").ok().shown.split())
    shown = client.run("%whos").ok().shown
    assert re.search(r"apple\s+var\s+int\s+\d*\s+1", shown)
    assert re.search(r"pear\s+var\s+string\s+", shown)


def test_a_page_for_a_name(client):
    [page] = pages(client.run("strings.Repeat?").ok())
    assert "func Repeat(s string, count int) string" in page.replace("strings.Repeat", "Repeat")
    client.run("// triple gives thrice n.\nfunc triple(n int) int { return 3 * n }").ok()
    [page] = pages(client.run("triple?").ok())
    assert "triple" in page


def test_shell_lines(client):
    assert client.run("!echo one && echo two").ok().stdout == "one\ntwo\n"
    done = client.run("!echo oops >&2; exit 3")
    assert "oops" in done.stderr
    assert "3" in done.shown


def test_bash_cells(client):
    assert client.run("%%bash\nfor i in 1 2 3; do\n  echo $i\ndone").ok().stdout == "1\n2\n3\n"


def test_env(client):
    client.run("%env FANOUT_TEST_VALUE=some value").ok()
    assert client.run('os.Getenv("FANOUT_TEST_VALUE")').ok().result == '"some value"'
    assert client.run("!echo $FANOUT_TEST_VALUE").ok().stdout == "some value\n"
    assert "some value" in client.run("%env FANOUT_TEST_VALUE").ok().shown
    assert "PATH" in client.run("%env").ok().shown


def test_cd(client, tmp_path):
    before = client.run("!pwd").ok().stdout.strip()
    client.run(f"%cd {tmp_path}").ok()
    assert client.run("!pwd").ok().stdout.strip() == str(tmp_path)
    client.run(f"%cd {before}").ok()
    client.run("%cd /no/such/folder").failed("MagicError")


def test_history(client):
    client.run('fmt.Println("to be found")').ok()
    assert 'fmt.Println("to be found")' in client.run("%history").ok().shown


def test_workers(client):
    client.run("%workers 3").ok()
    assert "3" in client.run("%workers").ok().shown
    client.run("%workers -- -1").failed("MagicError")
    client.run("%workers many").failed("MagicError")
    client.run("%workers 2").ok()


def test_pmap_gives_the_results_in_order(client):
    client.run(SQUARE).ok()
    done = client.run("%pmap square xs").ok()
    assert "[]int{1, 4, 9, 16, 25, 36, 49, 64}" in done.result
    client.run("ys := %pmap square xs").ok()
    assert client.run("ys[7]").ok().result == "64"


def test_pmap_shows_progress_that_becomes_the_picture(client):
    client.run("func doze(n int) int { time.Sleep(150 * time.Millisecond); return n }").ok()
    done = client.run("%pmap doze []int{1, 2, 3, 4, 5, 6, 7, 8}").ok()
    shown = done.of("display_data", "update_display_data")
    assert shown[0].type == "display_data"
    ids = {m.content["transient"]["display_id"] for m in shown}
    assert len(ids) == 1 and "" not in ids
    assert "text/html" in shown[0].content["data"] and "text/plain" in shown[0].content["data"]
    picture = shown[-1].content["data"]["image/svg+xml"]
    assert xml.fromstring(picture).tag.endswith("svg")
    assert "<script" not in picture
    for word in ("wall", "speed", "efficiency"):
        assert word in picture.lower()


def test_progress_is_shown_at_most_ten_times_a_second(client):
    client.run("func tick(n int) int { time.Sleep(2 * time.Millisecond); return n }\nmany := make([]int, 500)").ok()
    done = client.run("zs := %pmap tick many", timeout=30).ok()
    updates = done.of("update_display_data")
    assert len(updates) <= 12 * max(1.0, done.elapsed) + 2


def test_pmap_on_several_workers_is_faster(client):
    client.run("func nap(n int) int { time.Sleep(200 * time.Millisecond); return n }\nfour := []int{1, 2, 3, 4}").ok()
    client.run("%workers 4").ok()
    done = client.run("zs := %pmap nap four").ok()
    client.run("%workers 2").ok()
    assert done.elapsed < 0.6


def test_pmap_of_a_function_literal_and_an_expression(client):
    done = client.run("%pmap func(n int) int { return n + 1 } []int{1, 2, 3}").ok()
    assert "[]int{2, 3, 4}" in done.result


def test_pmap_of_strings_to_structs(client):
    client.run("type count struct{ Word string; N int }\nfunc measure(w string) count { return count{w, len(w)} }").ok()
    client.run('counts := %pmap measure []string{"a", "bb"}').ok()
    assert client.run("counts[1].N").ok().result == "2"


def test_pmap_names_the_task_that_failed(client):
    client.run('func picky(n int) int { if n == 30 { panic("not this one") }; return n }\ntens := []int{10, 20, 30, 40}').ok()
    done = client.run("%pmap picky tens").failed("TaskError")
    assert "not this one" in done.error and "2" in done.error and "30" in done.error


def test_pmap_used_wrongly_says_what_would_be_right(client):
    for code in ("%pmap", "%pmap square", "%pmap noSuchFunction xs", "%pmap square 7.5"):
        done = client.run(code).failed()
        assert done.content["evalue"]


def test_papply(client):
    client.run("func add(a, b int) int { return a + b }").ok()
    assert client.run("%papply add 40 2").ok().result == "42"
    client.run("sum := %papply add 20 22").ok()
    assert client.run("sum").ok().result == "42"


def test_magics_stand_among_go(client):
    done = client.run('before := 1\n!echo from the shell\nfmt.Println("after", before)').ok()
    assert done.stdout == "from the shell\nafter 1\n"


def test_a_percent_sign_in_go_is_no_magic(client):
    assert client.run("a := 85\na %\n43").ok().result == "42"


def test_reset_asks_first(client):
    client.run("remembered := 42").ok()
    msg_id = client.start("%reset", allow_stdin=True)
    request = client.wait("stdin", lambda m: m.type == "input_request", what="input_request")
    client.send("stdin", "input_reply", {"value": "n"}, parent=request["header"])
    client.finish(msg_id)
    assert client.run("remembered").ok().result == "42"
    assert "-f" in client.run("%reset").failed("MagicError").error, "nobody can be asked"


def test_reset_forgets_the_variables(client):
    client.run("forgotten := 1").ok()
    client.run("%reset -f").ok()
    client.run("forgotten").failed()
    assert client.run("6*7").ok().result == "42"


def test_restart_starts_the_session_anew(kernel, client):
    client.run("forgotten := 1").ok()
    before, process = kernel.session_process().pid, kernel.process.pid
    client.run("%restart").ok()
    client.run("forgotten").failed()
    assert kernel.session_process().pid != before
    assert kernel.process.pid == process
