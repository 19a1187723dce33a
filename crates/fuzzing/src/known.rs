use closure::{Axes, Cut, Expectations, ExpectationsError, Grade, Profile, Requirement};

use crate::Input;

/// The random cuts that cases use, and that expectations name.
const RANDOM_CUTS: [Cut; 2] = [Cut::Random(1), Cut::Random(2)];

/// The known deviations of the subject. They are the same expectations as for a run of the cases.
#[derive(Clone, Debug, Default)]
pub struct Known {
    expectations: Expectations,
    seen: Vec<bool>,
}

impl Known {
    /// Parses an expectations file.
    ///
    /// # Errors
    ///
    /// As for [`Expectations::parse`].
    pub fn parse(text: &str, version: &str) -> Result<Self, ExpectationsError> {
        let expectations = Expectations::parse(text, version)?;
        Ok(Self {
            seen: vec![false; expectations.deviations.len()],
            expectations,
        })
    }

    /// Whether this deviation is known. If it is, it is marked as seen.
    pub(crate) fn recognise(
        &mut self,
        requirement: &Requirement,
        code: &str,
        input: &Input,
        last_words: Option<&str>,
    ) -> bool {
        // A script may choose its own profile.
        let profile = input.script.settings.profile(Profile::default());
        let find = |axes: &Axes| {
            self.expectations
                .find_in_any_case(requirement.id, code, axes, profile, last_words)
        };
        let found = find(&input.axes).or_else(|| match input.axes.cut {
            // For a generated script it does not matter which of the random cuts it was.
            Cut::Random(_) => RANDOM_CUTS.iter().find_map(|cut| {
                let cut = *cut;
                let axes = input.axes.clone();
                find(&Axes { cut, ..axes })
            }),
            _ => None,
        });
        if let Some(place) = found {
            self.seen[place] = true;
        }
        found.is_some()
    }

    /// Removes the entries for a requirement, or for one of its codes, so that the fuzzers report
    /// them.
    pub fn forget(&mut self, requirement: &str, code: Option<&str>) {
        let deviations = &mut self.expectations.deviations;
        deviations.retain(|entry| {
            entry.requirement != requirement || code.is_some_and(|code| entry.code != code)
        });
        self.seen = vec![false; deviations.len()];
    }

    /// Removes all entries.
    pub fn forget_all(&mut self) {
        *self = Self::default();
    }

    /// The known requirements and codes, and whether each has been seen since.
    pub fn seen(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        let entries = self.expectations.deviations.iter();
        entries
            .zip(&self.seen)
            .map(|(entry, seen)| (entry.requirement.as_str(), entry.code.as_str(), *seen))
    }
}

/// Whether this code is a deviation.
pub(crate) fn deviates(requirement: &Requirement, code: &str) -> bool {
    requirement
        .code(code)
        .is_some_and(|code| code.grade == Grade::Deviates)
}
