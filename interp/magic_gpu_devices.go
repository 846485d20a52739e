package interp

import (
	"context"
	"errors"
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/plots"
)

func gpuMagic() *Magic {
	m := &Magic{
		Name: "gpu", Args: "[use N | mem | profile f xs…]", Short: "List the devices that %gpumap can run on; choose one; show their memory; measure a kernel.",
		CellShort: "runs a kernel that is written in OpenCL C.",
		Words:     []string{"mem", "profile", "use"},
		Flags:     []Flag{flagDevice, flagGlobal, flagLocal, flagQuiet, flagLimit},
		Example:   "%gpu           // the devices, with their memory, units and drivers\n%gpu use 1     // %gpumap and its family run there from now on\n%gpu use cpu   // on the cores of this machine\n%gpu mem       // what is in use\n%gpu profile f xs  // how near %gpumap f xs comes to what the device can do: a roofline\n\n%%gpu saxpy(2.5, xs, ys)      // slices go to the device and come back; floats are float32\n__kernel void saxpy(float a, __global const float *x, __global float *y) {\n    int i = get_global_id(0);\n    y[i] += a * x[i];\n}",
	}
	m.Expand = func(x *expansion) error {
		flags, skip, err := m.parseFlags(x.piece.Args)
		if err != nil {
			return err
		}
		text := strings.TrimLeft(x.piece.Args[skip:], " \t")
		if rest, ok := strings.CutPrefix(text, "profile"); ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
			return x.gpuProfile(m, len(x.piece.Args)-len(rest), flags)
		}
		if len(flags) > 0 {
			return errors.New("the flags of %gpu are for %gpu profile f xs and for %%gpu; %gpu use N chooses the device")
		}
		x.call(func(r *run) error { return r.gpuCommand(strings.Fields(text)) })
		return nil
	}
	m.Cell = gpuCell(m)
	return m
}

// gpuCommand is %gpu with words behind it.
func (r *run) gpuCommand(words []string) error {
	defer r.holdsDevice()() // it may be the first that looks for devices
	switch {
	case len(words) == 0:
		return r.listDevices()
	case words[0] == "use" && len(words) == 2:
		d, err := r.interp.devices.pick(r.ctx, words[1])
		if err != nil {
			return err
		}
		r.interp.devices.use(d)
		r.print("%gpumap and its family run on " + deviceName(d) + "\n")
		return nil
	case words[0] == "mem" && len(words) == 1:
		set, err := r.interp.devices.open(r.ctx)
		if err != nil {
			return err
		}
		var b strings.Builder
		for _, d := range set.Devices {
			fmt.Fprintf(&b, "%s: %s of %s in use\n", deviceName(d), plots.Bytes(d.InUse()), plots.Bytes(d.Info().Memory))
		}
		r.print(b.String())
		return nil
	}
	return errors.New("%gpu takes nothing, use N, mem, or profile f xs; %gpu lists the devices with their numbers")
}

// mergeProfile adds the flags that stand before the word profile.
func mergeProfile(opt *deviceOpt, before flagSet) error {
	more, err := deviceOptions(before)
	if err != nil {
		return err
	}
	if more.device != "" {
		opt.device = more.device
	}
	if more.limit != 0 {
		opt.limit = more.limit
	}
	opt.quiet = opt.quiet || more.quiet
	return nil
}

// gpuProfile expands %gpu profile f xs…
func (x *expansion) gpuProfile(m *Magic, skip int, before flagSet) error {
	s, args, opt, err := x.deviceSite(m, skip, -1, "%gpu profile takes a function and its inputs")
	if err != nil {
		return err
	}
	if err := mergeProfile(&opt, before); err != nil {
		return err
	}
	opt.show = true // it has no value
	s.translation = &translation{lists: len(args) - 1}
	s.typ = x.run.interp.gpumapType(len(args)-1, opt)
	s.device = func(r *run, t *translation, args []any) (any, error) { return nil, r.gpuRoofline(t, args, opt) }
	x.expression(s, args)
	return nil
}

