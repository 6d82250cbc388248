//! Fetching from a server on this machine that can misbehave in every way there is a name for.

mod answers;
mod cached;
mod folders;
mod interruptions;
mod processes;
mod setting;
