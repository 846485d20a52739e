package zmtp

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkRoundTrip sends a small message from a DEALER to a ROUTER and back.
func BenchmarkRoundTrip(b *testing.B) {
	for name, at := range endpoints(b) {
		b.Run(name, func(b *testing.B) {
			r := must(ListenRouter(patient(b), at, Options{}))(b)
			d := must(DialDealer(patient(b), r.Addr(), Options{}))(b)
			m := text("<IDS|MSG>", "signature", "header", "parent", "metadata", "content")
			go func() {
				for {
					m, err := r.Recv(r.closing)
					if err != nil {
						return
					}
					r.Send(m)
				}
			}()
			for b.Loop() {
				if err := d.Send(m); err != nil {
					b.Fatal(err)
				}
				if _, err := d.Recv(d.closing); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPublish publishes to subscribers that read as fast as they can, and
// counts a message once all have it. At most 10 000 are under way.
func BenchmarkPublish(b *testing.B) {
	for _, c := range []struct{ subs, size int }{{1, 100}, {1, 10_000}, {1, 1 << 20}, {8, 100}} {
		b.Run(fmt.Sprintf("subs=%d/bytes=%d", c.subs, c.size), func(b *testing.B) {
			x := must(ListenXPub(patient(b), anywhere, Options{QueueBytes: 1 << 40}))(b)
			window := make([]chan struct{}, c.subs)
			for i := range c.subs {
				s := must(DialSub(patient(b), x.Addr(), Options{}, ""))(b)
				expectSub(b, x, "")
				window[i] = make(chan struct{}, min(10_000, 64<<20/c.size))
				go func() {
					for {
						if _, err := s.Recv(s.closing); err != nil {
							return
						}
						<-window[i]
					}
				}()
			}
			m := Message{[]byte("topic"), make([]byte, c.size)}
			b.SetBytes(int64(m.Size() * c.subs))
			for b.Loop() {
				for _, w := range window {
					w <- struct{}{}
				}
				if err := x.Publish(m, Reliable); err != nil {
					b.Fatal(err)
				}
			}
			for _, w := range window {
				for len(w) > 0 {
					time.Sleep(10 * time.Microsecond)
				}
			}
		})
	}
}
