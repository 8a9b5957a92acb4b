"""Requests on schedule, counted by pod, header and failure."""
import argparse
import collections
import json
import threading
import time

import grpc

from channel import connect

HEADER_VALUES = 20
LAST_ANSWERS_S = 1


class Traffic:
    """Sends as the options say, until the event is set; prints a line a second and a summary."""

    def __init__(self, options: argparse.Namespace, input_ended: threading.Event) -> None:
        self.options = options
        self.stop = input_ended
        self.over = threading.Event()
        self.channels = [connect(target) for target in options.targets.split(",")]
        self.calls = [
            channel.unary_unary(
                options.method,
                request_serializer=lambda text: text.encode(),
                response_deserializer=lambda data: data.decode(),
            )
            for channel in self.channels
        ]
        self.started = time.monotonic()
        self.changed = threading.Condition()  # guards what follows
        self.in_flight = 0
        self.by_pod: collections.Counter[str] = collections.Counter()
        self.by_header: collections.defaultdict[str, set[str]] = collections.defaultdict(set)
        self.codes: collections.Counter[str] = collections.Counter()
        self.first_error: str | None = None
        self.first_answer_ms: float | None = None

    def send(self) -> None:
        """Returns when everything is answered, or soon after the input has ended."""
        teller = threading.Thread(target=self.tell)
        teller.start()
        sent = 0
        while not self.is_over(sent):
            self.ask(sent)
            sent += 1
            self.wait(lambda: self.in_flight < self.options.parallel)
            self.stop.wait(max(0.0, self.started + sent / self.options.rate - time.monotonic()))
        self.wait(lambda: self.in_flight == 0)
        with self.changed:
            self.changed.wait_for(lambda: self.in_flight == 0, LAST_ANSWERS_S)
        self.over.set()
        teller.join()
        self.report("summary")
        for channel in self.channels:
            channel.close()

    def is_over(self, sent: int) -> bool:
        count, seconds = self.options.count, self.options.seconds
        elapsed = time.monotonic() - self.started
        return self.stop.is_set() or 0 < count <= sent or 0 < seconds <= elapsed

    def wait(self, holds) -> None:
        """Until it holds, or the input has ended."""
        with self.changed:
            while not holds() and not self.stop.is_set():
                self.changed.wait(0.1)

    def ask(self, number: int) -> None:
        value = f"k{number % HEADER_VALUES}" if self.options.header else None
        metadata = [(self.options.header, value)] if value else None
        with self.changed:
            self.in_flight += 1
        call = self.calls[number % len(self.calls)]
        future = call.future("who?", timeout=self.options.deadline, wait_for_ready=True, metadata=metadata)
        future.add_done_callback(lambda answer: self.count(answer, value))

    def count(self, answer: grpc.Future, value: str | None) -> None:
        with self.changed:
            self.in_flight -= 1
            if answer.code() == grpc.StatusCode.OK:
                self.by_pod[answer.result()] += 1
                if value:
                    self.by_header[value].add(answer.result())
                if self.first_answer_ms is None:
                    self.first_answer_ms = (time.monotonic() - self.started) * 1000
            else:
                self.codes[answer.code().name] += 1
                self.first_error = self.first_error or f"{answer.code().name}: {answer.details()}"
            self.changed.notify_all()

    def tell(self) -> None:
        while not self.over.wait(1):
            self.report("progress")

    def report(self, kind: str) -> None:
        with self.changed:
            line = {
                "kind": kind,
                "ok": self.by_pod.total(),
                "failed": self.codes.total(),
                "byPod": dict(self.by_pod),
                "firstError": self.first_error,
                "firstAnswerMs": self.first_answer_ms,
                "codes": dict(self.codes),
            }
            if self.options.header:
                line["byHeader"] = {value: sorted(pods) for value, pods in self.by_header.items()}
        print(json.dumps(line), flush=True)
