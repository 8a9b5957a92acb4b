"""A server that gets its listener from the control plane."""
import concurrent.futures
import json
import threading

import grpc


def serve(address: str, method: str, name: str, until: threading.Event) -> None:
    """Answers `method` with `name` on `address`, HOST:PORT, and says so once a connection to it stands."""
    service, rpc = method.strip("/").split("/")
    answer = grpc.unary_unary_rpc_method_handler(lambda request, context: name.encode())
    server = grpc.server(
        concurrent.futures.ThreadPoolExecutor(max_workers=4),
        handlers=[grpc.method_handlers_generic_handler(service, {rpc: answer})],
        xds=True,
    )
    server.add_secure_port(address, grpc.xds_server_credentials(grpc.insecure_server_credentials()))
    server.start()
    with grpc.insecure_channel(address) as itself:
        grpc.channel_ready_future(itself).result()
    print(json.dumps({"kind": "serving", "address": address}), flush=True)
    until.wait()
    server.stop(grace=1).wait()
