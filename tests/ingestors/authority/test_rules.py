"""The operator's policy is read with care, and says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestors.authority.rules import PolicyInvalid, parse_policy, read_policy

TOML = """
[[allow]]
teams = ["claims-*"]
connectors = ["sql"]
schemes = "postgresql"
hosts = ["*.stores.example.com", "DB.example.com."]
networks = ["10.2.0.0/16"]
[[allow]]
sources = ["open-data"]
connectors = ["files"]
schemes = ["https"]
hosts = ["data.example.org"]
"""
YAML = """
allow:
  - connectors: [files]
    schemes: file
    folders: /data/claims
"""


def test_a_policy_is_read_from_toml_and_yaml(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(TOML)
    (tmp_path / "p.yaml").write_text(YAML)
    first, second = read_policy(tmp_path / "p.toml").allow
    assert (first.schemes, first.hosts[1]) == (("postgresql",), "db.example.com")
    assert second.sources == ("open-data",)
    assert read_policy(tmp_path / "p.yaml").allow[0].folders == ("/data/claims",)


def test_a_rule_binds_teams_and_sources_by_pattern(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(TOML)
    policy = read_policy(tmp_path / "p.toml")
    assert len(policy.of(team="claims-core", source="store")) == 1
    assert len(policy.of(team="claims-core", source="open-data")) == 2
    assert policy.of(team="", source="store") == ()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("p.toml", "allow = 3", "allow: "),
        ("p.toml", "[[allow]]\nconnector = 'sql'", "allow[0].connector is unknown; known are"),
        ("p.toml", "[[allow]]\nteams = ['a']", "allow[0].connectors: Field required"),
        ("p.toml", "[[allow]]\nconnectors='*'\nnetworks=['10.2.0.1/16']", "'10.2.0.1/16' is no network"),
        ("p.toml", "[[allow]]\nconnectors='*'\nfolders=['data']", "'data' is no absolute path"),
        ("p.toml", "[[allow]]\nconnectors='*'\nhosts=['http://x']", "'http://x' is no host"),
        ("p.toml", "[[allow]]\nconnectors='*'\nsecrets=['hunter2']", "is no reference"),
        ("p.toml", "[[allow]", "is no TOML"),
        ("p.yaml", "allow: [", "is no YAML"),
        ("p.json", "{}", "write .toml, .yaml or .yml"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(PolicyInvalid) as refused:
        read_policy(tmp_path / name)
    assert said in str(refused.value)
    assert name in str(refused.value)


def test_what_is_wide_is_known() -> None:
    document = {"allow": [{"connectors": "*", "hosts": "*", "networks": ["0.0.0.0/0"]}]}
    (rule,) = parse_policy(document, name="x").allow
    assert rule.wide == ("*", "0.0.0.0/0")
    assert rule.is_for_everyone
