"""S3 of the local cloud, judged by boto3."""

import base64
import hashlib
import http.client
import io
import urllib.parse

import pytest
from conftest import policy, refused


@pytest.fixture
def s3(cloud):
    return cloud.client("s3")


def where(cloud):
    """What a bucket of the cloud's region is made with."""
    if cloud.region == "us-east-1":
        return {}
    return {"CreateBucketConfiguration": {"LocationConstraint": cloud.region}}


@pytest.fixture
def bucket(cloud, s3, request):
    """The name of a bucket, made for the test."""
    name = f"judge-{abs(hash(request.node.name))}"
    s3.create_bucket(Bucket=name, **where(cloud))
    yield name
    for found in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=found["Key"])
    s3.delete_bucket(Bucket=name)


def test_a_bucket_is_made_found_listed_and_deleted(cloud, s3):
    s3.create_bucket(Bucket="judge-one", **where(cloud))
    assert s3.head_bucket(Bucket="judge-one")["BucketRegion"] == cloud.region
    assert s3.get_bucket_location(Bucket="judge-one").get("LocationConstraint") in (cloud.region, None)
    assert "judge-one" in [found["Name"] for found in s3.list_buckets(Prefix="judge-o")["Buckets"]]
    s3.delete_bucket(Bucket="judge-one")
    refused("404", 404, s3.head_bucket, Bucket="judge-one")
    refused("NoSuchBucket", 404, s3.delete_bucket, Bucket="judge-one")
    refused("NoSuchBucket", 404, s3.get_bucket_location, Bucket="judge-one")
    refused("InvalidArgument", 400, s3.list_buckets, MaxBuckets=0)


def test_a_bucket_belongs_to_its_region(s3):
    elsewhere = {"LocationConstraint": "sa-east-1"}
    refused(
        "IllegalLocationConstraintException", 400, s3.create_bucket, Bucket="judge-x", CreateBucketConfiguration=elsewhere
    )


def test_a_bucket_that_is_there_is_ones_own(cloud, s3, bucket):
    if cloud.region == "us-east-1":
        assert s3.create_bucket(Bucket=bucket)["Location"] == f"/{bucket}"
    else:
        refused("BucketAlreadyOwnedByYou", 409, s3.create_bucket, Bucket=bucket, **where(cloud))


def test_a_bucket_has_a_plain_name(cloud, s3):
    refused("InvalidBucketName", 400, s3.create_bucket, Bucket="No_Bucket", **where(cloud))


def test_a_bucket_is_made_with_tags(cloud, s3):
    configuration = {**where(cloud).get("CreateBucketConfiguration", {}), "Tags": [{"Key": "a&b", "Value": "<c>"}]}
    s3.create_bucket(Bucket="judge-tagged", CreateBucketConfiguration=configuration)
    tags = s3.get_bucket_tagging(Bucket="judge-tagged")["TagSet"]
    s3.delete_bucket(Bucket="judge-tagged")
    assert tags == [{"Key": "a&b", "Value": "<c>"}]


def test_another_accounts_bucket_is_not_touched(s3, bucket):
    other = {"ExpectedBucketOwner": "111111111111"}
    refused("AccessDenied", 403, s3.put_object, Bucket=bucket, Key="k", Body=b"x", **other)
    refused("AccessDenied", 403, s3.get_bucket_tagging, Bucket=bucket, **other)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ExpectedBucketOwner="000000000000")


def test_an_object_is_put_with_all_that_was_given(s3, bucket):
    body = b"hello" * 100_000
    put = s3.put_object(
        Bucket=bucket, Key="a/b c", Body=body, ContentType="text/plain", CacheControl="no-store", Metadata={"x": "y"}
    )
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="a/b c")
    assert got["Body"].read() == body
    assert (got["ETag"], got["ContentType"], got["CacheControl"]) == (put["ETag"], "text/plain", "no-store")
    assert got["Metadata"] == {"x": "y"} and got["ContentLength"] == len(body)
    head = s3.head_object(Bucket=bucket, Key="a/b c")
    assert (head["ETag"], head["ContentLength"], head["LastModified"]) == (put["ETag"], len(body), got["LastModified"])


