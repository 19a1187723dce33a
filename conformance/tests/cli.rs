//! What the program prints, word for word. `TRYCMD=overwrite cargo test --test cli` writes it anew.

#[test]
fn the_program_prints_what_is_written_down() {
    trycmd::TestCases::new().case("tests/cli/*.trycmd");
}
