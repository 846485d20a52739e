package wire

import "encoding/json"

// KernelInfoReply: https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-info
type KernelInfoReply struct {
	Status                string       `json:"status"`
	ProtocolVersion       string       `json:"protocol_version"`
	Implementation        string       `json:"implementation"`
	ImplementationVersion string       `json:"implementation_version"`
	LanguageInfo          LanguageInfo `json:"language_info"`
	Banner                string       `json:"banner"`
	Debugger              bool         `json:"debugger"`
	HelpLinks             []HelpLink   `json:"help_links"`
	SupportedFeatures     []string     `json:"supported_features"`
}

// LanguageInfo describes the language of the cells.
type LanguageInfo struct {
	Name           string `json:"name"`
	Version        string `json:"version"`
	MIMEType       string `json:"mimetype"`
	FileExtension  string `json:"file_extension"`
	PygmentsLexer  string `json:"pygments_lexer"`
	CodeMirrorMode string `json:"codemirror_mode"`
	NBConvert      string `json:"nbconvert_exporter,omitempty"`
}

// A HelpLink is an entry of a front end's help menu.
type HelpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// Shutdown is the content of shutdown_request and, with a status, of
// shutdown_reply.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-shutdown
type Shutdown struct {
	Status  string `json:"status,omitempty"`
	Restart bool   `json:"restart"`
}

// Subshell is the content of create_subshell_reply and delete_subshell_request.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#create-subshell
type Subshell struct {
	Status     string `json:"status,omitempty"`
	SubshellID string `json:"subshell_id"`
}

// ListSubshellReply lists the ids of the subshells.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#list-subshells
type ListSubshellReply struct {
	Status     string   `json:"status"`
	SubshellID []string `json:"subshell_id"`
}

// KernelStatus: https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-status
type KernelStatus struct {
	ExecutionState string `json:"execution_state"` // "starting", "busy" or "idle"
}

// IOPubWelcome tells a subscriber that its subscription is in force.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#welcome-message
type IOPubWelcome struct {
	Subscription string `json:"subscription"`
}

// ExecuteInput: https://jupyter-client.readthedocs.io/en/stable/messaging.html#code-inputs
type ExecuteInput struct {
	Code           string `json:"code"`
	ExecutionCount int    `json:"execution_count"`
}

// Stream: https://jupyter-client.readthedocs.io/en/stable/messaging.html#streams-stdout-stderr-etc
type Stream struct {
	Name string `json:"name"` // "stdout" or "stderr"
	Text string `json:"text"`
}

// DisplayData is the content of display_data and update_display_data.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#display-data
type DisplayData struct {
	Data      Bundle    `json:"data"`
	Metadata  Bundle    `json:"metadata"`
	Transient Transient `json:"transient"`
}

// Transient is what a front end does not store.
type Transient struct {
	DisplayID string `json:"display_id,omitempty"`
}

// ExecuteResult: https://jupyter-client.readthedocs.io/en/stable/messaging.html#id6
type ExecuteResult struct {
	ExecutionCount int       `json:"execution_count"`
	Data           Bundle    `json:"data"`
	Metadata       Bundle    `json:"metadata"`
	Transient      Transient `json:"transient"`
}

// ClearOutput: https://jupyter-client.readthedocs.io/en/stable/messaging.html#clear-output
type ClearOutput struct {
	Wait bool `json:"wait"`
}

// Comm is the content of comm_open, comm_msg and comm_close.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#custom-messages
type Comm struct {
	CommID     string          `json:"comm_id"`
	TargetName string          `json:"target_name,omitempty"`
	Data       json.RawMessage `json:"data"`
}

// InputRequest: https://jupyter-client.readthedocs.io/en/stable/messaging.html#messages-on-the-stdin-router-dealer-channel
type InputRequest struct {
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"`
}

// InputReply answers an InputRequest.
type InputReply struct {
	Status string `json:"status,omitempty"`
	Value  string `json:"value"`
}
