import com.google.protobuf.InvalidProtocolBufferException;
import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.grpc.GrpcClientBuilder;
import com.linecorp.armeria.client.grpc.GrpcClientStubFactory;
import com.linecorp.armeria.client.grpc.GrpcClients;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One client: Armeria, which asks for every target's listener. Ends when its input ends. */
final class Client {
  private static final String XDS = "xds:///";

  public static void main(String[] args) throws InvalidProtocolBufferException, InterruptedException {
    long started = System.nanoTime();
    Options options = Options.parse(args);
    if (!options.serve().isEmpty()) {
      throw new IllegalArgumentException("Armeria has no servers that ask for a listener");
    }
    Traffic.run(options, dial(options), started);
    System.exit(0); // what is still on its way is given up
  }

  private static List<Channel> dial(Options options) throws InvalidProtocolBufferException {
    XdsClients xds = new XdsClients(System.getenv("XDS_BOOTSTRAP"));
    Duration deadline = Duration.ofNanos((long) (options.deadline() * 1e9));
    // As long as it may take to connect, Armeria waits for an endpoint, which other libraries call waiting for ready.
    ClientFactory factory = ClientFactory.builder().connectTimeout(deadline).build();
    GrpcClientStubFactory stubless = new Stubless(Text.method(options.method()));
    List<Channel> channels = new ArrayList<>();
    for (String target : options.targets()) {
      GrpcClientBuilder client = client(target, xds).factory(factory).responseTimeout(deadline);
      channels.add(client.clientStubFactory(stubless).build(Channel.class));
    }
    return channels;
  }

  private static GrpcClientBuilder client(String target, XdsClients xds) {
    if (!target.startsWith(XDS)) {
      return GrpcClients.builder("gproto+http://" + target.substring("ipv4:".length()));
    }
    return xds.client(target.substring(XDS.length()));
  }

  /** Hands out the channel itself, since there is no generated stub. */
  private record Stubless(MethodDescriptor<?, ?> method) implements GrpcClientStubFactory {
    @Override
    public ServiceDescriptor findServiceDescriptor(Class<?> clientType) {
      return ServiceDescriptor.newBuilder(method.getServiceName()).addMethod(method).build();
    }

    @Override
    public Object newClientStub(Class<?> clientType, Channel channel) {
      return channel;
    }
  }
}
