//! Requirements that are special to TLS 1.2.

mod closing;
mod records;
mod renegotiation;
mod warnings;

use crate::Requirement;

pub(super) static ALL: &[&[Requirement]] = &[
    closing::ALL,
    warnings::ALL,
    renegotiation::ALL,
    records::ALL,
];