def test_a_part_of_an_object_is_read(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    part = s3.get_object(Bucket=bucket, Key="k", Range="bytes=2-4")
    assert (part["Body"].read(), part["ContentRange"]) == (b"234", "bytes 2-4/10")
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert s3.get_object(Bucket=bucket, Key="k", Range="bytes=-3")["Body"].read() == b"789"
    refused("InvalidRange", 416, s3.get_object, Bucket=bucket, Key="k", Range="bytes=10-")


def test_what_is_not_there_is_not_found(s3, bucket):
    refused("NoSuchKey", 404, s3.get_object, Bucket=bucket, Key="none")
    refused("404", 404, s3.head_object, Bucket=bucket, Key="none")
    refused("NoSuchBucket", 404, s3.put_object, Bucket="judge-none", Key="k", Body=b"x")
    refused("NoSuchBucket", 404, s3.list_objects_v2, Bucket="judge-none")
    refused("NoSuchBucket", 404, s3.delete_objects, Bucket="judge-none", Delete={"Objects": [{"Key": "k"}]})


def test_of_two_who_create_one_wins(s3, bucket):
    s3.put_object(Bucket=bucket, Key="lease", Body=b"one", IfNoneMatch="*")
    refused("PreconditionFailed", 412, s3.put_object, Bucket=bucket, Key="lease", Body=b"two", IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="lease")["Body"].read() == b"one"


def test_a_write_may_depend_on_what_it_replaces(s3, bucket):
    tag = s3.put_object(Bucket=bucket, Key="lease", Body=b"one")["ETag"]
    s3.put_object(Bucket=bucket, Key="lease", Body=b"two", IfMatch=tag)
    refused("PreconditionFailed", 412, s3.put_object, Bucket=bucket, Key="lease", Body=b"three", IfMatch=tag)
    refused("NoSuchKey", 404, s3.put_object, Bucket=bucket, Key="none", Body=b"x", IfMatch=tag)
    refused("PreconditionFailed", 412, s3.delete_object, Bucket=bucket, Key="lease", IfMatch=tag)
    refused("NotImplemented", 501, s3.put_object, Bucket=bucket, Key="lease", Body=b"x", IfNoneMatch=tag)


def test_a_read_may_depend_on_the_state(s3, bucket):
    tag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    at = {"Bucket": bucket, "Key": "k"}
    refused("304", 304, s3.get_object, **at, IfNoneMatch=tag)
    refused("304", 304, s3.get_object, **at, IfModifiedSince=modified)
    refused("PreconditionFailed", 412, s3.get_object, **at, IfMatch='"other"')
    refused("412", 412, s3.head_object, **at, IfMatch='"other"')
    assert s3.get_object(**at, IfMatch=tag, IfUnmodifiedSince=modified)["Body"].read() == b"x"


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_data_is_checked_against_its_checksum(s3, bucket, algorithm):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"data", ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"data" and got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    wrong = {f"Checksum{algorithm}": base64.b64encode(b"0" * {"CRC32": 4, "SHA1": 20, "SHA256": 32}[algorithm]).decode()}
    refused("BadDigest", 400, s3.put_object, Bucket=bucket, Key="k", Body=b"data", **wrong)
    refused("BadDigest", 400, s3.put_object, Bucket=bucket, Key="k", Body=b"data", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")


def test_an_upload_in_chunks_with_a_trailing_checksum_is_decoded(cloud, bucket, s3):
    crc = base64.b64encode((0xCBF43926).to_bytes(4, "big")).decode()

    def upload(body):
        address = urllib.parse.urlsplit(cloud.endpoint)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
        scope = f"AKIDEXAMPLE/20261120/{cloud.region}/s3/aws4_request"
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
            "Content-Encoding": "aws-chunked,gzip",
            "X-Amz-Content-Sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "X-Amz-Decoded-Content-Length": "9",
            "X-Amz-Trailer": "x-amz-checksum-crc32",
        }
        connection.request("PUT", f"/{bucket}/chunked", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    right = f"4\r\n1234\r\n5;chunk-signature=00\r\n56789\r\n0\r\nx-amz-checksum-crc32:{crc}\r\n\r\n".encode()
    assert upload(right)[0] == 200
    got = s3.get_object(Bucket=bucket, Key="chunked")
    assert (got["Body"].read(), got["ContentEncoding"], got["ContentLength"]) == (b"123456789", "gzip", 9)
    status, body = upload(right.replace(b"1234\r", b"1235\r"))
    assert status == 400 and "<Code>BadDigest</Code>" in body
    status, body = upload(b"4\r\n1234\r\n5\r\n56")
    assert status == 400 and "<Code>IncompleteBody</Code>" in body
    assert s3.get_object(Bucket=bucket, Key="chunked")["Body"].read() == b"123456789"


def test_a_large_object_is_streamed(s3, bucket):
    body = bytes(range(256)) * 40_000
    s3.put_object(Bucket=bucket, Key="large", Body=io.BytesIO(body))
    assert s3.get_object(Bucket=bucket, Key="large")["Body"].read() == body


def test_objects_are_listed_by_prefix_and_rolled_up_at_a_delimiter(s3, bucket):
    keys = ["a/1", "a/2", "b c", "ö&+", "z/1/x", "z/2"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 4}))
    assert [len(page["Contents"]) for page in pages] == [4, 2]
    assert sorted(found["Key"] for page in pages for found in page["Contents"]) == sorted(keys)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1})
    rolled = [found for page in pages for found in page.get("CommonPrefixes", []) + page.get("Contents", [])]
    assert [found.get("Prefix") or found["Key"] for found in rolled] == ["a/", "b c", "z/", "ö&+"]
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket, Prefix="z/")["Contents"]] == ["z/1/x", "z/2"]
    assert s3.list_objects_v2(Bucket=bucket, StartAfter="z/1/x", Prefix="z")["KeyCount"] == 1
    refused("InvalidArgument", 400, s3.list_objects_v2, Bucket=bucket, ContinuationToken="?")


