//! Time that passes for the keys of a set, without waiting for it.

use aws_sdk_ssm::Client;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Has all times that the set in the parameter `name` tells be `ago` earlier, as if that had passed.
pub(crate) async fn pass(ssm: &Client, name: &str, ago: SignedDuration) {
    let answer = ssm.get_parameter().name(name).with_decryption(true).send().await.unwrap();
    let mut set: Value = serde_json::from_str(&answer.parameter.unwrap().value.unwrap()).unwrap();
    for key in set["keys"].as_array_mut().unwrap() {
        for (_, value) in key.as_object_mut().unwrap() {
            if let Some(time) = value.as_str().and_then(|text| text.parse::<Timestamp>().ok()) {
                *value = time.checked_sub(ago).unwrap().to_string().into();
            }
        }
    }
    ssm.put_parameter().name(name).value(set.to_string()).overwrite(true).send().await.unwrap();
}
