"""Route 53 of the local cloud, judged by boto3."""

import pytest
from conftest import refused

CLOUDFRONT = "Z2FDTNDATAQYW2"


@pytest.fixture
def route53(cloud):
    return cloud.client("route53")


@pytest.fixture
def zone(route53, request):
    """The id of a zone for `<test>.example`, whose records go with it."""
    name = f"z{abs(hash(request.node.name))}.example"
    made = route53.create_hosted_zone(Name=name, CallerReference=name)["HostedZone"]
    return made["Id"].removeprefix("/hostedzone/"), name


def records(name, kind, *values, ttl=60):
    return {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]}


def alias(name, kind, target, zone=CLOUDFRONT):
    return {
        "Name": name, "Type": kind,
        "AliasTarget": {"HostedZoneId": zone, "DNSName": target, "EvaluateTargetHealth": False},
    }


def batch(*changes):
    return {"Comment": "c", "Changes": [{"Action": action, "ResourceRecordSet": set} for action, set in changes]}


def change(route53, zone, *changes):
    return route53.change_resource_record_sets(HostedZoneId=zone[0], ChangeBatch=batch(*changes))["ChangeInfo"]


def invalid(route53, zone, *changes):
    return refused(
        "InvalidChangeBatch", 400, route53.change_resource_record_sets, HostedZoneId=zone[0], ChangeBatch=batch(*changes)
    )


def listed(route53, zone, **start):
    found = route53.list_resource_record_sets(HostedZoneId=zone[0], **start)
    return [(found["Name"], found["Type"]) for found in found["ResourceRecordSets"]]


def test_a_zone_is_made_found_and_deleted_when_it_is_empty(route53, zone):
    id, name = zone
    found = route53.get_hosted_zone(Id=id)
    assert found["HostedZone"]["Name"] == f"{name}." and len(found["DelegationSet"]["NameServers"]) == 4
    assert found["HostedZone"]["ResourceRecordSetCount"] == 2
    again = route53.create_hosted_zone
    refused("HostedZoneAlreadyExists", 409, again, Name=name, CallerReference=name)
    by_name = route53.list_hosted_zones_by_name(DNSName=name, MaxItems="1")["HostedZones"]
    assert by_name[0]["Id"] == f"/hostedzone/{id}"
    assert f"/hostedzone/{id}" in [found["Id"] for found in route53.list_hosted_zones()["HostedZones"]]
    change(route53, zone, ("CREATE", records(f"a.{name}", "A", "192.0.2.1")))
    refused("HostedZoneNotEmpty", 400, route53.delete_hosted_zone, Id=id)
    change(route53, zone, ("DELETE", records(f"a.{name}", "A", "192.0.2.1")))
    route53.delete_hosted_zone(Id=id)
    refused("NoSuchHostedZone", 404, route53.get_hosted_zone, Id=id)


def test_zones_of_one_name_are_told_apart_and_listed_in_the_order_of_their_labels(route53):
    for number, name in enumerate(("b.order.example", "order.example", "a.order.example", "order.example")):
        route53.create_hosted_zone(Name=name, CallerReference=f"order-{number}")
    names, start = [], {"DNSName": "order.example"}
    while True:
        page = route53.list_hosted_zones_by_name(MaxItems="1", **start)
        names += [zone["Name"] for zone in page["HostedZones"]]
        if not page["IsTruncated"] or len(names) == 4:
            break
        start = {"DNSName": page["NextDNSName"], "HostedZoneId": page["NextHostedZoneId"]}
    assert names == ["order.example.", "order.example.", "a.order.example.", "b.order.example."]


def test_records_are_created_changed_and_deleted(route53, zone):
    name = zone[1]
    info = change(route53, zone, ("CREATE", records(f"WWW.{name}", "A", "192.0.2.1", "192.0.2.2")))
    assert info["Status"] == "INSYNC" and info["Comment"] == "c"
    assert route53.get_change(Id=info["Id"])["ChangeInfo"]["Id"] == info["Id"]
    change(route53, zone, ("UPSERT", records(f"www.{name}.", "A", "192.0.2.3", ttl=300)))
    found = route53.list_resource_record_sets(HostedZoneId=zone[0], StartRecordName=f"www.{name}")["ResourceRecordSets"]
    assert found == [records(f"www.{name}.", "A", "192.0.2.3", ttl=300)]
    missing = f"Tried to delete resource record set [name='www.{name}.', type='A'] but the values provided do not match the current values"
    assert missing in invalid(route53, zone, ("DELETE", records(f"www.{name}", "A", "192.0.2.1")))
    change(route53, zone, ("DELETE", records(f"www.{name}", "A", "192.0.2.3", ttl=300)))
    assert listed(route53, zone, StartRecordName=f"www.{name}") == []


