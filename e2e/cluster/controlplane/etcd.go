package controlplane

import (
	"flag"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"go.etcd.io/etcd/server/v3/embed"
)

// Etcd runs a member of its own, without TLS, until it is told to stop.
func Etcd(args []string) (int, error) {
	flags := flag.NewFlagSet("etcd", flag.ContinueOnError)
	dir := flags.String("data-dir", "", "data directory")
	listen := flags.String("listen", "127.0.0.1:2379", "client address")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	server, err := embed.StartEtcd(etcdConfig(*dir, *listen))
	if err != nil {
		return 1, err
	}
	defer server.Close()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-stop:
		return 0, nil
	case err := <-server.Err():
		return 1, err
	}
}

func etcdConfig(dir, listen string) *embed.Config {
	config := embed.NewConfig()
	config.Name = "cluster"
	config.Dir = dir
	clients := []url.URL{{Scheme: "http", Host: listen}}
	config.ListenClientUrls, config.AdvertiseClientUrls = clients, clients
	config.ListenPeerUrls = []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	config.AdvertisePeerUrls = []url.URL{{Scheme: "http", Host: "127.0.0.1:2380"}} // a member without peers needs a name only
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.UnsafeNoFsync = true // what is here must survive the death of a process, not of the machine
	config.LogLevel = "warn"
	config.LogOutputs = []string{"stderr"}
	config.QuotaBackendBytes = 2 << 30
	return config
}
