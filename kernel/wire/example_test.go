package wire_test

import (
	"fmt"

	"github.com/adabc437/fanout/kernel/wire"
)

func ExampleByteOffset() {
	const code = `"日本" + x`
	offset := wire.ByteOffset(code, 5) // a cursor position from a front end
	fmt.Printf("%q %d\n", code[:offset], wire.CodePoints(code, offset))
	// Output: "\"日本\" " 5
}

func ExampleCodec() {
	client, kernel := wire.NewCodec([]byte("key")), wire.NewCodec([]byte("key"))
	m, err := wire.NewSender("ada").New("is_complete_request", nil, wire.IsCompleteRequest{Code: "1 +"})
	if err != nil {
		panic(err)
	}
	frames, err := client.Encode(m)
	if err != nil {
		panic(err)
	}
	got, err := kernel.Decode(frames)
	fmt.Println(got.Type(), string(got.Content), err)
	_, err = kernel.Decode(frames)
	fmt.Println(err)
	// Output:
	// is_complete_request {"code":"1 +"} <nil>
	// replayed message: its signature was seen before
}
