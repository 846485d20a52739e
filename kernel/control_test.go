package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
)

func TestStartSaysStarting(t *testing.T) {
	h := newHarness(t)
	all := h.until("starting", func(s sent) bool { return true })
	h.compare("start", all, []string{starting})
	if !all[0].Parent.IsZero() {
		t.Errorf("parent %+v, want none", all[0].Parent)
	}
}

func TestKernelInfoOnShellAndControl(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.Info.HelpLinks = []wire.HelpLink{{Text: "Go", URL: "https://go.dev"}} })
	for _, ch := range []wire.Channel{wire.Shell, wire.Control} {
		h.expect(h.send(ch, "kernel_info_request", `{}`), busy,
			string(ch)+` kernel_info_reply {"status":"ok","protocol_version":"5.5","implementation":"fanout",`+
				`"implementation_version":"0.1","language_info":{"name":"go","version":"1.26","mimetype":"text/x-go",`+
				`"file_extension":".go","pygments_lexer":"go","codemirror_mode":"go"},"banner":"hello","debugger":false,`+
				`"help_links":[{"text":"Go","url":"https://go.dev"}],"supported_features":["kernel subshells"]}`, idle)
	}
}

func TestConnect(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.Connection = &wire.ConnectionInfo{ShellPort: 1, HBPort: 2} })
	h.expect(h.send(wire.Shell, "connect_request", `{}`), busy, `shell connect_reply {"status":"ok","shell_port":1,"hb_port":2}`, idle)
}

func TestControlAnswersWhileACellRuns(t *testing.T) {
	h := newHarness(t)
	started, release := h.session.blocks("wait")
	m := h.execute("wait")
	h.wait("the cell", started)
	h.await(h.send(wire.Control, "kernel_info_request", `{}`))
	close(release)
	h.expect(m, busy, input("wait", 1), ok(1), idle)
}

func TestInterruptEndsTheCellAndAbortsTheQueue(t *testing.T) {
	h := newHarness(t)
	started, _ := h.session.blocks("wait")
	m := h.execute("wait")
	next := h.execute("a")
	h.wait("the cell", started)
	h.expect(h.send(wire.Control, "interrupt_request", `{}`), busy, `control interrupt_reply {"status":"ok"}`, idle)
	const stopped = `"ename":"Interrupted","evalue":"stopped","traceback":["\u001b[1mInterrupted\u001b[0m: stopped"]`
	h.expect(m, busy, input("wait", 1), `iopub error {`+stopped+`}`,
		`shell execute_reply {"status":"error",`+stopped+`,"execution_count":1}`, idle)
	h.expect(next, busy, aborted, idle)
	if h.session.interrupts != 1 {
		t.Errorf("the session was interrupted %d times, want once", h.session.interrupts)
	}
}

func TestInterruptEndsQuestionsToTheSession(t *testing.T) {
	h := newHarness(t)
	q := newQueue(h.k, wire.Shell, "")
	ctx, cancel := context.WithCancel(context.Background())
	q.cancel = cancel
	q.enterSession()
	q.interrupt()
	if ctx.Err() != nil {
		t.Error("a cell that the session runs is to be interrupted by the session alone")
	}
	q.leaveSession()
	q.interrupt()
	if ctx.Err() == nil {
		t.Error("a request that is no cell is to be interrupted by its context")
	}
}

func TestShutdownRepliesThenTellsEverybodyThenEnds(t *testing.T) {
	for _, restart := range []bool{false, true} {
		h := newHarness(t)
		m := h.send(wire.Control, "shutdown_request", fmt.Sprintf(`{"restart":%v}`, restart))
		h.wait("the end", h.k.Done())
		content := fmt.Sprintf(`{"status":"ok","restart":%v}`, restart)
		h.expect(m, busy, "control shutdown_reply "+content, "iopub shutdown_reply "+content, idle)
		if h.k.Restart() != restart {
			t.Errorf("Restart() = %v, want %v", h.k.Restart(), restart)
		}
	}
}