def test_a_batch_is_carried_out_whole_or_not_at_all(route53, zone):
    name = zone[1]
    change(route53, zone, ("CREATE", records(f"a.{name}", "A", "192.0.2.1")))
    message = invalid(
        route53, zone,
        ("CREATE", records(f"b.{name}", "A", "192.0.2.1")),
        ("CREATE", records(f"a.{name}", "A", "192.0.2.2")),
        ("DELETE", records(f"c.{name}", "TXT", '"x"')),
    )
    assert f"Tried to create resource record set [name='a.{name}.', type='A'] but it already exists" in message
    assert f"Tried to delete resource record set [name='c.{name}.', type='TXT'] but it was not found" in message
    assert (f"b.{name}.", "A") not in listed(route53, zone)


def test_records_are_listed_by_labels_and_types_and_in_pages(route53, zone):
    name = zone[1]
    made = [(f"b.{name}", "TXT", '"x"'), (f"b.{name}", "A", "192.0.2.1"), (f"a.b.{name}", "A", "192.0.2.1"), (f"*.{name}", "A", "192.0.2.1")]
    change(route53, zone, *[("CREATE", records(*record)) for record in made])
    wanted = [
        (f"{name}.", "NS"), (f"{name}.", "SOA"), (f"\\052.{name}.", "A"),
        (f"b.{name}.", "A"), (f"b.{name}.", "TXT"), (f"a.b.{name}.", "A"),
    ]
    assert listed(route53, zone) == wanted
    pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone[0], PaginationConfig={"PageSize": 1})
    assert [(one["Name"], one["Type"]) for page in pages for one in page["ResourceRecordSets"]] == wanted
    assert listed(route53, zone, StartRecordName=f"b.{name}", StartRecordType="B")[0] == (f"b.{name}.", "TXT")


def test_aliases_lead_to_distributions_and_to_the_zones_own_records(route53, zone):
    name = zone[1]
    for kind in ("A", "AAAA"):
        change(route53, zone, ("UPSERT", alias(name, kind, "dabc.cloudfront.localhost")))
    found = route53.list_resource_record_sets(HostedZoneId=zone[0])["ResourceRecordSets"][0]
    assert found == alias(f"{name}.", "A", "dabc.cloudfront.localhost.")
    change(route53, zone, ("CREATE", alias(f"www.{name}", "A", name, zone[0])))
    message = invalid(route53, zone, ("CREATE", alias(f"x.{name}", "A", f"none.{name}", zone[0])))
    assert "but that target was not found" in message
    message = invalid(route53, zone, ("CREATE", alias(f"x.{name}", "A", "example.com")))
    assert "but the alias target name does not lie within the target zone" in message


@pytest.mark.parametrize(
    "record, part",
    [
        (lambda name: records("a.example.org", "A", "192.0.2.1"), "is not permitted in zone"),
        (lambda name: records(name, "CNAME", "a.example"), "is not permitted at apex in zone"),
        (lambda name: records(f"a.{name}", "A", "192.0.2"), "ARRDATAIllegalIPv4Address"),
        (lambda name: records(f"a.{name}", "AAAA", "192.0.2.1"), "AAAARRDATAIllegalIPv6Address"),
        (lambda name: records(f"a.{name}", "TXT", "x"), "Value should be enclosed in quotation marks"),
        (lambda name: records(f"taken.{name}", "CNAME", "a.example"), "conflicts with other records with the same DNS name"),
    ],
)
def test_records_that_cannot_be_are_refused(route53, zone, record, part):
    name = zone[1]
    change(route53, zone, ("CREATE", records(f"taken.{name}", "A", "192.0.2.1")))
    assert part in invalid(route53, zone, ("UPSERT", record(name)))


def test_what_is_not_done_is_refused_by_name(route53, zone):
    name = zone[1]
    for set in (records(name, "MX", "10 a.example"), {**records(name, "A", "192.0.2.1"), "SetIdentifier": "a", "Weight": 1}):
        refused(
            "NotImplemented", 501, route53.change_resource_record_sets, HostedZoneId=zone[0], ChangeBatch=batch(("CREATE", set))
        )
    refused("NotImplemented", 501, route53.list_health_checks)
    refused("InvalidInput", 400, route53.list_resource_record_sets, HostedZoneId=zone[0], StartRecordType="A")
    without = {"Name": name, "Type": "A", "ResourceRecords": [{"Value": "192.0.2.1"}]}
    refused("InvalidInput", 400, route53.change_resource_record_sets, HostedZoneId=zone[0], ChangeBatch=batch(("CREATE", without)))


def test_what_is_kept_survives_a_kill(start, tmp_path):
    cloud = start(tmp_path)
    made = cloud.client("route53").create_hosted_zone(Name="kept.example", CallerReference="kept")
    cloud.kill()
    found = start(tmp_path).client("route53").get_change(Id=made["ChangeInfo"]["Id"])["ChangeInfo"]
    assert found["Status"] == "INSYNC"
