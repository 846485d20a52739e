package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/adabc437/fanout/interp"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/supervisor"
)

func sessionCmd() *cobra.Command {
	return &cobra.Command{
		Use: "session", Short: "Run cells for a kernel", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			open := func(context.Context) (session.Session, error) { return interp.New(interp.Options{}) }
			if code := supervisor.Child(cmd.Context(), open); code != 0 {
				return exitCode(code)
			}
			return nil
		},
	}
}
