package interp

import (
	"context"
	"errors"
	"fmt"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/session"
)

// FormatTarget is the comm target by which a front end has cells formatted. Each
// message, the first of comm_open too, holds the text of a cell:
//
//	{"code": "x:=1"}
//
// and is answered by one with the formatted text, or with what keeps it from being
// formatted and where, in lines and columns from 1; columns are code points:
//
//	{"code": "x := 1\n"}
//	{"error": "this ( is never closed", "line": 2, "column": 6}
//
// What else the message holds comes back in the answer, for a front end that asks
// several times at once.
const FormatTarget = "fanout.format"

// serveFormat answers the messages of a comm of FormatTarget.
func (i *Interp) serveFormat(c *Comm, opened CommMessage) {
	answer := func(m CommMessage) {
		if err := c.Send(i.formatAnswer(m.Data)); err != nil {
			_ = c.Send(map[string]any{"error": err.Error()}) // nothing but the text can be at fault
		}
	}
	c.OnMessage(answer)
	if _, asked := opened.Data["code"]; asked {
		answer(opened)
	}
}

// formatAnswer is the answer to a message of FormatTarget.
func (i *Interp) formatAnswer(data map[string]any) map[string]any {
	answer := map[string]any{}
	for k, v := range data {
		if k != "code" {
			answer[k] = v
		}
	}
	code, ok := data["code"].(string)
	if !ok {
		answer["error"] = `the message must hold the text of a cell: {"code": "…"}`
		return answer
	}
	text, err := i.Format(code)
	if err == nil {
		answer["code"] = text
		return answer
	}
	answer["error"] = err.Error()
	var d *session.Diagnostic
	if errors.As(err, &d) {
		answer["error"] = d.Message
		if d.Pos != nil {
			answer["line"], answer["column"] = d.Pos.Line, d.Pos.Column
		}
	}
	return answer
}

// Format returns the text of a cell as gofmt would have it; magics and shell lines
// stay as they are. A *session.Diagnostic as the error says where the text is no Go.
func (i *Interp) Format(code string) (string, error) {
	if len(code) > cell.MaxSize {
		return "", fmt.Errorf("the cell has %d bytes; at most %d can be formatted", len(code), cell.MaxSize)
	}
	r := &run{interp: i, cell: session.Cell{Code: code}, out: discard{}, ctx: context.Background()}
	return r.formatted(0)
}
