//! Stories of the whole house, as those who use it see them: tests only, in `tests/it/`.
//!
//! What drives the browser is in `browser/`: `run.mjs` plays a scenario, `kit.mjs` says what a scenario is given. A new
//! scenario is a file beside them, and a test in `tests/it/`.
