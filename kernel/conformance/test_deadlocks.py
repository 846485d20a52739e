"""A cell whose goroutines all wait for each other ends, as a program does; one that something may wake goes on."""

import os
import time

import pytest

pytestmark = pytest.mark.fanout

INTERPRETED = os.environ.get("FANOUT_TIER") == "interpreted"
compiled_only = pytest.mark.skipif(INTERPRETED, reason="only compiled cells are looked at for deadlocks (docs/kernel.md)")

SETUP = """
ch := make(chan int)
var mu sync.Mutex
var wg sync.WaitGroup
var none chan string
func send(c chan<- int) { c <- 1 }
wg.Add(1)
func locked() { mu.Lock(); defer mu.Unlock() }
"""

PROGRAM = """package main

import "fmt"

func worker(jobs <-chan int, results chan<- int) {
	for j := range jobs {
		results <- j * j
	}
}

func main() {
	fmt.Println("begun")
	jobs, results := make(chan int), make(chan int)
	for range 2 {
		go worker(jobs, results)
	}
	for n := range 4 {
		jobs <- n
	}
	fmt.Println(<-results)
}
"""

# What deadlocks, the line that says so, and what the hint must speak of.
DEADLOCKS = {
    "a send": ("x := 1\nch <- x", 2, "receives"),
    "a receive": ("<-ch", 1, "closes the channel"),
    "a range": ("for range ch {}", 1, "closed"),
    "a nil channel": ("<-none", 1, ""),
    "a function": ("send(ch)", 6, "buffer"),
    "a lock held": ("mu.Lock()\nlocked()", 8, "unlock"),
    "a wait group": ("var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()", 3, "Done"),
    "a sequence": ("next, stop := iter.Pull(func(yield func(int) bool) { <-ch })\ndefer stop()\nnext()", 3, "iter.Pull"),
    "a select": ("other := make(chan int)\nselect {\ncase <-ch:\ncase other <- 1:\n}", 2, "case"),
    "an empty select": ("go send(ch)\nselect {}", 2, "waits for ever"),
    "a map": ("%pmap -q func(n int) int { ch <- n; return n } 3", 1, "tasks of the map wait"),
    "a map that is shown": ("func dead(n int) int { return <-ch }\n%pmap dead 3", 2, "tasks of the map wait"),
    "an evaluated cell": ("wg.Wait()", 1, "Done"),
    "a program": (PROGRAM, 18, "receives"),
}


@compiled_only
@pytest.mark.parametrize("code, line, hint", DEADLOCKS.values(), ids=DEADLOCKS.keys())
def test_a_deadlock_ends_the_cell_and_nothing_else(kernel, client, code, line, hint):
    client.run(SETUP).ok()
    session = kernel.session_process().pid
    done = client.run(code, timeout=20).failed("Deadlock")
    assert done.reply.content["evalue"].startswith("all goroutines are asleep - deadlock!")
    text = "\n".join(done.reply.content["traceback"])
    assert f":{line}:" in text, text
    assert hint in text, text
    assert client.run("6*7").ok().result == "42"
    assert kernel.session_process().pid == session


@pytest.mark.skipif(not INTERPRETED, reason="compiled cells end by themselves, which the test above holds")
@pytest.mark.parametrize("code", [code for code, _, _ in DEADLOCKS.values()], ids=DEADLOCKS.keys())
def test_an_interrupt_ends_a_deadlock_that_is_not_seen(kernel, client, code):
    client.run(SETUP).ok()
    session = kernel.session_process().pid
    msg_id = client.begin(code if code == PROGRAM else 'fmt.Println("begun")\n' + code)
    client.send("control", "interrupt_request")
    client.finish_rest(msg_id).failed("Interrupted")
    assert client.run("6*7").ok().result == "42"
    assert kernel.session_process().pid == session


@compiled_only
def test_all_goroutines_are_named(client):
    client.run(SETUP).ok()
    for _ in range(2):  # those that the first one leaves are not named by the second
        done = client.run(PROGRAM, timeout=20).failed("Deadlock")
        text = "\n".join(done.reply.content["traceback"])
        n = done.reply.content["execution_count"]
        assert text.count("waits at") == 2, text
        assert text.count(f"the goroutine started at In[{n}]:15 waits at In[{n}]:7, results <- j * j (chan send)") == 2, text


def test_a_cell_in_another_shell_may_help(client):
    client.run(SETUP).ok()
    shell = client.request("create_subshell_request", channel="control").ok().content["subshell_id"]
    waiting = client.begin("func waits() int { return <-ch }\nfmt.Println()\nwaits()")
    time.sleep(1)  # several looks for a deadlock
    client.run("ch <- 7", header={"subshell_id": shell}).ok()
    assert client.finish_rest(waiting).ok().result == "7"
    client.request("delete_subshell_request", {"subshell_id": shell}, channel="control").ok()


ALIVE = {
    "a timer": ("done := make(chan bool)\ntime.AfterFunc(time.Second, func() { close(done) })\n<-done", "false"),
    "a timeout": ('select {\ncase <-ch:\ncase <-time.After(time.Second):\n}\n"late"', '"late"'),
    "a sleeper": ("go func() { time.Sleep(time.Second); ch <- 3 }()\n<-ch", "3"),
    "a context": ("ctx, cancel := context.WithTimeout(context.Background(), time.Second)\ndefer cancel()\n<-ctx.Done()\nctx.Err().Error()",
                  '"context deadline exceeded"'),
    "a child": ('go func() { exec.Command("sleep", "1").Run(); ch <- 4 }()\n<-ch', "4"),
    "a connection": (
        'l, err := net.Listen("tcp", "127.0.0.1:0")\ngo func() { c, _ := l.Accept(); c.Read(make([]byte, 1)); ch <- 5 }()\n'
        'exec.Command("bash", "-c", "sleep 1; exec 3<>/dev/tcp/127.0.0.1/"+strconv.Itoa(l.Addr().(*net.TCPAddr).Port)).Start()\n<-ch', "5"),
    "a map of a library's function": (
        'dir, _ := os.MkdirTemp("", "fanout")\npipe := filepath.Join(dir, "pipe")\nexec.Command("mkfifo", pipe).Run()\n'
        'exec.Command("bash", "-c", "sleep 1; echo hi > "+pipe).Start()\nread := %pmap -q os.ReadFile []string{pipe}\nos.RemoveAll(dir)\nlen(read[0])', "3"),
    "a loop": ("go func() { for t := time.Now(); time.Since(t) < time.Second; {}; ch <- 6 }()\n<-ch", "6"),
}


@pytest.mark.parametrize("code, result", ALIVE.values(), ids=ALIVE.keys())
def test_what_may_go_on_is_no_deadlock(client, code, result):
    client.run(SETUP).ok()
    assert client.run(code, timeout=20).ok().result == result
