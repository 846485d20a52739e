package interp

import (
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel/device"
)

func gpuMagic() *Magic {
	m := &Magic{
		Name: "gpu", Args: "[use N | mem]", Short: "List the devices that %gpumap can run on; choose one; show their memory.", CellShort: "runs a kernel that is written in OpenCL C.",
		Flags:   []Flag{flagDevice, flagGlobal, flagLocal, flagQuiet, flagLimit},
		Example: "%gpu           // the devices, with their memory, units and drivers\n%gpu use 1     // %gpumap and its family run there from now on\n%gpu use cpu   // on the cores of this machine\n%gpu mem       // what is in use\n\n%%gpu saxpy(2.5, xs, ys)      // slices go to the device and come back; floats are float32\n__kernel void saxpy(float a, __global const float *x, __global float *y) {\n    int i = get_global_id(0);\n    y[i] += a * x[i];\n}",
		Line: func(r *run, args string) error {
			switch words := strings.Fields(args); {
			case len(words) == 0:
				return r.listDevices()
			case words[0] == "use" && len(words) == 2:
				d, err := r.interp.devices.pick(words[1])
				if err != nil {
					return err
				}
				r.interp.devices.use(d)
				r.print("%gpumap and its family run on " + deviceName(d) + "\n")
				return nil
			case words[0] == "mem" && len(words) == 1:
				var b strings.Builder
				for _, d := range r.interp.devices.open().Devices {
					fmt.Fprintf(&b, "%s: %s of %s in use\n", deviceName(d), byteCount(d.InUse()), byteCount(d.Info().Memory))
				}
				r.print(b.String())
				return nil
			}
			return errors.New("%gpu takes nothing, use N or mem; %gpu lists the devices with their numbers")
		},
	}
	m.Cell = gpuCell(m)
	return m
}

func deviceName(d *device.Device) string {
	return fmt.Sprintf("device %d, %s (%s)", d.Number, printable(d.Info().Name), d.Info().Backend)
}

// listDevices shows the devices as a table.
func (r *run) listDevices() error {
	set := r.interp.devices.open()
	chosen, err := r.interp.devices.pick("")
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
			driver += ": " + info.Driver
		}
		rows = append(rows, []string{number, printable(info.Name), info.Kind.String(), fmt.Sprint(info.Units), clock, byteCount(info.Memory), byteCount(d.InUse()), float64s, printable(driver)})
	}
	note := "* is where %gpumap runs; %gpu use N chooses another"
	if set.Missing != nil {
		note += "\n" + set.Missing.Error()
	}
	var text, page strings.Builder
	widths := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for c, cell := range row {
			widths[c] = max(widths[c], len([]rune(cell)))
		}
	}
	page.WriteString("<table><thead><tr>")
	for c, cell := range head {
		fmt.Fprintf(&text, "%-*s  ", widths[c], cell)
		fmt.Fprintf(&page, "<th>%s</th>", html.EscapeString(cell))
	}
	page.WriteString("</tr></thead><tbody>")
	for _, row := range rows {
		text.WriteString("\n")
		page.WriteString("<tr>")
		for c, cell := range row {
			fmt.Fprintf(&text, "%-*s  ", widths[c], cell)
			fmt.Fprintf(&page, "<td>%s</td>", html.EscapeString(cell))
		}
		page.WriteString("</tr>")
	}
	page.WriteString("</tbody></table><div style=\"white-space:pre-line\">" + html.EscapeString(note) + "</div>")
	r.emit(session.Event{Kind: session.Display, Metadata: map[string]any{}, Data: map[string]any{"text/plain": text.String() + "\n" + note, "text/html": page.String()}})
	return nil
}
