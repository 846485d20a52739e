package interp

import (
	"errors"
	"fmt"
	"go/token"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/adabc437/fanout/parallel"
)

// The flags of the map family are spelled alike in all its magics.
var (
	flagWorkers = Flag{"-w", "--workers", "N", "use N workers in place of the session's; 0 is one per core"}
	flagChunk   = Flag{"-c", "--chunk", "N", "hand out N tasks at a time; without it, the size is measured"}
	flagAsync   = Flag{"-a", "--async", "", "go on at once: the value is a handle, which shows how far it is; see %pwait, %presult, %pcancel"}
	flagUnorder = Flag{"-u", "--unordered", "", "give the results in the order in which they came"}
	flagOut     = Flag{"-o", "--out", "NAME", "store the result in the variable NAME"}
	flagQuiet   = Flag{"-q", "--quiet", "", "show no progress and no plot"}
	flagLabel   = Flag{"", "--label", "NAME", "name the run in its plot"}
	flagSeed    = Flag{"", "--seed", "N", "seed the streams of random numbers of an f that takes a *rand.Rand first: the same numbers again"}
	flagRetries = Flag{"", "--retries", "N", "try a task that fails up to N times more"}
	flagBackoff = Flag{"", "--backoff", "TIME", "wait before that, 100ms say, and each time twice as long"}
	flagTimeout = Flag{"", "--timeout", "TIME", "give each task that long, 5s say; one that takes longer has failed"}
	flagLimit   = Flag{"", "--limit", "TIME", "end the whole map after that long, as an interrupt does"}
	flagOnError = Flag{"", "--on-error", "WHAT", "stop (as without it), collect (run all, list the failures), or a value in the place of a failed result"}
	flagWindow  = Flag{"", "--window", "N", "take N elements at most ahead of the results that the loop has had"}
)

// mapFlags are those of a map over a list.
func mapFlags() []Flag {
	return []Flag{
		flagWorkers, flagChunk, flagAsync, flagUnorder, flagOut, flagQuiet, flagRetries, flagBackoff, flagTimeout, flagLimit, flagOnError, flagSeed, flagLabel,
	}
}

// mapOpt are the flags that the map magics share.
type mapOpt struct {
	workers, chunk int
	window         int
	async          bool
	unordered      bool
	out            string
	quiet          bool
	seeded         bool
	seed           uint64
	label          string
	retry          parallel.Retry
	timeout        time.Duration // of a task
	limit          time.Duration // of the call
	collect        bool
	replace        bool
	replacement    any
}

// faultOptions reads the flags that say what becomes of tasks that fail.
func (opt *mapOpt) faultOptions(f flagSet) error {
	var err error
	if opt.retry.Backoff, err = f.duration("backoff"); err != nil {
		return err
	}
	if opt.timeout, err = f.duration("timeout"); err != nil {
		return err
	}
	if opt.limit, err = f.duration("limit"); err != nil {
		return err
	}
	if f.has("retries") {
		n, err := strconv.Atoi(f["retries"])
		if err != nil || n < 0 {
			return fmt.Errorf("--retries takes a whole number from 0 up, not %q%s", f["retries"], literalOnly(f["retries"], ""))
		}
		opt.retry.Attempts = 1 + n
	} else if f.has("backoff") {
		return errors.New("--backoff is for retries: say how many with --retries N")
	}
	switch what := f["on-error"]; {
	case !f.has("on-error") || what == "stop":
	case what == "collect":
		opt.collect = true
	default:
		v, ok := literal(f["raw on-error"])
		if !ok {
			return fmt.Errorf("--on-error takes stop, collect, or a number, string, true, false or nil to put in the place of a failed result, not %q%s", what, literalOnly(what, "WithReplacement"))
		}
		opt.replace, opt.replacement = true, v
	}
	return nil
}

// literal reads a value as Go writes it.
func literal(text string) (any, bool) {
	switch text {
	case "nil":
		return nil, true
	case "true", "false":
		return text == "true", true
	case "NaN":
		return math.NaN(), true
	}
	if n, err := strconv.Atoi(text); err == nil {
		return n, true
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		return x, true
	}
	s, err := strconv.Unquote(text)
	return s, err == nil
}

