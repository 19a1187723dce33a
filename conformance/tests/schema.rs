//! The schemas under `docs/schema` describe the types of the program.
//!
//! Run with `LASTWORD_BLESS=1` to write them.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

use std::path::Path;

use lastword::results::Results;
use schemars::{Schema, SchemaGenerator, schema_for};

/// One schema for both directions of the shim protocol: a line is a request or a reply.
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

#[test]
fn the_committed_schemas_are_up_to_date() {
    for (name, schema) in [
        ("protocol", protocol_schema()),
        ("results", schema_for!(Results)),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../docs/schema")
            .join(format!("{name}.json"));
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("LASTWORD_BLESS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "docs/schema/{name}.json is out of date; run with LASTWORD_BLESS=1 to write it"
        );
    }
}
