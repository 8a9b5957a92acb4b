"""One stock gRPC client on the C core: dials TARGET for a while and prints one line of JSON a second and one at the end.

Usage: client.py TARGET --method /pkg.Service/Method [--seconds S | --count N] [--rate R] [--deadline S]
"""
import argparse
import collections
import json
import sys
import threading
import time

import grpc


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("--method", required=True)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--deadline", type=float, default=10)
    options = parser.parse_args()

    channel = grpc.insecure_channel(options.target)
    call = channel.unary_unary(
        options.method,
        request_serializer=lambda text: text.encode(),
        response_deserializer=lambda data: data.decode(),
    )
    by_pod: collections.Counter[str] = collections.Counter()
    failed, first_error, first_answer_ms, sent = 0, None, None, 0
    started = time.monotonic()

    def report(kind: str) -> None:
        pods = dict(by_pod)
        line = {"kind": kind, "ok": sum(pods.values()), "failed": failed, "byPod": pods, "firstError": first_error,
                "firstAnswerMs": first_answer_ms}
        print(json.dumps(line), flush=True)

    stop = threading.Event()

    def tell() -> None:
        while not stop.wait(1):
            report("progress")

    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    teller = threading.Thread(target=tell)
    teller.start()
    while not stop.is_set():
        now = time.monotonic()
        if options.count and sent >= options.count or options.seconds and now - started >= options.seconds:
            break
        sent += 1
        try:
            by_pod[call("who?", timeout=options.deadline, wait_for_ready=True)] += 1
            if first_answer_ms is None:
                first_answer_ms = (time.monotonic() - started) * 1000
        except grpc.RpcError as error:
            failed += 1
            first_error = first_error or f"{error.code().name}: {error.details()}"
        time.sleep(max(0.0, started + sent / options.rate - time.monotonic()))
    stop.set()
    teller.join()
    report("summary")
    channel.close()
    return 0


sys.exit(main())
