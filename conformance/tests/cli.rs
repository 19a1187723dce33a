//! The help and messages of the program, word for word. `TRYCMD=overwrite cargo test --test cli`
//! updates the files.

#[test]
fn the_output_is_as_recorded() {
    trycmd::TestCases::new().case("tests/cli/*.trycmd");
}
