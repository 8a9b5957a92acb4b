// docs:begin
use tonic_xds::{XdsChannelBuilder, XdsChannelConfig, XdsChannelGrpc, XdsUri};

/// A channel for a target such as `xds:///greeter.default:8080`, which a generated client takes. Needs a runtime of tokio.
pub fn channel(target: &str) -> Result<XdsChannelGrpc, Box<dyn std::error::Error + Send + Sync>> {
    let config = XdsChannelConfig::new(XdsUri::parse(target)?);
    Ok(XdsChannelBuilder::new(config).build_grpc_channel()?)
}
// docs:end
