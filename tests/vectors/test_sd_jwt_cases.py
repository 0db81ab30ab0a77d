"""The SD-JWT community's test cases: issue as framed, present as framed, reveal what is expected.

A case's `disclosureFrame` says which members and elements are made disclosable; its
`presentationFrames` which of them are shown, and whatever encloses a shown one is shown with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from niaga.protocol.errors import DisclosureError
from niaga.protocol.formats import sd_jwt
from tests.vectors import shared

FOLDER = shared.DATA / "vectors/sd-jwt"
CASES = sorted(path.stem for path in FOLDER.glob("*.json"))
if not CASES:
    pytest.skip(f"no outside vectors at {FOLDER}", allow_module_level=True)

# The file drops the member; RFC 9901, section 7.1, step 3.e leaves an empty object in its place.
BY_THE_TEXT = {"array_none_disclosed": {"is_over": {}}}

type Path = tuple[str, ...]


@dataclass
class Issuer:
    """Builds a payload by a frame and remembers which disclosure hides which path."""

    disclosures: dict[Path, str] = field(default_factory=dict)

    def issue(self, value: Any, frame: Any, path: Path = ()) -> Any:
        frame = frame if isinstance(frame, Mapping) else {}
        hidden = {str(name) for name in frame.get("_sd", [])}
        decoys = [sd_jwt.digest(sd_jwt.disclose("decoy")) for _ in range(frame.get("_sd_decoy", 0))]
        if isinstance(value, dict):
            return self.issue_object(value, frame, path, hidden, decoys)
        if isinstance(value, list):
            return self.issue_array(value, frame, path, hidden, decoys)
        return value

    def issue_object(
        self, value: Any, frame: Any, path: Path, hidden: set[str], decoys: list[str]
    ) -> Any:
        made, digests = {}, decoys
        for name, item in value.items():
            inner = self.issue(item, frame.get(name), (*path, name))
            if name in hidden:
                self.disclosures[*path, name] = sd_jwt.disclose(name, inner)
                digests.append(sd_jwt.digest(self.disclosures[*path, name]))
            else:
                made[name] = inner
        return {**made, "_sd": sorted(digests)} if digests else made

    def issue_array(
        self, value: Any, frame: Any, path: Path, hidden: set[str], decoys: list[str]
    ) -> Any:
        made = []
        for index, item in enumerate(value):
            name = str(index)
            inner = self.issue(item, frame.get(name), (*path, name))
            if name in hidden:
                self.disclosures[*path, name] = sd_jwt.disclose(inner)
                inner = {"...": sd_jwt.digest(self.disclosures[*path, name])}
            made.append(inner)
        return made + [{"...": decoy} for decoy in decoys]


def shown_paths(frame: Any, path: Path = ()) -> Iterable[Path]:
    if frame is True:
        yield path
    elif isinstance(frame, Mapping):
        for name, inner in frame.items():
            yield from shown_paths(inner, (*path, str(name)))


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    case = shared.load(f"sd-jwt/{name}.json")
    issuer = Issuer()
    payload = issuer.issue(case["claims"], case["disclosureFrame"])
    shown = {
        path[:depth]
        for path in shown_paths(case["presentationFrames"])
        for depth in range(len(path) + 1)
    }
    presented = [text for path, text in issuer.disclosures.items() if path in shown]
    assert sd_jwt.reveal(payload, presented) == BY_THE_TEXT.get(name, case["presentedClaims"])
    everything = sd_jwt.reveal({**payload, "_sd_alg": "sha-256"}, list(issuer.disclosures.values()))
    assert everything == case["claims"]
    if presented:
        with pytest.raises(DisclosureError):
            sd_jwt.reveal(payload, [*presented, sd_jwt.disclose("surplus", 1)])
        with pytest.raises(DisclosureError):
            sd_jwt.reveal(payload, [*presented, presented[0]])
