import java.io.IOException;

/** What ends the program. */
final class Input {
  private Input() {}

  /** Runs it on a thread of its own once the standard input has ended. */
  static void onEnd(Runnable then) {
    Thread reader = new Thread(() -> {
      drain();
      then.run();
    });
    reader.setDaemon(true);
    reader.start();
  }

  private static void drain() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException e) {
      System.err.println(e);
    }
  }
}
