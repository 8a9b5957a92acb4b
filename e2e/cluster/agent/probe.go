package agent

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// untilFirstSuccess is how often a container is probed that has not been ready yet; a kubelet waits the full period.
const untilFirstSuccess = 200 * time.Millisecond

// probeReadiness watches one run of the container, for as long as it lives.
func (w *worker) probeReadiness(p *process) {
	probe := w.container.ReadinessProbe
	if probe == nil {
		w.setReady(true)
		return
	}
	period := time.Duration(max(probe.PeriodSeconds, 1)) * time.Second
	wait := time.Duration(probe.InitialDelaySeconds) * time.Second
	var seen tally
	for pause(p.alive, wait) {
		seen.add(w.check(p, probe) == nil)
		if p.alive.Err() != nil {
			return
		}
		if ready, decided := seen.verdict(probe); decided {
			w.setReady(ready)
		}
		wait = period
		if !seen.everGood {
			wait = min(period, untilFirstSuccess)
		}
	}
}

// tally counts the outcomes of a probe in a row.
type tally struct {
	good, bad int32
	everGood  bool
}

func (t *tally) add(ok bool) {
	if ok {
		t.good, t.bad, t.everGood = t.good+1, 0, true
	} else {
		t.good, t.bad = 0, t.bad+1
	}
}

// verdict tells whether the container is ready, and whether there were outcomes enough to say so.
func (t *tally) verdict(probe *corev1.Probe) (ready, decided bool) {
	if t.good >= max(probe.SuccessThreshold, 1) {
		return true, true
	}
	return false, t.bad >= max(probe.FailureThreshold, 1)
}

func (w *worker) check(p *process, probe *corev1.Probe) error {
	ctx, cancel := context.WithTimeout(p.alive, time.Duration(max(probe.TimeoutSeconds, 1))*time.Second)
	defer cancel()
	switch {
	case probe.HTTPGet != nil:
		return w.get(ctx, probe.HTTPGet)
	case probe.GRPC != nil:
		return w.askHealth(ctx, probe.GRPC)
	case probe.TCPSocket != nil:
		return w.dial(ctx, probe.TCPSocket)
	case probe.Exec != nil:
		return p.execute(ctx, probe.Exec)
	default:
		return nil
	}
}

// One connection per probe, as a kubelet does: an idle one would keep a server from draining.
var httpClient = &http.Client{Transport: &http.Transport{
	DisableKeepAlives: true,
	TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
}}

func (w *worker) get(ctx context.Context, action *corev1.HTTPGetAction) error {
	scheme := strings.ToLower(string(action.Scheme))
	url := fmt.Sprintf("%s://%s/%s", scheme, w.address(action.Port), strings.TrimPrefix(action.Path, "/"))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	for _, header := range action.HTTPHeaders {
		request.Header.Add(header.Name, header.Value)
	}
	response, err := httpClient.Do(request)
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode >= 400 {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return nil
}

func (w *worker) askHealth(ctx context.Context, action *corev1.GRPCAction) error {
	address := w.address(intstr.FromInt32(action.Port))
	connection, err := grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	request := &healthpb.HealthCheckRequest{}
	if action.Service != nil {
		request.Service = *action.Service
	}
	answer, err := healthpb.NewHealthClient(connection).Check(ctx, request)
	if err != nil {
		return err
	}
	if answer.Status != healthpb.HealthCheckResponse_SERVING {
		return fmt.Errorf("%s: %s", address, answer.Status)
	}
	return nil
}

func (w *worker) dial(ctx context.Context, action *corev1.TCPSocketAction) error {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", w.address(action.Port))
	if err != nil {
		return err
	}
	return connection.Close()
}

// address resolves a named port.
func (w *worker) address(port intstr.IntOrString) string {
	number := port.String()
	for _, declared := range w.container.Ports {
		if port.Type == intstr.String && declared.Name == port.StrVal {
			number = strconv.Itoa(int(declared.ContainerPort))
		}
	}
	return net.JoinHostPort(w.ip, number)
}
