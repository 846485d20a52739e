package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/adabc437/fanout/frontend/verify"
)

func testCmd() *cobra.Command {
	var o verify.Options
	var ignore []string
	var memory string
	var jobs int
	cmd := &cobra.Command{
		Use:   "test [flags] [FILE | FOLDER]...",
		Short: "Run notebooks again and report outputs that changed",
		Long: `Run notebooks again, each in a session of its own, and compare what their cells show
with the outputs that the files keep. Of a folder (by default the one you are in), the
notebooks in it and below are taken. A notebook that keeps no outputs must only run.

Text must be the same, but for times (12:00:00), durations (1.5s, 3 ms), addresses
(0xc000012345), numbers of goroutines, colours, and what --ignore matches. Of a picture,
that it is there and its kind count. Tags of cells say more:

    ignore-output       the cell runs, and may show what it likes
    raises-exception    the cell may fail; its error is compared
    skip                the cell does not run

The exit status is 1 when outputs changed or a cell failed.`,
		Example: `  fanout test
  fanout test examples -j 4 --cell-timeout 1m
  fanout test report.ipynb --ignore 'seed \d+'
  fanout test report.ipynb --update`,
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, text := range ignore {
				pattern, err := regexp.Compile(text)
				if err != nil {
					return fmt.Errorf("--ignore: %w", err)
				}
				o.Ignore = append(o.Ignore, pattern)
			}
			if len(args) == 0 {
				args = []string{"."}
			}
			paths, err := verify.Find(args)
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
			s := testSummary{out: cmd.OutOrStdout(), count: map[verify.Outcome]int{}}
			for _, path := range paths {
				s.width = max(s.width, len(path))
			}
			verify.All(ctx, starter(cmd.Context(), memory), paths, jobs, o, s.show)
			fmt.Fprintln(s.out, s.last())
			switch {
			case ctx.Err() != nil:
				return exitCode(130)
			case s.count[verify.Changed]+s.count[verify.Failed] > 0:
				return exitCode(1)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.IntVarP(&jobs, "jobs", "j", 1, "how many notebooks run at the same time")
	f.BoolVar(&o.Update, "update", false, "write outputs that changed to the files")
	f.StringArrayVar(&ignore, "ignore", nil, "text that matches `REGEXP` may be different; may be given again")
	f.BoolVar(&o.Exact, "exact", false, "compare times, durations and addresses too")
	f.DurationVar(&o.Timeout, "cell-timeout", 0*time.Second, "the time a cell may take, such as 60s (default: no limit)")
	f.StringVar(&memory, "memory-limit", "", "memory that a session may use, such as 4GiB (default: 80% of what there is)")
	return cmd
}

// A testSummary shows reports and counts them.
type testSummary struct {
	out   io.Writer
	width int
	count map[verify.Outcome]int
}

// show writes a line for a notebook, and its differences below it.
func (s *testSummary) show(r verify.Report) {
	s.count[r.Outcome]++
	what := fmt.Sprintf("%s compared, %s", plural(r.Compared, "cell"), r.Took.Round(10*time.Millisecond))
	switch {
	case r.FailedCell > 0:
		what = fmt.Sprintf("cell %d: %v", r.FailedCell, r.Err)
	case r.Err != nil:
		what = r.Err.Error()
	case r.Compared == 0:
		what = fmt.Sprintf("%s ran, no outputs to compare, %s", plural(r.Ran, "cell"), r.Took.Round(10*time.Millisecond))
	case len(r.Changes) > 0:
		what = fmt.Sprintf("%d of %s", len(r.Changes), plural(r.Compared, "cell"))
	}
	fmt.Fprintf(s.out, "%-7s  %-*s  %s\n", r.Outcome, s.width, r.Path, what)
	if r.KeptError {
		fmt.Fprintf(s.out, "    a cell that is meant to fail needs the tag raises-exception\n")
	}
	for _, c := range r.Changes {
		fmt.Fprintf(s.out, "    cell %d", c.Cell)
		if c.ID != "" {
			fmt.Fprintf(s.out, " (%s)", c.ID)
		}
		fmt.Fprintln(s.out)
		for line := range strings.Lines(c.Diff) {
			fmt.Fprintf(s.out, "      %s\n", strings.TrimRight(line, "\n"))
		}
	}
}

// last is the line below all.
func (s *testSummary) last() string {
	total := 0
	var parts []string
	for _, o := range []verify.Outcome{verify.OK, verify.Changed, verify.Updated, verify.Failed} {
		if n := s.count[o]; n > 0 {
			total += n
			parts = append(parts, fmt.Sprintf("%d %s", n, map[verify.Outcome]string{
				verify.OK: "ok", verify.Changed: "changed", verify.Updated: "updated", verify.Failed: "failed",
			}[o]))
		}
	}
	return fmt.Sprintf("%s: %s", plural(total, "notebook"), strings.Join(parts, ", "))
}

func plural(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}
