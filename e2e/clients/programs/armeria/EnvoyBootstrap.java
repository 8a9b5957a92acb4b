import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/** The Envoy bootstrap that Armeria takes, as JSON: as it was given, or made of the one that gRPC libraries take. */
final class EnvoyBootstrap {
  private static final String ADS = "{\"ads\": {}, \"resource_api_version\": \"V3\"}";

  private EnvoyBootstrap() {}

  /** @param given either bootstrap, as JSON */
  static String of(String given) {
    JsonObject object = JsonParser.parseString(given).getAsJsonObject();
    return object.has("static_resources") ? given : madeOf(object);
  }

  private static String madeOf(JsonObject grpc) {
    JsonObject node = grpc.getAsJsonObject("node");
    node.getAsJsonObject("metadata").addProperty("evenkeel.dev/client", "armeria"); // it sends no user agent
    String server = grpc.getAsJsonArray("xds_servers").get(0).getAsJsonObject().get("server_uri").getAsString();
    int colon = server.lastIndexOf(':');
    return """
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
  }
}
