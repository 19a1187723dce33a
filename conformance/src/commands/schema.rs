//! `lastword schema`.

use schemars::{Schema, SchemaGenerator, schema_for};

use crate::cli::{SchemaArgs, SchemaOf};
use crate::exit::{Exit, Failure};
use crate::results::Results;

use super::print;

/// The JSON Schema, as text.
///
/// # Errors
///
/// If it cannot be written as JSON, which would be a bug in this program.
pub fn schema_of(of: SchemaOf) -> Result<String, Failure> {
    let schema = match of {
        SchemaOf::Protocol => protocol_schema(),
        SchemaOf::Results => schema_for!(Results),
    };
    serde_json::to_string_pretty(&schema)
        .map(|json| json + "\n")
        .map_err(|error| Failure::new(Exit::Internal, error.to_string()))
}

/// One schema for both directions of the shim protocol. A line is a request or a reply.
fn protocol_schema() -> Schema {
    let mut generator = SchemaGenerator::default();
    let request = generator.subschema_for::<protocol::Request<'static>>();
    let reply = generator.subschema_for::<protocol::Reply<'static>>();
    let definitions = generator.take_definitions(true);
    schemars::json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lastword shim protocol",
        "description": "One line of the protocol: a request from the runner or a reply of the shim.",
        "anyOf": [request, reply],
        "$defs": definitions,
    })
}

pub(super) fn schema(args: &SchemaArgs) -> Result<Exit, Failure> {
    print(&schema_of(args.of)?).map(|()| Exit::Ok)
}
