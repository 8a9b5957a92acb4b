package main

import (
	"strings"

	"google.golang.org/grpc/resolver"
)

// ipv4 resolves `ipv4:HOST:PORT,HOST:PORT`, which the other gRPC libraries know and grpc-go does not.
type ipv4 struct{}

func (ipv4) Scheme() string {
	return "ipv4"
}

func (ipv4) Build(target resolver.Target, cc resolver.ClientConn, _ resolver.BuildOptions) (resolver.Resolver, error) {
	var state resolver.State
	for address := range strings.SplitSeq(target.Endpoint(), ",") {
		endpoint := resolver.Endpoint{Addresses: []resolver.Address{{Addr: address}}}
		state.Endpoints = append(state.Endpoints, endpoint)
	}
	return ipv4{}, cc.UpdateState(state)
}

// ResolveNow has nothing to do: what was resolved is all there is.
func (ipv4) ResolveNow(resolver.ResolveNowOptions) {}

func (ipv4) Close() {}

func init() {
	resolver.Register(ipv4{})
}