func TestCloseEndsCellsAndAbortsTheQueue(t *testing.T) {
	h := newHarness(t)
	started, _ := h.session.blocks("wait")
	m := h.execute("wait")
	next := h.execute("a")
	question := h.send(wire.Shell, "complete_request", `{}`)
	comm := h.send(wire.Shell, "comm_msg", `{}`)
	h.wait("the cell", started)
	if err := h.k.Close(); err != nil {
		t.Fatal(err)
	}
	if got := h.reply(m); got["ename"] != session.SessionError || got["evalue"] != session.ErrClosed.Error() {
		t.Errorf("reply %v", got)
	}
	h.expect(next, busy, aborted, idle)
	h.expect(question, busy, `shell complete_reply {"status":"aborted"}`, idle)
	h.expect(comm, busy, idle)
	if !h.session.closed {
		t.Error("the session was not closed")
	}
	h.wait("the end", h.k.Done())
	if got := h.reply(h.execute("late")); got["ename"] != "KernelEnded" {
		t.Errorf("after Close: reply %v", got)
	}
}

func TestSubshellsRunBesideTheMainShell(t *testing.T) {
	h := newHarness(t)
	first := h.createSubshell()
	second := h.createSubshell()
	h.expect(h.send(wire.Control, "list_subshell_request", `{}`), busy,
		fmt.Sprintf(`control list_subshell_reply {"status":"ok","subshell_id":[%q,%q]}`, first, second), idle)

	started, release := h.session.blocks("wait")
	h.session.fails("bad")
	main := h.execute("wait")
	behind := h.execute("a")
	h.wait("the cell", started)
	h.expect(h.executeIn(first, "b"), busy, input("b", 2), ok(2), idle)
	h.expect(h.executeIn(second, "bad"), busy, input("bad", 3), `iopub error {`+boom+`}`, failed(3), idle)
	close(release)
	h.expect(main, busy, input("wait", 1), ok(1), idle)
	h.expect(behind, busy, input("a", 4), ok(4), idle)
	shells := map[string]string{}
	for _, c := range h.session.cells {
		shells[c.Code] = c.Shell
	}
	if want := map[string]string{"wait": "", "a": "", "b": first, "bad": second}; fmt.Sprint(shells) != fmt.Sprint(want) {
		t.Errorf("cells ran in %v, want %v", shells, want)
	}
}

func (h *harness) createSubshell() string {
	h.Helper()
	id, _ := h.reply(h.send(wire.Control, "create_subshell_request", `{}`))["subshell_id"].(string)
	if id == "" {
		h.Fatal("no subshell was made")
	}
	return id
}

func (h *harness) executeIn(shell, code string) *wire.Message {
	m := h.message("execute_request", `{"code":`+quote(code)+`}`)
	m.Header.SubshellID = shell
	h.k.Handle(wire.Shell, m)
	return m
}

func TestDeletedSubshellEndsItsCells(t *testing.T) {
	h := newHarness(t)
	id := h.createSubshell()
	started, _ := h.session.blocks("wait")
	running := h.executeIn(id, "wait")
	waiting := h.executeIn(id, "a")
	h.wait("the cell", started)
	h.expect(h.send(wire.Control, "delete_subshell_request", `{"subshell_id":"`+id+`"}`), busy,
		`control delete_subshell_reply {"status":"ok"}`, idle)
	if got := h.reply(running); got["ename"] != session.Interrupted {
		t.Errorf("reply %v", got)
	}
	h.expect(waiting, busy, aborted, idle)
	if h.session.interrupts != 0 {
		t.Error("cells of other shells were interrupted")
	}
	h.expect(h.send(wire.Control, "list_subshell_request", `{}`), busy, `control list_subshell_reply {"status":"ok","subshell_id":[]}`, idle)
	for _, gone := range []string{id, "", "no-such"} {
		got := h.reply(h.send(wire.Control, "delete_subshell_request", `{"subshell_id":"`+gone+`"}`))
		if got["ename"] != "UnknownSubshell" || !strings.Contains(got["evalue"].(string), `"`+gone+`"`) {
			t.Errorf("deleting %q: reply %v", gone, got)
		}
	}
	late := h.executeIn(id, "a")
	if all := h.await(late); len(all) != 3 || all[0].String() != busy || !strings.Contains(all[1].String(), "UnknownSubshell") {
		t.Errorf("a cell for a subshell that is gone: %v", all)
	}
}

