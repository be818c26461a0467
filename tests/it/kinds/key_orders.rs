//! What `keys` does with a key set, call by call: wherever it is cut off, all that signs is published, and what is left is
//! done by the next run.

use local::{FaultKind, Faults};
use memoctl::aws::{Aws, Class};
use memoctl::resource::Kind as _;
use memoctl::resource::signing_key::{Act, Contents, SigningKey};
use memoctl::scope::{private_part, public_part};
use serde_json::Value;

use super::{create, versions};
use crate::cloud::TestCloud;

/// A cloud with a key set that was rotated once.
async fn rotated() -> (TestCloud, SigningKey) {
    let cloud = TestCloud::local().await;
    let (key, _) = versions::<SigningKey>(&cloud.aws);
    create(&key, &cloud.aws).await.unwrap();
    order(&key, Act::Rotate, &cloud.aws).await.update(&key, &cloud.aws).await.unwrap();
    (cloud, key)
}

/// The key as it is to become by `act`, which is decided now.
async fn order(key: &SigningKey, act: Act, aws: &Aws) -> SigningKey {
    let contents = key.contents(aws).await.unwrap();
    let generation = contents.generation() + u32::from(matches!(act, Act::Drop(_)));
    SigningKey { orders: contents.order(act), generation, unsettled: generation > 0, ..key.clone() }
}

fn ids(contents: &Contents, aws: &Aws) -> Vec<String> {
    contents.keys(aws.skew.now()).into_iter().map(|(id, _)| id).collect()
}

async fn published(key: &SigningKey, aws: &Aws) -> Vec<String> {
    let answer = aws.ssm.get_parameter().name(public_part(key.name())).send().await.unwrap();
    let set: Value = serde_json::from_str(&answer.parameter.unwrap().value.unwrap()).unwrap();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn cut_off_at_any_call_all_that_signs_is_published_and_the_next_run_ends_it() {
    for which in ["rotate", "retire", "drop one", "drop all"] {
        let mut cuts = 0;
        for number in 1.. {
            let mut came_so_far = true;
            for kind in [FaultKind::HoldBefore, FaultKind::HoldAfter] {
                let (cloud, key) = rotated().await;
                let aws = &cloud.aws;
                let [active, next] = <[String; 2]>::try_from(ids(&key.contents(aws).await.unwrap(), aws)).unwrap();
                let act = match which {
                    "rotate" => Act::Rotate,
                    "retire" => Act::Retire([next].into()),
                    "drop one" => Act::Drop(Some(active)),
                    _ => Act::Drop(None),
                };
                let wanted = order(&key, act, aws).await;
                cloud.inject(Faults::at(number, kind));
                came_so_far = tokio::select! {
                    () = cloud.held() => true,
                    done = wanted.update(&key, aws) => { done.unwrap(); false }
                };
                cloud.inject(Faults::none());
                let contents = key.contents(aws).await.unwrap();
                let published_now = published(&key, aws).await;
                let signs = ids(&contents, aws);
                assert!(signs.iter().all(|id| published_now.contains(id)), "{which}, {kind:?} of call {number}");
                let finished = SigningKey { generation: contents.generation(), ..order(&key, Act::Finish, aws).await };
                finished.update(&key, aws).await.unwrap();
                assert!(key.contents(aws).await.unwrap().is_published(), "{which}, {kind:?} of call {number}");
                assert_eq!(published(&key, aws).await, signs, "{which}, {kind:?} of call {number}");
                cuts += u32::from(came_so_far);
            }
            if !came_so_far {
                break;
            }
        }
        assert!(cuts >= 8, "{which}: {cuts}");
    }
}

#[tokio::test]
async fn a_write_whose_answer_gets_lost_is_done_once() {
    for kind in [FaultKind::CutAfter, FaultKind::ErrorAfter, FaultKind::CutBefore] {
        for number in 1..=5 {
            let (cloud, key) = rotated().await;
            let wanted = order(&key, Act::Drop(None), &cloud.aws).await;
            cloud.inject(Faults::at(number, kind));
            wanted.update(&key, &cloud.aws).await.unwrap();
            let contents = key.contents(&cloud.aws).await.unwrap();
            assert_eq!((ids(&contents, &cloud.aws).len(), contents.generation()), (1, 1), "{kind:?} of call {number}");
        }
    }
}

#[tokio::test]
async fn what_somebody_else_has_written_meanwhile_is_not_overwritten() {
    let (cloud, key) = rotated().await;
    let aws = &cloud.aws;
    let wanted = order(&key, Act::Rotate, aws).await;
    let name = private_part(key.name());
    let text = aws.ssm.get_parameter().name(&name).with_decryption(true).send().await.unwrap().parameter.unwrap().value;
    aws.ssm.put_parameter().name(&name).value(text.unwrap()).overwrite(true).send().await.unwrap();
    let before = published(&key, aws).await;
    let error = wanted.update(&key, aws).await.unwrap_err();
    assert!(error.cause.contains("somebody else has written its parameters since they were read"), "{error}");
    assert_eq!((error.class, published(&key, aws).await), (Class::Refused, before));
}

#[tokio::test]
async fn a_set_that_a_parameter_cannot_hold_is_refused_before_anything_is_written() {
    let (cloud, key) = rotated().await;
    let aws = &cloud.aws;
    let error = loop {
        let before = published(&key, aws).await;
        if let Err(error) = order(&key, Act::Rotate, aws).await.update(&key, aws).await {
            assert_eq!(published(&key, aws).await, before);
            break error;
        }
    };
    assert!(error.cause.contains("more than the 4096 characters"), "{error}");
    assert!(error.hint.unwrap().contains("keys retire"));
}
