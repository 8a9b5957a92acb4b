package main

// docs:begin
import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/credentials/xds"
	_ "google.golang.org/grpc/xds" // adds the scheme xds and its balancers
)

// dial makes a connection for a target such as xds:///greeter.default:8080: with the security that the xDS server asks for, if any.
func dial(target string) (*grpc.ClientConn, error) {
	creds, err := xds.NewClientCredentials(xds.ClientOptions{FallbackCreds: insecure.NewCredentials()})
	if err != nil {
		return nil, err
	}
	return grpc.NewClient(target, grpc.WithTransportCredentials(creds))
}

// docs:end
