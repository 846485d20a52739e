//go:build unix

package supervisor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adabc437/fanout/interp/session"
)

// childVariable makes the test binary a session process; its value is how it
// behaves at the start.
const childVariable = "FANOUT_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case "":
		goleak.VerifyTestMain(m)
	case "dies":
		fmt.Fprintln(os.Stderr, "no good start")
		os.Exit(9)
	case "fails":
		os.Exit(Child(context.Background(), func(context.Context) (session.Session, error) {
			return nil, errors.New("no interpreter")
		}))
	case "deaf": // dies of the first request
		p, err := OpenPipes()
		if err != nil {
			os.Exit(1)
		}
		srv := &server{out: p.Replies}
		_ = srv.send(opHello, 0, hello{Version: protocolVersion, Build: buildID()}, nil)
		_, _ = readFrame(p.Requests)
		os.Exit(5)
	case "version":
		p, err := OpenPipes()
		if err != nil {
			os.Exit(1)
		}
		srv := &server{out: p.Replies}
		_ = srv.send(opHello, 0, hello{Version: 99}, nil)
		_, _ = io.Copy(io.Discard, p.Requests)
	default:
		os.Exit(Child(context.Background(), func(context.Context) (session.Session, error) { return newScripted(), nil }))
	}
}

// A scripted session runs cells of which each line is a command.
type scripted struct {
	mu        sync.Mutex
	declared  []session.Declaration
	variables []string
	past      session.Past // of the last Restore
	comms     map[string]string
	late      chan struct{}
	patience  atomic.Int64
}

func (s *scripted) Patience() time.Duration { return time.Duration(s.patience.Load()) }

func newScripted() *scripted {
	return &scripted{comms: map[string]string{}, late: make(chan struct{})}
}

var (
	_ session.Session = (*scripted)(nil)
	_ session.Patient = (*scripted)(nil)
)

func (s *scripted) Execute(ctx context.Context, c session.Cell, out session.Output) (session.Reply, error) {
	var r session.Reply
	for line := range strings.Lines(c.Code) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if err := s.command(ctx, word, rest, out, &r); err != nil {
			r.Err = &session.Diagnostic{Name: session.Interrupted, Message: err.Error()}
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Variables = append([]string(nil), s.variables...)
	return r, nil
}

// command performs one line; an error is that of ctx.
func (s *scripted) command(ctx context.Context, word, rest string, out session.Output, r *session.Reply) error {
	if do, ok := evils()[word]; ok {
		do(rest)
		return nil
	}
	switch word {
	case "print":
		fmt.Println(rest)
	case "eprint":
		fmt.Fprintln(os.Stderr, rest)
	case "write": // a Go string, as it is
		text, err := strconv.Unquote(rest)
		if err != nil {
			return err
		}
		fmt.Print(text)
	case "display":
		out.Emit(session.Event{Kind: session.Display, Data: map[string]any{"text/plain": rest}})
	case "bytewise":
		for _, b := range []byte(rest + "\n") {
			_, _ = os.Stdout.Write([]byte{b})
		}
	case "stream":
		out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: rest + "\n"})
	case "unmarshalable":
		out.Emit(session.Event{Kind: session.Display, Data: map[string]any{"x": func() {}}})
	case "big":
		out.Emit(session.Event{Kind: session.Display, Data: map[string]any{"text/plain": strings.Repeat("x", 5<<20)}})
	case "number":
		out.Emit(session.Event{Kind: session.Display, Data: map[string]any{"application/json": int64(1)<<62 + 1}})
	case "lines":
		n, _ := strconv.Atoi(rest)
		for i := range n {
			fmt.Println("line", i)
		}
	case "flood": // MB
		n, _ := strconv.Atoi(rest)
		line := []byte(strings.Repeat("x", 1023) + "\n")
		for range n * 1000 {
			_, _ = os.Stdout.Write(line)
		}
	case "var":
		s.mu.Lock()
		s.variables = append(s.variables, rest)
		s.mu.Unlock()
	case "declare":
		name, _, _ := strings.Cut(rest, "=")
		d := session.Declaration{Name: name, Source: rest}
		s.declare(d)
		r.Declared = append(r.Declared, d)
	case "declared":
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, d := range s.declared {
			fmt.Println(d.Source)
		}
	case "past":
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, c := range s.past.Cells {
			fmt.Printf("%d: %s\n", c.Number, c.Code)
		}
		fmt.Println("lost:", s.past.Lost)
	case "reset":
		r.Reset = true
	case "restart":
		r.Restart = true
	case "input":
		line, err := out.Input(ctx, rest, false)
		fmt.Printf("got %q %v\n", line, err)
		return ctx.Err()
	case "late": // prints after the cell, when told by the question for comms of late
		go func() {
			<-s.late
			fmt.Println(rest)
			out.Emit(session.Event{Kind: session.Display, Data: map[string]any{"text/plain": rest}})
		}()
	case "block":
		<-ctx.Done()
		return ctx.Err()
	case "wait": // as block, and then takes its time
		<-ctx.Done()
		fmt.Println("stopping")
		return ctx.Err()
	case "device": // runs a program as a driver does; when it is interrupted, until late is asked for
		cmd := exec.Command("sh", "-c", rest)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		stdin, err := cmd.StdinPipe()
		if err != nil {
			return err
		}
		s.patience.Store(int64(time.Minute))
		if err := cmd.Start(); err != nil {
			return err
		}
		<-ctx.Done()
		fmt.Println("stopping")
		<-s.late
		_ = stdin.Close()
		_ = cmd.Wait()
		return ctx.Err()
	case "patience":
		d, err := time.ParseDuration(rest)
		if err != nil {
			return err
		}
		s.patience.Store(int64(d))
	case "pid":
		fmt.Println(os.Getpid())
	case "stdin":
		text, err := bufio.NewReader(os.Stdin).ReadString('\n')
		fmt.Printf("%q %v\n", text, err)
	case "close":
		_ = os.Stdout.Close()
		_ = os.Stderr.Close()
	case "shell":
		cmd := exec.Command("sh", "-c", rest)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		_ = cmd.Run()
	default:
		log.Panicf("unknown command %q", word)
	}
	return nil
}