func TestSubshellDeletedWhileItTakesACellUpRunsNothing(t *testing.T) {
	h := newHarness(t)
	q := newQueue(h.k, wire.Shell, "sub")
	ran := false
	h.session.on("a", func(context.Context, session.Cell, session.Output) (session.Reply, error) {
		ran = true
		return session.Reply{}, nil
	})
	m := h.message("execute_request", `{"code":"a"}`)
	if err := q.add(m); err != nil {
		t.Fatal(err)
	}
	it, _ := q.next()
	q.stop()
	q.serve(it)
	if got := h.reply(m); ran || got["ename"] != session.Interrupted {
		t.Errorf("ran %v, reply %v", ran, got)
	}
}

func TestCellsHearOfOtherShellsForCells(t *testing.T) {
	h := newHarness(t)
	run := func(shell string) bool {
		h.await(h.executeIn(shell, "a"))
		return h.session.cells[len(h.session.cells)-1].Beside
	}
	if run("") {
		t.Error("there is no other shell")
	}
	id := h.createSubshell()
	if !run("") {
		t.Error("cells may come in a subshell that is new")
	}
	m := h.message("comm_msg", `{}`)
	m.Header.SubshellID = id
	h.k.Handle(wire.Shell, m)
	h.await(m)
	if run("") {
		t.Error("a subshell that has served comms alone is for these")
	}
	if !run(id) || !run("") {
		t.Error("both shells have run cells")
	}
}

func TestSubshellsAreBounded(t *testing.T) {
	h := newHarness(t)
	for range maxSubshells {
		h.createSubshell()
	}
	if got := h.reply(h.send(wire.Control, "create_subshell_request", `{}`)); got["ename"] != "TooManySubshells" {
		t.Errorf("reply %v", got)
	}
}

func TestQueueIsBounded(t *testing.T) {
	h := newHarness(t)
	started, release := h.session.blocks("wait")
	h.execute("wait")
	h.wait("the cell", started)
	var last *wire.Message
	for range maxQueued {
		last = h.send(wire.Shell, "comm_msg", `{}`)
	}
	refused := h.send(wire.Shell, "comm_info_request", `{}`)
	if got := h.reply(refused); got["ename"] != "QueueFull" {
		t.Errorf("reply %v", got)
	}
	close(release)
	h.await(last)
}

