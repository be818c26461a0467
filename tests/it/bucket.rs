//! The account's bucket.

use bytes::Bytes;
use memoctl::aws::{Aws, Class};

use crate::cloud::TestCloud;

async fn keeps_objects(aws: &Aws) {
    let bucket = aws.bucket();
    assert_eq!(bucket.get("memo/test/releases/1.json").await.unwrap(), None);
    assert_eq!(bucket.list("memo/").await.unwrap(), Vec::<String>::new());
    bucket.delete("memo/test/releases/1.json").await.unwrap();

    bucket.ensure().await.unwrap();
    bucket.ensure().await.unwrap();
    bucket.put("memo/test/releases/1.json", Bytes::from_static(b"one")).await.unwrap();
    bucket.put("memo/test/releases/2.json", Bytes::from_static(b"two")).await.unwrap();
    assert_eq!(bucket.get("memo/test/releases/1.json").await.unwrap(), Some(Bytes::from_static(b"one")));
    assert_eq!(bucket.get("memo/test/releases/3.json").await.unwrap(), None);
    assert_eq!(
        bucket.list("memo/test/releases/").await.unwrap(),
        ["memo/test/releases/1.json", "memo/test/releases/2.json"]
    );

    bucket.delete("memo/test/releases/1.json").await.unwrap();
    bucket.delete("memo/test/releases/1.json").await.unwrap();
    assert_eq!(bucket.list("memo/").await.unwrap(), ["memo/test/releases/2.json"]);
}

#[tokio::test]
async fn the_bucket_keeps_objects_and_is_empty_before_it_is_made() {
    keeps_objects(&TestCloud::local().await.aws).await;
}

#[tokio::test]
async fn the_same_holds_on_moto() {
    let Some(cloud) = TestCloud::moto().await else { return };
    keeps_objects(&cloud.aws).await;
}

#[tokio::test]
async fn somebody_elses_bucket_is_told_and_how_to_name_another() {
    let mut cloud = TestCloud::local().await;
    cloud.aws.bucket().ensure().await.unwrap();
    cloud.aws.scope.bucket = Some(cloud.aws.bucket().name());
    cloud.aws.scope.account = "111111111111".to_owned();
    let bucket = cloud.aws.bucket();
    for error in [
        bucket.ensure().await.unwrap_err(),
        bucket.get("x").await.unwrap_err(),
        bucket.list("x").await.unwrap_err(),
        bucket.put("x", Bytes::new()).await.unwrap_err(),
        bucket.delete("x").await.unwrap_err(),
    ] {
        assert_eq!(error.class, Class::Foreign, "{error}");
        assert!(error.hint.unwrap().contains("bucket = "));
    }
}
