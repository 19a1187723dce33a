//! Costs against sizes: is any path worse than linear?

use crate::pair::Pair;
use crate::suite::{MEGABYTE, RECORD};

/// A way to deliver data, and the sizes at which it is measured.
pub struct Curve {
    /// As ids name it.
    pub name: &'static str,
    /// The smallest size that means something, in bytes of content.
    from: usize,
    /// The largest that is timed.
    to: usize,
    /// The largest of which instructions are counted.
    counted_to: usize,
    delivery: Delivery,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Delivery {
    /// Full records, all at once.
    Whole,
    /// Full records, one by one.
    Records,
    /// Full records, in pieces of that many bytes.
    Pieces(usize),
    /// Records of that many bytes of content, all at once.
    SmallRecords(usize),
    /// One record, of which all but the last byte is presented again and again.
    HalfReceived,
}

/// How often a half-received record is presented.
const PRESENTATIONS: usize = 256;

/// The steepest that cost may grow with size, as an exponent: linear, and some tolerance.
pub const STEEPEST: f64 = 1.1;

/// All of them.
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

/// Something that is ready to be delivered to the server.
pub struct Ready {
    wire: Vec<u8>,
    cuts: Vec<usize>,
    presentations: usize,
    content: usize,
}

impl Curve {
    /// The sizes to time: each is four times the one before.
    pub fn timed(&self) -> impl Iterator<Item = usize> {
        fourfold(self.from, self.to)
    }

    /// The sizes to count at.
    pub fn counted(&self) -> impl Iterator<Item = usize> {
        fourfold(self.from, self.counted_to)
    }

    /// Lets the client write `size` bytes, and gets their delivery ready.
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

/// All that is counted: each curve at each of its sizes, always in the same order.
pub fn points() -> impl Iterator<Item = (&'static Curve, usize)> {
    let points = |curve: &'static Curve| curve.counted().map(move |size| (curve, size));
    CURVES.iter().flat_map(points)
}

fn fourfold(from: usize, to: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(from), |size| Some(size * 4)).take_while(move |size| *size <= to)
}

impl Ready {
    /// Delivers it, once: it is decrypted where it lies.
    ///
    /// # Panics
    ///
    /// If any of it is lost.
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

/// With which power of the size the cost grows: the slope of the best line through the points
/// `(size, cost)` where both axes are logarithmic. None for fewer than two sizes.
pub fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<_> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let mean =
        |pick: fn(&(f64, f64)) -> f64| logs.iter().map(pick).sum::<f64>() / logs.len() as f64;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let spread: f64 = logs.iter().map(|p| (p.0 - x).powi(2)).sum();
    let common: f64 = logs.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    (spread > 0.0).then(|| common / spread)
}

/// The exponent between the two neighbours where it is greatest: what is fixed hides growth at
/// small sizes only.
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
    fn the_exponent_of_a_power_is_that_power() {
        for power in [0, 1, 2] {
            let exponent = exponent(&points(|x| 3.0 * x.powi(power))).unwrap_or(f64::NAN);
            assert!((exponent - f64::from(power)).abs() < 1e-9, "{exponent}");
        }
        assert_eq!(exponent(&[(64.0, 1.0)]), None);
    }

    #[test]
    fn a_quadratic_part_shows_at_the_large_end_although_the_small_end_hides_it() {
        let points = points(|x| 100.0 * x + x * x);
        assert!(exponent(&points) < Some(1.7));
        assert!(steepest(&points) > Some(1.7));
        assert!(steepest(&points) > Some(STEEPEST));
    }
}
