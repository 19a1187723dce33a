use closure::{Axes, Cut, Expectations, ExpectationsError, Grade, Profile, Requirement};

use crate::Input;

/// The random cuts under which cases are played, and of which expectations speak.
const RANDOM_CUTS: [Cut; 2] = [Cut::Random(1), Cut::Random(2)];

/// What is known of the subject: the same expectations as in a run of the cases.
#[derive(Clone, Debug, Default)]
pub struct Known {
    expectations: Expectations,
    seen: Vec<bool>,
}

impl Known {
    /// Reads a file of expectations.
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

    /// Whether this is known. What is known is taken note of.
    pub(crate) fn recognise(
        &mut self,
        requirement: &Requirement,
        code: &str,
        input: &Input,
        last_words: Option<&str>,
    ) -> bool {
        // A script may choose by itself.
        let profile = input.script.settings.profile(Profile::default());
        let find = |axes: &Axes| {
            self.expectations
                .find_in_any_case(requirement.id, code, axes, profile, last_words)
        };
        let found = find(&input.axes).or_else(|| match input.axes.cut {
            // Of a script that nobody wrote it says nothing which of the random cuts it was.
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

    /// Forgets the entries about a requirement, or about one code of it: what the fuzzers are to
    /// find anew.
    pub fn forget(&mut self, requirement: &str, code: Option<&str>) {
        let deviations = &mut self.expectations.deviations;
        deviations.retain(|entry| {
            entry.requirement != requirement || code.is_some_and(|code| entry.code != code)
        });
        self.seen = vec![false; deviations.len()];
    }

    /// Forgets everything.
    pub fn forget_all(&mut self) {
        *self = Self::default();
    }

    /// The requirements and codes that are known, and whether they have been seen since.
    pub fn seen(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        let entries = self.expectations.deviations.iter();
        entries
            .zip(&self.seen)
            .map(|(entry, seen)| (entry.requirement.as_str(), entry.code.as_str(), *seen))
    }
}

/// Whether this code can be a problem at all.
pub(crate) fn deviates(requirement: &Requirement, code: &str) -> bool {
    requirement
        .code(code)
        .is_some_and(|code| code.grade == Grade::Deviates)
}
