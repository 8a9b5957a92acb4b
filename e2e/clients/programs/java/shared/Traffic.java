import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Sends requests to the channels in turn, on schedule, with so many in flight at most. */
final class Traffic {
  /** How long requests that are on their way at the end may still be answered; they count for nothing after it. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Options options;
  private final List<? extends Channel> channels;
  private final Tally tally;
  private final MethodDescriptor<String, String> method;
  private int inFlight;
  private boolean over;

  private Traffic(Options options, List<? extends Channel> channels, Tally tally) {
    this.options = options;
    this.channels = channels;
    this.tally = tally;
    this.method = Text.method(options.method());
  }

  /**
   * Asks until there were enough requests, the time is over or the input ends; prints what came of them every second, and last.
   *
   * @param started by System.nanoTime()
   */
  static void run(Options options, List<? extends Channel> channels, long started) throws InterruptedException {
    Tally tally = new Tally(started, !options.header().isEmpty());
    Traffic traffic = new Traffic(options, channels, tally);
    Input.onEnd(traffic::end);
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    clock.scheduleAtFixedRate(() -> tally.print("progress"), 1, 1, TimeUnit.SECONDS);
    if (options.seconds() > 0) {
      clock.schedule(traffic::end, nanos(options.seconds()) - (System.nanoTime() - started), TimeUnit.NANOSECONDS);
    }
    traffic.send();
    clock.shutdownNow();
    clock.awaitTermination(1, TimeUnit.SECONDS);
    tally.print("summary");
  }

  private void send() throws InterruptedException {
    long first = System.nanoTime();
    for (int n = 0; options.count() == 0 || n < options.count(); n++) {
      if (!turn(first + nanos(n / options.rate()))) {
        break;
      }
      request(channels.get(n % channels.size()), n);
    }
    settle();
  }

  /** Waits until it is due and there is room for one more; false if the end comes before. */
  private synchronized boolean turn(long due) throws InterruptedException {
    while (!over) {
      long left = due - System.nanoTime();
      if (left > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } else if (inFlight == options.parallel()) {
        wait();
      } else {
        inFlight++;
        return true;
      }
    }
    return false;
  }

  private synchronized void end() {
    over = true;
    notifyAll();
  }

  private synchronized void done() {
    inFlight--;
    notifyAll();
  }

  /** Waits until all were answered, or, after the end, for a little while. */
  private synchronized void settle() throws InterruptedException {
    while (!over && inFlight > 0) {
      wait();
    }
    long limit = System.nanoTime() + GRACE_NANOS;
    while (inFlight > 0 && limit > System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, limit - System.nanoTime());
    }
  }

  /** Sends the request of that number. */
  private void request(Channel channel, int number) {
    String value = "k" + number % 20;
    Metadata headers = new Metadata();
    if (!options.header().isEmpty()) {
      headers.put(Metadata.Key.of(options.header(), Metadata.ASCII_STRING_MARSHALLER), value);
    }
    CallOptions callOptions =
        CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(nanos(options.deadline()), TimeUnit.NANOSECONDS);
    ClientCall<String, String> call = channel.newCall(method, callOptions);
    call.start(
        new ClientCall.Listener<>() {
          private String pod;

          @Override
          public void onMessage(String message) {
            pod = message;
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            if (status.isOk()) {
              tally.answered(pod, value);
            } else {
              tally.failed(status);
            }
            done();
          }
        },
        headers);
    call.request(2);
    call.sendMessage("who?");
    call.halfClose();
  }

  private static long nanos(double seconds) {
    return (long) (seconds * 1e9);
  }
}
