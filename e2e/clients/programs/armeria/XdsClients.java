// docs:begin
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.linecorp.armeria.client.grpc.GrpcClientBuilder;
import com.linecorp.armeria.client.grpc.GrpcClients;
import com.linecorp.armeria.xds.XdsBootstrap;
import com.linecorp.armeria.xds.client.endpoint.XdsHttpPreprocessor;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;

/** Clients of one connection to evenkeel; to be closed after them. */
final class XdsClients implements AutoCloseable {
  private final XdsBootstrap xds;

  /** Takes a bootstrap as JSON, such as System.getenv("XDS_BOOTSTRAP"). */
  XdsClients(String json) throws InvalidProtocolBufferException {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    JsonFormat.parser().merge(json, bootstrap);
    xds = XdsBootstrap.of(bootstrap.build());
  }

  /** For a name such as greeter.default:8080, without a scheme; build(GreeterBlockingStub.class) makes a stub of it. */
  GrpcClientBuilder client(String name) {
    return GrpcClients.builder(XdsHttpPreprocessor.ofListener(name, xds));
  }

  @Override
  public void close() {
    xds.close();
  }
}
// docs:end
