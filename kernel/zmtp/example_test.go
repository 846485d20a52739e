package zmtp_test

import (
	"context"
	"fmt"

	"github.com/adabc437/fanout/kernel/zmtp"
)

func ExampleListenRouter() {
	ctx := context.Background()
	router, err := zmtp.ListenRouter(ctx, "tcp://127.0.0.1:0", zmtp.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer router.Close()
	dealer, err := zmtp.DialDealer(ctx, router.Addr(), zmtp.Options{Identity: []byte("ada")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dealer.Close()

	dealer.Send(zmtp.Message{[]byte("1+1")})
	request, _ := router.Recv(ctx)
	fmt.Printf("%s asks %s\n", request[0], request[1])
	router.Send(zmtp.Message{request[0], []byte("2")})
	reply, _ := dealer.Recv(ctx)
	fmt.Printf("the answer is %s\n", reply[0])
	// Output:
	// ada asks 1+1
	// the answer is 2
}

func ExampleListenXPub() {
	ctx := context.Background()
	xpub, err := zmtp.ListenXPub(ctx, "tcp://127.0.0.1:0", zmtp.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer xpub.Close()
	sub, err := zmtp.DialSub(ctx, xpub.Addr(), zmtp.Options{}, "status")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer sub.Close()

	news, _ := xpub.Recv(ctx)
	fmt.Printf("someone wants %q\n", news.Topic)
	news.Send(zmtp.Message{[]byte("status"), []byte("welcome")})
	xpub.Publish(zmtp.Message{[]byte("stream"), []byte("unwanted")}, zmtp.Droppable)
	xpub.Publish(zmtp.Message{[]byte("status"), []byte("busy")}, zmtp.Reliable)
	for range 2 {
		m, _ := sub.Recv(ctx)
		fmt.Printf("%s: %s\n", m[0], m[1])
	}
	// Output:
	// someone wants "status"
	// status: welcome
	// status: busy
}

func ExampleListenRep() {
	ctx := context.Background()
	rep, err := zmtp.ListenRep(ctx, "tcp://127.0.0.1:0", zmtp.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rep.Close()
	rep.Echo()
	req, err := zmtp.DialReq(ctx, rep.Addr(), zmtp.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer req.Close()

	reply, err := req.Do(ctx, zmtp.Message{[]byte("ping")})
	fmt.Printf("%s %v\n", reply[0], err)
	// Output: ping <nil>
}
