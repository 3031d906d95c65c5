//! Telling Lambda that the function cannot start, and why. The client of the runtime has no way to say so.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-initerror>

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

/// The runtime's interface is on the same machine.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says why the function cannot start. `api` is `AWS_LAMBDA_RUNTIME_API`, a host with a port.
///
/// # Errors
/// If nobody listens there.
pub(super) fn refuse(api: &str, kind: &str, message: &str) -> io::Result<()> {
    // `cargo lambda` gives a URL with a path, Lambda a host and a port.
    let (host, below) =
        api.trim_start_matches("http://").split_once('/').unwrap_or((api.trim_start_matches("http://"), ""));
    let below = if below.is_empty() { String::new() } else { format!("/{}", below.trim_end_matches('/')) };
    let body = json!({"errorType": kind, "errorMessage": message, "stackTrace": []}).to_string();
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "POST {below}/2018-06-01/runtime/init/error HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Lambda-Runtime-Function-Error-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    // Until it has answered, it may not have read all of it.
    stream.read_to_end(&mut Vec::new()).map(drop)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_runtime_hears_why() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let api = listener.local_addr().unwrap().to_string();
        let heard = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = Vec::new();
            let mut part = [0; 4_096];
            while !String::from_utf8_lossy(&heard).contains("stackTrace") {
                let read = stream.read(&mut part).unwrap();
                heard.extend_from_slice(&part[..read]);
            }
            stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").unwrap();
            String::from_utf8(heard).unwrap()
        });
        refuse(&api, "Countersign.Settings", "COUNTERSIGN_REGIONS: `x` is no region").unwrap();
        let heard = heard.join().unwrap();
        assert!(heard.starts_with("POST /2018-06-01/runtime/init/error HTTP/1.1\r\n"), "{heard}");
        assert!(heard.contains("COUNTERSIGN_REGIONS") && heard.contains("Error-Type: Countersign.Settings"), "{heard}");
    }
}
