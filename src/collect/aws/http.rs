//! The HTTP client below every SDK client: proxies, an own bundle of certificate authorities, time-outs.
//!
//! The SDK for Rust reads neither `HTTPS_PROXY` nor `AWS_CA_BUNDLE` by itself, and banks need both.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use super::session::SessionError;

/// A connection that takes longer is not coming.
const CONNECT: Duration = Duration::from_secs(5);
/// Answers begin within this time, or the attempt has failed.
const READ: Duration = Duration::from_secs(30);

/// Makes the client; `bundle` is the file that `AWS_CA_BUNDLE` names.
///
/// # Errors
/// If the bundle cannot be read as certificates.
pub(super) fn client(bundle: Option<&Path>) -> Result<SharedHttpClient, SessionError> {
    let connector = by_host(bundle)?;
    Ok(http_client_fn(move |_, _| connector.clone()))
}

/// What the client sends requests with.
///
/// # Errors
/// If the bundle cannot be read as certificates.
pub(super) fn by_host(bundle: Option<&Path>) -> Result<SharedHttpConnector, SessionError> {
    let tls = TlsContext::builder().with_trust_store(trust_store(bundle)?).build();
    let tls = tls.map_err(|error| SessionError::Tls { message: error.to_string() })?;
    let proxied = connector(Connector::builder().proxy_config(ProxyConfig::from_env()), &tls, bundle)?;
    let direct = connector(Connector::builder(), &tls, bundle)?;
    Ok(SharedHttpConnector::new(ByHost { proxied, direct }))
}

fn connector(
    builder: ConnectorBuilder,
    tls: &TlsContext,
    bundle: Option<&Path>,
) -> Result<SharedHttpConnector, SessionError> {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).read_timeout(READ).build();
    let build = || {
        builder
            .connector_settings(settings)
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(tls.clone())
            .build()
    };
    // The TLS library takes certificates at their word and panics over what only looks like one.
    std::panic::catch_unwind(AssertUnwindSafe(build)).map(SharedHttpConnector::new).map_err(|_| match bundle {
        Some(path) => unusable(path, "it holds something that is not a certificate"),
        None => SessionError::Tls { message: "the system's certificates cannot be used".to_owned() },
    })
}

/// The system's certificate authorities, and those of the bundle beside them.
fn trust_store(bundle: Option<&Path>) -> Result<TrustStore, SessionError> {
    let Some(path) = bundle else { return Ok(TrustStore::default()) };
    let pem = std::fs::read_to_string(path).map_err(|error| unusable(path, &error.to_string()))?;
    let begun = pem.matches("-----BEGIN CERTIFICATE-----").count();
    if begun == 0 || begun != pem.matches("-----END CERTIFICATE-----").count() {
        return Err(unusable(path, "it holds no complete certificate in PEM form"));
    }
    Ok(TrustStore::default().with_pem_certificate(pem))
}

fn unusable(path: &Path, message: &str) -> SessionError {
    SessionError::CaBundle { path: PathBuf::from(path), message: message.to_owned() }
}

/// Everything goes by the proxy but the machine's own services, which no proxy can reach: the instance and container
/// metadata that hand out credentials. The other SDKs make the same exception.
#[derive(Debug)]
struct ByHost {
    proxied: SharedHttpConnector,
    direct: SharedHttpConnector,
}

impl HttpConnector for ByHost {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if is_link_local(request.uri()) { self.direct.call(request) } else { self.proxied.call(request) }
    }
}

fn is_link_local(uri: &str) -> bool {
    uri.strip_prefix("http://").is_some_and(|rest| rest.starts_with("169.254.") || rest.starts_with("[fd00:ec2::"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn metadata_services_are_asked_directly() {
        assert!(is_link_local("http://169.254.169.254/latest/meta-data/"));
        assert!(is_link_local("http://[fd00:ec2::23]/v1/credentials"));
        assert!(!is_link_local("https://api.sagemaker.eu-central-1.amazonaws.com/"));
        assert!(!is_link_local("https://169.254.example.com/"));
    }

    #[test]
    fn a_bundle_that_is_none_is_one_clear_error() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for (content, words) in [
            ("", "no complete certificate"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n", "no complete certificate"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "not a certificate"),
        ] {
            file.as_file_mut().set_len(0).unwrap();
            std::io::Seek::rewind(file.as_file_mut()).unwrap();
            file.write_all(content.as_bytes()).unwrap();
            file.flush().unwrap();
            let error = client(Some(file.path())).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains("AWS_CA_BUNDLE"), "{content:?}: {error}");
        }
        let error = client(Some(Path::new("/does/not/exist.pem"))).unwrap_err().to_string();
        assert!(error.contains("/does/not/exist.pem"), "{error}");
    }
}
