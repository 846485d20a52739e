"""execute_request, in all that jupyter_kernel_test leaves out."""

import pytest


def counter(client):
    return client.run("1").ok().content["execution_count"]


def test_the_reply_and_the_input_carry_the_same_count(client, say):
    done = client.run(say.product).ok()
    [echo] = done.of("execute_input")
    [result] = done.of("execute_result")
    assert echo.content["code"] == say.product
    assert echo.content["execution_count"] == done.content["execution_count"]
    assert result.content["execution_count"] == done.content["execution_count"]
    assert done.result == "42"


def test_every_message_names_its_request(client, say):
    done = client.run(say.hello).ok()
    for message in [done.busy, *done.iopub, done.idle, done.reply]:
        assert message.parent == done.msg_id
        assert message["parent"]["session"] == client.session


def test_a_semicolon_hides_the_result(client, say):
    assert client.run(say.quiet_product).ok().result is None


def test_silent_moves_no_counter_and_shows_no_result(client, say):
    before = counter(client)
    done = client.run(say.product, silent=True).ok()
    assert done.types == [] and done.of("execute_input") == []
    assert counter(client) == before + 1


def test_silent_changes_what_the_session_holds(client, say):
    client.run(say.assign, silent=True).ok()
    assert client.run(say.increment).ok().result == "42"


def test_without_store_history_the_counter_stays(client, say):
    before = counter(client)
    done = client.run(say.product, store_history=False).ok()
    assert done.result == "42"
    assert counter(client) == before + 1


def test_without_store_history_nothing_is_remembered(client, say):
    client.run(say.show("never-remembered"), store_history=False).ok()
    client.run(say.show("surely-remembered")).ok()
    request = {"hist_access_type": "tail", "n": 2, "output": False, "raw": True}
    lines = [entry[2] for entry in client.request("history_request", request).content["history"]]
    assert say.show("surely-remembered") in lines
    assert say.show("never-remembered") not in lines


def test_user_expressions_give_values_and_errors(client, say):
    client.run(say.assign).ok()
    asked = {"good": say.increment, "bad": say.undefined}
    done = client.run(say.quiet_product, user_expressions=asked).ok()
    answers = done.content["user_expressions"]
    assert answers["good"]["status"] == "ok"
    assert answers["good"]["data"]["text/plain"] == "42"
    assert answers["bad"]["status"] == "error"
    assert say.undefined in answers["bad"]["evalue"]
    assert answers["bad"]["ename"] and isinstance(answers["bad"]["traceback"], list)


def test_user_expressions_are_not_tried_after_an_error(client, say):
    done = client.run(say.fail, user_expressions={"good": "1"}).failed()
    assert not done.content.get("user_expressions")


def test_an_error_is_published_once_and_replied(client, say):
    done = client.run(say.fail).failed()
    assert done.types == ["error"]
    [error] = done.of("error")
    for key in ("ename", "evalue", "traceback"):
        assert error.content[key] == done.content[key]
    assert "on purpose" in done.content["evalue"]


def test_an_error_aborts_the_cells_queued_behind_it(client, say):
    first = client.start(say.fail_soon)
    queued = [client.start(say.show("must not run")) for _ in range(3)]
    client.finish(first).failed()
    for msg_id in queued:
        done = client.finish(msg_id)
        assert done.status == "aborted"
        assert done.stdout == ""
    assert client.run(say.product).ok().result == "42"


def test_only_execution_is_aborted(client, say):
    first = client.start(say.fail_soon)
    info = client.send("shell", "kernel_info_request")
    client.finish(first).failed()
    assert client.finish(info).status == "ok"


def test_without_stop_on_error_queued_cells_run(client, say):
    first = client.start(say.fail_soon, stop_on_error=False)
    second = client.start(say.show("ran all the same"))
    client.finish(first).failed()
    assert "ran all the same" in client.finish(second).ok().stdout


def test_cells_run_in_the_order_sent(client, say):
    ids = [client.start(say.show(f"cell {i}")) for i in range(20)]
    counts = []
    for i, msg_id in enumerate(ids):
        done = client.finish(msg_id).ok()
        assert f"cell {i}" in done.stdout
        counts.append(done.content["execution_count"])
    assert counts == list(range(counts[0], counts[0] + 20))


def test_two_clients_see_each_other_and_get_their_own_replies(kernel, client, say):
    other = kernel.another_client()
    try:
        done = other.run(say.hello).ok()
        seen = client.iopub(done.msg_id, "stream")
        assert "hello, world" in seen.content["text"]
        assert not [m for m in client.inbox["shell"] if m.parent == done.msg_id]
    finally:
        other.close()


@pytest.mark.fanout
def test_an_empty_cell_is_no_error(client):
    for code in ("", "   \n", "// only a comment"):
        assert client.run(code).ok().types == []


@pytest.mark.fanout
@pytest.mark.parametrize(
    "code, line, column",
    [
        ("x := 1\ny := missing + x", 2, 6),
        ("fmt.Println(\n\t1 + missing)", 2, 6),
        ("x := 1\ny := )", 2, 6),
        ("// é 日本\n_ = \"日本\" + missing", 2, 12),
    ],
)
def test_a_mistake_is_shown_at_its_line_and_column(client, code, line, column):
    done = client.run(code).failed()
    number = done.of("execute_input")[0].content["execution_count"]
    assert f"In[{number}]:{line}:{column}" in done.error


@pytest.mark.fanout
def test_a_caret_stands_under_the_place(client):
    done = client.run("x := 1\ny := missing + x").failed()
    lines = done.error.split("\n")
    [at] = [i for i, text in enumerate(lines) if "y := missing + x" in text]
    assert lines[at + 1].index("^") == lines[at].index("missing")


@pytest.mark.fanout
@pytest.mark.parametrize(
    "code, result",
    [
        ("6*7", "42"),
        ('x := 20\nx + 22', "42"),
        ("func half(n int) int { return n / 2 }\nhalf(84)", "42"),
        ("half(84)", "42"),
        ("type pair struct{ A, B int }\nfunc (p pair) sum() int { return p.A + p.B }\npair{40, 2}.sum()", "42"),
        ("import \"math\"\nmath.Sqrt(1764)", "42"),
        ("strings.ToUpper(`go`)", '"GO"'),
        ("const limit = 42\nlimit", "42"),
        ("var a, b = 40, 2\na + b", "42"),
    ],
)
def test_declarations_and_statements_stand_in_any_order(client, code, result):
    client.run("func half(n int) int { return n / 2 }").ok()
    assert client.run(code).ok().result == result


@pytest.mark.fanout
def test_redefining_works(client):
    client.run("func thing() int { return 1 }").ok()
    client.run('func thing() string { return "two" }').ok()
    assert client.run("thing()").ok().result == '"two"'
    client.run("value := 1").ok()
    client.run('value := "text"').ok()
    assert client.run("value").ok().result == '"text"'


@pytest.mark.fanout
def test_several_results_are_all_shown(client):
    result = client.run('func both() (int, string) { return 42, "text" }\nboth()').ok().result
    assert "42" in result and '"text"' in result
    assert "42" in client.run('strconv.Atoi("42")').ok().result
    assert "invalid syntax" in client.run('strconv.Atoi("x")').ok().result
