"""Regions, and the AWS partitions that they belong to."""

from __future__ import annotations

from typing import Final

# By how the name of a region begins. Source: botocore's partitions.json, read 2026-11.
_PARTITIONS: Final = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}


def partition_of(region: str) -> str:
    """Return the partition of a region, which stands in ARNs: `"aws"` of any that is not known."""
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")
