"""What people can meet is written down, and what is written down is there.

A page that lags behind the code fails here; routes and error codes in ``test_api_table``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from edge import config, contract, errors
from edge.config import keys as config_keys
from edge.domain import ClaimFault
from edge.errors import EdgeError
from edge.flows.catalogue_lines import CATALOGUE, CatalogueLine
from edge.flows.import_lines import MEMBERS, MemberLine
from edge.flows.lines import parse_file
from edge.rules.gtin import gtin14
from edge.rules.sizes import tidy_size

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def every_error(root: type[EdgeError] = EdgeError) -> Iterator[type[EdgeError]]:
    yield root
    for child in root.__subclasses__():
        yield from every_error(child)


def test_the_configuration_page_is_the_printed_reference() -> None:
    assert page("configuration.md") == config.reference(), (
        "print it anew: regulars config reference > docs/configuration.md"
    )


@pytest.mark.parametrize("key", list(config_keys.keys(config.Config)), ids=lambda key: key.name)
def test_every_key_says_what_it_is(key: config_keys.Key) -> None:
    assert key.description.endswith(".")


def test_the_example_is_accepted_and_leaves_face_matching_off() -> None:
    example = config.load(PROJECT / "regulars.toml.example")
    assert {camera.kind for camera in example.cameras} == {"rtsp", "usb"}
    assert example.privacy.why_off() is not None


@pytest.mark.parametrize(("language", "suffix"), [("csv", ".csv"), ("json", ".jsonl")])
def test_the_members_in_the_readme_can_be_imported(
    tmp_path: Path, language: str, suffix: str
) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"```{language}\n(.*?)```", readme, re.DOTALL)
    file = tmp_path / f"members{suffix}"
    file.write_text(block, encoding="utf-8")
    with file.open("rb") as opened:
        records = [parsed.record for parsed in parse_file(file, opened, MEMBERS)]
    assert records
    for record in records:
        assert isinstance(record, MemberLine), record
        for size in record.sizes or ():
            assert tidy_size(size) == size


def test_the_catalogue_in_the_documents_can_be_imported(tmp_path: Path) -> None:
    (block,) = re.findall(r"```csv\n(.*?)```", page("codes.md"), re.DOTALL)
    file = tmp_path / "catalogue.csv"
    file.write_text(block, encoding="utf-8")
    with file.open("rb") as opened:
        records = [parsed.record for parsed in parse_file(file, opened, CATALOGUE)]
    assert records
    for record in records:
        assert isinstance(record, CatalogueLine), record
        assert gtin14(record.gtin)
        assert all(tidy_size(size) == size for size in record.sizes or ())


def test_the_configuration_in_the_readme_switches_face_matching_on() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    shop = config.parse('[store]\nid = "shop"\nname = "Shop"\n' + "\n".join(blocks))
    assert shop.privacy.why_off() is None
    assert shop.cameras


def test_every_error_stands_in_the_tree_that_is_drawn() -> None:
    drawn = errors.__doc__ or ""
    for error in set(every_error()) - {EdgeError}:
        assert re.search(rf"{error.__name__}\s+{error.code}\b", drawn), error.__name__


def test_links_between_pages_lead_somewhere() -> None:
    for origin in [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", origin.read_text(encoding="utf-8")):
            assert (origin.parent / target).exists(), f"{origin.name} links to {target}"


def test_the_privacy_page_names_tests_that_exist() -> None:
    written = "".join(path.read_text("utf-8") for path in (PROJECT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", page("privacy.md")))
    assert named
    assert not {name for name in named if f"def {name}(" not in written}


def test_the_privacy_page_names_files_that_exist() -> None:
    for name in re.findall(r"`(edge/[\w/]+\.py)`", page("privacy.md")):
        assert (PROJECT / name).is_file(), name


def test_the_rows_in_the_documents_are_those_of_the_contract() -> None:
    text = page("footfall.md")
    (shown,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    told = msgspec.json.decode(shown, type=contract.FootfallPage)
    hidden = [name for name in contract.Measure if getattr(told.rows[0], name) is None]
    assert list(told.rows[0].suppressed) == hidden
    assert list(msgspec.json.decode(shown)["rows"][0]) == list(
        contract.FootfallRow.__struct_fields__
    )
    (table,) = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    header, *lines = csv.reader(table.splitlines())
    assert header == list(contract.FootfallRow.__struct_fields__)
    assert {len(line) for line in lines} == {len(header)}
    for name in contract.Measure:
        assert f"`{name}`" in text or name.startswith("dwell_"), name


def test_every_setting_from_afar_stands_on_the_page_and_in_the_configuration() -> None:
    named = {key.name for key in config_keys.keys(config.Config)}
    for key in contract.SETTINGS:
        assert key in named
        assert f"| `{key}` |" in page("headquarters.md"), key


def test_the_setup_page_has_words_for_each_claim_that_is_refused() -> None:
    for language in ("en", "zh"):
        words = (PROJECT / f"edge/clienteling_api/web/app/locales/{language}.js").read_text("utf-8")
        assert not [fault for fault in ClaimFault if f'"claim.fault.{fault}"' not in words]


def test_the_phone_has_words_for_each_message_and_each_trouble_of_the_line() -> None:
    words = (PROJECT / "edge/clienteling_api/web/app/locales/en.js").read_text(encoding="utf-8")
    kinds = [kind.__name__ for kind in (*get_args(contract.Message), *get_args(contract.Down))]
    troubles = [*contract.Code, errors.HeadquartersUnavailable.code, errors.StoreUnavailable.code]
    needed = [f"hq.kind.{kind}" for kind in kinds] + [f"hq.trouble.{code}" for code in troubles]
    assert not [key for key in needed if f'"{key}"' not in words]
