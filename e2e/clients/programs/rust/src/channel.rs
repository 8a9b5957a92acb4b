//! Targets of other gRPC libraries, as tonic takes them.

use std::sync::LazyLock;

use serde_json::Value;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::transport::Endpoint;
use tonic_xds::{BootstrapConfig, XdsChannelBuilder, XdsChannelConfig, XdsUri};
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use crate::Failure;

pub type Channel = BoxCloneSyncService<Request<Body>, Response<Body>, Status>;

/// Connects when the first request is sent; for `xds:///`, starts to ask at once.
pub fn dial(target: &str) -> Result<Channel, Failure> {
    if !target.starts_with("xds:") {
        let channel = Endpoint::from_shared(uri_of(target))?.connect_lazy();
        return Ok(BoxCloneSyncService::new(channel.map_err(|error| Status::from_error(error.into()))));
    }
    let config = XdsChannelConfig::new(XdsUri::parse(target)?).with_bootstrap(bootstrap()?);
    let channel = XdsChannelBuilder::new(config).build_grpc_channel()?;
    Ok(BoxCloneSyncService::new(channel.map_err(Status::from_error)))
}

/// `HOST:PORT` with a resolver's scheme or without any, as the URI that tonic needs.
fn uri_of(target: &str) -> String {
    let schemes = ["ipv4:", "ipv6:", "dns:///", "passthrough:///"];
    let address = schemes.iter().find_map(|scheme| target.strip_prefix(scheme)).unwrap_or(target);
    if address.contains("://") || address.starts_with("unix:") {
        address.to_owned()
    } else {
        format!("http://{address}")
    }
}

/// The bootstrap of the environment, with a scheme before each server's address, without which tonic-xds does not connect.
fn bootstrap() -> Result<BootstrapConfig, Failure> {
    static TEXT: LazyLock<Result<String, String>> = LazyLock::new(|| {
        let text = match std::env::var("GRPC_XDS_BOOTSTRAP") {
            Ok(file) => std::fs::read_to_string(file).map_err(|error| error.to_string())?,
            Err(_) => std::env::var("GRPC_XDS_BOOTSTRAP_CONFIG").map_err(|_| "there is no bootstrap".to_owned())?,
        };
        let mut bootstrap: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        for server in bootstrap["xds_servers"].as_array_mut().into_iter().flatten() {
            let uri = server["server_uri"].as_str().map(uri_of).unwrap_or_default();
            server["server_uri"] = Value::from(uri);
        }
        Ok(bootstrap.to_string())
    });
    Ok(BootstrapConfig::from_json(TEXT.as_ref().map_err(String::as_str)?)?)
}
