//! Reads the values of RFC 8448 in `tests/data`.

use peer::protect::Opened;
use wire::{ContentType, RecordHeader};

/// The steps of one trace, in order.
pub struct Trace(Vec<Step>);

struct Step {
    title: String,
    values: Vec<(String, Vec<u8>)>,
}

impl Trace {
    pub fn parse(text: &str) -> Self {
        let mut steps = Vec::new();
        for line in text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            if let Some(title) = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
            {
                steps.push(Step {
                    title: title.to_owned(),
                    values: Vec::new(),
                });
            } else {
                let (name, value) = line.split_once('=').expect("name = value");
                let value = const_hex::decode(value.trim()).expect("hexadecimal");
                let step = steps.last_mut().expect("a title comes first");
                step.values.push((name.trim().to_owned(), value));
            }
        }
        Self(steps)
    }

    /// Returns the value `name` of the only step with this title.
    pub fn get(&self, title: &str, name: &str) -> &[u8] {
        let all = self.all(title, name);
        assert_eq!(all.len(), 1, "{title} / {name}");
        all[0]
    }

    /// Returns the values `name` of the steps with this title, in order.
    pub fn all(&self, title: &str, name: &str) -> Vec<&[u8]> {
        self.0
            .iter()
            .filter(|step| step.title == title)
            .flat_map(|step| &step.values)
            .filter(|(found, _)| found == name)
            .map(|(_, value)| value.as_slice())
            .collect()
    }

    /// Returns `(payload, complete record)` of the records sent in steps with this title, in order.
    pub fn records(&self, title: &str) -> Vec<(&[u8], &[u8])> {
        self.all(title, "payload")
            .into_iter()
            .zip(self.all(title, "complete record"))
            .collect()
    }
}

/// Returns the header and a copy of the body of a record. `bytes` contains nothing else.
pub fn split(bytes: &[u8]) -> (RecordHeader, Vec<u8>) {
    let (record, rest) = wire::split_record(bytes).expect("a complete record");
    assert!(rest.is_empty());
    (record.header, record.body.to_vec())
}

/// Returns the type and the content of an opened record.
pub fn content<'a>(opened: &Opened, body: &'a [u8]) -> (ContentType, &'a [u8]) {
    (opened.content_type, &body[opened.content.clone()])
}
