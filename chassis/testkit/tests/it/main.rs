//! The testkit itself: a test that cannot fail is no test.

mod given;
