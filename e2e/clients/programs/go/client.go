package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// grace is how long requests that are on their way at the end may still be answered; they count for nothing after it.
const grace = time.Second

// channels dials every target.
func channels(targets []string) ([]*grpc.ClientConn, error) {
	var dialled []*grpc.ClientConn
	for _, target := range targets {
		conn, err := dial(target)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", target, err)
		}
		dialled = append(dialled, conn)
	}
	return dialled, nil
}

// ask sends requests to the targets in turn until ctx ends or there were enough, and prints what came of them.
func ask(ctx context.Context, o options, started time.Time) error {
	conns, err := channels(o.targets)
	if err != nil {
		return err
	}
	for _, conn := range conns {
		defer conn.Close()
	}
	if o.seconds > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, started.Add(seconds(o.seconds)))
		defer cancel()
	}
	seen := newTally(started)
	ended := make(chan struct{})
	go func() {
		send(ctx, o, conns, seen)
		close(ended)
	}()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if err := seen.print("progress"); err != nil {
				return err
			}
		case <-ended:
			return seen.print("summary")
		}
	}
}

// send returns when each request was answered, or a little after ctx has ended.
func send(ctx context.Context, o options, conns []*grpc.ClientConn, seen *tally) {
	calls, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, abandon) })()
	var inFlight sync.WaitGroup
	defer inFlight.Wait()
	slots := make(chan struct{}, o.parallel)
	first := time.Now()
	for n := 0; o.count == 0 || n < o.count; n++ {
		due := first.Add(seconds(float64(n) / o.rate))
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(due)):
		}
		select {
		case <-ctx.Done():
			return
		case slots <- struct{}{}:
		}
		inFlight.Go(func() {
			request(calls, o, conns[n%len(conns)], n, seen)
			<-slots
		})
	}
}

// request sends the request of that number.
func request(calls context.Context, o options, conn *grpc.ClientConn, n int, seen *tally) {
	ctx, cancel := context.WithTimeout(calls, seconds(o.deadline))
	defer cancel()
	value := ""
	if o.header != "" {
		value = fmt.Sprintf("k%d", n%20)
		ctx = metadata.AppendToOutgoingContext(ctx, o.header, value)
	}
	question, pod := "who?", ""
	err := conn.Invoke(ctx, o.method, &question, &pod, grpc.ForceCodec(text{}), grpc.WaitForReady(true))
	switch {
	case err == nil:
		seen.answered(pod, value)
	case calls.Err() == nil:
		seen.failed(err)
	}
}

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second))
}
