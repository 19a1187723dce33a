//! Hash and HMAC.

use rustls::crypto::hash::{self, HashAlgorithm, Output};
use rustls::crypto::hmac::{self, Tag};
use toycrypto::{Hasher, HASH_LEN};

pub(super) struct Hash;

impl hash::Hash for Hash {
    fn start(&self) -> Box<dyn hash::Context> {
        Box::new(Context(Hasher::new()))
    }

    fn hash(&self, data: &[u8]) -> Output {
        Output::new(&toycrypto::digest(data))
    }

    fn output_len(&self) -> usize {
        HASH_LEN
    }

    fn algorithm(&self) -> HashAlgorithm {
        HashAlgorithm::from(0xff)
    }
}

struct Context(Hasher);

impl hash::Context for Context {
    fn fork_finish(&self) -> Output {
        Output::new(&self.0.finish())
    }

    fn fork(&self) -> Box<dyn hash::Context> {
        Box::new(Self(self.0))
    }

    fn finish(self: Box<Self>) -> Output {
        Output::new(&self.0.finish())
    }

    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }
}

pub(super) struct Mac;

impl hmac::Hmac for Mac {
    fn with_key(&self, key: &[u8]) -> Box<dyn hmac::Key> {
        Box::new(Key(Hasher::keyed(key)))
    }

    fn hash_output_len(&self) -> usize {
        HASH_LEN
    }
}

struct Key(Hasher);

impl hmac::Key for Key {
    fn sign_concat(&self, first: &[u8], middle: &[&[u8]], last: &[u8]) -> Tag {
        let mut hasher = self.0;
        hasher.update(first);
        middle.iter().for_each(|part| hasher.update(part));
        hasher.update(last);
        Tag::new(&hasher.finish())
    }

    fn tag_len(&self) -> usize {
        HASH_LEN
    }
}
