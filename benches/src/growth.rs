//! Cost by size: checks that no path is worse than linear.

use crate::pair::Pair;
use crate::suite::{MEGABYTE, RECORD};

/// A way to deliver data, and the sizes to measure.
pub struct Curve {
    /// The name in ids.
    pub name: &'static str,
    /// The smallest meaningful size, in bytes of content.
    from: usize,
    /// The largest size that is timed.
    to: usize,
    /// The largest size at which instructions are counted.
    counted_to: usize,
    delivery: Delivery,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Delivery {
    /// Full records, all at once.
    Whole,
    /// Full records, one by one.
    Records,
    /// Full records, in pieces of this many bytes.
    Pieces(usize),
    /// Records with this many bytes of content, all at once.
    SmallRecords(usize),
    /// One record, presented repeatedly without its last byte.
    HalfReceived,
}

/// How often a partly received record is presented.
const PRESENTATIONS: usize = 256;

/// The largest exponent with which cost may grow with size: linear, with some tolerance.
pub const STEEPEST: f64 = 1.1;

/// All curves.
pub static CURVES: [Curve; 6] = [
    Curve {
        name: "delivery_whole",
        from: RECORD,
        to: MEGABYTE,
        counted_to: 16 * RECORD,
        delivery: Delivery::Whole,
    },
    Curve {
        name: "delivery_by_record",
        from: RECORD,
        to: MEGABYTE,
        counted_to: 16 * RECORD,
        delivery: Delivery::Records,
    },
    Curve {
        name: "delivery_by_1460_bytes",
        from: RECORD,
        to: MEGABYTE,
        counted_to: 16 * RECORD,
        delivery: Delivery::Pieces(1460),
    },
    Curve {
        name: "delivery_bytewise",
        from: 1 << 10,
        to: MEGABYTE,
        counted_to: RECORD,
        delivery: Delivery::Pieces(1),
    },
    Curve {
        name: "small_records_in_one_buffer",
        from: 1 << 10,
        to: MEGABYTE,
        counted_to: 4 * RECORD,
        delivery: Delivery::SmallRecords(64),
    },
    Curve {
        name: "half_received_record_again",
        from: 1 << 8,
        to: RECORD,
        counted_to: RECORD,
        delivery: Delivery::HalfReceived,
    },
];

/// Records that are ready to be delivered to the server.
pub struct Ready {
    wire: Vec<u8>,
    cuts: Vec<usize>,
    presentations: usize,
    content: usize,
}

impl Curve {
    /// The sizes to time. Each is four times the previous one.
    pub fn timed(&self) -> impl Iterator<Item = usize> {
        fourfold(self.from, self.to)
    }

    /// The sizes to count at.
    pub fn counted(&self) -> impl Iterator<Item = usize> {
        fourfold(self.from, self.counted_to)
    }

    /// Has the client write `size` bytes, and prepares their delivery.
    pub fn ready(&self, pair: &mut Pair, size: usize) -> Ready {
        let each = match self.delivery {
            Delivery::SmallRecords(each) => each,
            _ => size.min(RECORD),
        };
        let content = vec![0x5a; each];
        let mut ends = Vec::new();
        for _ in 0..size / each {
            pair.client.write(&content);
            ends.push(pair.client.sent.len());
        }
        let wire = pair.client.sent.take();
        let last = wire.len() - 1;
        Ready {
            cuts: match self.delivery {
                Delivery::Whole | Delivery::SmallRecords(_) => vec![],
                Delivery::Records => ends[..ends.len() - 1].to_vec(),
                Delivery::Pieces(piece) => (piece..=last).step_by(piece).collect(),
                Delivery::HalfReceived => vec![],
            },
            presentations: match self.delivery {
                Delivery::HalfReceived => PRESENTATIONS,
                _ => 0,
            },
            content: size,
            wire,
        }
    }
}

/// All points to count: each curve at each of its sizes, always in the same order.
pub fn points() -> impl Iterator<Item = (&'static Curve, usize)> {
    let points = |curve: &'static Curve| curve.counted().map(move |size| (curve, size));
    CURVES.iter().flat_map(points)
}

fn fourfold(from: usize, to: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(from), |size| Some(size * 4)).take_while(move |size| *size <= to)
}

impl Ready {
    /// Delivers the records. It works only once, because they are decrypted in place.
    ///
    /// # Panics
    ///
    /// If data is lost.
    pub fn run(&mut self, pair: &mut Pair) {
        let Self {
            wire,
            cuts,
            presentations,
            content,
        } = self;
        let server = &mut pair.server;
        let before = server.seen.data;
        let mut read = 0;
        if *presentations > 0 {
            let most = wire.len() - 1;
            for _ in 0..=*presentations {
                read += server.read(&mut wire[read..most]);
            }
        }
        for end in cuts.iter().copied().chain([wire.len()]) {
            read += server.read(&mut wire[read..end]);
        }
        assert_eq!(server.seen.data - before, *content, "data was lost");
    }
}

/// The power of the size with which the cost grows: the slope of the best line through the points
/// `(size, cost)` on logarithmic axes. `None` for fewer than two sizes.
pub fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<_> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let mean =
        |pick: fn(&(f64, f64)) -> f64| logs.iter().map(pick).sum::<f64>() / logs.len() as f64;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let spread: f64 = logs.iter().map(|p| (p.0 - x).powi(2)).sum();
    let common: f64 = logs.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    (spread > 0.0).then(|| common / spread)
}

/// The largest exponent between two neighbouring sizes. A fixed cost hides growth only at small
/// sizes.
pub fn steepest(points: &[(f64, f64)]) -> Option<f64> {
    points
        .windows(2)
        .filter_map(exponent)
        .max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(cost: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        [64.0, 256.0, 1024.0].map(|x| (x, cost(x))).to_vec()
    }

    #[test]
    fn exponent_finds_the_power() {
        for power in [0, 1, 2] {
            let exponent = exponent(&points(|x| 3.0 * x.powi(power))).unwrap_or(f64::NAN);
            assert!((exponent - f64::from(power)).abs() < 1e-9, "{exponent}");
        }
        assert_eq!(exponent(&[(64.0, 1.0)]), None);
    }

    #[test]
    fn quadratic_growth_shows_at_large_sizes_even_if_small_sizes_hide_it() {
        let points = points(|x| 100.0 * x + x * x);
        assert!(exponent(&points) < Some(1.7));
        assert!(steepest(&points) > Some(1.7));
        assert!(steepest(&points) > Some(STEEPEST));
    }
}
