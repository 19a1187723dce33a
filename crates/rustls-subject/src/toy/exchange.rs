//! The key exchange.

use rustls::crypto::{
    ActiveKeyExchange, GetRandomFailed, SecureRandom, SharedSecret, SupportedKxGroup,
};
use rustls::{Error, NamedGroup, PeerMisbehaved};
use toycrypto::SHARE_LEN;

#[derive(Debug)]
pub(super) struct Group;

const NAME: NamedGroup = NamedGroup::Unknown(toycrypto::numbers::GROUP);

impl SupportedKxGroup for Group {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut private = [0; SHARE_LEN];
        super::Counter
            .fill(&mut private)
            .map_err(|GetRandomFailed| Error::FailedToGetRandomBytes)?;
        Ok(Box::new(Active {
            private,
            public: toycrypto::public(&private),
        }))
    }

    fn name(&self) -> NamedGroup {
        NAME
    }
}

struct Active {
    private: [u8; SHARE_LEN],
    public: [u8; SHARE_LEN],
}

impl ActiveKeyExchange for Active {
    fn complete(self: Box<Self>, theirs: &[u8]) -> Result<SharedSecret, Error> {
        toycrypto::agree(&self.private, theirs)
            .map(|secret| SharedSecret::from(&secret[..]))
            .map_err(|toycrypto::BadShare| PeerMisbehaved::InvalidKeyShare.into())
    }

    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn group(&self) -> NamedGroup {
        NAME
    }
}
