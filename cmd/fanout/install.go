package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/adabc437/fanout/kernel/kernelspec"
)

// where is the choice of a data folder of Jupyter.
type where struct {
	user, system, sysPrefix bool
	prefix                  string
	name                    string
}

func (w *where) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&w.user, "user", false, "for the current user (the default)")
	f.BoolVar(&w.system, "system", false, "for all users of this machine")
	f.BoolVar(&w.sysPrefix, "sys-prefix", false, "for the active Python environment")
	f.StringVar(&w.prefix, "prefix", "", "for the Python environment at `DIR`")
	f.StringVar(&w.name, "name", kernelspec.DefaultName, "the `NAME` of the kernelspec")
	cmd.MarkFlagsMutuallyExclusive("user", "system", "sys-prefix", "prefix")
}

// dir is the data folder that was chosen.
func (w *where) dir() (string, error) {
	switch {
	case w.system:
		return kernelspec.SystemDir(), nil
	case w.prefix != "":
		return kernelspec.PrefixDir(w.prefix), nil
	case w.sysPrefix:
		prefix, err := kernelspec.SysPrefix()
		if err != nil {
			return "", err
		}
		return kernelspec.PrefixDir(prefix), nil
	}
	return kernelspec.UserDir()
}

func installCmd() *cobra.Command {
	var w where
	var display string
	cmd := &cobra.Command{
		Use: "install", Short: "Tell Jupyter of this kernel", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := w.dir()
			if err != nil {
				return err
			}
			at, err := kernelspec.Install(dir, kernelspec.Options{Name: w.name, DisplayName: display})
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "installed the kernel %q in %s\n", w.name, at)
			return nil
		},
	}
	w.flags(cmd)
	cmd.Flags().StringVar(&display, "display-name", "", "the name that front ends show (default \"Go (Fanout)\")")
	return cmd
}

func uninstallCmd() *cobra.Command {
	var w where
	cmd := &cobra.Command{
		Use: "uninstall", Short: "Remove this kernel from Jupyter", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := w.dir()
			if err != nil {
				return err
			}
			err = kernelspec.Uninstall(dir, w.name)
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("there is no kernel %q in %s; try another of --user, --system, --sys-prefix and --prefix", w.name, dir)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "removed the kernel %q from %s\n", w.name, dir)
			return nil
		},
	}
	w.flags(cmd)
	return cmd
}
