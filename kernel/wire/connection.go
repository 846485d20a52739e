package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// ErrConnection is wrapped by every error about what a connection file says.
var ErrConnection = errors.New("connection file")

// maxConnectionFile bounds the size in bytes of a connection file.
const maxConnectionFile = 1 << 20

// ConnectionInfo says where a kernel listens and how messages are signed. A
// front end writes it to a file and gives the kernel the file's path.
//
// https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files
type ConnectionInfo struct {
	Transport       string `json:"transport"` // "tcp" or "ipc"
	IP              string `json:"ip"`        // for ipc the start of the sockets' paths
	ShellPort       int    `json:"shell_port"`
	ControlPort     int    `json:"control_port"`
	IOPubPort       int    `json:"iopub_port"`
	StdinPort       int    `json:"stdin_port"`
	HBPort          int    `json:"hb_port"`
	Key             string `json:"key"`
	SignatureScheme string `json:"signature_scheme"`
	KernelName      string `json:"kernel_name,omitempty"`
}

// ReadConnection reads and checks the connection file at path.
func ReadConnection(path string) (ConnectionInfo, error) {
	st, err := os.Stat(path)
	if err != nil {
		return ConnectionInfo{}, fmt.Errorf("%w: %w", ErrConnection, err)
	}
	if st.Size() > maxConnectionFile {
		return ConnectionInfo{}, fmt.Errorf("%w %s: %d bytes, want %d at most", ErrConnection, path, st.Size(), maxConnectionFile)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return ConnectionInfo{}, fmt.Errorf("%w: %w", ErrConnection, err)
	}
	c, err := ParseConnection(data)
	if err != nil {
		return ConnectionInfo{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// ParseConnection reads and checks the text of a connection file. A missing
// transport is tcp, a missing ip is 127.0.0.1, and a missing signature scheme is
// hmac-sha256, which is the only one that is known here.
func ParseConnection(data []byte) (ConnectionInfo, error) {
	var c ConnectionInfo
	if err := json.Unmarshal(data, &c); err != nil {
		return ConnectionInfo{}, fmt.Errorf("%w: %w", ErrConnection, err)
	}
	if c.Transport == "" {
		c.Transport = "tcp"
	}
	if c.IP == "" {
		if c.Transport == "ipc" {
			return ConnectionInfo{}, fmt.Errorf("%w: transport ipc needs ip, the start of the sockets' paths", ErrConnection)
		}
		c.IP = "127.0.0.1"
	}
	if c.SignatureScheme == "" {
		c.SignatureScheme = "hmac-sha256"
	}
	if err := c.Check(); err != nil {
		return ConnectionInfo{}, err
	}
	return c, nil
}

// Check says what is wrong with c, if anything.
func (c *ConnectionInfo) Check() error {
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return fmt.Errorf("%w: transport %q, want tcp or ipc", ErrConnection, c.Transport)
	}
	if c.SignatureScheme != "hmac-sha256" {
		return fmt.Errorf("%w: signature_scheme %q, want hmac-sha256", ErrConnection, c.SignatureScheme)
	}
	used := map[int]Channel{}
	for _, ch := range Channels {
		port := c.Port(ch)
		switch {
		case port == 0:
			return fmt.Errorf("%w: %s_port is missing", ErrConnection, ch)
		case port < 0 || port > 65535:
			return fmt.Errorf("%w: %s_port %d, want 1 to 65535", ErrConnection, ch, port)
		case used[port] != "":
			return fmt.Errorf("%w: %s_port and %s_port are both %d", ErrConnection, used[port], ch, port)
		}
		used[port] = ch
	}
	return nil
}

// Port is the port number of a channel; for ipc it is the end of the socket's
// path.
func (c *ConnectionInfo) Port(ch Channel) int {
	switch ch {
	case Shell:
		return c.ShellPort
	case Control:
		return c.ControlPort
	case IOPub:
		return c.IOPubPort
	case Stdin:
		return c.StdinPort
	case HB:
		return c.HBPort
	}
	return 0
}

// Address is where the channel listens, as ZeroMQ writes it:
// tcp://127.0.0.1:5555 or ipc:///tmp/kernel-1.
func (c *ConnectionInfo) Address(ch Channel) string {
	port := strconv.Itoa(c.Port(ch))
	if c.Transport == "ipc" {
		return "ipc://" + c.IP + "-" + port
	}
	ip := strings.Trim(c.IP, "[]")
	if ip == "*" {
		ip = "0.0.0.0"
	}
	return "tcp://" + net.JoinHostPort(ip, port)
}
