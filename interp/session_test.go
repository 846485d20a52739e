package interp_test

import (
	"testing"

	"github.com/adabc437/fanout/interp"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/session/sessiontest"
)

func TestConformance(t *testing.T) {
	sessiontest.Run(t, func(t *testing.T) session.Session {
		i, err := interp.New(interp.Options{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		return i
	})
}
