//! What a person sees.

pub mod failure;
pub mod ladder;
pub mod report;
pub mod text;
