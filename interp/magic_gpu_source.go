package interp

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/parallel/device/backend"
)

var (
	flagGlobal = Flag{"-g", "--global", "N[,N[,N]]", "work-items in each dimension; otherwise one for each element of the first slice"}
	flagLocal  = Flag{"-l", "--local", "N[,N[,N]]", "work-items of a group; otherwise the driver chooses"}
)

// gpuSourceUsage is what %%gpu is given.
const gpuSourceUsage = "%%gpu is followed by the call of a kernel of the cell, with Go values: %%gpu saxpy(2.5, xs, ys)"

// gpuCell is %%gpu: a kernel that is written by hand.
func gpuCell(m *Magic) func(r *run, p cell.Piece) error {
	return func(r *run, p cell.Piece) error {
		err := r.gpuCell(m, p)
		if d := (*session.Diagnostic)(nil); err != nil && !errors.As(err, &d) {
			return &session.Diagnostic{Name: session.MagicError, Message: err.Error(), Hint: "usage: %%gpu [flags] kernel(values…); %gpu -h lists the flags"}
		}
		return err
	}
}

func (r *run) gpuCell(m *Magic, p cell.Piece) error {
	flags, skip, err := m.parseFlags(p.Args)
	if err != nil {
		return err
	}
	c := &device.SourceCall{}
	if c.Global, err = sizes(flags, "global"); err != nil {
		return err
	}
	if c.Local, err = sizes(flags, "local"); err != nil {
		return err
	}
	limit, err := flags.duration("limit")
	if err != nil {
		return err
	}
	opt := deviceOpt{device: flags["device"], mapOpt: mapOpt{quiet: flags.has("quiet"), limit: limit}}
	text := strings.TrimRight(p.Args[skip:], " \t\r\n")
	e, err := parser.ParseExpr(text)
	call, ok := e.(*ast.CallExpr)
	if err != nil || !ok {
		return errors.New(gpuSourceUsage)
	}
	name, ok := call.Fun.(*ast.Ident)
	if !ok {
		return errors.New(gpuSourceUsage)
	}
	c.Kernel = name.Name
	// empty lines in front make the compiler's line numbers those of the cell
	c.Source = strings.Repeat("\n", strings.Count(r.cell.Code[:p.BodyAt], "\n")) + p.Body
	if strings.TrimSpace(p.Body) == "" {
		return errors.New("there is no kernel: below the line of %%gpu stands OpenCL C, with a __kernel void " + c.Kernel + "(…)")
	}
	return r.withGo(p, skip, call, func(r *run, args []any) error { return r.gpuSource(c, args, opt) })
}

// withGo evaluates the arguments of a call that stands in the line of a cell magic, and
// hands them to f.
func (r *run) withGo(p cell.Piece, skip int, call *ast.CallExpr, f func(r *run, args []any) error) error {
	s := &site{name: fmt.Sprintf("__magic_%d", len(r.sites)), label: "%%" + p.Name}
	s.typ = func(args []types.TypeAndValue) (*types.Signature, error) {
		var params []*types.Var
		for _, a := range args {
			params = append(params, types.NewVar(0, nil, "", types.Default(a.Type)))
		}
		return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), nil, false), nil
	}
	s.call = func(r *run, args []any) (any, error) { return nil, f(r, args) }
	r.sites = append(r.sites, s)
	var src cell.Source
	src.Mark(r.markFile(), r.cell.Code, p.Start)
	src.Add(s.name + "(")
	at := p.ArgsAt + skip - 1 // positions of ParseExpr begin with 1
	for n, a := range call.Args {
		if n > 0 {
			src.Add(", ")
		}
		src.AddFrom(r.markFile(), r.cell.Code, at+int(a.Pos()), at+int(a.End()))
	}
	src.Add(")")
	prog, d := r.load(src.String())
	if d == nil && prog != nil {
		d = r.runProgram(prog)
	}
	if d != nil {
		return d
	}
	return nil
}

// sizes reads a flag of up to three whole numbers.
func sizes(flags flagSet, name string) (list []int64, err error) {
	if !flags.has(name) {
		return nil, nil
	}
	for _, word := range strings.Split(flags[name], ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(word), 0, 64)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("--%s takes whole numbers from 1 up with commas between them, as 1024 or 64,64, and not %q", name, flags[name])
		}
		list = append(list, n)
	}
	if len(list) > 3 {
		return nil, fmt.Errorf("--%s takes up to three numbers, one for each dimension", name)
	}
	return list, nil
}

