//! The same work as in the benches of rustls 0.23, next to them.

fn main() {
    let lineup = next::lineup();
    let mut criterion = benches::measure::criterion();
    benches::measure::application_data(&mut criterion, &lineup);
    benches::measure::closing(&mut criterion, &lineup);
    benches::measure::whole_connections(&mut criterion, &lineup);
    criterion.final_summary();
}
