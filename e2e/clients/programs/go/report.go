package main

import (
	"encoding/json"
	"os"
	"slices"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/status"
)

// report is what has been seen since the start.
type report struct {
	Kind          string              `json:"kind"`
	OK            int                 `json:"ok"`
	Failed        int                 `json:"failed"`
	ByPod         map[string]int      `json:"byPod"`
	FirstError    *string             `json:"firstError"`
	FirstAnswerMs *float64            `json:"firstAnswerMs"`
	Codes         map[string]int      `json:"codes"`
	ByHeader      map[string][]string `json:"byHeader,omitempty"`
}

// tally counts answers and failures as they come, from any goroutine.
type tally struct {
	started time.Time
	mu      sync.Mutex
	report
}

func newTally(started time.Time) *tally {
	seen := report{ByPod: map[string]int{}, Codes: map[string]int{}, ByHeader: map[string][]string{}}
	return &tally{started: started, report: seen}
}

// answered counts an answer of the pod to a request with that value of the header, "" without one.
func (t *tally) answered(pod, value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.OK++
	t.ByPod[pod]++
	if t.FirstAnswerMs == nil {
		ms := float64(time.Since(t.started).Microseconds()) / 1000
		t.FirstAnswerMs = &ms
	}
	if pods := t.ByHeader[value]; value != "" && !slices.Contains(pods, pod) {
		t.ByHeader[value] = slices.Sorted(slices.Values(append(pods, pod)))
	}
}

func (t *tally) failed(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	name := code.Code(status.Code(err)).String()
	t.Failed++
	t.Codes[name]++
	if t.FirstError == nil {
		text := name + ": " + status.Convert(err).Message()
		t.FirstError = &text
	}
}

// print writes one line about what was counted so far.
func (t *tally) print(kind string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Kind = kind
	return json.NewEncoder(os.Stdout).Encode(t.report)
}
