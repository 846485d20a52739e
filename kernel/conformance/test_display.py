"""Rich display: values that show themselves, handles that update, clearing."""

import base64

import pytest

pytestmark = pytest.mark.fanout

PIXELS = "image.NewRGBA(image.Rect(0, 0, 3, 2))"


def bundles(exchange, *types):
    return [m.content["data"] for m in exchange.of(*(types or ("display_data",)))]


@pytest.mark.parametrize(
    "code, mime, data",
    [
        ('HTML("<b>x</b>")', "text/html", "<b>x</b>"),
        ('Markdown("**x**")', "text/markdown", "**x**"),
        ('LaTeX("$x$")', "text/latex", "$x$"),
        ("SVG(`<svg/>`)", "image/svg+xml", "<svg/>"),
        ('JSON(map[string]int{"a": 1})', "application/json", {"a": 1}),
        ("PNG([]byte{1, 2, 3})", "image/png", base64.b64encode(b"\1\2\3").decode()),
        ("JPEG([]byte{1, 2, 3})", "image/jpeg", base64.b64encode(b"\1\2\3").decode()),
    ],
)
def test_typed_values_show_as_what_they_are(client, code, mime, data):
    shown = bundles(client.run(f"display({code})").ok())
    result = bundles(client.run(code).ok(), "execute_result")
    assert [b[mime] for b in shown + result] == [data, data]
    assert all("text/plain" in b for b in shown + result)


def test_an_image_shows_as_png(client):
    [data] = bundles(client.run(f"display({PIXELS})").ok())
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    [data] = bundles(client.run(PIXELS).ok(), "execute_result")
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")


def test_a_gonum_plot_shows_itself(client):
    code = """
import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)
p := plot.New()
line, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}})
if err == nil { p.Add(line) }
p"""
    [data] = bundles(client.run(code).ok(), "execute_result")
    assert "<svg" in data.get("image/svg+xml", "") or "image/png" in data


@pytest.mark.parametrize(
    "method, mime, data",
    [
        ('HTML() string { return "<i>h</i>" }', "text/html", "<i>h</i>"),
        ('SVG() string { return "<svg/>" }', "image/svg+xml", "<svg/>"),
        ('Markdown() string { return "*m*" }', "text/markdown", "*m*"),
        ("PNG() []byte { return []byte{1} }", "image/png", base64.b64encode(b"\1").decode()),
        (
            'MimeBundle() map[string]any { return map[string]any{"text/plain": "t", "application/x-own": "o"} }',
            "application/x-own",
            "o",
        ),
    ],
)
def test_a_method_of_the_users_type_shows_it(client, method, mime, data):
    client.run("type shown struct{ A int }\nfunc (s shown) " + method).ok()
    [bundle] = bundles(client.run("display(shown{1})").ok())
    assert bundle[mime] == data and "text/plain" in bundle


def test_a_handle_updates_what_it_shows(client):
    done = client.run('h := display("a"); h.Update("b")').ok()
    assert done.types == ["display_data", "update_display_data"]
    first, second = done.of("display_data", "update_display_data")
    assert first.content["transient"]["display_id"] == second.content["transient"]["display_id"] != ""
    assert "a" in first.content["data"]["text/plain"] and "b" in second.content["data"]["text/plain"]


def test_a_handle_lives_on_in_later_cells(client):
    first = client.run('later := display("a")').ok().of("display_data")[0]
    second = client.run('later.Update(HTML("<b>b</b>"))').ok().of("update_display_data")[0]
    assert second.content["transient"]["display_id"] == first.content["transient"]["display_id"]
    assert second.content["data"]["text/html"] == "<b>b</b>"


@pytest.mark.parametrize("wait", ["true", "false"])
def test_clearing_output(client, wait):
    done = client.run(f'fmt.Println("old"); clearOutput({wait}); fmt.Println("new")').ok()
    assert done.types == ["stream", "clear_output", "stream"]
    assert done.of("clear_output")[0].content == {"wait": wait == "true"}


@pytest.mark.parametrize(
    "code, text",
    [
        ("3.5", "3.5"),
        ('"a\\nb"', '"a\\nb"'),
        ("true", "true"),
        ("'x'", "120"),
        ("[]string{`a`}", '[]string{"a"}'),
        ('errors.New("broken")', "broken"),
        ("2 * time.Second", "2s"),
    ],
)
def test_plain_values_have_a_useful_text(client, code, text):
    assert text in client.run(code).ok().result


def test_nil_and_no_value_show_nothing_odd(client):
    assert client.run("func nothing() {}\nnothing()").ok().result is None
    assert "nil" in (client.run("var p *int\np").ok().result or "nil")