def test_objects_are_deleted_whether_or_not_they_are_there(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    refused("BucketNotEmpty", 409, s3.delete_bucket, Bucket=bucket)
    assert s3.delete_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPStatusCode"] == 204
    s3.delete_object(Bucket=bucket, Key="k")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}, {"Key": "l"}]})
    assert [deleted["Key"] for deleted in answer["Deleted"]] == ["k", "l"]


def test_what_is_set_of_a_bucket_is_read_back(s3, bucket):
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    refused("NoSuchPublicAccessBlockConfiguration", 404, s3.get_public_access_block, Bucket=bucket)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == block
    s3.delete_public_access_block(Bucket=bucket)
    refused("NoSuchPublicAccessBlockConfiguration", 404, s3.get_public_access_block, Bucket=bucket)

    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}]}
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"] == rules

    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    refused("NoSuchTagSet", 404, s3.get_bucket_tagging, Bucket=bucket)
    s3.put_bucket_tagging(Bucket=bucket, Tagging=tags)
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags["TagSet"]
    s3.delete_bucket_tagging(Bucket=bucket)
    refused("NoSuchTagSet", 404, s3.get_bucket_tagging, Bucket=bucket)
    refused("InvalidTag", 400, s3.put_bucket_tagging, Bucket=bucket, Tagging={"TagSet": [{"Key": "aws:x", "Value": ""}]})
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("put_public_access_block", {"PublicAccessBlockConfiguration": {}}),
        ("delete_public_access_block", {}),
        ("put_bucket_encryption", {"ServerSideEncryptionConfiguration": {"Rules": [{"BucketKeyEnabled": False}]}}),
        ("get_bucket_encryption", {}),
        ("put_bucket_tagging", {"Tagging": {"TagSet": []}}),
        ("delete_bucket_tagging", {}),
        ("get_bucket_versioning", {}),
        ("delete_object", {"Key": "k"}),
    ],
)
def test_a_bucket_that_is_not_there_has_nothing(s3, operation, parameters):
    refused("NoSuchBucket", 404, getattr(s3, operation), Bucket="judge-none", **parameters)


