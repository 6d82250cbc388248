//! Explanations of random games.

mod backgrounds;
mod bound;
mod game;
mod refine;
