package kernel

import (
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
)

// comm hands comm_open, comm_msg and comm_close to the session.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#custom-messages
func comm(r *request) error {
	var c wire.Comm
	if err := wire.Unmarshal(r.msg, &c); err != nil {
		return err
	}
	out := &output{request: r}
	defer out.end()
	return r.k.session.Comm(r.ctx, session.CommMessage{
		Kind: session.Kind(r.msg.Type()), ID: c.CommID, Target: c.TargetName,
		Data: c.Data, Metadata: r.msg.Metadata, Buffers: r.msg.Buffers,
	}, out)
}

// commInfo lists the comms that are open.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#comm-info
func commInfo(r *request) error {
	var c wire.CommInfoRequest
	if err := wire.Unmarshal(r.msg, &c); err != nil {
		return err
	}
	comms, err := r.k.session.Comms(r.ctx, c.TargetName)
	if err != nil {
		return err
	}
	reply := wire.CommInfoReply{Status: wire.StatusOK, Comms: make(map[string]wire.CommInfo, len(comms))}
	for id, target := range comms {
		reply.Comms[id] = wire.CommInfo{TargetName: target}
	}
	r.reply(reply)
	return nil
}