def test_what_is_not_done_is_refused_by_name(s3, bucket):
    at = {"Bucket": bucket, "Key": "k"}
    assert "s3:GetBucketAcl" in refused("NotImplemented", 501, s3.get_bucket_acl, Bucket=bucket)
    assert "s3:CreateMultipartUpload" in refused("NotImplemented", 501, s3.create_multipart_upload, **at)
    assert "x-amz-acl: public-read" in refused("NotImplemented", 501, s3.put_object, **at, Body=b"x", ACL="public-read")
    kms = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
    message = refused(
        "NotImplemented", 501, s3.put_bucket_encryption, Bucket=bucket, ServerSideEncryptionConfiguration=kms
    )
    assert "aws:kms" in message
    versioning = {"Status": "Enabled"}
    message = refused(
        "NotImplemented", 501, s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration=versioning
    )
    assert "s3:PutBucketVersioning" in message


def test_a_presigned_url_is_answered_until_it_expires(cloud, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=60)

    def fetch(path):
        address = urllib.parse.urlsplit(cloud.endpoint)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    path = url.removeprefix(cloud.endpoint)
    assert fetch(path) == (200, "x")
    date = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["X-Amz-Date"][0]
    status, body = fetch(path.replace(date, "20200101T000000Z"))
    assert status == 403 and "Request has expired" in body


def test_a_kill_during_an_upload_leaves_the_old_object(start, tmp_path):
    cloud = start(tmp_path)
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="judge-kill", **where(cloud))
    s3.put_object(Bucket="judge-kill", Key="k", Body=b"old")

    class Slow(io.RawIOBase):
        """A body that kills the cloud in its middle."""

        def __init__(self):
            self.sent = 0

        def __len__(self):
            return 2_000_000

        def read(self, _size=-1):
            self.sent += 1
            if self.sent == 2:
                cloud.kill()
            return b"x" * 1_000_000 if self.sent <= 2 else b""

    address = urllib.parse.urlsplit(cloud.endpoint)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    scope = f"AKIDEXAMPLE/20261120/{cloud.region}/s3/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD",
        "Content-Length": "2000000",
    }
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        connection.request("PUT", "/judge-kill/k", Slow(), headers)
        connection.getresponse()
    cloud = start(tmp_path)
    assert cloud.client("s3").get_object(Bucket="judge-kill", Key="k")["Body"].read() == b"old"
    assert len(list(tmp_path.rglob("data/*"))) == 1


def test_a_refusal_reaches_a_client_that_is_still_sending(cloud, s3):
    address = urllib.parse.urlsplit(cloud.endpoint)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    scope = f"AKIDEXAMPLE/20261120/{cloud.region}/s3/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
    for _ in range(2):
        connection.request("PUT", "/judge-none/k", b"x" * 20_000_000, headers)
        answer = connection.getresponse()
        assert answer.status == 404 and b"NoSuchBucket" in answer.read()


