//! Files pinned by their git blob id, brought from a server into a cache folder.
//!
//! A [`PinnedFile`] says what a file must be: its path, its [`BlobId`] as `git ls-tree` prints it,
//! and its [`Size`]. [`fetch`] brings files from a [`Source`], a base URL, into a [`Cache`], a
//! folder. Sizes and offsets are in bytes.
//!
//! **No byte is at a file's place before all of them are verified.** A download is written to a
//! file of its own beside that place, hashed there, and renamed. Two processes at once, a process
//! killed at any moment, a full disk or a server that sends something else can make a fetch fail
//! or start anew; they cannot make it put a wrong file in the cache.
//!
//! The connection is HTTPS, through the proxy that the environment names; plain HTTP is accepted
//! only within this machine, for tests. Redirects are followed under the same rule.
//!
//! The crate does not unpack, list or log in, and does not delete what is no longer pinned. A blob
//! id is a SHA-1: nobody can make another file to a given one, but who *publishes* a file could
//! have prepared two of the same id. Pin what you trust.
//!
//! ```no_run
//! use pinned_fetch::{Cache, PinnedFile, Progress, Size, Source, fetch, user_cache_folder};
//!
//! let file = PinnedFile::new(
//!     "images/gt.csv",
//!     "ce013625030ba8dba906f756967f9e9ca394464a".parse()?,
//!     Size::Exactly(6),
//! )?;
//! let source = Source::new("https://example.org/data/v1")?;
//! let cache = Cache::new(user_cache_folder("my-program", "MY_PROGRAM_CACHE")?);
//! fetch(&[file.clone()], &source, &cache, &mut |event| {
//!     if let Progress::Advanced { file, bytes } = event {
//!         eprintln!("{}: {bytes} bytes", file.path());
//!     }
//! })?;
//! println!("{}", std::fs::read_to_string(cache.path(&file))?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod blob_id;
mod cache;
mod download;
mod error;
mod fetch;
mod lock;
mod partial;
mod pinned_file;
mod progress;
mod read_blob_id;
mod request;
mod source;

pub use blob_id::BlobId;
pub use cache::{Cache, user_cache_folder};
pub use error::Error;
pub use fetch::{Summary, fetch};
pub use pinned_file::{PinnedFile, Size};
pub use progress::Progress;
pub use source::Source;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
