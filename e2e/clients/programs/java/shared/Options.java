import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the command line says: {@code TARGET[,TARGET...] --method PATH [--seconds S | --count N] [--rate R] [--deadline S]
 * [--parallel P] [--header NAME]}, or {@code --serve HOST:PORT --name NAME}. 0 means without end, and "" not given.
 */
record Options(
    List<String> targets,
    String method,
    double seconds,
    int count,
    double rate,
    double deadline,
    int parallel,
    String header,
    String serve,
    String name) {

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "--method", "/greeter.Greeter/WhoAreYou",
          "--seconds", "0",
          "--count", "0",
          "--rate", "200",
          "--deadline", "10",
          "--parallel", "1",
          "--header", "",
          "--serve", "",
          "--name", "");

  /** @throws IllegalArgumentException saying what is wrong */
  static Options parse(String[] args) {
    List<String> targets = new ArrayList<>();
    Map<String, String> given = new HashMap<>(DEFAULTS);
    for (int i = 0; i < args.length; i++) {
      String word = args[i];
      if (!word.startsWith("--")) {
        targets.addAll(List.of(word.split(",")));
      } else if (!DEFAULTS.containsKey(word) || ++i == args.length) {
        throw new IllegalArgumentException(word + " is not a flag that is followed by a value");
      } else {
        given.put(word, args[i]);
      }
    }
    return checked(
        new Options(
            List.copyOf(targets),
            given.get("--method"),
            Double.parseDouble(given.get("--seconds")),
            Integer.parseInt(given.get("--count")),
            Double.parseDouble(given.get("--rate")),
            Double.parseDouble(given.get("--deadline")),
            Integer.parseInt(given.get("--parallel")),
            given.get("--header"),
            given.get("--serve"),
            given.get("--name")));
  }

  private static Options checked(Options options) {
    if (options.serve.isEmpty() == options.targets.isEmpty()) {
      throw new IllegalArgumentException("either a target or --serve must be given");
    }
    if (options.rate <= 0 || options.deadline <= 0 || options.parallel <= 0) {
      throw new IllegalArgumentException("--rate, --deadline and --parallel must be above 0");
    }
    return options;
  }
}
