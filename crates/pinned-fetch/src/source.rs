use std::time::Duration;

use url::{Host, Url};

use crate::{Error, PinnedFile};

/// Where files are fetched from, and with how much patience.
///
/// | Option | Default | Purpose |
/// |---|---|---|
/// | stall timeout | 30 s | longest wait for the server's next byte |
/// | backoff | 0.5 s | pause before the first retry; doubles with each |
///
/// A slow server is not stalled as long as some byte comes in time.
#[derive(Debug, Clone)]
pub struct Source {
    base: Url,
    stall_timeout: Duration,
    backoff: Duration,
}

impl Source {
    /// The files below `base_url`, with or without a slash at its end.
    ///
    /// # Errors
    ///
    /// [`Error::BaseUrl`] if it is no URL or has a user, a query or a fragment;
    /// [`Error::InsecureBaseUrl`] unless it is HTTPS, or HTTP to the loopback interface.
    pub fn new(base_url: &str) -> Result<Self, Error> {
        let base = Url::parse(base_url).map_err(|error| Error::BaseUrl {
            url: base_url.to_owned(),
            reason: "no valid form",
            source: Some(Box::new(error)),
        })?;
        let url = without_secrets(&base);
        if base.scheme() != "https" && !is_plain_loopback(&base) {
            return Err(Error::InsecureBaseUrl { url });
        }
        // Messages show the URL, and they are no place for a password.
        let reason = if !base.username().is_empty() || base.password().is_some() {
            Some("a user or a password")
        } else if base.query().is_some() || base.fragment().is_some() {
            Some("a query or a fragment")
        } else {
            None
        };
        if let Some(reason) = reason {
            return Err(Error::BaseUrl {
                url,
                reason,
                source: None,
            });
        }
        Ok(Self {
            base,
            stall_timeout: Duration::from_secs(30),
            backoff: Duration::from_millis(500),
        })
    }

    /// Gives up on a connection after this long without a byte.
    pub fn with_stall_timeout(self, stall_timeout: Duration) -> Self {
        Self {
            stall_timeout,
            ..self
        }
    }

    /// Pauses this long before the first retry, twice as long before the second, and so on.
    pub fn with_backoff(self, backoff: Duration) -> Self {
        Self { backoff, ..self }
    }

    pub(crate) fn stall_timeout(&self) -> Duration {
        self.stall_timeout
    }

    /// The pause before a retry, which are counted from 1.
    pub(crate) fn pause(&self, n_retry: u32) -> Duration {
        self.backoff.saturating_mul(1 << (n_retry - 1))
    }

    /// The address of `file`.
    pub(crate) fn url_of(&self, file: &PinnedFile) -> Url {
        let mut url = self.base.clone();
        // Only URLs such as `mailto:` have no path, and `new` refuses them.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(file.path().split('/'));
        }
        url
    }
}

/// Whether a redirect from one address to the other keeps the content from being changed on the
/// way: to HTTPS, or from this machine to itself.
pub(crate) fn may_redirect(from: &Url, to: &Url) -> bool {
    to.scheme() == "https" || is_plain_loopback(from) && is_plain_loopback(to)
}

fn is_plain_loopback(url: &Url) -> bool {
    url.scheme() == "http" && is_loopback(url)
}

/// Whether the address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The address without user, password, query and fragment, any of which may grant access.
pub(crate) fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    // Only an address that has no host cannot take these, and it holds no user either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}
