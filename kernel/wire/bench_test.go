package wire

import "testing"

func BenchmarkEncode(b *testing.B) {
	c, s := NewCodec([]byte("key")), NewSender("fanout")
	parent := request(b)
	for b.Loop() {
		m, err := s.New("stream", parent, Stream{Name: "stdout", Text: "hello, world\n"})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Encode(m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	c := NewCodec(nil)
	frames, err := c.Encode(request(b))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := c.Decode(frames); err != nil {
			b.Fatal(err)
		}
	}
}
