//! The schemas under `docs/schema` are those of the program.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

use std::path::Path;

use lastword::cli::SchemaOf;
use lastword::commands::schema_of;

#[test]
fn the_committed_schemas_are_up_to_date() {
    for (of, name) in [
        (SchemaOf::Protocol, "protocol"),
        (SchemaOf::Results, "results"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../docs/schema")
            .join(format!("{name}.json"));
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == schema_of(of).unwrap(),
            "docs/schema/{name}.json is out of date; to update it:\n  cargo run -- schema \
             {name} > docs/schema/{name}.json"
        );
    }
}
