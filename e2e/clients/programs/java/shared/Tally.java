import com.google.gson.stream.JsonWriter;
import io.grpc.Status;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Counts answers and failures as they come, from any thread. */
final class Tally {
  private final long started;
  private final boolean withHeader;
  private final Map<String, Integer> byPod = new TreeMap<>();
  private final Map<String, Integer> codes = new TreeMap<>();
  private final Map<String, Set<String>> byHeader = new TreeMap<>();
  private int ok;
  private int failed;
  private String firstError;
  private Double firstAnswerMs;

  /** @param started by System.nanoTime() */
  Tally(long started, boolean withHeader) {
    this.started = started;
    this.withHeader = withHeader;
  }

  /** Counts an answer of the pod to a request with that value of the header, if it has one. */
  synchronized void answered(String pod, String value) {
    ok++;
    byPod.merge(pod, 1, Integer::sum);
    if (firstAnswerMs == null) {
      firstAnswerMs = (System.nanoTime() - started) / 1000 / 1000.0;
    }
    if (withHeader) {
      byHeader.computeIfAbsent(value, unused -> new TreeSet<>()).add(pod);
    }
  }

  synchronized void failed(Status status) {
    failed++;
    codes.merge(status.getCode().name(), 1, Integer::sum);
    if (firstError == null) {
      firstError = status.getCode() + ": " + status.getDescription();
    }
  }

  /** Writes one line about what was counted so far. */
  synchronized void print(String kind) {
    StringWriter line = new StringWriter();
    try (JsonWriter json = new JsonWriter(line)) {
      json.beginObject().name("kind").value(kind).name("ok").value(ok).name("failed").value(failed);
      counts(json, "byPod", byPod);
      json.name("firstError").value(firstError).name("firstAnswerMs").value(firstAnswerMs);
      counts(json, "codes", codes);
      if (withHeader) {
        pods(json);
      }
      json.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    System.out.println(line);
  }

  private static void counts(JsonWriter json, String name, Map<String, Integer> counts) throws IOException {
    json.name(name).beginObject();
    for (Map.Entry<String, Integer> entry : counts.entrySet()) {
      json.name(entry.getKey()).value(entry.getValue());
    }
    json.endObject();
  }

  private void pods(JsonWriter json) throws IOException {
    json.name("byHeader").beginObject();
    for (Map.Entry<String, Set<String>> entry : byHeader.entrySet()) {
      json.name(entry.getKey()).beginArray();
      for (String pod : entry.getValue()) {
        json.value(pod);
      }
      json.endArray();
    }
    json.endObject();
  }
}
