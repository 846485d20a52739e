"""The suite that Jupyter publishes for kernels, with all of its tests enabled."""

import jupyter_kernel_test as suite
import pytest

import kernels

pytestmark = pytest.mark.fanout


@pytest.fixture(scope="module", autouse=True)
def _private_history(tmp_path_factory):
    """History must not hold what an earlier run of this suite wrote."""
    patch = pytest.MonkeyPatch()
    for name, value in kernels.private_state(tmp_path_factory.mktemp("state")).items():
        patch.setenv(name, value)
    yield
    patch.undo()


class TestFanout(suite.KernelTests):
    kernel_name = "fanout"
    language_name = "go"
    file_extension = ".go"

    code_hello_world = 'fmt.Println("hello, world")'
    code_stderr = 'fmt.Fprintln(os.Stderr, "oops")'

    completion_samples = [
        {"text": "strings.HasPre", "matches": {"HasPrefix"}},
        {"text": "fmt.Fprintl", "matches": {"Fprintln"}},
        {"text": "%lsm", "matches": {"%lsmagic"}},
    ]

    complete_code_samples = ["1", 'fmt.Println("hello, world")', "func f() int {\n\treturn 1\n}", "%who"]
    incomplete_code_samples = ["func f() {", 'fmt.Println("hello"', "for i := range 3 {", "x :="]
    invalid_code_samples = ["x := )", "func 1() {}", "}"]

    code_page_something = "fmt.Println?"
    code_generate_error = 'panic("on purpose")'

    code_execute_result = [
        {"code": "6*7", "result": "42"},
        {"code": 'strings.Repeat("ab", 3)', "result": '"ababab"'},
        {"code": 'HTML("<b>bold</b>")', "mime": "text/html", "result": "<b>bold</b>"},
        {"code": "[]int{1, 2, 3}", "result": "[]int{1, 2, 3}"},
    ]
    code_display_data = [
        {"code": 'display(HTML("<b>bold</b>"))', "mime": "text/html"},
        {"code": 'display(Markdown("**bold**"))', "mime": "text/markdown"},
        {"code": 'display(LaTeX("$x^2$"))', "mime": "text/latex"},
        {"code": """display(SVG(`<svg xmlns="http://www.w3.org/2000/svg"/>`))""", "mime": "image/svg+xml"},
        {"code": "display(image.NewRGBA(image.Rect(0, 0, 4, 4)))", "mime": "image/png"},
        {"code": 'display("plain")', "mime": "text/plain"},
    ]

    # One of the codes above, which history finds again.
    code_history_pattern = "6?7"
    supported_history_operations = ("tail", "range", "search")

    code_inspect_sample = "fmt.Println"
    code_clear_output = "clearOutput(false)"


class TestIopubWelcome(suite.IopubWelcomeTests):
    kernel_name = "fanout"
    support_iopub_welcome = True


def test_nothing_of_the_suite_is_turned_off():
    """Each attribute that the suite reads has a value, so that no test of it skips."""
    off = [
        name
        for name, value in vars(suite.KernelTests).items()
        if not name.startswith("_") and not callable(value) and not getattr(TestFanout, name)
    ]
    assert off == []
