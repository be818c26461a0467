//! A caller's request, over a connection of its own.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An API as callers know it.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    /// `127.0.0.1:PORT`
    address: String,
    /// What it is called by those who ask.
    host: String,
    /// What each path begins with.
    base: String,
}

/// An answer: its status and its body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Api {
    /// The API that is advertised at `url`, of the cloud that answers at `endpoint`.
    pub(crate) fn new(endpoint: &str, url: &str) -> Self {
        let base = url.trim_start_matches("http://").split_once('/').map_or("", |(_, base)| base);
        let address = endpoint.trim_start_matches("http://").to_owned();
        Self { host: address.clone(), address, base: format!("/{base}") }
    }

    /// The distribution `host` of the cloud that answers at `endpoint`.
    pub(crate) fn of_distribution(endpoint: &str, host: &str) -> Self {
        let address = endpoint.trim_start_matches("http://").to_owned();
        Self { address, host: host.to_owned(), base: String::new() }
    }

    /// The answer to `request`, such as `GET /a`, with the header lines `headers`, each ended by CRLF.
    pub(crate) async fn ask(&self, request: &str, headers: &str, body: &str) -> std::io::Result<Answer> {
        let Self { address, host, base } = self;
        let (method, path) = request.split_once(' ').unwrap();
        let mut stream = TcpStream::connect(address).await?;
        let request = format!(
            "{method} {base}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let cut = || std::io::Error::other(format!("no whole answer: {answer:?}"));
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(cut)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
        Ok(Answer { status, body: body.to_owned() })
    }
}
