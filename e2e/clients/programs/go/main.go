// One client: grpc-go. It dials every TARGET and prints one line of JSON a second, and one at the end; with --serve it is an
// xDS-enabled server instead. Ends when its input ends.
//
//	client TARGET[,TARGET...] --method PATH [--seconds S | --count N] [--rate R] [--deadline S] [--parallel P] [--header NAME]
//	client --serve HOST:PORT --name NAME
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

type options struct {
	targets  []string
	method   string
	seconds  float64
	count    int
	rate     float64
	deadline float64
	parallel int
	header   string
	serve    string
	name     string
}

// parse reads flags and targets in any order.
func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("client", flag.ContinueOnError)
	flags.StringVar(&o.method, "method", "/greeter.Greeter/WhoAreYou", "`path` of the method")
	flags.Float64Var(&o.seconds, "seconds", 0, "ends after that time")
	flags.IntVar(&o.count, "count", 0, "ends after so many requests")
	flags.Float64Var(&o.rate, "rate", 200, "requests per second in all")
	flags.Float64Var(&o.deadline, "deadline", 10, "`seconds` that a request may take")
	flags.IntVar(&o.parallel, "parallel", 1, "requests in flight at most")
	flags.StringVar(&o.header, "header", "", "`name` of a header that is sent as k0 to k19 in turn")
	flags.StringVar(&o.serve, "serve", "", "`host:port` to serve at, as an xDS-enabled server")
	flags.StringVar(&o.name, "name", "", "what the server answers")
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return o, err
		}
		if args = flags.Args(); len(args) > 0 {
			o.targets = append(o.targets, strings.Split(args[0], ",")...)
			args = args[1:]
		}
	}
	if (o.serve == "") == (len(o.targets) == 0) {
		return o, fmt.Errorf("either a target or --serve must be given")
	}
	if o.rate <= 0 || o.deadline <= 0 || o.parallel <= 0 {
		return o, fmt.Errorf("--rate, --deadline and --parallel must be above 0")
	}
	return o, nil
}

func main() {
	started := time.Now()
	o, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	if o.serve != "" {
		err = serve(ctx, o)
	} else {
		err = ask(ctx, o, started)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
