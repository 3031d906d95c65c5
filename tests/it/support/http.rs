//! Just enough HTTP/1.1 to answer an SDK on loopback.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// A request as it came in.
pub struct Request {
    pub method: String,
    pub path: String,
    pub target: String,
    /// The access key of an assumed role; empty for a key that is an account's number.
    pub session: String,
    /// By lower-cased name.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// What to answer.
#[derive(Clone)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Listens on a free port of 127.0.0.1 for as long as the test process lives; returns the endpoint's URL.
pub fn serve(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || drop(talk(&stream, &*answer)));
        }
    });
    url
}

/// Passes a request on to another server on loopback, as it came in.
pub fn pass_on(request: &Request, url: &str) -> std::io::Result<Response> {
    let host = url.strip_prefix("http://").expect("loopback speaks in the clear");
    let mut stream = TcpStream::connect(host)?;
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.path);
    let kept = request.headers.iter().filter(|(name, _)| name.as_str() != "connection");
    for (name, value) in kept {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes())?;
    stream.write_all(&request.body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole answer");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mine = ["content-length", "connection", "transfer-encoding"];
    let headers: Vec<(String, String)> =
        headers.filter(|(name, _)| !mine.contains(&name.to_lowercase().as_str())).collect();
    assert!(!head.to_lowercase().contains("transfer-encoding: chunked"), "the emulator says how long its answers are");
    Ok(Response { status, headers, body: answer[end + 4..].to_vec() })
}

/// Answers the requests of one connection until the client closes it.
fn talk(stream: &TcpStream, answer: &dyn Fn(&Request) -> Response) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(request) = read(&mut reader)? {
        let response = answer(&request);
        let mut head = format!("HTTP/1.1 {} Replayed\r\n", response.status);
        for (name, value) in &response.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", response.body.len()));
        writer.write_all(head.as_bytes())?;
        if request.method != "HEAD" {
            writer.write_all(&response.body)?;
        }
        writer.flush()?;
    }
    Ok(())
}

fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut parts = line.split_whitespace();
    let (method, path) = (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default().to_owned());
    let mut headers = BTreeMap::new();
    let (mut length, mut target, mut session, mut chunked) = (0, String::new(), String::new(), false);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "x-amz-target" => value.trim().clone_into(&mut target),
            "authorization" => session = session_of(value),
            "transfer-encoding" => chunked = true,
            _ => {}
        }
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    assert!(!chunked, "the SDK sends no chunked body for reads");
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Request { method, path, target, session, headers, body }))
}

/// The access key in an `Authorization` header, if it is not the number of an account.
fn session_of(authorization: &str) -> String {
    let key = authorization.split_once("Credential=").and_then(|(_, rest)| rest.split_once('/'));
    key.map(|(key, _)| key).filter(|key| !key.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or_default().to_owned()
}