func (r *run) gpuRoofline(t *translation, args []any, opt deviceOpt) error {
	d, err := r.deviceFor(args, opt)
	if err != nil {
		return err
	}
	var res *device.Roofline
	var line *deviceWatch
	err = r.onDevice(opt, func(ctx context.Context, watch *deviceWatch) (err error) {
		line = watch
		res, err = d.Roofline(ctx, t.call(args, opt))
		return err
	})
	if err != nil {
		return r.deviceError(d, err)
	}
	if !opt.quiet {
		line.show(r.interp.picture(plots.Roofline(res, r.interp.columns())))
	}
	return nil
}

func deviceName(d *device.Device) string {
	return fmt.Sprintf("device %d, %s (%s)", d.Number, printable(d.Info().Name), d.Info().Backend)
}

// listDevices shows the devices as a table.
func (r *run) listDevices() error {
	set, err := r.interp.devices.open(r.ctx)
	if err != nil {
		return err
	}
	chosen, err := r.interp.devices.pick(r.ctx, "")
	if err != nil {
		return err
	}
	head := []string{"", "device", "kind", "units", "clock", "memory", "in use", "float64", "driver"}
	var rows [][]string
	for _, d := range set.Devices {
		info := d.Info()
		number := fmt.Sprint(d.Number)
		if d == chosen {
			number += " *"
		}
		clock, float64s := "", "yes"
		if info.Clock > 0 {
			clock = fmt.Sprintf("%d MHz", info.Clock)
		}
		if !info.Float64 {
			float64s = "no"
		}
		driver := info.Backend
		if info.Driver != "" {
			driver += ": " + info.Model + ", " + info.Driver
		}
		rows = append(rows, []string{number, printable(info.Name), info.Kind.String(), fmt.Sprint(info.Units), clock, plots.Bytes(info.Memory), plots.Bytes(d.InUse()), float64s, printable(driver)})
	}
	note := "* is where %gpumap runs; %gpu use N chooses another"
	note += "; the cpu device interprets kernels, for comparison: %pmap runs compiled functions, and is faster"
	if set.Missing != nil {
		note += "\n" + set.Missing.Error()
	}
	var text, page strings.Builder
	widths := make([]int, len(head))
	last := len(head) - 1 // the driver has a line of its own in text
	for _, row := range append([][]string{head}, rows...) {
		for c, cell := range row[:last] {
			widths[c] = max(widths[c], len([]rune(cell)))
		}
	}
	page.WriteString("<table><thead><tr>")
	for c, cell := range head {
		if c < last {
			fmt.Fprintf(&text, "%-*s  ", widths[c], cell)
		}
		fmt.Fprintf(&page, "<th>%s</th>", html.EscapeString(cell))
	}
	page.WriteString("</tr></thead><tbody>")
	for _, row := range rows {
		text.WriteString("\n")
		page.WriteString("<tr>")
		for c, cell := range row {
			if c < last {
				fmt.Fprintf(&text, "%-*s  ", widths[c], cell)
			}
			fmt.Fprintf(&page, "<td>%s</td>", html.EscapeString(cell))
		}
		text.WriteString("\n" + indented(row[last], widths[0]+2))
		page.WriteString("</tr>")
	}
	page.WriteString("</tbody></table><div style=\"white-space:pre-line\">" + html.EscapeString(note) + "</div>")
	r.emit(session.Event{Kind: session.Display, Metadata: map[string]any{}, Data: map[string]any{"text/plain": text.String() + "\n" + indented(note, 0), "text/html": page.String()}})
	return nil
}

// terminalWidth is how wide text is that a terminal is to show without breaking its lines.
const terminalWidth = 78

// indented breaks lines between words, and begins each with so many blanks.
func indented(text string, blanks int) string {
	var lines []string
	margin := strings.Repeat(" ", blanks)
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, broken(margin, margin, line))
		}
	}
	return strings.Join(lines, "\n")
}

// broken writes the words of text behind first, and where the line is full, on further
// lines behind next.
func broken(first, next, text string) string {
	var b strings.Builder
	b.WriteString(first)
	at, bare := utf8.RuneCountInString(first), true
	for _, word := range strings.Fields(text) {
		size := utf8.RuneCountInString(word)
		switch {
		case bare:
		case at+1+size > terminalWidth:
			b.WriteString("\n" + next)
			at = utf8.RuneCountInString(next)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at, bare = at+size, false
	}
	return b.String()
}
