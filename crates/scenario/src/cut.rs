use closure::Cut;

/// The number of bytes at either end of a record that are delivered one by one. The bytes between
/// are one piece: no implementation inspects the middle of a record, and a transfer would take
/// thousands of calls.
const EDGE: usize = 64;

/// Fills `cuts` with the offsets at which `length` bytes are cut into pieces. Records end at
/// `ends`. The offsets are in ascending order, between 1 and `length - 1`.
pub(crate) fn cuts(cut: Cut, seed: u64, length: usize, ends: &[usize], cuts: &mut Vec<usize>) {
    cuts.clear();
    let inner = |at: &usize| *at > 0 && *at < length;
    match cut {
        Cut::Whole => {}
        Cut::PerRecord => cuts.extend(ends.iter().copied().filter(inner)),
        Cut::Bytewise => {
            let mut start = 0;
            for end in ends.iter().copied().chain([length]) {
                let (head, tail) = match end.saturating_sub(start) > 2 * EDGE {
                    true => (start + EDGE, end - EDGE),
                    false => (end, end),
                };
                cuts.extend((start + 1..=head).chain(tail..=end));
                start = end;
            }
            cuts.retain(inner);
            cuts.dedup();
        }
        Cut::Random(n) => {
            // Choose fractions of a record rather than byte offsets. The length of a handshake
            // varies from run to run, as that of ECDSA signatures does, but equal seeds must give
            // equal pieces.
            let mut state = mix(seed ^ (u64::from(n) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let mut start = 0;
            for end in ends.iter().copied().chain([length]) {
                if end <= start {
                    continue;
                }
                state = mix(state);
                let pieces = state % 4;
                for _ in 0..pieces {
                    state = mix(state);
                    let sixteenths = (state >> 32) as usize % 17;
                    cuts.push(start + (end - start) * sixteenths / 16);
                }
                start = end;
            }
            cuts.retain(inner);
            cuts.sort_unstable();
            cuts.dedup();
        }
    }
}

/// A step of splitmix64.
fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cut: Cut, length: usize, ends: &[usize]) -> Vec<usize> {
        let mut out = Vec::new();
        cuts(cut, 7, length, ends, &mut out);
        out
    }

    #[test]
    fn whole_is_one_piece() {
        assert!(of(Cut::Whole, 10, &[4, 10]).is_empty());
    }

    #[test]
    fn per_record_cuts_between_records_only() {
        assert_eq!(of(Cut::PerRecord, 12, &[4, 10, 12]), [4, 10]);
    }

    #[test]
    fn bytewise_cuts_everywhere_inside() {
        assert_eq!(of(Cut::Bytewise, 4, &[4]), [1, 2, 3]);
    }

    #[test]
    fn bytewise_leaves_the_middle_of_a_long_record_whole() {
        let cuts = of(Cut::Bytewise, 1010, &[1000, 1010]);
        assert!(cuts.is_sorted());
        assert_eq!(cuts.len(), 64 + 1 + 64 + 9);
        assert_eq!(cuts[63..66], [64, 936, 937]);
        assert_eq!(
            cuts[cuts.len() - 10..],
            [1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009]
        );
    }

    #[test]
    fn random_cuts_depend_on_the_number_and_stay_inside() {
        let one = of(Cut::Random(1), 400, &[100, 200, 300, 400]);
        let two = of(Cut::Random(2), 400, &[100, 200, 300, 400]);
        assert_ne!(one, two);
        assert!(one.iter().chain(&two).all(|at| (1..400).contains(at)));
        assert!(one.is_sorted());
    }
}
