"""Cells that mean the same in each language, so that what is Jupyter's and not
Go's can be checked against ipykernel too (`--kernel python3`)."""

from types import SimpleNamespace

go = SimpleNamespace(
    hello='fmt.Println("hello, world")',
    hello_stderr='fmt.Fprintln(os.Stderr, "oops")',
    product="6*7",
    quiet_product="6*7;",
    fail='panic("on purpose")',
    fail_soon='time.Sleep(300 * time.Millisecond); panic("on purpose")',
    undefined="thisNameDoesNotExist",
    assign="answer := 41",
    increment="answer + 1",
    wait_long='fmt.Println("begun"); time.Sleep(time.Hour)',
    wait=lambda seconds: f"time.Sleep({int(seconds * 1000)} * time.Millisecond)",
    show=lambda text: f'fmt.Println("{text}")',
    ask='var name string; fmt.Print("name? "); fmt.Scanln(&name); fmt.Println("hello,", name)',
    interrupted="Interrupted",
    complete=["1", 'fmt.Println("hi")', "x := 1\nx + 1", "func f() int {\n\treturn 1\n}", "%who", ""],
    incomplete=["func f() {", 'fmt.Println("hi"', "for i := 0; i < 3; i++ {", "x := []int{1,", "x :=", "`raw"],
    invalid=["x := )", "func 1() {}", "}"],
)

python = SimpleNamespace(
    hello="print('hello, world')",
    hello_stderr="import sys; print('oops', file=sys.stderr)",
    product="6*7",
    quiet_product="6*7;",
    fail="raise ValueError('on purpose')",
    fail_soon="import time; time.sleep(0.3); raise ValueError('on purpose')",
    undefined="this_name_does_not_exist",
    assign="answer = 41",
    increment="answer + 1",
    wait_long="import time; print('begun', flush=True); time.sleep(3600)",
    wait=lambda seconds: f"import time; time.sleep({seconds})",
    show=lambda text: f"print('{text}')",
    ask="name = input('name? '); print('hello,', name)",
    interrupted="KeyboardInterrupt",
    complete=["1", "print('hi')", "x = 1\nx + 1"],
    incomplete=["def f():", "print('hi'"],
    invalid=["x = )"],
)

BY_KERNEL = {"fanout": go, "python3": python}
