//! Targets of other gRPC libraries, as tonic takes them.

use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::transport::Endpoint;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use crate::{Failure, xds};

pub type Channel = BoxCloneSyncService<Request<Body>, Response<Body>, Status>;

/// Connects when the first request is sent; for `xds:///`, starts to ask at once.
pub fn dial(target: &str) -> Result<Channel, Failure> {
    if !target.starts_with("xds:") {
        let channel = Endpoint::from_shared(uri_of(target))?.connect_lazy();
        return Ok(BoxCloneSyncService::new(channel.map_err(|error| Status::from_error(error.into()))));
    }
    Ok(BoxCloneSyncService::new(xds::channel(target)?.map_err(Status::from_error)))
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
