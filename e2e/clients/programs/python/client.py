"""gRPC on the C core, by the contract of e2e/clients/README.md: C++, Ruby and PHP do the same."""
import argparse
import sys
import threading

from serve import serve
from traffic import Traffic


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="?", default="")
    parser.add_argument("--method", required=True)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--deadline", type=float, default=10)
    parser.add_argument("--parallel", type=int, default=1)
    parser.add_argument("--header")
    parser.add_argument("--serve")
    parser.add_argument("--name", default="")
    options = parser.parse_args()

    input_ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), input_ended.set()), daemon=True).start()
    if options.serve:
        serve(options.serve, options.method, options.name, input_ended)
    else:
        Traffic(options, input_ended).send()
    return 0


if __name__ == "__main__":
    sys.exit(main())
