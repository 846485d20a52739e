"""What cells print: all of it, in order, whole runes, and no more than a bound."""

import re

import pytest

pytestmark = pytest.mark.fanout


def test_a_hundred_thousand_lines_arrive_in_order(client):
    done = client.run('for i := 0; i < 100000; i++ { fmt.Println("line", i) }', timeout=60).ok()
    assert done.stdout == "".join(f"line {i}\n" for i in range(100000))


def test_text_is_batched(client):
    done = client.run('for i := 0; i < 10000; i++ { fmt.Println("line", i) }').ok()
    assert len(done.of("stream")) < 200


def test_text_is_not_held_back_for_long(client):
    msg_id = client.start('fmt.Println("early"); time.Sleep(time.Hour)')
    client.iopub(msg_id, "stream", timeout=1)
    client.request("interrupt_request", channel="control")
    client.finish_rest(msg_id).failed("Interrupted")


def test_a_flood_is_held_back_and_says_so(client):
    """200 MB printed: the front end gets a bounded part and a line about the rest."""
    code = 'line := strings.Repeat("x", 1023) + "\\n"; for i := 0; i < 200000; i++ { fmt.Print(line) }\nfmt.Fprintln(os.Stderr, "end")'
    done = client.run(code, timeout=100).ok()
    assert len(done.stdout) < 50_000_000
    told = [line for line in (done.stdout + done.stderr).splitlines() if re.search(r"\d.*dropped|dropped.*\d", line)]
    assert len(told) == 1, told
    assert client.run('fmt.Println("next cell")').ok().stdout == "next cell\n"


def test_errors_are_shown_after_a_flood(client):
    code = 'line := strings.Repeat("x", 1<<20) + "\\n"; for i := 0; i < 100; i++ { fmt.Print(line) }; panic("after the flood")'
    done = client.run(code, timeout=60).failed("Panic")
    assert "after the flood" in done.error


@pytest.mark.parametrize(
    "code",
    [
        "fmt.Print(text)",
        "for _, r := range text { fmt.Print(string(r)) }",
        "for i := 0; i < len(text); i++ { os.Stdout.Write([]byte{text[i]}) }",
    ],
    ids=["at once", "rune by rune", "byte by byte"],
)
def test_runes_are_never_cut(client, code):
    client.run('text := strings.Repeat("aé日🙂", 5000)').ok()
    done = client.run(code, timeout=60).ok()
    assert done.stdout == "aé日🙂" * 5000


def test_bytes_that_are_no_text_do_no_harm(client):
    done = client.run('os.Stdout.Write([]byte{0xff, 0xfe, 65, 0xe6}); fmt.Println("!")').ok()
    assert "A" in done.stdout and done.stdout.endswith("!\n")


def test_prints_and_displays_keep_their_order(client):
    done = client.run('fmt.Println("one"); display("two"); fmt.Println("three"); display("four")').ok()
    assert done.types == ["stream", "display_data", "stream", "display_data"]
    assert [m.content["text"] for m in done.of("stream")] == ["one\n", "three\n"]


def test_stdout_and_stderr_keep_their_order(client):
    code = 'for i := 0; i < 5; i++ { fmt.Println("out", i); fmt.Fprintln(os.Stderr, "err", i) }'
    done = client.run(code).ok()
    assert done.stdout == "".join(f"out {i}\n" for i in range(5))
    assert done.stderr == "".join(f"err {i}\n" for i in range(5))


def test_the_result_comes_after_what_was_printed(client):
    assert client.run('fmt.Println("first"); 42').ok().types == ["stream", "execute_result"]


@pytest.mark.parametrize(
    "code",
    ['println("oops")', 'fmt.Fprintln(os.Stderr, "oops")', 'log.SetFlags(0); log.Println("oops")', 'os.Stderr.WriteString("oops\\n")'],
)
def test_stderr_has_its_own_stream(client, code):
    done = client.run(code + ";").ok()
    assert done.stderr == "oops\n" and done.stdout == ""


@pytest.mark.parametrize(
    "code",
    [
        "!echo hi",
        '%%bash\necho hi',
        'cmd := exec.Command("echo", "hi"); cmd.Stdout = os.Stdout; cmd.Run();',
        'descriptor := os.NewFile(1, "out"); descriptor.WriteString("hi\\n");',
    ],
    ids=["shell line", "bash cell", "exec.Command", "the descriptor itself"],
)
def test_output_of_child_processes_and_libraries_arrives(client, code):
    assert client.run(code).ok().stdout == "hi\n"


def test_a_goroutine_that_outlives_its_cell_does_not_print_into_the_next(client):
    first = client.start('go func() { time.Sleep(300 * time.Millisecond); fmt.Println("late") }();')
    done = client.finish(first).ok()
    assert done.stdout == ""
    late = client.wait("iopub", lambda m: m.type == "stream" and "late" in m.content["text"], timeout=5)
    assert late.parent == first


def test_no_output_is_lost_at_the_end_of_a_cell(client):
    for i in range(50):
        assert client.run(f'fmt.Print("{i}")').ok().stdout == str(i)
