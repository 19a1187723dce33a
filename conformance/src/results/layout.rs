//! The layout of the JSON of results: one line for each item of each list.
//!
//! With tens of thousands of instances, one line for each value would double the size. One line for
//! each instance lets `git diff` show which instance changed.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

/// The depth to which lines are broken: the object, and the lists and objects in it.
const BROKEN: usize = 2;

/// The text, with a newline at its end.
///
/// # Errors
///
/// If it cannot be written as JSON.
pub(super) fn to_string(value: &impl Serialize) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(
        &mut bytes,
        Lines::default(),
    ))?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

/// Breaks lines down to a depth of [`BROKEN`], and adds no space below it.
#[derive(Default)]
struct Lines {
    /// The depth of the current value.
    depth: usize,
    /// Whether the list or object that ends next is not empty.
    filled: bool,
}

impl Lines {
    fn begin<W: Write + ?Sized>(&mut self, to: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        to.write_all(bracket)
    }

    fn item<W: Write + ?Sized>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        if !first {
            to.write_all(b",")?;
        }
        self.line(to)
    }

    fn line<W: Write + ?Sized>(&self, to: &mut W) -> io::Result<()> {
        if self.depth > BROKEN {
            return Ok(());
        }
        to.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| to.write_all(b" "))
    }

    fn end<W: Write + ?Sized>(&mut self, to: &mut W, bracket: &[u8]) -> io::Result<()> {
        let broken = self.filled && self.depth <= BROKEN;
        self.depth -= 1;
        self.filled = true;
        if broken {
            self.line(to)?;
        }
        to.write_all(bracket)
    }
}

impl Formatter for Lines {
    fn begin_array<W: Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.begin(to, b"[")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.item(to, first)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn end_array<W: Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.end(to, b"]")
    }

    fn begin_object<W: Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.begin(to, b"{")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.item(to, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        CompactFormatter.begin_object_value(to)
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn end_object<W: Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.end(to, b"}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn each_item_of_a_list_is_one_line() {
        let text = super::to_string(&json!({
            "empty": [], "none": {}, "number": 1,
            "list": [{"a": [1, 2]}, {"b": {}}],
            "map": {"x": [], "y": [[1], 2]},
        }));
        let expected = "{\n \"empty\":[],\n \"list\":[\n  {\"a\":[1,2]},\n  {\"b\":{}}\n ],\n \
            \"map\":{\n  \"x\":[],\n  \"y\":[[1],2]\n },\n \"none\":{},\n \"number\":1\n}\n";
        assert!(text.is_ok_and(|text| text == expected));
    }
}
