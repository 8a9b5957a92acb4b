package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	xdscreds "google.golang.org/grpc/credentials/xds"
	"google.golang.org/grpc/xds"
)

// serving is what a server prints once, when it has its listener.
type serving struct {
	Kind    string `json:"kind"`
	Address string `json:"address"`
}

// serve answers the method with the name, at an address that xDS has a listener for, until ctx ends.
func serve(ctx context.Context, o options) error {
	creds, err := xdscreds.NewServerCredentials(xdscreds.ServerOptions{FallbackCreds: insecure.NewCredentials()})
	if err != nil {
		return err
	}
	server, err := xds.NewGRPCServer(grpc.Creds(creds), grpc.ForceServerCodec(text{}), announced())
	if err != nil {
		return err
	}
	server.RegisterService(greeter(o.method, o.name), struct{}{})
	listener, err := net.Listen("tcp", o.serve)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() {
		time.AfterFunc(grace, server.Stop)
		server.GracefulStop()
	})
	return server.Serve(listener)
}

// announced says once that the server serves, and in the log whenever that changes.
func announced() grpc.ServerOption {
	var once sync.Once
	return xds.ServingModeCallback(func(address net.Addr, args xds.ServingModeChangeArgs) {
		fmt.Fprintln(os.Stderr, address, args.Mode, args.Err)
		if args.Mode != connectivity.ServingModeServing {
			return
		}
		once.Do(func() { _ = json.NewEncoder(os.Stdout).Encode(serving{"serving", address.String()}) })
	})
}

// greeter is what a generated file would hold of a service with one method.
func greeter(method, name string) *grpc.ServiceDesc {
	service, short, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	answer := func(context.Context, any) (any, error) { return &name, nil }
	handler := func(srv any, ctx context.Context, decode func(any) error, around grpc.UnaryServerInterceptor) (any, error) {
		var question string
		if err := decode(&question); err != nil {
			return nil, err
		}
		if around == nil {
			return answer(ctx, &question)
		}
		return around(ctx, &question, &grpc.UnaryServerInfo{Server: srv, FullMethod: method}, answer)
	}
	return &grpc.ServiceDesc{
		ServiceName: service,
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: short, Handler: handler}},
	}
}
