//! hotels: one sentence a rule.

mod rules;
