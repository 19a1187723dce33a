//! What it costs to deliver data in one way or another, against how much it is.

fn main() {
    let mut criterion = benches::measure::criterion();
    benches::measure::growth(&mut criterion, &benches::stack::built_in());
    criterion.final_summary();
}
