import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;

/** The Envoy bootstrap that Armeria takes, made of the one that gRPC libraries take from their environment. */
final class EnvoyBootstrap {
  private static final String ADS = "{\"ads\": {}, \"resource_api_version\": \"V3\"}";

  private EnvoyBootstrap() {}

  /** Reads GRPC_XDS_BOOTSTRAP_CONFIG. */
  static Bootstrap fromEnvironment() throws InvalidProtocolBufferException {
    JsonObject grpc = JsonParser.parseString(System.getenv("GRPC_XDS_BOOTSTRAP_CONFIG")).getAsJsonObject();
    JsonObject node = grpc.getAsJsonObject("node");
    node.getAsJsonObject("metadata").addProperty("evenkeel.dev/client", "armeria"); // it sends no user agent
    JsonObject server = grpc.getAsJsonArray("xds_servers").get(0).getAsJsonObject();
    return bootstrap(node, server.get("server_uri").getAsString());
  }

  private static Bootstrap bootstrap(JsonObject node, String server) throws InvalidProtocolBufferException {
    int colon = server.lastIndexOf(':');
    String json =
        """
        {
          "node": %s,
          "dynamic_resources": {
            "ads_config": {"api_type": "GRPC", "grpc_services": [{"envoy_grpc": {"cluster_name": "evenkeel"}}]},
            "lds_config": %s,
            "cds_config": %s
          },
          "static_resources": {"clusters": [{
            "name": "evenkeel",
            "type": "STATIC",
            "load_assignment": {
              "cluster_name": "evenkeel",
              "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {
                "socket_address": {"address": "%s", "port_value": %s}
              }}}]}]
            }
          }]}
        }
        """
            .formatted(node, ADS, ADS, server.substring(0, colon), server.substring(colon + 1));
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    JsonFormat.parser().merge(json, bootstrap);
    return bootstrap.build();
  }
}