func (r *run) gpuSource(c *device.SourceCall, args []any, opt deviceOpt) error {
	all := append([]any{nil}, args...)
	d, err := r.deviceFor(all, opt)
	if err != nil {
		return err
	}
	if d.Info().Backend == "cpu" {
		set, err := r.interp.devices.open(r.ctx)
		if err != nil {
			return err
		}
		for _, other := range set.Devices {
			if other.Info().Backend != "cpu" && opt.device == "" {
				d = other
				break
			}
		}
	}
	if d.Info().Backend == "cpu" {
		why := ", and " + deviceName(d) + " is none"
		set, err := r.interp.devices.open(r.ctx)
		if err != nil {
			return err
		}
		if missing := set.Missing; missing != nil {
			why = ": " + missing.Error()
		}
		return fmt.Errorf("%%%%gpu needs a device of OpenCL%s", why)
	}
	c.Args = args
	var p *device.Profile
	var line *deviceWatch
	err = r.onDevice(opt, func(ctx context.Context, watch *deviceWatch) (err error) {
		line = watch
		p, err = d.RunSource(ctx, c)
		return err
	})
	var build *backend.BuildError
	var arg *device.ArgError
	switch {
	case errors.As(err, &build):
		return r.compilerErrors(d, build)
	case errors.As(err, &arg):
		return &session.Diagnostic{Name: session.DeviceError, Message: strings.ReplaceAll(arg.Error(), ": device: ", ": "), Hint: kernelHint(arg, args)}
	}
	if errors.Is(err, backend.ErrGroups) {
		err = &session.Diagnostic{
			Name: session.DeviceError, Message: deviceMessage(err),
			Hint: "without -l the driver chooses the groups; or a larger -g is a multiple, for a kernel that returns where get_global_id(0) is beyond the last element",
		}
	}
	if errors.Is(err, device.ErrItems) {
		err = &session.Diagnostic{Name: session.DeviceError, Message: deviceMessage(err), Hint: "-g N says how many work-items there are to be: %%gpu -g 1024 " + c.Kernel + "(…)"}
	}
	_, err = r.deviceResult(d, nil, p, err, opt, line)
	return err
}

// kernelHint says what would be right for an argument that does not fit.
func kernelHint(e *device.ArgError, args []any) string {
	if e.Arg >= len(args) {
		return "give a Go value for each parameter, in their order"
	}
	if v := reflect.ValueOf(args[e.Arg]); v.IsValid() && v.Kind() == reflect.Slice {
		return "float is Go's float32, double float64, int int32, long int64, uint uint32, float4 [4]float32"
	}
	return ""
}

// logRE finds an error in the log of a compiler, a line, a column and a message: with the
// word in front of the place, as PoCL writes it, or behind it, as others do.
var logRE = regexp.MustCompile(`(?m)^(?:(?:fatal )?error: \S*:(\d+):(\d+): (.*)|\S*:(\d+):(\d+): (?:fatal )?error: (.*))$`)

// cudaRE finds words of CUDA, for which OpenCL has others.
var cudaRE = regexp.MustCompile(`\b(?:__global__|__shared__|__device__|__syncthreads|threadIdx|blockIdx|blockDim|gridDim)\b`)

const cudaHint = "these are words of CUDA: in OpenCL C, __global__ void is __kernel void, float *x is __global float *x, __shared__ is __local, threadIdx.x get_local_id(0), blockIdx.x get_group_id(0), blockIdx.x*blockDim.x+threadIdx.x get_global_id(0), and __syncthreads() barrier(CLK_LOCAL_MEM_FENCE)"

// compilerErrors puts what a device's compiler says to the lines of the cell.
func (r *run) compilerErrors(d *device.Device, e *backend.BuildError) error {
	var list []*session.Diagnostic
	for _, m := range logRE.FindAllStringSubmatch(e.Log, 10) {
		line, _ := strconv.Atoi(m[1] + m[4])
		column, _ := strconv.Atoi(m[2] + m[5])
		diag := &session.Diagnostic{Name: session.DeviceError, Message: printable(m[3] + m[6])}
		diag.Pos = &session.Position{Cell: r.cell.Number, Line: line, Column: column, Source: r.lines(check.FileName(r.cell.Number), line)}
		if !slices.ContainsFunc(list, func(o *session.Diagnostic) bool { return *o.Pos == *diag.Pos && o.Message == diag.Message }) {
			list = append(list, diag)
		}
	}
	hint := ""
	if cudaRE.MatchString(r.cell.Code) {
		hint = cudaHint
	}
	if len(list) == 0 {
		return &session.Diagnostic{Name: session.DeviceError, Message: fmt.Sprintf("the compiler of %s refuses the kernel:\n%s", printable(d.Info().Name), strings.TrimSpace(e.Log)), Hint: hint}
	}
	list[0].Hint = hint
	list[0].Notes = append(list[0].Notes, "this is what the OpenCL compiler of "+printable(d.Info().Name)+" says")
	return check.Errors(list)
}
