//! What the command line asks for.

use std::time::Duration;

use tonic::codegen::http::uri::PathAndQuery;

use crate::Failure;

pub struct Options {
    pub targets: Vec<String>,
    pub method: PathAndQuery,
    pub seconds: Option<Duration>,
    pub count: usize,
    /// Requests per second, in all.
    pub rate: f64,
    pub deadline: Duration,
    /// Requests in flight at most.
    pub parallel: usize,
    pub header: Option<String>,
}

impl Options {
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options = Options {
            targets: Vec::new(),
            method: PathAndQuery::from_static("/greeter.Greeter/WhoAreYou"),
            seconds: None,
            count: usize::MAX,
            rate: 200.0,
            deadline: Duration::from_secs(10),
            parallel: 1,
            header: None,
        };
        while let Some(word) = words.next() {
            if !word.starts_with("--") {
                options.targets.extend(word.split(',').map(str::to_owned));
                continue;
            }
            let value = words.next().ok_or(format!("{word} needs a value"))?;
            match word.as_str() {
                "--method" => options.method = value.parse()?,
                "--seconds" => options.seconds = Some(Duration::try_from_secs_f64(value.parse()?)?),
                "--count" => options.count = value.parse()?,
                "--rate" => options.rate = value.parse()?,
                "--deadline" => options.deadline = Duration::try_from_secs_f64(value.parse()?)?,
                "--parallel" => options.parallel = value.parse()?,
                "--header" => options.header = Some(value),
                _ => return Err(format!("there is no {word} here").into()),
            }
        }
        if options.targets.is_empty() || options.rate <= 0.0 || options.parallel == 0 {
            return Err("a target must be given, and --rate and --parallel be above 0".into());
        }
        Ok(options)
    }
}
