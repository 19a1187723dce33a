//! The cost of records, closes and whole connections, compared with the same cryptography called
//! directly.

fn main() {
    let lineup = benches::stack::built_in();
    let mut criterion = benches::measure::criterion();
    benches::measure::application_data(&mut criterion, &lineup);
    benches::measure::closing(&mut criterion, &lineup);
    benches::measure::whole_connections(&mut criterion, &lineup);
    criterion.final_summary();
}
