"""complete, inspect, is_complete, kernel_info. Positions are code points."""

import re

import pytest


def complete(client, code, cursor=None):
    cursor = len(code) if cursor is None else cursor
    return client.request("complete_request", {"code": code, "cursor_pos": cursor}).ok().content


def inspect(client, code, cursor=None, detail=0):
    cursor = len(code) if cursor is None else cursor
    request = {"code": code, "cursor_pos": cursor, "detail_level": detail}
    return client.request("inspect_request", request).ok().content


def is_complete(client, code):
    return client.request("is_complete_request", {"code": code}).content


def test_kernel_info(client, kernel):
    for channel in ("shell", "control"):
        info = client.request("kernel_info_request", channel=channel).ok().content
        assert re.fullmatch(r"5\.\d+", info["protocol_version"])
        assert info["implementation"] and info["implementation_version"] and info["banner"]
        assert "kernel subshells" in info["supported_features"]
        assert {"name", "version", "mimetype", "file_extension"} <= set(info["language_info"])


@pytest.mark.fanout
def test_kernel_info_says_what_it_runs(client):
    info = client.request("kernel_info_request").ok().content
    assert info["protocol_version"] == "5.5"
    assert info["implementation"] == "fanout"
    assert info["language_info"]["name"] == "go"
    assert info["language_info"]["file_extension"] == ".go"
    assert info["language_info"]["version"].startswith("1.")
    for link in info.get("help_links", []):
        assert link["url"].startswith("https://") and link["text"]


def test_whole_code_is_told_from_unfinished_and_from_wrong(client, say):
    for wanted in ("complete", "incomplete", "invalid"):
        for code in getattr(say, wanted):
            assert is_complete(client, code)["status"] == wanted, f"{code!r}"


@pytest.mark.fanout
@pytest.mark.parametrize(
    "code, indent",
    [
        ("func f() {", "\t"),
        ("if true {\n\tfor {", "\t\t"),
        ("func f() {\n\tx := 1", "\t"),
        ("xs := []int{", "\t"),
        ("x :=", ""),
    ],
)
def test_the_next_line_is_indented_by_the_open_blocks(client, code, indent):
    reply = is_complete(client, code)
    assert reply["status"] == "incomplete"
    if indent:
        assert reply["indent"] == indent


@pytest.mark.fanout
@pytest.mark.parametrize(
    "code, cursor, match, start, end",
    [
        ("strings.HasPre", None, "HasPrefix", 0, None),
        ('x := "日本é" + strings.ToUp', None, "ToUpper", None, None),
        ('s := "🙂"; strings.ToUp("x")', 22, "ToUpper", None, 22),
        ("strings.", None, "Builder", None, None),
        ("str", None, "strings", 0, 3),
        ("%who", None, "whos", None, None),
    ],
)
def test_completion_replaces_the_right_code_points(client, code, cursor, match, start, end):
    cursor = len(code) if cursor is None else cursor
    reply = complete(client, code, cursor)
    texts = [code[: reply["cursor_start"]] + m + code[reply["cursor_end"] :] for m in reply["matches"]]
    prefix = code[:cursor]
    stem = re.search(r"[\w]*$", prefix).group()
    wanted = prefix[: len(prefix) - len(stem)] + match
    assert any(text.startswith(wanted) for text in texts), texts[:10]
    assert reply["cursor_start"] <= cursor <= reply["cursor_end"]
    if end is not None:
        assert reply["cursor_end"] == end


@pytest.mark.fanout
def test_completion_knows_the_sessions_names_and_their_kinds(client):
    client.run("func myFunction(n int) int { return n }\nmyVariable := 1\ntype myType struct{ Field int }").ok()
    reply = complete(client, "my")
    assert {"myFunction", "myVariable", "myType"} <= set(reply["matches"])
    kinds = {item["text"]: item for item in reply["metadata"]["_jupyter_types_experimental"]}
    assert kinds["myFunction"]["type"] == "function"
    assert "int" in kinds["myFunction"]["signature"]
    for item in kinds.values():
        assert {"start", "end", "text", "type"} <= set(item)


@pytest.mark.fanout
def test_completion_of_fields_and_methods(client):
    client.run("type box struct{ Width, Height int }\nfunc (b box) Area() int { return b.Width * b.Height }\nb := box{2, 3}").ok()
    assert {"Width", "Height", "Area"} <= {m.split(".")[-1] for m in complete(client, "b.")["matches"]}


def test_completion_of_nothing_is_an_empty_list(client):
    reply = complete(client, "zzzzNothingLikeThis")
    assert reply["matches"] == []


@pytest.mark.fanout
@pytest.mark.parametrize("cursor", [-5, 0, 3, 1000])
def test_a_cursor_outside_the_code_does_no_harm(client, cursor):
    complete(client, "fmt", cursor)
    inspect(client, "fmt", cursor)


@pytest.mark.fanout
def test_inspection_of_a_standard_function(client):
    for code, cursor in [("fmt.Println", None), ('fmt.Println("日本é")', 7), ('s := "🙂"; fmt.Println(s)', 15)]:
        reply = inspect(client, code, cursor)
        assert reply["found"] is True, code
        assert "Println" in reply["data"]["text/plain"]
        assert "func" in reply["data"]["text/plain"]


@pytest.mark.fanout
def test_inspection_of_the_users_own(client):
    client.run("// double gives twice n.\nfunc double(n int) int { return 2 * n }\ncount := 7").ok()
    assert "func" in inspect(client, "double(3)", 2)["data"]["text/plain"]
    assert "2 * n" in inspect(client, "double(3)", 2, detail=1)["data"]["text/plain"]
    assert "int" in inspect(client, "count")["data"]["text/plain"]


def test_inspection_of_the_unknown(client, say):
    reply = inspect(client, say.undefined)
    assert reply["found"] is False and reply["data"] == {}


@pytest.mark.fanout
def test_the_shell_answers_questions_while_a_cell_runs(client):
    """Completion while a cell runs comes after it on the main shell; a subshell need not wait."""
    created = client.request("create_subshell_request", channel="control").ok().content["subshell_id"]
    running = client.begin('fmt.Println("begun"); time.Sleep(time.Hour)')
    request = {"code": "strings.HasPre", "cursor_pos": 14}
    reply = client.request("complete_request", request, header={"subshell_id": created}, timeout=5).ok()
    assert reply.content["matches"]
    client.request("interrupt_request", channel="control").ok()
    client.finish_rest(running).failed("Interrupted")
    client.request("delete_subshell_request", {"subshell_id": created}, channel="control").ok()
