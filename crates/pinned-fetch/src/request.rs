//! One HTTP request, redirects included.

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use ureq::http::{HeaderMap, Response, header};
use ureq::{Agent, Body, Timeout};
use url::Url;

use crate::source::{is_loopback, may_redirect, without_secrets};
use crate::{Error, Source};

const MAX_REDIRECTS: usize = 5;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Asks for files; keeps connections open between requests.
pub(crate) struct Client {
    agent: Agent,
    stall_timeout: Duration,
}

/// What is asked for.
pub(crate) struct Request {
    /// Where.
    pub(crate) url: Url,
    /// Where the file would be in the cache, for messages.
    pub(crate) path: PathBuf,
}

/// A file, or the rest of one, about to arrive.
pub(crate) struct Answer {
    /// Offset in the file of the first byte to come.
    pub(crate) start: u64,
    /// Length of the whole file in bytes, where the server tells.
    pub(crate) total_bytes: Option<u64>,
    /// Whether a cut connection can be told from the end of the file.
    pub(crate) is_delimited: bool,
    /// The server's name for the content, if it vouches for every byte.
    pub(crate) strong_etag: Option<String>,
    /// The bytes.
    pub(crate) reader: Box<dyn Read>,
}

impl Client {
    pub(crate) fn new(source: &Source) -> Self {
        let stall_timeout = source.stall_timeout();
        let config = Agent::config_builder()
            .user_agent(concat!("pinned-fetch/", env!("CARGO_PKG_VERSION")))
            // A compressed answer would have other offsets than the file.
            .accept_encoding("identity")
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_resolve(Some(CONNECT_TIMEOUT))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(stall_timeout))
            .timeout_per_read(Some(stall_timeout))
            .timeout_per_write(Some(stall_timeout))
            .build();
        Self {
            agent: config.new_agent(),
            stall_timeout,
        }
    }

    /// Asks for the file from byte `start` on, or for all of it if the server cannot do that or,
    /// by `etag`, has another file now.
    pub(crate) fn open(
        &self,
        request: &Request,
        start: u64,
        etag: Option<&str>,
    ) -> Result<Answer, Error> {
        let response = self.follow(request, start, etag)?;
        let status = response.status().as_u16();
        let headers = response.headers();
        let total_bytes = match status {
            200 => response.body().content_length(),
            206 if start > 0 => match content_range(headers) {
                Some((first, total_bytes)) if first == start => total_bytes,
                _ => return self.open(request, 0, None),
            },
            // The partial file is as long as the file, or longer.
            416 if start > 0 => return self.open(request, 0, None),
            _ => {
                return Err(Error::Status {
                    url: request.url.to_string(),
                    status,
                });
            }
        };
        Ok(Answer {
            start: if status == 206 { start } else { 0 },
            total_bytes,
            is_delimited: response.body().content_length().is_some()
                || headers.contains_key(header::TRANSFER_ENCODING),
            strong_etag: text(headers, header::ETAG)
                .filter(|etag| !etag.starts_with("W/"))
                .map(str::to_owned),
            reader: Box::new(response.into_body().into_reader()),
        })
    }

    fn follow(
        &self,
        request: &Request,
        start: u64,
        etag: Option<&str>,
    ) -> Result<Response<Body>, Error> {
        let redirect_error = |reason| Error::Redirect {
            url: request.url.to_string(),
            reason,
        };
        let mut url = request.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let response = self
                .send(&url, start, etag)
                .map_err(|error| self.no_answer(request, error))?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(response);
            }
            let target = text(response.headers(), header::LOCATION)
                .and_then(|location| url.join(location).ok())
                .ok_or_else(|| redirect_error("the server redirects to no valid address"))?;
            if !may_redirect(&url, &target) {
                return Err(Error::InsecureRedirect {
                    url: request.url.to_string(),
                    target: without_secrets(&target),
                });
            }
            url = target;
        }
        Err(redirect_error("more than 5 redirects"))
    }

    fn send(
        &self,
        url: &Url,
        start: u64,
        etag: Option<&str>,
    ) -> Result<Response<Body>, ureq::Error> {
        let mut get = self.agent.get(url.as_str());
        if start > 0 {
            get = get.header(header::RANGE, format!("bytes={start}-"));
            if let Some(etag) = etag {
                get = get.header(header::IF_RANGE, etag);
            }
        }
        if is_loopback(url) {
            get = get.config().proxy(None).build();
        }
        get.call()
    }

    fn no_answer(&self, request: &Request, error: ureq::Error) -> Error {
        match error {
            ureq::Error::Timeout(Timeout::PerRead | Timeout::RecvResponse) => Error::Stalled {
                url: request.url.to_string(),
                waited: self.stall_timeout,
            },
            error => Error::Unreachable {
                path: request.path.clone(),
                url: request.url.to_string(),
                source: error.into_io(),
            },
        }
    }

    /// What an error while reading the answer means, after `n_bytes` of the file.
    pub(crate) fn broken_off(&self, request: &Request, n_bytes: u64, error: io::Error) -> Error {
        let url = request.url.to_string();
        match ureq::Error::from(error) {
            ureq::Error::Timeout(_) => Error::Stalled {
                url,
                waited: self.stall_timeout,
            },
            error => Error::Interrupted {
                url,
                n_bytes,
                source: error.into_io(),
            },
        }
    }
}

/// First byte and length of the whole from `Content-Range: bytes first-last/length`, where the
/// length may be `*` (RFC 9110, 14.4).
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let range = text(headers, header::CONTENT_RANGE)?.strip_prefix("bytes ")?;
    let (span, length) = range.split_once('/')?;
    let (first, _) = span.split_once('-')?;
    Some((first.trim().parse().ok()?, length.trim().parse().ok()))
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
