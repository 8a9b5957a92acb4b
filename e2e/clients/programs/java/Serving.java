import io.grpc.InsecureServerCredentials;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.xds.XdsServerBuilder;
import io.grpc.xds.XdsServerCredentials;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A server that serves at an address once xDS has a listener for it, with the security that this asks for, if any. */
final class Serving implements XdsServerBuilder.XdsServingStatusListener {
  private final String address;
  private final AtomicBoolean said = new AtomicBoolean();

  private Serving(String address) {
    this.address = address;
  }

  /** Answers the method with the name until the input ends. */
  static void serve(Options options) throws IOException, InterruptedException {
    int colon = options.serve().lastIndexOf(':');
    String host = options.serve().substring(0, colon);
    int port = Integer.parseInt(options.serve().substring(colon + 1));
    Server server =
        XdsServerBuilder.forAddress(
                new InetSocketAddress(host, port), XdsServerCredentials.create(InsecureServerCredentials.create()))
            .xdsServingStatusListener(new Serving(options.serve()))
            .addService(greeter(options))
            .build();
    Input.onEnd(() -> stop(server));
    server.start();
    server.awaitTermination();
  }

  private static ServerServiceDefinition greeter(Options options) {
    MethodDescriptor<String, String> method = Text.method(options.method());
    return ServerServiceDefinition.builder(method.getServiceName())
        .addMethod(
            method,
            ServerCalls.asyncUnaryCall(
                (question, answer) -> {
                  answer.onNext(options.name());
                  answer.onCompleted();
                }))
        .build();
  }

  private static void stop(Server server) {
    server.shutdown();
    try {
      server.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.exit(0); // also when it still waits for a listener
  }

  @Override
  public void onServing() {
    if (!said.getAndSet(true)) {
      System.out.println("{\"kind\":\"serving\",\"address\":\"" + address + "\"}");
    }
  }

  @Override
  public void onNotServing(Throwable reason) {
    System.err.println(address + " does not serve: " + reason);
  }
}
