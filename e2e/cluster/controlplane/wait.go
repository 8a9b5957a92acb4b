package controlplane

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

func poll(ctx context.Context, limit time.Duration, what string, done func() bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%s: not within %v", what, limit))
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

func waitListening(ctx context.Context, address string, limit time.Duration) error {
	return poll(ctx, limit, address, func() bool {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return false
		}
		connection.Close()
		return true
	})
}

func waitFile(ctx context.Context, path string, limit time.Duration) error {
	return poll(ctx, limit, path, func() bool {
		_, err := os.Stat(path)
		return err == nil
	})
}

// waitReady waits for the API server that admin's kubeconfig names.
func waitReady(ctx context.Context, l layout, limit time.Duration) error {
	config, err := clientcmd.BuildConfigFromFlags("", l.kubeconfig("admin"))
	if err != nil {
		return err
	}
	config.Timeout = 2 * time.Second
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	return poll(ctx, limit, config.Host+"/readyz", func() bool {
		response, err := client.Get(config.Host + "/readyz")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}
