# docs:begin
import grpc


def connect(target: str) -> grpc.Channel:
    """For a target such as xds:///greeter.default:8080, as for any other."""
    return grpc.insecure_channel(target)
# docs:end
