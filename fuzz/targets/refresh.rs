//! A refresh token reads back to what it names, and nothing else reads at all. Input: user, family, generation; or a text.
#![no_main]

// The file itself: the crate around it brings the AWS SDK.
#[path = "../../handlers/auth/src/refresh.rs"]
mod refresh;

use std::sync::LazyLock;

use fuzz::{mac_keys, mutants};
use jwt::{Claims, Demand, PublicKeys, SigningKey};
use libfuzzer_sys::fuzz_target;
use refresh::RefreshToken;
use service::keys::MacKeys;
use ulid::Ulid;

static KEYS: LazyLock<MacKeys> = LazyLock::new(|| mac_keys(7));
static OTHERS: LazyLock<MacKeys> = LazyLock::new(|| mac_keys(9));
static SIGNERS: LazyLock<PublicKeys> =
    LazyLock::new(|| [SigningKey::from_seed(&[7; 32]).public()].into_iter().collect());

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = str::from_utf8(data)
        && let Some(token) = RefreshToken::parse(text, &KEYS)
    {
        let written = |id| KEYS.get(id).map(|key| token.to_text(key));
        assert!([written(1), written(2)].contains(&Some(text.to_owned())), "two spellings of one token");
    }
    if let Some((user, rest)) = data.split_first_chunk::<16>()
        && let Some((family, rest)) = rest.split_first_chunk::<16>()
        && let Some((generation, _)) = rest.split_first_chunk::<4>()
    {
        let (user, family) = (Ulid::from_bytes(*user), Ulid::from_bytes(*family));
        written(RefreshToken { user, family, generation: u32::from_be_bytes(*generation) }, data);
    }
});

fn written(token: RefreshToken, data: &[u8]) {
    for id in [1, 2] {
        let Some(key) = KEYS.get(id) else { unreachable!("the set has both") };
        let text = token.to_text(key);
        assert_eq!(RefreshToken::parse(&text, &KEYS), Some(token));
        assert_eq!(RefreshToken::parse(&text, &OTHERS), None, "under other keys");
        for mutant in mutants(&text, data) {
            assert_eq!(RefreshToken::parse(&mutant, &KEYS), None, "{mutant:?} for {text:?}");
        }
        // Revocation and introspection take either without a hint.
        let demand = Demand { issuer: "", audiences: &[""], now: 0 };
        assert!(Claims::authenticate(&text, &SIGNERS, &demand).is_err(), "it is an access token too");
    }
}
