package repl

import (
	"context"
	"strings"
	"time"

	"github.com/adabc437/fanout/frontend/internal/edit"
	"github.com/adabc437/fanout/interp/session"
)

// askTime is how long the editor waits for an answer of the session before it goes on
// without.
const askTime = 3 * time.Second

// asking answers the editor's questions by asking the session.
type asking struct {
	ctx  context.Context
	sess session.Session
}

var _ edit.Language = asking{}

// Complete says whether text can be run. What is wrong with it shows when it runs.
func (a asking) Complete(text string) (bool, string) {
	ctx, cancel := context.WithTimeout(a.ctx, askTime)
	defer cancel()
	state, err := a.sess.IsComplete(ctx, text)
	if err != nil || state.Status != session.Incomplete {
		return true, ""
	}
	return false, state.Indent
}

// Candidates lists completions: the session's, and those of the terminal's own magics.
func (a asking) Candidates(text string, at int) (from, to int, list []edit.Candidate) {
	if from, list := ownMagics(text, at); list != nil {
		return from, at, list
	}
	ctx, cancel := context.WithTimeout(a.ctx, askTime)
	defer cancel()
	got, err := a.sess.Complete(ctx, text, at)
	if err != nil {
		return 0, 0, nil
	}
	for _, c := range got.Items {
		list = append(list, edit.Candidate{Text: c.Text, Kind: c.Type, Signature: c.Signature})
	}
	return got.Start, got.End, list
}

// ownMagics completes the name of %save, which no session knows, where nothing else
// can be meant.
func ownMagics(text string, at int) (from int, list []edit.Candidate) {
	word := text[:at]
	if strings.HasPrefix("%save", word) && len(word) > 2 {
		return 0, []edit.Candidate{{Text: "%save", Kind: "magic", Signature: "[-p] FILE"}}
	}
	return 0, nil
}

// Describe is the documentation of what stands at an offset.
func (a asking) Describe(text string, at int) string {
	ctx, cancel := context.WithTimeout(a.ctx, askTime)
	defer cancel()
	got, err := a.sess.Inspect(ctx, text, at, 0)
	if err != nil || !got.Found {
		return ""
	}
	s, _ := got.Data["text/plain"].(string)
	return s
}
