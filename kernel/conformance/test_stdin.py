"""The kernel asks the user: stdin and input_request."""

import pytest

import wire


def answer(client, msg_id, value, prompt=None):
    request = client.wait("stdin", lambda m: m.type == "input_request", what="input_request")
    assert request.parent == msg_id
    if prompt is not None:
        assert prompt in request.content["prompt"]
    assert request.content["password"] is False
    client.send("stdin", "input_reply", {"value": value, "status": "ok"}, parent=request["header"])


def test_a_cell_asks_and_gets_the_answer(client, say):
    msg_id = client.start(say.ask, allow_stdin=True)
    answer(client, msg_id, "Ada")
    assert "hello, Ada" in client.finish(msg_id).ok().stdout


def test_asking_where_nobody_can_answer_is_an_error(client, say):
    done = client.run(say.ask, allow_stdin=False).failed()
    assert not client.inbox["stdin"]
    assert "stdin" in done.error
    assert client.run(say.product).ok().result == "42"


def test_an_interrupt_ends_the_asking(kernel, client, say):
    msg_id = client.start(say.ask, allow_stdin=True)
    client.wait("stdin", lambda m: m.type == "input_request", what="input_request")
    kernel.manager.interrupt_kernel()
    client.finish(msg_id).failed(say.interrupted)
    assert client.run(say.product).ok().result == "42"


@pytest.mark.fanout
def test_scanning_asks_again_until_it_has_enough(client):
    msg_id = client.start("var a, b int; n, err := fmt.Scan(&a, &b); fmt.Println(a+b, n, err)", allow_stdin=True)
    answer(client, msg_id, "40")
    answer(client, msg_id, "2")
    assert client.finish(msg_id).ok().stdout == "42 2 <nil>\n"


@pytest.mark.fanout
def test_a_buffered_reader_reads_lines(client):
    msg_id = client.start(
        'r := bufio.NewReader(os.Stdin); a, _ := r.ReadString(\'\\n\'); b, _ := r.ReadString(\'\\n\'); fmt.Printf("%q %q", a, b)',
        allow_stdin=True,
    )
    answer(client, msg_id, "first line")
    answer(client, msg_id, "zweite Zeile é日本")
    assert client.finish(msg_id).ok().stdout == '"first line\\n" "zweite Zeile é日本\\n"'


@pytest.mark.fanout
def test_a_scanner_ends_at_the_end_of_the_input(client):
    msg_id = client.start(
        "lines := 0; s := bufio.NewScanner(os.Stdin); for s.Scan() { lines++ }; fmt.Println(lines)", allow_stdin=True
    )
    answer(client, msg_id, "one")
    answer(client, msg_id, "two")
    answer(client, msg_id, "\x04")  # what jupyter's own clients send for Ctrl-D
    assert client.finish(msg_id).ok().stdout == "2\n"


@pytest.mark.fanout
def test_what_was_typed_too_much_does_not_reach_the_next_cell(client):
    msg_id = client.start("var a string; fmt.Scan(&a); fmt.Println(a)", allow_stdin=True)
    answer(client, msg_id, "wanted leftover")
    assert client.finish(msg_id).ok().stdout == "wanted\n"
    msg_id = client.start("var b string; fmt.Scan(&b); fmt.Println(b)", allow_stdin=True)
    answer(client, msg_id, "fresh")
    assert client.finish(msg_id).ok().stdout == "fresh\n"


@pytest.mark.fanout
def test_the_text_printed_last_is_the_prompt_or_stands_before_it(client):
    msg_id = client.start('fmt.Print("how many? "); var n int; fmt.Scanln(&n); fmt.Println(n)', allow_stdin=True)
    request = client.wait("stdin", lambda m: m.type == "input_request", what="input_request")
    if "how many?" not in request.content["prompt"]:
        try:
            client.iopub(msg_id, "stream", wanted=lambda m: "how many?" in m.content["text"], timeout=2)
        except wire.Deadline:
            pytest.fail("the question did not reach the user before the input box")
    client.send("stdin", "input_reply", {"value": "7"}, parent=request["header"])
    assert client.finish(msg_id).ok().stdout.endswith("7\n")
