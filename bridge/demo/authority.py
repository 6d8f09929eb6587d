"""A throw-away certificate authority, so that homeservers on one machine speak real TLS to each other.

The keys are made where they are used and are worth nothing elsewhere: nobody but the laboratory
trusts this authority.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = datetime.timedelta(days=365)
_CLOCK_SKEW = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Identity:
    """Where a server finds its certificate and its key (PEM)."""

    certificate: Path
    key: Path


class Authority:
    """Issues server certificates below one self-signed root that lies in `directory`."""

    def __init__(self, directory: Path) -> None:
        """Opens the authority in `directory`, or founds it there."""
        self._directory = directory
        self._paths = Identity(directory / "authority.crt", directory / "authority.key")
        if self._paths.certificate.exists() and self._paths.key.exists():
            self._root = x509.load_pem_x509_certificate(self._paths.certificate.read_bytes())
            key = load_pem_private_key(self._paths.key.read_bytes(), password=None)
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                raise ValueError(f"{self._paths.key} is not a key of this authority: remove the directory")
            self._key = key
        else:
            directory.mkdir(parents=True, exist_ok=True)
            self._key = ec.generate_private_key(ec.SECP256R1())
            self._root = self._found()
            _write(self._paths, self._root, self._key)

    @property
    def certificate(self) -> Path:
        """The root's certificate (PEM), for those who shall trust what is issued here."""
        return self._paths.certificate

    def issue(self, *names: str) -> Identity:
        """A server certificate for DNS `names`; the one issued before, when there is one."""
        identity = Identity(self._directory / f"{names[0]}.crt", self._directory / f"{names[0]}.key")
        if identity.certificate.exists() and identity.key.exists():
            return identity
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_name(names[0]), self._root.subject, key.public_key())
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        _write(identity, certificate, key)
        return identity

    def _found(self) -> x509.Certificate:
        subject = _name("Folkmoot laboratory")
        public = self._key.public_key()
        return (
            _builder(subject, subject, public)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=False,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=True,
                    crl_sign=True,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
            .sign(self._key, hashes.SHA256())
        )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _LIFETIME)
    )


def _write(identity: Identity, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    identity.key.touch(mode=0o600)
    identity.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    identity.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
