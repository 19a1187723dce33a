//! Record protection.

use rustls::crypto::cipher::{
    make_tls12_aad, make_tls13_aad, AeadKey, InboundOpaqueMessage, InboundPlainMessage, Iv,
    KeyBlockShape, MessageDecrypter, MessageEncrypter, Nonce, OutboundOpaqueMessage,
    OutboundPlainMessage, PrefixedPayload, Tls12AeadAlgorithm, Tls13AeadAlgorithm,
    UnsupportedOperationError,
};
use rustls::{ConnectionTrafficSecrets, ContentType, Error, ProtocolVersion};
use toycrypto::{KEY_LEN, NONCE_LEN, TAG_LEN};

pub(super) struct Aead;

impl Tls13AeadAlgorithm for Aead {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        Box::new(Cipher13(set_up(&key), iv))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        Box::new(Cipher13(set_up(&key), iv))
    }

    fn key_len(&self) -> usize {
        KEY_LEN
    }

    fn extract_keys(
        &self,
        _: AeadKey,
        _: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

impl Tls12AeadAlgorithm for Aead {
    fn encrypter(&self, key: AeadKey, iv: &[u8], _: &[u8]) -> Box<dyn MessageEncrypter> {
        Box::new(Cipher12(set_up(&key), Iv::copy(&fixed(iv))))
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        Box::new(Cipher12(set_up(&key), Iv::copy(&fixed(iv))))
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        KeyBlockShape {
            enc_key_len: KEY_LEN,
            fixed_iv_len: NONCE_LEN,
            explicit_nonce_len: 0,
        }
    }

    fn extract_keys(
        &self,
        _: AeadKey,
        _: &[u8],
        _: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

fn set_up(key: &AeadKey) -> toycrypto::Aead {
    let mut bytes = [0; KEY_LEN];
    for (to, from) in bytes.iter_mut().zip(key.as_ref()) {
        *to = *from;
    }
    toycrypto::Aead::new(&bytes)
}

fn fixed(iv: &[u8]) -> [u8; NONCE_LEN] {
    // It has the length from `key_block_shape`.
    iv.try_into().unwrap_or_default()
}

struct Cipher13(toycrypto::Aead, Iv);

impl MessageEncrypter for Cipher13 {
    fn encrypt(
        &mut self,
        message: OutboundPlainMessage<'_>,
        sequence: u64,
    ) -> Result<OutboundOpaqueMessage, Error> {
        let length = self.encrypted_payload_len(message.payload.len());
        let mut payload = PrefixedPayload::with_capacity(length);
        payload.extend_from_chunks(&message.payload);
        payload.extend_from_slice(&[u8::from(message.typ)]);
        let tag = self.0.seal(
            &Nonce::new(&self.1, sequence).0,
            &make_tls13_aad(length),
            payload.as_mut(),
        );
        payload.extend_from_slice(&tag);
        Ok(OutboundOpaqueMessage::new(
            ContentType::ApplicationData,
            ProtocolVersion::TLSv1_2,
            payload,
        ))
    }

    fn encrypted_payload_len(&self, length: usize) -> usize {
        length + 1 + TAG_LEN
    }
}

impl MessageDecrypter for Cipher13 {
    fn decrypt<'a>(
        &mut self,
        mut message: InboundOpaqueMessage<'a>,
        sequence: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let payload = &mut message.payload;
        let aad = make_tls13_aad(payload.len());
        let length = open(&self.0, &Nonce::new(&self.1, sequence), &aad, payload)?;
        payload.truncate(length);
        message.into_tls13_unpadded_message()
    }
}

struct Cipher12(toycrypto::Aead, Iv);

impl MessageEncrypter for Cipher12 {
    fn encrypt(
        &mut self,
        message: OutboundPlainMessage<'_>,
        sequence: u64,
    ) -> Result<OutboundOpaqueMessage, Error> {
        let length = message.payload.len();
        let mut payload = PrefixedPayload::with_capacity(self.encrypted_payload_len(length));
        payload.extend_from_chunks(&message.payload);
        let tag = self.0.seal(
            &Nonce::new(&self.1, sequence).0,
            &make_tls12_aad(sequence, message.typ, message.version, length),
            payload.as_mut(),
        );
        payload.extend_from_slice(&tag);
        Ok(OutboundOpaqueMessage::new(
            message.typ,
            message.version,
            payload,
        ))
    }

    fn encrypted_payload_len(&self, length: usize) -> usize {
        length + TAG_LEN
    }
}

impl MessageDecrypter for Cipher12 {
    fn decrypt<'a>(
        &mut self,
        mut message: InboundOpaqueMessage<'a>,
        sequence: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let payload = &mut message.payload;
        let length = payload
            .len()
            .checked_sub(TAG_LEN)
            .ok_or(Error::DecryptError)?;
        let aad = make_tls12_aad(sequence, message.typ, message.version, length);
        open(&self.0, &Nonce::new(&self.1, sequence), &aad, payload)?;
        if length > MAX_PLAINTEXT {
            return Err(Error::PeerSentOversizedRecord);
        }
        payload.truncate(length);
        Ok(message.into_plain_message())
    }
}

/// RFC 5246 6.2.1. In TLS 1.3 rustls checks it itself.
const MAX_PLAINTEXT: usize = 1 << 14;

/// Opens a record in place, and returns the length of its inner plaintext.
fn open(
    key: &toycrypto::Aead,
    nonce: &Nonce,
    aad: &[u8],
    payload: &mut [u8],
) -> Result<usize, Error> {
    let length = payload
        .len()
        .checked_sub(TAG_LEN)
        .ok_or(Error::DecryptError)?;
    let (data, tag) = payload.split_at_mut(length);
    let tag: &[u8; TAG_LEN] = (&*tag).try_into().map_err(|_| Error::DecryptError)?;
    key.open(&nonce.0, aad, data, tag)
        .map_err(|toycrypto::BadTag| Error::DecryptError)?;
    Ok(length)
}
