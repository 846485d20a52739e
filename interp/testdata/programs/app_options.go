package main

import (
	"fmt"
	"strings"
)

// Functional options and a builder, with validation.

type Server struct {
	host    string
	port    int
	tls     bool
	limits  map[string]int
	middle  []func(string) string
	onError func(error)
}

type Option func(*Server) error

func WithPort(p int) Option {
	return func(s *Server) error {
		if p <= 0 || p > 65535 {
			return fmt.Errorf("port %d out of range", p)
		}
		s.port = p
		return nil
	}
}

func WithTLS() Option { return func(s *Server) error { s.tls = true; return nil } }

func WithLimit(name string, n int) Option {
	return func(s *Server) error {
		if s.limits == nil {
			s.limits = map[string]int{}
		}
		s.limits[name] = n
		return nil
	}
}

func With(fs ...func(string) string) Option {
	return func(s *Server) error {
		s.middle = append(s.middle, fs...)
		return nil
	}
}

func All(opts ...Option) Option {
	return func(s *Server) error {
		for _, o := range opts {
			if err := o(s); err != nil {
				return err
			}
		}
		return nil
	}
}

func New(host string, opts ...Option) (*Server, error) {
	s := &Server{host: host, port: 80}
	if err := All(opts...)(s); err != nil {
		return nil, fmt.Errorf("new %s: %w", host, err)
	}
	return s, nil
}

func (s Server) URL() string {
	scheme := "http"
	if s.tls {
		scheme += "s"
	}
	return fmt.Sprintf("%s://%s:%d", scheme, s.host, s.port)
}

func (s *Server) Handle(req string) string {
	for _, f := range s.middle {
		req = f(req)
	}
	return req
}

type Query struct{ parts []string }

func From(t string) *Query { return &Query{[]string{"FROM " + t}} }
func (q *Query) Where(f string, a ...any) *Query {
	q.parts = append(q.parts, "WHERE "+fmt.Sprintf(f, a...))
	return q
}
func (q *Query) Limit(n int) *Query { q.parts = append(q.parts, fmt.Sprint("LIMIT ", n)); return q }
func (q *Query) String() string     { return strings.Join(q.parts, " ") }

func main() {
	s, err := New("a.example")
	fmt.Println(s.URL(), err, s.limits == nil)
	secure := All(WithTLS(), WithPort(443))
	s, err = New("b.example", secure, WithLimit("rps", 10), WithLimit("conns", 5), With(strings.ToUpper, strings.TrimSpace))
	fmt.Println(s.URL(), err, s.limits, s.Handle("  get / "))
	s, err = New("c.example", WithPort(70000), WithTLS())
	fmt.Println(s, err)
	fmt.Println(From("users").Where("age > %d AND name = %q", 18, "x").Limit(5))
}
