//! A small HTTP/1.1 server whose every answer is scripted.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What a client asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method and target, as in `GET /a.csv`.
    pub line: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// The value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|header| header.0.eq_ignore_ascii_case(name))
            .map(|header| header.1.as_str())
    }

    /// The first byte asked for by `Range`.
    pub fn first_byte(&self) -> Option<usize> {
        let range = self.header("range")?;
        range
            .strip_prefix("bytes=")?
            .strip_suffix('-')?
            .parse()
            .ok()
    }

    fn parse(head: &str) -> Self {
        let mut lines = head.lines();
        let line = lines.next().unwrap_or_default();
        Self {
            line: line.trim_end_matches(" HTTP/1.1").to_owned(),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }
}

/// How an answer ends.
#[derive(Debug, Clone, Copy)]
enum End {
    Close,
    /// Nothing more is sent, and the connection stays open.
    Hang,
    /// The connection is reset before anything is sent.
    Reset,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    piece_bytes: usize,
    pause: Duration,
    end: End,
}

impl Reply {
    /// A status without a body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            piece_bytes: usize::MAX,
            pause: Duration::ZERO,
            end: End::Close,
        }
    }

    /// The body of an HTTP/1.0 server, which ends where the connection does.
    pub fn undelimited(body: &[u8]) -> Self {
        let body = body.to_vec();
        Self {
            body,
            ..Self::status(200)
        }
    }

    /// All of `body`, whatever the request.
    pub fn whole(body: &[u8]) -> Self {
        Self::undelimited(body).with("Content-Length", body.len().to_string())
    }

    /// What the request asks for of `body`.
    pub fn ranged(body: &[u8], request: &Request) -> Self {
        let n_bytes = body.len();
        match request.first_byte() {
            None => Self::whole(body),
            Some(first) if first < n_bytes => Self {
                status: 206,
                ..Self::whole(&body[first..])
            }
            .with(
                "Content-Range",
                format!("bytes {first}-{}/{n_bytes}", n_bytes - 1),
            ),
            Some(_) => Self::status(416).with("Content-Range", format!("bytes */{n_bytes}")),
        }
    }

    /// The body in chunks, without its length.
    pub fn chunked(body: &[u8]) -> Self {
        let mut encoded = Vec::new();
        for chunk in body.chunks(10_000) {
            encoded.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            encoded.extend(chunk);
            encoded.extend(b"\r\n");
        }
        encoded.extend(b"0\r\n\r\n");
        Self::undelimited(&encoded).with("Transfer-Encoding", "chunked")
    }

    /// A redirect.
    pub fn redirect(target: impl Into<String>) -> Self {
        Self::status(302)
            .with("Location", target)
            .with("Content-Length", "0")
    }

    /// No answer: the connection is reset.
    pub fn reset() -> Self {
        Self {
            end: End::Reset,
            ..Self::status(200)
        }
    }

    /// Adds a header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Closes the connection after `n_bytes` of the body.
    pub fn cut_at(mut self, n_bytes: usize) -> Self {
        self.body.truncate(n_bytes);
        self
    }

    /// Sends nothing more after `n_bytes` of the body.
    pub fn stalled_at(self, n_bytes: usize) -> Self {
        Self {
            end: End::Hang,
            ..self.cut_at(n_bytes)
        }
    }

    /// Sends the body in pieces, with a pause after each.
    pub fn dripped(self, n_pieces: usize, pause: Duration) -> Self {
        Self {
            piece_bytes: self.body.len().div_ceil(n_pieces),
            pause,
            ..self
        }
    }

    fn send(&self, stream: &mut TcpStream) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} Scripted\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        stream.write_all(format!("{head}\r\n").as_bytes())?;
        for piece in self.body.chunks(self.piece_bytes) {
            stream.write_all(piece)?;
            thread::sleep(self.pause);
        }
        if let End::Hang = self.end {
            // Returns when the client gives up.
            stream.read_to_end(&mut Vec::new())?;
        }
        stream.shutdown(Shutdown::Both)
    }
}

/// The server; it ends when dropped.
pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    is_over: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers each request with what `script` makes of it and of the number of requests before.
    pub fn start(script: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let acceptor = {
            let (requests, is_over) = (Arc::clone(&requests), Arc::clone(&is_over));
            let script = Arc::new(script);
            thread::spawn(move || {
                for stream in listener.incoming() {
                    if is_over.load(Ordering::SeqCst) {
                        return;
                    }
                    let (requests, script) = (Arc::clone(&requests), Arc::clone(&script));
                    let Ok(stream) = stream else { continue };
                    // A client that goes away is part of many tests.
                    thread::spawn(move || serve(stream, &requests, &*script).ok());
                }
            })
        };
        Self {
            address,
            requests,
            is_over,
            acceptor: Some(acceptor),
        }
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic").clone()
    }

    /// The first byte each request so far asked for.
    pub fn first_bytes(&self) -> Vec<Option<usize>> {
        self.requests().iter().map(Request::first_byte).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // The acceptor looks at the flag when somebody comes.
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(acceptor)) = (woken, self.acceptor.take()) {
            acceptor.join().ok();
        }
    }
}

fn serve(
    mut stream: TcpStream,
    requests: &Mutex<Vec<Request>>,
    script: &(impl Fn(&Request, usize) -> Reply + ?Sized),
) -> io::Result<()> {
    let mut buffer = [0; 4096];
    let n_bytes = loop {
        // Not read yet: to close a connection with unread bytes is to reset it.
        let n_bytes = stream.peek(&mut buffer)?;
        if n_bytes == 0 {
            return Ok(());
        }
        if buffer[..n_bytes].ends_with(b"\r\n\r\n") {
            break n_bytes;
        }
        thread::yield_now();
    };
    let request = Request::parse(&String::from_utf8_lossy(&buffer[..n_bytes]));
    let n_before = {
        let mut requests = requests.lock().expect("no panic");
        requests.push(request.clone());
        requests.len() - 1
    };
    let reply = script(&request, n_before);
    if let End::Reset = reply.end {
        return Ok(());
    }
    stream.read_exact(&mut buffer[..n_bytes])?;
    reply.send(&mut stream)
}
