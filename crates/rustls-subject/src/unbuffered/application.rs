use protocol::{Observation, Sink};

/// The reading application. It takes what its budget allows, and the rest later.
#[derive(Default)]
pub(super) struct Application {
    held: Vec<u8>,
    /// How many bytes it still takes in this command.
    budget: Option<usize>,
}

impl Application {
    /// Sets the budget, and returns what was left of the previous one.
    pub(super) fn set_budget(&mut self, budget: Option<usize>) -> Option<usize> {
        std::mem::replace(&mut self.budget, budget)
    }

    /// Whether plaintext waits for the application. Then the implementation is not called for more.
    pub(super) fn is_full(&self) -> bool {
        !self.held.is_empty()
    }

    /// Delivers `payload` within the budget, and holds the rest.
    pub(super) fn deliver(&mut self, payload: &[u8], sink: &mut dyn Sink) {
        if self.is_full() {
            self.hold(payload);
            return;
        }
        let (now, later) = payload.split_at(self.spend(payload.len()));
        observe(now, sink);
        self.hold(later);
    }

    /// Holds `payload` until [`Self::drain`].
    pub(super) fn hold(&mut self, payload: &[u8]) {
        self.held.extend_from_slice(payload);
    }

    /// Delivers what is held, within the budget.
    pub(super) fn drain(&mut self, sink: &mut dyn Sink) {
        let now = self.spend(self.held.len());
        observe(&self.held[..now], sink);
        self.held.drain(..now);
    }

    fn spend(&mut self, wanted: usize) -> usize {
        let now = self.budget.map_or(wanted, |budget| budget.min(wanted));
        self.budget = self.budget.map(|budget| budget - now);
        now
    }
}

fn observe(bytes: &[u8], sink: &mut dyn Sink) {
    if !bytes.is_empty() {
        sink.observe(Observation::Data {
            bytes: bytes.into(),
        });
    }
}
