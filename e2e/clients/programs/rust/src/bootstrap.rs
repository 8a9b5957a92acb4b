//! The bootstrap of other gRPC libraries, as tonic-xds takes it.

use serde_json::Value;

use crate::Failure;
use crate::channel::uri_of;

const VARIABLE: &str = "GRPC_XDS_BOOTSTRAP_CONFIG";

/// Puts a scheme before each server's address, without which tonic-xds does not connect.
///
/// # Safety
/// No other thread may run: it changes the environment.
pub unsafe fn complete() -> Result<(), Failure> {
    let Ok(text) = std::env::var(VARIABLE) else { return Ok(()) };
    let mut bootstrap: Value = serde_json::from_str(&text)?;
    for server in bootstrap["xds_servers"].as_array_mut().into_iter().flatten() {
        let uri = server["server_uri"].as_str().map(uri_of).unwrap_or_default();
        server["server_uri"] = Value::from(uri);
    }
    // SAFETY: what the caller promises.
    unsafe { std::env::set_var(VARIABLE, bootstrap.to_string()) };
    Ok(())
}
