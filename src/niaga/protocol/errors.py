"""Why a message is refused. Nothing here answers with a boolean, and nothing else escapes.

    ProtocolError
    ├── MalformedError                 the bytes are not what they claim to be
    │   ├── EncodingError              encoding_invalid: base64url, JSON, token framing
    │   ├── SchemaError                schema_invalid: a field is unknown, missing or ill-typed
    │   └── TooLargeError              too_large
    ├── UntrustedError                 the speaker is not who it should be
    │   ├── SignatureError             signature_invalid
    │   ├── CertificateError           certificate_invalid: chain, profile, name
    │   │   ├── CertificateExpiredError    certificate_expired
    │   │   ├── CertificateRevokedError    certificate_revoked
    │   │   └── CertificateRoleError       certificate_role
    │   └── StatusUnknownError         status_unknown: no fresh status list for the authority
    ├── DisclosureError                disclosure_invalid: an SD-JWT rule is broken
    ├── StaleError                     stale: issued in the future, or expired
    ├── MismatchError                  mismatch: two values that must agree do not
    ├── PaymentInstructionError        pi_invalid: one answer for every failure behind the seal
    ├── AuthenticationRequiredError    sca_required
    ├── SecondFactorError              sca_invalid
    ├── OperationError                 operation_refused: an operation the books do not allow
    ├── AnsweredFailureError           answered_failure: the gateway signed that it will not act
    └── EvidenceError                  evidence_invalid

`code` is stable and may travel; the text is for logs and never holds a secret.
"""

from typing import ClassVar


class ProtocolError(Exception):
    """Base of every refusal of the protocol."""

    code: ClassVar[str] = "refused"


class MalformedError(ProtocolError):
    """The bytes are not what they claim to be."""


class EncodingError(MalformedError):
    """Not canonical base64url, not strict JSON, or not a token of the expected form."""

    code = "encoding_invalid"


class SchemaError(MalformedError):
    """A field is unknown, missing, of another type, or outside its limits."""

    code = "schema_invalid"


class TooLargeError(MalformedError):
    """Longer than the message may ever be; refused before it is read."""

    code = "too_large"


class UntrustedError(ProtocolError):
    """The speaker could not be shown to be who it should be."""


class SignatureError(UntrustedError):
    """The signature does not belong to these bytes and this key, or is not in canonical form."""

    code = "signature_invalid"


class CertificateError(UntrustedError):
    """The certificate's chain, profile or name is not acceptable."""

    code = "certificate_invalid"


class CertificateExpiredError(CertificateError):
    """The certificate is outside its validity."""

    code = "certificate_expired"


class CertificateRevokedError(CertificateError):
    """The issuing authority has withdrawn the certificate."""

    code = "certificate_revoked"


class CertificateRoleError(CertificateError):
    """The certificate, or the authority above it, was made for another role."""

    code = "certificate_role"


class StatusUnknownError(UntrustedError):
    """No fresh status list of the issuing authority is at hand, so revocation is unknown."""

    code = "status_unknown"


class DisclosureError(ProtocolError):
    """A selectively disclosable token breaks a rule of RFC 9901."""

    code = "disclosure_invalid"


class StaleError(ProtocolError):
    """Issued in the future, expired, or past its deadline."""

    code = "stale"


class MismatchError(ProtocolError):
    """Two values that must agree do not; `what` names them."""

    code = "mismatch"

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} does not agree")
        self.what = what


class PaymentInstructionError(ProtocolError):
    """The sealed half is unacceptable.

    One answer, without a reason: telling a failed decryption from a failed digest would help
    whoever sends altered seals to learn what is inside.
    """

    code = "pi_invalid"

    def __init__(self) -> None:
        super().__init__("the payment instruction is invalid")


class AuthenticationRequiredError(ProtocolError):
    """The policy asks for the person's passkey and none came."""

    code = "sca_required"


class SecondFactorError(ProtocolError):
    """The passkey's assertion is not good for this payment."""

    code = "sca_invalid"


class OperationError(ProtocolError):
    """The books do not allow the operation: `reason` says which rule."""

    code = "operation_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AnsweredFailureError(ProtocolError):
    """The gateway answered with a signed failure; `failure` is its code."""

    code = "answered_failure"

    def __init__(self, failure: str) -> None:
        super().__init__(failure)
        self.failure = failure


class EvidenceError(ProtocolError):
    """A bundle of evidence does not hold together."""

    code = "evidence_invalid"
