//! One file, from the server to its place in the cache.

use std::io;
use std::thread;

use crate::partial::Partial;
use crate::request::{Answer, Client, Request};
use crate::{Cache, Error, PinnedFile, Progress, Source};

/// Retries of one file after something that may pass.
const MAX_RETRIES: u32 = 3;

/// What all downloads of one fetch share.
pub(crate) struct Downloads<'a> {
    pub(crate) cache: &'a Cache,
    pub(crate) source: &'a Source,
    pub(crate) client: Client,
    /// Whether no other process changes the cache, so that partial files may be kept and taken
    /// over.
    pub(crate) is_locked: bool,
}

impl Downloads<'_> {
    /// Brings `file` into the cache.
    pub(crate) fn bring(
        &self,
        file: &PinnedFile,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), Error> {
        let path = self.cache.path(file);
        let mut partial = Partial::create(path.clone(), file.blob_id())?;
        if self.is_locked {
            partial.take_over(file.size().limit())?;
        }
        let request = Request {
            url: self.source.url_of(file),
            path,
        };
        match self.complete(file, &request, &mut partial, progress) {
            Ok(()) => self.persist(file, partial),
            Err(error) => {
                // After a write error, room on the disk is worth more than the bytes.
                let is_worth_keeping =
                    !error.condemns_content() && !matches!(error, Error::Write { .. });
                if self.is_locked && is_worth_keeping {
                    partial.keep();
                }
                Err(error)
            }
        }
    }

    /// Receives until the content is the one pinned.
    fn complete(
        &self,
        file: &PinnedFile,
        request: &Request,
        partial: &mut Partial,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), Error> {
        // All of it is here if a process was killed between the last byte and the rename.
        if partial.n_bytes() > 0 && partial.found_blob_id()? == file.blob_id() {
            return Ok(());
        }
        let mut etag = None;
        let mut n_retry = 0;
        loop {
            let received = self
                .receive(file, request, partial, &mut etag, progress)
                .and_then(|()| verify(file, request, partial));
            let Err(error) = received else {
                return Ok(());
            };
            if error.condemns_content() && partial.is_pieced() {
                // This happens at most once for each time the pieces came about, that is for each
                // retry and for what an earlier process left.
                partial.restart()?;
                etag = None;
            } else if error.is_passing() && n_retry < MAX_RETRIES {
                n_retry += 1;
                progress(Progress::Retrying {
                    file,
                    n_retry,
                    cause: &error,
                });
                thread::sleep(self.source.pause(n_retry));
            } else {
                return Err(error);
            }
        }
    }

    /// Receives the rest of the file in one answer of the server.
    fn receive(
        &self,
        file: &PinnedFile,
        request: &Request,
        partial: &mut Partial,
        etag: &mut Option<String>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), Error> {
        let mut answer = self
            .client
            .open(request, partial.n_bytes(), etag.as_deref())?;
        if answer.start == 0 {
            partial.restart()?;
        } else {
            partial.continue_with_another();
        }
        *etag = answer.strong_etag.take();
        progress(Progress::Started {
            file,
            total_bytes: file.size().exact().or(answer.total_bytes),
            resumed_at: answer.start,
        });

        let mut buffer = vec![0; 1 << 16];
        loop {
            match answer.reader.read(&mut buffer) {
                Ok(0) => return self.check_end(file, request, partial, &answer),
                Ok(n) => append(file, request, partial, &buffer[..n])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let n_bytes = partial.n_bytes();
                    return Err(self.client.broken_off(request, n_bytes, error));
                }
            }
            progress(Progress::Advanced {
                file,
                bytes: partial.n_bytes(),
            });
        }
    }

    /// Tells the end of the file from a connection closed too early.
    fn check_end(
        &self,
        file: &PinnedFile,
        request: &Request,
        partial: &Partial,
        answer: &Answer,
    ) -> Result<(), Error> {
        let total_bytes = match answer.total_bytes {
            None if !answer.is_delimited => file.size().exact(),
            total_bytes => total_bytes,
        };
        match total_bytes {
            Some(total_bytes) if partial.n_bytes() < total_bytes => {
                let error = io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    format!("the server closed the connection before byte {total_bytes}"),
                );
                Err(self.client.broken_off(request, partial.n_bytes(), error))
            }
            _ => Ok(()),
        }
    }

    fn persist(&self, file: &PinnedFile, partial: Partial) -> Result<(), Error> {
        partial.persist().or_else(|error| {
            // Where locks do not work, another process may have been faster and have tidied up.
            match self.cache.find(file) {
                Ok(Some(_)) => Ok(()),
                _ => Err(error),
            }
        })
    }
}

fn append(
    file: &PinnedFile,
    request: &Request,
    partial: &mut Partial,
    bytes: &[u8],
) -> Result<(), Error> {
    let limit = file.size().limit();
    let room = limit - partial.n_bytes();
    if bytes.len() as u64 <= room {
        return partial.append(bytes);
    }
    partial.append(&bytes[..room as usize])?;
    Err(Error::TooLarge {
        url: request.url.to_string(),
        limit,
        hint: partial.hint()?,
    })
}

fn verify(file: &PinnedFile, request: &Request, partial: &mut Partial) -> Result<(), Error> {
    let found = partial.found_blob_id()?;
    if found == file.blob_id() {
        return Ok(());
    }
    Err(Error::Mismatch {
        url: request.url.to_string(),
        n_bytes: partial.n_bytes(),
        expected: file.blob_id(),
        found,
        hint: partial.hint()?,
    })
}
