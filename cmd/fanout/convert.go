package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/adabc437/fanout/frontend/convert"
)

func convertCmd() *cobra.Command {
	var o convert.Options
	cmd := &cobra.Command{
		Use:   "convert [flags] IN OUT",
		Short: "Convert between notebook, Go and Markdown, without running",
		Long: `Convert a file to another kind, by what their names end in: a notebook (.ipynb), Go
in cells (.go) or Markdown (.md), each to each other, or any of them to a page (.html).
Nothing is run.

Cells come back as they were: their text, ids, tags and other metadata, and the
images that are attached to them. Outputs do not: Go has none, and in Markdown they
are for readers. "fanout run" runs .go and .md files as the notebooks that they are.`,
		Example: `  fanout convert lesson.ipynb lesson.go    # to edit and to compare
  fanout convert lesson.go lesson.ipynb
  fanout convert lesson.ipynb lesson.md    # to read, with its outputs
  fanout convert README.md readme.ipynb    # blocks of Go become cells
  fanout convert lesson.ipynb clean.ipynb --no-outputs
  fanout convert lesson.ipynb lesson.html`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			if _, err := convert.FormatOf(args[1]); err != nil {
				return err
			}
			nb, err := convert.ReadFile(args[0])
			if err != nil {
				return err
			}
			if filepath.Clean(args[0]) == filepath.Clean(args[1]) && !o.NoOutputs {
				return fmt.Errorf("%s would be written over itself", args[0])
			}
			o.Dir = filepath.Dir(args[0])
			return convert.WriteFile(args[1], nb, o)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.NoOutputs, "no-outputs", false, "leave the outputs of cells out")
	f.BoolVar(&o.AllowScripts, "allow-scripts", false, "let scripts in outputs run in a page of HTML")
	return cmd
}
