package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Unmarshal reads the content of m into v. Fields that v does not have are
// ignored, as the protocol asks. The error names the message's type.
func Unmarshal(m *Message, v any) error {
	content := bytes.TrimLeft(m.Content, " \t\r\n")
	if len(content) == 0 {
		content = []byte("{}")
	}
	if content[0] != '{' {
		return fmt.Errorf("%w: the content of %s is not a JSON object", ErrMalformed, m.Type())
	}
	err := json.Unmarshal(content, v)
	var mismatch *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &mismatch) && mismatch.Field != "":
		return fmt.Errorf("%w: %s of %s is a JSON %s, want %s", ErrMalformed, mismatch.Field, m.Type(), mismatch.Value, mismatch.Type)
	}
	return fmt.Errorf("%w: content of %s: %w", ErrMalformed, m.Type(), err)
}

// The values of the field status of replies.
const (
	StatusOK      = "ok"
	StatusError   = "error"
	StatusAborted = "aborted"
)

// Bundle is a MIME bundle, or the metadata of one: MIME type to value.
type Bundle = map[string]any

// Status is the content of a reply that has nothing else to say.
type Status struct {
	Status string `json:"status"`
}

// Error is the content of iopub's error.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#execution-errors
type Error struct {
	EName     string   `json:"ename"`
	EValue    string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

// ErrorReply is the content of any reply that reports a failure.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#request-reply
type ErrorReply struct {
	Status string `json:"status"`
	Error
	// ExecutionCount is there in replies to execute_request only.
	ExecutionCount *int `json:"execution_count,omitempty"`
}

// ExecuteRequest: https://jupyter-client.readthedocs.io/en/stable/messaging.html#execute
type ExecuteRequest struct {
	Code   string `json:"code"`
	Silent bool   `json:"silent"`
	// StoreHistory defaults to not Silent.
	StoreHistory    *bool             `json:"store_history,omitempty"`
	UserExpressions map[string]string `json:"user_expressions,omitempty"`
	AllowStdin      bool              `json:"allow_stdin"`
	// StopOnError defaults to true.
	StopOnError *bool `json:"stop_on_error,omitempty"`
}

// ExecuteReply is the reply to an ExecuteRequest that succeeded.
type ExecuteReply struct {
	Status          string         `json:"status"`
	ExecutionCount  int            `json:"execution_count"`
	Payload         []any          `json:"payload"`
	UserExpressions map[string]any `json:"user_expressions"`
}

// AbortedReply is the reply to an ExecuteRequest that was not run. It has no
// execution_count, which front ends would write beside the cell as if it had.
type AbortedReply struct {
	Status string `json:"status"`
}

// ExpressionValue is the value of a user expression.
type ExpressionValue struct {
	Status   string `json:"status"`
	Data     Bundle `json:"data"`
	Metadata Bundle `json:"metadata"`
}

// PagePayload shows Data in a pager.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#payloads-deprecated
type PagePayload struct {
	Source string `json:"source"`
	Data   Bundle `json:"data"`
	Start  int    `json:"start"`
}

// NextInputPayload puts Text into the next cell, or with Replace into this one.
type NextInputPayload struct {
	Source  string `json:"source"`
	Text    string `json:"text"`
	Replace bool   `json:"replace"`
}

// InspectRequest: https://jupyter-client.readthedocs.io/en/stable/messaging.html#introspection
type InspectRequest struct {
	Code string `json:"code"`
	// CursorPos defaults to the end of Code.
	CursorPos   *int `json:"cursor_pos,omitempty"`
	DetailLevel int  `json:"detail_level"`
}

// InspectReply answers an InspectRequest.
type InspectReply struct {
	Status   string `json:"status"`
	Found    bool   `json:"found"`
	Data     Bundle `json:"data"`
	Metadata Bundle `json:"metadata"`
}

// CompleteRequest: https://jupyter-client.readthedocs.io/en/stable/messaging.html#completion
type CompleteRequest struct {
	Code string `json:"code"`
	// CursorPos defaults to the end of Code.
	CursorPos *int `json:"cursor_pos,omitempty"`
}

// CompleteReply answers a CompleteRequest. The matches replace the code points
// from CursorStart up to CursorEnd.
type CompleteReply struct {
	Status      string           `json:"status"`
	Matches     []string         `json:"matches"`
	CursorStart int              `json:"cursor_start"`
	CursorEnd   int              `json:"cursor_end"`
	Metadata    CompleteMetadata `json:"metadata"`
}

// CompleteMetadata tells front ends more about each match.
type CompleteMetadata struct {
	Types []CompletionType `json:"_jupyter_types_experimental,omitempty"`
}

// A CompletionType is one match with its kind and place.
type CompletionType struct {
	Text      string `json:"text"`
	Type      string `json:"type"`
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Signature string `json:"signature,omitempty"`
}

// HistoryRequest: https://jupyter-client.readthedocs.io/en/stable/messaging.html#history
type HistoryRequest struct {
	Output         bool   `json:"output"`
	Raw            bool   `json:"raw"`
	HistAccessType string `json:"hist_access_type"` // "range", "tail" or "search"
	Session        int    `json:"session"`
	Start          int    `json:"start"`
	Stop           *int   `json:"stop,omitempty"`
	N              *int   `json:"n,omitempty"`
	Pattern        string `json:"pattern"`
	Unique         bool   `json:"unique"`
}

// HistoryReply answers a HistoryRequest. Each entry is [session, line, input],
// or with output [session, line, [input, output]].
type HistoryReply struct {
	Status  string   `json:"status"`
	History [][3]any `json:"history"`
}

// IsCompleteRequest: https://jupyter-client.readthedocs.io/en/stable/messaging.html#code-completeness
type IsCompleteRequest struct {
	Code string `json:"code"`
}

// IsCompleteReply answers an IsCompleteRequest. Indent is there only when the
// status is "incomplete".
type IsCompleteReply struct {
	Status string  `json:"status"`
	Indent *string `json:"indent,omitempty"`
}

// ConnectReply: https://jupyter-client.readthedocs.io/en/stable/messaging.html#connect
type ConnectReply struct {
	Status      string `json:"status"`
	ShellPort   int    `json:"shell_port,omitempty"`
	IOPubPort   int    `json:"iopub_port,omitempty"`
	StdinPort   int    `json:"stdin_port,omitempty"`
	HBPort      int    `json:"hb_port,omitempty"`
	ControlPort int    `json:"control_port,omitempty"`
}

// CommInfoRequest: https://jupyter-client.readthedocs.io/en/stable/messaging.html#comm-info
type CommInfoRequest struct {
	TargetName string `json:"target_name"`
}

// CommInfoReply answers a CommInfoRequest: comm id to what is known of it.
type CommInfoReply struct {
	Status string              `json:"status"`
	Comms  map[string]CommInfo `json:"comms"`
}

// CommInfo is what is known of an open comm.
type CommInfo struct {
	TargetName string `json:"target_name"`
}