func TestDebugRequestIsAnErrorReply(t *testing.T) {
	h := newHarness(t)
	got := h.reply(h.send(wire.Control, "debug_request", `{"type":"request","seq":7,"command":"initialize"}`))
	want := map[string]any{
		"status": "error", "ename": "NotSupported", "evalue": "this kernel has no debugger", "traceback": got["traceback"],
		"type": "response", "request_seq": 7.0, "success": false, "command": "initialize", "message": "this kernel has no debugger",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestRequestsThatAreNotAnswered(t *testing.T) {
	h := newHarness(t)
	for _, ch := range []wire.Channel{wire.Shell, wire.Control} {
		h.expect(h.send(ch, "no_such_request", `[`), busy, idle)
	}
	if got := h.reply(h.send(wire.Control, "execute_request", `{"code":"a"}`)); got["ename"] != "WrongChannel" {
		t.Errorf("a cell on the control channel: reply %v", got)
	}
	if got := h.reply(h.send(wire.Shell, "interrupt_request", `{}`)); got["ename"] != "WrongChannel" {
		t.Errorf("an interrupt on the shell channel: reply %v", got)
	}
	h.send(wire.IOPub, "status", `{}`)
	h.send(wire.Stdin, "execute_request", `{}`)
	h.send(wire.Stdin, "input_reply", `[]`)
	h.send(wire.Stdin, "input_reply", `{"value":"nobody asked"}`)
	h.await(h.send(wire.Shell, "kernel_info_request", `{}`))
}

func TestPanicInAHandlerIsAnErrorReply(t *testing.T) {
	h := newHarness(t)
	h.session.complete = func(string, int) (session.Completion, error) { panic("oh") }
	m := h.send(wire.Shell, "complete_request", `{"code":"a"}`)
	if got := h.reply(m); got["ename"] != "SessionError" || !strings.Contains(got["evalue"].(string), "oh") {
		t.Errorf("reply %v", got)
	}
	if n := len(h.await(m)); n != 3 {
		t.Errorf("%d messages, want busy, reply, idle", n)
	}
	h.await(h.send(wire.Shell, "kernel_info_request", `{}`))
}

func TestMessagesBeforeStartAreIgnored(t *testing.T) {
	k, err := New(Config{Session: newFakeSession()})
	if err != nil {
		t.Fatal(err)
	}
	k.Handle(wire.Shell, &wire.Message{})
	k.Interrupt()
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	k.Start(&fakeTransport{changed: make(chan struct{})})
	if _, err := New(Config{}); err == nil {
		t.Error("a kernel without a session was made")
	}
}

func TestWelcome(t *testing.T) {
	h := newHarness(t)
	for _, topic := range []string{"", "stream"} {
		m := h.k.Welcome(topic)
		if got, want := string(m.Content), `{"subscription":"`+topic+`"}`; m.Type() != "iopub_welcome" || got != want || !m.Parent.IsZero() {
			t.Errorf("%s %s, want %s", m.Type(), got, want)
		}
		if topic != "" && string(m.Identities[0]) != topic {
			t.Errorf("topic %q, want %q", m.Identities, topic)
		}
	}
}

func TestComms(t *testing.T) {
	h := newHarness(t)
	h.session.comm = func(msg session.CommMessage, out session.Output) error {
		out.Emit(session.Event{Kind: session.CommOpen, Comm: &session.CommMessage{
			ID: "c2", Target: "t", Data: json.RawMessage(`{"a":1}`), Metadata: json.RawMessage(`{"v":2}`), Buffers: msg.Buffers,
		}})
		out.Emit(session.Event{Kind: session.CommClose, Comm: &session.CommMessage{ID: "c2"}})
		out.Emit(session.Event{Kind: session.CommMsg})
		out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: "x"})
		if msg.ID == "bad" {
			return errors.New("no such comm")
		}
		return nil
	}
	m := h.message("comm_msg", `{"comm_id":"c1","data":{"x":[1]}}`)
	m.Metadata, m.Buffers = json.RawMessage(`{"m":1}`), [][]byte{{0, 255}}
	h.k.Handle(wire.Shell, m)
	h.expect(m, busy, `iopub comm_open {"comm_id":"c2","target_name":"t","data":{"a":1}}`,
		`iopub comm_close {"comm_id":"c2","data":{}}`, `iopub stream {"name":"stdout","text":"x"}`, idle)
	opened := h.await(m)[1]
	if string(opened.Metadata) != `{"v":2}` || fmt.Sprint(opened.Buffers) != fmt.Sprint(m.Buffers) {
		t.Errorf("comm_open has metadata %s and buffers %v", opened.Metadata, opened.Buffers)
	}
	got := h.session.comms[0]
	want := session.CommMessage{Kind: session.CommMsg, ID: "c1", Data: json.RawMessage(`{"x":[1]}`), Metadata: m.Metadata, Buffers: m.Buffers}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the session got %v, want %v", got, want)
	}
	h.await(h.send(wire.Shell, "comm_msg", `{"comm_id":"bad"}`))
	h.expect(h.send(wire.Shell, "comm_info_request", `{"target_name":"none"}`), busy, `shell comm_info_reply {"status":"ok","comms":{}}`, idle)
}
