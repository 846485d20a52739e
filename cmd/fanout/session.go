package main

import (
	"context"
	"flag"
	"os"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/adabc437/fanout/interp"
	"github.com/adabc437/fanout/interp/build"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/supervisor"
)

func sessionCmd() *cobra.Command {
	return &cobra.Command{
		Use: "session [-- ARGS]", Short: "Run cells for a kernel", Hidden: true, Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			os.Args = append(os.Args[:1:1], args[min(1, len(args)):]...) // what cells see
			if len(args) > 0 {
				os.Args[0] = args[0]
			}
			freshFlags()
			open := func(ctx context.Context) (session.Session, error) {
				opt := interp.Options{Tier: os.Getenv("FANOUT_TIER")}
				var opened atomic.Pointer[interp.Interp]
				opt.Tools, opt.NoTools = build.Open(ctx, build.Options{
					Packages: interp.Packages(),
					Progress: func(text string) {
						if i := opened.Load(); i != nil {
							i.Progress(text)
						}
					},
				})
				if opt.NoTools != nil && opt.Tier == interp.TierCompiled {
					return nil, opt.NoTools
				}
				i, err := interp.New(opt)
				if err != nil {
					return nil, err
				}
				opened.Store(i)
				return i, nil
			}
			if code := supervisor.Child(cmd.Context(), open); code != 0 {
				return exitCode(code)
			}
			return nil
		},
	}
}

// freshFlags takes from package flag what packages of this program have
// registered, such as testing/quick: cells begin without any, as a program does.
func freshFlags() {
	flag.CommandLine = flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	flag.CommandLine.Usage = func() { flag.Usage() } // which cells may set
}
