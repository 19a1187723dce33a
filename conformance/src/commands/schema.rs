//! `lastword schema`.

use crate::cli::{SchemaArgs, SchemaOf};
use crate::exit::{Exit, Failure};

use super::print;

/// The JSON Schema, as text: the committed file, which a test compares with the types.
pub fn schema_of(of: SchemaOf) -> &'static str {
    match of {
        SchemaOf::Protocol => include_str!("../../../docs/schema/protocol.json"),
        SchemaOf::Results => include_str!("../../../docs/schema/results.json"),
    }
}

pub(super) fn schema(args: &SchemaArgs) -> Result<Exit, Failure> {
    print(schema_of(args.of)).map(|()| Exit::Ok)
}
