import io.grpc.ManagedChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One client: grpc-java. It dials every target, or with --serve is an xDS-enabled server instead. Ends when its input ends. */
final class Client {
  public static void main(String[] args) throws IOException, InterruptedException {
    long started = System.nanoTime();
    Options options = Options.parse(args);
    if (options.serve().isEmpty()) {
      Traffic.run(options, dial(options.targets()), started);
      System.exit(0); // what is still on its way is given up
    }
    Serving.serve(options);
  }

  private static List<ManagedChannel> dial(List<String> targets) {
    List<ManagedChannel> channels = new ArrayList<>();
    for (String target : targets) {
      channels.add(Channels.of(known(target)));
    }
    return channels;
  }

  /** `ipv4:HOST:PORT` is known to other gRPC libraries, but not to this one. */
  private static String known(String target) {
    return target.startsWith("ipv4:") ? "dns:///" + target.substring("ipv4:".length()) : target;
  }
}