def statement(bucket, **changes):
    return {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"} | changes


def test_a_bucket_has_a_policy_which_is_given_back_as_it_was_put(s3, bucket):
    refused("NoSuchBucketPolicy", 404, s3.get_bucket_policy, Bucket=bucket)
    document = policy(statement(bucket, Principal={"Service": "cloudfront.amazonaws.com"}))
    s3.put_bucket_policy(Bucket=bucket, Policy=document)
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == document
    s3.delete_bucket_policy(Bucket=bucket)
    refused("NoSuchBucketPolicy", 404, s3.get_bucket_policy, Bucket=bucket)


def test_a_policy_that_is_none_or_of_another_bucket_is_refused(s3, bucket):
    put = s3.put_bucket_policy
    refused("MalformedPolicy", 400, put, Bucket=bucket, Policy="no policy")
    refused("MalformedPolicy", 400, put, Bucket=bucket, Policy=policy(statement("other")))
    refused("MalformedPolicy", 400, put, Bucket=bucket, Policy=policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))
    conditional = statement(bucket, Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})
    refused("NotImplemented", 501, put, Bucket=bucket, Policy=policy(conditional))
    refused("NoSuchBucket", 404, put, Bucket="judge-none", Policy=policy(statement("judge-none")))


def test_public_policies_are_refused_where_they_are_blocked(s3, bucket):
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    message = refused("AccessDenied", 403, s3.put_bucket_policy, Bucket=bucket, Policy=policy(statement(bucket)))
    assert "BlockPublicPolicy" in message
    of_service = statement(bucket, Principal={"Service": "cloudfront.amazonaws.com"})
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(of_service))


def test_a_policy_denies_the_developer_too_but_not_to_take_it_away(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}
    ))
    message = refused("AccessDenied", 403, s3.get_object, Bucket=bucket, Key="k")
    assert "with an explicit deny in a resource-based policy" in message
    s3.delete_bucket_policy(Bucket=bucket)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_a_policy_lets_a_role_in_that_has_no_permission_of_its_own(s3, bucket, assume):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    guest = assume("s3-guest")("s3")
    refused("AccessDenied", 403, guest.get_object, Bucket=bucket, Key="k")
    role = {"AWS": "arn:aws:iam::000000000000:role/s3-guest"}
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(statement(bucket, Principal=role)))
    assert guest.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    refused("AccessDenied", 403, guest.put_object, Bucket=bucket, Key="k", Body=b"y")
    # That there is no such object is for those alone to know who may list.
    refused("AccessDenied", 403, guest.get_object, Bucket=bucket, Key="none")
    s3.delete_bucket_policy(Bucket=bucket)


def test_an_object_is_copied_with_its_headers_or_with_new_ones(s3, bucket):
    body = b"0123456789" * 1000
    s3.put_object(
        Bucket=bucket, Key="a b", Body=body, ContentType="text/css", CacheControl="max-age=60", Metadata={"k": "v"}
    )
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a b"})["CopyObjectResult"]
    got = s3.get_object(Bucket=bucket, Key="copy")
    assert got["Body"].read() == body and got["ETag"] == copied["ETag"]
    assert (got["ContentType"], got["CacheControl"], got["Metadata"]) == ("text/css", "max-age=60", {"k": "v"})
    s3.copy_object(
        Bucket=bucket, Key="copy", CopySource=f"{bucket}/copy", MetadataDirective="REPLACE", ContentType="text/plain"
    )
    got = s3.get_object(Bucket=bucket, Key="copy")
    assert got["Body"].read() == body and (got["ContentType"], got["Metadata"]) == ("text/plain", {})
    assert "CacheControl" not in got
    copy = s3.copy_object
    refused("InvalidRequest", 400, copy, Bucket=bucket, Key="copy", CopySource=f"{bucket}/copy")
    refused("NoSuchKey", 404, copy, Bucket=bucket, Key="x", CopySource=f"{bucket}/none")
    refused("NoSuchBucket", 404, copy, Bucket=bucket, Key="x", CopySource="judge-none/a")
    other = {"CopySource": f"{bucket}/copy", "CopySourceIfMatch": '"other"'}
    refused("PreconditionFailed", 412, copy, Bucket=bucket, Key="x", **other)
