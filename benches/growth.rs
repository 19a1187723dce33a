//! The time to deliver data in different ways, for different sizes.

fn main() {
    let mut criterion = benches::measure::criterion();
    benches::measure::growth(&mut criterion, &benches::stack::built_in());
    criterion.final_summary();
}