func (s *scripted) declare(d session.Declaration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.declared = append(s.declared, d)
}

func (s *scripted) Interrupt() {}

func (s *scripted) Complete(ctx context.Context, code string, offset int) (session.Completion, error) {
	if code == "block" {
		<-ctx.Done()
		return session.Completion{}, ctx.Err()
	}
	if code == "fail" {
		return session.Completion{}, fmt.Errorf("complete: %w", session.ErrNoInput)
	}
	return session.Completion{End: offset, Items: []session.Candidate{{Text: code + "!", Type: "function"}}}, nil
}

func (s *scripted) Inspect(_ context.Context, code string, offset, detail int) (session.Inspection, error) {
	text := fmt.Sprintf("%s at %d, detail %d", code, offset, detail)
	return session.Inspection{Found: true, Data: map[string]any{"text/plain": text}}, nil
}

func (s *scripted) IsComplete(context.Context, string) (session.Completeness, error) {
	return session.Completeness{Status: session.Incomplete, Indent: "\t"}, nil
}

func (s *scripted) Comm(_ context.Context, m session.CommMessage, out session.Output) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch m.Kind {
	case session.CommOpen:
		s.comms[m.ID] = m.Target
	case session.CommClose:
		delete(s.comms, m.ID)
	case session.CommMsg:
		if string(m.Data) == `"print"` {
			fmt.Println("from the handler")
		}
		out.Emit(session.Event{Kind: session.CommMsg, Comm: &m})
	}
	return nil
}

func (s *scripted) Comms(_ context.Context, target string) (map[string]string, error) {
	if target == "late" { // a question that lets late output go
		close(s.late)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	comms := map[string]string{}
	for id, target := range s.comms {
		comms[id] = target
	}
	return comms, nil
}

func (s *scripted) Restore(_ context.Context, past session.Past) error {
	s.mu.Lock()
	s.past = past
	s.mu.Unlock()
	var skipped []error
	for _, d := range past.Declarations {
		_, value, _ := strings.Cut(d.Source, "=")
		switch value {
		case "deadly":
			os.Exit(7)
		case "broken":
			skipped = append(skipped, fmt.Errorf("%s: undefined", d.Name))
			continue
		}
		s.declare(d)
	}
	if skipped == nil {
		return nil
	}
	return fmt.Errorf("not declared again: %w", errors.Join(skipped...)) // as package interp says it
}

func (s *scripted) Close() error {
	if os.Getenv(childVariable) == "stubborn" {
		time.Sleep(time.Hour)
	}
	return nil
}
