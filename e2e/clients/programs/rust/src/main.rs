//! One client: tonic with tonic-xds. It dials every TARGET and prints one line of JSON a second, and one at the end. Ends when its
//! input ends. tonic-xds has no servers, so there is no `--serve`.
//!
//! Usage: client TARGET[,TARGET...] --method PATH [--seconds S | --count N] [--rate R] [--deadline S] [--parallel P]
//! [--header NAME]

mod channel;
mod options;
mod report;
mod text;
mod xds;

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until, timeout};
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue};
use tonic::{Request, Status};

use channel::Channel;
use options::Options;
use report::Tally;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How long requests that are on their way at the end may still be answered; they count for nothing after it.
const GRACE: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let started = Instant::now();
    let options = Arc::new(Options::parse(std::env::args().skip(1))?);
    let channels = options.targets.iter().map(|target| channel::dial(target)).collect::<Result<Vec<_>, _>>()?;
    let tally = Arc::new(Tally::new(started));
    let mut sending = tokio::spawn(send(options.clone(), channels, tally.clone(), ended(&options)));
    let mut ticks = interval_at(started + Duration::from_secs(1), Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => tally.print("progress"),
            done = &mut sending => break done?,
        }
    }
    tally.print("summary");
    std::process::exit(0) // a read of the input may still block, and would be waited for
}

/// Becomes true when the input or the time that was asked for has ended.
fn ended(options: &Options) -> watch::Receiver<bool> {
    let (end, ended) = watch::channel(false);
    let limit = options.seconds;
    tokio::spawn(async move {
        let input = async {
            let mut rest = [0; 256];
            while tokio::io::stdin().read(&mut rest).await.is_ok_and(|read| read > 0) {}
        };
        match limit {
            Some(limit) => drop(timeout(limit, input).await),
            None => input.await,
        }
        end.send_replace(true);
        end.closed().await;
    });
    ended
}

/// Returns when each request was answered, or a little after the end.
async fn send(options: Arc<Options>, channels: Vec<Channel>, tally: Arc<Tally>, mut ended: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(options.parallel));
    let mut in_flight = JoinSet::new();
    let first = Instant::now();
    for number in 0..options.count {
        let slot = tokio::select! {
            slot = next_slot(&slots, first + Duration::from_secs_f64(number as f64 / options.rate)) => slot,
            _ = ended.wait_for(|ended| *ended) => break,
        };
        let channel = channels[number % channels.len()].clone();
        let (options, tally) = (options.clone(), tally.clone());
        in_flight.spawn(async move {
            let value = options.header.as_ref().map(|_| format!("k{}", number % 20));
            let outcome = ask(channel, &options, value.as_deref()).await;
            tally.count(outcome, value);
            drop(slot);
        });
        while in_flight.try_join_next().is_some() {}
    }
    let answered = async { while in_flight.join_next().await.is_some() {} };
    tokio::select! {
        () = answered => {}
        () = async {
            let _ = ended.wait_for(|ended| *ended).await;
            sleep(GRACE).await;
        } => {}
    }
}

async fn next_slot(slots: &Arc<Semaphore>, due: Instant) -> tokio::sync::OwnedSemaphorePermit {
    sleep_until(due).await;
    slots.clone().acquire_owned().await.expect("nobody closes it")
}

/// One request. tonic-xds itself waits until there is an endpoint, so nothing else makes a request wait for ready.
async fn ask(channel: Channel, options: &Options, value: Option<&str>) -> Result<String, Status> {
    let mut request = Request::new("who?".to_owned());
    request.set_timeout(options.deadline);
    if let (Some(name), Some(value)) = (&options.header, value) {
        let name =
            AsciiMetadataKey::from_bytes(name.as_bytes()).map_err(|e| Status::invalid_argument(e.to_string()))?;
        let value = AsciiMetadataValue::try_from(value).map_err(|e| Status::invalid_argument(e.to_string()))?;
        request.metadata_mut().insert(name, value);
    }
    let call = async {
        let mut client = tonic::client::Grpc::new(channel);
        client.ready().await?;
        let answer = client.unary(request, options.method.clone(), text::TextCodec).await?;
        Ok(answer.into_inner())
    };
    match timeout(options.deadline, call).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Status::deadline_exceeded("the program's own deadline")),
    }
}
