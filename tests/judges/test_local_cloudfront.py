"""CloudFront of the local cloud, judged by boto3 and by a plain HTTP client."""

import gzip
import http.client
import json
import re
import time
import urllib.parse

import pytest
from conftest import ACCOUNT, refused

OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
EVERY_METHOD = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]


@pytest.fixture
def cloudfront(cloud):
    return cloud.client("cloudfront")


@pytest.fixture
def s3(cloud):
    return cloud.client("s3")


@pytest.fixture
def name(request):
    """A name of the test's own."""
    return re.sub("[^a-z0-9]", "-", request.node.name.removeprefix("test_"))[:50].strip("-")


@pytest.fixture
def bucket(cloud, s3, name):
    where = {} if cloud.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": cloud.region}}
    s3.create_bucket(Bucket=name, **where)
    return name


@pytest.fixture
def control(cloudfront, name):
    """The id of an origin access control."""
    made = cloudfront.create_origin_access_control(OriginAccessControlConfig=access_control(name))
    return made["OriginAccessControl"]["Id"]


def access_control(name, **changes):
    config = {"Name": name, "SigningProtocol": "sigv4", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3"}
    return config | changes


def many(*items):
    return {"Quantity": len(items), "Items": list(items)} if items else {"Quantity": 0}


def behavior(origin="bucket", **changes):
    return {"TargetOriginId": origin, "ViewerProtocolPolicy": "redirect-to-https", "CachePolicyId": OPTIMIZED} | changes


def of_bucket(bucket, control="", **changes):
    return {
        "Id": "bucket",
        "DomainName": f"{bucket}.s3.us-east-1.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
        "OriginAccessControlId": control,
    } | changes


def of_api(api, stage="live", **changes):
    return {
        "Id": "api",
        "DomainName": f"{api}.execute-api.us-east-1.amazonaws.com",
        "OriginPath": f"/{stage}",
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
    } | changes


def config(name, *origins, **changes):
    return {
        "CallerReference": name,
        "Origins": many(*origins),
        "DefaultCacheBehavior": behavior(),
        "Comment": "",
        "Enabled": True,
    } | changes


def let_in(s3, bucket, distribution, *actions):
    """Lets a distribution do `actions` with the bucket and its objects."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": list(actions) or ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"StringEquals": {"AWS:SourceArn": distribution["ARN"]}},
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


@pytest.fixture
def site(cloudfront, s3, bucket, control, name):
    """Makes a distribution of the bucket, which lets it in: a function from changes of its configuration."""

    def site(*actions, **changes):
        origins = changes.pop("origins", [])
        wanted = config(name, of_bucket(bucket, control), *origins, **({"DefaultRootObject": "index.html"} | changes))
        distribution = cloudfront.create_distribution(DistributionConfig=wanted)["Distribution"]
        let_in(s3, bucket, distribution, *actions)
        return distribution

    return site


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def __getitem__(self, header):
        return self.headers.get(header)

    @property
    def cache(self):
        """Hit, Miss, RefreshHit or Error."""
        return self["X-Cache"].removesuffix(" from cloudfront")


@pytest.fixture
def view(cloud):
    """Asks a distribution as a viewer does: the name of its host is all that the network tells."""
    where = urllib.parse.urlsplit(cloud.endpoint)

    def view(distribution, path="/", method="GET", body=None, **headers):
        host = distribution if isinstance(distribution, str) else distribution["DomainName"]
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=20)
        connection.request(method, path, body, {"Host": f"{host}:{where.port}", **headers})
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    return view


# The control plane.


def test_a_distribution_is_made_found_changed_disabled_and_deleted(cloudfront, bucket, control, name):
    wanted = config(name, of_bucket(bucket, control))
    made = cloudfront.create_distribution(DistributionConfig=wanted)
    distribution = made["Distribution"]
    assert re.fullmatch("E[A-Z0-9]{13}", distribution["Id"])
    assert re.fullmatch(r"d[a-z0-9]{13}\.cloudfront\.localhost", distribution["DomainName"])
    assert distribution["ARN"] == f"arn:aws:cloudfront::{ACCOUNT}:distribution/{distribution['Id']}"
    assert distribution["Status"] == "Deployed" and made["Location"].endswith(distribution["Id"])
    id = distribution["Id"]
    found = cloudfront.get_distribution_config(Id=id)
    assert found["ETag"] == made["ETag"] == cloudfront.get_distribution(Id=id)["ETag"]
    kept = found["DistributionConfig"]
    assert kept["Origins"]["Items"][0]["DomainName"] == f"{bucket}.s3.us-east-1.amazonaws.com"
    assert kept["DefaultCacheBehavior"]["AllowedMethods"]["Items"] == ["HEAD", "GET"]
    assert kept["ViewerCertificate"]["CloudFrontDefaultCertificate"] and kept["PriceClass"] == "PriceClass_All"
    listed = [item["Id"] for page in pages(cloudfront) for item in page.get("Items", [])]
    assert id in listed
    refused("DistributionNotDisabled", 409, cloudfront.delete_distribution, Id=id, IfMatch=found["ETag"])
    changed = cloudfront.update_distribution(
        Id=id, IfMatch=found["ETag"], DistributionConfig=kept | {"Enabled": False, "Comment": "off <&>"}
    )
    assert changed["ETag"] != found["ETag"] and changed["Distribution"]["DistributionConfig"]["Comment"] == "off <&>"
    cloudfront.delete_distribution(Id=id, IfMatch=changed["ETag"])
    refused("NoSuchDistribution", 404, cloudfront.get_distribution, Id=id)


def pages(cloudfront):
    found = cloudfront.get_paginator("list_distributions").paginate(PaginationConfig={"PageSize": 2})
    return [page["DistributionList"] for page in found]


def test_a_change_names_the_version_that_it_changes(cloudfront, site):
    id = site()["Id"]
    found = cloudfront.get_distribution_config(Id=id)
    config = found["DistributionConfig"]
    refused("InvalidIfMatchVersion", 400, cloudfront.update_distribution, Id=id, DistributionConfig=config)
    refused("InvalidIfMatchVersion", 400, cloudfront.update_distribution, Id=id, IfMatch="x", DistributionConfig=config)
    stale = "E" + "A" * 13
    refused("PreconditionFailed", 412, cloudfront.update_distribution, Id=id, IfMatch=stale, DistributionConfig=config)
    other = config | {"CallerReference": "other"}
    refused("IllegalUpdate", 400, cloudfront.update_distribution, Id=id, IfMatch=found["ETag"], DistributionConfig=other)


def test_a_caller_reference_makes_one_distribution(cloudfront, bucket, control, name, site):
    id = site()["Id"]
    again = config(name, of_bucket(bucket, control))
    message = refused("DistributionAlreadyExists", 409, cloudfront.create_distribution, DistributionConfig=again)
    assert id in message


def test_a_distribution_is_made_with_tags_which_change(cloudfront, bucket, control, name):
    tags = {"Items": [{"Key": "memoctl:stack", "Value": "a b/c"}]}
    both = {"DistributionConfig": config(name, of_bucket(bucket, control)), "Tags": tags}
    made = cloudfront.create_distribution_with_tags(DistributionConfigWithTags=both)
    arn = made["Distribution"]["ARN"]
    cloudfront.tag_resource(Resource=arn, Tags={"Items": [{"Key": "k", "Value": "v"}]})
    cloudfront.untag_resource(Resource=arn, TagKeys={"Items": ["none", "k"]})
    assert cloudfront.list_tags_for_resource(Resource=arn)["Tags"]["Items"] == tags["Items"]
    none = arn[:-1] + "_"
    refused("NoSuchResource", 404, cloudfront.list_tags_for_resource, Resource=none)
    twice = {"Items": [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]}
    refused("InvalidTagging", 400, cloudfront.tag_resource, Resource=arn, Tags=twice)


@pytest.mark.parametrize(
    "code, status, changes",
    [
        ("NoSuchOrigin", 404, {"DefaultCacheBehavior": behavior("other")}),
        ("TooManyCacheBehaviors", 400, {"CacheBehaviors": many(*[behavior(PathPattern=f"/{n}") for n in range(26)])}),
        ("InvalidArgument", 400, {"CacheBehaviors": many(behavior(PathPattern="/a"), behavior(PathPattern="a"))}),
        ("InconsistentQuantities", 400, {"Aliases": {"Quantity": 2, "Items": ["a.example.com"]}}),
        ("InvalidDefaultRootObject", 400, {"DefaultRootObject": "/index.html"}),
        ("InvalidViewerCertificate", 400, {"Aliases": many("www.example.com")}),
        ("InvalidErrorCode", 400, {"CustomErrorResponses": many({"ErrorCode": 402})}),
        ("NoSuchResponseHeadersPolicy", 404, {"DefaultCacheBehavior": behavior(ResponseHeadersPolicyId="none")}),
        ("InvalidArgument", 400, {"DefaultCacheBehavior": {**behavior(), "CachePolicyId": ""}}),
        ("InvalidArgument", 400, {"DefaultCacheBehavior": behavior(AllowedMethods=many("GET", "POST"))}),
        ("InvalidFunctionAssociation", 400, {
            "DefaultCacheBehavior": behavior(FunctionAssociations=many({
                "FunctionARN": f"arn:aws:cloudfront::{ACCOUNT}:function/none", "EventType": "viewer-request",
            }))
        }),
        ("NotImplemented", 501, {"WebACLId": "arn:aws:wafv2:us-east-1:000000000000:global/webacl/a/b"}),
        ("NotImplemented", 501, {"Logging": {"Enabled": True, "IncludeCookies": False, "Bucket": "b", "Prefix": ""}}),
        ("NotImplemented", 501, {"OriginGroups": many({"Id": "g"})}),
        ("NotImplemented", 501, {"DefaultCacheBehavior": behavior(CachePolicyId="b2884449-e4de-46a7-ac36-70bc7f1ddd6d")}),
        ("NotImplemented", 501, {"DefaultCacheBehavior": behavior(OriginRequestPolicyId="216adef6-5c7f-47e4-b989-5492eafa07d3")}),
        ("NotImplemented", 501, {"DefaultCacheBehavior": behavior(MinTTL=1)}),
        ("NotImplemented", 501, {"AnycastIpListId": "a"}),
    ],
)
def test_a_configuration_that_is_wrong_or_not_done_is_refused(cloudfront, bucket, name, code, status, changes):
    refused(code, status, cloudfront.create_distribution, DistributionConfig=config(name, of_bucket(bucket), **changes))


@pytest.mark.parametrize(
    "code, changes",
    [
        ("InvalidOriginAccessControl", {"OriginAccessControlId": "E1"}),
        ("InvalidOrigin", {"DomainName": "a.execute-api.us-east-1.amazonaws.com"}),
        ("NotImplemented", {"DomainName": "example.com"}),
        ("NotImplemented", {"S3OriginConfig": {"OriginAccessIdentity": "origin-access-identity/cloudfront/E1"}}),
        ("NotImplemented", {"OriginShield": {"Enabled": True, "OriginShieldRegion": "us-east-1"}}),
        ("InvalidArgument", {"OriginPath": "assets/"}),
        ("InvalidArgument", {"CustomHeaders": many({"HeaderName": "Host", "HeaderValue": "a"})}),
        ("TooManyOriginCustomHeaders", {
            "CustomHeaders": many(*[{"HeaderName": f"X-{n}", "HeaderValue": "a"} for n in range(11)])
        }),
    ],
)
def test_an_origin_that_is_wrong_or_not_done_is_refused(cloudfront, bucket, name, code, changes):
    wanted = config(name, of_bucket(bucket, **changes))
    refused(code, 501 if code == "NotImplemented" else 400, cloudfront.create_distribution, DistributionConfig=wanted)


def test_what_is_in_use_is_not_deleted(cloudfront, control, site):
    site()
    tag = cloudfront.get_origin_access_control(Id=control)["ETag"]
    refused("OriginAccessControlInUse", 409, cloudfront.delete_origin_access_control, Id=control, IfMatch=tag)


def test_an_origin_access_control_is_made_changed_listed_and_deleted(cloudfront, control, name):
    other = access_control(name)
    refused("OriginAccessControlAlreadyExists", 409, cloudfront.create_origin_access_control, OriginAccessControlConfig=other)
    found = cloudfront.get_origin_access_control_config(Id=control)
    changed = found["OriginAccessControlConfig"] | {"Description": "d", "SigningBehavior": "never"}
    update = cloudfront.update_origin_access_control
    refused("InvalidIfMatchVersion", 400, update, Id=control, OriginAccessControlConfig=changed)
    made = update(Id=control, IfMatch=found["ETag"], OriginAccessControlConfig=changed)
    assert made["OriginAccessControl"]["OriginAccessControlConfig"]["SigningBehavior"] == "never"
    refused("PreconditionFailed", 412, cloudfront.delete_origin_access_control, Id=control, IfMatch=found["ETag"])
    listed = cloudfront.list_origin_access_controls()["OriginAccessControlList"]
    assert control in [item["Id"] for item in listed["Items"]] and not listed["IsTruncated"]
    wrong = access_control(name + "2", SigningBehavior="sometimes")
    refused("InvalidArgument", 400, cloudfront.create_origin_access_control, OriginAccessControlConfig=wrong)
    cloudfront.delete_origin_access_control(Id=control, IfMatch=made["ETag"])
    refused("NoSuchOriginAccessControl", 404, cloudfront.get_origin_access_control, Id=control)


def security(**changes):
    return {
        "StrictTransportSecurity": {"Override": True, "IncludeSubdomains": True, "AccessControlMaxAgeSec": 63072000},
        "ContentTypeOptions": {"Override": True},
        "FrameOptions": {"Override": True, "FrameOption": "DENY"},
        "ReferrerPolicy": {"Override": True, "ReferrerPolicy": "same-origin"},
        "ContentSecurityPolicy": {"Override": True, "ContentSecurityPolicy": "default-src 'self'"},
    } | changes


def headers_policy(name, **changes):
    custom = many({"Header": "X-Own", "Value": "policy", "Override": False})
    return {"Name": name, "SecurityHeadersConfig": security(), "CustomHeadersConfig": custom} | changes


def test_a_response_headers_policy_is_made_changed_listed_and_deleted(cloudfront, name):
    wanted = headers_policy(name)
    made = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=wanted)
    id = made["ResponseHeadersPolicy"]["Id"]
    create = cloudfront.create_response_headers_policy
    refused("ResponseHeadersPolicyAlreadyExists", 409, create, ResponseHeadersPolicyConfig=wanted)
    kept = cloudfront.get_response_headers_policy_config(Id=id)["ResponseHeadersPolicyConfig"]
    assert kept["SecurityHeadersConfig"]["FrameOptions"] == {"Override": True, "FrameOption": "DENY"}
    assert kept["CustomHeadersConfig"] == wanted["CustomHeadersConfig"]
    changed = cloudfront.update_response_headers_policy(
        Id=id, IfMatch=made["ETag"], ResponseHeadersPolicyConfig=kept | {"Comment": "c"}
    )
    assert cloudfront.get_response_headers_policy(Id=id)["ETag"] == changed["ETag"]
    listed = cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]["Items"]
    assert id in [item["ResponseHeadersPolicy"]["Id"] for item in listed]
    refused("NotImplemented", 501, cloudfront.list_response_headers_policies)
    cors = headers_policy(name + "2", CorsConfig={"AccessControlAllowCredentials": False, "OriginOverride": True})
    refused("NotImplemented", 501, create, ResponseHeadersPolicyConfig=cors)
    long = headers_policy(name + "3", SecurityHeadersConfig=security(
        ContentSecurityPolicy={"Override": True, "ContentSecurityPolicy": "x" * 2000}
    ))
    refused("TooLongCSPInResponseHeadersPolicy", 400, create, ResponseHeadersPolicyConfig=long)
    cloudfront.delete_response_headers_policy(Id=id, IfMatch=changed["ETag"])
    refused("NoSuchResponseHeadersPolicy", 404, cloudfront.get_response_headers_policy, Id=id)


def test_what_is_kept_survives_a_kill(start, tmp_path):
    cloud = start(tmp_path)
    made = cloud.client("cloudfront").create_origin_access_control(OriginAccessControlConfig=access_control("kept"))
    cloud.kill()
    found = start(tmp_path).client("cloudfront").get_origin_access_control(Id=made["OriginAccessControl"]["Id"])
    assert found["ETag"] == made["ETag"]


def test_what_is_not_done_is_refused_by_name(cloudfront):
    message = refused("NotImplemented", 501, cloudfront.list_key_groups)
    assert "key-group" in message


def test_a_role_needs_the_permission(assume):
    allowed = {"Effect": "Allow", "Action": "cloudfront:ListDistributions", "Resource": "*"}
    cloudfront = assume("viewer", allowed)("cloudfront")
    cloudfront.list_distributions()
    message = refused("AccessDenied", 403, cloudfront.list_functions)
    assert "cloudfront:ListFunctions" in message


# The data plane.


def test_a_page_in_a_private_bucket_is_served_to_viewers_and_to_nobody_else(cloud, s3, bucket, site, view):
    page = site()
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"<h1>hello</h1>", ContentType="text/html", CacheControl="no-cache")
    first = view(page)
    assert (first.status, first.body, first["Content-Type"]) == (200, b"<h1>hello</h1>", "text/html")
    assert first.cache == "Miss" and "CloudFront" in first["Via"] and first["X-Amz-Cf-Id"]
    second = view(page, "/index.html")
    assert (second.cache, second["Age"], second["ETag"]) == ("Hit", "0", first["ETag"])
    head = view(page, "/index.html", "HEAD")
    assert (head.status, head.body, head["Content-Length"]) == (200, b"", "14")
    direct = view("localhost", f"/{bucket}/index.html")
    assert direct.status == 403


def test_without_a_grant_all_is_forbidden_and_without_a_list_what_is_missing_too(s3, bucket, site, view):
    page = site()
    s3.put_object(Bucket=bucket, Key="a.txt", Body=b"a")
    missing = view(page, "/none.txt")
    assert (missing.status, missing.cache) == (403, "Error") and b"<Code>AccessDenied</Code>" in missing.body
    assert view(page, "/a.txt").status == 200
    let_in(s3, bucket, page, "s3:GetObject", "s3:ListBucket")
    missing = view(page, "/nothing.txt")
    assert missing.status == 404 and b"<Code>NoSuchKey</Code>" in missing.body
    let_in(s3, bucket, {"ARN": page["ARN"] + "X"}, "s3:GetObject")
    s3.put_object(Bucket=bucket, Key="b.txt", Body=b"b")
    assert view(page, "/b.txt").status == 403
    s3.delete_bucket_policy(Bucket=bucket)
    assert view(page, "/c.txt").status == 403


def test_an_origin_without_access_control_asks_as_nobody(cloudfront, s3, bucket, name, view):
    page = cloudfront.create_distribution(DistributionConfig=config(name, of_bucket(bucket)))["Distribution"]
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    let_in(s3, bucket, page)
    assert view(page, "/a").status == 403


def test_objects_are_cached_for_as_long_as_they_say_and_then_asked_for_again(s3, bucket, site, view):
    page = site()
    put = lambda body, control: s3.put_object(Bucket=bucket, Key="a", Body=body, CacheControl=control)  # noqa: E731
    put(b"one", "max-age=1")
    assert view(page, "/a").cache == "Miss"
    time.sleep(1.2)
    again = view(page, "/a")
    assert (again.body, again.cache) == (b"one", "RefreshHit")
    put(b"two", "max-age=31536000, immutable")
    assert view(page, "/a").body == b"one"
    time.sleep(1.2)
    changed = view(page, "/a")
    assert (changed.body, changed.cache) == (b"two", "Miss")


def test_an_invalidation_has_paths_asked_for_again(cloudfront, s3, bucket, site, view):
    page = site()
    for key in ("a/one", "a/two", "b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"old", CacheControl="max-age=3600")
        view(page, f"/{key}")
        s3.put_object(Bucket=bucket, Key=key, Body=b"new")
    batch = {"Paths": many("/a/*"), "CallerReference": "1"}
    made = cloudfront.create_invalidation(DistributionId=page["Id"], InvalidationBatch=batch)
    assert made["Invalidation"]["Status"] == "Completed"
    assert [view(page, path).body for path in ("/a/one", "/a/two", "/b")] == [b"new", b"new", b"old"]
    again = cloudfront.create_invalidation(DistributionId=page["Id"], InvalidationBatch=batch)
    assert again["Invalidation"]["Id"] == made["Invalidation"]["Id"]
    other = batch | {"Paths": many("/b")}
    create = cloudfront.create_invalidation
    refused("InvalidationBatchAlreadyExists", 400, create, DistributionId=page["Id"], InvalidationBatch=other)
    wrong = {"Paths": many("b"), "CallerReference": "2"}
    refused("InvalidArgument", 400, create, DistributionId=page["Id"], InvalidationBatch=wrong)
    id = made["Invalidation"]["Id"]
    found = cloudfront.get_invalidation(DistributionId=page["Id"], Id=id)["Invalidation"]
    assert found["InvalidationBatch"]["Paths"]["Items"] == ["/a/*"]
    listed = cloudfront.list_invalidations(DistributionId=page["Id"])["InvalidationList"]
    assert [item["Id"] for item in listed["Items"]] == [id]
    refused("NoSuchInvalidation", 404, cloudfront.get_invalidation, DistributionId=page["Id"], Id="I1")
    refused("NoSuchDistribution", 404, create, DistributionId="E1", InvalidationBatch=batch)


def test_viewers_that_have_an_object_are_told_so_and_parts_are_given(s3, bucket, site, view):
    page = site()
    s3.put_object(Bucket=bucket, Key="a", Body=b"0123456789", CacheControl="max-age=60")
    tag = view(page, "/a")["ETag"]
    same = view(page, "/a", **{"If-None-Match": tag})
    assert (same.status, same.body, same["ETag"], same.cache) == (304, b"", tag, "Hit")
    assert view(page, "/a", **{"If-None-Match": '"other"'}).status == 200
    part = view(page, "/a", Range="bytes=2-4")
    assert (part.status, part.body, part["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert view(page, "/a", Range="bytes=10-").status == 416


def test_text_is_compressed_for_viewers_that_take_it(s3, bucket, site, view):
    page = site(DefaultCacheBehavior=behavior(Compress=True))
    body = b"<p>text</p>" * 1000
    s3.put_object(Bucket=bucket, Key="a.html", Body=body, ContentType="text/html")
    for cache in ("Miss", "Hit"):
        small = view(page, "/a.html", **{"Accept-Encoding": "gzip, br"})
        assert (small["Content-Encoding"], small.cache) == ("gzip", cache)
        assert gzip.decompress(small.body) == body and small["ETag"].startswith('W/"')
    plain = view(page, "/a.html")
    assert plain.body == body and plain["Content-Encoding"] is None
    assert view(page, "/a.html", **{"Accept-Encoding": "gzip", "If-None-Match": small["ETag"]}).status == 304


def test_large_objects_go_through_whole_and_in_parts(s3, bucket, site, view):
    page = site()
    for key, size in (("large", 12 << 20), ("huge", 70 << 20)):
        s3.put_object(Bucket=bucket, Key=key, Body=b"0123456789abcdef" * (size // 16))
        whole = view(page, f"/{key}")
        assert (len(whole.body), whole["Content-Length"]) == (size, str(size))
        part = view(page, f"/{key}", Range=f"bytes={size - 16}-{size - 1}")
        assert (part.status, part.body) == (206, b"0123456789abcdef")


def test_methods_that_are_not_allowed_are_refused_by_the_edge(site, view):
    page = site()
    answer = view(page, "/a", "POST", b"x")
    assert (answer.status, answer.cache, answer["Server"]) == (403, "Error", "CloudFront")
    assert b"The request could not be satisfied" in answer.body
    assert view(page, "/a", "GET", b"x").status == 403


def test_a_response_headers_policy_sets_headers_over_or_under_the_origins(cloudfront, s3, bucket, site, view, name):
    made = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=headers_policy(
        name,
        CustomHeadersConfig=many(
            {"Header": "Cache-Control", "Value": "no-store", "Override": False},
            {"Header": "Content-Language", "Value": "ko", "Override": True},
        ),
        RemoveHeadersConfig=many({"Header": "x-amz-request-id"}),
    ))
    policy = made["ResponseHeadersPolicy"]["Id"]
    page = site(DefaultCacheBehavior=behavior(ResponseHeadersPolicyId=policy))
    s3.put_object(Bucket=bucket, Key="a", Body=b"a", CacheControl="max-age=60", ContentLanguage="en")
    for answer in (view(page, "/a"), view(page, "/a")):
        assert answer["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
        assert (answer["X-Content-Type-Options"], answer["X-Frame-Options"]) == ("nosniff", "DENY")
        assert answer["Content-Security-Policy"] == "default-src 'self'"
        assert (answer["Cache-Control"], answer["Content-Language"]) == ("max-age=60", "ko")
        assert answer["X-Amz-Request-Id"] is None
    tag = cloudfront.get_response_headers_policy(Id=policy)["ETag"]
    refused("ResponseHeadersPolicyInUse", 409, cloudfront.delete_response_headers_policy, Id=policy, IfMatch=tag)


def test_an_error_has_a_page_of_its_own(s3, bucket, site, view):
    page = site(CustomErrorResponses=many(
        {"ErrorCode": 403, "ResponsePagePath": "/app.html", "ResponseCode": "200", "ErrorCachingMinTTL": 0}
    ))
    s3.put_object(Bucket=bucket, Key="app.html", Body=b"app", ContentType="text/html")
    answer = view(page, "/some/where")
    assert (answer.status, answer.body, answer["Content-Type"]) == (200, b"app", "text/html")


def test_errors_are_cached_for_ten_seconds_or_as_long_as_the_distribution_says(s3, bucket, site, view):
    page = site("s3:GetObject", "s3:ListBucket")
    assert view(page, "/late").status == 404
    s3.put_object(Bucket=bucket, Key="late", Body=b"here")
    assert view(page, "/late").status == 404


def test_errors_are_not_cached_where_the_distribution_says_so(s3, bucket, site, view):
    page = site("s3:GetObject", "s3:ListBucket", CustomErrorResponses=many({"ErrorCode": 404, "ErrorCachingMinTTL": 0}))
    assert view(page, "/late").status == 404
    s3.put_object(Bucket=bucket, Key="late", Body=b"here")
    assert view(page, "/late").status == 200


def test_a_distribution_answers_to_its_aliases_and_no_other_takes_them(cloudfront, s3, bucket, control, site, view, name):
    certificate = {
        "ACMCertificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/12345678-1234-1234-1234-123456789012",
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
    page = site(Aliases=many("memo.example.com", "*.memo.example.com"), ViewerCertificate=certificate)
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"memo")
    for host in ("memo.example.com", "MEMO.example.com", "a.memo.example.com", page["DomainName"]):
        assert view(host).body == b"memo", host
    assert view("other.example.com").status == 403
    taken = config(name + "2", of_bucket(bucket, control), Aliases=many("Memo.example.com"), ViewerCertificate=certificate)
    refused("CNAMEAlreadyExists", 409, cloudfront.create_distribution, DistributionConfig=taken)
    elsewhere = certificate | {"ACMCertificateArn": certificate["ACMCertificateArn"].replace("us-east-1", "eu-west-1")}
    wrong = config(name + "3", of_bucket(bucket), Aliases=many("x.example.com"), ViewerCertificate=elsewhere)
    refused("InvalidViewerCertificate", 400, cloudfront.create_distribution, DistributionConfig=wrong)


def test_a_disabled_distribution_serves_nothing(cloudfront, s3, bucket, site, view):
    page = site()
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"memo")
    assert view(page).status == 200
    found = cloudfront.get_distribution_config(Id=page["Id"])
    off = found["DistributionConfig"] | {"Enabled": False}
    cloudfront.update_distribution(Id=page["Id"], IfMatch=found["ETag"], DistributionConfig=off)
    assert view(page).status == 403
    assert view("dnone.cloudfront.localhost").status == 403


@pytest.fixture
def api(cloud):
    """The id of an API whose answers tell of the request: `GET /v1/{name}` and `POST /v1/{name}`."""
    template = '{"statusCode": 200}'
    told = {
        "method": "context.httpMethod", "path": "context.path", "ip": "context.identity.sourceIp",
        "agent": "context.identity.userAgent", "host": "context.domainName",
    }
    answer = json.dumps({name: f"${value}" for name, value in told.items()})
    integration = {
        "type": "mock",
        "requestTemplates": {"application/json": template},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": answer}}},
    }
    operation = {"responses": {"200": {"description": "told"}}, "x-amazon-apigateway-integration": integration}
    document = {
        "openapi": "3.0.1",
        "info": {"title": "told", "version": "1"},
        "paths": {"/v1/{name}": {"get": operation, "post": operation}},
    }
    gateway = cloud.client("apigateway")
    id = gateway.import_rest_api(body=json.dumps(document).encode())["id"]
    gateway.create_deployment(restApiId=id, stageName="live")
    yield id
    gateway.delete_rest_api(restApiId=id)


def test_an_api_is_the_second_origin_of_a_page(s3, bucket, site, view, api):
    methods = many(*EVERY_METHOD) | {"CachedMethods": many("GET", "HEAD")}
    to_api = behavior("api", PathPattern="/v1/*", CachePolicyId=DISABLED, OriginRequestPolicyId=ALL_VIEWER, AllowedMethods=methods)
    page = site(origins=[of_api(api)], CacheBehaviors=many(to_api))
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"memo")
    assert view(page).body == b"memo"
    for method in ("GET", "POST"):
        answer = view(page, "/v1/memos?a=1", method, b"{}" if method == "POST" else None, **{"User-Agent": "me"})
        assert (answer.status, answer.cache) == (200, "Miss"), answer.body
    assert view(page, "/v1/a/b").status == 403
    assert view(page, "/v1", "POST", b"{}").status == 403
