// docs:begin
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.xds.XdsChannelCredentials;

final class Channels {
  private Channels() {}

  /** For a target such as xds:///greeter.default:8080: with the security that the xDS server asks for, if any. */
  static ManagedChannel of(String target) {
    ChannelCredentials credentials = XdsChannelCredentials.create(InsecureChannelCredentials.create());
    return Grpc.newChannelBuilder(target, credentials).build();
  }
}
// docs:end