// parallel gives the options as package parallel takes them.
func (opt *mapOpt) parallel() (opts []parallel.Option) {
	if opt.chunk > 0 {
		opts = append(opts, parallel.WithChunk(opt.chunk))
	}
	if opt.unordered {
		opts = append(opts, parallel.WithUnordered())
	}
	if opt.window > 0 {
		opts = append(opts, parallel.WithWindow(opt.window))
	}
	if opt.seeded {
		opts = append(opts, parallel.WithSeed(opt.seed))
	}
	if opt.retry.Attempts > 1 {
		opts = append(opts, parallel.WithRetry(opt.retry))
	}
	if opt.timeout > 0 {
		opts = append(opts, parallel.WithTaskTimeout(opt.timeout))
	}
	if opt.limit > 0 {
		opts = append(opts, parallel.WithTimeout(opt.limit))
	}
	if opt.collect {
		opts = append(opts, parallel.WithCollect())
	}
	if opt.replace {
		opts = append(opts, parallel.WithReplacement(opt.replacement))
	}
	return opts
}

func mapOptions(f flagSet) (mapOpt, error) {
	opt := mapOpt{quiet: f.has("quiet"), label: printable(f["label"]), async: f.has("async"), unordered: f.has("unordered"), out: f["out"]}
	if f.has("out") && (!token.IsIdentifier(opt.out) || opt.out == "_") {
		return opt, fmt.Errorf("-o takes the name of a variable, not %q", opt.out)
	}
	if f.has("workers") {
		n, err := strconv.Atoi(f["workers"])
		if err != nil || n < 0 || n > maxWorkers {
			return opt, fmt.Errorf("--workers takes a whole number from 0 (one per core) to %d, not %q%s", maxWorkers, f["workers"], literalOnly(f["workers"], "WithWorkers"))
		}
		if opt.workers = n; n == 0 {
			opt.workers = parallel.Default().Workers()
		}
	}
	if f.has("chunk") {
		n, err := strconv.Atoi(f["chunk"])
		if err != nil || n < 1 {
			return opt, fmt.Errorf("--chunk takes a whole number from 1 up, not %q%s", f["chunk"], literalOnly(f["chunk"], "WithChunk"))
		}
		opt.chunk = n
	}
	if f.has("window") {
		n, err := strconv.Atoi(f["window"])
		if err != nil || n < 1 {
			return opt, fmt.Errorf("--window takes a whole number from 1 up, not %q%s", f["window"], literalOnly(f["window"], "WithWindow"))
		}
		opt.window = n
	}
	if f.has("seed") {
		n, err := strconv.ParseUint(f["seed"], 0, 64)
		if err != nil {
			return opt, fmt.Errorf("--seed takes a whole number from 0 up, not %q%s", f["seed"], literalOnly(f["seed"], "WithSeed"))
		}
		opt.seed, opt.seeded = n, true
	}
	return opt, opt.faultOptions(f)
}

// maxWorkers bounds the workers that a user can ask for.
const maxWorkers = 10000

// duration reads a flag that is a time; it is 0 where it was not given.
func (f flagSet) duration(name string) (time.Duration, error) {
	if !f.has(name) {
		return 0, nil
	}
	d, err := time.ParseDuration(f[name])
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("--%s takes a time with its unit, as 250ms or 5s, not %q%s", name, f[name], literalOnly(f[name], ""))
	}
	return d, nil
}

// literalOnly says, where the value of a flag is a name, that flags take none, and which
// option of package parallel does.
func literalOnly(value, option string) string {
	name := strings.Trim(value, "{}$")
	switch {
	case !token.IsIdentifier(name):
		return ""
	case option == "":
		return "; flags take literals, not variables"
	}
	return fmt.Sprintf("; flags take literals: for a variable, call parallel.Map(f, xs, parallel.%s(%s))", option, name)
}
