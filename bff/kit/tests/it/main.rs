//! What the shared design promises: colours that can be told apart, files that are small.

mod contrast;
mod sizes;
