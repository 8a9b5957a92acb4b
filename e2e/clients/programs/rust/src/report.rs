//! What has been seen since the start.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Mutex;

use serde_json::json;
use tokio::time::Instant;
use tonic::{Code, Status};

#[derive(Default)]
struct Counts {
    ok: u64,
    failed: u64,
    by_pod: BTreeMap<String, u64>,
    codes: BTreeMap<String, u64>,
    by_header: BTreeMap<String, BTreeSet<String>>,
    first_error: Option<String>,
    first_answer_ms: Option<f64>,
}

/// Counts answers and failures as they come, from any task.
pub struct Tally {
    started: Instant,
    counts: Mutex<Counts>,
}

impl Tally {
    pub fn new(started: Instant) -> Self {
        Tally { started, counts: Mutex::default() }
    }

    /// Counts what came of a request with that value of the header.
    pub fn count(&self, outcome: Result<String, Status>, value: Option<String>) {
        let mut counts = self.counts.lock().expect("nobody panics with it");
        match outcome {
            Ok(pod) => {
                counts.ok += 1;
                counts.first_answer_ms.get_or_insert(self.started.elapsed().as_secs_f64() * 1000.0);
                if let Some(value) = value {
                    counts.by_header.entry(value).or_default().insert(pod.clone());
                }
                *counts.by_pod.entry(pod).or_default() += 1;
            }
            Err(status) => {
                let name = name_of(status.code());
                counts.failed += 1;
                counts.first_error.get_or_insert(format!("{name}: {}", status.message()));
                *counts.codes.entry(name).or_default() += 1;
            }
        }
    }

    /// Writes one line about what was counted so far.
    pub fn print(&self, kind: &str) {
        let counts = self.counts.lock().expect("nobody panics with it");
        let mut report = json!({
            "kind": kind,
            "ok": counts.ok,
            "failed": counts.failed,
            "byPod": counts.by_pod,
            "firstError": counts.first_error,
            "firstAnswerMs": counts.first_answer_ms,
            "codes": counts.codes,
        });
        if !counts.by_header.is_empty() {
            report["byHeader"] = json!(counts.by_header);
        }
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{report}").and_then(|()| out.flush());
    }
}

/// The name in the specification of gRPC: `DEADLINE_EXCEEDED` for `DeadlineExceeded`.
fn name_of(code: Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}
