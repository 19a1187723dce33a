//! What records, closes and whole connections cost, next to the same cryptography called directly.

fn main() {
    let lineup = benches::stack::built_in();
    let mut criterion = benches::measure::criterion();
    benches::measure::application_data(&mut criterion, &lineup);
    benches::measure::closing(&mut criterion, &lineup);
    benches::measure::whole_connections(&mut criterion, &lineup);
    criterion.final_summary();
}
