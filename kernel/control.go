package kernel

import (
	"fmt"
	"slices"

	"github.com/adabc437/fanout/kernel/wire"
)

// maxSubshells bounds how many subshells there are at once.
const maxSubshells = 128

// kernelInfo says what this kernel is.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-info
func kernelInfo(r *request) error {
	info := r.k.config.Info
	r.reply(wire.KernelInfoReply{
		Status:                wire.StatusOK,
		ProtocolVersion:       wire.ProtocolVersion,
		Implementation:        "fanout",
		ImplementationVersion: info.Version,
		LanguageInfo: wire.LanguageInfo{
			Name: "go", Version: info.GoVersion, MIMEType: "text/x-go", FileExtension: ".go",
			PygmentsLexer: "go", CodeMirrorMode: "go",
		},
		Banner:            info.Banner,
		HelpLinks:         info.HelpLinks,
		SupportedFeatures: []string{"kernel subshells"},
	})
	return nil
}

// connect tells the ports, for the clients that still ask.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#connect
func connect(r *request) error {
	reply := wire.ConnectReply{Status: wire.StatusOK}
	if c := r.k.config.Connection; c != nil {
		reply.ShellPort, reply.IOPubPort, reply.StdinPort = c.ShellPort, c.IOPubPort, c.StdinPort
		reply.HBPort, reply.ControlPort = c.HBPort, c.ControlPort
	}
	r.reply(reply)
	return nil
}

// shutdown answers, tells everybody, and lets the kernel's owner close it.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-shutdown
func shutdown(r *request) error {
	var c wire.Shutdown
	if err := wire.Unmarshal(r.msg, &c); err != nil {
		return err
	}
	c.Status = wire.StatusOK
	r.reply(c)
	r.publish("shutdown_reply", c)
	r.after = func() { r.k.Shutdown(c.Restart) }
	return nil
}

// interrupt stops the running cells.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#kernel-interrupt
func interrupt(r *request) error {
	r.k.Interrupt()
	r.reply(wire.Status{Status: wire.StatusOK})
	return nil
}

// A debugReply is a response of the Debug Adapter Protocol that is an error
// reply of Jupyter's too.
type debugReply struct {
	wire.ErrorReply
	Type       string `json:"type"`
	RequestSeq int    `json:"request_seq"`
	Success    bool   `json:"success"`
	Command    string `json:"command"`
	Message    string `json:"message"`
}

// debugRequest says that there is no debugger.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#debug-request
func debugRequest(r *request) error {
	var c struct {
		Seq     int    `json:"seq"`
		Command string `json:"command"`
	}
	if err := wire.Unmarshal(r.msg, &c); err != nil {
		return err
	}
	const message = "this kernel has no debugger"
	r.reply(debugReply{
		ErrorReply: wire.ErrorReply{Status: wire.StatusError, Error: errorOf(&protocolError{"NotSupported", message})},
		Type:       "response", RequestSeq: c.Seq, Command: c.Command, Message: message,
	})
	return nil
}

// createSubshell makes a shell that runs beside the others.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#create-subshell
func createSubshell(r *request) error {
	k := r.k
	id := wire.NewID()
	k.mu.Lock()
	switch {
	case k.ended:
		k.mu.Unlock()
		return &protocolError{"KernelEnded", "this kernel is being shut down"}
	case len(k.order) >= maxSubshells:
		k.mu.Unlock()
		return &protocolError{"TooManySubshells", fmt.Sprintf("there are %d subshells: delete some first", maxSubshells)}
	}
	q := newQueue(k, wire.Shell, id)
	k.shells[id] = q
	k.order = append(k.order, id)
	k.start(q)
	k.mu.Unlock()
	r.reply(wire.Subshell{Status: wire.StatusOK, SubshellID: id})
	return nil
}

// beside says that there are other shells for cells than q.
func (k *Kernel) beside(q *queue) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, other := range k.shells {
		if other != q && other.forCells() {
			return true
		}
	}
	return false
}

// deleteSubshell ends a subshell. The cell that runs in it is interrupted, and
// those that wait are aborted.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#delete-subshell
func deleteSubshell(r *request) error {
	var c wire.Subshell
	if err := wire.Unmarshal(r.msg, &c); err != nil {
		return err
	}
	k := r.k
	k.mu.Lock()
	q := k.shells[c.SubshellID]
	if q != nil && c.SubshellID != "" {
		delete(k.shells, c.SubshellID)
		k.order = slices.DeleteFunc(k.order, func(id string) bool { return id == c.SubshellID })
	}
	k.mu.Unlock()
	if q == nil || c.SubshellID == "" {
		return noSubshell(c.SubshellID)
	}
	q.stop()
	r.reply(wire.Status{Status: wire.StatusOK})
	return nil
}

// listSubshells gives the ids of the subshells, oldest first.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#list-subshells
func listSubshells(r *request) error {
	r.k.mu.Lock()
	ids := append([]string{}, r.k.order...)
	r.k.mu.Unlock()
	r.reply(wire.ListSubshellReply{Status: wire.StatusOK, SubshellID: ids})
	return nil
}
