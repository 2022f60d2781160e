//! `posthouse`: everything the program can do.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// No future comes in here: it would be compiled a second time with all it holds.
fn main() -> ExitCode {
    posthouse::start::main()
}
